#include "role/sightings.h"

#include <stdlib.h>

#include "role/meeting.h"

#define DAY_US (86400 * TIME_US_PER_S)

struct finding {
    const struct sightings_ask *ask;
    struct meeting *meeting;
    struct sightings *ret;
    uint32_t room;
    struct map rows;    /* struct row_key */
    struct map origins; /* struct origin_key */
    uint64_t *last;     /* of each row, the event that counted last: its number, from 1 */
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
find_row(struct finding *f, uint32_t indicator, struct utime when, uint32_t *ret)
{
    const struct row_key key = {.indicator = indicator,
                                .day = f->ask->by_day ? day_of(when) : 0};
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
            .indicator = indicator, .day = key.day, .first = when, .last = when};
        f->last[at] = 0;
        f->ret->count = (uint32_t)at + 1;
    }
    return 0;
}

static int
count_origin(struct finding *f, const struct event *ev, uint32_t at)
{
    struct origin_key key = {.row = at};
    int added = 0;

    memcpy(key.address, ev->origin.byte, sizeof key.address);
    if (map_put(&f->origins, &key, &added) == MAP_FULL)
        return ERR_LIMIT;
    f->ret->row[at].origins += (uint32_t)added;
    return 0;
}

static int
count_hit(void *arg, const struct event *ev, uint32_t indicator, enum atom_kind kind)
{
    struct finding *f = arg;
    struct utime when = event_when(ev);
    uint64_t asked = meeting_stats(f->meeting)->asked;
    struct sighted *row;
    uint32_t at = 0;
    int r = find_row(f, indicator, when, &at);

    if (r < 0)
        return r;
    row = &f->ret->row[at];
    row->kinds |= 1U << kind;
    if (f->last[at] == asked)
        return 0;
    f->last[at] = asked;
    row->events++;
    row->count += ev->count;
    row->first = when.us < row->first.us ? when : row->first;
    row->last = when.us > row->last.us ? when : row->last;
    return count_origin(f, ev, at);
}

/* ---- asking ------------------------------------------------------------------------------ */

static int
ask_block(void *arg, const struct store_block *b)
{
    struct finding *f = arg;
    const struct event *held[MEETING_TOGETHER];
    struct evidence ev = {0};
    unsigned n = 0;
    int r = reader_block(f->ask->reader, b, meeting_needs_raw(f->meeting), &ev);

    for (uint32_t i = 0; r == 0 && i < ev.count; i++) {
        if (query_matches(f->ask->query, &ev.event[i]))
            held[n++] = &ev.event[i];
        if (n == MEETING_TOGETHER || (n > 0 && i + 1 == ev.count)) {
            r = meeting_ask(f->meeting, held, n, ev.raw);
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

int
sightings_find(const struct sightings_ask *a, struct sightings *ret)
{
    const struct store_range range = {.since = a->query->since, .until = a->query->until};
    struct finding f = {.ask = a, .ret = ret};
    int r;

    *ret = (struct sightings){.row = NULL};
    map_init(&f.rows, sizeof(struct row_key), SIGHTINGS_ROWS, a->secret);
    map_init(&f.origins, sizeof(struct origin_key), SIGHTINGS_ORIGINS, a->secret);
    r = meeting_new(a->indicators, 0, count_hit, &f, &f.meeting);
    if (r == 0)
        r = store_each_block(a->store, &range, ask_block, &f);
    if (f.meeting != NULL) {
        const struct meeting_stats *s = meeting_stats(f.meeting);

        ret->asked = s->asked;
        ret->hit = s->hit;
        ret->over = s->over;
        ret->unopened = s->unopened;
    }
    (void)meeting_free(f.meeting);
    map_release(&f.rows);
    map_release(&f.origins);
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
