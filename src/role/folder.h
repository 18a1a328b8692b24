/* Files of the node's own that others read while they are replaced: a folder below the node's
 * directory, written aside, synced and renamed. */
#ifndef DETENTE_ROLE_FOLDER_H
#define DETENTE_ROLE_FOLDER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* name is `folder/file`; the folder is made when it is not there.  Whole or not at all.
 * ERR_CONF, ERR_AUTH, ERR_IO, ERR_FULL; ei names the file. */
MUST_USE int folder_put(const char *dir, const char *name, struct slice bytes,
                        struct errinfo *ei);
/* The same, for nobody else to read. */
MUST_USE int folder_put_secret(const char *dir, const char *name, struct slice bytes,
                               struct errinfo *ei);
/* A file of up to max bytes that nobody else may read.  ERR_NOTFOUND; ERR_CONF: others can. */
MUST_USE int folder_read_secret(const char *dir, const char *name, size_t max, struct buf *ret,
                                struct errinfo *ei);
/* ERR_NOTFOUND: it is not there. */
MUST_USE int folder_drop(const char *dir, const char *name, struct errinfo *ei);

#endif
