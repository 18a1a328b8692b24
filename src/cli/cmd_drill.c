/* detente drill cutoff: the node with the outside shut, and what that costs. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "role/drill.h"

static void
say_ready(const char *url)
{
    cli_say("detente: the outside is shut, and the page is at %s", url);
}

/* 0, or an exit status (reported). */
static int
read_options(const struct cli *cli, struct drill_options *ret)
{
    const char *span = cli_option(cli, "for");

    *ret = (struct drill_options){.span = {60 * TIME_US_PER_S},
                                  .no_namespace = cli_option(cli, "no-namespace") != NULL,
                                  .ready = say_ready};
    if (span != NULL && span_parse(slice_of(span), &ret->span) < 0)
        return cli_fail(ERR_USAGE, "--for %s is no span: write 60s, 5m", span);
    if (ret->span.us < DRILL_LEAST_US || ret->span.us > DRILL_MOST_US)
        return cli_fail(ERR_USAGE, "--for: a drill takes 5s to 1d");
    return 0;
}

/* The JSON is what the log has the hash of, to the byte. */
static int
print(const struct cli *cli, const struct drill *d)
{
    bool json = cli_option(cli, "json") != NULL;
    AUTO_BUF(text, DRILL_JSON);

    if (!json)
        drill_text(d, &text);
    if (buf_error(&text) < 0)
        return cli_fail(buf_error(&text), "the report: %s", err_text(buf_error(&text)));
    if (json)
        (void)fwrite(d->json.ptr, 1, d->json.len, stdout);
    else
        (void)fwrite(text.ptr, 1, text.len, stdout);
    if (fflush(stdout) != 0 || ferror(stdout))
        return cli_fail(ERR_IO, "standard output cannot be written");
    if (d->sha256[0] != '\0')
        cli_say("the log has it as drill.cutoff, SHA-256 %s", d->sha256);
    return d->why_count > 0;
}

static int
run_cutoff(struct cli *cli)
{
    struct drill_options o;
    struct errinfo ei = {0};
    struct drill *d;
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = read_options(cli, &o);
    if (r != 0)
        return r;
    d = calloc(1, sizeof *d);
    if (d == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = drill_cutoff(dir, &o, d, &ei);
    r = r < 0 ? cli_fail_at(r, &ei) : print(cli, d);
    drill_release(d);
    free(d);
    return r;
}

static const struct cmd_option options[] = {
    {"for", "SPAN", "how long, 5s to 1d (default 60s)", 0},
    {"no-namespace", NULL,
     "by a filter of system calls alone, as where there are no namespaces", 0},
    CMD_JSON_OPTION,
    {0}};

const struct cmd cmd_drill[] = {
    {"drill", "cutoff", "",
     "run the node with the outside shut, and list what called there and what degraded; 1 when "
     "its main work did not go on",
     options, run_cutoff},
    {0},
};
