#include "role/report.h"

#include <stdlib.h>

#include "role/verdicts_priv.h"
#include "wire/jcs.h"

int
report_json(const struct verdicts_ask *a, struct buf *ret)
{
    char at[TIME_TEXT];
    int r;

    time_format(a->now, at);
    buf_printf(ret, "{\"format\":\"detente-report/1\",\"at\":\"%.*s\",\"pacts\":", TIME_TEXT,
               at);
    r = verdicts_put_pacts(a, true, ret);
    buf_char(ret, '}');
    return r < 0 ? r : buf_error(ret);
}

/* ---- incidents --------------------------------------------------------------------------- */

/* Of a state (cases_json.c), what is the same at both parties. */
static bool
is_joint(struct slice key)
{
    static const char *const names[] = {
        "incident",    "notifier",      "responder", "state",
        "severity",    "obligation",    "also",      "class",
        "origin",      "first",         "last",      "events",
        "count",       "targets",       "e_grade",   "o_grade",
        "finding",     "action",        "result",    "closed",
        "took_us",     "overdue",       "late",      "overdue_notifier",
        "recurrences", "late_notifier", "reopened",  "extensions"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (slice_is(key, names[i]))
            return true;
    }
    return false;
}

/* When each kind of thing was said first. */
static void
put_said(const struct case_file *c, struct buf *to)
{
    bool done[INCIDENT_TYPES] = {false};
    const char *comma = "";

    buf_text(to, ",\"said\":{");
    for (unsigned i = 0; i < c->count; i++) {
        enum incident_type type = c->said[i].m.type;
        char at[TIME_TEXT];

        if (type >= INCIDENT_TYPES || done[type] || c->fate[i].code != MESSAGE_FINE ||
            c->said[i].m.at.us > c->at.us)
            continue;
        done[type] = true;
        time_format(c->said[i].m.at, at);
        buf_printf(to, "%s\"%s\":\"%.*s\"", comma, incident_type_name(type), TIME_TEXT, at);
        comma = ",";
    }
    buf_char(to, '}');
}

static void
put_state(struct buf *to, struct slice state)
{
    struct jcs_iter it = jcs_iter(state);
    struct slice key;
    struct slice value;
    const char *comma = "{";

    while (jcs_member(&it, &key, &value)) {
        if (!is_joint(key))
            continue;
        buf_printf(to, "%s\"%.*s\":", comma, (int)key.len, key.ptr);
        buf_slice(to, value);
        comma = ",";
    }
}

/* From its messages; when they are not here any more, as its row has it. */
static int
put_incident(struct page *p, struct slice name)
{
    AUTO_BUF(state, CASE_JSON);
    struct case_file c = {0};
    struct store_incident row;
    int r = case_read(p->ask->store, p->pact, name, p->period.until, &c);

    if (r == 0) {
        case_json(p->ask->store, &c, &state);
        r = buf_error(&state);
    } else if (r == ERR_NOTFOUND) {
        r = store_get_incident(p->ask->store, slice_of(p->pact->pact->name), name, &row);
        if (r == 0)
            buf_slice(&state, row.told);
    }
    if (r == 0) {
        put_state(p->to, buf_get(&state));
        put_said(&c, p->to);
        buf_char(p->to, '}');
    }
    case_release(&c);
    return r;
}

struct listed {
    struct utime opened;
    const char *name;
};

/* Newest first; of one time by name, so that both nodes have one order. */
static int
compare(const void *a, const void *b)
{
    const struct listed *x = a;
    const struct listed *y = b;

    if (x->opened.us != y->opened.us)
        return x->opened.us < y->opened.us ? 1 : -1;
    return strcmp(x->name, y->name);
}

static bool
is_asked(const struct page *p, const struct verdict_incident *i)
{
    unsigned self = (unsigned)p->pact->self;
    unsigned other = i->notifier == self ? i->responder : i->notifier;

    return (i->notifier == self || i->responder == self) &&
           (p->ask->party.len == 0 || slice_eq(p->ask->party, p->pact->party[other].id));
}

int
report_put_incidents(struct page *p)
{
    const struct outcomes *o = p->period.other;
    struct listed *list = malloc((o->count + 1) * sizeof *list);
    unsigned count = 0;
    int r = list == NULL ? ERR_NOMEM : 0;

    for (unsigned i = 0; r == 0 && i < o->count; i++) {
        if (is_asked(p, &o->at[i]))
            list[count++] = (struct listed){o->at[i].opened, o->about[i].name};
    }
    if (count > 0)
        qsort(list, count, sizeof *list, compare);
    buf_printf(p->to, "],\"incident_count\":%u,\"incidents\":[", count);
    for (unsigned i = 0; r == 0 && i < count && i < REPORT_INCIDENTS; i++) {
        if (i > 0)
            buf_char(p->to, ',');
        r = put_incident(p, slice_of(list[i].name));
    }
    free(list);
    return r < 0 ? r : buf_error(p->to);
}
