#include "vuln/package_priv.h"

#include "vuln/release.h"
#include "wire/utf8.h"

_Static_assert((int)RELEASE_TEXT == (int)PACKAGE_RELEASE, "a release is one text");

bool
package_shown(struct slice s, size_t most)
{
    unsigned char high = 0;

    if (s.len == 0 || s.len > most)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        high |= (unsigned char)s.ptr[i];
        if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
            return false;
    }
    return high < 0x80 || utf8_ok(s);
}

struct slice
package_trim(struct slice s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s = slice_sub(s, 1, s.len);
    while (s.len > 0 && memchr(" \t\r", s.ptr[s.len - 1], 3) != NULL)
        s.len--;
    return s;
}

void
package_release(struct package_counts *counts, struct slice id, struct slice version)
{
    char text[RELEASE_TEXT];

    if (counts->release[0] == '\0' && release_name(id, version, text))
        memcpy(counts->release, text, sizeof text);
}

static struct slice
kept(struct slice s, size_t most)
{
    return package_shown(s, most) ? s : (struct slice){"", 0};
}

static void
check_version(struct package_counts *counts, struct package *p)
{
    size_t at;

    p->version = kept(p->version, PACKAGE_TEXT);
    p->source_version = kept(p->source_version, PACKAGE_TEXT);
    if (p->source_version.len == 0)
        p->source_version = p->version;
    if (p->version.len == 0)
        counts->versionless += p->cpe.len == 0;
    else if (!slice_is(p->ecosystem, PACKAGE_NO_ECOSYSTEM))
        counts->odd_versions += version_wrong(p->scheme, p->version, &at) != NULL;
}

int
package_give(struct package_reader *r, struct package *p)
{
    struct package_counts *counts = r->counts;

    p->cpe = kept(p->cpe, PACKAGE_REFERENCE);
    p->name = kept(p->name, PACKAGE_TEXT);
    if (p->name.len == 0 && p->cpe.len == 0) {
        counts->nameless++;
        return 0;
    }
    p->source = kept(p->source, PACKAGE_TEXT);
    if (p->source.len == 0)
        p->source = p->name;
    p->purl = kept(p->purl, PACKAGE_REFERENCE);
    p->architecture = kept(p->architecture, PACKAGE_TEXT);
    p->supplier = kept(p->supplier, PACKAGE_TEXT);
    p->asset = kept(p->asset, PACKAGE_TEXT);
    p->address = kept(p->address, PACKAGE_TEXT);
    p->protocol = kept(p->protocol, PACKAGE_TEXT);
    p->ecosystem = kept(p->ecosystem, PACKAGE_TEXT);
    check_version(counts, p);
    if (counts->packages == PACKAGES_MOST)
        return err_at(r->ei, ERR_LIMIT, p->line, 1, "more than %d packages", PACKAGES_MOST);
    counts->packages++;
    counts->no_ecosystem += slice_is(p->ecosystem, PACKAGE_NO_ECOSYSTEM);
    return r->take(r->arg, p);
}
