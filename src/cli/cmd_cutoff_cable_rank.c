/* detente cutoff cable --rank and --of: single failures, for all and for one. */
#include <stdlib.h>
#include <string.h>

#include "cli/cutoff_cable.h"

enum { TEXT = 1 << 22 /* bytes of what is said */ };

/* What there is after one failure; x->after is to be released. */
static int
fail_one(struct cable_case *x, bool point, uint32_t index)
{
    const struct cable_cut cut = {x->cable, x->point};
    uint8_t *mark = point ? &x->point[index] : &x->cable[index];
    int r;

    *mark = 1;
    r = cable_state_make(x->c, &cut, &x->after);
    *mark = 0;
    return r;
}

static void
put_what(struct output *o, const struct cables *c, bool point, uint32_t index)
{
    output_str(o, point ? "landing" : "cable");
    output_text(o, point ? c->point[index].id : c->cable[index].id);
    output_text(o, point ? c->point[index].name : c->cable[index].name);
}

/* ---- for all ----------------------------------------------------------------------------- */

static const struct column rank_columns[] = {
    {"kind", false}, {"id", false},   {"name", false},      {"last", true},
    {"apart", true}, {"parts", true}, {"loses_last", false}};

/* Who loses the last cable is worked out anew, for the few that are shown. */
static int
put_failure(struct output *o, struct cable_case *x, const struct cable_failure *f)
{
    const struct cables *c = x->c;
    uint32_t n = 0;
    int r = f->last > 0 ? fail_one(x, f->point, f->index) : 0;

    if (r < 0)
        return r;
    for (uint32_t i = 0; i < c->countries && f->last > 0; i++) {
        if (cable_loses_last(x, i))
            x->list[n++] = i;
    }
    put_what(o, c, f->point, f->index);
    output_u64(o, f->last);
    output_u64(o, f->apart);
    output_u64(o, f->parts);
    cables_put_countries(o, c, x->list, n);
    output_end(o);
    cable_state_release(&x->after);
    return 0;
}

int
cable_show_rank(struct cli *cli, struct cable_case *x)
{
    const struct cable_cut none = {NULL, NULL};
    struct cable_failure *rows = NULL;
    AUTO_BUF(text, TEXT);
    struct output *o = NULL;
    uint64_t limit;
    uint32_t count = 0;
    int r;

    if (cli_number(cli, "limit", 20, &limit) < 0 ||
        output_open(cli, rank_columns, sizeof rank_columns / sizeof rank_columns[0], &o) < 0)
        return err_exit(ERR_USAGE);
    r = cable_state_make(x->c, &none, &x->before);
    if (r == 0)
        r = cable_rank(x->c, &rows, &count);
    for (uint32_t i = 0; r == 0 && i < count && (limit == 0 || i < limit); i++)
        r = put_failure(o, x, &rows[i]);
    free(rows);
    if (r < 0) {
        output_drop(o);
        return cli_fail(r, "%s", err_text(r));
    }
    if (output_close(o, count) < 0)
        return err_exit(ERR_IO);
    buf_printf(&text, "Parts that cables join: %u; the largest has %u of %u countries.\n",
               x->before.parts, x->before.largest, x->before.countries);
    cable_put_note(&text, x->c);
    cable_say(cli, &text);
    return 0;
}

/* ---- for one ----------------------------------------------------------------------------- */

static const struct column of_columns[] = {
    {"kind", false},  {"id", false},         {"name", false},
    {"cables", true}, {"abroad", true},      {"near", true},
    {"joined", true}, {"loses_last", false}, {"lost", false}};

struct loss {
    struct cable_land left; /* of the country */
    uint32_t index;
    bool point;
};

static int
compare(const void *a, const void *b)
{
    const struct loss *x = a;
    const struct loss *y = b;
    const uint32_t keys[][2] = {{x->left.joined, y->left.joined},
                                {x->left.near, y->left.near},
                                {x->left.abroad, y->left.abroad},
                                {x->left.cables, y->left.cables},
                                {x->point, y->point},
                                {x->index, y->index}};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    }
    return 0;
}

/* A code, or a name letter by letter. */
static uint32_t
find_country(const struct cables *c, const char *text)
{
    uint16_t code = country_parse(slice_of(text));

    for (uint32_t i = 0; i < c->countries; i++) {
        if (slice_is(c->country[i].name, text) ||
            (code != COUNTRY_UNKNOWN && c->country[i].code == code))
            return i;
    }
    return CABLES_NOWHERE;
}

/* Marks cables that land in the country, and points of it where they do. */
static void
mark_own(const struct cables *c, uint32_t country, uint8_t *cable, uint8_t *point)
{
    for (uint32_t i = 0; i < c->cables; i++) {
        const struct cable *k = &c->cable[i];

        for (uint32_t n = k->first; n < k->first + k->points && !k->planned; n++) {
            if (c->point[c->landing[n]].country == country)
                cable[i] = point[c->landing[n]] = 1;
        }
    }
}

static int
collect(struct cable_case *x, uint32_t country, const uint8_t *own, struct loss *rows,
        uint32_t *count)
{
    const struct cables *c = x->c;
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < c->cables + c->points; i++) {
        struct loss *to = &rows[*count];

        if (own[i] == 0)
            continue;
        to->point = i >= c->cables;
        to->index = to->point ? i - c->cables : i;
        r = fail_one(x, to->point, to->index);
        if (r < 0)
            break;
        to->left = x->after.land[country];
        cable_state_release(&x->after);
        ++*count;
    }
    return r;
}

static int
put_loss(struct output *o, struct cable_case *x, uint32_t country, const struct loss *l)
{
    int r = fail_one(x, l->point, l->index);

    if (r < 0)
        return r;
    put_what(o, x->c, l->point, l->index);
    output_u64(o, l->left.cables);
    output_u64(o, l->left.abroad);
    output_u64(o, l->left.near);
    output_u64(o, l->left.joined);
    output_bool(o, cable_loses_last(x, country));
    cables_put_countries(o, x->c, x->list, cable_lost(x, country));
    output_end(o);
    cable_state_release(&x->after);
    return 0;
}

static int
put_losses(struct cli *cli, struct cable_case *x, uint32_t country, const struct loss *rows,
           uint32_t count)
{
    const struct cable_land *b = &x->before.land[country];
    AUTO_BUF(text, TEXT);
    struct output *o = NULL;
    uint64_t limit;
    int r = 0;

    if (cli_number(cli, "limit", 20, &limit) < 0 ||
        output_open(cli, of_columns, sizeof of_columns / sizeof of_columns[0], &o) < 0)
        return err_exit(ERR_USAGE);
    for (uint32_t i = 0; r == 0 && i < count && (limit == 0 || i < limit); i++)
        r = put_loss(o, x, country, &rows[i]);
    if (r < 0) {
        output_drop(o);
        return cli_fail(r, "%s", err_text(r));
    }
    if (output_close(o, count) < 0)
        return err_exit(ERR_IO);
    buf_slice(&text, x->c->country[country].name);
    buf_printf(&text,
               " before: %u cables, %u of them abroad, at %u points; %u countries on the same "
               "cables, %u joined by cables.\n",
               b->cables, b->abroad, b->points, b->near, b->joined);
    cable_put_note(&text, x->c);
    cable_say(cli, &text);
    return 0;
}

int
cable_show_of(struct cli *cli, struct cable_case *x, const char *name)
{
    const struct cable_cut none = {NULL, NULL};
    size_t n = (size_t)x->c->cables + x->c->points + 1;
    uint32_t country = find_country(x->c, name);
    struct loss *rows;
    uint8_t *own;
    uint32_t count = 0;
    int r;

    if (country == CABLES_NOWHERE)
        return cli_fail(ERR_NOTFOUND,
                        "no cable of %s lands in a country `%s`: `detente topology cables "
                        "--points` lists names and codes",
                        x->c->date, name);
    rows = calloc(n, sizeof *rows);
    own = calloc(n, 1);
    r = rows == NULL || own == NULL ? ERR_NOMEM : cable_state_make(x->c, &none, &x->before);
    if (r == 0) {
        mark_own(x->c, country, own, own + x->c->cables);
        r = collect(x, country, own, rows, &count);
    }
    if (r < 0) {
        r = cli_fail(r, "%s", err_text(r));
    } else {
        qsort(rows, count, sizeof *rows, compare);
        r = put_losses(cli, x, country, rows, count);
    }
    free(rows);
    free(own);
    return r;
}
