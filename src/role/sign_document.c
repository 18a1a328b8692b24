#include "role/sign_document.h"

#include <stdio.h>

#include "ledger/ledger.h"
#include "ledger/proof.h"
#include "model/text.h"
#include "role/engine_priv.h"
#include "wire/hex.h"

static const char *const acts[] = {
    [DOCUMENT_PLAN] = "document.sign", [DOCUMENT_DRILL] = "drill.cutoff"};

enum { NAME = DOCUMENT_HASH + 16, NUMBER = 24 };

/* Of the row that says which leaf it is: the log is asked, not believed. */
static void
row_name(struct slice hex, char to[NAME])
{
    (void)snprintf(to, NAME, "document:%.*s", (int)hex.len, hex.ptr);
}

void
sign_document_hex(const struct hash *h, char to[DOCUMENT_HASH])
{
    hex_encode(h->byte, SHA256_SIZE, to);
    to[DOCUMENT_HASH - 1] = '\0';
}

/* ---- signing ----------------------------------------------------------------------------- */

struct work {
    const char *name;
    struct engine_who who;
};

static int
put_all(void *arg, struct engine *e, struct errinfo *ei)
{
    const struct work *w = arg;
    char number[NUMBER];
    uint64_t leaf = ledger_first(e->ledger) + ledger_size(e->ledger);
    int n = snprintf(number, sizeof number, "%llu", (unsigned long long)leaf);
    int r = engine_put_act(e, &w->who, engine_next_time(e), ei);

    return r < 0 ? r : store_put_meta(e->store, w->name, (struct slice){number, (size_t)n});
}

int
sign_document(struct engine *e, enum document what, struct slice hex,
              const struct erase_person *who, struct errinfo *ei)
{
    char name[NAME];
    struct work w = {name, {who->user, who->role, acts[what], hex}};
    AUTO_BUF(there, NUMBER);
    int r;

    row_name(hex, name);
    r = store_get_meta(e->store, name, &there);
    if (r != ERR_NOTFOUND)
        return r < 0 ? err_set(ei, r, "the store: %s", store_error(e->store)) : 0;
    r = engine_check_room(e, 0);
    if (r < 0)
        return err_set(ei, r, "%s", err_text(r));
    return engine_change(e, put_all, &w, NULL, ei);
}

/* ---- checking ---------------------------------------------------------------------------- */

static int
read_row(struct view *v, struct slice hex, uint64_t *ret, struct errinfo *ei)
{
    char name[NAME];
    AUTO_BUF(text, NUMBER);
    int r;

    row_name(hex, name);
    r = store_get_meta(v->node.store, name, &text);
    if (r == ERR_NOTFOUND)
        return err_set(ei, r, "the log has no such document: it is a draft, or was changed");
    if (r < 0)
        return err_set(ei, r, "the store: %s", store_error(v->node.store));
    return text_number(buf_get(&text), NUMBER_MAX, ret) < 0
               ? err_set(ei, ERR_PROOF, "the store names no leaf of the document")
               : 0;
}

static int
check_entry(struct slice entry, struct slice hex, struct utime *ret, struct errinfo *ei)
{
    struct slice action = {"", 0};
    struct slice object = {"", 0};
    struct leaf l;

    leaf_read(entry, &l);
    if (l.reading != LEAF_KNOWN || l.type != LEAF_ACT || leaf_text(&l, "action", &action) < 0 ||
        leaf_text(&l, "object", &object) < 0 || !slice_eq(object, hex) ||
        (!slice_is(action, acts[DOCUMENT_PLAN]) && !slice_is(action, acts[DOCUMENT_DRILL])))
        return err_set(ei, ERR_PROOF, "the leaf that the store names is not of the document");
    *ret = l.at;
    return 0;
}

/* Whose lines they are is for who has their keys. */
static unsigned
lines_of(struct slice lines)
{
    struct slice line;
    unsigned n = 0;

    while (slice_line(&lines, &line))
        n += line.len > 0;
    return n == 0 ? 0 : n - 1;
}

static int
check_proof(struct slice entry, struct slice proof, const struct vkey *key,
            struct signed_document *ret, struct errinfo *ei)
{
    const struct checkpoint_keys keys = {{key, 1}, {NULL, 0}, {NULL, 0}};
    struct hash leaf = tree_leaf(entry);
    struct checkpoint_signed c;
    struct tlog_proof p;
    int r = tlog_proof_verify(proof, &leaf, &keys, &p, &c, ei);

    if (r < 0)
        return r;
    ret->leaf = p.index;
    ret->size = c.checkpoint.size;
    ret->cosigned = lines_of(c.note.lines);
    ret->key[vkey_format(key, ret->key)] = '\0';
    return 0;
}

int
signed_document_find(struct view *v, const struct hash *h, struct signed_document *ret,
                     struct errinfo *ei)
{
    char hex[DOCUMENT_HASH];
    struct vkey key;
    uint64_t leaf = 0;
    int r;

    *ret = (struct signed_document){.leaf = 0};
    buf_init(&ret->entry, LEAF_MAX);
    buf_init(&ret->proof, INCLUSION_MAX);
    sign_document_hex(h, hex);
    r = read_row(v, slice_of(hex), &leaf, ei);
    if (r < 0)
        return r;
    r = inclusion_prove(v->node.store, v->ledger, leaf, &ret->entry, &ret->proof);
    if (r == 0)
        r = inclusion_key(v->node.store, leaf, &key);
    if (r < 0)
        return err_set(ei, r, "leaf %llu: %s", (unsigned long long)ledger_index(leaf),
                       err_text(r));
    r = check_entry(buf_get(&ret->entry), slice_of(hex), &ret->at, ei);
    return r < 0 ? r : check_proof(buf_get(&ret->entry), buf_get(&ret->proof), &key, ret, ei);
}

void
signed_document_release(struct signed_document *d)
{
    buf_release(&d->entry);
    buf_release(&d->proof);
}
