/* The simulation on all cores that there are. */
#ifndef DETENTE_ROLE_SIMULATE_H
#define DETENTE_ROLE_SIMULATE_H

#include "cutoff/inside.h"
#include "cutoff/routes.h"

enum { SIMULATE_THREADS = 64 };

/* Sums of all batches; made here, weighed too when asked, and the caller's to release.
 * ERR_NOMEM. */
MUST_USE int simulate_reach(const struct net *n, unsigned threads, bool weights,
                            struct reach_sums *ret);
void simulate_release(struct reach_sums *s);
/* The side of a cut of a segment by the first assumption: itself, and who stays there in any
 * case (NULL: nobody); they carry, and do not count. */
void simulate_side(const struct topology *t, const uint8_t *segment, const uint8_t *stays,
                   uint8_t *side);
/* The same where those stay too that have so many neighbours in the segment.  ERR_NOMEM. */
MUST_USE int simulate_side_with(const struct topology *t, const uint8_t *segment,
                                const uint8_t *stays, uint32_t neighbours, uint8_t *side);

/* Routes to all destinations, on all cores; `carried` is made here when asked, and the caller's
 * to free.  ERR_NOMEM. */
MUST_USE int simulate_routes(const struct routes *r, uint32_t nodes, unsigned threads,
                             bool carried, struct routes_sums *ret);

/* What the side of a filter still has: all of struct inside.  reach: of each network of the
 * topology, how many that count it reaches, itself included; NULL: not asked for.  ERR_NOMEM.
 */
MUST_USE int simulate_inside(const struct topology *t, const struct net_filter *f,
                             unsigned threads, uint64_t *reach, struct inside *ret);
/* The same of each country with at least `least` networks, by code.  *ret is the caller's to
 * free. */
struct simulate_country {
    uint16_t country;
    struct inside inside;
};
MUST_USE int simulate_countries(const struct topology *t, uint32_t least, unsigned threads,
                                struct simulate_country **ret, uint32_t *ret_count);

/* A segment that is cut off, and the world without it.
 *
 * What stays of foreign networks inside is the assumption that decides most: none (the
 * first of `presence`), or those that have at least so many neighbours in the segment, with the
 * links between them.  They carry, and do not count. */
enum { SIMULATE_PRESENCE = 8, SIMULATE_USUAL = 3 };
/* What is looked at where nobody says otherwise: nobody foreign stays; who has twenty
 * neighbours here; who has five. */
extern const uint32_t simulate_usual[SIMULATE_USUAL];
struct simulate_cut {
    struct inside before; /* of the segment, with all the world */
    unsigned cases;       /* of presence */
    struct {
        uint32_t neighbours; /* 0: nobody foreign stays */
        uint32_t kept;       /* foreign networks that stay */
        struct inside inside;
    } presence[SIMULATE_PRESENCE];
    uint32_t transit_cut; /* links over the border */
    uint32_t peers_cut;
    struct inside outside_before; /* of all others, with the segment … */
    struct inside outside;        /* … and without */
    /* Of each network of the topology, itself included: of the segment's, how many of it they
     * reach with all the world, and when it is cut off by the first assumption; of others, how
     * many of the world, and how many abroad.  Owned. */
    uint64_t *reach_before;
    uint64_t *reach_after;
    /* Networks that reached half of all these, and reach less than half now: abroad, and of the
     * segment.  Owned. */
    uint32_t *stranded;
    uint32_t stranded_count;
    uint32_t *stranded_inside;
    uint32_t stranded_inside_count;
};
struct simulate_scenario {
    const uint8_t *segment; /* 1 for each network of it */
    const uint8_t *stays;   /* 1: foreign, and stays in any case; NULL: none */
    const uint64_t *cut;    /* links that fail besides, as net_filter has them */
    uint32_t cuts;
    const uint32_t *neighbours; /* of each case of presence */
    unsigned cases;
};
/* ERR_NOMEM. */
MUST_USE int simulate_cut(const struct topology *t, const struct simulate_scenario *scenario,
                          unsigned threads, struct simulate_cut *ret);
void simulate_cut_release(struct simulate_cut *c);

#endif
