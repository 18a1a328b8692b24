/* Transfers to the receivers, one at a time each. */
#include "role/send.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "role/send_priv.h"

/* ---- what is read once ------------------------------------------------------------------ */

static int
open_file(const char *dir, const char *name, bool secret, struct errinfo *ei)
{
    char path[CONF_PATH];
    struct stat st;
    int fd;

    conf_path(dir, name, path);
    err_file(ei, path);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return err_set(ei, ERR_CONF, "cannot be read: %s", strerror(errno));
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (!secret || (st.st_mode & 077) == 0))
        return fd;
    (void)close(fd);
    return err_set(ei, ERR_CONF,
                   secret ? "is a secret that others can read: run `chmod go= ` on it"
                          : "is no file");
}

static int
read_file(const char *dir, const char *name, bool secret, struct buf *to, struct errinfo *ei)
{
    int fd = open_file(dir, name, secret, ei);
    ssize_t n = 1;

    if (fd < 0)
        return fd;
    while (n > 0 && buf_error(to) == 0) {
        char *at = buf_reserve(to, 4096);

        n = at == NULL ? -1 : read(fd, at, 4096);
        if (n > 0)
            buf_wrote(to, (size_t)n);
    }
    (void)close(fd);
    while (secret && to->len > 0 &&
           (to->ptr[to->len - 1] == '\n' || to->ptr[to->len - 1] == '\r'))
        to->len--;
    if (n < 0 || to->len == 0)
        return err_set(ei, ERR_CONF, n < 0 ? "cannot be read" : "is empty");
    buf_char(to, '\0'); /* for who takes text */
    to->len -= buf_error(to) == 0;
    return 0;
}

static int
read_files(const struct conf_notify *n, const char *dir, struct buf *secret, struct buf *ca,
           struct errinfo *ei)
{
    int r = n->secret[0] == '\0' ? 0 : read_file(dir, n->secret, true, secret, ei);

    return r < 0 || n->ca[0] == '\0' ? r : read_file(dir, n->ca, false, ca, ei);
}

int
send_check(const struct conf_notify *n, const char *dir, struct errinfo *ei)
{
    AUTO_BUF(secret, SEND_FILE_MAX);
    AUTO_BUF(ca, SEND_FILE_MAX);
    int r = read_files(n, dir, &secret, &ca, ei);

    if (secret.ptr != NULL)
        explicit_bzero(secret.ptr, secret.room);
    return r;
}

/* ---- one transfer ----------------------------------------------------------------------- */

void
send_done(struct send_to *t, int status, bool refused, const char *text)
{
    t->result = (struct send_result){.status = status, .refused = refused};
    (void)snprintf(t->result.text, sizeof t->result.text, "%s", text);
    for (char *p = t->result.text; *p != '\0'; p++) {
        if (*p < ' ' || *p > '~')
            *p = '?';
    }
    t->state = SEND_FINISHED;
    if (t->easy != NULL) {
        (void)curl_multi_remove_handle(t->send->multi, t->easy);
        curl_easy_cleanup(t->easy);
        t->easy = NULL;
    }
    curl_slist_free_all(t->list);
    t->list = NULL;
}

/* NOLINTBEGIN(readability-non-const-parameter): curl says how it is called */
static size_t
take_nothing(char *bytes, size_t size, size_t n, void *arg)
/* NOLINTEND(readability-non-const-parameter) */
{
    struct send_to *t = arg;

    (void)bytes;
    t->answered += size * n;
    return t->answered > SEND_FILE_MAX ? 0 : size * n; /* 0 ends it */
}

static size_t
give_mail(char *to, size_t size, size_t n, void *arg)
{
    struct send_to *t = arg;
    struct slice part = slice_sub(buf_get(&t->body), t->given, size * n);

    if (part.len > 0)
        memcpy(to, part.ptr, part.len);
    t->given += part.len;
    return part.len;
}

static void
add_line(struct send_to *t, const char *line)
{
    struct curl_slist *more = curl_slist_append(t->list, line);

    t->failed |= more == NULL;
    if (more != NULL)
        t->list = more;
}

#define SET(option, value) (t->failed |= curl_easy_setopt(t->easy, option, value) != CURLE_OK)

static void
set_common(struct send_to *t)
{
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a look-up that takes too long is not waited for */
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps");
    SET(CURLOPT_CONNECTTIMEOUT, (long)SEND_CONNECT_S);
    SET(CURLOPT_TIMEOUT, (long)SEND_TOTAL_S);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_ERRORBUFFER, t->error);
    SET(CURLOPT_PRIVATE, (void *)t);
    SET(CURLOPT_WRITEFUNCTION, take_nothing);
    SET(CURLOPT_WRITEDATA, (void *)t);
    SET(CURLOPT_FORBID_REUSE, (long)(conf_notify_kind(t->conf) != CONF_NOTIFY_SYSLOG));
    if (t->ca.len > 0) {
        struct curl_blob blob = {t->ca.ptr, t->ca.len, CURL_BLOB_NOCOPY};

        SET(CURLOPT_CAINFO_BLOB, &blob);
    }
}

static void
begin_mail(struct send_to *t, const struct notice_from *from, const struct notice *n,
           unsigned count)
{
    const struct conf_notify *c = t->conf;
    bool near = conf_notify_is_near(c);

    mail_write(from, c->from, c->to.at, c->to.count, n, count, &t->body);
    (void)snprintf(t->url, sizeof t->url, "%s/%s", c->url, from->host);
    for (unsigned i = 0; i < c->to.count; i++)
        add_line(t, c->to.at[i]);
    SET(CURLOPT_URL, t->url);
    SET(CURLOPT_USE_SSL, near ? (long)CURLUSESSL_TRY : (long)CURLUSESSL_ALL);
    SET(CURLOPT_MAIL_FROM, c->from);
    SET(CURLOPT_MAIL_RCPT, t->list);
    SET(CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L); /* the others shall be told all the same */
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, give_mail);
    SET(CURLOPT_READDATA, (void *)t);
    if (c->user[0] != '\0') {
        SET(CURLOPT_USERNAME, c->user);
        SET(CURLOPT_PASSWORD, t->secret.ptr);
    }
}

static void
begin_hook(struct send_to *t, const struct notice_from *from, const struct notice *n)
{
    char signature[HOOK_SIGNATURE];
    char line[HOOK_SIGNATURE + 32];
    char id[NOTICE_ID];

    hook_write(from, n, &t->body);
    hook_sign(buf_get(&t->secret), from->now, buf_get(&t->body), signature);
    add_line(t, "Content-Type: application/json");
    (void)snprintf(line, sizeof line, "Detente-Signature: %s", signature);
    add_line(t, line);
    notice_id(n, id);
    (void)snprintf(line, sizeof line, "Detente-Delivery: %s", id);
    add_line(t, line);
    add_line(t, "Expect:");
    SET(CURLOPT_URL, t->conf->url);
    SET(CURLOPT_HTTPHEADER, t->list);
    SET(CURLOPT_USERAGENT, "detente/" DETENTE_VERSION);
    SET(CURLOPT_POSTFIELDSIZE, (long)t->body.len);
    SET(CURLOPT_POSTFIELDS, t->body.ptr);
}

static void
begin_curl(struct send_to *t)
{
    if (buf_error(&t->body) < 0 || t->failed ||
        curl_multi_add_handle(t->send->multi, t->easy) != CURLM_OK)
        send_done(t, ERR_IO, false, "out of memory");
    else
        t->state = SEND_CURL;
}

static void
start(void *self, unsigned receiver, const struct notice *n, unsigned count)
{
    struct send *s = self;
    struct send_to *t = &s->to[receiver];
    struct notice_from from = {s->node, s->host, s->env->now_wall(s->env->self),
                               t->conf->language < LANGUAGES ? t->conf->language : s->language};

    buf_reset(&t->body);
    t->given = t->answered = 0;
    t->failed = false;
    t->error[0] = '\0';
    if (t->broken[0] != '\0') {
        send_done(t, ERR_IO, false, t->broken);
        return;
    }
    t->easy = curl_easy_init();
    if (t->easy == NULL) {
        send_done(t, ERR_IO, false, "out of memory");
        return;
    }
    set_common(t);
    switch (conf_notify_kind(t->conf)) {
    case CONF_NOTIFY_MAIL: begin_mail(t, &from, n, count); break;
    case CONF_NOTIFY_WEBHOOK: begin_hook(t, &from, n); break;
    case CONF_NOTIFY_SYSLOG:
        syslog_write(&from, n, &t->body);
        if (send_datagram(t))
            return;
        send_syslog_begin(t);
        break;
    }
    begin_curl(t);
}

static bool
result(void *self, unsigned receiver, struct send_result *ret)
{
    struct send_to *t = &((struct send *)self)->to[receiver];

    if (t->state != SEND_FINISHED)
        return false;
    *ret = t->result;
    t->state = SEND_IDLE;
    return true;
}

/* ---- going on --------------------------------------------------------------------------- */

static void
conclude(struct send_to *t, CURLcode code)
{
    enum conf_notify_kind kind = conf_notify_kind(t->conf);
    char text[RECEIVER_ERROR];
    long status = 0;
    bool refused;

    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && kind == CONF_NOTIFY_SYSLOG) {
        t->state = SEND_WRITING;
        return;
    }
    if (kind == CONF_NOTIFY_MAIL)
        refused = status >= 500 && status <= 599;
    else
        refused =
            status >= 400 && status <= 499 && status != 408 && status != 425 && status != 429;
    if (code == CURLE_OK && kind == CONF_NOTIFY_WEBHOOK && (status < 200 || status > 299)) {
        (void)snprintf(text, sizeof text, "it answered %ld", status);
        send_done(t, ERR_IO, refused, text);
    } else if (code == CURLE_OK) {
        send_done(t, 0, false, "");
    } else {
        (void)snprintf(text, sizeof text, "%.150s",
                       t->error[0] != '\0' ? t->error : curl_easy_strerror(code));
        send_done(t, ERR_IO, refused, text);
    }
}

static void
hear_curl(struct send *s)
{
    CURLMsg *m;
    int left;

    while ((m = curl_multi_info_read(s->multi, &left)) != NULL) {
        void *t = NULL;

        if (m->msg == CURLMSG_DONE &&
            curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t) == CURLE_OK && t != NULL)
            conclude(t, m->data.result);
    }
}

/* What libcurl does not wait for. */
static bool
is_ours(const struct send_to *t)
{
    return t->state == SEND_LOOKING || t->state == SEND_WRITING || t->state == SEND_DRAINING;
}

void
send_turn(struct send *s, int fd, int timeout_ms)
{
    struct curl_waitfd also = {fd, CURL_WAIT_POLLIN, 0};
    int running = 0;

    for (unsigned i = 0; i < s->count; i++) {
        if (is_ours(&s->to[i]))
            timeout_ms = timeout_ms < 20 ? timeout_ms : 20;
        if (s->to[i].state == SEND_FINISHED)
            timeout_ms = 0;
    }
    (void)curl_multi_perform(s->multi, &running);
    hear_curl(s);
    (void)curl_multi_poll(s->multi, &also, fd >= 0, timeout_ms, NULL);
    (void)curl_multi_perform(s->multi, &running);
    hear_curl(s);
    for (unsigned i = 0; i < s->count; i++) {
        if (is_ours(&s->to[i]))
            send_syslog_turn(&s->to[i]);
    }
}

/* ---- beginning and end ------------------------------------------------------------------ */

int
send_open(const struct conf *conf, const char *dir, const char *node, const struct env *env,
          struct send **ret, struct errinfo *ei)
{
    struct send *s = calloc(1, sizeof *s);

    if (s == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(s);
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    s->env = env;
    s->multi = curl_multi_init();
    s->count = conf->notify_count;
    s->language = conf->language;
    (void)snprintf(s->node, sizeof s->node, "%s", node);
    if (gethostname(s->host, sizeof s->host - 1) < 0 || s->host[0] == '\0')
        (void)snprintf(s->host, sizeof s->host, "localhost");
    for (unsigned i = 0; i < s->count; i++) {
        struct send_to *t = &s->to[i];
        struct errinfo why = {0};

        t->send = s;
        t->conf = &conf->notify[i];
        t->datagram = -1;
        buf_init(&t->body, NOTICE_BYTES);
        buf_init(&t->secret, SEND_FILE_MAX);
        buf_init(&t->ca, SEND_FILE_MAX);
        if (read_files(t->conf, dir, &t->secret, &t->ca, &why) < 0)
            (void)snprintf(t->broken, sizeof t->broken, "%.64s %.80s", why.file, why.text);
    }
    if (s->multi == NULL) {
        (void)send_close(s);
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    *ret = s;
    return 0;
}

struct send *
send_close(struct send *s)
{
    if (s == NULL)
        return NULL;
    for (unsigned i = 0; i < s->count; i++) {
        struct send_to *t = &s->to[i];

        send_done(t, ERR_IO, false, "");
        send_lookup_drop(t);
        buf_release(&t->body);
        if (t->secret.ptr != NULL)
            explicit_bzero(t->secret.ptr, t->secret.room);
        buf_release(&t->secret);
        buf_release(&t->ca);
        if (t->datagram >= 0)
            (void)close(t->datagram);
    }
    if (s->multi != NULL)
        (void)curl_multi_cleanup(s->multi);
    curl_global_cleanup();
    free(s);
    return NULL;
}

void
send_sender(struct send *s, struct sender *ret)
{
    *ret = (struct sender){s, start, result};
}
