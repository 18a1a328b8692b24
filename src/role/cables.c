#include "role/cables.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "role/unpack.h"

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
    struct sha256 sum; /* of a folder */
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

typedef int take_entry(struct gathering *g, const char *path, bool folder, struct errinfo *ei);

/* What is in a folder, by name. */
static int
each(struct gathering *g, const char *path, take_entry *f, struct errinfo *ei)
{
    struct dirent **list = NULL;
    int count = scandir(path, &list, is_taken, alphasort);
    int r = 0;

    err_file(ei, path);
    if (count < 0)
        return err_set(ei, err_named(errno), "cannot be read: %s", strerror(errno));
    for (int i = 0; i < count; i++) {
        char name[TOPOLOGIES_PATH];
        int n = snprintf(name, sizeof name, "%s/%s", path, list[i]->d_name);

        if (r == 0)
            r = n < 0 || n >= (int)sizeof name ? err_set(ei, ERR_CONF, "the path is too long")
                                               : f(g, name, list[i]->d_type == DT_DIR, ei);
        free(list[i]);
    }
    free(list);
    return r;
}

static int
take_file(struct gathering *g, const char *path, bool folder, struct errinfo *ei)
{
    struct hash hash;
    int r;

    err_file(ei, path);
    if (folder)
        return err_set(ei, ERR_LIMIT, "is a folder in a folder in a folder: name it by itself");
    r = unpack_members(path, documents, take, g, &hash, ei);
    sha256_add(&g->sum, &hash, sizeof hash);
    return r;
}

static int
take_any(struct gathering *g, const char *path, bool folder, struct errinfo *ei)
{
    return folder ? each(g, path, take_file, ei) : take_file(g, path, false, ei);
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
    struct gathering g = {.b = b, .source = to, .newest = ret_newest};
    struct stat st;
    int r;

    *to = (struct snapshot_source){.kind = "cables"};
    put_name(path, to->name);
    if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
        return unpack_members(path, documents, take, &g, &to->sha256, ei);
    sha256_init(&g.sum);
    r = each(&g, path, take_any, ei);
    sha256_end(&g.sum, &to->sha256);
    return r;
}
