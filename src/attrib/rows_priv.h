/* Rows of one dataset as they are read, and what becomes of them: segments without overlap.
 *
 * Addresses are 128-bit numbers over the mapped form, so that one piece of code serves both
 * families.  Only IPv4 and 2000::/3 are kept; the rest can have no place. */
#ifndef DETENTE_ATTRIB_ROWS_PRIV_H
#define DETENTE_ATTRIB_ROWS_PRIV_H

#include "attrib/attrib.h"
#include "attrib/build.h"
#include "base/buf.h"
#include "base/map.h"

__extension__ typedef unsigned __int128 u128;

#define U128(high, low) ((u128)(high) << 64 | (low))
#define V4_FROM         U128(0, UINT64_C(0xffff00000000))
#define V4_TO           U128(0, UINT64_C(0xffffffffffff))
#define V6_FROM         U128(UINT64_C(0x2000000000000000), 0)
#define V6_TO           U128(UINT64_C(0x3fffffffffffffff), UINT64_MAX)

/* What a row says; the key of struct names.values. */
struct value {
    uint32_t asn;
    uint16_t country;
    uint16_t pad;
};

struct row {
    u128 from;
    u128 to; /* inclusive */
    uint32_t value;
    uint32_t order; /* place in the input */
};

/* From here up to the next segment; value 0 is unknown. */
struct segment {
    u128 from;
    uint32_t value;
};

/* Dictionaries of a whole build. */
struct names {
    struct map values;   /* struct value to index; 0 is unknown */
    struct map networks; /* ASN to index */
    uint32_t *at;        /* of its name in pool, by that index */
    uint32_t *len;
    uint32_t room;
    struct buf pool;
};

struct rows {
    struct row *at;
    size_t count;
    size_t room;
    bool sorted;
    unsigned kind;  /* enum attrib_kind: what is kept of a row */
    unsigned holds; /* what was seen */
    uint64_t usable;
    uint64_t rejected;
    uint64_t outside;
    struct errinfo first; /* the first rejected one */
    struct names *names;
};

MUST_USE int names_init(struct names *n);
void names_release(struct names *n);
/* Keep a name unless this network has one; cleaned of what may not be shown. */
MUST_USE int names_add(struct names *n, uint32_t asn, struct slice name);

void rows_release(struct rows *r);
/* 0, ERR_LIMIT, ERR_NOMEM.  from <= to; the family is that of the text, not of the bits. */
MUST_USE int rows_add(struct rows *r, u128 from, u128 to, struct value v, struct slice name);
/* Count a malformed one. */
void rows_reject(struct rows *r, unsigned line, unsigned column, const char *why);
/* Resolve overlaps: the smallest range wins, of equal ones the later.  Appends struct segment
 * to `to`, the first from 0. */
MUST_USE int rows_segments(struct rows *r, struct buf *to);

u128 u128_of(const struct addr *a);

/* Readers: one file's bytes into rows.  ERR_INVALID fills ei. */
bool mmdb_is(struct slice bytes);
MUST_USE int mmdb_read(const char *path, struct rows *r, struct errinfo *ei);
MUST_USE int mmdb_date(const char *path, struct utime *ret, struct errinfo *ei);
MUST_USE int csv_read(struct slice bytes, struct rows *r, struct errinfo *ei);
/* The `# Generated:` comment within the first lines; ERR_NOTFOUND. */
MUST_USE int csv_date(struct slice bytes, struct utime *ret);

/* Two letters that name a country to *ret, or those that say unknown (0); -1 for others. */
int country_code(struct slice s, uint16_t *ret);

/* A whole file, mapped. */
struct mapped {
    struct slice bytes;
    struct utime modified;
};
MUST_USE int mapped_open(const char *path, struct mapped *ret, struct errinfo *ei);
void mapped_close(struct mapped *m);

#endif
