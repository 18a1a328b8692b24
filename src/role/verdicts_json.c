/* Verdicts in JSON: words are keys, figures are numbers; sentences are for whoever shows them.
 */
#include <stdio.h>

#include "role/hygiene.h"
#include "role/verdicts_priv.h"

static void
moment(struct buf *b, const char *name, struct utime t)
{
    char out[TIME_TEXT];

    time_format(t, out);
    buf_printf(b, ",\"%s\":\"%.*s\"", name, t.us > 0 ? TIME_TEXT : 0, out);
}

static void
number(struct buf *b, const char *name, uint64_t n)
{
    buf_printf(b, ",\"%s\":%llu", name, (unsigned long long)n);
}

static void
text(struct buf *b, const char *name, struct slice value)
{
    buf_printf(b, ",\"%s\":", name);
    buf_json(b, value);
}

/* ---- one reading of a row ---------------------------------------------------------------- */

/* No object of its own: the whole must not be deeper than canonical JSON is. */
static void
put_worst(struct buf *b, const struct verdict *v, const struct outcomes *o, struct utime now,
          bool joint)
{
    const struct outcome *about = &o->about[v->worst];

    text(b, "worst", slice_of(about->name));
    text(b, "item", slice_of(v->item == DUES ? "notice" : incident_due_name(v->item)));
    moment(b, "due", v->due);
    number(b, "over_s",
           now.us > v->due.us ? (uint64_t)((now.us - v->due.us) / TIME_US_PER_S) : 0);
    if (joint)
        return; /* the rest is as one log has it */
    moment(b, "delivered", about->delivered);
    if (about->has_leaf)
        number(b, "leaf", ledger_index(about->leaf));
}

static void
put_sight(struct buf *b, const struct verdict_ask *a, const struct verdict *v)
{
    buf_printf(b, ",\"known\":%s", a->sight.known ? "true" : "false");
    if (!a->sight.known) {
        number(b, "at_most_ppm", a->sight.at_most_ppm);
        return;
    }
    if (a->sight.published)
        buf_text(b, ",\"published\":true");
    number(b, "coverage_ppm", a->sight.coverage_ppm);
    number(b, "sensors", a->sight.sensors);
    number(b, "canaries", a->sight.canaries);
    number(b, "found", a->sight.found);
    number(b, "recall_ppm", v->recall_ppm);
}

static void
put_reading(struct page *p, const char *name, const struct verdict_ask *a,
            const struct outcomes *o, bool joint)
{
    struct buf *b = p->to;
    struct verdict v;

    verdict_of(a, &v);
    buf_printf(b, ",\"%s\":{\"word\":\"%s\",\"why\":\"%s\"", name, verdict_word_name(v.word),
               verdict_why_name(v.why));
    if (v.why == VERDICT_WHY_EXCLUSION)
        text(b, "exclusion", slice_of(a->pact->exclusion[v.exclusion].id));
    put_sight(b, a, &v);
    number(b, "incidents", v.incidents);
    number(b, "open", v.open);
    number(b, "overdue", v.overdue);
    number(b, "disputed", v.disputed);
    number(b, "late", v.late);
    number(b, "undelivered", v.undelivered);
    if (v.oldest != UINT32_MAX) {
        text(b, "oldest", slice_of(o->about[v.oldest].name));
        moment(b, "oldest_since", o->at[v.oldest].opened);
    }
    if (v.worst != UINT32_MAX)
        put_worst(b, &v, o, a->until, joint);
    moment(b, "next_due", v.next_due);
    if (!joint)
        moment(b, "silent_since", a->silent);
    buf_char(b, '}');
}

/* ---- a row ------------------------------------------------------------------------------- */

/* Whose eyes it depends on. */
static unsigned
eyes_of(const struct verdict_ask *a)
{
    enum pact_kind kind = a->pact->obligation[a->obligation].kind;

    return kind == PACT_VISIBILITY || kind == PACT_NOTIFY ? a->bound : a->toward;
}

static void
put_space(const struct book_pact *p, unsigned party, struct pact_prefixes ret[2])
{
    const struct annex *x = book_annex(p, (int)party);

    if (x == NULL)
        return;
    ret[0] = x->v4;
    ret[1] = x->v6;
}

static struct verdict_ask
ask_of(const struct page *p, const struct reading *r, unsigned bound, unsigned toward)
{
    struct verdict_ask a = {.pact = p->pact->pact,
                            .bound = bound,
                            .toward = toward,
                            .from = r->from,
                            .until = r->until,
                            .ends = p->ends,
                            .silent = p->silent};

    put_space(p->pact, bound, a.bound_space);
    put_space(p->pact, toward, a.toward_space);
    return a;
}

/* Each side's figures are its own: in our verdict stand ours, where they count; of those of
 * others what they published, as in theirs of ours what we did. */
static void
put_side(struct page *p, const char *name, const struct reading *r, struct verdict_ask a,
         bool own)
{
    const struct outcomes *o = own ? r->own : r->other;

    a.incident = o->at;
    a.incidents = o->count;
    a.sight =
        own && eyes_of(&a) == (unsigned)p->pact->self ? r->sight : r->published[eyes_of(&a)];
    put_reading(p, name, &a, o, false);
}

/* What follows from what both logs hold: either node says the same, of a period that is over.
 * Out of contact is whoever hears nothing. */
static void
put_joint(struct page *p, struct verdict_ask a)
{
    const struct outcomes *o = p->period.other;

    a.incident = o->at;
    a.incidents = o->count;
    a.silent.us = 0;
    a.sight = p->period.open[eyes_of(&a)];
    put_reading(p, "joint", &a, o, true);
}

/* What one's own machines still have of what is known to be exploited. */
static void
put_hygiene(struct page *p, const struct pact_obligation *o)
{
    const struct hygiene *h = p->ask->hygiene;
    char day[TIME_TEXT];

    time_format(h->catalogue, day);
    buf_printf(p->to,
               ",\"kev\":{\"open\":%u,\"late\":%u,\"patch_days\":%lld,\"machines\":%u,"
               "\"known\":%u,\"catalogue\":\"%.10s\"}",
               h->count, hygiene_late(h, o->kev_patch, p->ask->now),
               (long long)(o->kev_patch.us / TIME_US_PER_S / 86400), h->machines, h->known,
               day);
}

/* How fast what was seen was told: both logs hold it. */
static int
put_told(struct page *p, const struct pact_obligation *o, struct verdict_ask a)
{
    const struct outcomes *from = p->joint ? p->period.other : p->period.own;
    struct verdict_times t;
    int r;

    a.incident = from->at;
    a.incidents = from->count;
    r = verdict_told(&a, &t);
    if (r < 0)
        return r;
    buf_printf(p->to,
               ",\"told\":{\"count\":%u,\"median_s\":%lld,\"p90_s\":%lld,\"within_s\":%lld}",
               t.count, (long long)(t.median / TIME_US_PER_S),
               (long long)(t.p90 / TIME_US_PER_S), (long long)(o->within.us / TIME_US_PER_S));
    return 0;
}

static int
put_obligation(struct page *p, unsigned obligation, unsigned bound, unsigned toward)
{
    const struct pact_obligation *o = &p->pact->pact->obligation[obligation];
    int r = 0;
    struct verdict_ask now = ask_of(p, &p->now, bound, toward);
    struct verdict_ask period = ask_of(p, &p->period, bound, toward);

    now.obligation = period.obligation = obligation;
    buf_text(p->to, obligation == 0 ? "{\"obligation\":" : ",{\"obligation\":");
    buf_json(p->to, slice_of(o->id));
    text(p->to, "kind", slice_of(pact_kind_name(o->kind)));
    if (p->joint)
        put_joint(p, period);
    else
        put_side(p, "now", &p->now, now, true);
    put_side(p, "period", &p->period, period, true);
    if (!p->joint)
        put_side(p, "theirs_now", &p->now, now, false);
    put_side(p, "theirs", &p->period, period, false);
    if (o->kind == PACT_HYGIENE && o->kev_patch.us > 0 && !p->joint &&
        (int)bound == p->pact->self && p->ask->hygiene != NULL &&
        p->ask->hygiene->catalogue.us != 0)
        put_hygiene(p, o);
    if (o->kind == PACT_NOTIFY && pact_watches(o))
        r = put_told(p, o, period);
    buf_char(p->to, '}');
    return r;
}

/* ---- a pair ------------------------------------------------------------------------------ */

static void
put_times(struct buf *b, const struct verdict_pair *v)
{
    buf_text(b, ",\"took\":{");
    for (unsigned d = 0; d < 3; d++) {
        const struct verdict_times *t = &v->took[d];

        buf_printf(b, "%s\"%s\":{\"count\":%u,\"median_s\":%lld,\"p90_s\":%lld}",
                   d == 0 ? "" : ",",
                   incident_due_name((enum incident_due)(d + DUE_ACKNOWLEDGE)), t->count,
                   (long long)(t->median / TIME_US_PER_S), (long long)(t->p90 / TIME_US_PER_S));
    }
    buf_char(b, '}');
}

int
verdicts_put_pair(struct page *p, unsigned bound, unsigned toward)
{
    struct verdict_ask a = ask_of(p, &p->period, bound, toward);
    struct verdict_pair v;
    int r;

    a.incident = p->joint ? p->period.other->at : p->period.own->at;
    a.incidents = p->joint ? p->period.other->count : p->period.own->count;
    r = verdict_pair(&a, &v);
    if (r < 0)
        return r;
    buf_text(p->to, p->pairs++ == 0 ? "{\"bound\":" : ",{\"bound\":");
    buf_json(p->to, p->pact->party[bound].id);
    text(p->to, "toward", p->pact->party[toward].id);
    number(p->to, "notices", v.notices);
    number(p->to, "withdrawn", v.withdrawn);
    number(p->to, "false_positives", v.false_positives);
    number(p->to, "wrong_ppm", v.wrong_ppm);
    put_times(p->to, &v);
    buf_text(p->to, ",\"obligations\":[");
    for (unsigned i = 0; r == 0 && i < p->pact->pact->obligations; i++)
        r = put_obligation(p, i, bound, toward);
    buf_text(p->to, "]}");
    return r;
}

static void
put_sensors(struct page *p)
{
    buf_text(p->to, ",\"sensors\":");
    if (p->sensors.len > 0)
        buf_slice(p->to, buf_get(&p->sensors));
    else
        buf_text(p->to, "[]");
}

static void
put_parties(struct buf *to, const struct book_pact *p)
{
    buf_text(to, ",\"title\":");
    buf_json(to, slice_of(p->pact->title));
    buf_text(to, ",\"parties\":[");
    for (unsigned i = 0; i < p->pact->parties; i++) {
        buf_text(to, i > 0 ? "," : "");
        buf_json(to, p->party[i].id);
    }
    buf_char(to, ']');
}

void
verdicts_begin_pact(struct page *p)
{
    const struct pact *pact = p->pact->pact;

    buf_text(p->to, "{\"pact\":");
    buf_json(p->to, slice_of(pact->name));
    text(p->to, "self", p->pact->party[p->pact->self].id);
    moment(p->to, "from", p->period.from);
    moment(p->to, "until", p->period.until);
    number(p->to, "min_coverage_ppm", (uint64_t)pact->min_coverage_ppm);
    number(p->to, "min_recall_ppm", (uint64_t)pact->min_recall_ppm);
    buf_text(p->to, ",\"days\":[");
    buf_slice(p->to, buf_get(&p->days));
    buf_char(p->to, ']');
    if (p->joint)
        put_parties(p->to, p->pact);
    else
        put_sensors(p);
    buf_text(p->to, ",\"pairs\":[");
}

void
verdicts_end_pact(struct page *p)
{
    buf_text(p->to, "]}"); /* of pairs; a report's incidents are behind them */
}

/* ---- for people ---- */

void
verdicts_put_percent(struct buf *b, int64_t ppm, bool nearest)
{
    int64_t tenths = (ppm + (nearest ? 500 : 0)) / 1000;

    buf_printf(b, "%lld.%lld %%", (long long)(tenths / 10), (long long)(tenths % 10));
}

void
verdicts_put_span(struct buf *b, enum language l, int64_t s)
{
    static const struct {
        int64_t below;
        int64_t unit;
        enum word w;
    } rows[] = {{120, 1, WORD_SPAN_S},
                {7200, 60, WORD_SPAN_MIN},
                {172800, 3600, WORD_SPAN_H},
                {INT64_MAX, 86400, WORD_SPAN_D}};
    char number[24];
    struct slice arg;
    unsigned i = 0;
    int n;

    while (s >= rows[i].below && i + 1 < sizeof rows / sizeof rows[0])
        i++;
    n = snprintf(number, sizeof number, "%lld", (long long)(s / rows[i].unit));
    arg = (struct slice){number, n > 0 ? (size_t)n : 0};
    word_put(b, l, rows[i].w, &arg, 1);
}
