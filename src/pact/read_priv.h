/* Reading YAML by tables: each row is a key, its type, and where its value goes. */
#ifndef DETENTE_PACT_READ_PRIV_H
#define DETENTE_PACT_READ_PRIV_H

#include <stddef.h>

#include "base/arena.h"
#include "base/time.h"
#include "pact/pact.h"
#include "wire/yaml.h"

enum field_type {
    F_TEXT,     /* const char *: any, at most `most` bytes; empty only when least is 0 */
    F_WORD,     /* const char *: one of words */
    F_FORM,     /* const char *: form() says whether it is one; "" when least is 0 */
    F_SPAN,     /* struct span: least … most seconds */
    F_TIME,     /* struct utime: `YYYY-MM-DDTHH:MM:SSZ`; "" is 0 when least is 0 */
    F_INT,      /* int64_t: least … most */
    F_PERCENT,  /* int64_t, ppm: 0 … 100, one decimal */
    F_BOOL,     /* bool */
    F_TEXTS,    /* struct pact_texts: each as F_FORM or of words; `most` of them */
    F_PREFIXES, /* struct pact_prefixes */
    F_MAP,      /* another table, at the same base */
    F_SELF      /* take() does it */
};

struct reader;

struct field {
    const char *name; /* NULL ends the table */
    enum field_type type;
    size_t at; /* offset in what is filled */
    bool needed;
    int64_t least;
    int64_t most;
    const char *const *words; /* ends with NULL */
    bool (*form)(struct slice s);
    const char *what; /* of a form, for people: "a party's name" */
    const struct field *map;
    int (*take)(struct reader *r, const struct yaml_node *n, void *base);
};

struct reader {
    struct arena *arena;
    struct errinfo *ei;
    pact_warn *warn;
    void *warn_arg;
    struct pact *pact;
};

/* The tree of what is to be signed.  A signed note has no control character but LF, which YAML
 * would let pass.  ERR_CONF: with line and column; ERR_NOMEM. */
MUST_USE int read_yaml(struct reader *r, struct slice text, const struct yaml_node **ret);
/* Every key of map that is in the table, at base; unknown and missing ones are refused. */
MUST_USE int read_map(struct reader *r, const struct field *fields, const struct yaml_node *map,
                      void *base);
/* A list of maps of one table, `size` bytes each, at most `most`; *ret is in the arena.  line
 * (an offset, SIZE_MAX none): where each keeps its line. */
MUST_USE int read_maps(struct reader *r, const struct field *fields,
                       const struct yaml_node *list, size_t size, size_t line, unsigned most,
                       void **ret, unsigned *ret_count);
int read_refuse(struct reader *r, const struct yaml_node *n, const char *fmt, ...) PRINTF(3, 4);
void read_warn(struct reader *r, unsigned line, const char *fmt, ...) PRINTF(3, 4);
/* The child of a map under that key, NULL when it has none. */
const struct yaml_node *read_find(const struct yaml_node *map, const char *key);

/* check.c: what no single value shows. */
MUST_USE int pact_check(struct reader *r, const struct yaml_node *root);

#endif
