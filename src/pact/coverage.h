/* How much of a party's declared space its sensors see, and whether a sensor sees at all.
 *
 * Each declared prefix counts the same, whatever its size: a /24 of IPv4 is not lost beside a
 * /48 of IPv6.  Of one that is watched in parts the part counts.  Pure. */
#ifndef DETENTE_PACT_COVERAGE_H
#define DETENTE_PACT_COVERAGE_H

#include "pact/pact.h"

/* In millionths, rounded down, what the lists together watch of the declared prefixes (by
 * family); 0 of nothing declared.  ERR_NOMEM. */
MUST_USE int coverage_of(const struct pact_prefixes declared[2],
                         const struct pact_prefixes *watched, unsigned lists,
                         uint32_t *ret_ppm);

/* The same of each declared prefix by itself, IPv4 first: the first `most` of them.  ERR_NOMEM.
 */
MUST_USE int coverage_each(const struct pact_prefixes declared[2],
                           const struct pact_prefixes *watched, unsigned lists, unsigned most,
                           uint32_t *ret_ppm);

/* Why a sensor is not healthy, and the names that commitments and people know. */
enum sensor_fault {
    SENSOR_MISSING = 1, /* its source is not there, or its process is gone */
    SENSOR_SILENT = 2,  /* no record of any kind for sensor_late_after */
    SENSOR_DROPS = 4,   /* more than max_drop_percent of its packets */
    SENSOR_PACKETS = 8, /* less than a fifth of what is usual at this hour */
    SENSOR_CLOCK = 16,  /* further off than clock_skew_max */
    SENSOR_RULES = 32   /* older than seven days */
};
enum { SENSOR_FAULTS = 6 };

struct sensor_look {
    bool missing;
    struct span since; /* since its last record */
    /* What it says of itself; without that the rest is not known. */
    bool has_gauge;
    struct span skew; /* of its clock, either way */
    uint64_t packets; /* of the newest heartbeat */
    uint64_t drops;
    uint64_t recent; /* packets in some minutes … */
    uint64_t
        usual; /* … and in as long at this hour of the last seven days, the median; 0 unknown */
    bool has_rules;
    struct span rules_age;
};

/* The faults, a mask, and in *ret_unknown of which it is not known: those are no faults, and
 * are to be said. */
unsigned sensor_faults(const struct pact *p, const struct sensor_look *s,
                       unsigned *ret_unknown);
const char *sensor_fault_name(enum sensor_fault f);

#endif
