/* detente exchange retractions, exchange removals: what was taken back, and whether it is gone.
 */
#include <stdio.h>

#include "cli/exchange.h"
#include "cli/output.h"
#include "role/node.h"
#include "role/removals.h"

static const struct column columns[] = {
    {"retraction", false}, {"collection", false}, {"party", false},   {"objects", true},
    {"retracted", false},  {"state", false},      {"removed", false}, {"due", false}};

struct listing {
    struct output *out;
    uint64_t overdue;
    uint64_t rows;
};

static int
list_one(void *arg, const struct removal_row *row)
{
    struct listing *l = arg;

    output_text(l->out, row->retraction);
    output_text(l->out, row->collection);
    output_text(l->out, row->party);
    output_u64(l->out, row->objects);
    output_time(l->out, row->retracted);
    output_str(l->out, row->removed.us != 0 ? "removed"
                       : row->withheld      ? "withheld"
                       : row->overdue       ? "overdue"
                                            : "waiting");
    if (row->removed.us != 0)
        output_time(l->out, row->removed);
    else
        output_str(l->out, "");
    output_time(l->out, row->due);
    output_end(l->out);
    l->rows++;
    l->overdue += row->overdue;
    return 0;
}

int
exchange_retractions(struct cli *cli)
{
    struct listing l = {.out = NULL};
    struct removal_ask ask = {.now = cli_now()};
    struct errinfo ei = {0};
    struct book *b = NULL;
    const char *dir;
    struct node n;
    int r = cli_dir(cli, &dir);

    if (r < 0 || (r = output_open(cli, columns, sizeof columns / sizeof *columns, &l.out)) < 0)
        return err_exit(r);
    r = node_open(dir, NODE_READ, &n, &ei);
    if (r < 0) {
        output_drop(l.out);
        return cli_fail_at(r, &ei);
    }
    r = book_load(n.store, n.conf->party, &b, &ei);
    if (r == 0) {
        ask.store = n.store;
        ask.book = b;
        ask.conf = n.conf;
        ask.within = n.conf->egress.removal;
        r = removals_each(&ask, list_one, &l);
    }
    (void)book_free(b);
    node_close(&n);
    if (r < 0) {
        output_drop(l.out);
        return ei.text[0] != '\0' ? cli_fail_at(r, &ei)
                                  : cli_fail(r, "the store: %s", err_text(r));
    }
    r = output_close(l.out, 0);
    return r < 0 ? err_exit(r) : l.overdue > 0;
}

int
exchange_removals(struct cli *cli)
{
    struct removals_done done;
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "exchange removals takes no argument");
    r = removals_do(dir, &done, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    cli_say("%llu objects of %llu retractions were removed, %llu receipts are new",
            (unsigned long long)done.objects, (unsigned long long)done.retractions,
            (unsigned long long)done.receipts);
    return 0;
}
