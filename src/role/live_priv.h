/* Inside the live view: rows of counts, and lists as they were last sent. */
#ifndef DETENTE_ROLE_LIVE_PRIV_H
#define DETENTE_ROLE_LIVE_PRIV_H

#include "base/map.h"
#include "role/live.h"

enum {
    MINUTES = 120,       /* of a network: two hours */
    RECENT_MINUTES = 15, /* "now" */
    ROWS_MAX = 1 << 16,  /* networks, targets */
    ADDRESSES_MAX = 1 << 18,
    BUCKETS = 288, /* of 5 minutes */
    BUCKET_US = 300000000,
    LIST_MAX = 64, /* rows of a list that is sent */
    RECENT = 20
};

/* A network in an economy, or a target: what came by minute. */
struct live_row {
    uint32_t minute[MINUTES]; /* by minute modulo MINUTES */
    uint16_t chip[RECENT_MINUTES][CHIPS];
    uint32_t n15;
    uint32_t n60;
    uint32_t p60;
};

struct live_table {
    struct map keys;
    struct live_row *row;
    uint32_t room;
};

/* Of a target only the last minutes are shown. */
struct live_target {
    uint32_t minute[RECENT_MINUTES]; /* by minute modulo RECENT_MINUTES */
    uint32_t n15;
};

struct live_targets {
    struct map keys;
    struct live_target *row;
    uint32_t room;
};

/* Key of the networks' table. */
struct network_key {
    uint32_t asn;
    uint16_t country;
    uint16_t zero;
};

/* One row of a list as it is sent: up to six numbers under a key. */
struct list_row {
    uint8_t key[16];
    uint64_t number[6];
};

struct list {
    struct list_row row[LIST_MAX * 4];
    unsigned count;
};

enum live_list { LIST_NETWORKS, LIST_ECONOMIES, LIST_TARGETS, LIST_CORRIDORS, LISTS };

struct live_recent {
    struct event_id id;
    struct event event;
};

/* Of this moment, whatever the lists leave out.  Without holes, so that memcmp() compares. */
struct live_totals {
    uint64_t corridors;
    uint64_t unknown; /* events of the last 15 minutes without a country */
    uint64_t n15;
    uint64_t n60;
    uint64_t p60;
    uint64_t networks; /* known ones with events in the last 15 minutes */
    uint64_t economies;
    uint64_t addresses;
};

struct live {
    const struct dict *dict;
    const struct attrib *attrib;
    int64_t minute; /* the current one */
    struct live_table networks;
    const struct owners *owners;
    struct live_table parties; /* by name */
    struct live_targets targets;
    struct map by_asn; /* networks of one publication: rows of several economies as one */
    struct live_network {
        uint32_t n15;
        uint32_t n60;
        uint32_t p60;
        uint16_t country; /* 0: none known, or several */
    } * network;
    uint32_t network_room;
    struct map addresses; /* address → when last seen */
    struct live_seen {
        int64_t minute; /* 0: not counted at present */
        uint16_t country;
    } * seen;
    uint32_t seen_room;
    uint32_t active[1 << 16]; /* addresses by country */
    int64_t bucket;           /* the newest of the series */
    uint32_t series[CHIPS][BUCKETS];
    uint32_t series_sent[CHIPS][BUCKETS];
    int64_t bucket_sent;
    struct live_recent recent[RECENT];
    unsigned recent_count;
    uint64_t recent_version;
    uint64_t recent_sent;
    struct list sent[LISTS];
    struct live_honesty honesty_sent;
    struct live_totals total_sent;
    struct utime told; /* when something was last sent */
    bool started;
};

/* The lists of this moment. */
struct live_now {
    struct list list[LISTS];
    struct live_totals total;
};
/* Bring the clock to `now`, minute by minute, bucket by bucket. */
void live_turn(struct live *l, struct utime now);
void live_lists(struct live *l, struct live_now *ret);

#endif
