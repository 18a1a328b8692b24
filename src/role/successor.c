#include "role/successor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exchange/statement.h"
#include "ledger/leaf.h"
#include "note/checkpoint.h"
#include "role/book.h"
#include "role/mark.h"
#include "role/node_keys_priv.h"
#include "role/node_priv.h"
#include "role/view.h"
#include "store/pacts.h"

struct making {
    const struct successor *how;
    struct successor_made *ret;
    struct errinfo *ei;
    struct view v;         /* the log as it ended */
    struct store *store;   /* written to */
    struct ledger *ledger; /* of the log that goes on */
    struct book *book;
    struct skey key; /* … and its key */
    struct utime at;
    uint64_t last_block;
    int lock;
};

static int
say_store(struct making *m, int r)
{
    return m->ei->text[0] != '\0' ? r
                                  : err_set(m->ei, r, "the store: %s (%s)", err_text(r),
                                            m->store == NULL ? "" : store_error(m->store));
}

/* ---- where the log ended ----------------------------------------------------------------- */

/* All of it is lost, the key too: what others hold is signed by the key that this party's
 * annexes name, and what was made in its place nobody has seen. */
static bool
is_all_lost(struct making *m)
{
    for (unsigned i = 0; i < m->book->pacts; i++) {
        const struct book_pact *p = &m->book->pact[i];

        for (unsigned k = 0; p->self >= 0 && k < p->keys[ANNEX_LOG].count; k++) {
            const struct role_key *key = &p->keys[ANNEX_LOG].key[k];
            const struct checkpoint_keys keys = {.log = {&key->key, 1}};
            struct checkpoint_signed c;
            struct errinfo why;

            if (!slice_eq(key->party, p->party[p->self].id) ||
                checkpoint_verify(m->how->seen, &keys, &c, &why) < 0 ||
                !slice_eq(c.checkpoint.origin, vkey_name(&m->v.node.vkey)))
                continue;
            m->ret->old = (struct tree_head){c.checkpoint.size, c.checkpoint.root};
            m->ret->here = 0;
            return true;
        }
    }
    return false;
}

/* The largest tree of it that is known to be signed: here, by the mark, by what others hold. */
static int
find_end(struct making *m)
{
    struct ledger *l = m->v.ledger;
    struct tree_head *end = &m->ret->old;
    struct tree_head mark;
    struct tree_head seen;
    int r;

    m->ret->here = end->size = ledger_signed_size(l);
    r = ledger_root(l, end->size, &end->root);
    if (r < 0)
        return err_set(m->ei, r, "the log's root cannot be computed: %s", err_text(r));
    if (mark_read(&m->v.node.env, &mark) == 0 && mark.size > ledger_first(l) + end->size &&
        ledger_generation(mark.size) == ledger_generation(ledger_first(l)))
        *end = (struct tree_head){ledger_index(mark.size), mark.root};
    if (m->how->seen.len == 0)
        return 0;
    r = view_compare(&m->v, m->how->seen, ledger_size(l), &seen, m->ei);
    if (r < 0 && seen.size == 0 && is_all_lost(m)) {
        *m->ei = (struct errinfo){0};
        return 0;
    }
    if (seen.size == 0) {
        struct errinfo why = *m->ei;

        return r < 0 ? err_set(m->ei, ERR_PROOF,
                               "what others hold is no checkpoint of this "
                               "log: %s",
                               why.text)
                     : 0; /* … or of an empty one */
    }
    if (seen.size > end->size)
        *end = seen;
    return 0;
}

static int
newest_block(void *arg, const struct store_block *b)
{
    struct making *m = arg;

    m->last_block = b->block;
    return 1;
}

/* Numbers of blocks that were lost must not come again: there are not more than lost leaves. */
static int
find_last_block(struct making *m)
{
    struct store_range all = {{0}, {INT64_MAX}, true, NULL};
    uint64_t before = 0;
    int r = store_each_block(m->v.node.store, &all, newest_block, m);

    if (r >= 0)
        r = store_get_counter(m->v.node.store, "last_block", &before);
    if (m->last_block < before)
        m->last_block = before;
    if (m->ret->old.size > m->ret->here)
        m->last_block += m->ret->old.size - m->ret->here;
    return r < 0 ? r : 0;
}

/* ---- before anything is made ------------------------------------------------------------- */

static int
check_reason(const struct making *m)
{
    static const char *const reasons[] = {"disk-lost", "key-lost", "key-stolen", "rename"};

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (slice_is(m->how->reason, reasons[i]))
            return 0;
    }
    return err_set(m->ei, ERR_USAGE, "the reason is disk-lost, key-lost, key-stolen or rename");
}

/* Notes that nobody takes would be found out when it is too late. */
static int
check_party_key(struct making *m)
{
    for (unsigned i = 0; i < m->book->pacts; i++) {
        const struct book_pact *p = &m->book->pact[i];

        if (p->self < 0)
            continue;
        m->ret->pacts++;
        if (m->how->key == NULL)
            return err_set(m->ei, ERR_USAGE,
                           "the party's key must sign for pact %s: give its file by --key",
                           p->pact->name);
        if (!vkey_eq(&m->how->key->vkey, &p->pact->party[p->self].key))
            return err_set(m->ei, ERR_AUTH, "%s is not the party's key in pact %s",
                           m->how->key->vkey.name, p->pact->name);
    }
    return 0;
}

/* The old origin, without the number of its generation, and the new one's. */
static int
make_key(struct making *m)
{
    const char *old = m->v.node.vkey.name;
    size_t len = strlen(old);
    char behind[16];
    char origin[KEY_NAME_MAX + 1];
    uint8_t seed[KEY_SEED];
    const struct env *env = &m->v.node.env;
    int r = 0;

    m->ret->generation = store_generation(m->v.node.store) + 1;
    (void)snprintf(behind, sizeof behind, "/%u", m->ret->generation - 1);
    if (m->ret->generation > 2 && len > strlen(behind) &&
        strcmp(old + len - strlen(behind), behind) == 0)
        len -= strlen(behind);
    if (snprintf(origin, sizeof origin, "%.*s/%u", (int)len, old, m->ret->generation) >=
        (int)sizeof origin)
        return err_set(m->ei, ERR_LIMIT, "the log's origin is too long to go on with");
    env->random(env->self, seed, sizeof seed);
    r = skey_make(slice_of(origin), KEY_ED25519, seed, &m->key);
    explicit_bzero(seed, sizeof seed);
    if (r == 0)
        (void)vkey_format(&m->key.vkey, m->ret->key);
    return r < 0 ? err_set(m->ei, r, "no key for `%s`: %s", origin, err_text(r)) : 0;
}

/* ---- what the new log begins with -------------------------------------------------------- */

static int
append(struct making *m, struct buf *entry, int r, uint64_t *ret_leaf)
{
    if (r == 0)
        r = ledger_append(m->ledger, buf_get(entry), ret_leaf);
    buf_reset(entry);
    return r;
}

static int
put_start(struct making *m)
{
    const char *party = m->v.node.conf->party;
    const struct leaf_start start = {.origin = vkey_name(&m->key.vkey),
                                     .generation = m->ret->generation,
                                     .party = slice_of(party[0] != '\0' ? party : "local"),
                                     .software = SLICE("detente " DETENTE_VERSION),
                                     .test = m->v.node.test};
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    uint64_t leaf;

    return append(m, &entry, leaf_write_start(&entry, m->at, &start, m->ei), &leaf);
}

static int
put_key(struct making *m)
{
    const struct leaf_key key = {
        .role = SLICE("log"), .key = slice_of(m->ret->key), .from = m->at, .until = {-1}};
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    uint64_t leaf;

    return append(m, &entry, leaf_write_key(&entry, m->at, &key, m->ei), &leaf);
}

/* p NULL: there is no pact, and nobody to whom it would be signed. */
static int
write_note(struct making *m, const struct book_pact *p, struct buf *note)
{
    const struct tree_head *old = &m->ret->old;
    const struct leaf_value values[] = {
        LEAF_NUMBER("last_block", m->last_block),
        LEAF_TEXT("new", vkey_name(&m->key.vkey)),
        LEAF_TEXT("new_vkey", slice_of(m->ret->key)),
        LEAF_TEXT("old", vkey_name(&m->v.node.vkey)),
        LEAF_HASH("old_root", &old->root),
        LEAF_NUMBER("old_size", old->size),
        LEAF_TEXT("pact", slice_of(p == NULL ? "none" : p->pact->name)),
        LEAF_TEXT("party", p == NULL ? SLICE("local") : p->party[p->self].id),
        LEAF_TEXT("reason", m->how->reason)};

    return statement_write(note, STATEMENT_SUCCESSOR, m->at,
                           (struct leaf_values){values, sizeof values / sizeof values[0]},
                           p == NULL ? &m->key : m->how->key, m->ei);
}

static int
put_successor(struct making *m, const struct book_pact *p)
{
    AUTO_BUF(note, NOTE_MAX);
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    const struct tree_head *old = &m->ret->old;
    struct statement s;
    uint64_t leaf;
    int r = write_note(m, p, &note);

    if (r == 0)
        r = statement_read(buf_get(&note), STATEMENT_SUCCESSOR, &s, m->ei);
    if (r == 0) {
        const struct leaf_value values[] = {
            LEAF_TEXT("old", vkey_name(&m->v.node.vkey)), LEAF_TEXT("reason", m->how->reason),
            LEAF_HASH("root", &old->root), LEAF_NUMBER("size", old->size),
            LEAF_HASH("statement", &s.hash)};

        r = append(m, &entry,
                   leaf_write(&entry, LEAF_SUCCESSOR, m->at,
                              (struct leaf_values){values, sizeof values / sizeof values[0]},
                              m->ei),
                   &leaf);
    }
    if (r < 0 || p == NULL)
        return r;
    return store_put_pact_note(m->store,
                               &(struct store_pact_note){.kind = PACT_NOTE_SUCCESSOR,
                                                         .pact = slice_of(p->pact->name),
                                                         .party = p->party[p->self].id,
                                                         .by = {"", 0},
                                                         .sequence = m->ret->generation,
                                                         .sha256 = s.hash,
                                                         .note = buf_get(&note),
                                                         .leaf = leaf,
                                                         .own = true,
                                                         .taken = m->at});
}

static int
put_successors(struct making *m)
{
    int r = m->ret->pacts == 0 ? put_successor(m, NULL) : 0;

    for (unsigned i = 0; r == 0 && i < m->book->pacts; i++) {
        if (m->book->pact[i].self >= 0)
            r = put_successor(m, &m->book->pact[i]);
    }
    return r;
}

static int
put_counters(struct making *m)
{
    uint64_t before;
    char at[TIME_TEXT];
    char lost[16];
    int r = store_get_counter(m->store, "last_block", &before);

    time_format(m->at, at);
    if (r == 0 && m->last_block > before)
        r = store_add_counter(m->store, "last_block", m->last_block - before);
    if (r == 0)
        r = store_put_meta(m->store, "last_at", (struct slice){at, sizeof at});
    (void)snprintf(lost, sizeof lost, "%u", m->ret->generation - 1);
    if (r == 0 && slice_is(m->how->reason, "disk-lost"))
        r = store_put_meta(m->store, "lost_words", slice_of(lost));
    return r;
}

/* ---- durable ----------------------------------------------------------------------------- */

/* All of it or nothing. */
static int
change(struct making *m)
{
    struct ledger_storage storage;
    int r = store_begin(m->store);

    if (r == 0)
        r = store_end_log(m->store, slice_of(m->ret->key));
    store_ledger(m->store, &storage);
    if (r == 0)
        r = ledger_open(&storage, 0, &m->ledger, m->ei);
    if (r == 0)
        r = put_start(m);
    if (r == 0)
        r = put_successors(m);
    if (r == 0)
        r = put_key(m);
    if (r == 0)
        r = ledger_sign(m->ledger, &m->key, NULL, m->ei);
    if (r == 0)
        r = put_counters(m);
    if (r == 0)
        r = store_commit(m->store);
    if (r < 0) {
        r = say_store(m, r);
        store_rollback(m->store);
    }
    return r;
}

static int
put_mark(struct making *m)
{
    const struct env *env = &m->v.node.env;
    struct tree_head head;
    int r;

    ledger_head(m->ledger, &head);
    head.size += ledger_first(m->ledger);
    r = mark_write(env, &head);
    if (r == 0)
        r = restored_check(env, m->ei);
    return r < 0
               ? err_set(m->ei, r, "the anti-rollback mark cannot be written: %s", err_text(r))
               : 0;
}

/* Last-written time: never before the last leaf of the log that ended. */
static int
set_time(struct making *m)
{
    AUTO_BUF(text, TIME_TEXT);
    struct utime last = {0};
    int r = store_get_meta(m->v.node.store, "last_at", &text);

    if (r == 0)
        r = time_parse(buf_get(&text), &last);
    m->at = m->v.node.env.now_wall(m->v.node.env.self);
    if (m->at.us < last.us)
        m->at = last;
    return r < 0 ? err_set(m->ei, r, "the store: %s", err_text(r)) : 0;
}

static int
prepare(struct making *m, const char *dir)
{
    int r = check_reason(m);

    if (r == 0)
        r = view_open(dir, &m->v, m->ei);
    if (r < 0)
        return r;
    BUG_ON(m->v.node.conf == NULL);
    m->lock = node_lock(dir, m->ei);
    if (m->lock < 0)
        return m->lock;
    r = book_load(m->v.node.store, m->v.node.conf->party, &m->book, m->ei);
    if (r == 0)
        r = check_party_key(m);
    if (r == 0)
        r = find_end(m);
    if (r == 0)
        r = find_last_block(m);
    if (r == 0)
        r = set_time(m);
    if (r == 0)
        r = make_key(m);
    return r < 0 ? say_store(m, r) : 0;
}

/* Beside the one in use, until the store says that the log goes on under it. */
static int
write_key(struct making *m, const char *dir)
{
    AUTO_BUF(text, NODE_KEY_FILE);

    buf_skey(&text, &m->key);
    return node_key_write(dir, NODE_LOG_NEXT, &text, m->ei);
}

static int
make(struct making *m, const char *dir)
{
    int r = store_open(dir, STORE_WRITE, &m->store, m->ei);

    if (r == 0)
        r = store_make_durable(m->store) < 0 ? say_store(m, ERR_IO) : 0;
    if (r == 0)
        r = write_key(m, dir);
    if (r == 0)
        r = change(m);
    if (r < 0)
        return r;
    r = put_mark(m);
    return r < 0 ? r : node_turn_log_key(dir, &m->key.vkey, m->ei);
}

int
successor_make(const char *dir, const struct successor *how, struct successor_made *ret,
               struct errinfo *ei)
{
    struct making *m = calloc(1, sizeof *m);
    int r;

    *ret = (struct successor_made){.here = 0};
    *ei = (struct errinfo){0};
    if (m == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    m->how = how;
    m->ret = ret;
    m->ei = ei;
    m->lock = -1;
    r = prepare(m, dir);
    if (r == 0)
        r = make(m, dir);
    m->ledger = ledger_free(m->ledger);
    m->store = store_close(m->store);
    m->book = book_free(m->book);
    if (m->v.ledger != NULL)
        view_close(&m->v);
    skey_clear(&m->key);
    if (m->lock >= 0)
        (void)close(m->lock);
    free(m);
    return r;
}
