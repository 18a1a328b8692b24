/* One event in words and JSON: what it was, where from and by which dataset, how it is
 * committed, how to prove it.  Used by the command line and the page alike. */
#ifndef DETENTE_ROLE_DESCRIBE_H
#define DETENTE_ROLE_DESCRIBE_H

#include "base/buf.h"
#include "ledger/commit.h"
#include "role/dict.h"
#include "role/node.h"
#include "role/owners.h"
#include "store/query.h"

/* The commitments of the block that was proved last: of many events of one they are made once.
 */
struct describe_commits {
    uint64_t block;
    bool there;
    struct hash commitment[EVENTS_PER_BLOCK];
};

/* What is needed to describe events of a node opened to read. */
struct describer {
    struct store *store;
    struct reader *reader;
    const struct dict *dict;
    const struct attrib *attrib;
    struct ledger *ledger; /* at the log's end */
    const struct vkey *key;
    const struct owners *owners;      /* NULL: nobody's are all */
    struct describe_commits *commits; /* NULL: made anew for each proof */
};

/* A found event with everything around it; valid until the next call. */
struct found {
    struct store_block row;
    struct evidence evidence;
    const struct event *event;
    struct slice raw;
    struct event_id id;
};
/* ERR_NOTFOUND: no such block or index; ERR_GONE: all of the block is erased (id and row are
 * set). Of an event whose raw bytes are erased raw is empty, and row.erased says so. */
MUST_USE int describe_find(const struct describer *d, struct event_id id, struct found *ret);
/* Its parts, salts and commitment; ERR_NOTFOUND when the block's key is lost. */
MUST_USE int describe_commit(const struct describer *d, const struct found *f,
                             struct commit_event *ret);
/* `erased by RULE at TIME`, as words into ret; "" when nothing was. */
MUST_USE int describe_erasure(const struct describer *d, const struct store_block *row,
                              struct buf *ret);
/* The object of docs/api.md. */
MUST_USE int describe_json(const struct describer *d, const struct found *f, struct buf *ret);
/* Its member `origin` alone. */
MUST_USE int describe_origin(const struct describer *d, const struct query_hit *hit,
                             struct buf *ret);
/* A line of a list: the same object without `log`. */
MUST_USE int describe_event(const struct describer *d, const struct query_hit *hit,
                            struct buf *ret);
/* The proof file; show as ledger/proof.h. */
MUST_USE int describe_proof(const struct describer *d, const struct found *f, int show,
                            struct buf *ret, struct errinfo *ei);

/* Who placed an event's origin, as of which date.  An event keeps the answer of the tables
 * that were in use when it was taken; what is said of it must name those, not today's. */
enum { PLACE_BY = ATTRIB_DATASETS * (ATTRIB_NAME + 2), PLACE_DATE = ATTRIB_DATASETS * 12 };
struct describe_place {
    bool current; /* the tables in use now: their prefix and votes are those of the event */
    /* One name and its day, `2026-11-20`; of tables that were replaced, all that may have been
     * it, separated by `, `, and their days in the same order.  "": nobody knew. */
    char asn_by[PLACE_BY];
    char asn_date[PLACE_DATE];
    char country_by[PLACE_BY];
    char country_date[PLACE_DATE];
    struct attrib_answer now; /* of the tables in use now, current or not */
};
/* tables: of the event's block.  Of tables that were replaced only the datasets are known, in
 * voting order, and the first that had an answer decided: those that are in use still, and have
 * another answer or none, were not it; one that has the answer is the last that can have been.
 * ERR_IO, ERR_NOMEM. */
MUST_USE int describe_place(const struct describer *d, const struct hash *tables,
                            const struct event *ev, struct describe_place *ret);

/* Flags as a JSON array and as words. */
void describe_flags(uint16_t flags, struct buf *json, struct buf *words);

#endif
