/* What counterparts saw of vulnerabilities, as their signed totals say (vuln/seen.h). */
#ifndef DETENTE_VULNDB_SIGHTING_H
#define DETENTE_VULNDB_SIGHTING_H

#include "vuln/seen.h"
#include "vulndb/vulndb.h"

enum { SIGHTING_PARTIES = 8 /* of one vulnerability that are told */ };

/* A party's new totals take the place of those before. */
MUST_USE int vulndb_sightings_clear(struct vulndb *db, const char *party);
MUST_USE int vulndb_sightings_put(struct vulndb *db, const char *party,
                                  const struct seen_row *r);

struct sighting {
    char party[64];
    struct utime last; /* the end of the hour */
    uint64_t alerts;   /* since the moment that was asked for */
};
struct sightings; /* opaque: all in memory, as they were */
MUST_USE int sightings_open(struct vulndb *db, struct utime since, struct sightings **ret);
struct sightings *sightings_close(struct sightings *s); /* NULL is fine; gives NULL */
/* How many parties saw it, the first SIGHTING_PARTIES of them by name.  s may be NULL. */
/* When the last of them did; 0 none. */
struct utime sightings_last(const struct sightings *s, uint64_t vuln);
unsigned sightings_of(const struct sightings *s, uint64_t vuln, const struct sighting **ret);

#endif
