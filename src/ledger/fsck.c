/* Everything read again: what an operator runs after an accident. */
#include <stdlib.h>

#include "ledger/edge_priv.h"
#include "note/checkpoint.h"

struct ledger_checker {
    struct ledger_storage storage;
    struct edge edge;
    struct tree_frontier frontier;
    struct edge_walk walk;
    struct buf note;
    struct tree_head signed_; /* by the newest note; size 0: there is none */
};

static int
read_note(struct ledger_checker *c, uint64_t size, const struct vkey *log, struct errinfo *ei)
{
    struct note note;
    struct note_signers signers;
    struct checkpoint cp;
    int err = c->storage.get_note(c->storage.self, LEDGER_NEWEST, &c->note);

    if (err == ERR_NOTFOUND)
        return 0;
    if (err < 0)
        return err_set(ei, err, "cannot read the newest checkpoint");
    if (note_parse(buf_get(&c->note), NOTE_MAX, &note, ei) < 0 ||
        checkpoint_parse(note.text, &cp) < 0)
        return err_set(ei, ERR_PROOF, "the newest checkpoint is malformed");
    if (log != NULL) {
        err = note_require(&note, (struct vkeys){log, 1}, &signers, ei);
        if (err < 0)
            return err;
    }
    if (cp.size > size)
        return err_set(ei, ERR_PROOF, "signed up to %llu entries, but there are %llu",
                       (unsigned long long)cp.size, (unsigned long long)size);
    c->signed_ = (struct tree_head){cp.size, cp.root};
    return 0;
}

int
ledger_checker_open(const struct ledger_storage *s, uint64_t size, const struct vkey *log,
                    struct ledger_checker **ret, struct errinfo *ei)
{
    struct ledger_checker *c = calloc(1, sizeof *c);
    int err;

    *ret = c;
    if (c == NULL)
        return err_set(ei, ERR_NOMEM, "out of memory");
    c->storage = *s;
    c->walk =
        (struct edge_walk){.s = &c->storage, .edge = &c->edge, .ei = ei, .bad = UINT64_MAX};
    buf_init(&c->note, NOTE_MAX);
    err = read_note(c, size, log, ei);
    return err;
}

static int
check_signed(struct ledger_checker *c)
{
    struct hash root = edge_root(&c->edge);

    if (hash_eq(&root, &c->signed_.root))
        return 0;
    /* All full tiles agreed, so it is one of the entries behind the last. */
    c->walk.bad = c->signed_.size - c->signed_.size % LEDGER_TILE;
    return err_set(c->walk.ei, ERR_PROOF,
                   "the first %llu entries give another root than signed",
                   (unsigned long long)c->signed_.size);
}

int
ledger_checker_add(struct ledger_checker *c, const struct hash *leaves, unsigned count,
                   struct tree_head *heads, unsigned head_count)
{
    struct edge *e = &c->edge;
    int err = 0;

    for (unsigned i = 0; i < count && err == 0; i++) {
        edge_grow(e, &c->frontier, &leaves[i]);
        c->walk.bad = e->size;
        for (unsigned level = 0; err == 0 && level < LEDGER_LEVELS && edge_filled(e, level);
             level++)
            err = edge_compare(&c->walk, level);
        if (err == 0 && e->size == c->signed_.size)
            err = check_signed(c);
        if (head_count > 0 && heads->size == e->size) {
            heads->root = tree_frontier_root(&c->frontier);
            heads++;
            head_count--;
        }
    }
    return err;
}

int
ledger_checker_close(struct ledger_checker *c, int err, struct ledger_check *ret)
{
    *ret = (struct ledger_check){.bad = UINT64_MAX};
    if (c == NULL)
        return err;
    ret->entries = err < 0 && c->walk.bad < c->edge.size ? c->walk.bad : c->edge.size;
    ret->tiles = c->walk.tiles;
    ret->bad = err == ERR_PROOF ? c->walk.bad : UINT64_MAX;
    ret->head = (struct tree_head){c->edge.size, edge_root(&c->edge)};
    buf_release(&c->note);
    free(c);
    return err;
}

struct reading {
    struct ledger_checker *c;
    uint64_t next;
    bool found; /* what is wrong */
};

static int
read_entry(void *arg, uint64_t index, struct slice entry)
{
    struct reading *r = arg;
    struct hash leaf = tree_leaf(entry);
    int err;

    if (index != r->next)
        return ERR_NOTFOUND;
    r->next++;
    err = ledger_checker_add(r->c, &leaf, 1, NULL, 0);
    r->found = err < 0;
    return err;
}

int
ledger_fsck(const struct ledger_storage *s, uint64_t size, const struct vkey *log,
            struct ledger_check *ret, struct errinfo *ei)
{
    struct ledger_checker *c;
    int err = ledger_checker_open(s, size, log, &c, ei);
    struct reading r = {.c = c};

    if (err == 0 && size > 0) {
        err = s->get_entries(s->self, 0, size, read_entry, &r);
        if (err == 0 && r.next != size)
            err = ERR_NOTFOUND;
        if (err == ERR_NOTFOUND && !r.found)
            err = err_set(ei, ERR_PROOF, "entry %llu is missing", (unsigned long long)r.next);
        else if (err < 0 && !r.found)
            err = err_set(ei, err, "cannot read entry %llu", (unsigned long long)r.next);
    }
    return ledger_checker_close(c, err, ret);
}
