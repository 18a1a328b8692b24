/* Which addresses an annex may declare, and that two parties do not declare the same. */
#include "pact/annex_priv.h"

#include <stdlib.h>
#include <string.h>

enum { V4_SHORTEST = 8, V6_SHORTEST = 19 };

static bool
covers(const struct prefix *big, const struct prefix *small)
{
    return big->len <= small->len && prefix_covers(big, &small->addr);
}

static bool
overlap(const struct prefix *a, const struct prefix *b)
{
    return covers(a, b) || covers(b, a);
}

static bool
is_documentation(const struct prefix *p)
{
    static const char *const nets[] = {"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",
                                       "2001:db8::/32", "3fff::/20"};

    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++) {
        struct prefix net;

        if (prefix_parse(slice_of(nets[i]), &net) == 0 && covers(&net, p))
            return true;
    }
    return false;
}

/* What belongs to nobody (RFC 6890), so that no larger prefix takes it along; in IPv6 also all
 * but 2000::/3.  Who has 6to4 or Teredo addresses has them by IPv4, which may be another's. */
static bool
takes_bogons(const struct prefix *p, bool v4)
{
    static const char *const nobodys[] = {
        "0.0.0.0/8",      "10.0.0.0/8",   "100.64.0.0/10",  "127.0.0.0/8",   "172.16.0.0/12",
        "169.254.0.0/16", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "192.168.0.0/16",
        "224.0.0.0/3",    "2001::/23",    "2002::/16"};
    struct prefix other;

    for (size_t i = 0; i < sizeof nobodys / sizeof nobodys[0]; i++) {
        if (prefix_parse(slice_of(nobodys[i]), &other) == 0 && overlap(&other, p))
            return true;
    }
    return !v4 && (prefix_parse(SLICE("2000::/3"), &other) < 0 || !covers(&other, p));
}

static const struct yaml_node *
nth(const struct yaml_node *list, unsigned i)
{
    const struct yaml_node *n = list == NULL ? NULL : list->first;

    while (n != NULL && i-- > 0)
        n = n->next;
    return n;
}

static int
check_prefix(struct reader *r, const struct prefix *p, bool v4, const struct yaml_node *n)
{
    unsigned len = v4 ? p->len - 96U : p->len;

    if (addr_is_v4(&p->addr) != v4)
        return read_refuse(r, n, "this is no %s prefix", v4 ? "IPv4" : "IPv6");
    if (len < (v4 ? V4_SHORTEST : V6_SHORTEST))
        return read_refuse(r, n, "a prefix shorter than /%d is more than one party's space",
                           v4 ? V4_SHORTEST : V6_SHORTEST);
    if (addr_kind(&p->addr) != ADDR_GLOBAL)
        return read_refuse(r, n, "%s space is nobody's", addr_kind_name(addr_kind(&p->addr)));
    if (takes_bogons(p, v4))
        return read_refuse(r, n, "this prefix takes space along that is nobody's");
    if (is_documentation(p))
        read_warn(r, n->line, "documentation space: for examples only");
    return 0;
}

static int
by_address(const void *a, const void *b)
{
    const struct prefix *x = ((const struct place *)a)->is;
    const struct prefix *y = ((const struct place *)b)->is;
    int r = memcmp(&x->addr, &y->addr, sizeof x->addr);

    return r != 0 ? r : (x->len > y->len) - (x->len < y->len);
}

static int
sort_list(struct reader *r, const struct pact_prefixes *list, struct sorted *ret)
{
    ret->count = list->count;
    ret->at = arena_alloc(r->arena, (list->count + (size_t)1) * sizeof *ret->at);
    if (ret->at == NULL)
        return err_set(r->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    for (unsigned i = 0; i < list->count; i++)
        ret->at[i].is = &list->at[i];
    qsort(ret->at, ret->count, sizeof *ret->at, by_address);
    return 0;
}

/* The first that stands behind one that it overlaps, as they were written; NULL none. */
static const struct prefix *
first_overlap(const struct sorted *s)
{
    const struct prefix *first = NULL;

    for (unsigned i = 1; i < s->count; i++) {
        const struct prefix *a = s->at[i - 1].is;
        const struct prefix *b = s->at[i].is;
        const struct prefix *later = a > b ? a : b;

        if (covers(a, b) && (first == NULL || later < first))
            first = later;
    }
    return first;
}

static int
check_list(struct reader *r, const struct pact_prefixes *list, bool v4,
           const struct yaml_node *nodes, struct sorted *sorted)
{
    const struct yaml_node *n = nth(nodes, 0);
    const struct prefix *twice;
    int e = 0;

    for (unsigned i = 0; e == 0 && i < list->count; i++, n = n->next)
        e = check_prefix(r, &list->at[i], v4, n);
    if (e == 0)
        e = sort_list(r, list, sorted);
    twice = e == 0 ? first_overlap(sorted) : NULL;
    return twice == NULL ? e
                         : read_refuse(r, nth(nodes, (unsigned)(twice - list->at)),
                                       "this prefix overlaps another of the list");
}

/* The one of the list that begins last at or before p: if any covers p, it does. */
static bool
is_covered(const struct sorted *s, const struct prefix *p)
{
    const struct place want = {p};
    unsigned from = 0;
    unsigned until = s->count;

    while (from < until) {
        unsigned middle = from + (until - from) / 2;

        if (by_address(&s->at[middle], &want) <= 0)
            from = middle + 1;
        else
            until = middle;
    }
    return from > 0 && covers(s->at[from - 1].is, p);
}

static bool
is_own(const struct owner *o, const struct prefix *p)
{
    return is_covered(&o->space[V4], p) || is_covered(&o->space[V6], p);
}

static int
check_inside(struct reader *r, const struct owner *o, const struct pact_prefixes *list,
             const struct yaml_node *nodes, const char *what)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (!is_own(o, &list->at[i]))
            return read_refuse(r, nth(nodes, i), "`%s` names what is outside the party's space",
                               what);
    }
    return 0;
}

int
annex_check_space(struct reader *r, struct owner *o, const struct yaml_node *root)
{
    const struct annex *a = &o->annex;
    const struct yaml_node *map = read_find(root, "space");
    const struct yaml_node *sensors = read_find(root, "sensors");
    const struct yaml_node *labels = read_find(map, "protected");
    int e = check_list(r, &a->v4, true, read_find(map, "v4"), &o->space[V4]);

    if (e == 0)
        e = check_list(r, &a->v6, false, read_find(map, "v6"), &o->space[V6]);
    if (e == 0 && a->v4.count + a->v6.count == 0)
        e = read_refuse(r, map, "a party declares space: `v4` or `v6`");
    labels = nth(labels, 0);
    for (unsigned i = 0; e == 0 && i < a->labels; i++, labels = labels->next) {
        e = check_inside(r, o, &a->protected_[i].v4, read_find(labels, "v4"), "protected");
        if (e == 0)
            e = check_inside(r, o, &a->protected_[i].v6, read_find(labels, "v6"), "protected");
    }
    sensors = nth(sensors, 0);
    for (unsigned i = 0; e == 0 && i < a->sensors; i++, sensors = sensors->next)
        e = check_inside(r, o, &a->sensor[i].watches, read_find(sensors, "watches"), "watches");
    return e;
}

/* Both are sorted and overlap nothing of their own, so that what overlaps stands side by side
 * when they are merged. */
static int
lists_apart(const struct sorted *a, const struct sorted *b, const char *other,
            struct errinfo *ei)
{
    unsigned i = 0;
    unsigned k = 0;

    while (i < a->count && k < b->count) {
        char text[PREFIX_TEXT];

        if (overlap(a->at[i].is, b->at[k].is)) {
            (void)prefix_format(a->at[i].is, text);
            return err_set(ei, ERR_CONF, "%s overlaps space of %s", text, other);
        }
        if (by_address(&a->at[i], &b->at[k]) < 0)
            i++;
        else
            k++;
    }
    return 0;
}

int
annex_apart(const struct annex *a, const struct annex *b, struct errinfo *ei)
{
    const struct owner *x = (const void *)a;
    const struct owner *y = (const void *)b;
    int e = lists_apart(&y->space[V4], &x->space[V4], a->party, ei);

    if (e == 0)
        e = lists_apart(&y->space[V6], &x->space[V6], a->party, ei);
    if (e < 0)
        return e;
    for (unsigned i = 0; i < a->asns.count; i++) {
        for (unsigned k = 0; k < b->asns.count; k++) {
            if (a->asns.at[i] == b->asns.at[k])
                return err_set(ei, ERR_CONF, "AS%u is declared by %s too", a->asns.at[i],
                               a->party);
        }
    }
    return annex_keys_apart(b, a, ei);
}
