/* detente vuln explain: why a finding is to be mended by when, with all that this rests on. */
#include <stdlib.h>
#include <string.h>

#include "cli/outline.h"
#include "cli/vuln.h"
#include "cli/vuln_findings.h"
#include "vulndb/outcome.h"

enum { FITS = 64 /* statements of one finding that are shown */ };

struct explained {
    struct outline o;
    struct findings findings; /* of this asset and vulnerability */
    struct risk_result risk;
    uint64_t vuln;
    struct vex_fit fit[FITS];
    unsigned fits;
};

const struct cmd_option vuln_explain_options[] = {
    CMD_JSON_OPTION, {"lenient", NULL, "what an inventory does not say matches too", 0}, {0}};

/* ---- decision ------------------------------------------------------------------------------
 */

static const char *
answer(unsigned value, bool worse_if_unknown)
{
    return value == PRIORITY_YES || (value == 0 && worse_if_unknown) ? "yes" : "no";
}

static void
put_deadline(struct explained *x, const char *key, const struct priority_deadline *d, bool kev)
{
    const struct priority_input *in = &x->risk.input;
    struct outline *o = &x->o;

    outline_map(o, key);
    if (d->days > 0)
        outline_u64(o, "days", d->days);
    else
        outline_str(o, "when", "with the next upgrade");
    outline_bool(o, "forensic", d->forensic);
    outline_map(o, "row");
    outline_str(o, "exploited", kev ? "yes" : "no");
    outline_str(o, "exposed",
                in->exposure == PRIORITY_OPEN || in->exposure == 0 ? "yes" : "no");
    outline_str(o, "automatable", answer(in->automatable, true));
    outline_str(o, "technical_impact",
                in->technical_impact == PRIORITY_PARTIAL ? "partial" : "total");
    outline_close(o);
    outline_close(o);
}

static void
put_decision(struct explained *x)
{
    static const char *const exploitation[] = {"unknown", "none", "poc", "active"};
    const struct priority_decision *d = &x->risk.decision;
    bool sighted = d->source == PRIORITY_FROM_HERE || d->source == PRIORITY_FROM_PEER;
    bool kev = x->risk.input.in_kev != PRIORITY_NO;
    struct outline *o = &x->o;

    outline_map(o, "decision");
    outline_str(o, "rule", "CISA BOD 26-04");
    if (x->risk.due.us == 0)
        outline_str(o, "due", "with the next upgrade");
    outline_day(o, "due", x->risk.due);
    if (x->risk.due.us != 0)
        outline_day(
            o, "counted_from",
            (struct utime){x->risk.due.us - (int64_t)d->deadline.days * 86400 * TIME_US_PER_S});
    put_deadline(x, "deadline", &d->deadline, kev || sighted);
    if (sighted && !kev)
        put_deadline(x, "by_the_directive_alone", &d->directive, kev);
    outline_str(o, "ssvc_deployer", priority_deployer_name(d->deployer));
    outline_str(o, "ssvc_coordinator", priority_coordinator_name(d->coordinator));
    outline_map(o, "exploitation");
    outline_str(o, "value", exploitation[d->exploitation]);
    outline_str(o, "source", priority_source_name(d->source));
    outline_time(o, "at", d->at);
    outline_close(o);
    outline_list(o, "unknown_and_taken_as_the_worse");
    for (unsigned i = 0; i < PRIORITY_UNKNOWNS; i++) {
        if ((d->unknown >> i & 1) != 0)
            outline_str(o, NULL, priority_unknown_name(i));
    }
    outline_close(o);
    outline_close(o);
}

static void
put_factor(struct outline *o, const char *name, const struct priority_factor *f)
{
    AUTO_BUF(line, 256);
    char day[TIME_TEXT];

    if (o->json) {
        outline_map(o, NULL);
        outline_str(o, "factor", name);
        outline_decimal(o, "value", f->value, 6);
        outline_str(o, "source", priority_source_name(f->source));
        outline_time(o, "at", f->at);
        outline_bool(o, "unknown", f->unknown);
        outline_close(o);
        return;
    }
    time_format(f->at, day);
    buf_printf(&line, "%s %u.%05u", name, f->value / PRIORITY_ONE,
               f->value % PRIORITY_ONE / 10);
    if (f->unknown)
        buf_text(&line, ", unknown: the worse is taken");
    else if (f->source != PRIORITY_FROM_NOBODY)
        buf_printf(&line, ", by %s", priority_source_name(f->source));
    if (f->at.us != 0)
        buf_printf(&line, ", of %.10s", day);
    outline_text(o, NULL, buf_get(&line));
}

static void
put_risk(struct explained *x)
{
    const struct priority_risk *r = &x->risk.risk;
    struct outline *o = &x->o;

    outline_map(o, "risk");
    outline_decimal(o, "value", (r->risk + 50) / 100, 1);
    outline_list(o, "factors");
    for (unsigned i = 0; i < PRIORITY_FACTORS; i++)
        put_factor(o, priority_factor_name((enum priority_factor_id)i), &r->factor[i]);
    outline_close(o);
    outline_close(o);
}

/* ---- what is installed ---------------------------------------------------------------------
 */

static int
put_statement(void *arg, const struct vex *v)
{
    struct explained *x = arg;
    struct outline *o = &x->o;
    unsigned i = 0;

    while (i < x->fits && x->fit[i].id != v->id)
        i++;
    if (i == x->fits)
        return 0;
    outline_map(o, NULL);
    outline_u64(o, "n", (uint64_t)v->id);
    outline_str(o, "status", vex_status_name(v->status));
    outline_str(o, "counts",
                x->fit[i].holds   ? "yes, it decides"
                : x->fit[i].ended ? "no, it has ended"
                                  : "no, another comes before it");
    outline_str(o, "justification", openvex_justification_name(v->justification));
    outline_text(o, "because", v->words);
    outline_text(o, "by", v->author);
    outline_str(o, "whose", v->feed.len == 0 ? "own" : "supplier");
    outline_text(o, "from", v->feed);
    outline_time(o, "at", v->at);
    outline_time(o, "until", v->until);
    outline_close(o);
    return 0;
}

static int
put_statements(struct explained *x, const struct scan_finding *s)
{
    struct findings *f = &x->findings;
    int r = vexes_fitting(f->vexes, &f->scan, s, f->risk.now, x->fit, FITS);

    x->fits = r < 0 ? 0 : r < FITS ? (unsigned)r : FITS;
    if (r <= 0)
        return r;
    outline_list(&x->o, "statements");
    r = vulndb_vexes(f->db, x->vuln, put_statement, x);
    outline_close(&x->o);
    return r;
}

static int
put_finding(struct explained *x, const struct finding *found)
{
    const struct scan_finding *s = &x->findings.scan.finding[found->at];
    const struct scan_item *i = &x->findings.scan.item[s->item];
    struct outline *o = &x->o;
    int r;

    outline_map(o, NULL);
    outline_text(o, "package", i->name);
    outline_text(o, "installed", i->version);
    if (s->method != SCAN_CPE)
        outline_text(o, "compared", i->compared);
    if (s->method == SCAN_CPE)
        outline_text(o, "cpe", i->cpe);
    outline_text(o, "fixed", s->fixed.len > 0 ? s->fixed : SLICE("no version that is known"));
    outline_str(o, "judged_by", scan_method_name((enum scan_method)s->method));
    outline_list(o, "said_by");
    for (unsigned k = 0; k < FEED_KINDS; k++) {
        if ((s->feeds >> k & 1) != 0)
            outline_str(o, NULL, feed_kind_who((enum feed_kind)k));
    }
    outline_close(o);
    outline_str(o, "state", finding_state_name(found->state));
    r = put_statements(x, s);
    outline_close(o);
    return r;
}

/* ---- what comes of an alert
 * ---------------------------------------------------------------------
 */

static int
put_outcome(struct explained *x, const char *asset)
{
    static const char *const why[OUTCOMES] = {
        [OUTCOME_UNKNOWN] =
            ("nobody can tell: no list of what is installed can be complete, or "
             "no feed names it"),
        [OUTCOME_VULNERABLE] = "the asset has it",
        [OUTCOME_PATCHED] = "it is installed, in a version that does not have it",
        [OUTCOME_NOT_INSTALLED] = "nothing that has it is installed",
        [OUTCOME_OWN_SOURCE] = ""};
    enum outcome_reason by = OUTCOME_BY_LISTS;
    enum outcome is = OUTCOME_UNKNOWN;
    struct outcomes *all = NULL;
    int r = outcomes_open(x->findings.db, x->findings.risk.now, &all);

    for (uint32_t i = 0; r == 0 && i < outcomes_assets(all); i++) {
        if (strcmp(outcomes_asset_at(all, i)->name, asset) != 0)
            continue;
        r = outcome_on(all, i, x->vuln, &is);
        by = outcome_reason(all, i, x->vuln);
    }
    (void)outcomes_close(all);
    if (r < 0)
        return r;
    outline_str(&x->o, "outcome", outcome_name(is));
    outline_str(&x->o, "why",
                by == OUTCOME_BY_STATEMENT ? "a statement says that what is installed does not "
                                             "have it"
                : by == OUTCOME_BY_DOUBT   ? "something is installed that may have it: its "
                                             "version, or what else it takes, tells nobody"
                                           : why[is]);
    return 0;
}

static int
put_all(struct explained *x, const char *asset, const char *cve)
{
    struct findings *f = &x->findings;
    struct outline *o = &x->o;
    int r;

    outline_str(o, "asset", asset);
    outline_str(o, "cve", cve);
    outline_bool(o, "found", f->count > 0);
    r = put_outcome(x, asset);
    if (r < 0 || f->count == 0)
        return r;
    r = risk_of(&f->risk, x->vuln, &f->scan.asset[0], &x->risk);
    if (r < 0)
        return r;
    put_decision(x);
    put_risk(x);
    outline_list(o, "packages");
    for (uint32_t i = 0; r == 0 && i < f->count; i++)
        r = put_finding(x, &f->finding[i]);
    outline_close(o);
    return r;
}

static int
explain(const struct cli *cli, struct explained *x)
{
    struct findings *f = &x->findings;
    int r = vuln_open(cli, false, &f->db);

    if (r != 0)
        return r;
    r = vulndb_id(f->db, slice_of(cli->argv[1]), &x->vuln);
    if (r == ERR_NOTFOUND)
        return cli_fail(r,
                        "`%s` is neither a CVE nor an id that a feed here knows; the asset "
                        "comes first, then the vulnerability",
                        cli->argv[1]);
    if (r == 0) {
        f->options = (struct scan_options){.asset = cli->argv[0],
                                           .lenient = cli_option(cli, "lenient") != NULL,
                                           .fixed = true};
        f->seen = f->figures = true;
        r = findings_of(cli, f, x->vuln);
        if (r != 0)
            return r;
        outline_begin(&x->o, cli_option(cli, "json") != NULL);
        r = put_all(x, cli->argv[0], cli->argv[1]);
        if (r == 0)
            return outline_end(&x->o);
        outline_drop(&x->o);
    }
    return cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(f->db));
}

int
vuln_run_explain(struct cli *cli)
{
    struct explained *x;
    int r;

    if (cli->argc != 2)
        return cli_fail(ERR_USAGE, "vuln explain takes an asset and a vulnerability");
    x = calloc(1, sizeof *x);
    if (x == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = explain(cli, x);
    findings_close(&x->findings);
    free(x);
    return r;
}
