/* Proof files that a counterpart's messages promise: fetched by their hash, checked as a court
 * would, compared with what the message says, and kept whatever comes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/proof.h"
#include "role/exhibit.h"
#include "role/peers_priv.h"
#include "store/proofs.h"
#include "store/witnessed.h"
#include "wire/hex.h"
#include "wire/jcs.h"

enum {
    ROUND = 64,            /* proofs of one round: messages and cosignatures go on */
    DAY_BYTES = 256 << 20, /* of one counterpart */
    BATCH = 16,            /* of one transaction */
    BATCH_BYTES = 1 << 20, /* … and its bytes, before it is written */
    FILES_MAX = BATCH_BYTES + EXHIBIT_FILE_MAX
};

#define DAY_US   (INT64_C(86400) * TIME_US_PER_S)
#define AGAIN_US (INT64_C(600) * TIME_US_PER_S) /* what was not there is asked for again */

struct ended {
    struct hash id;
    enum proof_state state;
    struct utime tried;
    char origin[PREFIX_TEXT];
    size_t at;
    size_t len;
};

struct proof_batch {
    struct hash asked; /* of the question that is out, and what it is about: */
    char pact[65];
    char origin[PREFIX_TEXT];
    struct event_id event;
    uint64_t leaf;
    struct hash commitment;
    struct ended ended[BATCH];
    unsigned count;
    struct buf files;
};

void
peer_drop_proofs(struct peer *peer)
{
    if (peer->proofs != NULL)
        buf_release(&peer->proofs->files);
    free(peer->proofs);
    peer->proofs = NULL;
}

static int
write_batch(struct peers *p, struct peer *peer, struct errinfo *ei)
{
    struct proof_batch *b = peer->proofs;
    struct store *s = p->o.talk->store;
    int r = b == NULL || b->count == 0 ? 0 : store_begin(s);

    if (b == NULL || b->count == 0)
        return 0;
    for (unsigned i = 0; r == 0 && i < b->count; i++) {
        const struct ended *e = &b->ended[i];
        const struct store_proof row = {
            .id = e->id,
            .party = slice_of(peer->party),
            .state = e->state,
            .tried = e->tried,
            .origin = slice_of(e->origin),
            .file = {e->len == 0 ? "" : b->files.ptr + e->at, e->len}};

        r = store_end_proof(s, &row);
    }
    if (r == 0)
        r = store_commit(s);
    b->count = 0; /* when it failed, it is asked for again */
    buf_reset(&b->files);
    if (r < 0) {
        store_rollback(s);
        return r == ERR_FULL ? r : err_set(ei, r, "the store: %s", store_error(s));
    }
    return 0;
}

static bool
may_ask(struct peers *p, struct peer *peer)
{
    int64_t now = peers_mono(p);

    if (peer->proof_since == 0 || now - peer->proof_since > DAY_US) {
        peer->proof_since = now;
        peer->proof_bytes = 0;
    }
    if (peer->proofs == NULL) {
        peer->proofs = calloc(1, sizeof *peer->proofs);
        if (peer->proofs != NULL)
            buf_init(&peer->proofs->files, FILES_MAX);
    }
    return peer->proofs != NULL && peer->proofs_asked < ROUND && peer->proof_bytes < DAY_BYTES;
}

int
peer_ask_proof(struct peers *p, struct peer *peer, bool *ret_asked, struct errinfo *ei)
{
    struct utime before = {peers_now(p).us - (p->by == peer ? 0 : AGAIN_US)};
    struct proof_batch *b;
    struct store_proof want;
    char path[FETCH_PATH];
    char hex[2 * SHA256_SIZE + 1] = "";
    int r;

    *ret_asked = false;
    if (!may_ask(p, peer))
        return write_batch(p, peer, ei);
    b = peer->proofs;
    r = store_next_proof(p->o.talk->store, slice_of(peer->party), peer->proof_after, before,
                         &want);
    if (r < 0 && r != ERR_NOTFOUND)
        return r;
    if (r == ERR_NOTFOUND || want.pact.len >= sizeof b->pact ||
        want.origin.len >= sizeof b->origin)
        return write_batch(p, peer, ei);
    b->asked = want.id;
    b->event = want.event;
    b->leaf = want.leaf;
    b->commitment = want.commitment;
    (void)snprintf(b->pact, sizeof b->pact, "%.*s", (int)want.pact.len, want.pact.ptr);
    (void)snprintf(b->origin, sizeof b->origin, "%.*s", (int)want.origin.len, want.origin.ptr);
    peer->proof_after = want.number;
    peer->proofs_asked++;
    hex_encode(want.id.byte, SHA256_SIZE, hex);
    (void)snprintf(path, sizeof path, "pact/%s/proof/%.64s", b->pact, hex);
    peer_ask(p, peer, path, EXHIBIT_FILE_MAX, (struct slice){NULL, 0});
    *ret_asked = true;
    return 0;
}

/* ---- is it what the message says? -------------------------------------------------------- */

/* All keys of a role, of whatever time: a proof outlives the key that signed it. */
static struct vkeys
keys_of(const struct role_keys *from, struct slice party, bool of_party, struct vkey *room)
{
    struct vkeys ret = {room, 0};

    for (unsigned i = 0; i < from->count && ret.count < PEER_KEYS; i++) {
        if (slice_eq(from->key[i].party, party) == of_party)
            room[ret.count++] = from->key[i].key;
    }
    return ret;
}

/* The origin's address that it shows; "" none. */
static void
shown_origin(const struct proof *f, char to[PREFIX_TEXT])
{
    struct jcs_iter it = jcs_iter(f->private_);
    struct slice item;
    struct slice text = {"", 0};

    if (f->private_.len > 0 && jcs_item(&it, &item) && jcs_item(&it, &item))
        (void)!jcs_plain(item, &text);
    (void)snprintf(to, PREFIX_TEXT, "%.*s", (int)text.len, text.ptr);
}

/* Its checkpoint and what is known of that log: of one history? */
static int
compare_history(struct peers *p, struct peer *peer, const struct proof *f, struct errinfo *ei)
{
    const struct checkpoint *c = &f->signed_.checkpoint;
    struct tree_head head = {c->size, c->root};
    struct store_witnessed w;
    struct hash root = head.root;
    int r = 0;

    if (slice_eq(c->origin, slice_of(peer->origin))) {
        if (c->size <= mirror_held(peer->mirror).size)
            r = ledger_root(mirror_ledger(peer->mirror), c->size, &root);
    } else { /* of a generation that ended: what was cosigned of it stands here */
        r = store_witnessed_at(p->o.talk->store, c->origin, c->size, &w);
        root = r == 0 ? w.head.root : root;
        r = r == ERR_NOTFOUND ? 0 : r;
    }
    if (r < 0 || hash_eq(&root, &c->root))
        return r;
    peer_fault(peer, PEER_FORK, "a proof of it has another tree of %llu entries",
               (unsigned long long)c->size);
    return peer_keep_fork(
        p, c->origin, &head,
        (struct slice){f->signed_.note.text.ptr,
                       f->signed_.note.text.len + 1 + f->signed_.note.lines.len},
        ei);
}

/* 0 with *ret_why "" when it holds. */
static int
check(struct peers *p, struct peer *peer, struct slice file, const char **ret_why,
      struct errinfo *ei)
{
    struct proof_batch *b = peer->proofs;
    char *shown = b->ended[b->count].origin;
    const struct book_pact *pact = book_pact(p->o.talk->book, slice_of(b->pact));
    struct vkey room[3][PEER_KEYS];
    struct checkpoint_keys keys;
    struct slice party = slice_of(peer->party);
    struct errinfo why = {0};
    struct proof f;
    int r;

    *ret_why = "";
    if (pact == NULL) {
        *ret_why = "its pact is none of ours";
        return 0;
    }
    keys = (struct checkpoint_keys){
        .log = keys_of(&pact->keys[ANNEX_LOG], party, true, room[0]),
        .witness = keys_of(&pact->keys[ANNEX_WITNESS], party, false, room[1]),
        .holder = keys_of(&pact->keys[ANNEX_HOLDER], party, false, room[2])};
    r = proof_verify(file, &keys, &f, &why);
    if (r == ERR_PROOF) {
        *ret_why = "it does not verify";
        return 0;
    }
    if (r < 0)
        return r;
    if (f.block != b->event.block || f.index != b->event.index || f.leaf_index != b->leaf ||
        !hash_eq(&f.commitment, &b->commitment))
        *ret_why = "it is of another event than the message says";
    shown_origin(&f, shown);
    if ((*ret_why)[0] == '\0' && !exhibit_is_inside(slice_of(shown), slice_of(b->origin)))
        *ret_why = "its event did not come from where the message says";
    r = compare_history(p, peer, &f, ei);
    proof_release(&f);
    return r;
}

static int
end(struct peers *p, struct peer *peer, enum proof_state state, struct slice file,
    struct errinfo *ei)
{
    struct proof_batch *b = peer->proofs;

    struct ended *e = &b->ended[b->count++];

    e->id = b->asked;
    e->state = state;
    e->tried = peers_now(p);
    e->at = b->files.len;
    e->len = file.len;
    if (state != PROOF_HOLDS)
        memcpy(e->origin, b->origin, sizeof e->origin);
    buf_slice(&b->files, file);
    if (buf_error(&b->files) < 0)
        return buf_error(&b->files);
    return b->count == BATCH || b->files.len >= BATCH_BYTES ? write_batch(p, peer, ei) : 0;
}

int
peer_took_proof(struct peers *p, struct peer *peer, uint32_t status, struct slice body,
                struct errinfo *ei)
{
    const struct proof_batch *b = peer->proofs;
    struct hash h = sha256_of(body.ptr, body.len);
    const char *why = "";
    char told[200];
    int r;

    if (b == NULL)
        return 0;
    if (status == 410)
        return end(p, peer, PROOF_GONE, (struct slice){"", 0}, ei);
    if (status != 200) { /* a bundle may come without */
        if (p->by == peer)
            return 0;
        peer_fault(peer, PEER_WITHHELD, "the proof of event %llu-%u: status %u",
                   (unsigned long long)b->event.block, b->event.index, status);
        return end(p, peer, PROOF_WANTED, (struct slice){"", 0}, ei);
    }
    peer->proof_bytes += body.len;
    if (!hash_eq(&h, &b->asked)) {
        peer_fault(peer, PEER_WITHHELD, "the proof of event %llu-%u: other bytes than named",
                   (unsigned long long)b->event.block, b->event.index);
        return end(p, peer, PROOF_WANTED, (struct slice){"", 0}, ei);
    }
    r = check(p, peer, body, &why, ei);
    if (r < 0)
        return r;
    if (why[0] == '\0')
        return end(p, peer, PROOF_HOLDS, body, ei);
    peer_fault(peer, PEER_FALSE_PROOF, "event %llu-%u: %s", (unsigned long long)b->event.block,
               b->event.index, why);
    (void)snprintf(told, sizeof told, "%s: the proof of event %llu-%u: %s", peer->party,
                   (unsigned long long)b->event.block, b->event.index, why);
    p->o.env->log(p->o.env->self, ENV_WARN, told);
    return end(p, peer, PROOF_WRONG, body, ei);
}
