#include "role/outlast.h"

#include <stdlib.h>

/* Seconds from the cut; -1: it does not break. */
static int64_t
seconds(const struct outlast *o, struct utime t)
{
    if (t.us == DEPEND_NEVER.us || t.us > TIME_MAX.us)
        return -1;
    return t.us <= o->in->at.us ? 0 : (t.us - o->in->at.us) / TIME_US_PER_S;
}

static void
put_time(const char *name, struct utime t, struct buf *to)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(to, "\"%s\":\"%.*s\"", name, TIME_TEXT, text);
}

/* What somebody wrote, cut where it is too long, between characters. */
static void
put_text(const char *name, struct slice s, struct buf *to)
{
    buf_printf(to, "\"%s\":", name);
    buf_json(to, slice_cut(s, OUTLAST_TEXT));
}

/* ---- what breaks when -------------------------------------------------------------------- */

struct listed {
    struct utime least;
    struct utime most;
    uint32_t service;
    uint8_t criticality;
};

/* What breaks first, then what may, then what matters most; else as they are listed. */
static int
compare(const void *a, const void *b)
{
    const struct listed *x = a;
    const struct listed *y = b;

    if (x->least.us != y->least.us)
        return x->least.us < y->least.us ? -1 : 1;
    if (x->most.us != y->most.us)
        return x->most.us < y->most.us ? -1 : 1;
    if (x->criticality != y->criticality)
        return x->criticality > y->criticality ? -1 : 1;
    return x->service < y->service ? -1 : 1;
}

static void
put_service(const struct outlast *o, uint32_t number, struct buf *to)
{
    const struct service *s = &o->in->services->service[number];
    const struct outcome *x = &o->audit->outcome[number];
    const struct need *n = x->first == FACTS_NONE ? NULL : &o->audit->need[x->first];
    AUTO_BUF(what, 1 << 20);

    if (n != NULL)
        audit_need_text(o->audit, n, &what);
    buf_char(to, '{');
    put_text("id", s->id, to);
    buf_char(to, ',');
    put_text("name", s->name.len > 0 ? s->name : s->id, to);
    buf_char(to, ',');
    put_text("owner", s->owner, to);
    buf_printf(to, ",\"criticality\":%u,\"verdict\":\"%s\",\"kind\":\"%s\",", s->criticality,
               depend_verdict_name((enum depend_verdict)x->verdict),
               n == NULL ? "" : depend_kind_name((enum depend_kind)n->kind));
    put_text("what", buf_get(&what), to);
    buf_char(to, ',');
    put_text("why", n == NULL ? SLICE("") : slice_of(n->why), to);
    buf_printf(to, ",\"least_s\":%lld,\"most_s\":%lld}", (long long)seconds(o, x->least),
               (long long)seconds(o, x->most));
}

static int
put_services(const struct outlast *o, struct buf *to)
{
    uint32_t count = o->audit->count;
    struct listed *list = malloc(((size_t)count + 1) * sizeof *list);

    if (list == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < count; i++) {
        const struct outcome *x = &o->audit->outcome[i];

        list[i] =
            (struct listed){x->least, x->most, i, o->in->services->service[i].criticality};
    }
    qsort(list, count, sizeof *list, compare);
    buf_text(to, ",\"list\":[");
    for (uint32_t i = 0; i < count && i < OUTLAST_SERVICES; i++) {
        buf_text(to, i > 0 ? "," : "");
        put_service(o, list[i].service, to);
    }
    buf_char(to, ']');
    free(list);
    return 0;
}

/* How many break at once, and how many of which nothing is known. */
static void
put_counts(const struct outlast *o, struct buf *to)
{
    uint32_t at_once = 0;
    uint32_t never = 0;

    for (uint32_t i = 0; i < o->audit->count; i++) {
        const struct outcome *x = &o->audit->outcome[i];

        at_once += seconds(o, x->most) == 0;
        never += seconds(o, x->least) < 0;
    }
    buf_printf(to, ",\"services\":%u,\"at_once\":%u,\"never\":%u", o->audit->count, at_once,
               never);
}

/* ---- what to move home ------------------------------------------------------------------- */

static void
put_moves(const struct plan *p, const struct plan_step *s, struct buf *to)
{
    buf_printf(to, "\"moves\":%u,\"what\":[", s->moves);
    for (uint32_t i = 0; i < s->moves && i < OUTLAST_MOVES; i++) {
        const struct plan_move *m = &p->move[p->order[s->move_at + i]];

        buf_printf(to, "%s{\"kind\":\"%s\",\"unknown\":%s,", i > 0 ? "," : "",
                   depend_kind_name((enum depend_kind)m->kind), m->unknown ? "true" : "false");
        put_text("what", m->what, to);
        buf_printf(to, ",\"users\":%u}", m->users);
    }
    buf_char(to, ']');
}

static void
put_plan(const struct outlast *o, struct buf *to)
{
    const struct plan *p = o->plan;
    uint64_t services = p->already;
    uint64_t cost = 0;

    buf_printf(to,
               ",\"plan\":{\"days\":%llu,\"services\":%u,\"already\":%u,\"step_count\":%u,"
               "\"steps\":[",
               (unsigned long long)o->days, p->services, p->already, p->steps);
    for (uint32_t i = 0; i < p->steps && i < OUTLAST_STEPS; i++) {
        const struct plan_step *s = &p->step[i];

        services += s->services;
        cost += s->cost;
        buf_text(to, i > 0 ? ",{" : "{");
        put_moves(p, s, to);
        buf_printf(to,
                   ",\"gain\":%u,\"services_so_far\":%llu,\"criticality\":%llu,\"cost\":%llu,"
                   "\"cost_so_far\":%llu,\"lead_days\":%u}",
                   s->services, (unsigned long long)services,
                   (unsigned long long)s->criticality, (unsigned long long)s->cost,
                   (unsigned long long)cost, s->lead_days);
    }
    buf_text(to, "]}");
}

/* What counts as home, as it was said. */
static void
put_home(const struct home *h, struct buf *to)
{
    enum { RULES = 32 };

    buf_printf(to, ",\"home_rules\":%u,\"home\":[", h->count);
    for (uint32_t i = 0; i < h->count && i < RULES; i++) {
        buf_text(to, i > 0 ? "," : "");
        buf_json(to, slice_of(h->rule[i].text));
    }
    buf_char(to, ']');
}

int
outlast_json(const struct outlast *o, struct buf *to)
{
    int r;

    buf_text(to, "{\"format\":\"detente-services/1\",");
    put_time("made", o->made, to);
    buf_char(to, ',');
    put_time("at", o->in->at, to);
    put_home(o->in->home, to);
    put_counts(o, to);
    r = put_services(o, to);
    put_plan(o, to);
    buf_text(to, "}\n");
    return r < 0 ? r : buf_error(to);
}
