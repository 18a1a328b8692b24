/* The verdict: an obligation, an ordered pair of parties, a period; one word, with what it
 * rests on.
 *
 * `bound` owes the obligation to `toward`.  Incidents are those that `toward` noticed to
 * `bound`, each folded at the end of the period; what was seen at all (coverage, canaries) is
 * whose eyes the obligation depends on: those of `toward`, but of an obligation to watch those
 * of `bound`. Words, precedence and figures stand in docs/pact.md.  Silence never reads as
 * compliance: a figure that is not known is no reason for a good word.
 *
 * Of an obligation of kind notify with classes `bound` is who sees: incidents are those that
 * it noticed to `toward` under it, and the time is from where the log has what was found to the
 * notice.  That nothing else was seen is its own word: self-reported at best.
 *
 * Pure.  A row costs one pass over the incidents, some 10 ns each. */
#ifndef DETENTE_PACT_VERDICT_H
#define DETENTE_PACT_VERDICT_H

#include "pact/pact.h"

enum verdict_word {
#define WORD(id, name) VERDICT_##id,
#include "pact/verdict.def"
    VERDICT_WORDS
};

/* Behind a word that says that nothing can be said. */
enum verdict_why {
    VERDICT_WHY_NONE,
#define WHY(id, name) VERDICT_WHY_##id,
#include "pact/verdict.def"
    VERDICT_WHYS
};

enum { VERDICT_NOW_US = 900000000 /* the reading now looks so far back */ };

/* An incident at the end of the period. */
struct verdict_incident {
    uint64_t under[PACT_OBLIGATIONS / 64]; /* bit of each obligation that it is named under */
    uint8_t notifier;                      /* index of the party */
    uint8_t responder;
    struct utime opened;
    struct utime found;   /* as the notifier's log has it; 0 not known */
    struct utime noticed; /* as it counts; 0 not yet */
    struct incident now;
};

void verdict_put_under(struct verdict_incident *i, unsigned obligation);

/* What the eyes that an obligation depends on saw. */
struct verdict_sight {
    bool published;        /* those are another's, as it published them */
    bool known;            /* false: those are another's, who published nothing … */
    uint32_t at_most_ppm;  /* … and coverage no more than its heartbeats tell of time */
    uint32_t coverage_ppm; /* of declared space and time */
    unsigned sensors;      /* that watch */
    unsigned canaries;     /* whose time is over */
    unsigned found;
};

struct verdict_ask {
    const struct pact *pact;
    unsigned obligation;
    unsigned bound; /* indexes of parties */
    unsigned toward;
    struct utime from; /* the period; until is also when the incidents were folded */
    struct utime until;
    struct utime ends;   /* when one of both is not bound any more; 0 open */
    struct utime silent; /* out of contact since, provisionally; 0 not */
    struct verdict_sight sight;
    /* Declared space of both, for exclusions, by family; none: not known. */
    struct pact_prefixes bound_space[2];
    struct pact_prefixes toward_space[2];
    const struct verdict_incident *incident;
    unsigned incidents;
};

struct verdict {
    enum verdict_word word;
    enum verdict_why why;
    unsigned exclusion; /* index in the pact, of WHY_EXCLUSION */
    struct utime from;  /* the part of the period in which it held */
    struct utime until;
    unsigned incidents; /* open at some time of it */
    unsigned open;
    unsigned overdue;
    unsigned disputed;
    unsigned late;          /* done or closed, behind its time */
    unsigned undelivered;   /* no receipt: nothing else is overdue yet */
    unsigned oldest;        /* index of the one that is open longest; UINT32_MAX none */
    unsigned worst;         /* … of the one that is behind its time longest, and … */
    enum incident_due item; /* … what of it; DUES the notice … */
    struct utime due;       /* … and when that was due */
    struct utime next_due;  /* the next deadline of the responder's; 0 none */
    uint32_t recall_ppm;    /* lower bound at 95 %, one-sided; 0 without canaries */
};

void verdict_of(const struct verdict_ask *a, struct verdict *ret);

/* How long notices took that an obligation of kind notify asks for, in the period.  ERR_NOMEM.
 */
struct verdict_times {
    unsigned count;
    int64_t median; /* microseconds of clocks that ran; nearest rank */
    int64_t p90;
};
MUST_USE int verdict_told(const struct verdict_ask *a, struct verdict_times *ret);

/* How well one party's notices to another hold up, and how fast it is answered. */
struct verdict_pair {
    unsigned notices; /* opened in the period */
    unsigned withdrawn;
    unsigned false_positives;     /* explained so, and accepted by the notifier */
    uint32_t wrong_ppm;           /* both over all; 0 of none */
    struct verdict_times took[3]; /* acknowledge, answer, act */
};
/* ERR_NOMEM. */
MUST_USE int verdict_pair(const struct verdict_ask *a, struct verdict_pair *ret);

/* The lower bound of a share of which `found` of `sent` was seen: at 95 %, one-sided, exact
 * (Clopper and Pearson), in millionths, rounded down.  0 of 0 is 0. */
uint32_t verdict_recall(unsigned found, unsigned sent);

const char *verdict_word_name(enum verdict_word w);
const char *verdict_why_name(enum verdict_why w); /* "" none */

#endif
