#include "role/env_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* NULL on every node but one that was made for tests. */
static struct test_clock *followed;

void
env_posix_follow(struct test_clock *c)
{
    followed = c;
}

bool
env_posix_follows(void)
{
    return followed != NULL;
}

struct utime
env_posix_now(void)
{
    struct timespec ts;
    int64_t moved =
        followed == NULL ? 0 : atomic_load_explicit(&followed->wall, memory_order_relaxed);

    (void)clock_gettime(CLOCK_REALTIME, &ts);
    return (struct utime){(int64_t)ts.tv_sec * TIME_US_PER_S + ts.tv_nsec / 1000 + moved};
}

int
env_posix_look(const char *dir, struct errinfo *ei)
{
    static struct test_clock own;
    static bool looked; /* behind a fence it cannot be asked again */
    char path[PATH_MAX];
    int64_t us;
    int r =
        followed != NULL || looked ? ERR_NOTFOUND : test_clock_of(dir, path, sizeof path, ei);

    if (r == 0)
        r = test_clock_read(path, &us, ei);
    looked |= r == 0 || r == ERR_NOTFOUND;
    if (r == 0) {
        test_clock_move(&own, us);
        followed = &own;
    }
    return r == ERR_NOTFOUND ? 0 : r;
}

static struct utime
now_wall(void *self)
{
    (void)self;
    return env_posix_now();
}

static int64_t
now_mono(void *self)
{
    const struct env_posix *p = self;
    struct timespec ts;
    int64_t moved = followed == NULL || !p->moves
                        ? 0
                        : atomic_load_explicit(&followed->mono, memory_order_relaxed);

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * TIME_US_PER_S + ts.tv_nsec / 1000 + moved;
}

static void
env_random(void *self, void *to, size_t n)
{
    char *p = to;

    (void)self;
    while (n > 0) {
        ssize_t got = getrandom(p, n, 0);

        BUG_ON(got < 0 && errno != EINTR);
        if (got > 0) {
            p += got;
            n -= (size_t)got;
        }
    }
}

/* What a failed call was: a full disk is a thing that somebody can repair. */
static int
failure(void)
{
    return errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
}

static int
env_open(void *self, const char *path, int flags)
{
    struct env_posix *p = self;
    int how = flags & ENV_WRITE ? O_RDWR : O_RDONLY;
    int fd;

    if (flags & ENV_CREATE)
        how |= O_CREAT;
    if (flags & ENV_EXCL)
        how |= O_EXCL;
    if (flags & ENV_DIR)
        how |= O_DIRECTORY;
    fd = openat(p->dir, path, how | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == ENOENT ? ERR_NOTFOUND : err_own(errno);
    return fd;
}

static void
env_close(void *self, int fd)
{
    (void)self;
    (void)close(fd);
}

static int64_t
env_size(void *self, int fd)
{
    struct stat st;

    (void)self;
    return fstat(fd, &st) < 0 ? ERR_IO : st.st_size;
}

static int64_t
env_pread(void *self, int fd, void *to, size_t n, uint64_t at)
{
    size_t done = 0;

    (void)self;
    while (done < n) {
        ssize_t got = pread(fd, (char *)to + done, n - done, (off_t)(at + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERR_IO;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (int64_t)done;
}

static int
env_pwrite(void *self, int fd, const void *from, size_t n, uint64_t at)
{
    size_t done = 0;

    (void)self;
    while (done < n) {
        ssize_t put = pwrite(fd, (const char *)from + done, n - done, (off_t)(at + done));

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return failure();
        done += (size_t)put;
    }
    return 0;
}

static int
env_truncate(void *self, int fd, uint64_t size)
{
    (void)self;
    return ftruncate(fd, (off_t)size) < 0 ? failure() : 0;
}

static int
env_sync(void *self, int fd)
{
    (void)self;
    return fdatasync(fd) < 0 ? ERR_IO : 0; /* even when it says that the disk is full */
}

static int
env_rename(void *self, const char *from, const char *to)
{
    struct env_posix *p = self;

    return renameat(p->dir, from, p->dir, to) < 0 ? failure() : 0;
}

static int
env_unlink(void *self, const char *path)
{
    struct env_posix *p = self;

    return unlinkat(p->dir, path, 0) < 0 ? ERR_IO : 0;
}

static int
env_room(void *self, uint64_t *ret_free, uint64_t *ret_all)
{
    struct env_posix *p = self;
    struct statvfs st;

    if (fstatvfs(p->dir, &st) < 0)
        return ERR_IO;
    *ret_free = (uint64_t)st.f_bavail * st.f_frsize;
    *ret_all = (uint64_t)st.f_blocks * st.f_frsize;
    return 0;
}

static void
env_punch(void *self, int fd, uint64_t at, uint64_t n)
{
    (void)self;
    (void)fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)at, (off_t)n);
}

static void
env_log(void *self, enum env_level level, const char *text)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    struct env_posix *p = self;
    char at[TIME_TEXT];

    if (level > p->level)
        return;
    time_format(now_wall(self), at);
    (void)fprintf(stderr, "%.*s %s: %s\n", TIME_TEXT, at, names[level], text);
}

int
env_posix_open(struct env_posix *p, const char *dir, struct env *ret, struct errinfo *ei)
{
    int r = env_posix_look(dir, ei);

    *p = (struct env_posix){.dir = -1, .level = ENV_INFO};
    if (r < 0)
        return r;
    p->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->dir < 0) {
        err_file(ei, dir);
        return err_set(ei, errno == ENOENT ? ERR_CONF : err_own(errno), "cannot be opened: %s",
                       strerror(errno));
    }
    *ret = (struct env){.self = p,
                        .now_wall = now_wall,
                        .now_mono = now_mono,
                        .random = env_random,
                        .open = env_open,
                        .close = env_close,
                        .size = env_size,
                        .pread = env_pread,
                        .pwrite = env_pwrite,
                        .truncate = env_truncate,
                        .sync = env_sync,
                        .rename = env_rename,
                        .unlink = env_unlink,
                        .room = env_room,
                        .punch = env_punch,
                        .log = env_log};
    return 0;
}

void
env_posix_close(struct env_posix *p)
{
    if (p->dir >= 0)
        (void)close(p->dir);
    p->dir = -1;
}
