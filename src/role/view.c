#include "role/view.h"

#include "ledger/ledger.h"

int
view_open(const char *dir, struct view *v, struct errinfo *ei)
{
    struct ledger_storage storage;
    uint64_t size;
    int r;

    *v = (struct view){.node = {.lock = -1}};
    r = node_open(dir, NODE_READ, &v->node, ei);
    if (r < 0)
        return r;
    v->node.env.self = &v->node.posix;
    store_ledger(v->node.store, &storage);
    r = store_ledger_size(v->node.store, &size);
    if (r == 0)
        r = dict_open(&v->dict, v->node.store);
    if (r == 0)
        r = reader_open(v->node.store, &v->node.env, &v->reader);
    if (r < 0)
        r = err_set(ei, r, "the store: %s (%s)", err_text(r), store_error(v->node.store));
    if (r == 0)
        r = ledger_open(&storage, size, &v->ledger, ei);
    if (r < 0) {
        view_close(v);
        return r;
    }
    v->describer = (struct describer){.store = v->node.store,
                                      .reader = v->reader,
                                      .dict = &v->dict,
                                      .attrib = v->node.attrib,
                                      .ledger = v->ledger,
                                      .key = &v->node.vkey};
    return 0;
}

void
view_close(struct view *v)
{
    v->ledger = ledger_free(v->ledger);
    v->reader = reader_close(v->reader);
    dict_release(&v->dict);
    node_close(&v->node);
}
