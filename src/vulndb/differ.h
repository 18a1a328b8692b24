/* What a feed says now against what it said before: how many of its records are new, changed,
 * as they were, gone, and which come first. */
#ifndef DETENTE_VULNDB_DIFFER_H
#define DETENTE_VULNDB_DIFFER_H

#include "vulndb/vulndb.h"

struct differ_row {
    uint64_t vuln; /* names the record … */
    uint64_t sub;  /* … with this, where one vulnerability has several */
    uint64_t is;   /* a hash of what it says */
};

struct differ_rows {
    struct differ_row *row; /* owned */
    uint32_t count;
    uint32_t room;
};

/* ERR_NOMEM. */
MUST_USE int differ_add(struct differ_rows *t, struct differ_row row);
void differ_sort(struct differ_rows *t);
void differ_release(struct differ_rows *t); /* of zeroes is fine */

/* Both are sorted, and empty afterwards.  Adds to counts.  Of several records of one name those
 * that say the same are the same. */
MUST_USE int differ_count(struct vulndb *db, struct differ_rows *was, struct differ_rows *is,
                          struct vulndb_counts *counts);

#endif
