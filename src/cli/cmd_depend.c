/* detente depend: which services outlive a cut, and what to move home first (depend/audit.h,
 * depend/plan.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/depend.h"
#include "cli/output.h"
#include "depend/plan.h"

enum { STEPS = 100 };

/* ---- audit ------------------------------------------------------------------------------- */

static int
open_audit(struct cli *cli, struct asked_audit *q)
{
    int r;

    if (cli->argc > 1)
        return cli_fail(ERR_USAGE, "depend %s takes one list of services, not `%s` too",
                        cli->cmd->verb, cli->argv[1]);
    r = depend_open(cli, q);
    if (r != 0)
        return r;
    r = depend_services(q, cli->argc > 0 ? cli->argv[0] : NULL);
    if (r == 0)
        r = depend_audit(q);
    if (r != 0)
        depend_close(q);
    return r;
}

static int
run_audit(struct cli *cli)
{
    enum depend_level level;
    struct asked_audit q = {0};
    struct output *o;
    int r = depend_level(cli, &level);

    if (r == 0)
        r = open_audit(cli, &q);
    if (r != 0)
        return r;
    if (output_open(cli, depend_columns, DEPEND_COLUMNS, &o) < 0) {
        depend_close(&q);
        return err_exit(ERR_USAGE);
    }
    depend_write(&q, level, o);
    r = output_close(o, output_rows(o));
    depend_close(&q);
    return r < 0 ? err_exit(ERR_IO) : 0;
}

/* ---- plan -------------------------------------------------------------------------------- */

static const struct column plan_columns[] = {{"step", true},
                                             {"action", false},
                                             {"what", false},
                                             {"services", true},
                                             {"criticality", true},
                                             {"cost", true},
                                             {"gain_per_cost", true},
                                             {"lead_days", true},
                                             {"services_so_far", true},
                                             {"share_so_far", true},
                                             {"criticality_so_far", true},
                                             {"cost_so_far", true},
                                             {"alternative", false}};

static void
put_hundredths(struct output *o, uint64_t n)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%llu.%02u", (unsigned long long)(n / 100),
                   (unsigned)(n % 100));
    output_json(o, slice_of(text), slice_of(text));
}

static void
put_ratio(struct output *o, double part, double all, const char *format)
{
    char text[48];

    if (format[0] == '4')
        (void)snprintf(text, sizeof text, "%.4f", all == 0 ? 0 : part / all);
    else
        (void)snprintf(text, sizeof text, "%.6f", all == 0 ? 0 : part / all);
    output_json(o, slice_of(text), slice_of(text));
}

/* `ns:a.example + mx:b.example`; in JSON a list. */
static void
put_moves(struct output *o, const struct plan *p, const struct plan_step *s)
{
    AUTO_BUF(json, 1 << 24);
    AUTO_BUF(text, 1 << 24);

    buf_char(&json, '[');
    for (uint32_t i = 0; i < s->moves; i++) {
        const struct plan_move *m = &p->move[p->order[s->move_at + i]];
        AUTO_BUF(one, 1 << 16);

        buf_printf(&one, "%s:", depend_kind_name((enum depend_kind)m->kind));
        buf_slice(&one, m->what);
        buf_text(&json, i == 0 ? "" : ",");
        buf_json(&json, buf_get(&one));
        buf_text(&text, i == 0 ? "" : " + ");
        buf_slice(&text, buf_get(&one));
    }
    buf_char(&json, ']');
    output_need(o, &json);
    output_need(o, &text);
    output_json(o, buf_get(&json), buf_get(&text));
}

static const char *
action_of(const struct plan *p, const struct plan_step *s)
{
    uint32_t unknown = 0;

    for (uint32_t i = 0; i < s->moves; i++)
        unknown += p->move[p->order[s->move_at + i]].unknown;
    return unknown == 0 ? "move" : unknown == s->moves ? "find out" : "find out, move";
}

static void
write_plan(const struct asked_audit *q, const struct plan *p, struct output *o)
{
    uint64_t services = p->already;
    uint64_t criticality = p->already_criticality;
    uint64_t cost = 0;

    for (uint32_t i = 0; i < p->steps; i++) {
        const struct plan_step *s = &p->step[i];

        services += s->services;
        criticality += s->criticality;
        cost += s->cost;
        output_u64(o, i + 1);
        output_str(o, action_of(p, s));
        put_moves(o, p, s);
        output_u64(o, s->services);
        output_u64(o, s->criticality);
        put_hundredths(o, s->cost);
        put_ratio(o, (double)s->criticality * 100, (double)s->cost, "6");
        output_u64(o, s->lead_days);
        output_u64(o, services);
        put_ratio(o, (double)services, (double)p->services, "4");
        output_u64(o, criticality);
        put_hundredths(o, cost);
        output_text(o, plan_alternative(&q->in, p, s));
        output_end(o);
    }
}

static int
plan(struct cli *cli, const struct asked_audit *q, uint64_t days, uint64_t steps)
{
    struct utime horizon = DEPEND_NEVER;
    struct plan p = {0};
    struct output *o;
    int r;

    if (days > 0)
        horizon.us = q->in.at.us + (int64_t)days * 86400 * TIME_US_PER_S;
    r = plan_make(&q->in, &q->audit, horizon, steps > UINT32_MAX ? UINT32_MAX : (uint32_t)steps,
                  &p);
    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    if (output_open(cli, plan_columns, sizeof plan_columns / sizeof plan_columns[0], &o) < 0) {
        plan_release(&p);
        return err_exit(ERR_USAGE);
    }
    cli_say("%u of %u services hold%s as it is", p.already, p.services,
            days > 0 ? " so long" : "");
    write_plan(q, &p, o);
    plan_release(&p);
    return output_close(o, output_rows(o)) < 0 ? err_exit(ERR_IO) : 0;
}

static int
run_plan(struct cli *cli)
{
    struct asked_audit q = {0};
    uint64_t days;
    uint64_t steps;
    int r;

    if (cli_number(cli, "days", 0, &days) < 0 || cli_number(cli, "steps", STEPS, &steps) < 0)
        return err_exit(ERR_USAGE);
    if (days > 36500)
        return cli_fail(ERR_USAGE, "--days takes days, at most 36500");
    r = open_audit(cli, &q);
    if (r != 0)
        return r;
    r = plan(cli, &q, days, steps == 0 ? UINT32_MAX : steps);
    depend_close(&q);
    return r;
}

/* ---- diff -------------------------------------------------------------------------------- */

static const struct column diff_columns[] = {
    {"change", false},      {"level", false}, {"service", false},         {"kind", false},
    {"what_before", false}, {"what", false},  {"verdict_before", false},  {"verdict", false},
    {"days_before", true},  {"days", true},   {"days_most_before", true}, {"days_most", true}};

/* One side: what was saved, or audited here. */
struct side {
    struct asked_audit q;
    struct diff_rows rows;
    struct buf text;
};

static void
close_side(struct side *s)
{
    diff_release(&s->rows);
    buf_release(&s->text);
    depend_close(&s->q);
}

static int
open_side(struct cli *cli, const char *path, struct side *s)
{
    bool saved = false;
    int r;

    *s = (struct side){0};
    r = depend_open_rows(cli, &s->q);
    if (r != 0)
        return r;
    r = depend_rows(&s->q, path, &s->rows, &saved);
    if (r == 0 && !saved)
        r = depend_audit(&s->q);
    if (r == 0 && !saved) {
        int e = audit_rows(&s->q.in, &s->q.audit, &s->text, &s->rows);

        r = e < 0 ? cli_fail(e, "%s", err_text(e)) : 0;
    }
    if (r != 0)
        close_side(s);
    return r;
}

static void
put_difference(void *self, enum diff_change change, const struct diff_row *before,
               const struct diff_row *after)
{
    static const char *const name[] = {"new", "gone", "changed"};
    static const struct diff_row none;
    const struct diff_row *any;
    struct output *o = self;

    before = before == NULL ? &none : before;
    after = after == NULL ? &none : after;
    any = change == DIFF_GONE ? before : after;
    output_str(o, name[change]);
    output_text(o, any->level);
    output_text(o, any->service);
    output_text(o, any->kind);
    output_text(o, before->what);
    output_text(o, after->what);
    output_text(o, before->verdict);
    output_text(o, after->verdict);
    depend_put_days(o, before->days);
    depend_put_days(o, after->days);
    depend_put_days(o, before->days_most);
    depend_put_days(o, after->days_most);
    output_end(o);
}

/* Exit status 1: something differs. */
static int
run_diff(struct cli *cli)
{
    struct side before;
    struct side after;
    struct output *o;
    uint64_t differ = 0;
    int r;

    if (cli->argc != 2)
        return cli_fail(ERR_USAGE, "depend diff takes two files: lists of services, or audits "
                                   "that were saved with `-o csv`");
    r = open_side(cli, cli->argv[0], &before);
    if (r != 0)
        return r;
    r = open_side(cli, cli->argv[1], &after);
    if (r == 0 &&
        output_open(cli, diff_columns, sizeof diff_columns / sizeof diff_columns[0], &o) < 0) {
        close_side(&after);
        r = err_exit(ERR_USAGE);
    }
    if (r == 0) {
        diff_run(&before.rows, &after.rows, put_difference, o);
        differ = output_rows(o);
        r = output_close(o, differ) < 0 ? err_exit(ERR_IO) : differ > 0;
        close_side(&after);
    }
    close_side(&before);
    return r;
}

static const struct cmd_option diff_options[] = {DEPEND_OPTIONS, CMD_FORMAT_OPTION, {0}};
static const struct cmd_option audit_options[] = {
    DEPEND_OPTIONS,
    {"level", "LEVEL", "service, need or link: how much is listed (default: need)", 0},
    CMD_FORMAT_OPTION,
    {0}};
static const struct cmd_option plan_options[] = {
    DEPEND_OPTIONS,
    {"days", "N", "a service is gained when it holds so long (default: for good)", 0},
    {"steps", "N", "at most so many; 0: all (default: 100)", 0},
    CMD_FORMAT_OPTION,
    {0}};

const struct cmd cmd_depend[] = {
    {"depend", "audit", "[SERVICES.csv]",
     "what each service needs, where that is, and until when it holds when the outside is cut "
     "off",
     audit_options, run_audit},
    {"depend", "plan", "[SERVICES.csv]", "what to move home first, and what each step buys",
     plan_options, run_plan},
    {"depend", "diff", "OLD NEW", "what differs between two lists of services, or saved audits",
     diff_options, run_diff},
    {0},
};
