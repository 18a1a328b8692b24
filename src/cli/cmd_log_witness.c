/* detente log witness key: what this node cosigns the logs of others with. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/cmd_log.h"
#include "role/node_keys.h"

/* A node that never ran has no such key yet: it is made, and a leaf of the log. */
static int
make_keys(const char *dir, struct errinfo *ei)
{
    struct node_keys *keys = calloc(1, sizeof *keys);
    struct node n;
    int r = keys == NULL ? err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM))
                         : node_open(dir, NODE_WRITE, &n, ei);

    if (r == 0) {
        r = node_keys_open(&n, keys, ei);
        node_keys_clear(keys);
        node_close(&n);
    }
    free(keys);
    return r;
}

int
cli_log_witness(struct cli *cli)
{
    struct errinfo ei = {0};
    char text[VKEY_TEXT];
    struct vkey key;
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    if (cli->argc != 1 || strcmp(cli->argv[0], "key") != 0)
        return cli_fail(ERR_USAGE, "log witness takes one word: key");
    r = store_there(dir, &ei);
    if (r == 0)
        r = node_keys_look(dir, NODE_WITNESS, &key, &ei);
    if (r == ERR_NOTFOUND) {
        r = make_keys(dir, &ei);
        if (r == 0)
            r = node_keys_look(dir, NODE_WITNESS, &key, &ei);
    }
    if (r < 0)
        return cli_fail_at(r, &ei);
    (void)vkey_format(&key, text);
    printf("%s\n", text);
    return 0;
}
