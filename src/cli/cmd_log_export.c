/* detente log export: this node's log, or what is held of a counterpart's, in the layout of
 * C2SP tlog-tiles. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/cmd_log.h"
#include "cli/output.h"
#include "model/text.h"
#include "note/checkpoint.h"
#include "role/mirror.h"

enum { BUNDLE_MAX = LEDGER_TILE * (2 + LEDGER_ENTRY_MAX) };

static int
save(const char *dir, const char *name, struct slice bytes, struct errinfo *ei)
{
    char path[4096];

    if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, name) >= sizeof path)
        return err_set(ei, ERR_LIMIT, "the path is too long");
    for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(path, 0777) < 0 && errno != EEXIST) {
            err_file(ei, path);
            return err_set(ei, err_named(errno), "cannot be made: %s", strerror(errno));
        }
        *at = '/';
    }
    return cli_write_file(path, bytes, 0644, ei);
}

/* A tile, and at level 0 the bundle of its entries. */
static int
save_tile(struct ledger *l, const char *dir, struct ledger_tile_ref t, struct errinfo *ei)
{
    uint64_t size = ledger_signed_size(l);
    struct tile_path p = {t.n, t.level, t.width, false};
    char name[TILE_PATH_TEXT];
    AUTO_BUF(b, BUNDLE_MAX);
    int r = ledger_tile(l, t, size, &b);

    (void)tile_path_format(&p, name);
    if (r == 0)
        r = save(dir, name, buf_get(&b), ei);
    if (r < 0 || t.level > 0)
        return r;
    buf_reset(&b);
    p.entries = true;
    (void)tile_path_format(&p, name);
    r = ledger_bundle(l, t, size, &b);
    return r < 0 ? r : save(dir, name, buf_get(&b), ei);
}

static int
save_tiles(struct ledger *l, const char *dir, struct errinfo *ei)
{
    for (unsigned level = 0; level < LEDGER_LEVELS; level++) {
        struct ledger_tile_ref edge;
        int r = 0;

        ledger_edge_tile(ledger_signed_size(l), level, &edge);
        for (uint64_t n = 0; n < edge.n && r == 0; n++)
            r = save_tile(l, dir, (struct ledger_tile_ref){level, LEDGER_TILE, n}, ei);
        if (r == 0 && edge.width > 0)
            r = save_tile(l, dir, edge, ei);
        if (r < 0)
            return r;
    }
    return 0;
}

static int
compare_own(void *arg, struct slice note, struct errinfo *ei)
{
    const struct view *v = arg;
    struct errinfo why = {.text = ""};
    struct tree_head was;
    int r = view_compare(v, note, ledger_signed_size(v->ledger), &was, &why);

    if (r < 0 && was.size == 0)
        return err_set(ei, ERR_CONF,
                       "is of another log, or none (%s): give another directory, or remove "
                       "what is there",
                       why.text);
    if (r == ERR_LIMIT)
        return err_set(ei, ERR_PROOF,
                       "has %llu leaves of this log, which has %llu itself: it was put back to "
                       "an older state",
                       (unsigned long long)was.size,
                       (unsigned long long)ledger_signed_size(v->ledger));
    if (r == ERR_PROOF)
        return err_set(ei, r,
                       "is signed by this log's key over another history: keep it, two "
                       "histories under one key are a proof of that");
    return r < 0 ? err_set(ei, r, "cannot be compared: %s", err_text(r)) : 0;
}

/* What was exported there before is gone on with, never written over. */
static int
check_target(const char *dir, int (*compare)(void *arg, struct slice note, struct errinfo *ei),
             void *arg, struct errinfo *ei)
{
    char path[4096];
    char *bytes = NULL;
    size_t len = 0;
    int r;

    if ((size_t)snprintf(path, sizeof path, "%s/checkpoint", dir) >= sizeof path)
        return err_set(ei, ERR_LIMIT, "the path is too long");
    if (access(path, F_OK) < 0 && errno == ENOENT)
        return 0;
    r = cli_read_file(path, NOTE_MAX, &bytes, &len, ei);
    if (r == 0)
        r = compare(arg, (struct slice){bytes, len}, ei);
    free(bytes);
    return r;
}

struct held {
    struct mirror *mirror;
    const char *origin;
};

/* What is held of another's log has no key here that it must be by: its tree decides. */
static int
compare_mirror(void *arg, struct slice bytes, struct errinfo *ei)
{
    const struct held *h = arg;
    struct mirror *m = h->mirror;
    struct errinfo why;
    struct checkpoint c;
    struct hash root;
    struct note note;
    int r;

    if (note_parse(bytes, NOTE_MAX, &note, &why) < 0 || checkpoint_parse(note.text, &c) < 0 ||
        !slice_is(c.origin, h->origin))
        return err_set(ei, ERR_CONF,
                       "is of another log, or none: give another directory, or remove what is "
                       "there");
    if (c.size > mirror_held(m).size)
        return err_set(ei, ERR_PROOF, "has %llu leaves of that log, %llu are held here",
                       (unsigned long long)c.size, (unsigned long long)mirror_held(m).size);
    r = ledger_root(mirror_ledger(m), c.size, &root);
    if (r < 0)
        return err_set(ei, r, "cannot be compared: %s", err_text(r));
    return hash_eq(&root, &c.root)
               ? 0
               : err_set(ei, ERR_PROOF,
                         "is of another history than what is held here: keep it");
}

/* The checkpoint last: who reads along never sees one without its tiles. */
static int
save_log(struct ledger *l, const struct ledger_storage *s, const char *dir, struct errinfo *ei)
{
    AUTO_BUF(note, NOTE_MAX);
    int r = save_tiles(l, dir, ei);

    if (r == 0)
        r = s->get_note(s->self, ledger_signed_size(l), &note);
    return r < 0 ? r : save(dir, "checkpoint", buf_get(&note), ei);
}

static int
tell(struct ledger *l, const char *dir, int r, const struct errinfo *ei)
{
    if (r < 0)
        return ei->text[0] != '\0' ? cli_fail_at(r, ei) : cli_fail(r, "%s", err_text(r));
    cli_say("%llu leaves written to %s", (unsigned long long)ledger_signed_size(l), dir);
    return 0;
}

static int
export_own(struct cli *cli)
{
    struct ledger_storage s;
    struct errinfo ei = {.text = ""};
    struct view v;
    int r = cli_log_open_at(cli, &v);

    if (r != 0)
        return r;
    store_ledger(v.node.store, &s);
    r = check_target(cli->argv[0], compare_own, &v, &ei);
    if (r == 0)
        r = save_log(v.ledger, &s, cli->argv[0], &ei);
    r = r < 0 && ei.text[0] == '\0' ? cli_log_fail(&v, r)
                                    : tell(v.ledger, cli->argv[0], r, &ei);
    view_close(&v);
    return r;
}

static int
export_held(struct cli *cli, const char *origin)
{
    struct ledger_storage s;
    struct errinfo ei = {.text = ""};
    struct held h = {.origin = origin};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = mirror_look(dir, slice_of(origin), &h.mirror, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    store_ledger(mirror_store(h.mirror), &s);
    r = check_target(cli->argv[0], compare_mirror, &h, &ei);
    if (r == 0)
        r = save_log(mirror_ledger(h.mirror), &s, cli->argv[0], &ei);
    r = tell(mirror_ledger(h.mirror), cli->argv[0], r, &ei);
    (void)mirror_close(h.mirror);
    return r;
}

int
cli_log_export(struct cli *cli)
{
    const char *origin = cli_option(cli, "of");

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "log export takes one directory");
    return origin == NULL ? export_own(cli) : export_held(cli, origin);
}
