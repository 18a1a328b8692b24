/* Address to network and country, each with the dataset that said so and its date.
 *
 * Several datasets (CSV, MMDB, Tor's geoip) are compiled once into one mapped file
 * (docs/formats/tables.md); look-ups read nothing else.  A handle is immutable: any number of
 * threads may use it, and to refresh one opens a second handle and swaps.  Answers are
 * values; slices and dataset rows live as long as the handle.
 *
 * An address that cannot be placed is answered with zeroes, not with an error: the unknown,
 * and every bogon (addr_kind() other than ADDR_GLOBAL), whatever the datasets say of it.
 * 6to4 and Teredo are not decoded: nothing proves who stands behind them.  Where country
 * datasets differ, the first of them that has an answer decides, and `disputed` is set.
 *
 * Every function here takes NULL for the handle and then knows nothing, so that a node
 * without tables runs the same code.
 *
 * Cost, one core, over 0.9 M IPv4 and 0.6 M IPv6 ranges: 12 to 30 ns an IPv4 look-up, 6 to 50
 * ns an IPv6 one, the higher when every address is in another small range; in batches a third
 * less. Opening reads and checks the whole file, some 15 ms. */
#ifndef DETENTE_ATTRIB_ATTRIB_H
#define DETENTE_ATTRIB_ATTRIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/addr.h"

enum {
    ATTRIB_DATASETS = 16,  /* most in one file */
    ATTRIB_VOTES = 8,      /* most datasets with countries among them */
    ATTRIB_NAME = 32,      /* bytes of a dataset's name, with NUL */
    ATTRIB_SOURCE = 96,    /* bytes of a dataset's source, with NUL */
    ATTRIB_NOBODY = 255,   /* instead of a dataset: none knows */
    ATTRIB_NAME_TEXT = 200 /* bytes at most of a network's name */
};

/* What a dataset holds; bits. */
enum attrib_kind { ATTRIB_ASN = 1, ATTRIB_COUNTRY = 2 };

struct attrib; /* opaque */

struct attrib_dataset {
    char name[ATTRIB_NAME];     /* "asn"; [a-z0-9][a-z0-9.-]* */
    char source[ATTRIB_SOURCE]; /* who made it: "RouteViews, DB-IP" */
    struct utime date;          /* 00:00 UTC of the day it was made */
    uint64_t rows;              /* usable ones */
    uint64_t rejected;          /* malformed ones, left out */
    struct hash sha256;         /* of the input files, one after the other */
    uint32_t kind;              /* enum attrib_kind */
    uint32_t pad;
};

/* The short answer, for events. */
struct attribution {
    uint32_t asn;     /* 0 unknown */
    uint16_t country; /* COUNTRY(), 0 unknown */
    uint8_t asn_by;   /* dataset, or ATTRIB_NOBODY */
    uint8_t country_by;
    uint8_t disputed; /* 1: another country dataset has another answer */
    uint8_t pad[3];   /* zero */
};

/* Map and check a file made by attrib_build().  Whatever the bytes are, the answer is a
 * handle that cannot be made to read past them, or an error: ERR_INVALID (cut, damaged, of
 * another version or byte order: ei says which and what to do), ERR_AUTH, ERR_IO
 * (errno in ei), ERR_NOMEM.  On failure *ret is untouched. */
MUST_USE int attrib_open(const char *path, struct attrib **ret, struct errinfo *ei);
/* The same over bytes of the caller's, which must outlive the handle and be aligned to 8. */
MUST_USE int attrib_open_bytes(struct slice bytes, struct attrib **ret, struct errinfo *ei);
struct attrib *attrib_close(struct attrib *a); /* gives NULL */

/* Cannot fail, does not allocate.  IPv4 stands mapped, as everywhere. */
struct attribution attrib_find(const struct attrib *a, const struct addr *addr);
/* n of them, with the memory fetched ahead: half as fast again when the addresses are spread.
 * Give 32 or more at a time. */
void attrib_find_many(const struct attrib *a, const struct addr *addr, size_t n,
                      struct attribution *ret);

struct attrib_vote {
    uint8_t dataset;
    uint16_t country; /* 0: it does not know */
};

/* The long answer, for people. */
struct attrib_answer {
    struct attribution place;
    enum addr_kind kind;
    struct prefix prefix; /* the largest around the address in which the answer is the same;
                           * of a bogon the address itself */
    struct slice name;    /* of the network, UTF-8 without controls; empty when unknown */
    const struct attrib_dataset *asn_by; /* NULL when nobody */
    const struct attrib_dataset *country_by;
    struct attrib_vote vote[ATTRIB_VOTES]; /* every country dataset, in voting order */
    unsigned votes;
};
/* Cannot fail; up to some 10 us. */
void attrib_explain(const struct attrib *a, const struct addr *addr, struct attrib_answer *ret);

/* Name of a network as the first dataset that names it has it; empty when unknown. */
struct slice attrib_name(const struct attrib *a, uint32_t asn);
/* The n-th network that has a name, ascending by number; 0 past the end. */
uint32_t attrib_network(const struct attrib *a, uint32_t n);

/* The i-th dataset in voting order, NULL past the end. */
const struct attrib_dataset *attrib_dataset(const struct attrib *a, unsigned i);
unsigned attrib_datasets(const struct attrib *a);
/* SHA-256 over the whole content: two files with equal ids give equal answers. */
struct hash attrib_id(const struct attrib *a);

struct attrib_size {
    uint64_t bytes; /* mapped */
    uint32_t v4;    /* ranges */
    uint32_t v6;
    uint32_t places;   /* distinct answers */
    uint32_t networks; /* with a name */
};
struct attrib_size attrib_size(const struct attrib *a);

/* A real address that has both a network and a country, chosen by two random words: first
 * a range (every range alike, so that small networks occur), then an address in it.  The same
 * words give the same address.  ERR_NOTFOUND when the table has none of that family. */
MUST_USE int attrib_random(const struct attrib *a, uint64_t r1, uint64_t r2, bool v6,
                           struct addr *ret);

#endif
