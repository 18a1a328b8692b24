/* The last stage: sealed drafts become durable evidence, log leaves and state, in one
 * transaction, under a newly signed checkpoint. */
#include <stdio.h>
#include <stdlib.h>

#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "role/canary.h"
#include "role/engine_priv.h"
#include "role/mark.h"

/* What a block says of itself, worked out from its events. */
struct summary {
    struct leaf_total total[CLASSES];
    unsigned totals;
    uint64_t count;
    struct utime first;
    struct utime last;
};

static void
summarise(const struct draft *d, struct summary *ret)
{
    uint64_t events[CLASSES] = {0};
    uint64_t counts[CLASSES] = {0};

    *ret = (struct summary){.first = d->event[0].time, .last = d->event[0].time};
    for (uint32_t i = 0; i < d->count; i++) {
        const struct event *ev = &d->event[i];

        events[ev->class_]++;
        counts[ev->class_] += ev->count;
        ret->count += ev->count;
        if (ev->time.us < ret->first.us)
            ret->first = ev->time;
        if (ev->time.us > ret->last.us)
            ret->last = ev->time;
    }
    for (unsigned c = 0; c < CLASSES; c++) {
        if (events[c] > 0)
            ret->total[ret->totals++] = (struct leaf_total){
                slice_of(event_class_name((enum event_class)c)), events[c], counts[c]};
    }
}

enum { FIGURE_ROWS = 64, RESERVE_MAX = 64 << 20 };

/* The figures of the sensors in a block; further sensors than FIGURE_ROWS share the last. */
static int
open_figures(struct engine *e, const struct draft *d, struct buf *out)
{
    struct leaf_figures row[FIGURE_ROWS];
    uint16_t sensor[FIGURE_ROWS];
    unsigned rows = 0;

    for (uint32_t i = 0; i < d->count; i++) {
        const struct event *ev = &d->event[i];
        unsigned at = 0;

        while (at < rows && sensor[at] != ev->sensor)
            at++;
        if (at == FIGURE_ROWS)
            at--;
        if (at == rows) {
            sensor[rows] = ev->sensor;
            row[rows++] = (struct leaf_figures){.sensor = dict_sensor(&e->dict, ev->sensor),
                                                .healthy = true};
        }
        row[at].events++;
        row[at].count += ev->count;
    }
    leaf_sort_figures(row, rows);
    leaf_open_figures(out, row, rows);
    return buf_error(out);
}

struct utime
engine_next_time(struct engine *e)
{
    struct utime now = e->env->now_wall(e->env->self);

    if (now.us < e->last_at.us)
        now = e->last_at;
    e->last_at = now;
    return now;
}

static int
open_segment(struct engine *e)
{
    char name[SEGMENT_NAME];
    int fd;

    if (e->segment_fd >= 0 && e->segment_end < SEGMENT_MAX)
        return 0;
    if (e->segment_fd >= 0) {
        e->env->close(e->env->self, e->segment_fd);
        e->segment_fd = -1;
        e->segment++;
        e->segment_end = 0;
    }
    segment_name(e->segment, name);
    fd = e->env->open(e->env->self, name, ENV_WRITE | ENV_CREATE);
    if (fd < 0)
        return fd;
    e->segment_fd = fd;
    fd = e->env->open(e->env->self, "evidence", ENV_DIR);
    if (fd < 0)
        return fd;
    if (e->env->sync(e->env->self, fd) < 0) {
        e->env->close(e->env->self, fd);
        return ERR_IO;
    }
    e->env->close(e->env->self, fd);
    return 0;
}

/* One sealed draft: bytes to the segment, leaf to the log, row to the store. */
static int
record_block(struct engine *e, struct draft *d, uint64_t size, struct errinfo *ei)
{
    uint8_t salt[LEAF_SALT];
    struct hash tables = attrib_id(e->attrib);
    struct summary sum;
    struct leaf_block leaf;
    AUTO_BUF(figures, 1 << 16);
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    struct store_block row;
    uint64_t index;
    int r;

    summarise(d, &sum);
    r = open_figures(e, d, &figures);
    if (r < 0)
        return r; /* cut, it would open nothing, and be signed */
    e->env->random(e->env->self, salt, sizeof salt);
    leaf = (struct leaf_block){.block = e->next_block,
                               .events = d->count,
                               .count = sum.count,
                               .first = sum.first,
                               .last = sum.last,
                               .totals = sum.total,
                               .total_count = sum.totals,
                               .root = d->root,
                               .figures = leaf_commit(salt, buf_get(&figures)),
                               .tables = e->attrib == NULL ? NULL : &tables,
                               .size = size};
    r = leaf_write_block(&entry, engine_next_time(e), &leaf, ei);
    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), &index);
    if (r < 0)
        return r;
    row = (struct store_block){.block = e->next_block,
                               .leaf = index,
                               .segment = e->segment,
                               .at = e->segment_end,
                               .len = (uint32_t)d->frames.len,
                               .events = d->count,
                               .count = sum.count,
                               .first = sum.first,
                               .last = sum.last,
                               .seen = e->last_at,
                               .root = d->root,
                               .tables = tables,
                               .key = {(const char *)d->key, sizeof d->key},
                               .salt = {(const char *)salt, sizeof salt},
                               .figures = buf_get(&figures),
                               .filter = buf_get(&d->filter)};
    e->segment_end += d->frames.len;
    e->next_block++;
    r = store_put_block(e->store, &row);
    return r < 0 ? r : canaries_find(e, row.block, d);
}

/* Evidence first: rows must never point to bytes that are not there. */
static int
write_evidence(struct engine *e, const struct engine_record *rec)
{
    uint64_t at;
    int r = rec->count == 0 ? 0 : open_segment(e);

    at = e->segment_end;
    for (unsigned i = 0; r == 0 && i < rec->count; i++) {
        struct slice frames = buf_get(&rec->drafts[i]->frames);
        const uint8_t *before = i == 0 ? e->last_key : rec->drafts[i - 1]->key;

        BUG_ON(memcmp(rec->drafts[i]->key, before, COMMIT_KEY) == 0);
        evidence_set_block(frames, e->next_block + i);
        r = e->env->pwrite(e->env->self, e->segment_fd, frames.ptr, frames.len, at);
        at += frames.len;
    }
    if (r == 0 && rec->count > 0)
        r = e->env->sync(e->env->self, e->segment_fd);
    return r;
}

static int
put_counters(struct engine *e, const struct engine_record *rec)
{
    const struct decode_stats *s = rec->stats;
    char name[64];
    int r = store_add_counter(e->store, "duplicates", e->duplicates);

    if (r == 0)
        r = store_add_counter(e->store, "skewed", e->skewed);
    if (r == 0)
        r = store_add_counter(e->store, "unplaced", e->unplaced);
    for (int i = 0; r == 0 && i < 4 && rec->counter[i].n > 0; i++)
        r = store_add_counter(e->store, rec->counter[i].name, rec->counter[i].n);
    if (s == NULL)
        return r;
    if (r == 0)
        r = store_add_counter(e->store, "lines", s->lines);
    if (r == 0)
        r = store_add_counter(e->store, "events", s->events);
    if (r == 0)
        r = store_add_counter(e->store, "attacks", s->attacks);
    if (r == 0)
        r = store_add_counter(e->store, "ignored", s->ignored);
    for (int i = 0; r == 0 && i < REJECTS; i++) {
        (void)snprintf(name, sizeof name, "rejected.%s", reject_name((enum reject)i));
        r = store_add_counter(e->store, name, s->rejected[i]);
    }
    return r;
}

/* In the transaction of the blocks, so that each event counts once whatever is killed when. */
static int
put_hits(struct engine *e, const struct engine_record *rec)
{
    struct lookout_found sum = {.row = NULL};
    int r;

    BUG_ON(e->met.found.count > 0 && e->met.found.by != e->lookout);
    lookout_add(&sum, &e->met.found);
    r = lookout_put(e->store, &e->met.found);
    for (unsigned i = 0; r == 0 && i < rec->count; i++) {
        const struct lookout_found *f = &rec->drafts[i]->found;

        BUG_ON(f->count > 0 && f->by != e->lookout);
        lookout_add(&sum, f);
        r = lookout_put(e->store, f);
    }
    return r < 0 ? r : lookout_put_counters(e->store, &sum);
}

int
engine_put_clock(struct engine *e)
{
    char at[TIME_TEXT];

    time_format(e->last_at, at);
    return store_put_meta(e->store, "last_at", (struct slice){at, sizeof at});
}

static int
put_all(struct engine *e, const struct engine_record *rec, struct errinfo *ei)
{
    uint64_t size = ledger_signed_size(e->ledger);
    int r = dict_save(&e->dict, e->store);

    for (unsigned i = 0; r == 0 && i < rec->count; i++)
        r = record_block(e, rec->drafts[i], size, ei);
    if (r == 0 && rec->count > 0)
        r = ledger_sign(e->ledger, e->key, NULL, ei);
    for (unsigned i = 0; r == 0 && i < rec->source_count; i++)
        r = store_put_source(e->store, rec->sources[i]);
    if (r == 0)
        r = put_counters(e, rec);
    if (r == 0)
        r = put_hits(e, rec);
    if (r == 0)
        r = engine_put_clock(e);
    return r;
}

int
engine_fail(struct engine *e, int r, struct errinfo *ei)
{
    if (ei != NULL && ei->text[0] == '\0')
        return err_set(ei, r, "the store: %s (%s)", err_text(r), store_error(e->store));
    return r;
}

int
engine_put_mark(struct engine *e, struct errinfo *ei)
{
    struct tree_head head;
    int r;

    ledger_head(e->ledger, &head);
    head.size += ledger_first(e->ledger);
    r = mark_write(e->env, &head);
    if (r == ERR_FULL) {
        e->env->log(e->env->self, ENV_WARN, "no room: the anti-rollback mark lags");
        return 0;
    }
    return r < 0 ? err_set(ei, r, "the anti-rollback mark cannot be written: %s", err_text(r))
                 : 0;
}

int
engine_check_room(struct engine *e, uint64_t want)
{
    uint64_t all;
    uint64_t room;

    if (e->env->room == NULL || e->env->room(e->env->self, &room, &all) < 0)
        return 0;
    return room < 2 * want + engine_reserve(all) ? ERR_FULL : 0;
}

uint64_t
engine_reserve(uint64_t all)
{
    uint64_t part = all / 64;

    return part < RESERVE_MAX ? part : RESERVE_MAX;
}

static int
record(struct engine *e, const struct engine_record *rec, struct errinfo *ei)
{
    uint64_t block = e->next_block;
    struct utime last_at = e->last_at;
    uint64_t want = 0;
    uint64_t end;
    int r;

    ei->text[0] = '\0';
    for (unsigned i = 0; i < rec->count; i++)
        want += rec->drafts[i]->frames.len;
    r = engine_check_room(e, want);
    if (r == 0)
        r = write_evidence(e, rec);
    if (r < 0)
        return err_set(ei, r, "evidence cannot be written: %s", err_text(r));
    end = e->segment_end;
    r = store_begin(e->store);
    if (r < 0)
        return engine_fail(e, r, ei);
    r = put_all(e, rec, ei);
    if (r == 0)
        r = store_commit(e->store);
    if (r < 0) {
        r = engine_fail(e, r, ei);
        store_rollback(e->store);
        ledger_rollback(e->ledger);
        e->next_block = block;
        e->segment_end = end;
        e->last_at = last_at;
        return r;
    }
    ledger_commit(e->ledger);
    r = rec->count == 0 ? 0 : engine_put_mark(e, ei);
    if (r < 0)
        return r;
    dict_saved(&e->dict);
    e->duplicates = e->skewed = e->unplaced = 0;
    lookout_sum_reset(&e->met);
    if (rec->count > 0)
        memcpy(e->last_key, rec->drafts[rec->count - 1]->key, COMMIT_KEY);
    for (unsigned i = 0; e->watch != NULL && i < rec->count; i++)
        e->watch(e->watch_arg, block + i, rec->drafts[i]);
    return 0;
}

int
engine_may_sign(struct engine *e, struct errinfo *ei)
{
    int r = 0;

    if (e->held)
        return err_set(
            ei, ERR_FULL,
            "the node has just started and asks who cosigned its log, before it signs "
            "anything: try it again in a few seconds");
    if (e->unsettled)
        r = engine_make_durable(e, ei);
    if (r < 0)
        return r;
    r = mark_reserve(e->env);
    return r < 0 ? err_set(ei, r, "the anti-rollback mark cannot be written: %s", err_text(r))
                 : 0;
}

int
engine_change(struct engine *e, int (*put)(void *arg, struct engine *e, struct errinfo *ei),
              void *arg, const bool *refused, struct errinfo *ei)
{
    struct utime last_at = e->last_at;
    bool answered = false;
    int r;

    ei->text[0] = '\0';
    r = engine_may_sign(e, ei);
    if (r == 0)
        r = store_begin(e->store);
    if (r == 0) {
        r = put(arg, e, ei);
        answered = r < 0 && refused != NULL && *refused;
    }
    if (r == 0)
        r = ledger_sign(e->ledger, e->key, NULL, ei);
    if (r == 0)
        r = engine_put_clock(e);
    if (r == 0)
        r = store_commit(e->store);
    if (r == 0) {
        ledger_commit(e->ledger);
        r = engine_put_mark(e, ei);
    } else {
        if (!answered)
            r = engine_fail(e, r, ei);
        store_rollback(e->store);
        ledger_rollback(e->ledger);
        e->last_at = last_at;
    }
    if (r < 0 && r != ERR_FULL && !answered)
        store_leave(e->store);
    return r;
}

int
engine_record(struct engine *e, const struct engine_record *rec, struct errinfo *ei)
{
    int r = e->unsettled ? engine_make_durable(e, ei) : 0;

    if (r == 0 && rec->count > 0) {
        r = mark_reserve(e->env);
        if (r < 0)
            (void)err_set(ei, r, "the anti-rollback mark cannot be written: %s", err_text(r));
    }
    if (r == 0)
        r = record(e, rec, ei);

    if (r < 0 && r != ERR_FULL)
        store_leave(e->store);
    return r;
}

int
engine_start_log(struct engine *e, bool test, struct errinfo *ei)
{
    struct leaf_start start = {.origin = vkey_name(&e->key->vkey),
                               .generation = 1,
                               .party = slice_of(e->conf->party[0] ? e->conf->party : "local"),
                               .software = SLICE("detente " DETENTE_VERSION),
                               .test = test};
    char key[VKEY_TEXT];
    char at[TIME_TEXT];
    struct leaf_key own = {.role = SLICE("log"), .until = {-1}};
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    uint64_t index;
    int r;

    ei->text[0] = '\0';
    r = store_begin(e->store);
    if (r == 0)
        r = leaf_write_start(&entry, engine_next_time(e), &start, ei);
    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), &index);
    buf_reset(&entry);
    own.key = (struct slice){key, vkey_format(&e->key->vkey, key)};
    own.from = engine_next_time(e);
    if (r == 0)
        r = leaf_write_key(&entry, own.from, &own, ei);
    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), &index);
    if (r == 0)
        r = ledger_sign(e->ledger, e->key, NULL, ei);
    if (r == 0)
        r = engine_put_clock(e);
    time_format(own.from, at);
    if (r == 0) /* from here on it goes its own way: role/retain.h */
        r = store_put_meta(e->store, "retain_clock", (struct slice){at, sizeof at});
    if (r == 0 && test)
        r = store_put_meta(e->store, "test", SLICE("1"));
    if (r == 0)
        r = store_commit(e->store);
    if (r < 0) {
        r = engine_fail(e, r, ei);
        store_rollback(e->store);
        ledger_rollback(e->ledger);
        return r;
    }
    ledger_commit(e->ledger);
    return engine_put_mark(e, ei);
}
