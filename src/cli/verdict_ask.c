#include "cli/verdict_ask.h"

#include "role/book.h"
#include "role/hygiene.h"
#include "role/view.h"
#include "wire/jcs.h"

static int
take_options(struct cli *cli, struct verdicts_ask *a)
{
    const char *period = cli_option(cli, "period");

    *a = (struct verdicts_ask){.now = cli_now()};
    if (cli->argc > 0)
        return cli_fail(ERR_USAGE, "%s takes options only, not `%s`", cli->cmd->noun,
                        cli->argv[0]);
    if (verdicts_period(slice_of(period == NULL ? "30d" : period), a->now, &a->from,
                        &a->until) < 0)
        return cli_fail(ERR_USAGE,
                        "--period takes 30d, a month (2026-03), a day, or two of them with .. "
                        "between, that have begun; not `%s`",
                        period);
    if (cli_option(cli, "pact") != NULL)
        a->pact = slice_of(cli_option(cli, "pact"));
    if (cli_option(cli, "party") != NULL)
        a->party = slice_of(cli_option(cli, "party"));
    return 0;
}

/* What was asked for is not here. */
static int
refuse_name(const struct verdicts_ask *a)
{
    static const char see[] = "see `detente pact list`";

    if (a->party.len == 0)
        return cli_fail(ERR_NOTFOUND, "there is no pact `%.*s` here: %s", (int)a->pact.len,
                        a->pact.ptr, see);
    if (a->pact.len == 0)
        return cli_fail(ERR_NOTFOUND, "there is no counterpart `%.*s` here: %s",
                        (int)a->party.len, a->party.ptr, see);
    return cli_fail(ERR_NOTFOUND, "there is no pact `%.*s` with `%.*s` here: %s",
                    (int)a->pact.len, a->pact.ptr, (int)a->party.len, a->party.ptr, see);
}

static int
read_json(struct cli *cli, struct verdicts_ask *a,
          int (*f)(const struct verdicts_ask *a, struct buf *ret), struct buf *ret)
{
    AUTO_BUF(json, VERDICTS_JSON);
    struct book *b = NULL;
    struct hygiene h = {.count = 0};
    struct errinfo none = {0};
    struct errinfo ei = {0};
    struct view v;
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = view_open(dir, &v, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = book_load(v.node.store, v.node.conf->party, &b, &ei);
    if (r == 0 && hygiene_read(dir, &h, &none) == 0)
        a->hygiene = &h;
    a->store = v.node.store;
    a->book = b;
    if (r < 0)
        r = cli_fail_at(r, &ei);
    else if ((r = f(a, &json)) == 0)
        r = jcs_canonical(buf_get(&json), ret, NULL) == JCS_OK
                ? 0
                : cli_fail(ERR_LIMIT, "the verdicts: %s", err_text(ERR_LIMIT));
    else
        r = r == ERR_NOTFOUND ? refuse_name(a) : cli_fail(r, "the verdicts: %s", err_text(r));
    hygiene_release(&h);
    (void)book_free(b);
    view_close(&v);
    return r;
}

int
cli_verdicts(struct cli *cli, int (*f)(const struct verdicts_ask *a, struct buf *ret),
             struct buf *ret)
{
    struct verdicts_ask a;
    int r = take_options(cli, &a);

    return r != 0 ? r : read_json(cli, &a, f, ret);
}
