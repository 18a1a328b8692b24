#include "sense/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void
tail_init(struct tail *t, const char *path)
{
    *t = (struct tail){.path = path, .fd = -1};
}

void
tail_close(struct tail *t)
{
    if (t->fd >= 0)
        (void)close(t->fd);
    t->fd = -1;
}

enum tail_state
tail_next(struct tail *t)
{
    struct stat st;

    tail_close(t);
    t->fd = open(t->path, O_RDONLY | O_CLOEXEC);
    if (t->fd < 0)
        return TAIL_MISSING;
    if (fstat(t->fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        tail_close(t);
        return TAIL_MISSING;
    }
    t->device = st.st_dev;
    t->inode = st.st_ino;
    t->at = 0;
    return TAIL_IDLE;
}

/* At the end: was the file cut? */
static bool
was_cut(const struct tail *t)
{
    struct stat st;

    return fstat(t->fd, &st) == 0 && (uint64_t)st.st_size < t->at;
}

/* Has another file the name, and has its writer begun with it?  Before that the old one may
 * still grow: between rename and creation, and until the writer was told of the new file. */
static bool
was_renamed(const struct tail *t)
{
    struct stat st;

    return stat(t->path, &st) == 0 && (st.st_dev != t->device || st.st_ino != t->inode) &&
           st.st_size > 0;
}

static ssize_t
read_on(const struct tail *t, char *to, size_t room)
{
    ssize_t n;

    do {
        n = pread(t->fd, to, room, (off_t)t->at);
    } while (n < 0 && errno == EINTR);
    return n;
}

enum tail_state
tail_read(struct tail *t, char *to, size_t room, size_t *ret_len)
{
    ssize_t n;

    *ret_len = 0;
    if (t->fd < 0)
        return TAIL_MISSING;
    n = read_on(t, to, room);
    if (n <= 0) {
        if (was_cut(t))
            return TAIL_ROTATED;
        if (!was_renamed(t))
            return TAIL_IDLE;
        n = read_on(t, to, room); /* what came between the first look and the other file */
        if (n <= 0)
            return TAIL_ROTATED;
    }
    t->at += (uint64_t)n;
    *ret_len = (size_t)n;
    return TAIL_MORE;
}

int
tail_seek(struct tail *t, uint64_t at)
{
    t->at = at;
    return t->fd < 0 ? ERR_IO : 0;
}

int
tail_head(const struct tail *t, char *to, size_t room, size_t *ret_len)
{
    size_t done = 0;

    while (t->fd >= 0 && done < room) {
        ssize_t n = pread(t->fd, to + done, room - done, (off_t)done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ERR_IO;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *ret_len = done;
    return t->fd < 0 ? ERR_IO : 0;
}
