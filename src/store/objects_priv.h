/* Between the files of collections: the bytes of objects, many in a compressed chunk. */
#ifndef DETENTE_STORE_OBJECTS_PRIV_H
#define DETENTE_STORE_OBJECTS_PRIV_H

#include "store/objects.h"
#include "store/store_priv.h"

enum {
    OBJECTS_SCHEMA = 11, /* with these tables */
    WATCH_SCHEMA = 13    /* … and what is looked for of them */
};

/* Append bytes to the open chunk, which is begun when there is none.  A full one goes to its
 * row; what is open is only in memory until chunk_flush(). */
MUST_USE int chunk_add(struct store *s, struct slice body, int64_t *ret_number,
                       uint64_t *ret_offset);
MUST_USE int chunk_flush(struct store *s);
/* Borrowed until the next call on chunks.  ERR_IO: it is not there, or damaged. */
MUST_USE int chunk_get(struct store *s, int64_t number, uint64_t offset, uint64_t size,
                       struct slice *ret);
/* Those bytes are no more: in memory, and in their row when another chunk is looked at, or by
 * chunk_settle(), which store_commit() does. */
MUST_USE int chunk_blank(struct store *s, int64_t number, uint64_t offset, uint64_t size);
MUST_USE int chunk_settle(struct store *s);
/* What is open was not, and what was kept may be another. */
void chunk_forget(struct store *s);
void chunk_close(struct store *s);

/* Runs: which places are whose.  An index by collection and one by type would cost each object
 * two inserts; objects come many at a time, of one collection and mostly of one type, and
 * places only rise.  So a row tells of up to RUN_MOST of them, which is also what a page may
 * have to pass over to find one that is the newest of its id. */
enum { RUN_MOST = 256 };
/* The newest object, at the end of the open run or in one of its own. */
MUST_USE int run_add(struct store *s, const struct store_object *o, int64_t type);
/* Of the object at that place: so many more are the newest of their ids, and are there. */
MUST_USE int run_change(struct store *s, int64_t collection, int64_t place, int live,
                        int count);
/* The open one to its row; it goes on with what comes next. */
MUST_USE int run_flush(struct store *s);

/* Keys: where versions of an id are.  An index by ids would be written all over for each
 * request, as ids are random.  So new ones go to rows of KEYS_ROW of them, and many at once, in
 * order, to the index. */
enum { KEYS_ROW = 1024 };
MUST_USE int keys_put(struct store *s, const struct store_object *o);
/* Those that were put to their row, or to the index. */
MUST_USE int keys_flush(struct store *s);
/* Its key is no more; from then on it is not found. */
MUST_USE int keys_drop(struct store *s, const struct store_object *o);
/* Before the transaction ends: rows that something was dropped from. */
MUST_USE int keys_settle(struct store *s);
void keys_forget(struct store *s);
void keys_close(struct store *s);

/* A row of OBJECT_EACH or OBJECT_GET, its body when it is wanted. */
MUST_USE int object_read(struct store *s, sqlite3_stmt *st, bool body,
                         struct store_object *ret);

/* Each place that an id may have, and the time of that version; other ids too, seldom. */
MUST_USE int object_places(struct store *s, int64_t collection, struct slice id,
                           int (*each)(void *arg, int64_t place, int64_t at), void *arg);
/* The number of a type; ERR_NOTFOUND. */
MUST_USE int object_type(struct store *s, struct slice name, int64_t *ret);

#endif
