/* Paths, queries and deciding headers: what is taken, and why the rest is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/form.h"
#include "web/request.h"

static void
test_routes(void **state)
{
    static const struct {
        const char *path;
        int err;
        enum web_what what;
    } rows[] = {
        {"/", 0, WEB_ASSET},
        {"/assets/app.js", 0, WEB_ASSET},
        {"/livez", 0, WEB_LIVEZ},
        {"/readyz", 0, WEB_READYZ},
        {"/metrics", 0, WEB_METRICS},
        {"/api/v1/node", 0, WEB_NODE},
        {"/api/v1/now", 0, WEB_NOW},
        {"/api/v1/live", 0, WEB_LIVE},
        {"/api/v1/events", 0, WEB_EVENTS},
        {"/api/v1/events/17-3", 0, WEB_EVENT},
        {"/api/v1/events/17-3/raw", 0, WEB_EVENT_RAW},
        {"/api/v1/events/17-3/proof", 0, WEB_EVENT_PROOF},
        {"/api/v1/top/origins", 0, WEB_TOP},
        {"/api/v1/top/sensors", 0, WEB_TOP},
        {"/log/checkpoint", 0, WEB_CHECKPOINT},
        {"/log/tile/0/000", 0, WEB_TILE},
        {"/log/tile/0/x001/234.p/7", 0, WEB_TILE},
        {"/log/tile/entries/000.p/255", 0, WEB_TILE},
        {"/api/v1/node/", ERR_NOTFOUND, WEB_ASSET},
        {"/api/v1/nodes", ERR_NOTFOUND, WEB_ASSET},
        {"/api/v2/node", ERR_NOTFOUND, WEB_ASSET},
        {"/api/v1/top/", ERR_NOTFOUND, WEB_ASSET},
        {"/api/v1/top/origins/x", ERR_NOTFOUND, WEB_ASSET},
        {"/api/v1/events/17-3/", ERR_NOTFOUND, WEB_ASSET},
        {"/api/v1/events/17-3/raw/x", ERR_NOTFOUND, WEB_ASSET},
        {"/api/v1/events/", ERR_INVALID, WEB_ASSET},
        {"/api/v1/events/17", ERR_INVALID, WEB_ASSET},
        {"/api/v1/events/17-4096", ERR_INVALID, WEB_ASSET},
        {"/api/v1/events/017-1", ERR_INVALID, WEB_ASSET},
        {"/api/v1/pacts/a-b/proof/"
         "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
         0, WEB_PACT_PROOF},
        {"/api/v1/pacts/a-b/proof/0123", ERR_INVALID, WEB_ASSET},
        {"/api/v1/pacts/../proof/"
         "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
         ERR_INVALID, WEB_ASSET},
        {"/api/v1/pacts/a-b", ERR_NOTFOUND, WEB_ASSET},
        {"/api/v1/pacts/a-b/annex/1", ERR_NOTFOUND, WEB_ASSET},
        {"/log/", ERR_INVALID, WEB_ASSET},
        {"/log/checkpoint/", ERR_INVALID, WEB_ASSET},
        {"/log/tile/0/0", ERR_INVALID, WEB_ASSET},
        {"/log/tile/64/000", ERR_INVALID, WEB_ASSET},
        {"/log/tile/0/000.p/256", ERR_INVALID, WEB_ASSET},
        {"/log/tile/0/000.p/0", ERR_INVALID, WEB_ASSET},
        {"/log/tile/0/../../etc/passwd", ERR_INVALID, WEB_ASSET},
        {"/log/tile/data/000", ERR_INVALID, WEB_ASSET},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct errinfo ei = {0};
        struct web_route r;
        int err = web_route(slice_of(rows[i].path), &r, &ei);

        if (err != rows[i].err || (err == 0 && r.what != rows[i].what))
            print_message("%s: %d %d\n", rows[i].path, err, r.what);
        assert_int_equal(err, rows[i].err);
        if (err == 0)
            assert_int_equal(r.what, rows[i].what);
        if (err == ERR_INVALID)
            assert_true(ei.text[0] != '\0');
    }
}

static void
test_values(void **state)
{
    struct errinfo ei = {0};
    struct web_route r;

    (void)state;
    assert_int_equal(web_route(SLICE("/api/v1/events/17-3/raw"), &r, &ei), 0);
    assert_true(r.event.block == 17 && r.event.index == 3);
    assert_int_equal(web_route(SLICE("/log/tile/2/x001/x234/067.p/8"), &r, &ei), 0);
    assert_true(r.tile.n == 1234067 && r.tile.level == 2 && r.tile.width == 8);
    assert_int_equal(web_route(SLICE("/api/v1/top/targets"), &r, &ei), 0);
    assert_true(r.query.targets && r.query.by == TOP_ADDRESS && r.query.limit == WEB_LIMIT);
}

/* Parameters as `a=b&c=d`. */
static int
ask(const char *path, const char *query, struct web_route *r, struct errinfo *ei)
{
    struct slice rest = slice_of(query);
    struct utime now = {INT64_C(1790000000) * TIME_US_PER_S};
    unsigned seen = 0;
    int err = web_route(slice_of(path), r, ei);

    assert_int_equal(err, 0);
    while (err == 0 && rest.len > 0) {
        const char *end = memchr(rest.ptr, '&', rest.len);
        struct slice one =
            slice_sub(rest, 0, end == NULL ? rest.len : (size_t)(end - rest.ptr));
        const char *eq = memchr(one.ptr, '=', one.len);
        size_t at = eq == NULL ? one.len : (size_t)(eq - one.ptr);

        err = web_query_take(r, slice_sub(one, 0, at), slice_sub(one, at + 1, one.len), now,
                             &seen, ei);
        rest = slice_sub(rest, one.len + 1, rest.len);
    }
    return err;
}

/* The past: a time in one of three forms, one of five speeds, and neither ahead nor alone. */
static void
test_replay(void **state)
{
    static const char *const refused[] = {"at=yesterday", "at=-1",     "at=1h&speed=2",
                                          "speed=",       "speed=301", "at=1h&at=2h",
                                          "since=1h",     "speed=0x1"};
    const struct utime now = {INT64_C(1790000000) * TIME_US_PER_S};
    struct errinfo ei = {0};
    struct web_route r;

    (void)state;
    assert_int_equal(ask("/api/v1/live", "", &r, &ei), 0);
    assert_false(r.replay.wanted);
    assert_int_equal(web_replay_check(&r.replay, now, &ei), 0);
    assert_int_equal(ask("/api/v1/live", "at=1789990000", &r, &ei), 0);
    assert_true(r.replay.wanted && r.replay.speed == 1);
    assert_true(r.replay.at.us == INT64_C(1789990000) * TIME_US_PER_S);
    assert_int_equal(web_replay_check(&r.replay, now, &ei), 0);
    assert_int_equal(ask("/api/v1/live", "speed=300&at=2h", &r, &ei), 0);
    assert_true(r.replay.speed == 300);
    assert_true(r.replay.at.us == INT64_C(1789992800) * TIME_US_PER_S);
    assert_int_equal(ask("/api/v1/live", "at=2026-09-21T00:00:00.5Z&speed=0", &r, &ei), 0);
    assert_true(r.replay.speed == 0 && r.replay.at.us % TIME_US_PER_S == 500000);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        ei.text[0] = '\0';
        assert_int_equal(ask("/api/v1/live", refused[i], &r, &ei), ERR_INVALID);
        assert_true(ei.text[0] != '\0');
    }
    assert_int_equal(ask("/api/v1/live", "speed=10", &r, &ei), 0);
    assert_int_equal(web_replay_check(&r.replay, now, &ei), ERR_INVALID);
    assert_int_equal(ask("/api/v1/live", "at=1790000001", &r, &ei), 0);
    assert_int_equal(web_replay_check(&r.replay, now, &ei), ERR_INVALID);
    assert_int_equal(ask("/api/v1/events", "at=1h", &r, &ei), ERR_INVALID);
}

static void
test_query(void **state)
{
    struct errinfo ei = {0};
    struct web_route r;

    (void)state;
    assert_int_equal(
        ask("/api/v1/events",
            "since=2h&until=2026-09-21&class=fraud:phishing&country=XN&asn=AS64500&"
            "address=192.0.2.1&limit=7",
            &r, &ei),
        0);
    assert_true(r.query.filter.since.us == INT64_C(1789992800) * TIME_US_PER_S);
    assert_true(r.query.filter.class_ == CLASS_PHISHING);
    assert_true(r.query.filter.by_country && r.query.filter.country == COUNTRY('X', 'N'));
    assert_true(r.query.filter.by_asn && r.query.filter.asn == 64500);
    assert_true(r.query.filter.by_address && addr_v4(&r.query.filter.address) == 0xc0000201);
    assert_int_equal(r.query.limit, 7);
    assert_int_equal(ask("/api/v1/top/origins", "by=party&country=-", &r, &ei), 0);
    assert_true(r.query.by == TOP_PARTY && r.query.filter.by_country &&
                r.query.filter.country == 0);
}

static void
test_query_refused(void **state)
{
    static const char *const bad[] = {
        "since=yesterday", "until=",          "class=x",     "country=xn", "country=X",
        "asn=-1",          "asn=4294967296",  "asn=",        "asn=1.5",    "address=1.2.3",
        "address=",        "limit=0",         "limit=10001", "limit=-1",   "limit=7x",
        "by=asn",          "limit=1&limit=2", "foo=1",       "=",          "since",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct errinfo ei = {0};
        struct web_route r;

        if (ask("/api/v1/events", bad[i], &r, &ei) != ERR_INVALID)
            fail_msg("%s was taken", bad[i]);
        assert_true(ei.text[0] != '\0' && strchr(ei.text, '\n') == NULL);
    }
    {
        struct errinfo ei = {0};
        struct web_route r;

        assert_int_equal(ask("/api/v1/top/rules", "by=asn", &r, &ei), ERR_INVALID);
        assert_int_equal(ask("/api/v1/top/origins", "by=rule", &r, &ei), ERR_INVALID);
        assert_int_equal(ask("/api/v1/top/origins", "by=asset", &r, &ei), ERR_INVALID);
        assert_int_equal(ask("/api/v1/top/origins", "by=asn&by=asn", &r, &ei), ERR_INVALID);
        assert_int_equal(ask("/api/v1/events", "dry-run", &r, &ei), ERR_INVALID);
    }
}

static void
test_verdict(void **state)
{
    static const char path[] = "/api/v1/verdict";
    struct errinfo ei = {0};
    struct web_route r;

    (void)state;
    assert_int_equal(ask(path, "", &r, &ei), 0);
    assert_true(r.what == WEB_VERDICT && r.verdict.pact[0] == '\0');
    assert_int_equal(ask(path, "pact=a-b&party=b&period=30d", &r, &ei), 0);
    assert_string_equal(r.verdict.pact, "a-b");
    assert_string_equal(r.verdict.party, "b");
    assert_string_equal(r.verdict.period, "30d");
    assert_int_equal(ask(path, "period=", &r, &ei), ERR_INVALID);
    assert_int_equal(ask(path, "period=1d&period=2d", &r, &ei), ERR_INVALID);
    assert_int_equal(ask(path, "limit=1", &r, &ei), ERR_INVALID);
    assert_int_equal(
        ask(path, "pact=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &r,
            &ei),
        ERR_INVALID);
    assert_int_equal(ask("/api/v1/events", "period=1d", &r, &ei), ERR_INVALID);
    assert_int_equal(ask("/report", "pact=a-b&period=30d", &r, &ei), 0);
    assert_true(r.what == WEB_REPORT && strcmp(r.verdict.period, "30d") == 0);
    assert_int_equal(ask("/report", "limit=1", &r, &ei), ERR_INVALID);
    assert_int_equal(ask("/api/v1/report", "party=b", &r, &ei), 0);
    assert_true(r.what == WEB_REPORT_JSON);
    assert_false(web_is_for_peers(WEB_REPORT));
}

/* Whoever misspells a dry run must not say it for good. */
static void
test_dry_run(void **state)
{
    static const char path[] = "/api/v1/incidents/a-b/a-7/ack";
    struct errinfo ei = {0};
    struct web_route r;

    (void)state;
    assert_int_equal(ask(path, "", &r, &ei), 0);
    assert_false(r.dry);
    assert_int_equal(ask(path, "dry-run", &r, &ei), 0);
    assert_true(r.what == WEB_SAY && r.dry && slice_is(r.word, "ack"));
    assert_int_equal(ask(path, "dry-run=no", &r, &ei), ERR_INVALID);
    assert_int_equal(ask(path, "dry-run&dry-run", &r, &ei), ERR_INVALID);
    assert_int_equal(ask(path, "dry", &r, &ei), ERR_INVALID);
    assert_int_equal(ask(path, "limit=1", &r, &ei), ERR_INVALID);
}

/* Everything is read; little more than a session is changed. */
static void
test_methods(void **state)
{
    (void)state;
    assert_int_equal(web_method(SLICE("GET")), WEB_GET);
    assert_int_equal(web_method(SLICE("get")), 0);
    assert_int_equal(web_method(SLICE("PATCH")), 0);
    assert_int_equal(web_methods(SLICE("/")), WEB_GET | WEB_HEAD);
    assert_int_equal(web_methods(SLICE("/api/v1/node")), WEB_GET | WEB_HEAD);
    assert_int_equal(web_methods(SLICE("/api/v1/session/")), WEB_GET | WEB_HEAD);
    assert_int_equal(web_methods(SLICE("/api/v1/session")),
                     WEB_GET | WEB_HEAD | WEB_POST | WEB_DELETE);
    assert_int_equal(web_methods(SLICE("/api/v1/password")), WEB_PUT);
}

/* Exactly the members of one form, and texts of their forms. */
static void
test_forms(void **state)
{
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "null",
        "1",
        "{}",
        "{\"link\":1}",
        "{\"link\":\"\"}",
        "{\"user\":\"ann\"}",
        "{\"user\":\"Ann\",\"password\":\"x\"}",
        "{\"user\":\"ann\",\"password\":\"\"}",
        "{\"user\":\"ann\",\"password\":[\"x\"]}",
        "{\"user\":\"ann\",\"password\":\"x\\u0000y\"}",
        "{\"user\":\"ann\",\"password\":\"x\",\"what\":6}",
        "{\"user\":\"ann\",\"user\":\"bob\",\"password\":\"x\"}",
        "{\"link\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\"}"};
    struct person_ask ask = {.what = 99};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(web_form_read(WEB_SESSION, slice_of(bad[i]), &ask), ERR_INVALID);
        assert_int_equal(ask.what, 99);
    }
    assert_int_equal(web_form_read(WEB_SESSION,
                                   SLICE(" {\"password\": \"\\u00fc\", \"user\": \"ann\"}"),
                                   &ask),
                     0);
    assert_int_equal(ask.what, ASK_PASSWORD);
    assert_string_equal(ask.name, "ann");
    assert_string_equal(ask.password, "\xc3\xbc");
    assert_int_equal(
        web_form_read(WEB_SESSION,
                      SLICE("{\"link\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"),
                      &ask),
        0);
    assert_int_equal(ask.what, ASK_LINK);
    assert_int_equal(ask.with.kind, CREDENTIAL_LINK);
    assert_string_equal(ask.password, "");
    assert_int_equal(web_form_read(WEB_PASSWORD, SLICE("{\"password\":\"x\"}"), &ask), 0);
    assert_int_equal(ask.what, ASK_SET_PASSWORD);
    assert_int_equal(web_form_read(WEB_PASSWORD, SLICE("{\"link\":\"x\"}"), &ask), ERR_INVALID);
}

static void
test_hosts(void **state)
{
    static const char *const hosts[] = {"node.example"};
    static const struct {
        const char *host;
        bool good;
    } rows[] = {
        {"127.0.0.1:8080", true},
        {"localhost:8080", true},
        {"LOCALHOST:8080", true},
        {"[::1]:8080", true},
        {"node.example", true},
        {"node.example:443", true},
        {"Node.Example", true},
        {"127.0.0.1", false},
        {"localhost:81", false},
        {"evil.example", false},
        {"evil.example:8080", false},
        {"", false},
        {":8080", false},
        {"127.0.0.1:8080x", false},
        {"127.0.0.1:08080", false},
        {"node.example.evil", false},
        {"xnode.example", false},
        {"::1:8080", false},
        {"[::1]", false},
        {"127.0.0.1:8080:8080", false},
        {"node.example:x", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (web_host_allowed(slice_of(rows[i].host), 8080, hosts, 1) != rows[i].good)
            fail_msg("%s", rows[i].host);
    }
    assert_true(web_host_allowed(SLICE("localhost"), 80, hosts, 1));
    assert_true(web_host_allowed(SLICE("localhost"), 443, hosts, 1));
    assert_false(web_host_allowed(SLICE("localhost"), 8443, hosts, 1));
    assert_true(web_origin_allowed(SLICE("http://localhost:8080"), 8080, hosts, 1));
    assert_true(web_origin_allowed(SLICE("https://node.example"), 8080, hosts, 1));
    assert_false(web_origin_allowed(SLICE("null"), 8080, hosts, 1));
    assert_false(web_origin_allowed(SLICE("http://evil.example"), 8080, hosts, 1));
    assert_false(web_origin_allowed(SLICE("file://localhost:8080"), 8080, hosts, 1));
}

static void
test_headers(void **state)
{
    (void)state;
    assert_true(web_etag_matches(SLICE("\"a\""), SLICE("\"a\"")));
    assert_true(web_etag_matches(SLICE("\"x\" , W/\"a\""), SLICE("\"a\"")));
    assert_true(web_etag_matches(SLICE("*"), SLICE("\"a\"")));
    assert_false(web_etag_matches(SLICE(""), SLICE("\"a\"")));
    assert_false(web_etag_matches(SLICE("a, \"ab\""), SLICE("\"a\"")));
    assert_true(web_accepts_gzip(SLICE("gzip")));
    assert_true(web_accepts_gzip(SLICE("deflate, gzip;q=0.5")));
    assert_true(web_accepts_gzip(SLICE("br,*")));
    assert_false(web_accepts_gzip(SLICE("")));
    assert_false(web_accepts_gzip(SLICE("br, gzip;q=0")));
    assert_false(web_accepts_gzip(SLICE("gzip; q=0.000, *")));
    assert_false(web_accepts_gzip(SLICE("identity")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes),        cmocka_unit_test(test_values),
        cmocka_unit_test(test_query),         cmocka_unit_test(test_replay),
        cmocka_unit_test(test_query_refused), cmocka_unit_test(test_dry_run),
        cmocka_unit_test(test_verdict),       cmocka_unit_test(test_methods),
        cmocka_unit_test(test_forms),         cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
