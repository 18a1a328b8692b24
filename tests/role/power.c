#undef _FORTIFY_SOURCE /* its inline functions are those that are defined here */
#include "power.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "unit.h"

enum { SECTOR = 512, PATH_ROOM = 512, FILES = 64, NAMES = 256 };

struct change {
    uint64_t at;
    uint64_t old_size; /* of the file, before */
    size_t len;        /* bytes of new_ */
    size_t had;        /* bytes of old */
    char *old;
    char *new_;
    bool cut; /* a truncate, to the size `at` */
};

struct file {
    ino_t ino;
    int fd; /* of our own: its name may go */
    char path[PATH_ROOM];
    struct change *change;
    unsigned changes;
    unsigned room;
};

enum naming { ADD, DROP, MOVE };
struct name {
    enum naming what;
    char path[PATH_ROOM];
    char to[PATH_ROOM];
    char kept[PATH_ROOM]; /* another name of what was dropped or replaced; "" nothing was */
};

struct power_counts power_counts;
static char watched[PATH_ROOM]; /* "": nothing */
static struct file file[FILES];
static unsigned files;
static struct name name[NAMES];
static unsigned names;
static unsigned links;
static bool lies;
static uint64_t random_state;

/* ---- the calls as they are --------------------------------------------------------------- */

static ssize_t
real_pwrite(int fd, const void *from, size_t n, uint64_t at)
{
    return syscall(SYS_pwrite64, fd, from, n, at);
}

static int
real_truncate(int fd, uint64_t size)
{
    return (int)syscall(SYS_ftruncate, fd, size);
}

static int
real_unlink(const char *path)
{
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

static int
real_rename(const char *from, const char *to)
{
    return (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

/* A test that cannot go on. */
static void
need(bool good, const char *what)
{
    if (good)
        return;
    (void)fprintf(stderr, "power: %s: %s\n", what, strerror(errno));
    _exit(3);
}

/* ---- whose it is ------------------------------------------------------------------------- */

static bool
path_of(int fd, char to[PATH_ROOM])
{
    char link_[64];
    ssize_t n;

    (void)snprintf(link_, sizeof link_, "/proc/self/fd/%d", fd);
    n = readlink(link_, to, PATH_ROOM - 1);
    to[n < 0 ? 0 : n] = '\0';
    return n > 0 && strncmp(to, watched, strlen(watched)) == 0;
}

static bool
path_at(int dir, const char *path, char to[PATH_ROOM])
{
    char base[PATH_ROOM] = "";

    if (watched[0] == '\0')
        return false;
    if (path[0] != '/' && dir == AT_FDCWD)
        return false;
    if (path[0] != '/' && !path_of(dir, base))
        return false;
    need(snprintf(to, PATH_ROOM, "%s%s%s", base, path[0] == '/' ? "" : "/", path) < PATH_ROOM,
         "a path is too long");
    return strncmp(to, watched, strlen(watched)) == 0;
}

static struct file *
find(int fd)
{
    struct stat st;

    if (watched[0] == '\0' || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return NULL;
    for (unsigned i = 0; i < files; i++) {
        if (file[i].ino == st.st_ino)
            return &file[i];
    }
    return NULL;
}

/* The file of a write, known from then on; NULL: it is none of ours. */
static struct file *
take(int fd)
{
    struct file *f = find(fd);
    char path[PATH_ROOM];
    char self[64];
    struct stat st;

    if (f != NULL || watched[0] == '\0' || !path_of(fd, path) || fstat(fd, &st) < 0 ||
        !S_ISREG(st.st_mode))
        return f;
    need(files < FILES, "too many files");
    f = &file[files++];
    *f = (struct file){.ino = st.st_ino};
    memcpy(f->path, path, sizeof path);
    (void)snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    f->fd = (int)syscall(SYS_openat, AT_FDCWD, self, O_RDWR | O_CLOEXEC, 0);
    need(f->fd >= 0, path);
    return f;
}

/* ---- what is not durable ----------------------------------------------------------------- */

static struct change *
add(struct file *f, uint64_t at)
{
    struct stat st;

    if (f->changes == f->room) {
        f->room = f->room * 2 + 16;
        f->change = realloc(f->change, f->room * sizeof *f->change);
        need(f->change != NULL, "memory");
    }
    need(fstat(f->fd, &st) == 0, f->path);
    f->change[f->changes] = (struct change){.at = at, .old_size = (uint64_t)st.st_size};
    return &f->change[f->changes++];
}

static void
keep_old(const struct file *f, struct change *c, uint64_t until)
{
    if (until > c->old_size)
        until = c->old_size;
    c->had = until > c->at ? until - c->at : 0;
    c->old = malloc(c->had + 1);
    need(c->old != NULL && pread(f->fd, c->old, c->had, (off_t)c->at) == (ssize_t)c->had,
         f->path);
}

static void
note_write(int fd, const void *from, size_t n, uint64_t at)
{
    struct file *f = take(fd);
    struct change *c;

    if (f == NULL || n == 0)
        return;
    c = add(f, at);
    keep_old(f, c, at + n);
    c->len = n;
    c->new_ = malloc(n);
    need(c->new_ != NULL, "memory");
    memcpy(c->new_, from, n);
}

static void
note_truncate(int fd, uint64_t size)
{
    struct file *f = take(fd);
    struct change *c;

    if (f == NULL)
        return;
    c = add(f, size);
    c->cut = true;
    keep_old(f, c, c->old_size);
}

static void
forget(struct file *f)
{
    for (unsigned i = 0; i < f->changes; i++) {
        free(f->change[i].old);
        free(f->change[i].new_);
    }
    f->changes = 0;
}

static bool
is_in(const char *path, const char *folder)
{
    size_t n = strlen(folder);

    return strncmp(path, folder, n) == 0 && path[n] == '/' && strchr(path + n + 1, '/') == NULL;
}

static void
note_sync(int fd)
{
    struct file *f = lies ? NULL : find(fd);
    char path[PATH_ROOM];
    unsigned left = 0;

    if (f != NULL)
        forget(f);
    if (lies || f != NULL || watched[0] == '\0' || !path_of(fd, path))
        return;
    for (unsigned i = 0; i < names; i++) {
        if (!is_in(name[i].path, path))
            name[left++] = name[i];
        else if (name[i].kept[0] != '\0')
            (void)real_unlink(name[i].kept);
    }
    names = left;
}

static struct name *
add_name(enum naming what, const char *path, const char *to)
{
    struct name *n = &name[names++];

    need(names < NAMES, "too many names");
    *n = (struct name){.what = what};
    (void)snprintf(n->path, sizeof n->path, "%s", path);
    (void)snprintf(n->to, sizeof n->to, "%s", to);
    return n;
}

/* Beside the folders, where nobody looks. */
static void
keep_link(struct name *n, const char *path)
{
    const char *end = strchr(path + strlen(watched), '/');

    if (access(path, F_OK) < 0 || end == NULL)
        return;
    (void)snprintf(n->kept, sizeof n->kept, "%.*s.kept-%u", (int)(end - path), path, links++);
    need(link(path, n->kept) == 0, path);
}

/* ---- the calls, with an eye on them ------------------------------------------------------ */

ssize_t
pwrite(int fd, const void *from, size_t n, off_t at)
{
    note_write(fd, from, n, (uint64_t)at);
    return real_pwrite(fd, from, n, (uint64_t)at);
}

int
ftruncate(int fd, off_t size)
{
    note_truncate(fd, (uint64_t)size);
    return real_truncate(fd, (uint64_t)size);
}

int
fsync(int fd)
{
    int r = (int)syscall(SYS_fsync, fd);

    if (r == 0)
        note_sync(fd);
    return r;
}

int
fdatasync(int fd)
{
    int r = (int)syscall(SYS_fdatasync, fd);

    if (r == 0)
        note_sync(fd);
    return r;
}

static int
open_one(int dir, const char *path, int flags, unsigned mode)
{
    char whole[PATH_ROOM];
    bool is_new =
        (flags & O_CREAT) != 0 && path_at(dir, path, whole) && access(whole, F_OK) < 0;
    int fd = (int)syscall(SYS_openat, dir, path, flags | O_LARGEFILE, mode);

    if (fd >= 0 && is_new)
        (void)add_name(ADD, whole, "");
    return fd;
}

int
open(const char *path, int flags, ...)
{
    unsigned mode = 0;

    if ((flags & O_CREAT) != 0) {
        va_list ap;

        va_start(ap, flags);
        mode = va_arg(ap, unsigned);
        va_end(ap);
    }
    return open_one(AT_FDCWD, path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
    unsigned mode = 0;

    if ((flags & O_CREAT) != 0) {
        va_list ap;

        va_start(ap, flags);
        mode = va_arg(ap, unsigned);
        va_end(ap);
    }
    return open_one(dir, path, flags, mode);
}

int
unlinkat(int dir, const char *path, int flags)
{
    char whole[PATH_ROOM];
    struct name *n;

    if (flags == 0 && path_at(dir, path, whole) && access(whole, F_OK) == 0) {
        n = add_name(DROP, whole, "");
        keep_link(n, whole);
    }
    return (int)syscall(SYS_unlinkat, dir, path, flags);
}

int
unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    char a[PATH_ROOM];
    char b[PATH_ROOM];

    if (path_at(from_dir, from, a) && path_at(to_dir, to, b) && access(a, F_OK) == 0)
        keep_link(add_name(MOVE, a, b), b);
    return (int)syscall(SYS_renameat, from_dir, from, to_dir, to);
}

int
rename(const char *from, const char *to)
{
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

/* ---- the cut ----------------------------------------------------------------------------- */

static uint64_t
pick(uint64_t n)
{
    return next_random(&random_state) % n;
}

static void
put(const struct file *f, uint64_t at, const char *bytes, size_t n)
{
    need(real_pwrite(f->fd, bytes, n, at) == (ssize_t)n, f->path);
}

static void
undo(const struct file *f)
{
    for (unsigned i = f->changes; i-- > 0;) {
        const struct change *c = &f->change[i];

        if (c->had > 0)
            put(f, c->at, c->old, c->had);
        need(real_truncate(f->fd, c->old_size) == 0, f->path);
    }
}

/* It reached the disk, whole or by sectors. */
static void
redo(const struct file *f, const struct change *c, bool whole)
{
    if (c->cut) {
        if (whole || pick(2) == 0)
            need(real_truncate(f->fd, c->at) == 0, f->path);
        return;
    }
    for (size_t at = 0; at < c->len;) {
        size_t n = SECTOR - (c->at + at) % SECTOR;

        if (n > c->len - at)
            n = c->len - at;
        if (whole || pick(2) == 0)
            put(f, c->at + at, c->new_ + at, n);
        at += n;
    }
}

/* None, all, the first ones with the last one torn, or any with any of their sectors. */
static void
keep_some(struct file *f)
{
    unsigned style = (unsigned)pick(4);
    unsigned whole = style == 0 ? 0 : style == 1 ? f->changes : (unsigned)pick(f->changes + 1);

    if (f->changes == 0)
        return;
    power_counts.writes += f->changes;
    power_counts.torn += style > 1;
    power_counts.lost += style == 0;
    undo(f);
    for (unsigned i = 0; i < f->changes; i++) {
        if (style < 3 && i < whole)
            redo(f, &f->change[i], true);
        else if ((style == 2 && i == whole) || (style == 3 && pick(4) != 0))
            redo(f, &f->change[i], style == 3 && pick(2) == 0);
    }
    forget(f);
}

static void
take_back(const struct name *n)
{
    power_counts.names++;
    if (n->what == ADD)
        (void)real_unlink(n->path);
    if (n->what == MOVE)
        (void)real_rename(n->to, n->path);
    if (n->kept[0] != '\0')
        (void)real_rename(n->kept, n->what == DROP ? n->path : n->to);
}

static bool
same_folder(const struct name *a, const struct name *b)
{
    size_t n = (size_t)(strrchr(a->path, '/') - a->path);

    return strncmp(a->path, b->path, n + 1) == 0 && strchr(b->path + n + 1, '/') == NULL;
}

/* Of a folder's changes those behind some are forgotten. */
static void
forget_names(const char *below)
{
    bool gone[NAMES] = {false};

    for (unsigned i = 0; i < names; i++) {
        if (strncmp(name[i].path, below, strlen(below)) != 0)
            continue;
        for (unsigned k = 0; k < i && !gone[i]; k++)
            gone[i] = gone[k] && same_folder(&name[k], &name[i]);
        gone[i] = gone[i] || pick(3) == 0;
    }
    for (unsigned i = names; i-- > 0;) {
        if (gone[i])
            take_back(&name[i]);
    }
}

void
power_watch(const char *prefix)
{
    (void)snprintf(watched, sizeof watched, "%s", prefix);
}

void
power_lies(void)
{
    lies = true;
}

void
power_cut(const char *below, uint64_t seed)
{
    random_state = seed * 7919 + 1;
    for (unsigned i = 0; i < files; i++) {
        if (strncmp(file[i].path, below, strlen(below)) == 0)
            keep_some(&file[i]);
    }
    forget_names(below);
}
