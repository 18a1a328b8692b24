/* A JSON document that is too large to be held, in batches of whole records, each a document of
 * the same shape with fewer of them.  Bytes come in pieces of any size.
 *
 * Where the records are: the values of an array; values one behind the other (one a line or
 * not); the values of one member of an object, which is an array; or the members of an object.
 * What is not a record (the head) is kept and given at the end. */
#ifndef DETENTE_WIRE_BATCH_H
#define DETENTE_WIRE_BATCH_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum {
    BATCH_BYTES = 4 << 20,   /* a batch is given once it has so many … */
    BATCH_RECORD = 32 << 20, /* … and is never longer than this, so that no record is */
    BATCH_HEAD = 1 << 20
};

/* text may be written to.  Lines and columns that it puts into ei are those of the batch; they
 * are made those of the document.  Not 0 ends the reading. */
typedef int batch_take(void *arg, char *text, size_t len, struct errinfo *ei);

struct batch {
    const char *member; /* of the object that has the records */
    bool members;       /* the members of the object are the records */
    batch_take *take;
    void *arg;
    size_t want;      /* BATCH_BYTES; tests have less */
    struct buf text;  /* the batch that is being filled */
    struct buf head;  /* what is no record */
    struct buf key;   /* a string of the head */
    uint64_t given;   /* batches */
    unsigned depth;   /* of open braces and brackets */
    unsigned records; /* depth at which they are */
    char close;       /* what ends a batch; 0: they stand one behind the other */
    enum { BATCH_START, BATCH_IN_HEAD, BATCH_IN_RECORDS, BATCH_BEHIND } state;
    enum { BATCH_KEY_NONE, BATCH_KEY_READ, BATCH_KEY_OURS, BATCH_KEY_COLON } keyed;
    bool string;
    bool escape;
    bool cut;                            /* the next batch begins at the comma that comes */
    unsigned line, column;               /* of the byte that comes next */
    unsigned from_line, from_column;     /* of the batch's first byte */
    unsigned string_line, string_column; /* of the string that is being read */
};

/* member NULL and members false: values in an array or one behind the other, which also do
 * where an object is expected.  Nothing is taken until bytes come. */
void batch_init(struct batch *b, const char *member, bool members, batch_take *take, void *arg);
void batch_release(struct batch *b);
/* ERR_INVALID: brackets that do not fit, or a string that its line does not end, with the
 * place; ERR_LIMIT: a record or the head is too long; ERR_NOMEM; what take() gave. */
MUST_USE int batch_feed(struct batch *b, struct slice piece, struct errinfo *ei);
/* No more bytes come.  ERR_INVALID: it ends in the middle; inside a
 * string the place is where that begins. */
MUST_USE int batch_end(struct batch *b, struct errinfo *ei);
/* The object without its records, `"member":[]` in their place; "" there was none.  After
 * batch_end(). */
struct slice batch_head(const struct batch *b);

#endif
