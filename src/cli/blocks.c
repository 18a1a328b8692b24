#include "cli/blocks.h"

#include "model/text.h"

static bool
read_end(struct slice text, bool events, bool last, struct event_id *ret)
{
    uint64_t block;

    if (text_number(text, NUMBER_MAX, &block) == 0 && block > 0) {
        *ret = (struct event_id){block, last ? UINT32_MAX : 0};
        return true;
    }
    return events && event_id_parse(text, ret) == 0 && ret->block > 0;
}

int
cli_span(const char *text, bool events, struct hold_span *ret)
{
    const char *dots = strstr(text, "..");
    struct slice first =
        dots == NULL ? slice_of(text) : (struct slice){text, (size_t)(dots - text)};
    struct slice last = dots == NULL ? first : slice_of(dots + 2);

    if (!read_end(first, events, false, &ret->first) ||
        !read_end(last, events, true, &ret->last) || ret->last.block < ret->first.block ||
        (ret->last.block == ret->first.block && ret->last.index < ret->first.index)) {
        if (!events && event_id_parse(slice_of(text), &ret->first) == 0)
            return cli_fail(ERR_USAGE,
                            "%s: blocks are erased as a whole, with all their events: %llu",
                            text, (unsigned long long)ret->first.block),
                   ERR_USAGE;
        return cli_fail(ERR_USAGE, "`%s`: which blocks? 17, or 17..20%s", text,
                        events ? ", or events: 17-3, 17-3..17-9" : ""),
               ERR_USAGE;
    }
    return 0;
}

int
cli_keeper(const struct cli *cli, struct keeper **ret)
{
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = keeper_open(dir, ret, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

int
cli_keep(struct keeper *k, const struct keep_ask *ask)
{
    struct keep_answer answer = {0};
    struct errinfo ei = {0};
    int r = keeper_do(k, ask, &answer, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    r = answer.status;
    if (r == 0)
        return 0;
    (void)cli_fail(r, "%s", answer.ei.text[0] == '\0' ? err_text(r) : answer.ei.text);
    return r == ERR_BUSY || r == ERR_NOTFOUND || r == ERR_GONE ? 1 : err_exit(r);
}
