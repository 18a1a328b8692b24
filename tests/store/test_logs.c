/* A log that ended and the one that goes on in the same tables: each has its entries, tiles,
 * notes and cosignatures, and none of the other's; a rolled back end is none. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/cosigned.h"
#include "store/store.h"

enum { LEAVES = 700 /* of the first: more than two full tiles */, SECOND = 300 };

struct scratch {
    char dir[64];
    struct store *store;
    struct skey key[2];
    struct hash root[2];
};

static void
begin(struct scratch *s)
{
    static const char *const names[2] = {"one.example/log", "one.example/log/2"};
    struct errinfo ei = {0};

    *s = (struct scratch){.dir = "/tmp/detente-test.XXXXXX"};
    assert_int_equal(key_init(), 0);
    assert_non_null(mkdtemp(s->dir));
    assert_int_equal(store_open(s->dir, STORE_CREATE, &s->store, &ei), 0);
    for (unsigned i = 0; i < 2; i++) {
        uint8_t seed[KEY_SEED] = {(uint8_t)(i + 1)};

        assert_int_equal(skey_make(slice_of(names[i]), KEY_ED25519, seed, &s->key[i]), 0);
    }
}

static void
end(struct scratch *s)
{
    char command[128];

    s->store = store_close(s->store);
    (void)snprintf(command, sizeof command, "rm -r %s", s->dir);
    assert_int_equal(system(command), 0);
}

static void
text_of(unsigned log, unsigned n, char to[32])
{
    (void)snprintf(to, 32, "log %u entry %u", log, n);
}

/* Entries of one log behind those that are there, and a checkpoint of them; in a transaction of
 * the caller. */
static void
append(struct scratch *s, unsigned log, unsigned count)
{
    struct ledger_storage storage;
    struct errinfo ei = {0};
    struct ledger *l;
    uint64_t size;

    store_ledger(s->store, &storage);
    assert_int_equal(store_ledger_size(s->store, &size), 0);
    assert_int_equal(ledger_open(&storage, size, &l, &ei), 0);
    for (unsigned i = 0; i < count; i++) {
        char text[32];
        uint64_t leaf;

        text_of(log, (unsigned)size + i, text);
        assert_int_equal(ledger_append(l, slice_of(text), &leaf), 0);
        assert_int_equal(ledger_index(leaf), size + i);
        assert_int_equal(ledger_generation(leaf), log + 1);
    }
    assert_int_equal(ledger_sign(l, &s->key[log], NULL, &ei), 0);
    ledger_commit(l);
    assert_int_equal(ledger_root(l, size + count, &s->root[log]), 0);
    (void)ledger_free(l);
}

static void
cosign(struct scratch *s, uint64_t size, int64_t at)
{
    const struct store_cosigned c = {.role = COSIGNER_WITNESS,
                                     .name = SLICE("two.example/witness"),
                                     .key = 7,
                                     .size = size,
                                     .at = {at},
                                     .line = SLICE("line\n")};

    assert_int_equal(store_put_cosigned(s->store, &c), 0);
}

/* LEAVES of the first with a cosignature over 500 at 10, SECOND of the next with one over 200
 * at 20. */
static void
fill(struct scratch *s)
{
    char vkey[VKEY_TEXT];

    assert_int_equal(store_begin(s->store), 0);
    (void)vkey_format(&s->key[0].vkey, vkey);
    assert_int_equal(store_put_meta(s->store, "vkey", slice_of(vkey)), 0);
    append(s, 0, LEAVES);
    cosign(s, 500, 10);
    assert_int_equal(store_commit(s->store), 0);
    assert_int_equal(store_begin(s->store), 0);
    (void)vkey_format(&s->key[1].vkey, vkey);
    assert_int_equal(store_end_log(s->store, slice_of(vkey)), 0);
    append(s, 1, SECOND);
    cosign(s, 200, 20);
    assert_int_equal(store_commit(s->store), 0);
}

static int
same_text(void *arg, uint64_t index, struct slice entry)
{
    char text[32];

    text_of(*(unsigned *)arg, (unsigned)index, text);
    assert_true(slice_is(entry, text));
    return 0;
}

/* Read anew from the storage: every entry, and a root that only its own tiles and entries
 * give. */
static void
check_log(struct scratch *s, unsigned log, uint64_t want)
{
    struct store_log keep;
    struct ledger_storage storage;
    struct errinfo ei = {0};
    struct ledger_check checked;
    struct vkey key;
    AUTO_BUF(text, VKEY_TEXT);
    uint64_t size;

    assert_int_equal(store_ledger_of(s->store, log + 1, &keep, &storage, &size), 0);
    assert_int_equal(size, want);
    assert_int_equal(storage.get_entries(storage.self, 0, size, same_text, &log), 0);
    assert_int_equal(storage.get_entries(storage.self, size, 1, same_text, &log), ERR_NOTFOUND);
    assert_int_equal(store_get_log_key(s->store, log + 1, &text), 0);
    assert_int_equal(vkey_parse(buf_get(&text), &key), 0);
    assert_true(vkey_eq(&key, &s->key[log].vkey));
    assert_int_equal(ledger_fsck(&storage, size, &key, &checked, &ei), 0);
    assert_int_equal(checked.entries, want);
    assert_true(hash_eq(&checked.head.root, &s->root[log]));
}

static void
each_log_has_its_own(void **state)
{
    struct scratch s;
    struct errinfo ei = {0};

    (void)state;
    begin(&s);
    fill(&s);
    s.store = store_close(s.store);
    assert_int_equal(store_open(s.dir, STORE_WRITE, &s.store, &ei), 0);
    assert_int_equal(store_generation(s.store), 2);
    check_log(&s, 0, LEAVES);
    check_log(&s, 1, SECOND);
    assert_int_equal(store_look_at(s.store, 1), 0);
    check_log(&s, 0, LEAVES);
    assert_int_equal(store_look_at(s.store, 3), ERR_NOTFOUND);
    end(&s);
}

static int
count_note(void *arg, uint64_t size, struct slice note)
{
    uint64_t *seen = arg;

    (void)note;
    *seen = *seen * 1000 + size;
    return 0;
}

static void
notes_and_cosignatures_are_of_their_log(void **state)
{
    static const struct {
        uint64_t leaf;
        uint64_t cover; /* 0: none */
        int64_t before;
        int64_t after;
    } want[] = {{0, 500, 0, 10},
                {499, 500, 0, 10},
                {500, 0, 10, 20}, /* the next log's second leaf holds this one's tree */
                {LEDGER_SIZE_MAX + 1, 200, 10, 20},
                {LEDGER_SIZE_MAX + 200, 200, 10, 20},
                {LEDGER_SIZE_MAX + 201, 0, 20, 0}};
    struct scratch s;
    struct utime at;
    uint64_t size;
    uint64_t seen = 0;

    (void)state;
    begin(&s);
    fill(&s);
    for (unsigned i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct store_bounds b;
        int r = want[i].cover == 0 ? ERR_NOTFOUND : 0;

        assert_int_equal(store_cosigned_cover(s.store, want[i].leaf, &size), r);
        assert_int_equal(r == 0 ? size : 0, want[i].cover);
        assert_int_equal(store_cosigned_best(s.store, want[i].leaf, &size), r);
        assert_int_equal(r == 0 ? size : 0, want[i].cover);
        assert_int_equal(store_cosigned_bounds(s.store, COSIGNER_WITNESS,
                                               SLICE("two.example/witness"), want[i].leaf, &b),
                         0);
        assert_int_equal(b.before.us, want[i].before);
        assert_int_equal(b.after.us, want[i].after);
    }
    assert_int_equal(store_newest_cosigned(s.store, COSIGNER_WITNESS,
                                           SLICE("two.example/witness"), &size, &at),
                     0);
    assert_int_equal(size, 200);
    assert_int_equal(at.us, 20);
    assert_int_equal(store_each_note(s.store, 0, 0, LEAVES, count_note, &seen), 0);
    assert_int_equal(seen, LEAVES);
    seen = 0;
    assert_int_equal(
        store_each_note(s.store, LEDGER_SIZE_MAX + 1, 0, SECOND, count_note, &seen), 0);
    assert_int_equal(seen, SECOND);
    end(&s);
}

static void
an_end_that_was_rolled_back_is_none(void **state)
{
    struct scratch s;
    struct errinfo ei = {0};

    (void)state;
    begin(&s);
    assert_int_equal(store_begin(s.store), 0);
    assert_int_equal(store_put_meta(s.store, "vkey", SLICE("first")), 0);
    append(&s, 0, 3);
    assert_int_equal(store_commit(s.store), 0);
    assert_int_equal(store_begin(s.store), 0);
    assert_int_equal(store_end_log(s.store, SLICE("second")), 0);
    append(&s, 1, 3);
    store_rollback(s.store);
    s.store = store_close(s.store);
    assert_int_equal(store_open(s.dir, STORE_WRITE, &s.store, &ei), 0);
    assert_int_equal(store_generation(s.store), 1);
    assert_int_equal(store_begin(s.store), 0);
    append(&s, 0, 2);
    assert_int_equal(store_commit(s.store), 0);
    end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_log_has_its_own),
        cmocka_unit_test(notes_and_cosignatures_are_of_their_log),
        cmocka_unit_test(an_end_that_was_rolled_back_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
