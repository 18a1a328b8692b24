/* The world as a role sees it: struct env over the disk, the clocks and the seed. */
#include <string.h>

#include "world.h"

void
pass_time(struct world *w, int64_t us)
{
    w->mono += us;
    if (w->mono + w->wall_ahead > w->latest_wall)
        w->latest_wall = w->mono + w->wall_ahead;
}

static struct utime
now_wall(void *self)
{
    struct world *w = self;

    return (struct utime){w->mono + w->wall_ahead};
}

static int64_t
now_mono(void *self)
{
    return ((struct world *)self)->mono;
}

static void
env_random(void *self, void *to, size_t n)
{
    struct world *w = self;
    uint8_t *p = to;

    for (size_t i = 0; i < n; i++) {
        w->nonce = w->nonce * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        p[i] = (uint8_t)(w->nonce >> 56);
    }
}

static struct disk *
disk(void *self)
{
    return &((struct world *)self)->disk;
}

static int
env_open(void *self, const char *path, int flags)
{
    return disk_open(disk(self), path, flags);
}

static void
env_close(void *self, int fd)
{
    disk_close(disk(self), fd);
}

static int64_t
env_size(void *self, int fd)
{
    return disk_size(disk(self), fd);
}

static int64_t
env_pread(void *self, int fd, void *to, size_t n, uint64_t at)
{
    return disk_read(disk(self), fd, to, n, at);
}

static int
env_pwrite(void *self, int fd, const void *from, size_t n, uint64_t at)
{
    return disk_write(disk(self), fd, from, n, at);
}

static int
env_truncate(void *self, int fd, uint64_t size)
{
    return disk_truncate(disk(self), fd, size);
}

static int
env_sync(void *self, int fd)
{
    return disk_sync(disk(self), fd);
}

static int
env_rename(void *self, const char *from, const char *to)
{
    return disk_rename(disk(self), from, to);
}

static int
env_unlink(void *self, const char *path)
{
    return disk_unlink(disk(self), path);
}

static void
env_log(void *self, enum env_level level, const char *text)
{
    (void)level;
    struct world *w = self;

    w->mark_lags |= strstr(text, "mark lags") != NULL;
    tell(self, "log: %s", text);
}

static void
vfs_sleeps(void *self, int64_t us)
{
    pass_time(self, us);
}

void
world_env(struct world *w)
{
    w->env = (struct env){.self = w,
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
                          .log = env_log};
    w->vfs = (struct vfs){.disk = &w->disk, .env = &w->env, .sleep = vfs_sleeps};
}
