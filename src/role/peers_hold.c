/* The holder's word, and the cross leaf: what is said of another's log once it is held. */
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "ledger/leaf.h"
#include "role/engine_priv.h"
#include "role/peers_priv.h"
#include "store/cosigned.h"
#include "wire/hex.h"

void
peers_meta(struct slice origin, const char *what, char to[PEERS_META])
{
    struct hash h = sha256_of(origin.ptr, origin.len);
    char hex[2 * sizeof h.byte + 1] = "";

    hex_encode(h.byte, sizeof h.byte, hex);
    (void)snprintf(to, PEERS_META, "%s.%.64s", what, hex);
}

static int
first_missing(void *arg, const struct store_wanted *w)
{
    struct store_wanted *first = arg;

    *first = *w;
    return 1;
}

/* Under the log's own line ours, and what was missing is forgotten. */
static int
write_cosigned(struct peers *p, struct peer *peer, const struct note *note, struct slice bytes,
               struct errinfo *ei)
{
    struct utime now = peers_now(p);
    const struct skey *key = &p->o.keys->key[NODE_HOLDER];
    struct tree_head held = mirror_held(peer->mirror);
    struct store *s = p->o.talk->store;
    char meta[PEERS_META];
    char gone[PEERS_META];
    AUTO_BUF(line, 1024);
    AUTO_BUF(whole, NOTE_MAX);
    struct store_cosigned row = {.role = COSIGNER_SELF,
                                 .name = slice_of(peer->origin),
                                 .size = held.size,
                                 .at = {now.us / TIME_US_PER_S * TIME_US_PER_S}};
    int r = checkpoint_cosign(note->text, key, (uint64_t)(now.us / TIME_US_PER_S), &line);

    if (r == 0)
        r = note_merge(bytes, buf_get(&line), &whole, ei);
    if (r < 0)
        return r;
    row.line = buf_get(&line);
    peers_meta(slice_of(peer->origin), "holder", meta);
    peers_meta(slice_of(peer->origin), "withheld", gone);
    r = store_begin(s);
    if (r == 0)
        r = store_put_cosigned(s, &row);
    if (r == 0)
        r = store_put_meta(s, meta, buf_get(&whole));
    if (r == 0)
        r = store_put_meta(s, gone, (struct slice){"", 0});
    if (r == 0)
        r = store_commit(s);
    if (r < 0) {
        store_rollback(s);
        return r == ERR_FULL ? r : err_set(ei, r, "the store: %s", store_error(s));
    }
    peer->signed_ = held;
    peer->signed_at = peers_mono(p);
    return 0;
}

/* It is not said that all is held, and of what is missing one is named. */
static int
write_missing(struct peers *p, const struct peer *peer, const struct hash *what,
              struct errinfo *ei)
{
    struct store *s = p->o.talk->store;
    AUTO_BUF(there, 64);
    char meta[PEERS_META];
    char hex[2 * sizeof what->byte];
    int r;

    hex_encode(what->byte, sizeof what->byte, hex);
    peers_meta(slice_of(peer->origin), "withheld", meta);
    r = store_get_meta(s, meta, &there);
    if (r == 0 && slice_eq(buf_get(&there), (struct slice){hex, sizeof hex}))
        return 0;
    r = store_begin(s);
    if (r == 0)
        r = store_put_meta(s, meta, (struct slice){hex, sizeof hex});
    if (r == 0)
        r = store_commit(s);
    if (r < 0) {
        store_rollback(s);
        return r == ERR_FULL ? r : err_set(ei, r, "the store: %s", store_error(s));
    }
    return 0;
}

int
peer_hold(struct peers *p, struct peer *peer, struct errinfo *ei)
{
    struct tree_head held = mirror_held(peer->mirror);
    struct ledger_storage storage;
    struct store_wanted missing = {.leaf = 0};
    AUTO_BUF(bytes, NOTE_MAX);
    struct note note = {.count = 0};
    int r;

    if (held.size == 0)
        return 0;
    r = store_each_wanted(mirror_store(peer->mirror), 1, first_missing, &missing);
    if (r < 0)
        return r;
    if (r == 1 && missing.leaf < held.size)
        return write_missing(p, peer, &missing.sha256, ei);
    if (held.size == peer->signed_.size && peer->signed_at != 0 &&
        peers_mono(p) - peer->signed_at < PEERS_FRESH_US)
        return 0;
    store_ledger(mirror_store(peer->mirror), &storage);
    r = storage.get_note(storage.self, held.size, &bytes);
    if (r == 0)
        r = note_parse(buf_get(&bytes), NOTE_MAX, &note, ei);
    return r < 0 ? r : write_cosigned(p, peer, &note, buf_get(&bytes), ei);
}

/* ---- their checkpoint in our log --------------------------------------------------------- */

struct crossing {
    const struct peer *peer;
    struct hash sha256;
};

static int
put_cross(void *arg, struct engine *e, struct errinfo *ei)
{
    const struct crossing *x = arg;
    struct tree_head held = mirror_held(x->peer->mirror);
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    const struct leaf_value values[] = {
        LEAF_TEXT("origin", slice_of(x->peer->origin)), LEAF_HASH("root", &held.root),
        LEAF_HASH("sha256", &x->sha256), LEAF_NUMBER("size", held.size)};
    uint64_t index;
    int r = leaf_write(&entry, LEAF_CROSS, engine_next_time(e), (struct leaf_values){values, 4},
                       ei);

    return r < 0 ? r : ledger_append(e->ledger, buf_get(&entry), &index);
}

int
peer_cross(struct peers *p, struct peer *peer, struct errinfo *ei)
{
    struct crossing x = {.peer = peer};
    int r;

    if (peer->crossed && peers_mono(p) - peer->crossed_at < PEERS_CROSS_US)
        return 0;
    x.sha256 = sha256_of(peer->note.ptr, peer->note.len);
    r = engine_check_room(p->o.talk->engine, 0);
    if (r == 0)
        r = engine_change(p->o.talk->engine, put_cross, &x, NULL, ei);
    if (r == 0) {
        peer->crossed = true;
        peer->crossed_at = peers_mono(p);
    }
    return r;
}
