/* detente hold: what must not be erased, for a case. */
#include <stdlib.h>

#include "cli/blocks.h"
#include "cli/output.h"
#include "model/text.h"
#include "role/view.h"
#include "wire/jcs.h"
#include "wire/utf8.h"

struct task {
    struct hold_order order;
    struct hold_span span[HOLD_SPANS];
};

static int
take_case(const struct cli *cli, struct hold_order *o)
{
    if (cli->argc == 0 || !text_is_name(slice_of(cli->argv[0])))
        return cli_fail(ERR_USAGE, "which case? a name such as case-7: [a-z0-9] and hyphens, "
                                   "2 to 64 characters"),
               ERR_USAGE;
    o->name = slice_of(cli->argv[0]);
    return 0;
}

static int
take_until(const struct cli *cli, struct hold_order *o)
{
    int r = cli_time(cli, "until", (struct utime){-1}, &o->until);

    if (r == 0 && o->until.us >= 0 && o->until.us <= cli_now().us)
        return cli_fail(ERR_USAGE,
                        "--until is over already: give a day that comes, 2027-03-01"),
               ERR_USAGE;
    return r;
}

static int
compare(const void *a, const void *b)
{
    const struct hold_span *x = a;
    const struct hold_span *y = b;

    if (x->first.block != y->first.block)
        return x->first.block < y->first.block ? -1 : 1;
    return (x->first.index > y->first.index) - (x->first.index < y->first.index);
}

static int
take_spans(const struct cli *cli, struct task *t)
{
    struct hold_order *o = &t->order;

    if (cli->argc < 2)
        return cli_fail(ERR_USAGE, "what is to be held? events or blocks: 17-3, 17, 17..20"),
               ERR_USAGE;
    if (cli->argc - 1 > HOLD_SPANS)
        return cli_fail(ERR_USAGE, "%d spans at most: 17..20 is one", HOLD_SPANS), ERR_USAGE;
    for (int i = 1; i < cli->argc; i++) {
        if (cli_span(cli->argv[i], true, &t->span[o->spans++]) < 0)
            return ERR_USAGE;
    }
    qsort(t->span, o->spans, sizeof t->span[0], compare);
    for (unsigned i = 1; i < o->spans; i++) {
        if (t->span[i].first.block <= t->span[i - 1].last.block)
            return cli_fail(ERR_USAGE, "block %llu is named twice: one span covers it",
                            (unsigned long long)t->span[i].first.block),
                   ERR_USAGE;
    }
    o->span = t->span;
    return 0;
}

/* The last event of a whole block. */
static int
end_spans(struct node *n, struct task *t)
{
    for (unsigned i = 0; i < t->order.spans; i++) {
        struct event_id *last = &t->span[i].last;
        struct store_block row;

        if (last->index != UINT32_MAX)
            continue;
        if (store_get_block(n->store, last->block, &row) < 0)
            return cli_fail(ERR_NOTFOUND, "block %llu is not there",
                            (unsigned long long)last->block);
        last->index = row.events - 1;
    }
    return 0;
}

static int
act(const struct cli *cli, struct task *t)
{
    char user[CLI_USER];
    struct node n = {.lock = -1};
    struct errinfo ei = {0};
    bool refused = false;
    int r = cli_open_to_act(cli, &n, user);

    if (r != 0)
        return r;
    t->order.who = (struct erase_person){slice_of(user), SLICE("operator")};
    r = end_spans(&n, t);
    if (r == 0) {
        r = hold_do(n.engine, &t->order, &refused, &ei);
        r = r == 0 ? 0 : refused ? (cli_fail(r, "%s", ei.text), 1) : cli_fail_at(r, &ei);
    }
    node_close(&n);
    return r;
}

static int
run_place(struct cli *cli)
{
    struct task t = {.order = {.action = LEAF_HOLD_PLACE}};
    const char *text = cli_option(cli, "text");

    t.order.text = slice_of(text == NULL ? "" : text);
    if (t.order.text.len > LEAF_TEXT_MAX || !utf8_ok(t.order.text))
        return cli_fail(ERR_USAGE, "--text takes up to %d bytes of UTF-8", LEAF_TEXT_MAX);
    if (take_case(cli, &t.order) < 0 || take_until(cli, &t.order) < 0 ||
        take_spans(cli, &t) < 0)
        return err_exit(ERR_USAGE);
    return act(cli, &t);
}

static int
run_extend(struct cli *cli)
{
    struct task t = {.order = {.action = LEAF_HOLD_EXTEND}};

    if (take_case(cli, &t.order) < 0 || take_until(cli, &t.order) < 0)
        return err_exit(ERR_USAGE);
    if (cli->argc > 1)
        return cli_fail(ERR_USAGE, "hold extend takes one case, not `%s`", cli->argv[1]);
    return act(cli, &t);
}

static int
run_release(struct cli *cli)
{
    struct task t = {.order = {.action = LEAF_HOLD_RELEASE, .until = {-1}}};

    if (take_case(cli, &t.order) < 0)
        return err_exit(ERR_USAGE);
    if (cli->argc > 1)
        return cli_fail(ERR_USAGE, "hold release takes one case, not `%s`", cli->argv[1]);
    return act(cli, &t);
}

/* ---- list ---- */

static const struct column columns[] = {{"case", false}, {"placed", false}, {"until", false},
                                        {"leaf", true},  {"held", false},   {"text", false}};

struct list {
    struct output *o;
    struct store *store;
    uint64_t count;
};

static void
put_opened(struct output *o, struct slice opened)
{
    struct jcs_iter it = jcs_iter(opened);
    struct slice value = {0};
    AUTO_BUF(held, 1 << 16);
    AUTO_BUF(text, LEAF_TEXT_MAX + 1);

    for (int i = 0; i < 3 && jcs_item(&it, &value); i++) {
    }
    buf_text(&held, "");
    for (struct jcs_iter spans = jcs_iter(value); jcs_item(&spans, &value);) {
        struct jcs_iter ends = jcs_iter(value);
        struct slice id;

        buf_text(&held, held.len > 0 ? " " : "");
        for (int k = 0; jcs_item(&ends, &id); k++) {
            struct slice plain = {0};

            buf_text(&held, k > 0 ? ".." : "");
            if (jcs_plain(id, &plain) == 0)
                buf_slice(&held, plain);
        }
    }
    output_text(o, buf_get(&held));
    buf_text(&text, "");
    if (jcs_item(&it, &value) && jcs_string(value, &text) < 0)
        buf_reset(&text);
    output_text(o, buf_get(&text));
}

static int
put_hold(void *arg, const struct store_hold *h)
{
    struct list *l = arg;
    struct slice salt;
    struct slice opened;
    int r = store_get_opening(l->store, h->leaf, &salt, &opened);

    if (r < 0)
        return r;
    l->count++;
    output_text(l->o, h->name);
    output_time(l->o, h->placed);
    if (h->until.us < 0)
        output_str(l->o, "");
    else
        output_time(l->o, h->until);
    output_u64(l->o, h->leaf);
    put_opened(l->o, opened);
    output_end(l->o);
    return 0;
}

static int
run_list(struct cli *cli)
{
    struct list l = {0};
    struct errinfo ei = {0};
    struct view v;
    const char *dir = NULL;
    int r = cli_dir(cli, &dir);

    if (r == 0)
        r = output_open(cli, columns, sizeof columns / sizeof columns[0], &l.o);
    if (r < 0)
        return err_exit(r);
    r = view_open(dir, &v, &ei);
    if (r < 0) {
        output_drop(l.o);
        return cli_fail_at(r, &ei);
    }
    l.store = v.node.store;
    r = store_each_hold(v.node.store, put_hold, &l);
    if (r < 0) {
        output_drop(l.o);
        r = cli_fail(r, "%s: %s", dir, err_text(r));
    } else if (output_close(l.o, l.count) < 0)
        r = err_exit(ERR_IO);
    view_close(&v);
    return r;
}

#define UNTIL                                                                 \
    {                                                                         \
        "until", "WHEN", "a day or a time; without it the hold has no end", 0 \
    }
static const struct cmd_option place_options[] = {
    UNTIL, {"text", "TEXT", "what for: kept here, the log has a commitment to it", 0}, {0}};
static const struct cmd_option extend_options[] = {UNTIL, {0}};
static const struct cmd_option list_options[] = {CMD_FORMAT_OPTION, {0}};

const struct cmd cmd_hold[] = {
    {"hold", "place", "CASE ID…", "keep events, and all of their blocks, from being erased",
     place_options, run_place},
    {"hold", "extend", "CASE", "another end of a hold", extend_options, run_extend},
    {"hold", "release", "CASE", "end a hold: what is past its time is erased then", NULL,
     run_release},
    {"hold", "list", "", "holds, and what they cover", list_options, run_list},
    {0},
};
