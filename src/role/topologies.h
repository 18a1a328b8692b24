/* Snapshots of the world's networks in a node's directory: DIR/topology/<date>.topology, one
 * for each date. */
#ifndef DETENTE_ROLE_TOPOLOGIES_H
#define DETENTE_ROLE_TOPOLOGIES_H

#include "topology/snapshot.h"

enum { TOPOLOGIES_MOST = 512 };

/* DIR/topology, and a file of it. */
enum { TOPOLOGIES_PATH = 4096 };
MUST_USE int topologies_path(const char *dir, const char *date, char to[TOPOLOGIES_PATH],
                             struct errinfo *ei);
/* `2024-01-01`, a day that there is. */
bool topologies_is_date(const char *text);
/* Dates of those there are, rising; their number, or an error. */
MUST_USE int topologies_dates(const char *dir, char ret[TOPOLOGIES_MOST][SNAPSHOT_DATE],
                              struct errinfo *ei);
/* The same of files beside them, with another ending (role/cables.h). */
MUST_USE int topologies_file(const char *dir, const char *date, const char *end,
                             char to[TOPOLOGIES_PATH], struct errinfo *ei);
MUST_USE int topologies_days(const char *dir, const char *end,
                             char ret[TOPOLOGIES_MOST][SNAPSHOT_DATE], struct errinfo *ei);
/* That of a date, or the newest (NULL).  ERR_NOTFOUND: there is none. */
MUST_USE int topologies_load(const char *dir, const char *date, struct topology **ret,
                             struct snapshot_about *about, struct hash *ret_hash,
                             struct errinfo *ei);

#endif
