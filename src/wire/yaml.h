/* A small, strict part of YAML as a tree, with the place of every key and value.
 *
 * What configurations need: maps, lists, scalars, comments, one document.  Refused, with
 * place: anchors, aliases, tags, directives, merge keys, keys that are no scalars, duplicate
 * keys, a second document, control characters, bytes that are no UTF-8.  Scalars stay text;
 * what `no` or `1e3` means is for the reader of the field to say.  Tokens by libyaml.
 *
 * Limits: YAML_BYTES of text, YAML_DEPTH levels, YAML_NODES nodes (keys count).  Pure. */
#ifndef DETENTE_WIRE_YAML_H
#define DETENTE_WIRE_YAML_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum {
    YAML_BYTES = 1 << 20,
    YAML_DEPTH = 16,
    YAML_NODES = 10000,
    YAML_ARENA = 3 << 20 /* bytes of arena that always suffice */
};

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind kind;
    bool plain;                  /* a scalar without quotes */
    unsigned line;               /* 1-based */
    unsigned column;             /* 1-based, bytes */
    struct slice text;           /* of a scalar; NUL-terminated, without NUL inside */
    unsigned count;              /* children */
    struct yaml_node *first;     /* child */
    struct yaml_node *next;      /* sibling */
    const struct yaml_node *key; /* of a map's child: the scalar before the colon */
};

/* The root, in the arena; an empty document gives an empty map.  ERR_INVALID or ERR_LIMIT
 * with line and column in ei, ERR_NOMEM when the arena is full. */
MUST_USE int yaml_parse(struct arena *a, struct slice text, const struct yaml_node **ret,
                        struct errinfo *ei);

/* `a map`, `a list`, `a value`. */
const char *yaml_kind_name(enum yaml_kind kind);

/* The known word that is nearest to one that is none, for `did you mean`; NULL when none is
 * near.
 */
const char *yaml_nearest(const char *word, const char *const *known, unsigned count);

/* A scalar as YAML writes it: plain where every reader takes it for text, else quoted. */
struct buf;
void yaml_print(struct buf *to, struct slice text);

#endif
