/* A world of one node: its disk, its clocks, its sensors, what may go wrong, and what is known
 * of it.  All from one seed; README tells what is done with a seed that failed. */
#ifndef DETENTE_WORLD_WORLD_H
#define DETENTE_WORLD_WORLD_H

#include "acts.h"
#include "conf/conf.h"
#include "disk.h"
#include "ledger/leaf.h"
#include "model.h"
#include "note/key.h"
#include "role/engine_step.h"
#include "role/retain.h"
#include "role/view.h"
#include "store/query.h"
#include "stream.h"
#include "vfs.h"

enum sometimes {
#define SOMETIMES(name, text) SOME_##name,
#include "sometimes.def"
    SOMETIMES
};

/* What may be switched on, by seed. */
enum fault {
    FAULT_POWER,
    FAULT_KILL,
    FAULT_FULL,
    FAULT_SYNC,
    FAULT_READ,
    FAULT_FLIP,
    FAULT_ROLLBACK,
    FAULT_CLOCK,
    FAULT_SLOW,
    FAULT_STOP,
    FAULT_SENSOR,
    FAULTS
};

/* How far a record has come, by the syncs of its files. */
enum phase { PHASE_NONE, PHASE_EVIDENCE, PHASE_COMMIT, PHASE_MARK };

enum { STREAMS = 4 };

/* What excuses that the node gives up. */
enum { EXCUSE_SYNC = 1, EXCUSE_READ = 2, EXCUSE_FULL = 4 };

struct world {
    uint64_t seed;
    uint64_t random; /* of what happens */
    uint64_t nonce;  /* of what the node is given as random */
    struct disk disk;
    struct vfs vfs;
    struct env env;
    int64_t mono;
    int64_t wall_ahead;  /* wall clock less monotonic clock */
    int64_t latest_wall; /* that the node was ever shown */
    int64_t latest_age;  /* that retention's clock, which goes with care, can be */
    int64_t aged;        /* monotonic, when it was moved last */

    bool on[FAULTS];
    bool flips;               /* a bit flips each time that the node is down */
    bool calm;                /* no faults: they have ended, or it is the model that looks */
    int64_t gap;              /* microseconds between inputs, on average */
    unsigned burst;           /* lines of an input, at most */
    unsigned one_in;          /* turns to a fault of each kind, on average */
    unsigned die_in;          /* disk calls until the machine stops; 0: it does not */
    unsigned sync_in;         /* syncs until one fails */
    enum disk_kind sync_kind; /* which ones count; DISK_KINDS: all */
    unsigned read_in;         /* reads until one fails */
    bool power;               /* what the machine's stop will be */
    unsigned excuse;
    unsigned failed_syncs; /* since the node's start */
    bool tried_again;      /* a sync after a failed one */
    enum phase phase;

    struct conf *conf;
    struct skey key;
    struct store *store;
    struct engine *engine;
    struct engine_role role;
    struct reader *reader; /* the model's */
    bool role_is_open;
    struct retain retain;
    bool retain_is_open;
    struct acts acts;
    unsigned acts_in; /* turns to an act of somebody, on average; 0 never */
    unsigned gate_in; /* turns to a look of the gate; 0 never */
    struct view gate;
    bool gate_is_open;
    bool reading;         /* the gate */
    bool interrupted;     /* once in each of its looks */
    bool changes_nothing; /* what is called now is who only reads */
    bool up;
    bool starting;
    int64_t start_at;
    struct stream stream[STREAMS];
    unsigned streams;
    struct model model;

    struct disk_image old; /* to put back */
    bool mark_lags;        /* the node said so, for want of room */
    uint64_t old_size;     /* leaves in it; 0 none */

    uint64_t some[SOMETIMES];
    uint64_t starts;
    uint64_t crashes;
    uint64_t torn;
    bool verbose;
    char violation[512];
};

struct world_options {
    uint64_t seed;
    unsigned turns;
    bool flips;   /* a bit flips each time that the node is down */
    bool lies;    /* the disk's syncs do nothing: a planted bug that needs no other program */
    bool verbose; /* tell what happens, on stderr */
};
struct world_result {
    uint64_t trace;
    int64_t simulated; /* microseconds */
    uint64_t events;
    uint64_t records;
    uint64_t starts;
    uint64_t crashes;
    uint64_t torn;
    uint64_t some[SOMETIMES];
    char violation[512]; /* "" none */
};
void world_run(const struct world_options *o, struct world_result *ret);

/* ---- among the world's own files ---- */

/* The first one counts; the run ends soon after. */
void violate(struct world *w, const char *fmt, ...) PRINTF(2, 3);
void tell(struct world *w, const char *fmt, ...) PRINTF(2, 3);
static inline bool
violated(const struct world *w)
{
    return w->violation[0] != '\0';
}
uint64_t chance(struct world *w, uint64_t n); /* 0 … n - 1 */
bool one_in(struct world *w, uint64_t n);
bool worth_it(struct world *w, uint64_t blocks);

/* env.c */
void world_env(struct world *w);
/* Time goes by, on both clocks. */
void pass_time(struct world *w, int64_t us);

/* fault.c */
void arm_faults(struct world *w);
int fault_before(void *arg, enum disk_call call, enum disk_kind kind, const char *path);
void change_clock(struct world *w);
void change_room(struct world *w);

/* node.c: all leave w->up as it is then, and tell a violation when the node had no excuse. */
void node_make(struct world *w);
void node_start(struct world *w);
void node_stop(struct world *w); /* as asked to */
/* Lines that wait are taken, and what is due is recorded. */
void node_turn(struct world *w);
/* No policy: 0 or what store and engine say; and everything freed again. */
int node_begin(struct world *w, struct errinfo *ei);
void node_end(struct world *w);
struct ledger_storage node_storage(struct world *w);
void node_look(struct world *w); /* the model looks at what is new */
/* What the engine's loop does in a turn. */
int node_work(struct world *w, struct errinfo *ei);
/* Behind an act: the model looks.  False when the node ended in it. */
bool acts_go_on(struct world *w, int r, const struct errinfo *ei);
bool acts_full(const struct world *w);

/* people.c */
void people_turn(struct world *w);
void people_leaf(struct world *w, uint64_t index, const struct leaf *leaf);
void people_check(struct world *w, struct store *s, bool all);
void people_check_acts(struct world *w);
void people_release(struct world *w);
void acts_settle(struct world *w);

/* keep.c */
void keep_turn(struct world *w);
void keep_leaf(struct world *w, const struct leaf *leaf);
void keep_erased(struct world *w, uint64_t block, int64_t seen, enum erasure scope,
                 struct slice rule);
int keep_steps(struct world *w, struct errinfo *ei);
bool keep_is_done(const struct world *w);
void keep_check(struct world *w);

/* gate.c */
void gate_look(struct world *w);
void gate_close(struct world *w);
void gate_interrupt(struct world *w);

/* rest.c: flips and rollbacks, of a node that is down. */
void flip_a_bit(struct world *w);
void put_back(struct world *w);
void remember_disk(struct world *w);

#endif
