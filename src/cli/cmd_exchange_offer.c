/* detente exchange offer: what may go to somebody only now comes anew, behind all that they
 * have. */
#include <stdlib.h>

#include "cli/exchange.h"
#include "model/text.h"
#include "role/egress.h"
#include "role/objects.h"
#include "role/taking.h"
#include "taxii/retract.h"

enum { AT_ONCE = 1000 /* versions in one transaction */ };

struct offering {
    struct taking t;
    struct cli *cli;
    struct egress_to to;
    bool judged; /* --to */
    struct utime *place;
    size_t count;
    size_t room;
    uint64_t stay; /* that may not go */
    uint64_t done;
};

static int
keep_place(struct offering *x, struct utime place)
{
    if (x->count == x->room) {
        size_t room = x->room == 0 ? 256 : 2 * x->room;
        struct utime *more = realloc(x->place, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        x->place = more;
        x->room = room;
    }
    x->place[x->count++] = place;
    return 0;
}

static int
look_at(void *arg, const struct store_object *o)
{
    struct offering *x = arg;
    struct store_object copy;
    enum tlp tlp;
    enum egress e;
    char *all;
    int r;

    if (slice_is(o->type, RETRACTION_TYPE)) { /* what it means stands before it */
        x->stay++;
        return 0;
    }
    if (!x->judged)
        return keep_place(x, o->added);
    r = egress_copy(o, &copy, &all);
    if (r < 0)
        return r;
    r = egress_of(&x->to, &copy, slice_of(x->t.collection.party), &e, &tlp);
    if (r == 0 && egress_goes(e))
        r = keep_place(x, copy.added);
    else if (r == 0)
        x->stay++;
    free(all);
    return r;
}

/* Of the named objects, MATCH_VALUES in one question; or of all. */
static int
look(struct offering *x)
{
    struct object_query *q = calloc(1, sizeof *q);
    int named = x->cli->argc - 1;
    int at = 0;
    int r = q == NULL ? ERR_NOMEM : 0;

    while (r == 0 && (at < named || named == 0)) {
        *q = (struct object_query){.collection = x->t.collection.number,
                                   .after = {-1},
                                   .all = true,
                                   .bodies = x->judged};
        while (at < named && q->id.count < MATCH_VALUES)
            q->id.at[q->id.count++] = slice_of(x->cli->argv[1 + at++]);
        r = store_each_object(x->t.node.store, q, look_at, x);
        if (named == 0)
            break;
    }
    free(q);
    return r;
}

static int
hand_in(struct offering *x, struct load *l, struct errinfo *ei)
{
    struct objects_told told;
    int r;

    l->ask.what = LOAD_ADD;
    l->ask.collection = x->t.collection.number;
    l->ask.bytes = l->again.len;
    r = objects_hand_in(x->t.dir, l, &told, ei);
    if (r == 0 && told.answer.status < 0)
        r = err_set(ei, told.answer.status, "%s",
                    told.ei.text[0] != '\0' ? told.ei.text : err_text(told.answer.status));
    x->done += r == 0 ? told.answer.again : 0;
    load_release(l);
    load_init(l);
    return r;
}

static int
offer(struct offering *x, struct errinfo *ei)
{
    struct load l;
    int r = look(x);

    if (r < 0)
        return err_set(ei, r, "the store: %s", err_text(r));
    store_settle(x->t.node.store);
    load_init(&l);
    for (size_t i = 0; r == 0 && i < x->count; i++) {
        r = load_again(&l, x->place[i]);
        if (r == 0 && (l.ask.again == AT_ONCE || i + 1 == x->count))
            r = hand_in(x, &l, ei);
        else if (r < 0)
            r = err_set(ei, r, "%s", err_text(r));
    }
    load_release(&l);
    return r;
}

static int
find_party(struct offering *x, const char *party, struct errinfo *ei)
{
    struct node *n = &x->t.node;
    struct book *b = NULL;
    int r = book_load(n->store, n->conf->party, &b, ei);

    if (r < 0)
        return r;
    egress_recipient(b, n->conf, n->store, slice_of(party), cli_now(), &x->to);
    x->judged = true;
    (void)book_free(b);
    return 0;
}

int
exchange_offer(struct cli *cli)
{
    const char *party = cli_option(cli, "to");
    struct offering x = {.cli = cli};
    struct errinfo ei = {0};
    const char *dir;
    int r;

    if (cli->argc < 1 || (cli->argc == 1 && party == NULL) ||
        (party != NULL && !text_is_party(slice_of(party))))
        return cli_fail(ERR_USAGE, "exchange offer takes a collection and the ids of objects, "
                                   "or --to PARTY for all that may go there");
    r = cli_dir(cli, &dir);
    if (r < 0)
        return err_exit(r);
    r = taking_open(dir, cli->argv[0], &x.t, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    if (party != NULL)
        r = find_party(&x, party, &ei);
    if (r == 0)
        r = offer(&x, &ei);
    taking_close(&x.t);
    free(x.place);
    if (r < 0)
        return cli_fail_at(r, &ei);
    if (party != NULL)
        cli_say("%llu versions have another place now, %llu may not go to %s",
                (unsigned long long)x.done, (unsigned long long)x.stay, party);
    else
        cli_say("%llu versions have another place now", (unsigned long long)x.done);
    return x.done == 0;
}
