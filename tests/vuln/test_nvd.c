/* Records of NVD: what is taken of them, what is wrong with files, random configurations
 * against a naive evaluator, and a whole year against what a reference matcher finds. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/texts.h"
#include "vuln/nvd.h"

static const char *shared;   /* folder of names and what is expected; NULL: there is none */
static const char *unpacked; /* folder of records */

/* ---- files ------------------------------------------------------------------------------- */

static int
see(void *arg, const struct nvd_record *r)
{
    struct buf *s = arg;
    char cve[CVE_TEXT];

    (void)cve_format(r->cve, cve);
    buf_printf(s, "%s@%u%s", cve + 4, r->line, r->rejected ? "-" : "");
    if (r->cvss.version > 0)
        buf_printf(s, " %u:%u:%s:%s:%.*s", r->cvss.version, r->cvss.score,
                   nvd_severity_name(r->cvss.severity), r->cvss.primary ? "p" : "s",
                   (int)r->cvss.vector.len, r->cvss.vector.ptr);
    for (unsigned i = 0; i < r->cwes; i++)
        buf_printf(s, " %u", r->cwe[i]);
    if (r->description.len > 0)
        buf_printf(s, " \"%.*s\"", (int)r->description.len, r->description.ptr);
    for (unsigned i = 0; i < r->products; i++)
        buf_printf(s, " %.*s%s", (int)r->product[i].name.len, r->product[i].name.ptr,
                   r->product[i].entries.len > 0 ? "!" : "");
    buf_text(s, r->simple ? ";" : "&;");
    return 0;
}

static int
read_nvd(struct slice text, struct buf *s, struct nvd_counts *c, struct errinfo *ei)
{
    AUTO_BUF(copy, 1 << 20);
    int r;

    buf_slice(&copy, text);
    buf_reset(s);
    *ei = (struct errinfo){0};
    r = nvd_read(copy.ptr, copy.len, see, s, c, ei);
    buf_char(s, '\0');
    return r;
}

#define M "\"lastModified\":\"2026-01-02T03:04:05.678\""
#define CVSS(version, kind, score, more)                                           \
    "{\"source\":\"x\",\"type\":\"" kind "\",\"cvssData\":{\"version\":\"" version \
    "\",\"vectorString\":\"V" version "\",\"baseScore\":" score more "}}"
#define LEAF(vulnerable, cpe) "{\"vulnerable\":" vulnerable ",\"criteria\":\"" cpe "\"}"
#define REST                  ":*:*:*:*:*:*:*:*"

static const char full[] =
    "{\"cve\":{\"id\":\"CVE-2026-0002\",\n\"published\":\"2026-01-01T00:00:00.000\"," M
    ",\"vulnStatus\":\"Analyzed\",\"descriptions\":[{\"lang\":\"es\",\"value\":\"No\"},"
    "{\"lang\":\"en\",\"value\":\"A \\u00e9\\\"\"}],"
    "\"metrics\":{\"cvssMetricV2\":[{\"type\":\"Primary\",\"cvssData\":{\"baseScore\":10.0},"
    "\"baseSeverity\":\"HIGH\"}],"
    "\"cvssMetricV31\":[" CVSS("3.1", "Secondary", "9.8", "") "," CVSS(
        "3.1", "Primary", "7",
        ",\"baseSeverity\":\"HIGH\"") "]},"
                                      "\"weaknesses\":[{\"description\":[{\"lang\":\"en\","
                                      "\"value\":\"CWE-79\"}]},{\"description\":"
                                      "[{\"lang\":\"en\",\"value\":\"NVD-CWE-Other\"},{"
                                      "\"lang\":\"en\",\"value\":\"CWE-79\"},"
                                      "{\"lang\":\"en\",\"value\":\"CWE-20\"}]}],"
                                      "\"configurations\":[{\"nodes\":[{\"operator\":\"OR\","
                                      "\"negate\":false,\"cpeMatch\":[" LEAF(
                                          "true",
                                          "cpe:2.3:"
                                          "a:v:"
                                          "p" REST) "," LEAF("true",
                                                             "cpe:2.3:a:v:soap::"
                                                             "lite" REST) "," LEAF("tru"
                                                                                   "e",
                                                                                   "cpe"
                                                                                   ":2."
                                                                                   "3:"
                                                                                   "a:"
                                                                                   "v:"
                                                                                   "q" REST) "," LEAF("true",
                                                                                                      "cpe:2.3:a:v:"
                                                                                                      "p" REST) "]}]"
                                                                                                                "},"
                                                                                                                "{\""
                                                                                                                "ope"
                                                                                                                "rat"
                                                                                                                "or"
                                                                                                                "\":"
                                                                                                                "\"A"
                                                                                                                "ND"
                                                                                                                "\","
                                                                                                                "\"n"
                                                                                                                "ode"
                                                                                                                "s\""
                                                                                                                ":[{"
                                                                                                                "\"o"
                                                                                                                "per"
                                                                                                                "ato"
                                                                                                                "r\""
                                                                                                                ":\""
                                                                                                                "OR"
                                                                                                                "\","
                                                                                                                "\"c"
                                                                                                                "peM"
                                                                                                                "atc"
                                                                                                                "h\""
                                                                                                                ":"
                                                                                                                "[" LEAF("true", "cpe:2.3:o:v:f" REST) "]},{\"operator\":\"OR\",\"cpeMatch\":[" LEAF(
                                                                                                                    "false",
                                                                                                                    "cpe:2.3:h:v:h" REST) "," LEAF("false",
                                                                                                                                                   "cpe:2.3:h:v:*" REST) "]}]}]}}\n";

#define FULL_SEEN \
    "2026-0002@1 31:70:high:p:V3.1 79 20 \"A \xc3\xa9\"\" a:v:p! a:v:q! o:v:f! h:v:h&;"

static void
test_full(void **state)
{
    AUTO_BUF(s, 1 << 16);
    struct nvd_counts c;
    struct errinfo ei;

    (void)state;
    assert_int_equal(read_nvd(slice_of(full), &s, &c, &ei), 0);
    assert_string_equal(s.ptr, FULL_SEEN);
    assert_true(c.records == 1 && c.rejected == 0 && c.matches == 7 && c.bad_cpe == 1 &&
                c.unindexed == 1 && c.odd == 0 && c.cut == 0);
}

static void
test_texts(void **state)
{
    static const struct {
        const char *text;
        int r;
        unsigned line;
        const char *want;
    } cases[] = {
        {"{\"cve\":{\"id\":\"CVE-2021-1234\"," M "}}\n{\"id\":\"CVE-2021-1235\"," M
         ",\"vulnStatus\":\"Rejected\"}\n",
         0, 0, "2021-1234@1;2021-1235@2-;"},
        {"[{\"id\":\"CVE-2021-1234\"," M "},{\"cve\":{\"id\":\"CVE-2021-1235\"," M "}}]", 0, 0,
         "2021-1234@1;2021-1235@1;"},
        {"{\"resultsPerPage\":1,\"x\":{\"cve\":{}},\"vulnerabilities\":[{\"cve\":{\"id\":"
         "\"CVE-2021-1234\"," M "}}\n,{\"cve\":{\"id\":\"CVE-2021-1235\"," M
         "}}],\"more\":[1]}\n{\"vulnerabilities\":[]}{\"vulnerabilities\":[{\"id\":"
         "\"CVE-2021-1236\"," M "}]}",
         0, 0, "2021-1234@1;2021-1235@2;2021-1236@3;"},
        {"", 0, 0, ""},
        {"[]", 0, 0, ""},
        {"{\"id\":\"CVE-2021-1234\"," M ",\"metrics\":{\"cvssMetricV40\":[" CVSS(
             "4.0", "Secondary", "8.5", "") "],\"cvssMetricV31\":[" CVSS("3.1", "Primary", "10",
                                                                         "") "]}}",
         0, 0, "2021-1234@1 40:85:high:s:V4.0;"},
        {"{\"id\":\"CVE-2021-1234\"," M ",\"metrics\":{\"cvssMetricV2\":[" CVSS(
             "2.0", "Primary", "3.9",
             "") "],\"cvssMetricV30\":[" CVSS("3.0", "Primary", "\"a\"",
                                              "") "," CVSS("3.0", "Primary", "10.1", "") "]}}",
         0, 0, "2021-1234@1 20:39:low:p:V2.0;"},
        {"{\"id\":\"CVE-2021-1234\"," M ",\"configurations\":[{\"operator\":\"AND\",\"nodes\":["
         "{\"operator\":\"AND\",\"cpeMatch\":[" LEAF("true", "cpe:2.3:a:v:p" REST) "]}]}]}",
         0, 0, "2021-1234@1 a:v:p!;"},
        {"{\"id\":\"CVE-2021-1234\"," M
         ",\"configurations\":[],\"metrics\":[],\"weaknesses\":{},"
         "\"descriptions\":null}",
         0, 0, "2021-1234@1;"},
        {"{\"id\":\"CVE-2021-1234\"," M "}\n{\"id\":\"CVE-2021-1\"," M "}", 0, 0,
         "2021-1234@1;"},
        {"{\"id\":\"CVE-2021-1234\"," M "}\n{" M "}", ERR_INVALID, 2, "2021-1234@1;"},
        {"{\"id\":\"CVE-2021-1234\"}", ERR_INVALID, 1, ""},
        {"{\"id\":\"CVE-2021-1234\",\n\"lastModified\":\"yesterday\"}", ERR_INVALID, 2, ""},
        {"{\"id\":\"CVE-2021-1234\"," M "}\n{\"id\":\"CVE-2021-1\"," M
         ",\n\"configurations\":\"x\"}",
         ERR_INVALID, 3, "2021-1234@1;"},
        {"{\"id\":\"CVE-2021-1\"," M ",\"configurations\":null}", ERR_INVALID, 1, ""},
        {"{\"id\":\"CVE-2021-1\"," M ",\"configurations\":{}}", ERR_INVALID, 1, ""},
        {"{\"id\":\"CVE-2021-1\"," M ",\"configurations\":[7]}", ERR_INVALID, 1, ""},
        {"{\"id\":\"CVE-2021-1\"," M ",\"configurations\":[{\n\"nodes\":7}]}", ERR_INVALID, 2,
         ""},
        {"{\"id\":\"CVE-2021-1\"," M ",\"configurations\":[{\"nodes\":[\n\"x\"]}]}",
         ERR_INVALID, 2, ""},
        {"{\"id\":\"CVE-2021-1\"," M ",\"configurations\":[{\"nodes\":[{\"cpeMatch\":\n{}}]}]}",
         ERR_INVALID, 2, ""},
        {"{\"id\":\"CVE-2021-1\"," M
         ",\"configurations\":[{\"nodes\":[{\"cpeMatch\":[\n\"x\"]}]}]}",
         ERR_INVALID, 2, ""},
        {"{\"id\":\"CVE-2021-1\"," M
         ",\"configurations\":[{\"nodes\":[{\"cpeMatch\":[{\"criteria\":\n7}]}]}]}",
         ERR_INVALID, 2, ""},
        {"{\"id\":\"CVE-2021-1234\"," M "}\n\n7\n", ERR_INVALID, 3, "2021-1234@1;"},
        {"{\"vulnerabilities\":[{\"cve\":{\"id\":\"CVE-2021-1234\"," M "}},\n5]}", ERR_INVALID,
         2, "2021-1234@1;"}};
    AUTO_BUF(s, 1 << 16);
    struct nvd_counts c;
    struct errinfo ei;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int r = read_nvd(slice_of(cases[i].text), &s, &c, &ei);

        if (r != cases[i].r || strcmp(s.ptr, cases[i].want) != 0)
            print_error("%zu: %d %s: %s\n", i, r, ei.text, s.ptr);
        assert_int_equal(r, cases[i].r);
        assert_string_equal(s.ptr, cases[i].want);
        assert_true(r == 0 || ei.line == cases[i].line);
    }
}

static void
test_cut_off(void **state)
{
    AUTO_BUF(text, 1 << 16);
    AUTO_BUF(s, 1 << 16);
    struct nvd_counts c;
    struct errinfo ei;

    (void)state;
    buf_text(&text, full);
    buf_text(&text, full);
    for (size_t n = 0; n < text.len; n++) {
        int r = read_nvd(slice_sub(buf_get(&text), 0, n), &s, &c, &ei);
        bool whole = n == 0 || n + 1 == text.len || n == text.len / 2 || n + 1 == text.len / 2;
        bool second = n + 1 >= text.len / 2 && n + 1 < text.len;
        bool in_string = strstr(ei.text, "string") != NULL; /* then the whole text is none */

        assert_int_equal(r, whole ? 0 : ERR_INVALID);
        assert_true(whole || (ei.line > 0 && ei.column > 0 && ei.text[0] != '\0'));
        if (n + 1 < text.len)
            assert_string_equal(s.ptr, second && !in_string ? FULL_SEEN : "");
    }
}

static void
test_limits(void **state)
{
    AUTO_BUF(text, 1 << 22);
    AUTO_BUF(s, 1 << 22);
    struct nvd_counts c;
    struct errinfo ei;

    (void)state;
    for (unsigned and = 0; and < 2; and++) { /* clang-format off */
        buf_reset(&text);
        buf_printf(&text, "{\"id\":\"CVE-2026-0001\"," M ",\"descriptions\":[{\"lang\":\"en\","
                   "\"value\":\"%04095d\xc3\xa9\"}],\"configurations\":[{\"operator\":\"%s\","
                   "\"nodes\":[{\"cpeMatch\":[" LEAF("true", "cpe:/a:b:c") "]},{\"cpeMatch\":[",
                   0, and ? "AND" : "OR"); /* clang-format on */
        for (unsigned i = 0; i < NVD_PRODUCTS + 5; i++)
            buf_printf(&text, "%s" LEAF("true", "cpe:/a:v:p%u"), i > 0 ? "," : "", i);
        buf_text(&text, "]}]}]}");
        assert_int_equal(buf_error(&text), 0);
        assert_int_equal(read_nvd(buf_get(&text), &s, &c, &ei), 0);
        assert_true(c.records == 1 && c.cut == 1 && c.matches == NVD_PRODUCTS + 6);
        assert_non_null(memchr(s.ptr, '"', 64));
        assert_null(memchr(s.ptr, 0xc3, s.len));
        /* Of a condition that is not whole nothing is left, but of a list what there is. */
        assert_int_equal(strstr(s.ptr, " a:v:p7!") != NULL, !and);
    }
}

/* ---- real records ------------------------------------------------------------------------ */

static void
slurp(const char *folder, const char *name, struct buf *to)
{
    char path[512];
    char *at;
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", folder == NULL ? "" : folder, name);
    f = folder == NULL ? NULL : fopen(path, "r");
    if (f == NULL)
        skip();
    while ((at = buf_reserve(to, 1 << 16)) != NULL) {
        size_t n = fread(at, 1, 1 << 16, f);

        if (n == 0)
            break;
        buf_wrote(to, n);
    }
    assert_int_equal(buf_error(to), 0);
    (void)fclose(f);
}

static enum cpe_answer
ask_names(const struct nvd_record *r, const char *const *names, unsigned count)
{
    struct config_name name[4];
    struct cpe cpe[4];
    size_t n = 0;
    enum cpe_answer best = CPE_NO;

    for (uint32_t p = 0; p < r->products; p++) {
        for (unsigned i = 0; i < count; i++) {
            AUTO_BUF(product, CPE_FORMAT);
            enum cpe_answer alone;

            assert_int_equal(cpe_parse(slice_of(names[i]), &cpe[i], NULL), 0);
            assert_true(cpe_product(&cpe[i], &product));
            if (!slice_eq(buf_get(&product), r->product[p].name))
                continue;
            alone = config_entry_is(r->product[p].entries, &cpe[i], false);
            best = r->simple && alone > best ? alone : best;
            name[n++] = (struct config_name){.cpe = &cpe[i], .product = p};
        }
    }
    return r->simple ? best : config_eval(r->config, name, n, false);
}

static const struct {
    const char *cve;
    const char *names[2];
    enum cpe_answer want;
} questions[] = {
    {"CVE-2023-45283", {"cpe:/a:golang:go:1.20.10", NULL}, CPE_NO}, /* not on Windows */
    {"CVE-2023-45283", {"cpe:/a:golang:go:1.20.10", "cpe:/o:microsoft:windows:-"}, CPE_YES},
    {"CVE-2023-45283", {"cpe:/a:golang:go:1.21.4", "cpe:/o:microsoft:windows:-"}, CPE_NO},
    /* Above the first range, and the second begins with 1.21.0-0. */
    {"CVE-2023-45283",
     {"cpe:/a:golang:go:1.20.11", "cpe:/o:microsoft:windows:-"},
     CPE_AMBIGUOUS},
    {"CVE-2023-45283", {"cpe:/o:microsoft:windows:-", NULL}, CPE_NO},
    {"CVE-2022-0543", {"cpe:/a:redis:redis:-", NULL}, CPE_NO}, /* nor on Debian */
    {"CVE-2022-0543", {"cpe:/a:redis:redis:5.0", "cpe:/o:debian:debian_linux:11.0"}, CPE_NO},
    {"CVE-2022-0543", {"cpe:/a:redis:redis:-", "cpe:/o:debian:debian_linux:11.0"}, CPE_YES},
    {"CVE-2004-0377", {"cpe:/a:larry_wall:perl:5.8.3", NULL}, CPE_YES},
    {"CVE-2004-0377", {"cpe:/a:larry_wall:perl:5.8.4", NULL}, CPE_NO},
    {"CVE-2004-0377", {"cpe:/a:larry_wall:perl:5.8.3rc1", NULL}, CPE_AMBIGUOUS},
    {"CVE-2004-0377", {"cpe:/a:activestate:activeperl:5.8.3rc1", NULL}, CPE_YES}};

struct samples {
    struct buf seen;
    unsigned asked;
};

static int
see_sample(void *arg, const struct nvd_record *r)
{
    struct samples *s = arg;
    char cve[CVE_TEXT];

    (void)cve_format(r->cve, cve);
    for (size_t i = 0; i < COUNT(questions); i++) {
        enum cpe_answer answer;

        if (strcmp(questions[i].cve, cve) != 0)
            continue;
        answer = ask_names(r, questions[i].names, questions[i].names[1] == NULL ? 1 : 2);
        if (answer != questions[i].want)
            print_error("%s %s: %d\n", cve, questions[i].names[0], (int)answer);
        assert_int_equal(answer, questions[i].want);
        s->asked++;
    }
    buf_printf(&s->seen, "%s %.*s %u:%u:%s %u %u%s\n", cve, (int)r->status.len, r->status.ptr,
               r->cvss.version, r->cvss.score, nvd_severity_name(r->cvss.severity),
               r->cwes > 0 ? r->cwe[0] : 0, r->products, r->simple ? "" : " &");
    assert_true(r->description.len > 0 && r->published.us > 0 && r->modified.us > 0);
    return 0;
}

static void
test_samples(void **state)
{
    static const char *const want[] = {"CVE-2004-0377 Deferred 0:0:unknown 0 2\n",
                                       "CVE-2008-3442 Analyzed 0:0:unknown 94 1\n",
                                       "CVE-2023-45283 Modified 31:75:high 22 2 &\n",
                                       "CVE-2026-25076 Awaiting Analysis 40:85:high 89 ",
                                       "CVE-2020-10729 Analyzed 31:55:medium 330 3 &\n",
                                       "CVE-2021-1566 Modified 31:74:high 296 ",
                                       "CVE-2022-0543 Analyzed 31:100:critical 862 ",
                                       "CVE-2015-8978 Modified 30:75:high 399 "};
    AUTO_BUF(text, 1 << 22);
    struct samples s = {.asked = 0};
    struct nvd_counts counts;
    struct errinfo ei = {0};

    (void)state;
    slurp(unpacked, "samples.json", &text);
    buf_init(&s.seen, 1 << 16);
    assert_int_equal(nvd_read(text.ptr, text.len, see_sample, &s, &counts, &ei), 0);
    buf_char(&s.seen, '\0');
    for (size_t i = 0; i < COUNT(want); i++) {
        if (strstr(s.seen.ptr, want[i]) == NULL)
            print_error("%s not in\n%s", want[i], s.seen.ptr);
        assert_non_null(strstr(s.seen.ptr, want[i]));
    }
    assert_true(counts.records == 20 && counts.not_cve == 2 && counts.cut == 0 &&
                counts.odd == 0);
    assert_true(counts.bad_cpe == 1 && s.asked >= COUNT(questions));
    buf_release(&s.seen);
}

/* ---- a whole year ------------------------------------------------------------------------ */

enum { RECORDS = 1 << 15, PLACES = 1 << 19, ASSETS = 200, ITEMS = 4096, LINES = 60000 };

struct kept {
    cve_id cve;
    bool simple;
    uint32_t place; /* the first of its products */
    uint32_t products;
    size_t config;
    size_t config_len;
};
struct place { /* a product of a record */
    uint32_t product;
    uint32_t record;
    uint32_t next; /* of the product; 0 none */
    uint32_t len;
    size_t entries;
};
struct year {
    struct texts names;
    struct buf bytes;
    struct kept record[RECORDS];
    uint32_t records;
    struct place place[PLACES];
    uint32_t places; /* the first is none */
    uint32_t first[1 << 17];
    uint32_t bad_severity;
};
struct host {
    char name[16];
    uint32_t from;
    uint32_t items;
};
struct inventory {
    struct host host[ASSETS];
    unsigned hosts;
    struct cpe cpe[ITEMS];
    uint32_t product[ITEMS];
    char text[ITEMS][160];
    unsigned items;
};
struct findings {
    char (*line)[192];
    unsigned lines;
};

static int
keep(void *arg, const struct nvd_record *r)
{
    struct year *y = arg;
    struct kept *k = &y->record[y->records];

    *k = (struct kept){r->cve, r->simple, y->places, r->products, y->bytes.len, r->config.len};
    buf_slice(&y->bytes, r->config);
    for (unsigned i = 0; i < r->products; i++) {
        struct place *p = &y->place[y->places];

        assert_int_equal(texts_put(&y->names, r->product[i].name, &p->product), 0);
        assert_true(p->product < COUNT(y->first));
        p->record = y->records;
        p->entries = y->bytes.len;
        p->len = (uint32_t)r->product[i].entries.len;
        buf_slice(&y->bytes, r->product[i].entries);
        if (p->len > 0) {
            p->next = y->first[p->product];
            y->first[p->product] = y->places;
        }
        assert_true(++y->places < PLACES);
    }
    if (r->cvss.version == 31)
        y->bad_severity += r->cvss.severity != (r->cvss.score == 0   ? NVD_NONE
                                                : r->cvss.score < 40 ? NVD_LOW
                                                : r->cvss.score < 70 ? NVD_MEDIUM
                                                : r->cvss.score < 90 ? NVD_HIGH
                                                                     : NVD_CRITICAL);
    assert_true(++y->records < RECORDS);
    return 0;
}

static void
read_inventory(const struct year *y, struct inventory *inv)
{
    AUTO_BUF(text, 1 << 22);
    struct slice rest;
    struct slice line;

    slurp(shared, "cpe-inventory-a.tsv", &text);
    rest = buf_get(&text);
    while (slice_line(&rest, &line)) {
        struct slice name = slice_part(&line, '\t');
        AUTO_BUF(product, CPE_FORMAT);
        unsigned at = inv->items++;

        if (inv->hosts == 0 || !slice_is(name, inv->host[inv->hosts - 1].name)) {
            struct host *h = &inv->host[inv->hosts++];

            (void)snprintf(h->name, sizeof h->name, "%.*s", (int)name.len, name.ptr);
            h->from = at;
        }
        inv->host[inv->hosts - 1].items++;
        assert_int_equal(cpe_parse(line, &inv->cpe[at], NULL), 0);
        (void)snprintf(inv->text[at], sizeof inv->text[at], "%.*s", (int)line.len, line.ptr);
        inv->product[at] = cpe_product(&inv->cpe[at], &product)
                               ? texts_find(&y->names, buf_get(&product))
                               : TEXTS_NONE;
    }
    assert_true(inv->hosts == ASSETS && inv->items == 2044);
}

static void
find(struct findings *to, const struct host *h, const char *cpe, cve_id id)
{
    char cve[CVE_TEXT];

    (void)cve_format(id, cve);
    assert_true(to->lines < LINES);
    if (cpe == NULL)
        (void)snprintf(to->line[to->lines++], sizeof *to->line, "%s\t%s", h->name, cve);
    else
        (void)snprintf(to->line[to->lines++], sizeof *to->line, "%s\t%s\t%s", h->name, cpe,
                       cve);
}

/* All of a record at once, for one asset. */
static void
ask_record(const struct year *y, const struct inventory *inv, const struct host *h,
           const struct kept *k, bool lenient, struct findings *to)
{
    struct config_name name[256];
    uint32_t item[256];
    size_t names = 0;

    for (uint32_t p = 0; p < k->products; p++) {
        for (uint32_t i = h->from; i < h->from + h->items; i++) {
            if (inv->product[i] != y->place[k->place + p].product)
                continue;
            item[names] = i;
            name[names++] = (struct config_name){.cpe = &inv->cpe[i], .product = p};
            assert_true(names < COUNT(name));
        }
    }
    (void)config_eval(slice_sub(buf_get(&y->bytes), k->config, k->config_len), name, names,
                      lenient);
    for (size_t i = 0; i < names; i++) {
        if (name[i].affected == CPE_YES)
            find(&to[0], h, inv->text[item[i]], k->cve);
        else if (name[i].affected == CPE_AMBIGUOUS)
            find(&to[1], h, NULL, k->cve);
    }
}

/* To to[0] who is affected, to to[1] whom nobody can tell about. */
static void
match_host(const struct year *y, const struct inventory *inv, const struct host *h,
           bool lenient, struct findings *to, uint32_t *asked)
{
    for (uint32_t i = h->from; i < h->from + h->items; i++) {
        if (inv->product[i] == TEXTS_NONE)
            continue;
        for (uint32_t at = y->first[inv->product[i]]; at > 0; at = y->place[at].next) {
            const struct place *p = &y->place[at];
            const struct kept *k = &y->record[p->record];
            enum cpe_answer a = config_entry_is(
                slice_sub(buf_get(&y->bytes), p->entries, p->len), &inv->cpe[i], lenient);

            if (a == CPE_NO)
                continue;
            if (!k->simple && asked[p->record] != h->from + 1)
                ask_record(y, inv, h, k, lenient, to);
            else if (k->simple && a == CPE_YES)
                find(&to[0], h, inv->text[i], k->cve);
            else if (k->simple)
                find(&to[1], h, NULL, k->cve);
            asked[p->record] = h->from + 1;
        }
    }
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void
sort(struct findings *f)
{
    unsigned n = 0;

    qsort(f->line, f->lines, sizeof *f->line, by_text);
    for (unsigned i = 0; i < f->lines; i++) {
        if (n == 0 || strcmp(f->line[n - 1], f->line[i]) != 0)
            memmove(f->line[n++], f->line[i], sizeof *f->line);
    }
    f->lines = n;
}

static void
read_findings(const char *name, struct findings *to)
{
    AUTO_BUF(text, 1 << 23);
    struct slice rest;
    struct slice line;

    slurp(shared, name, &text);
    to->line = calloc(LINES, sizeof *to->line);
    to->lines = 0;
    assert_non_null(to->line);
    for (rest = buf_get(&text); slice_line(&rest, &line);)
        (void)snprintf(to->line[to->lines++], sizeof *to->line, "%.*s", (int)line.len,
                       line.ptr);
    sort(to);
}

static bool
is_in(const struct findings *f, const char *line)
{
    return bsearch(line, f->line, f->lines, sizeof *f->line, by_text) != NULL;
}

/* Asset and CVE of a line. */
static bool
is_left_out(const struct findings *ambiguous, const char *line)
{
    char pair[192];

    (void)snprintf(pair, sizeof pair, "%.*s%s", (int)strcspn(line, "\t"), line,
                   strrchr(line, '\t'));
    return is_in(ambiguous, pair);
}

static unsigned
count_missing(const struct findings *of, const struct findings *in,
              const struct findings *ambiguous)
{
    unsigned n = 0;

    for (unsigned i = 0; i < of->lines; i++) {
        if (is_in(in, of->line[i]) || is_left_out(ambiguous, of->line[i]))
            continue;
        if (n++ < 5)
            print_error("%s\n", of->line[i]);
    }
    return n;
}

static void
check_year(const struct year *y, const struct inventory *inv, bool lenient)
{
    struct findings got[2] = {{calloc(LINES, 192), 0}, {calloc(LINES, 192), 0}};
    uint32_t *asked = calloc(RECORDS, sizeof *asked);
    struct findings want;
    struct findings ambiguous;

    assert_true(got[0].line != NULL && got[1].line != NULL && asked != NULL);
    read_findings(lenient ? "cpe-expected-a-lenient.tsv" : "cpe-expected-a-strict.tsv", &want);
    read_findings("cpe-ambiguous-a.tsv", &ambiguous);
    for (unsigned h = 0; h < inv->hosts; h++)
        match_host(y, inv, &inv->host[h], lenient, got, asked);
    sort(&got[0]);
    sort(&got[1]);
    assert_int_equal(count_missing(&want, &got[0], &ambiguous), 0);
    assert_int_equal(count_missing(&got[0], &want, &ambiguous), 0);
    assert_true(want.lines == (lenient ? 26780 : 25833) && got[1].lines > 100);
    for (unsigned i = 0; !lenient && i < got[1].lines; i++)
        assert_true(is_in(&ambiguous, got[1].line[i]));
    free(got[0].line);
    free(got[1].line);
    free(want.line);
    free(ambiguous.line);
    free(asked);
}

static void
test_year(void **state)
{
    AUTO_BUF(text, 1 << 26);
    struct year *y = calloc(1, sizeof *y);
    struct inventory *inv = calloc(1, sizeof *inv);
    struct nvd_counts c;
    struct errinfo ei = {0};

    (void)state;
    assert_true(y != NULL && inv != NULL);
    slurp(unpacked, "nvdcve-2.0-2021.json", &text);
    texts_init(&y->names, 1);
    buf_init(&y->bytes, 1 << 26);
    y->places = 1;
    assert_int_equal(nvd_read(text.ptr, text.len, keep, y, &c, &ei), 0);
    assert_true(c.records == 10660 && c.matches == 82335 && c.rejected == 345 && c.cut == 0);
    assert_true(c.bad_cpe == 0 && c.unindexed == 0 && c.odd == 0 && y->bad_severity == 0);
    assert_int_equal(buf_error(&y->bytes), 0);
    read_inventory(y, inv);
    check_year(y, inv, false);
    check_year(y, inv, true);
    texts_release(&y->names);
    buf_release(&y->bytes);
    free(inv);
    free(y);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full),    cmocka_unit_test(test_texts),
        cmocka_unit_test(test_cut_off), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_samples), cmocka_unit_test(test_year)};

    shared = argc > 1 ? argv[1] : NULL;
    unpacked = argc > 2 ? argv[2] : NULL;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
