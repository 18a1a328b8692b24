#include "vulndb/outcome.h"

#include <stdlib.h>

#include "base/map.h"
#include "vulndb/db.h"
#include "vulndb/outcome_judge.h"
#include "vulndb/scan_priv.h"

enum { KNOWN_MOST = 1 << 22 };

/* What is kept of an answer. */
enum { IS_OUTCOME = 7, IS_STATED = 1 << 3, IS_DOUBT = 1 << 4 };
_Static_assert((int)OUTCOMES <= IS_OUTCOME, "outcomes fit");

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
    struct vexes *vexes;
    struct utime now;
    struct utime end;         /* then a statement is in force no more */
    struct scan_names *names; /* room for a judgement */
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
remember(struct outcomes *o, const struct key *key, unsigned is)
{
    int fresh = 0;
    int64_t at = map_put(&o->known, key, &fresh);

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

/* Those that statements leave in force; of the others the records decide when they are asked
 * for, as something else that is installed may have it. */
static int
remember_findings(struct outcomes *o)
{
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < o->scan.findings; i++) {
        const struct scan_finding *f = &o->scan.finding[i];
        struct key key = {f->vuln, o->scan.item[f->item].asset, 0};
        enum finding_state is = FINDING_AFFECTED;

        r = vexes_state(o->vexes, &o->scan, f, o->now, &is);
        if (r == 0 && is != FINDING_NOT_AFFECTED && is != FINDING_FIXED &&
            (is == FINDING_AFFECTED || !f->ambiguous))
            r = remember(o, &key, OUTCOME_VULNERABLE);
    }
    return r;
}

int
outcomes_open(struct vulndb *db, struct utime now, struct outcomes **ret)
{
    static const struct scan_options all = {.asset = "", .fixed = true};
    struct outcomes *o = calloc(1, sizeof *o);
    int r;

    if (o == NULL)
        return ERR_NOMEM;
    o->db = db;
    o->now = now;
    map_init(&o->known, sizeof(struct key), KNOWN_MOST, db->secret[0]);
    r = vulndb_scan(db, &all, &o->scan);
    if (r == 0)
        r = load_ranges(o);
    if (r == 0)
        r = vexes_open(db, &o->vexes);
    if (r == 0) {
        o->end = vexes_end(o->vexes, now);
        r = remember_findings(o);
    }
    if (r < 0)
        o = outcomes_close(o);
    *ret = o;
    return r;
}

struct utime
outcomes_end(const struct outcomes *o)
{
    return o->end;
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
    (void)vexes_close(o->vexes);
    free(o->names);
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

int
outcome_on(struct outcomes *o, uint32_t asset, uint64_t vuln, enum outcome *ret)
{
    struct key key = {vuln, asset, 0};
    struct judging j = {.db = o->db,
                        .scan = &o->scan,
                        .vexes = o->vexes,
                        .now = o->now,
                        .asset = asset,
                        .vuln = vuln,
                        .names = o->names};
    int64_t at = map_find(&o->known, &key);
    int r;

    *ret = OUTCOME_UNKNOWN;
    if (at >= 0) {
        *ret = (enum outcome)(o->answer[at] & IS_OUTCOME);
        return 0;
    }
    r = outcome_judge(&j);
    o->names = j.names;
    if (r < 0)
        return r;
    if (j.vulnerable)
        *ret = OUTCOME_VULNERABLE;
    else if (!j.doubtful && (j.installed || j.stated))
        *ret = OUTCOME_PATCHED;
    else if (!j.doubtful && j.spoken)
        *ret = OUTCOME_NOT_INSTALLED;
    return remember(o, &key,
                    (unsigned)*ret | (*ret == OUTCOME_UNKNOWN && j.doubtful ? IS_DOUBT : 0U) |
                        (*ret == OUTCOME_PATCHED && j.stated ? IS_STATED : 0U));
}

enum outcome_reason
outcome_reason(const struct outcomes *o, uint32_t asset, uint64_t vuln)
{
    struct key key = {vuln, asset, 0};
    int64_t at = map_find(&o->known, &key);
    unsigned is = at < 0 ? 0 : o->answer[at];

    return (is & IS_STATED) != 0  ? OUTCOME_BY_STATEMENT
           : (is & IS_DOUBT) != 0 ? OUTCOME_BY_DOUBT
                                  : OUTCOME_BY_LISTS;
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
