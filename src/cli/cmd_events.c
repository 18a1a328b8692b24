/* detente events: the events themselves, down to the raw bytes. */
#include <stdlib.h>

#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/filter.h"
#include "cli/output.h"
#include "ledger/ledger.h"
#include "role/view.h"

static const struct column columns[] = {
    {"id", false},         {"time", false},      {"kind", false},
    {"class", false},      {"severity", true},   {"address", false},
    {"port", true},        {"asn", true},        {"name", false},
    {"country", false},    {"party", false},     {"target", false},
    {"target_port", true}, {"target_asn", true}, {"target_country", false},
    {"protocol", true},    {"rule", false},      {"rule_name", false},
    {"sensor", false},     {"grade", true},      {"flags", false},
    {"count", true},       {"time_seen", false}};

/* In a table for eyes, the columns that fit; programs get all. */
static const struct column few[] = {{"id", false},      {"time", false}, {"class", false},
                                    {"address", false}, {"asn", true},   {"country", false},
                                    {"target", false},  {"port", true},  {"rule_name", false}};

struct list {
    struct output *o;
    const struct view *v;
    uint64_t limit;
    uint64_t matched;
    bool table;
};

static void
put_address(struct output *o, const struct addr *a)
{
    char text[ADDR_TEXT];

    (void)addr_format(a, text);
    output_str(o, text);
}

static void
put_country(struct output *o, uint16_t country)
{
    char text[3];

    country_format(country, text);
    output_str(o, text);
}

static void
put_few(struct list *l, const struct query_hit *hit, const char *id)
{
    const struct event *ev = hit->event;

    output_str(l->o, id);
    output_time(l->o, ev->time);
    output_str(l->o, event_class_name((enum event_class)ev->class_));
    put_address(l->o, &ev->origin);
    output_u64(l->o, ev->origin_asn);
    put_country(l->o, ev->origin_country);
    put_address(l->o, &ev->target);
    output_u64(l->o, ev->target_port);
    output_text(l->o, dict_rule(&l->v->dict, ev->rule)->rule.name);
    output_end(l->o);
}

static void
put_all(struct list *l, const struct query_hit *hit, const char *id)
{
    const struct event *ev = hit->event;
    const struct dict_rule *rule = dict_rule(&l->v->dict, ev->rule);
    struct output *o = l->o;
    AUTO_BUF(json, 512);
    AUTO_BUF(words, 512);

    describe_flags(ev->flags, &json, &words);
    output_need(o, &json);
    output_need(o, &words);
    output_str(o, id);
    output_time(o, ev->time);
    output_str(o, event_kind_name((enum event_kind)ev->kind));
    output_str(o, event_class_name((enum event_class)ev->class_));
    output_u64(o, ev->severity);
    put_address(o, &ev->origin);
    output_u64(o, ev->origin_port);
    output_u64(o, ev->origin_asn);
    output_text(o, attrib_name(l->v->node.attrib, ev->origin_asn));
    put_country(o, ev->origin_country);
    output_str(o, l->v->owners.name[owners_of(&l->v->owners, ev)]);
    put_address(o, &ev->target);
    output_u64(o, ev->target_port);
    output_u64(o, ev->target_asn);
    put_country(o, ev->target_country);
    output_u64(o, ev->protocol);
    output_str(o, rule->text);
    output_text(o, rule->rule.name);
    output_text(o, dict_sensor(&l->v->dict, ev->sensor));
    output_u64(o, ev->grade);
    output_json(o, buf_get(&json), buf_get(&words));
    output_u64(o, ev->count);
    output_time(o, ev->time_seen);
    output_end(o);
}

static int
put_hit(void *arg, const struct query_hit *hit)
{
    struct list *l = arg;
    char id[EVENT_ID_TEXT];

    l->matched++;
    if (l->limit != 0 && l->matched > l->limit)
        return 0;
    (void)event_id_format(hit->id, id);
    if (l->table)
        put_few(l, hit, id);
    else
        put_all(l, hit, id);
    return 0;
}

static int
run_events(struct cli *cli)
{
    const char *format = cli_option(cli, "output");
    struct list l = {.table = format == NULL || strcmp(format, "table") == 0};
    struct errinfo ei;
    struct query q;
    struct view v;
    const char *dir = NULL;
    int r;

    r = cli_query(cli, &q);
    if (r == 0)
        r = cli_number(cli, "limit", 30, &l.limit);
    if (r == 0)
        r = cli_dir(cli, &dir);
    if (r == 0)
        r = l.table ? output_open(cli, few, sizeof few / sizeof few[0], &l.o)
                    : output_open(cli, columns, sizeof columns / sizeof columns[0], &l.o);
    if (r < 0)
        return err_exit(r);
    r = view_open(dir, &v, &ei);
    if (r < 0) {
        output_drop(l.o);
        return cli_fail_at(r, &ei);
    }
    l.v = &v;
    r = cli_query_owners(cli, &v, &q);
    if (r < 0) {
        output_drop(l.o);
        view_close(&v);
        return err_exit(r);
    }
    r = query_each(v.reader, &q, true, put_hit, &l);
    if (r < 0) {
        output_drop(l.o);
        r = cli_fail(r, "%s: %s", dir, err_text(r));
    } else if (output_close(l.o, l.matched) < 0)
        r = err_exit(ERR_IO);
    else
        r = l.matched == 0;
    view_close(&v);
    return r;
}

/* Bytes for a terminal: controls and bytes that are no UTF-8 letters made visible. */
static void
print_visible(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (c < 0x20 || c == 0x7f)
            printf("\\x%02x", c);
        else
            putchar(c);
    }
    putchar('\n');
}

/* Every vote of the tables in use, when they are those that placed the event. */
static void
print_votes(const struct view *v, const struct describe_place *place)
{
    for (unsigned i = 0; i < place->now.votes; i++) {
        const struct attrib_vote *vote = &place->now.vote[i];
        const struct attrib_dataset *d = attrib_dataset(v->node.attrib, vote->dataset);
        char country[3];
        char date[TIME_TEXT];

        country_format(vote->country, country);
        time_format(d->date, date);
        printf("  economy   %s (%s of %.10s)\n", country[0] ? country : "unknown", d->name,
               date);
    }
}

static void
print_place(const struct view *v, const struct event *ev, const struct describe_place *place)
{
    enum addr_kind kind = addr_kind(&ev->origin);
    struct slice name = attrib_name(v->node.attrib, ev->origin_asn);
    char text[PREFIX_TEXT];

    if (kind != ADDR_GLOBAL) {
        printf("  place     none: %s address\n", addr_kind_name(kind));
        return;
    }
    if (place->current) {
        (void)prefix_format(&place->now.prefix, text);
        printf("  prefix    %s\n", text);
    }
    if (place->asn_by[0] != '\0')
        printf("  network   AS%u %.*s (%s of %s)\n", ev->origin_asn, (int)name.len,
               name.len == 0 ? "" : name.ptr, place->asn_by, place->asn_date);
    if (place->current) {
        print_votes(v, place);
        return;
    }
    country_format(ev->origin_country, text);
    if (place->country_by[0] != '\0')
        printf("  economy   %s (%s of %s)\n", text, place->country_by, place->country_date);
    printf("  tables    replaced since; `detente tables lookup` says what today's have\n");
}

static int
print_found(const struct view *v, const struct found *f, const struct describe_place *place,
            const struct commit_event *c, struct slice erased)
{
    const struct event *ev = f->event;
    const struct dict_rule *rule = dict_rule(&v->dict, ev->rule);
    char text[64];
    char target[ADDR_TEXT];
    AUTO_BUF(words, 512);

    buf_slice(&words, SLICE(""));
    describe_flags(ev->flags, NULL, &words);
    if (buf_error(&words) < 0)
        return buf_error(&words);
    (void)event_id_format(f->id, text);
    printf("event %s\n", text);
    time_format(ev->time, text);
    printf("  time      %.27s (sensor %.*s)\n", text,
           (int)dict_sensor(&v->dict, ev->sensor).len, dict_sensor(&v->dict, ev->sensor).ptr);
    time_format(ev->time_seen, text);
    printf("  seen      %.27s\n", text);
    printf("  class     %s, severity %u\n", event_class_name((enum event_class)ev->class_),
           ev->severity);
    printf("  rule      %s %.*s\n", rule->text, (int)rule->rule.name.len, rule->rule.name.ptr);
    (void)addr_format(&ev->origin, text);
    (void)addr_format(&ev->target, target);
    printf("  origin    %s port %u\n  target    %s port %u, protocol %u\n", text,
           ev->origin_port, target, ev->target_port, ev->protocol);
    printf("  grade     O%u (%s)\n", ev->grade,
           ev->grade == 0 ? "a source address, spoofable" : "a completed handshake with data");
    printf("  flags     %.*s\n", (int)words.len, words.len == 0 ? "" : words.ptr);
    print_place(v, ev, place);
    if (owners_of(&v->owners, ev) != 0)
        printf("  party     %s, by its annex in force then\n",
               v->owners.name[owners_of(&v->owners, ev)]);
    printf("  This says where packets came from, not who sent them.\n");
    printf("  log       leaf %llu, event %u of %u in block %llu",
           (unsigned long long)ledger_index(f->row.leaf), f->id.index, f->evidence.count,
           (unsigned long long)f->id.block);
    if (ledger_generation(f->row.leaf) == ledger_generation(ledger_first(v->ledger)))
        printf(", tree of %llu\n", (unsigned long long)ledger_signed_size(v->ledger));
    else
        printf(", generation %u\n", ledger_generation(f->row.leaf));
    if (c != NULL) {
        printf("  commits   ");
        for (int i = 0; i < 32; i++)
            printf("%02x", c->commitment.byte[i]);
        putchar('\n');
    }
    (void)event_id_format(f->id, text);
    printf("  prove     detente log prove %s -o %s.detente-proof\n", text, text);
    if (f->evidence.raw_erased) {
        printf("  raw       %u bytes, %.*s\n", ev->raw_len, (int)erased.len, erased.ptr);
        return 0;
    }
    printf("  raw       %u bytes\n", ev->raw_len);
    print_visible(f->raw);
    return 0;
}

enum show { SHOW_WORDS, SHOW_JSON, SHOW_RAW };

/* What the options ask for, or ERR_USAGE (reported). */
static int
find_show(const struct cli *cli)
{
    const char *format = cli_option(cli, "output");
    bool json = cli_option(cli, "json") != NULL;
    bool raw = cli_option(cli, "raw") != NULL;
    bool table = format != NULL && strcmp(format, "table") == 0;

    if (format != NULL && !table && strcmp(format, "json") != 0 && strcmp(format, "jsonl") != 0)
        return cli_fail(ERR_USAGE,
                        "events show is no list: --output takes table, json or jsonl, not `%s`",
                        format),
               ERR_USAGE;
    json = json || (format != NULL && !table);
    if ((raw && (json || table)) || (json && table))
        return cli_fail(ERR_USAGE, "one of --raw, --json and --output, please"), ERR_USAGE;
    return raw ? SHOW_RAW : json ? SHOW_JSON : SHOW_WORDS;
}

static int
show(struct cli *cli, struct view *v, struct event_id id, enum show how)
{
    struct commit_event *c = malloc(sizeof *c);
    struct describe_place place;
    struct found f;
    AUTO_BUF(json, 1 << 20);
    AUTO_BUF(erased, 512);
    int r = c == NULL ? ERR_NOMEM : describe_find(&v->describer, id, &f);

    if (r == 0 || r == ERR_GONE) {
        int e = describe_erasure(&v->describer, &f.row, &erased);

        r = e < 0 ? e : r;
    }
    if (r == ERR_GONE || (r == 0 && how == SHOW_RAW && f.evidence.raw_erased)) {
        free(c);
        return cli_fail(ERR_GONE, "%s: %.*s", cli->argv[0], (int)erased.len, erased.ptr);
    }
    if (r < 0) {
        free(c);
        return r == ERR_NOTFOUND ? cli_fail(r, "%s: no such event", cli->argv[0])
                                 : cli_fail(r, "%s: %s", cli->argv[0], err_text(r));
    }
    if (how == SHOW_RAW) {
        (void)fwrite(f.raw.ptr, 1, f.raw.len, stdout);
    } else if (how == SHOW_JSON) {
        r = describe_json(&v->describer, &f, &json);
        if (r == 0)
            printf("%.*s\n", (int)json.len, json.ptr);
    } else {
        r = describe_place(&v->describer, &f.row.tables, f.event, &place);
        if (r == 0) {
            int e;

            r = describe_commit(&v->describer, &f, c);
            e = print_found(v, &f, &place, r == 0 ? c : NULL, buf_get(&erased));
            r = e < 0 ? e : r;
        }
        r = r == ERR_NOTFOUND ? 0 : r;
    }
    free(c);
    return r < 0 ? cli_fail(r, "%s: %s", cli->argv[0], err_text(r)) : 0;
}

static int
run_show(struct cli *cli)
{
    struct errinfo ei;
    struct event_id id;
    struct view v;
    const char *dir;
    int how;
    int r;

    if (cli->argc != 1 || event_id_parse(slice_of(cli->argv[0]), &id) < 0)
        return cli_fail(ERR_USAGE, "events show takes one event id, <block>-<index>");
    how = find_show(cli);
    r = how < 0 ? how : cli_dir(cli, &dir);
    if (r < 0)
        return err_exit(r);
    r = view_open(dir, &v, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = view_owners(&v, &ei);
    r = r < 0 ? cli_fail_at(r, &ei) : show(cli, &v, id, (enum show)how);
    view_close(&v);
    return r;
}

static const struct cmd_option list_options[] = {CMD_FILTER_OPTIONS, CMD_FORMAT_OPTION, {0}};
static const struct cmd_option show_options[] = {
    {"output", "FORMAT", "table (in words), json or jsonl (one line)", 'o'},
    CMD_JSON_OPTION,
    {"raw", NULL, "only the bytes as the sensor wrote them", 0},
    {0}};

const struct cmd cmd_events[] = {
    {"events", "show", "ID", "one event: attribution, grade, raw bytes, proof", show_options,
     run_show},
    {"events", NULL, "", "list attack events, newest block first", list_options, run_events},
    {0},
};
