/* Listeners, the guards every request passes, and the step function. */
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/web_priv.h"

enum {
    CONNECTION_MEMORY = 14 * 1024, /* libmicrohttpd gives all of it pages at once */
    BACKLOG = 128
};

/* Query parameters as libmicrohttpd hands them out, one by one. */
struct parameters {
    struct web_request *request;
    struct errinfo ei;
    unsigned seen;
    int err;
};

static enum MHD_Result
take_parameter(void *self, enum MHD_ValueKind kind, const char *name, size_t name_len,
               const char *value, size_t value_len)
{
    struct parameters *p = self;
    struct web_server *s = p->request->server;
    struct utime now = {0};

    (void)kind;
    if (s->options.now != NULL)
        now = s->options.now(s->source.self);
    p->err = web_query_take(&p->request->route, (struct slice){name, name_len},
                            (struct slice){value, value == NULL ? 0 : value_len}, now, &p->seen,
                            &p->ei);
    return p->err == 0 ? MHD_YES : MHD_NO;
}

static bool
has_body(struct web_request *q)
{
    return web_header(q, "Transfer-Encoding").len > 0 ||
           (web_header(q, "Content-Length").len > 0 &&
            !slice_is(web_header(q, "Content-Length"), "0"));
}

/* What changes something comes from a page of ours or from no page: browsers say so in Origin
 * (RFC 6454) and Sec-Fetch-Site.  One that shows a cookie, which a browser adds by itself, must
 * say it. */
static bool
is_from_elsewhere(struct web_request *q, struct slice origin)
{
    struct slice site = web_header(q, "Sec-Fetch-Site");

    if ((q->method & (WEB_GET | WEB_HEAD)) != 0)
        return false;
    return (site.len > 0 && !slice_is(site, "same-origin")) ||
           (origin.len == 0 && web_header(q, "Cookie").len > 0);
}

/* What other logs ask: no browser does, and anybody may. */
static bool
is_witness(struct slice path)
{
    return slice_is(slice_sub(path, 0, 9), "/witness/");
}

/* Method, body, host, origin: 0 or the status to refuse with. */
static unsigned
guard(struct web_request *q, const char **why)
{
    const struct web_listener *l = q->listener;
    struct slice origin = web_header(q, "Origin");
    bool takes_body = web_takes_body(q->path, q->method);

    *why = (web_methods(q->path) & WEB_GET) != 0 ? "this interface is read-only: GET and HEAD"
                                                 : "this path takes another method";
    if ((web_methods(q->path) & q->method) == 0)
        return MHD_HTTP_METHOD_NOT_ALLOWED;
    *why = "a request here has no body";
    if (!takes_body && has_body(q))
        return MHD_HTTP_BAD_REQUEST;
    *why = "the body must be application/json";
    if (takes_body && !is_witness(q->path) &&
        !slice_is(slice_sub(web_header(q, "Content-Type"), 0, 16), "application/json"))
        return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
    if (l->peers)
        return 0; /* no browser comes there, and an annex may call the node as it likes */
    *why = "this host name is not served here (see `hosts` in detente.yaml)";
    if (!web_host_allowed(web_header(q, "Host"), l->port, l->hosts, l->host_count))
        return 421; /* misdirected request, RFC 9110 15.5.20 */
    *why = "requests from other sites are refused";
    if (origin.len > 0 && (!web_origin_allowed(origin, l->port, l->hosts, l->host_count) ||
                           (l->tls && !slice_is(slice_sub(origin, 0, 8), "https://"))))
        return MHD_HTTP_FORBIDDEN;
    if (is_from_elsewhere(q, origin))
        return MHD_HTTP_FORBIDDEN;
    return 0;
}

static enum MHD_Result
route(struct web_request *q)
{
    struct parameters p = {.request = q};
    int err = web_route(q->path, &q->route, &p.ei);

    if (err == ERR_NOTFOUND)
        return web_refuse(q, MHD_HTTP_NOT_FOUND, "nothing stands here");
    if (q->listener->peers && !web_is_for_peers(q->route.what))
        return web_refuse(q, MHD_HTTP_NOT_FOUND, "nothing stands here");
    if (err < 0)
        return web_refuse(q, MHD_HTTP_BAD_REQUEST, p.ei.text);
    if (q->route.what == WEB_TOP || q->route.what == WEB_EVENTS || q->route.what == WEB_SAY ||
        q->route.what == WEB_LIVE || q->route.what == WEB_ALERTS ||
        q->route.what == WEB_EXPLAIN || web_is_verdict(q->route.what)) {
        (void)MHD_get_connection_values_n(q->connection, MHD_GET_ARGUMENT_KIND, take_parameter,
                                          &p);
        if (p.err < 0)
            return web_refuse_words(q, MHD_HTTP_BAD_REQUEST, p.ei.text);
    }
    return web_answer(q);
}

static char no_body; /* the state of requests that have none, or are refused */

/* The headers are there. */
static enum MHD_Result
begin(struct web_request *q, void **state)
{
    const char *why;
    unsigned status;

    *state = &no_body;
    q->server->stats.requests++;
    status = guard(q, &why);
    if (status != 0)
        return web_refuse(q, status, why);
    if (web_guard_person(q) != 0)
        return web_refuse_named(q, MHD_HTTP_UNAUTHORIZED, "sign_in", 0);
    if ((q->method & (WEB_GET | WEB_HEAD)) != 0)
        return MHD_YES;
    q->body = web_body_new(q);
    if (q->body == NULL)
        return MHD_NO;
    *state = q->body;
    return MHD_YES;
}

static bool
is_taxii(struct slice path)
{
    return slice_is(slice_sub(path, 0, 8), "/taxii2/") || slice_is(path, "/taxii2");
}

/* Guards, bodies and errors of TAXII are its own. */
static enum MHD_Result
begin_taxii(struct web_request *q, void **state)
{
    q->server->stats.requests++;
    q->body = web_body_new(q);
    if (q->body == NULL)
        return MHD_NO;
    *state = q->body;
    q->body->taxii = true;
    return web_taxii(q, NULL, 0);
}

/* A piece of the body. */
static enum MHD_Result
take_body(struct web_body *b, const char *bytes, size_t n)
{
    if (n > b->room - b->len)
        b->too_long = true;
    if (b->too_long)
        return MHD_YES;
    memcpy(b->bytes + b->len, bytes, n);
    b->len += n;
    return MHD_YES;
}

/* A request is over, however it went. */
static void
forget(void *self, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode how)
{
    (void)self;
    (void)c;
    (void)how;
    if (*state != &no_body)
        web_body_free(*state);
    *state = NULL;
}

/* Called once when the headers are there and again when the request is complete; what will be
 * refused is refused at once, all else is answered the second time. */
/* NOLINTBEGIN(readability-function-size,readability-non-const-parameter): the signature is
 * libmicrohttpd's */
static enum MHD_Result
handle(void *self, struct MHD_Connection *c, const char *url, const char *method,
       const char *version, const char *upload, size_t *upload_len, void **state)
/* NOLINTEND(readability-function-size,readability-non-const-parameter) */
{
    struct web_listener *l = self;
    struct web_request q = {.server = l->server,
                            .listener = l,
                            .connection = c,
                            .path = slice_of(url),
                            .method = web_method(slice_of(method))};
    size_t n = *upload_len;

    (void)version;
    q.head = q.method == WEB_HEAD;
    if (*state == NULL)
        return is_taxii(q.path) ? begin_taxii(&q, state) : begin(&q, state);
    if (*state != &no_body)
        q.body = *state;
    if (q.body != NULL && q.body->taxii) {
        *upload_len = 0;
        return web_taxii(&q, upload, n);
    }
    if (n == 0)
        return route(&q);
    *upload_len = 0;
    return q.body == NULL ? MHD_NO : take_body(q.body, upload, n);
}

/* libmicrohttpd writes a line for each viewer that leaves; it is counted instead. */
__attribute__((format(printf, 2, 0))) static void
count_fault(void *self, const char *fmt, va_list ap)
{
    struct web_server *s = self;

    (void)fmt;
    (void)ap;
    s->stats.faults++;
}

static int
refuse_listen(const struct web_listen *l, struct errinfo *ei)
{
    char text[ADDR_TEXT];
    int saved = errno;

    (void)addr_format(&l->address, text);
    return err_set(ei, ERR_IO, "cannot listen on %s port %u: %s%s", text, l->port,
                   strerror(saved),
                   saved == EADDRINUSE ? " (another program is there; choose another port "
                                         "in `listen`)"
                                       : "");
}

static socklen_t
fill_address(const struct web_listen *l, struct sockaddr_storage *ret)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(l->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(l->port)};

    if (addr_is_v4(&l->address)) {
        v4.sin_addr.s_addr = htonl(addr_v4(&l->address));
        memcpy(ret, &v4, sizeof v4);
        return sizeof v4;
    }
    memcpy(&v6.sin6_addr, l->address.byte, 16);
    memcpy(ret, &v6, sizeof v6);
    return sizeof v6;
}

static int
bind_socket(const struct web_listen *l, struct errinfo *ei)
{
    struct sockaddr_storage to = {0};
    socklen_t len = fill_address(l, &to);
    int one = 1;
    int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return refuse_listen(l, ei);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (to.ss_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&to, len) < 0 || listen(fd, BACKLOG) < 0) {
        int r = refuse_listen(l, ei);

        (void)close(fd);
        return r;
    }
    return fd;
}

int
web_bind(struct web_listen *l, struct errinfo *ei)
{
    l->fd = bind_socket(l, ei);
    return l->fd < 0 ? l->fd : 0;
}

static unsigned
bound_port(int fd)
{
    struct sockaddr_storage at = {0};
    socklen_t len = sizeof at;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (getsockname(fd, (struct sockaddr *)&at, &len) < 0)
        return 0;
    memcpy(&v4, &at, sizeof v4);
    memcpy(&v6, &at, sizeof v6);
    return ntohs(at.ss_family == AF_INET ? v4.sin_port : v6.sin6_port);
}

/* The names that this listener answers to. */
static int
list_hosts(struct web_server *s, struct web_listener *l, const struct web_listen *at)
{
    const struct web_options *o = &s->options;
    bool v4 = addr_is_v4(&at->address);
    char text[ADDR_TEXT];

    l->hosts = calloc(o->host_count + (size_t)1, sizeof *l->hosts);
    if (l->hosts == NULL)
        return ERR_NOMEM;
    for (unsigned i = 0; i < o->host_count; i++)
        l->hosts[l->host_count++] = o->hosts[i];
    if (addr_is_any(&at->address))
        return 0;
    (void)addr_format(&at->address, text);
    (void)snprintf(l->own, sizeof l->own, v4 ? "%s" : "[%s]", text);
    if (addr_kind(&at->address) != ADDR_LOOPBACK)
        l->hosts[l->host_count++] = l->own;
    return 0;
}

static int
start_listener(struct web_server *s, const struct web_listen *at, struct errinfo *ei)
{
    struct web_listener *l = &s->listener[s->listeners];
    struct epoll_event want = {.events = EPOLLIN};
    struct MHD_OptionItem tls[WEB_TLS_OPTIONS] = {{MHD_OPTION_END, 0, NULL}};
    const union MHD_DaemonInfo *info;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    int fd = at->fd >= 0 ? at->fd : bind_socket(at, ei);

    if (fd < 0)
        return fd;
    if (list_hosts(s, l, at) < 0)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    if (at->tls) {
        flags |= MHD_USE_TLS;
        web_tls_options(s, at->peers, tls);
    }
    l->server = s;
    l->port = bound_port(fd);
    l->tls = at->tls;
    l->closed = at->closed;
    l->peers = at->peers;
    l->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, handle, l, MHD_OPTION_EXTERNAL_LOGGER, count_fault, (void *)s,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)(at->peers ? WEB_PEER_CONNECTIONS : WEB_CONNECTIONS),
        MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)(at->peers ? WEB_PEER_PER_ADDRESS : WEB_PER_ADDRESS),
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)WEB_IDLE_S, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_NOTIFY_COMPLETED, forget, NULL, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    if (l->daemon == NULL) {
        (void)close(fd);
        return err_set(ei, ERR_NOMEM, "the HTTP server cannot be started%s",
                       at->tls ? " with the certificate in keys/tls.pem" : "");
    }
    s->listeners++; /* web_close() stops it from now on */
    info = MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL || epoll_ctl(s->epoll, EPOLL_CTL_ADD, info->epoll_fd, &want) < 0)
        return err_set(ei, ERR_IO, "epoll: %s", strerror(errno));
    return 0;
}

int
web_open(const struct web_options *o, const struct web_source *source, struct web_server **ret,
         struct errinfo *ei)
{
    struct web_server *s = calloc(1, sizeof *s);
    int r = 0;

    err_file(ei, ""); /* an address is at fault, no file */
    if (s == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    s->options = *o;
    s->source = *source;
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (s->epoll < 0)
        r = err_set(ei, ERR_IO, "epoll: %s", strerror(errno));
    if (o->listen_count == 0 || o->listen_count > WEB_LISTEN)
        r = err_set(ei, ERR_CONF, "1 to %u addresses can be listened on", WEB_LISTEN);
    for (unsigned i = 0; r == 0 && i < o->listen_count; i++)
        r = start_listener(s, &o->listen[i], ei);
    if (r < 0) {
        (void)web_close(s);
        return r;
    }
    *ret = s;
    return 0;
}

struct web_server *
web_close(struct web_server *s)
{
    if (s == NULL)
        return NULL;
    web_live_close(s);
    web_session_close(s);
    for (unsigned i = 0; i < s->listeners; i++) {
        (void)MHD_run(s->listener[i].daemon); /* takes up what was resumed */
        MHD_stop_daemon(s->listener[i].daemon);
    }
    for (unsigned i = 0; i < WEB_LISTEN; i++)
        free(s->listener[i].hosts);
    for (unsigned i = 0; i < WEB_FRAMES; i++)
        web_frame_release(s->ring[i]);
    web_frame_release(s->last);
    web_frame_release(s->beat);
    if (s->epoll >= 0)
        (void)close(s->epoll);
    free(s);
    return NULL;
}

int
web_fd(const struct web_server *s)
{
    return s->epoll;
}

unsigned
web_port(const struct web_server *s, unsigned i)
{
    return i < s->listeners ? s->listener[i].port : 0;
}

void
web_step(struct web_server *s, int64_t mono, int64_t *ret_next)
{
    int64_t next;
    int64_t asks;

    s->mono = mono;
    asks = web_session_step(s);
    next = web_live_step(s);
    if (asks < next)
        next = asks;
    for (unsigned i = 0; i < s->listeners; i++) {
        MHD_UNSIGNED_LONG_LONG ms;

        (void)MHD_run(s->listener[i].daemon);
        if (MHD_get_timeout(s->listener[i].daemon, &ms) == MHD_YES &&
            ms < (MHD_UNSIGNED_LONG_LONG)(INT64_MAX - mono) / 1000 &&
            mono + (int64_t)ms * 1000 < next)
            next = mono + (int64_t)ms * 1000;
    }
    /* Streams that fell silent in this very turn are not in next yet. */
    if (s->viewers != NULL && mono + TIME_US_PER_S < next)
        next = mono + TIME_US_PER_S;
    *ret_next = next;
}

struct web_stats
web_stats(const struct web_server *s)
{
    return s->stats;
}
