/* detente cutoff country, as, link, file, compare: one cut, in sentences, as rows, as JSON. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cutoff.h"
#include "role/topologies.h"

enum { NAMED = 20 /* networks in a sentence */, LISTED = 1000 /* in JSON */ };

/* ---- rows -------------------------------------------------------------------------------- */

#define INSIDE_COLUMNS(weights)                                                     \
    {"networks", true}, {"strict_pairs", true}, {"strict_" weights, true},          \
        {"component_pairs", true}, {"component_" weights, true}, {"islands", true}, \
        {"singleton_islands", true},                                                \
    {                                                                               \
        "largest_island", true                                                      \
    }
#define ROW(first, weights)                     \
    {                                           \
        {first, false}, INSIDE_COLUMNS(weights) \
    }
#define ROWS(first)                                                             \
    {                                                                           \
        ROW(first, "addresses"), ROW(first, "prefixes"), ROW(first, "services") \
    }
enum { COLUMNS = 9 };
static const struct column country_columns[SEGMENT_WEIGHTS][COLUMNS] = ROWS("country");
static const struct column segment_columns[SEGMENT_WEIGHTS][COLUMNS] = ROWS("segment");

/* Where there is a row for each and nothing else, both ends of the range stand in it: when no
 * foreign network stays, and when those do that have five neighbours here. */
#define MOST                      \
    {                             \
        "strict_pairs_most", true \
    }
enum { RANGE_COLUMNS = COLUMNS + 1 };
#define RANGE(weights)                                    \
    {                                                     \
        {"segment", false}, INSIDE_COLUMNS(weights), MOST \
    }
static const struct column range_columns[SEGMENT_WEIGHTS][RANGE_COLUMNS] = {
    RANGE("addresses"), RANGE("prefixes"), RANGE("services")};

int
cutoff_open_rows(const struct cli *cli, bool countries, struct output **o)
{
    enum segment_weight w = segment_weight(cli);

    return output_open(cli, countries ? country_columns[w] : segment_columns[w], COLUMNS, o);
}

static void
put_share(struct output *o, weight part, weight all)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%.4f", inside_share(part, all));
    output_json(o, slice_of(text), slice_of(text));
}

/* Where nobody said what networks weigh there is no share. */
static void
put_weighed(struct output *o, weight part, weight all)
{
    if (all == 0)
        output_json(o, SLICE("null"), SLICE(""));
    else
        put_share(o, part, all);
}

/* most: the other end of the range; NULL: the rows have none. */
static void
put_row(struct output *o, uint16_t country, const char *name, const struct inside *i,
        const struct inside *most)
{
    char code[16];

    country_format(country, code);
    output_str(o, name == NULL ? code : name);
    output_u64(o, i->networks);
    put_share(o, i->strict, i->pairs);
    put_weighed(o, i->strict_weights, i->weights);
    put_share(o, i->component, i->pairs);
    put_weighed(o, i->component_weights, i->weights);
    output_u64(o, i->islands);
    output_u64(o, i->singles);
    output_u64(o, i->largest);
    if (most != NULL)
        put_share(o, most->strict, most->pairs);
    output_end(o);
}

void
cutoff_put_row(struct output *o, uint16_t country, const char *name, const struct inside *i)
{
    put_row(o, country, name, i, NULL);
}

/* ---- sentences --------------------------------------------------------------------------- */

static double
percent(weight part, weight all)
{
    return inside_share(part, all) * 100;
}

/* `97.0 % (by addresses 99.4 %)`; the latter where anybody said what they weigh. */
static void
say_shares(const struct segment *s, double share, const struct inside *i, weight weighed)
{
    printf("%.1f %%", share);
    if (i->weights > 0)
        printf(" (by %s %.1f %%)", s->weighed_by, percent(weighed, i->weights));
}

static void
say_share(const struct segment *s, const char *before, const struct inside *i,
          const char *behind)
{
    printf("%s", before);
    say_shares(s, percent(i->strict, i->pairs), i, i->strict_weights);
    printf("%s", behind);
}

static void PRINTF(3, 4)
    say_kept(const struct segment *s, const struct inside *i, const char *format, ...)
{
    char text[120];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    say_share(s, "    ", i, text);
}

static void
say_inside(const struct segment *s, const struct simulate_cut *c)
{
    const struct inside *i = &c->presence[0].inside;

    say_share(s, "  Inside, pairs that reach each other by contracts as they are: ", &c->before,
              " before,\n");
    if (c->presence[0].kept == 0)
        say_share(s, "    ", i, " when no foreign network stays,\n");
    else
        say_kept(s, i, " when only the %u stay that are known to,\n", c->presence[0].kept);
    for (unsigned k = 1; k < c->cases; k++) {
        say_kept(s, &c->presence[k].inside, " when the %u with %u neighbours here stay%s\n",
                 c->presence[k].kept, c->presence[k].neighbours, k + 1 < c->cases ? "," : ".");
    }
    printf("  With emergency transit, everybody carrying everybody: ");
    say_shares(s, percent(i->component, i->pairs), i, i->component_weights);
    printf(".\n  Islands: %u, %u of them of one network; the largest has %u.\n", i->islands,
           i->singles, i->largest);
}

/* `3 networks: AS1, AS2, AS3` */
static void
say_networks(const struct segment *s, const uint32_t *list, uint32_t count)
{
    printf("%u network%s", count, count == 1 ? "" : "s");
    for (uint32_t i = 0; i < count && i < NAMED; i++)
        printf("%s AS%u", i == 0 ? ":" : ",", s->t->asn[list[i]]);
    printf("%s.\n", count > NAMED ? " …" : "");
}

static void
say_outside(const struct segment *s, const struct simulate_cut *c)
{
    say_share(s, "  Outside: ", &c->outside, ", ");
    say_share(s, "", &c->outside_before, " before.\n");
    printf("  Newly stranded there: ");
    say_networks(s, c->stranded, c->stranded_count);
}

static void
say_cut(const struct segment *s, const struct simulate_cut *c)
{
    if (s->networks > 0)
        printf("%s, cut off from all others (networks of %s; %u of %u)\n", s->name,
               s->about.date, s->networks, s->t->count);
    else
        printf("%s: the world of %s without %s\n", s->name, s->about.date,
               s->cuts == 1 ? "that link" : "those links");
    if (s->networks > 0) {
        say_inside(s, c);
        printf("  Stranded inside: ");
        say_networks(s, c->stranded_inside, c->stranded_inside_count);
        printf("  Links over the border: %u between provider and customer, %u between peers.\n",
               c->transit_cut, c->peers_cut);
    }
    say_outside(s, c);
}

/* ---- JSON -------------------------------------------------------------------------------- */

/* `,"strict_addresses":0.99`, or null where nobody said what networks weigh. */
static void
put_weights(struct buf *b, const struct segment *s, const char *name, weight part,
            const struct inside *i)
{
    buf_printf(b, ",\"%s_%s\":", name, s->weighed_by);
    if (i->weights == 0)
        buf_text(b, "null");
    else
        buf_printf(b, "%.6f", inside_share(part, i->weights));
}

static void
put_inside(struct buf *b, const struct segment *s, const struct inside *i)
{
    buf_printf(b, "{\"networks\":%u,\"strict_pairs\":%.6f", i->networks,
               inside_share(i->strict, i->pairs));
    put_weights(b, s, "strict", i->strict_weights, i);
    buf_printf(b, ",\"component_pairs\":%.6f", inside_share(i->component, i->pairs));
    put_weights(b, s, "component", i->component_weights, i);
    buf_printf(b, ",\"islands\":%u,\"singleton_islands\":%u,\"largest_island\":%u", i->islands,
               i->singles, i->largest);
}

static void
put_networks(struct buf *b, const struct segment *s, const char *name, const uint32_t *list,
             uint32_t count)
{
    buf_printf(b, ",\"%s_count\":%u,\"%s\":[", name, count, name);
    for (uint32_t i = 0; i < count && i < LISTED; i++)
        buf_printf(b, "%s%u", i > 0 ? "," : "", s->t->asn[list[i]]);
    buf_char(b, ']');
}

static void
put_cut(struct buf *b, const struct segment *s, const struct simulate_cut *c)
{
    buf_text(b, "{\"segment\":");
    buf_json(b, slice_of(s->name));
    buf_printf(b, ",\"date\":\"%s\",\"before\":", s->about.date);
    put_inside(b, s, &c->before);
    buf_text(b, "},\"presence\":[");
    for (unsigned i = 0; i < c->cases; i++) {
        buf_text(b, i > 0 ? "," : "");
        put_inside(b, s, &c->presence[i].inside);
        buf_printf(b, ",\"neighbours\":%u,\"stay\":%u}", c->presence[i].neighbours,
                   c->presence[i].kept);
    }
    buf_printf(b, "],\"links_cut\":{\"transit\":%u,\"peers\":%u},\"outside_before\":",
               c->transit_cut, c->peers_cut);
    put_inside(b, s, &c->outside_before);
    buf_text(b, "},\"outside\":");
    put_inside(b, s, &c->outside);
    buf_char(b, '}');
    put_networks(b, s, "stranded", c->stranded, c->stranded_count);
    put_networks(b, s, "stranded_inside", c->stranded_inside, c->stranded_inside_count);
    buf_char(b, '}');
}

/* ---- one cut ----------------------------------------------------------------------------- */

/* Where it goes: sentences unless rows or JSON were asked for. */
struct sink {
    struct cli *cli;
    struct output *rows;
    struct buf *json;
    unsigned count;
    bool range; /* rows have both ends of it */
};

static int
cut(struct sink *to, struct segment *s)
{
    const struct simulate_scenario scenario = {.segment = s->in,
                                               .stays = s->stays,
                                               .cut = s->cut,
                                               .cuts = s->cuts,
                                               .neighbours = simulate_usual,
                                               .cases = SIMULATE_USUAL};
    struct simulate_cut c;
    int r;

    segment_close(s);
    r = simulate_cut(s->t, &scenario, cli_cores(), &c);
    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    if (to->json != NULL) {
        buf_text(to->json, to->count > 0 ? "," : "");
        put_cut(to->json, s, &c);
    } else if (to->rows != NULL) {
        const struct inside *least = s->networks > 0 ? &c.presence[0].inside : &c.outside;
        const struct inside *most =
            s->networks > 0 ? &c.presence[c.cases - 1].inside : &c.outside;

        put_row(to->rows, 0, s->name, least, to->range ? most : NULL);
    } else {
        printf("%s", to->count > 0 ? "\n" : "");
        say_cut(s, &c);
    }
    to->count++;
    simulate_cut_release(&c);
    return 0;
}

static int
begin(struct sink *to, struct cli *cli, bool countries, struct buf *json)
{
    *to = (struct sink){.cli = cli};
    if (cli_option(cli, "json") != NULL) {
        to->json = json;
        return 0;
    }
    if (cli_option(cli, "output") == NULL)
        return 0;
    return cutoff_open_rows(cli, countries, &to->rows) < 0 ? err_exit(ERR_USAGE) : 0;
}

static int
finish(struct sink *to, int r, struct buf *json)
{
    AUTO_BUF(whole, (size_t)1 << 24);

    if (r != 0) {
        output_drop(to->rows);
        return r;
    }
    if (to->rows != NULL)
        return output_close(to->rows, to->count) < 0 ? err_exit(ERR_IO) : 0;
    if (to->json == NULL)
        return fflush(stdout) != 0 ? cli_fail(ERR_IO, "standard output cannot be written") : 0;
    if (to->count == 1)
        return cli_print(json);
    buf_char(&whole, '[');
    buf_slice(&whole, buf_get(json));
    buf_char(&whole, ']');
    return buf_error(json) < 0 ? cli_fail(buf_error(json), "%s", err_text(buf_error(json)))
                               : cli_print(&whole);
}

/* Each of the arguments by itself, or all as one. */
static int
cut_each(struct cli *cli, bool countries, bool apart)
{
    AUTO_BUF(json, (size_t)1 << 24);
    struct segment s = {0};
    struct sink to;
    int r = begin(&to, cli, countries, &json);

    for (int i = 0; r == 0 && i < cli->argc; i++) {
        if (i == 0 || apart)
            r = segment_open_weighed(cli, cli_option(cli, "date"), &s);
        if (r == 0)
            r = segment_add(&s, cli->argv[i]);
        if (r == 0 && (apart || i + 1 == cli->argc))
            r = cut(&to, &s);
        if (apart || r != 0 || i + 1 == cli->argc)
            segment_release(&s);
    }
    return finish(&to, r, &json);
}

int
cutoff_run_country(struct cli *cli)
{
    if (cli->argc == 0)
        return cli_fail(ERR_USAGE, "cutoff country takes codes of countries, as XA");
    for (int i = 0; i < cli->argc; i++) {
        if (country_parse(slice_of(cli->argv[i])) == COUNTRY_UNKNOWN)
            return cli_fail(ERR_USAGE, "`%s` is no country: two capital letters", cli->argv[i]);
    }
    return cut_each(cli, true, true);
}

int
cutoff_run_segment(struct cli *cli)
{
    bool links = strcmp(cli->cmd->verb, "link") == 0;

    if (cli->argc == 0)
        return cli_fail(ERR_USAGE, "cutoff %s takes %s", cli->cmd->verb,
                        links ? "links, as AS64500-AS64501" : "AS numbers, as AS64500");
    for (int i = 0; i < cli->argc; i++) {
        if ((strchr(cli->argv[i], '-') != NULL) != links ||
            country_parse(slice_of(cli->argv[i])) != COUNTRY_UNKNOWN)
            return cli_fail(ERR_USAGE, "`%s` is no %s", cli->argv[i],
                            links ? "link, as AS64500-AS64501" : "AS number, as AS64500");
    }
    return cut_each(cli, false, false);
}

/* ---- files, and two ---------------------------------------------------------------------- */

static int
cut_file(struct sink *to, const char *path)
{
    struct segment s;
    int r = segment_open_weighed(to->cli, cli_option(to->cli, "date"), &s);

    if (r == 0)
        r = segment_add_file(&s, path);
    if (r == 0 && s.networks == 0 && s.cuts == 0)
        r = cli_fail(ERR_INVALID, "%s cuts nothing", path);
    if (r == 0)
        r = cut(to, &s);
    segment_release(&s);
    return r;
}

int
cutoff_run_file(struct cli *cli)
{
    AUTO_BUF(json, (size_t)1 << 24);
    struct sink to;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "cutoff file takes one file");
    r = begin(&to, cli, false, &json);
    if (r == 0)
        r = cut_file(&to, cli->argv[0]);
    return finish(&to, r, &json);
}

int
cutoff_run_compare(struct cli *cli)
{
    AUTO_BUF(json, (size_t)1 << 24);
    struct sink to;
    int r;

    if (cli->argc != 2)
        return cli_fail(ERR_USAGE, "cutoff compare takes two segments or files");
    to = (struct sink){.cli = cli, .range = true};
    if (cli_option(cli, "json") != NULL)
        to.json = &json;
    r = to.json == NULL && output_open(cli, range_columns[segment_weight(cli)], RANGE_COLUMNS,
                                       &to.rows) < 0
            ? err_exit(ERR_USAGE)
            : 0;
    for (int i = 0; r == 0 && i < 2; i++) {
        struct segment s = {0};

        if (segment_is_file(cli->argv[i])) {
            r = cut_file(&to, cli->argv[i]);
            continue;
        }
        r = segment_open_weighed(cli, cli_option(cli, "date"), &s);
        if (r == 0)
            r = segment_add(&s, cli->argv[i]);
        if (r == 0)
            r = cut(&to, &s);
        segment_release(&s);
    }
    return finish(&to, r, &json);
}

/* ---- over several snapshots -------------------------------------------------------------- */

#define MOMENT(weights)                                                                     \
    {                                                                                       \
        {"date", false}, {"world", true}, {"segment", false}, INSIDE_COLUMNS(weights), MOST \
    }
enum { SERIES_COLUMNS = RANGE_COLUMNS + 2 };
static const struct column series_columns[SEGMENT_WEIGHTS][SERIES_COLUMNS] = {
    MOMENT("addresses"), MOMENT("prefixes"), MOMENT("services")};

static int
put_reach_then(const char *date, const struct segment *s, struct output *o)
{
    uint8_t *side = malloc((size_t)s->t->count + 1);
    const struct net_filter f = {.counts = s->in, .side = side, .keep = 1};
    struct inside least = {0};
    struct inside most = {0};
    int r = side == NULL ? ERR_NOMEM : 0;

    if (r == 0) {
        simulate_side(s->t, s->in, s->stays, side);
        r = simulate_inside(s->t, &f, cli_cores(), NULL, &least);
    }
    if (r == 0)
        r = simulate_side_with(s->t, s->in, s->stays, simulate_usual[SIMULATE_USUAL - 1], side);
    if (r == 0)
        r = simulate_inside(s->t, &f, cli_cores(), NULL, &most);
    free(side);
    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    output_str(o, date);
    output_u64(o, s->t->count);
    put_row(o, 0, s->name, &least, &most);
    return 0;
}

/* The segment as it was then: who was not there yet is not in it. */
static int
put_moment(struct cli *cli, const char *date, struct output *o)
{
    struct segment s = {0};
    int r = segment_open_weighed(cli, date, &s);

    for (int i = 0; r == 0 && i < cli->argc; i++)
        r = segment_add_there(&s, cli->argv[i]);
    if (r == 0 && s.networks == 0)
        cli_say("%s: nothing of it was there", date);
    else if (r == 0)
        r = put_reach_then(date, &s, o);
    segment_release(&s);
    return r;
}

int
cutoff_run_series(struct cli *cli)
{
    static char dates[TOPOLOGIES_MOST][SNAPSHOT_DATE];
    struct errinfo ei = {0};
    struct output *o;
    const char *dir;
    int count;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    for (int i = 0; i < cli->argc; i++) {
        if (strchr(cli->argv[i], '-') != NULL)
            return cli_fail(ERR_USAGE, "cutoff series takes no links, as `%s`", cli->argv[i]);
    }
    if (cli->argc == 0)
        return cli_fail(ERR_USAGE, "cutoff series takes a country, or AS numbers");
    count = topologies_dates(dir, dates, &ei);
    if (count < 0)
        return cli_fail_at(count, &ei);
    if (output_open(cli, series_columns[segment_weight(cli)], SERIES_COLUMNS, &o) < 0)
        return err_exit(ERR_USAGE);
    for (int i = 0; r == 0 && i < count; i++)
        r = put_moment(cli, dates[i], o);
    if (r != 0) {
        output_drop(o);
        return r;
    }
    return output_close(o, (uint64_t)count) < 0 ? err_exit(ERR_IO) : 0;
}

const struct cmd_option cutoff_series_options[] = {
    SEGMENT_WEIGHT_OPTIONS, CMD_FORMAT_OPTION, {0}};
const struct cmd_option cutoff_cut_options[] = {
    SEGMENT_WEIGHT_OPTIONS,
    SEGMENT_DATE_OPTION,
    {"output", "FORMAT", "rows, when no foreign network stays: table, tsv, json, jsonl or csv",
     'o'},
    {"json", NULL, "all of it as JSON: by presence, outside, who is stranded", 0},
    {0}};
