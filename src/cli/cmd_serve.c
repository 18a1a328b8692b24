/* detente serve: the node, running. */
#include <sys/stat.h>

#include "cli/cmd.h"
#include "role/serve.h"

static void
say_ready(void *arg, const char *url)
{
    (void)arg;
    cli_say("detente: the page is at %s", url);
}

static int
run_serve(struct cli *cli)
{
    const char *follow = cli_option(cli, "follow");
    struct serve_options o = {.follow = &follow,
                              .follow_count = follow != NULL,
                              .test_clock = cli_option(cli, "test-clock"),
                              .sample = cli_option(cli, "sample") != NULL,
                              .ready = say_ready};
    struct errinfo ei;
    const char *dir;
    struct stat st;
    int r;

    if (cli_option_nth(cli, "follow", 1) != NULL)
        return cli_fail(ERR_USAGE, "--follow takes one file: `sensors` in detente.yaml follows "
                                   "several");
    /* One that is not there yet is waited for. */
    if (follow != NULL && stat(follow, &st) == 0 && S_ISDIR(st.st_mode))
        return cli_fail(ERR_CONF, "%s: cannot be followed: it is a directory", follow);
    r = cli_dir(cli, &dir);
    if (r == 0)
        r = cli_number(cli, "seed", 1, &o.seed);
    if (r < 0)
        return err_exit(r);
    r = serve(dir, &o, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static const struct cmd_option options[] = {
    {"follow", "FILE", "follow this EVE file, beside the sensors of the configuration", 0},
    {"sample", NULL, "feed invented traffic (for a first look: the page says DEMO)", 0},
    {"test-clock", "FILE", "for tests, of a node of `init --test`: FILE moves its clock", 0},
    {"seed", "N", "of the invented traffic (default 1)", 0},
    {0},
};

const struct cmd cmd_serve[] = {
    {"serve", NULL, "", "run the node: follow sensors, keep evidence, show the page", options,
     run_serve},
    {0},
};
