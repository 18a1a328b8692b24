#include "role/inclusion.h"

#include "ledger/proof.h"
#include "role/quorum.h"
#include "store/witnessed.h"

/* The log that holds a leaf: the one that goes on, or a generation before it. */
struct held {
    struct store_log keep;
    struct ledger_storage storage;
    struct ledger *opened; /* NULL: it is the caller's */
    struct ledger *ledger;
};

static int
open_held(struct store *s, struct ledger *now, uint64_t leaf, struct held *ret)
{
    struct errinfo ei;
    uint64_t size;
    int r;

    *ret = (struct held){.ledger = now};
    if (leaf >> LEDGER_INDEX_BITS == ledger_first(now) >> LEDGER_INDEX_BITS) {
        store_ledger(s, &ret->storage);
        return 0;
    }
    r = store_ledger_of(s, ledger_generation(leaf), &ret->keep, &ret->storage, &size);
    if (r == 0)
        r = ledger_open(&ret->storage, size, &ret->opened, &ei);
    ret->ledger = ret->opened;
    return r;
}

static void
close_held(struct held *h)
{
    h->opened = ledger_free(h->opened);
}

static int
cover(struct store *s, const struct held *h, uint64_t leaf, struct buf *ret_note,
      uint64_t *ret_size)
{
    uint64_t newest = ledger_signed_size(h->ledger);
    int r = quorum_cover(s, leaf, ret_size, ret_note);

    if (r == 0 && *ret_size > newest)
        r = ERR_NOTFOUND; /* the view is older than the store */
    if (r != ERR_NOTFOUND || ledger_index(leaf) >= newest)
        return r;
    buf_reset(ret_note); /* nobody's word but the log's own */
    *ret_size = newest;
    return h->storage.get_note(h->storage.self, newest, ret_note);
}

static int
copy_entry(void *arg, uint64_t index, struct slice entry)
{
    struct buf *to = arg;

    (void)index;
    buf_slice(to, entry);
    return buf_error(to);
}

struct under {
    struct slice note;
    uint64_t size;
};

static int
prove(const struct held *h, uint64_t leaf, const struct under *u, struct buf *ret_entry,
      struct buf *ret_proof)
{
    struct tree_path path;
    int r =
        h->storage.get_entries(h->storage.self, ledger_index(leaf), 1, copy_entry, ret_entry);

    if (r == 0)
        r = ledger_prove_inclusion(h->ledger, leaf, u->size, &path);
    if (r == 0)
        tlog_proof_write(ret_proof, ledger_index(leaf), &path, u->note);
    return r < 0 ? r : buf_error(ret_proof);
}

int
inclusion_prove(struct store *s, struct ledger *l, uint64_t leaf, struct buf *ret_entry,
                struct buf *ret_proof)
{
    AUTO_BUF(note, NOTE_MAX);
    struct held h;
    uint64_t size;
    int r = open_held(s, l, leaf, &h);

    if (r == 0)
        r = cover(s, &h, leaf, &note, &size);
    if (r == 0)
        r = prove(&h, leaf, &(struct under){buf_get(&note), size}, ret_entry, ret_proof);
    close_held(&h);
    return r;
}

int
inclusion_key(struct store *s, uint64_t leaf, struct vkey *ret)
{
    AUTO_BUF(text, VKEY_TEXT);
    int r = store_get_log_key(s, ledger_generation(leaf), &text);

    if (r == 0 && vkey_parse(buf_get(&text), ret) < 0)
        r = ERR_IO;
    return r;
}

int
inclusion_prove_mirror(const struct inclusion_mirror *m, uint64_t leaf, struct buf *ret_entry,
                       struct buf *ret_proof)
{
    uint64_t size = ledger_signed_size(m->ledger);
    struct held h = {.ledger = m->ledger};
    struct store_witnessed w;
    AUTO_BUF(note, NOTE_MAX);
    int r;

    if (leaf >= size)
        return ERR_NOTFOUND;
    store_ledger(m->store, &h.storage);
    r = store_witnessed_over(m->own, m->origin, leaf, &w);
    if (r == 0 && w.head.size <= size) {
        size = w.head.size;
        buf_slice(&note, w.note);
    } else if (r == 0 || r == ERR_NOTFOUND) {
        r = h.storage.get_note(h.storage.self, size, &note);
    }
    return r < 0 ? r
                 : prove(&h, leaf, &(struct under){buf_get(&note), size}, ret_entry, ret_proof);
}
