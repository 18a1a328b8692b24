#include "role/cables.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "role/unpack.h"

enum { FOLDERS = 4 /* one inside another */ };

static const char ending[] = ".cables";
static const char *const documents[] = {".json", NULL};

int
cables_path(const char *dir, const char *date, char to[TOPOLOGIES_PATH], struct errinfo *ei)
{
    return topologies_file(dir, date, ending, to, ei);
}

int
cables_dates(const char *dir, char ret[TOPOLOGIES_MOST][SNAPSHOT_DATE], struct errinfo *ei)
{
    return topologies_days(dir, ending, ret, ei);
}

int
cables_load(const char *dir, const char *date, struct cables **ret, struct errinfo *ei)
{
    char dates[TOPOLOGIES_MOST][SNAPSHOT_DATE];
    char path[TOPOLOGIES_PATH];
    AUTO_BUF(bytes, CABLES_MAX);
    struct hash whole;
    int count = date == NULL ? cables_dates(dir, dates, ei) : 1;
    int r;

    *ret = NULL;
    if (count < 0)
        return count;
    if (count == 0)
        return err_set(ei, ERR_NOTFOUND,
                       "there are no cables: `detente topology import --cables` makes some");
    r = cables_path(dir, date == NULL ? dates[count - 1] : date, path, ei);
    if (r < 0)
        return r;
    r = unpack_file(path, &bytes, &whole, ei);
    if (r == ERR_CONF && date != NULL)
        return err_set(ei, ERR_NOTFOUND,
                       "there are no cables of %s: see `detente topology "
                       "cables --dates`",
                       date);
    return r < 0 ? r : cables_read(buf_get(&bytes), ret, ei);
}

/* ---- others' files ----------------------------------------------------------------------- */

struct gathering {
    struct cables_build *b;
    struct snapshot_source *source;
    struct utime *newest;
};

static int
take(void *arg, const char *name, struct utime changed, char *text, size_t len,
     struct errinfo *ei)
{
    struct gathering *g = arg;

    (void)name;
    if (changed.us > g->newest->us)
        *g->newest = changed;
    g->source->lines++;
    return cables_build_add(g->b, text, len, ei);
}

/* Folders and documents; names with a dot before are nobody's business. */
static int
is_taken(const struct dirent *e)
{
    size_t n = strlen(e->d_name);

    return e->d_name[0] != '.' &&
           (e->d_type == DT_DIR || (n > 5 && strcmp(e->d_name + n - 5, documents[0]) == 0));
}

/* One folder; its files' hashes go into `sum`. */
static int take_folder(struct gathering *g, const char *path, unsigned depth,
                       struct sha256 *sum, struct errinfo *ei);

static int
take_inside(struct gathering *g, const char *path, const struct dirent *e, unsigned depth,
            struct sha256 *sum, struct errinfo *ei)
{
    char name[TOPOLOGIES_PATH];
    struct hash hash;
    int n = snprintf(name, sizeof name, "%s/%s", path, e->d_name);
    int r;

    if (n < 0 || n >= (int)sizeof name)
        return err_set(ei, ERR_CONF, "the path is too long");
    if (e->d_type == DT_DIR)
        return depth == FOLDERS ? err_set(ei, ERR_LIMIT,
                                          "has more than %d folders one inside "
                                          "another",
                                          FOLDERS)
                                : take_folder(g, name, depth + 1, sum, ei);
    r = unpack_members(name, documents, take, g, &hash, ei);
    sha256_add(sum, &hash, sizeof hash);
    return r;
}

static int
take_folder(struct gathering *g, const char *path, unsigned depth, struct sha256 *sum,
            struct errinfo *ei)
{
    struct dirent **list = NULL;
    int count = scandir(path, &list, is_taken, alphasort);
    int r = 0;

    err_file(ei, path);
    if (count < 0)
        return err_set(ei, err_named(errno), "cannot be read: %s", strerror(errno));
    for (int i = 0; i < count; i++) {
        if (r == 0)
            r = take_inside(g, path, list[i], depth, sum, ei);
        free(list[i]);
    }
    free(list);
    return r;
}

/* A file name as it may stand in what is kept. */
static void
put_name(const char *path, char to[SNAPSHOT_NAME])
{
    size_t end = strlen(path);
    size_t n = 0;
    size_t i;

    while (end > 1 && path[end - 1] == '/')
        end--;
    for (i = end; i > 0 && path[i - 1] != '/';)
        i--;
    for (; i < end && n + 1 < SNAPSHOT_NAME; i++)
        to[n++] = path[i] > ' ' && path[i] <= '~' ? path[i] : '_';
    if (n == 0)
        to[n++] = '_';
    to[n] = '\0';
}

int
cables_gather(struct cables_build *b, const char *path, struct snapshot_source *to,
              struct utime *ret_newest, struct errinfo *ei)
{
    struct gathering g = {b, to, ret_newest};
    struct sha256 sum;
    struct stat st;
    int r;

    *to = (struct snapshot_source){.kind = "cables"};
    put_name(path, to->name);
    if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
        return unpack_members(path, documents, take, &g, &to->sha256, ei);
    sha256_init(&sum);
    r = take_folder(&g, path, 1, &sum, ei);
    sha256_end(&sum, &to->sha256);
    return r;
}
