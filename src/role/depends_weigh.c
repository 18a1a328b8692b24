/* Services by the networks that they are in: an audit to which nothing is home places them. */
#include <stdlib.h>

#include "role/depends.h"

static bool
count_service(const struct topology *t, const struct audit *a, uint32_t service, uint32_t *last,
              uint64_t *weights)
{
    const struct outcome *o = &a->outcome[service];
    bool found = false;

    for (uint32_t n = o->need_at; n < o->need_at + o->needs; n++) {
        const struct need *need = &a->need[n];

        for (uint32_t k = 0; need->kind == DEPEND_ADDRESS && k < need->links; k++) {
            uint32_t asn = a->place[a->link[need->link_at + k]].asn;
            uint32_t i = asn == 0 ? TOPOLOGY_NONE : topology_find(t, asn);

            if (i == TOPOLOGY_NONE || last[i] == service + 1)
                continue;
            last[i] = service + 1;
            weights[i]++;
            found = true;
        }
    }
    return found;
}

int
depends_weigh(const struct depends *d, const struct topology *t, uint64_t *weights,
              uint32_t *ret_found)
{
    const struct home nothing = {0};
    const struct audit_input in = {
        .services = &d->services, .facts = &d->facts, .home = &nothing, .attrib = d->attrib};
    uint32_t *last =
        calloc((size_t)t->count + 1, sizeof *last); /* service counted there, + 1 */
    struct audit a = {0};
    int r = last == NULL ? ERR_NOMEM : audit_run(&in, &a);

    *ret_found = 0;
    for (uint32_t i = 0; r == 0 && i < a.count; i++)
        *ret_found += count_service(t, &a, i, last, weights);
    audit_release(&a);
    free(last);
    return r;
}
