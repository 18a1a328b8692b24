/* detente verdict: is the pact kept, and by whom not, with what each word rests on. */
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/verdict_ask.h"
#include "cli/verdict_stix.h"
#include "wire/jcs.h"

static const struct column columns[] = {
    {"bound", false},    {"toward", false}, {"obligation", false}, {"now", false},
    {"period", false},   {"theirs", false}, {"coverage", true},    {"recall", true},
    {"open", true},      {"overdue", true}, {"late", true},        {"next_due", false},
    {"incident", false}, {"pact", false}};
enum { COLUMNS = sizeof columns / sizeof columns[0], MISSED = 1 };

/* ---- values ------------------------------------------------------------------------------ */

static struct slice
member(struct slice object, const char *name)
{
    struct slice value;

    return jcs_find(object, name, &value) ? value : (struct slice){0};
}

static struct slice
text_of(struct slice object, const char *name)
{
    struct slice value = member(object, name);
    struct slice text = {"", 0};

    if (value.len > 0 && jcs_plain(value, &text) < 0)
        text.len = 0;
    return text;
}

static int64_t
number_of(struct slice object, const char *name)
{
    struct slice value = member(object, name);
    int64_t n = 0;

    return value.len == 0 || jcs_int(value, &n) < 0 ? 0 : n;
}

static bool
is_true(struct slice reading, const char *name)
{
    struct slice value = member(reading, name);
    bool yes = false;

    return value.len > 0 && jcs_bool(value, &yes) == 0 && yes;
}

/* ---- rows -------------------------------------------------------------------------------- */

struct print {
    struct output *o; /* NULL: sentences */
    struct buf text;
    uint64_t rows;
    bool missed; /* something was not answered in time */
};

static void
cell_percent(struct output *o, struct slice reading, const char *name, bool nearest)
{
    AUTO_BUF(b, 32);

    if (is_true(reading, "known")) {
        verdicts_put_percent(&b, number_of(reading, name), nearest);
    } else if (strcmp(name, "coverage_ppm") == 0) {
        buf_text(&b, "\xe2\x89\xa4 ");
        verdicts_put_percent(&b, number_of(reading, "at_most_ppm"), nearest);
    }
    output_text(o, buf_get(&b));
}

static void
put_row(struct print *p, struct slice pact, struct slice pair, struct slice row)
{
    struct slice now = member(row, "now");
    struct slice period = member(row, "period");
    struct slice worst = text_of(period, "worst");

    output_text(p->o, text_of(pair, "bound"));
    output_text(p->o, text_of(pair, "toward"));
    output_text(p->o, text_of(row, "obligation"));
    output_text(p->o, text_of(now, "word"));
    output_text(p->o, text_of(period, "word"));
    output_text(p->o, text_of(member(row, "theirs"), "word"));
    cell_percent(p->o, period, "coverage_ppm", false);
    cell_percent(p->o, period, "recall_ppm", true);
    output_i64(p->o, number_of(period, "open"));
    output_i64(p->o, number_of(period, "overdue"));
    output_i64(p->o, number_of(period, "late"));
    output_text(p->o, text_of(period, "next_due"));
    output_text(p->o, worst.len > 0 ? worst : text_of(period, "oldest"));
    output_text(p->o, text_of(pact, "pact"));
    output_end(p->o);
}

/* `1 sensor`, `2 sensors` */
static void
put_count(struct buf *b, int64_t n, const char *what)
{
    buf_printf(b, "%lld %s%s", (long long)n, what, n == 1 ? "" : "s");
}

/* ---- sentences --------------------------------------------------------------------------- */

static void
say_sight(struct buf *b, struct slice r)
{
    if (!is_true(r, "known")) {
        buf_text(b, " The other side's figures are its own; its heartbeats tell of at most ");
        verdicts_put_percent(b, number_of(r, "at_most_ppm"), false);
        buf_text(b, " of space and time.");
        return;
    }
    buf_text(b, " Seen ");
    if (is_true(r, "published")) { /* how many watch they do not say */
        buf_text(b, "as they publish it: ");
    } else {
        buf_text(b, "by ");
        put_count(b, number_of(r, "sensors"), "sensor");
        buf_text(b, " covering ");
    }
    verdicts_put_percent(b, number_of(r, "coverage_ppm"), false);
    buf_printf(b, " of the declared space and time; %lld of ",
               (long long)number_of(r, "found"));
    put_count(b, number_of(r, "canaries"), "test packet");
    buf_text(b, " found");
    if (number_of(r, "canaries") > 0) {
        buf_text(b, " (recall \xe2\x89\xa5 ");
        verdicts_put_percent(b, number_of(r, "recall_ppm"), true);
        buf_text(b, ", 95 % confidence)");
    }
    buf_char(b, '.');
}

static void
say_quiet(struct buf *b, struct slice pair, struct slice r)
{
    struct slice who = text_of(pair, "bound");

    if (number_of(r, "incidents") == 0) {
        buf_printf(b,
                   " No activity above the pact's thresholds was observed from the declared "
                   "space of %.*s.",
                   (int)who.len, who.ptr);
        return;
    }
    buf_text(b, " Nothing is open: ");
    put_count(b, number_of(r, "incidents"), "incident");
    buf_printf(b, " closed, %lld behind a time.", (long long)number_of(r, "late"));
}

static void
say_worst(struct buf *b, struct slice r)
{
    struct slice incident = text_of(r, "worst");
    struct slice item = text_of(r, "item");
    struct slice due = text_of(r, "due");
    struct slice at = text_of(r, "delivered");

    if (incident.len == 0)
        return;
    buf_printf(b, " %.*s: %.*s was due %.*s, over by ", (int)incident.len, incident.ptr,
               (int)item.len, item.ptr, (int)due.len, due.ptr);
    verdicts_put_span(b, LANGUAGE_EN, number_of(r, "over_s"));
    if (at.len > 0)
        buf_printf(b, "; delivered %.*s", (int)at.len, at.ptr);
    if (member(r, "leaf").len > 0)
        buf_printf(b, " (leaf %lld)", (long long)number_of(r, "leaf"));
    buf_char(b, '.');
}

static void
say_open(struct buf *b, struct slice r)
{
    struct slice oldest = text_of(r, "oldest");
    struct slice due = text_of(r, "next_due");

    if (oldest.len == 0)
        return;
    buf_printf(b, " %lld open, the oldest %.*s", (long long)number_of(r, "open"),
               (int)oldest.len, oldest.ptr);
    if (due.len > 0)
        buf_printf(b, "; next deadline %.*s", (int)due.len, due.ptr);
    buf_char(b, '.');
}

static void
say_why(struct buf *b, struct slice why)
{
    if (slice_is(why, "unmeasured"))
        buf_text(b, " Nothing here measures it.");
    if (slice_is(why, "coverage"))
        buf_text(b, " Nothing can be said of the rest.");
    if (slice_is(why, "recall"))
        buf_text(b, " Too few test packets were sent or found to say that what came was seen.");
}

static void
say_reading(struct buf *b, const char *name, struct slice pair, struct slice r)
{
    struct slice word = text_of(r, "word");
    struct slice why = text_of(r, "why");
    struct slice exclusion = text_of(r, "exclusion");
    bool rests_on_sight = !slice_is(why, "unmeasured") && !slice_is(why, "validity") &&
                          !slice_is(why, "exclusion") && !slice_is(word, "self-reported");

    buf_printf(b, "  %-7s %.*s.", name, (int)word.len, word.ptr);
    if (slice_is(word, "compliant"))
        say_quiet(b, pair, r);
    if (exclusion.len > 0)
        buf_printf(b, " Excluded by %.*s.", (int)exclusion.len, exclusion.ptr);
    say_worst(b, r);
    say_open(b, r);
    if (slice_is(word, "suspended: out of contact")) {
        struct slice since = text_of(r, "silent_since");

        buf_printf(b, " Nothing was heard since %.*s.", (int)since.len, since.ptr);
    }
    if (rests_on_sight)
        say_sight(b, r);
    say_why(b, why);
    buf_char(b, '\n');
}

/* Of one's own machines, and for oneself alone. */
static void
say_kev(struct buf *b, struct slice kev)
{
    struct slice day = text_of(kev, "catalogue");

    if (kev.len == 0)
        return;
    buf_text(b, "  own     ");
    buf_printf(b,
               "%lld known exploited vulnerabilities open on %lld of %lld machines, %lld for "
               "over %lld d (KEV of %.*s).\n",
               (long long)number_of(kev, "open"), (long long)number_of(kev, "machines"),
               (long long)number_of(kev, "known"), (long long)number_of(kev, "late"),
               (long long)number_of(kev, "patch_days"), (int)day.len, day.ptr);
}

/* How fast what was seen was told. */
static void
say_told(struct buf *b, struct slice told, int64_t late)
{
    if (told.len == 0)
        return;
    buf_text(b, "  told    ");
    put_count(b, number_of(told, "count"), "notice");
    if (number_of(told, "count") > 0) {
        buf_text(b, ", in ");
        verdicts_put_span(b, LANGUAGE_EN, number_of(told, "median_s"));
        buf_text(b, " (median), ");
        verdicts_put_span(b, LANGUAGE_EN, number_of(told, "p90_s"));
        buf_printf(b, " (9 of 10), %lld late", (long long)late);
    }
    buf_text(b, "; agreed are ");
    verdicts_put_span(b, LANGUAGE_EN, number_of(told, "within_s"));
    buf_text(b, ".\n");
}

static void
say_row(struct print *p, struct slice pair, struct slice row)
{
    struct slice id = text_of(row, "obligation");

    buf_printf(&p->text, "%.*s\n", (int)id.len, id.ptr);
    say_reading(&p->text, "now", pair, member(row, "now"));
    say_reading(&p->text, "period", pair, member(row, "period"));
    say_reading(&p->text, "theirs", pair, member(row, "theirs"));
    say_kev(&p->text, member(row, "kev"));
    say_told(&p->text, member(row, "told"), number_of(member(row, "period"), "late"));
}

static void
say_times(struct buf *b, struct slice pair)
{
    static const char *const done[][2] = {
        {"acknowledge", "acknowledged"}, {"answer", "answered"}, {"act", "acted upon"}};
    struct slice took = member(pair, "took");
    const char *comma = "";

    for (size_t i = 0; i < 3; i++) {
        struct slice t = member(took, done[i][0]);

        if (number_of(t, "count") == 0)
            continue;
        buf_printf(b, "%s %s in ", comma, done[i][1]);
        verdicts_put_span(b, LANGUAGE_EN, number_of(t, "median_s"));
        buf_text(b, " (median), ");
        verdicts_put_span(b, LANGUAGE_EN, number_of(t, "p90_s"));
        buf_text(b, " (9 of 10)");
        comma = ";";
    }
    if (comma[0] != '\0')
        buf_char(b, '.');
}

static void
say_pair(struct print *p, struct slice pact, struct slice pair)
{
    struct slice name = text_of(pact, "pact");
    struct slice bound = text_of(pair, "bound");
    struct slice toward = text_of(pair, "toward");
    int64_t notices = number_of(pair, "notices");

    buf_printf(&p->text, "%s%.*s: what %.*s owes %.*s\n", p->rows > 0 ? "\n" : "",
               (int)name.len, name.ptr, (int)bound.len, bound.ptr, (int)toward.len, toward.ptr);
    put_count(&p->text, notices, "notice");
    if (notices > 0) {
        buf_printf(&p->text, ", %lld withdrawn and %lld accepted as false (",
                   (long long)number_of(pair, "withdrawn"),
                   (long long)number_of(pair, "false_positives"));
        verdicts_put_percent(&p->text, number_of(pair, "wrong_ppm"), true);
        buf_char(&p->text, ')');
    }
    buf_char(&p->text, '.');
    say_times(&p->text, pair);
    buf_char(&p->text, '\n');
}

/* ---- all of it --------------------------------------------------------------------------- */

static void
put_pair(struct print *p, struct slice pact, struct slice pair)
{
    struct jcs_iter it = jcs_iter(member(pair, "obligations"));
    struct slice row;

    if (p->o == NULL)
        say_pair(p, pact, pair);
    while (jcs_item(&it, &row)) {
        p->missed |= slice_is(text_of(member(row, "now"), "word"), "not answered in time") ||
                     slice_is(text_of(member(row, "period"), "word"), "not answered in time");
        p->rows++;
        if (p->o == NULL)
            say_row(p, pair, row);
        else
            put_row(p, pact, pair, row);
    }
}

static void
put_all(struct print *p, struct slice json)
{
    struct jcs_iter pacts = jcs_iter(member(json, "pacts"));
    struct slice pact;
    struct slice pair;

    while (jcs_item(&pacts, &pact)) {
        struct jcs_iter pairs = jcs_iter(member(pact, "pairs"));

        while (jcs_item(&pairs, &pair))
            put_pair(p, pact, pair);
    }
}

static int
print(struct cli *cli, struct slice json)
{
    struct print p = {.o = NULL};
    int r = 0;

    buf_init(&p.text, VERDICTS_JSON);
    if (cli_option(cli, "explain") == NULL)
        r = output_open(cli, columns, COLUMNS, &p.o);
    if (r < 0)
        return err_exit(r);
    put_all(&p, json);
    if (p.o != NULL) {
        r = output_close(p.o, p.rows) < 0 ? err_exit(ERR_IO) : 0;
    } else if (p.text.len > 0) {
        p.text.len--; /* cli_print() ends the line */
        r = cli_print(&p.text);
    }
    buf_release(&p.text);
    return r == 0 && p.missed ? MISSED : r;
}

static int
run(struct cli *cli)
{
    AUTO_BUF(json, VERDICTS_JSON);
    int r = cli_verdicts(cli, verdicts_json, &json);

    if (r != 0)
        return r;
    if (cli_option(cli, "stix") != NULL)
        return verdict_stix(buf_get(&json));
    return cli_option(cli, "json") != NULL ? cli_print(&json) : print(cli, buf_get(&json));
}

static const struct cmd_option options[] = {
    VERDICT_OPTIONS,
    {"stix", NULL, "of the period, as a bundle of STIX 2.1: a note for each word", 0},
    {"explain", NULL, "sentences instead of a table, with what each word rests on", 0},
    CMD_FORMAT_OPTION,
    CMD_JSON_OPTION,
    {0}};

const struct cmd cmd_verdict[] = {
    {"verdict", NULL, "", "is the pact kept, and by whom not; exit 1: not answered in time",
     options, run},
    {0},
};
