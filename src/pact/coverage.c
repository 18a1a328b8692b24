#include "pact/coverage.h"

#include <math.h>
#include <stdlib.h>

#define RULES_US (INT64_C(7) * 86400 * TIME_US_PER_S)

/* ---- space ------------------------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
    const struct prefix *x = a;
    const struct prefix *y = b;
    int r = memcmp(&x->addr, &y->addr, sizeof x->addr);

    return r != 0 ? r : (x->len > y->len) - (x->len < y->len);
}

static bool
is_within(const struct prefix *inner, const struct prefix *outer)
{
    return outer->len <= inner->len && prefix_covers(outer, &inner->addr);
}

/* Prefixes nest or are apart: sorted, one that lies in another comes behind it. */
static size_t
keep_outermost(struct prefix *at, size_t n)
{
    size_t kept = 0;

    qsort(at, n, sizeof *at, compare);
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || !is_within(&at[i], &at[kept - 1]))
            at[kept++] = at[i];
    }
    return kept;
}

/* The first of those that does not lie before the declared one. */
static size_t
first_at(const struct prefix *at, size_t n, const struct prefix *p)
{
    size_t low = 0;

    while (low < n) {
        size_t middle = low + (n - low) / 2;

        if (memcmp(&at[middle].addr, &p->addr, sizeof p->addr) < 0)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

/* What of one prefix lies in the outermost ones: 0 to 1. */
static double
part_of(const struct prefix *p, const struct prefix *at, size_t n)
{
    size_t i = first_at(at, n, p);
    double part = 0;

    if ((i > 0 && is_within(p, &at[i - 1])) || (i < n && is_within(p, &at[i])))
        return 1;
    for (; i < n && is_within(&at[i], p); i++)
        part += ldexp(1, p->len - at[i].len);
    return part;
}

/* The outermost ones of all lists; NULL with *ret_n 0: nothing is watched.  ERR_NOMEM. */
static int
gather(const struct pact_prefixes *watched, unsigned lists, struct prefix **ret, size_t *ret_n)
{
    size_t n = 0;

    *ret = NULL;
    *ret_n = 0;
    for (unsigned i = 0; i < lists; i++)
        n += watched[i].count;
    if (n == 0)
        return 0;
    *ret = malloc(n * sizeof **ret);
    if (*ret == NULL)
        return ERR_NOMEM;
    n = 0;
    for (unsigned i = 0; i < lists; i++) {
        memcpy(*ret + n, watched[i].at, watched[i].count * sizeof **ret);
        n += watched[i].count;
    }
    *ret_n = keep_outermost(*ret, n);
    return 0;
}

int
coverage_of(const struct pact_prefixes declared[2], const struct pact_prefixes *watched,
            unsigned lists, uint32_t *ret_ppm)
{
    size_t all = (size_t)declared[0].count + declared[1].count;
    struct prefix *at;
    double parts = 0;
    size_t n;
    int r = gather(watched, lists, &at, &n);

    *ret_ppm = 0;
    if (r < 0)
        return r;
    for (unsigned f = 0; n > 0 && f < 2; f++) {
        for (unsigned i = 0; i < declared[f].count; i++)
            parts += part_of(&declared[f].at[i], at, n);
    }
    free(at);
    if (all > 0)
        *ret_ppm = (uint32_t)(parts * 1e6 / (double)all);
    return 0;
}

int
coverage_each(const struct pact_prefixes declared[2], const struct pact_prefixes *watched,
              unsigned lists, unsigned most, uint32_t *ret_ppm)
{
    struct prefix *at;
    unsigned k = 0;
    size_t n;
    int r = gather(watched, lists, &at, &n);

    if (r < 0)
        return r;
    for (unsigned f = 0; f < 2; f++) {
        for (unsigned i = 0; i < declared[f].count && k < most; i++)
            ret_ppm[k++] = n == 0 ? 0 : (uint32_t)(part_of(&declared[f].at[i], at, n) * 1e6);
    }
    free(at);
    return 0;
}

/* ---- sensors ----------------------------------------------------------------------------- */

unsigned
sensor_faults(const struct pact *p, const struct sensor_look *s, unsigned *ret_unknown)
{
    unsigned faults = 0;
    unsigned unknown = 0;

    faults |= s->missing ? SENSOR_MISSING : 0U;
    faults |= s->since.us > p->sensor_late_after.us ? SENSOR_SILENT : 0U;
    if (!s->has_gauge) {
        *ret_unknown = SENSOR_DROPS | SENSOR_PACKETS | SENSOR_CLOCK | SENSOR_RULES;
        return faults;
    }
    if ((double)s->drops * 1e6 > (double)s->packets * (double)p->max_drop_ppm)
        faults |= SENSOR_DROPS;
    if (s->usual == 0)
        unknown |= SENSOR_PACKETS;
    else if (s->recent <= s->usual / 5)
        faults |= SENSOR_PACKETS;
    if (llabs(s->skew.us) > p->clock_skew_max.us)
        faults |= SENSOR_CLOCK;
    if (!s->has_rules)
        unknown |= SENSOR_RULES;
    else if (s->rules_age.us > RULES_US)
        faults |= SENSOR_RULES;
    *ret_unknown = unknown;
    return faults;
}

const char *
sensor_fault_name(enum sensor_fault f)
{
    switch (f) {
    case SENSOR_MISSING: return "missing";
    case SENSOR_SILENT: return "silent";
    case SENSOR_DROPS: return "drops";
    case SENSOR_PACKETS: return "packets";
    case SENSOR_CLOCK: return "clock";
    case SENSOR_RULES: break;
    }
    return "rules";
}
