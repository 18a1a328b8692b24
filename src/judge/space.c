/* Space is compiled into ranges that do not overlap.  Each range has a place: the steps of who
 * had it from when, so that one search and a glance at the newest step answer for any time.
 * Places are few: most ranges of a party share one. */
#include "judge/space.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

enum { BUCKETS_MAX = 1 << 15, STEPS_MAX = 1 << 24, NEAR = 8, FETCH_FROM = 4096 };
#define NODE 0x80000000U

/* An address or number: IPv4 and numbers of networks in `hi` alone. */
struct spot {
    uint64_t hi;
    uint64_t lo;
};

/* Where a range begins; it ends where the next does.  Four of them are a line of cache. */
struct bound {
    uint64_t hi;
    uint32_t place;
    uint32_t low; /* in ranges.low; [0] is 0 */
};

/* A stretch of bounds in buckets that are 2^shift wide in `hi`.  Space comes in clusters, so a
 * bucket with many bounds has a node of its own. */
struct node {
    uint64_t base;  /* hi of its first bound */
    uint32_t first; /* its first bound */
    uint32_t end;   /* behind its last */
    uint32_t buckets;
    uint32_t index; /* where its buckets' first bounds stand, buckets + 1 of them */
    uint32_t shift;
};

/* Sorted; the first begins at 0. */
struct ranges {
    struct bound *at;
    uint32_t count;
    uint64_t *low; /* lower halves, of the few bounds that have one */
    uint32_t lows;
    struct node *node; /* [0] is the root */
    uint32_t nodes;
    uint32_t node_room;
    uint32_t *index; /* bounds; NODE and a node where there is one */
    uint32_t indexes;
    uint32_t index_room;
};

struct step {
    int64_t from;
    uint64_t labels;
    int64_t party;
};

struct place {
    uint32_t first; /* step; the oldest, from INT64_MIN */
    uint32_t count;
};

enum family { V4, V6, ASN, FAMILIES };

struct space {
    struct ranges family[FAMILIES];
    struct place *place;
    uint32_t places;
    struct step *step;
    uint32_t steps;
    uint32_t room;    /* of steps */
    struct map known; /* hash of the steps: place */
    const char *label[SPACE_LABELS];
    unsigned labels;
};

/* Somebody's word for a range and a time. */
struct claim {
    struct spot from;
    struct spot last; /* inclusive */
    int64_t since;
    int64_t until;
    uint16_t party;
    uint8_t label;  /* bit + 1; 0: the space itself */
    bool gone;      /* no longer said, but it still counts */
    uint32_t annex; /* while they are gathered: the how many-th that counts */
};

struct claims {
    struct claim *at;
    size_t count;
    size_t room;
};

static int
spot_order(struct spot a, struct spot b)
{
    if (a.hi != b.hi)
        return a.hi < b.hi ? -1 : 1;
    return a.lo == b.lo ? 0 : a.lo < b.lo ? -1 : 1;
}

static uint64_t
half(const struct addr *a, unsigned from)
{
    uint64_t n;

    memcpy(&n, a->byte + from, sizeof n);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap64(n) : n;
}

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

/* ---- gathering -------------------------------------------------------------------------- */

static int
claims_add(struct claims *c, struct claim claim)
{
    if (c->count == c->room) {
        size_t room = c->room == 0 ? 256 : c->room * 2;
        struct claim *at;

        if (c->room >= SPACE_CLAIMS)
            return ERR_LIMIT;
        at = realloc(c->at, room * sizeof *at);
        if (at == NULL)
            return ERR_NOMEM;
        c->at = at;
        c->room = room;
    }
    c->at[c->count++] = claim;
    return 0;
}

static void
claim_prefix(struct claim *c, const struct prefix *p)
{
    if (addr_is_v4(&p->addr)) {
        unsigned host = 128U - p->len;

        c->from = (struct spot){addr_v4(&p->addr), 0};
        c->last = (struct spot){c->from.hi | ((UINT64_C(1) << host) - 1), UINT64_MAX};
        return;
    }
    c->from = (struct spot){half(&p->addr, 0), half(&p->addr, 8)};
    c->last.hi = p->len >= 64 ? c->from.hi : c->from.hi | UINT64_MAX >> p->len;
    c->last.lo = p->len >= 128 ? c->from.lo
                 : p->len > 64 ? c->from.lo | UINT64_MAX >> (p->len - 64)
                               : UINT64_MAX;
}

static int
gather_list(struct claims *c, struct claim like, const struct pact_prefixes *list)
{
    int e = 0;

    for (unsigned i = 0; e == 0 && i < list->count; i++) {
        claim_prefix(&like, &list->at[i]);
        e = claims_add(c, like);
    }
    return e;
}

static int
gather_annex(const struct space *s, const struct annex *a, struct claim like,
             struct claims c[FAMILIES])
{
    int e = gather_list(&c[V4], like, &a->v4);

    if (e == 0)
        e = gather_list(&c[V6], like, &a->v6);
    for (unsigned i = 0; e == 0 && i < a->asns.count; i++) {
        like.from = (struct spot){a->asns.at[i], 0};
        like.last = (struct spot){a->asns.at[i], UINT64_MAX};
        e = claims_add(&c[ASN], like);
    }
    for (unsigned i = 0; e == 0 && i < a->labels; i++) {
        int bit = space_label(s, slice_of(a->protected_[i].label));

        if (bit < 0)
            continue;
        like.label = (uint8_t)(bit + 1);
        e = gather_list(&c[V4], like, &a->protected_[i].v4);
        if (e == 0)
            e = gather_list(&c[V6], like, &a->protected_[i].v6);
    }
    return e;
}

static int
claim_order(const void *x, const void *y)
{
    const struct claim *a = x;
    const struct claim *b = y;
    int order = spot_order(a->from, b->from);

    if (order == 0)
        order = spot_order(a->last, b->last);
    if (order == 0)
        order = (a->label > b->label) - (a->label < b->label);
    return order != 0 ? order : (a->annex > b->annex) - (a->annex < b->annex);
}

static bool
same_claim(const struct claim *a, const struct claim *b)
{
    return spot_order(a->from, b->from) == 0 && spot_order(a->last, b->last) == 0 &&
           a->label == b->label;
}

/* One party's claims of a family, one for each annex that says it, become one for each unbroken
 * time, and one for the time after that; into `to`. */
static int
join_times(struct claims *c, size_t from, struct claims *to)
{
    size_t i = from;
    int e = 0;

    if (c->count > from)
        qsort(&c->at[from], c->count - from, sizeof *c->at, claim_order);
    while (e == 0 && i < c->count) {
        struct claim run = c->at[i++];

        while (i < c->count && same_claim(&run, &c->at[i]) && c->at[i].annex <= run.annex + 1) {
            run.annex = c->at[i].annex;
            run.until = c->at[i++].until;
        }
        e = claims_add(to, run);
        if (e == 0 && run.until < INT64_MAX - SPACE_REMOVAL.us) {
            run.since = run.until;
            run.until += SPACE_REMOVAL.us;
            run.gone = true;
            e = claims_add(to, run);
        }
    }
    return e;
}

static int
gather_party(const struct space *s, const struct space_history *h, unsigned party,
             struct claims to[FAMILIES])
{
    struct claims c[FAMILIES] = {{0}};
    uint32_t nth = 0;
    int e = 0;

    for (unsigned i = 0; e == 0 && i < h->count; i++) {
        struct claim like = {.party = (uint16_t)party};
        struct utime since;
        struct utime until;

        if (!space_in_force(h, i, &since, &until))
            continue;
        like.since = since.us;
        like.until = until.us;
        like.annex = nth++;
        e = gather_annex(s, h->at[i].annex, like, c);
    }
    for (int f = 0; f < FAMILIES; f++) {
        if (e == 0)
            e = join_times(&c[f], 0, &to[f]);
        free(c[f].at);
    }
    return e;
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
        e = gather_party(s, &history[i], i, claims);
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
