#include "depend/services.h"

#include <stdlib.h>

#include "base/texts.h"
#include "model/text.h"
#include "wire/csv.h"

const char *
depend_kind_name(enum depend_kind kind)
{
    static const char *const name[] = {
#define DEPEND(name, text, help) text,
#include "depend/kind.def"
    };

    return name[kind];
}

/* ---- columns ----------------------------------------------------------------------------- */

enum column {
    COLUMN_ID,
    COLUMN_NAME,
    COLUMN_OWNER,
    COLUMN_CRITICALITY,
    COLUMN_DOMAIN,
    COLUMN_ALTERNATIVE,
    COLUMN_COST,
    COLUMN_LEAD,
    COLUMN_MEASURED,
    COLUMN_A, /* two names of one kind may stand beside each other */
    COLUMN_AAAA,
    COLUMN_KIND, /* and of each kind behind it */
    COLUMNS = COLUMN_KIND + DEPEND_KINDS
};

static const struct {
    const char *name;
    int column;
} columns[] = {{"id", COLUMN_ID},
               {"name", COLUMN_NAME},
               {"owner", COLUMN_OWNER},
               {"criticality", COLUMN_CRITICALITY},
               {"domain", COLUMN_DOMAIN},
               {"ns", COLUMN_KIND + DEPEND_NS},
               {"mx", COLUMN_KIND + DEPEND_MX},
               {"a/aaaa", COLUMN_KIND + DEPEND_ADDRESS},
               {"a", COLUMN_A},
               {"aaaa", COLUMN_AAAA},
               {"addresses", COLUMN_KIND + DEPEND_ADDRESS},
               {"cdn", COLUMN_KIND + DEPEND_CDN},
               {"ca_issuer", COLUMN_KIND + DEPEND_CA},
               {"ocsp_crl_host", COLUMN_KIND + DEPEND_OCSP},
               {"time_source", COLUMN_KIND + DEPEND_TIME},
               {"login_idp", COLUMN_KIND + DEPEND_LOGIN},
               {"package_mirror", COLUMN_KIND + DEPEND_PACKAGES},
               {"registrar", COLUMN_KIND + DEPEND_REGISTRAR},
               {"tld", COLUMN_KIND + DEPEND_TLD},
               {"software", COLUMN_KIND + DEPEND_SOFTWARE},
               {"licence", COLUMN_KIND + DEPEND_LICENCE},
               {"cloud", COLUMN_KIND + DEPEND_CLOUD},
               {"home_alternative", COLUMN_ALTERNATIVE},
               {"cost", COLUMN_COST},
               {"lead_days", COLUMN_LEAD},
               {"measured_at", COLUMN_MEASURED}};

struct reading {
    struct csv csv;
    int place[COLUMNS]; /* of each column in a row, -1 none */
    unsigned fields;
    struct services *s;
    struct texts ids;
};

static int
find_column(struct slice name)
{
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        if (slice_is(name, columns[i].name))
            return columns[i].column;
    }
    return -1;
}

static struct slice
trim(struct slice s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s = slice_sub(s, 1, s.len);
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    return s;
}

static int
read_header(struct reading *r, struct errinfo *ei)
{
    struct csv *c = &r->csv;
    int got = csv_row(c, ei);

    if (got < 0)
        return got;
    if (got == 0)
        return err_at(ei, ERR_INVALID, 1, 1, "is empty: the first line names the columns");
    for (int i = 0; i < COLUMNS; i++)
        r->place[i] = -1;
    r->fields = c->count;
    for (unsigned i = 0; i < c->count; i++) {
        struct slice name = trim(c->field[i]);
        int column = find_column(name);

        if (column < 0)
            return err_at(ei, ERR_INVALID, c->field_line[i], c->field_column[i],
                          "`%.*s` is no column that is known: docs/formats/depend.md lists "
                          "them",
                          (int)(name.len > 64 ? 64 : name.len), name.ptr);
        if (r->place[column] >= 0)
            return err_at(ei, ERR_INVALID, c->field_line[i], c->field_column[i],
                          "the column `%.*s` is there twice", (int)name.len, name.ptr);
        r->place[column] = (int)i;
    }
    for (int i = COLUMN_ID; i <= COLUMN_NAME; i++) {
        if (r->place[i] < 0)
            return err_at(ei, ERR_INVALID, 1, 1, "the column `%s` is missing", columns[i].name);
    }
    return 0;
}

/* ---- rows -------------------------------------------------------------------------------- */

static struct slice
get(const struct reading *r, int column)
{
    return r->place[column] < 0 ? (struct slice){"", 0} : trim(r->csv.field[r->place[column]]);
}

static int
wrong(const struct reading *r, int column, struct errinfo *ei, const char *what)
{
    int at = r->place[column] < 0 ? 0 : r->place[column];

    return err_at(ei, ERR_INVALID, r->csv.field_line[at], r->csv.field_column[at], "%s", what);
}

/* Hundredths of `12`, `12.5`, `12.50`. */
static int
read_cost(struct slice s, uint64_t *ret)
{
    struct slice whole = slice_part(&s, '.');
    uint64_t n;
    int r = text_number(whole, UINT64_C(1000000000000), &n);

    *ret = n * 100;
    if (r < 0 || s.len == 0)
        return r;
    if (s.len > 2)
        return ERR_INVALID;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return ERR_INVALID;
        *ret += (uint64_t)(s.ptr[i] - '0') * (i == 0 ? 10 : 1);
    }
    return 0;
}

static int
read_day(struct slice s, struct utime *ret)
{
    char text[32] = "";

    if (s.len == 10) {
        memcpy(text, s.ptr, 10);
        memcpy(text + 10, "T00:00:00Z", 11);
        s = slice_of(text);
    }
    return time_parse_any(s, ret);
}

static int
read_numbers(const struct reading *r, struct service *to, struct errinfo *ei)
{
    struct slice text = get(r, COLUMN_CRITICALITY);
    uint64_t n = 1;

    if (text.len > 0 && (text_number(text, 5, &n) < 0 || n < 1))
        return wrong(r, COLUMN_CRITICALITY, ei, "criticality is a whole number from 1 to 5");
    to->criticality = (uint8_t)n;
    text = get(r, COLUMN_COST);
    if (text.len > 0 && read_cost(text, &to->cost) < 0)
        return wrong(r, COLUMN_COST, ei,
                     "cost is a number like 1200 or 1200.50, with a point and no unit");
    text = get(r, COLUMN_LEAD);
    n = 0;
    if (text.len > 0 && text_number(text, 100000, &n) < 0)
        return wrong(r, COLUMN_LEAD, ei, "lead_days is a whole number of days");
    to->lead_days = (uint32_t)n;
    text = get(r, COLUMN_MEASURED);
    if (text.len > 0 && read_day(text, &to->measured) < 0)
        return wrong(r, COLUMN_MEASURED, ei,
                     "measured_at is a day or a time, as 2026-03-01 or 2026-03-01T12:00:00Z");
    return 0;
}

static int
add_value(struct services *s, struct slice value)
{
    if (s->values == s->values_room) {
        uint32_t room = s->values_room * 2 + 256;
        struct slice *more = realloc(s->value, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        s->value = more;
        s->values_room = room;
    }
    s->value[s->values++] = value;
    return 0;
}

/* What stands between semicolons. */
static int
read_list(const struct reading *r, int column, struct errinfo *ei)
{
    struct slice rest = get(r, column);
    unsigned count = 0;

    while (rest.len > 0) {
        struct slice part = trim(slice_part(&rest, ';'));
        int e;

        if (part.len == 0)
            continue;
        if (count++ == SERVICES_VALUES)
            return wrong(r, column, ei, "more than 64 in a list");
        e = add_value(r->s, part);
        if (e < 0)
            return e;
    }
    return 0;
}

static int
read_row(struct reading *r, struct errinfo *ei)
{
    struct service to = {.id = get(r, COLUMN_ID),
                         .name = get(r, COLUMN_NAME),
                         .owner = get(r, COLUMN_OWNER),
                         .domain = get(r, COLUMN_DOMAIN),
                         .home_alternative = get(r, COLUMN_ALTERNATIVE),
                         .line = r->csv.field_line[0]};
    uint32_t known = r->ids.count;
    uint32_t id;
    int e;

    if (to.id.len == 0 || to.name.len == 0)
        return wrong(r, to.id.len == 0 ? COLUMN_ID : COLUMN_NAME, ei,
                     "a service needs an id and a name");
    e = texts_put(&r->ids, to.id, &id);
    if (e == 0 && r->ids.count == known)
        return err_at(ei, ERR_INVALID, r->csv.field_line[r->place[COLUMN_ID]],
                      r->csv.field_column[r->place[COLUMN_ID]], "line %u has that id already",
                      r->s->service[id].line);
    if (e == 0)
        e = read_numbers(r, &to, ei);
    for (int k = 0; e == 0 && k < DEPEND_KINDS; k++) {
        to.value_at[k] = r->s->values;
        e = read_list(r, COLUMN_KIND + k, ei);
        if (e == 0 && k == DEPEND_ADDRESS)
            e = read_list(r, COLUMN_A, ei);
        if (e == 0 && k == DEPEND_ADDRESS)
            e = read_list(r, COLUMN_AAAA, ei);
    }
    to.value_at[DEPEND_KINDS] = r->s->values;
    return e < 0 ? e : services_add(r->s, &to);
}

int
services_add(struct services *s, const struct service *service)
{
    if (s->count >= SERVICES_MOST)
        return ERR_LIMIT;
    if (s->count == s->room) {
        uint32_t room = s->room * 2 + 64;
        struct service *more = realloc(s->service, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        s->service = more;
        s->room = room;
    }
    s->service[s->count++] = *service;
    return 0;
}

int
services_read(char *text, size_t len, struct services *ret, struct errinfo *ei)
{
    struct reading r = {.s = ret};
    int e;

    *ret = (struct services){0};
    csv_open(&r.csv, text, len);
    texts_init(&r.ids, len ^ UINT64_C(0x5bd1e9955bd1e995));
    e = read_header(&r, ei);
    while (e == 0 && (e = csv_row(&r.csv, ei)) == 1) {
        e = 0;
        if (r.csv.count != r.fields)
            e = err_at(ei, ERR_INVALID, r.csv.field_line[0], 1,
                       "has %u fields, and the first line names %u columns", r.csv.count,
                       r.fields);
        else
            e = read_row(&r, ei);
        if (e == ERR_NOMEM || e == ERR_LIMIT)
            (void)err_at(ei, e, r.csv.field_line[0], 1, "%s", err_text(e));
    }
    texts_release(&r.ids);
    if (e < 0)
        services_release(ret);
    return e;
}

int
services_add_part(struct services *s, const struct part *part)
{
    if (s->parts >= SERVICES_PARTS)
        return ERR_LIMIT;
    if (s->parts == s->part_room) {
        uint32_t room = s->part_room * 2 + 256;
        struct part *more = realloc(s->part, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        s->part = more;
        s->part_room = room;
    }
    s->part[s->parts++] = *part;
    return 0;
}

void
services_release(struct services *s)
{
    free(s->service);
    free(s->value);
    free(s->part);
    texts_release(&s->part_names);
    *s = (struct services){0};
}
