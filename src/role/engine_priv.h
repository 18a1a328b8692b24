/* Inside the engine: its state, shared by admit.c and record.c. */
#ifndef DETENTE_ROLE_ENGINE_PRIV_H
#define DETENTE_ROLE_ENGINE_PRIV_H

#include "role/engine.h"

/* Who was seen in which minute: 4-way sets of 64-bit hashes, oldest out first. */
enum { SEEN_SETS = 1 << 16, SEEN_WAYS = 4 };

struct seen {
    uint64_t hash[SEEN_SETS][SEEN_WAYS];
    uint8_t next[SEEN_SETS];
    uint64_t secret;
};

/* What was read is on the disk, and the mark not behind it.  ERR_FULL: to be tried again, and
 * nothing may be recorded before. */
MUST_USE int engine_make_durable(struct engine *e, struct errinfo *ei);

/* True when the same origin, target, port and rule was seen in that minute before. */
bool engine_seen(struct seen *seen, const struct event *ev);

enum {
    SPARE_MAX = 16 /* drafts kept for their buffers */
};

struct engine {
    const struct env *env;
    const struct conf *conf;
    struct store *store;
    const struct attrib *attrib;
    struct lookout *lookout; /* NULL: nothing is looked for */
    struct lookout_sum met;  /* of records that are no attacks, since the last record */
    const struct skey *key;
    struct ledger *ledger;
    struct dict dict;
    struct seen *seen;
    struct draft *open; /* NULL: none */
    struct draft *full[ENGINE_FULL_MAX];
    unsigned full_from;
    unsigned full_count;
    struct draft *spare[SPARE_MAX];
    unsigned spares;
    uint64_t duplicates; /* since the last record */
    uint64_t skewed;
    uint64_t unplaced;
    uint64_t next_block;
    uint32_t segment;
    uint64_t segment_end; /* bytes that rows point into */
    int segment_fd;
    bool held;      /* engine_hold() */
    bool unsettled; /* what was read at the start could not be made durable for want of room */
    struct utime last_at; /* of the newest leaf */
    uint8_t last_key[COMMIT_KEY];
    struct canaries *canaries; /* role/canary.h; NULL: not loaded */
    engine_watch *watch;
    void *watch_arg;
};

/* record.c: what every transaction needs. */
/* Before one that signs: what was read at the start is durable, and the mark has its room.
 * ERR_FULL: not now. */
MUST_USE int engine_may_sign(struct engine *e, struct errinfo *ei);
/* The log's clock never goes back. */
struct utime engine_next_time(struct engine *e);
MUST_USE int engine_put_clock(struct engine *e);
/* Changes and their leaves, by put(), in one transaction under a new checkpoint.  *refused says
 * that put() gave an error which is an answer, and changed nothing; NULL: none is.  Errors as
 * of engine_do(); engine_check_room() is the caller's. */
MUST_USE int engine_change(struct engine *e,
                           int (*put)(void *arg, struct engine *e, struct errinfo *ei),
                           void *arg, const bool *refused, struct errinfo *ei);
/* Who did what to what: the leaf of an act and what opens it, within a transaction. */
struct engine_who {
    struct slice user;
    struct slice role;
    const char *action; /* noun.verb */
    struct slice object;
};
MUST_USE int engine_put_act(struct engine *e, const struct engine_who *w, struct utime now,
                            struct errinfo *ei);
/* Refused early: the database must have room to end what it begins, and whoever repairs a full
 * disk needs a working node.  want: bytes of evidence; 0 or ERR_FULL. */
MUST_USE int engine_check_room(struct engine *e, uint64_t want);
/* The commit before it is durable, so a mark that finds no room is no failure: it lags, and
 * comes with the next record. */
MUST_USE int engine_put_mark(struct engine *e, struct errinfo *ei);
/* Say what the store says, unless ei says something already; gives r. */
int engine_fail(struct engine *e, int r, struct errinfo *ei);

#endif
