/* Package URLs, what OSV calls such packages, releases, names of RPM packages. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "vuln/nevra.h"
#include "vuln/purl.h"

static void
add(char *to, size_t room, struct slice s)
{
    size_t n = strlen(to);

    (void)snprintf(to + n, room - n, "%.*s|", (int)s.len, s.len == 0 ? "" : s.ptr);
}

static void
test_parse(void **state)
{
    static const struct {
        const char *text;
        const char *want; /* type, namespace, name, version, subpath, qualifiers */
    } cases[] = {{"pkg:maven/org.example/Core@1.2", "maven|org.example|Core|1.2||"},
                 {"PKG://MAVEN//org.example/Core@1.2", "maven|org.example|Core|1.2||"},
                 {"pkg:npm/%40scope/name@1.0.0", "npm|@scope|name|1.0.0||"},
                 {"pkg:npm/@scope/name@1.0.0", "npm|@scope|name|1.0.0||"},
                 {"pkg:npm/@scope/name", "npm|@scope|name|||"},
                 {"pkg:npm/JSONStream@1.3.5", "npm||JSONStream|1.3.5||"},
                 {"pkg:PyPI/Foo_Bar@2!1.0%2Blocal", "pypi||foo-bar|2!1.0+local||"},
                 {"pkg:golang/github.com/BurntSushi/toml@v1.0.0#cmd/./x//../y",
                  "golang|github.com/BurntSushi|toml|v1.0.0|cmd/x/y|"},
                 {"pkg:deb/Debian/CURL@7.50.3-1?Arch=i386&distro=jessie&empty=",
                  "deb|debian|curl|7.50.3-1||arch|i386|distro|jessie|"},
                 {"pkg:rpm/Fedora/Perl-X@1-2?epoch=1", "rpm|fedora|Perl-X|1-2||epoch|1|"},
                 {"pkg:generic/a%20b?url=https%3A%2F%2Fx.example%2F%3Fa%3D1",
                  "generic||a b|||url|https://x.example/?a=1|"},
                 {"pkg:docker/customer/image@sha256%3A244f?repository_url=gcr.example",
                  "docker|customer|image|sha256:244f||repository_url|gcr.example|"},
                 {"pkg:generic/name/", "generic||name|||"}};
    struct purl p;
    size_t at;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char got[1024] = "";
        const char *why = purl_parse(slice_of(cases[i].text), &p, &at);

        if (why != NULL)
            print_error("%s: %s\n", cases[i].text, why);
        assert_null(why);
        add(got, sizeof got, p.type);
        add(got, sizeof got, p.space);
        add(got, sizeof got, p.name);
        add(got, sizeof got, p.version);
        add(got, sizeof got, p.subpath);
        for (unsigned k = 0; k < p.qualifiers; k++) {
            add(got, sizeof got, p.qualifier[k].key);
            add(got, sizeof got, p.qualifier[k].value);
        }
        assert_string_equal(got, cases[i].want);
    }
    assert_null(purl_parse(SLICE("pkg:a/b?x=1&x=2&y=3"), &p, &at));
    assert_true(slice_is(purl_get(&p, "y"), "3") && purl_get(&p, "z").len == 0);
}

static void
test_wrong(void **state)
{
    static const struct {
        const char *text;
        size_t at;
    } cases[] = {{"", 0},
                 {"name", 0},
                 {"http://a.example/b", 0},
                 {"pkg:", 4},
                 {"pkg:npm", 7},
                 {"pkg:npm/", 8},
                 {"pkg:npm/@1.0", 8},
                 {"pkg:n_m/x", 5},
                 {"pkg:7z/x", 4},
                 {"pkg:npm/a%2", 9},
                 {"pkg:npm/a%zz", 9},
                 {"pkg:npm/a%00b", 8},
                 {"pkg:npm/a%ff", 8},
                 {"pkg:npm/a?=v", 11},
                 {"pkg:npm/a#b%2Fc", 10}};
    char longest[PURL_BYTES + 1];
    struct purl p;
    size_t at;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *why = purl_parse(slice_of(cases[i].text), &p, &at);

        if (why == NULL || at != cases[i].at)
            print_error("%s: %s at %zu\n", cases[i].text, why == NULL ? "right" : why, at);
        assert_non_null(why);
        assert_int_equal(at, cases[i].at);
    }
    (void)snprintf(longest, sizeof longest, "pkg:npm/%*d", PURL_BYTES - 9, 7);
    assert_null(purl_parse((struct slice){longest, PURL_BYTES - 1}, &p, &at));
    longest[PURL_BYTES - 1] = '7';
    assert_non_null(purl_parse((struct slice){longest, PURL_BYTES}, &p, &at));
}

static void
test_osv(void **state)
{
    static const struct {
        const char *text;
        const char *want; /* ecosystem, name, version, source, its version, scheme; "": none */
    } cases[] = {
        {"pkg:maven/org.example/core@1?type=jar",
         "Maven|org.example:core|1|org.example:core|1|maven"},
        {"pkg:npm/%40scope/name@1.0.0", "npm|@scope/name|1.0.0|@scope/name|1.0.0|semver"},
        {"pkg:pypi/Zope._-.Interface@5", "PyPI|zope-interface|5|zope-interface|5|pypi"},
        {"pkg:composer/Vendor/Name@1", "Packagist|vendor/name|1|vendor/name|1|semver"},
        {"pkg:golang/github.com/BurntSushi/toml@v1#v2/x",
         "Go|github.com/BurntSushi/toml/v2|v1|github.com/BurntSushi/toml/v2|v1|semver"},
        {"pkg:golang/google.golang.org/genproto@v1#googleapis/api",
         "Go|google.golang.org/genproto|v1|google.golang.org/genproto|v1|semver"},
        {"pkg:golang/stdlib@1.20", "Go|stdlib|1.20|stdlib|1.20|semver"},
        {"pkg:gem/rails@7", "RubyGems|rails|7|rails|7|rubygems"},
        {"pkg:nuget/Newtonsoft.Json@13", "NuGet|newtonsoft.json|13|newtonsoft.json|13|semver"},
        {"pkg:cargo/rand@0.7", "crates.io|rand|0.7|rand|0.7|semver"},
        {"pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&upstream=openssl&distro=debian-12",
         "Debian:12|libssl3|3.0.9-1|openssl|3.0.9-1|dpkg"},
        {"pkg:deb/debian/g++-12@12.2.0-14%2Bb1?distro=bookworm",
         "Debian:12|g++-12|12.2.0-14+b1|g++-12|12.2.0-14|dpkg"},
        {"pkg:deb/debian/g++@4%3A12.2.0-3?upstream=gcc-defaults%401.203&distro=debian-12.4",
         "Debian:12|g++|4:12.2.0-3|gcc-defaults|1.203|dpkg"},
        {"pkg:deb/debian/x@1", "Debian|x|1|x|1|dpkg"},
        {"pkg:deb/ubuntu/x@1?distro=ubuntu-22.04", "Ubuntu:22.04:LTS|x|1|x|1|dpkg"},
        {"pkg:deb/ubuntu/x@1?distro=mantic", "Ubuntu:23.10|x|1|x|1|dpkg"},
        {"pkg:deb/kali/x@1?distro=kali-2023.1", ""},
        {"pkg:apk/alpine/libcrypto3@3.1.4-r0?upstream=openssl&distro=alpine-3.18.4",
         "Alpine:v3.18|libcrypto3|3.1.4-r0|openssl|3.1.4-r0|apk"},
        {"pkg:apk/alpine/curl@8-r0?distro=3.18.4", "Alpine:v3.18|curl|8-r0|curl|8-r0|apk"},
        {"pkg:apk/wolfi/curl@8-r0?distro=wolfi-20230201", "Wolfi|curl|8-r0|curl|8-r0|apk"},
        {"pkg:rpm/rocky/bash@5.1.8-6.el9?arch=x86_64&epoch=2&upstream=bash-5.1.8-6.el9.src.rpm"
         "&distro=rocky-9.2",
         "Rocky Linux:9|bash|2:5.1.8-6.el9|bash|2:5.1.8-6.el9|rpm"},
        {"pkg:rpm/almalinux/"
         "perl-Errno@1.30-480.el9?epoch=4&upstream=perl-5.32.1-480.el9.src.rpm"
         "&distro=almalinux-9.2",
         "AlmaLinux:9|perl-Errno|4:1.30-480.el9|perl|4:5.32.1-480.el9|rpm"},
        {"pkg:rpm/redhat/bash@5.1.8-6.el9?distro=rhel-9.2",
         "Red Hat|bash|5.1.8-6.el9|bash|5.1.8-6.el9|rpm"},
        {"pkg:rpm/opensuse/x@1-1?distro=opensuse-leap-15.5",
         "openSUSE:Leap 15.5|x|1-1|x|1-1|rpm"},
        {"pkg:rpm/opensuse/x@1-1?distro=opensuse-tumbleweed-20240101",
         "openSUSE:Tumbleweed|x|1-1|x|1-1|rpm"},
        {"pkg:rpm/fedora/x@1-1?distro=fedora-38", ""},
        {"pkg:generic/openssl@1.1.1", ""},
        {"pkg:docker/x@1", ""}};
    struct purl p;
    struct purl_osv o;
    size_t at;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char got[1024] = "";

        assert_null(purl_parse(slice_of(cases[i].text), &p, &at));
        if (purl_osv(&p, &o)) {
            add(got, sizeof got, o.ecosystem);
            add(got, sizeof got, o.name);
            add(got, sizeof got, o.version);
            add(got, sizeof got, o.source);
            add(got, sizeof got, o.source_version);
            (void)snprintf(got + strlen(got), 16, "%s", version_scheme_name(o.scheme));
        }
        assert_string_equal(got, cases[i].want);
    }
}

static void
test_releases(void **state)
{
    static const struct {
        const char *id;
        const char *version;
        const char *want; /* NULL: none is known */
    } cases[] = {{"debian", "12", "Debian:12"},
                 {"Debian", "12.4+deb12u5", "Debian:12"},
                 {"debian", "trixie", "Debian:13"},
                 {"debian", "sid", "Debian:sid"},
                 {"debian", "", "Debian"},
                 {"ubuntu", "20.04", "Ubuntu:20.04:LTS"},
                 {"ubuntu", "22.04.3", "Ubuntu:22.04:LTS"},
                 {"ubuntu", "23.04", "Ubuntu:23.04"},
                 {"alpine", "3.18.4-r0", "Alpine:v3.18"},
                 {"alpine", "v3.9", "Alpine:v3.9"},
                 {"alpine", "edge", "Alpine:edge"},
                 {"alpine", "3.19_alpha20230901-r0", "Alpine:edge"},
                 {"alpine", "3", "Alpine"},
                 {"alpaquita", "stream", "Alpaquita:stream"},
                 {"bellsoft-hardened-containers", "23", "BellSoft Hardened Containers:23"},
                 {"rocky", "8.9", "Rocky Linux:8"},
                 {"photon", "5.0", "Photon OS:5.0"},
                 {"azurelinux", "3.0", "Azure Linux:3"},
                 {"debian", "123456789", "Debian"},
                 {"fedora", "38", NULL},
                 {"", "", NULL}};
    char got[RELEASE_TEXT];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool known = release_name(slice_of(cases[i].id), slice_of(cases[i].version), got);

        assert_int_equal(known, cases[i].want != NULL);
        assert_string_equal(got, known ? cases[i].want : "");
    }
}

static void
test_nevra(void **state)
{
    static const struct {
        const char *text;
        const char *want; /* "": none */
    } cases[] = {{"bash-5.1.8-6.el9.x86_64", "bash||5.1.8-6.el9|x86_64|"},
                 {"perl-Errno-4:1.30-480.el9.noarch", "perl-Errno|4|1.30-480.el9|noarch|"},
                 {"4:perl-Errno-1.30-480.el9.noarch", "perl-Errno|4|1.30-480.el9|noarch|"},
                 {"x-0:1-2.i686", "x||1-2|i686|"},
                 {"x-(none):1-2.i686", "x||1-2|i686|"},
                 {"bash-3.2-33.el5_11.4", "bash||3.2-33.el5_11.4||"},
                 {"gcc-c++-12.2.1-7.el9.src.rpm", "gcc-c++||12.2.1-7.el9|src|"},
                 {"a-b-c.x86_64", "a||b-c|x86_64|"},
                 {"a-b", ""},
                 {"-1-2.noarch", ""},
                 {"a--2.noarch", ""},
                 {"a-1-.noarch", ""},
                 {"package a-1-2.noarch is not installed", ""},
                 {"", ""}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char got[256] = "";
        struct nevra n;

        if (nevra_split(slice_of(cases[i].text), &n)) {
            add(got, sizeof got, n.name);
            add(got, sizeof got, n.epoch);
            add(got, sizeof got, n.version);
            add(got, sizeof got, n.architecture);
        }
        assert_string_equal(got, cases[i].want);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse), cmocka_unit_test(test_wrong), cmocka_unit_test(test_osv),
        cmocka_unit_test(test_releases), cmocka_unit_test(test_nevra)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
