/* Inside the EVE decoder: tokens of one record, found by walking it, before they are values. */
#ifndef DETENTE_DECODE_EVE_PRIV_H
#define DETENTE_DECODE_EVE_PRIV_H

#include <endian.h>

#include "base/map.h"
#include "decode/decode.h"

/* Members of a record that detente reads; the first few are objects. */
enum eve_field {
    FIELD_NONE,
    FIELD_ALERT,
    FIELD_FLOW,
    FIELD_TCP,
    FIELD_TIME,
    FIELD_TYPE,
    FIELD_SRC_IP,
    FIELD_SRC_PORT,
    FIELD_DEST_IP,
    FIELD_DEST_PORT,
    FIELD_PROTO,
    FIELD_DIRECTION,
    FIELD_GID, /* members of alert */
    FIELD_SID,
    FIELD_REV,
    FIELD_SIGNATURE,
    FIELD_CATEGORY,
    FIELD_SEVERITY,
    FIELD_SOURCE, /* objects with ip and port */
    FIELD_TARGET,
    FIELD_SOURCE_IP,
    FIELD_SOURCE_PORT,
    FIELD_TARGET_IP,
    FIELD_TARGET_PORT,
    FIELD_FLOW_SRC_IP, /* members of flow */
    FIELD_PKTS_TOSERVER,
    FIELD_PKTS_TOCLIENT,
    FIELD_TCP_SYN, /* member of tcp */
    FIELDS
};
_Static_assert(FIELDS <= 32, "a bit for each field");

/* A value as it stands, from its first byte to its last. */
struct token {
    uint32_t at; /* from the text's start */
    uint32_t len;
};

enum {
    EVE_KEYS = 64,
    EVE_SCRATCH = 64, /* bytes of a string that has escapes */
};

struct shape; /* decode/eve_shape_priv.h */

/* The tokens of one record (wire/json.h), and what the last walk found in them. */
struct eve_walk {
    const char *text;
    uint32_t readable;  /* bytes of text, what is behind the record included */
    const uint32_t *at; /* offsets of the tokens; at[count] is where something else begins */
    const char *first;  /* the tokens' first bytes, as json_tokens has them */
    uint32_t count;
    bool escapes;              /* some string has a backslash */
    uint32_t have;             /* bit f: field[f] is there */
    const uint32_t *field;     /* the token that is its value: own, or the shape's */
    const struct shape *shape; /* NULL: not known */
    uint32_t keys;             /* that were looked at, without a shape; the first are in key */
    uint16_t key[EVE_KEYS];    /* their tokens */
    uint32_t own[FIELDS];
    char *scratch; /* EVE_SCRATCH bytes, where a string is unescaped */
};

/* By its first byte, a scalar that is no string; what it is else is not known here. */
static inline bool
eve_is_number(char first)
{
    return first != '"' && first != ',' && first != ':' && (first | 0x20) != '{' &&
           (first | 0x20) != '}';
}

/* RFC 8259 section 2. */
static inline bool
eve_is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* The token that starts at `from` and ends before `end`, without the white space behind. */
static inline struct token
eve_token(const char *text, uint32_t from, uint32_t end)
{
    while (end > from && eve_is_space(text[end - 1]))
        end--;
    return (struct token){from, end - from};
}

/* The number of n decimal digits at p, n in 1..7, at p 8 bytes to be read.  False when one is
 * no digit. */
static inline bool
eve_digits(const char *p, uint32_t n, uint64_t *ret)
{
    const uint64_t zeroes = 0x3030303030303030;
    uint64_t v;

    memcpy(&v, p, sizeof v);
    v = le64toh(v) << (8 - n) * 8 | zeroes >> n * 8; /* with leading zeroes */
    if (((v - zeroes) | (v + 0x4646464646464646)) & 0x8080808080808080)
        return false;
    v = (v - zeroes) * (10 * (1 << 8) + 1) >> 8; /* of two digits, then of four, of eight */
    v = (v & 0x00ff00ff00ff00ff) * (100 * (1 << 16) + 1) >> 16;
    *ret = (v & 0x0000ffff0000ffff) * (10000 * (UINT64_C(1) << 32) + 1) >> 32;
    return true;
}

/* The four hex digits behind `\u`; -1 when they are none. */
static inline int
eve_hex4(const char *p)
{
    int value = 0;

    for (int i = 0; i < 4; i++) {
        int c = p[i] | 0x20;

        if (p[i] >= '0' && p[i] <= '9')
            value = value << 4 | (p[i] - '0');
        else if (c >= 'a' && c <= 'f')
            value = value << 4 | (c - 'a' + 10);
        else
            return -1;
    }
    return value;
}

/* From the opening brace, token 0, to the closing one; fills field.  Gives the token behind, 0
 * when it cannot be walked.  Objects of no interest are passed over by their brackets; the walk
 * may run on into the next record when a bracket is missing, so the caller looks whether it
 * ended where the record does.
 *
 * What it finds follows from the tokens' first bytes and from the keys in key, and from
 * nothing else: decode/eve_shape_priv.h lives on that. */
uint32_t eve_walk_record(struct eve_walk *w);
/* The whole grammar of a walked record, after RFC 8259, no deeper and with no other surrogates
 * than jq 1.6 takes: EVE_DEPTH levels, of which an object that stands around something is
 * two.  It has two parts: how the tokens follow each other, which only depends on their first
 * bytes, and the scalars. */
enum { EVE_DEPTH = 256 };
bool eve_check_order(const struct eve_walk *w);
bool eve_check_scalars(const struct eve_walk *w);

/* What a walked record is. */
enum eve_kind { EVE_OTHER, EVE_ALERT, EVE_FLOW, EVE_STATS };

/* event_type of a walked record.  REJECTS when fine, else why it is refused. */
enum reject eve_kind_of(const struct eve_walk *w, enum eve_kind *ret);

enum { EVE_MINUTE = 17, EVE_ZONE = 5 }; /* `2026-03-01T12:00:` and `+0100` */

/* What eve_event() remembers from one record to the next, since times and categories mostly
 * stay the same; zero at first.  And the rule of the last alert. */
struct eve_memory {
    struct rule rule; /* name points into name below or into the text */
    char name[256];
    char minute[EVE_MINUTE];
    char zone[EVE_ZONE];
    bool has_minute;
    struct utime minute_at;
    char category[64];
    uint32_t category_len;
    enum event_class class_;
};

/* A walked alert or flow as an event (rule and raw are the caller's).
 * REJECTS when fine. */
enum reject eve_event(const struct eve_walk *w, enum eve_kind kind,
                      const struct decode_place *place, struct eve_memory *m, struct event *ev);

/* A walked record of EVE_STATS: what it says goes to *ret, and what it does not say is 0.  One
 * without a time that can be read says nothing. */
void eve_read_gauge(const struct eve_walk *w, struct gauge *ret);

/* Class of a Suricata category; CLASS_OTHER for those that say too little. */
enum event_class eve_class(struct slice category);

#endif
