#include "exchange/totals.h"

#include <stdlib.h>
#include <string.h>

#include "exchange/totals_priv.h"
#include "model/event.h"
#include "wire/jcs.h"

/* ---- what may be published ----------------------------------------------------------------
 */

static int
most_first(const void *a, const void *b)
{
    const struct totals_row *x = a;
    const struct totals_row *y = b;

    if (x->events != y->events)
        return x->events < y->events ? 1 : -1;
    return (x->key > y->key) - (x->key < y->key);
}

static int
by_key(const void *a, const void *b)
{
    const struct totals_row *x = a;
    const struct totals_row *y = b;

    return (x->key > y->key) - (x->key < y->key);
}

void
totals_choose(struct totals_row *all, unsigned count, uint64_t least, struct totals_part *ret)
{
    ret->row = all;
    ret->count = 0;
    ret->rows_withheld = ret->withheld = 0;
    if (count == 0)
        return;
    qsort(all, count, sizeof *all, most_first);
    while (ret->count < count && ret->count < TOTALS_ROWS && all[ret->count].events >= least)
        ret->count++;
    for (unsigned i = ret->count; i < count; i++) {
        ret->rows_withheld += all[i].events > 0;
        ret->withheld += all[i].events;
    }
    qsort(all, ret->count, sizeof *all, by_key);
}

/* ---- writing ------------------------------------------------------------------------------
 */

static void
put_rows(struct buf *b, const struct totals_part *part, bool economies)
{
    buf_char(b, '[');
    for (unsigned i = 0; i < part->count; i++) {
        char country[3];

        buf_text(b, i == 0 ? "[" : ",[");
        country_format((uint16_t)part->row[i].key, country);
        if (economies)
            buf_printf(b, "\"%s\"", country);
        else
            buf_u64(b, part->row[i].key);
        buf_char(b, ',');
        buf_u64(b, part->row[i].events);
        buf_char(b, ']');
    }
    buf_char(b, ']');
}

static void
put_withheld(struct buf *b, const struct totals_part *part)
{
    buf_printf(b, "[%llu,%llu]", (unsigned long long)part->rows_withheld,
               (unsigned long long)part->withheld);
}

#define DAY_US (INT64_C(86400) * TIME_US_PER_S)

static void
put_days(struct buf *b, const struct totals_sight *s)
{
    buf_char(b, '[');
    for (unsigned i = 0; i < s->days; i++) {
        char text[TIME_TEXT];

        time_format((struct utime){s->day[i].day * DAY_US}, text);
        buf_printf(b, "%s[\"%.10s\",%u]", i == 0 ? "" : ",", text, s->day[i].percent);
    }
    buf_char(b, ']');
}

int
totals_write(struct buf *b, struct utime at, const struct totals *t, const struct skey *key,
             struct errinfo *ei)
{
    AUTO_BUF(networks, NOTE_MAX);
    AUTO_BUF(economies, NOTE_MAX);
    AUTO_BUF(no_network, 64);
    AUTO_BUF(no_economy, 64);
    AUTO_BUF(days, 4096);
    AUTO_BUF(found, 64);

    put_days(&days, &t->sight);
    buf_printf(&found, "[%llu,%llu]", (unsigned long long)t->sight.found,
               (unsigned long long)t->sight.canaries);
    put_rows(&networks, &t->networks, false);
    put_rows(&economies, &t->economies, true);
    put_withheld(&no_network, &t->networks);
    put_withheld(&no_economy, &t->economies);
    if (buf_error(&networks) < 0 || buf_error(&economies) < 0)
        return err_set(ei, ERR_LIMIT, "the totals have too many rows");
    const struct leaf_value values[] = {LEAF_JSON("canaries", buf_get(&found)),
                                        LEAF_JSON("coverage", buf_get(&days)),
                                        LEAF_JSON("economies", buf_get(&economies)),
                                        LEAF_NUMBER("economies_unknown", t->economies.unknown),
                                        LEAF_JSON("economies_withheld", buf_get(&no_economy)),
                                        LEAF_NUMBER("events", t->events),
                                        LEAF_TIME("from", t->from),
                                        LEAF_NUMBER("least", t->least),
                                        LEAF_JSON("networks", buf_get(&networks)),
                                        LEAF_NUMBER("networks_unknown", t->networks.unknown),
                                        LEAF_JSON("networks_withheld", buf_get(&no_network)),
                                        LEAF_TEXT("pact", t->pact),
                                        LEAF_TEXT("party", t->party),
                                        LEAF_TIME("until", t->until)};

    return statement_write(b, STATEMENT_TOTALS, at,
                           (struct leaf_values){values, sizeof values / sizeof values[0]}, key,
                           ei);
}

/* ---- reading ------------------------------------------------------------------------------
 */

/* [key, events]; both are numbers that fit, or ret is not to be used. */
static bool
read_row(struct slice value, bool economies, struct totals_row *ret)
{
    struct jcs_iter it = jcs_iter(value);
    struct slice key;
    struct slice events;
    struct slice more;
    int64_t n;

    if (jcs_kind(value) != JCS_ARRAY || !jcs_item(&it, &key) || !jcs_item(&it, &events) ||
        jcs_item(&it, &more) || jcs_int(events, &n) < 0 || n < 1)
        return false;
    ret->events = (uint64_t)n;
    if (economies) {
        ret->key = jcs_plain(key, &more) < 0 ? COUNTRY_UNKNOWN : country_parse(more);
        return ret->key != COUNTRY_UNKNOWN;
    }
    if (jcs_int(key, &n) < 0 || n < 1 || n > UINT32_MAX)
        return false;
    ret->key = (uint32_t)n;
    return true;
}

bool
totals_rows_ok(struct slice value, bool economies)
{
    struct jcs_iter it = jcs_iter(value);
    struct totals_row row;
    struct slice item;
    uint32_t last = 0;
    unsigned n = 0;

    if (jcs_kind(value) != JCS_ARRAY)
        return false;
    while (jcs_item(&it, &item)) {
        if (++n > TOTALS_ROWS || !read_row(item, economies, &row) || row.key <= last)
            return false;
        last = row.key;
    }
    return true;
}

static bool
read_pair(struct slice value, struct slice *ret_a, struct slice *ret_b)
{
    struct jcs_iter it = jcs_iter(value);
    struct slice more;

    return jcs_kind(value) == JCS_ARRAY && jcs_item(&it, ret_a) && jcs_item(&it, ret_b) &&
           !jcs_item(&it, &more);
}

static bool
read_day(struct slice value, struct totals_day *ret)
{
    char text[] = "yyyy-mm-ddT00:00:00.000000Z";
    char again[TIME_TEXT];
    struct slice day;
    struct slice percent;
    struct utime t;
    int64_t n;

    if (!read_pair(value, &day, &percent) || jcs_plain(day, &day) < 0 || day.len != 10 ||
        jcs_int(percent, &n) < 0 || n < 0 || n > 100)
        return false;
    memcpy(text, day.ptr, 10);
    if (time_parse(slice_of(text), &t) < 0 || t.us < 0)
        return false;
    time_format(t, again);
    *ret = (struct totals_day){t.us / DAY_US, (unsigned)n};
    return memcmp(text, again, 10) == 0; /* a day that the calendar has */
}

/* ret NULL: only whether it is one. */
static bool
read_days(struct slice value, struct totals_sight *ret)
{
    struct jcs_iter it = jcs_iter(value);
    struct totals_day last = {-1, 0};
    struct totals_day day;
    struct slice item;
    unsigned n = 0;

    if (jcs_kind(value) != JCS_ARRAY)
        return false;
    while (jcs_item(&it, &item)) {
        if (n == TOTALS_DAYS || !read_day(item, &day) || day.day <= last.day)
            return false;
        last = day;
        if (ret != NULL)
            ret->day[n] = day;
        n++;
    }
    if (ret != NULL)
        ret->days = n;
    return true;
}

bool
totals_days_ok(struct slice value)
{
    return read_days(value, NULL);
}

static bool
read_found(struct slice value, uint64_t *ret_found, uint64_t *ret_sent)
{
    struct slice a;
    struct slice b;
    int64_t found;
    int64_t sent;

    if (!read_pair(value, &a, &b) || jcs_int(a, &found) < 0 || jcs_int(b, &sent) < 0)
        return false;
    *ret_found = (uint64_t)found;
    *ret_sent = (uint64_t)sent;
    return found >= 0 && found <= sent && sent <= UINT32_MAX;
}

bool
totals_found_ok(struct slice value)
{
    uint64_t found;
    uint64_t sent;

    return read_found(value, &found, &sent);
}

static bool
read_sight(const struct statement *s, struct totals_sight *ret)
{
    struct slice days;
    struct slice canaries;

    return jcs_find(s->body, "coverage", &days) && read_days(days, ret) &&
           jcs_find(s->body, "canaries", &canaries) &&
           read_found(canaries, &ret->found, &ret->canaries);
}

static bool
read_withheld(struct slice value, uint64_t *ret_rows, uint64_t *ret_events)
{
    struct jcs_iter it = jcs_iter(value);
    struct slice a;
    struct slice b;
    struct slice more;
    int64_t rows;
    int64_t events;

    if (jcs_kind(value) != JCS_ARRAY || !jcs_item(&it, &a) || !jcs_item(&it, &b) ||
        jcs_item(&it, &more) || jcs_int(a, &rows) < 0 || jcs_int(b, &events) < 0)
        return false;
    *ret_rows = (uint64_t)rows;
    *ret_events = (uint64_t)events;
    return rows >= 0 && events >= rows && (rows > 0 || events == 0);
}

bool
totals_withheld_ok(struct slice value)
{
    uint64_t rows;
    uint64_t events;

    return read_withheld(value, &rows, &events);
}

static int
read_part(const struct statement *s, bool economies, struct totals_row *room,
          struct totals_part *ret)
{
    struct slice rows;
    struct slice withheld;
    struct slice item;
    struct jcs_iter it;

    *ret = (struct totals_part){.row = room};
    if (!jcs_find(s->body, economies ? "economies" : "networks", &rows) ||
        !jcs_find(s->body, economies ? "economies_withheld" : "networks_withheld", &withheld) ||
        !read_withheld(withheld, &ret->rows_withheld, &ret->withheld))
        return ERR_INVALID;
    it = jcs_iter(rows);
    while (ret->count < TOTALS_ROWS && jcs_item(&it, &item)) {
        if (!read_row(item, economies, &room[ret->count++]))
            return ERR_INVALID;
    }
    return statement_number(s, economies ? "economies_unknown" : "networks_unknown",
                            &ret->unknown) < 0
               ? ERR_INVALID
               : 0;
}

static bool
get_time(const struct statement *s, const char *name, struct utime *ret)
{
    struct slice text;

    return statement_text(s, name, &text) == 0 && time_parse(text, ret) == 0;
}

int
totals_read(const struct statement *s, struct totals_room *room, struct totals *ret)
{
    if (s->kind != STATEMENT_TOTALS || statement_text(s, "pact", &ret->pact) < 0 ||
        statement_text(s, "party", &ret->party) < 0 || !get_time(s, "from", &ret->from) ||
        !get_time(s, "until", &ret->until) || statement_number(s, "least", &ret->least) < 0 ||
        statement_number(s, "events", &ret->events) < 0 || !read_sight(s, &ret->sight) ||
        read_part(s, false, room->network, &ret->networks) < 0 ||
        read_part(s, true, room->economy, &ret->economies) < 0)
        return ERR_INVALID;
    return 0;
}

/* No row under the least, and all of them, what is withheld and what is unknown are all.  Each
 * is below 2^53, and there are 1002 of them at most: they do not overflow. */
static bool
adds_up(const struct totals *t, const struct totals_part *part)
{
    uint64_t all = part->unknown + part->withheld;

    for (unsigned i = 0; i < part->count; i++) {
        if (part->row[i].events < t->least)
            return false;
        all += part->row[i].events;
    }
    return all == t->events;
}

const char *
totals_fault(const struct statement *s)
{
    struct totals_room *room = malloc(sizeof *room);
    const char *bad = NULL;
    struct totals t;

    if (room == NULL)
        return "memory";
    if (totals_read(s, room, &t) < 0)
        bad = "networks";
    else if (t.until.us % TIME_US_PER_S != 0 || t.from.us >= t.until.us ||
             s->at.us < t.until.us)
        bad = "until";
    else if (t.sight.days > 0 && t.sight.day[t.sight.days - 1].day * DAY_US >= t.until.us)
        bad = "coverage";
    else if (t.least < TOTALS_LEAST && (t.least != 0 || t.events != 0))
        bad = "least";
    else if (!adds_up(&t, &t.networks))
        bad = "networks";
    else if (!adds_up(&t, &t.economies))
        bad = "economies";
    free(room);
    return bad;
}
