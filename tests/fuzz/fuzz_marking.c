/* Markings and ids of whatever objects: bounded work, the strictest colour is never below one
 * that is named by its id, and an id is one.  The objects are those of a list, the first is
 * asked about and all may define. */
#include <stdint.h>
#include <stdlib.h>

#include "stix/marking.h"
#include "stix/object.h"
#include "stix/sco_id.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct known {
    const struct dom *list;
    unsigned asked;
};

static const struct dom *
find(void *arg, struct slice id)
{
    struct known *k = arg;

    k->asked++;
    for (const struct dom *d = k->list->first; d != NULL; d = d->next) {
        if (slice_eq(dom_text(dom_get(d, SLICE("id"))), id))
            return d;
    }
    return NULL;
}

static void
judge(const struct dom *d, struct known *k)
{
    const struct dom *refs = dom_get(d, SLICE("object_marking_refs"));
    struct stix_id id;
    struct marking m;
    unsigned n = 0;

    k->asked = 0;
    marking_of(d, find, k, &m);
    BUG_ON(k->asked > MARKING_REFS || m.tlp > TLP_RED || (m.tlp != TLP_NONE) > m.tlps);
    if (refs != NULL && refs->kind == DOM_ARRAY) {
        for (const struct dom *r = refs->first; r != NULL && n < MARKING_REFS; r = r->next, n++)
            BUG_ON(tlp_of_id(dom_text(r)) > m.tlp);
    }
    BUG_ON(m.tlps + m.statements + m.policies > 0 && refs == NULL &&
           dom_get(d, SLICE("granular_markings")) == NULL);
    BUG_ON(sco_id_of(d, &id) == 0 &&
           (!stix_is_id(stix_id_slice(&id), SLICE("")) || strlen(id.text) != id.len));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    char *text = malloc(size + 1);
    AUTO_ARENA(arena);

    if (size < 1 << 16 && text != NULL && arena_init(&arena, 80 * size + 4096) == 0) {
        if (size > 0)
            memcpy(text, data, size);
        if (dom_read(text, size, &arena, &d, &ei) == 0 && d->kind == DOM_ARRAY) {
            struct known k = {d, 0};

            for (const struct dom *o = d->first; o != NULL; o = o->next)
                judge(o, &k);
        }
    }
    free(text);
    return 0;
}
