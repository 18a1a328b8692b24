/* Inside a scan: by advisories of products (scan.c), and by CPEs (scan_cpe.c). */
#ifndef DETENTE_VULNDB_SCAN_PRIV_H
#define DETENTE_VULNDB_SCAN_PRIV_H

#include "vulndb/scan.h"

struct scan_pair {
    int64_t product;
    struct slice version; /* or the CPE */
    uint32_t item;
};

struct scan_hit {
    uint32_t item;
    uint32_t flags;
    uint64_t vuln; /* 0: the record is about several */
    int64_t record;
    uint32_t fixed; /* in scanning.fixed */
    uint32_t fixed_len;
    bool ambiguous;
};

struct scanning {
    struct vulndb *db;
    const struct scan_options *options;
    struct scan *scan;
    struct scan_hit *hit;
    uint32_t hits;
    struct buf fixed;
    struct cpes *cpes; /* while CPEs are judged */
};

void *scan_grow(void *array, uint32_t count, size_t size, uint32_t most);
MUST_USE int scan_hit(struct scanning *x, const struct scan_hit *h);
/* All items of one product after the other, sorted by version or CPE. */
MUST_USE int scan_pairs(struct scanning *x, bool cpe,
                        int (*judge)(struct scanning *x, const struct scan_pair *p,
                                     uint32_t n));
MUST_USE int scan_cpes(struct scanning *x);

#endif
