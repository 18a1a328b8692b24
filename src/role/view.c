#include "role/view.h"

#include "ledger/ledger.h"
#include "note/checkpoint.h"

int
view_begin(struct view *v, struct errinfo *ei)
{
    struct ledger_storage storage;
    uint64_t size = 0;
    int r;

    store_ledger(v->node.store, &storage);
    r = store_snapshot(v->node.store); /* the log's end and its note are of one moment */
    if (r == 0)
        r = store_ledger_size(v->node.store, &size);
    if (r == 0)
        r = dict_open(&v->dict, v->node.store);
    if (r == 0)
        r = reader_open(v->node.store, &v->node.env, &v->reader);
    if (r < 0)
        r = err_set(ei, r, "the store: %s (%s)", err_text(r), store_error(v->node.store));
    if (r == 0)
        r = ledger_open(&storage, size, &v->ledger, ei);
    store_settle(v->node.store);
    v->describer = (struct describer){.store = v->node.store,
                                      .reader = v->reader,
                                      .dict = &v->dict,
                                      .attrib = v->node.attrib,
                                      .ledger = v->ledger,
                                      .key = &v->node.vkey};
    return r;
}

int
view_open(const char *dir, struct view *v, struct errinfo *ei)
{
    int r;

    *v = (struct view){.node = {.lock = -1}};
    r = node_open(dir, NODE_READ, &v->node, ei);
    if (r < 0)
        return r;
    *ei = (struct errinfo){0}; /* a node without tables is no error */
    v->node.env.self = &v->node.posix;
    r = view_begin(v, ei);
    if (r < 0)
        view_close(v);
    return r;
}

int
view_refresh(struct view *v, struct errinfo *ei)
{
    struct ledger_storage storage;
    struct ledger *fresh;
    uint64_t size = 0;
    int r = store_snapshot(v->node.store);

    if (r == 0)
        r = store_ledger_size(v->node.store, &size);
    if (r == 0 && size == ledger_size(v->ledger))
        return 0;
    if (r == 0)
        r = dict_more(&v->dict, v->node.store);
    if (r < 0)
        return err_set(ei, r, "the store: %s (%s)", err_text(r), store_error(v->node.store));
    store_ledger(v->node.store, &storage);
    r = ledger_open(&storage, size, &fresh, ei);
    if (r < 0)
        return r;
    v->ledger = ledger_free(v->ledger);
    v->ledger = v->describer.ledger = fresh;
    return 0;
}

int
view_generation(struct view *v, unsigned generation, struct errinfo *ei)
{
    struct ledger_storage storage;
    struct ledger *l;
    AUTO_BUF(key, VKEY_TEXT);
    uint64_t size = 0;
    int r = store_look_at(v->node.store, generation);

    if (r == 0)
        r = store_get_log_key(v->node.store, generation, &key);
    if (r == 0 && vkey_parse(buf_get(&key), &v->node.vkey) < 0)
        r = ERR_IO;
    if (r == 0)
        r = store_ledger_size(v->node.store, &size);
    if (r < 0)
        return r == ERR_NOTFOUND ? err_set(ei, r, "the log has no generation %u", generation)
                                 : err_set(ei, r, "the store: %s", store_error(v->node.store));
    store_ledger(v->node.store, &storage);
    r = ledger_open(&storage, size, &l, ei);
    if (r < 0)
        return r;
    v->ledger = ledger_free(v->ledger);
    v->ledger = v->describer.ledger = l;
    return 0;
}

int
view_owners(struct view *v, struct errinfo *ei)
{
    int r = 0;

    if (v->node.conf != NULL && v->node.conf->party[0] != '\0')
        r = book_load(v->node.store, v->node.conf->party, &v->book, ei);
    if (r < 0)
        return r;
    owners_make(&v->owners, v->book);
    v->describer.owners = &v->owners;
    return 0;
}

int
view_reload_tables(struct view *v, struct errinfo *ei)
{
    int r = node_reload_tables(&v->node, ei);

    v->describer.attrib = v->node.attrib;
    return r;
}

int
view_compare(const struct view *v, struct slice note, uint64_t size, struct tree_head *ret,
             struct errinfo *ei)
{
    struct checkpoint_keys keys = {.log = {&v->node.vkey, 1}};
    struct checkpoint_signed c;
    struct hash root;
    int r = checkpoint_verify(note, &keys, &c, ei);

    *ret = (struct tree_head){.size = 0};
    if (r < 0)
        return r;
    *ret = (struct tree_head){c.checkpoint.size, c.checkpoint.root};
    if (ret->size > size)
        return ERR_LIMIT;
    r = ledger_root(v->ledger, ret->size, &root);
    if (r < 0)
        return r;
    return hash_eq(&root, &ret->root) ? 0 : ERR_PROOF;
}

void
view_close(struct view *v)
{
    v->book = book_free(v->book);
    v->ledger = ledger_free(v->ledger);
    v->reader = reader_close(v->reader);
    dict_release(&v->dict);
    node_close(&v->node);
}
