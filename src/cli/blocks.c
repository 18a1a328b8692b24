#include "cli/blocks.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

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

/* The unix user, as acts of the command line name him. */
static void
find_user(char user[CLI_USER])
{
    const struct passwd *pw = geteuid() == 0 ? NULL : getpwuid(geteuid());

    if (geteuid() == 0)
        (void)snprintf(user, CLI_USER, "local:root");
    else if (pw != NULL && strlen(pw->pw_name) <= CLI_USER - 8 &&
             text_is_sensor(slice_of(pw->pw_name)))
        (void)snprintf(user, CLI_USER, "local:%s", pw->pw_name);
    else
        (void)snprintf(user, CLI_USER, "local:uid-%u", (unsigned)geteuid());
}

int
cli_open_to_act(const struct cli *cli, struct node *ret, char user[CLI_USER])
{
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    find_user(user);
    r = node_open(dir, NODE_WRITE, ret, &ei);
    if (r == ERR_BUSY)
        return cli_fail(r,
                        "%s: a node runs there, or an ingest: stop it first; this version "
                        "takes no such order beside it",
                        dir);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}
