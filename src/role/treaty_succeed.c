/* The log of a counterpart goes on under another origin. */
#include <stdio.h>
#include <string.h>

#include "model/text.h"
#include "role/treaty_priv.h"

/* `…/<generation>`, in front of it what the pact names. */
static bool
is_next_origin(const struct book_pact *p, unsigned party, struct slice origin)
{
    char behind[16];
    struct slice named = slice_of(p->pact->party[party].log_origin);
    size_t n = (size_t)snprintf(behind, sizeof behind, "/%u", p->party[party].logs + 2);

    return origin.len >= named.len + n && slice_eq(slice_sub(origin, 0, named.len), named) &&
           slice_is(slice_sub(origin, origin.len - n, n), behind);
}

int
treaty_successor(const struct book_pact *p, unsigned party, struct slice note,
                 struct treaty_succession *ret, struct errinfo *ei)
{
    const struct role_key key = {.party = p->party[party].id, .key = p->pact->party[party].key};
    struct slice pact;
    struct slice old;
    struct slice vkey;
    int r = statement_verify(note, STATEMENT_SUCCESSOR, (struct role_keys){&key, 1},
                             (struct utime){0}, &ret->statement, ei);

    if (r < 0)
        return r == ERR_NOMEM ? r : ERR_INVALID;
    if (statement_text(&ret->statement, "pact", &pact) < 0 ||
        statement_text(&ret->statement, "old", &old) < 0 ||
        statement_text(&ret->statement, "new", &ret->origin) < 0 ||
        statement_text(&ret->statement, "new_vkey", &vkey) < 0 ||
        statement_text(&ret->statement, "reason", &ret->reason) < 0 ||
        statement_number(&ret->statement, "old_size", &ret->old.size) < 0 ||
        statement_hash(&ret->statement, "old_root", &ret->old.root) < 0 ||
        vkey_parse(vkey, &ret->key) < 0)
        return err_set(ei, ERR_INVALID, "it is no successor note");
    if (!slice_is(pact, p->pact->name) || !slice_eq(old, p->party[party].origin) ||
        !slice_eq(vkey_name(&ret->key), ret->origin) || ret->key.alg != KEY_ED25519 ||
        !is_next_origin(p, party, ret->origin))
        return err_set(ei, ERR_INVALID,
                       "its successor note is of another log or pact, or does not name the "
                       "next generation");
    return 0;
}

int
treaty_take_successor(struct treaty *t, const struct store_wanted *w, const struct book_pact *p,
                      struct slice note, struct errinfo *ei)
{
    int party = book_party(p, w->party);
    struct treaty_succession s;
    struct store_pact_note row = {.kind = PACT_NOTE_SUCCESSOR,
                                  .pact = w->pact,
                                  .party = w->party,
                                  .by = {"", 0},
                                  .sequence = w->sequence,
                                  .note = note,
                                  .leaf = PACT_LEAF_NONE,
                                  .taken = t->env->now_wall(t->env->self)};
    int r = party < 0 ? ERR_INVALID : treaty_successor(p, (unsigned)party, note, &s, ei);

    if (r < 0)
        return r;
    row.sha256 = s.statement.hash;
    r = store_begin(t->store);
    if (r == 0)
        r = store_put_pact_note(t->store, &row);
    if (r == 0)
        r = store_commit(t->store);
    if (r < 0) {
        store_rollback(t->store);
        return r == ERR_FULL || r == ERR_INVALID
                   ? r
                   : err_set(ei, r, "the store: %s", store_error(t->store));
    }
    t->changes++;
    return 0;
}
