#include "role/live.h"

#include <stdlib.h>

#include "role/live_priv.h"

#define MINUTE_US ((int64_t)60 * TIME_US_PER_S)
#define DAY_US    ((int64_t)86400 * TIME_US_PER_S)

int
live_new(const struct dict *dict, const struct live_room *room, struct live **ret)
{
    static const struct live_room all = {ROWS_MAX, ROWS_MAX, ADDRESSES_MAX};
    struct live *l = calloc(1, sizeof *l);

    if (room == NULL)
        room = &all;

    if (l == NULL)
        return ERR_NOMEM;
    l->dict = dict;
    map_init(&l->networks.keys, sizeof(struct network_key), room->networks, 0x11c5);
    map_init(&l->parties.keys, PARTY_MAX + 1, (uint32_t)(2 * OWNERS), 0x55e1);
    map_init(&l->targets.keys, sizeof(struct addr), room->targets, 0x22d7);
    map_init(&l->by_asn, sizeof(uint32_t), room->networks, 0x44fb);
    map_init(&l->addresses, sizeof(struct addr), room->addresses, 0x33e9);
    *ret = l;
    return 0;
}

struct live *
live_free(struct live *l)
{
    if (l == NULL)
        return NULL;
    map_release(&l->networks.keys);
    map_release(&l->parties.keys);
    map_release(&l->targets.keys);
    map_release(&l->addresses);
    map_release(&l->by_asn);
    free(l->network);
    free(l->networks.row);
    free(l->parties.row);
    free(l->targets.row);
    free(l->seen);
    free(l);
    return NULL;
}

void
live_set_attrib(struct live *l, const struct attrib *a)
{
    l->attrib = a;
}

void
live_set_owners(struct live *l, const struct owners *o)
{
    l->owners = o;
}

/* The row of a key, NULL when the table is full: the series still counts what does not fit. */
static struct live_row *
row_of(struct live_table *t, const void *key)
{
    int fresh;
    int64_t at = map_put(&t->keys, key, &fresh);

    if (at < 0)
        return NULL;
    if ((uint32_t)at >= t->room) {
        uint32_t room = t->room == 0 ? 256 : t->room * 2;
        struct live_row *row = realloc(t->row, room * sizeof *row);

        if (row == NULL)
            return NULL;
        memset(row + t->room, 0, (room - t->room) * sizeof *row);
        t->row = row;
        t->room = room;
    }
    return &t->row[at];
}

/* Count one event that is `age` minutes old. */
static void
row_add(struct live_row *row, int64_t minute, int64_t age, enum event_chip chip)
{
    row->minute[minute % MINUTES]++;
    if (age < RECENT_MINUTES) {
        uint16_t *c = &row->chip[minute % RECENT_MINUTES][chip];

        row->n15++;
        *c = (uint16_t)(*c + (*c < UINT16_MAX));
    }
    if (age < 60)
        row->n60++;
    else
        row->p60++;
}

/* The minute `now` begins: what gets too old leaves the sums. */
static void
row_turn(struct live_row *row, int64_t now)
{
    row->n15 -= row->minute[(now - RECENT_MINUTES) % MINUTES];
    row->n60 -= row->minute[(now - 60) % MINUTES];
    row->p60 += row->minute[(now - 60) % MINUTES];
    row->p60 -= row->minute[now % MINUTES]; /* that of two hours ago */
    row->minute[now % MINUTES] = 0;
    memset(row->chip[now % RECENT_MINUTES], 0, sizeof row->chip[0]);
}

/* Rows that have nothing left are dropped when the table is half full. */
static void
table_turn(struct live_table *t, int64_t now)
{
    struct live_table fresh = {.room = t->room};

    for (uint32_t i = 0; i < t->keys.count; i++)
        row_turn(&t->row[i], now);
    if (t->keys.count < t->keys.max / 2)
        return;
    fresh.row = calloc(fresh.room, sizeof *fresh.row);
    if (fresh.row == NULL)
        return;
    map_init(&fresh.keys, t->keys.key_size, t->keys.max, t->keys.secret);
    for (uint32_t i = 0; i < t->keys.count; i++) {
        if (t->row[i].n60 + t->row[i].p60 > 0) {
            struct live_row *row = row_of(&fresh, map_key(&t->keys, i));

            if (row != NULL)
                *row = t->row[i];
        }
    }
    map_release(&t->keys);
    free(t->row);
    *t = fresh;
}

/* The row of a target, NULL when the table is full. */
static struct live_target *
target_of(struct live_targets *t, const struct addr *key)
{
    int fresh;
    int64_t at = map_put(&t->keys, key, &fresh);

    if (at < 0)
        return NULL;
    if ((uint32_t)at >= t->room) {
        uint32_t room = t->room == 0 ? 256 : t->room * 2;
        struct live_target *row = realloc(t->row, room * sizeof *row);

        if (row == NULL)
            return NULL;
        memset(row + t->room, 0, (room - t->room) * sizeof *row);
        t->row = row;
        t->room = room;
    }
    return &t->row[at];
}

static void
target_add(struct live_target *row, int64_t minute)
{
    row->minute[minute % RECENT_MINUTES]++;
    row->n15++;
}

/* Like table_turn(). */
static void
targets_turn(struct live_targets *t, int64_t now)
{
    struct live_targets fresh = {.room = t->room};

    for (uint32_t i = 0; i < t->keys.count; i++) {
        t->row[i].n15 -= t->row[i].minute[now % RECENT_MINUTES];
        t->row[i].minute[now % RECENT_MINUTES] = 0;
    }
    if (t->keys.count < t->keys.max / 2)
        return;
    fresh.row = calloc(fresh.room, sizeof *fresh.row);
    if (fresh.row == NULL)
        return;
    map_init(&fresh.keys, t->keys.key_size, t->keys.max, t->keys.secret);
    for (uint32_t i = 0; i < t->keys.count; i++) {
        if (t->row[i].n15 > 0) {
            struct live_target *row = target_of(&fresh, map_key(&t->keys, i));

            if (row != NULL)
                *row = t->row[i];
        }
    }
    map_release(&t->keys);
    free(t->row);
    *t = fresh;
}

static void
addresses_turn(struct live *l, int64_t now)
{
    for (uint32_t i = 0; i < l->addresses.count; i++) {
        if (l->seen[i].minute != 0 && now - l->seen[i].minute >= RECENT_MINUTES) {
            l->seen[i].minute = 0;
            l->active[l->seen[i].country]--;
        }
    }
    if (l->addresses.count > l->addresses.max / 2) {
        map_reset(&l->addresses); /* the count starts anew: a lower bound for a while */
        memset(l->active, 0, sizeof l->active);
    }
}

static void
address_add(struct live *l, const struct event *ev, int64_t minute)
{
    int fresh;
    int64_t at = map_put(&l->addresses, &ev->origin, &fresh);

    if (at < 0)
        return;
    if ((uint32_t)at >= l->seen_room) {
        uint32_t room = l->seen_room == 0 ? 1024 : l->seen_room * 2;
        struct live_seen *seen = realloc(l->seen, room * sizeof *seen);

        if (seen == NULL)
            return;
        l->seen = seen;
        l->seen_room = room;
    }
    if (fresh || l->seen[at].minute == 0) {
        l->seen[at] = (struct live_seen){0, ev->origin_country};
        l->active[ev->origin_country]++;
    }
    if (l->seen[at].minute < minute)
        l->seen[at].minute = minute;
}

void
live_turn(struct live *l, struct utime now)
{
    int64_t minute = now.us / MINUTE_US;
    int64_t bucket = now.us / BUCKET_US;

    if (!l->started) {
        l->started = true;
        l->minute = minute;
        l->bucket = l->bucket_sent = bucket;
    }
    /* All is over: turning once through clears every row.  Whole rounds are left out, so that
     * each minute leaves the sums before its place is taken by another. */
    if (minute > l->minute + (int64_t)2 * MINUTES)
        l->minute += ((minute - l->minute) / MINUTES - 1) * MINUTES;
    while (l->minute < minute) {
        l->minute++;
        table_turn(&l->networks, l->minute);
        table_turn(&l->parties, l->minute);
        targets_turn(&l->targets, l->minute);
        addresses_turn(l, l->minute);
    }
    if (bucket > l->bucket + BUCKETS)
        l->bucket = bucket - BUCKETS;
    while (l->bucket < bucket) {
        l->bucket++;
        for (int c = 0; c < CHIPS; c++)
            l->series[c][l->bucket % BUCKETS] = 0;
    }
}

void
live_show(struct live *l, struct event_id id, const struct event *ev)
{
    unsigned keep = l->recent_count < RECENT ? l->recent_count : RECENT - 1;

    memmove(&l->recent[1], &l->recent[0], keep * sizeof l->recent[0]);
    l->recent[0] = (struct live_recent){id, *ev};
    l->recent_count = keep + 1;
    l->recent_version++;
}

/* Under the name of whose its origin is: numbers change with annexes.  What is nobody's is the
 * rest of all. */
static void
count_party(struct live *l, const struct event *ev, int64_t age, enum event_chip chip)
{
    unsigned n = l->owners == NULL ? 0 : owners_of(l->owners, ev);
    struct live_row *row = n == 0 ? NULL : row_of(&l->parties, l->owners->name[n]);

    if (row != NULL)
        row_add(row, l->minute - age, age, chip);
}

/* False when it is older than the series. */
static bool
count(struct live *l, const struct event *ev, struct utime now)
{
    struct utime t = ev->flags & FLAG_CLOCK_SKEWED ? ev->time_seen : ev->time;
    enum event_chip chip = event_class_chip((enum event_class)ev->class_);
    struct network_key key = {ev->origin_asn, ev->origin_country, 0};
    struct live_target *target;
    struct live_row *row;
    int64_t age;

    live_turn(l, now);
    age = l->minute - t.us / MINUTE_US;
    if (age < 0) {
        age = 0;
        t = now;
    }
    if (now.us - t.us >= DAY_US || t.us / BUCKET_US <= l->bucket - BUCKETS)
        return false;
    l->series[chip][t.us / BUCKET_US % BUCKETS]++;
    if (age >= MINUTES)
        return true;
    row = row_of(&l->networks, &key);
    if (row != NULL)
        row_add(row, l->minute - age, age, chip);
    count_party(l, ev, age, chip);
    if (age >= RECENT_MINUTES)
        return true;
    target = target_of(&l->targets, &ev->target);
    if (target != NULL)
        target_add(target, l->minute - age);
    address_add(l, ev, l->minute - age);
    return true;
}

void
live_count(struct live *l, const struct event *ev, struct utime now)
{
    (void)count(l, ev, now);
}

void
live_add(struct live *l, struct event_id id, const struct event *ev, struct utime now)
{
    if (count(l, ev, now))
        live_show(l, id, ev);
}

/* ---- the lists of this moment --------------------------------------------------------- */

static int
by_recent(const void *a, const void *b)
{
    const struct list_row *x = a;
    const struct list_row *y = b;

    if (x->number[0] != y->number[0])
        return x->number[0] < y->number[0] ? 1 : -1;
    if (x->number[1] != y->number[1])
        return x->number[1] < y->number[1] ? 1 : -1;
    return memcmp(x->key, y->key, sizeof x->key);
}

/* Keep the best `most` of the rows offered: full lists are sorted and cut. */
static void
list_offer(struct list *list, unsigned most, const struct list_row *row)
{
    if (list->count == LIST_MAX * 4) {
        qsort(list->row, list->count, sizeof list->row[0], by_recent);
        list->count = most;
    }
    list->row[list->count++] = *row;
}

static void
list_finish(struct list *list, unsigned most)
{
    qsort(list->row, list->count, sizeof list->row[0], by_recent);
    if (list->count > most)
        list->count = most;
}

static unsigned
best_chip(const struct live_row *row)
{
    uint32_t sum[CHIPS] = {0};
    unsigned best = CHIP_OTHER;

    for (int m = 0; m < RECENT_MINUTES; m++) {
        for (int c = 0; c < CHIPS; c++)
            sum[c] += row->chip[m][c];
    }
    for (unsigned c = 0; c < CHIPS; c++) {
        if (sum[c] > sum[best])
            best = c;
    }
    return best;
}

struct economy {
    uint64_t n15;
    uint64_t n60;
    uint64_t p60;
    uint64_t networks;
};

/* A network is an ASN, whatever the economies its addresses are registered in: its rows are
 * one, shown with their economy when they have one in common. */
static void
add_network(struct live *l, const struct network_key *key, const struct live_row *row)
{
    struct live_network *n;
    int fresh;
    int64_t at = map_put(&l->by_asn, &key->asn, &fresh);

    if (at < 0)
        return;
    if ((uint32_t)at >= l->network_room) {
        uint32_t room = l->network_room == 0 ? 1024 : l->network_room * 2;

        n = realloc(l->network, room * sizeof *n);
        if (n == NULL)
            return;
        l->network = n;
        l->network_room = room;
    }
    n = &l->network[at];
    if (fresh)
        *n = (struct live_network){0};
    if (n->n60 == 0)
        n->country = key->asn == 0 ? COUNTRY_UNKNOWN : key->country;
    else if (row->n60 > 0 && n->country != key->country)
        n->country = COUNTRY_UNKNOWN;
    n->n15 += row->n15;
    n->n60 += row->n60;
    n->p60 += row->p60;
}

static void
list_networks(struct live *l, struct live_now *ret)
{
    for (uint32_t i = 0; i < l->by_asn.count; i++) {
        const struct live_network *n = &l->network[i];
        struct list_row out = {.number = {n->n15, n->n60, n->p60, n->country}};
        struct network_key key = {.zero = 0};

        memcpy(&key.asn, map_key(&l->by_asn, i), sizeof key.asn);
        memcpy(out.key, &key, sizeof key);
        ret->total.networks += n->n15 > 0 && key.asn != 0;
        if (n->n60 > 0)
            list_offer(&ret->list[LIST_NETWORKS], 50, &out);
    }
}

static void
list_corridors(struct live *l, struct live_now *ret, struct economy *economies)
{
    map_reset(&l->by_asn);
    for (uint32_t i = 0; i < l->networks.keys.count; i++) {
        const struct network_key *key = map_key(&l->networks.keys, i);
        const struct live_row *row = &l->networks.row[i];
        struct list_row out = {.number = {row->n15, 0}};
        struct economy *e = &economies[key->country];

        if (row->n60 + row->p60 == 0)
            continue;
        add_network(l, key, row);
        ret->total.n15 += row->n15;
        ret->total.n60 += row->n60;
        ret->total.p60 += row->p60;
        e->n15 += row->n15;
        e->n60 += row->n60;
        e->p60 += row->p60;
        e->networks += row->n15 > 0 && key->asn != 0;
        if (key->country == COUNTRY_UNKNOWN)
            ret->total.unknown += row->n15;
        if (row->n15 == 0 || key->country == COUNTRY_UNKNOWN)
            continue;
        ret->total.corridors++;
        memcpy(out.key, key, sizeof *key);
        out.number[1] = best_chip(row);
        list_offer(&ret->list[LIST_CORRIDORS], 60, &out);
    }
    list_networks(l, ret);
}

void
live_lists(struct live *l, struct live_now *ret)
{
    struct economy *economies = calloc(1 << 16, sizeof *economies);

    memset(ret, 0, sizeof *ret);
    if (economies == NULL)
        return; /* an empty frame; the next one may have memory */
    list_corridors(l, ret, economies);
    for (uint32_t c = 0; c < 1 << 16; c++) {
        const struct economy *e = &economies[c];
        struct list_row out = {.number = {e->n15, e->n60, e->p60, l->active[c], e->networks}};
        uint16_t country = (uint16_t)c;

        memcpy(out.key, &country, sizeof country);
        ret->total.addresses += l->active[c];
        ret->total.economies += e->n15 > 0 && c != COUNTRY_UNKNOWN;
        if (e->n60 > 0)
            list_offer(&ret->list[LIST_ECONOMIES], LIST_MAX, &out);
    }
    for (uint32_t i = 0; i < l->targets.keys.count; i++) {
        struct list_row out = {.number = {l->targets.row[i].n15}};

        memcpy(out.key, map_key(&l->targets.keys, i), sizeof out.key);
        if (out.number[0] > 0)
            list_offer(&ret->list[LIST_TARGETS], 20, &out);
    }
    list_finish(&ret->list[LIST_NETWORKS], 50);
    list_finish(&ret->list[LIST_ECONOMIES], LIST_MAX);
    list_finish(&ret->list[LIST_TARGETS], 20);
    list_finish(&ret->list[LIST_CORRIDORS], 60);
    free(economies);
}
