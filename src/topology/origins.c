#include "topology/origins.h"

#include <stdlib.h>

void
origins_release(struct origins *o)
{
    free(o->at);
    *o = (struct origins){0};
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

/* Each prefix once, as it was said first. */
static void
settle(struct origins *o)
{
    uint32_t kept = 0;

    if (o->count > 0)
        qsort(o->at, o->count, sizeof *o->at, compare);
    for (uint32_t i = 0; i < o->count; i++) {
        if (kept == 0 || o->at[kept - 1].start != o->at[i].start ||
            o->at[kept - 1].len != o->at[i].len)
            o->at[kept++] = o->at[i];
    }
    o->count = kept;
}

/* Several tables of the same world say most prefixes again, so that is looked for before there
 * is more room; half of it free is enough. */
static int
make_room(struct origins *o)
{
    uint32_t more = o->room == 0 ? 65536 : o->room * 2;
    void *moved;

    settle(o);
    if (o->room > 0 && o->count <= o->room / 2)
        return 0;
    if (more > ORIGINS_MOST)
        return o->count < o->room / 16 * 15 ? 0 : ERR_LIMIT; /* else it is sorted for each */
    moved = realloc(o->at, more * sizeof *o->at);
    if (moved == NULL)
        return ERR_NOMEM;
    o->at = moved;
    o->room = more;
    return 0;
}

int
origins_add(struct origins *o, uint32_t start, unsigned len, uint32_t asn)
{
    int r = o->count == o->room ? make_room(o) : 0;

    if (r < 0)
        return r;
    if (len < 32)
        start &= ~(UINT32_MAX >> len);
    o->at[o->count++] = (struct origin){start, o->said++, asn, (uint8_t)len};
    return 0;
}

static uint64_t
size_of(const struct origin *o)
{
    return UINT64_C(1) << (32 - o->len);
}

/* Prefixes lie in each other or apart: those that are open are a stack, and each leaves to what
 * is above it on the stack what that one takes away. */
int
origins_count(struct origins *o, struct build *b)
{
    uint64_t own[33] = {0};
    const struct origin *open[33] = {0};
    unsigned depth = 0;
    int r = 0;

    settle(o);
    for (uint32_t i = 0; r == 0 && i <= o->count; i++) {
        const struct origin *new = i < o->count ? &o->at[i] : NULL;

        while (
            r == 0 && depth > 0 &&
            (new == NULL || new->start - open[depth - 1]->start >= size_of(open[depth - 1]))) {
            depth--;
            r = build_prefix(b, open[depth]->asn, own[depth]);
        }
        if (new == NULL)
            continue;
        if (depth > 0)
            own[depth - 1] -= size_of(new);
        open[depth] = new;
        own[depth++] = size_of(new);
    }
    return r;
}
