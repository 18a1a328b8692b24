/* detente cutoff: what a segment that is cut off still has (role/simulate.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/cutoff.h"
#include "cli/output.h"
#include "cutoff/rank.h"
#include "role/simulate.h"

enum { LEAST = 10 /* networks that a country has, to stand in a list of all */ };

/* ---- countries --------------------------------------------------------------------------- */

static int
run_all(struct cli *cli)
{
    struct segment w = {0};
    struct simulate_country *rows = NULL;
    struct output *o;
    uint64_t least;
    uint32_t count;
    int r = cli_number(cli, "least", LEAST, &least);

    if (r < 0)
        return err_exit(r);
    if (cli->argc > 0)
        return cli_fail(ERR_USAGE, "cutoff all takes options only, not `%s`", cli->argv[0]);
    r = segment_open_weighed(cli, cli_option(cli, "date"), &w);
    if (r != 0) {
        segment_release(&w);
        return r;
    }
    r = simulate_countries(w.t, least > UINT32_MAX ? UINT32_MAX : (uint32_t)least, cli_cores(),
                           &rows, &count);
    segment_release(&w);
    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    if (cutoff_open_rows(cli, true, &o) < 0) {
        free(rows);
        return err_exit(ERR_USAGE);
    }
    for (uint32_t i = 0; i < count; i++)
        cutoff_put_row(o, rows[i].country, NULL, &rows[i].inside);
    free(rows);
    return output_close(o, count) < 0 ? err_exit(ERR_IO) : 0;
}

/* ---- rank -------------------------------------------------------------------------------- */

static const struct column rank_columns[] = {{"country", false},
                                             {"networks", true},
                                             {"worst", false},
                                             {"stranded", true},
                                             {"stranded_percent", true},
                                             {"worst_domestic", false},
                                             {"stranded_domestic", true},
                                             {"stranded_domestic_percent", true}};

static void
put_worst(struct output *o, const struct topology *t, const struct rank_row *row,
          uint32_t networks)
{
    uint32_t stranded = row == NULL ? 0 : row->stranded;
    char text[24];

    (void)snprintf(text, sizeof text, "AS%u", row == NULL ? 0 : t->asn[row->network]);
    output_str(o, row == NULL ? "" : text);
    output_u64(o, stranded);
    (void)snprintf(text, sizeof text, "%.2f",
                   networks == 0 ? 0.0 : 100.0 * (double)stranded / (double)networks);
    output_json(o, slice_of(text), slice_of(text));
}

static int
put_rank(struct output *o, const struct topology *t, const struct rank *r, uint16_t country)
{
    struct rank_row *rows;
    uint32_t networks;
    uint32_t count;
    uint32_t home = 0;
    char code[16];
    int e = rank_country(t, r, country, &rows, &count, &networks);

    if (e < 0)
        return e;
    while (home < count && t->country[rows[home].network] != country)
        home++;
    country_format(country, code);
    output_str(o, code);
    output_u64(o, networks);
    put_worst(o, t, count > 0 ? &rows[0] : NULL, networks);
    put_worst(o, t, home < count ? &rows[home] : NULL, networks);
    output_end(o);
    free(rows);
    return 0;
}

static int
rank_all(struct output *o, const struct topology *t, const struct rank *r, uint64_t least)
{
    uint32_t *many = calloc(UINT16_MAX + (size_t)1, sizeof *many);
    int e = many == NULL ? ERR_NOMEM : 0;

    for (uint32_t i = 0; e == 0 && i < t->count; i++)
        many[t->country[i]]++;
    for (uint32_t c = COUNTRY_UNKNOWN + 1; e == 0 && c <= UINT16_MAX; c++) {
        if (many[c] > 0 && many[c] >= least)
            e = put_rank(o, t, r, (uint16_t)c);
    }
    free(many);
    return e;
}

static const struct column row_columns[] = {{"kind", false},
                                            {"failure", false},
                                            {"country", false},
                                            {"stranded", true},
                                            {"stranded_percent", true}};

static void
put_failure(struct output *o, const struct topology *t, const struct rank *r,
            const struct rank_row *row, bool link, uint32_t networks)
{
    uint32_t who = link ? r->only[row->network] : row->network;
    char text[40];

    output_str(o, link ? "link" : "network");
    if (link)
        (void)snprintf(text, sizeof text, "AS%u-AS%u", t->asn[who], t->asn[row->network]);
    else
        (void)snprintf(text, sizeof text, "AS%u", t->asn[who]);
    output_str(o, text);
    country_format(t->country[who], text);
    output_str(o, text);
    output_u64(o, row->stranded);
    (void)snprintf(text, sizeof text, "%.2f",
                   networks == 0 ? 0.0 : 100.0 * (double)row->stranded / (double)networks);
    output_json(o, slice_of(text), slice_of(text));
    output_end(o);
}

/* Networks and links of one country, merged, the worst first. */
static int
rank_one(struct output *o, const struct topology *t, const struct rank *r, uint16_t country,
         uint64_t limit)
{
    struct rank_row *rows = NULL;
    struct rank_row *links = NULL;
    uint32_t networks = 0;
    uint32_t count = 0;
    uint32_t link_count = 0;
    uint32_t i = 0;
    uint32_t k = 0;
    int e = rank_country(t, r, country, &rows, &count, &networks);

    if (e == 0)
        e = rank_links(t, r, country, &links, &link_count);
    while (e == 0 && (i < count || k < link_count) && (limit == 0 || i + k < limit)) {
        bool link = i == count || (k < link_count && links[k].stranded > rows[i].stranded);

        if (link)
            put_failure(o, t, r, &links[k++], true, networks);
        else
            put_failure(o, t, r, &rows[i++], false, networks);
    }
    free(rows);
    free(links);
    return e < 0 ? e : networks == 0 ? ERR_NOTFOUND : 0;
}

static int
run_rank(struct cli *cli)
{
    uint16_t country = cli->argc == 1 ? country_parse(slice_of(cli->argv[0])) : COUNTRY_UNKNOWN;
    struct segment w = {0};
    struct rank rank = {0};
    struct output *o;
    uint64_t least;
    uint64_t limit;
    int r;

    if (cli->argc > 1 || (cli->argc == 1 && country == COUNTRY_UNKNOWN))
        return cli_fail(ERR_USAGE, "cutoff rank takes one country at most, as XA");
    if (cli_number(cli, "least", LEAST, &least) < 0 || cli_number(cli, "limit", 20, &limit) < 0)
        return err_exit(ERR_USAGE);
    r = segment_open(cli, &w);
    if (r != 0) {
        segment_release(&w);
        return r;
    }
    r = cli->argc == 1
            ? output_open(cli, row_columns, sizeof row_columns / sizeof row_columns[0], &o)
            : output_open(cli, rank_columns, sizeof rank_columns / sizeof rank_columns[0], &o);
    if (r < 0) {
        segment_release(&w);
        return err_exit(ERR_USAGE);
    }
    r = rank_make(w.t, &rank);
    if (r == 0)
        r = cli->argc == 1 ? rank_one(o, w.t, &rank, country, limit)
                           : rank_all(o, w.t, &rank, least);
    rank_release(&rank);
    segment_release(&w);
    if (r < 0) {
        output_drop(o);
        return r == ERR_NOTFOUND
                   ? cli_fail(r, "no network of the snapshot is of country %s", cli->argv[0])
                   : cli_fail(r, "%s", err_text(r));
    }
    return output_close(o, output_rows(o)) < 0 ? err_exit(ERR_IO) : 0;
}

static const struct cmd_option all_options[] = {
    {"least", "N", "countries with at least so many networks (default: 10)", 0},
    SEGMENT_WEIGHT_OPTIONS,
    SEGMENT_DATE_OPTION,
    CMD_FORMAT_OPTION,
    {0}};
static const struct cmd_option rank_options[] = {
    {"least", "N", "countries with at least so many networks (default: 10)", 0},
    {"limit", "N", "failures of one country, 0 all (default: 20)", 0},
    SEGMENT_DATE_OPTION,
    CMD_FORMAT_OPTION,
    {0}};

const struct cmd cmd_cutoff[] = {
    {"cutoff", "country", "CC…",
     "what countries still have when all their links to others are cut", cutoff_cut_options,
     cutoff_run_country},
    {"cutoff", "all", "", "the same of every country, each cut off by itself", all_options,
     run_all},
    {"cutoff", "as", "AS…", "the same of networks, as one segment", cutoff_cut_options,
     cutoff_run_segment},
    {"cutoff", "link", "AS-AS…", "what the world has without these links", cutoff_cut_options,
     cutoff_run_segment},
    {"cutoff", "file", "SCENARIO", "the same of what a file says: country, as, stays, link",
     cutoff_cut_options, cutoff_run_file},
    {"cutoff", "cable", "[ID…]",
     "which countries lose what when submarine cables or landings fail; the worst of them",
     cutoff_cable_options, cutoff_run_cable},
    {"cutoff", "compare", "A B", "two segments or scenario files, side by side",
     cutoff_cut_options, cutoff_run_compare},
    {"cutoff", "islands", "CC|AS…|FILE",
     "into which islands it falls when no foreign network stays, and each network of them",
     cutoff_list_options, cutoff_run_islands},
    {"cutoff", "stranded", "CC|AS…|FILE",
     "who reached half of its side of the border, and reaches less than half of it then",
     cutoff_list_options, cutoff_run_stranded},
    {"cutoff", "series", "CC|AS…", "one segment over all snapshots that there are",
     cutoff_series_options, cutoff_run_series},
    {"cutoff", "plan", "CC|AS…",
     "new links between peers that would help a segment most, each the best with those before",
     cutoff_plan_options, cutoff_run_plan},
    {"cutoff", "plan-document", "OPERATOR.yaml",
     "the contingency plan to be printed: results, services, what to move home, and what the "
     "operator's file says; signed into the log",
     cutoff_document_options, cutoff_run_document},
    {"cutoff", "rank", "[CC]",
     "the worst single failure of each country, or all those of one, of networks and links",
     rank_options, run_rank},
    {"cutoff", "keep", "", "reckon what the page shows of all countries, and keep it",
     cutoff_keep_options, cutoff_run_keep},
    {"cutoff", "report", "CC", "one country's cut as a page to be printed, with its pictures",
     cutoff_report_options, cutoff_run_report},
    {0},
};
