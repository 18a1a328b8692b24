/* Which statement holds for a finding, against the rules read one by one; the defaults of the
 * configuration against those of the database and the program. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "role/feeds.h"
#include "role/risk.h"
#include "role/statements.h"
#include "vulndb/vex.h"

enum { NOW = 1000, STATEMENTS = 400, VULNS = 5 };

static const char *const names[] = {"edge", "edge-tools", "gate"};
static const char *const spaces[] = {"Debian:12", "Debian:13", "PyPI"};
static const char *const versions[] = {"1", "2"};

struct world {
    char dir[64];
    struct vulndb *db;
    struct scan scan;
};

static void
install(struct vulndb *db, const char *asset, unsigned space)
{
    struct listing l = {.kind = INVENTORY_DPKG, .taken = {1}};
    int64_t listing = 0;
    unsigned n = 0;

    assert_int_equal(vulndb_asset(db, slice_of(asset), &l.asset), 0);
    assert_int_equal(vulndb_listing_begin(db, &l, &listing), 0);
    for (unsigned i = 0; i < COUNT(names); i++) {
        for (unsigned v = 0; v < COUNT(versions); v++) {
            struct installed p = {.space = slice_of(spaces[space]),
                                  .product = slice_of(i == 1 ? "edge" : names[i]),
                                  .name = slice_of(names[i]),
                                  .version = slice_of(versions[v]),
                                  .compared = slice_of(versions[v]),
                                  .distribution = space < 2};

            assert_int_equal(vulndb_install(db, listing, n++, &p), 0);
        }
    }
    {
        struct installed p = {.name = SLICE("cpe"),
                              .version = SLICE("1.0"),
                              .cpe = SLICE("cpe:2.3:a:example:edge:1.0:*:*:*:*:*:*:*"),
                              .cpe_product = SLICE("a:example:edge")};

        assert_int_equal(vulndb_install(db, listing, n++, &p), 0);
    }
    assert_int_equal(vulndb_listing_end(db, listing), 0);
}

static void
open_world(struct world *w)
{
    struct errinfo ei = {0};
    const struct scan_options all = {.asset = ""};

    (void)snprintf(w->dir, sizeof w->dir, "/tmp/detente-vex-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    assert_int_equal(vulndb_open(w->dir, true, &w->db, &ei), 0);
    assert_int_equal(vulndb_begin(w->db), 0);
    install(w->db, "a", 0);
    install(w->db, "b", 1);
    install(w->db, "c", 2);
    assert_int_equal(vulndb_commit(w->db), 0);
    assert_int_equal(vulndb_scan(w->db, &all, &w->scan), 0);
    assert_int_equal(w->scan.items, 3 * 7);
}

static void
close_world(struct world *w)
{
    char command[128];

    vulndb_scan_release(&w->scan);
    w->db = vulndb_close(w->db);
    (void)snprintf(command, sizeof command, "rm -r %s", w->dir);
    assert_int_equal(system(command), 0);
}

/* What was stated, as it was. */
struct said {
    struct vex v;
    int64_t id;
};

static bool
speaks_of(const struct said *s, const struct world *w, const struct scan_item *i, uint64_t vuln)
{
    const struct vex *v = &s->v;
    const char *space = spaces[i->asset];
    bool is_cpe = i->cpe.len > 0;
    bool same_space = slice_is(v->space, space) ||
                      (slice_is(v->space, "Debian") && i->asset < 2) || v->space.len == 0;

    if (v->vuln != vuln || (v->asset != 0 && v->asset != w->scan.asset[i->asset].id))
        return false;
    if (v->name.len == 0)
        return true;
    if (slice_is(v->space, "cpe"))
        /* The first two have a distribution's package of that name, which speaks for it. */
        return is_cpe && i->asset == 2 &&
               (slice_is(v->version, "cpe:2.3:a:example:edge:*:*:*:*:*:*:*:*") ||
                slice_is(v->version, "cpe:2.3:a:example:edge:1.0:*:*:*:*:*:*:*"));
    if (v->version.len > 0 && !slice_eq(v->version, i->version))
        return false;
    if (is_cpe)
        return v->space.len == 0 && slice_eq(v->name, i->name);
    return same_space && (slice_eq(v->name, i->name) ||
                          (slice_is(v->name, "edge") && slice_is(i->name, "edge-tools")));
}

static enum finding_state
naive(const struct said *all, const struct world *w, const struct scan_finding *f)
{
    static const enum finding_state state[] = {FINDING_NOT_AFFECTED, FINDING_AFFECTED,
                                               FINDING_FIXED, FINDING_INVESTIGATED,
                                               FINDING_EXCEPTED};
    const struct said *best = NULL;

    for (unsigned i = 0; i < STATEMENTS; i++) {
        const struct said *s = &all[i];
        bool own = s->v.feed.len == 0;

        if (!speaks_of(s, w, &w->scan.item[f->item], f->vuln) ||
            (s->v.until.us != 0 && s->v.until.us < NOW))
            continue;
        if (best == NULL || (own && best->v.feed.len > 0) ||
            (own == (best->v.feed.len == 0) && s->v.at.us >= best->v.at.us))
            best = s;
    }
    return best != NULL   ? state[best->v.status]
           : f->ambiguous ? FINDING_AMBIGUOUS
                          : FINDING_AFFECTED;
}

static void
make_statement(const struct world *w, uint64_t *random, struct said *s)
{
    static const char *const said_spaces[] = {"Debian:12", "Debian:13", "PyPI",
                                              "Debian",    "",          "cpe"};
    static const char *const cpes[] = {"cpe:2.3:a:example:edge:*:*:*:*:*:*:*:*",
                                       "cpe:2.3:a:example:edge:1.0:*:*:*:*:*:*:*",
                                       "cpe:2.3:a:example:edge:2.0:*:*:*:*:*:*:*"};
    bool own = next_random(random) % 3 == 0;
    unsigned space = (unsigned)(next_random(random) % 6);
    struct vex *v = &s->v;

    *v = (struct vex){.feed = own ? SLICE("") : SLICE("openvex/x"),
                      .vuln = (UINT64_C(2099) << 32) + next_random(random) % VULNS,
                      .status = (enum vex_status)(next_random(random) % (own ? 5 : 4)),
                      .at = {(int64_t)(next_random(random) % 6)},
                      .until = {next_random(random) % 2 == 0
                                    ? 0
                                    : (int64_t)(NOW - 1 + next_random(random) % 3)}};
    if (own && next_random(random) % 2 == 0)
        v->asset = w->scan.asset[next_random(random) % 3].id;
    if (own && next_random(random) % 3 == 0)
        return;
    if (!own && space == 4)
        space = 5;
    v->space = slice_of(said_spaces[space]);
    v->name = slice_of(names[next_random(random) % 3]);
    if (next_random(random) % 2 == 0)
        v->version = slice_of(versions[next_random(random) % 2]);
    if (space == 5) {
        v->name = SLICE("a:example:edge");
        v->version = slice_of(cpes[next_random(random) % 3]);
    }
}

static void
what_holds_is_what_the_rules_say(void **state)
{
    static struct said all[STATEMENTS];
    struct world w = {.db = NULL};
    struct vexes *v = NULL;
    uint64_t random = 7;
    unsigned seen[FINDING_STATES] = {0};

    (void)state;
    open_world(&w);
    assert_int_equal(vulndb_begin(w.db), 0);
    for (unsigned i = 0; i < STATEMENTS; i++) {
        make_statement(&w, &random, &all[i]);
        assert_int_equal(vulndb_vex_put(w.db, &all[i].v, &all[i].id), 0);
    }
    assert_int_equal(vulndb_commit(w.db), 0);
    assert_int_equal(vexes_open(w.db, &v), 0);
    for (uint32_t i = 0; i < w.scan.items; i++) {
        /* Of the last, nobody says anything. */
        for (uint64_t c = 0; c <= VULNS; c++) {
            struct scan_finding f = {
                .item = i, .vuln = (UINT64_C(2099) << 32) + c, .ambiguous = (i + c) % 2 == 0};
            enum finding_state is = FINDING_STATES;
            struct vex_fit fit[STATEMENTS];
            unsigned holding = 0;
            int n;

            assert_int_equal(vexes_state(v, &w.scan, &f, (struct utime){NOW}, &is), 0);
            assert_int_equal(is, naive(all, &w, &f));
            seen[is]++;
            n = vexes_fitting(v, &w.scan, &f, (struct utime){NOW}, fit, STATEMENTS);
            assert_true(n >= 0);
            for (int k = 0; k < n; k++)
                holding += fit[k].holds;
            assert_true(holding <= 1);
            n -= (int)holding;
        }
    }
    for (unsigned i = 0; i < FINDING_STATES; i++)
        assert_true(seen[i] > 0);
    (void)vexes_close(v);
    assert_null(vexes_close(NULL));
    close_world(&w);
}

static void
a_supplier_speaks_of_products_only(void **state)
{
    struct vex v = {.feed = SLICE("openvex/x"), .vuln = 1, .at = {1}};
    struct world w = {.db = NULL};
    uint64_t gone = 0;
    int64_t id = 0;

    (void)state;
    open_world(&w);
    assert_int_equal(vulndb_vex_put(w.db, &v, &id), ERR_INVALID);
    v.name = SLICE("edge");
    assert_int_equal(vulndb_vex_put(w.db, &v, &id), ERR_INVALID);
    v.space = SLICE("PyPI");
    assert_int_equal(vulndb_vex_put(w.db, &v, &id), 0);
    assert_int_equal(vulndb_vex_drop(w.db, id), ERR_NOTFOUND);
    assert_int_equal(vulndb_vex_drop_feed(w.db, "", true, &gone), ERR_NOTFOUND);
    assert_int_equal(vulndb_vex_drop_feed(w.db, "openvex/x", true, &gone), 0);
    assert_int_equal(gone, 1);
    close_world(&w);
}

/* A number that was taken back is never given again, and what is said of an asset goes with it.
 */
static void
numbers_stay(void **state)
{
    struct vex v = {.vuln = 1, .at = {1}};
    struct world w = {.db = NULL};
    int64_t first = 0;
    int64_t second = 0;

    (void)state;
    open_world(&w);
    assert_int_equal(vulndb_vex_put(w.db, &v, &first), 0);
    assert_int_equal(vulndb_vex_drop(w.db, first), 0);
    v.asset = w.scan.asset[0].id;
    assert_int_equal(vulndb_vex_put(w.db, &v, &second), 0);
    assert_true(second > first);
    assert_int_equal(vulndb_asset_forget(w.db, v.asset), 0);
    assert_int_equal(vulndb_vex_drop(w.db, second), ERR_NOTFOUND);
    close_world(&w);
}

static void
products_have_our_names(void **state)
{
    static const struct {
        const char *purl, *cpe, *space, *name, *version;
    } rows[] = {{"pkg:pypi/Zope.Interface@5.0", "", "PyPI", "zope-interface", "5.0"},
                {"pkg:deb/debian/curl@7.88?distro=bookworm", "", "Debian:12", "curl", "7.88"},
                {"pkg:deb/debian/libedge1@2?upstream=edge", "", "Debian", "edge", "2"},
                {"", "cpe:/a:example:edge:1.0", "cpe", "a:example:edge",
                 "cpe:2.3:a:example:edge:1.0:*:*:*:*:*:*:*"},
                {"pkg:oci/x@1", "cpe:2.3:a:example:edge:*:*:*:*:*:*:*:*", "cpe",
                 "a:example:edge", "cpe:2.3:a:example:edge:*:*:*:*:*:*:*:*"},
                {"pkg:oci/x@1", "", "purl", "pkg:oci/x@1", ""},
                {"", "cpe:2.3:a:*:edge:*:*:*:*:*:*:*:*", "id cpe",
                 "cpe:2.3:a:*:edge:*:*:*:*:*:*:*:*", ""}};
    struct statement_product *p = calloc(1, sizeof *p);
    struct openvex_component nothing = {.id = SLICE("")};

    (void)state;
    assert_non_null(p);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct openvex_component c = {.purl = slice_of(rows[i].purl),
                                      .cpe = slice_of(rows[i].cpe)};

        assert_int_equal(statement_product(&c, p), 0);
        assert_true(slice_is(p->space, rows[i].space));
        assert_true(slice_is(p->name, rows[i].name));
        assert_true(slice_is(p->version, rows[i].version));
        assert_int_equal(p->known, i < 5);
        statement_product_release(p);
    }
    assert_int_equal(statement_product(&nothing, p), ERR_INVALID);
    statement_product_release(p);
    free(p);
}

static void
defaults_are_the_same_everywhere(void **state)
{
    struct priority_weights is;
    struct priority_weights want = priority_weights();
    struct conf *conf = NULL;

    (void)state;
    assert_int_equal(conf_default(&conf), 0);
    is = risk_weights(conf);
    assert_memory_equal(&is, &want, offsetof(struct priority_weights, no_criticality) + 4);
    assert_int_equal(is.seen_span.us, want.seen_span.us);
    assert_int_equal(is.half_life.us, want.half_life.us);
    for (unsigned k = 0; k < FEED_KINDS; k++)
        assert_int_equal(feeds_stale(conf, (enum feed_kind)k).us,
                         feed_kind_days((enum feed_kind)k) * INT64_C(86400) * TIME_US_PER_S);
    (void)conf_free(conf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_holds_is_what_the_rules_say),
        cmocka_unit_test(a_supplier_speaks_of_products_only),
        cmocka_unit_test(numbers_stay),
        cmocka_unit_test(products_have_our_names),
        cmocka_unit_test(defaults_are_the_same_everywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
