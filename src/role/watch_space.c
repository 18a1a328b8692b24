/* What people are told of the own sensors' sight: declared space that nobody watches, and
 * sensors that lose more than the pact allows. */
#include <stdio.h>

#include "role/watch_priv.h"
#include "store/space.h"

enum { TOLD_MAX = 16 /* prefixes; more is in `coverage` and on the page */ };

struct blind {
    struct watch *w;
    const struct watch_view *v;
    struct utime now;
    char seen[TOLD_MAX][ALERT_SUBJECT];
    unsigned count;
};

/* Is anybody else of it still bound? */
static bool
is_bound(const struct book_pact *p, struct utime now)
{
    for (unsigned i = 0; p->self >= 0 && i < p->pact->parties; i++) {
        if ((int)i != p->self && (p->party[i].ends.us == 0 || p->party[i].ends.us > now.us))
            return p->party[p->self].ends.us == 0 || p->party[p->self].ends.us > now.us;
    }
    return false;
}

/* Since when nothing of it is watched; who does not look any more has not seen since then. */
static struct utime
blind_since(const struct store_seen *p, const struct pact *pact, struct utime now)
{
    bool late = now.us - p->until.us > pact->sensor_late_after.us;

    return p->blind.us == 0 && late ? p->until : p->blind;
}

static bool
is_held(const struct watch *w, const char *subject)
{
    for (unsigned i = 0; i < w->rows; i++) {
        if (w->held[i].rule == ALERT_SENSOR_BLIND && strcmp(w->held[i].subject, subject) == 0)
            return true;
    }
    return false;
}

static unsigned
held(const struct watch *w)
{
    unsigned n = 0;

    for (unsigned i = 0; i < w->rows; i++)
        n += w->held[i].rule == ALERT_SENSOR_BLIND;
    return n;
}

static int
look_at(void *arg, const struct store_seen *p)
{
    struct blind *b = arg;
    const struct book_pact *pact = book_pact(b->v->parley->book, p->pact);
    int64_t limit = b->v->node->conf->blind.us;
    char subject[ALERT_SUBJECT];
    char when[TIME_TEXT];
    struct utime since;

    if (pact == NULL || !is_bound(pact, b->now))
        return 0;
    since = blind_since(p, pact->pact, b->now);
    if (limit == 0 || since.us == 0 || b->now.us - since.us <= limit || b->count == TOLD_MAX)
        return 0;
    (void)snprintf(subject, sizeof subject, "%.*s %.*s", (int)p->prefix.len, p->prefix.ptr,
                   (int)p->pact.len, p->pact.ptr);
    if (!is_held(b->w, subject) && held(b->w) >= TOLD_MAX)
        return 0;
    (void)snprintf(b->seen[b->count++], ALERT_SUBJECT, "%s", subject);
    time_format(since, when);
    watch_say(b->w, b->v, ALERT_SENSOR_BLIND, subject, true, WORD_ALERT_SENSOR_BLIND,
              "%.*s" WORD_AND "%.16sZ" WORD_AND "%.*s", (int)p->prefix.len, p->prefix.ptr, when,
              (int)p->pact.len, p->pact.ptr);
    return 0;
}

static bool
was_seen(const struct blind *b, const char *subject)
{
    for (unsigned i = 0; i < b->count; i++) {
        if (strcmp(b->seen[i], subject) == 0)
            return true;
    }
    return false;
}

void
watch_space(struct watch *w, const struct watch_view *v)
{
    struct blind b = {.w = w, .v = v, .now = v->node->env.now_wall(v->node->env.self)};

    if (v->parley->book == NULL || v->parley->book->pacts == 0 ||
        store_each_space(v->node->store, SLICE(""), look_at, &b) < 0)
        return;
    for (unsigned i = w->rows; i-- > 0;) {
        char subject[ALERT_SUBJECT];

        if (w->held[i].rule != ALERT_SENSOR_BLIND || was_seen(&b, w->held[i].subject))
            continue;
        memcpy(subject, w->held[i].subject, sizeof subject);
        watch_say(w, v, ALERT_SENSOR_BLIND, subject, false, WORD_NONE, "%s", "");
    }
}

void
watch_drops(struct watch *w, const struct watch_view *v)
{
    for (unsigned i = 0; v->beat != NULL && i < BEAT_SENSORS; i++) {
        const struct beat_sensor *s = &v->beat->sensor[i];

        if (s->name[0] != '\0')
            watch_say(w, v, ALERT_SENSOR_DROPS, s->name, (s->faults & SENSOR_DROPS) != 0,
                      WORD_ALERT_SENSOR_DROPS, "%s", s->name);
    }
}
