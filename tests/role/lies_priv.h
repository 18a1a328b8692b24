/* Inside the lies: those about logs, told in lies_log.c. */
#ifndef DETENTE_TESTS_LIES_PRIV_H
#define DETENTE_TESTS_LIES_PRIV_H

#include "lies.h"

enum {
    LIES_FROM = 900000, /* numbers of their own incidents: no honest one comes so far */
    STEP_S = 10,
    QUIET_S = 60, /* what there is to say is said */
    LIE_S = 200,  /* by then it must be named … */
    HEAL_S = 900, /* … and by then be over */
    HONEST = 32,  /* incidents that are looked at, the newest */
    FLOOD = 24,
    ASKS = 24, /* questions in a step, at most */
    LEAVES = 6 /* what comes into a log anyway: an answer to a ping, a cross leaf */
};

#define HOUR_US INT64_C(3600000000)

void lie_say_ping(struct lies *l);

void lie_begin_strange_leaves(struct lies *l);
bool lie_named_strange_leaves(struct lies *l);
void lie_change_last_byte(struct lies *l, uint32_t *status, struct buf *body);
void lie_change_to_fork(struct lies *l, uint32_t *status, struct buf *body);
void lie_change_to_other_signer(struct lies *l, uint32_t *status, struct buf *body);
void lie_change_to_endless(struct lies *l, uint32_t *status, struct buf *body);
void lie_begin_rollback(struct lies *l);
bool lie_named_fork(struct lies *l);
void lie_begin_witness_fork(struct lies *l);
bool lie_named_witness_fork(struct lies *l);
void lie_change_to_other_cosigner(struct lies *l, uint32_t *status, struct buf *body);
void lie_change_to_future(struct lies *l, uint32_t *status, struct buf *body);
void lie_change_to_past(struct lies *l, uint32_t *status, struct buf *body);
#endif
