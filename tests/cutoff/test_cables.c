/* What is left when cables fail, beside what a naive program says: all pairs of points of all
 * cables, and the closure of who shares one. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cutoff/cables.h"

enum { COUNTRIES = 12, POINTS = 30, CABLES = 24 };

/* Random cables; some are planned, some points have no country, and few cables join few
 * countries, so that there is something to break. */
static struct cables *
make(uint64_t seed)
{
    struct snapshot_source source = {.name = "made"};
    AUTO_BUF(bytes, CABLES_MAX);
    struct errinfo ei = {0};
    struct cables_build *b;
    struct cables *c;
    unsigned cables = 1 + (unsigned)(next_random(&seed) % CABLES);

    assert_int_equal(cables_build_new(&b), 0);
    for (unsigned k = 0; k < cables; k++) {
        AUTO_BUF(text, 1 << 16);
        unsigned n = 1 + (unsigned)(next_random(&seed) % 3 + next_random(&seed) % 2 * 2);

        buf_printf(&text, "{\"id\":\"c%u\",\"rfs\":\"%u\",\"landing_points\":[", k,
                   next_random(&seed) % 8 == 0 ? 2030 : 2010);
        for (unsigned i = 0; i < n; i++) {
            unsigned p = (unsigned)(next_random(&seed) % POINTS);

            buf_printf(&text, "%s{\"id\":\"p%u\",\"name\":\"P", i > 0 ? "," : "", p);
            if (p % 13 != 5)
                buf_printf(&text, ", C%u", p * 7 % COUNTRIES);
            buf_text(&text, "\"}");
        }
        buf_text(&text, "]}");
        assert_int_equal(cables_build_add(b, text.ptr, text.len, &ei), 0);
    }
    assert_int_equal(cables_build_write(b, "2020-01-01", &source, 1, &bytes, &ei), 0);
    assert_int_equal(cables_read(buf_get(&bytes), &c, &ei), 0);
    (void)cables_build_free(b);
    return c;
}

struct naive {
    bool has[COUNTRIES];
    bool shares[COUNTRIES][COUNTRIES];
    bool joined[COUNTRIES][COUNTRIES];
    unsigned cables[COUNTRIES];
    unsigned abroad[COUNTRIES];
    unsigned points[COUNTRIES];
};

static bool
fails(const uint8_t *list, uint32_t i)
{
    return list != NULL && list[i] != 0;
}

/* One end alone is no cable, unless nobody ever knew of another. */
static bool
ends(const struct cables *c, const struct cable_cut *cut, uint32_t cable)
{
    const struct cable *k = &c->cable[cable];
    unsigned dead = 0;

    for (uint32_t i = 0; i < k->points; i++)
        dead += fails(cut->point, c->landing[k->first + i]);
    return k->planned || fails(cut->cable, cable) || (dead > 0 && k->points - dead < 2);
}

static bool
lands(const struct cables *c, const struct cable_cut *cut, uint32_t cable, uint32_t country)
{
    const struct cable *k = &c->cable[cable];

    for (uint32_t i = 0; i < k->points && !ends(c, cut, cable); i++) {
        uint32_t p = c->landing[k->first + i];

        if (c->point[p].country == country && !fails(cut->point, p))
            return true;
    }
    return false;
}

static void
ask(const struct cables *c, const struct cable_cut *cut, struct naive *n)
{
    const struct cable_cut none = {NULL, NULL};

    memset(n, 0, sizeof *n);
    for (uint32_t a = 0; a < c->countries; a++) {
        for (uint32_t k = 0; k < c->cables; k++) {
            bool abroad = false;

            n->has[a] |= lands(c, &none, k, a);
            if (!lands(c, cut, k, a))
                continue;
            n->cables[a]++;
            for (uint32_t b = 0; b < c->countries; b++) {
                if (b != a && lands(c, cut, k, b))
                    n->shares[a][b] = abroad = true;
            }
            n->abroad[a] += abroad;
        }
        for (uint32_t p = 0; p < c->points; p++) {
            bool used = false;

            for (uint32_t k = 0; k < c->cables; k++) {
                const struct cable *x = &c->cable[k];

                for (uint32_t i = 0; i < x->points; i++)
                    used |= c->landing[x->first + i] == p && !ends(c, cut, k) &&
                            !fails(cut->point, p);
            }
            n->points[a] += used && c->point[p].country == a;
        }
    }
    for (unsigned a = 0; a < COUNTRIES; a++) {
        for (unsigned b = 0; b < COUNTRIES; b++)
            n->joined[a][b] = a == b || n->shares[a][b];
    }
    for (unsigned m = 0; m < COUNTRIES; m++) {
        for (unsigned a = 0; a < COUNTRIES; a++) {
            for (unsigned b = 0; b < COUNTRIES; b++)
                n->joined[a][b] |= n->joined[a][m] && n->joined[m][b];
        }
    }
}

static unsigned
part_size(const struct naive *n, unsigned a)
{
    unsigned size = 0;

    for (unsigned b = 0; b < COUNTRIES; b++)
        size += n->has[b] && n->joined[a][b];
    return size;
}

static unsigned
parts(const struct naive *n)
{
    unsigned count = 0;

    for (unsigned a = 0; a < COUNTRIES; a++) {
        bool first = n->has[a];

        for (unsigned b = 0; b < a; b++)
            first &= !(n->has[b] && n->joined[a][b]);
        count += first;
    }
    return count;
}

static void
compare(const struct cables *c, const struct cable_cut *cut, const struct naive *n)
{
    struct cable_state s;
    unsigned largest = 0;

    assert_int_equal(cable_state_make(c, cut, &s), 0);
    assert_int_equal(s.parts, parts(n));
    for (uint32_t a = 0; a < c->countries; a++) {
        unsigned near = 0;

        for (uint32_t b = 0; b < c->countries; b++) {
            assert_int_equal(cable_shares(&s, a, b), n->shares[a][b]);
            assert_int_equal(s.land[a].part == s.land[b].part, n->joined[a][b]);
            near += n->shares[a][b];
        }
        assert_int_equal(s.land[a].near, near);
        assert_int_equal(s.land[a].cables, n->cables[a]);
        assert_int_equal(s.land[a].abroad, n->abroad[a]);
        assert_int_equal(s.land[a].points, n->points[a]);
        assert_int_equal(s.land[a].joined, part_size(n, a));
        if (n->has[a] && part_size(n, a) > largest)
            largest = part_size(n, a);
    }
    assert_int_equal(s.largest, largest);
    cable_state_release(&s);
}

/* Countries that were joined with one that is touched, and are no longer with most of those. */
static unsigned
apart(const struct naive *before, const struct naive *after, unsigned a)
{
    unsigned most = 0;
    unsigned all = 0;

    for (unsigned b = 0; b < COUNTRIES; b++) {
        unsigned size = 0;

        for (unsigned d = 0; d < COUNTRIES; d++)
            size += before->joined[a][b] && before->joined[a][d] && before->has[d] &&
                    after->joined[b][d];
        all += before->has[b] && before->joined[a][b];
        most = size > most ? size : most;
    }
    return all - most;
}

static void
check_failure(const struct cables *c, const struct naive *before, const struct cable_failure *f,
              struct cable_cut *cut, uint8_t *mark)
{
    struct naive after;
    unsigned last = 0;
    unsigned gone = 0;

    mark[f->index] = 1;
    ask(c, cut, &after);
    compare(c, cut, &after);
    for (unsigned a = 0; a < COUNTRIES; a++) {
        unsigned d = before->has[a] ? apart(before, &after, a) : 0;

        last += before->abroad[a] > 0 && after.abroad[a] == 0;
        gone = d > gone ? d : gone;
    }
    assert_int_equal(f->last, last);
    assert_int_equal(f->parts, parts(&after) - parts(before));
    assert_int_equal(f->apart, gone);
    mark[f->index] = 0;
}

static bool
is_worse(const struct cable_failure *a, const struct cable_failure *b)
{
    if (a->last != b->last)
        return a->last > b->last;
    return a->apart >= b->apart;
}

static void
test_rank(void **state)
{
    unsigned split = 0;
    unsigned lost = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        uint8_t cable[CABLES] = {0};
        uint8_t point[POINTS] = {0};
        struct cable_cut none = {NULL, NULL};
        struct cable_cut one = {cable, point};
        struct cables *c = make(seed * 7919);
        struct cable_failure *rows;
        struct naive before;
        uint32_t count;
        uint32_t cables = 0;

        ask(c, &none, &before);
        compare(c, &none, &before);
        assert_int_equal(cable_rank(c, &rows, &count), 0);
        for (uint32_t i = 0; i < count; i++) {
            check_failure(c, &before, &rows[i], &one, rows[i].point ? point : cable);
            assert_true(i == 0 || is_worse(&rows[i - 1], &rows[i]));
            split += rows[i].parts > 0;
            lost += rows[i].last > 0;
            cables += !rows[i].point;
        }
        assert_int_equal(cables, c->cables - c->counts.planned);
        free(rows);
        (void)cables_free(c);
    }
    assert_true(split > 300 && lost > 300); /* else nothing was checked */
}

/* Several at once. */
static void
test_several(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        uint64_t dice = seed * 104729;
        uint8_t cable[CABLES];
        uint8_t point[POINTS];
        const struct cable_cut cut = {cable, point};
        struct cables *c = make(seed * 31);
        struct naive n;

        for (unsigned i = 0; i < CABLES; i++)
            cable[i] = next_random(&dice) % 4 == 0;
        for (unsigned i = 0; i < POINTS; i++)
            point[i] = next_random(&dice) % 6 == 0;
        ask(c, &cut, &n);
        compare(c, &cut, &n);
        (void)cables_free(c);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rank),
                                       cmocka_unit_test(test_several)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
