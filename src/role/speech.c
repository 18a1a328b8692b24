#include "role/speech.h"

#include <stdio.h>
#include <string.h>

#include "role/notice.h"
#include "wire/hex.h"
#include "wire/jcs.h"

bool
speech_ask_ok(const struct speech_ask *a)
{
    return a->type < MESSAGE_TYPES && a->size <= SPEECH_FIELDS &&
           memchr(a->pact, '\0', sizeof a->pact) != NULL &&
           memchr(a->incident, '\0', sizeof a->incident) != NULL &&
           memchr(a->to, '\0', sizeof a->to) != NULL &&
           memchr(a->tlp, '\0', sizeof a->tlp) != NULL;
}

enum message_type
speech_type(struct slice name)
{
    unsigned t = 0;

    while (t < MESSAGE_TYPES && !slice_is(name, message_type_name((enum message_type)t)))
        t++;
    return (enum message_type)t;
}

/* ---- what is left out -------------------------------------------------------------------- */

struct filling {
    struct store *s;
    const struct case_file *c; /* NULL: not in an incident */
    struct slice fields;       /* canonical */
    struct utime now;
    struct buf *to;
};

static void
put(struct filling *f, const char *name, struct slice json)
{
    if (f->to->ptr[f->to->len - 1] != '{')
        buf_char(f->to, ',');
    buf_printf(f->to, "\"%s\":", name);
    buf_slice(f->to, json);
}

/* A field that has a value of its own when it is left out. */
static void
fill(struct filling *f, const char *name, const char *json)
{
    struct slice there;

    if (!jcs_find(f->fields, name, &there))
        put(f, name, slice_of(json));
}

static void
fill_time(struct filling *f, const char *name, struct utime t)
{
    char json[TIME_TEXT + 3] = "\"";

    time_format(t, json + 1);
    json[TIME_TEXT + 1] = '"';
    fill(f, name, json);
}

/* The id of the last message of a type that counts. */
static void
fill_last(struct filling *f, const char *name, enum message_type type)
{
    char json[2 * SHA256_SIZE + 3] = "\"";

    for (unsigned i = f->c == NULL ? 0 : f->c->count; i-- > 0;) {
        if (f->c->message[i].type != type || f->c->fate[i].code != MESSAGE_FINE)
            continue;
        hex_encode(f->c->said[i].id.byte, SHA256_SIZE, json + 1);
        json[2 * SHA256_SIZE + 1] = '"';
        json[2 * SHA256_SIZE + 2] = '\0';
        fill(f, name, json);
        return;
    }
}

/* A time of the notice, for what was searched. */
static void
fill_from_notice(struct filling *f, const char *name, const char *of)
{
    struct store_message m;
    struct envelope e;
    struct slice json;
    char text[64];

    if (f->c == NULL || f->c->now.notice == UINT32_MAX ||
        case_bytes(f->s, f->c, f->c->now.notice, &m) < 0 ||
        envelope_read(m.bytes, &e, NULL) != MESSAGE_FINE || envelope_json(&e, of, &json) < 0 ||
        json.len >= sizeof text)
        return;
    (void)snprintf(text, sizeof text, "%.*s", (int)json.len, json.ptr);
    fill(f, name, text);
}

static void
fill_escalate(struct filling *f)
{
    const struct incident *i = f->c == NULL ? NULL : &f->c->now.incident;
    char json[32] = "\"\"";

    if (i == NULL)
        return;
    fill(f, "cause", i->state == INCIDENT_DISPUTED ? "\"disputed\"" : "\"overdue\"");
    for (unsigned d = 0; i->state != INCIDENT_DISPUTED && d < DUES; d++) {
        if ((i->overdue >> d & 1) != 0)
            (void)snprintf(json, sizeof json, "\"%s\"",
                           incident_due_name((enum incident_due)d));
    }
    fill(f, "item", json);
}

static void
fill_answer(struct filling *f)
{
    fill(f, "reason", "\"\"");
    fill(f, "flows", "0");
    fill(f, "sampling", "0");
    fill_from_notice(f, "from", "first");
    fill_from_notice(f, "until", "last");
    fill_from_notice(f, "retention_from", "first");
}

static void
fill_type(struct filling *f, enum message_type type)
{
    switch ((int)type) {
    case MESSAGE_ACK:
        fill(f, "auto", "false");
        fill(f, "reference", "\"\"");
        fill_last(f, "notice", MESSAGE_NOTICE);
        break;
    case MESSAGE_INQUIRY: fill(f, "text", "\"\""); break;
    case MESSAGE_EVIDENCE:
        fill(f, "evidence", "[]");
        fill(f, "text", "\"\"");
        fill_last(f, "inquiry", MESSAGE_INQUIRY);
        break;
    case MESSAGE_ANSWER: fill_answer(f); break;
    case MESSAGE_ACTION:
        fill(f, "reason", "\"\"");
        fill(f, "reference", "\"\"");
        fill_time(f, "done_at", f->now);
        break;
    case MESSAGE_ACTIVITY:
    case MESSAGE_UPDATE:
    case MESSAGE_REOPEN: fill(f, "evidence", "[]"); break;
    case MESSAGE_ESCALATE: fill_escalate(f); break;
    case MESSAGE_WITHDRAW: fill(f, "cause", "\"other\""); break;
    case MESSAGE_EXTENSION_GRANT: fill_last(f, "request", MESSAGE_EXTENSION_REQUEST); break;
    default: break;
    }
}

/* NOLINTBEGIN(readability-function-size): a message, and what is left out of it */
int
speech_body(struct store *s, const struct case_file *c, enum message_type type,
            struct slice fields, struct utime now, struct buf *ret, struct errinfo *ei)
/* NOLINTEND(readability-function-size) */
{
    AUTO_BUF(canonical, SPEECH_FIELDS);
    struct filling f = {.s = s, .c = c, .now = now, .to = ret};
    struct jcs_iter it;
    struct slice name;
    struct slice value;
    char key[64];

    if (fields.len == 0)
        fields = SLICE("{}");
    if (jcs_canonical(fields, &canonical, NULL) != JCS_OK ||
        jcs_kind(buf_get(&canonical)) != JCS_OBJECT)
        return err_set(ei, ERR_INVALID, "the fields of a message are one JSON object");
    f.fields = buf_get(&canonical);
    buf_char(ret, '{');
    it = jcs_iter(f.fields);
    while (jcs_member(&it, &name, &value)) {
        if (name.len >= sizeof key)
            return err_set(ei, ERR_INVALID, "no field has a name so long");
        (void)snprintf(key, sizeof key, "%.*s", (int)name.len, name.ptr);
        put(&f, key, value);
    }
    fill_type(&f, type);
    buf_char(ret, '}');
    return buf_error(ret);
}

/* ---- saying it --------------------------------------------------------------------------- */

/* The one pact in which that incident is, when it is not said. */
static int
find_pact(struct talk *t, const struct speech_ask *a, const struct book_pact **ret,
          struct errinfo *ei)
{
    const struct book_pact *found = NULL;
    unsigned with = 0;

    for (unsigned i = 0; t->book != NULL && i < t->book->pacts; i++) {
        const struct book_pact *p = &t->book->pact[i];
        struct store_incident row;

        if (a->pact[0] != '\0'
                ? strcmp(a->pact, p->pact->name) != 0
                : t->book->pacts > 1 && store_get_incident(t->store, slice_of(p->pact->name),
                                                           slice_of(a->incident), &row) < 0)
            continue;
        found = p;
        with++;
    }
    if (t->book == NULL || t->book->pacts == 0)
        return err_set(ei, ERR_NOTFOUND, "this node has no pact: `pact adopt` takes one");
    if (with > 1)
        return err_set(ei, ERR_CONF, "more than one pact has an incident %s: name one",
                       a->incident);
    if (found == NULL)
        return err_set(ei, ERR_NOTFOUND,
                       a->pact[0] != '\0' ? "no pact %s here" : "no incident %s here",
                       a->pact[0] != '\0' ? a->pact : a->incident);
    *ret = found;
    return 0;
}

/* The other party: as it is said, as the incident has it, or the only one there is. */
static int
find_other(const struct book_pact *p, const struct speech_ask *a, const struct case_file *c,
           struct slice *ret, struct errinfo *ei)
{
    if (a->to[0] != '\0') {
        *ret = slice_of(a->to);
        return 0;
    }
    if (c != NULL) {
        *ret = p->party[(int)c->notifier == p->self ? c->responder : c->notifier].id;
        return 0;
    }
    if (p->pact->parties != 2 || p->self < 0)
        return err_set(ei, ERR_INVALID, "say to which party of pact %s", p->pact->name);
    *ret = p->party[!p->self].id;
    return 0;
}

/* The other party when nothing was said yet: of what was detected here it is known. */
static int
find_first_other(struct talk *t, const struct book_pact *p, const struct speech_ask *a,
                 char party[PARTY_MAX + 1], struct slice *ret, struct errinfo *ei)
{
    struct store_incident row;

    if (a->to[0] != '\0' ||
        store_get_incident(t->store, slice_of(p->pact->name), slice_of(a->incident), &row) < 0)
        return find_other(p, a, NULL, ret, ei);
    (void)snprintf(party, PARTY_MAX + 1, "%.*s", (int)row.party.len, row.party.ptr);
    *ret = slice_of(party);
    return 0;
}

struct saying {
    struct talk *talk;
    const struct book_pact *pact;
    const struct speech_ask *ask;
    const struct case_file *known; /* NULL: nothing was said in it yet */
    struct exhibits *exhibits;
    struct utime now;
};

static int
write_body(const struct saying *w, struct buf *ret, struct errinfo *ei)
{
    const struct speech_ask *a = w->ask;
    struct slice fields = {a->fields, a->size};
    AUTO_BUF(whole, SPEECH_FIELDS);
    int r = 0;

    if (a->type == MESSAGE_NOTICE && a->size <= 2) /* {}: what was detected here */
        return notice_body(w->exhibits, w->pact, slice_of(a->incident), ret, ei);
    if (w->known != NULL) {
        r = speech_evidence(w->exhibits, w->known, (enum message_type)a->type, fields, &whole,
                            ei);
        fields = buf_get(&whole);
    }
    return r < 0 ? r
                 : speech_body(w->talk->store, w->known, (enum message_type)a->type, fields,
                               w->now, ret, ei);
}

static int
say(struct talk *t, const struct talk_say *template, const struct speech_ask *a,
    const struct book_pact *p, struct speech_answer *ret)
{
    struct utime now = t->env->now_wall(t->env->self);
    struct talk_say say = *template;
    struct case_file c = {0};
    struct exhibits x;
    struct saying w = {t, p, a, NULL, &x, now};
    char party[PARTY_MAX + 1];
    AUTO_BUF(body, ENVELOPE_MAX);
    AUTO_BUF(bytes, ENVELOPE_MAX);
    AUTO_BUF(then, SPEECH_THEN);
    int r = exhibits_open(&x, t->engine, t->attrib);

    if (r == 0)
        r = a->incident[0] == '\0' ? ERR_NOTFOUND
                                   : case_read(t->store, p, slice_of(a->incident), now, &c);
    if (r == 0)
        w.known = &c;
    else if (r == ERR_NOTFOUND && a->incident[0] != '\0' && say.type != MESSAGE_NOTICE)
        (void)err_set(&ret->ei, r, "no incident %s in pact %s", a->incident, p->pact->name);
    else if (r == ERR_NOTFOUND)
        r = 0;
    if (r == 0)
        r = w.known == NULL ? find_first_other(t, p, a, party, &say.to, &ret->ei)
                            : find_other(p, a, w.known, &say.to, &ret->ei);
    if (r == 0)
        r = write_body(&w, &body, &ret->ei);
    if (r == 0) {
        say.pact = slice_of(p->pact->name);
        say.body = buf_get(&body);
        say.also = exhibits_keep;
        say.arg = &x;
        say.then = &then;
        r = talk_say(t, &say, &ret->id, &bytes, &ret->ei);
    }
    case_release(&c);
    exhibits_close(&x);
    if (r == 0) {
        memcpy(ret->bytes, bytes.ptr, bytes.len);
        ret->size = (uint32_t)bytes.len;
        ret->then_size = buf_error(&then) < 0 ? 0 : (uint32_t)then.len;
        memcpy(ret->then, then.ptr, ret->then_size);
    }
    return r;
}

int
speech_do(struct talk *t, struct slice user, struct slice role, const struct speech_ask *a,
          struct speech_answer *ret)
{
    const struct talk_say template = {.incident = slice_of(a->incident),
                                      .type = (enum message_type)a->type,
                                      .tlp = slice_of(a->tlp),
                                      .user = user,
                                      .role = role,
                                      .dry = a->dry != 0};
    const struct book_pact *p = NULL;
    int r;

    ret->ei = (struct errinfo){.line = 0};
    ret->size = ret->then_size = 0;
    if (!speech_ask_ok(a))
        r = err_set(&ret->ei, ERR_INVALID, "%s", err_text(ERR_INVALID));
    else
        r = find_pact(t, a, &p, &ret->ei);
    if (r == 0 && p != NULL)
        r = say(t, &template, a, p, ret);
    ret->status = r;
    if (r == ERR_NOTFOUND || r == ERR_CONF || r == ERR_INVALID || r == ERR_LIMIT ||
        r == ERR_FULL || r == ERR_BUSY)
        return 0;
    return r;
}
