/* Alerts and what of them is still to be sent: DIR/alerts/alerts.db, a database of its own.
 *
 * It is apart from the node's store because it must tell of a store that cannot be written and
 * of an engine that is gone; so its one writer is another process (role/proc_courier.c), and
 * gate and command line read.  SQLite, WAL, synchronous=FULL: an alert and its sendings are
 * there together, once the call is back. */
#ifndef DETENTE_STORE_ALERTS_H
#define DETENTE_STORE_ALERTS_H

#include "model/alert.h"
#include "store/store.h"

enum {
    ALERTS_OPEN_MAX = 256, /* firing or acknowledged */
    ALERTS_KEPT = 10000,   /* resolved ones; the oldest go */
    SENDINGS_MAX = 4096,   /* of one receiver; the oldest go, and are counted */
    RECEIVER_NAME = 33,    /* bytes, with NUL */
    RECEIVER_ERROR = 160
};

struct alerts; /* opaque */

/* With STORE_CREATE also makes it; the folder must be there.  ERR_NOTFOUND: none there to be
 * read; otherwise as store_open(). */
MUST_USE int alerts_open(const char *dir, enum store_mode mode, struct alerts **ret,
                         struct errinfo *ei);
struct alerts *alerts_close(struct alerts *a); /* NULL is fine; gives NULL */
const char *alerts_error(const struct alerts *a);
/* Changes with every change of the database; for whoever reads. */
MUST_USE int alerts_version(struct alerts *a, uint64_t *ret);

MUST_USE int alerts_begin(struct alerts *a);
MUST_USE int alerts_commit(struct alerts *a);
void alerts_rollback(struct alerts *a);

/* A new one when its number is 0, which is set then; else changed.  ERR_LIMIT: too many are
 * open. */
MUST_USE int alerts_put(struct alerts *a, struct alert *alert);
MUST_USE int alerts_get(struct alerts *a, uint64_t number,
                        struct alert *ret); /* ERR_NOTFOUND */
/* Open ones, or all, the newest first, up to `most` (0: all). */
MUST_USE int alerts_each(struct alerts *a, bool all, uint64_t most,
                         int (*each)(void *arg, const struct alert *alert), void *arg);
/* Forget what was resolved before, and beyond ALERTS_KEPT. */
MUST_USE int alerts_forget(struct alerts *a, struct utime before);

/* ---- sendings ---- */

struct sending {
    int64_t id; /* 0: new */
    uint64_t alert;
    enum alert_step step;
    uint32_t nth; /* of a reminder */
    uint32_t tries;
    char receiver[RECEIVER_NAME];
    struct utime made;
    struct utime due;
};
/* Add; the oldest beyond SENDINGS_MAX goes, counted as dropped. */
MUST_USE int alerts_add_sending(struct alerts *a, const struct sending *s);
/* Of one receiver, in order, up to `most`; the number of them. */
MUST_USE int alerts_sendings(struct alerts *a, const char *receiver, struct sending *ret,
                             unsigned most);
MUST_USE int alerts_put_off(struct alerts *a, int64_t id, uint32_t tries, struct utime due);
MUST_USE int alerts_drop_sending(struct alerts *a, int64_t id);
/* All that is for receivers that the configuration has no more: names, count. */
MUST_USE int alerts_keep_receivers(struct alerts *a, const char *const *names, unsigned count);

struct receiver {
    char name[RECEIVER_NAME];
    uint64_t waiting;
    uint64_t sent;
    uint64_t failed;  /* tries */
    uint64_t dropped; /* never sent */
    struct utime sent_at;
    struct utime failed_at;
    struct utime failing;       /* since when nothing got there; 0: the last try did */
    char error[RECEIVER_ERROR]; /* of the last try that failed */
};
/* Zero but for its name when nothing was ever sent there. */
MUST_USE int alerts_receiver(struct alerts *a, const char *name, struct receiver *ret);
/* Adds sent, failed and dropped; replaces the rest. */
MUST_USE int alerts_count(struct alerts *a, const struct receiver *add);

#endif
