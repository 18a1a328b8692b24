/* The view of vulnerabilities as JSON. */
#include <stdlib.h>
#include <string.h>

#include "role/exposure_priv.h"
#include "role/feed_bundle.h"
#include "vuln/cpe.h"

enum { HOURS = 24, FRESH_S = 10 };

static void
put_day(struct buf *to, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(to, "\"%s\":", name);
    buf_printf(to, t.us == 0 ? "null" : "\"%.10s\"", text);
}

static void
put_time(struct buf *to, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(to, "\"%s\":", name);
    buf_printf(to, t.us == 0 ? "null" : "\"%.27s\"", text);
}

static const char *
severity_name(unsigned s)
{
    static const char *const name[] = {"", "none", "low", "medium", "high", "critical"};

    return s < sizeof name / sizeof name[0] ? name[s] : "";
}

/* Vendor and product in KEV's words, else the package that it was found in. */
static void
put_name(const struct exposure *e, const struct figures *f, const struct exposed_vuln *v,
         struct buf *to)
{
    AUTO_BUF(name, 2 * VULNDB_TEXT + 2);

    if (f->in_kev) {
        if (!slice_eq(slice_sub(f->product, 0, f->vendor.len), f->vendor)) {
            buf_slice(&name, f->vendor);
            buf_char(&name, ' ');
        }
        buf_slice(&name, f->product);
    } else if (v->ours > 0) {
        const struct scan *s = outcomes_scan(e->outcomes);
        const struct scan_item *i = &s->item[s->finding[v->finding].item];
        struct cpe cpe;

        if (!slice_is(slice_sub(i->name, 0, 4), "cpe:") || cpe_parse(i->name, &cpe, NULL) < 0) {
            buf_slice(&name, i->name);
        } else {
            buf_slice(&name, cpe_get(&cpe, CPE_VENDOR).text);
            buf_char(&name, ' ');
            buf_slice(&name, cpe_get(&cpe, CPE_PRODUCT).text);
        }
    }
    buf_text(to, "\"name\":");
    buf_json(to, buf_get(&name));
}

/* What feeds say of it, in numbers. */
static void
put_figures(const struct figures *f, struct buf *to)
{
    const struct facts *cvss = f->has_nvd && f->nvd.cvss_version != 0 ? &f->nvd : &f->cve5;

    buf_printf(to, ",\"severity\":\"%s\",\"cvss\":", severity_name(cvss->severity));
    buf_printf(to, cvss->cvss_version == 0 ? "null" : "%u", cvss->score);
    buf_text(to, ",\"kev\":");
    if (f->in_kev) {
        buf_char(to, '{');
        put_day(to, "added", f->added);
        buf_char(to, ',');
        put_day(to, "due", f->due);
        buf_printf(to, ",\"ransomware\":%s}", f->ransomware ? "true" : "false");
    } else {
        buf_text(to, "null");
    }
    buf_text(to, ",\"epss\":");
    buf_printf(to, f->has_epss ? "%u" : "null", f->epss);
}

static void
put_seen(const struct exposure *e, const struct attrib *a, const struct exploited_vuln *v,
         uint64_t vuln, struct utime now, struct buf *to)
{
    uint64_t series[HOURS] = {0};
    uint64_t last;

    if (v != NULL)
        exploited_hours(&e->seen, vuln, now, HOURS, series);
    last = exploited_last_hour(series[HOURS - 2], series[HOURS - 1]);
    buf_printf(to, ",\"confidence\":\"%s\",\"alerts\":%llu,\"last_hour\":%llu,\"series\":[",
               v == NULL ? "" : cve_confidence(v->sources),
               v == NULL ? 0ULL : (unsigned long long)v->alerts, (unsigned long long)last);
    for (unsigned i = 0; v != NULL && i < HOURS; i++)
        buf_printf(to, "%s%llu", i > 0 ? "," : "", (unsigned long long)series[i]);
    buf_printf(to, "],\"networks\":%u,\"origins\":[", v == NULL ? 0 : v->networks);
    for (unsigned i = 0; v != NULL && i < v->origins; i++) {
        char country[3];

        country_format(v->origin[i].country, country);
        buf_printf(to, "%s{\"asn\":%u,\"name\":", i > 0 ? "," : "", v->origin[i].asn);
        buf_json(to, a == NULL ? SLICE("") : attrib_name(a, v->origin[i].asn));
        buf_printf(to, ",\"country\":\"%s\",\"alerts\":%llu}", country,
                   (unsigned long long)v->origin[i].alerts);
    }
    buf_char(to, ']');
}

static void
put_peers(const struct exposure *e, uint64_t vuln, struct buf *to)
{
    const struct sighting *at;
    unsigned n = sightings_of(e->peers, vuln, &at);

    buf_text(to, ",\"peers\":[");
    for (unsigned i = 0; i < n && i < SIGHTING_PARTIES; i++) {
        buf_text(to, i > 0 ? ",{\"party\":" : "{\"party\":");
        buf_json(to, slice_of(at[i].party));
        buf_char(to, ',');
        put_time(to, "seen", at[i].last);
        /* Its signed note says so; no proof of its log stands behind a total. */
        buf_printf(to, ",\"proved\":false,\"alerts\":%llu}", (unsigned long long)at[i].alerts);
    }
    buf_char(to, ']');
}

static void
put_outcomes(const struct exploited_vuln *v, uint32_t ours, struct buf *to)
{
    static const uint64_t none[OUTCOMES];
    const uint64_t *o = v == NULL ? none : v->outcome;

    buf_printf(
        to,
        ",\"ours\":%u,\"hit\":%u,\"outcomes\":{\"vulnerable\":%llu,\"patched\":%llu,"
        "\"not_installed\":%llu,\"unknown\":%llu,\"own\":%llu}",
        ours, v == NULL ? 0 : v->hit, (unsigned long long)o[OUTCOME_VULNERABLE],
        (unsigned long long)o[OUTCOME_PATCHED], (unsigned long long)o[OUTCOME_NOT_INSTALLED],
        (unsigned long long)o[OUTCOME_UNKNOWN], (unsigned long long)o[OUTCOME_OWN_SOURCE]);
}

static void
put_deadline(struct priority_deadline d, struct utime due, bool over, struct buf *to)
{
    buf_printf(to, "{\"days\":%u,", d.days);
    put_day(to, "due", due);
    buf_printf(to, ",\"over\":%s,\"forensic\":%s}", over ? "true" : "false",
               d.forensic ? "true" : "false");
}

/* ERR_NOTFOUND is fine: an alert may name what no feed here knows. */
static int
figures_of(struct exposure *e, uint64_t vuln, struct figures *ret)
{
    int r = 0;

    *ret = (struct figures){.in_kev = false};
    if (e->db != NULL)
        r = vulndb_figures(e->db, vuln, ret);
    return r == ERR_NOTFOUND ? 0 : r;
}

static int
put_id(struct exposure *e, uint64_t vuln, struct buf *to)
{
    AUTO_BUF(id, VULNDB_TEXT + 1);
    char cve[CVE_TEXT];
    int r = 0;

    if (vuln >> 32 != 0)
        buf_add(&id, cve, cve_format(vuln, cve));
    else
        r = vulndb_id_text(e->db, vuln, &id);
    buf_text(to, "\"cve\":");
    buf_json(to, buf_get(&id));
    return r;
}

static int
put_row(struct exposure *e, const struct attrib *a, const struct exposed_vuln *v,
        struct utime now, struct buf *to)
{
    struct figures f;
    int r = figures_of(e, v->vuln, &f);

    buf_char(to, '{');
    if (r == 0)
        r = put_id(e, v->vuln, to);
    buf_char(to, ',');
    put_name(e, &f, v, to);
    put_figures(&f, to);
    put_seen(e, a, v->seen, v->vuln, now, to);
    put_outcomes(v->seen, v->ours, to);
    put_peers(e, v->vuln, to);
    buf_text(to, ",\"deadline\":");
    if (v->ours > 0) {
        put_deadline(v->deadline, v->due, v->over, to);
        buf_printf(to, ",\"risk\":%u}", v->risk);
    } else {
        buf_text(to, "null,\"risk\":null}");
    }
    figures_release(&f);
    return r;
}

/* ---- feeds and machines --------------------------------------------------------------------
 */

struct feeds {
    struct vulndb *db;
    struct buf *to;
    struct utime now;
    const struct feed *of;
    bool more;
    bool more_peers;
};

/* Their copy against ours: what was found when it came holds while ours is the same. */
static int
put_peer(void *arg, const struct vulndb_peer_feed *p)
{
    struct feeds *x = arg;
    bool same =
        strcmp(p->feed.version, x->of->version) == 0 && p->feed.date.us == x->of->date.us;

    buf_text(x->to, x->more_peers ? ",{\"party\":" : "{\"party\":");
    x->more_peers = true;
    buf_json(x->to, slice_of(p->party));
    buf_printf(x->to, ",\"state\":\"%s\",\"records\":%llu}",
               !same                      ? "other"
               : p->state == FEED_DIFFERS ? "differs"
                                          : "equal",
               (unsigned long long)(same ? p->differs : 0));
    return 0;
}

static int
put_feed(void *arg, const struct feed *f)
{
    struct feeds *x = arg;
    struct utime since = feed_since(f);
    int64_t age = x->now.us > since.us ? (x->now.us - since.us) / TIME_US_PER_S : 0;
    int r;

    buf_text(x->to, x->more ? ",{\"feed\":" : "{\"feed\":");
    x->more = true;
    buf_json(x->to, slice_of(f->name));
    buf_printf(x->to, ",\"kind\":\"%s\",\"version\":", feed_kind_name(f->kind));
    buf_json(x->to, slice_of(f->version));
    buf_char(x->to, ',');
    put_time(x->to, "date", f->date);
    buf_char(x->to, ',');
    put_time(x->to, "taken", f->taken);
    buf_printf(x->to, ",\"age_s\":%lld,\"stale\":%s,\"records\":%llu,\"from\":", (long long)age,
               age > (int64_t)feed_kind_days(f->kind) * 86400 ? "true" : "false",
               (unsigned long long)f->records);
    buf_json(x->to, slice_of(f->signer));
    buf_text(x->to, ",\"peers\":[");
    x->of = f;
    x->more_peers = false;
    r = vulndb_peer_feeds(x->db, f->name, put_peer, x);
    buf_text(x->to, "]}");
    return r;
}

static void
put_exposure(const struct exposure_sums *s, struct buf *to)
{
    static const int days[EXPOSURE_ROWS] = {-1, 3, 14, 60, 0};

    buf_text(to, ",\"exposure\":{\"columns\":[\"open\",\"controlled\",\"small\",\"unknown\"],"
                 "\"rows\":[");
    for (unsigned i = 0; i < EXPOSURE_ROWS; i++) {
        buf_printf(to, "%s{\"days\":%d,\"cells\":[", i > 0 ? "," : "", days[i]);
        for (unsigned k = 0; k < EXPOSURE_COLUMNS; k++)
            buf_printf(to, "%s%llu", k > 0 ? "," : "", (unsigned long long)s->cell[i][k]);
        buf_text(to, "]}");
    }
    buf_text(to, "]}");
}

struct newest {
    struct utime at;
    unsigned listed;
};

static int
take_listing(void *arg, const struct listing *l)
{
    struct newest *n = arg;

    if (l->current && l->taken.us > n->at.us)
        n->at = l->taken;
    return l->current;
}

static int
put_machines(struct exposure *e, const struct exposure_sums *s, struct buf *to)
{
    uint32_t known = e->outcomes == NULL ? 0 : outcomes_assets(e->outcomes);
    struct newest n = {.listed = 0};
    unsigned over = 0;
    unsigned soon = 0;
    int r = 0;

    for (uint32_t i = 0; r >= 0 && i < known; i++) {
        r = vulndb_listings(e->db, outcomes_asset_at(e->outcomes, i)->id, take_listing, &n);
        n.listed += r > 0;
        over += (s->state[i] & MACHINE_OVER) != 0;
        soon += (s->state[i] & MACHINE_SOON) != 0;
    }
    buf_printf(to, "\"machines\":{\"known\":%u,\"listed\":%u,", known, n.listed);
    put_time(to, "newest", n.at);
    buf_printf(to, "},\"findings\":%llu,\"over\":%u,\"soon\":%u",
               (unsigned long long)s->findings, over, soon);
    return r < 0 ? r : 0;
}

/* ---- the whole -----------------------------------------------------------------------------
 */

static int
put_all(struct exposure *e, const struct attrib *a, struct utime now, struct buf *to)
{
    struct utime since = {now.us - INT64_C(86400) * TIME_US_PER_S};
    struct exposure_sums sums = {.findings = 0};
    struct exploited_list seen = {.count = 0};
    struct exposed_vuln *v = NULL;
    struct feeds feeds = {.db = e->db, .to = to, .now = now};
    uint32_t n = 0;
    int r = exploited_index(&e->seen, e->outcomes);

    sums.state = calloc(e->outcomes == NULL ? 1 : outcomes_assets(e->outcomes) + (size_t)1, 1);
    if (r == 0 && sums.state == NULL)
        r = ERR_NOMEM;
    if (r == 0)
        r = exploited_ask(&e->seen, e->outcomes, since, now, &seen);
    if (r == 0)
        r = exposure_judge(e, &seen, now, &sums, &v, &n);
    buf_char(to, '{');
    put_time(to, "now", now);
    buf_printf(to, ",\"hours\":%d,", HOURS);
    if (r == 0)
        r = put_machines(e, &sums, to);
    buf_text(to, ",\"list\":[");
    for (uint32_t i = 0; r == 0 && i < n && i < EXPOSURE_LIST; i++) {
        buf_text(to, i > 0 ? "," : "");
        r = put_row(e, a, &v[i], now, to);
    }
    buf_printf(to, "],\"total\":%u", n);
    put_exposure(&sums, to);
    buf_text(to, ",\"feeds\":[");
    if (r == 0 && e->db != NULL)
        r = vulndb_feeds(e->db, put_feed, &feeds);
    buf_text(to, "]}");
    free(v);
    free(sums.state);
    exploited_list_release(&seen);
    return r < 0 ? r : buf_error(to);
}

int
exposure_json(struct exposure *e, const struct attrib *a, struct utime now, struct buf *to)
{
    int r = exposure_look(e, now);

    if (r == 0 && (e->made.us == 0 || now.us - e->made.us > FRESH_S * TIME_US_PER_S)) {
        buf_reset(&e->json);
        r = put_all(e, a, now, &e->json);
        e->made = r == 0 ? now : (struct utime){0};
    }
    if (r < 0)
        return r;
    buf_slice(to, buf_get(&e->json));
    return buf_error(to);
}

/* ---- one -----------------------------------------------------------------------------------
 */

static const char *
answer_name(enum priority_answer a)
{
    return a == PRIORITY_YES ? "yes" : a == PRIORITY_NO ? "no" : "unknown";
}

static void
put_decision(const struct risk_result *r, struct buf *to)
{
    static const char *const exploitation[] = {"unknown", "none", "poc", "active"};
    static const char *const impact[] = {"unknown", "partial", "total"};
    const struct priority_decision *d = &r->decision;
    bool first = true;

    buf_printf(to, ",\"decision\":{\"exploitation\":\"%s\",\"source\":\"%s\",",
               exploitation[d->exploitation], priority_source_name(d->source));
    put_time(to, "at", d->at);
    buf_printf(to,
               ",\"deployer\":\"%s\",\"row\":%u,\"kev\":\"%s\",\"exposed\":\"%s\","
               "\"automatable\":\"%s\",\"impact\":\"%s\",\"unknown\":[",
               priority_deployer_name(d->deployer), d->deadline.row,
               answer_name(r->input.in_kev),
               r->input.exposure == PRIORITY_EXPOSURE_UNKNOWN ? "unknown"
               : r->input.exposure == PRIORITY_OPEN           ? "yes"
                                                              : "no",
               answer_name(r->input.automatable), impact[r->input.technical_impact]);
    for (unsigned i = 0; i < PRIORITY_UNKNOWNS; i++) {
        if ((d->unknown >> i & 1) == 0)
            continue;
        buf_printf(to, "%s\"%s\"", first ? "" : ",", priority_unknown_name(i));
        first = false;
    }
    buf_text(to, "]}");
}

static void
put_factors(const struct risk_result *r, struct buf *to)
{
    buf_text(to, ",\"factors\":[");
    for (unsigned i = 0; i < PRIORITY_FACTORS; i++) {
        const struct priority_factor *f = &r->risk.factor[i];

        buf_printf(to, "%s{\"factor\":\"%s\",\"value\":%u,\"source\":\"%s\",", i > 0 ? "," : "",
                   priority_factor_name((enum priority_factor_id)i), f->value,
                   priority_source_name(f->source));
        put_time(to, "at", f->at);
        buf_printf(to, ",\"unknown\":%s}", f->unknown ? "true" : "false");
    }
    buf_char(to, ']');
}

static int
put_machine(struct exposure *e, const struct exposed *p, struct utime now, struct buf *to)
{
    static const char *const exposures[] = {"unknown", "small", "controlled", "open"};
    const struct scan *s = outcomes_scan(e->outcomes);
    const struct scan_finding *f = &s->finding[p->finding];
    const struct scan_item *i = &s->item[f->item];
    const struct asset *a = &s->asset[p->asset];
    struct utime last = exploited_hit(&e->seen, a->id, p->vuln);
    struct risk_result r;
    int code = risk_of(&e->risk, p->vuln, a, &r);

    if (code < 0)
        return code;
    buf_text(to, "{\"asset\":");
    buf_json(to, slice_of(a->name));
    buf_text(to, ",\"owner\":");
    buf_json(to, slice_of(a->owner));
    buf_printf(to, ",\"exposure\":\"%s\",\"criticality\":",
               exposures[a->exposure < 4 ? a->exposure : 0]);
    buf_printf(to, a->criticality == 0 ? "null" : "%u", a->criticality);
    buf_text(to, ",\"package\":");
    buf_json(to, i->name);
    buf_text(to, ",\"installed\":");
    buf_json(to, i->version);
    buf_text(to, ",\"fixed\":");
    buf_json(to, f->fixed);
    buf_printf(to, ",\"state\":\"affected\",\"outcome\":\"%s\",",
               last.us == 0 ? "" : outcome_name(OUTCOME_VULNERABLE));
    put_time(to, "last_hit", last);
    buf_text(to, ",\"deadline\":");
    put_deadline(r.decision.deadline, r.due, r.due.us != 0 && r.due.us < now.us, to);
    buf_printf(to, ",\"risk\":%u", r.risk.risk);
    put_decision(&r, to);
    put_factors(&r, to);
    buf_char(to, '}');
    return buf_error(to);
}

static void
put_text_of(const struct exposure *e, const struct figures *f, struct buf *to)
{
    const struct facts *text = f->has_cve5 && f->cve5.text.len > 0 ? &f->cve5 : &f->nvd;
    const struct facts *cvss = f->has_nvd && f->nvd.cvss_version != 0 ? &f->nvd : &f->cve5;
    const struct facts *dates = f->has_nvd ? &f->nvd : &f->cve5;

    buf_text(to, ",\"text\":");
    buf_json(to, text->text);
    buf_text(to, ",\"cwes\":");
    buf_json(to, f->has_nvd && f->nvd.cwes.len > 0 ? f->nvd.cwes : f->cve5.cwes);
    buf_text(to, ",\"vector\":");
    buf_json(to, cvss->vector);
    buf_printf(to, ",\"cvss_version\":%u,", cvss->cvss_version);
    put_time(to, "published", dates->published);
    buf_char(to, ',');
    put_time(to, "modified", dates->modified);
    buf_char(to, ',');
    put_time(to, "epss_at", f->has_epss ? e->risk.date[FEED_EPSS] : (struct utime){0});
    buf_printf(to, ",\"rejected\":%s",
               (f->has_nvd && f->nvd.rejected) || (f->has_cve5 && f->cve5.rejected) ? "true"
                                                                                    : "false");
}

static void
put_sources(const struct exposure *e, const struct figures *f, struct buf *to)
{
    const struct {
        bool there;
        const char *name;
        struct utime at;
    } all[] = {{f->in_kev, "kev", e->risk.date[FEED_KEV]},
               {f->has_epss, "epss", e->risk.date[FEED_EPSS]},
               {f->has_nvd, "nvd", f->nvd.modified},
               {f->has_cve5, "cve5", f->cve5.modified}};
    bool more = false;

    buf_text(to, ",\"feeds\":[");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (!all[i].there)
            continue;
        buf_printf(to, "%s{\"feed\":\"%s\",", more ? "," : "", all[i].name);
        put_time(to, "at", all[i].at);
        buf_char(to, '}');
        more = true;
    }
    buf_char(to, ']');
}

/* The machines that have it, the highest risk first. */
static int
put_machine_list(struct exposure *e, uint64_t vuln, struct utime now, struct buf *to,
                 uint32_t *ret_ours)
{
    struct exposed *pair = NULL;
    uint32_t pairs = 0;
    uint32_t shown = 0;
    int r = exposure_pairs(e, &pair, &pairs);

    *ret_ours = 0;
    buf_text(to, ",\"machines\":[");
    for (uint32_t i = 0; r == 0 && i < pairs; i++) {
        if (pair[i].vuln != vuln)
            continue;
        ++*ret_ours;
        if (shown++ >= EXPOSURE_MACHINES)
            continue;
        buf_text(to, shown > 1 ? "," : "");
        r = put_machine(e, &pair[i], now, to);
    }
    buf_printf(to, "],\"machines_total\":%u", *ret_ours);
    free(pair);
    return r;
}

static int
put_one(struct exposure *e, const struct attrib *a, uint64_t vuln, struct utime now,
        struct buf *to)
{
    struct utime since = {now.us - INT64_C(86400) * TIME_US_PER_S};
    struct exploited_list list = {.count = 0};
    const struct exploited_vuln *seen = NULL;
    struct exposed_vuln v = {.vuln = vuln};
    struct figures f;
    uint32_t ours = 0;
    int r = figures_of(e, vuln, &f);

    if (r == 0)
        r = exploited_index(&e->seen, e->outcomes);
    if (r == 0)
        r = exploited_ask(&e->seen, e->outcomes, since, now, &list);
    for (uint32_t i = 0; i < list.count; i++)
        seen = list.row[i].vuln == vuln ? &list.row[i] : seen;
    buf_char(to, '{');
    if (r == 0)
        r = put_id(e, vuln, to);
    buf_char(to, ',');
    put_name(e, &f, &v, to);
    put_figures(&f, to);
    put_text_of(e, &f, to);
    put_seen(e, a, seen, vuln, now, to);
    if (r == 0)
        r = put_machine_list(e, vuln, now, to, &ours);
    if (r == 0 && ours == 0 && seen == NULL && !f.in_kev && !f.has_epss && !f.has_nvd &&
        !f.has_cve5 && vuln >> 32 != 0)
        r = ERR_NOTFOUND;
    put_outcomes(seen, ours, to);
    put_peers(e, vuln, to);
    put_sources(e, &f, to);
    buf_char(to, '}');
    figures_release(&f);
    exploited_list_release(&list);
    return r < 0 ? r : buf_error(to);
}

int
exposure_one(struct exposure *e, const struct attrib *a, struct slice id, struct utime now,
             struct buf *to)
{
    uint64_t vuln = cve_parse(id);
    int r = exposure_look(e, now);

    if (r == 0 && vuln == 0)
        r = e->db == NULL ? ERR_NOTFOUND : vulndb_id(e->db, id, &vuln);
    return r < 0 ? r : put_one(e, a, vuln, now, to);
}
