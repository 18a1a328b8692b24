/* How much a counterpart may have of us: notices a day and open incidents by the pact, words of
 * one incident and rejections a day by us. */
#ifndef DETENTE_ROLE_TALK_LIMIT_H
#define DETENTE_ROLE_TALK_LIMIT_H

#include "role/talk.h"

enum talk_over {
    TALK_WITHIN,
    TALK_OVER_DAY,  /* a notice more than the pact takes in a day (UTC) … */
    TALK_OVER_OPEN, /* … or while so many incidents of its obligation are open */
    TALK_OVER_WORDS /* a word of an incident that has all that anybody means */
};
/* Is a message one too many?  The day is that of its `at`, or, when its log says that it must
 * be later, that: nobody has more of yesterday's.  Of open incidents there may be one more than
 * the pact's: the one in which all further ones are counted.  leaf: of ours UINT64_MAX. */
MUST_USE int talk_is_over(const struct talk *t, const struct book_pact *p,
                          const struct envelope *m, uint64_t leaf, enum talk_over *ret);
/* Count one that was. */
void talk_note_over(struct talk *t, struct slice party, enum talk_over what, struct utime now);
/* A word outside of incidents came: false, and counted as one too many, when its sender had all
 * that are answered in a day. */
bool talk_may_answer(struct talk *t, struct slice party, struct utime now);
/* True, and counted, when one more rejection may go to that party today. */
bool talk_may_reject(struct talk *t, struct slice party, struct utime now);

#endif
