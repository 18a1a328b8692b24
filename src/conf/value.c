/* One value each: from a YAML scalar or list into the field of its type. */
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "conf/schema_priv.h"
#include "model/event.h"
#include "model/text.h"

int
refuse_node(struct parser *p, const struct yaml_node *n, const char *fmt, ...)
{
    char text[sizeof p->ei->text];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return err_at(p->ei, ERR_CONF, n->line, n->column, "%s", text);
}

/* Lower-case letters, digits, dots and hyphens, beginning with a letter or digit. */
static bool
is_name(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
            (i == 0 || (c != '.' && c != '-')))
            return false;
    }
    return s.len > 0;
}

static bool
is_host(struct slice s)
{
    return s.len <= 253 && is_name(s) && s.ptr[s.len - 1] != '-';
}

/* An addr-spec of RFC 5321 without quotes: what a mail server takes everywhere. */
static bool
is_mailbox(struct slice s)
{
    const char *at = s.len == 0 ? NULL : memchr(s.ptr, '@', s.len);
    size_t local = at == NULL ? 0 : (size_t)(at - s.ptr);

    if (at == NULL || local == 0 || local > 64 || local + 1 == s.len || *s.ptr == '.')
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || c == '.' || c == '-';

        if (i != local && !plain && (i > local || strchr("!#$%&'*+/=?^_`{|}~", c) == NULL))
            return false;
    }
    return true;
}

/* Printable ASCII. */
static bool
is_ascii(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < ' ' || s.ptr[i] > '~')
            return false;
    }
    return s.len > 0;
}

/* `name+8hex+base64`: whether the key is one is for whoever reads keys. */
static bool
is_vkey_form(struct slice s)
{
    struct slice rest = s;
    struct slice name = slice_part(&rest, '+');
    struct slice id = slice_part(&rest, '+');

    return is_ascii(s) && memchr(s.ptr, ' ', s.len) == NULL && name.len > 0 && id.len == 8 &&
           rest.len == 44;
}

static bool
is_any(struct slice s)
{
    return s.len > 0;
}

/* Texts: who checks them, and what to say. */
static const struct {
    bool (*good)(struct slice s);
    const char *what;
} texts[KEY_TYPES] = {
    [T_PARTY] = {text_is_party,
                 "a party's name: 2 to 32 of a-z 0-9, words joined by single hyphens"},
    [T_ORIGIN] = {text_is_origin,
                  "a log's origin: a host name, a slash and a path, without spaces or `+`"},
    [T_NAME] = {is_name, "a name: a-z 0-9 . -, beginning with a letter or digit"},
    [T_KIND] = {is_name, "a name: a-z 0-9 . -, beginning with a letter or digit"},
    [T_PATH] = {is_any, "the path of a file"},
    [T_URL] = {url_good, "the URL of a receiver: smtp(s)://host, http(s)://host/path, "
                         "syslog+udp://host, syslog+tcp://host, syslog+tls://host or "
                         "syslog+unix:///path"},
    [T_HTTPS] = {url_good_https, "where a counterpart answers: https://host:port/"},
    [T_MAILBOX] = {is_mailbox, "a mail address, as noc@example.net"},
    [T_MAILBOXES] = {is_mailbox, "a mail address, as noc@example.net"},
    [T_TEXT] = {is_ascii, "printable ASCII"},
    [T_VKEYS] = {is_vkey_form, "a log's verifier key, as `detente log key` prints it"},
    [T_NAMES] = {is_ascii, "a name, as it stands in the policy"},
    [T_HOSTS] = {is_host, "a host name: lower case, without port"},
    [T_LABEL] = {is_any, "a name, as people say it"},
    [T_DATASETS] = {is_name, "a dataset's name: a-z 0-9 . -"},
};

static int
parse_text(struct parser *p, const struct key *key, const struct yaml_node *n, const char **to)
{
    *to = n->text.ptr;
    if (n->text.len == 0 && key->least == 0 && n->kind == YAML_SCALAR)
        return 0;
    if (n->kind != YAML_SCALAR || !texts[key->type].good(n->text))
        return refuse_node(p, n, "`%s` takes %s", key->name, texts[key->type].what);
    if (n->text.len > (size_t)key->most && key->type != T_HOSTS && key->type != T_DATASETS &&
        key->type != T_MAILBOXES && key->type != T_VKEYS && key->type != T_NAMES)
        return refuse_node(p, n, "`%s` takes at most %lld bytes", key->name,
                           (long long)key->most);
    return 0;
}

static int
parse_texts(struct parser *p, const struct key *key, const struct yaml_node *list,
            struct conf_texts *to)
{
    struct key one = *key;
    const char **at = arena_alloc(p->arena, (list->count + (size_t)1) * sizeof(*at));
    unsigned i = 0;

    if (at == NULL)
        return err_set(p->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    one.least = 1;
    for (const struct yaml_node *n = list->first; n != NULL; n = n->next, i++) {
        int r = parse_text(p, &one, n, &at[i]);

        if (r < 0)
            return r;
        for (unsigned k = 0; k < i; k++) {
            if (strcmp(at[k], at[i]) == 0)
                return refuse_node(p, n, "`%s` stands in the list twice", at[i]);
        }
    }
    *to = (struct conf_texts){at, i};
    return 0;
}

/* Why it is none, in words that help. */
static int
refuse_prefix(struct parser *p, const struct yaml_node *n)
{
    const char *slash = n->kind == YAML_SCALAR ? strchr(n->text.ptr, '/') : NULL;
    struct addr a;

    if (slash != NULL &&
        addr_parse((struct slice){n->text.ptr, (size_t)(slash - n->text.ptr)}, &a) == 0)
        return refuse_node(
            p, n, "\"%.60s\" is no prefix: the length must fit, and all bits behind it be zero",
            n->text.ptr);
    return refuse_node(p, n,
                       "a prefix was expected here, as 192.0.2.0/24 or \"2001:db8::/32\"");
}

static int
parse_prefixes(struct parser *p, const struct yaml_node *list, struct conf_prefixes *to)
{
    struct prefix *at = arena_alloc(p->arena, (list->count + (size_t)1) * sizeof *at);
    unsigned i = 0;

    if (at == NULL)
        return err_set(p->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    for (const struct yaml_node *n = list->first; n != NULL; n = n->next, i++) {
        if (n->kind != YAML_SCALAR || prefix_parse(n->text, &at[i]) < 0)
            return refuse_prefix(p, n);
    }
    *to = (struct conf_prefixes){at, i};
    return 0;
}

static int
parse_country(struct parser *p, const struct yaml_node *n, uint16_t *to)
{
    *to = n->kind == YAML_SCALAR ? country_parse(n->text) : 0;
    if (*to == 0 && (n->kind != YAML_SCALAR || n->text.len > 0))
        return refuse_node(p, n, "`country` takes two capital letters (ISO 3166-1)");
    return 0;
}

static int
refuse_span(struct parser *p, const struct key *key, const struct yaml_node *n)
{
    AUTO_BUF(range, 64);

    print_span(&range, (struct span){key->least * 1000});
    buf_text(&range, " to ");
    print_span(&range, (struct span){key->most * 1000});
    return refuse_node(p, n, "`%s` takes a span from %.*s", key->name, (int)range.len,
                       range.ptr);
}

static int
parse_span(struct parser *p, const struct key *key, const struct yaml_node *n, struct span *to)
{
    if (n->kind != YAML_SCALAR || span_parse(n->text, to) < 0)
        return refuse_node(
            p, n, "`%s` takes a span: a whole number with ms, s, m, h, d, w or y", key->name);
    if (to->us < key->least * 1000 || to->us > key->most * 1000)
        return refuse_span(p, key, n);
    return 0;
}

static int
parse_count(struct parser *p, const struct key *key, const struct yaml_node *n, unsigned *to)
{
    uint64_t value = 0;

    if (n->kind != YAML_SCALAR || text_number(n->text, (uint64_t)key->most, &value) < 0 ||
        value < (uint64_t)key->least)
        return refuse_node(p, n, "`%s` takes a whole number from %lld to %lld", key->name,
                           (long long)key->least, (long long)key->most);
    *to = (unsigned)value;
    return 0;
}

/* Digits, and up to six behind a point. */
static int
parse_factor(struct parser *p, const struct key *key, const struct yaml_node *n, uint32_t *to)
{
    struct slice rest = n->text;
    struct slice whole = slice_part(&rest, '.');
    bool point = whole.len < n->text.len;
    uint64_t value = 0;
    uint64_t part = 0;
    bool good = n->kind == YAML_SCALAR && text_number(whole, 1000, &value) == 0 &&
                rest.len <= 6 && (!point || rest.len > 0);

    for (size_t i = 0; good && i < 6; i++) {
        char c = i < rest.len ? rest.ptr[i] : '0';

        good = c >= '0' && c <= '9';
        part = 10 * part + (uint64_t)(c - '0');
    }
    if (!good)
        return refuse_node(p, n, "`%s` takes a decimal, such as 0.75", key->name);
    value = value * 1000000 + part;
    if (value < (uint64_t)key->least || value > (uint64_t)key->most)
        return refuse_node(p, n, "`%s` is between %lld and %lld", key->name,
                           (long long)key->least / 1000000, (long long)key->most / 1000000);
    *to = (uint32_t)value;
    return 0;
}

static int
parse_bool(struct parser *p, const struct key *key, const struct yaml_node *n, bool *to)
{
    *to = slice_is(n->text, "true");
    if (n->kind != YAML_SCALAR || !n->plain || (!*to && !slice_is(n->text, "false")))
        return refuse_node(p, n, "`%s` takes true or false", key->name);
    return 0;
}

static int
parse_format(struct parser *p, const struct yaml_node *n, enum conf_format *to)
{
    for (unsigned f = CONF_FORMAT_AUTO; f <= CONF_FORMAT_EVE; f++) {
        if (slice_is(n->text, conf_format_name((enum conf_format)f))) {
            *to = (enum conf_format)f;
            return 0;
        }
    }
    return refuse_node(p, n, "`format` takes auto or eve");
}

static int
parse_what(struct parser *p, const struct yaml_node *n, enum conf_what *to)
{
    for (unsigned w = CONF_WHAT_PAGE; w <= CONF_WHAT_PEERS; w++) {
        if (slice_is(n->text, conf_what_name((enum conf_what)w))) {
            *to = (enum conf_what)w;
            return 0;
        }
    }
    return refuse_node(p, n, "`what` takes page or peers");
}

static int
parse_severity(struct parser *p, const struct yaml_node *n, enum alert_severity *to)
{
    int s = alert_severity_find(n->text);

    if (s < 0)
        return refuse_node(p, n, "`least` takes info, warning or critical");
    *to = (enum alert_severity)s;
    return 0;
}

/* RED is for people that somebody names, so no list of parties can be allowed it. */
static int
parse_tlp(struct parser *p, const struct key *key, const struct yaml_node *n, enum tlp *to)
{
    bool unset = n->text.len == 0 && strcmp(key->fallback, "\"\"") == 0;

    *to = unset ? TLP_NONE : tlp_find(n->text);
    if (!unset && (*to == TLP_NONE || (*to == TLP_RED && strcmp(key->name, "ceiling") == 0)))
        return refuse_node(p, n,
                           *to == TLP_RED ? "TLP:RED never goes to another party"
                                          : "a marking is TLP:CLEAR, TLP:GREEN, TLP:AMBER, "
                                            "TLP:AMBER+STRICT or TLP:RED");
    return 0;
}

/* "" only where that is what it is when nothing is said. */
static int
parse_language(struct parser *p, const struct key *key, const struct yaml_node *n,
               enum language *to)
{
    int l = language_find(n->text);

    if (n->kind != YAML_SCALAR || (l < 0 && (n->text.len > 0 || key->fallback[0] != '"')))
        return refuse_node(p, n, "`language` takes en, ru or zh");
    *to = l < 0 ? LANGUAGES : (enum language)l;
    return 0;
}

/* `address:port` into address and, behind it in the struct, port. */
static int
parse_endpoint(struct parser *p, const struct yaml_node *n, struct addr *to)
{
    struct conf_listen *l = (void *)((char *)to - offsetof(struct conf_listen, address));
    const char *colon = n->kind == YAML_SCALAR ? strrchr(n->text.ptr, ':') : NULL;
    size_t at = colon == NULL ? 0 : (size_t)(colon - n->text.ptr);
    struct slice host = slice_sub(n->text, 0, at);
    uint64_t port;
    bool v6 = host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';

    if (v6)
        host = slice_sub(host, 1, host.len - 2);
    if (colon == NULL ||
        text_number(slice_sub(n->text, at + 1, n->text.len), 65535, &port) < 0 ||
        addr_parse(host, to) < 0 || (memchr(host.ptr, ':', host.len) != NULL) != v6)
        return refuse_node(p, n,
                           "`address` takes an address and a port: 127.0.0.1:8080, [::1]:8080");
    l->port = (uint16_t)port;
    return 0;
}

/* Lists take a list, all else a scalar. */
static int
check_kind(struct parser *p, const struct key *key, const struct yaml_node *n)
{
    bool list = key->type == T_PREFIXES || key->type == T_HOSTS || key->type == T_DATASETS ||
                key->type == T_MAILBOXES || key->type == T_VKEYS || key->type == T_NAMES;

    if (list && n->kind != YAML_LIST)
        return refuse_node(p, n, "`%s` takes a list, as [a, b] or with a hyphen a line",
                           key->name);
    if (!list && n->kind != YAML_SCALAR)
        return refuse_node(p, n, "`%s` takes a single value, not %s", key->name,
                           yaml_kind_name(n->kind));
    if (list && n->count > key->most)
        return refuse_node(p, n, "`%s` takes at most %lld entries", key->name,
                           (long long)key->most);
    return 0;
}

int
parse_value(struct parser *p, const struct key *key, const struct yaml_node *n, void *to)
{
    int r = check_kind(p, key, n);

    if (r < 0)
        return r;
    switch (key->type) {
    case T_PARTY:
    case T_ORIGIN:
    case T_NAME:
    case T_KIND:
    case T_URL:
    case T_HTTPS:
    case T_MAILBOX:
    case T_TEXT:
    case T_LABEL:
    case T_PATH: return parse_text(p, key, n, to);
    case T_SEVERITY: return parse_severity(p, n, to);
    case T_TLP: return parse_tlp(p, key, n, to);
    case T_LANGUAGE: return parse_language(p, key, n, to);
    case T_VKEYS:
    case T_NAMES:
    case T_MAILBOXES:
    case T_HOSTS:
    case T_DATASETS: return parse_texts(p, key, n, to);
    case T_PREFIXES: return parse_prefixes(p, n, to);
    case T_COUNTRY: return parse_country(p, n, to);
    case T_FORMAT: return parse_format(p, n, to);
    case T_WHAT: return parse_what(p, n, to);
    case T_ENDPOINT: return parse_endpoint(p, n, to);
    case T_SPAN: return parse_span(p, key, n, to);
    case T_BOOL: return parse_bool(p, key, n, to);
    case T_COUNT: return parse_count(p, key, n, to);
    case T_FACTOR: return parse_factor(p, key, n, to);
    case T_VULNERABILITIES:
    case T_WEIGHTS:
    case T_STALES:
    case T_SENSORS:
    case T_LISTENS:
    case T_NOTIFIES:
    case T_PEERS:
    case T_ASSETS:
    case T_RETENTION:
    case T_TABLES:
    case T_WITNESS:
    case T_TOTALS:
    case T_EGRESS:
    case T_BLOCK:
    case KEY_TYPES: break;
    }
    BUG_ON("a map among the values" != NULL);
    return ERR_CONF;
}
