#include "cli/language.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "role/node.h"

enum { PATHS = 4096 };

static bool
has_conf(const char *dir)
{
    char path[PATHS];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/detente.yaml", dir);
    return stat(path, &st) == 0 || errno != ENOENT;
}

int
cli_language(const struct cli *cli, enum language *ret)
{
    const char *asked = cli_option(cli, "lang");
    struct errinfo ei = {0};
    struct conf *conf;
    const char *dir;
    int l = asked == NULL ? LANGUAGE_EN : language_find(slice_of(asked));
    int r;

    *ret = (enum language)l;
    if (asked != NULL)
        return l < 0 ? cli_fail(ERR_USAGE, "--lang takes en, ru or zh, not `%s`", asked) : 0;
    r = cli_dir(cli, &dir);
    if (r < 0)
        return err_exit(r);
    if (!has_conf(dir))
        return 0;
    r = node_conf(dir, &conf, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    *ret = conf->language;
    (void)conf_free(conf);
    return 0;
}
