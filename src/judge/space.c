/* Space is compiled into ranges that do not overlap.  Each range has a place: the steps of who
 * had it from when, so that one search and a glance at the newest step answer for any time.
 * Places are few: most ranges of a party share one. */
#include "judge/space_priv.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS_MAX = 1 << 15, STEPS_MAX = 1 << 24, NEAR = 8, FETCH_FROM = 4096 };
#define NODE 0x80000000U

/* ---- look-up ---------------------------------------------------------------------------- */

static inline bool
begins_by(const struct ranges *r, const struct bound *b, struct spot s)
{
    if (__builtin_expect(b->hi == s.hi, 0))
        return r->low[b->low] <= s.lo;
    return b->hi < s.hi;
}

static inline uint32_t
index_bound(const struct ranges *r, uint32_t at)
{
    uint32_t i = r->index[at];

    return (i & NODE) == 0 ? i : r->node[i & ~NODE].first;
}

/* The bounds of the bucket of hi: the first and how many; from 0 when it lies before them. */
static inline uint32_t
ranges_bucket(const struct ranges *r, uint64_t hi, uint32_t *ret_n)
{
    const struct node *node = r->node;

    *ret_n = 0;
    if (r->nodes == 0)
        return 1;
    for (;;) {
        uint64_t bucket = (hi - node->base) >> node->shift;
        uint32_t at;

        if (hi < node->base)
            return node->first;
        bucket = bucket >= node->buckets ? node->buckets - 1 : bucket;
        at = node->index + (uint32_t)bucket;
        if ((r->index[at] & NODE) == 0) {
            *ret_n = index_bound(r, at + 1) - r->index[at];
            return r->index[at];
        }
        node = &r->node[r->index[at] & ~NODE];
    }
}

static uint32_t
ranges_find(const struct ranges *r, struct spot s)
{
    uint32_t n;
    uint32_t first = ranges_bucket(r, s.hi, &n);
    uint32_t by = 0;

    while (n > NEAR) {
        uint32_t mid = n / 2;
        bool below = begins_by(r, &r->at[first + mid], s);

        first = below ? first + mid : first;
        n = below ? n - mid : mid;
    }
    for (uint32_t i = 0; i < n; i++)
        by += begins_by(r, &r->at[first + i], s);
    return r->at[first + by - 1].place;
}

static struct spot
spot_of(const struct addr *a, bool v4)
{
    return v4 ? (struct spot){addr_v4(a), 0} : (struct spot){half(a, 0), half(a, 8)};
}

void
space_fetch(const struct space *s, const struct addr *a)
{
    bool v4 = addr_is_v4(a);
    const struct ranges *r = &s->family[v4 ? V4 : V6];
    uint32_t n;

    if (r->count < FETCH_FROM) /* is in the cache */
        return;
    __builtin_prefetch(&r->at[ranges_bucket(r, spot_of(a, v4).hi, &n)]);
}

static inline struct space_owner
owner_at(const struct space *s, uint32_t place, struct utime when, enum space_by by)
{
    const struct place *p = &s->place[place];
    const struct step *step = &s->step[p->first + p->count - 1];

    while (step->from > when.us)
        step--;
    return (struct space_owner){.labels = step->labels,
                                .party = (int16_t)step->party,
                                .by = step->party < 0 ? SPACE_NOBODY : (uint8_t)by};
}

struct space_owner
space_find(const struct space *s, const struct addr *a, uint32_t asn, struct utime when)
{
    bool v4 = addr_is_v4(a);
    struct space_owner owner =
        owner_at(s, ranges_find(&s->family[v4 ? V4 : V6], spot_of(a, v4)), when, SPACE_PREFIX);

    if (owner.party >= 0 || asn == 0)
        return owner;
    return owner_at(s, ranges_find(&s->family[ASN], (struct spot){asn, 0}), when, SPACE_ASN);
}

int
space_label(const struct space *s, struct slice label)
{
    for (unsigned i = 0; i < s->labels; i++) {
        if (slice_is(label, s->label[i]))
            return (int)i;
    }
    return -1;
}

/* ---- time ------------------------------------------------------------------------------- */

/* The later of its own word and the witness's. */
static int64_t
annex_begins(const struct space_annex *a)
{
    if (a->witnessed.us == 0)
        return INT64_MAX;
    return a->annex->valid_from.us > a->witnessed.us ? a->annex->valid_from.us
                                                     : a->witnessed.us;
}

bool
space_in_force(const struct space_history *h, unsigned annex, struct utime *ret_from,
               struct utime *ret_until)
{
    int64_t from = annex_begins(&h->at[annex]);
    int64_t until = INT64_MAX;

    for (unsigned i = annex + 1; i < h->count; i++) {
        int64_t next = annex_begins(&h->at[i]);

        until = next < until ? next : until;
    }
    *ret_from = (struct utime){from};
    *ret_until = (struct utime){until};
    return from < until;
}

/* ---- places ----------------------------------------------------------------------------- */

/* The claims that hold where the sweep stands. */
struct active {
    const struct claim **at;
    size_t count;
    size_t room;
    int64_t *time; /* where something changes */
    size_t times;
};

static int
active_add(struct active *a, const struct claim *c)
{
    if (a->count == a->room) {
        size_t room = a->room == 0 ? 64 : a->room * 2;
        const struct claim **at = realloc((void *)a->at, room * sizeof(const void *));
        int64_t *time;

        if (at == NULL)
            return ERR_NOMEM;
        a->at = at;
        time = realloc(a->time, room * 2 * sizeof *time);
        if (time == NULL)
            return ERR_NOMEM;
        a->time = time;
        a->room = room;
    }
    a->at[a->count++] = c;
    return 0;
}

static void
active_drop(struct active *a, struct spot from)
{
    size_t kept = 0;

    for (size_t i = 0; i < a->count; i++) {
        if (spot_order(a->at[i]->last, from) >= 0)
            a->at[kept++] = a->at[i];
    }
    a->count = kept;
}

static int
time_order(const void *x, const void *y)
{
    const int64_t *a = x;
    const int64_t *b = y;

    return (*a > *b) - (*a < *b);
}

static struct step
step_at(const struct active *a, int64_t when)
{
    const struct claim *best = NULL;
    struct step step = {.from = when, .party = -1};

    for (size_t i = 0; i < a->count; i++) {
        const struct claim *c = a->at[i];

        if (c->label != 0 || when < c->since || when >= c->until)
            continue;
        if (best == NULL || (best->gone && !c->gone) ||
            (best->gone == c->gone && c->party < best->party))
            best = c;
    }
    if (best == NULL)
        return step;
    step.party = best->party;
    for (size_t i = 0; i < a->count; i++) {
        const struct claim *c = a->at[i];

        if (c->label != 0 && c->party == best->party && when >= c->since && when < c->until)
            step.labels |= UINT64_C(1) << (c->label - 1);
    }
    return step;
}

static int
add_step(struct space *s, struct step step)
{
    if (s->steps == s->room) {
        uint32_t room = s->room == 0 ? 64 : s->room * 2;
        struct step *at;

        if (s->room >= STEPS_MAX)
            return ERR_LIMIT;
        at = realloc(s->step, room * sizeof *at);
        if (at == NULL)
            return ERR_NOMEM;
        s->step = at;
        s->room = room;
    }
    s->step[s->steps++] = step;
    return 0;
}

/* The steps from `first` on as a place: one that is there already, else a new one. */
static int
take_place(struct space *s, uint32_t first, uint32_t *ret)
{
    uint32_t count = s->steps - first;
    size_t bytes = count * sizeof *s->step;
    uint64_t key[2] = {map_hash(&s->step[first], (uint32_t)bytes, 1), 0};
    struct place *at;
    int fresh = 0;
    int64_t found;

    for (;; key[1]++) { /* two with one hash: the next number is free, or its own */
        found = map_put(&s->known, key, &fresh);
        if (found == MAP_FULL)
            return ERR_NOMEM;
        if (fresh)
            break;
        if (s->place[found].count == count &&
            memcmp(s->step + s->place[found].first, s->step + first, bytes) == 0) {
            s->steps = first;
            *ret = (uint32_t)found;
            return 0;
        }
    }
    at = realloc(s->place, (size_t)(found + 1) * sizeof *at);
    if (at == NULL)
        return ERR_NOMEM;
    s->place = at;
    at[found] = (struct place){first, count};
    s->places = (uint32_t)found + 1;
    *ret = (uint32_t)found;
    return 0;
}

static int
make_place(struct space *s, struct active *a, uint32_t *ret)
{
    uint32_t first = s->steps;
    int e = add_step(s, (struct step){.from = INT64_MIN, .party = -1});

    a->times = 0;
    for (size_t i = 0; i < a->count; i++) {
        a->time[a->times++] = a->at[i]->since;
        a->time[a->times++] = a->at[i]->until;
    }
    if (a->times > 0)
        qsort(a->time, a->times, sizeof *a->time, time_order);
    for (size_t i = 0; e == 0 && i < a->times && a->time[i] < INT64_MAX; i++) {
        struct step step = step_at(a, a->time[i]);
        const struct step *before = &s->step[s->steps - 1];

        if (step.party != before->party || step.labels != before->labels)
            e = add_step(s, step);
    }
    return e < 0 ? e : take_place(s, first, ret);
}

/* ---- ranges ----------------------------------------------------------------------------- */

static int
spot_compare(const void *x, const void *y)
{
    return spot_order(*(const struct spot *)x, *(const struct spot *)y);
}

/* Where a range may begin or end, each once. */
static size_t
list_spots(const struct claims *c, struct spot *at)
{
    size_t n = 0;
    size_t kept = 0;

    at[n++] = (struct spot){0, 0};
    for (size_t i = 0; i < c->count; i++) {
        struct spot after = c->at[i].last;

        at[n++] = c->at[i].from;
        after.hi += ++after.lo == 0;
        if (after.hi != 0 || after.lo != 0)
            at[n++] = after;
    }
    qsort(at, n, sizeof *at, spot_compare);
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || spot_order(at[kept - 1], at[i]) != 0)
            at[kept++] = at[i];
    }
    return kept;
}

/* An empty node over the bounds from..to, its index reserved. */
static int
add_node(struct ranges *r, uint32_t from, uint32_t to)
{
    struct node n = {
        .base = r->at[from].hi, .first = from, .end = to, .buckets = 1, .index = r->indexes};
    uint64_t span = r->at[to - 1].hi - n.base;

    while (n.buckets < to - from && n.buckets < BUCKETS_MAX)
        n.buckets *= 2;
    while (span >> n.shift >= n.buckets)
        n.shift++;
    if (r->nodes == r->node_room) {
        uint32_t room = r->node_room == 0 ? 16 : r->node_room * 2;
        struct node *node = realloc(r->node, room * sizeof *node);

        if (node == NULL)
            return ERR_NOMEM;
        r->node = node;
        r->node_room = room;
    }
    if (r->index_room - r->indexes <= n.buckets) {
        uint32_t room = (r->index_room + n.buckets) * 2;
        uint32_t *index = realloc(r->index, room * sizeof *index);

        if (index == NULL)
            return ERR_NOMEM;
        r->index = index;
        r->index_room = room;
    }
    r->indexes += n.buckets + 1;
    r->node[r->nodes++] = n;
    return 0;
}

/* The buckets of node i, and nodes for those with many bounds.  Each has fewer than the one
 * above it, whose first and last bound lie in different buckets. */
static int
fill_node(struct ranges *r, uint32_t i)
{
    struct node n = r->node[i];
    uint32_t at = n.first;

    for (uint32_t b = 0; b < n.buckets; b++) {
        uint32_t from = at;

        while (at < n.end && (r->at[at].hi - n.base) >> n.shift == b)
            at++;
        r->index[n.index + b] = from;
        if (at - from > NEAR && r->at[at - 1].hi != r->at[from].hi &&
            at - from < n.end - n.first) {
            int e = add_node(r, from, at);

            if (e < 0)
                return e;
            r->index[n.index + b] = NODE | (r->nodes - 1);
        }
    }
    r->index[n.index + n.buckets] = n.end;
    return 0;
}

static int
index_ranges(struct ranges *r)
{
    int e = r->count < 2 ? 0 : add_node(r, 1, r->count);

    for (uint32_t i = 0; e == 0 && i < r->nodes; i++)
        e = fill_node(r, i);
    return e;
}

static void
add_bound(struct ranges *r, struct spot spot, uint32_t place)
{
    if (spot.lo != 0)
        r->low[r->lows] = spot.lo;
    r->at[r->count++] = (struct bound){spot.hi, place, spot.lo == 0 ? 0 : r->lows++};
}

static int
sweep(struct space *s, struct claims *c, const struct spot *spot, size_t spots,
      struct ranges *r)
{
    struct active active = {0};
    size_t next = 0;
    int e = 0;

    for (size_t i = 0; e == 0 && i < spots; i++) {
        uint32_t place = 0;

        active_drop(&active, spot[i]);
        while (e == 0 && next < c->count && spot_order(c->at[next].from, spot[i]) == 0)
            e = active_add(&active, &c->at[next++]);
        if (e == 0)
            e = make_place(s, &active, &place);
        if (e == 0 && (r->count == 0 || r->at[r->count - 1].place != place))
            add_bound(r, spot[i], place);
    }
    free((void *)active.at);
    free(active.time);
    return e;
}

static int
make_ranges(struct space *s, struct claims *c, struct ranges *r)
{
    struct spot *spot = malloc((c->count * 2 + 1) * sizeof *spot);
    size_t spots;
    int e;

    if (spot == NULL)
        return ERR_NOMEM;
    if (c->count > 0)
        qsort(c->at, c->count, sizeof *c->at, claim_order);
    spots = list_spots(c, spot);
    r->at = malloc(spots * sizeof *r->at);
    r->low = calloc(spots + 1, sizeof *r->low);
    r->lows = 1;
    e = r->at == NULL || r->low == NULL ? ERR_NOMEM : sweep(s, c, spot, spots, r);
    free(spot);
    return e < 0 ? e : index_ranges(r);
}

/* ---- making ----------------------------------------------------------------------------- */

static int
list_labels(struct space *s, const struct pact *p, struct errinfo *ei)
{
    for (unsigned i = 0; i < p->obligations; i++) {
        const struct pact_texts *targets = &p->obligation[i].targets;

        for (unsigned k = 0; k < targets->count; k++) {
            const char *label = strchr(targets->at[k], ':');

            if (label == NULL || space_label(s, slice_of(label + 1)) >= 0)
                continue;
            if (s->labels == SPACE_LABELS)
                return err_set(ei, ERR_LIMIT, "more than %d protected labels in obligations",
                               SPACE_LABELS);
            s->label[s->labels++] = label + 1;
        }
    }
    return 0;
}

static int
check_history(const struct pact *p, const struct space_history *h, struct errinfo *ei)
{
    for (unsigned i = 0; i < p->parties; i++) {
        for (unsigned k = 0; k < h[i].count; k++) {
            if (strcmp(h[i].at[k].annex->party, p->party[i].id) != 0)
                return err_set(ei, ERR_INVALID, "an annex of %s stands in the history of %s",
                               h[i].at[k].annex->party, p->party[i].id);
            if (k > 0 && h[i].at[k].annex->sequence <= h[i].at[k - 1].annex->sequence)
                return err_set(ei, ERR_INVALID,
                               "annexes of %s: sequence %lld is not above %lld", p->party[i].id,
                               (long long)h[i].at[k].annex->sequence,
                               (long long)h[i].at[k - 1].annex->sequence);
        }
    }
    return 0;
}

int
space_new(const struct pact *p, const struct space_history *history, struct space **ret,
          struct errinfo *ei)
{
    struct space *s = calloc(1, sizeof *s);
    struct claims claims[FAMILIES] = {{0}};
    int e = s == NULL ? ERR_NOMEM : check_history(p, history, ei);

    if (e == 0) {
        map_init(&s->known, 2 * sizeof(uint64_t), SPACE_CLAIMS, 1);
        e = list_labels(s, p, ei);
    }
    for (unsigned i = 0; e == 0 && i < p->parties; i++)
        e = claims_gather(s, &history[i], i, claims);
    for (int f = 0; f < FAMILIES; f++) {
        if (e == 0)
            e = make_ranges(s, &claims[f], &s->family[f]);
        free(claims[f].at);
    }
    if (e < 0) {
        (void)space_free(s);
        if (ei != NULL && ei->text[0] == '\0')
            (void)err_set(ei, e, "%s", err_text(e));
        return e;
    }
    *ret = s;
    return 0;
}

struct space *
space_free(struct space *s)
{
    if (s == NULL)
        return NULL;
    for (int f = 0; f < FAMILIES; f++) {
        free(s->family[f].at);
        free(s->family[f].low);
        free(s->family[f].node);
        free(s->family[f].index);
    }
    free(s->place);
    free(s->step);
    map_release(&s->known);
    free(s);
    return NULL;
}
