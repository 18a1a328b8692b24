/* All that is looked for, frozen: which atoms an address, a name, a URL or a hash is.
 *
 * Each atom has owners: numbers of the caller's (indicators, lists).  Made of rows in any
 * order, the same atom any number of times; after set_freeze() it does not change, so any
 * number of threads may ask it without locks.
 *
 * Atoms stand in lines of 64 bytes, ten each: four bytes of number and two of fingerprint, so
 * that what is not there costs one line of memory; values are compared where the fingerprint
 * agrees, so no answer is a guess.  The hash is keyed: who writes feeds cannot choose lines.
 * Prefixes are one sorted list, each with the one around it; a bit for each first 16 bits of
 * IPv4 and IPv6 says whether any lies there at all.
 *
 * Memory, resident: some 21 bytes an atom and its value (5 an IPv4 address, 1 more than a name
 * has letters).  Cost, among 5 million on one core: 80 to 90 ns for the two addresses of an
 * event, asked 32 events at once; 100 to 150 ns an address alone; 300 to 370 ns a name of three
 * labels (bench_indicator). */
#ifndef DETENTE_INDICATOR_SET_H
#define DETENTE_INDICATOR_SET_H

#include "indicator/atom.h"

enum {
    SET_ATOMS = 1 << 26,
    SET_OWNERS = 1 << 30,
    SET_HITS = 132, /* atoms that one thing is: itself and 129 prefixes, or 127 names above */
    SET_ASKED = 64  /* addresses in one question */
};
#define SET_GONE UINT32_MAX

struct set_build;
struct set;

/* secret: not to be known to those who give atoms. */
MUST_USE int set_build_new(uint64_t secret, struct set_build **ret);
struct set_build *set_build_free(struct set_build *b); /* NULL is fine; gives NULL */
/* ERR_LIMIT: too many, or 4 GB of values; ERR_NOMEM. */
MUST_USE int set_add(struct set_build *b, const struct atom *a, uint32_t owner);
/* as: the number that each owner gets, SET_GONE none, so its rows are left out; NULL as they
 * are.  b is empty after it, and is still to be freed. */
MUST_USE int set_freeze(struct set_build *b, const uint32_t *as, struct set **ret);
struct set *set_free(struct set *s); /* NULL is fine; gives NULL */

/* ---- questions --------------------------------------------------------------------------- */

struct set_found {
    unsigned count;
    uint32_t atom[SET_HITS]; /* itself first, then the narrowest prefix or the longest name */
};

/* Which of n addresses are any, bit by bit; at most SET_ASKED.  Memory is fetched for all of
 * them at once, so that those of 32 events cost a third of what they cost one by one. */
uint64_t set_some(const struct set *s, const struct addr *a, unsigned n);
void set_find_address(const struct set *s, const struct addr *a, struct set_found *ret);
/* A name in any letters, with or without the last dot; what is none is not found. */
void set_find_domain(const struct set *s, struct slice name, struct set_found *ret);
/* A URL or a hash, as atom_read_…() gave it. */
void set_find_atom(const struct set *s, const struct atom *a, struct set_found *ret);
/* A prefix that has addresses in common with p: around it or in it.  SET_GONE none. */
uint32_t set_find_touching(const struct set *s, const struct prefix *p);

/* ---- what is in it ----------------------------------------------------------------------- */

uint32_t set_count(const struct set *s); /* atoms, from 0, in the order in which they came */
enum atom_kind set_kind(const struct set *s, uint32_t atom);
struct slice set_value(const struct set *s, uint32_t atom);
/* At least one; the same owner once. */
const uint32_t *set_owners(const struct set *s, uint32_t atom, uint32_t *ret_count);
size_t set_bytes(const struct set *s); /* of memory */

#endif
