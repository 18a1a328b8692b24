#include "depend/answers.h"

#include "model/event.h"
#include "wire/walk.h"

struct reader {
    struct walk w;
    struct facts *f;
    uint16_t source;
    struct services *services;
};

/* ---- entries ----------------------------------------------------------------------------- */

enum { HOSTS = 64 };

struct entry {
    struct slice id;
    struct slice name;
    struct slice domain;
    struct slice ca_owner;
    struct slice ca_country;
    struct slice issuer;
    struct slice issuer_country;
    struct slice not_after;
    struct slice host[HOSTS];
    uint8_t host_kind[HOSTS]; /* enum fact_kind */
    unsigned hosts;
    uint32_t network[HOSTS];
    unsigned networks;
    unsigned line;
};

static int
take_hosts(struct reader *r, struct entry *e, enum fact_kind kind)
{
    bool first = true;
    int n;

    if (walk_peek(&r->w) != '[')
        return walk_skip(&r->w);
    r->w.at++;
    while ((n = walk_item(&r->w, &first)) == 1) {
        struct slice s;

        n = walk_string(&r->w, &s);
        if (n < 0)
            return n;
        if (s.len == 0 || e->hosts == HOSTS)
            continue;
        e->host[e->hosts] = s;
        e->host_kind[e->hosts++] = (uint8_t)kind;
    }
    return n;
}

/* `ASN 8075 matches …`: the number is what was recorded, the rest what somebody thinks of it.
 */
static void
put_network(struct entry *e, struct slice detail)
{
    uint64_t n = 0;

    if (!slice_is(slice_sub(detail, 0, 4), "ASN ") || e->networks == HOSTS)
        return;
    for (size_t i = 4; i < detail.len && detail.ptr[i] >= '0' && detail.ptr[i] <= '9'; i++) {
        n = n * 10 + (uint64_t)(detail.ptr[i] - '0');
        if (n >= UINT32_MAX)
            return;
    }
    for (unsigned i = 0; i < e->networks; i++) {
        if (e->network[i] == n)
            return;
    }
    if (n > 0)
        e->network[e->networks++] = (uint32_t)n;
}

static int
take_signal(struct reader *r, struct entry *e)
{
    struct slice kind = {"", 0};
    struct slice detail = {"", 0};
    bool first = true;
    struct slice key = {"", 0};
    int n;

    if (walk_peek(&r->w) != '{')
        return walk_skip(&r->w);
    r->w.at++;
    while ((n = walk_member(&r->w, &first, &key)) == 1) {
        n = slice_is(key, "kind")     ? walk_string(&r->w, &kind)
            : slice_is(key, "detail") ? walk_string(&r->w, &detail)
                                      : walk_skip(&r->w);
        if (n < 0)
            return n;
    }
    if (n == 0 && slice_is(kind, "asn"))
        put_network(e, detail);
    return n;
}

static int
take_certificate(struct reader *r, struct entry *e, bool leaf)
{
    struct slice unused;
    bool first = true;
    struct slice key = {"", 0};
    int n;

    if (walk_peek(&r->w) != '{' || !leaf)
        return walk_skip(&r->w);
    r->w.at++;
    while ((n = walk_member(&r->w, &first, &key)) == 1) {
        n = walk_string(&r->w, slice_is(key, "issuer_org")       ? &e->issuer
                               : slice_is(key, "issuer_country") ? &e->issuer_country
                               : slice_is(key, "not_after")      ? &e->not_after
                                                                 : &unused);
        if (n < 0)
            return n;
    }
    return n;
}

static int
take_array(struct reader *r, struct entry *e, bool chain)
{
    bool first = true;
    unsigned at = 0;
    int n;

    if (walk_peek(&r->w) != '[')
        return walk_skip(&r->w);
    r->w.at++;
    while ((n = walk_item(&r->w, &first)) == 1) {
        n = chain ? take_certificate(r, e, at == 0) : take_signal(r, e);
        if (n < 0)
            return n;
        at++;
    }
    return n;
}

static int
take_member(struct reader *r, struct entry *e, struct slice key)
{
    if (slice_is(key, "bfs") || slice_is(key, "id"))
        return walk_string(&r->w, &e->id);
    if (slice_is(key, "name"))
        return walk_string(&r->w, &e->name);
    if (slice_is(key, "domain"))
        return walk_string(&r->w, &e->domain);
    if (slice_is(key, "ca_owner"))
        return walk_string(&r->w, &e->ca_owner);
    if (slice_is(key, "ca_country"))
        return walk_string(&r->w, &e->ca_country);
    if (slice_is(key, "mx"))
        return take_hosts(r, e, FACT_MX);
    if (slice_is(key, "ns"))
        return take_hosts(r, e, FACT_NS);
    if (slice_is(key, "a") || slice_is(key, "aaaa") || slice_is(key, "addresses"))
        return take_hosts(r, e, FACT_ADDRESS);
    if (slice_is(key, "cert_chain"))
        return take_array(r, e, true);
    if (slice_is(key, "classification_signals"))
        return take_array(r, e, false);
    return walk_skip(&r->w);
}

/* ---- facts ------------------------------------------------------------------------------- */

static int
put_country(struct reader *r, const struct entry *e, struct slice who, struct slice country)
{
    struct fact fact = {.kind = FACT_COUNTRY,
                        .country = country_parse(country),
                        .ttl = FACTS_NO_TTL,
                        .line = e->line,
                        .source = r->source};
    int n;

    if (who.len == 0 || fact.country == COUNTRY_UNKNOWN)
        return 0;
    n = facts_name(r->f, who, &fact.name);
    if (n == ERR_INVALID)
        return 0; /* too long to be anybody's name */
    if (n == 0 && facts_first(r->f, fact.name, FACT_COUNTRY) != FACTS_NONE)
        return 0;
    return n < 0 ? n : facts_add(r->f, &fact);
}

static int
put_certificate(struct reader *r, const struct entry *e, struct fact *fact)
{
    struct slice who = e->ca_owner.len > 0 ? e->ca_owner : e->issuer;
    int n = put_country(r, e, e->ca_owner, e->ca_country);

    if (n == 0)
        n = put_country(r, e, e->issuer, e->issuer_country);
    fact->kind = FACT_CERT;
    if (n < 0 || who.len == 0 || time_parse_any(e->not_after, &fact->until) < 0)
        return n;
    n = facts_name(r->f, who, &fact->target);
    return n == ERR_INVALID ? 0 : n < 0 ? n : facts_add(r->f, fact);
}

static int
put_host(struct reader *r, const struct entry *e, unsigned i, struct fact *fact)
{
    int n = 0;

    fact->kind = e->host_kind[i];
    if (fact->kind == FACT_ADDRESS) {
        if (addr_parse(e->host[i], &fact->addr) < 0)
            return 0;
    } else {
        n = facts_name(r->f, e->host[i], &fact->target);
    }
    return n == ERR_INVALID ? 0 : n < 0 ? n : facts_add(r->f, fact);
}

static int
put_service(struct reader *r, const struct entry *e, struct slice id)
{
    struct service s = {.id = e->id.len > 0 ? e->id : id,
                        .name = e->name.len > 0 ? e->name : e->domain,
                        .owner = {"", 0},
                        .domain = e->domain,
                        .home_alternative = {"", 0},
                        .line = e->line,
                        .source = (uint16_t)(r->source + 1),
                        .criticality = 1};

    return r->services == NULL ? 0 : services_add(r->services, &s);
}

static int
put_entry(struct reader *r, const struct entry *e, struct slice id)
{
    struct fact fact = {.ttl = FACTS_NO_TTL, .line = e->line, .source = r->source};
    int n;

    if (e->domain.len == 0 || facts_name(r->f, e->domain, &fact.name) == ERR_INVALID) {
        r->f->nameless++;
        return 0;
    }
    n = facts_name(r->f, e->domain, &fact.name);
    for (unsigned i = 0; n == 0 && i < e->hosts; i++)
        n = put_host(r, e, i, &fact);
    for (unsigned i = 0; n == 0 && i < e->networks; i++) {
        fact.kind = FACT_NETWORK;
        fact.number = e->network[i];
        n = facts_add(r->f, &fact);
    }
    fact.number = 0;
    if (n == 0)
        n = put_certificate(r, e, &fact);
    return n < 0 ? n : put_service(r, e, id);
}

static int
take_entry(struct reader *r, struct slice id)
{
    struct entry e = {0};
    bool first = true;
    struct slice key = {"", 0};
    int n;

    if (walk_peek(&r->w) != '{')
        return walk_wrong(&r->w, "an entry is an object");
    e.line = walk_line(&r->w);
    r->w.at++;
    while ((n = walk_member(&r->w, &first, &key)) == 1) {
        n = take_member(r, &e, key);
        if (n < 0)
            return n;
    }
    return n < 0 ? n : put_entry(r, &e, id);
}

/* A list of entries, or an object of them by id. */
static int
take_entries(struct reader *r)
{
    bool object = walk_peek(&r->w) == '{';
    struct slice key = {"", 0};
    bool first = true;
    int n;

    if (!object && walk_peek(&r->w) != '[')
        return walk_wrong(&r->w, "is neither a list nor an object of entries");
    r->w.at++;
    while ((n = object ? walk_member(&r->w, &first, &key) : walk_item(&r->w, &first)) == 1) {
        n = take_entry(r, key);
        if (n < 0)
            return n;
    }
    return n;
}

static int
take_top(struct reader *r)
{
    bool first = true;
    bool any = false;
    struct slice key = {"", 0};
    struct slice when = {"", 0};
    int n;

    if (walk_peek(&r->w) != '{')
        return walk_wrong(&r->w, "recorded answers are a JSON object");
    r->w.at++;
    while ((n = walk_member(&r->w, &first, &key)) == 1) {
        if (slice_is(key, "generated")) {
            n = walk_string(&r->w, &when);
            (void)!time_parse_any(when, &r->f->source[r->source].date);
        } else if (slice_is(key, "municipalities") || slice_is(key, "entries")) {
            any = true;
            n = take_entries(r);
        } else {
            n = walk_skip(&r->w);
        }
        if (n < 0)
            return n;
    }
    if (n == 0 && r->w.at < r->w.t.count)
        return walk_wrong(&r->w, "something stands behind the object");
    if (n == 0 && !any)
        return err_at(r->w.ei, ERR_INVALID, 1, 1,
                      "has neither `municipalities` nor `entries`: no recorded answers in a "
                      "shape that is known");
    return n;
}

int
answers_read(struct facts *f, char *text, size_t len, uint16_t source,
             struct services *services, struct errinfo *ei)
{
    struct reader r = {.f = f, .source = source, .services = services};
    int e = walk_open(&r.w, text, len, ei);

    if (e == 0)
        e = take_top(&r);
    walk_close(&r.w);
    return e;
}
