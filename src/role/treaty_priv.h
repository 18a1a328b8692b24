/* Inside the treaty: documents that were read, and a transaction that takes them. */
#ifndef DETENTE_ROLE_TREATY_PRIV_H
#define DETENTE_ROLE_TREATY_PRIV_H

#include "exchange/statement.h"
#include "note/note.h"
#include "pact/denounce.h"
#include "role/treaty.h"
#include "store/pacts.h"

struct treaty_text {
    const char *name;
    struct slice bytes;
    struct note note;
    enum pact_text what;
    struct pact *pact; /* one of these */
    struct annex *annex;
    struct denunciation *denunciation;
    struct slice of;   /* the pact's name */
    uint64_t sequence; /* or version */
    struct hash sha256;
    uint64_t leaf; /* in its party's log, when it came from there; else PACT_LEAF_NONE */
    bool fresh;    /* it was not here before */
};

struct treaty_work {
    struct treaty *t;
    struct book *book; /* as of the transaction so far */
    struct errinfo *ei;
    bool refused;
    struct treaty_done done;
};

/* Form alone: signed by whomever.  ERR_CONF, with file, line and column. */
MUST_USE int treaty_read(struct treaty_text *d, struct errinfo *ei);
void treaty_text_release(struct treaty_text *d);
/* Within the transaction: check it against what is here, and put it. */
MUST_USE int treaty_take(struct treaty_work *w, struct treaty_text *d);
/* The book as the transaction sees it now. */
MUST_USE int treaty_load(struct treaty_work *w);
/* That a party's log goes on under another origin. */
struct treaty_succession {
    struct statement statement;
    struct tree_head old;
    struct slice origin; /* the new one */
    struct slice reason;
    struct vkey key;
};
/* A note of `party` that says so of the log that is known here, signed by the key that the pact
 * names for it: form, names and signature; of the old log's size nothing is checked.
 * ERR_INVALID, ei says why; values borrow from the note. */
MUST_USE int treaty_successor(const struct book_pact *p, unsigned party, struct slice note,
                              struct treaty_succession *ret, struct errinfo *ei);
/* Checked so, and kept (treaty_note()). */
MUST_USE int treaty_take_successor(struct treaty *t, const struct store_wanted *w,
                                   const struct book_pact *p, struct slice note,
                                   struct errinfo *ei);
/* Gives err. */
int treaty_refuse(struct treaty_work *w, int err, const char *fmt, ...) PRINTF(3, 4);

#endif
