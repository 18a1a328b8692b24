/* The loop of a running node.  Each turn: a chunk of every sensor, a block when it is due, the
 * page's numbers four times a second, whatever the web waits for, one request of the command
 * line. */
#include "role/serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "role/answers.h"
#include "role/control.h"
#include "role/engine_step.h"
#include "role/live.h"
#include "role/sensor.h"

enum {
    SENSORS_MAX = 64,
    PUBLISH_US = 250000,
    TURN_MS = 50,         /* of an idle loop */
    TABLES_US = 5000000,  /* how often imported tables are looked for */
    STEPS = 8,            /* chunks of one sensor in a turn */
    BACKFILL_MAX = 400000 /* lines of sample traffic for the day before the first start */
};

struct loop {
    struct node *n;
    const struct serve_options *o;
    const struct env *env;
    struct answers answers;
    struct web_server *web;
    struct live *live;
    struct engine_role role;
    struct sensor *sensor[SENSORS_MAX];
    unsigned sensors;
    struct sample *sample;
    struct buf delta;
    int control;
    int signals;
    int64_t published;
    int64_t looked;
    int64_t tables_mtime;
    bool busy; /* a sensor had more */
    bool ends;
};

static int64_t
mono(const struct loop *l)
{
    return l->env->now_mono(l->env->self);
}

static struct utime
wall(const struct loop *l)
{
    return l->env->now_wall(l->env->self);
}

static void
watch_block(void *arg, uint64_t block, const struct draft *d)
{
    struct loop *l = arg;
    struct utime now = wall(l);

    for (uint32_t i = 0; i < d->count; i++)
        live_add(l->live, (struct event_id){block, i}, &d->event[i], now);
}

/* What the sensors say of their sources, and whatever waits, becomes durable now. */
static int
record_all(struct loop *l, struct errinfo *ei)
{
    struct role_event flush = {.kind = ROLE_FLUSH};

    return role_step(&l->role, &flush, ei);
}

/* How far a sensor's source was taken goes into the next record. */
static int
tell_source(struct loop *l, struct sensor *s, struct errinfo *ei)
{
    struct decode_stats stats = {0};
    struct role_event ev = {.kind = ROLE_SOURCE, .stats = &stats};

    sensor_take_stats(s, &stats);
    ev.source = sensor_source(s);
    return role_step(&l->role, &ev, ei);
}

static int
step_sensor(struct loop *l, struct sensor *s, struct errinfo *ei)
{
    int more = 1;

    for (int i = 0; i < STEPS && more == 1; i++) {
        struct role_event ev = {.kind = ROLE_FRAME};
        int r;

        more = sensor_step(s);
        if (more < 0)
            return err_set(ei, more, "a sensor cannot be read: %s", err_text(more));
        if (more == 0)
            break;
        ev.frame = sensor_frame(s);
        ev.decoder = sensor_decoder(s);
        ev.rules = sensor_rules(s);
        ev.live = sensor_live(s);
        r = role_step(&l->role, &ev, ei);
        if (r == 0)
            r = tell_source(l, s, ei);
        if (r < 0)
            return r;
    }
    l->busy |= more == 1;
    /* The next record holds the source by its address: it must not be another file's by then.
     */
    return sensor_left(s) && role_waits(&l->role) ? record_all(l, ei) : 0;
}

static uint64_t
counter(const struct loop *l, const char *name)
{
    uint64_t n = 0;

    return store_get_counter(l->n->store, name, &n) < 0 ? 0 : n;
}

static void
count_rejected(const struct loop *l, struct live_honesty *h)
{
    for (int i = 0; i < REJECTS; i++) {
        char name[64];

        (void)snprintf(name, sizeof name, "rejected.%s", reject_name((enum reject)i));
        h->rejected += counter(l, name);
    }
}

static void
look_at_tables(const struct loop *l, struct live_honesty *h)
{
    h->tables_age_days = -1;
    for (unsigned i = 0; i < attrib_datasets(l->n->attrib); i++) {
        int64_t age = wall(l).us - attrib_dataset(l->n->attrib, i)->date.us;
        int days = (int)(age / (86400 * TIME_US_PER_S));

        if (days > h->tables_age_days)
            h->tables_age_days = days;
        h->tables_stale |= age > l->n->conf->tables.stale.us;
    }
}

static void
honesty(const struct loop *l, struct live_honesty *h)
{
    struct tree_head head;

    memset(h, 0, sizeof *h);
    ledger_head(engine_ledger(l->n->engine), &head);
    h->log_size = head.size;
    h->log_root = head.root;
    h->log_signed = l->role.signed_at;
    h->sensors = l->sensors;
    for (unsigned i = 0; i < l->sensors; i++) {
        struct sensor_health s;

        sensor_health(l->sensor[i], &s);
        h->reporting += !s.missing;
        if (!s.missing && sensor_live(l->sensor[i]) && s.lag_us > h->lag_us)
            h->lag_us = s.lag_us;
    }
    h->events = counter(l, "events");
    h->attacks = counter(l, "attacks");
    h->duplicates = counter(l, "duplicates");
    h->skewed = counter(l, "skewed");
    count_rejected(l, h);
    look_at_tables(l, h);
}

static int
publish(struct loop *l, struct errinfo *ei)
{
    struct live_honesty h;
    int r;

    honesty(l, &h);
    buf_reset(&l->delta);
    r = live_publish(l->live, wall(l), &h, &l->delta, &l->answers.snapshot);
    if (r < 0)
        return err_set(ei, r, "the live view: %s", err_text(r));
    l->answers.pos = h.log_size;
    l->published = mono(l);
    if (l->web == NULL)
        return 0;
    r = web_publish(l->web, h.log_size, buf_get(&l->delta));
    return r == ERR_NOMEM ? 0 : r; /* viewers get a snapshot instead */
}

static int64_t
tables_mtime(const struct loop *l)
{
    char path[4096];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/tables/tables.bin", l->n->dir);
    return stat(path, &st) < 0 ? 0
                               : (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

/* Tables that were imported while we run count from the next block on. */
static int
reload_tables(struct loop *l, struct errinfo *ei)
{
    int64_t mtime = tables_mtime(l);
    int r;

    l->looked = mono(l);
    if (mtime == l->tables_mtime)
        return 0;
    r = record_all(l, ei);
    if (r < 0)
        return r;
    l->tables_mtime = mtime;
    if (node_reload_tables(l->n, ei) < 0) {
        l->env->log(l->env->self, ENV_WARN, ei->text); /* the old ones stay in use */
        return 0;
    }
    answers_refresh(&l->answers);
    l->role.attrib = l->n->attrib;
    live_set_attrib(l->live, l->n->attrib);
    l->env->log(l->env->self, ENV_INFO, "address tables were read again");
    return 0;
}

/* Between two batches of an ingest: the page lives on. */
static int
while_ingesting(void *arg, const struct ingest_progress *p)
{
    struct loop *l = arg;
    struct errinfo ei;
    int64_t next;

    (void)p;
    if (publish(l, &ei) < 0)
        return 0;
    if (l->web != NULL)
        web_step(l->web, mono(l), &next);
    return 0;
}

static int
serve_control(struct loop *l, struct errinfo *ei)
{
    struct control_answer *a;
    struct control_request req;
    struct ingest_options o = {.sensor = req.sensor, .progress = while_ingesting, .arg = l};
    int peer;
    int input;
    int r;

    if (control_accept(l->control, &req, &peer, &input) == 0)
        return 0;
    a = calloc(1, sizeof *a);
    r = a == NULL ? ERR_NOMEM : record_all(l, ei);
    if (r == 0) {
        o.threads = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
        a->version = CONTROL_VERSION;
        a->status = ingest_run(l->n, input, &o, &a->result, &a->ei);
        r = a->status == ERR_IO || a->status == ERR_FULL || a->status == ERR_PROOF ? a->status
                                                                                   : 0;
        if (r < 0)
            *ei = a->ei;
        l->role.signed_at = wall(l);
        control_reply(peer, a);
    } else {
        (void)close(peer);
    }
    (void)close(input);
    free(a);
    return r;
}

static int
turn(struct loop *l, struct errinfo *ei)
{
    struct role_event tick = {.kind = ROLE_TICK};
    int64_t next = 0;
    int r = 0;

    l->busy = false;
    for (unsigned i = 0; r == 0 && i < l->sensors; i++)
        r = step_sensor(l, l->sensor[i], ei);
    if (r == 0)
        r = role_step(&l->role, &tick, ei);
    if (r == 0 && mono(l) - l->published >= PUBLISH_US)
        r = publish(l, ei);
    if (r == 0 && mono(l) - l->looked >= TABLES_US)
        r = reload_tables(l, ei);
    if (r == 0)
        r = serve_control(l, ei);
    web_step(l->web, mono(l), &next);
    store_settle(l->n->store);
    return r;
}

static void
wait_for_work(struct loop *l)
{
    struct signalfd_siginfo info;
    struct pollfd p[] = {
        {web_fd(l->web), POLLIN, 0}, {l->signals, POLLIN, 0}, {l->control, POLLIN, 0}};

    (void)poll(p, 3, l->busy ? 0 : TURN_MS);
    if (p[1].revents != 0 && read(l->signals, &info, sizeof info) > 0)
        l->ends = true;
}

static int
rebuild(void *arg, const struct query_hit *hit)
{
    struct loop *l = arg;

    live_add(l->live, hit->id, hit->event, wall(l));
    return 0;
}

/* The live view from the evidence of the last day. */
static int
rebuild_live(struct loop *l)
{
    struct query q;

    query_init(&q);
    q.since.us = wall(l).us - 86400 * TIME_US_PER_S;
    return query_each(l->answers.describer.reader, &q, false, rebuild, l);
}

/* A day of sample traffic behind a first start, so that the page has a past to show. */
static int
backfill(struct loop *l, struct errinfo *ei)
{
    struct decode_place place = {.own = l->n->conf->networks.at,
                                 .own_count = l->n->conf->networks.count};
    struct frame *frame = malloc(sizeof *frame);
    struct decoder *d = NULL;
    struct rule_map map = {0};
    struct utime t = {wall(l).us - 86400 * TIME_US_PER_S};
    struct decode_stats stats;
    struct role_event ev = {.kind = ROLE_FRAME, .frame = frame, .rules = &map};
    struct role_event source = {.kind = ROLE_SOURCE, .stats = &stats};
    bool last = false;
    AUTO_BUF(lines, (size_t)2 * DECODE_CHUNK_MAX);
    int r = dict_put_sensor(engine_dict(l->n->engine), SLICE("sample"), &place.sensor);

    ev.decoder = d = eve_new(&place);
    if (d == NULL || frame == NULL)
        r = ERR_NOMEM;
    for (int i = 1; r == 0 && !last; i++) {
        size_t used;

        t.us += (int64_t)(1e6 / sample_rate(l->sample, t));
        last = t.us >= wall(l).us || i == BACKFILL_MAX;
        if (!last)
            sample_line(l->sample, t, &lines);
        if (lines.len < DECODE_CHUNK_MAX - 4096 && !last)
            continue;
        memset(&stats, 0, sizeof stats);
        r = eve_decode(d, buf_get(&lines), true, frame, &used, &stats);
        if (r == 0)
            r = role_step(&l->role, &ev, ei);
        if (r == 0)
            r = role_step(&l->role, &source, ei);
        if (r == 0)
            r = record_all(l, ei);
        buf_reset(&lines);
    }
    rule_map_release(&map);
    d = eve_free(d);
    free(frame);
    return r < 0 ? err_set(ei, r, "sample traffic: %s", err_text(r)) : 0;
}

static int
add_sensor(struct loop *l, const char *name, const char *path, struct errinfo *ei)
{
    struct sensor_open o = {.name = name,
                            .path = path,
                            .sample = l->sample,
                            .conf = l->n->conf,
                            .store = l->n->store,
                            .dict = engine_dict(l->n->engine),
                            .env = l->env};
    int r = l->sensors == SENSORS_MAX ? ERR_LIMIT : sensor_open(&o, &l->sensor[l->sensors]);

    if (r < 0)
        return err_set(ei, r, "sensor %s: %s", name, err_text(r));
    l->sensors++;
    return 0;
}

static int
open_sensors(struct loop *l, struct errinfo *ei)
{
    const struct conf *c = l->n->conf;
    uint64_t events = counter(l, "lines");
    int r = 0;

    if (l->o->sample) {
        l->sample = sample_new(l->n->attrib, l->o->seed);
        if (l->sample == NULL)
            return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
        r = add_sensor(l, "sample", NULL, ei);
        if (r == 0 && events == 0)
            r = backfill(l, ei);
    }
    for (unsigned i = 0; r == 0 && i < c->sensor_count; i++)
        r = add_sensor(l, c->sensors[i].name, c->sensors[i].path, ei);
    for (unsigned i = 0; r == 0 && i < l->o->follow_count; i++)
        r = add_sensor(l, "eve", l->o->follow[i], ei);
    return r;
}

static int
open_web(struct loop *l, struct errinfo *ei)
{
    const struct conf *c = l->n->conf;
    struct web_listen listen[WEB_LISTEN];
    struct web_options o = {.listen = listen,
                            .hosts = c->hosts.at,
                            .host_count = c->hosts.count,
                            .now = l->env->now_wall};
    struct web_source source;

    for (; o.listen_count < c->listen_count && o.listen_count < WEB_LISTEN; o.listen_count++)
        listen[o.listen_count] = (struct web_listen){c->listen[o.listen_count].address,
                                                     c->listen[o.listen_count].port};
    answers_source(&l->answers, &source);
    return web_open(&o, &source, &l->web, ei);
}

static int
open_signals(struct loop *l, struct errinfo *ei)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    l->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return l->signals < 0 ? err_set(ei, ERR_IO, "%s", strerror(errno)) : 0;
}

static int
open_loop(struct loop *l, struct errinfo *ei)
{
    int r = open_signals(l, ei);

    buf_init(&l->delta, 1 << 22);
    l->tables_mtime = tables_mtime(l);
    if (r == 0 && role_open(&l->role, l->n->engine, l->env, l->n->conf) < 0)
        r = err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    l->role.attrib = l->n->attrib;
    if (r == 0) {
        r = answers_open(&l->answers, l->n);
        if (r == 0)
            r = live_new(engine_dict(l->n->engine), &l->live);
        if (r < 0)
            return err_set(ei, r, "%s", err_text(r));
        live_set_attrib(l->live, l->n->attrib);
        r = rebuild_live(l);
        if (r < 0)
            return err_set(ei, r, "the evidence cannot be read: %s", err_text(r));
        engine_set_watch(l->n->engine, watch_block, l);
    }
    if (r == 0)
        r = control_listen(l->n->dir, &l->control, ei);
    if (r == 0)
        r = open_sensors(l, ei);
    if (r == 0)
        r = publish(l, ei);
    return r < 0 ? r : open_web(l, ei);
}

static void
close_loop(struct loop *l)
{
    char path[4096];

    l->web = web_close(l->web);
    for (unsigned i = 0; i < l->sensors; i++)
        l->sensor[i] = sensor_close(l->sensor[i]);
    l->sample = sample_free(l->sample);
    answers_close(&l->answers);
    l->live = live_free(l->live);
    role_close(&l->role);
    buf_release(&l->delta);
    if (l->control >= 0) {
        (void)close(l->control);
        (void)snprintf(path, sizeof path, "%s/control", l->n->dir);
        (void)unlink(path);
    }
    if (l->signals >= 0)
        (void)close(l->signals);
}

static void
announce(const struct loop *l)
{
    char address[ADDR_TEXT];
    char url[96];

    if (l->o->ready == NULL || l->n->conf->listen_count == 0)
        return;
    (void)addr_format(&l->n->conf->listen[0].address, address);
    (void)snprintf(url, sizeof url, strchr(address, ':') ? "http://[%s]:%u" : "http://%s:%u",
                   address, web_port(l->web, 0));
    l->o->ready(url);
}

int
serve(struct node *n, const struct serve_options *o, struct errinfo *ei)
{
    struct loop l = {.n = n, .o = o, .env = &n->env, .control = -1, .signals = -1};
    int r;

    *ei = (struct errinfo){0};
    r = open_loop(&l, ei);
    if (r == 0)
        announce(&l);
    while (r == 0 && !l.ends) {
        r = turn(&l, ei);
        if (r == 0)
            wait_for_work(&l);
    }
    if (r == 0)
        r = record_all(&l, ei);
    close_loop(&l);
    return r;
}
