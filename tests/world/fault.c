/* What goes wrong, and when: armed for a turn by the seed, set off by the disk's calls. */
#include "world.h"

#define YEAR ((int64_t)365 * 86400 * TIME_US_PER_S)

enum { CALL_US = 3 /* a call to the disk takes */ };

/* Where the machine stopped, by what was synced in this record. */
static void
note_phase(struct world *w)
{
    if (w->starting)
        w->some[SOME_CRASH_AT_START]++;
    if (w->phase == PHASE_EVIDENCE)
        w->some[SOME_AFTER_EVIDENCE]++;
    if (w->phase == PHASE_COMMIT)
        w->some[SOME_AFTER_COMMIT]++;
}

static void
note_failed_sync(struct world *w, enum disk_kind kind)
{
    static const enum sometimes which[DISK_KINDS] = {
        [DISK_DB] = SOME_SYNC_DB,         [DISK_WAL] = SOME_SYNC_WAL,
        [DISK_MARK] = SOME_SYNC_MARK,     [DISK_EVIDENCE] = SOME_SYNC_EVIDENCE,
        [DISK_FOLDER] = SOME_SYNC_FOLDER, [DISK_OTHER] = SOME_SYNC_FOLDER};

    w->some[which[kind]]++;
    w->some[SOME_SYNC_CHECKPOINT] += kind == DISK_DB && !w->starting && w->phase != PHASE_NONE;
    w->failed_syncs++;
    w->excuse |= EXCUSE_SYNC;
    w->disk.failed_sync = (enum disk_failed_sync)chance(w, 3);
    tell(w, "sync of kind %d fails in way %d", (int)kind, (int)w->disk.failed_sync);
}

static bool
counts_down(unsigned *in)
{
    return *in > 0 && --*in == 0;
}

static int
fault_of_sync(struct world *w, enum disk_kind kind)
{
    if (w->disk.quiet)
        return 0;
    if (w->failed_syncs > 0)
        w->tried_again = true;
    if (w->on[FAULT_SLOW] && one_in(w, 20)) {
        int64_t us = (int64_t)chance(w, 5 * TIME_US_PER_S);

        w->some[SOME_SLOW_SYNC] += us > TIME_US_PER_S;
        pass_time(w, us);
    }
    if ((w->sync_kind == DISK_KINDS || w->sync_kind == kind) && counts_down(&w->sync_in)) {
        note_failed_sync(w, kind);
        return ERR_IO;
    }
    if (kind == DISK_EVIDENCE)
        w->phase = PHASE_EVIDENCE;
    if (kind == DISK_WAL && w->phase == PHASE_EVIDENCE)
        w->phase = PHASE_COMMIT;
    return 0;
}

int
fault_before(void *arg, enum disk_call call, enum disk_kind kind, const char *path)
{
    struct world *w = arg;

    pass_time(w, CALL_US);
    if (call == DISK_READS)
        gate_interrupt(w);
    else if (call != DISK_OPENS && w->changes_nothing)
        violate(w, "who only reads changed %s", path == NULL ? "a file" : path);
    if (w->calm)
        return 0;
    if (counts_down(&w->die_in)) {
        note_phase(w);
        return DISK_DIES;
    }
    if (call == DISK_SYNCS)
        return fault_of_sync(w, kind);
    if (call == DISK_READS && counts_down(&w->read_in)) {
        w->some[SOME_READ_ERROR]++;
        w->excuse |= EXCUSE_READ;
        return ERR_IO;
    }
    if (call == DISK_RENAMES && kind == DISK_MARK)
        w->phase = PHASE_MARK;
    return 0;
}

void
arm_faults(struct world *w)
{
    if ((w->on[FAULT_POWER] || w->on[FAULT_KILL]) && w->die_in == 0 && one_in(w, w->one_in)) {
        w->die_in = 1 + (unsigned)chance(w, one_in(w, 4) ? 400 : 80);
        w->power = w->on[FAULT_POWER] && (!w->on[FAULT_KILL] || one_in(w, 2));
    }
    if (w->on[FAULT_SYNC] && w->sync_in == 0 && one_in(w, 4 * w->one_in)) {
        /* Any sync, or one of a kind, so that rare ones are met too. */
        w->sync_kind = one_in(w, 2)   ? DISK_KINDS
                       : one_in(w, 3) ? DISK_DB
                                      : (enum disk_kind)chance(w, DISK_KINDS);
        w->sync_in = 1 + (unsigned)chance(w, w->sync_kind == DISK_KINDS ? 8 : 2);
    }
    if (w->on[FAULT_READ] && w->read_in == 0 && one_in(w, 4 * w->one_in))
        w->read_in = 1 + (unsigned)chance(w, 30);
}

void
change_clock(struct world *w)
{
    int64_t to;

    if (!w->on[FAULT_CLOCK] || !one_in(w, 20))
        return;
    to = one_in(w, 3)   ? WORLD_BEGINS
         : one_in(w, 2) ? WORLD_BEGINS + (int64_t)chance(w, 20 * YEAR) - 10 * YEAR
                        : w->wall_ahead + (int64_t)chance(w, 4000000) - 2000000;
    w->some[SOME_CLOCK_BACK] += to < w->wall_ahead;
    w->some[SOME_CLOCK_AHEAD] += to > w->wall_ahead;
    w->wall_ahead = to;
    pass_time(w, 0);
}

void
change_room(struct world *w)
{
    if (w->disk.limit > 0) {
        if (one_in(w, 4))
            w->disk.limit = 0;
        return;
    }
    if (w->on[FAULT_FULL] && one_in(w, 3 * w->one_in))
        w->disk.limit = disk_used(&w->disk) + chance(w, one_in(w, 2) ? 12 : 200) * DISK_PAGE;
}
