/* What the decoder remembers from one record to the next makes it fast and changes nothing. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "feed.h"
#include "lines.h"

/* snprintf, of which every caller here knows that it fits. */
__attribute__((format(printf, 2, 3))) static int
sprintf_to(char *to, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(to, 1024, fmt, ap);
    va_end(ap);
    return n;
}

/* Keys in any order, with more others between them than are remembered, some of which begin
 * or end as ours do: what a record says does not depend on what came before it. */
static void
any_order(void **state)
{
    static const char *const ours[] = {
        "\"timestamp\":\"2026-03-01T12:00:59.5Z\"",
        "\"event_type\":\"alert\"",
        "\"src_ip\":\"192.0.2.1\"",
        "\"src_port\":1000",
        "\"dest_ip\":\"198.51.100.2\"",
        "\"dest_port\":22",
        "\"proto\":\"TCP\"",
        RULE,
        "\"flow\":{\"pkts_toclient\":1,\"a\":{},\"pkts_toserver\":3}"};
    static const char *const others[] = {"src_ipx",
                                         "src_i",
                                         "dest_portdest_port",
                                         "proto\\u0000",
                                         "timestamp_",
                                         "xevent_type",
                                         "0123456789abcde",
                                         "0123456789abcdef",
                                         "0123456789abcdefg",
                                         ""};
    char *text = malloc(4096 * 1024);
    uint64_t seed = 3;
    size_t n = 0;
    struct feed f;

    (void)state;
    assert_non_null(text);
    for (unsigned line = 0; line < 2000; line++) {
        unsigned left = (1U << COUNT(ours)) - 1;
        char comma = '{';

        while (left != 0) {
            unsigned k = (unsigned)(next_random(&seed) % (COUNT(ours) + 4));

            if (k < COUNT(ours) && !(left & 1U << k))
                continue;
            if (k < COUNT(ours))
                n += (size_t)sprintf_to(text + n, "%c%s", comma, ours[k]);
            else
                n += (size_t)sprintf_to(text + n, "%c\"%s%u\":7", comma,
                                        others[next_random(&seed) % COUNT(others)],
                                        (unsigned)(next_random(&seed) % 200));
            comma = ',';
            left &= k < COUNT(ours) ? ~(1U << k) : UINT32_MAX;
        }
        n += (size_t)sprintf_to(text + n, "}\n");
    }
    feed_run(&f, (struct slice){text, n}, (struct feed_how){.step = n});
    assert_int_equal(f.count, 2000);
    for (size_t i = 0; i < f.count; i++) {
        assert_string_equal(sides(&f.at[i].ev), "192.0.2.1 1000 198.51.100.2 22");
        assert_int_equal(f.at[i].ev.time.us, f.at[0].ev.time.us);
        assert_int_equal(f.at[i].ev.grade, 1);
        assert_int_equal(f.at[i].sid, 7);
    }
    feed_release(&f);
    free(text);
}

/* ---- records that look alike ---------------------------------------------------------- */

/* A record of some make: for each member the key, and the kind of its value. */
enum value { TEXT, NUMBER, TRUTH, NOTHING, LIST, OBJECT, VALUES };
struct make {
    unsigned members;
    const char *key[16];
    enum value value[16];
    unsigned inner; /* members of each object */
    const char *inner_key[6];
    enum value inner_value[6];
};

static const char *const keys[] = {"timestamp",
                                   "event_type",
                                   "src_ip",
                                   "dest_ip",
                                   "src_port",
                                   "dest_port",
                                   "proto",
                                   "alert",
                                   "flow",
                                   "tcp",
                                   "src_iq",
                                   "dest_iq",
                                   "event_typf",
                                   "flox",
                                   "al\\u0065rt",
                                   "dest_porx",
                                   "Proto",
                                   "",
                                   "timestampp",
                                   "event\\u005ftype",
                                   "s",
                                   "src_ip_is_longer_than_that",
                                   "src_ip_is_longer_than_this"};
static const char *const inner_keys[] = {
    "pkts_toserver", "pkts_toclient", "signature_id", "gid", "rev",   "severity", "src_ip",
    "syn",           "category",      "signature",    "sid", "pkts_", "ip",       "source"};
static const char *const texts[] = {
    "192.0.2.1", "198.51.100.2", "2001:db8::1",          "alert",       "flow", "dns",
    "TCP",       "UDP",          "2026-03-01T12:00:00Z", "\\u0061lert", "",     "a\\\"}{,:"};
static const char *const numbers[] = {"0",   "1",   "22",      "65535",    "65536", "-1",
                                      "2.5", "7e3", "1234567", "12345678", "01"};

#define ANY(list, seed) (list)[next_random(seed) % COUNT(list)]

/* What a key usually stands for, so that some records are events. */
static size_t
put_value(char *to, const struct make *m, const char *key, enum value value, bool inner,
          uint64_t *seed)
{
    bool usual = next_random(seed) % 32 != 0;
    size_t n = 0;

    switch (value) {
    case NUMBER:
        return usual ? (size_t)sprintf_to(to, "%u", (unsigned)(next_random(seed) % 256))
                     : (size_t)sprintf_to(to, "%s", ANY(numbers, seed));
    case TRUTH: return (size_t)sprintf_to(to, next_random(seed) % 2 ? "true" : "false");
    case NOTHING: return (size_t)sprintf_to(to, "null");
    case LIST: return (size_t)sprintf_to(to, "[%u,{}]", (unsigned)(next_random(seed) % 9));
    case OBJECT:
        for (unsigned i = 0; i < m->inner && !inner; i++) {
            const char *k =
                next_random(seed) % 20 == 0 ? ANY(inner_keys, seed) : m->inner_key[i];

            n += (size_t)sprintf_to(to + n, "%c\"%s\":", i == 0 ? '{' : ',', k);
            n += put_value(to + n, m, k, m->inner_value[i], true, seed);
        }
        return n + (size_t)sprintf_to(to + n, n == 0 ? "{}" : "}");
    case TEXT:
    case VALUES: break;
    }
    if (usual && strcmp(key, "timestamp") == 0)
        return (size_t)sprintf_to(to, "\"2026-03-01T12:00:%02u.000001+0100\"",
                                  (unsigned)(next_random(seed) % 60));
    if (usual && strcmp(key, "event_type") == 0)
        return (size_t)sprintf_to(to, next_random(seed) % 3 == 0 ? "\"flow\"" : "\"alert\"");
    if (usual && strstr(key, "_ip") != NULL)
        return (size_t)sprintf_to(to, "\"192.0.2.%u\"", (unsigned)(next_random(seed) % 256));
    return (size_t)sprintf_to(to, "\"%s\"", ANY(texts, seed));
}

static void
any_make(struct make *m, uint64_t *seed)
{
    static const enum value inner[] = {NUMBER, NUMBER,  NUMBER, TEXT,
                                       TRUTH,  NOTHING, LIST,   OBJECT};
    unsigned needed = 8; /* the first keys, in any order */

    m->members = 8 + (unsigned)(next_random(seed) % 8);
    for (unsigned i = 0; i < m->members; i++) {
        m->key[i] = i < needed ? keys[i] : ANY(keys, seed);
        m->value[i] = strstr(m->key[i], "port") != NULL       ? NUMBER
                      : i == 7 || strchr("aft", m->key[i][0]) ? OBJECT
                                                              : TEXT;
        if (i == 0)
            m->value[i] = TEXT;
        else if (next_random(seed) % 24 == 0)
            m->value[i] = (enum value)(next_random(seed) % VALUES);
    }
    for (unsigned i = 0; i < m->members; i++) {
        unsigned k = (unsigned)(next_random(seed) % m->members);
        const char *key = m->key[i];
        enum value value = m->value[i];

        m->key[i] = m->key[k];
        m->value[i] = m->value[k];
        m->key[k] = key;
        m->value[k] = value;
    }
    m->inner = (unsigned)(next_random(seed) % 7);
    for (unsigned i = 0; i < m->inner; i++) {
        m->inner_key[i] = ANY(inner_keys, seed);
        m->inner_value[i] = strcmp(m->inner_key[i], "category") == 0 ? TEXT : ANY(inner, seed);
    }
}

/* A line of a make; one in some has another key in one place, or white space. */
static size_t
put_record(char *to, const struct make *m, uint64_t *seed)
{
    size_t n = 0;

    for (unsigned i = 0; i < m->members; i++) {
        const char *key = next_random(seed) % 40 == 0 ? ANY(keys, seed) : m->key[i];

        n += (size_t)sprintf_to(to + n, "%c%s\"%s\"%s", i == 0 ? '{' : ',',
                                next_random(seed) % 50 == 0 ? " " : "", key,
                                next_random(seed) % 50 == 0 ? " : " : ":");
        n += put_value(to + n, m, key, m->value[i], false, seed);
    }
    return n + (size_t)sprintf_to(to + n, "}\n");
}

/* Records of many makes take turns, some of which are like others but for a key: each says
 * what it says alone. */
static void
makes(void **state)
{
    enum { MAKES = 12, RECORDS = 400 };
    char *text = malloc((size_t)RECORDS * 4096);
    uint64_t seed = 17;
    size_t events = 0;

    (void)state;
    assert_non_null(text);
    for (int round = 0; round < 40; round++) {
        struct make make[MAKES];
        struct feed alone;
        struct feed f;
        size_t n = 0;

        for (unsigned i = 0; i < MAKES; i++)
            any_make(&make[i], &seed);
        for (unsigned i = 0; i < RECORDS; i++)
            n += put_record(text + n, &ANY(make, &seed), &seed);
        feed_lines(&alone, (struct slice){text, n});
        feed_run(&f, (struct slice){text, n}, (struct feed_how){.step = n});
        assert_true(feed_same(&f, &alone));
        events += f.count;
        feed_release(&f);
        feed_release(&alone);
    }
    assert_true(events > 3000);
    free(text);
}

/* Times of one minute and of others, in Suricata's own form and in others, take turns: all
 * come out as without the memory of the last one. */
static void
times(void **state)
{
    static const char *const rows[] = {"2026-03-01T12:00:00.123456+0100",
                                       "2026-03-01T12:00:59.999999+0100",
                                       "2026-03-01T12:00:60.000000+0100",
                                       "2026-03-01T12:00:61.000000+0100",
                                       "2026-03-01T12:00:5x.000000+0100",
                                       "2026-03-01T12:00:00.12345x+0100",
                                       "2026-03-01T12:00:01.123456-0100",
                                       "2026-03-01T12:01:00.123456+0100",
                                       "2026-03-01T12:00:00,123456+0100",
                                       "2026-03-01T12:00:00.1234567+010",
                                       "2026-03-01T12:00:00.1234567890Z",
                                       "2026-03-01 12:00:00.123456+0100",
                                       "2026-03-01T12:00:00Z",
                                       "1970-01-01T00:00:00.000000+0100",
                                       "1970-01-01T00:00:59.000000+0000",
                                       "9999-12-31T23:59:59.999999+0000",
                                       "9999-12-31T23:59:60.000000+0000",
                                       "9999-12-31T23:59:59.999999-0100"};
    uint64_t seed = 5;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        const char *a = rows[next_random(&seed) % COUNT(rows)];
        const char *b = rows[next_random(&seed) % COUNT(rows)];
        char text[2048];
        struct utime want[2];
        size_t wanted = 0;
        size_t n = 0;
        struct feed f;

        for (int i = 0; i < 4; i++) {
            const char *t = i % 2 == 0 ? a : b;

            n += (size_t)sprintf_to(text + n, "{\"timestamp\":\"%s\",%s", t,
                                    "\"event_type\":\"flow\"," SIDES "\"x\":1}\n");
            if (i < 2 && time_parse_any(slice_of(t), &want[wanted]) == 0)
                wanted++;
        }
        feed_run(&f, (struct slice){text, n}, (struct feed_how){.step = n});
        assert_int_equal(f.count, 2 * wanted);
        for (size_t i = 0; i < f.count; i++)
            assert_int_equal(f.at[i].ev.time.us, want[i % wanted].us);
        feed_release(&f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_order), cmocka_unit_test(makes),
                                       cmocka_unit_test(times)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
