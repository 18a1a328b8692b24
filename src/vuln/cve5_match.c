/* A product as packages of OSV's ecosystems.
 *
 * The points at which its entries begin or end are put in order.  They divide the versions into
 * places: 0 is before the first point, 2i + 1 the point i itself, 2i + 2 what is between it and
 * the next.  The status of each place is what the schema's algorithm gives for any version
 * there; from runs of affected places come the ranges. */
#include "vuln/cve5_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "vuln/osv.h"
#include "vuln/purl.h"

/* ---- which ecosystem --------------------------------------------------------------------- */

static bool
takes_prefix(struct slice *s, const char *prefix)
{
    size_t n = strlen(prefix);

    if (s->len < n || strncasecmp(s->ptr, prefix, n) != 0)
        return false;
    *s = slice_sub(*s, n, s->len);
    return true;
}

/* The next label of the host begins; false at its last. */
static bool
below_host(struct slice *url)
{
    for (size_t i = 0; i < url->len && url->ptr[i] != '/'; i++) {
        if (url->ptr[i] != '.')
            continue;
        *url = slice_sub(*url, i + 1, url->len);
        return true;
    }
    return false;
}

static const char *
ecosystem_of(struct slice url)
{
    static const struct {
        const char *begin, *ecosystem;
    } list[] = {
#define COLLECTION(begin, ecosystem) {begin, ecosystem},
#include "vuln/collection.def"
    };

    if (!takes_prefix(&url, "https://") && !takes_prefix(&url, "http://"))
        return NULL;
    do {
        for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
            struct slice rest = url;

            if (takes_prefix(&rest, list[i].begin) && (rest.len == 0 || rest.ptr[0] == '/'))
                return list[i].ecosystem;
        }
    } while (below_host(&url));
    return NULL;
}

/* Go's own records name the module as vendor, the package as packageName. */
static struct slice
name_of(const struct cve5_product *p, const char *ecosystem)
{
    struct slice below = p->package;

    if (strcmp(ecosystem, "Go") != 0)
        return p->package;
    if (slice_is(p->vendor, "Go standard library"))
        return SLICE("stdlib");
    if (slice_is(p->vendor, "Go toolchain"))
        return SLICE("toolchain");
    return p->vendor.len > 0 && p->vendor.len < below.len &&
                   slice_eq(slice_sub(below, 0, p->vendor.len), p->vendor) &&
                   below.ptr[p->vendor.len] == '/'
               ? p->vendor
               : p->package;
}

/* ---- which rules ------------------------------------------------------------------------- */

static bool
type_fits(struct slice type, enum version_scheme scheme)
{
    static const struct {
        const char *type;
        enum version_scheme scheme;
    } list[] = {{"semver", VERSION_SEMVER},     {"semver 2.0.0", VERSION_SEMVER},
                {"npm", VERSION_SEMVER},        {"cargo", VERSION_SEMVER},
                {"go", VERSION_SEMVER},         {"nuget", VERSION_SEMVER},
                {"composer", VERSION_SEMVER},   {"python", VERSION_PYPI},
                {"pypi", VERSION_PYPI},         {"pep440", VERSION_PYPI},
                {"maven", VERSION_MAVEN},       {"gem", VERSION_RUBYGEMS},
                {"rubygems", VERSION_RUBYGEMS}, {"rpm", VERSION_RPM},
                {"deb", VERSION_DPKG},          {"dpkg", VERSION_DPKG},
                {"debian", VERSION_DPKG},       {"apk", VERSION_APK}};
    bool of_system = scheme == VERSION_RPM || scheme == VERSION_DPKG || scheme == VERSION_APK;

    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        if (type.len == strlen(list[i].type) &&
            strncasecmp(type.ptr, list[i].type, type.len) == 0)
            /* many say semver of whatever has numbers and points: these sort alike by all */
            return list[i].scheme == scheme || (list[i].scheme == VERSION_SEMVER && !of_system);
    }
    return false;
}

static bool
has_end(const struct cve5_version *v)
{
    return v->less_than.len > 0 || v->less_or_equal.len > 0;
}

static struct slice
end_of(const struct cve5_version *v)
{
    return v->less_than.len > 0 ? v->less_than : v->less_or_equal;
}

/* Where a range begins that begins before all versions. */
static bool
is_before_all(struct slice version)
{
    return version.len == 0 || slice_is(version, "0") || slice_is(version, "*") ||
           slice_is(version, "n/a") || slice_is(version, "unspecified");
}

/* ---- points ------------------------------------------------------------------------------ */

static enum cve5_match
add_point(struct cve5_reader *rd, struct slice version, enum version_scheme scheme)
{
    size_t at;

    if (version.len == 0 || version.len > AFFECTED_TEXT ||
        version_wrong(scheme, version, &at) != NULL)
        return CVE5_ODD_VERSION;
    if (rd->points == CVE5_POINTS)
        return CVE5_TOO_MUCH;
    rd->point[rd->points++] = version;
    return CVE5_MATCHED;
}

static enum cve5_match
add_points(struct cve5_reader *rd, const struct cve5_version *v, enum version_scheme scheme)
{
    const struct cve5_record *rec = &rd->record;
    enum cve5_match m = CVE5_MATCHED;

    if ((has_end(v) || v->type.len > 0) && !type_fits(v->type, scheme))
        return CVE5_OTHER_SCHEME;
    if (slice_is(v->version, "*") && !has_end(v))
        return CVE5_MATCHED;
    if (!has_end(v) || !is_before_all(v->version))
        m = add_point(rd, v->version, scheme);
    if (m == CVE5_MATCHED && has_end(v) && !slice_is(end_of(v), "*"))
        m = add_point(rd, end_of(v), scheme);
    for (unsigned i = 0; m == CVE5_MATCHED && i < v->changes; i++)
        m = add_point(rd, rec->change[v->change + i].at, scheme);
    return m;
}

static int
compare_points(const void *a, const void *b, void *arg)
{
    const struct slice *x = a;
    const struct slice *y = b;
    const enum version_scheme *scheme = arg;

    return version_compare(*scheme, *x, *y);
}

static void
sort_points(struct cve5_reader *rd, enum version_scheme scheme)
{
    unsigned n = 0;

    if (rd->points == 0)
        return;
    qsort_r(rd->point, rd->points, sizeof rd->point[0], compare_points, &scheme);
    for (unsigned i = 0; i < rd->points; i++) {
        if (n == 0 || version_compare(scheme, rd->point[n - 1], rd->point[i]) != 0)
            rd->point[n++] = rd->point[i];
    }
    rd->points = n;
}

/* The place of a version that is a point. */
static int
place_of(const struct cve5_reader *rd, struct slice version, enum version_scheme scheme)
{
    unsigned low = 0;
    unsigned high = rd->points;

    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (version_compare(scheme, rd->point[middle], version) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return 2 * (int)low + 1;
}

/* ---- status of places -------------------------------------------------------------------- */

/* The places of an entry: from..to, both in it. */
static void
places_of(const struct cve5_reader *rd, const struct cve5_version *v,
          enum version_scheme scheme, int *from, int *to)
{
    int last = 2 * (int)rd->points;

    if (!has_end(v)) {
        bool all = slice_is(v->version, "*");

        *from = all ? 0 : place_of(rd, v->version, scheme);
        *to = all ? last : *from;
        return;
    }
    *from = is_before_all(v->version) ? 0 : place_of(rd, v->version, scheme);
    *to = slice_is(end_of(v), "*") ? last : place_of(rd, end_of(v), scheme);
    if (!slice_is(end_of(v), "*") && v->less_than.len > 0)
        (*to)--;
}

/* The first entry that has a place says its status: so the last entry is put down first. */
static void
put_entry(struct cve5_reader *rd, const struct cve5_version *v, enum version_scheme scheme)
{
    const struct cve5_record *rec = &rd->record;
    int from;
    int to;

    places_of(rd, v, scheme, &from, &to);
    for (int i = from; i <= to; i++)
        rd->status[i] = (uint8_t)v->status;
    for (unsigned c = 0; c < v->changes; c++) {
        const struct cve5_change *change = &rec->change[v->change + c];
        int at = place_of(rd, change->at, scheme);

        for (int i = at > from ? at : from; i <= to; i++)
            rd->status[i] = (uint8_t)change->status;
    }
}

/* ---- packages ---------------------------------------------------------------------------- */

static void
put_run(struct cve5_reader *rd, struct affected_builder *b, unsigned from, unsigned to)
{
    unsigned last = 2 * rd->points;

    if (from == to && from % 2 == 1) {
        affected_version(b, rd->point[from / 2]);
        return;
    }
    affected_event(b, AFFECTED_INTRODUCED, from == 0 ? SLICE("0") : rd->point[(from - 1) / 2]);
    rd->counts->widened += from > 0 && from % 2 == 0;
    if (to < last)
        affected_event(b, to % 2 == 0 ? AFFECTED_FIXED : AFFECTED_LAST, rd->point[to / 2]);
    affected_end_range(b);
}

static void
put_runs(struct cve5_reader *rd, struct affected_builder *b)
{
    unsigned places = 2 * rd->points + 1;

    for (unsigned i = 0; i < places; i++) {
        unsigned from = i;

        if (rd->status[i] != CVE5_AFFECTED)
            continue;
        while (i + 1 < places && rd->status[i + 1] == CVE5_AFFECTED)
            i++;
        put_run(rd, b, from, i);
    }
}

/* A package of that ecosystem, or one for each CPE: OSV's ecosystem of Red Hat has behind its
 * colon the CPE of the product without `cpe:/o:redhat:`. */
static bool
put_package(struct cve5_reader *rd, const struct cve5_product *p, struct slice release,
            const struct cve5_package *like)
{
    struct cve5_record *rec = &rd->record;
    struct cve5_package *to = &rec->package[rec->packages];
    size_t n = strlen(like->ecosystem);

    if (rec->packages == CVE5_PACKAGES || n + 1 + release.len >= CVE5_ECOSYSTEM)
        return false;
    *to = *like;
    to->product = rec->products;
    to->name = name_of(p, like->ecosystem);
    if (release.len > 0) {
        to->ecosystem[n] = ':';
        memcpy(to->ecosystem + n + 1, release.ptr, release.len);
        to->ecosystem[n + 1 + release.len] = '\0';
    }
    rec->packages++;
    rd->counts->packages++;
    return true;
}

static enum cve5_match
put_packages(struct cve5_reader *rd, const struct cve5_product *p,
             const struct cve5_package *like)
{
    const struct cve5_record *rec = &rd->record;
    enum cve5_match m = CVE5_NO_ECOSYSTEM;

    if (strcmp(like->ecosystem, "Red Hat") != 0)
        return put_package(rd, p, (struct slice){"", 0}, like) ? CVE5_MATCHED : CVE5_TOO_MUCH;
    for (unsigned i = 0; i < p->cpes; i++) {
        struct slice rest = rec->cpe[p->cpe + i];

        if (!takes_prefix(&rest, "cpe:/o:redhat:") && !takes_prefix(&rest, "cpe:/a:redhat:"))
            continue;
        if (!put_package(rd, p, rest, like))
            return CVE5_TOO_MUCH;
        m = CVE5_MATCHED;
    }
    return m;
}

static enum cve5_match
match(struct cve5_reader *rd, struct cve5_product *p)
{
    struct cve5_record *rec = &rd->record;
    struct cve5_package like = {.from = rec->affected.len};
    const char *ecosystem = p->package.len == 0 ? NULL : ecosystem_of(p->collection);
    enum cve5_match m = CVE5_MATCHED;
    struct affected_builder b;

    if (ecosystem == NULL || !osv_scheme(slice_of(ecosystem), &like.scheme))
        return CVE5_NO_ECOSYSTEM;
    p->package.len = purl_fold(slice_of(ecosystem), rd->w.text + (p->package.ptr - rd->w.text),
                               p->package.len);
    (void)snprintf(like.ecosystem, sizeof like.ecosystem, "%s", ecosystem);
    rd->points = 0;
    for (unsigned i = 0; m == CVE5_MATCHED && i < p->versions; i++)
        m = add_points(rd, &rec->version[p->version + i], like.scheme);
    if (m != CVE5_MATCHED)
        return m;
    sort_points(rd, like.scheme);
    memset(rd->status, (int)p->default_status, 2 * rd->points + 1);
    for (unsigned i = p->versions; i > 0; i--)
        put_entry(rd, &rec->version[p->version + i - 1], like.scheme);
    affected_begin(&b, like.scheme, &rec->affected);
    put_runs(rd, &b);
    like.len = rec->affected.len - like.from;
    return buf_error(&rec->affected) < 0 ? CVE5_TOO_MUCH : put_packages(rd, p, &like);
}

void
cve5_match(struct cve5_reader *rd, struct cve5_product *p)
{
    p->match = match(rd, p);
}
