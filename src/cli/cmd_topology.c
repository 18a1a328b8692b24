/* detente topology: the networks of the world, as files of others have them
 * (role/topologies.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cables.h"
#include "cli/cmd_topology.h"
#include "cli/output.h"
#include "role/simulate.h"
#include "role/topologies.h"

/* ---- show -------------------------------------------------------------------------------- */

static const struct column list_columns[] = {{"date", false},         {"networks", true},
                                             {"transit_links", true}, {"peer_links", true},
                                             {"countries", true},     {"sha256", false}};

static unsigned
countries_of(const struct topology *t)
{
    static const size_t most = UINT16_MAX + (size_t)1;
    uint8_t *seen = calloc(most, 1);
    unsigned n = 0;

    for (uint32_t i = 0; seen != NULL && i < t->count; i++) {
        n += t->country[i] != COUNTRY_UNKNOWN && !seen[t->country[i]];
        seen[t->country[i]] = 1;
    }
    free(seen);
    return n;
}

static void
put_hex(struct output *o, const struct hash *h)
{
    char hex[2 * sizeof h->byte + 1];

    for (unsigned i = 0; i < sizeof h->byte; i++)
        (void)snprintf(hex + (size_t)i * 2, 3, "%02x", h->byte[i]);
    output_str(o, hex);
}

static int
list_one(struct output *o, const char *dir, const char *date, struct errinfo *ei)
{
    struct snapshot_about about;
    struct topology *t;
    struct hash hash;
    int r = topologies_load(dir, date, &t, &about, &hash, ei);

    if (r < 0)
        return r;
    output_str(o, about.date);
    output_u64(o, t->count);
    output_u64(o, t->transit_links);
    output_u64(o, t->peer_links);
    output_u64(o, countries_of(t));
    put_hex(o, &hash);
    output_end(o);
    (void)topology_free(t);
    return 0;
}

static int
run_list(struct cli *cli)
{
    static char dates[TOPOLOGIES_MOST][SNAPSHOT_DATE];
    struct errinfo ei = {0};
    struct output *o;
    const char *dir;
    int count;
    int r = cli_dir(cli, &dir);

    if (r < 0 ||
        output_open(cli, list_columns, sizeof list_columns / sizeof list_columns[0], &o) < 0)
        return err_exit(r < 0 ? r : ERR_USAGE);
    count = topologies_dates(dir, dates, &ei);
    r = count < 0 ? count : 0;
    for (int i = 0; r == 0 && i < count; i++)
        r = list_one(o, dir, dates[i], &ei);
    if (r < 0) {
        output_drop(o);
        return cli_fail_at(r, &ei);
    }
    return output_close(o, (uint64_t)count) < 0 ? err_exit(ERR_IO) : 0;
}

static const struct column source_columns[] = {
    {"kind", false}, {"file", false}, {"lines", true}, {"sha256", false}};

/* Of tables of routes: who buys from whom is not said there. */
static void
show_method(const struct snapshot_about *a)
{
    for (uint32_t i = 0; i < a->sources; i++) {
        if (strcmp(a->source[i].kind, "mrt") == 0) {
            cli_say("links are inferred from paths of routes (AS-Rank, Luckie et al. 2013)");
            return;
        }
    }
}

/* The newest of them, beside whatever snapshot is shown. */
static void
show_cables(const char *dir)
{
    struct errinfo ei = {0};
    struct cables *c;
    int r = cables_load(dir, NULL, &c, &ei);

    if (r == 0)
        cables_say(c);
    else if (r != ERR_NOTFOUND)
        cli_say("cables: %s", ei.text);
    if (r == 0)
        (void)cables_free(c);
}

static int
run_show(struct cli *cli)
{
    struct snapshot_about about;
    struct errinfo ei = {0};
    struct topology *t;
    struct output *o;
    struct hash hash;
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = topologies_load(dir, cli_option(cli, "date"), &t, &about, &hash, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    cli_topology_say(&about, t);
    show_method(&about);
    show_cables(dir);
    (void)topology_free(t);
    if (output_open(cli, source_columns, sizeof source_columns / sizeof source_columns[0], &o) <
        0)
        return err_exit(ERR_USAGE);
    for (uint32_t i = 0; i < about.sources; i++) {
        output_str(o, about.source[i].kind);
        output_str(o, about.source[i].name);
        output_u64(o, about.source[i].lines);
        put_hex(o, &about.source[i].sha256);
        output_end(o);
    }
    return output_close(o, about.sources) < 0 ? err_exit(ERR_IO) : 0;
}

/* ---- pairs ------------------------------------------------------------------------------- */

static const struct column pair_columns[] = {
    {"date", false}, {"networks", true}, {"pairs", true}, {"share", true}};

static int
count_pairs(const struct topology *t, uint64_t *ret)
{
    const struct net_filter all = {0};
    struct reach_sums s = {0};
    struct net *n;
    int r = net_make(t, &all, &n);

    *ret = 0;
    if (r == 0)
        r = simulate_reach(n, cli_cores(), false, &s);
    for (uint32_t i = 0; r == 0 && i < n->count; i++)
        *ret += s.networks[i] * n->many[i];
    simulate_release(&s);
    (void)net_free(n);
    return r;
}

static int
run_pairs(struct cli *cli)
{
    struct snapshot_about about;
    struct errinfo ei = {0};
    struct topology *t;
    struct output *o;
    struct hash hash;
    const char *dir;
    char share[24];
    uint64_t pairs;
    uint32_t networks;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = topologies_load(dir, cli_option(cli, "date"), &t, &about, &hash, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    networks = t->count;
    r = count_pairs(t, &pairs);
    (void)topology_free(t);
    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    if (output_open(cli, pair_columns, sizeof pair_columns / sizeof pair_columns[0], &o) < 0)
        return err_exit(ERR_USAGE);
    (void)snprintf(share, sizeof share, "%.6f",
                   (double)pairs / ((double)networks * (double)networks));
    output_str(o, about.date);
    output_u64(o, networks);
    output_u64(o, pairs);
    output_json(o, slice_of(share), slice_of(share));
    output_end(o);
    return output_close(o, 1) < 0 ? err_exit(ERR_IO) : 0;
}

/* ---- drop -------------------------------------------------------------------------------- */

static int
run_drop(struct cli *cli)
{
    bool cables = cli_option(cli, "cables") != NULL;
    char path[TOPOLOGIES_PATH];
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    if (cli->argc != 1 || !topologies_is_date(cli->argv[0]))
        return cli_fail(ERR_USAGE, "topology drop takes one date, as 2024-01-01");
    r = cables ? cables_path(dir, cli->argv[0], path, &ei)
               : topologies_path(dir, cli->argv[0], path, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    return unlink(path) == 0
               ? 0
               : cli_fail(ERR_NOTFOUND, "there %s of %s",
                          cables ? "are no cables" : "is no snapshot", cli->argv[0]);
}

#define DATE_OPTION                                                         \
    {                                                                       \
        "date", "DATE", "the snapshot of that day (default: the newest)", 0 \
    }
static const struct cmd_option list_options[] = {CMD_FORMAT_OPTION, {0}};
static const struct cmd_option drop_options[] = {
    {"cables", NULL, "the cables of that day instead", 0}, {0}};
static const struct cmd_option show_options[] = {DATE_OPTION, CMD_FORMAT_OPTION, {0}};

const struct cmd cmd_topology[] = {
    {"topology", "import", "[FILE…]",
     "make a snapshot of the world's networks and links, from files, packed or not",
     cli_topology_import_options, cli_topology_import},
    {"topology", "list", "", "snapshots that there are", list_options, run_list},
    {"topology", "show", "", "what a snapshot was made of", show_options, run_show},
    {"topology", "pairs", "", "how many pairs of networks reach each other by policy",
     show_options, run_pairs},
    {"topology", "routes", "[AS]",
     "which way traffic goes to a network by policy; without one, who carries most of all",
     cli_topology_routes_options, cli_topology_routes},
    {"topology", "cones", "", "the networks that carry most others, by their recursive cones",
     cli_topology_cones_options, cli_topology_cones},
    {"topology", "cables", "", "submarine cables that there are, and where they land",
     cli_topology_cables_options, cli_topology_cables},
    {"topology", "drop", "DATE", "remove a snapshot", drop_options, run_drop},
    {0},
};
