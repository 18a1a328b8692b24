/* Messages between parties, both ways, and the incidents that they speak of.
 *
 * A message is kept as the bytes it came in, under the hash of them; it is here once its leaf
 * is (`message` in the sender's log, `received` in the receiver's).  The calls that change
 * something belong into a transaction (store_begin()). */
#ifndef DETENTE_STORE_MESSAGES_H
#define DETENTE_STORE_MESSAGES_H

#include "store/store.h"

struct store_message {
    struct hash id;
    struct slice pact;
    struct slice incident; /* "" the channel between the two */
    struct slice from;
    struct slice to;
    uint64_t seq;
    struct utime at; /* as its sender says */
    uint64_t leaf;   /* index of `message` in its sender's log */
    uint64_t here;   /* index of its leaf in this node's log: the same, or of `received` */
    struct utime arrived;
    uint32_t code; /* enum message_code that was found here; 0 fine */
    struct slice bytes;
};
/* ERR_INVALID: it is there already. */
MUST_USE int store_put_message(struct store *s, const struct store_message *m);
/* ERR_NOTFOUND; borrowed until the next call. */
MUST_USE int store_get_message(struct store *s, const struct hash *id,
                               struct store_message *ret);
/* All of one incident (of a channel: incident "", and both parties, in any order), by leaf
 * here; a result other than 0 stops and is given back. */
MUST_USE int store_each_message(struct store *s, struct slice pact, struct slice incident,
                                int (*each)(void *arg, const struct store_message *m),
                                void *arg);
/* The statements of gaps in the channels of a pact, those that are fine, by leaf here; others
 * that say these words may be among them. */
MUST_USE int store_each_gap(struct store *s, struct slice pact,
                            int (*each)(void *arg, const struct store_message *m), void *arg);
/* Of all pacts, those from a number on, by leaf here. */
MUST_USE int store_each_message_from(struct store *s, uint64_t here,
                                     int (*each)(void *arg, const struct store_message *m),
                                     void *arg);
/* The last one from one party to another, of all incidents.  ERR_NOTFOUND. */
MUST_USE int store_last_message(struct store *s, const struct store_message *which,
                                struct hash *ret);
/* The latest time, up to `until`, that a message of an incident says it is from; 0 none. */
MUST_USE int store_newest_said(struct store *s, struct slice pact, struct slice incident,
                               struct utime until, struct utime *ret);
/* How many incidents one party opened to another, from a time until before another. */
MUST_USE int store_count_notices(struct store *s, const struct store_message *which,
                                 struct utime from, struct utime until, uint64_t *ret);
/* How many messages of an incident one party said to another, whatever became of them. */
MUST_USE int store_count_messages(struct store *s, const struct store_message *which,
                                  uint64_t *ret);
/* The last one of a chain.  ERR_NOTFOUND: it has none. */
MUST_USE int store_get_chain(struct store *s, const struct store_message *chain,
                             uint64_t *ret_seq, struct hash *ret_id);

/* An incident, as this node keeps it beside its messages. */
struct store_incident {
    struct slice pact;
    struct slice name;  /* of the incident */
    struct slice party; /* the other one */
    bool notifier;      /* this node notifies */
    bool closed;
    struct utime opened;
    struct slice local; /* canonical JSON: what only this node knows of it; "" nothing */
    struct slice told;  /* JSON: its state when it changed last, for lists */
};
MUST_USE int store_put_incident(struct store *s,
                                const struct store_incident *i); /* or change */
MUST_USE int store_get_incident(struct store *s, struct slice pact, struct slice name,
                                struct store_incident *ret);
/* By pact and the time they were opened, newest first; open ones alone, or all. */
MUST_USE int store_each_incident(struct store *s, bool open,
                                 int (*each)(void *arg, const struct store_incident *i),
                                 void *arg);
/* How many of them are open with a notice that opened one under that obligation: between this
 * node and i->party, by the notifier that i->notifier says.  Some 0.5 µs for each that is open.
 */
MUST_USE int store_count_open(struct store *s, const struct store_incident *i,
                              struct slice obligation, uint64_t *ret);
/* The number of the next incident that this node opens in a pact. */
MUST_USE int store_next_incident(struct store *s, struct slice pact, uint64_t *ret);

#endif
