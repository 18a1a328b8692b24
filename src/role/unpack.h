/* Files as others publish them: plain, or packed by gzip, bzip2, xz or zstd, which their first
 * bytes tell. */
#ifndef DETENTE_ROLE_UNPACK_H
#define DETENTE_ROLE_UNPACK_H

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/time.h"

/* All of it into `to`, whose limit bounds it; ret_sha256 is that of the file as it is.
 * ERR_CONF: it cannot be opened; ERR_INVALID: it is packed and broken, or ends too early;
 * ERR_LIMIT, ERR_NOMEM, ERR_IO. */
MUST_USE int unpack_file(const char *path, struct buf *to, struct hash *ret_sha256,
                         struct errinfo *ei);

/* The same in pieces, for what is too large to be held; `-` is standard input.  What take()
 * gives that is not 0 ends the reading and is given back; it fills ei itself.  ret_changed (may
 * be NULL): when the file was changed, 0 when it is no file. */
typedef int unpack_take(void *arg, struct slice piece, struct errinfo *ei);
MUST_USE int unpack_stream(const char *path, unpack_take *take, void *arg,
                           struct hash *ret_sha256, struct utime *ret_changed,
                           struct errinfo *ei);

/* Each file of an archive (tar, packed or not) that ends in one of the endings (".json", …;
 * NULL behind the last), by its name there and when it was changed; of a file that is no
 * archive itself, under its own name and without a time.  text is whole, written to at will,
 * and gone afterwards.  ERR_LIMIT: one is longer than UNPACK_MEMBER, or they are more than
 * UNPACK_MEMBERS. */
enum { UNPACK_MEMBER = 1 << 24, UNPACK_MEMBERS = 1 << 17 };
typedef int unpack_member(void *arg, const char *name, struct utime changed, char *text,
                          size_t len, struct errinfo *ei);
MUST_USE int unpack_members(const char *path, const char *const *endings, unpack_member *take,
                            void *arg, struct hash *ret_sha256, struct errinfo *ei);

#endif
