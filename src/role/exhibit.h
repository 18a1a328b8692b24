/* Evidence as a message shows it (docs/formats/messages.md): references to events of this
 * node's log, and the proof files of them that the other party may then fetch.
 *
 * The files are made when the message is, under the checkpoint that most others cosigned, and
 * kept in the message's transaction: what a message names can be had. */
#ifndef DETENTE_ROLE_EXHIBIT_H
#define DETENTE_ROLE_EXHIBIT_H

#include "ledger/proof.h"
#include "role/cases.h"
#include "role/describe.h"
#include "role/engine.h"

enum {
    EXHIBITS = 64,                   /* of one message */
    EXHIBIT_FILE_MAX = 256 * 1024,   /* bytes; a larger one is not given, and not taken */
    EXHIBIT_FILES_MAX = 8 << 20,     /* of one message */
    EXHIBIT_REFERENCES_MAX = 1 << 16 /* bytes */
};

struct exhibit {
    struct hash id; /* of the file */
    struct event_id event;
    uint64_t leaf;
    struct hash commitment;
    size_t at; /* in files */
    size_t len;
};

struct exhibits {
    struct describer d;
    struct commit_event *commit; /* of the event that was added last */
    struct buf references;       /* elements of the array */
    struct buf files;
    struct exhibit file[EXHIBITS];
    unsigned count; /* of files */
    unsigned events;
};

/* e, attrib (NULL: no tables) must live as long.  ERR_NOMEM, ERR_IO; the caller closes it
 * whatever comes. */
MUST_USE int exhibits_open(struct exhibits *x, struct engine *e, const struct attrib *attrib);
void exhibits_close(struct exhibits *x); /* all zero is fine */

/* One more event.  show: what its file shows (enum proof_show), -1 without one.  f is valid
 * until the next call.  ERR_NOTFOUND, ERR_GONE: nothing to show, and nothing was added;
 * ERR_LIMIT: EXHIBITS are there; ERR_PROOF: what is kept is damaged. */
MUST_USE int exhibits_add(struct exhibits *x, struct event_id id, int show, struct found *f,
                          struct errinfo *ei);
/* Is the leaf cosigned by anybody else yet?  A file from before is worth the log's own word. */
MUST_USE int exhibits_cosigned(struct exhibits *x, struct event_id id, bool *ret);
/* How much of an event that pact lets its parties see: enum proof_show. */
int exhibits_show(const struct pact *p);
/* Keep the files for the other party of that incident: talk_say.also, arg is the exhibits. */
MUST_USE int exhibits_keep(void *arg, struct store *s, const struct case_file *c);

/* Of a message's evidence, what there is of the proof that a reference names: "given" or
 * "erased" of ours; of theirs "wanted", "holds", "wrong" (it does not verify, is of another
 * event, or not from the notice's origin) or "gone"; "" none was promised. */
const char *exhibit_state(struct store *s, const struct case_file *c, bool ours,
                          struct slice origin, struct slice reference);
/* Is an address, as text, in a prefix?  Of nothing, or in nothing: true. */
bool exhibit_is_inside(struct slice addr, struct slice prefix);

#endif
