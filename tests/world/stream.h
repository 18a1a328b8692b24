/* A source that never ends: line k of stream s is the same bytes whenever it is asked for, so
 * that what was kept can be compared with what was fed.  The reading side does what
 * role/sensor.c does: after a start it goes on where the store says, known by its first bytes.
 */
#ifndef DETENTE_WORLD_STREAM_H
#define DETENTE_WORLD_STREAM_H

#include <stdbool.h>

#include "base/buf.h"
#include "decode/decode.h"
#include "role/engine_step.h"
#include "store/store.h"

#define WORLD_BEGINS INT64_C(1772366400000000) /* 2026-03-01T12:00:00Z */

enum stream_kind { LINE_ALERT, LINE_FLOW, LINE_DNS, LINE_BROKEN, LINE_NO_ADDRESS, LINE_BLANK };

struct stream {
    uint64_t seed;
    unsigned id;
    char name[16];
    bool rich; /* some lines are long */
    /* The file that is written. */
    struct buf file;
    uint32_t *end; /* of each of its lines */
    uint32_t lines;
    uint32_t room;
    uint64_t first;             /* number of its first line */
    struct decode_stats before; /* of the files before */
    /* The sensor that reads it. */
    struct decoder *decoder;
    struct rule_map rules;
    struct decode_place place;
    struct frame *frame;
    struct store_source src;
    uint64_t base;
    uint64_t at; /* bytes given to the decoder */
};

void stream_init(struct stream *f, unsigned id, uint64_t seed);
void stream_release(struct stream *f);

enum stream_kind stream_kind(const struct stream *f, uint64_t line);
/* Append line k with its LF. */
void stream_line(const struct stream *f, uint64_t line, struct buf *to);
/* Which line a raw unit was: -1 when it says nothing. */
int64_t stream_number(struct slice raw, unsigned *ret_stream);
/* The next line at or behind `line` that is an attack. */
uint64_t stream_next_attack(const struct stream *f, uint64_t line);

/* n more lines; the last one without its end when `torn`, until the next call. */
void stream_write(struct stream *f, unsigned n, bool torn);
/* Another file; the old one was taken to its end. */
void stream_rotate(struct stream *f);
struct slice stream_head(const struct stream *f);
/* Lines and figures of everything up to an offset of the file; false when no line ends there.
 */
bool stream_upto(const struct stream *f, uint64_t offset, uint64_t *ret_line,
                 struct decode_stats *ret);

/* The sensor's start in a node that has just been opened. */
MUST_USE int stream_open(struct stream *f, struct store *s, struct dict *d);
void stream_close(struct stream *f);
/* Everything that waits goes to the engine; 0 or what role_step() says. */
MUST_USE int stream_step(struct stream *f, struct engine_role *role, struct errinfo *ei);
bool stream_is_done(const struct stream *f); /* all whole lines were given */

#endif
