/* detente status, detente doctor: how the node is, and what to do about it. */
#include <stdlib.h>

#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/output.h"
#include "role/offset.h"
#include "role/quorum.h"
#include "role/status.h"

static int
open_status(struct cli *cli, struct view *v, struct status *s)
{
    struct errinfo ei;
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return r;
    r = view_open(dir, v, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei), r;
    r = status_take(v, s);
    if (r < 0) {
        (void)cli_fail(r, "%s: %s", dir, store_error(v->node.store));
        view_close(v);
    }
    return r;
}

static void
put_number(struct buf *b, const char *name, uint64_t n)
{
    buf_printf(b, ",\"%s\":%llu", name, (unsigned long long)n);
}

static void
put_time(struct buf *b, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(b, ",\"%s\":\"%.*s\"", name, t.us == 0 ? 0 : TIME_TEXT, text);
}

static void
put_peer(void *arg, const struct status_peer *s)
{
    struct buf *b = arg;

    buf_text(b, b->ptr[b->len - 1] == '[' ? "{\"pact\":" : ",{\"pact\":");
    buf_json(b, s->pact);
    buf_text(b, ",\"party\":");
    buf_json(b, s->party);
    buf_text(b, ",\"origin\":");
    buf_json(b, s->origin);
    put_number(b, "annexes", s->annexes);
    put_number(b, "witnessed", s->witnessed);
    put_time(b, "witnessed_at", s->witnessed_at);
    put_number(b, "held", s->held);
    put_time(b, "held_at", s->held_at);
    put_time(b, "silent_since", s->silent);
    buf_char(b, '}');
}

struct peer_lines {
    uint64_t size; /* of our log */
    struct utime now;
};

/* "34 of 36 leaves, 5 s ago" */
static void
print_reach(const char *what, uint64_t size, struct utime at, const struct peer_lines *l)
{
    if (at.us == 0)
        printf(", %s nothing yet", what);
    else
        printf(", %s %llu of %llu leaves (%lld s ago)", what, (unsigned long long)size,
               (unsigned long long)l->size, (long long)((l->now.us - at.us) / TIME_US_PER_S));
}

static void
print_peer(void *arg, const struct status_peer *s)
{
    const struct peer_lines *l = arg;

    printf("pact      %.*s with %.*s", (int)s->pact.len, s->pact.ptr, (int)s->party.len,
           s->party.ptr);
    if (s->annexes == 0) {
        printf(": no annex of theirs yet\n");
        return;
    }
    print_reach("witnessed", s->witnessed, s->witnessed_at, l);
    print_reach("held", s->held, s->held_at, l);
    if (s->silent.us != 0) {
        char since[TIME_TEXT];

        time_format(s->silent, since);
        printf("; suspended: out of contact since %.16sZ", since);
    }
    printf("\n");
}

/* The policy's witnesses; NULL without a policy, or when it cannot be read.  The caller frees.
 */
static struct quorum *
take_quorum(struct view *v)
{
    struct quorum *q = malloc(sizeof *q);

    if (q != NULL && quorum_look(v->node.store, q) == 0)
        return q;
    free(q);
    return NULL;
}

static void
print_witnesses(struct view *v, struct utime now)
{
    struct quorum *q = take_quorum(v);

    if (q == NULL)
        return;
    printf("witnesses %u of %u cosigned the newest checkpoint", q->now, q->policy.witnesses);
    if (q->policy.quorum >= 0)
        printf("; the policy is met up to %llu of %llu leaves", (unsigned long long)q->reach,
               (unsigned long long)q->signed_);
    printf("\n");
    for (unsigned i = 0; i < q->policy.witnesses; i++) {
        printf("          %s: ", policy_witness(&q->policy, i));
        if (q->at[i].us == 0)
            printf("nothing yet\n");
        else
            printf("%llu leaves (%lld s ago)\n", (unsigned long long)q->size[i],
                   (long long)((now.us - q->at[i].us) / TIME_US_PER_S));
    }
    free(q);
}

static void
put_witnesses(struct view *v, struct buf *b)
{
    struct quorum *q = take_quorum(v);

    if (q == NULL)
        return;
    buf_text(b, ",\"witnesses\":");
    quorum_json(q, b);
    free(q);
}

/* How far the clock is off by those who cosign the log; the sign says that it is behind. */
static void
print_clock(struct view *v, struct utime now)
{
    struct clock_estimate e;
    long long ms;

    if (offset_read(v->node.store, now, &e) < 0)
        return;
    ms = (long long)(e.offset.us / 1000);
    printf("clock     %lld.%03lld s %s, by %u %s who cosign (+-%lld.%03lld s)\n",
           (ms < 0 ? -ms : ms) / 1000, (ms < 0 ? -ms : ms) % 1000, ms < 0 ? "ahead" : "behind",
           e.count, e.count == 1 ? "other" : "others", (long long)(e.error.us / 1000000),
           (long long)(e.error.us / 1000 % 1000));
}

static void
put_clock(struct view *v, struct buf *b)
{
    struct clock_estimate e;

    if (offset_read(v->node.store, v->node.env.now_wall(v->node.env.self), &e) < 0)
        buf_text(b, ",\"clock\":{\"others\":0}");
    else
        buf_printf(b, ",\"clock\":{\"others\":%u,\"offset_ms\":%lld,\"error_ms\":%lld}",
                   e.count, (long long)(e.offset.us / 1000), (long long)(e.error.us / 1000));
}

static int
print_json(struct view *v, const struct status *s)
{
    struct status_incidents i;
    struct errinfo ei;
    char at[TIME_TEXT];
    AUTO_BUF(b, 1 << 20);

    time_format(s->last_leaf, at);
    buf_text(&b, "{\"party\":");
    buf_json(&b, slice_of(v->node.conf->party[0] == '\0' ? "local" : v->node.conf->party));
    buf_text(&b, ",\"origin\":");
    buf_json(&b, vkey_name(&v->node.vkey));
    buf_printf(&b, ",\"running\":%s,\"last_leaf\":\"%.27s\"", s->running ? "true" : "false",
               at);
    buf_printf(&b, ",\"test\":%s,\"test_clock\":%s", v->node.test ? "true" : "false",
               env_posix_follows() ? "true" : "false");
    put_number(&b, "log_size", s->head.size);
    put_number(&b, "blocks", s->blocks);
    put_number(&b, "lines", s->lines);
    put_number(&b, "events", s->events);
    put_number(&b, "attacks", s->attacks);
    put_number(&b, "ignored", s->ignored);
    put_number(&b, "rejected", s->rejected);
    put_number(&b, "duplicates", s->duplicates);
    put_number(&b, "quarantined", s->quarantined);
    put_number(&b, "disk_free", s->room);
    put_number(&b, "disk", s->disk);
    put_number(&b, "alerts_firing", s->alerts_firing);
    put_number(&b, "alerts_acknowledged", s->alerts_acked);
    buf_printf(&b, ",\"tables_age_days\":%d,\"tables_stale\":%s,\"counterparts\":[",
               s->tables_age_days, s->tables_stale ? "true" : "false");
    if (buf_error(&b) == 0 && status_peers(v, put_peer, &b, &ei) < 0)
        return cli_fail(ERR_CONF, "the pacts: %s", ei.text);
    buf_text(&b, "],\"incidents\":{");
    if (status_incidents(v, &i) < 0)
        return cli_fail(ERR_IO, "the incidents: %s", store_error(v->node.store));
    buf_printf(&b, "\"open\":%llu", (unsigned long long)i.open);
    put_number(&b, "ours", i.ours);
    put_number(&b, "late", i.late);
    put_number(&b, "detected", i.detected);
    buf_char(&b, '}');
    put_witnesses(v, &b);
    put_clock(v, &b);
    buf_char(&b, '}');
    return cli_print(&b);
}

static void
print_text(struct view *v, const struct status *s)
{
    struct peer_lines l = {s->head.size, v->node.env.now_wall(v->node.env.self)};
    struct status_incidents i;
    struct errinfo ei;
    struct slice name = vkey_name(&v->node.vkey);
    char at[TIME_TEXT];

    time_format(s->last_leaf, at);
    printf("node      %s, log %.*s\n",
           v->node.conf->party[0] == '\0' ? "local" : v->node.conf->party, (int)name.len,
           name.ptr);
    if (v->node.test)
        printf("TEST      made for tests: nothing here is evidence\n");
    if (env_posix_follows()) {
        time_format(l.now, at);
        printf("TEST      its clock is moved by a file, and says %.27s\n", at);
        time_format(s->last_leaf, at);
    }
    printf("running   %s\n", s->running ? "yes" : "no");
    printf("log       %llu leaves, the newest of %.27s\n", (unsigned long long)s->head.size,
           at);
    printf("taken     %llu lines: %llu events (%llu attacks, %llu of them duplicates), %llu "
           "ignored, %llu rejected, %llu in quarantine\n",
           (unsigned long long)s->lines, (unsigned long long)s->events,
           (unsigned long long)s->attacks, (unsigned long long)s->duplicates,
           (unsigned long long)s->ignored, (unsigned long long)s->rejected,
           (unsigned long long)s->quarantined);
    printf("evidence  %llu blocks\n", (unsigned long long)s->blocks);
    printf("disk      %llu of %llu MiB free\n", (unsigned long long)(s->room >> 20),
           (unsigned long long)(s->disk >> 20));
    printf("alerts    %u firing, %u acknowledged\n", s->alerts_firing, s->alerts_acked);
    if (s->tables_age_days < 0)
        printf("tables    none\n");
    else
        printf("tables    %d days old%s\n", s->tables_age_days,
               s->tables_stale ? ", stale" : "");
    print_clock(v, l.now);
    print_witnesses(v, l.now);
    if (status_peers(v, print_peer, &l, &ei) < 0)
        printf("pact      cannot be read: %s\n", ei.text);
    if (status_incidents(v, &i) == 0 && i.pacts > 0)
        printf("incidents %llu open, of them %llu wait for this party, %llu past their time; "
               "%llu not notified yet\n",
               (unsigned long long)i.open, (unsigned long long)i.ours,
               (unsigned long long)i.late, (unsigned long long)i.detected);
}

static int
run_status(struct cli *cli)
{
    struct status s;
    struct view v;
    int r = open_status(cli, &v, &s);

    if (r < 0)
        return err_exit(r);
    if (cli_option(cli, "json") != NULL)
        r = print_json(&v, &s);
    else
        print_text(&v, &s);
    view_close(&v);
    return r;
}

static void
put_finding(void *arg, const struct finding *f)
{
    struct output *o = arg;

    output_str(o, f->grave ? "grave" : "note");
    output_str(o, f->key);
    output_str(o, f->text);
    output_str(o, f->to_do);
    output_end(o);
}

static void
say_finding(void *arg, const struct finding *f)
{
    (void)arg;
    printf("%s  %s: %s\n       %s\n", f->grave ? "grave" : "note ", f->key, f->text, f->to_do);
}

static int
run_doctor(struct cli *cli)
{
    static const struct column columns[] = {
        {"severity", false}, {"key", false}, {"text", false}, {"to_do", false}};
    bool list = cli_option(cli, "output") != NULL;
    struct output *o = NULL;
    unsigned found = 0;
    struct status s;
    struct view v;
    int r = open_status(cli, &v, &s);

    if (r < 0)
        return err_exit(r);
    if (list)
        r = output_open(cli, columns, 4, &o);
    if (r == 0)
        found = status_doctor(&v, &s, list ? put_finding : say_finding, o);
    if (r == 0 && list)
        r = output_close(o, found);
    if (r == 0 && found == 0)
        cli_say("nothing to do");
    view_close(&v);
    return r < 0 ? err_exit(r) : found > 0;
}

static const struct cmd_option status_options[] = {CMD_JSON_OPTION, {0}};
static const struct cmd_option doctor_options[] = {CMD_FORMAT_OPTION, {0}};

const struct cmd cmd_status[] = {
    {"status", NULL, "", "how the node is: log, counts, disk, tables; beside it or without it",
     status_options, run_status},
    {"doctor", NULL, "",
     "what is not in order and what to do about it; 1 when there is something", doctor_options,
     run_doctor},
    {0},
};
