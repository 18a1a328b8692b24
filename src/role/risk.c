#include "role/risk.h"

#include <stdlib.h>

#include "vulndb/history.h"

enum { KNOWN_MOST = 1 << 22, SEEN_MOST = 1 << 24 };

struct seen_key {
    int64_t asset;
    uint64_t vuln; /* 0: the asset itself, once it was asked for */
};

struct priority_weights
risk_weights(const struct conf *conf)
{
    struct priority_weights w = {.peer = conf->vulnerabilities.weights.peer,
                                 .unproved = conf->vulnerabilities.weights.unproved,
                                 .small = conf->vulnerabilities.weights.small,
                                 .controlled = conf->vulnerabilities.weights.controlled,
                                 .open = conf->vulnerabilities.weights.open,
                                 .kev = conf->vulnerabilities.weights.kev,
                                 .ransomware = conf->vulnerabilities.weights.ransomware,
                                 .hit = conf->vulnerabilities.weights.hit,
                                 .no_epss = conf->vulnerabilities.weights.no_epss,
                                 .no_severity = conf->vulnerabilities.weights.no_severity,
                                 .no_criticality = conf->vulnerabilities.weights.no_criticality,
                                 .seen_span = conf->vulnerabilities.weights.seen,
                                 .half_life = conf->vulnerabilities.weights.half_life};

    BUG_ON(priority_weights_check(&w, NULL) < 0); /* keys.def has the same bounds */
    return w;
}

int
risk_open(struct risk *r, struct vulndb *db, struct utime now)
{
    int code = 0;

    *r = (struct risk){.db = db, .now = now, .weights = priority_weights()};
    map_init(&r->known, sizeof(uint64_t), KNOWN_MOST, (uint64_t)now.us);
    map_init(&r->seen, sizeof(struct seen_key), SEEN_MOST, (uint64_t)now.us);
    for (unsigned k = 0; code == 0 && k < FEED_KINDS; k++)
        code = vulndb_kind_date(db, (enum feed_kind)k, &r->date[k]);
    return code;
}

void
risk_release(struct risk *r)
{
    map_release(&r->known);
    map_release(&r->seen);
    free(r->row);
    free(r->first);
    r->row = NULL;
    r->first = NULL;
}

/* A score of the CVE's own record and one of NVD: NVD's, which looks at all with the same eyes;
 * what only CISA says is in the record. */
static void
fill(const struct figures *f, struct risk_known *k)
{
    const struct facts *cvss = f->has_nvd && f->nvd.cvss_version != 0 ? &f->nvd : &f->cve5;

    *k = (struct risk_known){.in_kev = f->in_kev,
                             .ransomware = f->ransomware,
                             .has_epss = f->has_epss,
                             .rejected = (f->has_nvd && f->nvd.rejected) ||
                                         (f->has_cve5 && f->cve5.rejected),
                             .epss = f->epss,
                             .percentile = f->percentile,
                             .kev_added = f->added,
                             .kev_due = f->due,
                             .cvss_version = cvss->cvss_version,
                             .score = cvss->score,
                             .severity = cvss->severity,
                             .cvss_at = cvss->modified,
                             .published = f->has_nvd ? f->nvd.published : f->cve5.published,
                             .exploitation = f->cve5.exploitation,
                             .automatable = f->cve5.automatable,
                             .impact = f->cve5.impact,
                             .ssvc_at = f->cve5.ssvc_at};
}

static int
look_up(struct risk *r, uint64_t vuln, const struct risk_known **ret)
{
    int fresh = 0;
    int64_t at = map_put(&r->known, &vuln, &fresh);
    struct figures f;
    int code;

    if (at < 0)
        return ERR_NOMEM;
    if (fresh == 0) {
        *ret = &r->row[at];
        return 0;
    }
    if ((uint32_t)at >= r->room) {
        uint32_t room = r->room == 0 ? 1024 : 2 * r->room;
        struct risk_known *more = realloc(r->row, room * sizeof *more);

        if (more == NULL) {
            map_reset(&r->known);
            return ERR_NOMEM;
        }
        r->row = more;
        r->room = room;
    }
    code = vulndb_figures(r->db, vuln, &f);
    fill(&f, &r->row[at]);
    figures_release(&f);
    *ret = &r->row[at];
    return code == ERR_NOTFOUND ? 0 : code;
}

/* ---- since when ---------------------------------------------------------------------------
 */

struct seeing {
    struct risk *r;
    int64_t asset;
};

static int
put_first(void *arg, uint64_t vuln, struct utime first)
{
    const struct seeing *s = arg;
    struct risk *r = s->r;
    struct seen_key key = {s->asset, vuln};
    int fresh = 0;
    int64_t at = map_put(&r->seen, &key, &fresh);

    if (at < 0)
        return ERR_NOMEM;
    if ((uint32_t)at >= r->first_room) {
        uint32_t room = r->first_room == 0 ? 1024 : 2 * r->first_room;
        struct utime *more = realloc(r->first, room * sizeof *more);

        if (more == NULL) {
            map_reset(&r->seen);
            return ERR_NOMEM;
        }
        r->first = more;
        r->first_room = room;
    }
    r->first[at] = first;
    return 0;
}

/* All of an asset are read when the first is asked for. */
static int
first_seen(struct risk *r, int64_t asset, uint64_t vuln, struct utime *ret)
{
    struct seeing s = {r, asset};
    struct seen_key key = {asset, 0};
    int64_t at;

    *ret = (struct utime){0};
    if (map_find(&r->seen, &key) == MAP_NONE) {
        int code = put_first(&s, 0, (struct utime){0});

        if (code == 0)
            code = vulndb_first_seen(r->db, asset, put_first, &s);
        if (code < 0)
            return code;
    }
    key.vuln = vuln;
    at = map_find(&r->seen, &key);
    if (at >= 0)
        *ret = r->first[at];
    return 0;
}

/* Until when, as a decision has it that began then. */
static struct utime
day_of(const struct priority_decision *d, struct utime from)
{
    return d->deadline.days == 0
               ? (struct utime){0}
               : (struct utime){from.us + (int64_t)d->deadline.days * 86400 * TIME_US_PER_S};
}

/* An attack that is seen makes no day later than it was without. */
static struct utime
due_of(const struct risk_result *x, struct utime first, struct utime now)
{
    const struct risk_known *k = x->known;
    struct priority_input unseen = x->input;
    struct utime from = first.us > 0 ? first : k->published.us > 0 ? k->published : now;
    struct priority_decision plain;
    struct utime seen;
    struct utime due;

    if (k->in_kev && k->kev_added.us > 0)
        return day_of(&x->decision, k->kev_added);
    if (x->input.seen_here.us == 0)
        return day_of(&x->decision, from);
    seen = day_of(&x->decision, x->input.seen_here);
    unseen.seen_here = unseen.seen_peer = unseen.hit = (struct utime){0};
    plain = priority_decide(&unseen);
    due = day_of(&plain, from);
    return due.us == 0 || (seen.us != 0 && seen.us < due.us) ? seen : due;
}

/* ---- a finding ----------------------------------------------------------------------------
 */

static enum priority_level
level_of(unsigned criticality)
{
    return criticality == 0    ? PRIORITY_LEVEL_UNKNOWN
           : criticality >= 90 ? PRIORITY_VERY_HIGH
           : criticality >= 75 ? PRIORITY_HIGH
           : criticality >= 60 ? PRIORITY_MEDIUM
                               : PRIORITY_LOW;
}

int
risk_of(struct risk *r, uint64_t vuln, const struct asset *asset, struct risk_result *ret)
{
    const struct risk_known *k = NULL;
    struct priority_input *in = &ret->input;
    int code = look_up(r, vuln, &k);

    if (code < 0)
        return code;
    ret->known = k;
    *in =
        (struct priority_input){.now = r->now,
                                .in_kev = k->in_kev                   ? PRIORITY_YES
                                          : r->date[FEED_KEV].us != 0 ? PRIORITY_NO
                                                                      : PRIORITY_ANSWER_UNKNOWN,
                                .kev_added = k->kev_added,
                                .ransomware = k->ransomware,
                                .vulnrichment = (enum priority_exploitation)k->exploitation,
                                .automatable = (enum priority_answer)k->automatable,
                                .technical_impact = (enum priority_impact)k->impact,
                                .ssvc_at = k->ssvc_at,
                                .has_epss = k->has_epss,
                                .epss = k->epss,
                                .epss_at = r->date[FEED_EPSS],
                                .has_cvss = k->cvss_version != 0,
                                .cvss = k->score,
                                .severity = (enum priority_severity)k->severity,
                                .cvss_at = k->cvss_at,
                                .exposure = (enum priority_exposure)asset->exposure,
                                .human_impact = level_of(asset->criticality),
                                .mission = level_of(asset->criticality) == PRIORITY_VERY_HIGH
                                               ? PRIORITY_HIGH
                                               : level_of(asset->criticality),
                                .has_criticality = asset->criticality != 0,
                                .criticality = asset->criticality * (PRIORITY_ONE / 100)};
    if (r->sight != NULL) {
        struct risk_sight s = r->sight(r->arg, vuln);

        in->seen_here = s.here;
        in->seen_peer = s.peer;
        in->peer_proved = s.peer_proved;
    }
    if (r->hit != NULL)
        in->hit = r->hit(r->arg, asset->id, vuln);
    ret->decision = priority_decide(in);
    ret->risk = priority_weigh(in, &r->weights);
    ret->due = (struct utime){0};
    if (ret->decision.deadline.days > 0) {
        struct utime first;

        code = first_seen(r, asset->id, vuln, &first);
        if (code < 0)
            return code;
        ret->due = due_of(ret, first, r->now);
    }
    return 0;
}
