#include "role/sightings.h"

#include <stdlib.h>

#include "indicator/match.h"

#define DAY_US (86400 * TIME_US_PER_S)

enum { TOGETHER = SET_ASKED / 2 /* events whose addresses are asked at once */ };

/* What the record of an event was met by. */
struct record_hit {
    unsigned event; /* of those that are looked at together */
    uint32_t indicator;
    enum atom_kind kind;
};

struct finding {
    const struct sightings_ask *ask;
    const struct set *set;
    struct matching *matching; /* NULL: only addresses are looked for */
    struct sightings *ret;
    uint32_t room;
    struct map rows;    /* struct row_key */
    struct map origins; /* struct origin_key */
    uint64_t *last;     /* of each row, the event that counted last: its number, from 1 */
    /* records of those that are looked at together */
    struct buf lines;
    unsigned of_line[TOGETHER]; /* whose each line is … */
    unsigned held;
    uint64_t before; /* … behind so many that were asked */
    struct record_hit *hit;
    uint32_t hits;
    uint32_t hit_room;
    /* the event that is looked at */
    const struct event *event;
    struct utime when;
    bool met;
    bool over;
};

struct row_key {
    uint32_t indicator;
    uint32_t pad;
    int64_t day;
};
struct origin_key {
    uint32_t row;
    uint8_t address[16];
};
_Static_assert(sizeof(struct origin_key) == 20, "a key has no holes");

/* ---- counting ---------------------------------------------------------------------------- */

static int
grow(struct finding *f)
{
    uint32_t room = f->room == 0 ? 64 : 2 * f->room;
    struct sighted *row = realloc(f->ret->row, room * sizeof *row);
    uint64_t *last;

    if (row == NULL)
        return ERR_NOMEM;
    f->ret->row = row;
    last = realloc(f->last, room * sizeof *last);
    if (last == NULL)
        return ERR_NOMEM;
    f->last = last;
    f->room = room;
    return 0;
}

static int64_t
day_of(struct utime t)
{
    int64_t day = t.us / DAY_US;

    return t.us % DAY_US < 0 ? day - 1 : day;
}

static int
find_row(struct finding *f, uint32_t indicator, uint32_t *ret)
{
    const struct row_key key = {.indicator = indicator,
                                .day = f->ask->by_day ? day_of(f->when) : 0};
    int added = 0;
    int64_t at = map_put(&f->rows, &key, &added);
    int r = at == MAP_FULL ? ERR_LIMIT : 0;

    if (r == 0 && added && (uint32_t)at == f->room)
        r = grow(f);
    if (r < 0)
        return r;
    *ret = (uint32_t)at;
    if (added) {
        f->ret->row[at] = (struct sighted){
            .indicator = indicator, .day = key.day, .first = f->when, .last = f->when};
        f->last[at] = 0;
        f->ret->count = (uint32_t)at + 1;
    }
    return 0;
}

static int
count_origin(struct finding *f, uint32_t at)
{
    struct origin_key key = {.row = at};
    int added = 0;

    memcpy(key.address, f->event->origin.byte, sizeof key.address);
    if (map_put(&f->origins, &key, &added) == MAP_FULL)
        return ERR_LIMIT;
    f->ret->row[at].origins += (uint32_t)added;
    return 0;
}

/* An indicator that is in force looks for something of the event. */
static int
count_hit(struct finding *f, uint32_t indicator, enum atom_kind kind)
{
    struct sighted *row;
    uint32_t at = 0;
    int r = find_row(f, indicator, &at);

    if (r < 0)
        return r;
    row = &f->ret->row[at];
    row->kinds |= 1U << kind;
    f->met = true;
    if (f->last[at] == f->ret->asked)
        return 0;
    f->last[at] = f->ret->asked;
    row->events++;
    row->count += f->event->count;
    row->first = f->when.us < row->first.us ? f->when : row->first;
    row->last = f->when.us > row->last.us ? f->when : row->last;
    return count_origin(f, at);
}

/* ---- asking ------------------------------------------------------------------------------ */

static int
ask_address(struct finding *f, const struct addr *a)
{
    struct set_found found;
    int r = 0;

    set_find_address(f->set, a, &found);
    for (unsigned i = 0; r == 0 && i < found.count; i++) {
        uint32_t n = 0;
        const uint32_t *own = set_owners(f->set, found.atom[i], &n);

        for (uint32_t k = 0; r == 0 && k < n; k++) {
            if (indicators_in_force(f->ask->indicators, own[k], f->when))
                r = count_hit(f, own[k], set_kind(f->set, found.atom[i]));
            else
                f->over = true;
        }
    }
    return r;
}

/* Of a record: what is no side of the event, which is asked by itself. */
static int
take_hit(void *arg, const struct match_hit *hit)
{
    struct finding *f = arg;

    if (hit->field == SHOWN_SOURCE || hit->field == SHOWN_TARGET)
        return 0;
    if (f->hits == f->hit_room) {
        uint32_t room = f->hit_room == 0 ? 256 : 2 * f->hit_room;
        struct record_hit *more = realloc(f->hit, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        f->hit = more;
        f->hit_room = room;
    }
    f->hit[f->hits++] = (struct record_hit){f->of_line[hit->line - 1 - f->before],
                                            hit->indicator, set_kind(f->set, hit->atom)};
    return 0;
}

static int
ask_lines(struct finding *f)
{
    int r = buf_error(&f->lines);

    f->before = matching_stats(f->matching)->lines;
    if (r == 0)
        r = matching_take(f->matching, buf_get(&f->lines));
    buf_reset(&f->lines);
    f->held = 0;
    return r;
}

/* Hits come in the order of events. */
static int
ask_records(struct finding *f, const struct event *const *all, unsigned n, struct slice raw)
{
    int r = 0;

    f->hits = 0;
    for (unsigned i = 0; r == 0 && i < n; i++) {
        const struct event *ev = all[i];

        if (ev->raw_kind != RAW_LINE || ev->raw_count != 1 || ev->raw_len == 0 ||
            ev->raw_len >= MATCH_CHUNK || ev->raw_at > raw.len ||
            ev->raw_len > raw.len - ev->raw_at || raw.ptr[ev->raw_at] != '{') {
            f->ret->unopened++;
            continue;
        }
        if (f->lines.len + ev->raw_len + 1 > MATCH_CHUNK)
            r = ask_lines(f);
        buf_slice(&f->lines, slice_sub(raw, ev->raw_at, ev->raw_len));
        buf_char(&f->lines, '\n');
        f->of_line[f->held++] = i;
    }
    return r == 0 && f->held > 0 ? ask_lines(f) : r;
}

static int
count_records(struct finding *f, unsigned event, uint32_t *at)
{
    int r = 0;

    for (; r == 0 && *at < f->hits && f->hit[*at].event == event; ++*at) {
        const struct record_hit *hit = &f->hit[*at];

        if (indicators_in_force(f->ask->indicators, hit->indicator, f->when))
            r = count_hit(f, hit->indicator, hit->kind);
        else
            f->over = true;
    }
    return r;
}

static int
ask_sides(struct finding *f, const struct event *ev, unsigned addresses)
{
    int r = 0;

    f->ret->asked++;
    f->event = ev;
    f->when = event_when(ev);
    f->met = f->over = false;
    if ((addresses & 1) != 0)
        r = ask_address(f, &ev->origin);
    if (r == 0 && (addresses & 2) != 0)
        r = ask_address(f, &ev->target);
    return r;
}

/* Memory for all their addresses is fetched at once. */
static int
ask_some(struct finding *f, const struct event *const *ev, unsigned n, struct slice raw)
{
    struct addr pair[SET_ASKED];
    uint64_t some;
    uint32_t at = 0;
    int r = f->matching == NULL ? 0 : ask_records(f, ev, n, raw);

    for (size_t i = 0; i < n; i++) {
        pair[2 * i] = ev[i]->origin;
        pair[2 * i + 1] = ev[i]->target;
    }
    some = set_some(f->set, pair, 2 * n);
    for (unsigned i = 0; r == 0 && i < n; i++) {
        r = ask_sides(f, ev[i], some >> 2 * i & 3);
        if (r == 0)
            r = count_records(f, i, &at);
        f->ret->hit += f->met;
        f->ret->over += f->over && !f->met;
    }
    return r;
}

static int
ask_block(void *arg, const struct store_block *b)
{
    struct finding *f = arg;
    const struct event *held[TOGETHER];
    struct evidence ev = {0};
    unsigned n = 0;
    int r = reader_block(f->ask->reader, b, f->matching != NULL, &ev);

    for (uint32_t i = 0; r == 0 && i < ev.count; i++) {
        if (query_matches(f->ask->query, &ev.event[i]))
            held[n++] = &ev.event[i];
        if (n == TOGETHER || (n > 0 && i + 1 == ev.count)) {
            r = ask_some(f, held, n, ev.raw);
            n = 0;
        }
    }
    return r == ERR_GONE ? 0 : r;
}

/* ---- all of it --------------------------------------------------------------------------- */

static int
by_count(const void *a, const void *b)
{
    const struct sighted *x = a;
    const struct sighted *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    if (x->indicator != y->indicator)
        return x->indicator < y->indicator ? -1 : 1;
    return (x->day > y->day) - (x->day < y->day);
}

static bool
is_only_addresses(const struct set *s)
{
    for (uint32_t i = 0; i < set_count(s); i++) {
        if (set_kind(s, i) != ATOM_ADDRESS && set_kind(s, i) != ATOM_PREFIX)
            return false;
    }
    return true;
}

int
sightings_find(const struct sightings_ask *a, struct sightings *ret)
{
    const struct store_range range = {.since = a->query->since, .until = a->query->until};
    struct finding f = {.ask = a, .set = indicators_set(a->indicators), .ret = ret};
    int r = 0;

    *ret = (struct sightings){.row = NULL};
    buf_init(&f.lines, MATCH_CHUNK);
    map_init(&f.rows, sizeof(struct row_key), SIGHTINGS_ROWS, a->secret);
    map_init(&f.origins, sizeof(struct origin_key), SIGHTINGS_ORIGINS, a->secret);
    if (!is_only_addresses(f.set))
        r = matching_new(a->indicators, true, take_hit, &f, &f.matching);
    if (r == 0)
        r = store_each_block(a->store, &range, ask_block, &f);
    (void)matching_free(f.matching);
    map_release(&f.rows);
    map_release(&f.origins);
    buf_release(&f.lines);
    free(f.hit);
    free(f.last);
    if (r == 0 && ret->count > 1)
        qsort(ret->row, ret->count, sizeof *ret->row, by_count);
    return r;
}

void
sightings_release(struct sightings *s)
{
    free(s->row);
    *s = (struct sightings){.row = NULL};
}

/* ---- as STIX ----------------------------------------------------------------------------- */

#define NAMED_SINCE \
    ((struct utime){INT64_C(1767225600000000)}) /* 2026-01-01, for all parties */

struct stix_id
sightings_id(const struct sightings_tell *t, struct slice indicator, int64_t day)
{
    AUTO_BUF(name, 1024);
    char at[TIME_TEXT];

    time_format((struct utime){day * DAY_US}, at);
    buf_slice(&name, indicator);
    buf_printf(&name, "/%.*s/%.10s", (int)t->party.len, t->party.ptr, at);
    BUG_ON(buf_error(&name) < 0);
    return stix_id_named(SLICE("sighting"), buf_get(&name));
}

int
sightings_party(struct emit *e, struct slice party)
{
    struct stix_id id = stix_id_named(SLICE("identity"), party);
    const struct emit_common c = {
        .id = stix_id_slice(&id), .created = NAMED_SINCE, .modified = NAMED_SINCE};
    const struct emit_identity i = {.name = party, .class_ = SLICE("organization")};

    return emit_identity(e, &c, &i);
}

int
sightings_stix(struct emit *e, const struct sightings_tell *t, struct slice indicator,
               const struct sighted *row)
{
    struct stix_id id = sightings_id(t, indicator, row->day);
    struct stix_id by = stix_id_named(SLICE("identity"), t->party);
    struct slice who = stix_id_slice(&by);
    uint32_t count = row->count > EMIT_MOST_SEEN ? EMIT_MOST_SEEN : (uint32_t)row->count;
    const struct emit_common c = {.id = stix_id_slice(&id),
                                  .created_by = who,
                                  .created = {row->day * DAY_US},
                                  .modified = t->modified,
                                  .marks = {.tlp = t->tlp}};
    const struct emit_sighting s = {.of = indicator,
                                    .count = &count,
                                    .first = &row->first,
                                    .last = &row->last,
                                    .sighted_by = {&who, 1},
                                    .summary = true};

    return emit_sighting(e, &c, &s);
}
