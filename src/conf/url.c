/* Receivers of alerts: their URLs, and what the keys of one must be together. */
#include "conf/schema_priv.h"
#include "model/text.h"

static const struct {
    const char *scheme;
    enum conf_notify_kind kind;
    bool has_path;
} schemes[] = {
    {"smtp://", CONF_NOTIFY_MAIL, false},         {"smtps://", CONF_NOTIFY_MAIL, false},
    {"http://", CONF_NOTIFY_WEBHOOK, true},       {"https://", CONF_NOTIFY_WEBHOOK, true},
    {"syslog+udp://", CONF_NOTIFY_SYSLOG, false}, {"syslog+tcp://", CONF_NOTIFY_SYSLOG, false},
    {"syslog+tls://", CONF_NOTIFY_SYSLOG, false}, {"syslog+unix://", CONF_NOTIFY_SYSLOG, true}};
enum { SCHEMES = sizeof schemes / sizeof schemes[0] };

static int
scheme_of(struct slice url)
{
    for (int i = 0; i < SCHEMES; i++) {
        if (slice_is(slice_sub(url, 0, strlen(schemes[i].scheme)), schemes[i].scheme))
            return i;
    }
    return -1;
}

/* What stands between scheme and path, without a port; an IPv6 address without brackets. */
static struct slice
host_of(struct slice rest, struct slice *ret_port)
{
    struct slice host = slice_part(&rest, '/');
    struct slice tail;

    *ret_port = (struct slice){"", 0};
    if (host.len > 0 && host.ptr[0] == '[') {
        tail = slice_sub(host, 1, host.len);
        host = slice_part(&tail, ']');
        if (tail.len > 0 && tail.ptr[0] != ':')
            return (struct slice){"", 0};
        if (tail.len > 0)
            *ret_port = tail.len > 1 ? slice_sub(tail, 1, tail.len) : SLICE("-");
        return host;
    }
    tail = host;
    host = slice_part(&tail, ':');
    if (tail.len > 0)
        *ret_port = tail;
    return host;
}

static bool
good_host(struct slice rest)
{
    struct slice port;
    struct slice host = host_of(rest, &port);
    struct addr a;
    uint64_t n;

    if (port.len > 0 && (text_number(port, 65535, &n) < 0 || n == 0))
        return false;
    if (addr_parse(host, &a) == 0)
        return true;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            c != '.' && c != '-')
            return false;
    }
    return host.len > 0 && host.len <= 253;
}

bool
url_good_https(struct slice url)
{
    for (size_t i = 0; i < url.len; i++) {
        if (url.ptr[i] <= ' ' || url.ptr[i] > '~' || strchr("@?#\\", url.ptr[i]) != NULL)
            return false;
    }
    return slice_is(slice_sub(url, 0, 8), "https://") && good_host(slice_sub(url, 8, url.len));
}

bool
url_good(struct slice url)
{
    int s = scheme_of(url);
    struct slice rest;
    struct slice path;

    if (s < 0)
        return false;
    for (size_t i = 0; i < url.len; i++) {
        if (url.ptr[i] <= ' ' || url.ptr[i] > '~' || url.ptr[i] == '#')
            return false;
    }
    rest = slice_sub(url, strlen(schemes[s].scheme), url.len);
    if (slice_is(slice_of(schemes[s].scheme), "syslog+unix://"))
        return rest.len > 1 && rest.ptr[0] == '/' && rest.len < 100;
    if (!good_host(rest))
        return false;
    path = rest;
    (void)slice_part(&path, '/');
    return schemes[s].has_path || path.len == 0;
}

enum conf_notify_kind
conf_notify_kind(const struct conf_notify *n)
{
    int s = scheme_of(slice_of(n->url));

    BUG_ON(s < 0);
    return schemes[s].kind;
}

bool
conf_notify_is_near(const struct conf_notify *n)
{
    struct slice url = slice_of(n->url);
    int s = scheme_of(url);
    struct slice port;
    struct slice host;
    struct addr a;

    BUG_ON(s < 0);
    if (slice_is(slice_of(schemes[s].scheme), "syslog+unix://"))
        return true;
    host = host_of(slice_sub(url, strlen(schemes[s].scheme), url.len), &port);
    if (addr_parse(host, &a) == 0)
        return addr_kind(&a) == ADDR_LOOPBACK;
    return slice_is(host, "localhost");
}

static const struct yaml_node *
key_of(const struct yaml_node *map, const char *name)
{
    for (const struct yaml_node *n = map->first; n != NULL; n = n->next) {
        if (slice_is(n->key->text, name))
            return n;
    }
    return map;
}

int
check_notify(struct parser *p, const struct conf_notify *n, const struct yaml_node *map)
{
    enum conf_notify_kind kind = conf_notify_kind(n);
    bool mail = kind == CONF_NOTIFY_MAIL;

    if (mail && (n->from[0] == '\0' || n->to.count == 0))
        return refuse_node(p, map, "mail needs `from` and `to`");
    if (!mail && (n->from[0] != '\0' || n->to.count > 0 || n->user[0] != '\0'))
        return refuse_node(p, map, "`from`, `to` and `user` are for mail (smtp://, smtps://)");
    if (mail && (n->user[0] == '\0') != (n->secret[0] == '\0'))
        return refuse_node(p, map, "`user` and `secret` go together");
    if (kind == CONF_NOTIFY_WEBHOOK && n->secret[0] == '\0')
        return refuse_node(p, map,
                           "a webhook needs `secret`: a file with the key that signs what it "
                           "gets, as `openssl rand -hex 32` makes one");
    if (kind == CONF_NOTIFY_SYSLOG && n->secret[0] != '\0')
        return refuse_node(p, key_of(map, "secret"), "syslog has no `secret`");
    if (kind == CONF_NOTIFY_WEBHOOK && strncmp(n->url, "http://", 7) == 0 &&
        !conf_notify_is_near(n))
        return refuse_node(p, key_of(map, "url"),
                           "beyond this machine a webhook is told by https:// only");
    return 0;
}
