/* What was found as documents of others' forms, each to the end of a buffer and the same bytes
 * for the same findings. */
#ifndef DETENTE_CLI_VULN_REPORT_H
#define DETENTE_CLI_VULN_REPORT_H

#include "cli/vuln_findings.h"
#include "words/words.h"

struct vuln_report {
    struct findings *f; /* with figures and fixed versions */
    struct buf *to;
    struct errinfo *ei;
};

/* SARIF 2.1.0 (OASIS, errata 01): one run, a rule of each vulnerability, a result of each
 * finding at the logical location asset/package@version.  Level: critical and high are errors,
 * medium and unknown warnings, low and none notes; what may be affected is a review (3.27.9),
 * what a statement or an exception leaves out is suppressed (3.27.23). */
MUST_USE int vuln_sarif(struct vuln_report *r);

/* OpenVEX 0.2.0 of the one asset that was asked for: what affects it, by purl, and by CPE where
 * there is none.  Its time is that of the newest thing it rests on. */
MUST_USE int vuln_openvex(struct vuln_report *r, const char *author);
/* A purl of a distribution's package, which such lists do not have; nothing where the
 * distribution has no type of its own. */
void vuln_put_purl(struct buf *to, struct slice space, struct slice name, struct slice version,
                   struct slice architecture);

/* One page to be printed: feeds and how old they are, then findings by decision and asset. */
MUST_USE int vuln_html(struct vuln_report *r, enum language language);

#endif
