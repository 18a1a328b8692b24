/* Following a file over rotation, by name: renamed away and made anew, or cut and written
 * again (copytruncate).  What stands in the old file is read to its end first, and that is
 * when the new one has bytes: until a writer was told of it, it goes on in the old one.  What
 * is written and cut between two looks is lost, which copytruncate cannot avoid.  Polled; no
 * descriptor waits.  It opens nothing itself: whoever may do so hands it descriptors.  One
 * thread. */
#ifndef DETENTE_SENSE_TAIL_H
#define DETENTE_SENSE_TAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

struct tail {
    /* Gives a fresh descriptor of the file that has the name now, the tail's to close, or -1.
     */
    int (*look)(void *arg);
    void *arg;
    int fd;   /* -1: not open (the file is not there, or not readable) */
    int next; /* of the file that took the name, once it has bytes; -1 */
    uint64_t device;
    uint64_t inode;
    uint64_t at; /* bytes read */
};

enum tail_state {
    TAIL_MORE,    /* bytes were read */
    TAIL_IDLE,    /* at the end, nothing new */
    TAIL_ROTATED, /* at the end, and another file has the name: finish, then tail_next() */
    TAIL_MISSING  /* no file of that name */
};

void tail_init(struct tail *t, int (*look)(void *arg), void *arg);
void tail_close(struct tail *t);
/* Leave the open file for the one that took its name. */
void tail_forget(struct tail *t);
/* Bytes of the open file now. */
uint64_t tail_size(const struct tail *t);
/* Open the file that has the name now and stand at its beginning.  TAIL_MISSING or TAIL_IDLE.
 */
enum tail_state tail_next(struct tail *t);
/* Read up to room bytes to `to`. */
enum tail_state tail_read(struct tail *t, char *to, size_t room, size_t *ret_len);
/* Stand at byte `at` of the open file. */
MUST_USE int tail_seek(struct tail *t, uint64_t at);
/* The first bytes of the open file, up to room. */
MUST_USE int tail_head(const struct tail *t, char *to, size_t room, size_t *ret_len);

#endif
