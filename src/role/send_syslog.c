/* Syslog's own ways: datagrams, and messages in a stream. */
#include <errno.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "role/send_priv.h"

static const char unix_scheme[] = "syslog+unix://";
static const char udp_scheme[] = "syslog+udp://";
static const char tcp_scheme[] = "syslog+tcp://";
static const char tls_scheme[] = "syslog+tls://";

static bool
is_scheme(const struct send_to *t, const char *scheme)
{
    return strncmp(t->conf->url, scheme, strlen(scheme)) == 0;
}

static void
fail(struct send_to *t, const char *what, const char *why)
{
    char text[RECEIVER_ERROR];

    (void)snprintf(text, sizeof text, "%.80s: %.70s", what, why);
    send_done(t, ERR_IO, false, text);
}

static void
send_unix(struct send_to *t)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void)snprintf(to.sun_path, sizeof to.sun_path, "%s", t->conf->url + strlen(unix_scheme));
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0 ||
        send(fd, t->body.ptr, t->body.len, MSG_NOSIGNAL) < 0)
        fail(t, to.sun_path, strerror(errno));
    else
        send_done(t, 0, false, "");
    if (fd >= 0)
        (void)close(fd);
}

/* `host`, `host:port`, `[v6]:port` behind the scheme. */
static void
split(const char *rest, char host[256], char port[8])
{
    const char *end = rest[0] == '[' ? strchr(rest, ']') : strrchr(rest, ':');
    size_t from = rest[0] == '[' ? 1 : 0;
    size_t len = end == NULL ? strlen(rest) : (size_t)(end - rest) - from;
    const char *colon = end == NULL ? NULL : strchr(end, ':');

    (void)snprintf(host, 256, "%.*s", (int)len, rest + from);
    (void)snprintf(port, 8, "%.6s", colon == NULL ? "514" : colon + 1);
}

/* A name that is looked up by a thread of the C library: a name server that is silent would
 * hold up all other receivers, and us for longer than our parent waits. */
struct send_lookup {
    struct gaicb is;
    struct addrinfo hints;
    char host[256];
    char port[8];
};

/* One that is not over is left to the library, which still writes there. */
void
send_lookup_drop(struct send_to *t)
{
    if (t->lookup == NULL)
        return;
    if (gai_error(&t->lookup->is) != EAI_INPROGRESS ||
        gai_cancel(&t->lookup->is) == EAI_CANCELED) {
        if (t->lookup->is.ar_result != NULL)
            freeaddrinfo(t->lookup->is.ar_result);
        free(t->lookup);
    }
    t->lookup = NULL;
}

static void
look_up(struct send_to *t)
{
    struct send_lookup *l = t->lookup;
    struct gaicb *list[1];

    if (l != NULL && gai_error(&l->is) == EAI_INPROGRESS) {
        fail(t, l->host, "no name server answers");
        return;
    }
    send_lookup_drop(t);
    l = t->lookup = calloc(1, sizeof *l);
    if (l == NULL) {
        fail(t, "memory", strerror(ENOMEM));
        return;
    }
    split(t->conf->url + strlen(udp_scheme), l->host, l->port);
    l->hints.ai_socktype = SOCK_DGRAM;
    l->is = (struct gaicb){.ar_name = l->host, .ar_service = l->port, .ar_request = &l->hints};
    list[0] = &l->is;
    t->until = t->send->env->now_mono(t->send->env->self) + SEND_CONNECT_S * TIME_US_PER_S;
    t->state = SEND_LOOKING;
    if (getaddrinfo_a(GAI_NOWAIT, list, 1, NULL) != 0) {
        fail(t, l->host, "cannot be looked up");
        free(l);
        t->lookup = NULL;
    }
}

static void
send_udp(struct send_to *t, const struct addrinfo *to)
{
    int fd = socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || connect(fd, to->ai_addr, to->ai_addrlen) < 0 ||
        send(fd, t->body.ptr, t->body.len, MSG_NOSIGNAL) < 0)
        fail(t, t->lookup->host, strerror(errno));
    else
        send_done(t, 0, false, "");
    if (fd >= 0)
        (void)close(fd);
}

static void
look(struct send_to *t)
{
    int code = gai_error(&t->lookup->is);

    if (code == EAI_INPROGRESS) {
        if (t->send->env->now_mono(t->send->env->self) > t->until)
            fail(t, t->lookup->host, "no name server answers");
        return;
    }
    if (code == 0)
        send_udp(t, t->lookup->is.ar_result);
    else
        fail(t, t->lookup->host, gai_strerror(code));
    send_lookup_drop(t);
}

bool
send_datagram(struct send_to *t)
{
    if (is_scheme(t, unix_scheme))
        send_unix(t);
    else if (is_scheme(t, udp_scheme))
        look_up(t);
    else
        return false;
    return true;
}

/* libcurl connects, with TLS and all its checks, and leaves the stream to us. */
void
send_syslog_begin(struct send_to *t)
{
    bool tls = is_scheme(t, tls_scheme);
    const char *rest = t->conf->url + strlen(tls ? tls_scheme : tcp_scheme);
    AUTO_BUF(framed, NOTICE_BYTES + 16);
    const char *colon = strrchr(rest, ':');
    bool has_port = colon != NULL && strchr(colon, ']') == NULL;

    buf_u64(&framed, t->body.len);
    buf_char(&framed, ' ');
    buf_slice(&framed, buf_get(&t->body));
    buf_reset(&t->body);
    buf_slice(&t->body, buf_get(&framed));
    (void)snprintf(t->url, sizeof t->url, "%s://%s%s", tls ? "https" : "http", rest,
                   has_port ? ""
                   : tls    ? ":6514"
                            : ":601");
    t->failed |= curl_easy_setopt(t->easy, CURLOPT_URL, t->url) != CURLE_OK ||
                 curl_easy_setopt(t->easy, CURLOPT_CONNECT_ONLY, 1L) != CURLE_OK ||
                 curl_easy_setopt(t->easy, CURLOPT_SSL_ENABLE_ALPN, 0L) != CURLE_OK;
    t->until = t->send->env->now_mono(t->send->env->self) + SEND_TOTAL_S * TIME_US_PER_S;
}

static void
drain(struct send_to *t)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    int left = 0;

    if (curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK ||
        fd == CURL_SOCKET_BAD || ioctl(fd, SIOCOUTQ, &left) < 0)
        send_done(t, ERR_IO, false, "the connection broke");
    else if (left == 0)
        send_done(t, 0, false, "");
}

void
send_syslog_turn(struct send_to *t)
{
    if (t->state == SEND_LOOKING) {
        look(t);
        return;
    }
    if (t->state == SEND_WRITING) {
        struct slice rest = slice_sub(buf_get(&t->body), t->given, t->body.len);
        size_t n = 0;
        CURLcode code = curl_easy_send(t->easy, rest.ptr, rest.len, &n);

        if (code != CURLE_OK && code != CURLE_AGAIN) {
            send_done(t, ERR_IO, false, curl_easy_strerror(code));
            return;
        }
        t->given += n;
        if (t->given == t->body.len)
            t->state = SEND_DRAINING;
    } else {
        drain(t);
    }
    if (t->state != SEND_FINISHED && t->send->env->now_mono(t->send->env->self) > t->until)
        send_done(t, ERR_IO, false, "it took too long");
}
