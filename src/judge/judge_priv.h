/* The parts of a judge: rules (compiled obligations), windows in a hash table, the records that
 * a window remembers, and what is open. */
#ifndef DETENTE_JUDGE_JUDGE_PRIV_H
#define DETENTE_JUDGE_JUDGE_PRIV_H

#include <string.h>

#include "judge/judge.h"

#define NO_INDEX UINT32_MAX

enum { RULES = PACT_OBLIGATIONS, ALSO_WORDS = RULES / 64, SIGHTS = 1 << 16 };

/* ---- rules.c ---------------------------------------------------------------------------- */

/* An obligation.  Rules stand in the order of strictness: the lower number is the stricter. */
struct rule {
    unsigned obligation;
    unsigned level;   /* of severity: the lower the stricter */
    uint64_t classes; /* bits */
    uint64_t labels;  /* 0: all space */
    int grade_min;
    bool by_prefix;
    bool of_bytes;
    uint64_t least; /* acts, or bytes in the whole span; 0 not asked for */
    uint32_t targets;
    uint32_t sensors;
    uint32_t enough; /* records in half a window that can matter, about */
    uint32_t fewest; /* records that can meet it: at all, */
    uint32_t ones;   /* … and when each is one act */
    int64_t window;  /* µs */
    int64_t grain;   /* µs, of bytes */
};

/* Prefixes without those inside others, sorted. */
struct net_list {
    struct prefix *at;
    unsigned count;
};

struct exclusion {
    struct net_list origin;
    struct net_list target;
    uint64_t classes;
    int64_t until; /* µs */
    bool transit;
};

/* What says whether a rule counts an event of its class. */
struct filter {
    uint64_t labels; /* one of these */
    bool anywhere;   /* … or none asked for */
    uint8_t rule;
    uint8_t grade_min;
    bool by_prefix;
    bool of_bytes;
};

struct rules {
    struct rule *rule;
    unsigned count;
    struct filter of_class[CLASSES][RULES];
    uint16_t class_count[CLASSES];
    struct exclusion *exclusion;
    unsigned exclusions;
    int64_t from; /* the pact's validity */
    int64_t until;
};

MUST_USE int rules_make(struct rules *r, const struct pact *p, const struct space *s,
                        struct errinfo *ei);
void rules_release(struct rules *r);
bool rules_exclude(const struct rules *r, const struct judge_item *item, int64_t when);

/* ---- pool.c ----------------------------------------------------------------------------- */

enum { POOL_ORDERS = 27, ORDER_FIRST = 1, SENSOR_BITS = 16, CLASS_BITS = 8 };
#define AMOUNT_MAX ((UINT64_C(1) << 48) - 1)

/* Two to a line of cache. */
struct record {
    int64_t time;
    uint64_t target;         /* keyed hash of the address */
    uint64_t amount_sensor;  /* acts, or bytes, at most AMOUNT_MAX; << 16 | sensor */
    uint64_t block_at_class; /* the event's id; << 8 | class */
};

_Static_assert(sizeof(struct record) == 32, "half a cache line");

static inline uint64_t
record_amount(const struct record *r)
{
    return r->amount_sensor >> SENSOR_BITS;
}

static inline uint16_t
record_sensor(const struct record *r)
{
    return (uint16_t)r->amount_sensor;
}

/* Blocks of 2^order records; 0 is none. */
struct pool {
    struct record *at;
    uint32_t max;
    uint32_t used;  /* have been used */
    uint32_t given; /* records given back since all was looked at */
    uint32_t free[POOL_ORDERS];
};

/* Zeroed, in large pages where there are any; NULL: no memory. */
void *region_take(size_t bytes);
void region_give(void *at, size_t bytes);
MUST_USE int pool_init(struct pool *p, uint64_t records);
void pool_release(struct pool *p);
uint32_t pool_take(struct pool *p, unsigned order); /* 0: no room */
void pool_give(struct pool *p, uint32_t block, unsigned order);

/* ---- windows.c -------------------------------------------------------------------------- */

enum window_flag {
    W_LIVE = 1,
    W_OPEN = 2,     /* an incident is open for it: stays */
    W_JOINED = 4,   /* its events count in another's incident */
    W_MET = 8,      /* by the event at hand: stays for the moment */
    W_CREDIT = 16,  /* has seen more than one event since it was last looked at */
    W_TARGETS = 32, /* more than one, perhaps */
    W_SENSORS = 64,
    W_LOST = 128,        /* has let go a target that it may not have elsewhere */
    W_AMOUNTS = 256,     /* some record's is above 1, perhaps */
    W_FEW_TARGETS = 512, /* the span that ends with the newest record lacks some */
    W_FEW_SENSORS = 1024,
    W_EARLIER = 2048, /* its activity may have begun before what was replayed */
    W_TOUCHED = 4096, /* W_JOINED: its newest time is not told yet */
    W_OF_RECORDS = W_TARGETS | W_SENSORS | W_LOST | W_AMOUNTS | W_FEW_TARGETS | W_FEW_SENSORS
};

/* Whose windows. */
struct window_key {
    struct addr addr;
    uint32_t who; /* key_who() */
};
enum { KEY_COLLECTIVE = 255 }; /* bits of the key that all beyond the limit share */

static inline uint32_t
key_who(unsigned bits, unsigned origin_party, unsigned target_party)
{
    return bits << 16 | origin_party << 8 | target_party;
}

static inline uint8_t
key_bits(const struct window_key *k)
{
    return (uint8_t)(k->who >> 16);
}

static inline uint8_t
key_origin_party(const struct window_key *k)
{
    return (uint8_t)(k->who >> 8);
}

static inline uint8_t
key_target_party(const struct window_key *k)
{
    return (uint8_t)k->who;
}

/* Windows of one key, so that an event finds all of its own in one line of cache; a key with
 * more of them has several of these. */
enum { ENTRY_WINDOWS = 8 };
struct entry {
    struct window_key key;
    uint32_t next; /* of the bucket, or of the free ones; 0: none */
    uint32_t window[ENTRY_WINDOWS];
    uint8_t rule[ENTRY_WINDOWS]; /* of window NO_INDEX: free */
};

_Static_assert(sizeof(struct entry) == 64, "a cache line");

struct window {
    uint32_t entry; /* that it is in; or the next free one */
    uint16_t flags;
    uint8_t rule;
    uint8_t order; /* of its block */
    uint32_t n;    /* records */
    uint32_t block;
    union {
        uint32_t incident; /* W_OPEN, W_JOINED: index */
        struct {           /* else some bits of a record's, to tell others by */
            uint16_t target;
            uint16_t sensor;
        } some;
    } u;
    uint32_t events; /* the activity: events, acts, bytes, first, last */
    uint64_t count;
    uint64_t bytes;
    int64_t first;
    int64_t last;
    uint64_t sum; /* amounts of the records; W_JOINED: the number of the incident */
};

_Static_assert(sizeof(struct window) == 64, "a cache line");

struct windows {
    struct window *at;
    struct entry *entry; /* [0] is none, and has none */
    uint32_t *head;
    struct pool pool;
    uint32_t mask;
    uint32_t max;
    uint32_t used; /* have been used */
    uint32_t live;
    uint32_t free; /* list */
    uint32_t entries_used;
    uint32_t entry_free; /* list */
    uint32_t hand;       /* of the clock */
    uint64_t secret;
    size_t memory; /* bytes, but for each window's first block */
    size_t memory_max;
    int64_t watermark; /* the newest time judged */
    int64_t lateness;
    uint64_t evicted;
    uint64_t drops;
    const struct rules *rules;
};

static inline struct record *
window_records(const struct windows *ws, const struct window *w)
{
    return &ws->pool.at[w->block];
}

static inline uint32_t
window_room(const struct window *w)
{
    return w->block == 0 ? 0 : 1U << w->order;
}

static inline const struct window_key *
window_key(const struct windows *ws, const struct window *w)
{
    return &ws->entry[w->entry].key;
}

static inline uint64_t
hash_fold(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 p = (unsigned __int128)a * b;

    return (uint64_t)p ^ (uint64_t)(p >> 64);
}

/* Keyed, of an address and up to 64 bits more. */
static inline uint64_t
hash_addr(const struct addr *a, uint64_t more, uint64_t secret)
{
    uint64_t half[2];

    memcpy(half, a, sizeof half);
    secret ^= UINT64_C(0xa0761d6478bd642f); /* a factor of 0 would hide the other */
    return hash_fold(hash_fold(half[0] ^ secret, half[1] ^ UINT64_C(0x8bb84b93962eacc9)) ^ more,
                     secret ^ UINT64_C(0xe7037ed1a0b428db));
}

static inline bool
key_equal(const struct window_key *a, const struct window_key *b)
{
    uint64_t x[2];
    uint64_t y[2];

    /* In the words that it was written in: to read wider would wait for all stores before. */
    memcpy(x, &a->addr, sizeof x);
    memcpy(y, &b->addr, sizeof y);
    return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (a->who ^ b->who)) == 0;
}

static inline uint64_t
windows_hash(const struct windows *ws, const struct window_key *key)
{
    return hash_addr(&key->addr, key->who, ws->secret);
}

MUST_USE int windows_init(struct windows *ws, const struct rules *rules,
                          const struct judge_limits *limits);
void windows_release(struct windows *ws);
/* The window of a rule in an entry, NO_INDEX when it is not there. */
static inline uint32_t
entry_find(const struct entry *e, unsigned rule)
{
    uint64_t rules;

    /* All places at once: how far one has to look is nothing that a processor can guess. */
    memcpy(&rules, e->rule, sizeof rules);
    rules ^= rule * UINT64_C(0x0101010101010101);
    rules = (rules - UINT64_C(0x0101010101010101)) & ~rules & UINT64_C(0x8080808080808080);
    for (; rules != 0; rules &= rules - 1) {
        unsigned k = (unsigned)__builtin_ctzll(rules) / 8;

        k = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? k : ENTRY_WINDOWS - 1 - k;
        if (e->rule[k] == rule && e->window[k] != NO_INDEX)
            return e->window[k];
    }
    return NO_INDEX;
}

/* The first entry of a key, 0 when there is none. */
static inline uint32_t
entry_of(const struct windows *ws, const struct window_key *key, uint64_t hash)
{
    uint32_t i = ws->head[hash & ws->mask];

    while (i != 0 && !key_equal(&ws->entry[i].key, key))
        i = ws->entry[i].next;
    return i;
}

/* The same from one entry on, in all of that key. */
static inline uint32_t
entries_find(const struct windows *ws, uint32_t i, const struct window_key *key, unsigned rule)
{
    uint32_t w = NO_INDEX;

    for (; i != 0 && w == NO_INDEX; i = ws->entry[i].next) {
        if (key_equal(&ws->entry[i].key, key))
            w = entry_find(&ws->entry[i], rule);
    }
    return w;
}

/* The window of a rule, NULL when there is none. */
static inline struct window *
windows_find(const struct windows *ws, const struct window_key *key, uint64_t hash,
             unsigned rule)
{
    uint32_t w = entries_find(ws, ws->head[hash & ws->mask], key, rule);

    return w == NO_INDEX ? NULL : &ws->at[w];
}

/* The window, made when absent; NULL when there is no room. */
struct window *windows_take(struct windows *ws, const struct window_key *key, uint64_t hash,
                            unsigned rule);
/* No event that may still come shares a span with one of its own: whether it is still there or
 * was let go must not show. */
static inline bool
windows_is_dead(const struct windows *ws, const struct window *w)
{
    return w->last <= ws->watermark - ws->lateness - ws->rules->rule[w->rule].window;
}

/* All of it. */
void windows_drop(struct windows *ws, struct window *w);
/* The activity is over, a new one begins. */
void windows_restart(struct windows *ws, struct window *w);
void windows_forget(struct windows *ws, struct window *w); /* its records */
/* Room for so many more bytes, by letting others go; false: there is none. */
bool windows_afford(struct windows *ws, size_t bytes, const struct window *keep);

/* ---- records.c -------------------------------------------------------------------------- */

/* How often something is in a span. */
struct tally {
    struct tally_slot {
        uint64_t key;
        uint32_t count;
        uint32_t stamp; /* of another stamp: free */
    } * slot;
    uint32_t room;
    uint32_t stamp;
    uint32_t distinct;
};

struct scratch {
    struct tally targets;
    struct tally sensors;
    uint8_t *mark; /* a byte a record */
    uint32_t room;
};

void scratch_release(struct scratch *s);
/* Sets distinct to 0; room for n keys.  False: no memory. */
bool tally_begin(struct tally *t, uint32_t n);
void tally_add(struct tally *t, uint64_t key);

/* Put a record where its time belongs; no earlier one is newer than the window's `last`.  Its
 * place, or NO_INDEX: no room. */
uint32_t records_add(struct windows *ws, struct window *w, const struct rule *r,
                     const struct record *rec, struct scratch *s);
/* Without a look at times: can any span have enough? */
static inline bool
window_may_meet(const struct window *w, const struct rule *r)
{
    return w->sum >= r->least &&
           (r->targets < 2 || ((w->flags & W_TARGETS) != 0 && w->n >= r->targets)) &&
           (r->sensors < 2 || (w->flags & W_SENSORS) != 0);
}

/* Has the record at `at` completed a span; which.  */
bool records_met(const struct windows *ws, struct window *w, const struct rule *r, uint32_t at,
                 struct scratch *s, uint32_t ret[2]); /* first and last record */

/* ---- open.c ----------------------------------------------------------------------------- */

struct target_set {
    uint64_t *slot; /* 0 free */
    uint32_t room;
    uint32_t count;
};

struct open {
    uint64_t number; /* 0: free */
    uint32_t window;
    uint32_t next_free;
    uint16_t rule;
    bool collective;
    bool changed;
    uint64_t also[ALSO_WORDS]; /* by rule */
    struct judge_totals totals;
    bool blind; /* replayed events say nothing about its targets */
    struct target_set targets;
};

struct judge {
    const struct pact *pact;
    const struct space *space;
    struct judge_output out;
    struct rules rules;
    struct windows windows;
    struct scratch scratch;
    struct batch *batch;
    struct verdicts *verdicts; /* kept here, for it is large to clear */
    uint64_t *sight;           /* SIGHTS of tag and sensor */
    uint64_t secret;
    int64_t gap;
    struct open *open;
    uint32_t opens; /* used places */
    uint32_t open_room;
    uint32_t open_free;
    uint32_t open_live;
    uint32_t open_of[RULES]; /* not collective */
    uint32_t *changed;       /* indexes, each once */
    uint32_t changes;
    uint64_t number;
    uint32_t *touched; /* windows, to be told */
    uint32_t touches;
    uint32_t touch_room;
    bool replaying;
    int64_t since; /* of what is replayed */
    struct judge_counts counts;
};

/* One event, against all its windows: what they lead to. */
struct verdicts {
    const struct judge_item *item;
    int64_t when;
    uint64_t target;
    uint64_t amount;              /* acts that count: 0 for a second sight */
    const struct window_key *key; /* 2, [1] by announced prefix */
    const uint64_t *hash;
    uint64_t drops;         /* of windows, before its own were looked up */
    uint32_t in[RULES + 1]; /* incidents that count it */
    unsigned ins;
    struct met {
        struct window *window;
        uint32_t span[2]; /* first and last record */
    } met[RULES];
    unsigned mets;
};

void open_count(struct judge *j, struct verdicts *v, uint32_t incident);
void open_resolve(struct judge *j, struct verdicts *v);
/* The incident of a window, NO_INDEX when none is open any more. */
uint32_t open_find(const struct judge *j, struct window *w);
/* A free place, as an incident of that window; NO_INDEX: no memory. */
uint32_t open_make(struct judge *j, struct window *w, bool collective);
void open_set_also(struct open *o, unsigned rule);
/* A target of an event that is counted; when replayed it has been, and is known again. */
void open_count_target(struct judge *j, struct open *o, uint64_t target);
void open_release(struct judge *j);

/* ---- restore.c -------------------------------------------------------------------------- */

/* An event in a window that counts elsewhere: its time is to be told. */
void touch(struct judge *j, struct window *w);
void tell_touched(struct judge *j);
void tell_joined(const struct judge *j, const struct window *w);
/* An event of which all was told, in a window of an incident that was restored. */
void replay_count(struct judge *j, const struct verdicts *v, const struct window *w, bool late);

#endif
