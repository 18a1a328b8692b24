/* The report as one page: to be read, printed and filed.  Every text comes through put_text(),
 * which escapes: titles, names and references are somebody else's. */
#include <stdio.h>

#include "role/report.h"
#include "wire/jcs.h"

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

static void
begin_table(struct buf *b, const char *const *heads, unsigned count)
{
    buf_text(b, "<div class=wide><table><thead><tr>");
    for (unsigned i = 0; i < count; i++)
        buf_printf(b, "<th scope=col>%s", heads[i]);
    buf_text(b, "<tbody>\n");
}

static void
end_table(struct buf *b)
{
    buf_text(b, "</table></div>\n");
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
put_word(struct buf *b, struct slice reading)
{
    struct slice word = plain_of(reading, "word");

    buf_text(b, "<td>");
    buf_text(b, sign_of(word));
    put_escaped(b, word);
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
put_sight(struct buf *b, struct slice row)
{
    struct slice own = member(row, "period");
    struct slice known = member(own, "known");
    bool is_known = false;

    if (known.len > 0 && jcs_bool(known, &is_known) < 0)
        is_known = false;
    buf_text(b, "<td class=n>\xe2\x89\xa4 ");
    verdicts_put_percent(b, number_of(member(row, "joint"), "at_most_ppm"), false);
    buf_text(b, "<td class=n>");
    if (is_known)
        verdicts_put_percent(b, number_of(own, "coverage_ppm"), false);
    buf_text(b, "<td class=n>");
    if (is_known && number_of(own, "canaries") > 0) {
        buf_text(b, "\xe2\x89\xa5 ");
        verdicts_put_percent(b, number_of(own, "recall_ppm"), true);
        buf_printf(b, " (%lld of %lld)", (long long)number_of(own, "found"),
                   (long long)number_of(own, "canaries"));
    }
}

static void
put_row(struct buf *b, struct slice pact, struct slice pair, struct slice row)
{
    static const char *const counts[] = {"incidents", "open", "overdue", "late"};
    struct slice joint = member(row, "joint");

    buf_text(b, differs(row) ? "<tr class=differ><th scope=row>" : "<tr><th scope=row>");
    put_text(b, member(row, "obligation"));
    put_word(b, joint);
    put_word(b, said_by(pact, row, plain_of(pair, "bound")));
    put_word(b, said_by(pact, row, plain_of(pair, "toward")));
    put_sight(b, row);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        buf_printf(b, "<td class=n>%lld", (long long)number_of(joint, counts[i]));
    buf_char(b, '\n');
}

/* ---- a direction ------------------------------------------------------------------------- */

static void
put_times(struct buf *b, struct slice pair)
{
    static const char *const done[][2] = {
        {"acknowledge", "Acknowledged"}, {"answer", "Answered"}, {"act", "Acted upon"}};

    for (size_t i = 0; i < 3; i++) {
        struct slice t = member(member(pair, "took"), done[i][0]);

        if (number_of(t, "count") == 0)
            continue;
        buf_printf(b, " %s: %lld, in ", done[i][1], (long long)number_of(t, "count"));
        verdicts_put_span(b, number_of(t, "median_s"));
        buf_text(b, " (median), ");
        verdicts_put_span(b, number_of(t, "p90_s"));
        buf_text(b, " (9 of 10).");
    }
}

static void
put_pair(struct buf *b, struct slice pact, struct slice pair)
{
    struct jcs_iter it = jcs_iter(member(pair, "obligations"));
    int64_t notices = number_of(pair, "notices");
    struct slice row;

    buf_text(b, "<h2>What ");
    put_text(b, member(pair, "bound"));
    buf_text(b, " owes ");
    put_text(b, member(pair, "toward"));
    buf_printf(b, "</h2>\n<p>Notices: %lld, of which %lld withdrawn and %lld accepted as false",
               (long long)notices, (long long)number_of(pair, "withdrawn"),
               (long long)number_of(pair, "false_positives"));
    if (notices > 0) {
        buf_text(b, "; precision ");
        verdicts_put_percent(b, 1000000 - number_of(pair, "wrong_ppm"), false);
    }
    buf_char(b, '.');
    put_times(b, pair);
    buf_text(b,
             "\n<div class=wide><table><thead><tr><th scope=col>obligation<th scope=col>from "
             "both logs<th scope=col>as ");
    put_text(b, member(pair, "bound"));
    buf_text(b, " says<th scope=col>as ");
    put_text(b, member(pair, "toward"));
    buf_text(b,
             " says<th class=n scope=col>heartbeats<th class=n scope=col>coverage<th class=n "
             "scope=col>recall<th class=n scope=col>incidents<th class=n scope=col>open<th "
             "class=n scope=col>overdue<th class=n scope=col>late<tbody>\n");
    while (jcs_item(&it, &row))
        put_row(b, pact, pair, row);
    end_table(b);
}

/* ---- where they differ ------------------------------------------------------------------- */

static unsigned
put_differences(struct buf *b, struct slice pact, struct slice pair)
{
    struct jcs_iter it = jcs_iter(member(pair, "obligations"));
    unsigned n = 0;
    struct slice row;

    while (jcs_item(&it, &row)) {
        if (!differs(row))
            continue;
        n++;
        buf_text(b, "<li>");
        put_text(b, member(row, "obligation"));
        buf_text(b, ", what ");
        put_text(b, member(pair, "bound"));
        buf_text(b, " owes ");
        put_text(b, member(pair, "toward"));
        buf_text(b, ": by the log of ");
        put_text(b, member(pact, "self"));
        buf_text(b, " <q>");
        put_escaped(b, plain_of(member(row, "period"), "word"));
        buf_text(b, "</q>, by the other's <q>");
        put_escaped(b, plain_of(member(row, "theirs"), "word"));
        buf_text(b, "</q>\n");
    }
    return n;
}

static void
put_all_differences(struct buf *b, struct slice pact)
{
    struct jcs_iter it = jcs_iter(member(pact, "pairs"));
    struct slice pair;
    unsigned n = 0;

    buf_text(b, "<h2>Where both sides differ</h2>\n<ul>\n");
    while (jcs_item(&it, &pair))
        n += put_differences(b, pact, pair);
    buf_text(b, n == 0 ? "<li>Nowhere.\n" : "");
    buf_text(b, "</ul>\n");
}

/* ---- incidents --------------------------------------------------------------------------- */

static void
put_late(struct buf *b, struct slice incident)
{
    static const char *const lists[] = {"overdue", "late", "overdue_notifier", "late_notifier"};

    buf_text(b, "<td>");
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct slice list = member(incident, lists[i]);
        struct jcs_iter it = jcs_iter(list);
        struct slice item;

        while (list.len > 0 && jcs_item(&it, &item)) {
            put_text(b, item);
            buf_text(b, i % 2 == 0 ? " overdue<br>" : " late<br>");
        }
    }
}

static void
put_incident(struct buf *b, struct slice incident)
{
    static const char *const times[] = {"notice", "receipt", "ack", "answer", "action"};
    struct slice said = member(incident, "said");
    struct slice result = plain_of(incident, "result");

    buf_text(b, "<tr><th scope=row>");
    put_text(b, member(incident, "incident"));
    buf_text(b, "<td>");
    put_text(b, member(incident, "class"));
    buf_text(b, "<br>");
    put_text(b, member(incident, "severity"));
    buf_text(b, "<td>");
    put_text(b, member(incident, "origin"));
    buf_text(b, "<td>");
    put_escaped(b, plain_of(incident, "state"));
    buf_text(b, result.len > 0 ? "<br>" : "");
    put_escaped(b, result);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        buf_text(b, "<td class=t>");
        put_time(b, plain_of(said, times[i]));
        buf_text(b, i < 3 ? "" : "<br>");
        put_escaped(b, plain_of(incident, i == 3 ? "finding" : i == 4 ? "action" : ""));
    }
    buf_text(b, "<td class=t>");
    put_time(b, plain_of(incident, "closed"));
    put_late(b, incident);
    buf_char(b, '\n');
}

static void
put_incidents(struct buf *b, struct slice pact)
{
    static const char *const heads[] = {
        "incident",     "class, severity", "origin",     "state",  "noticed",    "received",
        "acknowledged", "answered",        "acted upon", "closed", "not in time"};
    struct jcs_iter it = jcs_iter(member(pact, "incidents"));
    int64_t all = number_of(pact, "incident_count");
    struct slice incident;

    buf_printf(b, "<h2>Incidents</h2>\n<p>%lld that both logs hold", (long long)all);
    if (all > REPORT_INCIDENTS)
        buf_printf(b, ", of which the newest %d are listed", REPORT_INCIDENTS);
    buf_text(b, ". All times are UTC.\n");
    if (all == 0)
        return;
    begin_table(b, heads, sizeof heads / sizeof heads[0]);
    while (jcs_item(&it, &incident))
        put_incident(b, incident);
    end_table(b);
}

/* ---- all of it --------------------------------------------------------------------------- */

static void
put_days(struct buf *b, struct slice pact)
{
    struct jcs_iter it = jcs_iter(member(pact, "days"));
    struct slice day;

    buf_text(b, "<h2>Coverage by day, of ");
    put_text(b, member(pact, "self"));
    buf_text(b, "</h2>\n<p>");
    while (jcs_item(&it, &day)) {
        struct jcs_iter pair = jcs_iter(day);
        struct slice value;
        int64_t ppm = 0;

        if (!jcs_item(&pair, &value))
            continue;
        put_text(b, value);
        if (!jcs_item(&pair, &value) || jcs_int(value, &ppm) < 0)
            ppm = 0;
        buf_text(b, "&nbsp;");
        verdicts_put_percent(b, ppm, false);
        buf_text(b, " &nbsp; ");
    }
    buf_char(b, '\n');
}

static void
put_signatures(struct buf *b, struct slice pact)
{
    struct jcs_iter it = jcs_iter(member(pact, "parties"));
    struct slice party;

    buf_text(b, "<div class=sign>");
    while (jcs_item(&it, &party)) {
        buf_text(b, "<div>For ");
        put_text(b, party);
        buf_text(b, "</div>");
    }
    buf_text(b, "</div>\n");
}

static void
put_pact(struct buf *b, struct slice pact)
{
    struct jcs_iter it = jcs_iter(member(pact, "pairs"));
    struct slice pair;

    buf_text(b, "<section>\n<h1>Joint report: ");
    put_text(b, member(pact, "title"));
    buf_text(b, "</h1>\n<p>Pact ");
    put_text(b, member(pact, "pact"));
    buf_text(b, ", from ");
    put_time(b, plain_of(pact, "from"));
    buf_text(b, " until ");
    put_time(b, plain_of(pact, "until"));
    buf_text(b, " UTC, by the node of ");
    put_text(b, member(pact, "self"));
    buf_text(
        b,
        ".\n<p class=note>What stands under \xe2\x80\x9c"
        "from both logs\xe2\x80\x9d, incidents, "
        "times and precision are the same from either node while both are in contact. What a "
        "party says beside that rests on its own sensors too. An incident says where packets "
        "came from, not who sent them.\n");
    while (jcs_item(&it, &pair))
        put_pair(b, pact, pair);
    put_all_differences(b, pact);
    put_incidents(b, pact);
    put_days(b, pact);
    put_signatures(b, pact);
    buf_text(b, "</section>\n");
}

int
report_html(struct slice json, struct buf *ret)
{
    struct jcs_iter it = jcs_iter(member(json, "pacts"));
    struct slice pact;
    unsigned n = 0;

    buf_text(ret, "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<meta name=viewport "
                  "content=\"width=device-width\">\n<title>Joint report</title>\n<style>");
    buf_text(ret, style);
    buf_text(ret, "</style>\n<main>\n");
    while (jcs_item(&it, &pact)) {
        put_pact(ret, pact);
        n++;
    }
    if (n == 0)
        buf_text(ret, "<h1>Joint report</h1>\n<p>This node is a party of no pact.\n");
    buf_text(ret, "<footer><p class=note>Made ");
    put_time(ret, plain_of(json, "at"));
    buf_text(ret, " UTC.</footer>\n</main>\n");
    return buf_error(ret);
}
