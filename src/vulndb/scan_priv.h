/* Inside a scan: by advisories of products (scan.c), and by CPEs (scan_cpe.c). */
#ifndef DETENTE_VULNDB_SCAN_PRIV_H
#define DETENTE_VULNDB_SCAN_PRIV_H

#include "vuln/config.h"
#include "vulndb/scan.h"

struct scan_pair {
    int64_t product;
    struct slice version; /* or the CPE */
    uint32_t item;
    uint8_t scheme; /* what is known of the version: by these rules, and one more … */
    bool wrong;     /* … it is none */
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
                        int (*judge)(struct scanning *x, struct scan_pair *p, uint32_t n));
MUST_USE int scan_cpes(struct scanning *x);

enum { SCAN_NAMES = 4096 /* CPEs of one asset that one record names */ };
struct scan_names {
    struct cpe cpe[SCAN_NAMES];
    struct config_name name[SCAN_NAMES];
    uint32_t item[SCAN_NAMES];
};
/* The first item of an asset, or of the next that has any: they are one behind the other. */
uint32_t scan_first(const struct scan *s, uint32_t asset);
/* The asset's names whose product is in the record's list, in its order; how many. */
size_t scan_names(const struct scan *s, uint32_t asset, struct slice products,
                  struct scan_names *e);

#endif
