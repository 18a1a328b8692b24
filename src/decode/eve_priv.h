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
    FIELD_SOURCE, /* alert.source, alert.target: objects with ip and port */
    FIELD_TARGET,
    FIELD_TIME,
    FIELD_TYPE,
    FIELD_SRC_IP,
    FIELD_SRC_PORT,
    FIELD_DEST_IP,
    FIELD_DEST_PORT,
    FIELD_PROTO,
    FIELD_APP_PROTO,
    FIELD_GID,
    FIELD_SID,
    FIELD_REV,
    FIELD_SIGNATURE,
    FIELD_CATEGORY,
    FIELD_SEVERITY,
    FIELD_SOURCE_IP,
    FIELD_SOURCE_PORT,
    FIELD_TARGET_IP,
    FIELD_TARGET_PORT,
    FIELD_FLOW_SRC_IP,
    FIELD_PKTS_TOSERVER,
    FIELD_PKTS_TOCLIENT,
    FIELD_TCP_STATE,
    FIELD_TCP_SYN,
    FIELD_TCP_ACK,
    FIELDS
};

/* A value as it stands: at its first byte; len 0 when the member is absent. */
struct token {
    uint32_t at; /* from the text's start */
    uint32_t len;
};

struct eve_walk {
    const char *text;
    const uint32_t *at; /* offsets of the record's tokens */
    uint32_t count;
    struct token field[FIELDS];
};

/* From the opening brace to the closing one: grammar of objects and arrays, at most
 * EVE_DEPTH levels; fills field.  False when it cannot be walked. */
enum { EVE_DEPTH = 64 };
bool eve_walk_record(struct eve_walk *w);
/* What the walk leaves out: escapes, numbers, literals, all after RFC 8259. */
bool eve_check_scalars(const struct eve_walk *w, uint32_t end);

/* What a walked record is. */
enum eve_kind { EVE_OTHER, EVE_ALERT, EVE_FLOW };

/* event_type of a walked record.  REJECTS when fine, else why it is refused. */
enum reject eve_kind_of(const struct eve_walk *w, enum eve_kind *ret);

struct eve_alert {
    struct rule rule; /* name points into scratch or text */
    char name[256];
};

/* A walked record of a kind but EVE_OTHER as an event (rule and raw are the caller's).
 * REJECTS when fine. */
enum reject eve_event(const struct eve_walk *w, enum eve_kind kind,
                      const struct decode_place *place, struct event *ev,
                      struct eve_alert *alert);

/* Class of a Suricata category; CLASS_OTHER for those that say too little. */
enum event_class eve_class(struct slice category);

#endif
