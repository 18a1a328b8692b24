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

/* At the end: is it still the file that has the name, and still as long? */
static enum tail_state
at_end(const struct tail *t)
{
    struct stat named;
    struct stat opened;

    if (fstat(t->fd, &opened) == 0 && (uint64_t)opened.st_size < t->at)
        return TAIL_ROTATED;
    if (stat(t->path, &named) < 0)
        return TAIL_IDLE; /* between rename and creation; the old file may still grow */
    if (named.st_dev != t->device || named.st_ino != t->inode)
        return TAIL_ROTATED;
    return TAIL_IDLE;
}

enum tail_state
tail_read(struct tail *t, char *to, size_t room, size_t *ret_len)
{
    ssize_t n;

    *ret_len = 0;
    if (t->fd < 0)
        return TAIL_MISSING;
    do {
        n = pread(t->fd, to, room, (off_t)t->at);
    } while (n < 0 && errno == EINTR);
    if (n <= 0)
        return at_end(t);
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
