/* detente cutoff islands, cutoff stranded: the networks of a cut, a row each. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cutoff.h"

static int
open_cut(struct cli *cli, struct segment *s)
{
    int r = segment_open(cli, s);

    if (r == 0 && cli->argc == 0)
        r = cli_fail(ERR_USAGE,
                     "cutoff %s takes a country, AS numbers, links or a scenario file",
                     cli->cmd->verb);
    for (int i = 0; r == 0 && i < cli->argc; i++)
        r = segment_add_any(s, cli->argv[i]);
    if (r == 0)
        segment_close(s);
    return r;
}

static void
put_network(struct output *o, const struct topology *t, uint32_t network)
{
    char text[24];

    (void)snprintf(text, sizeof text, "AS%u", t->asn[network]);
    output_str(o, text);
    country_format(t->country[network], text);
    output_str(o, text);
    output_u64(o, t->addresses[network]);
    output_u64(o, t->prefixes[network]);
}

/* ---- islands ----------------------------------------------------------------------------- */

static const struct column island_columns[] = {
    {"island", true},   {"island_networks", true}, {"island_addresses", true},
    {"network", false}, {"country", false},        {"addresses", true},
    {"prefixes", true}};

struct member {
    uint64_t island_addresses;
    uint64_t addresses;
    uint32_t island_networks;
    uint32_t root;
    uint32_t network;
};

/* The largest island first, of it the network with most addresses. */
static int
compare_members(const void *a, const void *b)
{
    const struct member *x = a;
    const struct member *y = b;

    if (x->island_networks != y->island_networks)
        return x->island_networks > y->island_networks ? -1 : 1;
    if (x->island_addresses != y->island_addresses)
        return x->island_addresses > y->island_addresses ? -1 : 1;
    if (x->root != y->root)
        return x->root < y->root ? -1 : 1;
    if (x->addresses != y->addresses)
        return x->addresses > y->addresses ? -1 : 1;
    return x->network < y->network ? -1 : x->network > y->network;
}

/* Of what the filter counts; *ret is the caller's to free.  ERR_NOMEM. */
static int
find_members(const struct topology *t, const struct net_filter *f, struct member **ret,
             uint32_t *ret_count)
{
    size_t n = (size_t)t->count + 1;
    uint32_t *root = malloc(n * sizeof *root);
    struct member *island = calloc(n, sizeof *island);
    struct member *list = malloc(n * sizeof *list);
    struct inside inside = {0};
    int r = root == NULL || island == NULL || list == NULL ? ERR_NOMEM : 0;

    *ret_count = 0;
    if (r == 0)
        r = inside_islands(t, f, root, &inside);
    for (unsigned pass = 0; r == 0 && pass < 2; pass++) {
        for (uint32_t i = 0; i < t->count; i++) {
            if ((f->side != NULL && f->side[i] != f->keep) || !f->counts[i])
                continue;
            if (pass == 0) {
                island[root[i]].island_networks++;
                island[root[i]].island_addresses += t->addresses[i];
                continue;
            }
            list[*ret_count] = island[root[i]];
            list[*ret_count].root = root[i];
            list[*ret_count].network = i;
            list[(*ret_count)++].addresses = t->addresses[i];
        }
    }
    free(root);
    free(island);
    if (r < 0) {
        free(list);
        return r;
    }
    qsort(list, *ret_count, sizeof *list, compare_members);
    *ret = list;
    return 0;
}

static void
put_members(struct output *o, const struct topology *t, const struct member *list,
            uint32_t count, uint64_t limit)
{
    uint32_t island = 0;

    for (uint32_t i = 0; i < count; i++) {
        island += i == 0 || list[i].root != list[i - 1].root;
        if (limit > 0 && i >= limit)
            return;
        output_u64(o, island);
        output_u64(o, list[i].island_networks);
        output_u64(o, list[i].island_addresses);
        put_network(o, t, list[i].network);
        output_end(o);
    }
}

/* Who stays carries, and is in no list; with links alone it is the whole world's islands. */
static int
put_islands(struct cli *cli, const struct segment *s, uint64_t limit)
{
    size_t n = (size_t)s->t->count + 1;
    uint8_t *side = malloc(n);
    uint8_t *counts = malloc(n);
    const struct net_filter f = {
        .counts = counts, .side = side, .keep = 1, .cut = s->cut, .cuts = s->cuts};
    struct member *list = NULL;
    uint32_t count = 0;
    struct output *o;
    int r = side == NULL || counts == NULL ? ERR_NOMEM : 0;

    for (uint32_t i = 0; r == 0 && i < s->t->count; i++) {
        counts[i] = s->networks == 0 || s->in[i];
        side[i] = counts[i] || s->stays[i];
    }
    if (r == 0)
        r = find_members(s->t, &f, &list, &count);
    free(side);
    free(counts);
    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    r = output_open(cli, island_columns, sizeof island_columns / sizeof island_columns[0], &o);
    if (r == 0) {
        put_members(o, s->t, list, count, limit);
        r = output_close(o, count) < 0 ? ERR_IO : 0;
    }
    free(list);
    return r < 0 ? err_exit(r == ERR_IO ? ERR_IO : ERR_USAGE) : 0;
}

/* ---- stranded ---------------------------------------------------------------------------- */

static const struct column stranded_columns[] = {
    {"side", false},    {"network", false}, {"country", false}, {"addresses", true},
    {"prefixes", true}, {"before", true},   {"after", true},    {"of", true}};

/* Those with most addresses first.  ERR_NOMEM. */
static int
put_stranded(struct output *o, const struct segment *s, const struct simulate_cut *c,
             bool inside, uint64_t limit)
{
    const uint32_t *list = inside ? c->stranded_inside : c->stranded;
    uint32_t count = inside ? c->stranded_inside_count : c->stranded_count;
    struct member *sorted = calloc((size_t)count + 1, sizeof *sorted);

    if (sorted == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = (struct member){.network = list[i], .addresses = s->t->addresses[list[i]]};
    qsort(sorted, count, sizeof *sorted, compare_members);
    for (uint32_t i = 0; i < count && (limit == 0 || output_rows(o) < limit); i++) {
        output_str(o, inside ? "inside" : "outside");
        put_network(o, s->t, sorted[i].network);
        output_u64(o, c->reach_before[sorted[i].network]);
        output_u64(o, c->reach_after[sorted[i].network]);
        output_u64(o, inside ? c->before.networks : c->outside.networks);
        output_end(o);
    }
    free(sorted);
    return 0;
}

static int
put_both(struct cli *cli, const struct segment *s, uint64_t limit)
{
    const uint32_t nobody = 0;
    const struct simulate_scenario scenario = {.segment = s->in,
                                               .stays = s->stays,
                                               .cut = s->cut,
                                               .cuts = s->cuts,
                                               .neighbours = &nobody,
                                               .cases = 1};
    struct simulate_cut c;
    struct output *o;
    int r = simulate_cut(s->t, &scenario, cli_cores(), &c);

    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    r = output_open(cli, stranded_columns, sizeof stranded_columns / sizeof stranded_columns[0],
                    &o);
    if (r < 0) {
        simulate_cut_release(&c);
        return err_exit(ERR_USAGE);
    }
    r = put_stranded(o, s, &c, true, limit);
    if (r == 0)
        r = put_stranded(o, s, &c, false, limit);
    if (r < 0) {
        output_drop(o);
        r = cli_fail(r, "%s", err_text(r));
    } else if (output_close(o, (uint64_t)c.stranded_count + c.stranded_inside_count) < 0) {
        r = err_exit(ERR_IO);
    }
    simulate_cut_release(&c);
    return r;
}

/* ------------------------------------------------------------------------------------------ */

static int
run(struct cli *cli, int (*put)(struct cli *, const struct segment *, uint64_t))
{
    struct segment s = {0};
    uint64_t limit;
    int r;

    if (cli_number(cli, "limit", 20, &limit) < 0)
        return err_exit(ERR_USAGE);
    r = open_cut(cli, &s);
    if (r == 0)
        r = put(cli, &s, limit);
    segment_release(&s);
    return r;
}

int
cutoff_run_islands(struct cli *cli)
{
    return run(cli, put_islands);
}

int
cutoff_run_stranded(struct cli *cli)
{
    return run(cli, put_both);
}

const struct cmd_option cutoff_list_options[] = {{"limit", "N", "rows, 0 all (default: 20)", 0},
                                                 SEGMENT_DATE_OPTION,
                                                 CMD_FORMAT_OPTION,
                                                 {0}};
