#include "pact/incident_priv.h"

int64_t
fold_run(const struct fold *f, struct utime from, struct utime until)
{
    int64_t run = until.us - from.us;

    if (run <= 0)
        return 0;
    for (unsigned i = 0; i < f->spans && f->suspended[i].from.us < until.us; i++) {
        int64_t a = f->suspended[i].from.us > from.us ? f->suspended[i].from.us : from.us;
        int64_t b = f->suspended[i].until.us < until.us ? f->suspended[i].until.us : until.us;

        run -= b > a ? b - a : 0;
    }
    return run;
}

struct utime
fold_after(const struct fold *f, struct utime from, int64_t run)
{
    struct utime at = from;

    for (unsigned i = 0; i < f->spans; i++) {
        int64_t until = f->suspended[i].from.us;

        if (f->suspended[i].until.us <= at.us)
            continue;
        if (until > at.us) {
            if (run <= until - at.us)
                break;
            run -= until - at.us;
        }
        at = f->suspended[i].until;
    }
    at.us += run;
    return at;
}

void
fold_start(struct fold *f, enum incident_due d, struct utime at, int64_t limit)
{
    f->clock[d] = (struct due_clock){.owed = true, .runs = true, .since = at, .limit = limit};
}

int64_t
fold_used(const struct fold *f, enum incident_due d, struct utime now)
{
    const struct due_clock *c = &f->clock[d];

    return c->used + (c->runs ? fold_run(f, c->since, now) : 0);
}

void
fold_stop(struct fold *f, enum incident_due d, struct utime at)
{
    f->clock[d].used = fold_used(f, d, at);
    f->clock[d].runs = false;
}

void
fold_go_on(struct fold *f, enum incident_due d, struct utime at)
{
    if (!f->clock[d].runs)
        f->clock[d].since = at;
    f->clock[d].owed = f->clock[d].runs = true;
}

void
fold_met(struct fold *f, enum incident_due d, struct utime at, bool done)
{
    if (!f->clock[d].owed)
        return;
    fold_stop(f, d, at);
    f->clock[d].owed = false;
    if (!done)
        return;
    f->in->met |= 1U << d;
    f->in->took[d] = f->clock[d].used;
    if (f->clock[d].used > f->clock[d].limit)
        f->in->late |= 1U << d;
}
