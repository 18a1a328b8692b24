/* The pact's obligations and exclusions in a form that an event is quickly held against. */
#include <stdlib.h>
#include <string.h>

#include "judge/judge_priv.h"

#define DAY_US (86400 * TIME_US_PER_S)

/* ---- classes ---------------------------------------------------------------------------- */

static uint64_t
class_bits(const struct pact_texts *classes)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < classes->count; i++) {
        int c = event_class_find(slice_of(classes->at[i]));

        if (c >= 0)
            bits |= UINT64_C(1) << c;
    }
    return bits;
}

/* What `*` stands for. */
static uint64_t
any_class(void)
{
    uint64_t bits = 0;

    for (int c = 0; c < CLASSES; c++) {
        if (pact_is_any(slice_of(event_class_name((enum event_class)c))))
            bits |= UINT64_C(1) << c;
    }
    return bits;
}

static uint64_t
listed_classes(const struct pact *p, const struct pact_texts *classes)
{
    uint64_t all = class_bits(&p->classes);

    for (unsigned i = 0; i < classes->count; i++) {
        if (strcmp(classes->at[i], "*") == 0)
            return all & any_class();
    }
    return class_bits(classes) & all;
}

/* ---- obligations ------------------------------------------------------------------------ */

/* Below 0 when a is stricter than b. */
static int
strictness(const struct pact *p, const struct pact_obligation *a,
           const struct pact_obligation *b)
{
    return pact_strictness(p, a->severity, b->severity);
}

static uint32_t
at_most(int64_t n)
{
    return n < 0 ? 0 : n > (1 << 30) ? 1U << 30 : (uint32_t)n;
}

/* Of bytes: whole seconds, and at most some 600 to remember. */
static void
take_bytes(struct rule *r, const struct pact_threshold *t)
{
    int64_t seconds = t->sustained.us / TIME_US_PER_S;
    int64_t grain = seconds <= 600 ? 1 : (seconds + 599) / 600;

    seconds = seconds < 1 ? 1 : seconds;
    r->of_bytes = true;
    r->grain = grain * TIME_US_PER_S;
    r->window = seconds / grain * r->grain;
    r->least = (uint64_t)t->bytes_per_s * (uint64_t)(r->window / TIME_US_PER_S);
}

static int
make_rule(struct rule *r, const struct pact *p, const struct space *s, unsigned obligation,
          struct errinfo *ei)
{
    const struct pact_obligation *o = &p->obligation[obligation];
    const struct pact_threshold *t = &o->threshold;

    *r = (struct rule){.obligation = obligation,
                       .classes = listed_classes(p, &o->classes),
                       .grade_min = o->grade_min,
                       .by_prefix = o->kind == PACT_REFRAIN && o->grade_min == 0,
                       .least = t->events < 0 ? 0 : (uint64_t)t->events,
                       .targets = at_most(t->targets),
                       .sensors = at_most(t->sensors),
                       .window = t->window.us};
    for (unsigned i = 0; i < o->targets.count; i++) {
        const char *label = strchr(o->targets.at[i], ':');
        int bit = label == NULL ? -1 : space_label(s, slice_of(label + 1));

        if (bit >= 0)
            r->labels |= UINT64_C(1) << bit;
    }
    r->enough = at_most((int64_t)r->targets + r->sensors + t->events);
    r->fewest = r->targets > r->sensors ? r->targets : r->sensors;
    r->ones = at_most(t->events) > r->fewest ? at_most(t->events) : r->fewest;
    if (t->bytes_per_s <= 0)
        return 0;
    if (t->events != 0 || t->targets != 0 || t->sensors != 0)
        return err_set(ei, ERR_CONF,
                       "obligation %s asks for bytes_per_s and another count in one threshold: "
                       "make it two obligations",
                       o->id);
    take_bytes(r, t);
    return 0;
}

/* Insertion: there are few, and equal ones keep the pact's order. */
static unsigned
order_obligations(const struct pact *p, unsigned order[RULES])
{
    unsigned n = 0;

    for (unsigned i = 0; i < p->obligations && n < RULES; i++) {
        const struct pact_obligation *o = &p->obligation[i];
        unsigned at = n;

        if (!pact_watches(o) || !o->has_threshold || o->severity < 0)
            continue;
        for (; at > 0 && strictness(p, o, &p->obligation[order[at - 1]]) < 0; at--)
            order[at] = order[at - 1];
        order[at] = i;
        n++;
    }
    return n;
}

static void
index_rules(struct rules *r)
{
    for (unsigned i = 0; i < r->count; i++) {
        for (unsigned c = 0; c < CLASSES; c++) {
            const struct rule *rule = &r->rule[i];

            if (rule->classes >> c & 1)
                r->of_class[c][r->class_count[c]++] =
                    (struct filter){.labels = rule->labels,
                                    .anywhere = rule->labels == 0,
                                    .rule = (uint8_t)i,
                                    .grade_min = (uint8_t)rule->grade_min,
                                    .by_prefix = rule->by_prefix,
                                    .of_bytes = rule->of_bytes};
        }
    }
}

/* ---- exclusions ------------------------------------------------------------------------- */

static int
prefix_order(const void *x, const void *y)
{
    const struct prefix *a = x;
    const struct prefix *b = y;
    int order = memcmp(a->addr.byte, b->addr.byte, sizeof a->addr.byte);

    return order != 0 ? order : a->len - b->len;
}

static int
make_nets(struct net_list *to, const struct pact_prefixes *from)
{
    if (from->count == 0)
        return 0;
    to->at = malloc(from->count * sizeof *to->at);
    if (to->at == NULL)
        return ERR_NOMEM;
    memcpy(to->at, from->at, from->count * sizeof *to->at);
    qsort(to->at, from->count, sizeof *to->at, prefix_order);
    for (unsigned i = 0; i < from->count; i++) {
        if (to->count == 0 || !prefix_covers(&to->at[to->count - 1], &to->at[i].addr))
            to->at[to->count++] = to->at[i];
    }
    return 0;
}

/* Not asked for is true. */
static bool
nets_match(const struct net_list *l, const struct addr *a)
{
    unsigned low = 0;
    unsigned n = l->count;

    if (l->count == 0)
        return true;
    while (n > 0) {
        unsigned mid = n / 2;
        bool below = memcmp(l->at[low + mid].addr.byte, a->byte, sizeof a->byte) <= 0;

        low = below ? low + mid + 1 : low;
        n = below ? n - mid - 1 : mid;
    }
    return low > 0 && prefix_covers(&l->at[low - 1], a);
}

static int
make_exclusion(struct exclusion *x, const struct pact *p, const struct pact_exclusion *from)
{
    struct utime until;
    int e;

    *x = (struct exclusion){.until = INT64_MAX, .transit = from->origin_role[0] != '\0'};
    x->classes = from->classes.count == 0 ? UINT64_MAX : listed_classes(p, &from->classes);
    /* That day is still excluded. */
    if (from->until[0] != '\0' &&
        time_parse_human(slice_of(from->until), (struct utime){0}, &until) == 0)
        x->until = until.us + DAY_US;
    e = make_nets(&x->origin, &from->origin);
    return e < 0 ? e : make_nets(&x->target, &from->target);
}

bool
rules_exclude(const struct rules *r, const struct judge_item *item, int64_t when)
{
    const struct event *e = item->event;

    if (when < r->from || when >= r->until)
        return true;
    for (unsigned i = 0; i < r->exclusions; i++) {
        const struct exclusion *x = &r->exclusion[i];

        if ((x->classes >> e->class_ & 1) && when < x->until &&
            (!x->transit || item->transit) && nets_match(&x->origin, &e->origin) &&
            nets_match(&x->target, &e->target))
            return true;
    }
    return false;
}

/* ---- all of it -------------------------------------------------------------------------- */

int
rules_make(struct rules *r, const struct pact *p, const struct space *s, struct errinfo *ei)
{
    unsigned order[RULES];
    unsigned n = order_obligations(p, order);

    *r =
        (struct rules){.from = p->from.us, .until = p->until.us == 0 ? INT64_MAX : p->until.us};
    r->rule = calloc(n + (size_t)1, sizeof *r->rule);
    r->exclusion = calloc(p->exclusions + (size_t)1, sizeof *r->exclusion);
    if (r->rule == NULL || r->exclusion == NULL)
        return ERR_NOMEM;
    for (; r->count < n; r->count++) {
        int e = make_rule(&r->rule[r->count], p, s, order[r->count], ei);

        if (e < 0)
            return e;
        if (r->count > 0)
            r->rule[r->count].level = r->rule[r->count - 1].level +
                                      (strictness(p, &p->obligation[order[r->count - 1]],
                                                  &p->obligation[order[r->count]]) != 0);
    }
    for (; r->exclusions < p->exclusions; r->exclusions++) {
        int e = make_exclusion(&r->exclusion[r->exclusions], p, &p->exclusion[r->exclusions]);

        if (e < 0) {
            r->exclusions++; /* for the release of what it has */
            return e;
        }
    }
    index_rules(r);
    return 0;
}

void
rules_release(struct rules *r)
{
    for (unsigned i = 0; i < r->exclusions; i++) {
        free(r->exclusion[i].origin.at);
        free(r->exclusion[i].target.at);
    }
    free(r->exclusion);
    free(r->rule);
    *r = (struct rules){0};
}
