#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/leaf.h"
#include "note/checkpoint.h"
#include "role/fsck.h"
#include "world.h"

enum { LOOK_BACK = 4 /* leaves and blocks looked at again after a start */ };

void
model_release(struct model *m)
{
    free(m->leaf);
    free(m->head);
    free(m->block);
}

/* ---- a Merkle tree as RFC 6962 words it ---- */

static struct hash
node(const struct hash *left, const struct hash *right)
{
    uint8_t bytes[1 + 2 * SHA256_SIZE] = {1};

    memcpy(bytes + 1, left->byte, SHA256_SIZE);
    memcpy(bytes + 1 + SHA256_SIZE, right->byte, SHA256_SIZE);
    return sha256_of((const char *)bytes, sizeof bytes);
}

static struct hash
leaf_hash_of(struct slice entry)
{
    AUTO_BUF(bytes, LEDGER_ENTRY_MAX + 1);

    buf_char(&bytes, '\0');
    buf_slice(&bytes, entry);
    BUG_ON(buf_error(&bytes) < 0);
    return sha256_of(bytes.ptr, bytes.len);
}

static struct hash
naive_root(const struct hash *leaf, uint64_t n)
{
    struct hash left;
    struct hash right;
    uint64_t k = 1;

    if (n == 0)
        return sha256_of("", 0);
    if (n == 1)
        return leaf[0];
    while (k * 2 < n)
        k *= 2;
    left = naive_root(leaf, k);
    right = naive_root(leaf + k, n - k);
    return node(&left, &right);
}

static struct hash
root_of_peaks(const struct model *m)
{
    struct hash root = m->peak[m->peaks - 1];

    for (unsigned i = m->peaks - 1; i-- > 0;)
        root = node(&m->peak[i], &root);
    return root;
}

static void
add_leaf(struct model *m, struct hash leaf)
{
    if (m->leaves == m->room) {
        m->room = m->room * 2 + 256;
        m->leaf = realloc(m->leaf, m->room * sizeof *m->leaf);
        BUG_ON(m->leaf == NULL);
    }
    m->leaf[m->leaves++] = leaf;
    m->peak[m->peaks++] = leaf;
    for (uint64_t n = m->leaves; n % 2 == 0; n /= 2) {
        m->peaks--;
        m->peak[m->peaks - 1] = node(&m->peak[m->peaks - 1], &m->peak[m->peaks]);
    }
}

/* ---- what is told stays ---- */

static const struct model_head *
head_of(const struct model *m, uint64_t size)
{
    uint64_t from = 0;
    uint64_t to = m->heads;

    while (from < to) {
        uint64_t mid = (from + to) / 2;

        if (m->head[mid].size < size)
            from = mid + 1;
        else
            to = mid;
    }
    return from < m->heads && m->head[from].size == size ? &m->head[from] : NULL;
}

void
model_told(struct world *w, uint64_t size, const struct hash *root)
{
    struct model *m = &w->model;
    const struct model_head *old = head_of(m, size);

    if (old != NULL && !hash_eq(&old->root, root))
        violate(w, "two roots were told of size %llu", (unsigned long long)size);
    if (size < m->told.size)
        violate(w, "a log of %llu leaves was told after one of %llu", (unsigned long long)size,
                (unsigned long long)m->told.size);
    if (old != NULL || violated(w))
        return;
    if (m->heads == m->head_room) {
        m->head_room = m->head_room * 2 + 64;
        m->head = realloc(m->head, m->head_room * sizeof *m->head);
        BUG_ON(m->head == NULL);
    }
    m->told = (struct model_head){size, *root};
    m->head[m->heads++] = m->told;
}

void
model_shown(struct world *w, uint64_t size, const struct hash *root)
{
    struct model *m = &w->model;
    const struct model_head *old = head_of(m, size);
    struct hash want;

    if (size > m->told.size) {
        model_told(w, size, root);
        return;
    }
    want = old != NULL ? old->root : naive_root(m->leaf, size < m->leaves ? size : m->leaves);
    if ((old != NULL || size <= m->leaves) && !hash_eq(&want, root))
        violate(w, "another root of size %llu is shown", (unsigned long long)size);
}

struct reading {
    struct world *w;
};

/* By a rule of retention it must have been time, and nothing may be erased that is held. */
static void
note_erased(struct world *w, const struct leaf *leaf)
{
    struct model *m = &w->model;
    struct model_block *b;
    struct slice scope = {0};
    struct slice rule = {0};
    uint64_t block = 0;
    enum erasure to;

    if (leaf_number(leaf, "block", &block) < 0 || leaf_text(leaf, "scope", &scope) < 0 ||
        leaf_text(leaf, "rule", &rule) < 0 || block == 0 || block > m->blocks) {
        violate(w, "a leaf erases block %llu", (unsigned long long)block);
        return;
    }
    b = &m->block[block - 1];
    to = slice_is(scope, "block") ? ERASURE_BLOCK : ERASURE_RAW;
    if (to <= b->erased)
        violate(w, "block %llu is erased twice", (unsigned long long)block);
    keep_erased(w, block, b->seen, to, rule);
    m->erased[b->erased] -= b->erased != ERASURE_NONE;
    m->erased[to]++;
    if (to == ERASURE_BLOCK)
        m->erased_events += b->events;
    b->erased = to;
    b->gone = false;
    w->some[to == ERASURE_RAW ? SOME_ERASED_RAW : SOME_ERASED_BLOCK]++;
}

static void
note_leaf(struct world *w, uint64_t index, struct slice entry)
{
    struct leaf leaf;

    leaf_read(entry, &leaf);
    if (leaf.reading != LEAF_KNOWN) {
        violate(w, "leaf %llu is %s: %s", (unsigned long long)index,
                leaf_reading_name(leaf.reading), leaf.why);
        return;
    }
    if (leaf.at.us < w->model.last_at)
        violate(w, "leaf %llu is earlier than the one before it", (unsigned long long)index);
    w->model.last_at = leaf.at.us;
    if (leaf.type == LEAF_ERASURE)
        note_erased(w, &leaf);
    else if (leaf.type == LEAF_ACT)
        people_leaf(w, index, &leaf);
    else if (leaf.type == LEAF_HOLD)
        keep_leaf(w, &leaf);
}

/* A leaf that is new is added, one that is not is compared. */
static int
take_leaf(void *arg, uint64_t index, struct slice entry)
{
    struct reading *r = arg;
    struct model *m = &r->w->model;
    struct hash leaf = leaf_hash_of(entry);

    if (index == m->leaves) {
        add_leaf(m, leaf);
        note_leaf(r->w, index, entry);
    } else if (!hash_eq(&leaf, &m->leaf[index])) {
        violate(r->w, "leaf %llu is another one than it was", (unsigned long long)index);
    }
    return 0;
}

/* The newest note of the store: signed by the log, of this size and root. */
static void
check_note(struct world *w, uint64_t size, const struct hash *root)
{
    struct ledger_storage s = node_storage(w);
    const struct vkey key = w->key.vkey;
    struct checkpoint_keys keys = {.log = {&key, 1}};
    struct checkpoint_signed c;
    struct errinfo ei = {0};
    AUTO_BUF(note, NOTE_MAX);
    int r = s.get_note(s.self, size, &note);

    if (r == 0)
        r = checkpoint_verify(buf_get(&note), &keys, &c, &ei);
    if (r < 0)
        violate(w, "the note of size %llu: %s %s", (unsigned long long)size, err_text(r),
                ei.text);
    else if (c.checkpoint.size != size || !hash_eq(&c.checkpoint.root, root))
        violate(w, "the note of size %llu is of another tree", (unsigned long long)size);
}

/* Old and new heads by the ledger's own proofs. */
static void
check_proofs(struct world *w)
{
    struct ledger *l = engine_ledger(w->engine);
    struct model *m = &w->model;
    const struct model_head *old = &m->head[chance(w, m->heads)];
    struct tree_head before = {old->size, old->root};
    struct tree_head now = {m->told.size, m->told.root};
    uint64_t index = chance(w, now.size);
    struct tree_path path;
    int r = ledger_prove_consistency(l, before.size, now.size, &path);

    if (r < 0 || tree_check_consistency(&before, &now, &path) < 0)
        violate(w, "no proof from size %llu to %llu (%s)", (unsigned long long)before.size,
                (unsigned long long)now.size, err_text(r));
    r = ledger_prove_inclusion(l, index, now.size, &path);
    if (r < 0 || tree_check_inclusion(index, now.size, &m->leaf[index], &path, &now.root) < 0)
        violate(w, "no proof of leaf %llu in %llu (%s)", (unsigned long long)index,
                (unsigned long long)now.size, err_text(r));
}

/* ---- events ---- */

struct walk {
    struct world *w;
    uint64_t next[STREAMS];
    uint64_t blocks;
    uint64_t events;
    uint64_t duplicates;
    uint64_t skewed;
    struct reader *reader;
    struct hash columns; /* of the block that was read last */
    bool flipped;
};

/* The event is the line that its stream has next. */
static bool
event_is_next(struct walk *k, struct slice raw)
{
    struct world *w = k->w;
    unsigned id = 0;
    int64_t line = stream_number(raw, &id);
    AUTO_BUF(want, 1 << 17);

    if (line < 0 || id >= w->streams)
        return false;
    if ((uint64_t)line != stream_next_attack(&w->stream[id], k->next[id]))
        return false;
    stream_line(&w->stream[id], (uint64_t)line, &want);
    k->next[id] = (uint64_t)line + 1;
    return slice_eq(raw, slice_sub(buf_get(&want), 0, want.len - 1));
}

static struct hash
columns_of(const struct evidence *ev)
{
    return sha256_of(ev->event, ev->count * sizeof ev->event[0]);
}

/* What is erased is given to nobody, and all else of that block is as it was. */
static int
walk_erased(struct walk *k, const struct store_block *row, const struct model_block *b)
{
    struct evidence ev = {0};
    struct hash columns;
    int r = reader_block(k->reader, row, true, &ev);

    if (r == 0)
        columns = columns_of(&ev);
    if (row->key.len > 0)
        violate(k->w, "block %llu is erased and has a key", (unsigned long long)row->block);
    else if (b->erased == ERASURE_BLOCK ? r != ERR_GONE : r < 0 || ev.raw.len > 0)
        violate(k->w, "block %llu is erased, and reading it gives %s",
                (unsigned long long)row->block, err_text(r));
    else if (r == 0 && !hash_eq(&columns, &b->columns))
        violate(k->w, "block %llu has other events since its raw bytes are erased",
                (unsigned long long)row->block);
    k->blocks++;
    k->events += b->events;
    k->duplicates += b->duplicates;
    memcpy(k->next, b->next, sizeof k->next);
    return violated(k->w) ? ERR_PROOF : 0;
}

static int
walk_block(void *arg, const struct store_block *row)
{
    struct walk *k = arg;
    const struct model *m = &k->w->model;
    const struct model_block *known =
        row->block > 0 && row->block <= m->blocks ? &m->block[row->block - 1] : NULL;
    struct evidence ev = {0};
    int r;

    if (known != NULL && row->erased != known->erased) {
        if (!k->flipped)
            violate(k->w, "block %llu is erased up to %d, its leaves say %d",
                    (unsigned long long)row->block, (int)row->erased, (int)known->erased);
        return ERR_PROOF;
    }
    if (known != NULL && known->erased != ERASURE_NONE && !k->flipped)
        return walk_erased(k, row, known);
    r = reader_block(k->reader, row, true, &ev);
    if (k->flipped && known != NULL && known->erased != ERASURE_NONE)
        return ERR_PROOF;
    if (k->flipped && (r < 0 || row->block != k->blocks + 1))
        return ERR_PROOF;
    if (r < 0 || row->block != k->blocks + 1) {
        violate(k->w, "block %llu behind %llu cannot be read: %s",
                (unsigned long long)row->block, (unsigned long long)k->blocks, err_text(r));
        return ERR_PROOF;
    }
    k->blocks++;
    k->events += ev.count;
    for (uint32_t i = 0; i < ev.count; i++) {
        const struct event *e = &ev.event[i];

        k->duplicates += (e->flags & FLAG_DUPLICATE) != 0;
        k->skewed += (e->flags & FLAG_CLOCK_SKEWED) != 0;
        if (!event_is_next(k, slice_sub(ev.raw, e->raw_at, e->raw_len))) {
            violate(k->w, "event %llu-%u is not what was fed next: %.*s",
                    (unsigned long long)row->block, i, e->raw_len < 120 ? (int)e->raw_len : 120,
                    ev.raw.ptr + e->raw_at);
            return ERR_PROOF;
        }
    }
    k->columns = columns_of(&ev);
    return 0;
}

static void
walk_open(struct walk *k, struct world *w)
{
    *k = (struct walk){.w = w, .reader = w->reader};
}

static void
add_block(struct model *m, const struct walk *k, const struct store_block *row)
{
    struct model_block *b;

    if (m->blocks == m->block_room) {
        m->block_room = m->block_room * 2 + 64;
        m->block = realloc(m->block, m->block_room * sizeof *m->block);
        BUG_ON(m->block == NULL);
    }
    b = &m->block[m->blocks++];
    *b = (struct model_block){.seen = row->seen.us,
                              .events = (uint32_t)(k->events - m->events),
                              .duplicates = (uint32_t)(k->duplicates - m->duplicates),
                              .columns = k->columns};
    if (row->key.len == sizeof b->key)
        memcpy(b->key, row->key.ptr, sizeof b->key);
    memcpy(b->next, k->next, sizeof b->next);
    memcpy(m->next, k->next, sizeof m->next);
    m->events = k->events;
    m->duplicates = k->duplicates;
    m->skewed = k->skewed;
}

/* Blocks that the model does not know yet. */
static void
follow_blocks(struct world *w)
{
    struct model *m = &w->model;
    struct walk k;
    struct store_block row;
    uint64_t known = m->blocks;
    int r;

    walk_open(&k, w);
    memcpy(k.next, m->next, sizeof k.next);
    k.blocks = m->blocks;
    k.events = m->events;
    k.duplicates = m->duplicates;
    k.skewed = m->skewed;
    while ((r = store_get_block(w->store, k.blocks + 1, &row)) == 0 &&
           walk_block(&k, &row) == 0)
        add_block(m, &k, &row);
    if (r != ERR_NOTFOUND && !violated(w) && !w->disk.dead)
        violate(w, "block %llu: %s", (unsigned long long)k.blocks + 1, err_text(r));
    if (m->blocks > known + 1)
        w->some[SOME_MANY_BLOCKS]++;
}

void
model_holds(struct world *w)
{
    struct model *m = &w->model;
    struct ledger *l = engine_ledger(w->engine);
    struct hash root;

    if (ledger_size(l) < m->told.size)
        violate(w, "%llu leaves were told of, %llu are there", (unsigned long long)m->told.size,
                (unsigned long long)ledger_size(l));
    else if (m->told.size > 0 &&
             (ledger_root(l, m->told.size, &root) < 0 || !hash_eq(&root, &m->told.root)))
        violate(w, "the first %llu leaves give another root than was told",
                (unsigned long long)m->told.size);
}

void
model_follow(struct world *w, bool start)
{
    struct model *m = &w->model;
    struct ledger *l = engine_ledger(w->engine);
    struct ledger_storage s = node_storage(w);
    struct reading reading = {.w = w};
    uint64_t size = ledger_size(l);
    uint64_t known = m->leaves;
    uint64_t from = known > LOOK_BACK ? known - LOOK_BACK : 0;
    struct hash root;
    int r;

    model_holds(w);
    if (violated(w))
        return;
    if (!start)
        from = known;
    r = size == from ? 0 : s.get_entries(s.self, from, size - from, take_leaf, &reading);
    if (r < 0)
        violate(w, "entries %llu to %llu: %s", (unsigned long long)from,
                (unsigned long long)size, err_text(r));
    if (violated(w) || (!start && size == known))
        return;
    root = root_of_peaks(m);
    check_note(w, size, &root);
    model_told(w, size, &root);
    follow_blocks(w);
    if (!violated(w) && (start || one_in(w, 16)))
        check_proofs(w);
    store_settle(w->store);
}

/* ---- how far, and how many ---- */

static void
check_counter(struct world *w, const char *name, uint64_t want)
{
    uint64_t got = 0;
    int r = store_get_counter(w->store, name, &got);

    if (r < 0 || got != want)
        violate(w, "counter %s is %llu, should be %llu (%s)", name, (unsigned long long)got,
                (unsigned long long)want, err_text(r));
}

/* How far the store says that a stream was taken is how far its events are kept. */
static void
check_stream(struct world *w, const struct stream *f, struct decode_stats *sum)
{
    struct store_source src = {0};
    struct decode_stats stats;
    uint64_t line;
    uint64_t kept = w->model.next[f->id];
    int r = f->file.len == 0 ? 0 : store_find_source(w->store, stream_head(f), &src);

    if (r < 0 && r != ERR_NOTFOUND)
        violate(w, "%s: its source: %s", f->name, err_text(r));
    else if (!stream_upto(f, src.offset, &line, &stats))
        violate(w, "%s was taken up to %llu, where no line ends", f->name,
                (unsigned long long)src.offset);
    else if (kept > line)
        violate(w, "%s: line %llu is kept, but it is taken up to %llu", f->name,
                (unsigned long long)kept - 1, (unsigned long long)line);
    else if (stream_next_attack(f, kept) < line)
        violate(w, "%s: line %llu is lost: it is taken up to %llu", f->name,
                (unsigned long long)stream_next_attack(f, kept), (unsigned long long)line);
    else if (src.lines != line - f->first)
        violate(w, "%s: %llu lines up to %llu", f->name, (unsigned long long)src.lines,
                (unsigned long long)line);
    else
        decode_stats_add(sum, &stats);
}

void
model_count(struct world *w)
{
    struct decode_stats sum = {0};

    for (unsigned i = 0; i < w->streams && !violated(w); i++)
        check_stream(w, &w->stream[i], &sum);
    if (violated(w))
        return;
    check_counter(w, "lines", sum.lines);
    check_counter(w, "events", sum.events);
    check_counter(w, "attacks", sum.attacks);
    check_counter(w, "ignored", sum.ignored);
    check_counter(w, "rejected.json", sum.rejected[REJECT_JSON]);
    check_counter(w, "rejected.no-address", sum.rejected[REJECT_NO_ADDRESS]);
    check_counter(w, "duplicates", w->model.duplicates);
    check_counter(w, "skewed", w->model.skewed);
    if (sum.attacks != w->model.events)
        violate(w, "%llu attacks are counted, %llu kept", (unsigned long long)sum.attacks,
                (unsigned long long)w->model.events);
    store_settle(w->store);
}

/* ---- everything ---- */

/* Segments are what the rows say and nothing else, so that any tool can read them. */
static void
check_segment(struct world *w)
{
    struct store_block row;
    char name[SEGMENT_NAME];

    if (acts_full(w))
        return; /* a start that found no room cuts nothing off yet */
    if (w->model.blocks == 0 || store_get_block(w->store, w->model.blocks, &row) < 0)
        return;
    segment_name(row.segment, name);
    if (disk_bytes(&w->disk, name).len != row.at + row.len)
        violate(w, "%s has %zu bytes, the rows tell of %llu", name,
                disk_bytes(&w->disk, name).len, (unsigned long long)(row.at + row.len));
}

/* A commit is there that the model has not looked at yet. */
static bool
unseen(const struct world *w)
{
    return ledger_size(engine_ledger(w->engine)) > w->model.leaves;
}

static int
check_events(struct world *w, struct walk *k, bool flipped)
{
    static const struct store_range all = {{0}, {INT64_MAX}, false, NULL};
    struct fsck_result result;
    struct errinfo ei = {0};
    struct fsck_of of = {.store = w->store,
                         .reader = k->reader,
                         .dict = engine_dict(w->engine),
                         .log = &w->key.vkey};
    int r = fsck_run(&of, ledger_size(engine_ledger(w->engine)), &result, &ei);

    if (r < 0 && !flipped)
        violate(w, "fsck: %s", ei.text);
    if (r < 0)
        tell(w, "fsck: %s", ei.text);
    if (r == 0 && !unseen(w) &&
        (result.raw_erased != w->model.erased[ERASURE_RAW] ||
         result.erased != w->model.erased[ERASURE_BLOCK]))
        violate(w, "fsck saw %llu and %llu erased blocks, leaves tell of %llu and %llu",
                (unsigned long long)result.raw_erased, (unsigned long long)result.erased,
                (unsigned long long)w->model.erased[ERASURE_RAW],
                (unsigned long long)w->model.erased[ERASURE_BLOCK]);
    if (unseen(w))
        return r != 0 ? r : 1;
    if (r == 0 && result.notes + 1 < w->model.heads) /* the head that init told of has none */
        violate(w, "%llu checkpoints were told of, %llu are kept",
                (unsigned long long)w->model.heads, (unsigned long long)result.notes);
    if (r == 0 && (result.blocks != w->model.blocks ||
                   result.events + w->model.erased_events != w->model.events))
        violate(
            w, "fsck saw %llu blocks and %llu events, told were %llu and %llu of them erased",
            (unsigned long long)result.blocks, (unsigned long long)result.events,
            (unsigned long long)w->model.blocks, (unsigned long long)w->model.erased_events);
    /* What is given out is right or an error, whatever is found; only when nothing was found,
     * it must be all. */
    k->flipped = r != 0;
    if (store_each_block(w->store, &all, walk_block, k) == 0 && r == 0 && !violated(w) &&
        (k->events != w->model.events || k->duplicates != w->model.duplicates))
        violate(w, "other events come out than were kept");
    return r;
}

int
model_check_all(struct world *w, bool flipped)
{
    struct model *m = &w->model;
    struct walk k;
    struct hash root = naive_root(m->leaf, m->leaves);
    int r;

    if (!flipped && !hash_eq(&root, &m->told.root))
        violate(w, "the root of %llu leaves is another one", (unsigned long long)m->leaves);
    walk_open(&k, w);
    r = check_events(w, &k, flipped);
    if (r == 0)
        check_segment(w);
    if (r == 0 && !flipped)
        model_count(w);
    if (r == 0 && !flipped) {
        people_check(w, w->store, true);
        people_check_acts(w);
    }
    store_settle(w->store);
    return r;
}
