#include "vuln/nvd.h"

#include <stdlib.h>

#include "vuln/nvd_priv.h"

struct reader { /* too large for a stack */
    struct walk w;
    struct nvd_counts *counts;
    nvd_take *take;
    void *arg;
    bool named;
    bool dated;
    bool cut;
    struct nvd_tree tree;
    struct nvd_record record;
};

const char *
nvd_severity_name(enum nvd_severity s)
{
    static const char *const names[] = {"unknown", "none", "low", "medium", "high", "critical"};

    return names[s];
}

/* ---- CVSS -------------------------------------------------------------------------------- */

static enum nvd_severity
severity_of(const struct nvd_cvss *c)
{
    if (c->version == 20) /* NVD's own ranges for 2.0, which has none */
        return c->score < 40 ? NVD_LOW : c->score < 70 ? NVD_MEDIUM : NVD_HIGH;
    return c->score == 0   ? NVD_NONE
           : c->score < 40 ? NVD_LOW
           : c->score < 70 ? NVD_MEDIUM
           : c->score < 90 ? NVD_HIGH
                           : NVD_CRITICAL;
}

static enum nvd_severity
parse_severity(struct slice text)
{
    static const char *const names[] = {"", "NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL"};
    unsigned s = NVD_CRITICAL;

    while (s > NVD_UNKNOWN && !slice_is(text, names[s]))
        s--;
    return (enum nvd_severity)s;
}

/* `7`, `7.5`, `10.0`. */
static bool
parse_score(struct slice text, uint8_t *ret)
{
    struct slice whole = slice_part(&text, '.');
    unsigned n = 0;

    if (whole.len == 0 || whole.len > 2 || text.len > 6)
        return false;
    for (size_t i = 0; i < whole.len + text.len; i++) {
        char c = i < whole.len ? whole.ptr[i] : text.ptr[i - whole.len];

        if (c < '0' || c > '9')
            return false;
        if (i <= whole.len) /* tenths; there is nothing behind them */
            n = n * 10 + (unsigned)(c - '0');
    }
    if (text.len == 0)
        n *= 10;
    *ret = (uint8_t)n;
    return n <= 100;
}

static int
read_cvss_data(struct reader *rd, struct nvd_cvss *c, bool *scored)
{
    struct walk *w = &rd->w;
    bool first = true;
    struct slice key;
    struct slice text;
    int r = walk_enter(w, '{');

    while (r > 0 && (r = walk_member(w, &first, &key)) > 0) {
        if (slice_is(key, "vectorString")) {
            r = walk_string(w, &c->vector);
        } else if (slice_is(key, "baseScore")) {
            r = walk_scalar(w, &text);
            *scored = r == 0 && parse_score(text, &c->score);
        } else if (slice_is(key, "baseSeverity")) {
            r = walk_string(w, &text);
            c->severity = parse_severity(text);
        } else {
            r = walk_skip(w);
        }
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

static int
read_metric(struct reader *rd, uint8_t version)
{
    struct walk *w = &rd->w;
    struct nvd_cvss *best = &rd->record.cvss;
    struct nvd_cvss c = {.version = version, .vector = {"", 0}};
    bool scored = false;
    bool first = true;
    struct slice key;
    struct slice text;
    int r = walk_enter(w, '{');

    while (r > 0 && (r = walk_member(w, &first, &key)) > 0) {
        if (slice_is(key, "cvssData")) {
            r = read_cvss_data(rd, &c, &scored);
        } else if (slice_is(key, "type")) {
            r = walk_string(w, &text);
            c.primary = slice_is(text, "Primary");
        } else if (slice_is(key, "baseSeverity")) { /* of 2.0 it stands here */
            r = walk_string(w, &text);
            c.severity = parse_severity(text);
        } else {
            r = walk_skip(w);
        }
        if (r < 0)
            return r;
        r = 1;
    }
    if (!scored) {
        rd->counts->odd++;
        return r;
    }
    if (c.severity == NVD_UNKNOWN)
        c.severity = severity_of(&c);
    if (c.vector.len > NVD_TEXT)
        c.vector = (struct slice){"", 0};
    if (version > best->version || (version == best->version && c.primary && !best->primary))
        *best = c;
    return r;
}

static int
read_metrics(struct reader *rd)
{
    static const struct {
        const char *name;
        uint8_t version;
    } list[] = {{"cvssMetricV40", 40},
                {"cvssMetricV31", 31},
                {"cvssMetricV30", 30},
                {"cvssMetricV2", 20}};
    struct walk *w = &rd->w;
    bool first = true;
    struct slice key;
    int r = walk_enter(w, '{');

    while (r > 0 && (r = walk_member(w, &first, &key)) > 0) {
        bool first_metric = true;
        uint8_t version = 0;

        for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
            version = slice_is(key, list[i].name) ? list[i].version : version;
        r = version == 0 ? walk_skip(w) : walk_enter(w, '[');
        while (r > 0 && (r = walk_item(w, &first_metric)) > 0) {
            r = read_metric(rd, version);
            if (r < 0)
                return r;
            r = 1;
        }
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

/* ---- texts ------------------------------------------------------------------------------- */

/* `[{"lang": "en", "value": …}]`: each value in English. */
static int
read_texts(struct reader *rd, void (*each)(struct reader *rd, struct slice value))
{
    struct walk *w = &rd->w;
    bool first = true;
    int r = walk_enter(w, '[');

    while (r > 0 && (r = walk_item(w, &first)) > 0) {
        struct slice lang = {"", 0};
        struct slice value = {"", 0};
        bool first_member = true;
        struct slice key;

        r = walk_enter(w, '{');
        while (r > 0 && (r = walk_member(w, &first_member, &key)) > 0) {
            r = slice_is(key, "lang")    ? walk_string(w, &lang)
                : slice_is(key, "value") ? walk_string(w, &value)
                                         : walk_skip(w);
            if (r < 0)
                return r;
            r = 1;
        }
        if (r < 0)
            return r;
        if (slice_is(slice_sub(lang, 0, 2), "en"))
            each(rd, value);
        r = 1;
    }
    return r;
}

static void
keep_description(struct reader *rd, struct slice value)
{
    struct slice *to = &rd->record.description;

    if (to->len > 0)
        return;
    *to = slice_cut(value, NVD_DESCRIPTION);
    rd->cut |= to->len < value.len;
}

/* `CWE-79`. */
static void
keep_cwe(struct reader *rd, struct slice value)
{
    struct nvd_record *rec = &rd->record;
    uint32_t n = 0;

    if (!slice_is(slice_sub(value, 0, 4), "CWE-") || value.len == 4 || value.len > 10)
        return;
    for (size_t i = 4; i < value.len; i++) {
        if (value.ptr[i] < '0' || value.ptr[i] > '9')
            return;
        n = n * 10 + (uint32_t)(value.ptr[i] - '0');
    }
    for (unsigned i = 0; i < rec->cwes; i++) {
        if (rec->cwe[i] == n)
            return;
    }
    if (rec->cwes < NVD_CWES)
        rec->cwe[rec->cwes++] = n;
    else
        rd->cut = true;
}

static int
read_weaknesses(struct reader *rd)
{
    struct walk *w = &rd->w;
    bool first = true;
    int r = walk_enter(w, '[');

    while (r > 0 && (r = walk_item(w, &first)) > 0) {
        bool first_member = true;
        struct slice key;

        r = walk_enter(w, '{');
        while (r > 0 && (r = walk_member(w, &first_member, &key)) > 0) {
            r = slice_is(key, "description") ? read_texts(rd, keep_cwe) : walk_skip(w);
            if (r < 0)
                return r;
            r = 1;
        }
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

/* ---- a record ---------------------------------------------------------------------------- */

static int
read_modified(struct reader *rd)
{
    struct walk at = rd->w; /* for the place of what is wrong */
    struct slice text;
    int r = walk_string(&rd->w, &text);

    rd->dated = true;
    if (r == 0 && time_parse_any(text, &rd->record.modified) < 0)
        return walk_wrong(&at, "`lastModified` is a time, as 2026-01-02T03:04:05.678");
    return r;
}

static int
read_published(struct reader *rd)
{
    struct slice text;
    int r = walk_string(&rd->w, &text);

    if (r == 0 && time_parse_any(text, &rd->record.published) < 0) {
        rd->record.published = (struct utime){0};
        rd->counts->odd++;
    }
    return r;
}

static int
read_member(struct reader *rd, struct slice key)
{
    struct nvd_record *rec = &rd->record;
    struct slice text;
    int r;

    if (slice_is(key, "id")) {
        r = walk_string(&rd->w, &text);
        rd->named = text.len > 0;
        rec->cve = cve_parse(text);
        return r;
    }
    if (slice_is(key, "vulnStatus")) {
        r = walk_string(&rd->w, &text);
        rec->status = slice_sub(text, 0, NVD_TEXT);
        rec->rejected = slice_is(text, "Rejected");
        return r;
    }
    return slice_is(key, "lastModified")     ? read_modified(rd)
           : slice_is(key, "published")      ? read_published(rd)
           : slice_is(key, "descriptions")   ? read_texts(rd, keep_description)
           : slice_is(key, "metrics")        ? read_metrics(rd)
           : slice_is(key, "weaknesses")     ? read_weaknesses(rd)
           : slice_is(key, "configurations") ? nvd_tree_read(&rd->tree, &rd->w)
                                             : walk_skip(&rd->w);
}

static void
begin_record(struct reader *rd)
{
    struct nvd_record *rec = &rd->record;

    rec->cve = 0;
    rec->published = rec->modified = (struct utime){0};
    rec->status = rec->description = (struct slice){"", 0};
    rec->rejected = false;
    rec->cvss = (struct nvd_cvss){.vector = {"", 0}};
    rec->cwes = 0;
    rec->line = walk_line(&rd->w);
    rd->named = rd->dated = rd->cut = false;
    nvd_tree_reset(&rd->tree);
}

static int
end_record(struct reader *rd, struct walk *start)
{
    int r;

    if (!rd->named || !rd->dated)
        return walk_wrong(start, "a record of NVD has `id` and `lastModified`");
    if (rd->record.cve == 0) {
        rd->counts->not_cve++;
        return 0;
    }
    r = nvd_tree_give(&rd->tree, &rd->record);
    rd->counts->records++;
    rd->counts->rejected += rd->record.rejected;
    rd->counts->cut += rd->cut || rd->tree.cut;
    return r < 0 ? r : rd->take(rd->arg, &rd->record);
}

/* The object itself, or the one in its `cve`. */
static int
read_record(struct reader *rd)
{
    struct walk *w = &rd->w;
    struct walk start = *w;
    bool first = true;
    bool inner = false; /* in `cve` */
    bool inner_first = true;
    struct slice key;
    int r;

    if (walk_peek(w) != '{')
        return walk_wrong(w, "a record is an object");
    begin_record(rd);
    r = walk_enter(w, '{');
    while (r > 0) {
        r = walk_member(w, inner ? &inner_first : &first, &key);
        if (r == 0 && inner) {
            inner = false;
            r = 1;
            continue;
        }
        if (r <= 0)
            break;
        if (!inner && slice_is(key, "cve") && walk_peek(w) == '{') {
            inner = inner_first = true;
            r = walk_enter(w, '{');
            continue;
        }
        r = read_member(rd, key);
        r = r < 0 ? r : 1;
    }
    return r < 0 ? r : end_record(rd, &start);
}

/* ---- the text ---------------------------------------------------------------------------- */

static int
read_array(struct reader *rd)
{
    bool first = true;
    int r = walk_enter(&rd->w, '[');

    while (r > 0 && (r = walk_item(&rd->w, &first)) > 0) {
        r = read_record(rd);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

/* An answer of the API is what has `vulnerabilities`; what has `cve` or `id` before it is a
 * record.  On true the array comes next. */
static bool
is_answer(struct walk *w)
{
    struct walk ahead = *w;
    bool first = true;
    struct slice key;

    ahead.ei = NULL;
    if (walk_peek(w) != '{' || walk_enter(&ahead, '{') <= 0)
        return false;
    while (walk_member(&ahead, &first, &key) > 0) {
        if (slice_is(key, "vulnerabilities") && walk_peek(&ahead) == '[') {
            w->at = ahead.at;
            return true;
        }
        if (slice_is(key, "cve") || slice_is(key, "id") || walk_skip(&ahead) < 0)
            return false;
    }
    return false;
}

/* The records of an answer, and what stands behind them. */
static int
read_answer(struct reader *rd)
{
    bool first = false;
    struct slice key;
    int r = read_array(rd);

    while (r == 0 && (r = walk_member(&rd->w, &first, &key)) > 0)
        r = walk_skip(&rd->w);
    return r;
}

static int
read_all(struct reader *rd)
{
    int r = 0;

    while (r == 0 && walk_peek(&rd->w) != '\0')
        r = walk_peek(&rd->w) == '[' ? read_array(rd)
            : is_answer(&rd->w)      ? read_answer(rd)
                                     : read_record(rd);
    return r;
}

int
nvd_read(char *text, size_t len, nvd_take *take, void *arg, struct nvd_counts *counts,
         struct errinfo *ei)
{
    struct reader *rd = malloc(sizeof *rd);
    int r;

    *counts = (struct nvd_counts){0};
    if (rd == NULL)
        return ERR_NOMEM;
    rd->counts = counts;
    rd->take = take;
    rd->arg = arg;
    nvd_tree_init(&rd->tree, counts);
    r = walk_open(&rd->w, text, len, ei);
    if (r == 0)
        r = read_all(rd);
    walk_close(&rd->w);
    nvd_tree_release(&rd->tree);
    free(rd);
    return r;
}
