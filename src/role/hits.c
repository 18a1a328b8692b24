#include "role/hits.h"

#include "indicator/list.h"
#include "model/text.h"
#include "role/lookout.h"

#define DAY_US (86400 * TIME_US_PER_S)

int64_t
hits_day(struct utime t)
{
    return t.us / DAY_US - (t.us % DAY_US < 0);
}

const char *
hits_state(const struct store_sought *w, struct utime now)
{
    if (w->state == SOUGHT_GONE)
        return "gone";
    if (w->state == SOUGHT_REVOKED)
        return "revoked";
    if (now.us < w->from.us)
        return "not-yet";
    return now.us < w->until.us ? "in-force" : "over";
}

void
hits_kinds_json(struct buf *to, uint32_t kinds)
{
    bool more = false;

    buf_char(to, '[');
    for (unsigned i = 0; i < ATOM_KINDS; i++) {
        if ((kinds >> i & 1) == 0)
            continue;
        buf_text(to, more ? "," : "");
        buf_json(to, slice_of(atom_kind_name((enum atom_kind)i)));
        more = true;
    }
    buf_char(to, ']');
}

void
hits_kinds_words(struct buf *to, uint32_t kinds)
{
    bool more = false;

    for (unsigned i = 0; i < ATOM_KINDS; i++) {
        if ((kinds >> i & 1) == 0)
            continue;
        buf_text(to, more ? " " : "");
        buf_text(to, atom_kind_name((enum atom_kind)i));
        more = true;
    }
}

/* ---- as JSON ----------------------------------------------------------------------------- */

struct telling {
    struct store *store;
    struct buf *to;
    struct utime now;
    int64_t today;
    unsigned count;
};

static void
put_moment(struct buf *to, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(to, ",\"%s\":\"%.*s\"", name, t.us < TIME_MAX.us ? TIME_TEXT : 0, text);
}

static int
put_series(struct telling *t, const uint8_t id[HIT_ID])
{
    uint64_t n[HITS_SERIES];
    int r = store_get_hits(t->store, id, t->today - HITS_SERIES + 1, HITS_SERIES, n);

    buf_text(t->to, ",\"series\":[");
    for (unsigned i = 0; i < HITS_SERIES; i++)
        buf_printf(t->to, "%s%llu", i > 0 ? "," : "", (unsigned long long)n[i]);
    buf_char(t->to, ']');
    return r;
}

static int
put_row(void *arg, const struct store_hit *h, const struct store_sought *w)
{
    struct telling *t = arg;
    char id[INDICATOR_ID];
    int r;

    indicator_id_text(h->id, id);
    buf_printf(t->to, "%s{\"id\":\"%.*s\",\"name\":", t->count++ > 0 ? "," : "", INDICATOR_ID,
               id);
    buf_json(t->to, w->name);
    buf_text(t->to, ",\"labels\":");
    buf_json(t->to, w->labels);
    buf_text(t->to, ",\"kinds\":");
    hits_kinds_json(t->to, h->kinds);
    buf_printf(t->to, ",\"count\":%llu,\"events\":%llu,\"unrecorded\":%llu",
               (unsigned long long)h->count, (unsigned long long)h->events,
               (unsigned long long)h->unrecorded);
    put_moment(t->to, "first", h->first);
    put_moment(t->to, "last", h->last);
    if (w->confidence == INDICATOR_UNSURE)
        buf_text(t->to, ",\"confidence\":null");
    else
        buf_printf(t->to, ",\"confidence\":%u", w->confidence);
    put_moment(t->to, "until", w->until);
    buf_printf(t->to, ",\"state\":\"%s\"", hits_state(w, t->now));
    r = put_series(t, h->id);
    buf_char(t->to, '}');
    return r < 0 ? r : buf_error(t->to);
}

/* How many are looked for, or what is wrong with the file of them. */
static int
put_looked_for(struct store *s, struct buf *to)
{
    AUTO_BUF(text, 1 << 12);
    struct slice fault = {"", 0};
    uint64_t n = 0;
    int r = store_get_meta(s, LOOKOUT_META, &text);

    if (r < 0 && r != ERR_NOTFOUND)
        return r;
    if (text.len > 0 && text.ptr[0] == '!')
        fault = slice_sub(buf_get(&text), 1, text.len - 1);
    else if (text_number(buf_get(&text), INDICATORS_MOST, &n) < 0)
        n = 0;
    buf_printf(to, ",\"looked_for\":%llu,\"fault\":", (unsigned long long)n);
    buf_json(to, fault);
    return 0;
}

int
hits_json(struct store *s, struct utime now, struct buf *ret)
{
    struct telling t = {.store = s, .to = ret, .now = now, .today = hits_day(now)};
    const struct store_hits_ask ask = {.since = t.today - HITS_DAYS + 1, .limit = HITS_TOLD};
    uint64_t all = 0;
    uint64_t over = 0;
    int r;

    buf_printf(ret, "{\"days\":%d", HITS_DAYS);
    r = put_looked_for(s, ret);
    buf_text(ret, ",\"indicators\":[");
    if (r == 0)
        r = store_each_hit(s, &ask, put_row, &t);
    all = t.count;
    if (r == 0 && t.count == HITS_TOLD)
        r = store_count_sought(s, ask.since, &all);
    if (r == 0)
        r = store_get_counter(s, "hits.over", &over);
    buf_printf(ret, "],\"indicator_count\":%llu,\"over\":%llu}", (unsigned long long)all,
               (unsigned long long)over);
    return r < 0 ? r : buf_error(ret);
}
