/* Which reader takes which kind of feed. */
#include "role/feeds_priv.h"

const struct feed_reader feed_readers[FEED_KINDS] = {
    [FEED_KEV] = {.whole = feed_whole_kev},
    [FEED_OSV] = {.take = feed_take_osv},
};
