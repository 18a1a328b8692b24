#include "role/parley.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "role/offset.h"
#include "role/pull.h"
#include "role/quorum.h"
#include "store/pacts.h"

enum { HEARD = 16 /* answers of one step */ };

struct parley_whom {
    struct fetch_peer is;
    bool waits; /* to be told */
};

static int64_t
mono(const struct parley *p)
{
    return p->node->env.now_mono(p->node->env.self);
}

static void
say(const struct parley *p, enum env_level level, const char *text)
{
    p->node->env.log(p->node->env.self, level, text);
}

/* ---- to the peer process ----------------------------------------------------------------- */

static void
drop_link(struct parley *p)
{
    if (p->link >= 0)
        (void)close(p->link);
    if (p->bodies >= 0)
        (void)close(p->bodies);
    p->link = p->bodies = -1;
}

/* Never waits: what the link has no room for is told at the next step. */
static void
tell_whom(struct parley *p)
{
    for (unsigned i = 0; p->link >= 0 && i < FETCH_ALL; i++) {
        struct link_msg m = {.op = LINK_WHOM, .slot = i};
        int r;

        if (!p->whom[i].waits)
            continue;
        m.u.whom = p->whom[i].is;
        r = link_send(p->link, &m, NULL, 0, false);
        if (r == ERR_NOTFOUND)
            drop_link(p);
        if (r < 0)
            return;
        p->whom[i].waits = false;
    }
}

static void
take_whom(void *self, unsigned number, const struct fetch_peer *whom)
{
    struct parley *p = self;

    p->whom[number] = (struct parley_whom){*whom, true};
    tell_whom(p);
}

/* One that is lost, with the process or in a link that is full, is asked again when a new link
 * comes or its time is over. */
static void
take_ask(void *self, const struct fetch_ask *ask, struct slice body)
{
    struct parley *p = self;
    struct link_msg m = {.op = LINK_FETCH, .u.fetch = *ask};

    tell_whom(p);
    if (p->link < 0 || p->whom[ask->peer].waits || body.len > PULL_SENT)
        return;
    if (body.len > 0 && pwrite(p->bodies, body.ptr, body.len, (off_t)ask->peer * PULL_SENT) !=
                            (ssize_t)body.len)
        return;
    if (link_send(p->link, &m, NULL, 0, false) == ERR_NOTFOUND)
        drop_link(p);
}

void
parley_link(struct parley *p, int fds[LINK_FDS])
{
    drop_link(p);
    if (p->peers == NULL && p->cosigners == NULL)
        return;
    p->link = fds[0];
    p->bodies = fds[1];
    fds[0] = fds[1] = -1;
    if (p->asks_until > mono(p) + PARLEY_ASK_US)
        p->asks_until = mono(p) + PARLEY_ASK_US;
    if (p->peers != NULL)
        peers_fetcher_new(p->peers);
    if (p->cosigners != NULL)
        cosigners_fetcher_new(p->cosigners);
}

/* ---- from it ----------------------------------------------------------------------------- */

static int
take_told(struct parley *p, const struct fetch_told *t, struct slice body, struct errinfo *ei)
{
    if (t->peer >= FETCH_PEERS)
        return p->cosigners == NULL ? 0 : cosigners_told(p->cosigners, t, body, ei);
    return p->peers == NULL ? 0 : peers_told(p->peers, t, body, ei);
}

/* Copied, so that it stays as it was checked. */
static int
take_answer(struct parley *p, struct fetch_told *t, int fd, struct errinfo *ei)
{
    char *body = NULL;
    int r;

    t->text[sizeof t->text - 1] = '\0';
    if (t->size > 0) {
        body = t->size > FETCH_MAX || fd < 0 ? NULL : malloc(t->size);
        if (body == NULL || pread(fd, body, t->size, 0) != (ssize_t)t->size) {
            t->status = t->size = 0;
            (void)snprintf(t->text, sizeof t->text, "its answer got lost in this node");
        }
    }
    r = take_told(p, t, (struct slice){body == NULL ? "" : body, t->size}, ei);
    free(body);
    return r;
}

static int
hear(struct parley *p, bool *ret_came, struct errinfo *ei)
{
    struct link_msg m;
    int fds[LINK_FDS];
    int r = 0;

    for (unsigned i = 0; r == 0 && p->link >= 0 && i < HEARD; i++) {
        int got = link_recv(p->link, &m, fds, false);

        if (got == 0)
            break;
        if (got < 0) {
            drop_link(p);
            break;
        }
        *ret_came = true;
        if (m.op == LINK_FETCHED)
            r = take_answer(p, &m.u.fetched, fds[0], ei);
        link_drop(fds);
    }
    return r;
}

/* ---- what is carried --------------------------------------------------------------------- */

static void
end_carrier(struct parley *p, int status, const struct errinfo *ei, const struct carried *what)
{
    struct link_msg m = {.op = LINK_CARRIED, .status = status};

    if (what != NULL)
        m.u.carried = *what;
    else if (ei != NULL)
        m.u.ei = *ei;
    if (p->carrier >= 0) {
        (void)!link_send(p->carrier, &m, NULL, 0, false);
        (void)close(p->carrier);
    }
    p->carrier = -1;
}

static void
carrier_ended(void *self, const struct carried *what)
{
    end_carrier(self, 0, NULL, what);
}

static void
carrier_ask(void *self, const struct fetch_ask *ask, struct slice body)
{
    struct parley *p = self;
    struct link_msg m = {.op = LINK_FETCH, .u.fetch = *ask};

    (void)body; /* nothing is posted to a bundle */
    if (p->carrier >= 0)
        (void)!link_send(p->carrier, &m, NULL, 0, false);
}

static int
carried_witness(void *arg, struct slice body)
{
    struct parley *p = arg;
    struct witness_told told;

    return witness_ask(p->witness, body, &told);
}

int
parley_carry(struct parley *p, const char *party, int link, struct errinfo *ei)
{
    const struct peers_carried c = {.fetcher = {.self = p, .ask = carrier_ask},
                                    .ended = carrier_ended};
    struct errinfo why = {0};
    int r;

    if (p->carrier >= 0) {
        (void)close(link); /* one at a time */
        return 0;
    }
    p->carrier = link;
    r = p->peers == NULL ? err_set(&why, ERR_NOTFOUND, "this node has no counterpart")
                         : peers_carry(p->peers, slice_of(party), &c, &why);
    if (r == 0)
        return 0;
    end_carrier(p, r, &why, NULL);
    *ei = why;
    return r == ERR_NOTFOUND || r == ERR_BUSY || r == ERR_FULL ? 0 : r;
}

/* Its answers, until it goes. */
static int
hear_carrier(struct parley *p, bool *ret_came, struct errinfo *ei)
{
    struct link_msg m;
    int fds[LINK_FDS];
    int r = 0;

    for (unsigned i = 0; r == 0 && p->carrier >= 0 && i < HEARD; i++) {
        int got = link_recv(p->carrier, &m, fds, false);

        if (got == 0)
            break;
        if (got < 0) {
            if (p->peers != NULL)
                peers_dropped(p->peers);
            break;
        }
        *ret_came = true;
        if (m.op == LINK_FETCHED)
            r = take_answer(p, &m.u.fetched, fds[0], ei);
        link_drop(fds);
    }
    return r;
}

/* ---- the book ---------------------------------------------------------------------------- */

/* One whose notes cannot be read leaves what was known in force. */
static int
read_book(struct parley *p, struct book **ret, struct errinfo *ei)
{
    const struct conf *c = p->node->conf;
    struct errinfo why = {0};
    char text[400];
    uint64_t notes;
    bool old;
    int r = book_is_old(p->node->store, p->book, &old);

    *ret = NULL;
    if (r < 0 || (!old && p->changes == p->treaty->changes))
        return r;
    p->changes = p->treaty->changes;
    r = store_count_pact_notes(p->node->store, &notes);
    if (r < 0 || notes == p->failed)
        return r;
    r = book_load(p->node->store, c->party, ret, &why);
    if (r == 0)
        return 0;
    if (r != ERR_CONF && r != ERR_LIMIT) {
        *ei = why;
        return r;
    }
    p->failed = notes;
    (void)snprintf(text, sizeof text,
                   "notes of pacts in the store cannot be read, what was known before stays in "
                   "force: %.200s",
                   why.text);
    say(p, ENV_ERROR, text);
    return 0;
}

/* What was recorded is judged. */
static void
watch(void *arg, uint64_t block, const struct draft *d)
{
    const struct parley *p = arg;

    arbiter_watch(p->arbiter, block, d);
}

static int
open_arbiter(struct parley *p, struct errinfo *ei)
{
    const struct arbiter_open o = {
        .talk = &p->talk, .env = &p->node->env, .automatic = p->node->conf->automatic};
    int r = arbiter_open(&o, &p->arbiter, ei);

    if (r == 0)
        engine_set_watch(p->node->engine, watch, p);
    return r;
}

static int
use_book(struct parley *p, struct book *b, struct errinfo *ei)
{
    struct book *old = p->book;
    int r = 0;

    p->book = b;
    p->talk.book = b;
    witness_book(p->witness, b);
    if (p->keys != NULL)
        r = p->arbiter == NULL ? open_arbiter(p, ei) : arbiter_book(p->arbiter, ei);
    (void)book_free(old);
    return r;
}

static void
amend(void *arg, struct slice party, struct fetch_peer *whom)
{
    const struct parley *p = arg;
    const struct conf *c = p->node->conf;

    for (unsigned i = 0; i < c->peer_count; i++) {
        const struct conf_peer *as = &c->peers[i];

        if (!slice_is(party, as->party))
            continue;
        if (as->endpoint[0] != '\0')
            (void)snprintf(whom->endpoint, sizeof whom->endpoint, "%s", as->endpoint);
        whom->inside = as->inside;
    }
}

static int
take_note(void *arg, const struct store_wanted *w, const struct book_pact *b,
          struct slice bytes, struct errinfo *ei)
{
    const struct parley *p = arg;

    return treaty_note(p->treaty, w, b, bytes, ei);
}

static int
open_peers(struct parley *p, struct errinfo *ei)
{
    const struct peers_open o = {.dir = p->node->dir,
                                 .talk = &p->talk,
                                 .keys = p->keys,
                                 .fetcher = &p->fetcher,
                                 .env = &p->node->env,
                                 .note = take_note,
                                 .witness = carried_witness,
                                 .amend = amend,
                                 .arg = p};
    int r = peers_open(&o, &p->peers, ei);

    p->wants |= r == 0 && peers_count(p->peers) > 0;
    return r;
}

/* A full disk leaves the policy of before, or none, until the next start. */
static int
open_cosigners(struct parley *p, struct errinfo *ei)
{
    struct node *n = p->node;
    struct cosigners_open o = {.engine = n->engine,
                               .store = n->store,
                               .env = &n->env,
                               .conf = n->conf,
                               .fetcher = &p->fetcher};
    struct policy *policy = malloc(sizeof *policy);
    AUTO_BUF(text, POLICY_MAX + 8192);
    int r;

    if (policy == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = quorum_load(n->dir, n->conf, policy, &text, ei);
    if (r == 0)
        r = quorum_keep(n, policy, buf_get(&text), &p->keys->key[NODE_WITNESS],
                        &p->keys->key[NODE_HOLDER], ei);
    if (r == ERR_FULL) {
        say(p, ENV_WARN, "the disk is full: the policy is not in the log yet");
        r = 0;
    }
    o.policy = policy;
    if (r == 0 && policy->witnesses > 0)
        r = cosigners_open(&o, &p->cosigners, ei);
    p->wants |= r == 0 && p->cosigners != NULL;
    free(policy);
    return r;
}

/* Somebody may know more of our log than we do: ask first, then sign. */
static void
hold(struct parley *p)
{
    if (!p->wants || ledger_signed_size(engine_ledger(p->node->engine)) == 0)
        return;
    p->asks_until = mono(p) + PARLEY_JOIN_US;
    engine_hold(p->node->engine, true);
}

/* Go on once all were asked, or time is over. */
static void
let_go(struct parley *p)
{
    bool all = (p->peers == NULL || peers_checked(p->peers)) &&
               (p->cosigners == NULL || cosigners_checked(p->cosigners));

    if (p->asks_until == 0 || (!all && mono(p) < p->asks_until))
        return;
    if (!all)
        say(p, ENV_WARN,
            "not all who cosign this log answered: whether it was put back is known by its "
            "mark "
            "alone until they do");
    p->asks_until = 0;
    engine_hold(p->node->engine, false);
}

/* NOLINTBEGIN(readability-function-size): what the engine has, and nothing else */
int
parley_open(struct parley *p, struct node *n, struct witness *w, const struct node_keys *keys,
            struct treaty *treaty, int parent, struct errinfo *ei)
/* NOLINTEND(readability-function-size) */
{
    struct book *b = NULL;
    int r;

    *p = (struct parley){.node = n,
                         .witness = w,
                         .keys = keys,
                         .treaty = treaty,
                         .parent = parent,
                         .carrier = -1,
                         .link = -1,
                         .bodies = -1};
    p->failed = UINT64_MAX;
    p->talk = (struct talk){.engine = n->engine,
                            .store = n->store,
                            .env = &n->env,
                            .key = keys == NULL ? NULL : &keys->key[NODE_MESSAGE]};
    p->fetcher = (struct fetcher){p, take_whom, take_ask};
    p->looked = mono(p);
    p->whom = calloc(FETCH_ALL, sizeof *p->whom);
    p->state = calloc(FETCH_ALL, sizeof *p->state);
    if (p->whom == NULL || p->state == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = keys == NULL ? 0 : open_cosigners(p, ei);
    if (r == 0)
        r = read_book(p, &b, ei);
    if (r == 0 && b != NULL)
        r = use_book(p, b, ei);
    if (r == 0 && keys != NULL)
        r = open_peers(p, ei); /* of nobody yet, without a pact */
    if (r == 0)
        hold(p);
    return r;
}

void
parley_close(struct parley *p)
{
    drop_link(p);
    if (p->carrier >= 0)
        (void)close(p->carrier);
    p->carrier = -1;
    if (p->arbiter != NULL)
        engine_set_watch(p->node->engine, NULL, NULL);
    p->arbiter = arbiter_close(p->arbiter);
    p->peers = peers_close(p->peers);
    p->cosigners = cosigners_close(p->cosigners);
    p->book = book_free(p->book);
    free(p->whom);
    free(p->state);
    p->whom = NULL;
    p->state = NULL;
}

/* Keys also begin and end to hold, without a note. */
static int
look(struct parley *p, struct errinfo *ei)
{
    struct book *b;
    int r = read_book(p, &b, ei);

    p->looked = mono(p);
    if (r < 0)
        return r;
    if (b != NULL)
        r = use_book(p, b, ei);
    else
        witness_book(p->witness, p->book);
    if (r < 0)
        return r;
    if (p->book == NULL || p->keys == NULL)
        return 0;
    p->anew = !peers_know(p->peers, p->book) || node_keys_came(p->node->dir, p->keys) ||
              node_keys_due(p->keys, p->book, p->node->env.now_wall(p->node->env.self));
    return p->anew ? 0 : peers_book(p->peers, ei);
}

/* For whoever reads the store. */
static void
keep_offset(struct parley *p)
{
    struct utime now = p->node->env.now_wall(p->node->env.self);
    struct clock_estimate e;

    if (p->clock_kept != 0 && mono(p) - p->clock_kept < OFFSET_EVERY_US)
        return;
    offset_look(p, now, &e);
    if (e.count == 0)
        return;
    p->clock_kept = mono(p);
    offset_keep(p->node->store, &e, now);
}

int
parley_step(struct parley *p, struct errinfo *ei)
{
    bool came = false;
    int r = 0;

    if (mono(p) - p->looked >= PARLEY_LOOK_US)
        r = look(p, ei);
    p->talk.attrib = p->node->attrib;
    let_go(p);
    if (r == 0 && p->arbiter != NULL && p->asks_until == 0)
        r = arbiter_step(p->arbiter, ei);
    if ((p->peers == NULL && p->cosigners == NULL) || p->anew)
        return r;
    if (p->wants) { /* not before the parent heard that we are ready */
        p->wants = false;
        (void)!link_say(p->parent, LINK_PEER_WANTED);
    }
    tell_whom(p);
    if (r == 0)
        r = hear(p, &came, ei);
    if (r == 0)
        r = hear_carrier(p, &came, ei);
    if (r == 0 && p->peers != NULL)
        r = peers_step(p->peers, ei);
    if (r == 0 && p->cosigners != NULL)
        r = cosigners_step(p->cosigners, ei);
    if (r == 0)
        keep_offset(p);
    return r < 0 ? r : came;
}

void
parley_said(struct parley *p)
{
    if (p->peers != NULL)
        peers_hurry(p->peers);
}

bool
parley_is_over(const struct parley *p)
{
    return p->anew;
}

/* ---- for people -------------------------------------------------------------------------- */

static void
fill(struct parley *p, unsigned number, struct link_peer *ret)
{
    struct peer_state s;

    if (number >= FETCH_PEERS)
        cosigners_state(p->cosigners, number - FETCH_PEERS, &s);
    else
        peers_state(p->peers, number, &s);
    *ret = (struct link_peer){.fault = (uint32_t)s.fault,
                              .since = s.since,
                              .answered = s.answered,
                              .theirs = s.theirs,
                              .missing = s.missing,
                              .witnessed = s.witnessed,
                              .witnessed_at = s.witnessed_at,
                              .held = s.held,
                              .held_at = s.held_at,
                              .clock = s.clock};
    (void)snprintf(ret->party, sizeof ret->party, "%.*s", (int)s.party.len, s.party.ptr);
    (void)snprintf(ret->origin, sizeof ret->origin, "%.*s", (int)s.origin.len, s.origin.ptr);
    if (s.fault != PEER_FINE)
        (void)snprintf(ret->why, sizeof ret->why, "%s", s.why);
}

/* Of those whose numbers begin there.  False: the link is full. */
static bool
tell_states(struct parley *p, int gate, unsigned from, unsigned count)
{
    for (unsigned i = from; i < from + count; i++) {
        struct link_msg m = {.op = LINK_PEER_STATE, .slot = i};

        fill(p, i, &m.u.peer);
        if (p->told_all && memcmp(&m.u.peer, &p->state[i], sizeof m.u.peer) == 0)
            continue;
        if (link_send(gate, &m, NULL, 0, false) < 0)
            return false;
        p->state[i] = m.u.peer;
    }
    return true;
}

void
parley_tell(struct parley *p, int gate, bool new_gate)
{
    p->told_all &= !new_gate;
    if (gate < 0 || (p->told_all && mono(p) - p->told < PARLEY_TELL_US))
        return;
    p->told = mono(p);
    /* what finds no room comes at the next */
    p->told_all = (p->peers == NULL || tell_states(p, gate, 0, peers_count(p->peers))) &&
                  (p->cosigners == NULL ||
                   tell_states(p, gate, FETCH_PEERS, cosigners_count(p->cosigners)));
}
