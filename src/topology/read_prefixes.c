/* Prefixes and who originates them, for how many addresses a network has. */
#include <stdlib.h>
#include <string.h>

#include "topology/read_priv.h"

enum { PREFIXES = 1 << 23 };

struct origin {
    uint32_t start;
    uint32_t order; /* of equal prefixes the first counts */
    uint32_t asn;
    uint8_t len;
};

struct origins {
    struct origin *at;
    uint32_t count;
    uint32_t room;
};

/* `1.2.3.4`; false: it is none. */
static bool
take_address(struct slice *rest, uint32_t *ret)
{
    *ret = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t n;

        if ((i > 0 && !take_char(rest, '.')) || !take_number(rest, &n) || n > 255)
            return false;
        *ret = *ret << 8 | (uint32_t)n;
    }
    return true;
}

static int
add(struct origins *o, const struct origin *new)
{
    if (o->count == o->room) {
        uint32_t more = o->room == 0 ? 65536 : o->room * 2;
        void *moved = more > PREFIXES ? NULL : realloc(o->at, more * sizeof *o->at);

        if (moved == NULL)
            return more > PREFIXES ? ERR_LIMIT : ERR_NOMEM;
        o->at = moved;
        o->room = more;
    }
    o->at[o->count] = *new;
    o->at[o->count].order = o->count;
    o->count++;
    return 0;
}

static int
take_line(void *origins, struct slice line, unsigned number, struct errinfo *ei)
{
    struct slice rest = line;
    struct origin new = {0};
    uint64_t len = 0;

    if (memchr(line.ptr, ':', line.len) != NULL)
        return 0;
    if (!take_address(&rest, &new.start) || !take_char(&rest, '\t') ||
        !take_number(&rest, &len) || len > 32 || !take_char(&rest, '\t') ||
        !take_asn(&rest, &new.asn) ||
        (rest.len > 0 && rest.ptr[0] != '_' && rest.ptr[0] != ','))
        return err_at(ei, ERR_INVALID, number, (unsigned)(rest.ptr - line.ptr) + 1,
                      "a line is `prefix length AS`, tabs between");
    new.len = (uint8_t)len;
    if (len < 32)
        new.start &= ~(UINT32_MAX >> len);
    return add(origins, &new);
}

static int
compare(const void *a, const void *b)
{
    const struct origin *x = a;
    const struct origin *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->len != y->len)
        return x->len < y->len ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static uint64_t
size_of(const struct origin *o)
{
    return UINT64_C(1) << (32 - o->len);
}

/* Prefixes lie in each other or apart: those that are open are a stack, and each leaves to what
 * is above it on the stack what that one takes away. */
static int
count(struct build *b, struct origins *o)
{
    uint64_t own[33] = {0};
    const struct origin *open[33] = {0};
    unsigned depth = 0;
    int r = 0;

    if (o->count > 0)
        qsort(o->at, o->count, sizeof *o->at, compare);
    for (uint32_t i = 0; r == 0 && i <= o->count; i++) {
        const struct origin *new = i < o->count ? &o->at[i] : NULL;

        while (
            r == 0 && depth > 0 &&
            (new == NULL || new->start - open[depth - 1]->start >= size_of(open[depth - 1]))) {
            depth--;
            r = build_addresses(b, open[depth]->asn, own[depth]);
        }
        if (new == NULL || (depth > 0 && open[depth - 1]->start ==
                                             new->start &&open[depth - 1]->len == new->len))
            continue;
        if (depth > 0)
            own[depth - 1] -= size_of(new);
        open[depth] = new;
        own[depth++] = size_of(new);
    }
    return r;
}

int
build_read_prefixes(struct build *b, struct slice text, uint64_t *ret_lines, struct errinfo *ei)
{
    struct origins o = {0};
    int r = read_lines(text, take_line, &o, ret_lines, ei);

    if (r == 0)
        r = count(b, &o);
    free(o.at);
    return r;
}
