/* The annex of one party: its space, sensors, keys, contacts, signed by it alone
 * (docs/pact.md).
 *
 * What one party may say alone is bounded here: space that is nobody's, another's or too much
 * of the internet is refused, keys that did another job ever too.  As pact.h in all else. */
#ifndef DETENTE_PACT_ANNEX_H
#define DETENTE_PACT_ANNEX_H

#include "pact/pact.h"

enum {
    ANNEX_PREFIXES = 65536, /* of one list */
    ANNEX_ASNS = 4096,
    ANNEX_LABELS = 256,
    ANNEX_SENSORS = 1024,
    ANNEX_KEYS = 64, /* of one role */
    ANNEX_CONTACTS = 64
};

enum annex_role {
    ANNEX_LOG,
    ANNEX_WITNESS,
    ANNEX_HOLDER,
    ANNEX_MESSAGE,
    ANNEX_TLS,  /* SHA-256 of the key's SubjectPublicKeyInfo */
    ANNEX_SEAL, /* X25519 */
    ANNEX_ROLES
};

struct annex_key {
    const char *text; /* verifier key, or 64 hex digits; "" a draft */
    struct vkey key;  /* of the first four roles */
    struct utime from;
    struct utime until; /* 0 open */
    unsigned line;
};

struct annex_asns {
    const uint32_t *at;
    unsigned count;
};

struct annex_label {
    const char *label;
    struct pact_prefixes v4;
    struct pact_prefixes v6;
    unsigned line;
};

struct annex_sensor {
    const char *id;
    const char *kind;
    struct pact_prefixes watches;
    int64_t sampling; /* N of 1:N; 1 when it is not said */
    unsigned line;
};

struct annex_contact {
    const char *purpose;
    const char *name;
    const char *hours;
    const char *email;
    const char *phone;
    struct pact_texts languages;
};

struct annex {
    const char *format;
    const char *pact;
    const char *party;
    int64_t sequence;
    struct utime valid_from;
    struct annex_asns asns;
    struct pact_prefixes v4;
    struct pact_prefixes v6;
    const char *proof; /* "roa" "irr" "letter" */
    const struct annex_label *protected_;
    unsigned labels;
    const char *sensors_hidden; /* a commitment instead of the list; "" the list stands */
    const struct annex_sensor *sensor;
    unsigned sensors;
    const struct annex_key *key[ANNEX_ROLES];
    unsigned keys[ANNEX_ROLES];
    const struct annex_contact *contact;
    unsigned contacts;
    const char *endpoint; /* https:// */
    struct pact_texts fallback;
    struct hash sha256;
    bool draft; /* a key is not there yet */
};

/* As pact_read(). */
MUST_USE int annex_read(struct slice text, struct annex **ret, pact_warn *warn, void *arg,
                        struct errinfo *ei);
struct annex *annex_free(struct annex *a);

/* Does it belong to that pact: name, party, its log's key.  ERR_CONF, ei without a place. */
MUST_USE int annex_fits(const struct annex *a, const struct pact *p, struct errinfo *ei);
/* The next one of the same party: sequence, and no key that had another job before. */
MUST_USE int annex_follows(const struct annex *next, const struct annex *before,
                           struct errinfo *ei);
/* The same party's, or another's, of any time: a key never changes its job, and is nobody
 * else's. */
MUST_USE int annex_keys_apart(const struct annex *next, const struct annex *other,
                              struct errinfo *ei);
/* Its keys and the party keys, further witnesses' and observer's of a pact, of any version. */
MUST_USE int annex_keys_fit(const struct annex *a, const struct pact *p, struct errinfo *ei);
/* Two parties': no prefix, number or key of both. */
MUST_USE int annex_apart(const struct annex *a, const struct annex *b, struct errinfo *ei);

const char *annex_role_name(enum annex_role r); /* "log" */

#endif
