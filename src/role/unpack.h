/* Files as others publish them: plain, or packed by gzip, bzip2, xz or zstd, which their first
 * bytes tell. */
#ifndef DETENTE_ROLE_UNPACK_H
#define DETENTE_ROLE_UNPACK_H

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"

/* All of it into `to`, whose limit bounds it; ret_sha256 is that of the file as it is.
 * ERR_CONF: it cannot be opened; ERR_INVALID: it is packed and broken, or ends too early;
 * ERR_LIMIT, ERR_NOMEM, ERR_IO. */
MUST_USE int unpack_file(const char *path, struct buf *to, struct hash *ret_sha256,
                         struct errinfo *ei);

/* The same in pieces, for what is too large to be held.  What take() gives that is not 0 ends
 * the reading and is given back; it fills ei itself. */
typedef int unpack_take(void *arg, struct slice piece, struct errinfo *ei);
MUST_USE int unpack_stream(const char *path, unpack_take *take, void *arg,
                           struct hash *ret_sha256, struct errinfo *ei);

#endif
