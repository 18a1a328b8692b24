/* The anti-rollback mark: size and root of the newest signed tree, kept outside the database
 * and outside backups (`DIR/mark`).
 *
 * Written after each commit, so it is never ahead of the store.  A store that is behind its
 * mark was put back to an older state: signing on would make a second history, so the node
 * refuses to start.  A missing mark is a new node, or one whose mark was lost: nothing is
 * checked then.  Its size is counted over all generations of the log (ledger/ledger.h), so that
 * a store of an earlier generation is behind it too. */
#ifndef DETENTE_ROLE_MARK_H
#define DETENTE_ROLE_MARK_H

#include "base/env.h"
#include "ledger/ledger.h"

/* Room for the next mark_write(), before the commit that it is to mark: a disk that is full
 * after that commit must not leave the mark behind it.  ERR_FULL, ERR_IO. */
MUST_USE int mark_reserve(const struct env *env);
/* head->size counts over all generations.  Durable when it gives 0: written aside, synced,
 * renamed, the directory synced. */
MUST_USE int mark_write(const struct env *env, const struct tree_head *head);
/* ERR_NOTFOUND: there is none; ERR_INVALID: it is damaged. */
MUST_USE int mark_read(const struct env *env, struct tree_head *ret);
/* 0 when the log contains the marked tree, or when there is no mark.  ERR_PROOF: it does not
 * (ei says what and what to do); ERR_INVALID: the mark is damaged. */
MUST_USE int mark_check(const struct env *env, struct ledger *l, struct errinfo *ei);
/* Durable and not behind the log's newest signed tree when it gives 0: at a start, before
 * anybody is told of that tree. */
MUST_USE int mark_follow(const struct env *env, struct ledger *l);

/* There from a restore to the moment when it is known that nothing newer was signed. */
#define MARK_RESTORED "restored"
/* Whether a node that was restored may sign: 0 when it was not, or when the mark says that
 * nothing newer was signed (then DIR/restored goes away).  ERR_PROOF with what to do. */
MUST_USE int restored_check(const struct env *env, struct errinfo *ei);

#endif
