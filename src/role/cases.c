#include "role/cases.h"

#include <stdlib.h>
#include <string.h>

#include "store/cosigned.h"
#include "wire/jcs.h"

/* ---- reading ----------------------------------------------------------------------------- */

static int
make_room(struct case_file *c)
{
    unsigned room = c->room == 0 ? 16 : c->room * 2;
    struct said *said;
    struct case_message *message;
    struct fate *fate;

    if (c->count < c->room)
        return 0;
    if (c->room >= CASE_MESSAGES)
        return ERR_LIMIT;
    said = realloc(c->said, room * sizeof *said);
    if (said != NULL)
        c->said = said;
    message = realloc(c->message, room * sizeof *message);
    if (message != NULL)
        c->message = message;
    fate = realloc(c->fate, room * sizeof *fate);
    if (fate != NULL)
        c->fate = fate;
    if (said == NULL || message == NULL || fate == NULL)
        return ERR_NOMEM;
    c->room = room;
    return 0;
}

static int
put(struct case_file *c, const struct envelope *e, const struct case_message *m, uint64_t leaf)
{
    int r = make_room(c);

    if (r < 0)
        return r;
    said_read(e, c->pact->pact, &c->said[c->count]);
    c->said[c->count].leaf = leaf;
    c->message[c->count] = *m;
    c->count++;
    return 0;
}

struct reading {
    struct case_file *c;
    bool first;
};

/* Who is who: as the incident's name says. */
static bool
set_parties(struct case_file *c, const struct envelope *e)
{
    int from = book_party(c->pact, e->from);
    int to = book_party(c->pact, e->to);

    if (from < 0 || to < 0 || from == to)
        return false;
    c->notifier = (unsigned)(envelope_from_notifier(e) ? from : to);
    c->responder = (unsigned)(envelope_from_notifier(e) ? to : from);
    return true;
}

static int
read_one(void *arg, const struct store_message *m)
{
    struct reading *r = arg;
    struct case_file *c = r->c;
    struct envelope e;
    struct case_message row = {.arrived = m->arrived, .here = m->here};

    /* They were read and checked before they were stored. */
    if (m->code != MESSAGE_FINE && m->code != MESSAGE_BAD_CHAIN && m->code != MESSAGE_BAD_TIME)
        return 0;
    if (envelope_read(m->bytes, &e, NULL) != MESSAGE_FINE)
        return 0;
    if (r->first && !set_parties(c, &e))
        return 0;
    r->first = false;
    row.at = e.at;
    row.seq = e.seq;
    row.type = e.type;
    row.ours = book_party(c->pact, e.from) == c->pact->self;
    return put(c, &e, &row, m->leaf);
}

/* ---- bounds ------------------------------------------------------------------------------ */

/* The widest of what any key of that party stated. */
static int
bounds_of(struct store *s, const struct case_file *c, enum annex_role role, unsigned party,
          uint64_t leaf, struct store_bounds *ret)
{
    const struct role_keys keys = c->pact->keys[role];
    enum cosigner as = role == ANNEX_WITNESS ? COSIGNER_WITNESS : COSIGNER_HOLDER;

    *ret = (struct store_bounds){{0}, {0}};
    for (unsigned i = 0; i < keys.count; i++) {
        struct store_bounds b;
        bool again = false;
        int r;

        if (!slice_eq(keys.key[i].party, c->pact->party[party].id))
            continue;
        for (unsigned k = 0; k < i; k++)
            again |= slice_eq(keys.key[k].party, keys.key[i].party) &&
                     strcmp(keys.key[k].key.name, keys.key[i].key.name) == 0;
        if (again)
            continue;
        r = store_cosigned_bounds(s, as, slice_of(keys.key[i].key.name), leaf, &b);
        if (r < 0)
            return r;
        if (b.before.us > ret->before.us)
            ret->before = b.before;
        if (b.after.us != 0 && (ret->after.us == 0 || b.after.us < ret->after.us))
            ret->after = b.after;
    }
    return 0;
}

/* The other side's cosignatures around each message of one side. */
static int
set_bounds(struct store *s, struct case_file *c, unsigned from)
{
    for (unsigned i = from; i < c->count; i++) {
        struct said *said = &c->said[i];
        unsigned sender = said->m.from == SIDE_T ? c->notifier : c->responder;
        unsigned other = sender == c->notifier ? c->responder : c->notifier;
        struct store_bounds b;
        int r = (int)sender == c->pact->self
                    ? bounds_of(s, c, ANNEX_WITNESS, other, said->leaf, &b)
                    : store_witnessed_bounds(s, book_origin(c->pact, (int)sender, said->leaf),
                                             ledger_index(said->leaf), &b);

        if (r < 0)
            return r;
        said->not_before = b.before;
        said->not_after = b.after;
    }
    return 0;
}

/* As set_bounds(), of a leaf of the notifier's. */
static int
bounds_of_notifier(struct store *s, const struct case_file *c, uint64_t leaf,
                   struct store_bounds *ret)
{
    return (int)c->notifier == c->pact->self
               ? bounds_of(s, c, ANNEX_WITNESS, c->responder, leaf, ret)
               : store_witnessed_bounds(s, book_origin(c->pact, (int)c->notifier, leaf),
                                        ledger_index(leaf), ret);
}

/* What a notice says of its detection: the number of a leaf that is not behind its own. */
static uint64_t
detection_leaf(const struct envelope *e, uint64_t notice)
{
    struct slice json;
    struct slice value;
    int64_t index;

    if (envelope_json(e, "detected", &json) < 0 || !jcs_find(json, "leaf", &value) ||
        jcs_int(value, &index) < 0 || index < 0 || (uint64_t)index > ledger_index(notice))
        return notice;
    return notice - ledger_index(notice) + (uint64_t)index;
}

int
case_detected(struct store *s, const struct case_file *c, struct case_detection *ret)
{
    unsigned at = c->now.notice;
    struct store_message m;
    struct store_bounds b;
    struct envelope e;
    struct utime first;
    int r;

    *ret = (struct case_detection){{0}, {0}};
    if (at == UINT32_MAX)
        return 0;
    r = case_bytes(s, c, at, &m);
    if (r < 0 || envelope_read(m.bytes, &e, NULL) != MESSAGE_FINE)
        return r == ERR_NOTFOUND ? 0 : r;
    if (envelope_time(&e, "first", &first) < 0)
        return 0;
    ret->noticed = c->fate[at].counts;
    r = bounds_of_notifier(s, c, detection_leaf(&e, c->said[at].leaf), &b);
    if (r == 0)
        ret->found = b.before.us > first.us ? b.before : first;
    return r;
}

/* The responder's holder cosignature over a checkpoint with the notice is its receipt, when it
 * gave none: a receipt is a message that both logs hold, of cosignatures one may have missed
 * the first. */
static int
set_held(struct store *s, struct case_file *c)
{
    struct store_bounds b;
    int r;

    for (unsigned i = 0; i < c->count; i++) {
        if (c->said[i].m.type == INCIDENT_RECEIPT && c->said[i].m.from == SIDE_O)
            return 0;
    }
    for (unsigned i = 0; i < c->count; i++) {
        if (c->said[i].m.type != INCIDENT_NOTICE || c->said[i].m.from != SIDE_T)
            continue;
        if ((int)c->notifier == c->pact->self)
            r = bounds_of(s, c, ANNEX_HOLDER, c->responder, c->said[i].leaf, &b);
        else
            r = store_cosigned_bounds(s, COSIGNER_SELF,
                                      book_origin(c->pact, (int)c->notifier, c->said[i].leaf),
                                      ledger_index(c->said[i].leaf), &b);
        c->held = b.after;
        return r;
    }
    return 0;
}

/* Provisional: while the other's holder says nothing, deadlines read suspended. */
int
case_silence(struct store *s, const struct book_pact *p, unsigned other, struct utime now,
             struct utime *ret)
{
    const struct role_keys keys = p->keys[ANNEX_HOLDER];
    struct utime last = {0};

    ret->us = 0;
    for (unsigned i = 0; i < keys.count; i++) {
        struct utime at;
        uint64_t size;
        int r;

        if (!slice_eq(keys.key[i].party, p->party[other].id))
            continue;
        r = store_newest_cosigned(s, COSIGNER_HOLDER, slice_of(keys.key[i].key.name), &size,
                                  &at);
        if (r < 0 && r != ERR_NOTFOUND)
            return r;
        if (r == 0 && at.us > last.us)
            last = at;
    }
    if (now.us - last.us > p->pact->out_of_contact_after.us)
        *ret = last;
    return 0;
}

static int
set_silent(struct store *s, struct case_file *c, struct utime now)
{
    unsigned other = (int)c->notifier == c->pact->self ? c->responder : c->notifier;

    return case_silence(s, c->pact, other, now, &c->silent);
}

/* ---- time out of contact ----------------------------------------------------------------- */

struct gaps {
    const struct case_file *c;
    struct spans stated[2]; /* by notifier, responder */
};

static int
read_gap(void *arg, const struct store_message *m)
{
    struct gaps *g = arg;
    struct envelope e;
    int from;

    if (m->code != MESSAGE_FINE || envelope_read(m->bytes, &e, NULL) != MESSAGE_FINE ||
        e.type != MESSAGE_GAP_STATEMENT)
        return 0;
    from = book_party(g->c->pact, e.from);
    if (from == (int)g->c->notifier || from == (int)g->c->responder)
        (void)!contact_state(&g->stated[from == (int)g->c->responder], &e,
                             g->c->pact->pact->resume_grace);
    return 0;
}

static int
set_contact(struct store *s, struct case_file *c)
{
    struct gaps *g = calloc(1, sizeof *g);
    struct spans *none = calloc(1, sizeof *none);
    int r = g == NULL || none == NULL ? ERR_NOMEM : 0;

    if (r == 0) {
        g->c = c;
        r = store_each_gap(s, slice_of(c->pact->pact->name), read_gap, g);
    }
    if (r == 0)
        r = contact_judge(&g->stated[0], &g->stated[1], none, c->pact->pact->max_suspended,
                          &c->contact);
    free(none);
    free(g);
    return r;
}

/* As it was found before, or found now and kept. */
static int
look_at_contact(struct store *s, struct case_file *c, struct case_known *known)
{
    unsigned low = c->notifier < c->responder ? c->notifier : c->responder;
    unsigned high = c->notifier < c->responder ? c->responder : c->notifier;
    int r;

    if (known != NULL && known->pact == c->pact && known->parties[0] == low &&
        known->parties[1] == high) {
        c->contact = known->contact;
        return 0;
    }
    r = set_contact(s, c);
    if (r == 0 && known != NULL)
        *known = (struct case_known){c->pact, {low, high}, c->contact};
    return r;
}

/* ---- folding ----------------------------------------------------------------------------- */

/* Who was silent alone when its receipt was due gave it then; who was not did not.  It is due
 * from when the notice counts: a backdated one is not received before it was sent. */
static void
set_deemed(struct case_file *c)
{
    struct utime noticed;
    struct utime due;

    c->deemed = (struct utime){0};
    for (unsigned i = 0; i < c->count; i++) {
        const struct said *n = &c->said[i];

        if (n->m.type != INCIDENT_NOTICE || n->m.severity >= c->terms.terms.severities)
            continue;
        (void)said_counts(n, c->pact->pact->clock_skew_max, (struct utime){INT64_MIN},
                          &noticed);
        if (contact_deemed(&c->contact, noticed,
                           c->terms.terms.severity[n->m.severity].due[DUE_RECEIPT], &due))
            c->deemed = due;
        return;
    }
}

/* A message from a clock that is ahead of ours, by no more than is agreed, counts when it is
 * here: what is said of it is said behind it. */
static struct utime
reach(const struct case_file *c, struct utime now)
{
    struct utime until = {now.us + c->pact->pact->clock_skew_max.us};
    struct utime latest = now;

    for (unsigned i = 0; i < c->count; i++) {
        if (c->message[i].at.us > latest.us && c->message[i].at.us <= until.us)
            latest = c->message[i].at;
    }
    return latest;
}

int
case_fold(struct case_file *c, struct utime now)
{
    const struct conversation_case what = {.terms = &c->terms.terms,
                                           .clock_skew_max = c->pact->pact->clock_skew_max,
                                           .said = c->said,
                                           .count = c->count,
                                           .held = c->held,
                                           .deemed = c->deemed,
                                           .suspended = c->contact.suspended.at,
                                           .spans = c->contact.suspended.count};

    c->at = now;
    return conversation_fold(&what, reach(c, now), &c->now, c->fate);
}

int
case_read(struct store *s, const struct book_pact *p, struct slice incident, struct utime now,
          struct case_file *ret)
{
    return case_read_of(s, p, incident, &(struct case_look){now, NULL}, ret);
}

int
case_read_of(struct store *s, const struct book_pact *p, struct slice incident,
             const struct case_look *look, struct case_file *ret)
{
    struct reading reading = {ret, true};
    int r;

    *ret = (struct case_file){.pact = p};
    pact_terms(p->pact, &ret->terms);
    if (incident.len >= sizeof ret->name)
        return ERR_NOTFOUND;
    memcpy(ret->name, incident.ptr, incident.len);
    r = store_each_message(s, slice_of(p->pact->name), incident, read_one, &reading);
    if (r == 0 && ret->count == 0)
        r = ERR_NOTFOUND;
    if (r == 0)
        r = set_bounds(s, ret, 0);
    if (r == 0)
        r = set_held(s, ret);
    if (r == 0)
        r = look_at_contact(s, ret, look->known);
    if (r == 0)
        r = set_silent(s, ret, look->now);
    if (r < 0)
        return r;
    set_deemed(ret);
    return case_fold(ret, look->now);
}

int
case_add(struct case_file *c, const struct envelope *e, uint64_t leaf, struct utime now)
{
    struct case_message row = {.at = e->at, .arrived = now, .seq = e->seq, .type = e->type};
    int r;

    if (c->count == 0 && !set_parties(c, e))
        return ERR_INVALID;
    row.ours = book_party(c->pact, e->from) == c->pact->self;
    r = put(c, e, &row, leaf);
    if (r < 0)
        return r;
    set_deemed(c);
    return case_fold(c, now);
}

void
case_release(struct case_file *c)
{
    free(c->said);
    free(c->message);
    free(c->fate);
    *c = (struct case_file){0};
}

struct utime
case_next_due(const struct case_file *c)
{
    struct utime next = {0};

    for (unsigned d = 0; d < DUES; d++) {
        if ((c->now.incident.owed >> d & 1) != 0 && c->now.incident.due[d].us != 0 &&
            (next.us == 0 || c->now.incident.due[d].us < next.us))
            next = c->now.incident.due[d];
    }
    return next;
}

int
case_bytes(struct store *s, const struct case_file *c, unsigned message,
           struct store_message *ret)
{
    return store_get_message(s, &c->said[message].id, ret);
}
