#include "depend/audit_priv.h"

#include <stdlib.h>

#include "depend/suppliers.h"

const char *
depend_verdict_name(enum depend_verdict v)
{
    static const char *const name[] = {"inside", "outside", "unknown", "cached"};

    return name[v];
}

void
audit_release(struct audit *a)
{
    texts_release(&a->what);
    free(a->place);
    free(a->link);
    free(a->said);
    free(a->need);
    free(a->outcome);
    *a = (struct audit){0};
}

/* ---- needs and links --------------------------------------------------------------------- */

static int
grow_links(struct audit *a)
{
    uint32_t room = a->link_room * 2 + 4096;
    uint32_t *more;

    if (a->links < a->link_room)
        return 0;
    more = realloc(a->link, room * sizeof *more);
    if (more == NULL)
        return ERR_NOMEM;
    a->link = more;
    more = realloc(a->said, room * sizeof *more);
    if (more == NULL)
        return ERR_NOMEM;
    a->said = more;
    a->link_room = room;
    return 0;
}

/* fact: that names it. */
static int
add_link(struct auditor *x, uint32_t place, uint32_t fact)
{
    struct audit *a = x->a;
    int r = grow_links(a);

    if (r < 0)
        return r;
    a->said[a->links] = fact;
    a->link[a->links++] = place;
    a->need[a->needs - 1].links++;
    return 0;
}

static int
add_need(struct auditor *x, enum depend_kind kind)
{
    struct audit *a = x->a;

    if (a->needs == a->need_room) {
        uint32_t room = a->need_room * 2 + 4096;
        struct need *more = realloc(a->need, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        a->need = more;
        a->need_room = room;
    }
    a->need[a->needs++] = (struct need){.kind = (uint8_t)kind,
                                        .link_at = a->links,
                                        .fact = FACTS_NONE,
                                        .subject = {"", 0},
                                        .primary = FACTS_NONE,
                                        .why = "",
                                        .least = DEPEND_NEVER,
                                        .most = DEPEND_NEVER};
    return 0;
}

static int
link_host(struct auditor *x, struct slice folded, uint32_t fact)
{
    uint32_t place;
    int r = place_of_host(x, folded, &place);

    return r < 0 ? r : add_link(x, place, fact);
}

static int
link_text(struct auditor *x, struct slice text, uint32_t fact)
{
    uint32_t place;
    int r = place_of(x, text, &place);

    return r < 0 ? r : add_link(x, place, fact);
}

static int
link_supplier(struct auditor *x, struct slice text, enum depend_kind kind)
{
    uint32_t place;
    int r = place_of_supplier(x, text, kind, &place);

    return r < 0 ? r : add_link(x, place, FACTS_NONE);
}

/* A link for each host that facts of that kind name; how many, or an error. */
static int
link_targets(struct auditor *x, uint32_t fact)
{
    const struct facts *f = x->in->facts;
    int count = 0;

    for (; fact != FACTS_NONE; fact = facts_next(f, fact)) {
        struct slice host = texts_get(&f->names, f->fact[fact].target);
        int r = host.len == 0 ? 0 : link_host(x, host, fact); /* `.`: none, RFC 7505 */

        if (r < 0)
            return r;
        count += host.len > 0;
    }
    return count;
}

static int
link_unknown(struct auditor *x, struct slice text, const char *why)
{
    uint32_t place;
    int r = place_told(x, text, NULL, why, &place);

    return r < 0 ? r : add_link(x, place, FACTS_NONE);
}

/* ---- what a service needs ---------------------------------------------------------------- */

struct asked {
    struct auditor *x;
    const struct service *s;
    uint32_t name; /* the domain, in facts */
};

static int
listed(const struct asked *q, enum depend_kind kind)
{
    int r = add_need(q->x, kind);

    for (uint32_t i = q->s->value_at[kind]; r == 0 && i < q->s->value_at[kind + 1]; i++)
        r = suppliers_find(q->x->in->facts, q->x->in->services->value[i], kind) == FACTS_NONE
                ? link_text(q->x, q->x->in->services->value[i], FACTS_NONE)
                : link_supplier(q->x, q->x->in->services->value[i], kind);
    return r;
}

static bool
has_list(const struct asked *q, enum depend_kind kind)
{
    return q->s->value_at[kind] < q->s->value_at[kind + 1];
}

static int
need_root(const struct asked *q)
{
    const struct home_rule *rule = home_of_root(q->x->in->home);
    const struct facts *f = q->x->in->facts;
    uint32_t place;
    int r = add_need(q->x, DEPEND_ROOT);

    if (r == 0)
        q->x->a->need[q->x->a->needs - 1].subject = SLICE(".");
    if (r == 0 && rule != NULL) {
        r = place_told(q->x, SLICE("."), rule, "", &place);
        return r < 0 ? r : add_link(q->x, place, FACTS_NONE);
    }
    if (r == 0)
        r = link_targets(q->x, facts_first(f, facts_find(f, SLICE("")), FACT_NS));
    return r == 0 ? link_unknown(q->x, SLICE("."), "no file names the root's servers") : r;
}

static struct slice
last_label(struct slice domain)
{
    if (domain.len > 0 && domain.ptr[domain.len - 1] == '.')
        domain.len--;
    while (memchr(domain.ptr, '.', domain.len) != NULL)
        (void)slice_part(&domain, '.');
    return domain;
}

static int
need_tld(const struct asked *q, struct slice tld)
{
    const struct facts *f = q->x->in->facts;
    char folded[FACTS_NAME];
    const struct home_rule *rule;
    uint32_t place;
    int n;
    int r = add_need(q->x, DEPEND_TLD);

    if (tld.len > 0 && tld.ptr[0] == '.')
        tld = slice_sub(tld, 1, tld.len);
    if (r == 0)
        q->x->a->need[q->x->a->needs - 1].subject = tld;
    n = facts_fold(tld, folded);
    rule = n <= 0 ? NULL : home_of_tld(q->x->in->home, (struct slice){folded, (size_t)n});
    if (r == 0 && rule != NULL) {
        r = place_told(q->x, slice_of(rule->text), rule, "", &place);
        return r < 0 ? r : add_link(q->x, place, FACTS_NONE);
    }
    if (r == 0)
        r = link_targets(q->x, facts_first(f, facts_find(f, tld), FACT_NS));
    return r == 0 ? link_unknown(q->x, tld, "no file names its servers: a root zone does") : r;
}

static int
need_ns(const struct asked *q)
{
    struct slice zone;
    uint32_t ns;
    int r;

    if (has_list(q, DEPEND_NS))
        return listed(q, DEPEND_NS);
    if (memchr(q->s->domain.ptr, '.', q->s->domain.len) == NULL)
        return 0; /* a top-level domain: its servers are a need of their own */
    r = add_need(q->x, DEPEND_NS);
    ns = audit_zone_of(q->x->in->facts, q->s->domain, &zone);
    if (r == 0 && ns != FACTS_NONE)
        r = link_targets(q->x, ns);
    return r == 0 ? link_unknown(q->x, q->s->domain, "no file names its servers") : r;
}

/* Whatever resolving a name takes. */
static int
need_names(const struct asked *q)
{
    bool tld = has_list(q, DEPEND_TLD);
    int r = 0;

    if (q->s->domain.len == 0 && !tld)
        return has_list(q, DEPEND_NS) ? listed(q, DEPEND_NS) : 0;
    r = need_root(q);
    for (uint32_t i = q->s->value_at[DEPEND_TLD]; r >= 0 && i < q->s->value_at[DEPEND_TLD + 1];
         i++)
        r = need_tld(q, q->x->in->services->value[i]);
    if (r >= 0 && !tld)
        r = need_tld(q, last_label(q->s->domain));
    if (r >= 0 && (q->s->domain.len > 0 || has_list(q, DEPEND_NS)))
        r = need_ns(q);
    return r < 0 ? r : 0;
}

static int
need_address(const struct asked *q)
{
    const struct facts *f = q->x->in->facts;
    uint32_t fact = facts_first(f, q->name, FACT_ADDRESS);
    int r;

    if (has_list(q, DEPEND_ADDRESS))
        return listed(q, DEPEND_ADDRESS);
    if (fact == FACTS_NONE)
        fact = facts_first(f, q->name, FACT_CNAME);
    if (fact == FACTS_NONE)
        return 0;
    r = add_need(q->x, DEPEND_ADDRESS);
    return r < 0 ? r : link_text(q->x, q->s->domain, fact);
}

/* Mail hosts; where none of their addresses is known, the networks that were recorded. */
static int
need_mail(const struct asked *q)
{
    const struct facts *f = q->x->in->facts;
    uint32_t mx = facts_first(f, q->name, FACT_MX);
    uint32_t net = facts_first(f, q->name, FACT_NETWORK);
    uint32_t from;
    int r;

    if (has_list(q, DEPEND_MX))
        return listed(q, DEPEND_MX);
    if (mx == FACTS_NONE)
        return 0;
    from = q->x->a->links;
    r = add_need(q->x, DEPEND_MX);
    if (r == 0)
        r = link_targets(q->x, mx);
    if (r == 0) { /* it takes no mail */
        q->x->a->needs--;
        return 0;
    }
    for (uint32_t i = from; r > 0 && i < q->x->a->links; i++) {
        if (q->x->a->place[q->x->a->link[i]].verdict != VERDICT_UNKNOWN)
            return 0;
    }
    if (r < 0 || net == FACTS_NONE)
        return r < 0 ? r : 0;
    q->x->a->links = from;
    q->x->a->need[q->x->a->needs - 1].links = 0;
    for (; net != FACTS_NONE; net = facts_next(f, net)) {
        AUTO_BUF(text, 32);
        uint32_t place;

        buf_printf(&text, "AS%u", f->fact[net].number);
        r = place_of_network(q->x, buf_get(&text), net, &place);
        if (r == 0)
            r = add_link(q->x, place, net);
        if (r < 0)
            return r;
    }
    return 0;
}

static int
need_certificate(const struct asked *q)
{
    const struct facts *f = q->x->in->facts;
    uint32_t cert = audit_certificate(f, q->s->domain);
    uint32_t ocsp =
        cert == FACTS_NONE ? FACTS_NONE : facts_first(f, f->fact[cert].name, FACT_OCSP);
    int r = 0;

    if (has_list(q, DEPEND_CA)) {
        r = listed(q, DEPEND_CA);
    } else if (cert != FACTS_NONE) {
        r = add_need(q->x, DEPEND_CA);
        if (r == 0)
            r = link_text(q->x, texts_get(&f->names, f->fact[cert].target), cert);
    }
    if (r < 0)
        return r;
    if (has_list(q, DEPEND_OCSP))
        return listed(q, DEPEND_OCSP);
    if (ocsp == FACTS_NONE)
        return 0;
    r = add_need(q->x, DEPEND_OCSP);
    if (r == 0)
        r = link_targets(q->x, ocsp);
    return r < 0 ? r : 0;
}

static int
need_suppliers(const struct asked *q)
{
    static const enum depend_kind kinds[] = {DEPEND_TIME,      DEPEND_LOGIN,    DEPEND_PACKAGES,
                                             DEPEND_REGISTRAR, DEPEND_SOFTWARE, DEPEND_LICENCE,
                                             DEPEND_CLOUD};
    int r = 0;

    for (unsigned i = 0; r == 0 && i < sizeof kinds / sizeof kinds[0]; i++) {
        if (has_list(q, kinds[i]))
            r = listed(q, kinds[i]);
    }
    return r;
}

/* What bills of materials name; software by component, licences and clouds by supplier. */
static int
need_parts(const struct asked *q)
{
    const struct services *s = q->x->in->services;
    int r = 0;

    for (uint32_t at = q->s->part; r == 0 && at != 0; at = s->part[at - 1].next) {
        const struct part *p = &s->part[at - 1];
        struct slice what = texts_get(&s->part_names, p->what);
        struct need *n;

        r = add_need(q->x, (enum depend_kind)p->kind);
        if (r < 0)
            return r;
        n = &q->x->a->need[q->x->a->needs - 1];
        n->part = at;
        if (p->kind == DEPEND_SOFTWARE || p->supplier.len == 0)
            n->subject = what;
        r = p->supplier.len == 0
                ? link_unknown(q->x, what, "its bill of materials names no supplier")
                : link_supplier(q->x, p->supplier, (enum depend_kind)p->kind);
    }
    return r;
}

static int
find_needs(const struct asked *q)
{
    int r = need_names(q);

    if (r == 0)
        r = need_address(q);
    if (r == 0)
        r = need_mail(q);
    if (r == 0 && has_list(q, DEPEND_CDN))
        r = listed(q, DEPEND_CDN);
    if (r == 0)
        r = need_certificate(q);
    if (r == 0)
        r = need_suppliers(q);
    return r < 0 ? r : need_parts(q);
}

/* ---- until when -------------------------------------------------------------------------- */

/* One link inside is enough; one that is not known may be. */
static enum depend_verdict
side_of(const struct audit *a, const struct need *n)
{
    enum depend_verdict v = VERDICT_OUTSIDE;

    for (uint32_t i = 0; i < n->links; i++) {
        uint8_t one = a->place[a->link[n->link_at + i]].verdict;

        if (one == VERDICT_INSIDE)
            return VERDICT_INSIDE;
        if (one == VERDICT_UNKNOWN)
            v = VERDICT_UNKNOWN;
    }
    return v;
}

/* Why it is not known where a need is. */
static const char *
why_unknown(const struct audit *a, const struct need *n)
{
    for (uint32_t i = 0; i < n->links; i++) {
        const struct place *p = &a->place[a->link[n->link_at + i]];

        if (p->verdict == VERDICT_UNKNOWN)
            return p->why;
    }
    return "";
}

/* Servers at home can be copies of a zone whose primary is not. */
static int
hold_copies(const struct asked *q, uint32_t at)
{
    const struct facts *f = q->x->in->facts;
    bool root = q->x->a->need[at].kind == DEPEND_ROOT;
    struct slice zone = {"", 0};
    uint32_t place;
    uint32_t name;
    uint32_t soa;
    int r;

    if (!root && audit_zone_of(f, q->s->domain, &zone) == FACTS_NONE)
        return 0;
    name = texts_find(&f->names, zone);
    soa = facts_first(f, name, FACT_SOA);
    if (soa == FACTS_NONE && !root)
        return 0;
    if (root) {
        audit_hold_zone(q->x, &q->x->a->need[at], soa, name, true);
        return 0;
    }
    r = place_of_host(q->x, texts_get(&f->names, f->fact[soa].target), &place);
    if (r < 0 || q->x->a->place[place].verdict == VERDICT_INSIDE)
        return r;
    q->x->a->need[at].primary = place;
    audit_hold_zone(q->x, &q->x->a->need[at], soa, name,
                    q->x->a->place[place].verdict == VERDICT_OUTSIDE);
    return 0;
}

static int
judge_need(const struct asked *q, uint32_t at)
{
    struct need *n = &q->x->a->need[at];
    enum depend_verdict side = side_of(q->x->a, n);

    n->verdict = (uint8_t)side;
    if (side == VERDICT_INSIDE)
        return n->kind == DEPEND_NS || n->kind == DEPEND_ROOT ? hold_copies(q, at) : 0;
    audit_hold(q->x, n, q->s, q->name);
    if (side == VERDICT_UNKNOWN) {
        n->verdict = VERDICT_UNKNOWN;
        n->most = DEPEND_NEVER;
        if (n->least.us <= q->x->in->at.us)
            n->why = why_unknown(q->x->a, n);
    }
    return 0;
}

static enum depend_verdict
verdict_of(const struct outcome *o, struct utime at)
{
    if (o->least.us == DEPEND_NEVER.us)
        return VERDICT_INSIDE;
    if (o->most.us <= at.us)
        return VERDICT_OUTSIDE;
    return o->most.us == o->least.us ? VERDICT_CACHED : VERDICT_UNKNOWN;
}

/* Of needs that may break as soon, that which surely does. */
static bool
breaks_before(const struct audit *a, uint32_t need, const struct outcome *o)
{
    const struct need *n = &a->need[need];

    if (n->least.us != o->least.us || o->first == FACTS_NONE)
        return n->least.us < o->least.us;
    return n->most.us < a->need[o->first].most.us;
}

static int
audit_one(struct auditor *x, const struct service *s, struct outcome *o)
{
    struct asked q = {x, s,
                      s->domain.len == 0 ? TEXTS_NONE : facts_find(x->in->facts, s->domain)};
    int r;

    *o = (struct outcome){.need_at = x->a->needs,
                          .least = DEPEND_NEVER,
                          .most = DEPEND_NEVER,
                          .first = FACTS_NONE};
    r = find_needs(&q);
    o->needs = x->a->needs - o->need_at;
    for (uint32_t i = o->need_at; r == 0 && i < x->a->needs; i++) {
        r = judge_need(&q, i);
        if (breaks_before(x->a, i, o))
            o->first = i;
        if (x->a->need[i].least.us < o->least.us)
            o->least = x->a->need[i].least;
        if (x->a->need[i].most.us < o->most.us)
            o->most = x->a->need[i].most;
    }
    if (o->needs == 0) /* nothing is known of it, which is not that it needs nothing */
        o->least = x->in->at;
    o->verdict = (uint8_t)verdict_of(o, x->in->at);
    return r;
}

int
audit_run(const struct audit_input *in, struct audit *ret)
{
    struct auditor x = {in, ret};
    int r = 0;

    *ret = (struct audit){.count = in->services->count};
    texts_init(&ret->what, in->facts->names.secret);
    ret->outcome = calloc((size_t)ret->count + 1, sizeof *ret->outcome);
    if (ret->outcome == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; r == 0 && i < ret->count; i++)
        r = audit_one(&x, &in->services->service[i], &ret->outcome[i]);
    if (r < 0)
        audit_release(ret);
    return r;
}
