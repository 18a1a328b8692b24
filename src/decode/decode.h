/* From a sensor's bytes to events.  Pure: no I/O, no clock, no globals.
 *
 * A decoder takes bytes as they come and puts events into a frame; what stands at the end
 * without its end stays for the next call.  A record that cannot be used is counted by reason
 * and nothing else is lost.  A decoder belongs to one thread. */
#ifndef DETENTE_DECODE_DECODE_H
#define DETENTE_DECODE_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "model/event.h"
#include "vuln/cve.h"
#include "wire/json.h"

enum {
    DECODE_UNIT_MAX = 65535,    /* bytes of one record; a longer one is too-long */
    DECODE_CHUNK_MAX = 1 << 18, /* bytes looked at in one call */
    DECODE_RULES_MAX = 1 << 18, /* distinct rules of one decoder */
    FRAME_EVENTS = 4096,        /* of one frame */
};

/* Why a record was rejected: the closed list that `ingest --json` prints. */
enum reject {
    REJECT_JSON, /* cannot be walked to its closing brace */
    REJECT_UTF8,
    REJECT_TOO_LONG,
    REJECT_NO_TIME,    /* no timestamp */
    REJECT_NO_ADDRESS, /* no source or no destination */
    REJECT_BAD_VALUE,  /* a needed field is of the wrong type or out of range */
    REJECT_TRUNCATED,  /* the input ends inside it */
    REJECTS
};
const char *reject_name(enum reject r);

struct decode_stats {
    uint64_t lines; /* records: lines, or elements of an array; events + ignored + rejected */
    uint64_t bytes;
    uint64_t events;
    uint64_t attacks; /* of events: all kinds but flow */
    uint64_t ignored; /* well-formed, of no interest (dns, stats, blank lines …) */
    uint64_t rejected[REJECTS];
    uint64_t first_bad[REJECTS]; /* number of the first such record, from 1; 0 none */
};
uint64_t decode_rejected(const struct decode_stats *s); /* all reasons together */
void decode_stats_add(struct decode_stats *to, const struct decode_stats *from);

/* A rule of the sensor's, as it named itself.  Its index in the decoder's table is what
 * events carry; 0 is "no rule". */
struct rule {
    uint32_t gid;
    uint32_t sid;
    uint32_t rev;
    struct slice name; /* the signature's text, owned by the decoder */
    /* What it is about, by the record in which it was met first; NULL nothing. */
    const struct cve_set *cves;
};

/* What a sensor last said of itself, in a record that is no event (Suricata: `stats`). Counters
 * are since the sensor's own start. */
struct gauge {
    uint64_t number; /* of such records that were met; 0: none, and all else is 0 */
    struct utime time;
    uint64_t packets; /* that it saw, dropped ones too */
    uint64_t drops;
    struct utime rules; /* when its oldest rules were loaded; 0 it does not say */
};

/* Events of a stretch of input.  raw_at of an event counts from raw.ptr. */
struct frame {
    struct event event[FRAME_EVENTS];
    uint32_t count;
    struct slice raw; /* borrowed: the bytes that were decoded */
};

/* What a decoder needs to know of the place it stands in. */
struct decode_place {
    const struct prefix *own; /* own networks, for the direction rule; borrowed */
    uint32_t own_count;
    uint16_t sensor; /* index for event.sensor */
};

struct decoder; /* opaque */

/* Suricata EVE: JSON lines, or one JSON array (recognised by the first byte that is no
 * space, behind a byte order mark if there is one).  Blank lines in front are lines that are
 * ignored, behind an array's end anything but white space is one record that is rejected.
 * So is an element that is missing between two commas, or a comma between two objects.
 * NULL when out of memory. */
struct decoder *eve_new(const struct decode_place *place);
struct decoder *eve_free(struct decoder *d); /* NULL is fine; gives NULL */

/* Decode from the front of bytes (at most DECODE_CHUNK_MAX of them are looked at) until they
 * or the frame's places run out.  With `last`, the end of bytes is the end of the input and
 * an unfinished record is judged; otherwise it is left.  *ret_used bytes are done; 0 means
 * that more bytes or a fresh frame are needed.  Fills frame and adds to *stats.  Events are
 * in order of the input; time_seen, origin_asn and what attribution knows are left 0.
 * ERR_NOMEM only. */
MUST_USE int eve_decode(struct decoder *d, struct slice bytes, bool last, struct frame *frame,
                        size_t *ret_used, struct decode_stats *stats);
/* How many of all bytes given so far belong to whole records: decoding may go on from there in
 * another decoder, after eve_resume_array() when the input is an array. */
uint64_t eve_whole(const struct decoder *d);
/* The input begins here and is lines, whatever it looks like: somebody looked before. */
void eve_start_lines(struct decoder *d);
/* The input goes on inside an array, behind one of its elements. */
void eve_resume_array(struct decoder *d);
/* The input goes on between two lines, whatever it looks like. */
void eve_resume_lines(struct decoder *d);
/* True once the input turned out to be one JSON array: it cannot be split at newlines. */
bool eve_is_array(const struct decoder *d);
/* Look at the start of an input: true for an array. */
bool eve_looks_like_array(struct slice head);

/* Lives as long as d, and changes with it. */
const struct gauge *eve_gauge(const struct decoder *d);

/* The rules met so far; index 0 is the empty one.  Rows never move or change. */
uint32_t eve_rule_count(const struct decoder *d);
const struct rule *eve_rule(const struct decoder *d, uint32_t index);

#endif
