#include "role/inclusion.h"

#include "ledger/proof.h"
#include "role/quorum.h"
#include "store/witnessed.h"

int
inclusion_note(struct store *s, struct ledger *l, uint64_t leaf, struct buf *ret_note,
               uint64_t *ret_size)
{
    struct ledger_storage storage;
    uint64_t newest = ledger_signed_size(l);
    int r = quorum_cover(s, leaf, ret_size, ret_note);

    if (r == 0 && *ret_size > newest)
        r = ERR_NOTFOUND; /* the view is older than the store */
    if (r != ERR_NOTFOUND || leaf >= newest)
        return r;
    store_ledger(s, &storage); /* nobody's word but the log's own */
    buf_reset(ret_note);
    *ret_size = newest;
    return storage.get_note(storage.self, newest, ret_note);
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
prove(struct store *s, struct ledger *l, uint64_t leaf, const struct under *u,
      struct buf *ret_entry, struct buf *ret_proof)
{
    struct ledger_storage storage;
    struct tree_path path;
    int r;

    store_ledger(s, &storage);
    r = storage.get_entries(storage.self, leaf, 1, copy_entry, ret_entry);
    if (r == 0)
        r = ledger_prove_inclusion(l, leaf, u->size, &path);
    if (r == 0)
        tlog_proof_write(ret_proof, leaf, &path, u->note);
    return r < 0 ? r : buf_error(ret_proof);
}

int
inclusion_prove(struct store *s, struct ledger *l, uint64_t leaf, struct buf *ret_entry,
                struct buf *ret_proof)
{
    AUTO_BUF(note, NOTE_MAX);
    uint64_t size;
    int r = inclusion_note(s, l, leaf, &note, &size);

    return r < 0
               ? r
               : prove(s, l, leaf, &(struct under){buf_get(&note), size}, ret_entry, ret_proof);
}

int
inclusion_prove_mirror(const struct inclusion_mirror *m, uint64_t leaf, struct buf *ret_entry,
                       struct buf *ret_proof)
{
    uint64_t size = ledger_signed_size(m->ledger);
    struct store_witnessed w;
    struct ledger_storage storage;
    AUTO_BUF(note, NOTE_MAX);
    int r;

    if (leaf >= size)
        return ERR_NOTFOUND;
    r = store_witnessed_over(m->own, m->origin, leaf, &w);
    if (r == 0 && w.head.size <= size) {
        size = w.head.size;
        buf_slice(&note, w.note);
    } else if (r == 0 || r == ERR_NOTFOUND) {
        store_ledger(m->store, &storage);
        r = storage.get_note(storage.self, size, &note);
    }
    return r < 0 ? r
                 : prove(m->store, m->ledger, leaf, &(struct under){buf_get(&note), size},
                         ret_entry, ret_proof);
}
