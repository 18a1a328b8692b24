/* What the running node maps: all that it looks for, as one file. */
#include "cli/indicator.h"
#include "role/watchlist.h"

int
indicator_compile(const struct cli *cli)
{
    struct errinfo ei = {0};
    uint32_t sought;
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = watchlist_compile(dir, &sought, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    cli_say("%u indicators are looked for by this node", (unsigned)sought);
    return 0;
}

int
indicator_run_compile(struct cli *cli)
{
    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "indicator compile takes no argument");
    return indicator_compile(cli);
}
