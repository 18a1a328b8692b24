/* Inside the EVE decoder: tokens of one record, found by walking it, before they are values. */
#ifndef DETENTE_DECODE_EVE_PRIV_H
#define DETENTE_DECODE_EVE_PRIV_H

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

enum { EVE_PAD = 32 };

/* One text and its tokens (wire/json.h), and what the last walk found in it. */
struct eve_walk {
    const char *text;
    uint32_t limit;     /* bytes of text */
    const uint32_t *at; /* offsets of the tokens; at[count] is limit */
    const char *first;  /* the tokens' first bytes, and EVE_PAD zeroes behind them */
    uint32_t count;
    struct guesses *guesses; /* decode/eve_guess.h */
    bool escapes;            /* some string may have a backslash; the caller looks */
    uint32_t have;           /* bit f: field[f] is there */
    uint32_t field[FIELDS];  /* the token that is its value */
};

/* Collect the first bytes of w's tokens in room for count + EVE_PAD of them.  What a record
 * is made of can then be told from a few bytes that stand side by side, instead of from as
 * many places of the text: a fifth of the decoder's time was spent on getting there. */
void eve_first_bytes(struct eve_walk *w, char *room);

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

/* True when the four tokens that begin with these bytes are `"key":?,`. */
static inline bool
eve_is_member(const char *first)
{
    static const char want[4] = {'"', ':', 0, ','};
    static const char mask[4] = {-1, -1, 0, -1};
    uint32_t w;
    uint32_t m;
    uint32_t f;

    memcpy(&w, want, 4);
    memcpy(&m, mask, 4);
    memcpy(&f, first, 4);
    return (f & m) == w;
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

/* From the opening brace at token `first` to the closing one; fills field.  Gives the token
 * behind, 0 when it cannot be walked.  Objects of no interest are passed over by their
 * brackets; the walk may run on into the next record when a bracket is missing, so the caller
 * looks where it ended. */
uint32_t eve_walk_record(struct eve_walk *w, uint32_t first);
/* The whole grammar of the record whose closing brace is token `last`, after RFC 8259, no
 * deeper and with no other surrogates than jq 1.6 takes: EVE_DEPTH levels, of which an object
 * that stands around something is two. */
enum { EVE_DEPTH = 256 };
bool eve_check_record(const struct eve_walk *w, uint32_t first, uint32_t last);

/* What a walked record is. */
enum eve_kind { EVE_OTHER, EVE_ALERT, EVE_FLOW };

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

/* A walked record of a kind but EVE_OTHER as an event (rule and raw are the caller's).
 * REJECTS when fine. */
enum reject eve_event(const struct eve_walk *w, enum eve_kind kind,
                      const struct decode_place *place, struct eve_memory *m, struct event *ev);

/* Class of a Suricata category; CLASS_OTHER for those that say too little. */
enum event_class eve_class(struct slice category);

#endif
