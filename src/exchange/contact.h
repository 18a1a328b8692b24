/* Time out of contact, from what both parties say of it: which of it stops the clocks.
 *
 * Back in contact each side states its gaps.  Time is suspended where both sides' gaps overlap,
 * or where a further witness saw neither; whoever was silent alone had its clocks running.
 * Spans are [from, until), rising and disjoint.  Pure, no allocation. */
#ifndef DETENTE_EXCHANGE_CONTACT_H
#define DETENTE_EXCHANGE_CONTACT_H

#include <stdbool.h>

#include "base/time.h"
#include "exchange/envelope.h"
#include "pact/incident.h"

struct spans {
    unsigned count;
    struct incident_span at[INCIDENT_SPANS];
};

/* So many of one side count, and what it states beyond does not: what is judged of two sides
 * has room for all of it, whatever they state. */
enum { CONTACT_SPANS = INCIDENT_SPANS / 4 };
/* Add the spans of a gap statement to what its sender stated before: those that it stated
 * within `grace` of their end, as a party that waits to see whether time out of contact is of
 * use to it has had its clocks running.  ERR_INVALID: no gap statement; ERR_LIMIT: more than
 * CONTACT_SPANS, and the first of them were added. */
MUST_USE int contact_state(struct spans *s, const struct envelope *e, struct span grace);
/* Add one: merged with what it touches.  One that is empty changes nothing.  ERR_LIMIT. */
MUST_USE int spans_add(struct spans *s, struct incident_span one);

struct contact {
    struct spans suspended; /* for the fold */
    struct spans alone;     /* one side's gap, and not suspended */
    bool cut;               /* more was out of contact than max_suspended */
};

/* a, b: what each side stated; neither: when a further witness saw neither of them.  No more
 * than max is suspended, the earliest of it: hand in the spans of one period of the pact.
 * ERR_LIMIT: more than INCIDENT_SPANS come out, which two sides of CONTACT_SPANS cannot make.
 */
MUST_USE int contact_judge(const struct spans *a, const struct spans *b,
                           const struct spans *neither, struct span max, struct contact *ret);

/* When was O's receipt due: at *ret, the notice and the receipt's deadline, suspended time left
 * out.  And was O silent alone then?  If so, the receipt counts as given at *ret, as it does
 * when a further witness states that it fetched the notice. */
bool contact_deemed(const struct contact *c, struct utime noticed, struct span receipt,
                    struct utime *ret);

#endif
