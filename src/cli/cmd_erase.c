/* detente erase: blocks lose their raw bytes, or everything, by hand. */
#include <stdio.h>

#include "cli/blocks.h"

static int
take_options(const struct cli *cli, struct keep_ask *a)
{
    const char *scope = cli_option(cli, "scope");
    const char *rule = cli_option(cli, "rule");

    if (cli->argc == 0)
        return cli_fail(ERR_USAGE, "erase takes blocks: 17, or 17..20");
    if (scope == NULL || strcmp(scope, "raw") == 0)
        a->scope = ERASURE_RAW;
    else if (strcmp(scope, "block") == 0)
        a->scope = ERASURE_BLOCK;
    else
        return cli_fail(ERR_USAGE, "--scope takes raw or block, not `%s`", scope);
    if (rule == NULL || rule[0] == '\0' || strlen(rule) > LEAF_ID_MAX)
        return cli_fail(ERR_USAGE,
                        "--rule says why, for the log: a word such as request-12 or dsgvo-17");
    for (const char *p = rule; *p != '\0'; p++) {
        if (*p <= ' ' || *p > '~')
            return cli_fail(ERR_USAGE, "--rule takes printable ASCII without spaces, not `%s`",
                            rule);
    }
    (void)snprintf(a->name, sizeof a->name, "%s", rule);
    return 0;
}

/* Some blocks in an order; 0, or an exit status (reported). */
static int
erase_span(struct keeper *k, struct keep_ask *a, const struct hold_span *span, uint64_t *done)
{
    uint64_t next = span->first.block;
    int r = 0;

    while (r == 0 && next <= span->last.block) {
        a->spans = 0;
        while (a->spans < ERASE_BLOCKS && next <= span->last.block) {
            a->span[a->spans++] = (struct hold_span){{next, 0}, {next, UINT32_MAX}};
            next++;
        }
        r = cli_keep(k, a);
        *done += r == 0 ? a->spans : 0;
    }
    return r;
}

static int
finish(struct keeper *k)
{
    struct errinfo ei = {0};
    int r = keeper_finish(k, &ei);

    if (r != ERR_BUSY)
        return r < 0 ? cli_fail_at(r, &ei) : 0;
    cli_say("somebody reads the node now: the bytes go at its next start, or with the next "
            "erase");
    return 0;
}

static int
run_erase(struct cli *cli)
{
    struct keep_ask a = {.what = KEEP_ERASE};
    struct keeper *k = NULL;
    struct hold_span span;
    uint64_t done = 0;
    int r = take_options(cli, &a);

    for (int i = 0; r == 0 && i < cli->argc; i++)
        r = cli_span(cli->argv[i], false, &span) < 0 ? err_exit(ERR_USAGE) : 0;
    if (r == 0)
        r = cli_keeper(cli, &k);
    for (int i = 0; r == 0 && i < cli->argc; i++) {
        r = cli_span(cli->argv[i], false, &span);
        if (r == 0)
            r = erase_span(k, &a, &span, &done);
    }
    if (done > 0) {
        int e = finish(k);

        r = e != 0 ? e : r;
        cli_say("%llu block%s: %s erased", (unsigned long long)done, done == 1 ? "" : "s",
                a.scope == ERASURE_RAW ? "raw bytes" : "everything but commitments");
    }
    k = keeper_close(k);
    return r;
}

static const struct cmd_option options[] = {
    {"scope", "WHAT", "raw: bytes as the sensors wrote them (default); block: everything", 0},
    {"rule", "WORD", "why: it stands in the log for ever, so no name of anybody", 0},
    {0},
};

const struct cmd cmd_erase[] = {
    {"erase", NULL, "BLOCK…|FROM..TO",
     "erase blocks for ever; proofs of everything else stay valid", options, run_erase},
    {0},
};
