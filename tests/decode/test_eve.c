/* Suricata EVE: which records are taken, which are refused and why, whatever the pieces in
 * which the input comes. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "feed.h"
#include "lines.h"

#define ALERT    HEAD SIDES "\"proto\":\"TCP\"," RULE "}"
#define WITH(x)  HEAD SIDES "\"proto\":\"TCP\"," RULE "," x "}"
#define RULED(x) HEAD SIDES "\"proto\":\"TCP\",\"alert\":{" x "}}"
#define OTHER(x) "{\"event_type\":\"dns\"," x "}"
#define FLOW                                                                 \
    "{\"timestamp\":\"2026-03-01T12:00:00Z\",\"event_type\":\"flow\"," SIDES \
    "\"proto\":\"UDP\"}"
#define DEEP8(x)   "[[[[[[[[" x "]]]]]]]]"
#define DEEP40(x)  DEEP8(DEEP8(DEEP8(DEEP8(DEEP8(x)))))
#define DEEP240(x) DEEP40(DEEP40(DEEP40(DEEP40(DEEP40(DEEP40(x))))))

static void
verdicts(void **state)
{
    static const struct {
        const char *line;
        const char *want;
    } rows[] = {
        {ALERT, "event"},
        {ALERT "\n", "event"},
        {ALERT "\r\n", "event"},
        {ALERT " \t \n", "event"},
        {" " ALERT, "event"},
        {"", "nothing"},
        {"\n", "ignored"},
        {" \t\r\n", "ignored"},
        {"\n\n\n", "3 ignored"},
        {FLOW, "event"},
        {OTHER("\"a\":1"), "ignored"},
        {OTHER("\"a\":tru"), "ignored"},                /* of no interest: not checked whole */
        {OTHER("\"event_type\":\"alert\""), "no-time"}, /* the last one wins */
        {WITH("\"event_type\":\"dns\""), "ignored"},
        {HEAD SIDES RULE ",\"event_type\":null}", "bad-value"},
        {"{}\n", "bad-value"},
        {"{\"a\":1}\n", "bad-value"},
        {"{\"event_type\":7}\n", "bad-value"},
        {"{\"event_type\":\"stats\"}\n", "ignored"},
        /* Keys written otherwise mean the same. */
        {"{\"\\u0065vent_type\":\"dns\"}", "ignored"},
        {"{\"event\\u005ftype\":\"\\u0064ns\"}", "ignored"},
        {"{\"event_type\":\"\\u0061lert\"}\n", "no-time"},
        {"{\"event_typ\\u0065x\":\"dns\"}\n", "bad-value"},
        {"{\"event_typ\":\"dns\",\"event_typee\":\"dns\"}\n", "bad-value"},
        /* Not JSON. */
        {"x\n", "json"},
        {"{\n", "json"},
        {"}\n", "json"},
        {"[]\n", "json"},
        {"7\n", "json"},
        {"\"s\"\n", "json"},
        {"null\n", "json"},
        {ALERT "x\n", "json"},
        {ALERT "}\n", "json"},
        {ALERT ALERT "\n", "json"},
        {"\xef\xbb\xbf" ALERT, "event"},
        {"\xef\xbb" ALERT "\n", "utf8"},
        {WITH("\"a\""), "json"},
        {WITH("\"a\":"), "json"},
        {WITH("\"a\":1,"), "json"},
        {WITH(",\"a\":1"), "json"},
        {WITH("\"a\":1 2"), "json"},
        {WITH("\"a\":\"b\"\"c\""), "json"},
        {WITH("\"a\":\"b\"c"), "json"},
        {WITH("\"a\":[1,]"), "json"},
        {WITH("\"a\":[1}"), "json"},
        {WITH("\"a\":{1]"), "json"},
        {WITH("\"a\":{\"b\"}"), "json"},
        {WITH("\"a\":{\"b\":}"), "json"},
        {WITH("\"a\":{\"b\":1,}"), "json"},
        {WITH("\"a\":{,}"), "json"},
        {WITH("\"a\":[\"b\":1]"), "json"},
        {WITH("\"a\":tru"), "json"},
        {WITH("\"a\":nulll"), "json"},
        {WITH("\"a\":NaN"), "json"},
        {WITH("\"a\":-Infinity"), "json"},
        {WITH("\"a\":01"), "json"},
        {WITH("\"a\":+1"), "json"},
        {WITH("\"a\":1."), "json"},
        {WITH("\"a\":.5"), "json"},
        {WITH("\"a\":1e"), "json"},
        {WITH("\"a\":0x1"), "json"},
        {WITH("\"a\":-"), "json"},
        {WITH("\"a\":\"\\x\""), "json"},
        {WITH("\"a\":\"\\u12g4\""), "json"},
        {WITH("\"a\":\"\\u12\""), "json"},
        {WITH("\"a\":\"\t\"") "\n", "json"},
        {WITH("\"a\\q\":1"), "json"},
        {WITH("a:1"), "json"},
        {WITH("\"a\":\"\xff\"") "\n", "utf8"},
        {WITH("\"a\":\"\xc0\xaf\"") "\n", "utf8"},
        {WITH("\"a\":\"\xed\xa0\x80\"") "\n", "utf8"},
        {WITH("\"a\":1\x0c"), "json"}, /* no white space of JSON's */
        {WITH("\"src_port\":22\x16"), "json"},
        {WITH("\"a\":true\x1f"), "json"},
        {WITH("\"a\" \v:1"), "json"},
        {WITH("\"a\":\"\\ud83d\\ude00\\uDBFF\\uDFFF\""), "event"},
        {WITH("\"a\":\"\\udc00\""), "event"}, /* jq 1.6 puts U+FFFD there */
        {WITH("\"a\":\"\\ud800\""), "json"},
        {WITH("\"a\":\"\\ud800x\\udc00\""), "json"},
        {WITH("\"a\":\"\\ud800\\ud800\\udc00\""), "json"},
        {WITH("\"a\":\"\\uDBFF\\u0041\""), "json"},
        {WITH("\"a\":\"\\ud800\\n12345\""), "json"},
        {WITH("\"a\":\"\\ud800\\udc0\""), "json"},
        {WITH("\"\\ud800\":1"), "json"},
        {WITH("\"a\":" DEEP40("1")), "event"},
        /* As deep as jq 1.6 goes: 256 levels, with an object for two. */
        {WITH("\"a\":" DEEP240(DEEP8("[[[[[[1]]]]]]"))), "event"},
        {WITH("\"a\":" DEEP240(DEEP8("[[[[[[{}]]]]]]"))), "json"},
        {WITH("\"a\":" DEEP240(DEEP8("[[[[[{}]]]]]"))), "event"},
        {WITH("\"a\":" DEEP240(DEEP8("[[[[{\"b\":[]}]]]]"))), "json"},
        {WITH("\"a\":" DEEP240("[{\"b\":[{\"c\":{\"d\":[[[[{}]]]]}}]}]")), "event"},
        {WITH("\"a\":" DEEP240("[{\"b\":[{\"c\":{\"d\":[[[[[[{}]]]]]]}}]}]")), "json"},
        {WITH("\"a\":" DEEP240(DEEP8("[[[[[1}]]]]"))), "json"},
        /* JSON. */
        {WITH("\"a\":-0.5e+10,\"b\":[],\"c\":{},\"d\":[{},[]],\"e\":\"\\\\\\\"\\u00e9\\/\""),
         "event"},
        {WITH("\"a\":\"\xc3\xa9\xf0\x9f\x98\x80\""), "event"},
        {WITH("\"a\":[true,false,null,0,1e9,\"\"]"), "event"},
        {WITH("\"a\":\"{[,:\\\"\""), "event"},
        {WITH("\"\":1,\"a\":{\"\":2}"), "event"},
        /* Fields. */
        {"{\"event_type\":\"alert\"," SIDES RULE "}", "no-time"},
        {"{\"event_type\":\"alert\",\"timestamp\":null," SIDES RULE "}", "no-time"},
        {"{\"event_type\":\"alert\",\"timestamp\":7," SIDES RULE "}", "bad-value"},
        {"{\"event_type\":\"alert\",\"timestamp\":\"2026-02-30T00:00:00Z\"," SIDES RULE "}",
         "bad-value"},
        {HEAD "\"dest_ip\":\"192.0.2.1\"," RULE "}", "no-address"},
        {HEAD "\"src_ip\":\"192.0.2.1\"," RULE "}", "no-address"},
        {HEAD "\"src_ip\":null,\"dest_ip\":\"192.0.2.1\"," RULE "}", "no-address"},
        {HEAD "\"src_ip\":\"\",\"dest_ip\":\"192.0.2.1\"," RULE "}", "bad-value"},
        {HEAD "\"src_ip\":\"192.0.2\",\"dest_ip\":\"192.0.2.1\"," RULE "}", "bad-value"},
        {HEAD "\"src_ip\":{},\"dest_ip\":\"192.0.2.1\"," RULE "}", "bad-value"},
        {HEAD "\"src_ip\":\"::1\",\"dest_ip\":\"fe80::1%eth0\"," RULE "}", "bad-value"},
        {HEAD "\"src_ip\":\"::1\",\"dest_ip\":\"2001:db8::7\"," RULE "}", "event"},
        {WITH("\"src_port\":65535,\"dest_port\":0"), "event"},
        {WITH("\"src_port\":65536"), "bad-value"},
        {WITH("\"src_port\":-1"), "bad-value"},
        {WITH("\"src_port\":1.5"), "bad-value"},
        {WITH("\"src_port\":1e3"), "bad-value"},
        {WITH("\"src_port\":\"22\""), "bad-value"},
        {WITH("\"src_port\":[22]"), "bad-value"},
        {WITH("\"src_port\":null"), "event"},
        {WITH("\"src_port\":00000022"), "json"},
        {WITH("\"src_port\":100000000000000000000"), "bad-value"},
        {WITH("\"proto\":7"), "bad-value"},
        {WITH("\"proto\":null"), "event"},
        {HEAD SIDES "\"proto\":\"TCP\"}", "bad-value"}, /* an alert of nothing */
        {WITH("\"alert\":null"), "bad-value"},
        {WITH("\"alert\":\"x\""), "bad-value"},
        {WITH("\"alert\":7"), "bad-value"},
        {WITH("\"alert\":[1,2]"), "bad-value"},
        {WITH("\"alert\":[{\"signature_id\":1}]"), "bad-value"},
        {WITH("\"alert\":7,\"alert\":{}"), "event"},
        {HEAD SIDES "\"metadata\":{" RULE "}}", "bad-value"},
        {RULED(""), "event"},
        {RULED("\"severity\":255"), "event"},
        {RULED("\"severity\":256"), "bad-value"},
        {RULED("\"signature_id\":4294967295"), "event"},
        {RULED("\"signature_id\":4294967296"), "bad-value"},
        {RULED("\"signature\":7"), "bad-value"},
        {RULED("\"category\":7"), "bad-value"},
        {WITH("\"flow\":7"), "event"},
        {WITH("\"tcp\":\"x\""), "event"},
    };
    char room[32];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t n = strlen(rows[i].line);
        char line[4096];
        const char *got;

        memcpy(line, rows[i].line, n);
        if (n > 0 && line[n - 1] != '\n') /* else what fails is taken for unfinished */
            line[n++] = '\n';
        got = feed_verdict((struct slice){line, n}, room);
        if (strcmp(got, rows[i].want) != 0)
            print_error("%s\n  is %s, not %s\n", rows[i].line, got, rows[i].want);
        assert_string_equal(got, rows[i].want);
    }
}

/* Any line cut anywhere is refused, as truncated when nothing says that it is over. */
static void
cut_lines(void **state)
{
    static const char line[] = WITH("\"flow\":{\"src_ip\":\"192.0.2.1\"},\"a\":[\"\\u00e9\"]");
    char text[sizeof line + 1];
    char room[32];

    (void)state;
    for (size_t n = 1; n < sizeof line - 1; n++) {
        memcpy(text, line, n);
        assert_string_equal(feed_verdict((struct slice){text, n}, room), "truncated");
        text[n] = '\n';
        assert_string_equal(feed_verdict((struct slice){text, n + 1}, room), "json");
    }
}

/* ---- what an event says --------------------------------------------------------------- */

static struct taken
one_event(const char *line, const struct decode_place *place)
{
    struct feed f;
    struct taken t;

    feed_run(&f, slice_of(line), (struct feed_how){.place = place, .step = strlen(line)});
    if (f.count != 1)
        print_error("%s\n", line);
    assert_int_equal(f.count, 1);
    t = f.at[0];
    feed_release(&f);
    return t;
}

static void
fields(void **state)
{
    struct taken t = one_event(ALERT, NULL);
    char time[TIME_TEXT + 1] = {0};

    (void)state;
    time_format(t.ev.time, time);
    assert_string_equal(time, "2026-03-01T11:00:00.123456Z");
    assert_string_equal(sides(&t.ev), "192.0.2.1 1000 198.51.100.2 22");
    assert_int_equal(t.ev.kind, EVENT_ALERT);
    assert_int_equal(t.ev.class_, CLASS_OTHER);
    assert_int_equal(t.ev.severity, 2);
    assert_int_equal(t.ev.protocol, 6);
    assert_int_equal(t.ev.grade, 0);
    assert_int_equal(t.ev.count, 1);
    assert_int_equal(t.ev.flags, FLAG_DIRECTION_INFERRED | FLAG_SPOOFABLE);
    assert_int_equal(t.ev.raw_kind, RAW_LINE);
    assert_int_equal(t.ev.raw_len, sizeof ALERT - 1);
    assert_int_equal(t.ev.raw_count, 1);
    assert_int_equal(t.gid, 1);
    assert_int_equal(t.sid, 7);
    assert_int_equal(t.rev, 2);
    /* Without a sid there is no rule, whatever its name. */
    t = one_event(RULED("\"gid\":1,\"signature\":\"x\""), NULL);
    assert_int_equal(t.gid, 0);
    t = one_event(FLOW, NULL);
    assert_int_equal(t.ev.kind, EVENT_FLOW);
    assert_int_equal(t.ev.raw_len, 0);
    t = one_event(RULED("\"category\":\"Attempted Information Leak\""), NULL);
    assert_int_equal(t.ev.class_, CLASS_SCANNER);
    t = one_event(RULED("\"category\":\"A \\u004eetwork Trojan was detected\""), NULL);
    assert_int_equal(t.ev.class_, CLASS_INFECTED);
    t = one_event(RULED("\"category\":\"Drill\""), NULL);
    assert_int_equal(t.ev.class_, CLASS_TEST);
    t = one_event(RULED("\"category\":\"vulnerable:vulnerable-system\""), NULL);
    assert_int_equal(t.ev.class_, CLASS_VULNERABLE);
    t = one_event(RULED("\"category\":\"vulnerable:vulnerable-systems\""), NULL);
    assert_int_equal(t.ev.class_, CLASS_OTHER);
    /* Of two members of one name the last counts, as a whole. */
    t = one_event(WITH("\"src_port\":5,\"alert\":{\"signature_id\":9}"), NULL);
    assert_int_equal(t.ev.origin_port, 5);
    assert_int_equal(t.sid, 9);
    assert_int_equal(t.gid, 0);
    t = one_event(WITH("\"alert\":{}"), NULL);
    assert_int_equal(t.sid, 0);
    assert_int_equal(t.ev.severity, 0);
    /* White space between tokens is nothing. */
    t = one_event(WITH(" \"src_port\" : 5 , \"dest_port\"\t:\t6 , \"x\" : { } "), NULL);
    assert_string_equal(sides(&t.ev), "192.0.2.1 5 198.51.100.2 6");
    t = one_event(
        HEAD "\"src_ip\":\"2001:DB8:0:0:0:0:0:1\",\"dest_ip\":\"::ffff:192.0.2.9\"," RULE "}",
        NULL);
    assert_string_equal(sides(&t.ev), "2001:db8::1 0 192.0.2.9 0");
}

/* A rule keeps the name it came with first, unescaped, cut at 256 bytes. */
static void
rules(void **state)
{
    static const char text[] = RULED(
        "\"signature_id\":5,\"signature\":"
        "\"a\\u00e9\\ud83d\\ude00\\n\\ude00\"") "\n" RULED("\"signature_id\":5,\"signature\":"
                                                           "\"b\"") "\n" RULED("\"signature_"
                                                                               "id\":6") "\n";
    static const struct decode_place nowhere;
    static struct frame frame;
    struct decode_stats stats = {0};
    struct decoder *d = eve_new(&nowhere);
    size_t used;

    (void)state;
    assert_non_null(d);
    assert_int_equal(eve_decode(d, SLICE(text), true, &frame, &used, &stats), 0);
    assert_int_equal(frame.count, 3);
    assert_int_equal(eve_rule_count(d), 3);
    assert_int_equal(frame.event[0].rule, 1);
    assert_int_equal(frame.event[1].rule, 1);
    assert_int_equal(frame.event[2].rule, 2);
    assert_true(
        slice_eq(eve_rule(d, 1)->name, SLICE("a\xc3\xa9\xf0\x9f\x98\x80\n\xef\xbf\xbd")));
    assert_int_equal(eve_rule(d, 2)->name.len, 0);
    assert_null(eve_free(d));
}

static void
protocols(void **state)
{
    static const struct {
        const char *name;
        uint8_t number;
    } rows[] = {{"TCP", 6},    {"UDP", 17},   {"udp", 17}, {"ICMP", 1},  {"IPv6-ICMP", 58},
                {"SCTP", 132}, {"GRE", 47},   {"ESP", 50}, {"007", 7},   {"255", 255},
                {"256", 0},    {"Teapot", 0}, {"", 0},     {"TCPX", 0},  {"T\\u0043P", 6},
                {"0x1", 0},    {"AH", 51},    {"IGMP", 2}, {"HOPOPT", 0}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char line[1024];

        (void)snprintf(line, sizeof line, HEAD SIDES RULE ",\"proto\":\"%s\"}", rows[i].name);
        assert_int_equal(one_event(line, NULL).ev.protocol, rows[i].number);
    }
}

/* Order of trust: alert.source and target, who opened the flow, own networks, the sender. */
static void
directions(void **state)
{
    static const struct {
        const char *more;
        const char *want;
        bool inferred;
        bool own_is_src;
    } rows[] = {
        {"\"a\":1", "192.0.2.1 1000 198.51.100.2 22", true, false},
        {"\"a\":1", "198.51.100.2 22 192.0.2.1 1000", true, true},
        {"\"flow\":{\"src_ip\":\"198.51.100.2\"}", "198.51.100.2 22 192.0.2.1 1000", true,
         false},
        {"\"flow\":{\"src_ip\":\"192.0.2.1\"}", "192.0.2.1 1000 198.51.100.2 22", true, true},
        {"\"flow\":{\"src_ip\":\"203.0.113.5\"}", "198.51.100.2 22 192.0.2.1 1000", true, true},
        {"\"direction\":\"to_server\"", "192.0.2.1 1000 198.51.100.2 22", true, true},
        {"\"direction\":\"to_client\"", "198.51.100.2 22 192.0.2.1 1000", true, false},
        {"\"direction\":\"to_client\",\"flow\":{\"src_ip\":\"192.0.2.1\"}",
         "192.0.2.1 1000 198.51.100.2 22", true, false},
        {"\"direction\":\"sideways\"", "198.51.100.2 22 192.0.2.1 1000", true, true},
        {"\"direction\":null", "192.0.2.1 1000 198.51.100.2 22", true, false},
        {"\"flow\":{\"src_ip\":\"nonsense\"}", "198.51.100.2 22 192.0.2.1 1000", true, true},
        {"\"alert\":{\"source\":{\"ip\":\"203.0.113.5\",\"port\":9},\"target\":{\"ip\":"
         "\"192.0.2.1\",\"port\":10}},\"flow\":{\"src_ip\":\"198.51.100.2\"}",
         "203.0.113.5 9 192.0.2.1 10", false, true},
        {"\"alert\":{\"source\":{\"ip\":\"203.0.113.5\"}}", "192.0.2.1 1000 198.51.100.2 22",
         true, false},
        {"\"alert\":{\"source\":{\"ip\":\"203.0.113.5\"},\"target\":{\"ip\":null}}",
         "192.0.2.1 1000 198.51.100.2 22", true, false},
        {"\"alert\":{\"source\":{\"ip\":\"203.0.113.5\"},\"target\":{\"ip\":\"::1\"}},"
         "\"alert\":{}",
         "192.0.2.1 1000 198.51.100.2 22", true, false},
        {"\"alert\":{\"category\":\"vulnerable:vulnerable-system\"},\"flow\":{\"src_ip\":\"198."
         "51.100.2\"}",
         "192.0.2.1 1000 198.51.100.2 22", true, false},
        {"\"alert\":{\"category\":\"vulnerable:vulnerable-system\"}",
         "192.0.2.1 1000 198.51.100.2 22", true, true},
    };
    struct prefix own;
    struct decode_place place = {.own = &own, .own_count = 1, .sensor = 3};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char line[2048];
        struct taken t;

        assert_int_equal(
            prefix_parse(rows[i].own_is_src ? SLICE("192.0.2.0/24") : SLICE("10.0.0.0/8"),
                         &own),
            0);
        (void)snprintf(line, sizeof line, HEAD SIDES RULE ",%s}", rows[i].more);
        t = one_event(line, &place);
        assert_string_equal(sides(&t.ev), rows[i].want);
        assert_int_equal((t.ev.flags & FLAG_DIRECTION_INFERRED) != 0, rows[i].inferred);
        assert_int_equal(t.ev.sensor, 3);
    }
    assert_string_equal(
        feed_verdict(SLICE(WITH("\"alert\":{\"source\":{\"ip\":\"x\"},\"target\":{"
                                "\"ip\":\"::1\"}}")),
                     (char[32]){0}),
        "bad-value");
}

static void
grades(void **state)
{
    static const struct {
        const char *more;
        int grade;
    } rows[] = {
        {"\"flow\":{\"pkts_toserver\":3,\"pkts_toclient\":1}", 1},
        {"\"flow\":{\"pkts_toserver\":2,\"pkts_toclient\":1}", 0},
        {"\"flow\":{\"pkts_toserver\":3,\"pkts_toclient\":0}", 0},
        {"\"flow\":{\"pkts_toserver\":3,\"pkts_toclient\":1,\"src_ip\":\"198.51.100.2\"}", 1},
        {"\"flow\":{\"pkts_toserver\":\"3\",\"pkts_toclient\":1}", 0},
        {"\"flow\":{\"pkts_toserver\":3,\"pkts_toclient\":1},\"proto\":\"UDP\"", 0},
        {"\"flow\":{\"pkts_toserver\":3,\"pkts_toclient\":1},\"tcp\":{\"syn\":true}", 1},
        {"\"flow\":{\"pkts_toserver\":3,\"pkts_toclient\":1},\"tcp\":{\"syn\":false}", 0},
        {"\"flow\":{\"pkts_toserver\":3,\"pkts_toclient\":1},\"tcp\":{\"ack\":true}", 1},
        {"\"flow\":{\"pkts_toserver\":3,\"pkts_toclient\":1},\"flow\":{}", 0},
        {"\"metadata\":{\"flow\":{\"pkts_toserver\":3,\"pkts_toclient\":1}}", 0},
        {"\"direction\":\"to_client\",\"flow\":{\"pkts_toserver\":3,\"pkts_toclient\":1}", 1},
        {"\"alert\":{\"category\":\"vulnerable:vulnerable-system\"},\"direction\":\"to_"
         "server\",\"flow\":{\"pkts_toserver\":3,\"pkts_toclient\":1}",
         1},
        {"\"alert\":{\"category\":\"vulnerable:vulnerable-system\"},\"direction\":\"to_"
         "client\",\"flow\":{\"pkts_toserver\":3,\"pkts_toclient\":1}",
         0},
        {"\"alert\":{\"category\":\"vulnerable:vulnerable-system\"},\"flow\":{\"pkts_"
         "toserver\":2,\"pkts_toclient\":2}",
         1},
        {"\"alert\":{\"category\":\"vulnerable:vulnerable-system\"},\"flow\":{\"pkts_"
         "toserver\":3,\"pkts_toclient\":1,"
         "\"src_ip\":\"198.51.100.2\"}",
         0},
        {"\"alert\":{\"category\":\"vulnerable:vulnerable-system\"},\"flow\":{\"pkts_"
         "toserver\":3,\"pkts_toclient\":1,"
         "\"src_ip\":\"192.0.2.1\"}",
         1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char line[2048];
        struct taken t;

        (void)snprintf(line, sizeof line, HEAD SIDES "\"proto\":\"TCP\"," RULE ",%s}",
                       rows[i].more);
        t = one_event(line, NULL);
        if (t.ev.grade != rows[i].grade)
            print_error("%s\n", rows[i].more);
        assert_int_equal(t.ev.grade, rows[i].grade);
        assert_int_equal((t.ev.flags & FLAG_SPOOFABLE) != 0, rows[i].grade == 0);
    }
}

static void
reflectors(void **state)
{
    static const unsigned ports[] = {19, 53, 123, 161, 389, 1900, 11211};
    char line[1024];
    struct taken t;

    (void)state;
    for (size_t i = 0; i < COUNT(ports); i++) {
        (void)snprintf(line, sizeof line, HEAD SIDES RULE ",\"proto\":\"UDP\",\"src_port\":%u}",
                       ports[i]);
        t = one_event(line, NULL);
        assert_int_equal(t.ev.class_, CLASS_AMPLIFIER);
        assert_true(t.ev.flags & FLAG_REFLECTED);
    }
    t = one_event(WITH("\"src_port\":53"), NULL); /* TCP */
    assert_false(t.ev.flags & FLAG_REFLECTED);
    t = one_event(WITH("\"proto\":\"UDP\",\"dest_port\":53"), NULL);
    assert_false(t.ev.flags & FLAG_REFLECTED);
}

/* ---- pieces --------------------------------------------------------------------------- */

static const char lines[] =
    "\xef\xbb\xbf"
    "\n" ALERT "\n\r\n" FLOW "\r\n" OTHER(
        "\"a\":{\"b\":[1,2]}") "\n"
                               "{\"event_type\":\"alert\",\"a\":{\n" /* a brace is missing */
    ALERT "\n" WITH("\"x\":\"\\\\\\\"}\"") "\nnonsense\n"
                                           "\xff\n" WITH("\"src_port\":9") "\n\"open\n" ALERT
                                                                           "\n" ALERT;

static const char array[] =
    "\xef\xbb\xbf \n\n[\n  " ALERT ",\n\n" FLOW "  , {}, 7 , [" ALERT "],"
    "\"s,]}\\\"\"," WITH("\"x\":[\"]\",\"\\\\\"]") ",\n{\n\"event_type\" "
                                                   ":\"dns\"}\n]\n junk";

static void
same_in_pieces(struct slice in, size_t step, const struct feed *whole)
{
    struct feed f;

    feed_run(&f, in, (struct feed_how){.step = step});
    if (!feed_same(&f, whole))
        print_error("pieces of %zu bytes\n", step);
    assert_true(feed_same(&f, whole));
    feed_release(&f);
}

static void
pieces(void **state)
{
    const struct slice inputs[] = {SLICE(lines), SLICE(array)};

    (void)state;
    for (size_t i = 0; i < COUNT(inputs); i++) {
        struct feed whole;

        feed_run(&whole, inputs[i], (struct feed_how){.step = inputs[i].len});
        assert_int_equal(whole.array, i == 1);
        for (size_t step = 1; step < inputs[i].len; step++)
            same_in_pieces(inputs[i], step, &whole);
        feed_release(&whole);
    }
}

static void
what_is_in_them(void **state)
{
    struct feed f;

    (void)state;
    feed_run(&f, SLICE(lines), (struct feed_how){.step = sizeof lines});
    assert_int_equal(f.stats.lines, 14);
    assert_int_equal(f.stats.events, 7);
    assert_int_equal(f.stats.attacks, 6);
    assert_int_equal(f.stats.ignored, 3);
    assert_int_equal(f.stats.rejected[REJECT_JSON], 3);
    assert_int_equal(f.stats.first_bad[REJECT_JSON], 6);
    assert_int_equal(f.stats.rejected[REJECT_UTF8], 1);
    assert_int_equal(f.stats.first_bad[REJECT_UTF8], 10);
    for (size_t i = 0; i < f.count; i++) {
        const struct taken *t = &f.at[i];

        if (t->ev.raw_len > 0) {
            assert_int_equal(lines[t->raw_at], '{');
            assert_int_equal(lines[t->raw_at + t->ev.raw_len - 1], '}');
        }
    }
    feed_release(&f);
    feed_run(&f, SLICE(array), (struct feed_how){.step = sizeof array});
    assert_int_equal(f.stats.lines, 2 + 8 + 1);
    assert_int_equal(f.stats.events, 3);
    assert_int_equal(f.stats.ignored, 3);
    assert_int_equal(f.stats.rejected[REJECT_BAD_VALUE], 1);
    assert_int_equal(f.stats.rejected[REJECT_JSON], 4);
    assert_int_equal(f.at[0].ev.raw_kind, RAW_ELEMENT);
    assert_int_equal(f.at[0].ev.raw_len, sizeof ALERT - 1);
    assert_memory_equal(array + f.at[0].raw_at, ALERT, sizeof ALERT - 1);
    feed_release(&f);
}

/* Arrays that are none, or end early. */
static void
odd_arrays(void **state)
{
    static const struct {
        const char *text;
        unsigned lines;
        unsigned events;
        unsigned json;
        unsigned truncated;
    } rows[] = {
        {"[]", 0, 0, 0, 0},
        {"[]\n\n", 0, 0, 0, 0},
        {"[] []", 1, 0, 1, 0},
        {"[" ALERT, 1, 1, 0, 0},
        {"[" ALERT ",", 1, 1, 0, 0},
        {"[" ALERT ",]", 1, 1, 0, 0},
        {"[," ALERT "]", 2, 1, 1, 0},
        {"[" ALERT ",," ALERT "]", 3, 2, 1, 0},
        {"[" ALERT " , , ,\n" ALERT "]", 4, 2, 2, 0},
        {"[" ALERT ALERT "]", 3, 2, 1, 0},
        {"[" ALERT "\n" ALERT "," ALERT "]", 4, 3, 1, 0},
        {"[" ALERT "\n" ALERT " ", 3, 2, 1, 0},
        {"[" ALERT "\n{", 2, 1, 0, 1},
        {"[" ALERT "x," ALERT "]", 3, 2, 1, 0},
        {"[" ALERT ",x" ALERT "]", 4, 2, 2, 0},
        {"[" ALERT ":" ALERT "]", 4, 2, 2, 0},
        {"[" ALERT "\"x\"," ALERT "]", 3, 2, 1, 0},
        {"[" ALERT "}," ALERT "]", 3, 2, 1, 0},
        {"[" ALERT ",}," ALERT "]", 3, 2, 1, 0},
        {"[" ALERT "}" ALERT "]", 4, 2, 2, 0},
        {"[" ALERT "]," ALERT "]", 2, 1, 1, 0}, /* behind the end */
        {"[" ALERT "}", 2, 1, 1, 0},
        {"[}", 1, 0, 1, 0},
        {"[" ALERT ",{\"a\":1", 2, 1, 0, 1},
        {"[" ALERT ",{\"a\":\"]}", 2, 1, 0, 1},
        {"[{\"a\":1]," ALERT "]", 2, 1, 1, 0},
        {"[tru," ALERT "]", 2, 1, 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct feed f;

        for (size_t step = 1; step <= strlen(rows[i].text); step++) {
            feed_run(&f, slice_of(rows[i].text), (struct feed_how){.step = step});
            if (f.stats.lines != rows[i].lines)
                print_error("%s\n", rows[i].text);
            assert_int_equal(f.stats.lines, rows[i].lines);
            assert_int_equal(f.stats.events, rows[i].events);
            assert_int_equal(f.stats.rejected[REJECT_JSON], rows[i].json);
            assert_int_equal(f.stats.rejected[REJECT_TRUNCATED], rows[i].truncated);
            feed_release(&f);
        }
    }
}

/* An input can be left at eve_whole() and taken up there in another decoder. */
static void
resume(void **state)
{
    const struct slice inputs[] = {SLICE(lines), slice_sub(SLICE(array), 0, sizeof array - 6)};

    (void)state;
    for (size_t i = 0; i < COUNT(inputs); i++) {
        struct feed all;

        feed_run(&all, inputs[i], (struct feed_how){.step = inputs[i].len});
        for (size_t cut = 0; cut < inputs[i].len; cut++) {
            struct feed first;
            struct feed rest;
            size_t same = 0;

            feed_run(&first, slice_sub(inputs[i], 0, cut), (struct feed_how){.step = cut});
            feed_run(&rest, slice_sub(inputs[i], (size_t)first.whole, inputs[i].len),
                     (struct feed_how){.step = inputs[i].len,
                                       .start = first.whole == 0 ? FEED_FRESH
                                                : i == 1         ? FEED_MORE_ARRAY
                                                                 : FEED_MORE_LINES});
            while (same < first.count && same < all.count &&
                   first.at[same].raw_at == all.at[same].raw_at)
                same++;
            assert_int_equal(same, first.count);
            /* A last line without its newline may be whole, and then is taken. */
            assert_int_equal(first.count + rest.count, all.count);
            assert_int_equal(decode_rejected(&first.stats) + decode_rejected(&rest.stats) -
                                 first.stats.rejected[REJECT_TRUNCATED],
                             decode_rejected(&all.stats));
            feed_release(&first);
            feed_release(&rest);
        }
        feed_release(&all);
    }
}

/* ---- long lines ----------------------------------------------------------------------- */

/* A sound line of exactly n bytes, without its newline. */
static size_t
put_line(char *to, size_t n)
{
    static const char front[] = HEAD SIDES RULE ",\"x\":\"";
    size_t at = sizeof front - 1;

    memcpy(to, front, at);
    memset(to + at, 'a', n - at - 2);
    memcpy(to + n - 2, "\"}", 2);
    return n;
}

static void
long_lines(void **state)
{
    static const size_t lengths[] = {DECODE_UNIT_MAX,      DECODE_UNIT_MAX + 1,
                                     DECODE_CHUNK_MAX - 1, DECODE_CHUNK_MAX,
                                     DECODE_CHUNK_MAX + 1, 3 * DECODE_CHUNK_MAX + 7};
    static const size_t steps[] = {4096, DECODE_CHUNK_MAX, 8 * DECODE_CHUNK_MAX};
    char *text = malloc(8 * DECODE_CHUNK_MAX);

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < COUNT(lengths) * COUNT(steps) * 4; i++) {
        size_t len = lengths[i / 4 % COUNT(lengths)];
        bool as_array = i & 1;
        bool ended = i & 2; /* something follows */
        size_t n = 0;
        struct feed f;

        if (as_array)
            text[n++] = '[';
        n += put_line(text + n, 1000);
        text[n++] = as_array ? ',' : '\n';
        n += put_line(text + n, len);
        if (ended) {
            text[n++] = as_array ? ',' : '\n';
            n += put_line(text + n, 2000);
        }
        feed_run(&f, (struct slice){text, n},
                 (struct feed_how){.step = steps[i / 4 / COUNT(lengths)]});
        assert_int_equal(f.stats.lines, 2 + ended);
        assert_int_equal(f.stats.rejected[REJECT_TOO_LONG], len > DECODE_UNIT_MAX);
        assert_int_equal(f.stats.events, 2 + ended - (len > DECODE_UNIT_MAX));
        feed_release(&f);
    }
    free(text);
}

/* More events than a frame holds, over several chunks: none is lost at a border. */
static void
many(void **state)
{
    enum { COPIES = 3000 };
    size_t n = 0;
    char *text = malloc(sizeof lines * COPIES);
    struct feed one;
    struct feed f;

    (void)state;
    assert_non_null(text);
    feed_run(&one, slice_sub(SLICE(lines), 3, sizeof lines),
             (struct feed_how){.step = sizeof lines});
    for (int i = 0; i < COPIES; i++) {
        memcpy(text + n, lines + 3, sizeof lines - 4);
        n += sizeof lines - 4;
        text[n++] = '\n';
    }
    for (size_t step = 50000; step < n; step = step * 3 + 1) {
        feed_run(&f, (struct slice){text, n}, (struct feed_how){.step = step});
        assert_int_equal(f.stats.lines, one.stats.lines * COPIES);
        assert_int_equal(f.stats.events, one.stats.events * COPIES);
        assert_int_equal(decode_rejected(&f.stats), decode_rejected(&one.stats) * COPIES);
        feed_release(&f);
    }
    feed_release(&one);
    free(text);
}

/* ---- a naive reference ---------------------------------------------------------------- */

/* Change some bytes of text; no newline is made out of anything else. */
static void
spoil(char *text, size_t n, unsigned times, uint64_t *seed)
{
    static const char with[] = "\"{}[]:,\\ 0\n\t\xc3ntfu1";

    while (times-- > 0)
        text[next_random(seed) % n] = with[next_random(seed) % (sizeof with - 1)];
}

static void
against_naive(void **state)
{
    static const char *const kinds[] = {
        ALERT, FLOW, OTHER("\"dns\":{\"a\":[{\"b\":1}]}"),
        WITH("\"flow\":{\"src_ip\":\"192.0.2.1\",\"pkts_toserver\":4},\"tcp\":{\"syn\":true}")};
    uint64_t seed = 7;
    char text[8192];

    (void)state;
    for (int round = 0; round < 3000; round++) {
        size_t n = 0;
        struct feed naive;
        struct feed f;

        while (n < 3000) {
            const char *line = kinds[next_random(&seed) % COUNT(kinds)];

            memcpy(text + n, line, strlen(line));
            n += strlen(line);
            text[n++] = '\n';
        }
        n -= next_random(&seed) % 3;
        spoil(text, n, (unsigned)(next_random(&seed) % 9), &seed);
        if (eve_looks_like_array((struct slice){text, n}))
            continue;
        feed_lines(&naive, (struct slice){text, n});
        feed_run(&f, (struct slice){text, n},
                 (struct feed_how){.step = 1 + next_random(&seed) % n});
        if (!feed_same(&f, &naive))
            print_error("round %d: %zu %zu events, %llu %llu rejected\n", round, f.count,
                        naive.count, (unsigned long long)decode_rejected(&f.stats),
                        (unsigned long long)decode_rejected(&naive.stats));
        assert_true(feed_same(&f, &naive));
        feed_release(&f);
        feed_release(&naive);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts),        cmocka_unit_test(cut_lines),
        cmocka_unit_test(fields),          cmocka_unit_test(rules),
        cmocka_unit_test(protocols),       cmocka_unit_test(directions),
        cmocka_unit_test(grades),          cmocka_unit_test(reflectors),
        cmocka_unit_test(pieces),          cmocka_unit_test(odd_arrays),
        cmocka_unit_test(what_is_in_them), cmocka_unit_test(resume),
        cmocka_unit_test(long_lines),      cmocka_unit_test(many),
        cmocka_unit_test(against_naive),

    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
