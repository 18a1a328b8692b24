/* The report as one page: to be read, printed and filed.  Its own words are those of
 * words/report.def. */
#include "role/report.h"
#include "role/sheet.h"
#include "wire/jcs.h"
#include "words/words.h"

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
    struct slice w = sheet_plain(reading, "word");

    buf_text(s->to, "<td>");
    buf_text(s->to, sign_of(w));
    sheet_named(s->to, s->language, "verdict", w);
}

/* What that party says: this node's own verdict, or the other's as its log tells. */
static struct slice
said_by(struct slice pact, struct slice row, struct slice party)
{
    return sheet_member(row, slice_eq(party, sheet_plain(pact, "self")) ? "period" : "theirs");
}

static bool
differs(struct slice row)
{
    return !slice_eq(sheet_plain(sheet_member(row, "period"), "word"),
                     sheet_plain(sheet_member(row, "theirs"), "word"));
}

static void
put_sight(struct sheet *s, struct slice row)
{
    struct slice own = sheet_member(row, "period");
    struct slice known = sheet_member(own, "known");
    bool is_known = false;

    if (known.len > 0 && jcs_bool(known, &is_known) < 0)
        is_known = false;
    buf_text(s->to, "<td class=n>\xe2\x89\xa4 ");
    verdicts_put_percent(s->to, sheet_number(sheet_member(row, "joint"), "at_most_ppm"), false);
    buf_text(s->to, "<td class=n>");
    if (is_known)
        verdicts_put_percent(s->to, sheet_number(own, "coverage_ppm"), false);
    buf_text(s->to, "<td class=n>");
    if (is_known && sheet_number(own, "canaries") > 0) {
        AUTO_PLACES(p);

        buf_text(s->to, "\xe2\x89\xa5 ");
        verdicts_put_percent(s->to, sheet_number(own, "recall_ppm"), true);
        sheet_add_number(&p, sheet_number(own, "found"));
        sheet_add_number(&p, sheet_number(own, "canaries"));
        buf_text(s->to, " (");
        sheet_say_with(s, WORD_REPORT_OF, &p);
        buf_char(s->to, ')');
    }
}

static void
put_row(struct sheet *s, struct slice pact, struct slice pair, struct slice row)
{
    static const char *const counts[] = {"incidents", "open", "overdue", "late"};
    struct slice joint = sheet_member(row, "joint");

    buf_text(s->to, differs(row) ? "<tr class=differ><th scope=row>" : "<tr><th scope=row>");
    sheet_text(s->to, sheet_member(row, "obligation"));
    put_word(s, joint);
    put_word(s, said_by(pact, row, sheet_plain(pair, "bound")));
    put_word(s, said_by(pact, row, sheet_plain(pair, "toward")));
    put_sight(s, row);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        buf_printf(s->to, "<td class=n>%lld", (long long)sheet_number(joint, counts[i]));
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
        struct slice t = sheet_member(sheet_member(pair, "took"), done[i].name);
        AUTO_PLACES(p);

        if (sheet_number(t, "count") == 0)
            continue;
        sheet_add_number(&p, sheet_number(t, "count"));
        sheet_add_span(&p, s, sheet_number(t, "median_s"));
        sheet_add_span(&p, s, sheet_number(t, "p90_s"));
        buf_char(s->to, ' ');
        sheet_say_with(s, done[i].w, &p);
    }
}

static void
put_notices(struct sheet *s, struct slice pair)
{
    int64_t notices = sheet_number(pair, "notices");
    AUTO_PLACES(counts);
    AUTO_PLACES(precision);

    sheet_add_number(&counts, notices);
    sheet_add_number(&counts, sheet_number(pair, "withdrawn"));
    sheet_add_number(&counts, sheet_number(pair, "false_positives"));
    sheet_say_with(s, WORD_REPORT_NOTICES, &counts);
    if (notices == 0)
        return;
    verdicts_put_percent(&precision.text, 1000000 - sheet_number(pair, "wrong_ppm"), false);
    sheet_next(&precision);
    buf_char(s->to, ' ');
    sheet_say_with(s, WORD_REPORT_PRECISION, &precision);
}

static void
put_pair_heads(struct sheet *s, struct slice pair)
{
    static const enum word numbers[] = {
        WORD_REPORT_HEARTBEATS, WORD_REPORT_COVERAGE, WORD_REPORT_RECALL, WORD_REPORT_INCIDENTS,
        WORD_REPORT_OPEN,       WORD_REPORT_OVERDUE,  WORD_REPORT_LATE};

    sheet_begin_table(s);
    sheet_head(s, WORD_REPORT_OBLIGATION, false);
    sheet_head(s, WORD_REPORT_JOINT, false);
    buf_text(s->to, "<th scope=col>");
    sheet_say_text(s, WORD_REPORT_SAYS, sheet_member(pair, "bound"));
    buf_text(s->to, "<th scope=col>");
    sheet_say_text(s, WORD_REPORT_SAYS, sheet_member(pair, "toward"));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sheet_head(s, numbers[i], true);
    buf_text(s->to, "<tbody>\n");
}

static void
put_pair(struct sheet *s, struct slice pact, struct slice pair)
{
    struct jcs_iter it = jcs_iter(sheet_member(pair, "obligations"));
    AUTO_PLACES(who);
    struct slice row;

    sheet_add_text(&who, sheet_member(pair, "bound"));
    sheet_add_text(&who, sheet_member(pair, "toward"));
    buf_text(s->to, "<h2>");
    sheet_say_with(s, WORD_REPORT_OWES, &who);
    buf_text(s->to, "</h2>\n<p>");
    put_notices(s, pair);
    put_times(s, pair);
    buf_char(s->to, '\n');
    put_pair_heads(s, pair);
    while (jcs_item(&it, &row))
        put_row(s, pact, pair, row);
    sheet_end_table(s);
}

/* ---- where they differ ------------------------------------------------------------------- */

static unsigned
put_differences(struct sheet *s, struct slice pact, struct slice pair)
{
    struct jcs_iter it = jcs_iter(sheet_member(pair, "obligations"));
    unsigned n = 0;
    struct slice row;

    while (jcs_item(&it, &row)) {
        AUTO_PLACES(p);

        if (!differs(row))
            continue;
        n++;
        sheet_add_text(&p, sheet_member(row, "obligation"));
        sheet_add_text(&p, sheet_member(pair, "bound"));
        sheet_add_text(&p, sheet_member(pair, "toward"));
        sheet_add_text(&p, sheet_member(pact, "self"));
        sheet_add_named(&p, s, "verdict", sheet_plain(sheet_member(row, "period"), "word"));
        sheet_add_named(&p, s, "verdict", sheet_plain(sheet_member(row, "theirs"), "word"));
        buf_text(s->to, "<li>");
        sheet_say_with(s, WORD_REPORT_DIFFERENCE, &p);
        buf_char(s->to, '\n');
    }
    return n;
}

static void
put_all_differences(struct sheet *s, struct slice pact)
{
    struct jcs_iter it = jcs_iter(sheet_member(pact, "pairs"));
    struct slice pair;
    unsigned n = 0;

    buf_text(s->to, "<h2>");
    sheet_say(s, WORD_REPORT_DIFFER);
    buf_text(s->to, "</h2>\n<ul>\n");
    while (jcs_item(&it, &pair))
        n += put_differences(s, pact, pair);
    if (n == 0) {
        buf_text(s->to, "<li>");
        sheet_say(s, WORD_REPORT_NOWHERE);
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
        struct slice list = sheet_member(incident, lists[i]);
        struct jcs_iter it = jcs_iter(list);
        struct slice item;

        while (list.len > 0 && jcs_item(&it, &item)) {
            struct slice name = {"", 0};
            AUTO_PLACES(p);

            if (jcs_plain(item, &name) < 0)
                name = (struct slice){"", 0};
            sheet_add_named(&p, s, "due", name);
            sheet_say_with(s, i % 2 == 0 ? WORD_REPORT_IS_OVERDUE : WORD_REPORT_WAS_LATE, &p);
            buf_text(s->to, "<br>");
        }
    }
}

static void
put_incident(struct sheet *s, struct slice incident)
{
    static const char *const times[] = {"notice", "receipt", "ack", "answer", "action"};
    struct slice said = sheet_member(incident, "said");
    struct slice result = sheet_plain(incident, "result");

    buf_text(s->to, "<tr><th scope=row>");
    sheet_text(s->to, sheet_member(incident, "incident"));
    buf_text(s->to, "<td>");
    sheet_text(s->to, sheet_member(incident, "class"));
    buf_text(s->to, "<br>");
    sheet_text(s->to, sheet_member(incident, "severity"));
    buf_text(s->to, "<td>");
    sheet_text(s->to, sheet_member(incident, "origin"));
    buf_text(s->to, "<td>");
    sheet_named(s->to, s->language, "state", sheet_plain(incident, "state"));
    buf_text(s->to, result.len > 0 ? "<br>" : "");
    sheet_named(s->to, s->language, "result", result);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        buf_text(s->to, "<td class=t>");
        sheet_time(s->to, sheet_plain(said, times[i]));
        buf_text(s->to, i < 3 ? "" : "<br>");
        if (i == 3)
            sheet_named(s->to, s->language, "finding", sheet_plain(incident, "finding"));
        if (i == 4)
            sheet_named(s->to, s->language, "action", sheet_plain(incident, "action"));
    }
    buf_text(s->to, "<td class=t>");
    sheet_time(s->to, sheet_plain(incident, "closed"));
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
    struct jcs_iter it = jcs_iter(sheet_member(pact, "incidents"));
    int64_t all = sheet_number(pact, "incident_count");
    AUTO_PLACES(p);
    struct slice incident;

    buf_text(s->to, "<h2>");
    sheet_say(s, WORD_REPORT_ALL_INCIDENTS);
    buf_text(s->to, "</h2>\n<p>");
    sheet_add_number(&p, all);
    sheet_add_number(&p, REPORT_INCIDENTS);
    sheet_say_with(s, all > REPORT_INCIDENTS ? WORD_REPORT_HELD_SOME : WORD_REPORT_HELD, &p);
    buf_char(s->to, '\n');
    if (all == 0)
        return;
    sheet_begin_table(s);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        sheet_head(s, heads[i], false);
    buf_text(s->to, "<tbody>\n");
    while (jcs_item(&it, &incident))
        put_incident(s, incident);
    sheet_end_table(s);
}

/* ---- all of it --------------------------------------------------------------------------- */

static void
put_days(struct sheet *s, struct slice pact)
{
    struct jcs_iter it = jcs_iter(sheet_member(pact, "days"));
    struct slice day;

    buf_text(s->to, "<h2>");
    sheet_say_text(s, WORD_REPORT_DAYS, sheet_member(pact, "self"));
    buf_text(s->to, "</h2>\n<p>");
    while (jcs_item(&it, &day)) {
        struct jcs_iter pair = jcs_iter(day);
        struct slice value;
        int64_t ppm = 0;

        if (!jcs_item(&pair, &value))
            continue;
        sheet_text(s->to, value);
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
    struct jcs_iter it = jcs_iter(sheet_member(pact, "parties"));
    struct slice party;

    buf_text(s->to, "<div class=sign>");
    while (jcs_item(&it, &party)) {
        buf_text(s->to, "<div>");
        sheet_say_text(s, WORD_REPORT_FOR, party);
        buf_text(s->to, "</div>");
    }
    buf_text(s->to, "</div>\n");
}

static void
put_pact(struct sheet *s, struct slice pact)
{
    struct jcs_iter it = jcs_iter(sheet_member(pact, "pairs"));
    AUTO_PLACES(about);
    struct slice pair;

    buf_text(s->to, "<section>\n<h1>");
    sheet_say_text(s, WORD_REPORT_TITLE, sheet_member(pact, "title"));
    buf_text(s->to, "</h1>\n<p>");
    sheet_add_text(&about, sheet_member(pact, "pact"));
    sheet_time(&about.text, sheet_plain(pact, "from"));
    sheet_next(&about);
    sheet_time(&about.text, sheet_plain(pact, "until"));
    sheet_next(&about);
    sheet_add_text(&about, sheet_member(pact, "self"));
    sheet_say_with(s, WORD_REPORT_ABOUT, &about);
    buf_text(s->to, "\n<p class=note>");
    sheet_say(s, WORD_REPORT_NOTE);
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
    struct jcs_iter it = jcs_iter(sheet_member(json, "pacts"));
    struct sheet s = {.to = ret, .language = language};
    AUTO_PLACES(made);
    struct slice pact;
    unsigned n = 0;

    buf_text(ret, "<!doctype html>\n<html lang=");
    buf_text(ret, language_name(language));
    buf_text(ret, ">\n<meta charset=utf-8>\n<meta name=viewport "
                  "content=\"width=device-width\">\n<title>");
    sheet_say(&s, WORD_REPORT_NAME);
    buf_text(ret, "</title>\n<style>");
    buf_text(ret, sheet_style);
    buf_text(ret, "</style>\n<main>\n");
    while (jcs_item(&it, &pact)) {
        put_pact(&s, pact);
        n++;
    }
    if (n == 0) {
        buf_text(ret, "<h1>");
        sheet_say(&s, WORD_REPORT_NAME);
        buf_text(ret, "</h1>\n<p>");
        sheet_say(&s, WORD_REPORT_NONE);
        buf_char(ret, '\n');
    }
    sheet_time(&made.text, sheet_plain(json, "at"));
    sheet_next(&made);
    buf_text(ret, "<footer><p class=note>");
    sheet_say_with(&s, WORD_REPORT_MADE, &made);
    buf_text(ret, "</footer>\n</main>\n");
    return buf_error(ret);
}
