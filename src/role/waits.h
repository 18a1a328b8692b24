/* Who must wait before a password is tried.
 *
 * Only who was wrong waits: behind each wrong password for a name from one place (an IPv4
 * address, an IPv6 /64) the next one for that name from there waits twice as long, 1 s to 5
 * min.  The owner of the name, elsewhere, does not.  Over all there is one try a second, as
 * each takes the engine 0.1 s, and one in two seconds from a place, so that nobody takes all of
 * them.
 *
 * A plain value of some 25 KiB without pointers: the parent keeps it in memory that it shares
 * with the engine, so that an engine that was started again knows it.  What stands in it is
 * therefore not believed: whatever it is, no wait is longer than 5 min.  Pure. */
#ifndef DETENTE_ROLE_WAITS_H
#define DETENTE_ROLE_WAITS_H

#include "model/addr.h"
#include "model/person.h"

enum {
    WAITS = 256,             /* rows */
    WAIT_TRY_US = 1000000,   /* between two passwords */
    WAIT_PLACE_US = 2000000, /* … from one place */
    WAIT_MAX_S = 300,
};
#define WAIT_FORGET_US                                                     \
    (INT64_C(3600) * 1000000) /* without a wrong one, behind the last wait \
                               */

struct waits {
    int64_t next; /* mono: nobody before that */
    struct {
        struct addr place;
        char name[PERSON_NAME]; /* "": any, from that place */
        uint32_t wrong;
        int64_t until; /* mono */
    } row[WAITS];
};

/* Seconds until a password for that name may be tried from there; 0: now. */
uint32_t waits_left(const struct waits *w, const struct addr *from, const char *name,
                    int64_t now);
/* It was tried.  Of the rows the one that is over first makes room. */
void waits_note(struct waits *w, const struct addr *from, const char *name, int64_t now,
                bool right);

#endif
