/* People and scripts, what they show to be let in, and the openings of their acts.
 *
 * Secrets stand here as their SHA-256 only, passwords as argon2id.  Names are unique among
 * those that are not revoked; revoked rows stay, so that an old act can still be named.  The
 * calls that change something belong into a transaction (store_begin()). */
#ifndef DETENTE_STORE_PEOPLE_H
#define DETENTE_STORE_PEOPLE_H

#include "model/person.h"
#include "store/store.h"

enum {
    PEOPLE_MAX = 4096,    /* not revoked */
    PERSON_SESSIONS = 32, /* of one person; the oldest goes */
    PERSON_PASSWORD = 136 /* bytes of its hash, with NUL */
};

struct store_person {
    int64_t id; /* 0: new */
    enum person_kind kind;
    enum person_role role;
    char name[PERSON_NAME];
    char password[PERSON_PASSWORD]; /* "" none */
    struct utime made;
    struct utime until;   /* of a token; 0 open */
    struct utime revoked; /* 0: not */
};

/* Sets p->id.  ERR_CONF: the name is taken; ERR_LIMIT: PEOPLE_MAX. */
MUST_USE int store_add_person(struct store *s, struct store_person *p);
/* Not revoked; ERR_NOTFOUND. */
MUST_USE int store_find_person(struct store *s, enum person_kind kind, const char *name,
                               struct store_person *ret);
/* By number, also a revoked one; ERR_NOTFOUND. */
MUST_USE int store_get_person(struct store *s, int64_t id, struct store_person *ret);
/* All, also revoked ones, in the order in which they came. */
MUST_USE int store_each_person(struct store *s,
                               int (*each)(void *arg, const struct store_person *p), void *arg);
/* And all that they could show. */
MUST_USE int store_revoke_person(struct store *s, int64_t id, struct utime now);
/* Ends all sessions but `keep` (NULL none). */
MUST_USE int store_set_password(struct store *s, int64_t id, const char *hashed,
                                const struct hash *keep);

/* The party for which somebody acts, when it is another than the node's. */
MUST_USE int store_set_party(struct store *s, int64_t person, struct slice party);
/* "" their own. */
MUST_USE int store_get_party(struct store *s, int64_t person, char ret[PERSON_NAME]);

struct store_access {
    struct hash hash; /* of the secret */
    enum person_credential_kind kind;
    int64_t person;
    struct utime made;
    struct utime until;
    struct utime seen; /* last used, to a minute */
};
/* Takes away what is over by a->made, and the oldest sessions beyond PERSON_SESSIONS.
 * ERR_CONF: it is there already (a certificate). */
MUST_USE int store_add_access(struct store *s, const struct store_access *a);
/* What that secret is at that time, and whose: not over, not idle for too long, not revoked.
 * ERR_NOTFOUND. */
MUST_USE int store_find_access(struct store *s, enum person_credential_kind kind,
                               const struct hash *hash, struct utime now,
                               struct store_access *ret, struct store_person *ret_whose);
/* 1: it was there and is gone now; 0: it was not: of two who use it, one gets 1. */
MUST_USE int store_take_access(struct store *s, const struct hash *hash);
/* All of a kind that somebody has. */
MUST_USE int store_drop_access(struct store *s, int64_t person,
                               enum person_credential_kind kind);
MUST_USE int store_touch_access(struct store *s, const struct hash *hash, struct utime now);
/* How many of a kind somebody has. */
MUST_USE int store_count_access(struct store *s, int64_t person,
                                enum person_credential_kind kind, uint64_t *ret);

/* What the `who` of an act leaf commits to. */
MUST_USE int store_put_act(struct store *s, uint64_t leaf, struct slice salt,
                           struct slice opened);
/* Each act in the order of the log; a result other than 0 stops and is given back. */
MUST_USE int store_each_act(struct store *s,
                            int (*each)(void *arg, uint64_t leaf, struct slice salt,
                                        struct slice opened),
                            void *arg);

#endif
