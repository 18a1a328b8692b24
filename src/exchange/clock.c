#include "exchange/clock.h"

#include <stdlib.h>

enum { SECOND_US = 1000000, SET_US = 1000000 /* between two clocks of one machine */ };

static int64_t
size_of(int64_t us)
{
    return us < 0 ? -us : us;
}

bool
clock_measure(const struct clock_said *s, struct clock_offset *ret)
{
    int64_t way = s->told.us - s->asked.us;

    *ret = (struct clock_offset){.at = {0}};
    if (s->took_us < 0 || s->took_us > CLOCK_WAY_US || size_of(way - s->took_us) > SET_US ||
        s->stated.us <= 0)
        return false;
    ret->offset.us = s->stated.us + SECOND_US / 2 - (s->asked.us + s->took_us / 2);
    ret->error.us = s->took_us / 2 + SECOND_US / 2;
    ret->at = s->told;
    return true;
}

static int
by_offset(const void *a, const void *b)
{
    const struct clock_offset *x = a;
    const struct clock_offset *y = b;

    return (x->offset.us > y->offset.us) - (x->offset.us < y->offset.us);
}

void
clock_estimate(const struct clock_offset *others, unsigned count, struct utime now,
               struct clock_estimate *ret)
{
    struct clock_offset fresh[CLOCK_OTHERS];
    const struct clock_offset *low;
    const struct clock_offset *high;
    unsigned n = 0;

    *ret = (struct clock_estimate){.count = 0};
    for (unsigned i = 0; i < count && n < CLOCK_OTHERS; i++) {
        if (others[i].at.us != 0 && size_of(now.us - others[i].at.us) <= CLOCK_FRESH_US)
            fresh[n++] = others[i];
    }
    if (n == 0)
        return;
    qsort(fresh, n, sizeof fresh[0], by_offset);
    low = &fresh[(n - 1) / 2];
    high = &fresh[n / 2];
    ret->count = n;
    ret->offset.us = low->offset.us + (high->offset.us - low->offset.us) / 2;
    ret->error = low->error.us > high->error.us ? low->error : high->error;
}

bool
clock_is_off(const struct clock_estimate *e, struct span most)
{
    return e->count > 0 && size_of(e->offset.us) - e->error.us > most.us;
}
