/* detente inventory show, set, drop, assets: what an asset is (vulndb/inventory.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/outline.h"
#include "cli/output.h"
#include "cli/vuln.h"
#include "model/addr.h"
#include "vuln/priority.h"
#include "vulndb/inventory.h"
#include "wire/csv.h"

static const char *const exposures[] = {"", "small", "controlled", "open"};

static int
failed(struct vulndb *db, int r)
{
    return cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(db));
}

static int
find(struct vulndb *db, const char *name, struct asset *ret)
{
    int r = vulndb_asset_get(db, name, ret);

    return r == ERR_NOTFOUND ? cli_fail(r,
                                        "no asset is called `%s`; `detente inventory list` "
                                        "shows them",
                                        name)
           : r < 0           ? failed(db, r)
                             : 0;
}

/* ---- what is said of one -------------------------------------------------------------------
 */

enum fact { FACT_EXPOSURE, FACT_CRITICALITY, FACT_OWNER, FACT_COUNTRY, FACT_ADDRESSES, FACTS };

/* NULL, or what is wrong with the value. */
static const char *
set_criticality(struct slice text, struct asset *a)
{
    unsigned n = 0;

    a->criticality = 0;
    if (text.len == 0)
        return NULL;
    for (size_t i = 0; i < text.len && n <= 100; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return "the criticality is a whole number, 50 to 100 percent";
        n = 10 * n + (unsigned)(text.ptr[i] - '0');
    }
    if (n < 50 || n > 100)
        return "the criticality is 50 to 100 percent; nothing: not known";
    a->criticality = n;
    return NULL;
}

static const char *
set_fact(enum fact fact, struct slice text, struct asset *a)
{
    if (fact == FACT_EXPOSURE) {
        for (unsigned i = 0; i < 4; i++) {
            if (slice_is(text, exposures[i])) {
                a->exposure = i;
                return NULL;
            }
        }
        return "the exposure is small, controlled or open; nothing: not known";
    }
    if (fact == FACT_CRITICALITY)
        return set_criticality(text, a);
    if (fact == FACT_OWNER) {
        if (text.len >= sizeof a->owner)
            return "the owner's name has at most 127 bytes";
        (void)snprintf(a->owner, sizeof a->owner, "%.*s", (int)text.len, text.ptr);
        return NULL;
    }
    if (text.len != 0 && (text.len != 2 || text.ptr[0] < 'A' || text.ptr[0] > 'Z' ||
                          text.ptr[1] < 'A' || text.ptr[1] > 'Z'))
        return "the country is two capital letters (ISO 3166-1)";
    (void)snprintf(a->country, sizeof a->country, "%.*s", (int)text.len, text.ptr);
    return NULL;
}

/* An address, a prefix, or two addresses with a hyphen between. */
static bool
parse_range(struct slice text, struct addr *low, struct addr *high)
{
    struct slice rest = text;
    struct slice first = slice_part(&rest, '-');
    struct prefix p;

    if (rest.len > 0)
        return addr_parse(first, low) == 0 && addr_parse(rest, high) == 0 &&
               memcmp(low->byte, high->byte, 16) <= 0;
    if (prefix_parse(text, &p) < 0)
        return false;
    *low = *high = p.addr;
    for (unsigned bit = p.len; bit < 128; bit++)
        high->byte[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    return true;
}

/* In the place of those before.  NULL, or what is wrong; *ret_code: of the database. */
static const char *
set_addresses(struct vulndb *db, int64_t asset, struct slice text, int *ret_code)
{
    unsigned n = 0;

    *ret_code = vulndb_addresses_clear(db, asset);
    while (*ret_code == 0 && text.len > 0) {
        struct slice one = slice_part(&text, ' ');
        struct addr low;
        struct addr high;

        if (one.len == 0)
            continue;
        if (!parse_range(one, &low, &high))
            return "addresses are addresses, prefixes whose host bits are zero, or ranges "
                   "LOW-HIGH, with blanks between";
        if (++n > ASSET_ADDRESSES)
            return "an asset has at most 64 addresses";
        *ret_code = vulndb_address_add(db, asset, low.byte, high.byte);
    }
    return NULL;
}

/* ---- set -----------------------------------------------------------------------------------
 */

const struct cmd_option inventory_set_options[] = {
    {"exposure", "HOW", "small, controlled or open to the Internet; \"\": not known", 0},
    {"criticality", "N", "50 to 100 percent; \"\": not known", 0},
    {"owner", "TEXT", "who answers for it", 0},
    {"country", "CC", "of whom it was bought from, two letters", 0},
    {"address", "PREFIX",
     "its addresses, instead of those before; may be given more than once, \"\": none", 0},
    {0}};

static int
set_all(const struct cli *cli, struct vulndb *db, struct asset *a)
{
    static const char *const names[] = {"exposure", "criticality", "owner", "country"};
    AUTO_BUF(addresses, 1 << 16);
    const char *wrong = NULL;
    unsigned n = 0;
    int r;

    for (unsigned i = 0; wrong == NULL && i < FACT_ADDRESSES; i++) {
        if (cli_option(cli, names[i]) != NULL)
            wrong = set_fact((enum fact)i, slice_of(cli_option(cli, names[i])), a);
    }
    if (wrong != NULL)
        return cli_fail(ERR_USAGE, "%s", wrong);
    r = vulndb_asset_set(db, a);
    for (const char *p; (p = cli_option_nth(cli, "address", n)) != NULL; n++) {
        buf_text(&addresses, n > 0 ? " " : "");
        buf_text(&addresses, p);
    }
    if (r == 0 && n > 0)
        wrong = set_addresses(db, a->id, buf_get(&addresses), &r);
    return wrong != NULL ? cli_fail(ERR_USAGE, "%s", wrong) : r < 0 ? failed(db, r) : 0;
}

static int
set_one(const struct cli *cli, struct vulndb *db, const char *name)
{
    struct asset a;
    int r = vulndb_begin(db);
    bool fresh;

    if (r == 0)
        r = vulndb_asset_get(db, name, &a);
    fresh = r == ERR_NOTFOUND;
    if (fresh) {
        int64_t id;

        r = vulndb_asset(db, slice_of(name), &id);
        if (r == 0)
            r = vulndb_asset_get(db, name, &a);
    }
    if (r < 0)
        return failed(db, r);
    r = set_all(cli, db, &a);
    if (r != 0)
        return r;
    r = vulndb_commit(db);
    if (r < 0)
        return failed(db, r);
    if (fresh)
        cli_say("%s is new here: `detente inventory import` tells what is installed on it",
                name);
    return 0;
}

int
inventory_run_set(struct cli *cli)
{
    struct vulndb *db = NULL;
    int r;

    if (cli->argc != 1 || cli->argv[0][0] == '\0' || strlen(cli->argv[0]) >= VULNDB_NAME)
        return cli_fail(ERR_USAGE,
                        "inventory set takes one asset, whose name has 1 to %d bytes",
                        VULNDB_NAME - 1);
    if (cli->givens == 0)
        return cli_fail(ERR_USAGE, "give what to set: --exposure, --criticality, --owner, "
                                   "--country or --address");
    r = vuln_open(cli, true, &db);
    if (r == 0)
        r = set_one(cli, db, cli->argv[0]);
    if (r != 0 && db != NULL)
        vulndb_rollback(db);
    (void)vulndb_close(db);
    return r;
}

/* ---- many ----------------------------------------------------------------------------------
 */

enum { TABLE = 64 << 20, PASSED_OVER = FACTS, NAME };

struct table {
    struct vulndb *db;
    struct csv csv;
    const char *path;
    unsigned what[CSV_FIELDS]; /* enum fact, PASSED_OVER, NAME */
    unsigned columns;
    uint64_t set, fresh;
};

static int
wrong_at(const struct table *t, unsigned column, const char *why)
{
    struct errinfo ei = {0};

    err_file(&ei, t->path);
    return cli_fail_at(err_at(&ei, ERR_INVALID, t->csv.field_line[column],
                              t->csv.field_column[column], "%s", why),
                       &ei);
}

static int
read_header(struct table *t)
{
    static const struct {
        const char *name;
        unsigned what;
    } known[] = {{"asset", NAME},
                 {"exposure", FACT_EXPOSURE},
                 {"criticality", FACT_CRITICALITY},
                 {"owner", FACT_OWNER},
                 {"country", FACT_COUNTRY},
                 {"addresses", FACT_ADDRESSES},
                 {"release", PASSED_OVER},
                 {"packages", PASSED_OVER},
                 {"taken", PASSED_OVER}};
    enum { KNOWN = sizeof known / sizeof known[0] };
    bool named = false;

    t->columns = t->csv.count;
    for (unsigned i = 0; i < t->columns; i++) {
        unsigned k = 0;

        while (k < KNOWN && !slice_is(t->csv.field[i], known[k].name))
            k++;
        if (k == KNOWN)
            return wrong_at(t, i,
                            "is no column: asset, exposure, criticality, owner, country, "
                            "addresses; release, packages and taken are passed over");
        t->what[i] = known[k].what;
        named = named || known[k].what == NAME;
    }
    return named ? 0 : wrong_at(t, 0, "the first line names the columns, and `asset` is one");
}

static int
open_asset(struct table *t, struct asset *ret)
{
    char name[VULNDB_NAME];
    unsigned at = 0;
    int64_t id;
    int r;

    while (t->what[at] != NAME)
        at++;
    if (t->csv.field[at].len == 0 || t->csv.field[at].len >= sizeof name)
        return wrong_at(t, at, "an asset's name has 1 to 127 bytes");
    (void)snprintf(name, sizeof name, "%.*s", (int)t->csv.field[at].len, t->csv.field[at].ptr);
    r = vulndb_asset_get(t->db, name, ret);
    t->fresh += r == ERR_NOTFOUND;
    t->set++;
    if (r == ERR_NOTFOUND) {
        r = vulndb_asset(t->db, slice_of(name), &id);
        if (r == 0)
            r = vulndb_asset_get(t->db, name, ret);
    }
    return r < 0 ? failed(t->db, r) : 0;
}

static int
take_row(struct table *t)
{
    struct asset a = {.id = 0};
    int r;

    if (t->csv.count != t->columns)
        return wrong_at(t, 0, "the line has more or fewer fields than the first");
    r = open_asset(t, &a);
    for (unsigned i = 0; r == 0 && i < t->columns; i++) {
        const char *wrong = NULL;
        int code = 0;

        if (t->what[i] < FACT_ADDRESSES)
            wrong = set_fact((enum fact)t->what[i], t->csv.field[i], &a);
        else if (t->what[i] == FACT_ADDRESSES)
            wrong = set_addresses(t->db, a.id, t->csv.field[i], &code);
        r = wrong != NULL ? wrong_at(t, i, wrong) : code < 0 ? failed(t->db, code) : 0;
    }
    if (r == 0) {
        r = vulndb_asset_set(t->db, &a);
        r = r < 0 ? failed(t->db, r) : 0;
    }
    return r;
}

static int
take_table(struct table *t, char *text, size_t len)
{
    struct errinfo ei = {0};
    int code;
    int r;

    csv_open(&t->csv, text, len);
    err_file(&ei, t->path);
    code = csv_row(&t->csv, &ei);
    if (code == 0)
        return cli_fail(ERR_INVALID, "%s: is empty: the first line names the columns", t->path);
    r = code < 0 ? cli_fail_at(code, &ei) : read_header(t);
    if (r == 0) {
        code = vulndb_begin(t->db);
        r = code < 0 ? failed(t->db, code) : 0;
    }
    while (r == 0 && (code = csv_row(&t->csv, &ei)) == 1)
        r = take_row(t);
    if (r == 0 && code < 0)
        r = cli_fail_at(code, &ei);
    if (r == 0) {
        code = vulndb_commit(t->db);
        r = code < 0 ? failed(t->db, code) : 0;
    }
    if (r != 0)
        vulndb_rollback(t->db);
    return r;
}

int
inventory_run_assets(struct cli *cli)
{
    struct errinfo ei = {0};
    struct table *t;
    char *text = NULL;
    size_t len = 0;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "inventory assets takes one file, as `detente "
                                   "inventory list -o csv` writes it, or `-`");
    r = cli_read_file(cli->argv[0], TABLE, &text, &len, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    t = calloc(1, sizeof *t);
    if (t == NULL) {
        free(text);
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    r = vuln_open(cli, true, &t->db);
    if (r == 0) {
        t->path = cli->argv[0];
        r = take_table(t, text, len);
        if (r == 0)
            cli_say("%s: %llu assets set, %llu of them new", t->path,
                    (unsigned long long)t->set, (unsigned long long)t->fresh);
    }
    (void)vulndb_close(t->db);
    free(t);
    free(text);
    return r;
}

/* ---- drop ----------------------------------------------------------------------------------
 */

int
inventory_run_drop(struct cli *cli)
{
    struct vulndb *db = NULL;
    struct asset a;
    int code;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "inventory drop takes one asset");
    r = vuln_open(cli, true, &db);
    if (r == 0)
        r = find(db, cli->argv[0], &a);
    if (r == 0) {
        code = vulndb_begin(db);
        if (code == 0)
            code = vulndb_asset_forget(db, a.id);
        if (code == 0)
            code = vulndb_commit(db);
        if (code < 0) {
            vulndb_rollback(db);
            r = failed(db, code);
        }
    }
    (void)vulndb_close(db);
    return r;
}

/* ---- show ----------------------------------------------------------------------------------
 */

const struct cmd_option inventory_show_options[] = {
    CMD_JSON_OPTION,
    {"packages", NULL, "what is installed on it, as a list", 0},
    CMD_FORMAT_OPTION,
    {0}};

struct shown {
    struct vulndb *db;
    struct outline outline;
    struct output *o;
    struct listing of; /* whose packages come */
    int64_t current[INVENTORY_KINDS];
};

static int
show_listing(void *arg, const struct listing *l)
{
    struct shown *x = arg;

    outline_map(&x->outline, NULL);
    outline_time(&x->outline, "taken", l->taken);
    outline_str(&x->outline, "kind", inventory_kind_name(l->kind));
    outline_str(&x->outline, "release", l->release);
    outline_u64(&x->outline, "packages", l->packages);
    outline_bool(&x->outline, "counts", l->current);
    outline_close(&x->outline);
    return 0;
}

static int
show_range(void *arg, const uint8_t *low, const uint8_t *high)
{
    struct shown *x = arg;
    AUTO_BUF(text, 2 * ADDR_TEXT + 1);
    struct addr a;

    memcpy(a.byte, low, 16);
    buf_addr(&text, &a);
    if (memcmp(low, high, 16) != 0) {
        memcpy(a.byte, high, 16);
        buf_char(&text, '-');
        buf_addr(&text, &a);
    }
    outline_text(&x->outline, NULL, buf_get(&text));
    return 0;
}

static int
show_facts(const struct cli *cli, struct shown *x, const struct asset *a)
{
    struct outline *o = &x->outline;
    int r;

    outline_begin(o, cli_option(cli, "json") != NULL);
    outline_str(o, "asset", a->name);
    outline_str(o, "exposure",
                a->exposure > 0 && a->exposure < 4 ? exposures[a->exposure] : NULL);
    if (a->criticality > 0)
        outline_u64(o, "criticality", a->criticality);
    outline_str(o, "owner", a->owner);
    outline_str(o, "country", a->country);
    outline_list(o, "addresses");
    r = vulndb_addresses(x->db, a->id, show_range, x);
    outline_close(o);
    outline_list(o, "lists");
    if (r == 0)
        r = vulndb_listings(x->db, a->id, show_listing, x);
    outline_close(o);
    if (r < 0) {
        outline_drop(o);
        return failed(x->db, r);
    }
    return outline_end(o);
}

static const struct column package_columns[] = {
    {"kind", false},         {"system", false}, {"package", false},
    {"version", false},      {"source", false}, {"source_version", false},
    {"architecture", false}, {"purl", false},   {"cpe", false}};

static int
show_package(void *arg, const struct installed *i)
{
    struct shown *x = arg;

    output_str(x->o, inventory_kind_name(x->of.kind));
    output_text(x->o, i->space);
    output_text(x->o, i->name);
    output_text(x->o, i->version);
    output_text(x->o, i->product);
    output_text(x->o, i->compared);
    output_text(x->o, i->architecture);
    output_text(x->o, i->purl);
    output_text(x->o, i->cpe);
    output_end(x->o);
    return 0;
}

static int
mark_current(void *arg, const struct listing *l)
{
    struct shown *x = arg;

    if (l->current)
        x->current[l->kind] = l->id;
    return 0;
}

static int
show_packages(const struct cli *cli, struct shown *x, const struct asset *a)
{
    int r = output_open(cli, package_columns,
                        sizeof package_columns / sizeof package_columns[0], &x->o);

    if (r < 0)
        return err_exit(r);
    r = vulndb_listings(x->db, a->id, mark_current, x);
    for (unsigned k = 0; r == 0 && k < INVENTORY_KINDS; k++) {
        x->of.kind = (enum inventory_kind)k;
        if (x->current[k] != 0)
            r = vulndb_installed(x->db, x->current[k], show_package, x);
    }
    if (r < 0) {
        output_drop(x->o);
        return failed(x->db, r);
    }
    return output_close(x->o, output_rows(x->o)) < 0 ? err_exit(ERR_IO) : 0;
}

int
inventory_run_show(struct cli *cli)
{
    struct shown x = {.db = NULL};
    struct asset a;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "inventory show takes one asset");
    if (cli_option(cli, "packages") == NULL && cli_option(cli, "output") != NULL)
        return cli_fail(ERR_USAGE, "-o is of --packages; --json gives the asset as an object");
    r = vuln_open(cli, false, &x.db);
    if (r == 0)
        r = find(x.db, cli->argv[0], &a);
    if (r == 0)
        r = cli_option(cli, "packages") != NULL ? show_packages(cli, &x, &a)
                                                : show_facts(cli, &x, &a);
    (void)vulndb_close(x.db);
    return r;
}
