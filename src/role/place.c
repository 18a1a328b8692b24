/* Who said where an event came from: the tables in use now, or those it was placed by. */
#include <stdio.h>

#include "role/describe.h"
#include "wire/jcs.h"

enum { TABLES_JSON_MAX = 1 << 16 };

static void
name_dataset(const struct attrib_dataset *by, char name[ATTRIB_NAME], char date[PLACE_DATE])
{
    char text[TIME_TEXT];

    if (by == NULL)
        return;
    time_format(by->date, text);
    (void)snprintf(name, ATTRIB_NAME, "%s", by->name);
    (void)snprintf(date, PLACE_DATE, "%.10s", text);
}

/* One dataset of node_tables_json() that holds `kind`, the first such one being it. */
static void
name_stored(struct slice dataset, int64_t kind, char name[ATTRIB_NAME], char date[PLACE_DATE])
{
    struct slice value;
    struct slice text;
    int64_t kinds;

    if (name[0] != '\0' || !jcs_find(dataset, "kind", &value) || jcs_int(value, &kinds) < 0 ||
        !(kinds & kind))
        return;
    if (jcs_find(dataset, "name", &value) && jcs_plain(value, &text) == 0)
        (void)snprintf(name, ATTRIB_NAME, "%.*s", (int)text.len, text.ptr);
    if (jcs_find(dataset, "date", &value) && jcs_plain(value, &text) == 0)
        (void)snprintf(date, PLACE_DATE, "%.*s", (int)text.len, text.ptr);
}

static int
stored_place(const struct describer *d, const struct hash *tables, const struct event *ev,
             struct describe_place *ret)
{
    AUTO_BUF(json, TABLES_JSON_MAX);
    AUTO_BUF(list, TABLES_JSON_MAX);
    struct slice dataset;
    struct jcs_iter it;
    int r = store_get_tables(d->store, tables, &json);

    if (r < 0)
        return r == ERR_NOTFOUND ? 0 : r; /* none were in use */
    if (jcs_canonical(buf_get(&json), &list, NULL) != JCS_OK)
        return buf_error(&list) < 0 ? buf_error(&list) : ERR_IO;
    it = jcs_iter(buf_get(&list));
    while (jcs_item(&it, &dataset)) {
        if (ev->origin_asn != 0)
            name_stored(dataset, ATTRIB_ASN, ret->asn_by, ret->asn_date);
        if (ev->origin_country != COUNTRY_UNKNOWN)
            name_stored(dataset, ATTRIB_COUNTRY, ret->country_by, ret->country_date);
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
        name_dataset(ret->now.asn_by, ret->asn_by, ret->asn_date);
    if (ev->origin_country != COUNTRY_UNKNOWN)
        name_dataset(ret->now.country_by, ret->country_by, ret->country_date);
    return 0;
}
