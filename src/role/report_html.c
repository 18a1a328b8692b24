/* The report as one page: to be read, printed and filed.  Every text comes through put_text(),
 * which escapes: titles, names and references are somebody else's.  Its own words are those of
 * words/report.def. */
#include <stdio.h>

#include "role/report.h"
#include "wire/jcs.h"
#include "words/words.h"

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{text-align:start;vertical-align:top;padding:.25rem .6rem .25rem 0;"
    "border-bottom:1px solid #8886}"
    "th{font-weight:600}td.n,th.n{text-align:end;font-variant-numeric:tabular-nums}"
    "td.t,td.n{white-space:nowrap}td.t{font-variant-numeric:tabular-nums}"
    ".wide{overflow-x:auto}.differ{background:#fa02}.note{opacity:.8;max-width:60rem}"
    ".sign{display:flex;gap:3rem;margin-top:4rem}.sign div{flex:1;border-top:1px "
    "solid;padding-top:.3rem}"
    "@media print{body{margin:0;max-width:none;font-size:10px}tr,.sign{break-inside:avoid}"
    "thead{display:table-header-group}}";

struct sheet {
    struct buf *to;
    enum language language;
};

/* ---- values ------------------------------------------------------------------------------ */

static struct slice
member(struct slice object, const char *name)
{
    struct slice value;

    return object.len > 0 && jcs_find(object, name, &value) ? value : (struct slice){0};
}

static int64_t
number_of(struct slice object, const char *name)
{
    struct slice value = member(object, name);
    int64_t n = 0;

    return value.len == 0 || jcs_int(value, &n) < 0 ? 0 : n;
}

/* One that has no escapes, as words and names do; else "". */
static struct slice
plain_of(struct slice object, const char *name)
{
    struct slice value = member(object, name);
    struct slice text = {"", 0};

    if (value.len > 0 && jcs_plain(value, &text) < 0)
        text = (struct slice){"", 0};
    return text;
}

static void
put_escaped(struct buf *b, struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        switch (s.ptr[i]) {
        case '<': buf_text(b, "&lt;"); break;
        case '>': buf_text(b, "&gt;"); break;
        case '&': buf_text(b, "&amp;"); break;
        case '"': buf_text(b, "&quot;"); break;
        case '\'': buf_text(b, "&#39;"); break;
        default: buf_char(b, s.ptr[i]);
        }
    }
}

/* A JSON string, whatever is in it; isolated, since it may be written from right to left. */
static void
put_text(struct buf *b, struct slice value)
{
    AUTO_BUF(text, 1 << 20);

    if (value.len == 0 || jcs_kind(value) != JCS_STRING || jcs_string(value, &text) < 0)
        return;
    buf_text(b, "<bdi>");
    put_escaped(b, buf_get(&text));
    buf_text(b, "</bdi>");
}

static void
put_named(struct buf *b, enum language l, const char *of, struct slice value)
{
    enum word w = word_find(of, value);

    if (w == WORD_NONE)
        put_escaped(b, value);
    else
        buf_text(b, word(l, w));
}

/* A time to the second, in UTC. */
static void
put_time(struct buf *b, struct slice text)
{
    if (text.len < 19)
        return;
    put_escaped(b, slice_sub(text, 0, 10));
    buf_char(b, ' ');
    put_escaped(b, slice_sub(text, 11, 8));
}

/* What is put into a sentence: HTML, in a room of its own. */
enum { PLACES = WORD_ARGS, PLACE = 1 << 16 };
struct places {
    struct buf text;
    size_t end[PLACES];
    unsigned count;
};

static void
places_end(struct places *p)
{
    buf_release(&p->text);
}

#define AUTO_PLACES(name) \
    __attribute__((cleanup(places_end))) struct places name = {.text = {.max = PLACE}}

/* What was written into its room since the last is the next argument. */
static void
next(struct places *p)
{
    if (p->count < PLACES)
        p->end[p->count++] = p->text.len;
}

static void
add_text(struct places *p, struct slice value)
{
    put_text(&p->text, value);
    next(p);
}

static void
add_number(struct places *p, int64_t n)
{
    buf_i64(&p->text, n);
    next(p);
}

static void
add_span(struct places *p, const struct sheet *s, int64_t seconds)
{
    verdicts_put_span(&p->text, s->language, seconds);
    next(p);
}

/* A value that has a name here, or is put as it is. */
static void
add_named(struct places *p, const struct sheet *s, const char *of, struct slice value)
{
    put_named(&p->text, s->language, of, value);
    next(p);
}

static void
say_with(struct sheet *s, enum word w, const struct places *p)
{
    struct slice args[PLACES];

    for (unsigned i = 0; i < p->count; i++) {
        size_t start = i == 0 ? 0 : p->end[i - 1];

        args[i] = slice_sub(buf_get(&p->text), start, p->end[i] - start);
    }
    if (buf_error(&p->text) == 0)
        word_put(s->to, s->language, w, args, p->count);
}

static void
say(struct sheet *s, enum word w)
{
    buf_text(s->to, word(s->language, w));
}

static void
say_text(struct sheet *s, enum word w, struct slice value)
{
    AUTO_PLACES(p);

    add_text(&p, value);
    say_with(s, w, &p);
}

/* ---- tables ------------------------------------------------------------------------------ */

static void
begin_table(struct sheet *s)
{
    buf_text(s->to, "<div class=wide><table><thead><tr>");
}

static void
head(struct sheet *s, enum word w, bool number)
{
    buf_text(s->to, number ? "<th class=n scope=col>" : "<th scope=col>");
    say(s, w);
}

static void
end_table(struct sheet *s)
{
    buf_text(s->to, "</table></div>\n");
}

/* ---- words ------------------------------------------------------------------------------- */

static const char *
sign_of(struct slice word)
{
    if (slice_is(word, "compliant"))
        return "\xe2\x9c\x93 "; /* check mark */
    if (slice_is(word, "open incidents") || slice_is(word, "disputed"))
        return "\xe2\x97\x90 "; /* half circle */
    if (slice_is(word, "not answered in time"))
        return "\xe2\x9c\x95 "; /* cross */
    return slice_is(word, "self-reported") || slice_is(word, "not applicable") ? "" : "? ";
}

static void
put_word(struct sheet *s, struct slice reading)
{
    struct slice w = plain_of(reading, "word");

    buf_text(s->to, "<td>");
    buf_text(s->to, sign_of(w));
    put_named(s->to, s->language, "verdict", w);
}

/* What that party says: this node's own verdict, or the other's as its log tells. */
static struct slice
said_by(struct slice pact, struct slice row, struct slice party)
{
    return member(row, slice_eq(party, plain_of(pact, "self")) ? "period" : "theirs");
}

static bool
differs(struct slice row)
{
    return !slice_eq(plain_of(member(row, "period"), "word"),
                     plain_of(member(row, "theirs"), "word"));
}

static void
put_sight(struct sheet *s, struct slice row)
{
    struct slice own = member(row, "period");
    struct slice known = member(own, "known");
    bool is_known = false;

    if (known.len > 0 && jcs_bool(known, &is_known) < 0)
        is_known = false;
    buf_text(s->to, "<td class=n>\xe2\x89\xa4 ");
    verdicts_put_percent(s->to, number_of(member(row, "joint"), "at_most_ppm"), false);
    buf_text(s->to, "<td class=n>");
    if (is_known)
        verdicts_put_percent(s->to, number_of(own, "coverage_ppm"), false);
    buf_text(s->to, "<td class=n>");
    if (is_known && number_of(own, "canaries") > 0) {
        AUTO_PLACES(p);

        buf_text(s->to, "\xe2\x89\xa5 ");
        verdicts_put_percent(s->to, number_of(own, "recall_ppm"), true);
        add_number(&p, number_of(own, "found"));
        add_number(&p, number_of(own, "canaries"));
        buf_text(s->to, " (");
        say_with(s, WORD_REPORT_OF, &p);
        buf_char(s->to, ')');
    }
}

static void
put_row(struct sheet *s, struct slice pact, struct slice pair, struct slice row)
{
    static const char *const counts[] = {"incidents", "open", "overdue", "late"};
    struct slice joint = member(row, "joint");

    buf_text(s->to, differs(row) ? "<tr class=differ><th scope=row>" : "<tr><th scope=row>");
    put_text(s->to, member(row, "obligation"));
    put_word(s, joint);
    put_word(s, said_by(pact, row, plain_of(pair, "bound")));
    put_word(s, said_by(pact, row, plain_of(pair, "toward")));
    put_sight(s, row);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        buf_printf(s->to, "<td class=n>%lld", (long long)number_of(joint, counts[i]));
    buf_char(s->to, '\n');
}

/* ---- a direction ------------------------------------------------------------------------- */

static void
put_times(struct sheet *s, struct slice pair)
{
    static const struct {
        const char *name;
        enum word w;
    } done[] = {{"acknowledge", WORD_REPORT_TOOK_ACKNOWLEDGE},
                {"answer", WORD_REPORT_TOOK_ANSWER},
                {"act", WORD_REPORT_TOOK_ACT}};

    for (size_t i = 0; i < sizeof done / sizeof done[0]; i++) {
        struct slice t = member(member(pair, "took"), done[i].name);
        AUTO_PLACES(p);

        if (number_of(t, "count") == 0)
            continue;
        add_number(&p, number_of(t, "count"));
        add_span(&p, s, number_of(t, "median_s"));
        add_span(&p, s, number_of(t, "p90_s"));
        buf_char(s->to, ' ');
        say_with(s, done[i].w, &p);
    }
}

static void
put_notices(struct sheet *s, struct slice pair)
{
    int64_t notices = number_of(pair, "notices");
    AUTO_PLACES(counts);
    AUTO_PLACES(precision);

    add_number(&counts, notices);
    add_number(&counts, number_of(pair, "withdrawn"));
    add_number(&counts, number_of(pair, "false_positives"));
    say_with(s, WORD_REPORT_NOTICES, &counts);
    if (notices == 0)
        return;
    verdicts_put_percent(&precision.text, 1000000 - number_of(pair, "wrong_ppm"), false);
    next(&precision);
    buf_char(s->to, ' ');
    say_with(s, WORD_REPORT_PRECISION, &precision);
}

static void
put_pair_heads(struct sheet *s, struct slice pair)
{
    static const enum word numbers[] = {
        WORD_REPORT_HEARTBEATS, WORD_REPORT_COVERAGE, WORD_REPORT_RECALL, WORD_REPORT_INCIDENTS,
        WORD_REPORT_OPEN,       WORD_REPORT_OVERDUE,  WORD_REPORT_LATE};

    begin_table(s);
    head(s, WORD_REPORT_OBLIGATION, false);
    head(s, WORD_REPORT_JOINT, false);
    buf_text(s->to, "<th scope=col>");
    say_text(s, WORD_REPORT_SAYS, member(pair, "bound"));
    buf_text(s->to, "<th scope=col>");
    say_text(s, WORD_REPORT_SAYS, member(pair, "toward"));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        head(s, numbers[i], true);
    buf_text(s->to, "<tbody>\n");
}

static void
put_pair(struct sheet *s, struct slice pact, struct slice pair)
{
    struct jcs_iter it = jcs_iter(member(pair, "obligations"));
    AUTO_PLACES(who);
    struct slice row;

    add_text(&who, member(pair, "bound"));
    add_text(&who, member(pair, "toward"));
    buf_text(s->to, "<h2>");
    say_with(s, WORD_REPORT_OWES, &who);
    buf_text(s->to, "</h2>\n<p>");
    put_notices(s, pair);
    put_times(s, pair);
    buf_char(s->to, '\n');
    put_pair_heads(s, pair);
    while (jcs_item(&it, &row))
        put_row(s, pact, pair, row);
    end_table(s);
}

/* ---- where they differ ------------------------------------------------------------------- */

static unsigned
put_differences(struct sheet *s, struct slice pact, struct slice pair)
{
    struct jcs_iter it = jcs_iter(member(pair, "obligations"));
    unsigned n = 0;
    struct slice row;

    while (jcs_item(&it, &row)) {
        AUTO_PLACES(p);

        if (!differs(row))
            continue;
        n++;
        add_text(&p, member(row, "obligation"));
        add_text(&p, member(pair, "bound"));
        add_text(&p, member(pair, "toward"));
        add_text(&p, member(pact, "self"));
        add_named(&p, s, "verdict", plain_of(member(row, "period"), "word"));
        add_named(&p, s, "verdict", plain_of(member(row, "theirs"), "word"));
        buf_text(s->to, "<li>");
        say_with(s, WORD_REPORT_DIFFERENCE, &p);
        buf_char(s->to, '\n');
    }
    return n;
}

static void
put_all_differences(struct sheet *s, struct slice pact)
{
    struct jcs_iter it = jcs_iter(member(pact, "pairs"));
    struct slice pair;
    unsigned n = 0;

    buf_text(s->to, "<h2>");
    say(s, WORD_REPORT_DIFFER);
    buf_text(s->to, "</h2>\n<ul>\n");
    while (jcs_item(&it, &pair))
        n += put_differences(s, pact, pair);
    if (n == 0) {
        buf_text(s->to, "<li>");
        say(s, WORD_REPORT_NOWHERE);
        buf_char(s->to, '\n');
    }
    buf_text(s->to, "</ul>\n");
}

/* ---- incidents --------------------------------------------------------------------------- */

static void
put_late(struct sheet *s, struct slice incident)
{
    static const char *const lists[] = {"overdue", "late", "overdue_notifier", "late_notifier"};

    buf_text(s->to, "<td>");
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct slice list = member(incident, lists[i]);
        struct jcs_iter it = jcs_iter(list);
        struct slice item;

        while (list.len > 0 && jcs_item(&it, &item)) {
            struct slice name = {"", 0};
            AUTO_PLACES(p);

            if (jcs_plain(item, &name) < 0)
                name = (struct slice){"", 0};
            add_named(&p, s, "due", name);
            say_with(s, i % 2 == 0 ? WORD_REPORT_IS_OVERDUE : WORD_REPORT_WAS_LATE, &p);
            buf_text(s->to, "<br>");
        }
    }
}

static void
put_incident(struct sheet *s, struct slice incident)
{
    static const char *const times[] = {"notice", "receipt", "ack", "answer", "action"};
    struct slice said = member(incident, "said");
    struct slice result = plain_of(incident, "result");

    buf_text(s->to, "<tr><th scope=row>");
    put_text(s->to, member(incident, "incident"));
    buf_text(s->to, "<td>");
    put_text(s->to, member(incident, "class"));
    buf_text(s->to, "<br>");
    put_text(s->to, member(incident, "severity"));
    buf_text(s->to, "<td>");
    put_text(s->to, member(incident, "origin"));
    buf_text(s->to, "<td>");
    put_named(s->to, s->language, "state", plain_of(incident, "state"));
    buf_text(s->to, result.len > 0 ? "<br>" : "");
    put_named(s->to, s->language, "result", result);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        buf_text(s->to, "<td class=t>");
        put_time(s->to, plain_of(said, times[i]));
        buf_text(s->to, i < 3 ? "" : "<br>");
        if (i == 3)
            put_named(s->to, s->language, "finding", plain_of(incident, "finding"));
        if (i == 4)
            put_named(s->to, s->language, "action", plain_of(incident, "action"));
    }
    buf_text(s->to, "<td class=t>");
    put_time(s->to, plain_of(incident, "closed"));
    put_late(s, incident);
    buf_char(s->to, '\n');
}

static void
put_incidents(struct sheet *s, struct slice pact)
{
    static const enum word heads[] = {
        WORD_REPORT_INCIDENT,     WORD_REPORT_CLASS,      WORD_REPORT_ORIGIN,
        WORD_REPORT_STATE,        WORD_REPORT_NOTICED,    WORD_REPORT_RECEIVED,
        WORD_REPORT_ACKNOWLEDGED, WORD_REPORT_ANSWERED,   WORD_REPORT_ACTED,
        WORD_REPORT_CLOSED,       WORD_REPORT_NOT_IN_TIME};
    struct jcs_iter it = jcs_iter(member(pact, "incidents"));
    int64_t all = number_of(pact, "incident_count");
    AUTO_PLACES(p);
    struct slice incident;

    buf_text(s->to, "<h2>");
    say(s, WORD_REPORT_ALL_INCIDENTS);
    buf_text(s->to, "</h2>\n<p>");
    add_number(&p, all);
    add_number(&p, REPORT_INCIDENTS);
    say_with(s, all > REPORT_INCIDENTS ? WORD_REPORT_HELD_SOME : WORD_REPORT_HELD, &p);
    buf_char(s->to, '\n');
    if (all == 0)
        return;
    begin_table(s);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        head(s, heads[i], false);
    buf_text(s->to, "<tbody>\n");
    while (jcs_item(&it, &incident))
        put_incident(s, incident);
    end_table(s);
}

/* ---- all of it --------------------------------------------------------------------------- */

static void
put_days(struct sheet *s, struct slice pact)
{
    struct jcs_iter it = jcs_iter(member(pact, "days"));
    struct slice day;

    buf_text(s->to, "<h2>");
    say_text(s, WORD_REPORT_DAYS, member(pact, "self"));
    buf_text(s->to, "</h2>\n<p>");
    while (jcs_item(&it, &day)) {
        struct jcs_iter pair = jcs_iter(day);
        struct slice value;
        int64_t ppm = 0;

        if (!jcs_item(&pair, &value))
            continue;
        put_text(s->to, value);
        if (!jcs_item(&pair, &value) || jcs_int(value, &ppm) < 0)
            ppm = 0;
        buf_text(s->to, "&nbsp;");
        verdicts_put_percent(s->to, ppm, false);
        buf_text(s->to, " &nbsp; ");
    }
    buf_char(s->to, '\n');
}

static void
put_signatures(struct sheet *s, struct slice pact)
{
    struct jcs_iter it = jcs_iter(member(pact, "parties"));
    struct slice party;

    buf_text(s->to, "<div class=sign>");
    while (jcs_item(&it, &party)) {
        buf_text(s->to, "<div>");
        say_text(s, WORD_REPORT_FOR, party);
        buf_text(s->to, "</div>");
    }
    buf_text(s->to, "</div>\n");
}

static void
put_pact(struct sheet *s, struct slice pact)
{
    struct jcs_iter it = jcs_iter(member(pact, "pairs"));
    AUTO_PLACES(about);
    struct slice pair;

    buf_text(s->to, "<section>\n<h1>");
    say_text(s, WORD_REPORT_TITLE, member(pact, "title"));
    buf_text(s->to, "</h1>\n<p>");
    add_text(&about, member(pact, "pact"));
    put_time(&about.text, plain_of(pact, "from"));
    next(&about);
    put_time(&about.text, plain_of(pact, "until"));
    next(&about);
    add_text(&about, member(pact, "self"));
    say_with(s, WORD_REPORT_ABOUT, &about);
    buf_text(s->to, "\n<p class=note>");
    say(s, WORD_REPORT_NOTE);
    buf_char(s->to, '\n');
    while (jcs_item(&it, &pair))
        put_pair(s, pact, pair);
    put_all_differences(s, pact);
    put_incidents(s, pact);
    put_days(s, pact);
    put_signatures(s, pact);
    buf_text(s->to, "</section>\n");
}

int
report_html(struct slice json, enum language language, struct buf *ret)
{
    struct jcs_iter it = jcs_iter(member(json, "pacts"));
    struct sheet s = {.to = ret, .language = language};
    AUTO_PLACES(made);
    struct slice pact;
    unsigned n = 0;

    buf_text(ret, "<!doctype html>\n<html lang=");
    buf_text(ret, language_name(language));
    buf_text(ret, ">\n<meta charset=utf-8>\n<meta name=viewport "
                  "content=\"width=device-width\">\n<title>");
    say(&s, WORD_REPORT_NAME);
    buf_text(ret, "</title>\n<style>");
    buf_text(ret, style);
    buf_text(ret, "</style>\n<main>\n");
    while (jcs_item(&it, &pact)) {
        put_pact(&s, pact);
        n++;
    }
    if (n == 0) {
        buf_text(ret, "<h1>");
        say(&s, WORD_REPORT_NAME);
        buf_text(ret, "</h1>\n<p>");
        say(&s, WORD_REPORT_NONE);
        buf_char(ret, '\n');
    }
    put_time(&made.text, plain_of(json, "at"));
    next(&made);
    buf_text(ret, "<footer><p class=note>");
    say_with(&s, WORD_REPORT_MADE, &made);
    buf_text(ret, "</footer>\n</main>\n");
    return buf_error(ret);
}
