/* detente erase: blocks lose their raw bytes, or everything, by hand. */
#include "cli/blocks.h"

struct task {
    struct node n;
    struct eraser *eraser;
    struct erase_order order;
    struct erase_person who;
    uint64_t blocks;
    struct errinfo ei;
};

static int
take_options(const struct cli *cli, struct erase_order *o)
{
    const char *scope = cli_option(cli, "scope");
    const char *rule = cli_option(cli, "rule");

    if (cli->argc == 0)
        return cli_fail(ERR_USAGE, "erase takes blocks: 17, or 17..20");
    if (scope == NULL || strcmp(scope, "raw") == 0)
        o->scope = ERASURE_RAW;
    else if (strcmp(scope, "block") == 0)
        o->scope = ERASURE_BLOCK;
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
    o->rule = slice_of(rule);
    return 0;
}

/* 0, or an exit status (reported). */
static int
erase_span(struct task *t, const struct hold_span *span)
{
    uint64_t block[ERASE_BLOCKS];
    uint64_t next = span->first.block;
    uint64_t bad = 0;
    int r = 0;

    while (r == 0 && next <= span->last.block) {
        t->order.block = block;
        t->order.count = 0;
        while (t->order.count < ERASE_BLOCKS && next <= span->last.block)
            block[t->order.count++] = next++;
        r = erase_blocks(t->eraser, &t->order, &bad, &t->ei);
        if (r == 0)
            t->blocks += t->order.count;
    }
    t->order.block = NULL;
    if (r < 0 && eraser_refused(t->eraser) && r != ERR_PROOF)
        return cli_fail(r, "%s", t->ei.text), 1;
    return r < 0 ? cli_fail_at(r, &t->ei) : 0;
}

static int
finish(struct task *t)
{
    uint64_t before;
    uint64_t from = 0;
    int r = erase_scrub(t->eraser, &before, &t->ei);

    if (r == ERR_BUSY) {
        cli_say("somebody reads the node now: the bytes go at its next start, or with the next "
                "erase");
        return 0;
    }
    if (r == 0) {
        do
            r = erase_destroy(t->eraser, before, &from, &t->ei);
        while (r == 1);
    }
    return r < 0 ? cli_fail_at(r, &t->ei) : 0;
}

static int
run_erase(struct cli *cli)
{
    struct task t = {.n = {.lock = -1}};
    struct hold_span span;
    char user[CLI_USER];
    int r = take_options(cli, &t.order);

    for (int i = 0; r == 0 && i < cli->argc; i++)
        r = cli_span(cli->argv[i], false, &span) < 0 ? err_exit(ERR_USAGE) : 0;
    if (r == 0)
        r = cli_open_to_act(cli, &t.n, user);
    if (r != 0)
        return r;
    t.who = (struct erase_person){slice_of(user), SLICE("operator")};
    t.order.who = &t.who;
    t.order.now = cli_now();
    if (eraser_open(t.n.engine, &t.eraser) < 0)
        r = cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    for (int i = 0; r == 0 && i < cli->argc; i++) {
        r = cli_span(cli->argv[i], false, &span);
        if (r == 0)
            r = erase_span(&t, &span);
    }
    if (t.blocks > 0) {
        int e = finish(&t);

        r = e != 0 ? e : r;
        cli_say("%llu block%s: %s erased", (unsigned long long)t.blocks,
                t.blocks == 1 ? "" : "s",
                t.order.scope == ERASURE_RAW ? "raw bytes" : "everything but commitments");
    }
    t.eraser = eraser_close(t.eraser);
    node_close(&t.n);
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
