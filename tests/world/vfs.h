/* SQLite's files on the world's disk: the default VFS while a world is there, so that the store
 * runs as it is.  As the Unix one behaves: locks among connections, shared memory of the WAL,
 * power-safe overwrite, the folder synced with the first sync of a new journal. */
#ifndef DETENTE_WORLD_VFS_H
#define DETENTE_WORLD_VFS_H

#include "disk.h"

enum { VFS_LOCKS = 8, VFS_REGIONS = 64 };

struct vfs_file;

/* What the connections to the one database share. */
struct vfs {
    struct disk *disk;
    const struct env *env; /* clock and randomness */
    void (*sleep)(void *self, int64_t us);
    unsigned readers;
    const struct vfs_file *reserved;
    const struct vfs_file *exclusive; /* or waiting for it */
    unsigned shm_users;
    void *region[VFS_REGIONS];
    int region_size;
    unsigned shm_shared[VFS_LOCKS];
    bool shm_exclusive[VFS_LOCKS];
};

/* One at a time. */
void vfs_install(struct vfs *v);
void vfs_remove(struct vfs *v);

#endif
