/* What is kept, how long, and what must stay: retention runs, blocks are erased by hand, cases
 * hold them.  Nothing that is held is erased, nothing before its time, and what is erased is
 * nowhere any more. */
#include <stdio.h>
#include <string.h>

#include "world.h"

static const char *const cases[ACT_HOLDS] = {"case-a", "case-b", "case-c"};

enum { STEPS = 6 /* of retention, in a turn */, SOUGHT = 3 /* keys, in a look */ };

static int64_t
wall(struct world *w)
{
    return w->mono + w->wall_ahead;
}

/* ---- what leaves say ---- */

static bool
covers(const struct act_hold *h, uint64_t block)
{
    return h->there && block >= h->first && block <= h->last;
}

static bool
was_asked(const struct act_asked *d, uint64_t block, enum erasure scope)
{
    bool it = d->asked && d->ask.what == 0 && d->keep.what == KEEP_ERASE &&
              d->keep.scope == (uint32_t)scope;
    bool in = false;

    for (uint32_t i = 0; it && i < d->keep.spans; i++)
        in |= d->keep.span[i].first.block == block;
    return in;
}

void
keep_erased(struct world *w, uint64_t block, int64_t seen, enum erasure scope,
            struct slice rule)
{
    const struct span *keep =
        scope == ERASURE_RAW ? &w->conf->retention.raw : &w->conf->retention.events;
    bool by_age = rule.len > 10 && memcmp(rule.ptr, "retention.", 10) == 0;

    for (int i = 0; i < ACT_HOLDS; i++) {
        const struct act_hold *h = &w->acts.hold[i];

        /* No clock that was ever shown to the node says that it is over. */
        if (covers(h, block) && (h->until < 0 || h->until > w->latest_wall))
            violate(w, "block %llu is held for %s and is erased", (unsigned long long)block,
                    cases[i]);
    }
    if (by_age && w->latest_age - seen < keep->us)
        violate(w, "block %llu is erased by %.*s before its time, by %lld us",
                (unsigned long long)block, (int)rule.len, rule.ptr,
                (long long)(keep->us - (w->latest_age - seen)));
    if (!by_age && !was_asked(&w->acts.now, block, scope))
        violate(w, "block %llu is erased by %.*s, and nobody asked for it",
                (unsigned long long)block, (int)rule.len, rule.ptr);
    if (!by_age)
        w->acts.now.erased++;
    w->some[SOME_ERASED_BY_AGE] += by_age;
}

void
keep_leaf(struct world *w, const struct leaf *leaf)
{
    static const char *const verbs[] = {
        [KEEP_PLACE] = "place", [KEEP_EXTEND] = "extend", [KEEP_RELEASE] = "release"};
    struct act_asked *d = &w->acts.now;
    struct slice name = {0};
    struct slice action = {0};
    struct act_hold *h = NULL;

    for (int i = 0; i < ACT_HOLDS; i++)
        h = strcmp(cases[i], d->keep.name) == 0 ? &w->acts.hold[i] : h;
    if (!d->asked || d->ask.what != 0 || d->keep.what == KEEP_ERASE || d->held || h == NULL ||
        leaf_text(leaf, "case", &name) < 0 || leaf_text(leaf, "action", &action) < 0 ||
        !slice_is(name, d->keep.name) || !slice_is(action, verbs[d->keep.what])) {
        violate(w, "a hold %.*s for %.*s that nobody asked for", (int)action.len, action.ptr,
                (int)name.len, name.ptr);
        return;
    }
    d->held = true;
    h->there = d->keep.what != KEEP_RELEASE;
    h->until = d->keep.until;
    if (d->keep.what == KEEP_PLACE) {
        h->first = d->keep.span[0].first.block;
        h->last = d->keep.span[0].last.block;
    }
    w->some[SOME_HELD] += d->keep.what == KEEP_PLACE;
}

/* ---- asking ---- */

static uint64_t
pick_block(struct world *w)
{
    return 1 + chance(w, w->model.blocks + (one_in(w, 20) ? 1 : 0));
}

static void
choose_erasure(struct world *w, struct keep_ask *a)
{
    uint64_t block = pick_block(w);

    a->what = KEEP_ERASE;
    a->scope = one_in(w, 2) ? ERASURE_RAW : ERASURE_BLOCK;
    a->spans = 1 + (uint32_t)chance(w, 3);
    for (uint32_t i = 0; i < a->spans; i++)
        a->span[i].first.block = a->span[i].last.block = block + i;
    (void)snprintf(a->name, sizeof a->name, "request-%llu", (unsigned long long)block);
}

static void
choose_hold(struct world *w, struct keep_ask *a)
{
    unsigned at = (unsigned)chance(w, ACT_HOLDS);
    bool there = w->acts.hold[at].there != one_in(w, 10); /* now and then what is wrong */

    a->what = !there ? KEEP_PLACE : one_in(w, 2) ? KEEP_RELEASE : KEEP_EXTEND;
    (void)snprintf(a->name, sizeof a->name, "%s", cases[at]);
    a->until = one_in(w, 2) ? -1 : wall(w) + (int64_t)chance(w, 72 * 3600) * TIME_US_PER_S;
    if (a->what == KEEP_RELEASE)
        a->until = -1;
    if (a->what != KEEP_PLACE)
        return;
    a->spans = 1;
    a->span[0].first = (struct event_id){pick_block(w), 0};
    a->span[0].last = (struct event_id){a->span[0].first.block + chance(w, 8), UINT32_MAX};
    (void)snprintf(a->text, sizeof a->text, "for court");
}

static void
choose(struct world *w)
{
    static const char *const actions[] = {[KEEP_ERASE] = "",
                                          [KEEP_PLACE] = "hold.place",
                                          [KEEP_EXTEND] = "hold.extend",
                                          [KEEP_RELEASE] = "hold.release"};
    struct act_asked *d = &w->acts.now;

    *d = (struct act_asked){.role = "operator", .user = "local:op"};
    if (one_in(w, 2))
        choose_erasure(w, &d->keep);
    else
        choose_hold(w, &d->keep);
    d->action = actions[d->keep.what];
}

static bool
is_held(struct world *w, uint64_t block)
{
    bool held = false;

    for (int i = 0; i < ACT_HOLDS; i++) {
        const struct act_hold *h = &w->acts.hold[i];

        held |= covers(h, block) && (h->until < 0 || h->until > wall(w));
    }
    return held;
}

static bool
may_erase(struct world *w, const struct keep_ask *a)
{
    bool may = true;

    for (uint32_t i = 0; i < a->spans; i++) {
        uint64_t block = a->span[i].first.block;

        may &= block <= w->model.blocks && !is_held(w, block) &&
               (uint32_t)w->model.block[block - 1].erased < a->scope;
    }
    return may;
}

static bool
may_hold(struct world *w, const struct keep_ask *a)
{
    const struct model *m = &w->model;
    bool there = false;

    for (int i = 0; i < ACT_HOLDS; i++)
        there |= strcmp(cases[i], a->name) == 0 && w->acts.hold[i].there;
    if (a->what != KEEP_PLACE)
        return there;
    return !there && a->span[0].last.block <= m->blocks &&
           m->block[a->span[0].first.block - 1].erased != ERASURE_BLOCK &&
           m->block[a->span[0].last.block - 1].erased != ERASURE_BLOCK;
}

static void
check_answer(struct world *w, bool may, int status, const char *why)
{
    const struct act_asked *d = &w->acts.now;
    bool done = d->keep.what == KEEP_ERASE ? d->erased == d->keep.spans : d->in_log && d->held;
    bool nothing = d->erased == 0 && !d->in_log && !d->held;

    if (status == 0 && !done)
        violate(w, "an order about %s was answered and is not in the log", d->keep.name);
    if (status != 0 && !nothing)
        violate(w, "an order about %s was refused (%s) and is in the log", d->keep.name,
                err_text(status));
    if (status == 0 && !may)
        violate(w, "an order about %s must be refused and was not", d->keep.name);
    if (status != 0 && may && !(status == ERR_FULL && acts_full(w)))
        violate(w, "an order about %s was refused: %s", d->keep.name, why);
    w->some[SOME_HOLD_WINS] += status == ERR_BUSY;
}

void
keep_turn(struct world *w)
{
    const struct keep_place here = {w->engine, w->retain.eraser, &w->env};
    struct act_asked *d = &w->acts.now;
    struct keep_answer answer;
    bool may;
    int r;

    if (w->model.blocks == 0)
        return;
    choose(w);
    may = d->keep.what == KEEP_ERASE ? may_erase(w, &d->keep) : may_hold(w, &d->keep);
    d->asked = true;
    r = keep_do(&here, SLICE("local:op"), &d->keep, &answer);
    tell(w, "order %u about %s from %llu: %s", d->keep.what, d->keep.name,
         (unsigned long long)d->keep.span[0].first.block, err_text(r < 0 ? r : answer.status));
    retain_soon(&w->retain);
    if (!acts_go_on(w, r, &answer.ei))
        return;
    check_answer(w, may, answer.status, answer.ei.text);
    w->some[SOME_ERASED_BY_HAND] += answer.status == 0 && d->keep.what == KEEP_ERASE;
    d->asked = false;
}

/* ---- retention ---- */

static void
age(struct world *w)
{
    w->latest_age += (w->mono - w->aged) * RETAIN_PACE;
    if (w->latest_age > w->latest_wall)
        w->latest_age = w->latest_wall;
    w->aged = w->mono;
}

int
keep_steps(struct world *w, struct errinfo *ei)
{
    int r = 0;

    for (int i = 0; r == 0 && i < STEPS; i++) {
        int64_t age_before = w->latest_age;
        int64_t aged_before = w->aged;

        age(w);
        r = retain_step(&w->retain, ei);
        /* A step that was not due did not look at the clock: its way adds up to the next. */
        if (w->retain.moved != w->aged) {
            w->latest_age = age_before;
            w->aged = aged_before;
        }
        pass_time(w, 20000);
    }
    return r;
}

/* All that was erased left the files, as far as retention knows. */
bool
keep_is_done(const struct world *w)
{
    return w->retain.steps == 0 && !w->retain.destroying;
}

static bool
stands_in(struct world *w, const char *path, const uint8_t key[COMMIT_KEY])
{
    struct slice bytes = disk_bytes(&w->disk, path);

    return bytes.len > 0 && memmem(bytes.ptr, bytes.len, key, COMMIT_KEY) != NULL;
}

static void
seek(struct world *w, uint64_t block)
{
    struct model_block *b = &w->model.block[block - 1];
    struct store_erasure e;

    if (store_get_erasure(w->store, block, &e) < 0 || e.pending)
        violate(w, "block %llu is pending when all is done", (unsigned long long)block);
    else if (stands_in(w, "detente.db", b->key))
        violate(w, "the key of block %llu is erased and stands in the database",
                (unsigned long long)block);
    else if (stands_in(w, "detente.db-wal", b->key))
        violate(w, "the key of block %llu is erased and stands in the write-ahead log",
                (unsigned long long)block);
    b->gone = true;
    w->some[SOME_GONE]++;
}

void
keep_check(struct world *w)
{
    const struct model *m = &w->model;
    unsigned left = SOUGHT;

    for (uint64_t i = m->blocks; i-- > 0 && left > 0 && !violated(w);) {
        if (m->block[i].erased == ERASURE_NONE || m->block[i].gone)
            continue;
        seek(w, i + 1);
        left--;
    }
    store_settle(w->store);
}
