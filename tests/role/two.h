/* Two nodes of one pact in one process, under a clock that the test sets: real engines, stores
 * and mirrors; what one fetches is answered by the functions that the other's gate and witness
 * run.  A test may change an answer on its way. */
#ifndef DETENTE_TESTS_TWO_H
#define DETENTE_TESTS_TWO_H

#include "unit.h"

#include "role/arbiter.h"
#include "role/node.h"
#include "role/peers.h"
#include "role/shelf.h"
#include "role/speech.h"
#include "role/talk.h"
#include "role/witness.h"

enum { TWO_BODY = 2048 };
#define TWO_NEVER UINT32_MAX
#define TWO_T0    (INT64_C(4000000000) * 1000000) /* behind the clock of `init` */

struct two;

struct half {
    struct two *two;
    unsigned i;
    char dir[64];
    bool up;
    struct node n;
    struct node_keys keys;
    struct book *book;
    struct talk talk;
    struct witness witness;
    struct peers *peers;
    struct arbiter *arbiter;
    struct fetcher fetcher;
    struct fetch_ask asked; /* that is out */
    bool asks;
    struct buf body;
    unsigned asks_made;
    int ended; /* negative: its engine had to */
    bool mute; /* does not answer the other */
};

struct two {
    struct half half[2];
    int64_t now;      /* microseconds, both clocks of both … */
    int64_t ahead[2]; /* … but for how far the wall clock of each is ahead */
    /* Change what goes to half `to`: its question, the status (TWO_NEVER: nothing comes), the
     * answer. */
    void (*meddle)(struct two *t, unsigned to, const struct fetch_ask *a, uint32_t *status,
                   struct buf *body);
    void *arg;
};

/* What goes to half 0 under a path: told instead, or with other bytes in it; t->arg. */
struct two_lie {
    const char *path; /* begins so */
    uint32_t status;
    const char *body;
    unsigned times; /* 0: always */
    unsigned told;
    const char *found;   /* … with these bytes in it … */
    const char *instead; /* … made these */
};
void two_tell_lie(struct two *t, unsigned to, const struct fetch_ask *a, uint32_t *status,
                  struct buf *body);

void two_begin(struct two *t);
void two_end(struct two *t);
/* The halves were copied, and their folders: they are of t now, and its clock is theirs. */
void two_adopt(struct two *t, unsigned i);
/* As a process that ends without a word, and its next start. */
void two_kill(struct two *t, unsigned i);
void two_start(struct two *t, unsigned i);
/* Steps of both, and answers, for so long: ten a second, or as far apart as is said. */
void two_pass(struct two *t, int64_t seconds);
void two_pass_by(struct two *t, int64_t seconds, int64_t step_us);
/* Notes came: read the book anew. */
void two_book(struct half *h);

unsigned two_incidents(struct half *h); /* all of them */
/* Annexes count for judging from when a witness cosigned their leaf: here they are given some,
 * and the time for it. */
void two_in_force(struct two *t);
/* The annexes get leaves in their logs. */
void two_annexes_count(struct half *h);
/* A sensor of that half saw an exploit tried: so many times from the address, at targets in
 * turn, now. */
void two_attack(struct half *h, const char *origin, unsigned times, unsigned targets);

/* Say something; the result of talk_say(). */
int two_say(struct half *h, enum message_type type, const char *incident, const char *body,
            struct hash *ret_id);
/* The same, for words of which many do not fit: says nothing of those. */
int two_try(struct half *h, enum message_type type, const char *incident, const char *body);
/* A notice's body, of a severity; proof: hex of the only one that it names, "" none. */
void two_notice_body(const struct half *h, const char *severity, const char *proof,
                     char to[TWO_BODY]);
/* A notice with that incident's name. */
void two_notice(struct half *h, const char *incident, struct hash *ret_id);
/* The same, of a severity; the result of talk_say(). */
int two_notice_as(struct half *h, const char *incident, const char *severity);
/* What no honest node says: signed, a leaf of its log and there to be fetched, unasked whether
 * it fits.  Its bytes are appended. */
struct two_craft {
    enum message_type type;
    const char *incident; /* "" the channel */
    const char *body;
    int64_t ahead_us; /* of the clock */
    bool first;       /* in its chain, whatever is in it */
    enum message_code
        code; /* as the one that says it keeps it: not FINE, and no chain has it */
    const struct skey *key; /* NULL: its own */
};
void two_craft(struct half *h, const struct two_craft *c, struct buf *ret_bytes,
               struct hash *ret_id);
/* A leaf that names a message, alone; any leaf. */
void two_name(struct half *h, const struct hash *id);
void two_leaf(struct half *h, struct slice entry);
/* Is it the same state, with all of its deadlines? */
bool two_same(const struct incident *a, const struct incident *b);
/* The state, as that half sees it; INCIDENT_NONE without a message. */
enum incident_state two_state(struct half *h, const char *incident);
enum peer_fault two_fault(struct half *h);

#endif
