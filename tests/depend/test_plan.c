/* What to move home first, against every set of moves there is, on lists small enough. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "depend/plan.h"

enum { MOST = 10 };

struct world {
    char text[4096];
    struct services s;
    struct facts f;
    struct home h;
    struct audit_input in;
    struct audit a;
    struct plan p;
};

/* Services with up to three needs, of which mail has up to two hosts, from few suppliers. */
static void
make(struct world *w, uint64_t *seed)
{
    struct errinfo ei = {0};
    size_t n;

    *w = (struct world){0};
    facts_init(&w->f, 1);
    n = (size_t)snprintf(w->text, sizeof w->text,
                         "id,name,criticality,mx,login_idp,cdn,cost\n");
    for (uint64_t i = 0, count = 1 + next_random(seed) % 7; i < count; i++) {
        n += (size_t)snprintf(w->text + n, sizeof w->text - n, "%d,s,%d,", (int)i,
                              1 + (int)(next_random(seed) % 5));
        for (uint64_t k = next_random(seed) % 3; k > 0; k--)
            n += (size_t)snprintf(w->text + n, sizeof w->text - n, "192.0.2.%d;",
                                  1 + (int)(next_random(seed) % 3));
        for (int column = 0; column < 2; column++) {
            if (next_random(seed) % 2 == 0)
                n += (size_t)snprintf(w->text + n, sizeof w->text - n, ",Supplier %d",
                                      (int)(next_random(seed) % 3));
            else
                n += (size_t)snprintf(w->text + n, sizeof w->text - n, ",");
        }
        n += (size_t)snprintf(w->text + n, sizeof w->text - n, ",%d\n",
                              (int)(next_random(seed) % 4));
    }
    assert_int_equal(services_read(w->text, strlen(w->text), &w->s, &ei), 0);
    assert_int_equal(home_read(&w->h,
                               SLICE("XA\n!192.0.2.0/24\n!org:Supplier 0\n!org:Supplier 1\n"
                                     "!org:Supplier 2\n"),
                               &ei),
                     0);
    w->in = (struct audit_input){
        .services = &w->s, .facts = &w->f, .home = &w->h, .at = {TIME_US_PER_S}};
    assert_int_equal(audit_run(&w->in, &w->a), 0);
    assert_int_equal(plan_make(&w->in, &w->a, DEPEND_NEVER, UINT32_MAX, &w->p), 0);
}

static void
drop(struct world *w)
{
    plan_release(&w->p);
    audit_release(&w->a);
    home_release(&w->h);
    facts_release(&w->f);
    services_release(&w->s);
}

/* Is that link among those moves? */
static bool
is_moved(const struct world *w, const struct need *n, uint32_t link, unsigned moves)
{
    for (uint32_t m = 0; m < w->p.moves; m++) {
        if (w->p.move[m].kind == n->kind && (moves >> m & 1) != 0 &&
            slice_eq(w->p.move[m].what, audit_what(&w->a, link)))
            return true;
    }
    return false;
}

/* Criticality of all services that hold with those moves made, the slow way. */
static uint64_t
gained(const struct world *w, unsigned moves)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < w->a.count; i++) {
        bool all = w->a.outcome[i].needs > 0;

        for (uint32_t k = 0; k < w->a.outcome[i].needs; k++) {
            const struct need *n = &w->a.need[w->a.outcome[i].need_at + k];
            bool any = n->least.us == DEPEND_NEVER.us;

            for (uint32_t l = 0; l < n->links; l++)
                any |= is_moved(w, n, w->a.link[n->link_at + l], moves);
            all &= any;
        }
        sum += all ? w->s.service[i].criticality : 0;
    }
    return sum;
}

static uint64_t
cost_of(const struct world *w, unsigned moves)
{
    uint64_t sum = 0;

    for (uint32_t m = 0; m < w->p.moves; m++)
        sum += (moves >> m & 1) != 0 ? w->p.move[m].cost : 0;
    return sum;
}

/* A step gains and costs what it says; no set of one or two moves would have been a better one;
 * in the end all is gained that can be. */
static void
check(const struct world *w)
{
    unsigned sets = 1U << w->p.moves;
    unsigned made = 0;
    uint64_t sum = 0;

    for (uint32_t i = 0; i < w->p.steps; i++) {
        const struct plan_step *s = &w->p.step[i];
        uint64_t before = gained(w, made);
        unsigned had = made;

        for (uint32_t k = 0; k < s->moves; k++)
            made |= 1U << w->p.order[s->move_at + k];
        sum += s->criticality;
        assert_int_equal(gained(w, made), sum);
        assert_int_equal(cost_of(w, made) - cost_of(w, had), s->cost);
        for (unsigned set = 0; set < sets; set++) {
            uint64_t gain = gained(w, had | set) - before;
            uint64_t cost = cost_of(w, had | set) - cost_of(w, had);

            if (__builtin_popcount(set) <= 2 && cost > 0)
                assert_true(gain * s->cost <= s->criticality * cost);
        }
    }
    assert_int_equal(sum, gained(w, sets - 1));
}

static void
test_plan(void **state)
{
    uint64_t seed = 11;
    unsigned steps = 0;

    (void)state;
    for (int i = 0; i < 1500; i++) {
        struct world w;

        make(&w, &seed);
        if (w.p.moves <= MOST)
            check(&w);
        steps += w.p.steps;
        drop(&w);
    }
    assert_true(steps > 1500);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_plan)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
