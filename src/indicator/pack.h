/* All that is looked for in one file, to be mapped: ready at once, without reading a bundle.
 *
 * A cache of this machine's: numbers stand as memory has them, and the next version of detente
 * may want it made anew.  What counts are the bundles that it was made of.  It holds the secret
 * of the set's hash, so it is for its owner's eyes alone.
 *
 * What the look-ups rely on is checked once, when it is mapped, beside a checksum: a file that
 * passes cannot make them read past its end.  Some 55 bytes an indicator and atom more than its
 * value; to map and check 5 million takes what reading the file takes, then 0.3 s. */
#ifndef DETENTE_INDICATOR_PACK_H
#define DETENTE_INDICATOR_PACK_H

#include "indicator/list.h"

/* All of it as bytes, to be freed by the caller.  x: not itself mapped.  ERR_NOMEM. */
MUST_USE int indicators_pack(const struct indicators *x, char **ret, size_t *ret_len);

/* ERR_NOTFOUND, ERR_AUTH, ERR_IO; ERR_INVALID: cut, damaged, or of another version.  On failure
 * *ret is NULL and ei says what to do. */
MUST_USE int indicators_map(const char *path, struct indicators **ret, struct errinfo *ei);
/* The number that it went into a file with, read from its beginning.  ERR_IO, ERR_INVALID. */
MUST_USE int indicators_peek(const char *path, uint64_t *ret);
/* The same as a map over bytes of the caller's, which must outlive it and be aligned to 64. */
MUST_USE int indicators_map_bytes(struct slice bytes, struct indicators **ret,
                                  struct errinfo *ei);

#endif
