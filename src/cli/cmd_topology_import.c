/* detente topology import: files of others into a snapshot (role/topologies.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cables.h"
#include "cli/cmd_topology.h"
#include "role/ribs.h"
#include "role/topologies.h"
#include "role/unpack.h"
#include "topology/build.h"

typedef int read_text(struct build *b, struct slice text, uint64_t *ret_lines,
                      struct errinfo *ei);

struct import {
    struct cli *cli;
    struct build *b;
    struct snapshot_about about;
    struct ribs *ribs;             /* with --mrt */
    uint32_t top[TOPOLOGY_CLIQUE]; /* of --clique */
    uint32_t tops;
};

enum { RIB_FILES = SNAPSHOT_SOURCES - 5 };

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

/* --date, or eight digits in the name of the links' file; with --mrt it is found later. */
static int
find_date(const struct cli *cli, char to[SNAPSHOT_DATE])
{
    const char *given = cli_option(cli, "date");
    const char *links = cli_option(cli, "as-rel");
    const char *name = links == NULL ? "" : last_part(links);

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
    if (given == NULL && links == NULL)
        return 0;
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
say_row(uint64_t n, const char *what)
{
    if (n > 0)
        cli_say("%llu %s", (unsigned long long)n, what);
}

void
cli_topology_say(const struct snapshot_about *a, const struct topology *t)
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
                {c->unknown_country, "networks without a country"},
                {c->absent, "times a network would stay that no link names"},
                {t->stays_count, "times a network stays in a country that is cut off"}};

    cli_say("%s: %u networks, %u links from provider to customer, %u between peers, %u at the "
            "top",
            a->date, t->count, t->transit_links, t->peer_links, t->clique_count);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        say_row(rows[i].n, rows[i].what);
}

/* ---- routing tables ---------------------------------------------------------------------- */

static int
take_ribs(struct import *i, const char *path)
{
    struct snapshot_source *s = &i->about.source[i->about.sources++];
    struct errinfo ei = {0};
    int r;

    (void)snprintf(s->kind, sizeof s->kind, "mrt");
    put_name(path, s->name);
    r = ribs_read(i->ribs, path, &s->lines, &s->sha256, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

/* The tables say of when they are; those of several days are no picture of one. */
static int
find_day(struct import *i)
{
    const struct mrt_counts *c = &ribs_counted(i->ribs)->mrt;
    char text[TIME_TEXT];

    if (i->about.date[0] != '\0')
        return 0;
    if (time_since(c->last, c->first).us > 86400 * TIME_US_PER_S)
        return cli_fail(ERR_USAGE,
                        "these tables are of several days: --date says which the snapshot is "
                        "to have");
    time_format(c->first, text);
    (void)snprintf(i->about.date, SNAPSHOT_DATE, "%.10s", text);
    return 0;
}

/* `174,3356`, of --clique. */
static int
take_top(const struct cli *cli, uint32_t to[TOPOLOGY_CLIQUE], uint32_t *ret)
{
    const char *given = cli_option(cli, "clique");
    struct slice rest = slice_of(given == NULL ? "" : given);

    *ret = 0;
    while (rest.len > 0) {
        struct slice part = slice_part(&rest, ',');
        uint64_t n = 0;

        for (size_t i = 0; i < part.len && n <= UINT32_MAX; i++)
            n = part.ptr[i] < '0' || part.ptr[i] > '9' ? UINT64_MAX
                                                       : n * 10 + (uint64_t)(part.ptr[i] - '0');
        if (n == 0 || n > UINT32_MAX || *ret == TOPOLOGY_CLIQUE || mrt_is_reserved((uint32_t)n))
            return cli_fail(ERR_USAGE, "--clique takes at most %d AS numbers, commas between",
                            TOPOLOGY_CLIQUE);
        to[(*ret)++] = (uint32_t)n;
    }
    return 0;
}

static int
read_ribs(struct import *i)
{
    const char *first = cli_option(i->cli, "mrt");
    bool addresses =
        cli_option(i->cli, "pfx2as") == NULL && cli_option(i->cli, "as-ipv4") == NULL;
    struct errinfo ei = {0};
    int r = ribs_new(&i->ribs);

    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    r = take_ribs(i, first);
    for (int k = 0; r == 0 && k < i->cli->argc; k++)
        r = take_ribs(i, i->cli->argv[k]);
    if (r == 0)
        r = find_day(i);
    if (r != 0)
        return r;
    r = ribs_build(i->ribs, i->b, i->top, i->tops, addresses, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static void
say_ribs(const struct ribs_counts *c)
{
    const struct infer_counts *l = &c->links;

    cli_say("%llu routes to %llu prefixes from %u vantage points; %u hops of paths are held",
            (unsigned long long)c->mrt.routes, (unsigned long long)c->mrt.prefixes,
            c->vantage_points, c->paths);
    say_row(c->mrt.empty, "routes without a path, which are left out");
    say_row(c->mrt.loop, "routes with a network twice, which are left out");
    say_row(c->mrt.reserved, "routes with a number that is nobody's, which are left out");
    say_row(c->mrt.set, "routes with a set inside, which are left out");
    say_row(c->mrt.longer, "routes that are too long, which are left out");
    say_row(c->mrt.cut, "routes whose set at the end is left out");
    for (unsigned i = 0; i < MRT_KINDS; i++) {
        if (c->mrt.records[i] > 0 && mrt_kind_is_skipped(i))
            cli_say("%llu records that are not read: %s", (unsigned long long)c->mrt.records[i],
                    mrt_kind_name(i));
    }
    say_row(l->poisoned, "hops of paths that pass the top twice, which are left out");
    cli_say("inferred (AS-Rank): customers by %u links from above, %u to larger ones, %u of "
            "small ones at the top, %u of those with no other; %u links between peers",
            l->down, l->up, l->stub, l->lone, l->peers);
}

static int
read_all(struct import *i)
{
    int r =
        cli_option(i->cli, "mrt") != NULL ? read_ribs(i) : take(i, "as-rel", build_read_as_rel);

    if (r == 0)
        r = take(i, "as-org", build_read_organisations);
    if (r == 0)
        r = take(i, "as-cc", build_read_countries);
    if (r == 0)
        r = take(i, "pfx2as", build_read_prefixes);
    if (r == 0)
        r = take(i, "as-ipv4", build_read_addresses);
    return r != 0 ? r : take(i, "presence", build_read_presence);
}

static int
import(struct import *i, const char *dir)
{
    const char *links =
        cli_option(i->cli, cli_option(i->cli, "mrt") != NULL ? "mrt" : "as-rel");
    struct topology *t = NULL;
    struct errinfo ei = {0};
    int r = read_all(i);

    if (r != 0)
        return r;
    err_file(&ei, links);
    r = build_finish(i->b, cli_option(i->cli, "break-cycles") != NULL, &t, &i->about.counts,
                     &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    if (t->count == 0)
        r = cli_fail(ERR_INVALID, "%s has no links", links);
    else if ((r = keep(i, dir, t)) == 0) {
        cli_topology_say(&i->about, t);
        if (i->ribs != NULL)
            say_ribs(ribs_counted(i->ribs));
    }
    (void)topology_free(t);
    return r;
}

int
cli_topology_import(struct cli *cli)
{
    const char *mrt = cli_option(cli, "mrt");
    struct import i = {.cli = cli};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    if (cli_option(cli, "cables") != NULL)
        return cli_topology_import_cables(cli);
    if (cli_option(cli, "country-codes") != NULL)
        return cli_fail(ERR_USAGE, "--country-codes goes with --cables");
    if (cli->argc > 0 && mrt == NULL)
        return cli_fail(ERR_USAGE, "topology import takes options only, not `%s`",
                        cli->argv[0]);
    if ((cli_option(cli, "as-rel") == NULL) == (mrt == NULL))
        return cli_fail(ERR_USAGE, "--as-rel names the file with the links, or --mrt tables of "
                                   "routes that tell them; one of both; "
                                   "--cables is of something else");
    if (cli->argc >= RIB_FILES)
        return cli_fail(ERR_USAGE, "%d tables of routes are the most", RIB_FILES);
    if (cli_option(cli, "pfx2as") != NULL && cli_option(cli, "as-ipv4") != NULL)
        return cli_fail(ERR_USAGE, "addresses come from --pfx2as or from --as-ipv4, not both");
    if (cli_option(cli, "clique") != NULL && mrt == NULL)
        return cli_fail(ERR_USAGE, "--clique goes with --mrt: a file of links has its own");
    r = take_top(cli, i.top, &i.tops);
    if (r != 0)
        return r;
    r = find_date(cli, i.about.date);
    if (r != 0)
        return r;
    r = build_new(&i.b);
    r = r < 0 ? cli_fail(r, "%s", err_text(r)) : import(&i, dir);
    (void)build_free(i.b);
    (void)ribs_free(i.ribs);
    return r;
}

const struct cmd_option cli_topology_import_options[] = {
    {"as-rel", "FILE", "links: AS relationships as CAIDA publishes them, serial-1 or serial-2",
     0},
    {"mrt", "FILE",
     "instead: tables of routes (MRT), from which links are inferred; more may stand behind",
     0},
    {"clique", "AS,AS…", "with --mrt: networks at the top, where it is known which those are",
     0},
    {"as-org", "FILE", "networks, their organisations and countries, as CAIDA publishes them",
     0},
    {"as-cc", "FILE", "lines `AS country`, which count before --as-org", 0},
    {"pfx2as", "FILE", "prefixes and their origins, as CAIDA publishes them, for addresses", 0},
    {"as-ipv4", "FILE", "lines `AS addresses`, instead", 0},
    {"presence", "FILE",
     "lines `AS country`: a network that stays there when the country is cut off", 0},
    {"cables", "FILE",
     "instead of networks: submarine cables as TeleGeography publishes them, JSON in an "
     "archive, "
     "a folder or files; more may stand behind",
     0},
    {"country-codes", "FILE", "with --cables: a CSV `name,code` of countries", 0},
    {"date", "DATE", "day of the links (default: from the file's name)", 0},
    {"break-cycles", NULL, "leave out links that close a cycle of providers, and count them",
     0},
    {0}};
