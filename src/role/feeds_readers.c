/* Which reader takes which kind of feed. */
#include "role/feeds_priv.h"

const struct feed_reader feed_readers[FEED_KINDS] = {
    [FEED_KEV] = {.whole = feed_whole_kev},
    [FEED_EPSS] = {.piece = feed_piece_epss},
    [FEED_NVD] = {.member = "vulnerabilities", .take = feed_take_nvd, .head = feed_head_nvd},
    [FEED_CVE5] = {.take = feed_take_cve5},
    [FEED_DEBIAN] = {.members = true, .take = feed_take_debian},
    [FEED_SEEN] = {.whole = feed_whole_seen},
    [FEED_RULES] = {.whole = feed_whole_rules},
    [FEED_OPENVEX] = {.whole = feed_whole_openvex, .own_feeds = true},
    [FEED_OSV] = {.take = feed_take_osv},
};
