#include "role/meeting.h"

#include <stdlib.h>

/* What the record of an event was met by. */
struct record_hit {
    unsigned event; /* of those that are looked at together */
    uint32_t indicator;
    enum atom_kind kind;
};

struct meeting {
    const struct indicators *x;
    const struct set *set;
    uint32_t most;
    meeting_tell *tell;
    void *arg;
    struct meeting_stats stats;
    struct matching *matching; /* NULL: only addresses are looked for */
    uint64_t passed;           /* of matching's stats: what was taken over */
    /* records of those that are looked at together */
    struct buf lines;
    unsigned of_line[MEETING_TOGETHER]; /* whose each line is … */
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

/* ---- asking ------------------------------------------------------------------------------ */

static int
tell(struct meeting *m, uint32_t indicator, enum atom_kind kind)
{
    if (!indicators_in_force(m->x, indicator, m->when)) {
        m->over = true;
        return 0;
    }
    m->met = true;
    return m->tell(m->arg, m->event, indicator, kind);
}

static int
ask_address(struct meeting *m, const struct addr *a)
{
    struct set_found found;
    int r = 0;

    set_find_address(m->set, a, &found);
    for (unsigned i = 0; r == 0 && i < found.count; i++) {
        uint32_t n = 0;
        const uint32_t *own = set_owners(m->set, found.atom[i], &n);

        if (m->most > 0 && n > m->most) {
            m->stats.more += n - m->most;
            n = m->most;
        }
        for (uint32_t k = 0; r == 0 && k < n; k++)
            r = tell(m, own[k], set_kind(m->set, found.atom[i]));
    }
    return r;
}

/* Of a record: what is no side of the event, which is asked by itself. */
static int
take_hit(void *arg, const struct match_hit *hit)
{
    struct meeting *m = arg;

    if (hit->field == SHOWN_SOURCE || hit->field == SHOWN_TARGET)
        return 0;
    if (m->hits == m->hit_room) {
        uint32_t room = m->hit_room == 0 ? 256 : 2 * m->hit_room;
        struct record_hit *more = realloc(m->hit, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        m->hit = more;
        m->hit_room = room;
    }
    m->hit[m->hits++] = (struct record_hit){m->of_line[hit->line - 1 - m->before],
                                            hit->indicator, set_kind(m->set, hit->atom)};
    return 0;
}

static int
ask_lines(struct meeting *m)
{
    int r = buf_error(&m->lines);

    m->before = matching_stats(m->matching)->lines;
    if (r == 0)
        r = matching_take(m->matching, buf_get(&m->lines));
    m->stats.more += matching_stats(m->matching)->beyond - m->passed;
    m->passed = matching_stats(m->matching)->beyond;
    buf_reset(&m->lines);
    m->held = 0;
    return r;
}

/* An element of an array may go over lines, which in JSON are white space. */
static void
put_line(struct buf *to, struct slice record)
{
    struct slice line;

    while (slice_line(&record, &line)) {
        buf_slice(to, line);
        buf_char(to, record.len > 0 ? ' ' : '\n');
    }
}

/* Hits come in the order of events. */
static int
ask_records(struct meeting *m, const struct event *const *all, unsigned n, struct slice raw)
{
    int r = 0;

    m->hits = 0;
    for (unsigned i = 0; r == 0 && i < n; i++) {
        const struct event *ev = all[i];

        if ((ev->raw_kind != RAW_LINE && ev->raw_kind != RAW_ELEMENT) || ev->raw_count != 1 ||
            ev->raw_len == 0 || ev->raw_len >= MATCH_CHUNK || ev->raw_at > raw.len ||
            ev->raw_len > raw.len - ev->raw_at || raw.ptr[ev->raw_at] != '{') {
            m->stats.unopened++;
            continue;
        }
        if (m->lines.len + ev->raw_len + 1 > MATCH_CHUNK)
            r = ask_lines(m);
        put_line(&m->lines, slice_sub(raw, ev->raw_at, ev->raw_len));
        m->of_line[m->held++] = i;
    }
    return r == 0 && m->held > 0 ? ask_lines(m) : r;
}

static int
ask_event(struct meeting *m, const struct event *ev, unsigned addresses)
{
    int r = 0;

    m->stats.asked++;
    m->event = ev;
    m->when = event_when(ev);
    m->met = m->over = false;
    if ((addresses & 1) != 0)
        r = ask_address(m, &ev->origin);
    if (r == 0 && (addresses & 2) != 0)
        r = ask_address(m, &ev->target);
    return r;
}

/* Memory for all their addresses is fetched at once. */
int
meeting_ask(struct meeting *m, const struct event *const *ev, unsigned n, struct slice raw)
{
    struct addr pair[SET_ASKED];
    uint64_t some;
    uint32_t at = 0;
    int r = m->matching == NULL ? 0 : ask_records(m, ev, n, raw);

    BUG_ON(n > MEETING_TOGETHER);
    for (size_t i = 0; i < n; i++) {
        pair[2 * i] = ev[i]->origin;
        pair[2 * i + 1] = ev[i]->target;
    }
    some = set_some(m->set, pair, 2 * n);
    for (unsigned i = 0; r == 0 && i < n; i++) {
        r = ask_event(m, ev[i], some >> 2 * i & 3);
        for (; r == 0 && at < m->hits && m->hit[at].event == i; at++)
            r = tell(m, m->hit[at].indicator, m->hit[at].kind);
        m->stats.hit += m->met;
        m->stats.over += m->over && !m->met;
    }
    return r;
}

/* ---- all of it --------------------------------------------------------------------------- */

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
meeting_new(const struct indicators *x, uint32_t most, meeting_tell *tell_, void *arg,
            struct meeting **ret)
{
    struct meeting *m = calloc(1, sizeof *m);
    int r = 0;

    *ret = m;
    if (m == NULL)
        return ERR_NOMEM;
    *m = (struct meeting){
        .x = x, .set = indicators_set(x), .most = most, .tell = tell_, .arg = arg};
    buf_init(&m->lines, MATCH_CHUNK);
    if (!is_only_addresses(m->set))
        r = matching_new(x, true, take_hit, m, &m->matching);
    if (r == 0 && m->matching != NULL && most > 0)
        matching_limit(m->matching, most);
    if (r < 0)
        *ret = meeting_free(m);
    return r;
}

struct meeting *
meeting_free(struct meeting *m)
{
    if (m != NULL) {
        (void)matching_free(m->matching);
        buf_release(&m->lines);
        free(m->hit);
    }
    free(m);
    return NULL;
}

bool
meeting_needs_raw(const struct meeting *m)
{
    return m->matching != NULL;
}

const struct meeting_stats *
meeting_stats(const struct meeting *m)
{
    return &m->stats;
}
