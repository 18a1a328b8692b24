/* What a sensor saw, in one fixed-size value: no pointers, so it can be queued, sent to
 * another process and stored as it is.  Host byte order, but for addresses.
 *
 * `origin` is the ATTACKING side after the direction rule (decode/), not the sender of the
 * packet that fired.  The party is not here: it follows from the prefix, then the network,
 * by the annex in force, so that a changed annex re-judges without rewriting. */
#ifndef DETENTE_MODEL_EVENT_H
#define DETENTE_MODEL_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/time.h"
#include "model/addr.h"

enum event_kind { EVENT_ALERT, EVENT_FLOW, EVENT_HONEYPOT, EVENT_AUTH, EVENT_FIREWALL };
enum { EVENT_KINDS = 5 };

/* The page's eight groups of classes. */
enum event_chip {
    CHIP_SCAN,
    CHIP_BRUTE,
    CHIP_EXPLOIT,
    CHIP_MALWARE,
    CHIP_DOS,
    CHIP_PHISHING,
    CHIP_THEFT,
    CHIP_OTHER
};
enum { CHIPS = 8 };

enum event_class {
#define CLASS(name, text, chip) CLASS_##name,
#include "model/class.def"
    CLASSES
};

/* Bits of event.flags, in the order of their names. */
enum event_flag {
    FLAG_CLOCK_SKEWED = 1 << 0,       /* time and time_seen over 5 min apart */
    FLAG_DIRECTION_INFERRED = 1 << 1, /* who is the origin was worked out, not stated */
    FLAG_DISPUTED = 1 << 2,           /* country sources disagree on the origin */
    FLAG_DUPLICATE = 1 << 3,          /* same origin, target, port, rule within a minute */
    FLAG_HOSTING = 1 << 4,
    FLAG_REFLECTED = 1 << 5, /* the origin is a reflector, itself a victim */
    FLAG_SAMPLED = 1 << 6,
    FLAG_SPOOFABLE = 1 << 7, /* nothing proves that the source address is real */
    FLAG_TOR = 1 << 8
};
enum { EVENT_FLAGS = 9 };

enum raw_kind { RAW_NONE, RAW_LINE, RAW_ELEMENT, RAW_DATAGRAM, RAW_PACKET };

/* Country codes travel as two letters in 16 bits: first letter in the high byte, 0 unknown. */
#define COUNTRY(a, b)   ((uint16_t)((unsigned char)(a) << 8 | (unsigned char)(b)))
#define COUNTRY_UNKNOWN ((uint16_t)0)

struct event {
    struct utime time;      /* sensor's clock */
    struct utime time_seen; /* ours, when the engine took it */
    struct addr origin;
    struct addr target;
    uint32_t origin_asn; /* 0 unknown */
    uint32_t target_asn;
    uint32_t count;       /* records aggregated in this one, at least 1 */
    uint32_t rule;        /* index: in the frame's rule table, later in the node's dictionary */
    uint32_t raw_at;      /* first byte in the frame's or block's raw area */
    uint32_t raw_len;     /* bytes; 0 none kept */
    uint16_t origin_port; /* 0 when the protocol has none */
    uint16_t target_port;
    uint16_t origin_country; /* COUNTRY() */
    uint16_t target_country;
    uint16_t sensor;    /* index in the node's sensor table */
    uint16_t flags;     /* enum event_flag */
    uint16_t raw_index; /* place among the events of this raw unit */
    uint16_t raw_count; /* events of this raw unit, at least 1 when raw is kept */
    uint8_t kind;       /* enum event_kind */
    uint8_t protocol;   /* IANA number */
    uint8_t class_;     /* enum event_class */
    uint8_t severity;   /* as the sensor gave it */
    uint8_t grade;      /* O0..O4: how sure the origin address is real and acted */
    uint8_t raw_kind;   /* enum raw_kind */
    uint8_t pad[2];     /* zero */
};

_Static_assert(sizeof(struct event) == 96, "event is a wire and storage format");
_Static_assert(offsetof(struct event, kind) == 88, "event is a wire and storage format");

/* Attack events are those of all kinds but flow. */
static inline bool
event_is_attack(const struct event *e)
{
    return e->kind != EVENT_FLOW;
}

/* Seen is a weakness of the origin, not something that it did: RSIT's group vulnerable, but for
 * an amplifier whose reflected traffic came. */
static inline bool
event_is_weakness(const struct event *e)
{
    return e->class_ >= CLASS_WEAK_CRYPTO && e->class_ <= CLASS_VULNERABLE &&
           (e->flags & FLAG_REFLECTED) == 0;
}

/* Its own time; but what says that it comes from the future is as old as our sight of it. */
static inline struct utime
event_when(const struct event *e)
{
    return (e->flags & FLAG_CLOCK_SKEWED) != 0 && e->time.us > e->time_seen.us ? e->time_seen
                                                                               : e->time;
}

const char *event_kind_name(enum event_kind kind); /* "alert" … */
int event_kind_find(struct slice name);            /* -1 unknown */
const char *event_class_name(enum event_class c);  /* "intrusion-attempts:exploit" … */
int event_class_find(struct slice name);           /* -1 unknown */
enum event_chip event_class_chip(enum event_class c);
const char *event_chip_name(enum event_chip chip); /* "scan" … */
int event_chip_find(struct slice name);            /* -1 unknown */
const char *event_flag_name(unsigned bit);         /* of bit 0 … EVENT_FLAGS - 1 */
const char *raw_kind_name(enum raw_kind kind);     /* "none" "line" … */

/* Two letters into out with NUL ("" when unknown), and back (0 unless two letters A-Z). */
void country_format(uint16_t country, char out[3]);
uint16_t country_parse(struct slice s);

/* An event's name for ever: block and place in it.  Text `<block>-<index>`. */
struct event_id {
    uint64_t block;
    uint32_t index; /* 0..4095 */
};
enum { EVENT_ID_TEXT = 28, EVENTS_PER_BLOCK = 4096 };
size_t event_id_format(struct event_id id, char out[EVENT_ID_TEXT]);
MUST_USE int event_id_parse(struct slice s, struct event_id *ret);

#endif
