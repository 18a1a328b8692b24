/* Inside the view of vulnerabilities: what is judged (exposure.c) and said (exposure_json.c).
 */
#ifndef DETENTE_ROLE_EXPOSURE_PRIV_H
#define DETENTE_ROLE_EXPOSURE_PRIV_H

#include "role/exposure.h"

struct exposed { /* a machine that has a vulnerability */
    uint64_t vuln;
    uint32_t asset;
    uint32_t finding;
};

enum { EXPOSURE_ROWS = 5, EXPOSURE_COLUMNS = 4, MACHINE_OVER = 1, MACHINE_SOON = 2 };
struct exposure_sums {
    uint64_t findings;
    uint64_t cell[EXPOSURE_ROWS][EXPOSURE_COLUMNS];
    uint8_t *state; /* of each asset */
};

struct exposed_vuln {
    uint64_t vuln;
    const struct exploited_vuln *seen; /* NULL: not lately */
    uint32_t ours;
    uint32_t finding; /* one of them */
    bool over;
    struct utime due; /* the earliest; 0: with the next upgrade */
    struct priority_deadline deadline;
    uint32_t risk;  /* the highest */
    bool exploited; /* it is seen here, or known to be exploited */
};

MUST_USE int exposure_look(struct exposure *e, struct utime now);
/* To be freed. */
MUST_USE int exposure_pairs(const struct exposure *e, struct exposed **ret,
                            uint32_t *ret_count);
MUST_USE int exposure_judge(struct exposure *e, const struct exploited_list *seen,
                            struct utime now, struct exposure_sums *sums,
                            struct exposed_vuln **ret, uint32_t *ret_count);

#endif
