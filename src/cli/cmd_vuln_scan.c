/* detente vuln scan: what is installed against what feeds say of it (vulndb/scan.h), in the
 * order in which to act (role/risk.h). */
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/vuln.h"
#include "cli/vuln_findings.h"
#include "role/feeds.h"

enum { LIMIT = 50 };

enum field {
#define FIELD(id, name, number, figures) FIELD_##id,
#include "cli/vuln_field.def"
    FIELDS
};

static const struct column all_columns[FIELDS] = {
#define FIELD(id, name, number, figures) [FIELD_##id] = {(name), (number)},
#include "cli/vuln_field.def"
};

static const bool needs_figures[FIELDS] = {
#define FIELD(id, name, number, figures) [FIELD_##id] = (figures),
#include "cli/vuln_field.def"
};

const struct cmd_option vuln_scan_options[] = {
    CMD_FORMAT_OPTION,
    VULN_FINDINGS_OPTIONS,
    {"fields", "LIST", "columns, by name with commas between", 0},
    {"limit", "N", "rows at most, 50 unless told; 0 all", 0},
    {"keep", NULL, "keep what was found for `vuln diff`, and from when a deadline counts", 0},
    {"fail-on", "WHAT",
     "exit 1 when something is found that is `any`, `kev`, `low`, `medium`, `high`, `critical` "
     "or worse, or has this risk (0 to 100); what nobody can tell counts as found, and as the "
     "worst",
     0},
    {0}};

struct scanned {
    struct findings f;
    struct output *o;
    struct column columns[FIELDS];
    enum field field[FIELDS];
    unsigned fields;
    struct buf id;
};

static int
choose_fields(const struct cli *cli, struct scanned *x)
{
    static const char usual[] =
        "risk,due,asset,package,version,cve,severity,kev,epss,fixed,state";
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
        x->f.figures = x->f.figures || needs_figures[f];
        x->f.options.fixed = x->f.options.fixed || f == FIELD_FIXED;
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

static void
put_decimal(struct output *o, uint64_t n, unsigned digits)
{
    AUTO_BUF(text, 32);
    uint64_t unit = 1;

    for (unsigned i = 0; i < digits; i++)
        unit *= 10;
    buf_printf(&text, "%llu.%0*llu", (unsigned long long)(n / unit), (int)digits,
               (unsigned long long)(n % unit));
    output_json(o, buf_get(&text), buf_get(&text));
}

static void
put_figure(struct scanned *x, const struct risk_result *r, enum field field)
{
    struct output *o = x->o;
    const struct risk_known *k = r->known;
    char day[TIME_TEXT];

    if (field == FIELD_RISK) {
        put_decimal(o, (r->risk.risk + 50) / 100, 1);
    } else if (field == FIELD_DUE) {
        time_format(r->due, day);
        output_text(o, r->due.us == 0 ? SLICE("next upgrade") : (struct slice){day, 10});
    } else if (field == FIELD_DECISION) {
        output_str(o, priority_deployer_name(r->decision.deployer));
    } else if (field == FIELD_SEVERITY) {
        output_str(o, findings_severity_name(findings_severity(k)));
    } else if (field == FIELD_CVSS && k->cvss_version != 0) {
        put_decimal(o, k->score, 1);
    } else if (field == FIELD_EPSS && k->has_epss) {
        put_decimal(o, k->epss / 10, 5);
    } else if (field == FIELD_KEV) {
        output_str(o, !k->in_kev ? "" : k->ransomware ? "ransomware" : "yes");
    } else {
        output_str(o, "");
    }
}

static int
put_field(struct scanned *x, const struct finding *f, enum field field)
{
    const struct scan_finding *s = &x->f.scan.finding[f->at];
    const struct scan_item *i = &x->f.scan.item[s->item];
    int r = 0;

    if (needs_figures[field]) {
        struct risk_result result;

        r = risk_of(&x->f.risk, s->vuln, &x->f.scan.asset[i->asset], &result);
        if (r == 0)
            put_figure(x, &result, field);
        return r;
    }
    if (field == FIELD_ASSET) {
        output_str(x->o, x->f.scan.asset[i->asset].name);
    } else if (field == FIELD_CVE) {
        buf_reset(&x->id);
        r = vulndb_id_text(x->f.db, s->vuln, &x->id);
        output_text(x->o, buf_get(&x->id));
    } else if (field == FIELD_FEEDS) {
        r = put_feeds(x->o, s->feeds);
    } else if (field == FIELD_STATE) {
        output_str(x->o, finding_state_name(f->state));
    } else if (field == FIELD_METHOD) {
        output_str(x->o, scan_method_name((enum scan_method)s->method));
    } else {
        output_text(x->o, field == FIELD_PACKAGE   ? i->name
                          : field == FIELD_VERSION ? i->version
                          : field == FIELD_CPE     ? i->cpe
                                                   : s->fixed);
    }
    return r;
}

static int
put_findings(const struct cli *cli, struct scanned *x, uint64_t limit)
{
    int r = output_open(cli, x->columns, x->fields, &x->o);

    if (r < 0)
        return err_exit(r);
    for (uint32_t i = 0; r == 0 && i < x->f.count && (limit == 0 || i < limit); i++) {
        for (unsigned k = 0; r == 0 && k < x->fields; k++)
            r = put_field(x, &x->f.finding[i], x->field[k]);
        output_end(x->o);
    }
    if (r < 0) {
        output_drop(x->o);
        return cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(x->f.db));
    }
    return output_close(x->o, x->f.count) < 0 ? err_exit(ERR_IO) : 0;
}

/* ---- for pipelines -------------------------------------------------------------------------
 */

struct threshold {
    bool any, kev;
    enum priority_severity severity; /* UNKNOWN: not asked */
    uint32_t risk;                   /* thousandths; 0: not asked */
};

static int
read_threshold(const char *text, struct threshold *ret)
{
    char *end = NULL;
    double risk;

    ret->any = strcmp(text, "any") == 0;
    ret->kev = strcmp(text, "kev") == 0;
    for (unsigned s = PRIORITY_SEVERITY_LOW; s <= PRIORITY_SEVERITY_CRITICAL; s++) {
        if (strcmp(text, findings_severity_name((enum priority_severity)s)) == 0)
            ret->severity = (enum priority_severity)s;
    }
    if (ret->any || ret->kev || ret->severity != PRIORITY_SEVERITY_UNKNOWN)
        return 0;
    risk = strtod(text, &end);
    if (end == text || *end != '\0' || !(risk > 0 && risk <= 100))
        return cli_fail(ERR_USAGE,
                        "--fail-on takes any, kev, low, medium, high, critical, or a "
                        "risk from 0 to 100, not `%s`",
                        text);
    ret->risk = (uint32_t)(risk * 1000);
    return 0;
}

/* Who knows nothing passes nothing. */
struct feeds_known {
    struct utime now;
    const struct conf *conf;
    unsigned feeds;
    unsigned stale;
    unsigned advisories;
};

static int
know_feed(void *arg, const struct feed *f)
{
    struct feeds_known *k = arg;
    struct utime since = feed_since(f);

    k->feeds++;
    k->stale += k->now.us - since.us > feeds_stale(k->conf, f->kind).us;
    k->advisories += f->kind == FEED_OSV || f->kind == FEED_NVD || f->kind == FEED_CVE5 ||
                     f->kind == FEED_DEBIAN;
    return 0;
}

static int
check_feeds(const struct cli *cli, struct vulndb *db, bool gate)
{
    struct feeds_known k = {.now = cli_now()};
    struct conf *conf = NULL;
    int r = vuln_conf(cli, &conf);

    if (r != 0)
        return r;
    k.conf = conf;
    r = vulndb_feeds(db, know_feed, &k);
    (void)conf_free(conf);
    if (r < 0)
        return cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(db));
    if (k.stale > 0)
        cli_say("%u of %u feeds are stale: see `detente vuln feeds`", k.stale, k.feeds);
    if (k.advisories > 0)
        return 0;
    cli_say("no advisories were taken in, so nothing is known: see `detente vuln import`");
    return gate ? 1 : 0;
}

static bool
is_over(const struct threshold *t, const struct risk_result *r)
{
    return t->any || (t->kev && r->known->in_kev) ||
           (t->severity != PRIORITY_SEVERITY_UNKNOWN &&
            (findings_severity(r->known) >= t->severity ||
             findings_severity(r->known) == PRIORITY_SEVERITY_UNKNOWN)) ||
           (t->risk > 0 && r->risk.risk >= t->risk);
}

/* Over all that was found, not only over what was shown. */
static int
judge_threshold(struct scanned *x, const struct threshold *t)
{
    uint32_t over = 0;

    for (uint32_t i = 0; i < x->f.count; i++) {
        const struct scan_finding *s = &x->f.scan.finding[x->f.finding[i].at];
        struct risk_result result;
        int r;

        /* That somebody looks into it, or that nobody can tell, makes nothing safe. */
        if (finding_is_left_out(x->f.finding[i].state))
            continue;
        r = risk_of(&x->f.risk, s->vuln, &x->f.scan.asset[x->f.scan.item[s->item].asset],
                    &result);
        if (r < 0)
            return cli_fail(r, "the database: %s", vulndb_error(x->f.db));
        over += is_over(t, &result);
    }
    if (over > 0)
        cli_say("%u findings are what --fail-on names", over);
    return over > 0;
}

int
vuln_run_scan(struct cli *cli)
{
    struct scanned x = {.id = {.max = VULNDB_TEXT + 1}};
    struct threshold t = {.any = false};
    const char *fail_on = cli_option(cli, "fail-on");
    bool keep = cli_option(cli, "keep") != NULL;
    uint64_t limit = 0;
    int r = choose_fields(cli, &x);

    if (r == 0 && cli->argc != 0)
        r = cli_fail(ERR_USAGE, "vuln scan takes no arguments");
    if (r == 0 && fail_on != NULL)
        r = read_threshold(fail_on, &t);
    if (r == 0 && cli_number(cli, "limit", LIMIT, &limit) < 0)
        r = err_exit(ERR_USAGE);
    if (r == 0)
        r = findings_open(cli, &x.f);
    if (r == 0)
        r = put_findings(cli, &x, limit);
    if (r == 0 && fail_on != NULL)
        r = judge_threshold(&x, &t);
    if (r == 0 || r == 1) {
        int code = check_feeds(cli, x.f.db, fail_on != NULL);

        r = code != 0 ? code : r;
    }
    findings_close(&x.f);
    if (r <= 1 && r >= 0 && keep) {
        int code = vuln_keep(cli);

        r = code != 0 ? code : r;
    }
    buf_release(&x.id);
    return r;
}
