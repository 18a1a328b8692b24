/* Making a topology from what files say: links first, then what is known of networks.
 *
 * A link that is said twice counts once; where two lines contradict each other, the first one
 * counts.  A link of a network with itself is none.  All three are counted.  What is said of a
 * network that no link names is counted and left out: it reaches nobody. */
#ifndef DETENTE_TOPOLOGY_BUILD_H
#define DETENTE_TOPOLOGY_BUILD_H

#include <stdbool.h>

#include "base/slice.h"
#include "topology/topology.h"

enum topology_tie { TIE_TRANSIT /* a is b's provider */, TIE_PEER };

struct topology_counts {
    uint64_t lines;
    uint64_t twice;         /* links that were said before */
    uint64_t contradictory; /* … as the other kind or direction */
    uint64_t with_itself;
    uint64_t cycles;   /* links left out to break cycles of providers */
    uint64_t unlinked; /* networks that no link names, by lines that say a country */
    uint64_t unknown_country;
    uint64_t absent; /* times an unlinked network stays somewhere; not kept in a snapshot */
};

struct build; /* opaque */

MUST_USE int build_new(struct build **ret);
struct build *build_free(struct build *b); /* NULL is fine; gives NULL */

/* ERR_NOMEM, ERR_LIMIT. */
MUST_USE int build_link(struct build *b, uint32_t a, uint32_t b_asn, enum topology_tie tie);
MUST_USE int build_country(struct build *b, uint32_t asn, uint16_t country);
/* Adds to what was said before. */
MUST_USE int build_addresses(struct build *b, uint32_t asn, uint64_t n);
/* One prefix more, with so many addresses that no longer prefix has. */
MUST_USE int build_prefix(struct build *b, uint32_t asn, uint64_t addresses);
/* It stays in that country when the country is cut off. */
MUST_USE int build_stays(struct build *b, uint32_t asn, uint16_t country);
MUST_USE int build_clique(struct build *b, uint32_t asn);

/* A cycle of providers is an error that names its networks, or with break_cycles one of its
 * links is left out: the one from the network that is met last.  Without a clique that was
 * named it is the networks without a provider that have customers.  ERR_INVALID, ERR_NOMEM,
 * ERR_LIMIT. */
MUST_USE int build_finish(struct build *b, bool break_cycles, struct topology **ret,
                          struct topology_counts *counts, struct errinfo *ei);

/* ---- what files are read (read.c) -------------------------------------------------------- */

/* CAIDA AS relationships, serial-1 and serial-2: `a|b|-1` (a is the provider), `a|b|0` (peers),
 * whatever stands behind a further `|`; of the lines that begin with # that of the clique.
 * ERR_INVALID with the line for any other relation, ERR_LIMIT, ERR_NOMEM. */
MUST_USE int build_read_as_rel(struct build *b, struct slice text, uint64_t *ret_lines,
                               struct errinfo *ei);
/* `asn country`, `asn addresses`: a blank or tab between. */
MUST_USE int build_read_countries(struct build *b, struct slice text, uint64_t *ret_lines,
                                  struct errinfo *ei);
MUST_USE int build_read_addresses(struct build *b, struct slice text, uint64_t *ret_lines,
                                  struct errinfo *ei);
/* `asn country`: a network stays there.  As many lines a network as there are countries. */
MUST_USE int build_read_presence(struct build *b, struct slice text, uint64_t *ret_lines,
                                 struct errinfo *ei);

/* CAIDA AS organisations: lines of two kinds, each behind a `# format:` line that names its
 * fields; of each network the country of its organisation.  Networks whose organisation is not
 * there, or has no country, have none. */
MUST_USE int build_read_organisations(struct build *b, struct slice text, uint64_t *ret_lines,
                                      struct errinfo *ei);
/* CAIDA prefix to AS: `prefix length origin`, tabs between; of several origins (`_`) and of
 * sets
 * (`,`) the first counts.  An address belongs to the longest prefix that has it.  IPv6 prefixes
 * count for nothing. */
MUST_USE int build_read_prefixes(struct build *b, struct slice text, uint64_t *ret_lines,
                                 struct errinfo *ei);

#endif
