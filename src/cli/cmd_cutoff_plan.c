/* detente cutoff plan: new links that would help a segment most (cutoff/plan.h); `gain` and
 * `share` are of pairs of networks, or as --weight has it. */
#include <stdio.h>

#include "cli/cutoff.h"
#include "cutoff/inside.h"
#include "cutoff/plan.h"

static const struct column columns[] = {
    {"link", true},       {"a", false},   {"a_country", false}, {"b", false},
    {"b_country", false}, {"gain", true}, {"share", true}};

static void
put_end(struct output *o, const struct topology *t, uint32_t network)
{
    char text[24];

    (void)snprintf(text, sizeof text, "AS%u", t->asn[network]);
    output_str(o, text);
    country_format(t->country[network], text);
    output_str(o, text);
}

static void
put_plan(struct output *o, const struct topology *t, const struct links_plan *p)
{
    weight reached = p->reached;
    char text[24];

    for (uint32_t i = 0; i < p->steps; i++) {
        reached += p->step[i].gain;
        output_u64(o, i + 1);
        put_end(o, t, p->step[i].a);
        put_end(o, t, p->step[i].b);
        output_u64(o, weight_u64(p->step[i].gain));
        (void)snprintf(text, sizeof text, "%.4f", inside_share(reached, p->all));
        output_json(o, slice_of(text), slice_of(text));
        output_end(o);
    }
}

static int
plan(struct cli *cli, struct segment *s, uint64_t links)
{
    uint8_t *side = malloc((size_t)s->t->count + 1);
    const struct net_filter f = {.counts = s->in, .side = side, .keep = 1};
    static struct links_plan p;
    struct output *o;
    int r;

    if (side == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    simulate_side(s->t, s->in, s->stays, side);
    r = links_plan_make(s->t, &f, links > PLAN_LINKS ? PLAN_LINKS : (uint32_t)links,
                        cli_option(cli, "weight") != NULL, &p);
    free(side);
    if (r < 0)
        return r == ERR_LIMIT ? cli_fail(r, "%s has %u networks; a plan is made for %d at most",
                                         s->name, s->networks, PLAN_NETWORKS)
                              : cli_fail(r, "%s", err_text(r));
    if (output_open(cli, columns, sizeof columns / sizeof columns[0], &o) < 0)
        return err_exit(ERR_USAGE);
    put_plan(o, s->t, &p);
    return output_close(o, p.steps) < 0 ? err_exit(ERR_IO) : 0;
}

int
cutoff_run_plan(struct cli *cli)
{
    struct segment s;
    uint64_t links;
    int r;

    if (cli->argc == 0)
        return cli_fail(ERR_USAGE, "cutoff plan takes a country, or AS numbers");
    if (cli_number(cli, "links", 20, &links) < 0)
        return err_exit(ERR_USAGE);
    r = segment_open_weighed(cli, cli_option(cli, "date"), &s);
    for (int i = 0; r == 0 && i < cli->argc; i++)
        r = segment_add(&s, cli->argv[i]);
    if (r == 0 && (s.networks == 0 || s.cuts > 0))
        r = cli_fail(ERR_USAGE, "cutoff plan takes a country, or AS numbers");
    if (r == 0)
        r = plan(cli, &s, links);
    segment_release(&s);
    return r;
}

const struct cmd_option cutoff_plan_options[] = {
    {"links", "N", "how many (default: 20, at most 1000)", 0},
    SEGMENT_WEIGHT_OPTIONS,
    SEGMENT_DATE_OPTION,
    CMD_FORMAT_OPTION,
    {0}};
