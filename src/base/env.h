/* The one door to the world: clocks, randomness, files and the log of a role.
 *
 * A role is a step function over this table; it never calls the system itself, so that the
 * real loop (role/env_posix.c) and a deterministic test world drive the same code.  Calls
 * that can fail give a negative ERR_* (never errno); file offsets and sizes are bytes. */
#ifndef DETENTE_BASE_ENV_H
#define DETENTE_BASE_ENV_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "base/time.h"

enum env_level { ENV_ERROR, ENV_WARN, ENV_INFO, ENV_DEBUG };

enum env_open { ENV_READ = 0, ENV_WRITE = 1, ENV_CREATE = 2, ENV_EXCL = 4, ENV_DIR = 8 };

struct env {
    void *self; /* given back as the first argument */
    struct utime (*now_wall)(void *self);
    int64_t (*now_mono)(void *self); /* microseconds from an arbitrary start */
    /* Fill with n unpredictable bytes; cannot fail. */
    void (*random)(void *self, void *to, size_t n);
    /* A descriptor >= 0.  path is relative to the node's directory. */
    int (*open)(void *self, const char *path, int flags /* enum env_open */);
    void (*close)(void *self, int fd);
    int64_t (*size)(void *self, int fd);
    /* Bytes read; fewer than n only at the end of the file. */
    int64_t (*pread)(void *self, int fd, void *to, size_t n, uint64_t at);
    /* All n bytes or an error. */
    int (*pwrite)(void *self, int fd, const void *from, size_t n, uint64_t at);
    int (*truncate)(void *self, int fd, uint64_t size);
    int (*sync)(void *self, int fd); /* data durable; after an error nothing may be relied on */
    int (*rename)(void *self, const char *from, const char *to);
    int (*unlink)(void *self, const char *path);
    /* Bytes that can still be written, and bytes of the whole disk.  NULL: not known. */
    int (*room)(void *self, uint64_t *ret_free, uint64_t *ret_all);
    /* Give the room of n bytes back; they read as zeros then.  NULL, or nothing happens: it
     * cannot be done here. */
    void (*punch)(void *self, int fd, uint64_t at, uint64_t n);
    void (*log)(void *self, enum env_level level, const char *text);
};

#endif
