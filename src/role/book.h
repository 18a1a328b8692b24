/* The pacts of this node in memory, as the store holds their notes: texts, annexes of all
 * sequences with the time from which each counts, keys by role, space.
 *
 * Read by the engine, which judges and talks by it, and by the gate, which asks it whose
 * certificate it sees.  Immutable once loaded: when notes came, load another.  Any number of
 * threads may read. */
#ifndef DETENTE_ROLE_BOOK_H
#define DETENTE_ROLE_BOOK_H

#include "exchange/keys.h"
#include "judge/space.h"
#include "pact/annex.h"
#include "pact/pact.h"
#include "store/store.h"

enum {
    BOOK_PACTS = 16,
    BOOK_ANNEXES = 256, /* of one party */
    BOOK_TEXTS = 16,    /* versions of a pact */
    BOOK_LOGS = 64      /* that succeeded one party's first */
};

struct book_annex {
    struct annex *annex;
    struct hash sha256;
    uint64_t leaf;          /* in its party's logs; PACT_LEAF_NONE not known yet */
    struct utime witnessed; /* the leaf; 0 not yet */
};

/* A party's log that went on under another origin, and from when, as the party says. */
struct book_log {
    struct vkey key; /* its name is the origin */
    struct utime from;
};

struct book_party {
    struct slice id;
    struct slice origin; /* of its log: by the pact, or as it went on */
    struct book_log *log;
    unsigned logs; /* that succeeded the first */
    struct book_annex *annex;
    unsigned annexes; /* 0: it cannot be talked with yet */
    /* The newest version, by this party: from when on that counts, as this node's log dates it
     * (provisionally the time it came, until a witness cosigned that), and from when on the
     * party is not bound any more.  0: it did not. */
    struct utime denounced;
    struct utime ends;
    struct utime said; /* `at` of its denunciation */
    uint64_t leaf;     /* … and in this node's log */
};

/* A key of TLS, by the hash of its SubjectPublicKeyInfo. */
struct book_pin {
    unsigned party;
    struct hash spki;
    struct utime from;
    struct utime until; /* 0 open */
};

struct book_pact {
    struct pact *pact; /* the newest version */
    struct hash text[BOOK_TEXTS];
    unsigned texts; /* of all versions, rising */
    int self;       /* index of this node's party, -1: it is none of them */
    struct book_party party[PACT_PARTIES];
    struct role_keys keys[ANNEX_TLS]; /* by enum annex_role: log, witness, holder, message */
    struct book_pin *pin;
    unsigned pins;
    struct space *space;
};

struct book {
    struct book_pact *pact;
    unsigned pacts;
    uint64_t notes; /* store_count_pact_notes() when it was read */
};

/* self: the party of the configuration.  ERR_CONF: a note in the store is none (ei says which);
 * ERR_IO, ERR_NOMEM. */
MUST_USE int book_load(struct store *s, const char *self, struct book **ret,
                       struct errinfo *ei);
/* True when the store says more than b (NULL: nothing): notes came, or a leaf that had not been
 * witnessed was.  Cheap.  ERR_IO. */
MUST_USE int book_is_old(struct store *s, const struct book *b, bool *ret);
struct book *book_free(struct book *b); /* NULL is fine; gives NULL */

struct book_pact *book_pact(const struct book *b, struct slice name); /* NULL */
/* Index of a party, -1. */
int book_party(const struct book_pact *p, struct slice id);
/* The origin of the generation of a party's log that holds a leaf (ledger_generation()); "" of
 * one that is not known. */
struct slice book_origin(const struct book_pact *p, int party, uint64_t leaf);
/* Number of the first leaf of the generation that goes on. */
uint64_t book_first_leaf(const struct book_party *party);
/* Its newest annex, or NULL. */
const struct annex *book_annex(const struct book_pact *p, int party);
/* Is that party bound at `when`: the pact in force, its own denunciation not over, and another
 * party still bound with it? */
bool book_binds(const struct book_pact *p, int party, struct utime when);
/* Is that key pinned by a party of the pact at `now`?  Its index, or -1. */
int book_pinned(const struct book_pact *p, const struct hash *spki, struct utime now);

#endif
