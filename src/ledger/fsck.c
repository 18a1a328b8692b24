/* Everything read again: what an operator runs after an accident. */
#include <stdlib.h>

#include "ledger/edge_priv.h"
#include "note/checkpoint.h"

struct fsck {
    struct edge edge;
    struct edge_walk walk;
    struct buf note;
    uint64_t note_size;
    struct hash note_root;
    bool has_note;
};

static int
fsck_note(struct fsck *f, uint64_t size, const struct vkey *log, struct errinfo *ei)
{
    struct note note;
    struct note_signers signers;
    struct checkpoint c;
    int err = f->walk.s->get_note(f->walk.s->self, LEDGER_NEWEST, &f->note);

    if (err == ERR_NOTFOUND)
        return 0;
    if (err < 0)
        return err_set(ei, err, "cannot read the newest checkpoint");
    if (note_parse(buf_get(&f->note), NOTE_MAX, &note, ei) < 0 ||
        checkpoint_parse(note.text, &c) < 0)
        return err_set(ei, ERR_PROOF, "the newest checkpoint is malformed");
    if (log != NULL) {
        err = note_require(&note, (struct vkeys){log, 1}, &signers, ei);
        if (err < 0)
            return err;
    }
    if (c.size > size)
        return err_set(ei, ERR_PROOF, "signed up to %llu entries, but there are %llu",
                       (unsigned long long)c.size, (unsigned long long)size);
    f->note_size = c.size;
    f->note_root = c.root;
    f->has_note = true;
    return 0;
}

static int
fsck_run(struct fsck *f, uint64_t size, const struct vkey *log, struct errinfo *ei)
{
    struct hash root;
    int err = fsck_note(f, size, log, ei);

    if (err == 0 && f->has_note) {
        err = edge_follow(&f->walk, f->note_size);
        root = edge_root(&f->edge);
        if (err == 0 && !hash_eq(&root, &f->note_root)) {
            /* All full tiles agreed, so it is one of the entries behind the last. */
            f->walk.bad = f->note_size - f->note_size % LEDGER_TILE;
            err = err_set(ei, ERR_PROOF, "the first %llu entries give another root than signed",
                          (unsigned long long)f->note_size);
        }
    }
    return err < 0 ? err : edge_follow(&f->walk, size);
}

int
ledger_fsck(const struct ledger_storage *s, uint64_t size, const struct vkey *log,
            struct ledger_check *ret, struct errinfo *ei)
{
    struct fsck *f = calloc(1, sizeof *f);
    int err;

    *ret = (struct ledger_check){.bad = UINT64_MAX};
    if (f == NULL)
        return err_set(ei, ERR_NOMEM, "out of memory");
    f->walk = (struct edge_walk){.s = s, .edge = &f->edge, .ei = ei, .bad = UINT64_MAX};
    buf_init(&f->note, NOTE_MAX);
    err = fsck_run(f, size, log, ei);
    ret->entries = err < 0 && f->walk.bad < f->edge.size ? f->walk.bad : f->edge.size;
    ret->tiles = f->walk.tiles;
    ret->bad = err == ERR_PROOF ? f->walk.bad : UINT64_MAX;
    ret->head = (struct tree_head){f->edge.size, edge_root(&f->edge)};
    buf_release(&f->note);
    free(f);
    return err;
}
