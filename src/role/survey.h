/* What the page and the report show of cuts: each country cut off from all others by itself,
 * before and after, under each assumption of who stays; its islands, whom it strands abroad,
 * whose failure hurts most and how many links cure it, and which new links help most.
 *
 * Reckoned once for a snapshot, some 0.4 s a country, and kept as JSON in the node's directory:
 * DIR/cutoff/world.json (a row a country) and DIR/cutoff/XA.json, which the gate gives out
 * (docs/api.md, cutoff).  Each file names date and hash of its snapshot.  Shares are
 * millionths, so that the same JSON is canonical but for the order of members, and can be
 * walked by wire/jcs.h. */
#ifndef DETENTE_ROLE_SURVEY_H
#define DETENTE_ROLE_SURVEY_H

#include "attrib/attrib.h"
#include "cutoff/rank.h"
#include "role/simulate.h"
#include "topology/snapshot.h"

#define SURVEY_FOLDER "cutoff"
#define SURVEY_WORLD  SURVEY_FOLDER "/world.json"
enum {
    SURVEY_JSON = 1 << 20,  /* bytes of a file */
    SURVEY_ISLANDS = 60,    /* that are listed, the largest … */
    SURVEY_MEMBERS = 5,     /* … with so many networks of each */
    SURVEY_NEIGHBOURS = 12, /* countries with most links over the border */
    SURVEY_STRANDED = 200,  /* networks abroad that are listed */
    SURVEY_CRITICAL = 12,   /* failures */
    SURVEY_LINKS = 10,      /* new links */
    SURVEY_LEAST = 10       /* networks that a country has, to be looked at */
};

/* How many countries are looked at. */
typedef void survey_done(uint32_t done, uint32_t of);

struct survey {
    const struct topology *t; /* borrowed, as are the next two */
    const struct snapshot_about *about;
    const struct attrib *attrib; /* names of networks; NULL: none are known */
    struct hash hash;            /* of the snapshot */
    struct utime at;             /* when it is made */
    uint16_t home;               /* the node's country, or COUNTRY_UNKNOWN */
    survey_done *done; /* told by survey_all(), one thread at a time; NULL: nobody is */
    struct rank rank;  /* these two by survey_open() */
    uint64_t *reach;   /* of each network: how many it reaches before a cut, itself included */
};

/* The rest of it, from what is borrowed.  ERR_NOMEM; close it in any case. */
MUST_USE int survey_open(struct survey *s, unsigned threads);
void survey_close(struct survey *s);

/* One country: its row of world.json, and its file. */
struct survey_country {
    uint16_t country;
    struct buf row;
    struct buf file;
};
void survey_release(struct survey_country *c);
/* ERR_NOTFOUND: no network is of that country; ERR_NOMEM. */
MUST_USE int survey_look(const struct survey *s, uint16_t country, unsigned threads,
                         struct survey_country *ret);
/* All with at least so many networks, by code; *ret is the caller's to release and free. */
MUST_USE int survey_all(const struct survey *s, uint32_t least, unsigned threads,
                        struct survey_country **ret, uint32_t *ret_count);
/* world.json of these. */
void survey_world(const struct survey *s, const struct survey_country *c, uint32_t count,
                  uint32_t least, struct buf *to);

/* Into DIR/cutoff, world.json last; countries of an earlier survey that this one has not go.
 * ERR_IO, ERR_FULL, ERR_AUTH, ERR_NOMEM. */
MUST_USE int survey_keep(const char *dir, const struct survey *s,
                         const struct survey_country *c, uint32_t count, uint32_t least,
                         struct errinfo *ei);

#endif
