/* world [--seed N] [--seeds N] [--years N] [--turns N] [--twice] [--all] [--lies] [--flips]
 * [--find N]
 * [-v]
 *
 * Without options: the short run that tests make.  Exit 1: a promise was broken, a seed gave
 * two traces, or something that a run must have met was never met. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "world.h"

struct sum {
    uint64_t seeds;
    int64_t simulated;
    uint64_t events;
    uint64_t records;
    uint64_t starts;
    uint64_t crashes;
    uint64_t torn;
    uint64_t trace;
    uint64_t some[SOMETIMES];
};

struct options {
    struct world_options world;
    uint64_t seeds;
    double years;
    uint64_t find; /* a violation, within so many seeds */
    bool twice;
    bool all; /* everything must be met */
};

#define YEAR_US (365.25 * 86400e6)

static void
add(struct sum *s, const struct world_result *r)
{
    s->seeds++;
    s->simulated += r->simulated;
    s->events += r->events;
    s->records += r->records;
    s->starts += r->starts;
    s->crashes += r->crashes;
    s->torn += r->torn;
    s->trace = (s->trace ^ r->trace) * UINT64_C(0xd6e8feb86659fd93);
    for (int i = 0; i < SOMETIMES; i++)
        s->some[i] += r->some[i];
}

static void
print(const struct sum *s)
{
    static const char *const text[] = {
#define SOMETIMES(name, words) words,
#include "sometimes.def"
    };
    double minutes = (double)clock() / CLOCKS_PER_SEC / 60;

    for (int i = 0; i < SOMETIMES; i++)
        printf("%9llu  %s\n", (unsigned long long)s->some[i], text[i]);
    printf("%llu seeds, %.2f years, %llu events in %llu records, %llu starts, %llu crashes, "
           "%llu torn tails, trace %016llx\n",
           (unsigned long long)s->seeds, (double)s->simulated / YEAR_US,
           (unsigned long long)s->events, (unsigned long long)s->records,
           (unsigned long long)s->starts, (unsigned long long)s->crashes,
           (unsigned long long)s->torn, (unsigned long long)s->trace);
    printf("per CPU minute: %.2f years, %.0f crashes, %.0f records (%.1f s)\n",
           (double)s->simulated / YEAR_US / minutes, (double)s->crashes / minutes,
           (double)s->records / minutes, minutes * 60);
}

static bool
broken(const struct world_options *o, const struct world_result *r)
{
    if (r->violation[0] == '\0')
        return false;
    printf("seed %llu, after %.1f simulated hours and %llu crashes: %s\n",
           (unsigned long long)o->seed, (double)r->simulated / 3600e6,
           (unsigned long long)r->crashes, r->violation);
    return true;
}

/* 0 when no promise was broken. */
static int
run(struct options *o, struct sum *s)
{
    uint64_t first = o->world.seed;

    for (uint64_t i = 0;
         o->years > 0 ? (double)s->simulated / YEAR_US < o->years : i < o->seeds; i++) {
        struct world_result r;
        struct world_result again;

        o->world.seed = first + i;
        world_run(&o->world, &r);
        add(s, &r);
        if (broken(&o->world, &r))
            return 1;
        if (!o->twice && i % 8 != 0)
            continue;
        world_run(&o->world, &again);
        if (again.trace != r.trace) {
            printf("seed %llu gave trace %016llx, then %016llx\n",
                   (unsigned long long)o->world.seed, (unsigned long long)r.trace,
                   (unsigned long long)again.trace);
            return 1;
        }
    }
    return 0;
}

/* A planted bug must be found. */
static int
find(struct options *o)
{
    for (uint64_t i = 1; i <= o->find; i++) {
        struct world_result r;

        o->world.seed = i;
        world_run(&o->world, &r);
        if (broken(&o->world, &r)) {
            printf("found with %llu seeds\n", (unsigned long long)i);
            return 0;
        }
    }
    printf("%llu seeds did not find it\n", (unsigned long long)o->find);
    return 1;
}

static int
check_met(const struct sum *s)
{
    static const char *const name[] = {
#define SOMETIMES(name, words) #name,
#include "sometimes.def"
    };
    int missed = 0;

    for (int i = 0; i < SOMETIMES; i++) {
        if (s->some[i] > 0)
            continue;
        printf("never met: %s\n", name[i]);
        missed = 1;
    }
    return missed;
}

static bool
parse(int argc, char **argv, struct options *o)
{
    bool one = false;

    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        const char *v = i + 1 < argc ? argv[i + 1] : "";
        bool takes = true;

        if (strcmp(a, "--seed") == 0) {
            o->world.seed = strtoull(v, NULL, 10);
            o->seeds = 1;
            one = true;
        } else if (strcmp(a, "--seeds") == 0) {
            o->seeds = strtoull(v, NULL, 10);
        } else if (strcmp(a, "--years") == 0) {
            o->years = strtod(v, NULL);
        } else if (strcmp(a, "--turns") == 0) {
            o->world.turns = (unsigned)strtoul(v, NULL, 10);
        } else if (strcmp(a, "--find") == 0) {
            o->find = strtoull(v, NULL, 10);
        } else {
            takes = false;
        }
        if (takes) {
            if (v[0] < '0' || v[0] > '9')
                return false;
            i++;
        } else if (strcmp(a, "--twice") == 0) {
            o->twice = true;
        } else if (strcmp(a, "--all") == 0) {
            o->all = true;
        } else if (strcmp(a, "--lies") == 0) {
            o->world.lies = true;
        } else if (strcmp(a, "--flips") == 0) {
            o->world.flips = true;
        } else if (strcmp(a, "-v") == 0) {
            o->world.verbose = true;
        } else {
            return false;
        }
    }
    o->all |= !one || o->years > 0;
    return true;
}

int
main(int argc, char **argv)
{
    struct options o = {.world = {.seed = 1, .turns = 400}, .seeds = 40};
    struct sum s = {0};
    int bad;

    if (!parse(argc, argv, &o)) {
        (void)fputs("world [--seed N] [--seeds N] [--years N] [--turns N] [--twice] [--all] "
                    "[--lies] [--flips] "
                    "[--find N] [-v]\n",
                    stderr);
        return 2;
    }
    if (o.find > 0)
        return find(&o);
    bad = run(&o, &s);
    print(&s);
    if (bad == 0 && o.all)
        bad = check_met(&s);
    return bad;
}
