/* The courier's process: keeps alerts, tells people.  It has the network that no other role
 * has, and of the node nothing but its own folder; the secrets of its receivers are all it
 * holds. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "role/courier.h"
#include "role/env_posix.h"
#include "role/node.h"
#include "role/roles.h"
#include "role/sandbox.h"
#include "role/send.h"

enum {
    TURN_MS = 200,
    LIVE_US = 1000000, /* how often the parent hears that we live */
    LAST_US = 5000000  /* for what is still to be told when the end comes */
};

struct courier_loop {
    struct courier courier;
    struct env_posix posix;
    struct env env;
    struct send *send;
    struct sender sender;
    int parent;
    int64_t told;
    bool ends;
};

static int
hear_parent(struct courier_loop *l)
{
    struct link_msg m;
    int fds[LINK_FDS];
    int r;

    while ((r = link_recv(l->parent, &m, fds, false)) == 1) {
        link_drop(fds);
        if (m.op == LINK_CONDITION && condition_clean(&m.u.condition))
            courier_hear(&l->courier, &m.u.condition);
        if (m.op == LINK_SYNCED)
            courier_synced(&l->courier);
        if (m.op == LINK_ACKED) {
            m.u.acked.user[PERSON_USER - 1] = '\0';
            r = courier_ack(&l->courier, m.u.acked.alert, m.u.acked.user);
            if (r == ERR_FULL || r == ERR_BUSY)
                l->env.log(l->env.self, ENV_WARN,
                           "an acknowledgement found no room on the disk: give it again");
            else if (r < 0)
                return r;
        }
        l->ends |= m.op == LINK_STOP;
    }
    return r;
}

static int
turn(struct courier_loop *l)
{
    struct link_msg alive = {.op = LINK_STATE};
    int64_t now = l->env.now_mono(l->env.self);
    int r = hear_parent(l);

    if (r == 0)
        r = courier_step(&l->courier, &l->sender);
    if (now - l->told >= LIVE_US) {
        l->told = now;
        (void)!link_send(l->parent, &alive, NULL, 0, false);
    }
    send_turn(l->send, l->parent, TURN_MS);
    return r;
}

/* What was never tried is, once. */
static void
last_turns(struct courier_loop *l)
{
    int64_t until = l->env.now_mono(l->env.self) + LAST_US;

    while (courier_step(&l->courier, &l->sender) == 0 && courier_busy(&l->courier) &&
           l->env.now_mono(l->env.self) < until)
        send_turn(l->send, -1, TURN_MS);
}

static int
open_courier(struct courier_loop *l, const struct house *h, struct alerts **ret,
             struct errinfo *ei)
{
    char origin[320];
    int r = env_posix_open(&l->posix, h->dir, &l->env, ei);

    l->posix.moves = true;
    if (r == 0)
        r = node_origin(h->dir, origin, sizeof origin, ei);
    if (r == 0)
        r = alerts_open(h->dir, STORE_CREATE, ret, ei);
    if (r == 0)
        r = send_open(h->conf, h->dir, origin, &l->env, &l->send, ei);
    if (r < 0)
        return r;
    send_sender(l->send, &l->sender);
    /* further arenas, of many names that are looked up, ask for more than the list names */
    (void)mallopt(M_ARENA_MAX, 1);
    r = sandbox_enter(ROLE_COURIER, h->dir, NULL, ei);
    if (r == 0)
        r = courier_open(&l->courier, *ret, &l->env, h->conf);
    return r < 0 ? err_set(ei, r, "alerts: %s", alerts_error(*ret)) : 0;
}

int
proc_courier(const struct house *h, int parent)
{
    struct courier_loop *l = calloc(1, sizeof *l);
    struct link_msg ready = {.op = LINK_READY};
    struct alerts *alerts = NULL;
    struct errinfo ei = {0};
    int r;

    if (l == NULL)
        return proc_fail(parent, ERR_NOMEM, &ei);
    l->parent = parent;
    l->posix.dir = -1;
    r = open_courier(l, h, &alerts, &ei);
    if (r == 0)
        r = link_send(parent, &ready, NULL, 0, true);
    while (r == 0 && !l->ends)
        r = turn(l);
    if (r == 0)
        last_turns(l);
    if (r < 0 && ei.text[0] == '\0')
        (void)err_set(&ei, r, "alerts: %s",
                      alerts == NULL ? err_text(r) : alerts_error(alerts));
    return r < 0 ? proc_fail(parent, r, &ei) : 0;
}
