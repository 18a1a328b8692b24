#include "role/outcomes.h"

#include <stdlib.h>

#include "wire/jcs.h"

/* What a state says of itself (cases_json.c), of which this is wanted. */
enum field {
    F_NOTIFIER,
    F_RESPONDER,
    F_OPENED,
    F_FOUND,
    F_NOTICED,
    F_OBLIGATION,
    F_ALSO,
    F_CLOSED,
    F_RESULT,
    F_FINDING,
    F_LATE,
    F_TOOK,
    FIELDS
};

struct reading {
    const struct outcomes_ask *ask;
    struct outcomes *ret;
    struct slice field[FIELDS]; /* of the state at hand; empty: it has none */
    struct buf pending;         /* names of those that are to be folded, each with its NUL */
};

/* ---- from JSON --------------------------------------------------------------------------- */

/* In one pass: it is this program's own, without white space, in no order. */
static void
read_fields(struct reading *r, struct slice state)
{
    static const char *const names[FIELDS] = {"notifier", "responder",  "opened", "found",
                                              "noticed",  "obligation", "also",   "closed",
                                              "result",   "finding",    "late",   "took_us"};
    struct jcs_iter it = jcs_iter(state);
    struct slice key;
    struct slice value;

    memset(r->field, 0, sizeof r->field);
    while (jcs_member(&it, &key, &value)) {
        for (unsigned i = 0; i < FIELDS; i++) {
            if (slice_is(key, names[i]))
                r->field[i] = value;
        }
    }
}

static struct slice
text_of(const struct reading *r, enum field f)
{
    struct slice text = {"", 0};

    if (r->field[f].len > 0 && jcs_plain(r->field[f], &text) < 0)
        text.len = 0;
    return text;
}

static struct utime
time_of(const struct reading *r, enum field f)
{
    struct utime t;

    return time_parse(text_of(r, f), &t) < 0 ? (struct utime){0} : t;
}

static void
put_under(const struct book_pact *p, struct slice id, struct verdict_incident *ret)
{
    const struct pact_obligation *o = pact_obligation(p->pact, id);

    if (o != NULL)
        verdict_put_under(ret, (unsigned)(o - p->pact->obligation));
}

/* Whose, and under what. */
static bool
read_frame(const struct reading *r, struct verdict_incident *ret)
{
    const struct book_pact *p = r->ask->pact;
    int notifier = book_party(p, text_of(r, F_NOTIFIER));
    int responder = book_party(p, text_of(r, F_RESPONDER));
    struct jcs_iter it = jcs_iter(r->field[F_ALSO]);
    struct slice item;
    struct slice id;

    if (notifier < 0 || responder < 0)
        return false;
    *ret = (struct verdict_incident){.notifier = (uint8_t)notifier,
                                     .responder = (uint8_t)responder,
                                     .opened = time_of(r, F_OPENED),
                                     .found = time_of(r, F_FOUND),
                                     .noticed = time_of(r, F_NOTICED)};
    put_under(p, text_of(r, F_OBLIGATION), ret);
    while (r->field[F_ALSO].len > 0 && jcs_item(&it, &item)) {
        if (jcs_plain(item, &id) == 0)
            put_under(p, id, ret);
    }
    return true;
}

static unsigned
due_of(struct slice name)
{
    unsigned d = 0;

    while (d < DUES && !slice_is(name, incident_due_name((enum incident_due)d)))
        d++;
    return d;
}

/* What came of one that is closed. */
static void
read_result(const struct reading *r, struct incident *ret)
{
    struct jcs_iter late = jcs_iter(r->field[F_LATE]);
    struct jcs_iter took = jcs_iter(r->field[F_TOOK]);
    struct slice key;
    struct slice value;
    struct slice name;
    unsigned d;

    ret->state = INCIDENT_CLOSED;
    ret->closed = time_of(r, F_CLOSED);
    ret->result = incident_result_find(text_of(r, F_RESULT));
    if (ret->result == RESULTS)
        ret->result = RESULT_NONE;
    ret->finding = incident_finding_find(text_of(r, F_FINDING));
    if (ret->finding == FINDINGS)
        ret->finding = FINDING_NONE;
    while (r->field[F_LATE].len > 0 && jcs_item(&late, &value)) {
        if (jcs_plain(value, &name) == 0 && (d = due_of(name)) < DUES)
            ret->late |= 1U << d;
    }
    while (r->field[F_TOOK].len > 0 && jcs_member(&took, &key, &value)) {
        d = due_of(key);
        if (d < DUES && jcs_int(value, &ret->took[d]) == 0)
            ret->met |= 1U << d;
    }
}

/* ---- rows -------------------------------------------------------------------------------- */

static int
make_room(struct outcomes *o)
{
    unsigned room = o->room == 0 ? 256 : o->room * 2;
    struct verdict_incident *at;
    struct outcome *about;

    if (o->count < o->room)
        return 0;
    at = realloc(o->at, room * sizeof *at);
    if (at != NULL)
        o->at = at;
    about = realloc(o->about, room * sizeof *about);
    if (about != NULL)
        o->about = about;
    if (at == NULL || about == NULL)
        return ERR_NOMEM;
    o->room = room;
    return 0;
}

static int
put(struct reading *r, const struct verdict_incident *i, const struct outcome *about)
{
    int e = make_room(r->ret);

    if (e < 0)
        return e;
    r->ret->at[r->ret->count] = *i;
    r->ret->about[r->ret->count++] = *about;
    return 0;
}

static int
take_row(void *arg, const struct store_incident *row)
{
    struct reading *r = arg;
    struct verdict_incident i;
    struct outcome about = {.told = true, .closed = row->closed};

    if (row->opened.us >= r->ask->until.us || !slice_is(row->pact, r->ask->pact->pact->name) ||
        row->name.len >= sizeof about.name)
        return 0;
    memcpy(about.name, row->name.ptr, row->name.len);
    if (!row->closed) {
        buf_add(&r->pending, about.name, row->name.len + 1);
        return buf_error(&r->pending);
    }
    read_fields(r, row->told);
    if (!read_frame(r, &i))
        return 0;
    read_result(r, &i.now);
    if (i.now.closed.us == 0 || i.now.closed.us > r->ask->until.us) {
        /* written by an older version, or still open then */
        buf_add(&r->pending, about.name, row->name.len + 1);
        return buf_error(&r->pending);
    }
    return i.now.closed.us < r->ask->from.us ? 0 : put(r, &i, &about);
}

/* ---- those that are folded --------------------------------------------------------------- */

static void
note_delivery(const struct case_file *c, struct outcome *ret)
{
    ret->delivered = c->held;
    for (unsigned i = 0; i < c->count; i++) {
        if (c->message[i].type != MESSAGE_RECEIPT || c->fate[i].code != MESSAGE_FINE ||
            c->said[i].m.at.us > c->at.us)
            continue;
        ret->delivered = c->said[i].m.at;
        ret->leaf = c->message[i].here;
        ret->has_leaf = true;
        return;
    }
}

/* Found here, and no word of it yet. */
static int
take_detected(struct reading *r, struct slice name, struct outcome *about)
{
    struct store_incident row;
    struct verdict_incident i;
    int e = store_get_incident(r->ask->store, slice_of(r->ask->pact->pact->name), name, &row);

    if (e < 0)
        return e;
    read_fields(r, row.told);
    if (!read_frame(r, &i))
        return 0;
    about->told = false;
    i.found = i.opened;
    return put(r, &i, about);
}

static int
take_case(struct reading *r, struct slice name)
{
    struct outcome about = {.told = true};
    struct verdict_incident i;
    struct case_file c = {0};
    AUTO_BUF(state, CASE_JSON);
    int e = case_read(r->ask->store, r->ask->pact, name, r->ask->until, &c);

    memcpy(about.name, name.ptr, name.len);
    if (e == ERR_NOTFOUND) {
        case_release(&c);
        return take_detected(r, name, &about);
    }
    if (e == 0) {
        case_json(r->ask->store, &c, &state);
        e = buf_error(&state);
    }
    if (e == 0)
        read_fields(r, buf_get(&state));
    if (e == 0 && c.now.notice != UINT32_MAX && read_frame(r, &i)) {
        i.now = c.now.incident;
        note_delivery(&c, &about);
        about.closed = i.now.state == INCIDENT_CLOSED;
        /* What was not received stands in one log alone. */
        about.told = i.now.state != INCIDENT_NOTIFIED || about.delivered.us != 0;
        if (i.now.closed.us == 0 || i.now.closed.us >= r->ask->from.us)
            e = put(r, &i, &about);
    }
    case_release(&c);
    return e;
}

int
outcomes_read(const struct outcomes_ask *a, struct outcomes *ret)
{
    struct reading r = {.ask = a, .ret = ret};
    int e;

    *ret = (struct outcomes){0};
    buf_init(&r.pending, (size_t)1 << 26);
    e = store_each_incident(a->store, false, take_row, &r);
    for (size_t at = 0; e == 0 && at < r.pending.len;) {
        struct slice name = slice_of(r.pending.ptr + at);

        e = take_case(&r, name);
        at += name.len + 1;
    }
    buf_release(&r.pending);
    return e;
}

void
outcomes_release(struct outcomes *o)
{
    free(o->at);
    free(o->about);
    *o = (struct outcomes){0};
}
