/* detente log fsck: everything read and hashed again.  First the log itself: entries, tiles,
 * checkpoint.  Then the blocks: each row against its leaf, each leaf with its row; and with
 * --events every event against the root that its block's leaf has. */
#include <stdlib.h>

#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/cmd_log.h"
#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "role/view.h"
#include "wire/hex.h"

struct fsck {
    struct view view;
    struct ledger_storage storage;
    struct ledger_check log;
    bool events;
    uint64_t block_leaves;
    uint64_t malformed;
    uint64_t blocks;
    uint64_t checked; /* events */
    uint64_t erased;  /* blocks without a key */
    struct hash commitment[EVENTS_PER_BLOCK];
    struct errinfo ei;
};

static int
count_leaf(void *arg, uint64_t index, struct slice entry)
{
    struct fsck *f = arg;
    struct leaf leaf;

    leaf_read(entry, &leaf);
    f->block_leaves += leaf.reading == LEAF_KNOWN && leaf.type == LEAF_BLOCK;
    if (leaf.reading == LEAF_MALFORMED || leaf.reading == LEAF_FOREIGN) {
        cli_say("leaf %llu: %s: %s", (unsigned long long)index, leaf_reading_name(leaf.reading),
                leaf.why);
        f->malformed++;
    }
    return 0;
}

struct wanted {
    const struct store_block *row;
    struct errinfo *ei;
};

/* The leaf of a block says what the row says. */
static int
compare_leaf(void *arg, uint64_t index, struct slice entry)
{
    const struct wanted *w = arg;
    struct leaf leaf;
    struct hash root;
    struct hash figures;
    uint64_t block;
    uint64_t events;

    leaf_read(entry, &leaf);
    if (leaf.reading != LEAF_KNOWN || leaf.type != LEAF_BLOCK ||
        leaf_number(&leaf, "block", &block) < 0 || leaf_number(&leaf, "events", &events) < 0 ||
        leaf_hash(&leaf, "root", &root) < 0 || leaf_hash(&leaf, "figures", &figures) < 0)
        return err_set(w->ei, ERR_PROOF, "block %llu: leaf %llu is no block's",
                       (unsigned long long)w->row->block, (unsigned long long)index);
    if (block != w->row->block || events != w->row->events || !hash_eq(&root, &w->row->root))
        return err_set(w->ei, ERR_PROOF, "block %llu differs from leaf %llu",
                       (unsigned long long)w->row->block, (unsigned long long)index);
    if (w->row->salt.len != LEAF_SALT ||
        leaf_commit_check(&figures, (const uint8_t *)w->row->salt.ptr, w->row->figures,
                          "figures") < 0)
        return err_set(w->ei, ERR_PROOF, "block %llu: its figures do not open the commitment",
                       (unsigned long long)w->row->block);
    return 0;
}

/* Every event of a block, from the bytes that are kept. */
static int
check_events(struct fsck *f, const struct store_block *row)
{
    struct commit_names names;
    struct evidence ev;
    struct commit_block block;
    struct hash root;
    int r = reader_block(f->view.reader, row, true, &ev);

    if (r < 0)
        return err_set(&f->ei, ERR_PROOF, "block %llu: the evidence cannot be read (%s)",
                       (unsigned long long)row->block, err_text(r));
    dict_names(&f->view.dict, &names);
    block = (struct commit_block){.events = ev.event,
                                  .count = ev.count,
                                  .raw = ev.raw,
                                  .key = (const uint8_t *)row->key.ptr,
                                  .names = &names};
    r = commit_block(&block, f->commitment, &root);
    if (r < 0 || !hash_eq(&root, &row->root))
        return err_set(&f->ei, ERR_PROOF, "block %llu: the events do not give its root",
                       (unsigned long long)row->block);
    f->checked += ev.count;
    return 0;
}

static int
check_block(void *arg, const struct store_block *row)
{
    struct fsck *f = arg;
    struct wanted w = {row, &f->ei};
    int r = f->storage.get_entries(f->storage.self, row->leaf, 1, compare_leaf, &w);

    f->blocks++;
    if (r < 0 && f->ei.text[0] == '\0')
        r = err_set(&f->ei, ERR_PROOF, "block %llu: its leaf %llu is missing",
                    (unsigned long long)row->block, (unsigned long long)row->leaf);
    if (r < 0 || !f->events)
        return r;
    if (row->key.len == 0) {
        f->erased++;
        return 0;
    }
    return check_events(f, row);
}

static int
check_all(struct fsck *f)
{
    static const struct store_range all = {{0}, {INT64_MAX}, false, NULL};
    uint64_t size = ledger_size(f->view.ledger);
    int r = ledger_fsck(&f->storage, size, &f->view.node.vkey, &f->log, &f->ei);

    if (r < 0)
        return r;
    r = f->storage.get_entries(f->storage.self, 0, size, count_leaf, f);
    if (r == 0)
        r = store_each_block(f->view.node.store, &all, check_block, f);
    if (r == 0 && f->blocks != f->block_leaves)
        r = err_set(&f->ei, ERR_PROOF, "the log has %llu block leaves, the store %llu blocks",
                    (unsigned long long)f->block_leaves, (unsigned long long)f->blocks);
    if (r == 0 && f->malformed > 0)
        r = err_set(&f->ei, ERR_PROOF, "%llu leaves are not of their form",
                    (unsigned long long)f->malformed);
    return r;
}

static void
print_good(const struct fsck *f, bool json)
{
    char root[2 * SHA256_SIZE + 1] = "";

    hex_encode(f->log.head.root.byte, SHA256_SIZE, root);
    if (json)
        printf(
            "{\"leaves\":%llu,\"tiles\":%llu,\"root\":\"%s\",\"signed\":%llu,\"blocks\":%llu,"
            "\"events\":%llu,\"erased\":%llu}\n",
            (unsigned long long)f->log.entries, (unsigned long long)f->log.tiles, root,
            (unsigned long long)ledger_signed_size(f->view.ledger),
            (unsigned long long)f->blocks, (unsigned long long)f->checked,
            (unsigned long long)f->erased);
    else
        printf("good: %llu leaves, %llu tiles, root %s, signed up to %llu; %llu blocks, "
               "%llu events hashed again\n",
               (unsigned long long)f->log.entries, (unsigned long long)f->log.tiles, root,
               (unsigned long long)ledger_signed_size(f->view.ledger),
               (unsigned long long)f->blocks, (unsigned long long)f->checked);
}

int
cli_log_fsck(struct cli *cli)
{
    struct fsck *f;
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    f = calloc(1, sizeof *f);
    if (f == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = view_open(dir, &f->view, &f->ei);
    if (r < 0) {
        r = cli_fail_at(r, &f->ei);
        free(f);
        return r;
    }
    f->ei = (struct errinfo){0};
    f->events = cli_option(cli, "events") != NULL;
    store_ledger(f->view.node.store, &f->storage);
    r = check_all(f);
    if (r == 0)
        print_good(f, cli_option(cli, "json") != NULL);
    else
        r = cli_fail(r, "%s: %s", dir, f->ei.text[0] == '\0' ? err_text(r) : f->ei.text);
    view_close(&f->view);
    free(f);
    return r;
}
