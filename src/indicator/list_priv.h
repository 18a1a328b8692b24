/* Between the files of the list. */
#ifndef DETENTE_INDICATOR_LIST_PRIV_H
#define DETENTE_INDICATOR_LIST_PRIV_H

#include "base/texts.h"
#include "indicator/list.h"

/* Milliseconds in the low 48 bits, enough until the year 10889. */
enum { MS_BITS = 48 };
#define MS_MASK ((UINT64_C(1) << MS_BITS) - 1)

enum {
    MARK_REVOKED = 1,
    MARK_LOOKED_FOR = 2,
    MARK_TLP = 2, /* from that bit on, the strictest marking: */
    MARK_TLPS = 7,
    MARK_FOREIGN = 32 /* of another party */
};

struct row {
    uint64_t from;  /* above the milliseconds: confidence, marks */
    uint64_t until; /* above: reasons */
    uint8_t id[16];
    uint32_t name;
    uint32_t labels;
};
_Static_assert(sizeof(struct row) == 40, "millions of them");
_Static_assert((int)REASONS <= 16, "reasons fit above the milliseconds");

static inline bool
row_is_sought(const struct row *r)
{
    return (r->from >> (MS_BITS + 8) & (MARK_REVOKED | MARK_LOOKED_FOR)) == MARK_LOOKED_FOR;
}

struct indicators {
    struct set *set;
    struct texts texts;
    struct row *row;
    uint32_t rows;
    uint32_t sought; /* of them, that have an atom and are not revoked */
    uint64_t number; /* the caller's */
    const uint32_t
        *order; /* rows by id, of one that was mapped; else NULL, and all is its own memory */
    void *map;  /* to be unmapped with it; NULL: none of it is */
    size_t map_size;
};

#endif
