#include "vfs.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

struct vfs_file {
    sqlite3_file base;
    struct vfs *v;
    int fd;
    int lock;
    bool fresh; /* a journal whose name is not durable yet */
    bool shm;
    unsigned shm_shared;
    unsigned shm_exclusive;
    char drop[DISK_PATH]; /* unlink when closed */
};

static struct vfs_file *
of(sqlite3_file *f)
{
    return (struct vfs_file *)f;
}

/* Paths come as `<node>/<file>`; the disk knows the node's folder only. */
static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

static int
code(int r, int io)
{
    return r == 0 ? SQLITE_OK : r == ERR_FULL ? SQLITE_FULL : io;
}

/* ---- bytes ---- */

static int
file_close(sqlite3_file *file)
{
    struct vfs_file *f = of(file);

    disk_close(f->v->disk, f->fd);
    if (f->drop[0] != '\0')
        (void)disk_unlink(f->v->disk, f->drop);
    return SQLITE_OK;
}

static int
file_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
    struct vfs_file *f = of(file);
    int64_t got = disk_read(f->v->disk, f->fd, to, (size_t)n, (uint64_t)at);

    if (got < 0)
        return SQLITE_IOERR_READ;
    memset((char *)to + got, 0, (size_t)(n - got));
    return got < n ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int
file_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
    struct vfs_file *f = of(file);

    return code(disk_write(f->v->disk, f->fd, from, (size_t)n, (uint64_t)at),
                SQLITE_IOERR_WRITE);
}

static int
file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct vfs_file *f = of(file);

    return code(disk_truncate(f->v->disk, f->fd, (uint64_t)size), SQLITE_IOERR_TRUNCATE);
}

/* The folder's sync, whose result SQLite does not look at. */
static void
sync_name(struct vfs *v)
{
    int fd = disk_open(v->disk, ".", ENV_DIR);

    if (fd < 0)
        return;
    v->disk->quiet = true;
    (void)disk_sync(v->disk, fd);
    v->disk->quiet = false;
    disk_close(v->disk, fd);
}

static int
file_sync(sqlite3_file *file, int flags)
{
    struct vfs_file *f = of(file);

    (void)flags;
    if (disk_sync(f->v->disk, f->fd) < 0)
        return SQLITE_IOERR_FSYNC;
    if (f->fresh)
        sync_name(f->v);
    f->fresh = false;
    return SQLITE_OK;
}

static int
file_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    struct vfs_file *f = of(file);
    int64_t size = disk_size(f->v->disk, f->fd);

    *ret = size < 0 ? 0 : size;
    return size < 0 ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int
file_control(sqlite3_file *file, int op, void *arg)
{
    (void)file;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int
sector_size(sqlite3_file *file)
{
    (void)file;
    return DISK_PAGE;
}

static int
characteristics(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- locks of the database ---- */

static int
file_unlock(sqlite3_file *file, int to)
{
    struct vfs_file *f = of(file);

    if (f->lock > SQLITE_LOCK_SHARED) {
        if (f->v->reserved == f)
            f->v->reserved = NULL;
        if (f->v->exclusive == f)
            f->v->exclusive = NULL;
    }
    if (to == SQLITE_LOCK_NONE && f->lock != SQLITE_LOCK_NONE)
        f->v->readers--;
    f->lock = to;
    return SQLITE_OK;
}

static int
file_lock(sqlite3_file *file, int want)
{
    struct vfs_file *f = of(file);
    struct vfs *v = f->v;

    if (f->lock >= want)
        return SQLITE_OK;
    if (v->exclusive != NULL && v->exclusive != f)
        return SQLITE_BUSY;
    if (want == SQLITE_LOCK_SHARED) {
        v->readers++;
    } else if (want == SQLITE_LOCK_RESERVED) {
        if (v->reserved != NULL && v->reserved != f)
            return SQLITE_BUSY;
        v->reserved = f;
    } else {
        v->exclusive = f;
        if (v->readers > 1) {
            f->lock = SQLITE_LOCK_PENDING;
            return SQLITE_BUSY;
        }
    }
    f->lock = want;
    return SQLITE_OK;
}

static int
file_reserved(sqlite3_file *file, int *ret)
{
    *ret = of(file)->v->reserved != NULL;
    return SQLITE_OK;
}

/* ---- the shared memory of the WAL ---- */

static int
shm_map(sqlite3_file *file, int n, int size, int extend, void volatile **ret)
{
    struct vfs_file *f = of(file);
    struct vfs *v = f->v;

    if (!f->shm) {
        f->shm = true;
        v->shm_users++;
    }
    *ret = NULL;
    if (n >= VFS_REGIONS)
        return SQLITE_FULL;
    if (v->region[n] == NULL && extend) {
        v->region[n] = calloc(1, (size_t)size);
        if (v->region[n] == NULL)
            return SQLITE_NOMEM;
    }
    *ret = v->region[n];
    return SQLITE_OK;
}

static int
shm_lock(sqlite3_file *file, int from, int n, int flags)
{
    struct vfs_file *f = of(file);
    struct vfs *v = f->v;

    for (int i = from; i < from + n; i++) {
        unsigned bit = 1U << i;
        unsigned others = v->shm_shared[i] - ((f->shm_shared & bit) != 0);

        if (flags & SQLITE_SHM_UNLOCK)
            continue;
        if (v->shm_exclusive[i] && !(f->shm_exclusive & bit))
            return SQLITE_BUSY;
        if ((flags & SQLITE_SHM_EXCLUSIVE) && others > 0)
            return SQLITE_BUSY;
    }
    for (int i = from; i < from + n; i++) {
        unsigned bit = 1U << i;

        if (f->shm_shared & bit)
            v->shm_shared[i]--;
        if (f->shm_exclusive & bit)
            v->shm_exclusive[i] = false;
        f->shm_shared &= ~bit;
        f->shm_exclusive &= ~bit;
        if (flags & SQLITE_SHM_UNLOCK)
            continue;
        if (flags & SQLITE_SHM_EXCLUSIVE) {
            v->shm_exclusive[i] = true;
            f->shm_exclusive |= bit;
        } else {
            v->shm_shared[i]++;
            f->shm_shared |= bit;
        }
    }
    return SQLITE_OK;
}

static void
shm_barrier(sqlite3_file *file)
{
    (void)file;
}

static int
shm_unmap(sqlite3_file *file, int drop)
{
    struct vfs_file *f = of(file);
    struct vfs *v = f->v;

    (void)drop;
    if (!f->shm)
        return SQLITE_OK;
    f->shm = false;
    (void)shm_lock(file, 0, VFS_LOCKS, SQLITE_SHM_UNLOCK);
    if (--v->shm_users > 0)
        return SQLITE_OK;
    for (int i = 0; i < VFS_REGIONS; i++) {
        free(v->region[i]);
        v->region[i] = NULL;
    }
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

/* ---- files by name, and the rest ---- */

static struct vfs *
world(sqlite3_vfs *vfs)
{
    return vfs->pAppData;
}

static int
vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
    struct vfs_file *f = of(file);
    const char *name = path == NULL ? NULL : base_name(path);
    bool there;

    memset(f, 0, sizeof *f);
    f->v = world(vfs);
    there = name != NULL && disk_exists(f->v->disk, name);
    f->fd =
        disk_open(f->v->disk, name, ENV_WRITE | (flags & SQLITE_OPEN_CREATE ? ENV_CREATE : 0));
    if (f->fd < 0)
        return SQLITE_CANTOPEN;
    f->fresh = !there && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    if (name != NULL && flags & SQLITE_OPEN_DELETEONCLOSE)
        memcpy(f->drop, name, strlen(name) + 1);
    if (ret_flags != NULL)
        *ret_flags = flags;
    file->pMethods = &methods;
    return SQLITE_OK;
}

static int
vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
    int r = disk_unlink(world(vfs)->disk, base_name(path));

    if (r == 0 && sync_folder)
        sync_name(world(vfs));
    return r == ERR_NOTFOUND ? SQLITE_IOERR_DELETE_NOENT : code(r, SQLITE_IOERR_DELETE);
}

static int
vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *ret)
{
    (void)flags;
    *ret = disk_exists(world(vfs)->disk, base_name(path));
    return SQLITE_OK;
}

static int
vfs_full_path(sqlite3_vfs *vfs, const char *path, int room, char *ret)
{
    size_t n = strlen(path) + 1;

    (void)vfs;
    if (n > (size_t)room)
        return SQLITE_CANTOPEN;
    memcpy(ret, path, n);
    return SQLITE_OK;
}

static int
vfs_randomness(sqlite3_vfs *vfs, int n, char *to)
{
    const struct env *env = world(vfs)->env;

    env->random(env->self, to, (size_t)n);
    return n;
}

static int
vfs_sleep(sqlite3_vfs *vfs, int us)
{
    world(vfs)->sleep(world(vfs)->env->self, us);
    return us;
}

/* Milliseconds of the Julian calendar. */
static int
vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *ret)
{
    const struct env *env = world(vfs)->env;

    *ret = INT64_C(210866760000000) + env->now_wall(env->self).us / 1000;
    return SQLITE_OK;
}

static int
vfs_error(sqlite3_vfs *vfs, int n, char *to)
{
    (void)vfs;
    (void)n;
    (void)to;
    return 0;
}

static sqlite3_vfs table = {
    .iVersion = 2,
    .szOsFile = sizeof(struct vfs_file),
    .mxPathname = 256,
    .zName = "world",
    .xOpen = vfs_open,
    .xDelete = vfs_delete,
    .xAccess = vfs_access,
    .xFullPathname = vfs_full_path,
    .xRandomness = vfs_randomness,
    .xSleep = vfs_sleep,
    .xGetLastError = vfs_error,
    .xCurrentTimeInt64 = vfs_time,
};

void
vfs_install(struct vfs *v)
{
    table.pAppData = v;
    BUG_ON(sqlite3_vfs_register(&table, 1) != SQLITE_OK);
}

void
vfs_remove(struct vfs *v)
{
    BUG_ON(v->shm_users > 0);
    (void)sqlite3_vfs_unregister(&table);
}
