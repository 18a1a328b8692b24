#include "role/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "role/node_priv.h"

static int
sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd >= 0 && fsync(fd) == 0 ? 0 : ERR_IO;

    if (fd >= 0)
        (void)close(fd);
    return r;
}

/* Aside, synced, renamed. */
static int
write_file(const char *part, const char *path, struct slice bytes, mode_t mode,
           struct errinfo *ei)
{
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    size_t at = 0;
    ssize_t n = 0;
    int r = 0;

    while (fd >= 0 && at < bytes.len && (n = write(fd, bytes.ptr + at, bytes.len - at)) > 0)
        at += (size_t)n;
    if (fd < 0 || at < bytes.len || fsync(fd) < 0 || rename(part, path) < 0)
        r = err_set(ei, err_own(errno), "cannot be written: %s", strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    if (r < 0)
        (void)unlink(part);
    return r;
}

/* DIR/folder of DIR/folder/file. */
static int
folder_of(const char *dir, const char *name, char to[NODE_PATH], struct errinfo *ei)
{
    char *slash;
    int r = node_path(dir, name, to, ei);

    if (r < 0)
        return r;
    slash = strrchr(to, '/');
    BUG_ON(slash == NULL || strchr(name, '/') == NULL);
    *slash = '\0';
    return 0;
}

static int
put(const char *dir, const char *name, struct slice bytes, mode_t mode, struct errinfo *ei)
{
    char folder[NODE_PATH];
    char part[NODE_PATH];
    char path[NODE_PATH];
    char aside[128];
    int r = folder_of(dir, name, folder, ei);

    if (r == 0 && mkdir(folder, 0700) < 0 && errno != EEXIST)
        r = err_set(ei, err_own(errno), "cannot be made: %s", strerror(errno));
    (void)snprintf(aside, sizeof aside, "%s.part", name);
    if (r == 0)
        r = node_path(dir, aside, part, ei);
    if (r == 0)
        r = node_path(dir, name, path, ei);
    if (r == 0)
        r = write_file(part, path, bytes, mode, ei);
    return r < 0 ? r : sync_folder(folder);
}

int
folder_put(const char *dir, const char *name, struct slice bytes, struct errinfo *ei)
{
    return put(dir, name, bytes, 0644, ei);
}

int
folder_put_secret(const char *dir, const char *name, struct slice bytes, struct errinfo *ei)
{
    return put(dir, name, bytes, 0600, ei);
}

int
folder_read_secret(const char *dir, const char *name, size_t max, struct buf *ret,
                   struct errinfo *ei)
{
    char path[NODE_PATH];
    struct stat st;
    int r = node_path(dir, name, path, ei);

    if (r == 0 && stat(path, &st) == 0 && (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0))
        return err_set(ei, ERR_CONF,
                       "is a secret that others can read: run `chmod go= ` on it");
    return r < 0 ? r : node_read_file(dir, name, max, ret, ei);
}

int
folder_drop(const char *dir, const char *name, struct errinfo *ei)
{
    char folder[NODE_PATH];
    char path[NODE_PATH];
    int r = folder_of(dir, name, folder, ei);

    if (r == 0)
        r = node_path(dir, name, path, ei);
    if (r == 0 && unlink(path) < 0)
        r = errno == ENOENT
                ? ERR_NOTFOUND
                : err_set(ei, err_own(errno), "cannot be removed: %s", strerror(errno));
    return r < 0 ? r : sync_folder(folder);
}
