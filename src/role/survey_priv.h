/* Inside the survey: what was found of one country, before it is written. */
#ifndef DETENTE_ROLE_SURVEY_PRIV_H
#define DETENTE_ROLE_SURVEY_PRIV_H

#include "cutoff/plan.h"
#include "role/survey.h"

struct survey_island {
    uint64_t addresses;
    uint32_t root; /* the lowest index in it */
    uint32_t networks;
    uint32_t members;                /* that are listed */
    uint32_t member[SURVEY_MEMBERS]; /* those with most addresses, the largest first */
};

struct survey_neighbour {
    uint16_t country;
    uint32_t transit; /* links that the cut takes */
    uint32_t peers;
};

struct survey_failure {
    uint32_t network; /* that fails, or is carried over the link that does */
    uint32_t carrier; /* of a link; TOPOLOGY_NONE: a network fails */
    uint32_t stranded;
    uint32_t cure; /* links that leave nobody stranded: one for each network of the country that
                      has no other stranded network of it above */
};

struct survey_found {
    uint16_t country;
    struct simulate_cut cut;
    uint64_t across;     /* pairs of a network abroad and one inside that reach each other, */
    uint64_t across_all; /* of so many, before */
    struct survey_island island[SURVEY_ISLANDS];
    uint32_t islands;
    struct survey_neighbour neighbour[SURVEY_NEIGHBOURS]; /* most links first */
    uint32_t neighbours;
    struct survey_failure failure[SURVEY_CRITICAL];
    uint32_t failures;
    struct links_plan plan;
};

/* survey_look.c: all of it.  ERR_NOTFOUND, ERR_NOMEM. */
MUST_USE int survey_find(const struct survey *s, uint16_t country, unsigned threads,
                         struct survey_found *ret);
void survey_found_release(struct survey_found *f);

/* survey_json.c */
void survey_put_row(const struct survey *s, const struct survey_found *f, struct buf *to);
void survey_put_file(const struct survey *s, const struct survey_found *f, struct buf *to);

#endif
