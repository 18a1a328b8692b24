#include <stdlib.h>

#include "cli/vuln.h"
#include "cli/vuln_findings.h"
#include "vulndb/history.h"

/* What would leave findings out, or put some in that a plain scan has not. */
static int
check_options(const struct cli *cli)
{
    static const char *const all[] = {"package", "cve", "kev", "min-risk", "lenient"};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (cli_option(cli, all[i]) != NULL)
            return cli_fail(ERR_USAGE, "--keep keeps all that is found: not with --%s", all[i]);
    }
    return 0;
}

static int
by_finding(const void *a, const void *b)
{
    const struct history_finding *x = a;
    const struct history_finding *y = b;
    int c = history_compare(x, y);

    return c != 0 ? c : (x->state > y->state) - (x->state < y->state);
}

/* Of one name that is there several times the worst state counts. */
static uint32_t
each_once(struct history_finding *f, uint32_t n)
{
    uint32_t kept = 0;

    if (n > 0)
        qsort(f, n, sizeof *f, by_finding);
    for (uint32_t i = 0; i < n; i++) {
        if (kept == 0 || history_compare(&f[kept - 1], &f[i]) != 0)
            f[kept++] = f[i];
    }
    return kept;
}

static int
collect(struct findings *f, uint32_t asset, struct history_finding *to, uint32_t *ret)
{
    *ret = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        const struct scan_finding *x = &f->scan.finding[f->finding[i].at];
        const struct scan_item *item = &f->scan.item[x->item];
        struct risk_result risk;
        int r;

        if (item->asset != asset)
            continue;
        r = risk_of(&f->risk, x->vuln, &f->scan.asset[asset], &risk);
        if (r < 0)
            return r;
        if (!risk.known->rejected)
            to[(*ret)++] = (struct history_finding){.vuln = x->vuln,
                                                    .name = item->name,
                                                    .version = item->version,
                                                    .state = f->finding[i].state};
    }
    return 0;
}

/* Findings in the order of assets: by finding in the scan. */
static int
by_place(const void *a, const void *b)
{
    const struct finding *x = a;
    const struct finding *y = b;

    return (x->at > y->at) - (x->at < y->at);
}

static int
keep_all(struct findings *f, struct vulndb *db, struct history_counts *counts)
{
    struct history_finding *to = malloc((f->count + 1) * sizeof *to);
    struct findings part = *f;
    int r = to == NULL ? ERR_NOMEM : 0;

    if (f->count > 0)
        qsort(f->finding, f->count, sizeof *f->finding, by_place);
    part.count = 0;
    for (uint32_t a = 0; r == 0 && a < f->scan.assets; a++) {
        uint32_t n;

        part.finding += part.count;
        part.count = 0;
        while (part.finding + part.count < f->finding + f->count &&
               f->scan.item[f->scan.finding[part.finding[part.count].at].item].asset == a)
            part.count++;
        r = collect(&part, a, to, &n);
        if (r == 0)
            r = vulndb_keep(db, f->scan.asset[a].id, to, each_once(to, n), f->risk.now, counts);
    }
    free(to);
    return r;
}

int
vuln_keep(const struct cli *cli)
{
    struct findings f = {.figures = true, .every = true};
    struct history_counts counts = {.came = 0};
    struct vulndb *db = NULL;
    int r = check_options(cli);

    if (r == 0)
        r = findings_open(cli, &f);
    if (r == 0) {
        vulndb_rollback(f.db); /* it is read */
        r = vuln_open(cli, true, &db);
    }
    if (r == 0) {
        int code = vulndb_begin(db);

        if (code == 0)
            code = keep_all(&f, db, &counts);
        if (code == 0)
            code = vulndb_commit(db);
        if (code < 0) {
            r = code == ERR_INVALID
                    ? cli_fail(ERR_USAGE, "what was found was kept at this time or later "
                                          "already: is the clock right?")
                    : cli_fail(code, "the database: %s (%s)", err_text(code), vulndb_error(db));
            vulndb_rollback(db);
        } else {
            cli_say("kept: %llu came, %llu went, %llu changed, %llu as they were",
                    (unsigned long long)counts.came, (unsigned long long)counts.went,
                    (unsigned long long)counts.changed, (unsigned long long)counts.same);
        }
    }
    (void)vulndb_close(db);
    findings_close(&f);
    return r;
}
