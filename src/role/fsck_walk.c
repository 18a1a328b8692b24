/* The walk over the log, a tile of leaves at a time: read here, in order, with the blocks' rows
 * and the checkpoints that belong to them; hashed, parsed and compared by the pool. */
#include <stdlib.h>

#include "ledger/tree.h"
#include "note/checkpoint.h"
#include "role/fsck_priv.h"
#include "role/pool.h"

enum { CHUNKS_MAX = 8, KEPT_MAX = 1 << 28 /* bytes */ };

/* What a block's leaf and its row both say. */
struct totals {
    uint64_t count;
    struct utime first;
    struct utime last;
    struct hash tables; /* zero: none */
};

/* What is asked of a leaf once its bytes are gone. */
struct facts {
    uint8_t reading; /* enum leaf_reading */
    uint8_t type;    /* enum leaf_type */
    bool whole;      /* all of a block's fields are there */
    uint64_t block;
    uint64_t events;
    uint64_t size;
    struct hash root;
    struct hash figures;
    struct totals totals;
};

/* A block's row; salt and figures lie in `kept`. */
struct row {
    uint64_t block;
    uint64_t leaf;
    uint64_t events;
    struct hash root;
    struct totals totals;
    size_t at;
    size_t salt_len;
    size_t figures_len;
};

struct checked_note {
    size_t at; /* in kept */
    size_t len;
    int err;
    struct tree_head signed_;
};

struct chunk {
    struct job job;
    const struct vkey *log;
    bool pairs; /* tree_pairs() */
    int err;    /* of reading it */
    struct errinfo read_ei;
    struct buf bytes; /* entries, with the room that hashing needs */
    struct buf kept;
    uint64_t first;
    unsigned leaves;
    unsigned rows;
    unsigned notes;
    int row_err; /* the first row that differs */
    struct errinfo row_ei;
    size_t at[LEDGER_TILE];
    struct tree_entry entry[LEDGER_TILE];
    struct hash hash[LEDGER_TILE];
    struct facts facts[LEDGER_TILE];
    struct row row[LEDGER_TILE];
    struct checked_note note[LEDGER_TILE];
    struct tree_head head[LEDGER_TILE];
};

struct walk {
    struct fsck *f;
    struct pool *pool;
    struct ledger_checker *checker;
    uint64_t next_leaf;
    uint64_t named; /* size of a checkpoint that is known to be there */
    struct buf note;
    int row_err; /* told when the log itself is good */
    struct errinfo row_ei;
    unsigned chunks;
    struct chunk *chunk[CHUNKS_MAX];
};

/* ---- On any thread ---- */

static struct slice
entry_of(const struct chunk *c, unsigned i)
{
    return (struct slice){c->entry[i].bytes, c->entry[i].len};
}

static void
read_facts(struct slice entry, struct facts *ret)
{
    struct leaf leaf;

    leaf_read(entry, &leaf);
    *ret = (struct facts){.reading = (uint8_t)leaf.reading, .type = (uint8_t)leaf.type};
    if (leaf.reading != LEAF_KNOWN || leaf.type != LEAF_BLOCK)
        return;
    ret->whole = leaf_number(&leaf, "block", &ret->block) == 0 &&
                 leaf_number(&leaf, "events", &ret->events) == 0 &&
                 leaf_hash(&leaf, "root", &ret->root) == 0 &&
                 leaf_hash(&leaf, "figures", &ret->figures) == 0 &&
                 leaf_number(&leaf, "count", &ret->totals.count) == 0 &&
                 leaf_time(&leaf, "first", &ret->totals.first) == 0 &&
                 leaf_time(&leaf, "last", &ret->totals.last) == 0;
    (void)!leaf_hash(&leaf, "tables", &ret->totals.tables); /* "" none */
    if (leaf_number(&leaf, "size", &ret->size) < 0)
        ret->size = 0;
}

static bool
same_totals(const struct totals *a, const struct totals *b)
{
    return a->count == b->count && a->first.us == b->first.us && a->last.us == b->last.us &&
           hash_eq(&a->tables, &b->tables);
}

/* The leaf of a block says what the row says. */
static int
compare_row(const struct facts *leaf, const struct row *row, const char *kept,
            struct errinfo *ei)
{
    struct slice figures = {kept + row->at + row->salt_len, row->figures_len};

    if (!leaf->whole)
        return err_set(ei, ERR_PROOF, "block %llu: leaf %llu is no block's",
                       (unsigned long long)row->block, (unsigned long long)row->leaf);
    if (leaf->block != row->block || leaf->events != row->events ||
        !hash_eq(&leaf->root, &row->root) || !same_totals(&leaf->totals, &row->totals))
        return err_set(ei, ERR_PROOF, "block %llu differs from leaf %llu",
                       (unsigned long long)row->block, (unsigned long long)row->leaf);
    if (row->salt_len != LEAF_SALT ||
        leaf_commit_check(&leaf->figures, (const uint8_t *)kept + row->at, figures, "figures") <
            0)
        return err_set(ei, ERR_PROOF, "block %llu: its figures do not open the commitment",
                       (unsigned long long)row->block);
    return 0;
}

static void
check_note(struct chunk *c, struct checked_note *n)
{
    struct checkpoint_keys keys = {.log = {c->log, 1}};
    struct checkpoint_signed is;

    n->err = checkpoint_verify((struct slice){c->kept.ptr + n->at, n->len}, &keys, &is, NULL);
    if (n->err == 0)
        n->signed_ = (struct tree_head){is.checkpoint.size, is.checkpoint.root};
}

static void
work(struct job *job, unsigned worker)
{
    struct chunk *c = (struct chunk *)(void *)job; /* its first member */

    (void)worker;
    tree_leaves(c->entry, c->leaves, c->pairs, c->hash);
    for (unsigned i = 0; i < c->leaves; i++)
        read_facts(entry_of(c, i), &c->facts[i]);
    for (unsigned i = 0; i < c->rows && c->row_err == 0; i++)
        c->row_err = compare_row(&c->facts[c->row[i].leaf - c->first], &c->row[i], c->kept.ptr,
                                 &c->row_ei);
    for (unsigned i = 0; i < c->notes; i++)
        check_note(c, &c->note[i]);
}

/* ---- Reading ---- */

static int
take_entry(void *arg, uint64_t index, struct slice entry)
{
    struct chunk *c = arg;
    char *to = buf_reserve(&c->bytes, TREE_BEFORE + entry.len + TREE_BEHIND);

    if (to == NULL)
        return buf_error(&c->bytes);
    if (index != c->first + c->leaves || c->leaves == LEDGER_TILE)
        return ERR_NOTFOUND;
    if (entry.len > 0)
        memcpy(to + TREE_BEFORE, entry.ptr, entry.len);
    c->at[c->leaves] = c->bytes.len + TREE_BEFORE;
    c->entry[c->leaves++].len = entry.len;
    buf_wrote(&c->bytes, TREE_BEFORE + entry.len + TREE_BEHIND);
    return 0;
}

static int
take_note(void *arg, uint64_t size, struct slice note)
{
    struct chunk *c = arg;

    c->head[c->notes].size = size;
    c->note[c->notes++] = (struct checked_note){.at = c->kept.len, .len = note.len};
    buf_slice(&c->kept, note);
    return buf_error(&c->kept);
}

struct rows {
    struct walk *walk;
    struct chunk *chunk;
};

static void
row_of(struct chunk *c, const struct store_block *b, struct row *ret)
{
    *ret = (struct row){.block = b->block,
                        .leaf = ledger_index(b->leaf),
                        .events = b->events,
                        .root = b->root,
                        .totals = {b->count, b->first, b->last, b->tables},
                        .at = c->kept.len,
                        .salt_len = b->salt.len,
                        .figures_len = b->figures.len};
    buf_slice(&c->kept, b->salt);
    buf_slice(&c->kept, b->figures);
}

/* A row goes with the leaf it names: it waits when that comes later, and when its turn is over,
 * or comes in no other order, it is out of line and left to the end. */
static int
take_row(void *arg, const struct store_block *b)
{
    struct rows *r = arg;
    struct chunk *c = r->chunk;

    uint64_t first = r->walk->f->storage.first + c->first;

    if (b->leaf < first || b->leaf >= first + c->leaves || c->rows == LEDGER_TILE)
        return 1;
    row_of(c, b, &c->row[c->rows++]);
    r->walk->f->next_block = (int64_t)b->block + 1;
    return buf_error(&c->kept);
}

static int
read_chunk(struct walk *w, struct chunk *c, unsigned count)
{
    struct fsck *f = w->f;
    struct rows rows = {w, c};
    int r = f->storage.get_entries(f->storage.self, c->first, count, take_entry, c);

    if (r == ERR_NOTFOUND || (r == 0 && c->leaves != count))
        return err_set(&c->read_ei, ERR_PROOF, "entry %llu is missing",
                       (unsigned long long)c->first + c->leaves);
    if (r < 0)
        return err_set(&c->read_ei, r, "cannot read entry %llu",
                       (unsigned long long)c->first + c->leaves);
    r = store_each_note(f->of->store, f->storage.first, c->first, c->first + c->leaves,
                        take_note, c);
    if (r < 0)
        return err_set(&c->read_ei, r, "the checkpoints of leaf %llu and behind cannot be read",
                       (unsigned long long)c->first);
    r = store_each_block_leaf(f->of->store, f->next_block, take_row, &rows);
    return r < 0 ? err_set(&c->read_ei, r, "the store: %s (%s)", err_text(r),
                           store_error(f->of->store))
                 : 0;
}

static void
start_chunk(struct walk *w, struct chunk *c)
{
    uint64_t left = w->f->size - w->next_leaf;

    c->first = w->next_leaf;
    c->leaves = c->rows = c->notes = 0;
    c->row_err = 0;
    c->read_ei.text[0] = c->row_ei.text[0] = '\0';
    buf_reset(&c->bytes);
    buf_reset(&c->kept);
    c->err = read_chunk(w, c, left < LEDGER_TILE ? (unsigned)left : LEDGER_TILE);
    for (unsigned i = 0; i < c->leaves; i++)
        c->entry[i].bytes = c->bytes.ptr + c->at[i];
    w->next_leaf = c->err < 0 ? w->f->size : c->first + c->leaves;
    pool_submit(w->pool, &c->job);
}

/* ---- What came of it, in order ---- */

/* A block's leaf names the checkpoint that was the newest then: it must still be there. */
static int
check_named(struct walk *w, uint64_t size)
{
    struct fsck *f = w->f;
    int r;

    if (size == 0 || size == w->named)
        return 0;
    buf_reset(&w->note);
    r = f->storage.get_note(f->storage.self, size, &w->note);
    if (r < 0)
        return err_set(f->ei, r == ERR_NOTFOUND ? ERR_PROOF : r,
                       "the checkpoint of size %llu is missing", (unsigned long long)size);
    w->named = size;
    return 0;
}

/* Every checkpoint that was signed is kept for ever: each must still verify. */
static int
accept_note(struct fsck *f, const struct checked_note *n, const struct tree_head *head)
{
    if (n->err < 0)
        return err_set(f->ei, ERR_PROOF, "the checkpoint of size %llu does not verify",
                       (unsigned long long)head->size);
    if (n->signed_.size != head->size || !hash_eq(&n->signed_.root, &head->root))
        return err_set(f->ei, ERR_PROOF,
                       "the first %llu entries give another root than was signed then",
                       (unsigned long long)head->size);
    f->ret->notes++;
    return 0;
}

static void
tell_malformed(struct fsck *f, uint64_t index, struct slice entry)
{
    struct leaf leaf;

    f->ret->malformed++;
    if (f->of->tell == NULL)
        return;
    leaf_read(entry, &leaf);
    f->of->tell(f->of->arg, index, leaf_reading_name(leaf.reading), leaf.why);
}

static int
look_at_other(struct fsck *f, struct slice entry, uint64_t index)
{
    struct leaf leaf;

    leaf_read(entry, &leaf);
    return fsck_look_at_other(f, &leaf, index);
}

static int
accept_leaf(struct walk *w, const struct chunk *c, unsigned i)
{
    const struct facts *leaf = &c->facts[i];

    if (leaf->reading == LEAF_MALFORMED || leaf->reading == LEAF_FOREIGN)
        tell_malformed(w->f, c->first + i, entry_of(c, i));
    if (leaf->reading != LEAF_KNOWN)
        return 0;
    w->f->act_leaves += leaf->type == LEAF_ACT;
    w->f->block_leaves += leaf->type == LEAF_BLOCK;
    if (fsck_wants((enum leaf_type)leaf->type))
        return look_at_other(w->f, entry_of(c, i), w->f->storage.first + c->first + i);
    return leaf->type == LEAF_BLOCK ? check_named(w, leaf->size) : 0;
}

static void
keep_row_error(struct walk *w, int err, const struct errinfo *ei)
{
    if (err == 0 || w->row_err != 0)
        return;
    w->row_err = err;
    w->row_ei = *ei;
}

static int
accept_chunk(struct walk *w, struct chunk *c)
{
    struct fsck *f = w->f;
    unsigned note = 0;
    int r = ledger_checker_add(w->checker, c->hash, c->leaves, c->head, c->notes);

    for (unsigned i = 0; r == 0 && i < c->leaves; i++) {
        r = accept_leaf(w, c, i);
        if (r == 0 && note < c->notes && c->head[note].size == c->first + i + 1) {
            r = accept_note(f, &c->note[note], &c->head[note]);
            note++;
        }
    }
    if (r == 0 && c->err < 0)
        r = err_set(f->ei, c->err, "%s", c->read_ei.text);
    if (r < 0)
        return r;
    f->ret->blocks += c->rows;
    keep_row_error(w, c->row_err, &c->row_ei);
    return 0;
}

/* ---- Rows out of line ---- */

static int
read_one(void *arg, uint64_t index, struct slice entry)
{
    (void)index;
    read_facts(entry, arg);
    return 0;
}

static int
stray_row(void *arg, const struct store_block *b)
{
    struct walk *w = arg;
    struct fsck *f = w->f;
    struct chunk *c = w->chunk[0];
    struct facts facts;
    struct row row;
    struct errinfo ei = {0};
    int r = f->storage.get_entries(f->storage.self, ledger_index(b->leaf), 1, read_one, &facts);

    if (ledger_generation(b->leaf) > ledger_generation(f->storage.first))
        return 1; /* of the log that this one went on as */
    if (r == 0 && ledger_index(b->leaf) >= f->size)
        return 0; /* came meanwhile */
    f->next_block = (int64_t)b->block + 1;
    f->ret->blocks++;
    if (r < 0)
        return err_set(&w->row_ei, ERR_PROOF, "block %llu: its leaf %llu is missing",
                       (unsigned long long)b->block, (unsigned long long)ledger_index(b->leaf));
    buf_reset(&c->kept);
    row_of(c, b, &row);
    r = buf_error(&c->kept);
    if (r == 0)
        r = compare_row(&facts, &row, c->kept.ptr, &ei);
    keep_row_error(w, r, &ei);
    return r;
}

/* ---- All of it ---- */

static int
walk_log(struct walk *w)
{
    const unsigned ring = w->chunks;
    unsigned started = 0;
    unsigned done = 0;
    int r = ledger_checker_open(&w->f->storage, w->f->size, w->f->log, &w->checker, w->f->ei);

    BUG_ON(ring == 0);
    while (r == 0 && (w->next_leaf < w->f->size || done < started)) {
        if (w->next_leaf < w->f->size && started - done < ring) {
            start_chunk(w, w->chunk[started++ % ring]);
            continue;
        }
        pool_wait(w->pool, &w->chunk[done % ring]->job);
        r = accept_chunk(w, w->chunk[done++ % ring]);
    }
    while (done < started)
        pool_wait(w->pool, &w->chunk[done++ % ring]->job);
    return ledger_checker_close(w->checker, r, &w->f->ret->log);
}

static int
walk_all(struct walk *w)
{
    struct fsck *f = w->f;
    int r = walk_log(w);

    if (r == 0 && w->row_err == 0) {
        r = store_each_block_leaf(f->of->store, f->next_block, stray_row, w);
        if (r < 0 && w->row_ei.text[0] == '\0')
            return err_set(f->ei, r, "the store: %s (%s)", err_text(r),
                           store_error(f->of->store));
        r = r < 0 ? r : 0;
    }
    if (w->row_ei.text[0] != '\0' && f->ei->text[0] == '\0')
        r = err_set(f->ei, ERR_PROOF, "%s", w->row_ei.text);
    return r;
}

static int
make_chunks(struct walk *w, unsigned count)
{
    bool pairs = tree_pairs();

    for (; w->chunks < count; w->chunks++) {
        struct chunk *c = calloc(1, sizeof *c);

        if (c == NULL)
            return ERR_NOMEM;
        c->job.run = work;
        c->log = w->f->log;
        c->pairs = pairs;
        buf_init(&c->bytes, KEPT_MAX);
        buf_init(&c->kept, KEPT_MAX);
        w->chunk[w->chunks] = c;
    }
    return 0;
}

int
fsck_walk(struct fsck *f)
{
    struct walk w = {.f = f};
    unsigned threads = f->of->threads > 1 ? f->of->threads : 0; /* this one mostly waits */
    int r;

    if (threads > CHUNKS_MAX / 2)
        threads = CHUNKS_MAX / 2;
    buf_init(&w.note, NOTE_MAX);
    r = make_chunks(&w, threads == 0 ? 1 : 2 * threads);
    if (r == 0)
        r = pool_open(threads, NULL, &w.pool);
    r = r < 0 ? err_set(f->ei, r, "%s", err_text(r)) : walk_all(&w);
    w.pool = pool_close(w.pool);
    for (unsigned i = 0; i < w.chunks; i++) {
        buf_release(&w.chunk[i]->bytes);
        buf_release(&w.chunk[i]->kept);
        free(w.chunk[i]);
    }
    buf_release(&w.note);
    return r;
}
