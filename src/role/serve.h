/* `serve`: the parent of a running node.  It opens sockets and sources, starts the other roles,
 * each in a process and a fence of its own, and starts again what dies, with back-off.  It
 * never holds a key and never reads a byte of a source. */
#ifndef DETENTE_ROLE_SERVE_H
#define DETENTE_ROLE_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "role/sensor.h"

struct serve_options {
    const char *const *follow; /* files beside those of the configuration */
    unsigned follow_count;
    bool sample;            /* invented traffic too */
    uint64_t seed;          /* of it */
    const char *test_clock; /* file (role/test_clock.h); NULL: the machine's time */
    /* Called once with the page's address, when all is ready. */
    void (*ready)(void *arg, const char *url);
    /* A drill: called when the page's listeners are bound and before anything is started, to
     * shut the outside.  Counterparts are not listened for then, and the page says so. */
    int (*shut)(void *arg, struct errinfo *ei);
    void *arg;             /* of both */
    sensor_decode *decode; /* NULL: eve_decode */
};

/* Runs until SIGINT or SIGTERM (then 0), or until the node cannot go on: it could not be
 * opened, or its log does not verify (ERR_PROOF).  ERR_BUSY: another process writes to it. */
MUST_USE int serve(const char *dir, const struct serve_options *o, struct errinfo *ei);

#endif
