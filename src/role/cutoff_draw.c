/* The pictures of a cut, in ink and paper: bars for ranges, an upright line for what was
 * before. Lengths are user units of SVG, about a pixel each. */
#include <math.h>

#include "role/cutoff_priv.h"
#include "wire/jcs.h"

enum { WIDTH = 720, ROW = 26, TEXT_DOWN = 4 };

const char cutoff_style[] =
    "svg text{font:12px system-ui,sans-serif;fill:currentColor}svg .m{opacity:.75}"
    "svg .e{text-anchor:end}svg .c{text-anchor:middle}"
    "svg .g{stroke:currentColor;stroke-opacity:.25;fill:none}"
    "svg .b{fill:currentColor;fill-opacity:.5}svg .t{stroke:currentColor;stroke-opacity:.6;"
    "fill:none}svg .k{stroke:currentColor;stroke-width:2;fill:none}"
    "svg .d{fill:currentColor}svg .o{fill:currentColor;fill-opacity:.1;stroke:currentColor}";

static void
begin(struct cutoff_sheet *c, enum word name, unsigned width, unsigned height, bool alone)
{
    struct buf *to = c->s.to;

    buf_printf(to,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" width=\"%u\" "
               "height=\"%u\" role=\"img\" aria-label=\"",
               width, height, width, height);
    sheet_say(&c->s, name);
    buf_text(to, "\">");
    if (alone)
        buf_printf(to, "<style>%s</style>", cutoff_style);
    buf_char(to, '\n');
}

static void
end(struct cutoff_sheet *c)
{
    buf_text(c->s.to, "</svg>\n");
}

static void
begin_text(struct buf *to, const char *kind, double x, double y)
{
    buf_printf(to, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", kind, x, y);
}

/* Words of ours, which hold no markup. */
static void
label(struct cutoff_sheet *c, const char *kind, double x, double y, enum word w)
{
    begin_text(c->s.to, kind, x, y);
    sheet_say(&c->s, w);
    buf_text(c->s.to, "</text>");
}

static void
number(struct cutoff_sheet *c, const char *kind, double x, double y, int64_t n)
{
    begin_text(c->s.to, kind, x, y);
    buf_i64(c->s.to, n);
    buf_text(c->s.to, "</text>");
}

/* Somebody else's text, cut so that it stays in its place. */
static void
foreign(struct cutoff_sheet *c, const char *kind, double x, double y, struct slice value,
        size_t most)
{
    AUTO_BUF(text, 1 << 16);
    struct slice s;
    size_t characters = 0;
    size_t at = 0;

    if (value.len == 0 || jcs_kind(value) != JCS_STRING || jcs_string(value, &text) < 0)
        return;
    s = buf_get(&text);
    while (at < s.len && characters < most) {
        at++;
        while (at < s.len && ((unsigned char)s.ptr[at] & 0xc0) == 0x80)
            at++;
        characters++;
    }
    begin_text(c->s.to, kind, x, y);
    sheet_escaped(c->s.to, slice_sub(s, 0, at));
    buf_text(c->s.to, at < s.len ? "\xe2\x80\xa6</text>" : "</text>");
}

static void
bar(struct buf *to, const char *kind, double x, double y, double w, double h)
{
    buf_printf(to, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
               kind, x, y, w, h);
}

/* ---- reach ------------------------------------------------------------------------------- */

enum { AXIS = 250, AXIS_LONG = 300, BEFORE_AT = 620 };

static double
along(int64_t ppm)
{
    return AXIS + (double)ppm / 1e6 * AXIS_LONG;
}

static void
reach_axis(struct cutoff_sheet *c, double bottom)
{
    for (int i = 0; i <= 4; i++) {
        double x = along((int64_t)i * 250000);

        number(c, i == 4 ? "m e" : "m c", x, 14, (int64_t)i * 25);
        buf_printf(c->s.to, "<path class=\"g\" d=\"M%.1f 20V%.1f\"/>", x, bottom);
    }
    label(c, "m e", BEFORE_AT, 14, WORD_CUTOFF_BEFORE);
    label(c, "m e", WIDTH, 14, WORD_CUTOFF_AFTER);
}

static void
draw_reach(struct cutoff_sheet *c, bool alone)
{
    struct buf *to = c->s.to;

    begin(c, WORD_CUTOFF_REACH, WIDTH, 24 + CUTOFF_REACH_ROWS * ROW, alone);
    reach_axis(c, 20 + CUTOFF_REACH_ROWS * ROW);
    for (unsigned i = 0; i < CUTOFF_REACH_ROWS; i++) {
        double y = 24 + (double)i * ROW;
        struct cutoff_reach row;
        double x;
        double w;

        cutoff_reach_row(c->page->country, i, &row);
        x = along(row.after.least);
        w = along(row.after.most) - x;
        label(c, "", 0, y + ROW / 2.0 + TEXT_DOWN, row.name);
        bar(to, "b", x, y + 8, w < 2 ? 2 : w, 10);
        buf_printf(to, "<path class=\"k\" d=\"M%.1f %.1fv18\"/>", along(row.before), y + 4);
        begin_text(to, "e", BEFORE_AT, y + ROW / 2.0 + TEXT_DOWN);
        cutoff_put_range(to, (struct cutoff_range){row.before, row.before});
        buf_text(to, "</text>");
        begin_text(to, "e", WIDTH, y + ROW / 2.0 + TEXT_DOWN);
        cutoff_put_range(to, row.after);
        buf_text(to, "</text>\n");
    }
    end(c);
}

/* ---- islands ----------------------------------------------------------------------------- */

enum { BIG = 120, TALL = 84, SMALL = 10, BETWEEN = 3, SINGLES = 240 };

/* Those of one network as small squares, as many as there is room for. */
static void
singles(struct cutoff_sheet *c, double left, int64_t count)
{
    const unsigned step = SMALL + BETWEEN;
    unsigned columns = (unsigned)((WIDTH - left) / step);
    unsigned room = columns * ((TALL + BETWEEN) / step);

    for (unsigned i = 0; i < count && i < SINGLES && i < room; i++) {
        unsigned row = i / columns;

        bar(c->s.to, "b", left + (double)(i % columns) * step, (double)row * step, SMALL,
            SMALL);
    }
}

static void
draw_islands(struct cutoff_sheet *c, bool alone)
{
    struct jcs_iter cases = jcs_iter(sheet_member(c->page->country, "presence"));
    struct jcs_iter it = jcs_iter(sheet_member(c->page->country, "islands"));
    struct slice none = {"", 0};
    struct slice island;
    double x = 0;
    unsigned shown = 0;

    (void)jcs_item(&cases, &none);
    begin(c, WORD_CUTOFF_ISLANDS, WIDTH, TALL + 2, alone);
    while (jcs_item(&it, &island) && sheet_number(island, "networks") > 1 && shown < 5) {
        double w = shown == 0 ? BIG : 40;
        double h = shown == 0 ? TALL : 28;

        bar(c->s.to, "o", x + 1, 1, w - 2, h);
        number(c, "c", x + w / 2, 1 + h / 2 + TEXT_DOWN, sheet_number(island, "networks"));
        x += w + 6;
        shown++;
    }
    singles(c, x + 6, sheet_number(none, "singleton_islands"));
    buf_char(c->s.to, '\n');
    end(c);
}

/* ---- all countries ----------------------------------------------------------------------- */

enum { HIGH = 150 };

static struct cutoff_range
range_of(struct slice country)
{
    struct jcs_iter it = jcs_iter(sheet_member(country, "strict_pairs_ppm"));
    struct cutoff_range r = {1000000, 0};
    struct slice value;
    int64_t n;

    while (jcs_item(&it, &value)) {
        if (jcs_int(value, &n) < 0)
            continue;
        r.least = n < r.least ? n : r.least;
        r.most = n > r.most ? n : r.most;
    }
    return r;
}

/* How many of them have less when nobody foreign stays, equals before it among them. */
static unsigned
place_of(struct slice countries, struct slice country)
{
    struct jcs_iter it = jcs_iter(countries);
    int64_t own = range_of(country).least;
    bool before = true;
    unsigned place = 0;
    struct slice other;

    while (jcs_item(&it, &other)) {
        int64_t n = range_of(other).least;

        before = before && other.ptr != country.ptr;
        place += n < own || (n == own && before);
    }
    return place;
}

static void
draw_world(struct cutoff_sheet *c, bool alone)
{
    struct slice countries = sheet_member(c->page->world, "countries");
    struct jcs_iter it = jcs_iter(countries);
    size_t count = jcs_count(countries);
    double step = (WIDTH - 40.0) / (count > 0 ? (double)count : 1);
    struct buf *to = c->s.to;
    struct slice country;

    begin(c, WORD_CUTOFF_WORLD, WIDTH, HIGH + 40, alone);
    for (int i = 0; i <= 4; i++) {
        double y = 20 + HIGH * (4 - i) / 4.0;

        number(c, "m e", 32, y + TEXT_DOWN, (int64_t)i * 25);
        buf_printf(to, "<path class=\"g\" d=\"M40 %.1fH%d\"/>", y, WIDTH);
    }
    while (jcs_item(&it, &country)) {
        struct cutoff_range r = range_of(country);
        double x = 40 + step * (place_of(countries, country) + 0.5);
        double top = 20 + HIGH * (1 - (double)r.most / 1e6);
        double bottom = 20 + HIGH * (1 - (double)r.least / 1e6);
        bool own = slice_eq(sheet_plain(country, "country"), c->page->title);

        buf_printf(to, "<path class=\"%s\" d=\"M%.1f %.1fV%.1f\"/>", own ? "k" : "t", x, top,
                   bottom - top < 1 ? top + 1 : bottom);
        if (own)
            foreign(c, "c", x, 12, sheet_member(country, "country"), 2);
    }
    buf_char(to, '\n');
    end(c);
}

/* ---- what breaks when -------------------------------------------------------------------- */

enum { TIME_AT = 190, TIME_LONG = 230, DAYS_90 = 90 * 86400 };

/* Hours on a logarithmic scale, with its zero; behind 90 days all are at one place. */
static double
when(int64_t s)
{
    double t = log10(1 + (double)s / 3600) / log10(1 + DAYS_90 / 3600.0);

    return TIME_AT + (s < 0 ? 1 : t > 0.97 ? 0.97 : t) * TIME_LONG;
}

static void
time_axis(struct cutoff_sheet *c, double bottom)
{
    static const int64_t at[] = {INT64_C(6) * 3600, 86400, INT64_C(7) * 86400,
                                 INT64_C(30) * 86400, DAYS_90};

    label(c, "m", TIME_AT, 14, WORD_CUTOFF_NOW);
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        AUTO_PLACES(p);

        sheet_add_span(&p, &c->s, at[i]);
        begin_text(c->s.to, "m c", when(at[i]), 14);
        buf_slice(c->s.to, buf_get(&p.text));
        buf_printf(c->s.to, "</text><path class=\"g\" d=\"M%.1f 20V%.1f\"/>", when(at[i]),
                   bottom);
    }
}

static void
draw_service(struct cutoff_sheet *c, struct slice service, double y)
{
    int64_t least = sheet_number(service, "least_s");
    int64_t most = sheet_number(service, "most_s");
    double x = when(least);
    struct buf *to = c->s.to;

    foreign(c, "", 0, y + TEXT_DOWN, sheet_member(service, "name"), 26);
    if (x > TIME_AT)
        bar(to, "b", TIME_AT, y - 4, x - TIME_AT, 8);
    if (most != least)
        buf_printf(to, "<path class=\"t\" d=\"M%.1f %.1fH%.1f\"/>", x, y, when(most));
    if (most >= 0)
        buf_printf(to, "<path class=\"k\" d=\"M%.1f %.1fl8 8m0-8l-8 8\"/>", when(most) - 4,
                   y - 4);
    begin_text(to, "m", TIME_AT + TIME_LONG + 12, y + TEXT_DOWN);
    sheet_named(to, c->s.language, "depend", sheet_plain(service, "kind"));
    buf_text(to, "</text>");
    begin_text(to, "e", WIDTH, y + TEXT_DOWN);
    cutoff_put_when(&c->s, service);
    buf_text(to, "</text>\n");
}

static void
draw_breaks(struct cutoff_sheet *c, bool alone)
{
    struct slice list = sheet_member(c->page->services, "list");
    struct jcs_iter it = jcs_iter(list);
    size_t count = jcs_count(list);
    struct slice service;
    unsigned rows = count > CUTOFF_BARS ? CUTOFF_BARS : (unsigned)count;

    begin(c, WORD_CUTOFF_BREAKS, WIDTH, 28 + rows * 22, alone);
    time_axis(c, 24 + rows * 22);
    for (unsigned i = 0; i < rows && jcs_item(&it, &service); i++)
        draw_service(c, service, 34 + (double)i * 22);
    end(c);
}

/* ---- what to move home ------------------------------------------------------------------- */

enum { CURVE = 156, CURVE_LEFT = 44 };

static double
up(int64_t n, int64_t all)
{
    return 10 + (CURVE - 34) * (1 - (all > 0 ? (double)n / (double)all : 0));
}

static void
draw_moves(struct cutoff_sheet *c, bool alone)
{
    struct slice plan = sheet_member(c->page->services, "plan");
    struct jcs_iter it = jcs_iter(sheet_member(plan, "steps"));
    int64_t all = sheet_number(plan, "services");
    size_t count = jcs_count(sheet_member(plan, "steps"));
    unsigned steps = count > CUTOFF_STEPS ? CUTOFF_STEPS : (unsigned)count;
    double step = (WIDTH - CURVE_LEFT - 20.0) / (steps > 0 ? steps : 1);
    struct buf *to = c->s.to;
    AUTO_BUF(dots, 1 << 14);
    struct slice one;

    begin(c, WORD_CUTOFF_MOVES, WIDTH, CURVE, alone);
    for (int i = 0; i <= 2; i++) {
        int64_t n = all * i / 2; /* a whole number of services, which of one has no half */
        double y = up(n, all);

        if (i > 0 && n == all * (i - 1) / 2)
            continue;
        number(c, "m e", CURVE_LEFT - 8, y + TEXT_DOWN, n);
        buf_printf(to, "<path class=\"g\" d=\"M%d %.1fH%d\"/>", CURVE_LEFT, y, WIDTH);
    }
    buf_printf(to, "<path class=\"k\" d=\"M%d %.1f", CURVE_LEFT,
               up(sheet_number(plan, "already"), all));
    for (unsigned i = 1; i <= steps && jcs_item(&it, &one); i++) {
        double x = CURVE_LEFT + step * i;
        double y = up(sheet_number(one, "services_so_far"), all);

        buf_printf(to, "H%.1fV%.1f", x, y);
        buf_printf(&dots, "<circle class=\"d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", x, y);
        buf_printf(&dots, "<text class=\"m c\" x=\"%.1f\" y=\"%d\">%u</text>", x, CURVE - 4, i);
    }
    buf_text(to, "\"/>");
    buf_slice(to, buf_get(&dots));
    buf_char(to, '\n');
    end(c);
}

void
cutoff_draw(struct cutoff_sheet *c, enum cutoff_picture p, bool alone)
{
    switch (p) {
    case PICTURE_REACH: draw_reach(c, alone); return;
    case PICTURE_ISLANDS: draw_islands(c, alone); return;
    case PICTURE_WORLD: draw_world(c, alone); return;
    case PICTURE_BREAKS: draw_breaks(c, alone); return;
    case PICTURE_MOVES: draw_moves(c, alone); return;
    case PICTURES: break;
    }
}
