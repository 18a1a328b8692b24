/* Batches of records against the document they were cut from: whatever the pieces and the size,
 * each record comes once, in order, whole. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "wire/batch.h"
#include "wire/walk.h"

struct got {
    struct buf all; /* each record and LF */
    unsigned batches;
    bool members;
    unsigned fail_at; /* this batch says that its first record is wrong */
};

/* Records of a batch by brackets alone, blanks left out. */
static void
records_of(struct got *g, const char *p, size_t len)
{
    unsigned depth = 0;
    bool string = false;
    bool wrapped = len > 0 && (p[0] == '[' || g->members);

    for (size_t i = wrapped ? 1 : 0; i < len - (wrapped ? 1 : 0); i++) {
        char c = p[i];

        if (string) {
            buf_char(&g->all, c);
            if (c == '\\')
                buf_char(&g->all, p[++i]);
            else if (c == '"')
                string = false;
            continue;
        }
        if (strchr(" \n\t\r", c) != NULL || (c == ',' && depth == 0))
            continue;
        string = c == '"';
        buf_char(&g->all, c);
        if (c == '{' || c == '[')
            depth++;
        if ((c == '}' || c == ']') && --depth == 0)
            buf_char(&g->all, '\n');
    }
}

static int
take(void *arg, char *text, size_t len, struct errinfo *ei)
{
    struct got *g = arg;
    struct walk w;

    g->batches++;
    assert_int_equal(walk_open(&w, text, len, ei), 0); /* it is JSON */
    walk_close(&w);
    if (g->batches == g->fail_at)
        return err_at(ei, ERR_INVALID, 1, 1, "wrong");
    records_of(g, text, len);
    return 0;
}

static int
feed(struct batch *b, const char *doc, size_t piece, struct errinfo *ei)
{
    size_t len = strlen(doc);
    int r = 0;

    for (size_t i = 0; r == 0 && i < len; i += piece)
        r = batch_feed(b, (struct slice){doc + i, len - i < piece ? len - i : piece}, ei);
    return r != 0 ? r : batch_end(b, ei);
}

static void
whole(const char *doc, const char *member, bool members, const char *want, const char *head)
{
    for (size_t piece = 1; piece < 40; piece++) {
        for (size_t size = 1; size < 60; size += 7) {
            struct got g = {.all = {.max = 1 << 20}, .members = members};
            struct batch b;
            struct errinfo ei = {0};

            batch_init(&b, member, members, take, &g);
            b.want = size;
            assert_int_equal(feed(&b, doc, piece, &ei), 0);
            buf_char(&g.all, '\0');
            assert_string_equal(g.all.ptr, want);
            assert_true(slice_is(batch_head(&b), head));
            batch_release(&b);
            buf_release(&g.all);
        }
    }
}

static void
every_shape(void **state)
{
    (void)state;
    whole("[{\"a\":1}, {\"b\":[{}]},\n{\"c\":\"],[\\\"\"}]\n", NULL, false,
          "{\"a\":1}\n{\"b\":[{}]}\n{\"c\":\"],[\\\"\"}\n", "");
    whole("{\"a\":1}\n{\"b\":2}\n\n{\"c\":{}}", NULL, false,
          "{\"a\":1}\n{\"b\":2}\n{\"c\":{}}\n", "");
    whole(
        "{\"n\":3,\"of\":\"of\",\"x\":{\"of\":[1]},\"of\":[{\"a\":\"}\"},{\"b\":2}],\"t\":[7]}",
        "of", false, "{\"a\":\"}\"}\n{\"b\":2}\n",
        "{\"n\":3,\"of\":\"of\",\"x\":{\"of\":[1]},\"of\":[],\"t\":[7]}");
    /* no such member: the object is a record itself, and so are those behind it */
    whole("{\"a\":1}\n{\"b\":{\"of\":[]}}\n", "of", false, "{\"a\":1}\n{\"b\":{\"of\":[]}}\n",
          "");
    whole("{\"p\":{\"x\":1},\n \"q\":{\"y\":{}}}", NULL, true,
          "\"p\":{\"x\":1}\n\"q\":{\"y\":{}}\n", "");
    whole("[]", NULL, false, "", "");
    whole("", NULL, false, "", "");
}

static void
refuse(const char *doc, const char *member, unsigned line, unsigned column)
{
    struct got g = {.all = {.max = 1 << 20}};
    struct batch b;
    struct errinfo ei = {0};

    batch_init(&b, member, false, take, &g);
    assert_int_equal(feed(&b, doc, 3, &ei), ERR_INVALID);
    assert_int_equal(ei.line, line);
    assert_int_equal(ei.column, column);
    batch_release(&b);
    buf_release(&g.all);
}

static void
what_is_none(void **state)
{
    (void)state;
    refuse("[{\"a\":1}", NULL, 1, 9);
    refuse("[{\"a\":\n\"1}", NULL, 2, 1);
    refuse("[{\"a\":\n \"1},\n{\"b\":2}]", NULL, 2, 2);
    refuse("{\"of\":[{}],\n\"a}", "of", 2, 1);
    refuse("{\"a\":\"b}\n{\"a\":\"b\"}\n", NULL, 1, 6);
    refuse("]", NULL, 1, 1);
    refuse("[{}]\n 7", NULL, 2, 2);
    refuse("{\"of\":[{}]}{}", "of", 1, 12);
}

/* The place in the document of a fault that a batch has. */
static void
places(void **state)
{
    const char *doc = "[{\"a\":1},{\"b\":2},\n {\"c\":3},{\"d\":4}]";
    const struct {
        unsigned batch, line, column;
    } want[] = {{1, 1, 1}, {2, 1, 9}, {3, 1, 17}, {4, 2, 9}};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct got g = {.all = {.max = 1 << 20}, .fail_at = want[i].batch};
        struct batch b;
        struct errinfo ei = {0};

        batch_init(&b, NULL, false, take, &g);
        b.want = 1;
        assert_int_equal(feed(&b, doc, 5, &ei), ERR_INVALID);
        assert_int_equal(ei.line, want[i].line);
        assert_int_equal(ei.column, want[i].column);
        batch_release(&b);
        buf_release(&g.all);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_shape),
                                       cmocka_unit_test(what_is_none),
                                       cmocka_unit_test(places)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
