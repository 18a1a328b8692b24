/* Advisories and packages: ranges against a naive reading of OSV, what is wrong with files, and
 * over a whole distribution what debsecan finds. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "vuln/osv.h"
#include "vuln/package.h"

static const char *shared; /* folder; NULL: there is none */

/* ---- ranges ------------------------------------------------------------------------------ */

struct said {
    enum affected_event event;
    unsigned version; /* 0: before all */
};

static struct slice
text_of(unsigned version, char to[16])
{
    return (struct slice){to, (size_t)snprintf(to, 16, "%u.%u", version / 4, version % 4)};
}

/* OSV's own words: events in order, the last that applies decides. */
static bool
naively(const struct said *s, unsigned count, unsigned version)
{
    bool in = false;

    for (unsigned v = 0; v <= 64; v++) {
        for (unsigned event = 0; event < 3; event++) {
            for (unsigned i = 0; i < count; i++) {
                if (s[i].version != v || s[i].event != event)
                    continue;
                if (event == AFFECTED_INTRODUCED && version >= v)
                    in = true;
                if (event == AFFECTED_FIXED && version >= v)
                    in = false;
                if (event == AFFECTED_LAST && version > v)
                    in = false;
            }
        }
    }
    return in;
}

static void
test_ranges(void **state)
{
    uint64_t x = 3;

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        AUTO_BUF(bytes, AFFECTED_BYTES);
        struct affected_builder b;
        struct said said[3][6];
        char text[3][6][16];
        unsigned count[3];
        unsigned single = 1 + (unsigned)(next_random(&x) % 60);
        char single_text[16];

        affected_begin(&b, VERSION_SEMVER, &bytes);
        for (unsigned r = 0; r < 3; r++) {
            count[r] = (unsigned)(next_random(&x) >> 8) % 6;
            for (unsigned i = 0; i < count[r]; i++) {
                said[r][i].event = (enum affected_event)((next_random(&x) >> 8) % 3);
                said[r][i].version = (unsigned)(next_random(&x) >> 8) % 60;
                if (said[r][i].event != AFFECTED_INTRODUCED)
                    said[r][i].version++;
                affected_event(&b, said[r][i].event,
                               said[r][i].version == 0
                                   ? SLICE("0")
                                   : text_of(said[r][i].version, text[r][i]));
            }
            affected_end_range(&b);
        }
        affected_version(&b, text_of(single, single_text));
        assert_true(!b.full && buf_error(&bytes) == 0);
        for (unsigned v = 0; v <= 64; v++) {
            char t[16];
            bool want = v == single || naively(said[0], count[0], v) ||
                        naively(said[1], count[1], v) || naively(said[2], count[2], v);

            assert_int_equal(affected_is(buf_get(&bytes), text_of(v, t)), want);
        }
        for (size_t n = 0; n < bytes.len; n++) /* whatever is left of it */
            (void)affected_is((struct slice){bytes.ptr, n}, SLICE("1.1"));
    }
}

static void
test_fixed(void **state)
{
    AUTO_BUF(bytes, AFFECTED_BYTES);
    struct affected_builder b;

    (void)state;
    affected_begin(&b, VERSION_DPKG, &bytes);
    affected_event(&b, AFFECTED_INTRODUCED, SLICE("0"));
    affected_event(&b, AFFECTED_FIXED, SLICE("2.0-1"));
    affected_end_range(&b);
    affected_event(&b, AFFECTED_INTRODUCED, SLICE("0"));
    affected_event(&b, AFFECTED_FIXED, SLICE("1.5-1+deb12u1"));
    affected_end_range(&b);
    assert_true(slice_is(affected_fixed(buf_get(&bytes), SLICE("1.0-1")), "1.5-1+deb12u1"));
    assert_true(slice_is(affected_fixed(buf_get(&bytes), SLICE("1.6-1")), "2.0-1"));
    assert_true(slice_is(affected_fixed(buf_get(&bytes), SLICE("2.0-1")), ""));
}

/* A version that is none is in no order with any. */
static void
test_wrong(void **state)
{
    static const struct {
        const char *from, *until, *named;
        enum affected_answer want;
    } cases[] = {
        {NULL, NULL, NULL, AFFECTED_NO},         {"0", "2.0", NULL, AFFECTED_AMBIGUOUS},
        {"0", NULL, NULL, AFFECTED_YES},         {"1.0", NULL, NULL, AFFECTED_AMBIGUOUS},
        {NULL, NULL, "1.0", AFFECTED_AMBIGUOUS}, {"0", "2.0", "latest", AFFECTED_YES}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        AUTO_BUF(bytes, AFFECTED_BYTES);
        struct affected_builder b;

        affected_begin(&b, VERSION_SEMVER, &bytes);
        assert_true(affected_is_empty(buf_get(&bytes)));
        if (cases[i].from != NULL)
            affected_event(&b, AFFECTED_INTRODUCED, slice_of(cases[i].from));
        if (cases[i].until != NULL)
            affected_event(&b, AFFECTED_FIXED, slice_of(cases[i].until));
        affected_end_range(&b);
        if (cases[i].named != NULL)
            affected_version(&b, slice_of(cases[i].named));
        assert_int_equal(affected_wrong(buf_get(&bytes), SLICE("latest")), cases[i].want);
        assert_false(affected_is_unknown(buf_get(&bytes)));
    }
}

static void
test_unknown(void **state)
{
    AUTO_BUF(bytes, AFFECTED_BYTES);
    struct affected_builder b;

    (void)state;
    affected_begin(&b, VERSION_DPKG, &bytes);
    affected_unknown(&b);
    assert_true(affected_is_unknown(buf_get(&bytes)));
    assert_false(affected_is(buf_get(&bytes), SLICE("1.0")));
    assert_false(affected_is_empty(buf_get(&bytes)));
}

/* ---- files ------------------------------------------------------------------------------- */

struct seen {
    char text[2048];
    size_t len;
};

static int
see_record(void *arg, const struct osv_record *r)
{
    struct seen *s = arg;

    s->len += (size_t)snprintf(s->text + s->len, sizeof s->text - s->len, "%.*s@%u%s",
                               (int)r->id.len, r->id.ptr, r->line, r->withdrawn ? "-" : "");
    for (unsigned i = 0; i < r->cves; i++)
        s->len += (size_t)snprintf(s->text + s->len, sizeof s->text - s->len, " %u-%u",
                                   (unsigned)(r->cve[i] >> 32), (unsigned)r->cve[i]);
    for (unsigned i = 0; i < r->packages; i++) {
        const struct osv_package *p = &r->package[i];

        s->len += (size_t)snprintf(
            s->text + s->len, sizeof s->text - s->len, " %.*s:%s:%d", (int)p->name.len,
            p->name.ptr, version_scheme_name(p->scheme),
            affected_is(slice_sub(buf_get(&r->affected), p->from, p->len), SLICE("1.5")));
    }
    s->len += (size_t)snprintf(s->text + s->len, sizeof s->text - s->len, ";");
    return 0;
}

static int
read_osv(const char *text, struct seen *s, struct osv_counts *c, struct errinfo *ei)
{
    char copy[4096];
    size_t n = (size_t)snprintf(copy, sizeof copy, "%s", text);

    *s = (struct seen){.len = 0};
    *ei = (struct errinfo){0};
    return osv_read(copy, n, see_record, s, c, ei);
}

#define M "\"modified\":\"2026-01-02T03:04:05Z\""

static void
test_osv(void **state)
{
    static const struct {
        const char *text;
        int r;
        unsigned line;
        const char *want;
    } cases[] = {{"{\"id\":\"X-CVE-2021-1234\"," M
                  ",\"aliases\":[\"CVE-2020-0601\",\"GHSA-x\",\"CVE-2021-1234\"]}\n"
                  "{\"id\":\"GHSA-y\"," M ",\"withdrawn\":\"2026-01-02T03:04:05Z\"}\n",
                  0, 0, "X-CVE-2021-1234@1 2020-601 2021-1234;GHSA-y@2-;"},
                 {"[{" M ",\"id\":\"a\",\"affected\":[{\"ranges\":[{\"events\":[{"
                  "\"introduced\":\"1.4\"},{\"fixed\":\"1.6\"}],"
                  "\"type\":\"SEMVER\"}],\"package\":{\"name\":\"p\",\"ecosystem\":\"npm\"}},"
                  "{\"package\":{\"name\":\"q\",\"ecosystem\":\"PyPI\"},\"versions\":[\"1.4\","
                  "\"1.5.0\"]},"
                  "{\"package\":{\"name\":\"r\",\"ecosystem\":\"Debian:12\"},\"ranges\":[{"
                  "\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},"
                  "{\"last_affected\":\"1.4\"}]},{\"type\":\"GIT\",\"events\":[{\"introduced\":"
                  "\"0\"}]}]},"
                  "{\"package\":{\"name\":\"s\",\"ecosystem\":\"Unheard\"}}]}]",
                  0, 0, "a@1 p:semver:1 q:pypi:1 r:dpkg:0;"},
                 {"", 0, 0, ""},
                 {"[]", 0, 0, ""},
                 {"{\"id\":\"a\"," M "}\n{\"id\":\"b\"}\n", ERR_INVALID, 2, "a@1;"},
                 {"{\"id\":\"a\"," M "}\n\n7\n", ERR_INVALID, 3, "a@1;"},
                 {"{\"id\":\"a\",\n\"modified\":\"yesterday\"}", ERR_INVALID, 2, ""},
                 {"{\"id\":\"a\"," M, ERR_INVALID, 1, ""},
                 {"[{\"id\":\"a\"," M "}] 5", ERR_INVALID, 1, "a@1;"}};
    struct osv_counts c;
    struct errinfo ei;
    struct seen s;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int r = read_osv(cases[i].text, &s, &c, &ei);

        if (r != cases[i].r || strcmp(s.text, cases[i].want) != 0)
            print_error("%zu: %d %s: %s\n", i, r, ei.text, s.text);
        assert_int_equal(r, cases[i].r);
        assert_string_equal(s.text, cases[i].want);
        assert_true(r == 0 || ei.line == cases[i].line);
    }
    (void)read_osv(cases[1].text, &s, &c, &ei);
    assert_true(c.records == 1 && c.packages == 3 && c.git == 1 && c.unknown_ecosystem == 1 &&
                c.cut == 0);
}

static int
see_package(void *arg, const struct package *p)
{
    struct seen *s = arg;

    s->len += (size_t)snprintf(
        s->text + s->len, sizeof s->text - s->len, "%.*s %.*s %.*s %.*s %u;", (int)p->name.len,
        p->name.ptr, (int)p->version.len, p->version.ptr, (int)p->source.len, p->source.ptr,
        (int)p->source_version.len, p->source_version.ptr, p->line);
    return 0;
}

static void
test_dpkg(void **state)
{
    static const struct {
        const char *text;
        int r;
        unsigned line;
        const char *want;
        const char *release;
    } cases[] = {
        {"Package: a\nStatus: install ok installed\nVersion: 1:2-3+b1\nSource: src "
         "(2-3)\nDescription: x\n more: of it\n\n"
         "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n\n"
         "Package: half\nStatus: install ok half-configured\nSource: other\nVersion: 4\r\n",
         0, 0, "a 1:2-3+b1 src 2-3 1;half 4 other 4 13;", ""},
        {"Package: base-files\nStatus: install ok installed\nVersion: 12.4+deb12u5\n", 0, 0,
         "base-files 12.4+deb12u5 base-files 12.4+deb12u5 1;", "Debian:12"},
        {"Package: base-files\nStatus: install ok installed\nVersion: 12ubuntu4.6\n", 0, 0,
         "base-files 12ubuntu4.6 base-files 12ubuntu4.6 1;", ""},
        {"", 0, 0, "", ""},
        {"Package: a\nStatus: install ok installed\n", ERR_INVALID, 1, "", ""},
        {"Package: a\nStatus: install ok installed\nVersion: 1 2\n", ERR_INVALID, 3, "", ""},
        {"Package: a\nwhat\n", ERR_INVALID, 2, "", ""},
        {"Version: 1\nStatus: install ok installed\n", ERR_INVALID, 1, "", ""}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct seen s = {.len = 0};
        struct package_counts c;
        struct errinfo ei = {0};
        int r = package_read_dpkg(slice_of(cases[i].text), see_package, &s, &c, &ei);

        if (r != cases[i].r || strcmp(s.text, cases[i].want) != 0)
            print_error("%zu: %d %s: %s\n", i, r, ei.text, s.text);
        assert_int_equal(r, cases[i].r);
        assert_string_equal(s.text, cases[i].want);
        assert_string_equal(c.release, cases[i].release);
        assert_true(r == 0 || ei.line == cases[i].line);
    }
}

/* ---- a whole distribution ---------------------------------------------------------------- */

struct advisory {
    char name[64];
    cve_id cve;
    char affected[128];
    size_t len;
};
static struct advisory advisories[20000];
static unsigned advisory_count;
static char (*findings)[96];
static unsigned finding_count;
enum { FINDINGS = 40000 };

static int
keep_advisory(void *arg, const struct osv_record *r)
{
    (void)arg;
    for (unsigned i = 0; i < r->packages; i++) {
        struct advisory *a = &advisories[advisory_count++];

        assert_true(advisory_count < COUNT(advisories) && r->cves == 1 &&
                    r->package[i].len < sizeof a->affected);
        (void)snprintf(a->name, sizeof a->name, "%.*s", (int)r->package[i].name.len,
                       r->package[i].name.ptr);
        a->cve = r->cve[0];
        a->len = r->package[i].len;
        memcpy(a->affected, r->affected.ptr + r->package[i].from, a->len);
    }
    return 0;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const struct advisory *)a)->name, ((const struct advisory *)b)->name);
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int
match(void *arg, const struct package *p)
{
    (void)arg;
    for (unsigned i = 0; i < advisory_count; i++) {
        const struct advisory *a = &advisories[i];
        char cve[CVE_TEXT];

        if (!slice_is(p->source, a->name) ||
            !affected_is((struct slice){a->affected, a->len}, p->source_version))
            continue;
        (void)cve_format(a->cve, cve);
        assert_true(finding_count < FINDINGS);
        (void)snprintf(findings[finding_count++], 96, "%.*s\t%s\n", (int)p->name.len,
                       p->name.ptr, cve);
    }
    return 0;
}

static void
slurp(const char *name, struct buf *to)
{
    char path[512];
    char *at;
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", shared == NULL ? "" : shared, name);
    f = shared == NULL ? NULL : fopen(path, "r");
    if (f == NULL)
        skip();
    while ((at = buf_reserve(to, 1 << 16)) != NULL) {
        size_t n = fread(at, 1, 1 << 16, f);

        if (n == 0)
            break;
        buf_wrote(to, n);
    }
    (void)fclose(f);
}

static void
test_debian(void **state)
{
    AUTO_BUF(osv, 1 << 26);
    AUTO_BUF(status, 1 << 26);
    AUTO_BUF(want, 1 << 26);
    struct package_counts packages;
    struct osv_counts counts;
    struct errinfo ei = {0};
    struct slice rest;
    struct slice line;
    unsigned i = 0;

    (void)state;
    slurp("debian-12-osv.jsonl", &osv);
    slurp("dpkg-status-a", &status);
    slurp("expected-a.tsv", &want);
    findings = calloc(FINDINGS, sizeof *findings);
    assert_non_null(findings);
    assert_int_equal(osv_read(osv.ptr, osv.len, keep_advisory, NULL, &counts, &ei), 0);
    assert_true(counts.records == 11310 && counts.packages == 11310);
    qsort(advisories, advisory_count, sizeof *advisories, by_name);
    assert_int_equal(package_read_dpkg(buf_get(&status), match, NULL, &packages, &ei), 0);
    assert_true(packages.packages == 1970 && packages.not_installed == 30);
    assert_string_equal(packages.release, "Debian:12");
    qsort(findings, finding_count, sizeof *findings, by_text);
    rest = buf_get(&want);
    while (slice_line(&rest, &line)) {
        while (i > 0 && i < finding_count && strcmp(findings[i], findings[i - 1]) == 0)
            i++;
        assert_true(i < finding_count);
        assert_int_equal(strlen(findings[i]), line.len + 1);
        assert_memory_equal(findings[i], line.ptr, line.len);
        i++;
    }
    while (i < finding_count && strcmp(findings[i], findings[i - 1]) == 0)
        i++;
    assert_int_equal(i, finding_count);
    free(findings);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges), cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_wrong),  cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_osv),    cmocka_unit_test(test_dpkg),
        cmocka_unit_test(test_debian)};

    shared = argc > 1 ? argv[1] : NULL;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
