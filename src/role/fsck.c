#include "role/fsck.h"

#include <stdlib.h>

#include "ledger/leaf.h"
#include "ledger/tree.h"
#include "role/fsck_priv.h"
#include "role/inclusion.h"
#include "store/erase.h"
#include "store/people.h"

/* What was erased stays so; more may have been since. */
static int
look_at_erasure(struct fsck *f, const struct leaf *leaf)
{
    enum erasure want;
    enum erasure is;
    struct slice scope;
    uint64_t block;
    int r;

    if (leaf_number(leaf, "block", &block) < 0 || leaf_text(leaf, "scope", &scope) < 0)
        return 0;
    want = slice_is(scope, "block") ? ERASURE_BLOCK : ERASURE_RAW;
    r = store_get_scope(f->of->store, block, &is);
    if (r < 0)
        return r;
    return is >= want ? 0
                      : err_set(f->ei, ERR_PROOF,
                                "block %llu was erased, and the store does not know it",
                                (unsigned long long)block);
}

/* Holds that the log tells of, and whether a row says the same. */
static int
look_at_hold(struct fsck *f, const struct leaf *leaf, uint64_t index)
{
    struct store_hold h;
    struct utime until = {-1};
    struct slice name;
    struct slice action;
    int r;

    if (leaf_text(leaf, "case", &name) < 0 || leaf_text(leaf, "action", &action) < 0)
        return 0;
    f->holds += slice_is(action, "place");
    f->holds -= slice_is(action, "release");
    r = store_get_hold(f->of->store, name, &h);
    if (r == ERR_NOTFOUND || (r == 0 && h.leaf != index))
        return 0; /* a later leaf is its newest */
    if (r < 0)
        return r;
    (void)!leaf_time(leaf, "until", &until); /* "" open */
    if (slice_is(action, "release") || until.us != h.until.us)
        return err_set(f->ei, ERR_PROOF, "the hold for %.*s is not what leaf %llu says",
                       (int)name.len, name.ptr, (unsigned long long)index);
    f->held++;
    return 0;
}

/* What is behind a commitment can be opened for ever. */
static int
look_at_opening(struct fsck *f, const struct leaf *leaf, uint64_t index)
{
    bool beat = leaf->type == LEAF_HEARTBEAT;
    const char *kind = beat ? "figures" : leaf->type == LEAF_GAP ? "gap" : "canary";
    struct slice salt;
    struct slice opened;
    struct hash h;
    int r = store_get_opening(f->of->store, index, &salt, &opened);

    if (r < 0 && r != ERR_NOTFOUND)
        return r;
    if (r < 0 || leaf_hash(leaf, beat ? "figures" : "detail", &h) < 0 ||
        salt.len != LEAF_SALT ||
        leaf_commit_check(&h, (const uint8_t *)salt.ptr, opened, kind) < 0)
        return err_set(f->ei, ERR_PROOF, "leaf %llu: what is kept does not open it",
                       (unsigned long long)index);
    return 0;
}

bool
fsck_wants(enum leaf_type t)
{
    return t == LEAF_ERASURE || t == LEAF_HOLD || t == LEAF_HEARTBEAT || t == LEAF_GAP ||
           t == LEAF_CANARY;
}

int
fsck_look_at_other(struct fsck *f, const struct leaf *leaf, uint64_t index)
{
    if (leaf->type == LEAF_ERASURE)
        return look_at_erasure(f, leaf);
    return leaf->type == LEAF_HOLD ? look_at_hold(f, leaf, index)
                                   : look_at_opening(f, leaf, index);
}

static int
bad_block(struct fsck *f, const struct store_block *row, const char *what)
{
    return err_set(f->ei, ERR_PROOF, "block %llu: %s", (unsigned long long)row->block, what);
}

/* Every event of a block, from the bytes that are kept. */
static int
check_events(struct fsck *f, const struct store_block *row)
{
    struct commit_names names;
    struct evidence ev;
    struct commit_block block;
    struct slice kept;
    struct hash root;
    int r = reader_block(f->of->reader, row, true, &ev);

    if (r < 0)
        return err_set(f->ei, ERR_PROOF, "block %llu: the evidence cannot be read (%s)",
                       (unsigned long long)row->block, err_text(r));
    dict_names(f->of->dict, &names);
    block = (struct commit_block){
        .events = ev.event, .count = ev.count, .raw = ev.raw, .names = &names};
    if (row->erased == ERASURE_NONE) {
        block.key = (const uint8_t *)row->key.ptr;
    } else if (store_get_kept(f->of->store, row->block, row->erased, &kept) < 0 ||
               kept.len != ev.count * sizeof *block.kept) {
        return bad_block(f, row, "what was kept of its key is missing");
    } else {
        block.kept = (const struct commit_kept *)(const void *)kept.ptr;
    }
    r = commit_block(&block, f->commitment, &root);
    if (r < 0 || !hash_eq(&root, &row->root))
        return bad_block(f, row, "the events do not give its root");
    f->ret->events += ev.count;
    return 0;
}

/* Of a block that is erased the commitments alone. */
static int
check_commitments(struct fsck *f, const struct store_block *row)
{
    struct slice kept;
    struct hash root;

    if (store_get_kept(f->of->store, row->block, row->erased, &kept) < 0 ||
        kept.len != row->events * sizeof f->commitment[0] || row->events > EVENTS_PER_BLOCK)
        return bad_block(f, row, "the commitments of its events are missing");
    memcpy(f->commitment, kept.ptr, kept.len);
    root = tree_root(f->commitment, row->events);
    return hash_eq(&root, &row->root) ? 0 : bad_block(f, row, "its commitments give no root");
}

/* A leaf of any generation. */
static int
get_entry(struct fsck *f, uint64_t leaf,
          int (*each)(void *arg, uint64_t index, struct slice entry))
{
    struct ledger_storage storage;
    struct store_log keep;
    uint64_t size;
    int r = store_ledger_of(f->of->store, ledger_generation(leaf), &keep, &storage, &size);

    return r < 0 ? r : storage.get_entries(storage.self, ledger_index(leaf), 1, each, f);
}

/* The leaf of an erasure says what the row says. */
static int
compare_erasure(void *arg, uint64_t index, struct slice entry)
{
    struct fsck *f = arg;
    struct slice scope;
    struct slice salt;
    struct slice opened;
    struct leaf leaf;
    struct hash who;
    uint64_t block;

    leaf_read(entry, &leaf);
    if (leaf.reading != LEAF_KNOWN || leaf.type != LEAF_ERASURE ||
        leaf_number(&leaf, "block", &block) < 0 || block != f->row->block ||
        leaf_text(&leaf, "scope", &scope) < 0 ||
        !slice_is(scope, f->row->erased == ERASURE_RAW ? "raw" : "block"))
        return bad_block(f, f->row, "is erased, and its leaf does not say so");
    if (leaf_hash(&leaf, "who", &who) == 0 &&
        (store_get_opening(f->of->store, index, &salt, &opened) < 0 || salt.len != LEAF_SALT ||
         leaf_commit_check(&who, (const uint8_t *)salt.ptr, opened, "person") < 0))
        return bad_block(f, f->row, "what is kept of who erased it does not open the leaf");
    return 0;
}

static int
check_erasure(struct fsck *f, const struct store_block *row)
{
    struct store_erasure e;
    struct evidence ev;
    struct store_block bytes = *row; /* as if nothing had been erased */
    int r = store_get_erasure(f->of->store, row->block, &e);

    if (r == 0)
        r = get_entry(f, e.leaf, compare_erasure);
    if (r < 0)
        return f->ei->text[0] != '\0' ? r
                                      : bad_block(f, row, "the leaf of its erasure is missing");
    if (f->of->reader == NULL)
        return 0;
    bytes.erased = ERASURE_NONE;
    r = reader_block(f->of->reader, &bytes, false, &ev);
    if (!e.pending && (row->erased == ERASURE_BLOCK ? r != ERR_GONE : r == 0 && !ev.raw_erased))
        return bad_block(f, row, "is erased, and its bytes are still there");
    f->ret->raw_erased += row->erased == ERASURE_RAW;
    f->ret->erased += row->erased == ERASURE_BLOCK;
    return 0;
}

/* What is behind a row whose leaf was compared. */
static int
check_block(void *arg, const struct store_block *row)
{
    struct fsck *f = arg;
    int r = 0;

    f->row = row;
    if (row->erased != ERASURE_NONE)
        r = check_erasure(f, row);
    if (r < 0 || f->of->reader == NULL)
        return r;
    if (row->erased == ERASURE_BLOCK)
        return check_commitments(f, row);
    return check_events(f, row);
}

static int
read_act(void *arg, uint64_t index, struct slice entry)
{
    struct fsck *f = arg;
    struct leaf leaf;

    leaf_read(entry, &leaf);
    if (leaf.reading != LEAF_KNOWN || leaf.type != LEAF_ACT ||
        leaf_hash(&leaf, "who", &f->who) < 0)
        return err_set(f->ei, ERR_PROOF, "leaf %llu is no act's", (unsigned long long)index);
    return 0;
}

/* What is kept of an act opens what its leaf says. */
static int
check_act(void *arg, uint64_t index, struct slice salt, struct slice opened)
{
    struct fsck *f = arg;
    int r;

    if (index >= f->storage.first + f->size)
        return 0; /* came meanwhile */
    f->acts++;
    r = get_entry(f, index, read_act);
    if (r < 0 && f->ei->text[0] == '\0')
        return err_set(f->ei, ERR_PROOF, "an act's leaf %llu is missing",
                       (unsigned long long)index);
    if (r < 0)
        return r;
    if (salt.len != LEAF_SALT ||
        leaf_commit_check(&f->who, (const uint8_t *)salt.ptr, opened, "person") < 0)
        return err_set(f->ei, ERR_PROOF,
                       "the act of leaf %llu: what is kept of who did it does not open the "
                       "commitment",
                       (unsigned long long)index);
    return 0;
}

/* A key is there, or what says that it was erased. */
static int
check_keys(struct fsck *f)
{
    uint64_t block;
    int r = store_lost_key(f->of->store, &block);

    if (r == ERR_NOTFOUND)
        return 0;
    return r < 0 ? r
                 : err_set(f->ei, ERR_PROOF,
                           "block %llu: its key is lost: nothing says that it was erased",
                           (unsigned long long)block);
}

/* A log that ended has a key of its own, by which its checkpoints verify for ever. */
static int
walk_ended(struct fsck *f, unsigned generation)
{
    int r = store_ledger_of(f->of->store, generation, &f->keep, &f->storage, &f->size);

    if (r == 0)
        r = inclusion_key(f->of->store, f->storage.first, &f->before);
    if (r < 0)
        return r;
    f->log = &f->before;
    r = fsck_walk(f);
    f->ret->ended += f->ret->log.entries;
    return r;
}

static int
walk_logs(struct fsck *f)
{
    uint64_t size = f->size;
    unsigned generations = store_generation(f->of->store);
    int r = 0;

    f->next_block = INT64_MIN;
    for (unsigned i = 1; r == 0 && i < generations; i++)
        r = walk_ended(f, i);
    if (r < 0)
        return r;
    store_ledger(f->of->store, &f->storage);
    f->log = f->of->log;
    f->size = size;
    return fsck_walk(f);
}

static int
run(struct fsck *f)
{
    static const struct store_range all = {{0}, {INT64_MAX}, false, NULL};
    uint64_t erased = 0;
    int r = store_check(f->of->store);

    if (r < 0)
        return err_set(f->ei, r, "the store: %s", store_error(f->of->store));
    r = walk_logs(f);
    if (r == 0)
        r = check_keys(f);
    if (r == 0)
        r = store_count_erased(f->of->store, &erased);
    if (r == 0 && (f->of->reader != NULL || erased > 0))
        r = store_each_block(f->of->store, &all, check_block, f);
    if (r == 0)
        r = store_each_act(f->of->store, check_act, f);
    if (r < 0 && f->ei->text[0] == '\0')
        return err_set(f->ei, r, "the store: %s (%s)", err_text(r), store_error(f->of->store));
    if (r == 0 && f->ret->blocks != f->block_leaves)
        r = err_set(f->ei, ERR_PROOF, "the log has %llu block leaves, the store %llu blocks",
                    (unsigned long long)f->block_leaves, (unsigned long long)f->ret->blocks);
    if (r == 0 && f->acts != f->act_leaves)
        r = err_set(f->ei, ERR_PROOF, "the log has %llu acts, the store knows who did %llu",
                    (unsigned long long)f->act_leaves, (unsigned long long)f->acts);
    if (r == 0 && f->holds != f->held)
        r = err_set(f->ei, ERR_PROOF, "the log has %lld holds, the store %lld",
                    (long long)f->holds, (long long)f->held);
    if (r == 0 && f->ret->malformed > 0)
        r = err_set(f->ei, ERR_PROOF, "%llu leaves are not of their form",
                    (unsigned long long)f->ret->malformed);
    return r;
}

int
fsck_run(const struct fsck_of *of, uint64_t size, struct fsck_result *ret, struct errinfo *ei)
{
    struct fsck *f = calloc(1, sizeof *f);
    int r;

    *ret = (struct fsck_result){0};
    ei->text[0] = '\0';
    if (f == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    f->of = of;
    f->ret = ret;
    f->ei = ei;
    f->size = size;
    r = run(f);
    free(f);
    return r;
}
