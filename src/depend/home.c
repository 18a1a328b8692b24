#include "depend/home.h"

#include <stdio.h>
#include <stdlib.h>

void
home_release(struct home *h)
{
    free(h->rule);
    *h = (struct home){0};
}

static struct slice
trim(struct slice s)
{
    while (s.len > 0 && memchr(" \t\r", s.ptr[0], 3) != NULL)
        s = slice_sub(s, 1, s.len);
    while (s.len > 0 && memchr(" \t\r", s.ptr[s.len - 1], 3) != NULL)
        s.len--;
    return s;
}

static void
fold(struct slice s, char to[HOME_TEXT])
{
    for (size_t i = 0; i < s.len; i++)
        to[i] = (char)(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? s.ptr[i] - 'A' + 'a' : s.ptr[i]);
    to[s.len] = '\0';
}

static bool
starts(struct slice s, const char *with, struct slice *ret_rest)
{
    size_t n = strlen(with);

    *ret_rest = slice_sub(s, n, s.len);
    return slice_is(slice_sub(s, 0, n), with);
}

static bool
parse_asn(struct slice s, uint32_t *ret)
{
    uint64_t n = 0;

    for (size_t i = 0; i < s.len && n < UINT32_MAX; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(s.ptr[i] - '0');
    }
    *ret = (uint32_t)n;
    return s.len > 0 && n > 0 && n < UINT32_MAX;
}

bool
home_rule_parse(struct slice s, struct home_rule *r)
{
    struct slice rest;

    if (s.len >= HOME_TEXT)
        return false;
    if (slice_is(s, "root")) {
        r->kind = HOME_ROOT;
        return true;
    }
    if (starts(s, "org:", &rest) || starts(s, "name:", &rest) || starts(s, "tld:", &rest)) {
        r->kind = s.ptr[0] == 'o' ? HOME_ORG : s.ptr[0] == 'n' ? HOME_NAME : HOME_TLD;
        rest = trim(rest);
        if (r->kind != HOME_ORG && rest.len > 0 && rest.ptr[rest.len - 1] == '.')
            rest.len--;
        fold(rest, r->folded);
        return rest.len > 0;
    }
    if (starts(s, "AS", &rest) && parse_asn(rest, &r->asn)) {
        r->kind = HOME_NETWORK;
        return true;
    }
    if (country_parse(s) != COUNTRY_UNKNOWN) {
        r->kind = HOME_COUNTRY;
        r->country = country_parse(s);
        return true;
    }
    r->kind = HOME_PREFIX;
    return prefix_parse(s, &r->prefix) == 0;
}

static int
grow(struct home *h)
{
    uint32_t room = h->room * 2 + 16;
    struct home_rule *more;

    if (h->count >= HOME_RULES)
        return ERR_LIMIT;
    if (h->count < h->room)
        return 0;
    more = realloc(h->rule, room * sizeof *more);
    if (more == NULL)
        return ERR_NOMEM;
    h->rule = more;
    h->room = room;
    return 0;
}

int
home_add(struct home *h, struct slice rule, struct slice reason, unsigned line,
         struct errinfo *ei)
{
    struct home_rule r = {.line = line};
    struct slice s = trim(rule);
    int e;

    reason = trim(reason);
    if (s.len >= HOME_TEXT || reason.len >= HOME_TEXT)
        return err_at(ei, ERR_INVALID, line, 1, "a rule and its reason have at most %d bytes",
                      HOME_TEXT - 1);
    memcpy(r.text, s.ptr, s.len);
    if (reason.len > 0)
        memcpy(r.reason, reason.ptr, reason.len);
    if (s.len > 0 && s.ptr[0] == '!') {
        r.away = true;
        s = trim(slice_sub(s, 1, s.len));
    }
    if (!home_rule_parse(s, &r))
        return err_at(
            ei, ERR_INVALID, line, 1,
            "`%.*s` is no rule of what is home: XA, AS64500, 192.0.2.0/24 (without "
            "host bits), org:TEXT, name:TEXT, tld:TEXT or root, with ! before what is not",
            (int)(s.len > 60 ? 60 : s.len), s.ptr);
    e = grow(h);
    if (e < 0)
        return err_at(ei, e, line, 1, "%s", err_text(e));
    h->rule[h->count++] = r;
    return 0;
}

int
home_read(struct home *h, struct slice text, struct errinfo *ei)
{
    unsigned number = 0;
    struct slice line;

    while (slice_line(&text, &line)) {
        struct slice rule;
        int e;

        number++;
        line = trim(line);
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        rule = slice_part(&line, '\t');
        if (line.len == 0) { /* no tab: the first word, or all of `org:TEXT` */
            struct slice rest = rule;
            struct slice unused;

            if (!starts(rule, "org:", &unused) && !starts(rule, "!org:", &unused)) {
                rule = slice_part(&rest, ' ');
                line = rest;
            }
        }
        e = home_add(h, rule, line, number, ei);
        if (e < 0)
            return e;
    }
    return 0;
}

/* One line of a scenario. */
static int
scenario_line(struct home *h, struct slice line, unsigned number, struct errinfo *ei)
{
    struct slice what = slice_part(&line, ' ');
    bool country = slice_is(what, "country");
    char rule[16] = "AS";
    size_t n = country ? 0 : 2;

    line = trim(line);
    if (slice_is(what, "link"))
        return 0;
    if (!country && !slice_is(what, "as") && !slice_is(what, "stays"))
        return err_at(ei, ERR_INVALID, number, 1,
                      "a line is country, as, stays or link, and what it is about");
    if (line.len >= 2 && line.ptr[0] == 'A' && line.ptr[1] == 'S' && !country)
        line = slice_sub(line, 2, line.len);
    if (line.len == 0 || line.len + n >= sizeof rule ||
        (country && country_parse(line) == COUNTRY_UNKNOWN))
        return err_at(ei, ERR_INVALID, number, 1, "is neither a country nor a network");
    memcpy(rule + n, line.ptr, line.len);
    return home_add(h, (struct slice){rule, n + line.len}, SLICE("the scenario"), number, ei);
}

int
home_read_scenario(struct home *h, struct slice text, struct errinfo *ei)
{
    unsigned number = 0;
    struct slice line;
    int r = 0;

    while (r == 0 && slice_line(&text, &line)) {
        number++;
        line = trim(line);
        if (line.len > 0 && line.ptr[0] != '#')
            r = scenario_line(h, line, number, ei);
    }
    return r;
}

bool
home_has(const struct home *h, enum home_kind kind)
{
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->rule[i].kind == kind)
            return true;
    }
    return false;
}

const struct home_rule *
home_of_country(const struct home *h, uint16_t country)
{
    for (uint32_t i = 0; country != COUNTRY_UNKNOWN && i < h->count; i++) {
        if (h->rule[i].kind == HOME_COUNTRY && h->rule[i].country == country)
            return &h->rule[i];
    }
    return NULL;
}

const struct home_rule *
home_of_org(const struct home *h, struct slice text)
{
    char folded[HOME_TEXT];

    if (text.len == 0 || text.len >= HOME_TEXT)
        return NULL;
    fold(text, folded);
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->rule[i].kind == HOME_ORG && strcmp(h->rule[i].folded, folded) == 0)
            return &h->rule[i];
    }
    return NULL;
}

const struct home_rule *
home_of_network(const struct home *h, uint32_t asn, struct slice network_name, uint16_t country)
{
    const struct home_rule *by_name = home_of_org(h, network_name);

    if (by_name != NULL)
        return by_name;
    for (uint32_t i = 0; asn != 0 && i < h->count; i++) {
        if (h->rule[i].kind == HOME_NETWORK && h->rule[i].asn == asn)
            return &h->rule[i];
    }
    return home_of_country(h, country);
}

const struct home_rule *
home_of_address(const struct home *h, const struct addr *a, uint32_t asn,
                struct slice network_name, uint16_t country)
{
    const struct home_rule *best = NULL;

    for (uint32_t i = 0; i < h->count; i++) {
        const struct home_rule *r = &h->rule[i];

        if (r->kind == HOME_PREFIX && prefix_covers(&r->prefix, a) &&
            (best == NULL || r->prefix.len > best->prefix.len))
            best = r;
    }
    return best != NULL ? best : home_of_network(h, asn, network_name, country);
}

const struct home_rule *
home_of_name(const struct home *h, struct slice folded)
{
    const struct home_rule *best = NULL;
    size_t best_len = 0;

    for (uint32_t i = 0; i < h->count; i++) {
        struct slice below = slice_of(h->rule[i].folded);
        size_t n = below.len;

        if (h->rule[i].kind != HOME_NAME || n > folded.len || n < best_len ||
            !slice_eq(slice_sub(folded, folded.len - n, n), below) ||
            (n < folded.len && folded.ptr[folded.len - n - 1] != '.'))
            continue;
        best = &h->rule[i];
        best_len = n;
    }
    return best;
}

const struct home_rule *
home_of_tld(const struct home *h, struct slice folded)
{
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->rule[i].kind == HOME_TLD && slice_is(folded, h->rule[i].folded))
            return &h->rule[i];
    }
    return NULL;
}

const struct home_rule *
home_of_root(const struct home *h)
{
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->rule[i].kind == HOME_ROOT)
            return &h->rule[i];
    }
    return NULL;
}
