#include "role/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "role/backup_priv.h"
#include "role/mark.h"
#include "role/quorum.h"
#include "role/send.h"
#include "role/source.h"
#include "role/treaty_look.h"

/* Somebody holds the node's lock. */
static bool
is_running(const char *dir)
{
    char path[4096];
    bool held;
    int fd;

    (void)snprintf(path, sizeof path, "%s/lock", dir);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    held = flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    (void)close(fd);
    return held;
}

static int
take_counters(struct store *s, struct status *ret)
{
    const struct {
        const char *name;
        uint64_t *to;
    } counters[] = {{"lines", &ret->lines},           {"events", &ret->events},
                    {"attacks", &ret->attacks},       {"ignored", &ret->ignored},
                    {"duplicates", &ret->duplicates}, {"quarantined", &ret->quarantined}};
    int r = 0;

    for (size_t i = 0; r == 0 && i < sizeof counters / sizeof counters[0]; i++)
        r = store_get_counter(s, counters[i].name, counters[i].to);
    for (int i = 0; r == 0 && i < REJECTS; i++) {
        char name[64];
        uint64_t n = 0;

        (void)snprintf(name, sizeof name, "rejected.%s", reject_name((enum reject)i));
        r = store_get_counter(s, name, &n);
        ret->rejected += n;
    }
    return r;
}

static int
count_alert(void *arg, const struct alert *a)
{
    struct status *s = arg;

    s->alerts_firing += a->state == ALERT_FIRING;
    s->alerts_acked += a->state == ALERT_ACKED;
    return 0;
}

/* Who cannot read them says nothing of them: the node's own store is what counts here. */
static void
take_alerts(const char *dir, struct status *ret)
{
    struct alerts *a = NULL;
    struct errinfo ei;

    if (alerts_open(dir, STORE_READ, &a, &ei) < 0)
        return;
    if (alerts_each(a, false, 0, count_alert, ret) < 0)
        ret->alerts_firing = ret->alerts_acked = 0;
    (void)alerts_close(a);
}

int
status_take(struct view *v, struct status *ret)
{
    struct node *n = &v->node;
    AUTO_BUF(at, 64);
    uint64_t next = 1;
    int r;

    *ret = (struct status){.running = is_running(n->dir)};
    ledger_head(v->ledger, &ret->head);
    r = store_get_meta(n->store, "last_at", &at);
    if (r == 0 && time_parse(buf_get(&at), &ret->last_leaf) < 0)
        ret->last_leaf.us = 0;
    if (r < 0 && r != ERR_NOTFOUND)
        return r;
    r = store_next_block(n->store, &next);
    ret->blocks = next - 1;
    if (r == 0)
        r = take_counters(n->store, ret);
    if (n->env.room == NULL || n->env.room(n->env.self, &ret->room, &ret->disk) < 0)
        ret->room = ret->disk = 0;
    ret->tables_age_days = node_tables_age(n, n->env.now_wall(n->env.self), &ret->tables_stale);
    take_alerts(n->dir, ret);
    return r;
}

/* ---- doctor ---------------------------------------------------------------------------- */

struct doctor {
    struct view *v;
    const struct status *s;
    void (*each)(void *arg, const struct finding *f);
    void *arg;
    unsigned found;
};

static void PRINTF(5, 6)
    find(struct doctor *d, const char *key, bool grave, const char *to_do, const char *fmt, ...)
{
    struct finding f = {key, grave, NULL, to_do};
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    f.text = text;
    d->found++;
    d->each(d->arg, &f);
}

static void
look_at_tables(struct doctor *d)
{
    if (d->s->tables_age_days < 0)
        find(d, "tables-missing", true, "run `detente tables build`",
             "there are no address tables: no origin is attributed");
    else if (d->s->tables_stale)
        find(d, "tables-stale", false, "run `detente tables build`, or import newer data",
             "the address tables are %d days old", d->s->tables_age_days);
}

static void
look_at_disk(struct doctor *d)
{
    uint64_t reserve = engine_reserve(d->s->disk);

    if (d->s->disk == 0)
        return;
    if (d->s->room < reserve)
        find(d, "disk-full", true, "make room, or shorten `retention`; nothing taken is lost",
             "the disk is full: %llu MiB are free, %llu are kept free, nothing more is taken",
             (unsigned long long)(d->s->room >> 20), (unsigned long long)(reserve >> 20));
    else if (d->s->room < d->s->disk / 10)
        find(d, "disk-low", false, "make room, or shorten `retention`",
             "less than a tenth of the disk is free: %llu MiB",
             (unsigned long long)(d->s->room >> 20));
}

/* Certificates are handed out. */
static bool
is_public(const char *name)
{
    return strstr(name, "/ca") != NULL && strstr(name, ".pem") != NULL;
}

static void
look_at_mode(struct doctor *d, const char *name)
{
    char path[4096];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/%s", d->v->node.dir, name);
    if (stat(path, &st) == 0 && (st.st_mode & 077) != 0 && !is_public(name))
        find(d, "mode-open", name[0] != '\0', "run `chmod go= ` on it",
             "%s can be reached by other users of this machine (mode %03o)", path,
             (unsigned)(st.st_mode & 0777));
}

static void
look_at_modes(struct doctor *d)
{
    static const char *const names[] = {"", "keys", "detente.db", BACKUP_KEY_FILES};
    char sources[SOURCES_MOST][SOURCE_NAME];
    struct errinfo none = {0};
    int count = sources_names(d->v->node.dir, sources, &none);

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        look_at_mode(d, names[i]);
    for (int i = 0; i < count; i++) {
        char name[SOURCE_NAME + 32];

        (void)snprintf(name, sizeof name, "exchange/sources/%.*s.secret", SOURCE_NAME,
                       sources[i]);
        look_at_mode(d, name);
        (void)snprintf(name, sizeof name, "exchange/sources/%.*s.pem", SOURCE_NAME, sources[i]);
        look_at_mode(d, name);
    }
}

static void
look_at_sources(struct doctor *d)
{
    const struct conf *c = d->v->node.conf;

    for (unsigned i = 0; i < c->sensor_count; i++) {
        char path[CONF_PATH];

        conf_path(d->v->node.dir, c->sensors[i].path, path);
        if (access(path, R_OK) < 0)
            find(d, "source-missing", true,
                 "correct `sensors[].path`, or let the node's user read the file",
                 "sensor %s: %s cannot be read: %s", c->sensors[i].name, path, strerror(errno));
    }
    if (d->s->running && c->sensor_count == 0 && !c->demo)
        find(d, "no-sensors", false, "name them under `sensors` in detente.yaml",
             "the configuration names no sensor: only `--follow` and `ingest` feed this node");
    if (c->networks.count == 0)
        find(d, "no-networks", false, "name your own address space under `networks`",
             "the node does not know its own networks: which side is the origin is inferred "
             "more often");
    if (d->s->quarantined > 0)
        find(d, "quarantine", false,
             "look into DIR/quarantine and report what made the decoder die",
             "%llu records made their sensor die and were passed over",
             (unsigned long long)d->s->quarantined);
}

static void
look_at_receivers(struct doctor *d)
{
    const struct conf *c = d->v->node.conf;
    struct alerts *a = NULL;
    struct errinfo ei;

    int r = alerts_open(d->v->node.dir, STORE_READ, &a, &ei);

    if (r < 0)
        a = NULL;
    if (r < 0 && r != ERR_NOTFOUND)
        find(d, "alerts-damaged", true,
             "move DIR/alerts away and start the node again: it tells anew of all that holds",
             "alerts cannot be kept: %s: %s", ei.file, ei.text);
    for (unsigned i = 0; i < c->notify_count; i++) {
        struct receiver known = {0};

        if (send_check(&c->notify[i], d->v->node.dir, &ei) < 0)
            find(d, "notify-file", true, "put it right, then start the node again",
                 "receiver %s: %s %s", c->notify[i].name, ei.file, ei.text);
        if (a != NULL && alerts_receiver(a, c->notify[i].name, &known) == 0 &&
            known.failing.us != 0)
            find(d, "notify-failing", true,
                 "see `detente notify list`, and try it with `detente notify test`",
                 "receiver %s gets nothing: %s", c->notify[i].name, known.error);
    }
    (void)alerts_close(a);
}

static void
look_at_policy(struct doctor *d)
{
    struct quorum *q = malloc(sizeof *q);

    if (q != NULL && d->s->running && quorum_look(d->v->node.store, q) == 0) {
        unsigned never = 0;

        for (unsigned i = 0; i < q->policy.witnesses; i++)
            never += q->at[i].us == 0;
        if (never > 0)
            find(d, "witness-silent", false,
                 "see /api/v1/witnesses for why, and let them know this log's key "
                 "(`detente log key`)",
                 "%u of %u witnesses of the policy never cosigned this log", never,
                 q->policy.witnesses);
    }
    free(q);
}

static void
look_at_log(struct doctor *d)
{
    const struct env *env = &d->v->node.env;
    struct utime now = env->now_wall(env->self);
    struct errinfo ei = {0};
    struct stat st;
    char path[4096];

    if (d->v->node.test)
        find(d, "test-node", true, "make one without `init --test` for what is real",
             "this node was made for tests%s: nothing here is evidence",
             env_posix_follows() ? ", and its clock is moved by a file" : "");
    if (d->s->last_leaf.us > now.us + 300 * TIME_US_PER_S)
        find(d, "clock-behind", true, "set the machine's clock",
             "the clock is %lld s behind the newest entry of the log",
             (long long)((d->s->last_leaf.us - now.us) / TIME_US_PER_S));
    if (node_check_key(&d->v->node, &ei) < 0)
        find(d, "log-key", true, "put the log's own key back: without it nothing can be signed",
             "%s %s", ei.file, ei.text);
    if (mark_check(env, d->v->ledger, &ei) < 0)
        find(d, "mark", true, "put the newest store in place; see `detente log fsck`", "%s",
             ei.text);
    (void)snprintf(path, sizeof path, "%s/mark", d->v->node.dir);
    if (stat(path, &st) < 0 && d->s->head.size > 0)
        find(
            d, "mark-missing", false, "it comes back with the next record",
            "the anti-rollback mark is missing: whether the store was put back is not checked");
}

static void
count_peer(void *arg, const struct status_peer *s)
{
    unsigned *n = arg;

    *n += s->annexes > 0;
}

/* Who has a pact is asked by others. */
static void
look_at_peers(struct doctor *d)
{
    const struct conf *c = d->v->node.conf;
    struct errinfo ei = {0};
    unsigned peers = 0;
    unsigned i = 0;

    if (status_peers(d->v, count_peer, &peers, &ei) < 0)
        find(d, "pact-damaged", true, "restore a backup, or take in the notes again",
             "the notes of the pacts cannot be read: %s", ei.text);
    while (i < c->listen_count && c->listen[i].what != CONF_WHAT_PEERS)
        i++;
    if (peers > 0 && i == c->listen_count)
        find(d, "no-peers-listener", true,
             "name one under `listen`: {address: 192.0.2.1:8443, what: peers, tls: true}",
             "there is a pact, and no counterpart can fetch anything here");
}

static void
find_of_pact(void *arg, const struct treaty_finding *f)
{
    find(arg, f->key, f->grave, f->to_do, "%s", f->text);
}

/* Further witnesses that a pact names are asked only when the policy says where they are. */
static void
look_at_pact_witnesses(struct doctor *d, const struct book *b)
{
    struct quorum *q = calloc(1, sizeof *q);

    if (q != NULL && quorum_look(d->v->node.store, q) < 0)
        q->policy.witnesses = 0;
    for (unsigned i = 0; q != NULL && i < b->pacts; i++) {
        const struct pact *p = b->pact[i].pact;

        for (unsigned k = 0; b->pact[i].self >= 0 && k < p->witnesses; k++) {
            struct vkey key;
            unsigned at = 0;

            if (vkey_parse(slice_of(p->witness[k].cosign), &key) < 0)
                continue;
            while (at < q->policy.witnesses && !vkey_eq(&q->policy.witness[at], &key))
                at++;
            if (at == q->policy.witnesses)
                find(d, "pact-witness", false,
                     "name it with its address in the file of `witness.policy`",
                     "pact %s has a further witness that this node does not ask: %.100s",
                     p->name, key.name);
        }
    }
    free(q);
}

/* What the annex's open list does not name counts for no coverage. */
static void
look_at_pact_sensors(struct doctor *d, const struct book *b)
{
    const struct conf *c = d->v->node.conf;

    for (unsigned i = 0; i < b->pacts; i++) {
        const struct book_pact *p = &b->pact[i];
        const struct annex *own = p->self < 0 ? NULL : book_annex(p, p->self);

        if (own == NULL || own->sensors_hidden[0] != '\0' || own->sensors == 0)
            continue;
        for (unsigned k = 0; k < c->sensor_count; k++) {
            unsigned at = 0;

            while (at < own->sensors && strcmp(own->sensor[at].id, c->sensors[k].name) != 0)
                at++;
            if (at == own->sensors)
                find(d, "pact-sensor", false,
                     "name it in the next annex: `detente pact annex new` does",
                     "sensor %s is not in the annex of pact %s: what it watches counts for no "
                     "coverage",
                     c->sensors[k].name, p->pact->name);
        }
    }
}

static void
look_at_pacts(struct doctor *d)
{
    struct node *n = &d->v->node;
    struct node_known *known = malloc(sizeof *known);
    struct book *b = NULL;
    struct errinfo ei = {0};

    if (book_load(n->store, n->conf->party, &b, &ei) < 0)
        find(d, "pact-damaged", true, "see `detente log fsck`", "pacts cannot be read: %s",
             ei.text);
    else
        (void)treaty_look(b, known == NULL || node_keys_known(n, known) < 0 ? NULL : known,
                          n->env.now_wall(n->env.self), find_of_pact, d);
    if (b != NULL) {
        look_at_pact_witnesses(d, b);
        look_at_pact_sensors(d, b);
    }
    (void)book_free(b);
    free(known);
}

unsigned
status_doctor(struct view *v, const struct status *s,
              void (*each)(void *arg, const struct finding *f), void *arg)
{
    struct doctor d = {.v = v, .s = s, .each = each, .arg = arg};

    look_at_log(&d);
    look_at_policy(&d);
    look_at_disk(&d);
    look_at_modes(&d);
    look_at_sources(&d);
    look_at_tables(&d);
    look_at_receivers(&d);
    look_at_peers(&d);
    look_at_pacts(&d);
    return d.found;
}
