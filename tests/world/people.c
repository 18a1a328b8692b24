/* People and scripts ask, through the doors that gate and command line use, and what they were
 * answered is remembered: what was answered is in the log, once; what is over lets nobody in
 * any more, whatever crashed since. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

static const char *const names[ACT_PEOPLE] = {"ann", "bob", "cyd", "feed", "probe"};

static int64_t
wall(struct world *w)
{
    return w->mono + w->wall_ahead;
}

void
people_release(struct world *w)
{
    free(w->acts.opened);
}

/* ---- what lets somebody in ---- */

static struct act_access *
add_access(struct world *w, uint32_t kind, const uint8_t *secret, int64_t until)
{
    struct acts *k = &w->acts;
    struct act_access *a = &k->access[k->accesses++ % ACT_ACCESS];

    *a = (struct act_access){.person = k->now.person, .until = until, .seen = wall(w)};
    a->with.kind = kind;
    memcpy(a->with.secret, secret, sizeof a->with.secret);
    if (kind == CREDENTIAL_SESSION)
        a->number = ++k->person[a->person].sessions;
    return a;
}

static unsigned
known(const struct acts *k)
{
    return k->accesses < ACT_ACCESS ? k->accesses : ACT_ACCESS;
}

static void
end_all(struct acts *k, unsigned person, bool links, bool all, const struct act_access *but)
{
    for (unsigned i = 0; i < known(k); i++) {
        struct act_access *a = &k->access[i];
        bool it = all || (links && a->with.kind == CREDENTIAL_LINK) ||
                  (but != NULL && a->with.kind == CREDENTIAL_SESSION);

        if (a->person == person && it && a != but)
            a->ended = true;
    }
}

/* True when it must let in now.  Rows that are over by the log's clock are swept, so that a
 * wall clock that was set back does not bring them back. */
static bool
must_let_in(const struct world *w, const struct act_access *a, int64_t now)
{
    int64_t latest = now > w->model.last_at ? now : w->model.last_at;

    return !a->ended && latest < a->until &&
           (a->with.kind != CREDENTIAL_SESSION ||
            (latest - a->seen < PERSON_IDLE_US &&
             w->acts.person[a->person].sessions - a->number < PERSON_SESSIONS / 2));
}

static void
check_access(struct world *w, struct store *s, const struct act_access *a)
{
    struct utime now = {wall(w)};
    struct people_seen seen;
    struct store_person who;
    struct utime until;
    bool touch;
    int r;

    if (a->with.kind == CREDENTIAL_LINK)
        return; /* shown once, to the engine */
    if (people_look(s, &a->with, now, &who, &until, &touch) == 0 && who.role == PERSON_EXCHANGE)
        violate(w, "%s of the exchange reads the node", names[a->person]);
    r = people_look_for(s, &a->with, now, "exchange.use", &seen);
    who = seen.who;
    if (r < 0 && r != ERR_AUTH)
        violate(w, "who that is: %s", err_text(r));
    if (r == 0 && (a->ended || now.us >= a->until))
        violate(w, "%s is let in by a %s of kind %u", names[a->person],
                a->ended ? "revoked or used credential" : "credential that is over",
                a->with.kind);
    if (r == 0 &&
        (strcmp(who.name, names[a->person]) != 0 || who.role != w->acts.person[a->person].role))
        violate(w, "%s is taken for %s, %s", names[a->person], who.name,
                person_role_name(who.role));
    if (r < 0 && must_let_in(w, a, now.us))
        violate(w, "%s is not let in by a good credential of kind %u", names[a->person],
                a->with.kind);
    w->some[SOME_KEPT_OUT] += r < 0 && a->ended;
}

/* By any handle of the store that reads the newest state. */
void
people_check(struct world *w, struct store *s, bool all)
{
    struct acts *k = &w->acts;
    unsigned n = known(k);
    bool calm = w->calm;

    w->calm = true;
    for (unsigned i = 0; i < (all || n < ACT_LOOKS ? n : ACT_LOOKS) && !violated(w); i++)
        check_access(w, s, &k->access[all || n < ACT_LOOKS ? i : chance(w, n)]);
    w->calm = calm;
}

/* ---- the log ---- */

static void
remember_opening(struct acts *k, uint64_t leaf)
{
    struct act_opened *o;

    if (k->opened_count == k->opened_room) {
        k->opened_room = k->opened_room * 2 + 32;
        k->opened = realloc(k->opened, k->opened_room * sizeof *k->opened);
        BUG_ON(k->opened == NULL);
    }
    o = &k->opened[k->opened_count++];
    o->leaf = leaf;
    (void)snprintf(o->text, sizeof o->text, "[\"person\",\"%s\",\"%s\"]", k->now.user,
                   k->now.role);
}

void
people_leaf(struct world *w, uint64_t index, const struct leaf *leaf)
{
    struct act_asked *d = &w->acts.now;
    struct slice action = {0};
    struct slice role = {0};

    if (leaf_text(leaf, "action", &action) < 0 || leaf_text(leaf, "role", &role) < 0 ||
        !d->asked || d->in_log || !slice_is(action, d->action) || !slice_is(role, d->role)) {
        violate(w, "leaf %llu: nobody asked for %.*s, or it was done before",
                (unsigned long long)index, (int)action.len, action.ptr);
        return;
    }
    d->in_log = true;
    remember_opening(&w->acts, index);
}

struct opening_walk {
    struct world *w;
    size_t at;
};

static int
check_opening(void *arg, uint64_t leaf, struct slice salt, struct slice opened)
{
    struct opening_walk *k = arg;
    const struct acts *acts = &k->w->acts;

    (void)salt;
    if (k->at == acts->opened_count || acts->opened[k->at].leaf != leaf ||
        !slice_is(opened, acts->opened[k->at].text))
        violate(k->w, "the act of leaf %llu is kept as %.*s", (unsigned long long)leaf,
                (int)opened.len, opened.ptr);
    k->at++;
    return violated(k->w) ? ERR_PROOF : 0;
}

/* Who did what is kept of each act, and of nothing else. */
void
people_check_acts(struct world *w)
{
    struct opening_walk k = {w, 0};
    int r = store_each_act(w->store, check_opening, &k);

    if (!violated(w) && (r < 0 || k.at != w->acts.opened_count))
        violate(w, "%zu acts are in the log, who did %zu is kept (%s)", w->acts.opened_count,
                k.at, err_text(r));
}

/* ---- what came of it ---- */

/* answer NULL: nobody heard of it, but its leaf is there. */
static void
apply(struct world *w, const struct person_answer *answer)
{
    struct acts *k = &w->acts;
    const struct act_asked *d = &k->now;
    struct act_person *p = &k->person[d->person];
    uint32_t kind = CREDENTIAL_NONE;

    switch ((enum person_ask_what)d->ask.what) {
    case ASK_ALERT_ACK: break; /* changes nothing that is kept here */
    case ASK_USER_ADD:
    case ASK_TOKEN_ADD:
        *p = (struct act_person){
            .there = true, .role = (enum person_role)d->ask.role, .sessions = p->sessions};
        kind = d->ask.what == ASK_TOKEN_ADD ? CREDENTIAL_TOKEN : CREDENTIAL_NONE;
        break;
    case ASK_USER_LINK:
        end_all(k, d->person, true, false, NULL);
        kind = CREDENTIAL_LINK;
        break;
    case ASK_USER_CERT:
        if (answer != NULL)
            (void)add_access(w, CREDENTIAL_CERTIFICATE, d->ask.with.secret, answer->until.us);
        break;
    case ASK_USER_REVOKE:
    case ASK_TOKEN_REVOKE:
        p->there = false;
        end_all(k, d->person, false, true, NULL);
        w->some[SOME_REVOKED]++;
        break;
    case ASK_LINK:
        d->access->ended = true;
        kind = CREDENTIAL_SESSION;
        break;
    case ASK_PASSWORD: kind = CREDENTIAL_SESSION; break;
    case ASK_SIGN_OUT: d->access->ended = true; break;
    case ASK_SET_PASSWORD:
        memcpy(p->password, d->ask.password, sizeof p->password);
        end_all(k, d->person, true, false, d->access);
        break;
    case ASK_WHO:
        if (answer != NULL && w->disk.limit == 0 && d->access->seen < wall(w) - PEOPLE_TOUCH_US)
            d->access->seen = wall(w);
        break;
    }
    if (kind != CREDENTIAL_NONE && answer == NULL && kind == CREDENTIAL_SESSION)
        p->sessions++;
    if (kind != CREDENTIAL_NONE && answer != NULL)
        (void)add_access(w, kind, answer->secret, answer->until.us);
}

/* Behind a start: the log says what came of an act that was never answered. */
void
acts_settle(struct world *w)
{
    struct act_asked *d = &w->acts.now;

    if (!d->asked)
        return;
    w->some[d->in_log || d->erased > 0 ? SOME_ACT_DONE : SOME_ACT_LOST]++;
    if (d->in_log && d->ask.what != 0)
        apply(w, NULL);
    d->asked = false;
}

/* ---- asking ---- */

static const struct {
    enum person_ask_what what;
    unsigned weight;
    const char *action;
} asks[] = {{ASK_USER_ADD, 3, "user.add"},
            {ASK_USER_LINK, 5, "user.link"},
            {ASK_USER_REVOKE, 1, "user.revoke"},
            {ASK_USER_CERT, 1, "user.cert"},
            {ASK_TOKEN_ADD, 3, "token.add"},
            {ASK_TOKEN_REVOKE, 1, "token.revoke"},
            {ASK_LINK, 8, "session.open"},
            {ASK_SIGN_OUT, 3, "session.close"},
            {ASK_SET_PASSWORD, 3, "password.set"},
            {ASK_PASSWORD, 3, "session.open"},
            {ASK_WHO, 4, ""}};
enum { ASKS = sizeof asks / sizeof asks[0], WEIGHTS = 35 };

/* One that is known, of that kind, perhaps one that is over. */
static struct act_access *
pick_access(struct world *w, uint32_t kind)
{
    struct acts *k = &w->acts;
    unsigned n = known(k);
    unsigned from = n == 0 ? 0 : (unsigned)chance(w, n);

    for (unsigned i = 0; i < n; i++) {
        struct act_access *a = &k->access[(from + i) % n];

        if (kind == CREDENTIAL_NONE ? a->with.kind != CREDENTIAL_LINK : a->with.kind == kind)
            return a;
    }
    return NULL;
}

/* False: nothing is there that could be shown. */
static bool
show(struct world *w, uint32_t kind)
{
    struct act_asked *d = &w->acts.now;

    d->access = pick_access(w, kind);
    if (d->access == NULL)
        return false;
    d->ask.with = d->access->with;
    d->person = d->access->person;
    (void)snprintf(d->user, sizeof d->user, "%s%s",
                   d->person < ACT_HUMANS ? "" : "token:", names[d->person]);
    d->role = person_role_name(w->acts.person[d->person].role);
    return true;
}

static void
name_somebody(struct world *w, bool token)
{
    struct act_asked *d = &w->acts.now;

    d->person = token ? ACT_HUMANS + (unsigned)chance(w, ACT_PEOPLE - ACT_HUMANS)
                      : (unsigned)chance(w, ACT_HUMANS);
    (void)snprintf(d->ask.name, sizeof d->ask.name, "%s", names[d->person]);
    d->ask.role = PERSON_VIEWER + (uint32_t)chance(w, PERSON_ROLES - PERSON_VIEWER);
    d->ask.life_us = (int64_t)(1 + chance(w, 90)) * 3600 * TIME_US_PER_S;
    (void)snprintf(d->user, sizeof d->user, "local:op");
    d->role = "operator";
}

static bool
choose(struct world *w)
{
    struct acts *k = &w->acts;
    struct act_asked *d = &k->now;
    unsigned at = (unsigned)chance(w, WEIGHTS);
    unsigned i = 0;

    *d = (struct act_asked){0};
    while (at >= asks[i].weight)
        at -= asks[i++].weight;
    d->ask.what = asks[i].what;
    d->action = asks[i].action;
    switch (asks[i].what) {
    case ASK_WHO: return show(w, CREDENTIAL_NONE);
    case ASK_LINK: return show(w, CREDENTIAL_LINK);
    case ASK_SIGN_OUT: return show(w, CREDENTIAL_SESSION);
    case ASK_SET_PASSWORD:
        (void)snprintf(d->ask.password, sizeof d->ask.password, "secret-%06u", ++k->made);
        return show(w, CREDENTIAL_SESSION);
    case ASK_PASSWORD:
        name_somebody(w, false);
        (void)snprintf(d->user, sizeof d->user, "%s", names[d->person]);
        d->role = person_role_name(k->person[d->person].role);
        (void)snprintf(d->ask.password, sizeof d->ask.password, "%s",
                       one_in(w, 4) ? "secret-wrong" : k->person[d->person].password);
        return d->ask.password[0] != '\0';
    case ASK_USER_CERT:
        d->ask.with.kind = CREDENTIAL_CERTIFICATE;
        (void)snprintf((char *)d->ask.with.secret, PERSON_SECRET, "print-%06u", ++k->made);
        name_somebody(w, false);
        return true;
    case ASK_USER_ADD:
    case ASK_USER_LINK:
    case ASK_USER_REVOKE: name_somebody(w, false); return true;
    case ASK_TOKEN_ADD:
    case ASK_TOKEN_REVOKE: name_somebody(w, true); return true;
    case ASK_ALERT_ACK: break;
    }
    return false;
}

/* 1: it must be done, -1: it must not, 0: either. */
static int
right_answer(struct world *w)
{
    const struct act_asked *d = &w->acts.now;
    const struct act_person *p = &w->acts.person[d->person];

    switch ((enum person_ask_what)d->ask.what) {
    case ASK_USER_ADD:
    case ASK_TOKEN_ADD: return p->there ? -1 : 1;
    case ASK_USER_LINK:
    case ASK_USER_REVOKE:
    case ASK_USER_CERT:
    case ASK_TOKEN_REVOKE: return p->there ? 1 : -1;
    case ASK_ALERT_ACK: return 0;
    case ASK_PASSWORD: return p->there && strcmp(p->password, d->ask.password) == 0 ? 1 : -1;
    case ASK_WHO:
    case ASK_LINK:
    case ASK_SIGN_OUT:
    case ASK_SET_PASSWORD:
        return d->access->ended || wall(w) >= d->access->until ? -1
               : must_let_in(w, d->access, wall(w))            ? 1
                                                               : 0;
    }
    return 0;
}

static void
check_answer(struct world *w, int right, const struct person_answer *answer)
{
    const struct act_asked *d = &w->acts.now;
    bool excused = answer->status == ERR_BUSY || (answer->status == ERR_FULL && acts_full(w));

    if (answer->status == 0 && d->action[0] != '\0' && !d->in_log)
        violate(w, "%s by %s was answered and is not in the log", d->action, d->user);
    if (answer->status != 0 && d->in_log)
        violate(w, "%s by %s was refused (%s) and is in the log", d->action, d->user,
                err_text(answer->status));
    if (answer->status == 0 && right < 0)
        violate(w, "what %s asked (%u) must be refused and was not", d->user, d->ask.what);
    if (answer->status != 0 && right > 0 && !excused)
        violate(w, "what %s asked (%u) was refused: %s", d->user, d->ask.what,
                err_text(answer->status));
    w->some[SOME_ACT_FULL] += answer->status == ERR_FULL;
    w->some[SOME_REFUSED] += answer->status != 0 && right < 0;
}

/* One request, until what it changed is looked at; the node may end in it. */
void
people_turn(struct world *w)
{
    struct acts *k = &w->acts;
    struct act_asked *d = &k->now;
    struct person_answer answer;
    struct errinfo ei = {0};
    int right;
    int r;

    if (!choose(w))
        return;
    if (d->ask.what == ASK_PASSWORD || d->ask.what == ASK_SET_PASSWORD)
        pass_time(w, (int64_t)chance(w, 4) * TIME_US_PER_S);
    right = right_answer(w);
    d->asked = true;
    r = d->ask.what >= ASK_USER_ADD ? people_order(&k->people, "op", &d->ask, &answer, &ei)
                                    : people_ask(&k->people, &d->ask, &answer, &ei);
    tell(w, "%s asks %u of %s: %s", d->user, d->ask.what, names[d->person],
         err_text(r < 0 ? r : answer.status));
    if (!acts_go_on(w, r, &ei))
        return;
    check_answer(w, right, &answer);
    if (answer.status == 0)
        apply(w, &answer);
    d->asked = false;
    w->some[SOME_ACTS] += answer.status == 0 && d->in_log;
    if (!violated(w))
        people_check(w, w->store, false);
    store_settle(w->store);
}
