#include "role/cosigners.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "ledger/witness.h"
#include "role/engine_priv.h"
#include "role/node_priv.h"
#include "role/submit.h"
#include "store/cosigned.h"
#include "wire/hex.h"

struct asked_one {
    char name[POLICY_NAME];
    struct vkey key;
    struct fetch_peer told; /* to the fetcher; no endpoint: it is not asked */
    struct submit submit;
    bool checked;  /* it was asked since the start, and answered or not */
    bool monitors; /* the question that is out: let it show what it claims */
    uint32_t id;
    int64_t asked; /* when; 0: nothing is out */
    int64_t next;
    int64_t pause;
    struct utime last; /* its newest cosignature's */
    struct peer_state state;
};

struct cosigners {
    struct cosigners_open o;
    struct policy policy;
    struct asked_one one[FETCH_WITNESSES];
    unsigned count;
    uint32_t ids;
};

static int64_t
mono(const struct cosigners *c)
{
    return c->o.env->now_mono(c->o.env->self);
}

static struct utime
now(const struct cosigners *c)
{
    return c->o.env->now_wall(c->o.env->self);
}

/* ---- who they are ------------------------------------------------------------------------ */

static bool
is_inside(const struct conf *c, const char *name)
{
    for (unsigned i = 0; i < c->witness_inside.count; i++) {
        if (strcmp(c->witness_inside.at[i], name) == 0)
            return true;
    }
    return false;
}

static int
open_one(struct cosigners *c, unsigned i)
{
    struct asked_one *w = &c->one[i];
    uint64_t size = 0;
    int r;

    (void)snprintf(w->name, sizeof w->name, "%s", policy_witness(c->o.policy, i));
    w->key = c->o.policy->witness[i];
    (void)snprintf(w->told.name, sizeof w->told.name, "witness %s", w->name);
    (void)snprintf(w->told.endpoint, sizeof w->told.endpoint, "%s", c->o.policy->url[i]);
    w->told.vouched = 1;
    w->told.inside = is_inside(c->o.conf, w->name);
    w->pause = COSIGNERS_EVERY_US;
    submit_open(&w->submit);
    r = store_newest_cosigned_by(c->o.store, COSIGNER_WITNESS, vkey_name(&w->key), w->key.id,
                                 &size, &w->last);
    w->state.party = slice_of(w->name);
    w->state.origin = slice_of(w->key.name);
    w->state.witnessed = size;
    w->state.witnessed_at = w->last;
    w->submit.old = size;
    return r == ERR_NOTFOUND ? 0 : r;
}

int
cosigners_open(const struct cosigners_open *o, struct cosigners **ret, struct errinfo *ei)
{
    struct cosigners *c = calloc(1, sizeof *c);
    int r = c == NULL ? ERR_NOMEM : 0;

    if (r == 0)
        c->o = *o;
    for (unsigned i = 0; r == 0 && i < o->policy->witnesses && i < FETCH_WITNESSES; i++) {
        r = open_one(c, i);
        c->count++;
    }
    if (r < 0) {
        (void)cosigners_close(c);
        return err_set(ei, r, "%s", err_text(r));
    }
    c->policy = *o->policy;
    c->o.policy = NULL;
    cosigners_fetcher_new(c);
    *ret = c;
    return 0;
}

struct cosigners *
cosigners_close(struct cosigners *c)
{
    for (unsigned i = 0; c != NULL && i < c->count; i++)
        submit_close(&c->one[i].submit);
    free(c);
    return NULL;
}

void
cosigners_fetcher_new(struct cosigners *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        c->one[i].asked = 0;
        c->o.fetcher->peer(c->o.fetcher->self, FETCH_PEERS + i, &c->one[i].told);
    }
}

bool
cosigners_meet(const struct cosigners *c)
{
    uint64_t fresh[POLICY_NODES] = {0};

    for (unsigned i = 0; i < c->count; i++)
        fresh[i] = now(c).us - c->one[i].last.us <= COSIGNERS_LATE_US;
    return policy_reach(&c->policy, fresh) > 0;
}

bool
cosigners_checked(const struct cosigners *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        if (c->one[i].told.endpoint[0] != '\0' && !c->one[i].checked)
            return false;
    }
    return true;
}

unsigned
cosigners_count(const struct cosigners *c)
{
    return c->count;
}

void
cosigners_state(const struct cosigners *c, unsigned number, struct peer_state *ret)
{
    *ret = c->one[number].state;
}

int
cosigners_ca(const char *dir, const struct conf *c, struct buf *ret, struct errinfo *ei)
{
    const char *path = c->witness_ca;
    bool root = path[0] == '/';
    int r = path[0] == '\0'
                ? 0
                : node_read_file(root ? "" : dir, path + root, COSIGNERS_CA_MAX, ret, ei);

    return r == ERR_NOTFOUND ? ERR_CONF : r;
}

/* ---- asking ------------------------------------------------------------------------------ */

static void
ask(struct cosigners *c, struct asked_one *w, const char *path, struct slice body)
{
    struct fetch_ask a = {.peer = FETCH_PEERS + (uint32_t)(w - c->one),
                          .id = ++c->ids,
                          .post = body.len > 0,
                          .size = (uint32_t)body.len,
                          .limit = NOTE_MAX};

    (void)snprintf(a.path, sizeof a.path, "%s", path);
    w->id = a.id;
    w->asked = mono(c);
    w->monitors = body.len == 0;
    c->o.fetcher->ask(c->o.fetcher->self, &a, body);
}

/* This round is over, well or not. */
static void
end(struct cosigners *c, struct asked_one *w, enum peer_fault fault, const char *why)
{
    char text[300];

    w->checked = true;
    w->pause = fault == PEER_FINE ? COSIGNERS_EVERY_US : w->pause * 2;
    if (w->pause > COSIGNERS_PAUSE_US)
        w->pause = COSIGNERS_PAUSE_US;
    w->next = mono(c) + w->pause;
    if (fault != w->state.fault) {
        w->state.since = fault == PEER_FINE ? (struct utime){0} : now(c);
        (void)snprintf(text, sizeof text, "witness %s: %s%s%.160s", w->name,
                       fault == PEER_FINE ? "cosigns again" : peer_fault_text(fault),
                       fault == PEER_FINE ? "" : ": ", fault == PEER_FINE ? "" : why);
        c->o.env->log(c->o.env->self, fault == PEER_FINE ? ENV_INFO : ENV_WARN, text);
    }
    w->state.fault = fault;
    (void)snprintf(w->state.why, sizeof w->state.why, "%s", fault == PEER_FINE ? "" : why);
}

static int
submit(struct cosigners *c, struct asked_one *w)
{
    AUTO_BUF(body, WITNESS_BODY_MAX);
    bool due;
    int r = submit_ask(&w->submit, c->o.engine, c->o.env, &body, &due);

    if (r == 0 && due)
        ask(c, w, "add-checkpoint", buf_get(&body));
    else
        w->next = mono(c) + PEERS_EVERY_US;
    return r;
}

int
cosigners_step(struct cosigners *c, struct errinfo *ei)
{
    int r = 0;

    for (unsigned i = 0; r == 0 && i < c->count; i++) {
        struct asked_one *w = &c->one[i];

        if (w->asked != 0 && mono(c) - w->asked > PEERS_ANSWER_US) {
            w->asked = 0;
            end(c, w, PEER_UNREACHABLE, "no answer came");
        }
        if (w->asked != 0 || w->told.endpoint[0] == '\0' || mono(c) < w->next)
            continue;
        w->submit.tries = 0;
        r = submit(c, w);
    }
    return r < 0 ? engine_fail(c->o.engine, r, ei) : 0;
}

/* ---- answers ----------------------------------------------------------------------------- */

static int
keep(struct cosigners *c, struct asked_one *w, const struct checkpoint_signed *s,
     struct errinfo *ei)
{
    const struct note_signer *by = &s->witness.signer[0];
    const struct note_line *line = &s->note.line[by->line];
    struct store_cosigned row = {.role = COSIGNER_WITNESS,
                                 .name = vkey_name(&w->key),
                                 .key = line->id,
                                 .size = s->checkpoint.size,
                                 .at = {(int64_t)by->time * TIME_US_PER_S}};
    AUTO_BUF(text, 1024);
    int r;

    buf_printf(&text, "\xe2\x80\x94 %.*s %.*s\n", (int)line->name.len, line->name.ptr,
               (int)line->base64.len, line->base64.ptr);
    row.line = buf_get(&text);
    r = buf_error(&text) < 0 ? buf_error(&text) : store_begin(c->o.store);
    if (r == 0)
        r = store_put_cosigned(c->o.store, &row);
    if (r == 0)
        r = store_commit(c->o.store);
    if (r < 0) {
        store_rollback(c->o.store);
        return r == ERR_FULL ? r : err_set(ei, r, "the store: %s", store_error(c->o.store));
    }
    w->last = row.at;
    w->state.witnessed = row.size;
    w->state.witnessed_at = row.at;
    return 0;
}

/* Why a cosignature does not count; NULL. */
static const char *
false_time(const struct cosigners *c, const struct asked_one *w, uint64_t time)
{
    if (time > (uint64_t)((now(c).us + COSIGNERS_SKEW_US) / TIME_US_PER_S))
        return "its cosignature is from the future";
    if ((int64_t)time * TIME_US_PER_S < w->last.us)
        return "its cosignature is older than the one before";
    return NULL;
}

/* A note over our log with its line. */
static int
judge(struct cosigners *c, struct asked_one *w, struct slice note, bool claimed,
      struct errinfo *ei)
{
    const struct checkpoint_keys keys = {.log = {&c->o.engine->key->vkey, 1},
                                         .witness = {&w->key, 1}};
    struct checkpoint_signed s;
    struct errinfo why = {0};
    const char *bad;
    int r;

    if (checkpoint_verify(note, &keys, &s, &why) < 0) {
        end(c, w, PEER_FALSE_COSIGNATURE, why.text);
        return 0;
    }
    r = submit_is_ours(c->o.engine, &s.checkpoint, w->told.name, ei);
    if (r < 0)
        return r;
    if (claimed) {
        end(c, w, PEER_NO_WITNESS, "it claims another tree of our log, and shows none");
        return 0;
    }
    if (s.witness.count > 0)
        submit_measure(&w->submit, c->o.env,
                       (struct utime){(int64_t)s.witness.signer[0].time * TIME_US_PER_S},
                       w->last, &w->state.clock);
    bad = s.witness.count == 0 ? "no line of it is by the key of the policy"
                               : false_time(c, w, s.witness.signer[0].time);
    if (bad != NULL) {
        end(c, w, PEER_FALSE_COSIGNATURE, bad);
        return 0;
    }
    r = keep(c, w, &s, ei);
    if (r < 0) {
        end(c, w, w->state.fault, w->state.why); /* it says it again */
        return r == ERR_FULL ? 0 : r;
    }
    submit_done(&w->submit, mono(c));
    end(c, w, PEER_FINE, "");
    return 0;
}

static void
ask_monitor(struct cosigners *c, struct asked_one *w)
{
    const char *own = c->o.engine->key->vkey.name;
    struct hash h = sha256_of(own, strlen(own));
    char hex[2 * sizeof h.byte + 1] = "";
    char path[FETCH_PATH];

    hex_encode(h.byte, sizeof h.byte, hex);
    (void)snprintf(path, sizeof path, "%.64s/checkpoint", hex);
    ask(c, w, path, (struct slice){NULL, 0});
}

/* It asks for a pause, which the question keeps; without an end it is a refusal. */
static void
put_off(struct cosigners *c, struct asked_one *w)
{
    w->checked = true;
    w->next = mono(c) + PEERS_EVERY_US;
    if (submit_is_put_off(&w->submit, mono(c)))
        end(c, w, PEER_NO_WITNESS, "add-checkpoint: it asks to wait, again and again");
}

static int
took_submit(struct cosigners *c, struct asked_one *w, const struct fetch_told *t,
            struct slice body, struct errinfo *ei)
{
    AUTO_BUF(note, NOTE_MAX);
    struct errinfo why = {0};
    char text[FETCH_ERROR];

    switch (submit_took(&w->submit, t->status, body, mono(c), &note, &why)) {
    case SUBMIT_WAIT: put_off(c, w); return 0;
    case SUBMIT_AGAIN: return submit(c, w);
    case SUBMIT_SHOW: ask_monitor(c, w); return 0;
    case SUBMIT_COSIGNED: return judge(c, w, buf_get(&note), false, ei);
    case SUBMIT_NONSENSE:
        (void)snprintf(text, sizeof text, "no cosignature: %.120s", why.text);
        end(c, w, PEER_FALSE_COSIGNATURE, text);
        return 0;
    case SUBMIT_REFUSED: break;
    }
    (void)snprintf(text, sizeof text, "add-checkpoint: status %u%s", t->status,
                   t->status == WITNESS_UNKNOWN
                       ? ": it does not know this log; give it what `log key` prints"
                       : "");
    end(c, w, PEER_NO_WITNESS, text);
    return 0;
}

int
cosigners_told(struct cosigners *c, const struct fetch_told *t, struct slice body,
               struct errinfo *ei)
{
    unsigned i = t->peer - FETCH_PEERS;
    struct asked_one *w = t->peer >= FETCH_PEERS && i < c->count ? &c->one[i] : NULL;
    char text[FETCH_ERROR];

    if (w == NULL || w->asked == 0 || w->id != t->id)
        return 0;
    w->asked = 0;
    if (t->status == 0) {
        (void)snprintf(text, sizeof text, "%.*s", (int)sizeof t->text - 1, t->text);
        end(c, w, PEER_UNREACHABLE, text);
        return 0;
    }
    w->state.answered = now(c);
    if (!w->monitors)
        return took_submit(c, w, t, body, ei);
    if (t->status == 200)
        return judge(c, w, body, true, ei);
    end(c, w, PEER_NO_WITNESS, "it claims another tree of our log, and shows none");
    return 0;
}
