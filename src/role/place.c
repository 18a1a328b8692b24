/* Who said where an event came from: the tables in use now, or those it was placed by. */
#include <stdio.h>

#include "role/describe.h"
#include "wire/jcs.h"

enum { TABLES_JSON_MAX = 1 << 16 };

struct names {
    char *by;   /* PLACE_BY bytes */
    char *date; /* PLACE_DATE bytes */
    bool ended; /* what comes behind was not asked */
};

static void
add_name(struct names *n, struct slice name, struct slice date)
{
    size_t by = strlen(n->by);
    size_t day = strlen(n->date);
    const char *comma = by > 0 ? ", " : "";

    (void)snprintf(n->by + by, PLACE_BY - by, "%s%.*s", comma, (int)name.len, name.ptr);
    (void)snprintf(n->date + day, PLACE_DATE - day, "%s%.*s", comma, (int)date.len, date.ptr);
}

static void
name_dataset(const struct attrib_dataset *by, struct names *to)
{
    char text[TIME_TEXT];

    if (by == NULL)
        return;
    time_format(by->date, text);
    add_name(to, slice_of(by->name), (struct slice){text, 10});
}

/* One dataset of node_tables_json(). */
struct stored {
    struct slice name;
    struct slice date;
    int64_t kind;
};

static bool
read_stored(struct slice dataset, struct stored *ret)
{
    struct slice name;
    struct slice date;
    struct slice kind;

    return jcs_find(dataset, "name", &name) && jcs_plain(name, &ret->name) == 0 &&
           jcs_find(dataset, "date", &date) && jcs_plain(date, &ret->date) == 0 &&
           jcs_find(dataset, "kind", &kind) && jcs_int(kind, &ret->kind) == 0;
}

static bool
is_dataset(const struct attrib_dataset *d, const struct stored *s)
{
    char text[TIME_TEXT];

    time_format(d->date, text);
    return slice_is(s->name, d->name) && slice_eq(s->date, (struct slice){text, 10});
}

static void
name_network(const struct attrib_answer *now, const struct event *ev, const struct stored *s,
             struct names *to)
{
    if (to->ended || !(s->kind & ATTRIB_ASN))
        return;
    add_name(to, s->name, s->date);
    to->ended =
        now->asn_by != NULL && is_dataset(now->asn_by, s) && now->place.asn == ev->origin_asn;
}

static void
name_economy(const struct describer *d, const struct attrib_answer *now, const struct event *ev,
             const struct stored *s, struct names *to)
{
    if (to->ended || !(s->kind & ATTRIB_COUNTRY))
        return;
    for (unsigned i = 0; i < now->votes; i++) {
        if (!is_dataset(attrib_dataset(d->attrib, now->vote[i].dataset), s))
            continue;
        if (now->vote[i].country != ev->origin_country)
            return;
        to->ended = true;
    }
    add_name(to, s->name, s->date);
}

static int
stored_place(const struct describer *d, const struct hash *tables, const struct event *ev,
             struct describe_place *ret)
{
    AUTO_BUF(json, TABLES_JSON_MAX);
    AUTO_BUF(list, TABLES_JSON_MAX);
    struct names network = {.by = ret->asn_by, .date = ret->asn_date};
    struct names economy = {.by = ret->country_by, .date = ret->country_date};
    struct slice dataset;
    struct jcs_iter it;
    struct stored s;
    int r = store_get_tables(d->store, tables, &json);

    if (r < 0)
        return r == ERR_NOTFOUND ? 0 : r; /* none were in use */
    if (jcs_canonical(buf_get(&json), &list, NULL) != JCS_OK)
        return buf_error(&list) < 0 ? buf_error(&list) : ERR_IO;
    it = jcs_iter(buf_get(&list));
    while (jcs_item(&it, &dataset)) {
        if (!read_stored(dataset, &s))
            continue;
        if (ev->origin_asn != 0)
            name_network(&ret->now, ev, &s, &network);
        if (ev->origin_country != COUNTRY_UNKNOWN)
            name_economy(d, &ret->now, ev, &s, &economy);
    }
    return 0;
}

int
describe_place(const struct describer *d, const struct hash *tables, const struct event *ev,
               struct describe_place *ret)
{
    struct hash now = attrib_id(d->attrib);

    *ret = (struct describe_place){.current = hash_eq(&now, tables) != 0};
    attrib_explain(d->attrib, &ev->origin, &ret->now);
    if (!ret->current)
        return stored_place(d, tables, ev, ret);
    if (ev->origin_asn != 0)
        name_dataset(ret->now.asn_by,
                     &(struct names){.by = ret->asn_by, .date = ret->asn_date});
    if (ev->origin_country != COUNTRY_UNKNOWN)
        name_dataset(ret->now.country_by,
                     &(struct names){.by = ret->country_by, .date = ret->country_date});
    return 0;
}
