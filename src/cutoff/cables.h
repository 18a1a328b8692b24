/* What joins countries over submarine cables, and what is left when some fail.
 *
 * A graph of three kinds of nodes: a country is joined with each of its landing points, a point
 * with each cable that lands there.  A country is thus taken as joined inside.  Cables that are
 * planned, and points without a country, join nobody.  It says who is joined by cables, and
 * nothing about who carries what over them, over land or by satellite. */
#ifndef DETENTE_CUTOFF_CABLES_H
#define DETENTE_CUTOFF_CABLES_H

#include "topology/cables.h"

/* What fails: 1 for each that does; NULL, none.  A point that fails leaves its cables to the
 * others where they land, but with one landing left a cable ends; a cable fails as a whole. */
struct cable_cut {
    const uint8_t *cable;
    const uint8_t *point;
};

struct cable_land {
    uint32_t cables; /* that land there */
    uint32_t abroad; /* … and in another country as well */
    uint32_t points; /* where a cable lands */
    uint32_t near;   /* countries that it shares a cable with */
    uint32_t part;   /* the first country of those that are joined with it: itself, maybe */
    uint32_t joined; /* countries of that part, itself too */
};

struct cable_state {
    struct cable_land *land; /* of each country; owned */
    uint64_t *shares;        /* bits: of country i, `words` of them; owned */
    uint32_t words;
    uint32_t countries; /* with a cable when nothing fails */
    uint32_t parts;     /* those are in so many parts … */
    uint32_t largest;   /* … of which the largest has so many */
};

/* ERR_NOMEM.  Linear in landings, and in cables times the square of the countries of each. */
MUST_USE int cable_state_make(const struct cables *c, const struct cable_cut *cut,
                              struct cable_state *ret);
void cable_state_release(struct cable_state *s);
/* Do two countries share a cable? */
static inline bool
cable_shares(const struct cable_state *s, uint32_t a, uint32_t b)
{
    return (s->shares[(size_t)a * s->words + b / 64] >> b % 64 & 1) != 0;
}

/* One failure: of a cable that is in service, or of a point where one lands. */
struct cable_failure {
    uint32_t index;
    bool point;
    uint32_t last;  /* countries that lose their last cable to another country */
    uint32_t parts; /* more parts than without it: of those that were joined */
    uint32_t apart; /* countries that are no longer in the largest of those parts */
};
/* All of them, the worst first (last, apart, parts; then cables before points, by id):
 * articulation points (Tarjan 1972), so linear but for the order.  *ret is the caller's to
 * free. ERR_NOMEM. */
MUST_USE int cable_rank(const struct cables *c, struct cable_failure **ret, uint32_t *count);

#endif
