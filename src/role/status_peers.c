/* What the store says of counterparts: what they cosigned of this node's log. */
#include "role/book.h"
#include "role/cases.h"
#include "role/status.h"
#include "store/cosigned.h"
#include "store/messages.h"
#include "store/pacts.h"
#include "wire/jcs.h"

/* The largest size that any key of a party cosigned in that role. */
static int
newest(const struct view *v, const struct book_pact *p, unsigned party, enum annex_role role,
       uint64_t *ret_size, struct utime *ret_at)
{
    enum cosigner as = role == ANNEX_WITNESS ? COSIGNER_WITNESS : COSIGNER_HOLDER;

    for (unsigned i = 0; i < p->keys[role].count; i++) {
        const struct role_key *k = &p->keys[role].key[i];
        struct utime at;
        uint64_t size;
        int r;

        if (!slice_eq(k->party, p->party[party].id))
            continue;
        r = store_newest_cosigned(v->node.store, as, vkey_name(&k->key), &size, &at);
        if (r < 0 && r != ERR_NOTFOUND)
            return r;
        if (r == 0 && size >= *ret_size) {
            *ret_size = size;
            *ret_at = at;
        }
    }
    return 0;
}

static int
tell(const struct view *v, const struct book_pact *p, unsigned party,
     void (*each)(void *arg, const struct status_peer *s), void *arg)
{
    struct status_peer s = {.pact = slice_of(p->pact->name),
                            .party = p->party[party].id,
                            .origin = p->party[party].origin,
                            .annexes = p->party[party].annexes};
    int r = newest(v, p, party, ANNEX_WITNESS, &s.witnessed, &s.witnessed_at);

    if (r == 0)
        r = newest(v, p, party, ANNEX_HOLDER, &s.held, &s.held_at);
    if (r == 0)
        r = case_silence(v->node.store, p, party, v->node.env.now_wall(v->node.env.self),
                         &s.silent);
    if (r == 0)
        each(arg, &s);
    return r;
}

int
status_peers(struct view *v, void (*each)(void *arg, const struct status_peer *s), void *arg,
             struct errinfo *ei)
{
    struct book *b;
    int r = book_load(v->node.store, v->node.conf->party, &b, ei);

    if (r < 0)
        return r;
    for (unsigned i = 0; r == 0 && i < b->pacts; i++) {
        const struct book_pact *p = &b->pact[i];

        for (unsigned k = 0; r == 0 && p->self >= 0 && k < p->pact->parties; k++)
            r = (int)k == p->self ? 0 : tell(v, p, k, each, arg);
    }
    (void)book_free(b);
    return r < 0 ? err_set(ei, r, "%s", err_text(r)) : 0;
}

/* ---- incidents --------------------------------------------------------------------------- */

struct counting {
    struct status_incidents *to;
    struct store *store;
    const struct book *book;
    struct utime now;
};

static struct slice
text_of(struct slice state, const char *name)
{
    struct slice value;
    struct slice text;

    return jcs_find(state, name, &value) && jcs_plain(value, &text) == 0
               ? text
               : (struct slice){"", 0};
}

/* Does it stand still, since nothing is heard of the other party? */
static bool
is_suspended(const struct counting *c, const struct store_incident *i, struct slice state,
             struct utime due)
{
    const struct book_pact *p = book_pact(c->book, i->pact);
    struct utime silent = {0};
    int other;

    if (p == NULL)
        return false;
    other = book_party(p, text_of(state, i->notifier ? "responder" : "notifier"));
    return other >= 0 && case_silence(c->store, p, (unsigned)other, c->now, &silent) == 0 &&
           incident_is_suspended(due, silent, c->now, p->pact->max_suspended);
}

static int
count_incident(void *arg, const struct store_incident *i)
{
    struct counting *c = arg;
    AUTO_BUF(told, CASE_JSON);
    struct utime until;
    struct slice owed;

    c->to->open++;
    if (jcs_canonical(i->told, &told, NULL) != JCS_OK)
        return 0;
    c->to->detected += slice_is(text_of(buf_get(&told), "state"), "DETECTED");
    if (!jcs_find(buf_get(&told), "owed", &owed) ||
        case_first_due(owed, i->notifier, &until) == DUES)
        return 0;
    c->to->ours++;
    c->to->late += until.us < c->now.us && !is_suspended(c, i, buf_get(&told), until);
    return 0;
}

int
status_incidents(struct view *v, struct status_incidents *ret)
{
    struct errinfo ei;
    struct book *b = NULL;
    struct counting c = {
        .to = ret, .store = v->node.store, .now = v->node.env.now_wall(v->node.env.self)};
    int r;

    *ret = (struct status_incidents){.open = 0};
    r = store_count_pact_notes(v->node.store, &ret->pacts);
    if (r == 0)
        r = book_load(v->node.store, v->node.conf->party, &b, &ei);
    c.book = b;
    if (r == 0)
        r = store_each_incident(v->node.store, true, count_incident, &c);
    (void)book_free(b);
    return r;
}
