/* From a pattern of STIX (2.1, part 9) to atoms: what can be asked of one address, name, URL or
 * hash at a time, without keeping what was observed.
 *
 * A pattern becomes atoms where each of its observations, joined by OR, holds comparisons
 * joined by OR:
 *
 *   ipv4-addr:value, ipv6-addr:value                 = IN ISSUBSET; with a prefix length too
 *   network-traffic:src_ref.value, dst_ref.value     the same, also ANDed with …_ref.type = '…'
 *   domain-name:value                                = IN LIKE '%.example.org'
 *   url:value                                        = IN
 *   file:hashes.X, artifact:hashes.X                 = IN; X: MD5 SHA-1 SHA-256 SHA-512, in any
 *                                                    letters, with or without -
 *
 * Wider than the standard in three things, as feeds mean them: `= '198.51.100.0/24'` is all
 * that lies in it, names and hosts of URLs are the same in any letters, and of network traffic
 * an address counts on either side.  What cannot be compiled is told by its reason, and is to
 * be asked of stored observations (stix/pattern.h); where only some alternatives can, these are
 * taken.  Pure; some microseconds a pattern, most of it to read it. */
#ifndef DETENTE_INDICATOR_COMPILE_H
#define DETENTE_INDICATOR_COMPILE_H

#include "indicator/atom.h"

enum compile_reason {
#define REASON(name, text) REASON_##name,
#include "indicator/reason.def"
    REASONS
};
const char *compile_reason_text(enum compile_reason reason);

/* 0, or an error that ends the compilation. */
typedef int compile_take(void *arg, const struct atom *a);

struct compiled {
    uint32_t atoms;
    uint32_t reasons; /* a bit each, 0: all of it was compiled */
};

/* ERR_INVALID with line and column: no pattern (nothing was taken); ERR_LIMIT, ERR_NOMEM; or
 * what take gave. */
MUST_USE int compile_pattern(struct slice text, compile_take *take, void *arg,
                             struct compiled *ret, struct errinfo *ei);

#endif
