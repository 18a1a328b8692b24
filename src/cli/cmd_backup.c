/* detente backup, detente restore. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/indicator.h"
#include "role/backup.h"
#include "role/watchlist.h"

enum { NOTE_FILE_MAX = 1 << 17 };

static void
say_result(const char *what, const char *file, const struct backup_result *r)
{
    cli_say("%s: %s: %llu files, %llu bytes, a log of %llu leaves", file, what,
            (unsigned long long)r->files, (unsigned long long)r->bytes,
            (unsigned long long)r->head.size);
}

static int
run_backup(struct cli *cli)
{
    struct backup_result result;
    struct errinfo ei;
    const char *dir;
    struct view v;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "backup takes the FILE to write");
    r = cli_dir(cli, &dir);
    if (r < 0)
        return err_exit(r);
    r = view_open(dir, &v, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = backup_write(&v, cli->argv[0], cli_option(cli, "keys") != NULL, &result, &ei);
    view_close(&v);
    if (r < 0)
        return cli_fail_at(r, &ei);
    say_result("written", cli->argv[0], &result);
    if (cli_option(cli, "keys") == NULL)
        cli_say("keys/ is not in it: keep a copy apart, or no restored node can sign on");
    if (result.secret > 0)
        cli_say("nor are %llu files of exchange/sources with passwords and keys of sources: "
                "keep copies apart, or give them again with `detente exchange source set`",
                (unsigned long long)result.secret);
    if (result.odd > 0)
        cli_say("left out: %llu files of indicators/ whose names are long or not plain ASCII",
                (unsigned long long)result.odd);
    return 0;
}

static int
seen(const char *dir, const char *file)
{
    struct errinfo ei;
    char *note = NULL;
    size_t len = 0;
    struct view v;
    int r = cli_read_file(file, NOTE_FILE_MAX, &note, &len, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    r = view_open(dir, &v, &ei);
    if (r == 0) {
        r = restore_seen(&v, (struct slice){note, len}, &ei);
        if (r < 0)
            err_file(&ei, file);
        view_close(&v);
    }
    free(note);
    if (r < 0)
        return cli_fail_at(r, &ei);
    cli_say("%s holds that checkpoint: the node signs on behind it", dir);
    return 0;
}

/* What is looked for is made anew of the lists: it is as large as they are, and in no backup.
 */
static void
look_for_again(struct cli *cli)
{
    struct errinfo ei = {0};
    uint32_t sought;
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r == 0)
        r = watchlist_compile(dir, &sought, &ei);
    if (r == ERR_NOTFOUND)
        return; /* nothing was */
    if (r == 0)
        cli_say("%u indicators are looked for by this node", (unsigned)sought);
    else
        cli_say("its indicators are not looked for until `detente --dir %s indicator compile`",
                cli->dir);
}

static int
run_restore(struct cli *cli)
{
    const char *verify = cli_option(cli, "verify");
    const char *note = cli_option(cli, "seen");
    struct backup_result result;
    struct errinfo ei;
    const char *dir = cli->dir; /* which need not be there */
    int r;

    if (verify == NULL && (dir == NULL || dir[0] == '\0'))
        return cli_fail(ERR_USAGE, "which node? give --dir DIR or set DETENTE_DIR");
    if (cli->argc != (verify == NULL && note == NULL) || (verify != NULL && note != NULL))
        return cli_fail(ERR_USAGE,
                        "restore takes one of FILE, --verify FILE, --seen CHECKPOINT");
    if (note != NULL)
        return seen(dir, note);
    r = verify != NULL ? backup_verify(verify, &result, &ei)
                       : backup_restore(cli->argv[0], dir, &result, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    say_result(verify != NULL ? "whole" : "restored", verify != NULL ? verify : cli->argv[0],
               &result);
    if (verify == NULL)
        look_for_again(cli);
    if (verify == NULL)
        cli_say("before it signs: put the lost node's `mark` into %s, or say `detente --dir %s "
                "restore --seen CHECKPOINT` with the newest that others have seen",
                dir, dir);
    return 0;
}

static const struct cmd_option backup_options[] = {
    {"keys", NULL,
     "put keys/ into it too, and passwords of sources: whoever reads the file can sign then",
     0},
    {0}};
static const struct cmd_option restore_options[] = {
    {"verify", "FILE", "read a backup whole and check it, restore nothing", 0},
    {"seen", "FILE", "the newest checkpoint that others have seen: the restored node signs on",
     0},
    {0}};

const struct cmd cmd_backup[] = {
    {"backup", NULL, "FILE", "the node in one file, while it runs or not", backup_options,
     run_backup},
    {"restore", NULL, "[FILE]", "make a node of a backup, or check one", restore_options,
     run_restore},
    {0},
};
