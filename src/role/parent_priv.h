/* Inside the parent: its children and what it keeps for them. */
#ifndef DETENTE_ROLE_PARENT_PRIV_H
#define DETENTE_ROLE_PARENT_PRIV_H

#include <sys/types.h>
#include <time.h>

#include "role/board.h"
#include "role/env_posix.h"
#include "role/roles.h"
#include "role/sandbox.h"
#include "role/systemd.h"

enum {
    CHILDREN_MAX = 80,
    HANDED_MAX = 8,      /* inputs of the command line at a time */
    BACKOFF_US = 500000, /* before the first new start, then twice as long each time … */
    BACKOFF_MAX_US = 60000000,
    CALM_US = 120000000, /* … until it ran for so long */
    STOP_US = 10000000,  /* what does not end by then is killed */
    HANG_US = 60000000,  /* an engine or gate that is silent for so long is killed */
    QUARANTINE_MAX = 64, /* files kept … */
    QUARANTINE_BYTES = 1 << 26
};
#define TLS_LOOK_US        INT64_C(86400000000) /* how often certificates are looked at */
#define SOURCES_LOOK_US    INT64_C(5000000)     /* … and at what is told of sources */
#define QUARANTINE_LOOK_US INT64_C(3600000000)  /* … and what is kept in quarantine */

struct child {
    enum role role;
    pid_t pid; /* 0: not running */
    int link;  /* -1 */
    char name[LINK_NAME];
    char path[4096]; /* of a sensor's source; "" none */
    int input;       /* of a finite source, -1 */
    int peer;        /* who waits for it, -1 */
    bool given;      /* its input was handed over once since it was started; of a puller: it
                        said when the next is due */
    bool used;       /* a sensor's row is in use */
    bool finite;
    bool sample;
    bool past;
    uint32_t index;
    int slots; /* descriptor, -1 */
    struct slots *seen;
    struct sensor_care care;
    uint64_t failed_at; /* byte of the source where it died last */
    int64_t started;
    int64_t heard; /* of an engine or gate: when it last said that it lives */
    int64_t again; /* when to start it again; 0 not */
    int64_t backoff;
};

struct parent {
    struct house house;
    struct env_posix posix;
    struct env env;
    struct manager manager;
    struct child engine;
    struct child gate;
    struct child courier;
    struct child peer;
    struct child puller; /* while one is pulled */
    struct child lister; /* while a list is made */
    bool list_wanted;    /* by the engine: it is behind */
    bool peer_wanted;    /* by the engine: there are counterparts */
    struct board board;
    struct child sensor[CHILDREN_MAX];
    unsigned sensors;
    int control;
    int signals;
    int status; /* of an engine that must not be started again */
    struct errinfo ei;
    int64_t tls_looked;
    int64_t quarantine_next;
    int64_t sources_next;
    int64_t sources_given;           /* to the gate that started then … */
    struct timespec sources_changed; /* … as they were then */
    int64_t pull_look;
    struct utime pull_next;       /* when a source is due; 0: none is, or nobody looked … */
    struct timespec pull_changed; /* … at them as they were then */
    uint64_t lines;               /* that the node had taken when the engine opened it */
    unsigned port;
    char user[PERSON_USER]; /* whose process this is */
    bool clock_lost;        /* the file of a test clock says nothing now */
    bool ends;
    bool stopped; /* the others were told */
};

/* Log one line, as from a person who watches. */
void parent_say(const struct parent *p, enum env_level level, const char *fmt, ...)
    PRINTF(3, 4);
int64_t parent_mono(const struct parent *p);

/* parent_start.c: start a role.  0; ERR_IO when it cannot be forked; for the engine and the
 * gate also what they say of why they cannot be opened. */
MUST_USE int parent_start_engine(struct parent *p, struct errinfo *ei);
MUST_USE int parent_start_courier(struct parent *p, struct errinfo *ei);
/* Or, when it lives on, give it the links of a new engine. */
MUST_USE int parent_start_peer(struct parent *p, struct errinfo *ei);
/* One that says nothing before it ends. */
MUST_USE int parent_start_puller(struct parent *p, struct errinfo *ei);
MUST_USE int parent_start_lister(struct parent *p, struct errinfo *ei);
MUST_USE int parent_start_gate(struct parent *p, struct errinfo *ei);
MUST_USE int parent_start_sensor(struct parent *p, struct child *c, struct errinfo *ei);

/* parent_listen.c: bind what the configuration names; in a drill the outside is shut then. */
MUST_USE int parent_listen(struct parent *p, struct errinfo *ei);
/* … and say so: the page's address, and whom to trust with TLS. */
void parent_announce(const struct parent *p);

/* parent_alert.c: what people are told of.  A condition holds, or no more; and those that can
 * be seen from here, with the way to the courier. */
void parent_tell(struct parent *p, enum alert_rule rule, const char *subject, bool holds,
                 enum word what, const char *fmt, ...) PRINTF(6, 7);
void parent_watch(struct parent *p);

/* parent_clock.c: the clock of a node for tests, when it has one; read anew in each turn.
 * ERR_CONF: it is none of those, or is one and is to run without. */
MUST_USE int parent_open_clock(struct parent *p, struct errinfo *ei);
void parent_move_clock(struct parent *p);
void parent_close_clock(struct parent *p);

/* parent_quarantine.c: a sensor died with this wait status: what was it busy with?  Keeps those
 * bytes and arranges that the next start passes them over.  False: it is not to be started
 * again. */
bool parent_quarantine(struct parent *p, struct child *c, int status);
/* What was kept for longer than `retention.raw` goes: the oldest file, once an hour, so that a
 * clock that is wrong for a while does not cost all of them. */
void parent_quarantine_age(struct parent *p);

/* parent_pull.c: sources that are due are pulled, one at a time; the process that did it ended
 * with that wait status; it ends at once. */
void parent_pull(struct parent *p);
void parent_pulled(struct parent *p, int status);
void parent_pull_stop(struct parent *p);

/* parent_list.c: what is looked for is made anew when the engine finds that it is behind; as
 * above.  The first time before the engine opens it, unless it takes long. */
void parent_list_first(struct parent *p);
void parent_list(struct parent *p);
void parent_listed(struct parent *p, int status);
void parent_list_stop(struct parent *p);

/* parent_sources.c: what is told of sources, to the gate when it changed. */
void parent_give_sources(struct parent *p);

#endif
