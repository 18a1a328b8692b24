/* detente cutoff keep, report: what the page shows, and the same on paper. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cutoff.h"
#include "cli/depend.h"
#include "role/cutoff_page.h"
#include "role/folder.h"
#include "role/node.h"
#include "role/outlast.h"
#include "role/survey.h"
#include "role/topologies.h"

enum { PATHS = 4096, NODE_FILE = 1 << 20 };

/* A survey and all that it borrows. */
struct surveyed {
    struct survey s;
    struct topology *t;
    struct snapshot_about about;
    struct attrib *attrib;
    enum language language; /* of the node's configuration; English where there is none */
};

static void
surveyed_close(struct surveyed *x)
{
    survey_close(&x->s);
    (void)topology_free(x->t);
    (void)attrib_close(x->attrib);
}

static bool
is_there(const char *dir, const char *name, char path[PATHS])
{
    struct stat st;

    (void)snprintf(path, PATHS, "%s/%s", dir, name);
    return stat(path, &st) == 0 || errno != ENOENT;
}

/* Country and language, where there is a node and not only its tables. */
static int
take_conf(const char *dir, struct surveyed *x)
{
    struct errinfo ei = {0};
    struct conf *conf;
    char path[PATHS];
    int r;

    if (!is_there(dir, "detente.yaml", path))
        return 0;
    r = node_conf(dir, &conf, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    x->s.home = conf->country;
    x->language = conf->language;
    (void)conf_free(conf);
    return 0;
}

static int
surveyed_open(struct cli *cli, struct surveyed *x)
{
    struct errinfo ei = {0};
    const char *dir;
    char path[PATHS];
    int r = cli_dir(cli, &dir);

    *x = (struct surveyed){.s = {.at = cli_now()}};
    if (r < 0)
        return err_exit(r);
    r = topologies_load(dir, cli_option(cli, "date"), &x->t, &x->about, &x->s.hash, &ei);
    if (r == 0 && is_there(dir, "tables/tables.bin", path))
        r = attrib_open(path, &x->attrib, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    x->s.t = x->t;
    x->s.about = &x->about;
    x->s.attrib = x->attrib;
    r = take_conf(dir, x);
    if (r != 0)
        return r;
    r = survey_open(&x->s, cli_cores());
    return r < 0 ? cli_fail(r, "%s", err_text(r)) : 0;
}

/* ---- services ---------------------------------------------------------------------------- */

static int
put_outlast(struct cli *cli, const struct asked_audit *q, struct buf *to)
{
    struct outlast o = {.in = &q->in, .audit = &q->audit, .made = cli_now()};
    struct utime horizon = DEPEND_NEVER;
    struct plan plan = {0};
    int r;

    if (cli_number(cli, "days", 0, &o.days) < 0)
        return err_exit(ERR_USAGE);
    if (o.days > 36500)
        return cli_fail(ERR_USAGE, "--days takes days, at most 36500");
    if (o.days > 0)
        horizon.us = q->in.at.us + (int64_t)o.days * 86400 * TIME_US_PER_S;
    o.plan = &plan;
    r = plan_make(&q->in, &q->audit, horizon, OUTLAST_STEPS, &plan);
    if (r == 0)
        r = outlast_json(&o, to);
    plan_release(&plan);
    return r < 0 ? cli_fail(r, "%s", err_text(r)) : 0;
}

/* Of the list that was named, if any: to is empty then. */
static int
audit_named(struct cli *cli, struct buf *to)
{
    const char *file = cli_option(cli, "services");
    struct asked_audit q = {0};
    int r;

    if (file == NULL && cli_option(cli, "answers") == NULL)
        return 0;
    r = depend_open_cut(cli, cli_option(cli, "date"), NULL, &q);
    if (r != 0)
        return r;
    r = depend_services(&q, file);
    if (r == 0)
        r = depend_audit(&q);
    if (r == 0)
        r = put_outlast(cli, &q, to);
    depend_close(&q);
    return r;
}

/* ---- keep -------------------------------------------------------------------------------- */

static void
tell(uint32_t done, uint32_t of)
{
    if (done % 50 == 0 || done == of)
        cli_say("%u of %u countries", done, of);
}

static int
keep_survey(struct cli *cli, const struct surveyed *x, uint32_t least)
{
    struct survey_country *all = NULL;
    struct errinfo ei = {0};
    uint32_t count = 0;
    int r = survey_all(&x->s, least, cli_cores(), &all, &count);

    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    r = survey_keep(cli->dir, &x->s, all, count, least, &ei);
    for (uint32_t i = 0; i < count; i++)
        survey_release(&all[i]);
    free(all);
    if (r < 0)
        return cli_fail_at(r, &ei);
    cli_say("the page shows %u countries by the networks of %s", count, x->about.date);
    return 0;
}

int
cutoff_run_keep(struct cli *cli)
{
    AUTO_BUF(services, OUTLAST_JSON);
    struct errinfo ei = {0};
    struct surveyed x;
    uint64_t least;
    int r;

    if (cli_number(cli, "least", SURVEY_LEAST, &least) < 0)
        return err_exit(ERR_USAGE);
    r = surveyed_open(cli, &x);
    x.s.done = tell;
    if (r == 0)
        r = audit_named(cli, &services);
    if (r == 0)
        r = keep_survey(cli, &x, least > UINT32_MAX ? UINT32_MAX : (uint32_t)least);
    if (r == 0 && services.len > 0) {
        int e = folder_put(cli->dir, OUTLAST_FILE, buf_get(&services), &ei);

        r = e < 0 ? cli_fail_at(e, &ei) : 0;
    }
    surveyed_close(&x);
    return r;
}

/* ---- report ------------------------------------------------------------------------------ */

/* What was kept; nothing where nothing was. */
static int
read_kept(const char *dir, const char *name, struct buf *to)
{
    struct errinfo ei = {0};
    char path[PATHS];
    char *bytes = NULL;
    size_t len = 0;
    int r;

    if (!is_there(dir, name, path))
        return 0;
    r = cli_read_own(path, NODE_FILE, &bytes, &len, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    buf_add(to, bytes, len);
    free(bytes);
    return 0;
}

/* Without the line's end, which is no part of the value. */
static struct slice
value_of(const struct buf *b)
{
    struct slice s = buf_get(b);

    return s.len > 0 && s.ptr[s.len - 1] == '\n' ? slice_sub(s, 0, s.len - 1) : s;
}

/* Kept files are of this snapshot, or not shown. */
static bool
is_of(const struct buf *world, const struct survey_country *c)
{
    static const char key[] = "\"sha256\":\"";
    const char *a =
        world->len == 0 ? NULL : memmem(world->ptr, world->len, key, sizeof key - 1);
    const char *b = memmem(c->file.ptr, c->file.len, key, sizeof key - 1);

    return a != NULL && b != NULL && a + 80 < world->ptr + world->len &&
           memcmp(a, b, sizeof key - 1 + 64) == 0;
}

static int
write_pictures(const char *folder, const struct cutoff_page *page, enum language l)
{
    int r = mkdir(folder, 0755) == 0 || errno == EEXIST ? 0 : err_named(errno);

    if (r < 0)
        return cli_fail(r, "%s: cannot be made: %s", folder, strerror(errno));
    for (int i = 0; i < PICTURES; i++) {
        AUTO_BUF(svg, CUTOFF_PAGE);
        struct errinfo ei = {0};
        char path[PATHS];

        if (!cutoff_has(page, (enum cutoff_picture)i))
            continue;
        (void)snprintf(path, sizeof path, "%s/%s.svg", folder,
                       cutoff_picture_name((enum cutoff_picture)i));
        r = cutoff_svg(page, (enum cutoff_picture)i, l, &svg);
        if (r < 0)
            return cli_fail(r, "%s: %s", path, err_text(r));
        r = cli_write_file(path, buf_get(&svg), 0644, &ei);
        if (r < 0)
            return cli_fail_at(r, &ei);
    }
    return 0;
}

static int
write_page(const char *path, const struct cutoff_page *page, enum language l)
{
    AUTO_BUF(html, CUTOFF_PAGE);
    struct errinfo ei = {0};
    int r = cutoff_html(page, l, &html);

    if (r < 0)
        return cli_fail(r, "the page: %s", err_text(r));
    r = cli_write_file(path, buf_get(&html), 0644, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

/* All that was asked for: a page, pictures, JSON; a page to standard output when nothing was.
 */
static int
write_all(struct cli *cli, const struct cutoff_page *page, enum language l)
{
    const char *html = cli_option(cli, "html");
    const char *folder = cli_option(cli, "svg");
    const char *format = cli_option(cli, "output");
    int r = 0;

    if (html == NULL && folder == NULL && format == NULL)
        html = "-";
    if (html != NULL)
        r = write_page(html, page, l);
    if (r == 0 && folder != NULL)
        r = write_pictures(folder, page, l);
    if (r == 0 && format != NULL) {
        AUTO_BUF(json, CUTOFF_PAGE);

        buf_slice(&json, page->country);
        r = cli_print(&json);
    }
    return r;
}

static int
report(struct cli *cli, struct surveyed *x, uint16_t country, enum language l)
{
    AUTO_BUF(world, NODE_FILE);
    AUTO_BUF(services, OUTLAST_JSON);
    struct survey_country c = {0};
    char at[TIME_TEXT];
    int r = survey_look(&x->s, country, cli_cores(), &c);

    if (r < 0)
        r = r == ERR_NOTFOUND
                ? cli_fail(r, "no network of the snapshot is of country %s", cli->argv[0])
                : cli_fail(r, "%s", err_text(r));
    if (r == 0)
        r = read_kept(cli->dir, SURVEY_WORLD, &world);
    if (r == 0)
        r = audit_named(cli, &services);
    /* what was kept is what the node's own country depends on */
    if (r == 0 && services.len == 0 && country == x->s.home)
        r = read_kept(cli->dir, OUTLAST_FILE, &services);
    time_format(x->s.at, at);
    if (r == 0) {
        const struct cutoff_page page = {.country = value_of(&c.file),
                                         .world = is_of(&world, &c) ? value_of(&world)
                                                                    : (struct slice){"", 0},
                                         .services = value_of(&services),
                                         .title = slice_of(cli->argv[0]),
                                         .at = {at, TIME_TEXT}};

        r = write_all(cli, &page, l);
    }
    survey_release(&c);
    return r;
}

int
cutoff_run_report(struct cli *cli)
{
    uint16_t country = cli->argc == 1 ? country_parse(slice_of(cli->argv[0])) : COUNTRY_UNKNOWN;
    const char *lang = cli_option(cli, "lang");
    const char *format = cli_option(cli, "output");
    int l = lang == NULL ? 0 : language_find(slice_of(lang));
    struct surveyed x;
    int r;

    if (country == COUNTRY_UNKNOWN)
        return cli_fail(ERR_USAGE, "cutoff report takes one country, as XA");
    if (l < 0)
        return cli_fail(ERR_USAGE, "--lang takes en, ru or zh, not `%s`", lang);
    if (format != NULL && strcmp(format, "json") != 0)
        return cli_fail(ERR_USAGE,
                        "a report is --html FILE, --svg DIR or --output json, not "
                        "`%s`",
                        format);
    r = surveyed_open(cli, &x);
    if (r == 0)
        r = report(cli, &x, country, lang == NULL ? x.language : (enum language)l);
    surveyed_close(&x);
    return r;
}

#define SERVICES_OPTION                                                    \
    {                                                                      \
        "services", "FILE",                                                \
            "a list of services, as `depend audit` takes it: what breaks " \
            "when, and what to move home",                                 \
            0                                                              \
    }
#define DAYS_OPTION                                                                     \
    {                                                                                   \
        "days", "N", "a service is gained when it holds so long (default: for good)", 0 \
    }

const struct cmd_option cutoff_keep_options[] = {
    SERVICES_OPTION,
    DEPEND_OPTIONS,
    DAYS_OPTION,
    {"least", "N", "countries with at least so many networks (default: 10)", 0},
    SEGMENT_DATE_OPTION,
    {0}};
const struct cmd_option cutoff_report_options[] = {
    {"html", "FILE", "write it as one HTML page, to be printed (default: to standard output)",
     0},
    {"svg", "DIR", "write each picture into that folder", 0},
    {"lang", "LANG",
     "en, ru or zh: language of page and pictures (default: `language` of the configuration)",
     0},
    {"output", "FORMAT", "json: what the page is made from", 'o'},
    SERVICES_OPTION,
    DEPEND_OPTIONS,
    DAYS_OPTION,
    SEGMENT_DATE_OPTION,
    {0}};
