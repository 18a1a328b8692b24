/* What a record says is vulnerable: random configurations, read from records, against a naive
 * evaluator, and ranges of versions. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "vuln/nvd.h"

/* ---- random configurations --------------------------------------------------------------- */

enum { PRODUCTS = 4, NAMES = 6 };

struct leaf {
    int product; /* -1: the criterion is none */
    const char *version;
    const char *target;
    bool vulnerable;
    const char *bound[CONFIG_BOUNDS]; /* NULL: none */
};
struct inner {
    unsigned flags;
    unsigned count;
    struct leaf leaf[3];
};
struct outer {
    unsigned flags;
    unsigned count;
    struct inner node[3];
};
struct tree {
    unsigned count;
    struct outer config[2];
};
struct item {
    int product;
    const char *version;
    const char *target;
    struct cpe cpe;
};

static unsigned
below(uint64_t *x, unsigned n)
{
    return (unsigned)(next_random(x) >> 8) % n;
}

static const char *
random_version(uint64_t *x)
{
    static const char *const list[] = {"*", "-", "1", "2", "3", "4", "x", "y"};

    return list[below(x, COUNT(list))];
}

static const char *
random_target(uint64_t *x)
{
    static const char *const list[] = {"*", "*", "*", "linux", "-"};

    return list[below(x, COUNT(list))];
}

static struct leaf
random_leaf(uint64_t *x)
{
    struct leaf l = {.product = below(x, 12) == 0 ? -1 : (int)below(x, PRODUCTS),
                     .version = below(x, 2) ? "*" : random_version(x),
                     .target = random_target(x),
                     .vulnerable = below(x, 3) > 0};

    for (unsigned i = 0; i < CONFIG_BOUNDS; i++) {
        l.bound[i] = below(x, 4) > 0 ? NULL : random_version(x);
        if (l.bound[i] != NULL && strpbrk(l.bound[i], "*-") != NULL)
            l.bound[i] = NULL;
    }
    return l;
}

static struct tree
random_tree(uint64_t *x)
{
    bool plain = below(x, 3) == 0;
    struct tree t = {.count = 1 + below(x, 2)};

    for (unsigned c = 0; c < t.count; c++) {
        t.config[c].flags = plain ? 0 : below(x, 2) | (below(x, 8) == 0 ? CONFIG_NEGATE : 0);
        t.config[c].count = below(x, 4);
        for (unsigned n = 0; n < t.config[c].count; n++) {
            struct inner *node = &t.config[c].node[n];

            node->flags = plain || below(x, 3) ? 0 : below(x, 4);
            node->count = below(x, 4);
            for (unsigned i = 0; i < node->count; i++)
                node->leaf[i] = random_leaf(x);
        }
    }
    return t;
}

static void
put_flags(struct buf *to, unsigned flags, bool always)
{
    if (flags != 0 || always)
        buf_printf(to, "\"operator\":\"%s\",\"negate\":%s,", flags & CONFIG_AND ? "AND" : "OR",
                   flags & CONFIG_NEGATE ? "true" : "false");
}

static void
put_leaf(struct buf *to, const struct leaf *l)
{
    static const char *const names[] = {"StartIncluding", "StartExcluding", "EndIncluding",
                                        "EndExcluding"};

    buf_printf(to, "{\"vulnerable\":%s", l->vulnerable ? "true" : "false");
    for (unsigned i = 0; i < CONFIG_BOUNDS; i++) {
        if (l->bound[i] != NULL)
            buf_printf(to, ",\"version%s\":\"%s\"", names[i], l->bound[i]);
    }
    if (l->product < 0)
        buf_text(to, ",\"criteria\":\"cpe:2.3:a:b\"}");
    else
        buf_printf(to, ",\"criteria\":\"cpe:2.3:a:v:p%d:%s:*:*:*:*:%s:*:*\"}", l->product,
                   l->version, l->target);
}

#define M "\"lastModified\":\"2026-01-02T03:04:05.678\""

static void
put_tree(struct buf *to, const struct tree *t)
{
    buf_text(to, "{\"id\":\"CVE-2026-0001\"," M ",\"configurations\":[");
    for (unsigned c = 0; c < t->count; c++) {
        buf_text(to, c > 0 ? ",{" : "{");
        put_flags(to, t->config[c].flags, false);
        buf_text(to, "\"nodes\":[");
        for (unsigned n = 0; n < t->config[c].count; n++) {
            const struct inner *node = &t->config[c].node[n];

            buf_text(to, n > 0 ? ",{" : "{");
            put_flags(to, node->flags, true);
            buf_text(to, "\"cpeMatch\":[");
            for (unsigned i = 0; i < node->count; i++) {
                buf_text(to, i > 0 ? "," : "");
                put_leaf(to, &node->leaf[i]);
            }
            buf_text(to, "]}");
        }
        buf_text(to, "]}");
    }
    buf_text(to, "]}");
}

static enum cpe_answer
least(enum cpe_answer a, enum cpe_answer b)
{
    return a < b ? a : b;
}

static bool
naive_text(const char *source, const char *target, bool lenient)
{
    if (strcmp(source, "*") == 0 || strcmp(source, target) == 0)
        return true;
    return strcmp(target, "*") == 0 && lenient;
}

static enum cpe_answer
naive_leaf(const struct leaf *l, const struct item *item, bool lenient)
{
    bool sure = naive_text(l->version, item->version, false) &&
                naive_text(l->target, item->target, false);
    enum cpe_answer answer = CPE_YES;

    if (l->product != item->product || !naive_text(l->version, item->version, lenient) ||
        !naive_text(l->target, item->target, lenient))
        return CPE_NO;
    for (unsigned i = 0; i < CONFIG_BOUNDS; i++) {
        const char *b = l->bound[i];
        bool numbers;
        int r;

        if (b == NULL)
            continue;
        if (strcmp(item->version, "-") == 0)
            return CPE_NO;
        if (strcmp(item->version, "*") == 0)
            return lenient ? CPE_YES : CPE_NO;
        numbers = b[0] <= '9' && item->version[0] <= '9';
        r = strcmp(item->version, b);
        if (r != 0 && !numbers)
            answer = CPE_AMBIGUOUS;
        else if ((i == CONFIG_START_INCLUDING && r < 0) ||
                 (i == CONFIG_END_INCLUDING && r > 0) ||
                 (i == CONFIG_START_EXCLUDING && r <= 0) ||
                 (i == CONFIG_END_EXCLUDING && r >= 0))
            return CPE_NO;
    }
    return answer == CPE_AMBIGUOUS && !sure ? CPE_NO : answer; /* two doubts */
}

static enum cpe_answer
naive_join(unsigned flags, const enum cpe_answer *list, unsigned count)
{
    bool all = true;
    bool one = false;
    bool maybe = false;

    for (unsigned i = 0; i < count; i++) {
        all = all && list[i] != CPE_NO;
        one = one || list[i] == CPE_YES;
        maybe = maybe || list[i] == CPE_AMBIGUOUS;
    }
    if (flags & CONFIG_AND) {
        one = count > 0 && all && !maybe;
        maybe = all && maybe;
    }
    if (flags & CONFIG_NEGATE)
        return maybe && !one ? CPE_AMBIGUOUS : one ? CPE_NO : CPE_YES;
    return one ? CPE_YES : maybe ? CPE_AMBIGUOUS : CPE_NO;
}

static enum cpe_answer
naive_config(const struct outer *c, const struct item *item, bool lenient)
{
    enum cpe_answer nodes[3];

    for (unsigned n = 0; n < c->count; n++) {
        enum cpe_answer leaves[3];

        for (unsigned i = 0; i < c->node[n].count; i++) {
            const struct leaf *l = &c->node[n].leaf[i];

            leaves[i] = l->product < 0 ? CPE_AMBIGUOUS : CPE_NO;
            for (unsigned k = 0; k < NAMES; k++) {
                enum cpe_answer a = naive_leaf(l, &item[k], lenient);

                leaves[i] = a > leaves[i] ? a : leaves[i];
            }
        }
        nodes[n] = naive_join(c->node[n].flags, leaves, c->node[n].count);
    }
    return naive_join(c->flags, nodes, c->count);
}

static enum cpe_answer
naive_affected(const struct tree *t, const struct item *item, unsigned which, bool lenient)
{
    enum cpe_answer best = CPE_NO;

    for (unsigned c = 0; c < t->count; c++) {
        const struct outer *config = &t->config[c];
        enum cpe_answer met = naive_config(config, item, lenient);

        for (unsigned n = 0; n < config->count; n++) {
            for (unsigned i = 0; i < config->node[n].count; i++) {
                const struct leaf *l = &config->node[n].leaf[i];
                enum cpe_answer a = least(met, naive_leaf(l, &item[which], lenient));

                if (l->vulnerable && !((config->flags | config->node[n].flags) & CONFIG_NEGATE))
                    best = a > best ? a : best;
            }
        }
    }
    return best;
}

struct expected {
    const struct tree *tree;
    struct item item[NAMES];
    uint64_t simple;
    uint64_t not_simple;
    uint64_t seen[CPE_YES + 1];
};

static uint32_t
product_in(const struct nvd_record *r, int product)
{
    char name[16];

    (void)snprintf(name, sizeof name, "a:v:p%d", product);
    for (unsigned i = 0; i < r->products; i++) {
        if (slice_is(r->product[i].name, name))
            return i;
    }
    return CONFIG_NO_PRODUCT;
}

/* Whoever takes for open what nobody says takes nothing for safe that another reading may find:
 * every answer is that of one of the inventories that this one may be. */
static void
ask_openly(const struct nvd_record *r, struct config_name *name, size_t names)
{
    enum cpe_answer other[2][NAMES];
    struct config_name left[NAMES];

    for (unsigned k = 0; k < 2; k++) {
        (void)config_eval(r->config, name, names, k == 0 ? 0 : CONFIG_LENIENT);
        for (size_t i = 0; i < names; i++)
            other[k][i] = name[i].affected;
    }
    (void)config_eval(r->config, name, names, CONFIG_UNSAID | CONFIG_UNLISTED);
    for (size_t i = 0; i < names; i++) {
        enum cpe_answer is = name[i].affected;

        assert_true(is != CPE_NO || (other[0][i] == CPE_NO && other[1][i] == CPE_NO));
        assert_true(is != CPE_YES || other[0][i] == CPE_YES);
    }
    if (names < 2 || name[names - 2].product == name[names - 1].product)
        return;
    memcpy(left, name, names * sizeof *left); /* the last is not listed, and may be there */
    (void)config_eval(r->config, left, names - 1, CONFIG_UNSAID | CONFIG_UNLISTED);
    for (size_t i = 0; i + 1 < names; i++)
        assert_true(left[i].affected != CPE_NO || name[i].affected == CPE_NO);
}

static void
ask(struct expected *e, const struct nvd_record *r, bool lenient)
{
    struct config_name name[NAMES];
    unsigned of[NAMES];
    size_t names = 0;

    for (uint32_t p = 0; p < r->products; p++) {
        for (unsigned i = 0; i < NAMES; i++) {
            if (product_in(r, e->item[i].product) == p) {
                of[names] = i;
                name[names++] = (struct config_name){.cpe = &e->item[i].cpe, .product = p};
            }
        }
    }
    for (size_t n = 0; !r->simple && n < r->config.len; n++) /* whatever is left of it */
        (void)config_eval((struct slice){r->config.ptr, n}, name, names, lenient);
    if (!r->simple && names > 0)
        ask_openly(r, name, names);
    if (!r->simple)
        (void)config_eval(r->config, name, names, lenient);
    for (size_t i = 0; i < names; i++) {
        enum cpe_answer want = naive_affected(e->tree, e->item, of[i], lenient);
        struct slice entries = r->product[name[i].product].entries;
        enum cpe_answer alone = config_entry_is(entries, name[i].cpe, lenient);

        assert_int_equal(r->simple ? alone : name[i].affected, want);
        assert_true(alone >= want); /* it is necessary */
        e->seen[want]++;
        for (size_t n = 0; n < entries.len; n++)
            (void)config_entry_is((struct slice){entries.ptr, n}, name[i].cpe, lenient);
    }
}

static int
ask_tree(void *arg, const struct nvd_record *r)
{
    struct expected *e = arg;
    bool simple = true;

    for (unsigned c = 0; c < e->tree->count; c++) {
        const struct outer *o = &e->tree->config[c];

        simple = simple && (o->flags == 0 || (o->flags == CONFIG_AND && o->count == 1));
        for (unsigned n = 0; n < o->count; n++)
            simple = simple && (o->node[n].flags == 0 ||
                                (o->node[n].flags == CONFIG_AND && o->node[n].count == 1));
    }
    assert_int_equal(r->simple, simple);
    assert_int_equal(r->config.len == 0, simple);
    *(simple ? &e->simple : &e->not_simple) += 1;
    ask(e, r, false);
    ask(e, r, true);
    return 0;
}

static void
test_trees(void **state)
{
    struct expected *e = calloc(1, sizeof *e);
    uint64_t x = 5;

    (void)state;
    assert_non_null(e);
    for (unsigned round = 0; round < 20000; round++) {
        AUTO_BUF(text, 1 << 16);
        struct tree t = random_tree(&x);
        struct nvd_counts counts;
        struct errinfo ei = {0};

        e->tree = &t;
        for (unsigned i = 0; i < NAMES; i++) {
            struct item *item = &e->item[i];
            char cpe[64];

            item->product = (int)below(&x, PRODUCTS);
            item->version = random_version(&x);
            item->target = random_target(&x);
            (void)snprintf(cpe, sizeof cpe, "cpe:2.3:a:v:p%d:%s:*:*:*:*:%s:*:*", item->product,
                           item->version, item->target);
            assert_int_equal(cpe_parse(slice_of(cpe), &item->cpe, NULL), 0);
        }
        put_tree(&text, &t);
        assert_int_equal(nvd_read(text.ptr, text.len, ask_tree, e, &counts, &ei), 0);
        assert_true(counts.records == 1 && counts.unindexed == 0 && counts.odd == 0);
    }
    assert_true(e->simple > 1000 && e->not_simple > 1000 && e->seen[CPE_YES] > 1000 &&
                e->seen[CPE_AMBIGUOUS] > 1000);
    free(e);
}

/* ---- versions ---------------------------------------------------------------------------- */

static void
test_ranges(void **state)
{
    static const struct {
        const char *version;
        const char *from; /* including */
        const char *to;   /* excluding */
        enum cpe_answer want;
    } cases[] = {{"1.0", "1", "2", CPE_YES},
                 {"2", "1", "2.0.0", CPE_NO},
                 {"1.9.99999999999999999999999", "1", "2", CPE_YES},
                 {"01.010", "1.10", "1.11", CPE_YES},
                 {"1.2", "", "1.10", CPE_YES},
                 {"1.2b", "1.0", "1.10", CPE_AMBIGUOUS},
                 {"1.2b", "1.2B", "", CPE_YES},
                 {"1.2b", "", "1.2b", CPE_NO},
                 {"0.9", "1.0", "1.2b", CPE_NO},
                 {"1.1", "1.0", "1.2b", CPE_AMBIGUOUS},
                 {"8.4\\(3\\)", "", "8.4\\(3\\)", CPE_NO},
                 {"8.4\\(3\\)", "8.4(3)", "", CPE_YES},
                 {"1..2", "1", "2", CPE_AMBIGUOUS},
                 {"1.", "1", "2", CPE_AMBIGUOUS},
                 {"-", "1", "2", CPE_NO},
                 {"*", "1", "2", CPE_NO},
                 {"1.*", "1", "2", CPE_NO}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF(entry, 1 << 12);
        struct cpe criterion;
        struct cpe name;
        char text[128];
        struct config_match m = {&criterion,
                                 true,
                                 {[CONFIG_START_INCLUDING] = slice_of(cases[i].from),
                                  [CONFIG_END_EXCLUDING] = slice_of(cases[i].to)}};

        (void)snprintf(text, sizeof text, "cpe:2.3:a:b:c:%s:*:*:*:*:*:*:*", cases[i].version);
        assert_int_equal(cpe_parse(slice_of(text), &name, NULL), 0);
        assert_int_equal(cpe_parse(SLICE("cpe:/a:b:c"), &criterion, NULL), 0);
        assert_true(config_put_entry(&entry, &m));
        if (config_entry_is(buf_get(&entry), &name, false) != cases[i].want)
            print_error("%s\n", cases[i].version);
        assert_int_equal(config_entry_is(buf_get(&entry), &name, false), cases[i].want);
    }
}

/* Entries of all lengths, and what is too long to keep. */
static void
test_long(void **state)
{
    static char bound[CONFIG_TEXT + 1];
    struct cpe name;
    char text[512];

    (void)state;
    memset(bound, '7', sizeof bound);
    for (unsigned n = 1; n <= CPE_TEXT; n++) {
        AUTO_BUF(entry, 1 << 12);
        struct config_match m = {&name, true, {{bound, n}, {"", 0}, {bound, n}, {"", 0}}};

        (void)snprintf(text, sizeof text, "cpe:/a:b:c:%.*s", (int)n, bound);
        assert_int_equal(cpe_parse(slice_of(text), &name, NULL), 0);
        assert_true(config_put_entry(&entry, &m) && config_put_entry(&entry, &m));
        assert_int_equal(config_entry_is(buf_get(&entry), &name, false), CPE_YES);
        m.bound[CONFIG_END_INCLUDING].len = CONFIG_TEXT + 1;
        buf_reset(&entry);
        assert_false(config_put_entry(&entry, &m));
        assert_int_equal(config_entry_is(buf_get(&entry), &name, false), CPE_AMBIGUOUS);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_trees),
                                       cmocka_unit_test(test_ranges),
                                       cmocka_unit_test(test_long)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
