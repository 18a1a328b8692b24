#include "role/book.h"

#include <stdlib.h>
#include <string.h>

#include "exchange/statement.h"
#include "note/note.h"
#include "pact/denounce.h"
#include "store/cosigned.h"
#include "store/pacts.h"
#include "store/witnessed.h"
#include "wire/hex.h"

struct loading {
    struct book *b;
    struct store *s;
    struct slice self;
    struct errinfo *ei;
};

static int
grow(void **rows, unsigned count, size_t size)
{
    void *more;

    if (count != 0 && (count & (count - 1)) != 0)
        return 0;
    more = realloc(*rows, (count == 0 ? 1 : (size_t)count * 2) * size);
    if (more == NULL)
        return ERR_NOMEM;
    *rows = more;
    return 0;
}

struct book_pact *
book_pact(const struct book *b, struct slice name)
{
    for (unsigned i = 0; i < b->pacts; i++) {
        if (slice_eq(slice_of(b->pact[i].pact->name), name))
            return &b->pact[i];
    }
    return NULL;
}

int
book_party(const struct book_pact *p, struct slice id)
{
    for (unsigned i = 0; i < p->pact->parties; i++) {
        if (slice_eq(p->party[i].id, id))
            return (int)i;
    }
    return -1;
}

struct slice
book_origin(const struct book_pact *p, int party, uint64_t leaf)
{
    const struct book_party *b = &p->party[party];
    unsigned generation = ledger_generation(leaf);

    if (generation == 1)
        return slice_of(p->pact->party[party].log_origin);
    return generation - 2 < b->logs ? vkey_name(&b->log[generation - 2].key)
                                    : (struct slice){"", 0};
}

uint64_t
book_first_leaf(const struct book_party *party)
{
    return (uint64_t)party->logs << LEDGER_INDEX_BITS;
}

const struct annex *
book_annex(const struct book_pact *p, int party)
{
    const struct book_party *b = &p->party[party];

    return b->annexes == 0 ? NULL : b->annex[b->annexes - 1].annex;
}

static bool
is_over(const struct book_party *b, struct utime when)
{
    return b->ends.us != 0 && when.us >= b->ends.us;
}

bool
book_binds(const struct book_pact *p, int party, struct utime when)
{
    const struct pact *pact = p->pact;
    unsigned others = 0;

    for (unsigned i = 0; i < pact->parties; i++)
        others += (int)i != party && !is_over(&p->party[i], when);
    return pact->from.us <= when.us && (pact->until.us == 0 || when.us < pact->until.us) &&
           !is_over(&p->party[party], when) && others > 0;
}

int
book_pinned(const struct book_pact *p, const struct hash *spki, struct utime now)
{
    for (unsigned i = 0; i < p->pins; i++) {
        const struct book_pin *pin = &p->pin[i];

        if (hash_eq(&pin->spki, spki) && pin->from.us <= now.us &&
            (pin->until.us == 0 || now.us < pin->until.us))
            return (int)pin->party;
    }
    return -1;
}

/* The text of a note that was checked before it was stored. */
static int
text_of(const struct store_pact_note *n, struct slice *ret, struct errinfo *ei)
{
    struct note note;

    if (note_parse(n->note, NOTE_PACT_MAX, &note, ei) < 0)
        return ERR_CONF;
    *ret = note.text;
    return 0;
}

static int
add_pact(struct loading *l, const struct store_pact_note *n)
{
    struct book *b = l->b;
    struct book_pact *p = book_pact(b, n->pact);
    struct pact *pact;
    struct slice text;
    int r = text_of(n, &text, l->ei);

    if (r == 0)
        r = pact_read(text, &pact, NULL, NULL, l->ei);
    if (r < 0)
        return r;
    if (p == NULL) {
        if (b->pacts == BOOK_PACTS || grow((void **)&b->pact, b->pacts, sizeof *b->pact) < 0) {
            (void)pact_free(pact);
            return err_set(l->ei, b->pacts == BOOK_PACTS ? ERR_LIMIT : ERR_NOMEM,
                           "more than %d pacts", BOOK_PACTS);
        }
        p = &b->pact[b->pacts++];
        *p = (struct book_pact){0};
    }
    (void)pact_free(p->pact); /* versions rise, so this one is newer */
    p->pact = pact;
    if (p->texts == BOOK_TEXTS) {
        memmove(p->text, p->text + 1, (BOOK_TEXTS - 1) * sizeof p->text[0]);
        p->texts--;
    }
    p->text[p->texts++] = n->sha256;
    p->self = -1;
    for (unsigned i = 0; i < pact->parties; i++) {
        p->party[i].id = slice_of(pact->party[i].id);
        p->party[i].origin = slice_of(pact->party[i].log_origin);
        if (slice_eq(p->party[i].id, l->self))
            p->self = (int)i;
    }
    return 0;
}

static int
add_annex(struct loading *l, const struct store_pact_note *n)
{
    struct book_pact *p = book_pact(l->b, n->pact);
    int at = p == NULL ? -1 : book_party(p, n->party);
    struct book_party *party;
    struct book_annex *row;
    struct slice text;
    int r;

    if (at < 0)
        return 0; /* of a party that an amendment took out: its annexes count for nothing */
    party = &p->party[at];
    if (party->annexes == BOOK_ANNEXES)
        return err_set(l->ei, ERR_LIMIT, "more than %d annexes of one party", BOOK_ANNEXES);
    r = text_of(n, &text, l->ei);
    if (r == 0 && grow((void **)&party->annex, party->annexes, sizeof *row) < 0)
        r = ERR_NOMEM;
    if (r < 0)
        return r;
    row = &party->annex[party->annexes];
    *row = (struct book_annex){.sha256 = n->sha256, .leaf = n->leaf};
    r = annex_read(text, &row->annex, NULL, NULL, l->ei);
    if (r == 0)
        party->annexes++;
    return r;
}

/* Of the newest version alone: who signs the next one takes its denunciation back. */
static int
add_denunciation(struct loading *l, const struct store_pact_note *n)
{
    struct book_pact *p = book_pact(l->b, n->pact);
    int at = p == NULL ? -1 : book_party(p, n->party);
    struct denunciation *d;
    struct slice text;
    int r;

    if (at < 0 || n->sequence != (uint64_t)p->pact->version)
        return 0;
    r = text_of(n, &text, l->ei);
    if (r == 0)
        r = denunciation_read(text, &d, l->ei);
    if (r < 0)
        return r;
    p->party[at].said = d->at;
    p->party[at].denounced = n->taken;
    p->party[at].leaf = n->leaf;
    (void)denunciation_free(d);
    return 0;
}

/* In the order of their generations, without a hole. */
static int
add_successor(struct loading *l, const struct store_pact_note *n)
{
    struct book_pact *p = book_pact(l->b, n->pact);
    int at = p == NULL ? -1 : book_party(p, n->party);
    struct book_party *party = at < 0 ? NULL : &p->party[at];
    struct statement s;
    struct slice key;
    int r;

    if (party == NULL || n->sequence != (uint64_t)party->logs + 2)
        return 0;
    if (party->logs == BOOK_LOGS)
        return err_set(l->ei, ERR_LIMIT, "more than %d logs of one party", BOOK_LOGS);
    r = statement_read(n->note, STATEMENT_SUCCESSOR, &s, l->ei);
    if (r == 0)
        r = grow((void **)&party->log, party->logs, sizeof *party->log);
    if (r == 0)
        r = statement_text(&s, "new_vkey", &key);
    if (r == 0)
        r = vkey_parse(key, &party->log[party->logs].key);
    if (r < 0)
        return r;
    party->log[party->logs++].from = s.at;
    return 0;
}

static int
add_note(void *arg, const struct store_pact_note *n)
{
    struct loading *l = arg;

    switch (n->kind) {
    case PACT_NOTE_PACT: return add_pact(l, n);
    case PACT_NOTE_ANNEX: return add_annex(l, n);
    case PACT_NOTE_DENUNCIATION: return add_denunciation(l, n);
    case PACT_NOTE_SUCCESSOR: return add_successor(l, n);
    case PACT_NOTE_SEEN: break;
    }
    return 0;
}

/* ---- what follows from them ------------------------------------------------------------- */

static struct utime
earlier(struct utime a, struct utime b)
{
    return a.us == 0 || (b.us != 0 && b.us < a.us) ? b : a;
}

/* A leaf of one's own counts once another party's witness cosigned it … */
static int
witnessed_own(struct store *s, const struct book_pact *p, uint64_t leaf, struct utime *ret)
{
    int r = 0;

    *ret = (struct utime){0};
    for (unsigned i = 0; r == 0 && i < p->keys[ANNEX_WITNESS].count; i++) {
        const struct role_key *k = &p->keys[ANNEX_WITNESS].key[i];
        struct store_bounds b;

        if (p->self >= 0 && slice_eq(k->party, p->party[p->self].id))
            continue;
        r = store_cosigned_bounds(s, COSIGNER_WITNESS, slice_of(k->key.name), leaf, &b);
        if (r == 0)
            *ret = earlier(*ret, b.after);
    }
    return r;
}

/* … another's once this node's did. */
static int
witnessed(struct store *s, const struct book_pact *p, unsigned party, struct book_annex *a)
{
    struct store_bounds b;
    int r;

    if (a->leaf == PACT_LEAF_NONE)
        return 0;
    if ((int)party == p->self)
        return witnessed_own(s, p, a->leaf, &a->witnessed);
    r = store_witnessed_bounds(s, book_origin(p, (int)party, a->leaf), ledger_index(a->leaf),
                               &b);
    a->witnessed = b.after;
    return r;
}

/* The clock of a denunciation: what others saw, never before what the party itself says. */
static int
start_clock(struct store *s, const struct book_pact *p, struct book_party *party)
{
    struct utime seen;
    int r;

    if (party->denounced.us == 0)
        return 0;
    r = witnessed_own(s, p, party->leaf, &seen);
    if (seen.us != 0)
        party->denounced = seen;
    if (party->denounced.us < party->said.us)
        party->denounced = party->said;
    party->ends.us = party->denounced.us + p->pact->denunciation.us;
    return r;
}

/* A key holds as the last annex with it says, and no longer than until one without it. */
static struct utime
until_of(const struct book_party *party, unsigned annex, const struct annex_key *k)
{
    return annex + 1 < party->annexes
               ? earlier(k->until, party->annex[annex + 1].annex->valid_from)
               : k->until;
}

static bool
stands_in(const struct annex *a, enum annex_role role, const char *text)
{
    for (unsigned i = 0; i < a->keys[role]; i++) {
        if (strcmp(a->key[role][i].text, text) == 0)
            return true;
    }
    return false;
}

typedef int put_key(struct book_pact *p, unsigned party, enum annex_role role,
                    const struct annex_key *k, struct utime until);

static int
put_role_key(struct book_pact *p, unsigned party, enum annex_role role,
             const struct annex_key *k, struct utime until)
{
    struct role_keys *keys = &p->keys[role];
    void *rows = (void *)(uintptr_t)keys->key;
    struct role_key *row;

    if (grow(&rows, keys->count, sizeof *row) < 0)
        return ERR_NOMEM;
    keys->key = rows;
    row = (struct role_key *)rows + keys->count++;
    *row = (struct role_key){p->party[party].id, k->key, k->from, until};
    return 0;
}

static int
put_pin(struct book_pact *p, unsigned party, enum annex_role role, const struct annex_key *k,
        struct utime until)
{
    struct book_pin pin = {.party = party, .from = k->from, .until = until};

    (void)role;
    if (hex_decode(slice_of(k->text), pin.spki.byte, sizeof pin.spki.byte) < 0)
        return 0;
    if (grow((void **)&p->pin, p->pins, sizeof pin) < 0)
        return ERR_NOMEM;
    p->pin[p->pins++] = pin;
    return 0;
}

static int
each_key(struct book_pact *p, unsigned party, enum annex_role role, put_key *put)
{
    const struct book_party *b = &p->party[party];
    int r = 0;

    for (unsigned i = 0; i < b->annexes; i++) {
        const struct annex *a = b->annex[i].annex;

        for (unsigned k = 0; r == 0 && k < a->keys[role]; k++) {
            const struct annex_key *key = &a->key[role][k];

            if (key->text[0] != '\0' &&
                (i + 1 == b->annexes || !stands_in(b->annex[i + 1].annex, role, key->text)))
                r = put(p, party, role, key, until_of(b, i, key));
        }
    }
    return r;
}

/* What a successor names counts from then on, whether an annex names it too or not yet. */
static int
put_logs(struct book_pact *p, unsigned party)
{
    struct book_party *b = &p->party[party];
    int r = 0;

    for (unsigned i = 0; r == 0 && i < b->logs; i++) {
        const struct annex_key key = {.key = b->log[i].key, .from = b->log[i].from};
        struct utime until = {i + 1 < b->logs ? b->log[i + 1].from.us : 0};

        r = put_role_key(p, party, ANNEX_LOG, &key, until);
    }
    if (b->logs > 0)
        b->origin = vkey_name(&b->log[b->logs - 1].key);
    return r;
}

static int
make_space(struct book_pact *p, struct errinfo *ei)
{
    struct space_history history[PACT_PARTIES];
    struct space_annex *rows[PACT_PARTIES] = {0};
    int r = 0;

    for (unsigned i = 0; r == 0 && i < p->pact->parties; i++) {
        const struct book_party *b = &p->party[i];

        rows[i] = calloc(b->annexes + 1, sizeof *rows[i]);
        r = rows[i] == NULL ? ERR_NOMEM : 0;
        for (unsigned k = 0; r == 0 && k < b->annexes; k++)
            rows[i][k] = (struct space_annex){b->annex[k].annex, b->annex[k].witnessed};
        history[i] = (struct space_history){rows[i], b->annexes};
    }
    if (r == 0)
        r = space_new(p->pact, history, &p->space, ei);
    for (unsigned i = 0; i < p->pact->parties; i++)
        free(rows[i]);
    return r;
}

static int
finish(struct store *s, struct book_pact *p, struct errinfo *ei)
{
    int r = 0;

    for (unsigned i = 0; r == 0 && i < p->pact->parties; i++) {
        for (unsigned role = ANNEX_LOG; r == 0 && role < ANNEX_TLS; role++)
            r = each_key(p, i, (enum annex_role)role, put_role_key);
        if (r == 0)
            r = each_key(p, i, ANNEX_TLS, put_pin);
        if (r == 0)
            r = put_logs(p, i);
    }
    for (unsigned i = 0; r == 0 && i < p->pact->parties; i++) {
        for (unsigned k = 0; r == 0 && k < p->party[i].annexes; k++)
            r = witnessed(s, p, i, &p->party[i].annex[k]);
        if (r == 0)
            r = start_clock(s, p, &p->party[i]);
    }
    return r < 0 ? r : make_space(p, ei);
}

int
book_load(struct store *s, const char *self, struct book **ret, struct errinfo *ei)
{
    struct loading l = {.s = s, .self = slice_of(self), .ei = ei};
    int r;

    l.b = calloc(1, sizeof *l.b);
    r = l.b == NULL ? ERR_NOMEM : store_count_pact_notes(s, &l.b->notes);
    if (r == 0)
        r = store_each_pact_note(s, add_note, &l);
    for (unsigned i = 0; r == 0 && i < l.b->pacts; i++)
        r = finish(s, &l.b->pact[i], ei);
    if (r < 0) {
        (void)book_free(l.b);
        return ei->text[0] != '\0' ? r : err_set(ei, r, "%s", err_text(r));
    }
    *ret = l.b;
    return 0;
}

/* Did the leaf of one of its annexes become witnessed? */
static int
is_witnessed_now(struct store *s, const struct book_pact *p, unsigned party, bool *ret)
{
    int r = 0;

    for (unsigned i = 0; r == 0 && !*ret && i < p->party[party].annexes; i++) {
        struct book_annex a = p->party[party].annex[i];

        if (a.witnessed.us != 0)
            continue;
        r = witnessed(s, p, party, &a);
        *ret = a.witnessed.us != 0;
    }
    return r;
}

int
book_is_old(struct store *s, const struct book *b, bool *ret)
{
    uint64_t notes;
    int r = store_count_pact_notes(s, &notes);

    *ret = r == 0 && notes != (b == NULL ? 0 : b->notes);
    for (unsigned i = 0; r == 0 && !*ret && b != NULL && i < b->pacts; i++) {
        for (unsigned k = 0; r == 0 && !*ret && k < b->pact[i].pact->parties; k++)
            r = is_witnessed_now(s, &b->pact[i], k, ret);
    }
    return r;
}

struct book *
book_free(struct book *b)
{
    for (unsigned i = 0; b != NULL && i < b->pacts; i++) {
        struct book_pact *p = &b->pact[i];

        (void)space_free(p->space);
        for (unsigned k = 0; k < PACT_PARTIES; k++) {
            for (unsigned a = 0; a < p->party[k].annexes; a++)
                (void)annex_free(p->party[k].annex[a].annex);
            free(p->party[k].annex);
            free(p->party[k].log);
        }
        for (unsigned role = ANNEX_LOG; role < ANNEX_TLS; role++)
            free((void *)(uintptr_t)p->keys[role].key);
        free(p->pin);
        (void)pact_free(p->pact);
    }
    if (b != NULL)
        free(b->pact);
    free(b);
    return NULL;
}
