#include "role/treaty.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/statement.h"
#include "ledger/ledger.h"
#include "role/engine_priv.h"
#include "role/totals.h"
#include "role/treaty_priv.h"
#include "store/cosigned.h"

static struct utime
now_of(const struct treaty *t)
{
    return t->env->now_wall(t->env->self);
}

/* ---- acknowledgements ------------------------------------------------------------------- */

/* Only what the own annex names can be checked by others. */
static bool
can_say(const struct treaty *t, const struct book_pact *p)
{
    const struct annex *own = p->self < 0 ? NULL : book_annex(p, p->self);
    const struct utime now = now_of(t);

    for (unsigned i = 0; t->key != NULL && own != NULL && i < own->keys[ANNEX_MESSAGE]; i++) {
        const struct annex_key *k = &own->key[ANNEX_MESSAGE][i];

        if (k->text[0] != '\0' && vkey_eq(&k->key, &t->key->vkey) && k->from.us <= now.us &&
            (k->until.us == 0 || now.us < k->until.us))
            return true;
    }
    return false;
}

static int
put_seen(struct treaty_work *w, const struct book_pact *p, unsigned party,
         const struct book_annex *a)
{
    struct engine *e = w->t->engine;
    const struct leaf_value values[] = {
        LEAF_TEXT("pact", slice_of(p->pact->name)), LEAF_TEXT("party", p->party[party].id),
        LEAF_NUMBER("sequence", (uint64_t)a->annex->sequence), LEAF_HASH("sha256", &a->sha256)};
    const struct leaf_values all = {values, 4};
    AUTO_BUF(note, NOTE_MAX);
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    struct store_pact_note row = {.kind = PACT_NOTE_SEEN,
                                  .pact = slice_of(p->pact->name),
                                  .party = p->party[party].id,
                                  .by = p->party[p->self].id,
                                  .sequence = (uint64_t)a->annex->sequence,
                                  .own = true,
                                  .taken = now_of(w->t)};
    struct utime at = engine_next_time(e);
    struct statement made;
    int r = statement_write(&note, STATEMENT_SEEN, at, all, w->t->key, w->ei);

    if (r == 0)
        r = statement_read(buf_get(&note), STATEMENT_SEEN, &made, w->ei);
    if (r == 0)
        r = leaf_write(&entry, LEAF_ANNEX_SEEN, at, all, w->ei);
    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), &row.leaf);
    if (r < 0)
        return r;
    row.sha256 = made.hash;
    row.note = buf_get(&note);
    w->done.seen++;
    return store_put_pact_note(w->t->store, &row);
}

/* 1 when it was said. */
static int
was_seen(struct store *s, const struct book_pact *p, unsigned party, const struct annex *a)
{
    const struct store_pact_note which = {.kind = PACT_NOTE_SEEN,
                                          .pact = slice_of(p->pact->name),
                                          .party = p->party[party].id,
                                          .by = p->party[p->self].id,
                                          .sequence = (uint64_t)a->sequence};
    struct store_pact_note row;
    int r = store_get_pact_note(s, &which, &row);

    return r == 0 ? 1 : r == ERR_NOTFOUND ? 0 : r;
}

/* All that waits, of all pacts. */
static int
acknowledge(struct treaty_work *w)
{
    int r = 0;

    w->t->pending = false;
    for (unsigned i = 0; r == 0 && i < w->book->pacts; i++) {
        const struct book_pact *p = &w->book->pact[i];
        bool can = can_say(w->t, p);

        for (unsigned k = 0; r == 0 && p->self >= 0 && k < p->pact->parties; k++) {
            for (unsigned a = 0; r == 0 && (int)k != p->self && a < p->party[k].annexes; a++) {
                r = was_seen(w->t->store, p, k, p->party[k].annex[a].annex);
                if (r == 0 && can)
                    r = put_seen(w, p, k, &p->party[k].annex[a]);
                else if (r == 0)
                    w->t->pending = true;
                r = r == 1 ? 0 : r;
            }
        }
    }
    return r;
}

/* ---- a transaction ---------------------------------------------------------------------- */

struct adoption {
    struct treaty_work work;
    const struct treaty_ask *ask; /* NULL: it is no person's act */
    struct treaty_text *text;
    unsigned count;
};

static bool
is_nothing(const struct treaty_done *d)
{
    return d->pacts + d->annexes + d->others + d->denunciations + d->seen == 0;
}

static const char *
action_of(const struct treaty_ask *ask, const struct treaty_text *d)
{
    return ask->seen                           ? "annex.seen"
           : d->what == PACT_TEXT_DENUNCIATION ? "pact.denounce"
                                               : "pact.adopt";
}

/* One leaf for each pact that it touches. */
static int
put_acts(struct adoption *a, struct engine *e, struct errinfo *ei)
{
    int r = 0;

    for (unsigned i = 0; a->ask != NULL && r == 0 && i < a->count; i++) {
        const struct treaty_text *d = &a->text[i];
        const struct engine_who who = {a->ask->user, a->ask->role, action_of(a->ask, d), d->of};
        bool said = !d->fresh;

        for (unsigned k = 0; !said && k < i; k++)
            said = a->text[k].fresh && slice_eq(a->text[k].of, d->of) &&
                   strcmp(action_of(a->ask, &a->text[k]), who.action) == 0;
        if (!said)
            r = engine_put_act(e, &who, engine_next_time(e), ei);
    }
    return r;
}

static int
put_all(void *arg, struct engine *e, struct errinfo *ei)
{
    struct adoption *a = arg;
    int r = treaty_load(&a->work);

    for (unsigned i = 0; r == 0 && i < a->count; i++) {
        *ei = (struct errinfo){0};
        err_file(ei, a->text[i].name);
        r = treaty_take(&a->work, &a->text[i]);
    }
    if (r == 0)
        r = acknowledge(&a->work);
    if (r == 0 && is_nothing(&a->work.done)) {
        a->work.refused = true; /* an empty transaction would sign for nothing */
        return ERR_NOTFOUND;
    }
    return r == 0 ? put_acts(a, e, ei) : r;
}

/* 0 also when there was nothing to do. */
static int
change(struct treaty *t, struct adoption *a, struct errinfo *ei)
{
    int r = engine_check_room(t->engine, 0);

    a->work.t = t;
    a->work.ei = ei;
    if (r < 0)
        return err_set(ei, r, "%s", err_text(r));
    r = engine_change(t->engine, put_all, a, &a->work.refused, ei);
    a->work.book = book_free(a->work.book);
    if (r == ERR_NOTFOUND && a->work.refused) {
        a->work.refused = false;
        return 0;
    }
    if (r == 0)
        t->changes++;
    return r;
}

/* ---- what an operator adopts ------------------------------------------------------------ */

/* Pacts first, by version, then annexes by sequence, then who ends one. */
static int
compare(const void *a, const void *b)
{
    const struct treaty_text *x = a;
    const struct treaty_text *y = b;

    if (x->what != y->what)
        return x->what < y->what ? -1 : 1;
    return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static int
read_all(const struct treaty *t, struct adoption *a, struct errinfo *ei)
{
    for (unsigned i = 0; i < a->ask->count; i++) {
        struct treaty_text *d = &a->text[a->count++];
        int r;

        *d = (struct treaty_text){.name = a->ask->document[i].name,
                                  .bytes = a->ask->document[i].bytes,
                                  .leaf = PACT_LEAF_NONE};
        r = treaty_read(d, ei);
        if (r == 0 && a->ask->seen &&
            (d->what != PACT_TEXT_ANNEX || strcmp(d->annex->party, t->self) == 0))
            r = err_set(ei, ERR_CONF, "is no counterpart's annex: `pact adopt` takes it");
        if (r < 0) {
            a->work.refused = r != ERR_NOMEM;
            return r;
        }
    }
    qsort(a->text, a->count, sizeof *a->text, compare);
    return 0;
}

int
treaty_adopt(struct treaty *t, const struct treaty_ask *ask, struct treaty_done *ret,
             bool *ret_refused, struct errinfo *ei)
{
    struct adoption a = {.ask = ask};
    int r;

    *ret = (struct treaty_done){0};
    *ret_refused = false;
    *ei = (struct errinfo){0};
    BUG_ON(ask->count > TREATY_DOCUMENTS);
    a.text = calloc(ask->count + (size_t)1, sizeof *a.text);
    if (a.text == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = read_all(t, &a, ei);
    if (r == 0)
        r = change(t, &a, ei);
    if (r == 0)
        *ret = a.work.done;
    *ret_refused = a.work.refused;
    for (unsigned i = 0; i < a.count; i++)
        treaty_text_release(&a.text[i]);
    free(a.text);
    return r;
}

int
treaty_step(struct treaty *t, struct errinfo *ei)
{
    int64_t now = t->env->now_mono(t->env->self);
    struct adoption a = {0};
    int r;

    if (!t->pending || t->key == NULL || (t->tried != 0 && now - t->tried < TREATY_AGAIN_US))
        return 0;
    t->tried = now;
    r = change(t, &a, ei);
    if (a.work.refused) { /* a store that holds no book: whoever reads it says so */
        t->env->log(t->env->self, ENV_WARN, ei->text);
        return 0;
    }
    return r == ERR_FULL ? 0 : r;
}

/* ---- what counterparts publish ---------------------------------------------------------- */

static int
say_store(struct treaty *t, int r, struct errinfo *ei)
{
    store_rollback(t->store);
    return r == ERR_FULL ? r : err_set(ei, r, "the store: %s", store_error(t->store));
}

/* It was adopted from a file before its log was read. */
static int
put_leaf_of(struct treaty *t, const struct store_pact_note *which, uint64_t leaf,
            struct errinfo *ei)
{
    int r = store_begin(t->store);

    if (r == 0)
        r = store_set_pact_leaf(t->store, which, leaf);
    if (r == 0)
        r = store_commit(t->store);
    if (r < 0)
        return say_store(t, r, ei);
    t->changes++;
    return 0;
}

static int
take_new(struct treaty *t, const struct store_wanted *w, struct slice bytes, struct errinfo *ei)
{
    struct treaty_text text = {.name = "", .bytes = bytes, .leaf = w->leaf};
    struct adoption a = {.text = &text, .count = 1};
    int r = treaty_read(&text, ei);

    if (r == 0 && (text.what != PACT_TEXT_ANNEX || !slice_eq(text.of, w->pact) ||
                   !slice_is(w->party, text.annex->party) || text.sequence != w->sequence ||
                   !hash_eq(&text.sha256, &w->sha256)))
        r = err_set(ei, ERR_CONF, "it is not what the leaf says");
    if (r < 0)
        r = r == ERR_NOMEM ? r : ERR_INVALID;
    else
        r = change(t, &a, ei);
    treaty_text_release(&text);
    return r < 0 && a.work.refused ? ERR_INVALID : r;
}

/* ei says of what it was, for a log without files. */
static int
name_it(const struct store_wanted *w, int r, struct errinfo *ei)
{
    char text[sizeof ei->text];

    if (r != ERR_INVALID)
        return r;
    (void)snprintf(text, sizeof text, "%s", ei->text);
    return err_set(ei, r, "annex %llu of %.*s is not taken: %s",
                   (unsigned long long)w->sequence, (int)w->party.len, w->party.ptr, text);
}

static int
take_annex(struct treaty *t, const struct store_wanted *w, struct slice bytes,
           struct errinfo *ei)
{
    const struct store_pact_note which = {.kind = PACT_NOTE_ANNEX,
                                          .pact = w->pact,
                                          .party = w->party,
                                          .by = {"", 0},
                                          .sequence = w->sequence};
    struct store_pact_note row;
    int r = store_get_pact_note(t->store, &which, &row);

    if (r == ERR_NOTFOUND)
        return name_it(w, take_new(t, w, bytes, ei), ei);
    if (r < 0)
        return say_store(t, r, ei);
    if (!hash_eq(&row.sha256, &w->sha256))
        return name_it(w, err_set(ei, ERR_INVALID, "its log names another than it gave"), ei);
    return row.leaf == PACT_LEAF_NONE && !row.own ? put_leaf_of(t, &which, w->leaf, ei) : 0;
}

/* Whose word it is, by a key that held when this node's witness first saw the leaf. */
static int
who_saw(struct treaty *t, const struct store_wanted *w, const struct book_pact *p,
        struct slice bytes, struct statement *ret, struct errinfo *ei)
{
    const struct role_keys *keys = &p->keys[ANNEX_MESSAGE];
    int r = ERR_PROOF;

    (void)err_set(ei, ERR_PROOF, "no party of the pact has a message key yet");
    for (unsigned i = 0; r == ERR_PROOF && i < keys->count; i++) {
        int party = book_party(p, keys->key[i].party);
        struct store_bounds b = {0};
        int e = party < 0 ? 0
                          : store_witnessed_bounds(t->store, book_origin(p, party, w->leaf),
                                                   ledger_index(w->leaf), &b);

        if (e < 0)
            return say_store(t, e, ei);
        r = statement_verify(bytes, STATEMENT_SEEN, (struct role_keys){&keys->key[i], 1},
                             b.after.us != 0 ? b.after : now_of(t), ret, ei);
    }
    return r == ERR_PROOF || r == ERR_LIMIT ? ERR_INVALID : r;
}

static bool
is_of(const struct statement *s, const struct store_wanted *w)
{
    struct slice pact = {NULL, 0};
    struct slice party = {NULL, 0};
    uint64_t sequence = 0;
    struct hash of = {0};

    return statement_text(s, "pact", &pact) == 0 && slice_eq(pact, w->pact) &&
           statement_text(s, "party", &party) == 0 && slice_eq(party, w->party) &&
           statement_number(s, "sequence", &sequence) == 0 && sequence == w->sequence &&
           statement_hash(s, "sha256", &of) == 0 && hash_eq(&of, &w->sha256);
}

static int
take_seen(struct treaty *t, const struct store_wanted *w, const struct book_pact *p,
          struct slice bytes, struct errinfo *ei)
{
    const struct store_pact_note which = {.kind = PACT_NOTE_ANNEX,
                                          .pact = w->pact,
                                          .party = w->party,
                                          .by = {"", 0},
                                          .sequence = w->sequence};
    struct store_pact_note row;
    struct statement s = {0};
    int r = who_saw(t, w, p, bytes, &s, ei);

    if (r < 0)
        return r;
    BUG_ON(s.by == NULL);
    if (!is_of(&s, w))
        return err_set(ei, ERR_INVALID, "it is not what the leaf says");
    r = store_get_pact_note(t->store, &which, &row);
    if (r < 0 && r != ERR_NOTFOUND)
        return say_store(t, r, ei);
    if (r == ERR_NOTFOUND || !hash_eq(&row.sha256, &w->sha256))
        return err_set(ei, ERR_INVALID, "%.*s saw an annex %llu of %.*s that is not here",
                       (int)s.by->party.len, s.by->party.ptr, (unsigned long long)w->sequence,
                       (int)w->party.len, w->party.ptr);
    row = (struct store_pact_note){.kind = PACT_NOTE_SEEN,
                                   .pact = w->pact,
                                   .party = w->party,
                                   .by = s.by->party,
                                   .sequence = w->sequence,
                                   .sha256 = s.hash,
                                   .note = bytes,
                                   .leaf = w->leaf,
                                   .taken = now_of(t)};
    r = store_begin(t->store);
    if (r == 0)
        r = store_put_pact_note(t->store, &row);
    if (r == ERR_INVALID) { /* it said so twice: the first word stands */
        store_rollback(t->store);
        return 0;
    }
    if (r == 0)
        r = store_commit(t->store);
    if (r < 0)
        return say_store(t, r, ei);
    t->changes++;
    return 0;
}

static int
take_totals(struct treaty *t, const struct store_wanted *w, const struct book_pact *p,
            struct slice bytes, struct errinfo *ei)
{
    const struct totals_take take = {t->store, now_of(t), w, p};

    return totals_take(&take, bytes, ei);
}

int
treaty_note(void *treaty, const struct store_wanted *w, const struct book_pact *p,
            struct slice bytes, struct errinfo *ei)
{
    *ei = (struct errinfo){0};
    switch (w->kind) {
    case WANTED_ANNEX: return take_annex(treaty, w, bytes, ei);
    case WANTED_SEEN: return take_seen(treaty, w, p, bytes, ei);
    case WANTED_SUCCESSOR: return treaty_take_successor(treaty, w, p, bytes, ei);
    case WANTED_TOTALS: return take_totals(treaty, w, p, bytes, ei);
    case WANTED_MESSAGE:
    case WANTED_OWN: break;
    }
    return err_set(ei, ERR_INVALID, "it is no note");
}
