/* detente decode: what a sensor's file becomes, without a node. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/output.h"
#include "decode/decode.h"

enum { READ_ROOM = 2 * DECODE_CHUNK_MAX };

static const struct column columns[] = {
    {"time", false},    {"kind", false}, {"class", false},     {"severity", true},
    {"address", false}, {"port", true},  {"target", false},    {"target_port", true},
    {"protocol", true}, {"rule", false}, {"rule_name", false}, {"grade", true},
    {"flags", false},   {"count", true}};

static void
put_flags(struct output *o, uint16_t flags)
{
    char json[256];
    char text[256];
    struct buf j = {.ptr = json, .room = sizeof json, .max = sizeof json};
    struct buf t = {.ptr = text, .room = sizeof text, .max = sizeof text};

    buf_char(&j, '[');
    for (unsigned i = 0; i < EVENT_FLAGS; i++) {
        if (!(flags & 1U << i))
            continue;
        if (t.len > 0) {
            buf_char(&j, ',');
            buf_char(&t, ' ');
        }
        buf_json(&j, slice_of(event_flag_name(i)));
        buf_text(&t, event_flag_name(i));
    }
    buf_char(&j, ']');
    output_json(o, buf_get(&j), buf_get(&t));
}

static void
put_event(struct output *o, const struct decoder *d, const struct event *ev)
{
    const struct rule *rule = eve_rule(d, ev->rule);
    char text[64];

    output_time(o, ev->time);
    output_str(o, event_kind_name((enum event_kind)ev->kind));
    output_str(o, event_class_name((enum event_class)ev->class_));
    output_u64(o, ev->severity);
    (void)addr_format(&ev->origin, text);
    output_str(o, text);
    output_u64(o, ev->origin_port);
    (void)addr_format(&ev->target, text);
    output_str(o, text);
    output_u64(o, ev->target_port);
    output_u64(o, ev->protocol);
    text[0] = '\0';
    if (ev->rule != 0)
        (void)snprintf(text, sizeof text, "suricata:%u:%u:%u", rule->gid, rule->sid, rule->rev);
    output_str(o, text);
    output_text(o, rule->name);
    output_u64(o, ev->grade);
    put_flags(o, ev->flags);
    output_u64(o, ev->count);
    output_end(o);
}

struct input {
    int fd;
    char *bytes;
    size_t from;
    size_t len;
    bool last;
};

static int
fill(struct input *in)
{
    memmove(in->bytes, in->bytes + in->from, in->len - in->from);
    in->len -= in->from;
    in->from = 0;
    while (!in->last && in->len < READ_ROOM) {
        ssize_t n = read(in->fd, in->bytes + in->len, READ_ROOM - in->len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ERR_IO;
        in->last = n == 0;
        in->len += (size_t)n;
    }
    return 0;
}

static int
decode_all(struct input *in, struct decoder *d, struct output *o, struct decode_stats *stats)
{
    static struct frame frame;

    for (;;) {
        size_t used = 0;
        int e = fill(in);

        if (e == 0)
            e = eve_decode(d, (struct slice){in->bytes + in->from, in->len - in->from},
                           in->last, &frame, &used, stats);
        if (e < 0)
            return e;
        for (uint32_t i = 0; i < frame.count; i++)
            put_event(o, d, &frame.event[i]);
        in->from += used;
        if (in->last && (in->from == in->len || used == 0))
            return 0;
    }
}

static void
report(const char *name, const struct decode_stats *stats)
{
    for (int i = 0; i < REJECTS; i++) {
        if (stats->rejected[i] > 0)
            cli_say("detente: %s:%llu: %s (%llu in all)", name,
                    (unsigned long long)stats->first_bad[i], reject_name((enum reject)i),
                    (unsigned long long)stats->rejected[i]);
    }
}

static int
run_decode(struct cli *cli)
{
    struct decode_place place = {0};
    struct decode_stats stats = {0};
    struct input in = {.fd = STDIN_FILENO};
    struct output *o = NULL;
    struct decoder *d;
    struct errinfo ei = {.text = ""};
    const char *name;
    int e;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "decode takes one FILE, or - for standard input");
    if (cli_option(cli, "format") != NULL && strcmp(cli_option(cli, "format"), "auto") != 0 &&
        strcmp(cli_option(cli, "format"), "eve") != 0)
        return cli_fail(ERR_USAGE, "--format takes auto or eve, not `%s`",
                        cli_option(cli, "format"));
    name = cli->argv[0];
    e = cli_open(name, &in.fd, &ei);
    if (e < 0)
        return cli_fail_at(e, &ei);
    e = output_open(cli, columns, sizeof columns / sizeof columns[0], &o);
    if (e < 0)
        return err_exit(e);
    d = eve_new(&place);
    in.bytes = malloc(READ_ROOM);
    e = d == NULL || in.bytes == NULL ? ERR_NOMEM : decode_all(&in, d, o, &stats);
    free(in.bytes);
    d = eve_free(d);
    if (output_close(o, 0) < 0)
        return err_exit(ERR_IO);
    if (e < 0)
        return cli_fail(e, "%s: %s", name, err_text(e));
    report(ei.file, &stats);
    /* As ingest: what has nothing but rejected lines is no sensor's file. */
    return stats.lines > 0 && decode_rejected(&stats) == stats.lines ? err_exit(ERR_INVALID)
                                                                     : 0;
}

static const struct cmd_option options[] = {
    CMD_FORMAT_OPTION,
    {"format", "F", "auto (default) or eve", 0},
    {0},
};

const struct cmd cmd_decode[] = {
    {"decode", NULL, "FILE|-", "show the events of a sensor's file, without a node", options,
     run_decode},
    {0},
};
