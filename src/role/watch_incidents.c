/* What people are told of incidents: what this party owes and until when, what of it is
 * overdue, and what the other party owes since longer than agreed. */
#include <stdio.h>
#include <string.h>

#include "role/cases.h"
#include "role/watch_priv.h"
#include "wire/jcs.h"

enum { TOLD_MAX = 48 /* incidents, of each rule; more is in `incident list` */ };

static const enum alert_rule rules[] = {ALERT_INCIDENT, ALERT_INCIDENT_OVERDUE,
                                        ALERT_INCIDENT_UNANSWERED};
enum { RULES = sizeof rules / sizeof rules[0] };

struct looking {
    struct watch *w;
    const struct watch_view *v;
    struct utime now;
    struct case_known known;
    char seen[RULES][TOLD_MAX][ALERT_SUBJECT];
    unsigned count[RULES];
    uint64_t more[RULES];
    struct {
        char pact[65];
        char name[65];
    } late[TOLD_MAX]; /* to be looked at closely */
    unsigned late_count;
};

static void
tell(struct looking *l, unsigned rule, const struct store_incident *i, enum incident_due due,
     struct utime at)
{
    char when[TIME_TEXT];
    char *subject;

    if (l->count[rule] == TOLD_MAX) {
        l->more[rule]++;
        return;
    }
    subject = l->seen[rule][l->count[rule]++];
    time_format(at, when);
    (void)snprintf(subject, ALERT_SUBJECT, "%.*s %s %.*s", (int)i->name.len, i->name.ptr,
                   incident_due_name(due), (int)i->pact.len, i->pact.ptr);
    watch_say(l->w, l->v, rules[rule], subject, true,
              rule == 0   ? WORD_ALERT_INCIDENT
              : rule == 1 ? WORD_ALERT_INCIDENT_OVERDUE
                          : WORD_ALERT_INCIDENT_UNANSWERED,
              "%.*s" WORD_AND WORD_NAME "due.%s" WORD_AND "%.16sZ", (int)i->name.len,
              i->name.ptr, incident_due_name(due), when);
}

/* By the row alone: whoever is not late needs no more. */
static int
look_at(void *arg, const struct store_incident *i)
{
    struct looking *l = arg;
    struct slice owed;
    struct utime own;
    struct utime theirs;
    enum incident_due due;
    AUTO_BUF(told, CASE_JSON);

    if (jcs_canonical(i->told, &told, NULL) != JCS_OK ||
        !jcs_find(buf_get(&told), "owed", &owed) || i->pact.len >= sizeof l->late[0].pact ||
        i->name.len >= sizeof l->late[0].name)
        return 0;
    due = case_first_due(owed, i->notifier, &own);
    if (due < DUES)
        tell(l, 0, i, due, own);
    (void)case_first_due(owed, !i->notifier, &theirs);
    if (l->late_count < TOLD_MAX &&
        ((own.us != 0 && own.us < l->now.us) || (theirs.us != 0 && theirs.us < l->now.us))) {
        (void)snprintf(l->late[l->late_count].pact, sizeof l->late[0].pact, "%.*s",
                       (int)i->pact.len, i->pact.ptr);
        (void)snprintf(l->late[l->late_count++].name, sizeof l->late[0].name, "%.*s",
                       (int)i->name.len, i->name.ptr);
    }
    return 0;
}

static bool
is_over(const struct case_file *c, unsigned d, struct utime now)
{
    const struct incident *i = &c->now.incident;

    return (i->overdue >> d & i->owed >> d & 1) != 0 &&
           !incident_is_suspended(i->due[d], c->silent, now, c->pact->pact->max_suspended);
}

/* Its clocks may have stood still since the row was written: by its messages. */
static void
look_closely(struct looking *l, unsigned n)
{
    const struct book_pact *p = book_pact(l->v->parley->book, slice_of(l->late[n].pact));
    const struct store_incident i = {.pact = slice_of(l->late[n].pact),
                                     .name = slice_of(l->late[n].name)};
    struct case_file c;
    int r;

    if (p == NULL)
        return;
    r = case_read_of(l->v->node->store, p, i.name, &(struct case_look){l->now, &l->known}, &c);
    for (unsigned side = 0; r == 0 && side < 2; side++) {
        bool notifier = side == 1;
        bool ours = (int)(notifier ? c.notifier : c.responder) == p->self;
        unsigned d = notifier ? DUE_EVIDENCE : 0;

        while (d < (notifier ? DUES : DUE_EVIDENCE) && !is_over(&c, d, l->now))
            d++;
        if (d < (notifier ? DUES : DUE_EVIDENCE))
            tell(l, ours ? 1 : 2, &i, (enum incident_due)d, c.now.incident.due[d]);
    }
    case_release(&c);
}

static bool
was_seen(const struct looking *l, unsigned rule, const char *subject)
{
    for (unsigned i = 0; i < l->count[rule]; i++) {
        if (strcmp(l->seen[rule][i], subject) == 0)
            return true;
    }
    return false;
}

void
watch_incidents(struct watch *w, const struct watch_view *v)
{
    struct looking l = {.w = w, .v = v, .now = v->node->env.now_wall(v->node->env.self)};

    if (v->parley->book == NULL || v->parley->book->pacts == 0 ||
        store_each_incident(v->node->store, true, look_at, &l) < 0)
        return;
    for (unsigned n = 0; n < l.late_count; n++)
        look_closely(&l, n);
    for (unsigned i = w->rows; i-- > 0;) {
        for (unsigned rule = 0; rule < RULES; rule++) {
            char subject[ALERT_SUBJECT];

            if (w->held[i].rule != rules[rule] || was_seen(&l, rule, w->held[i].subject) ||
                l.more[rule] > 0)
                continue;
            memcpy(subject, w->held[i].subject, sizeof subject);
            watch_say(w, v, rules[rule], subject, false, WORD_NONE, "%s", "");
            break;
        }
    }
}
