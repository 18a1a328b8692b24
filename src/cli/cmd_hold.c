/* detente hold: what must not be erased, for a case. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/blocks.h"
#include "cli/output.h"
#include "model/text.h"
#include "role/view.h"
#include "wire/jcs.h"
#include "wire/utf8.h"

static int
take_case(const struct cli *cli, struct keep_ask *a)
{
    if (cli->argc == 0 || !text_is_name(slice_of(cli->argv[0])))
        return cli_fail(ERR_USAGE, "which case? a name such as case-7: [a-z0-9] and hyphens, "
                                   "2 to 64 characters"),
               ERR_USAGE;
    (void)snprintf(a->name, sizeof a->name, "%s", cli->argv[0]);
    return 0;
}

static int
take_until(const struct cli *cli, struct keep_ask *a)
{
    struct utime until;
    int r = cli_time(cli, "until", (struct utime){-1}, &until);

    if (r == 0 && until.us >= 0 && until.us <= cli_now().us)
        return cli_fail(ERR_USAGE,
                        "--until is over already: give a day that comes, 2027-03-01"),
               ERR_USAGE;
    a->until = until.us;
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
take_spans(const struct cli *cli, struct keep_ask *a)
{
    if (cli->argc < 2)
        return cli_fail(ERR_USAGE, "what is to be held? events or blocks: 17-3, 17, 17..20"),
               ERR_USAGE;
    if (cli->argc - 1 > HOLD_SPANS)
        return cli_fail(ERR_USAGE, "%d spans at most: 17..20 is one", HOLD_SPANS), ERR_USAGE;
    for (int i = 1; i < cli->argc; i++) {
        if (cli_span(cli->argv[i], true, &a->span[a->spans++]) < 0)
            return ERR_USAGE;
    }
    qsort(a->span, a->spans, sizeof a->span[0], compare);
    for (unsigned i = 1; i < a->spans; i++) {
        if (a->span[i].first.block <= a->span[i - 1].last.block)
            return cli_fail(ERR_USAGE, "block %llu is named twice: one span covers it",
                            (unsigned long long)a->span[i].first.block),
                   ERR_USAGE;
    }
    return 0;
}

static int
act(const struct cli *cli, const struct keep_ask *a)
{
    struct keeper *k = NULL;
    int r = cli_keeper(cli, &k);

    if (r == 0)
        r = cli_keep(k, a);
    k = keeper_close(k);
    return r;
}

static int
run_place(struct cli *cli)
{
    struct keep_ask a = {.what = KEEP_PLACE};
    const char *text = cli_option(cli, "text");

    if (text != NULL && (strlen(text) > LEAF_TEXT_MAX || !utf8_ok(slice_of(text))))
        return cli_fail(ERR_USAGE, "--text takes up to %d bytes of UTF-8", LEAF_TEXT_MAX);
    (void)snprintf(a.text, sizeof a.text, "%s", text == NULL ? "" : text);
    if (take_case(cli, &a) < 0 || take_until(cli, &a) < 0 || take_spans(cli, &a) < 0)
        return err_exit(ERR_USAGE);
    return act(cli, &a);
}

static int
run_extend(struct cli *cli)
{
    struct keep_ask a = {.what = KEEP_EXTEND};

    if (take_case(cli, &a) < 0 || take_until(cli, &a) < 0)
        return err_exit(ERR_USAGE);
    if (cli->argc > 1)
        return cli_fail(ERR_USAGE, "hold extend takes one case, not `%s`", cli->argv[1]);
    return act(cli, &a);
}

static int
run_release(struct cli *cli)
{
    struct keep_ask a = {.what = KEEP_RELEASE, .until = -1};

    if (take_case(cli, &a) < 0)
        return err_exit(ERR_USAGE);
    if (cli->argc > 1)
        return cli_fail(ERR_USAGE, "hold release takes one case, not `%s`", cli->argv[1]);
    return act(cli, &a);
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
    output_need(o, &held);
    output_text(o, buf_get(&held));
    buf_text(&text, "");
    if (jcs_item(&it, &value) && jcs_string(value, &text) < 0)
        buf_reset(&text);
    output_need(o, &text);
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
