/* What a counterpart's sensors saw of vulnerabilities: its totals by hour and origin network, a
 * JSON object a line, as `detente vuln live --totals -o jsonl` prints them:
 *
 *   {"cve":"CVE-2099-0001","hour":"2099-01-01T00:00:00.000000Z","asn":64500,"country":"XA",
 *    "alerts":12}
 *
 * The text is written to.  Pure. */
#ifndef DETENTE_VULN_SEEN_H
#define DETENTE_VULN_SEEN_H

#include "base/time.h"
#include "vuln/cve.h"

enum { SEEN_ROWS = 1 << 20 };

struct seen_row {
    cve_id cve;
    struct utime hour;
    uint32_t asn;
    char country[3]; /* "" not known */
    uint64_t alerts;
};

typedef int seen_take(void *arg, const struct seen_row *r);

/* ERR_INVALID with line and column for what is no such row; ERR_LIMIT, ERR_NOMEM, and what
 * take() gives. */
MUST_USE int seen_read(char *text, size_t len, seen_take *take, void *arg, struct errinfo *ei);

#endif
