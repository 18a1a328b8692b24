/* Submarine cables in a node's directory: DIR/topology/<date>.cables, one for each date, beside
 * the snapshots of networks; and the files that others publish, which they are made from. */
#ifndef DETENTE_ROLE_CABLES_H
#define DETENTE_ROLE_CABLES_H

#include "role/topologies.h"
#include "topology/cables.h"

MUST_USE int cables_path(const char *dir, const char *date, char to[TOPOLOGIES_PATH],
                         struct errinfo *ei);
/* Dates of those there are, rising; their number, or an error. */
MUST_USE int cables_dates(const char *dir, char ret[TOPOLOGIES_MOST][SNAPSHOT_DATE],
                          struct errinfo *ei);
/* Those of a date, or the newest (NULL).  ERR_NOTFOUND: there are none. */
MUST_USE int cables_load(const char *dir, const char *date, struct cables **ret,
                         struct errinfo *ei);

/* All documents of a file: one of JSON, or an archive with files `….json`; or of a folder with
 * such files, and of the folders in it, by name.  to: its name, its SHA-256 (of a folder that
 * of the hashes of its files, one after another) and how many documents.  ret_newest: when the
 * newest file of an archive was changed, where that is later.  ERR_CONF, ERR_INVALID,
 * ERR_LIMIT, ERR_NOMEM, ERR_IO; ei names the file inside. */
MUST_USE int cables_gather(struct cables_build *b, const char *path, struct snapshot_source *to,
                           struct utime *ret_newest, struct errinfo *ei);

#endif
