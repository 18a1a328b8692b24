#include "role/talk.h"

#include <stdio.h>

#include "ledger/leaf.h"
#include "role/engine_priv.h"
#include "role/talk_limit.h"
#include "role/talk_priv.h"
#include "store/proofs.h"
#include "wire/hex.h"
#include "wire/jcs.h"

/* ---- one message of ours, within a transaction ------------------------------------------- */

static int
put_leaf(struct engine *e, const struct envelope *m, struct utime now, uint64_t *ret_index,
         struct errinfo *ei)
{
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    const struct leaf_value values[] = {LEAF_TEXT("incident", m->incident),
                                        LEAF_TEXT("pact", m->pact), LEAF_HASH("sha256", &m->id),
                                        LEAF_TEXT("to", m->to)};
    int r = leaf_write(&entry, LEAF_MESSAGE, now, (struct leaf_values){values, 4}, ei);

    return r < 0 ? r : ledger_append(e->ledger, buf_get(&entry), ret_index);
}

static int
keep(struct store *s, const struct envelope *m, uint64_t leaf, uint64_t here, struct utime now,
     enum message_code code)
{
    const struct store_message row = {.id = m->id,
                                      .pact = m->pact,
                                      .incident = m->incident,
                                      .from = m->from,
                                      .to = m->to,
                                      .seq = m->seq,
                                      .at = m->at,
                                      .leaf = leaf,
                                      .here = here,
                                      .arrived = now,
                                      .code = (uint32_t)code,
                                      .bytes = m->bytes};

    return store_put_message(s, &row);
}

int
talk_put_case(struct store *s, const struct case_file *c)
{
    AUTO_BUF(told, CASE_JSON);
    AUTO_BUF(local, CASE_JSON);
    bool notifier = (int)c->notifier == c->pact->self;
    unsigned other = notifier ? c->responder : c->notifier;
    struct store_incident there;
    struct store_incident row = {.pact = slice_of(c->pact->pact->name),
                                 .name = slice_of(c->name),
                                 .party = c->pact->party[other].id,
                                 .notifier = notifier,
                                 .closed = c->now.incident.state == INCIDENT_CLOSED,
                                 .opened = c->fate[0].counts};
    int r = store_get_incident(s, row.pact, row.name, &there);

    if (r < 0 && r != ERR_NOTFOUND)
        return r;
    if (r == 0)
        buf_slice(&local, there.local);
    case_json(s, c, &told);
    if (buf_error(&told) < 0 || buf_error(&local) < 0)
        return ERR_NOMEM;
    row.local = buf_get(&local);
    row.told = buf_get(&told);
    return store_put_incident(s, &row);
}

/* Where a sender's chain stands. */
static int
chain_of(struct store *s, const struct store_message *which, struct chain *ret)
{
    int r = store_get_chain(s, which, &ret->seq, &ret->last);

    if (r != ERR_NOTFOUND)
        return r;
    *ret = (struct chain){0};
    return 0;
}

struct saying {
    struct talk *t;
    const struct talk_say *say;
    const struct book_pact *pact;
    struct buf bytes;
    struct hash id;
    bool refused;
};

/* Would the incident take it?  The case is read anew, with this message behind the others. */
static int
fits(const struct saying *x, const struct envelope *m, uint64_t leaf, struct utime now,
     struct case_file *c, struct errinfo *ei)
{
    const struct fate *f;
    char before[24] = "";
    int r = case_read(x->t->store, x->pact, m->incident, now, c);

    if (r == ERR_NOTFOUND && m->type != MESSAGE_NOTICE)
        return err_set(ei, r, "no incident %.*s in pact %s", (int)m->incident.len,
                       m->incident.ptr, x->pact->pact->name);
    if (r < 0 && r != ERR_NOTFOUND)
        return r;
    if (r == 0)
        (void)snprintf(before, sizeof before, "%s", incident_state_name(c->now.incident.state));
    r = case_add(c, m, leaf, now);
    if (r < 0)
        return r;
    f = &c->fate[c->count - 1];
    if (f->code == MESSAGE_FINE)
        return 0;
    if (x->say->code != NULL)
        *x->say->code = fate_name(f);
    return err_set(ei, ERR_CONF, "%.*s is %s: `%s` does not fit (%s)", (int)m->incident.len,
                   m->incident.ptr, before[0] == '\0' ? "not open" : before,
                   message_type_name(m->type), fate_name(f));
}

static int
put_act(struct engine *e, const struct talk_say *say, const struct hash *id, struct utime now,
        struct errinfo *ei)
{
    char action[64];
    char object[2 * sizeof id->byte];

    (void)snprintf(action, sizeof action, "incident.%s", message_type_name(say->type));
    hex_encode(id->byte, sizeof id->byte, object);
    return engine_put_act(
        e, &(struct engine_who){say->user, say->role, action, {object, sizeof object}}, now,
        ei);
}

/* Not before what it speaks of, though that is from a clock which is ahead of ours. */
static int
time_of(const struct saying *x, struct utime now, struct utime *ret)
{
    struct utime until = {now.us + x->pact->pact->clock_skew_max.us};
    struct utime newest = {0};
    int r = x->say->incident.len == 0 ? 0
                                      : store_newest_said(x->t->store, x->say->pact,
                                                          x->say->incident, until, &newest);

    *ret = newest.us > now.us ? newest : now;
    return r;
}

void
talk_terms(const struct book_pact *p, struct talk_terms *ret)
{
    ret->terms = (struct envelope_terms){.pact = slice_of(p->pact->name),
                                         .party = ret->party,
                                         .parties = p->pact->parties,
                                         .text = p->text,
                                         .texts = p->texts,
                                         .message = p->keys[ANNEX_MESSAGE],
                                         .clock_skew_max = p->pact->clock_skew_max};
    for (unsigned i = 0; i < p->pact->parties; i++)
        ret->party[i] = p->party[i].id;
}

static int
check_other_signature(const struct saying *x, const struct envelope *m, struct utime now,
                      struct errinfo *ei)
{
    struct talk_terms t;

    if (m->type != MESSAGE_CONSULT_RECORD)
        return 0;
    talk_terms(x->pact, &t);
    return envelope_authentic(m, &t.terms, now) == MESSAGE_FINE
               ? 0
               : err_set(ei, ERR_INVALID, "the other party did not sign this record");
}

static int
check_limit(const struct saying *x, const struct envelope *m, struct errinfo *ei)
{
    const struct pact *p = x->pact->pact;
    enum talk_over over;
    int r = talk_is_over(x->t, x->pact, m, UINT64_MAX, &over);

    if (r < 0 || over == TALK_WITHIN)
        return r;
    if (over == TALK_OVER_DAY)
        return err_set(ei, ERR_LIMIT, "pact %s takes %lld notices a day, and today it had them",
                       p->name, (long long)p->notices_per_day);
    if (over == TALK_OVER_OPEN)
        return err_set(ei, ERR_LIMIT,
                       "pact %s takes %lld open incidents of one obligation, and there are so "
                       "many: close one",
                       p->name, (long long)p->open_per_obligation);
    return err_set(ei, ERR_LIMIT, "%.*s has all the words that one incident takes",
                   (int)m->incident.len, m->incident.ptr);
}

/* Write it and see whether it fits: no change of anything. */
static int
compose(struct saying *x, struct utime now, uint64_t leaf, struct envelope *ret,
        struct case_file *c, struct errinfo *ei)
{
    const struct talk_say *say = x->say;
    struct envelope_make make = {.pact = say->pact,
                                 .incident = say->incident,
                                 .from = x->pact->party[x->pact->self].id,
                                 .to = say->to,
                                 .type = say->type,
                                 .at = now,
                                 .tlp = say->tlp.len > 0 ? say->tlp
                                                         : slice_of(x->pact->pact->tlp_default),
                                 .body = say->body};
    const struct store_message which = {
        .pact = make.pact, .incident = make.incident, .from = make.from, .to = make.to};
    struct chain chain;
    int r = chain_of(x->t->store, &which, &chain);

    if (r == 0)
        r = time_of(x, now, &make.at);
    buf_reset(&x->bytes);
    if (r == 0)
        r = envelope_write(&x->bytes, &make, &chain, x->t->key, &x->id, ei);
    if (r == 0 && envelope_read(buf_get(&x->bytes), ret, NULL) != MESSAGE_FINE)
        r = ERR_INVALID;
    if (r == 0)
        r = check_other_signature(x, ret, now, ei);
    if (r == 0)
        r = check_limit(x, ret, ei);
    if (r == 0 && say->incident.len > 0 && say->type != MESSAGE_REJECT)
        r = fits(x, ret, leaf, now, c, ei);
    return r;
}

static bool
is_refusal(int r)
{
    return r == ERR_NOTFOUND || r == ERR_CONF || r == ERR_INVALID || r == ERR_LIMIT;
}

static int
put_said(void *arg, struct engine *e, struct errinfo *ei)
{
    struct saying *x = arg;
    struct utime now = engine_next_time(e);
    struct case_file c = {0};
    struct tree_head head;
    struct envelope m;
    uint64_t index;
    int r;

    ledger_head(e->ledger, &head);
    r = compose(x, now, ledger_first(e->ledger) + head.size, &m, &c, ei);
    x->refused = is_refusal(r);
    if (r == 0)
        r = put_leaf(e, &m, now, &index, ei);
    if (r == 0)
        r = keep(e->store, &m, index, index, now, MESSAGE_FINE);
    if (r == 0 && c.count > 0)
        r = talk_put_case(e->store, &c);
    if (r == 0 && x->say->also != NULL)
        r = x->say->also(x->say->arg, e->store, &c);
    if (r == 0 && x->say->user.len > 0)
        r = put_act(e, x->say, &x->id, now, ei);
    case_release(&c);
    return r;
}

/* ---- saying ------------------------------------------------------------------------------ */

static int
rehearse(struct saying *x, struct errinfo *ei)
{
    struct utime now = x->t->env->now_wall(x->t->env->self);
    struct case_file c = {0};
    struct tree_head head;
    struct envelope m;
    int r;

    ledger_head(engine_ledger(x->t->engine), &head);
    r = compose(x, now, ledger_first(engine_ledger(x->t->engine)) + head.size, &m, &c, ei);
    if (r == 0 && x->say->then != NULL && c.count > 0)
        case_json(x->t->store, &c, x->say->then);
    case_release(&c);
    return r;
}

static int
look(struct talk *t, const struct talk_say *say, struct saying *x, struct errinfo *ei)
{
    int to;

    *x = (struct saying){.t = t, .say = say};
    buf_init(&x->bytes, ENVELOPE_MAX);
    if (t->key == NULL || t->book == NULL)
        return err_set(ei, ERR_NOTFOUND, "this node has no pact: `pact adopt` takes one");
    x->pact = book_pact(t->book, say->pact);
    if (x->pact == NULL)
        return err_set(ei, ERR_NOTFOUND, "no pact %.*s here", (int)say->pact.len,
                       say->pact.ptr);
    if (x->pact->self < 0)
        return err_set(ei, ERR_CONF, "this node is no party of pact %s: set `party`",
                       x->pact->pact->name);
    if (t->lost != NULL && t->lost(t->lost_arg, say->to))
        return err_set(
            ei, ERR_CONF,
            "the words of before this log are asked back of %.*s first: try it again "
            "when it answers",
            (int)say->to.len, say->to.ptr);
    to = book_party(x->pact, say->to);
    if (to < 0 || to == x->pact->self)
        return err_set(ei, ERR_NOTFOUND, "no other party %.*s in pact %s", (int)say->to.len,
                       say->to.ptr, x->pact->pact->name);
    return 0;
}

int
talk_say(struct talk *t, const struct talk_say *say, struct hash *ret_id, struct buf *ret_bytes,
         struct errinfo *ei)
{
    struct saying x;
    int r = look(t, say, &x, ei);

    if (r == 0 && say->dry)
        r = rehearse(&x, ei);
    else if (r == 0)
        r = engine_check_room(t->engine, 0);
    if (r == 0 && !say->dry)
        r = engine_change(t->engine, put_said, &x, &x.refused, ei);
    if (r == 0) {
        *ret_id = x.id;
        if (ret_bytes != NULL)
            buf_slice(ret_bytes, buf_get(&x.bytes));
    }
    buf_release(&x.bytes);
    return r;
}

/* ---- hearing ----------------------------------------------------------------------------- */

struct hearing {
    struct talk *t;
    const struct talk_heard *h;
    struct envelope m;
    enum message_code code; /* of what is kept all the same: chain, time, limit */
};

static int
put_received(struct engine *e, const struct hearing *x, struct utime now, uint64_t *ret_index,
             struct errinfo *ei)
{
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    const struct leaf_value values[] = {
        LEAF_TEXT("from", x->m.from), LEAF_NUMBER("index", ledger_index(x->h->leaf)),
        LEAF_TEXT("pact", x->m.pact), LEAF_HASH("sha256", &x->m.id),
        LEAF_NUMBER("size", x->h->size)};
    int r = leaf_write(&entry, LEAF_RECEIVED, now, (struct leaf_values){values, 5}, ei);

    return r < 0 ? r : ledger_append(e->ledger, buf_get(&entry), ret_index);
}

/* Say something back in the same transaction. */
static int
answer(struct engine *e, const struct hearing *x, enum message_type type, struct slice body,
       struct errinfo *ei)
{
    const struct talk_say say = {.pact = x->m.pact,
                                 .incident = x->m.incident,
                                 .to = x->m.from,
                                 .type = type,
                                 .body = body};
    struct saying s;
    bool refused;
    int r = look(x->t, &say, &s, ei);

    refused = is_refusal(r);
    if (r == 0) {
        r = put_said(&s, e, ei);
        refused = s.refused; /* before anything was written */
    }
    buf_release(&s.bytes);
    if (!refused)
        return r;
    x->t->env->log(x->t->env->self, ENV_WARN, ei->text);
    return 0; /* nothing was said, and what came is kept: no message of theirs is our end */
}

static void
buf_id(struct buf *b, const struct hash *id)
{
    buf_char(b, '"');
    buf_hex(b, id->byte, sizeof id->byte);
    buf_char(b, '"');
}

static int
put_reject(struct engine *e, const struct hearing *x, const char *code, struct errinfo *ei)
{
    AUTO_BUF(body, 1024);

    if (x->m.type == MESSAGE_REJECT ||
        !talk_may_reject(x->t, x->m.from, x->t->env->now_wall(x->t->env->self)))
        return 0; /* else two nodes that misunderstand each other never end */
    buf_text(&body, "{\"message\":");
    buf_id(&body, &x->m.id);
    buf_printf(&body, ",\"code\":\"%s\",\"text\":\"\"}", code);
    return buf_error(&body) < 0 ? buf_error(&body)
                                : answer(e, x, MESSAGE_REJECT, buf_get(&body), ei);
}

static int
put_receipt(struct engine *e, const struct hearing *x, struct errinfo *ei)
{
    AUTO_BUF(body, 1024);

    buf_text(&body, "{\"notice\":");
    buf_id(&body, &x->m.id);
    buf_printf(&body, ",\"size\":%llu,\"auto\":true}", (unsigned long long)x->h->size);
    return buf_error(&body) < 0 ? buf_error(&body)
                                : answer(e, x, MESSAGE_RECEIPT, buf_get(&body), ei);
}

static int
put_pong(struct engine *e, const struct hearing *x, struct errinfo *ei)
{
    AUTO_BUF(body, 256);

    buf_text(&body, "{\"ping\":");
    buf_id(&body, &x->m.id);
    buf_char(&body, '}');
    return buf_error(&body) < 0 ? buf_error(&body)
                                : answer(e, x, MESSAGE_PONG, buf_get(&body), ei);
}

/* ---- the evidence that it names -----------------------------------------------------------
 */

static bool
read_reference(struct slice item, struct store_proof *ret)
{
    struct slice text;
    struct slice value;
    int64_t n = 0;

    if (!jcs_find(item, "proof", &value) || jcs_plain(value, &text) < 0 || text.len == 0 ||
        hex_decode(text, ret->id.byte, SHA256_SIZE) < 0 ||
        !jcs_find(item, "commitment", &value) || jcs_plain(value, &text) < 0 ||
        hex_decode(text, ret->commitment.byte, SHA256_SIZE) < 0)
        return false;
    if (!jcs_find(item, "block", &value) || jcs_int(value, &n) < 0)
        return false;
    ret->event.block = (uint64_t)n;
    if (!jcs_find(item, "index", &value) || jcs_int(value, &n) < 0)
        return false;
    ret->event.index = (uint32_t)n;
    if (!jcs_find(item, "leaf", &value) || jcs_int(value, &n) < 0)
        return false;
    ret->leaf = (uint64_t)n;
    return true;
}

/* The proofs that a message promises are asked for, and compared with what it says. */
static int
want_proofs(struct store *s, const struct hearing *x, const struct case_file *c)
{
    struct slice list = {0};
    struct slice item;
    struct jcs_iter it;
    struct envelope notice;
    struct store_message row;
    struct slice value;
    struct slice origin = {0};
    char text[PREFIX_TEXT] = "";
    int r = 0;

    if (envelope_json(&x->m, "evidence", &list) < 0)
        return 0; /* it names none */
    if (c->now.notice != UINT32_MAX && case_bytes(s, c, c->now.notice, &row) == 0 &&
        envelope_read(row.bytes, &notice, NULL) == MESSAGE_FINE &&
        envelope_json(&notice, "origin", &value) == 0 && jcs_plain(value, &origin) == 0)
        (void)snprintf(text, sizeof text, "%.*s", (int)origin.len, origin.ptr);
    it = jcs_iter(list);
    while (r == 0 && jcs_item(&it, &item)) {
        struct store_proof want = {.pact = x->m.pact,
                                   .party = x->m.from,
                                   .state = PROOF_WANTED,
                                   .origin = slice_of(text)};

        if (read_reference(item, &want))
            r = store_put_proof(s, &want);
    }
    return r;
}

/* What the fold makes of it decides what a machine says to it. */
static int
put_answer(struct engine *e, const struct hearing *x, struct utime now, struct errinfo *ei)
{
    struct case_file c = {0};
    const struct fate *f;
    char code[32] = "";
    bool received = false; /* it was lost here, and came back (talk_recall()) */
    int r;

    if (x->code != MESSAGE_FINE)
        return put_reject(e, x, message_code_name(x->code), ei);
    if (x->m.incident.len == 0)
        return talk_may_answer(x->t, x->m.from, x->t->env->now_wall(x->t->env->self)) &&
                       x->m.type == MESSAGE_PING
                   ? put_pong(e, x, ei)
                   : 0;
    r = case_read(e->store, x->h->pact, x->m.incident, now, &c);
    for (unsigned i = 0; r == 0 && i < c.count; i++)
        received |= c.message[i].ours && c.message[i].type == MESSAGE_RECEIPT;
    if (r == 0 && c.now.incident.state != INCIDENT_NONE) /* what opens none is none */
        r = talk_put_case(e->store, &c);
    if (r == 0) {
        f = &c.fate[c.count - 1];
        if (f->code != MESSAGE_FINE)
            (void)snprintf(code, sizeof code, "%s", fate_name(f));
        else
            r = want_proofs(e->store, x, &c);
    }
    case_release(&c);
    if (r < 0)
        return r;
    if (code[0] != '\0')
        return put_reject(e, x, code, ei);
    return x->m.type == MESSAGE_NOTICE && !received ? put_receipt(e, x, ei) : 0;
}

static int
put_heard(void *arg, struct engine *e, struct errinfo *ei)
{
    struct hearing *x = arg;
    struct utime now = engine_next_time(e);
    uint64_t index;
    int r = put_received(e, x, now, &index, ei);

    if (r == 0)
        r = keep(e->store, &x->m, x->h->leaf, index, now, x->code);
    return r < 0 ? r : put_answer(e, x, now, ei);
}

/* MESSAGE_FINE, chain or time: it is kept; anything else: not. */
static enum message_code
check(struct hearing *x, struct utime now)
{
    const struct book_pact *p = x->h->pact;
    struct talk_terms t;
    struct store_message which;
    struct chain chain;
    enum message_code code = envelope_read(x->h->bytes, &x->m, NULL);

    talk_terms(p, &t);
    if (code == MESSAGE_FINE)
        code = envelope_authentic(&x->m, &t.terms, now);
    if (code == MESSAGE_FINE &&
        (book_party(p, x->m.from) != (int)x->h->party || book_party(p, x->m.to) != p->self))
        code = MESSAGE_BAD_PARTY; /* it stands in another's log, or is for somebody else */
    if (code != MESSAGE_FINE)
        return code;
    which = (struct store_message){
        .pact = x->m.pact, .incident = x->m.incident, .from = x->m.from, .to = x->m.to};
    if (chain_of(x->t->store, &which, &chain) < 0)
        chain = (struct chain){0};
    return envelope_check(&x->m, &t.terms, &chain, now, now);
}

/* One too many is kept and opens nothing, and no case reads it. */
static int
look_at_limit(struct hearing *x)
{
    enum talk_over over;
    int r = talk_is_over(x->t, x->h->pact, &x->m, x->h->leaf, &over);

    if (r == 0 &&
        (over == TALK_OVER_WORDS || (over != TALK_WITHIN && x->code == MESSAGE_FINE))) {
        x->code = MESSAGE_BAD_LIMIT;
        talk_note_over(x->t, x->m.from, over, x->t->env->now_wall(x->t->env->self));
    }
    return r;
}

int
talk_hear(struct talk *t, const struct talk_heard *h, struct errinfo *ei)
{
    struct hearing x = {.t = t, .h = h};
    struct store_message there;
    int r;

    x.code = check(&x, t->env->now_wall(t->env->self));
    if (x.code != MESSAGE_FINE && x.code != MESSAGE_BAD_CHAIN && x.code != MESSAGE_BAD_TIME) {
        t->refused[(unsigned)x.code % TALK_CODES]++;
        return err_set(ei, ERR_INVALID, "a message of %.*s is not one: %s",
                       (int)h->pact->party[h->party].id.len, h->pact->party[h->party].id.ptr,
                       message_code_name(x.code));
    }
    r = store_get_message(t->store, &x.m.id, &there);
    if (r != ERR_NOTFOUND)
        return r;
    r = look_at_limit(&x);
    if (r == 0)
        r = engine_check_room(t->engine, 0);
    return r < 0 ? err_set(ei, r, "%s", err_text(r))
                 : engine_change(t->engine, put_heard, &x, NULL, ei);
}
