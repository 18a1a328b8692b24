#include "role/erase.h"

#include <stdlib.h>

#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "role/engine_priv.h"
#include "store/proofs.h"
#include "store/query.h"

enum { OPENED_MAX = 512 };

struct eraser {
    struct engine *engine;
    struct reader *reader;
    bool refused;
    uint32_t segment; /* the one that fd is, 0 none */
    int fd;
    struct hash commitment[EVENTS_PER_BLOCK];
    struct commit_kept kept[EVENTS_PER_BLOCK];
};

int
eraser_open(struct engine *e, struct eraser **ret)
{
    struct eraser *x = calloc(1, sizeof *x);

    if (x == NULL)
        return ERR_NOMEM;
    x->engine = e;
    x->fd = -1;
    if (reader_open(e->store, e->env, &x->reader) < 0) {
        (void)eraser_close(x);
        return ERR_NOMEM;
    }
    *ret = x;
    return 0;
}

static void
close_segment(struct eraser *x)
{
    if (x->fd >= 0)
        x->engine->env->close(x->engine->env->self, x->fd);
    x->fd = -1;
    x->segment = 0;
}

struct eraser *
eraser_close(struct eraser *x)
{
    if (x == NULL)
        return NULL;
    close_segment(x);
    x->reader = reader_close(x->reader);
    explicit_bzero(x->kept, sizeof x->kept);
    free(x);
    return NULL;
}

bool
eraser_refused(const struct eraser *x)
{
    return x->refused;
}

static int
refuse(struct eraser *x, int r, struct errinfo *ei, uint64_t block, const char *why)
{
    x->refused = true;
    return err_set(ei, r, "block %llu %s", (unsigned long long)block, why);
}

static int
check_hold(struct eraser *x, uint64_t block, struct utime now, struct errinfo *ei)
{
    struct slice name;
    int r = store_find_hold(x->engine->store, block, now, &name);

    if (r != 0)
        return r == ERR_NOTFOUND ? 0 : r;
    x->refused = true;
    return err_set(ei, ERR_BUSY, "block %llu is held for %.*s: a hold wins over erasure",
                   (unsigned long long)block, (int)name.len, name.ptr);
}

/* What stays of the block, after comparing it with the root that its leaf has. */
static int
expand(struct eraser *x, const struct store_block *row, struct errinfo *ei)
{
    struct commit_names names;
    struct commit_block b = {.names = &names};
    struct evidence ev;
    struct slice kept;
    struct hash root;
    int r = reader_block(x->reader, row, true, &ev);

    if (r == ERR_INVALID || r == ERR_GONE)
        return refuse(x, ERR_PROOF, ei, row->block, "is damaged: `detente log fsck --events`");
    if (r < 0)
        return r;
    dict_names(&x->engine->dict, &names);
    b.events = ev.event;
    b.count = ev.count;
    b.raw = ev.raw;
    if (row->erased == ERASURE_NONE && row->key.len == COMMIT_KEY) {
        b.key = (const uint8_t *)row->key.ptr;
        r = commit_expand(&b, x->commitment, &root, x->kept);
    } else {
        r = row->erased == ERASURE_NONE
                ? ERR_NOTFOUND
                : store_get_kept(x->engine->store, row->block, row->erased, &kept);
        if (r < 0 && r != ERR_NOTFOUND)
            return r;
        if (r < 0 || kept.len != ev.count * sizeof x->kept[0])
            return refuse(x, ERR_NOTFOUND, ei, row->block, "has lost its key");
        b.kept = memcpy(x->kept, kept.ptr, kept.len);
        r = commit_block(&b, x->commitment, &root);
    }
    if (r < 0 || !hash_eq(&root, &row->root))
        return refuse(x, ERR_PROOF, ei, row->block, "is damaged: `detente log fsck --events`");
    return 0;
}

static int
write_leaf(struct eraser *x, const struct erase_order *o, const struct store_block *row,
           struct utime now, uint64_t *ret_index, struct errinfo *ei)
{
    static const char *const scopes[] = {"", "raw", "block"};
    struct engine *e = x->engine;
    const struct leaf_span all = {0, row->events - 1};
    struct leaf_erasure leaf = {.block = row->block,
                                .scope = slice_of(scopes[o->scope]),
                                .spans = &all,
                                .span_count = o->scope == ERASURE_RAW,
                                .rule = o->rule};
    uint8_t salt[LEAF_SALT];
    AUTO_BUF(opened, OPENED_MAX);
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    struct hash who;
    int r;

    if (o->who != NULL) {
        e->env->random(e->env->self, salt, sizeof salt);
        leaf_open_person(&opened, o->who->user, o->who->role);
        if (buf_error(&opened) < 0)
            return buf_error(&opened);
        who = leaf_commit(salt, buf_get(&opened));
        leaf.who = &who;
    }
    r = leaf_write_erasure(&entry, now, &leaf, ei);
    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), ret_index);
    if (r == 0 && o->who != NULL)
        r = store_put_opening(e->store, *ret_index,
                              (struct slice){(const char *)salt, sizeof salt},
                              buf_get(&opened));
    return r;
}

static int
erase_one(struct eraser *x, const struct erase_order *o, uint64_t block, struct errinfo *ei)
{
    struct engine *e = x->engine;
    struct store_erasure erased = {
        .block = block, .scope = o->scope, .rule = o->rule, .pending = true};
    struct store_block row;
    struct slice kept;
    int r = store_get_block(e->store, block, &row);

    if (r == ERR_NOTFOUND)
        return refuse(x, r, ei, block, "is not there");
    if (r == 0 && row.erased >= o->scope)
        return refuse(x, ERR_GONE, ei, block, "is erased already");
    if (r == 0)
        r = check_hold(x, block, o->now, ei);
    if (r == 0)
        r = expand(x, &row, ei);
    if (r < 0)
        return r;
    erased.at = engine_next_time(e);
    r = write_leaf(x, o, &row, erased.at, &erased.leaf, ei);
    if (r < 0)
        return r;
    kept =
        o->scope == ERASURE_RAW
            ? (struct slice){(const char *)x->kept, row.events * sizeof x->kept[0]}
            : (struct slice){(const char *)x->commitment, row.events * sizeof x->commitment[0]};
    r = store_erase_proofs(e->store, block); /* what others may fetch of it */
    return r < 0 ? r : store_put_erasure(e->store, &erased, kept);
}

static int
destroy(struct eraser *x, uint64_t block, enum erasure scope, struct errinfo *ei)
{
    const struct env *env = x->engine->env;
    char name[SEGMENT_NAME];
    struct store_block row;
    int r = store_get_block(x->engine->store, block, &row);

    if (r < 0)
        return engine_fail(x->engine, r, ei);
    if (x->fd < 0 || x->segment != row.segment) {
        close_segment(x);
        segment_name(row.segment, name);
        x->fd = env->open(env->self, name, ENV_WRITE);
        x->segment = row.segment;
    }
    r = x->fd < 0 ? x->fd
                  : evidence_destroy(env, x->fd, row.at, row.len, scope == ERASURE_BLOCK);
    return r < 0 ? err_set(ei, r, "the bytes of block %llu cannot be erased: %s",
                           (unsigned long long)block, err_text(r))
                 : 0;
}

struct erasing {
    struct eraser *x;
    const struct erase_order *order;
    uint64_t at; /* the block that it has come to */
};

static int
put_all(void *arg, struct engine *e, struct errinfo *ei)
{
    struct erasing *w = arg;
    int r = 0;

    (void)e;
    for (unsigned i = 0; r == 0 && i < w->order->count; i++) {
        w->at = w->order->block[i];
        r = erase_one(w->x, w->order, w->at, ei);
    }
    return r;
}

int
erase_blocks(struct eraser *x, const struct erase_order *o, uint64_t *ret_bad,
             struct errinfo *ei)
{
    struct erasing w = {.x = x, .order = o};
    int r;

    x->refused = false;
    r = engine_change(x->engine, put_all, &w, &x->refused, ei);
    explicit_bzero(x->kept, sizeof x->kept);
    *ret_bad = w.at;
    return r;
}

struct pending {
    uint64_t block[ERASE_BLOCKS];
    enum erasure scope[ERASE_BLOCKS];
    unsigned count;
};

static int
add_pending(void *arg, uint64_t block, enum erasure scope)
{
    struct pending *p = arg;

    p->block[p->count] = block;
    p->scope[p->count++] = scope;
    return 0;
}

int
erase_scrub(struct eraser *x, uint64_t *ret_before, struct errinfo *ei)
{
    int r = store_scrub(x->engine->store);

    ei->text[0] = '\0';
    *ret_before = ledger_first(x->engine->ledger) + ledger_size(x->engine->ledger);
    if (r == ERR_BUSY || r == ERR_FULL)
        return r;
    return r < 0 ? engine_fail(x->engine, r, ei) : 0;
}

int
erase_destroy(struct eraser *x, uint64_t before, uint64_t *from, struct errinfo *ei)
{
    struct store *s = x->engine->store;
    struct pending p = {.count = 0};
    int r = store_each_pending(s, before, *from, ERASE_BLOCKS, add_pending, &p);

    ei->text[0] = '\0';
    if (r < 0)
        return engine_fail(x->engine, r, ei);
    for (unsigned i = 0; r == 0 && i < p.count; i++) {
        r = destroy(x, p.block[i], p.scope[i], ei);
        *from = p.block[i] + 1;
    }
    if (r == 0 && p.count == ERASE_BLOCKS)
        return 1;
    if (r == 0) {
        r = store_clear_pending(s, before);
        if (r < 0)
            (void)engine_fail(x->engine, r, ei);
    }
    if (r < 0 && r != ERR_FULL)
        store_leave(s);
    return r;
}
