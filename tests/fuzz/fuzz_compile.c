/* A pattern to atoms: each can be written, and is found in a set of them. */
#include <stdint.h>
#include <stdlib.h>

#include "indicator/compile.h"
#include "indicator/set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct taken {
    struct set_build *build;
    struct atom last;
    uint32_t count;
};

static int
take(void *arg, const struct atom *a)
{
    struct taken *t = arg;

    t->last = *a;
    return set_add(t->build, a, t->count++);
}

/* Is the last one there? */
static void
look(const struct set *s, const struct taken *t)
{
    struct slice bytes = {t->last.byte, t->last.len};
    struct prefix p = atom_prefix(t->last.kind, bytes);
    struct set_found f = {.count = 0};

    if (t->last.kind == ATOM_ADDRESS || t->last.kind == ATOM_PREFIX)
        set_find_address(s, &p.addr, &f);
    else if (t->last.kind == ATOM_DOMAIN)
        set_find_domain(s, bytes, &f);
    else
        set_find_atom(s, &t->last, &f);
    if (f.count == 0)
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct taken t = {.count = 0};
    struct compiled c;
    struct errinfo ei = {0};
    struct set *s = NULL;
    int r;

    if (set_build_new(1, &t.build) < 0)
        return 0;
    r = compile_pattern((struct slice){(const char *)data, size}, take, &t, &c, &ei);
    if (r == ERR_INVALID && (t.count > 0 || ei.text[0] == '\0'))
        abort();
    if (r == 0 && (c.atoms != t.count || (t.count == 0 && c.reasons == 0 && ei.line != 0)))
        abort();
    if (set_freeze(t.build, NULL, &s) == 0 && t.count > 0)
        look(s, &t);
    for (uint32_t i = 0; s != NULL && i < set_count(s); i++) {
        AUTO_BUF(text, 8192);

        buf_atom(&text, set_kind(s, i), set_value(s, i));
        if (text.len == 0 || text.error != 0)
            abort();
    }
    (void)set_free(s);
    (void)set_build_free(t.build);
    return 0;
}
