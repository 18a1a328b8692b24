/* STIX patterns: OASIS STIX 2.1, part 9 (levels 1 to 3), read into a tree.
 *
 * [ipv4-addr:value = '198.51.100.7' OR domain-name:value LIKE '%.example'] FOLLOWEDBY
 * [process:name = 'x'] WITHIN 300 SECONDS.  Comments and white space stand anywhere between
 * tokens.  Refused with its column: what the grammar does not have; a literal that is none (a
 * time, hex digits, a regular expression, an address behind ISSUBSET); the same qualifier twice
 * on one expression; REPEATS and WITHIN of nothing; STOP that is not behind START; what is
 * larger than the limits here.
 *
 * MATCHES takes RE2's syntax (PCRE without look-around and back references), which is matched
 * in time that is linear in the text.
 *
 * Pure; a pattern is immutable, so any number of threads may ask it. */
#ifndef DETENTE_STIX_PATTERN_H
#define DETENTE_STIX_PATTERN_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/time.h"
#include "stix/observed.h"

enum {
    PATTERN_BYTES = 1 << 16,
    PATTERN_NODES = 4096, /* of the tree: operators, comparisons, steps of paths, literals */
    PATTERN_DEPTH = 64,   /* of parentheses */
    PATTERN_REPEATS = 1000000
};

struct pattern;

/* ERR_INVALID with line and column; ERR_LIMIT, ERR_NOMEM.  text is copied. */
MUST_USE int pattern_read(struct slice text, struct pattern **ret, struct errinfo *ei);
struct pattern *pattern_free(struct pattern *p); /* NULL is fine; gives NULL */

/* Does it match what was observed?  Each `[…]` is bound to an observation of its own; one that
 * was made n times may be bound n times; one object of it satisfies all that stands in the
 * brackets. A time is anywhere from first_observed to last_observed.  ERR_LIMIT: not decided
 * within PATTERN_STEPS tries of a binding; ERR_NOMEM.
 *
 * Some 0.1 µs for each comparison and object; bindings are looked for by backtracking, from the
 * earliest on, and what cannot be within its time is not tried. */
enum {
    PATTERN_STEPS = 20000000,
    PATTERN_BOUND = 3000 /* operators and observations of one binding */
};
MUST_USE int pattern_match(const struct pattern *p, const struct observed *o, bool *ret);

#endif
