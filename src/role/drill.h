/* `drill cutoff`: the node as it serves, with the outside shut for a while (role/blockade.h),
 * and a report of what called there, what that cost and what went on.
 *
 * The node is started here, as by `serve`, because a start is a part of what a cut must not
 * hurt, and because a process in which the outside is shut cannot have it back: one that runs
 * is ended first, and started again when the drill is over.  It takes what sensors write
 * meanwhile as always.  This process stays outside: it answers for each call, asks the page
 * whether it is there, and ends the node.  That a drill was held is an act in the node's log,
 * `drill.cutoff`, with the SHA-256 of the report. */
#ifndef DETENTE_ROLE_DRILL_H
#define DETENTE_ROLE_DRILL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/time.h"
#include "conf/conf.h"
#include "model/alert.h"
#include "role/blockade.h"
#include "role/fetch.h"

#define DRILL_LEAST_US INT64_C(5000000)
#define DRILL_MOST_US  INT64_C(86400000000)
enum {
    DRILL_PLACES = FETCH_ALL + CONF_NOTIFY,
    DRILL_ALERTS = 32,
    DRILL_DATA = 64,
    DRILL_WHY = 8,
    DRILL_NAME = 264,
    DRILL_JSON = 1 << 18 /* bytes of a report */
};

struct drill_options {
    struct span span;  /* DRILL_LEAST_US to DRILL_MOST_US */
    bool no_namespace; /* by the filter alone */
    /* Once, with the page's address. */
    void (*ready)(const char *url);
};

/* What the configuration, the annexes and the policy name of the outside. */
struct drill_place {
    const char *kind; /* counterpart, witness, mail, webhook, syslog */
    const char *role; /* who calls it: peer, courier */
    char name[128];
    char where[FETCH_ENDPOINT]; /* as it is configured */
    char host[256];             /* of that, without brackets … */
    unsigned port;
    bool named;           /* … by a name, which has to be looked up */
    uint64_t tries;       /* that the role counts: receivers; else calls to it by number */
    uint64_t waiting;     /* messages, or of a counterpart leaves that it does not hold yet */
    char error[160];      /* "" */
    struct utime silent;  /* out of contact since, so that clocks stand; 0 not … */
    struct span patience; /* … but will after so long; 0: never, or nobody of a pact */
};

struct drill_counts {
    uint64_t lines;
    uint64_t events;
    uint64_t attacks;
    uint64_t log_size;
};

struct drill_data {
    const char *kind; /* table, list, topology */
    char name[64];
    struct utime date; /* 0: it does not say */
    bool stale;
};

struct drill_alert {
    char key[ALERT_KEY];
    enum alert_severity severity;
    bool open; /* still */
    char text[400];
};

struct drill {
    char party[64];
    char origin[DRILL_NAME];
    enum blockade_way way;
    bool listed;        /* calls were; false: this kernel shows none */
    struct utime began; /* the node was ready */
    struct utime ended;
    struct span asked; /* for so long */
    struct drill_counts before;
    struct drill_counts after;
    unsigned sources; /* files that sensors write, … */
    unsigned grew;    /* … and those that grew early enough to be taken */
    uint64_t pages;   /* times that the page was asked for … */
    uint64_t answers; /* … and was there */
    unsigned died;    /* roles */
    unsigned place_count;
    struct drill_place place[DRILL_PLACES];
    struct blockade seen;
    unsigned alert_count;
    struct drill_alert alert[DRILL_ALERTS];
    unsigned data_count;
    struct drill_data data[DRILL_DATA];
    unsigned why_count; /* reasons why the main work did not go on; 0: it did */
    const char *why[DRILL_WHY];
    char sha256[65]; /* of the report as JSON; "" it is in no log */
    struct buf json;
};

/* Hold one; release *ret in any case (drill_release()).  0 also when the main work did not go
 * on: ret->why_count.  ERR_BUSY: a node runs there; ERR_USAGE: the span; what serve() gives
 * when the node cannot be started. */
MUST_USE int drill_cutoff(const char *dir, const struct drill_options *o, struct drill *ret,
                          struct errinfo *ei);
void drill_release(struct drill *d);

/* The report for people, and as one JSON object, which ends in a line feed. */
void drill_text(const struct drill *d, struct buf *to);
void drill_json(const struct drill *d, struct buf *to);

/* The place that a call is meant for: by its number, or, of a look-up, the only one of that
 * role with a name.  NULL: the configuration does not say. */
const struct drill_place *drill_place_of(const struct drill *d, const struct blockade_call *c);
/* Host and port of an address as it is configured, without asking anybody.  False: it has none
 * on a network. */
bool drill_split(const char *url, char host[256], unsigned *ret_port);

#endif
