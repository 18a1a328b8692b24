/* One document: what it must be to be taken, and its note and leaf. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "role/engine_priv.h"
#include "role/treaty_priv.h"
#include "wire/hex.h"

int
treaty_refuse(struct treaty_work *w, int err, const char *fmt, ...)
{
    char text[sizeof w->ei->text];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    w->refused = true;
    return err_set(w->ei, err, "%s", text);
}

/* ---- reading ---------------------------------------------------------------------------- */

static int
read_text(struct treaty_text *d, struct errinfo *ei)
{
    int r;

    switch (d->what) {
    case PACT_TEXT_ANNEX:
        r = annex_read(d->note.text, &d->annex, NULL, NULL, ei);
        if (r < 0)
            return r;
        d->of = slice_of(d->annex->pact);
        d->sequence = (uint64_t)d->annex->sequence;
        d->sha256 = d->annex->sha256;
        return d->annex->draft
                   ? err_set(ei, ERR_CONF, "a key is missing: a draft cannot be adopted")
                   : 0;
    case PACT_TEXT_DENUNCIATION:
        r = denunciation_read(d->note.text, &d->denunciation, ei);
        if (r < 0)
            return r;
        d->of = slice_of(d->denunciation->pact);
        d->sequence = (uint64_t)d->denunciation->version;
        d->sha256 = d->denunciation->sha256;
        return 0;
    case PACT_TEXT_PACT: break;
    }
    r = pact_read(d->note.text, &d->pact, NULL, NULL, ei);
    if (r < 0)
        return r;
    d->of = slice_of(d->pact->name);
    d->sequence = (uint64_t)d->pact->version;
    d->sha256 = d->pact->sha256;
    return d->pact->draft
               ? err_set(ei, ERR_CONF, "a party has no key yet: a draft cannot be adopted")
               : 0;
}

/* Signature lines, good or not. */
static bool
has_lines(struct slice s)
{
    static const char mark[] = "\n\n\xe2\x80\x94 ";

    return s.len > 0 && memmem(s.ptr, s.len, mark, sizeof mark - 1) != NULL;
}

int
treaty_read(struct treaty_text *d, struct errinfo *ei)
{
    int r;

    *ei = (struct errinfo){0};
    err_file(ei, d->name);
    r = note_parse(d->bytes, NOTE_PACT_MAX, &d->note, ei);
    if (r < 0 && has_lines(d->bytes))
        return r == ERR_NOMEM ? r : ERR_CONF;
    if (r < 0) { /* the text alone: what is wrong with it is said first */
        d->note = (struct note){.text = d->bytes};
        d->what = pact_text(d->bytes);
        r = read_text(d, ei);
        return r == ERR_NOMEM ? r
               : r < 0
                   ? ERR_CONF
                   : err_at(ei, ERR_CONF, 0, 0, "nobody signed it: `detente pact sign` does");
    }
    d->what = pact_text(d->note.text);
    r = read_text(d, ei);
    return r == 0 || r == ERR_NOMEM ? r : ERR_CONF;
}

void
treaty_text_release(struct treaty_text *d)
{
    d->pact = pact_free(d->pact);
    d->annex = annex_free(d->annex);
    d->denunciation = denunciation_free(d->denunciation);
}

int
treaty_load(struct treaty_work *w)
{
    struct book *b = NULL;
    int r = book_load(w->t->store, w->t->self, &b, w->ei);

    if (r == ERR_CONF || r == ERR_LIMIT || r == ERR_INVALID)
        w->refused = true; /* what was just put makes no book */
    if (r < 0)
        return r;
    (void)book_free(w->book);
    w->book = b;
    return 0;
}

/* ---- what all have in common ------------------------------------------------------------ */

static const char *
kind_name(enum pact_text k)
{
    return k == PACT_TEXT_PACT ? "version" : k == PACT_TEXT_ANNEX ? "annex" : "denunciation";
}

static struct store_pact_note
row_of(const struct treaty_work *w, const struct treaty_text *d)
{
    struct store_pact_note row = {
        .kind = PACT_NOTE_PACT,
        .pact = d->of,
        .party = {"", 0},
        .by = {"", 0},
        .sequence = d->sequence,
        .sha256 = d->sha256,
        .note = d->bytes,
        .leaf = PACT_LEAF_NONE,
        .taken = w->t->env->now_wall(w->t->env->self),
    };

    if (d->what == PACT_TEXT_ANNEX) {
        row.kind = PACT_NOTE_ANNEX;
        row.party = slice_of(d->annex->party);
    }
    if (d->what == PACT_TEXT_DENUNCIATION) {
        row.kind = PACT_NOTE_DENUNCIATION;
        row.party = slice_of(d->denunciation->party);
    }
    return row;
}

/* 1 when it is here, byte by byte what was signed. */
static int
is_here(struct treaty_work *w, const struct treaty_text *d)
{
    const struct store_pact_note which = row_of(w, d);
    struct store_pact_note row;
    int r = store_get_pact_note(w->t->store, &which, &row);

    if (r < 0)
        return r == ERR_NOTFOUND ? 0 : r;
    if (hash_eq(&row.sha256, &d->sha256))
        return 1;
    return treaty_refuse(w, ERR_CONF, "%s %llu of %.*s is here already, and says other things",
                         kind_name(d->what), (unsigned long long)d->sequence,
                         (int)(row.party.len > 0 ? row.party.len : row.pact.len),
                         row.party.len > 0 ? row.party.ptr : row.pact.ptr);
}

static int
put_leaf(struct treaty_work *w, enum leaf_type type, struct leaf_values values, uint64_t *ret)
{
    struct engine *e = w->t->engine;
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    int r = leaf_write(&entry, type, engine_next_time(e), values, w->ei);

    return r < 0 ? r : ledger_append(e->ledger, buf_get(&entry), ret);
}

static int
put_row(struct treaty_work *w, const struct treaty_text *d, uint64_t leaf, bool own)
{
    struct store_pact_note row = row_of(w, d);

    row.leaf = leaf;
    row.own = own;
    return store_put_pact_note(w->t->store, &row);
}

/* Its own signature, by that key. */
static int
need_signature(struct treaty_work *w, const struct treaty_text *d, const struct vkey *key,
               const char *party)
{
    struct note_signers signers;
    struct errinfo why = {0};

    if (note_check(&d->note, (struct vkeys){key, 1}, &signers, &why) < 0)
        return treaty_refuse(w, ERR_PROOF, "%s", why.text);
    if (!note_signed_by(&signers, key))
        return treaty_refuse(w, ERR_PROOF, "%s did not sign it with the key of the pact, %s",
                             party, key->name);
    return 0;
}

/* ---- a pact ----------------------------------------------------------------------------- */

/* Every party of this version, and every one of the version before that is still bound: nobody
 * is put out of a pact, or gets another key, without its own word. */
static int
check_signatures(struct treaty_work *w, const struct treaty_text *d,
                 const struct book_pact *before)
{
    struct utime now = w->t->env->now_wall(w->t->env->self);
    int r = 0;

    for (unsigned i = 0; r == 0 && i < d->pact->parties; i++)
        r = need_signature(w, d, &d->pact->party[i].key, d->pact->party[i].id);
    for (unsigned i = 0; r == 0 && before != NULL && i < before->pact->parties; i++) {
        const struct utime ends = before->party[i].ends;

        if (ends.us == 0 || now.us < ends.us)
            r = need_signature(w, d, &before->pact->party[i].key, before->pact->party[i].id);
    }
    return r;
}

/* This node is a party of it, with the log that it has. */
static int
check_self(struct treaty_work *w, const struct pact *p)
{
    const struct pact_party *self = pact_party(p, slice_of(w->t->self));
    const char *log = w->t->engine->key->vkey.name;

    if (self == NULL)
        return treaty_refuse(w, ERR_CONF,
                             "this node's party, `%s`, is none of it: see `party` in "
                             "detente.yaml",
                             w->t->self);
    if (strncmp(log, self->log_origin, strlen(self->log_origin)) != 0)
        return treaty_refuse(w, ERR_CONF, "it says that the log of %s is %s, and this is %s",
                             self->id, self->log_origin, log);
    return 0;
}

/* Annexes that are in force belong to it still, and none ever had a key that a party has. */
static int
check_annexes(struct treaty_work *w, const struct pact *p)
{
    struct errinfo why = {0};
    int r = 0;

    for (unsigned i = 0; r == 0 && i < w->book->pacts; i++) {
        const struct book_pact *b = &w->book->pact[i];

        for (unsigned k = 0; r == 0 && k < b->pact->parties; k++) {
            for (unsigned a = 0; r == 0 && a < b->party[k].annexes; a++)
                r = annex_keys_fit(b->party[k].annex[a].annex, p, &why);
            if (r == 0 && strcmp(b->pact->name, p->name) == 0 && b->party[k].annexes > 0 &&
                pact_party(p, b->party[k].id) != NULL)
                r = annex_fits(book_annex(b, (int)k), p, &why);
            if (r < 0)
                r = treaty_refuse(w, r, "annex of %.*s: %s", (int)b->party[k].id.len,
                                  b->party[k].id.ptr, why.text);
        }
    }
    return r;
}

static const char *
event_of(const struct pact *p, const struct book_pact *before)
{
    if (before == NULL)
        return p->version == 1 ? "version" : "amendment";
    for (unsigned i = 0; i < p->parties; i++) {
        if (book_party(before, slice_of(p->party[i].id)) < 0)
            return "accession";
    }
    return "amendment";
}

static int
put_pact(struct treaty_work *w, const struct treaty_text *d, const char *event)
{
    const struct pact *p = d->pact;
    struct hash supersedes;
    bool none = hex_decode(slice_of(p->supersedes), supersedes.byte, SHA256_SIZE) < 0;
    const struct leaf_value values[] = {
        LEAF_TEXT("event", slice_of(event)), LEAF_TEXT("pact", d->of),
        LEAF_HASH("sha256", &d->sha256), LEAF_HASH("supersedes", none ? NULL : &supersedes),
        LEAF_NUMBER("version", d->sequence)};
    uint64_t leaf = 0;
    int r = put_leaf(w, LEAF_PACT, (struct leaf_values){values, 5}, &leaf);

    w->done.pacts++;
    return r < 0 ? r : put_row(w, d, leaf, true);
}

static int
take_pact(struct treaty_work *w, const struct treaty_text *d)
{
    const struct book_pact *before = book_pact(w->book, d->of);
    struct errinfo why = {0};
    int r = check_self(w, d->pact);

    if (r == 0 && before == NULL && w->book->pacts == BOOK_PACTS)
        r = treaty_refuse(w, ERR_LIMIT, "a node has at most %d pacts", BOOK_PACTS);
    if (r == 0 && pact_follows(d->pact, before == NULL ? NULL : before->pact, &why) < 0)
        r = treaty_refuse(w, ERR_CONF, "%s", why.text);
    if (r == 0)
        r = check_signatures(w, d, before);
    if (r == 0)
        r = check_annexes(w, d->pact);
    return r < 0 ? r : put_pact(w, d, event_of(d->pact, before));
}

/* ---- an annex --------------------------------------------------------------------------- */

struct old_keys {
    const struct treaty_text *d;
    struct errinfo why;
};

/* Keys that parties had in any version of any pact. */
static int
check_old_version(void *arg, const struct store_pact_note *n)
{
    struct old_keys *o = arg;
    struct pact *p = NULL;
    struct note note;
    int r;

    if (n->kind != PACT_NOTE_PACT)
        return 0;
    r = note_parse(n->note, NOTE_PACT_MAX, &note, &o->why);
    if (r == 0)
        r = pact_read(note.text, &p, NULL, NULL, &o->why);
    if (r == 0)
        r = annex_keys_fit(o->d->annex, p, &o->why);
    (void)pact_free(p);
    return r;
}

/* One key, one job, for ever: against every annex that ever was, of any pact. */
static int
check_keys(struct treaty_work *w, const struct treaty_text *d)
{
    struct old_keys o = {.d = d};
    int r = store_each_pact_note(w->t->store, check_old_version, &o);

    for (unsigned i = 0; r == 0 && i < w->book->pacts; i++) {
        const struct book_pact *b = &w->book->pact[i];

        for (unsigned k = 0; r == 0 && k < b->pact->parties; k++) {
            for (unsigned a = 0; r == 0 && a < b->party[k].annexes; a++)
                r = annex_keys_apart(d->annex, b->party[k].annex[a].annex, &o.why);
        }
    }
    return r == ERR_CONF ? treaty_refuse(w, r, "%s", o.why.text) : r;
}

static int
check_follows(struct treaty_work *w, const struct treaty_text *d, const struct book_pact *p,
              int party)
{
    const struct annex *before = book_annex(p, party);
    struct errinfo why = {0};

    if (p->party[party].annexes == BOOK_ANNEXES)
        return treaty_refuse(w, ERR_LIMIT, "a party has at most %d annexes", BOOK_ANNEXES);
    if (before == NULL && d->sequence != 1)
        return treaty_refuse(w, ERR_CONF,
                             "sequence %llu: no annex of %s is here, the first is number 1",
                             (unsigned long long)d->sequence, d->annex->party);
    if (before != NULL && annex_follows(d->annex, before, &why) < 0)
        return treaty_refuse(w, ERR_CONF, "%s", why.text);
    for (unsigned i = 0; i < p->pact->parties; i++) {
        const struct annex *other = book_annex(p, (int)i);

        if ((int)i != party && other != NULL && annex_apart(other, d->annex, &why) < 0)
            return treaty_refuse(w, ERR_CONF, "%s", why.text);
    }
    return 0;
}

static int
put_annex(struct treaty_work *w, const struct treaty_text *d, bool own)
{
    const struct leaf_value values[] = {
        LEAF_TEXT("pact", d->of), LEAF_TEXT("party", slice_of(d->annex->party)),
        LEAF_NUMBER("sequence", d->sequence), LEAF_HASH("sha256", &d->sha256),
        LEAF_TIME("valid_from", d->annex->valid_from)};
    uint64_t leaf = d->leaf;
    int r = own ? put_leaf(w, LEAF_ANNEX, (struct leaf_values){values, 5}, &leaf) : 0;

    w->done.annexes += own;
    w->done.others += !own;
    return r < 0 ? r : put_row(w, d, leaf, own);
}

static int
need_pact(struct treaty_work *w, const struct treaty_text *d, const struct book_pact **ret)
{
    *ret = book_pact(w->book, d->of);
    return *ret != NULL ? 0
                        : treaty_refuse(w, ERR_CONF,
                                        "the pact %.*s is not here: adopt it first, or with it",
                                        (int)d->of.len, d->of.ptr);
}

static int
take_annex(struct treaty_work *w, const struct treaty_text *d)
{
    const struct book_pact *p;
    struct errinfo why = {0};
    int party = -1;
    int r = need_pact(w, d, &p);

    if (r == 0 && annex_fits(d->annex, p->pact, &why) < 0)
        r = treaty_refuse(w, ERR_CONF, "%s", why.text);
    if (r == 0) {
        party = book_party(p, slice_of(d->annex->party));
        r = need_signature(w, d, &p->pact->party[party].key, d->annex->party);
    }
    if (r == 0)
        r = check_follows(w, d, p, party);
    if (r == 0)
        r = check_keys(w, d);
    return r < 0 ? r : put_annex(w, d, party == p->self);
}

/* ---- a denunciation --------------------------------------------------------------------- */

static int
take_denunciation(struct treaty_work *w, const struct treaty_text *d)
{
    const struct leaf_value values[] = {
        LEAF_TEXT("event", SLICE("denunciation")), LEAF_TEXT("pact", d->of),
        LEAF_HASH("sha256", &d->sha256), LEAF_HASH("supersedes", NULL),
        LEAF_NUMBER("version", d->sequence)};
    const struct book_pact *p;
    struct errinfo why = {0};
    uint64_t leaf = 0;
    int r = need_pact(w, d, &p);

    if (r == 0 && denunciation_fits(d->denunciation, p->pact, &why) < 0)
        r = treaty_refuse(w, ERR_CONF, "%s", why.text);
    if (r == 0)
        r = need_signature(w, d,
                           &p->pact->party[book_party(p, slice_of(d->denunciation->party))].key,
                           d->denunciation->party);
    if (r == 0)
        r = put_leaf(w, LEAF_PACT, (struct leaf_values){values, 5}, &leaf);
    w->done.denunciations++;
    return r < 0 ? r : put_row(w, d, leaf, true);
}

int
treaty_take(struct treaty_work *w, struct treaty_text *d)
{
    int r = is_here(w, d);

    if (r != 0)
        return r < 0 ? r : 0;
    d->fresh = true;
    r = d->what == PACT_TEXT_PACT    ? take_pact(w, d)
        : d->what == PACT_TEXT_ANNEX ? take_annex(w, d)
                                     : take_denunciation(w, d);
    return r < 0 ? r : treaty_load(w);
}
