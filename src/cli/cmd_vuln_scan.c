/* detente vuln scan: what is installed against what feeds say of it (vulndb/scan.h). */
#include <string.h>

#include "cli/output.h"
#include "cli/vuln.h"
#include "vulndb/scan.h"

enum { LIMIT = 50 };

enum field {
#define FIELD(id, name, number) FIELD_##id,
#include "cli/vuln_field.def"
    FIELDS
};

static const struct column all_columns[FIELDS] = {
#define FIELD(id, name, number) [FIELD_##id] = {(name), (number)},
#include "cli/vuln_field.def"
};

const struct cmd_option vuln_scan_options[] = {
    CMD_FORMAT_OPTION,
    {"asset", "NAME", "of one asset", 0},
    {"fields", "LIST", "columns, by name with commas between", 0},
    {"limit", "N", "rows at most, 50 unless told; 0 all", 0},
    {"lenient", NULL, "what an inventory does not say matches too", 0},
    {0}};

struct scanned {
    struct scan scan;
    struct vulndb *db;
    struct output *o;
    struct column columns[FIELDS];
    enum field field[FIELDS];
    unsigned fields;
    struct buf id;
};

static int
choose_fields(const struct cli *cli, struct scanned *x)
{
    static const char usual[] = "asset,package,version,cve,state,fixed,method";
    const char *list = cli_option(cli, "fields");
    struct slice rest = slice_of(list != NULL ? list : usual);

    while (rest.len > 0) {
        struct slice name = slice_part(&rest, ',');
        unsigned f = 0;

        while (f < FIELDS && !slice_is(name, all_columns[f].name))
            f++;
        if (f == FIELDS || x->fields == FIELDS)
            return cli_fail(ERR_USAGE, "`%.*s` is no column here; detente(1) lists them",
                            (int)name.len, name.ptr);
        x->columns[x->fields] = all_columns[f];
        x->field[x->fields++] = (enum field)f;
    }
    return x->fields == 0 ? cli_fail(ERR_USAGE, "--fields is empty") : 0;
}

static int
put_feeds(struct output *o, uint32_t feeds)
{
    AUTO_BUF(text, 128);

    for (unsigned k = 0; k < FEED_KINDS; k++) {
        if ((feeds >> k & 1) == 0)
            continue;
        if (text.len > 0)
            buf_char(&text, ' ');
        buf_text(&text, feed_kind_name((enum feed_kind)k));
    }
    output_text(o, buf_get(&text));
    return buf_error(&text);
}

static int
put_field(struct scanned *x, const struct scan_finding *f, enum field field)
{
    const struct scan_item *i = &x->scan.item[f->item];
    int r = 0;

    switch (field) {
    case FIELD_ASSET: output_str(x->o, x->scan.asset[i->asset].name); break;
    case FIELD_PACKAGE: output_text(x->o, i->name); break;
    case FIELD_VERSION: output_text(x->o, i->version); break;
    case FIELD_CPE: output_text(x->o, i->cpe); break;
    case FIELD_CVE:
        buf_reset(&x->id);
        r = vulndb_id_text(x->db, f->vuln, &x->id);
        output_text(x->o, buf_get(&x->id));
        break;
    case FIELD_STATE: output_str(x->o, f->ambiguous ? "ambiguous" : "affected"); break;
    case FIELD_FIXED: output_text(x->o, f->fixed); break;
    case FIELD_METHOD: output_str(x->o, scan_method_name((enum scan_method)f->method)); break;
    case FIELD_FEEDS: r = put_feeds(x->o, f->feeds); break;
    case FIELDS: break;
    }
    return r;
}

static int
put_findings(const struct cli *cli, struct scanned *x, uint64_t limit)
{
    int r = output_open(cli, x->columns, x->fields, &x->o);

    if (r < 0)
        return err_exit(r);
    for (uint32_t i = 0; r == 0 && i < x->scan.findings && (limit == 0 || i < limit); i++) {
        for (unsigned k = 0; r == 0 && k < x->fields; k++)
            r = put_field(x, &x->scan.finding[i], x->field[k]);
        output_end(x->o);
    }
    if (r < 0) {
        output_drop(x->o);
        return cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(x->db));
    }
    return output_close(x->o, x->scan.findings) < 0 ? err_exit(ERR_IO) : 0;
}

static int
scan_and_put(const struct cli *cli, struct scanned *x, const struct scan_options *o,
             uint64_t limit)
{
    int r = vulndb_scan(x->db, o, &x->scan);

    if (r == ERR_NOTFOUND)
        return cli_fail(r, "no asset is called `%s`; `detente inventory list` shows them",
                        o->asset);
    if (r < 0)
        return cli_fail(r, "the scan: %s (%s)", err_text(r), vulndb_error(x->db));
    if (x->scan.assets == 0)
        return cli_fail(ERR_NOTFOUND, "no asset is known yet: see `detente inventory import`");
    if (x->scan.superseded > 0)
        cli_say("%llu CPEs are passed over: the distribution's advisories speak for them",
                (unsigned long long)x->scan.superseded);
    return put_findings(cli, x, limit);
}

int
vuln_run_scan(struct cli *cli)
{
    struct scanned x = {.id = {.max = VULNDB_TEXT + 1}};
    struct scan_options o = {.asset = cli_option(cli, "asset"),
                             .lenient = cli_option(cli, "lenient") != NULL};
    uint64_t limit = 0;
    int r = choose_fields(cli, &x);

    if (r != 0)
        return r;
    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "vuln scan takes no arguments");
    if (cli_number(cli, "limit", LIMIT, &limit) < 0)
        return err_exit(ERR_USAGE);
    o.asset = o.asset == NULL ? "" : o.asset;
    for (unsigned i = 0; i < x.fields; i++)
        o.fixed = o.fixed || x.field[i] == FIELD_FIXED;
    r = vuln_open(cli, false, &x.db);
    if (r != 0)
        return r;
    r = scan_and_put(cli, &x, &o, limit);
    vulndb_scan_release(&x.scan);
    buf_release(&x.id);
    (void)vulndb_close(x.db);
    return r;
}
