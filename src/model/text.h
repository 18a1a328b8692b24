/* The grammar of names and ids (docs/formats/ground.md).  All are ASCII, so that confusable
 * characters cannot occur.  Pure, no allocation; checks give true only for the whole slice. */
#ifndef DETENTE_MODEL_TEXT_H
#define DETENTE_MODEL_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum {
    PARTY_MAX = 32, /* bytes */
    PACT_NAME_MAX = 64,
    ORIGIN_MAX = 256,
    CLASS_MAX = 64,
    SENSOR_MAX = 64
};
#define NUMBER_MAX ((UINT64_C(1) << 53) - 1) /* the largest integer of our JSON */

bool text_is_party(struct slice s); /* [a-z][a-z0-9]*(-[a-z0-9]+)*, 2..32 bytes */
bool text_is_name(struct slice s);  /* pact, case, collection: the same up to 64 */
bool text_is_class(struct slice s); /* group:value, 3..64; `other` too */
/* Log origin: printable ASCII with a slash, no space, no `+`, at most 256 bytes, none of the
 * beginnings that other signed texts have. */
bool text_is_origin(struct slice s);
bool text_is_sensor(struct slice s); /* printable ASCII without space, 1..64: it is committed */
bool text_is_tlp(struct slice s);

/* Decimal without sign or leading zero, at most max (itself at most 2^63); ERR_INVALID. */
MUST_USE int text_number(struct slice s, uint64_t max, uint64_t *ret);

/* `<notifier>-<n>`, n from 1; split at the last hyphen. */
struct incident_id {
    char notifier[PARTY_MAX + 1];
    uint64_t n;
};
enum { INCIDENT_ID_TEXT = PARTY_MAX + 18 }; /* bytes, with NUL */
MUST_USE int incident_id_parse(struct slice s, struct incident_id *ret);
size_t incident_id_format(const struct incident_id *id, char out[INCIDENT_ID_TEXT]);

/* Path of a tile or entry bundle below the log's prefix, without a leading slash:
 * `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]` (C2SP tlog-tiles). */
struct tile_path {
    uint64_t n;
    unsigned level; /* 0..63; 0 for entries */
    unsigned width; /* 1..256 */
    bool entries;
};
enum { TILE_PATH_TEXT = 64 }; /* bytes, with NUL */
MUST_USE int tile_path_parse(struct slice s, struct tile_path *ret);
size_t tile_path_format(const struct tile_path *p, char out[TILE_PATH_TEXT]);

/* A member's path inside a bundle (docs/formats): one of the closed list of forms. */
enum { BUNDLE_PART_DIGITS = 5 /* of the number of a part of a collection, from 1 on */ };
bool text_is_bundle_path(struct slice s);

#endif
