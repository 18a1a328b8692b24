/* What the parent knows to be so: conditions that an alert may come of, its own and those that
 * the engine tells it, on their way to the courier.
 *
 * Conditions are levels, not events: whoever was started again is told all that hold, so that
 * nothing depends on a message that was lost with a process.  The one exception are latched
 * ones, which happen and are told once.  Acknowledgements, which the log holds by then, wait
 * here for a courier too, and each new one is told the last of them again: what it did already
 * it passes over.  Pure but for board_flush(). */
#ifndef DETENTE_ROLE_BOARD_H
#define DETENTE_ROLE_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/alert.h"
#include "model/person.h"

/* As it goes over a link. */
struct condition {
    uint32_t rule;  /* enum alert_rule */
    uint32_t holds; /* 1: it is so; 0: no more */
    char subject[ALERT_SUBJECT];
    char text[ALERT_TEXT];
};
/* From a message: texts end and are printable ASCII (what is not becomes `?`), the rule is one.
 */
bool condition_clean(struct condition *c);
bool condition_same(const struct condition *a, const struct condition *b); /* rule, subject */
struct condition condition_of(enum alert_rule rule, const char *subject, bool holds);

/* That a person acknowledged an alert. */
struct acked {
    uint64_t alert; /* its number */
    char user[PERSON_USER];
};

/* Who tells: what one told holds until it was started again and did not tell it any more. */
enum board_teller { BOARD_PARENT, BOARD_ENGINE, BOARD_PULLER };

enum { BOARD_ROWS = 192, BOARD_ACKS = 64 };

struct board {
    struct {
        struct condition is;
        bool used;
        enum board_teller by;
        bool fresh; /* told since whoever tells it was started last */
        bool sent;
    } row[BOARD_ROWS];
    struct {
        struct acked is;
        bool sent;
    } ack[BOARD_ACKS];
    unsigned acks;  /* ever: the oldest makes room */
    unsigned lost;  /* there was no room */
    bool synced;    /* the engine told all that hold since it was started */
    bool sent_sync; /* so does the courier know */
};

/* Note it.  What is new or changed waits for the next flush. */
void board_put(struct board *b, const struct condition *c, enum board_teller by);
void board_ack(struct board *b, const struct acked *a);
/* It was started: what it told before holds until it said all again. */
void board_new(struct board *b, enum board_teller by);
void board_synced(struct board *b, enum board_teller by);
/* The courier was started and knows nothing. */
void board_courier_new(struct board *b);
/* Send what waits, without waiting for room.  ERR_NOTFOUND: the courier is gone. */
MUST_USE int board_flush(struct board *b, int courier);

#endif
