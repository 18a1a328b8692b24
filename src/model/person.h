/* People and scripts that a node knows, and what is asked about them: the fixed form in which a
 * request for an act passes from the gate, or from the command line, to the engine.
 *
 * Values without pointers, so that they go over a link as they are.  Pure. */
#ifndef DETENTE_MODEL_PERSON_H
#define DETENTE_MODEL_PERSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/addr.h"

enum {
    PERSON_NAME_MAX = 32, /* bytes */
    PERSON_NAME = PERSON_NAME_MAX + 1,
    PERSON_SECRET = 32, /* bytes of a link, session or token; of a fingerprint too */
    PASSWORD_MIN = 10,  /* bytes */
    PASSWORD_MAX = 128,
    PERSON_USER = 48 /* who acted, as an act's opening names them, with NUL */
};

/* How long what was given out is good for, in microseconds. */
#define PERSON_LINK_US    (INT64_C(86400) * TIME_US_PER_S)      /* of a one-time link */
#define PERSON_SESSION_US (INT64_C(12) * 3600 * TIME_US_PER_S)  /* of a session, at most … */
#define PERSON_IDLE_US    (INT64_C(3600) * TIME_US_PER_S)       /* … and unused */
#define PERSON_TOKEN_US   (INT64_C(90) * 86400 * TIME_US_PER_S) /* of a token, unless told */

enum person_role {
    PERSON_NOBODY = 0,
#define ROLE(id, number, name) PERSON_##id = (number),
#include "model/role.def"
    PERSON_ROLES
};

const char *person_role_name(enum person_role r);     /* "viewer"; "" for nobody */
enum person_role person_role_find(struct slice name); /* PERSON_NOBODY when there is none */
/* [a-z][a-z0-9._-]*, 1 to 32 bytes, for people and tokens. */
bool person_is_name(struct slice s);

enum person_kind { PERSON_HUMAN, PERSON_TOKEN };

/* What somebody shows.  The numbers are stored. */
enum person_credential_kind {
    CREDENTIAL_NONE = 0,
    CREDENTIAL_LINK = 1, /* one-time */
    CREDENTIAL_SESSION = 2,
    CREDENTIAL_TOKEN = 3,
    CREDENTIAL_CERTIFICATE = 4 /* its possession was proved in the TLS handshake */
};

struct person_credential {
    uint32_t kind;                 /* enum person_credential_kind */
    uint8_t secret[PERSON_SECRET]; /* of a certificate: SHA-256 of its DER form */
};

enum person_ask_what {
    /* from the gate */
    ASK_WHO = 1,      /* with: whose is it? */
    ASK_LINK,         /* with (a link): a session */
    ASK_PASSWORD,     /* name, password, from: a session */
    ASK_SIGN_OUT,     /* with (a session) */
    ASK_SET_PASSWORD, /* with, password */
    /* from the command line only */
    ASK_USER_ADD,     /* name, role; password and party may be there */
    ASK_USER_LINK,    /* name: a link */
    ASK_USER_REVOKE,  /* name */
    ASK_USER_CERT,    /* name, with (a fingerprint) */
    ASK_TOKEN_ADD,    /* name, role, life_us: a token */
    ASK_TOKEN_REVOKE, /* name */
    /* from both */
    ASK_ALERT_ACK /* with (from the gate), object: the alert's number */
};

struct person_ask {
    uint32_t what; /* enum person_ask_what */
    uint32_t role; /* enum person_role */
    int64_t life_us;
    uint64_t object;
    struct person_credential with;
    struct addr from; /* the client's, as the gate says */
    char name[PERSON_NAME];
    char party[PERSON_NAME]; /* for whom somebody new acts; "" their own */
    char password[PASSWORD_MAX + 1];
};

struct person_answer {
    /* 0; ERR_AUTH: not that, or no more; ERR_BUSY: not before wait_s; ERR_NOTFOUND, ERR_CONF:
     * no such name, or one that is there; ERR_INVALID, ERR_LIMIT, ERR_FULL. */
    int32_t status;
    uint32_t wait_s;
    uint32_t role; /* enum person_role */
    uint32_t kind; /* enum person_kind */
    char name[PERSON_NAME];
    char by[PERSON_USER];          /* who did it, as the act's opening names them */
    uint8_t secret[PERSON_SECRET]; /* what was made: shown once */
    struct utime until;            /* of what was made, or of what was shown */
};

/* True when all texts in it end and its numbers are some of the above. */
bool person_ask_ok(const struct person_ask *a);

#endif
