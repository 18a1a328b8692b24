#include "depend/answers.h"

#include "model/event.h"
#include "wire/json.h"
#include "wire/utf8.h"

struct reader {
    struct facts *f;
    char *text;
    struct json_tokens t;
    uint32_t at;    /* token that comes next */
    uint32_t lined; /* offset up to which lines are counted */
    unsigned line;
    size_t line_start;
    uint16_t source;
    struct services *services;
    struct errinfo *ei;
};

/* ---- walking ----------------------------------------------------------------------------- */

static void
count_lines(struct reader *r, uint32_t to)
{
    const char *lf;

    while (r->lined < to && (lf = memchr(r->text + r->lined, '\n', to - r->lined)) != NULL) {
        r->line++;
        r->lined = (uint32_t)(lf - r->text) + 1;
        r->line_start = r->lined;
    }
    r->lined = to > r->lined ? to : r->lined;
}

static int
wrong(struct reader *r, const char *what)
{
    uint32_t at = r->t.at[r->at < r->t.count ? r->at : r->t.count];

    count_lines(r, at);
    return err_at(r->ei, ERR_INVALID, r->line, (unsigned)(at - r->line_start) + 1, "%s", what);
}

static char
peek(const struct reader *r)
{
    return r->at < r->t.count ? r->text[r->t.at[r->at]] : '\0';
}

/* A scalar's bytes. */
static struct slice
scalar(const struct reader *r)
{
    uint32_t from = r->t.at[r->at];
    uint32_t to = r->t.at[r->at + 1];

    while (to > from && memchr(" \t\r\n", r->text[to - 1], 4) != NULL)
        to--;
    return (struct slice){r->text + from, to - from};
}

/* Behind the value that comes next, whatever it is. */
static int
skip(struct reader *r)
{
    unsigned depth = 0;

    do {
        char c = peek(r);

        if (c == '\0')
            return wrong(r, "ends too early");
        if (depth == 0 && (c == ',' || c == ':' || c == '}' || c == ']'))
            return wrong(r, "a value is missing");
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        r->at++;
    } while (depth > 0);
    return 0;
}

/* The next member of an object that was entered: 1 with its key, and r->at at the value; 0
 * behind the end. */
static int
member(struct reader *r, bool *first, struct slice *ret_key)
{
    if (peek(r) == '}') {
        r->at++;
        return 0;
    }
    if (!*first) {
        if (peek(r) != ',')
            return wrong(r, "a comma or the object's end is missing");
        r->at++;
    }
    *first = false;
    if (peek(r) != '"')
        return wrong(r, "a key is missing");
    *ret_key = scalar(r);
    *ret_key = slice_sub(*ret_key, 1, ret_key->len < 2 ? 0 : ret_key->len - 2);
    r->at++;
    if (peek(r) != ':')
        return wrong(r, "a colon is missing");
    r->at++;
    return 1;
}

/* The same of an array. */
static int
item(struct reader *r, bool *first)
{
    if (peek(r) == ']') {
        r->at++;
        return 0;
    }
    if (!*first) {
        if (peek(r) != ',')
            return wrong(r, "a comma or the array's end is missing");
        r->at++;
    }
    *first = false;
    return 1;
}

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

static bool
take_hex(struct slice *rest, uint32_t *ret)
{
    if (rest->len < 4)
        return false;
    *ret = 0;
    for (unsigned i = 0; i < 4; i++) {
        char c = rest->ptr[i];
        char low = (char)(c | 0x20);

        if (c >= '0' && c <= '9')
            *ret = *ret * 16 + (uint32_t)(c - '0');
        else if (low >= 'a' && low <= 'f')
            *ret = *ret * 16 + (uint32_t)(low - 'a') + 10;
        else
            return false;
    }
    *rest = slice_sub(*rest, 4, rest->len);
    return true;
}

/* What stands behind `\u`, which may be two of them: surrogates. */
static bool
take_code(struct slice *rest, uint32_t *ret)
{
    uint32_t low;

    if (!take_hex(rest, ret))
        return false;
    if (*ret < 0xd800 || *ret >= 0xe000)
        return *ret != 0;
    if (*ret >= 0xdc00 || !slice_is(slice_sub(*rest, 0, 2), "\\u"))
        return false;
    *rest = slice_sub(*rest, 2, rest->len);
    if (!take_hex(rest, &low) || low < 0xdc00 || low >= 0xe000)
        return false;
    *ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

/* RFC 8259 escapes resolved in place: never longer than before.  The length, or -1 when there
 * is an escape that is none. */
static int64_t
unescape(char *text, size_t len)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    struct slice rest = {text, len};
    size_t n = 0;

    while (rest.len > 0) {
        char c = rest.ptr[0];
        const char *at;
        uint32_t code;

        rest = slice_sub(rest, 1, rest.len);
        if (c != '\\') {
            text[n++] = c;
            continue;
        }
        c = rest.len == 0 ? '\0' : rest.ptr[0];
        rest = slice_sub(rest, 1, rest.len);
        at = c == '\0' ? NULL : strchr(from, c);
        if (at != NULL)
            text[n++] = to[at - from];
        else if (c == 'u' && take_code(&rest, &code))
            n += utf8_put(code, text + n);
        else
            return -1;
    }
    return (int64_t)n;
}

/* A string, its escapes resolved where it stands; anything else is "" and passed over. */
static int
take_string(struct reader *r, struct slice *ret)
{
    struct slice s = scalar(r);
    int64_t n = 0;
    char *to;

    *ret = (struct slice){"", 0};
    if (peek(r) != '"')
        return skip(r);
    r->at++;
    if (s.len < 2)
        return 0;
    s = slice_sub(s, 1, s.len - 2);
    to = r->text + (s.ptr - r->text);
    n = memchr(s.ptr, '\\', s.len) == NULL ? (int64_t)s.len : unescape(to, s.len);
    if (n >= 0) /* else it is no text that could be printed */
        *ret = (struct slice){to, (size_t)n};
    return 0;
}

static int
take_hosts(struct reader *r, struct entry *e, enum fact_kind kind)
{
    bool first = true;
    int n;

    if (peek(r) != '[')
        return skip(r);
    r->at++;
    while ((n = item(r, &first)) == 1) {
        struct slice s;

        n = take_string(r, &s);
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

    if (peek(r) != '{')
        return skip(r);
    r->at++;
    while ((n = member(r, &first, &key)) == 1) {
        n = slice_is(key, "kind")     ? take_string(r, &kind)
            : slice_is(key, "detail") ? take_string(r, &detail)
                                      : skip(r);
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

    if (peek(r) != '{' || !leaf)
        return skip(r);
    r->at++;
    while ((n = member(r, &first, &key)) == 1) {
        n = take_string(r, slice_is(key, "issuer_org")       ? &e->issuer
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

    if (peek(r) != '[')
        return skip(r);
    r->at++;
    while ((n = item(r, &first)) == 1) {
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
        return take_string(r, &e->id);
    if (slice_is(key, "name"))
        return take_string(r, &e->name);
    if (slice_is(key, "domain"))
        return take_string(r, &e->domain);
    if (slice_is(key, "ca_owner"))
        return take_string(r, &e->ca_owner);
    if (slice_is(key, "ca_country"))
        return take_string(r, &e->ca_country);
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
    return skip(r);
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

    if (peek(r) != '{')
        return wrong(r, "an entry is an object");
    count_lines(r, r->t.at[r->at]);
    e.line = r->line;
    r->at++;
    while ((n = member(r, &first, &key)) == 1) {
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
    bool object = peek(r) == '{';
    struct slice key = {"", 0};
    bool first = true;
    int n;

    if (!object && peek(r) != '[')
        return wrong(r, "is neither a list nor an object of entries");
    r->at++;
    while ((n = object ? member(r, &first, &key) : item(r, &first)) == 1) {
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

    if (peek(r) != '{')
        return wrong(r, "recorded answers are a JSON object");
    r->at++;
    while ((n = member(r, &first, &key)) == 1) {
        if (slice_is(key, "generated")) {
            n = take_string(r, &when);
            (void)!time_parse_any(when, &r->f->source[r->source].date);
        } else if (slice_is(key, "municipalities") || slice_is(key, "entries")) {
            any = true;
            n = take_entries(r);
        } else {
            n = skip(r);
        }
        if (n < 0)
            return n;
    }
    if (n == 0 && r->at < r->t.count)
        return wrong(r, "something stands behind the object");
    if (n == 0 && !any)
        return err_at(r->ei, ERR_INVALID, 1, 1,
                      "has neither `municipalities` nor `entries`: no recorded answers in a "
                      "shape that is known");
    return n;
}

static int
find_tokens(struct reader *r, struct json_index *ji, size_t len)
{
    switch (json_index_run(ji, r->text, len, &r->t)) {
    case JSON_FINE: return 0;
    case JSON_UTF8: return err_set(r->ei, ERR_INVALID, "is no UTF-8");
    case JSON_STRING:
        return err_set(r->ei, ERR_INVALID, "a string has no end, or a control character in it");
    case JSON_MEMORY: break;
    }
    return ERR_NOMEM;
}

int
answers_read(struct facts *f, char *text, size_t len, uint16_t source,
             struct services *services, struct errinfo *ei)
{
    struct reader r = {
        .f = f, .text = text, .line = 1, .source = source, .services = services, .ei = ei};
    struct json_index *ji = json_index_new(len + 1);
    int e;

    if (ji == NULL)
        return ERR_NOMEM;
    r.text = text;
    e = find_tokens(&r, ji, len);
    if (e == 0)
        e = take_top(&r);
    (void)json_index_free(ji);
    return e;
}
