/* detente sample: invented traffic in real EVE format. */
#include "base/buf.h"
#include "cli/cmd.h"
#include "role/node.h"
#include "role/sample.h"

/* The node's tables when there is a node, so that origins are real networks. */
static struct attrib *
open_tables(const struct cli *cli)
{
    struct attrib *a = NULL;
    struct errinfo ei;
    char path[4096];

    if (cli->dir == NULL)
        return NULL;
    (void)snprintf(path, sizeof path, "%s/tables/tables.bin", cli->dir);
    return attrib_open(path, &a, &ei) < 0 ? NULL : a;
}

static int
write_lines(struct sample *s, uint64_t count, struct utime from, struct utime until)
{
    AUTO_BUF(out, 1 << 20);

    for (uint64_t i = 0; i < count; i++) {
        int64_t step = (until.us - from.us) / (int64_t)count;

        sample_line(s, (struct utime){from.us + step * (int64_t)i}, &out);
        if (buf_error(&out) < 0)
            return buf_error(&out);
        if (out.len < 1 << 16 && i + 1 < count)
            continue;
        if (fwrite(out.ptr, 1, out.len, stdout) != out.len)
            return ERR_IO;
        buf_reset(&out);
    }
    return fflush(stdout) == 0 ? 0 : ERR_IO;
}

static int
run_sample(struct cli *cli)
{
    struct utime now = cli_now();
    struct utime since = {0};
    struct utime until = {0};
    struct attrib *a;
    struct sample *s;
    uint64_t count;
    uint64_t seed;
    int r = cli_number(cli, "count", 1000, &count);

    if (r == 0)
        r = cli_number(cli, "seed", 1, &seed);
    if (r == 0)
        r = cli_time(cli, "since", (struct utime){now.us - 3600 * TIME_US_PER_S}, &since);
    if (r == 0)
        r = cli_time(cli, "until", now, &until);
    if (r < 0)
        return err_exit(r);
    if (count > INT64_MAX)
        return cli_fail(ERR_USAGE, "--count is too large");
    if (until.us <= since.us)
        return cli_fail(ERR_USAGE, "--until must be later than --since");
    a = open_tables(cli);
    s = sample_new(a, seed);
    r = s == NULL ? ERR_NOMEM : write_lines(s, count, since, until);
    s = sample_free(s);
    a = attrib_close(a);
    return r < 0 ? cli_fail(r, "%s", err_text(r)) : 0;
}

static const struct cmd_option options[] = {
    {"count", "N", "lines (default 1000); 0 is none", 0},
    {"seed", "N", "the same seed and times give the same lines (default 1)", 0},
    {"since", "WHEN", "time of the first line (default 1h before now)", 0},
    {"until", "WHEN", "no line is of this time or later (default now)", 0},
    {0},
};

const struct cmd cmd_sample[] = {
    {"sample", NULL, "", "write invented traffic in EVE format", options, run_sample},
    {0},
};
