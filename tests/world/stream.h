/* A source that never ends: line k of stream s is the same bytes whenever it is asked for, so
 * that what was kept can be compared with what was fed.  The file is real memory with a
 * descriptor, so that the real sensor (role/sensor.c) follows it, over rotation too, and the
 * engine's end of its link (role/feed.c) takes what it made. */
#ifndef DETENTE_WORLD_STREAM_H
#define DETENTE_WORLD_STREAM_H

#include <stdbool.h>

#include "base/buf.h"
#include "role/feed.h"
#include "role/sensor.h"

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
    int fd;                     /* of the file that has the name now */
    uint64_t written;           /* bytes there */
    /* The sensor that reads it, and the feed that hears it. */
    struct sensor *sensor;
    struct slot *slot[2];
    unsigned using; /* the one that is the sensor's */
    struct slot_work work;
    struct feed feed;
    struct feed_place place;
    const struct conf *conf;
    struct errinfo *ei;
    bool dies; /* in its next step, behind decoding */
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
/* Another file, or with `cut` the same one made empty, which the sensor must see before more is
 * written; what was there was taken to its end. */
void stream_rotate(struct stream *f, bool cut);
struct slice stream_head(const struct stream *f);
/* Lines and figures of everything up to an offset of the file; false when no line ends there.
 */
bool stream_upto(const struct stream *f, uint64_t offset, uint64_t *ret_line,
                 struct decode_stats *ret);

/* The sensor's start in a node that has just been opened. */
MUST_USE int stream_open(struct stream *f, const struct feed_place *p, const struct conf *conf);
void stream_close(struct stream *f);
/* Everything that waits goes to the engine; 0 or what role_step() says.  A sensor that dies, or
 * whose question finds the disk full, is started again. */
MUST_USE int stream_step(struct stream *f, struct errinfo *ei);
/* How far it was taken. */
static inline uint64_t
stream_taken(const struct stream *f)
{
    return f->feed.source.offset;
}
bool stream_is_done(const struct stream *f); /* all whole lines were given */

#endif
