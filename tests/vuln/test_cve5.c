/* CVE records: what is taken of one, what is wrong and where, ranges against the schema's own
 * algorithm, and 36,003 real ones. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "slurp.h"
#include "vuln/cve5.h"

static const char *shared; /* folder; NULL: there is none */

/* ---- one record -------------------------------------------------------------------------- */

struct seen {
    char text[4096];
    size_t len;
    unsigned records;
};

#define SAY(s, ...) \
    ((s)->len +=    \
     (size_t)snprintf((s)->text + (s)->len, sizeof(s)->text - (s)->len, __VA_ARGS__))

static void
say_product(struct seen *s, const struct cve5_record *r, const struct cve5_product *p)
{
    SAY(s, " [%s %.*s/%.*s/%.*s =%d cpes%u", p->container == CVE5_CNA ? "cna" : "adp",
        (int)p->vendor.len, p->vendor.ptr, (int)p->product.len, p->product.ptr,
        (int)p->package.len, p->package.ptr, p->default_status, p->cpes);
    for (unsigned i = 0; i < p->versions; i++) {
        const struct cve5_version *v = &r->version[p->version + i];

        SAY(s, " %.*s:%d:%.*s<%.*s<=%.*s", (int)v->version.len, v->version.ptr, v->status,
            (int)v->type.len, v->type.ptr, (int)v->less_than.len, v->less_than.ptr,
            (int)v->less_or_equal.len, v->less_or_equal.ptr);
        for (unsigned c = 0; c < v->changes; c++)
            SAY(s, "@%.*s:%d", (int)r->change[v->change + c].at.len,
                r->change[v->change + c].at.ptr, r->change[v->change + c].status);
    }
    SAY(s, " m%d]", p->match);
}

static int
see(void *arg, const struct cve5_record *r)
{
    struct seen *s = arg;

    s->records++;
    SAY(s, "%u-%u@%u%s", (unsigned)(r->cve >> 32), (unsigned)r->cve, r->line,
        r->state == CVE5_REJECTED ? " rejected" : "");
    SAY(s, " '%.*s' '%.*s'", (int)r->title.len, r->title.ptr, (int)r->description.len,
        r->description.ptr);
    if (r->cvss.version > 0)
        SAY(s, " cvss%u:%u:%d:%.*s", r->cvss.version, r->cvss.score, r->cvss.severity,
            (int)r->cvss.vector.len, r->cvss.vector.ptr);
    if (r->ssvc.there)
        SAY(s, " ssvc%d%d%d", r->ssvc.exploitation, r->ssvc.automatable,
            r->ssvc.technical_impact);
    if (r->in_kev)
        SAY(s, " kev%lld", (long long)(r->kev_added.us / TIME_US_PER_S));
    for (unsigned i = 0; i < r->cwes; i++)
        SAY(s, " cwe%u", r->cwe[i]);
    for (unsigned i = 0; i < r->products; i++)
        say_product(s, r, &r->product[i]);
    for (unsigned i = 0; i < r->packages; i++)
        SAY(s, " (%s %.*s %s %d)", r->package[i].ecosystem, (int)r->package[i].name.len,
            r->package[i].name.ptr, version_scheme_name(r->package[i].scheme),
            affected_is(slice_sub(buf_get(&r->affected), r->package[i].from, r->package[i].len),
                        SLICE("1.5")));
    SAY(s, ";");
    return 0;
}

static int
read_text(const char *text, struct seen *s, struct cve5_counts *c, struct errinfo *ei)
{
    char copy[8192];
    size_t n = (size_t)snprintf(copy, sizeof copy, "%s", text);

    *s = (struct seen){.len = 0};
    *ei = (struct errinfo){.line = 0};
    return cve5_read(copy, n, see, s, c, ei);
}

#define META(id)     "\"cveMetadata\":{\"cveId\":\"" id "\",\"state\":\"PUBLISHED\"}"
#define CNA(members) "{\"containers\":{\"cna\":{" members "}}," META("CVE-2099-0001") "}"
#define ADP(members) "{\"containers\":{\"adp\":[{" members "}]}," META("CVE-2099-0001") "}"

static void
what_a_record_says(void **state)
{
    static const struct {
        const char *text;
        int r;
        unsigned line;
        const char *want;
    } cases[] = {
        {"{" META("CVE-2099-0001") "}\n\n{" META("CVE-2099-12345") "}", 0, 0,
         "2099-1@1 '' '';2099-12345@3 '' '';"},
        {"[{" META("CVE-2099-0001") "},\n{\"dataVersion\":\"5.1\"," META("CVE-2099-0002") "}]",
         0, 0, "2099-1@1 '' '';2099-2@2 '' '';"},
        {"{\"cveMetadata\":{\"cveId\":\"CVE-2099-0001\",\"state\":\"REJECTED\"},\"containers\":"
         "{\"cna\":{\"rejectedReasons\":[{\"lang\":\"en\",\"value\":\"no \\\"bug\\\"\"}]}}}",
         0, 0, "2099-1@1 rejected '' 'no \"bug\"';"},
        {CNA("\"title\":\"T\",\"descriptions\":[{\"lang\":\"de\",\"value\":\"D\"},{\"value\":"
             "\"E\",\"lang\":\"en-US\"},{\"lang\":\"en\",\"value\":\"F\"}]"),
         0, 0, "2099-1@1 'T' 'E';"},
        {ADP("\"title\":\"of the container\",\"descriptions\":[{\"lang\":\"en\",\"value\":"
             "\"F\"}]"),
         0, 0, "2099-1@1 '' '';"},
        /* CVSS */
        {CNA("\"metrics\":[{\"cvssV2_0\":{\"baseScore\":10,\"vectorString\":\"v2\"}},{"
             "\"cvssV3_1\":{\"baseScore\":7.5,\"baseSeverity\":\"HIGH\",\"vectorString\":\"a\"}"
             "},{\"cvssV3_1\":{\"baseScore\":9.84 ,\"vectorString\":\"b\"}},{\"cvssV3_1\":{"
             "\"baseScore\":8.2}},{\"cvssV3_0\":{\"baseScore\":10.0}}]"),
         0, 0, "2099-1@1 '' '' cvss31:98:5:b;"},
        {"{\"containers\":{\"adp\":[{\"metrics\":[{\"cvssV3_1\":{\"baseScore\":9.9}},{"
         "\"cvssV3_1\":{\"baseScore\":11}}]}],\"cna\":{\"metrics\":[{\"cvssV3_1\":{"
         "\"baseScore\":4}}]}}," META("CVE-2099-0001") "}",
         0, 0, "2099-1@1 '' '' cvss31:40:3:;"},
        {CNA("\"metrics\":[{\"cvssV4_0\":{\"baseScore\":0}},{\"cvssV3_1\":{\"baseScore\":1}}]"),
         0, 0, "2099-1@1 '' '' cvss40:0:1:;"},
        /* SSVC, KEV, CWE */
        {ADP("\"metrics\":[{\"other\":{\"type\":\"ssvc\",\"content\":{\"options\":[{"
             "\"Exploitation\":\"PoC\"},{\"Automatable\":\"Yes\"},{\"Technical Impact\":"
             "\"total\"}],\"timestamp\":\"2099-01-02T00:00:00Z\"}}},{\"other\":{\"content\":{"
             "\"dateAdded\":\"2024-02-21\"},\"type\":\"kev\"}},{\"other\":{\"type\":\"ssvc\","
             "\"content\":{\"options\":[{\"Exploitation\":\"none\"}],\"timestamp\":"
             "\"2099-01-01T00:00:00Z\"}}}],\"problemTypes\":[{\"descriptions\":[{\"cweId\":"
             "\"CWE-79\"},{\"cweId\":\"CWE-20\"},{\"cweId\":\"CWE-79\"},{\"cweId\":\"CWE-x\"}]"
             "}]"),
         0, 0, "2099-1@1 '' '' ssvc222 kev1708473600 cwe20 cwe79;"},
        {CNA("\"metrics\":[{\"other\":{\"type\":\"ssvc\",\"content\":{\"options\":[]}}}]"), 0,
         0, "2099-1@1 '' '';"},
        /* products */
        {CNA("\"affected\":[{\"vendor\":\"v\",\"product\":\"p\",\"cpes\":[\"a\",\"b\"],"
             "\"defaultStatus\":\"unaffected\",\"versions\":[{\"version\":\"1\",\"status\":"
             "\"affected\",\"lessThan\":\"2\",\"versionType\":\"custom\",\"changes\":[{\"at\":"
             "\"1.5\",\"status\":\"unaffected\"}]}]},{\"product\":\"q\"}]"),
         0, 0,
         "2099-1@1 '' '' [cna v/p/ =2 cpes2 1:1:custom<2<=@1.5:2 m1] [cna /q/ =0 cpes0 m1];"},
        {CNA("\"affected\":[{\"packageName\":\"x\",\"collectionURL\":\"https://www.npmjs.com/"
             "package/x\",\"versions\":[{\"version\":\"0\",\"status\":\"affected\","
             "\"lessThan\":\"2.0.0\",\"versionType\":\"semver\"}]}]"),
         0, 0, "2099-1@1 '' '' [cna //x =0 cpes0 0:1:semver<2.0.0<= m0] (npm x semver 1);"},
        {CNA("\"affected\":[{\"packageName\":\"crypto/tls\",\"vendor\":\"Go standard library\","
             "\"collectionURL\":\"https://pkg.go.dev\",\"defaultStatus\":\"affected\"},{"
             "\"packageName\":\"example.org/a/b\",\"vendor\":\"example.org/a\","
             "\"collectionURL\":\"https://a.b.pkg.go.dev/"
             "\",\"versions\":[{\"version\":\"1.5.0\","
             "\"status\":\"affected\"}]}]"),
         0, 0,
         "2099-1@1 '' '' [cna Go standard library//crypto/tls =1 cpes0 m0] [cna example.org/a//"
         "example.org/a/b =0 cpes0 1.5.0:1:<<= m0] (Go stdlib semver 1) (Go example.org/a "
         "semver 1);"},
        {CNA("\"affected\":[{\"packageName\":\"foreman\",\"collectionURL\":\"https://"
             "access.redhat.com/downloads/content/package-browser/\",\"defaultStatus\":"
             "\"affected\",\"cpes\":[\"cpe:/o:redhat:enterprise_linux:8::baseos\",\"cpe:/a:"
             "redhat:satellite:6\",\"cpe:/a:other:x\"],\"versions\":[{\"version\":\"0:1.4-1\","
             "\"lessThan\":\"*\",\"status\":\"unaffected\",\"versionType\":\"rpm\"}]}]"),
         0, 0,
         "2099-1@1 '' '' [cna //foreman =1 cpes3 0:1.4-1:2:rpm<*<= m0] (Red Hat:"
         "enterprise_linux:8::baseos foreman rpm 0) (Red Hat:satellite:6 foreman rpm 0);"},
        {CNA("\"affected\":[{\"packageName\":\"x\",\"collectionURL\":\"https://pypi.org\","
             "\"versions\":[{\"version\":\"0\",\"status\":\"affected\",\"lessThan\":\"2\","
             "\"versionType\":\"git\"}]},{\"packageName\":\"y\",\"collectionURL\":\"https://"
             "pypi.org\",\"versions\":[{\"version\":\"0\",\"status\":\"affected\",\"lessThan\":"
             "\"2.*.*\",\"versionType\":\"python\"}]},{\"packageName\":\"z\","
             "\"collectionURL\":\"https://pypi.organised.example\"}]"),
         0, 0,
         "2099-1@1 '' '' [cna //x =0 cpes0 0:1:git<2<= m2] [cna //y =0 cpes0 "
         "0:1:python<2.*.*<= m3] [cna //z =0 cpes0 m1];"},
        /* what is wrong */
        {"", 0, 0, ""},
        {"[]", 0, 0, ""},
        {"7", ERR_INVALID, 1, ""},
        {"{}", ERR_INVALID, 1, ""},
        {"{" META("CVE-2099-0001") "}\n{\"containers\":{}}", ERR_INVALID, 2, "2099-1@1 '' '';"},
        {"{\n" META("CVE-2099-001") "}", ERR_INVALID, 2, ""},
        {"{\n\"cveMetadata\":{\"cveId\":\"CVE-2099-0001\",\n\"state\":\"DRAFT\"}}", ERR_INVALID,
         3, ""},
        {"{\"dataVersion\":\"4.0\"," META("CVE-2099-0001") "}", ERR_INVALID, 1, ""},
        {"{" META("CVE-2099-0001") ",", ERR_INVALID, 1, ""},
        {"[{" META("CVE-2099-0001") "}]\n3", ERR_INVALID, 2, "2099-1@1 '' '';"},
        {CNA("\"affected\":[{\"versions\":[{\"version\" \"1\"}]}]"), ERR_INVALID, 1, ""},
    };
    struct cve5_counts c;
    struct errinfo ei;
    struct seen s;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int r = read_text(cases[i].text, &s, &c, &ei);

        if (r != cases[i].r || strcmp(s.text, cases[i].want) != 0 ||
            (r < 0 && ei.line != cases[i].line))
            fail_msg("%zu: %d %u:%u %s: %s", i, r, ei.line, ei.column, ei.text, s.text);
        assert_int_equal(c.records, s.records);
    }
}

static void
long_texts_are_cut_at_a_character(void **state)
{
    AUTO_BUF(text, 1 << 20);
    struct cve5_counts c;
    struct errinfo ei;
    struct seen s = {.len = 0};

    (void)state;
    buf_text(&text, "{\"containers\":{\"cna\":{\"title\":\"x");
    for (unsigned i = 0; i < 200; i++)
        buf_text(&text, "\xe2\x80\x99");
    buf_text(&text, "\"}}," META("CVE-2099-0001") "}");
    assert_int_equal(cve5_read(text.ptr, text.len, see, &s, &c, &ei), 0);
    assert_int_equal(c.cut, 1);
    assert_int_equal(strlen(s.text), strlen("2099-1@1 '' '';") + 1 + 85 * 3);
}

static int
pass(void *arg, const struct cve5_record *r)
{
    return arg != NULL || r->products != 1;
}

/* A range without all of its changes would be another one. */
static void
what_is_cut_gives_no_package(void **state)
{
    AUTO_BUF(text, 1 << 20);
    struct cve5_counts c;
    struct errinfo ei;

    (void)state;
    buf_text(&text, "{\"containers\":{\"cna\":{\"affected\":[{\"packageName\":\"x\","
                    "\"collectionURL\":\"https://pypi.org\",\"versions\":[{\"version\":\"0\","
                    "\"lessThan\":\"9\",\"status\":\"affected\",\"versionType\":\"python\","
                    "\"changes\":[{}");
    for (unsigned i = 0; i < CVE5_CHANGES; i++)
        buf_text(&text, ",{}");
    buf_text(&text, "]}]}]}}," META("CVE-2099-0001") "}");
    assert_int_equal(cve5_read(text.ptr, text.len, pass, NULL, &c, &ei), 0);
    assert_true(c.cut == 1 && c.packages == 0 && c.match[CVE5_TOO_MUCH] == 1);
}

/* ---- ranges ------------------------------------------------------------------------------ */

struct entry {
    unsigned from; /* 0: before all, else a version */
    unsigned to;   /* 0: a single version; TOP: no end */
    bool or_equal;
    unsigned status;
    unsigned changes;
    unsigned at[2];
    unsigned changed[2];
};
enum { TOP = 99, VERSIONS = 40 };
static const char *const statuses[] = {"unknown", "affected", "unaffected"};

/* The algorithm as the schema has it. */
static unsigned
naively(const struct entry *e, unsigned count, unsigned default_status, unsigned v)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned status = e[i].status;

        if (e[i].to == 0) {
            if (v == e[i].from)
                return status;
            continue;
        }
        if (v < e[i].from || (e[i].to != TOP && (e[i].or_equal ? v > e[i].to : v >= e[i].to)))
            continue;
        for (unsigned c = 0; c < e[i].changes; c++) {
            if (v >= e[i].at[c])
                status = e[i].changed[c];
        }
        return status;
    }
    return default_status;
}

static void
write_entries(struct buf *to, const struct entry *e, unsigned count, unsigned default_status)
{
    buf_printf(to,
               "{\"containers\":{\"cna\":{\"affected\":[{\"packageName\":\"x\","
               "\"collectionURL\":\"https://pypi.org\",\"defaultStatus\":\"%s\",\"versions\":[",
               statuses[default_status]);
    for (unsigned i = 0; i < count; i++) {
        buf_printf(to, "%s{\"version\":\"%u\",\"status\":\"%s\"", i == 0 ? "" : ",", e[i].from,
                   statuses[e[i].status]);
        if (e[i].to == TOP)
            buf_text(to, ",\"lessThan\":\"*\"");
        else if (e[i].to > 0)
            buf_printf(to, ",\"%s\":\"%u\"", e[i].or_equal ? "lessThanOrEqual" : "lessThan",
                       e[i].to);
        if (e[i].to > 0)
            buf_text(to, ",\"versionType\":\"python\"");
        for (unsigned c = 0; c < e[i].changes; c++)
            buf_printf(to, "%s{\"at\":\"%u\",\"status\":\"%s\"}%s",
                       c == 0 ? ",\"changes\":[" : ",", e[i].at[c], statuses[e[i].changed[c]],
                       c + 1 == e[i].changes ? "]" : "");
        buf_char(to, '}');
    }
    buf_text(to, "]}]}}," META("CVE-2099-0001") "}");
}

struct question {
    const struct entry *entry;
    unsigned count;
    unsigned default_status;
    unsigned wide; /* versions that are affected by the bytes alone */
};

static int
ask(void *arg, const struct cve5_record *r)
{
    struct question *q = arg;

    assert_true(r->products == 1 && r->product[0].match == CVE5_MATCHED && r->packages == 1);
    for (unsigned v = 1; v < VERSIONS; v++) {
        char text[16];
        size_t n = (size_t)snprintf(text, sizeof text, "%u", v);
        bool is =
            affected_is(slice_sub(buf_get(&r->affected), r->package[0].from, r->package[0].len),
                        (struct slice){text, n});
        bool want = naively(q->entry, q->count, q->default_status, v) == CVE5_AFFECTED;

        assert_true(is || !want);
        q->wide += is && !want;
    }
    return 0;
}

static void
ranges_are_those_of_the_schema(void **state)
{
    uint64_t x = 3;
    unsigned exact = 0;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        AUTO_BUF(text, 1 << 16);
        struct entry e[5] = {{.from = 0}};
        struct question q = {e, (unsigned)(next_random(&x) >> 8) % 6,
                             (unsigned)(next_random(&x) >> 8) % 3, 0};
        struct cve5_counts c;
        struct errinfo ei = {.line = 0};

        for (unsigned i = 0; i < q.count; i++) {
            uint64_t bits = next_random(&x) >> 4;

            e[i].to = bits % 3 == 0 ? 0 : bits % 7 == 0 ? TOP : 1 + (unsigned)(bits >> 8) % 38;
            e[i].from = (unsigned)(bits >> 16) % 38 + (e[i].to == 0);
            e[i].or_equal = (bits >> 24) % 2 == 0;
            e[i].status = (unsigned)(bits >> 26) % 3;
            e[i].changes = e[i].to == 0 ? 0 : (unsigned)(bits >> 30) % 3;
            for (unsigned k = 0; k < e[i].changes; k++) {
                e[i].at[k] = 1 + (unsigned)(next_random(&x) >> 8) % 38;
                e[i].changed[k] = (unsigned)(next_random(&x) >> 8) % 3;
            }
        }
        write_entries(&text, e, q.count, q.default_status);
        assert_int_equal(cve5_read(text.ptr, text.len, ask, &q, &c, &ei), 0);
        assert_true(q.wide <= c.widened);
        exact += q.wide == 0;
    }
    assert_true(exact > 10000);
}

/* ---- real ones --------------------------------------------------------------------------- */

static int
count_cpes(void *arg, const struct cve5_record *r)
{
    uint64_t *cpes = arg;

    *cpes += r->cpes;
    return 0;
}

static double
read_year(const char *name, struct cve5_counts *sum, uint64_t *cpes)
{
    AUTO_BUF(text, 1 << 28);
    struct errinfo ei = {.line = 0};
    struct timespec from;
    struct timespec to;
    size_t at = 0;

    slurp(shared, name, &text);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    while (at < text.len) {
        struct cve5_counts c;
        size_t end = at + (4 << 20);
        const char *lf = end >= text.len ? NULL : memchr(text.ptr + end, '\n', text.len - end);

        end = lf == NULL ? text.len : (size_t)(lf - text.ptr) + 1;
        if (cve5_read(text.ptr + at, end - at, count_cpes, cpes, &c, &ei) < 0)
            fail_msg("%s: %u:%u %s", name, ei.line, ei.column, ei.text);
        for (size_t i = 0; i < sizeof c / sizeof(uint64_t); i++)
            ((uint64_t *)sum)[i] += ((const uint64_t *)&c)[i];
        at = end;
    }
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    return (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
}

static void
two_real_years(void **state)
{
    struct cve5_counts c = {.records = 0};
    uint64_t cpes = 0;
    double ms;

    (void)state;
    ms = read_year("cve5/cve5-vulnrichment-2023.jsonl.xz", &c, &cpes);
    ms += read_year("cve5/cve5-vulnrichment-2024.jsonl.xz", &c, &cpes);
    print_message("%.0f ms; %llu products, %llu packages; match", ms,
                  (unsigned long long)c.products, (unsigned long long)c.packages);
    for (unsigned i = 0; i < CVE5_MATCHES; i++)
        print_message(" %llu", (unsigned long long)c.match[i]);
    print_message("; widened %llu cut %llu odd %llu %llu %llu kev %llu cpes %llu\n",
                  (unsigned long long)c.widened, (unsigned long long)c.cut,
                  (unsigned long long)c.odd_time, (unsigned long long)c.odd_cvss,
                  (unsigned long long)c.odd_ssvc, (unsigned long long)c.kev,
                  (unsigned long long)cpes);
    assert_true(c.records == 36003 && c.rejected == 85 && c.ssvc == 35918 && c.kev == 144);
    assert_true(c.odd_ssvc == 0);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_a_record_says),
                                       cmocka_unit_test(long_texts_are_cut_at_a_character),
                                       cmocka_unit_test(what_is_cut_gives_no_package),
                                       cmocka_unit_test(ranges_are_those_of_the_schema),
                                       cmocka_unit_test(two_real_years)};

    shared = argc > 1 ? argv[1] : NULL;
    return slurp_status(cmocka_run_group_tests(tests, NULL, NULL));
}
