/* This node's newest checkpoint, shown to one witness until that cosigned it: the asking side
 * of add-checkpoint (C2SP tlog-witness), for counterparts and for further witnesses alike.
 *
 * What the witness cosigned last is learned from its 409, so a state that was lost on either
 * side, and an answer that was, heal with the next question.  In the engine; the caller asks,
 * and judges the cosignature. */
#ifndef DETENTE_ROLE_SUBMIT_H
#define DETENTE_ROLE_SUBMIT_H

#include "exchange/clock.h"
#include "note/checkpoint.h"
#include "role/engine.h"

#define SUBMIT_FRESH_US INT64_C(60000000) /* an equal checkpoint is shown again so often */
#define SUBMIT_PAUSE_US INT64_C(2000000) /* after a 429, and twice as long after the next … */
#define SUBMIT_MOST_US  INT64_C(60000000) /* … but no longer */
enum { SUBMIT_TRIES = 4 /* of one round: its answer may tell us where it stands */ };

struct submit {
    uint64_t old; /* what it is said to have cosigned */
    unsigned tries;
    struct tree_head shown; /* newest checkpoint that it took … */
    int64_t shown_at;       /* … and when, by the monotonic clock; 0 none */
    int64_t waits_until;    /* it asked for a pause, … */
    int64_t waits_since;    /* … first then; 0: it did not */
    int64_t pause;
    struct utime asked; /* when the question that is out was, by both clocks */
    int64_t asked_mono;
    struct tree_head head; /* … what it is of … */
    struct buf note;       /* … and its note */
};
void submit_open(struct submit *s);
void submit_close(struct submit *s);

/* The body of the next question into `body`, when there is something to show: *ret_due.
 * ERR_IO. */
MUST_USE int submit_ask(struct submit *s, struct engine *e, const struct env *env,
                        struct buf *body, bool *ret_due);

enum submit_answer {
    SUBMIT_COSIGNED, /* the note with its lines is there, to be judged; then submit_done() */
    SUBMIT_AGAIN,    /* it stands elsewhere: ask once more */
    SUBMIT_SHOW, /* it claims another tree of ours, larger or not: let it show our signature;
                    then ask again from nothing */
    SUBMIT_WAIT, /* it asks for a pause: submit_ask() keeps it */
    SUBMIT_REFUSED,
    SUBMIT_NONSENSE /* a 200 whose body is no cosignature; ei says why */
};
enum submit_answer submit_took(struct submit *s, uint32_t status, struct slice body,
                               int64_t mono, struct buf *ret_note, struct errinfo *ei);
/* Does it ask for one pause after the other, and cosigned nothing for SUBMIT_FRESH_US? */
bool submit_is_put_off(const struct submit *s, int64_t mono);
/* A cosignature under a known key answers the question: how far that clock is from ours.  It
 * counts whatever it says, as a time that is not believed may be right, and ours wrong.
 * Nothing changes when it is none that was made for this question: older than `last`. */
void submit_measure(const struct submit *s, const struct env *env, struct utime stated,
                    struct utime last, struct clock_offset *ret);
/* Its cosignature was good. */
void submit_done(struct submit *s, int64_t mono);

/* Is that tree, under this log's signature, one that this log had?  ERR_PROOF: it is not, the
 * store was put back, or another node signs with its key; ei says what, and what to do. */
MUST_USE int submit_is_ours(struct engine *e, const struct checkpoint *c, const char *whose,
                            struct errinfo *ei);

#endif
