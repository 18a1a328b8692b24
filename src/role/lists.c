#include "role/lists.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "role/folder.h"
#include "role/node_priv.h"

static const char first_line[] = "# detente list/1\n";

static bool
is_name(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len < LISTS_NAME && name[0] != '.' && name[0] != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len;
}

static int
path_of(const char *dir, const char *name, char to[NODE_PATH], struct errinfo *ei)
{
    char file[LISTS_NAME + 32];

    if (!is_name(name))
        return err_set(ei, ERR_USAGE,
                       "`%.40s` is no name of a list: at most 32 of a-z, 0-9, `.` and `-`",
                       name);
    (void)snprintf(file, sizeof file, "lists/%s.list", name);
    return node_path(dir, file, to, ei);
}

/* ---- writing ----------------------------------------------------------------------------- */

static void
put_about(const struct list_about *a, struct buf *to)
{
    char date[TIME_TEXT];
    char taken[TIME_TEXT];

    time_format(a->date, date);
    time_format(a->taken, taken);
    buf_text(to, first_line);
    if (a->source[0] != '\0')
        buf_printf(to, "# source: %s\n", a->source);
    if (a->date.us != 0)
        buf_printf(to, "# date: %.*s\n", TIME_TEXT, date);
    buf_printf(to, "# taken: %.*s\n", TIME_TEXT, taken);
}

/* One more, or in the place of one that is there? */
static int
has_room(const char *dir, const char *path, struct errinfo *ei)
{
    char names[LISTS_MOST][LISTS_NAME];
    int count = lists_names(dir, names, ei);

    if (count < 0)
        return count;
    return count < LISTS_MOST || access(path, F_OK) == 0
               ? 0
               : err_set(ei, ERR_LIMIT, "there are %d lists already: drop one", LISTS_MOST);
}

int
lists_put(const char *dir, const struct list_about *about, const struct hostlist *list,
          struct errinfo *ei)
{
    char path[NODE_PATH];
    char file[LISTS_NAME + 32];
    struct buf text;
    int r = path_of(dir, about->name, path, ei);

    if (r == 0)
        r = has_room(dir, path, ei);
    if (r < 0)
        return r;
    buf_init(&text, (size_t)HOSTLIST_PREFIXES * PREFIX_TEXT);
    put_about(about, &text);
    hostlist_write(list, &text);
    (void)snprintf(file, sizeof file, "lists/%s.list", about->name);
    r = buf_error(&text) < 0 ? err_set(ei, buf_error(&text), "%s", err_text(buf_error(&text)))
                             : folder_put(dir, file, buf_get(&text), ei);
    buf_release(&text);
    return r;
}

/* ---- reading ----------------------------------------------------------------------------- */

/* What stands behind `# <what>: `, in the lines before the first prefix. */
static struct slice
said(struct slice text, const char *what)
{
    size_t len = strlen(what);

    while (text.len > 0 && text.ptr[0] == '#') {
        const char *lf = memchr(text.ptr, '\n', text.len);
        size_t end = lf == NULL ? text.len : (size_t)(lf - text.ptr);

        if (end > len + 4 && memcmp(text.ptr + 2, what, len) == 0 &&
            memcmp(text.ptr + 2 + len, ": ", 2) == 0)
            return slice_sub(text, len + 4, end - len - 4);
        text = slice_sub(text, end + (lf != NULL), text.len - end - (lf != NULL));
    }
    return (struct slice){"", 0};
}

static void
read_about(struct slice text, const char *name, struct list_about *ret)
{
    struct slice source = said(text, "source");

    *ret = (struct list_about){.date = {0}};
    (void)snprintf(ret->name, sizeof ret->name, "%s", name);
    (void)snprintf(ret->source, sizeof ret->source, "%.*s", (int)source.len, source.ptr);
    if (time_parse(said(text, "date"), &ret->date) < 0)
        ret->date.us = 0;
    if (time_parse(said(text, "taken"), &ret->taken) < 0)
        ret->taken.us = 0;
}

int
lists_get(const char *dir, const char *name, struct list_about *ret, struct hostlist *ret_list,
          struct errinfo *ei)
{
    char path[NODE_PATH];
    struct buf text;
    int r = path_of(dir, name, path, ei);

    if (r < 0)
        return r;
    buf_init(&text, HOSTLIST_BYTES + 65536);
    r = node_read_file(dir, path + strlen(dir) + 1, HOSTLIST_BYTES, &text, ei);
    if (r == ERR_NOTFOUND)
        r = err_set(ei, r, "there is no list %s: `detente lists` names those there are", name);
    if (r == 0) {
        read_about(buf_get(&text), name, ret);
        r = hostlist_read(buf_get(&text), ret_list, ei);
    }
    buf_release(&text);
    return r;
}

int
lists_drop(const char *dir, const char *name, struct errinfo *ei)
{
    char path[NODE_PATH];
    char file[LISTS_NAME + 32];
    int r = path_of(dir, name, path, ei);

    (void)snprintf(file, sizeof file, "lists/%s.list", name);
    if (r == 0)
        r = folder_drop(dir, file, ei);
    return r == ERR_NOTFOUND ? err_set(ei, r, "there is no list %s", name) : r;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

int
lists_names(const char *dir, char ret[LISTS_MOST][LISTS_NAME], struct errinfo *ei)
{
    static const char behind[] = ".list";
    char path[NODE_PATH];
    const struct dirent *e;
    DIR *d;
    int count = 0;
    int r = node_path(dir, "lists", path, ei);

    if (r < 0)
        return r;
    d = opendir(path);
    if (d == NULL)
        return errno == ENOENT
                   ? 0
                   : err_set(ei, err_own(errno), "cannot be read: %s", strerror(errno));
    while (count < LISTS_MOST && (e = readdir(d)) != NULL) {
        size_t len = strlen(e->d_name);

        if (len <= sizeof behind - 1 || len - (sizeof behind - 1) >= LISTS_NAME ||
            strcmp(e->d_name + len - (sizeof behind - 1), behind) != 0)
            continue;
        (void)snprintf(ret[count], LISTS_NAME, "%.*s", (int)(len - (sizeof behind - 1)),
                       e->d_name);
        count += is_name(ret[count]);
    }
    (void)closedir(d);
    qsort(ret, (size_t)count, LISTS_NAME, by_name);
    return count;
}
