/* What OSV calls a package that has a package URL. */
#include <stdio.h>

#include "vuln/nevra.h"
#include "vuln/osv.h"
#include "vuln/purl.h"

enum form { NAME, SLASH, COLON, GO, FOLD };

struct writer {
    char *text;
    size_t used;
};

/* Room is there: each part of a purl is written twice at most. */
static void
put(struct writer *w, struct slice s)
{
    if (s.len > 0)
        memcpy(w->text + w->used, s.ptr, s.len);
    w->used += s.len;
}

/* Both, with that between; b alone when there is no a. */
static struct slice
join(struct writer *w, struct slice a, const char *between, struct slice b)
{
    size_t from = w->used;

    if (a.len == 0)
        return b;
    put(w, a);
    put(w, slice_of(between));
    put(w, b);
    return (struct slice){w->text + from, w->used - from};
}

static bool
is_caseless(struct slice ecosystem)
{
    static const char *const list[] = {"PyPI", "NuGet", "Packagist", "Hex", "Pub", "Bitnami"};

    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (slice_is(ecosystem, list[i]))
            return true;
    }
    return false;
}

size_t
purl_fold(struct slice ecosystem, char *name, size_t len)
{
    bool marks = slice_is(ecosystem, "PyPI");
    bool run = false;
    size_t to = 0;

    if (!is_caseless(ecosystem))
        return len;
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        bool mark = marks && (c == '-' || c == '_' || c == '.');

        if (!mark)
            name[to++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        else if (!run)
            name[to++] = '-';
        run = mark;
    }
    return to;
}

static struct slice
folded(struct writer *w, struct slice ecosystem, struct slice name)
{
    size_t from = w->used;

    put(w, name);
    w->used = from + purl_fold(ecosystem, w->text + from, name.len);
    return (struct slice){w->text + from, w->used - from};
}

/* Some tools write only three parts of a module's path as its name, and the rest as subpath:
 * of that `v2` surely belongs to the path. */
static struct slice
go_name(struct writer *w, const struct purl *p)
{
    struct slice rest = p->subpath;
    struct slice major = slice_part(&rest, '/');
    struct slice name = join(w, p->space, "/", p->name);

    for (size_t i = 1; i < major.len; i++) {
        if (major.ptr[i] < '0' || major.ptr[i] > '9')
            return name;
    }
    return major.len > 1 && major.ptr[0] == 'v' ? join(w, name, "/", major) : name;
}

static bool
language(const struct purl *p, struct writer *w, struct purl_osv *ret)
{
    static const struct {
        const char *type;
        const char *ecosystem;
        enum form form;
    } list[] = {
#define PURL(type, ecosystem, form) {type, ecosystem, form},
#include "vuln/purl.def"
    };

    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (!slice_is(p->type, list[i].type))
            continue;
        ret->ecosystem = slice_of(list[i].ecosystem);
        ret->name = list[i].form == SLASH   ? join(w, p->space, "/", p->name)
                    : list[i].form == COLON ? join(w, p->space, ":", p->name)
                    : list[i].form == GO    ? go_name(w, p)
                    : list[i].form == FOLD  ? folded(w, ret->ecosystem, p->name)
                                            : p->name;
        return true;
    }
    return false;
}

/* `+b1` of a rebuild without a new source. */
static struct slice
without_rebuild(struct slice v)
{
    size_t n = v.len;

    while (n > 0 && v.ptr[n - 1] >= '0' && v.ptr[n - 1] <= '9')
        n--;
    return n < v.len && n > 2 && slice_is(slice_sub(v, n - 2, 2), "+b") ? slice_sub(v, 0, n - 2)
                                                                        : v;
}

/* `upstream`: a source's name, with its version where that differs; of an rpm its file. */
static void
read_source(const struct purl *p, struct writer *w, struct purl_osv *ret)
{
    struct slice upstream = purl_get(p, "upstream");
    struct slice epoch = purl_get(p, "epoch");
    struct slice name = slice_part(&upstream, '@');
    struct nevra n;

    if (slice_is(p->type, "rpm")) {
        if (name.len > 0 && nevra_split(name, &n)) {
            ret->source = n.name;
            ret->source_version =
                slice_eq(n.version, p->version)
                    ? ret->version
                    : join(w, slice_is(epoch, "0") ? SLICE("") : epoch, ":", n.version);
        }
        return;
    }
    if (slice_is(p->type, "deb"))
        ret->source_version = without_rebuild(ret->version);
    if (name.len > 0)
        ret->source = name;
    if (upstream.len > 0)
        ret->source_version = upstream;
}

static bool
distribution(const struct purl *p, struct writer *w, struct purl_osv *ret)
{
    struct slice epoch = purl_get(p, "epoch");

    if (!slice_is(p->type, "deb") && !slice_is(p->type, "rpm") && !slice_is(p->type, "apk"))
        return false;
    if (slice_is(p->type, "rpm") && epoch.len > 0 && !slice_is(epoch, "0") &&
        p->version.len > 0 && memchr(p->version.ptr, ':', p->version.len) == NULL)
        ret->version = join(w, epoch, ":", p->version);
    ret->source_version = ret->version;
    read_source(p, w, ret);
    if (!release_parse(p->space, purl_get(p, "distro"), ret->release))
        return false;
    ret->ecosystem = slice_of(ret->release);
    return true;
}

bool
purl_osv(const struct purl *p, struct purl_osv *ret)
{
    struct writer w = {.text = ret->text};
    bool known;

    ret->ecosystem = (struct slice){"", 0};
    ret->name = ret->source = p->name;
    ret->version = ret->source_version = p->version;
    ret->architecture = purl_get(p, "arch");
    ret->scheme = VERSION_SEMVER;
    ret->release[0] = '\0';
    known = distribution(p, &w, ret);
    if (!known && language(p, &w, ret)) {
        known = true;
        ret->source = ret->name;
    }
    return known && osv_scheme(ret->ecosystem, &ret->scheme);
}
