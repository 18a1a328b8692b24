/* detente indicator match: what a sensor saw, against what is looked for. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/indicator.h"
#include "cli/output.h"
#include "decode/decode.h"
#include "indicator/match.h"

const struct cmd_option indicator_match_options[] = {
    CMD_FORMAT_OPTION,
    INDICATORS_OPTION,
    {"any-time", NULL, "also what was not in force yet, or no more, when it was seen", 0},
    {0}};

static const struct column columns[] = {
    {"time", false},      {"indicator", false}, {"name", false},  {"atom", false},
    {"kind", false},      {"field", false},     {"class", false}, {"line", true},
    {"confidence", true}, {"event", false}};

struct showing {
    const struct indicators *x;
    struct output *o;
    struct decoder *decoder;
    struct frame *frame;
    uint64_t line; /* that the frame is of */
};

/* The event of a record, as `detente decode` has it; NULL: it becomes none. */
static int
read_event(struct showing *s, const struct match_hit *hit, const struct event **ret)
{
    struct decode_stats stats = {0};
    size_t used = 0;
    int r = 0;

    if (s->line != hit->line) {
        s->line = hit->line;
        eve_resume_lines(s->decoder);
        r = eve_decode(s->decoder, hit->record, true, s->frame, &used, &stats);
    }
    *ret = s->frame->count == 0 ? NULL : &s->frame->event[0];
    return r;
}

/* Who attacked, where the event says it; else who sent. */
static const char *
field_of(const struct match_hit *hit, const struct event *e)
{
    if (e != NULL && (hit->field == SHOWN_SOURCE || hit->field == SHOWN_TARGET)) {
        if (addr_eq(&hit->address, &e->origin))
            return "origin";
        if (addr_eq(&hit->address, &e->target))
            return "target";
    }
    return hit->field == SHOWN_TARGET ? "destination" : shown_field_name(hit->field);
}

static int
show(void *arg, const struct match_hit *hit)
{
    struct showing *s = arg;
    const struct set *set = indicators_set(s->x);
    const struct event *e;
    enum atom_kind kind = set_kind(set, hit->atom);
    struct indicator one;
    char text[ATOM_TEXT];
    struct buf atom = {.ptr = text, .room = sizeof text, .max = sizeof text};
    int r = read_event(s, hit, &e);

    if (r < 0)
        return r;
    indicators_get(s->x, hit->indicator, &one);
    buf_atom(&atom, kind, set_value(set, hit->atom));
    output_time(s->o, hit->time);
    output_text(s->o, (struct slice){one.id, sizeof one.id});
    output_text(s->o, one.name);
    output_text(s->o, buf_get(&atom));
    output_str(s->o, atom_kind_name(kind));
    output_str(s->o, field_of(hit, e));
    output_str(s->o, e == NULL ? "" : event_class_name((enum event_class)e->class_));
    output_u64(s->o, hit->line);
    if (one.confidence == INDICATOR_UNSURE)
        output_str(s->o, "");
    else
        output_u64(s->o, one.confidence);
    output_str(s->o, e == NULL ? "" : event_kind_name((enum event_kind)e->kind));
    output_end(s->o);
    return 0;
}

/* ---- reading -------------------------------------------------------------------------------
 */

struct input {
    int fd;
    char *bytes; /* MATCH_CHUNK */
    size_t len;
    bool last;
    bool passing; /* over the rest of a line that is too long */
};

static int
fill(struct input *in)
{
    while (!in->last && in->len < MATCH_CHUNK) {
        ssize_t n = read(in->fd, in->bytes + in->len, MATCH_CHUNK - in->len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ERR_IO;
        in->last = n == 0;
        in->len += (size_t)n;
    }
    return 0;
}

/* Bytes up to the last line's end, all of them at the input's. */
static size_t
whole(const struct input *in)
{
    const char *lf = in->len == 0 ? NULL : memrchr(in->bytes, '\n', in->len);

    return in->last ? in->len : lf == NULL ? 0 : (size_t)(lf - in->bytes) + 1;
}

static int
take(struct input *in, struct matching *m)
{
    size_t n = whole(in);
    size_t from = 0;
    const char *lf;
    int r = 0;

    if (in->passing) {
        lf = in->len == 0 ? NULL : memchr(in->bytes, '\n', in->len);
        from = lf == NULL ? in->len : (size_t)(lf - in->bytes) + 1;
        in->passing = lf == NULL && !in->last;
    } else if (n == 0 && !in->last) {
        matching_skip_line(m);
        in->passing = true;
        from = in->len;
    }
    if (n > from)
        r = matching_take(m, (struct slice){in->bytes + from, n - from});
    n = n > from ? n : from;
    memmove(in->bytes, in->bytes + n, in->len - n);
    in->len -= n;
    return r;
}

static int
match_all(struct input *in, struct matching *m)
{
    int r;

    do {
        r = fill(in);
        if (r == 0)
            r = take(in, m);
    } while (r == 0 && !(in->last && in->len == 0));
    return r;
}

static void
say(const char *name, const struct match_stats *s)
{
    if (s->odd > 0)
        cli_say("%s: %llu of %llu lines are no records of EVE, the first is line %llu", name,
                (unsigned long long)s->odd, (unsigned long long)s->lines,
                (unsigned long long)s->first_odd);
    if (s->more > 0)
        cli_say("%s: %llu names and hashes were passed over, behind the first %d of their "
                "record",
                name, (unsigned long long)s->more, SHOWN_MOST);
    if (s->over > 0)
        cli_say("%s: %llu hits do not count: their indicators are over, revoked or not yet in "
                "force",
                name, (unsigned long long)s->over);
    cli_say("%s: %llu lines, %llu hits", name, (unsigned long long)s->lines,
            (unsigned long long)s->hits);
}

static int
run(const struct cli *cli, struct showing *s, struct input *in)
{
    static struct frame frame;
    struct decode_place place = {0};
    struct matching *m = NULL;
    const char *name = cli->argv[0];
    bool any_time = cli_option(cli, "any-time") != NULL;
    int r;

    s->frame = &frame;
    s->decoder = eve_new(&place);
    in->bytes = malloc(MATCH_CHUNK);
    r = s->decoder == NULL || in->bytes == NULL ? ERR_NOMEM
                                                : matching_new(s->x, any_time, show, s, &m);
    if (r == 0)
        r = err_exit(output_open(cli, columns, sizeof columns / sizeof *columns, &s->o));
    if (r == 0 && (r = match_all(in, m)) < 0)
        output_drop(s->o);
    else if (r == 0)
        r = err_exit(output_close(s->o, 0));
    if (r < 0) {
        r = cli_fail(r, "%s: %s", name, err_text(r));
    } else if (r == 0) {
        const struct match_stats *stats = matching_stats(m);

        say(name, stats);
        /* as decode: what has nothing but odd lines is no sensor's file */
        r = stats->lines > 0 && stats->odd == stats->lines ? err_exit(ERR_INVALID)
                                                           : stats->hits == 0;
    }
    (void)matching_free(m);
    (void)eve_free(s->decoder);
    free(in->bytes);
    return r;
}

int
indicator_run_match(struct cli *cli)
{
    struct showing s = {.o = NULL};
    struct input in = {.fd = STDIN_FILENO};
    struct indicators *x = NULL;
    struct errinfo ei = {0};
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE,
                        "indicator match takes one file of a sensor's records, or `-`");
    r = indicator_load(cli, &x);
    if (r != 0)
        return r;
    s.x = x;
    r = cli_open(cli->argv[0], &in.fd, &ei);
    r = r < 0 ? cli_fail_at(r, &ei) : run(cli, &s, &in);
    (void)indicators_free(x);
    return r;
}
