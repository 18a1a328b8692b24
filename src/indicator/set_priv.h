/* Between the files of the set. */
#ifndef DETENTE_INDICATOR_SET_PRIV_H
#define DETENTE_INDICATOR_SET_PRIV_H

#include "indicator/set.h"

enum { LINE_ATOMS = 10, LINE_FILL = 5 /* atoms a line, when it is made: 1 in 70 runs over */ };

struct line {
    uint16_t print[LINE_ATOMS]; /* 0 free */
    uint16_t over;              /* not 0: something that belongs here stands in the next */
    uint16_t pad;
    uint32_t atom[LINE_ATOMS];
};
_Static_assert(sizeof(struct line) == 64, "a line of memory");

/* By first address, then the wider first: the ways through a tree of prefixes. */
struct set_net {
    uint64_t high;
    uint64_t low;
    uint32_t atom;
    uint32_t around; /* place + 1 of the narrowest that covers it; 0 none */
    uint8_t len;
};

#define SET_MANY (UINT32_C(1) << 31)

struct set {
    struct line *line;
    uint32_t lines;
    uint32_t atoms;
    uint64_t secret;
    char *value;    /* the kind in a byte, then the value */
    uint32_t *at;   /* atoms + 1 */
    uint32_t *own;  /* of an atom: its one owner, or SET_MANY and where its list is in `many` */
    uint32_t *many; /* how many, then they */
    uint32_t many_count;
    bool has_below;
    struct set_net *net;
    uint32_t nets;
    uint64_t *near4; /* a bit for each first 16 bits: some prefix is near */
    uint64_t *near6;
    uint32_t *from4; /* of each first 16 bits of IPv4: prefixes that begin before */
    bool borrowed;   /* all of these are somebody else's memory */
};

enum { SET_FIRSTS = 1 << 16 /* of addresses, by their first 16 bits */ };

/* A local that is written before it is read: the build clears all locals, and here that would
 * cost as much as the question. */
#define UNCLEARED __attribute__((uninitialized))

static inline uint64_t
set_eight(const uint8_t *p)
{
    uint64_t n;

    memcpy(&n, p, sizeof n);
    return __builtin_bswap64(n);
}

static inline uint64_t
set_fold(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 p = (unsigned __int128)a * b;

    return (uint64_t)p ^ (uint64_t)(p >> 64);
}

/* Two words, keyed; as map_hash() folds them, without its loop. */
static inline uint64_t
set_hash_words(uint64_t secret, uint64_t high, uint64_t low)
{
    uint64_t h = set_fold(low ^ secret, UINT64_C(0xa0761d6478bd642f) ^ secret);

    return set_fold(h ^ high ^ UINT64_C(0x9e3779b97f4a7c15),
                    UINT64_C(0xe7037ed1a0b428db) ^ secret);
}

/* Of the value of an atom.  DOMAIN and BELOW of one name have the same. */
uint64_t set_hash(uint64_t secret, enum atom_kind kind, struct slice bytes);
/* A name's, label by label from the right. */
uint64_t set_hash_label(uint64_t above, struct slice label);
uint64_t set_hash_name(uint64_t secret);

static inline uint32_t
set_line_of(const struct set *s, uint64_t hash)
{
    return (uint32_t)((hash >> 32) * s->lines >> 32);
}

static inline uint16_t
set_print_of(uint64_t hash)
{
    return (uint16_t)hash == 0 ? 1 : (uint16_t)hash;
}

/* The atom of that kind and value, SET_GONE none. */
uint32_t set_look(const struct set *s, uint64_t hash, enum atom_kind kind, struct slice bytes);

/* Is there any that covers it?  Adds them to ret, which may be NULL. */
bool set_look_nets(const struct set *s, uint64_t high, uint64_t low, struct set_found *ret);
/* Nets in their order, with what is around them, and the bits. */
MUST_USE int set_order_nets(struct set *s);

#endif
