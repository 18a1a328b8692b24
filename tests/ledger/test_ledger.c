#include "ledger/ledger.h"

#include <stdlib.h>

#include "mem.h"
#include "note/checkpoint.h"
#include "unit.h"

enum { MANY = 66000 /* past a full tile of level 1 */ };

static struct skey key;

struct log {
    struct mem mem;
    struct ledger_storage s;
    struct ledger *l;
};

static int
setup(void **state)
{
    static const uint8_t seed[KEY_SEED] = {1};

    (void)state;
    assert_int_equal(key_init(), 0);
    return skey_make(SLICE("a.example/log"), KEY_ED25519, seed, &key);
}

static void
open_log(struct log *log)
{
    log->s = mem_storage(&log->mem);
    assert_int_equal(ledger_open(&log->s, log->mem.now.entries, &log->l, NULL), 0);
}

static void
close_log(struct log *log)
{
    log->l = ledger_free(log->l);
    mem_release(&log->mem);
}

static struct slice
entry_of(uint64_t i, char text[32])
{
    if (i == 7)
        return (struct slice){NULL, 0}; /* an empty entry is legal */
    return (struct slice){text,
                          (size_t)snprintf(text, 32, "entry %llu", (unsigned long long)i)};
}

static int
append(struct log *log, uint64_t n)
{
    int err = 0;

    for (uint64_t i = 0; i < n && err == 0; i++) {
        char text[32];
        uint64_t index = 0;

        err = ledger_append(log->l, entry_of(log->mem.now.entries, text), &index);
    }
    return err;
}

/* One batch: all or nothing. */
static int
batch(struct log *log, uint64_t n)
{
    int err;

    mem_begin(&log->mem);
    err = append(log, n);
    if (err == 0)
        err = ledger_sign(log->l, &key, NULL, NULL);
    if (err == 0) {
        ledger_commit(log->l);
    } else {
        ledger_rollback(log->l);
        mem_rollback(&log->mem);
    }
    return err;
}

static struct hash
root_by_leaves(uint64_t n)
{
    struct tree_frontier f = {.size = 0};

    for (uint64_t i = 0; i < n; i++) {
        char text[32];
        struct hash leaf = tree_leaf(entry_of(i, text));

        tree_frontier_add(&f, &leaf);
    }
    return tree_frontier_root(&f);
}

static void
assert_head(struct log *log, uint64_t size)
{
    struct hash want = root_by_leaves(size);
    struct tree_head head;

    ledger_head(log->l, &head);
    assert_int_equal(head.size, size);
    assert_true(hash_eq(&head.root, &want));
}

/* ---- growing ---- */

static void
a_log_grows_and_reopens(void **state)
{
    static const uint64_t steps[] = {0, 1, 1, 5, 200, 48, 1, 1, 255, 256, 3000, 62231, 1, 5};
    struct log log = {.l = NULL};
    uint64_t size = 0;

    (void)state;
    open_log(&log);
    for (size_t i = 0; i < COUNT(steps); i++) {
        assert_int_equal(batch(&log, steps[i]), 0);
        size += steps[i];
        assert_head(&log, size);
        assert_int_equal(ledger_size(log.l), size);
        assert_int_equal(ledger_signed_size(log.l), size);
        log.l = ledger_free(log.l);
        open_log(&log);
        assert_head(&log, size);
        assert_int_equal(ledger_signed_size(log.l), size);
    }
    assert_true(size > 65536);
    close_log(&log);
}

static void
opening_costs_the_same_for_any_size(void **state)
{
    struct log log = {.l = NULL};

    (void)state;
    open_log(&log);
    assert_int_equal(batch(&log, 65536 + 256 + 3), 0);
    log.l = ledger_free(log.l);
    log.mem.calls = 0;
    open_log(&log);
    /* one tile for each hash of a partial tile of the levels above, the tail entries, the
     * note, and no more than one tile a level for its root */
    assert_true(log.mem.calls <= 1 + 1 + 1 + 1 + LEDGER_LEVELS);
    close_log(&log);
}

static void
proofs_hold_at_every_size(void **state)
{
    struct log log = {.l = NULL};
    uint64_t seed = 11;

    (void)state;
    open_log(&log);
    assert_int_equal(batch(&log, MANY), 0);
    for (int i = 0; i < 300; i++) {
        uint64_t size = 1 + next_random(&seed) % MANY;
        uint64_t old = 1 + next_random(&seed) % size;
        uint64_t index = next_random(&seed) % size;
        struct tree_head head = {.size = size};
        struct tree_head before = {.size = old};
        struct tree_path path;
        char text[32];
        struct hash leaf = tree_leaf(entry_of(index, text));

        assert_int_equal(ledger_root(log.l, size, &head.root), 0);
        assert_int_equal(ledger_root(log.l, old, &before.root), 0);
        assert_int_equal(ledger_prove_inclusion(log.l, index, size, &path), 0);
        assert_int_equal(tree_check_inclusion(index, size, &leaf, &path, &head.root), 0);
        assert_int_equal(ledger_prove_consistency(log.l, old, size, &path), 0);
        assert_int_equal(tree_check_consistency(&before, &head, &path), 0);
    }
    struct tree_path path;

    assert_int_equal(ledger_prove_inclusion(log.l, MANY, MANY, &path), ERR_NOTFOUND);
    assert_int_equal(ledger_prove_inclusion(log.l, 0, MANY + 1, &path), ERR_NOTFOUND);
    assert_int_equal(ledger_prove_consistency(log.l, 1, MANY + 1, &path), ERR_NOTFOUND);
    close_log(&log);
}

static void
proofs_of_the_committed_hold_while_more_is_appended(void **state)
{
    struct log log = {.l = NULL};
    struct hash want = root_by_leaves(300);
    struct hash root;
    struct tree_path path;
    char text[32];
    struct hash leaf = tree_leaf(entry_of(299, text));

    (void)state;
    open_log(&log);
    assert_int_equal(batch(&log, 300), 0);
    mem_begin(&log.mem);
    assert_int_equal(append(&log, 500), 0);
    assert_int_equal(ledger_root(log.l, 300, &root), 0);
    assert_true(hash_eq(&root, &want));
    assert_int_equal(ledger_prove_inclusion(log.l, 299, 300, &path), 0);
    assert_int_equal(tree_check_inclusion(299, 300, &leaf, &path, &want), 0);
    assert_int_equal(ledger_root(log.l, 301, &root), ERR_NOTFOUND);
    close_log(&log);
}

static void
entries_have_a_limit(void **state)
{
    static char big[LEDGER_ENTRY_MAX + 1];
    struct log log = {.l = NULL};
    uint64_t index;

    (void)state;
    open_log(&log);
    assert_int_equal(ledger_append(log.l, (struct slice){big, LEDGER_ENTRY_MAX}, &index), 0);
    assert_int_equal(ledger_append(log.l, (struct slice){big, sizeof big}, &index), ERR_LIMIT);
    close_log(&log);
}

/* ---- tiles ---- */

static void
tiles_have_exact_bounds(void **state)
{
    struct log log = {.l = NULL};
    struct ledger_tile_ref edge;
    AUTO_BUF(b, 1 << 20);

    (void)state;
    open_log(&log);
    assert_int_equal(batch(&log, 600), 0);
    ledger_edge_tile(600, 0, &edge);
    assert_true(edge.n == 2 && edge.width == 88);
    ledger_edge_tile(600, 1, &edge);
    assert_true(edge.n == 0 && edge.width == 2);
    ledger_edge_tile(512, 0, &edge);
    assert_int_equal(edge.width, 0);
    assert_int_equal(ledger_tile(log.l, (struct ledger_tile_ref){0, 256, 1}, 600, &b), 0);
    assert_int_equal(b.len, 8192);
    assert_int_equal(ledger_tile(log.l, (struct ledger_tile_ref){0, 88, 2}, 600, &b), 0);
    assert_int_equal(ledger_tile(log.l, (struct ledger_tile_ref){1, 2, 0}, 600, &b), 0);
    assert_int_equal(b.len, 8192 + 90 * 32);
    assert_int_equal(ledger_tile(log.l, (struct ledger_tile_ref){0, 89, 2}, 600, &b),
                     ERR_NOTFOUND);
    assert_int_equal(ledger_tile(log.l, (struct ledger_tile_ref){0, 88, 2}, 599, &b),
                     ERR_NOTFOUND);
    assert_int_equal(ledger_tile(log.l, (struct ledger_tile_ref){0, 0, 0}, 600, &b),
                     ERR_NOTFOUND);
    assert_int_equal(ledger_tile(log.l, (struct ledger_tile_ref){2, 1, 0}, 600, &b),
                     ERR_NOTFOUND);
    assert_int_equal(ledger_tile(log.l, (struct ledger_tile_ref){63, 1, 0}, 600, &b),
                     ERR_NOTFOUND);
    assert_int_equal(ledger_tile(log.l, (struct ledger_tile_ref){0, 1, UINT64_MAX}, 600, &b),
                     ERR_NOTFOUND);
    buf_reset(&b);
    assert_int_equal(ledger_bundle(log.l, (struct ledger_tile_ref){0, 8, 0}, 600, &b), 0);
    assert_int_equal(b.len, 7 * (2 + 7) + 2); /* entry 7 is empty */
    assert_memory_equal(b.ptr, "\0\7entry 0", 9);
    assert_int_equal(ledger_bundle(log.l, (struct ledger_tile_ref){0, 89, 2}, 600, &b),
                     ERR_NOTFOUND);
    close_log(&log);
}

/* ---- failing ---- */

static void
a_rollback_leaves_nothing(void **state)
{
    struct log log = {.l = NULL};

    (void)state;
    open_log(&log);
    assert_int_equal(batch(&log, 250), 0);
    mem_begin(&log.mem);
    assert_int_equal(append(&log, 700), 0);
    assert_int_equal(ledger_sign(log.l, &key, NULL, NULL), 0);
    ledger_rollback(log.l);
    mem_rollback(&log.mem);
    assert_head(&log, 250);
    assert_int_equal(ledger_signed_size(log.l), 250);
    assert_int_equal(batch(&log, 10), 0);
    assert_head(&log, 260);
    close_log(&log);
}

/* Each call to the storage fails once, in turn: the log is then as before, goes on, and
 * opens again. */
static void
any_call_may_fail(void **state)
{
    unsigned calls;

    (void)state;
    for (unsigned at = 1;; at++) {
        struct log log = {.l = NULL};
        int err;

        open_log(&log);
        assert_int_equal(batch(&log, 200), 0);
        log.mem.calls = 0;
        log.mem.fail_at = at;
        err = batch(&log, 400);
        calls = log.mem.calls;
        log.mem.fail_at = 0;
        assert_head(&log, err == 0 ? 600 : 200);
        if (err == 0) {
            close_log(&log);
            break;
        }
        assert_int_equal(err, ERR_IO);
        assert_int_equal(batch(&log, 150), 0);
        log.l = ledger_free(log.l);
        open_log(&log);
        assert_head(&log, 350);
        close_log(&log);
    }
    assert_true(calls > 400);
}

static void
nothing_is_appended_behind_a_failure(void **state)
{
    struct log log = {.l = NULL};
    uint64_t index;

    (void)state;
    open_log(&log);
    log.mem.fail_at = log.mem.calls + 1;
    assert_int_equal(ledger_append(log.l, SLICE("x"), &index), ERR_IO);
    assert_int_equal(ledger_append(log.l, SLICE("x"), &index), ERR_IO);
    assert_int_equal(ledger_sign(log.l, &key, NULL, NULL), ERR_IO);
    ledger_rollback(log.l);
    assert_int_equal(ledger_append(log.l, SLICE("x"), &index), 0);
    close_log(&log);
}

/* ---- damage ---- */

static void
a_changed_entry_is_not_signed(void **state)
{
    struct log log = {.l = NULL};
    struct errinfo ei = {.text = ""};

    (void)state;
    open_log(&log);
    assert_int_equal(batch(&log, 300), 0);
    mem_begin(&log.mem);
    assert_int_equal(append(&log, 400), 0);
    log.mem.bytes[log.mem.entry[650].at] ^= 4; /* on its way to the disk */
    assert_int_equal(ledger_sign(log.l, &key, NULL, &ei), ERR_PROOF);
    log.mem.bytes[log.mem.entry[650].at] ^= 4;
    ledger_rollback(log.l);
    mem_rollback(&log.mem);
    assert_int_equal(batch(&log, 400), 0);
    close_log(&log);
}

static void
a_changed_tile_is_not_signed(void **state)
{
    struct log log = {.l = NULL};
    struct errinfo ei = {.text = ""};

    (void)state;
    open_log(&log);
    assert_int_equal(append(&log, 700), 0);
    log.mem.tile[1].hash[200].byte[5] ^= 1;
    assert_int_equal(ledger_sign(log.l, &key, NULL, &ei), ERR_PROOF);
    assert_non_null(strstr(ei.text, "entry 456"));
    close_log(&log);
}

static void
damage_is_found_and_named(void **state)
{
    struct log log = {.l = NULL};
    struct ledger_check check;
    struct errinfo ei = {.text = ""};

    (void)state;
    open_log(&log);
    assert_int_equal(batch(&log, 1000), 0);
    assert_int_equal(ledger_fsck(&log.s, 1000, &key.vkey, &check, &ei), 0);
    assert_true(check.entries == 1000 && check.tiles == 3 && check.bad == UINT64_MAX);
    log.mem.bytes[log.mem.entry[300].at + 1] ^= 1;
    assert_int_equal(ledger_fsck(&log.s, 1000, &key.vkey, &check, &ei), ERR_PROOF);
    assert_int_equal(check.bad, 300);
    log.mem.bytes[log.mem.entry[300].at + 1] ^= 1;
    log.mem.bytes[log.mem.entry[999].at + 1] ^= 1; /* in no full tile: the note tells */
    assert_int_equal(ledger_fsck(&log.s, 1000, &key.vkey, &check, &ei), ERR_PROOF);
    assert_int_equal(check.bad, 768);
    log.l = ledger_free(log.l);
    assert_int_equal(ledger_open(&log.s, 1000, &log.l, &ei), ERR_PROOF);
    log.mem.bytes[log.mem.entry[999].at + 1] ^= 1;
    open_log(&log);
    close_log(&log);
}

/* Roots on the way, asked for in pieces that end anywhere, are those of ledger_root(). */
static void
a_check_in_steps_gives_roots(void **state)
{
    struct log log = {.l = NULL};
    struct ledger_checker *c;
    struct ledger_check check;
    struct errinfo ei = {.text = ""};
    uint64_t done = 0;

    (void)state;
    open_log(&log);
    assert_int_equal(batch(&log, 1000), 0);
    assert_int_equal(ledger_checker_open(&log.s, 1000, &key.vkey, &c, &ei), 0);
    for (unsigned piece = 1; done < 1000; piece += 37) {
        struct hash leaf[1000];
        struct tree_head head[2];
        unsigned n = 1000 - done < piece ? (unsigned)(1000 - done) : piece;
        unsigned heads = n > 1 ? 2 : 1;

        for (unsigned i = 0; i < n; i++)
            leaf[i] = tree_leaf((struct slice){log.mem.bytes + log.mem.entry[done + i].at,
                                               log.mem.entry[done + i].len});
        head[0].size = done + 1;
        head[1].size = done + n;
        assert_int_equal(ledger_checker_add(c, leaf, n, head, heads), 0);
        for (unsigned i = 0; i < heads; i++) {
            struct hash root;

            assert_int_equal(ledger_root(log.l, head[i].size, &root), 0);
            assert_true(hash_eq(&root, &head[i].root));
        }
        done += n;
    }
    assert_int_equal(ledger_checker_close(c, 0, &check), 0);
    assert_true(check.entries == 1000 && check.tiles == 3 && check.bad == UINT64_MAX);
    close_log(&log);
}

static void
a_lost_end_is_noticed(void **state)
{
    struct log log = {.l = NULL};
    struct ledger_check check;
    struct errinfo ei = {.text = ""};

    (void)state;
    open_log(&log);
    assert_int_equal(batch(&log, 600), 0);
    log.l = ledger_free(log.l);
    log.mem.now.entries = 590;
    assert_int_equal(ledger_open(&log.s, 590, &log.l, &ei), ERR_PROOF);
    assert_non_null(strstr(ei.text, "lost"));
    assert_int_equal(ledger_open(&log.s, 600, &log.l, &ei), ERR_PROOF); /* entries missing */
    assert_int_equal(ledger_fsck(&log.s, 590, NULL, &check, &ei), ERR_PROOF);
    log.mem.now.entries = 600;
    log.mem.now.tiles = 1;
    assert_int_equal(ledger_open(&log.s, 600, &log.l, &ei), ERR_PROOF); /* a tile is missing */
    close_log(&log);
}

/* ---- notes and readers ---- */

static void
one_size_has_one_note(void **state)
{
    struct log log = {.l = NULL};
    AUTO_BUF(a, 10000);
    AUTO_BUF(b, 10000);

    (void)state;
    open_log(&log);
    assert_int_equal(ledger_sign(log.l, &key, &a, NULL), 0); /* the empty log */
    buf_reset(&a);
    assert_int_equal(append(&log, 5), 0);
    assert_int_equal(ledger_sign(log.l, &key, &a, NULL), 0);
    assert_int_equal(ledger_sign(log.l, &key, &b, NULL), 0);
    assert_true(slice_eq(buf_get(&a), buf_get(&b)));
    close_log(&log);
}

static void
a_reader_comes_along(void **state)
{
    struct log log = {.l = NULL};
    struct ledger *reader = NULL;
    struct hash a;
    struct hash b;

    (void)state;
    open_log(&log);
    assert_int_equal(batch(&log, 10), 0);
    assert_int_equal(ledger_open(&log.s, 10, &reader, NULL), 0);
    for (uint64_t size = 10; size < 3000; size += 333) {
        assert_int_equal(batch(&log, 333), 0);
        assert_int_equal(ledger_follow(reader, size + 333, NULL), 0);
        assert_int_equal(ledger_root(reader, size + 333, &a), 0);
        assert_int_equal(ledger_root(log.l, size + 333, &b), 0);
        assert_true(hash_eq(&a, &b));
        assert_int_equal(ledger_signed_size(reader), size + 333);
    }
    assert_int_equal(ledger_follow(reader, 10, NULL), ERR_PROOF);
    assert_int_equal(ledger_follow(reader, 4000, NULL), ERR_PROOF);
    assert_true(ledger_size(reader) > 3000);
    reader = ledger_free(reader);
    close_log(&log);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_grows_and_reopens),
        cmocka_unit_test(opening_costs_the_same_for_any_size),
        cmocka_unit_test(proofs_hold_at_every_size),
        cmocka_unit_test(proofs_of_the_committed_hold_while_more_is_appended),
        cmocka_unit_test(entries_have_a_limit),
        cmocka_unit_test(tiles_have_exact_bounds),
        cmocka_unit_test(a_rollback_leaves_nothing),
        cmocka_unit_test(any_call_may_fail),
        cmocka_unit_test(nothing_is_appended_behind_a_failure),
        cmocka_unit_test(a_changed_entry_is_not_signed),
        cmocka_unit_test(a_changed_tile_is_not_signed),
        cmocka_unit_test(damage_is_found_and_named),
        cmocka_unit_test(a_check_in_steps_gives_roots),
        cmocka_unit_test(a_lost_end_is_noticed),
        cmocka_unit_test(one_size_has_one_note),
        cmocka_unit_test(a_reader_comes_along),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
