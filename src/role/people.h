/* Who may do what, and the engine's side of everything that is asked about people.
 *
 * Whoever asks is not believed: secrets, passwords and roles are looked up here, in the
 * engine's own store, and what changes is written together with its act leaf before it is
 * answered.  The one exception is a client certificate: that somebody has its key was proved to
 * the gate.
 *
 * Passwords are argon2id (libsodium's interactive limits: 64 MiB, some 0.1 s), so at most one
 * is tried a second, and behind wrong ones comes a wait (role/waits.h): recording never waits
 * for more than one of them.  Links, sessions, tokens and certificates never wait.  Belongs to
 * the engine's thread. */
#ifndef DETENTE_ROLE_PEOPLE_H
#define DETENTE_ROLE_PEOPLE_H

#include "model/person.h"
#include "role/engine.h"
#include "role/waits.h"
#include "store/people.h"

enum {
    PEOPLE_TOUCH_US = 60000000, /* how finely a session's last use is kept */
    PEOPLE_ACKS = 120,          /* acknowledgements of one person or script at once … */
    PEOPLE_ACK_US = 1000000,    /* … and one more each so often: each is a leaf for ever */
    PEOPLE_BUSY = 32            /* of whom that is known */
};

/* The one place that says which role may do which act (`noun.verb`); what is not in its table
 * nobody may. */
bool people_may(enum person_role role, const char *action);

struct people {
    struct engine *engine;
    struct store *store;
    const struct env *env;
    int64_t hashed;              /* mono, the last password that was set; 0 none */
    char dummy[PERSON_PASSWORD]; /* what names are tried against that are none */
    struct waits *waits;
    struct waits own;
    struct {
        int64_t person; /* 0 nobody */
        int64_t full;   /* mono: when all PEOPLE_ACKS are there again */
    } busy[PEOPLE_BUSY];
};

/* All outlive p, which must not move; waits NULL: forgotten with p. */
void people_open(struct people *p, struct engine *e, struct store *s, const struct env *env,
                 struct waits *waits);

/* What a gate asks; anything that only the command line may ask is ERR_AUTH.  ret->status says
 * what came of it.  The result is 0 unless the engine must end, as of engine_record(). */
MUST_USE int people_ask(struct people *p, const struct person_ask *ask,
                        struct person_answer *ret, struct errinfo *ei);
/* What the command line asks, for the unix user of that name; nothing that is the gate's. */
MUST_USE int people_order(struct people *p, const char *user, const struct person_ask *ask,
                          struct person_answer *ret, struct errinfo *ei);

/* Reading only, for a gate: whose is that, until when?  ERR_AUTH: nobody's, or no more.
 * *ret_touch: the engine should be told that it was used. */
MUST_USE int people_look(struct store *s, const struct person_credential *with,
                         struct utime now, struct store_person *ret, struct utime *ret_until,
                         bool *ret_touch);
/* The same of whoever may do that. */
struct people_seen {
    struct store_person who;
    struct utime until;
    bool touch;
};
MUST_USE int people_look_for(struct store *s, const struct person_credential *with,
                             struct utime now, const char *action, struct people_seen *ret);

#endif
