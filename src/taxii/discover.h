/* From the address of a TAXII 2.1 server to its collections (OASIS TAXII 2.1, 4.1, 4.2, 5.1):
 * addresses, and what the resources on the way say.  Pure. */
#ifndef DETENTE_TAXII_DISCOVER_H
#define DETENTE_TAXII_DISCOVER_H

#include "base/buf.h"
#include "taxii/client.h"
#include "wire/dom.h"

enum { LINK_HOST = 256, LINK_PATH = 1024, DISCOVER_MOST = 4096 /* roots, collections */ };

/* https, or http of this machine alone; no user, query or fragment. */
struct taxii_link {
    bool tls;
    char host[LINK_HOST]; /* with its port, as it stands */
    char path[LINK_PATH]; /* `/` at both ends, as every path of TAXII has */
};
/* ERR_CONF with a sentence in ei: it is none, or none of these. */
MUST_USE int link_read(struct slice text, struct taxii_link *ret, struct errinfo *ei);
/* What ref means that stands in a resource at base: an address, a path from `/` on, or one from
 * base on. */
MUST_USE int link_join(const struct taxii_link *base, struct slice ref, struct taxii_link *ret,
                       struct errinfo *ei);
void link_put(const struct taxii_link *l, struct buf *to);
/* Who may be shown the password of one may be shown it at the other. */
bool link_same_host(const struct taxii_link *a, const struct taxii_link *b);

enum discovered { DISCOVERED_SERVER, DISCOVERED_ROOT, DISCOVERED_COLLECTIONS, DISCOVERED_ONE };

struct discovered_item {
    struct slice id; /* of a root: its address as it stands */
    struct slice title;
    struct slice alias;
    bool can_read;
};
struct discovery {
    enum discovered what;
    struct slice title;
    struct discovered_item *at; /* roots, collections; in the arena */
    unsigned count;
};
/* Any of the four, told apart by its members.  Texts lie in the body, which is written to.
 * ERR_INVALID: it is none; ERR_LIMIT, ERR_NOMEM. */
MUST_USE int discover_read(char *body, size_t bytes, struct arena *a, struct discovery *ret,
                           struct errinfo *ei);

#endif
