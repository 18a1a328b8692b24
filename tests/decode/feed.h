/* Gives a decoder its input in pieces, as callers do, and keeps what comes out. */
#ifndef DETENTE_TESTS_DECODE_FEED_H
#define DETENTE_TESTS_DECODE_FEED_H

#include "decode/decode.h"

/* An event with what only the decoder knew spelled out. */
struct taken {
    struct event ev; /* rule and raw_at are 0 here */
    uint32_t gid;
    uint32_t sid;
    uint32_t rev;
    uint32_t pad;
    uint64_t raw_at; /* from the input's start */
};

struct feed {
    struct decode_stats stats;
    struct taken *at;
    size_t count;
    uint64_t whole;
    bool array;
};

enum feed_start { FEED_FRESH, FEED_LINES, FEED_MORE_LINES, FEED_MORE_ARRAY };

struct feed_how {
    const struct decode_place *place; /* NULL: nowhere in particular */
    size_t step;                      /* bytes of each piece */
    enum feed_start start;
};

/* The whole input.  Each piece stands in memory of its own, so that a byte read behind it is
 * noticed.  Free with feed_release(). */
void feed_run(struct feed *f, struct slice in, struct feed_how how);
void feed_release(struct feed *f);
/* Lines, each of them given alone to a decoder of its own: what a decoder remembers from one
 * to the next plays no part.  Free as above. */
void feed_lines(struct feed *sum, struct slice in);
/* Same events and figures; first_bad too. */
bool feed_same(const struct feed *a, const struct feed *b);

/* What became of one record: "event", "ignored" or the reason; in `room`, of 32 bytes, with
 * a number in front when there are several records. */
const char *feed_verdict(struct slice line, char *room);

#endif
