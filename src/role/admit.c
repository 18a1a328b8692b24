/* The stages before anything is written: attribution, and events into drafts of blocks. */
#include <stdlib.h>

#include "role/engine_priv.h"

#define SKEW_MAX ((int64_t)300 * TIME_US_PER_S)
#define MINUTE   ((int64_t)60 * TIME_US_PER_S)

/* Nothing in it yet, and a key of its own. */
static void
begin_draft(struct draft *d, const struct env *env)
{
    d->count = 0;
    d->result = 0;
    env->random(env->self, d->key, sizeof d->key);
}

struct draft *
draft_new(const struct env *env)
{
    struct draft *d = malloc(sizeof *d);

    if (d == NULL)
        return NULL;
    begin_draft(d, env);
    buf_init(&d->raw, EVIDENCE_RAW_MAX);
    buf_init(&d->frames, EVIDENCE_FRAME_MAX);
    buf_init(&d->filter, 1 << 16);
    d->found = (struct lookout_found){.row = NULL};
    return d;
}

struct draft *
draft_free(struct draft *d)
{
    if (d == NULL)
        return NULL;
    buf_release(&d->raw);
    buf_release(&d->frames);
    buf_release(&d->filter);
    lookout_release(&d->found);
    free(d);
    return NULL;
}

static bool
is_own(const struct conf *conf, const struct addr *a)
{
    for (unsigned i = 0; i < conf->networks.count; i++) {
        if (prefix_covers(&conf->networks.at[i], a))
            return true;
    }
    return false;
}

enum { BATCH = 64 };

void
engine_attribute(const struct attrib *a, const struct conf *conf, struct frame *frame)
{
    for (uint32_t from = 0; from < frame->count; from += BATCH) {
        struct event *ev = &frame->event[from];
        uint32_t n = frame->count - from < BATCH ? frame->count - from : BATCH;
        struct addr addr[2 * BATCH];
        struct attribution place[2 * BATCH];

        for (size_t i = 0; i < n; i++) {
            addr[2 * i] = ev[i].origin;
            addr[2 * i + 1] = ev[i].target;
        }
        attrib_find_many(a, addr, 2 * (size_t)n, place);
        for (size_t i = 0; i < n; i++) {
            const struct attribution *origin = &place[2 * i];
            const struct attribution *target = &place[2 * i + 1];

            ev[i].target_asn = target->asn;
            ev[i].target_country = target->country;
            if (is_own(conf, &ev[i].origin)) {
                /* Spoofed, or a sensor that looks the wrong way: no place of origin. */
                ev[i].flags |= FLAG_SPOOFABLE;
                continue;
            }
            ev[i].origin_asn = origin->asn;
            ev[i].origin_country = origin->country;
            if (origin->disputed)
                ev[i].flags |= FLAG_DISPUTED;
        }
    }
}

void
rule_map_release(struct rule_map *m)
{
    free(m->to);
    *m = (struct rule_map){0};
}

static int
reserve_map(struct rule_map *map, uint32_t want)
{
    uint32_t room = want * 2;
    uint32_t *to;

    if (want <= map->room)
        return 0;
    to = realloc(map->to, room * sizeof *to);
    if (to == NULL)
        return ERR_NOMEM;
    map->to = to;
    map->room = room;
    return 0;
}

int
rule_map_begin(struct rule_map *m)
{
    int r = reserve_map(m, 1);

    if (r == 0 && m->count == 0)
        m->to[m->count++] = 0;
    return r;
}

int
engine_learn_rule(struct engine *e, const struct rule *rule, struct rule_map *map)
{
    int r = reserve_map(map, map->count + 1);

    if (r == 0)
        r = dict_put_rule(&e->dict, rule, &map->to[map->count]);
    if (r == 0)
        map->count++;
    return r;
}

/* Bring the map up to the rules that the decoder knows now. */
static int
extend_map(struct engine *e, const struct decoder *d, struct rule_map *map)
{
    int r = rule_map_begin(map);

    while (r == 0 && map->count < eve_rule_count(d))
        r = engine_learn_rule(e, eve_rule(d, map->count), map);
    return r;
}

bool
engine_seen(struct seen *seen, const struct event *ev)
{
    struct {
        struct addr origin;
        struct addr target;
        int64_t minute;
        uint32_t rule;
        uint16_t port;
        uint16_t kind;
    } key = {ev->origin, ev->target, ev->time.us / MINUTE, ev->rule, ev->target_port, ev->kind};
    uint64_t h = map_hash(&key, sizeof key, seen->secret) | 1;
    uint32_t set = (uint32_t)(h >> 32) % SEEN_SETS;

    for (int i = 0; i < SEEN_WAYS; i++) {
        if (seen->hash[set][i] == h)
            return true;
    }
    seen->hash[set][seen->next[set]] = h;
    seen->next[set] = (uint8_t)((seen->next[set] + 1) % SEEN_WAYS);
    return false;
}

static int
close_open(struct engine *e)
{
    if (e->full_count == ENGINE_FULL_MAX)
        return ERR_LIMIT;
    e->full[(e->full_from + e->full_count++) % ENGINE_FULL_MAX] = e->open;
    e->open = NULL;
    return 0;
}

static struct draft *
next_draft(struct engine *e)
{
    struct draft *d;

    if (e->spares == 0)
        return draft_new(e->env);
    d = e->spare[--e->spares];
    begin_draft(d, e->env);
    return d;
}

void
engine_give_back(struct engine *e, struct draft *d)
{
    if (e->spares == SPARE_MAX) {
        (void)draft_free(d);
        return;
    }
    buf_reset(&d->raw);
    buf_reset(&d->frames);
    buf_reset(&d->filter);
    e->spare[e->spares++] = d;
}

/* Put one attack event and its raw bytes into the open draft. */
static int
put_event(struct engine *e, const struct event *ev, struct slice raw)
{
    struct draft *d = e->open;
    struct event *to;
    int r;

    if (d != NULL && d->raw.len + raw.len + 1 > EVIDENCE_RAW_MAX) {
        r = close_open(e);
        if (r < 0)
            return r;
        d = NULL;
    }
    if (d == NULL) {
        d = e->open = next_draft(e);
        if (d == NULL)
            return ERR_NOMEM;
    }
    to = &d->event[d->count++];
    *to = *ev;
    to->raw_at = (uint32_t)d->raw.len;
    if (raw.len > 0) {
        buf_slice(&d->raw, raw);
        buf_char(&d->raw, '\n');
    }
    if (buf_error(&d->raw) < 0)
        return buf_error(&d->raw);
    return d->count >= e->conf->block.events ? close_open(e) : 0;
}

int
engine_admit(struct engine *e, struct frame *frame, const struct decoder *d,
             struct rule_map *map, bool live)
{
    struct utime now = e->env->now_wall(e->env->self);
    int r = d == NULL ? 0 : extend_map(e, d, map);

    for (uint32_t i = 0; r == 0 && i < frame->count; i++) {
        struct event *ev = &frame->event[i];
        int64_t ahead = ev->time.us - now.us;

        if (!event_is_attack(ev))
            continue;
        ev->time_seen = now;
        ev->rule = map->to[ev->rule];
        if (ahead > SKEW_MAX || (live && ahead < -SKEW_MAX)) {
            ev->flags |= FLAG_CLOCK_SKEWED;
            e->skewed++;
        }
        if (engine_seen(e->seen, ev)) {
            ev->flags |= FLAG_DUPLICATE;
            e->duplicates++;
        }
        e->unplaced += ev->origin_country == COUNTRY_UNKNOWN;
        r = put_event(e, ev, slice_sub(frame->raw, ev->raw_at, ev->raw_len));
    }
    return r;
}

struct draft *
engine_take_full(struct engine *e)
{
    struct draft *d;

    if (e->full_count == 0)
        return NULL;
    d = e->full[e->full_from];
    e->full_from = (e->full_from + 1) % ENGINE_FULL_MAX;
    e->full_count--;
    return d;
}

struct draft *
engine_take_open(struct engine *e)
{
    struct draft *d = e->open;

    e->open = NULL;
    return d;
}

bool
engine_has_open(const struct engine *e)
{
    return e->open != NULL;
}

unsigned
engine_count_full(const struct engine *e)
{
    return e->full_count;
}

void
engine_hash(struct engine *e, struct draft *d)
{
    struct commit_names names;
    struct commit_block block = {.events = d->event,
                                 .count = d->count,
                                 .raw = buf_get(&d->raw),
                                 .key = d->key,
                                 .names = &names};

    dict_names(&e->dict, &names);
    d->result = commit_block(&block, d->commitment, &d->root);
    lookout_look(e->lookout, d->event, d->count, buf_get(&d->raw), &d->found);
}

void
engine_pack(struct codec *codec, struct draft *d)
{
    d->packed = evidence_encode(codec, 0, d->event, d->count, buf_get(&d->raw), &d->frames);
    if (d->packed == 0) {
        filter_make(d->event, d->count, &d->filter);
        d->packed = buf_error(&d->filter);
    }
}

void
engine_seal(struct engine *e, struct codec *codec, struct draft *d)
{
    engine_hash(e, d);
    if (d->result < 0)
        return;
    engine_pack(codec, d);
    d->result = d->packed;
}

uint64_t
engine_next_block(const struct engine *e)
{
    return e->next_block;
}

uint64_t
engine_duplicates(const struct engine *e)
{
    return e->duplicates;
}
