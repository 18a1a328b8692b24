#include "role/topologies.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "role/unpack.h"

static const char ending[] = ".topology";

bool
topologies_is_date(const char *text)
{
    struct utime t;

    return strlen(text) == SNAPSHOT_DATE - 1 && text[4] == '-' && text[7] == '-' &&
           time_parse_human(slice_of(text), (struct utime){0}, &t) == 0;
}

int
topologies_file(const char *dir, const char *date, const char *end, char to[TOPOLOGIES_PATH],
                struct errinfo *ei)
{
    int n = date == NULL ? snprintf(to, TOPOLOGIES_PATH, "%s/topology", dir)
                         : snprintf(to, TOPOLOGIES_PATH, "%s/topology/%s%s", dir, date, end);

    return n < 0 || n >= TOPOLOGIES_PATH ? err_set(ei, ERR_CONF, "the path is too long") : 0;
}

int
topologies_path(const char *dir, const char *date, char to[TOPOLOGIES_PATH], struct errinfo *ei)
{
    return topologies_file(dir, date, ending, to, ei);
}

static int
compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

int
topologies_days(const char *dir, const char *end, char ret[TOPOLOGIES_MOST][SNAPSHOT_DATE],
                struct errinfo *ei)
{
    char path[TOPOLOGIES_PATH];
    const struct dirent *e;
    int count = 0;
    DIR *d;
    int r = topologies_path(dir, NULL, path, ei);

    if (r < 0)
        return r;
    err_file(ei, path);
    d = opendir(path);
    if (d == NULL)
        return errno == ENOENT
                   ? 0
                   : err_set(ei, err_own(errno), "cannot be read: %s", strerror(errno));
    while (count < TOPOLOGIES_MOST && (e = readdir(d)) != NULL) {
        char date[SNAPSHOT_DATE] = "";

        if (strlen(e->d_name) != SNAPSHOT_DATE - 1 + strlen(end) ||
            strcmp(e->d_name + SNAPSHOT_DATE - 1, end) != 0)
            continue;
        memcpy(date, e->d_name, SNAPSHOT_DATE - 1);
        if (topologies_is_date(date))
            memcpy(ret[count++], date, SNAPSHOT_DATE);
    }
    (void)closedir(d);
    qsort(ret, (size_t)count, sizeof *ret, compare);
    return count;
}

int
topologies_dates(const char *dir, char ret[TOPOLOGIES_MOST][SNAPSHOT_DATE], struct errinfo *ei)
{
    return topologies_days(dir, ending, ret, ei);
}

int
topologies_load(const char *dir, const char *date, struct topology **ret,
                struct snapshot_about *about, struct hash *ret_hash, struct errinfo *ei)
{
    char dates[TOPOLOGIES_MOST][SNAPSHOT_DATE];
    char path[TOPOLOGIES_PATH];
    struct hash whole;
    struct buf bytes;
    int count = date == NULL ? topologies_dates(dir, dates, ei) : 1;
    int r;

    *ret = NULL;
    if (count < 0)
        return count;
    if (count == 0)
        return err_set(
            ei, ERR_NOTFOUND,
            "there is no snapshot of the world's networks: `detente topology import` "
            "makes one");
    r = topologies_path(dir, date == NULL ? dates[count - 1] : date, path, ei);
    if (r < 0)
        return r;
    buf_init(&bytes, SNAPSHOT_MAX);
    r = unpack_file(path, &bytes, &whole, ei);
    if (r == 0)
        r = snapshot_read(buf_get(&bytes), ret, about, ret_hash, ei);
    else if (r == ERR_CONF && date != NULL)
        r = err_set(ei, ERR_NOTFOUND, "there is no snapshot of %s: see `detente topology list`",
                    date);
    buf_release(&bytes);
    return r;
}
