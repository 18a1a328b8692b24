#include "role/carry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "role/control.h"
#include "role/link.h"
#include "role/node.h"
#include "role/parley.h"

/* The member, or a status of 404. */
static int
look_up(const struct carry *c, const struct fetch_ask *a, struct fetch_told *told,
        struct buf *body)
{
    int r = c->get(c->arg, slice_of(a->path), body);

    *told = (struct fetch_told){.peer = a->peer, .id = a->id, .status = 200};
    if (r == 0 && body->len > a->limit)
        r = ERR_NOTFOUND;
    if (r == ERR_NOTFOUND) {
        told->status = 404;
        buf_reset(body);
        r = 0;
    }
    told->size = (uint32_t)body->len;
    return r;
}

/* ---- by the node that runs there --------------------------------------------------------- */

static int
answer(const struct carry *c, int link, const struct fetch_ask *a)
{
    struct link_msg m = {.op = LINK_FETCHED};
    AUTO_BUF(body, FETCH_MAX);
    int fd = -1;
    int r = look_up(c, a, &m.u.fetched, &body);

    if (r == 0 && body.len > 0) {
        fd = memfd_create("bundle", MFD_CLOEXEC);
        if (fd < 0 || write(fd, body.ptr, body.len) != (ssize_t)body.len)
            r = ERR_IO;
    }
    if (r == 0)
        r = link_send(link, &m, &fd, fd >= 0, true);
    if (fd >= 0)
        (void)close(fd);
    return r;
}

static int
serve(const struct carry *c, int link, struct carried *ret, struct errinfo *ei)
{
    for (;;) {
        struct link_msg m;
        int fds[LINK_FDS];
        int r = link_recv(link, &m, fds, true);

        if (r < 0)
            return err_set(ei, ERR_IO, "the node went away: import it again");
        link_drop(fds);
        if (m.op == LINK_CARRIED) {
            if (m.status < 0)
                *ei = m.u.ei;
            else
                *ret = m.u.carried;
            return m.status;
        }
        m.u.fetch.path[FETCH_PATH - 1] = '\0';
        if (m.op == LINK_FETCH)
            r = answer(c, link, &m.u.fetch);
        if (r < 0)
            return err_set(ei, r, "%s", err_text(r));
    }
}

static int
carry_running(const struct carry *c, struct carried *ret, struct errinfo *ei)
{
    int pair[2];
    int r = link_pair(pair);

    if (r < 0)
        return err_set(ei, r, "%s", err_text(r));
    r = control_carry(c->dir, pair[1], c->party, ei);
    (void)close(pair[1]);
    if (r == 0)
        r = serve(c, pair[0], ret, ei);
    (void)close(pair[0]);
    return r;
}

/* ---- here -------------------------------------------------------------------------------- */

struct here {
    const struct carry *c;
    struct fetch_ask asked;
    bool asks;
    bool ended;
    struct carried got;
    struct witness witness;
    struct treaty treaty;
};

static void
take_ask(void *self, const struct fetch_ask *a, struct slice body)
{
    struct here *h = self;

    (void)body;
    h->asked = *a;
    h->asks = true;
}

static void
no_peer(void *self, unsigned number, const struct fetch_peer *p)
{
    (void)self;
    (void)number;
    (void)p;
}

static void
take_end(void *self, const struct carried *what)
{
    struct here *h = self;

    h->got = *what;
    h->ended = true;
}

static int
run_here(struct here *h, struct peers *p, struct errinfo *ei)
{
    const struct peers_carried c = {.fetcher = {h, no_peer, take_ask}, .ended = take_end};
    int r = peers_carry(p, slice_of(h->c->party), &c, ei);

    while (r == 0 && !h->ended && h->asks) {
        AUTO_BUF(body, FETCH_MAX);
        struct fetch_told told;

        h->asks = false;
        r = look_up(h->c, &h->asked, &told, &body);
        if (r == 0)
            r = peers_told(p, &told, buf_get(&body), ei);
    }
    return r;
}

static int
carry_here(const struct carry *c, struct node *n, struct carried *ret, struct errinfo *ei)
{
    struct here *h = calloc(1, sizeof *h);
    struct node_keys *keys = calloc(1, sizeof *keys);
    struct parley *p = calloc(1, sizeof *p);
    int r = h == NULL || keys == NULL || p == NULL ? ERR_NOMEM : node_keys_open(n, keys, ei);

    if (r == 0)
        r = witness_open(&h->witness, n->conf, n->store, &n->env, &keys->key[NODE_WITNESS], ei);
    if (r == 0) {
        h->c = c;
        h->treaty = (struct treaty){.engine = n->engine,
                                    .store = n->store,
                                    .env = &n->env,
                                    .key = &keys->key[NODE_MESSAGE],
                                    .self = n->conf->party};
        r = parley_open(p, n, &h->witness, keys, &h->treaty, -1, ei);
        if (r == 0 && p->peers == NULL)
            r = err_set(ei, ERR_NOTFOUND, "this node has no counterpart");
        engine_hold(n->engine,
                    false); /* who cosigned the log cannot be asked: the mark decides */
        if (r == 0)
            r = run_here(h, p->peers, ei);
        parley_close(p);
    }
    if (r == 0)
        *ret = h->got;
    if (keys != NULL)
        node_keys_clear(keys);
    free(p);
    free(keys);
    free(h);
    return r;
}

int
carry(const struct carry *c, struct carried *ret, struct errinfo *ei)
{
    struct node n;
    int r = node_open(c->dir, NODE_WRITE, &n, ei);

    *ret = (struct carried){.entries = 0};
    if (r == ERR_BUSY)
        return carry_running(c, ret, ei);
    if (r < 0)
        return r;
    r = carry_here(c, &n, ret, ei);
    node_close(&n);
    return r;
}
