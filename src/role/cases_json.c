/* An incident in JSON. */
#include <stdio.h>

#include "ledger/ledger.h"
#include "role/exhibit.h"
#include "wire/jcs.h"

static void
key(struct buf *b, const char *name)
{
    if (b->len > 0 && b->ptr[b->len - 1] != '{' && b->ptr[b->len - 1] != '[')
        buf_char(b, ',');
    buf_printf(b, "\"%s\":", name);
}

static void
text(struct buf *b, const char *name, struct slice value)
{
    key(b, name);
    buf_json(b, value);
}

static void
moment(struct buf *b, const char *name, struct utime t)
{
    char out[TIME_TEXT];

    time_format(t, out);
    text(b, name, (struct slice){out, t.us > 0 ? TIME_TEXT : 0});
}

static void
number(struct buf *b, const char *name, uint64_t n)
{
    key(b, name);
    buf_u64(b, n);
}

/* Names of the deadlines in a mask, those of one side. */
static void
dues(struct buf *b, const char *name, unsigned mask, unsigned from, unsigned until)
{
    const char *comma = "";

    key(b, name);
    buf_char(b, '[');
    for (unsigned d = from; d < until; d++) {
        if ((mask >> d & 1) == 0)
            continue;
        buf_printf(b, "%s\"%s\"", comma, incident_due_name((enum incident_due)d));
        comma = ",";
    }
    buf_char(b, ']');
}

static void
owed(struct buf *b, const struct incident *i)
{
    key(b, "owed");
    buf_char(b, '{');
    for (unsigned d = 0; d < DUES; d++) {
        if ((i->owed >> d & 1) != 0)
            moment(b, incident_due_name((enum incident_due)d), i->due[d]);
    }
    buf_char(b, '}');
}

/* What was done, and on how much of its clock. */
static void
took(struct buf *b, const struct incident *i)
{
    key(b, "took_us");
    buf_char(b, '{');
    for (unsigned d = 0; d < DUES; d++) {
        if ((i->met >> d & 1) != 0)
            number(b, incident_due_name((enum incident_due)d), (uint64_t)i->took[d]);
    }
    buf_char(b, '}');
}

/* What the notice says; of later updates the totals. */
static void
notice(struct store *s, const struct case_file *c, struct buf *b)
{
    static const char *const once[] = {"obligation", "also", "class", "origin", "first"};
    static const char *const totals[] = {"last",    "events",  "count",
                                         "targets", "e_grade", "o_grade"};
    struct store_message m;
    struct envelope e;
    struct slice value;

    if (c->now.notice == UINT32_MAX || case_bytes(s, c, c->now.notice, &m) < 0 ||
        envelope_read(m.bytes, &e, NULL) != MESSAGE_FINE)
        return;
    for (size_t i = 0; i < sizeof once / sizeof once[0]; i++) {
        if (envelope_json(&e, once[i], &value) == 0) {
            key(b, once[i]);
            buf_slice(b, value);
        }
    }
    for (unsigned i = c->count; i-- > 0;) {
        if (c->message[i].type == MESSAGE_UPDATE && c->fate[i].code == MESSAGE_FINE &&
            case_bytes(s, c, i, &m) == 0) {
            (void)envelope_read(m.bytes, &e, NULL);
            break;
        }
    }
    for (size_t i = 0; i < sizeof totals / sizeof totals[0]; i++) {
        if (envelope_json(&e, totals[i], &value) == 0) {
            key(b, totals[i]);
            buf_slice(b, value);
        }
    }
}

static void
state(struct store *s, const struct case_file *c, struct buf *b)
{
    const struct incident *i = &c->now.incident;
    const struct pact *p = c->pact->pact;
    struct case_detection d;

    text(b, "pact", slice_of(p->name));
    text(b, "incident", slice_of(c->name));
    text(b, "notifier", c->pact->party[c->notifier].id);
    text(b, "responder", c->pact->party[c->responder].id);
    text(b, "role",
         slice_of((int)c->notifier == c->pact->self    ? "notifier"
                  : (int)c->responder == c->pact->self ? "responder"
                                                       : "observer"));
    text(b, "state", slice_of(incident_state_name(i->state)));
    text(b, "severity",
         slice_of(c->now.notice != UINT32_MAX && i->severity < c->terms.terms.severities
                      ? c->terms.name[i->severity]
                      : ""));
    notice(s, c, b);
    if (case_detected(s, c, &d) == 0 && d.found.us != 0) {
        moment(b, "found", d.found);
        moment(b, "noticed", d.noticed);
    }
    moment(b, "opened",
           c->now.notice == UINT32_MAX ? (struct utime){0} : c->said[c->now.notice].m.at);
    text(b, "finding", slice_of(incident_finding_name(i->finding)));
    text(b, "action", slice_of(incident_action_name(i->action)));
    text(b, "result", slice_of(incident_result_name(i->result)));
    moment(b, "closed", i->closed);
    owed(b, i);
    took(b, i);
    moment(b, "next_due", case_next_due(c));
    moment(b, "suspended_since", c->silent);
    dues(b, "overdue", i->overdue, DUE_RECEIPT, DUE_EVIDENCE);
    dues(b, "overdue_notifier", i->overdue, DUE_EVIDENCE, DUES);
    dues(b, "late", i->late, DUE_RECEIPT, DUE_EVIDENCE);
    dues(b, "late_notifier", i->late, DUE_EVIDENCE, DUES);
    key(b, "undelivered");
    buf_text(b, i->undelivered ? "true" : "false");
    number(b, "recurrences", i->recur);
    number(b, "reopened", i->reopened);
    number(b, "extensions", i->extensions);
    number(b, "rejected", c->now.rejected);
    number(b, "messages", c->count);
    moment(b, "at", c->at);
}

void
case_json(struct store *s, const struct case_file *c, struct buf *ret)
{
    buf_char(ret, '{');
    state(s, c, ret);
    buf_char(ret, '}');
}

/* Where the notice says that it came from, as text. */
static void
origin_of(struct store *s, const struct case_file *c, char to[PREFIX_TEXT])
{
    struct store_message m;
    struct envelope e;
    struct slice value;
    struct slice text = {"", 0};

    if (c->now.notice != UINT32_MAX && case_bytes(s, c, c->now.notice, &m) == 0 &&
        envelope_read(m.bytes, &e, NULL) == MESSAGE_FINE &&
        envelope_json(&e, "origin", &value) == 0)
        (void)!jcs_plain(value, &text);
    (void)snprintf(to, PREFIX_TEXT, "%.*s", (int)text.len, text.ptr);
}

/* What there is of the proofs that a message names, in the order of its evidence. */
static void
proofs(struct store *s, const struct case_file *c, bool ours, struct slice evidence,
       struct buf *b)
{
    char origin[PREFIX_TEXT];
    struct jcs_iter it = jcs_iter(evidence);
    struct slice item;
    const char *comma = "";

    origin_of(s, c, origin);
    key(b, "proofs");
    buf_char(b, '[');
    while (jcs_item(&it, &item)) {
        buf_printf(b, "%s\"%s\"", comma, exhibit_state(s, c, ours, slice_of(origin), item));
        comma = ",";
    }
    buf_char(b, ']');
}

/* The key that signed, by the name it has in its party's annexes; its id alone when it stands
 * in none of them now. */
static void
signer(struct buf *b, const struct case_file *c, const struct envelope *e)
{
    enum { ID = 8 }; /* hex digits */
    const struct role_keys keys = c->pact->keys[ANNEX_MESSAGE];
    struct slice name = {"", 0};
    char id[ID + 1];

    if (e->sig.len < ID)
        return;
    for (unsigned i = 0; i < keys.count; i++) {
        (void)snprintf(id, sizeof id, "%08x", keys.key[i].key.id);
        if (slice_eq(keys.key[i].party, e->from) && memcmp(e->sig.ptr, id, ID) == 0)
            name = slice_of(keys.key[i].key.name);
    }
    key(b, "key");
    buf_char(b, '"');
    buf_slice(b, name);
    buf_printf(b, "%s%.*s\"", name.len > 0 ? "+" : "", ID, e->sig.ptr);
}

static void
message(struct store *s, const struct case_file *c, unsigned i, struct buf *b)
{
    const struct case_message *m = &c->message[i];
    const struct fate *f = &c->fate[i];
    bool from_notifier = c->said[i].m.from == SIDE_T;
    AUTO_BUF(evidence, ENVELOPE_MAX);
    struct store_message row;
    struct envelope e;
    struct slice value;

    buf_text(b, i == 0 ? "{\"id\":\"" : ",{\"id\":\"");
    for (size_t k = 0; k < sizeof c->said[i].id.byte; k++)
        buf_printf(b, "%02x", c->said[i].id.byte[k]);
    buf_char(b, '"');
    text(b, "type", slice_of(message_type_name(m->type)));
    text(b, "from", c->pact->party[from_notifier ? c->notifier : c->responder].id);
    number(b, "seq", m->seq);
    moment(b, "at", m->at);
    moment(b, "here_at", m->arrived);
    number(b, "leaf", ledger_index(m->here));
    number(b, "generation", ledger_generation(m->here));
    moment(b, "not_before", c->said[i].not_before);
    moment(b, "not_after", c->said[i].not_after);
    key(b, "time_disputed");
    buf_text(b, f->disputed ? "true" : "false");
    key(b, "fork");
    buf_text(b, f->fork ? "true" : "false");
    text(b, "passed_over", slice_of(fate_name(f)));
    if (case_bytes(s, c, i, &row) == 0 && envelope_read(row.bytes, &e, NULL) == MESSAGE_FINE) {
        signer(b, c, &e);
        key(b, "body");
        buf_slice(b, e.body);
        if (envelope_json(&e, "evidence", &value) == 0) {
            buf_slice(&evidence, value); /* the store is asked for others */
            proofs(s, c, m->ours, buf_get(&evidence), b);
        }
    }
    buf_char(b, '}');
}

static void
spans(struct buf *b, const struct spans *s)
{
    char from[TIME_TEXT];
    char until[TIME_TEXT];

    key(b, "suspended");
    buf_char(b, '[');
    for (unsigned i = 0; i < s->count; i++) {
        time_format(s->at[i].from, from);
        time_format(s->at[i].until, until);
        buf_printf(b, "%s[\"%.*s\",\"%.*s\"]", i == 0 ? "" : ",", TIME_TEXT, from, TIME_TEXT,
                   until);
    }
    buf_char(b, ']');
}

static void
add_name(struct buf *b, const char *name)
{
    if (b->ptr[b->len - 1] != '[')
        buf_char(b, ',');
    buf_printf(b, "\"%s\"", name);
}

/* What a person of this node may say now, and which findings and actions need a reason.  What a
 * machine says is left out, and what needs both parties' signatures. */
static void
may(const struct case_file *c, struct buf *b)
{
    const unsigned machine =
        1U << INCIDENT_RECEIPT | 1U << INCIDENT_HELD | 1U << INCIDENT_DEEMED;
    int self = c->pact->self;
    enum incident_side side = (int)c->notifier == self ? SIDE_T : SIDE_O;
    bool party = self >= 0 && ((int)c->notifier == self || (int)c->responder == self);
    const struct incident_terms *t = &c->terms.terms;

    key(b, "may");
    buf_char(b, '[');
    for (unsigned i = 0; party && i < INCIDENT_TYPES; i++) {
        if ((machine >> i & 1) == 0 &&
            incident_may(c->now.incident.state, side, (enum incident_type)i))
            add_name(b, incident_type_name((enum incident_type)i));
    }
    buf_char(b, ']');
    key(b, "reason_for");
    buf_char(b, '[');
    for (unsigned i = 0; i < FINDINGS; i++) {
        if ((t->finding_reason >> i & 1) != 0)
            add_name(b, incident_finding_name((enum incident_finding)i));
    }
    for (unsigned i = 0; i < ACTIONS; i++) {
        if ((t->action_reason >> i & 1) != 0)
            add_name(b, incident_action_name((enum incident_action)i));
    }
    buf_char(b, ']');
}

void
case_json_whole(struct store *s, const struct case_file *c, struct buf *ret)
{
    buf_char(ret, '{');
    state(s, c, ret);
    moment(ret, "held", c->held);
    spans(ret, &c->contact.suspended);
    may(c, ret);
    buf_text(ret, ",\"conversation\":[");
    for (unsigned i = 0; i < c->count; i++)
        message(s, c, i, ret);
    buf_text(ret, "]}");
}

enum incident_due
case_first_due(struct slice owed, bool notifier, struct utime *ret)
{
    enum incident_due first = DUES;

    ret->us = 0;
    for (unsigned d = notifier ? DUE_EVIDENCE : 0; d < (notifier ? DUES : DUE_EVIDENCE); d++) {
        struct slice value;
        struct slice text;
        struct utime at;

        if (!jcs_find(owed, incident_due_name((enum incident_due)d), &value) ||
            jcs_plain(value, &text) < 0 || time_parse(text, &at) < 0)
            continue; /* its clock stands still */
        if (first == DUES || at.us < ret->us) {
            first = (enum incident_due)d;
            *ret = at;
        }
    }
    return first;
}
