#include "role/pull.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "role/reach.h"
#include "wire/base64.h"

enum { PIN_TEXT = 64, URL_ROOM = FETCH_ENDPOINT + FETCH_PATH + 8, FDS = 4 };

struct pull_peer {
    struct pull *pull;
    bool known;
    bool fresh; /* its description is new: connections of before are not used */
    struct fetch_peer whom;
    struct fetch_ask ask;
    CURL *easy; /* NULL: nothing is under way */
    struct curl_slist *headers;
    char pins[FETCH_PINS * PIN_TEXT + 1];
    char error[CURL_ERROR_SIZE];
    char *sent;
    int body;            /* descriptor, -1: nothing came yet */
    size_t got;          /* bytes of the body … */
    size_t head;         /* … and of the headers */
    const char *refused; /* what the address is that was not connected to */
    const char *broken;  /* why the answer was cut off */
    bool failed;         /* an option could not be set */
    bool answered;
    struct fetch_told told;
};

struct pull {
    CURLM *multi;
    char *pem;
    size_t pem_len;
    size_t held; /* bytes of all bodies */
    char *ca;    /* NULL: the system's */
    size_t ca_len;
    struct pull_peer peer[FETCH_ALL];
};

/* ---- the end of one ---------------------------------------------------------------------- */

static void
drop_body(struct pull_peer *t)
{
    t->pull->held -= t->got;
    t->got = 0;
    if (t->body >= 0)
        (void)close(t->body);
    t->body = -1;
}

static void
drop_transfer(struct pull_peer *t)
{
    if (t->easy != NULL) {
        (void)curl_multi_remove_handle(t->pull->multi, t->easy);
        curl_easy_cleanup(t->easy);
        t->easy = NULL;
    }
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    free(t->sent);
    t->sent = NULL;
}

static void PRINTF(2, 3) fail(struct pull_peer *t, const char *fmt, ...)
{
    va_list ap;

    drop_transfer(t);
    drop_body(t);
    t->told = (struct fetch_told){.peer = t->ask.peer, .id = t->ask.id};
    va_start(ap, fmt);
    (void)vsnprintf(t->told.text, sizeof t->told.text, fmt, ap);
    va_end(ap);
    for (char *p = t->told.text; *p != '\0'; p++) {
        if (*p < ' ' || *p > '~')
            *p = '?';
    }
    t->answered = true;
}

/* ---- what libcurl calls ------------------------------------------------------------------ */

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct pull_peer *t = arg;
    const char *what = reach_refuses(&a->addr, a->addrlen, t->whom.inside != 0);

    (void)purpose;
    if (what != NULL) {
        t->refused = what;
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static size_t
take_header(const char *bytes, size_t size, size_t n, void *arg)
{
    struct pull_peer *t = arg;

    (void)bytes;
    t->head += size * n;
    if (t->head <= PULL_HEADERS)
        return size * n;
    t->broken = "its headers have no end";
    return 0;
}

static bool
write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t w = write(fd, bytes, n);

        if (w <= 0)
            return false;
        bytes += w;
        n -= (size_t)w;
    }
    return true;
}

static size_t
take_body(const char *bytes, size_t size, size_t count, void *arg)
{
    struct pull_peer *t = arg;
    size_t n = size * count;

    if (n > t->ask.limit - t->got) {
        t->broken = "its answer is longer than it may be";
        return 0;
    }
    if (n > PULL_ALL - t->pull->held) {
        t->broken = "too many large answers came at once";
        return 0;
    }
    if (t->body < 0)
        t->body = memfd_create("fetched", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (t->body < 0 || !write_all(t->body, bytes, n)) {
        t->broken = "this node has no memory for its answer";
        return 0;
    }
    t->got += n;
    t->pull->held += n;
    return n;
}

/* ---- beginning --------------------------------------------------------------------------- */

#define SET(option, value) (t->failed |= curl_easy_setopt(t->easy, option, value) != CURLE_OK)

/* The key that its annex names is all that counts, and it sees ours. */
static void
set_pinned(struct pull_peer *t)
{
    struct curl_blob pem = {t->pull->pem, t->pull->pem_len, CURL_BLOB_NOCOPY};

    SET(CURLOPT_SSL_VERIFYPEER, 0L); /* nobody vouches for it … */
    SET(CURLOPT_SSL_VERIFYHOST, 0L);
    SET(CURLOPT_CAINFO, NULL);
    SET(CURLOPT_CAPATH, NULL);
    SET(CURLOPT_PINNEDPUBLICKEY, t->pins); /* … but its key */
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);  /* which each handshake shows */
    SET(CURLOPT_SSLCERTTYPE, "PEM");
    SET(CURLOPT_SSLCERT_BLOB, &pem);
    SET(CURLOPT_SSLKEYTYPE, "PEM");
    SET(CURLOPT_SSLKEY_BLOB, &pem);
}

/* What it says carries its own signature; who we are is no business of its. */
static void
set_vouched(struct pull_peer *t)
{
    struct curl_blob ca = {t->pull->ca, t->pull->ca_len, CURL_BLOB_NOCOPY};

    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    if (t->pull->ca == NULL)
        return;
    SET(CURLOPT_CAINFO, NULL);
    SET(CURLOPT_CAPATH, NULL);
    SET(CURLOPT_CAINFO_BLOB, &ca);
}

/* Of the connection: with whom it is, and as whom. */
static void
set_connection(struct pull_peer *t)
{
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, (void *)t);
    SET(CURLOPT_CONNECTTIMEOUT, (long)PULL_CONNECT_S);
    SET(CURLOPT_FRESH_CONNECT, (long)t->fresh);
    SET(CURLOPT_SSLVERSION, (long)(CURL_SSLVERSION_TLSv1_3 | CURL_SSLVERSION_MAX_TLSv1_3));
    if (t->whom.vouched != 0)
        set_vouched(t);
    else
        set_pinned(t);
}

/* Of the request. */
static void
set_request(struct pull_peer *t, const char *url)
{
    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROTOCOLS_STR,
        t->whom.vouched != 0 && t->whom.inside != 0 ? "http,https" : "https");
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_TIMEOUT, (long)PULL_TOTAL_S);
    SET(CURLOPT_LOW_SPEED_LIMIT, (long)PULL_SLOW);
    SET(CURLOPT_LOW_SPEED_TIME, (long)PULL_SLOW_S);
    SET(CURLOPT_MAXFILESIZE, (long)t->ask.limit);
    SET(CURLOPT_USERAGENT, "detente/" DETENTE_VERSION);
    SET(CURLOPT_ERRORBUFFER, t->error);
    SET(CURLOPT_PRIVATE, (void *)t);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, (void *)t);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, (void *)t);
    if (t->ask.post != 0) {
        t->headers = curl_slist_append(NULL, "Content-Type: text/plain; charset=utf-8");
        if (t->headers != NULL)
            t->failed |= curl_slist_append(t->headers, "Expect:") == NULL;
        t->failed |= t->headers == NULL;
        SET(CURLOPT_HTTPHEADER, t->headers);
        SET(CURLOPT_POSTFIELDSIZE, (long)t->ask.size);
        SET(CURLOPT_POSTFIELDS, t->sent);
    }
}

static void
write_pins(struct pull_peer *t)
{
    size_t at = 0;

    t->pins[0] = '\0';
    for (unsigned i = 0; i < t->whom.pins; i++) {
        char text[BASE64_TEXT(SHA256_SIZE) + 1] = "";

        base64_encode(t->whom.pin[i].byte, SHA256_SIZE, text);
        at += (size_t)snprintf(t->pins + at, sizeof t->pins - at, "%ssha256//%s",
                               i > 0 ? ";" : "", text);
    }
}

/* Of a witness, whose address stands in the policy. */
static const char *
cannot_vouched(const struct pull_peer *t)
{
    const char *at = t->whom.endpoint;
    bool plain = t->whom.inside != 0 && strncmp(at, "http://", 7) == 0;

    if (!plain && strncmp(at, "https://", 8) != 0)
        return "its address is no https:// one: correct it in the policy, or name it under "
               "`witness.inside`";
    return strpbrk(at, "@?#\\") != NULL
               ? "its address is more than https://host/path: correct it in the policy"
               : NULL;
}

/* Why it cannot even be tried; NULL. */
static const char *
cannot(const struct pull_peer *t)
{
    const char *endpoint = t->whom.endpoint;

    if (!t->known)
        return "this node does not know whom to ask";
    if (t->whom.vouched != 0)
        return cannot_vouched(t);
    if (t->pull->pem_len == 0)
        return "this node has no key for TLS yet";
    if (strncmp(endpoint, "https://", 8) != 0)
        return "its endpoint is no https:// address: correct `channel.endpoint` in its annex, "
               "or `peers[].endpoint` here";
    if (strpbrk(endpoint + 8, "@?#\\") != NULL)
        return "its endpoint is more than https://host:port/: correct it in its annex, or "
               "`peers[].endpoint` here";
    if (t->whom.pins == 0)
        return "no TLS key of its annex is valid now: a new annex must name one";
    return NULL;
}

void
pull_ask(struct pull *p, const struct fetch_ask *ask, struct slice sent)
{
    struct pull_peer *t;
    char url[URL_ROOM];
    const char *why;
    size_t n;

    if (ask->peer >= FETCH_ALL)
        return;
    t = &p->peer[ask->peer];
    drop_transfer(t);
    drop_body(t);
    t->ask = *ask;
    t->ask.path[FETCH_PATH - 1] = '\0';
    t->head = 0;
    t->refused = t->broken = NULL;
    t->failed = t->answered = false;
    t->error[0] = '\0';
    why = cannot(t);
    if (why != NULL) {
        fail(t, "%s", why);
        return;
    }
    n = strlen(t->whom.endpoint);
    (void)snprintf(url, sizeof url, "%s%s%s", t->whom.endpoint,
                   t->whom.endpoint[n - 1] == '/' ? "" : "/", t->ask.path);
    write_pins(t);
    t->easy = curl_easy_init();
    t->sent = ask->post != 0 && sent.len > 0 ? malloc(sent.len) : NULL;
    if (t->sent != NULL)
        memcpy(t->sent, sent.ptr, sent.len);
    t->ask.size = (uint32_t)sent.len;
    if (t->easy == NULL || (ask->post != 0 && t->sent == NULL)) {
        fail(t, "this node is out of memory");
        return;
    }
    set_connection(t);
    set_request(t, url);
    if (t->failed || curl_multi_add_handle(p->multi, t->easy) != CURLM_OK)
        fail(t, "this node is out of memory");
    t->fresh = false;
}

/* ---- the answer -------------------------------------------------------------------------- */

static void
say_timeout(struct pull_peer *t)
{
    curl_off_t secured = 0;

    (void)curl_easy_getinfo(t->easy, CURLINFO_APPCONNECT_TIME_T, &secured);
    if (secured == 0)
        fail(t, "no connection within %d s: %.80s", PULL_CONNECT_S, t->error);
    else
        fail(t, "too slow: under %d bytes/s for %d s, or not done within %d s", PULL_SLOW,
             PULL_SLOW_S, PULL_TOTAL_S);
}

static void
say_connect(struct pull_peer *t)
{
    long number = 0;

    if (t->refused != NULL) {
        fail(t, "it stands at %s: %s if that is meant", t->refused,
             t->whom.vouched != 0 ? "name it under `witness.inside`"
                                  : "set `inside: true` for it under `peers`");
        return;
    }
    (void)curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
    fail(t, "cannot connect: %s",
         number != 0           ? strerror((int)number)
         : t->error[0] != '\0' ? t->error
                               : "nobody is there");
}

static void
say_error(struct pull_peer *t, CURLcode code)
{
    const char *more = t->error[0] != '\0' ? t->error : curl_easy_strerror(code);

    switch ((int)code) {
    case CURLE_OPERATION_TIMEDOUT: say_timeout(t); return;
    case CURLE_COULDNT_CONNECT: say_connect(t); return;
    case CURLE_COULDNT_RESOLVE_HOST:
        fail(t, "the name in its endpoint cannot be looked up: %.80s", more);
        return;
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        fail(t, "its TLS key is none that its annex names: it has another certificate, or "
                "somebody stands between");
        return;
    case CURLE_SSL_CONNECT_ERROR: fail(t, "no TLS 1.3 with it: %.120s", more); return;
    case CURLE_FILESIZE_EXCEEDED:
        fail(t, "its answer is longer than it may be: over %u bytes", t->ask.limit);
        return;
    default: break;
    }
    if (t->broken != NULL)
        fail(t, "%s", t->broken);
    else
        fail(t, "%.150s", more);
}

static void
conclude(struct pull_peer *t, CURLcode code)
{
    enum { SEALS = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL };
    long status = 0;

    if (code != CURLE_OK) {
        say_error(t, code);
        return;
    }
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 300 && status <= 399) {
        fail(t, "it answers with a redirect (%ld), which is not followed", status);
        return;
    }
    if (status < 200 || status > 599) {
        fail(t, "it answers with status %ld", status);
        return;
    }
    if (t->body >= 0 && fcntl(t->body, F_ADD_SEALS, SEALS) < 0) {
        fail(t, "this node has no memory for its answer");
        return;
    }
    drop_transfer(t);
    t->told = (struct fetch_told){.peer = t->ask.peer,
                                  .id = t->ask.id,
                                  .status = (uint32_t)status,
                                  .size = (uint32_t)t->got};
    t->answered = true;
}

static void
hear(struct pull *p)
{
    CURLMsg *m;
    int left;

    while ((m = curl_multi_info_read(p->multi, &left)) != NULL) {
        void *t = NULL;

        if (m->msg == CURLMSG_DONE &&
            curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t) == CURLE_OK && t != NULL)
            conclude(t, m->data.result);
    }
}

void
pull_turn(struct pull *p, const int *fds, unsigned count, int timeout_ms)
{
    struct curl_waitfd also[FDS];
    unsigned n = 0;
    int running = 0;

    for (unsigned i = 0; i < count && n < FDS; i++) {
        if (fds[i] >= 0)
            also[n++] = (struct curl_waitfd){fds[i], CURL_WAIT_POLLIN, 0};
    }
    (void)curl_multi_perform(p->multi, &running);
    hear(p);
    for (unsigned i = 0; i < FETCH_ALL; i++) {
        if (p->peer[i].answered)
            timeout_ms = timeout_ms < 10 ? timeout_ms : 10;
    }
    (void)curl_multi_poll(p->multi, also, n, timeout_ms, NULL);
    (void)curl_multi_perform(p->multi, &running);
    hear(p);
}

bool
pull_answer(struct pull *p, struct fetch_told *ret, int *ret_fd)
{
    for (unsigned i = 0; i < FETCH_ALL; i++) {
        struct pull_peer *t = &p->peer[i];

        if (!t->answered)
            continue;
        *ret = t->told;
        *ret_fd = t->got > 0 ? t->body : -1;
        return true;
    }
    return false;
}

void
pull_done(struct pull *p, const struct fetch_told *told)
{
    struct pull_peer *t = &p->peer[told->peer];

    drop_body(t);
    t->answered = false;
}

/* ---- beginning and end ------------------------------------------------------------------- */

void
pull_whom(struct pull *p, unsigned number, const struct fetch_peer *whom)
{
    struct pull_peer *t;

    if (number >= FETCH_ALL || whom->pins > FETCH_PINS)
        return;
    t = &p->peer[number];
    t->whom = *whom;
    t->whom.name[sizeof t->whom.name - 1] = '\0';
    t->whom.endpoint[FETCH_ENDPOINT - 1] = '\0';
    t->known = t->fresh = true;
}

void
pull_forget(struct pull *p)
{
    for (unsigned i = 0; i < FETCH_ALL; i++) {
        drop_transfer(&p->peer[i]);
        drop_body(&p->peer[i]);
        p->peer[i].known = p->peer[i].answered = false;
    }
}

int
pull_open(struct slice pem, struct slice ca, struct pull **ret, struct errinfo *ei)
{
    struct pull *p = calloc(1, sizeof *p);

    if (p == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(p);
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    for (unsigned i = 0; i < FETCH_ALL; i++) {
        p->peer[i].pull = p;
        p->peer[i].body = -1;
    }
    p->multi = curl_multi_init();
    p->pem = malloc(pem.len + 1);
    p->ca = ca.len > 0 ? malloc(ca.len) : NULL;
    if (p->multi == NULL || p->pem == NULL || (ca.len > 0 && p->ca == NULL) ||
        curl_multi_setopt(p->multi, CURLMOPT_MAXCONNECTS, (long)FETCH_ALL) != CURLM_OK) {
        (void)pull_close(p);
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    if (pem.len > 0)
        memcpy(p->pem, pem.ptr, pem.len);
    p->pem_len = pem.len;
    if (ca.len > 0)
        memcpy(p->ca, ca.ptr, ca.len);
    p->ca_len = ca.len;
    *ret = p;
    return 0;
}

struct pull *
pull_close(struct pull *p)
{
    if (p == NULL)
        return NULL;
    pull_forget(p);
    if (p->multi != NULL)
        (void)curl_multi_cleanup(p->multi);
    if (p->pem != NULL)
        explicit_bzero(p->pem, p->pem_len);
    free(p->pem);
    free(p->ca);
    curl_global_cleanup();
    free(p);
    return NULL;
}
