/* What is known about names without asking anybody: addresses, name servers, certificates,
 * each with the file and line that says so.
 *
 * Filled by the readers (zone.h, answers.h, and role/certificates.h for what takes a library),
 * then only read, by any number of threads.  Names are folded: small letters, no dot at the
 * end; the root is "".  Facts of a name keep the order in which they were met; of one name at
 * most FACTS_OF_NAME are kept, what is left out is counted. */
#ifndef DETENTE_DEPEND_FACTS_H
#define DETENTE_DEPEND_FACTS_H

#include <stdbool.h>

#include "base/texts.h"
#include "base/time.h"
#include "model/addr.h"

enum {
    FACTS_MOST = 1 << 23,
    FACTS_OF_NAME = 1024,
    FACTS_SOURCES = 1 << 15,
    FACTS_SOURCE_NAME = 128 /* bytes, with NUL */
};
#define FACTS_NO_TTL UINT32_MAX
#define FACTS_NONE   UINT32_MAX

enum fact_kind {
    FACT_ADDRESS, /* addr */
    FACT_NS,      /* target: host */
    FACT_MX,
    FACT_CNAME,
    FACT_SOA,    /* target: the primary (MNAME); number: expire, seconds */
    FACT_SIGNED, /* of a zone: until: when the first of its signatures ends (RFC 4034) */
    FACT_DS,
    FACT_CERT,    /* target: who issued it; until: notAfter; number: 1 must-staple (RFC 7633) */
    FACT_OCSP,    /* target: host that says whether a certificate still counts, or has CRLs */
    FACT_CRL,     /* of an issuer: until: nextUpdate */
    FACT_COUNTRY, /* of an organisation, as that file has it: country */
    FACT_NETWORK, /* of a name's mail: number: AS, as recorded */
    FACT_SUPPLIES /* of a supplier: number: enum depend_kind; country; until: when its licence
                     ends, 0 nobody says; target: what stands ready at home, TEXTS_NONE */
};

struct fact {
    struct addr addr;
    struct utime until;
    uint32_t name;
    uint32_t target;
    uint32_t number;
    uint32_t ttl;  /* seconds, or FACTS_NO_TTL */
    uint32_t line; /* of the source; 0: it has none */
    uint32_t next; /* of the same name; FACTS_NONE */
    uint16_t source;
    uint16_t country;
    uint8_t kind;
};

struct fact_source {
    char name[FACTS_SOURCE_NAME];
    struct utime date; /* of which moment it speaks; 0 not known */
};

struct facts {
    struct texts names;
    struct fact *fact;
    uint32_t count;
    uint32_t room;
    struct {
        uint32_t first;
        uint32_t last;
        uint32_t count;
    } * of; /* by name */
    uint32_t of_room;
    struct fact_source *source;
    uint32_t sources;
    uint64_t left_out;
    uint64_t nameless; /* entries of recorded answers without a domain */
};

void facts_init(struct facts *f, uint64_t secret);
void facts_release(struct facts *f);

/* A file; *ret names it in facts.  ERR_LIMIT, ERR_NOMEM. */
MUST_USE int facts_source(struct facts *f, const char *name, struct utime date, uint16_t *ret);
/* The number of a name, folded.  ERR_INVALID: longer than 1,024 bytes; ERR_LIMIT, ERR_NOMEM. */
MUST_USE int facts_name(struct facts *f, struct slice name, uint32_t *ret);
/* The number of a text that is no name: as it is. */
MUST_USE int facts_text(struct facts *f, struct slice text, uint32_t *ret);
/* Adds a copy; `next` is set here.  Of FACT_SIGNED the earliest of a name is kept.  ERR_LIMIT,
 * ERR_NOMEM. */
MUST_USE int facts_add(struct facts *f, const struct fact *fact);

/* TEXTS_NONE when nothing is known of it. */
uint32_t facts_find(const struct facts *f, struct slice name);
/* The first fact of that kind, and the next of the same; FACTS_NONE. */
uint32_t facts_first(const struct facts *f, uint32_t name, enum fact_kind kind);
uint32_t facts_next(const struct facts *f, uint32_t fact);

/* Small letters, without the dot at the end, into to; its length, or -1 when it does not fit.
 */
enum { FACTS_NAME = 1024 };
int facts_fold(struct slice name, char to[FACTS_NAME]);

#endif
