#include "cli/order.h"

#include <stdio.h>

#include "role/control.h"
#include "wire/base64.h"

int
order_begin(struct cli *cli, uint32_t what, bool has_role, struct person_ask *ret)
{
    const char *role = has_role ? cli_option(cli, "role") : NULL;

    *ret = (struct person_ask){.what = what};
    if (cli->argc != 1) {
        (void)cli_fail(ERR_USAGE, "%s %s takes one name", cli->cmd->noun, cli->cmd->verb);
        return ERR_USAGE;
    }
    if (!person_is_name(slice_of(cli->argv[0]))) {
        (void)cli_fail(ERR_USAGE,
                       "`%s` cannot be a name: 1 to %d of a-z 0-9 . - _, a letter first",
                       cli->argv[0], PERSON_NAME_MAX);
        return ERR_USAGE;
    }
    (void)snprintf(ret->name, sizeof ret->name, "%s", cli->argv[0]);
    if (!has_role)
        return 0;
    ret->role = role == NULL ? PERSON_NOBODY : person_role_find(slice_of(role));
    if (ret->role == PERSON_NOBODY) {
        (void)cli_fail(
            ERR_USAGE, "--role takes viewer, analyst, approver, auditor or exchange%s%s%s",
            role == NULL ? "" : ", not `", role == NULL ? "" : role, role == NULL ? "" : "`");
        return ERR_USAGE;
    }
    return 0;
}

int
order_do(struct cli *cli, const struct person_ask *ask, struct person_answer *ret)
{
    const char *noun = cli->cmd->noun;
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return r;
    r = control_order(dir, ask, ret, &ei);
    if (r < 0)
        return (void)cli_fail_at(r, &ei), r;
    r = ret->status;
    if (r == ERR_NOTFOUND)
        (void)cli_fail(r, "there is no %s `%s` (see `detente %s list`)", noun, ask->name, noun);
    else if (r == ERR_CONF && ask->what == ASK_USER_CERT)
        (void)cli_fail(r, "this certificate is somebody's already");
    else if (r == ERR_CONF)
        (void)cli_fail(r, "there is a %s `%s` already: revoke it first, or choose another name",
                       noun, ask->name);
    else if (r < 0)
        (void)cli_fail(r, "%s", err_text(r));
    return r;
}

int
order_named(struct cli *cli, uint32_t what, bool has_role, struct person_ask *ask,
            struct person_answer *ret)
{
    int r = order_begin(cli, what, has_role, ask);

    *ret = (struct person_answer){0};
    if (r == 0)
        r = order_do(cli, ask, ret);
    return r == 0 ? 0 : err_exit(r);
}

void
order_secret(const struct person_answer *a, struct buf *to)
{
    buf_base64url(to, a->secret, sizeof a->secret);
}
