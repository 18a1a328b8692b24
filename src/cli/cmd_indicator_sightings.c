/* detente indicator sightings: what the recorded events show of what is looked for. */
#include "cli/indicator.h"
#include "cli/output.h"
#include "cli/publish.h"
#include "role/sightings.h"
#include "role/view.h"

#define DAY_US (86400 * TIME_US_PER_S)

enum { ENVELOPE = 6 << 20, ENVELOPE_MOST = 8 << 20 };

const struct cmd_option indicator_sightings_options[] = {
    {"since", "WHEN", "from then on: 2h, 7d (before now), a day or a time (2026-03-01T12:00)",
     0},
    {"until", "WHEN", "before then, written the same; the moment itself is not included", 0},
    {"into", "COLLECTION",
     "also as sightings of STIX, one of each indicator and day, into an own collection", 0},
    {"tlp", "TLP",
     "how they are marked, at least as strictly as their indicators; TLP:AMBER without it", 0},
    INDICATORS_OPTION,
    CMD_FORMAT_OPTION,
    {0}};

static const struct column columns[] = {
    {"indicator", false}, {"name", false},      {"count", true},
    {"events", true},     {"unrecorded", true}, {"origins", true},
    {"kinds", false},     {"first", false},     {"last", false}};
static const struct column columns_by_day[] = {
    {"indicator", false}, {"name", false},      {"day", false},    {"count", true},
    {"events", true},     {"unrecorded", true}, {"origins", true}, {"kinds", false},
    {"first", false},     {"last", false}};

struct seeing {
    const struct cli *cli;
    struct output *out;
    struct indicators *x;
    struct view view;
    struct query query;
    struct sightings found;
    const char *into;
    struct taxii_collection collection;
    struct sightings_tell tell;
    struct objects_counts counts;
    uint64_t stricter; /* marked as their indicators, not as was asked for */
    struct errinfo ei;
};

/* ---- as a list --------------------------------------------------------------------------- */

static void
show_kinds(struct output *o, uint32_t kinds)
{
    AUTO_BUF(json, 512);
    AUTO_BUF(words, 512);

    buf_char(&json, '[');
    for (unsigned i = 0; i < ATOM_KINDS; i++) {
        if ((kinds >> i & 1) == 0)
            continue;
        buf_text(&json, json.len > 1 ? "," : "");
        buf_json(&json, slice_of(atom_kind_name((enum atom_kind)i)));
        buf_text(&words, words.len > 0 ? " " : "");
        buf_text(&words, atom_kind_name((enum atom_kind)i));
    }
    buf_char(&json, ']');
    output_need(o, &json);
    output_need(o, &words);
    output_json(o, buf_get(&json), buf_get(&words));
}

static void
show(struct seeing *s)
{
    for (uint32_t i = 0; i < s->found.count; i++) {
        const struct sighted *row = &s->found.row[i];
        struct indicator one;
        char day[TIME_TEXT];

        indicators_get(s->x, row->indicator, &one);
        time_format((struct utime){row->day * DAY_US}, day);
        output_text(s->out, (struct slice){one.id, sizeof one.id});
        output_text(s->out, one.name);
        if (s->into != NULL)
            output_text(s->out, (struct slice){day, 10});
        output_u64(s->out, row->count);
        output_u64(s->out, row->events);
        output_u64(s->out, row->unrecorded);
        output_u64(s->out, row->origins);
        show_kinds(s->out, row->kinds);
        output_time(s->out, row->first);
        output_time(s->out, row->last);
        output_end(s->out);
    }
}

/* ---- into a collection ------------------------------------------------------------------- */

static int
put_one(struct seeing *s, const struct sighted *row, struct emit *e)
{
    struct indicator one;
    int r;

    struct sightings_tell tell = s->tell;

    indicators_get(s->x, row->indicator, &one);
    if (one.tlp > tell.tlp) { /* that it was met says that it is there */
        tell.tlp = one.tlp;
        s->stricter++;
    }
    r = sightings_renew(s->view.node.store, s->collection.number, &tell,
                        (struct slice){one.id, sizeof one.id}, row, e);
    s->counts.same += r > 0;
    return r < 0 ? r : 0;
}

static int
put_all(struct seeing *s)
{
    AUTO_BUF(all, ENVELOPE_MOST);
    struct emit e = {.out = &all, .ei = &s->ei};
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < s->found.count; i++) {
        if (all.len == 0) {
            e.count = 0;
            buf_text(&all, "{\"objects\":[");
            r = sightings_party(&e, s->tell.party);
        }
        if (r == 0)
            r = put_one(s, &s->found.row[i], &e);
        if (r == 0 && (all.len > ENVELOPE || i + 1 == s->found.count))
            r = publish_hand_in(s->cli, s->view.node.store, &s->collection, &all, &s->counts,
                                &s->ei);
    }
    return r < 0 ? cli_fail(r, "%s", s->ei.text[0] != '\0' ? s->ei.text : err_text(r)) : 0;
}

/* ---- all of it --------------------------------------------------------------------------- */

/* Whole days: a part of one would be told as if it were all of it. */
static void
widen(struct query *q)
{
    q->since.us -= q->since.us % DAY_US;
    if (q->until.us < TIME_MAX.us - DAY_US && q->until.us % DAY_US != 0)
        q->until.us += DAY_US - q->until.us % DAY_US;
}

static int
read_options(const struct cli *cli, struct seeing *s)
{
    const char *tlp = cli_option(cli, "tlp");
    int r;

    s->into = cli_option(cli, "into");
    s->tell.modified = cli_now();
    s->tell.tlp = tlp == NULL ? TLP_AMBER : tlp_find(slice_of(tlp));
    if (s->tell.tlp == TLP_NONE)
        return cli_fail(ERR_USAGE,
                        "--tlp takes TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or "
                        "TLP:RED, not `%s`",
                        tlp);
    if (tlp != NULL && s->into == NULL)
        return cli_fail(ERR_USAGE, "--tlp marks what --into puts into a collection");
    query_init(&s->query);
    s->query.kinds = (1U << EVENT_KINDS) - 1;
    r = cli_time(cli, "since", s->query.since, &s->query.since);
    if (r == 0)
        r = cli_time(cli, "until", s->query.until, &s->query.until);
    if (r < 0)
        return err_exit(r);
    if (s->query.until.us < s->query.since.us)
        return cli_fail(ERR_USAGE, "--until is before --since");
    if (s->into != NULL)
        widen(&s->query);
    return 0;
}

static int
look(struct seeing *s)
{
    const struct sightings_ask ask = {.store = s->view.node.store,
                                      .reader = s->view.reader,
                                      .indicators = s->x,
                                      .query = &s->query,
                                      .by_day = s->into != NULL,
                                      .secret = indicator_secret()};
    int r = 0;

    s->tell.party = slice_of(s->view.node.conf->party);
    if (s->into != NULL && s->tell.party.len == 0)
        return cli_fail(ERR_CONF, "who saw it is not known: `party` in detente.yaml");
    if (s->into != NULL)
        r = publish_collection(s->view.node.store, s->into, &s->collection);
    if (r == 0 && (r = sightings_find(&ask, &s->found)) < 0)
        r = cli_fail(r,
                     r == ERR_LIMIT ? "there is more than can be counted at once: ask for "
                                      "less by --since and --until"
                                    : "the evidence: %s",
                     err_text(r));
    if (r == 0)
        show(s);
    if (r == 0 && s->into != NULL)
        r = put_all(s);
    return r;
}

static int
finish(struct seeing *s, int r)
{
    const struct sightings *f = &s->found;

    if (r != 0) {
        output_drop(s->out);
        return r;
    }
    if ((r = output_close(s->out, 0)) < 0)
        return err_exit(r);
    if (s->into != NULL && f->count > 0)
        publish_say(&s->counts);
    if (s->stricter > 0)
        cli_say("%llu are marked more strictly than %s, as their indicators are",
                (unsigned long long)s->stricter, tlp_name(s->tell.tlp));
    if (f->over > 0)
        cli_say("%llu events do not count: their indicators were over, revoked or not yet in "
                "force",
                (unsigned long long)f->over);
    if (f->unopened > 0)
        cli_say("%llu events were asked by their addresses alone: no record of EVE was kept of "
                "them",
                (unsigned long long)f->unopened);
    if (f->cut > 0)
        cli_say("of %llu days of indicators the records that are no event are left out: "
                "they are known by the day, so ask for whole days",
                (unsigned long long)f->cut);
    cli_say("%llu events, %llu of them were looked for; and, when they came, %llu records that "
            "are no event",
            (unsigned long long)f->asked, (unsigned long long)f->hit,
            (unsigned long long)f->unrecorded);
    return s->counts.refused > 0 || f->count == 0;
}

int
indicator_run_sightings(struct cli *cli)
{
    struct seeing s = {.cli = cli};
    const char *dir = NULL;
    int r = cli->argc != 0 ? cli_fail(ERR_USAGE, "indicator sightings takes no argument")
                           : read_options(cli, &s);
    int e;

    if (r != 0)
        return r;
    e = cli_dir(cli, &dir);
    if (e == 0)
        e = s.into == NULL
                ? output_open(cli, columns, sizeof columns / sizeof *columns, &s.out)
                : output_open(cli, columns_by_day,
                              sizeof columns_by_day / sizeof *columns_by_day, &s.out);
    if (e < 0)
        return err_exit(e);
    r = indicator_load(cli, &s.x);
    if (r == 0) {
        e = view_open(dir, &s.view, &s.ei);
        r = e < 0 ? cli_fail_at(e, &s.ei) : look(&s);
        if (e == 0)
            view_close(&s.view);
    }
    r = finish(&s, r);
    sightings_release(&s.found);
    (void)indicators_free(s.x);
    return r;
}
