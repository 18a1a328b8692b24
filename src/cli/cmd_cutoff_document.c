/* detente cutoff plan-document: all that a cut means for an operator, in one document
 * (role/plan_document.h). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cmd_log.h"
#include "cli/cutoff.h"
#include "cli/depend.h"
#include "cli/language.h"
#include "conf/conf.h"
#include "role/plan_document.h"

enum { PATHS = 4096, LINKS = 10, STEPS = 1000, NAME = 256 };

/* Nobody foreign stays; who has twenty neighbours here; who has five. */
static const uint32_t presence[] = {0, 20, 5};

struct making {
    struct cli *cli;
    const char *dir;
    struct plan_document d;
    struct contingency own;
    struct segment s;
    struct simulate_cut cut;
    struct rank rank;
    struct rank_row *failure;
    struct rank_row *link;
    uint8_t *side;
    uint32_t *island;
    struct links_plan *added;
    struct asked_audit q;
    bool asked;
    struct plan moves;
    struct plan_document_file file[PLAN_DOCUMENT_FILES];
    char segment[NAME];
    char country[3];
    char origin[KEY_NAME_MAX + 1];
    char key[VKEY_TEXT];
};

static const char *
last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* ---- what it is made of ------------------------------------------------------------------ */

static int
add_file(struct making *m, const char *path, const char *bytes, size_t len)
{
    if (m->d.files == PLAN_DOCUMENT_FILES)
        return cli_fail(ERR_LIMIT, "more than %d files", PLAN_DOCUMENT_FILES);
    m->file[m->d.files++] = (struct plan_document_file){last_part(path), sha256_of(bytes, len)};
    return 0;
}

/* Folders are read, and not listed. */
static int
hash_file(struct making *m, const char *path)
{
    struct errinfo ei = {0};
    char *bytes = NULL;
    size_t len = 0;
    struct stat st;
    int r;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return 0;
    r = cli_read_file(path, DEPENDS_BYTES, &bytes, &len, &ei);
    r = r < 0 ? cli_fail_at(r, &ei) : add_file(m, path, bytes, len);
    free(bytes);
    return r;
}

static int
hash_options(struct making *m)
{
    static const char *const names[] = {"services", "answers", "suppliers", "sbom",
                                        "zone",     "pem",     "home-file", "cut"};
    char tables[PATHS];
    struct stat st;
    int r = 0;

    for (unsigned i = 0; r == 0 && i < sizeof names / sizeof names[0]; i++) {
        const char *path;

        for (unsigned n = 0; r == 0 && (path = cli_option_nth(m->cli, names[i], n)) != NULL;
             n++) {
            if (stat(path, &st) < 0 && strchr(path, '=') != NULL)
                path = strchr(path, '=') + 1;
            if (strcmp(names[i], "cut") != 0 || stat(path, &st) == 0)
                r = hash_file(m, path);
        }
    }
    (void)snprintf(tables, sizeof tables, "%s/tables/tables.bin", m->dir);
    return r == 0 && m->asked && m->q.d.attrib != NULL ? hash_file(m, tables) : r;
}

static int
read_own(struct making *m)
{
    const char *path = m->cli->argv[0];
    struct errinfo ei = {0};
    char *bytes = NULL;
    size_t len = 0;
    int r = cli_read_file(path, CONTINGENCY_BYTES, &bytes, &len, &ei);

    err_file(&ei, path);
    if (r == 0)
        r = contingency_read((struct slice){bytes, len}, &m->own, &ei);
    r = r < 0 ? cli_fail_at(r, &ei) : add_file(m, path, bytes, len);
    free(bytes);
    return r;
}

/* ---- the cut ----------------------------------------------------------------------------- */

static void
add_name(struct making *m, const char *what)
{
    size_t len = strlen(m->segment);

    (void)snprintf(m->segment + len, sizeof m->segment - len, "%s%s", len > 0 ? " " : "", what);
}

/* One country alone has a table of failures. */
static int
add_segment(struct making *m, const char *what, bool file)
{
    uint16_t country = file ? COUNTRY_UNKNOWN : country_parse(slice_of(what));

    m->d.country = m->segment[0] == '\0' ? country : COUNTRY_UNKNOWN;
    if (m->d.country != COUNTRY_UNKNOWN)
        country_format(country, m->country);
    add_name(m, file ? last_part(what) : what);
    return file ? segment_add_file(&m->s, what) : segment_add(&m->s, what);
}

/* The country of the node, where no option names another segment. */
static int
take_conf(struct making *m)
{
    struct errinfo ei = {0};
    char path[PATHS];
    char code[3] = "";
    struct conf *conf;
    struct stat st;
    int r;

    (void)snprintf(path, sizeof path, "%s/detente.yaml", m->dir);
    if (stat(path, &st) == 0) {
        r = node_conf(m->dir, &conf, &ei);
        if (r < 0)
            return cli_fail_at(r, &ei);
        if (conf->country != COUNTRY_UNKNOWN)
            country_format(conf->country, code);
        (void)conf_free(conf);
    }
    if (code[0] == '\0')
        return cli_fail(ERR_USAGE,
                        "what is cut off? --country XA, --cut SCENARIO, or `country` "
                        "in the node's detente.yaml");
    return add_segment(m, code, false);
}

static int
take_segment(struct making *m)
{
    const char *country = cli_option(m->cli, "country");
    const char *cut;
    struct stat st;
    int r = segment_open(m->cli, &m->s);

    if (r == 0 && country != NULL && country_parse(slice_of(country)) == COUNTRY_UNKNOWN)
        return cli_fail(ERR_USAGE, "`%s` is no country: two capital letters", country);
    if (r == 0 && country != NULL)
        r = add_segment(m, country, false);
    for (unsigned i = 0; r == 0 && (cut = cli_option_nth(m->cli, "cut", i)) != NULL; i++)
        r = add_segment(m, cut, stat(cut, &st) == 0);
    if (r == 0 && m->segment[0] == '\0')
        r = take_conf(m);
    if (r == 0 && m->s.networks == 0)
        r = cli_fail(ERR_USAGE,
                     "%s cuts no networks off: a plan is made for a country, or for "
                     "networks",
                     m->segment);
    segment_close(&m->s);
    return r;
}

static int
find_islands(struct making *m)
{
    const struct net_filter f = {
        .counts = m->s.in, .side = m->side, .keep = 1, .cut = m->s.cut, .cuts = m->s.cuts};
    struct inside inside = {0};

    m->island = calloc((size_t)m->s.t->count + 1, sizeof *m->island);
    return m->island == NULL ? ERR_NOMEM : inside_islands(m->s.t, &f, m->island, &inside);
}

static int
find_failures(struct making *m)
{
    uint32_t networks;
    int r;

    if (m->d.country == COUNTRY_UNKNOWN)
        return 0;
    r = rank_make(m->s.t, &m->rank);
    if (r == 0)
        r = rank_country(m->s.t, &m->rank, m->d.country, &m->failure, &m->d.failures,
                         &networks);
    return r == 0 ? rank_links(m->s.t, &m->rank, m->d.country, &m->link, &m->d.links) : r;
}

static int
find_links(struct making *m)
{
    const struct net_filter f = {.counts = m->s.in, .side = m->side, .keep = 1};
    uint64_t links;
    int r;

    if (cli_number(m->cli, "links", LINKS, &links) < 0)
        return ERR_USAGE;
    m->added = malloc(sizeof *m->added);
    if (m->added == NULL)
        return ERR_NOMEM;
    r = links_plan_make(m->s.t, &f, links > PLAN_LINKS ? PLAN_LINKS : (uint32_t)links, false,
                        m->added);
    if (r == 0)
        m->d.added = m->added;
    return r == ERR_LIMIT ? 0 : r;
}

static int
simulate(struct making *m)
{
    const struct simulate_scenario scenario = {.segment = m->s.in,
                                               .stays = m->s.stays,
                                               .cut = m->s.cut,
                                               .cuts = m->s.cuts,
                                               .neighbours = presence,
                                               .cases = sizeof presence / sizeof presence[0]};
    int r = simulate_cut(m->s.t, &scenario, cli_cores(), &m->cut);

    m->side = r < 0 ? NULL : malloc((size_t)m->s.t->count + 1);
    if (r == 0 && m->side == NULL)
        r = ERR_NOMEM;
    if (r == 0) {
        simulate_side(m->s.t, m->s.in, m->s.stays, m->side);
        r = find_islands(m);
    }
    if (r == 0)
        r = find_failures(m);
    if (r == 0)
        r = find_links(m);
    return r == 0 ? 0 : r == ERR_USAGE ? err_exit(r) : cli_fail(r, "%s", err_text(r));
}

/* ---- services ---------------------------------------------------------------------------- */

/* The beginning of the day, so that a document made twice a day is the same. */
static int
take_day(struct making *m)
{
    const int64_t day = INT64_C(86400) * TIME_US_PER_S;
    struct utime now = cli_now();

    now.us -= now.us % day;
    return cli_time(m->cli, "at", now, &m->d.day) < 0 ? err_exit(ERR_USAGE) : 0;
}

static int
audit(struct making *m)
{
    const char *services = cli_option(m->cli, "services");
    int r;

    if (services == NULL && cli_option(m->cli, "answers") == NULL &&
        cli_option(m->cli, "sbom") == NULL)
        return 0;
    r = depend_open_cut(m->cli, cli_option(m->cli, "date"),
                        m->country[0] == '\0' ? NULL : m->country, &m->q);
    if (r != 0)
        return r;
    m->asked = true;
    m->q.in.at = m->d.day;
    r = depend_services(&m->q, services);
    if (r == 0)
        r = depend_audit(&m->q);
    if (r != 0)
        return r;
    r = plan_make(&m->q.in, &m->q.audit, DEPEND_NEVER, STEPS, &m->moves);
    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    m->d.in_audit = &m->q.in;
    m->d.audit = &m->q.audit;
    m->d.moves = &m->moves;
    m->d.networks_date = m->q.d.topology_date;
    m->d.services_file = services == NULL ? NULL : last_part(services);
    return 0;
}

/* ---- all of it --------------------------------------------------------------------------- */

/* The log that will have it; none for a draft of a folder without one. */
static int
take_log(struct making *m)
{
    bool draft = cli_option(m->cli, "draft") != NULL;
    char path[PATHS];
    struct stat st;
    struct view v;
    int r;

    (void)snprintf(path, sizeof path, "%s/detente.db", m->dir);
    if (stat(path, &st) < 0 && errno == ENOENT)
        return draft ? 0
                     : cli_fail(ERR_CONF,
                                "%s: there is no log that could have the document: "
                                "--draft makes one that is not signed",
                                m->dir);
    r = cli_log_open(m->cli, &v);
    if (r != 0)
        return r;
    (void)vkey_format(&v.node.vkey, m->key);
    (void)snprintf(m->origin, sizeof m->origin, "%.*s", (int)vkey_name(&v.node.vkey).len,
                   vkey_name(&v.node.vkey).ptr);
    view_close(&v);
    return 0;
}

static void
fill(struct making *m)
{
    m->d.own = &m->own;
    m->d.segment = m->segment;
    m->d.topology = m->s.t;
    m->d.about = &m->s.about;
    m->d.snapshot = m->s.hash;
    m->d.cut = &m->cut;
    m->d.island = m->island;
    m->d.in = m->s.in;
    m->d.rank = &m->rank;
    m->d.failure = m->failure;
    m->d.link = m->link;
    m->d.origin = m->origin;
    m->d.key = m->key;
    m->d.file = m->file;
}

static void
drop(struct making *m)
{
    plan_release(&m->moves);
    if (m->asked)
        depend_close(&m->q);
    free(m->added);
    free(m->island);
    free(m->side);
    free(m->failure);
    free(m->link);
    rank_release(&m->rank);
    simulate_cut_release(&m->cut);
    segment_release(&m->s);
    contingency_release(&m->own);
}

static int
make(struct making *m, enum language language, bool markdown, struct buf *to)
{
    int r = take_log(m);

    if (r == 0)
        r = take_day(m);
    if (r == 0)
        r = read_own(m);
    if (r == 0)
        r = take_segment(m);
    if (r == 0)
        r = simulate(m);
    if (r == 0)
        r = audit(m);
    if (r == 0)
        r = hash_options(m);
    if (r != 0)
        return r;
    fill(m);
    r = plan_document_write(&m->d, language, markdown, to);
    return r < 0 ? cli_fail(r, "the document: %s", err_text(r)) : 0;
}

static int
take_format(const struct cli *cli, bool *ret_markdown)
{
    const char *format = cli_option(cli, "output");

    *ret_markdown = format != NULL && strcmp(format, "markdown") == 0;
    return format == NULL || *ret_markdown || strcmp(format, "html") == 0
               ? 0
               : cli_fail(ERR_USAGE, "--output takes html or markdown, not `%s`", format);
}

int
cutoff_run_document(struct cli *cli)
{
    const char *verify = cli_option(cli, "verify");
    const char *out = cli_option(cli, "out");
    AUTO_BUF(document, PLAN_DOCUMENT_MAX);
    struct errinfo ei = {0};
    enum language language;
    struct making *m;
    bool markdown;
    int r;

    if (cli->argc != (verify == NULL ? 1 : 0))
        return cli_fail(ERR_USAGE,
                        "cutoff plan-document takes the operator's file, or --verify "
                        "FILE alone");
    if (verify != NULL)
        return cutoff_verify(cli, verify);
    r = take_format(cli, &markdown);
    if (r == 0)
        r = cli_language(cli, &language);
    if (r != 0)
        return r;
    m = calloc(1, sizeof *m);
    if (m == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    m->cli = cli;
    r = cli_dir(cli, &m->dir) < 0 ? err_exit(ERR_USAGE)
                                  : make(m, language, markdown, &document);
    if (r == 0 && cli_write_file(out == NULL ? "-" : out, buf_get(&document), 0644, &ei) < 0)
        r = cli_fail_at(ERR_IO, &ei);
    if (r == 0 && cli_option(cli, "draft") == NULL)
        r = cutoff_sign(cli, buf_get(&document));
    drop(m);
    free(m);
    return r;
}

const struct cmd_option cutoff_document_options[] = {
    {"country", "CC", "that is cut off, and home (default: --cut, or the node's country)", 0},
    {"services", "FILE", "a list of services, as of `depend audit`", 0},
    DEPEND_OPTIONS,
    {"links", "N", "new links between peers that are planned (default: 10)", 0},
    SEGMENT_DATE_OPTION,
    {"output", "FORMAT", "html or markdown (default: html)", 'o'},
    {"out", "FILE", "where it is written (default: to standard output)", 0},
    {"lang", "LANG", "en, ru or zh (default: `language` of the configuration)", 0},
    {"draft", NULL, "do not sign it into the log", 0},
    {"verify", "FILE", "does the log have this document, and since when?", 0},
    {"split", "FOLDER", "with --verify: write the log's entry and its proof, for other tools",
     0},
    {0}};
