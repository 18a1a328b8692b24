/* What is known of the acts that people asked for: who is there, what lets them in, what is
 * held, and the one act of which it is not known whether it was done. */
#ifndef DETENTE_WORLD_ACTS_H
#define DETENTE_WORLD_ACTS_H

#include "role/keep.h"
#include "role/people.h"

enum {
    ACT_PEOPLE = 5, /* names; the last two are of tokens */
    ACT_HUMANS = 3,
    ACT_ACCESS = 48,
    ACT_HOLDS = 3,
    ACT_LOOKS = 6 /* accesses looked at after an act */
};

struct act_person {
    enum person_role role;
    bool there;
    char password[16]; /* "" none */
    unsigned sessions; /* made so far */
};

/* Something that was given out, and stays known when it is over. */
struct act_access {
    struct person_credential with;
    unsigned person;
    unsigned number; /* of a session: which one of that person */
    int64_t until;
    int64_t seen; /* the last use that was surely kept */
    bool ended;   /* signed out, used, revoked: never again */
};

struct act_hold {
    bool there;
    int64_t until;
    uint64_t first;
    uint64_t last;
};

/* An act that was asked for, until it is known what came of it. */
struct act_asked {
    bool asked;
    bool in_log; /* its leaf was seen */
    bool held;   /* the leaf of its hold was */
    const char *action;
    char user[PERSON_USER];
    const char *role;
    unsigned person;
    struct act_access *access; /* what was shown */
    struct person_ask ask;     /* what is 0: it is about what is kept */
    struct keep_ask keep;
    uint64_t erased; /* leaves of it */
};

struct act_opened {
    uint64_t leaf;
    char text[80]; /* what its opening must be */
};

struct acts {
    struct people people;
    struct act_person person[ACT_PEOPLE];
    struct act_access access[ACT_ACCESS];
    unsigned accesses; /* ever */
    struct act_hold hold[ACT_HOLDS];
    struct act_asked now;
    struct act_opened *opened; /* of all acts in the log */
    size_t opened_count;
    size_t opened_room;
    unsigned made; /* for passwords and fingerprints */
};

#endif
