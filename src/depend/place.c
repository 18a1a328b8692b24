/* Where things are. */
#include <stdio.h>
#include <stdlib.h>

#include "depend/audit_priv.h"
#include "depend/suppliers.h"

enum { CNAMES = 8 };

static void
decide(const struct auditor *x, struct place *p, const struct home_rule *rule)
{
    bool somewhere = p->country != COUNTRY_UNKNOWN || p->asn != 0;

    p->rule = rule;
    if (rule != NULL) {
        p->verdict = rule->away ? VERDICT_OUTSIDE : VERDICT_INSIDE;
        p->why = rule->away ? "named as not at home" : "home";
    } else if (!somewhere) {
        p->verdict = VERDICT_UNKNOWN;
        p->why = "no table knows the address";
    } else if (p->country == COUNTRY_UNKNOWN && home_has(x->in->home, HOME_COUNTRY)) {
        p->verdict = VERDICT_UNKNOWN;
        p->why = "no table knows its country";
    } else if (p->asn == 0 && (home_has(x->in->home, HOME_NETWORK))) {
        p->verdict = VERDICT_UNKNOWN;
        p->why = "no table knows its network";
    } else {
        p->verdict = VERDICT_OUTSIDE;
        p->why = "registered elsewhere";
    }
}

static void
place_address(const struct auditor *x, struct place *p, const struct addr *a)
{
    const struct attrib *t = x->in->attrib;
    struct attribution at = attrib_find(t, a);

    p->asn = at.asn;
    p->country = at.country;
    p->dataset = at.country != 0 ? at.country_by : at.asn != 0 ? at.asn_by : ATTRIB_NOBODY;
    p->disputed = at.disputed != 0;
    decide(x, p, home_of_address(x->in->home, a, at.asn, attrib_name(t, at.asn), at.country));
    if (p->verdict == VERDICT_UNKNOWN && addr_kind(a) != ADDR_GLOBAL)
        p->why = "no public address: only a prefix of home says where it is";
}

static void
place_network(const struct auditor *x, struct place *p, uint32_t asn)
{
    p->asn = asn;
    if (x->in->country_of != NULL)
        p->country = x->in->country_of(x->in->self, asn);
    p->dataset = p->country == COUNTRY_UNKNOWN ? ATTRIB_NOBODY : PLACE_BY_NETWORK;
    decide(x, p,
           home_of_network(x->in->home, asn, attrib_name(x->in->attrib, asn), p->country));
}

/* Inside before unknown before outside: one address at home is enough, and one that is not
 * known may be. */
static bool
better(const struct place *a, const struct place *b)
{
    static const uint8_t rank[] = {[VERDICT_INSIDE] = 2, [VERDICT_UNKNOWN] = 1};

    return rank[a->verdict] > rank[b->verdict];
}

static void
place_host(const struct auditor *x, struct place *p, struct slice folded)
{
    const struct facts *f = x->in->facts;
    uint32_t name = texts_find(&f->names, folded);
    const struct home_rule *rule = home_of_name(x->in->home, folded);
    bool any = false;

    if (rule != NULL) {
        decide(x, p, rule);
        return;
    }
    for (int i = 0; i < CNAMES && facts_first(f, name, FACT_ADDRESS) == FACTS_NONE; i++) {
        uint32_t alias = facts_first(f, name, FACT_CNAME);

        if (alias == FACTS_NONE)
            break;
        name = f->fact[alias].target;
    }
    for (uint32_t i = facts_first(f, name, FACT_ADDRESS); i != FACTS_NONE;
         i = facts_next(f, i)) {
        struct place one = *p;

        one.fact = i;
        place_address(x, &one, &f->fact[i].addr);
        if (!any || better(&one, p))
            *p = one;
        any = true;
    }
    if (!any)
        p->why = "no file has an address of it";
}

/* A supplier by name; fact: who says its country. */
static void
place_org(const struct auditor *x, struct place *p, struct slice text, uint32_t fact)
{
    const struct facts *f = x->in->facts;
    const struct home_rule *rule = home_of_org(x->in->home, text);

    if (rule == NULL && fact != FACTS_NONE) {
        p->fact = fact;
        p->country = f->fact[fact].country;
        rule = home_of_country(x->in->home, p->country);
        if (rule == NULL && !home_has(x->in->home, HOME_COUNTRY)) {
            p->why = "its country is known, and home has none";
            return;
        }
    }
    if (rule != NULL || fact != FACTS_NONE)
        decide(x, p, rule);
    else
        p->why = "no file says where it is: org: in the list of what is home can";
}

/* A host's name, as it is written: letters, digits, hyphens, with a dot inside. */
static bool
is_host(struct slice folded)
{
    bool dot = false;

    for (size_t i = 0; i < folded.len; i++) {
        char c = folded.ptr[i];

        dot |= c == '.' && i > 0 && i + 1 < folded.len;
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
              c == '.' || (unsigned char)c >= 0x80))
            return false;
    }
    return dot;
}

static bool
is_network(struct slice text, uint32_t *ret)
{
    uint64_t n = 0;

    if (text.len < 3 || text.len > 12 || text.ptr[0] != 'A' || text.ptr[1] != 'S')
        return false;
    for (size_t i = 2; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *ret = (uint32_t)n;
    return n > 0 && n < UINT32_MAX;
}

static void
find(const struct auditor *x, struct place *p, struct slice text)
{
    char room[FACTS_NAME];
    int n = facts_fold(text, room);
    struct slice folded = {room, n < 0 ? 0 : (size_t)n};
    struct addr addr;
    uint32_t asn;

    if (addr_parse(text, &addr) == 0)
        place_address(x, p, &addr);
    else if (is_network(text, &asn))
        place_network(x, p, asn);
    else if (n > 0 && is_host(folded) && home_of_org(x->in->home, text) == NULL)
        place_host(x, p, folded);
    else
        place_org(x, p, text,
                  facts_first(x->in->facts, facts_find(x->in->facts, text), FACT_COUNTRY));
}

struct slice
audit_what(const struct audit *a, uint32_t place)
{
    struct slice rest = texts_get(&a->what, place);

    return slice_part(&rest, '\0');
}

/* A new place, or the one that is there (*ret_new false).  mark keeps apart what has the same
 * text and is found in another way. */
static int
put(struct auditor *x, struct slice text, const char *mark, uint32_t *ret, bool *ret_new)
{
    AUTO_BUF(key, 1 << 16);
    struct audit *a = x->a;
    int r;

    if (mark != NULL) {
        buf_slice(&key, text);
        buf_char(&key, '\0');
        buf_text(&key, mark);
        if (buf_error(&key) < 0)
            return buf_error(&key);
        text = buf_get(&key);
    }
    r = texts_put(&a->what, text, ret);
    if (r < 0)
        return r;
    *ret_new = *ret == a->places;
    if (!*ret_new)
        return 0;
    if (a->places == a->place_room) {
        uint32_t room = a->place_room * 2 + 1024;
        struct place *more = realloc(a->place, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        a->place = more;
        a->place_room = room;
    }
    a->place[a->places++] = (struct place){
        .fact = FACTS_NONE, .dataset = ATTRIB_NOBODY, .verdict = VERDICT_UNKNOWN, .why = ""};
    return 0;
}

int
place_of(struct auditor *x, struct slice text, uint32_t *ret)
{
    bool fresh;
    int r = put(x, text, NULL, ret, &fresh);

    if (r == 0 && fresh)
        find(x, &x->a->place[*ret], text);
    return r;
}

int
place_of_host(struct auditor *x, struct slice folded, uint32_t *ret)
{
    bool fresh;
    int r;

    if (is_host(folded))
        return place_of(x, folded, ret);
    r = put(x, folded, "host", ret, &fresh);
    if (r == 0 && fresh)
        place_host(x, &x->a->place[*ret], folded);
    return r;
}

int
place_of_network(struct auditor *x, struct slice text, uint32_t fact, uint32_t *ret)
{
    char mark[16];
    bool fresh;
    int r;

    (void)snprintf(mark, sizeof mark, "%u", fact);
    r = put(x, text, mark, ret, &fresh);
    if (r == 0 && fresh) {
        x->a->place[*ret].fact = fact;
        place_network(x, &x->a->place[*ret], x->in->facts->fact[fact].number);
    }
    return r;
}

int
place_of_supplier(struct auditor *x, struct slice text, enum depend_kind kind, uint32_t *ret)
{
    const struct facts *f = x->in->facts;
    uint32_t fact = suppliers_find(f, text, kind);
    bool fresh;
    int r = put(x, text, depend_kind_name(kind), ret, &fresh);

    if (fact == FACTS_NONE || f->fact[fact].country == COUNTRY_UNKNOWN)
        fact = facts_first(f, facts_find(f, text), FACT_COUNTRY);
    if (r == 0 && fresh)
        place_org(x, &x->a->place[*ret], text, fact);
    return r;
}

int
place_told(struct auditor *x, struct slice text, const struct home_rule *rule, const char *why,
           uint32_t *ret)
{
    bool fresh;
    int r = put(x, text, why, ret, &fresh);

    if (r < 0 || !fresh)
        return r;
    x->a->place[*ret].why = why;
    if (rule != NULL)
        decide(x, &x->a->place[*ret], rule);
    return 0;
}
