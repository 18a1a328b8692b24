#include <stdio.h>
#include <unistd.h>

#include "role/download.h"
#include "role/folder.h"
#include "role/node_priv.h"
#include "role/reach.h"
#include "role/source_priv.h"
#include "taxii/request.h"

enum { SLOW_BYTES = 100, SLOW_S = 60, FILE_NAME = 96 };

int
source_path(const char *dir, const char *name, const char *ending, char *to, struct errinfo *ei)
{
    char file[FILE_NAME];

    (void)snprintf(file, sizeof file, "exchange/sources/%s.%s", name, ending);
    return node_path(dir, file, to, ei);
}

static size_t
take(char *bytes, size_t size, size_t count, void *arg)
{
    struct buf *to = arg;

    buf_add(to, bytes, size * count);
    return buf_error(to) < 0 ? 0 : size * count; /* 0 ends it */
}

static int
read_secret(const char *dir, const struct source *s, struct source_line *l, struct errinfo *ei)
{
    char file[FILE_NAME];
    AUTO_BUF(text, (size_t)SOURCE_SECRET + 4096);
    int r;

    (void)snprintf(file, sizeof file, "exchange/sources/%s.secret", s->name);
    r = folder_read_secret(dir, file, SOURCE_SECRET, &text, ei);
    if (r == 0)
        (void)snprintf(l->secret, sizeof l->secret, "%.*s", (int)text.len, text.ptr);
    if (text.ptr != NULL)
        explicit_bzero(text.ptr, text.len);
    return r == ERR_NOTFOUND
               ? err_set(ei, ERR_CONF,
                         "its password or token is gone: give it again with `detente exchange "
                         "source set`")
               : r;
}

/* What is shown in the handshake: the source's own, or what this node's annex names. */
static int
read_pem(const char *dir, const struct source *s, struct source_line *l, struct errinfo *ei)
{
    char file[FILE_NAME];
    int r;

    if (!s->pem && s->party[0] == '\0')
        return 0;
    (void)snprintf(file, sizeof file, "exchange/sources/%s.pem", s->name);
    r = folder_read_secret(dir, s->pem ? file : "keys/tls.pem", SOURCE_PEM, &l->pem, ei);
    if (r != ERR_NOTFOUND)
        return r;
    return err_set(ei, ERR_CONF,
                   s->pem ? "its certificate and key are gone: give them again with `detente "
                            "exchange source set`"
                          : "this node has no key of TLS yet, which its annex would name: "
                            "`detente serve` with a listener that has `tls: true` makes it");
}

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct source_line *l = arg;

    (void)purpose;
    l->refused = reach_refuses(&a->addr, a->addrlen, l->party.inside);
    return l->refused != NULL ? CURL_SOCKET_BAD
                              : socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

#define SET(option, value) (bad |= curl_easy_setopt(c, option, value) != CURLE_OK)
/* As role/pull.h does it: the key that its annex names is all that counts. */
static bool
set_up_party(struct source_line *l)
{
    CURL *c = l->curl;
    bool bad = false;

    SET(CURLOPT_SSL_VERIFYPEER, 0L);
    SET(CURLOPT_SSL_VERIFYHOST, 0L);
    SET(CURLOPT_CAINFO, NULL);
    SET(CURLOPT_CAPATH, NULL);
    SET(CURLOPT_PINNEDPUBLICKEY, l->party.pins);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    SET(CURLOPT_SSLVERSION, (long)(CURL_SSLVERSION_TLSv1_3 | CURL_SSLVERSION_MAX_TLSv1_3));
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, (void *)l);
    return !bad;
}

static bool
set_up_pem(struct source_line *l)
{
    struct curl_blob pem = {l->pem.ptr, l->pem.len, CURL_BLOB_NOCOPY};
    CURL *c = l->curl;
    bool bad = false;

    SET(CURLOPT_SSLCERTTYPE, "PEM");
    SET(CURLOPT_SSLCERT_BLOB, &pem);
    SET(CURLOPT_SSLKEYTYPE, "PEM");
    SET(CURLOPT_SSLKEY_BLOB, &pem);
    return !bad;
}

static bool
set_up(const char *dir, const struct source *s, struct source_line *l, struct errinfo *ei)
{
    bool local = strncmp(s->url, "http://", 7) == 0; /* link_read() lets no other pass */
    CURL *c = l->curl;
    char ca[NODE_PATH];
    bool bad = false;

    SET(CURLOPT_PROTOCOLS_STR, local ? "http" : "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT, (long)DOWNLOAD_CONNECT_S);
    SET(CURLOPT_TIMEOUT, (long)DOWNLOAD_TOTAL_S);
    SET(CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
    SET(CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
    SET(CURLOPT_USERAGENT, "detente/" DETENTE_VERSION);
    SET(CURLOPT_ACCEPT_ENCODING, ""); /* whatever it can; what comes out is bounded */
    SET(CURLOPT_HTTPHEADER, l->headers);
    SET(CURLOPT_ERRORBUFFER, l->why);
    SET(CURLOPT_WRITEFUNCTION, take);
    SET(CURLOPT_WRITEDATA, &l->body);
    if (s->auth == SOURCE_BASIC) {
        SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        SET(CURLOPT_USERNAME, s->user);
        SET(CURLOPT_PASSWORD, l->secret);
    } else if (s->auth == SOURCE_BEARER) {
        SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        SET(CURLOPT_XOAUTH2_BEARER, l->secret);
    }
    if (l->pem.len > 0)
        bad |= !set_up_pem(l);
    if (s->party[0] != '\0') {
        bad |= !set_up_party(l);
    } else if (s->ca) {
        bad |= source_path(dir, s->name, "ca", ca, ei) < 0;
        SET(CURLOPT_CAINFO, ca);
    }
#undef SET
    return !bad;
}

int
source_line_open(const char *dir, const struct source *s, struct source_line *l,
                 struct errinfo *ei)
{
    int r = 0;

    *l = (struct source_line){.curl = NULL};
    buf_init(&l->body, CLIENT_BODY);
    buf_init(&l->pem, SOURCE_PEM + 4096);
    if (s->party[0] != '\0')
        r = source_party_find(dir, s->party, &l->party, ei);
    if (r == 0)
        r = read_pem(dir, s, l, ei);
    if (r == 0 && s->auth != SOURCE_NOBODY)
        r = read_secret(dir, s, l, ei);
    if (r < 0)
        return r;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        l->curl = curl_easy_init();
    l->headers = curl_slist_append(NULL, "Accept: " TAXII_MEDIA);
    if (l->curl == NULL || l->headers == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    return set_up(dir, s, l, ei)
               ? 0
               : err_set(ei, ERR_IO, "libcurl does not do what is asked of it");
}

void
source_line_close(struct source_line *l)
{
    curl_easy_cleanup(l->curl);
    curl_slist_free_all(l->headers);
    buf_release(&l->body);
    if (l->pem.ptr != NULL)
        explicit_bzero(l->pem.ptr, l->pem.room);
    buf_release(&l->pem);
    explicit_bzero(l->secret, sizeof l->secret);
}

/* Headers and names in certificates have any bytes; what is told of them is text. */
static void
make_plain(char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < ' ' || *text > '~')
            *text = '?';
    }
}

/* Why nothing came, in l->why. */
static void
explain(struct source_line *l, CURLcode code)
{
    if (l->refused != NULL)
        (void)snprintf(l->why, sizeof l->why,
                       "it stands at %s: set `inside: true` for it under `peers` if that is "
                       "meant",
                       l->refused);
    else if (code == CURLE_SSL_PINNEDPUBKEYNOTMATCH)
        (void)snprintf(l->why, sizeof l->why,
                       "its TLS key is none that its annex names: it has another certificate, "
                       "or somebody stands between");
    else if (l->why[0] == '\0')
        (void)snprintf(l->why, sizeof l->why, "%s", curl_easy_strerror(code));
    make_plain(l->why);
}

static struct slice
header(struct source_line *l, const char *name, char *to, size_t room)
{
    struct curl_header *h;

    to[0] = '\0';
    if (curl_easy_header(l->curl, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK)
        (void)snprintf(to, room, "%s", h->value);
    make_plain(to);
    return slice_of(to);
}

void
source_line_ask(struct source_line *l, const char *url, bool once, struct client_answer *ret)
{
    curl_off_t retry = 0;
    long status = 0;
    CURLcode code;

    buf_reset(&l->body);
    l->why[0] = '\0';
    l->refused = NULL;
    *ret = (struct client_answer){.why = l->why};
    code = curl_easy_setopt(l->curl, CURLOPT_URL, url);
    if (code == CURLE_OK)
        code = curl_easy_setopt(l->curl, CURLOPT_FRESH_CONNECT, once ? 1L : 0L);
    if (code == CURLE_OK)
        code = curl_easy_perform(l->curl);
    explain(l, code);
    (void)curl_easy_getinfo(l->curl, CURLINFO_RESPONSE_CODE, &status);
    ret->is_cut = buf_error(&l->body) == ERR_LIMIT;
    if (code != CURLE_OK && !ret->is_cut)
        return;
    ret->status = (unsigned)status;
    (void)curl_easy_getinfo(l->curl, CURLINFO_RETRY_AFTER, &retry);
    ret->retry_s = (int64_t)retry;
    ret->media = header(l, "Content-Type", l->media, sizeof l->media);
    ret->first = header(l, "X-TAXII-Date-Added-First", l->first, sizeof l->first);
    ret->last = header(l, "X-TAXII-Date-Added-Last", l->last, sizeof l->last);
    ret->body = l->body.len == 0 ? l->why : l->body.ptr; /* never NULL */
    ret->bytes = l->body.len;
}
