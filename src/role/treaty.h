/* Documents of pacts on their way into this node, in the engine: what its operator adopts, and
 * what counterparts publish (docs/pact.md).
 *
 * A pact comes signed by all of its parties, an annex and a denunciation by one.  Everything is
 * checked before anything is kept, then note, leaf and acknowledgement become durable together.
 * A counterpart's annex is acknowledged by a note under this node's message key as soon as its
 * own annex names that key; before, nobody could check it.  One thread. */
#ifndef DETENTE_ROLE_TREATY_H
#define DETENTE_ROLE_TREATY_H

#include "role/book.h"
#include "role/engine.h"
#include "store/wanted.h"

enum {
    TREATY_DOCUMENTS = 64,     /* of one call */
    TREATY_BYTES = 16 << 20,   /* of all of them */
    TREATY_NAME = 128,         /* of a document, for people */
    TREATY_AGAIN_US = 60000000 /* what could not be acknowledged yet is tried so often */
};

struct treaty {
    struct engine *engine;
    struct store *store;
    const struct env *env;
    const struct skey *key; /* of role message; NULL: nothing is acknowledged yet */
    const char *self;       /* party of the configuration */
    /* Grows whenever a book that was loaded before is not what the store says any more: also
     * when only the leaf of a note became known. */
    uint64_t changes;
    bool pending; /* an annex waits to be acknowledged */
    int64_t tried;
};

struct treaty_document {
    char name[TREATY_NAME]; /* where it came from: errors name it */
    struct slice bytes;
};

struct treaty_ask {
    const struct treaty_document *document;
    unsigned count;
    bool seen; /* annexes of counterparts alone: `pact annex seen` */
    struct slice user;
    struct slice role;
};

/* What was new. */
struct treaty_done {
    uint32_t pacts;
    uint32_t annexes; /* of this party, … */
    uint32_t others;  /* … and of counterparts */
    uint32_t denunciations;
    uint32_t seen; /* acknowledgements made */
};

/* In any order, all or nothing.  What is here already is passed over: with nothing new nothing
 * is done.  0; *ret_refused: ERR_CONF, ERR_PROOF (not signed by who must), ERR_LIMIT, with
 * file, line and column in ei where there is one, and nothing changed; ERR_FULL; else the end,
 * as of engine_record(). */
MUST_USE int treaty_adopt(struct treaty *t, const struct treaty_ask *ask,
                          struct treaty_done *ret, bool *ret_refused, struct errinfo *ei);

/* A note that a counterpart's log names came (struct peers_open.note, whose arg this is).  Of
 * an annex that is here already its leaf becomes known; a new one is checked as one that is
 * adopted, kept with its leaf and acknowledged; what it says it has seen is kept.  0 also when
 * nothing was new; ERR_INVALID: not to be taken, ei says why; ERR_FULL; else the end. */
MUST_USE int treaty_note(void *treaty, const struct store_wanted *w, const struct book_pact *p,
                         struct slice bytes, struct errinfo *ei);

/* Acknowledge what waits for it, from time to time; cheap when nothing does.  ERR_FULL is no
 * error here. */
MUST_USE int treaty_step(struct treaty *t, struct errinfo *ei);

#endif
