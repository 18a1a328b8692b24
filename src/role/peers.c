#include "role/peers.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "ledger/witness.h"
#include "model/text.h"
#include "role/engine_priv.h"
#include "role/peers_priv.h"
#include "store/cosigned.h"
#include "wire/hex.h"
#include "words/words.h"

enum { TEXT_LIMIT = NOTE_MAX };

const char *
peer_fault_name(enum peer_fault f)
{
    static const char *const names[PEER_FAULTS] = {
        "",
#define FAULT(id, name) name,
#include "role/peer_fault.def"
    };

    return names[f < PEER_FAULTS ? f : 0];
}

const char *
peer_fault_text(enum peer_fault f)
{
    static const enum word texts[PEER_FAULTS] = {
        WORD_NONE,
#define FAULT(id, name) WORD_FAULT_##id,
#include "role/peer_fault.def"
    };

    return word(LANGUAGE_EN, texts[f < PEER_FAULTS ? f : 0]);
}

struct utime
peers_now(const struct peers *p)
{
    return p->o.env->now_wall(p->o.env->self);
}

int64_t
peers_mono(const struct peers *p)
{
    return p->o.env->now_mono(p->o.env->self);
}

void
peer_fault(struct peer *peer, enum peer_fault f, const char *fmt, ...)
{
    va_list ap;

    if (f <= peer->fault)
        return;
    peer->fault = f;
    va_start(ap, fmt);
    (void)vsnprintf(peer->state.why, sizeof peer->state.why, fmt, ap);
    va_end(ap);
}

void
peer_keys(const struct peers *p, const struct peer *peer, enum annex_role role,
          struct utime now, struct peer_keys *ret)
{
    const struct book *b = p->o.talk->book;

    ret->count = 0;
    for (unsigned i = 0; b != NULL && i < b->pacts; i++) {
        const struct role_keys keys = b->pact[i].keys[role];

        for (unsigned k = 0; k < keys.count && ret->count < PEER_KEYS; k++) {
            const struct role_key *key = &keys.key[k];

            if (slice_eq(key->party, slice_of(peer->party)) && key->from.us <= now.us &&
                (key->until.us == 0 || now.us < key->until.us))
                ret->key[ret->count++] = key->key;
        }
    }
}

/* ---- who there is ------------------------------------------------------------------------ */

static struct peer *
peer_of(struct peers *p, struct slice origin)
{
    for (unsigned i = 0; i < p->count; i++) {
        if (slice_eq(slice_of(p->peer[i].origin), origin))
            return &p->peer[i];
    }
    return NULL;
}

static int
add_peer(struct peers *p, const struct book_party *party, struct peer **ret)
{
    struct peer *peer = &p->peer[p->count];

    if (p->count == FETCH_PEERS || party->origin.len > KEY_NAME_MAX ||
        party->id.len > PARTY_MAX)
        return ERR_LIMIT;
    *peer = (struct peer){.pause = PEERS_EVERY_US};
    (void)snprintf(peer->party, sizeof peer->party, "%.*s", (int)party->id.len, party->id.ptr);
    (void)snprintf(peer->origin, sizeof peer->origin, "%.*s", (int)party->origin.len,
                   party->origin.ptr);
    buf_init(&peer->note, NOTE_MAX);
    submit_open(&peer->submit);
    p->count++;
    *ret = peer;
    return 0;
}

static int
open_mirror(struct peers *p, struct peer *peer, struct slice self, struct errinfo *ei)
{
    const struct mirror_open o = {.dir = p->dir,
                                  .origin = slice_of(peer->origin),
                                  .party = slice_of(peer->party),
                                  .self = self,
                                  .own_words = p->lost};
    int r;

    if (peer->mirror != NULL)
        return 0;
    r = mirror_open(&o, &peer->mirror, ei);
    return r == ERR_FULL ? 0 : r;
}

/* Its newest annex says where it answers; keys of all annexes that hold now are met there. */
static void
describe(struct peers *p, const struct book_pact *b, unsigned party, struct peer *peer)
{
    const struct annex *annex = book_annex(b, (int)party);
    struct utime now = peers_now(p);
    struct fetch_peer whom = {.pins = 0};

    (void)snprintf(whom.name, sizeof whom.name, "%s", peer->party);
    (void)snprintf(whom.endpoint, sizeof whom.endpoint, "%s", annex->endpoint);
    for (unsigned i = 0; i < b->pins && whom.pins < FETCH_PINS; i++) {
        const struct book_pin *pin = &b->pin[i];

        if (pin->party == party && pin->from.us <= now.us &&
            (pin->until.us == 0 || now.us < pin->until.us))
            whom.pin[whom.pins++] = pin->spki;
    }
    if (p->o.amend != NULL)
        p->o.amend(p->o.arg, slice_of(peer->party), &whom);
    if (memcmp(&whom, &peer->told, sizeof whom) == 0)
        return;
    peer->told = whom;
    p->o.fetcher->peer(p->o.fetcher->self, (unsigned)(peer - p->peer), &whom);
}

static int
meet(struct peers *p, const struct book_pact *b, unsigned party, struct errinfo *ei)
{
    struct peer *peer = peer_of(p, b->party[party].origin);
    int r = 0;

    if (peer == NULL)
        r = add_peer(p, &b->party[party], &peer);
    if (r == 0)
        r = open_mirror(p, peer, b->party[b->self].id, ei);
    if (r < 0)
        return r == ERR_LIMIT ? 0 : r;
    peer->known = true;
    peer->first = book_first_leaf(&b->party[party]);
    peer->state.party = slice_of(peer->party);
    peer->state.origin = slice_of(peer->origin);
    describe(p, b, party, peer);
    return 0;
}

int
peers_book(struct peers *p, struct errinfo *ei)
{
    const struct book *b = p->o.talk->book;
    int r = 0;

    for (unsigned i = 0; i < p->count; i++)
        p->peer[i].known = false;
    for (unsigned i = 0; r == 0 && b != NULL && i < b->pacts; i++) {
        const struct book_pact *pact = &b->pact[i];

        for (unsigned k = 0; r == 0 && pact->self >= 0 && k < pact->pact->parties; k++) {
            if ((int)k != pact->self && pact->party[k].annexes > 0)
                r = meet(p, pact, k, ei);
        }
    }
    return r;
}

bool
peers_know(const struct peers *p, const struct book *b)
{
    for (unsigned i = 0; i < b->pacts; i++) {
        const struct book_pact *pact = &b->pact[i];

        for (unsigned k = 0; pact->self >= 0 && k < pact->pact->parties; k++) {
            const struct book_party *party = &pact->party[k];
            unsigned at = 0;

            if ((int)k == pact->self || party->annexes == 0)
                continue;
            while (at < p->count && (p->peer[at].mirror == NULL ||
                                     !slice_eq(slice_of(p->peer[at].origin), party->origin)))
                at++;
            if (at == p->count && p->count < FETCH_PEERS)
                return false;
        }
    }
    return true;
}

/* Before what is lost is back, nothing is said to whom it was said to. */
static bool
is_lost(void *arg, struct slice party)
{
    const struct peers *p = arg;

    for (unsigned i = 0; p->lost && i < p->count; i++) {
        if (p->peer[i].known && !p->peer[i].recalled &&
            slice_eq(slice_of(p->peer[i].party), party))
            return true;
    }
    return false;
}

/* role/successor.h says of which generation words are lost. */
static int
look_for_lost(struct peers *p)
{
    AUTO_BUF(text, 32);
    uint64_t generation = 0;
    int r = store_get_meta(p->o.talk->store, "lost_words", &text);

    p->o.talk->lost = is_lost;
    p->o.talk->lost_arg = p;
    if (r == ERR_NOTFOUND || (r == 0 && text.len == 0))
        return 0;
    if (r == 0)
        r = text_number(buf_get(&text), LEDGER_GENERATIONS, &generation);
    p->lost = r == 0 && generation > 0;
    p->lost_first = (generation - 1) << LEDGER_INDEX_BITS;
    return r;
}

int
peers_open(const struct peers_open *o, struct peers **ret, struct errinfo *ei)
{
    struct peers *p = calloc(1, sizeof *p);
    int r;

    if (p == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    p->o = *o;
    (void)snprintf(p->dir, sizeof p->dir, "%s", o->dir);
    (void)snprintf(p->own, sizeof p->own, "%s", o->talk->engine->key->vkey.name);
    r = look_for_lost(p);
    r = r < 0 ? err_set(ei, r, "the store: %s", err_text(r)) : peers_book(p, ei);
    if (r < 0) {
        (void)peers_close(p);
        return r;
    }
    *ret = p;
    return 0;
}

struct peers *
peers_close(struct peers *p)
{
    for (unsigned i = 0; p != NULL && i < p->count; i++) {
        (void)mirror_close(p->peer[i].mirror);
        buf_release(&p->peer[i].note);
        submit_close(&p->peer[i].submit);
        peer_drop_proofs(&p->peer[i]);
    }
    free(p);
    return NULL;
}

void
peers_fetcher_new(struct peers *p)
{
    for (unsigned i = 0; i < p->count; i++) {
        struct peer *peer = &p->peer[i];

        peer->asked = 0;
        peer->doing = DOING_NOTHING;
        p->o.fetcher->peer(p->o.fetcher->self, i, &peer->told);
    }
}

void
peers_hurry(struct peers *p)
{
    for (unsigned i = 0; i < p->count; i++) {
        if (p->peer[i].doing == DOING_NOTHING && p->peer[i].pause == PEERS_EVERY_US)
            p->peer[i].next = 0;
    }
}

bool
peers_checked(const struct peers *p)
{
    for (unsigned i = 0; i < p->count; i++) {
        const struct peer *peer = &p->peer[i];

        if (peer->known && peer->mirror != NULL && peer->told.endpoint[0] != '\0' &&
            !peer->checked)
            return false;
    }
    return true;
}

unsigned
peers_count(const struct peers *p)
{
    return p->count;
}

void
peers_state(struct peers *p, unsigned number, struct peer_state *ret)
{
    struct peer *peer = &p->peer[number];

    if (peer->mirror != NULL) {
        peer->state.theirs = mirror_held(peer->mirror);
        if (store_count_wanted(mirror_store(peer->mirror), &peer->state.missing) < 0)
            peer->state.missing = 0;
    }
    *ret = peer->state;
}

/* ---- asking ------------------------------------------------------------------------------ */

void
peer_ask(struct peers *p, struct peer *peer, const char *path, uint32_t limit,
         struct slice body)
{
    struct fetch_ask a = {.peer = (uint32_t)(peer - p->peer),
                          .id = ++p->ids,
                          .post = body.len > 0,
                          .size = (uint32_t)body.len,
                          .limit = limit};

    (void)snprintf(a.path, sizeof a.path, "%s", path);
    peer->id = a.id;
    peer->asked = peers_mono(p);
    if (p->by == peer)
        p->carried.fetcher.ask(p->carried.fetcher.self, &a, body);
    else
        p->o.fetcher->ask(p->o.fetcher->self, &a, body);
}

/* Our newest checkpoint, when they do not have it or it is a while since they saw it. */
static int
ask_submit(struct peers *p, struct peer *peer, bool *ret_asked)
{
    AUTO_BUF(body, WITNESS_BODY_MAX);
    int r = submit_ask(&peer->submit, p->o.talk->engine, p->o.env, &body, ret_asked);

    if (r == 0 && *ret_asked)
        peer_ask(p, peer, "witness/add-checkpoint", TEXT_LIMIT, buf_get(&body));
    if (submit_is_put_off(&peer->submit, peers_mono(p)))
        peer_fault(peer, PEER_NO_WITNESS,
                   "witness/add-checkpoint: it asks to wait, again and again");
    return r;
}

static void
ask_log(struct peers *p, struct peer *peer, const char *what, uint32_t limit)
{
    char path[32 + TILE_PATH_TEXT];

    if (peer->ended)
        (void)snprintf(path, sizeof path, "log/%u/%s", ledger_generation(peer->first), what);
    else
        (void)snprintf(path, sizeof path, "log/%s", what);
    peer_ask(p, peer, path, limit, (struct slice){NULL, 0});
}

static void
ask_bundle(struct peers *p, struct peer *peer)
{
    uint64_t n = mirror_taken(peer->mirror) / LEDGER_TILE;
    uint64_t rest = peer->target.size - n * LEDGER_TILE;
    const struct tile_path t = {
        .n = n, .width = rest < LEDGER_TILE ? (unsigned)rest : LEDGER_TILE, .entries = true};
    char tile[TILE_PATH_TEXT];

    (void)tile_path_format(&t, tile);
    ask_log(p, peer, tile, FETCH_MAX);
}

static void
ask_successor(struct peers *p, struct peer *peer)
{
    char path[FETCH_PATH];
    unsigned party = 0;
    const struct book_pact *b = peer_pact(p, peer, &party);

    if (b == NULL)
        return;
    (void)snprintf(path, sizeof path, "pact/%s/successor/%s/%u", b->pact->name, peer->party,
                   b->party[party].logs + 2);
    peer_ask(p, peer, path, TEXT_LIMIT, (struct slice){NULL, 0});
}

/* What it cosigned of our log, as a holder or as a witness. */
static void
ask_cosigned(struct peers *p, struct peer *peer, const char *as)
{
    struct hash h = sha256_of(p->own, strlen(p->own));
    char hex[2 * sizeof h.byte + 1] = "";
    char path[FETCH_PATH];

    hex_encode(h.byte, sizeof h.byte, hex);
    (void)snprintf(path, sizeof path, "%s/%.64s/checkpoint", as, hex);
    peer_ask(p, peer, path, TEXT_LIMIT, (struct slice){NULL, 0});
}

/* ---- the round --------------------------------------------------------------------------- */

/* When a bundle of theirs was last taken in, for whoever shows it; no harm is done without. */
static void
note_carried(struct peers *p, struct peer *peer)
{
    struct store *s = p->o.talk->store;
    char meta[PEERS_META];
    char at[TIME_TEXT];

    peers_meta(slice_of(peer->party), "carried", meta);
    time_format(peers_now(p), at);
    if (store_begin(s) < 0)
        return;
    if (store_put_meta(s, meta, (struct slice){at, TIME_TEXT}) < 0 || store_commit(s) < 0)
        store_rollback(s);
}

/* What was carried is as old as it is: only what cannot be right is held against anybody. */
static void
end_carried(struct peers *p, struct peer *peer)
{
    struct peers_carried c = p->carried;
    enum peer_fault fault = peer->fault;

    p->got.fault = (uint32_t)fault;
    (void)snprintf(p->got.why, sizeof p->got.why, "%s", peer->state.why);
    p->by = NULL;
    peer->doing = DOING_NOTHING;
    peer->asked = 0;
    if (fault == PEER_UNSIGNED || fault == PEER_ENTRIES || fault == PEER_FORK ||
        fault == PEER_FALSE_COSIGNATURE) {
        peer->state.fault = fault;
        peer->state.since = peers_now(p);
    }
    note_carried(p, peer);
    c.ended(c.fetcher.self, &p->got);
}

static void
end_round(struct peers *p, struct peer *peer)
{
    bool silent = peer->fault == PEER_UNREACHABLE;
    struct talk_day over;

    if (p->by == peer) {
        end_carried(p, peer);
        return;
    }
    peer->checked = true;
    over = talk_over(p->o.talk, slice_of(peer->party), peers_now(p));
    if (over.over > 0 || over.words > 0)
        peer_fault(peer, PEER_FLOODS, "%u %s too many today",
                   over.over > 0 ? over.over : over.words, over.over > 0 ? "notices" : "words");
    peer->pause = silent ? peer->pause * 2 : PEERS_EVERY_US;
    if (peer->pause > PEERS_PAUSE_US)
        peer->pause = PEERS_PAUSE_US;
    peer->next = peers_mono(p) + peer->pause;
    peer->doing = DOING_NOTHING;
    if (peer->fault == PEER_FINE) {
        peer->state.since = (struct utime){0};
        peer->state.why[0] = '\0';
    } else if (peer->state.fault != peer->fault) {
        peer->state.since = peers_now(p);
    }
    peer->state.fault = peer->fault;
}

/* All entries of its checkpoint came. */
static int
settle(struct peers *p, struct peer *peer, struct errinfo *ei)
{
    int r = mirror_settle(peer->mirror, &peer->target, buf_get(&peer->note), ei);

    if (r != ERR_PROOF)
        return r < 0 ? r : peer_cross(p, peer, ei);
    peer_fault(peer, PEER_ENTRIES, "%s", ei->text);
    return peer_keep_doubted(p, peer, &peer->target, buf_get(&peer->note), ei);
}

/* Its entries, what they name, what messages promise, and what it holds of ours. */
static int
go_on_with_log(struct peers *p, struct peer *peer, struct errinfo *ei)
{
    bool asked = false;
    int r;

    if (peer->doing == DOING_BUNDLE) {
        if (mirror_taken(peer->mirror) < peer->target.size) {
            ask_bundle(p, peer);
            return 0;
        }
        r = settle(p, peer, ei);
        if (r < 0 && r != ERR_FULL)
            return r;
        if (r == ERR_FULL)
            p->got.again = CARRIED_FULL;
        peer->doing = DOING_WANTED;
        peer->want_any = false;
    }
    if (peer->doing == DOING_WANTED) {
        r = peer_ask_wanted(p, peer, &asked);
        if (r < 0 || asked)
            return r;
        r = peer_take_beats(p, peer, ei);
        if (r == 0)
            r = peer_hold(p, peer, ei);
        if (r < 0 && r != ERR_FULL)
            return r;
        peer->doing = DOING_PROOF;
        peer->proof_after = 0;
        peer->proofs_asked = 0;
    }
    r = peer_ask_proof(p, peer, &asked, ei);
    if (asked || (r < 0 && r != ERR_FULL))
        return r;
    peer->doing = DOING_HOLDER;
    ask_cosigned(p, peer, "holder");
    return 0;
}

/* Ask what comes next in this round, or end it. */
static int
go_on(struct peers *p, struct peer *peer, struct errinfo *ei)
{
    bool asked = false;
    int r = 0;

    if (peer->doing == DOING_WITNESS) {
        peer_ask(p, peer, "witness/add-checkpoint", WITNESS_BODY_MAX, (struct slice){NULL, 0});
        return 0;
    }
    if (peer->doing == DOING_SUBMIT) {
        r = ask_submit(p, peer, &asked);
        if (r < 0 || asked)
            return r;
        peer->doing = DOING_CHECKPOINT;
    }
    if (peer->doing == DOING_MONITOR) {
        ask_cosigned(p, peer, "witness");
        return 0;
    }
    if (peer->doing == DOING_CHECKPOINT) {
        ask_log(p, peer, "checkpoint", TEXT_LIMIT);
        return 0;
    }
    if (peer->doing == DOING_SUCCESSOR) {
        ask_successor(p, peer);
        return 0;
    }
    if (peer->doing >= DOING_BUNDLE && peer->doing <= DOING_PROOF)
        return go_on_with_log(p, peer, ei);
    end_round(p, peer);
    return 0;
}

/* When no question of its own round is out. */
static int
begin_carried(struct peers *p, struct errinfo *ei)
{
    struct peer *peer = p->waits;

    p->got = (struct carried){.entries = 0};
    p->by = peer;
    p->waits = NULL;
    peer->fault = PEER_FINE;
    peer->state.why[0] = '\0';
    peer->doing = DOING_WITNESS;
    peer->ended = peer->all_read = false;
    return go_on(p, peer, ei);
}

int
peers_carry(struct peers *p, struct slice party, const struct peers_carried *c,
            struct errinfo *ei)
{
    struct peer *peer = NULL;

    for (unsigned i = 0; i < p->count; i++) {
        if (p->peer[i].known && slice_eq(slice_of(p->peer[i].party), party))
            peer = &p->peer[i];
    }
    if (peer == NULL || peer->mirror == NULL)
        return err_set(ei, ERR_NOTFOUND, "no counterpart %.*s here", (int)party.len, party.ptr);
    if (p->by != NULL || p->waits != NULL)
        return err_set(ei, ERR_BUSY, "another bundle is taken in: try it again");
    p->carried = *c;
    p->waits = peer;
    return peer->doing != DOING_NOTHING ? 0 : begin_carried(p, ei);
}

void
peers_dropped(struct peers *p)
{
    p->waits = NULL;
    if (p->by == NULL)
        return;
    p->by->fault = PEER_FINE;
    end_round(p, p->by);
}

int
peers_step(struct peers *p, struct errinfo *ei)
{
    int64_t now = peers_mono(p);
    int r = 0;

    if (p->waits != NULL && p->waits->doing == DOING_NOTHING)
        r = begin_carried(p, ei);
    for (unsigned i = 0; r == 0 && i < p->count; i++) {
        struct peer *peer = &p->peer[i];

        if (peer->asked != 0 && now - peer->asked > PEERS_ANSWER_US) {
            peer->asked = 0;
            peer_fault(peer, PEER_UNREACHABLE, "no answer came");
            end_round(p, peer);
        }
        if (peer->asked != 0 || !peer->known || peer->mirror == NULL || now < peer->next ||
            peer->told.endpoint[0] == '\0')
            continue;
        peer->fault = PEER_FINE;
        peer->doing = DOING_SUBMIT;
        peer->ended = peer->all_read = false;
        peer->submit.tries = 0;
        r = go_on(p, peer, ei);
    }
    return r;
}

/* ---- answers ----------------------------------------------------------------------------- */

/* What is asked next does not depend on an answer that was none. */
static void
not_carried(struct peer *peer)
{
    if (peer->doing == DOING_CHECKPOINT && peer->ended) {
        peer->all_read = true; /* of this bundle */
        peer->doing = DOING_SUCCESSOR;
        return;
    }
    if (peer->doing == DOING_WITNESS)
        peer->doing = DOING_MONITOR;
    else if (peer->doing == DOING_MONITOR)
        peer->doing = DOING_CHECKPOINT;
    else if (peer->doing == DOING_BUNDLE || peer->doing == DOING_CHECKPOINT ||
             peer->doing == DOING_SUCCESSOR) {
        peer->doing = DOING_WANTED;
        peer->want_any = false;
    }
}

static void
refused(struct peer *peer, const struct fetch_told *t)
{
    if (peer->doing == DOING_WANTED) {
        peer_fault(peer, PEER_WITHHELD, "leaf %llu names what it answers %u to",
                   (unsigned long long)peer->want.leaf, t->status);
        return;
    }
    if (peer->doing == DOING_MONITOR) {
        peer_fault(peer, PEER_NO_WITNESS, "it claims another tree of our log, and shows none");
        peer->doing = DOING_CHECKPOINT;
        return;
    }
    if (peer->doing == DOING_HOLDER) {
        if (t->status == 409)
            peer_fault(peer, PEER_WITHHOLDS, "it says that a message or entry is missing");
        else if (t->status != 404)
            peer_fault(peer, PEER_REFUSES, "holder/…: status %u", t->status);
        return;
    }
    if (peer->doing == DOING_CHECKPOINT && peer->ended) {
        peer->all_read = true; /* it lost that log, or never says more of it */
        peer->doing = DOING_SUCCESSOR;
        return;
    }
    if (peer->doing == DOING_SUCCESSOR) {
        peer_fault(peer, PEER_UNSIGNED,
                   "it is of another log, and no note says that it goes on");
        peer->doing = DOING_WANTED;
        peer->want_any = false;
        return;
    }
    peer_fault(peer, PEER_REFUSES, "%s: status %u",
               peer->doing == DOING_BUNDLE ? "log/tile/entries/…" : "log/checkpoint",
               t->status);
    peer->doing = DOING_WANTED; /* there is nothing new to pull */
    peer->want_any = false;
}

static int
take(struct peers *p, struct peer *peer, const struct fetch_told *t, struct slice body,
     struct errinfo *ei)
{
    switch (peer->doing) {
    case DOING_WITNESS:
        peer->doing = DOING_MONITOR;
        return p->o.witness == NULL ? 0 : p->o.witness(p->o.arg, body);
    case DOING_SUBMIT: return peer_took_submit(p, peer, t->status, body, ei);
    case DOING_MONITOR: return peer_took_monitor(p, peer, body, ei);
    case DOING_CHECKPOINT: return peer_took_checkpoint(p, peer, body, ei);
    case DOING_SUCCESSOR: return peer_took_successor(p, peer, body, ei);
    case DOING_BUNDLE: return peer_took_bundle(p, peer, body, ei);
    case DOING_WANTED: return peer_took_wanted(p, peer, body, ei);
    case DOING_HOLDER: return peer_took_holder(p, peer, body, ei);
    case DOING_PROOF:
    case DOING_NOTHING: break;
    }
    return 0;
}

int
peers_told(struct peers *p, const struct fetch_told *t, struct slice body, struct errinfo *ei)
{
    struct peer *peer = t->peer < p->count ? &p->peer[t->peer] : NULL;
    int r = 0;

    if (peer == NULL || peer->asked == 0 || peer->id != t->id)
        return 0; /* to a question that was given up */
    peer->asked = 0;
    if (t->status == 0) {
        peer_fault(peer, PEER_UNREACHABLE, "%.*s", (int)sizeof t->text - 1, t->text);
        end_round(p, peer);
        return 0;
    }
    if (p->by != peer)
        peer->state.answered = peers_now(p);
    if (peer->doing == DOING_PROOF)
        r = peer_took_proof(p, peer, t->status, body, ei);
    else if (t->status == 404 && peer->doing == DOING_WANTED &&
             peer->want.kind == WANTED_TOTALS)
        r = mirror_have(peer->mirror, peer->want.leaf); /* newer ones took their place */
    else if (t->status == 404 && p->by == peer)
        not_carried(peer);
    else if (t->status != 200 && peer->doing != DOING_SUBMIT)
        refused(peer, t);
    else
        r = take(p, peer, t, body, ei);
    peer->checked |= peer->doing > DOING_MONITOR;
    if (r == ERR_FULL) { /* nothing was lost: it is asked again */
        p->got.again = CARRIED_FULL;
        end_round(p, peer);
        return 0;
    }
    if (r < 0)
        return r;
    if (peer->doing == DOING_HOLDER)
        end_round(p, peer);
    else if (peer->doing != DOING_NOTHING)
        r = go_on(p, peer, ei);
    return r;
}
