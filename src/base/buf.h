/* A growing byte buffer with a hard limit: input can never make it pass `max`.
 *
 * Errors are sticky: after a failed append (limit or memory) every further append does
 * nothing, and buf_error() tells which; so a writer checks once, at the end.  A buffer
 * belongs to one thread. */
#ifndef DETENTE_BASE_BUF_H
#define DETENTE_BASE_BUF_H

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

struct buf {
    char *ptr;   /* owned */
    size_t len;  /* bytes written */
    size_t room; /* bytes allocated */
    size_t max;  /* hard limit of len */
    int error;   /* 0, ERR_NOMEM or ERR_LIMIT */
};

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);
/* A local that is released when its block is left, by whatever way.  Limit and declaration are
 * one, so that no way out can come before the buffer is one. */
#define AUTO_BUF(name, limit) \
    __attribute__((cleanup(buf_release))) struct buf name = {.max = (limit)}

/* Room for n more bytes; the place to write them, or NULL.  Advance with buf_wrote(). */
char *buf_reserve(struct buf *b, size_t n);
static inline void
buf_wrote(struct buf *b, size_t n)
{
    b->len += n;
}
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_slice(struct buf *b, struct slice s);
void buf_text(struct buf *b, const char *text);
void buf_char(struct buf *b, char c);
void buf_u64(struct buf *b, uint64_t n); /* decimal */
void buf_i64(struct buf *b, int64_t n);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
/* JSON string with quotes, escaped as RFC 8785 does; s is taken as valid UTF-8. */
void buf_json(struct buf *b, struct slice s);
void buf_reset(struct buf *b); /* forget the bytes and the error, keep the memory */

static inline struct slice
buf_get(const struct buf *b)
{
    return (struct slice){b->ptr, b->len};
}

static inline int
buf_error(const struct buf *b)
{
    return b->error;
}

#endif
