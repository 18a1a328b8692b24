/* A pattern's parts, one after the other: for those who make something else of it than a match.
 *
 * Parts come as they are nested, what holds others before what it holds; `depth` is 0 of the
 * whole and one more inside each.  Pure; some nanoseconds a part. */
#ifndef DETENTE_STIX_PATTERN_WALK_H
#define DETENTE_STIX_PATTERN_WALK_H

#include "stix/pattern.h"

enum test_op {
    TEST_EQ,
    TEST_NE,
    TEST_GT,
    TEST_LT,
    TEST_GE,
    TEST_LE,
    TEST_IN,
    TEST_LIKE,
    TEST_MATCHES,
    TEST_SUBSET,
    TEST_SUPERSET,
    TEST_EXISTS
};

enum pattern_kind {
    PATTERN_OBSERVED, /* [ ], which holds one of the last three */
    PATTERN_ALL,      /* AND of observations: two */
    PATTERN_EITHER,
    PATTERN_FOLLOWED,
    PATTERN_WITHIN, /* qualifiers hold one */
    PATTERN_BETWEEN,
    PATTERN_TIMES,
    PATTERN_AND, /* of one object */
    PATTERN_OR,
    PATTERN_TEST
};

struct value;

struct pattern_part {
    enum pattern_kind kind;
    unsigned depth;
    /* of a test */
    struct slice type; /* `file` */
    struct slice path; /* `hashes.SHA-256`, `extensions.x[3]`, `[*]`: names without quotes */
    enum test_op op;
    bool negated;
    const struct value *value; /* a set's first; NULL none */
};

/* What it gives but 0 ends the walk, which then gives it too. */
typedef int pattern_tell(void *arg, const struct pattern_part *part);

/* All of p lives as long as p, but for path, which is cut to 255 bytes and is the call's own.
 */
int pattern_walk(const struct pattern *p, pattern_tell *tell, void *arg);
/* A text; false when the value is a number, a time, true, false or bytes.  *at moves to the
 * next. */
bool pattern_text(const struct value **at, struct slice *ret);

#endif
