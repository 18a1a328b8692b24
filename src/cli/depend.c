#include "cli/depend.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { DRIFT_PPM = 50, DRIFT_LIMIT_S = 300 };

/* ---- reading ----------------------------------------------------------------------------- */

int
depend_each(struct asked_audit *q, const char *option,
            int (*f)(struct depends *, const char *, struct errinfo *))
{
    const char *path;

    for (unsigned i = 0; (path = cli_option_nth(q->cli, option, i)) != NULL; i++) {
        struct errinfo ei = {0};
        int r = f(&q->d, path, &ei);

        if (r < 0)
            return cli_fail_at(r, &ei);
    }
    return 0;
}

static int
read_clock(struct asked_audit *q)
{
    const char *limit = cli_option(q->cli, "clock-limit");
    struct span span = {DRIFT_LIMIT_S * TIME_US_PER_S};
    uint64_t ppm;

    if (cli_time(q->cli, "at", cli_now(), &q->in.at) < 0 ||
        cli_number(q->cli, "clock-ppm", DRIFT_PPM, &ppm) < 0)
        return err_exit(ERR_USAGE);
    if (ppm == 0 || ppm > 1000000)
        return cli_fail(ERR_USAGE, "--clock-ppm takes parts per million, from 1");
    if (limit != NULL && (span_parse(slice_of(limit), &span) < 0 || span.us < 0 ||
                          span.us > INT64_C(86400) * 366 * TIME_US_PER_S))
        return cli_fail(ERR_USAGE, "--clock-limit takes a span as 500ms or 5m, not `%s`",
                        limit);
    q->in.drift.us = (int64_t)((double)span.us * 1e6 / (double)ppm);
    if (q->in.drift.us > INT64_MAX / 4)
        q->in.drift.us = INT64_MAX / 4;
    return 0;
}

static int
open_all(struct asked_audit *q)
{
    struct errinfo ei = {0};
    int r = read_clock(q);

    if (r == 0 && q->cli->dir != NULL) {
        const char *dir;

        r = cli_dir(q->cli, &dir);
        if (r < 0)
            return err_exit(r);
        r = depends_open_date(&q->d, dir, q->date, &ei);
        if (r < 0)
            return cli_fail_at(r, &ei);
    }
    if (r == 0)
        r = depend_home(q);
    if (r == 0 && !q->rows)
        r = depend_need_home(q);
    if (r == 0)
        r = depend_each(q, "zone", depends_zone);
    if (r == 0)
        r = depend_each(q, "pem", depends_certificates);
    return r == 0 ? depend_each(q, "suppliers", depends_suppliers) : r;
}

static int
open_asked(struct asked_audit *q)
{
    uint64_t secret;
    int r;

    if (getrandom(&secret, sizeof secret, 0) != (ssize_t)sizeof secret)
        return cli_fail(ERR_IO, "no random bytes: %s", strerror(errno));
    depends_init(&q->d, secret);
    r = open_all(q);
    if (r != 0)
        depend_close(q);
    return r;
}

int
depend_open(struct cli *cli, struct asked_audit *ret)
{
    return depend_open_cut(cli, NULL, NULL, ret);
}

int
depend_open_cut(struct cli *cli, const char *date, const char *country, struct asked_audit *ret)
{
    *ret = (struct asked_audit){.cli = cli, .country = country, .date = date};
    return open_asked(ret);
}

int
depend_open_rows(struct cli *cli, struct asked_audit *ret)
{
    *ret = (struct asked_audit){.cli = cli, .rows = true};
    return open_asked(ret);
}

/* Recorded answers; services too: each entry becomes one. */
static int
take_answers(struct asked_audit *q, bool services)
{
    struct errinfo ei = {0};
    const char *path;

    for (unsigned i = 0; (path = cli_option_nth(q->cli, "answers", i)) != NULL; i++) {
        int r = depends_answers(&q->d, path, services, &ei);

        if (r < 0)
            return cli_fail_at(r, &ei);
    }
    if (q->d.facts.left_out > 0)
        cli_say("%llu records were left out: more than %d of one name",
                (unsigned long long)q->d.facts.left_out, FACTS_OF_NAME);
    if (q->d.facts.nameless > 0)
        cli_say("%llu recorded answers without a domain were passed over",
                (unsigned long long)q->d.facts.nameless);
    return 0;
}

static void
say_counts(const char *path, const struct sbom_counts *c)
{
    if (c->duplicates + c->nameless + c->versionless + c->supplierless == 0)
        return;
    cli_say("%s: %u components and %u services; %u duplicates, %u without a name passed over, "
            "%u without a version, %u without a supplier",
            path, c->components, c->services, c->duplicates, c->nameless, c->versionless,
            c->supplierless);
}

static int
take_sboms(struct asked_audit *q)
{
    struct errinfo ei = {0};
    struct sbom_counts counts;
    const char *path;

    for (unsigned i = 0; (path = cli_option_nth(q->cli, "sbom", i)) != NULL; i++) {
        int r = depends_sbom(&q->d, path, &counts, &ei);

        if (r < 0)
            return cli_fail_at(r, &ei);
        say_counts(path, &counts);
    }
    return 0;
}

int
depend_services(struct asked_audit *q, const char *path)
{
    struct errinfo ei = {0};
    int r = 0;

    if (path == NULL && cli_option(q->cli, "answers") == NULL &&
        cli_option(q->cli, "sbom") == NULL)
        return cli_fail(ERR_USAGE,
                        "which services? a file SERVICES.csv, --answers FILE or --sbom FILE");
    q->file = path;
    if (path != NULL)
        r = depends_services(&q->d, path, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = take_answers(q, path == NULL);
    return r == 0 ? take_sboms(q) : r;
}

int
depend_rows(struct asked_audit *q, const char *path, struct diff_rows *ret, bool *ret_audit)
{
    struct errinfo ei = {0};
    int r = depends_rows(&q->d, path, ret, ret_audit, &ei);

    q->file = path;
    if (r < 0)
        return cli_fail_at(r, &ei);
    if (*ret_audit)
        return 0;
    r = depend_need_home(q);
    if (r == 0)
        r = take_answers(q, false);
    return r == 0 ? take_sboms(q) : r;
}

int
depend_audit(struct asked_audit *q)
{
    int r;

    if (q->d.attrib == NULL)
        cli_say("no address tables: only prefixes of home place addresses (`detente tables "
                "build`, --dir)");
    q->in.services = &q->d.services;
    q->in.facts = &q->d.facts;
    q->in.home = &q->d.home;
    q->in.attrib = q->d.attrib;
    q->in.self = q->d.topology;
    q->in.country_of = q->d.topology == NULL ? NULL : depends_country_of;
    q->in.hard_fail = cli_option(q->cli, "hard-fail") != NULL;
    r = audit_run(&q->in, &q->audit);
    return r < 0 ? cli_fail(r, "%s", err_text(r)) : 0;
}

void
depend_close(struct asked_audit *q)
{
    audit_release(&q->audit);
    depends_release(&q->d);
}

/* ---- rows -------------------------------------------------------------------------------- */

const struct column depend_columns[] = {
    {"level", false},      {"service", false},  {"owner", false},     {"criticality", true},
    {"kind", false},       {"what", false},     {"verdict", false},   {"until", false},
    {"days", true},        {"days_most", true}, {"country", false},   {"network", false},
    {"file", false},       {"line", true},      {"file_date", false}, {"table", false},
    {"table_date", false}, {"reason", false}};
_Static_assert(sizeof depend_columns / sizeof depend_columns[0] == DEPEND_COLUMNS, "columns");

int
depend_level(const struct cli *cli, enum depend_level *ret)
{
    static const char *const names[] = {"service", "need", "link"};
    const char *given = cli_option(cli, "level");

    *ret = LEVEL_NEED;
    for (unsigned i = 0; given != NULL && i < 3; i++) {
        if (strcmp(given, names[i]) == 0) {
            *ret = (enum depend_level)i;
            return 0;
        }
    }
    return given == NULL
               ? 0
               : cli_fail(ERR_USAGE, "--level takes service, need or link, not `%s`", given);
}

void
depend_put_days(struct output *o, struct slice days)
{
    output_json(o, days.len == 0 ? SLICE("null") : days, days);
}

static void
put_days(struct output *o, struct utime from, struct utime until)
{
    char text[AUDIT_DAYS];

    depend_put_days(o, (struct slice){text, audit_days(from, until, text)});
}

static void
put_until(struct output *o, struct utime t)
{
    if (t.us == DEPEND_NEVER.us || t.us > TIME_MAX.us)
        output_str(o, "");
    else
        output_time(o, t);
}

static void
put_line(struct output *o, uint32_t line)
{
    char text[16];

    (void)snprintf(text, sizeof text, "%u", line);
    output_json(o, line == 0 ? SLICE("null") : slice_of(text),
                line == 0 ? SLICE("") : slice_of(text));
}

/* Which service, and what of it. */
static void
put_head(struct output *o, const char *level, const struct service *s, const char *kind,
         struct slice what)
{
    output_str(o, level);
    output_text(o, s->id);
    output_text(o, s->owner);
    output_u64(o, s->criticality);
    output_str(o, kind);
    output_text(o, what);
}

static void
put_verdict(struct output *o, const struct asked_audit *q, uint8_t verdict, struct utime least,
            struct utime most)
{
    output_str(o, depend_verdict_name((enum depend_verdict)verdict));
    put_until(o, most); /* where it is not known when, it is known when at the latest */
    put_days(o, q->in.at, least);
    put_days(o, q->in.at, most);
}

static void
put_day(struct output *o, struct utime t)
{
    char text[TIME_TEXT];

    if (t.us > 0 && t.us <= TIME_MAX.us)
        time_format(t, text);
    output_text(o, (struct slice){text, t.us > 0 && t.us <= TIME_MAX.us ? 10 : 0});
}

/* The file, its line, and of which day that is. */
static void
put_said(struct output *o, const struct asked_audit *q, struct audit_said said,
         const struct service *s)
{
    bool listed = said.file == NULL && said.line > 0 && q->file != NULL;

    output_str(o, said.file != NULL ? said.file->name : listed ? q->file : "");
    put_line(o, said.file != NULL || listed ? said.line : 0);
    put_day(o, said.file != NULL ? said.file->date : listed ? s->measured : (struct utime){0});
}

static void
put_nowhere(struct output *o)
{
    output_str(o, "");
    output_str(o, "");
}

static void
put_service(struct output *o, const struct asked_audit *q, uint32_t i)
{
    const struct service *s = &q->d.services.service[i];
    const struct outcome *x = &q->audit.outcome[i];
    const struct need *first = x->first == FACTS_NONE ? NULL : &q->audit.need[x->first];

    put_head(o, "service", s, "", s->name);
    put_verdict(o, q, x->verdict, x->least, x->most);
    put_nowhere(o);
    put_said(o, q, audit_said_service(&q->in, s), s);
    put_nowhere(o);
    output_str(o, x->needs == 0   ? "nothing is known of what it needs"
                  : first == NULL ? ""
                                  : depend_kind_name((enum depend_kind)first->kind));
    output_end(o);
}

static void
put_need(struct output *o, const struct asked_audit *q, const struct service *s,
         const struct need *n)
{
    AUTO_BUF(what, 1 << 20);

    audit_need_text(&q->audit, n, &what);
    output_need(o, &what);
    put_head(o, "need", s, depend_kind_name((enum depend_kind)n->kind), buf_get(&what));
    put_verdict(o, q, n->verdict, n->least, n->most);
    put_nowhere(o);
    put_said(o, q, audit_said_need(&q->in, &q->audit, s, n), s);
    put_nowhere(o);
    output_str(o, n->why);
    output_end(o);
}

static void
put_place(struct output *o, const struct place *p)
{
    char text[16] = "";

    country_format(p->country, text);
    output_str(o, p->country == COUNTRY_UNKNOWN ? "" : text);
    (void)snprintf(text, sizeof text, "AS%u", p->asn);
    output_str(o, p->asn == 0 ? "" : text);
}

static void
put_table(struct output *o, const struct asked_audit *q, const struct place *p)
{
    const struct attrib_dataset *d = attrib_dataset(q->d.attrib, p->dataset);

    if (p->dataset == PLACE_BY_NETWORK) {
        output_str(o, "topology");
        output_str(o, q->d.topology_date);
        return;
    }
    output_str(o, d == NULL ? "" : d->name);
    put_day(o, d == NULL ? (struct utime){0} : d->date);
}

static void
put_reason(struct output *o, const struct place *p)
{
    AUTO_BUF(b, 4096);

    buf_text(&b, p->why);
    if (p->rule != NULL)
        buf_printf(&b, ": %s", p->rule->text);
    if (p->rule != NULL && p->rule->reason[0] != '\0')
        buf_printf(&b, " (%s)", p->rule->reason);
    if (p->disputed)
        buf_text(&b, "; tables differ");
    output_need(o, &b);
    output_text(o, buf_get(&b));
}

static void
put_link(struct output *o, const struct asked_audit *q, const struct service *s,
         const struct need *n, uint32_t l)
{
    uint32_t place = q->audit.link[n->link_at + l];
    const struct place *p = &q->audit.place[place];
    bool stops = n->verdict == VERDICT_CACHED || n->verdict == VERDICT_OUTSIDE;

    put_head(o, "link", s, depend_kind_name((enum depend_kind)n->kind),
             audit_what(&q->audit, place));
    /* time is the need's: a link has some only where its need has no better one */
    if (stops && p->verdict == VERDICT_OUTSIDE)
        put_verdict(o, q, n->verdict, n->least, n->most);
    else
        put_verdict(o, q, p->verdict, DEPEND_NEVER, DEPEND_NEVER);
    put_place(o, p);
    put_said(o, q, audit_said_link(&q->in, &q->audit, s, n, l), s);
    put_table(o, q, p);
    put_reason(o, p);
    output_end(o);
}

void
depend_write(const struct asked_audit *q, enum depend_level level, struct output *o)
{
    for (uint32_t i = 0; i < q->audit.count; i++) {
        const struct outcome *x = &q->audit.outcome[i];
        const struct service *s = &q->d.services.service[i];

        put_service(o, q, i);
        for (uint32_t k = 0; level >= LEVEL_NEED && k < x->needs; k++) {
            const struct need *n = &q->audit.need[x->need_at + k];

            put_need(o, q, s, n);
            for (uint32_t l = 0; level >= LEVEL_LINK && l < n->links; l++)
                put_link(o, q, s, n, l);
        }
    }
}
