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

#endif
