#include "role/outcomes.h"

#include <stdlib.h>

#include "wire/jcs.h"

struct reading {
    const struct outcomes_ask *ask;
    struct outcomes *ret;
    struct buf json;    /* of a row, canonical */
    struct buf pending; /* names of those that are to be folded, each with its NUL */
};

static struct slice
text_of(struct slice object, const char *name)
{
    struct slice value;
    struct slice text = {"", 0};

    if (jcs_find(object, name, &value) && jcs_plain(value, &text) < 0)
        text.len = 0;
    return text;
}

static struct utime
time_of(struct slice object, const char *name)
{
    struct utime t;

    return time_parse(text_of(object, name), &t) < 0 ? (struct utime){0} : t;
}

/* ---- from JSON --------------------------------------------------------------------------- */

static void
put_under(const struct book_pact *p, struct slice id, struct verdict_incident *ret)
{
    const struct pact_obligation *o = pact_obligation(p->pact, id);

    if (o != NULL)
        verdict_put_under(ret, (unsigned)(o - p->pact->obligation));
}

/* Whose, and under what. */
static bool
read_frame(const struct book_pact *p, struct slice state, struct verdict_incident *ret)
{
    int notifier = book_party(p, text_of(state, "notifier"));
    int responder = book_party(p, text_of(state, "responder"));
    struct slice list;
    struct slice item;
    struct slice id;
    struct jcs_iter it;

    if (notifier < 0 || responder < 0)
        return false;
    *ret = (struct verdict_incident){.notifier = (uint8_t)notifier,
                                     .responder = (uint8_t)responder,
                                     .opened = time_of(state, "opened")};
    put_under(p, text_of(state, "obligation"), ret);
    if (!jcs_find(state, "also", &list))
        return true;
    it = jcs_iter(list);
    while (jcs_item(&it, &item)) {
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
read_result(struct slice state, struct incident *ret)
{
    struct slice key;
    struct slice value;
    struct slice list;
    struct slice name;
    struct jcs_iter it;
    unsigned d;

    ret->state = INCIDENT_CLOSED;
    ret->closed = time_of(state, "closed");
    ret->result = incident_result_find(text_of(state, "result"));
    ret->finding = incident_finding_find(text_of(state, "finding"));
    if (jcs_find(state, "late", &list)) {
        it = jcs_iter(list);
        while (jcs_item(&it, &value)) {
            if (jcs_plain(value, &name) == 0 && (d = due_of(name)) < DUES)
                ret->late |= 1U << d;
        }
    }
    if (!jcs_find(state, "took_us", &list))
        return;
    it = jcs_iter(list);
    while (jcs_member(&it, &key, &value)) {
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
    struct slice state;

    if (row->opened.us >= r->ask->until.us || !slice_is(row->pact, r->ask->pact->pact->name) ||
        row->name.len >= sizeof about.name)
        return 0;
    memcpy(about.name, row->name.ptr, row->name.len);
    buf_reset(&r->json);
    if (!row->closed) {
        buf_add(&r->pending, about.name, row->name.len + 1);
        return buf_error(&r->pending);
    }
    if (jcs_canonical(row->told, &r->json, NULL) != JCS_OK)
        return buf_error(&r->json) < 0 ? buf_error(&r->json) : ERR_IO;
    state = buf_get(&r->json);
    if (!read_frame(r->ask->pact, state, &i))
        return 0;
    read_result(state, &i.now);
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
    buf_reset(&r->json);
    if (jcs_canonical(row.told, &r->json, NULL) != JCS_OK ||
        !read_frame(r->ask->pact, buf_get(&r->json), &i))
        return buf_error(&r->json);
    about->told = false;
    return put(r, &i, about);
}

static int
take_case(struct reading *r, struct slice name)
{
    struct outcome about = {.told = true};
    struct verdict_incident i;
    struct case_file c = {0};
    int e = case_read(r->ask->store, r->ask->pact, name, r->ask->until, &c);

    memcpy(about.name, name.ptr, name.len);
    if (e == ERR_NOTFOUND) {
        case_release(&c);
        return take_detected(r, name, &about);
    }
    buf_reset(&r->json);
    if (e == 0) {
        AUTO_BUF(state, CASE_JSON);

        case_json(r->ask->store, &c, &state);
        if (jcs_canonical(buf_get(&state), &r->json, NULL) != JCS_OK)
            e = buf_error(&r->json) < 0 ? buf_error(&r->json) : ERR_IO;
    }
    if (e == 0 && c.now.notice != UINT32_MAX &&
        read_frame(r->ask->pact, buf_get(&r->json), &i)) {
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
    buf_init(&r.json, (size_t)4 * CASE_JSON);
    buf_init(&r.pending, (size_t)1 << 26);
    e = store_each_incident(a->store, false, take_row, &r);
    for (size_t at = 0; e == 0 && at < r.pending.len;) {
        struct slice name = slice_of(r.pending.ptr + at);

        e = take_case(&r, name);
        at += name.len + 1;
    }
    buf_release(&r.json);
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
