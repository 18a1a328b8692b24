/* Syslog's own ways: datagrams, and messages in a stream. */
#include <errno.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <stdio.h>
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

/* Names are looked up here and not in a thread: a receiver of datagrams is near as a rule, and
 * whoever waits is this process alone. */
static void
send_udp(struct send_to *t)
{
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
    struct addrinfo *found = NULL;
    char host[256];
    char port[8];
    int code;
    int fd;

    split(t->conf->url + strlen(udp_scheme), host, port);
    code = getaddrinfo(host, port, &hints, &found);
    if (code != 0) {
        fail(t, host, gai_strerror(code));
        return;
    }
    fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) < 0 ||
        send(fd, t->body.ptr, t->body.len, MSG_NOSIGNAL) < 0)
        fail(t, host, strerror(errno));
    else
        send_done(t, 0, false, "");
    if (fd >= 0)
        (void)close(fd);
    freeaddrinfo(found);
}

bool
send_datagram(struct send_to *t)
{
    if (is_scheme(t, unix_scheme))
        send_unix(t);
    else if (is_scheme(t, udp_scheme))
        send_udp(t);
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
