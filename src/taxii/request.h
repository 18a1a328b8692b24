/* What a TAXII 2.1 request asks for (OASIS TAXII 2.1, sections 1.6, 3 and 5): from path, query
 * and headers to a value, strictly.  Pure.
 *
 *     /taxii2/                                              discovery
 *     /taxii2/exchange/                                     the one API root
 *     /taxii2/exchange/status/ID/
 *     /taxii2/exchange/collections/[ID/[objects/[OBJECT/[versions/]]|manifest/]]
 *
 * A collection is named by its id or its alias.  Paths end in `/`. */
#ifndef DETENTE_TAXII_REQUEST_H
#define DETENTE_TAXII_REQUEST_H

#include "base/err.h"
#include "store/objects.h"

#define TAXII_MEDIA "application/taxii+json;version=2.1"
#define TAXII_ROOT  "/taxii2/exchange/"

enum {
    TAXII_LIMIT = 1000,      /* objects of a page, unless fewer are asked for … */
    TAXII_PAGE = 8 << 20,    /* … and bytes, but for one object that is larger */
    TAXII_CONTENT = 8 << 20, /* bytes of a body: max_content_length */
    TAXII_OBJECTS = 20000,   /* of one body */
    TAXII_QUERY = 32 * 1024  /* bytes of a query that is looked at */
};

enum taxii_what {
    TAXII_DISCOVERY,
    TAXII_API_ROOT,
    TAXII_STATUS,
    TAXII_COLLECTIONS,
    TAXII_COLLECTION,
    TAXII_OBJECTS_OF, /* GET and POST */
    TAXII_OBJECT,     /* GET and DELETE */
    TAXII_VERSIONS,
    TAXII_MANIFEST
};
enum taxii_method { TAXII_GET = 1, TAXII_POST = 2, TAXII_DELETE = 4 };

/* Borrowed from the path and the query. */
struct taxii_ask {
    enum taxii_what what;
    struct slice collection; /* id or alias */
    struct slice object;
    struct slice status;
    bool has_limit;
    uint64_t limit;
    bool has_after;
    struct utime after; /* added_after */
    struct slice next;  /* "" none */
    bool has_version;
    struct object_query query; /* its collection, after and by_spec are not set */
    unsigned seen;             /* parameters so far */
};

/* ERR_NOTFOUND: nothing stands there. */
MUST_USE int taxii_route(struct slice path, struct taxii_ask *ret);
/* The methods that it takes. */
unsigned taxii_methods(enum taxii_what what);
/* One parameter, its escapes resolved; value outlives *ret.  ERR_INVALID with one line in ei:
 * out of form, or twice.  What is not known is passed over, as 3.4 allows. */
MUST_USE int taxii_take(struct taxii_ask *ret, struct slice name, struct slice value,
                        struct errinfo *ei);

/* Does the Accept header let TAXII 2.1 be sent (1.6.8; RFC 9110 12.5.1)?  Lists, q-values,
 * wildcards, any white space, with and without version. */
bool taxii_accepts(struct slice header);
/* Is a body of that Content-Type one of TAXII 2.1? */
bool taxii_is_content(struct slice header);

/* A cursor: where a page ended, for the same question alone. */
void taxii_put_cursor(struct buf *to, const struct taxii_ask *a, int64_t collection,
                      struct utime place);
/* ERR_INVALID: it is none, or of another question. */
MUST_USE int taxii_read_cursor(const struct taxii_ask *a, int64_t collection,
                               struct utime *ret);

#endif
