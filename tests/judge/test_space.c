/* Whose an address is: the rules one by one, then random histories against the definition. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "fixture.h"

static struct space_owner
ask(const struct fixture *f, const char *addr, uint32_t asn, int64_t when)
{
    struct addr a = fixture_addr(addr);

    return space_find(f->space, &a, asn, (struct utime){when});
}

static void
prefix_then_network(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f);
    fixture_oblige(&f, "certs", CRITICAL, class_any)->targets = fixture_texts(protected_cert);
    fixture_space(&f);
    assert_int_equal(ask(&f, "198.51.100.7", 0, T0).party, SOUTH);
    assert_int_equal(ask(&f, "198.51.100.7", 0, T0).labels, 0);
    /* The prefix wins over what the network's number says. */
    assert_int_equal(ask(&f, "198.51.100.7", 64496, T0).party, SOUTH);
    assert_int_equal(ask(&f, "198.51.100.7", 64496, T0).by, SPACE_PREFIX);
    assert_int_equal(ask(&f, "8.8.8.8", 64496, T0).party, NORTH);
    assert_int_equal(ask(&f, "8.8.8.8", 64496, T0).by, SPACE_ASN);
    assert_int_equal(ask(&f, "8.8.8.8", 64499, T0).party, -1);
    assert_int_equal(ask(&f, "8.8.8.8", 0, T0).by, SPACE_NOBODY);
    assert_int_equal(ask(&f, "2001:db8:b:c::1", 0, T0).party, SOUTH);
    assert_int_equal(ask(&f, "2001:db8:b:c::1", 0, T0).labels, 1);
    assert_int_equal(ask(&f, "2001:db8:b:d::1", 0, T0).labels, 0);
    assert_int_equal(ask(&f, "192.0.2.239", 0, T0).labels, 0);
    assert_int_equal(ask(&f, "192.0.2.240", 0, T0).labels, 1);
    assert_int_equal(ask(&f, "192.0.2.255", 0, T0).labels, 1);
    assert_int_equal(ask(&f, "192.0.3.0", 0, T0).party, -1);
    assert_int_equal(ask(&f, "192.0.1.255", 0, T0).party, -1);
    assert_int_equal(ask(&f, "192.0.2.1", 0, T0 - 30 * DAY).party, NORTH);
    assert_int_equal(ask(&f, "192.0.2.1", 0, T0 - 30 * DAY - 1).party, -1);
    fixture_release(&f);
}

/* An annex that is valid before a witness saw it counts from the witness's time. */
static void
authority_begins(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f);
    f.known[NORTH].witnessed = (struct utime){T0};
    f.known[SOUTH].witnessed = (struct utime){0}; /* nobody yet */
    f.annex[EAST].valid_from = (struct utime){T0 + DAY};
    fixture_space(&f);
    assert_int_equal(ask(&f, "192.0.2.1", 0, T0 - 1).party, -1);
    assert_int_equal(ask(&f, "192.0.2.1", 0, T0).party, NORTH);
    assert_int_equal(ask(&f, "198.51.100.1", 64500, T0 + 100 * DAY).party, -1);
    assert_int_equal(ask(&f, "203.0.113.1", 0, T0 + DAY - 1).party, -1);
    assert_int_equal(ask(&f, "203.0.113.1", 0, T0 + DAY).party, EAST);
    fixture_release(&f);
}

/* What an annex takes away counts for 30 more days, but for who has it by then. */
static void
removal_waits(void **state)
{
    struct fixture f;
    struct prefix half = fixture_prefix("192.0.2.0/25");
    struct prefix other[2] = {fixture_prefix("198.51.100.0/24"),
                              fixture_prefix("192.0.2.128/25")};
    struct annex second[2];
    struct space_annex north[2];
    struct space_annex south[2];

    (void)state;
    fixture_init(&f);
    second[0] = f.annex[NORTH];
    second[0].sequence = 2;
    second[0].v4 = (struct pact_prefixes){&half, 1};
    second[0].asns.count = 0;
    second[1] = f.annex[SOUTH];
    second[1].sequence = 2;
    second[1].v4 = (struct pact_prefixes){other, 2};
    north[0] = f.known[NORTH];
    north[1] = (struct space_annex){&second[0], {T0}};
    south[0] = f.known[SOUTH];
    south[1] = (struct space_annex){&second[1], {T0 + 10 * DAY}};
    f.history[NORTH] = (struct space_history){north, 2};
    f.history[SOUTH] = (struct space_history){south, 1};
    fixture_space(&f);
    assert_int_equal(ask(&f, "192.0.2.200", 0, T0 - DAY).party, NORTH);
    assert_int_equal(ask(&f, "192.0.2.200", 0, T0 + 30 * DAY - 1).party, NORTH);
    assert_int_equal(ask(&f, "192.0.2.200", 0, T0 + 30 * DAY).party, -1);
    assert_int_equal(ask(&f, "192.0.2.1", 0, T0 + 300 * DAY).party, NORTH);
    assert_int_equal(ask(&f, "8.8.8.8", 64496, T0 + 30 * DAY - 1).party, NORTH);
    assert_int_equal(ask(&f, "8.8.8.8", 64496, T0 + 30 * DAY).party, -1);
    f.history[SOUTH].count = 2;
    fixture_space(&f);
    assert_int_equal(ask(&f, "192.0.2.200", 0, T0 + 10 * DAY - 1).party, NORTH);
    assert_int_equal(ask(&f, "192.0.2.200", 0, T0 + 10 * DAY).party, SOUTH);
    fixture_release(&f);
}

static void
histories_that_are_refused(void **state)
{
    struct fixture f;
    struct space *s = NULL;
    struct errinfo ei = {0};
    struct space_annex twice[2];

    (void)state;
    fixture_init(&f);
    twice[0] = twice[1] = f.known[NORTH];
    f.history[NORTH] = (struct space_history){twice, 2};
    assert_int_equal(space_new(&f.pact, f.history, &s, &ei), ERR_INVALID);
    assert_string_equal(ei.text, "annexes of north: sequence 1 is not above 1");
    f.history[NORTH] = f.history[SOUTH];
    assert_int_equal(space_new(&f.pact, f.history, &s, &ei), ERR_INVALID);
    assert_string_equal(ei.text, "an annex of south stands in the history of north");
    assert_null(s);
}

/* ---- random histories ------------------------------------------------------------------- */

enum { ANNEXES = 5, NETS = 12, NUMBERS = 3, QUESTIONS = 20000, SEEDS = 60 };

struct random_party {
    struct annex annex[ANNEXES];
    struct space_annex known[ANNEXES];
    struct prefix v4[ANNEXES][NETS];
    struct prefix v6[ANNEXES][NETS];
    struct prefix cert4[ANNEXES][NETS];
    struct annex_label label[ANNEXES];
    uint32_t asn[ANNEXES][NUMBERS];
};

static struct prefix
cut(struct addr a, unsigned len)
{
    for (unsigned i = len; i < 128; i++)
        a.byte[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
    return (struct prefix){a, (uint8_t)len};
}

/* In a small corner, so that prefixes meet. */
static struct addr
some_addr(uint64_t *seed, bool v4)
{
    uint64_t r = next_random(seed);
    struct addr a = {.byte = {0x20, 0x01, 0x0d, 0xb8}};

    if (v4)
        return addr_of_v4(0x01000000U | (r & 0xfff));
    a.byte[4] = (uint8_t)(r & 3);
    a.byte[7] = (uint8_t)(r >> 8);
    a.byte[8] = (uint8_t)(r >> 16 & 0x81);
    a.byte[15] = (uint8_t)(r >> 24);
    return a;
}

static void
random_annex(struct random_party *p, int k, const char *id, uint64_t *seed)
{
    struct annex *a = &p->annex[k];

    *a = (struct annex){.party = id,
                        .sequence = k + 1,
                        .valid_from = {T0 + (int64_t)(next_random(seed) % 100) * DAY},
                        .v4 = {p->v4[k], 1 + (unsigned)(next_random(seed) % NETS)},
                        .v6 = {p->v6[k], (unsigned)(next_random(seed) % NETS)},
                        .asns = {p->asn[k], (unsigned)(next_random(seed) % NUMBERS)},
                        .protected_ = &p->label[k],
                        .labels = 1};
    p->known[k] = (struct space_annex){a, {T0 + (int64_t)(next_random(seed) % 100) * DAY}};
    if (next_random(seed) % 8 == 0)
        p->known[k].witnessed.us = 0;
    for (int i = 0; i < NETS; i++) {
        struct addr at = some_addr(seed, true);

        p->v4[k][i] = cut(at, 96 + 22 + (unsigned)(next_random(seed) % 10));
        p->cert4[k][i] = cut(at, 128 - (unsigned)(next_random(seed) % 3));
        p->v6[k][i] = cut(some_addr(seed, false), 40 + (unsigned)(next_random(seed) % 40));
        if (k > 0 && next_random(seed) % 2 == 0) {
            p->v4[k][i] = p->v4[k - 1][i];
            p->v6[k][i] = p->v6[k - 1][i];
        }
    }
    for (int i = 0; i < NUMBERS; i++)
        p->asn[k][i] = 100 + (uint32_t)(next_random(seed) % 6);
    p->label[k] = (struct annex_label){
        .label = "cert", .v4 = {p->cert4[k], (unsigned)(next_random(seed) % NETS)}};
}

static bool
listed(const struct pact_prefixes *l, const struct addr *a)
{
    for (unsigned i = 0; i < l->count; i++) {
        if (prefix_covers(&l->at[i], a))
            return true;
    }
    return false;
}

static bool
numbered(const struct annex *a, uint32_t asn)
{
    for (unsigned i = 0; i < a->asns.count; i++) {
        if (a->asns.at[i] == asn)
            return true;
    }
    return false;
}

/* 2: an annex in force says it; 1: one said it that ended less than 30 days ago. */
static int
said(const struct space_history *h, const struct addr *a, uint32_t asn, int64_t when, int what)
{
    int best = 0;

    for (unsigned k = 0; k < h->count; k++) {
        const struct annex *x = h->at[k].annex;
        struct utime from;
        struct utime until;
        bool has = what == 0   ? listed(&x->v4, a) || listed(&x->v6, a)
                   : what == 1 ? listed(&x->protected_[0].v4, a)
                               : numbered(x, asn);

        if (!has || !space_in_force(h, k, &from, &until) || when < from.us)
            continue;
        if (when < until.us)
            return 2;
        if (until.us < INT64_MAX && when - until.us < SPACE_REMOVAL.us)
            best = 1;
    }
    return best;
}

static struct space_owner
by_definition(const struct fixture *f, const struct addr *a, uint32_t asn, int64_t when)
{
    for (int what = 0; what <= 2; what += 2) {
        for (int want = 2; want > 0; want--) {
            for (int p = 0; p < PARTIES; p++) {
                struct space_owner o = {.party = (int16_t)p,
                                        .by = what == 0 ? SPACE_PREFIX : SPACE_ASN};

                if (said(&f->history[p], a, asn, when, what) != want)
                    continue;
                o.labels = what == 0 && said(&f->history[p], a, asn, when, 1) > 0;
                return o;
            }
        }
    }
    return (struct space_owner){.party = -1};
}

static void
random_histories(void **state)
{
    static struct random_party party[PARTIES];

    (void)state;
    for (uint64_t s = 1; s <= SEEDS; s++) {
        uint64_t seed = s * 7919;
        struct fixture f;

        fixture_init(&f);
        fixture_oblige(&f, "certs", CRITICAL, class_any)->targets =
            fixture_texts(protected_cert);
        for (int p = 0; p < PARTIES; p++) {
            for (int k = 0; k < ANNEXES; k++)
                random_annex(&party[p], k, f.party[p].id, &seed);
            f.history[p] =
                (struct space_history){party[p].known, (unsigned)(next_random(&seed) % 6)};
        }
        fixture_space(&f);
        for (int q = 0; q < QUESTIONS; q++) {
            struct addr a = some_addr(&seed, q % 2 == 0);
            uint32_t asn = 98 + (uint32_t)(next_random(&seed) % 10);
            int64_t when = T0 + (int64_t)(next_random(&seed) % 200) * DAY -
                           (int64_t)(next_random(&seed) % 2);
            struct space_owner got = space_find(f.space, &a, asn, (struct utime){when});
            struct space_owner want = by_definition(&f, &a, asn, when);

            assert_int_equal(got.party, want.party);
            assert_int_equal(got.labels, want.labels);
            assert_int_equal(got.by, want.by);
        }
        fixture_release(&f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefix_then_network),
        cmocka_unit_test(authority_begins),
        cmocka_unit_test(removal_waits),
        cmocka_unit_test(random_histories),
        cmocka_unit_test(histories_that_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
