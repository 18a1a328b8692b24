/* Blocks are found by the index over their times alone.  Most are narrow: their events lie
 * within WIDE of each other, so those that can hold a time are those that end within WIDE of
 * it.  Wide ones, of a slow sensor's import or a clock that jumped, can lie anywhere; those
 * that still have something to tell are known by number, with the time of what comes next. */
#include "role/replay.h"

#include <stdlib.h>

#include "store/erase.h"

#define MINUTE_US ((int64_t)60 * TIME_US_PER_S)
#define DAY_US    ((int64_t)86400 * TIME_US_PER_S)
#define WIDE_US   (10 * MINUTE_US)
#define CHUNK_US  (10 * MINUTE_US) /* read ahead at once */
#define LATE_US   MINUTE_US        /* what is younger may still come in: it is not read ahead */
#define AHEAD_US  (7 * DAY_US)     /* wide blocks are known so far ahead */

enum {
    SPANS = 256, /* of one look at the index */
    PENDING_MAX = 32768,
    WIDES_MAX = 16384,
    NEWEST = 20
};

static const struct live_room room = {1 << 14, 1 << 16, 1 << 16};

/* An event's place in time: no two have the same. */
struct moment {
    int64_t us;
    struct event_id id;
};

struct pending {
    struct moment at;
    uint32_t wide; /* which of the wide blocks it is of, plus 1 */
    struct event event;
};

struct wide {
    uint64_t block;
    int64_t next; /* time of its first event that was not read; INT64_MAX: none */
};

enum phase {
    REBUILD, /* the day before, and wide blocks on the way to the present */
    LOOK,    /* … the latter alone, again */
    READY,
    CHUNK
};

struct replay {
    struct replay_source from;
    struct live *live;
    enum phase phase;
    struct utime at; /* all before is counted */
    struct store_span cursor;
    int64_t known; /* wide blocks that begin before are known */
    struct pending *pending;
    uint32_t pending_count;
    uint32_t given;     /* of them */
    struct moment read; /* all before is counted or pending … */
    struct moment end;  /* … and all before this will be, after this chunk */
    struct wide *wide;
    uint32_t wide_count;
    uint32_t wide_at;              /* of a chunk: the next to look into */
    bool spans_done;               /* of a chunk: the narrow ones are read */
    struct pending newest[NEWEST]; /* of the day before, a ring */
    unsigned newest_at;
    unsigned newest_count;
    int64_t oldest;    /* of what is kept; INT64_MAX nothing */
    uint64_t erased;   /* events */
    uint64_t left_out; /* blocks */
};

int
replay_new(const struct replay_source *from, struct utime at, struct replay **ret)
{
    struct replay *r = calloc(1, sizeof *r);
    int e = r == NULL ? ERR_NOMEM : live_new(from->dict, &room, &r->live);

    if (e < 0) {
        free(r);
        return e;
    }
    r->from = *from;
    r->at = at;
    r->cursor.last.us = at.us - DAY_US;
    r->cursor.first.us = INT64_MIN;
    r->known = at.us + AHEAD_US;
    r->read.us = at.us;
    r->oldest = INT64_MAX;
    live_set_attrib(r->live, from->attrib);
    live_set_owners(r->live, from->owners);
    *ret = r;
    return 0;
}

struct replay *
replay_free(struct replay *r)
{
    if (r == NULL)
        return NULL;
    r->live = live_free(r->live);
    free(r->pending);
    free(r->wide);
    free(r);
    return NULL;
}

void
replay_set_attrib(struct replay *r, const struct attrib *a)
{
    r->from.attrib = a;
    live_set_attrib(r->live, a);
}

struct utime
replay_at(const struct replay *r)
{
    return r->at;
}

static int
compare(const struct moment *x, const struct moment *y)
{
    if (x->us != y->us)
        return x->us < y->us ? -1 : 1;
    if (x->id.block != y->id.block)
        return x->id.block < y->id.block ? -1 : 1;
    return x->id.index < y->id.index ? -1 : x->id.index > y->id.index;
}

static int
by_moment(const void *a, const void *b)
{
    return compare(&((const struct pending *)a)->at, &((const struct pending *)b)->at);
}

static bool
is_wide(const struct store_span *b)
{
    return b->last.us - b->first.us > WIDE_US;
}

static int64_t
mono(const struct replay *r)
{
    return r->from.env->now_mono(r->from.env->self);
}

/* A block's events; *ret_count 0 when they are erased. */
static int
read_block(struct replay *r, uint64_t block, struct event **ret, uint32_t *ret_count)
{
    struct store_block row = {.events = 0};
    struct evidence ev = {0};
    int e = reader_find(r->from.reader, block, false, &row, &ev);

    *ret_count = 0;
    if (e == ERR_GONE) {
        r->erased += row.events;
        return 0;
    }
    if (e == ERR_NOTFOUND)
        return 0;
    *ret = ev.event;
    *ret_count = e < 0 ? 0 : ev.count;
    return e;
}

/* Counted by its sensor's time, whatever it was found to be worth. */
static void
prepare(struct event *ev)
{
    ev->flags = (uint16_t)(ev->flags & ~FLAG_CLOCK_SKEWED);
}

/* A wide block has something to tell later; *ret its number in the list, plus 1. */
static int
remember(struct replay *r, uint64_t block, int64_t next)
{
    if (r->wide == NULL)
        r->wide = malloc(WIDES_MAX * sizeof *r->wide);
    if (r->wide == NULL)
        return ERR_NOMEM;
    if (r->wide_count == WIDES_MAX)
        r->left_out++;
    else
        r->wide[r->wide_count++] = (struct wide){block, next};
    return 0;
}

/* ---- the day before --------------------------------------------------------------------- */

static struct pending *
newest(struct replay *r, unsigned i)
{
    return &r->newest[(r->newest_at + i) % NEWEST];
}

/* The newest by time, in a ring: most events are newer than those before. */
static void
keep_newest(struct replay *r, struct event_id id, const struct event *ev)
{
    struct moment at = {ev->time.us, id};
    unsigned i = r->newest_count;

    if (i == NEWEST) {
        if (compare(&at, &newest(r, 0)->at) < 0)
            return;
        r->newest_at = (r->newest_at + 1) % NEWEST;
        i--;
    } else {
        r->newest_count++;
    }
    for (; i > 0 && compare(&at, &newest(r, i - 1)->at) < 0; i--)
        *newest(r, i) = *newest(r, i - 1);
    newest(r, i)->at = at;
    newest(r, i)->event = *ev;
}

static int
rebuild_block(struct replay *r, const struct store_span *b)
{
    struct event *ev = NULL;
    uint32_t count;
    int64_t next = INT64_MAX;
    int e = read_block(r, b->block, &ev, &count);

    for (uint32_t i = 0; e == 0 && i < count; i++) {
        int64_t t = ev[i].time.us;

        if (t >= r->at.us) {
            next = t < next ? t : next;
        } else if (t >= r->at.us - DAY_US && event_is_attack(&ev[i])) {
            prepare(&ev[i]);
            live_count(r->live, &ev[i], r->at);
            keep_newest(r, (struct event_id){b->block, i}, &ev[i]);
        }
    }
    if (e == 0 && next != INT64_MAX && is_wide(b))
        e = remember(r, b->block, next);
    return e;
}

struct walk {
    struct replay *replay;
    int64_t stop;
    unsigned seen;
    bool out_of_time;
};

static int
rebuild_span(void *arg, const struct store_span *b)
{
    struct walk *w = arg;
    struct replay *r = w->replay;
    int e = 0;

    r->cursor = *b;
    w->seen++;
    if (r->phase == REBUILD && b->first.us < r->at.us) {
        e = rebuild_block(r, b);
        w->out_of_time = mono(r) >= w->stop;
    } else if (is_wide(b) && b->first.us < r->known) {
        e = remember(r, b->block, b->first.us > r->read.us ? b->first.us : r->read.us);
    }
    return e < 0 ? e : w->out_of_time;
}

/* The first event of the oldest block that is kept. */
static int
take_aged(void *arg, const struct store_aged *b)
{
    struct replay *r = arg;
    struct store_block row;
    int e = store_get_block(r->from.store, b->block, &row);

    if (e == 0 && row.first.us < r->oldest)
        r->oldest = row.first.us;
    return e;
}

static int
find_oldest(struct replay *r)
{
    int e = store_each_in_state(r->from.store, ERASURE_NONE, 0, 1, take_aged, r);

    if (e == 0)
        e = store_each_in_state(r->from.store, ERASURE_RAW, 0, 1, take_aged, r);
    return e < 0 ? e : 0;
}

/* 1 when the phase is over. */
static int
rebuild(struct replay *r, int64_t stop)
{
    struct walk w = {.replay = r, .stop = stop};
    int e = store_each_span(r->from.store, &r->cursor, TIME_MAX, SPANS, rebuild_span, &w);

    if (e < 0 || w.out_of_time || w.seen == SPANS)
        return e < 0 ? e : 0;
    if (r->phase == REBUILD) {
        for (unsigned i = 0; i < r->newest_count; i++)
            live_show(r->live, newest(r, i)->at.id, &newest(r, i)->event);
        e = find_oldest(r);
    }
    r->phase = READY;
    return e < 0 ? e : 1;
}

/* ---- on from there ------------------------------------------------------------------------
 */

/* Too much for one chunk: its later half is left for the next. */
static void
cut(struct replay *r)
{
    uint32_t keep = r->pending_count / 2;

    qsort(r->pending, r->pending_count, sizeof *r->pending, by_moment);
    r->end = r->pending[keep].at;
    for (uint32_t i = keep; i < r->pending_count; i++) {
        struct wide *w = r->pending[i].wide == 0 ? NULL : &r->wide[r->pending[i].wide - 1];

        if (w != NULL && r->pending[i].at.us < w->next)
            w->next = r->pending[i].at.us;
    }
    r->pending_count = keep;
}

/* What of a block lies in the chunk; gives the time of its first event behind. */
static int
chunk_block(struct replay *r, uint64_t block, uint32_t wide, int64_t *ret_next)
{
    struct event *ev = NULL;
    uint32_t count;
    int e = read_block(r, block, &ev, &count);

    for (uint32_t i = 0; e == 0 && i < count; i++) {
        struct pending p = {.at = {ev[i].time.us, {block, i}}, .wide = wide};

        if (compare(&p.at, &r->read) < 0 || !event_is_attack(&ev[i]))
            continue;
        if (compare(&p.at, &r->end) >= 0) {
            *ret_next = p.at.us < *ret_next ? p.at.us : *ret_next;
            continue;
        }
        if (r->pending_count == PENDING_MAX)
            cut(r);
        if (compare(&p.at, &r->end) >= 0) {
            *ret_next = p.at.us < *ret_next ? p.at.us : *ret_next;
            continue;
        }
        prepare(&ev[i]);
        p.event = ev[i];
        r->pending[r->pending_count++] = p;
    }
    return e;
}

static int
chunk_span(void *arg, const struct store_span *b)
{
    struct walk *w = arg;
    struct replay *r = w->replay;
    int64_t next = INT64_MAX;
    int e;

    r->cursor = *b;
    w->seen++;
    if (b->first.us > r->end.us || is_wide(b))
        return 0;
    e = chunk_block(r, b->block, 0, &next);
    w->out_of_time = mono(r) >= w->stop;
    return e < 0 ? e : w->out_of_time;
}

static int
begin_chunk(struct replay *r, struct utime to)
{
    int64_t end = r->read.us + CHUNK_US;
    int64_t late = r->from.env->now_wall(r->from.env->self).us - LATE_US;

    if (r->pending == NULL)
        r->pending = malloc(PENDING_MAX * sizeof *r->pending);
    if (r->pending == NULL)
        return ERR_NOMEM;
    if (end > late)
        end = late;
    if (end < to.us)
        end = to.us;
    if (end > r->known) {
        r->phase = LOOK;
        r->wide_count = 0;
        r->known = end + AHEAD_US;
        r->cursor = (struct store_span){.last = {r->read.us}, .first = {INT64_MIN}};
        return 0;
    }
    r->phase = CHUNK;
    r->pending_count = r->given = r->wide_at = 0;
    r->spans_done = false;
    r->end = (struct moment){.us = end};
    r->cursor = (struct store_span){.last = {r->read.us}, .first = {INT64_MIN}};
    return 0;
}

/* What the wide ones had to tell is told: those that have more stay. */
static void
end_chunk(struct replay *r)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < r->wide_count; i++) {
        if (r->wide[i].next != INT64_MAX)
            r->wide[kept++] = r->wide[i];
    }
    r->wide_count = kept;
    qsort(r->pending, r->pending_count, sizeof *r->pending, by_moment);
    r->read = r->end;
    r->phase = READY;
}

static int
chunk(struct replay *r, int64_t stop)
{
    struct walk w = {.replay = r, .stop = stop};
    int e = 0;

    if (!r->spans_done) {
        struct utime until = {r->end.us + WIDE_US};

        e = store_each_span(r->from.store, &r->cursor, until, SPANS, chunk_span, &w);
        r->spans_done = e >= 0 && !w.out_of_time && w.seen < SPANS;
        return e < 0 ? e : 0;
    }
    while (e == 0 && r->wide_at < r->wide_count && !w.out_of_time) {
        struct wide *x = &r->wide[r->wide_at++];
        int64_t next = INT64_MAX;

        if (x->next > r->end.us)
            continue;
        x->next = INT64_MAX;
        e = chunk_block(r, x->block, r->wide_at, &next);
        if (next < x->next) /* unless a cut has set it earlier */
            x->next = next;
        w.out_of_time = mono(r) >= stop;
    }
    if (e == 0 && r->wide_at == r->wide_count)
        end_chunk(r);
    return e;
}

/* What happened before `to` comes in. */
static void
give(struct replay *r, struct utime to)
{
    while (r->given < r->pending_count && r->pending[r->given].at.us < to.us) {
        const struct pending *p = &r->pending[r->given++];

        live_add(r->live, p->at.id, &p->event, to);
    }
}

int
replay_step(struct replay *r, struct utime to, int64_t stop)
{
    int e = 0;

    do {
        if (r->phase == READY) {
            if (to.us <= r->at.us)
                return 1;
            give(r, to);
            if (r->given < r->pending_count || r->read.us >= to.us) {
                r->at = to;
                return 1;
            }
            e = begin_chunk(r, to);
        } else if (r->phase == CHUNK) {
            e = chunk(r, stop);
        } else {
            e = rebuild(r, stop);
        }
    } while (e >= 0 && mono(r) < stop);
    return e < 0 ? e : r->phase == READY && to.us <= r->at.us;
}

/* ---- as JSON ------------------------------------------------------------------------------
 */

int
replay_publish(struct replay *r, unsigned speed, const struct live_honesty *h,
               struct buf *delta, struct buf *snapshot)
{
    int e = live_publish(r->live, r->at, h, delta, snapshot);
    char from[TIME_TEXT];

    if (e < 0)
        return e;
    snapshot->len--; /* the brace: a member more */
    buf_text(snapshot, ",\"replay\":{\"from\":");
    if (r->oldest == INT64_MAX) {
        buf_text(snapshot, "\"\"");
    } else {
        time_format((struct utime){r->oldest}, from);
        buf_printf(snapshot, "\"%.27s\"", from);
    }
    buf_printf(snapshot, ",\"speed\":%u,\"erased\":%llu,\"left_out\":%llu}}", speed,
               (unsigned long long)r->erased, (unsigned long long)r->left_out);
    return buf_error(snapshot);
}
