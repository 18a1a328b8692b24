/* What a loss of power leaves of files that are real ones: of each file's writes since its last
 * sync a random part, torn at sectors and out of order, and of each folder's names since its
 * last sync the first few.  As tests/world/disk.h has it for one node in memory; here for any
 * number of nodes, by the calls of the C library, which SQLite makes as well.
 *
 * Of one process, that dies of it; files below a prefix alone are looked at. */
#ifndef DETENTE_TESTS_POWER_H
#define DETENTE_TESTS_POWER_H

#include <stdint.h>

/* From now on it is remembered what is not durable, of paths that begin so. */
void power_watch(const char *prefix);
/* Syncs say good and do nothing: a planted bug. */
void power_lies(void);
/* Below that path: back to what the disk has, by chance. */
void power_cut(const char *below, uint64_t seed);

struct power_counts {
    unsigned writes; /* unsynced when power was cut */
    unsigned torn;   /* files of which a part was kept */
    unsigned lost;   /* … and nothing */
    unsigned names;  /* creations, renames and unlinks that were forgotten */
};
extern struct power_counts power_counts;

#endif
