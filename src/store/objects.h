/* Collections of STIX objects as TAXII 2.1 has them (OASIS TAXII 2.1, sections 3 to 5), who may
 * read and write them, and what became of each request to add some.
 *
 * An object is kept as it came, byte by byte, once for each version.  Its place is the time
 * when it was added, in microseconds: unique over all collections and strictly rising with the
 * log, so a place is a cursor that misses nothing and gives nothing twice.  Calls that change
 * something belong into a transaction (store_begin()). */
#ifndef DETENTE_STORE_OBJECTS_H
#define DETENTE_STORE_OBJECTS_H

#include "store/store.h"

enum {
    COLLECTIONS_MAX = 4096,
    COLLECTION_ID = 36,
    COLLECTION_TITLE_MAX = 256,        /* bytes */
    COLLECTION_DESCRIPTION_MAX = 1024, /* bytes */
    OBJECT_ID_MAX = 320,               /* bytes: 250 of a type, and a UUID */
    OBJECT_BODY_MAX = 8 << 20,
    OBJECT_SALT = 32,
    MATCH_VALUES = 256, /* of one filter */
    OUTCOME_KEEP_S = 172800
};

struct store_collection {
    int64_t number; /* 0: new */
    struct slice id;
    struct slice name; /* [a-z][a-z0-9-]*: of its leaves, and its alias */
    struct slice title;
    struct slice description;
    struct slice pact;  /* "" none; its parties may read */
    struct slice party; /* whose objects these are, "" this node's own */
    struct utime made;
    bool followed; /* its indicators are looked for (role/watchlist.h) */
};
/* Gives its number.  ERR_CONF: id or name is taken; ERR_LIMIT. */
MUST_USE int store_add_collection(struct store *s, const struct store_collection *c,
                                  int64_t *ret);
/* In the order in which they were made; texts are borrowed for the call.  A result other than 0
 * stops and is given back. */
MUST_USE int store_each_collection(struct store *s,
                                   int (*each)(void *arg, const struct store_collection *c),
                                   void *arg);

MUST_USE int store_follow_collection(struct store *s, int64_t collection, bool follow);

enum { RIGHT_READ = 1, RIGHT_WRITE = 2 };
MUST_USE int store_set_right(struct store *s, int64_t collection, int64_t person,
                             unsigned rights);
MUST_USE int store_get_right(struct store *s, int64_t collection, int64_t person,
                             unsigned *ret);

struct store_object {
    int64_t collection;
    struct utime added;   /* its place */
    struct slice id;      /* as it stands in the object */
    struct slice type;    /* … */
    struct slice spec;    /* spec_version */
    struct slice version; /* `modified` or `created` as it stands; "" of what has neither … */
    struct utime version_at; /* … then the time when it was added */
    struct slice body;
    struct hash hash; /* SHA-256 of body */
    uint8_t salt[OBJECT_SALT];
    uint64_t leaf;
    int64_t poster; /* person */
    bool first;     /* of its versions here */
    bool last;
};
/* The place that comes next at that time. */
MUST_USE int store_next_place(struct store *s, struct utime now, struct utime *ret);
/* Which versions of an id are there: by time the first and the last, and that of o. */
struct store_versions {
    bool any;
    struct utime first;
    struct utime last;
    int64_t first_place;
    int64_t last_place;
    int64_t same_place; /* 0: it is not there */
};
MUST_USE int store_find_versions(struct store *s, const struct store_object *o,
                                 struct store_versions *ret);
/* v: of o, as it is now, and without that version.  Many in one transaction share what they
 * cost, and store_end_objects() comes before its end. */
MUST_USE int store_put_object(struct store *s, const struct store_object *o,
                              const struct store_versions *v);
MUST_USE int store_end_objects(struct store *s);

/* That version of it, or with a negative one the last; ERR_NOTFOUND, or what each gives. */
MUST_USE int store_get_version(struct store *s, const struct store_object *which,
                               int (*each)(void *arg, const struct store_object *o), void *arg);

/* What to give; an empty list of values fits all.  Values of one list are alternatives, the
 * lists are joined by AND (TAXII 2.1, 3.4). */
struct match {
    struct slice at[MATCH_VALUES];
    uint32_t count;
};
/* How much is looked at for one question: rows that filters leave out cost too. */
struct object_bound {
    uint64_t rows;        /* that may still be looked at */
    struct utime reached; /* the last of them, when that ended it; negative: it did not */
};
struct object_query {
    int64_t collection;
    struct utime after; /* places above that; negative: all */
    struct match id;
    struct match type;
    struct match spec;
    bool first; /* versions: any that is wanted fits … */
    bool last;
    bool all;
    struct utime version[MATCH_VALUES]; /* … among them those of that time */
    uint32_t versions;
    /* Of an object that is here in several versions of STIX, those that `spec` names, else
     * those of the newest, are all that first, last and all are of (TAXII 2.1, 3.4). */
    bool by_spec;
    bool bodies;                /* else body is "" */
    struct object_bound *bound; /* NULL: all that there are are looked at */
};
/* By place, rising, until each gives something other than 0, which is given back.  Texts are
 * borrowed for the call.  A page costs its own rows, at any depth: places, types and ids are
 * indexed; other filters cost the rows that they leave out.  by_spec costs some 20 µs a row
 * where the collection has objects of STIX 2.0, else nothing. */
MUST_USE int store_each_object(struct store *s, const struct object_query *q,
                               int (*each)(void *arg, const struct store_object *o), void *arg);
/* The one at that place; ERR_NOTFOUND, or what each gives. */
MUST_USE int store_get_object(struct store *s, int64_t place,
                              int (*each)(void *arg, const struct store_object *o), void *arg);
/* Remove that one: its bytes are erased; its names, its hash and what opens the leaf of its end
 * (o->salt and o->leaf) stay. */
MUST_USE int store_drop_object(struct store *s, const struct store_object *o, struct utime now);
MUST_USE int store_count_objects(struct store *s, int64_t collection, uint64_t *ret);

/* A request to add objects, and what became of it: kept for two days. */
struct store_outcome {
    struct slice id; /* UUID */
    struct utime at;
    int64_t collection;
    int64_t person;
    uint64_t total;
    uint64_t added; /* those from first on, by place; … */
    struct utime first;
    struct slice same;   /* … JSON items of those that were there … */
    struct slice failed; /* … and of those that were refused */
    uint64_t same_count;
    uint64_t failed_count;
};
/* Older ones than OUTCOME_KEEP_S go. */
MUST_USE int store_put_outcome(struct store *s, const struct store_outcome *o);
/* Texts stay until the next call on s.  ERR_NOTFOUND. */
MUST_USE int store_get_outcome(struct store *s, struct slice id, struct store_outcome *ret);

#endif
