/* Inside verdicts: what one pact's answer is made from. */
#ifndef DETENTE_ROLE_VERDICTS_PRIV_H
#define DETENTE_ROLE_VERDICTS_PRIV_H

#include "role/outcomes.h"
#include "role/verdicts.h"

struct reading {
    struct utime from;
    struct utime until;
    const struct outcomes *own;   /* as this node's log has them … */
    const struct outcomes *other; /* … and those of them that the other side's has */
    struct outcomes kept;         /* where these are, when they are this reading's */
    struct outcomes told;
    struct verdict_sight sight;                   /* of ours, by its figures */
    struct verdict_sight open[PACT_PARTIES];      /* of all, as all see it … */
    struct verdict_sight published[PACT_PARTIES]; /* … and as each published it, where it did */
};

struct page {
    const struct verdicts_ask *ask;
    const struct book_pact *pact;
    struct utime at;
    struct reading now;
    struct reading period;
    struct utime silent; /* of the pair at hand */
    struct utime ends;
    struct buf *to;
    struct buf days;    /* coverage of each day of the period, JSON without brackets */
    struct buf sensors; /* JSON, as the last heartbeat found them; "" none */
    unsigned pairs;     /* that were put */
    bool joint;         /* a report: what both logs hold first, and nothing of now */
};

void verdicts_begin_pact(struct page *p);
/* ERR_NOMEM; buf's own error is sticky. */
MUST_USE int verdicts_put_pair(struct page *p, unsigned bound, unsigned toward);
void verdicts_end_pact(struct page *p);

/* The list of pacts with all that is in it, `[…]`; with joint as a report has it. */
MUST_USE int verdicts_put_pacts(const struct verdicts_ask *a, bool joint, struct buf *ret);
/* report.c: the incidents of the period that both logs hold. */
MUST_USE int report_put_incidents(struct page *p);

#endif
