/* EPSS, the chance that a vulnerability is exploited within 30 days, as FIRST publishes it each
 * day (first.org/epss, data: `epss_scores-YYYY-MM-DD.csv`):
 *
 *   #model_version:v2026.06.15,score_date:2026-09-29T12:00:22Z
 *   cve,epss,percentile
 *   CVE-1999-0001,0.03351,0.88255
 *
 * Numbers become parts per million, rounded half up: 0.03351 is 33510; `1e-05` is a number too.
 * The file comes in pieces that end wherever they do, so that it is unpacked on the way. What
 * is wrong ends the reading with line and column; the rows before it were taken.  A CVE that
 * was there before is passed over and counted: the first one stands.  Some 50 ns a row.  Pure.
 */
#ifndef DETENTE_VULN_EPSS_H
#define DETENTE_VULN_EPSS_H

#include "base/err.h"
#include "base/time.h"
#include "vuln/cve.h"

enum {
    EPSS_ONE = 1000000,  /* certain, and the highest percentile */
    EPSS_LINE = 512,     /* bytes of one */
    EPSS_ROWS = 1 << 21, /* of a file: six times what there is in 2026 */
    EPSS_MODEL = 64      /* bytes of the model's version, with NUL */
};

struct epss_row {
    cve_id cve;
    uint32_t epss;       /* parts per million */
    uint32_t percentile; /* the same: how many of all have this score or a lower one */
};

/* 0, or an error that ends the reading. */
typedef int epss_take(void *arg, const struct epss_row *row);

struct epss {
    char model[EPSS_MODEL]; /* "" before the first line was read */
    struct utime scored;
    uint64_t rows;  /* that were given to take() */
    uint64_t twice; /* that were passed over */
    /* private */
    epss_take *take;
    void *arg;
    struct errinfo *ei;
    unsigned line; /* of what comes next, from 1 */
    int failed;
    struct epss_seen {
        uint64_t key; /* the upper bits of 64 CVEs; 0: free */
        uint64_t bits;
    } * seen;
    size_t slots; /* a power of two; 0: none yet */
    size_t used;
    size_t rest;
    char carry[EPSS_LINE];
};

/* Nothing is allocated yet; ei and arg must outlive it. */
void epss_open(struct epss *e, epss_take *take, void *arg, struct errinfo *ei);
/* The next bytes; `last` says that none follow (then they may be none).  ERR_INVALID with line
 * and column, ERR_LIMIT, ERR_NOMEM, and what take() gives; the same again from then on. */
MUST_USE int epss_feed(struct epss *e, struct slice bytes, bool last);
/* In any case; the values above stay. */
void epss_close(struct epss *e);

#endif
