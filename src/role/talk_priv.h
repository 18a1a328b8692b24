/* Inside talk: what its files share. */
#ifndef DETENTE_ROLE_TALK_PRIV_H
#define DETENTE_ROLE_TALK_PRIV_H

#include "exchange/envelope.h"
#include "role/talk.h"

/* What the other party checks of anything that comes: also of what we say, when another signed
 * a part of it. */
struct talk_terms {
    struct envelope_terms terms;
    struct slice party[PACT_PARTIES];
};
void talk_terms(const struct book_pact *p, struct talk_terms *ret);
/* The incident's row beside its messages; what only this node knows of it stays. */
MUST_USE int talk_put_case(struct store *s, const struct case_file *c);

#endif
