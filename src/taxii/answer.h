/* What is answered to a TAXII 2.1 request (OASIS TAXII 2.1, sections 4 and 5), from the store.
 *
 * Objects go out as they came, byte by byte.  A page costs its own rows at any depth (some 2 µs
 * an object). */
#ifndef DETENTE_TAXII_ANSWER_H
#define DETENTE_TAXII_ANSWER_H

#include "base/buf.h"
#include "taxii/request.h"

/* A collection and what who asks may do with it. */
struct taxii_collection {
    int64_t number;
    unsigned rights;
    char id[COLLECTION_ID + 1];
    char name[65];
    char pact[65];
    char party[33]; /* whose objects these are; "" the node's own */
};

/* Whose node it is, and who asks. */
struct taxii_ground {
    struct store *store;
    struct utime now;   /* 0: not known */
    struct slice title; /* of the node */
    struct slice contact;
    int64_t person;    /* 0 nobody */
    struct slice pact; /* whose collections who asks may read as a party to it; "" none */
    /* May that object go to who asks (1), or not (0)?  NULL: all may.  An error ends it. */
    int (*may_go)(void *arg, const struct taxii_collection *c, const struct store_object *o);
    /* It went, on a page that is not sent yet. */
    int (*went)(void *arg, const struct taxii_collection *c, const struct store_object *o);
    void *arg;
};

struct taxii_answer {
    unsigned status;
    bool has_dates; /* of X-TAXII-Date-Added-First and -Last */
    struct utime first;
    struct utime last;
};

/* By its id or alias, for who need not ask; without rights.  ERR_NOTFOUND. */
MUST_USE int taxii_look(struct store *s, struct slice id_or_alias,
                        struct taxii_collection *ret);
/* ERR_NOTFOUND: there is none, or they may neither read nor write it. */
MUST_USE int taxii_find(const struct taxii_ground *g, struct slice id_or_alias,
                        struct taxii_collection *ret);

/* Is there a version of that object, whatever is asked of it, that whoever asks may have? Looks
 * at so many as a page does. */
MUST_USE int taxii_has(const struct taxii_ground *g, const struct taxii_collection *c,
                       struct slice object, bool *ret);

/* A GET: the body appended to `to`, an error object unless the status is 200.  A negative ERR_*
 * only when the store cannot be read or there is no memory. */
MUST_USE int taxii_get(const struct taxii_ground *g, const struct taxii_ask *a, struct buf *to,
                       struct taxii_answer *ret);

/* The error object of 1.6.6; description NULL: none. */
void taxii_refuse(struct buf *to, unsigned status, const char *description);
/* The status resource of an outcome.  ERR_NOTFOUND. */
MUST_USE int taxii_status(const struct taxii_ground *g, struct slice id, struct buf *to);

#endif
