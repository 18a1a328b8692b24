/* The client of TAXII against a server that is a script: what it asks, what it takes, when it
 * waits, and why it ends. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "taxii/client.h"
#include "taxii/discover.h"
#include "taxii/request.h"

#define DAY   "2026-01-01T00:00:0"
#define AT(s) DAY #s ".000000Z"

/* One answer of the server, and what the client says to it. */
struct step {
    const char *asked; /* NULL any: what stands in the question … */
    unsigned status;   /* … and the answer */
    const char *body;
    const char *first;
    const char *last;
    int64_t retry_s;
    enum client_next then;
    const char *why; /* CLIENT_OVER */
    uint32_t wait_s;
    size_t objects;
};

static const struct client_source all = {.path = {"/r/collections/c/objects/", 25}};

static struct client_answer
answer_of(const struct step *s, char **body)
{
    *body = strdup(s->body == NULL ? "" : s->body);
    assert_non_null(*body);
    return (struct client_answer){.status = s->status,
                                  .media = slice_of(TAXII_MEDIA),
                                  .first = slice_of(s->first == NULL ? "" : s->first),
                                  .last = slice_of(s->last == NULL ? "" : s->last),
                                  .retry_s = s->retry_s,
                                  .body = *body,
                                  .bytes = strlen(*body),
                                  .why = "refused"};
}

static void
play_one(struct client *c, const struct step *s)
{
    struct client_told told;
    struct client_answer a;
    enum client_next next;
    char *body;
    AUTO_BUF(asked, CLIENT_ASK_MAX);

    client_ask(c, &asked);
    buf_char(&asked, '\0');
    if (s->asked != NULL && strstr(asked.ptr, s->asked) == NULL)
        fail_msg("asked %s, not %s", asked.ptr, s->asked);
    if (s->asked == NULL)
        assert_null(strstr(asked.ptr, "next="));
    a = answer_of(s, &body);
    next = client_hear(c, &a, &told);
    if (next == CLIENT_TAKE) {
        assert_int_equal(told.page.count, s->objects);
        next = client_took(c);
    } else if (next == CLIENT_WAIT || next == CLIENT_OVER) {
        assert_int_equal(told.wait_s, s->wait_s);
    }
    if (next == CLIENT_OVER && s->then == CLIENT_OVER)
        assert_non_null(strstr(told.ei.text, s->why));
    else if (next != s->then)
        fail_msg("%s %s: %d, not %d: %s", asked.ptr, a.body, next, s->then, told.ei.text);
    parcel_release(&told.page);
    free(body);
}

static void
play(struct client *c, const struct step *s)
{
    for (; s->status != 0 || s->then != CLIENT_ASK; s++)
        play_one(c, s);
}

static void
begin(struct client *c)
{
    struct client_mark m;

    client_mark_init(&m);
    client_init(c, &all, &m);
}

#define O(n)                "{\"id\":\"x--" #n "\"}"
#define PAGE(objects, next) "{\"more\":true,\"next\":\"" next "\",\"objects\":[" objects "]}"
#define LAST(objects)       "{\"more\":false,\"objects\":[" objects "]}"
#define MORE(objects)       "{\"more\":true,\"objects\":[" objects "]}"

static void
test_pages(void **state)
{
    static const struct step steps[] = {
        {"limit=1000&match%5Bversion%5D=all", 200, PAGE(O(1) "," O(2), "a/b"), AT(1), AT(2), 0,
         CLIENT_ASK, NULL, 0, 2},
        {"next=a%2Fb", 200, PAGE(O(3), "c"), AT(2), AT(3), 0, CLIENT_ASK, NULL, 0, 1},
        {"next=c", 200, LAST(O(4)), AT(4), AT(4), 0, CLIENT_DONE, NULL, 0, 1},
        {.then = CLIENT_ASK}};
    static const struct step nothing[] = {{"added_after=" AT(4), 200, "{}",
                                           "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 0,
                                           CLIENT_DONE, NULL, 0, 0},
                                          {.then = CLIENT_ASK}};
    struct client c;
    struct client again;

    (void)state;
    begin(&c);
    play(&c, steps);
    assert_int_equal(c.requests, 3);
    client_init(&again, &all, &c.mark);
    play(&again, nothing);
    assert_int_equal(again.requests, 1);
    assert_int_equal(again.mark.last.us, c.mark.last.us);
}

static void
resume(struct client *c, const struct client *from, const struct step *steps)
{
    struct client_mark m;

    client_keep(from, &m);
    client_init(c, &all, &m);
    play(c, steps);
}

/* What is kept between two pages is good for, and when the server has forgotten it. */
static void
test_resume(void **state)
{
    static const struct step first[] = {
        {NULL, 200, PAGE(O(1), "a"), AT(1), AT(1), 0, CLIENT_ASK, NULL, 0, 1},
        {"next=a", 200, PAGE(O(2), "b"), AT(2), AT(2), 0, CLIENT_ASK, NULL, 0, 1},
        {.then = CLIENT_ASK}};
    static const struct step known[] = {
        {"next=b", 200, LAST(O(3)), AT(3), AT(3), 0, CLIENT_DONE, NULL, 0, 1},
        {.then = CLIENT_ASK}};
    static const struct step forgotten[] = {
        {"next=b", 404, NULL, NULL, NULL, 0, CLIENT_ASK, NULL, 0, 0},
        {NULL, 200, PAGE(O(1), "c"), AT(1), AT(1), 0, CLIENT_ASK, NULL, 0, 1},
        {"next=c", 400, NULL, NULL, NULL, 0, CLIENT_ASK, NULL, 0, 0},
        {NULL, 404, NULL, NULL, NULL, 0, CLIENT_OVER, "answered 404", 0, 0},
        {.then = CLIENT_ASK}};
    static const struct step bad[] = {
        {"next=b", 200, "[]", NULL, NULL, 0, CLIENT_OVER, "an envelope is", 0, 0},
        {.then = CLIENT_ASK}};
    static const struct step denied[] = {
        {"next=b", 401, NULL, NULL, NULL, 0, CLIENT_OVER, "answered 401", 0, 0},
        {.then = CLIENT_ASK}};
    struct client c;
    struct client again;

    (void)state;
    begin(&c);
    play(&c, first);
    resume(&again, &c, known);
    resume(&again, &c, forgotten);
    assert_int_equal(again.anew, 2);
    /* What gives nothing good is not asked for ever; what may pass is. */
    resume(&again, &c, bad);
    assert_string_equal(again.mark.next, "");
    assert_true(again.mark.last.us < 0);
    resume(&again, &c, denied);
    assert_string_equal(again.mark.next, "b");
}

/* A `next` that is a question's, whose answers are used up. */
static void
test_used_up(void **state)
{
    static const struct step whole[] = {
        {NULL, 200, PAGE(O(1), "q"), AT(1), AT(1), 0, CLIENT_ASK, NULL, 0, 1},
        {"next=q", 200, PAGE(O(2), "q"), AT(2), AT(2), 0, CLIENT_ASK, NULL, 0, 1},
        {"next=q", 200, LAST(O(3)), AT(3), NULL, 0, CLIENT_DONE, NULL, 0, 1},
        {.then = CLIENT_ASK}};
    static const struct step some[] = {
        {NULL, 200, PAGE(O(1), "q"), AT(1), AT(1), 0, CLIENT_ASK, NULL, 0, 1},
        {"next=q", 503, NULL, NULL, NULL, 0, CLIENT_WAIT, NULL, 1, 0},
        {"next=q", 200, PAGE(O(2), "q"), AT(2), AT(2), 0, CLIENT_ASK, NULL, 0, 1},
        {.then = CLIENT_ASK}};
    static const struct step anew[] = {
        {NULL, 200, PAGE(O(1), "r"), AT(1), AT(1), 0, CLIENT_ASK, NULL, 0, 1},
        {"next=r", 502, NULL, NULL, NULL, 0, CLIENT_WAIT, NULL, 1, 0},
        {NULL, 200, PAGE(O(1), "s"), AT(1), AT(1), 0, CLIENT_ASK, NULL, 0, 1},
        {.then = CLIENT_ASK}};
    struct client c;
    struct client again;
    struct client_mark m;

    (void)state;
    begin(&c);
    play(&c, whole);
    client_keep(&c, &m);
    assert_true(m.after.us == m.last.us && m.after.us > 0); /* the last page's one date */
    begin(&c);
    play(&c, some);
    resume(&again, &c, anew);
    assert_int_equal(again.anew, 1);
}

/* … but not for ever. */
static void
test_still(void **state)
{
    enum client_next next = CLIENT_ASK;
    struct client_told told;
    struct client c;
    unsigned n = 0;

    (void)state;
    begin(&c);
    for (; next == CLIENT_ASK; n++) {
        char body[128];
        struct client_answer a = {.status = 200,
                                  .media = slice_of(TAXII_MEDIA),
                                  .body = body,
                                  .last = slice_of(AT(1))};

        a.bytes = (size_t)snprintf(body, sizeof body, PAGE("{\"n\":%u}", "q"), n);
        next = client_hear(&c, &a, &told);
        if (next == CLIENT_TAKE)
            next = client_took(&c);
        parcel_release(&told.page);
    }
    assert_int_equal(next, CLIENT_OVER);
    assert_non_null(strstr(told.ei.text, "does not change"));
    assert_true(n > CLIENT_STILL && n < CLIENT_STILL + 5);
}

static void
test_by_date(void **state)
{
    static const struct step steps[] = {
        {NULL, 200, MORE(O(1)), AT(1), AT(1), 0, CLIENT_ASK, NULL, 0, 1},
        {"added_after=" AT(1), 200, MORE(O(2)), AT(2), AT(2), 0, CLIENT_ASK, NULL, 0, 1},
        {"added_after=" AT(2), 200, MORE(O(3)), AT(2), AT(2), 0, CLIENT_OVER,
         "were added at " AT(2), 0, 0},
        {.then = CLIENT_ASK}};
    static const struct step undated[] = {
        {NULL, 200, MORE(O(1)), NULL, NULL, 0, CLIENT_OVER, "neither `next` nor", 0, 0},
        {.then = CLIENT_ASK}};
    static const struct step once[] = {
        {NULL, 200, LAST(O(1)), NULL, NULL, 0, CLIENT_DONE, NULL, 0, 1}, {.then = CLIENT_ASK}};
    struct client c;

    (void)state;
    begin(&c);
    play(&c, steps);
    begin(&c);
    play(&c, undated);
    begin(&c);
    play(&c, once);
    assert_int_equal(c.undated, 1);
    assert_true(c.mark.after.us < 0);
}

static void
test_waits(void **state)
{
    static const struct step busy[] = {
        {NULL, 503, NULL, NULL, NULL, 0, CLIENT_WAIT, NULL, 1, 0},
        {NULL, 429, NULL, NULL, NULL, 7, CLIENT_WAIT, NULL, 7, 0},
        {NULL, 500, NULL, NULL, NULL, 0, CLIENT_WAIT, NULL, 4, 0},
        {NULL, 200, PAGE(O(1), "a"), AT(1), AT(1), 0, CLIENT_ASK, NULL, 0, 1},
        {"next=a", 503, NULL, NULL, NULL, 0, CLIENT_WAIT, NULL, 1, 0},
        {"next=a", 503, NULL, NULL, NULL, 0, CLIENT_WAIT, NULL, 2, 0},
        {"next=a", 503, NULL, NULL, NULL, 0, CLIENT_WAIT, NULL, 4, 0},
        {"next=a", 503, NULL, NULL, NULL, 0, CLIENT_WAIT, NULL, 8, 0},
        {"next=a", 503, NULL, NULL, NULL, 0, CLIENT_WAIT, NULL, 16, 0},
        {"next=a", 503, NULL, NULL, NULL, 0, CLIENT_WAIT, NULL, 32, 0},
        {"next=a", 503, NULL, NULL, NULL, 0, CLIENT_WAIT, NULL, 60, 0},
        {"next=a", 503, NULL, NULL, NULL, 0, CLIENT_OVER, "answered 503", 0, 0},
        {.then = CLIENT_ASK}};
    static const struct step later[] = {
        {NULL, 429, NULL, NULL, NULL, 3600, CLIENT_OVER, "answered 429", 3600, 0},
        {.then = CLIENT_ASK}};
    struct client c;
    struct step away = {.then = CLIENT_WAIT, .wait_s = 1};

    (void)state;
    begin(&c);
    play(&c, busy);
    begin(&c);
    play(&c, later);
    begin(&c);
    play_one(&c, &away);
    away.wait_s = 2;
    play_one(&c, &away);
    away = (struct step){.then = CLIENT_OVER, .why = "not reached: refused"};
    play_one(&c, &away);
}

static const struct {
    struct step step[4];
} guards[] = {
    {{{NULL, 200, PAGE(O(1), "a"), AT(1), AT(1), 0, CLIENT_ASK, NULL, 0, 1},
      {"next=a", 200, PAGE(O(1), "b"), AT(1), AT(1), 0, CLIENT_OVER, "the same page", 0, 0}}},
    {{{NULL, 200, PAGE(O(1), "a"), AT(1), AT(1), 0, CLIENT_ASK, NULL, 0, 1},
      {"next=a", 200, PAGE("", "a"), AT(1), AT(2), 0, CLIENT_OVER, "does not change", 0, 0}}},
    {{{NULL, 200, PAGE(O(1), "a"), AT(5), AT(5), 0, CLIENT_ASK, NULL, 0, 1},
      {"next=a", 200, LAST(O(2)), AT(4), AT(4), 0, CLIENT_OVER, "go backwards", 0, 0}}},
    {{{NULL, 200, LAST(O(2)), AT(5), AT(4), 0, CLIENT_OVER, "go backwards", 0, 0}}},
    {{{NULL, 200, LAST(O(2)), AT(5), "tomorrow", 0, CLIENT_OVER, "-Last is no time", 0, 0}}},
    {{{NULL, 200, "{\"more\":true}", NULL, NULL, 0, CLIENT_OVER, "no objects", 0, 0}}},
    {{{NULL, 200, "[]", NULL, NULL, 0, CLIENT_OVER, "an envelope is", 0, 0}}},
    {{{NULL, 200, "{\"objects\":{}}", NULL, NULL, 0, CLIENT_OVER, "is a list", 0, 0}}},
    {{{NULL, 200, "{\"objects\":[{]}", NULL, NULL, 0, CLIENT_OVER, "", 0, 0}}},
    {{{NULL, 200, "{\"objects\":[{}]", NULL, NULL, 0, CLIENT_OVER, "", 0, 0}}},
    {{{NULL, 200, "{\"next\":7}", NULL, NULL, 0, CLIENT_OVER, "is text", 0, 0}}},
    {{{NULL, 200, "{\"more\":true,\"next\":\"a\\u0000\"}", NULL, NULL, 0, CLIENT_OVER, "", 0,
       0}}},
    {{{NULL, 401, NULL, NULL, NULL, 0, CLIENT_OVER, "does not count", 0, 0}}},
    {{{NULL, 302, NULL, NULL, NULL, 0, CLIENT_OVER, "has moved", 0, 0}}},
    {{{NULL, 406, NULL, NULL, NULL, 0, CLIENT_OVER, "TAXII 2.1", 0, 0}}},
    {{{NULL, 418, NULL, NULL, NULL, 0, CLIENT_OVER, "answered 418", 0, 0}}},
};

static void
test_guards(void **state)
{
    struct client c;

    (void)state;
    for (size_t i = 0; i < COUNT(guards); i++) {
        begin(&c);
        for (unsigned at = 0; guards[i].step[at].status != 0; at++)
            play_one(&c, &guards[i].step[at]);
    }
}

/* A circle of any length ends. */
static void
test_circle(void **state)
{
    (void)state;
    for (unsigned length = 1; length < 40; length++) {
        enum client_next next = CLIENT_ASK;
        struct client_told told;
        struct client c;
        unsigned n = 0;

        begin(&c);
        for (; next == CLIENT_ASK && n < 10 * length; n++) {
            char body[128];
            struct client_answer a = {.status = 200,
                                      .media = slice_of(TAXII_MEDIA),
                                      .body = body,
                                      .last = slice_of(AT(1))};

            a.bytes =
                (size_t)snprintf(body, sizeof body, PAGE("{\"n\":%u}", "%u"), n, n % length);
            next = client_hear(&c, &a, &told);
            if (next == CLIENT_TAKE)
                next = client_took(&c);
            parcel_release(&told.page);
        }
        if (next != CLIENT_OVER)
            fail_msg("a circle of %u: %d after %u: %s", length, next, n, told.ei.text);
        assert_true(n <= 4 * length + 2);
    }
}

static void
test_limits(void **state)
{
    struct client_answer a = {.status = 200, .media = slice_of(TAXII_MEDIA)};
    struct client_told told;
    struct client c;
    size_t most = (size_t)CLIENT_OBJECTS + 1;
    AUTO_BUF(body, CLIENT_BODY);

    (void)state;
    buf_text(&body, "{\"objects\":[");
    for (size_t i = 0; i < most; i++)
        buf_text(&body, i == 0 ? "{}" : ",{}");
    buf_text(&body, "]}");
    a.body = body.ptr;
    a.bytes = body.len;
    begin(&c);
    assert_int_equal(client_hear(&c, &a, &told), CLIENT_OVER);
    assert_non_null(strstr(told.ei.text, "more than 200000 objects"));
    a.is_cut = true;
    assert_int_equal(client_hear(&c, &a, &told), CLIENT_OVER);
    assert_non_null(strstr(told.ei.text, "64 MiB"));
    a = (struct client_answer){.status = 200, .media = slice_of("text/html")};
    assert_int_equal(client_hear(&c, &a, &told), CLIENT_OVER);
    assert_non_null(strstr(told.ei.text, "but text/html"));
}

/* ---- envelopes --------------------------------------------------------------------------- */

static const struct {
    const char *text;
    enum parcel_form form;
    int err;
    const char *objects; /* joined by | */
} envelopes[] = {
    {"{}", PARCEL_TAXII, 0, ""},
    {" {\"objects\" : [ {\"a\" : [1, \"\\u0041\"]} , 7 ,\"x\\n\", [ ] ] } ", PARCEL_TAXII, 0,
     "{\"a\" : [1, \"\\u0041\"]}|7|\"x\\n\"|[ ]"},
    {"{\"objects\":[{}],\"objects\":[{\"b\":1}]}", PARCEL_TAXII, ERR_INVALID, ""},
    {"{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":[{},{}]}", PARCEL_STIX, 0, "{}|{}"},
    {"[{},{\"a\":1}]", PARCEL_STIX, 0, "{}|{\"a\":1}"},
    {"{\"objects\":[{}],\"type\":\"x-own\"}", PARCEL_STIX, 0,
     "{\"objects\":[{}],\"type\":\"x-own\"}"},
    {"7", PARCEL_STIX, ERR_INVALID, ""},
    {"", PARCEL_STIX, ERR_INVALID, ""},
    {"{} {}", PARCEL_STIX, ERR_INVALID, ""},
};

static void
test_envelopes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(envelopes); i++) {
        struct parcel e;
        struct errinfo ei = {0};
        char *text = strdup(envelopes[i].text);
        AUTO_BUF(told, 1024);

        assert_int_equal(parcel_read(text, strlen(text), envelopes[i].form, 9, &e, &ei),
                         envelopes[i].err);
        for (size_t at = 0; envelopes[i].err == 0 && at < e.count; at++) {
            buf_text(&told, at == 0 ? "" : "|");
            buf_slice(&told, e.at[at]);
        }
        buf_char(&told, '\0');
        assert_string_equal(told.ptr, envelopes[i].objects);
        parcel_release(&e);
        free(text);
    }
}

/* Parts hold all, in their order, within their limits. */
static void
test_parts(void **state)
{
    uint64_t seed = 7;

    (void)state;
    for (unsigned round = 0; round < 20; round++) {
        static const char zeroes[PARCEL_PART + 100];
        struct slice at[500];
        struct parcel e = {.at = at, .count = 1 + next_random(&seed) % COUNT(at)};
        size_t from = 0;

        for (size_t i = 0; i < e.count; i++)
            at[i] = (struct slice){zeroes, next_random(&seed) % 20 == 0
                                               ? sizeof zeroes - next_random(&seed) % 200
                                               : next_random(&seed) % 99999};
        while (from < e.count) {
            size_t to = parcel_part(&e, from);
            size_t bytes = 0;

            assert_true(to > from);
            for (size_t i = from; i < to; i++)
                bytes += at[i].len;
            assert_true(to == from + 1 || bytes <= PARCEL_PART);
            from = to;
        }
    }
}

/* ---- addresses --------------------------------------------------------------------------- */

static const struct {
    const char *base;
    const char *ref; /* NULL: base alone */
    const char *link;
} links[] = {
    {"https://h.example", NULL, "https://h.example/"},
    {"https://h.example:8443/taxii2", NULL, "https://h.example:8443/taxii2/"},
    {"http://127.0.0.1:80/a/", NULL, "http://127.0.0.1:80/a/"},
    {"http://[::1]/a/", NULL, "http://[::1]/a/"},
    {"http://h.example/", NULL, NULL},
    {"http://127.0.0.1.h.example/", NULL, NULL},
    {"http://[::1].h.example/", NULL, NULL},
    {"ftp://h.example/", NULL, NULL},
    {"https://me@h.example/", NULL, NULL},
    {"https://h.example/?a", NULL, NULL},
    {"https://h.example/a b", NULL, NULL},
    {"https:///a", NULL, NULL},
    {"https://h.example/taxii2/", "/base/", "https://h.example/base/"},
    {"https://h.example/taxii2/", "base", "https://h.example/taxii2/base/"},
    {"https://h.example/taxii2/", "https://i.example/r", "https://i.example/r/"},
    {"https://h.example/taxii2/", "http://i.example/r", NULL},
    {"https://h.example/taxii2/", "//i.example/r", NULL},
    {"https://h.example/taxii2/", "file:/etc", NULL},
};

static void
test_links(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(links); i++) {
        struct taxii_link l;
        struct errinfo ei = {0};
        AUTO_BUF(told, 1024);
        int r = link_read(slice_of(links[i].base), &l, &ei);

        if (links[i].ref != NULL) {
            struct taxii_link base = l;

            assert_int_equal(r, 0);
            r = link_join(&base, slice_of(links[i].ref), &l, &ei);
        }
        if (r == 0)
            link_put(&l, &told);
        buf_char(&told, '\0');
        assert_string_equal(told.ptr, links[i].link == NULL ? "" : links[i].link);
        assert_int_equal(r, links[i].link == NULL ? ERR_CONF : 0);
    }
}

static void
test_discovery(void **state)
{
    static const struct {
        const char *body;
        int err;
        enum discovered what;
        unsigned count;
    } rows[] = {
        {"{\"title\":\"t\",\"api_roots\":[\"/a/\",\"https://h/b/\"]}", 0, DISCOVERED_SERVER, 2},
        {"{\"title\":\"t\"}", ERR_INVALID, 0, 0},
        {"{\"title\":\"t\",\"versions\":[],\"max_content_length\":9}", 0, DISCOVERED_ROOT, 0},
        {"{\"collections\":[{\"id\":\"1\",\"can_read\":true},{\"id\":\"2\"}]}", 0,
         DISCOVERED_COLLECTIONS, 2},
        {"{}", 0, DISCOVERED_COLLECTIONS, 0},
        {"{\"id\":\"1\",\"title\":\"t\",\"can_read\":true}", 0, DISCOVERED_ONE, 1},
        {"{\"api_roots\":7}", ERR_INVALID, 0, 0},
        {"[]", ERR_INVALID, 0, 0},
        {"<html>", ERR_INVALID, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct discovery d;
        struct errinfo ei = {0};
        char *body = strdup(rows[i].body);
        AUTO_ARENA(arena);

        assert_int_equal(arena_init(&arena, 65536), 0);
        assert_int_equal(discover_read(body, strlen(body), &arena, &d, &ei), rows[i].err);
        if (rows[i].err == 0) {
            assert_int_equal(d.what, rows[i].what);
            assert_int_equal(d.count, rows[i].count);
        }
        free(body);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),     cmocka_unit_test(test_resume),
        cmocka_unit_test(test_used_up),   cmocka_unit_test(test_still),
        cmocka_unit_test(test_by_date),   cmocka_unit_test(test_waits),
        cmocka_unit_test(test_guards),    cmocka_unit_test(test_circle),
        cmocka_unit_test(test_limits),    cmocka_unit_test(test_envelopes),
        cmocka_unit_test(test_parts),     cmocka_unit_test(test_links),
        cmocka_unit_test(test_discovery),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
