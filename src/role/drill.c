#include "role/drill.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "role/drill_priv.h"
#include "role/env_posix.h"
#include "role/keep.h"
#include "role/serve.h"
#include "role/sign_document.h"

enum {
    START_US = 120000000, /* a node that is not ready by then will not be */
    STOP_US = 60000000,
    PAGE_US = 3000000, /* between two looks at the page … */
    PAGE_WAIT_MS = 3000,
    LATE_US = 4000000, /* what sensors write so late may still be on its way */
    TURN_MS = 100,
    URL = 128
};

/* What the node's process says to the one that watches it. */
struct word_of_node {
    enum { NODE_SHUT = 1, NODE_READY, NODE_ENDED } what;
    int status; /* of what ended; of the way */
    struct errinfo ei;
    char url[URL];
};

struct holding {
    struct drill *d;
    const struct drill_options *o;
    const char *dir;
    struct env_posix posix;
    struct env env;
    pid_t pid; /* of the node; 0: it has ended */
    int link;
    int signals;
    char url[URL];
    int64_t size[CONF_SENSORS]; /* of sources at the beginning */
    int64_t paged;
    bool looked; /* at how they grew */
    bool broken; /* off by a person */
    int status;
    struct errinfo ei;
};

/* ---- the node's process ------------------------------------------------------------------ */

static int
say(int link, const struct word_of_node *w, int fd)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec iov = {(void *)(uintptr_t)w, sizeof *w};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

    if (fd >= 0) {
        struct cmsghdr *c;

        msg.msg_control = &control;
        msg.msg_controllen = sizeof control;
        c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    return sendmsg(link, &msg, MSG_NOSIGNAL) == (ssize_t)sizeof *w ? 0 : ERR_IO;
}

struct inside {
    int link;
    bool no_namespace;
};

static int
shut(void *arg, struct errinfo *ei)
{
    struct word_of_node w = {.what = NODE_SHUT};
    const struct inside *in = arg;
    enum blockade_way way;
    int watch = -1;
    int r = blockade_enter(!in->no_namespace, &way, &watch, ei);

    if (r < 0)
        return r;
    w.status = (int)way;
    r = say(in->link, &w, watch);
    if (watch >= 0)
        (void)close(watch);
    return r < 0 ? err_set(ei, r, "nobody watches this drill") : 0;
}

static void
ready(void *arg, const char *url)
{
    struct word_of_node w = {.what = NODE_READY};
    const struct inside *in = arg;

    (void)snprintf(w.url, sizeof w.url, "%s", url);
    (void)!say(in->link, &w, -1);
}

/* It ends when the one that watches does. */
static int
be_node(const struct holding *h, int link)
{
    struct inside in = {link, h->o->no_namespace};
    const struct serve_options o = {.ready = ready, .shut = shut, .arg = &in};
    struct word_of_node w = {.what = NODE_ENDED};
    sigset_t none;

    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    w.status = serve(h->dir, &o, &w.ei);
    (void)!say(link, &w, -1);
    return err_exit(w.status);
}

/* ---- watching ---------------------------------------------------------------------------- */

static int64_t
mono(const struct holding *h)
{
    return h->env.now_mono(h->env.self);
}

static struct utime
wall(const struct holding *h)
{
    return h->env.now_wall(h->env.self);
}

/* 1: there was something. */
static int
hear(struct holding *h)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct word_of_node w;
    struct iovec iov = {&w, sizeof w};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = &control,
                         .msg_controllen = sizeof control};
    struct cmsghdr *c;

    if (recvmsg(h->link, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != (ssize_t)sizeof w)
        return 0;
    c = CMSG_FIRSTHDR(&msg);
    if (w.what == NODE_SHUT && c != NULL && c->cmsg_type == SCM_RIGHTS) {
        memcpy(&h->d->seen.watch, CMSG_DATA(c), sizeof h->d->seen.watch);
        h->d->listed = true;
    }
    if (w.what == NODE_SHUT)
        h->d->way = (enum blockade_way)w.status;
    if (w.what == NODE_READY)
        (void)snprintf(h->url, sizeof h->url, "%.*s", URL - 1, w.url);
    if (w.what == NODE_ENDED) {
        h->status = w.status;
        h->ei = w.ei;
    }
    return 1;
}

static void
hear_signals(struct holding *h)
{
    struct signalfd_siginfo info;

    while (read(h->signals, &info, sizeof info) > 0)
        h->broken |= info.ssi_signo != SIGCHLD;
}

/* One turn: calls are answered as they come, until there are none for a moment. */
static void
turn(struct holding *h)
{
    int status;

    if (h->d->seen.watch < 0) {
        struct pollfd p = {h->link, POLLIN, 0};

        (void)poll(&p, 1, TURN_MS);
    } else {
        for (int i = 0; i < 256 && blockade_answer(&h->d->seen, wall(h), TURN_MS); i++)
            continue;
    }
    while (hear(h) == 1)
        continue;
    hear_signals(h);
    if (h->pid > 0 && waitpid(h->pid, &status, WNOHANG) == h->pid) {
        while (hear(h) == 1)
            continue;
        h->pid = 0;
        if (h->status == 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
            h->status = err_set(&h->ei, ERR_IO, "the node died");
    }
}

static size_t
drop(const char *bytes, size_t size, size_t n, void *arg)
{
    (void)bytes;
    (void)arg;
    return size * n;
}

/* What a page that is read over the house's own wires gets. */
static bool
page_answers(const char *url)
{
    CURL *c = curl_easy_init();
    char at[URL + 16];
    long status = 0;
    bool bad = c == NULL;

    if (bad)
        return false;
    (void)snprintf(at, sizeof at, "%s/livez", url);
#define SET(option, value) (bad |= curl_easy_setopt(c, option, value) != CURLE_OK)
    SET(CURLOPT_URL, at);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_TIMEOUT_MS, (long)PAGE_WAIT_MS);
    SET(CURLOPT_SSL_VERIFYPEER, 0L); /* it is this node's own, by its own address */
    SET(CURLOPT_SSL_VERIFYHOST, 0L);
    SET(CURLOPT_WRITEFUNCTION, drop);
#undef SET
    bad = bad || curl_easy_perform(c) != CURLE_OK ||
          curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK;
    curl_easy_cleanup(c);
    return !bad && status == 200;
}

static void
look_at_page(struct holding *h)
{
    h->paged = mono(h);
    h->d->pages++;
    h->d->answers += page_answers(h->url);
}

static int
wait_for_node(struct holding *h, struct errinfo *ei)
{
    int64_t until = mono(h) + START_US;

    while (h->pid > 0 && h->url[0] == '\0' && !h->broken && mono(h) < until)
        turn(h);
    if (h->url[0] != '\0')
        return 0;
    if (h->status < 0) {
        *ei = h->ei;
        return h->status == ERR_BUSY
                   ? err_set(
                         ei, ERR_BUSY,
                         "a node runs there, and its outside cannot be shut: end it for the "
                         "drill (`systemctl stop detente`), and start it again afterwards")
                   : h->status;
    }
    return err_set(ei, ERR_IO,
                   h->broken ? "given up before it began" : "the node is not ready in time");
}

static void
hold(struct holding *h)
{
    int64_t until = mono(h) + h->o->span.us;

    h->d->began = wall(h);
    while (h->pid > 0 && !h->broken && mono(h) < until) {
        turn(h);
        if (h->pid > 0 && mono(h) - h->paged >= PAGE_US)
            look_at_page(h);
        if (!h->looked && until - mono(h) < LATE_US) {
            drill_grown(h->d, h->dir, h->size);
            h->looked = true;
        }
    }
    if (h->pid > 0)
        look_at_page(h);
    h->d->ended = wall(h);
}

static void
stop_node(struct holding *h)
{
    int64_t until;

    if (h->pid <= 0)
        return;
    until = mono(h) + STOP_US;
    (void)kill(h->pid, SIGTERM);
    while (h->pid > 0) {
        turn(h);
        if (mono(h) > until)
            (void)kill(h->pid, SIGKILL);
    }
}

/* ---- what came of it --------------------------------------------------------------------- */

static void
fail(struct drill *d, bool so, const char *why)
{
    if (so && d->why_count < DRILL_WHY)
        d->why[d->why_count++] = why;
}

static void
judge(const struct holding *h)
{
    struct drill *d = h->d;

    fail(d, h->pid == 0, "the node ended by itself");
    fail(d, h->broken, "it was ended by a person, before its time");
    fail(d, d->died > 0, "a process of the node died");
    fail(d, d->pages == 0 || d->answers + 1 < d->pages, "the page was not there all the time");
    fail(d, d->grew > 0 && d->after.lines == d->before.lines,
         "what sensors wrote was not taken");
    fail(d, d->after.log_size < d->before.log_size, "the log is shorter than before");
}

/* By the node that still runs. */
static int
put_act(const struct holding *h, struct errinfo *ei)
{
    struct keep_ask ask = {.what = KEEP_DRILL};
    struct hash of = sha256_of(h->d->json.ptr, h->d->json.len);
    struct keep_answer answer = {0};
    struct keeper *k = NULL;
    char hex[DOCUMENT_HASH];
    int r = keeper_open(h->dir, &k, ei);

    sign_document_hex(&of, hex);
    memcpy(ask.name, hex, sizeof hex);
    if (r == 0)
        r = keeper_do(k, &ask, &answer, ei);
    (void)keeper_close(k);
    if (r == 0 && answer.status < 0) {
        *ei = answer.ei;
        r = answer.status;
    }
    if (r == 0)
        memcpy(h->d->sha256, hex, sizeof hex);
    return r;
}

/* The report is made before its act, so it cannot say of that. */
static int
report(struct holding *h, struct errinfo *ei)
{
    struct errinfo why = {0};
    int r = drill_after(h->d, h->dir, ei);

    if (r < 0)
        return r;
    judge(h);
    drill_json(h->d, &h->d->json);
    r = buf_error(&h->d->json);
    if (r < 0)
        return err_set(ei, r, "%s", err_text(r));
    if (put_act(h, &why) < 0)
        fail(h->d, true, "the log took no act of it");
    return 0;
}

static int
open_holding(struct holding *h, struct errinfo *ei)
{
    sigset_t set;
    int r = env_posix_open(&h->posix, h->dir, &h->env, ei);

    if (r == 0)
        r = drill_before(h->d, h->dir, h->size, ei);
    if (r < 0)
        return r;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    h->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return h->signals < 0 ? err_set(ei, ERR_IO, "%s", strerror(errno)) : 0;
}

static int
start_node(struct holding *h, struct errinfo *ei)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return err_set(ei, ERR_IO, "%s", strerror(errno));
    (void)fflush(NULL);
    h->pid = fork();
    if (h->pid == 0) {
        (void)close(ends[0]);
        (void)close(h->signals);
        _exit(be_node(h, ends[1]));
    }
    (void)close(ends[1]);
    h->link = ends[0];
    return h->pid < 0 ? err_set(ei, ERR_IO, "no new process: %s", strerror(errno)) : 0;
}

int
drill_cutoff(const char *dir, const struct drill_options *o, struct drill *ret,
             struct errinfo *ei)
{
    struct holding *h = calloc(1, sizeof *h);
    int r = 0;

    *ret = (struct drill){.seen.watch = -1, .asked = o->span};
    buf_init(&ret->json, DRILL_JSON);
    if (h == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    *h = (struct holding){
        .d = ret, .o = o, .dir = dir, .posix.dir = -1, .link = -1, .signals = -1};
    if (o->span.us < DRILL_LEAST_US || o->span.us > DRILL_MOST_US)
        r = err_set(ei, ERR_USAGE, "a drill takes 5 s to 1 d");
    if (r == 0)
        r = open_holding(h, ei);
    if (r == 0)
        r = start_node(h, ei);
    if (r == 0)
        r = wait_for_node(h, ei);
    if (r == 0) {
        if (o->ready != NULL)
            o->ready(h->url);
        hold(h);
        r = report(h, ei);
    }
    stop_node(h);
    if (ret->seen.watch >= 0)
        (void)close(ret->seen.watch);
    ret->seen.watch = -1;
    if (h->link >= 0)
        (void)close(h->link);
    if (h->signals >= 0)
        (void)close(h->signals);
    env_posix_close(&h->posix);
    free(h);
    return r;
}

void
drill_release(struct drill *d)
{
    buf_release(&d->json);
}
