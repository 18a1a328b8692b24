/* The gate's process: HTTP clients on one side, the store to be read on the other.  It follows
 * the log by reading what is durable, so it can never show what could still be lost, and the
 * engine never waits for it. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "role/answers.h"
#include "role/exposure.h"
#include "role/live.h"
#include "role/people.h"
#include "role/replays.h"
#include "role/roles.h"
#include "role/sandbox.h"
#include "role/speech.h"
#include "role/taxii.h"
#include "role/tls.h"
#include "store/pacts.h"

enum {
    PUBLISH_US = 250000,
    SILENT_US = 3000000, /* of the engine: it is taken for dead */
    BOOK_US = 1000000,   /* … and for notes of pacts */
    WEEK_TURN_US = 5000, /* of counting older blocks */
    TABLES_US = 5000000, /* how often imported tables are looked for */
    BLOCKS = 256         /* read between two looks at the clients */
};

struct gate {
    const struct house *h;
    struct view view;
    struct answers answers;
    struct web_server *web;
    struct live *live;
    struct replays replays;
    struct exposure exposure;
    int64_t replay;          /* when they want to go on */
    struct link_state state; /* the newest of the engine's */
    struct buf tls_page;     /* read before the fence, used by the server */
    struct buf tls_ca;
    struct buf delta;
    uint64_t next_block;
    int parent;
    int engine; /* -1: gone */
    int64_t heard;
    int64_t next; /* when the web wants its turn at the latest */
    int64_t published;
    int64_t looked;
    int64_t tables_mtime;
    int64_t read;    /* when the book was looked at */
    uint64_t failed; /* notes that could not be read */
    bool behind;     /* blocks wait to be read */
    bool counting;   /* … and older ones, for the week */
    bool ends;
};

static int64_t
mono(const struct gate *g)
{
    return g->view.node.env.now_mono(g->view.node.env.self);
}

static struct utime
wall(const struct gate *g)
{
    return g->view.node.env.now_wall(g->view.node.env.self);
}

static uint64_t
counter(const struct gate *g, const char *name)
{
    uint64_t n = 0;

    return store_get_counter(g->view.node.store, name, &n) < 0 ? 0 : n;
}

static void
count_rejected(const struct gate *g, struct live_honesty *h)
{
    for (int i = 0; i < REJECTS; i++) {
        char name[64];

        (void)snprintf(name, sizeof name, "rejected.%s", reject_name((enum reject)i));
        h->rejected += counter(g, name);
    }
}

static void
honesty(struct gate *g, struct live_honesty *h)
{
    struct tree_head head;
    bool stale;

    memset(h, 0, sizeof *h);
    ledger_head(g->view.ledger, &head);
    h->log_size = head.size;
    h->log_root = head.root;
    h->log_signed = g->state.signed_at;
    h->sensors = g->state.sensors;
    h->reporting = g->answers.alive ? g->state.reporting : 0;
    h->lag_us = g->state.lag_us;
    h->engine = !g->answers.alive ? LIVE_DOWN : g->state.full ? LIVE_FULL : LIVE_OK;
    h->events = counter(g, "events");
    h->attacks = counter(g, "attacks");
    h->duplicates = counter(g, "duplicates");
    h->skewed = counter(g, "skewed");
    count_rejected(g, h);
    h->dropped = counter(g, "quarantined");
    h->tables_age_days = node_tables_age(&g->view.node, wall(g), &stale);
    h->tables_stale = stale;
    h->drill = g->h->o->shut != NULL;
    answers_look_at_alerts(&g->answers, h);
}

static void
reload_tables(struct gate *g)
{
    int64_t mtime = node_tables_mtime(g->h->dir);
    struct errinfo ei = {0};

    g->looked = mono(g);
    if (mtime == g->tables_mtime)
        return;
    g->tables_mtime = mtime;
    if (view_reload_tables(&g->view, &ei) < 0)
        return; /* the old ones stay in use */
    live_set_attrib(g->live, g->view.node.attrib);
    replays_set_attrib(&g->replays, g->view.node.attrib);
}

/* The pacts as the store holds them: whose certificates may fetch what.  Notes that cannot be
 * read leave what was known; the engine says so. */
static void
read_book(struct gate *g)
{
    struct store *s = g->view.node.store;
    struct errinfo ei = {0};
    struct book *b = NULL;
    uint64_t notes = 0;
    bool old;

    g->read = mono(g);
    if (book_is_old(s, g->answers.book, &old) < 0 || !old ||
        store_count_pact_notes(s, &notes) < 0 || notes == g->failed)
        return;
    if (book_load(s, g->h->conf->party, &b, &ei) < 0) {
        g->failed = notes;
        return;
    }
    (void)book_free(g->answers.book);
    g->answers.book = b;
    owners_make(&g->answers.owners, b);
}

/* Blocks that became durable since, some at a time. */
static int
follow(struct gate *g, struct errinfo *ei)
{
    int64_t days = g->answers.week.asked ? 7 : 1;
    struct utime since = {wall(g).us - days * 86400 * TIME_US_PER_S};
    uint64_t end;
    int r = store_next_block(g->view.node.store, &end);

    for (int i = 0; r == 0 && i < BLOCKS && g->next_block < end; i++, g->next_block++) {
        struct store_block row;
        struct evidence ev;

        r = store_get_block(g->view.node.store, g->next_block, &row);
        if (r == 0 && row.last.us < since.us && row.seen.us < since.us)
            continue;
        if (r == 0)
            r = reader_find(g->view.reader, g->next_block, false, &row, &ev);
        if (r == ERR_NOTFOUND || r == ERR_GONE) {
            r = 0; /* erased meanwhile */
            continue;
        }
        for (uint32_t k = 0; r == 0 && k < ev.count; k++) {
            live_add(g->live, (struct event_id){g->next_block, k}, &ev.event[k], wall(g));
            week_add(&g->answers.week, g->next_block, &ev.event[k], wall(g));
            exposure_add(&g->exposure, g->next_block, &ev.event[k]);
        }
    }
    g->behind = r == 0 && g->next_block < end;
    return r < 0 ? err_set(ei, r, "the evidence cannot be read: %s", err_text(r)) : 0;
}

static int
publish(struct gate *g, struct errinfo *ei)
{
    struct link_msg alive = {.op = LINK_STATE};
    struct live_honesty h;
    int r = view_refresh(&g->view, ei);

    (void)!link_send(g->parent, &alive, NULL, 0, false);

    if (r == 0)
        r = follow(g, ei);
    if (r < 0)
        return r;
    honesty(g, &h);
    g->answers.honesty = h;
    store_settle(g->view.node.store);
    buf_reset(&g->delta);
    r = live_publish(g->live, wall(g), &h, &g->delta, &g->answers.snapshot);
    if (r < 0)
        return err_set(ei, r, "the live view: %s", err_text(r));
    g->answers.pos = h.log_size;
    g->published = mono(g);
    if (g->web == NULL)
        return 0;
    r = web_publish(g->web, h.log_size, buf_get(&g->delta));
    return r == ERR_NOMEM ? 0 : r; /* viewers get a snapshot instead */
}

/* A new engine's link replaces the old one. */
static void
hear_parent(struct gate *g)
{
    struct link_msg m;
    int fds[LINK_FDS];
    int r;

    while ((r = link_recv(g->parent, &m, fds, false)) == 1) {
        if (m.op == LINK_GATE && fds[0] >= 0) {
            if (g->engine >= 0)
                (void)close(g->engine);
            g->engine = fds[0];
            fds[0] = -1;
            g->heard = mono(g);
        }
        if (m.op == LINK_SOURCE) {
            m.u.feed.name[sizeof m.u.feed.name - 1] = '\0';
            answers_take_source(&g->answers, m.slot, m.count, m.u.feed.name, fds[0]);
        }
        g->ends |= m.op == LINK_STOP;
        link_drop(fds);
    }
    g->ends |= r < 0;
}

static void
take_peer(struct gate *g, struct link_msg *m)
{
    struct answers *a = &g->answers;

    if (a->peer == NULL)
        a->peer = calloc(FETCH_ALL, sizeof *a->peer);
    if (a->peer == NULL || m->slot >= FETCH_ALL)
        return;
    m->u.peer.party[sizeof m->u.peer.party - 1] = '\0';
    m->u.peer.origin[sizeof m->u.peer.origin - 1] = '\0';
    m->u.peer.why[sizeof m->u.peer.why - 1] = '\0';
    a->peer[m->slot] = m->u.peer;
    if (m->slot >= FETCH_PEERS)
        a->witnesses =
            a->witnesses > m->slot + 1 - FETCH_PEERS ? a->witnesses : m->slot + 1 - FETCH_PEERS;
    else if (a->peers <= m->slot)
        a->peers = m->slot + 1;
}

/* An answer of the engine to a request that waits: in the message, or in a file of memory. */
static void
take_told(struct gate *g, struct link_msg *m, int fd)
{
    const struct witness_told *told = &m->u.witness;
    size_t size = m->count;
    char *text;

    m->u.witness.text[WITNESS_ANSWER - 1] = '\0';
    if (fd < 0 || size == 0) {
        web_witnessed(g->web, m->slot, told->status, told->size, slice_of(told->text));
        return;
    }
    text = size <= SPEECH_TOLD ? malloc(size) : NULL;
    if (text != NULL && pread(fd, text, size, 0) == (ssize_t)size)
        web_witnessed(g->web, m->slot, told->status, told->size, (struct slice){text, size});
    else
        web_witnessed(g->web, m->slot, 0, 0, SLICE(""));
    free(text);
}

static void
hear_engine(struct gate *g)
{
    struct link_msg m;
    int fds[LINK_FDS];
    int r = 0;

    while (g->engine >= 0 && (r = link_recv(g->engine, &m, fds, false)) == 1) {
        if (m.op == LINK_ANSWER && g->web != NULL)
            web_answered(g->web, m.slot, &m.u.answer);
        if (m.op == LINK_WITNESSED && g->web != NULL)
            take_told(g, &m, fds[0]);
        link_drop(fds);
        if (m.op == LINK_PEER_STATE)
            take_peer(g, &m);
        if (m.op != LINK_STATE)
            continue;
        g->state = m.u.state;
        g->heard = mono(g);
    }
    if (r < 0) {
        (void)close(g->engine);
        g->engine = -1;
    }
    g->answers.alive = g->engine >= 0 && mono(g) - g->heard < SILENT_US;
}

static int
tell_export(void *arg, const struct export_told *t)
{
    struct gate *g = arg;
    struct link_msg m = {.op = LINK_EXPORTED, .u.exported = *t};

    return g->engine < 0 ? ERR_NOTFOUND : link_send(g->engine, &m, NULL, 0, false);
}

static int
turn(struct gate *g, struct errinfo *ei)
{
    int r = 0;

    hear_parent(g);
    hear_engine(g);
    if (g->behind || mono(g) - g->published >= PUBLISH_US)
        r = publish(g, ei);
    if (mono(g) - g->looked >= TABLES_US)
        reload_tables(g);
    if (mono(g) - g->read >= BOOK_US)
        read_book(g);
    if (r == 0)
        g->replay = replays_step(&g->replays, wall(g), &g->answers.honesty);
    if (r == 0)
        web_step(g->web, mono(g), &g->next);
    if (r == 0)
        g->counting = week_step(&g->answers.week, &g->view.node.env, mono(g) + WEEK_TURN_US);
    if (r == 0)
        g->counting |= exposure_step(&g->exposure, &g->view.node.env, mono(g) + WEEK_TURN_US);
    exports_step(&g->answers.exports, mono(g), tell_export, g);
    store_settle(g->view.node.store);
    return r;
}

static void
wait_for_work(struct gate *g)
{
    struct pollfd p[] = {
        {web_fd(g->web), POLLIN, 0}, {g->parent, POLLIN, 0}, {g->engine, POLLIN, 0}};
    int64_t until = g->published + PUBLISH_US;
    int64_t left;

    if (g->next < until)
        until = g->next; /* a client has more than was read at once */
    if (g->replay < until)
        until = g->replay;
    left = (until - mono(g) + 999) / 1000;
    (void)poll(p, 3, g->behind || g->counting || left < 0 ? 0 : (int)left);
}

struct rebuild {
    struct gate *gate;
    uint64_t end;
};

static int
rebuild(void *arg, const struct query_hit *hit)
{
    struct rebuild *r = arg;

    if (hit->id.block < r->end)
        live_add(r->gate->live, hit->id, hit->event, wall(r->gate));
    return 0;
}

/* The live view from the evidence of the last day. */
static int
open_live(struct gate *g, struct errinfo *ei)
{
    struct rebuild all = {.gate = g};
    struct query q;
    int r = live_new(&g->view.dict, NULL, &g->live);

    if (r < 0)
        return err_set(ei, r, "%s", err_text(r));
    live_set_attrib(g->live, g->view.node.attrib);
    live_set_owners(g->live, &g->answers.owners);
    query_init(&q);
    q.since.us = wall(g).us - 86400 * TIME_US_PER_S;
    r = store_snapshot(g->view.node.store);
    if (r == 0)
        r = store_next_block(g->view.node.store, &all.end);
    if (r == 0)
        r = query_each(g->view.reader, &q, false, rebuild, &all);
    g->next_block = all.end;
    store_settle(g->view.node.store);
    return r < 0 ? err_set(ei, r, "the evidence cannot be read: %s", err_text(r)) : 0;
}

static void
open_replays(struct gate *g)
{
    const struct replay_source from = {.store = g->view.node.store,
                                       .reader = g->view.reader,
                                       .env = &g->view.node.env,
                                       .dict = &g->view.dict,
                                       .attrib = g->view.node.attrib,
                                       .owners = &g->answers.owners};

    replays_open(&g->replays, &from);
}

static int
begin_replay(void *self, uint32_t number, const struct web_replay *what)
{
    struct answers *a = self;
    struct gate *g = a->gate;

    g->replay = 0;
    return replays_begin(&g->replays, number, what);
}

static void
end_replay(void *self, uint32_t number)
{
    struct answers *a = self;
    struct gate *g = a->gate;

    replays_end(&g->replays, number);
}

/* ---- people ----------------------------------------------------------------------------- */

/* On to the engine, which alone decides. */
static int
ask_engine(void *self, uint32_t number, const struct person_ask *ask)
{
    struct answers *a = self;
    struct gate *g = a->gate;
    struct link_msg m = {.op = LINK_ASK, .slot = number, .u.ask = *ask};
    int r;

    if (g->engine < 0)
        return ERR_NOTFOUND;
    r = link_send(g->engine, &m, NULL, 0, false);
    explicit_bzero(&m, sizeof m);
    return r;
}

static int
ask_say(void *self, uint32_t number, const struct web_say *what)
{
    struct answers *a = self;
    struct gate *g = a->gate;
    struct link_msg m = {.op = LINK_SPEECH, .slot = number};
    struct speech_web *web = calloc(1, sizeof *web);
    int fd = g->engine < 0 || web == NULL ? -1 : memfd_create("say", MFD_CLOEXEC);
    int r = fd < 0 ? ERR_NOTFOUND : 0;

    if (r == 0) {
        web->with = *what->with;
        web->ask.type = (uint32_t)speech_type(what->type);
        web->ask.dry = what->dry;
        (void)snprintf(web->ask.pact, sizeof web->ask.pact, "%.*s", (int)what->pact.len,
                       what->pact.ptr);
        (void)snprintf(web->ask.incident, sizeof web->ask.incident, "%.*s",
                       (int)what->incident.len, what->incident.ptr);
        web->ask.size = (uint32_t)what->fields.len;
        if (what->fields.len <= sizeof web->ask.fields)
            memcpy(web->ask.fields, what->fields.ptr, what->fields.len);
        r = write(fd, web, sizeof *web) == (ssize_t)sizeof *web
                ? link_send(g->engine, &m, &fd, 1, false)
                : ERR_NOTFOUND;
    }
    if (fd >= 0)
        (void)close(fd);
    if (web != NULL)
        explicit_bzero(web, sizeof *web);
    free(web);
    return r;
}

/* A body goes as a file of memory, which a message has no room for. */
static int
ask_witness(void *self, uint32_t number, struct slice body)
{
    struct answers *a = self;
    struct gate *g = a->gate;
    struct link_msg m = {.op = LINK_WITNESS, .slot = number, .count = (uint32_t)body.len};
    int fd;
    int r;

    if (g->engine < 0)
        return ERR_NOTFOUND;
    fd = memfd_create("witness", MFD_CLOEXEC);
    if (fd < 0)
        return ERR_BUSY;
    r = pwrite(fd, body.ptr, body.len, 0) == (ssize_t)body.len ? 0 : ERR_BUSY;
    if (r == 0)
        r = link_send(g->engine, &m, &fd, 1, false);
    (void)close(fd);
    return r;
}

/* Who may read what this process can read anyway is looked up here; that a session was used is
 * the engine's to keep. */
static int
look(void *self, const struct person_credential *with, struct person_answer *ret)
{
    struct answers *a = self;
    struct person_ask used = {.what = ASK_WHO, .with = *with};
    struct store_person who;
    bool touch;
    int r = people_look(a->view->node.store, with, wall(a->gate), &who, &ret->until, &touch);

    if (r < 0)
        return r;
    ret->role = who.role;
    ret->kind = who.kind;
    (void)snprintf(ret->name, sizeof ret->name, "%s", who.name);
    if (touch)
        (void)!ask_engine(self, 0, &used);
    return 0;
}

/* The same of who takes part in the exchange. */
static int
look_exchange(void *self, const struct person_credential *with, struct person_answer *ret)
{
    struct answers *a = self;
    struct person_ask used = {.what = ASK_WHO, .with = *with};
    struct people_seen seen;
    int r = people_look_for(a->view->node.store, with, wall(a->gate), "exchange.use", &seen);

    if (r < 0)
        return r;
    *ret = (struct person_answer){.role = seen.who.role, .kind = seen.who.kind};
    if (seen.touch)
        (void)!ask_engine(self, 0, &used);
    return 0;
}

static bool
write_all(int fd, struct slice s)
{
    while (s.len > 0) {
        ssize_t n = write(fd, s.ptr, s.len);

        if (n <= 0)
            return false;
        s = slice_sub(s, (size_t)n, s.len);
    }
    return true;
}

/* Objects go as a file of memory. */
static int
ask_objects(void *self, uint32_t number, const struct load *l)
{
    struct answers *a = self;
    struct gate *g = a->gate;
    uint64_t all = sizeof l->ask + l->ask.bytes;
    struct link_msg m = {.op = LINK_OBJECTS, .slot = number, .count = (uint32_t)all};
    int fd = g->engine < 0 ? -1 : memfd_create("objects", MFD_CLOEXEC);
    int r = ERR_NOTFOUND;

    if (fd >= 0 && write_all(fd, (struct slice){(const char *)&l->ask, sizeof l->ask}) &&
        write_all(fd, buf_get(&l->same)) && write_all(fd, buf_get(&l->failed)) &&
        write_all(fd, buf_get(&l->objects)) && write_all(fd, buf_get(&l->again)) &&
        write_all(fd, buf_get(&l->said)))
        r = link_send(g->engine, &m, &fd, 1, false);
    if (fd >= 0)
        (void)close(fd);
    return r;
}

static int
open_web(struct gate *g, struct errinfo *ei)
{
    const struct conf *c = g->h->conf;
    struct web_options o = {.listen = g->h->listen,
                            .listen_count = g->h->listens,
                            .hosts = c->hosts.at,
                            .host_count = c->hosts.count,
                            .now = g->view.node.env.now_wall};
    struct web_source source;
    int r = 0;

    buf_init(&g->tls_page, (size_t)TLS_FILE_MAX + 4096);
    buf_init(&g->tls_ca, (size_t)TLS_FILE_MAX + 4096);
    if (tls_wanted(c))
        r = tls_read(g->h->dir, &g->tls_page, &g->tls_ca, ei);
    if (r < 0)
        return r;
    o.tls_page = g->tls_page.ptr;
    o.tls_ca = g->tls_ca.ptr;
    answers_source(&g->answers, &source);
    g->answers.gate = g;
    source.look = look;
    source.ask = ask_engine;
    source.witness = ask_witness;
    source.say = ask_say;
    source.replay = begin_replay;
    source.replay_end = end_replay;
    source.look_exchange = look_exchange;
    source.taxii = answer_taxii;
    source.taxii_refuse = refuse_taxii;
    g->answers.pass_load = ask_objects;
    g->view.node.env.random(g->view.node.env.self, o.secret, sizeof o.secret);
    return web_open(&o, &source, &g->web, ei);
}

static int
open_gate(struct gate *g, struct errinfo *ei)
{
    int r = view_open(g->h->dir, &g->view, ei);

    if (r < 0)
        return r;
    buf_init(&g->delta, 1 << 22);
    r = answers_open(&g->answers, &g->view);
    if (r < 0)
        return err_set(ei, r, "%s", err_text(r));
    g->answers.alive = true;
    g->heard = mono(g);
    g->tables_mtime = node_tables_mtime(g->h->dir);
    g->failed = UINT64_MAX;
    read_book(g);
    open_replays(g);
    exposure_init(&g->exposure, g->h->dir, g->view.node.conf, g->view.node.store,
                  g->view.reader, &g->view.dict);
    g->answers.exposure = &g->exposure;
    r = open_live(g, ei);
    if (r == 0)
        r = publish(g, ei);
    if (r == 0)
        r = open_web(g, ei);
    g->answers.web = g->replays.web = g->web;
    return r < 0 ? r : sandbox_enter(ROLE_GATE, g->h->dir, NULL, ei);
}

int
proc_gate(const struct house *h, int parent, int engine)
{
    struct gate *g = calloc(1, sizeof *g);
    struct link_msg ready = {.op = LINK_READY};
    struct errinfo ei = {0};
    int r;

    if (g == NULL)
        return proc_fail(parent, ERR_NOMEM, &ei);
    g->h = h;
    g->parent = parent;
    g->engine = engine;
    r = open_gate(g, &ei);
    if (r == 0) {
        unsigned page = 0;

        while (page < h->listens && h->listen[page].peers)
            page++;
        ready.u.state.port = web_port(g->web, page);
        r = link_send(parent, &ready, NULL, 0, true);
    }
    while (r == 0 && !g->ends) {
        r = turn(g, &ei);
        if (r == 0)
            wait_for_work(g);
    }
    if (g->web != NULL)
        g->web = web_close(g->web);
    exports_step(&g->answers.exports, INT64_MAX, tell_export, g);
    return r < 0 ? proc_fail(parent, r, &ei) : 0;
}
