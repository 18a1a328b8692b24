/* How the exchange of objects stands, for the page (docs/api.md, exchange): collections, what
 * may go to whom and what of it was taken back, sources, and hits of indicators.
 *
 * For this party's own readers only, never for counterparts.  Nothing of what is in objects is
 * said, but for the title of a collection. */
#ifndef DETENTE_ROLE_EXCHANGE_JSON_H
#define DETENTE_ROLE_EXCHANGE_JSON_H

#include "conf/conf.h"
#include "role/book.h"
#include "role/explain.h"

enum {
    EXCHANGE_COLLECTIONS = 256, /* that are told; the rest is counted, as of … */
    EXCHANGE_SOURCES = 64,
    EXCHANGE_SOURCE = 1 << 16, /* bytes of the state of one */
    EXCHANGE_ROWS = 1024,      /* of what is explained */
    EXCHANGE_JSON = 1 << 21,   /* bytes */
    /* What was said is said again for so long, and for so many times what it took to find: who
     * asks often does not hold up streams. */
    EXCHANGE_KEPT_US = 5000000,
    EXCHANGE_KEPT_TIMES = 20
};

/* A source as the file has it that who pulls it keeps (DIR/exchange/sources/NAME.json). */
struct exchange_source {
    char name[65];
    char title[257];
    char fault[257];    /* "" none */
    struct utime tried; /* 0 never, as all of these */
    struct utime succeeded;
    struct utime fault_since;
    struct utime next; /* when it is pulled by itself; 0 never */
    uint32_t every_s;
    uint64_t added; /* objects, of all time */
    uint64_t refused;
};
/* text is written to.  What is not there, or of another form, is left 0; ERR_INVALID: it is no
 * object of JSON; ERR_LIMIT, ERR_NOMEM. */
MUST_USE int exchange_source_read(char *text, size_t len, struct exchange_source *ret);

struct exchange_ask {
    struct store *store;
    const struct book *book; /* NULL: no pact */
    const struct conf *conf;
    struct utime now;
    const struct exchange_source *source;
    unsigned sources; /* of these, at most EXCHANGE_SOURCES … */
    unsigned known;   /* … and in all */
};
/* One object, appended.  ERR_IO, ERR_NOMEM, ERR_LIMIT. */
MUST_USE int exchange_json(const struct exchange_ask *a, struct buf *ret);
/* The rows of explain_each(), as one object; none when no collection has it. */
MUST_USE int exchange_explain_json(const struct explain_ask *a, struct buf *ret);

#endif
