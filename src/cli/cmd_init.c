/* detente init: a new node. */
#include "cli/cmd.h"
#include "role/node.h"

static int
run_init(struct cli *cli)
{
    struct node_init how = {.party = cli_option(cli, "party"),
                            .origin = cli_option(cli, "origin"),
                            .test = cli_option(cli, "test") != NULL};
    struct errinfo ei = {0};
    char vkey[VKEY_TEXT];
    struct node n;
    int r;

    if (cli->dir == NULL)
        return cli_fail(ERR_USAGE, "which node? give --dir DIR or set DETENTE_DIR");
    r = node_init(cli->dir, &how, &ei);
    if (r == 0)
        r = node_open(cli->dir, NODE_READ, &n, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    (void)vkey_format(&n.vkey, vkey);
    printf("%s\n", vkey);
    cli_say("A node was made in %s. Its log's verifier key is above: give it to whoever shall "
            "check the log.",
            cli->dir);
    cli_say("Next: `detente --dir %s tables build`, then `detente --dir %s ingest FILE` or "
            "`detente --dir %s serve`.",
            cli->dir, cli->dir, cli->dir);
    node_close(&n);
    return 0;
}

static const struct cmd_option options[] = {
    {"party", "ID", "whose node this is: [a-z][a-z0-9-]*, 2 to 32 bytes", 0},
    {"origin", "NAME", "name of the log, for ever (default: <hostname>/detente/log)", 0},
    {"test", NULL, "for tests: its log says so for ever, and `serve --test-clock` takes it", 0},
    {0},
};

const struct cmd cmd_init[] = {
    {"init", NULL, "", "make a node in DIR", options, run_init},
    {0},
};
