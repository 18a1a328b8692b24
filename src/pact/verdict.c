#include "pact/verdict.h"

#include <stdlib.h>

enum { OWED = 1 << DUE_ACKNOWLEDGE | 1 << DUE_ANSWER | 1 << DUE_ACT };

void
verdict_put_under(struct verdict_incident *i, unsigned obligation)
{
    i->under[obligation / 64] |= UINT64_C(1) << obligation % 64;
}

static bool
is_under(const struct verdict_incident *i, unsigned obligation)
{
    return (i->under[obligation / 64] >> obligation % 64 & 1) != 0;
}

/* ---- what it does not apply to ----------------------------------------------------------- */

/* The part of the period in which the pact bound both. */
static bool
holds_in(const struct verdict_ask *a, struct verdict *ret)
{
    struct utime end = a->pact->until;

    if (end.us == 0 || (a->ends.us != 0 && a->ends.us < end.us))
        end = a->ends;
    ret->from = a->from.us > a->pact->from.us ? a->from : a->pact->from;
    ret->until = end.us != 0 && end.us < a->until.us ? end : a->until;
    return ret->from.us < ret->until.us;
}

static bool
has_text(const struct pact_texts *list, const char *text)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (strcmp(list->at[i], text) == 0)
            return true;
    }
    return false;
}

/* All classes of the obligation; one that has none is not met by a list of classes. */
static bool
covers_classes(const struct pact *p, const struct pact_exclusion *x,
               const struct pact_obligation *o)
{
    if (x->classes.count == 0)
        return true;
    for (unsigned i = 0; i < o->classes.count; i++) {
        if (strcmp(o->classes.at[i], "*") != 0 && !has_text(&x->classes, o->classes.at[i]))
            return false;
        for (unsigned k = 0; strcmp(o->classes.at[i], "*") == 0 && k < p->classes.count; k++) {
            if (pact_is_any(slice_of(p->classes.at[k])) &&
                !has_text(&x->classes, p->classes.at[k]))
                return false;
        }
    }
    return o->classes.count > 0;
}

static bool
covers_prefix(const struct pact_prefixes *by, const struct prefix *p)
{
    for (unsigned i = 0; i < by->count; i++) {
        if (by->at[i].len <= p->len && prefix_covers(&by->at[i], &p->addr))
            return true;
    }
    return false;
}

/* All of a party's declared space, of both families. */
static bool
covers_space(const struct pact_prefixes *by, const struct pact_prefixes space[2])
{
    for (unsigned i = 0; by->count > 0 && i < 2; i++) {
        for (unsigned k = 0; k < space[i].count; k++) {
            if (!covers_prefix(by, &space[i].at[k]))
                return false;
        }
    }
    return by->count == 0 || space[0].count + space[1].count > 0;
}

/* One that takes all of the obligation away, for all of the period: a part of it is no reason
 * to say nothing of the rest. */
static bool
is_excluded(const struct verdict_ask *a, struct verdict *ret)
{
    const struct pact_obligation *o = &a->pact->obligation[a->obligation];

    for (unsigned i = 0; o->kind == PACT_REFRAIN && i < a->pact->exclusions; i++) {
        const struct pact_exclusion *x = &a->pact->exclusion[i];
        struct utime until = {INT64_MAX};

        if (x->until[0] != '\0' &&
            time_parse_human(slice_of(x->until), (struct utime){0}, &until) < 0)
            continue;
        if (x->origin_role[0] != '\0' || until.us < ret->until.us ||
            !covers_classes(a->pact, x, o) || !covers_space(&x->origin, a->bound_space) ||
            !covers_space(&x->target, a->toward_space))
            continue;
        ret->exclusion = i;
        return true;
    }
    return false;
}

/* ---- incidents --------------------------------------------------------------------------- */

/* One that its notifier had to tell of. */
static bool
is_told(const struct verdict_ask *a, const struct verdict_incident *i)
{
    return i->notifier == a->bound && i->responder == a->toward && i->found.us != 0 &&
           is_under(i, a->obligation);
}

/* Is it one that this row speaks of, and was it open in the period? */
static bool
counts(const struct verdict_ask *a, const struct verdict *v, const struct verdict_incident *i)
{
    enum pact_kind kind = a->pact->obligation[a->obligation].kind;

    if (kind == PACT_NOTIFY)
        return is_told(a, i) && i->opened.us < v->until.us &&
               (i->noticed.us == 0 || i->noticed.us >= v->from.us);
    if (i->notifier != a->toward || i->responder != a->bound)
        return false;
    if (kind != PACT_RESPOND && (kind != PACT_REFRAIN || !is_under(i, a->obligation)))
        return false;
    return i->opened.us < v->until.us &&
           (i->now.closed.us == 0 || i->now.closed.us >= v->from.us);
}

/* Which of the responder's deadlines are over, but for those that stand still while the parties
 * are out of contact. */
static unsigned
overdue_of(const struct verdict_ask *a, const struct incident *i)
{
    unsigned ret = i->overdue & OWED;

    for (unsigned d = DUE_ACKNOWLEDGE; d <= DUE_ACT; d++) {
        if (incident_is_suspended(i->due[d], a->silent, a->until, a->pact->max_suspended))
            ret &= ~(1U << d);
    }
    return ret;
}

static void
note_overdue(const struct verdict_ask *a, struct verdict *ret, unsigned at)
{
    const struct incident *i = &a->incident[at].now;
    unsigned overdue = overdue_of(a, i);

    ret->overdue += overdue != 0;
    for (unsigned d = DUE_ACKNOWLEDGE; d <= DUE_ACT; d++) {
        if ((overdue >> d & 1) == 0 || i->due[d].us == 0) /* its clock stands still */
            continue;
        if (ret->worst != UINT32_MAX && i->due[d].us >= ret->due.us)
            continue;
        ret->worst = at;
        ret->item = (enum incident_due)d;
        ret->due = i->due[d];
    }
}

/* When the notice was due. */
static struct utime
due_notice(const struct verdict_ask *a, const struct verdict_incident *i)
{
    return (struct utime){i->found.us + a->pact->obligation[a->obligation].within.us};
}

/* Found, and not told yet at the end of the period. */
static void
note_untold(const struct verdict_ask *a, struct verdict *ret, unsigned at)
{
    const struct verdict_incident *i = &a->incident[at];
    struct utime due = due_notice(a, i);

    ret->open++;
    if (ret->oldest == UINT32_MAX || i->found.us < a->incident[ret->oldest].found.us)
        ret->oldest = at;
    if (due.us >= a->until.us) {
        ret->next_due =
            ret->next_due.us == 0 || due.us < ret->next_due.us ? due : ret->next_due;
        return;
    }
    ret->overdue++;
    if (ret->worst == UINT32_MAX || due.us < ret->due.us) {
        ret->worst = at;
        ret->item = DUES;
        ret->due = due;
    }
}

static void
count_told(const struct verdict_ask *a, struct verdict *ret)
{
    ret->oldest = ret->worst = UINT32_MAX;
    for (unsigned k = 0; k < a->incidents; k++) {
        const struct verdict_incident *i = &a->incident[k];

        if (!counts(a, ret, i))
            continue;
        ret->incidents++;
        if (i->noticed.us == 0 || i->noticed.us > a->until.us)
            note_untold(a, ret, k);
        else
            ret->late += i->noticed.us > due_notice(a, i).us;
    }
}

static void
note_open(const struct verdict_ask *a, struct verdict *ret, unsigned at)
{
    const struct verdict_incident *i = &a->incident[at];

    ret->open++;
    if (ret->oldest == UINT32_MAX || i->opened.us < a->incident[ret->oldest].opened.us)
        ret->oldest = at;
    for (unsigned d = DUE_RECEIPT; d <= DUE_ACT; d++) {
        if ((i->now.owed >> d & 1) != 0 && i->now.due[d].us >= a->until.us &&
            (ret->next_due.us == 0 || i->now.due[d].us < ret->next_due.us))
            ret->next_due = i->now.due[d];
    }
}

static void
count_incidents(const struct verdict_ask *a, struct verdict *ret)
{
    ret->oldest = ret->worst = UINT32_MAX;
    for (unsigned k = 0; k < a->incidents; k++) {
        const struct verdict_incident *i = &a->incident[k];
        bool disputed;

        if (!counts(a, ret, i))
            continue;
        disputed = i->now.state == INCIDENT_DISPUTED || i->now.state == INCIDENT_ESCALATED ||
                   i->now.result == RESULT_UNSETTLED;
        ret->incidents++;
        ret->late += (i->now.late & OWED) != 0;
        ret->disputed += disputed;
        if (i->now.closed.us != 0)
            continue;
        note_open(a, ret, k);
        ret->undelivered += i->now.undelivered;
        note_overdue(a, ret, k);
    }
}

/* ---- the word ---------------------------------------------------------------------------- */

static enum verdict_word
unknown(struct verdict *v, enum verdict_why why, enum verdict_word word)
{
    v->why = why;
    return word;
}

static enum verdict_word
by_sight(const struct verdict_ask *a, struct verdict *v)
{
    const struct pact *p = a->pact;
    enum pact_kind kind = p->obligation[a->obligation].kind;
    uint32_t most = a->sight.known ? a->sight.coverage_ppm : a->sight.at_most_ppm;

    if (kind == PACT_NOTIFY && pact_watches(&p->obligation[a->obligation]))
        return VERDICT_SELF_REPORTED;
    if (kind != PACT_REFRAIN && kind != PACT_RESPOND && kind != PACT_VISIBILITY)
        return unknown(v, VERDICT_WHY_UNMEASURED, VERDICT_UNSEEN);
    if (most == 0)
        return unknown(v, VERDICT_WHY_COVERAGE, VERDICT_UNSEEN);
    if (most < p->min_coverage_ppm)
        return unknown(v, VERDICT_WHY_COVERAGE, VERDICT_PARTIAL);
    if (!a->sight.known)
        return unknown(v, VERDICT_WHY_FIGURES, VERDICT_PARTIAL);
    if (v->recall_ppm < p->min_recall_ppm)
        return unknown(v, VERDICT_WHY_RECALL, VERDICT_PARTIAL);
    return VERDICT_COMPLIANT;
}

static enum verdict_word
word_of(const struct verdict_ask *a, struct verdict *v)
{
    if (v->overdue > 0)
        return VERDICT_NOT_ANSWERED;
    if (v->disputed > 0)
        return VERDICT_DISPUTED;
    if (v->open > 0)
        return VERDICT_OPEN;
    if (a->silent.us != 0 && a->silent.us < v->until.us)
        return VERDICT_SUSPENDED;
    return by_sight(a, v);
}

void
verdict_of(const struct verdict_ask *a, struct verdict *ret)
{
    *ret = (struct verdict){.oldest = UINT32_MAX, .worst = UINT32_MAX};
    if (a->sight.known)
        ret->recall_ppm = verdict_recall(a->sight.found, a->sight.canaries);
    if (!holds_in(a, ret)) {
        ret->word = unknown(ret, VERDICT_WHY_VALIDITY, VERDICT_NOT_APPLICABLE);
        return;
    }
    if (is_excluded(a, ret)) {
        ret->word = unknown(ret, VERDICT_WHY_EXCLUSION, VERDICT_NOT_APPLICABLE);
        return;
    }
    if (a->pact->obligation[a->obligation].kind == PACT_HYGIENE) {
        ret->word = VERDICT_SELF_REPORTED;
        return;
    }
    if (a->pact->obligation[a->obligation].kind == PACT_NOTIFY)
        count_told(a, ret);
    else
        count_incidents(a, ret);
    ret->word = word_of(a, ret);
}

/* ---- a pair ------------------------------------------------------------------------------ */

static int
compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Nearest rank: the smallest value that so many per cent are not above. */
static int64_t
rank(const int64_t *at, unsigned count, unsigned percent)
{
    uint64_t place = ((uint64_t)count * percent + 99) / 100;

    return at[place == 0 ? 0 : place - 1];
}

static void
summarize(int64_t *took, struct verdict_times *t)
{
    if (t->count == 0)
        return;
    qsort(took, t->count, sizeof *took, compare);
    t->median = rank(took, t->count, 50);
    t->p90 = rank(took, t->count, 90);
}

int
verdict_told(const struct verdict_ask *a, struct verdict_times *ret)
{
    int64_t *took = malloc((a->incidents + 1) * sizeof *took);

    *ret = (struct verdict_times){0};
    if (took == NULL)
        return ERR_NOMEM;
    for (unsigned k = 0; k < a->incidents; k++) {
        const struct verdict_incident *i = &a->incident[k];

        if (is_told(a, i) && i->noticed.us >= a->from.us && i->noticed.us < a->until.us &&
            i->noticed.us != 0)
            took[ret->count++] = i->noticed.us - i->found.us;
    }
    summarize(took, ret);
    free(took);
    return 0;
}

static bool
is_of_pair(const struct verdict_ask *a, const struct verdict_incident *i)
{
    return i->notifier == a->toward && i->responder == a->bound && i->opened.us >= a->from.us &&
           i->opened.us < a->until.us;
}

int
verdict_pair(const struct verdict_ask *a, struct verdict_pair *ret)
{
    int64_t *took = malloc((a->incidents + 1) * sizeof *took);

    *ret = (struct verdict_pair){0};
    if (took == NULL)
        return ERR_NOMEM;
    for (unsigned d = DUE_ACKNOWLEDGE; d <= DUE_ACT; d++) {
        struct verdict_times *t = &ret->took[d - DUE_ACKNOWLEDGE];

        for (unsigned k = 0; k < a->incidents; k++) {
            if (is_of_pair(a, &a->incident[k]) && (a->incident[k].now.met >> d & 1) != 0)
                took[t->count++] = a->incident[k].now.took[d];
        }
        summarize(took, t);
    }
    free(took);
    for (unsigned k = 0; k < a->incidents; k++) {
        const struct incident *i = &a->incident[k].now;

        if (!is_of_pair(a, &a->incident[k]))
            continue;
        ret->notices++;
        ret->withdrawn += i->result == RESULT_WITHDRAWN;
        ret->false_positives +=
            i->result == RESULT_ACCEPTED_EXPLANATION && i->finding == FINDING_FALSE_POSITIVE;
    }
    if (ret->notices > 0)
        ret->wrong_ppm = (uint32_t)((uint64_t)(ret->withdrawn + ret->false_positives) *
                                    1000000 / ret->notices);
    return 0;
}

/* ---- words ------------------------------------------------------------------------------- */

static const char *const words[VERDICT_WORDS] = {
#define WORD(id, name) (name),
#include "pact/verdict.def"
};
static const char *const whys[VERDICT_WHYS] = {
    "",
#define WHY(id, name) (name),
#include "pact/verdict.def"
};

const char *
verdict_word_name(enum verdict_word w)
{
    return words[w];
}

const char *
verdict_why_name(enum verdict_why w)
{
    return whys[w];
}
