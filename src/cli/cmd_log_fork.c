/* detente log prove-fork, verify-fork: a log of another that signed two histories. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cmd.h"
#include "cli/cmd_log.h"
#include "exchange/fork.h"
#include "note/checkpoint.h"
#include "role/view.h"
#include "store/witnessed.h"
#include "wire/hex.h"

enum { PAIRS = 256 };

struct search {
    struct store *store;
    struct store *mirror; /* NULL: this node holds nothing of that log */
    struct slice origin;
    struct vkey key; /* of the log, as it stands in a note */
    struct buf a;
    struct buf b;
    unsigned notes; /* that fit no history */
    bool found;
    uint64_t size[PAIRS];
    unsigned sizes;
};

static int
each_size(void *arg, const struct store_witnessed *w)
{
    struct search *s = arg;

    s->notes++;
    if (s->sizes < PAIRS)
        s->size[s->sizes++] = w->head.size;
    return 0;
}

static int
each_note(void *arg, const struct store_witnessed *w)
{
    struct search *s = arg;
    bool second = s->a.len > 0;

    if (w->head.size != s->size[s->sizes])
        return 0;
    buf_slice(second ? &s->b : &s->a, w->note);
    return second ? 1 : 0;
}

/* The other history of that size: as it was held, or cosigned, or another that fits neither. */
static int
other_note(struct search *s, uint64_t size)
{
    struct ledger_storage storage;
    struct store_witnessed w;
    int r = ERR_NOTFOUND;

    if (s->b.len > 0)
        return 0;
    if (s->mirror != NULL) {
        store_ledger(s->mirror, &storage);
        r = storage.get_note(storage.self, size, &s->b);
    }
    if (r == ERR_NOTFOUND) {
        r = store_witnessed_at(s->store, s->origin, size, &w);
        if (r == 0)
            buf_slice(&s->b, w.note);
    }
    return r;
}

/* Two notes of one size with two roots. */
static bool
differ(const struct search *s)
{
    struct checkpoint a;
    struct checkpoint b;
    struct note note;
    struct errinfo ei;

    return note_parse(buf_get(&s->a), NOTE_MAX, &note, &ei) == 0 &&
           checkpoint_parse(note.text, &a) == 0 &&
           note_parse(buf_get(&s->b), NOTE_MAX, &note, &ei) == 0 &&
           checkpoint_parse(note.text, &b) == 0 && !hash_eq(&a.root, &b.root);
}

static int
search(struct search *s)
{
    unsigned count;
    int r = store_each_forked(s->store, s->origin, each_size, s);

    count = s->sizes;
    for (s->sizes = 0; r == 0 && s->sizes < count && !s->found; s->sizes++) {
        buf_reset(&s->a);
        buf_reset(&s->b);
        r = store_each_forked(s->store, s->origin, each_note, s);
        if (r >= 0)
            r = other_note(s, s->size[s->sizes]);
        if (r == ERR_NOTFOUND)
            r = 0;
        else if (r == 0)
            s->found = differ(s);
    }
    return r;
}

static void
open_mirror(const char *dir, struct search *s)
{
    struct hash h = sha256_of(s->origin.ptr, s->origin.len);
    char hex[2 * sizeof h.byte + 1] = "";
    char path[4096];
    struct errinfo ei;
    struct stat st;

    hex_encode(h.byte, sizeof h.byte, hex);
    (void)snprintf(path, sizeof path, "%s/mirror/%.64s/detente.db", dir, hex);
    if (stat(path, &st) < 0)
        return;
    (void)snprintf(path, sizeof path, "%s/mirror/%.64s", dir, hex);
    if (store_open(path, STORE_READ, &s->mirror, &ei) < 0)
        s->mirror = NULL;
}

/* The log's key is the caller's to bring. */
static int
take_key(const struct cli *cli, struct vkey *ret)
{
    const char *text = cli_option(cli, "key");

    if (text == NULL || vkey_parse(slice_of(text), ret) < 0)
        return cli_fail(ERR_USAGE, "--key VKEY is needed: the log's, as `log key` prints it "
                                   "there, or as its annex has it"),
               ERR_USAGE;
    return 0;
}

static int
write_proof(const struct cli *cli, const struct search *s)
{
    AUTO_BUF(file, FORK_MAX);
    const struct fork_make m = {.a = buf_get(&s->a), .b = buf_get(&s->b)};
    const char *out = cli_option(cli, "output");
    struct errinfo ei = {0};
    int r = fork_write(&file, &m, (struct vkeys){&s->key, 1}, &ei);

    if (r < 0)
        return cli_fail(r, "the notes that are kept prove nothing: %s", ei.text);
    r = cli_write_file(out == NULL ? "-" : out, buf_get(&file), 0644, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    cli_say("%s signed two histories: check it with `log verify-fork`.", s->key.name);
    return 0;
}

int
cli_log_prove_fork(struct cli *cli)
{
    struct search s = {.sizes = 0};
    struct errinfo ei = {0};
    struct view v;
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "log prove-fork takes no argument: --key names the log");
    if (r == 0)
        r = take_key(cli, &s.key);
    if (r < 0)
        return err_exit(r);
    r = view_open(dir, &v, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    buf_init(&s.a, NOTE_MAX);
    buf_init(&s.b, NOTE_MAX);
    s.store = v.node.store;
    s.origin = vkey_name(&s.key);
    open_mirror(dir, &s);
    r = search(&s);
    if (r < 0)
        r = cli_fail(r, "the store: %s", err_text(r));
    else if (s.found)
        r = write_proof(cli, &s);
    else
        r = cli_fail(ERR_NOTFOUND,
                     "%u notes of %s fit no history that is held; two of "
                     "different sizes prove nothing alone: get the entries",
                     s.notes, s.key.name);
    buf_release(&s.a);
    buf_release(&s.b);
    (void)store_close(s.mirror);
    view_close(&v);
    return r;
}

int
cli_log_verify_fork(struct cli *cli)
{
    struct errinfo ei = {0};
    struct vkey key;
    struct fork f;
    char *file = NULL;
    size_t len = 0;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "log verify-fork takes one file, or -");
    if (take_key(cli, &key) < 0)
        return err_exit(ERR_USAGE);
    r = cli_read_file(cli->argv[0], FORK_MAX, &file, &len, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = fork_verify((struct slice){file, len}, (struct vkeys){&key, 1}, &f, &ei);
    free(file);
    if (r < 0)
        return cli_fail(r, "%s: does not verify: %s", cli->argv[0], ei.text);
    if (f.entry)
        printf("%s signed two histories: entry %llu is another in its trees of %llu and %llu\n",
               key.name, (unsigned long long)f.index, (unsigned long long)f.a_size,
               (unsigned long long)f.b_size);
    else
        printf("%s signed two histories: two roots for %llu entries\n", key.name,
               (unsigned long long)f.a_size);
    return 0;
}
