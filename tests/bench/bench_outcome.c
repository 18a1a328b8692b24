/* What came of an alert that names a vulnerability: bench_outcome DIR, whose vuln/vuln.db has
 * assets, some with addresses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vulndb/outcome.h"

enum { ASKED = 4096, TURNS = 500 };

static double
now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct addr
address(unsigned n)
{
    return (struct addr){.byte = {[10] = 0xff,
                                  [11] = 0xff,
                                  [12] = 198,
                                  [13] = 51,
                                  [14] = (uint8_t)(n >> 8),
                                  [15] = (uint8_t)n}};
}

/* Alerts at all assets, of what they have and what they have not. */
static uint64_t
turn(struct outcomes *o, uint64_t sum[OUTCOMES])
{
    const struct scan *s = outcomes_scan(o);
    const struct addr origin = {.byte = {[10] = 0xff, [11] = 0xff, [12] = 203}};
    uint64_t n = 0;

    for (unsigned i = 0; i < ASKED; i++) {
        struct addr target = address(i % (s->assets + 8));
        uint64_t vuln = i % 3 == 0 ? UINT64_C(2021) << 32 | (44228 + i)
                                   : s->finding[i * 7919U % s->findings].vuln;
        enum outcome is;

        if (outcome_of(o, &origin, &target, vuln, &is) < 0)
            return 0;
        sum[is]++;
        n++;
    }
    return n;
}

int
main(int argc, char **argv)
{
    struct vulndb *db = NULL;
    struct outcomes *o = NULL;
    struct errinfo ei = {0};
    uint64_t sum[OUTCOMES] = {0};
    uint64_t n = 0;
    double began;
    double opened;
    double first;
    int r;

    if (argc != 2 || vulndb_open(argv[1], true, &db, &ei) < 0)
        return fprintf(stderr, "bench_outcome DIR: %s\n", ei.text), 2;
    r = outcomes_open(db, (struct utime){0}, &o);
    for (uint32_t i = 0; r == 0 && i < outcomes_assets(o); i++) {
        struct addr a = address(i);

        r = vulndb_address_add(db, outcomes_asset_at(o, i)->id, a.byte, a.byte);
    }
    o = outcomes_close(o);
    opened = now();
    if (r == 0)
        r = outcomes_open(db, (struct utime){0}, &o);
    opened = now() - opened;
    if (r < 0 || outcomes_scan(o)->findings == 0)
        return fprintf(stderr, "bench_outcome: nothing is found there\n"), 2;
    began = now(); /* the first of each is a look-up in the database */
    n = turn(o, sum);
    first = (now() - began) / (double)(n == 0 ? 1 : n);
    n = 0;
    memset(sum, 0, sizeof sum);
    began = now();
    for (unsigned i = 0; i < TURNS; i++)
        n += turn(o, sum);
    began = now() - began;
    printf("vuln_outcome %.0f ns (an alert's; of %llu: %llu vulnerable, %llu patched, %llu not "
           "installed, %llu unknown; target 1000 ns)\n",
           began / (double)n * 1e9, (unsigned long long)n,
           (unsigned long long)sum[OUTCOME_VULNERABLE],
           (unsigned long long)sum[OUTCOME_PATCHED],
           (unsigned long long)sum[OUTCOME_NOT_INSTALLED],
           (unsigned long long)sum[OUTCOME_UNKNOWN]);
    printf("vuln_outcome_first %.1f us (its first, on the whole), vuln_outcomes_open %.0f ms\n",
           first * 1e6, opened * 1e3);
    (void)outcomes_close(o);
    (void)vulndb_close(db);
    return 0;
}
