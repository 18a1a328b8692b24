/* detente exchange explain: why an object goes to a party, or stays. */
#include "cli/exchange.h"
#include "cli/output.h"
#include "model/text.h"
#include "role/explain.h"
#include "role/node.h"

static const struct column columns[] = {{"collection", false}, {"version", false},
                                        {"tlp", false},        {"goes", false},
                                        {"word", false},       {"reason", false}};

struct explaining {
    struct output *out;
    uint64_t rows;
    uint64_t stays;
};

static int
tell(void *arg, const struct explain_row *row)
{
    struct explaining *x = arg;

    output_text(x->out, row->collection);
    output_text(x->out, row->version);
    output_str(x->out, tlp_name(row->tlp));
    output_bool(x->out, row->goes);
    output_str(x->out, row->word);
    output_str(x->out, row->reason);
    output_end(x->out);
    x->rows++;
    x->stays += !row->goes;
    return 0;
}

static int
explain(struct cli *cli, struct node *n, const char *party, struct explaining *x)
{
    struct errinfo ei = {0};
    struct book *b = NULL;
    struct explain_ask a = {.store = n->store,
                            .conf = n->conf,
                            .object = slice_of(cli->argv[0]),
                            .party = slice_of(party),
                            .now = cli_now()};
    int r = book_load(n->store, n->conf->party, &b, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    a.book = b;
    r = explain_each(&a, tell, x);
    (void)book_free(b);
    return r < 0 ? cli_fail(r, "the store: %s", err_text(r)) : 0;
}

int
exchange_explain(struct cli *cli)
{
    const char *party = cli_option(cli, "to");
    struct explaining x = {.out = NULL};
    struct errinfo ei = {0};
    const char *dir;
    struct node n;
    int r;

    if (cli->argc != 1 || party == NULL || !text_is_party(slice_of(party)))
        return cli_fail(ERR_USAGE,
                        "exchange explain takes the id of an object, and --to PARTY");
    r = cli_dir(cli, &dir);
    if (r < 0 || (r = output_open(cli, columns, sizeof columns / sizeof *columns, &x.out)) < 0)
        return err_exit(r);
    r = node_open(dir, NODE_READ, &n, &ei);
    if (r < 0) {
        output_drop(x.out);
        return cli_fail_at(r, &ei);
    }
    r = explain(cli, &n, party, &x);
    node_close(&n);
    if (r == 0 && x.rows == 0) {
        output_drop(x.out);
        return cli_fail(ERR_NOTFOUND, "no collection has an object %s", cli->argv[0]);
    }
    if (r != 0) {
        output_drop(x.out);
        return r;
    }
    r = output_close(x.out, 0);
    return r < 0 ? err_exit(r) : x.stays > 0;
}
