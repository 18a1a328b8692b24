/* detente top: who, where to, what with; events, addresses and networks counted apart. */
#include "cli/cmd.h"
#include "cli/filter.h"
#include "cli/output.h"
#include "role/view.h"

/* What a list's first columns are, by its key. */
struct shape {
    const char *by;
    enum top_by top;
    unsigned keys; /* columns before the counts */
    struct column columns[9];
};

#define COUNTS                                                                   \
    {"events", true}, {"addresses", true}, {"networks", true}, {"first", false}, \
    {                                                                            \
        "last", false                                                            \
    }

static const struct shape places[] = {
    {"country", TOP_COUNTRY, 1, {{"country", false}, COUNTS}},
    {"asn", TOP_ASN, 3, {{"asn", true}, {"name", false}, {"country", false}, COUNTS}},
    {"address",
     TOP_ADDRESS,
     4,
     {{"address", false}, {"asn", true}, {"name", false}, {"country", false}, COUNTS}},
    {"party", TOP_PARTY, 1, {{"party", false}, COUNTS}},
};
static const struct shape things[] = {
    {"classes", TOP_CLASS, 1, {{"class", false}, COUNTS}},
    {"rules", TOP_RULE, 2, {{"rule", false}, {"name", false}, COUNTS}},
    {"sensors", TOP_SENSOR, 1, {{"sensor", false}, COUNTS}},
};

static void
put_key(struct output *o, const struct view *v, const struct shape *s,
        const struct top_row *row)
{
    const struct dict_rule *rule = dict_rule(&v->dict, row->number);
    char address[ADDR_TEXT];
    char country[3];

    country_format(row->country, country);
    switch (s->top) {
    case TOP_ADDRESS:
        (void)addr_format(&row->address, address);
        output_str(o, address);
        __attribute__((fallthrough));
    case TOP_ASN:
        output_u64(o, row->asn);
        output_text(o, attrib_name(v->node.attrib, row->asn));
        __attribute__((fallthrough));
    case TOP_COUNTRY: output_str(o, country); break;
    case TOP_PARTY: output_str(o, v->owners.name[row->number]); break;
    case TOP_CLASS: output_str(o, event_class_name((enum event_class)row->number)); break;
    case TOP_RULE:
        output_str(o, rule->text);
        output_text(o, rule->rule.name);
        break;
    case TOP_SENSOR: output_text(o, dict_sensor(&v->dict, row->number)); break;
    case TOP_GROUP: break; /* of the page only */
    case TOP_CHIP: output_str(o, event_chip_name((enum event_chip)row->number)); break;
    }
}

static int
print_top(struct cli *cli, const struct view *v, const struct shape *s, const struct top *top,
          uint64_t limit)
{
    struct output *o;
    int r = output_open(cli, s->columns, s->keys + 5, &o);

    if (r < 0)
        return err_exit(r);
    for (uint32_t i = 0; i < top->count && (limit == 0 || i < limit); i++) {
        const struct top_row *row = &top->row[i];

        put_key(o, v, s, row);
        output_u64(o, row->events);
        output_u64(o, row->addresses);
        output_u64(o, row->networks);
        output_time(o, row->first);
        output_time(o, row->last);
        output_end(o);
    }
    r = output_close(o, top->count);
    return r < 0 ? err_exit(r) : top->count == 0;
}

static const struct shape *
find_shape(struct cli *cli)
{
    const char *what = cli->argc == 1 ? cli->argv[0] : "";
    const char *by = cli_option(cli, "by");

    for (size_t i = 0; i < sizeof things / sizeof things[0]; i++) {
        if (strcmp(what, things[i].by) != 0)
            continue;
        if (by == NULL)
            return &things[i];
        (void)cli_fail(ERR_USAGE, "--by is for origins and targets; %s have one key", what);
        return NULL;
    }
    if (strcmp(what, "origins") != 0 && strcmp(what, "targets") != 0) {
        (void)cli_fail(ERR_USAGE, "top takes one of origins, targets, classes, rules, sensors");
        return NULL;
    }
    if (by == NULL)
        by = strcmp(what, "origins") == 0 ? "country" : "address";
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (strcmp(by, places[i].by) == 0)
            return &places[i];
    }
    (void)cli_fail(ERR_USAGE, "--by takes country, asn, address or party, not `%s`", by);
    return NULL;
}

static int
run_top(struct cli *cli)
{
    const struct shape *shape = find_shape(cli);
    struct errinfo ei;
    struct query q;
    struct view v;
    struct top top;
    const char *dir = NULL;
    uint64_t limit = 0;
    int r;

    if (shape == NULL)
        return err_exit(ERR_USAGE);
    r = cli_query(cli, &q);
    if (r == 0)
        r = cli_number(cli, "limit", 20, &limit);
    if (r == 0)
        r = cli_dir(cli, &dir);
    if (r < 0)
        return err_exit(r);
    r = view_open(dir, &v, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = cli_query_owners(cli, &v, &q);
    if (r < 0) {
        view_close(&v);
        return err_exit(r);
    }
    r = query_top(v.reader, &q, shape->top, strcmp(cli->argv[0], "targets") == 0, &top);
    if (r < 0) {
        r = cli_fail(r, "%s: %s", dir, err_text(r));
    } else {
        r = print_top(cli, &v, shape, &top, limit);
        top_release(&top);
    }
    view_close(&v);
    return r;
}

static const struct cmd_option options[] = {
    {"by", "KEY", "origins and targets: country, asn, address or party", 0},
    CMD_FILTER_OPTIONS,
    CMD_FORMAT_OPTION,
    {0},
};

const struct cmd cmd_top[] = {
    {"top", NULL, "origins|targets|classes|rules|sensors",
     "count attack events by origin, target, class, rule or sensor", options, run_top},
    {0},
};
