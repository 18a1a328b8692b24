/* What apk has installed: its database, or lines that it prints. */
#include "vuln/package_priv.h"

/* Which distribution it is: alpine-release has the release's number since 3.17. */
static void
look_at_release(struct package_counts *counts, const struct package *p)
{
    static const struct {
        const char *package;
        const char *id;
    } list[] = {{"alpine-release", "alpine"},
                {"wolfi-baselayout", "wolfi"},
                {"chainguard-baselayout", "chainguard"},
                {"minimos-baselayout", "minimos"},
                {"alpaquita-release", "alpaquita"}};

    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (slice_is(p->name, list[i].package))
            package_release(counts, slice_of(list[i].id), p->version);
    }
}

static int
give(struct package_reader *r, struct package *p)
{
    look_at_release(r->counts, p);
    return package_give(r, p);
}

/* ---- the database: paragraphs of `X:value` -------------------------------------------------
 */

static int
end_paragraph(struct package_reader *r, struct package *p)
{
    struct package done = *p;

    *p = (struct package){.scheme = VERSION_APK};
    if (done.line == 0)
        return 0;
    if (done.name.len == 0 || done.version.len == 0)
        return err_at(r->ei, ERR_INVALID, done.line, 1,
                      "a package has a name (P:) and a version (V:)");
    return give(r, &done);
}

static int
read_field(struct package_reader *r, struct package *p, struct slice line, unsigned number)
{
    struct slice value = slice_sub(line, 2, line.len);

    if (line.len < 2 || line.ptr[1] != ':')
        return err_at(r->ei, ERR_INVALID, number, 1, "a line is a letter, a colon and a value");
    if (p->line == 0)
        p->line = number;
    switch (line.ptr[0]) {
    case 'P': p->name = value; break;
    case 'V': p->version = value; break;
    case 'A': p->architecture = value; break;
    case 'o': p->source = value; break;
    default: break;
    }
    return 0;
}

/* ---- lines: name-version-rN [arch {origin} (licence) [state]] ------------------------------
 */

/* A version begins with a digit, and has no hyphen but that of its -rN. */
static bool
split_version(struct slice text, struct package *p)
{
    for (unsigned hyphens = 0; hyphens < 2; hyphens++) {
        size_t from = hyphens == 0 ? text.len : (size_t)(p->version.ptr - text.ptr) - 1;
        const char *dash = from == 0 ? NULL : memrchr(text.ptr, '-', from);

        if (dash == NULL || dash == text.ptr)
            return false;
        p->name = (struct slice){text.ptr, (size_t)(dash - text.ptr)};
        p->version = slice_sub(text, p->name.len + 1, text.len);
        if (p->version.len > 0 && p->version.ptr[0] >= '0' && p->version.ptr[0] <= '9')
            return true;
    }
    return false;
}

static int
read_line(struct package_reader *r, struct slice line, unsigned number)
{
    struct package p = {.scheme = VERSION_APK, .line = number};
    struct slice rest = line;
    struct slice braces;

    if (!split_version(slice_part(&rest, ' '), &p))
        return err_at(r->ei, ERR_INVALID, number, 1, "a line begins with name-version-rN");
    if (rest.len > 0 && rest.ptr[0] != '-') { /* `- ` and a description: apk info -vv */
        p.architecture = slice_part(&rest, ' ');
        braces = rest;
        (void)slice_part(&braces, '{');
        p.source = slice_part(&braces, '}');
        if (memmem(rest.ptr, rest.len, "[installed]", 11) == NULL) {
            r->counts->not_installed++;
            return 0;
        }
    }
    return give(r, &p);
}

int
package_read_apk(struct slice text, package_take *take, void *arg,
                 struct package_counts *counts, struct errinfo *ei)
{
    struct package_reader r = {take, arg, counts, ei};
    struct package p = {.scheme = VERSION_APK};
    struct slice line;
    unsigned number = 0;
    unsigned forms = 0; /* 1: the database, 2: lines */
    int e = 0;

    *counts = (struct package_counts){0};
    while (e == 0 && slice_line(&text, &line)) {
        number++;
        line = package_trim(line);
        if (forms == 0 && line.len > 0)
            forms = line.len > 1 && line.ptr[1] == ':' ? 1 : 2;
        if (line.len > 0)
            e = forms == 1 ? read_field(&r, &p, line, number) : read_line(&r, line, number);
        else if (forms == 1)
            e = end_paragraph(&r, &p);
    }
    return e == 0 ? end_paragraph(&r, &p) : e;
}
