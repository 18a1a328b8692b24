/* dpkg's status: paragraphs of fields, an empty line between. */
#include "vuln/package_priv.h"

struct paragraph {
    struct package p;
    struct slice status;
    unsigned version_line;
    bool began;
};

struct reader {
    struct package_reader r;
    struct paragraph at;
};

/* `x (v)`, or `x`. */
static void
take_source(struct slice value, struct package *p)
{
    struct slice rest = value;

    p->source = package_trim(slice_part(&rest, '('));
    if (rest.len > 0)
        p->source_version = package_trim(slice_part(&rest, ')'));
}

/* The files of a package are there in every state but these. */
static bool
is_installed(struct slice status)
{
    struct slice rest = status;
    struct slice state;

    (void)slice_part(&rest, ' ');
    (void)slice_part(&rest, ' ');
    state = slice_part(&rest, ' ');
    return state.len > 0 && !slice_is(state, "config-files") &&
           !slice_is(state, "not-installed");
}

/* `12.4+deb12u5` is of Debian 12; other distributions have a base-files of their own. */
static void
look_at_release(const struct package *p, struct package_counts *counts)
{
    size_t n = 0;

    if (!slice_is(p->name, "base-files") || memchr(p->version.ptr, ':', p->version.len) != NULL)
        return;
    while (n < p->version.len && p->version.ptr[n] >= '0' && p->version.ptr[n] <= '9')
        n++;
    if (n == 0 || n > 3 ||
        (n < p->version.len && p->version.ptr[n] != '.' && p->version.ptr[n] != '+'))
        return;
    package_release(counts, SLICE("debian"), p->version);
}

static int
end_paragraph(struct reader *r)
{
    struct package *p = &r->at.p;
    struct slice status = r->at.status;
    unsigned line = r->at.version_line;
    bool began = r->at.began;
    const char *why;
    size_t at;

    r->at.began = false;
    if (!began)
        return 0;
    if (p->name.len == 0 || p->name.len > PACKAGE_TEXT)
        return err_at(r->r.ei, ERR_INVALID, p->line, 1,
                      "a package has a name, of 255 bytes at most");
    if (!is_installed(status)) {
        r->r.counts->not_installed++;
        return 0;
    }
    if (p->source.len == 0)
        p->source = p->name;
    if (p->source_version.len == 0)
        p->source_version = p->version;
    why = version_wrong(VERSION_DPKG, p->version, &at);
    if (why == NULL)
        why = version_wrong(VERSION_DPKG, p->source_version, &at);
    if (why != NULL || p->version.len > PACKAGE_TEXT || p->source_version.len > PACKAGE_TEXT ||
        p->source.len > PACKAGE_TEXT)
        return err_at(r->r.ei, ERR_INVALID, line > 0 ? line : p->line, 1, "%.*s: %s",
                      (int)p->name.len, p->name.ptr, why == NULL ? "it is too long" : why);
    look_at_release(p, r->r.counts);
    return package_give(&r->r, p);
}

static int
take_field(struct reader *r, struct slice line, unsigned number)
{
    struct slice rest = line;
    struct slice key = slice_part(&rest, ':');
    struct slice value = package_trim(rest);

    if (key.len == 0 || key.len == line.len)
        return err_at(r->r.ei, ERR_INVALID, number, 1, "a line is `Field: value`");
    if (!r->at.began)
        r->at =
            (struct paragraph){.began = true, .p = {.scheme = VERSION_DPKG, .line = number}};
    if (slice_is(key, "Package")) {
        r->at.p.name = value;
    } else if (slice_is(key, "Status")) {
        r->at.status = value;
    } else if (slice_is(key, "Version")) {
        r->at.p.version = value;
        r->at.version_line = number;
    } else if (slice_is(key, "Architecture")) {
        r->at.p.architecture = value;
    } else if (slice_is(key, "Source")) {
        take_source(value, &r->at.p);
    }
    return 0;
}

int
package_read_dpkg(struct slice text, package_take *take, void *arg,
                  struct package_counts *counts, struct errinfo *ei)
{
    struct reader r = {.r = {take, arg, counts, ei}};
    struct slice line;
    unsigned number = 0;
    int e = 0;

    *counts = (struct package_counts){0};
    while (e == 0 && slice_line(&text, &line)) {
        number++;
        if (package_trim(line).len == 0)
            e = end_paragraph(&r);
        else if (line.ptr[0] != ' ' && line.ptr[0] != '\t')
            e = take_field(&r, line, number);
    }
    return e == 0 ? end_paragraph(&r) : e;
}
