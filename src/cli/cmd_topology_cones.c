/* detente topology cones: the networks that carry most others (cutoff/cones.h). */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd_topology.h"
#include "cli/output.h"
#include "cli/segment.h"
#include "cutoff/cones.h"

static const struct column columns[] = {
    {"rank", true}, {"network", false}, {"country", false}, {"cone", true}, {"share", true}};

struct coned {
    uint32_t cone;
    uint32_t asn;
    uint32_t network;
};

static int
compare(const void *a, const void *b)
{
    const struct coned *x = a;
    const struct coned *y = b;

    if (x->cone != y->cone)
        return x->cone > y->cone ? -1 : 1;
    return x->asn < y->asn ? -1 : x->asn > y->asn;
}

static void
put_cone(struct output *o, const struct topology *t, uint32_t rank, const struct coned *c)
{
    char text[24];

    output_u64(o, rank);
    (void)snprintf(text, sizeof text, "AS%u", c->asn);
    output_str(o, text);
    country_format(t->country[c->network], text);
    output_str(o, text);
    output_u64(o, c->cone);
    (void)snprintf(text, sizeof text, "%.6f", (double)c->cone / (double)t->count);
    output_json(o, slice_of(text), slice_of(text));
    output_end(o);
}

static int
put_cones(struct cli *cli, const struct topology *t, uint64_t limit)
{
    uint32_t *cone = calloc((size_t)t->count + 1, sizeof *cone);
    struct coned *list = calloc((size_t)t->count + 1, sizeof *list);
    struct output *o = NULL;
    int r = cone == NULL || list == NULL ? ERR_NOMEM : cones_count(t, cone);

    if (r < 0) {
        r = cli_fail(r, "%s", err_text(r));
    } else if (output_open(cli, columns, sizeof columns / sizeof columns[0], &o) < 0) {
        r = err_exit(ERR_USAGE);
    } else {
        for (uint32_t i = 0; i < t->count; i++)
            list[i] = (struct coned){cone[i], t->asn[i], i};
        qsort(list, t->count, sizeof *list, compare);
        for (uint32_t i = 0; i < t->count && (limit == 0 || i < limit); i++)
            put_cone(o, t, i + 1, &list[i]);
        r = output_close(o, t->count) < 0 ? err_exit(ERR_IO) : 0;
    }
    free(cone);
    free(list);
    return r;
}

int
cli_topology_cones(struct cli *cli)
{
    struct segment s = {0};
    uint64_t limit;
    int r;

    if (cli->argc > 0)
        return cli_fail(ERR_USAGE, "topology cones takes options only, not `%s`", cli->argv[0]);
    if (cli_number(cli, "limit", 20, &limit) < 0)
        return err_exit(ERR_USAGE);
    r = segment_open(cli, &s);
    if (r == 0)
        r = put_cones(cli, s.t, limit);
    segment_release(&s);
    return r;
}

const struct cmd_option cli_topology_cones_options[] = {
    {"limit", "N", "networks, 0 all (default: 20)", 0},
    SEGMENT_DATE_OPTION,
    CMD_FORMAT_OPTION,
    {0}};
