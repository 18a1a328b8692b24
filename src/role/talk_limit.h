/* How much a counterpart may have of us in a day: notices by the pact, rejections by us. */
#ifndef DETENTE_ROLE_TALK_LIMIT_H
#define DETENTE_ROLE_TALK_LIMIT_H

#include "role/talk.h"

/* Is a notice one more than the pact takes in a day (UTC)?  The day is that of its `at`, or,
 * when its log says that it must be later, that: nobody has more of yesterday's.  leaf: of ours
 * UINT64_MAX. */
MUST_USE int talk_is_over(const struct talk *t, const struct book_pact *p,
                          const struct envelope *m, uint64_t leaf, bool *ret);
/* Count one that was. */
void talk_note_over(struct talk *t, struct slice party, struct utime now);
/* True, and counted, when one more rejection may go to that party today. */
bool talk_may_reject(struct talk *t, struct slice party, struct utime now);

#endif
