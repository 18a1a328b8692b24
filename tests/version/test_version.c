/* Orders of versions: chains that specifications and tools give, and what every order must be.
 */
#include "unit.h"

#include <stdio.h>

#include "version/version.h"

static const char *shared; /* folder with pairs that others judged; NULL: there is none */

static int
compare(enum version_scheme s, const char *a, const char *b)
{
    int r = version_compare(s, slice_of(a), slice_of(b));

    assert_int_equal(version_compare(s, slice_of(b), slice_of(a)), -r);
    return r;
}

/* Each is older than all behind it; what `=` begins is the same as the one before. */
static void
chain(enum version_scheme s, const char *const *v)
{
    for (size_t i = 0; v[i] != NULL; i++) {
        bool same = true;

        for (size_t k = i; v[k] != NULL; k++) {
            const char *a = v[i] + (v[i][0] == '=');
            const char *b = v[k] + (v[k][0] == '=');
            int r = compare(s, a, b);

            same = same && (k == i || v[k][0] == '=');
            if (r != (same ? 0 : -1))
                print_error("%s: %s and %s: %d\n", version_scheme_name(s), a, b, r);
            assert_int_equal(r, same ? 0 : -1);
        }
    }
}

#define CHAIN(scheme, ...)                                         \
    do {                                                           \
        static const char *const versions[] = {__VA_ARGS__, NULL}; \
        chain(scheme, versions);                                   \
    } while (0)

static void
test_dpkg(void **state)
{
    (void)state;
    CHAIN(VERSION_DPKG, "1.0~~", "1.0~~a", "1.0~", "1.0~rc1-1", "1.0", "=1.0-0", "=0:1.0",
          "=1.00", "1.0-0+b1", "1.0-0.1", "1.0-1", "1.0-1+b1", "1.0-1+deb12u1", "1.0-1.1",
          "1.0a", "1.0+", "1.0+dfsg-1", "1.0.0", "1.1", "1.10", "99999999999999999999999998",
          "99999999999999999999999999", "1:0", "2:0.1");
    /* the last hyphen begins the revision, the first colon ends the epoch */
    CHAIN(VERSION_DPKG, "1-2-3", "1-2-4", "1-10-1");
    assert_int_equal(compare(VERSION_DPKG, "2.3.4.5-1", "2.3.4-5-1"), 1);
}

static void
test_rpm(void **state)
{
    (void)state;
    CHAIN(VERSION_RPM, "1.0~rc1", "1.0~rc1^git1", "1.0~rc2", "1.0", "=1_0", "=01.00", "=0:1.0",
          "1.0-1", "1.0-1.el8", "1.0-1.el8_6", "1.0-2", "1.0^git1", "1.0^git1.1", "1.0^git2",
          "1.0.1", "1.0.1a", "1.0.2", "10", "1:0.1");
    /* letters are older than numbers, and newer than the end */
    CHAIN(VERSION_RPM, "5.5", "5.5p1", "5.5p10", "5.5.1");
    assert_int_equal(compare(VERSION_RPM, "xyz.4", "8"), -1);
    assert_int_equal(compare(VERSION_RPM, "2.0.1", "2.0.1a"), -1);
}

static void
test_apk(void **state)
{
    (void)state;
    CHAIN(VERSION_APK, "1.0_alpha", "1.0_alpha1", "1.0_alpha2", "1.0_beta", "1.0_pre3",
          "1.0_rc1", "1.0", "1.0_cvs1", "1.0_svn20190101", "1.0_git20200101", "1.0_hg1",
          "1.0_p1", "1.0_p2", "1.0a", "1.0b", "1.0.1", "1.1", "1.10", "2");
    CHAIN(VERSION_APK, "1.2.3-r0", "1.2.3-r1", "1.2.3-r10", "1.2.4-r0");
    /* a number that zeros begin is a fraction */
    CHAIN(VERSION_APK, "1.001", "1.01", "1.02", "1.1");
}

static void
test_semver(void **state)
{
    (void)state;
    /* section 11 */
    CHAIN(VERSION_SEMVER, "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
          "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "=1.0.0+build", "=v1.0.0",
          "=1", "1.0.1-0", "1.0.1", "2.0.0", "2.1.0", "2.1.1", "2.1.1.1", "10.0.0");
}

static void
test_pypi(void **state)
{
    (void)state;
    CHAIN(VERSION_PYPI, "not a version", "1.0.dev1", "=1.0dev1", "=v1.0-DEV1", "1.0a1.dev1",
          "1.0a1", "=1.0-alpha.1", "1.0a1.post1", "1.0a2", "1.0b1", "1.0rc1", "=1.0c1",
          "=1.0-preview_1", "1.0", "=1", "=1.0.0", "=0!1", "1.0+abc", "1.0+abc.5", "1.0+5",
          "=1.0+05", "1.0.post1.dev1", "1.0.post1", "=1.0-1", "=1.0.rev1", "1.0.post2", "1.0.1",
          "1.10", "1!0.1");
}

static void
test_maven(void **state)
{
    (void)state;
    CHAIN(VERSION_MAVEN, "1-alpha-1", "=1.0-a1", "1-beta-1", "1-milestone-1", "=1-m1", "1-rc-1",
          "=1-cr1", "1-SNAPSHOT", "1", "=1.0", "=1-ga", "=1.0.0-final", "=1-0.0", "1-sp",
          "1-abc", "1-1", "1-2", "1.1");
    CHAIN(VERSION_MAVEN, "1.foo", "=1-foo", "1-1", "1.1");
    CHAIN(VERSION_MAVEN, "1-a",
          "1-b"); /* no number follows: no abbreviations, and other words */
    assert_int_equal(compare(VERSION_MAVEN, "1-a", "1-a1"), 1);
    assert_int_equal(compare(VERSION_MAVEN, "1.0.0-foo.0.0", "1-foo"), 0);
}

static void
test_rubygems(void **state)
{
    (void)state;
    CHAIN(VERSION_RUBYGEMS, "1.0.0.a", "=1.a", "1.0.0.b1", "=1.0.b.1", "1.0.0-1",
          "=1.0.0.pre.1", "1.0.0.rc2", "1.0.0", "=1", "1.0.1", "1.1.a", "1.1", "1.10");
}

/* ---- whatever the bytes ------------------------------------------------------------------ */

static uint64_t seed = 1;

static size_t
draw(size_t below)
{
    return (size_t)(next_random(&seed) >> 16) % below;
}

static struct slice
random_version(char to[16])
{
    static const char bytes[] = "0011290..--~^+_abrcpostdev!: v";
    size_t n = 1 + draw(9);

    for (size_t i = 0; i < n; i++)
        to[i] = bytes[draw(sizeof bytes - 1)];
    return (struct slice){to, n};
}

/* Turned round it is the other way round, and one is the same as itself. */
static void
test_turned(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        char x[16];
        char y[16];
        enum version_scheme s = (enum version_scheme)(i % VERSION_SCHEMES);
        struct slice a = random_version(x);
        struct slice b = random_version(y);
        int r = version_compare(s, a, b);

        assert_true(r >= -1 && r <= 1);
        assert_int_equal(version_compare(s, b, a), -r);
        assert_int_equal(version_compare(s, a, a), 0);
    }
}

/* Where a sort relies on it: if a is not newer than b nor b than c, a is not newer than c. */
static void
test_transitive(void **state)
{
    static const enum version_scheme those[] = {VERSION_DPKG, VERSION_SEMVER, VERSION_PYPI,
                                                VERSION_RUBYGEMS};

    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        char text[3][16];
        struct slice v[3];
        enum version_scheme s = those[i % 4];

        for (unsigned k = 0; k < 3; k++)
            v[k] = random_version(text[k]);
        if (version_compare(s, v[0], v[1]) <= 0 && version_compare(s, v[1], v[2]) <= 0)
            assert_true(version_compare(s, v[0], v[2]) <= 0);
    }
}

static void
test_long(void **state)
{
    static char zeros[1 << 20];
    static char ones[1 << 20];

    (void)state;
    for (size_t i = 0; i < sizeof zeros; i++) {
        zeros[i] = i % 2 == 0 ? '0' : '.';
        ones[i] = i % 2 == 0 ? '1' : '.';
    }
    for (unsigned s = 0; s < VERSION_SCHEMES; s++) {
        struct slice a = {zeros, sizeof zeros - 1};
        struct slice b = {ones, sizeof ones - 1};
        size_t where;

        assert_int_equal(version_compare((enum version_scheme)s, a, b), -1);
        assert_non_null(version_wrong((enum version_scheme)s, a, &where));
        assert_int_equal(where, VERSION_BYTES);
    }
}

/* ---- what is none ------------------------------------------------------------------------ */

static void
test_wrong(void **state)
{
    static const struct {
        enum version_scheme scheme;
        const char *text;
        int at; /* -1: it is one */
    } cases[] = {{VERSION_DPKG, "", 0},           {VERSION_DPKG, "1 0", 1},
                 {VERSION_DPKG, "a:1", 0},        {VERSION_DPKG, ":1", 0},
                 {VERSION_DPKG, "1:", 2},         {VERSION_DPKG, "1.0~~", -1},
                 {VERSION_DPKG, "1:2:3-4", -1},   {VERSION_DPKG, "1_0", 1},
                 {VERSION_RPM, "1:", 2},          {VERSION_RPM, "1.0 ", 3},
                 {VERSION_RPM, ":1^a", -1},       {VERSION_APK, "a1", 0},
                 {VERSION_APK, "1..2", 2},        {VERSION_APK, "1_x", 2},
                 {VERSION_APK, "1-r", 3},         {VERSION_APK, "1.2b_p3-r4", -1},
                 {VERSION_SEMVER, "v", 1},        {VERSION_SEMVER, "1.x", 2},
                 {VERSION_SEMVER, "1.0-a+b", -1}, {VERSION_PYPI, "1.0foo", 3},
                 {VERSION_PYPI, "1.0+a..b", 6},   {VERSION_PYPI, "1.0+", 4},
                 {VERSION_PYPI, "v1!2.dev", -1},  {VERSION_MAVEN, "1\t0", 1},
                 {VERSION_MAVEN, "1.ga", -1},     {VERSION_RUBYGEMS, "a", 0},
                 {VERSION_RUBYGEMS, "1.", 1},     {VERSION_RUBYGEMS, "1.0-x", -1}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t where = 99;
        const char *why = version_wrong(cases[i].scheme, slice_of(cases[i].text), &where);

        if ((why == NULL) != (cases[i].at < 0) || (why != NULL && (int)where != cases[i].at))
            print_error("%s: %s at %zu\n", cases[i].text, why, where);
        assert_true((why == NULL) == (cases[i].at < 0));
        assert_true(why == NULL || (int)where == cases[i].at);
    }
}

static void
test_names(void **state)
{
    enum version_scheme got;

    (void)state;
    for (unsigned s = 0; s < VERSION_SCHEMES; s++) {
        assert_true(
            version_scheme_parse(slice_of(version_scheme_name((enum version_scheme)s)), &got));
        assert_int_equal(got, s);
    }
    assert_false(version_scheme_parse(SLICE("deb"), &got));
}

/* What dpkg, rpm and others said of real versions. */
static void
test_shared(void **state)
{
    unsigned pairs = 0;

    (void)state;
    for (unsigned s = 0; s < VERSION_SCHEMES; s++) {
        char path[512];
        char line[1024];
        FILE *f;

        (void)snprintf(path, sizeof path, "%s/%s.tsv", shared == NULL ? "" : shared,
                       version_scheme_name((enum version_scheme)s));
        f = shared == NULL ? NULL : fopen(path, "r");
        if (f == NULL)
            skip();
        while (fgets(line, sizeof line, f) != NULL) {
            struct slice rest = slice_of(line);
            struct slice a = slice_part(&rest, '\t');
            struct slice b = slice_part(&rest, '\t');
            int want =
                rest.len > 0 && rest.ptr[0] == '-' ? -1 : rest.len > 0 && rest.ptr[0] == '1';
            int got = version_compare((enum version_scheme)s, a, b);

            if (got != want)
                print_error("%s: %s", version_scheme_name((enum version_scheme)s), line);
            assert_int_equal(got, want);
            assert_int_equal(version_compare((enum version_scheme)s, b, a), -want);
            pairs++;
        }
        (void)fclose(f);
    }
    assert_true(pairs > 2000);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dpkg),       cmocka_unit_test(test_rpm),
        cmocka_unit_test(test_apk),        cmocka_unit_test(test_semver),
        cmocka_unit_test(test_pypi),       cmocka_unit_test(test_maven),
        cmocka_unit_test(test_rubygems),   cmocka_unit_test(test_turned),
        cmocka_unit_test(test_transitive), cmocka_unit_test(test_long),
        cmocka_unit_test(test_wrong),      cmocka_unit_test(test_names),
        cmocka_unit_test(test_shared)};

    shared = argc > 1 ? argv[1] : NULL;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
