#include "role/canary.h"

#include <stdio.h>
#include <stdlib.h>

#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "model/text.h"
#include "role/book.h"
#include "role/engine_priv.h"
#include "store/erase.h"
#include "wire/base64.h"
#include "wire/hex.h"

#define MARK   "detente-canary-"
#define DAY_US (INT64_C(86400) * TIME_US_PER_S)

enum {
    WHOLE = 45,
    BASE64 = 60 /* characters of the first WHOLE bytes; what follows depends on the next byte */
};

struct canary {
    uint64_t leaf;
    struct utime until;
    char payload[CANARY_PAYLOAD];
    char sensor[SENSOR_MAX + 1];
};

struct canaries {
    unsigned count;
    struct canary at[CANARY_OPEN];
};

void
canary_payload(const uint8_t random[16], char ret[CANARY_PAYLOAD + 1])
{
    memcpy(ret, MARK, sizeof MARK - 1);
    hex_encode(random, 16, ret + sizeof MARK - 1);
    ret[CANARY_PAYLOAD] = '\0';
}

bool
canary_payload_ok(struct slice payload)
{
    uint8_t random[16];

    return payload.len == CANARY_PAYLOAD && memcmp(payload.ptr, MARK, sizeof MARK - 1) == 0 &&
           hex_decode(slice_sub(payload, sizeof MARK - 1, 32), random, sizeof random) == 0;
}

/* ---- announcing -------------------------------------------------------------------------- */

struct announcing {
    const struct canary_order *order;
    bool refused;
};

static int
refuse(struct announcing *x, struct errinfo *ei, int err, const char *text)
{
    x->refused = true;
    return err_set(ei, err, "%.*s: %s", (int)x->order->sensor.len, x->order->sensor.ptr, text);
}

static bool
has_sensor(const struct conf *c, struct slice name)
{
    for (unsigned i = 0; i < c->sensor_count; i++) {
        if (slice_is(name, c->sensors[i].name))
            return true;
    }
    return false;
}

struct counting {
    struct slice pact;
    struct slice sensor;
    int64_t count;
};

static int
count_one(void *arg, const struct store_canary *c)
{
    struct counting *n = arg;

    n->count += slice_eq(c->pact, n->pact) && slice_eq(c->sensor, n->sensor);
    return 0;
}

/* As many a day (UTC) as the pact has, so that they are spread over it. */
static int
check(struct announcing *x, struct engine *e, struct utime now, struct errinfo *ei)
{
    const struct canary_order *o = x->order;
    struct counting n = {.pact = o->pact, .sensor = o->sensor};
    const struct book_pact *p;
    struct book *b = NULL;
    int64_t most;
    int r;

    if (!canary_payload_ok(o->payload) || o->within.us <= 0 || o->within.us > CANARY_WITHIN_MAX)
        return refuse(x, ei, ERR_INVALID,
                      "a canary has a payload of its form and at most a day");
    if (!has_sensor(e->conf, o->sensor))
        return refuse(x, ei, ERR_NOTFOUND, "no such sensor in detente.yaml");
    r = book_load(e->store, e->conf->party, &b, ei);
    if (r < 0)
        return r;
    p = book_pact(b, o->pact);
    most = p == NULL || p->self < 0 ? -1 : p->pact->canaries_per_day;
    b = book_free(b);
    if (most < 0)
        return refuse(x, ei, ERR_NOTFOUND, "this node is a party of no such pact");
    r = store_each_canary(e->store, (struct utime){now.us - now.us % DAY_US}, count_one, &n);
    if (r == 0 && n.count >= most)
        return refuse(x, ei, ERR_LIMIT,
                      "the pact has so many canaries a day, and today it had them");
    return r;
}

static int
put_leaf(struct engine *e, const struct canary_order *o, struct utime now, uint64_t *ret_leaf,
         struct errinfo *ei)
{
    struct hash payload = sha256_of(o->payload.ptr, o->payload.len);
    char at[TIME_TEXT];
    uint8_t salt[LEAF_SALT];
    AUTO_BUF(opened, 1024);
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    struct hash detail;
    int r;

    time_format(now, at);
    buf_printf(&opened, "[\"canary\",\"%.*s\",", TIME_TEXT, at);
    buf_json(&opened, o->sensor);
    buf_text(&opened, ",\"");
    buf_hex(&opened, payload.byte, sizeof payload.byte);
    buf_text(&opened, "\"]");
    if (buf_error(&opened) < 0)
        return buf_error(&opened);
    e->env->random(e->env->self, salt, sizeof salt);
    detail = leaf_commit(salt, buf_get(&opened));
    {
        const struct leaf_value values[] = {LEAF_HASH("detail", &detail),
                                            LEAF_TEXT("pact", o->pact)};

        r = leaf_write(&entry, LEAF_CANARY, now, (struct leaf_values){values, 2}, ei);
    }
    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), ret_leaf);
    if (r == 0)
        r = store_put_opening(e->store, *ret_leaf,
                              (struct slice){(const char *)salt, sizeof salt},
                              buf_get(&opened));
    return r;
}

static int
put_all(void *arg, struct engine *e, struct errinfo *ei)
{
    struct announcing *x = arg;
    const struct canary_order *o = x->order;
    struct utime now = engine_next_time(e);
    struct store_canary row = {.pact = o->pact,
                               .sensor = o->sensor,
                               .payload = o->payload,
                               .at = now,
                               .until = {now.us + o->within.us}};
    int r = check(x, e, now, ei);

    if (r == 0)
        r = put_leaf(e, o, now, &row.leaf, ei);
    if (r == 0)
        r = store_put_canary(e->store, &row);
    if (r == 0)
        r = engine_put_act(
            e, &(struct engine_who){o->user, o->role, "canary.announce", SLICE("")}, now, ei);
    return r;
}

int
canary_announce(struct engine *e, const struct canary_order *o, bool *ret_refused,
                struct errinfo *ei)
{
    struct announcing x = {.order = o};
    int r = engine_check_room(e, 0);

    if (r < 0)
        return err_set(ei, r, "%s", err_text(r));
    r = engine_change(e, put_all, &x, &x.refused, ei);
    *ret_refused = x.refused;
    return r == 0 ? canaries_load(e) : r;
}

/* ---- finding ----------------------------------------------------------------------------- */

static int
keep_open(void *arg, const struct store_canary *c)
{
    struct canaries *all = arg;
    struct canary *to = &all->at[all->count];

    if (c->payload.len != CANARY_PAYLOAD || c->sensor.len > SENSOR_MAX)
        return 0;
    *to = (struct canary){.leaf = c->leaf, .until = c->until};
    memcpy(to->payload, c->payload.ptr, CANARY_PAYLOAD);
    memcpy(to->sensor, c->sensor.ptr, c->sensor.len);
    return ++all->count == CANARY_OPEN;
}

int
canaries_load(struct engine *e)
{
    int r;

    if (e->canaries == NULL)
        e->canaries = calloc(1, sizeof *e->canaries);
    if (e->canaries == NULL)
        return ERR_NOMEM;
    e->canaries->count = 0;
    r = store_each_open_canary(e->store, e->env->now_wall(e->env->self), keep_open,
                               e->canaries);
    return r < 0 ? r : 0;
}

struct canaries *
canaries_free(struct canaries *c)
{
    free(c);
    return NULL;
}

/* The event of that sensor in whose raw bytes the place is. */
static bool
event_at(struct engine *e, const struct draft *d, size_t place, const char *sensor,
         uint32_t *ret)
{
    for (uint32_t i = 0; i < d->count; i++) {
        const struct event *ev = &d->event[i];

        if (place < ev->raw_at || place >= (size_t)ev->raw_at + ev->raw_len)
            continue;
        if (!slice_is(dict_sensor(&e->dict, ev->sensor), sensor))
            continue;
        *ret = i;
        return true;
    }
    return false;
}

/* A payload, or its base64, at a place in the raw bytes of a block. */
struct sight_of {
    struct engine *e;
    const struct draft *d;
    uint64_t block;
};

static int
take_at(const struct sight_of *s, size_t place, struct slice found, bool base64)
{
    struct canaries *all = s->e->canaries;
    uint32_t index;

    for (unsigned i = 0; i < all->count; i++) {
        const struct canary *c = &all->at[i];
        AUTO_BUF(coded, BASE64);
        struct slice want = {c->payload, CANARY_PAYLOAD};

        if (base64) {
            buf_base64(&coded, want.ptr, WHOLE);
            want = buf_get(&coded);
        }
        if (found.len < want.len || memcmp(found.ptr, want.ptr, want.len) != 0 ||
            s->e->last_at.us > c->until.us || !event_at(s->e, s->d, place, c->sensor, &index))
            continue;
        return store_find_canary(s->e->store, c->leaf, s->e->last_at,
                                 (struct event_id){s->block, index});
    }
    return 0;
}

static int
look_for(const struct sight_of *s, const char *mark, bool base64)
{
    struct slice raw = buf_get(&s->d->raw);
    size_t at = 0;
    int r = 0;

    while (r == 0 && at < raw.len) {
        const char *p = memmem(raw.ptr + at, raw.len - at, mark, strlen(mark));

        if (p == NULL)
            break;
        at = (size_t)(p - raw.ptr);
        r = take_at(s, at, slice_sub(raw, at, raw.len - at), base64);
        at++;
    }
    return r;
}

int
canaries_find(struct engine *e, uint64_t block, const struct draft *d)
{
    const struct sight_of s = {e, d, block};
    int r;

    if (e->canaries == NULL || e->canaries->count == 0)
        return 0;
    r = look_for(&s, MARK, false);
    return r < 0 ? r : look_for(&s, "ZGV0ZW50ZS1jYW5hcnkt", true); /* the mark, as base64 */
}
