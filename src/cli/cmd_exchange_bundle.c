/* detente exchange import, export, root: collections as files of STIX, and as one hash. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/uuid.h"
#include "cli/exchange.h"
#include "cli/output.h"
#include "model/text.h"
#include "role/egress.h"
#include "role/exports.h"
#include "role/keep.h"
#include "role/taking.h"
#include "taxii/root.h"
#include "wire/hex.h"

enum { FILE_MOST = 1 << 30, PATHS = 4096, WRITE_ROOM = 1 << 20 };

/* ---- import ------------------------------------------------------------------------------ */

struct importing {
    struct output *o;
    const char *file;
    struct taking t;
};

static const struct column columns[] = {
    {"file", false}, {"id", false}, {"version", false}, {"reason", false}};

static void
tell(void *arg, const struct taking_refused *x)
{
    struct importing *i = arg;

    output_str(i->o, i->file);
    output_text(i->o, x->id);
    output_text(i->o, x->version);
    output_text(i->o, x->reason);
    output_end(i->o);
}

static int
import_file(struct importing *i, const char *path)
{
    struct parcel e = {.at = NULL};
    struct errinfo ei = {0};
    char *text = NULL;
    size_t len = 0;
    int r = cli_read_file(path, FILE_MOST, &text, &len, &ei);

    i->file = path;
    err_file(&ei, path);
    if (r == 0)
        r = parcel_read(text, len, PARCEL_STIX, PARCEL_BUNDLE, &e, &ei);
    if (r == 0)
        r = taking_put(&i->t, &e, &ei);
    parcel_release(&e);
    free(text);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static int
import_all(struct cli *cli, struct importing *i)
{
    int r = 0;

    for (int at = 0; at < cli->argc; at++) {
        int code = import_file(i, cli->argv[at]); /* one that is none costs only itself */

        r = code != 0 ? code : r;
    }
    if (output_close(i->o, i->t.refused) < 0)
        return err_exit(ERR_IO);
    cli_say("%llu new, %llu the same, %llu refused", (unsigned long long)i->t.added,
            (unsigned long long)i->t.same, (unsigned long long)i->t.refused);
    return r != 0 ? r : i->t.refused > 0;
}

int
exchange_import(struct cli *cli)
{
    const char *into = cli_option(cli, "into");
    struct importing i = {.o = NULL};
    struct errinfo ei = {0};
    const char *dir;
    int r;

    if (cli->argc == 0 || into == NULL)
        return cli_fail(ERR_USAGE, "exchange import takes files of STIX, or `-`, and --into");
    r = cli_dir(cli, &dir);
    if (r < 0)
        return err_exit(r);
    if (output_open(cli, columns, sizeof columns / sizeof *columns, &i.o) < 0)
        return err_exit(ERR_USAGE);
    r = taking_open(dir, into, &i.t, &ei);
    if (r < 0) {
        output_drop(i.o);
        return cli_fail_at(r, &ei);
    }
    i.t.tell = tell;
    i.t.arg = &i;
    r = import_all(cli, &i);
    taking_close(&i.t);
    return r;
}

/* ---- export ------------------------------------------------------------------------------ */

struct exporting {
    FILE *to; /* NULL: only look what would go */
    const struct taking *t;
    struct egress_to whom; /* party "": a copy of one's own */
    uint64_t count;
    uint64_t stays;
    struct export_list gone;
};

static int
write_object(struct exporting *x, const struct store_object *o)
{
    if (x->to == NULL) {
        export_add(&x->gone, o);
        x->count++;
        return buf_error(&x->gone.lines);
    }
    (void)fputs(x->count++ == 0 ? ",\"objects\":[\n" : ",\n", x->to);
    (void)fwrite(o->body.ptr, 1, o->body.len, x->to);
    return ferror(x->to) ? ERR_IO : 0;
}

/* The store is asked of markings meanwhile. */
static int
judge_object(struct exporting *x, const struct store_object *o)
{
    struct store_object copy;
    enum egress e;
    enum tlp tlp;
    char *all;
    int r = egress_copy(o, &copy, &all);

    if (r == 0)
        r = egress_of(&x->whom, &copy, slice_of(x->t->collection.party), &e, &tlp);
    if (r == 0 && !egress_goes(e))
        x->stays++;
    else if (r == 0) {
        x->gone.tlp = tlp > x->gone.tlp ? tlp : x->gone.tlp;
        r = write_object(x, &copy);
    }
    free(all);
    return r;
}

static int
put_object(void *arg, const struct store_object *o)
{
    struct exporting *x = arg;

    return x->whom.party.len == 0 ? write_object(x, o) : judge_object(x, o);
}

static int
walk(struct cli *cli, struct exporting *x)
{
    struct object_query *q = calloc(1, sizeof *q);
    int r = q == NULL ? ERR_NOMEM : 0;

    x->count = x->stays = 0;
    if (r == 0) {
        q->collection = x->t->collection.number;
        q->after.us = -1;
        q->all = cli_option(cli, "all") != NULL;
        q->last = !q->all;
        q->bodies = true;
        r = store_each_object(x->t->node.store, q, put_object, x);
    }
    free(q);
    return r;
}

static int
put_bundle(struct cli *cli, struct exporting *x, FILE *to)
{
    uint8_t random[UUID_BYTES];
    char id[UUID_TEXT + 1];
    int r;

    randombytes_buf(random, sizeof random);
    uuid_random(random, id);
    x->to = to;
    fprintf(to, "{\"type\":\"bundle\",\"id\":\"bundle--%s\"", id);
    r = walk(cli, x);
    (void)fputs(x->count > 0 ? "\n]}\n" : "}\n", to);
    if (r == 0 && (fflush(to) != 0 || ferror(to)))
        r = ERR_IO;
    if (r == 0 && x->whom.party.len > 0)
        cli_say("%llu objects, %llu stay (`exchange explain` says why)",
                (unsigned long long)x->count, (unsigned long long)x->stays);
    else if (r == 0)
        cli_say("%llu objects", (unsigned long long)x->count);
    return r < 0 ? cli_fail(r, "the bundle cannot be written: %s", err_text(r)) : 0;
}

/* ---- for another party: judged, and in the log before it is written ---- */

static int
record(const struct exporting *x, const char *dir)
{
    struct keep_ask ask = {.what = KEEP_EXPORT};
    struct keep_answer answer = {0};
    struct errinfo ei = {0};
    struct export_told t;
    struct keeper *k;
    int r = export_tell(&x->gone, "cli", &t);

    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    (void)snprintf(ask.name, sizeof ask.name, "%.*s", (int)x->whom.party.len,
                   x->whom.party.ptr);
    (void)snprintf(ask.payload, sizeof ask.payload, "%s", t.exit);
    hex_encode(t.list.byte, sizeof t.list.byte, ask.text);
    ask.scope = t.tlp;
    ask.until = (int64_t)t.objects;
    r = keeper_open(dir, &k, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = keeper_do(k, &ask, &answer, &ei);
    k = keeper_close(k);
    if (r < 0)
        return cli_fail_at(r, &ei);
    return answer.status < 0 ? cli_fail_at(answer.status, &answer.ei) : 0;
}

static int
prepare(struct cli *cli, struct exporting *x, struct book **ret)
{
    const char *party = cli_option(cli, "to");
    struct errinfo ei = {0};
    const struct node *n = &x->t->node;
    int r = store_snapshot(n->store); /* what is judged is what is written */

    if (r < 0)
        return cli_fail(r, "the store: %s", err_text(r));
    BUG_ON(n->conf == NULL); /* a node that is open has one */
    if (party == NULL)
        return 0;
    if (!text_is_party(slice_of(party)))
        return cli_fail(ERR_USAGE, "--to takes the id of a party, not `%s`", party);
    r = book_load(n->store, n->conf->party, ret, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    egress_recipient(*ret, n->conf, n->store, slice_of(party), cli_now(), &x->whom);
    if (x->whom.party.len == 0)
        return 0;
    (void)snprintf(x->gone.party, sizeof x->gone.party, "%s", party);
    r = walk(cli, x);
    if (r < 0)
        return cli_fail(r, "%s",
                        r == ERR_LIMIT ? "too many objects for one bundle" : err_text(r));
    return x->count == 0 ? 0 : record(x, x->t->dir);
}

/* Whole or not at all, as it may be larger than memory. */
static int
put_file(struct cli *cli, struct exporting *x, const char *path)
{
    char part[PATHS];
    FILE *to;
    int r;

    if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
        return cli_fail(ERR_USAGE, "%s: is too long a name", path);
    to = fopen(part, "w");
    if (to == NULL)
        return cli_fail(err_named(errno), "%s: cannot be made: %s", part, strerror(errno));
    (void)setvbuf(to, NULL, _IOFBF, WRITE_ROOM);
    r = put_bundle(cli, x, to);
    if (r == 0 && (fsync(fileno(to)) < 0 || rename(part, path) < 0))
        r = cli_fail(err_named(errno), "%s: cannot be written: %s", path, strerror(errno));
    (void)fclose(to);
    if (r != 0)
        (void)unlink(part);
    return r;
}

static int
open_one(struct cli *cli, const char *verb, struct taking *ret)
{
    struct errinfo ei = {0};
    const char *dir;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "exchange %s takes one collection: its id or alias", verb);
    r = cli_dir(cli, &dir);
    if (r < 0)
        return err_exit(r);
    r = taking_open(dir, cli->argv[0], ret, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

int
exchange_export(struct cli *cli)
{
    const char *path = cli_option(cli, "output");
    struct exporting x = {.to = NULL};
    struct book *b = NULL;
    struct taking t = {.dir = NULL};
    int r = open_one(cli, "export", &t);

    if (r != 0)
        return r;
    x.t = &t;
    r = prepare(cli, &x, &b);
    if (r == 0)
        r = path == NULL || strcmp(path, "-") == 0 ? put_bundle(cli, &x, stdout)
                                                   : put_file(cli, &x, path);
    buf_release(&x.gone.lines);
    (void)book_free(b);
    taking_close(&t);
    return r;
}

/* ---- root -------------------------------------------------------------------------------- */

int
exchange_root(struct cli *cli)
{
    char hex[2 * SHA256_SIZE];
    struct taxii_root root;
    struct taking t = {.dir = NULL};
    int r = open_one(cli, "root", &t);

    if (r != 0)
        return r;
    r = taxii_root(t.node.store, t.collection.number, &root);
    taking_close(&t);
    if (r < 0)
        return cli_fail(r, "the store: %s", err_text(r));
    hex_encode(root.hash.byte, SHA256_SIZE, hex);
    printf("%.*s\n", (int)sizeof hex, hex);
    cli_say("%llu objects, all versions of them", (unsigned long long)root.objects);
    return 0;
}
