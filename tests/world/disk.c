#include "disk.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

enum { FOLDERS = 2 };

uint64_t
disk_random(struct disk *d)
{
    uint64_t z = d->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void
disk_mix(struct disk *d, uint64_t what)
{
    uint64_t z = d->trace ^ what;

    z = (z ^ z >> 32) * UINT64_C(0xd6e8feb86659fd93);
    d->trace = z ^ z >> 32;
}

static void *
need(void *p)
{
    BUG_ON(p == NULL);
    return p;
}

static int
folder_of(const char *path)
{
    return strncmp(path, "evidence/", 9) == 0;
}

static enum disk_kind
kind_of(const char *path)
{
    if (folder_of(path))
        return DISK_EVIDENCE;
    if (strcmp(path, "detente.db") == 0)
        return DISK_DB;
    if (strcmp(path, "detente.db-wal") == 0)
        return DISK_WAL;
    return strncmp(path, "mark", 4) == 0 ? DISK_MARK : DISK_OTHER;
}

void
disk_init(struct disk *d, uint64_t seed)
{
    memset(d, 0, sizeof *d);
    d->random = seed;
    for (int i = 0; i < DISK_OPEN; i++)
        d->open[i] = -1;
}

/* ---- files ---- */

static void
forget_change(struct disk_change *c)
{
    free(c->old);
    free(c->new_);
}

static void
forget_changes(struct disk_file *f)
{
    for (unsigned i = 0; i < f->changes; i++)
        forget_change(&f->change[i]);
    f->changes = 0;
}

static void
free_file(struct disk_file *f)
{
    forget_changes(f);
    free(f->change);
    free(f->lost);
    free(f->bytes);
    memset(f, 0, sizeof *f);
}

void
disk_release(struct disk *d)
{
    for (int i = 0; i < DISK_FILES; i++)
        free_file(&d->file[i]);
}

static int
new_file(struct disk *d, enum disk_kind kind)
{
    int i = 0;

    while (i < DISK_FILES && d->file[i].used)
        i++;
    BUG_ON(i == DISK_FILES);
    d->file[i].used = true;
    d->file[i].kind = kind;
    return i;
}

/* Put bytes where they belong; a hole before them is zero. */
static void
put(struct disk_file *f, uint64_t at, const char *bytes, size_t n)
{
    if (n == 0)
        return;
    if (at + n > f->room) {
        f->room = (at + n) * 3 / 2 + DISK_PAGE;
        f->bytes = need(realloc(f->bytes, f->room));
    }
    if (at > f->size)
        memset(f->bytes + f->size, 0, at - f->size);
    memcpy(f->bytes + at, bytes, n);
    if (at + n > f->size)
        f->size = at + n;
}

static void
set_size(struct disk_file *f, uint64_t size)
{
    static const char zero[1];

    if (size > f->size) {
        put(f, size - 1, zero, 1);
        return;
    }
    f->size = size;
}

static struct disk_change *
add_change(struct disk_file *f, uint64_t at)
{
    struct disk_change *c;

    if (f->changes == f->change_room) {
        f->change_room = f->change_room * 2 + 16;
        f->change = need(realloc(f->change, f->change_room * sizeof *f->change));
    }
    c = &f->change[f->changes++];
    *c = (struct disk_change){.at = at, .old_size = f->size};
    return c;
}

static char *
copy_of(const char *bytes, size_t n)
{
    char *p = need(malloc(n + 1));

    memcpy(p, bytes == NULL ? "" : bytes, n);
    return p;
}

static void
undo(struct disk_file *f, const struct disk_change *c)
{
    if (c->had > 0)
        put(f, c->at, c->old, c->had);
    set_size(f, c->old_size);
}

/* A page that was thought to be clean is written to: now it is dirty, with all its bytes. */
static void
dirty_lost(struct disk_file *f, uint64_t at, size_t n)
{
    for (unsigned i = 0; i < f->losts;) {
        uint64_t start = f->lost[i].page * DISK_PAGE;

        if (start >= f->size) { /* a page that a cut took away */
            f->lost[i] = f->lost[--f->losts];
        } else if (start < at + n && start + DISK_PAGE > at) {
            size_t len = f->size - start < DISK_PAGE ? f->size - start : DISK_PAGE;
            struct disk_change *c = add_change(f, start);

            c->len = c->had = len;
            c->old = copy_of(f->lost[i].bytes, len);
            c->new_ = copy_of(f->bytes + start, len);
            f->lost[i] = f->lost[--f->losts];
        } else {
            i++;
        }
    }
}

static void
change_bytes(struct disk_file *f, uint64_t at, const char *bytes, size_t n)
{
    struct disk_change *c;

    if (n == 0)
        return;
    dirty_lost(f, at, n);
    c = add_change(f, at);
    c->had = at >= f->size ? 0 : f->size - at < n ? f->size - at : n;
    c->len = n;
    c->old = copy_of(c->had > 0 ? f->bytes + at : NULL, c->had);
    c->new_ = copy_of(bytes, n);
    put(f, at, bytes, n);
}

static void
change_size(struct disk_file *f, uint64_t size)
{
    struct disk_change *c = add_change(f, size);

    c->cut = true;
    if (size < f->size) {
        c->had = f->size - size;
        c->old = copy_of(f->bytes + size, c->had);
    }
    set_size(f, size);
}

/* ---- calls ---- */

/* 0, the fault that was asked for, or DISK_DIES once: the caller may do a part of its work. */
static int
enter(struct disk *d, enum disk_call call, enum disk_kind kind, const char *path)
{
    int r;

    if (d->dead)
        return ERR_IO;
    d->calls++;
    disk_mix(d, (uint64_t)call << 8 | (uint64_t)kind);
    r = d->before == NULL ? 0 : d->before(d->arg, call, kind, path);
    if (r == DISK_DIES)
        d->dead = true;
    return r;
}

static int
find(const struct disk_names *n, const char *path)
{
    for (unsigned i = 0; i < n->count; i++) {
        if (strcmp(n->at[i].path, path) == 0)
            return (int)i;
    }
    return -1;
}

bool
disk_exists(const struct disk *d, const char *path)
{
    return find(&d->now, path) >= 0;
}

static void
set_path(char to[DISK_PATH], const char *from)
{
    size_t n = strlen(from);

    BUG_ON(n >= DISK_PATH);
    memcpy(to, from, n + 1);
}

static void
apply_name(struct disk_names *n, const struct disk_name_change *c)
{
    int at = find(n, c->path);

    if (c->what == NAME_ADD && at < 0) {
        at = (int)n->count++;
        BUG_ON(at == DISK_FILES);
    } else if (c->what == NAME_ADD) {
        n->at[at].file = c->file;
        return;
    } else if (at < 0) {
        return;
    } else if (c->what == NAME_DROP) {
        n->at[at] = n->at[--n->count];
        return;
    } else {
        int over = find(n, c->to);

        if (over >= 0) {
            n->at[over].file = n->at[at].file;
            n->at[at] = n->at[--n->count];
            return;
        }
        set_path(n->at[at].path, c->to);
        return;
    }
    set_path(n->at[at].path, c->path);
    n->at[at].file = c->file;
}

/* Files that no name and no descriptor leads to. */
static void
collect(struct disk *d)
{
    for (int i = 0; i < DISK_FILES; i++) {
        bool held = d->file[i].opens > 0;

        for (unsigned k = 0; k < d->now.count; k++)
            held |= d->now.at[k].file == i;
        for (unsigned k = 0; k < d->durable.count; k++)
            held |= d->durable.at[k].file == i;
        for (unsigned k = 0; k < d->name_changes; k++)
            held |= d->name_change[k].what == NAME_ADD && d->name_change[k].file == i;
        if (d->file[i].used && !held)
            free_file(&d->file[i]);
    }
}

static void
sync_folder(struct disk *d, int folder)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < d->name_changes; i++) {
        if (d->name_change[i].folder == folder)
            apply_name(&d->durable, &d->name_change[i]);
        else
            d->name_change[kept++] = d->name_change[i];
    }
    d->name_changes = kept;
    collect(d);
}

static void
change_name(struct disk *d, enum disk_naming what, const char *path, const char *to, int file)
{
    struct disk_name_change c = {.what = what, .folder = folder_of(path), .file = file};

    set_path(c.path, path);
    set_path(c.to, to);
    if (d->name_changes == DISK_NAME_CHANGES) /* a journal is written when it is full */
        sync_folder(d, d->name_change[0].folder);
    d->name_change[d->name_changes++] = c;
    apply_name(&d->now, &c);
    collect(d);
}

static int
new_fd(struct disk *d, int what)
{
    int fd = 0;

    while (fd < DISK_OPEN && d->open[fd] != -1)
        fd++;
    BUG_ON(fd == DISK_OPEN);
    d->open[fd] = what;
    return fd;
}

int
disk_open(struct disk *d, const char *path, int flags)
{
    int at = path == NULL ? -1 : find(&d->now, path);
    int file = at < 0 ? -1 : d->now.at[at].file;
    int r;

    if (flags & ENV_DIR) {
        r = enter(d, DISK_OPENS, DISK_FOLDER, path);
        return r < 0 ? ERR_IO : new_fd(d, -2 - (strcmp(path, "evidence") == 0));
    }
    r = enter(d, DISK_OPENS, path == NULL ? DISK_OTHER : kind_of(path), path);
    if (r < 0)
        return r == DISK_DIES ? ERR_IO : r;
    if (file < 0 && !(flags & ENV_CREATE))
        return ERR_NOTFOUND;
    if (file < 0) {
        file = new_file(d, path == NULL ? DISK_OTHER : kind_of(path));
        d->file[file].opens++;
        if (path != NULL)
            change_name(d, NAME_ADD, path, "", file);
    } else {
        d->file[file].opens++;
    }
    return new_fd(d, file);
}

void
disk_close(struct disk *d, int fd)
{
    int file = d->open[fd];

    d->open[fd] = -1;
    if (file >= 0 && --d->file[file].opens == 0)
        collect(d);
}

static struct disk_file *
file_of(struct disk *d, int fd)
{
    BUG_ON(fd < 0 || fd >= DISK_OPEN || d->open[fd] < 0);
    return &d->file[d->open[fd]];
}

int64_t
disk_size(struct disk *d, int fd)
{
    return d->dead ? ERR_IO : (int64_t)file_of(d, fd)->size;
}

int64_t
disk_read(struct disk *d, int fd, void *to, size_t n, uint64_t at)
{
    struct disk_file *f = file_of(d, fd);
    int r = enter(d, DISK_READS, f->kind, "");

    if (r < 0)
        return ERR_IO;
    if (at >= f->size)
        return 0;
    if (n > f->size - at)
        n = f->size - at;
    memcpy(to, f->bytes + at, n);
    return (int64_t)n;
}

static uint64_t
pages(uint64_t size)
{
    return (size + DISK_PAGE - 1) / DISK_PAGE * DISK_PAGE;
}

uint64_t
disk_used(const struct disk *d)
{
    uint64_t used = 0;

    for (int i = 0; i < DISK_FILES; i++)
        used += pages(d->file[i].size);
    return used;
}

/* How many of n bytes at `at` find room. */
static size_t
room_for(const struct disk *d, const struct disk_file *f, uint64_t at, size_t n)
{
    uint64_t others;

    if (d->limit == 0 || at + n <= pages(f->size))
        return n;
    others = disk_used(d) - pages(f->size);
    if (others + pages(at + n) <= d->limit)
        return n;
    if (d->limit < others + pages(f->size))
        return at >= pages(f->size) ? 0 : pages(f->size) - at;
    return d->limit - others <= at ? 0 : (d->limit - others - at) / DISK_PAGE * DISK_PAGE;
}

int
disk_write(struct disk *d, int fd, const void *from, size_t n, uint64_t at)
{
    struct disk_file *f = file_of(d, fd);
    int r = enter(d, DISK_WRITES, f->kind, "");
    size_t fits;

    disk_mix(d, at << 20 ^ n ^ map_hash(from, (uint32_t)n, 1));
    if (r == DISK_DIES)
        change_bytes(f, at, from, disk_random(d) % (n + 1));
    if (r == ERR_IO && !d->dead) /* a part of it went in */
        change_bytes(f, at, from, disk_random(d) % (n + 1) / DISK_SECTOR * DISK_SECTOR);
    if (r < 0)
        return r == ERR_FULL ? ERR_FULL : ERR_IO;
    fits = room_for(d, f, at, n);
    change_bytes(f, at, from, fits < n ? fits : n);
    d->full[f->kind] += fits < n;
    return fits < n ? ERR_FULL : 0;
}

int
disk_truncate(struct disk *d, int fd, uint64_t size)
{
    struct disk_file *f = file_of(d, fd);
    int r = enter(d, DISK_TRUNCATES, f->kind, "");

    if (r < 0)
        return ERR_IO;
    if (size != f->size)
        change_size(f, size);
    return 0;
}

/* ---- what a sync and a loss do ---- */

/* A change reaches the disk, whole or by sectors. */
static void
redo(struct disk *d, struct disk_file *f, const struct disk_change *c, bool whole)
{
    size_t at = 0;

    if (c->cut) {
        if (whole || disk_random(d) % 2 == 0)
            set_size(f, c->at);
        return;
    }
    while (at < c->len) {
        size_t n = DISK_SECTOR - (c->at + at) % DISK_SECTOR;

        if (n > c->len - at)
            n = c->len - at;
        if (whole || disk_random(d) % 2 == 0)
            put(f, c->at + at, c->new_ + at, n);
        at += n;
    }
}

static void
undo_all(struct disk_file *f)
{
    for (unsigned i = f->changes; i-- > 0;)
        undo(f, &f->change[i]);
}

static void
drop_lost(struct disk_file *f)
{
    for (unsigned i = 0; i < f->losts; i++) {
        uint64_t start = f->lost[i].page * DISK_PAGE;

        if (start < f->size)
            put(f, start, f->lost[i].bytes,
                f->size - start < DISK_PAGE ? f->size - start : DISK_PAGE);
    }
    f->losts = 0;
}

static void
add_lost(struct disk_file *f, uint64_t page, const char *bytes)
{
    f->lost = need(realloc(f->lost, (f->losts + 1) * sizeof *f->lost));
    f->lost[f->losts].page = page;
    memcpy(f->lost[f->losts++].bytes, bytes, DISK_PAGE);
}

/* The changes stay in the page cache, which thinks that the disk has them too. */
static void
lose_changes(struct disk_file *f)
{
    uint64_t size = f->size;
    char *cache = copy_of(f->bytes, size);
    char *durable;
    uint64_t durable_size;

    undo_all(f);
    durable_size = f->size < size ? f->size : size;
    durable = need(calloc(1, pages(size) + 1));
    memcpy(durable, f->bytes == NULL ? "" : f->bytes, durable_size);
    set_size(f, 0);
    put(f, 0, cache, size);
    for (uint64_t at = 0; at < size; at += DISK_PAGE) {
        size_t n = size - at < DISK_PAGE ? size - at : DISK_PAGE;

        if (memcmp(cache + at, durable + at, n) != 0)
            add_lost(f, at / DISK_PAGE, durable + at);
    }
    free(durable);
    free(cache);
    forget_changes(f);
}

/* Some of the changes reached the disk; all count as unsynced still. */
static void
fail_sync(struct disk *d, struct disk_file *f)
{
    if (d->failed_sync == SYNC_CLEAN)
        lose_changes(f);
    else if (d->failed_sync == SYNC_PART && f->changes > 0) {
        unsigned n = (unsigned)(disk_random(d) % (f->changes + 1));

        for (unsigned i = 0; i < n; i++)
            forget_change(&f->change[i]);
        memmove(f->change, f->change + n, (f->changes - n) * sizeof *f->change);
        f->changes -= n;
    }
}

int
disk_sync(struct disk *d, int fd)
{
    int what = d->open[fd];
    int r;

    if (what < -1) {
        r = enter(d, DISK_SYNCS, DISK_FOLDER, what == -2 ? "." : "evidence");
        if (r == 0 && !d->lies)
            sync_folder(d, -2 - what);
        return r < 0 ? ERR_IO : 0;
    }
    r = enter(d, DISK_SYNCS, d->file[what].kind, "");
    if (r == ERR_IO && !d->dead)
        fail_sync(d, &d->file[what]);
    if (r == 0 && !d->lies)
        forget_changes(&d->file[what]);
    return r < 0 ? ERR_IO : 0;
}

int
disk_rename(struct disk *d, const char *from, const char *to)
{
    int r = enter(d, DISK_RENAMES, kind_of(to), to);

    if (r < 0)
        return ERR_IO;
    if (!disk_exists(d, from))
        return ERR_NOTFOUND;
    change_name(d, NAME_MOVE, from, to, -1);
    return 0;
}

int
disk_unlink(struct disk *d, const char *path)
{
    int r = enter(d, DISK_UNLINKS, kind_of(path), path);

    if (r < 0)
        return ERR_IO;
    if (!disk_exists(d, path))
        return ERR_NOTFOUND;
    change_name(d, NAME_DROP, path, "", -1);
    return 0;
}

/* Which of a file's changes were on their way: none, all, the first ones with the last one
 * torn, or any of them with any of their sectors. */
static void
keep_some(struct disk *d, struct disk_file *f, struct disk_loss *ret)
{
    unsigned n = f->changes;
    unsigned style = (unsigned)(disk_random(d) % 4);
    unsigned whole = style == 0 ? 0 : style == 1 ? n : (unsigned)(disk_random(d) % (n + 1));

    ret->lost_pages += f->losts;
    undo_all(f);
    drop_lost(f);
    for (unsigned i = 0; i < n; i++) {
        if (style < 3 && i < whole)
            redo(d, f, &f->change[i], true);
        else if ((style == 2 && i == whole) || (style == 3 && disk_random(d) % 4 != 0))
            redo(d, f, &f->change[i], style == 3 && disk_random(d) % 2 == 0);
    }
    if (n > 0 && style > 1) {
        ret->torn_wal |= f->kind == DISK_WAL;
        ret->torn_evidence |= f->kind == DISK_EVIDENCE;
    }
    forget_changes(f);
}

static void
forget_names(struct disk *d, struct disk_loss *ret)
{
    unsigned keep[FOLDERS];

    for (int f = 0; f < FOLDERS; f++)
        keep[f] = (unsigned)(disk_random(d) % (d->name_changes + 1));
    for (unsigned i = 0; i < d->name_changes; i++) {
        const struct disk_name_change *c = &d->name_change[i];

        if (i < keep[c->folder])
            apply_name(&d->durable, c);
        else
            ret->lost_name |= c->what == NAME_MOVE;
    }
    d->name_changes = 0;
    d->now = d->durable;
}

void
disk_power(struct disk *d, struct disk_loss *ret)
{
    *ret = (struct disk_loss){0};
    for (int i = 0; i < DISK_FILES; i++) {
        if (d->file[i].used)
            keep_some(d, &d->file[i], ret);
    }
    forget_names(d, ret);
    collect(d);
    d->dead = false;
}

void
disk_kill(struct disk *d, bool evict, struct disk_loss *ret)
{
    *ret = (struct disk_loss){0};
    for (int i = 0; evict && i < DISK_FILES; i++) {
        ret->lost_pages += d->file[i].losts;
        drop_lost(&d->file[i]);
    }
    d->dead = false;
}

void
disk_settle(struct disk *d)
{
    for (int i = 0; i < DISK_FILES; i++)
        forget_changes(&d->file[i]);
    for (int f = 0; f < FOLDERS; f++)
        sync_folder(d, f);
}

/* ---- past all rules ---- */

struct slice
disk_bytes(const struct disk *d, const char *path)
{
    int at = find(&d->now, path);
    const struct disk_file *f = at < 0 ? NULL : &d->file[d->now.at[at].file];

    return f == NULL ? (struct slice){0} : (struct slice){f->bytes, f->size};
}

void
disk_flip(struct disk *d, const char *path, uint64_t bit)
{
    struct disk_file *f = &d->file[d->now.at[find(&d->now, path)].file];

    f->bytes[bit / 8] = (char)((unsigned char)f->bytes[bit / 8] ^ 1U << bit % 8);
}

void
disk_save(const struct disk *d, struct disk_image *ret)
{
    ret->count = d->now.count;
    for (unsigned i = 0; i < d->now.count; i++) {
        const struct disk_file *f = &d->file[d->now.at[i].file];

        set_path(ret->file[i].path, d->now.at[i].path);
        ret->file[i].bytes = copy_of(f->bytes, f->size);
        ret->file[i].size = f->size;
    }
}

void
disk_restore(struct disk *d, const struct disk_image *from, const char *but)
{
    struct slice kept = but == NULL ? (struct slice){0} : disk_bytes(d, but);
    char *copy = copy_of(kept.ptr, kept.len);
    bool had = but != NULL && disk_exists(d, but);

    disk_settle(d);
    d->now.count = d->durable.count = 0;
    collect(d);
    for (unsigned i = 0; i <= from->count; i++) {
        bool last = i == from->count;
        struct disk_name_change c = {.what = NAME_ADD};

        if (last ? !had : but != NULL && strcmp(from->file[i].path, but) == 0)
            continue;
        set_path(c.path, last ? but : from->file[i].path);
        c.file = new_file(d, kind_of(c.path));
        put(&d->file[c.file], 0, last ? copy : from->file[i].bytes,
            last ? kept.len : from->file[i].size);
        apply_name(&d->now, &c);
        apply_name(&d->durable, &c);
    }
    free(copy);
}

void
disk_image_release(struct disk_image *i)
{
    for (unsigned k = 0; k < i->count; k++)
        free(i->file[k].bytes);
    i->count = 0;
}
