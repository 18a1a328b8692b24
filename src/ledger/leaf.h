/* Log leaves: small typed statements (docs/formats/log.md).
 *
 *     detente/<type>/<version> LF, then one canonical JSON object, nothing behind it
 *
 * The tree holds any bytes; this module decides how they are read.  A reader never refuses a
 * log for a leaf: it counts and shows.  The fields of each type stand in leaf.def, for
 * reading, writing and the manual alike.  Pure. */
#ifndef DETENTE_LEDGER_LEAF_H
#define DETENTE_LEDGER_LEAF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/slice.h"
#include "base/time.h"

enum {
    LEAF_MAX = 65535,       /* bytes a reader takes */
    LEAF_WRITE_MAX = 16384, /* bytes a writer makes */
    LEAF_TOTALS_MAX = 128,  /* classes in a block leaf */
    LEAF_SPANS_MAX = 1024,  /* spans in an erasure leaf */
    LEAF_FIELDS_MAX = 13,   /* of one type */
    LEAF_TEXT_MAX = 4000,
    LEAF_ID_MAX = 256
};

enum leaf_type {
#define LEAF(id, name) LEAF_##id,
#define FIELD(id, name, form, arg)
#include "ledger/leaf.def"
    LEAF_TYPES
};

enum leaf_reading {
    LEAF_KNOWN,     /* fields are as leaf.def says */
    LEAF_NEWER,     /* unknown type, or a higher version of a known one */
    LEAF_MALFORMED, /* known type and version, wrong fields: the log's fault */
    LEAF_FOREIGN    /* the first line is not of the grammar */
};

struct leaf {
    enum leaf_reading reading;
    enum leaf_type type;    /* LEAF_TYPES when the type is unknown */
    struct slice type_name; /* borrowed; empty when foreign */
    uint64_t version;
    struct slice body; /* borrowed: the canonical object; empty unless known */
    /* Its values in the order of leaf.def; when known. */
    struct slice value[LEAF_FIELDS_MAX];
    struct utime at; /* when known */
    char why[96];    /* what is wrong, when malformed */
};

/* Cannot fail; borrows from entry. */
void leaf_read(struct slice entry, struct leaf *ret);
const char *leaf_type_name(enum leaf_type type);          /* "start" … */
const char *leaf_reading_name(enum leaf_reading reading); /* "known" "newer" … */

/* Fields of a known leaf.  ERR_NOTFOUND: no such field, or of another kind. */
MUST_USE int leaf_text(const struct leaf *l, const char *field, struct slice *ret);
MUST_USE int leaf_number(const struct leaf *l, const char *field, uint64_t *ret);
MUST_USE int leaf_hash(const struct leaf *l, const char *field, struct hash *ret);
MUST_USE int leaf_time(const struct leaf *l, const char *field, struct utime *ret);
/* The field's canonical JSON, of any kind. */
MUST_USE int leaf_json(const struct leaf *l, const char *field, struct slice *ret);

/* ---- Writing ---- */

enum leaf_value_kind {
    LEAF_V_TEXT,
    LEAF_V_NUMBER,
    LEAF_V_BOOL,
    LEAF_V_HASH,
    LEAF_V_TIME,
    LEAF_V_JSON
};

struct leaf_value {
    const char *field;
    enum leaf_value_kind kind;
    union {
        struct slice text;       /* TEXT, JSON (canonical) */
        uint64_t number;         /* NUMBER, BOOL */
        const struct hash *hash; /* HASH; NULL writes "" */
        struct utime time;       /* TIME; negative writes "" */
    };
};

#define LEAF_TEXT(name, value)                                \
    {                                                         \
        .field = (name), .kind = LEAF_V_TEXT, .text = (value) \
    }
#define LEAF_NUMBER(name, value)                                  \
    {                                                             \
        .field = (name), .kind = LEAF_V_NUMBER, .number = (value) \
    }
#define LEAF_BOOL(name, value)                                  \
    {                                                           \
        .field = (name), .kind = LEAF_V_BOOL, .number = (value) \
    }
#define LEAF_HASH(name, value)                                \
    {                                                         \
        .field = (name), .kind = LEAF_V_HASH, .hash = (value) \
    }
#define LEAF_TIME(name, value)                                \
    {                                                         \
        .field = (name), .kind = LEAF_V_TIME, .time = (value) \
    }
#define LEAF_JSON(name, value)                                \
    {                                                         \
        .field = (name), .kind = LEAF_V_JSON, .text = (value) \
    }

/* Append one as canonical JSON. */
void buf_leaf_value(struct buf *b, const struct leaf_value *v);

/* Append a leaf of any type, version 1; `at` apart, values in any order.  What was written is
 * read back by leaf_read(): ERR_INVALID (ei says why) unless it is known; ERR_LIMIT over
 * LEAF_WRITE_MAX.  On failure b is as before. */
struct leaf_values {
    const struct leaf_value *value;
    unsigned count;
};
MUST_USE int leaf_write(struct buf *b, enum leaf_type type, struct utime at,
                        struct leaf_values values, struct errinfo *ei);

struct leaf_start {
    struct slice origin;
    uint64_t generation;
    struct slice party;
    struct slice software;
    bool test;
};
MUST_USE int leaf_write_start(struct buf *b, struct utime at, const struct leaf_start *v,
                              struct errinfo *ei);

struct leaf_total {
    struct slice class_; /* name */
    uint64_t events;
    uint64_t count;
};
struct leaf_block {
    uint64_t block;
    uint64_t events;
    uint64_t count;
    struct utime first;
    struct utime last;
    const struct leaf_total *totals; /* any order: written sorted by class name */
    unsigned total_count;            /* at most LEAF_TOTALS_MAX */
    struct hash root;
    struct hash figures;
    const struct hash *tables; /* NULL none */
    uint64_t size;             /* of the log's last signed checkpoint */
};
MUST_USE int leaf_write_block(struct buf *b, struct utime at, const struct leaf_block *v,
                              struct errinfo *ei);

struct leaf_heartbeat {
    struct utime from;
    struct utime until;
    uint64_t events;
    uint64_t packets;
    uint64_t drops;
    struct hash figures;
};
MUST_USE int leaf_write_heartbeat(struct buf *b, struct utime at,
                                  const struct leaf_heartbeat *v, struct errinfo *ei);
MUST_USE int leaf_write_gap(struct buf *b, struct utime at, const struct hash *detail,
                            struct errinfo *ei);

struct leaf_key {
    bool revoke;
    struct slice role; /* "log" "witness" "holder" "message" "seal" "tls" */
    struct slice key;  /* vkey, or hex */
    struct utime from;
    struct utime until;       /* negative: open */
    const struct hash *annex; /* NULL before the first */
};
MUST_USE int leaf_write_key(struct buf *b, struct utime at, const struct leaf_key *v,
                            struct errinfo *ei);

struct leaf_span {
    uint64_t first;
    uint64_t last; /* inclusive */
};
struct leaf_erasure {
    uint64_t block;
    struct slice scope;            /* "raw" "private" "all" "block" */
    const struct leaf_span *spans; /* sorted, disjoint */
    unsigned span_count;           /* at most LEAF_SPANS_MAX; 0 for "block" */
    struct slice rule;
    const struct hash *who; /* NULL: by the rule alone */
};
MUST_USE int leaf_write_erasure(struct buf *b, struct utime at, const struct leaf_erasure *v,
                                struct errinfo *ei);

enum leaf_hold_action { LEAF_HOLD_PLACE, LEAF_HOLD_EXTEND, LEAF_HOLD_RELEASE };
struct leaf_hold {
    struct slice case_; /* a name */
    enum leaf_hold_action action;
    struct utime until; /* negative: open */
    struct hash detail; /* commitment to leaf_open_hold() */
};
MUST_USE int leaf_write_hold(struct buf *b, struct utime at, const struct leaf_hold *v,
                             struct errinfo *ei);

struct leaf_restore {
    uint64_t size;
    struct hash root;
    const struct slice *checked; /* cosigner names that were asked */
    unsigned checked_count;
    struct slice lost; /* "none" "unknown" or a number */
};
MUST_USE int leaf_write_restore(struct buf *b, struct utime at, const struct leaf_restore *v,
                                struct errinfo *ei);

/* ---- Salted commitments to what leaves hide ---- */

enum { LEAF_SALT = 32 };

/* H("detente/commit/v1\n" || salt || opened); opened is a canonical array whose first element
 * names its kind.  The salt must be new and random each time. */
struct hash leaf_commit(const uint8_t salt[LEAF_SALT], struct slice opened);
/* 0 when opened is canonical, of that kind ("figures", "gap", "detected", "person", …) and
 * gives the commitment; ERR_PROOF otherwise. */
MUST_USE int leaf_commit_check(const struct hash *commitment, const uint8_t salt[LEAF_SALT],
                               struct slice opened, const char *kind);

struct leaf_figures {
    struct slice sensor;
    uint64_t events;
    uint64_t count;
    uint64_t packets;
    uint64_t drops;
    uint64_t rejected;
    uint64_t gap_us;
    bool healthy;
};
/* By sensor. */
void leaf_sort_figures(struct leaf_figures *rows, unsigned count);
/* `["figures",row…]`; rows must be sorted by sensor. */
void leaf_open_figures(struct buf *b, const struct leaf_figures *rows, unsigned count);
struct leaf_gap {
    struct utime from;
    struct utime until;
    const struct slice *sensors;
    unsigned sensor_count;
    struct slice reason; /* "sensor-silent" "drops" "clock" "stopped" "link" */
    struct slice text;
};
void leaf_open_gap(struct buf *b, const struct leaf_gap *v);
/* Of an object leaf: its STIX id, version (of one without versions when it was added) and the
 * SHA-256 of its bytes. */
void leaf_open_object(struct buf *b, struct slice id, struct utime version,
                      const struct hash *bytes);
void leaf_open_person(struct buf *b, struct slice user, struct slice role);

#endif
