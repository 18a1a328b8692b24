/* An envelope of objects that somebody posts (OASIS TAXII 2.1, 3.7 and 5.4), read and judged
 * before it goes to whoever keeps them: which are good, which are here already, which are
 * refused and why.
 *
 * Good are objects of STIX 2.1 (stix/object.h), of any custom type too, and those of 2.0 whose
 * names and times are such.  A new version of an object comes from who created it (its
 * created_by_ref), and none behind one that is revoked (STIX 2.1, 3.6).
 *
 * What is revoked of this party's own that others may read is told as what is deleted is: by an
 * object of taxii/retract.h behind it, which names no version that is gone, so that their
 * receipt says that they have the version that revokes.
 *
 * Consent of another party (taxii/egress.h) lets others have what came before it: that comes
 * again behind it, as far as a request has room. */
#ifndef DETENTE_TAXII_LOAD_H
#define DETENTE_TAXII_LOAD_H

#include "model/person.h"
#include "taxii/answer.h"
#include "taxii/egress.h"

/* ---- the form in which a request goes on to whoever keeps objects ---- */

enum load_what { LOAD_ADD = 1, LOAD_DROP };

enum {
    LOAD_OBJECTS = 100000,  /* of one request */
    LOAD_BYTES = 64 << 20,  /* of it in all */
    LOAD_VERSION = 40,      /* bytes of a version's text */
    LOAD_FAILURES = 8 << 20 /* bytes of what is told of refused ones; more are only counted */
};

struct load_ask {
    uint32_t what; /* enum load_what */
    uint32_t count;
    struct person_credential with;
    int64_t collection;
    uint64_t total; /* of which the outcome tells */
    uint64_t same_count;
    uint64_t failed_count;
    uint32_t same;   /* bytes of its items, … */
    uint32_t failed; /* … which stand before the objects */
    uint64_t bytes;  /* of all that comes behind this */
    /* Behind all else stand so many objects of the node's own that say what was done, and are
     * added without being counted.  LOAD_DROP: one, behind the places, when something went. */
    uint32_t said;
    /* LOAD_ADD: behind the objects stand so many places: what is there goes, and comes anew
     * behind them, so that who asks for what is new gets it */
    uint32_t again;
    char outcome[COLLECTION_ID + 1]; /* "": nobody will ask what came of it */
};

/* Before the texts of each object: id, type, spec, version, body.  To be dropped, or to come
 * again: the place alone. */
struct load_head {
    int64_t version_at; /* negative: it has none, and gets the time of its place */
    int64_t place;      /* of what is to be dropped, or to come again */
    uint32_t id;
    uint32_t type;
    uint32_t spec;
    uint32_t version;
    uint32_t body;
    uint32_t pad;
};

/* ---- reading ---- */

struct load {
    struct load_ask ask; /* but for with and outcome */
    struct buf same;
    struct buf failed;
    bool many_failed; /* too many to be told */
    struct buf objects;
    struct buf again; /* places */
    struct buf said;  /* LOAD_ADD: objects */
};
void load_init(struct load *l);
void load_release(struct load *l);

/* body, an envelope.  ERR_INVALID: it is no JSON (ei says where); ERR_CONF: it is no envelope;
 * ERR_LIMIT: too many objects; ERR_NOMEM, or an error of the store. */
MUST_USE int load_read(const struct taxii_ground *g, const struct taxii_collection *c,
                       struct slice body, struct load *ret, struct errinfo *ei);

/* That place is to come again, with the objects of l.  ERR_LIMIT: there are LOAD_OBJECTS. */
MUST_USE int load_again(struct load *l, struct utime place);

/* The objects that a DELETE names, and the retraction that takes their place, where other
 * parties may read the collection: with that id, at that time.  ERR_NOTFOUND: there are none.
 */
struct load_drop {
    const struct taxii_ask *ask;
    struct egress_to to; /* for its store, unmarked and now */
    uint8_t random[16];
};
MUST_USE int load_drop(const struct taxii_ground *g, const struct taxii_collection *c,
                       const struct load_drop *d, struct load *ret);

#endif
