#include <stdlib.h>

#include "base/sha256.h"
#include "cli/vuln_report.h"
#include "wire/hex.h"

enum { RULE_TEXT = 256 /* of a rule's short description */, RECORD = 1 << 16 };

static const struct grade {
    const char *level;
    unsigned middle; /* of what the word spans, in tenths (CVSS 3.1, section 5) */
} grades[] = {
    [PRIORITY_SEVERITY_UNKNOWN] = {"warning", 0}, [PRIORITY_SEVERITY_NONE] = {"note", 0},
    [PRIORITY_SEVERITY_LOW] = {"note", 20},       [PRIORITY_SEVERITY_MEDIUM] = {"warning", 55},
    [PRIORITY_SEVERITY_HIGH] = {"error", 80},     [PRIORITY_SEVERITY_CRITICAL] = {"error", 95}};

struct sarif {
    struct vuln_report *r;
    uint64_t *vuln; /* ascending, each once */
    uint32_t vulns;
    struct buf id;
};

static int
by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static int
list_vulns(struct sarif *s)
{
    const struct findings *f = s->r->f;
    uint32_t kept = 0;

    s->vuln = f->count == 0 ? NULL : malloc(f->count * sizeof *s->vuln);
    if (f->count == 0)
        return 0;
    if (s->vuln == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < f->count; i++)
        s->vuln[i] = f->scan.finding[f->finding[i].at].vuln;
    qsort(s->vuln, f->count, sizeof *s->vuln, by_number);
    for (uint32_t i = 0; i < f->count; i++) {
        if (i == 0 || s->vuln[i] != s->vuln[i - 1])
            s->vuln[kept++] = s->vuln[i];
    }
    s->vulns = kept;
    return 0;
}

static uint32_t
rule_of(const struct sarif *s, uint64_t vuln)
{
    const uint64_t *at = bsearch(&vuln, s->vuln, s->vulns, sizeof *s->vuln, by_number);

    return at == NULL ? 0 : (uint32_t)(at - s->vuln);
}

static int
name(struct sarif *s, uint64_t vuln)
{
    buf_reset(&s->id);
    return vulndb_id_text(s->r->f->db, vuln, &s->id);
}

/* ---- rules --------------------------------------------------------------------------------
 */

/* Whole words of a text, so many bytes of it at most. */
static struct slice
beginning(struct slice text)
{
    size_t n = RULE_TEXT;

    if (text.len <= RULE_TEXT)
        return text;
    while (n > RULE_TEXT / 2 && text.ptr[n] != ' ')
        n--;
    return slice_cut(text, n);
}

static void
put_text_object(struct buf *b, const char *member, struct slice text)
{
    buf_printf(b, ",\"%s\":{\"text\":", member);
    buf_json(b, text);
    buf_char(b, '}');
}

static void
put_rule_properties(struct buf *b, const struct risk_known *k)
{
    const struct grade *g = &grades[findings_severity(k)];
    unsigned tenths = k->cvss_version != 0 ? k->score : g->middle;

    buf_text(b, ",\"properties\":{");
    if (tenths > 0 || k->cvss_version != 0)
        buf_printf(b, "\"security-severity\":\"%u.%u\",", tenths / 10, tenths % 10);
    buf_text(b, "\"tags\":[\"security\",\"vulnerability\"");
    buf_text(b, k->in_kev ? ",\"known-exploited\"" : "");
    buf_text(b, k->ransomware ? ",\"ransomware\"" : "");
    buf_text(b, "]}}");
}

static int
put_rule(struct sarif *s, uint64_t vuln)
{
    static const struct asset no_asset = {.id = 0};
    struct buf *b = s->r->to;
    struct risk_result risk;
    struct figures f;
    struct slice text;
    int r = name(s, vuln);
    int code = vulndb_figures(s->r->f->db, vuln, &f);

    if (r == 0)
        r = code == ERR_NOTFOUND ? 0 : code;
    if (r == 0)
        r = risk_of(&s->r->f->risk, vuln, &no_asset, &risk);
    if (r == 0) {
        text = f.has_nvd && f.nvd.text.len > 0 ? f.nvd.text : f.cve5.text;
        if (text.len == 0)
            text = f.name;
        buf_text(b, "{\"id\":");
        buf_json(b, buf_get(&s->id));
        put_text_object(b, "shortDescription",
                        text.len > 0 ? beginning(text) : buf_get(&s->id));
        if (text.len > 0)
            put_text_object(b, "fullDescription", text);
        if (vuln >> 32 != 0)
            buf_printf(b, ",\"helpUri\":\"https://www.cve.org/CVERecord?id=%.*s\"",
                       (int)s->id.len, s->id.ptr);
        buf_printf(b, ",\"defaultConfiguration\":{\"level\":\"%s\"}",
                   grades[findings_severity(risk.known)].level);
        put_rule_properties(b, risk.known);
    }
    figures_release(&f);
    return r;
}

/* ---- results ------------------------------------------------------------------------------
 */

/* Of a package on an asset, whatever its version: a result stays the same one while it is
 * there. */
static void
put_fingerprint(struct buf *b, const char *asset, struct slice package, struct slice id)
{
    struct sha256 h;
    struct hash sum;

    sha256_init(&h);
    sha256_add(&h, asset, strlen(asset) + 1);
    sha256_add(&h, package.ptr, package.len);
    sha256_add(&h, "", 1);
    sha256_add(&h, id.ptr, id.len);
    sha256_end(&h, &sum);
    buf_text(b, ",\"partialFingerprints\":{\"assetPackageVulnerability/v1\":\"");
    buf_hex(b, sum.byte, sizeof sum.byte);
    buf_text(b, "\"}");
}

static void
put_message(struct buf *to, const struct scan_finding *x, const struct scan_item *i,
            const char *asset, struct slice id, bool sure)
{
    AUTO_BUF(b, RECORD);

    buf_printf(&b, "%.*s %.*s on %s %s affected by %.*s", (int)i->name.len, i->name.ptr,
               (int)i->version.len, i->version.ptr, asset, sure ? "is" : "may be", (int)id.len,
               id.ptr);
    if (x->fixed.len > 0)
        buf_printf(&b, "; mended in %.*s", (int)x->fixed.len, x->fixed.ptr);
    buf_char(&b, '.');
    buf_text(to, ",\"message\":{\"text\":");
    buf_json(to, buf_get(&b));
    buf_char(to, '}');
}

static void
put_location(struct buf *to, const struct scan_item *i, const char *asset)
{
    AUTO_BUF(whole, RECORD);

    buf_printf(&whole, "%s/%.*s@%.*s", asset, (int)i->name.len, i->name.ptr,
               (int)i->version.len, i->version.ptr);
    buf_text(to, ",\"locations\":[{\"logicalLocations\":[{\"name\":");
    buf_json(to, i->name);
    buf_text(to, ",\"fullyQualifiedName\":");
    buf_json(to, buf_get(&whole));
    buf_text(to, ",\"kind\":\"package\"}]}]");
}

static void
put_state(struct buf *b, enum finding_state state, const char *level)
{
    bool sure = state != FINDING_AMBIGUOUS;

    buf_printf(b, ",\"kind\":\"%s\",\"level\":\"%s\"", sure ? "fail" : "review",
               sure ? level : "none");
    if (state == FINDING_AFFECTED || state == FINDING_AMBIGUOUS)
        return;
    buf_printf(b,
               ",\"suppressions\":[{\"kind\":\"external\",\"status\":\"%s\","
               "\"justification\":\"%s\"}]",
               state == FINDING_INVESTIGATED ? "underReview" : "accepted",
               finding_state_name(state));
}

static void
put_result_properties(struct buf *b, const struct finding *f, const struct scan_finding *x,
                      const struct scan_item *i, const struct risk_result *risk)
{
    uint32_t tenths = (risk->risk.risk + 50) / 100;
    char due[TIME_TEXT];

    time_format(risk->due, due);
    buf_printf(b, ",\"properties\":{\"state\":\"%s\",\"risk\":%u.%u,\"decision\":\"%s\"",
               finding_state_name(f->state), tenths / 10, tenths % 10,
               priority_deployer_name(risk->decision.deployer));
    if (risk->due.us != 0)
        buf_printf(b, ",\"due\":\"%.10s\"", due);
    if (risk->known->has_epss)
        buf_printf(b, ",\"epss\":%u.%06u", risk->known->epss / 1000000,
                   risk->known->epss % 1000000);
    buf_printf(
        b, ",\"method\":\"%s\",\"package\":", scan_method_name((enum scan_method)x->method));
    buf_json(b, i->name);
    buf_text(b, ",\"version\":");
    buf_json(b, i->version);
    buf_text(b, ",\"fixed\":");
    buf_json(b, x->fixed);
    buf_text(b, "}}");
}

static int
put_result(struct sarif *s, const struct finding *f)
{
    const struct findings *all = s->r->f;
    const struct scan_finding *x = &all->scan.finding[f->at];
    const struct scan_item *i = &all->scan.item[x->item];
    const struct asset *a = &all->scan.asset[i->asset];
    struct buf *b = s->r->to;
    struct risk_result risk;
    int r = name(s, x->vuln);

    if (r < 0)
        return r;
    r = risk_of(&s->r->f->risk, x->vuln, a, &risk);
    if (r < 0)
        return r;
    buf_text(b, "{\"ruleId\":");
    buf_json(b, buf_get(&s->id));
    buf_printf(b, ",\"ruleIndex\":%u", rule_of(s, x->vuln));
    put_state(b, f->state, grades[findings_severity(risk.known)].level);
    put_message(b, x, i, a->name, buf_get(&s->id), f->state != FINDING_AMBIGUOUS);
    put_location(b, i, a->name);
    put_fingerprint(b, a->name, i->name, buf_get(&s->id));
    put_result_properties(b, f, x, i, &risk);
    return buf_error(b);
}

/* ---- all of it ----------------------------------------------------------------------------
 */

static int
put_feed(void *arg, const struct feed *f)
{
    struct buf *b = arg;
    char date[TIME_TEXT];

    time_format(feed_since(f), date);
    buf_text(b, b->len > 0 ? ",{\"name\":" : "{\"name\":");
    buf_json(b, slice_of(f->name));
    buf_printf(b, ",\"date\":\"%.*s\",\"sha256\":\"", TIME_TEXT, date);
    buf_hex(b, f->sha256.byte, sizeof f->sha256.byte);
    buf_text(b, "\"}");
    return buf_error(b);
}

static int
put_run(struct sarif *s)
{
    struct buf *b = s->r->to;
    AUTO_BUF(feeds, 1 << 24);
    int r = vulndb_feeds(s->r->f->db, put_feed, &feeds);

    buf_text(b, "{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/"
                "schemas/sarif-schema-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\"tool\":{"
                "\"driver\":{\"name\":\"detente\",\"version\":\"" DETENTE_VERSION
                "\",\"rules\":[\n");
    for (uint32_t i = 0; r == 0 && i < s->vulns; i++) {
        buf_text(b, i > 0 ? ",\n" : "");
        r = put_rule(s, s->vuln[i]);
    }
    buf_text(b, "]}},\"results\":[\n");
    for (uint32_t i = 0; r == 0 && i < s->r->f->count; i++) {
        buf_text(b, i > 0 ? ",\n" : "");
        r = put_result(s, &s->r->f->finding[i]);
    }
    buf_text(b, "],\"properties\":{\"feeds\":[");
    buf_slice(b, buf_get(&feeds));
    buf_text(b, "]}}]}");
    return r < 0 ? r : buf_error(b);
}

int
vuln_sarif(struct vuln_report *r)
{
    struct sarif s = {.r = r, .id = {.max = VULNDB_TEXT + 1}};
    int code = list_vulns(&s);

    if (code == 0)
        code = put_run(&s);
    free(s.vuln);
    buf_release(&s.id);
    return code;
}
