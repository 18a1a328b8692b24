/* The record of a consultation: one message with the signatures of both parties.
 *
 * One side drafts and signs: `{"record":{…},"signatures":[["aland","…"]]}`.  The draft is
 * carried to the other, by mail or over the table; whoever has it adds the second signature and
 * says it (docs/formats/messages.md). */
#ifndef DETENTE_ROLE_CONSULT_H
#define DETENTE_ROLE_CONSULT_H

#include "role/talk.h"

/* c: the incident, which must be ESCALATED, else ERR_CONF.  fields: canonical object. */

/* The draft, from `result`, `text` and maybe `held_at`; appended.  ERR_INVALID: not those (ei);
 * ERR_CONF. */
MUST_USE int consult_draft(const struct talk *t, const struct case_file *c, struct slice fields,
                           struct utime now, struct buf *ret, struct errinfo *ei);
/* The body of the message, from a draft of the other side; appended.  ERR_INVALID: it is none,
 * or of another incident, or not signed by the other party alone (ei); ERR_CONF.  Whether that
 * signature is good is looked at when it is said. */
MUST_USE int consult_countersign(const struct talk *t, const struct case_file *c,
                                 struct slice fields, struct buf *ret, struct errinfo *ei);

#endif
