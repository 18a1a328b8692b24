/* The keys that a node serves TLS with, as leaves: whoever compares the log finds one that was
 * put in the place of another. */
#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "role/engine_priv.h"
#include "role/tls.h"
#include "wire/hex.h"

enum { HEX = 2 * SHA256_SIZE, OWN_MAX = 8 };

/* Keys in hex, one behind the other. */
static bool
holds(struct slice keys, const char hex[HEX])
{
    for (size_t at = 0; at + HEX <= keys.len; at += HEX) {
        if (memcmp(keys.ptr + at, hex, HEX) == 0)
            return true;
    }
    return false;
}

static int
put_leaf(struct engine *e, const struct leaf_key *key, struct errinfo *ei)
{
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    struct leaf_key k = *key;
    struct utime at = engine_next_time(e);
    uint64_t index;
    int r;

    if (k.revoke)
        k.from = at;
    r = leaf_write_key(&entry, at, &k, ei);
    return r < 0 ? r : ledger_append(e->ledger, buf_get(&entry), &index);
}

struct change {
    struct slice known;
    struct slice now;
    const struct tls_certificate *served;
};

static int
put_leaves(void *arg, struct engine *e, struct errinfo *ei)
{
    const struct change *c = arg;
    int r = 0;

    for (size_t at = 0; r == 0 && at + HEX <= c->known.len; at += HEX) {
        struct leaf_key k = {.revoke = true,
                             .role = SLICE("tls"),
                             .key = {c->known.ptr + at, HEX},
                             .until = {-1}};

        if (!holds(c->now, k.key.ptr))
            r = put_leaf(e, &k, ei);
    }
    for (size_t at = 0; r == 0 && at + HEX <= c->now.len; at += HEX) {
        struct leaf_key k = {.role = SLICE("tls"),
                             .key = {c->now.ptr + at, HEX},
                             .from = c->served[at / HEX].from,
                             .until = c->served[at / HEX].until};

        if (!holds(c->known, k.key.ptr))
            r = put_leaf(e, &k, ei);
    }
    return r == 0 ? store_put_meta(e->store, "tls_keys", c->now) : r;
}

int
engine_tls_keys(struct engine *e, const struct tls_certificate *served, unsigned count,
                struct errinfo *ei)
{
    AUTO_BUF(known, 4096);
    char now[OWN_MAX * HEX];
    struct change c = {.now = {now, (size_t)HEX * count}, .served = served};
    int r;

    BUG_ON(count > OWN_MAX);
    ei->text[0] = '\0';
    for (unsigned i = 0; i < count; i++)
        hex_encode(served[i].key.byte, SHA256_SIZE, now + (size_t)HEX * i);
    r = store_get_meta(e->store, "tls_keys", &known);
    c.known = buf_get(&known);
    if (r < 0 && r != ERR_NOTFOUND)
        return err_set(ei, r, "the store: %s (%s)", err_text(r), store_error(e->store));
    if (slice_eq(c.known, c.now))
        return 0;
    r = engine_check_room(e, 0);
    return r < 0 ? err_set(ei, r, "%s", err_text(r))
                 : engine_change(e, put_leaves, &c, NULL, ei);
}
