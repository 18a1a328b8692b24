/* detente bundle: what a counterpart would fetch, in one file that can be carried. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include "cli/bundle.h"
#include "cli/cmd.h"
#include "exchange/bundle.h"
#include "model/text.h"
#include "role/carry.h"
#include "role/removals.h"
#include "role/unload.h"
#include "role/view.h"
#include "wire/hex.h"

enum { CHUNK = 1 << 17, WINDOW_LOG = 23, REFUSED_SAID = 20 /* all are counted */ };

/* ---- reading ----------------------------------------------------------------------------- */

struct member {
    char path[BUNDLE_PATH_MAX + 1];
    uint64_t at;
    uint64_t size;
};

/* Members lie apart, in memory that can be paged out, until the whole of it was found good. */
struct held {
    int fd;
    uint64_t end;
    struct member *member;
    unsigned count;
    unsigned room;
};

struct opened {
    struct view view;
    struct book *book;
    const struct book_pact *pact;
    struct held held;
    struct bundle_reader reader;
    char from[PARTY_MAX + 1];
    unsigned collections; /* in it, and what came of them: */
    bool looks;
    bool holds; /* the key that signed it, now too */
    uint64_t added;
    uint64_t refused;
    uint64_t removed;
    unsigned said; /* of those that were refused */
};

static int
hold(void *arg, struct slice path, struct slice bytes)
{
    struct held *h = arg;

    if (h->count == h->room) {
        unsigned room = h->room == 0 ? 256 : h->room * 2;
        struct member *more = realloc(h->member, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        h->member = more;
        h->room = room;
    }
    if (path.len > BUNDLE_PATH_MAX ||
        (bytes.len > 0 &&
         pwrite(h->fd, bytes.ptr, bytes.len, (off_t)h->end) != (ssize_t)bytes.len))
        return ERR_IO;
    (void)snprintf(h->member[h->count].path, sizeof h->member->path, "%.*s", (int)path.len,
                   path.ptr);
    h->member[h->count].at = h->end;
    h->member[h->count++].size = bytes.len;
    h->end += bytes.len;
    return 0;
}

static int
read_held(const struct held *h, const struct member *m, struct buf *ret)
{
    char *to = buf_reserve(ret, m->size);

    if (to == NULL)
        return buf_error(ret);
    if (pread(h->fd, to, m->size, (off_t)m->at) != (ssize_t)m->size)
        return ERR_IO;
    buf_wrote(ret, m->size);
    return 0;
}

static int
get_held(void *arg, struct slice path, struct buf *ret)
{
    const struct held *h = arg;

    for (unsigned i = 0; i < h->count; i++) {
        if (slice_is(path, h->member[i].path))
            return read_held(h, &h->member[i], ret);
    }
    return ERR_NOTFOUND;
}

static struct slice
path_held(void *arg, unsigned i)
{
    const struct opened *o = arg;

    return slice_of(o->held.member[i].path);
}

static int
get_nth(void *arg, unsigned i, struct buf *ret)
{
    const struct opened *o = arg;

    return read_held(&o->held, &o->held.member[i], ret);
}

/* NOLINTBEGIN(readability-non-const-parameter): what is behind it is written by ZSTD */
static int
push(struct bundle_reader *r, ZSTD_DCtx *z, ZSTD_inBuffer *in, char *out, size_t *ret_more,
     struct errinfo *ei)
/* NOLINTEND(readability-non-const-parameter) */
{
    int err = 0;

    while (err == 0 && (in->pos < in->size || *ret_more == 1)) {
        ZSTD_outBuffer to = {out, CHUNK, 0};
        size_t n = ZSTD_decompressStream(z, &to, in);

        if (ZSTD_isError(n))
            return err_set(ei, ERR_INVALID, "is no bundle: %s", ZSTD_getErrorName(n));
        err = bundle_push(r, (struct slice){out, to.pos}, ei);
        *ret_more = to.pos == CHUNK;
        if (n == 0 && in->pos < in->size)
            return err_set(ei, ERR_INVALID, "has bytes behind its end");
    }
    return err;
}

static int
read_all(int fd, struct bundle_reader *r, struct errinfo *ei)
{
    ZSTD_DCtx *z = ZSTD_createDCtx();
    char *in = malloc(CHUNK);
    char *out = malloc(CHUNK);
    size_t more = 0;
    ssize_t n = 1;
    int err = z == NULL || in == NULL || out == NULL ? ERR_NOMEM : 0;

    if (err == 0)
        (void)ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, WINDOW_LOG);
    while (err == 0 && (n = read(fd, in, CHUNK)) > 0) {
        ZSTD_inBuffer from = {in, (size_t)n, 0};

        err = push(r, z, &from, out, &more, ei);
    }
    if (err == 0 && n < 0)
        err = err_set(ei, ERR_IO, "cannot be read");
    if (err == 0)
        err = bundle_end(r, ei);
    (void)ZSTD_freeDCtx(z);
    free(in);
    free(out);
    return err;
}

/* The pact that is named, or the only one. */
static const struct book_pact *
the_pact(const struct cli *cli, const struct book *b)
{
    const char *name = cli_option(cli, "pact");
    const struct book_pact *p = name != NULL    ? book_pact(b, slice_of(name))
                                : b->pacts == 1 ? &b->pact[0]
                                                : NULL;

    if (p == NULL)
        (void)cli_fail(ERR_CONF,
                       name != NULL    ? "no such pact here: %s"
                       : b->pacts == 0 ? "this node has no pact%s"
                                       : "more than one pact is here: say --pact NAME%s",
                       name != NULL ? name : "");
    else if (p->self < 0)
        (void)cli_fail(ERR_CONF, "this node is no party of pact %s: set `party`",
                       p->pact->name);
    return p == NULL || p->self < 0 ? NULL : p;
}

static void
release(struct opened *o)
{
    if (o->book != NULL) {
        bundle_reader_release(&o->reader);
        if (o->held.fd >= 0)
            (void)close(o->held.fd);
        free(o->held.member);
        o->book = book_free(o->book);
        view_close(&o->view);
    }
}

/* Exit status; 0: it is whole, signed by its sender, and for this node. */
static int
open_bundle(struct cli *cli, struct opened *o)
{
    struct errinfo ei = {0};
    struct bundle_terms terms;
    const char *dir;
    int fd;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "bundle %s takes one file, or -", cli->cmd->verb);
    r = view_open(dir, &o->view, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = book_load(o->view.node.store, o->view.node.conf->party, &o->book, &ei);
    if (r < 0) {
        view_close(&o->view);
        return cli_fail_at(r, &ei);
    }
    o->held.fd = -1;
    o->pact = the_pact(cli, o->book);
    if (o->pact == NULL)
        return err_exit(ERR_CONF);
    terms = (struct bundle_terms){.pact = slice_of(o->pact->pact->name),
                                  .to = o->pact->party[o->pact->self].id,
                                  .message = o->pact->keys[ANNEX_MESSAGE]};
    o->held.fd = memfd_create("bundle", MFD_CLOEXEC);
    bundle_reader_init(&o->reader, &terms, hold, &o->held);
    r = o->held.fd < 0 ? ERR_IO : cli_open(cli->argv[0], &fd, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = read_all(fd, &o->reader, &ei);
    (void)close(fd);
    if (r < 0)
        return cli_fail(r, "%s: %s", cli->argv[0], ei.text[0] == '\0' ? err_text(r) : ei.text);
    (void)snprintf(o->from, sizeof o->from, "%.*s", (int)o->reader.head.from.len,
                   o->reader.head.from.ptr);
    return 0;
}

/* ---- objects ----------------------------------------------------------------------------- */

static void
show_row(const struct unload_row *row)
{
    const struct cargo_about *a = row->about;
    char root[2 * SHA256_SIZE];

    hex_encode(a->root.byte, SHA256_SIZE, root);
    printf("collection %.*s (%.*s): %llu objects, root %.*s%s\n", (int)a->alias.len,
           a->alias.ptr, (int)a->id.len, a->id.ptr, (unsigned long long)a->objects,
           (int)sizeof root, root, a->more ? ", and more that another bundle has" : "");
}

static void
told(void *arg, const struct unload_row *row)
{
    struct opened *o = arg;

    o->collections++;
    o->added += row->added;
    o->refused += row->refused;
    o->removed += row->removed;
    if (row->into[0] == '\0') {
        if (o->looks)
            show_row(row);
        return;
    }
    if (row->added + row->refused > 0)
        printf("into %s: %llu new, %llu the same, %llu refused\n", row->into,
               (unsigned long long)row->added, (unsigned long long)row->same,
               (unsigned long long)row->refused);
    if (row->gap)
        cli_say("%s: objects that were added before are missing: ask for a bundle without "
                "--after; what is here stays",
                row->into);
}

static void
say_refused(void *arg, const struct taking_refused *x)
{
    struct opened *o = arg;

    if (o->said++ < REFUSED_SAID)
        cli_say("refused %.*s %.*s: %.*s", (int)x->id.len, x->id.ptr, (int)x->version.len,
                x->version.ptr, (int)x->reason.len, x->reason.ptr);
}

static struct unload
unload_of(struct opened *o, const char *dir)
{
    return (struct unload){.dir = dir,
                           .from = slice_of(o->from),
                           .count = o->held.count,
                           .path = path_held,
                           .get = get_nth,
                           .told = told,
                           .tell = say_refused,
                           .arg = o};
}

/* Objects have no other signature than the manifest's, by a key that must hold when they are
 * taken too: who has an old one can make old bundles. */
static bool
holds_now(const struct opened *o)
{
    const struct role_key *by = o->reader.head.by;

    return by != NULL && role_key_holds(by, cli_now());
}

static int
check_objects(const struct cli *cli, struct opened *o)
{
    const struct unload u = unload_of(o, "");
    struct errinfo ei = {0};
    int r = unload_check(&u, &ei);

    o->holds = holds_now(o);
    return r < 0 ? cli_fail(r, "%s: %s", cli->argv[0], ei.text) : 0;
}

static int
say_ended(const struct opened *o)
{
    return cli_fail(ERR_PROOF,
                    "the key that signed it holds no more, so its objects are not taken: ask "
                    "%s for another bundle",
                    o->from);
}

static int
run_verify(struct cli *cli)
{
    struct opened *o = calloc(1, sizeof *o);
    char at[TIME_TEXT];
    int r;

    if (o == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = open_bundle(cli, o);
    if (r == 0) {
        time_format(o->reader.head.at, at);
        printf("from %s, packed %.*s: %u files, %llu bytes\n", o->from, TIME_TEXT, at,
               o->held.count, (unsigned long long)o->held.end);
        o->looks = true;
        r = check_objects(cli, o);
    }
    if (r == 0 && o->collections > 0 && !o->holds)
        r = say_ended(o);
    release(o);
    free(o);
    return r;
}

/* What was taken back is removed, as behind a pull. */
static int
take_objects(const char *dir, struct opened *o)
{
    const struct unload u = unload_of(o, dir);
    struct removals_done gone = {.objects = 0};
    struct errinfo ei = {0};
    int r;

    if (o->collections == 0)
        return 0;
    if (!o->holds)
        return say_ended(o);
    r = unload_take(&u, &ei);
    if (o->said > REFUSED_SAID)
        cli_say("%llu were refused in all", (unsigned long long)o->refused);
    if (r == 0)
        r = removals_do(dir, &gone, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    o->removed += gone.objects;
    if (o->removed > 0)
        cli_say("%llu objects were removed, as others took them back",
                (unsigned long long)o->removed);
    return 0;
}

/* ---- import ------------------------------------------------------------------------------ */

static int
say_carried(const struct opened *o, const struct carried *got)
{
    if (got->entries > 0 || got->messages > 0 || got->notes > 0)
        printf("%llu entries of their log, %llu messages, %llu notes\n",
               (unsigned long long)got->entries, (unsigned long long)got->messages,
               (unsigned long long)got->notes);
    else if (o->added == 0 && o->refused == 0)
        printf("nothing new\n");
    if (got->again == CARRIED_GOES_ON)
        cli_say("%s's log goes on under another origin: import it again in a moment, to read "
                "on there",
                o->from);
    if (got->again == CARRIED_UNREAD)
        return cli_fail(ERR_NOTFOUND,
                        "%s's log goes on under another origin, and is not read to its end "
                        "here: ask for what `bundle create --generation N` makes of the one "
                        "before",
                        o->from);
    if (got->again == CARRIED_FULL)
        return cli_fail(ERR_BUSY,
                        "not all of it was taken: there is no room on the disk, or the node "
                        "has just started; import it again");
    if (got->fault != PEER_FINE) {
        cli_say("%s: %s (%.*s)", o->from, peer_fault_text((enum peer_fault)got->fault),
                (int)sizeof got->why, got->why);
        return 1;
    }
    return 0;
}

static int
import(struct cli *cli, struct opened *o)
{
    const char *dir = cli->dir;
    struct carry c = {.party = o->from, .get = get_held, .arg = &o->held};
    struct errinfo ei = {0};
    struct carried got = {.entries = 0};
    int objects;
    int r = check_objects(cli, o);

    if (r != 0)
        return r;
    view_close(&o->view); /* the store is the node's now */
    o->view = (struct view){.node = {.lock = -1}};
    r = cli_dir(cli, &dir);
    if (r < 0)
        return err_exit(r);
    c.dir = dir;
    r = carry(&c, &got, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    objects = take_objects(dir, o); /* also where their log is at fault: a pull goes on too */
    r = say_carried(o, &got);
    return r != 0 ? r : objects;
}

static int
run_import(struct cli *cli)
{
    struct opened *o = calloc(1, sizeof *o);
    int r;

    if (o == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = open_bundle(cli, o);
    if (r == 0)
        r = import(cli, o);
    release(o);
    free(o);
    return r;
}

/* ---- writing ----------------------------------------------------------------------------- */

struct writing {
    ZSTD_CCtx *z;
    char *out;
    FILE *to;
};

static int
put(void *arg, struct slice bytes)
{
    struct writing *w = arg;
    ZSTD_inBuffer in = {bytes.ptr, bytes.len, 0};

    while (in.pos < in.size) {
        ZSTD_outBuffer to = {w->out, CHUNK, 0};

        if (ZSTD_isError(ZSTD_compressStream2(w->z, &to, &in, ZSTD_e_continue)) ||
            fwrite(w->out, 1, to.pos, w->to) != to.pos)
            return ERR_IO;
    }
    return 0;
}

static int
finish(struct writing *w)
{
    ZSTD_inBuffer in = {NULL, 0, 0};
    size_t left;

    do {
        ZSTD_outBuffer to = {w->out, CHUNK, 0};

        left = ZSTD_compressStream2(w->z, &to, &in, ZSTD_e_end);
        if (ZSTD_isError(left) || fwrite(w->out, 1, to.pos, w->to) != to.pos)
            return ERR_IO;
    } while (left > 0);
    return 0;
}

static int
write_bundle(const char *path, struct packing *p, struct errinfo *ei)
{
    struct writing w = {.z = ZSTD_createCCtx(), .out = malloc(CHUNK)};
    char part[4096];
    bool out = strcmp(path, "-") == 0;
    int r;

    (void)snprintf(part, sizeof part, "%s.part", path);
    w.to = w.z == NULL || w.out == NULL ? NULL : out ? stdout : fopen(part, "we");
    r = w.to == NULL ? err_set(ei, ERR_CONF, "%s cannot be made", part) : 0;
    if (r == 0) {
        (void)ZSTD_CCtx_setParameter(w.z, ZSTD_c_windowLog, WINDOW_LOG);
        r = packing_write(p, put, &w, ei);
    }
    if (r == 0)
        r = finish(&w);
    if (w.to != NULL && !out) {
        if (r == 0 && (fflush(w.to) != 0 || fsync(fileno(w.to)) < 0))
            r = ERR_IO;
        (void)fclose(w.to);
        if (r == 0 && rename(part, path) < 0)
            r = ERR_IO;
        if (r < 0)
            (void)unlink(part);
    }
    (void)ZSTD_freeCCtx(w.z);
    free(w.out);
    return r < 0 && ei->text[0] == '\0' ? err_set(ei, r, "%s cannot be written", path) : r;
}

static void
say_packed(const struct cli *cli, const struct packing *p)
{
    const char *to = cli->argv[0];
    struct crates_sum s;
    char at[TIME_TEXT];

    packing_objects(p, &s);
    if (s.collections > 0)
        cli_say("%llu objects of %u collections, %llu stay (`exchange explain` says why)",
                (unsigned long long)s.objects, s.collections, (unsigned long long)s.stay);
    if (s.more) {
        time_format(s.reach, at);
        cli_say("There was no room for all: `bundle create %s --after %.*s` makes another one, "
                "to be taken in behind this.",
                to, TIME_TEXT, at);
    }
    cli_say("%u files: carry %s to %s, who runs `bundle import` on it.", packing_files(p),
            cli_option(cli, "output"), to);
}

static int
create(struct cli *cli, struct view *v, const struct book *b)
{
    const struct book_pact *pact = the_pact(cli, b);
    const char *out = cli_option(cli, "output");
    struct packing_ask ask = {.book = b, .pact = pact, .after = {-1}};
    struct errinfo ei = {0};
    struct packing *p = NULL;
    int party;
    int r;

    if (pact == NULL)
        return err_exit(ERR_CONF);
    party = book_party(pact, slice_of(cli->argv[0]));
    if (party < 0 || party == pact->self)
        return cli_fail(ERR_CONF, "no other party %s in pact %s", cli->argv[0],
                        pact->pact->name);
    ask.party = (unsigned)party;
    /* The end of an old log has no collections: they come with the one of today. */
    ask.objects = cli_option(cli, "generation") == NULL;
    r = cli_number(cli, "since", UINT64_MAX, &ask.since);
    if (r == 0)
        r = cli_time(cli, "after", ask.after, &ask.after);
    if (r == 0)
        r = packing_open(v, &ask, &p, &ei);
    if (r == 0)
        r = write_bundle(out, p, &ei);
    if (r == 0)
        say_packed(cli, p);
    p = packing_close(p);
    return r < 0 ? r == ERR_USAGE ? err_exit(r) : cli_fail_at(r, &ei) : 0;
}

static int
run_create(struct cli *cli)
{
    struct errinfo ei = {0};
    struct book *b = NULL;
    struct view v;
    const char *dir;
    uint64_t generation = 0;
    int r = cli_dir(cli, &dir);

    if (r == 0)
        r = cli_number(cli, "generation", 0, &generation);
    if (r < 0)
        return err_exit(r);
    if (cli->argc != 1 || cli_option(cli, "output") == NULL)
        return cli_fail(ERR_USAGE, "bundle create takes a party, and -o FILE");
    r = view_open(dir, &v, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = book_load(v.node.store, v.node.conf->party, &b, &ei);
    if (r == 0 && cli_option(cli, "generation") != NULL)
        r = view_generation(
            &v, generation > LEDGER_GENERATIONS ? LEDGER_GENERATIONS + 1 : (unsigned)generation,
            &ei);
    r = r < 0 ? cli_fail_at(r, &ei) : create(cli, &v, b);
    (void)book_free(b);
    view_close(&v);
    return r;
}

static const struct cmd_option create_options[] = {
    {"pact", "NAME", "of that pact, when there is more than one", 0},
    {"output", "FILE", "where to, - for standard output", 'o'},
    {"since", "SIZE", "entries of the log from there on (default: what they do not hold)", 0},
    {"after", "TIME", "objects of collections that were added after that (default: all)", 0},
    {"generation", "N", "of the log before it went on under another origin: 1 the first", 0},
    {0}};
static const struct cmd_option pact_options[] = {
    {"pact", "NAME", "of that pact, when there is more than one", 0}, {0}};

const struct cmd cmd_bundle[] = {
    {"bundle", "create", "PARTY",
     "all that a party would fetch here, in one file to be carried", create_options,
     run_create},
    {"bundle", "verify", "FILE|-", "is it whole, signed by its sender, and for this node?",
     pact_options, run_verify},
    {"bundle", "import", "FILE|-", "take it in as if its sender had answered", pact_options,
     run_import},
    {0},
};
