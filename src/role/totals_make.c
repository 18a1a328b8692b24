/* This party's own totals: counted a little in each turn, then published. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "exchange/totals.h"
#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "role/engine_priv.h"
#include "role/sight.h"
#include "role/totals.h"
#include "role/totals_priv.h"
#include "store/query.h"

enum {
    NETWORKS_MAX = 1 << 20, /* distinct ones of a period; there are some 120,000 */
    ECONOMIES_MAX = 1 << 10,
    ROWS_FIRST = 256
};
#define DAY_US   (INT64_C(86400) * TIME_US_PER_S)
#define AHEAD_US (INT64_C(3600) * TIME_US_PER_S) /* of a sensor's clock */

/* One kind of origin. */
struct tally {
    struct map keys;
    struct totals_row *row;
    uint32_t room;
    uint64_t unknown;
};

struct totals_maker {
    struct engine *engine;
    struct reader *reader;
    int64_t looked; /* monotonic; 0: not yet */
    bool counting;
    struct utime done; /* end of a period that was counted, or could not be */
    struct utime from;
    struct utime until;
    uint64_t block; /* the next that is counted, downwards; 0: all are */
    uint64_t events;
    struct tally network;
    struct tally economy;
};

/* ---- counting -----------------------------------------------------------------------------
 */

static int
tally_add(struct tally *t, uint32_t key)
{
    int fresh = 0;
    int64_t at;

    if (key == 0) {
        t->unknown++;
        return 0;
    }
    at = map_put(&t->keys, &key, &fresh);
    if (at < 0)
        return ERR_LIMIT;
    if (fresh != 0 && (uint32_t)at == t->room) {
        uint32_t room = t->room == 0 ? ROWS_FIRST : 2 * t->room;
        struct totals_row *row = realloc(t->row, room * sizeof *row);

        if (row == NULL)
            return ERR_NOMEM;
        t->row = row;
        t->room = room;
    }
    if (fresh != 0)
        t->row[at] = (struct totals_row){key, 0};
    t->row[at].events++;
    return 0;
}

static void
tally_reset(struct tally *t)
{
    map_reset(&t->keys);
    t->unknown = 0;
}

static int
count_event(struct totals_maker *m, const struct event *ev)
{
    int r = tally_add(&m->network, ev->origin_asn);

    m->events++;
    return r < 0 ? r : tally_add(&m->economy, ev->origin_country);
}

/* What it has of the period; nothing when it is erased. */
static int
count_events(struct totals_maker *m, const struct store_block *row)
{
    struct evidence ev = {0};
    struct query q;
    int r = reader_block(m->reader, row, false, &ev);

    query_init(&q);
    q.since = m->from;
    q.until = m->until;
    for (uint32_t i = 0; r == 0 && i < ev.count; i++) {
        /* What is exposed in a counterpart's space is told to it alone. */
        if (query_matches(&q, &ev.event[i]) && !event_is_weakness(&ev.event[i]))
            r = count_event(m, &ev.event[i]);
    }
    return r == ERR_GONE ? 0 : r;
}

/* The next one down.  Blocks stand in the order in which they were closed, and no event is
 * taken before it happens, but for clocks that are ahead. */
static int
count_block(struct totals_maker *m)
{
    struct store_block row;
    int r = store_get_block(m->engine->store, m->block--, &row);

    if (r < 0)
        return r == ERR_NOTFOUND ? 0 : r; /* numbers that were lost with a disk */
    if (row.seen.us < m->from.us - AHEAD_US)
        m->block = 0;
    return row.last.us < m->from.us || row.first.us >= m->until.us ? 0 : count_events(m, &row);
}

/* ---- publishing ---------------------------------------------------------------------------
 */

struct publishing {
    struct totals_maker *m;
    const struct book *book;
    struct totals totals;
};

static int
put_leaf(struct engine *e, const struct totals *t, struct utime at, const struct hash *sha256,
         struct errinfo *ei)
{
    const struct leaf_value values[] = {LEAF_TIME("from", t->from), LEAF_TEXT("pact", t->pact),
                                        LEAF_HASH("sha256", sha256),
                                        LEAF_TIME("until", t->until)};
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    uint64_t leaf;
    int r = leaf_write(&entry, LEAF_TOTALS, at, (struct leaf_values){values, 4}, ei);

    return r < 0 ? r : ledger_append(e->ledger, buf_get(&entry), &leaf);
}

static void
add_day(void *arg, const struct sight_day *d)
{
    struct totals_sight *s = arg;

    if (s->days < TOTALS_DAYS)
        s->day[s->days++] = (struct totals_day){d->day, d->ppm / 10000};
}

/* Whole per cent of whole days: by the hour it would be a feed of what nobody watches. */
static int
look_back(const struct engine *e, const struct book_pact *p, struct totals *t)
{
    const struct sight_ask ask = {.store = e->store,
                                  .pact = p,
                                  .from = {t->until.us - (TOTALS_DAYS - 1) * DAY_US},
                                  .until = t->until,
                                  .now = e->env->now_wall(e->env->self),
                                  .party = (unsigned)p->self};
    struct verdict_sight sight;
    int r = sight_read(&ask, &sight);

    t->sight = (struct totals_sight){.days = 0};
    if (r < 0)
        return r;
    t->sight.canaries = sight.canaries;
    t->sight.found = sight.found;
    return sight_each_day(&ask, TOTALS_DAYS, add_day, &t->sight);
}

static int
put_one(struct publishing *x, const struct book_pact *p, struct engine *e, struct errinfo *ei)
{
    struct utime at = engine_next_time(e);
    struct totals t = x->totals;
    struct statement made;
    AUTO_BUF(note, NOTE_MAX);
    int r;

    if (!totals_allowed(p)) {
        t.least = t.events = 0;
        t.networks = t.economies = (struct totals_part){.row = NULL};
    }
    t.pact = slice_of(p->pact->name);
    t.party = p->party[p->self].id;
    r = look_back(e, p, &t);
    if (r < 0)
        return err_set(ei, r, "the store: %s", store_error(e->store));
    r = totals_write(&note, at, &t, e->key, ei);
    if (r == 0)
        r = statement_read(buf_get(&note), STATEMENT_TOTALS, &made, ei);
    if (r == 0)
        r = put_leaf(e, &t, at, &made.hash, ei);
    return r < 0 ? r : totals_put_own(e->store, &t, buf_get(&note));
}

/* Of a time before this party's first annex under a pact nobody watched for it, as a rule: that
 * nothing came then would read as a quiet time. */
static bool
had_begun(const struct book_party *own, uint64_t until)
{
    for (unsigned i = 0; i < own->annexes; i++) {
        int64_t at = own->annex[i].witnessed.us;

        if (at > 0 && at < (int64_t)until * TIME_US_PER_S)
            return true;
    }
    return false;
}

static int
is_due(struct totals_maker *m, const struct book_pact *p, uint64_t until, bool *ret)
{
    uint64_t newest = 0;
    int r;

    *ret = totals_due(p, m->engine->env->now_wall(m->engine->env->self));
    if (!*ret)
        return 0;
    r = totals_newest(m->engine->store, slice_of(p->pact->name), p->party[p->self].id, &newest);
    *ret = newest < until;
    return r;
}

static int
put_all(void *arg, struct engine *e, struct errinfo *ei)
{
    struct publishing *x = arg;
    uint64_t until = (uint64_t)(x->totals.until.us / TIME_US_PER_S);
    int r = 0;

    for (unsigned i = 0; r == 0 && x->book != NULL && i < x->book->pacts; i++) {
        bool due = false;

        r = is_due(x->m, &x->book->pact[i], until, &due);
        if (r == 0 && due &&
            (x->totals.events > 0 ||
             had_begun(&x->book->pact[i].party[x->book->pact[i].self], until)))
            r = put_one(x, &x->book->pact[i], e, ei);
    }
    return r;
}

static int
publish(struct totals_maker *m, const struct book *book, struct errinfo *ei)
{
    struct engine *e = m->engine;
    struct publishing x = {.m = m, .book = book};
    int r = engine_check_room(e, 0);

    x.totals = (struct totals){.from = m->from,
                               .until = m->until,
                               .least = e->conf->totals.least,
                               .events = m->events};
    totals_choose(m->network.row, m->network.keys.count, x.totals.least, &x.totals.networks);
    totals_choose(m->economy.row, m->economy.keys.count, x.totals.least, &x.totals.economies);
    x.totals.networks.unknown = m->network.unknown;
    x.totals.economies.unknown = m->economy.unknown;
    if (r == 0)
        r = engine_change(e, put_all, &x, NULL, ei);
    if (r == 0)
        m->done = m->until;
    return r == ERR_FULL ? 0 : r; /* then it is tried again */
}

/* ---- turns --------------------------------------------------------------------------------
 */

/* The period that ended last, when it is not published under some pact. */
static int
look(struct totals_maker *m, const struct book *book)
{
    const struct env *env = m->engine->env;
    int64_t every = m->engine->conf->totals.every.us;
    int64_t now = env->now_wall(env->self).us - TOTALS_GRACE_US;
    int64_t until = now - now % every;
    uint64_t next = 1;
    int r = 0;

    m->looked = env->now_mono(env->self);
    for (unsigned i = 0; r == 0 && !m->counting && until != m->done.us && i < book->pacts; i++)
        r = is_due(m, &book->pact[i], (uint64_t)(until / TIME_US_PER_S), &m->counting);
    if (r == 0 && m->counting)
        r = store_next_block(m->engine->store, &next);
    if (r < 0 || !m->counting)
        return r;
    m->block = next - 1;
    m->from.us = until - every;
    m->until.us = until;
    m->events = 0;
    tally_reset(&m->network);
    tally_reset(&m->economy);
    return 0;
}

/* No more than the engine's other work can wait for.  Evidence that cannot be read is no reason
 * to end: who asks for those events is told so. */
static void
count(struct totals_maker *m)
{
    const struct env *env = m->engine->env;
    int64_t begun = env->now_mono(env->self);
    char text[128];
    int r = 0;

    while (r == 0 && m->block > 0 && env->now_mono(env->self) - begun < TOTALS_TURN_US)
        r = count_block(m);
    if (r == 0)
        return;
    m->counting = false;
    m->done = m->until;
    (void)snprintf(text, sizeof text,
                   "no totals are published of this period: its events cannot be counted: %s",
                   err_text(r));
    env->log(env->self, ENV_WARN, text);
}

int
totals_step(struct totals_maker *m, const struct book *book, struct errinfo *ei)
{
    const struct conf *conf = m->engine->conf;
    const struct env *env = m->engine->env;
    int r = 0;

    if (!conf->totals.publish || book == NULL || book->pacts == 0)
        return 0;
    if (!m->counting &&
        (m->looked == 0 || env->now_mono(env->self) - m->looked >= TOTALS_LOOK_US))
        r = look(m, book);
    if (r < 0)
        return err_set(ei, r, "the store: %s", store_error(m->engine->store));
    if (!m->counting)
        return 0;
    if (m->block > 0)
        count(m);
    if (!m->counting || m->block > 0)
        return 0;
    m->counting = false;
    return publish(m, book, ei);
}

int
totals_open(struct engine *e, struct totals_maker **ret, struct errinfo *ei)
{
    struct totals_maker *m = calloc(1, sizeof *m);
    int r = m == NULL ? ERR_NOMEM : reader_open(e->store, e->env, &m->reader);

    if (r < 0) {
        free(m);
        return err_set(ei, r, "%s", err_text(r));
    }
    m->engine = e;
    map_init(&m->network.keys, sizeof(uint32_t), NETWORKS_MAX, 0x517c);
    map_init(&m->economy.keys, sizeof(uint32_t), ECONOMIES_MAX, 0xc715);
    *ret = m;
    return 0;
}

struct totals_maker *
totals_close(struct totals_maker *m)
{
    if (m == NULL)
        return NULL;
    (void)reader_close(m->reader);
    map_release(&m->network.keys);
    map_release(&m->economy.keys);
    free(m->network.row);
    free(m->economy.row);
    free(m);
    return NULL;
}
