/* Lists of hostile addresses that others publish, kept in the node's directory: what their
 * makers say, each with source and date, and never this node's evidence.
 *
 * DIR/lists/<name>.list is text that hostlist_read() reads: comment lines that say where it
 * came from, then one prefix a line.  Whoever copies such a file has a list. */
#ifndef DETENTE_ROLE_LISTS_H
#define DETENTE_ROLE_LISTS_H

#include "attrib/hostlist.h"

enum { LISTS_NAME = 33, LISTS_SOURCE = 256, LISTS_MOST = 32 };

struct list_about {
    char name[LISTS_NAME];     /* [a-z0-9][a-z0-9.-]* */
    char source[LISTS_SOURCE]; /* as the operator or the address said it; "" not said */
    struct utime date;         /* of the list, by whoever made it; 0 not said */
    struct utime taken;        /* when it came here */
};

/* Into the place of one of that name, whole or not at all.  ERR_USAGE: no such name; ERR_LIMIT:
 * more than LISTS_MOST; ERR_FULL, ERR_IO. */
MUST_USE int lists_put(const char *dir, const struct list_about *about,
                       const struct hostlist *list, struct errinfo *ei);
/* ERR_NOTFOUND; ERR_INVALID: it was changed and is none any more. */
MUST_USE int lists_get(const char *dir, const char *name, struct list_about *ret,
                       struct hostlist *ret_list, struct errinfo *ei);
MUST_USE int lists_drop(const char *dir, const char *name, struct errinfo *ei);
/* Names of those there are, rising; their number, or an error. */
MUST_USE int lists_names(const char *dir, char ret[LISTS_MOST][LISTS_NAME], struct errinfo *ei);
/* All of them as one, each address once.  ERR_NOTFOUND: there is none. */
MUST_USE int lists_all(const char *dir, struct hostlist *ret, struct errinfo *ei);

/* All of them as one, each address counted once, by network and economy as the tables have it
 * (a may be NULL), and the newest of kev.h when it is there: written to DIR/lists/world.json,
 * which the gate gives out.  After each change of a list or of the tables. */
#define LISTS_WORLD "lists/world.json"
enum { LISTS_WORLD_MAX = 1 << 19 };
MUST_USE int lists_sum(const char *dir, const struct attrib *a, struct errinfo *ei);

#endif
