/* Groups of own addresses against a look at each prefix in turn: the longest one counts. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "role/assets.h"

static struct conf *
some_conf(uint64_t *seed, struct buf *yaml)
{
    struct conf *c = NULL;
    struct errinfo ei;
    unsigned groups = 1 + (unsigned)next_random(seed) % CONF_ASSETS;

    buf_reset(yaml);
    buf_text(yaml, "assets:\n");
    for (unsigned i = 0; i < groups; i++) {
        unsigned bits = 20 + (unsigned)next_random(seed) % 13;
        uint32_t host = bits == 32 ? 0 : UINT32_MAX >> bits;
        uint32_t at = (0x0a000000 | (uint32_t)next_random(seed) % 65536) & ~host;

        buf_printf(yaml, "- {name: g%u, sector: s%u, networks: [%u.%u.%u.%u/%u]}\n", i,
                   (unsigned)next_random(seed) % 5, at >> 24, at >> 16 & 255, at >> 8 & 255,
                   at & 255, bits);
    }
    return conf_parse(buf_get(yaml), &c, &ei) < 0 ? NULL : c; /* a prefix may stand twice */
}

static unsigned
naive(const struct conf *c, const struct addr *a)
{
    for (unsigned bits = 129; bits-- > 0;) {
        for (unsigned i = 0; i < c->asset_count; i++) {
            const struct prefix *p = &c->assets[i].networks.at[0];

            if (p->len == bits && prefix_covers(p, a))
                return i + 1;
        }
    }
    return 0;
}

static void
test_longest(void **state)
{
    uint64_t seed = 5;
    unsigned tried = 0;
    AUTO_BUF(yaml, 1 << 16);

    (void)state;
    while (tried < 60) {
        struct conf *c = some_conf(&seed, &yaml);
        struct assets a;

        if (c == NULL)
            continue;
        tried++;
        assert_int_equal(assets_open(&a, c), 0);
        for (unsigned k = 0; k < 2000; k++) {
            struct addr x = addr_of_v4(0x0a000000 | (uint32_t)next_random(&seed) % 66000);
            unsigned n = assets_find(&a, &x);

            assert_int_equal(n, naive(c, &x));
            assert_int_equal(assets_find(&a, &x), n);
            assert_true(n == 0 ||
                        (assets_of_sector(&a, slice_of(assets_at(&a, n)->sector)) >> n & 1));
            assert_true(n == 0 ||
                        assets_named(&a, slice_of(assets_at(&a, n)->name)) == UINT64_C(1) << n);
            assert_true(strcmp(n == 0 ? "" : assets_at(&a, n)->sector,
                               a.sector[n] == 0 ? "" : assets_at(&a, a.sector[n])->sector) ==
                        0);
        }
        assets_close(&a);
        (void)conf_free(c);
    }
}

static void
test_none(void **state)
{
    struct conf *c = NULL;
    struct assets a;
    struct addr x = addr_of_v4(0x0a000001);

    (void)state;
    assert_int_equal(conf_default(&c), 0);
    assert_int_equal(assets_open(&a, c), 0);
    assert_int_equal(assets_find(&a, &x), 0);
    assert_int_equal(assets_named(&a, SLICE("-")), 1);
    assert_int_equal(assets_of_sector(&a, SLICE("-")), 1);
    assert_int_equal(assets_named(&a, SLICE("x")), 0);
    assets_close(&a);
    (void)conf_free(c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_longest),
                                       cmocka_unit_test(test_none)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
