#include "vulndb/outcome.h"

#include <stdlib.h>

#include "base/map.h"
#include "vulndb/db.h"

enum { KNOWN_MOST = 1 << 22 };

struct range {
    uint8_t low[16];
    uint8_t high[16];
    uint32_t asset;
};

struct outcomes {
    struct vulndb *db;
    struct scan scan;
    struct range *range; /* by low address, wider ones first */
    uint32_t ranges;
    uint32_t range_room;
    uint8_t *widest;  /* of each 16 bytes: the highest address of it and all before it */
    uint32_t adding;  /* the asset whose ranges come */
    struct map known; /* asset and vulnerability … */
    uint8_t *answer;  /* … and what came of it */
    uint32_t room;
    uint32_t *first; /* item of each asset, one more at the end */
};

const char *
outcome_name(enum outcome o)
{
    static const char *const name[] = {"hit-unknown", "hit-vulnerable", "hit-patched",
                                       "hit-not-installed", "own-source"};

    return name[o];
}

/* ---- whose an address is -------------------------------------------------------------------
 */

static int
add_range(void *arg, const uint8_t *low, const uint8_t *high)
{
    struct outcomes *o = arg;

    if (o->ranges == o->range_room) {
        uint32_t room = o->range_room == 0 ? 256 : 2 * o->range_room;
        struct range *more = realloc(o->range, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        o->range = more;
        o->range_room = room;
    }
    memcpy(o->range[o->ranges].low, low, 16);
    memcpy(o->range[o->ranges].high, high, 16);
    o->range[o->ranges++].asset = o->adding;
    return 0;
}

static int
by_low(const void *a, const void *b)
{
    const struct range *x = a;
    const struct range *y = b;
    int c = memcmp(x->low, y->low, 16);

    if (c == 0)
        c = memcmp(y->high, x->high, 16);
    return c != 0 ? c : (x->asset > y->asset) - (x->asset < y->asset);
}

static int
load_ranges(struct outcomes *o)
{
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < o->scan.assets; i++) {
        o->adding = i;
        r = vulndb_addresses(o->db, o->scan.asset[i].id, add_range, o);
    }
    if (r < 0 || o->ranges == 0)
        return r;
    qsort(o->range, o->ranges, sizeof *o->range, by_low);
    o->widest = malloc((size_t)o->ranges * 16);
    if (o->widest == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < o->ranges; i++) {
        const uint8_t *before = o->widest + 16 * ((size_t)i - 1);
        bool wider = i > 0 && memcmp(before, o->range[i].high, 16) > 0;

        memcpy(o->widest + 16 * (size_t)i, wider ? before : o->range[i].high, 16);
    }
    return 0;
}

/* Backwards from the last range that begins at or before it: the first that holds it began
 * latest, so it is the narrowest of those that lie in each other. */
uint32_t
outcomes_asset(const struct outcomes *o, const struct addr *a)
{
    uint32_t low = 0;
    uint32_t high = o->ranges;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (memcmp(o->range[mid].low, a->byte, 16) <= 0)
            low = mid + 1;
        else
            high = mid;
    }
    while (low-- > 0 && memcmp(o->widest + 16 * (size_t)low, a->byte, 16) >= 0) {
        if (memcmp(o->range[low].high, a->byte, 16) >= 0)
            return o->range[low].asset;
    }
    return OUTCOMES_NO_ASSET;
}

/* ---- beginning and end ---------------------------------------------------------------------
 */

struct key {
    uint64_t vuln;
    uint32_t asset;
    uint32_t zero;
};

static int
remember(struct outcomes *o, uint32_t asset, uint64_t vuln, enum outcome is)
{
    struct key key = {vuln, asset, 0};
    int fresh = 0;
    int64_t at = map_put(&o->known, &key, &fresh);

    if (at == MAP_FULL)
        return 0; /* it is asked again */
    if ((uint32_t)at >= o->room) {
        uint32_t room = o->room == 0 ? 4096 : 2 * o->room;
        uint8_t *more = realloc(o->answer, room);

        if (more == NULL) {
            map_reset(&o->known);
            return ERR_NOMEM;
        }
        o->answer = more;
        o->room = room;
    }
    o->answer[at] = (uint8_t)is;
    return 0;
}

static int
index_items(struct outcomes *o)
{
    const struct scan *s = &o->scan;
    uint32_t i = 0;

    o->first = malloc((s->assets + (size_t)1) * sizeof *o->first);
    if (o->first == NULL)
        return ERR_NOMEM;
    for (uint32_t a = 0; a <= s->assets; a++) {
        while (i < s->items && s->item[i].asset < a)
            i++;
        o->first[a] = i;
    }
    return 0;
}

int
outcomes_open(struct vulndb *db, struct outcomes **ret)
{
    static const struct scan_options all = {.asset = "", .fixed = true};
    struct outcomes *o = calloc(1, sizeof *o);
    int r;

    if (o == NULL)
        return ERR_NOMEM;
    o->db = db;
    map_init(&o->known, sizeof(struct key), KNOWN_MOST, db->secret[0]);
    r = vulndb_scan(db, &all, &o->scan);
    if (r == 0)
        r = index_items(o);
    if (r == 0)
        r = load_ranges(o);
    for (uint32_t i = 0; r == 0 && i < o->scan.findings; i++) {
        const struct scan_finding *f = &o->scan.finding[i];

        r = remember(o, o->scan.item[f->item].asset, f->vuln, OUTCOME_VULNERABLE);
    }
    if (r < 0)
        o = outcomes_close(o);
    *ret = o;
    return r;
}

struct outcomes *
outcomes_close(struct outcomes *o)
{
    if (o == NULL)
        return NULL;
    vulndb_scan_release(&o->scan);
    map_release(&o->known);
    free(o->range);
    free(o->widest);
    free(o->answer);
    free(o->first);
    free(o);
    return NULL;
}

const struct asset *
outcomes_asset_at(const struct outcomes *o, uint32_t asset)
{
    return &o->scan.asset[asset];
}

uint32_t
outcomes_assets(const struct outcomes *o)
{
    return o->scan.assets;
}

const struct scan *
outcomes_scan(const struct outcomes *o)
{
    return &o->scan;
}

/* ---- the answer ----------------------------------------------------------------------------
 */

struct looking {
    const struct outcomes *o;
    uint32_t asset;
    bool installed; /* something that the vulnerability is in, in whatever version */
    bool spoken;    /* a feed names what it is in, in the terms of the asset's own list */
};

/* The spaces that an asset's own list speaks in: those of its products. */
static bool
speaks(const struct outcomes *o, uint32_t asset, int64_t space)
{
    for (uint32_t i = o->first[asset]; i < o->first[asset + 1]; i++) {
        if (o->scan.item[i].space == space)
            return true;
        if (space == o->scan.cpe_space && o->scan.item[i].cpe_product != 0 &&
            !o->scan.item[i].superseded)
            return true;
    }
    return false;
}

static int
look_at(void *arg, int64_t product, int64_t space)
{
    struct looking *l = arg;
    const struct outcomes *o = l->o;

    for (uint32_t i = o->first[l->asset]; !l->installed && i < o->first[l->asset + 1]; i++) {
        const struct scan_item *it = &o->scan.item[i];

        l->installed =
            it->product == product || (it->cpe_product == product && !it->superseded);
    }
    l->spoken = l->spoken || speaks(o, l->asset, space);
    return 0;
}

int
outcome_on(struct outcomes *o, uint32_t asset, uint64_t vuln, enum outcome *ret)
{
    struct key key = {vuln, asset, 0};
    struct looking l = {.o = o, .asset = asset};
    int64_t at = map_find(&o->known, &key);
    int r;

    *ret = OUTCOME_UNKNOWN;
    if (at >= 0) {
        *ret = (enum outcome)o->answer[at];
        return 0;
    }
    r = vulndb_products_of(o->db, vuln, look_at, &l);
    if (r < 0)
        return r;
    *ret = l.installed ? OUTCOME_PATCHED : l.spoken ? OUTCOME_NOT_INSTALLED : OUTCOME_UNKNOWN;
    return remember(o, asset, vuln, *ret);
}

int
outcome_of(struct outcomes *o, const struct addr *origin, const struct addr *target,
           uint64_t vuln, enum outcome *ret)
{
    uint32_t asset;

    *ret = OUTCOME_OWN_SOURCE;
    if (outcomes_asset(o, origin) != OUTCOMES_NO_ASSET)
        return 0;
    *ret = OUTCOME_UNKNOWN;
    asset = outcomes_asset(o, target);
    return asset == OUTCOMES_NO_ASSET ? 0 : outcome_on(o, asset, vuln, ret);
}
