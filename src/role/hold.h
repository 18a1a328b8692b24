/* Holds: blocks that must stay as they are for a case, whatever their age and whoever asks.
 *
 * A hold is a leaf, whose detail only its opening tells (docs/formats/log.md), and an act of
 * somebody; both stand in one transaction under a newly signed checkpoint.  It covers whole
 * blocks, as blocks are what is erased. */
#ifndef DETENTE_ROLE_HOLD_H
#define DETENTE_ROLE_HOLD_H

#include "ledger/leaf.h"
#include "role/erase.h"

enum { HOLD_SPANS = 64 };

struct hold_span {
    struct event_id first;
    struct event_id last; /* inclusive; index UINT32_MAX: the last of its block */
};

struct hold_order {
    struct slice name; /* of the case: [a-z][a-z0-9]*(-[a-z0-9]+)*, at most 64 bytes */
    enum leaf_hold_action action;
    struct utime until; /* negative: open; not for a release */
    /* Of a place only: rising, disjoint. */
    const struct hold_span *span;
    unsigned spans;    /* 1..HOLD_SPANS */
    struct slice text; /* for people, at most LEAF_TEXT_MAX; kept here, never in a leaf */
    struct erase_person who;
};
/* Refused, and nothing changed, with *ret_refused: ERR_CONF (the case has a hold already),
 * ERR_NOTFOUND (it has none; no such block), ERR_GONE (a block at an end of a span is erased).
 * ERR_FULL: nothing changed either.  Any other error is the end, as of engine_record(). */
MUST_USE int hold_do(struct engine *e, const struct hold_order *o, bool *ret_refused,
                     struct errinfo *ei);

#endif
