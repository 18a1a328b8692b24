/* Bills of materials: CycloneDX and SPDX as JSON. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/texts.h"
#include "vuln/package_priv.h"
#include "vuln/purl.h"
#include "wire/bill.h"

enum form { NONE, CYCLONEDX, SPDX };
enum { PURLS = 4 /* of one package that are looked at */ };

/* What the properties of trivy say of a distribution's package; its purls do not say it. */
struct trivy {
    struct slice name;
    struct slice version;
    struct slice release;
    struct slice epoch;
};

struct component {
    struct slice type;
    struct slice name;
    struct slice version;
    struct slice supplier[3]; /* the best first: supplier, manufacturer, publisher */
    struct slice purl[PURLS];
    unsigned purls;
    struct slice cpe;
    struct trivy trivy;
    unsigned line;
};

struct reader { /* too large for a stack */
    struct package_reader r;
    struct walk w;
    struct texts seen;
    struct buf key;
    struct purl purl;
    struct purl_osv osv;
    char source_version[3 * PACKAGE_TEXT + 2];
    enum form wanted;
    enum form form;
    bool three; /* SPDX 3, which names itself otherwise */
    unsigned form_line;
    struct slice version;
};

/* ---- what is given ----------------------------------------------------------------------- */

static struct slice
supplier_of(const struct component *c)
{
    for (unsigned i = 0; i < 3; i++) {
        if (package_shown(c->supplier[i], PACKAGE_TEXT))
            return c->supplier[i];
    }
    return (struct slice){"", 0};
}

static void
add_cpe(struct reader *rd, struct component *c, struct slice cpe)
{
    bool formatted = slice_is(slice_sub(cpe, 0, 8), "cpe:2.3:");

    if (cpe.len == 0)
        return;
    if (!package_shown(cpe, PACKAGE_REFERENCE) ||
        (!formatted && !slice_is(slice_sub(cpe, 0, 5), "cpe:/"))) {
        rd->r.counts->wrong_cpes++;
        return;
    }
    rd->r.counts->more_references += c->cpe.len > 0;
    /* The same name is often there in both forms: the newer says more. */
    if (c->cpe.len == 0 || (formatted && c->cpe.ptr[4] == '/'))
        c->cpe = cpe;
}

static void
add_purl(struct reader *rd, struct component *c, struct slice purl)
{
    if (purl.len > 0 && c->purls < PURLS)
        c->purl[c->purls++] = purl;
    else
        rd->r.counts->more_references += purl.len > 0;
}

static size_t
join(char *to, size_t used, struct slice s)
{
    if (s.len > 0)
        memcpy(to + used, s.ptr, s.len);
    return used + s.len;
}

static void
trivy_source(struct reader *rd, const struct trivy *t, struct package *p)
{
    size_t n = 0;

    if (!package_shown(t->name, PACKAGE_TEXT) || t->version.len > PACKAGE_TEXT ||
        t->release.len > PACKAGE_TEXT || t->epoch.len > PACKAGE_TEXT ||
        (p->scheme != VERSION_DPKG && p->scheme != VERSION_RPM && p->scheme != VERSION_APK))
        return;
    p->source = t->name;
    if (t->version.len == 0)
        return;
    if (t->epoch.len > 0 && !slice_is(t->epoch, "0")) {
        n = join(rd->source_version, n, t->epoch);
        n = join(rd->source_version, n, SLICE(":"));
    }
    n = join(rd->source_version, n, t->version);
    if (t->release.len > 0) {
        n = join(rd->source_version, n, SLICE("-"));
        n = join(rd->source_version, n, t->release);
    }
    p->source_version = (struct slice){rd->source_version, n};
}

/* Of one purl; true: nothing better can come. */
static bool
take_purl(struct reader *rd, const struct component *c, struct slice text, struct package *p)
{
    const struct purl_osv *o = &rd->osv;
    size_t at;
    bool known;

    if (purl_parse(text, &rd->purl, &at) != NULL) {
        rd->r.counts->wrong_purls++;
        return false;
    }
    known = purl_osv(&rd->purl, &rd->osv);
    if (p->purl.len > 0 && !known) {
        rd->r.counts->more_references++;
        return false;
    }
    p->purl = text;
    p->architecture = o->architecture;
    p->name = known || c->name.len == 0 ? o->name : c->name;
    p->version = o->version.len > 0 ? o->version : c->version;
    if (!known)
        return false;
    p->source = o->source;
    p->source_version = o->source_version;
    p->ecosystem = o->ecosystem;
    p->scheme = o->scheme;
    trivy_source(rd, &c->trivy, p);
    return true;
}

/* 1: it was given before. */
static int
is_seen(struct reader *rd, const struct package *p)
{
    struct slice parts[] = {p->ecosystem,    p->name, p->version,       p->source,
                            p->architecture, p->cpe,  p->source_version};
    uint32_t known = rd->seen.count;
    uint32_t at;
    int e;

    buf_reset(&rd->key);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buf_slice(&rd->key,
                  slice_sub(parts[i], 0, PACKAGE_REFERENCE)); /* longer is not given */
        buf_char(&rd->key, '\0');
    }
    e = buf_error(&rd->key) < 0 ? buf_error(&rd->key)
                                : texts_put(&rd->seen, buf_get(&rd->key), &at);
    if (e == ERR_LIMIT)
        return err_at(rd->r.ei, e, p->line, 1, "more text of components than can be kept");
    return e < 0 ? e : at < known;
}

static int
put_component(struct reader *rd, const struct component *c)
{
    struct package p = {.name = c->name,
                        .version = c->version,
                        .cpe = c->cpe,
                        .supplier = supplier_of(c),
                        .scheme = VERSION_SEMVER,
                        .ecosystem = SLICE(PACKAGE_NO_ECOSYSTEM),
                        .line = c->line};
    unsigned i = 0;
    int e;

    if (slice_is(c->type, "file") && c->purls == 0 && c->cpe.len == 0) {
        rd->r.counts->files++;
        return 0;
    }
    if (slice_is(c->type, "operating-system") || slice_is(c->type, "OPERATING_SYSTEM") ||
        slice_is(c->type, "OPERATING-SYSTEM"))
        package_release(rd->r.counts, c->name, c->version);
    while (i < c->purls && !take_purl(rd, c, c->purl[i], &p))
        i++;
    rd->r.counts->more_references += i < c->purls ? c->purls - i - 1 : 0;
    e = is_seen(rd, &p);
    if (e != 0) {
        rd->r.counts->duplicates += e > 0;
        return e < 0 ? e : 0;
    }
    return package_give(&rd->r, &p);
}

/* ---- CycloneDX --------------------------------------------------------------------------- */

static int
take_property(struct reader *rd, struct component *c)
{
    static const char prefix[] = "aquasecurity:trivy:Src";
    struct slice name = {"", 0};
    struct slice value = {"", 0};
    struct slice key;
    bool first = true;
    int n = walk_enter(&rd->w, '{');

    while (n == 1 && (n = walk_member(&rd->w, &first, &key)) == 1) {
        n = slice_is(key, "name")    ? walk_string(&rd->w, &name)
            : slice_is(key, "value") ? walk_string(&rd->w, &value)
                                     : walk_skip(&rd->w);
        n = n < 0 ? n : 1;
    }
    if (n < 0 || !slice_is(slice_sub(name, 0, sizeof prefix - 1), prefix))
        return n;
    name = slice_sub(name, sizeof prefix - 1, name.len);
    if (slice_is(name, "Name"))
        c->trivy.name = value;
    else if (slice_is(name, "Version"))
        c->trivy.version = value;
    else if (slice_is(name, "Release"))
        c->trivy.release = value;
    else if (slice_is(name, "Epoch"))
        c->trivy.epoch = value;
    return 0;
}

static int
take_properties(struct reader *rd, struct component *c)
{
    bool first = true;
    int n = walk_enter(&rd->w, '[');

    while (n == 1 && (n = walk_item(&rd->w, &first)) == 1) {
        n = take_property(rd, c);
        n = n < 0 ? n : 1;
    }
    return n;
}

static int take_components(struct reader *rd, unsigned depth);

/* NOLINTBEGIN(misc-no-recursion): PACKAGE_DEPTH levels at most */
static int
take_member(struct reader *rd, struct component *c, struct slice key, unsigned depth)
{
    struct walk *w = &rd->w;
    struct slice text;
    int r;

    if (slice_is(key, "purl") || slice_is(key, "cpe")) {
        r = walk_string(w, &text);
        if (r == 0 && key.ptr[0] == 'p')
            add_purl(rd, c, text);
        else if (r == 0)
            add_cpe(rd, c, text);
        return r;
    }
    if (slice_is(key, "components"))
        return take_components(rd, depth + 1);
    return slice_is(key, "type")           ? walk_string(w, &c->type)
           : slice_is(key, "name")         ? walk_string(w, &c->name)
           : slice_is(key, "version")      ? walk_string(w, &c->version)
           : slice_is(key, "supplier")     ? bill_named(w, &c->supplier[0])
           : slice_is(key, "manufacturer") ? bill_named(w, &c->supplier[1])
           : slice_is(key, "publisher")    ? walk_string(w, &c->supplier[2])
           : slice_is(key, "properties")   ? take_properties(rd, c)
                                           : walk_skip(w);
}

static int
take_component(struct reader *rd, unsigned depth)
{
    struct component c = {.line = walk_line(&rd->w)};
    struct slice key;
    bool first = true;
    int n;

    if (walk_peek(&rd->w) != '{')
        return walk_wrong(&rd->w, "a component is an object");
    n = walk_enter(&rd->w, '{');
    while (n == 1 && (n = walk_member(&rd->w, &first, &key)) == 1) {
        n = take_member(rd, &c, key, depth);
        n = n < 0 ? n : 1;
    }
    return n < 0 ? n : put_component(rd, &c);
}

static int
take_components(struct reader *rd, unsigned depth)
{
    bool first = true;
    int n;

    if (depth > PACKAGE_DEPTH)
        return walk_wrong(&rd->w, "components stand inside each other more than 32 deep");
    if (walk_peek(&rd->w) != '[')
        return walk_wrong(&rd->w, "is no list of components");
    n = walk_enter(&rd->w, '[');
    while (n == 1 && (n = walk_item(&rd->w, &first)) == 1) {
        n = take_component(rd, depth);
        n = n < 0 ? n : 1;
    }
    return n;
}
/* NOLINTEND(misc-no-recursion) */

static int
take_metadata(struct reader *rd)
{
    struct slice key;
    bool first = true;
    int n = walk_enter(&rd->w, '{');

    while (n == 1 && (n = walk_member(&rd->w, &first, &key)) == 1) {
        n = slice_is(key, "component") ? take_component(rd, 1) : walk_skip(&rd->w);
        n = n < 0 ? n : 1;
    }
    return n;
}

/* ---- SPDX -------------------------------------------------------------------------------- */

/* Types are also written as addresses that end in them. */
static bool
is_type(struct slice type, const char *name)
{
    size_t n = strlen(name);

    return type.len >= n && slice_is(slice_sub(type, type.len - n, n), name) &&
           (type.len == n || type.ptr[type.len - n - 1] == '/');
}

static int
take_reference(struct reader *rd, struct component *c)
{
    struct slice type = {"", 0};
    struct slice locator = {"", 0};
    struct slice key;
    bool first = true;
    int n = walk_enter(&rd->w, '{');

    while (n == 1 && (n = walk_member(&rd->w, &first, &key)) == 1) {
        n = slice_is(key, "referenceType")      ? walk_string(&rd->w, &type)
            : slice_is(key, "referenceLocator") ? walk_string(&rd->w, &locator)
                                                : walk_skip(&rd->w);
        n = n < 0 ? n : 1;
    }
    if (n == 0 && is_type(type, "purl"))
        add_purl(rd, c, locator);
    if (n == 0 && (is_type(type, "cpe23Type") || is_type(type, "cpe22Type")))
        add_cpe(rd, c, locator);
    return n;
}

static int
take_references(struct reader *rd, struct component *c)
{
    bool first = true;
    int n = walk_enter(&rd->w, '[');

    while (n == 1 && (n = walk_item(&rd->w, &first)) == 1) {
        n = take_reference(rd, c);
        n = n < 0 ? n : 1;
    }
    return n;
}

static int
take_package(struct reader *rd)
{
    struct walk *w = &rd->w;
    struct component c = {.line = walk_line(w)};
    struct slice key;
    bool first = true;
    int n;

    if (walk_peek(w) != '{')
        return walk_wrong(w, "a package is an object");
    n = walk_enter(w, '{');
    while (n == 1 && (n = walk_member(w, &first, &key)) == 1) {
        n = slice_is(key, "name")                    ? walk_string(w, &c.name)
            : slice_is(key, "versionInfo")           ? walk_string(w, &c.version)
            : slice_is(key, "supplier")              ? walk_string(w, &c.supplier[0])
            : slice_is(key, "originator")            ? walk_string(w, &c.supplier[1])
            : slice_is(key, "primaryPackagePurpose") ? walk_string(w, &c.type)
            : slice_is(key, "externalRefs")          ? take_references(rd, &c)
                                                     : walk_skip(w);
        n = n < 0 ? n : 1;
    }
    c.supplier[0] = bill_spdx_name(c.supplier[0]);
    c.supplier[1] = bill_spdx_name(c.supplier[1]);
    if (slice_is(c.version, "NOASSERTION") || slice_is(c.version, "NONE"))
        c.version = SLICE("");
    return n < 0 ? n : put_component(rd, &c);
}

static int
take_packages(struct reader *rd)
{
    bool first = true;
    int n;

    if (walk_peek(&rd->w) != '[')
        return walk_wrong(&rd->w, "is no list of packages");
    n = walk_enter(&rd->w, '[');
    while (n == 1 && (n = walk_item(&rd->w, &first)) == 1) {
        n = take_package(rd);
        n = n < 0 ? n : 1;
    }
    return n;
}

/* ---- all of it --------------------------------------------------------------------------- */

static int
take_top_member(struct reader *rd, struct slice key)
{
    bool spec = slice_is(key, "specVersion");

    if (spec || slice_is(key, "spdxVersion")) {
        rd->form = spec ? CYCLONEDX : SPDX;
        rd->form_line = walk_line(&rd->w);
        return walk_string(&rd->w, &rd->version);
    }
    rd->three |= slice_is(key, "@graph");
    if (rd->wanted == CYCLONEDX && slice_is(key, "components"))
        return take_components(rd, 1);
    if (rd->wanted == CYCLONEDX && slice_is(key, "metadata"))
        return take_metadata(rd);
    if (rd->wanted == SPDX && slice_is(key, "packages"))
        return take_packages(rd);
    return walk_skip(&rd->w);
}

static const char *
wrong_form(const struct reader *rd)
{
    struct slice v = rd->version;

    if (rd->form == NONE && rd->three)
        return "is SPDX 3: SPDX 2.2 and 2.3 are read, as JSON";
    if (rd->form == NONE)
        return "has neither `specVersion` (CycloneDX) nor `spdxVersion` (SPDX)";
    if (rd->form != rd->wanted)
        return rd->form == SPDX ? "is SPDX, not CycloneDX" : "is CycloneDX, not SPDX";
    if (rd->form == SPDX)
        return slice_is(v, "SPDX-2.2") || slice_is(v, "SPDX-2.3")
                   ? NULL
                   : "is of another version: SPDX 2.2 and 2.3 are read, as JSON";
    return v.len == 3 && v.ptr[0] == '1' && v.ptr[1] == '.' && v.ptr[2] >= '0' &&
                   v.ptr[2] <= '7'
               ? NULL
               : "is of another version: CycloneDX 1.0 to 1.7 is read, as JSON";
}

static int
take_top(struct reader *rd)
{
    struct slice key;
    bool first = true;
    const char *why;
    int n;

    if (walk_peek(&rd->w) != '{')
        return walk_wrong(&rd->w, "a bill of materials is a JSON object");
    n = walk_enter(&rd->w, '{');
    while (n == 1 && (n = walk_member(&rd->w, &first, &key)) == 1) {
        n = take_top_member(rd, key);
        n = n < 0 ? n : 1;
    }
    if (n < 0)
        return n;
    if (walk_peek(&rd->w) != '\0')
        return walk_wrong(&rd->w, "something stands behind the object");
    why = wrong_form(rd);
    return why == NULL ? 0
                       : err_at(rd->r.ei, ERR_INVALID, rd->form_line > 0 ? rd->form_line : 1, 1,
                                "%s", why);
}

/* What it seems to be instead of JSON; NULL: it may be JSON. */
static const char *
other_form(struct slice text)
{
    while (text.len > 0 && memchr(" \t\r\n", text.ptr[0], 4) != NULL)
        text = slice_sub(text, 1, text.len);
    if (text.len > 0 && text.ptr[0] == '<')
        return "is XML: CycloneDX and SPDX are read as JSON";
    if (slice_is(slice_sub(text, 0, 12), "SPDXVersion:"))
        return "is SPDX's tag-value form: SPDX is read as JSON";
    return slice_is(slice_sub(text, 0, 3), "---") ||
                   slice_is(slice_sub(text, 0, 7), "SPDXID:") ||
                   slice_is(slice_sub(text, 0, 12), "spdxVersion:")
               ? "is YAML: SPDX is read as JSON"
               : NULL;
}

static int
read_bill(struct package_reader r, enum form wanted, char *text, size_t len)
{
    const char *why;
    struct reader *rd;
    int e;

    *r.counts = (struct package_counts){0};
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len -= 3;
    }
    why = other_form((struct slice){text, len});
    if (why != NULL)
        return err_at(r.ei, ERR_INVALID, 1, 1, "%s", why);
    rd = calloc(1, sizeof *rd);
    if (rd == NULL)
        return ERR_NOMEM;
    rd->r = r;
    rd->wanted = wanted;
    buf_init(&rd->key, 1 << 15);
    /* To choose what collides one would have to know what that choice does to this. */
    texts_init(&rd->seen, map_hash(text, (uint32_t)len, len));
    e = walk_open(&rd->w, text, len, r.ei);
    if (e == 0)
        e = take_top(rd);
    walk_close(&rd->w);
    texts_release(&rd->seen);
    buf_release(&rd->key);
    free(rd);
    return e;
}

int
package_read_cyclonedx(char *text, size_t len, package_take *take, void *arg,
                       struct package_counts *counts, struct errinfo *ei)
{
    return read_bill((struct package_reader){take, arg, counts, ei}, CYCLONEDX, text, len);
}

int
package_read_spdx(char *text, size_t len, package_take *take, void *arg,
                  struct package_counts *counts, struct errinfo *ei)
{
    return read_bill((struct package_reader){take, arg, counts, ei}, SPDX, text, len);
}
