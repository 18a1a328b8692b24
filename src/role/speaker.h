/* Whoever may say something in an incident for the node of a directory: the node that runs
 * there, or this process under its lock. */
#ifndef DETENTE_ROLE_SPEAKER_H
#define DETENTE_ROLE_SPEAKER_H

#include "role/speech.h"

struct speaker; /* opaque */

/* ERR_BUSY: another command writes to it now. */
MUST_USE int speaker_open(const char *dir, struct speaker **ret, struct errinfo *ei);
/* 0 when it was tried: ret->status says what came of it; else an error of the way there. */
MUST_USE int speaker_say(struct speaker *s, const struct speech_ask *a,
                         struct speech_answer *ret, struct errinfo *ei);
struct speaker *speaker_close(struct speaker *s); /* NULL is fine; gives NULL */

#endif
