/* Documents of others about cables, into a file of our own (topology/cables.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/texts.h"
#include "model/economy.h"
#include "topology/cables_priv.h"
#include "wire/csv.h"
#include "wire/hex.h"
#include "wire/walk.h"

enum { WHEN = 8 /* bytes of `2021-Q3`, with NUL */ };

struct made {
    uint32_t name; /* in names */
    uint32_t first;
    uint32_t points;
    char when[WHEN];
    bool planned;
};

struct spot {
    uint32_t name;    /* in names */
    uint32_t country; /* in countries, TEXTS_NONE: its name ends with it, or with none */
    uint32_t place;   /* in the file; CABLES_NOWHERE: no cable lands there */
};

struct cables_build {
    struct texts ids;    /* of cables: the same index as in made */
    struct texts points; /* their ids: the same index as in spot */
    struct texts names;
    struct texts countries; /* that documents name; then those that only points do */
    struct texts coded;     /* that the operator names: the same index as in code */
    struct made *made;
    struct spot *spot;
    uint32_t *landing;
    uint16_t *code;
    uint32_t made_room;
    uint32_t spot_room;
    uint32_t landing_room;
    uint32_t code_room;
    uint32_t landings;
    struct cables_counts counts;
};

int
cables_build_new(struct cables_build **ret)
{
    struct cables_build *b = calloc(1, sizeof *b);

    *ret = b;
    if (b == NULL)
        return ERR_NOMEM;
    texts_init(&b->ids, 1);
    texts_init(&b->points, 2);
    texts_init(&b->names, 3);
    texts_init(&b->countries, 4);
    texts_init(&b->coded, 5);
    return 0;
}

struct cables_build *
cables_build_free(struct cables_build *b)
{
    if (b == NULL)
        return NULL;
    texts_release(&b->ids);
    texts_release(&b->points);
    texts_release(&b->names);
    texts_release(&b->countries);
    texts_release(&b->coded);
    free(b->made);
    free(b->spot);
    free(b->landing);
    free(b->code);
    free(b);
    return NULL;
}

/* Room for one more behind `count` of them, at most `most`. */
static int
grow(void *list, size_t size, uint32_t count, uint32_t *room, uint32_t most)
{
    void **at = list;
    uint32_t more = *room * 2 + 256;
    void *p;

    if (count >= most)
        return ERR_LIMIT;
    if (count < *room)
        return 0;
    p = realloc(*at, more * size);
    if (p == NULL)
        return ERR_NOMEM;
    *at = p;
    *room = more;
    return 0;
}

/* ---- one document ------------------------------------------------------------------------ */

struct document {
    struct walk w;
    struct cables_build *b;
    struct slice id;
    struct slice name;
    struct slice rfs;
    unsigned line; /* of its beginning */
    uint32_t first;
    uint32_t undetermined; /* landings */
    bool planned;
    bool lands;  /* it has landing points, or a time of service */
    bool listed; /* it has cables */
};

struct landing {
    struct slice id;
    struct slice name;
    struct slice country;
    bool undetermined;
};

static int
wrong(const struct document *d, unsigned line, const char *what)
{
    return err_at(d->w.ei, ERR_INVALID, line, 1, "%s", what);
}

static int
no_room(const struct document *d, int e)
{
    if (e != ERR_LIMIT)
        return e;
    return err_at(d->w.ei, e, d->line, 1,
                  "more than %d cables, %d points, %d landings or %d countries", CABLES_MOST,
                  CABLES_POINTS, CABLES_LANDINGS, CABLES_COUNTRIES);
}

/* `true` or "true": both are in use. */
static int
take_yes(struct walk *w, bool *ret)
{
    bool yes = walk_peek(w) == 't';
    struct slice text;
    int r = walk_string(w, &text);

    *ret = yes || slice_is(text, "true");
    return r;
}

static int
read_landing(struct walk *w, struct landing *to)
{
    struct slice key;
    bool first = true;
    int r = walk_enter(w, '{');

    while (r == 1 && (r = walk_member(w, &first, &key)) == 1) {
        if (slice_is(key, "id"))
            r = walk_string(w, &to->id);
        else if (slice_is(key, "name"))
            r = walk_string(w, &to->name);
        else if (slice_is(key, "country"))
            r = walk_string(w, &to->country);
        else if (slice_is(key, "is_tbd"))
            r = take_yes(w, &to->undetermined);
        else
            r = walk_skip(w);
        r = r < 0 ? r : 1;
    }
    return r;
}

/* Of a country. */
static int
put_name(struct cables_build *b, struct slice name, uint32_t *ret)
{
    *ret = texts_find(&b->countries, name);
    if (*ret != TEXTS_NONE)
        return 0;
    return b->countries.count < CABLES_COUNTRIES ? texts_put(&b->countries, name, ret)
                                                 : ERR_LIMIT;
}

static int
put_point(struct cables_build *b, const struct landing *l, uint32_t *ret)
{
    struct slice name = l->name.len > 0 ? l->name : l->id;
    struct spot *to;
    int r;

    *ret = texts_find(&b->points, l->id);
    if (*ret != TEXTS_NONE)
        return 0;
    r = grow(&b->spot, sizeof *b->spot, b->points.count, &b->spot_room, CABLES_POINTS);
    if (r < 0)
        return r;
    to = &b->spot[b->points.count];
    *to = (struct spot){.country = TEXTS_NONE};
    r = texts_put(&b->names, name, &to->name);
    if (r == 0 && l->country.len > 0)
        r = put_name(b, l->country, &to->country);
    return r < 0 ? r : texts_put(&b->points, l->id, ret);
}

static int
add_landing(struct document *d, unsigned line, const struct landing *l)
{
    struct cables_build *b = d->b;
    uint32_t at;
    int r;

    if (l->undetermined) {
        d->undetermined++;
        return 0;
    }
    if (!cables_is_id(l->id) || (l->name.len > 0 && !cables_is_text(l->name)) ||
        (l->country.len > 0 && !cables_is_text(l->country)))
        return wrong(
            d, line,
            "a landing point has an `id` of printable ASCII, and texts without control "
            "characters, each of 1 to 255 bytes");
    r = put_point(b, l, &at);
    if (r == 0)
        r = grow(&b->landing, sizeof *b->landing, b->landings, &b->landing_room,
                 CABLES_LANDINGS);
    if (r < 0)
        return no_room(d, r);
    b->landing[b->landings++] = at;
    return 0;
}

/* Those of a country are passed over: they are also of others. */
static int
read_landings(struct document *d)
{
    struct walk *w = &d->w;
    bool first = true;
    int r = walk_enter(w, '[');

    d->lands = true;
    while (r == 1 && (r = walk_item(w, &first)) == 1) {
        struct landing l = {.undetermined = false};
        unsigned line = walk_line(w);

        r = read_landing(w, &l);
        if (r == 0)
            r = add_landing(d, line, &l);
        r = r < 0 ? r : 1;
    }
    return r;
}

static int
read_member(struct document *d, struct slice key)
{
    struct walk *w = &d->w;

    if (slice_is(key, "id"))
        return walk_string(w, &d->id);
    if (slice_is(key, "name"))
        return walk_string(w, &d->name);
    if (slice_is(key, "is_planned"))
        return take_yes(w, &d->planned);
    if (slice_is(key, "rfs")) {
        d->lands = true;
        return walk_string(w, &d->rfs);
    }
    if (slice_is(key, "landing_points") && !d->listed)
        return read_landings(d);
    d->listed |= slice_is(key, "cables");
    return walk_skip(w);
}

/* `2021`, `2021 Q3`, `2021 July`; anything else is no time. */
static void
put_when(struct slice rfs, char to[WHEN])
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct slice year = slice_part(&rfs, ' ');
    int n = 0;

    for (size_t i = 0; i < year.len && year.len == 4; i++)
        n = year.ptr[i] >= '0' && year.ptr[i] <= '9' ? n * 10 + (year.ptr[i] - '0') : -100000;
    (void)snprintf(to, WHEN, "-");
    if (n < CABLES_FIRST_YEAR || n >= CABLES_LAST_YEAR)
        return;
    (void)snprintf(to, WHEN, "%04d", n);
    if (rfs.len == 2 && rfs.ptr[0] == 'Q' && rfs.ptr[1] >= '1' && rfs.ptr[1] <= '4')
        (void)snprintf(to, WHEN, "%04d-Q%c", n, rfs.ptr[1]);
    for (unsigned m = 0; m < 12 && rfs.len >= 3; m++) {
        if (memcmp(rfs.ptr, months + (size_t)m * 3, 3) == 0)
            (void)snprintf(to, WHEN, "%04d-%02u", n, m + 1);
    }
}

static int
add_cable(struct document *d)
{
    struct cables_build *b = d->b;
    struct made *to;
    uint32_t at;
    int r;

    if (!cables_is_id(d->id) || (d->name.len > 0 && !cables_is_text(d->name)))
        return wrong(d, d->line,
                     "a cable has an `id` of printable ASCII, and a name without control "
                     "characters, each of 1 to 255 bytes");
    if (texts_find(&b->ids, d->id) != TEXTS_NONE || b->landings == d->first) {
        b->counts.twice += b->landings > d->first;
        b->counts.pointless += b->landings == d->first;
        b->counts.undetermined += b->landings == d->first ? d->undetermined : 0;
        b->landings = d->first;
        return 0;
    }
    r = grow(&b->made, sizeof *b->made, b->ids.count, &b->made_room, CABLES_MOST);
    if (r < 0)
        return r;
    to = &b->made[b->ids.count];
    *to = (struct made){
        .first = d->first, .points = b->landings - d->first, .planned = d->planned};
    b->counts.undetermined += d->undetermined;
    put_when(d->rfs, to->when);
    r = texts_put(&b->names, d->name.len > 0 ? d->name : d->id, &to->name);
    return r < 0 ? r : texts_put(&b->ids, d->id, &at);
}

static int
add_country(struct document *d)
{
    uint32_t at;

    if (!cables_is_text(d->name))
        return wrong(d, d->line,
                     "a country has a name without control characters, of 1 to 255 bytes");
    return d->b->countries.count < CABLES_COUNTRIES ? texts_put(&d->b->countries, d->name, &at)
                                                    : ERR_LIMIT;
}

/* What it is is known at its end. */
static int
add_document(struct document *d)
{
    if (d->id.len > 0 && d->lands && !d->listed)
        return add_cable(d);
    d->b->landings = d->first;
    if (d->id.len == 0 && d->name.len > 0 && d->listed)
        return add_country(d);
    d->b->counts.others++;
    return 0;
}

static int
read_document(struct document *d)
{
    struct slice key;
    bool first = true;
    int r;

    d->line = walk_line(&d->w);
    r = walk_enter(&d->w, '{');
    while (r == 1 && (r = walk_member(&d->w, &first, &key)) == 1) {
        r = read_member(d, key);
        r = r < 0 ? r : 1;
    }
    if (r == 0 && d->w.at < d->w.t.count)
        r = walk_wrong(&d->w, "something stands behind the document");
    return r < 0 ? r : no_room(d, add_document(d));
}

int
cables_build_add(struct cables_build *b, char *text, size_t len, struct errinfo *ei)
{
    struct document d = {.b = b, .first = b->landings};
    int r = walk_open(&d.w, text, len, ei);

    if (r == 0)
        r = read_document(&d);
    if (r < 0)
        b->landings = d.first;
    walk_close(&d.w);
    return r == ERR_NOMEM ? err_set(ei, r, "%s", err_text(r)) : r;
}

/* ---- codes ------------------------------------------------------------------------------- */

static int
add_code(struct cables_build *b, const struct csv *c, struct errinfo *ei)
{
    uint16_t code = c->count == 2 ? country_parse(c->field[1]) : COUNTRY_UNKNOWN;
    uint32_t at;
    int r;

    if (c->count != 2 || !cables_is_text(c->field[0]))
        return err_at(ei, ERR_INVALID, c->field_line[0], c->field_column[0],
                      "a line is `name,code`, as `Northland,XN`");
    if (code == COUNTRY_UNKNOWN)
        return err_at(ei, ERR_INVALID, c->field_line[1], c->field_column[1],
                      "a code is two capital letters");
    at = texts_find(&b->coded, c->field[0]);
    if (at != TEXTS_NONE)
        return b->code[at] == code
                   ? 0
                   : err_at(ei, ERR_INVALID, c->field_line[0], c->field_column[0],
                            "an earlier line gives that name another code");
    r = grow(&b->code, sizeof *b->code, b->coded.count, &b->code_room, CABLES_POINTS);
    if (r < 0)
        return r;
    b->code[b->coded.count] = code;
    return texts_put(&b->coded, c->field[0], &at);
}

int
cables_build_codes(struct cables_build *b, char *text, size_t len, struct errinfo *ei)
{
    struct csv c;
    int r;

    csv_open(&c, text, len);
    r = csv_row(&c, ei);
    if (r < 0)
        return r;
    if (r == 0 || c.count != 2 || !slice_is(c.field[0], "name") ||
        !slice_is(c.field[1], "code"))
        return err_at(ei, ERR_INVALID, 1, 1, "the first line names the columns: `name,code`");
    while ((r = csv_row(&c, ei)) == 1) {
        r = add_code(b, &c, ei);
        if (r < 0)
            return ei->text[0] == '\0' ? err_set(ei, r, "%s", err_text(r)) : r;
    }
    return r;
}

/* ---- countries --------------------------------------------------------------------------- */

/* The longest end of a name, behind ", ", that a document names as a country, as in `Pointe
 * Noire, Congo, Rep.`; else what stands behind the last comma. */
static int
find_country(struct cables_build *b, uint32_t told, struct spot *s)
{
    struct slice name = texts_get(&b->names, s->name);
    struct slice rest = name;
    uint32_t at;

    while (s->country == TEXTS_NONE) {
        const char *comma;

        at = texts_find(&b->countries, rest);
        if (at < told) {
            s->country = at;
            return 0;
        }
        comma = memmem(rest.ptr, rest.len, ", ", 2);
        if (comma == NULL)
            break;
        rest = slice_sub(rest, (size_t)(comma - rest.ptr) + 2, rest.len);
    }
    if (s->country != TEXTS_NONE || rest.len == name.len || rest.len == 0)
        return 0;
    return b->countries.count < CABLES_COUNTRIES ? texts_put(&b->countries, rest, &s->country)
                                                 : ERR_LIMIT;
}

static int
find_countries(struct cables_build *b)
{
    uint32_t told = b->countries.count;
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < b->points.count; i++) {
        if (b->spot[i].place != CABLES_NOWHERE)
            r = find_country(b, told, &b->spot[i]);
    }
    return r;
}

/* ---- writing ----------------------------------------------------------------------------- */

static int
compare_texts(const void *a, const void *b, void *texts)
{
    return slice_order(texts_get(texts, *(const uint32_t *)a),
                       texts_get(texts, *(const uint32_t *)b));
}

static int
compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* What is written, in its order, by index in the texts. */
struct orders {
    uint32_t *country;
    uint32_t *point;
    uint32_t *cable;
    uint32_t *place; /* of each country; CABLES_NOWHERE: no point is there */
    uint32_t countries;
    uint32_t points;
    uint32_t landings;
};

static void
order_points(struct cables_build *b, struct orders *o)
{
    for (uint32_t i = 0; i < b->points.count; i++) {
        if (b->spot[i].place != CABLES_NOWHERE)
            o->point[o->points++] = i;
    }
    qsort_r(o->point, o->points, sizeof *o->point, compare_texts, &b->points);
    for (uint32_t i = 0; i < o->points; i++) {
        uint32_t country = b->spot[o->point[i]].country;

        b->spot[o->point[i]].place = i;
        if (country != TEXTS_NONE)
            o->place[country] = 0;
    }
    for (uint32_t i = 0; i < b->countries.count; i++) {
        if (o->place[i] == 0)
            o->country[o->countries++] = i;
    }
    qsort_r(o->country, o->countries, sizeof *o->country, compare_texts, &b->countries);
    for (uint32_t i = 0; i < o->countries; i++)
        o->place[o->country[i]] = i;
}

/* The points of a cable as places in the file, ascending, each once. */
static void
order_landings(struct cables_build *b, struct made *m)
{
    uint32_t *at = b->landing + m->first;
    uint32_t n = 0;

    for (uint32_t i = 0; i < m->points; i++)
        at[i] = b->spot[at[i]].place;
    qsort(at, m->points, sizeof *at, compare_numbers);
    for (uint32_t i = 0; i < m->points; i++) {
        if (n == 0 || at[i] != at[n - 1])
            at[n++] = at[i];
    }
    m->points = n;
}

static int
order_all(struct cables_build *b, struct orders *o)
{
    int r;

    for (uint32_t i = 0; i < b->points.count; i++)
        b->spot[i].place = CABLES_NOWHERE;
    for (uint32_t i = 0; i < b->landings; i++)
        b->spot[b->landing[i]].place = 0;
    r = find_countries(b);
    if (r < 0)
        return r;
    o->country = malloc(((size_t)b->countries.count + 1) * sizeof *o->country);
    o->point = malloc(((size_t)b->points.count + 1) * sizeof *o->point);
    o->cable = malloc(((size_t)b->ids.count + 1) * sizeof *o->cable);
    o->place = malloc(((size_t)b->countries.count + 1) * sizeof *o->place);
    if (o->country == NULL || o->point == NULL || o->cable == NULL || o->place == NULL)
        return ERR_NOMEM;
    memset(o->place, 0xff, ((size_t)b->countries.count + 1) * sizeof *o->place);
    order_points(b, o);
    for (uint32_t i = 0; i < b->ids.count; i++) {
        o->cable[i] = i;
        order_landings(b, &b->made[i]);
        o->landings += b->made[i].points;
    }
    qsort_r(o->cable, b->ids.count, sizeof *o->cable, compare_texts, &b->ids);
    return 0;
}

static void
put_head(const struct cables_build *b, const char *date, const struct snapshot_source *source,
         uint32_t sources, const struct orders *o, struct buf *to)
{
    buf_printf(to, "%s\ndate %s\n", cables_first_line, date);
    for (uint32_t i = 0; i < sources; i++) {
        buf_text(to, "source ");
        buf_hex(to, source[i].sha256.byte, SHA256_SIZE);
        buf_printf(to, " %llu %s\n", (unsigned long long)source[i].lines, source[i].name);
    }
    buf_printf(to, "left-out %u %u %u %u\nsize %u %u %u %u\n\n", b->counts.pointless,
               b->counts.undetermined, b->counts.twice, b->counts.others, o->countries,
               o->points, b->ids.count, o->landings);
}

static void
put_country(const struct cables_build *b, uint32_t country, struct buf *to)
{
    struct slice name = texts_get(&b->countries, country);
    uint32_t at = texts_find(&b->coded, name);
    uint16_t code = at == TEXTS_NONE ? economy_code(name) : b->code[at];
    char text[3] = "-";

    if (code != COUNTRY_UNKNOWN)
        country_format(code, text);
    buf_printf(to, "%s\t", text);
    buf_slice(to, name);
    buf_char(to, '\n');
}

static void
put_point_line(const struct cables_build *b, const struct orders *o, uint32_t point,
               struct buf *to)
{
    const struct spot *s = &b->spot[point];

    if (s->country == TEXTS_NONE)
        buf_char(to, '-');
    else
        buf_u64(to, o->place[s->country]);
    buf_char(to, '\t');
    buf_slice(to, texts_get(&b->points, point));
    buf_char(to, '\t');
    buf_slice(to, texts_get(&b->names, s->name));
    buf_char(to, '\n');
}

static void
put_cable(const struct cables_build *b, uint32_t cable, struct buf *to)
{
    const struct made *m = &b->made[cable];

    buf_printf(to, "%s\t%s\t", m->when, m->planned ? "planned" : "-");
    buf_slice(to, texts_get(&b->ids, cable));
    buf_char(to, '\t');
    buf_slice(to, texts_get(&b->names, m->name));
    for (uint32_t i = 0; i < m->points; i++)
        buf_printf(to, "%c%u", i == 0 ? '\t' : ' ', b->landing[m->first + i]);
    buf_char(to, '\n');
}

static void
put_all(const struct cables_build *b, const struct orders *o, struct buf *to)
{
    for (uint32_t i = 0; i < o->countries; i++)
        put_country(b, o->country[i], to);
    for (uint32_t i = 0; i < o->points; i++)
        put_point_line(b, o, o->point[i], to);
    for (uint32_t i = 0; i < b->ids.count; i++)
        put_cable(b, o->cable[i], to);
}

int
cables_build_write(struct cables_build *b, const char *date,
                   const struct snapshot_source *source, uint32_t sources, struct buf *to,
                   struct errinfo *ei)
{
    struct orders o = {0};
    size_t start = to->len;
    int r = b->ids.count == 0 ? err_set(ei, ERR_INVALID,
                                        "no document is of a cable that lands "
                                        "somewhere")
                              : order_all(b, &o);

    if (r == 0) {
        struct hash h;

        put_head(b, date, source, sources, &o, to);
        put_all(b, &o, to);
        h = sha256_of(to->ptr + start, to->len - start);
        buf_text(to, "sha256 ");
        buf_hex(to, h.byte, SHA256_SIZE);
        buf_char(to, '\n');
        r = buf_error(to);
    }
    free(o.country);
    free(o.point);
    free(o.cable);
    free(o.place);
    return r == 0 || r == ERR_INVALID ? r : err_set(ei, r, "%s", err_text(r));
}
