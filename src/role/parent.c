/* The parent of a running node: starts, watches, opens, ends. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "role/control.h"
#include "role/node.h"
#include "role/parent_priv.h"
#include "role/tls.h"
#include "vulndb/vulndb.h"

enum {
    TURN_MS = 200,
    FILES = 4096,    /* open at once, as detente.service asks for */
    LOCK_TRIES = 30, /* 3 s in all */
    LOCK_PAUSE_NS = 100000000
};

void
parent_say(const struct parent *p, enum env_level level, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    p->env.log(p->env.self, level, text);
}

int64_t
parent_mono(const struct parent *p)
{
    return p->env.now_mono(p->env.self);
}

/* ---- sensors -------------------------------------------------------------------------- */

static struct child *
add_sensor(struct parent *p, const char *name, const char *path)
{
    struct child *c = NULL;

    for (unsigned i = 0; i < p->sensors && c == NULL; i++) {
        if (!p->sensor[i].used)
            c = &p->sensor[i];
    }
    if (c == NULL && p->sensors < CHILDREN_MAX)
        c = &p->sensor[p->sensors++];
    if (c == NULL)
        return NULL;
    *c = (struct child){.role = ROLE_SENSOR,
                        .link = -1,
                        .input = -1,
                        .peer = -1,
                        .slots = -1,
                        .used = true,
                        .index = (uint32_t)(c - p->sensor)};
    (void)snprintf(c->name, sizeof c->name, "%s", name);
    (void)snprintf(c->path, sizeof c->path, "%s", path);
    return c;
}

static int
add_sensors(struct parent *p, struct errinfo *ei)
{
    const struct serve_options *o = p->house.o;
    const struct conf *c = p->house.conf;
    struct child *last = NULL;
    unsigned want = o->sample + c->sensor_count + o->follow_count;

    if (want > CHILDREN_MAX - HANDED_MAX)
        return err_set(ei, ERR_LIMIT, "at most %u sensors", CHILDREN_MAX - HANDED_MAX);
    if (o->sample) {
        last = add_sensor(p, "sample", "");
        last->sample = true;
    }
    for (unsigned i = 0; i < c->sensor_count; i++) {
        char path[CONF_PATH];

        conf_path(p->house.dir, c->sensors[i].path, path);
        (void)add_sensor(p, c->sensors[i].name, path);
    }
    for (unsigned i = 0; i < o->follow_count; i++)
        (void)add_sensor(p, "eve", o->follow[i]);
    return 0;
}

static void
forget_sensor(struct child *c)
{
    if (c->input >= 0)
        (void)close(c->input);
    if (c->peer >= 0)
        (void)close(c->peer);
    if (c->slots >= 0)
        (void)close(c->slots);
    c->seen = slots_unmap(c->seen);
    c->input = c->peer = c->slots = -1;
    c->used = false;
    c->again = 0;
}

/* A sensor asks for its source. */
static void
open_source(struct child *c)
{
    struct link_msg m = {.op = LINK_LOOKED};
    int fd = -1;

    if (c->finite && !c->given)
        fd = dup(c->input);
    else if (!c->finite && c->path[0] != '\0')
        fd = open(c->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    c->given = true;
    (void)!link_send(c->link, &m, &fd, fd >= 0, true);
    if (fd >= 0)
        (void)close(fd);
}

/* Why a role ends. */
static void
last_word(struct parent *p, const struct child *c, struct link_msg *m)
{
    m->u.ei.text[sizeof m->u.ei.text - 1] = '\0';
    parent_say(p, ENV_ERROR, "%s: %s", role_name(c->role), m->u.ei.text);
    if (c->role == ROLE_ENGINE && m->status == ERR_PROOF) {
        parent_tell(p, ALERT_LOG_ROLLBACK, "", true, WORD_ALERT_LOG_ROLLBACK, "%s",
                    m->u.ei.text);
        p->status = m->status; /* signing on would be a lie: nobody starts that again */
        p->ei = m->u.ei;
    }
}

static void
hear_sensor(struct parent *p, struct child *c)
{
    struct link_msg m;
    int fds[LINK_FDS];

    if (c->link < 0 || link_recv(c->link, &m, fds, false) != 1)
        return;
    link_drop(fds);
    if (m.op == LINK_LOOK)
        open_source(c);
    if (m.op == LINK_FAILED) {
        m.u.ei.text[sizeof m.u.ei.text - 1] = '\0';
        parent_say(p, ENV_ERROR, "%s", m.u.ei.text);
    }
}

/* An engine that began anew knows nobody who asks for it, though that one may live on. */
static void
want_peer(struct parent *p)
{
    struct errinfo ei = {0};

    p->peer_wanted = true;
    if (p->peer.pid > 0 && parent_start_peer(p, &ei) < 0)
        parent_say(p, ENV_WARN, "the peer does not hear the new engine: %s", ei.text);
    if (p->peer.pid == 0 && p->peer.again == 0)
        p->peer.again = parent_mono(p);
}

/* What the engine tells for people, on its way to the courier. */
static void
pass_on(struct parent *p, struct link_msg *m)
{
    if (m->op == LINK_CONDITION && condition_clean(&m->u.condition))
        board_put(&p->board, &m->u.condition, BOARD_ENGINE);
    if (m->op == LINK_SYNCED)
        board_synced(&p->board, BOARD_ENGINE);
    if (m->op == LINK_ACKED)
        board_ack(&p->board, &m->u.acked);
    if (m->op == LINK_PEER_WANTED)
        want_peer(p);
    p->list_wanted |= m->op == LINK_LIST_WANTED;
}

/* An engine or gate that says nothing for a minute hangs: it is killed, and started again. */
static void
hear_role(struct parent *p, struct child *c)
{
    int64_t now = parent_mono(p);
    struct link_msg m;
    int fds[LINK_FDS];

    if (c->pid <= 0)
        return;
    while (link_recv(c->link, &m, fds, false) == 1) {
        link_drop(fds);
        c->heard = now;
        if (m.op == LINK_FAILED)
            last_word(p, c, &m);
        if (c->role == ROLE_ENGINE)
            pass_on(p, &m);
    }
    if (now - (c->heard > c->started ? c->heard : c->started) > HANG_US) {
        parent_say(p, ENV_ERROR, "the %s has been silent for a minute and is killed",
                   role_name(c->role));
        (void)kill(c->pid, SIGKILL);
        c->heard = now;
    }
}

/* An order of the command line is the engine's to do and to answer. */
static void
pass_order(struct parent *p, const struct control_request *req, int peer)
{
    struct link_msg m = {.op = req->what == CONTROL_KEEP  ? LINK_KEEP
                               : req->what == CONTROL_SAY ? LINK_SAY
                                                          : LINK_ORDER,
                         .u.order.ask = req->order};

    (void)snprintf(m.u.order.user, sizeof m.u.order.user, "%s",
                   req->uid == 0 ? "root" : p->user);
    if (p->engine.pid > 0)
        (void)!link_send(p->engine.link, &m, &peer, 1, true);
    (void)close(peer);
}

/* Documents of pacts too, and objects. */
static void
pass_bytes(struct parent *p, const struct control_request *req, int peer, int input)
{
    struct link_msg m = {.op = req->what == CONTROL_OBJECTS ? LINK_GIVE : LINK_TREATY,
                         .count = req->bytes,
                         .slot = req->seen != 0};
    const int fds[] = {peer, input};

    (void)snprintf(m.u.order.user, sizeof m.u.order.user, "%s",
                   req->uid == 0 ? "root" : p->user);
    if (p->engine.pid > 0)
        (void)!link_send(p->engine.link, &m, fds, 2, true);
    (void)close(peer);
    (void)close(input);
}

/* A link that answers for a party. */
static void
pass_carrier(struct parent *p, const struct control_request *req, int peer, int input)
{
    struct link_msg m = {.op = LINK_CARRY};

    (void)snprintf(m.u.feed.name, sizeof m.u.feed.name, "%s", req->sensor);
    if (p->engine.pid > 0)
        (void)!link_send(p->engine.link, &m, &input, 1, true);
    (void)close(input);
    (void)close(peer);
}

static void
pass_request(struct parent *p, const struct control_request *req, int peer, int input)
{
    if (req->what == CONTROL_CARRY)
        pass_carrier(p, req, peer, input);
    else if (req->what == CONTROL_TREATY || req->what == CONTROL_OBJECTS)
        pass_bytes(p, req, peer, input);
    else
        pass_order(p, req, peer);
}

/* An input of the command line: a sensor of its own. */
static void
hear_control(struct parent *p)
{
    struct control_request req;
    struct errinfo ei;
    struct child *c;
    unsigned handed = 0;
    int peer;
    int input;

    if (control_accept(p->control, &req, &peer, &input) == 0)
        return;
    if (req.what != CONTROL_INGEST) {
        pass_request(p, &req, peer, input);
        return;
    }
    for (unsigned i = 0; i < p->sensors; i++)
        handed += p->sensor[i].used && p->sensor[i].finite;
    c = handed < HANDED_MAX ? add_sensor(p, req.sensor, "") : NULL;
    if (c == NULL) {
        (void)close(peer);
        (void)close(input);
        return;
    }
    c->finite = true;
    c->peer = peer;
    c->input = input;
    if (p->engine.pid == 0 || parent_start_sensor(p, c, &ei) < 0)
        forget_sensor(c);
}

/* ---- death and new starts ------------------------------------------------------------- */

static void
come_again(struct parent *p, struct child *c)
{
    int64_t now = parent_mono(p);

    if (now - c->started > CALM_US)
        c->backoff = 0;
    c->again = now + c->backoff + 1;
    c->backoff = c->backoff == 0                   ? BACKOFF_US
                 : c->backoff * 2 > BACKOFF_MAX_US ? BACKOFF_MAX_US
                                                   : c->backoff * 2;
}

static void
tell_death(const struct parent *p, const struct child *c, int status)
{
    if (WIFSIGNALED(status))
        parent_say(p, ENV_ERROR, "%s %s died: %s%s", role_name(c->role), c->name,
                   strsignal(WTERMSIG(status)),
                   WTERMSIG(status) == SIGSYS ? " (a system call that is not on its list)"
                                              : "");
    else if (WEXITSTATUS(status) != 0)
        parent_say(p, ENV_ERROR, "%s %s ended with %d", role_name(c->role), c->name,
                   WEXITSTATUS(status));
}

/* Last words that still stand in the link. */
static void
last_words(struct parent *p, struct child *c)
{
    struct link_msg m;
    int fds[LINK_FDS];

    while (link_recv(c->link, &m, fds, false) == 1) {
        link_drop(fds);
        if (m.op == LINK_FAILED)
            last_word(p, c, &m);
    }
}

static void
reap_child(struct parent *p, struct child *c, int status)
{
    last_words(p, c);
    (void)close(c->link);
    c->link = -1;
    c->pid = 0;
    if (p->stopped)
        return;
    tell_death(p, c, status);
    if (WIFSIGNALED(status))
        parent_tell(p, ALERT_CRASH, role_name(c->role), true, WORD_ALERT_CRASH,
                    "%s" WORD_AND "%s", role_name(c->role), strsignal(WTERMSIG(status)));
    if (c->role == ROLE_SENSOR) {
        bool on = parent_quarantine(p, c, status);

        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            c->backoff = 0; /* the engine went away, not it */
        if (c->finite && (!on || WIFEXITED(status) || c->backoff > 0))
            forget_sensor(c);
        else if (on)
            come_again(p, c);
        return;
    }
    come_again(p, c);
}

static void
reap(struct parent *p)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == p->engine.pid)
            reap_child(p, &p->engine, status);
        if (pid == p->gate.pid)
            reap_child(p, &p->gate, status);
        if (pid == p->courier.pid)
            reap_child(p, &p->courier, status);
        if (pid == p->peer.pid)
            reap_child(p, &p->peer, status);
        if (pid == p->puller.pid)
            parent_pulled(p, status);
        if (pid == p->lister.pid)
            parent_listed(p, status);
        for (unsigned i = 0; i < p->sensors; i++) {
            if (pid == p->sensor[i].pid)
                reap_child(p, &p->sensor[i], status);
        }
    }
}

/* Certificates that are over soon are made again.  True: others are to be served. */
static bool
renew_tls(struct parent *p)
{
    struct house *h = &p->house;
    struct link_msg m = {.op = LINK_TLS};
    struct errinfo ei = {0};
    int r;

    if (!tls_wanted(h->conf) && !p->peer_wanted)
        return false;
    p->tls_looked = parent_mono(p);
    r = tls_prepare(h->dir, h->conf, p->env.now_wall(p->env.self), &ei);
    if (r == 0)
        r = tls_own(h->dir, m.u.tls, &ei);
    if (r < 0) {
        parent_say(p, ENV_ERROR, "%s: %s", ei.file, ei.text);
        return false;
    }
    if (memcmp(m.u.tls, h->tls, sizeof h->tls) == 0)
        return false;
    if (h->tls[0].until.us != 0 && !hash_eq(&m.u.tls[0].key, &h->tls[0].key))
        parent_say(p, ENV_WARN,
                   "TLS by a new authority: compare its fingerprint "
                   "(`detente key list`)");
    parent_say(p, ENV_INFO, "TLS by a new certificate");
    memcpy(h->tls, m.u.tls, sizeof h->tls);
    if (p->engine.pid > 0)
        (void)!link_send(p->engine.link, &m, NULL, 0, true);
    return true;
}

/* The gate and the peer read them where they begin. */
static void
look_at_tls(struct parent *p)
{
    if (parent_mono(p) - p->tls_looked < TLS_LOOK_US || !renew_tls(p))
        return;
    if (p->gate.pid > 0)
        (void)!link_say(p->gate.link, LINK_STOP);
    if (p->peer.pid > 0)
        (void)!link_say(p->peer.link, LINK_STOP);
}

static bool
is_due(const struct parent *p, const struct child *c)
{
    return c->pid == 0 && c->again != 0 && parent_mono(p) >= c->again;
}

/* A role that cannot be started now is tried again later. */
static void
after_start(struct parent *p, struct child *c, int r, const struct errinfo *ei)
{
    c->again = 0;
    if (r == 0)
        return;
    parent_say(p, ENV_ERROR, "the %s cannot be started: %s%s%s", role_name(c->role), ei->file,
               ei->file[0] == '\0' ? "" : ": ", ei->text);
    if (c->role == ROLE_ENGINE && r == ERR_PROOF) {
        p->status = r;
        p->ei = *ei;
    }
    if (c->pid == 0)
        come_again(p, c);
}

static void
start_due(struct parent *p)
{
    struct errinfo ei = {0};

    if (is_due(p, &p->engine)) {
        int r = parent_start_engine(p, &ei);

        after_start(p, &p->engine, r, &ei);
        if (r == 0) {
            parent_say(p, ENV_INFO, "the engine runs again");
            if (p->gate.pid > 0 && parent_start_gate(p, &ei) < 0)
                parent_say(p, ENV_WARN, "the gate does not hear the new engine: %s", ei.text);
        }
    }
    if (is_due(p, &p->courier))
        after_start(p, &p->courier, parent_start_courier(p, &ei), &ei);
    if (p->engine.pid == 0)
        return;
    if (is_due(p, &p->gate)) {
        (void)renew_tls(p);
        after_start(p, &p->gate, parent_start_gate(p, &ei), &ei);
    }
    if (is_due(p, &p->peer)) {
        (void)renew_tls(p);
        after_start(p, &p->peer, parent_start_peer(p, &ei), &ei);
    }
    for (unsigned i = 0; i < p->sensors; i++) {
        if (p->sensor[i].used && is_due(p, &p->sensor[i]))
            after_start(p, &p->sensor[i], parent_start_sensor(p, &p->sensor[i], &ei), &ei);
    }
}

/* ---- beginning and end ---------------------------------------------------------------- */

static int
open_signals(struct parent *p, struct errinfo *ei)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    p->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return p->signals < 0 ? err_set(ei, ERR_IO, "%s", strerror(errno)) : 0;
}

/* Where the gate may read, also before there is anything. */
static int
make_folders(const struct parent *p, struct errinfo *ei)
{
    static const char *const names[] = {"alerts", "lists", "cutoff", "vuln"};
    char path[4096];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", p->house.dir, names[i]);
        if (mkdir(path, 0700) == 0 || errno == EEXIST)
            continue;
        err_file(ei, path);
        return err_set(ei, err_own(errno), "cannot be made: %s", strerror(errno));
    }
    return 0;
}

/* A reader that may make no files needs the index beside the database, which one that was
 * restored does not have.  What is wrong with it is said when somebody asks. */
static void
ready_vulnerabilities(const struct parent *p)
{
    struct errinfo none = {0};
    struct vulndb *db = NULL;

    if (vulndb_open(p->house.dir, false, &db, &none) == 0) {
        db = vulndb_close(db);
        if (vulndb_open(p->house.dir, true, &db, &none) == 0)
            (void)vulndb_close(db);
    }
}

/* The processes of a node that was killed need a moment to be gone, and so do commands. */
static int
lock_house(struct parent *p, struct errinfo *ei)
{
    for (unsigned i = 0;; i++) {
        p->house.lock = node_lock(p->house.dir, ei);
        if (p->house.lock != ERR_BUSY || i == LOCK_TRIES)
            return p->house.lock < 0 ? p->house.lock : 0;
        (void)nanosleep(&(struct timespec){.tv_nsec = LOCK_PAUSE_NS}, NULL);
    }
}

/* Its directory, and the time in it. */
static int
open_house(struct parent *p, struct errinfo *ei)
{
    int r = env_posix_open(&p->posix, p->house.dir, &p->env, ei);

    if (r == 0)
        r = lock_house(p, ei);
    return r == 0 ? parent_open_clock(p, ei) : r;
}

/* What the processes share: how long each has waited. */
static int
open_waits(struct house *h, struct errinfo *ei)
{
    void *shared =
        mmap(NULL, sizeof *h->waits, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    h->waits = shared;
    return 0;
}

static int
open_parent(struct parent *p, struct conf **conf, struct errinfo *ei)
{
    const char *dir = p->house.dir;
    bool drill = p->house.o->shut != NULL;
    int r = open_house(p, ei);

    if (r == 0)
        r = node_conf(dir, conf, ei);
    p->house.conf = *conf;
    control_user(geteuid(), p->user); /* behind the fence nobody can be asked */
    if (r == 0)
        r = open_signals(p, ei);
    if (r == 0)
        r = add_sensors(p, ei);
    if (r == 0 && tls_wanted(*conf)) {
        r = tls_prepare(dir, *conf, p->env.now_wall(p->env.self), ei);
        if (r == 0)
            r = tls_own(dir, p->house.tls, ei);
        p->tls_looked = parent_mono(p);
    }
    if (r == 0)
        r = open_waits(&p->house, ei);
    if (r == 0 && drill)
        r = parent_listen(p, ei);
    if (r == 0)
        parent_list_first(p);
    if (r == 0)
        r = parent_start_engine(p, ei);
    if (r == 0)
        r = make_folders(p, ei);
    if (r == 0)
        ready_vulnerabilities(p);
    if (r == 0 && !drill)
        r = parent_listen(p, ei);
    if (r == 0)
        r = control_listen(dir, &p->control, ei);
    if (r == 0)
        r = sandbox_enter(ROLE_PARENT, dir, NULL, ei);
    if (r == 0) { /* alerts that cannot be kept now are no reason to see no attacks */
        struct errinfo why = {0};

        after_start(p, &p->courier, parent_start_courier(p, &why), &why);
        r = parent_start_gate(p, ei);
    }
    for (unsigned i = 0; r == 0 && i < p->sensors; i++) {
        p->sensor[i].past = p->sensor[i].sample && p->lines == 0;
        r = parent_start_sensor(p, &p->sensor[i], ei);
    }
    return r;
}

/* Tell one child to end and wait for it; what does not is killed. */
static void
stop_child(struct parent *p, struct child *c)
{
    int64_t until = parent_mono(p) + STOP_US;
    struct pollfd fd = {p->signals, POLLIN, 0};
    struct signalfd_siginfo info;

    if (c->pid <= 0)
        return;
    (void)!link_say(c->link, LINK_STOP);
    while (c->pid > 0) {
        if (parent_mono(p) > until)
            (void)kill(c->pid, SIGKILL);
        (void)poll(&fd, 1, 20);
        (void)!read(p->signals, &info, sizeof info);
        if (c->role == ROLE_SENSOR)
            hear_sensor(p, c); /* it may wait for an answer */
        reap(p);
    }
}

/* Sensors first, so that the engine takes what they sent; the gate, which tells it what it gave
 * to others last; then the engine, and at last who may have to tell why. */
static void
stop_all(struct parent *p)
{
    p->stopped = true;
    parent_pull_stop(p);
    parent_list_stop(p);
    for (unsigned i = 0; i < p->sensors; i++) {
        if (p->sensor[i].pid > 0)
            (void)!link_say(p->sensor[i].link, LINK_STOP);
    }
    for (unsigned i = 0; i < p->sensors; i++)
        stop_child(p, &p->sensor[i]);
    stop_child(p, &p->peer);
    stop_child(p, &p->gate);
    stop_child(p, &p->engine);
    if (p->courier.pid > 0)
        (void)!board_flush(&p->board, p->courier.link);
    stop_child(p, &p->courier);
}

static void
close_parent(struct parent *p, struct conf *conf)
{
    char path[4096];

    manager_say(&p->manager, "STOPPING=1");
    stop_all(p);
    manager_close(&p->manager);
    for (unsigned i = 0; i < p->sensors; i++)
        forget_sensor(&p->sensor[i]);
    for (unsigned i = 0; i < p->house.listens; i++)
        (void)close(p->house.listen[i].fd);
    if (p->control >= 0) {
        (void)close(p->control);
        (void)snprintf(path, sizeof path, "%s/control", p->house.dir);
        (void)unlink(path);
    }
    if (p->signals >= 0)
        (void)close(p->signals);
    if (p->house.lock >= 0)
        (void)close(p->house.lock);
    if (p->house.waits != NULL)
        (void)munmap(p->house.waits, sizeof *p->house.waits);
    parent_close_clock(p);
    env_posix_close(&p->posix);
    (void)conf_free(conf);
}

static void
turn(struct parent *p)
{
    struct pollfd fd[CHILDREN_MAX + 2] = {{p->signals, POLLIN, 0}, {p->control, POLLIN, 0}};
    struct signalfd_siginfo info;
    nfds_t n = 2;

    for (unsigned i = 0; i < p->sensors; i++) {
        if (p->sensor[i].link >= 0)
            fd[n++] = (struct pollfd){p->sensor[i].link, POLLIN, 0};
    }
    (void)poll(fd, n, p->house.clock == NULL ? TURN_MS : TEST_CLOCK_LOOK_MS);
    parent_move_clock(p);
    while (read(p->signals, &info, sizeof info) > 0)
        p->ends |= info.ssi_signo != SIGCHLD;
    for (unsigned i = 0; i < p->sensors; i++)
        hear_sensor(p, &p->sensor[i]);
    hear_role(p, &p->engine);
    hear_role(p, &p->gate);
    hear_role(p, &p->courier);
    hear_role(p, &p->peer);
    reap(p);
    parent_watch(p);
    if (!p->ends && p->status == 0) /* one that must not sign is not started once more */
        start_due(p);
    look_at_tls(p);
    parent_quarantine_age(p);
    parent_give_sources(p);
    parent_pull(p);
    parent_list(p);
    manager_alive(&p->manager, parent_mono(p));
    if (fd[1].revents != 0)
        hear_control(p);
}

/* A viewer is a descriptor of the gate's, and a shell gives a program few of those it may have.
 */
static void
raise_files(void)
{
    struct rlimit most;

    if (getrlimit(RLIMIT_NOFILE, &most) < 0 || most.rlim_cur >= FILES)
        return;
    most.rlim_cur = most.rlim_max < FILES ? most.rlim_max : FILES;
    (void)setrlimit(RLIMIT_NOFILE, &most);
}

int
serve(const char *dir, const struct serve_options *o, struct errinfo *ei)
{
    struct parent *p = calloc(1, sizeof *p);
    struct conf *conf = NULL;
    int r;

    *ei = (struct errinfo){0};
    if (p == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    p->house = (struct house){.dir = dir, .o = o, .lock = -1};
    p->engine = (struct child){.role = ROLE_ENGINE, .link = -1, .slots = -1};
    p->gate = (struct child){.role = ROLE_GATE, .link = -1, .slots = -1};
    p->courier = (struct child){.role = ROLE_COURIER, .link = -1, .slots = -1};
    p->peer = (struct child){.role = ROLE_PEER, .link = -1, .slots = -1};
    p->puller = (struct child){.role = ROLE_PULLER, .link = -1, .slots = -1};
    p->lister = (struct child){.role = ROLE_LISTER, .link = -1, .slots = -1};
    p->control = p->signals = p->posix.dir = -1;
    manager_open(&p->manager);
    raise_files();
    r = open_parent(p, &conf, ei);
    if (r == 0) {
        parent_announce(p);
        manager_say(&p->manager, "READY=1\nSTATUS=taking events");
    }
    while (r == 0 && !p->ends && p->status == 0)
        turn(p);
    if (r == 0 && p->status != 0) {
        *ei = p->ei;
        r = p->status;
    }
    close_parent(p, conf);
    free(p);
    return r;
}
