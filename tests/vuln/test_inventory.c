/* Inventories: what each reader makes of its form, what is wrong with files, files that end
 * anywhere, and bills of real software. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "vuln/package.h"

static const char *shared; /* folder; NULL: there is none */

enum form { DPKG, RPM, APK, CYCLONEDX, SPDX, CPE, NMAP };

struct seen {
    char text[4096];
    size_t len;
    unsigned stop; /* end the reading at that package; 0: never */
    unsigned taken;
    unsigned line;
};

static void
add(struct seen *s, struct slice text, char end)
{
    if (s->len + text.len + 2 > sizeof s->text)
        return;
    memcpy(s->text + s->len, text.ptr, text.len);
    s->len += text.len;
    s->text[s->len++] = end;
    s->text[s->len] = '\0';
}

/* name version source source_version, ecosystem, and what else is said, with a letter. */
static int
see(void *arg, const struct package *p)
{
    struct seen *s = arg;
    const struct {
        char letter;
        struct slice text;
    } rest[] = {{'@', p->asset}, {'i', p->address}, {'p', p->protocol}, {'a', p->architecture},
                {'u', p->purl},  {'c', p->cpe},     {'s', p->supplier}};

    assert_true(p->line >= s->line && p->line > 0);
    add(s, p->name, ' ');
    add(s, p->version, ' ');
    add(s, slice_eq(p->source, p->name) ? SLICE("") : p->source, ' ');
    add(s, slice_eq(p->source_version, p->version) ? SLICE("") : p->source_version, ' ');
    add(s, p->ecosystem, ' ');
    for (size_t i = 0; i < COUNT(rest); i++) {
        if (rest[i].text.len > 0) {
            add(s, (struct slice){&rest[i].letter, 1}, '=');
            add(s, rest[i].text, ' ');
        }
    }
    s->text[s->len - 1] = ';';
    return ++s->taken == s->stop ? ERR_FULL : 0;
}

static int
read_form(enum form form, char *text, size_t len, struct seen *s, struct package_counts *c,
          struct errinfo *ei)
{
    struct slice whole = {text, len};

    *ei = (struct errinfo){0};
    switch (form) {
    case DPKG: return package_read_dpkg(whole, see, s, c, ei);
    case RPM: return package_read_rpm(whole, see, s, c, ei);
    case APK: return package_read_apk(whole, see, s, c, ei);
    case CYCLONEDX: return package_read_cyclonedx(text, len, see, s, c, ei);
    case SPDX: return package_read_spdx(text, len, see, s, c, ei);
    case CPE: return package_read_cpe(whole, see, s, c, ei);
    case NMAP: break;
    }
    return package_read_nmap(text, len, see, s, c, ei);
}

struct row {
    enum form form;
    const char *text;
    int r;
    unsigned line;
    const char *want;
    const char *release;
};

/* The text in memory of its length exactly, so that what reads behind it is seen. */
static char *
copy_of(const char *text, size_t len)
{
    char *copy = malloc(len + (len == 0));

    assert_non_null(copy);
    memcpy(copy, text, len);
    return copy;
}

static void
check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(rows[i].text);
        char *copy = copy_of(rows[i].text, len);
        struct seen s = {.len = 0};
        struct package_counts c;
        struct errinfo ei;
        int r = read_form(rows[i].form, copy, len, &s, &c, &ei);

        if (r != rows[i].r || strcmp(s.text, rows[i].want) != 0 ||
            (r < 0 && ei.line != rows[i].line))
            print_error("%zu: %d %u:%u %s: %s\n", i, r, ei.line, ei.column, ei.text, s.text);
        assert_int_equal(r, rows[i].r);
        assert_string_equal(s.text, rows[i].want);
        assert_string_equal(c.release, rows[i].release);
        assert_int_equal(c.packages, s.taken);
        assert_true(r == 0 || (ei.line == rows[i].line && ei.text[0] != '\0'));
        free(copy);
    }
}

/* Cut anywhere, and with any byte spoiled: an error or not, but what was given before stays the
 * same. */
static void
spoil(const struct row *row)
{
    size_t len = strlen(row->text);

    for (size_t n = 0; n <= len; n++) {
        char *copy = copy_of(row->text, n);
        struct seen s = {.len = 0};
        struct package_counts c;
        struct errinfo ei;
        int r = read_form(row->form, copy, n, &s, &c, &ei);

        assert_true(r == 0 || (r == ERR_INVALID && ei.line > 0 && ei.column > 0));
        free(copy);
        for (const char *with = "\"<>&{}[],: \n\t/\\-\x80"; n < len && *with != '\0'; with++) {
            copy = copy_of(row->text, len);
            copy[n] = *with;
            s = (struct seen){.len = 0};
            r = read_form(row->form, copy, len, &s, &c, &ei);
            assert_true(r == 0 || (r == ERR_INVALID && ei.line > 0 && ei.column > 0));
            free(copy);
        }
    }
}

/* ---- systems ----------------------------------------------------------------------------- */

static const struct row systems[] = {
    {RPM,
     "bash-5.1.8-6.el9.x86_64\nperl-Errno-4:1.30-480.el9.noarch\n\n"
     "gpg-pubkey-fd431d51-4ae0493b\nrocky-release-9.3-1.3.el9.noarch\r\n",
     0, 0,
     "bash 5.1.8-6.el9    a=x86_64;perl-Errno 4:1.30-480.el9    a=noarch;"
     "rocky-release 9.3-1.3.el9    a=noarch;",
     "Rocky Linux:9"},
    {RPM,
     "openssl-libs\t1:3.0.7-24.el9\tx86_64\topenssl-3.0.7-24.el9.src.rpm\n"
     "bash\t0:5.1.8-6.el9\tx86_64\tbash-5.1.8-6.el9.src.rpm\n"
     "gpg-pubkey\t0:fd431d51-4ae0493b\t(none)\t(none)\n"
     "local\t(none):1-1\t(none)\t(none)\n"
     "almalinux-release\t0:8.9-1.el8\tx86_64\talmalinux-release-8.9-1.el8.src.rpm\n",
     0, 0,
     "openssl-libs 1:3.0.7-24.el9 openssl   a=x86_64;bash 5.1.8-6.el9    a=x86_64;"
     "local 1-1   ;almalinux-release 8.9-1.el8    a=x86_64;",
     "AlmaLinux:8"},
    {RPM, "redhat-release-9.2-0.13.el9.x86_64\n", 0, 0,
     "redhat-release 9.2-0.13.el9    a=x86_64;", "Red Hat"},
    {RPM, "oraclelinux-release-9.2-1.0.el9.x86_64\nredhat-release-9.2-1.0.el9.x86_64\n", 0, 0,
     "oraclelinux-release 9.2-1.0.el9    a=x86_64;redhat-release 9.2-1.0.el9    a=x86_64;", ""},
    {RPM, "a\xff-1-1.noarch\n\xc3\xa4-1-1.noarch\n", 0, 0, "\xc3\xa4 1-1    a=noarch;", ""},
    {RPM, "openSUSE-release-15.5-lp155.286.1.x86_64\n", 0, 0,
     "openSUSE-release 15.5-lp155.286.1    a=x86_64;", "openSUSE:Leap 15.5"},
    {RPM, "openSUSE-release-20240101-1.1.x86_64\n", 0, 0,
     "openSUSE-release 20240101-1.1    a=x86_64;", "openSUSE:Tumbleweed"},
    {RPM, "fedora-release-38-36.noarch", 0, 0, "fedora-release 38-36    a=noarch;", ""},
    {RPM, "a-1-1.noarch\nwarning: no database\n", ERR_INVALID, 2, "a 1-1    a=noarch;", ""},
    {RPM, "a\t\tnoarch\ta-1-1.src.rpm\n", ERR_INVALID, 1, "", ""},
    {APK,
     "C:Q1abc=\nP:musl\nV:1.2.4-r2\nA:x86_64\no:musl\nF:lib\nR:ld-musl.so.1\n\n"
     "P:libcrypto3\nV:3.1.4-r0\nA:x86_64\no:openssl\n\n\n"
     "P:alpine-release\nV:3.18.4-r0\no:alpine-base",
     0, 0,
     "musl 1.2.4-r2    a=x86_64;libcrypto3 3.1.4-r0 openssl   a=x86_64;"
     "alpine-release 3.18.4-r0 alpine-base  ;",
     "Alpine:v3.18"},
    {APK, "musl-1.2.4-r2\npy3-pip-23.1-r0 - a tool\nalpine-baselayout-3.4.3-r1\n", 0, 0,
     "musl 1.2.4-r2   ;py3-pip 23.1-r0   ;alpine-baselayout 3.4.3-r1   ;", ""},
    {APK,
     "libcrypto3-3.1.4-r0 x86_64 {openssl} (Apache-2.0) [installed]\n"
     "curl-8.4.0-r0 x86_64 {curl} (MIT)\n"
     "alpine-release-3.19_alpha20230901-r0 x86_64 {alpine-base} (MIT) [installed]\n",
     0, 0,
     "libcrypto3 3.1.4-r0 openssl   a=x86_64;"
     "alpine-release 3.19_alpha20230901-r0 alpine-base   a=x86_64;",
     "Alpine:edge"},
    {APK, "P:wolfi-baselayout\nV:20230201-r1\n", 0, 0, "wolfi-baselayout 20230201-r1   ;",
     "Wolfi"},
    {APK, "P:a\nV:1-r0\n\nP:b\n\n", ERR_INVALID, 4, "a 1-r0   ;", ""},
    {APK, "P:a\nV:1-r0\nwhat\n", ERR_INVALID, 3, "", ""},
    {APK, "a-1-r0\nnothing\n", ERR_INVALID, 2, "a 1-r0   ;", ""},
    {CPE,
     "# known\n\nhost-1\tcpe:2.3:a:openbsd:openssh:8.4:p1:*:*:*:*:*:*\r\n"
     "  cpe:/o:linux:linux_kernel:5.10 \n",
     0, 0,
     "    - @=host-1 c=cpe:2.3:a:openbsd:openssh:8.4:p1:*:*:*:*:*:*;"
     "    - c=cpe:/o:linux:linux_kernel:5.10;",
     ""},
    {CPE, "h\tcpe:/a:b:c\nh\tcpe:2.2:a\n", ERR_INVALID, 2, "    - @=h c=cpe:/a:b:c;", ""},
    {CPE, "\tcpe:/a:b:c\n", ERR_INVALID, 1, "", ""},
    {CPE, "h\tcpe:/a:b\tx\n", ERR_INVALID, 1, "", ""},
    {CPE, "openssh 8.4\n", ERR_INVALID, 1, "", ""}};

static void
test_systems(void **state)
{
    (void)state;
    check(systems, COUNT(systems));
    for (size_t i = 0; i < COUNT(systems); i++)
        spoil(&systems[i]);
}

/* ---- scans ------------------------------------------------------------------------------- */

#define HEAD "<?xml version=\"1.0\"?>\n<!DOCTYPE nmaprun>\n<!-- a scan -->\n"
#define HOST                                                                     \
    "<host><status state=\"up\"/><address addr=\"10.1.2.3\" addrtype=\"ipv4\"/>" \
    "<address addr=\"00:11:22:33:44:55\" addrtype=\"mac\"/>"
#define PORTS                                                                                  \
    "<ports><extraports state=\"closed\"/><port protocol=\"tcp\" portid=\"22\">"               \
    "<state state=\"open\"/><service name=\"ssh\" product=\"Open&#83;SH &amp; co\" "           \
    "version=\"8.4p1\"><cpe>cpe:/a:openbsd:openssh:8.4p1</cpe><cpe>cpe:/o:linux:linux_kernel"  \
    "</cpe></service><script id=\"x\" output=\"&lt;y&#xa;\"/></port>\n"                        \
    "<port protocol=\"udp\" portid=\"53\"><state state=\"open|filtered\"/>"                    \
    "<service name=\"domain\" product=\"BIND\"/></port>"                                       \
    "<port protocol=\"tcp\" portid=\"80\"><state state=\"open\"/>"                             \
    "<service name=\"http\" product=\"nginx\" version='1.18'/></port>"                         \
    "<port protocol=\"tcp\" portid=\"81\"><state state=\"open\"/><service name=\"x\"/></port>" \
    "</ports></host>"
#define GOT(asset)                                                                \
    "OpenSSH & co 8.4p1   - @=" asset                                             \
    " i=10.1.2.3 p=tcp c=cpe:/a:openbsd:openssh:8.4p1;OpenSSH & co    - @=" asset \
    " i=10.1.2.3 p=tcp c=cpe:/o:linux:linux_kernel;nginx 1.18   - @=" asset       \
    " i=10.1.2.3 p=tcp;"

static const struct row scans[] = {
    {NMAP,
     HEAD "<nmaprun><hosthint><address addr=\"10.9.9.9\" addrtype=\"ipv4\"/></hosthint>" HOST
          "<hostnames><hostname name=\"ptr.example\" type=\"PTR\"/>"
          "<hostname name=\"asked.example\" type=\"user\"/></hostnames>" PORTS "</nmaprun>\n",
     0, 0, GOT("asked.example"), ""},
    {NMAP,
     "<nmaprun>" HOST "<hostnames><hostname name='p.example' type='PTR'/></hostnames>" PORTS
     "</nmaprun>",
     0, 0, GOT("p.example"), ""},
    {NMAP, "<nmaprun>" HOST PORTS "</nmaprun>", 0, 0, GOT("10.1.2.3"), ""},
    {NMAP, "<nmaprun/>", 0, 0, "", ""},
    {NMAP, "<nmaprun>" HOST PORTS, ERR_INVALID, 2, GOT("10.1.2.3"), ""},
    {NMAP, "", ERR_INVALID, 1, "", ""},
    {NMAP, "# Nmap 7.93 scan\n", ERR_INVALID, 1, "", ""},
    {NMAP, "<bom>\n</bom>", ERR_INVALID, 1, "", ""},
    {NMAP, "<!DOCTYPE nmaprun [<!ENTITY a \"b\">]>\n<nmaprun>&a;</nmaprun>", ERR_INVALID, 1, "",
     ""},
    {NMAP, "<nmaprun>\n<x y=\"&lol;\"/></nmaprun>", ERR_INVALID, 2, "", ""}};

static void
test_scans(void **state)
{
    (void)state;
    check(scans, COUNT(scans));
    for (size_t i = 0; i < COUNT(scans); i++)
        spoil(&scans[i]);
}

/* ---- bills ------------------------------------------------------------------------------- */

#define CDX "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\","
#define SP  "{\"spdxVersion\":\"SPDX-2.3\",\"SPDXID\":\"SPDXRef-DOCUMENT\","

static const struct row bills[] = {
    {CYCLONEDX,
     CDX
     "\"metadata\":{\"component\":{\"name\":\"app\",\"version\":\"1\",\"bom-ref\":\"a\"}},\n"
     "\"components\":[{\"type\":\"library\",\"name\":\"core\",\"group\":\"org.example\","
     "\"version\":\"2\",\"purl\":\"PKG:Maven/org.example/Core@2?type=jar\","
     "\"supplier\":{\"name\":\"Example\",\"url\":[\"x\"]},\n\"components\":[{\"name\":\"in\","
     "\"purl\":\"pkg:pypi/In_Side@3\"}]},\n"
     "{\"type\":\"file\",\"name\":\"/etc/x\"},{\"type\":\"library\",\"name\":\"bare\"},\n"
     "{\"name\":\"core\",\"purl\":\"pkg:maven/org.example/Core@2\"},"
     "{\"name\":\"\\u0041\\nb\"},{\"version\":\"1\"},"
     "{\"name\":\"odd\",\"version\":\"x y\",\"purl\":\"pkg:npm/odd@x%20y\"},\n"
     "{\"name\":\"bad\",\"version\":\"1\",\"purl\":\"npm/bad\",\"cpe\":\"cpe-2.3\"},"
     "{\"name\":\"ssh\",\"version\":7,\"cpe\":\"cpe:/a:b:ssh\",\"publisher\":\"P\"}],\n"
     "\"dependencies\":[{\"ref\":\"a\",\"dependsOn\":[\"b\"]},{\"ref\":\"b\",\"dependsOn\":"
     "[\"a\"]}]}",
     0, 0,
     "app 1   -;in-side 3   PyPI u=pkg:pypi/In_Side@3;"
     "org.example:Core 2   Maven u=PKG:Maven/org.example/Core@2?type=jar s=Example;"
     "bare    -;odd x y   npm u=pkg:npm/odd@x%20y;bad 1   -;ssh    - c=cpe:/a:b:ssh s=P;",
     ""},
    {CYCLONEDX,
     CDX
     "\"components\":[{\"type\":\"operating-system\",\"name\":\"debian\",\"version\":\"12\"},"
     "{\"name\":\"libssl3\",\"purl\":\"pkg:deb/debian/libssl3@3.0.9-1?distro=debian-12.4\","
     "\"properties\":[{\"name\":\"aquasecurity:trivy:SrcName\",\"value\":\"openssl\"},"
     "{\"name\":\"aquasecurity:trivy:SrcVersion\",\"value\":\"3.0.9\"},"
     "{\"name\":\"aquasecurity:trivy:SrcRelease\",\"value\":\"1\"},"
     "{\"name\":\"aquasecurity:trivy:SrcEpoch\",\"value\":\"1\"}]}]}",
     0, 0,
     "debian 12   -;libssl3 3.0.9-1 openssl 1:3.0.9-1 Debian:12 "
     "u=pkg:deb/debian/libssl3@3.0.9-1?distro=debian-12.4;",
     "Debian:12"},
    {CYCLONEDX, "\xef\xbb\xbf" CDX "\"vulnerabilities\":[]}\n", 0, 0, "", ""},
    {CYCLONEDX, "{\"components\":[{\"name\":\"a\"}],\n\"specVersion\":\"2.0\"}", ERR_INVALID, 2,
     "a    -;", ""},
    {CYCLONEDX, CDX "\"components\":[{\"name\":\"a\"},\n7]}", ERR_INVALID, 2, "a    -;", ""},
    {CYCLONEDX, CDX "\"components\":{}}", ERR_INVALID, 1, "", ""},
    {CYCLONEDX, CDX "\"x\":1}\n{}", ERR_INVALID, 2, "", ""},
    {CYCLONEDX, SP "\"packages\":[{\"name\":\"a\"}]}", ERR_INVALID, 1, "", ""},
    {CYCLONEDX, "{}", ERR_INVALID, 1, "", ""},
    {CYCLONEDX, "", ERR_INVALID, 1, "", ""},
    {CYCLONEDX, "\n<?xml version=\"1.0\"?><bom/>", ERR_INVALID, 1, "", ""},
    {SPDX,
     SP "\"packages\":[{\"name\":\"Nginx\",\"SPDXID\":\"SPDXRef-nginx\",\"supplier\":"
        "\"Organization: Example (a@b.example)\",\"versionInfo\":\"NOASSERTION\",\n"
        "\"externalRefs\":[{\"referenceCategory\":\"SECURITY\",\"referenceLocator\":"
        "\"cpe:/a:nginx:nginx:1.21\",\"referenceType\":\"cpe22Type\"},"
        "{\"referenceLocator\":\"cpe:2.3:a:nginx:nginx:1.21:*:*:*:*:*:*:*\",\"referenceType\":"
        "\"http://spdx.org/rdf/references/cpe23Type\"},"
        "{\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:generic/nginx@1.21\"}]},\n"
        "{\"name\":\"x\",\"versionInfo\":\"1\",\"externalRefs\":["
        "{\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:generic/x@1\"},"
        "{\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:gem/x@1\"},"
        "{\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:npm/x@1\"}]},"
        "{\"name\":\"alpine\",\"versionInfo\":\"3.18.4\",\"primaryPackagePurpose\":"
        "\"OPERATING-SYSTEM\",\"supplier\":\"NOASSERTION\"}]}",
     0, 0,
     "Nginx 1.21   - u=pkg:generic/nginx@1.21 c=cpe:2.3:a:nginx:nginx:1.21:*:*:*:*:*:*:* "
     "s=Example;x 1   RubyGems u=pkg:gem/x@1;alpine 3.18.4   -;",
     "Alpine:v3.18"},
    {SPDX, "{\"spdxVersion\":\"SPDX-2.1\"}", ERR_INVALID, 1, "", ""},
    {SPDX, "{\"@context\":\"x\",\"@graph\":[]}", ERR_INVALID, 1, "", ""},
    {SPDX, CDX "\"components\":[]}", ERR_INVALID, 1, "", ""},
    {SPDX, "SPDXVersion: SPDX-2.3\n", ERR_INVALID, 1, "", ""},
    {SPDX, "---\nSPDXID: x\n", ERR_INVALID, 1, "", ""}};

static void
test_bills(void **state)
{
    struct package_counts c;
    struct errinfo ei;
    struct seen s = {.stop = 2};
    char *copy = copy_of(bills[0].text, strlen(bills[0].text));

    (void)state;
    check(bills, COUNT(bills));
    assert_int_equal(read_form(CYCLONEDX, copy, strlen(bills[0].text), &s, &c, &ei), ERR_FULL);
    free(copy);
    copy = copy_of(bills[0].text, strlen(bills[0].text));
    s = (struct seen){.len = 0};
    assert_int_equal(read_form(CYCLONEDX, copy, strlen(bills[0].text), &s, &c, &ei), 0);
    free(copy);
    assert_true(c.packages == 7 && c.files == 1 && c.duplicates == 1 && c.nameless == 2 &&
                c.versionless == 1 && c.odd_versions == 1 && c.no_ecosystem == 4 &&
                c.wrong_purls == 1 && c.wrong_cpes == 1 && c.more_references == 0);
    for (size_t i = 0; i < COUNT(bills); i++)
        spoil(&bills[i]);
}

static void
test_depth(void **state)
{
    static char text[65536];
    struct package_counts c;
    struct errinfo ei;

    (void)state;
    for (unsigned depth = PACKAGE_DEPTH; depth <= PACKAGE_DEPTH + 1; depth++) {
        struct seen s = {.len = 0};
        size_t n = (size_t)snprintf(text, sizeof text, CDX "\"x\":1");
        int r;

        for (unsigned i = 0; i < depth; i++)
            n += (size_t)snprintf(text + n, sizeof text - n,
                                  ",\"components\":[{\"name\":\"a%u\"", i);
        for (unsigned i = 0; i < depth; i++)
            n += (size_t)snprintf(text + n, sizeof text - n, "}]");
        n += (size_t)snprintf(text + n, sizeof text - n, "}");
        r = read_form(CYCLONEDX, text, n, &s, &c, &ei);
        assert_int_equal(r, depth > PACKAGE_DEPTH ? ERR_INVALID : 0);
        assert_int_equal(c.packages, depth > PACKAGE_DEPTH ? 0 : depth);
    }
}

static int
pass(void *arg, const struct package *p)
{
    (void)arg;
    return p->line == 0;
}

static void
test_most(void **state)
{
    size_t len = (size_t)7 * (PACKAGES_MOST + 1);
    char *text = malloc(len);
    struct package_counts c;
    struct errinfo ei;

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < len; i += 7)
        memcpy(text + i, "cpe:/a\n", 7);
    assert_int_equal(package_read_cpe((struct slice){text, len - 7}, pass, NULL, &c, &ei), 0);
    assert_int_equal(package_read_cpe((struct slice){text, len}, pass, NULL, &c, &ei),
                     ERR_LIMIT);
    assert_true(c.packages == PACKAGES_MOST && ei.line == PACKAGES_MOST + 1);
    free(text);
}

/* ---- real ones --------------------------------------------------------------------------- */

static char *
slurp(const char *name, size_t *len)
{
    char path[512];
    char *text = malloc(1 << 21);
    FILE *f;

    assert_non_null(text);
    (void)snprintf(path, sizeof path, "%s/%s", shared == NULL ? "" : shared, name);
    f = shared == NULL ? NULL : fopen(path, "r");
    if (f == NULL) {
        free(text);
        skip();
    }
    *len = fread(text, 1, 1 << 21, f);
    (void)fclose(f);
    return text;
}

struct found {
    const char *name;
    const char *version;
    const char *ecosystem;
    unsigned found;
    unsigned of_ecosystem;
};

static int
find(void *arg, const struct package *p)
{
    struct found *f = arg;

    f->of_ecosystem += slice_is(p->ecosystem, f->ecosystem);
    f->found += slice_is(p->name, f->name) && slice_is(p->version, f->version) &&
                slice_is(p->ecosystem, f->ecosystem);
    return 0;
}

static void
test_real(void **state)
{
    static const struct {
        const char *file;
        enum form form;
        unsigned packages;
        struct found of;
    } bills_of[] = {
        {"sbom/juice-shop-11.1.2.cdx.json",
         CYCLONEDX,
         841,
         {"JSONStream", "1.3.5", "npm", 0, 841}},
        {"sbom/juice-shop-11.1.2.cdx.json",
         CYCLONEDX,
         841,
         {"jsonwebtoken", "0.4.0", "npm", 1, 841}},
        {"sbom/juice-shop-11.1.2.cdx.json",
         CYCLONEDX,
         841,
         {"juice-shop", "11.1.2", "npm", 1, 841}},
        {"sbom/laravel-1.4.cdx.json",
         CYCLONEDX,
         63,
         {"asm89/stack-cors", "1.3.0", "Packagist", 1, 63}},
        {"sbom/proton-bridge-1.6.3.cdx.json",
         CYCLONEDX,
         202,
         {"github.com/0xAX/notificator", "v0.0.0-20191016112426-3962a5ea8da1", "Go", 1, 202}},
        {"sbom/proton-bridge-1.8.0.cdx.json",
         CYCLONEDX,
         202,
         {"github.com/ProtonMail/proton-bridge", "v1.8.0", "Go", 1, 202}},
        {"sbom/vex-bom.cdx.json",
         CYCLONEDX,
         4,
         {"com.fasterxml.jackson.core:jackson-databind", "2.10.0", "Maven", 1, 4}},
        {"sbom/vex.cdx.json", CYCLONEDX, 0, {"", "", "", 0, 0}},
        {"sbom/sbom.spdx.json", SPDX, 2, {"openssl", "1.1.1l", "-", 1, 2}},
        {"sbom/purl_and_cpe.spdx.json", SPDX, 2, {"Nginx", "1.21.1", "-", 1, 2}}};
    struct package_counts c;
    struct errinfo ei = {0};
    size_t len;

    (void)state;
    for (size_t i = 0; i < COUNT(bills_of); i++) {
        char *text = slurp(bills_of[i].file, &len);
        struct found f = bills_of[i].of;
        int r;

        f.found = f.of_ecosystem = 0;
        r = bills_of[i].form == SPDX ? package_read_spdx(text, len, find, &f, &c, &ei)
                                     : package_read_cyclonedx(text, len, find, &f, &c, &ei);
        if (r != 0 || c.packages != bills_of[i].packages || f.found != bills_of[i].of.found ||
            f.of_ecosystem != bills_of[i].of.of_ecosystem)
            print_error("%s: %d %s: %u packages, %u of it, %u found; %u %u %u\n",
                        bills_of[i].file, r, ei.text, c.packages, f.of_ecosystem, f.found,
                        c.duplicates, c.odd_versions, c.wrong_purls);
        assert_true(r == 0 && c.packages == bills_of[i].packages &&
                    f.found == bills_of[i].of.found &&
                    f.of_ecosystem == bills_of[i].of.of_ecosystem);
        assert_true(c.wrong_purls == 0 && c.wrong_cpes == 0 && c.nameless == 0);
        free(text);
    }
}

/* A real bill that ends anywhere. */
static void
test_real_cut(void **state)
{
    struct package_counts c;
    struct errinfo ei;
    size_t len;
    char *text = slurp("sbom/vex-bom.cdx.json", &len);

    (void)state;
    for (size_t n = 0; n <= len; n++) {
        struct found f = {"", "", "Maven", 0, 0};
        char *copy = copy_of(text, n);
        int r = package_read_cyclonedx(copy, n, find, &f, &c, &ei);

        assert_true(r == ERR_INVALID ? n < len : r == 0 && c.packages == 4);
        assert_true(f.of_ecosystem == c.packages && c.packages <= 4);
        free(copy);
    }
    free(text);
}

static void
test_real_others(void **state)
{
    static const char *const others[] = {"sbom/laravel-1.4.cdx.xml", "sbom/sbom.spdx",
                                         "sbom/sbom.spdx.yml"};
    struct found f = {"", "", "-", 0, 0};
    struct package_counts c;
    struct errinfo ei;
    size_t len;
    char *text;

    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        text = slurp(others[i], &len);
        assert_int_equal(package_read_spdx(text, len, find, &f, &c, &ei), ERR_INVALID);
        assert_non_null(strstr(ei.text, "as JSON"));
        free(text);
    }
    text = slurp("cpe/cpe-inventory-a.tsv", &len);
    assert_int_equal(package_read_cpe((struct slice){text, len}, find, &f, &c, &ei), 0);
    assert_true(c.packages == 2044 && c.no_ecosystem == 2044 && c.versionless == 0);
    free(text);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_systems),  cmocka_unit_test(test_scans),
        cmocka_unit_test(test_bills),    cmocka_unit_test(test_depth),
        cmocka_unit_test(test_most),     cmocka_unit_test(test_real),
        cmocka_unit_test(test_real_cut), cmocka_unit_test(test_real_others)};

    shared = argc > 1 ? argv[1] : NULL;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
