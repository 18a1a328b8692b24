/* What the running node maps: all bundles that it keeps, as one file. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli/indicator.h"
#include "indicator/pack.h"
#include "role/lookout.h"

/* Two that import at a time: the later one of them sees the bundles of both. */
static int
lock(const char *folder, int *ret)
{
    *ret = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret < 0 && errno == ENOENT)
        return cli_fail(ERR_NOTFOUND,
                        "no indicators were taken in yet: see `detente indicator import`");
    if (*ret < 0 || flock(*ret, LOCK_EX) < 0)
        return cli_fail(err_own(errno), "%s: %s", folder, strerror(errno));
    return 0;
}

static int
write_file(const struct indicators *x, const char *path)
{
    struct errinfo ei = {0};
    char *bytes = NULL;
    size_t len = 0;
    int r = indicators_pack(x, &bytes, &len);

    r = r < 0 ? err_set(&ei, r, "%s", err_text(r))
              : cli_write_file(path, (struct slice){bytes, len}, 0600, &ei);
    free(bytes);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

int
indicator_compile(const struct cli *cli)
{
    char folder[INDICATOR_PATH];
    char path[INDICATOR_PATH];
    struct indicators *x = NULL;
    int fd = -1;
    int r = indicator_path(cli, NULL, folder);

    if (r == 0)
        r = indicator_path(cli, strchr(LOOKOUT_FILE, '/') + 1, path);
    if (r == 0)
        r = lock(folder, &fd);
    if (r == 0)
        r = indicator_load_own(cli, &x);
    if (r == 0 && indicators_count(x) > 0)
        r = write_file(x, path);
    else if (r == 0 && unlink(path) < 0 && errno != ENOENT)
        r = cli_fail(err_own(errno), "%s: %s", path, strerror(errno));
    if (r == 0)
        cli_say("%u indicators are looked for by this node", (unsigned)indicators_sought(x));
    (void)indicators_free(x);
    if (fd >= 0)
        (void)close(fd);
    return r;
}

int
indicator_run_compile(struct cli *cli)
{
    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "indicator compile takes no argument");
    return indicator_compile(cli);
}
