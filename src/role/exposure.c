#include "role/exposure.h"

#include <stdlib.h>

#include "role/exposure_priv.h"

enum { AHEAD_S = 3600 /* of a sensor's clock */ };

/* ---- alerts --------------------------------------------------------------------------------
 */

void
exposure_init(struct exposure *e, const char *dir, const struct conf *conf, struct store *s,
              struct reader *r, const struct dict *d)
{
    *e = (struct exposure){.dir = dir,
                           .conf = conf,
                           .store = s,
                           .reader = r,
                           .dict = d,
                           .json = {.max = EXPOSURE_JSON}};
    exploited_init(&e->seen);
}

static void
close_db(struct exposure *e)
{
    e->outcomes = outcomes_close(e->outcomes);
    e->vexes = vexes_close(e->vexes);
    e->rules = rule_cves_close(e->rules);
    e->peers = sightings_close(e->peers);
    if (e->risky)
        risk_release(&e->risk);
    e->risky = false;
}

void
exposure_release(struct exposure *e)
{
    close_db(e);
    e->db = vulndb_close(e->db);
    exploited_release(&e->seen);
    buf_release(&e->json);
}

static void
count(struct exposure *e, const struct event *ev)
{
    const struct dict_rule *rule = dict_rule(e->dict, ev->rule);
    struct cve_set room;

    if (exploited_add(
            &e->seen, ev,
            rule_cves_with(e->rules, rule->rule.gid, rule->rule.sid, rule->cves, &room),
            e->outcomes) < 0)
        e->seen.missed += ev->count;
}

void
exposure_add(struct exposure *e, uint64_t block, const struct event *ev)
{
    if (e->begun && block >= e->end)
        count(e, ev);
}

/* The next one down, as the week counts (role/week.h). */
static void
count_block(struct exposure *e, int64_t since)
{
    struct store_block row;
    struct evidence ev;

    if (store_get_block(e->store, e->block--, &row) < 0)
        return;
    if (row.seen.us < since - AHEAD_S * TIME_US_PER_S)
        e->block = 0;
    if (row.last.us < since || reader_block(e->reader, &row, false, &ev) < 0)
        return;
    for (uint32_t i = 0; i < ev.count; i++)
        count(e, &ev.event[i]);
}

int
exposure_step(struct exposure *e, const struct env *env, int64_t stop)
{
    int64_t now = env->now_wall(env->self).us;
    int64_t since = now - EXPLOITED_DAYS * INT64_C(86400) * TIME_US_PER_S;

    if (!e->begun || e->block == 0)
        return 0;
    do
        count_block(e, since);
    while (e->block > 0 && env->now_mono(env->self) < stop);
    return e->block > 0;
}

/* ---- feeds and inventories -----------------------------------------------------------------
 */

static struct risk_sight
sight(const void *arg, uint64_t vuln)
{
    const struct exposure *e = arg;

    return (struct risk_sight){.here = exploited_last(&e->seen, vuln),
                               .peer = sightings_last(e->peers, vuln)};
}

static struct utime
hit(const void *arg, int64_t asset, uint64_t vuln)
{
    const struct exposure *e = arg;

    return exploited_hit(&e->seen, asset, vuln);
}

/* What is there now: opened when it was made, scanned again when it changed. */
int
exposure_look(struct exposure *e, struct utime now)
{
    struct errinfo ei = {0};
    uint64_t version = 0;
    int r = 0;

    if (!e->begun) {
        r = store_next_block(e->store, &e->end);
        e->block = r == 0 && e->end > 0 ? e->end - 1 : 0;
        e->begun = r == 0;
    }
    if (r == 0 && e->db == NULL) {
        r = vulndb_open(e->dir, false, &e->db, &ei);
        if (r < 0)
            return r == ERR_NOTFOUND ? 0 : r;
    }
    if (r == 0)
        r = vulndb_version(e->db, &version);
    if (r < 0 || (e->outcomes != NULL && version == e->version &&
                  now.us <= outcomes_end(e->outcomes).us)) {
        e->risk.now = now;
        return r;
    }
    close_db(e);
    r = outcomes_open(e->db, now, &e->outcomes);
    if (r == 0)
        r = vexes_open(e->db, &e->vexes);
    if (r == 0)
        r = rule_cves_open(e->db, &e->rules);
    if (r == 0)
        r = sightings_open(e->db, (struct utime){now.us - INT64_C(86400) * TIME_US_PER_S},
                           &e->peers);
    if (r == 0)
        r = risk_open(&e->risk, e->db, now);
    e->risky = r == 0;
    if (r < 0) {
        close_db(e);
        return r;
    }
    if (e->conf != NULL)
        e->risk.weights = risk_weights(e->conf);
    e->risk.sight = sight;
    e->risk.hit = hit;
    e->risk.arg = e;
    e->version = version;
    e->made = (struct utime){0};
    return r;
}

/* ---- machines and vulnerabilities ----------------------------------------------------------
 */

static int
by_vuln(const void *a, const void *b)
{
    const struct exposed *x = a;
    const struct exposed *y = b;
    int c = (x->vuln > y->vuln) - (x->vuln < y->vuln);

    if (c == 0)
        c = (x->asset > y->asset) - (x->asset < y->asset);
    return c != 0 ? c : (x->finding > y->finding) - (x->finding < y->finding);
}

/* What nobody can tell, and what by a statement or an exception does not count, is left out. */
static int
keep_counting(const struct exposure *e, const struct scan *s, struct exposed *to, uint32_t *ret)
{
    int r = 0;

    *ret = 0;
    for (uint32_t i = 0; r == 0 && i < s->findings; i++) {
        const struct scan_finding *f = &s->finding[i];
        enum finding_state is = FINDING_AMBIGUOUS;

        r = vexes_state(e->vexes, s, f, e->risk.now, &is);
        if (is != FINDING_AMBIGUOUS && !finding_is_left_out(is))
            to[(*ret)++] = (struct exposed){
                .vuln = f->vuln, .asset = s->item[f->item].asset, .finding = i};
    }
    return r;
}

/* Of each machine and vulnerability one, by vulnerability: packages of one source are one. */
int
exposure_pairs(const struct exposure *e, struct exposed **ret, uint32_t *ret_count)
{
    const struct scan *s = e->outcomes == NULL ? NULL : outcomes_scan(e->outcomes);
    uint32_t n = 0;
    struct exposed *all;
    int r;

    *ret = NULL;
    *ret_count = 0;
    if (s == NULL || e->vexes == NULL || s->findings == 0)
        return 0;
    all = malloc(s->findings * sizeof *all);
    if (all == NULL)
        return ERR_NOMEM;
    r = keep_counting(e, s, all, &n);
    if (r < 0) {
        free(all);
        return r;
    }
    if (n > 0)
        qsort(all, n, sizeof *all, by_vuln);
    for (uint32_t i = 0; i < n; i++) {
        if (*ret_count == 0 || all[i].vuln != all[*ret_count - 1].vuln ||
            all[i].asset != all[*ret_count - 1].asset)
            all[(*ret_count)++] = all[i];
    }
    *ret = all;
    return 0;
}

static unsigned
row_of(const struct risk_result *r, bool over)
{
    return over                              ? 0
           : r->decision.deadline.days == 3  ? 1
           : r->decision.deadline.days == 14 ? 2
           : r->decision.deadline.days == 60 ? 3
                                             : 4;
}

/* Columns: open, controlled, small, unknown. */
static unsigned
column_of(const struct asset *a)
{
    return a->exposure == PRIORITY_OPEN         ? 0
           : a->exposure == PRIORITY_CONTROLLED ? 1
           : a->exposure == PRIORITY_SMALL      ? 2
                                                : 3;
}

static int
judge_pair(struct exposure *e, const struct exposed *p, struct utime now,
           struct exposure_sums *sums, struct exposed_vuln *v)
{
    const struct asset *asset = outcomes_asset_at(e->outcomes, p->asset);
    struct risk_result r;
    bool over;
    int code = risk_of(&e->risk, p->vuln, asset, &r);

    if (code < 0)
        return code;
    if (r.known->rejected)
        return 0;
    over = r.due.us != 0 && r.due.us < now.us;
    v->ours++;
    sums->findings++;
    sums->cell[row_of(&r, over)][column_of(asset)]++;
    sums->state[p->asset] |= over ? MACHINE_OVER : 0;
    sums->state[p->asset] |=
        !over && r.due.us != 0 && r.due.us < now.us + 2 * INT64_C(86400) * TIME_US_PER_S
            ? MACHINE_SOON
            : 0;
    if (v->ours == 1 || over > v->over ||
        (over == v->over && (r.due.us != 0 && (v->due.us == 0 || r.due.us < v->due.us)))) {
        v->over = over;
        v->due = r.due;
        v->deadline = r.decision.deadline;
    }
    v->risk = r.risk.risk > v->risk ? r.risk.risk : v->risk;
    v->exploited = v->exploited || r.decision.exploitation == PRIORITY_ACTIVE;
    v->finding = v->ours == 1 ? p->finding : v->finding;
    return 0;
}

/* What is exploited, past its date, seen now; then by risk and day.  What nobody here has is
 * behind, by alerts. */
static int
by_urgency(const void *a, const void *b)
{
    const struct exposed_vuln *x = a;
    const struct exposed_vuln *y = b;
    int64_t p = x->due.us == 0 ? INT64_MAX : x->due.us;
    int64_t q = y->due.us == 0 ? INT64_MAX : y->due.us;

    if ((x->ours > 0) != (y->ours > 0))
        return x->ours > 0 ? -1 : 1;
    if (x->exploited != y->exploited)
        return x->exploited ? -1 : 1;
    if (x->over != y->over)
        return x->over ? -1 : 1;
    if ((x->seen != NULL) != (y->seen != NULL))
        return x->seen != NULL ? -1 : 1;
    if (x->risk != y->risk)
        return x->risk < y->risk ? 1 : -1;
    if (x->ours > 0 && p != q)
        return p < q ? -1 : 1;
    p = x->seen == NULL ? 0 : (int64_t)x->seen->alerts;
    q = y->seen == NULL ? 0 : (int64_t)y->seen->alerts;
    return p != q ? (p < q ? 1 : -1) : (x->vuln > y->vuln) - (x->vuln < y->vuln);
}

static const struct exploited_vuln *
find_seen(const struct exploited_list *l, uint64_t vuln)
{
    for (uint32_t i = 0; i < l->count; i++) {
        if (l->row[i].vuln == vuln)
            return &l->row[i];
    }
    return NULL;
}

/* All that are found here or seen, in the order in which to act. */
int
exposure_judge(struct exposure *e, const struct exploited_list *seen, struct utime now,
               struct exposure_sums *sums, struct exposed_vuln **ret, uint32_t *ret_count)
{
    struct exposed *pair = NULL;
    uint32_t pairs = 0;
    uint32_t n = 0;
    int r = exposure_pairs(e, &pair, &pairs);
    struct exposed_vuln *v = r < 0 ? NULL : calloc((size_t)pairs + seen->count + 1, sizeof *v);

    *ret = v;
    *ret_count = 0;
    if (r == 0 && v == NULL)
        r = ERR_NOMEM;
    for (uint32_t i = 0; r == 0 && i < pairs; i++) {
        if (n == 0 || v[n - 1].vuln != pair[i].vuln)
            v[n++] = (struct exposed_vuln){.vuln = pair[i].vuln,
                                           .seen = find_seen(seen, pair[i].vuln)};
        r = judge_pair(e, &pair[i], now, sums, &v[n - 1]);
        if (i + 1 < pairs && pair[i + 1].vuln == pair[i].vuln)
            continue;
        if (v[n - 1].ours == 0) /* it was rejected */
            n--;
    }
    for (uint32_t i = 0, found = n; r == 0 && i < seen->count; i++) {
        bool there = false;

        for (uint32_t k = 0; k < found && !there; k++)
            there = v[k].vuln == seen->row[i].vuln;
        if (!there)
            v[n++] = (struct exposed_vuln){.vuln = seen->row[i].vuln, .seen = &seen->row[i]};
    }
    free(pair);
    if (r == 0 && n > 0)
        qsort(v, n, sizeof *v, by_urgency);
    *ret_count = n;
    return r;
}
