/* A list of addresses that somebody published: what it names, and where that is.
 *
 * Text, one address, prefix or IPv4 range `a-b` at the beginning of each line; what stands
 * behind it (` ; SBL1234`, further CSV columns) is passed over, as are comments (`#`, `;`,
 * `//`) and empty lines.  That is the form of what is in use: plain lists, DROP, CSV.
 *
 * Addresses that cannot be seen from elsewhere (bogons, private ones) are left out and counted;
 * so are lines that begin otherwise.  Overlapping prefixes become one: each address counts
 * once.  A list is not evidence of its reader: nothing here judges anybody.  Pure; one thread
 * at a time, any number of readers of one list. */
#ifndef DETENTE_ATTRIB_HOSTLIST_H
#define DETENTE_ATTRIB_HOSTLIST_H

#include "attrib/attrib.h"
#include "base/buf.h"

enum {
    HOSTLIST_PREFIXES = 4 << 20, /* most in one list */
    HOSTLIST_BYTES = 128 << 20   /* of its text */
};

struct hostlist {
    struct prefix *prefix; /* rising, disjoint */
    uint32_t count;
    uint32_t lines; /* that are no comment */
    uint32_t rejected;
    uint32_t bogons;
    uint32_t first_rejected; /* line, from 1; 0 none */
};
/* ERR_INVALID: more lines were rejected than taken, or it names nothing (ei has the line);
 * ERR_LIMIT; ERR_NOMEM. */
MUST_USE int hostlist_read(struct slice text, struct hostlist *ret, struct errinfo *ei);
void hostlist_release(struct hostlist *l);
/* One prefix a line: what hostlist_read() reads as the same list. */
void hostlist_write(const struct hostlist *l, struct buf *to);

/* IPv4 addresses, and IPv6 networks of /64: what can be counted of a list. */
uint64_t hostlist_addresses(const struct hostlist *l);

/* How many of those lie in each network (by_country false: AS number) or economy; key 0 is what
 * no table places.  Rows come in the order of their count, the largest first.  A prefix is
 * placed by its blocks of /24 (IPv6: /48), of the largest 65,536 a prefix evenly.  The caller
 * frees *ret.  ERR_NOMEM. */
struct hostlist_row {
    uint32_t key;
    uint32_t pad;
    uint64_t addresses;
};
MUST_USE int hostlist_count(const struct hostlist *l, const struct attrib *a, bool by_country,
                            struct hostlist_row **ret, uint32_t *ret_count);

#endif
