/* detente topology import --cables, topology cables: where submarine cables land. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cables.h"
#include "cli/cmd_topology.h"

/* ---- what is shared ---------------------------------------------------------------------- */

int
cables_open(struct cli *cli, struct cables **ret)
{
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = cables_load(dir, cli_option(cli, "date"), ret, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

void
cables_say(const struct cables *c)
{
    const struct {
        uint32_t n;
        const char *what;
    } rows[] = {
        {c->counts.planned, "cables that are planned: nothing hangs on them"},
        {c->counts.running, "cables whose time of service includes that date: taken as there"},
        {c->counts.undated, "cables without a time of service: taken as there"},
        {c->counts.undetermined, "landings that are to be determined: left out"},
        {c->counts.pointless, "cables without landing points: left out"},
        {c->counts.twice, "cables whose id an earlier one has: left out"},
        {c->counts.nowhere, "landing points whose name has no country: they join nobody"},
        {c->counts.others, "documents that are neither a cable nor a country: passed over"}};

    cli_say("cables of %s: %u, which land at %u points in %u countries", c->date, c->cables,
            c->points, c->countries);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].n > 0)
            cli_say("%u %s", rows[i].n, rows[i].what);
    }
    if (c->counts.codeless < c->countries)
        cli_say("%u countries have a code", c->countries - c->counts.codeless);
}

void
cables_put_countries(struct output *o, const struct cables *c, const uint32_t *list,
                     uint32_t count)
{
    AUTO_BUF(json, 1 << 20);
    AUTO_BUF(text, 1 << 20);

    buf_char(&json, '[');
    for (uint32_t i = 0; i < count; i++) {
        buf_text(&json, i > 0 ? "," : "");
        buf_text(&text, i > 0 ? "; " : "");
        buf_json(&json, c->country[list[i]].name);
        buf_slice(&text, c->country[list[i]].name);
    }
    buf_char(&json, ']');
    output_need(o, &json);
    output_need(o, &text);
    output_json(o, buf_get(&json), buf_get(&text));
}

static int
compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

uint32_t
cables_countries_of(const struct cables *c, const struct cable *k, uint32_t *list)
{
    uint32_t n = 0;
    uint32_t many = 0;

    for (uint32_t i = k->first; i < k->first + k->points; i++) {
        uint32_t country = c->point[c->landing[i]].country;

        if (country != CABLES_NOWHERE)
            list[n++] = country;
    }
    if (n > 0)
        qsort(list, n, sizeof *list, compare);
    for (uint32_t i = 0; i < n; i++) {
        if (i == 0 || list[i] != list[i - 1])
            list[many++] = list[i];
    }
    return many;
}

void
cables_put_code(struct output *o, const struct cables *c, uint32_t country)
{
    char code[3] = "";

    if (country != CABLES_NOWHERE && c->country[country].code != COUNTRY_UNKNOWN)
        country_format(c->country[country].code, code);
    output_str(o, code);
}

/* ---- import ------------------------------------------------------------------------------ */

struct import {
    struct cli *cli;
    struct cables_build *b;
    struct snapshot_source source[CABLES_SOURCES];
    uint32_t sources;
    struct utime newest;
    char date[SNAPSHOT_DATE];
};

static int
take(struct import *i, const char *path)
{
    struct errinfo ei = {0};
    int r;

    if (i->sources == CABLES_SOURCES)
        return cli_fail(ERR_USAGE, "%d files or folders of cables are the most",
                        CABLES_SOURCES);
    r = cables_gather(i->b, path, &i->source[i->sources++], &i->newest, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static int
take_codes(struct import *i)
{
    const char *path = cli_option(i->cli, "country-codes");
    struct errinfo ei = {0};
    char *text = NULL;
    size_t len;
    int r;

    if (path == NULL)
        return 0;
    r = cli_read_file(path, (size_t)1 << 20, &text, &len, &ei);
    if (r == 0) {
        err_file(&ei, path);
        r = cables_build_codes(i->b, text, len, &ei);
    }
    free(text);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

/* --date, or of when the newest file of an archive is. */
static int
find_date(struct import *i)
{
    const char *given = cli_option(i->cli, "date");
    char text[TIME_TEXT];

    if (given != NULL && topologies_is_date(given)) {
        (void)snprintf(i->date, sizeof i->date, "%s", given);
        return 0;
    }
    if (given != NULL || i->newest.us == 0)
        return cli_fail(ERR_USAGE,
                        "--date says of which day the cables are, as 2024-01-01 (only an "
                        "archive tells it by itself)");
    time_format(i->newest, text);
    (void)snprintf(i->date, sizeof i->date, "%.10s", text);
    cli_say("the newest file in there is of %s, so that is the date", i->date);
    return 0;
}

static int
keep(const struct import *i, const char *dir, struct slice bytes)
{
    char path[TOPOLOGIES_PATH];
    struct errinfo ei = {0};
    int r = cables_path(dir, NULL, path, &ei);

    if (r == 0 && mkdir(path, 0700) < 0 && access(path, W_OK) < 0)
        r = err_set(&ei, ERR_AUTH, "%s cannot be made or written", path);
    if (r == 0)
        r = cables_path(dir, i->date, path, &ei);
    if (r == 0)
        r = cli_write_file(path, bytes, 0600, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static int
finish(struct import *i, const char *dir)
{
    AUTO_BUF(bytes, CABLES_MAX);
    struct errinfo ei = {0};
    struct cables *c = NULL;
    int r = find_date(i);

    if (r != 0)
        return r;
    err_file(&ei, cli_option(i->cli, "cables"));
    r = cables_build_write(i->b, i->date, i->source, i->sources, &bytes, &ei);
    if (r == 0)
        r = cables_read(buf_get(&bytes), &c, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = keep(i, dir, buf_get(&bytes));
    if (r == 0)
        cables_say(c);
    (void)cables_free(c);
    return r;
}

int
cli_topology_import_cables(struct cli *cli)
{
    static const char *const others[] = {"as-rel",   "mrt",    "as-org",
                                         "as-cc",    "pfx2as", "as-ipv4",
                                         "presence", "clique", "break-cycles"};
    struct import i = {.cli = cli};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
        if (cli_option(cli, others[k]) != NULL)
            return cli_fail(ERR_USAGE,
                            "--cables goes without --%s: cables are a file of their own, and "
                            "networks another",
                            others[k]);
    }
    r = cables_build_new(&i.b);
    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    r = take(&i, cli_option(cli, "cables"));
    for (int k = 0; r == 0 && k < cli->argc; k++)
        r = take(&i, cli->argv[k]);
    if (r == 0)
        r = take_codes(&i);
    if (r == 0)
        r = finish(&i, dir);
    (void)cables_build_free(i.b);
    return r;
}

/* ---- list -------------------------------------------------------------------------------- */

static const struct column cable_columns[] = {{"id", false},    {"name", false},
                                              {"since", false}, {"planned", false},
                                              {"points", true}, {"countries", false}};

static void
put_since(struct output *o, const struct cable *k)
{
    char text[16] = "";

    if (k->year > 0 && k->months == 12)
        (void)snprintf(text, sizeof text, "%u", k->year);
    else if (k->year > 0 && k->months == 3)
        (void)snprintf(text, sizeof text, "%u-Q%u", k->year, k->month / 3u + 1);
    else if (k->year > 0)
        (void)snprintf(text, sizeof text, "%u-%02u", k->year, k->month);
    output_str(o, text);
}

static void
put_cables(struct output *o, const struct cables *c, uint32_t *list)
{
    for (uint32_t i = 0; i < c->cables; i++) {
        const struct cable *k = &c->cable[i];
        uint32_t many = cables_countries_of(c, k, list);

        output_text(o, k->id);
        output_text(o, k->name);
        put_since(o, k);
        output_bool(o, k->planned);
        output_u64(o, k->points);
        cables_put_countries(o, c, list, many);
        output_end(o);
    }
}

static const struct column point_columns[] = {
    {"id", false}, {"name", false}, {"country", false}, {"code", false}, {"cables", true}};

/* With how many cables that are in service land there. */
static void
put_points(struct output *o, const struct cables *c, uint32_t *many)
{
    for (uint32_t i = 0; i < c->cables; i++) {
        const struct cable *k = &c->cable[i];

        for (uint32_t n = k->first; n < k->first + k->points; n++)
            many[c->landing[n]] += !k->planned;
    }
    for (uint32_t i = 0; i < c->points; i++) {
        const struct cables_point *p = &c->point[i];

        output_text(o, p->id);
        output_text(o, p->name);
        output_text(o, p->country == CABLES_NOWHERE ? SLICE("") : c->country[p->country].name);
        cables_put_code(o, c, p->country);
        output_u64(o, many[i]);
        output_end(o);
    }
}

static const struct column date_columns[] = {{"date", false},     {"cables", true},
                                             {"planned", true},   {"points", true},
                                             {"countries", true}, {"sha256", false}};

static int
put_date(struct output *o, const char *dir, const char *date, struct errinfo *ei)
{
    struct cables *c;
    char hex[2 * SHA256_SIZE + 1];
    int r = cables_load(dir, date, &c, ei);

    if (r < 0)
        return r;
    output_str(o, c->date);
    output_u64(o, c->cables);
    output_u64(o, c->counts.planned);
    output_u64(o, c->points);
    output_u64(o, c->countries);
    for (unsigned i = 0; i < SHA256_SIZE; i++)
        (void)snprintf(hex + (size_t)i * 2, 3, "%02x", c->sha256.byte[i]);
    output_str(o, hex);
    output_end(o);
    (void)cables_free(c);
    return 0;
}

static int
list_dates(struct cli *cli)
{
    static char dates[TOPOLOGIES_MOST][SNAPSHOT_DATE];
    struct errinfo ei = {0};
    struct output *o;
    const char *dir;
    int count;
    int r = cli_dir(cli, &dir);

    if (r < 0 ||
        output_open(cli, date_columns, sizeof date_columns / sizeof date_columns[0], &o) < 0)
        return err_exit(r < 0 ? r : ERR_USAGE);
    count = cables_dates(dir, dates, &ei);
    r = count < 0 ? count : 0;
    for (int i = 0; r == 0 && i < count; i++)
        r = put_date(o, dir, dates[i], &ei);
    if (r < 0) {
        output_drop(o);
        return cli_fail_at(r, &ei);
    }
    return output_close(o, (uint64_t)count) < 0 ? err_exit(ERR_IO) : 0;
}

int
cli_topology_cables(struct cli *cli)
{
    bool points = cli_option(cli, "points") != NULL;
    const struct column *columns = points ? point_columns : cable_columns;
    unsigned count = points ? sizeof point_columns / sizeof point_columns[0]
                            : sizeof cable_columns / sizeof cable_columns[0];
    struct cables *c = NULL;
    struct output *o = NULL;
    uint32_t *list;
    int r;

    if (cli->argc > 0)
        return cli_fail(ERR_USAGE, "topology cables takes options only, not `%s`",
                        cli->argv[0]);
    if (cli_option(cli, "dates") != NULL)
        return list_dates(cli);
    r = cables_open(cli, &c);
    if (r != 0 || c == NULL)
        return r;
    list = calloc((size_t)CABLES_LANDINGS + 1, sizeof *list);
    r = list == NULL ? ERR_NOMEM : output_open(cli, columns, count, &o);
    if (r == 0 && points)
        put_points(o, c, list);
    else if (r == 0)
        put_cables(o, c, list);
    if (r == 0) {
        r = output_close(o, points ? c->points : c->cables) < 0 ? ERR_IO : 0;
        cables_say(c);
    }
    free(list);
    (void)cables_free(c);
    return r < 0 ? err_exit(r) : 0;
}

const struct cmd_option cli_topology_cables_options[] = {
    {"points", NULL, "landing points instead", 0},
    {"dates", NULL, "of which days there are cables", 0},
    {"date", "DATE", "cables of that day (default: the newest)", 0},
    CMD_FORMAT_OPTION,
    {0}};
