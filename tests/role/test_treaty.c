/* What a node adopts and what it refuses, with real notes: test_treaty PACT ANNEX REFUSALS.
 * With -update as the first argument the refusals are printed anew. */
#include "treaty_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/statement.h"
#include "ledger/ledger.h"
#include "note/note.h"
#include "pact/denounce.h"
#include "role/node.h"
#include "role/node_keys.h"
#include "role/peers.h"
#include "role/treaty.h"
#include "store/pacts.h"

static const char *refusals;
static bool update;

/* ---- refusals --------------------------------------------------------------------------- */

static void
unescape(char *s)
{
    char *to = s;

    for (; *s != '\0'; s++) {
        if (s[0] == '\\' && s[1] == 'n') {
            *to++ = '\n';
            s++;
        } else {
            *to++ = *s;
        }
    }
    *to = '\0';
}

static void
try_one(struct scratch *s, const char *what, const char *by, const char *from, const char *into,
        char got[512])
{
    static char text[TEXT_MAX];
    static char out[TEXT_MAX];
    uint64_t before = leaves(s);
    const char *at;
    int r;

    draft(what, text);
    at = strstr(text, from);
    if (at == NULL) {
        (void)snprintf(got, 512, "FAULT: this does not stand in it");
        return;
    }
    (void)snprintf(out, sizeof out, "%.*s%s%s", (int)(at - text), text, into,
                   at + strlen(from));
    fill(out, true);
    sign(out, by, &s->note[0]);
    s->document[0].bytes = buf_get(&s->note[0]);
    (void)snprintf(s->document[0].name, sizeof s->document[0].name, "%s", what);
    s->documents = 1;
    r = adopt(s);
    if (s->ei.line > 0)
        (void)snprintf(got, 512, "%d %s:%u:%u: %s", err_exit(r), s->ei.file, s->ei.line,
                       s->ei.column, s->ei.text);
    else
        (void)snprintf(got, 512, "%d %s: %s", err_exit(r), s->ei.file, s->ei.text);
    if (r == 0)
        (void)snprintf(got, 512, "taken");
    assert_true(r == 0 || s->refused);
    assert_true(r == 0 || leaves(s) == before);
}

static void
test_refusals(void **state)
{
    char *list = strdup(refusals);
    struct scratch *fresh = calloc(1, sizeof *fresh);
    struct scratch *base = calloc(1, sizeof *base);
    unsigned count = 0;
    unsigned faults = 0;
    char *save = NULL;
    char got[512];

    (void)state;
    begin(fresh);
    begin(base);
    put_base(base);
    for (char *line = strtok_r(list, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        char *from = strstr(line, " | ");
        char *into = from == NULL ? NULL : strstr(from + 3, " | ");
        char *want = into == NULL ? NULL : strstr(into + 3, " | ");
        char shown[2048];
        char node[16];
        char what[16];
        char by[16];

        if (line[0] == '#' && update)
            printf("%s\n", line);
        if (line[0] == '#' || want == NULL)
            continue;
        *want = '\0';
        (void)snprintf(shown, sizeof shown, "%s", line);
        *from = *into = '\0';
        unescape(from + 3);
        unescape(into + 3);
        assert_int_equal(sscanf(line, "%15s %15s %15s", node, what, by), 3);
        try_one(strcmp(node, "new") == 0 ? fresh : base, what, by, from + 3, into + 3, got);
        if (update)
            printf("%s | %s\n", shown, got);
        else if (strcmp(got, want + 3) != 0)
            printf("FAULT: %s\n  gives %s\n  not   %s\n", shown, got, want + 3);
        faults += !update && strcmp(got, want + 3) != 0;
        count++;
    }
    /* all of it left both as they were */
    put(fresh, "pact", "ab");
    put(fresh, "bland-1", "b");
    expect(fresh, 1, 0, 1, 0, 0);
    put(base, "pact", "ab");
    expect(base, 0, 0, 0, 0, 0);
    end(fresh);
    end(base);
    free(fresh);
    free(base);
    free(list);
    assert_int_equal(faults, 0);
    assert_true(count > 40);
}

/* ---- what is taken ---------------------------------------------------------------------- */

static void
test_order_and_twice(void **state)
{
    static struct scratch s;
    uint64_t before;

    (void)state;
    begin(&s);
    before = leaves(&s);
    put_base(&s);
    assert_int_equal(leaves(&s), before + 4); /* pact, annex, annex-seen, act */
    put(&s, "aland-1", "a");
    put(&s, "pact", "ab");
    put(&s, "bland-1", "b");
    put(&s, "bland-1", "b");
    expect(&s, 0, 0, 0, 0, 0);
    assert_int_equal(leaves(&s), before + 4);
    put(&s, "bland-3", "b"); /* the order of a call is not that of its documents */
    put(&s, "bland-2", "b");
    put(&s, "bland-2", "b");
    expect(&s, 0, 0, 2, 0, 2);
    put(&s, "aland-2", "a"); /* one that is wrong keeps all from being taken */
    put(&s, "bland-5", "b");
    assert_int_equal(adopt(&s), ERR_CONF);
    assert_true(s.refused);
    assert_string_equal(s.ei.file, "bland-5");
    put(&s, "aland-2", "a");
    expect(&s, 0, 1, 0, 0, 0);
    end(&s);
}

/* Nothing is acknowledged under a key that nobody can look up. */
static void
test_acknowledges_late(void **state)
{
    static struct scratch s;
    struct store_pact_note which = {.kind = PACT_NOTE_SEEN,
                                    .pact = SLICE("aland-bland"),
                                    .party = SLICE("bland"),
                                    .by = SLICE("aland"),
                                    .sequence = 1};
    struct store_pact_note row;
    struct statement seen;
    struct role_key key = {.party = SLICE("aland")};
    struct hash of;
    struct book *b;

    (void)state;
    begin(&s);
    put(&s, "pact", "ab");
    put(&s, "bland-1", "b");
    expect(&s, 1, 0, 1, 0, 0);
    assert_true(s.t.pending);
    assert_int_equal(treaty_step(&s.t, &s.ei), 0);
    assert_int_equal(store_get_pact_note(s.n.store, &which, &row), ERR_NOTFOUND);
    put(&s, "aland-1", "a");
    expect(&s, 0, 1, 0, 0, 1);
    assert_false(s.t.pending);
    assert_int_equal(store_get_pact_note(s.n.store, &which, &row), 0);
    assert_true(row.own);
    key.key = s.keys.key[NODE_MESSAGE].vkey;
    assert_int_equal(statement_verify(row.note, STATEMENT_SEEN, (struct role_keys){&key, 1},
                                      now_wall(NULL), &seen, &s.ei),
                     0);
    b = load(&s);
    assert_int_equal(statement_hash(&seen, "sha256", &of), 0);
    assert_true(hash_eq(&of, &b->pact[0].party[1].annex[0].sha256));
    (void)book_free(b);
    end(&s);
}

/* The key in use is not in the annex yet: it waits, and comes by itself. */
static void
test_acknowledges_by_itself(void **state)
{
    static struct scratch s;

    (void)state;
    begin(&s);
    s.t.key = NULL; /* no room for keys at the start */
    put(&s, "pact", "ab");
    put(&s, "bland-1", "b");
    put(&s, "aland-1", "a");
    expect(&s, 1, 1, 1, 0, 0);
    assert_true(s.t.pending);
    s.t.key = &s.keys.key[NODE_MESSAGE];
    assert_int_equal(treaty_step(&s.t, &s.ei), 0);
    assert_false(s.t.pending);
    put(&s, "bland-1", "b");
    expect(&s, 0, 0, 0, 0, 0);
    end(&s);
}

static void
test_amend_and_denounce(void **state)
{
    static struct scratch s;
    static char text[TEXT_MAX];
    struct book *b;

    (void)state;
    begin(&s);
    put_base(&s);
    put(&s, "end", "a");
    expect(&s, 0, 0, 0, 1, 0);
    put(&s, "end", "a");
    expect(&s, 0, 0, 0, 0, 0);
    b = load(&s);
    assert_true(b->pact[0].party[0].denounced.us != 0);
    assert_int_equal(b->pact[0].party[0].ends.us - b->pact[0].party[0].denounced.us,
                     INT64_C(90) * 86400 * 1000000);
    assert_int_equal(b->pact[0].party[1].ends.us, 0);
    assert_true(book_binds(&b->pact[0], 0, now_wall(NULL)));
    assert_false(book_binds(&b->pact[0], 0, b->pact[0].party[0].ends));
    assert_false(book_binds(&b->pact[0], 1, b->pact[0].party[0].ends)); /* to nobody */
    assert_false(book_binds(&b->pact[0], 1, (struct utime){0}));
    (void)book_free(b);
    put(&s, "pact-2", "ab"); /* and signs the next one: it is taken back */
    expect(&s, 1, 0, 0, 0, 0);
    b = load(&s);
    assert_int_equal(b->pact[0].party[0].ends.us, 0);
    assert_int_equal(b->pact[0].pact->version, 2);
    (void)book_free(b);
    /* another key of bland, and a third party: old and new keys sign */
    draft("pact-2", text);
    replace(text, "version: 2", "version: 3");
    b = load(&s);
    {
        char hex[2 * SHA256_SIZE + 1] = "";

        for (unsigned i = 0; i < SHA256_SIZE; i++)
            (void)snprintf(hex + 2 * (size_t)i, 3, "%02x", b->pact[0].pact->sha256.byte[i]);
        replace(text, "@pact@", hex);
    }
    (void)book_free(b);
    replace(text, "\n\ntime:",
            "\n  - {id: eve, name: Eve, role: cert, countries: [], key: \"@eve.party@\", "
            "log_origin: eve.example/detente/log}\n\ntime:");
    fill(text, true);
    sign(text, "ab", &s.note[0]);
    s.document[0].bytes = buf_get(&s.note[0]);
    s.documents = 1;
    assert_int_equal(adopt(&s), ERR_PROOF);
    sign(text, "abe", &s.note[0]);
    s.document[0].bytes = buf_get(&s.note[0]);
    s.documents = 1;
    expect(&s, 1, 0, 0, 0, 0);
    b = load(&s);
    assert_int_equal(b->pact[0].pact->parties, 3);
    (void)book_free(b);
    end(&s);
}

/* ---- what a counterpart publishes ------------------------------------------------------- */

static struct store_wanted
wanted(enum wanted_kind kind, const char *party, uint64_t sequence, struct slice note)
{
    struct store_wanted w = {.leaf = 70 + sequence,
                             .kind = kind,
                             .pact = SLICE("aland-bland"),
                             .party = slice_of(party),
                             .sequence = sequence};
    struct note n;
    struct errinfo ei;

    if (note_parse(note, NOTE_PACT_MAX, &n, &ei) == 0)
        w.sha256 = sha256_of(n.text.ptr, n.text.len);
    return w;
}

static int
hear(struct scratch *s, const struct store_wanted *w, struct slice note)
{
    const struct peers_open o = {.note = treaty_note, .arg = &s->t}; /* is of that type */
    struct book *b = load(s);
    int r = o.note(o.arg, w, &b->pact[0], note, &s->ei);

    (void)book_free(b);
    return r;
}

static void
test_annex_from_log(void **state)
{
    static struct scratch s;
    struct store_pact_note which = {.kind = PACT_NOTE_ANNEX,
                                    .pact = SLICE("aland-bland"),
                                    .party = SLICE("bland"),
                                    .by = {"", 0}};
    struct store_pact_note row;
    struct store_wanted w;
    uint64_t before;
    uint64_t changes;

    (void)state;
    begin(&s);
    put_base(&s);
    before = leaves(&s);
    changes = s.t.changes;
    /* the one that was adopted from a file */
    make("bland-1", "b", &s.note[0]);
    w = wanted(WANTED_ANNEX, "bland", 1, buf_get(&s.note[0]));
    assert_int_equal(hear(&s, &w, buf_get(&s.note[0])), 0);
    which.sequence = 1;
    assert_int_equal(store_get_pact_note(s.n.store, &which, &row), 0);
    assert_int_equal(row.leaf, 71);
    assert_int_equal(leaves(&s), before);
    assert_int_equal(s.t.changes, changes + 1);
    w.leaf = 99; /* the first leaf that names it dates it */
    assert_int_equal(hear(&s, &w, buf_get(&s.note[0])), 0);
    assert_int_equal(store_get_pact_note(s.n.store, &which, &row), 0);
    assert_int_equal(row.leaf, 71);
    w.sha256.byte[0] ^= 1; /* its log names two of one number */
    assert_int_equal(hear(&s, &w, buf_get(&s.note[0])), ERR_INVALID);
    /* a new one */
    make("bland-2", "e", &s.note[0]);
    w = wanted(WANTED_ANNEX, "bland", 2, buf_get(&s.note[0]));
    assert_int_equal(hear(&s, &w, buf_get(&s.note[0])), ERR_INVALID);
    assert_non_null(strstr(s.ei.text, "annex 2 of bland is not taken"));
    make("bland-2", "b", &s.note[0]);
    w.party = SLICE("aland");
    assert_int_equal(hear(&s, &w, buf_get(&s.note[0])), ERR_INVALID);
    w.party = SLICE("bland");
    w.sequence = 3;
    assert_int_equal(hear(&s, &w, buf_get(&s.note[0])), ERR_INVALID);
    w.sequence = 2;
    assert_int_equal(hear(&s, &w, SLICE("garbage")), ERR_INVALID);
    make("bland-3", "b", &s.note[1]); /* a gap */
    {
        struct store_wanted gap = wanted(WANTED_ANNEX, "bland", 3, buf_get(&s.note[1]));

        assert_int_equal(hear(&s, &gap, buf_get(&s.note[1])), ERR_INVALID);
    }
    make("pact-2", "ab", &s.note[1]);
    {
        struct store_wanted other = wanted(WANTED_ANNEX, "bland", 2, buf_get(&s.note[1]));

        assert_int_equal(hear(&s, &other, buf_get(&s.note[1])), ERR_INVALID);
    }
    assert_int_equal(leaves(&s), before);
    assert_int_equal(hear(&s, &w, buf_get(&s.note[0])), 0);
    which.sequence = 2;
    assert_int_equal(store_get_pact_note(s.n.store, &which, &row), 0);
    assert_int_equal(row.leaf, 72);
    assert_int_equal(leaves(&s), before + 1); /* annex-seen, and no act of a person */
    assert_int_equal(hear(&s, &w, buf_get(&s.note[0])), 0);
    assert_int_equal(leaves(&s), before + 1);
    end(&s);
}

static void
say_seen(struct buf *to, struct store_wanted *w, const struct skey *key)
{
    const struct leaf_value values[] = {
        LEAF_TEXT("pact", w->pact), LEAF_TEXT("party", w->party),
        LEAF_NUMBER("sequence", w->sequence), LEAF_HASH("sha256", &w->sha256)};
    struct errinfo ei;

    buf_reset(to);
    assert_int_equal(statement_write(to, STATEMENT_SEEN, now_wall(NULL),
                                     (struct leaf_values){values, 4}, key, &ei),
                     0);
}

static void
test_seen_from_log(void **state)
{
    static struct scratch s;
    struct store_pact_note which = {.kind = PACT_NOTE_SEEN,
                                    .pact = SLICE("aland-bland"),
                                    .party = SLICE("aland"),
                                    .by = SLICE("bland"),
                                    .sequence = 1};
    struct store_pact_note row;
    struct store_wanted w;
    uint64_t before;

    (void)state;
    begin(&s);
    put_base(&s);
    before = leaves(&s);
    make("aland-1", "a", &s.note[0]);
    w = wanted(WANTED_SEEN, "aland", 1, buf_get(&s.note[0])); /* the leaf names the annex */
    say_seen(&s.note[1], &w, &keys.eve);
    assert_int_equal(hear(&s, &w, buf_get(&s.note[1])), ERR_INVALID);
    say_seen(&s.note[1], &w, &s.keys.key[NODE_MESSAGE]); /* nobody sees its own */
    assert_int_equal(hear(&s, &w, buf_get(&s.note[1])), ERR_INVALID);
    assert_int_equal(hear(&s, &w, SLICE("garbage")), ERR_INVALID);
    say_seen(&s.note[1], &w, &keys.bland_message);
    w.sequence = 2;
    assert_int_equal(hear(&s, &w, buf_get(&s.note[1])), ERR_INVALID);
    say_seen(&s.note[2], &w, &keys.bland_message); /* one that is not here */
    assert_int_equal(hear(&s, &w, buf_get(&s.note[2])), ERR_INVALID);
    w.sequence = 1;
    w.sha256.byte[0] ^= 1;
    assert_int_equal(hear(&s, &w, buf_get(&s.note[1])), ERR_INVALID);
    say_seen(&s.note[2], &w, &keys.bland_message); /* other bytes than were signed */
    assert_int_equal(hear(&s, &w, buf_get(&s.note[2])), ERR_INVALID);
    w.sha256.byte[0] ^= 1;
    assert_int_equal(store_get_pact_note(s.n.store, &which, &row), ERR_NOTFOUND);
    assert_int_equal(hear(&s, &w, buf_get(&s.note[1])), 0);
    assert_int_equal(store_get_pact_note(s.n.store, &which, &row), 0);
    assert_int_equal(row.leaf, w.leaf);
    assert_false(row.own);
    assert_int_equal(hear(&s, &w, buf_get(&s.note[1])), 0);
    assert_int_equal(leaves(&s), before);
    end(&s);
}

/* The longest lists that are read cost no more than sorting: by pairs they took seconds. */
static void
test_long_lists(void **state)
{
    enum { PREFIXES = 9800, ROOM = 1 << 20 };
    const char *const nets[] = {"16", "64"};
    char *text = malloc(ROOM);
    struct annex *a[2] = {NULL, NULL};
    struct errinfo ei = {0};

    (void)state;
    for (int n = 0; n < 2; n++) {
        static char one[TEXT_MAX];
        char *at;
        int len;

        draft(n == 0 ? "aland-1" : "bland-1", one);
        fill(one, true);
        at = strstr(one, "v4: [");
        assert_non_null(at);
        len = snprintf(text, ROOM, "%.*sv4: [", (int)(at - one), one);
        for (unsigned i = 0; i < PREFIXES; i++)
            len += snprintf(text + len, ROOM - (size_t)len, "%s%s.%u.%u.0/24",
                            i == 0 ? "" : ",", nets[n], i >> 8, i & 255);
        (void)snprintf(text + len, ROOM - (size_t)len, "%s", strchr(at, ']'));
        at = strstr(text, "sensors:\n");
        assert_non_null(at);
        memset(at, ' ', (size_t)(strchr(at + 9, '\n') - at)); /* and the one it lists */
        memcpy(at, "sensors: []", 11);
        if (annex_read(slice_of(text), &a[n], NULL, NULL, &ei) < 0)
            fail_msg("%u:%u: %s", ei.line, ei.column, ei.text);
    }
    assert_int_equal(annex_apart(a[0], a[1], &ei), 0);
    assert_int_equal(annex_apart(a[0], a[0], &ei), ERR_CONF);
    (void)annex_free(a[0]);
    (void)annex_free(a[1]);
    free(text);
}

int
main(int argc, char **argv)
{
    static char list[TEXT_MAX];
    FILE *f;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_order_and_twice),
                                       cmocka_unit_test(test_acknowledges_late),
                                       cmocka_unit_test(test_acknowledges_by_itself),
                                       cmocka_unit_test(test_amend_and_denounce),
                                       cmocka_unit_test(test_annex_from_log),
                                       cmocka_unit_test(test_seen_from_log),
                                       cmocka_unit_test(test_long_lists)};

    update = strcmp(argv[1], "-update") == 0;
    if (key_init() < 0)
        return 1;
    treaty_set(argv[argc - 3], argv[argc - 2]);
    f = fopen(argv[argc - 1], "r");
    if (f == NULL || fread(list, 1, sizeof list - 1, f) == 0) {
        perror(argv[argc - 1]);
        return 1;
    }
    (void)fclose(f);
    refusals = list;
    return update ? cmocka_run_group_tests_name("update", (struct CMUnitTest[]){tests[0]}, NULL,
                                                NULL)
                  : cmocka_run_group_tests(tests, NULL, NULL);
}
