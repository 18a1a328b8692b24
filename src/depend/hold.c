/* How long what was learnt before the cut lasts. */
#include "depend/audit_priv.h"
#include "depend/suppliers.h"

static struct utime
after(struct utime t, uint32_t seconds)
{
    return (struct utime){t.us + (int64_t)seconds * TIME_US_PER_S};
}

static struct utime
earlier(struct utime a, struct utime b)
{
    return a.us < b.us ? a : b;
}

uint32_t
audit_zone_of(const struct facts *f, struct slice domain, struct slice *ret_zone)
{
    char folded[FACTS_NAME];
    int n = facts_fold(domain, folded);
    struct slice rest = {folded, n < 0 ? 0 : (size_t)n};

    while (rest.len > 0 && memchr(rest.ptr, '.', rest.len) != NULL) {
        uint32_t ns = facts_first(f, texts_find(&f->names, rest), FACT_NS);

        if (ns != FACTS_NONE) {
            *ret_zone = texts_get(&f->names, f->fact[ns].name);
            return ns;
        }
        (void)slice_part(&rest, '.');
    }
    return FACTS_NONE;
}

static void
until(const struct auditor *x, struct need *n, struct utime t, const char *why, uint32_t fact)
{
    if (t.us <= x->in->at.us)
        t = x->in->at;
    n->least = n->most = t;
    n->verdict = t.us > x->in->at.us ? VERDICT_CACHED : VERDICT_OUTSIDE;
    n->why = why;
    n->fact = fact;
}

/* As long as a TTL, counted from the cut. */
static void
for_ttl(const struct auditor *x, struct need *n, uint32_t fact, const char *why)
{
    const struct facts *f = x->in->facts;

    if (fact != FACTS_NONE && f->fact[fact].ttl != FACTS_NO_TTL)
        until(x, n, after(x->in->at, f->fact[fact].ttl), why, fact);
    else
        until(x, n, x->in->at, "no file has a TTL", FACTS_NONE);
}

static void
never(struct need *n, const char *why)
{
    n->least = n->most = DEPEND_NEVER;
    n->why = why;
}

/* Of several the one that ends last. */
static uint32_t
last_certificate(const struct facts *f, uint32_t name)
{
    uint32_t best = facts_first(f, name, FACT_CERT);

    for (uint32_t i = best; i != FACTS_NONE; i = facts_next(f, i)) {
        if (f->fact[i].until.us > f->fact[best].until.us)
            best = i;
    }
    return best;
}

uint32_t
audit_certificate(const struct facts *f, struct slice domain)
{
    char wild[FACTS_NAME + 2];
    int n = facts_fold(domain, wild + 2);
    struct slice rest = {wild + 2, n < 0 ? 0 : (size_t)n};
    uint32_t c = last_certificate(f, texts_find(&f->names, rest));
    char *below;

    if (c != FACTS_NONE || rest.len == 0)
        return c;
    (void)slice_part(&rest, '.');
    if (rest.len == 0)
        return FACTS_NONE;
    below = wild + (rest.ptr - wild) - 2; /* RFC 6125: a star stands for one label */
    below[0] = '*';
    below[1] = '.';
    return last_certificate(f, texts_find(&f->names, (struct slice){below, rest.len + 2}));
}

static void
hold_ca(const struct auditor *x, struct need *n, const struct service *s)
{
    uint32_t c = audit_certificate(x->in->facts, s->domain);

    if (c != FACTS_NONE) {
        until(x, n, x->in->facts->fact[c].until, "the certificate ends", c);
        return;
    }
    n->least = x->in->at;
    n->most = DEPEND_NEVER;
    n->why = "matters when the certificate ends, and no file has it";
}

static void
hold_ocsp(const struct auditor *x, struct need *n, const struct service *s)
{
    const struct facts *f = x->in->facts;
    uint32_t c = audit_certificate(f, s->domain);
    bool must = x->in->hard_fail || (c != FACTS_NONE && f->fact[c].number != 0);
    uint32_t crl = c == FACTS_NONE ? FACTS_NONE : facts_first(f, f->fact[c].target, FACT_CRL);

    if (!must)
        never(n, "clients go on without it, unless they insist (--hard-fail)");
    else if (crl != FACTS_NONE)
        until(x, n, f->fact[crl].until, "the revocation list is due", crl);
    else
        until(x, n, x->in->at, "clients insist on it", c);
}

/* Of several licences one is enough: that which ends last. */
static void
hold_licence(const struct auditor *x, struct need *n)
{
    const struct facts *f = x->in->facts;
    const struct utime own =
        n->part == 0 ? (struct utime){0} : x->in->services->part[n->part - 1].lease;
    uint32_t last = FACTS_NONE;
    bool all = n->links > 0;

    for (uint32_t i = 0; i < n->links; i++) {
        uint32_t fact =
            suppliers_find(f, audit_what(x->a, x->a->link[n->link_at + i]), DEPEND_LICENCE);

        if (fact == FACTS_NONE || f->fact[fact].until.us == 0)
            all = false;
        else if (last == FACTS_NONE || f->fact[fact].until.us > f->fact[last].until.us)
            last = fact;
    }
    if (own.us > 0) {
        until(x, n, own, "the lease ends", FACTS_NONE);
    } else if (all) {
        until(x, n, f->fact[last].until, "the lease ends", last);
    } else {
        if (last != FACTS_NONE)
            until(x, n, f->fact[last].until, "the lease ends", last);
        else
            n->least = x->in->at;
        n->most = DEPEND_NEVER;
        n->verdict = VERDICT_OUTSIDE;
        n->why = "matters when the lease ends, and no file has that day";
    }
}

void
audit_hold(const struct auditor *x, struct need *n, const struct service *s, uint32_t name)
{
    const struct facts *f = x->in->facts;
    struct slice zone;
    struct slice rest = s->domain;
    uint32_t tld = TEXTS_NONE;

    switch ((enum depend_kind)n->kind) {
    case DEPEND_ROOT:
        while (rest.len > 0 && memchr(rest.ptr, '.', rest.len - 1) != NULL)
            (void)slice_part(&rest, '.');
        tld = facts_find(f, rest);
        for_ttl(x, n, facts_first(f, tld, FACT_NS), "resolvers keep the TLD's servers");
        break;
    case DEPEND_TLD:
        for_ttl(x, n, audit_zone_of(f, s->domain, &zone),
                "resolvers keep the domain's servers");
        break;
    case DEPEND_NS:
        for_ttl(x, n, facts_first(f, name, FACT_ADDRESS), "resolvers keep its addresses");
        break;
    case DEPEND_CA: hold_ca(x, n, s); break;
    case DEPEND_OCSP: hold_ocsp(x, n, s); break;
    case DEPEND_TIME:
        until(x, n, (struct utime){x->in->at.us + x->in->drift.us}, "its clock drifts away",
              FACTS_NONE);
        break;
    case DEPEND_PACKAGES: never(n, "what runs goes on, without updates"); break;
    case DEPEND_REGISTRAR: never(n, "what is delegated stays, and cannot be changed"); break;
    case DEPEND_SOFTWARE: never(n, "what runs goes on, without updates"); break;
    case DEPEND_LICENCE: hold_licence(x, n); break;
    case DEPEND_CLOUD:
    case DEPEND_ADDRESS:
    case DEPEND_MX:
    case DEPEND_CDN:
    case DEPEND_LOGIN:
    case DEPEND_KINDS: until(x, n, x->in->at, "", FACTS_NONE); break;
    }
}

/* What a copy of a zone at home is worth when nobody can renew it. */
void
audit_hold_zone(const struct auditor *x, struct need *n, uint32_t soa, uint32_t zone, bool sure)
{
    const struct facts *f = x->in->facts;
    struct need copy = *n;
    uint32_t sig = facts_first(f, zone, FACT_SIGNED);
    struct utime end = DEPEND_NEVER;

    if (soa != FACTS_NONE)
        end = after(x->in->at, f->fact[soa].number);
    if (end.us < DEPEND_NEVER.us)
        until(x, &copy, end, "the zone expires without its primary", soa);
    if (sig != FACTS_NONE && f->fact[sig].until.us < end.us)
        until(x, &copy, f->fact[sig].until, "the zone's signatures end without its primary",
              sig);
    copy.least = earlier(copy.least, copy.most);
    if (!sure) {
        copy.most = DEPEND_NEVER;
        copy.verdict = n->verdict;
    }
    *n = copy;
}
