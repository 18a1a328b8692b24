/* A ledger's storage in memory, for tests and benchmarks: transactions by counting back, and
 * a call that can be made to fail. */
#ifndef DETENTE_TESTS_LEDGER_MEM_H
#define DETENTE_TESTS_LEDGER_MEM_H

#include "base/buf.h"
#include "ledger/ledger.h"

struct mem_entry {
    size_t at;
    size_t len;
};

struct mem_tile {
    unsigned level;
    uint64_t n;
    struct hash hash[LEDGER_TILE];
};

struct mem_note {
    uint64_t size;
    char bytes[1024];
    size_t len;
};

struct mem_counts {
    uint64_t entries;
    size_t bytes;
    size_t tiles;
    size_t notes;
};

struct mem {
    struct mem_counts now;
    struct mem_counts begin; /* of the transaction */
    struct mem_entry *entry;
    struct mem_tile *tile;
    struct mem_note *note;
    char *bytes;
    size_t entry_room;
    size_t tile_room;
    size_t note_room;
    size_t byte_room;
    unsigned calls;   /* of any kind */
    unsigned fail_at; /* this call, counted from 1, gives ERR_IO; 0 never */
};

struct ledger_storage mem_storage(struct mem *m);
void mem_begin(struct mem *m);
void mem_rollback(struct mem *m); /* to mem_begin() */
void mem_release(struct mem *m);

#endif
