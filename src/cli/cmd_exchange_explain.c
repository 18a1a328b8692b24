/* detente exchange explain: why an object goes to a party, or stays. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/exchange.h"
#include "cli/output.h"
#include "model/text.h"
#include "role/book.h"
#include "role/egress.h"
#include "role/node.h"
#include "store/people.h"

static const struct column columns[] = {{"collection", false}, {"version", false},
                                        {"tlp", false},        {"goes", false},
                                        {"word", false},       {"reason", false}};

struct explaining {
    struct output *out;
    struct store *store;
    struct egress_to to;
    const struct book *book;
    struct slice object;
    /* of the collection that is looked at */
    char party[PERSON_NAME];
    char alias[65];
    bool read; /* by somebody of that party */
    int64_t number;
    uint64_t rows;
    uint64_t stays;
};

static int
look_for_reader(void *arg, const struct store_person *p)
{
    struct explaining *x = arg;
    char party[PERSON_NAME];
    unsigned rights = 0;
    int r = p->revoked.us != 0 ? 0 : store_get_right(x->store, x->number, p->id, &rights);

    if (r < 0 || (rights & RIGHT_READ) == 0)
        return r;
    r = store_get_party(x->store, p->id, party);
    x->read |= r == 0 && slice_is(x->to.party, party);
    return r;
}

static bool
is_of_pact(const struct explaining *x, struct slice name)
{
    const struct book_pact *p =
        name.len == 0 || x->book == NULL ? NULL : book_pact(x->book, name);

    return p != NULL && book_party(p, x->to.party) >= 0;
}

static int
tell(void *arg, const struct store_object *o)
{
    struct explaining *x = arg;
    struct store_object copy = *o;
    AUTO_BUF(all, OBJECT_BODY_MAX + 4096);
    enum egress e;
    enum tlp tlp;
    char at[TIME_TEXT];
    int r;

    buf_slice(&all, o->body);
    buf_slice(&all, o->version);
    if (buf_error(&all) < 0)
        return buf_error(&all);
    copy.body = slice_sub(buf_get(&all), 0, o->body.len);
    copy.version = slice_sub(buf_get(&all), o->body.len, o->version.len);
    copy.id = x->object;
    copy.type = copy.spec = slice_of("");
    r = egress_of(&x->to, &copy, slice_of(x->party), &e, &tlp);
    if (r < 0)
        return r;
    time_format(copy.version_at, at);
    output_str(x->out, x->alias);
    if (copy.version.len > 0)
        output_text(x->out, copy.version);
    else
        output_text(x->out, (struct slice){at, TIME_TEXT});
    output_str(x->out, tlp_name(tlp));
    if (egress_goes(e) && !x->read) {
        output_bool(x->out, false);
        output_str(x->out, "no-reader");
        output_str(x->out, "nobody of that party may read this collection: `exchange "
                           "collection permit`, or --pact");
    } else {
        output_bool(x->out, egress_goes(e));
        output_str(x->out, egress_word(e));
        output_str(x->out, egress_text(e));
    }
    output_end(x->out);
    x->rows++;
    x->stays += !egress_goes(e) || !x->read;
    return 0;
}

static int
look_at_collection(void *arg, const struct store_collection *c)
{
    struct explaining *x = arg;
    struct object_query *q = calloc(1, sizeof *q);
    int r = q == NULL ? ERR_NOMEM : 0;

    x->number = c->number;
    x->read = is_of_pact(x, c->pact) || x->to.party.len == 0;
    (void)snprintf(x->party, sizeof x->party, "%.*s", (int)c->party.len, c->party.ptr);
    (void)snprintf(x->alias, sizeof x->alias, "%.*s", (int)c->name.len, c->name.ptr);
    if (r == 0 && !x->read)
        r = store_each_person(x->store, look_for_reader, x);
    if (r == 0) {
        *q = (struct object_query){.collection = c->number,
                                   .after = {-1},
                                   .id = {.at = {x->object}, .count = 1},
                                   .all = true,
                                   .bodies = true};
        r = store_each_object(x->store, q, tell, x);
    }
    free(q);
    return r;
}

static int
explain(struct cli *cli, struct node *n, const char *party, struct explaining *x)
{
    struct errinfo ei = {0};
    struct book *b = NULL;
    int r = book_load(n->store, n->conf->party, &b, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    x->store = n->store;
    x->book = b;
    x->object = slice_of(cli->argv[0]);
    egress_recipient(b, n->conf, n->store, slice_of(party), cli_now(), &x->to);
    r = store_each_collection(n->store, look_at_collection, x);
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
