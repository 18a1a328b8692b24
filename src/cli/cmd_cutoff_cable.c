/* detente cutoff cable: which countries lose what when submarine cables fail
 * (cutoff/cables.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cutoff.h"
#include "cli/cutoff_cable.h"

enum { NAMED = 12 /* countries in a sentence */, TEXT = 1 << 22 /* bytes of what is said */ };

static int
cut_open(struct cli *cli, struct cable_case *x)
{
    int r = cables_open(cli, &x->c);

    if (r != 0)
        return r;
    x->cable = calloc((size_t)x->c->cables + 1, 1);
    x->point = calloc((size_t)x->c->points + 1, 1);
    x->list = calloc((size_t)x->c->landings + x->c->countries + 1, sizeof *x->list);
    return x->cable == NULL || x->point == NULL || x->list == NULL
               ? cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM))
               : 0;
}

static void
cut_close(struct cable_case *x)
{
    free(x->cable);
    free(x->point);
    free(x->list);
    cable_state_release(&x->before);
    cable_state_release(&x->after);
    (void)cables_free(x->c);
}

/* ---- what it is worth -------------------------------------------------------------------- */

void
cable_put_note(struct buf *to, const struct cables *c)
{
    buf_printf(to, "Submarine cables of %s as ", c->date);
    for (uint32_t i = 0; i < c->sources; i++)
        buf_printf(to, "%s%s", i > 0 ? ", " : "", c->source[i].name);
    buf_printf(to,
               " told them. Cables over land and satellites are not in it, nor which network "
               "uses which cable or how much of it: it tells what is shared, not what goes "
               "dark. A country is taken as joined inside. Left out: %u planned cables, %u "
               "landings to be determined",
               c->counts.planned, c->counts.undetermined);
    if (c->counts.pointless > 0)
        buf_printf(to, ", %u cables without landing points", c->counts.pointless);
    buf_char(to, '.');
}

void
cable_say(const struct cli *cli, const struct buf *text)
{
    const char *format = cli_option(cli, "output");
    struct slice rest = buf_get(text);
    struct slice line;

    while (slice_line(&rest, &line)) {
        if (format == NULL || strcmp(format, "table") == 0)
            printf("%.*s\n", (int)line.len, line.ptr);
        else
            cli_say("%.*s", (int)line.len, line.ptr);
    }
}

/* ---- what fails -------------------------------------------------------------------------- */

static int
add_cable(struct cable_case *x, const char *id)
{
    uint32_t at = cables_find(x->c, slice_of(id));

    if (at == CABLES_NOWHERE)
        return cli_fail(ERR_NOTFOUND,
                        "there is no cable `%s` on %s: `detente topology cables` lists them",
                        id, x->c->date);
    if (x->c->cable[at].planned)
        return cli_fail(ERR_NOTFOUND, "cable `%s` was only planned on %s", id, x->c->date);
    x->cable[at] = 1;
    return 0;
}

static int
find_point(const struct cable_case *x, const char *id, uint32_t *ret)
{
    *ret = cables_find_point(x->c, slice_of(id));
    return *ret == CABLES_NOWHERE
               ? cli_fail(ERR_NOTFOUND,
                          "there is no landing point `%s` on %s: `detente topology cables "
                          "--points` lists them",
                          id, x->c->date)
               : 0;
}

/* Does a cable that is in service land there?  All that do are marked, when there is a list. */
static bool
lands(const struct cables *c, uint32_t point, uint8_t *mark)
{
    bool any = false;

    for (uint32_t i = 0; i < c->cables; i++) {
        const struct cable *k = &c->cable[i];

        for (uint32_t n = k->first; n < k->first + k->points && !k->planned; n++) {
            if (c->landing[n] != point)
                continue;
            any = true;
            if (mark != NULL)
                mark[i] = 1;
        }
    }
    return any;
}

static int
add_points(struct cli *cli, struct cable_case *x, const char *option, bool whole)
{
    const char *id;
    uint32_t at;

    for (unsigned i = 0; (id = cli_option_nth(cli, option, i)) != NULL; i++) {
        int r = find_point(x, id, &at);

        if (r != 0)
            return r;
        if (!lands(x->c, at, whole ? x->cable : NULL))
            return cli_fail(ERR_NOTFOUND, "only planned cables land at `%s` on %s", id,
                            x->c->date);
        x->point[at] |= !whole;
    }
    return 0;
}

static int
add_all(struct cli *cli, struct cable_case *x)
{
    int r = 0;

    for (int i = 0; r == 0 && i < cli->argc; i++)
        r = add_cable(x, cli->argv[i]);
    if (r == 0)
        r = add_points(cli, x, "landing", true);
    return r == 0 ? add_points(cli, x, "station", false) : r;
}

/* Countries with something that fails, by name. */
static uint32_t
touched(const struct cable_case *x, uint8_t *is)
{
    const struct cables *c = x->c;
    uint32_t many = 0;

    for (uint32_t i = 0; i < c->cables; i++) {
        const struct cable *k = &c->cable[i];
        bool hit = x->cable[i] != 0;

        for (uint32_t n = k->first; n < k->first + k->points && !k->planned; n++)
            hit |= x->point[c->landing[n]] != 0;
        for (uint32_t n = k->first; n < k->first + k->points && hit && !k->planned; n++) {
            uint32_t country = c->point[c->landing[n]].country;

            many += country != CABLES_NOWHERE && is[country] == 0;
            if (country != CABLES_NOWHERE)
                is[country] = 1;
        }
    }
    return many;
}

/* ---- rows -------------------------------------------------------------------------------- */

static const struct column columns[] = {
    {"country", false},      {"code", false},  {"cables_before", true}, {"cables", true},
    {"abroad_before", true}, {"abroad", true}, {"points_before", true}, {"points", true},
    {"near_before", true},   {"near", true},   {"joined_before", true}, {"joined", true},
    {"loses_last", false},   {"lost", false}};

bool
cable_loses_last(const struct cable_case *x, uint32_t country)
{
    return x->before.land[country].abroad > 0 && x->after.land[country].abroad == 0;
}

uint32_t
cable_lost(struct cable_case *x, uint32_t country)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < x->c->countries; i++) {
        if (cable_shares(&x->before, country, i) && !cable_shares(&x->after, country, i))
            x->list[n++] = i;
    }
    return n;
}

static void
put_row(struct output *o, struct cable_case *x, uint32_t country)
{
    const struct cable_land *b = &x->before.land[country];
    const struct cable_land *a = &x->after.land[country];
    const uint32_t numbers[] = {b->cables, a->cables, b->abroad, a->abroad, b->points,
                                a->points, b->near,   a->near,   b->joined, a->joined};
    uint32_t lost = cable_lost(x, country);

    output_text(o, x->c->country[country].name);
    cables_put_code(o, x->c, country);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        output_u64(o, numbers[i]);
    output_bool(o, cable_loses_last(x, country));
    cables_put_countries(o, x->c, x->list, lost);
    output_end(o);
}

/* ---- parts ------------------------------------------------------------------------------- */

/* Countries of a part that fell off: one that was joined with more before.  0: it did not, or
 * is the largest of those that were one. */
static uint32_t
fallen(const struct cable_case *x, uint32_t first, uint32_t *list)
{
    const struct cable_land *before = x->before.land;
    const struct cable_land *after = x->after.land;
    uint32_t best = first;
    uint32_t n = 0;

    if (before[first].cables == 0 || after[first].part != first ||
        after[first].joined == before[first].joined)
        return 0;
    for (uint32_t i = 0; i < x->c->countries; i++) {
        if (after[i].part == i && before[i].part == before[first].part &&
            (after[i].joined > after[best].joined ||
             (after[i].joined == after[best].joined && i < best)))
            best = i;
    }
    for (uint32_t i = 0; i < x->c->countries && best != first; i++) {
        if (before[i].cables > 0 && after[i].part == first)
            list[n++] = i;
    }
    return n;
}

static void
say_names(struct buf *to, const struct cables *c, const uint32_t *list, uint32_t count)
{
    for (uint32_t i = 0; i < count && i < NAMED; i++) {
        buf_text(to, i > 0 ? ", " : "");
        buf_slice(to, c->country[list[i]].name);
    }
    if (count > NAMED)
        buf_printf(to, " and %u more", count - NAMED);
}

static void
put_sentences(struct buf *to, const struct cable_case *x)
{
    const struct cables *c = x->c;
    uint32_t n = 0;

    for (uint32_t i = 0; i < c->countries; i++) {
        if (cable_loses_last(x, i))
            x->list[n++] = i;
    }
    buf_printf(to, "Lose their last cable to another country: %u", n);
    buf_text(to, n > 0 ? ": " : "");
    say_names(to, c, x->list, n);
    buf_text(to, n > 0 ? ". No other is in this data.\n" : ".\n");
    buf_printf(to,
               "Parts that cables join: %u before, %u after; the largest has %u of %u "
               "countries, before %u.\n",
               x->before.parts, x->after.parts, x->after.largest, x->before.countries,
               x->before.largest);
    for (uint32_t i = 0; i < c->countries; i++) {
        n = fallen(x, i, x->list);
        if (n == 0)
            continue;
        buf_text(to, n == 1 ? "By itself now: " : "By themselves now: ");
        say_names(to, c, x->list, n);
        buf_text(to, ".\n");
    }
}

/* ---- JSON -------------------------------------------------------------------------------- */

static void
put_names(struct buf *to, const struct cables *c, const uint32_t *list, uint32_t count)
{
    buf_char(to, '[');
    for (uint32_t i = 0; i < count; i++) {
        buf_text(to, i > 0 ? "," : "");
        buf_json(to, c->country[list[i]].name);
    }
    buf_char(to, ']');
}

static void
put_failing(struct buf *to, const char *kind, struct slice id, struct slice name)
{
    buf_printf(to, "%s{\"kind\":\"%s\",\"id\":", to->ptr[to->len - 1] == '[' ? "" : ",", kind);
    buf_json(to, id);
    buf_text(to, ",\"name\":");
    buf_json(to, name);
    buf_char(to, '}');
}

static void
put_country(struct buf *to, struct cable_case *x, uint32_t i)
{
    const struct cable_land *b = &x->before.land[i];
    const struct cable_land *a = &x->after.land[i];
    char code[3] = "";

    if (x->c->country[i].code != COUNTRY_UNKNOWN)
        country_format(x->c->country[i].code, code);
    buf_text(to, "{\"country\":");
    buf_json(to, x->c->country[i].name);
    buf_printf(to,
               ",\"code\":\"%s\",\"cables_before\":%u,\"cables\":%u,\"abroad_before\":%u,"
               "\"abroad\":%u,\"points_before\":%u,\"points\":%u,\"near_before\":%u,"
               "\"near\":%u,\"joined_before\":%u,\"joined\":%u,\"loses_last\":%s,\"lost\":",
               code, b->cables, a->cables, b->abroad, a->abroad, b->points, a->points, b->near,
               a->near, b->joined, a->joined, cable_loses_last(x, i) ? "true" : "false");
    put_names(to, x->c, x->list, cable_lost(x, i));
    buf_char(to, '}');
}

static void
put_json(struct buf *to, struct cable_case *x, const uint8_t *is)
{
    const struct cables *c = x->c;
    AUTO_BUF(note, TEXT);
    bool any = false;

    buf_printf(to, "{\"date\":\"%s\",\"sha256\":\"", c->date);
    for (unsigned i = 0; i < SHA256_SIZE; i++)
        buf_printf(to, "%02x", c->sha256.byte[i]);
    buf_text(to, "\",\"fails\":[");
    for (uint32_t i = 0; i < c->cables && buf_error(to) == 0; i++) {
        if (x->cable[i] != 0)
            put_failing(to, "cable", c->cable[i].id, c->cable[i].name);
    }
    for (uint32_t i = 0; i < c->points && buf_error(to) == 0; i++) {
        if (x->point[i] != 0)
            put_failing(to, "landing", c->point[i].id, c->point[i].name);
    }
    buf_printf(to,
               "],\"countries_all\":%u,\"parts_before\":%u,\"parts\":%u,\"largest_before\":%u,"
               "\"largest\":%u,\"countries\":[",
               x->before.countries, x->before.parts, x->after.parts, x->before.largest,
               x->after.largest);
    for (uint32_t i = 0; i < c->countries; i++) {
        if (is[i] == 0)
            continue;
        buf_text(to, any ? "," : "");
        put_country(to, x, i);
        any = true;
    }
    any = false;
    buf_text(to, "],\"apart\":[");
    for (uint32_t i = 0; i < c->countries; i++) {
        uint32_t n = fallen(x, i, x->list);

        if (n == 0)
            continue;
        buf_text(to, any ? "," : "");
        put_names(to, c, x->list, n);
        any = true;
    }
    cable_put_note(&note, c);
    buf_printf(to, "],\"planned\":%u,\"undetermined\":%u,\"note\":", c->counts.planned,
               c->counts.undetermined);
    buf_json(to, buf_get(&note));
    buf_char(to, '}');
}

/* ---- one cut ----------------------------------------------------------------------------- */

static int
put_table(struct cli *cli, struct cable_case *x, const uint8_t *is, uint32_t many)
{
    AUTO_BUF(text, TEXT);
    struct output *o;

    if (output_open(cli, columns, sizeof columns / sizeof columns[0], &o) < 0)
        return err_exit(ERR_USAGE);
    for (uint32_t i = 0; i < x->c->countries; i++) {
        if (is[i] != 0)
            put_row(o, x, i);
    }
    if (output_close(o, many) < 0)
        return err_exit(ERR_IO);
    put_sentences(&text, x);
    cable_put_note(&text, x->c);
    cable_say(cli, &text);
    return 0;
}

static int
show_cut(struct cli *cli, struct cable_case *x)
{
    const struct cable_cut none = {NULL, NULL};
    const struct cable_cut cut = {x->cable, x->point};
    AUTO_BUF(json, TEXT);
    uint8_t *is = calloc((size_t)x->c->countries + 1, 1);
    uint32_t many;
    int r = is == NULL ? ERR_NOMEM : cable_state_make(x->c, &none, &x->before);

    if (r == 0)
        r = cable_state_make(x->c, &cut, &x->after);
    if (r < 0) {
        free(is);
        return cli_fail(r, "%s", err_text(r));
    }
    many = touched(x, is);
    if (cli_option(cli, "json") != NULL) {
        put_json(&json, x, is);
        r = cli_print(&json);
    } else {
        r = put_table(cli, x, is, many);
    }
    free(is);
    return r;
}

/* ---- the command ------------------------------------------------------------------------- */

int
cutoff_run_cable(struct cli *cli)
{
    const char *country = cli_option(cli, "of");
    bool rank = cli_option(cli, "rank") != NULL || country != NULL;
    bool points = cli_option(cli, "landing") != NULL || cli_option(cli, "station") != NULL;
    struct cable_case x = {.c = NULL};
    int r;

    if (rank && (cli->argc > 0 || points || cli_option(cli, "json") != NULL))
        return cli_fail(ERR_USAGE,
                        "cutoff cable --rank and --of take no cables: they are of all");
    if (!rank && cli->argc == 0 && !points)
        return cli_fail(ERR_USAGE,
                        "cutoff cable takes ids of cables, --landing POINT, --station POINT, "
                        "--rank or --of COUNTRY: `detente topology cables` lists them");
    r = cut_open(cli, &x);
    if (r == 0 && country != NULL)
        r = cable_show_of(cli, &x, country);
    else if (r == 0 && rank)
        r = cable_show_rank(cli, &x);
    else if (r == 0 && (r = add_all(cli, &x)) == 0)
        r = show_cut(cli, &x);
    cut_close(&x);
    return r;
}

const struct cmd_option cutoff_cable_options[] = {
    {"landing", "POINT", "all cables that land there fail, as a whole; more than once", 0},
    {"station", "POINT",
     "only the landing there fails, and its cables go on elsewhere; more than once", 0},
    {"rank", NULL, "instead: every single failure of a cable or a landing, the worst first", 0},
    {"of", "COUNTRY",
     "instead: what each failure takes from one country, a code or a name, the worst first", 0},
    {"limit", "N", "failures with --rank or --of, 0 all (default: 20)", 0},
    {"date", "DATE", "cables of that day (default: the newest)", 0},
    CMD_FORMAT_OPTION,
    {"json", NULL, "all of it as one JSON object: with the parts, and the note", 0},
    {0}};
