#include "role/explain.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/people.h"

struct explaining {
    const struct explain_ask *ask;
    struct egress_to to;
    int (*each)(void *arg, const struct explain_row *row);
    void *arg;
    /* of the collection that is looked at */
    char party[PERSON_NAME];
    char alias[65];
    bool read; /* by somebody of that party */
    int64_t number;
};

static int
look_for_reader(void *arg, const struct store_person *p)
{
    struct explaining *x = arg;
    char party[PERSON_NAME];
    unsigned rights = 0;
    int r = p->revoked.us != 0 ? 0 : store_get_right(x->ask->store, x->number, p->id, &rights);

    if (r < 0 || (rights & RIGHT_READ) == 0)
        return r;
    r = store_get_party(x->ask->store, p->id, party);
    x->read |= r == 0 && slice_is(x->to.party, party);
    return r;
}

static bool
is_of_pact(const struct explaining *x, struct slice name)
{
    const struct book_pact *p =
        name.len == 0 || x->ask->book == NULL ? NULL : book_pact(x->ask->book, name);

    return p != NULL && book_party(p, x->to.party) >= 0;
}

static int
tell(void *arg, const struct store_object *o)
{
    struct explaining *x = arg;
    struct store_object copy = *o;
    struct explain_row row = {.collection = slice_of(x->alias)};
    AUTO_BUF(all, OBJECT_BODY_MAX + 4096);
    enum egress e;
    char at[TIME_TEXT];
    int r;

    buf_slice(&all, o->body);
    buf_slice(&all, o->version);
    if (buf_error(&all) < 0)
        return buf_error(&all);
    copy.body = slice_sub(buf_get(&all), 0, o->body.len);
    copy.version = slice_sub(buf_get(&all), o->body.len, o->version.len);
    copy.id = x->ask->object;
    copy.type = copy.spec = slice_of("");
    r = egress_of(&x->to, &copy, slice_of(x->party), &e, &row.tlp);
    if (r < 0)
        return r;
    time_format(copy.version_at, at);
    row.version = copy.version.len > 0 ? copy.version : (struct slice){at, TIME_TEXT};
    row.goes = egress_goes(e) && x->read;
    if (egress_goes(e) && !x->read) {
        row.word = "no-reader";
        row.reason = "nobody of that party may read this collection: `exchange collection "
                     "permit`, or --pact";
    } else {
        row.word = egress_word(e);
        row.reason = egress_text(e);
    }
    return x->each(x->arg, &row);
}

static int
look_at_collection(void *arg, const struct store_collection *c)
{
    struct explaining *x = arg;
    struct object_query *q = calloc(1, sizeof *q);
    struct slice name = c->name.len > 0 ? c->name : c->id;
    int r = q == NULL ? ERR_NOMEM : 0;

    x->number = c->number;
    x->read = is_of_pact(x, c->pact) || x->to.party.len == 0;
    (void)snprintf(x->party, sizeof x->party, "%.*s", (int)c->party.len, c->party.ptr);
    (void)snprintf(x->alias, sizeof x->alias, "%.*s", (int)name.len, name.ptr);
    if (r == 0 && !x->read)
        r = store_each_person(x->ask->store, look_for_reader, x);
    if (r == 0) {
        *q = (struct object_query){.collection = c->number,
                                   .after = {-1},
                                   .id = {.at = {x->ask->object}, .count = 1},
                                   .all = true,
                                   .bodies = true};
        r = store_each_object(x->ask->store, q, tell, x);
    }
    free(q);
    return r;
}

int
explain_each(const struct explain_ask *a, int (*each)(void *arg, const struct explain_row *row),
             void *arg)
{
    struct explaining x = {.ask = a, .each = each, .arg = arg};

    egress_recipient(a->book, a->conf, a->store, a->party, a->now, &x.to);
    return store_each_collection(a->store, look_at_collection, &x);
}
