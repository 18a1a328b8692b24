#include "depend/suppliers.h"

#include "model/event.h"
#include "wire/csv.h"

enum column { SUPPLIER, COUNTRY, KIND, ALTERNATIVE, LEASE, COLUMNS };

static const char *const names[COLUMNS] = {"supplier", "country", "kind", "home_alternative",
                                           "lease_until"};

struct reading {
    struct csv csv;
    int place[COLUMNS]; /* in a row, -1 none */
    unsigned fields;
    struct facts *f;
    uint16_t source;
    struct errinfo *ei;
};

static int
read_header(struct reading *r)
{
    struct csv *c = &r->csv;
    int got = csv_row(c, r->ei);

    if (got < 0)
        return got;
    if (got == 0)
        return err_at(r->ei, ERR_INVALID, 1, 1, "is empty: the first line names the columns");
    for (int i = 0; i < COLUMNS; i++)
        r->place[i] = -1;
    r->fields = c->count;
    for (unsigned i = 0; i < c->count; i++) {
        int k = 0;

        while (k < COLUMNS && !slice_is(c->field[i], names[k]))
            k++;
        if (k == COLUMNS || r->place[k] >= 0)
            return err_at(r->ei, ERR_INVALID, c->field_line[i], c->field_column[i],
                          k == COLUMNS ? "`%.*s` is none of the columns supplier, country, "
                                         "kind, home_alternative, lease_until"
                                       : "the column `%.*s` is there twice",
                          (int)(c->field[i].len > 64 ? 64 : c->field[i].len), c->field[i].ptr);
        r->place[k] = (int)i;
    }
    if (r->place[SUPPLIER] < 0 || r->place[KIND] < 0)
        return err_at(r->ei, ERR_INVALID, 1, 1, "the column `%s` is missing",
                      names[r->place[SUPPLIER] < 0 ? SUPPLIER : KIND]);
    return 0;
}

static struct slice
get(const struct reading *r, enum column column)
{
    return r->place[column] < 0 ? (struct slice){"", 0} : r->csv.field[r->place[column]];
}

static int
wrong(const struct reading *r, enum column column, const char *what)
{
    int at = r->place[column] < 0 ? 0 : r->place[column];

    return err_at(r->ei, ERR_INVALID, r->csv.field_line[at], r->csv.field_column[at], "%s",
                  what);
}

static int
read_kind(const struct reading *r, uint32_t *ret)
{
    for (int k = DEPEND_SOFTWARE; k <= DEPEND_CLOUD; k++) {
        if (slice_is(get(r, KIND), depend_kind_name((enum depend_kind)k))) {
            *ret = (uint32_t)k;
            return 0;
        }
    }
    return wrong(r, KIND, "kind is software, licence or cloud");
}

static int
read_lease(const struct reading *r, const struct fact *fact, struct utime *ret)
{
    struct slice text = get(r, LEASE);
    char day[32] = "";

    if (text.len == 0)
        return 0;
    if (fact->number != DEPEND_LICENCE)
        return wrong(r, LEASE, "only a licence has a lease: kind is another");
    if (text.len == 10) {
        memcpy(day, text.ptr, 10);
        memcpy(day + 10, "T00:00:00Z", 11);
        text = slice_of(day);
    }
    return time_parse_any(text, ret) < 0
               ? wrong(r, LEASE, "lease_until is a day or a time, as 2027-03-01")
               : 0;
}

/* The country of a supplier, of whatever kind, is that of its first row. */
static int
put_country(const struct reading *r, const struct fact *fact)
{
    struct fact country = *fact;

    if (fact->country == COUNTRY_UNKNOWN ||
        facts_first(r->f, fact->name, FACT_COUNTRY) != FACTS_NONE)
        return 0;
    country.kind = FACT_COUNTRY;
    return facts_add(r->f, &country);
}

static int
read_row(const struct reading *r)
{
    struct fact fact = {.kind = FACT_SUPPLIES,
                        .ttl = FACTS_NO_TTL,
                        .line = r->csv.field_line[0],
                        .source = r->source,
                        .target = TEXTS_NONE};
    struct slice country = get(r, COUNTRY);
    uint32_t twin;
    int e = read_kind(r, &fact.number);

    if (e < 0)
        return e;
    e = get(r, SUPPLIER).len == 0 ? ERR_INVALID
                                  : facts_name(r->f, get(r, SUPPLIER), &fact.name);
    if (e < 0)
        return e == ERR_INVALID
                   ? wrong(r, SUPPLIER, "a supplier has a name, of at most 1024 bytes")
                   : e;
    fact.country = country_parse(country);
    if (country.len > 0 && fact.country == COUNTRY_UNKNOWN)
        return wrong(r, COUNTRY, "country is two capital letters, as XA, or empty");
    twin = suppliers_find(r->f, get(r, SUPPLIER), (enum depend_kind)fact.number);
    if (twin != FACTS_NONE)
        return err_at(
            r->ei, ERR_INVALID, fact.line, 1, "line %u%s%s has that supplier and kind already",
            r->f->fact[twin].line, r->f->fact[twin].source == r->source ? "" : " of ",
            r->f->fact[twin].source == r->source ? ""
                                                 : r->f->source[r->f->fact[twin].source].name);
    e = read_lease(r, &fact, &fact.until);
    if (e == 0 && get(r, ALTERNATIVE).len > 0)
        e = facts_text(r->f, get(r, ALTERNATIVE), &fact.target);
    if (e == 0)
        e = facts_add(r->f, &fact);
    return e < 0 ? e : put_country(r, &fact);
}

int
suppliers_read(struct facts *f, char *text, size_t len, uint16_t source, struct errinfo *ei)
{
    struct reading r = {.f = f, .source = source, .ei = ei};
    int e;

    csv_open(&r.csv, text, len);
    e = read_header(&r);
    while (e == 0 && (e = csv_row(&r.csv, ei)) == 1) {
        if (r.csv.count != r.fields)
            e = err_at(ei, ERR_INVALID, r.csv.field_line[0], 1,
                       "has %u fields, and the first line names %u columns", r.csv.count,
                       r.fields);
        else
            e = read_row(&r);
        if (e == ERR_NOMEM || e == ERR_LIMIT)
            (void)err_at(ei, e, r.csv.field_line[0], 1, "%s", err_text(e));
    }
    return e;
}

uint32_t
suppliers_find(const struct facts *f, struct slice supplier, enum depend_kind kind)
{
    uint32_t i = facts_first(f, facts_find(f, supplier), FACT_SUPPLIES);

    while (i != FACTS_NONE && f->fact[i].number != kind)
        i = facts_next(f, i);
    return i;
}
