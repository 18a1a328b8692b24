#include "role/grounds.h"

#include <stdio.h>
#include <stdlib.h>

#include "exchange/envelope.h"
#include "role/notice.h"
#include "store/messages.h"
#include "store/proofs.h"
#include "wire/jcs.h"

enum {
    ROWS = JUDGE_EVIDENCE, /* and as many tuples as a notice may have */
    PLACES = 1 << 16,      /* bytes of what is told of origins */
    ALL_BITS = 128         /* of an address */
};

struct row {
    struct utime time;
    struct addr origin;
    struct prefix target; /* shorter than an address: masked */
    uint32_t count;
    uint32_t sensor; /* UINT32_MAX not known */
    uint16_t flags;
    uint8_t grade;
    struct event_id id;
};

struct grounds {
    const struct grounds_ask *x;
    struct row row[ROWS];
    unsigned count;
    unsigned gone;  /* named, and erased since */
    bool own;       /* read from this node's events */
    char whose[65]; /* party */
    struct span window;
    struct buf places;
    size_t place_at[ROWS]; /* where a row's begins in places; those of no place are empty */
    size_t place_len[ROWS];
    struct buf body; /* of the notice, copied */
};

/* ---- reading ----------------------------------------------------------------------------- */

static bool
is_first_of(const struct grounds *g, unsigned i)
{
    for (unsigned k = 0; k < i; k++) {
        if (addr_eq(&g->row[k].origin, &g->row[i].origin))
            return false;
    }
    return true;
}

/* Where the origin of the newest row is, by the tables of its time or by today's. */
static int
place(struct grounds *g, const struct query_hit *hit)
{
    unsigned i = g->count - 1;
    int r;

    if (!is_first_of(g, i))
        return 0;
    g->place_at[i] = g->places.len;
    r = describe_origin(g->x->d, hit, &g->places);
    g->place_len[i] = g->places.len - g->place_at[i];
    return r;
}

static int
add_event(struct grounds *g, const struct query_hit *hit)
{
    const struct event *ev = hit->event;

    g->row[g->count++] = (struct row){.time = ev->time,
                                      .origin = ev->origin,
                                      .target = {ev->target, ALL_BITS},
                                      .count = ev->count,
                                      .sensor = ev->sensor,
                                      .flags = ev->flags,
                                      .grade = ev->grade,
                                      .id = hit->id};
    return place(g, hit);
}

/* The events that a list of ids names; a block is read once for those that follow. */
static int
read_events(struct grounds *g, struct slice ids)
{
    struct jcs_iter it = jcs_iter(ids);
    struct store_block block = {.block = UINT64_MAX};
    struct evidence events = {0};
    struct slice item;
    struct slice text;
    int r = ERR_GONE;

    while (g->count < ROWS && jcs_item(&it, &item)) {
        struct event_id id;

        if (jcs_plain(item, &text) < 0 || event_id_parse(text, &id) < 0)
            return ERR_INVALID;
        if (r != 0 || block.block != id.block)
            r = reader_find(g->x->d->reader, id.block, false, &block, &events);
        if (r < 0 && r != ERR_GONE && r != ERR_NOTFOUND)
            return r;
        if (r < 0 || id.index >= events.count) {
            g->gone++;
            continue;
        }
        r = add_event(g, &(struct query_hit){id, &events.event[id.index], &block});
        if (r < 0)
            return r;
    }
    return 0;
}

static bool
item_text(struct jcs_iter *it, struct slice *ret)
{
    struct slice item;

    return jcs_item(it, &item) && jcs_plain(item, ret) == 0;
}

static bool
item_number(struct jcs_iter *it, int64_t *ret)
{
    struct slice item;

    return jcs_item(it, &item) && jcs_int(item, ret) == 0;
}

/* `[time, origin, port, target, port, protocol, count]` */
static bool
read_tuple(struct slice tuple, struct row *ret)
{
    struct jcs_iter it = jcs_iter(tuple);
    struct slice time;
    struct slice origin;
    struct slice target;
    int64_t port;
    int64_t protocol;
    int64_t count;
    bool fine = item_text(&it, &time) && item_text(&it, &origin) && item_number(&it, &port) &&
                item_text(&it, &target) && item_number(&it, &port) &&
                item_number(&it, &protocol) && item_number(&it, &count) && count > 0;

    *ret = (struct row){.sensor = UINT32_MAX, .target = {.len = ALL_BITS}};
    if (!fine || time_parse(time, &ret->time) < 0 || addr_parse(origin, &ret->origin) < 0)
        return false;
    ret->count = count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
    return addr_parse(target, &ret->target.addr) == 0 ||
           prefix_parse(target, &ret->target) == 0;
}

/* Placed by the tables of today: what the notifier's say is not told. */
static int
read_tuples(struct grounds *g, struct slice tuples)
{
    const struct attrib *tables = g->x->d->attrib;
    struct store_block today = {.tables = attrib_id(tables)};
    struct jcs_iter it = jcs_iter(tuples);
    struct slice tuple;

    while (g->count < ROWS && jcs_item(&it, &tuple)) {
        struct row *row = &g->row[g->count];
        struct attribution where;
        struct event ev = {.kind = EVENT_ALERT};
        int r;

        if (!read_tuple(tuple, row))
            continue;
        where = attrib_find(tables, &row->origin);
        ev.origin = row->origin;
        ev.origin_asn = where.asn;
        ev.origin_country = where.country;
        g->count++;
        r = place(g, &(struct query_hit){.event = &ev, .block = &today});
        if (r < 0)
            return r;
    }
    return 0;
}

static int
keep_notice(void *arg, const struct store_message *m)
{
    struct grounds *g = arg;
    struct envelope e;

    if (m->code != MESSAGE_FINE || envelope_read(m->bytes, &e, NULL) != MESSAGE_FINE ||
        e.type != MESSAGE_NOTICE || g->body.len > 0 || e.from.len >= sizeof g->whose)
        return 0;
    (void)snprintf(g->whose, sizeof g->whose, "%.*s", (int)e.from.len, e.from.ptr);
    buf_slice(&g->body, e.body);
    return buf_error(&g->body);
}

/* The window that an obligation counts in; none without a threshold, or where it is a rate of
 * bytes, of which events tell nothing. */
static struct span
window_of(const struct pact *p, struct slice from)
{
    const struct pact_obligation *o = NULL;
    struct slice value;
    struct slice id;

    if (jcs_find(from, "obligation", &value) && jcs_plain(value, &id) == 0)
        o = pact_obligation(p, id);
    return o == NULL || !o->has_threshold || o->threshold.bytes_per_s > 0 ? (struct span){0}
                                                                          : o->threshold.window;
}

static int
read_all(struct grounds *g)
{
    const struct book_pact *p = g->x->pact;
    struct store *s = g->x->d->store;
    struct slice name = slice_of(p->pact->name);
    AUTO_BUF(local, NOTICE_LOCAL);
    struct store_incident row;
    struct slice list;
    int r = store_get_incident(s, name, g->x->incident, &row);

    if (r == 0)
        buf_slice(&local, row.local);
    if ((r < 0 && r != ERR_NOTFOUND) || buf_error(&local) < 0)
        return r < 0 ? r : buf_error(&local);
    if (p->self >= 0 && local.len > 0 && jcs_find(buf_get(&local), "evidence", &list)) {
        struct slice self = p->party[p->self].id;

        g->own = true;
        g->window = window_of(p->pact, buf_get(&local));
        (void)snprintf(g->whose, sizeof g->whose, "%.*s", (int)self.len, self.ptr);
        return read_events(g, list);
    }
    r = store_each_message(s, name, g->x->incident, keep_notice, g);
    if (r < 0 || g->body.len == 0)
        return r < 0 ? r : ERR_NOTFOUND;
    g->window = window_of(p->pact, buf_get(&g->body));
    return jcs_find(buf_get(&g->body), "tuples", &list) ? read_tuples(g, list) : 0;
}

/* ---- telling ----------------------------------------------------------------------------- */

static void
put_time(struct buf *b, const char *before, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(b, "%s\"%.*s\"", before, TIME_TEXT, text);
}

static bool
same_target(const struct row *a, const struct row *b)
{
    return a->target.len == b->target.len && addr_eq(&a->target.addr, &b->target.addr);
}

static bool
same_origin(const struct row *a, const struct row *b)
{
    return addr_eq(&a->origin, &b->origin);
}

struct sum {
    uint64_t count;
    unsigned events;
    unsigned targets;
    unsigned sensors;
    struct utime first;
    struct utime last;
    uint8_t grade; /* the least */
    uint16_t flags;
};

/* Of the rows that are like the i-th; like NULL: of all. */
static struct sum
sum_of(const struct grounds *g, unsigned i,
       bool (*like)(const struct row *, const struct row *))
{
    struct sum s = {.grade = UINT8_MAX};

    for (unsigned k = 0; k < g->count; k++) {
        const struct row *row = &g->row[k];

        if (like != NULL && !like(&g->row[i], row))
            continue;
        s.count += row->count;
        s.flags |= row->flags;
        s.grade = row->grade < s.grade ? row->grade : s.grade;
        if (s.events == 0 || row->time.us < s.first.us)
            s.first = row->time;
        if (s.events == 0 || row->time.us > s.last.us)
            s.last = row->time;
        s.events++;
    }
    return s;
}

static void
put_sum(struct buf *b, const struct sum *s)
{
    buf_printf(b, ",\"events\":%u,\"count\":%llu", s->events, (unsigned long long)s->count);
    put_time(b, ",\"first\":", s->first);
    put_time(b, ",\"last\":", s->last);
}

/* What a window that ends with the i-th row holds, open at its beginning. */
static struct sum
within(const struct grounds *g, unsigned i)
{
    struct utime until = g->row[i].time;
    struct sum s = {0};
    bool seen[ROWS] = {false};

    for (unsigned k = 0; k < g->count; k++)
        seen[k] = g->row[k].time.us <= until.us && until.us - g->row[k].time.us < g->window.us;
    for (unsigned k = 0; k < g->count; k++) {
        bool target = true;
        bool sensor = g->row[k].sensor != UINT32_MAX;

        if (!seen[k])
            continue;
        for (unsigned n = 0; n < k; n++) {
            target &= !seen[n] || !same_target(&g->row[n], &g->row[k]);
            sensor &= !seen[n] || g->row[n].sensor != g->row[k].sensor;
        }
        s.count += g->row[k].count;
        s.targets += target;
        s.sensors += sensor;
    }
    return s;
}

/* Of all windows that end with an event, the one that holds most. */
static void
put_measured(const struct grounds *g, struct buf *b)
{
    struct sum most = {0};

    if (g->window.us == 0 || g->count == 0) {
        buf_text(b, ",\"measured\":null");
        return;
    }
    for (unsigned i = 0; i < g->count; i++) {
        struct sum s = within(g, i);

        if (s.count > most.count || (s.count == most.count && s.targets > most.targets))
            most = s;
    }
    buf_printf(b, ",\"measured\":{\"events\":%llu,\"targets\":%u,\"sensors\":%u}",
               (unsigned long long)most.count, most.targets, most.sensors);
}

static void
put_origins(const struct grounds *g, struct buf *b)
{
    const char *comma = "";

    buf_text(b, ",\"origins\":[");
    for (unsigned i = 0; i < g->count; i++) {
        struct sum s;

        if (!is_first_of(g, i))
            continue;
        s = sum_of(g, i, same_origin);
        buf_printf(b, "%s{\"origin\":%.*s", comma, (int)g->place_len[i],
                   g->places.ptr + g->place_at[i]);
        put_sum(b, &s);
        if (g->own) {
            buf_printf(b, ",\"grade\":%u,\"flags\":", s.grade);
            describe_flags(s.flags, b, NULL);
        }
        buf_char(b, '}');
        comma = ",";
    }
    buf_char(b, ']');
}

static void
put_target(const struct grounds *g, const struct row *row, struct buf *b)
{
    char prefix[PREFIX_TEXT];
    const struct conf_asset *group = NULL;

    buf_text(b, "{\"target\":\"");
    if (row->target.len == ALL_BITS) {
        buf_addr(b, &row->target.addr);
    } else {
        (void)prefix_format(&row->target, prefix);
        buf_text(b, prefix);
    }
    if (g->own || row->target.len == ALL_BITS)
        group = assets_at(g->x->assets, assets_find(g->x->assets, &row->target.addr));
    buf_text(b, "\",\"asset\":");
    buf_json(b, slice_of(group == NULL ? "" : group->name));
    buf_text(b, ",\"sector\":");
    buf_json(b, slice_of(group == NULL ? "" : group->sector));
}

static void
put_targets(const struct grounds *g, struct buf *b)
{
    const char *comma = "";

    buf_text(b, ",\"targets\":[");
    for (unsigned i = 0; i < g->count; i++) {
        struct sum s;
        bool first = true;

        for (unsigned k = 0; k < i; k++)
            first &= !same_target(&g->row[k], &g->row[i]);
        if (!first)
            continue;
        s = sum_of(g, i, same_target);
        buf_text(b, comma);
        put_target(g, &g->row[i], b);
        put_sum(b, &s);
        buf_char(b, '}');
        comma = ",";
    }
    buf_char(b, ']');
}

/* When each was, what it counts for, and its id when it is here. */
static void
put_line(const struct grounds *g, struct buf *b)
{
    buf_text(b, ",\"line\":[");
    for (unsigned i = 0; i < g->count; i++) {
        char id[EVENT_ID_TEXT] = "";

        if (g->own)
            (void)event_id_format(g->row[i].id, id);
        put_time(b, i > 0 ? ",[" : "[", g->row[i].time);
        buf_printf(b, ",%u,\"%s\"]", g->row[i].count, id);
    }
    buf_char(b, ']');
}

/* The keys by which proofs are checked: the logs of whose evidence it is, and who may cosign.
 */
static void
put_keys(const struct grounds *g, struct buf *b)
{
    static const enum annex_role roles[] = {ANNEX_LOG, ANNEX_WITNESS, ANNEX_HOLDER};
    const char *comma = "";

    buf_text(b, ",\"keys\":[");
    for (unsigned i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        const struct role_keys *keys = &g->x->pact->keys[roles[i]];

        for (unsigned k = 0; k < keys->count; k++) {
            char key[VKEY_TEXT];

            if (roles[i] == ANNEX_LOG && !slice_is(keys->key[k].party, g->whose))
                continue;
            (void)vkey_format(&keys->key[k].key, key);
            buf_printf(b, "%s[\"%s\",", comma,
                       roles[i] == ANNEX_LOG       ? "log"
                       : roles[i] == ANNEX_WITNESS ? "witness"
                                                   : "holder");
            buf_json(b, keys->key[k].party);
            buf_char(b, ',');
            buf_json(b, slice_of(key));
            buf_char(b, ']');
            comma = ",";
        }
    }
    buf_char(b, ']');
}

static void
put_all(const struct grounds *g, struct buf *b)
{
    struct sum all = sum_of(g, 0, NULL);
    bool masked = false;

    for (unsigned i = 0; i < g->count; i++)
        masked |= g->row[i].target.len != ALL_BITS;
    buf_text(b, "{\"whose\":");
    buf_json(b, slice_of(g->whose));
    buf_printf(b, ",\"by\":\"%s\",\"masked\":%s,\"gone\":%u", g->own ? "events" : "notice",
               masked ? "true" : "false", g->gone);
    if (g->count > 0)
        put_sum(b, &all);
    put_measured(g, b);
    put_origins(g, b);
    put_targets(g, b);
    put_line(g, b);
    put_keys(g, b);
    buf_char(b, '}');
}

int
grounds_json(const struct grounds_ask *x, struct buf *ret)
{
    struct grounds *g = calloc(1, sizeof *g);
    int r = g == NULL ? ERR_NOMEM : 0;

    if (r == 0) {
        g->x = x;
        buf_init(&g->places, PLACES);
        buf_init(&g->body, ENVELOPE_MAX);
        r = read_all(g);
        if (r == 0)
            r = buf_error(&g->places);
        if (r == 0)
            put_all(g, ret);
        buf_release(&g->places);
        buf_release(&g->body);
    }
    free(g);
    return r < 0 ? r : buf_error(ret);
}

int
grounds_proof(struct store *s, const struct book_pact *p, const struct hash *id,
              struct buf *ret)
{
    struct store_proof found;

    for (unsigned i = 0; i < p->pact->parties; i++) {
        int r = (int)i == p->self ? ERR_NOTFOUND
                                  : store_get_proof(s, id, p->party[i].id, false, &found);

        if (r < 0 && r != ERR_NOTFOUND)
            return r;
        if (r < 0 || found.state != PROOF_HOLDS || found.file.len == 0 ||
            !slice_is(found.pact, p->pact->name))
            continue;
        buf_slice(ret, found.file);
        return buf_error(ret);
    }
    return ERR_NOTFOUND;
}
