/* Which services outlive a cut, and until when: what each depends on is placed inside or
 * outside of home, or is not known, by facts alone.
 *
 * A link is one thing that a service can use: a host, an address, a supplier.  A need is what
 * it cannot do without: one of its links is enough (name servers, mail hosts, addresses).  A
 * service breaks when the first of its needs does.
 *
 * A need that is outside holds as long as what was learnt before the cut: the root as long as
 * the TTL of the TLD's name servers, these as long as that of the domain's name servers, these
 * as long as that of its addresses; a certificate until its notAfter; revocation lists until
 * their nextUpdate, and only where clients insist on them; a clock until it has drifted too
 * far; a licence until its lease ends.  A TTL counts from the cut: who asked earlier loses
 * sooner.  Package mirrors, registrars and suppliers of software stop nothing that runs.  Name
 * servers at home whose primary is outside hold until the zone expires (SOA) or the first of
 * its signatures does.
 *
 * What is not known is not guessed: such a need holds at least until the cut (or what was
 * learnt), and at most for ever; a service carries both ends. */
#ifndef DETENTE_DEPEND_AUDIT_H
#define DETENTE_DEPEND_AUDIT_H

#include "attrib/attrib.h"
#include "depend/facts.h"
#include "depend/home.h"
#include "depend/services.h"

enum depend_verdict { VERDICT_INSIDE, VERDICT_OUTSIDE, VERDICT_UNKNOWN, VERDICT_CACHED };
const char *depend_verdict_name(enum depend_verdict v);
#define DEPEND_NEVER ((struct utime){INT64_MAX}) /* does not break */

struct audit_input {
    const struct services *services;
    const struct facts *facts;
    const struct home *home;
    const struct attrib *attrib; /* NULL: no table knows anything */
    /* Where a network's owner is registered; NULL: nobody knows. */
    uint16_t (*country_of)(const void *self, uint32_t asn);
    const void *self;
    struct utime at;   /* of the cut */
    struct span drift; /* how long a clock is good enough without its source */
    bool hard_fail;    /* clients refuse what they cannot check for revocation */
};

/* Where something is, and who says so. */
enum { PLACE_BY_NETWORK = ATTRIB_NOBODY - 1 };
struct place {
    const struct home_rule *rule; /* NULL: none decided */
    const char *why;              /* a few words */
    uint32_t fact;                /* that gave the address; FACTS_NONE: its text itself did */
    uint32_t asn;                 /* 0 not known */
    uint16_t country;
    uint8_t dataset; /* of the tables, PLACE_BY_NETWORK (country_of()), or ATTRIB_NOBODY */
    uint8_t verdict; /* inside, outside or unknown */
    bool disputed;   /* tables differ about its country */
};

struct need {
    struct slice subject; /* of the root, a TLD and a component its name, else ""; borrowed */
    struct utime least;   /* it holds at least until then, */
    struct utime most;    /* and at most */
    const char *why;      /* of the time; "" */
    uint32_t fact;        /* that gave the time; FACTS_NONE */
    uint32_t link_at;     /* audit.link[from..+links]: of places */
    uint32_t links;
    uint32_t primary; /* place of the primary that copies at home lack; FACTS_NONE */
    uint32_t part;    /* of the services, + 1: that a bill of materials names; 0 none */
    uint8_t kind;     /* enum depend_kind */
    uint8_t verdict;
};

struct outcome {
    struct utime least;
    struct utime most;
    uint32_t need_at;
    uint32_t needs;
    uint32_t first; /* need that breaks first, by `least`; FACTS_NONE when none does */
    uint8_t verdict;
};

struct audit {
    struct texts what;
    struct place *place; /* by what */
    uint32_t places;
    uint32_t place_room;
    uint32_t *link; /* of places */
    uint32_t *said; /* by link: the fact that names it; FACTS_NONE: no fact does */
    uint32_t links;
    uint32_t link_room;
    struct need *need;
    uint32_t needs;
    uint32_t need_room;
    struct outcome *outcome; /* of each service, in their order */
    uint32_t count;
};

/* Some 2 us a service.  What the input has must outlive the audit.  ERR_NOMEM, ERR_LIMIT. */
MUST_USE int audit_run(const struct audit_input *in, struct audit *ret);
void audit_release(struct audit *a);
/* The text of a place, as somebody wrote it. */
struct slice audit_what(const struct audit *a, uint32_t place);
/* Where it stands that a service, its need, or the need's l-th link is: of a link first what
 * gave its address, of a need what gave its time, then what names it, then what names the
 * service. */
struct audit_said {
    const struct fact_source *file; /* NULL: the list of services, or (line 0) nothing */
    uint32_t line;                  /* 0 none */
};
struct audit_said audit_said_service(const struct audit_input *in, const struct service *s);
struct audit_said audit_said_need(const struct audit_input *in, const struct audit *a,
                                  const struct service *s, const struct need *n);
struct audit_said audit_said_link(const struct audit_input *in, const struct audit *a,
                                  const struct service *s, const struct need *n, uint32_t l);
/* Of a need: its name, or its links with semicolons between. */
void audit_need_text(const struct audit *a, const struct need *n, struct buf *to);
/* Days from the cut, with one decimal; its length, 0 for what does not break. */
enum { AUDIT_DAYS = 24 };
size_t audit_days(struct utime from, struct utime until, char to[AUDIT_DAYS]);
/* Rows as they are written, for a comparison (diff.h): of services and needs.  text is made
 * here and the caller's to release; rows point into it and into the services.  ERR_NOMEM,
 * ERR_LIMIT.
 */
struct diff_rows;
MUST_USE int audit_rows(const struct audit_input *in, const struct audit *a, struct buf *text,
                        struct diff_rows *ret);

#endif
