/* The collections of a pact as they go into a bundle for one of its parties: what the gate of
 * egress lets go, in parts (taxii/cargo.h), and what of it the log has to say. */
#ifndef DETENTE_CLI_CRATES_H
#define DETENTE_CLI_CRATES_H

#include "exchange/bundle.h"
#include "taxii/egress.h"

enum { CRATES_BYTES = 256 << 20 /* of objects in one bundle */ };

struct crates; /* opaque */

struct crates_ask {
    const struct egress_to *to; /* with its store, of which a snapshot stands */
    struct slice pact;
    struct utime after; /* objects that were added after that; negative: all */
};

struct crates_sum {
    unsigned collections;
    uint64_t objects;   /* that go */
    uint64_t stay;      /* that may not */
    bool more;          /* there was no room for all … */
    struct utime reach; /* … and these were added after that */
};

/* Judge and measure all; the ask and what it points to must outlive *ret.  Some 30 µs an
 * object.  ERR_NOMEM, ERR_LIMIT, or an error of the store, with ei. */
MUST_USE int crates_open(const struct crates_ask *a, struct crates **ret, struct errinfo *ei);
struct crates *crates_close(struct crates *c); /* NULL is fine; gives NULL */
void crates_sum(const struct crates *c, struct crates_sum *ret);

/* Members, and one of them; its path is borrowed. */
unsigned crates_count(const struct crates *c);
const struct bundle_file *crates_file(const struct crates *c, unsigned i);
/* The bytes of the one with that path, appended: the same as were measured as long as the
 * snapshot stands.  ERR_NOTFOUND. */
MUST_USE int crates_get(struct crates *c, struct slice path, struct buf *ret);

/* The leaves of what goes, durable, before any of it does: by the node that runs in dir, or
 * here.  ERR_* with ei. */
MUST_USE int crates_record(struct crates *c, const char *dir, struct errinfo *ei);

#endif
