/* Taking in one input, on all cores: the bytes behind `detente ingest`.
 *
 * Idempotent by source: an input is known by the hash of its first bytes, and what was taken
 * of it is not taken again; what is new behind that, is.  Each batch is durable, with the
 * place where it ended, before the next one is begun. */
#ifndef DETENTE_ROLE_INGEST_H
#define DETENTE_ROLE_INGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/decode.h"
#include "role/node.h"

struct ingest_progress {
    uint64_t done;  /* bytes of the input behind us */
    uint64_t total; /* 0 unknown */
    uint64_t events;
    int64_t elapsed_us;
};

struct ingest_options {
    const char *sensor; /* that wrote the input: text_is_sensor(), else ERR_USAGE */
    unsigned threads;   /* 0 or 1: the calling one alone */
    uint64_t batch;     /* bytes of a batch; 0: the default */
    /* Called after each batch; a result other than 0 ends the run, durable up to here, with
     * ERR_STOPPED.  NULL: nobody watches. */
    int (*progress)(void *arg, const struct ingest_progress *p);
    void *arg;
};

struct ingest_result {
    struct decode_stats stats; /* of this run; first_bad counts from the input's start */
    uint64_t duplicates;
    uint64_t blocks;
    int64_t elapsed_us;
    bool known;       /* the input was taken before */
    bool nothing_new; /* … and has nothing behind that */
};

MUST_USE int ingest_run(struct node *n, int fd, const struct ingest_options *o,
                        struct ingest_result *ret, struct errinfo *ei);

#endif
