#include "sense/tail.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

void
tail_init(struct tail *t, int (*look)(void *arg), void *arg)
{
    *t = (struct tail){.look = look, .arg = arg, .fd = -1, .next = -1};
}

static void
drop(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

void
tail_close(struct tail *t)
{
    drop(&t->fd);
    drop(&t->next);
}

void
tail_forget(struct tail *t)
{
    drop(&t->fd);
}

uint64_t
tail_size(const struct tail *t)
{
    struct stat st;

    return t->fd < 0 || fstat(t->fd, &st) < 0 ? 0 : (uint64_t)st.st_size;
}

enum tail_state
tail_next(struct tail *t)
{
    struct stat st;

    drop(&t->fd);
    t->fd = t->next >= 0 ? t->next : t->look(t->arg);
    t->next = -1;
    if (t->fd < 0)
        return TAIL_MISSING;
    if (fstat(t->fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        drop(&t->fd);
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
was_renamed(struct tail *t)
{
    struct stat st;

    if (t->next >= 0)
        return true;
    t->next = t->look(t->arg);
    if (t->next >= 0 && (fstat(t->next, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0 ||
                         (st.st_dev == t->device && st.st_ino == t->inode)))
        drop(&t->next);
    return t->next >= 0;
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
