/* A clock that a file moves, for tests of what takes days: `serve --test-clock FILE`.
 *
 * FILE holds one number: by how many seconds the node's clock is ahead of the machine's, such
 * as `864000` or `-3.5`.  The parent reads it again and again, and whoever it started sees the
 * new time at once; what waits for hours waits no more (the monotonic clock of those roles that
 * wait for such things jumps too, but never back).  Best moved by rename.
 *
 * A node with such a clock must be impossible to mistake for a real one: only a node that was
 * made by `init --test` takes it, whose log says so in its first leaf, for ever; the path
 * stands in DIR/test-clock from then on, so that every command on that directory follows the
 * clock, and `serve` without it is refused. */
#ifndef DETENTE_ROLE_TEST_CLOCK_H
#define DETENTE_ROLE_TEST_CLOCK_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { TEST_CLOCK_LOOK_MS = 10 /* how often the parent looks */ };

/* Shared by the parent with all that it starts. */
struct test_clock {
    _Atomic int64_t wall; /* microseconds to add; follows the file */
    _Atomic int64_t mono; /* … that never fall */
};

/* What the file says, in microseconds.  ERR_CONF: it cannot be read, or is no number of at most
 * a hundred years (ei). */
MUST_USE int test_clock_read(const char *path, int64_t *ret_us, struct errinfo *ei);
void test_clock_move(struct test_clock *c, int64_t us);

/* The path that the directory's node follows; ERR_NOTFOUND: none, it is a node of the machine's
 * time; ERR_CONF. */
MUST_USE int test_clock_of(const char *dir, char *ret, size_t room, struct errinfo *ei);
/* From now on it follows that file.  ERR_CONF: the node was not made for tests; ERR_IO. */
MUST_USE int test_clock_bind(const char *dir, const char *path, struct errinfo *ei);

#endif
