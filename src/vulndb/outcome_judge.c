#include "vulndb/outcome_judge.h"

#include <stdlib.h>

#include "vuln/affected.h"
#include "vulndb/db.h"
#include "vulndb/scan_priv.h"

enum verdict { VERDICT_NO, VERDICT_DOUBT, VERDICT_YES }; /* as enum cpe_answer has them */
_Static_assert((int)VERDICT_DOUBT == CPE_AMBIGUOUS && (int)VERDICT_YES == CPE_YES, "same");

struct about { /* a record */
    int64_t id;
    enum feed_kind kind;
    struct slice products;
    struct slice config;
};

/* Statements decide as they do for a finding. */
static int
weigh(struct judging *j, uint32_t item, enum verdict is)
{
    struct scan_finding f = {.item = item, .vuln = j->vuln, .ambiguous = is == VERDICT_DOUBT};
    enum finding_state state = FINDING_AMBIGUOUS;
    int r = 0;

    if (is == VERDICT_NO) {
        j->installed = true;
        return 0;
    }
    r = vexes_state(j->vexes, j->scan, &f, j->now, &state);
    if (state == FINDING_NOT_AFFECTED || state == FINDING_FIXED)
        j->stated = true;
    else if (state == FINDING_AFFECTED || is == VERDICT_YES)
        j->vulnerable = true;
    else
        j->doubtful = true;
    return r;
}

/* ---- one product of a record ---------------------------------------------------------------
 */

/* A row that says nothing of versions: Debian means by it that nothing is affected, of others
 * nobody knows. */
static enum verdict
judge_range(const struct about *b, struct slice range, struct slice version)
{
    enum version_scheme scheme;
    size_t at;

    if (affected_is_unknown(range) || (b->kind != FEED_DEBIAN && affected_is_empty(range)) ||
        !affected_scheme(range, &scheme))
        return VERDICT_DOUBT;
    if (version_wrong(scheme, version, &at) != NULL)
        return (enum verdict)affected_wrong(range, version);
    return affected_is(range, version) ? VERDICT_YES : VERDICT_NO;
}

static enum verdict
judge_cpe(struct slice entries, struct slice text)
{
    struct cpe cpe;

    if (cpe_parse(text, &cpe, NULL) < 0)
        return VERDICT_DOUBT;
    return (enum verdict)config_entry_is(entries, &cpe, CONFIG_UNSAID);
}

/* The worst that the record says of an item. */
struct worst {
    enum verdict is;
    bool any;
    bool configured; /* its configuration decides */
};

static int
judge_rows(struct judging *j, const struct about *b, int64_t product,
           const struct scan_item *item, struct worst *ret)
{
    sqlite3_stmt *st = vulndb_statement(j->db, ST_OUTCOME_AFFECT);
    int r;

    *ret = (struct worst){.any = false};
    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, product);
        (void)sqlite3_bind_int64(st, 2, b->id);
    }
    while ((r = vulndb_row(j->db, st)) == 1) {
        unsigned flags = (unsigned)sqlite3_column_int64(st, 0);
        struct slice range = column_bytes(st, 1);
        enum verdict is = (flags & AFFECT_CPE) != 0 ? judge_cpe(range, item->cpe)
                                                    : judge_range(b, range, item->compared);

        ret->any = true;
        ret->configured = ret->configured || (flags & AFFECT_CONFIG) != 0;
        ret->is = is > ret->is ? is : ret->is;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

/* In which spaces a list can be complete: those of packages.  Who names products by CPE alone,
 * as a scan of ports does, sees some of what there is. */
static bool
speaks(const struct judging *j, int64_t space)
{
    const struct scan *s = j->scan;

    for (uint32_t i = scan_first(s, j->asset); i < s->items && s->item[i].asset == j->asset;
         i++) {
        if (s->item[i].space == space)
            return space != 0;
    }
    return false;
}

static int
look_at_space(struct judging *j, int64_t product)
{
    sqlite3_stmt *st = vulndb_statement(j->db, ST_PRODUCT_SPACE);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, product);
    r = vulndb_row(j->db, st);
    if (r != 1)
        return r;
    j->spoken = speaks(j, sqlite3_column_int64(st, 0));
    (void)sqlite3_reset(st);
    return 0;
}

/* ---- a record ------------------------------------------------------------------------------
 */

static int
judge_configuration(struct judging *j, const struct about *b)
{
    struct worst w;
    size_t n;
    int r = 0;

    if (j->names == NULL)
        j->names = malloc(sizeof *j->names);
    if (j->names == NULL)
        return ERR_NOMEM;
    n = scan_names(j->scan, j->asset, b->products, j->names);
    (void)config_eval(b->config, j->names->name, n, CONFIG_UNSAID | CONFIG_UNLISTED);
    for (size_t i = 0; r == 0 && i < n; i++) {
        const struct scan_item *it = &j->scan->item[j->names->item[i]];

        r = judge_rows(j, b, it->cpe_product, it, &w);
        /* without a row it is what the vulnerable thing runs on */
        if (r == 0 && w.any)
            r = weigh(j, j->names->item[i], (enum verdict)j->names->name[i].affected);
    }
    return r;
}

static int
judge_product(struct judging *j, const struct about *b, int64_t product, bool *configured)
{
    const struct scan *s = j->scan;
    int r = 0;

    for (uint32_t i = scan_first(s, j->asset);
         r == 0 && i < s->items && s->item[i].asset == j->asset; i++) {
        const struct scan_item *it = &s->item[i];
        struct worst w;

        if (it->product != product && (it->cpe_product != product || it->superseded))
            continue;
        r = judge_rows(j, b, product, it, &w);
        if (r == 0 && w.configured)
            *configured = true;
        else if (r == 0 && w.any)
            r = weigh(j, i, w.is);
    }
    return r;
}

static int
judge_record(struct judging *j, const struct about *b)
{
    bool configured = false;
    int r = 0;

    for (size_t at = 0; r == 0 && at + sizeof(int64_t) <= b->products.len;
         at += sizeof(int64_t)) {
        int64_t product;

        memcpy(&product, b->products.ptr + at, sizeof product);
        r = judge_product(j, b, product, &configured);
        if (r == 0 && !j->spoken)
            r = look_at_space(j, product);
    }
    return r == 0 && configured ? judge_configuration(j, b) : r;
}

int
outcome_judge(struct judging *j)
{
    sqlite3_stmt *st = vulndb_statement(j->db, ST_OUTCOME_RECORDS);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)j->vuln);
    while ((r = vulndb_row(j->db, st)) == 1) {
        int kind = sqlite3_column_int(st, 1);
        struct about b = {.id = sqlite3_column_int64(st, 0),
                          .kind =
                              kind < 0 || kind >= FEED_KINDS ? FEED_OSV : (enum feed_kind)kind,
                          .products = column_bytes(st, 2),
                          .config = column_bytes(st, 3)};

        r = judge_record(j, &b);
        if (r < 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}
