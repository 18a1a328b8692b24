/* What the node's recorded events show of its indicators, and what was met in records that are
 * no event, summed by indicator, or by indicator and day (UTC).
 *
 * Origin and target of each event are asked, and where a record of EVE was kept and something
 * but addresses is looked for, its names, URLs and hashes too (indicator/shown.h).  An
 * indicator counts when it was in force at the event's time (event_when()); an event counts
 * once for each, whatever of it was met.  Some 4 M events/s are asked by addresses alone (of
 * 100,000), some 0.3 M/s with their records.
 *
 * Of records that are no event (dns, tls, http … without an alert) nothing is kept but what was
 * met when they came, by day (store/hits.h).  Such a day counts when all that was met on it
 * lies within the time asked for, and its indicator is in force then. */
#ifndef DETENTE_ROLE_SIGHTINGS_H
#define DETENTE_ROLE_SIGHTINGS_H

#include "indicator/list.h"
#include "stix/emit.h"
#include "store/query.h"

enum {
    SIGHTINGS_ROWS = 1 << 20,
    SIGHTINGS_ORIGINS = 1 << 24 /* pairs of a row and an address */
};

struct sightings_ask {
    struct store *store;
    struct reader *reader;
    const struct indicators *indicators;
    const struct query *query; /* which events */
    bool by_day;
    uint64_t secret; /* not to be known to those who send packets */
};

struct sighted {
    uint32_t indicator;
    uint32_t origins; /* different addresses of origins */
    int64_t day;      /* since 1970; 0 when not by day */
    uint64_t events;
    uint64_t count;      /* records: what those stand for, and … */
    uint64_t unrecorded; /* … of it, records that are no event */
    struct utime first;
    struct utime last;
    uint32_t kinds; /* bits of enum atom_kind: of what was met */
};

struct sightings {
    struct sighted *row; /* most counted first, then by number and day; owned */
    uint32_t count;
    uint64_t asked;      /* events */
    uint64_t hit;        /* … that were met by some indicator in force */
    uint64_t over;       /* … only by such as were over, not in force yet or revoked */
    uint64_t unopened;   /* … whose record is erased, or is none of EVE: by addresses alone */
    uint64_t unrecorded; /* records that are no event, once for each indicator */
    uint64_t cut; /* days of indicators with such, that lie only partly within the time */
};
/* ERR_LIMIT: more rows or origins than are counted; ERR_NOMEM, or an error of the store.
 * Release by sightings_release(), also after a failure. */
MUST_USE int sightings_find(const struct sightings_ask *a, struct sightings *ret);
void sightings_release(struct sightings *s);

/* ---- as STIX ---- */

/* `sighting` (STIX 2.1, 5.2) of that indicator on that day by `party`, a summary: no address of
 * who was attacked or of who attacked is in it.  Its id follows from indicator, party and day;
 * `created` is where the day begins. */
struct sightings_tell {
    struct slice party;
    enum tlp tlp;
    struct utime modified; /* not before the day */
};
struct stix_id sightings_id(const struct sightings_tell *t, struct slice indicator,
                            int64_t day);
/* row: by day.  ERR_INVALID with e->ei. */
MUST_USE int sightings_stix(struct emit *e, const struct sightings_tell *t,
                            struct slice indicator, const struct sighted *row);
/* The same, unless the newest version of it that the collection has says so already: 1. */
MUST_USE int sightings_renew(struct store *s, int64_t collection,
                             const struct sightings_tell *t, struct slice indicator,
                             const struct sighted *row, struct emit *e);
/* The identity of the party, as incidents name it too (role/incident_stix.h). */
MUST_USE int sightings_party(struct emit *e, struct slice party);

#endif
