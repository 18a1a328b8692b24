/* Asking: events by filter, and counts of them by any key.
 *
 * Both scan the columns of the blocks whose times and addresses can match, some 20 M events/s
 * and core; raw bytes are unpacked only when asked for.  A reader belongs to one thread. */
#ifndef DETENTE_STORE_QUERY_H
#define DETENTE_STORE_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"
#include "base/err.h"
#include "base/slice.h"
#include "model/event.h"
#include "store/evidence.h"
#include "store/store.h"

struct reader; /* opaque: a store and its evidence segments, open for reading */

/* ERR_NOMEM.  s and env must outlive it; segments are read through env. */
MUST_USE int reader_open(struct store *s, const struct env *env, struct reader **ret);
struct reader *reader_close(struct reader *r); /* NULL is fine; gives NULL */

enum { QUERY_GROUPS = 64 };

/* What to count or list.  Zero but for until, class_ and kinds means "any". */
struct query {
    struct utime since; /* sensor's time, inclusive */
    struct utime until; /* exclusive; TIME_MAX: no end */
    int class_;         /* enum event_class, -1 any */
    int chip;           /* enum event_chip: a group of classes, -1 any */
    uint16_t country;   /* of the origin */
    bool by_country;    /* country counts, 0 then means unknown */
    bool by_asn;
    uint32_t asn; /* of the origin */
    bool by_address;
    struct addr address; /* origin or target */
    uint8_t kinds;       /* bit for each enum event_kind */
    /* Groups of targets: the number of one by its address, below QUERY_GROUPS; NULL none. */
    unsigned (*group)(void *arg, const struct addr *target);
    void *group_arg;
    uint64_t groups; /* a bit for each that is wanted; 0 any */
    /* Whose an address is, by its number, below QUERY_GROUPS; 0 nobody's.  NULL: all are. */
    unsigned (*owner)(const void *arg, const struct addr *a, uint32_t asn, struct utime when);
    const void *owner_arg;
    uint64_t owners;     /* of the origin: a bit for each that is wanted; 0 any */
    const uint8_t *fold; /* of TOP_GROUP: the number it is counted under; NULL its own */
};
/* Attacks of any time. */
void query_init(struct query *q);
bool query_matches(const struct query *q, const struct event *ev);
/* The number of whose its origin, or its target, is. */
unsigned query_owner(const struct query *q, const struct event *ev, bool target);

/* One block as it is kept; slices and events are valid until the next call on the reader.  Of
 * one whose raw bytes are erased raw is empty; ERR_GONE when all of it is. */
MUST_USE int reader_block(struct reader *r, const struct store_block *b, bool with_raw,
                          struct evidence *ret);
/* By its number: row and events.  ERR_NOTFOUND; ERR_GONE, with the row. */
MUST_USE int reader_find(struct reader *r, uint64_t block, bool with_raw,
                         struct store_block *ret_row, struct evidence *ret);

/* Each matching event, blocks in order (or newest first, then backwards in the block too).
 * Erased blocks are passed over.  A result other than 0 stops and is given back. */
struct query_hit {
    struct event_id id;
    const struct event *event;
    const struct store_block *block;
};
MUST_USE int query_each(struct reader *r, const struct query *q, bool newest_first,
                        int (*each)(void *arg, const struct query_hit *hit), void *arg);

enum top_by {
    TOP_COUNTRY,
    TOP_ASN,
    TOP_ADDRESS,
    TOP_PARTY,
    TOP_CLASS,
    TOP_RULE,
    TOP_SENSOR,
    TOP_CHIP,
    TOP_GROUP /* of targets, by the query's */
};

struct top_row {
    struct addr address; /* the key, by which */
    uint32_t asn;
    uint32_t number; /* class, rule, sensor, chip, group or owner */
    uint16_t country;
    uint64_t events;
    uint64_t addresses; /* distinct ones of the origins */
    uint64_t networks;  /* distinct ASNs of the origins; the unknown ones count as one */
    struct utime first;
    struct utime last;
};

struct top {
    struct top_row *row; /* most networks first, then most events; owned */
    uint32_t count;
    uint64_t events; /* all that matched */
};

enum { TOP_ROWS_MAX = 1 << 24 };

/* Count matching events by a key of the origin, or of the target.  ERR_LIMIT over TOP_ROWS_MAX
 * keys.  Release by top_release(). */
MUST_USE int query_top(struct reader *r, const struct query *q, enum top_by by, bool targets,
                       struct top *ret);
void top_release(struct top *t);

#endif
