/* Submarine cables: what they are called, where they land, and from when they carry.
 *
 * Read from one JSON document a cable, as TeleGeography publishes them, into a file of our own
 * that is dated and hashed (docs/formats/topology.md); from then on that file is read.  A
 * country is its name as the data has it; a two-letter code stands beside it where the operator
 * says so, or where the name is one of the page's own (model/economy.h).  Nothing here knows
 * which networks use a cable: there is no data that says.
 *
 * What was read is never changed; any number of threads may read it. */
#ifndef DETENTE_TOPOLOGY_CABLES_H
#define DETENTE_TOPOLOGY_CABLES_H

#include <stdint.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "topology/snapshot.h"

enum {
    CABLES_MOST = 1 << 14,
    CABLES_POINTS = 1 << 16,
    CABLES_LANDINGS = 1 << 18, /* of all cables together */
    CABLES_COUNTRIES = 1 << 10,
    CABLES_SOURCES = 16,
    CABLES_TEXT = 256 /* bytes of a name or id, at most */
};
#define CABLES_MAX     ((size_t)1 << 26) /* bytes of the file */
#define CABLES_NOWHERE UINT32_MAX

struct cables_country {
    struct slice name;
    uint16_t code; /* COUNTRY_UNKNOWN: nobody said */
};

struct cables_point {
    struct slice id;
    struct slice name;
    uint32_t country; /* CABLES_NOWHERE: its name has none */
};

struct cable {
    struct slice id;
    struct slice name;
    uint16_t year;   /* from when it carries; 0: nobody says */
    uint8_t month;   /* the first of the time that is told … */
    uint8_t months;  /* … and how long that is: 1, 3 or 12 */
    bool planned;    /* that time begins after the data's date, or the data says so */
    uint32_t first;  /* of its landings */
    uint32_t points; /* at least 1 */
};

struct cables_counts {
    uint32_t pointless;    /* cables that land nowhere (known): left out */
    uint32_t undetermined; /* landings that are to be determined: left out */
    uint32_t twice;        /* cables whose id an earlier one has: left out */
    uint32_t others;       /* documents that are neither a cable nor a country */
    /* Of what is there: */
    uint32_t planned;  /* cables */
    uint32_t running;  /* cables whose time of service includes the date: taken as there */
    uint32_t undated;  /* cables without a time of service: taken as there */
    uint32_t nowhere;  /* points without a country */
    uint32_t codeless; /* countries without a code */
};

struct cables {
    char date[SNAPSHOT_DATE];
    struct snapshot_source source[CABLES_SOURCES]; /* `lines` are documents */
    uint32_t sources;
    struct cables_counts counts;
    struct hash sha256;             /* of the file, without its last line */
    char *text;                     /* owned; all slices point here */
    struct cables_country *country; /* by name */
    struct cables_point *point;     /* by id */
    struct cable *cable;            /* by id */
    uint32_t *landing;              /* points of cables, each cable's ascending */
    uint32_t countries;
    uint32_t points;
    uint32_t cables;
    uint32_t landings;
};

/* ERR_INVALID when it is not what was written, with its line; ERR_NOMEM.  bytes are copied. */
MUST_USE int cables_read(struct slice bytes, struct cables **ret, struct errinfo *ei);
struct cables *cables_free(struct cables *c); /* NULL is fine; gives NULL */
/* CABLES_NOWHERE: there is none with that id. */
uint32_t cables_find(const struct cables *c, struct slice id);
uint32_t cables_find_point(const struct cables *c, struct slice id);

/* ---- from others' files ---- */

struct cables_build; /* opaque; one thread */
MUST_USE int cables_build_new(struct cables_build **ret);
struct cables_build *cables_build_free(struct cables_build *b); /* NULL is fine; gives NULL */
/* One JSON document, which is written to: a cable (`id`, `landing_points`, …) or a country
 * (`name`, `cables`); what is neither is counted.  ERR_INVALID with line and column, ERR_LIMIT,
 * ERR_NOMEM. */
MUST_USE int cables_build_add(struct cables_build *b, char *text, size_t len,
                              struct errinfo *ei);
/* The operator's CSV with the columns `name,code`, which is written to.  The same errors. */
MUST_USE int cables_build_codes(struct cables_build *b, char *text, size_t len,
                                struct errinfo *ei);
/* The file, appended to `to`, whose limit should be CABLES_MAX.  The same bytes whatever the
 * order of documents, unless an id stands twice.  ERR_INVALID: there is no cable; ERR_LIMIT,
 * ERR_NOMEM. */
MUST_USE int cables_build_write(struct cables_build *b, const char *date,
                                const struct snapshot_source *source, uint32_t sources,
                                struct buf *to, struct errinfo *ei);

#endif
