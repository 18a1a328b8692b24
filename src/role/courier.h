/* Alerts as a state machine, and their sendings.
 *
 *     condition holds ──wait──► firing ──ack──► acknowledged
 *                                  └──────clear──────┴──────► resolved
 *
 * Every step is durable, together with what is to be sent of it, before anything is sent; each
 * receiver is served in order, tried again with growing pauses, and given up after
 * COURIER_DAYS.  What was sent and could not be noted as such is sent again after a crash,
 * under the same delivery id.  A step function over env: never blocks, sends by a table of
 * callbacks; one thread. */
#ifndef DETENTE_ROLE_COURIER_H
#define DETENTE_ROLE_COURIER_H

#include "base/env.h"
#include "conf/conf.h"
#include "notify/message.h"
#include "role/board.h"
#include "store/alerts.h"

enum {
    COURIER_ROWS = ALERTS_OPEN_MAX + CONF_NOTIFY,
    COURIER_GATHER_US = 10000000, /* a mail waits so long for others, unless critical */
    COURIER_PAUSE_US = 5000000,   /* behind a failed try; doubled each time … */
    COURIER_REFUSED = 5,          /* tries of what a receiver refuses */
    COURIER_DAYS = 3,             /* then a sending is given up */
    COURIER_KEPT_DAYS = 365       /* resolved alerts */
};
#define COURIER_PAUSE_MAX_US (INT64_C(3600) * TIME_US_PER_S) /* … up to this */

struct send_result {
    int status;   /* 0 or ERR_IO */
    bool refused; /* the receiver was reached and does not want this one */
    char text[RECEIVER_ERROR];
};

struct sender {
    void *self;
    /* Begin to send to the receiver of that number; its result comes later. */
    void (*start)(void *self, unsigned receiver, const struct notice *n, unsigned count);
    /* True when there is one, which is then taken. */
    bool (*result)(void *self, unsigned receiver, struct send_result *ret);
};

struct courier {
    struct alerts *alerts;
    const struct env *env;
    const struct conf *conf;
    struct {
        struct condition is;
        bool used;
        bool told;     /* by the parent since we were started; else it may hold or not */
        int64_t since; /* mono: when it began, or ceased, to hold */
        uint64_t open; /* number of its open alert, 0 none */
    } row[COURIER_ROWS];
    struct {
        bool busy;     /* a sending is under way */
        bool finished; /* its result is there, and not yet written down */
        struct send_result result;
        struct sending sending[NOTICE_MAX];
        unsigned count;
        struct utime failing; /* as in the store */
    } to[CONF_NOTIFY];
    int64_t looked; /* mono: for reminders, and old ones */
    bool synced;    /* the parent told all that hold */
    bool full;      /* it was said that too many are open */
};

/* Takes up the alerts that are open.  All three outlive c.  ERR_IO, ERR_FULL. */
MUST_USE int courier_open(struct courier *c, struct alerts *a, const struct env *env,
                          const struct conf *conf);
void courier_hear(struct courier *c, const struct condition *is);
void courier_synced(struct courier *c);
/* By a person; of what is not firing nothing comes.  ERR_IO, ERR_FULL, ERR_BUSY. */
MUST_USE int courier_ack(struct courier *c, uint64_t number, const char *user);
/* All that is due.  ERR_IO: it cannot go on; a full disk is tried again at the next step. */
MUST_USE int courier_step(struct courier *c, const struct sender *s);
/* True while something is under way, or was never tried. */
bool courier_busy(struct courier *c);

#endif
