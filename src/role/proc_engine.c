/* The engine's process: the links of sensors and gate, a step at a time. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "role/beat.h"
#include "role/control.h"
#include "role/feed.h"
#include "role/objects.h"
#include "role/parley.h"
#include "role/people.h"
#include "role/proc_lookout.h"
#include "role/proc_sealers.h"
#include "role/retain.h"
#include "role/roles.h"
#include "role/sandbox.h"
#include "role/totals.h"
#include "role/treaty_order.h"
#include "role/watch.h"
#include "wire/hex.h"

enum {
    FEEDS_MAX = 80,
    TELL_US = 250000,    /* the gate */
    TURN_MS = 50,        /* of an idle loop */
    QUIET_US = 10000,    /* without a frame: nothing more comes soon */
    TABLES_US = 5000000, /* how often imported tables are looked for */
    STEPS = 8,           /* messages of one sensor in a turn */
    ASKS = 4             /* of the gate */
};

struct engine_loop {
    const struct house *h;
    struct node n;
    struct engine_role role;
    struct retain retain;
    struct beat beat;
    struct people people;
    struct watch watch;
    struct node_keys keys;
    struct witness witness;
    struct parley parley;
    struct treaty treaty;
    struct totals_maker *totals;
    struct proc_lookout lookout;
    struct feed_place place;
    struct tls_certificate tls[TLS_OWN]; /* to be logged when the engine may sign */
    bool tls_waits;
    struct feed *feed[FEEDS_MAX];
    unsigned feeds;
    int parent;
    int gate; /* -1: none */
    int64_t told;
    int64_t looked;
    int64_t tables_mtime;
    int64_t fed; /* when the last frame came */
    bool busy;
    bool ends;
};

int
proc_fail(int parent, int status, const struct errinfo *ei)
{
    struct link_msg m = {.op = LINK_FAILED, .status = status, .u.ei = *ei};

    (void)!link_send(parent, &m, NULL, 0, true);
    return err_exit(status);
}

static int64_t
mono(const struct engine_loop *l)
{
    return l->n.env.now_mono(l->n.env.self);
}

static void
fill_state(struct engine_loop *l, struct link_state *s)
{
    *s = (struct link_state){.signed_at = l->role.signed_at, .full = role_blocked(&l->role)};
    ledger_head(engine_ledger(l->n.engine), &s->head);
    if (store_get_counter(l->n.store, "lines", &s->lines) < 0)
        s->lines = 0;
    for (unsigned i = 0; i < l->feeds; i++) {
        const struct feed *f = l->feed[i];

        if (f->finite)
            continue;
        s->sensors++;
        s->reporting += watch_hears(f, &l->n, l->parley.book);
        if (!f->missing && f->live && f->lag_us > s->lag_us)
            s->lag_us = f->lag_us;
    }
}

static void
tell_gate(struct engine_loop *l)
{
    struct link_msg m = {.op = LINK_STATE};

    l->told = mono(l);
    fill_state(l, &m.u.state);
    (void)!link_send(l->parent, &m, NULL, 0, false); /* so that it knows that we live */
    if (l->gate < 0)
        return;
    if (link_send(l->gate, &m, NULL, 0, false) == ERR_NOTFOUND) {
        (void)close(l->gate);
        l->gate = -1;
    }
    parley_tell(&l->parley, l->gate, false);
}

/* Tables that were imported while we run count from the next block on. */
static int
reload_tables(struct engine_loop *l, struct errinfo *ei)
{
    struct role_event flush = {.kind = ROLE_FLUSH};
    int64_t mtime = node_tables_mtime(l->h->dir);
    int r;

    l->looked = mono(l);
    if (mtime == l->tables_mtime || role_blocked(&l->role))
        return 0;
    r = role_step(&l->role, &flush, ei);
    if (r < 0)
        return r == ERR_FULL ? 0 : r;
    l->tables_mtime = mtime;
    if (node_reload_tables(&l->n, ei) < 0) {
        l->n.env.log(l->n.env.self, ENV_WARN, ei->text); /* the old ones stay in use */
        return 0;
    }
    l->role.attrib = l->n.attrib;
    l->n.env.log(l->n.env.self, ENV_INFO, "address tables were read again");
    return 0;
}

/* A sensor that was started again takes the place of the one that had its number. */
static int
add_feed(struct engine_loop *l, const struct link_feed *what, int fds[LINK_FDS])
{
    struct feed *f = NULL;

    for (unsigned i = 0; i < l->feeds; i++) {
        const struct feed *old = l->feed[i];

        if (old->link < 0 && what->finite != 0 && old->finite)
            f = l->feed[i];
        if (what->finite == 0 && !old->finite && old->index == what->index)
            f = l->feed[i];
    }
    if (f == NULL && l->feeds < FEEDS_MAX) {
        f = calloc(1, sizeof *f);
        if (f != NULL)
            l->feed[l->feeds++] = f;
    } else if (f != NULL) {
        feed_close(f, &l->role);
    }
    if (f == NULL)
        return ERR_NOMEM;
    return feed_open(f, &l->place, what, fds[0], fds[1]);
}

/* An act may have put a leaf under a new checkpoint. */
static void
note_signed(struct engine_loop *l, uint64_t before)
{
    if (ledger_signed_size(engine_ledger(l->n.engine)) != before)
        l->role.signed_at = l->n.env.now_wall(l->n.env.self);
}

/* That a person acknowledged an alert is in the log: on to who keeps alerts. */
static void
pass_ack(struct engine_loop *l, const struct person_ask *ask, const struct person_answer *a)
{
    struct link_msg m = {.op = LINK_ACKED, .u.acked.alert = ask->object};

    if (ask->what != ASK_ALERT_ACK || a->status != 0)
        return;
    (void)snprintf(m.u.acked.user, sizeof m.u.acked.user, "%s", a->by);
    (void)!link_send(l->parent, &m, NULL, 0, true);
}

/* An order of the command line: done and answered. */
static int
take_order(struct engine_loop *l, const struct link_order *o, int peer, struct errinfo *ei)
{
    uint64_t before = ledger_signed_size(engine_ledger(l->n.engine));
    struct control_told told = {.version = CONTROL_VERSION};
    int r = memchr(o->user, '\0', sizeof o->user) == NULL
                ? ERR_INVALID
                : people_order(&l->people, o->user, &o->ask, &told.answer, ei);

    told.status = r;
    told.ei = *ei;
    note_signed(l, before);
    if (r == 0)
        pass_ack(l, &o->ask, &told.answer);
    control_tell(peer, &told);
    explicit_bzero(&told, sizeof told);
    return r;
}

/* Keys that are served are in the log; on a full disk they come with the next start. */
static int
log_keys(struct engine_loop *l, const struct tls_certificate *served, struct errinfo *ei)
{
    uint64_t before = ledger_signed_size(engine_ledger(l->n.engine));
    int r = engine_tls_keys(l->n.engine, served, TLS_OWN, ei);

    note_signed(l, before);
    if (r != ERR_FULL)
        return r;
    l->n.env.log(l->n.env.self, ENV_WARN,
                 "the disk is full: the new key for TLS is not in the log yet");
    return 0;
}

/* The same about what is kept. */
static int
take_keep(struct engine_loop *l, const struct link_order *o, int peer)
{
    const struct keep_place here = {l->n.engine, l->retain.eraser, &l->n.env};
    uint64_t before = ledger_signed_size(engine_ledger(l->n.engine));
    struct keep_answer answer = {0};
    struct keep_ask ask;
    char user[PERSON_USER + 8];
    int r = control_take_keep(peer, &ask);

    (void)snprintf(user, sizeof user, "local:%.*s", PERSON_USER - 1, o->user);
    answer.status = r;
    r = r < 0 ? 0 : keep_do(&here, slice_of(user), &ask, &answer);
    answer.version = CONTROL_VERSION;
    note_signed(l, before);
    retain_soon(&l->retain);
    control_tell_keep(peer, &answer);
    return r;
}

/* What a person at the command line wants said. */
static int
take_say(struct engine_loop *l, const struct link_order *o, int peer)
{
    uint64_t before = ledger_signed_size(engine_ledger(l->n.engine));
    struct speech_answer *answer = calloc(1, sizeof *answer);
    struct speech_ask *ask = malloc(sizeof *ask);
    char user[PERSON_USER + 8];
    int r = answer == NULL || ask == NULL ? ERR_NOMEM : control_take_say(peer, ask);

    (void)snprintf(user, sizeof user, "local:%.*s", PERSON_USER - 1, o->user);
    if (answer == NULL) {
        (void)close(peer);
        free(ask);
        return 0;
    }
    answer->status = r;
    r = r < 0 ? 0 : speech_do(&l->parley.talk, slice_of(user), SLICE("operator"), ask, answer);
    note_signed(l, before);
    parley_said(&l->parley);
    control_tell_say(peer, answer);
    free(answer);
    free(ask);
    return r;
}

/* Documents of pacts. */
static int
take_treaty(struct engine_loop *l, const struct link_msg *m, const int fds[LINK_FDS],
            struct errinfo *ei)
{
    uint64_t before = ledger_signed_size(engine_ledger(l->n.engine));
    const struct treaty_serve s = {m->u.order.user, m->slot != 0, m->count, fds[1], fds[0]};
    int r = memchr(m->u.order.user, '\0', sizeof m->u.order.user) == NULL
                ? ERR_INVALID
                : treaty_serve(&l->treaty, &s, ei);

    note_signed(l, before);
    return r;
}

/* The body of a request to the witness, from the descriptor that came with it. */
static int
take_witness(struct engine_loop *l, const struct link_msg *m, int fd)
{
    struct link_msg to = {.op = LINK_WITNESSED, .slot = m->slot};
    char *body = malloc(WITNESS_BODY_MAX);
    ssize_t n = fd < 0 || body == NULL || m->count > WITNESS_BODY_MAX
                    ? -1
                    : pread(fd, body, m->count, 0);
    int r = 0;

    to.u.witness = (struct witness_told){.status = 503};
    if (n == (ssize_t)m->count)
        r = witness_ask(&l->witness, (struct slice){body, (size_t)n}, &to.u.witness);
    free(body);
    if (r == 0)
        (void)!link_send(l->gate, &to, NULL, 0, false);
    return r;
}

/* Who it is, and whether they may; 200, or why not. */
static unsigned
whose(struct engine_loop *l, const struct person_credential *with, char user[PERSON_USER],
      struct slice *ret_role)
{
    struct utime now = l->n.env.now_wall(l->n.env.self);
    struct store_person who;
    struct utime until;
    bool touch;

    if (people_look(l->n.store, with, now, &who, &until, &touch) < 0)
        return 401;
    if (!people_may(who.role, "incident.say"))
        return 403;
    (void)snprintf(user, PERSON_USER, "%s%s", who.kind == PERSON_TOKEN ? "token:" : "",
                   who.name);
    *ret_role = slice_of(person_role_name(who.role));
    return 200;
}

/* What somebody on the page wants said. */
static int
take_speech(struct engine_loop *l, const struct link_msg *m, int fd)
{
    struct link_msg to = {.op = LINK_WITNESSED, .slot = m->slot};
    struct speech_answer *answer = calloc(1, sizeof *answer);
    struct speech_web *web = malloc(sizeof *web);
    char user[PERSON_USER] = "";
    struct slice role = {"", 0};
    unsigned status = 503;
    int r = 0;

    to.u.witness = (struct witness_told){.status = 503};
    if (answer != NULL && web != NULL && fd >= 0 &&
        pread(fd, web, sizeof *web, 0) == (ssize_t)sizeof *web) {
        status = whose(l, &web->with, user, &role);
        if (status == 200)
            r = speech_do(&l->parley.talk, slice_of(user), role, &web->ask, answer);
        speech_tell(answer, status, &to.u.witness);
        if (web->ask.dry != 0 && to.u.witness.status == 200)
            to.count = speech_rehearse(answer, fd, &to.u.witness);
        else
            parley_said(&l->parley);
    }
    if (web != NULL)
        explicit_bzero(&web->with, sizeof web->with);
    free(web);
    free(answer);
    if (r == 0)
        (void)!link_send(l->gate, &to, &fd, to.count > 0 ? 1 : 0, false);
    return r;
}

/* Objects that somebody gives or takes back: by the command line, … */
static int
take_given(struct engine_loop *l, const struct link_msg *m, const int fds[LINK_FDS],
           struct errinfo *ei)
{
    uint64_t before = ledger_signed_size(engine_ledger(l->n.engine));
    struct objects_told told;
    char user[PERSON_USER + 8];
    int r;

    (void)snprintf(user, sizeof user, "local:%.*s", PERSON_USER - 1, m->u.order.user);
    r = objects_serve(l->n.engine, l->n.store, &(struct objects_given){fds[1], m->count, user},
                      &told);
    note_signed(l, before);
    if (r < 0)
        *ei = told.ei;
    control_tell_objects(fds[0], &told);
    return r;
}

/* … by the gate. */
static int
take_objects(struct engine_loop *l, const struct link_msg *m, int fd, struct errinfo *ei)
{
    struct link_msg to = {.op = LINK_WITNESSED, .slot = m->slot};
    struct objects_told told;
    int r = objects_serve(l->n.engine, l->n.store, &(struct objects_given){fd, m->count, NULL},
                          &told);

    if (r < 0)
        *ei = told.ei;
    to.u.witness = (struct witness_told){.status = objects_status(told.answer.status),
                                         .size = told.answer.done};
    if (r == 0)
        (void)!link_send(l->gate, &to, NULL, 0, false);
    return r;
}

/* What clients of the gate ask; nothing of it is believed. */
static int
hear_gate(struct engine_loop *l, struct errinfo *ei)
{
    uint64_t before = ledger_signed_size(engine_ledger(l->n.engine));
    struct link_msg m;
    int fds[LINK_FDS];
    int r = 0;

    for (int i = 0; r == 0 && l->gate >= 0 && i < ASKS; i++) {
        struct link_msg to = {.op = LINK_ANSWER};
        int got = link_recv(l->gate, &m, fds, false);

        if (got == 0)
            break;
        if (got < 0) {
            (void)close(l->gate);
            l->gate = -1;
            break;
        }
        l->busy = true;
        if (m.op == LINK_WITNESS)
            r = take_witness(l, &m, fds[0]);
        if (m.op == LINK_SPEECH) {
            r = take_speech(l, &m, fds[0]);
            note_signed(l, before);
        }
        if (m.op == LINK_EXPORTED && export_told_ok(&m.u.exported))
            r = exports_put(l->n.engine, &m.u.exported, ei);
        if (m.op == LINK_EXPORTED && r == ERR_FULL)
            r = 0; /* it went, and cannot be kept */
        if (m.op == LINK_OBJECTS)
            r = take_objects(l, &m, fds[0], ei);
        if (m.op == LINK_EXPORTED || m.op == LINK_OBJECTS)
            note_signed(l, before);
        link_drop(fds);
        if (m.op != LINK_ASK)
            continue;
        to.slot = m.slot;
        r = people_ask(&l->people, &m.u.ask, &to.u.answer, ei);
        note_signed(l, before);
        if (r == 0)
            pass_ack(l, &m.u.ask, &to.u.answer);
        if (r == 0 && m.slot != 0)
            (void)!link_send(l->gate, &to, NULL, 0, false);
        explicit_bzero(&m, sizeof m);
        explicit_bzero(&to, sizeof to);
    }
    return r;
}

/* One order that brings a descriptor to answer on, fds[0]: it is theirs then. */
static int
hear_order(struct engine_loop *l, struct link_msg *m, int fds[LINK_FDS], struct errinfo *ei)
{
    int to = fds[0];

    switch (m->op) {
    case LINK_ORDER: fds[0] = -1; return take_order(l, &m->u.order, to, ei);
    case LINK_KEEP: fds[0] = -1; return take_keep(l, &m->u.order, to);
    case LINK_SAY: fds[0] = -1; return take_say(l, &m->u.order, to);
    case LINK_CARRY:
        fds[0] = -1;
        m->u.feed.name[LINK_NAME - 1] = '\0';
        return parley_carry(&l->parley, m->u.feed.name, to, ei);
    case LINK_GATE:
        fds[0] = -1;
        if (l->gate >= 0)
            (void)close(l->gate);
        l->gate = to;
        parley_tell(&l->parley, l->gate, true);
        return 0;
    default: return 0;
    }
}

/* … that brings two. */
static int
hear_pair(struct engine_loop *l, struct link_msg *m, int fds[LINK_FDS], struct errinfo *ei)
{
    int r = 0;

    if (m->op == LINK_FEED) {
        m->u.feed.name[LINK_NAME - 1] = '\0';
        if (add_feed(l, &m->u.feed, fds) < 0)
            l->n.env.log(l->n.env.self, ENV_ERROR, "a sensor's link cannot be opened");
        fds[0] = fds[1] = -1;
    } else if (m->op == LINK_PEER) {
        parley_link(&l->parley, fds);
    } else if (m->op == LINK_TREATY) {
        r = take_treaty(l, m, fds, ei);
        fds[0] = -1;
    } else if (m->op == LINK_GIVE) {
        r = take_given(l, m, fds, ei);
        fds[0] = -1;
    }
    return r;
}

/* What the parent says.  0, or ERR_NOTFOUND when it is gone. */
static int
hear_parent(struct engine_loop *l, struct errinfo *ei)
{
    struct link_msg m;
    int fds[LINK_FDS];
    int r;

    while ((r = link_recv(l->parent, &m, fds, false)) == 1) {
        r = 0;
        if (fds[0] >= 0 && fds[1] >= 0)
            r = hear_pair(l, &m, fds, ei);
        if (r == 0 && fds[0] >= 0)
            r = hear_order(l, &m, fds, ei);
        if (m.op == LINK_TLS) {
            memcpy(l->tls, m.u.tls, sizeof l->tls);
            l->tls_waits = true;
        }
        l->ends |= m.op == LINK_STOP;
        link_drop(fds);
        if (r < 0)
            return r;
    }
    return r;
}

/* A full disk: whoever waits for the end of an input hears that it was not taken. */
static void
refuse_finite(struct feed *f)
{
    struct link_msg m = {.op = LINK_DONE, .status = ERR_FULL, .u.done = f->done};

    (void)err_set(&m.u.done.ei, ERR_FULL, "%s; make room, then say it again",
                  err_text(ERR_FULL));
    (void)!link_send(f->link, &m, NULL, 0, false);
    f->refused = true; /* left open until there is room, so that it is heard */
}

static int
step_feeds(struct engine_loop *l, struct errinfo *ei)
{
    for (unsigned i = 0; i < l->feeds; i++) {
        struct feed *f = l->feed[i];
        uint64_t before = f->frames;
        int r;

        if (f->link < 0)
            continue;
        if (role_blocked(&l->role)) {
            if (f->finite && !f->refused)
                refuse_finite(f);
            continue;
        }
        if (f->refused) {
            (void)close(f->link);
            f->link = -1;
            continue;
        }
        r = feed_step(f, &l->place, STEPS, ei);
        if (f->frames != before)
            l->fed = mono(l);
        if (r == ERR_NOTFOUND) {
            (void)close(f->link);
            f->link = -1;
            continue;
        }
        if (r < 0)
            return r;
        l->busy |= r == 1;
    }
    return 0;
}

/* Counterparts, for whom nothing else waits.  One that was never met is met by an engine that
 * begins anew: not while somebody waits for an input of theirs, or the disk is full. */
static int
step_parley(struct engine_loop *l, struct errinfo *ei)
{
    uint64_t before = ledger_signed_size(engine_ledger(l->n.engine));
    int r = parley_step(&l->parley, ei);
    bool may_end = r >= 0 && parley_is_over(&l->parley) && !role_blocked(&l->role);

    note_signed(l, before);
    l->busy |= r == 1;
    for (unsigned i = 0; i < l->feeds; i++)
        may_end &= !l->feed[i]->finite || l->feed[i]->link < 0;
    if (may_end && !l->ends)
        l->n.env.log(l->n.env.self, ENV_INFO,
                     "a counterpart or a key is new: the engine begins anew, to open what is "
                     "kept of it");
    l->ends |= may_end;
    return r < 0 ? r : 0;
}

static void
watch(struct engine_loop *l)
{
    const struct watch_view v = {&l->n,      &l->role,  l->feed, l->feeds,
                                 &l->parley, l->parent, &l->beat};

    watch_step(&l->watch, &v);
}

/* What signs of itself. */
static int
step_log(struct engine_loop *l, struct errinfo *ei)
{
    struct role_event tick = {.kind = ROLE_TICK};
    const struct beat_view sees = {l->feed, l->feeds, l->parley.book};
    int r = step_feeds(l, ei);

    tick.busy = mono(l) - l->fed < QUIET_US;
    if (r == 0)
        r = role_step(&l->role, &tick, ei);
    if (r == 0)
        r = retain_step(&l->retain, ei);
    if (r == 0)
        r = beat_step(&l->beat, &sees, ei);
    if (r == 0)
        r = treaty_step(&l->treaty, ei);
    if (r == 0 && !role_blocked(&l->role))
        r = totals_step(l->totals, l->parley.book, ei);
    if (r == 0 && mono(l) - l->looked >= TABLES_US)
        r = reload_tables(l, ei);
    if (r == 0)
        r = proc_lookout_step(&l->lookout, &l->n, &l->role, ei);
    if (r == 0 && l->tls_waits) {
        l->tls_waits = false;
        r = log_keys(l, l->tls, ei);
    }
    return r;
}

static int
turn(struct engine_loop *l, struct errinfo *ei)
{
    int r = 0;

    l->busy = false;
    if (!engine_is_held(l->n.engine))
        r = step_log(l, ei);
    if (r == 0 && mono(l) - l->told >= TELL_US)
        tell_gate(l);
    if (r == 0)
        watch(l);
    if (r == 0)
        r = step_parley(l, ei);
    if (r == 0)
        r = hear_gate(l, ei);
    if (r == 0)
        r = hear_parent(l, ei);
    store_settle(l->n.store);
    return r;
}

static void
wait_for_work(struct engine_loop *l)
{
    struct pollfd p[FEEDS_MAX + 4];
    nfds_t n = 0;
    int ms = TURN_MS;

    p[n++] = (struct pollfd){l->parent, POLLIN, 0};
    p[n++] = (struct pollfd){l->gate, POLLIN, 0}; /* -1 is passed over */
    p[n++] = (struct pollfd){l->parley.link, POLLIN, 0};
    p[n++] = (struct pollfd){l->parley.carrier, POLLIN, 0};
    for (unsigned i = 0; i < l->feeds && !role_blocked(&l->role); i++) {
        if (l->feed[i]->link >= 0)
            p[n++] = (struct pollfd){l->feed[i]->link, POLLIN, 0};
    }
    if (!role_blocked(&l->role) && l->role.held_count > 0)
        ms = QUIET_US / 1000; /* full blocks wait for others */
    (void)poll(p, n, l->busy ? 0 : ms);
}

/* What stands in the links when the end comes was read from its source: take it. */
static int
drain(struct engine_loop *l, struct errinfo *ei)
{
    struct role_event flush = {.kind = ROLE_FLUSH};
    int r;

    if (engine_is_held(l->n.engine))
        return 0; /* nothing was taken yet, so nothing is lost */
    do {
        l->busy = false;
        r = step_feeds(l, ei);
    } while (r == 0 && l->busy);
    return r < 0 ? r : role_step(&l->role, &flush, ei);
}

/* The keys, and what is done with them.  A full disk on which keys cannot be made or logged is
 * no reason not to start. */
static int
open_keys(struct engine_loop *l, struct errinfo *ei)
{
    const struct skey *key = &l->keys.key[NODE_WITNESS];
    int r = node_keys_open(&l->n, &l->keys, ei);

    if (r == ERR_FULL) {
        l->n.env.log(l->n.env.self, ENV_WARN,
                     "no room for the node's keys: nothing is cosigned until the next start");
        key = NULL;
        r = 0;
    }
    if (r == 0)
        r = witness_open(&l->witness, l->n.conf, l->n.store, &l->n.env, key, ei);
    l->treaty = (struct treaty){.engine = l->n.engine,
                                .store = l->n.store,
                                .env = &l->n.env,
                                .key = key == NULL ? NULL : &l->keys.key[NODE_MESSAGE],
                                .self = l->n.conf->party,
                                .pending = true}; /* it may have waited for a start */
    return r < 0 ? r
                 : parley_open(&l->parley, &l->n, &l->witness, key == NULL ? NULL : &l->keys,
                               &l->treaty, l->parent, ei);
}

static int
open_engine(struct engine_loop *l, struct errinfo *ei)
{
    bool landlock = true;
    int r = node_open_under(l->h->dir, l->h->lock, &l->n, ei);

    if (r < 0)
        return r;
    l->n.env.self = &l->n.posix;
    l->n.posix.moves = true;
    r = role_open(&l->role, l->n.engine, &l->n.env, l->n.conf);
    if (r < 0)
        return err_set(ei, r, "%s", err_text(r));
    r = proc_sealers_open(&l->role, ei);
    if (r < 0)
        return r;
    r = retain_open(&l->retain, l->n.engine, ei);
    if (r == 0)
        r = beat_open(&l->beat, l->n.engine, ei);
    if (r == 0)
        r = totals_open(l->n.engine, &l->totals, ei);
    if (r < 0)
        return r;
    l->role.attrib = l->n.attrib;
    people_open(&l->people, l->n.engine, l->n.store, &l->n.env, l->h->waits);
    l->place = (struct feed_place){&l->role, l->n.store, &l->n.env};
    l->tables_mtime = node_tables_mtime(l->h->dir);
    r = proc_lookout_open(&l->lookout, &l->n, l->parent, ei);
    if (r == 0 && tls_wanted(l->h->conf))
        r = log_keys(l, l->h->tls, ei);
    if (r == 0)
        r = open_keys(l, ei);
    if (r < 0)
        return r;
    r = sandbox_enter(ROLE_ENGINE, l->h->dir, &landlock, ei);
    if (r == 0 && !landlock)
        l->n.env.log(l->n.env.self, ENV_WARN,
                     "this kernel has no Landlock: roles are kept from files by their list of "
                     "calls alone");
    return r;
}

int
proc_engine(const struct house *h, int parent)
{
    struct engine_loop *l = calloc(1, sizeof *l);
    struct link_msg ready = {.op = LINK_READY};
    struct errinfo ei = {0};
    int r;

    if (l == NULL)
        return proc_fail(parent, ERR_NOMEM, &ei);
    *l = (struct engine_loop){.h = h, .parent = parent, .gate = -1};
    l->parley.link = l->parley.bodies = l->parley.carrier = -1;
    r = open_engine(l, &ei);
    if (r == 0) {
        fill_state(l, &ready.u.state);
        r = link_send(parent, &ready, NULL, 0, true);
    }
    while (r == 0 && !l->ends) {
        r = turn(l, &ei);
        if (r == 0)
            wait_for_work(l);
    }
    for (l->busy = true; r == 0 && l->busy;) { /* what the gate said last, before it ended */
        l->busy = false;
        r = hear_gate(l, &ei);
    }
    if (r == 0)
        r = drain(l, &ei);
    if (r == 0 || r == ERR_FULL)
        tell_gate(l);
    return r < 0 ? proc_fail(parent, r, &ei) : 0;
}
