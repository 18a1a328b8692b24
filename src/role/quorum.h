/* The node's policy (C2SP tlog-policy): which witnesses cosign its log, and how many must.
 *
 * It stands in a file that `witness.policy` of the configuration names.  At its start the
 * engine puts its text into the store and its hash into a `policy` leaf, so that those who only
 * read the store know it too, and everybody when it changed. */
#ifndef DETENTE_ROLE_QUORUM_H
#define DETENTE_ROLE_QUORUM_H

#include "conf/conf.h"
#include "note/policy.h"
#include "role/node.h"

/* The file: its text too.  Without one in the configuration *ret is empty and asks for nothing.
 * ERR_CONF with file and line: it is no policy, has more than FETCH_WITNESSES witnesses, or
 * `witness.inside` names none of them. */
MUST_USE int quorum_load(const char *dir, const struct conf *c, struct policy *ret,
                         struct buf *ret_text, struct errinfo *ei);
/* Made known: leaf and store, when it is another than before.  n is open to write.  ERR_CONF:
 * one of its keys is this node's own; ERR_FULL: not now; ERR_IO. */
MUST_USE int quorum_keep(struct node *n, const struct policy *p, struct slice text,
                         const struct skey *witness, const struct skey *holder,
                         struct errinfo *ei);

/* How it stands, by the store. */
struct quorum {
    struct policy policy;
    uint64_t size[POLICY_NODES]; /* what each witness cosigned last, 0 nothing … */
    struct utime at[POLICY_NODES];
    uint64_t reach;   /* leaves that enough of them cosigned; UINT64_MAX none is asked for */
    uint64_t signed_; /* leaves under the newest checkpoint … */
    unsigned now;     /* … which so many of the witnesses cosigned */
};
/* ERR_NOTFOUND: there is no policy; ERR_IO. */
MUST_USE int quorum_look(struct store *s, struct quorum *ret);
/* {"quorum":…,"size":N,"reach":N,"now":K,"witnesses":[…]}: for interfaces. */
void quorum_json(const struct quorum *q, struct buf *to);

/* A size with cosignatures that covers leaf, and the checkpoint's note with all of them: with a
 * policy the first that meets it, or else the first; without one that which most cosigned.
 * ERR_NOTFOUND: nobody cosigned it yet. */
MUST_USE int quorum_cover(struct store *s, uint64_t leaf, uint64_t *ret_size,
                          struct buf *ret_note);

#endif
