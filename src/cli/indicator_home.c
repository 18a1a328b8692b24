/* Where indicators come from: files that are named, or those that the node keeps. */
#include "cli/indicator.h"

#include <stdlib.h>
#include <sys/random.h>

#include "cli/json_file.h"
#include "role/watchlist.h"

enum { BUNDLES = 1 << 16 };

uint64_t
indicator_secret(void)
{
    uint64_t n = 0;

    BUG_ON(getrandom(&n, sizeof n, 0) != (ssize_t)sizeof n);
    return n;
}

int
indicator_path(const struct cli *cli, const char *name, char ret[INDICATOR_PATH])
{
    const char *dir;
    int r = cli_dir(cli, &dir);
    int n;

    if (r < 0)
        return err_exit(r);
    n = snprintf(ret, INDICATOR_PATH, "%s/indicators%s%s", dir, name == NULL ? "" : "/",
                 name == NULL ? "" : name);
    return n < 0 || n >= INDICATOR_PATH ? cli_fail(ERR_LIMIT, "%s: the path is too long", dir)
                                        : 0;
}

static int
load_file(struct indicators_build *b, const char *path)
{
    struct indicators_counts counts = {0};
    struct json_file j = {.root = NULL};
    int r = json_file_read(path, &j);

    if (r == 0) {
        int e = indicators_read(b, j.root, &counts, NULL, NULL);

        r = e < 0 ? cli_fail(e, "%s: %s", path, err_text(e)) : 0;
    }
    json_file_release(&j);
    return r;
}

int
indicator_load(const struct cli *cli, struct indicators **ret)
{
    const char *path = cli_option_nth(cli, "indicators", 0);
    struct indicators_build *b = NULL;
    int r = 0;
    int e;

    if (path == NULL)
        return indicator_load_own(cli, ret);
    *ret = NULL;
    e = indicators_build_new(indicator_secret(), &b);
    for (unsigned i = 1; e == 0 && r == 0 && path != NULL && i < BUNDLES; i++) {
        r = load_file(b, path);
        path = cli_option_nth(cli, "indicators", i);
    }
    if (e == 0 && r == 0)
        e = indicators_freeze(b, ret);
    (void)indicators_build_free(b);
    return e < 0 ? cli_fail(e, "the indicators: %s", err_text(e)) : r;
}

int
indicator_load_own(const struct cli *cli, struct indicators **ret)
{
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    *ret = NULL;
    if (r < 0)
        return err_exit(r);
    r = watchlist_read(dir, ret, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static int
read_warning(struct warnings *w, const char *path)
{
    struct json_file j = {.root = NULL};
    struct errinfo ei = {0};
    uint32_t list;
    int r = json_file_read(path, &j);

    err_file(&ei, path);
    if (r == 0) {
        int e = warnings_read(w, j.root, &list, &ei);

        if (e == 0 && warnings_list(w, list)->odd > 0)
            cli_say("%s: %u entries are none of its type, or of kinds that are not looked for",
                    path, warnings_list(w, list)->odd);
        r = e < 0 ? cli_fail_at(e, &ei) : 0;
    }
    json_file_release(&j);
    return r;
}

int
indicator_warnings(const struct cli *cli, struct warnings **ret)
{
    const char *path = cli_option_nth(cli, "warninglist", 0);
    int r = 0;
    int e;

    *ret = NULL;
    if (path == NULL)
        return 0;
    e = warnings_new(indicator_secret(), ret);
    for (unsigned i = 0; e == 0 && r == 0 && path != NULL;
         path = cli_option_nth(cli, "warninglist", ++i))
        r = read_warning(*ret, path);
    if (e == 0 && r == 0)
        e = warnings_freeze(*ret);
    if (e < 0 || r != 0)
        *ret = warnings_free(*ret);
    return e < 0 ? cli_fail(e, "the warning lists: %s", err_text(e)) : r;
}
