#include "lies_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "role/engine_priv.h"
#include "store/witnessed.h"
#include "wire/hex.h"

#define PACT SLICE("aland-bland")

struct lie {
    const char *name;
    enum peer_fault fault; /* PEER_FINE: it has no fault of its own … */
    const char *path;      /* answers that are changed begin so; NULL: none … */
    uint32_t status;       /* … to this … */
    const char *body;
    void (*change)(struct lies *l, uint32_t *status, struct buf *body); /* … or by this */
    void (*begin)(struct lies *l); /* what it says, or puts into its log; NULL: a ping */
    bool (*named)(struct lies *l); /* what must be so as well */
    unsigned leaves;               /* at most, in the other's log, beside LEAVES */
};

/* ---- words of its own making ------------------------------------------------------------- */

static struct slice
party_of(const struct half *h)
{
    return h->book->pact[0].party[h->i].id;
}

static void
craft(struct lies *l, const struct two_craft *c)
{
    buf_reset(&l->bytes);
    two_craft(l->liar, c, &l->bytes, &l->id);
}

/* Only a leaf: what it names is given by change_bytes(). */
static void
name_bytes(struct lies *l, const char *text)
{
    buf_reset(&l->bytes);
    buf_text(&l->bytes, text);
    l->id = sha256_of(l->bytes.ptr, l->bytes.len);
    two_name(l->liar, &l->id);
}

static void
change_bytes(struct lies *l, uint32_t *status, struct buf *body)
{
    *status = 200;
    buf_reset(body);
    buf_slice(body, buf_get(&l->bytes));
}

static const char *
nonce(struct lies *l, char to[64])
{
    (void)snprintf(to, 64, "{\"nonce\":\"%016llx%016llx\"}",
                   (unsigned long long)next_random(l->random), (unsigned long long)l->two->now);
    return to;
}

void
lie_say_ping(struct lies *l)
{
    char body[64];

    craft(l, &(struct two_craft){.type = MESSAGE_PING, .incident = "", .body = nonce(l, body)});
}

static void
new_name(struct lies *l)
{
    (void)snprintf(l->name, sizeof l->name, "%.*s-%u", (int)party_of(l->liar).len,
                   party_of(l->liar).ptr, LIES_FROM + l->made++);
}

/* As the other kept it, or found it to be: the code, or what the fold makes of it. */
static bool
is_coded(struct lies *l, enum message_code code)
{
    struct store_message m;
    bool ret = store_get_message(l->other->n.store, &l->id, &m) == 0 && m.code == code;

    store_settle(l->other->n.store);
    return ret;
}

static bool
is_refused(struct lies *l, enum message_code code)
{
    bool ret = l->other->talk.refused[code] > l->number;

    return ret && !is_coded(l, MESSAGE_FINE);
}

/* ---- messages ---------------------------------------------------------------------------- */

static void
begin_garbage(struct lies *l)
{
    char text[200];

    for (unsigned i = 0; i < sizeof text - 1; i++)
        text[i] = (char)(33 + next_random(l->random) % 90);
    text[sizeof text - 1] = '\0';
    l->number = l->other->talk.refused[MESSAGE_BAD_JSON];
    name_bytes(l, text);
}

static bool
named_garbage(struct lies *l)
{
    return is_refused(l, MESSAGE_BAD_JSON);
}

/* What the other said, as if the liar had. */
static int
keep_last(void *arg, const struct store_message *m)
{
    struct lies *l = arg;

    if (slice_eq(m->from, party_of(l->other))) {
        buf_reset(&l->bytes);
        buf_slice(&l->bytes, m->bytes);
        l->id = m->id;
    }
    return 0;
}

static void
begin_others(struct lies *l)
{
    char body[64];

    /* there is one, whatever was said before */
    assert_int_equal(two_say(l->other, MESSAGE_PING, "", nonce(l, body), NULL), 0);
    assert_int_equal(store_each_message(l->other->n.store, PACT, SLICE(""), keep_last, l), 0);
    store_settle(l->other->n.store);
    l->number = l->other->talk.refused[MESSAGE_BAD_PARTY];
    two_name(l->liar, &l->id);
}

static bool
named_others(struct lies *l)
{
    return l->other->talk.refused[MESSAGE_BAD_PARTY] > l->number;
}

static void
begin_other_key(struct lies *l)
{
    char body[64];

    l->number = l->other->talk.refused[MESSAGE_BAD_SIGNATURE];
    craft(l, &(struct two_craft){.type = MESSAGE_PING,
                                 .incident = "",
                                 .body = nonce(l, body),
                                 .key = &l->other->keys.key[NODE_MESSAGE],
                                 .code = MESSAGE_BAD_SIGNATURE});
}

static bool
named_other_key(struct lies *l)
{
    return is_refused(l, MESSAGE_BAD_SIGNATURE);
}

/* One that it gave before, under a leaf of now. */
static void
begin_again(struct lies *l)
{
    lie_say_ping(l);
    two_pass_by(l->two, STEP_S, INT64_C(1000000));
    two_name(l->liar, &l->id);
    l->number = ledger_size(engine_ledger(l->other->n.engine));
}

/* It is had already: not a leaf comes of it. */
static bool
named_again(struct lies *l)
{
    struct peer_state s;

    peers_state(l->other->peers, 0, &s);
    return s.missing == 0 && is_coded(l, MESSAGE_FINE) &&
           s.theirs.size == ledger_size(engine_ledger(l->liar->n.engine)) &&
           ledger_size(engine_ledger(l->other->n.engine)) <= l->number + 1; /* a cross leaf */
}

/* Another message than the one that the leaf names. */
static void
begin_in_place(struct lies *l)
{
    lie_say_ping(l);
    two_pass_by(l->two, STEP_S, INT64_C(1000000));
    {
        AUTO_BUF(old, 4096);

        buf_slice(&old, buf_get(&l->bytes));
        lie_say_ping(l);
        buf_reset(&l->bytes);
        buf_slice(&l->bytes, buf_get(&old));
    }
}

static void
begin_fork_of_chain(struct lies *l)
{
    char body[64];

    lie_say_ping(l); /* so that there is a chain */
    two_pass_by(l->two, STEP_S, INT64_C(1000000));
    craft(l, &(struct two_craft){.type = MESSAGE_PING,
                                 .incident = "",
                                 .body = nonce(l, body),
                                 .first = true,
                                 .code = MESSAGE_BAD_CHAIN});
}

static bool
named_fork_of_chain(struct lies *l)
{
    return is_coded(l, MESSAGE_BAD_CHAIN);
}

static void
begin_future(struct lies *l)
{
    char body[64];

    craft(l, &(struct two_craft){.type = MESSAGE_PING,
                                 .incident = "",
                                 .body = nonce(l, body),
                                 .ahead_us = HOUR_US,
                                 .code = MESSAGE_BAD_TIME});
}

static bool
named_future(struct lies *l)
{
    return is_coded(l, MESSAGE_BAD_TIME);
}

/* ---- notices ----------------------------------------------------------------------------- */

static void
begin_severity(struct lies *l)
{
    char body[TWO_BODY];

    new_name(l);
    two_notice_body(l->liar, "worst", "", body);
    craft(l, &(struct two_craft){.type = MESSAGE_NOTICE, .incident = l->name, .body = body});
}

/* What the other makes of the incident's first message. */
static bool
first_fate(struct lies *l, struct fate *ret, struct case_file *c)
{
    int r = case_read(l->other->n.store, &l->other->book->pact[0], slice_of(l->name),
                      (struct utime){l->two->now}, c);

    if (r == 0)
        *ret = c->fate[0];
    store_settle(l->other->n.store);
    return r == 0;
}

static bool
named_severity(struct lies *l)
{
    struct case_file c;
    struct fate f;
    bool ret = first_fate(l, &f, &c) && f.code == MESSAGE_BAD_SEVERITY &&
               c.now.incident.state == INCIDENT_NONE;

    case_release(&c);
    return ret;
}

static void
begin_backdated(struct lies *l)
{
    char body[TWO_BODY];

    new_name(l);
    two_notice_body(l->liar, "high", "", body);
    craft(l, &(struct two_craft){.type = MESSAGE_NOTICE,
                                 .incident = l->name,
                                 .body = body,
                                 .ahead_us = -5 * HOUR_US});
}

/* It counts from when a witness first saw it: no deadline is behind the other. */
static bool
named_backdated(struct lies *l)
{
    struct case_file c;
    struct fate f;
    bool ret = first_fate(l, &f, &c) && f.code == MESSAGE_FINE && f.disputed &&
               c.now.incident.state == INCIDENT_RECEIVED && c.now.incident.overdue == 0 &&
               c.now.incident.due[DUE_ACKNOWLEDGE].us > l->two->now + 23 * HOUR_US;

    case_release(&c);
    return ret;
}

static void
begin_false_proof(struct lies *l)
{
    char hex[2 * SHA256_SIZE + 1] = "";
    char body[TWO_BODY];
    struct hash h;
    AUTO_BUF(file, 256);

    new_name(l);
    buf_printf(&file, "{\"format\":\"detente-event-proof/1\",\"n\":%u}\n", l->made);
    h = sha256_of(file.ptr, file.len);
    hex_encode(h.byte, SHA256_SIZE, hex);
    two_notice_body(l->liar, "high", hex, body);
    craft(l, &(struct two_craft){.type = MESSAGE_NOTICE, .incident = l->name, .body = body});
    buf_reset(&l->bytes);
    buf_slice(&l->bytes, buf_get(&file));
}

/* It opens a leaf of its own log, in which nothing was detected. */
static void
begin_false_detection(struct lies *l)
{
    char notice[TWO_BODY];
    char body[2 * TWO_BODY];

    new_name(l);
    two_notice_body(l->liar, "high", "", notice);
    (void)snprintf(body, sizeof body,
                   "{\"detected\":{\"leaf\":1,\"opened\":\"[\\\"detected\\\",\\\"%s\\\"]\","
                   "\"salt\":\"%064u\"},%s",
                   l->name, l->made, notice + 1);
    craft(l, &(struct two_craft){.type = MESSAGE_NOTICE, .incident = l->name, .body = body});
}

static void
say_notice(struct lies *l)
{
    char body[TWO_BODY];

    new_name(l);
    two_notice_body(l->liar, "high", "", body);
    craft(l, &(struct two_craft){.type = MESSAGE_NOTICE, .incident = l->name, .body = body});
}

static void
send_flood(struct lies *l)
{
    for (unsigned i = 0; i < FLOOD; i++)
        say_notice(l);
}

static void
begin_flood(struct lies *l)
{
    struct pact *p = l->other->book->pact[0].pact;
    const struct store_message which = {
        .pact = PACT, .from = party_of(l->liar), .to = party_of(l->other)};
    int64_t day = l->two->now / 86400 / 1000000 * 86400 * 1000000;
    uint64_t today;

    assert_int_equal(store_count_notices(l->other->n.store, &which, (struct utime){day},
                                         (struct utime){day + 24 * HOUR_US}, &today),
                     0);
    p->notices_per_day = (int64_t)today; /* it had all of them */
    send_flood(l);
}

/* The pact takes one, and the one in which all others are counted. */
static void
begin_open(struct lies *l)
{
    const struct store_incident which = {.pact = PACT, .party = party_of(l->liar)};
    uint64_t open;

    assert_int_equal(store_count_open(l->other->n.store, &which, SLICE("no-exploits"), &open),
                     0);
    l->other->book->pact[0].pact->open_per_obligation = open == 0 ? 1 : (int64_t)open;
    say_notice(l); /* the collective one; without any, one more is taken */
    if (open == 0)
        say_notice(l);
    memcpy(l->first, l->name, sizeof l->first);
    send_flood(l);
}

static bool
named_flood(struct lies *l)
{
    struct peer_state s;

    peers_state(l->other->peers, 0, &s);
    return s.missing == 0 && two_state(l->other, l->name) == INCIDENT_NONE &&
           talk_over(&l->other->talk, party_of(l->liar), (struct utime){l->two->now}).over >=
               FLOOD;
}

/* Hours in which both were there, as if it had been cut off. */
static void
begin_gap(struct lies *l)
{
    char from[TIME_TEXT + 1] = "";
    char until[TIME_TEXT + 1] = "";
    char body[512];

    time_format((struct utime){l->two->now - 600 * INT64_C(1000000)}, from);
    time_format((struct utime){l->two->now - 60 * INT64_C(1000000)}, until);
    (void)snprintf(
        body, sizeof body,
        "{\"cause\":\"cut-off\",\"received_last\":\"\",\"sent_last\":\"\",\"size_seen\":"
        "1,\"spans\":[[\"%s\",\"%s\"]],\"text\":\"\"}",
        from, until);
    craft(l, &(struct two_craft){.type = MESSAGE_GAP_STATEMENT, .incident = "", .body = body});
}

static bool
named_as_it_is(struct lies *l)
{
    return is_coded(l, MESSAGE_FINE);
}

/* ---- all of them ------------------------------------------------------------------------- */

#define CHECKPOINT "log/checkpoint"
#define ENTRIES_OF "log/tile/entries/"
#define MESSAGE_OF "pact/aland-bland/message/"
#define WITNESS_OF "witness/add-checkpoint"

static const struct lie lies[] = {
    {"silence", PEER_UNREACHABLE, "", 0, NULL, NULL, NULL, NULL, 0},
    {"a question that is never answered", PEER_UNREACHABLE, "", TWO_NEVER, NULL, NULL, NULL,
     NULL, 0},
    {"an endless body", PEER_UNREACHABLE, CHECKPOINT, 0, NULL, lie_change_to_endless, NULL,
     NULL, 0},
    {"an error", PEER_REFUSES, CHECKPOINT, 500, "no", NULL, NULL, NULL, 0},
    {"a redirect", PEER_REFUSES, CHECKPOINT, 302, "", NULL, NULL, NULL, 0},
    {"a checkpoint of garbage", PEER_UNSIGNED, CHECKPOINT, 200, "nonsense", NULL, NULL, NULL,
     0},
    {"a checkpoint of nothing", PEER_UNSIGNED, CHECKPOINT, 200, "", NULL, NULL, NULL, 0},
    {"a checkpoint by another key", PEER_UNSIGNED, CHECKPOINT, 0, NULL,
     lie_change_to_other_signer, NULL, NULL, 0},
    {"a split view", PEER_FORK, CHECKPOINT, 0, NULL, lie_change_to_fork, NULL, lie_named_fork,
     0},
    {"a split view for the witness", PEER_FINE, NULL, 0, NULL, NULL, lie_begin_witness_fork,
     lie_named_witness_fork, 0},
    {"a rollback", PEER_ROLLBACK, CHECKPOINT, 0, NULL, change_bytes, lie_begin_rollback, NULL,
     0},
    {"entries withheld", PEER_REFUSES, ENTRIES_OF, 404, "", NULL, NULL, NULL, 0},
    {"entries of garbage", PEER_MALFORMED, ENTRIES_OF, 200, "\xff\xff", NULL, NULL, NULL, 0},
    {"other entries", PEER_ENTRIES, ENTRIES_OF, 0, NULL, lie_change_last_byte, NULL, NULL, 0},
    {"strange leaves", PEER_FINE, NULL, 0, NULL, NULL, lie_begin_strange_leaves,
     lie_named_strange_leaves, 0},
    {"a message withheld", PEER_WITHHELD, MESSAGE_OF, 404, "", NULL, NULL, NULL, 0},
    {"a message of other bytes", PEER_WITHHELD, MESSAGE_OF, 200, "{}", NULL, NULL, NULL, 0},
    {"a message replayed", PEER_WITHHELD, MESSAGE_OF, 0, NULL, change_bytes, begin_in_place,
     NULL, 0},
    {"a message under a second leaf", PEER_FINE, NULL, 0, NULL, NULL, begin_again, named_again,
     0},
    {"a message of garbage", PEER_MALFORMED, MESSAGE_OF, 0, NULL, change_bytes, begin_garbage,
     named_garbage, 0},
    {"a message of the other's", PEER_MALFORMED, MESSAGE_OF, 0, NULL, change_bytes,
     begin_others, named_others, 0},
    {"a message by another key", PEER_MALFORMED, NULL, 0, NULL, NULL, begin_other_key,
     named_other_key, 0},
    {"a chain with two ends", PEER_FINE, NULL, 0, NULL, NULL, begin_fork_of_chain,
     named_fork_of_chain, 2},
    {"a message of the future", PEER_FINE, NULL, 0, NULL, NULL, begin_future, named_future, 2},
    {"a false severity", PEER_FINE, NULL, 0, NULL, NULL, begin_severity, named_severity, 2},
    {"a backdated notice", PEER_FINE, NULL, 0, NULL, NULL, begin_backdated, named_backdated, 4},
    {"a false proof", PEER_FALSE_PROOF, "pact/aland-bland/proof/", 0, NULL, change_bytes,
     begin_false_proof, NULL, 4},
    {"a false detection", PEER_FALSE_PROOF, NULL, 0, NULL, NULL, begin_false_detection,
     named_as_it_is, 4},
    {"a flood of notices", PEER_FLOODS, NULL, 0, NULL, NULL, begin_flood, named_flood,
     FLOOD + TALK_REJECTS},
    {"more open than the pact takes", PEER_FLOODS, NULL, 0, NULL, NULL, begin_open, named_flood,
     FLOOD + TALK_REJECTS + 8},
    {"a gap that was none", PEER_FINE, NULL, 0, NULL, NULL, begin_gap, named_as_it_is, 2},
    {"no cosignature", PEER_NO_WITNESS, WITNESS_OF, 403, "no", NULL, NULL, NULL, 0},
    {"nothing but pauses", PEER_NO_WITNESS, WITNESS_OF, 429, "later", NULL, NULL, NULL, 0},
    {"a tree of ours that never was", PEER_NO_WITNESS, WITNESS_OF, 409, "99999999\n", NULL,
     NULL, NULL, 0},
    {"a cosignature of garbage", PEER_FALSE_COSIGNATURE, WITNESS_OF, 200, "nonsense", NULL,
     NULL, NULL, 0},
    {"a cosignature of nothing", PEER_FALSE_COSIGNATURE, WITNESS_OF, 200, "", NULL, NULL, NULL,
     0},
    {"a cosignature by another key", PEER_FALSE_COSIGNATURE, WITNESS_OF, 0, NULL,
     lie_change_to_other_cosigner, NULL, NULL, 0},
    {"a cosignature of the future", PEER_FALSE_COSIGNATURE, WITNESS_OF, 0, NULL,
     lie_change_to_future, NULL, NULL, 0},
    {"a cosignature of the past", PEER_FALSE_COSIGNATURE, WITNESS_OF, 0, NULL,
     lie_change_to_past, NULL, NULL, 0},
    {"a holder's garbage", PEER_FALSE_COSIGNATURE, "holder/", 200, "nonsense", NULL, NULL, NULL,
     0},
    {"a holder that misses what it has", PEER_WITHHOLDS, "holder/", 409, "withheld x\n", NULL,
     NULL, NULL, 0},
    {"a holder's error", PEER_REFUSES, "holder/", 500, "", NULL, NULL, NULL, 0},
};
_Static_assert(COUNT(lies) <= LIES_MOST, "no more than there is room for");

/* Bytes that are made are given for the one message that names them. */
static bool
is_meant(const struct lies *l, const char *path)
{
    char hex[2 * SHA256_SIZE + 1] = "";

    hex_encode(l->id.byte, SHA256_SIZE, hex);
    return l->lie->change != change_bytes ||
           strncmp(path, MESSAGE_OF, strlen(MESSAGE_OF)) != 0 ||
           strcmp(path + strlen(MESSAGE_OF), hex) == 0;
}

static void
meddle(struct two *t, unsigned to, const struct fetch_ask *a, uint32_t *status,
       struct buf *body)
{
    struct lies *l = t->arg;

    if (to != l->other->i || strncmp(a->path, l->lie->path, strlen(l->lie->path)) != 0 ||
        !is_meant(l, a->path))
        return;
    l->answers++;
    if (l->lie->change != NULL) {
        l->lie->change(l, status, body);
        return;
    }
    *status = l->lie->status;
    buf_reset(body);
    if (l->lie->body != NULL)
        buf_text(body, l->lie->body);
}

/* ---- what is honest ---------------------------------------------------------------------- */

struct honest {
    char name[32];
    unsigned count;  /* of its messages, those that are here at `now` … */
    uint64_t digest; /* … all of their ids … */
    bool more;       /* … and there are others */
    struct incident state;
};

struct looking {
    struct honest *at;
    unsigned count;
};

static int
each_name(void *arg, const struct store_incident *i)
{
    struct looking *x = arg;
    char name[32];

    (void)snprintf(name, sizeof name, "%.*s", (int)i->name.len, i->name.ptr);
    if (x->count < HONEST && !lies_made(name))
        memcpy(x->at[x->count++].name, name, sizeof name);
    return 0;
}

/* What that half holds of an incident, at a time. */
static void
look(struct half *h, const struct case_look *at, struct honest *ret)
{
    struct utime now = at->now;
    struct case_file c;
    int r = case_read_of(h->n.store, &h->book->pact[0], slice_of(ret->name), at, &c);

    ret->count = 0;
    ret->digest = 0;
    if (r == 0) {
        ret->state = c.now.incident;
        for (unsigned i = 0; i < c.count; i++) {
            uint64_t part;

            if (c.message[i].arrived.us > now.us)
                continue;
            memcpy(&part, c.said[i].id.byte, sizeof part);
            ret->digest ^= part;
            ret->count++;
        }
        ret->more = c.count > ret->count;
    }
    case_release(&c);
    store_settle(h->n.store);
}

static void
wrong(struct lies *l, const char *what)
{
    l->bad++;
    print_message("%s by %.*s on day %lld: %s\n", l->lie->name, (int)party_of(l->liar).len,
                  party_of(l->liar).ptr, (long long)((l->two->now - TWO_T0) / 86400 / 1000000),
                  what);
}

static void
compare_honest(struct lies *l, unsigned half, struct utime then, const struct looking *before)
{
    struct case_known known = {.pact = NULL};

    for (unsigned i = 0; i < before->count; i++) {
        const struct honest *was = &before->at[i];
        struct honest is = *was;

        look(&l->two->half[half], &(struct case_look){then, &known}, &is);
        if (is.count != was->count || is.digest != was->digest)
            wrong(l, "other messages of an honest incident");
        else if (!is.more && !two_same(&is.state, &was->state))
            wrong(l, "another state of an honest incident");
    }
}

/* ---- telling ----------------------------------------------------------------------------- */

void
lies_begin(struct lies *l, struct two *t, uint64_t *random)
{
    *l = (struct lies){.two = t, .random = random};
    buf_init(&l->bytes, NOTE_MAX);
}

void
lies_end(struct lies *l)
{
    buf_release(&l->bytes);
}

bool
lies_made(const char *incident)
{
    const char *at = strrchr(incident, '-');

    return at != NULL && strtoul(at + 1, NULL, 10) >= LIES_FROM;
}

static const struct lie *
draw(struct lies *l)
{
    unsigned at;
    unsigned which;

    if (l->left == 0) {
        for (unsigned i = 0; i < COUNT(lies); i++)
            l->deck[i] = i;
        l->left = COUNT(lies);
    }
    at = (unsigned)(next_random(l->random) % l->left);
    which = l->deck[at];
    l->deck[at] = l->deck[--l->left];
    l->told[which]++;
    return &lies[which];
}

static bool
pass_until_fine(struct lies *l, int64_t seconds)
{
    int64_t until = l->two->now + seconds * 1000000;
    bool fine = false;

    do {
        two_pass_by(l->two, STEP_S, INT64_C(1000000) * STEP_S);
        fine = two_fault(&l->two->half[0]) == PEER_FINE &&
               two_fault(&l->two->half[1]) == PEER_FINE;
    } while (!fine && l->two->now < until);
    two_pass_by(l->two, QUIET_S, INT64_C(1000000) * STEP_S);
    return fine;
}

static void
tell(struct lies *l)
{
    const struct lie *lie = l->lie;
    int64_t until = l->two->now + LIE_S * INT64_C(1000000);
    bool fault = lie->fault == PEER_FINE;
    bool named = lie->named == NULL;
    unsigned asks = l->other->asks_made;
    unsigned steps = 0;

    l->answers = 0;
    (lie->begin == NULL ? lie_say_ping : lie->begin)(l);
    if (lie->path != NULL) {
        l->two->arg = l;
        l->two->meddle = meddle;
    }
    while (l->two->now < until && !(fault && named)) {
        enum peer_fault is;

        two_pass_by(l->two, STEP_S, INT64_C(1000000) * STEP_S);
        steps++;
        is = two_fault(l->other);
        fault = fault || is == lie->fault;
        named = named || lie->named(l);
        if (is > lie->fault)
            wrong(l, peer_fault_name(is));
    }
    l->two->meddle = NULL;
    if (!fault || !named)
        wrong(l, "it is not named");
    if (lie->path != NULL && l->answers == 0)
        wrong(l, "it was not told");
    if (l->other->asks_made - asks > ASKS * (steps + 2))
        wrong(l, "it makes the other ask without end");
    if (l->other->ended < 0 || l->liar->ended < 0)
        wrong(l, "a node ended");
}

/* Of a new day, when its notices are counted anew. */
static void
heal(struct lies *l)
{
    struct half *h = l->other;

    if (l->lie->fault == PEER_FLOODS) {
        int64_t day = (l->two->now / 86400 / 1000000 + 1) * 86400;

        two_book(h); /* as it was signed */
        two_pass_by(l->two, day - l->two->now / 1000000, INT64_C(900) * 1000000);
        memcpy(l->name, l->first, sizeof l->name);
    }
    if (l->name[0] != '\0' && two_state(l->liar, l->name) == INCIDENT_RECEIVED) {
        assert_int_equal(two_say(l->liar, MESSAGE_WITHDRAW, l->name,
                                 "{\"cause\":\"error\",\"reason\":\"It was none.\"}", NULL),
                         0);
    }
    if (!pass_until_fine(l, HEAL_S))
        wrong(l, "it does not heal");
}

void
lies_tell(struct lies *l)
{
    struct honest honest[2][HONEST];
    struct looking before[2];
    struct utime then;
    uint64_t leaves;

    l->lie = draw(l);
    l->liar = &l->two->half[next_random(l->random) % 2];
    l->other = &l->two->half[!l->liar->i];
    l->name[0] = l->first[0] = '\0';
    if (!pass_until_fine(l, HEAL_S))
        wrong(l, "not in contact before it");
    then = (struct utime){l->two->now};
    for (unsigned i = 0; i < 2; i++) {
        struct half *h = &l->two->half[i];
        struct case_known known = {.pact = NULL};

        before[i] = (struct looking){honest[i], 0};
        assert_int_equal(store_each_incident(h->n.store, false, each_name, &before[i]), 0);
        store_settle(h->n.store);
        for (unsigned k = 0; k < before[i].count; k++)
            look(h, &(struct case_look){then, &known}, &before[i].at[k]);
    }
    leaves = ledger_size(engine_ledger(l->other->n.engine));
    tell(l);
    if (ledger_size(engine_ledger(l->other->n.engine)) - leaves > l->lie->leaves + LEAVES)
        wrong(l, "the other's log grows more than it should");
    heal(l);
    for (unsigned i = 0; i < 2; i++)
        compare_honest(l, i, then, &before[i]);
}

unsigned
lies_count(void)
{
    return COUNT(lies);
}

unsigned
lies_missing(const struct lies *l)
{
    unsigned n = 0;

    for (unsigned i = 0; i < COUNT(lies); i++) {
        if (l->told[i] == 0)
            print_message("never told: %s\n", lies[i].name);
        n += l->told[i] == 0;
    }
    return n;
}
