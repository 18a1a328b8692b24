/* detente inventory diff: what came, went and changed between two lists of what is installed.
 *
 * A package is known by system, name and architecture.  Versions that both have are the same;
 * of those that are left the oldest stands against the oldest, and so on. */
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/vuln.h"
#include "version/version.h"
#include "vuln/cpe.h"
#include "vuln/osv.h"
#include "vulndb/inventory.h"

enum { TEXT_MAX = 1 << 30, MOST = 1 << 21 };

enum { SPACE, NAME, ARCHITECTURE, VERSION, TEXTS };

struct entry {
    uint32_t at; /* in side.text */
    uint16_t len[TEXTS];
};

struct side {
    struct entry *entry;
    uint32_t count;
    uint32_t room;
    struct buf text;
};

static struct slice
part(const struct side *s, const struct entry *e, unsigned which)
{
    size_t at = e->at;

    for (unsigned k = 0; k < which; k++)
        at += e->len[k];
    return (struct slice){s->text.ptr + at, e->len[which]};
}

/* What nothing but a CPE is known of goes by its vendor and product. */
static int
take(void *arg, const struct installed *i)
{
    struct side *s = arg;
    AUTO_BUF(product, CPE_FORMAT);
    struct slice text[TEXTS] = {i->space, i->name, i->architecture, i->version};
    struct cpe cpe;

    if (i->space.len == 0 && i->cpe.len > 0 && cpe_parse(i->cpe, &cpe, NULL) == 0 &&
        cpe_product(&cpe, &product)) {
        text[SPACE] = SLICE("cpe");
        text[NAME] = buf_get(&product);
    }
    if (s->count == MOST)
        return ERR_LIMIT;
    if (s->count == s->room) {
        uint32_t room = s->room == 0 ? 1024 : 2 * s->room;
        struct entry *more = realloc(s->entry, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        s->entry = more;
        s->room = room;
    }
    s->entry[s->count].at = (uint32_t)s->text.len;
    for (unsigned k = 0; k < TEXTS; k++) {
        s->entry[s->count].len[k] = (uint16_t)text[k].len;
        buf_slice(&s->text, text[k]);
    }
    s->count++;
    return buf_error(&s->text);
}

static int
compare_version(struct slice space, struct slice a, struct slice b)
{
    enum version_scheme scheme;
    int c = osv_scheme(space, &scheme) ? version_compare(scheme, a, b) : 0;

    return c != 0 ? c : slice_order(a, b);
}

static int
compare_key(const struct side *a, const struct entry *i, const struct side *b,
            const struct entry *k)
{
    int c = slice_order(part(a, i, NAME), part(b, k, NAME));

    if (c == 0)
        c = slice_order(part(a, i, SPACE), part(b, k, SPACE));
    return c != 0 ? c : slice_order(part(a, i, ARCHITECTURE), part(b, k, ARCHITECTURE));
}

static int
by_key(const void *x, const void *y, void *side)
{
    int c = compare_key(side, x, side, y);

    return c != 0 ? c
                  : compare_version(part(side, x, SPACE), part(side, x, VERSION),
                                    part(side, y, VERSION));
}

static void
settle(struct side *s)
{
    uint32_t kept = 0;

    if (s->count > 0)
        qsort_r(s->entry, s->count, sizeof *s->entry, by_key, s);
    for (uint32_t i = 0; i < s->count; i++) {
        if (i == 0 || by_key(&s->entry[i], &s->entry[kept - 1], s) != 0)
            s->entry[kept++] = s->entry[i];
    }
    s->count = kept;
}

static void
side_release(struct side *s)
{
    free(s->entry);
    buf_release(&s->text);
}

/* ---- one against the other -----------------------------------------------------------------
 */

enum change { ADDED, REMOVED, UPGRADED, DOWNGRADED, CHANGED, CHANGES };
static const char *const changes[CHANGES] = {"added", "removed", "upgraded", "downgraded",
                                             "changed"};

static const struct column columns[] = {
    {"change", false},       {"list", false}, {"system", false}, {"package", false},
    {"architecture", false}, {"from", false}, {"to", false}};

struct diff {
    struct vulndb *db;
    struct output *o;
    const char *list; /* the kind */
    struct side a;
    struct side b;
    uint64_t count[CHANGES];
};

/* Versions of an unknown system are other ones, and no more. */
static enum change
direction(struct slice space, struct slice from, struct slice to)
{
    enum version_scheme scheme;
    int c = osv_scheme(space, &scheme) ? version_compare(scheme, from, to) : 0;

    return c < 0 ? UPGRADED : c > 0 ? DOWNGRADED : CHANGED;
}

static void
put(struct diff *d, const struct side *s, const struct entry *of, enum change change,
    struct slice from, struct slice to)
{
    d->count[change]++;
    output_str(d->o, changes[change]);
    output_str(d->o, d->list);
    output_text(d->o, part(s, of, SPACE));
    output_text(d->o, part(s, of, NAME));
    output_text(d->o, part(s, of, ARCHITECTURE));
    output_text(d->o, from);
    output_text(d->o, to);
    output_end(d->o);
}

/* Those of a group that the other has too go; order is kept. */
static uint32_t
without(const struct side *s, struct entry *e, uint32_t n, const struct side *other,
        const struct entry *there, uint32_t m)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < n; i++) {
        bool same = false;

        for (uint32_t k = 0; !same && k < m; k++)
            same = slice_eq(part(s, &e[i], VERSION), part(other, &there[k], VERSION));
        if (!same)
            e[kept++] = e[i];
    }
    return kept;
}

static void
put_group(struct diff *d, struct entry *a, uint32_t n, struct entry *b, uint32_t m)
{
    struct entry *old = n == 0 ? NULL : malloc(n * sizeof *old);
    uint32_t olds = n;

    /* Each side is thinned by the other as it was. */
    if (old != NULL) {
        memcpy(old, a, n * sizeof *old);
        n = without(&d->a, a, n, &d->b, b, m);
        m = without(&d->b, b, m, &d->a, old, olds);
    }
    free(old);
    for (uint32_t i = 0; i < n || i < m; i++) {
        struct slice from = i < n ? part(&d->a, &a[i], VERSION) : SLICE("");
        struct slice to = i < m ? part(&d->b, &b[i], VERSION) : SLICE("");

        if (i >= m)
            put(d, &d->a, &a[i], REMOVED, from, to);
        else if (i >= n)
            put(d, &d->b, &b[i], ADDED, from, to);
        else
            put(d, &d->a, &a[i], direction(part(&d->a, &a[i], SPACE), from, to), from, to);
    }
}

static uint32_t
group(const struct side *s, uint32_t from)
{
    uint32_t n = from < s->count;

    while (n > 0 && from + n < s->count &&
           compare_key(s, &s->entry[from], s, &s->entry[from + n]) == 0)
        n++;
    return n;
}

static void
compare(struct diff *d)
{
    uint32_t i = 0;
    uint32_t k = 0;

    settle(&d->a);
    settle(&d->b);
    while (i < d->a.count || k < d->b.count) {
        int c = i == d->a.count   ? 1
                : k == d->b.count ? -1
                                  : compare_key(&d->a, &d->a.entry[i], &d->b, &d->b.entry[k]);
        uint32_t n = c <= 0 ? group(&d->a, i) : 0;
        uint32_t m = c >= 0 ? group(&d->b, k) : 0;

        put_group(d, d->a.entry + i, n, d->b.entry + k, m);
        i += n;
        k += m;
    }
}

/* ---- which lists ---------------------------------------------------------------------------
 */

struct pick {
    struct utime since; /* 0: the one before the newest */
    struct utime until;
    int64_t from[INVENTORY_KINDS];
    int64_t to[INVENTORY_KINDS];
};

/* The newest comes first. */
static int
pick_listing(void *arg, const struct listing *l)
{
    struct pick *p = arg;

    if (l->taken.us > p->until.us)
        return 0;
    if (p->to[l->kind] == 0)
        p->to[l->kind] = l->id;
    if (p->from[l->kind] == 0 &&
        (p->since.us == 0 ? p->to[l->kind] != l->id : l->taken.us <= p->since.us))
        p->from[l->kind] = l->id;
    return 0;
}

static int
failed(struct diff *d, int r)
{
    return cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(d->db));
}

static int
read_side(struct diff *d, int64_t listing, struct side *to)
{
    return listing == 0 ? 0 : vulndb_installed(d->db, listing, take, to);
}

static int
pick(struct diff *d, const char *name, struct pick *p)
{
    struct asset a;
    int r = vulndb_asset_get(d->db, name, &a);

    if (r == ERR_NOTFOUND)
        return cli_fail(r, "no asset is called `%s`; `detente inventory list` shows them",
                        name);
    if (r == 0)
        r = vulndb_listings(d->db, a.id, pick_listing, p);
    return r < 0 ? failed(d, r) : 0;
}

static void
reset(struct diff *d)
{
    side_release(&d->a);
    side_release(&d->b);
    d->a = (struct side){.text = {.max = TEXT_MAX}};
    d->b = (struct side){.text = {.max = TEXT_MAX}};
    buf_add(&d->a.text, "", 0);
    buf_add(&d->b.text, "", 0);
}

/* One asset: each kind of list by itself. */
static int
of_one(struct diff *d, const struct pick *p)
{
    unsigned compared = 0;
    int r = 0;

    for (unsigned k = 0; r == 0 && k < INVENTORY_KINDS; k++) {
        if (p->from[k] == 0 || p->to[k] == 0)
            continue;
        compared++;
        reset(d);
        d->list = inventory_kind_name((enum inventory_kind)k);
        r = read_side(d, p->from[k], &d->a);
        if (r == 0)
            r = read_side(d, p->to[k], &d->b);
        if (r == 0)
            compare(d);
    }
    if (r < 0)
        return failed(d, r);
    return compared > 0 ? 0
                        : cli_fail(ERR_NOTFOUND,
                                   "there is nothing to compare with: no list of it is older.  "
                                   "`detente inventory show` tells of when its lists are");
}

/* Two assets: all that counts of each. */
static int
of_two(struct diff *d, const struct pick *a, const struct pick *b)
{
    int r = 0;

    reset(d);
    d->list = "";
    for (unsigned k = 0; r == 0 && k < INVENTORY_KINDS; k++) {
        r = read_side(d, a->to[k], &d->a);
        if (r == 0)
            r = read_side(d, b->to[k], &d->b);
    }
    if (r < 0)
        return failed(d, r);
    compare(d);
    return 0;
}

const struct cmd_option inventory_diff_options[] = {
    CMD_FORMAT_OPTION,
    {"since", "TIME", "against the list that counted then: a date, or 7d", 0},
    {"until", "TIME", "of the list that counted then; now, unless told", 0},
    {0}};

static int
run(const struct cli *cli, struct diff *d, struct pick *a, struct pick *b)
{
    int r = pick(d, cli->argv[0], a);

    if (r == 0 && cli->argc == 2)
        r = pick(d, cli->argv[1], b);
    if (r == 0 && output_open(cli, columns, sizeof columns / sizeof columns[0], &d->o) < 0)
        r = err_exit(ERR_USAGE);
    if (r != 0)
        return r;
    r = cli->argc == 2 ? of_two(d, a, b) : of_one(d, a);
    if (r != 0) {
        output_drop(d->o);
        return r;
    }
    r = output_close(d->o, output_rows(d->o)) < 0 ? err_exit(ERR_IO) : 0;
    cli_say("%llu added, %llu removed, %llu upgraded, %llu downgraded, %llu changed",
            (unsigned long long)d->count[ADDED], (unsigned long long)d->count[REMOVED],
            (unsigned long long)d->count[UPGRADED], (unsigned long long)d->count[DOWNGRADED],
            (unsigned long long)d->count[CHANGED]);
    return r;
}

int
inventory_run_diff(struct cli *cli)
{
    struct diff d = {.db = NULL};
    struct pick a = {.since = {0}};
    struct pick b;
    int r;

    if (cli->argc != 1 && cli->argc != 2)
        return cli_fail(ERR_USAGE, "inventory diff takes one asset, or two");
    if (cli->argc == 2 && cli_option(cli, "since") != NULL)
        return cli_fail(ERR_USAGE, "--since is of one asset; of two give --until at most");
    if (cli_time(cli, "since", (struct utime){0}, &a.since) < 0 ||
        cli_time(cli, "until", TIME_MAX, &a.until) < 0)
        return err_exit(ERR_USAGE);
    b = a;
    r = vuln_open(cli, false, &d.db);
    if (r == 0)
        r = run(cli, &d, &a, &b);
    side_release(&d.a);
    side_release(&d.b);
    (void)vulndb_close(d.db);
    return r;
}
