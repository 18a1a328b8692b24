/* What this node asks of its counterparts, in the engine: a step function.
 *
 * Every PEERS_EVERY, with growing pauses while one does not answer, of each counterpart:
 *
 *     POST witness/add-checkpoint      our newest checkpoint, when it is new or a minute old
 *     GET  log/checkpoint              theirs: signed by a key of their annex, not smaller
 *     GET  log/tile/entries/…          until the mirror has all of it
 *     GET  pact/NAME/message/HASH, annex, seen, totals   what their leaves name for us
 *     GET  holder/HASH/checkpoint      what they say they hold of ours
 *
 * Then, when nothing that they addressed to us is missing, the holder's cosignature over their
 * checkpoint is made and kept for them to fetch.  Nothing that comes is believed: signatures,
 * consistency, hashes and messages are checked here, and what fails is named in the
 * counterpart's state.  Never blocks; ingest never waits for any of this.  One thread. */
#ifndef DETENTE_ROLE_PEERS_H
#define DETENTE_ROLE_PEERS_H

#include "exchange/clock.h"
#include "role/fetch.h"
#include "role/mirror.h"
#include "role/node_keys.h"
#include "role/talk.h"

#define PEERS_EVERY_US INT64_C(2000000)  /* between two rounds … */
#define PEERS_PAUSE_US INT64_C(60000000) /* … and at most, when it does not answer */
#define PEERS_FRESH_US INT64_C(60000000) /* what did not change is said again so often */
#define PEERS_CROSS_US \
    INT64_C(3600000000) /* their checkpoint becomes a leaf of ours so often */
#define PEERS_ANSWER_US INT64_C(120000000) /* without an answer the question was lost */

/* What was found to be wrong with a counterpart; each is kept until it is good again. */
enum peer_fault {
    PEER_FINE,
#define FAULT(id, name) PEER_##id,
#include "role/peer_fault.def"
    PEER_FAULTS
};
const char *peer_fault_name(enum peer_fault f); /* "unreachable"; "" */
const char *peer_fault_text(enum peer_fault f); /* for people */

/* How it stands with one; valid until the next step. */
struct peer_state {
    struct slice party;
    struct slice origin;
    enum peer_fault fault;
    char why[FETCH_ERROR];
    struct utime since;        /* the fault; 0 none */
    struct utime answered;     /* when it last answered at all; 0 never */
    struct tree_head theirs;   /* newest checkpoint of theirs that we hold */
    uint64_t missing;          /* messages and notes that its leaves name and we do not have */
    uint64_t witnessed;        /* size of our log that they witnessed, … */
    struct utime witnessed_at; /* … as of then, by their word */
    uint64_t held;             /* … and hold */
    struct utime held_at;
    struct clock_offset clock; /* theirs against ours; at 0: not known */
};

struct peers; /* opaque */

struct peers_open {
    const char *dir; /* the node's */
    struct talk *talk;
    const struct node_keys *keys;
    const struct fetcher *fetcher;
    const struct env *env;
    /* A note of a counterpart's came (annex, seen): checked and kept by whoever knows how.
     * 0; ERR_INVALID: it is not to be taken; ERR_FULL; else the end. */
    int (*note)(void *arg, const struct store_wanted *w, const struct book_pact *p,
                struct slice bytes, struct errinfo *ei);
    /* Cosign a checkpoint that was carried here, as the witness; NULL: not. */
    int (*witness)(void *arg, struct slice body);
    /* The configuration's word on where and how a party is reached; NULL: none. */
    void (*amend)(void *arg, struct slice party, struct fetch_peer *whom);
    void *arg;
};
MUST_USE int peers_open(const struct peers_open *o, struct peers **ret, struct errinfo *ei);
struct peers *peers_close(struct peers *p); /* NULL is fine; gives NULL */

/* talk->book is another: counterparts, their addresses and keys. */
MUST_USE int peers_book(struct peers *p, struct errinfo *ei);
/* True when all counterparts of b are met, or can be without opening files. */
bool peers_know(const struct peers *p, const struct book *b);
/* One round with that party over another way: its answers were carried here (a bundle).  The
 * first thing that is asked is witness/add-checkpoint, by GET: what it wants cosigned; what is
 * not there is status 404, and no fault.  ended() is called once, with what was found wrong.
 * A round that is under way ends first.  ERR_NOTFOUND: no such
 * counterpart; ERR_BUSY: another is carried. */
enum carried_again {
    CARRIED_ALL,
    CARRIED_GOES_ON, /* their log does, under another origin: what is in it of that comes next
                      */
    CARRIED_UNREAD,  /* it does, and the one before is not read to its end */
    CARRIED_FULL     /* nothing could be kept: no room, or the engine is held up */
};
struct carried {
    uint64_t entries; /* of their log, that are new here */
    uint64_t messages;
    uint64_t notes;
    uint32_t fault; /* enum peer_fault */
    uint32_t again; /* enum carried_again: it is not all taken yet */
    char why[FETCH_ERROR];
};
struct peers_carried {
    struct fetcher fetcher;
    void (*ended)(void *self, const struct carried *what);
};
MUST_USE int peers_carry(struct peers *p, struct slice party, const struct peers_carried *c,
                         struct errinfo *ei);
/* Whoever carried is gone: its round ends here. */
void peers_dropped(struct peers *p);

/* What is due.  ERR_FULL is no error here; any other is the engine's end. */
MUST_USE int peers_step(struct peers *p, struct errinfo *ei);
/* An answer came, with its body. */
MUST_USE int peers_told(struct peers *p, const struct fetch_told *t, struct slice body,
                        struct errinfo *ei);
/* The process that fetches was started again: it knows nobody and asks nothing. */
void peers_fetcher_new(struct peers *p);
/* Do not wait: there is something to say. */
void peers_hurry(struct peers *p);

/* Where the store's small values hold what the gate answers of a log: what = "holder", the note
 * that was cosigned last; "withheld", the hash of what is missing. */
enum { PEERS_META = 80 };
void peers_meta(struct slice origin, const char *what, char to[PEERS_META]);

/* Each that can be asked was asked, since the start, what it cosigned of this node's log; some
 * did not answer. */
bool peers_checked(const struct peers *p);
unsigned peers_count(const struct peers *p);
void peers_state(struct peers *p, unsigned number, struct peer_state *ret);

#endif
