#include "role/speech.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "role/consult.h"
#include "role/engine_priv.h"
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
    const char *lacks; /* the type of a message that this must be about, and there is none */
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
    if (f->c != NULL && !jcs_find(f->fields, name, &(struct slice){0}))
        f->lacks = message_type_name(type);
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

/* What is overdue, or else owed: then the incident says that it is early. */
static void
fill_escalate(struct filling *f)
{
    const struct incident *i = f->c == NULL ? NULL : &f->c->now.incident;
    char json[32] = "\"\"";
    unsigned item = DUE_ACT;
    unsigned among;

    if (i == NULL)
        return;
    fill(f, "cause", i->state == INCIDENT_DISPUTED ? "\"disputed\"" : "\"overdue\"");
    among = i->overdue != 0 ? i->overdue : i->owed;
    for (unsigned d = 0; d < DUES; d++) {
        if ((among >> d & 1) != 0)
            item = d;
    }
    if (i->state != INCIDENT_DISPUTED)
        (void)snprintf(json, sizeof json, "\"%s\"", incident_due_name((enum incident_due)item));
    fill(f, "item", json);
}

/* Quiet since O acted, until now. */
static void
fill_quiet(struct filling *f)
{
    struct slice result;
    struct utime since = {0};

    if (!jcs_find(f->fields, "result", &result) || !slice_is(result, "\"confirmed-quiet\""))
        return;
    for (unsigned i = 0; f->c != NULL && i < f->c->count; i++) {
        const struct case_message *m = &f->c->message[i];

        if (f->c->fate[i].code == MESSAGE_FINE &&
            (m->type == MESSAGE_NOTICE || m->type == MESSAGE_ACTION))
            since = f->c->fate[i].counts.us != 0 ? f->c->fate[i].counts : m->at;
    }
    fill_time(f, "quiet_from", since);
    fill_time(f, "quiet_until", f->now);
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

/* What is not said anew is as in the notice. */
static void
fill_update(struct filling *f)
{
    static const char *const names[] = {"count", "e_grade", "events", "first",
                                        "last",  "o_grade", "targets"};

    fill(f, "evidence", "[]");
    fill(f, "text", "\"\"");
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        fill_from_notice(f, names[i], names[i]);
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
    case MESSAGE_REOPEN: fill(f, "evidence", "[]"); break;
    case MESSAGE_UPDATE: fill_update(f); break;
    case MESSAGE_ESCALATE: fill_escalate(f); break;
    case MESSAGE_CLOSE: fill_quiet(f); break;
    case MESSAGE_WITHDRAW: fill(f, "cause", "\"other\""); break;
    case MESSAGE_EXTENSION_GRANT: fill_last(f, "request", MESSAGE_EXTENSION_REQUEST); break;
    default: break;
    }
}

static int
say_lacks(const struct filling *f, enum message_type type, struct errinfo *ei)
{
    return err_set(ei, ERR_CONF, "%s is %s: there is no %s that `%s` could be about",
                   f->c->name, incident_state_name(f->c->now.incident.state), f->lacks,
                   message_type_name(type));
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
    return f.lacks != NULL ? say_lacks(&f, type, ei) : buf_error(ret);
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

/* ---- the record of a consultation ---------------------------------------------------------
 */

struct signing {
    const struct talk_say *say;
    const struct hash *draft;
};

/* A signature that others will hold is an act, though nothing is said yet. */
static int
put_signed(void *arg, struct engine *e, struct errinfo *ei)
{
    const struct signing *x = arg;
    char object[2 * SHA256_SIZE + 1] = "";

    hex_encode(x->draft->byte, SHA256_SIZE, object);
    return engine_put_act(e,
                          &(struct engine_who){x->say->user, x->say->role,
                                               "incident.consult-draft", slice_of(object)},
                          engine_next_time(e), ei);
}

static int
draft(struct talk *t, const struct talk_say *say, const struct case_file *c,
      struct slice fields, struct speech_answer *ret)
{
    struct utime now = t->env->now_wall(t->env->self);
    struct signing x = {say, &ret->id};
    AUTO_BUF(text, ENVELOPE_MAX);
    int r = t->key == NULL || c->pact->self < 0
                ? err_set(&ret->ei, ERR_CONF, "this node has no key to sign for a party with")
                : consult_draft(t, c, fields, now, &text, &ret->ei);

    if (r < 0)
        return r;
    ret->id = sha256_of(text.ptr, text.len);
    r = say->dry ? 0 : engine_check_room(t->engine, 0);
    if (r == 0 && !say->dry)
        r = engine_change(t->engine, put_signed, &x, NULL, &ret->ei);
    if (r < 0)
        return r;
    memcpy(ret->bytes, text.ptr, text.len);
    ret->size = (uint32_t)text.len;
    return 0;
}

/* The body; or the answer is a draft, which has a size then, and nothing is to be said. */
static int
consult(struct talk *t, const struct talk_say *say, const struct case_file *c,
        const struct speech_ask *a, struct buf *body, struct speech_answer *ret)
{
    AUTO_BUF(canonical, SPEECH_FIELDS);
    struct slice record;

    if (jcs_canonical((struct slice){a->fields, a->size}, &canonical, NULL) != JCS_OK ||
        jcs_kind(buf_get(&canonical)) != JCS_OBJECT)
        return err_set(&ret->ei, ERR_INVALID, "the fields of a message are one JSON object");
    if (jcs_find(buf_get(&canonical), "record", &record))
        return consult_countersign(t, c, buf_get(&canonical), body, &ret->ei);
    if (a->draft == 0)
        return err_set(&ret->ei, ERR_INVALID,
                       "record is missing: `detente incident consult` makes the draft");
    return draft(t, say, c, buf_get(&canonical), ret);
}

/* ---- a message --------------------------------------------------------------------------- */

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
    const struct talk_say *say;
    struct speech_answer *answer;
};

/* Or the answer is complete, a draft: it has a size then. */
static int
write_body(const struct saying *w, struct buf *ret, struct errinfo *ei)
{
    const struct speech_ask *a = w->ask;
    struct slice fields = {a->fields, a->size};
    AUTO_BUF(whole, SPEECH_FIELDS);
    int r = 0;

    if (a->type == MESSAGE_NOTICE && a->size <= 2) /* {}: what was detected here */
        return notice_body(w->exhibits, w->pact, slice_of(a->incident), ret, ei);
    if (a->type == MESSAGE_CONSULT_RECORD && w->known != NULL)
        return consult(w->talk, w->say, w->known, a, ret, w->answer);
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
    struct saying w = {t, p, a, NULL, &x, now, &say, ret};
    char party[PARTY_MAX + 1];
    const char *code = "";
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
    if (r == 0 && ret->size == 0) {
        say.pact = slice_of(p->pact->name);
        say.body = buf_get(&body);
        say.also = exhibits_keep;
        say.arg = &x;
        say.then = &then;
        say.code = &code;
        r = talk_say(t, &say, &ret->id, &bytes, &ret->ei);
    }
    case_release(&c);
    exhibits_close(&x);
    (void)snprintf(ret->code, sizeof ret->code, "%s", r == ERR_LIMIT ? "limit" : code);
    if (r == 0 && ret->size == 0) {
        memcpy(ret->bytes, bytes.ptr, bytes.len);
        ret->size = (uint32_t)bytes.len;
        ret->then_size = buf_error(&then) < 0 ? 0 : (uint32_t)then.len;
        if (ret->then_size > 0)
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

void
speech_tell(const struct speech_answer *a, unsigned status, struct witness_told *ret)
{
    AUTO_BUF(text, sizeof ret->text);

    if (status == 200)
        status = a->status == 0              ? 200
                 : a->status == ERR_NOTFOUND ? 404
                 : a->status == ERR_CONF     ? 409
                 : a->status == ERR_INVALID  ? 400
                 : a->status == ERR_LIMIT    ? 413
                                             : 503;
    if (status == 200) {
        buf_text(&text, "{\"id\":\"");
        buf_hex(&text, a->id.byte, sizeof a->id.byte);
        buf_text(&text, "\"}\n");
    } else {
        buf_printf(&text, "{\"error\":\"%s\",\"text\":",
                   status == 401   ? "sign_in"
                   : status == 403 ? "role"
                   : status == 503 ? "engine"
                                   : "say");
        buf_json(&text, slice_of(a->ei.text));
        buf_printf(&text, ",\"code\":\"%s\"}\n", a->code);
    }
    ret->status = status;
    (void)snprintf(ret->text, sizeof ret->text, "%.*s", (int)text.len, text.ptr);
}

uint32_t
speech_rehearse(const struct speech_answer *a, int fd, struct witness_told *ret)
{
    AUTO_BUF(text, SPEECH_TOLD);

    buf_text(&text, "{\"id\":\"");
    buf_hex(&text, a->id.byte, sizeof a->id.byte);
    buf_text(&text, "\",\"message\":");
    buf_add(&text, a->bytes, a->size);
    buf_text(&text, ",\"then\":");
    buf_slice(&text, a->then_size > 0 ? (struct slice){a->then, a->then_size} : SLICE("null"));
    buf_text(&text, "}\n");
    if (buf_error(&text) == 0 && pwrite(fd, text.ptr, text.len, 0) == (ssize_t)text.len)
        return (uint32_t)text.len;
    *ret = (struct witness_told){.status = 503};
    return 0;
}
