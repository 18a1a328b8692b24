/* What the page shows of cuts, over made-up worlds: counted again one network at a time, and
 * the links that cure a failure laid in fact. */
#include "../cutoff/world.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "role/survey_priv.h"
#include "wire/jcs.h"

#define HOME COUNTRY('X', 'A')

/* ---- a survey of a made-up world --------------------------------------------------------- */

struct made {
    struct topology *t;
    struct snapshot_about about;
    struct survey s;
    struct survey_found f;
};

static bool
make(struct made *m, unsigned seed, unsigned networks)
{
    uint32_t home = 0;

    *m = (struct made){.t = world_make(seed, networks)};
    memcpy(m->about.date, "2026-01-01", sizeof "2026-01-01");
    m->s = (struct survey){.t = m->t, .about = &m->about, .home = HOME};
    for (uint32_t i = 0; i < m->t->count; i++)
        home += m->t->country[i] == HOME;
    assert_int_equal(survey_open(&m->s, 2), 0);
    assert_int_equal(survey_find(&m->s, HOME, 1, &m->f), home > 0 ? 0 : ERR_NOTFOUND);
    return home > 0;
}

static void
unmake(struct made *m)
{
    survey_found_release(&m->f);
    survey_close(&m->s);
    (void)topology_free(m->t);
}

/* ---- pairs over the border --------------------------------------------------------------- */

static bool
any_link(const void *arg, uint32_t a, uint32_t b)
{
    (void)arg;
    (void)a;
    (void)b;
    return true;
}

static void
test_across(void **state)
{
    static uint8_t reached[WORLD_MAX];

    (void)state;
    for (unsigned seed = 1; seed <= 25; seed++) {
        struct made m;
        uint64_t pairs = 0;
        uint64_t all = 0;

        if (make(&m, seed, 90)) {
            for (uint32_t d = 0; d < m.t->count; d++) {
                world_reach(m.t, d, any_link, NULL, reached);
                for (uint32_t i = 0; m.t->country[d] == HOME && i < m.t->count; i++) {
                    pairs += m.t->country[i] != HOME && reached[i];
                    all += m.t->country[i] != HOME;
                }
            }
            assert_int_equal(m.f.across, pairs);
            assert_int_equal(m.f.across_all, all);
        }
        unmake(&m);
    }
}

/* ---- islands and neighbours -------------------------------------------------------------- */

static void
test_islands(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 40; seed++) {
        struct made m;
        uint32_t networks = 0;
        uint32_t links = 0;

        if (make(&m, seed, 120)) {
            const struct inside *none = &m.f.cut.presence[0].inside;

            assert_true(m.f.islands == none->islands || m.f.islands == SURVEY_ISLANDS);
            assert_int_equal(m.f.island[0].networks, none->largest);
            for (uint32_t i = 0; i < m.f.islands; i++) {
                const struct survey_island *is = &m.f.island[i];

                networks += is->networks;
                assert_int_equal(is->members,
                                 is->networks < SURVEY_MEMBERS ? is->networks : SURVEY_MEMBERS);
                for (uint32_t k = 1; k < is->members; k++)
                    assert_true(m.t->addresses[is->member[k - 1]] >=
                                m.t->addresses[is->member[k]]);
                assert_true(i == 0 || is[-1].networks >= is->networks);
            }
            if (m.f.islands == none->islands)
                assert_int_equal(networks, none->networks);
            for (uint32_t i = 0; i < m.f.neighbours; i++) {
                assert_int_not_equal(m.f.neighbour[i].country, HOME);
                links += m.f.neighbour[i].transit + m.f.neighbour[i].peers;
            }
            /* the made-up world has fewer countries than are listed */
            assert_int_equal(links, m.f.cut.transit_cut + m.f.cut.peers_cut);
        }
        unmake(&m);
    }
}

/* ---- links that cure a failure ----------------------------------------------------------- */

/* The same world, and each of these a customer of a new network at the top. */
static struct topology *
cured_world(const struct topology *t, const uint32_t *roots, uint32_t count, uint32_t without)
{
    struct topology_counts counts = {0};
    struct errinfo ei = {0};
    struct topology *ret = NULL;
    struct build *b = NULL;
    const uint32_t helper = 900000;

    assert_int_equal(build_new(&b), 0);
    for (uint32_t i = 0; i < t->count; i++) {
        for (uint32_t k = t->provider.at[i]; k < t->provider.at[i + 1]; k++)
            assert_int_equal(build_link(b, t->asn[t->provider.to[k]], t->asn[i], TIE_TRANSIT),
                             0);
        for (uint32_t k = t->peer.at[i]; k < t->peer.at[i + 1]; k++) {
            if (t->peer.to[k] > i)
                assert_int_equal(build_link(b, t->asn[i], t->asn[t->peer.to[k]], TIE_PEER), 0);
        }
    }
    for (uint32_t i = 0; i < t->clique_count; i++) {
        assert_int_equal(build_clique(b, t->asn[t->clique[i]]), 0);
        assert_int_equal(build_link(b, t->asn[t->clique[i]], helper, TIE_PEER), 0);
    }
    assert_int_equal(build_clique(b, helper), 0);
    for (uint32_t i = 0; i < count; i++) {
        if (i != without)
            assert_int_equal(build_link(b, helper, t->asn[roots[i]], TIE_TRANSIT), 0);
    }
    assert_int_equal(build_finish(b, false, &ret, &counts, &ei), 0);
    (void)build_free(b);
    return ret;
}

/* Networks of the country that were held in `t`, and are not in the other world when that one
 * fails. */
static uint32_t
stranded_in(const struct topology *t, const uint8_t *held, const struct topology *other,
            const struct survey_failure *f)
{
    static uint8_t now[WORLD_MAX];
    bool link = f->carrier != TOPOLOGY_NONE;
    uint32_t n = 0;

    world_held(other, link ? TOPOLOGY_NONE : topology_find(other, t->asn[f->network]),
               link ? topology_find(other, t->asn[f->carrier]) : TOPOLOGY_NONE,
               link ? topology_find(other, t->asn[f->network]) : TOPOLOGY_NONE, now);
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t at = topology_find(other, t->asn[i]);

        /* one that stands alone in the world has no link there, and is held in neither */
        if (t->country[i] == HOME && held[i] && (link || i != f->network) &&
            at != TOPOLOGY_NONE)
            n += !now[at];
    }
    return n;
}

/* Stranded ones without a stranded one of the country above them, by walking up from each. */
static bool
hangs_on_another(const struct topology *t, const uint8_t *stranded, uint32_t i)
{
    for (uint32_t k = t->provider.at[i]; k < t->provider.at[i + 1]; k++) {
        uint32_t p = t->provider.to[k];

        if (stranded[p] && (t->country[p] == HOME || hangs_on_another(t, stranded, p)))
            return true;
    }
    return false;
}

static uint32_t
check_cure(const struct made *m, const struct survey_failure *f, const uint8_t *held)
{
    static uint8_t now[WORLD_MAX];
    static uint8_t stranded[WORLD_MAX];
    static uint32_t roots[WORLD_MAX];
    bool link = f->carrier != TOPOLOGY_NONE;
    uint32_t count = 0;
    uint32_t lost = 0;
    struct topology *cured;

    world_held(m->t, link ? TOPOLOGY_NONE : f->network, link ? f->carrier : TOPOLOGY_NONE,
               link ? f->network : TOPOLOGY_NONE, now);
    for (uint32_t i = 0; i < m->t->count; i++) {
        stranded[i] = held[i] && !now[i] && (link || i != f->network);
        lost += stranded[i] && m->t->country[i] == HOME;
    }
    for (uint32_t i = 0; i < m->t->count; i++) {
        if (stranded[i] && m->t->country[i] == HOME && !hangs_on_another(m->t, stranded, i))
            roots[count++] = i;
    }
    assert_int_equal(f->stranded, lost);
    assert_int_equal(f->cure, count);
    cured = cured_world(m->t, roots, count, UINT32_MAX);
    assert_int_equal(stranded_in(m->t, held, cured, f), 0);
    (void)topology_free(cured);
    for (uint32_t i = 0; i < count && i < 3; i++) { /* none of them is one too many */
        cured = cured_world(m->t, roots, count, i);
        assert_true(stranded_in(m->t, held, cured, f) > 0);
        (void)topology_free(cured);
    }
    return count;
}

static void
test_cure(void **state)
{
    static uint8_t held[WORLD_MAX];
    uint32_t links = 0;

    (void)state;
    for (unsigned seed = 1; seed <= 40; seed++) {
        struct made m;

        if (make(&m, seed, 80)) {
            world_held(m.t, TOPOLOGY_NONE, TOPOLOGY_NONE, TOPOLOGY_NONE, held);
            for (uint32_t i = 0; i < m.f.failures; i++)
                links += check_cure(&m, &m.f.failure[i], held);
        }
        unmake(&m);
    }
    assert_true(links > 100); /* there was something to cure */
}

/* ---- JSON -------------------------------------------------------------------------------- */

static int64_t
number(struct slice object, const char *name)
{
    struct slice value;
    int64_t n = 0;

    assert_true(jcs_find(object, name, &value));
    assert_int_equal(jcs_int(value, &n), 0);
    return n;
}

static struct slice
member(struct slice object, const char *name)
{
    struct slice value;

    assert_true(jcs_find(object, name, &value));
    return value;
}

static void
test_json(void **state)
{
    struct survey_country *all = NULL;
    uint32_t count = 0;
    struct made m;
    AUTO_BUF(world, SURVEY_JSON);
    AUTO_BUF(canonical, SURVEY_JSON);

    (void)state;
    assert_true(make(&m, 7, 400));
    assert_int_equal(survey_all(&m.s, 1, 3, &all, &count), 0);
    assert_true(count >= 2);
    survey_world(&m.s, all, count, 1, &world);
    assert_int_equal(jcs_canonical(buf_get(&world), &canonical, NULL), JCS_OK);
    assert_int_equal(jcs_count(member(buf_get(&canonical), "countries")), count);
    for (uint32_t i = 0; i < count; i++) {
        AUTO_BUF(file, SURVEY_JSON);
        struct jcs_iter it;
        struct slice one;
        int64_t before = -1;

        assert_true(i == 0 || all[i - 1].country < all[i].country);
        assert_int_equal(jcs_canonical(buf_get(&all[i].file), &file, NULL), JCS_OK);
        it = jcs_iter(member(buf_get(&file), "presence"));
        while (jcs_item(&it, &one)) { /* who stays can only help */
            int64_t n = number(one, "strict_pairs_ppm");

            assert_in_range(n, 0, 1000000);
            if (number(one, "neighbours") == 0)
                before = n;
            assert_true(n >= before);
        }
        assert_in_range(number(member(buf_get(&file), "before"), "across_ppm"), 0, 1000000);
    }
    for (uint32_t i = 0; i < count; i++)
        survey_release(&all[i]);
    free(all);
    unmake(&m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_across),
        cmocka_unit_test(test_islands),
        cmocka_unit_test(test_cure),
        cmocka_unit_test(test_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
