#include "web/request.h"

#include <strings.h>

#include "model/text.h"
#include "wire/hex.h"
#include "words/words.h"

static bool
starts(struct slice s, const char *with)
{
    return slice_is(slice_sub(s, 0, strlen(with)), with);
}

static struct slice
behind(struct slice s, const char *start)
{
    return slice_sub(s, strlen(start), s.len);
}

static void
default_query(struct web_query *q)
{
    query_init(&q->filter);
    q->limit = WEB_LIMIT;
}

static int
route_top(struct slice what, struct web_route *ret)
{
    static const struct {
        const char *name;
        enum top_by by;
    } rows[] = {{"origins", TOP_COUNTRY},
                {"targets", TOP_ADDRESS},
                {"classes", TOP_CLASS},
                {"rules", TOP_RULE},
                {"sensors", TOP_SENSOR}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!slice_is(what, rows[i].name))
            continue;
        ret->what = WEB_TOP;
        default_query(&ret->query);
        ret->query.by = rows[i].by;
        ret->query.targets = i == 1;
        return 0;
    }
    return ERR_NOTFOUND;
}

/* `<id>`, `<id>/raw`, `<id>/proof` */
static int
route_event(struct slice rest, struct web_route *ret, struct errinfo *ei)
{
    bool slash = memchr(rest.ptr, '/', rest.len) != NULL;
    struct slice id = slice_part(&rest, '/');

    if (event_id_parse(id, &ret->event) < 0)
        return err_set(ei, ERR_INVALID, "an event's id is <block>-<index>, as 17-3");
    if (!slash)
        ret->what = WEB_EVENT;
    else if (slice_is(rest, "raw"))
        ret->what = WEB_EVENT_RAW;
    else if (slice_is(rest, "proof"))
        ret->what = WEB_EVENT_PROOF;
    else
        return ERR_NOTFOUND;
    return 0;
}

/* `<number>/ack` */
static int
route_alert(struct slice rest, struct web_route *ret, struct errinfo *ei)
{
    struct slice number = slice_part(&rest, '/');

    if (!slice_is(rest, "ack"))
        return ERR_NOTFOUND;
    ret->what = WEB_ALERT_ACK;
    if (text_number(number, NUMBER_MAX, &ret->alert) < 0 || ret->alert == 0)
        return err_set(ei, ERR_INVALID, "an alert is named by its number, as alerts/12/ack");
    return 0;
}

/* `<pact>/<incident>`, `<pact>/<incident>/<type>` */
static int
route_incident(struct slice rest, struct web_route *ret, struct errinfo *ei)
{
    ret->pact = slice_part(&rest, '/');
    ret->incident = slice_part(&rest, '/');
    ret->word = rest;
    ret->what = rest.len > 0 ? WEB_SAY : WEB_INCIDENT;
    if (!text_is_name(ret->pact) || !text_is_name(ret->incident))
        return err_set(ei, ERR_INVALID,
                       "an incident is named by its pact and itself: incidents/a-b/a-7");
    return 0;
}

/* `<pact>/proof/<sha256>` */
static int
route_pact(struct slice rest, struct web_route *ret, struct errinfo *ei)
{
    ret->pact = slice_part(&rest, '/');
    ret->what = WEB_PACT_PROOF;
    if (!starts(rest, "proof/"))
        return ERR_NOTFOUND;
    rest = behind(rest, "proof/");
    return text_is_name(ret->pact) &&
                   hex_decode(rest, ret->origin.byte, sizeof ret->origin.byte) == 0
               ? 0
               : err_set(ei, ERR_INVALID,
                         "a proof is named by its pact and the SHA-256 of its file: "
                         "pacts/a-b/proof/ and 64 hex digits");
}

/* `XA`, `services` */
static int
route_cutoff(struct slice rest, struct web_route *ret, struct errinfo *ei)
{
    ret->what = WEB_CUTOFF;
    if (slice_is(rest, "services")) {
        ret->cutoff = WEB_CUTOFF_SERVICES;
        return 0;
    }
    if (country_parse(rest) == COUNTRY_UNKNOWN)
        return err_set(ei, ERR_INVALID, "below cutoff/ stand a country, as XA, and services");
    ret->cutoff = WEB_CUTOFF_COUNTRY;
    memcpy(ret->country, rest.ptr, 2);
    return 0;
}

/* `CVE-2021-44228`, or what a publisher calls one that has no CVE. */
static int
route_vulnerability(struct slice rest, struct web_route *ret, struct errinfo *ei)
{
    ret->what = WEB_VULNERABILITIES;
    ret->vulnerability = rest;
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.ptr[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '.' || c == ':' || c == '_'))
            return err_set(ei, ERR_INVALID,
                           "below vulnerabilities/ stands an id, as CVE-2021-44228");
    }
    return rest.len == 0 || rest.len > 64
               ? err_set(ei, ERR_INVALID,
                         "below vulnerabilities/ stands an id, as CVE-2021-44228")
               : 0;
}

static int
route_api(struct slice rest, struct web_route *ret, struct errinfo *ei)
{
    static const struct {
        const char *name;
        enum web_what what;
    } rows[] = {{"node", WEB_NODE},           {"now", WEB_NOW},
                {"live", WEB_LIVE},           {"events", WEB_EVENTS},
                {"session", WEB_SESSION},     {"password", WEB_PASSWORD},
                {"alerts", WEB_ALERTS},       {"peers", WEB_PEERS},
                {"incidents", WEB_INCIDENTS}, {"witnesses", WEB_WITNESSES},
                {"verdict", WEB_VERDICT},     {"world", WEB_WORLD},
                {"report", WEB_REPORT_JSON},  {"pacts", WEB_PACTS},
                {"coverage", WEB_COVERAGE},   {"series", WEB_SERIES},
                {"cutoff", WEB_CUTOFF},       {"vulnerabilities", WEB_VULNERABILITIES},
                {"exchange", WEB_EXCHANGE},   {"exchange/explain", WEB_EXPLAIN}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (slice_is(rest, rows[i].name)) {
            ret->what = rows[i].what;
            ret->replay.speed = 1;
            default_query(&ret->query);
            return 0;
        }
    }
    if (starts(rest, "vulnerabilities/"))
        return route_vulnerability(behind(rest, "vulnerabilities/"), ret, ei);
    if (starts(rest, "cutoff/"))
        return route_cutoff(behind(rest, "cutoff/"), ret, ei);
    if (starts(rest, "top/"))
        return route_top(behind(rest, "top/"), ret);
    if (starts(rest, "alerts/"))
        return route_alert(behind(rest, "alerts/"), ret, ei);
    if (starts(rest, "incidents/"))
        return route_incident(behind(rest, "incidents/"), ret, ei);
    if (starts(rest, "pacts/"))
        return route_pact(behind(rest, "pacts/"), ret, ei);
    if (starts(rest, "events/"))
        return route_event(behind(rest, "events/"), ret, ei);
    return ERR_NOTFOUND;
}

static int
route_log(struct slice rest, struct web_route *ret, struct errinfo *ei)
{
    if (slice_is(rest, "checkpoint")) {
        ret->what = WEB_CHECKPOINT;
        return 0;
    }
    if (rest.len > 0 && rest.ptr[0] >= '1' && rest.ptr[0] <= '9') {
        ret->what = WEB_SHELF; /* a log that went on under another origin */
        return 0;
    }
    ret->what = WEB_TILE;
    if (tile_path_parse(rest, &ret->tile) < 0)
        return err_set(ei, ERR_INVALID,
                       "below /log/ stand checkpoint, tile/<L>/<N>[.p/<W>] and "
                       "tile/entries/<N>[.p/<W>] (C2SP tlog-tiles)");
    return 0;
}

/* `add-checkpoint`, `<hex>/checkpoint` */
static int
route_witness(struct slice rest, struct web_route *ret, struct errinfo *ei)
{
    struct slice hex;

    if (slice_is(rest, "add-checkpoint")) {
        ret->what = WEB_ADD_CHECKPOINT;
        return 0;
    }
    hex = slice_part(&rest, '/');
    if (!slice_is(rest, "checkpoint"))
        return ERR_NOTFOUND;
    ret->what = WEB_WITNESSED;
    return hex_decode(hex, ret->origin.byte, sizeof ret->origin.byte) == 0
               ? 0
               : err_set(ei, ERR_INVALID,
                         "a log is named by the SHA-256 of its origin: 64 hex digits");
}

int
web_route(struct slice path, struct web_route *ret, struct errinfo *ei)
{
    *ret = (struct web_route){.what = WEB_ASSET, .verdict.language = LANGUAGES};
    if (slice_is(path, "/livez"))
        ret->what = WEB_LIVEZ;
    else if (slice_is(path, "/readyz"))
        ret->what = WEB_READYZ;
    else if (slice_is(path, "/report"))
        ret->what = WEB_REPORT;
    else if (slice_is(path, "/metrics"))
        ret->what = WEB_METRICS;
    else if (starts(path, "/api/v1/"))
        return route_api(behind(path, "/api/v1/"), ret, ei);
    else if (starts(path, "/witness/"))
        return route_witness(behind(path, "/witness/"), ret, ei);
    else if (starts(path, "/log/"))
        return route_log(behind(path, "/log/"), ret, ei);
    else if (starts(path, "/pact/") || starts(path, "/holder/"))
        ret->what = WEB_SHELF;
    else if (starts(path, "/api/"))
        return ERR_NOTFOUND;
    return 0;
}

bool
web_is_verdict(enum web_what what)
{
    return what == WEB_VERDICT || what == WEB_REPORT || what == WEB_REPORT_JSON;
}

bool
web_is_for_peers(enum web_what what)
{
    return what == WEB_CHECKPOINT || what == WEB_TILE || what == WEB_ADD_CHECKPOINT ||
           what == WEB_WITNESSED || what == WEB_SHELF;
}

unsigned
web_method(struct slice name)
{
    static const struct {
        const char *name;
        enum web_method is;
    } rows[] = {{"GET", WEB_GET},
                {"HEAD", WEB_HEAD},
                {"POST", WEB_POST},
                {"PUT", WEB_PUT},
                {"DELETE", WEB_DELETE}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (slice_is(name, rows[i].name))
            return rows[i].is;
    }
    return 0;
}

/* `/api/v1/incidents/<pact>/<incident>/<type>` */
static bool
is_saying(struct slice path)
{
    struct web_route route = {.what = WEB_ASSET};
    struct errinfo ei;

    return starts(path, "/api/v1/incidents/") &&
           route_incident(behind(path, "/api/v1/incidents/"), &route, &ei) == 0 &&
           route.what == WEB_SAY;
}

unsigned
web_methods(struct slice path)
{
    if (slice_is(path, "/api/v1/session"))
        return WEB_GET | WEB_HEAD | WEB_POST | WEB_DELETE;
    if (slice_is(path, "/witness/add-checkpoint"))
        return WEB_POST;
    if (slice_is(path, "/api/v1/password"))
        return WEB_PUT;
    if (starts(path, "/api/v1/alerts/") || is_saying(path))
        return WEB_POST;
    return WEB_GET | WEB_HEAD;
}

bool
web_takes_body(struct slice path, unsigned method)
{
    return (method & (WEB_POST | WEB_PUT)) != 0 && !starts(path, "/api/v1/alerts/");
}

const char *
web_methods_text(struct slice path)
{
    unsigned m = web_methods(path);

    return m == WEB_PUT          ? "PUT"
           : m == WEB_POST       ? "POST"
           : (m & WEB_POST) != 0 ? "GET, HEAD, POST, DELETE"
                                 : "GET, HEAD";
}

static int
take_time(struct slice value, struct utime now, struct utime *to, struct errinfo *ei)
{
    if (time_parse_human(value, now, to) < 0)
        return err_set(ei, ERR_INVALID,
                       "a time is a span before now (15m, 2h, 7d), a day or a time "
                       "(2026-03-01, 2026-03-01T12:00Z)");
    return 0;
}

static int
take_class(struct query *q, struct slice value, struct errinfo *ei)
{
    /* `other` is both a class and a chip, and both mean the same on the page: the chip. */
    q->chip = event_chip_find(value);
    q->class_ = q->chip >= 0 ? -1 : event_class_find(value);
    if (q->class_ < 0 && q->chip < 0)
        return err_set(
            ei, ERR_INVALID,
            "a class is one of RSIT, as information-gathering:scanner, or a chip of the "
            "page, as scan");
    return 0;
}

static int
take_country(struct query *q, struct slice value, struct errinfo *ei)
{
    q->by_country = true;
    q->country = country_parse(value);
    if (q->country == COUNTRY_UNKNOWN && value.len != 0 && !slice_is(value, "-"))
        return err_set(ei, ERR_INVALID, "a country is two capital letters, or - for unknown");
    return 0;
}

static int
take_asn(struct query *q, struct slice value, struct errinfo *ei)
{
    uint64_t n = 0;

    if (starts(value, "AS"))
        value = behind(value, "AS");
    if (text_number(value, UINT32_MAX, &n) < 0)
        return err_set(ei, ERR_INVALID, "a network is a number, 0 for unknown");
    q->by_asn = true;
    q->asn = (uint32_t)n;
    return 0;
}

static int
take_address(struct query *q, struct slice value, struct errinfo *ei)
{
    q->by_address = true;
    if (addr_parse(value, &q->address) < 0)
        return err_set(ei, ERR_INVALID, "an address is IPv4 or IPv6");
    return 0;
}

static int
take_limit(struct web_query *q, struct slice value, struct errinfo *ei)
{
    if (text_number(value, WEB_LIMIT_MAX, &q->limit) < 0 || q->limit == 0)
        return err_set(ei, ERR_INVALID, "limit is a number from 1 to %u", WEB_LIMIT_MAX);
    return 0;
}

static int
take_by(struct web_query *q, struct slice value, struct errinfo *ei)
{
    static const struct {
        const char *name;
        enum top_by by;
    } rows[] = {{"country", TOP_COUNTRY}, {"asn", TOP_ASN},     {"address", TOP_ADDRESS},
                {"party", TOP_PARTY},     {"asset", TOP_GROUP}, {"sector", TOP_GROUP}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (slice_is(value, rows[i].name) && (rows[i].by != TOP_GROUP || q->targets)) {
            q->by = rows[i].by;
            q->sectors = slice_is(value, "sector");
            return 0;
        }
    }
    return err_set(ei, ERR_INVALID,
                   "by is country, asn, address or party, of targets asset or sector too");
}

static int
take_dry(struct web_route *route, struct slice value, struct errinfo *ei)
{
    if (value.len > 0)
        return err_set(ei, ERR_INVALID, "dry-run takes no value");
    route->dry = true;
    return 0;
}

/* For whoever reads the page, in a language that is known when all parameters are. */
static int
refuse(struct errinfo *ei, enum word w, const char *about, int most)
{
    (void)err_set(ei, ERR_INVALID, "%s", "");
    word_pack(ei->text, sizeof ei->text, w, "%s" WORD_AND "%d", about, most);
    return ERR_INVALID;
}

/* What it means is for whoever answers. */
static int
take_word(char to[WEB_WORD], struct slice value, const char *name, struct errinfo *ei)
{
    if (value.len == 0 || value.len >= WEB_WORD || memchr(value.ptr, '\0', value.len) != NULL)
        return refuse(ei, WORD_PAGE_WORD, name, WEB_WORD - 1);
    memcpy(to, value.ptr, value.len);
    to[value.len] = '\0';
    return 0;
}

static int
take_object(char to[WEB_OBJECT], struct slice value, struct errinfo *ei)
{
    if (value.len == 0 || value.len >= WEB_OBJECT || memchr(value.ptr, '\0', value.len) != NULL)
        return err_set(ei, ERR_INVALID, "object is the id of one, as indicator--…");
    memcpy(to, value.ptr, value.len);
    to[value.len] = '\0';
    return 0;
}

static int
take_party(char to[WEB_WORD], struct slice value, struct errinfo *ei)
{
    if (!text_is_party(value))
        return err_set(ei, ERR_INVALID, "to is the id of a party");
    memcpy(to, value.ptr, value.len);
    to[value.len] = '\0';
    return 0;
}

static int
take_language(enum language *to, struct slice value, struct errinfo *ei)
{
    int l = language_find(value);

    if (l < 0)
        return refuse(ei, WORD_PAGE_LANG, "", 0);
    *to = (enum language)l;
    return 0;
}

/* As for queries, or in seconds since 1970. */
static int
take_at(struct web_replay *r, struct slice value, struct utime now, struct errinfo *ei)
{
    uint64_t seconds = 0;

    r->wanted = true;
    if (text_number(value, (uint64_t)(TIME_MAX.us / TIME_US_PER_S), &seconds) == 0) {
        r->at.us = (int64_t)seconds * TIME_US_PER_S;
        return 0;
    }
    if (time_parse_human(value, now, &r->at) < 0)
        return err_set(ei, ERR_INVALID,
                       "at is a time (2026-03-01T12:00:00Z), seconds since 1970, or a span "
                       "before now (2h)");
    return 0;
}

static int
take_speed(struct web_replay *r, struct slice value, struct errinfo *ei)
{
    static const unsigned speeds[] = {0, 1, 10, 60, 300};
    uint64_t n = 0;
    bool is_number = text_number(value, 300, &n) == 0;

    for (size_t i = 0; is_number && i < sizeof speeds / sizeof speeds[0]; i++) {
        if (n == speeds[i]) {
            r->speed = speeds[i];
            r->has_speed = true;
            return 0;
        }
    }
    return err_set(ei, ERR_INVALID, "speed is 1, 10, 60 or 300, or 0 for one moment alone");
}

int
web_replay_check(const struct web_replay *r, struct utime now, struct errinfo *ei)
{
    if (!r->wanted && r->has_speed)
        return err_set(ei, ERR_INVALID, "speed goes with at, a time in the past");
    if (r->wanted && r->at.us > now.us)
        return err_set(ei, ERR_INVALID,
                       "at lies ahead of the node's clock: leave it out for the live stream");
    return 0;
}

enum parameter {
    P_SINCE,
    P_UNTIL,
    P_CLASS,
    P_COUNTRY,
    P_ASN,
    P_ADDRESS,
    P_LIMIT,
    P_BY,
    P_ASSET,
    P_SECTOR,
    P_DRY,
    P_PACT,
    P_PARTY,
    P_PERIOD,
    P_LANG,
    P_AT,
    P_SPEED,
    P_OBJECT,
    P_TO,
    PARAMETERS
};

static const char *const names[PARAMETERS] = {"since",   "until", "class",  "country", "asn",
                                              "address", "limit", "by",     "asset",   "sector",
                                              "dry-run", "pact",  "party",  "period",  "lang",
                                              "at",      "speed", "object", "to"};

/* Its number, or -1 when this path has none of that name. */
static int
find_parameter(const struct web_route *route, struct slice name)
{
    bool has_by =
        route->what == WEB_TOP && (route->query.targets || route->query.by <= TOP_PARTY);

    if (route->what == WEB_SAY)
        return slice_is(name, names[P_DRY]) ? P_DRY : -1;
    if (route->what == WEB_ALERTS || route->what == WEB_REPORT) {
        if (slice_is(name, names[P_LANG]))
            return P_LANG;
    }
    for (int i = P_AT; route->what == WEB_LIVE && i <= P_SPEED; i++) {
        if (slice_is(name, names[i]))
            return i;
    }
    for (int i = P_OBJECT; route->what == WEB_EXPLAIN && i <= P_TO; i++) {
        if (slice_is(name, names[i]))
            return i;
    }
    for (int i = P_PACT; web_is_verdict(route->what) && i < P_LANG; i++) {
        if (slice_is(name, names[i]))
            return i;
    }
    if (route->what != WEB_TOP && route->what != WEB_EVENTS)
        return -1;
    if (slice_is(name, names[P_PARTY]))
        return P_PARTY;
    for (int i = 0; i < P_DRY; i++) {
        if (slice_is(name, names[i]) && (i != P_BY || has_by))
            return i;
    }
    return -1;
}

int
web_query_take(struct web_route *route, struct slice name, struct slice value, struct utime now,
               unsigned *seen, struct errinfo *ei)
{
    struct web_query *q = &route->query;
    int i = find_parameter(route, name);

    if (i < 0 && web_is_verdict(route->what))
        return refuse(
            ei, WORD_PAGE_UNKNOWN,
            route->what == WEB_REPORT ? "pact, party, period, lang" : "pact, party, period", 0);
    if (i < 0)
        return err_set(ei, ERR_INVALID, "there is no parameter of this name here");
    if ((*seen & 1U << i) != 0)
        return refuse(ei, WORD_PAGE_TWICE, names[i], 0);
    *seen |= 1U << i;
    switch ((enum parameter)i) {
    case P_SINCE: return take_time(value, now, &q->filter.since, ei);
    case P_UNTIL: return take_time(value, now, &q->filter.until, ei);
    case P_CLASS: return take_class(&q->filter, value, ei);
    case P_COUNTRY: return take_country(&q->filter, value, ei);
    case P_ASN: return take_asn(&q->filter, value, ei);
    case P_ADDRESS: return take_address(&q->filter, value, ei);
    case P_LIMIT: return take_limit(q, value, ei);
    case P_BY: return take_by(q, value, ei);
    case P_ASSET: return take_word(q->asset, value, names[i], ei);
    case P_SECTOR: return take_word(q->sector, value, names[i], ei);
    case P_DRY: return take_dry(route, value, ei);
    case P_PACT: return take_word(route->verdict.pact, value, names[i], ei);
    case P_PARTY:
        return take_word(web_is_verdict(route->what) ? route->verdict.party : q->party, value,
                         names[i], ei);
    case P_PERIOD: return take_word(route->verdict.period, value, names[i], ei);
    case P_LANG: return take_language(&route->verdict.language, value, ei);
    case P_AT: return take_at(&route->replay, value, now, ei);
    case P_SPEED: return take_speed(&route->replay, value, ei);
    case P_OBJECT: return take_object(route->explain.object, value, ei);
    case P_TO: return take_party(route->explain.to, value, ei);
    case PARAMETERS: break;
    }
    BUG_ON("an unknown parameter" != NULL);
    return ERR_INVALID;
}

static bool
same_name(struct slice a, const char *b)
{
    return a.len == strlen(b) && strncasecmp(a.ptr, b, a.len) == 0;
}

/* Split `name:port`; the brackets of an IPv6 address stay.  port -1 when there is none. */
static bool
split_host(struct slice host, struct slice *ret_name, int64_t *ret_port)
{
    const char *colon = host.len == 0 ? NULL : memrchr(host.ptr, ':', host.len);
    const char *bracket = host.len == 0 ? NULL : memchr(host.ptr, ']', host.len);
    uint64_t port = 0;

    *ret_name = host;
    *ret_port = -1;
    if (colon == NULL || (bracket != NULL && colon < bracket))
        return host.len > 0;
    *ret_name = slice_sub(host, 0, (size_t)(colon - host.ptr));
    if (text_number(slice_sub(host, ret_name->len + 1, host.len), 65535, &port) < 0)
        return false;
    *ret_port = (int64_t)port;
    return true;
}

bool
web_host_allowed(struct slice host, unsigned port, const char *const *hosts, unsigned count)
{
    static const char *const loopback[] = {"localhost", "127.0.0.1", "[::1]"};
    struct slice name;
    int64_t given;

    if (!split_host(host, &name, &given))
        return false;
    for (unsigned i = 0; i < 3; i++) {
        if (same_name(name, loopback[i]))
            return given == port || (given < 0 && (port == 80 || port == 443));
    }
    for (unsigned i = 0; i < count; i++) {
        if (same_name(name, hosts[i]))
            return true;
    }
    return false;
}

bool
web_origin_allowed(struct slice origin, unsigned port, const char *const *hosts, unsigned count)
{
    if (starts(origin, "http://"))
        return web_host_allowed(behind(origin, "http://"), port, hosts, count);
    if (starts(origin, "https://"))
        return web_host_allowed(behind(origin, "https://"), port, hosts, count);
    return false;
}

/* The next comma-separated item, without the blanks around it; false at the end. */
static bool
next_item(struct slice *rest, struct slice *ret)
{
    const char *comma;

    if (rest->len == 0)
        return false;
    comma = memchr(rest->ptr, ',', rest->len);
    *ret = slice_sub(*rest, 0, comma == NULL ? rest->len : (size_t)(comma - rest->ptr));
    *rest = slice_sub(*rest, ret->len + (comma != NULL), rest->len);
    while (ret->len > 0 && (ret->ptr[0] == ' ' || ret->ptr[0] == '\t'))
        *ret = slice_sub(*ret, 1, ret->len);
    while (ret->len > 0 && (ret->ptr[ret->len - 1] == ' ' || ret->ptr[ret->len - 1] == '\t'))
        ret->len--;
    return true;
}

bool
web_etag_matches(struct slice header, struct slice etag)
{
    struct slice item;

    while (next_item(&header, &item)) {
        if (starts(item, "W/"))
            item = behind(item, "W/");
        if (slice_eq(item, etag) || slice_is(item, "*"))
            return true;
    }
    return false;
}

/* `gzip;q=0.5`: its name, and whether the weight is zero. */
static bool
is_forbidden(struct slice item, struct slice *ret_name)
{
    const char *semicolon = item.len == 0 ? NULL : memchr(item.ptr, ';', item.len);
    const char *q;

    *ret_name = item;
    if (semicolon == NULL)
        return false;
    ret_name->len = (size_t)(semicolon - item.ptr);
    while (ret_name->len > 0 && ret_name->ptr[ret_name->len - 1] == ' ')
        ret_name->len--;
    q = memmem(semicolon, item.len - (size_t)(semicolon - item.ptr), "q=", 2);
    if (q == NULL)
        return false;
    for (q += 2; q < item.ptr + item.len; q++) {
        if (*q >= '1' && *q <= '9')
            return false;
    }
    return true;
}

bool
web_accepts_gzip(struct slice header)
{
    struct slice item;
    bool any = false;

    while (next_item(&header, &item)) {
        struct slice name;
        bool forbidden = is_forbidden(item, &name);

        if (same_name(name, "gzip") || same_name(name, "x-gzip"))
            return !forbidden;
        if (slice_is(name, "*"))
            any = !forbidden;
    }
    return any;
}
