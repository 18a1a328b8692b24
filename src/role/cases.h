/* An incident as its messages in the store say it: read, bounded by cosignatures, folded.
 *
 * The same for the engine, which decides by it what may be said next, and for whoever shows it
 * (gate, command line), so that all of them see one state.  A case belongs to one thread. */
#ifndef DETENTE_ROLE_CASES_H
#define DETENTE_ROLE_CASES_H

#include "exchange/contact.h"
#include "exchange/conversation.h"
#include "role/book.h"
#include "store/messages.h"

enum {
    CASE_MESSAGES = 16384, /* of one incident: more is said by nobody who means it */
    CASE_JSON = 1 << 20    /* bytes of a state */
};

/* What is shown of a message beside what the fold needs of it. */
struct case_message {
    struct utime at;
    struct utime arrived;
    uint64_t seq;
    uint64_t here; /* its leaf in this node's log */
    enum message_type type;
    bool ours;
};

struct case_file {
    const struct book_pact *pact;
    struct pact_terms terms;
    char name[256];
    unsigned notifier; /* index of the party; the other one: */
    unsigned responder;
    struct said *said;
    struct case_message *message;
    struct fate *fate;
    unsigned count;
    unsigned room;
    struct contact contact; /* of the two parties */
    struct utime held;
    struct utime silent; /* since when no holder cosignature came, longer than agreed; 0 not */
    struct utime deemed;
    struct conversation now;
    struct utime at; /* of the fold */
};

/* Read and fold at `now`; the caller releases *ret whatever comes.  An incident without a
 * message is none: ERR_NOTFOUND.  ERR_LIMIT, ERR_NOMEM, ERR_IO. */
MUST_USE int case_read(struct store *s, const struct book_pact *p, struct slice incident,
                       struct utime now, struct case_file *ret);
/* The same of several incidents, while the store does not change: what is out of contact
 * between two parties is worked out once for all of theirs.  Zeros before the first. */
struct case_known {
    const struct book_pact *pact; /* NULL: nothing is known */
    unsigned parties[2];
    struct contact contact;
};
struct case_look {
    struct utime now;
    struct case_known *known; /* NULL: it is one alone */
};
MUST_USE int case_read_of(struct store *s, const struct book_pact *p, struct slice incident,
                          const struct case_look *look, struct case_file *ret);
/* Put one more message behind what is there, and fold; its fate is the last one.  Before it is
 * in the log its leaf is what comes next.  ERR_NOMEM, ERR_LIMIT. */
MUST_USE int case_add(struct case_file *c, const struct envelope *e, uint64_t leaf,
                      struct utime now);
/* Fold again, at another time. */
MUST_USE int case_fold(struct case_file *c, struct utime now);
void case_release(struct case_file *c);

/* Since when no holder cosignature of that party came, longer than agreed; 0 not, or never one.
 */
MUST_USE int case_silence(struct store *s, const struct book_pact *p, unsigned other,
                          struct utime now, struct utime *ret);
/* Since when the notifier's log has what it notices, as both logs tell it: the newest
 * cosignature of the other side before the leaf of its detection, or the first event when that
 * is later; 0 when the notice does not say. */
struct case_detection {
    struct utime found;
    struct utime noticed; /* as it counts */
};
MUST_USE int case_detected(struct store *s, const struct case_file *c,
                           struct case_detection *ret);
/* When the next of what is owed is over; 0 nothing is. */
struct utime case_next_due(const struct case_file *c);
/* The bytes of one of its messages; ERR_NOTFOUND.  Borrowed until the next call. */
MUST_USE int case_bytes(struct store *s, const struct case_file *c, unsigned message,
                        struct store_message *ret);

/* The state as one JSON object (docs/api.md): what lists show. */
void case_json(struct store *s, const struct case_file *c, struct buf *ret);
/* With its messages, each with what became of it. */
void case_json_whole(struct store *s, const struct case_file *c, struct buf *ret);
/* Append how one stands now: from its messages, or, when it has none yet, as it was found here.
 * Its texts must not be the store's.  ERR_NOTFOUND: of no pact of the book. */
struct case_shown {
    struct store *store;
    const struct book *book;
    struct case_look look;
    bool whole;
};
MUST_USE int case_state(const struct case_shown *x, const struct store_incident *i,
                        struct buf *ret);
/* Of `owed` in such a state, canonical: which of a side's deadlines comes first, and when; DUES
 * none, or all of its clocks stand still. */
enum incident_due case_first_due(struct slice owed, bool notifier, struct utime *ret);
/* The names of all incidents, those that are open or all, newest first; to be freed. */
struct case_name {
    char pact[65];
    char name[65];
};
MUST_USE int case_names(struct store *s, bool open, struct case_name **ret,
                        unsigned *ret_count);

#endif
