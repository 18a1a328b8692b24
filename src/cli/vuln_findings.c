#include "cli/vuln_findings.h"

#include <stdlib.h>
#include <string.h>

#include "cli/vuln.h"

const char *
findings_severity_name(enum priority_severity s)
{
    static const char *const name[] = {"", "none", "low", "medium", "high", "critical"};

    return name[s];
}

/* CVSS v3.1, section 5: where nobody says the word, the score does. */
enum priority_severity
findings_severity(const struct risk_known *k)
{
    if (k->severity != PRIORITY_SEVERITY_UNKNOWN || k->cvss_version == 0)
        return (enum priority_severity)k->severity;
    return k->score >= 90   ? PRIORITY_SEVERITY_CRITICAL
           : k->score >= 70 ? PRIORITY_SEVERITY_HIGH
           : k->score >= 40 ? PRIORITY_SEVERITY_MEDIUM
           : k->score > 0   ? PRIORITY_SEVERITY_LOW
                            : PRIORITY_SEVERITY_NONE;
}

struct filter {
    const char *package;
    const char *cve;
    bool kev, all;
    uint64_t risk; /* thousandths */
    uint64_t vuln;
};

static int
read_filter(const struct cli *cli, struct findings *f, struct filter *ret)
{
    uint64_t risk = 0;

    ret->package = cli_option(cli, "package");
    ret->cve = cli_option(cli, "cve");
    ret->kev = cli_option(cli, "kev") != NULL;
    ret->all = f->every || cli_option(cli, "all") != NULL;
    if (cli_number(cli, "min-risk", 0, &risk) < 0)
        return err_exit(ERR_USAGE);
    if (risk > 100)
        return cli_fail(ERR_USAGE, "a risk is between 0 and 100");
    ret->risk = risk * 1000;
    f->options.asset = cli_option(cli, "asset");
    f->options.asset = f->options.asset == NULL ? "" : f->options.asset;
    f->options.lenient = cli_option(cli, "lenient") != NULL;
    f->seen = f->seen || cli_option(cli, "seen") != NULL;
    f->figures = f->figures || ret->kev || ret->risk > 0;
    return 0;
}

/* ---- what is kept --------------------------------------------------------------------------
 */

static int
keep_one(struct findings *f, const struct filter *want, uint32_t at)
{
    const struct scan_finding *s = &f->scan.finding[at];
    const struct scan_item *i = &f->scan.item[s->item];
    struct finding *to = &f->finding[f->count];
    struct risk_result result;
    int r;

    *to = (struct finding){.at = at};
    if ((want->package != NULL && !slice_is(i->name, want->package)) ||
        (want->cve != NULL && s->vuln != want->vuln))
        return 0;
    r = vexes_state(f->vexes, &f->scan, s, f->risk.now, &to->state);
    if (r < 0)
        return r;
    if (f->figures) {
        r = risk_of(&f->risk, s->vuln, &f->scan.asset[i->asset], &result);

        if (r < 0)
            return r;
        to->risk = result.risk.risk;
        if ((want->kev && !result.known->in_kev) || to->risk < want->risk ||
            (result.known->rejected && !want->all))
            return 0;
    }
    if (finding_is_left_out(to->state) && !want->all)
        f->left_out++;
    else
        f->count++;
    return 0;
}

static int
by_risk(const void *a, const void *b)
{
    const struct finding *x = a;
    const struct finding *y = b;

    return x->risk != y->risk ? (x->risk < y->risk) - (x->risk > y->risk)
                              : (x->at > y->at) - (x->at < y->at);
}

static int
keep_all(struct findings *f, const struct filter *want)
{
    int r = 0;

    if (f->scan.findings == 0)
        return 0;
    f->finding = malloc(f->scan.findings * sizeof *f->finding);
    if (f->finding == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; r == 0 && i < f->scan.findings; i++)
        r = keep_one(f, want, i);
    if (f->figures && f->count > 0)
        qsort(f->finding, f->count, sizeof *f->finding, by_risk);
    return r;
}

int
vuln_weigh(const struct cli *cli, struct risk *r)
{
    struct conf *conf = NULL;
    int code = vuln_conf(cli, &conf);

    if (code == 0)
        r->weights = risk_weights(conf);
    (void)conf_free(conf);
    return code;
}

/* The database is open. */
static int
gather(const struct cli *cli, struct findings *f, const struct filter *want)
{
    int r = vulndb_snapshot(f->db);

    if (r == 0)
        r = risk_open(&f->risk, f->db, cli_now());
    if (r == 0 && (r = vuln_weigh(cli, &f->risk)) != 0)
        return r;
    if (r == 0 && f->figures &&
        (r = sights_open(cli, f->db, f->seen, &f->risk, &f->sights)) != 0)
        return r;
    if (r == 0)
        r = vexes_open(f->db, &f->vexes);
    if (r == 0)
        r = vulndb_scan(f->db, &f->options, &f->scan);
    if (r == ERR_NOTFOUND)
        return cli_fail(r, "no asset is called `%s`; `detente inventory list` shows them",
                        f->options.asset);
    if (r == 0)
        r = keep_all(f, want);
    return r < 0 ? cli_fail(r, "the scan: %s (%s)", err_text(r), vulndb_error(f->db)) : 0;
}

int
findings_of(const struct cli *cli, struct findings *f, uint64_t vuln)
{
    const struct filter want = {.cve = "", .vuln = vuln, .all = true};

    return gather(cli, f, &want);
}

int
findings_open(const struct cli *cli, struct findings *f)
{
    struct filter want = {.kev = false};
    int r = read_filter(cli, f, &want);

    if (r == 0)
        r = vuln_open(cli, false, &f->db);
    if (r != 0)
        return r;
    if (want.cve != NULL) {
        r = vulndb_id(f->db, slice_of(want.cve), &want.vuln);
        if (r < 0)
            return cli_fail(r, "`%s` is no vulnerability that a feed here knows", want.cve);
    }
    r = gather(cli, f, &want);
    if (r != 0)
        return r;
    if (f->scan.assets == 0)
        return cli_fail(ERR_NOTFOUND, "no asset is known yet: see `detente inventory import`");
    if (f->scan.superseded > 0 && !f->every)
        cli_say("%llu CPEs are passed over: the distribution's advisories speak for them",
                (unsigned long long)f->scan.superseded);
    if (f->left_out > 0)
        cli_say("%u findings are left out by statements and exceptions: --all shows them",
                f->left_out);
    return 0;
}

void
findings_close(struct findings *f)
{
    vulndb_scan_release(&f->scan);
    risk_release(&f->risk);
    f->vexes = vexes_close(f->vexes);
    f->sights = sights_close(f->sights);
    free(f->finding);
    (void)vulndb_close(f->db);
}
