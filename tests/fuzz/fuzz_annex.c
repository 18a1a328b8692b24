/* Any bytes as an annex or a denunciation: refused with a place and a reason, or bounded as one
 * party's word must be, and found by address as it says. */
#include <stdint.h>
#include <string.h>

#include "judge/space.h"
#include "pact/annex.h"
#include "pact/denounce.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_list(const struct pact_prefixes *list, bool v4, const struct space *s, struct utime when)
{
    for (unsigned i = 0; i < list->count; i++) {
        const struct prefix *p = &list->at[i];

        BUG_ON(addr_is_v4(&p->addr) != v4 || p->len < (v4 ? 96 + 8 : 19));
        BUG_ON(addr_kind(&p->addr) != ADDR_GLOBAL);
        for (unsigned k = 0; k < i && i < 64; k++)
            BUG_ON(prefix_covers(p, &list->at[k].addr) ||
                   prefix_covers(&list->at[k], &p->addr));
        if (s != NULL)
            BUG_ON(space_find(s, &p->addr, 0, when).party != 0);
    }
}

static bool
is_inside(const struct annex *a, const struct prefix *p)
{
    const struct pact_prefixes *own = addr_is_v4(&p->addr) ? &a->v4 : &a->v6;

    for (unsigned i = 0; i < own->count; i++) {
        if (own->at[i].len <= p->len && prefix_covers(&own->at[i], &p->addr))
            return true;
    }
    return false;
}

static void
check_inside(const struct annex *a)
{
    for (unsigned i = 0; i < a->labels; i++) {
        for (unsigned k = 0; k < a->protected_[i].v4.count; k++)
            BUG_ON(!is_inside(a, &a->protected_[i].v4.at[k]));
        for (unsigned k = 0; k < a->protected_[i].v6.count; k++)
            BUG_ON(!is_inside(a, &a->protected_[i].v6.at[k]));
    }
    for (unsigned i = 0; i < a->sensors; i++) {
        for (unsigned k = 0; k < a->sensor[i].watches.count; k++)
            BUG_ON(!is_inside(a, &a->sensor[i].watches.at[k]));
    }
}

/* Its space, compiled: whatever it declares is its own, from the time it says. */
static void
check_space(const struct annex *a)
{
    struct pact_party party[2] = {{.id = a->party}, {.id = "-"}};
    struct pact p = {.party = party, .parties = 2};
    struct space_annex known = {a, a->valid_from};
    struct space_history history[2] = {{&known, 1}, {NULL, 0}};
    struct space *s = NULL;
    struct errinfo ei = {0};

    if (a->valid_from.us <= 0) /* 0 reads "not witnessed" */
        return;
    if (space_new(&p, history, &s, &ei) < 0) {
        BUG_ON(ei.text[0] == '\0');
        return;
    }
    check_list(&a->v4, true, s, a->valid_from);
    check_list(&a->v6, false, s, a->valid_from);
    (void)space_free(s);
}

static void
read_annex(struct slice in)
{
    struct errinfo ei = {0};
    struct annex *a = NULL;

    if (annex_read(in, &a, NULL, NULL, &ei) < 0) {
        BUG_ON(ei.text[0] == '\0' || ei.line == 0 || ei.column == 0);
        return;
    }
    BUG_ON(a->v4.count + a->v6.count == 0);
    BUG_ON(strncmp(a->endpoint, "https://", 8) != 0 && a->endpoint[0] != '\0');
    check_inside(a);
    check_space(a);
    BUG_ON(annex_follows(a, a, &ei) == 0); /* its number grows */
    BUG_ON(annex_apart(a, a, &ei) == 0);
    (void)annex_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = {(const char *)data, size};
    struct errinfo ei = {0};
    struct denunciation *d = NULL;

    read_annex(in);
    if (denunciation_read(in, &d, &ei) < 0)
        BUG_ON(ei.text[0] == '\0' || ei.line == 0 || ei.column == 0);
    (void)denunciation_free(d);
    (void)pact_text(in);
    return 0;
}
