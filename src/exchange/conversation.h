/* From messages to the state of an incident: chains, times, the pact, then the fold
 * (pact/incident.h).
 *
 * What is handed in is what both logs hold of one incident between two parties (the caller
 * picks by incident, from and to): authentic messages, each with its place in its sender's log
 * and the times between which a witness puts it.  What comes out is the same at both parties,
 * whatever the order it was handed in: the state, and each message's fate.  Nothing is thrown
 * away: a fork of a chain is shown, and counts for nothing.
 *
 * Pure; O(n log n), about 0.1 µs a message. */
#ifndef DETENTE_EXCHANGE_CONVERSATION_H
#define DETENTE_EXCHANGE_CONVERSATION_H

#include <stdbool.h>
#include <stdint.h>

#include "exchange/envelope.h"
#include "pact/incident.h"
#include "pact/pact.h"

/* What the fold needs of a message; no pointers, so that it can be kept as it is. */
struct said {
    struct hash id;
    struct hash prev;
    bool has_prev;
    bool refers; /* to a notice, inquiry or request … */
    struct hash about;
    struct incident_message m; /* type INCIDENT_TYPES: nothing to fold (a reject) */
    int obligation;            /* of a notice: index in the pact, -1 none */
    enum message_code terms;   /* of a notice: fine, class, severity; the caller adds limit */
    /* The caller's: */
    uint64_t leaf;           /* index in the sender's log */
    struct utime not_before; /* newest cosignature of the other older than the leaf; 0 none */
    struct utime not_after;  /* the first that covers it; 0 none yet */
};

/* From an authentic message in an incident.  leaf and the two times are zero. */
void said_read(const struct envelope *e, const struct pact *p, struct said *ret);

/* Does its `at` lie where witnesses put it, by no more than the skew beside it, and not before
 * `last`, what its sender said before it (INT64_MIN: nothing)?  *ret: from when it counts for
 * deadlines, which is the later bound where it does not. */
bool said_counts(const struct said *s, struct span skew, struct utime last, struct utime *ret);

/* Is one notice more than the pact takes: `today` of this notifier to the same party, with an
 * `at` of the same day (UTC), and `open` incidents of the same obligation came before. */
enum message_code notice_limit(const struct pact *p, unsigned today, unsigned open);

struct conversation_case {
    const struct incident_terms *terms;
    struct span clock_skew_max;
    const struct said *said;
    unsigned count;
    struct utime held;   /* O's holder cosignature over a checkpoint with the notice; 0 none */
    struct utime deemed; /* the receipt counts as given (contact.h); 0 no */
    const struct incident_span *suspended;
    unsigned spans;
};

/* What became of a message. */
struct fate {
    enum message_code code; /* MESSAGE_FINE: it counts */
    /* Of chain: the place in it is taken.  Fine with it: another claims this one's place. */
    bool fork;
    bool disputed;             /* `at` lies outside its bounds, or before the sender's last */
    struct utime counts;       /* what deadlines use */
    enum incident_state state; /* in which it was passed over */
};

struct conversation {
    struct incident incident; /* its rejections are those of the fold alone */
    unsigned notice;          /* which one opened it; UINT32_MAX none */
    unsigned rejected;        /* all, of those up to now */
};

/* The state at `now`, and fate[] of all messages (count of them).  The same message twice is
 * once.  A receipt that comes behind `held` or `deemed` tells nothing new, and is fine.
 * ERR_NOMEM, ERR_LIMIT. */
MUST_USE int conversation_fold(const struct conversation_case *c, struct utime now,
                               struct conversation *ret, struct fate *fate);

/* The name of a fate's code: "chain", "RECEIVED", …; "" when fine. */
const char *fate_name(const struct fate *f);

#endif
