/* detente topology: the networks of the world, as files of others have them
 * (role/topologies.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/output.h"
#include "role/simulate.h"
#include "role/topologies.h"
#include "role/unpack.h"
#include "topology/build.h"

/* ---- import ------------------------------------------------------------------------------ */

typedef int read_text(struct build *b, struct slice text, uint64_t *ret_lines,
                      struct errinfo *ei);

struct import {
    struct cli *cli;
    struct build *b;
    struct snapshot_about about;
};

static const char *
last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* A file name as it may stand in the snapshot. */
static void
put_name(const char *path, char to[SNAPSHOT_NAME])
{
    const char *name = last_part(path);
    size_t n = 0;

    for (; name[n] != '\0' && n + 1 < SNAPSHOT_NAME; n++)
        to[n] = name[n] > ' ' && name[n] <= '~' ? name[n] : '_';
    to[n] = '\0';
}

/* One file, when that option names one; 0, or an exit status. */
static int
take(struct import *i, const char *kind, read_text *f)
{
    const char *path = cli_option(i->cli, kind);
    struct snapshot_source *s = &i->about.source[i->about.sources];
    struct errinfo ei = {0};
    struct buf text;
    int r;

    if (path == NULL)
        return 0;
    buf_init(&text, (size_t)1 << 30);
    (void)snprintf(s->kind, sizeof s->kind, "%s", kind);
    put_name(path, s->name);
    r = unpack_file(path, &text, &s->sha256, &ei);
    if (r == 0) {
        err_file(&ei, path);
        r = f(i->b, buf_get(&text), &s->lines, &ei);
    }
    buf_release(&text);
    i->about.sources++;
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

/* Eight digits in the name of the links' file, or --date. */
static int
find_date(const struct cli *cli, char to[SNAPSHOT_DATE])
{
    const char *given = cli_option(cli, "date");
    const char *name = last_part(cli_option(cli, "as-rel"));

    if (given != NULL && topologies_is_date(given)) {
        (void)snprintf(to, SNAPSHOT_DATE, "%s", given);
        return 0;
    }
    for (; given == NULL && *name != '\0'; name++) {
        if (strspn(name, "0123456789") != 8)
            continue;
        (void)snprintf(to, SNAPSHOT_DATE, "%.4s-%.2s-%.2s", name, name + 4, name + 6);
        if (topologies_is_date(to))
            return 0;
    }
    return cli_fail(
        ERR_USAGE, "--date says of which day the links are, as 2024-01-01 (no file name does)");
}

static int
keep(struct import *i, const char *dir, const struct topology *t)
{
    char path[TOPOLOGIES_PATH];
    struct errinfo ei = {0};
    struct buf bytes;
    int r = topologies_path(dir, NULL, path, &ei);

    if (r == 0 && mkdir(path, 0700) < 0 && access(path, W_OK) < 0)
        r = err_set(&ei, ERR_AUTH, "%s cannot be made or written", path);
    if (r == 0)
        r = topologies_path(dir, i->about.date, path, &ei);
    buf_init(&bytes, SNAPSHOT_MAX);
    if (r == 0)
        r = snapshot_write(t, &i->about, &bytes);
    if (r == 0)
        r = cli_write_file(path, buf_get(&bytes), 0600, &ei);
    buf_release(&bytes);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static void
say_counts(const struct snapshot_about *a, const struct topology *t)
{
    const struct topology_counts *c = &a->counts;
    const struct {
        uint64_t n;
        const char *what;
    } rows[] = {{c->twice, "links that were said before"},
                {c->contradictory, "links that an earlier line says otherwise"},
                {c->with_itself, "links of a network with itself"},
                {c->cycles, "links left out because they close a cycle of providers"},
                {c->unlinked, "networks with a country that no link names"},
                {c->unknown_country, "networks without a country"}};

    cli_say("%s: %u networks, %u links from provider to customer, %u between peers, %u at the "
            "top",
            a->date, t->count, t->transit_links, t->peer_links, t->clique_count);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].n > 0)
            cli_say("%llu %s", (unsigned long long)rows[i].n, rows[i].what);
    }
}

static int
read_all(struct import *i)
{
    int r = take(i, "as-rel", build_read_as_rel);

    if (r == 0)
        r = take(i, "as-org", build_read_organisations);
    if (r == 0)
        r = take(i, "as-cc", build_read_countries);
    if (r == 0)
        r = take(i, "pfx2as", build_read_prefixes);
    return r != 0 ? r : take(i, "as-ipv4", build_read_addresses);
}

static int
import(struct import *i, const char *dir)
{
    struct topology *t = NULL;
    struct errinfo ei = {0};
    int r = read_all(i);

    if (r != 0)
        return r;
    err_file(&ei, cli_option(i->cli, "as-rel"));
    r = build_finish(i->b, cli_option(i->cli, "break-cycles") != NULL, &t, &i->about.counts,
                     &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    if (t->count == 0)
        r = cli_fail(ERR_INVALID, "%s has no links", cli_option(i->cli, "as-rel"));
    else if ((r = keep(i, dir, t)) == 0)
        say_counts(&i->about, t);
    (void)topology_free(t);
    return r;
}

static int
run_import(struct cli *cli)
{
    struct import i = {.cli = cli};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    if (cli->argc > 0)
        return cli_fail(ERR_USAGE, "topology import takes options only, not `%s`",
                        cli->argv[0]);
    if (cli_option(cli, "as-rel") == NULL)
        return cli_fail(ERR_USAGE, "--as-rel names the file with the links");
    if (cli_option(cli, "pfx2as") != NULL && cli_option(cli, "as-ipv4") != NULL)
        return cli_fail(ERR_USAGE, "addresses come from --pfx2as or from --as-ipv4, not both");
    r = find_date(cli, i.about.date);
    if (r != 0)
        return r;
    r = build_new(&i.b);
    r = r < 0 ? cli_fail(r, "%s", err_text(r)) : import(&i, dir);
    (void)build_free(i.b);
    return r;
}

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
    say_counts(&about, t);
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
    char path[TOPOLOGIES_PATH];
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    if (cli->argc != 1 || !topologies_is_date(cli->argv[0]))
        return cli_fail(ERR_USAGE, "topology drop takes one date, as 2024-01-01");
    r = topologies_path(dir, cli->argv[0], path, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    return unlink(path) == 0
               ? 0
               : cli_fail(ERR_NOTFOUND, "there is no snapshot of %s", cli->argv[0]);
}

static const struct cmd_option import_options[] = {
    {"as-rel", "FILE", "links: AS relationships as CAIDA publishes them, serial-1 or serial-2",
     0},
    {"as-org", "FILE", "networks, their organisations and countries, as CAIDA publishes them",
     0},
    {"as-cc", "FILE", "lines `AS country`, which count before --as-org", 0},
    {"pfx2as", "FILE", "prefixes and their origins, as CAIDA publishes them, for addresses", 0},
    {"as-ipv4", "FILE", "lines `AS addresses`, instead", 0},
    {"date", "DATE", "day of the links (default: from the file's name)", 0},
    {"break-cycles", NULL, "leave out links that close a cycle of providers, and count them",
     0},
    {0}};

#define DATE_OPTION                                                         \
    {                                                                       \
        "date", "DATE", "the snapshot of that day (default: the newest)", 0 \
    }
static const struct cmd_option list_options[] = {CMD_FORMAT_OPTION, {0}};
static const struct cmd_option show_options[] = {DATE_OPTION, CMD_FORMAT_OPTION, {0}};

const struct cmd cmd_topology[] = {
    {"topology", "import", "",
     "make a snapshot of the world's networks and links, from files, packed or not",
     import_options, run_import},
    {"topology", "list", "", "snapshots that there are", list_options, run_list},
    {"topology", "show", "", "what a snapshot was made of", show_options, run_show},
    {"topology", "pairs", "", "how many pairs of networks reach each other by policy",
     show_options, run_pairs},
    {"topology", "drop", "DATE", "remove a snapshot", NULL, run_drop},
    {0},
};
