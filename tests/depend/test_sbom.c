/* Bills of materials and suppliers: what is taken of each form, what is counted, what is wrong
 * by line and column, and where what they name stands in an audit. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "depend/audit.h"
#include "depend/plan.h"
#include "depend/sbom.h"
#include "depend/suppliers.h"

#define NOW (INT64_C(1793491200) * TIME_US_PER_S) /* 2026-11-01 */

struct set {
    struct facts f;
    struct services s;
    struct home h;
    struct audit a;
    struct audit_input in;
    struct errinfo ei;
    char *text[4];
    unsigned texts;
};

static char *
keep(struct set *x, const char *text)
{
    return x->text[x->texts++] = strdup(text);
}

static int
take(struct set *x, const char *suppliers, const char *bill, struct sbom_counts *counts)
{
    struct sbom_of of = {.fallback = SLICE("file.json")};
    char *text = keep(x, suppliers);
    uint16_t source;

    facts_init(&x->f, 7);
    assert_int_equal(facts_source(&x->f, "suppliers.csv", (struct utime){0}, &source), 0);
    assert_int_equal(suppliers_read(&x->f, text, strlen(text), source, &x->ei), 0);
    assert_int_equal(facts_source(&x->f, "bill.json", (struct utime){0}, &of.source), 0);
    text = keep(x, bill);
    of.text = text;
    of.len = strlen(text);
    return sbom_read(&x->f, &x->s, &of, counts, &x->ei);
}

static void
audit(struct set *x)
{
    assert_int_equal(home_add(&x->h, SLICE("XA"), SLICE("home"), 0, &x->ei), 0);
    x->in = (struct audit_input){
        .services = &x->s, .facts = &x->f, .home = &x->h, .at = {NOW}, .drift = {1}};
    assert_int_equal(audit_run(&x->in, &x->a), 0);
}

static void
drop(struct set *x)
{
    audit_release(&x->a);
    services_release(&x->s);
    facts_release(&x->f);
    home_release(&x->h);
    while (x->texts > 0)
        free(x->text[--x->texts]);
}

/* `kind what @supplier verdict country line;` of each need of all services. */
static const char *
needs_of(const struct set *x)
{
    static char out[4096];
    size_t n = 0;

    out[0] = '\0';
    for (uint32_t i = 0; i < x->a.needs; i++) {
        const struct need *need = &x->a.need[i];
        const struct place *p = &x->a.place[x->a.link[need->link_at]];
        struct slice link = audit_what(&x->a, x->a.link[need->link_at]);
        char code[16];
        AUTO_BUF(what, 4096);

        audit_need_text(&x->a, need, &what);
        country_format(p->country, code);
        n += (size_t)snprintf(out + n, sizeof out - n, "%s %.*s @%.*s %s %s %u;",
                              depend_kind_name((enum depend_kind)need->kind), (int)what.len,
                              what.ptr, (int)link.len, link.ptr,
                              depend_verdict_name((enum depend_verdict)need->verdict),
                              p->country == 0 ? "?" : code, x->s.part[need->part - 1].line);
    }
    return out;
}

static const char rows[] = "kind,supplier,country,lease_until,home_alternative\n"
                           "software,Bigsoft,XB,,\n"
                           "licence,Bigsoft,XC,2027-01-01,Own suite\n"
                           "cloud,Skyhost,XC,,Own hall\n"
                           "software,Homeware,XA,,\n"
                           "licence,Tenant,XB,,\n";

static void
test_cyclonedx(void **state)
{
    static const char bill[] =
        "{\"bomFormat\": \"CycloneDX\", \"components\": [\n"
        " {\"name\": \"suite\", \"version\": \"9\", \"supplier\": {\"name\": \"Bigsoft\"},\n"
        "  \"licenses\": [{\"license\": {\"licensing\": {\"licensor\": {\"organization\":\n"
        "    {\"name\": \"BIGSOFT\"}}, \"expiration\": \"2026-12-31T00:00:00Z\"}}}],\n"
        "  \"components\": [\n"
        "   {\"name\": \"in\\u006eer\\n\", \"publisher\": \"Homeware\"}]},\n"
        " {\"name\": \"free\", \"version\": \"1\", \"supplier\": {\"name\": \"Nobody "
        "Known\"}},\n"
        " {\"name\": \"free\", \"version\": \"1\", \"supplier\": {\"name\": \"Nobody "
        "Known\"}},\n"
        " {\"name\": \"orphan\", \"version\": \"2\"},\n"
        " {\"name\": \"sdk\", \"version\": \"1\", \"supplier\": {\"name\": \"Skyhost\"}},\n"
        " {\"version\": \"3\"}],\n"
        " \"services\": [{\"name\": \"store\", \"version\": \"1\", \"provider\": {\"name\": "
        "\"Skyhost\"}},\n"
        "  {\"name\": \"queue\", \"version\": \"1\"}],\n"
        " \"metadata\": {\"timestamp\": \"2026-10-01T00:00:00Z\", \"component\": {\"name\": "
        "\"portal\"}}, \"specVersion\": \"1.6\"}\n";
    struct set x = {0};
    struct sbom_counts c;

    (void)state;
    assert_int_equal(take(&x, rows, bill, &c), 0);
    assert_int_equal(c.components, 5);
    assert_int_equal(c.services, 2);
    assert_int_equal(c.duplicates, 1);
    assert_int_equal(c.nameless, 1);
    assert_int_equal(c.versionless, 1);
    assert_int_equal(c.supplierless, 2);
    assert_int_equal(x.s.count, 1);
    assert_true(slice_is(x.s.service[0].id, "portal"));
    audit(&x);
    /* a line feed that an escape makes does not count; a licence is one for both who ask for
     * it, and so is a cloud */
    assert_string_equal(needs_of(&x), "software inner\n @Homeware inside XA 6;"
                                      "licence BIGSOFT @BIGSOFT cached XC 2;"
                                      "software suite 9 @Bigsoft outside XB 2;"
                                      "software free 1 @Nobody Known unknown ? 7;"
                                      "software orphan 2 @orphan 2 unknown ? 9;"
                                      "cloud Skyhost @Skyhost outside XC 10;"
                                      "cloud queue 1 @queue 1 unknown ? 13;");
    /* the earlier of both days, and components stop nothing */
    assert_int_equal(x.a.need[1].least.us, NOW + 60 * INT64_C(86400) * TIME_US_PER_S);
    assert_int_equal(x.a.need[2].most.us, DEPEND_NEVER.us);
    assert_int_equal(x.a.outcome[0].verdict, VERDICT_OUTSIDE);
    drop(&x);
}

static void
test_spdx(void **state)
{
    static const char bill[] =
        "{\"spdxVersion\": \"SPDX-2.3\", \"name\": \"portal-2\", \"packages\": [\n"
        " {\"name\": \"a\", \"versionInfo\": \"1\", \"supplier\": \"Organization: Homeware "
        "(x@y.example)\"},\n"
        " {\"name\": \"b\", \"supplier\": \"NOASSERTION\", \"originator\": \"Person: "
        "Tenant\"},\n"
        " {\"name\": \"c\", \"supplier\": \"Tenant\"}],\n"
        " \"creationInfo\": {\"created\": \"2026-09-01T00:00:00Z\"}}";
    struct set x = {0};
    struct sbom_counts c;

    (void)state;
    assert_int_equal(take(&x, rows, bill, &c), 0);
    assert_int_equal(c.components, 3);
    assert_int_equal(c.supplierless, 1);
    audit(&x);
    assert_string_equal(needs_of(&x), "software a 1 @Homeware inside XA 2;"
                                      "licence Tenant @Tenant outside XB 3;"
                                      "software c @c unknown ? 4;");
    /* nobody says when that licence ends: now, or never */
    assert_int_equal(x.a.outcome[0].least.us, NOW);
    assert_int_equal(x.a.outcome[0].most.us, DEPEND_NEVER.us);
    assert_int_equal(x.a.outcome[0].verdict, VERDICT_UNKNOWN);
    drop(&x);
}

/* A bill of a service that is listed; what to move is the supplier, with what stands ready. */
static void
test_plan(void **state)
{
    static const char bill[] =
        "{\"specVersion\": \"1.4\", \"services\": [{\"name\": \"store\", "
        "\"provider\": {\"name\": \"skyhost\"}}]}";
    struct sbom_of of = {.service = SLICE("mail"), .fallback = SLICE("x")};
    struct set x = {0};
    struct sbom_counts c;
    struct plan p;

    (void)state;
    assert_int_equal(take(&x, rows, bill, &c), 0);
    assert_true(slice_is(x.s.service[0].id, "file.json"));
    of.text = keep(&x, bill);
    of.len = strlen(of.text);
    assert_int_equal(sbom_read(&x.f, &x.s, &of, &c, &x.ei), 0);
    of.text = keep(&x, bill);
    of.len = strlen(of.text);
    assert_int_equal(sbom_read(&x.f, &x.s, &of, &c, &x.ei), 0);
    assert_int_equal(x.s.count, 2);
    audit(&x);
    assert_int_equal(x.a.outcome[1].needs, 2); /* both bills */
    assert_int_equal(plan_make(&x.in, &x.a, DEPEND_NEVER, 9, &p), 0);
    assert_int_equal(p.steps, 1);
    assert_int_equal(p.step[0].services, 2);
    assert_true(slice_is(p.move[p.order[0]].what, "skyhost"));
    assert_true(slice_is(plan_alternative(&x.in, &p, &p.step[0]), "Own hall"));
    plan_release(&p);
    drop(&x);
}

static void
test_wrong_bills(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        const char *say;
    } wrong[] = {{"", 1, "is a JSON object"},
                 {"[]", 1, "is a JSON object"},
                 {"{}", 1, "neither `specVersion`"},
                 {"{\n\"specVersion\": \"1.3\"}", 2, "1.4, 1.5 and 1.6"},
                 {"{\n\n\"spdxVersion\": \"SPDX-2.2\"}", 3, "SPDX 2.3"},
                 {"{\"specVersion\": 1.5}", 1, "is of version ``"},
                 {"{\"components\":\n {}}", 2, "no list"},
                 {"{\"components\":\n [1]}", 2, "a component is an object"},
                 {"{\"services\": [\n1]}", 2, "a service is an object"},
                 {"{\"packages\": [\n\n1]}", 3, "a package is an object"},
                 {"{\"components\": [{\"name\": \"a\"}\n", 2, "missing"},
                 {"{\"specVersion\": \"1.5\"}\n{}", 2, "behind the object"},
                 {"{\"specVersion\": \"1.5}", 1, "no end"},
                 {"{\"specVersion\": \"1.5\",\n\"name\": \"a\n\"}", 2, "no end"},
                 {"{\"specVersion\": \"1.5\",\n\n\"name\": \"\xff\"}", 3, "no UTF-8"}};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct set x = {0};
        struct sbom_counts c;

        assert_int_equal(take(&x, rows, wrong[i].text, &c), ERR_INVALID);
        if (x.ei.line != wrong[i].line || strstr(x.ei.text, wrong[i].say) == NULL)
            fail_msg("%s: %u: %s", wrong[i].text, x.ei.line, x.ei.text);
        drop(&x);
    }
}

/* As deep as is taken, and one deeper. */
static void
test_deep(void **state)
{
    (void)state;
    for (unsigned deep = SBOM_DEPTH - 1; deep <= SBOM_DEPTH; deep++) {
        AUTO_BUF(text, 1 << 16);
        struct set x = {0};
        struct sbom_counts c;

        buf_text(&text, "{\"specVersion\":\"1.5\",\"components\":[{\"name\":\"x\"");
        for (unsigned i = 0; i < deep; i++)
            buf_printf(&text, ",\"components\":[{\"name\":\"%u\"", i);
        for (unsigned i = 0; i < deep + 1; i++)
            buf_text(&text, "}]");
        buf_text(&text, "}");
        buf_char(&text, '\0');
        assert_int_equal(take(&x, rows, text.ptr, &c), deep < SBOM_DEPTH ? 0 : ERR_INVALID);
        if (deep < SBOM_DEPTH)
            assert_int_equal(c.components, SBOM_DEPTH);
        drop(&x);
    }
}

static void
test_wrong_suppliers(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        unsigned column;
        const char *say;
    } wrong[] = {{"", 1, 1, "is empty"},
                 {"supplier\n", 1, 1, "`kind` is missing"},
                 {"supplier,kind,colour\n", 1, 15, "`colour` is none of"},
                 {"supplier,kind,kind\n", 1, 15, "`kind` is there twice"},
                 {"supplier,kind\na,software,\n", 2, 1, "has 3 fields"},
                 {"supplier,kind\na,hardware\n", 2, 3, "software, licence or cloud"},
                 {"supplier,kind\n,cloud\n", 2, 1, "has a name"},
                 {"supplier,kind,country\na,cloud,xa\n", 2, 9, "two capital letters"},
                 {"supplier,kind,lease_until\na,cloud,2027-01-01\n", 2, 9, "only a licence"},
                 {"supplier,kind,lease_until\na,licence,soon\n", 2, 11, "as 2027-03-01"},
                 {"supplier,kind\na,cloud\nb,cloud\nA,cloud\n", 4, 1, "line 2 has that"}};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        char text[256];
        struct facts f;
        struct errinfo ei = {0};
        uint16_t source;

        (void)snprintf(text, sizeof text, "%s", wrong[i].text);
        facts_init(&f, 1);
        assert_int_equal(facts_source(&f, "x", (struct utime){0}, &source), 0);
        assert_int_equal(suppliers_read(&f, text, strlen(text), source, &ei), ERR_INVALID);
        if (ei.line != wrong[i].line || ei.column != wrong[i].column ||
            strstr(ei.text, wrong[i].say) == NULL)
            fail_msg("%s: %u:%u: %s", wrong[i].text, ei.line, ei.column, ei.text);
        facts_release(&f);
    }
}

/* Random bills against what was put into them: each pair of component and supplier once. */
static void
test_random(void **state)
{
    uint64_t seed = 11;

    (void)state;
    for (int round = 0; round < 300; round++) {
        bool met[8][5] = {{false}};
        unsigned want = 0;
        unsigned twice = 0;
        bool first = true;
        AUTO_BUF(text, 1 << 16);
        struct set x = {0};
        struct sbom_counts c;

        buf_text(&text, "{\"specVersion\":\"1.5\",\"components\":[");
        for (unsigned i = 0; i < 20; i++) {
            unsigned name = (unsigned)(next_random(&seed) % 8);
            unsigned who = (unsigned)(next_random(&seed) % 5);

            buf_printf(&text, "%s{\"name\":\"n%u\"", first ? "" : ",", name);
            if (who > 0)
                buf_printf(&text, ",\"supplier\":{\"url\":[{}],\"name\":\"s%u\"}", who);
            buf_text(&text, "}");
            first = false;
            twice += met[name][who];
            want += !met[name][who];
            met[name][who] = true;
        }
        buf_text(&text, "]}");
        buf_char(&text, '\0');
        assert_int_equal(
            take(&x, "supplier,kind,country\ns1,software,XA\ns2,software,XB\n", text.ptr, &c),
            0);
        assert_int_equal(c.components, want);
        assert_int_equal(c.duplicates, twice);
        audit(&x);
        assert_int_equal(x.a.needs, want);
        for (uint32_t i = 0; i < x.a.needs; i++) {
            struct slice who = audit_what(&x.a, x.a.link[x.a.need[i].link_at]);

            assert_int_equal(x.a.need[i].verdict, slice_is(who, "s1")   ? VERDICT_INSIDE
                                                  : slice_is(who, "s2") ? VERDICT_OUTSIDE
                                                                        : VERDICT_UNKNOWN);
        }
        drop(&x);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cyclonedx), cmocka_unit_test(test_spdx),
        cmocka_unit_test(test_plan),      cmocka_unit_test(test_wrong_bills),
        cmocka_unit_test(test_deep),      cmocka_unit_test(test_wrong_suppliers),
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
