/* detente vuln live: what is being exploited, by this node's own sensors (role/exploited.h). */
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/vuln.h"
#include "cli/vuln_findings.h"
#include "role/exploited.h"
#include "role/risk.h"
#include "role/view.h"
#include "vulndb/rule_cves.h"

enum { LIMIT = 50 };

const struct cmd_option vuln_live_options[] = {
    CMD_FORMAT_OPTION,
    {"window", "SPAN", "how far back, 24h unless told, 30d at most", 0},
    {"limit", "N", "rows at most, 50 unless told; 0 all", 0},
    {"totals", NULL,
     "what may be exchanged: alerts by vulnerability, hour and origin network, nothing of own "
     "machines",
     0},
    {0}};

static const struct column live_columns[] = {{"cve", false},        {"alerts", true},
                                             {"alerts_1h", true},   {"networks", true},
                                             {"origins", false},    {"vulnerable", true},
                                             {"hit", true},         {"hit_vulnerable", true},
                                             {"hit_patched", true}, {"hit_not_installed", true},
                                             {"hit_unknown", true}, {"own_source", true},
                                             {"confidence", false}, {"kev", false},
                                             {"due", false},        {"last", false}};

static const struct column totals_columns[] = {
    {"cve", false}, {"hour", false}, {"asn", true}, {"country", false}, {"alerts", true}};

struct live {
    struct view view;
    bool opened;
    struct vulndb *db; /* NULL: nothing was taken in */
    struct outcomes *outcomes;
    struct rule_cves *rules;
    struct risk risk;
    struct exploited seen;
    struct utime since, now;
    struct output *o;
};

/* ---- what is shown ----------------------------------------------------------------------- */

static void
put_origins(struct live *l, const struct exploited_vuln *v)
{
    AUTO_BUF(text, 4096);
    AUTO_BUF(json, 4096);

    buf_char(&json, '[');
    for (unsigned i = 0; i < v->origins; i++) {
        const struct exploited_origin *o = &v->origin[i];
        char country[3];

        country_format(o->country, country);
        buf_printf(&json, "%s{\"asn\":%u,\"name\":", i > 0 ? "," : "", o->asn);
        buf_json(&json, attrib_name(l->view.node.attrib, o->asn));
        buf_printf(&json, ",\"country\":\"%s\",\"alerts\":%llu}", country,
                   (unsigned long long)o->alerts);
        if (i < 3)
            buf_printf(&text, "%sAS%u %s %llu", i > 0 ? ", " : "", o->asn, country,
                       (unsigned long long)o->alerts);
    }
    buf_char(&json, ']');
    if (v->networks > 3)
        buf_printf(&text, ", %u more", v->networks - 3);
    output_json(l->o, buf_get(&json), buf_get(&text));
    output_need(l->o, &json);
}

static int
put_known(struct live *l, uint64_t vuln)
{
    static const struct asset none;
    struct risk_result r = {.known = NULL};
    char day[TIME_TEXT];
    int code = l->db == NULL ? 0 : risk_of(&l->risk, vuln, &none, &r);

    if (code < 0)
        return code;
    time_format(r.due, day);
    output_str(l->o, r.known == NULL || !r.known->in_kev ? ""
                     : r.known->ransomware               ? "ransomware"
                                                         : "yes");
    output_text(l->o, r.due.us == 0 ? SLICE("") : (struct slice){day, 10});
    return 0;
}

static int
put_vuln(struct live *l, const struct exploited_vuln *v)
{
    char cve[CVE_TEXT];
    uint64_t hour[2] = {0};
    int r;

    exploited_hours(&l->seen, v->vuln, l->now, 2, hour);
    (void)cve_format(v->vuln, cve);
    output_str(l->o, cve);
    output_u64(l->o, v->alerts);
    output_u64(l->o, exploited_last_hour(hour[0], hour[1]));
    output_u64(l->o, v->networks);
    put_origins(l, v);
    output_u64(l->o, v->vulnerable);
    output_u64(l->o, v->hit);
    output_u64(l->o, v->outcome[OUTCOME_VULNERABLE]);
    output_u64(l->o, v->outcome[OUTCOME_PATCHED]);
    output_u64(l->o, v->outcome[OUTCOME_NOT_INSTALLED]);
    output_u64(l->o, v->outcome[OUTCOME_UNKNOWN]);
    output_u64(l->o, v->outcome[OUTCOME_OWN_SOURCE]);
    output_str(l->o, cve_confidence(v->sources));
    r = put_known(l, v->vuln);
    output_time(l->o, v->last);
    output_end(l->o);
    return r;
}

static int
put_list(const struct cli *cli, struct live *l, uint64_t limit)
{
    struct exploited_list list;
    int r = exploited_ask(&l->seen, l->outcomes, l->since, l->now, &list);

    if (r == 0)
        r = output_open(cli, live_columns, sizeof live_columns / sizeof live_columns[0], &l->o);
    if (r < 0) {
        exploited_list_release(&list);
        return r == ERR_USAGE ? err_exit(r) : cli_fail(r, "the alerts: %s", err_text(r));
    }
    for (uint32_t i = 0; r == 0 && i < list.count && (limit == 0 || i < limit); i++)
        r = put_vuln(l, &list.row[i]);
    if (r < 0) {
        output_drop(l->o);
        r = cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(l->db));
    } else {
        r = output_close(l->o, list.count) < 0 ? err_exit(ERR_IO) : 0;
    }
    exploited_list_release(&list);
    return r;
}

static int
put_total(void *arg, const struct exploited_total *t)
{
    struct live *l = arg;
    char cve[CVE_TEXT];
    char country[3];

    (void)cve_format(t->vuln, cve);
    country_format(t->country, country);
    output_str(l->o, cve);
    output_time(l->o, (struct utime){(int64_t)t->hour * 3600 * TIME_US_PER_S});
    output_u64(l->o, t->asn);
    output_str(l->o, country);
    output_u64(l->o, t->alerts);
    output_end(l->o);
    return 0;
}

static int
put_totals(const struct cli *cli, struct live *l)
{
    int r = output_open(cli, totals_columns, sizeof totals_columns / sizeof totals_columns[0],
                        &l->o);

    if (r < 0)
        return err_exit(r);
    r = exploited_totals(&l->seen, l->since, put_total, l);
    if (r < 0) {
        output_drop(l->o);
        return cli_fail(r, "the alerts: %s", err_text(r));
    }
    return output_close(l->o, output_rows(l->o)) < 0 ? err_exit(ERR_IO) : 0;
}

/* ---- beginning and end ------------------------------------------------------------------- */

static int
open_live(const struct cli *cli, struct live *l)
{
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = view_open(dir, &l->view, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    l->opened = true;
    r = vulndb_open(dir, false, &l->db, &ei);
    if (r < 0 && r != ERR_NOTFOUND)
        return cli_fail_at(r, &ei);
    if (l->db == NULL)
        cli_say("nothing was taken in of feeds and inventories: every outcome is unknown");
    r = l->db == NULL ? 0 : outcomes_open(l->db, l->now, &l->outcomes);
    if (r == 0 && l->db != NULL)
        r = rule_cves_open(l->db, &l->rules);
    if (r == 0 && l->db != NULL)
        r = risk_open(&l->risk, l->db, l->now);
    if (r == 0 && l->db != NULL && (r = vuln_weigh(cli, &l->risk)) != 0)
        return r;
    if (r == 0)
        r = exploited_read(&l->seen, &l->view, l->rules, l->outcomes, l->since);
    return r < 0 ? cli_fail(r, "the alerts: %s", err_text(r)) : 0;
}

static void
close_live(struct live *l)
{
    exploited_release(&l->seen);
    (void)outcomes_close(l->outcomes);
    (void)rule_cves_close(l->rules);
    if (l->db != NULL)
        risk_release(&l->risk);
    (void)vulndb_close(l->db);
    if (l->opened)
        view_close(&l->view);
}

int
vuln_run_live(struct cli *cli)
{
    const char *window = cli_option(cli, "window");
    struct span span = {INT64_C(86400) * TIME_US_PER_S};
    struct live l = {.now = cli_now()};
    uint64_t limit = 0;
    int r;

    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "vuln live takes no arguments");
    if (window != NULL && (span_parse(slice_of(window), &span) < 0 || span.us <= 0 ||
                           span.us > EXPLOITED_DAYS * INT64_C(86400) * TIME_US_PER_S))
        return cli_fail(ERR_USAGE, "`%s` is no window: 1h, 24h, 7d, 30d at most", window);
    if (cli_number(cli, "limit", LIMIT, &limit) < 0)
        return err_exit(ERR_USAGE);
    l.since.us = l.now.us - span.us;
    exploited_init(&l.seen);
    r = open_live(cli, &l);
    if (r == 0)
        r = cli_option(cli, "totals") != NULL ? put_totals(cli, &l) : put_list(cli, &l, limit);
    if (l.seen.missed > 0)
        cli_say("%llu alerts more: there were too many networks and targets",
                (unsigned long long)l.seen.missed);
    close_live(&l);
    return r;
}
