/* What rpm -qa prints: NEVRA or, with tabs, name, version, architecture and source. */
#include "vuln/nevra.h"
#include "vuln/package_priv.h"

struct reader {
    struct package_reader r;
    bool oracle; /* has a redhat-release beside its own, and no ecosystem of OSV's */
};

/* The package that each distribution has its release in, by os-release's ID. */
static void
look_at_release(struct package_counts *counts, const struct nevra *n)
{
    static const struct {
        const char *package;
        const char *id;
    } list[] = {{"rocky-release", "rocky"},
                {"almalinux-release", "almalinux"},
                {"redhat-release", "rhel"},
                {"redhat-release-server", "rhel"},
                {"redhat-release-workstation", "rhel"},
                {"openSUSE-release", "opensuse"},
                {"Leap-release", "opensuse-leap"},
                {"sles-release", "sles"},
                {"mageia-release-common", "mageia"},
                {"photon-release", "photon"},
                {"azurelinux-release", "azurelinux"},
                {"mariner-release", "mariner"},
                {"openEuler-release", "openeuler"}};
    struct slice version = n->version;
    struct slice id;

    version = slice_part(&version, '-');
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (!slice_is(n->name, list[i].package))
            continue;
        id = slice_of(list[i].id);
        if (slice_is(id, "opensuse")) /* Tumbleweed's version is a day */
            id = version.len == 8 ? SLICE("opensuse-tumbleweed") : SLICE("opensuse-leap");
        package_release(counts, id, version);
    }
}

/* [epoch:]version-release in the text it came of; else it is joined in room. */
static struct slice
full_version(const struct nevra *n, struct slice version, char room[static PACKAGE_TEXT + 1])
{
    size_t len = n->epoch.len + 1 + version.len;

    if (n->epoch.len == 0)
        return version;
    if (version.ptr == n->epoch.ptr + n->epoch.len + 1)
        return (struct slice){n->epoch.ptr, len};
    if (len > PACKAGE_TEXT)
        return version;
    memcpy(room, n->epoch.ptr, n->epoch.len);
    room[n->epoch.len] = ':';
    memcpy(room + n->epoch.len + 1, version.ptr, version.len);
    return (struct slice){room, len};
}

static int
read_line(struct reader *rd, struct slice line, unsigned number)
{
    struct package_reader *r = &rd->r;
    char version[PACKAGE_TEXT + 1];
    char source_version[PACKAGE_TEXT + 1];
    struct package p = {.scheme = VERSION_RPM, .line = number};
    struct slice rest = line;
    struct slice name = slice_part(&rest, '\t');
    struct nevra n = {.name = name};
    struct nevra source;

    if (name.len < line.len) {
        nevra_epoch(slice_part(&rest, '\t'), &n);
        n.architecture = slice_part(&rest, '\t');
        if (nevra_split(slice_part(&rest, '\t'), &source)) {
            p.source = source.name;
            /* Its epoch is said nowhere, and almost always that of its packages. */
            p.source_version = full_version(&n, source.version, source_version);
        }
    }
    if (name.len < line.len ? n.name.len == 0 || n.version.len == 0 : !nevra_split(line, &n))
        return err_at(r->ei, ERR_INVALID, number, 1,
                      "a line is name-version-release.arch, or name, version-release, arch and "
                      "source with tabs between");
    if (slice_is(n.name, "gpg-pubkey")) {
        r->counts->keys++;
        return 0;
    }
    look_at_release(r->counts, &n);
    rd->oracle |= slice_is(n.name, "oraclelinux-release");
    p.name = n.name;
    p.version = full_version(&n, n.version, version);
    p.architecture = slice_is(n.architecture, "(none)") ? SLICE("") : n.architecture;
    return package_give(r, &p);
}

int
package_read_rpm(struct slice text, package_take *take, void *arg,
                 struct package_counts *counts, struct errinfo *ei)
{
    struct reader r = {.r = {take, arg, counts, ei}};
    struct slice line;
    unsigned number = 0;
    int e = 0;

    *counts = (struct package_counts){0};
    while (e == 0 && slice_line(&text, &line)) {
        number++;
        line = package_trim(line);
        if (line.len > 0)
            e = read_line(&r, line, number);
    }
    if (r.oracle)
        counts->release[0] = '\0';
    return e;
}
