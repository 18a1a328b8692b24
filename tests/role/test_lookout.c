/* Hits as events are recorded, against one that looks at every event and every indicator; over
 * disks that are full or fail, limits, another set, and age. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "indicator/pack.h"
#include "role/engine_step.h"
#include "role/hits.h"
#include "role/node.h"
#include "role/retain.h"
#include "role/sightings.h"
#include "wire/dom.h"

enum { LOOKED_FOR = 120, FRAMES = 6, DAYS = 4, RAW = 8, RECORD = 512 };
#define DAY (86400 * TIME_US_PER_S)

static int64_t now_us;
static int fail_in; /* syncs until one fails; 0 none does */
static bool full;
static struct env real;

static struct utime
now_wall(void *self)
{
    (void)self;
    return (struct utime){now_us};
}

static int64_t
now_mono(void *self)
{
    (void)self;
    return now_us;
}

static int
env_sync(void *self, int fd)
{
    return fail_in > 0 && --fail_in == 0 ? ERR_IO : real.sync(self, fd);
}

static int
env_room(void *self, uint64_t *ret_free, uint64_t *ret_all)
{
    (void)self;
    *ret_all = UINT64_C(1) << 40;
    *ret_free = full ? 0 : *ret_all;
    return 0;
}

/* What is looked for, for the naive one. */
struct sought {
    struct prefix prefix;
    int64_t from;
    int64_t until;
    bool revoked;
};

struct figures {
    uint64_t hits[LOOKED_FOR][DAYS];
    uint64_t unrecorded[LOOKED_FOR][DAYS]; /* of them, records that are no event */
    uint64_t asked;
};

struct scratch {
    char dir[64];
    struct node n;
    struct engine_role role;
    struct rule_map rules;
    struct frame *frame;
    uint64_t seed;
    char *bytes; /* of the mapped set */
    struct lookout *lookout;
    struct sought sought[LOOKED_FOR];
    unsigned count;
    struct figures all;  /* the naive ones */
    struct figures rest; /* of the records of the last frame that are no event */
    bool mixed;          /* such records stand between the events … */
    bool array;          /* … of an array */
    int64_t base;        /* where the first of DAYS begins */
};

static void
open_scratch(struct scratch *s, bool threads)
{
    struct errinfo ei = {0};
    struct pool *pool = NULL;

    if (node_open(s->dir, NODE_WRITE, &s->n, &ei) < 0)
        fail_msg("node_open: %s", ei.text);
    real = s->n.env;
    s->n.env.now_wall = now_wall;
    s->n.env.now_mono = now_mono;
    s->n.env.sync = env_sync;
    s->n.env.room = env_room;
    assert_int_equal(role_open(&s->role, s->n.engine, &s->n.env, s->n.conf), 0);
    if (threads) {
        assert_int_equal(pool_open(3, NULL, &pool), 0);
        assert_int_equal(role_share(&s->role, pool), 0);
    }
    engine_set_lookout(s->n.engine, s->lookout);
}

static void
close_scratch(struct scratch *s)
{
    role_close(&s->role);
    node_close(&s->n);
}

static void
begin(struct scratch *s, bool threads)
{
    struct node_init how = {0};
    struct errinfo ei = {0};

    memset(s, 0, sizeof *s);
    fail_in = 0;
    full = false;
    now_us = INT64_C(1772366400000000); /* 2026-03-01T12:00:00Z */
    s->base = (now_us / DAY - DAYS + 1) * DAY;
    s->seed = 11;
    (void)snprintf(s->dir, sizeof s->dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    assert_int_equal(node_init(s->dir, &how, &ei), 0);
    s->frame = calloc(1, sizeof *s->frame);
    assert_non_null(s->frame);
    assert_int_equal(rule_map_begin(&s->rules), 0);
    open_scratch(s, threads);
}

static void
end(struct scratch *s)
{
    char command[96];

    close_scratch(s);
    s->lookout = lookout_close(s->lookout);
    free(s->bytes);
    rule_map_release(&s->rules);
    free(s->frame);
    (void)snprintf(command, sizeof command, "rm -r %s", s->dir);
    assert_int_equal(system(command), 0);
}

/* ---- what is looked for ---- */

static void
put_indicator(struct buf *to, unsigned n, const struct sought *w)
{
    char from[TIME_TEXT];
    char until[TIME_TEXT];
    char net[PREFIX_TEXT];

    time_format((struct utime){w->from}, from);
    time_format((struct utime){w->until}, until);
    net[prefix_format(&w->prefix, net)] = '\0';
    buf_printf(
        to,
        "%s{\"type\":\"indicator\",\"id\":\"indicator--%08x-0000-4000-8000-000000000000\","
        "\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\""
        ",\"name\":\"n%u\",\"pattern_type\":\"stix\",\"revoked\":%s,\"pattern\":"
        "\"[ipv4-addr:value ISSUBSET '%s']\",\"valid_from\":\"%.*s\"",
        n == 0 ? "" : ",", n, n, w->revoked ? "true" : "false", net, TIME_TEXT, from);
    if (w->until != 0)
        buf_printf(to, ",\"valid_until\":\"%.*s\"", TIME_TEXT, until);
    buf_char(to, '}');
}

/* Those of s->sought from now on. */
static void
look_for(struct scratch *s)
{
    struct indicators_counts counts = {0};
    struct indicators_build *b = NULL;
    struct indicators *x = NULL;
    struct errinfo ei = {0};
    const struct dom *d = NULL;
    char *bytes;
    size_t len;
    AUTO_BUF(text, 1 << 20);
    AUTO_ARENA(arena);

    buf_text(&text, "{\"type\":\"bundle\",\"objects\":[");
    for (unsigned i = 0; i < s->count; i++)
        put_indicator(&text, i, &s->sought[i]);
    buf_text(&text, "]}");
    assert_int_equal(arena_init(&arena, text.len * DOM_ROOM + DOM_LEAST), 0);
    if (dom_read(text.ptr, text.len, &arena, &d, &ei) < 0)
        fail_msg("%s", ei.text);
    assert_int_equal(indicators_build_new(9, &b), 0);
    assert_int_equal(indicators_read(b, d, &counts, NULL, NULL), 0);
    assert_int_equal(counts.whole + counts.revoked, s->count);
    assert_int_equal(indicators_freeze(b, &x), 0);
    (void)indicators_build_free(b);
    s->lookout = lookout_close(s->lookout);
    free(s->bytes);
    assert_int_equal(indicators_pack(x, &bytes, &len), 0);
    (void)indicators_free(x);
    s->bytes = aligned_alloc(64, len);
    assert_non_null(s->bytes);
    memcpy(s->bytes, bytes, len);
    free(bytes);
    if (indicators_map_bytes((struct slice){s->bytes, len}, &x, &ei) < 0)
        fail_msg("%s", ei.text);
    assert_int_equal(lookout_open(x, 3, &s->lookout), 0);
    engine_set_lookout(s->n.engine, s->lookout);
    assert_int_equal(lookout_settle(s->n.store, s->lookout, SLICE("")), 0);
}

static void
invent(struct scratch *s)
{
    s->count = LOOKED_FOR;
    for (unsigned i = 0; i < s->count; i++) {
        struct sought *w = &s->sought[i];
        unsigned bits = i % 3 == 0 ? 32 : 24 + (unsigned)(next_random(&s->seed) % 8);
        uint32_t net = 0xc6336400U + (uint32_t)(next_random(&s->seed) % 512);

        w->prefix.len = (uint8_t)(96 + bits);
        w->prefix.addr = addr_of_v4(net & (bits == 32 ? UINT32_MAX : ~(UINT32_MAX >> bits)));
        w->from = s->base + (int64_t)(next_random(&s->seed) % 2 * DAY) + 1000;
        w->until =
            i % 4 == 0 ? s->base + (int64_t)(next_random(&s->seed) % DAYS) * DAY + 5000 : 0;
        w->from = w->until != 0 && w->from >= w->until ? s->base - DAY : w->from;
        w->revoked = i % 17 == 5;
    }
}

/* ---- events ---- */

static void
count_naively(struct scratch *s, const struct event *ev)
{
    struct utime when = event_when(ev);
    int64_t day = (when.us - s->base) / DAY;

    for (unsigned i = 0; i < s->count; i++) {
        const struct sought *w = &s->sought[i];
        bool met =
            prefix_covers(&w->prefix, &ev->origin) || prefix_covers(&w->prefix, &ev->target);

        if (met && !w->revoked && when.us >= w->from && (w->until == 0 || when.us < w->until))
            s->all.hits[i][day] += ev->count;
    }
}

static void
put_address(struct buf *to, const char *before, const struct addr *a)
{
    char text[ADDR_TEXT];

    buf_printf(to, "%s\"%.*s\"", before, (int)addr_format(a, text), text);
}

static struct addr
some_address(struct scratch *s)
{
    return addr_of_v4(0xc6336400U + (uint32_t)(next_random(&s->seed) % 900));
}

static void
count_record_naively(struct scratch *s, const struct addr *a, unsigned n, int64_t at)
{
    for (unsigned i = 0; i < s->count; i++) {
        const struct sought *w = &s->sought[i];
        bool met = false;

        for (unsigned k = 0; k < n; k++)
            met |= prefix_covers(&w->prefix, &a[k]);
        if (met && !w->revoked && at >= w->from && (w->until == 0 || at < w->until)) {
            s->rest.hits[i][(at - s->base) / DAY]++;
            s->rest.unrecorded[i][(at - s->base) / DAY]++;
        }
    }
}

/* A flow, an answer of names, or something that is none. */
static void
put_record(struct scratch *s, struct buf *to)
{
    struct addr a[4] = {some_address(s), some_address(s), some_address(s), some_address(s)};
    int64_t at =
        s->base + (int64_t)(next_random(&s->seed) % ((uint64_t)DAYS * DAY / 1000)) * 1000;
    unsigned form = (unsigned)(next_random(&s->seed) % 6);
    const char *gap = s->array && form % 2 == 0 ? "\n  " : "";
    char when[TIME_TEXT];

    time_format((struct utime){at}, when);
    if (form == 5) {
        buf_text(to, s->array ? "17" : "{\"timestamp\":\"2026-03-01T00:00:00Z\",\"src_ip\":");
        return;
    }
    s->rest.asked++;
    buf_printf(to, "{%s\"timestamp\":\"%.*s\"", gap, TIME_TEXT, when);
    put_address(to, ",\"src_ip\":", &a[0]);
    put_address(to, ",\"dest_ip\":", &a[1]);
    if (form < 3) {
        put_address(to, ",\"event_type\":\"dns\",\"dns\":{\"grouped\":{\"A\":[", &a[2]);
        put_address(to, ",", &a[3]);
        buf_text(to, "]}}");
    }
    buf_printf(to, "%s}", gap);
    count_record_naively(s, a, form < 3 ? 4 : 2, at);
}

/* What a sensor tells between two alerts. */
static void
put_records(struct scratch *s, struct buf *to)
{
    for (unsigned n = (unsigned)(next_random(&s->seed) % 3); s->mixed && n > 0; n--) {
        put_record(s, to);
        buf_text(to, s->array ? ",\n" : "\n");
    }
}

/* Events of the last days, as an import tells of them. */
static void
fill(struct scratch *s, uint32_t n)
{
    static char raw[FRAME_EVENTS * (RAW + RECORD)];
    struct buf b = {.ptr = raw, .room = sizeof raw, .max = sizeof raw};

    assert_in_range(n, 1, s->mixed ? 3000 : FRAME_EVENTS);
    s->rest = (struct figures){.asked = n};
    s->frame->count = n;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t x = next_random(&s->seed);
        int64_t at =
            s->base + (int64_t)(next_random(&s->seed) % ((uint64_t)DAYS * DAY / 1000)) * 1000;

        s->frame->event[i] =
            (struct event){.time = {at < now_us ? at : now_us},
                           .origin = addr_of_v4(0xc6336400U + (uint32_t)(x % 700)),
                           .target = addr_of_v4(0xc6336500U + (uint32_t)((x >> 20) % 700)),
                           .origin_port = (uint16_t)(x >> 40),
                           .count = 1 + (uint32_t)(x >> 60),
                           .raw_kind = RAW_LINE,
                           .raw_count = 1,
                           .raw_at = (uint32_t)b.len,
                           .raw_len = RAW - 1};
        buf_text(&b, s->array ? "xxxxxxx," : "xxxxxxx\n");
        put_records(s, &b);
    }
    assert_int_equal(buf_error(&b), 0);
    s->frame->raw = buf_get(&b);
}

static int
feed(struct scratch *s, bool flush)
{
    struct role_event ev = {
        .kind = ROLE_FRAME, .frame = s->frame, .rules = &s->rules, .array = s->array};
    struct role_event last = {.kind = ROLE_FLUSH};
    struct errinfo ei = {0};

    assert_int_equal(role_step(&s->role, &ev, &ei), 0);
    for (uint32_t i = 0; i < s->frame->count; i++)
        count_naively(s, &s->frame->event[i]);
    for (unsigned i = 0; i < LOOKED_FOR; i++) {
        for (unsigned d = 0; d < DAYS; d++) {
            s->all.hits[i][d] += s->rest.hits[i][d];
            s->all.unrecorded[i][d] += s->rest.unrecorded[i][d];
        }
    }
    s->all.asked += s->rest.asked;
    return flush ? role_step(&s->role, &last, &ei) : 0;
}

/* ---- what is kept ---- */

struct comparing {
    struct scratch *s;
    uint64_t found[LOOKED_FOR][DAYS];
    uint64_t unrecorded[LOOKED_FOR][DAYS];
};

static int
take_row(void *arg, const struct store_hit *h, const struct store_sought *w)
{
    struct comparing *c = arg;
    unsigned n = (unsigned)h->id[0] << 24 | (unsigned)h->id[1] << 16 | (unsigned)h->id[2] << 8 |
                 h->id[3];
    int64_t day = h->day - c->s->base / DAY;

    assert_in_range(n, 0, LOOKED_FOR - 1);
    assert_in_range(day, 0, DAYS - 1);
    assert_true(h->first.us / DAY == h->day && h->last.us / DAY == h->day &&
                h->first.us <= h->last.us);
    assert_true(h->events + h->unrecorded > 0 && h->events + h->unrecorded <= h->count &&
                w->name.len > 1);
    c->found[n][day] += h->count;
    c->unrecorded[n][day] += h->unrecorded;
    return 0;
}

static void
compare(struct scratch *s)
{
    const struct store_hits_ask ask = {.by_day = true, .limit = HITS_ROWS};
    struct comparing *c = calloc(1, sizeof *c);

    assert_non_null(c);
    c->s = s;
    assert_int_equal(store_each_hit(s->n.store, &ask, take_row, c), 0);
    for (unsigned i = 0; i < LOOKED_FOR; i++) {
        for (unsigned d = 0; d < DAYS; d++) {
            if (c->found[i][d] != s->all.hits[i][d])
                fail_msg("indicator %u, day %u: %llu, naively %llu", i, d,
                         (unsigned long long)c->found[i][d],
                         (unsigned long long)s->all.hits[i][d]);
            assert_int_equal(c->unrecorded[i][d], s->all.unrecorded[i][d]);
        }
    }
    free(c);
}

static uint64_t
counter(struct scratch *s, const char *name)
{
    uint64_t n = 0;

    assert_int_equal(store_get_counter(s->n.store, name, &n), 0);
    return n;
}

struct row_sum {
    unsigned rows;
    uint64_t count;
    uint64_t unrecorded;
    enum sought_state state;
};

static int
sum_row(void *arg, const struct store_hit *h, const struct store_sought *w)
{
    struct row_sum *sum = arg;

    sum->rows++;
    sum->count += h->count;
    sum->unrecorded += h->unrecorded;
    sum->state = w->state;
    return 0;
}

static struct row_sum
sum(struct scratch *s, bool by_day)
{
    const struct store_hits_ask ask = {.by_day = by_day, .limit = HITS_ROWS};
    struct row_sum all = {0};

    assert_int_equal(store_each_hit(s->n.store, &ask, sum_row, &all), 0);
    return all;
}

/* ---- what is promised ---- */

static void
hits_are_what_a_naive_one_counts(void **state)
{
    struct scratch *s = calloc(1, sizeof *s);

    (void)state;
    assert_non_null(s);
    for (unsigned how = 0; how < 6; how++) {
        begin(s, how % 2 == 1);
        s->mixed = how > 1;
        s->array = how > 3;
        invent(s);
        look_for(s);
        for (unsigned i = 0; i < FRAMES; i++) {
            fill(s, i == 1 ? 1 : 3000 / (1 + i % 2));
            assert_int_equal(feed(s, i % 2 == 1), 0);
        }
        fill(s, 3000);
        assert_int_equal(feed(s, true), 0);
        compare(s);
        assert_int_equal(sum(s, true).count, sum(s, false).count);
        assert_true(counter(s, "hits.met") > 0 &&
                    counter(s, "hits.met") < counter(s, "hits.asked"));
        assert_int_equal(sum(s, true).unrecorded, sum(s, false).unrecorded);
        assert_int_equal(sum(s, true).unrecorded > 0, s->mixed);
        assert_int_equal(counter(s, "hits.rows"), sum(s, true).rows);
        assert_int_equal(
            counter(s, "hits.failed") + counter(s, "hits.over") + counter(s, "hits.more"), 0);
        end(s);
    }
    free(s);
}

static void
sightings_say_the_same(void **state)
{
    struct scratch *s = calloc(1, sizeof *s);
    struct reader *reader;
    struct query q;
    struct sightings seen;
    struct sightings_ask ask;
    uint64_t count = 0;

    (void)state;
    assert_non_null(s);
    begin(s, true);
    s->mixed = true;
    invent(s);
    look_for(s);
    fill(s, 3000);
    assert_int_equal(feed(s, true), 0);
    query_init(&q);
    q.kinds = (1U << EVENT_KINDS) - 1;
    assert_int_equal(reader_open(s->n.store, &s->n.env, &reader), 0);
    ask = (struct sightings_ask){.store = s->n.store,
                                 .reader = reader,
                                 .indicators = lookout_indicators(s->lookout),
                                 .query = &q,
                                 .by_day = true,
                                 .secret = 5};
    assert_int_equal(sightings_find(&ask, &seen), 0);
    assert_int_equal(seen.count, sum(s, true).rows);
    for (uint32_t i = 0; i < seen.count; i++) {
        uint64_t n;

        assert_int_equal(store_get_hits(s->n.store,
                                        indicators_id(ask.indicators, seen.row[i].indicator),
                                        seen.row[i].day, 1, &n),
                         0);
        assert_int_equal(n, seen.row[i].count);
        count += n;
    }
    assert_int_equal(count, sum(s, true).count);
    assert_int_equal(seen.unrecorded, sum(s, true).unrecorded);
    assert_true(seen.hit > 0 && seen.hit < counter(s, "hits.met"));
    assert_int_equal(seen.cut, 0);
    sightings_release(&seen);
    /* of a part of a day it is not known what was met in it */
    q.since.us = s->base + DAY + DAY / 2;
    q.until.us = s->base + 3 * DAY;
    assert_int_equal(sightings_find(&ask, &seen), 0);
    assert_true(seen.cut > 0);
    count = 0;
    for (unsigned i = 0; i < s->count; i++)
        count += s->all.unrecorded[i][2];
    assert_true(count > 0 && seen.unrecorded >= count);
    for (unsigned i = 0; i < s->count; i++)
        count += s->all.unrecorded[i][1];
    assert_true(seen.unrecorded < count);
    sightings_release(&seen);
    (void)reader_close(reader);
    store_settle(s->n.store);
    end(s);
    free(s);
}

/* Neither a disk that is full nor one that fails counts an event twice or not at all. */
static void
each_event_counts_once(void **state)
{
    struct scratch *s = calloc(1, sizeof *s);
    struct role_event flush = {.kind = ROLE_FLUSH};
    struct errinfo ei = {0};
    unsigned failures = 0;
    static struct figures before;

    (void)state;
    assert_non_null(s);
    begin(s, true);
    s->mixed = true;
    invent(s);
    look_for(s);
    fill(s, 2900);
    full = true;
    assert_int_equal(feed(s, true), ERR_FULL);
    assert_int_equal(role_step(&s->role, &flush, &ei), ERR_FULL);
    assert_int_equal(sum(s, true).rows, 0);
    full = false;
    assert_int_equal(role_step(&s->role, &flush, &ei), 0);
    compare(s);
    for (int at = 1; at < 8; at++) {
        before = s->all;
        fill(s, 300);
        fail_in = at;
        if (feed(s, true) < 0) {
            failures++;
            fail_in = 0;
            close_scratch(s);
            open_scratch(s, true);
            if (counter(s, "hits.asked") < s->all.asked)
                s->all = before; /* it was not recorded either */
            compare(s);
            assert_int_equal(counter(s, "hits.asked"), s->all.asked);
            if (s->all.asked == before.asked)
                assert_int_equal(feed(s, true), 0);
        }
        fail_in = 0;
        compare(s);
    }
    assert_true(failures > 1);
    assert_int_equal(counter(s, "hits.asked"), s->all.asked);
    end(s);
    free(s);
}

static void
limits_are_counted(void **state)
{
    struct scratch *s = calloc(1, sizeof *s);
    struct store_hit h = {.day = 3, .events = 1, .count = 1};
    bool is_new;

    (void)state;
    assert_non_null(s);
    begin(s, false);
    invent(s);
    look_for(s);
    assert_int_equal(store_add_counter(s->n.store, "hits.rows", HITS_ROWS - 3), 0);
    fill(s, 2000);
    assert_int_equal(feed(s, true), 0);
    assert_int_equal(sum(s, true).rows, 3);
    assert_true(counter(s, "hits.over") > 0);
    assert_int_equal(counter(s, "hits.rows"), HITS_ROWS);
    /* what has a row is still added to */
    assert_int_equal(store_begin(s->n.store), 0);
    assert_int_equal(store_add_hit(s->n.store, &h, &is_new), ERR_LIMIT);
    assert_int_equal(store_commit(s->n.store), 0);
    assert_int_equal(feed(s, true), 0);
    assert_int_equal(sum(s, true).rows, 3);
    end(s);
    free(s);
}

/* A hundred events and many indicators of one address, asked by itself. */
static void
owners_of_one_address_are_limited(void **state)
{
    enum { MANY = LOOKOUT_OWNERS + 44, EVENTS = 100 };
    static struct event ev[EVENTS];
    struct indicators_counts counts = {0};
    struct indicators_build *b = NULL;
    struct indicators *x = NULL;
    struct lookout *l = NULL;
    struct lookout_found f = {.row = NULL};
    struct errinfo ei = {0};
    const struct dom *d = NULL;
    struct sought one = {.from = 1000, .prefix = {.len = 128, .addr = addr_of_v4(0xc6336401U)}};
    AUTO_BUF(text, 1 << 20);
    AUTO_ARENA(arena);

    (void)state;
    buf_char(&text, '[');
    for (unsigned i = 0; i < MANY; i++)
        put_indicator(&text, i, &one);
    buf_char(&text, ']');
    assert_int_equal(arena_init(&arena, text.len * DOM_ROOM + DOM_LEAST), 0);
    assert_int_equal(dom_read(text.ptr, text.len, &arena, &d, &ei), 0);
    assert_int_equal(indicators_build_new(9, &b), 0);
    assert_int_equal(indicators_read(b, d, &counts, NULL, NULL), 0);
    assert_int_equal(indicators_freeze(b, &x), 0);
    (void)indicators_build_free(b);
    assert_int_equal(lookout_open(x, 3, &l), 0);
    for (unsigned i = 0; i < EVENTS; i++)
        ev[i] = (struct event){.time = {now_us}, .origin = one.prefix.addr, .count = 1};
    for (unsigned round = 0; round < 2; round++) {
        lookout_look(l, ev, EVENTS, SLICE(""), &f);
        assert_int_equal(f.count, LOOKOUT_OWNERS);
        assert_int_equal(f.more, 44 * EVENTS);
        assert_int_equal(f.asked, EVENTS);
        assert_int_equal(f.met, EVENTS);
        assert_int_equal(f.row[0].events, EVENTS);
    }
    lookout_look(NULL, ev, EVENTS, SLICE(""), &f);
    assert_int_equal(f.count + f.asked + f.met + f.more + f.failed, 0);
    lookout_release(&f);
    (void)lookout_close(l);
}

static void
another_set_is_told(void **state)
{
    struct scratch *s = calloc(1, sizeof *s);
    AUTO_BUF(json, 1 << 20);

    (void)state;
    assert_non_null(s);
    begin(s, false);
    s->count = 1;
    s->sought[0] = (struct sought){.prefix = {.len = 96, .addr = addr_of_v4(0)}, .from = 1000};
    look_for(s);
    fill(s, 10);
    assert_int_equal(feed(s, true), 0);
    assert_int_equal(sum(s, false).state, SOUGHT_LOOKED_FOR);
    s->sought[0].revoked = true;
    look_for(s);
    assert_int_equal(sum(s, false).state, SOUGHT_REVOKED);
    assert_int_equal(lookout_settle(s->n.store, NULL, SLICE("it is broken")), 0);
    assert_int_equal(sum(s, false).state, SOUGHT_REVOKED);
    assert_int_equal(counter(s, "hits.unread"), 1);
    assert_int_equal(hits_json(s->n.store, now_wall(NULL), &json), 0);
    buf_char(&json, '\0');
    assert_non_null(strstr(json.ptr, "\"fault\":\"it is broken\""));
    assert_non_null(strstr(json.ptr, "\"state\":\"revoked\""));
    engine_set_lookout(s->n.engine, NULL);
    assert_int_equal(lookout_settle(s->n.store, NULL, SLICE("")), 0);
    assert_int_equal(sum(s, false).state, SOUGHT_GONE);
    assert_int_equal(feed(s, true), 0);
    assert_int_equal(sum(s, false).rows, 1);
    assert_int_equal(counter(s, "hits.asked"), 10);
    end(s);
    free(s);
}

static void
hits_go_with_their_events(void **state)
{
    struct scratch *s = calloc(1, sizeof *s);
    struct retain retain;
    struct errinfo ei = {0};

    (void)state;
    assert_non_null(s);
    begin(s, false);
    s->n.conf->retention.events.us = 2 * DAY;
    s->n.conf->retention.raw.us = 2 * DAY;
    invent(s);
    look_for(s);
    fill(s, 3000);
    assert_int_equal(feed(s, true), 0);
    compare(s);
    assert_int_equal(retain_open(&retain, s->n.engine, &ei), 0);
    retain.clock.us = now_us;
    for (unsigned i = 0; i < 20; i++) {
        now_us += 60 * TIME_US_PER_S;
        assert_int_equal(retain_step(&retain, &ei), 0);
    }
    /* 2026-03-01 less two days, 12:20: whole days of before 27 February are gone */
    for (unsigned i = 0; i < LOOKED_FOR; i++)
        s->all.hits[i][0] = 0;
    compare(s);
    assert_int_equal(counter(s, "hits.rows"), sum(s, true).rows);
    for (unsigned i = 0; i < 60 * 24 * 5; i++) {
        now_us += 60 * TIME_US_PER_S;
        assert_int_equal(retain_step(&retain, &ei), 0);
        store_settle(s->n.store);
    }
    assert_int_equal(sum(s, true).rows, 0);
    assert_int_equal(counter(s, "hits.rows"), 0);
    retain_close(&retain);
    end(s);
    free(s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_are_what_a_naive_one_counts),
        cmocka_unit_test(sightings_say_the_same),
        cmocka_unit_test(each_event_counts_once),
        cmocka_unit_test(limits_are_counted),
        cmocka_unit_test(owners_of_one_address_are_limited),
        cmocka_unit_test(another_set_is_told),
        cmocka_unit_test(hits_go_with_their_events),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
