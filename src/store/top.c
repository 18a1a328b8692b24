/* Counting by key: one map of keys to rows, and one set each of (row, address) and (row,
 * network) for the distinct counts, which are exact. */
#include <stdlib.h>

#include "base/map.h"
#include "store/query.h"

struct pair {
    uint32_t row;
    uint8_t value[16];
};
_Static_assert(sizeof(struct pair) == 20, "a key without holes");

struct count {
    const struct query *query;
    struct top *top;
    enum top_by by;
    bool targets;
    uint32_t room;
    struct map keys;
    struct map addresses;
    struct map networks;
};

static uint32_t
group_of(const struct query *q, const struct event *ev)
{
    unsigned n = q->group == NULL ? 0 : q->group(q->group_arg, &ev->target);

    return q->fold == NULL ? n : q->fold[n];
}

/* The key of an event: 16 bytes, zero where unused. */
static void
key_of(const struct count *c, const struct event *ev, uint8_t key[16])
{
    uint32_t n = 0;

    memset(key, 0, 16);
    switch (c->by) {
    case TOP_ADDRESS: memcpy(key, c->targets ? ev->target.byte : ev->origin.byte, 16); return;
    case TOP_COUNTRY: n = c->targets ? ev->target_country : ev->origin_country; break;
    case TOP_ASN: n = c->targets ? ev->target_asn : ev->origin_asn; break;
    case TOP_PARTY: n = query_owner(c->query, ev, c->targets); break;
    case TOP_CLASS: n = ev->class_; break;
    case TOP_RULE: n = ev->rule; break;
    case TOP_SENSOR: n = ev->sensor; break;
    case TOP_CHIP: n = (uint32_t)event_class_chip((enum event_class)ev->class_); break;
    case TOP_GROUP: n = group_of(c->query, ev); break;
    }
    memcpy(key, &n, sizeof n);
}

static int
new_row(struct count *c, const struct event *ev)
{
    struct top_row *row;

    if (c->top->count == c->room) {
        uint32_t room = c->room == 0 ? 256 : c->room * 2;

        row = realloc(c->top->row, room * sizeof *row);
        if (row == NULL)
            return ERR_NOMEM;
        c->top->row = row;
        c->room = room;
    }
    row = &c->top->row[c->top->count++];
    *row = (struct top_row){.first = ev->time, .last = ev->time};
    switch (c->by) {
    case TOP_ADDRESS:
        row->address = c->targets ? ev->target : ev->origin;
        /* fall through: an address is shown with its network and country */
        __attribute__((fallthrough));
    case TOP_ASN:
        row->asn = c->targets ? ev->target_asn : ev->origin_asn;
        __attribute__((fallthrough));
    case TOP_COUNTRY:
        row->country = c->targets ? ev->target_country : ev->origin_country;
        break;
    case TOP_PARTY: row->number = query_owner(c->query, ev, c->targets); break;
    case TOP_CLASS: row->number = ev->class_; break;
    case TOP_RULE: row->number = ev->rule; break;
    case TOP_SENSOR: row->number = ev->sensor; break;
    case TOP_CHIP:
        row->number = (uint32_t)event_class_chip((enum event_class)ev->class_);
        break;
    case TOP_GROUP: row->number = group_of(c->query, ev); break;
    }
    return 0;
}

static int
count_event(void *arg, const struct query_hit *hit)
{
    struct count *c = arg;
    const struct event *ev = hit->event;
    struct pair pair = {0};
    struct top_row *row;
    uint8_t key[16];
    int64_t at;
    int fresh;
    int r;

    key_of(c, ev, key);
    at = map_put(&c->keys, key, &fresh);
    if (at < 0)
        return ERR_LIMIT;
    if (fresh) {
        r = new_row(c, ev);
        if (r < 0)
            return r;
    }
    row = &c->top->row[at];
    /* A network of several economies, and the unknown one, has none to be shown with. */
    if (c->by == TOP_ASN &&
        (row->asn == 0 ||
         row->country != (c->targets ? ev->target_country : ev->origin_country)))
        row->country = COUNTRY_UNKNOWN;
    row->events++;
    if (ev->time.us < row->first.us)
        row->first = ev->time;
    if (ev->time.us > row->last.us)
        row->last = ev->time;
    pair.row = (uint32_t)at;
    memcpy(pair.value, ev->origin.byte, sizeof pair.value);
    if (map_put(&c->addresses, &pair, &fresh) < 0)
        return ERR_LIMIT;
    row->addresses += (uint64_t)fresh;
    memset(pair.value, 0, sizeof pair.value);
    memcpy(pair.value, &ev->origin_asn, sizeof ev->origin_asn);
    if (map_put(&c->networks, &pair, &fresh) < 0)
        return ERR_LIMIT;
    row->networks += (uint64_t)fresh;
    c->top->events++;
    return 0;
}

static int
by_rank(const void *a, const void *b)
{
    const struct top_row *x = a;
    const struct top_row *y = b;
    int r;

    if (x->networks != y->networks)
        return x->networks < y->networks ? 1 : -1;
    if (x->events != y->events)
        return x->events < y->events ? 1 : -1;
    r = memcmp(&x->address, &y->address, sizeof x->address);
    if (r != 0)
        return r;
    if (x->asn != y->asn)
        return x->asn < y->asn ? -1 : 1;
    if (x->country != y->country)
        return x->country < y->country ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

int
query_top(struct reader *r, const struct query *q, enum top_by by, bool targets,
          struct top *ret)
{
    struct count c = {.query = q, .top = ret, .by = by, .targets = targets};
    int e;

    *ret = (struct top){0};
    map_init(&c.keys, 16, TOP_ROWS_MAX, 0x3f91);
    map_init(&c.addresses, sizeof(struct pair), TOP_ROWS_MAX, 0x91c3);
    map_init(&c.networks, sizeof(struct pair), TOP_ROWS_MAX, 0xc37d);
    e = query_each(r, q, false, count_event, &c);
    map_release(&c.keys);
    map_release(&c.addresses);
    map_release(&c.networks);
    if (e < 0) {
        top_release(ret);
        return e;
    }
    if (ret->count > 0)
        qsort(ret->row, ret->count, sizeof *ret->row, by_rank);
    return 0;
}

void
top_release(struct top *t)
{
    free(t->row);
    *t = (struct top){0};
}
