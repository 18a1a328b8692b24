/* What is known of an incident that was detected here, before its notice is sent: kept as
 * canonical JSON beside it (store/messages.h, `local`), and made into the notice's body. */
#ifndef DETENTE_ROLE_NOTICE_H
#define DETENTE_ROLE_NOTICE_H

#include "judge/judge.h"
#include "role/book.h"
#include "role/exhibit.h"

enum { NOTICE_LOCAL = 1 << 16 /* bytes */ };

/* A copy of what judging told. */
struct detected {
    const struct book_pact *pact;
    uint64_t number; /* of the judge */
    unsigned obligation;
    uint16_t also[PACT_OBLIGATIONS];
    unsigned also_count;
    unsigned origin_party;
    struct prefix origin;
    bool collective;
    enum event_class class_;
    unsigned sensors;
    struct judge_totals totals;
    struct event_id evidence[JUDGE_EVIDENCE];
    unsigned evidence_count;
};

/* `["detected",incident,obligation,class,origin,target party,first]`. */
void detected_open(const struct detected *d, struct slice incident, struct buf *ret);
/* The local JSON; leaf, salt, opened: of the `detected` leaf.  last_leaf: of the newest block
 * with evidence. */
struct detected_leaf {
    uint64_t leaf;
    const uint8_t *salt; /* LEAF_SALT bytes */
    struct slice opened;
    uint64_t last_leaf;
    struct utime since;
};
void detected_json(const struct detected *d, const struct detected_leaf *l, struct buf *ret);
/* What lists show of it until the notice is sent. */
void detected_told(const struct detected *d, struct slice incident, struct utime now,
                   struct buf *ret);
/* The leaf of the newest block with evidence.  ERR_NOTFOUND, ERR_IO. */
MUST_USE int detected_last_leaf(struct store *s, const struct detected *d, uint64_t *ret);

/* What the local JSON says of it.  ERR_INVALID. */
struct detected_known {
    uint64_t number; /* of the judge */
    uint64_t last_leaf;
    struct utime since;
};
MUST_USE int detected_read(struct slice local, struct detected_known *ret);
/* Did another party, or a witness of the policy, cosign a tree with that leaf? */
MUST_USE int notice_witnessed(struct store *s, const struct book_pact *p, uint64_t leaf,
                              bool *ret);
/* The body of the notice of an incident that was detected here, from what is kept beside it and
 * the events themselves; with proofs once the evidence is cosigned.  e_grade: 1 when it is not
 * yet, else 2, or 3 with two sensors.  ERR_NOTFOUND: none was detected by that name, or all of
 * its evidence is erased. */
MUST_USE int notice_body(struct exhibits *x, const struct book_pact *p, struct slice incident,
                         struct buf *ret, struct errinfo *ei);

#endif
