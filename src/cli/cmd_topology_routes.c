/* detente topology routes: which way traffic goes, as business has it (cutoff/routes.h). */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd_topology.h"
#include "cli/output.h"
#include "cli/segment.h"
#include "role/simulate.h"
#include "role/topologies.h"

enum { CARRIERS = 20 };

static const char *const kinds[ROUTE_KINDS + 1] = {"customer", "peer", "provider", "none"};

struct world {
    struct topology *t;
    struct net *n;
    struct routes *r;
};

static void
world_close(struct world *w)
{
    w->r = routes_free(w->r);
    w->n = net_free(w->n);
    w->t = topology_free(w->t);
}

static int
world_open(struct cli *cli, struct world *w)
{
    const struct net_filter all = {0};
    struct snapshot_about about;
    struct errinfo ei = {0};
    struct hash hash;
    const char *dir;
    int r = cli_dir(cli, &dir);

    *w = (struct world){NULL, NULL, NULL};
    if (r < 0)
        return err_exit(r);
    r = topologies_load(dir, cli_option(cli, "date"), &w->t, &about, &hash, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = net_make(w->t, &all, &w->n);
    if (r == 0)
        r = routes_new(w->t, w->n, &w->r);
    return r < 0 ? cli_fail(r, "%s", err_text(r)) : 0;
}

static void
put_as(struct output *o, const struct topology *t, uint32_t network)
{
    char text[16] = "";

    if (network != TOPOLOGY_NONE)
        (void)snprintf(text, sizeof text, "AS%u", t->asn[network]);
    output_str(o, text);
}

static void
put_country(struct output *o, uint16_t country)
{
    char text[3];

    country_format(country, text);
    output_str(o, text);
}

/* ---- to one ------------------------------------------------------------------------------ */

static const struct column tree_columns[] = {
    {"network", false}, {"country", false}, {"kind", false}, {"length", true}, {"next", false}};

/* Of another network of the same node: by the provider of both with the lowest number. */
static uint32_t
shared_provider(const struct topology *t, uint32_t network)
{
    uint32_t best = TOPOLOGY_NONE;

    for (uint32_t i = t->provider.at[network]; i < t->provider.at[network + 1]; i++) {
        if (best == TOPOLOGY_NONE || t->asn[t->provider.to[i]] < t->asn[best])
            best = t->provider.to[i];
    }
    return best;
}

static void
put_route(struct output *o, const struct world *w, uint32_t from, uint32_t to,
          const struct route *all)
{
    const struct route *x = &all[w->n->node[from]];
    bool twin = from != to && w->n->node[from] == w->n->node[to];
    uint32_t next = x->next == TOPOLOGY_NONE ? TOPOLOGY_NONE : w->n->first[x->next];

    if (x->next == w->n->node[to])
        next = to;
    put_as(o, w->t, from);
    put_country(o, w->t->country[from]);
    if (twin) {
        output_str(o, kinds[ROUTE_PROVIDER]);
        output_u64(o, 2);
        put_as(o, w->t, shared_provider(w->t, from));
    } else {
        output_str(o, kinds[x->kind]);
        output_u64(o, x->kind == ROUTE_KINDS ? 0 : x->length);
        put_as(o, w->t, from == to ? to : next);
    }
    output_end(o);
}

static int
put_tree(struct cli *cli, const struct world *w, uint32_t to)
{
    struct route *all;
    struct output *o;
    uint64_t most;
    int r = cli_number(cli, "limit", 0, &most);

    if (r < 0)
        return err_exit(r);
    if (most == 0 || most > w->t->count)
        most = w->t->count;
    all = calloc((size_t)w->n->count + 1, sizeof *all);
    r = all == NULL ? ERR_NOMEM : routes_to(w->r, w->n->node[to], all);
    if (r < 0 ||
        output_open(cli, tree_columns, sizeof tree_columns / sizeof tree_columns[0], &o) < 0) {
        free(all);
        return r < 0 ? cli_fail(r, "%s", err_text(r)) : err_exit(ERR_USAGE);
    }
    for (uint32_t i = 0; i < most; i++)
        put_route(o, w, w->t->by_asn[i], to, all);
    free(all);
    return output_close(o, most) < 0 ? err_exit(ERR_IO) : 0;
}

/* ---- to all ------------------------------------------------------------------------------ */

static const struct column length_columns[] = {
    {"kind", false}, {"length", true}, {"pairs", true}, {"share", true}};
static const struct column carrier_columns[] = {
    {"network", false}, {"country", false}, {"carried", true}, {"share", true}};

static uint64_t
all_pairs(const struct routes_sums *s)
{
    uint64_t all = 0;

    for (unsigned k = 0; k < ROUTE_KINDS; k++) {
        for (unsigned i = 0; i <= ROUTE_LENGTH; i++)
            all += s->pairs[k][i];
    }
    return all;
}

static void
put_share(struct output *o, uint64_t n, uint64_t of)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%.6f", of == 0 ? 0 : (double)n / (double)of);
    output_json(o, slice_of(text), slice_of(text));
}

static int
put_lengths(struct cli *cli, const struct routes_sums *s)
{
    uint64_t all = all_pairs(s);
    uint64_t rows = 0;
    struct output *o;

    if (output_open(cli, length_columns, sizeof length_columns / sizeof length_columns[0], &o) <
        0)
        return err_exit(ERR_USAGE);
    for (unsigned k = 0; k < ROUTE_KINDS; k++) {
        for (unsigned i = 0; i <= ROUTE_LENGTH; i++) {
            if (s->pairs[k][i] == 0)
                continue;
            output_str(o, kinds[k]);
            output_u64(o, i);
            output_u64(o, s->pairs[k][i]);
            put_share(o, s->pairs[k][i], all);
            output_end(o);
            rows++;
        }
    }
    return output_close(o, rows) < 0 ? err_exit(ERR_IO) : 0;
}

struct carrier {
    uint64_t carried;
    uint32_t asn;
    uint32_t network;
};

static int
most_first(const void *a, const void *b)
{
    const struct carrier *x = a;
    const struct carrier *y = b;

    if (x->carried != y->carried)
        return x->carried < y->carried ? 1 : -1;
    return (x->asn > y->asn) - (x->asn < y->asn);
}

static int
put_carriers(struct cli *cli, const struct world *w, const struct routes_sums *s, uint64_t most)
{
    struct carrier *all = calloc((size_t)w->n->transit + 1, sizeof *all);
    uint64_t pairs = all_pairs(s);
    struct output *o;
    uint32_t n = w->n->transit;
    uint32_t rows = 0;

    if (all == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    for (uint32_t v = 0; v < n; v++)
        all[v] = (struct carrier){s->carried[v], w->t->asn[w->n->first[v]], w->n->first[v]};
    qsort(all, n, sizeof *all, most_first);
    if (output_open(cli, carrier_columns, sizeof carrier_columns / sizeof carrier_columns[0],
                    &o) < 0) {
        free(all);
        return err_exit(ERR_USAGE);
    }
    while (rows < n && (most == 0 || rows < most) && all[rows].carried > 0) {
        put_as(o, w->t, all[rows].network);
        put_country(o, w->t->country[all[rows].network]);
        output_u64(o, all[rows].carried);
        put_share(o, all[rows].carried, pairs);
        output_end(o);
        rows++;
    }
    free(all);
    return output_close(o, rows) < 0 ? err_exit(ERR_IO) : 0;
}

static int
put_all(struct cli *cli, const struct world *w)
{
    bool lengths = cli_option(cli, "lengths") != NULL;
    struct routes_sums s = {.carried = NULL};
    uint64_t most = 0;
    int r = cli_number(cli, "limit", CARRIERS, &most);

    if (r < 0)
        return err_exit(r);
    r = simulate_routes(w->r, w->n->count, cli_cores(), !lengths, &s);
    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    r = lengths ? put_lengths(cli, &s) : put_carriers(cli, w, &s, most);
    free(s.carried);
    return r;
}

int
cli_topology_routes(struct cli *cli)
{
    struct world w;
    uint32_t asn = 0;
    uint32_t to;
    int r;

    if (cli->argc > 1 || (cli->argc == 1 && !segment_asn(slice_of(cli->argv[0]), &asn)))
        return cli_fail(ERR_USAGE, "topology routes takes one network, as AS64500, or none: "
                                   "then all are destinations");
    if (cli->argc == 1 && cli_option(cli, "lengths") != NULL)
        return cli_fail(ERR_USAGE, "--lengths is of all destinations, not of one");
    r = world_open(cli, &w);
    if (w.r != NULL && cli->argc == 0) {
        r = put_all(cli, &w);
    } else if (w.r != NULL) {
        to = topology_find(w.t, asn);
        r = to == TOPOLOGY_NONE ? cli_fail(ERR_NOTFOUND, "AS%u is not in this snapshot", asn)
                                : put_tree(cli, &w, to);
    }
    world_close(&w);
    return r;
}

const struct cmd_option cli_topology_routes_options[] = {
    {"date", "DATE", "the snapshot of that day (default: the newest)", 0},
    {"lengths", NULL, "how many pairs have a route of each kind and length", 0},
    {"limit", "N",
     "networks at most, of those that carry most; 0 is all (default: 20, to one network all)",
     0},
    CMD_FORMAT_OPTION,
    {0}};
