#include "ledger/leaf.h"

#include "ledger/tree.h"
#include "unit.h"
#include "wire/jcs.h"

static const struct utime at = {1772366400000000};
static const struct hash some = {{1, 2, 3}};
#define SOME "0102030000000000000000000000000000000000000000000000000000000000"
#define AT   "2026-03-01T12:00:00.000000Z"

static void
assert_written(struct buf *b, const char *want)
{
    struct leaf l;

    assert_true(slice_is(buf_get(b), want));
    leaf_read(buf_get(b), &l);
    assert_int_equal(l.reading, LEAF_KNOWN);
    assert_int_equal(l.at.us, at.us);
    buf_reset(b);
}

static void
each_writer_writes_its_form(void **state)
{
    struct leaf_total totals[] = {{SLICE("other"), 1, 2}, {SLICE("a:b"), 3, 4}};
    struct leaf_span spans[] = {{0, 1}, {3, 4095}};
    struct slice names[] = {SLICE("b.example/witness")};
    AUTO_BUF(b, LEAF_WRITE_MAX);

    (void)state;
    assert_int_equal(
        leaf_write_start(&b, at,
                         &(struct leaf_start){SLICE("a.example/log"), 1, SLICE("a1"),
                                              SLICE("detente \"x\""), false},
                         NULL),
        0);
    assert_written(&b, "detente/start/1\n{\"at\":\"" AT
                       "\",\"generation\":1,\"origin\":\"a.example/log\",\"party\":\"a1\","
                       "\"software\":\"detente \\\"x\\\"\",\"test\":false}");
    assert_int_equal(leaf_write_block(&b, at,
                                      &(struct leaf_block){7, 4, UINT64_MAX, at, at, totals, 2,
                                                           some, some, NULL, 9},
                                      NULL),
                     0);
    assert_written(&b,
                   "detente/block/1\n{\"at\":\"" AT
                   "\",\"block\":7,\"count\":9007199254740991,\"events\":4,\"figures\":\"" SOME
                   "\",\"first\":\"" AT "\",\"format\":\"event/v1\",\"last\":\"" AT
                   "\",\"root\":\"" SOME
                   "\",\"size\":9,\"tables\":\"\",\"totals\":[[\"a:b\",3,4],[\"other\",1,2]]}");
    assert_int_equal(
        leaf_write_heartbeat(&b, at, &(struct leaf_heartbeat){at, at, 1, 2, 3, some}, NULL), 0);
    assert_written(&b, "detente/heartbeat/1\n{\"at\":\"" AT
                       "\",\"drops\":3,\"events\":1,\"figures\":\"" SOME "\",\"from\":\"" AT
                       "\",\"packets\":2,\"until\":\"" AT "\"}");
    assert_int_equal(leaf_write_gap(&b, at, &some, NULL), 0);
    assert_written(&b, "detente/gap/1\n{\"at\":\"" AT "\",\"detail\":\"" SOME "\"}");
    assert_int_equal(
        leaf_write_key(
            &b, at, &(struct leaf_key){true, SLICE("tls"), SLICE(SOME), at, {-1}, NULL}, NULL),
        0);
    assert_written(&b, "detente/key/1\n{\"action\":\"revoke\",\"annex\":\"\",\"at\":\"" AT
                       "\",\"from\":\"" AT "\",\"key\":\"" SOME
                       "\",\"role\":\"tls\",\"until\":\"\"}");
    assert_int_equal(leaf_write_erasure(&b, at,
                                        &(struct leaf_erasure){8, SLICE("private"), spans, 2,
                                                               SLICE("retention:180d"), NULL},
                                        NULL),
                     0);
    assert_written(&b, "detente/erasure/1\n{\"at\":\"" AT
                       "\",\"block\":8,\"events\":[[0,1],[3,4095]],\"rule\":\"retention:180d\","
                       "\"scope\":\"private\",\"who\":\"\"}");
    assert_int_equal(
        leaf_write_restore(&b, at, &(struct leaf_restore){5, some, names, 1, SLICE("none")},
                           NULL),
        0);
    assert_written(&b,
                   "detente/restore/1\n{\"at\":\"" AT
                   "\",\"checked\":[\"b.example/witness\"],\"lost\":\"none\",\"root\":\"" SOME
                   "\",\"size\":5}");
}

static void
writers_refuse_what_no_reader_takes(void **state)
{
    struct leaf_span spans[] = {{5, 4}};
    struct errinfo ei = {.text = ""};
    AUTO_BUF(b, LEAF_WRITE_MAX);

    (void)state;
    assert_int_equal(leaf_write_start(&b, at,
                                      &(struct leaf_start){SLICE("no slash"), 1, SLICE("a1"),
                                                           SLICE("x"), false},
                                      &ei),
                     ERR_INVALID);
    assert_non_null(strstr(ei.text, "origin"));
    assert_int_equal(b.len, 0);
    assert_int_equal(
        leaf_write_erasure(
            &b, at, &(struct leaf_erasure){8, SLICE("raw"), spans, 1, SLICE("r"), NULL}, &ei),
        ERR_INVALID);
    assert_int_equal(leaf_write_gap(&b, (struct utime){-1}, &some, &ei), ERR_INVALID);
    assert_int_equal(leaf_write(&b, LEAF_GAP, at, (struct leaf_values){NULL, 0}, &ei),
                     ERR_INVALID);
    assert_non_null(strstr(ei.text, "detail"));
}

static const struct {
    const char *entry;
    enum leaf_reading reading;
} readings[] = {
    {"", LEAF_FOREIGN},
    {"\n", LEAF_FOREIGN},
    {"detente/gap/1", LEAF_FOREIGN},
    {"detente/gap/0\n{}", LEAF_FOREIGN},
    {"detente/gap/01\n{}", LEAF_FOREIGN},
    {"detente/gap/1\r\n{}", LEAF_FOREIGN},
    {"detente/gap/\n{}", LEAF_FOREIGN},
    {"detente/g/1\n{}", LEAF_FOREIGN},
    {"detente/Gap/1\n{}", LEAF_FOREIGN},
    {"detente/-gap/1\n{}", LEAF_FOREIGN},
    {"detente/event/1\n{}", LEAF_FOREIGN},
    {"detente/event/v1\nxx", LEAF_FOREIGN},
    {"other/gap/1\n{}", LEAF_FOREIGN},
    {"detente/gap/1/2\n{}", LEAF_FOREIGN},
    {"detente/gap/99999999999999999999\n{}", LEAF_FOREIGN},
    {"detente/gap/2\nanything", LEAF_NEWER},
    {"detente/annex-seen/9\n{}", LEAF_NEWER},
    {"detente/weather/1\n{}", LEAF_NEWER},
    {"detente/gap/1\n", LEAF_MALFORMED},
    {"detente/gap/1\n{}", LEAF_MALFORMED},
    {"detente/gap/1\n[]", LEAF_MALFORMED},
    {"detente/gap/1\n{\"at\":\"" AT "\",\"detail\":\"" SOME "\"}", LEAF_KNOWN},
    {"detente/gap/1\n{\"at\":\"" AT "\",\"detail\":\"" SOME "\"}\n", LEAF_MALFORMED},
    {"detente/gap/1\n{\"at\":\"" AT "\",\"detail\":\"" SOME "\",\"x\":1}", LEAF_MALFORMED},
    {"detente/gap/1\n{\"a\":1,\"at\":\"" AT "\",\"detail\":\"" SOME "\"}", LEAF_MALFORMED},
    {"detente/gap/1\n{\"at\":\"" AT "\",\"detail\":\"\"}", LEAF_MALFORMED},
    {"detente/gap/1\n{\"at\":\"" AT "\",\"detail\":7}", LEAF_MALFORMED},
    {"detente/gap/1\n{\"at\":\"2026-03-01T12:00:00Z\",\"detail\":\"" SOME "\"}",
     LEAF_MALFORMED},
    {"detente/gap/1\n{\"detail\":\"" SOME "\",\"at\":\"" AT "\"}", LEAF_MALFORMED},
    {"detente/gap/1\n{ \"at\":\"" AT "\",\"detail\":\"" SOME "\"}", LEAF_MALFORMED},
};

static void
entries_are_read_by_grammar(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(readings); i++) {
        struct leaf l;

        leaf_read(slice_of(readings[i].entry), &l);
        if (l.reading != readings[i].reading)
            fail_msg("%s: read as %s", readings[i].entry, leaf_reading_name(l.reading));
        assert_int_equal(l.reading == LEAF_MALFORMED, l.why[0] != '\0');
    }
}

/* Fields of many forms, and what each refuses. */
static void
forms_are_kept(void **state)
{
    static const struct {
        enum leaf_type type;
        const char *field;
        const char *good;
        const char *bad;
    } forms[] = {
        {LEAF_ACT, "object", "\"17-3\"", "\"indicator--00000000-0000-4000-8000-000000000000\""},
        {LEAF_ACT, "object", "\"\"", "\"17-4096 \""},
        {LEAF_ACT, "action", "\"incident.notice\"", "\"incident\""},
        {LEAF_ACT, "action", "\"a.b\"", "\"a.b.c\""},
        {LEAF_ACT, "role", "\"approver\"", "\"\""},
        {LEAF_EXPORT, "tlp", "\"TLP:RED\"", "\"TLP:red\""},
        {LEAF_EXPORT, "to", "\"\"", "\"A\""},
        {LEAF_EXPORT, "objects", "0", "-1"},
        {LEAF_MESSAGE, "incident", "\"\"", "\"northland-0\""},
        {LEAF_PACT, "event", "\"amendment\"", "\"amend\""},
        {LEAF_PACT, "supersedes", "\"\"", "\"00\""},
        {LEAF_ANNEX, "sequence", "1", "0"},
        {LEAF_RESTORE, "lost", "\"17\"", "\"some\""},
        {LEAF_RESTORE, "checked", "[]", "[\"a b\"]"},
        {LEAF_HOLD, "until", "\"\"", "\"soon\""},
        {LEAF_KEY, "key", "\"" SOME "\"", "\"a+b+c\""},
        {LEAF_ERASURE, "events", "[[0,0],[1,2]]", "[[0,1],[1,2]]"},
        {LEAF_ERASURE, "events", "[[0,4095]]", "[[0,4096]]"},
        {LEAF_ERASURE, "events", "[[3,3]]", "[[3]]"},
        {LEAF_BLOCK, "events", "4096", "4097"},
        {LEAF_BLOCK, "totals", "[[\"a:b\",1,1],[\"a:c\",1,1]]",
         "[[\"a:c\",1,1],[\"a:b\",1,1]]"},
        {LEAF_BLOCK, "totals", "[]", "[[\"a:b\",1,1],[\"a:b\",1,1]]"},
        {LEAF_BLOCK, "totals", "[[\"other\",0,0]]", "[[\"other\",0]]"},
        {LEAF_BLOCK, "format", "\"event/v1\"", "\"event/v2\""},
        {LEAF_START, "test", "true", "1"},
    };
#define LEAF_ALL                                                                              \
    LEAF_JSON("from", SLICE("\"" AT "\"")), LEAF_JSON("until", SLICE("\"" AT "\"")),          \
        LEAF_JSON("who", SLICE("\"" SOME "\"")), LEAF_JSON("detail", SLICE("\"" SOME "\"")),  \
        LEAF_JSON("root", SLICE("\"" SOME "\"")), LEAF_JSON("sha256", SLICE("\"" SOME "\"")), \
        LEAF_JSON("figures", SLICE("\"" SOME "\"")), LEAF_JSON("tables", SLICE("\"\"")),      \
        LEAF_JSON("annex", SLICE("\"\"")), LEAF_JSON("supersedes", SLICE("\"\"")),            \
        LEAF_JSON("pact", SLICE("\"p1\"")), LEAF_JSON("party", SLICE("\"a1\"")),              \
        LEAF_JSON("case", SLICE("\"c1\"")), LEAF_JSON("to", SLICE("\"a1\"")),                 \
        LEAF_JSON("incident", SLICE("\"a1-1\"")), LEAF_JSON("size", SLICE("1")),              \
        LEAF_JSON("sequence", SLICE("1")), LEAF_JSON("version", SLICE("1")),                  \
        LEAF_JSON("objects", SLICE("1")), LEAF_JSON("block", SLICE("1")),                     \
        LEAF_JSON("count", SLICE("1")), LEAF_JSON("generation", SLICE("1")),                  \
        LEAF_JSON("first", SLICE("\"" AT "\"")), LEAF_JSON("last", SLICE("\"" AT "\"")),      \
        LEAF_JSON("valid_from", SLICE("\"" AT "\"")), LEAF_JSON("rule", SLICE("\"r\"")),      \
        LEAF_JSON("scope", SLICE("\"raw\"")), LEAF_JSON("lost", SLICE("\"none\"")),           \
        LEAF_JSON("checked", SLICE("[]")), LEAF_JSON("exit", SLICE("\"cli\"")),               \
        LEAF_JSON("tlp", SLICE("\"TLP:RED\"")), LEAF_JSON("object", SLICE("\"\"")),           \
        LEAF_JSON("totals", SLICE("[]")), LEAF_JSON("format", SLICE("\"event/v1\"")),         \
        LEAF_JSON("software", SLICE("\"x\"")), LEAF_JSON("origin", SLICE("\"a/b\"")),         \
        LEAF_JSON("test", SLICE("true")), LEAF_JSON("key", SLICE("\"" SOME "\"")),            \
        LEAF_JSON("event", SLICE("\"version\""))

    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        bool act = forms[i].type == LEAF_ACT;
        bool hold = forms[i].type == LEAF_HOLD;
        const char *action = act ? "\"a.b\"" : hold ? "\"place\"" : "\"add\"";
        const char *events = forms[i].type == LEAF_ERASURE ? "[[0,0]]" : "1";

        for (int good = 0; good < 2; good++) {
            struct leaf_value values[] = {
                LEAF_JSON(forms[i].field, slice_of(good ? forms[i].good : forms[i].bad)),
                LEAF_JSON("action", slice_of(action)),
                LEAF_JSON("role", act ? SLICE("\"r\"") : SLICE("\"tls\"")),
                LEAF_JSON("events", slice_of(events)),
                LEAF_ALL,
            };
            struct errinfo ei = {.text = ""};
            AUTO_BUF(b, LEAF_WRITE_MAX);
            int err = leaf_write(&b, forms[i].type, at,
                                 (struct leaf_values){values, (unsigned)COUNT(values)}, &ei);

            if (err != (good ? 0 : ERR_INVALID))
                fail_msg("%s %s: %s", forms[i].field, good ? forms[i].good : forms[i].bad,
                         ei.text);
        }
    }
}

static void
fields_are_found(void **state)
{
    struct leaf l;
    struct slice text;
    struct hash h;
    struct utime t;
    uint64_t n;

    (void)state;
    leaf_read(SLICE("detente/received/1\n{\"at\":\"" AT
                    "\",\"from\":\"a1\",\"index\":3,\"pact\":\"p1\",\"sha256\":\"" SOME
                    "\",\"size\":4}"),
              &l);
    assert_int_equal(l.reading, LEAF_KNOWN);
    assert_int_equal(leaf_text(&l, "from", &text), 0);
    assert_true(slice_is(text, "a1"));
    assert_int_equal(leaf_number(&l, "size", &n), 0);
    assert_int_equal(n, 4);
    assert_int_equal(leaf_hash(&l, "sha256", &h), 0);
    assert_true(hash_eq(&h, &some));
    assert_int_equal(leaf_time(&l, "at", &t), 0);
    assert_int_equal(leaf_number(&l, "from", &n), ERR_NOTFOUND);
    assert_int_equal(leaf_text(&l, "to", &text), ERR_NOTFOUND);
}

static void
commitments_open(void **state)
{
    const uint8_t salt[LEAF_SALT] = {7};
    const uint8_t other[LEAF_SALT] = {8};
    struct leaf_figures rows[] = {{SLICE("s1"), 1, 2, 3, 4, 5, 6, true},
                                  {SLICE("s2"), 0, 0, 0, 0, 0, 0, false}};
    struct slice sensors[] = {SLICE("s1"), SLICE("s2")};
    struct leaf_gap gap = {at, at, sensors, 2, SLICE("drops"), SLICE("a \"b\"")};
    struct hash c;
    AUTO_BUF(b, 1000);

    (void)state;
    leaf_open_figures(&b, rows, 2);
    assert_true(
        slice_is(buf_get(&b), "[\"figures\",[\"s1\",1,2,3,4,5,6,1],[\"s2\",0,0,0,0,0,0,0]]"));
    c = leaf_commit(salt, buf_get(&b));
    assert_int_equal(leaf_commit_check(&c, salt, buf_get(&b), "figures"), 0);
    assert_int_equal(leaf_commit_check(&c, salt, buf_get(&b), "gap"), ERR_PROOF);
    assert_int_equal(leaf_commit_check(&c, other, buf_get(&b), "figures"), ERR_PROOF);
    buf_reset(&b);
    leaf_open_gap(&b, &gap);
    assert_true(slice_is(buf_get(&b), "[\"gap\",\"" AT "\",\"" AT
                                      "\",[\"s1\",\"s2\"],\"drops\",\"a \\\"b\\\"\"]"));
    assert_int_equal(leaf_commit_check(&c, salt, buf_get(&b), "gap"), ERR_PROOF);
    buf_reset(&b);
    leaf_open_person(&b, SLICE("u"), SLICE("r"));
    assert_true(slice_is(buf_get(&b), "[\"person\",\"u\",\"r\"]"));
    c = leaf_commit(salt, SLICE("[\"x\", 1]"));
    assert_int_equal(leaf_commit_check(&c, salt, SLICE("[\"x\", 1]"), "x"), ERR_PROOF);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_writer_writes_its_form),
        cmocka_unit_test(writers_refuse_what_no_reader_takes),
        cmocka_unit_test(entries_are_read_by_grammar),
        cmocka_unit_test(forms_are_kept),
        cmocka_unit_test(fields_are_found),
        cmocka_unit_test(commitments_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
