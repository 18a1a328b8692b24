/* The peer's process: asks counterparts over the network for what the engine wants to know.  It
 * has the node's key for TLS and none that signs, no file of the node, and believes as little
 * as the engine does: what came is handed on as bytes. */
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include "role/cosigners.h"
#include "role/env_posix.h"
#include "role/pull.h"
#include "role/roles.h"
#include "role/sandbox.h"
#include "role/tls.h"

enum {
    TURN_MS = 200,
    LIVE_US = 1000000 /* how often the parent hears that we live */
};

struct peer_loop {
    struct env_posix posix;
    struct env env;
    struct pull *pull;
    struct buf sent; /* the body of a question */
    int parent;
    int engine; /* -1: gone */
    int bodies; /* memory in which the engine puts what is to be sent, a place for each */
    int64_t told;
    bool ends;
};

/* A new engine's links replace the old ones: whatever was asked before, nobody waits for. */
static void
take_engine(struct peer_loop *l, int fds[LINK_FDS])
{
    pull_forget(l->pull);
    if (l->engine >= 0)
        (void)close(l->engine);
    if (l->bodies >= 0)
        (void)close(l->bodies);
    l->engine = fds[0];
    l->bodies = fds[1];
    fds[0] = fds[1] = -1;
}

static void
hear_parent(struct peer_loop *l)
{
    struct link_msg m;
    int fds[LINK_FDS];
    int r;

    while ((r = link_recv(l->parent, &m, fds, false)) == 1) {
        if (m.op == LINK_PEER && fds[0] >= 0 && fds[1] >= 0)
            take_engine(l, fds);
        l->ends |= m.op == LINK_STOP;
        link_drop(fds);
    }
    l->ends |= r < 0;
}

static void
begin(struct peer_loop *l, const struct fetch_ask *ask)
{
    size_t n = ask->post == 0 ? 0 : ask->size;
    char *to;

    buf_reset(&l->sent);
    to = n == 0 || n > PULL_SENT || ask->peer >= FETCH_ALL ? NULL : buf_reserve(&l->sent, n);
    if (to != NULL && pread(l->bodies, to, n, (off_t)ask->peer * PULL_SENT) == (ssize_t)n)
        buf_wrote(&l->sent, n);
    pull_ask(l->pull, ask, buf_get(&l->sent));
}

static void
hear_engine(struct peer_loop *l)
{
    struct link_msg m;
    int fds[LINK_FDS];
    int r = 0;

    while (l->engine >= 0 && (r = link_recv(l->engine, &m, fds, false)) == 1) {
        link_drop(fds);
        if (m.op == LINK_WHOM)
            pull_whom(l->pull, m.slot, &m.u.whom);
        if (m.op == LINK_FETCH)
            begin(l, &m.u.fetch);
    }
    if (r < 0) {
        (void)close(l->engine);
        l->engine = -1;
        pull_forget(l->pull);
    }
}

/* What is there, as far as the engine has room for it. */
static void
tell_engine(struct peer_loop *l)
{
    struct link_msg m = {.op = LINK_FETCHED};
    int fd;

    while (l->engine >= 0 && pull_answer(l->pull, &m.u.fetched, &fd)) {
        if (link_send(l->engine, &m, &fd, fd >= 0, false) == ERR_BUSY)
            return;
        pull_done(l->pull, &m.u.fetched); /* also when it is gone */
    }
}

static void
turn(struct peer_loop *l)
{
    struct link_msg alive = {.op = LINK_STATE};
    int64_t now = l->env.now_mono(l->env.self);
    int fds[2];

    hear_parent(l);
    hear_engine(l);
    tell_engine(l);
    if (now - l->told >= LIVE_US) {
        l->told = now;
        (void)!link_send(l->parent, &alive, NULL, 0, false);
    }
    fds[0] = l->parent;
    fds[1] = l->engine;
    pull_turn(l->pull, fds, 2, TURN_MS);
    tell_engine(l);
}

static int
open_peer(struct peer_loop *l, const struct house *h, struct errinfo *ei)
{
    AUTO_BUF(page, (size_t)TLS_FILE_MAX + 4096);
    AUTO_BUF(ca, (size_t)TLS_FILE_MAX + 4096);
    AUTO_BUF(vouch, COSIGNERS_CA_MAX);
    int r = env_posix_open(&l->posix, h->dir, &l->env, ei);

    if (r == 0)
        r = tls_read(h->dir, &page, &ca, ei);
    if (r == ERR_NOTFOUND) { /* witnesses are asked without */
        buf_reset(&page);
        r = 0;
    }
    if (r == 0)
        r = cosigners_ca(h->dir, h->conf, &vouch, ei);
    if (r == 0)
        r = pull_open(buf_get(&page), buf_get(&vouch), &l->pull, ei);
    if (page.ptr != NULL)
        explicit_bzero(page.ptr, page.room);
    if (r < 0)
        return r;
    buf_init(&l->sent, PULL_SENT);
    /* further arenas, of many names that are looked up, ask for more than the list names */
    (void)mallopt(M_ARENA_MAX, 1);
    return sandbox_enter(ROLE_PEER, h->dir, NULL, ei);
}

int
proc_peer(const struct house *h, int parent, int engine, int bodies)
{
    struct peer_loop *l = calloc(1, sizeof *l);
    struct link_msg ready = {.op = LINK_READY};
    struct errinfo ei = {0};
    int r;

    if (l == NULL)
        return proc_fail(parent, ERR_NOMEM, &ei);
    *l = (struct peer_loop){.parent = parent, .engine = engine, .bodies = bodies};
    l->posix.dir = -1;
    r = open_peer(l, h, &ei);
    if (r == 0)
        r = link_send(parent, &ready, NULL, 0, true);
    while (r == 0 && !l->ends)
        turn(l);
    return r < 0 ? proc_fail(parent, r, &ei) : 0;
}
