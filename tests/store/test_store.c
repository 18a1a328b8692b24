/* Evidence round trips, damaged frames, the filter, transactions, counting against a naive
 * count. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/evidence.h"
#include "store/query.h"
#include "store/store.h"
#include "store/sums.h"

enum { EVENTS = 700 };

struct scratch {
    char dir[64];
    struct env env; /* reading only */
    struct store *store;
};

static int
open_to_read(void *self, const char *path, int flags)
{
    const struct scratch *s = self;
    char whole[128];

    (void)flags;
    (void)snprintf(whole, sizeof whole, "%s/%s", s->dir, path);
    return open(whole, O_RDONLY | O_CLOEXEC);
}

static void
close_it(void *self, int fd)
{
    (void)self;
    (void)close(fd);
}

static int64_t
read_at(void *self, int fd, void *to, size_t n, uint64_t at)
{
    (void)self;
    return pread(fd, to, n, (off_t)at);
}

static void
begin(struct scratch *s)
{
    struct errinfo ei = {0};
    char path[96];

    (void)snprintf(s->dir, sizeof s->dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    (void)snprintf(path, sizeof path, "%s/evidence", s->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(store_open(s->dir, STORE_CREATE, &s->store, &ei), 0);
    s->env = (struct env){.self = s, .open = open_to_read, .close = close_it, .pread = read_at};
}

static void
end(struct scratch *s)
{
    char command[96];

    s->store = store_close(s->store);
    (void)snprintf(command, sizeof command, "rm -r %s", s->dir);
    assert_int_equal(system(command), 0);
}

/* Events of few origins, with raw bytes one behind the other. */
static void
make_events(struct event *ev, unsigned count, struct buf *raw, uint64_t *seed)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t r = next_random(seed);
        char unit[64];
        int n = snprintf(unit, sizeof unit, "unit %u of %llx", i, (unsigned long long)r);

        ev[i] = (struct event){.time = {INT64_C(1772366400000000) + (int64_t)(r % 3600000000)},
                               .origin = addr_of_v4(0xc6336400U + (uint32_t)(r >> 8) % 40),
                               .target = addr_of_v4(0xc0000200U + (uint32_t)(r >> 16) % 9),
                               .origin_asn = 64496 + (uint32_t)(r >> 8) % 7,
                               .origin_country = COUNTRY('X', 'A' + (int)((r >> 8) % 3)),
                               .count = 1,
                               .rule = (uint32_t)(r >> 24) % 5,
                               .class_ = (uint8_t)((r >> 32) % CLASSES),
                               .kind = r >> 40 & 1 ? EVENT_ALERT : EVENT_AUTH,
                               .raw_kind = RAW_LINE,
                               .raw_count = 1,
                               .raw_at = (uint32_t)raw->len,
                               .raw_len = (uint32_t)n};
        buf_add(raw, unit, (size_t)n);
        buf_char(raw, '\n');
    }
    assert_int_equal(buf_error(raw), 0);
}

static void
evidence_comes_back_and_damage_is_seen(void **state)
{
    static struct event ev[EVENTS];
    struct codec *c = codec_new();
    AUTO_BUF(raw, 1 << 20);
    AUTO_BUF(frames, 1 << 22);
    struct evidence got;
    uint64_t seed = 1;

    (void)state;
    assert_non_null(c);
    make_events(ev, EVENTS, &raw, &seed);
    assert_int_equal(evidence_encode(c, 0, ev, EVENTS, buf_get(&raw), &frames), 0);
    evidence_set_block(buf_get(&frames), 41);
    assert_int_equal(evidence_decode(c, buf_get(&frames), true, &got), 0);
    assert_int_equal(got.block, 41);
    assert_int_equal(got.count, EVENTS);
    assert_memory_equal(got.event, ev, sizeof ev);
    assert_int_equal(got.raw.len, raw.len);
    assert_memory_equal(got.raw.ptr, raw.ptr, raw.len);
    /* every cut is refused, and no flipped bit gives other bytes unseen */
    for (size_t n = 0; n < frames.len; n += 1 + frames.len / 300)
        assert_true(evidence_decode(c, (struct slice){frames.ptr, n}, true, &got) < 0);
    for (size_t n = 48; n < frames.len; n += 1 + frames.len / 900) {
        frames.ptr[n] = (char)(frames.ptr[n] ^ 1 << n % 8);
        if (evidence_decode(c, buf_get(&frames), true, &got) == 0) {
            assert_memory_equal(got.event, ev, sizeof ev);
            assert_memory_equal(got.raw.ptr, raw.ptr, raw.len);
        }
        frames.ptr[n] = (char)(frames.ptr[n] ^ 1 << n % 8);
    }
    c = codec_free(c);
}

static void
the_filter_forgets_nobody(void **state)
{
    static struct event ev[EVENTS];
    AUTO_BUF(raw, 1 << 20);
    AUTO_BUF(filter, 1 << 16);
    uint64_t seed = 2;
    unsigned hits = 0;

    (void)state;
    make_events(ev, EVENTS, &raw, &seed);
    filter_make(ev, EVENTS, &filter);
    for (unsigned i = 0; i < EVENTS; i++) {
        assert_true(filter_may_hold(buf_get(&filter), &ev[i].origin));
        assert_true(filter_may_hold(buf_get(&filter), &ev[i].target));
    }
    for (unsigned i = 0; i < 4000; i++) {
        struct addr other = addr_of_v4(0x01000000U + i * 77);

        hits += filter_may_hold(buf_get(&filter), &other);
    }
    assert_true(hits < 200);
}

static void
a_rolled_back_transaction_leaves_nothing(void **state)
{
    struct scratch s;
    struct store_source src = {.prefix_len = 4, .prefix = sha256_of("head", 4), .offset = 10};
    struct store_source got;
    struct ledger_storage l;
    struct hash leaf = {{0}};
    uint64_t n;

    (void)state;
    begin(&s);
    store_ledger(s.store, &l);
    assert_int_equal(store_begin(s.store), 0);
    assert_int_equal(store_put_source(s.store, &src), 0);
    assert_int_equal(store_add_counter(s.store, "events", 5), 0);
    assert_int_equal(l.put_entry(l.self, 0, SLICE("entry"), &leaf), 0);
    store_rollback(s.store);
    assert_int_equal(store_find_source(s.store, SLICE("headline"), &got), ERR_NOTFOUND);
    assert_int_equal(store_get_counter(s.store, "events", &n), 0);
    assert_int_equal(n, 0);
    assert_int_equal(store_ledger_size(s.store, &n), 0);
    assert_int_equal(n, 0);
    /* and a committed one stays; the longest prefix is the source */
    src.id = 0;
    assert_int_equal(store_begin(s.store), 0);
    assert_int_equal(store_put_source(s.store, &src), 0);
    src =
        (struct store_source){.prefix_len = 6, .prefix = sha256_of("headli", 6), .offset = 20};
    assert_int_equal(store_put_source(s.store, &src), 0);
    assert_int_equal(store_commit(s.store), 0);
    assert_int_equal(store_find_source(s.store, SLICE("headline"), &got), 0);
    assert_int_equal(got.offset, 20);
    assert_int_equal(store_find_source(s.store, SLICE("headers"), &got), 0);
    assert_int_equal(got.offset, 10);
    assert_int_equal(store_find_source(s.store, SLICE("hea"), &got), ERR_NOTFOUND);
    end(&s);
}

/* One block of the events, as the engine would put it. */
static void
put_block(struct scratch *s, struct codec *c, const struct event *ev, uint64_t block)
{
    AUTO_BUF(raw, 1 << 20);
    AUTO_BUF(frames, 1 << 22);
    AUTO_BUF(filter, 1 << 16);
    struct store_block row = {.block = block, .segment = 1, .events = EVENTS, .count = EVENTS};
    char path[96];
    int fd;

    row.first = row.last = ev[0].time;
    for (unsigned i = 0; i < EVENTS; i++) {
        if (ev[i].time.us < row.first.us)
            row.first = ev[i].time;
        if (ev[i].time.us > row.last.us)
            row.last = ev[i].time;
    }
    buf_reserve(&raw, 1 << 19);
    memset(raw.ptr, 'x', 1 << 19);
    raw.len = 1 << 19;
    assert_int_equal(evidence_encode(c, block, ev, EVENTS, buf_get(&raw), &frames), 0);
    filter_make(ev, EVENTS, &filter);
    (void)snprintf(path, sizeof path, "%s/evidence/000001.zst", s->dir);
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    assert_true(fd >= 0);
    row.at = (uint64_t)lseek(fd, 0, SEEK_END);
    row.len = (uint32_t)frames.len;
    row.filter = buf_get(&filter);
    assert_int_equal(write(fd, frames.ptr, frames.len), (ssize_t)frames.len);
    assert_int_equal(close(fd), 0);
    assert_int_equal(store_begin(s->store), 0);
    assert_int_equal(store_put_block(s->store, &row), 0);
    assert_int_equal(store_commit(s->store), 0);
}

struct naive {
    uint64_t events;
    uint64_t addresses;
    uint64_t networks;
};

/* What a row should say, by looking at every event for every event. */
static struct naive
count_naively(const struct event *ev, unsigned count, const struct query *q, uint16_t country)
{
    struct naive n = {0};

    for (unsigned i = 0; i < count; i++) {
        bool address = true;
        bool network = true;

        if (!query_matches(q, &ev[i]) || ev[i].origin_country != country)
            continue;
        n.events++;
        for (unsigned k = 0; k < i; k++) {
            if (!query_matches(q, &ev[k]) || ev[k].origin_country != country)
                continue;
            address &= !addr_eq(&ev[k].origin, &ev[i].origin);
            network &= ev[k].origin_asn != ev[i].origin_asn;
        }
        n.addresses += address;
        n.networks += network;
    }
    return n;
}

static void
top_counts_as_a_naive_count_does(void **state)
{
    static struct event ev[3 * EVENTS];
    struct scratch s;
    struct codec *c = codec_new();
    AUTO_BUF(raw, 1 << 20);
    struct reader *r;
    uint64_t seed = 3;

    (void)state;
    begin(&s);
    make_events(ev, 3 * EVENTS, &raw, &seed);
    for (unsigned b = 0; b < 3; b++)
        put_block(&s, c, ev + (size_t)b * EVENTS, b + 1);
    assert_int_equal(reader_open(s.store, &s.env, &r), 0);
    for (unsigned round = 0; round < 20; round++) {
        struct query q;
        struct top top;
        uint64_t sum = 0;

        query_init(&q);
        q.since.us = INT64_C(1772366400000000) + (int64_t)(next_random(&seed) % 1800000000);
        q.until.us = q.since.us + (int64_t)(next_random(&seed) % 1800000000);
        if (round % 3 == 1)
            q.class_ = (int)(next_random(&seed) % CLASSES);
        if (round % 3 == 2) {
            q.by_address = true;
            q.address = ev[next_random(&seed) % (3 * EVENTS)].origin;
        }
        assert_int_equal(query_top(r, &q, TOP_COUNTRY, false, &top), 0);
        for (uint32_t i = 0; i < top.count; i++) {
            struct naive n = count_naively(ev, 3 * EVENTS, &q, top.row[i].country);

            assert_int_equal(top.row[i].events, n.events);
            assert_int_equal(top.row[i].addresses, n.addresses);
            assert_int_equal(top.row[i].networks, n.networks);
            sum += n.events;
        }
        assert_int_equal(sum, top.events);
        top_release(&top);
    }
    r = reader_close(r);
    c = codec_free(c);
    end(&s);
}

static void
a_newer_schema_is_refused(void **state)
{
    struct scratch s;
    struct errinfo ei = {0};
    struct sums sums;
    char path[96];
    sqlite3 *db;

    (void)state;
    begin(&s);
    s.store = store_close(s.store);
    (void)snprintf(path, sizeof path, "%s/detente.db", s.dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sums_begin(&sums, db, false), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=99", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(store_open(s.dir, STORE_WRITE, &s.store, &ei), ERR_CONF);
    assert_non_null(strstr(ei.text, "newer"));
    s.store = NULL;
    end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evidence_comes_back_and_damage_is_seen),
        cmocka_unit_test(the_filter_forgets_nobody),
        cmocka_unit_test(a_rolled_back_transaction_leaves_nothing),
        cmocka_unit_test(top_counts_as_a_naive_count_does),
        cmocka_unit_test(a_newer_schema_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
