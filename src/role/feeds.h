/* Taking a feed of vulnerabilities in: a file as its maker publishes it, packed or not, into
 * DIR/vuln/vuln.db in one transaction, so that a feed that is broken anywhere leaves what was
 * there in force.
 *
 * A feed is of the date that it has in it, else of the one that it comes with, or when its file
 * was changed.  One that is older than the one here is refused, and so is a catalogue of KEV
 * with an earlier version.  Of feeds that are merged each record has its own date, and an older
 * one changes nothing.
 *
 * What is more than FEEDS_AHEAD_DAYS ahead of this node's clock is refused, feed or record: it
 * would keep out all that comes until then. */
#ifndef DETENTE_ROLE_FEEDS_H
#define DETENTE_ROLE_FEEDS_H

#include "conf/conf.h"
#include "vulndb/vulndb.h"

enum { FEEDS_ODD = 16, FEEDS_AHEAD_DAYS = 2 };

struct feeds_import {
    enum feed_kind kind;
    const char *path;
    const char *name;   /* of the feed; NULL: what its records tell */
    const char *signer; /* the party it came from; NULL a file */
    struct utime now;
    struct utime
        date;      /* when it was made, of one that does not say; 0 when its file was changed */
    bool try_only; /* nothing is kept, and an older one is not refused: only counted */
};

struct feeds_result {
    struct feed feed;
    struct vulndb_counts counts;
    bool revised; /* of the version that was in force, and it says something else */
    struct {
        const char *what; /* "ranges by commits" */
        uint64_t n;
    } odd[FEEDS_ODD]; /* what was passed over, by name */
    unsigned odds;
};

/* The latest that is believed. */
struct utime feeds_latest(struct utime now);
/* A feed of that kind that is older is stale. */
struct span feeds_stale(const struct conf *conf, enum feed_kind kind);

/* ERR_CONF: there is no such file; ERR_INVALID, ERR_LIMIT: it is broken, with line and column,
 * or ahead of the clock; ERR_USAGE: it says its date, and another was given;
 * ERR_GONE: it is older than what is here; ERR_BUSY, ERR_FULL, ERR_IO, ERR_NOMEM. */
MUST_USE int feeds_import(struct vulndb *db, const struct feeds_import *what,
                          struct feeds_result *ret, struct errinfo *ei);

#endif
