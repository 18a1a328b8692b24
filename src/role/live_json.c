/* The live view as JSON: the whole, and what changed since it was last sent. */
#include "role/live_priv.h"
#include "wire/hex.h"

/* A viewer hears of a quiet node this often, to know that it lives. */
#define QUIET_US ((int64_t)5 * TIME_US_PER_S)

static void
put_country(struct buf *b, uint16_t country)
{
    char text[3];

    country_format(country, text);
    buf_printf(b, "\"%s\"", text);
}

static void
put_row(struct buf *b, const struct live *l, enum live_list which, const struct list_row *row)
{
    struct network_key key;
    struct addr address;
    uint16_t country;

    buf_char(b, '[');
    switch (which) {
    case LIST_NETWORKS:
        memcpy(&key, row->key, sizeof key);
        buf_u64(b, key.asn);
        buf_char(b, ',');
        buf_json(b, attrib_name(l->attrib, key.asn));
        buf_char(b, ',');
        put_country(b, (uint16_t)row->number[3]);
        buf_printf(b, ",%llu,%llu,%llu", (unsigned long long)row->number[0],
                   (unsigned long long)row->number[1], (unsigned long long)row->number[2]);
        break;
    case LIST_ECONOMIES:
        memcpy(&country, row->key, sizeof country);
        put_country(b, country);
        for (int i = 0; i < 5; i++)
            buf_printf(b, ",%llu", (unsigned long long)row->number[i]);
        break;
    case LIST_TARGETS:
        memcpy(&address, row->key, sizeof address);
        buf_char(b, '"');
        buf_addr(b, &address);
        buf_printf(b, "\",\"\",%llu", (unsigned long long)row->number[0]);
        break;
    case LIST_CORRIDORS:
        memcpy(&key, row->key, sizeof key);
        put_country(b, key.country);
        buf_printf(b, ",%u,%llu,%llu", key.asn, (unsigned long long)row->number[0],
                   (unsigned long long)row->number[1]);
        break;
    case LISTS: break;
    }
    buf_char(b, ']');
}

static const struct list_row *
find_row(const struct list *list, const uint8_t key[16])
{
    for (unsigned i = 0; i < list->count; i++) {
        if (memcmp(list->row[i].key, key, 16) == 0)
            return &list->row[i];
    }
    return NULL;
}

static const char *const list_names[] = {"networks", "economies", "targets", "corridors"};

/* A member's name, with a comma before all but the first. */
static void
name(struct buf *b, const char *text)
{
    if (b->len > 0 && b->ptr[b->len - 1] != '{')
        buf_char(b, ',');
    buf_printf(b, "\"%s\":", text);
}

static void
put_list(struct buf *b, const struct live *l, enum live_list which, const struct list *list)
{
    name(b, list_names[which]);
    buf_char(b, '[');
    for (unsigned i = 0; i < list->count; i++) {
        if (i > 0)
            buf_char(b, ',');
        put_row(b, l, which, &list->row[i]);
    }
    buf_char(b, ']');
}

/* Rows that are new or changed; those that left the list, as zeroes. */
static void
put_changes(struct buf *b, const struct live *l, enum live_list which, const struct list *now)
{
    const struct list *sent = &l->sent[which];
    struct list changed = {.count = 0};

    for (unsigned i = 0; i < now->count; i++) {
        const struct list_row *old = find_row(sent, now->row[i].key);

        if (old == NULL || memcmp(old, &now->row[i], sizeof *old) != 0)
            changed.row[changed.count++] = now->row[i];
    }
    for (unsigned i = 0; i < sent->count; i++) {
        if (find_row(now, sent->row[i].key) == NULL) {
            struct list_row gone = {.number = {0}};

            memcpy(gone.key, sent->row[i].key, sizeof gone.key);
            changed.row[changed.count++] = gone;
        }
    }
    if (changed.count > 0)
        put_list(b, l, which, &changed);
}

static void
put_series(struct buf *b, const struct live *l)
{
    int64_t first = l->bucket - BUCKETS + 1;

    name(b, "series");
    buf_printf(b, "{\"step\":300,\"start\":%lld,\"rows\":[", (long long)first * 300);
    for (int c = 0; c < CHIPS; c++) {
        buf_text(b, c > 0 ? ",[" : "[");
        for (int64_t i = first; i <= l->bucket; i++)
            buf_printf(b, "%s%u", i > first ? "," : "", l->series[c][i % BUCKETS]);
        buf_char(b, ']');
    }
    buf_text(b, "]}");
}

static void
put_series_changes(struct buf *b, struct live *l)
{
    bool any = false;

    for (int64_t i = l->bucket_sent + 1; i <= l->bucket; i++) {
        for (int c = 0; c < CHIPS; c++)
            l->series_sent[c][i % BUCKETS] = UINT32_MAX; /* a new bucket is sent as a whole */
    }
    for (int c = 0; c < CHIPS; c++) {
        for (int64_t i = l->bucket - BUCKETS + 1; i <= l->bucket; i++) {
            if (l->series[c][i % BUCKETS] == l->series_sent[c][i % BUCKETS])
                continue;
            if (!any)
                name(b, "series");
            buf_printf(b, "%s[%d,%lld,%u]", any ? "," : "[", c, (long long)i * 300,
                       l->series[c][i % BUCKETS]);
            any = true;
        }
    }
    if (any)
        buf_char(b, ']');
    memcpy(l->series_sent, l->series, sizeof l->series);
    l->bucket_sent = l->bucket;
}

static void
put_chips(struct buf *b, const struct live *l)
{
    name(b, "chips");
    buf_char(b, '[');
    for (int c = 0; c < CHIPS; c++) {
        uint64_t sum = 0;

        for (int i = 0; i < BUCKETS; i++)
            sum += l->series[c][i];
        buf_printf(b, "%s%llu", c > 0 ? "," : "", (unsigned long long)sum);
    }
    buf_char(b, ']');
}

static void
put_recent(struct buf *b, const struct live *l)
{
    name(b, "recent");
    buf_char(b, '[');
    for (unsigned i = 0; i < l->recent_count; i++) {
        const struct event *ev = &l->recent[i].event;
        char id[EVENT_ID_TEXT];
        char time[TIME_TEXT];

        (void)event_id_format(l->recent[i].id, id);
        time_format(ev->time, time);
        buf_printf(b, "%s[\"%s\",\"%.27s\",%d,\"%s\",", i > 0 ? "," : "", id, time,
                   (int)event_class_chip((enum event_class)ev->class_),
                   event_class_name((enum event_class)ev->class_));
        put_country(b, ev->origin_country);
        buf_printf(b, ",%u,\"", ev->origin_asn);
        buf_addr(b, &ev->origin);
        buf_text(b, "\",\"");
        buf_addr(b, &ev->target);
        buf_printf(b, "\",%u,", ev->target_port);
        buf_json(b, dict_rule(l->dict, ev->rule)->rule.name);
        buf_char(b, ']');
    }
    buf_char(b, ']');
}

static void
put_log(struct buf *b, const struct live_honesty *h)
{
    char at[TIME_TEXT];

    time_format(h->log_signed, at);
    name(b, "log");
    buf_printf(b, "{\"size\":%llu,\"root\":\"", (unsigned long long)h->log_size);
    buf_hex(b, h->log_root.byte, sizeof h->log_root.byte);
    buf_printf(b, "\",\"signed\":\"%.27s\"}", at);
}

static void
put_honesty(struct buf *b, const struct live_honesty *h, uint64_t unknown)
{
    static const char *const engine[] = {"ok", "full", "down"};

    name(b, "honesty");
    buf_printf(b,
               "{\"engine\":\"%s\",\"sensors\":[%u,%u],\"lag_ms\":%lld,\"events\":%llu,"
               "\"attacks\":%llu,"
               "\"rejected\":%llu,\"dropped\":%llu,\"duplicates\":%llu,\"unknown\":%llu,"
               "\"tables_age_days\":%d,\"tables_stale\":%s,\"skewed\":%llu,\"drill\":%s,"
               "\"alerts\":[%u,%u,%llu]}",
               engine[h->engine], h->reporting, h->sensors, (long long)(h->lag_us / 1000),
               (unsigned long long)h->events, (unsigned long long)h->attacks,
               (unsigned long long)h->rejected, (unsigned long long)h->dropped,
               (unsigned long long)h->duplicates, (unsigned long long)unknown,
               h->tables_age_days, h->tables_stale ? "true" : "false",
               (unsigned long long)h->skewed, h->drill ? "true" : "false", h->alerts_firing,
               h->alerts_acked, (unsigned long long)h->alerts_seq);
}

static void
put_parties(struct buf *b, const struct live *l, const struct live_now *now)
{
    const struct live_totals *all = &now->total;
    uint64_t n15 = 0;
    uint64_t n60 = 0;
    uint64_t p60 = 0;

    name(b, "parties");
    buf_char(b, '[');
    for (uint32_t i = 0; i < l->parties.keys.count; i++) {
        const char *party = map_key(&l->parties.keys, i);
        const struct live_row *row = &l->parties.row[i];

        n15 += row->n15;
        n60 += row->n60;
        p60 += row->p60;
        buf_printf(b, "[\"%s\",%u,%u,%u],", party, row->n15, row->n60, row->p60);
    }
    /* The rest.  What networks had no room for is in none of them. */
    buf_printf(b, "[\"\",%llu,%llu,%llu]]",
               (unsigned long long)(all->n15 > n15 ? all->n15 - n15 : 0),
               (unsigned long long)(all->n60 > n60 ? all->n60 - n60 : 0),
               (unsigned long long)(all->p60 > p60 ? all->p60 - p60 : 0));
    name(b, "totals");
    buf_printf(b, "[%llu,%llu,%llu,%llu]", (unsigned long long)now->total.n15,
               (unsigned long long)now->total.networks,
               (unsigned long long)now->total.economies,
               (unsigned long long)now->total.addresses);
}

static void
put_head(struct buf *b, const struct live_honesty *h, struct utime now)
{
    char time[TIME_TEXT];

    time_format(now, time);
    buf_printf(b, "{\"pos\":%llu,\"now\":\"%.27s\"", (unsigned long long)h->log_size, time);
}

static bool
anything_changed(const struct live *l, const struct live_now *now, const struct live_honesty *h)
{
    if (l->recent_version != l->recent_sent || l->bucket != l->bucket_sent ||
        memcmp(h, &l->honesty_sent, sizeof *h) != 0 ||
        memcmp(&now->total, &l->total_sent, sizeof now->total) != 0)
        return true;
    for (int i = 0; i < LISTS; i++) {
        if (now->list[i].count != l->sent[i].count ||
            memcmp(now->list[i].row, l->sent[i].row,
                   now->list[i].count * sizeof(struct list_row)) != 0)
            return true;
    }
    return false;
}

static void
put_delta(struct buf *b, struct live *l, const struct live_now *now,
          const struct live_honesty *h, struct utime t)
{
    bool events = l->recent_version != l->recent_sent;

    put_head(b, h, t);
    if (events || l->bucket != l->bucket_sent)
        put_chips(b, l);
    for (int i = 0; i < LISTS; i++)
        put_changes(b, l, (enum live_list)i, &now->list[i]);
    put_parties(b, l, now);
    if (now->total.corridors != l->total_sent.corridors)
        buf_printf(b, ",\"corridor_count\":%llu", (unsigned long long)now->total.corridors);
    if (now->total.unknown != l->total_sent.unknown)
        buf_printf(b, ",\"unknown\":%llu", (unsigned long long)now->total.unknown);
    put_series_changes(b, l);
    if (events)
        put_recent(b, l);
    if (h->log_size != l->honesty_sent.log_size ||
        h->log_signed.us != l->honesty_sent.log_signed.us)
        put_log(b, h);
    put_honesty(b, h, now->total.unknown);
    buf_char(b, '}');
}

static void
put_snapshot(struct buf *b, struct live *l, const struct live_now *now,
             const struct live_honesty *h, struct utime t)
{
    put_head(b, h, t);
    put_chips(b, l);
    for (int i = 0; i < LISTS; i++)
        put_list(b, l, (enum live_list)i, &now->list[i]);
    put_parties(b, l, now);
    buf_printf(b, ",\"corridor_count\":%llu,\"unknown\":%llu",
               (unsigned long long)now->total.corridors,
               (unsigned long long)now->total.unknown);
    put_series(b, l);
    put_recent(b, l);
    put_log(b, h);
    put_honesty(b, h, now->total.unknown);
    buf_char(b, '}');
}

int
live_publish(struct live *l, struct utime now, const struct live_honesty *h, struct buf *delta,
             struct buf *snapshot)
{
    struct live_now *lists;
    int r;

    lists = malloc(sizeof *lists);
    if (lists == NULL)
        return ERR_NOMEM;
    live_turn(l, now);
    live_lists(l, lists);
    if (now.us - l->told.us >= QUIET_US || anything_changed(l, lists, h)) {
        put_delta(delta, l, lists, h, now);
        l->told = now;
    }
    buf_reset(snapshot);
    put_snapshot(snapshot, l, lists, h, now);
    memcpy(l->sent, lists->list, sizeof l->sent);
    l->honesty_sent = *h;
    l->recent_sent = l->recent_version;
    l->total_sent = lists->total;
    free(lists);
    r = buf_error(delta);
    return r < 0 ? r : buf_error(snapshot);
}
