/* detente ingest: files into a node, on all cores. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cmd.h"
#include "model/text.h"
#include "role/control.h"
#include "role/ingest.h"
#include "role/watchlist.h"

static volatile sig_atomic_t interrupted;

static void
on_signal(int sig)
{
    (void)sig;
    interrupted = 1;
}

/* Rate and time left, on a terminal, for what takes over a second. */
static int
show_progress(void *arg, const struct ingest_progress *p)
{
    const char *name = arg;
    double s = (double)p->elapsed_us / 1e6;
    double rate = s > 0 ? (double)p->done / s : 0;

    if (s >= 1 && isatty(STDERR_FILENO)) {
        (void)fprintf(stderr, "\r%s: %.0f MB, %.2f M events, %.0f MB/s", name,
                      (double)p->done / 1e6, (double)p->events / 1e6, rate / 1e6);
        if (p->total > p->done && rate > 0)
            (void)fprintf(stderr, ", %.0f s left ", (double)(p->total - p->done) / rate);
        if (p->total != 0 && p->done >= p->total)
            (void)fprintf(stderr, "\r\033[K");
        (void)fflush(stderr);
    }
    return interrupted;
}

static void
name_rejected(const char *name, const struct ingest_result *res)
{
    for (int i = 0; i < REJECTS; i++) {
        if (res->stats.rejected[i] > 0)
            cli_say("detente: %s:%llu: rejected: %s (%llu in all)", name,
                    (unsigned long long)res->stats.first_bad[i], reject_name((enum reject)i),
                    (unsigned long long)res->stats.rejected[i]);
    }
}

static int
print_json(const struct ingest_result *res)
{
    const struct decode_stats *s = &res->stats;
    AUTO_BUF(b, 1 << 16);
    bool comma = false;

    buf_printf(&b,
               "{\"lines\":%llu,\"bytes\":%llu,\"events\":%llu,\"attacks\":%llu,"
               "\"ignored\":%llu,\"rejected\":{",
               (unsigned long long)s->lines, (unsigned long long)s->bytes,
               (unsigned long long)s->events, (unsigned long long)s->attacks,
               (unsigned long long)s->ignored);
    for (int i = 0; i < REJECTS; i++) {
        if (s->rejected[i] == 0)
            continue;
        buf_printf(&b, "%s\"%s\":%llu", comma ? "," : "", reject_name((enum reject)i),
                   (unsigned long long)s->rejected[i]);
        comma = true;
    }
    buf_printf(&b, "},\"duplicates\":%llu,\"blocks\":%llu,\"known\":%s,\"seconds\":%.6f}",
               (unsigned long long)res->duplicates, (unsigned long long)res->blocks,
               res->known ? "true" : "false", (double)res->elapsed_us / 1e6);
    if (buf_error(&b) == 0)
        printf("%.*s\n", (int)b.len, b.ptr);
    return buf_error(&b);
}

static void
say_result(const char *name, const struct ingest_result *res)
{
    const struct decode_stats *s = &res->stats;

    if (res->nothing_new) {
        cli_say("%s: nothing new", name);
        return;
    }
    cli_say(
        "%s: %llu lines, %llu events, %llu of them attacks (%llu duplicates), %llu ignored, "
        "%llu rejected, in %.2f s",
        name, (unsigned long long)s->lines, (unsigned long long)s->events,
        (unsigned long long)s->attacks, (unsigned long long)res->duplicates,
        (unsigned long long)s->ignored, (unsigned long long)decode_rejected(s),
        (double)res->elapsed_us / 1e6);
}

static void
add_result(struct ingest_result *to, const struct ingest_result *from)
{
    decode_stats_add(&to->stats, &from->stats);
    to->duplicates += from->duplicates;
    to->blocks += from->blocks;
    to->elapsed_us += from->elapsed_us;
    to->known |= from->known;
}

/* Standard input for a running node: it wants a file that it can look at twice. */
static int
spool(int fd)
{
    FILE *f = tmpfile();
    char bytes[1 << 16];
    ssize_t got;

    if (f == NULL)
        return -1;
    while ((got = read(fd, bytes, sizeof bytes)) > 0) {
        if (fwrite(bytes, 1, (size_t)got, f) != (size_t)got)
            return -1;
    }
    if (got < 0 || fflush(f) != 0)
        return -1;
    return dup(fileno(f));
}

/* n NULL: a node runs there and takes the input itself. */
static int
ingest_one(const char *dir, struct node *n, const char *name, struct ingest_options *o,
           struct ingest_result *total)
{
    bool in = strcmp(name, "-") == 0;
    struct ingest_result res = {0};
    struct errinfo ei = {0};
    int fd = -1;
    int r = cli_open(name, &fd, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei), r;
    o->arg = (void *)(uintptr_t)(in ? "(standard input)" : name);
    if (n == NULL && in)
        fd = spool(fd);
    if (fd < 0)
        return cli_fail(ERR_IO, "%s: cannot be kept: %s", name, strerror(errno)), ERR_IO;
    r = n != NULL ? ingest_run(n, fd, o, &res, &ei)
                  : control_ingest(dir, fd, o->sensor, &res, &ei);
    if (fd != STDIN_FILENO)
        (void)close(fd);
    add_result(total, &res);
    name_rejected(name, &res);
    if (r < 0) {
        err_file(&ei, name);
        return cli_fail_at(r, &ei), r;
    }
    say_result(name, &res);
    return 0;
}

/* What is looked for, made anew where a followed collection changed without a running node. */
static int
look_out(const char *dir, struct node *n, struct errinfo *ei)
{
    bool behind = false;
    uint32_t sought;
    int r = watchlist_is_behind(dir, &behind, ei);

    if (r == 0 && behind)
        r = watchlist_compile(dir, &sought, ei);
    if (r < 0 && r != ERR_NOTFOUND)
        cli_say("warning: what is looked for is not up to date: %s", ei->text);
    return node_reload_lookout(n, ei);
}

static int
run_ingest(struct cli *cli)
{
    struct ingest_options o = {.sensor = cli_option(cli, "sensor"), .progress = show_progress};
    struct sigaction sa = {.sa_handler = on_signal};
    struct ingest_result total = {0};
    struct errinfo ei;
    uint64_t threads = 1;
    const char *dir;
    bool running;
    struct node n;
    int r;

    if (cli->argc == 0)
        return cli_fail(ERR_USAGE, "ingest takes FILE…, or - for standard input");
    r = cli_dir(cli, &dir);
    if (r == 0)
        r = cli_number(cli, "threads", cli_cores(), &threads);
    if (r == 0)
        r = cli_number(cli, "batch", 0, &o.batch);
    if (r < 0)
        return err_exit(r);
    o.threads = threads > 64 ? 64 : (unsigned)threads;
    if (o.sensor == NULL)
        o.sensor = "eve";
    if (!text_is_sensor(slice_of(o.sensor)))
        return cli_fail(ERR_USAGE,
                        "--sensor takes 1 to %u printable characters of ASCII, no space",
                        SENSOR_MAX);
    (void)sigaction(SIGINT, &sa, NULL);
    (void)sigaction(SIGTERM, &sa, NULL);
    r = node_open(dir, NODE_WRITE, &n, &ei);
    running = r == ERR_BUSY;
    if (r < 0 && !running)
        return cli_fail_at(r, &ei);
    if (!running && (r = look_out(dir, &n, &ei)) < 0) {
        node_close(&n);
        return cli_fail_at(r, &ei);
    }
    r = 0;
    for (int i = 0; i < cli->argc && (r == 0 || r == ERR_CONF); i++) {
        int one = ingest_one(dir, running ? NULL : &n, cli->argv[i], &o, &total);

        r = one < 0 ? one : r; /* a file that is not there keeps none of the others out */
    }
    if (!running)
        node_close(&n);
    if (cli_option(cli, "json") != NULL && print_json(&total) < 0 && r == 0)
        r = cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM)) != 0 ? ERR_NOMEM : 0;
    if (r == 0 && total.stats.lines > 0 && decode_rejected(&total.stats) == total.stats.lines)
        return err_exit(ERR_INVALID);
    return err_exit(r);
}

static const struct cmd_option options[] = {
    CMD_JSON_OPTION,
    {"sensor", "NAME", "the sensor that wrote the files (default: eve)", 0},
    {"threads", "N", "cores to use (default: all)", 0},
    {"batch", "BYTES", "of the input that become durable together (default 32 MiB)", 0},
    {0},
};

const struct cmd cmd_ingest[] = {
    {"ingest", NULL, "FILE…|-",
     "take in sensor files; what was taken before is not taken again", options, run_ingest},
    {0},
};
