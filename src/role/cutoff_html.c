/* The page of a cut: sentence, pictures, and a table for each. */
#include "role/cutoff_priv.h"
#include "role/verdicts.h"
#include "wire/jcs.h"

enum { STRANDED_LISTED = 50 };

static void
head_two(struct sheet *s, enum word w)
{
    buf_text(s->to, "<h2>");
    sheet_say(s, w);
    buf_text(s->to, "</h2>\n");
}

static void
heads(struct sheet *s, const enum word *words, unsigned count, unsigned numbers)
{
    sheet_begin_table(s);
    for (unsigned i = 0; i < count; i++)
        sheet_head(s, words[i], (numbers >> i & 1) != 0);
    buf_text(s->to, "<tbody>\n");
}
#define HEADS(s, words, numbers) heads(s, words, sizeof(words) / sizeof((words)[0]), numbers)

static void
cell_number(struct buf *to, int64_t n)
{
    buf_printf(to, "<td class=n>%lld", (long long)n);
}

static void
cell_share(struct buf *to, int64_t ppm)
{
    buf_text(to, "<td class=n>");
    cutoff_put_range(to, (struct cutoff_range){ppm, ppm});
}

/* `AS64500 Name` */
static void
put_network(struct buf *to, struct slice network)
{
    buf_printf(to, "AS%lld ", (long long)sheet_number(network, "asn"));
    sheet_text(to, sheet_member(network, "name"));
}

static void
put_title(struct buf *to, const struct cutoff_page *page)
{
    sheet_escaped(to, page->title);
}

static void
picture(struct cutoff_sheet *c, enum cutoff_picture p)
{
    buf_text(c->s.to, "<figure>");
    cutoff_draw(c, p, false);
    buf_text(c->s.to, "</figure>\n");
}

/* ---- the sentence ------------------------------------------------------------------------ */

static void
put_headline(struct cutoff_sheet *c)
{
    AUTO_PLACES(p);
    AUTO_PLACES(services);

    put_title(&p.text, c->page);
    sheet_next(&p);
    cutoff_put_range(&p.text, cutoff_range(c->page->country, "strict_pairs_ppm"));
    sheet_next(&p);
    buf_text(c->s.to, "<p><b>");
    sheet_say_with(&c->s, WORD_CUTOFF_HEADLINE, &p);
    if (c->page->services.len > 0) {
        sheet_add_number(&services, sheet_number(c->page->services, "services"));
        sheet_add_number(&services, sheet_number(c->page->services, "at_once"));
        sheet_add_number(&services, sheet_number(c->page->services, "never"));
        buf_char(c->s.to, ' ');
        sheet_say_with(&c->s, WORD_CUTOFF_AT_ONCE, &services);
    }
    buf_text(c->s.to, "</b>\n");
}

static void
put_about(struct cutoff_sheet *c)
{
    struct slice country = c->page->country;
    AUTO_PLACES(about);
    AUTO_PLACES(honest);

    sheet_add_text(&about, sheet_member(country, "date"));
    sheet_add_number(&about, sheet_number(country, "world"));
    sheet_add_number(&about, sheet_number(country, "networks"));
    put_title(&about.text, c->page);
    sheet_next(&about);
    sheet_add_text(&about, sheet_member(country, "sha256"));
    buf_text(c->s.to, "<p>");
    sheet_say_with(&c->s, WORD_CUTOFF_ABOUT, &about);
    sheet_add_number(&honest, cutoff_neighbours(country));
    buf_text(c->s.to, "\n<p class=note>");
    sheet_say_with(&c->s, WORD_CUTOFF_HONEST, &honest);
    buf_char(c->s.to, '\n');
}

/* ---- reach ------------------------------------------------------------------------------- */

/* `those with 5 or more neighbours here stay: 40` */
static void
put_assumed(struct sheet *s, struct slice one)
{
    AUTO_PLACES(p);

    if (sheet_number(one, "neighbours") == 0 && sheet_number(one, "stay") == 0) {
        sheet_say(s, WORD_CUTOFF_STAY_NONE);
        return;
    }
    if (sheet_number(one, "neighbours") == 0) {
        sheet_add_number(&p, sheet_number(one, "stay"));
        sheet_say_with(s, WORD_CUTOFF_STAY_NAMED, &p);
        return;
    }
    sheet_add_number(&p, sheet_number(one, "neighbours"));
    sheet_add_number(&p, sheet_number(one, "stay"));
    sheet_say_with(s, WORD_CUTOFF_STAY, &p);
}

static void
put_reach_row(struct sheet *s, struct slice one)
{
    cell_share(s->to, sheet_number(one, "strict_pairs_ppm"));
    cell_share(s->to, sheet_number(one, "strict_addresses_ppm"));
    cell_share(s->to, sheet_number(one, "component_pairs_ppm"));
}

static void
put_reach(struct cutoff_sheet *c)
{
    static const enum word cols[] = {WORD_CUTOFF_ASSUMED, WORD_CUTOFF_STRICT,
                                     WORD_CUTOFF_WEIGHTED, WORD_CUTOFF_COMPONENT};
    struct jcs_iter it = jcs_iter(sheet_member(c->page->country, "presence"));
    struct slice one;
    AUTO_PLACES(p);

    head_two(&c->s, WORD_CUTOFF_REACH);
    picture(c, PICTURE_REACH);
    sheet_add_number(&p, cutoff_neighbours(c->page->country));
    buf_text(c->s.to, "<p class=note>");
    sheet_say_with(&c->s, WORD_CUTOFF_BAR, &p);
    buf_char(c->s.to, '\n');
    HEADS(&c->s, cols, 0xe);
    buf_text(c->s.to, "<tr><th scope=row>");
    sheet_say(&c->s, WORD_CUTOFF_BEFORE);
    put_reach_row(&c->s, sheet_member(c->page->country, "before"));
    while (jcs_item(&it, &one)) {
        buf_text(c->s.to, "\n<tr><th scope=row>");
        put_assumed(&c->s, one);
        put_reach_row(&c->s, one);
    }
    sheet_end_table(&c->s);
}

/* ---- islands ----------------------------------------------------------------------------- */

static void
put_members(struct buf *to, struct slice members)
{
    struct jcs_iter it = jcs_iter(members);
    struct slice one;
    const char *comma = "<td>";

    while (jcs_item(&it, &one)) {
        buf_text(to, comma);
        put_network(to, one);
        comma = ", ";
    }
}

static void
put_islands(struct cutoff_sheet *c)
{
    static const enum word cols[] = {WORD_CUTOFF_COL_NETWORKS, WORD_CUTOFF_COL_ADDRESSES,
                                     WORD_CUTOFF_COL_MEMBERS};
    struct slice list = sheet_member(c->page->country, "islands");
    struct jcs_iter cases = jcs_iter(sheet_member(c->page->country, "presence"));
    struct jcs_iter it = jcs_iter(list);
    struct slice none = {"", 0};
    struct slice one;
    AUTO_PLACES(p);
    AUTO_PLACES(listed);

    (void)jcs_item(&cases, &none);
    head_two(&c->s, WORD_CUTOFF_ISLANDS);
    picture(c, PICTURE_ISLANDS);
    sheet_add_number(&p, sheet_number(none, "islands"));
    sheet_add_number(&p, sheet_number(none, "singleton_islands"));
    sheet_add_number(&p, sheet_number(none, "largest_island"));
    sheet_add_number(&listed, (int64_t)jcs_count(list));
    buf_text(c->s.to, "<p>");
    sheet_say_with(&c->s, WORD_CUTOFF_ISLANDS_ARE, &p);
    buf_char(c->s.to, ' ');
    sheet_say_with(&c->s, WORD_CUTOFF_ISLANDS_LISTED, &listed);
    buf_char(c->s.to, '\n');
    HEADS(&c->s, cols, 3);
    while (jcs_item(&it, &one)) {
        buf_text(c->s.to, "<tr>");
        cell_number(c->s.to, sheet_number(one, "networks"));
        cell_number(c->s.to, sheet_number(one, "addresses"));
        put_members(c->s.to, sheet_member(one, "members"));
        buf_char(c->s.to, '\n');
    }
    sheet_end_table(&c->s);
}

/* ---- all countries ----------------------------------------------------------------------- */

static void
put_world(struct cutoff_sheet *c)
{
    AUTO_PLACES(p);

    put_title(&p.text, c->page);
    sheet_next(&p);
    head_two(&c->s, WORD_CUTOFF_WORLD);
    picture(c, PICTURE_WORLD);
    buf_text(c->s.to, "<p class=note>");
    sheet_say_with(&c->s, WORD_CUTOFF_WORLD_NOTE, &p);
    buf_char(c->s.to, '\n');
}

/* ---- failures and links ------------------------------------------------------------------ */

static void
put_failures(struct cutoff_sheet *c)
{
    static const enum word cols[] = {WORD_CUTOFF_COL_FAILURE, WORD_CUTOFF_COL_COUNTRY,
                                     WORD_CUTOFF_COL_STRANDS, WORD_CUTOFF_COL_NETWORKS,
                                     WORD_CUTOFF_COL_CURE};
    struct jcs_iter it = jcs_iter(sheet_member(c->page->country, "critical"));
    struct buf *to = c->s.to;
    struct slice one;

    head_two(&c->s, WORD_CUTOFF_CRITICAL);
    buf_text(to, "<p class=note>");
    sheet_say(&c->s, WORD_CUTOFF_CRITICAL_NOTE);
    buf_char(to, '\n');
    HEADS(&c->s, cols, 0x1c);
    while (jcs_item(&it, &one)) {
        buf_text(to, "<tr><th scope=row>");
        put_network(to, one);
        if (slice_is(sheet_plain(one, "kind"), "link"))
            buf_printf(to, " \xe2\x80\x93 AS%lld", (long long)sheet_number(one, "carries"));
        buf_text(to, "<td>");
        sheet_text(to, sheet_member(one, "country"));
        cell_share(to, sheet_number(one, "stranded_ppm"));
        cell_number(to, sheet_number(one, "stranded"));
        cell_number(to, sheet_number(one, "cure"));
        buf_char(to, '\n');
    }
    sheet_end_table(&c->s);
}

static void
put_links(struct cutoff_sheet *c)
{
    static const enum word cols[] = {WORD_CUTOFF_COL_STEP, WORD_CUTOFF_COL_BETWEEN,
                                     WORD_CUTOFF_COL_GAIN, WORD_CUTOFF_COL_SO_FAR};
    struct jcs_iter it = jcs_iter(sheet_member(c->page->country, "links"));
    struct buf *to = c->s.to;
    struct slice one;
    unsigned step = 0;

    head_two(&c->s, WORD_CUTOFF_LINKS);
    HEADS(&c->s, cols, 0xd);
    while (jcs_item(&it, &one)) {
        buf_text(to, "<tr>");
        cell_number(to, ++step);
        buf_text(to, "<td>");
        put_network(to, sheet_member(one, "a"));
        buf_text(to, " \xe2\x80\x93 ");
        put_network(to, sheet_member(one, "b"));
        cell_number(to, sheet_number(one, "gain"));
        cell_share(to, sheet_number(one, "share_ppm"));
        buf_char(to, '\n');
    }
    sheet_end_table(&c->s);
}

static void
put_stranded(struct cutoff_sheet *c)
{
    struct slice country = c->page->country;
    struct jcs_iter it = jcs_iter(sheet_member(country, "stranded"));
    int64_t before = sheet_number(country, "outside_before_ppm");
    int64_t after = sheet_number(country, "outside_ppm");
    struct slice one;
    const char *comma = "";
    AUTO_PLACES(p);

    sheet_add_number(&p, sheet_number(country, "stranded_count"));
    put_title(&p.text, c->page);
    sheet_next(&p);
    cutoff_put_range(&p.text, (struct cutoff_range){before, before});
    sheet_next(&p);
    cutoff_put_range(&p.text, (struct cutoff_range){after, after});
    sheet_next(&p);
    head_two(&c->s, WORD_CUTOFF_STRANDED);
    buf_text(c->s.to, "<p>");
    sheet_say_with(&c->s, WORD_CUTOFF_STRANDED_ARE, &p);
    buf_text(c->s.to, "\n<p>");
    for (unsigned i = 0; i < STRANDED_LISTED && jcs_item(&it, &one); i++) {
        buf_text(c->s.to, comma);
        put_network(c->s.to, one);
        buf_text(c->s.to, " (");
        sheet_text(c->s.to, sheet_member(one, "country"));
        buf_char(c->s.to, ')');
        comma = ", ";
    }
    if (sheet_number(country, "stranded_count") > STRANDED_LISTED)
        buf_text(c->s.to, " \xe2\x80\xa6");
    buf_char(c->s.to, '\n');
}

/* ---- services ---------------------------------------------------------------------------- */

static void
put_more(struct sheet *s, int64_t shown, int64_t all)
{
    AUTO_PLACES(p);

    if (shown >= all)
        return;
    sheet_add_number(&p, shown);
    sheet_add_number(&p, all);
    buf_text(s->to, "<p class=note>");
    sheet_say_with(s, WORD_CUTOFF_MORE, &p);
    buf_char(s->to, '\n');
}

static void
put_breaks_note(struct cutoff_sheet *c)
{
    struct jcs_iter it = jcs_iter(sheet_member(c->page->services, "home"));
    struct slice rule;
    const char *comma = "";
    AUTO_PLACES(p);

    while (jcs_item(&it, &rule)) {
        buf_text(&p.text, comma);
        sheet_text(&p.text, rule);
        comma = ", ";
    }
    sheet_next(&p);
    buf_text(c->s.to, "<p class=note>");
    sheet_say_with(&c->s, WORD_CUTOFF_BREAKS_NOTE, &p);
    buf_char(c->s.to, '\n');
}

static void
put_breaks(struct cutoff_sheet *c)
{
    static const enum word cols[] = {WORD_CUTOFF_COL_SERVICE, WORD_CUTOFF_COL_BECAUSE,
                                     WORD_CUTOFF_COL_BREAKS};
    struct slice list = sheet_member(c->page->services, "list");
    struct jcs_iter it = jcs_iter(list);
    struct buf *to = c->s.to;
    struct slice one;

    head_two(&c->s, WORD_CUTOFF_BREAKS);
    picture(c, PICTURE_BREAKS);
    put_breaks_note(c);
    HEADS(&c->s, cols, 4);
    while (jcs_item(&it, &one)) {
        buf_text(to, "<tr><th scope=row>");
        sheet_text(to, sheet_member(one, "name"));
        buf_text(to, "<td>");
        sheet_named(to, c->s.language, "depend", sheet_plain(one, "kind"));
        buf_char(to, ' ');
        sheet_text(to, sheet_member(one, "what"));
        buf_text(to, "<td class=n>");
        cutoff_put_when(&c->s, one);
        buf_char(to, '\n');
    }
    sheet_end_table(&c->s);
    put_more(&c->s, (int64_t)jcs_count(list), sheet_number(c->page->services, "services"));
}

/* `name servers a.example, find out: host 192.0.2.1` */
static void
put_what(struct sheet *s, struct slice step)
{
    struct jcs_iter it = jcs_iter(sheet_member(step, "what"));
    struct slice one;
    const char *comma = "";

    while (jcs_item(&it, &one)) {
        struct slice unknown = sheet_member(one, "unknown");
        bool find_out = false;
        AUTO_PLACES(p);

        if (unknown.len > 0 && jcs_bool(unknown, &find_out) < 0)
            find_out = false;
        sheet_named(&p.text, s->language, "depend", sheet_plain(one, "kind"));
        buf_char(&p.text, ' ');
        sheet_text(&p.text, sheet_member(one, "what"));
        sheet_next(&p);
        buf_text(s->to, comma);
        if (find_out)
            sheet_say_with(s, WORD_CUTOFF_FIND_OUT, &p);
        else
            buf_slice(s->to, buf_get(&p.text));
        comma = ", ";
    }
    if (sheet_number(step, "moves") > (int64_t)jcs_count(sheet_member(step, "what")))
        buf_text(s->to, " \xe2\x80\xa6");
}

static void
put_step(struct sheet *s, struct slice one, unsigned number)
{
    int64_t cost = sheet_number(one, "cost_so_far");
    struct buf *to = s->to;

    buf_text(to, "<tr>");
    cell_number(to, number);
    buf_text(to, "<td>");
    put_what(s, one);
    cell_number(to, sheet_number(one, "gain"));
    cell_number(to, sheet_number(one, "services_so_far"));
    buf_printf(to, "<td class=n>%lld.%02d", (long long)(cost / 100), (int)(cost % 100));
    cell_number(to, sheet_number(one, "lead_days"));
    buf_char(to, '\n');
}

static void
put_moves(struct cutoff_sheet *c)
{
    static const enum word cols[] = {WORD_CUTOFF_COL_STEP,     WORD_CUTOFF_COL_MOVE,
                                     WORD_CUTOFF_COL_SERVICES, WORD_CUTOFF_COL_SO_FAR,
                                     WORD_CUTOFF_COL_COST,     WORD_CUTOFF_COL_LEAD};
    struct slice plan = sheet_member(c->page->services, "plan");
    struct slice steps = sheet_member(plan, "steps");
    struct jcs_iter it = jcs_iter(steps);
    struct slice one;
    unsigned number = 0;
    AUTO_PLACES(p);

    head_two(&c->s, WORD_CUTOFF_MOVES);
    picture(c, PICTURE_MOVES);
    sheet_add_number(&p, sheet_number(plan, "already"));
    sheet_add_number(&p, sheet_number(plan, "services"));
    buf_text(c->s.to, "<p class=note>");
    sheet_say_with(&c->s, WORD_CUTOFF_MOVES_NOTE, &p);
    buf_char(c->s.to, '\n');
    HEADS(&c->s, cols, 0x3d);
    while (jcs_item(&it, &one))
        put_step(&c->s, one, ++number);
    sheet_end_table(&c->s);
    put_more(&c->s, (int64_t)jcs_count(steps), sheet_number(plan, "step_count"));
}

/* ---- all of it --------------------------------------------------------------------------- */

static void
put_sources(struct cutoff_sheet *c)
{
    static const enum word cols[] = {WORD_CUTOFF_COL_FILE, WORD_CUTOFF_COL_LINES};
    struct slice list = sheet_member(c->page->country, "sources");
    struct jcs_iter it = jcs_iter(list);
    struct slice one;

    if (jcs_count(list) == 0)
        return;
    head_two(&c->s, WORD_CUTOFF_SOURCES);
    sheet_begin_table(&c->s);
    for (size_t i = 0; i < sizeof cols / sizeof cols[0]; i++)
        sheet_head(&c->s, cols[i], i == 1);
    buf_text(c->s.to, "<th scope=col>SHA-256<tbody>\n");
    while (jcs_item(&it, &one)) {
        buf_text(c->s.to, "<tr><th scope=row>");
        sheet_text(c->s.to, sheet_member(one, "kind"));
        buf_char(c->s.to, ' ');
        sheet_text(c->s.to, sheet_member(one, "name"));
        cell_number(c->s.to, sheet_number(one, "lines"));
        buf_text(c->s.to, "<td>");
        sheet_text(c->s.to, sheet_member(one, "sha256"));
        buf_char(c->s.to, '\n');
    }
    sheet_end_table(&c->s);
}

static void
put_made(struct cutoff_sheet *c)
{
    AUTO_PLACES(p);

    sheet_time(&p.text, c->page->at);
    sheet_next(&p);
    sheet_time(&p.text, sheet_plain(c->page->services, "at"));
    sheet_next(&p);
    buf_text(c->s.to, "<footer><p class=note>");
    sheet_say_with(&c->s, c->page->services.len > 0 ? WORD_CUTOFF_MADE : WORD_REPORT_MADE, &p);
    buf_text(c->s.to, "</footer>\n");
}

static void
put_head(struct cutoff_sheet *c)
{
    AUTO_PLACES(p);

    put_title(&p.text, c->page);
    sheet_next(&p);
    buf_text(c->s.to, "<!doctype html>\n<html lang=");
    buf_text(c->s.to, language_name(c->s.language));
    buf_text(c->s.to, ">\n<meta charset=utf-8>\n<meta name=viewport "
                      "content=\"width=device-width\">\n<title>");
    sheet_say_with(&c->s, WORD_CUTOFF_TITLE, &p);
    buf_printf(c->s.to,
               "</title>\n<style>%s%sfigure{margin:.5rem 0;overflow-x:auto}figure "
               "svg{max-width:100%%;height:auto}@media print{h2,figure{break-inside:avoid;"
               "break-after:avoid}}</style>\n<main>\n<h1>",
               sheet_style, cutoff_style);
    sheet_say_with(&c->s, WORD_CUTOFF_TITLE, &p);
    buf_text(c->s.to, "</h1>\n");
}

int
cutoff_html(const struct cutoff_page *page, enum language l, struct buf *to)
{
    struct cutoff_sheet c = {{to, l}, page};

    put_head(&c);
    put_headline(&c);
    put_about(&c);
    put_reach(&c);
    put_islands(&c);
    if (cutoff_has(page, PICTURE_WORLD))
        put_world(&c);
    put_failures(&c);
    put_links(&c);
    put_stranded(&c);
    if (cutoff_has(page, PICTURE_BREAKS))
        put_breaks(&c);
    if (cutoff_has(page, PICTURE_MOVES))
        put_moves(&c);
    put_sources(&c);
    put_made(&c);
    buf_text(to, "</main>\n");
    return buf_error(to);
}
