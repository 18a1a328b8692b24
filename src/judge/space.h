/* Whose an address is, by the annexes in force at a time.
 *
 * A space is compiled from the annexes of all parties of a pact, each with the time at which a
 * witness first cosigned its leaf.  What one party may say alone is applied here: an annex
 * counts from the later of its valid_from and that time, never for events before; of several
 * that have begun the one with the highest sequence is in force; what it takes away (space,
 * networks, protected labels) counts for SPACE_REMOVAL more, unless another party's annex in
 * force has it.  Prefix first, then the network's number; never a country.
 *
 * Immutable, so any number of threads may ask.  Some 30 ns an address with 10^5 prefixes.
 */
#ifndef DETENTE_JUDGE_SPACE_H
#define DETENTE_JUDGE_SPACE_H

#include "pact/annex.h"

#define SPACE_REMOVAL ((struct span){TIME_US_PER_S * 86400 * 30})

enum {
    SPACE_LABELS = 64,     /* protected labels that obligations of one pact name */
    SPACE_CLAIMS = 1 << 22 /* prefixes and networks of all annexes together */
};

struct space_annex {
    const struct annex *annex;
    struct utime witnessed; /* 0: not yet, so it does not count */
};

/* All annexes of one party, by rising sequence. */
struct space_history {
    const struct space_annex *at;
    unsigned count;
};

struct space;

enum space_by { SPACE_NOBODY, SPACE_PREFIX, SPACE_ASN };

struct space_owner {
    uint64_t labels; /* bits of space_label(); none by SPACE_ASN */
    int16_t party;   /* index in the pact, -1 nobody's */
    uint8_t by;      /* enum space_by */
};

/* history: as many as the pact has parties, in its order; only read while this runs.  The pact
 * must live as long as the space.  ERR_INVALID (ei says which) for a history that does not rise
 * or is another's, ERR_LIMIT, ERR_NOMEM. */
MUST_USE int space_new(const struct pact *p, const struct space_history *history,
                       struct space **ret, struct errinfo *ei);
struct space *space_free(struct space *s); /* NULL is fine; gives NULL */

/* asn: the network that the event names for the address, 0 none. */
struct space_owner space_find(const struct space *s, const struct addr *a, uint32_t asn,
                              struct utime when);
/* It will be asked for soon. */
void space_fetch(const struct space *s, const struct addr *a);
/* The bit of a protected label, -1 when no obligation of the pact names it. */
int space_label(const struct space *s, struct slice label);

/* From when and until when (INT64_MAX: no end) an annex of a history is in force; false: never.
 */
bool space_in_force(const struct space_history *h, unsigned annex, struct utime *ret_from,
                    struct utime *ret_until);

#endif
