/* How the parent starts a role: links, fork, and in the child nothing but what it was given. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "role/parent_priv.h"
#include "role/pull.h"

/* What only the engine may have. */
static void
drop_shared(struct parent *p)
{
    (void)munmap(p->house.waits, sizeof *p->house.waits);
    p->house.waits = NULL;
}

/* The child is one of its own: it ends with its parent, and inherits no more than keep. */
static void
become_child(pid_t parent, const int *keep, unsigned count, const char *name)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_NAME, name);
    if (getppid() != parent)
        _exit(0);
    sandbox_keep(keep, count);
}

/* Fork with a link to the child: 0 in the child, its pid in the parent. */
static pid_t
fork_role(struct child *c, int *ret_up, struct errinfo *ei)
{
    int ends[2];
    pid_t pid;

    if (link_pair(ends) < 0)
        return err_set(ei, ERR_IO, "no link to a new process: %s", strerror(errno));
    (void)fflush(NULL);
    pid = fork();
    if (pid < 0) {
        int saved = errno;

        (void)close(ends[0]);
        (void)close(ends[1]);
        return err_set(ei, ERR_IO, "no new process: %s", strerror(saved));
    }
    if (pid == 0) {
        *ret_up = ends[1];
        return 0;
    }
    (void)close(ends[1]);
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    c->pid = pid;
    c->link = ends[0];
    return pid;
}

/* The child's word: it is ready, or why not. */
static int
wait_ready(struct child *c, struct link_msg *m, struct errinfo *ei)
{
    int fds[LINK_FDS];
    int r;

    (void)fcntl(c->link, F_SETFL, 0);
    do {
        r = link_recv(c->link, m, fds, true);
        link_drop(fds);
    } while (r == 1 && m->op == LINK_STATE); /* it lives, but is not ready */
    (void)fcntl(c->link, F_SETFL, O_NONBLOCK);
    if (r == 1 && m->op == LINK_READY)
        return 0;
    if (r == 1 && m->op == LINK_FAILED && m->status < 0) {
        *ei = m->u.ei;
        return m->status;
    }
    return err_set(ei, ERR_IO, "the %s ended before it was ready", role_name(c->role));
}

int
parent_start_engine(struct parent *p, struct errinfo *ei)
{
    struct link_msg m;
    pid_t self = getpid();
    int up = -1;
    pid_t pid = fork_role(&p->engine, &up, ei);
    int r;

    if (pid == 0) {
        const int keep[] = {up, p->house.lock};

        become_child(self, keep, 2, "detente-engine");
        _exit(proc_engine(&p->house, up));
    }
    if (pid < 0)
        return (int)pid;
    p->engine.started = parent_mono(p);
    board_new(&p->board, BOARD_ENGINE);
    r = wait_ready(&p->engine, &m, ei);
    if (r < 0)
        return r;
    p->lines = m.u.state.lines;
    return 0;
}

int
parent_start_courier(struct parent *p, struct errinfo *ei)
{
    struct link_msg m;
    pid_t self = getpid();
    int up = -1;
    pid_t pid = fork_role(&p->courier, &up, ei);
    int r;

    if (pid == 0) {
        become_child(self, &up, 1, "detente-courier");
        _exit(proc_courier(&p->house, up));
    }
    if (pid < 0)
        return (int)pid;
    p->courier.started = parent_mono(p);
    r = wait_ready(&p->courier, &m, ei);
    board_courier_new(&p->board);
    return r;
}

int
parent_start_puller(struct parent *p, struct errinfo *ei)
{
    pid_t self = getpid();
    int up = -1;
    pid_t pid = fork_role(&p->puller, &up, ei);

    if (pid == 0) {
        become_child(self, &up, 1, "detente-puller");
        drop_shared(p);
        _exit(proc_puller(&p->house, up));
    }
    if (pid < 0)
        return (int)pid;
    p->puller.started = parent_mono(p);
    board_new(&p->board, BOARD_PULLER);
    p->puller.given = false;
    return 0;
}

int
parent_start_lister(struct parent *p, struct errinfo *ei)
{
    pid_t self = getpid();
    int up = -1;
    pid_t pid = fork_role(&p->lister, &up, ei);

    if (pid == 0) {
        become_child(self, &up, 1, "detente-lister");
        drop_shared(p);
        _exit(proc_lister(&p->house, up));
    }
    if (pid < 0)
        return (int)pid;
    p->lister.started = parent_mono(p);
    return 0;
}

/* A fresh pair between engine and gate. */
static int
join_gate(struct parent *p, int ends[2])
{
    struct link_msg m = {.op = LINK_GATE};
    int r = link_pair(ends);

    if (r < 0)
        return r;
    if (p->engine.link >= 0)
        (void)!link_send(p->engine.link, &m, &ends[0], 1, true);
    (void)close(ends[0]);
    return 0;
}

int
parent_start_gate(struct parent *p, struct errinfo *ei)
{
    struct link_msg m = {.op = LINK_GATE};
    pid_t self = getpid();
    int ends[2];
    int up = -1;
    pid_t pid;
    int r = join_gate(p, ends);

    if (r < 0)
        return err_set(ei, r, "no link to the engine");
    if (p->gate.pid > 0) { /* it lives on: only the engine is new */
        r = link_send(p->gate.link, &m, &ends[1], 1, true);
        (void)close(ends[1]);
        return r == ERR_NOTFOUND ? 0 : r;
    }
    pid = fork_role(&p->gate, &up, ei);
    if (pid == 0) {
        int keep[WEB_LISTEN + 2];
        unsigned n = 0;

        keep[n++] = up;
        keep[n++] = ends[1];
        for (unsigned i = 0; i < p->house.listens; i++)
            keep[n++] = p->house.listen[i].fd;
        become_child(self, keep, n, "detente-gate");
        drop_shared(p);
        _exit(proc_gate(&p->house, up, ends[1]));
    }
    (void)close(ends[1]);
    if (pid < 0)
        return (int)pid;
    p->gate.started = parent_mono(p);
    r = wait_ready(&p->gate, &m, ei);
    if (r == 0)
        p->port = m.u.state.port;
    return r;
}

/* What passes between engine and peer: a fresh link, and memory for what is sent. */
static int
join_peer(struct parent *p, int ret[2], struct errinfo *ei)
{
    struct link_msg m = {.op = LINK_PEER};
    int ends[2];
    int fds[2];
    int r = 0;

    fds[1] = memfd_create("detente-sent", MFD_CLOEXEC);
    if (fds[1] < 0)
        return err_set(ei, ERR_IO, "no memory for a new process: %s", strerror(errno));
    if (ftruncate(fds[1], (off_t)FETCH_ALL * PULL_SENT) < 0 || link_pair(ends) < 0) {
        r = err_set(ei, ERR_IO, "no link to a new process: %s", strerror(errno));
        (void)close(fds[1]);
        return r;
    }
    fds[0] = ends[0];
    (void)!link_send(p->engine.link, &m, fds, 2, true);
    (void)close(ends[0]);
    ret[0] = ends[1];
    ret[1] = fds[1];
    return 0;
}

int
parent_start_peer(struct parent *p, struct errinfo *ei)
{
    struct link_msg m = {.op = LINK_PEER};
    pid_t self = getpid();
    int fds[2] = {-1, -1};
    int up = -1;
    pid_t pid = -1;
    int r = join_peer(p, fds, ei);

    if (r < 0)
        return r;
    if (p->peer.pid > 0) { /* it lives on: only the engine is new */
        r = link_send(p->peer.link, &m, fds, 2, true);
        r = r == ERR_NOTFOUND ? 0 : r;
    } else {
        pid = fork_role(&p->peer, &up, ei);
    }
    if (pid == 0) {
        const int keep[] = {up, fds[0], fds[1]};

        become_child(self, keep, 3, "detente-peer");
        drop_shared(p);
        _exit(proc_peer(&p->house, up, fds[0], fds[1]));
    }
    (void)close(fds[0]);
    (void)close(fds[1]);
    if (pid < 0)
        return p->peer.pid > 0 ? r : (int)pid;
    p->peer.started = parent_mono(p);
    return wait_ready(&p->peer, &m, ei);
}

/* Memory that nothing of the last one stands in. */
static int
fresh_slots(struct child *c)
{
    int r;

    c->seen = slots_unmap(c->seen);
    if (c->slots >= 0)
        (void)close(c->slots);
    c->slots = -1;
    r = slots_new(&c->slots);
    return r < 0 ? r : slots_map(c->slots, &c->seen);
}

int
parent_start_sensor(struct parent *p, struct child *c, struct errinfo *ei)
{
    struct link_msg m = {.op = LINK_FEED};
    struct sensor_start s = {
        .peer = c->peer, .sample = c->sample, .past = c->past, .care = c->care};
    pid_t self = getpid();
    int ends[2] = {-1, -1};
    int fds[2];
    pid_t pid;
    int r = fresh_slots(c);

    if (r == 0)
        r = link_pair(ends);
    if (r < 0)
        return err_set(ei, r, "no memory for sensor %s: %s", c->name, strerror(errno));
    m.u.feed = (struct link_feed){.index = c->index, .finite = c->finite};
    (void)snprintf(m.u.feed.name, LINK_NAME, "%s", c->name);
    s.feed = m.u.feed;
    s.slots = c->slots;
    s.engine = ends[1];
    pid = fork_role(c, &s.parent, ei);
    if (pid == 0) {
        const int keep[] = {s.parent, s.engine, s.slots, s.peer};

        become_child(self, keep, 4, "detente-sensor");
        drop_shared(p);
        _exit(proc_sensor(&p->house, &s));
    }
    (void)close(ends[1]);
    fds[0] = ends[0];
    fds[1] = c->slots;
    if (pid > 0)
        r = link_send(p->engine.link, &m, fds, 2, true);
    (void)close(ends[0]);
    c->given = false;
    c->past = false;
    c->started = parent_mono(p);
    return pid < 0 ? (int)pid : r == ERR_NOTFOUND ? 0 : r;
}
