/* What a counterpart answered: checked, and then kept. */
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "exchange/statement.h"
#include "ledger/leaf.h"
#include "ledger/witness.h"
#include "model/text.h"
#include "role/engine_priv.h"
#include "role/peers_priv.h"
#include "store/cosigned.h"
#include "store/witnessed.h"

/* ---- what they say of our log ------------------------------------------------------------ */

static bool
is_of_now(struct peers *p, struct peer *peer, uint64_t time)
{
    const struct book *b = p->o.talk->book;
    struct utime most = peers_now(p);

    for (unsigned i = 0; b != NULL && i < b->pacts; i++) {
        if (book_party(&b->pact[i], slice_of(peer->party)) >= 0) {
            most.us += b->pact[i].pact->clock_skew_max.us;
            break;
        }
    }
    if (time <= (uint64_t)(most.us / TIME_US_PER_S))
        return true;
    peer_fault(peer, PEER_FALSE_COSIGNATURE, "its cosignature is from the future");
    return false;
}

/* What a witness says it says in the order of its clock; what was carried may be late. */
static bool
is_in_order(struct peers *p, struct peer *peer, const struct note_signer *signer)
{
    struct utime last = {0};
    uint64_t size;

    if (p->by == peer ||
        store_newest_cosigned_by(p->o.talk->store, COSIGNER_WITNESS, vkey_name(signer->key),
                                 signer->key->id, &size, &last) < 0 ||
        (int64_t)signer->time * TIME_US_PER_S >= last.us)
        return true;
    peer_fault(peer, PEER_FALSE_COSIGNATURE, "its cosignature is older than the one before");
    return false;
}

int
peer_keep_cosignatures(struct peers *p, struct peer *peer, enum annex_role role,
                       const struct checkpoint_signed *c, struct errinfo *ei)
{
    const struct note_signers *by = role == ANNEX_WITNESS ? &c->witness : &c->holder;
    struct store *s = p->o.talk->store;
    int r = by->count == 0 ? 0 : store_begin(s);

    for (unsigned i = 0; r == 0 && i < by->count; i++) {
        const struct note_signer *signer = &by->signer[i];
        const struct note_line *line = &c->note.line[signer->line];
        AUTO_BUF(text, 1024);
        const struct utime at = {(int64_t)signer->time * TIME_US_PER_S};
        struct store_cosigned row = {.role = role == ANNEX_WITNESS ? COSIGNER_WITNESS
                                                                   : COSIGNER_HOLDER,
                                     .name = vkey_name(signer->key),
                                     .key = line->id,
                                     .size = c->checkpoint.size,
                                     .at = at};

        buf_printf(&text, "\xe2\x80\x94 %.*s %.*s\n", (int)line->name.len, line->name.ptr,
                   (int)line->base64.len, line->base64.ptr);
        row.line = buf_get(&text);
        r = buf_error(&text) < 0 ? buf_error(&text) : store_put_cosigned(s, &row);
        if (role == ANNEX_WITNESS && row.size >= peer->state.witnessed) {
            peer->state.witnessed = row.size;
            peer->state.witnessed_at = at;
        }
        if (role == ANNEX_HOLDER && row.size >= peer->state.held) {
            peer->state.held = row.size;
            peer->state.held_at = at;
        }
    }
    if (r == 0 && by->count > 0)
        r = store_commit(s);
    if (r < 0) {
        store_rollback(s);
        return r == ERR_FULL ? r : err_set(ei, r, "the store: %s", store_error(s));
    }
    return 0;
}

/* What its witness says of the time, in answer to a question of ours. */
static void
measure(struct peers *p, struct peer *peer, const struct note_signer *signer)
{
    struct utime stated = {(int64_t)signer->time * TIME_US_PER_S};
    struct utime last = {0};
    uint64_t size;

    if (p->by == peer) /* carried: nothing was asked */
        return;
    if (store_newest_cosigned_by(p->o.talk->store, COSIGNER_WITNESS, vkey_name(signer->key),
                                 signer->key->id, &size, &last) < 0)
        last.us = 0;
    submit_measure(&peer->submit, p->o.env, stated, last, &peer->state.clock);
}

/* A note over our log with lines of theirs. */
static int
take_cosigned(struct peers *p, struct peer *peer, enum annex_role role, struct slice note,
              bool *ret_any, struct errinfo *ei)
{
    const struct vkey *own = &p->o.talk->engine->key->vkey;
    struct checkpoint_keys keys = {.log = {own, 1}};
    struct checkpoint_signed c;
    struct errinfo why = {0};
    struct peer_keys theirs;
    const struct note_signers *by;
    int r;

    *ret_any = false;
    peer_keys(p, peer, role, peers_now(p), &theirs);
    *(role == ANNEX_WITNESS ? &keys.witness : &keys.holder) =
        (struct vkeys){theirs.key, theirs.count};
    if (checkpoint_verify(note, &keys, &c, &why) < 0) {
        peer_fault(peer, PEER_FALSE_COSIGNATURE, "%s", why.text);
        return 0;
    }
    r = submit_is_ours(p->o.talk->engine, &c.checkpoint, peer->party, ei);
    if (r < 0)
        return r;
    by = role == ANNEX_WITNESS ? &c.witness : &c.holder;
    if (by->count == 0) {
        peer_fault(peer, PEER_FALSE_COSIGNATURE, "no line of it is by a key of its annex");
        return 0;
    }
    if (role == ANNEX_WITNESS && peer->doing == DOING_CHECKPOINT)
        measure(p, peer, &by->signer[0]);
    for (unsigned i = 0; i < by->count; i++) {
        if (!is_of_now(p, peer, by->signer[i].time) ||
            (role == ANNEX_WITNESS && !is_in_order(p, peer, &by->signer[i])))
            return 0;
    }
    *ret_any = true;
    return peer_keep_cosignatures(p, peer, role, &c, ei);
}

int
peer_took_submit(struct peers *p, struct peer *peer, uint32_t status, struct slice body,
                 struct errinfo *ei)
{
    AUTO_BUF(note, NOTE_MAX);
    struct errinfo why = {0};
    bool any = false;
    int r;

    peer->doing = DOING_CHECKPOINT;
    switch (submit_took(&peer->submit, status, body, peers_mono(p), &note, &why)) {
    case SUBMIT_WAIT: return 0;
    case SUBMIT_AGAIN: peer->doing = DOING_SUBMIT; return 0;
    case SUBMIT_SHOW: peer->doing = DOING_MONITOR; return 0;
    case SUBMIT_REFUSED:
        peer_fault(peer, PEER_NO_WITNESS, "witness/add-checkpoint: status %u: %.*s", status,
                   (int)(body.len > 80 ? 80 : body.len), body.ptr == NULL ? "" : body.ptr);
        return 0;
    case SUBMIT_NONSENSE:
        peer_fault(peer, PEER_FALSE_COSIGNATURE, "what it answers is no cosignature: %s",
                   why.text);
        return 0;
    case SUBMIT_COSIGNED: break;
    }
    r = take_cosigned(p, peer, ANNEX_WITNESS, buf_get(&note), &any, ei);
    if (r == 0 && any)
        submit_done(&peer->submit, peers_mono(p));
    return r;
}

int
peer_took_monitor(struct peers *p, struct peer *peer, struct slice body, struct errinfo *ei)
{
    bool any;
    int r = take_cosigned(p, peer, ANNEX_WITNESS, body, &any, ei);

    peer->doing = DOING_CHECKPOINT;
    if (r == 0 && p->by != peer)
        peer_fault(peer, PEER_NO_WITNESS, "it claims another tree of our log, and shows none");
    return r;
}

/* When it last said that it holds something of ours, by any of its keys; 0 never. */
static struct utime
last_held(struct peers *p, const struct peer *peer)
{
    struct utime last = {0};
    struct peer_keys keys;

    peer_keys(p, peer, ANNEX_HOLDER, peers_now(p), &keys);
    for (unsigned i = 0; i < keys.count; i++) {
        struct utime at;
        uint64_t size;

        if (store_newest_cosigned(p->o.talk->store, COSIGNER_HOLDER, vkey_name(&keys.key[i]),
                                  &size, &at) == 0 &&
            at.us > last.us)
            last = at;
    }
    return last;
}

int
peer_took_holder(struct peers *p, struct peer *peer, struct slice body, struct errinfo *ei)
{
    struct utime before = last_held(p, peer);
    bool any;
    int r = take_cosigned(p, peer, ANNEX_HOLDER, body, &any, ei);

    if (r == 0 && any && before.us != 0 && peer->state.held_at.us > before.us)
        r = peer_gap(p, peer, before, peer->state.held_at, ei);
    return r;
}

/* ---- what they say of theirs ------------------------------------------------------------- */

/* Both notes are kept for ever: what was held stands in the mirror. */
static int
keep_note(struct peers *p, struct slice origin, const struct tree_head *head, struct slice note,
          unsigned most, struct errinfo *ei)
{
    struct store *s = p->o.talk->store;
    const struct store_witnessed row = {.head = *head, .at = peers_now(p), .note = note};
    int r = store_begin(s);

    if (r == 0)
        r = store_put_forked(s, origin, &row, most);
    if (r == 0)
        r = store_commit(s);
    if (r < 0) {
        store_rollback(s);
        return r == ERR_FULL ? r : err_set(ei, r, "the store: %s", store_error(s));
    }
    return 0;
}

int
peer_keep_fork(struct peers *p, struct slice origin, const struct tree_head *head,
               struct slice note, struct errinfo *ei)
{
    return keep_note(p, origin, head, note, STORE_FORKED_MOST, ei);
}

int
peer_keep_doubted(struct peers *p, const struct peer *peer, const struct tree_head *head,
                  struct slice note, struct errinfo *ei)
{
    return keep_note(p, slice_of(peer->origin), head, note, STORE_DOUBTED_MOST, ei);
}

/* Not larger than what is held: the same, an older one, or another history. */
static int
compare(struct peers *p, struct peer *peer, const struct tree_head *head, struct slice note,
        struct errinfo *ei)
{
    struct tree_head held = mirror_held(peer->mirror);
    struct hash root;
    int r = head->size == held.size
                ? 0
                : ledger_root(mirror_ledger(peer->mirror), head->size, &root);

    if (head->size == held.size)
        root = held.root;
    if (r < 0)
        return r;
    if (!hash_eq(&root, &head->root)) {
        peer_fault(peer, PEER_FORK, "two trees of %llu entries",
                   (unsigned long long)head->size);
        return peer_keep_fork(p, slice_of(peer->origin), head, note, ei);
    }
    if (head->size < held.size && p->by != peer) /* what was carried may be old */
        peer_fault(peer, PEER_ROLLBACK, "%llu entries, after %llu",
                   (unsigned long long)head->size, (unsigned long long)held.size);
    return 0;
}

/* Is that a checkpoint of another origin?  Unverified: it only decides what is asked next. */
static bool
is_of_other(const struct peer *peer, struct slice body)
{
    struct checkpoint c;
    struct note note;
    struct errinfo ei;

    return note_parse(body, NOTE_MAX, &note, &ei) == 0 &&
           checkpoint_parse(note.text, &c) == 0 && !slice_eq(c.origin, slice_of(peer->origin));
}

int
peer_took_checkpoint(struct peers *p, struct peer *peer, struct slice body, struct errinfo *ei)
{
    struct tree_head held = mirror_held(peer->mirror);
    struct checkpoint_signed c;
    struct errinfo why = {0};
    struct peer_keys keys;
    struct tree_head head;

    peer->doing = DOING_WANTED;
    peer->want_any = false;
    if (!peer->ended && is_of_other(peer, body)) {
        peer->doing = DOING_SUCCESSOR;
        return 0;
    }
    peer_keys(p, peer, ANNEX_LOG, peers_now(p), &keys);
    if (checkpoint_verify(body, &(struct checkpoint_keys){.log = {keys.key, keys.count}}, &c,
                          &why) < 0 ||
        !slice_eq(c.checkpoint.origin, slice_of(peer->origin))) {
        peer_fault(peer, PEER_UNSIGNED, "%s",
                   why.text[0] != '\0' ? why.text : "it is of another log");
        return 0;
    }
    head = (struct tree_head){c.checkpoint.size, c.checkpoint.root};
    if (head.size <= held.size && peer->ended) {
        peer->all_read = true;
        peer->doing = DOING_SUCCESSOR;
    }
    buf_reset(&peer->note); /* it is kept for ever: with the line that was checked */
    note_only(&c.note, (struct vkeys){c.log, 1}, &peer->note);
    if (buf_error(&peer->note) < 0)
        return ERR_NOMEM;
    if (head.size <= held.size)
        return compare(p, peer, &head, buf_get(&peer->note), ei);
    peer->target = head;
    peer->doing = DOING_BUNDLE;
    return 0;
}

int
peer_took_bundle(struct peers *p, struct peer *peer, struct slice body, struct errinfo *ei)
{
    uint64_t n = mirror_taken(peer->mirror) / LEDGER_TILE;
    uint64_t before = mirror_taken(peer->mirror);
    uint64_t until = (n + 1) * LEDGER_TILE;
    struct errinfo why = {0};
    const struct mirror_bundle b = {
        n * LEDGER_TILE, until < peer->target.size ? until : peer->target.size, body};
    int r = mirror_take(peer->mirror, &b, &why);

    if (r == 0)
        p->got.entries += mirror_taken(peer->mirror) - before;
    if (r == ERR_INVALID || r == ERR_LIMIT) {
        peer_fault(peer, PEER_MALFORMED, "%s", why.text);
        peer->doing = DOING_WANTED;
        peer->want_any = false;
        return 0;
    }
    if (r < 0 && r != ERR_FULL)
        *ei = why;
    return r;
}

/* ---- what their leaves name -------------------------------------------------------------- */

static int
hear(struct peers *p, struct peer *peer, const struct book_pact *pact, struct slice body,
     struct errinfo *ei)
{
    bool own = peer->want.kind == WANTED_OWN;
    struct talk_heard h = {.pact = pact,
                           .leaf = own ? p->lost_first + peer->want.sequence
                                       : peer->first + peer->want.leaf,
                           .size = mirror_held(peer->mirror).size,
                           .bytes = body};
    int party = book_party(pact, slice_of(peer->party));

    if (party < 0)
        return ERR_INVALID;
    h.party = (unsigned)party;
    return own ? talk_recall(p->o.talk, &h, ei) : talk_hear(p->o.talk, &h, ei);
}

static int
read_entry(void *arg, uint64_t index, struct slice entry)
{
    struct buf *to = arg;

    (void)index;
    buf_slice(to, entry);
    return buf_error(to);
}

/* What was seen before the log went on under this origin may have its leaf in the one before.
 */
static bool
is_of_before(const struct peers *p, const struct peer *peer, const struct envelope *notice)
{
    unsigned party = 0;
    const struct book_pact *b = peer_pact(p, peer, &party);
    struct utime first;

    return b != NULL && b->party[party].logs > 0 &&
           envelope_time(notice, "first", &first) == 0 &&
           first.us < b->party[party].log[b->party[party].logs - 1].from.us;
}

/* A notice may open what its log committed to when it detected: then it was that, and before.
 */
static int
check_detected(struct peers *p, struct peer *peer, struct slice body, struct errinfo *ei)
{
    struct ledger_storage storage;
    AUTO_BUF(entry, LEAF_MAX);
    char told[200];
    struct envelope e;
    struct leaf leaf;
    uint64_t index;
    int r = ERR_PROOF;

    if (envelope_read(body, &e, NULL) != MESSAGE_FINE || notice_detected(&e, &index) < 0)
        return 0;
    store_ledger(mirror_store(peer->mirror), &storage);
    if (index < peer->want.leaf)
        r = storage.get_entries(storage.self, index, 1, read_entry, &entry);
    if (r == 0) {
        leaf_read(buf_get(&entry), &leaf);
        r = notice_opens(&e, &leaf);
    }
    if (r != ERR_PROOF)
        return r < 0 ? err_set(ei, r, "%s", err_text(r)) : 0;
    if (is_of_before(p, peer, &e))
        return 0;
    peer_fault(peer, PEER_FALSE_PROOF, "%.*s: leaf %llu is not what it says was detected",
               (int)e.incident.len, e.incident.ptr, (unsigned long long)index);
    (void)snprintf(told, sizeof told, "%s: %s", peer->party, peer->state.why);
    p->o.env->log(p->o.env->self, ENV_WARN, told);
    return 0;
}

/* Of a note the text is hashed, of a message all; the leaf of an acknowledgement names the
 * annex that was seen, as the note does (docs/formats/log.md). */
static bool
is_it(const struct peer *peer, struct slice body)
{
    struct statement seen;
    struct errinfo why;
    struct note note;
    struct hash h;

    if (peer->want.kind == WANTED_SEEN)
        return statement_read(body, STATEMENT_SEEN, &seen, &why) == 0 &&
               statement_hash(&seen, "sha256", &h) == 0 && hash_eq(&h, &peer->want.sha256);

    if (peer->want.kind == WANTED_MESSAGE || peer->want.kind == WANTED_OWN) {
        h = sha256_of(body.ptr, body.len);
        return hash_eq(&h, &peer->want.sha256);
    }
    if (note_parse(body, NOTE_PACT_MAX, &note, &why) < 0)
        return false;
    h = sha256_of(note.text.ptr, note.text.len);
    return hash_eq(&h, &peer->want.sha256);
}

int
peer_took_wanted(struct peers *p, struct peer *peer, struct slice body, struct errinfo *ei)
{
    const struct book_pact *pact = book_pact(p->o.talk->book, peer->want.pact);
    bool message = peer->want.kind == WANTED_MESSAGE || peer->want.kind == WANTED_OWN;
    struct errinfo why = {0};
    int r;

    if (pact == NULL)
        return 0;
    if (!is_it(peer, body)) {
        peer_fault(peer, PEER_WITHHELD, "leaf %llu names other bytes than it gives",
                   (unsigned long long)peer->want.leaf);
        return 0;
    }
    if (message) {
        r = hear(p, peer, pact, body, &why);
        if (r == 0 && peer->want.kind == WANTED_MESSAGE)
            r = check_detected(p, peer, body, &why);
    } else {
        struct store_wanted w = peer->want;

        w.leaf += peer->first;
        r = p->o.note == NULL ? 0 : p->o.note(p->o.arg, &w, pact, body, &why);
    }
    p->got.messages += r == 0 && message;
    p->got.notes += r == 0 && !message;
    if (r == ERR_INVALID) {
        peer_fault(peer, PEER_MALFORMED, "%s", why.text);
        p->o.env->log(p->o.env->self, ENV_WARN, why.text);
        r = 0; /* we hold it, and it says nothing */
    }
    if (r == 0)
        r = mirror_have(peer->mirror, peer->want.leaf);
    if (r < 0 && r != ERR_FULL)
        *ei = why;
    return r;
}
