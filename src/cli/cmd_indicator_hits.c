/* detente indicator hits: what the node met of what it looks for, as events came. */
#include "cli/indicator.h"
#include "cli/output.h"
#include "role/hits.h"
#include "role/view.h"

#define DAY_US (86400 * TIME_US_PER_S)

const struct cmd_option indicator_hits_options[] = {
    {"since", "DAY", "from that day on (UTC): 7d (before now), a day (2026-03-01)", 0},
    {"by-day", NULL, "each day by itself", 0},
    CMD_FORMAT_OPTION,
    {0}};

static const struct column columns[] = {
    {"indicator", false}, {"name", false},      {"count", true},  {"events", true},
    {"unrecorded", true}, {"kinds", false},     {"first", false}, {"last", false},
    {"state", false},     {"confidence", true}, {"until", false}, {"labels", false}};
static const struct column columns_by_day[] = {
    {"indicator", false}, {"name", false},  {"day", false},   {"count", true}, {"events", true},
    {"unrecorded", true}, {"kinds", false}, {"first", false}, {"last", false}, {"state", false},
    {"confidence", true}, {"until", false}, {"labels", false}};

struct showing {
    struct output *out;
    struct utime now;
    bool by_day;
};

static void
put_kinds(struct output *o, uint32_t kinds)
{
    AUTO_BUF(json, 512);
    AUTO_BUF(words, 512);

    hits_kinds_json(&json, kinds);
    hits_kinds_words(&words, kinds);
    output_need(o, &json);
    output_need(o, &words);
    output_json(o, buf_get(&json), buf_get(&words));
}

static int
show(void *arg, const struct store_hit *h, const struct store_sought *w)
{
    struct showing *s = arg;
    char id[INDICATOR_ID];
    char day[TIME_TEXT];

    indicator_id_text(h->id, id);
    time_format((struct utime){h->day * DAY_US}, day);
    output_text(s->out, (struct slice){id, sizeof id});
    output_text(s->out, w->name);
    if (s->by_day)
        output_text(s->out, (struct slice){day, 10});
    output_u64(s->out, h->count);
    output_u64(s->out, h->events);
    output_u64(s->out, h->unrecorded);
    put_kinds(s->out, h->kinds);
    output_time(s->out, h->first);
    output_time(s->out, h->last);
    output_str(s->out, hits_state(w, s->now));
    if (w->confidence == INDICATOR_UNSURE)
        output_str(s->out, "");
    else
        output_u64(s->out, w->confidence);
    if (w->until.us == TIME_MAX.us)
        output_str(s->out, "");
    else
        output_time(s->out, w->until);
    output_text(s->out, w->labels);
    output_end(s->out);
    return 0;
}

static void
say(struct store *s)
{
    uint64_t asked = 0;
    uint64_t met = 0;
    uint64_t over = 0;
    uint64_t failed = 0;

    if (store_get_counter(s, "hits.asked", &asked) < 0 ||
        store_get_counter(s, "hits.met", &met) < 0 ||
        store_get_counter(s, "hits.over", &over) < 0 ||
        store_get_counter(s, "hits.failed", &failed) < 0)
        return;
    if (over > 0)
        cli_say("%llu hits are not in this list: it holds %d pairs of an indicator and a day",
                (unsigned long long)over, HITS_ROWS);
    if (failed > 0)
        cli_say("%llu records could not be asked", (unsigned long long)failed);
    cli_say("%llu records were asked as they came, %llu of them were looked for",
            (unsigned long long)asked, (unsigned long long)met);
}

static int
run(struct store *s, struct showing *how, struct utime since)
{
    const struct store_hits_ask ask = {
        .since = hits_day(since), .by_day = how->by_day, .limit = HITS_ROWS};
    int r = store_each_hit(s, &ask, show, how);
    uint64_t rows = output_rows(how->out);

    if (r < 0) {
        output_drop(how->out);
        return cli_fail(r, "the store: %s", store_error(s));
    }
    r = output_close(how->out, 0);
    if (r < 0)
        return err_exit(r);
    say(s);
    return rows == 0;
}

int
indicator_run_hits(struct cli *cli)
{
    struct showing how = {.now = cli_now(), .by_day = cli_option(cli, "by-day") != NULL};
    struct utime since = {0};
    const char *dir = NULL;
    struct errinfo ei = {0};
    struct view view;
    int r;

    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "indicator hits takes no argument");
    r = cli_time(cli, "since", since, &since);
    if (r == 0)
        r = cli_dir(cli, &dir);
    if (r == 0)
        r = how.by_day ? output_open(cli, columns_by_day,
                                     sizeof columns_by_day / sizeof *columns_by_day, &how.out)
                       : output_open(cli, columns, sizeof columns / sizeof *columns, &how.out);
    if (r < 0)
        return err_exit(r);
    r = view_open(dir, &view, &ei);
    if (r < 0) {
        output_drop(how.out);
        return cli_fail_at(r, &ei);
    }
    r = run(view.node.store, &how, since);
    view_close(&view);
    return r;
}
