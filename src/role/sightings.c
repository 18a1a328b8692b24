#include "role/sightings.h"

#include <stdlib.h>

#include "role/hits.h"
#include "role/meeting.h"
#include "store/hits.h"
#include "store/objects.h"

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
    uint8_t id[16]; /* which several parties may have given */
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

static int
find_row(struct finding *f, uint32_t indicator, struct utime when, uint32_t *ret)
{
    struct row_key key = {.day = f->ask->by_day ? hits_day(when) : 0};
    int added = 0;
    int64_t at;
    int r;

    memcpy(key.id, indicators_id(f->ask->indicators, indicator), sizeof key.id);
    at = map_put(&f->rows, &key, &added);
    r = at == MAP_FULL ? ERR_LIMIT : 0;

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

/* ---- records that are no event ----------------------------------------------------------- */

/* What was met of them, by indicator; one indicator may have many days. */
struct unrecorded {
    struct finding *f;
    struct map ids;
    struct store_hit *hit;
    uint32_t *next; /* of the same indicator: index + 1 */
    uint32_t *last; /* by id: index + 1 */
    uint32_t count;
    uint32_t room;
};

static int
make_room(struct unrecorded *u)
{
    uint32_t room = u->room == 0 ? 64 : 2 * u->room;
    struct store_hit *hit = realloc(u->hit, room * sizeof *hit);
    uint32_t *next;
    uint32_t *last;

    if (hit == NULL)
        return ERR_NOMEM;
    u->hit = hit;
    next = realloc(u->next, room * sizeof *next);
    if (next == NULL)
        return ERR_NOMEM;
    u->next = next;
    last = realloc(u->last, room * sizeof *last);
    if (last == NULL)
        return ERR_NOMEM;
    u->last = last;
    u->room = room;
    return 0;
}

static int
keep_day(void *arg, const struct store_hit *h, const struct store_sought *w)
{
    struct unrecorded *u = arg;
    const struct query *q = u->f->ask->query;
    int added = 0;
    int64_t at;

    (void)w;
    if (h->unrecorded == 0 || h->last.us < q->since.us || h->first.us >= q->until.us)
        return 0;
    if (h->first.us < q->since.us || h->last.us >= q->until.us) {
        u->f->ret->cut++;
        return 0;
    }
    if (u->count == u->room && make_room(u) < 0)
        return ERR_NOMEM;
    at = map_put(&u->ids, h->id, &added);
    if (at < 0)
        return ERR_NOMEM;
    u->hit[u->count] = *h;
    u->next[u->count] = added ? 0 : u->last[at];
    u->last[at] = ++u->count;
    return 0;
}

static int
count_day(struct finding *f, uint32_t indicator, const struct store_hit *h, bool *counted)
{
    const struct indicators *x = f->ask->indicators;
    struct sighted *row;
    uint32_t at = 0;
    int r;

    if (!indicators_in_force(x, indicator, h->first) &&
        !indicators_in_force(x, indicator, h->last))
        return 0;
    r = find_row(f, indicator, h->first, &at);
    if (r < 0)
        return r;
    row = &f->ret->row[at];
    row->kinds |= h->kinds;
    row->count += h->unrecorded;
    row->unrecorded += h->unrecorded;
    row->first = h->first.us < row->first.us ? h->first : row->first;
    row->last = h->last.us > row->last.us ? h->last : row->last;
    f->ret->unrecorded += h->unrecorded;
    *counted = true;
    return 0;
}

static int
add_unrecorded(struct finding *f)
{
    const struct store_hits_ask ask = {
        .since = hits_day(f->ask->query->since), .by_day = true, .limit = HITS_ROWS};
    const struct indicators *x = f->ask->indicators;
    struct unrecorded u = {.f = f};
    int r;

    map_init(&u.ids, HIT_ID, HITS_ROWS, f->ask->secret);
    r = store_each_hit(f->ask->store, &ask, keep_day, &u);
    for (uint32_t i = 0; r == 0 && u.count > 0 && i < indicators_count(x); i++) {
        int64_t at = map_find(&u.ids, indicators_id(x, i));

        bool counted = false;

        for (uint32_t n = at < 0 ? 0 : u.last[at]; r == 0 && n > 0; n = u.next[n - 1])
            r = count_day(f, i, &u.hit[n - 1], &counted);
        if (counted) /* an id of several parties counts once */
            u.last[at] = 0;
    }
    map_release(&u.ids);
    free(u.hit);
    free(u.next);
    free(u.last);
    return r;
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
    if (r == 0)
        r = add_unrecorded(&f);
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

enum { ONE = 1 << 16 };

struct comparing {
    struct sightings_tell tell; /* as it would be told */
    const struct sighted *row;
    struct slice indicator;
    bool same;
};

/* The version that is there, said again now: are these its bytes? */
static int
compare(void *arg, const struct store_object *o)
{
    struct comparing *c = arg;
    struct sightings_tell tell = c->tell;
    AUTO_BUF(again, ONE);
    struct emit e = {.out = &again};
    int r;

    tell.modified = o->version_at;
    r = sightings_stix(&e, &tell, c->indicator, c->row);
    c->same = r == 0 && slice_eq(buf_get(&again), o->body);
    /* a version is newer by a millisecond at least */
    if (c->tell.modified.us < o->version_at.us + 1000)
        c->tell.modified.us = o->version_at.us + 1000;
    return r;
}

int
sightings_renew(struct store *s, int64_t collection, const struct sightings_tell *t,
                struct slice indicator, const struct sighted *row, struct emit *e)
{
    struct comparing c = {.tell = *t, .row = row, .indicator = indicator};
    struct stix_id id = sightings_id(t, indicator, row->day);
    struct store_object which = {
        .collection = collection, .id = stix_id_slice(&id), .version_at = {-1}};
    int r = store_get_version(s, &which, compare, &c);

    if (r != 0 && r != ERR_NOTFOUND)
        return r;
    return r == 0 && c.same ? 1 : sightings_stix(e, &c.tell, indicator, row);
}
