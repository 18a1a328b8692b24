#include "exchange/conversation.h"

#include <stdlib.h>

#include "wire/jcs.h"

/* ---- What a message says ---- */

static bool
judges(const struct pact_obligation *o, struct slice class)
{
    for (unsigned i = 0; i < o->classes.count; i++) {
        const char *name = o->classes.at[i];

        if (slice_is(class, name) || (strcmp(name, "*") == 0 && pact_is_any(class)))
            return true;
    }
    return false;
}

/* Does a notice claim what its obligation says: a class that it judges, and its severity. */
static void
read_notice(const struct envelope *e, const struct pact *p, struct said *ret)
{
    struct slice id = {NULL, 0};
    struct slice class = {NULL, 0};
    struct slice severity = {NULL, 0};
    const struct pact_obligation *o;

    ret->terms = MESSAGE_BAD_CLASS;
    if (envelope_text(e, "obligation", &id) < 0 || envelope_text(e, "class", &class) < 0 ||
        envelope_text(e, "severity", &severity) < 0)
        return;
    o = pact_obligation(p, id);
    if (o == NULL || !pact_watches(o) || o->severity < 0 || !pact_has_class(p, class) ||
        !judges(o, class))
        return;
    ret->obligation = (int)(o - p->obligation);
    ret->m.severity = (unsigned)o->severity;
    ret->terms =
        slice_is(severity, p->severity[o->severity].id) ? MESSAGE_FINE : MESSAGE_BAD_SEVERITY;
}

/* Which field names the message that this one is about; NULL none. */
static const char *
refers_by(enum message_type t)
{
    switch ((int)t) {
    case MESSAGE_RECEIPT:
    case MESSAGE_ACK: return "notice";
    case MESSAGE_EVIDENCE: return "inquiry";
    case MESSAGE_EXTENSION_GRANT: return "request";
    default: return NULL;
    }
}

static void
read_words(const struct envelope *e, struct incident_message *m)
{
    struct slice word = {NULL, 0};
    struct slice json = {NULL, 0};
    uint64_t n;

    if (envelope_text(e, "finding", &word) == 0)
        m->finding = incident_finding_find(word);
    if (envelope_text(e, "action", &word) == 0)
        m->action = incident_action_find(word);
    if (envelope_text(e, "result", &word) == 0)
        m->result = incident_result_find(word);
    m->has_reason = envelope_json(e, "reason", &json) == 0 && jcs_string_len(json) > 0;
    if (envelope_number(e, "coverage_ppm", &n) == 0)
        m->coverage_ppm = (int64_t)n;
    (void)(envelope_time(e, "quiet_from", &m->quiet_from) < 0 ||
           envelope_time(e, "quiet_until", &m->quiet_until) < 0);
}

static void
read_consult(const struct envelope *e, struct said *ret)
{
    struct envelope record = *e;
    struct slice word = {NULL, 0};

    if (envelope_json(e, "record", &record.body) < 0)
        return;
    ret->refers = envelope_hash(&record, "notice", &ret->about) == 0;
    if (envelope_text(&record, "result", &word) == 0)
        ret->m.result = incident_result_find(word);
}

void
said_read(const struct envelope *e, const struct pact *p, struct said *ret)
{
    const char *about = refers_by(e->type);

    *ret = (struct said){.id = e->id, .prev = e->prev, .has_prev = e->has_prev};
    ret->obligation = -1;
    ret->m.type = incident_type_find(slice_of(message_type_name(e->type)));
    ret->m.from = envelope_from_notifier(e) ? SIDE_T : SIDE_O;
    ret->m.seq = e->seq;
    ret->m.at = ret->m.counts = e->at;
    read_words(e, &ret->m);
    if (about != NULL)
        ret->refers = envelope_hash(e, about, &ret->about) == 0;
    if (e->type == MESSAGE_CONSULT_RECORD)
        read_consult(e, ret);
    if (e->type == MESSAGE_NOTICE)
        read_notice(e, p, ret);
}

enum message_code
notice_limit(const struct pact *p, unsigned today, unsigned open)
{
    return today >= p->notices_per_day || open >= p->open_per_obligation ? MESSAGE_BAD_LIMIT
                                                                         : MESSAGE_FINE;
}

const char *
fate_name(const struct fate *f)
{
    return f->code == MESSAGE_STATE ? incident_state_name(f->state)
                                    : message_code_name(f->code);
}

/* ---- Chains ---- */

#define NOWHERE UINT32_MAX

struct work {
    const struct conversation_case *c;
    struct fate *fate;
    unsigned *order;            /* by sender and place in its log */
    unsigned *chain;            /* those of one sender that are in its chain, by seq - 1 */
    bool *folded;               /* by message: it goes into the fold */
    struct incident_message *m; /* what is folded … */
    unsigned *from;             /* … and which message each is; NOWHERE: none of them */
    unsigned folding;
    struct incident_rejection *rejection;
    unsigned *asked; /* inquiries and requests, sorted by type and id */
    unsigned asks;
    unsigned notice;
};

static void
work_release(struct work *w)
{
    free(w->order);
    free(w->chain);
    free(w->folded);
    free(w->m);
    free(w->from);
    free(w->rejection);
    free(w->asked);
}

static int
work_init(struct work *w)
{
    size_t n = (size_t)w->c->count + 2; /* and what stands for a receipt */

    w->order = calloc(n, sizeof *w->order);
    w->chain = calloc(n, sizeof *w->chain);
    w->folded = calloc(n, sizeof *w->folded);
    w->m = calloc(n, sizeof *w->m);
    w->from = calloc(n, sizeof *w->from);
    w->rejection = calloc(n, sizeof *w->rejection);
    w->asked = calloc(n, sizeof *w->asked);
    return w->order == NULL || w->chain == NULL || w->folded == NULL || w->m == NULL ||
                   w->from == NULL || w->rejection == NULL || w->asked == NULL
               ? ERR_NOMEM
               : 0;
}

static int
by_place(const void *a, const void *b, void *arg)
{
    const struct said *said = arg;
    const struct said *x = &said[*(const unsigned *)a];
    const struct said *y = &said[*(const unsigned *)b];

    if (x->m.from != y->m.from)
        return x->m.from < y->m.from ? -1 : 1;
    if (x->leaf != y->leaf)
        return x->leaf < y->leaf ? -1 : 1;
    return memcmp(&x->id, &y->id, sizeof x->id); /* a log has one at a place */
}

bool
said_counts(const struct said *s, struct span skew, struct utime last, struct utime *ret)
{
    int64_t least = s->not_before.us > last.us ? s->not_before.us : last.us;

    *ret = s->m.at;
    if ((s->not_before.us == 0 || s->m.at.us >= s->not_before.us - skew.us) &&
        (s->not_after.us == 0 || s->m.at.us <= s->not_after.us + skew.us) &&
        s->m.at.us >= last.us)
        return true;
    if (least > ret->us)
        ret->us = least;
    if (s->not_after.us != 0)
        *ret = s->not_after;
    return false;
}

static void
look_at_time(const struct work *w, unsigned i, const struct said *last)
{
    struct utime before = last == NULL ? (struct utime){INT64_MIN} : last->m.at;
    struct fate *f = &w->fate[i];

    f->disputed = !said_counts(&w->c->said[i], w->c->clock_skew_max, before, &f->counts);
}

/* The first in the log counts; what claims a place that is taken, or follows what is not
 * there, does not. */
static void
link_message(struct work *w, unsigned i, unsigned *length)
{
    const struct said *s = &w->c->said[i];
    const struct said *last = *length == 0 ? NULL : &w->c->said[w->chain[*length - 1]];
    struct fate *f = &w->fate[i];

    if (s->m.seq == (uint64_t)*length + 1 && s->has_prev == (last != NULL) &&
        (last == NULL || hash_eq(&s->prev, &last->id))) {
        look_at_time(w, i, last);
        w->chain[(*length)++] = i;
        w->folded[i] = s->m.type != INCIDENT_TYPES;
        return;
    }
    f->counts = s->m.at;
    if (s->m.seq >= 1 && s->m.seq <= *length) {
        unsigned taken = w->chain[s->m.seq - 1];

        if (hash_eq(&s->id, &w->c->said[taken].id))
            return; /* the same message again */
        f->fork = w->fate[taken].fork = true;
    }
    f->code = MESSAGE_BAD_CHAIN;
}

static void
link_all(struct work *w)
{
    unsigned length = 0;

    for (unsigned i = 0; i < w->c->count; i++)
        w->order[i] = i;
    qsort_r(w->order, w->c->count, sizeof *w->order, by_place, (void *)(uintptr_t)w->c->said);
    for (unsigned i = 0; i < w->c->count; i++) {
        if (i > 0 && w->c->said[w->order[i]].m.from != w->c->said[w->order[i - 1]].m.from)
            length = 0;
        link_message(w, w->order[i], &length);
    }
}

/* ---- The pact, and what messages are about ---- */

static bool
is_before(const struct said *a, const struct said *b)
{
    return a->m.at.us != b->m.at.us ? a->m.at.us < b->m.at.us : a->m.seq < b->m.seq;
}

static bool
is_notice(const struct work *w, unsigned i)
{
    return w->folded[i] && w->c->said[i].m.type == INCIDENT_NOTICE &&
           w->c->said[i].m.from == SIDE_T;
}

/* The first that the pact takes opens the incident.  One before it is refused by the pact; one
 * behind it by the state. */
static void
choose_notice(struct work *w)
{
    const struct said *said = w->c->said;

    w->notice = NOWHERE;
    for (unsigned i = 0; i < w->c->count; i++) {
        if (is_notice(w, i) && said[i].terms == MESSAGE_FINE &&
            (w->notice == NOWHERE || is_before(&said[i], &said[w->notice])))
            w->notice = i;
    }
    for (unsigned i = 0; i < w->c->count; i++) {
        if (!is_notice(w, i) || said[i].terms == MESSAGE_FINE ||
            (w->notice != NOWHERE && is_before(&said[w->notice], &said[i])))
            continue;
        w->folded[i] = false;
        w->fate[i].code = said[i].terms;
        w->fate[i].state = INCIDENT_NONE;
    }
}

static int
type_and_id(const struct said *x, enum incident_type type, const struct hash *id)
{
    if (x->m.type != type)
        return x->m.type < type ? -1 : 1;
    return memcmp(&x->id, id, sizeof *id);
}

static int
by_type_and_id(const void *a, const void *b, void *arg)
{
    const struct said *said = arg;
    const struct said *y = &said[*(const unsigned *)b];

    return type_and_id(&said[*(const unsigned *)a], y->m.type, &y->id);
}

static bool
was_asked(const struct work *w, enum incident_type type, const struct hash *id)
{
    unsigned from = 0;
    unsigned until = w->asks;

    while (from < until) {
        unsigned at = from + (until - from) / 2;
        int order = type_and_id(&w->c->said[w->asked[at]], type, id);

        if (order == 0)
            return true;
        if (order < 0)
            from = at + 1;
        else
            until = at;
    }
    return false;
}

/* What a message must be about: evidence about an inquiry, a grant about a request; all else
 * about the notice, which then is no type. */
static enum incident_type
is_about(const struct said *s)
{
    switch ((int)s->m.type) {
    case INCIDENT_EVIDENCE: return INCIDENT_INQUIRY_;
    case INCIDENT_EXTENSION_GRANT: return INCIDENT_EXTENSION_REQUEST;
    default: return INCIDENT_TYPES;
    }
}

static bool
is_astray(const struct work *w, const struct said *s)
{
    enum incident_type type = is_about(s);

    if (type == INCIDENT_TYPES) /* without a notice the state says no */
        return w->notice != NOWHERE && !hash_eq(&s->about, &w->c->said[w->notice].id);
    return !was_asked(w, type, &s->about);
}

/* What answers a message that is not there, or another incident's, counts for nothing. */
static void
drop_astray(struct work *w)
{
    const struct said *said = w->c->said;

    for (unsigned i = 0; i < w->c->count; i++) {
        if (w->folded[i] && (said[i].m.type == INCIDENT_INQUIRY_ ||
                             said[i].m.type == INCIDENT_EXTENSION_REQUEST))
            w->asked[w->asks++] = i;
    }
    qsort_r(w->asked, w->asks, sizeof *w->asked, by_type_and_id, (void *)(uintptr_t)said);
    for (unsigned i = 0; i < w->c->count; i++) {
        if (!w->folded[i] || !said[i].refers || !is_astray(w, &said[i]))
            continue;
        w->folded[i] = false;
        w->fate[i].code = MESSAGE_BAD_CONDITION;
    }
}

/* ---- What stands for a receipt ---- */

static unsigned
first_receipt(const struct work *w)
{
    const struct said *said = w->c->said;
    unsigned first = NOWHERE;

    for (unsigned i = 0; i < w->c->count; i++) {
        if (w->folded[i] && said[i].m.type == INCIDENT_RECEIPT && said[i].m.from == SIDE_O &&
            said[i].m.at.us >= said[w->notice].m.at.us &&
            (first == NOWHERE || is_before(&said[i], &said[first])))
            first = i;
    }
    return first;
}

/* The earliest of receipt, holder cosignature, and that it counts as given. */
static void
add_receipt(struct work *w)
{
    const struct conversation_case *c = w->c;
    bool held = c->held.us != 0 && (c->deemed.us == 0 || c->held.us <= c->deemed.us);
    struct utime at = held ? c->held : c->deemed;
    unsigned receipt;

    if (at.us == 0 || w->notice == NOWHERE)
        return;
    if (at.us < c->said[w->notice].m.at.us) /* by another clock */
        at = c->said[w->notice].m.at;
    receipt = first_receipt(w);
    if (receipt != NOWHERE) {
        if (c->said[receipt].m.at.us < at.us)
            return;
        w->folded[receipt] = false;
    }
    w->from[w->folding] = NOWHERE;
    w->m[w->folding++] = (struct incident_message){
        .type = held ? INCIDENT_HELD : INCIDENT_DEEMED, .from = SIDE_O, .at = at, .counts = at};
}

/* ---- All together ---- */

static enum message_code
code_of(enum incident_reject code)
{
    switch (code) {
    case REJECTED_STATE: return MESSAGE_STATE;
    case REJECTED_EARLY: return MESSAGE_BAD_EARLY;
    case REJECTED_CONDITION: return MESSAGE_BAD_CONDITION;
    case REJECTED_REASON: break;
    }
    return MESSAGE_BAD_REASON;
}

static int
fold(struct work *w, struct utime now, struct conversation *ret)
{
    const struct conversation_case *c = w->c;
    int err;

    for (unsigned i = 0; i < c->count; i++) {
        if (!w->folded[i])
            continue;
        w->from[w->folding] = i;
        w->m[w->folding] = c->said[i].m;
        w->m[w->folding++].counts = w->fate[i].counts;
    }
    err = incident_fold(c->terms, w->m, w->folding, c->suspended, c->spans, now, &ret->incident,
                        w->rejection, w->folding);
    if (err < 0)
        return err;
    for (unsigned i = 0; i < ret->incident.rejections; i++) {
        unsigned at = w->from[w->rejection[i].message];

        if (at == NOWHERE)
            continue;
        w->fate[at].code = code_of(w->rejection[i].code);
        w->fate[at].state = w->rejection[i].state;
    }
    return 0;
}

static int
follow(struct work *w, struct utime now, struct conversation *ret)
{
    int err = work_init(w);

    if (err < 0)
        return err;
    memset(w->fate, 0, w->c->count * sizeof *w->fate);
    link_all(w);
    choose_notice(w);
    drop_astray(w);
    add_receipt(w);
    err = fold(w, now, ret);
    if (err < 0)
        return err;
    ret->notice = w->notice;
    for (unsigned i = 0; i < w->c->count; i++)
        ret->rejected += w->fate[i].code != MESSAGE_FINE && w->c->said[i].m.at.us <= now.us;
    return 0;
}

int
conversation_fold(const struct conversation_case *c, struct utime now, struct conversation *ret,
                  struct fate *fate)
{
    struct work w = {.c = c, .fate = fate};
    int err = ERR_LIMIT;

    *ret = (struct conversation){.notice = NOWHERE};
    if (c->count <= INCIDENT_MESSAGES - 2)
        err = follow(&w, now, ret);
    work_release(&w);
    return err;
}
