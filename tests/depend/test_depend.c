/* Lists of services, zones, answers and home as files have them, what is wrong with one by line
 * and column; how long what was learnt lasts. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "depend/answers.h"
#include "depend/audit.h"
#include "depend/diff.h"
#include "depend/zone.h"
#include "wire/csv.h"

#define DAY (INT64_C(86400) * TIME_US_PER_S)

/* ---- CSV --------------------------------------------------------------------------------- */

/* Rows as `field|field/`, or the fault as `line:column`. */
static const char *
rows_of(const char *text)
{
    static char out[4096];
    char copy[1024];
    struct errinfo ei = {0};
    struct csv c;
    size_t n = 0;
    int r;

    (void)snprintf(copy, sizeof copy, "%s", text);
    csv_open(&c, copy, strlen(copy));
    while ((r = csv_row(&c, &ei)) == 1) {
        for (unsigned i = 0; i < c.count; i++)
            n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s", i > 0 ? "|" : "",
                                  (int)c.field[i].len, c.field[i].ptr);
        n += (size_t)snprintf(out + n, sizeof out - n, "/");
    }
    if (r < 0)
        (void)snprintf(out, sizeof out, "%u:%u", ei.line, ei.column);
    else
        out[n] = '\0';
    return out;
}

static void
test_csv(void **state)
{
    (void)state;
    assert_string_equal(rows_of(""), "");
    assert_string_equal(rows_of("a,b\r\nc,d\n"), "a|b/c|d/");
    assert_string_equal(rows_of("\xef\xbb\xbf"
                                "a,,\n\r\n\n,"),
                        "a||/|/");
    assert_string_equal(rows_of("\"a \"\"b\"\", c\",\"two\r\nlines\"\nx,\"\"\n"),
                        "a \"b\", c|two\r\nlines/x|/");
    assert_string_equal(rows_of("a,b\n\"c\"d,e\n"), "2:4");
    assert_string_equal(rows_of("a,b\nc,d\"e\n"), "2:4");
    assert_string_equal(rows_of("a,\"b\nc\nd"), "1:3");
    assert_string_equal(rows_of("a,b\rc"), "1:4");
    assert_string_equal(rows_of("a\n\"x\ny\",\xff\n"), "3:4");
}

/* Every way to write a table of fields reads back as the same fields. */
static void
test_csv_written(void **state)
{
    static const char *const pieces[] = {"a", "\"", ",", "\n", "\r\n", " ", "", "\xc3\xa9"};
    uint64_t seed = 7;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char text[2048];
        char want[2048];
        size_t n = 0;
        size_t m = 0;

        for (int row = 0; row < 3; row++) {
            for (int f = 0; f < 3; f++) {
                bool quoted = next_random(&seed) % 2 == 0;

                n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", f > 0 ? "," : "",
                                      quoted ? "\"" : "");
                m += (size_t)snprintf(want + m, sizeof want - m, "%s", f > 0 ? "|" : "");
                for (uint64_t k = next_random(&seed) % 4; k > 0; k--) {
                    const char *p = quoted ? pieces[next_random(&seed) % COUNT(pieces)]
                                           : pieces[next_random(&seed) % 2 * 5];

                    n += (size_t)snprintf(text + n, sizeof text - n, "%s%s",
                                          p[0] == '"' ? "\"" : "", p);
                    m += (size_t)snprintf(want + m, sizeof want - m, "%s", p);
                }
                n += (size_t)snprintf(text + n, sizeof text - n, "%s", quoted ? "\"" : "");
            }
            n += (size_t)snprintf(text + n, sizeof text - n, row % 2 ? "\r\n" : "\n");
            m += (size_t)snprintf(want + m, sizeof want - m, "/");
        }
        assert_string_equal(rows_of(text), want);
    }
}

/* ---- services ---------------------------------------------------------------------------- */

static void
test_services(void **state)
{
    char text[] = "name,id,ns,criticality,a,aaaa,cost,lead_days,measured_at\r\n"
                  "\"Portal, main\",p1, a.example ; ;b.example,5,192.0.2.1,2001:db8::1,12.5,3,"
                  "2026-03-01\r\nMail,m1,,,,,,,\r\n";
    struct services s;
    struct errinfo ei = {0};
    const struct service *p;

    (void)state;
    assert_int_equal(services_read(text, sizeof text - 1, &s, &ei), 0);
    assert_int_equal(s.count, 2);
    p = &s.service[0];
    assert_true(slice_is(p->name, "Portal, main"));
    assert_int_equal(p->criticality, 5);
    assert_int_equal(p->cost, 1250);
    assert_int_equal(p->lead_days, 3);
    assert_int_equal(p->value_at[DEPEND_NS + 1] - p->value_at[DEPEND_NS], 2);
    assert_true(slice_is(s.value[p->value_at[DEPEND_NS]], "a.example"));
    assert_int_equal(p->value_at[DEPEND_ADDRESS + 1] - p->value_at[DEPEND_ADDRESS], 2);
    assert_int_equal(s.service[1].criticality, 1);
    assert_int_equal(s.service[1].line, 3);
    services_release(&s);
}

static void
test_services_wrong(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        unsigned column;
        const char *say;
    } wrong[] = {{"", 1, 1, "is empty"},
                 {"id,owner\n1,x\n", 1, 1, "`name` is missing"},
                 {"name\n1\n", 1, 1, "`id` is missing"},
                 {"id,name,colour\n", 1, 9, "`colour` is no column"},
                 {"id,name,ns,ns\n", 1, 12, "`ns` is there twice"},
                 {"id,name\n1,a\n2\n", 3, 1, "has 1 fields"},
                 {"id,name\n1,a,b\n", 2, 1, "has 3 fields"},
                 {"id,name\n1,a\n1,b\n", 3, 1, "line 2 has that id already"},
                 {"id,name\n1,\n", 2, 3, "needs an id and a name"},
                 {"id,name,criticality\n1,a,6\n", 2, 5, "from 1 to 5"},
                 {"id,name,cost\n1,a,1e3\n", 2, 5, "cost is a number"},
                 {"id,name,measured_at\n1,a,yesterday\n", 2, 5, "measured_at is a day"},
                 {"id,name\n1,\"a\n", 2, 3, "never closed"}};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        char text[256];
        struct services s;
        struct errinfo ei = {0};

        (void)snprintf(text, sizeof text, "%s", wrong[i].text);
        assert_int_equal(services_read(text, strlen(text), &s, &ei), ERR_INVALID);
        if (ei.line != wrong[i].line || ei.column != wrong[i].column ||
            strstr(ei.text, wrong[i].say) == NULL)
            fail_msg("%s: %u:%u: %s", wrong[i].text, ei.line, ei.column, ei.text);
    }
}

/* ---- zones ------------------------------------------------------------------------------- */

static const char zone_text[] =
    "; a zone\n"
    "$ORIGIN Example.XA.\n"
    "$TTL 1h\n"
    "@ 2d IN SOA ns1 hostmaster.example.xa. ( 2026030100 ; serial\n"
    "     7200 3600 1w 300 )\n"
    "  IN NS ns1\n"
    "  NS ns2.other.xb.\n"
    "  MX 10 mail\n"
    "  TXT \"a; ( quoted \\\" string\" more\n"
    "  3600 RRSIG SOA 13 2 3600 (\n"
    "      20260401000000 20260301000000 4711 example.xa.\n"
    "      AAAA= )\n"
    "  RRSIG NS 13 2 3600 20260310000000 20260301000000 4711 example.xa. AAAA=\n"
    "ns1 A 192.0.2.53\n"
    "    IN 600 AAAA 2001:db8::53\n"
    "www 300 CNAME web\n"
    "web A 192.0.2.80\n"
    "sub DS 1 13 2 00ff\n"
    "x CH TXT \"other class\"\n";

static uint32_t
first(const struct facts *f, const char *name, enum fact_kind kind)
{
    return facts_first(f, facts_find(f, slice_of(name)), kind);
}

static void
test_zone(void **state)
{
    struct facts f;
    struct zone_counts c;
    struct errinfo ei = {0};
    uint16_t source;
    uint32_t i;

    (void)state;
    facts_init(&f, 1);
    assert_int_equal(facts_source(&f, "zone", (struct utime){0}, &source), 0);
    assert_int_equal(zone_read(&f, SLICE(zone_text), SLICE(""), source, &c, &ei), 0);
    assert_int_equal(c.records, 13);
    assert_int_equal(c.passed, 2);
    i = first(&f, "example.xa", FACT_SOA);
    assert_int_equal(f.fact[i].ttl, 172800);
    assert_int_equal(f.fact[i].number, 604800);
    assert_true(slice_is(texts_get(&f.names, f.fact[i].target), "ns1.example.xa"));
    i = first(&f, "EXAMPLE.xa.", FACT_NS);
    assert_int_equal(f.fact[i].line, 6);
    assert_int_equal(f.fact[i].ttl, 3600);
    i = facts_next(&f, i);
    assert_true(slice_is(texts_get(&f.names, f.fact[i].target), "ns2.other.xb"));
    assert_int_equal(facts_next(&f, i), FACTS_NONE);
    i = first(&f, "example.xa", FACT_SIGNED); /* the earlier of the two */
    assert_int_equal(f.fact[i].line, 13);
    i = first(&f, "ns1.example.xa", FACT_ADDRESS);
    assert_int_equal(f.fact[facts_next(&f, i)].ttl, 600);
    assert_true(
        slice_is(texts_get(&f.names, f.fact[first(&f, "www.example.xa", FACT_CNAME)].target),
                 "web.example.xa"));
    assert_true(first(&f, "sub.example.xa", FACT_DS) != FACTS_NONE);
    facts_release(&f);
}

static void
test_zone_wrong(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        unsigned column;
    } wrong[] = {{"a. 60 IN A 1.2.3\n", 1, 12},
                 {"a. A 2001:db8::1\n", 1, 6},
                 {"a. AAAA 192.0.2.1\n", 1, 9},
                 {"a. MX 10\n", 1, 4},
                 {"a. TXT ( \"x\"\n b\n", 1, 1},
                 {"a. TXT )\n", 1, 8},
                 {"a. TXT \"x\nb. A 192.0.2.1\n", 1, 8},
                 {"  A 192.0.2.1\n", 1, 3},
                 {"a.\n", 1, 1},
                 {"a. A 192.0.2.1\n @ NS b.\n", 2, 2},
                 {"$INCLUDE other\n", 1, 1},
                 {"$TTL soon\n", 1, 6},
                 {"$ORIGIN\n", 1, 1},
                 {"a..b. A 192.0.2.1\n", 1, 1},
                 {"\n\na. SOA b. c. 1 2 3 x 5\n", 3, 20}};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct facts f;
        struct zone_counts c;
        struct errinfo ei = {0};

        facts_init(&f, 1);
        assert_int_equal(zone_read(&f, slice_of(wrong[i].text), SLICE(""), 0, &c, &ei),
                         ERR_INVALID);
        if (ei.line != wrong[i].line || ei.column != wrong[i].column)
            fail_msg("%s: %u:%u: %s", wrong[i].text, ei.line, ei.column, ei.text);
        facts_release(&f);
    }
}

/* ---- answers ----------------------------------------------------------------------------- */

static void
test_answers(void **state)
{
    char text[] =
        "{\"generated\":\"2026-03-24T13:55:14Z\",\"score\":1.5,\"municipalities\":{\n"
        "\"7\":{\"name\":\"Z\\u00fcrich\",\"domain\":\"z.xa\",\"mx\":[\"m1.xb\",\"m2.xb\"],"
        "\"category\":\"bad\",\"classification_confidence\":100.0,\"error\":null,\n"
        "\"classification_signals\":[{\"kind\":\"asn\",\"weight\":0.03,\"detail\":\"ASN 64500 "
        "matches x\"},{\"kind\":\"spf_ip\",\"detail\":\"ASN 64501\"}]},\n"
        "\"8\":{\"name\":\"none\"},\n"
        "\"9\":{\"id\":\"DK-9\",\"domain\":\"k.xa\",\"ca_owner\":\"Owner Ltd\",\"ca_country\":"
        "\"XB\",\"cert_chain\":[{\"issuer_org\":\"Brand\",\"issuer_country\":\"XB\","
        "\"not_after\":\"2026-06-24T05:52:05+00:00\"},{\"issuer_org\":\"Root\"}]}}}";
    struct services s = {0};
    struct errinfo ei = {0};
    struct facts f;
    uint16_t source;
    uint32_t i;

    (void)state;
    facts_init(&f, 1);
    assert_int_equal(facts_source(&f, "a.json", (struct utime){0}, &source), 0);
    assert_int_equal(answers_read(&f, text, sizeof text - 1, source, &s, &ei), 0);
    assert_int_equal(f.nameless, 1);
    assert_int_equal(s.count, 2);
    assert_true(slice_is(s.service[0].id, "7"));
    assert_true(slice_is(s.service[0].name, "Z\xc3\xbcrich"));
    assert_true(slice_is(s.service[1].id, "DK-9"));
    assert_int_equal(s.service[0].line, 2);
    i = first(&f, "z.xa", FACT_NETWORK);
    assert_int_equal(f.fact[i].number, 64500);
    assert_int_equal(facts_next(&f, i), FACTS_NONE);
    i = first(&f, "k.xa", FACT_CERT);
    assert_true(slice_is(texts_get(&f.names, f.fact[i].target), "owner ltd"));
    assert_int_equal(f.fact[first(&f, "Brand", FACT_COUNTRY)].country, COUNTRY('X', 'B'));
    services_release(&s);
    facts_release(&f);
}

static void
test_answers_wrong(void **state)
{
    static const char *const wrong[] = {"",
                                        "[]",
                                        "{}",
                                        "{\"municipalities\":[1]}",
                                        "{\"municipalities\":{\"a\" {}}}",
                                        "{\"municipalities\":[{\"domain\":\"a\"}",
                                        "{\"municipalities\":[{\"domain\":\"a\",}]}",
                                        "{\"municipalities\":[]} []",
                                        "{\"municipalities\":[{\"mx\":[\"a\" \"b\"]}]}",
                                        "{\"municipalities\":\"x"};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct errinfo ei = {0};
        struct facts f;
        uint16_t source;
        char text[128];

        facts_init(&f, 1);
        assert_int_equal(facts_source(&f, "a.json", (struct utime){0}, &source), 0);
        (void)snprintf(text, sizeof text, "%s", wrong[i]);
        if (answers_read(&f, text, strlen(text), source, NULL, &ei) != ERR_INVALID)
            fail_msg("taken: %s", wrong[i]);
        assert_true(ei.text[0] != '\0');
        facts_release(&f);
    }
}

/* ---- home -------------------------------------------------------------------------------- */

static void
test_home(void **state)
{
    static const char text[] = "# ours\n192.0.2.0/24\tour exchange\n!192.0.2.128/25 let out\n"
                               "AS64500 carrier\nXA\n!AS64501\norg:Example Cloud\tby contract\n"
                               "name:example.xa\n!name:away.example.xa\ntld:xa a copy\nroot\n";
    struct home h = {0};
    struct errinfo ei = {0};
    struct addr a;

    (void)state;
    assert_int_equal(home_read(&h, SLICE(text), &ei), 0);
    assert_int_equal(addr_parse(SLICE("192.0.2.200"), &a), 0);
    assert_true(home_of_address(&h, &a, 64500, SLICE(""), COUNTRY('X', 'A'))->away);
    assert_int_equal(addr_parse(SLICE("192.0.2.2"), &a), 0);
    assert_string_equal(home_of_address(&h, &a, 1, SLICE(""), 0)->reason, "our exchange");
    assert_int_equal(addr_parse(SLICE("198.51.100.1"), &a), 0);
    assert_null(home_of_address(&h, &a, 1, SLICE(""), COUNTRY('X', 'B')));
    assert_false(home_of_address(&h, &a, 1, SLICE(""), COUNTRY('X', 'A'))->away);
    assert_true(home_of_address(&h, &a, 64501, SLICE(""), COUNTRY('X', 'A'))->away);
    assert_false(
        home_of_address(&h, &a, 64501, SLICE("EXAMPLE cloud"), COUNTRY('X', 'B'))->away);
    assert_false(home_of_name(&h, SLICE("a.example.xa"))->away);
    assert_true(home_of_name(&h, SLICE("x.away.example.xa"))->away);
    assert_null(home_of_name(&h, SLICE("notexample.xa")));
    assert_non_null(home_of_tld(&h, SLICE("xa")));
    assert_non_null(home_of_root(&h));
    assert_int_equal(home_read(&h, SLICE("XA\nGermany here\n"), &ei), ERR_INVALID);
    assert_int_equal(ei.line, 2);
    assert_int_equal(home_add(&h, SLICE("192.0.2.1/24"), SLICE(""), 0, &ei), ERR_INVALID);
    home_release(&h);
    assert_int_equal(
        home_read_scenario(&h, SLICE("# x\ncountry XA\nas 64500\nlink 1-2\nstays 9\n"), &ei),
        0);
    assert_int_equal(h.count, 3);
    assert_int_equal(h.rule[2].asn, 9);
    assert_int_equal(home_read_scenario(&h, SLICE("as XA\n"), &ei), ERR_INVALID);
    home_release(&h);
}

/* ---- how long things hold ---------------------------------------------------------------- */

struct world {
    char text[4096];
    struct services s;
    struct facts f;
    struct home h;
    struct audit_input in;
    struct audit a;
};

static void
make(struct world *w, const char *services, const char *zone, const char *home, bool hard)
{
    struct zone_counts c;
    struct errinfo ei = {0};
    uint16_t source;

    *w = (struct world){0};
    facts_init(&w->f, 1);
    (void)snprintf(w->text, sizeof w->text, "%s", services);
    assert_int_equal(facts_source(&w->f, "zone", (struct utime){0}, &source), 0);
    if (services_read(w->text, strlen(w->text), &w->s, &ei) < 0 ||
        zone_read(&w->f, slice_of(zone), SLICE(""), source, &c, &ei) < 0 ||
        home_read(&w->h, slice_of(home), &ei) < 0)
        fail_msg("%u:%u: %s", ei.line, ei.column, ei.text);
    w->in = (struct audit_input){.services = &w->s,
                                 .facts = &w->f,
                                 .home = &w->h,
                                 .at = {INT64_C(20000) * DAY},
                                 .drift = {69 * DAY},
                                 .hard_fail = hard};
    assert_int_equal(audit_run(&w->in, &w->a), 0);
}

static void
drop(struct world *w)
{
    audit_release(&w->a);
    home_release(&w->h);
    facts_release(&w->f);
    services_release(&w->s);
}

/* Seconds that a need holds at least; -1 for ever. */
static int64_t
holds(const struct world *w, enum depend_kind kind, bool most)
{
    for (uint32_t i = 0; i < w->a.needs; i++) {
        struct utime t = most ? w->a.need[i].most : w->a.need[i].least;

        if (w->a.need[i].kind == kind)
            return t.us == DEPEND_NEVER.us ? -1 : (t.us - w->in.at.us) / TIME_US_PER_S;
    }
    return -2;
}

#define AWAY "192.0.2.0/24\n!198.51.100.0/24\n!org:Abroad\n"

static void
test_hold(void **state)
{
    static const char zone[] =
        ". 518400 NS r.\nr. 1 A 198.51.100.1\nxa. 172800 NS n.xa.\nn.xa. 7 A 198.51.100.2\n"
        "e.xa. 3600 NS n.e.xa.\nn.e.xa. 9 A 198.51.100.3\ne.xa. 300 A 192.0.2.1\n";
    struct world w;

    (void)state;
    make(&w,
         "id,name,domain,mx,time_source,package_mirror,registrar,ca_issuer,ocsp_crl_host\n"
         "1,a,e.xa,198.51.100.9,198.51.100.9,Abroad,Abroad,Abroad,198.51.100.4\n",
         zone, AWAY, false);
    assert_int_equal(holds(&w, DEPEND_ROOT, true), 172800);
    assert_int_equal(holds(&w, DEPEND_TLD, true), 3600);
    assert_int_equal(holds(&w, DEPEND_NS, true), 300);
    assert_int_equal(holds(&w, DEPEND_ADDRESS, false), -1);
    assert_int_equal(holds(&w, DEPEND_MX, true), 0);
    assert_int_equal(holds(&w, DEPEND_TIME, true), 69 * 86400);
    assert_int_equal(holds(&w, DEPEND_PACKAGES, false), -1);
    assert_int_equal(holds(&w, DEPEND_REGISTRAR, false), -1);
    assert_int_equal(holds(&w, DEPEND_CA, false), 0);
    assert_int_equal(holds(&w, DEPEND_CA, true), -1);
    assert_int_equal(holds(&w, DEPEND_OCSP, false), -1);
    assert_int_equal(w.a.outcome[0].verdict, VERDICT_OUTSIDE);
    assert_int_equal(w.a.need[w.a.outcome[0].first].kind, DEPEND_MX);
    drop(&w);
    make(&w, "id,name,ocsp_crl_host\n1,a,198.51.100.4\n", zone, AWAY, true);
    assert_int_equal(holds(&w, DEPEND_OCSP, true), 0);
    drop(&w);
    /* one server at home is enough; a supplier nobody knows may hold for ever, or not */
    make(&w, "id,name,mx,login_idp\n1,a,198.51.100.1;192.0.2.9,\n2,b,,Nobody\n", "", AWAY,
         false);
    assert_int_equal(w.a.outcome[0].verdict, VERDICT_INSIDE);
    assert_int_equal(w.a.outcome[1].verdict, VERDICT_UNKNOWN);
    assert_int_equal(holds(&w, DEPEND_LOGIN, false), 0);
    assert_int_equal(holds(&w, DEPEND_LOGIN, true), -1);
    drop(&w);
}

/* Servers at home whose primary is abroad serve what they have until it expires, or until its
 * signatures do. */
static void
test_copies(void **state)
{
    static const char zone[] =
        "e.xa. 60 SOA p.xb. h. 1 2 3 864000 5\ne.xa. 60 NS n.e.xa.\nn.e.xa. 60 A 192.0.2.3\n"
        "e.xa. 60 A 192.0.2.1\np.xb. 60 A 198.51.100.3\n";
    char with[1024];
    struct world w;

    (void)state;
    make(&w, "id,name,domain\n1,a,e.xa\n", zone, AWAY "root\ntld:xa\n", false);
    assert_int_equal(holds(&w, DEPEND_NS, true), 864000);
    assert_int_equal(w.a.outcome[0].verdict, VERDICT_CACHED);
    drop(&w);
    /* 20000 days after 1970 is 2024-10-04 */
    (void)snprintf(with, sizeof with,
                   "%se.xa. RRSIG SOA 13 2 60 20241006000000 20240901000000 1 e.xa. AA==\n",
                   zone);
    make(&w, "id,name,domain\n1,a,e.xa\n", with, AWAY "root\ntld:xa\n", false);
    assert_int_equal(holds(&w, DEPEND_NS, true), 2 * 86400);
    drop(&w);
    make(&w, "id,name,domain\n1,a,e.xa\n", with, AWAY "root\ntld:xa\nname:p.xb\n", false);
    assert_int_equal(w.a.outcome[0].verdict, VERDICT_INSIDE);
    drop(&w);
}

/* ---- diff -------------------------------------------------------------------------------- */

struct seen {
    unsigned count[3];
};

static void
count_change(void *self, enum diff_change change, const struct diff_row *before,
             const struct diff_row *after)
{
    struct seen *s = self;

    s->count[change]++;
    assert_true((before == NULL) == (change == DIFF_NEW));
    assert_true((after == NULL) == (change == DIFF_GONE));
}

static void
test_diff(void **state)
{
    char a[] = "level,service,kind,what,verdict,days,days_most\nservice,1,,A,inside,,\n"
               "need,1,ns,x,inside,,\nservice,2,,B,inside,,\nservice,3,,C,inside,,\n";
    char b[] = "level,service,kind,what,verdict,days,days_most,more\nservice,3,,C,inside,,,\n"
               "service,1,,A,outside,0.0,0.0,\nneed,1,ns,x,inside,,,\nservice,4,,D,inside,,,\n";
    struct diff_rows x;
    struct diff_rows y;
    struct errinfo ei = {0};
    struct seen s = {{0}};

    (void)state;
    assert_true(diff_is_audit(slice_of(a)));
    assert_int_equal(diff_read(a, strlen(a), &x, &ei), 0);
    assert_int_equal(diff_read(b, strlen(b), &y, &ei), 0);
    diff_run(&x, &y, count_change, &s);
    assert_int_equal(s.count[DIFF_NEW], 1);
    assert_int_equal(s.count[DIFF_GONE], 1);
    assert_int_equal(s.count[DIFF_CHANGED], 1);
    diff_release(&x);
    diff_release(&y);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv),      cmocka_unit_test(test_csv_written),
        cmocka_unit_test(test_services), cmocka_unit_test(test_services_wrong),
        cmocka_unit_test(test_zone),     cmocka_unit_test(test_zone_wrong),
        cmocka_unit_test(test_answers),  cmocka_unit_test(test_answers_wrong),
        cmocka_unit_test(test_home),     cmocka_unit_test(test_hold),
        cmocka_unit_test(test_copies),   cmocka_unit_test(test_diff)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
