/* Between which cosignatures a leaf stands: by each key of a cosigner, and as fast with many.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "store/cosigned.h"
#include "store/witnessed.h"

enum { MANY = 20000, BOUNDS = 20000 };

static const struct slice name = {"w.example", 9};

static struct store *
begin(char dir[64])
{
    struct errinfo ei = {0};
    struct store *s;

    (void)snprintf(dir, 64, "/tmp/detente-cosigned.XXXXXX");
    assert_non_null(mkdtemp(dir));
    assert_int_equal(store_open(dir, STORE_CREATE, &s, &ei), 0);
    return s;
}

static void
end(struct store *s, const char *dir)
{
    char command[128];

    (void)store_close(s);
    (void)snprintf(command, sizeof command, "rm -r %s", dir);
    assert_int_equal(system(command), 0);
}

static void
put(struct store *s, uint32_t key, uint64_t size, int64_t at)
{
    const struct store_cosigned c = {.role = COSIGNER_WITNESS,
                                     .name = name,
                                     .key = key,
                                     .size = size,
                                     .at = {at},
                                     .line = SLICE("x\n")};

    assert_int_equal(store_put_cosigned(s, &c), 0);
}

static struct store_bounds
bounds(struct store *s, uint64_t leaf)
{
    struct store_bounds b = {{0}, {0}};

    assert_int_equal(store_cosigned_bounds(s, COSIGNER_WITNESS, name, leaf, &b), 0);
    return b;
}

static void
a_leaf_stands_between_the_nearest(void **state)
{
    char dir[64];
    struct store *s = begin(dir);
    uint64_t size;
    struct utime at;

    (void)state;
    assert_int_equal(bounds(s, 5).before.us, 0);
    assert_int_equal(bounds(s, 5).after.us, 0);
    assert_int_equal(store_begin(s), 0);
    put(s, 7, 3, 100);
    put(s, 7, 6, 200);
    put(s, 7, 6, 250); /* again: what is first stays */
    put(s, 9, 5, 180); /* another key of the same */
    put(s, 9, 8, 400);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(bounds(s, 2).before.us, 0);
    assert_int_equal(bounds(s, 2).after.us, 100);
    assert_int_equal(bounds(s, 4).before.us, 100);
    assert_int_equal(bounds(s, 4).after.us, 180);
    assert_int_equal(bounds(s, 5).before.us, 180);
    assert_int_equal(bounds(s, 5).after.us, 200);
    assert_int_equal(bounds(s, 6).before.us, 250);
    assert_int_equal(bounds(s, 6).after.us, 400);
    assert_int_equal(bounds(s, 8).before.us, 400);
    assert_int_equal(bounds(s, 8).after.us, 0);
    assert_int_equal(store_newest_cosigned(s, COSIGNER_WITNESS, name, &size, &at), 0);
    assert_int_equal(size, 8);
    assert_int_equal(at.us, 400);
    assert_int_equal(store_newest_cosigned(s, COSIGNER_HOLDER, name, &size, &at), ERR_NOTFOUND);
    end(s, dir);
}

static void
years_of_cosignatures_cost_no_more(void **state)
{
    char dir[64];
    struct store *s = begin(dir);
    uint64_t random = 1;
    clock_t began;

    (void)state;
    assert_int_equal(store_begin(s), 0);
    for (unsigned i = 1; i <= MANY; i++) {
        const struct store_witnessed w = {
            .head = {.size = 2ULL * i}, .at = {10LL * i}, .note = SLICE("x\n")};

        put(s, 7, 2ULL * i, 10LL * i);
        assert_int_equal(store_put_witnessed(s, name, &w), 0);
    }
    assert_int_equal(store_commit(s), 0);
    began = clock();
    for (unsigned i = 0; i < BOUNDS; i++) {
        uint64_t leaf = 2 + next_random(&random) % (2ULL * MANY - 3);
        struct store_bounds b = bounds(s, leaf);
        struct store_bounds w;

        assert_int_equal(b.before.us, leaf / 2 * 10);
        assert_int_equal(b.after.us, (leaf / 2 + 1) * 10);
        assert_int_equal(store_witnessed_bounds(s, name, leaf, &w), 0);
        assert_memory_equal(&w, &b, sizeof w);
    }
    /* some 10 µs each; a walk over all of them would be a hundred times that */
    assert_true(clock() - began < 4 * CLOCKS_PER_SEC);
    end(s, dir);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_leaf_stands_between_the_nearest),
                                       cmocka_unit_test(years_of_cosignatures_cost_no_more)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
