/* Inside feeds_import(): one reader a kind. */
#ifndef DETENTE_ROLE_FEEDS_PRIV_H
#define DETENTE_ROLE_FEEDS_PRIV_H

#include "role/feeds.h"

struct feeding {
    struct vulndb *db;
    const struct feeds_import *what;
    struct feeds_result *result;
    uint64_t records;
    uint64_t bytes;
    struct errinfo *ei;
    struct utime latest;    /* that is believed */
    struct utime made;      /* where it does not say: by who gives it, or its file */
    struct utime newest;    /* of its records */
    char part[VULNDB_NAME]; /* "Debian:12", "2021": what all its records have in common … */
    bool parts;             /* … if they have */
    int failed;             /* of the database, while a reader is at work */
    void *own;              /* a reader's, freed behind the last piece */
    struct haul *haul;
};

enum { FEED_WHOLE_BYTES = 64 << 20 };

/* By records (take, head), in pieces as they come, or whole. */
struct feed_reader {
    const char *member; /* wire/batch.h */
    bool members;
    /* A batch of records. */
    int (*take)(struct feeding *f, char *text, size_t len, struct errinfo *ei);
    /* What was no record, behind all of them; may be NULL. */
    int (*head)(struct feeding *f, char *text, size_t len, struct errinfo *ei);
    /* last: an empty piece behind the last. */
    int (*piece)(struct feeding *f, struct slice piece, bool last, struct errinfo *ei);
    int (*whole)(struct feeding *f, struct slice text, struct errinfo *ei);
    bool own_feeds; /* a file may have several: `whole` compares them with those that are here,
                       and puts them */
};
extern const struct feed_reader feed_readers[FEED_KINDS];

int feed_take_osv(struct feeding *f, char *text, size_t len, struct errinfo *ei);
int feed_take_nvd(struct feeding *f, char *text, size_t len, struct errinfo *ei);
int feed_head_nvd(struct feeding *f, char *text, size_t len, struct errinfo *ei);
int feed_take_debian(struct feeding *f, char *text, size_t len, struct errinfo *ei);
int feed_take_cve5(struct feeding *f, char *text, size_t len, struct errinfo *ei);
int feed_piece_epss(struct feeding *f, struct slice piece, bool last, struct errinfo *ei);
int feed_whole_openvex(struct feeding *f, struct slice text, struct errinfo *ei);
int feed_whole_seen(struct feeding *f, struct slice text, struct errinfo *ei);
int feed_whole_rules(struct feeding *f, struct slice text, struct errinfo *ei);
int feed_whole_kev(struct feeding *f, struct slice text, struct errinfo *ei);

/* Records go into the database on a thread of their own, a load of them after the other, while
 * the next are read: between begin and end nothing else may touch it. */
int feeds_haul_begin(struct feeding *f);
int feeds_haul_end(struct feeding *f); /* all are there; what failed is in f->failed */
int feeds_put(struct feeding *f, const struct vulndb_record *r);
/* ERR_INVALID: a record of that name and line is ahead of the clock. */
MUST_USE int feeds_dated(const struct feeding *f, struct utime at, struct slice name,
                         unsigned line);
/* The same by its CVE. */
MUST_USE int feeds_dated_cve(const struct feeding *f, struct utime at, uint64_t cve,
                             unsigned line);
/* ERR_USAGE: it says its date, and whoever gives it says one too. */
MUST_USE int feeds_says_date(const struct feeding *f, struct utime at);
/* The day of a catalogue's version; 0: it names none. */
struct utime feed_kev_day(const char *version);
void feeds_part(struct feeding *f, struct slice part);
void feeds_odd(struct feeding *f, const char *what, uint64_t n);

#endif
