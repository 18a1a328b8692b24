/* detente vuln show: all that feeds say of one vulnerability, and where it is. */
#include <stdlib.h>
#include <string.h>

#include "cli/outline.h"
#include "cli/vuln.h"
#include "cli/vuln_findings.h"

enum { SHOWN = 20 /* products, to people */ };

struct shown {
    struct outline o;
    struct vulndb *db;
    struct figures figures;
    struct findings findings; /* all of this vulnerability */
    uint64_t vuln;
    int64_t *product;
    uint32_t products;
    struct buf space;
    struct buf name;
};

const struct cmd_option vuln_show_options[] = {CMD_JSON_OPTION, {0}};

static int
failed(struct shown *x, int r)
{
    return cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(x->db));
}

/* ---- figures -------------------------------------------------------------------------------
 */

static void
put_source(struct shown *x, enum feed_kind kind)
{
    outline_str(&x->o, "source", feed_kind_who(kind));
    outline_time(&x->o, "as_of", x->findings.risk.date[kind]);
}

static void
put_kev(struct shown *x)
{
    const struct figures *f = &x->figures;

    if (!f->in_kev)
        return;
    outline_map(&x->o, "exploited");
    outline_text(&x->o, "name", f->name);
    outline_text(&x->o, "vendor", f->vendor);
    outline_text(&x->o, "product", f->product);
    outline_bool(&x->o, "ransomware", f->ransomware);
    outline_day(&x->o, "added", f->added);
    outline_day(&x->o, "due", f->due);
    put_source(x, FEED_KEV);
    outline_close(&x->o);
}

static void
put_epss(struct shown *x)
{
    if (!x->figures.has_epss)
        return;
    outline_map(&x->o, "epss");
    outline_decimal(&x->o, "probability", x->figures.epss / 10, 5);
    outline_decimal(&x->o, "percentile", x->figures.percentile / 10, 5);
    put_source(x, FEED_EPSS);
    outline_close(&x->o);
}

static void
put_ssvc(struct shown *x, const struct facts *f)
{
    static const char *const exploitation[] = {NULL, "none", "poc", "active"};
    static const char *const answer[] = {NULL, "no", "yes"};
    static const char *const impact[] = {NULL, "partial", "total"};

    if (f->exploitation == 0 && f->automatable == 0 && f->impact == 0)
        return;
    outline_map(&x->o, "ssvc");
    outline_str(&x->o, "exploitation", exploitation[f->exploitation & 3]);
    outline_str(&x->o, "automatable", f->automatable < 3 ? answer[f->automatable] : NULL);
    outline_str(&x->o, "technical_impact", f->impact < 3 ? impact[f->impact] : NULL);
    outline_time(&x->o, "at", f->ssvc_at);
    outline_close(&x->o);
}

static void
put_facts(struct shown *x, const char *key, enum feed_kind kind, const struct facts *f)
{
    outline_map(&x->o, key);
    if (f->rejected)
        outline_bool(&x->o, "rejected", true);
    if (f->cvss_version != 0) {
        outline_decimal(&x->o, "score", f->score, 1);
        outline_decimal(&x->o, "cvss", f->cvss_version, 1);
    }
    if (f->severity > 0 && f->severity <= PRIORITY_SEVERITY_CRITICAL)
        outline_str(&x->o, "severity",
                    findings_severity_name((enum priority_severity)f->severity));
    outline_text(&x->o, "vector", f->vector);
    outline_text(&x->o, "weaknesses", f->cwes);
    put_ssvc(x, f);
    outline_time(&x->o, "published", f->published);
    outline_time(&x->o, "modified", f->modified);
    outline_text(&x->o, "text", f->text);
    put_source(x, kind);
    outline_close(&x->o);
}

/* ---- where it is ---------------------------------------------------------------------------
 */

static int
put_record(void *arg, enum feed_kind kind, struct slice key, struct utime modified)
{
    struct shown *x = arg;

    if (key.len == 0)
        return 0;
    outline_map(&x->o, NULL);
    outline_text(&x->o, "id", key);
    outline_str(&x->o, "feed", feed_kind_name(kind));
    outline_time(&x->o, "modified", modified);
    outline_close(&x->o);
    return 0;
}

static int
keep_product(void *arg, int64_t product, int64_t space)
{
    struct shown *x = arg;

    (void)space;
    if ((x->products & (x->products - 1)) == 0) {
        int64_t *more = realloc(x->product, (x->products == 0 ? 1 : 2 * (size_t)x->products) *
                                                sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        x->product = more;
    }
    x->product[x->products++] = product;
    return 0;
}

static int
by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int
put_product(struct shown *x, int64_t product)
{
    int r;

    buf_reset(&x->space);
    buf_reset(&x->name);
    r = vulndb_product_name(x->db, product, &x->space, &x->name);
    if (r < 0)
        return r == ERR_NOTFOUND ? 0 : r;
    if (x->o.json) {
        outline_map(&x->o, NULL);
        outline_text(&x->o, "system", buf_get(&x->space));
        outline_text(&x->o, "name", buf_get(&x->name));
        outline_close(&x->o);
    } else {
        buf_text(&x->space, "  ");
        buf_slice(&x->space, buf_get(&x->name));
        outline_text(&x->o, NULL, buf_get(&x->space));
    }
    return 0;
}

static int
put_products(struct shown *x)
{
    uint32_t shown = 0;
    int r = vulndb_products_of(x->db, x->vuln, keep_product, x);

    if (x->products > 0)
        qsort(x->product, x->products, sizeof *x->product, by_number);
    outline_list(&x->o, "products");
    for (uint32_t i = 0; r == 0 && i < x->products; i++) {
        if (i > 0 && x->product[i] == x->product[i - 1])
            continue;
        if (x->o.json || shown < SHOWN)
            r = put_product(x, x->product[i]);
        shown++;
    }
    if (!x->o.json && shown > SHOWN)
        outline_say(&x->o, "and more: --json has them all");
    outline_close(&x->o);
    return r;
}

static void
put_own(struct shown *x)
{
    const struct findings *f = &x->findings;

    outline_list(&x->o, "own_assets");
    for (uint32_t i = 0; i < f->count; i++) {
        const struct scan_finding *s = &f->scan.finding[f->finding[i].at];
        const struct scan_item *it = &f->scan.item[s->item];

        outline_map(&x->o, NULL);
        outline_str(&x->o, "asset", f->scan.asset[it->asset].name);
        outline_text(&x->o, "package", it->name);
        outline_text(&x->o, "version", it->version);
        outline_text(&x->o, "fixed", s->fixed);
        outline_str(&x->o, "state", finding_state_name(f->finding[i].state));
        outline_close(&x->o);
    }
    outline_close(&x->o);
}

static int
put_all(struct shown *x)
{
    const struct figures *f = &x->figures;
    struct outline *o = &x->o;
    int r;

    buf_reset(&x->name);
    r = vulndb_id_text(x->db, x->vuln, &x->name);
    outline_text(o, "cve", buf_get(&x->name));
    put_kev(x);
    put_epss(x);
    if (f->has_nvd)
        put_facts(x, "nvd", FEED_NVD, &f->nvd);
    if (f->has_cve5)
        put_facts(x, "cve_record", FEED_CVE5, &f->cve5);
    outline_list(o, "advisories");
    if (r == 0)
        r = vulndb_records_of(x->db, x->vuln, put_record, x);
    outline_close(o);
    if (r == 0)
        r = put_products(x);
    put_own(x);
    if (r < 0) {
        outline_drop(o);
        return failed(x, r);
    }
    return outline_end(o);
}

static int
count_record(void *arg, enum feed_kind kind, struct slice key, struct utime modified)
{
    (void)kind;
    (void)key;
    (void)modified;
    ++*(unsigned *)arg;
    return 0;
}

static int
is_known(struct shown *x, const char *text)
{
    unsigned records = 0;
    int r = vulndb_id(x->db, slice_of(text), &x->vuln);
    int figures = r == 0 ? vulndb_figures(x->db, x->vuln, &x->figures) : ERR_NOTFOUND;

    if (r == 0)
        r = vulndb_records_of(x->db, x->vuln, count_record, &records);
    if (r == ERR_NOTFOUND || (r == 0 && figures == ERR_NOTFOUND && records == 0))
        return cli_fail(ERR_NOTFOUND,
                        "no feed here says anything of `%s`; `detente vuln feeds` shows what "
                        "was taken in",
                        text);
    if (r == 0 && figures < 0 && figures != ERR_NOTFOUND)
        r = figures;
    return r < 0 ? failed(x, r) : 0;
}

int
vuln_run_show(struct cli *cli)
{
    struct shown x = {.space = {.max = 4096}, .name = {.max = 4096}};
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "vuln show takes a vulnerability, such as CVE-2021-44228");
    r = vuln_open(cli, false, &x.findings.db);
    x.db = x.findings.db;
    if (r == 0)
        r = is_known(&x, cli->argv[0]);
    if (r == 0) {
        x.findings.options = (struct scan_options){.asset = "", .fixed = true};
        r = findings_of(cli, &x.findings, x.vuln);
    }
    if (r == 0) {
        outline_begin(&x.o, cli_option(cli, "json") != NULL);
        r = put_all(&x);
    }
    figures_release(&x.figures);
    findings_close(&x.findings);
    buf_release(&x.space);
    buf_release(&x.name);
    free(x.product);
    return r;
}
