/* Words of this node that were lost with its disk, and come back from who received them. */
#include "role/talk_priv.h"
#include "store/messages.h"

/* Signed by this node's party, to that one, by a key that held when it was said: it may have
 * been replaced since. */
static enum message_code
check(const struct talk_heard *h, struct envelope *ret)
{
    const struct book_pact *p = h->pact;
    struct talk_terms terms;
    enum message_code code = envelope_read(h->bytes, ret, NULL);

    talk_terms(p, &terms);
    if (code == MESSAGE_FINE)
        code = envelope_authentic(ret, &terms.terms, ret->at);
    if (code == MESSAGE_FINE &&
        (book_party(p, ret->from) != p->self || book_party(p, ret->to) != (int)h->party))
        code = MESSAGE_BAD_PARTY;
    return code;
}

/* Only once its notice is here: it may be the other's, which is heard after this. */
static int
put_incident(struct talk *t, const struct talk_heard *h, const struct envelope *m)
{
    struct case_file c = {0};
    int r;

    if (m->incident.len == 0)
        return 0;
    r = case_read(t->store, h->pact, m->incident, t->env->now_wall(t->env->self), &c);
    if (r == 0 && c.now.notice != UINT32_MAX)
        r = talk_put_case(t->store, &c);
    case_release(&c);
    return r == ERR_NOTFOUND || r == ERR_INVALID ? 0 : r;
}

int
talk_recall(struct talk *t, const struct talk_heard *h, struct errinfo *ei)
{
    struct store_message there;
    struct envelope m;
    enum message_code code = check(h, &m);
    int r;

    if (code != MESSAGE_FINE) {
        t->refused[(unsigned)code % TALK_CODES]++;
        return err_set(ei, ERR_INVALID, "what is given back as ours is not: %s",
                       message_code_name(code));
    }
    r = store_get_message(t->store, &m.id, &there);
    if (r != ERR_NOTFOUND)
        return r;
    r = store_begin(t->store);
    if (r == 0)
        r = store_put_message(t->store, &(struct store_message){.id = m.id,
                                                                .pact = m.pact,
                                                                .incident = m.incident,
                                                                .from = m.from,
                                                                .to = m.to,
                                                                .seq = m.seq,
                                                                .at = m.at,
                                                                .leaf = h->leaf,
                                                                .here = h->leaf,
                                                                .arrived = m.at,
                                                                .bytes = m.bytes});
    if (r == 0)
        r = put_incident(t, h, &m);
    if (r == 0)
        r = store_commit(t->store);
    if (r < 0) {
        store_rollback(t->store);
        return r == ERR_FULL || r == ERR_INVALID
                   ? r
                   : err_set(ei, r, "the store: %s", store_error(t->store));
    }
    return 0;
}
