/* A disk in memory that forgets as a real one does.
 *
 * What is written can be read at once, but is durable only after a sync of the file; a name
 * (created, renamed, unlinked) only after a sync of its folder.  disk_power() forgets: of each
 * file's unsynced changes a random part is kept, torn at sector bounds and out of order, and
 * of each folder's name changes a random prefix.  disk_kill() forgets nothing: the process
 * died, the page cache lives.
 *
 * A sync may fail in three ways, which a caller cannot tell apart: nothing reached the disk and
 * the pages are still dirty; a part did; or the pages count as clean from then on although
 * nothing reached the disk (what Linux does), so that the next sync says good and the bytes are
 * gone when the page cache is.
 *
 * Every call goes by `before`, which may make it fail, or let the machine die in the middle of
 * it: from then on every call fails and changes nothing, until disk_power() or disk_kill(). */
#ifndef DETENTE_WORLD_DISK_H
#define DETENTE_WORLD_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/env.h"

enum {
    DISK_SECTOR = 512,
    DISK_PAGE = 4096,
    DISK_FILES = 48,
    DISK_OPEN = 48,
    DISK_PATH = 40,
    DISK_NAME_CHANGES = 64
};

enum disk_kind {
    DISK_DB,
    DISK_WAL,
    DISK_EVIDENCE,
    DISK_MARK,
    DISK_FOLDER,
    DISK_OTHER,
    DISK_KINDS
};
enum disk_call {
    DISK_OPENS,
    DISK_READS,
    DISK_WRITES,
    DISK_TRUNCATES,
    DISK_SYNCS,
    DISK_RENAMES,
    DISK_UNLINKS
};
enum { DISK_DIES = -1000 }; /* a result of before(): the machine stops in this call */

/* How a failed sync fails. */
enum disk_failed_sync { SYNC_DIRTY, SYNC_PART, SYNC_CLEAN };

struct disk_change {
    uint64_t at;
    uint64_t old_size; /* of the file, before */
    size_t len;        /* bytes of new_ */
    size_t had;        /* bytes of old */
    char *old;
    char *new_;
    bool cut; /* a truncate, to the size `at` */
};

/* A page that counts as clean although the disk has other bytes. */
struct disk_lost {
    uint64_t page;
    char bytes[DISK_PAGE]; /* what the disk has */
};

struct disk_file {
    bool used;
    enum disk_kind kind;
    unsigned opens;
    char *bytes;
    uint64_t size;
    uint64_t room;
    struct disk_change *change; /* unsynced, oldest first */
    unsigned changes;
    unsigned change_room;
    struct disk_lost *lost;
    unsigned losts;
};

struct disk_name {
    char path[DISK_PATH];
    int file;
};

enum disk_naming { NAME_ADD, NAME_DROP, NAME_MOVE };
struct disk_name_change {
    enum disk_naming what;
    int folder;
    char path[DISK_PATH];
    char to[DISK_PATH];
    int file;
};

struct disk_names {
    struct disk_name at[DISK_FILES];
    unsigned count;
};

struct disk {
    struct disk_file file[DISK_FILES];
    struct disk_names now;
    struct disk_names durable;
    struct disk_name_change name_change[DISK_NAME_CHANGES];
    unsigned name_changes;
    int open[DISK_OPEN]; /* file of the descriptor; -1 free, -2 - folder a folder */
    uint64_t limit;      /* bytes of all files, in whole pages; 0: no limit */
    uint64_t random;     /* state */
    uint64_t trace;      /* hash of all calls so far */
    uint64_t calls;
    bool dead;
    bool quiet; /* whoever calls does not look at the result: no fault is to hit it */
    unsigned full[DISK_KINDS]; /* writes that found no room */
    bool lies; /* a sync says good and does nothing: the disk of a planted bug */
    enum disk_failed_sync failed_sync;
    int (*before)(void *arg, enum disk_call call, enum disk_kind kind, const char *path);
    void *arg;
};

/* What a loss of power did. */
struct disk_loss {
    bool torn_wal;       /* a part of what waited in the WAL was kept */
    bool torn_evidence;  /* the same, of a segment */
    bool lost_name;      /* a rename was forgotten */
    unsigned lost_pages; /* that counted as clean */
};

void disk_init(struct disk *d, uint64_t seed);
void disk_release(struct disk *d);

/* As those of struct env: bytes, a descriptor, 0, or a negative ERR_*. */
int disk_open(struct disk *d, const char *path /* NULL: a file without a name */, int flags);
void disk_close(struct disk *d, int fd);
int64_t disk_size(struct disk *d, int fd);
int64_t disk_read(struct disk *d, int fd, void *to, size_t n, uint64_t at);
int disk_write(struct disk *d, int fd, const void *from, size_t n, uint64_t at);
int disk_truncate(struct disk *d, int fd, uint64_t size);
int disk_sync(struct disk *d, int fd);
int disk_rename(struct disk *d, const char *from, const char *to);
int disk_unlink(struct disk *d, const char *path);
bool disk_exists(const struct disk *d, const char *path);

void disk_power(struct disk *d, struct disk_loss *ret);
/* With `evict`, what a failed sync left in the page cache alone is forgotten. */
void disk_kill(struct disk *d, bool evict, struct disk_loss *ret);
/* Time goes by: everything reaches the disk, but for what a failed sync lost. */
void disk_settle(struct disk *d);

/* Past all rules, of a settled disk at rest: its bytes, a flipped bit, a copy to go back to. */
struct slice disk_bytes(const struct disk *d, const char *path);
void disk_flip(struct disk *d, const char *path, uint64_t bit);
struct disk_image {
    struct {
        char path[DISK_PATH];
        char *bytes;
        uint64_t size;
    } file[DISK_FILES];
    unsigned count;
};
void disk_save(const struct disk *d, struct disk_image *ret);
/* With `but` not NULL, that file stays as it is. */
void disk_restore(struct disk *d, const struct disk_image *from, const char *but);
void disk_image_release(struct disk_image *i);
/* Bytes of all files, in whole pages. */
uint64_t disk_used(const struct disk *d);

void disk_mix(struct disk *d, uint64_t what);
uint64_t disk_random(struct disk *d);

#endif
