/* detente indicator follow: the indicators of a collection are looked for, as they come and go.
 */
#include <stdio.h>

#include "cli/indicator.h"
#include "role/keep.h"

const struct cmd_option indicator_follow_options[] = {
    {"stop", NULL, "no longer; bundles that were imported stay", 0}, {0}};

static int
follow(const struct cli *cli, const char *dir)
{
    struct keep_ask ask = {.what = KEEP_FOLLOW, .scope = cli_option(cli, "stop") == NULL};
    struct keep_answer answer = {0};
    struct errinfo ei = {0};
    struct keeper *k = NULL;
    int r = keeper_open(dir, &k, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    (void)snprintf(ask.name, sizeof ask.name, "%s", cli->argv[0]);
    r = keeper_do(k, &ask, &answer, &ei);
    k = keeper_close(k);
    if (r < 0)
        return cli_fail_at(r, &ei);
    if (answer.status == ERR_NOTFOUND)
        return cli_fail(ERR_NOTFOUND,
                        "there is no collection `%s`: `detente exchange collection list` names "
                        "those there are",
                        cli->argv[0]);
    return answer.status < 0 ? cli_fail_at(answer.status, &answer.ei) : indicator_compile(cli);
}

int
indicator_run_follow(struct cli *cli)
{
    const char *dir;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "indicator follow takes a collection: its id or alias");
    r = cli_dir(cli, &dir);
    return r < 0 ? err_exit(r) : follow(cli, dir);
}
