#include "role/exchange_json.h"

#include <stdio.h>

#include "model/text.h"
#include "role/hits.h"
#include "role/removals.h"
#include "role/source.h"
#include "store/people.h"
#include "wire/dom.h"

static void
put_text(struct buf *to, const char *name, struct slice text)
{
    buf_printf(to, ",\"%s\":", name);
    buf_json(to, text);
}

static void
put_moment(struct buf *to, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(to, ",\"%s\":\"%.*s\"", name, t.us > 0 ? TIME_TEXT : 0, text);
}

static void
put_number(struct buf *to, const char *name, uint64_t n)
{
    buf_printf(to, ",\"%s\":%llu", name, (unsigned long long)n);
}

/* ---- collections ------------------------------------------------------------------------- */

struct listing {
    const struct exchange_ask *ask;
    struct buf *to;
    unsigned count;
    int64_t number; /* of the collection that is looked at */
    unsigned readers;
    unsigned writers;
};

static int
count_rights(void *arg, const struct store_person *p)
{
    struct listing *l = arg;
    unsigned rights = 0;
    int r = p->revoked.us != 0 ? 0 : store_get_right(l->ask->store, l->number, p->id, &rights);

    l->readers += (rights & RIGHT_READ) != 0;
    l->writers += (rights & RIGHT_WRITE) != 0;
    return r;
}

static int
put_collection(void *arg, const struct store_collection *c)
{
    struct listing *l = arg;
    uint64_t n = 0;
    int r;

    if (l->count++ >= EXCHANGE_COLLECTIONS)
        return 0;
    buf_text(l->to, l->count > 1 ? ",{\"id\":" : "{\"id\":");
    buf_json(l->to, c->id);
    put_text(l->to, "alias", c->name);
    put_text(l->to, "title", c->title);
    put_text(l->to, "pact", c->pact);
    put_text(l->to, "from", c->party);
    l->number = c->number;
    l->readers = l->writers = 0;
    r = store_count_objects(l->ask->store, c->number, &n);
    if (r == 0)
        r = store_each_person(l->ask->store, count_rights, l);
    put_number(l->to, "objects", n);
    put_number(l->to, "readers", l->readers);
    put_number(l->to, "writers", l->writers);
    buf_char(l->to, '}');
    return r < 0 ? r : buf_error(l->to);
}

static int
put_collections(const struct exchange_ask *a, struct buf *to)
{
    struct listing l = {.ask = a, .to = to};
    int r;

    buf_text(to, ",\"collections\":[");
    r = store_each_collection(a->store, put_collection, &l);
    buf_printf(to, "],\"collection_count\":%u", l.count);
    return r;
}

/* ---- partners ---------------------------------------------------------------------------- */

struct taken {
    struct slice party; /* of the book */
    unsigned waiting;
    unsigned overdue;
    unsigned removed;
};
struct takings {
    struct taken at[BOOK_PACTS * PACT_PARTIES];
    unsigned count;
};

/* A party of several pacts took each thing back once, whatever collection it stood in. */
static struct taken *
taken_of(struct takings *t, struct slice party)
{
    for (unsigned i = 0; i < t->count; i++) {
        if (slice_eq(t->at[i].party, party))
            return &t->at[i];
    }
    if (t->count == BOOK_PACTS * PACT_PARTIES)
        return NULL;
    t->at[t->count].party = party;
    return &t->at[t->count++];
}

static int
count_taken(void *arg, const struct removal_row *row)
{
    struct taken *x = taken_of(arg, row->party);

    if (x == NULL)
        return ERR_LIMIT;
    x->removed += row->removed.us != 0;
    x->overdue += row->overdue;
    x->waiting += row->removed.us == 0 && !row->overdue && !row->withheld;
    return 0;
}

static void
put_partner(const struct exchange_ask *a, const struct book_pact *p, unsigned party,
            const struct taken *t, struct buf *to)
{
    struct slice id = p->party[party].id;
    struct egress_to egress;

    egress_recipient(a->book, a->conf, a->store, id, a->now, &egress);
    buf_text(to, "{\"pact\":");
    buf_json(to, slice_of(p->pact->name));
    put_text(to, "party", id);
    buf_printf(to, ",\"bound\":%s",
               book_binds(p, (int)party, a->now) && book_binds(p, p->self, a->now) ? "true"
                                                                                   : "false");
    put_text(to, "ceiling", slice_of(tlp_name(egress.ceiling)));
    put_number(to, "waiting", t->waiting);
    put_number(to, "overdue", t->overdue);
    put_number(to, "removed", t->removed);
    buf_char(to, '}');
}

static int
put_partners(const struct exchange_ask *a, struct buf *to)
{
    const struct removal_ask ask = {.store = a->store,
                                    .book = a->book,
                                    .conf = a->conf,
                                    .now = a->now,
                                    .within = a->conf->egress.removal};
    static const struct taken nothing;
    struct takings all = {.count = 0};
    int r = removals_each(&ask, count_taken, &all);
    unsigned n = 0;

    buf_printf(to, ",\"within_s\":%lld,\"partners\":[",
               (long long)(a->conf->egress.removal.us / TIME_US_PER_S));
    for (unsigned i = 0; r == 0 && a->book != NULL && i < a->book->pacts; i++) {
        const struct book_pact *p = &a->book->pact[i];

        for (unsigned k = 0; p->self >= 0 && k < p->pact->parties; k++) {
            const struct taken *t;

            if ((int)k == p->self)
                continue;
            t = taken_of(&all, p->party[k].id);
            buf_text(to, n++ > 0 ? "," : "");
            put_partner(a, p, k, t == NULL ? &nothing : t, to);
        }
    }
    buf_char(to, ']');
    return r;
}

/* ---- sources ----------------------------------------------------------------------------- */

static void
copy(char *to, size_t room, struct slice text)
{
    text = slice_cut(text, room - 1);
    (void)snprintf(to, room, "%.*s", (int)text.len, text.len == 0 ? "" : text.ptr);
}

static struct utime
moment_of(const struct dom *d, const char *name)
{
    struct utime t = {0};

    return time_parse(dom_text(dom_get(d, slice_of(name))), &t) < 0 ? (struct utime){0} : t;
}

static uint64_t
number_of(const struct dom *d, const char *name)
{
    const struct dom *x = dom_get(d, slice_of(name));
    uint64_t n = 0;

    if (x == NULL || x->kind != DOM_NUMBER || text_number(x->text, UINT64_MAX / 2, &n) < 0)
        return 0;
    return n;
}

/* Of the name it is called by: its spread is that name's. */
static struct utime
next_of(const struct dom *d, struct exchange_source *ret)
{
    const struct dom *more = dom_get(d, SLICE("more"));
    struct source s = {.tried = ret->tried,
                       .begun = moment_of(d, "begun"),
                       .not_before = moment_of(d, "not_before"),
                       .failures = (uint32_t)number_of(d, "failures"),
                       .more = more != NULL && more->kind == DOM_TRUE};
    uint64_t every = number_of(d, "every_s");

    copy(s.name, sizeof s.name, slice_of(ret->name));
    s.every_s = ret->every_s = every > SOURCE_EVERY ? 0 : (uint32_t)every;
    return source_next(&s);
}

int
exchange_source_read(char *text, size_t len, struct exchange_source *ret)
{
    struct arena arena = {0};
    const struct dom *d = NULL;
    int r = len > EXCHANGE_SOURCE ? ERR_LIMIT : arena_init(&arena, DOM_ROOM * len + DOM_LEAST);

    if (r == 0)
        r = dom_read(text, len, &arena, &d, NULL);
    if (r == 0 && d->kind != DOM_OBJECT)
        r = ERR_INVALID;
    if (r == 0) {
        copy(ret->title, sizeof ret->title, dom_text(dom_get(d, SLICE("title"))));
        copy(ret->fault, sizeof ret->fault, dom_text(dom_get(d, SLICE("fault"))));
        ret->tried = moment_of(d, "tried");
        ret->succeeded = moment_of(d, "succeeded");
        ret->fault_since = moment_of(d, "fault_since");
        ret->next = next_of(d, ret);
        ret->added = number_of(d, "added");
        ret->refused = number_of(d, "refused");
    }
    arena_release(&arena);
    return r;
}

static void
put_sources(const struct exchange_ask *a, struct buf *to)
{
    buf_text(to, ",\"sources\":[");
    for (unsigned i = 0; i < a->sources; i++) {
        const struct exchange_source *s = &a->source[i];

        buf_text(to, i > 0 ? ",{\"name\":" : "{\"name\":");
        buf_json(to, slice_of(s->name));
        put_text(to, "title", slice_of(s->title));
        put_moment(to, "tried", s->tried);
        put_moment(to, "succeeded", s->succeeded);
        put_text(to, "fault", slice_of(s->fault));
        put_moment(to, "fault_since", s->fault_since);
        put_number(to, "every_s", s->every_s);
        put_moment(to, "next", s->next.us > 0 && s->next.us < a->now.us ? a->now : s->next);
        put_number(to, "added", s->added);
        put_number(to, "refused", s->refused);
        buf_char(to, '}');
    }
    buf_printf(to, "],\"source_count\":%u", a->known);
}

/* ---- all of it --------------------------------------------------------------------------- */

int
exchange_json(const struct exchange_ask *a, struct buf *ret)
{
    char at[TIME_TEXT];
    int r;

    time_format(a->now, at);
    buf_printf(ret, "{\"at\":\"%.*s\"", TIME_TEXT, at);
    r = put_collections(a, ret);
    if (r == 0)
        r = put_partners(a, ret);
    put_sources(a, ret);
    buf_text(ret, ",\"hits\":");
    if (r == 0)
        r = hits_json(a->store, a->now, ret);
    buf_text(ret, "}\n");
    return r < 0 ? r : buf_error(ret);
}

struct explained {
    struct buf *to;
    unsigned count;
};

static int
put_row(void *arg, const struct explain_row *row)
{
    struct explained *x = arg;

    if (x->count++ >= EXCHANGE_ROWS)
        return 0;
    buf_text(x->to, x->count > 1 ? ",{\"collection\":" : "{\"collection\":");
    buf_json(x->to, row->collection);
    put_text(x->to, "version", row->version);
    put_text(x->to, "tlp", slice_of(tlp_name(row->tlp)));
    buf_printf(x->to, ",\"goes\":%s", row->goes ? "true" : "false");
    put_text(x->to, "word", slice_of(row->word));
    put_text(x->to, "reason", slice_of(row->reason));
    buf_char(x->to, '}');
    return buf_error(x->to);
}

int
exchange_explain_json(const struct explain_ask *a, struct buf *ret)
{
    struct explained x = {.to = ret};
    int r;

    buf_text(ret, "{\"object\":");
    buf_json(ret, a->object);
    put_text(ret, "to", a->party);
    buf_text(ret, ",\"rows\":[");
    r = explain_each(a, put_row, &x);
    buf_printf(ret, "],\"row_count\":%u}\n", x.count);
    return r < 0 ? r : buf_error(ret);
}
