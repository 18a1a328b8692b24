/* Segments of several datasets, laid over each other and brought into the compiled form. */
#ifndef DETENTE_ATTRIB_MERGE_PRIV_H
#define DETENTE_ATTRIB_MERGE_PRIV_H

#include "attrib/rows_priv.h"
#include "attrib/table_priv.h"

struct merge {
    unsigned count; /* datasets */
    struct attrib_dataset dataset[ATTRIB_DATASETS];
    struct buf segments[ATTRIB_DATASETS]; /* struct segment; released when laid over */
    struct names names;
    struct map combos; /* one value a dataset, to index */
    struct map places; /* struct place_key to index: the place's number */
    uint32_t *place_of_combo;
    uint32_t combo_room;
    struct buf merged; /* struct segment whose value is a place */
    struct buf section[SECTIONS];
    struct buf file;
};

MUST_USE int merge_init(struct merge *m, unsigned count);
void merge_release(struct merge *m);
/* Everything from m->segments to m->file. */
MUST_USE int merge_compile(struct merge *m, struct attrib_report *ret);

/* layout.c: m->merged into the sections of ranges. */
MUST_USE int layout_ranges(struct merge *m);

#endif
