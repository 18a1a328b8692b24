/* Metrics: CVSS of all versions, CISA's SSVC and its entry of KEV. */
#include "vuln/cve5_priv.h"

/* ---- CVSS -------------------------------------------------------------------------------- */

/* A number of 0 to 10, in tenths, further digits rounded half up; false: it is none. */
static bool
tenths(struct slice s, unsigned *ret)
{
    struct slice rest = s;
    struct slice whole = slice_part(&rest, '.');
    unsigned n = 0;

    if (whole.len == 0 || whole.len > 2 || (whole.len < s.len && rest.len == 0))
        return false;
    for (size_t i = 0; i < whole.len; i++) {
        if (whole.ptr[i] < '0' || whole.ptr[i] > '9')
            return false;
        n = n * 10 + (unsigned)(whole.ptr[i] - '0');
    }
    n *= 10;
    for (size_t i = 0; i < rest.len; i++) {
        unsigned digit = (unsigned)(rest.ptr[i] - '0');

        if (rest.ptr[i] < '0' || rest.ptr[i] > '9')
            return false;
        n += i == 0 ? digit : (i == 1 && digit >= 5);
    }
    *ret = n;
    return n <= 100;
}

static enum priority_severity
severity_of(struct slice name, unsigned score, bool old)
{
    static const char *const names[] = {"NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL"};

    for (unsigned i = 0; i < 5; i++) {
        if (slice_is(name, names[i]))
            return (enum priority_severity)(PRIORITY_SEVERITY_NONE + i);
    }
    if (score == 0 && !old)
        return PRIORITY_SEVERITY_NONE;
    if (score < 40)
        return PRIORITY_SEVERITY_LOW;
    if (score < 70)
        return PRIORITY_SEVERITY_MEDIUM;
    return score < 90 || old ? PRIORITY_SEVERITY_HIGH : PRIORITY_SEVERITY_CRITICAL;
}

struct metric {
    struct slice score;
    struct slice severity;
    struct slice vector;
};

static int
read_cvss_member(struct cve5_reader *rd, struct slice key, void *arg)
{
    struct metric *m = arg;

    return slice_is(key, "baseScore")      ? walk_scalar(&rd->w, &m->score)
           : slice_is(key, "baseSeverity") ? walk_string(&rd->w, &m->severity)
           : slice_is(key, "vectorString") ? cve5_text(rd, CVE5_TEXT, &m->vector)
                                           : walk_skip(&rd->w);
}

static int
read_cvss(struct cve5_reader *rd, unsigned version)
{
    struct cve5_cvss *best = &rd->record.cvss;
    struct metric m = {{"", 0}, {"", 0}, {"", 0}};
    struct cve5_cvss c = {.version = version, .container = rd->container};
    int r = cve5_members(rd, read_cvss_member, &m);

    if (r < 0)
        return r;
    if (!tenths(m.score, &c.score)) {
        rd->counts->odd_cvss++;
        return 0;
    }
    c.severity = severity_of(m.severity, c.score, version == 20);
    c.vector = m.vector;
    if (c.version != best->version       ? c.version > best->version
        : c.container != best->container ? c.container == CVE5_CNA
                                         : c.score > best->score)
        *best = c;
    return 0;
}

/* ---- SSVC and KEV ------------------------------------------------------------------------ */

/* Its place in the list, from 1; 0 and counted: it is not there.  CISA writes them in either
 * case. */
static unsigned
option(struct cve5_reader *rd, struct slice value, const char *const *list)
{
    for (unsigned i = 0; list[i] != NULL; i++) {
        if (value.len == strlen(list[i]) && strncasecmp(value.ptr, list[i], value.len) == 0)
            return i + 1;
    }
    rd->counts->odd_ssvc++;
    return 0;
}

static int
read_option_member(struct cve5_reader *rd, struct slice key, void *arg)
{
    static const char *const exploitation[] = {"none", "poc", "active", NULL};
    static const char *const automatable[] = {"no", "yes", NULL};
    static const char *const impact[] = {"partial", "total", NULL};
    struct cve5_ssvc *s = arg;
    struct slice value;
    int r = walk_string(&rd->w, &value);

    if (slice_is(key, "Exploitation"))
        s->exploitation = (enum priority_exploitation)option(rd, value, exploitation);
    else if (slice_is(key, "Automatable"))
        s->automatable = (enum priority_answer)option(rd, value, automatable);
    else if (slice_is(key, "Technical Impact"))
        s->technical_impact = (enum priority_impact)option(rd, value, impact);
    return r;
}

static int
read_option(struct cve5_reader *rd, void *arg)
{
    return cve5_members(rd, read_option_member, arg);
}

struct other {
    struct slice type;
    struct cve5_ssvc ssvc;
    bool options;
    struct utime added;
};

static int
read_content_member(struct cve5_reader *rd, struct slice key, void *arg)
{
    struct other *o = arg;

    if (slice_is(key, "options")) {
        o->options = true;
        return cve5_items(rd, read_option, &o->ssvc);
    }
    if (slice_is(key, "timestamp"))
        return cve5_time(rd, &o->ssvc.at);
    return slice_is(key, "dateAdded") ? cve5_time(rd, &o->added) : walk_skip(&rd->w);
}

static int
read_other_member(struct cve5_reader *rd, struct slice key, void *arg)
{
    struct other *o = arg;

    return slice_is(key, "type")      ? walk_string(&rd->w, &o->type)
           : slice_is(key, "content") ? cve5_members(rd, read_content_member, o)
                                      : walk_skip(&rd->w);
}

static int
read_other(struct cve5_reader *rd)
{
    struct cve5_record *rec = &rd->record;
    struct other o = {.type = {"", 0}};
    int r;

    if (rd->container == CVE5_CNA) /* its SSVC is the maker's own view */
        return walk_skip(&rd->w);
    r = cve5_members(rd, read_other_member, &o);
    if (r < 0)
        return r;
    if (slice_is(o.type, "ssvc") && o.options &&
        (!rec->ssvc.there || o.ssvc.at.us >= rec->ssvc.at.us)) {
        rec->ssvc = o.ssvc;
        rec->ssvc.there = true;
    } else if (slice_is(o.type, "kev")) {
        rec->in_kev = true;
        rec->kev_added = o.added;
    }
    return 0;
}

static int
read_metric_member(struct cve5_reader *rd, struct slice key, void *arg)
{
    static const struct {
        const char *key;
        unsigned version;
    } list[] = {{"cvssV3_1", 31}, {"cvssV4_0", 40}, {"cvssV3_0", 30}, {"cvssV2_0", 20}};

    (void)arg;
    if (slice_is(key, "other"))
        return read_other(rd);
    for (unsigned i = 0; i < sizeof list / sizeof list[0]; i++) {
        if (slice_is(key, list[i].key))
            return read_cvss(rd, list[i].version);
    }
    return walk_skip(&rd->w);
}

static int
read_metric(struct cve5_reader *rd, void *arg)
{
    return cve5_members(rd, read_metric_member, arg);
}

int
cve5_metrics(struct cve5_reader *rd)
{
    return cve5_items(rd, read_metric, NULL);
}
