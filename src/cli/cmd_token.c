/* detente token: what scripts show. */
#include <stdio.h>

#include "cli/order.h"
#include "cli/output.h"
#include "role/node.h"
#include "store/people.h"

enum { TOKEN_TEXT = 128 };

static int
take_life(struct cli *cli, struct person_ask *ask)
{
    const char *text = cli_option(cli, "for");
    struct span life = {PERSON_TOKEN_US};

    if (text != NULL &&
        (span_parse(slice_of(text), &life) < 0 || life.us < 60 * TIME_US_PER_S ||
         life.us > INT64_C(3650) * 86400 * TIME_US_PER_S)) {
        (void)cli_fail(ERR_USAGE, "--for takes a span from 1m to 3650d, not `%s`", text);
        return ERR_USAGE;
    }
    ask->life_us = life.us;
    return 0;
}

static int
run_add(struct cli *cli)
{
    AUTO_BUF(secret, TOKEN_TEXT);
    char until[TIME_TEXT];
    struct person_ask ask;
    struct person_answer a = {0};
    int r = order_begin(cli, ASK_TOKEN_ADD, true, &ask);

    if (r == 0)
        r = take_life(cli, &ask);
    if (r == 0)
        r = order_do(cli, &ask, &a);
    if (r != 0)
        return err_exit(r);
    order_secret(&a, &secret);
    if (buf_error(&secret) < 0)
        return cli_fail(buf_error(&secret), "%s; the token is lost: revoke it",
                        err_text(buf_error(&secret)));
    time_format(a.until, until);
    if (cli_option(cli, "json") != NULL)
        printf("{\"name\":\"%s\",\"token\":\"%.*s\",\"until\":\"%.*s\"}\n", a.name,
               (int)secret.len, secret.ptr, TIME_TEXT, until);
    else
        printf("%.*s\n", (int)secret.len, secret.ptr);
    cli_say("A token of role %s, until %.*s, for the header `Authorization: Bearer …`. It is "
            "shown once.",
            person_role_name((enum person_role)a.role), TIME_TEXT, until);
    explicit_bzero(secret.ptr, secret.len);
    return 0;
}

static int
run_revoke(struct cli *cli)
{
    struct person_ask ask;
    struct person_answer a;
    int r = order_named(cli, ASK_TOKEN_REVOKE, false, &ask, &a);

    if (r != 0)
        return r;
    cli_say("Token %s was revoked.", ask.name);
    return 0;
}

static const struct column columns[] = {
    {"name", false}, {"role", false}, {"state", false}, {"added", false}, {"until", false}};

struct list {
    struct output *out;
    struct utime now;
};

static int
list_one(void *arg, const struct store_person *p)
{
    struct list *l = arg;

    if (p->kind != PERSON_TOKEN)
        return 0;
    output_str(l->out, p->name);
    output_str(l->out, person_role_name(p->role));
    output_str(l->out, p->revoked.us != 0         ? "revoked"
                       : p->until.us <= l->now.us ? "expired"
                                                  : "active");
    output_time(l->out, p->made);
    output_time(l->out, p->until);
    output_end(l->out);
    return 0;
}

static int
run_list(struct cli *cli)
{
    struct list l = {.now = cli_now()};
    struct errinfo ei = {0};
    const char *dir;
    struct node n;
    int r = cli_dir(cli, &dir);

    if (r < 0 || (r = output_open(cli, columns, 5, &l.out)) < 0)
        return err_exit(r);
    r = node_open(dir, NODE_READ, &n, &ei);
    if (r < 0) {
        output_drop(l.out);
        return cli_fail_at(r, &ei);
    }
    r = store_each_person(n.store, list_one, &l);
    node_close(&n);
    if (r < 0) {
        output_drop(l.out);
        return cli_fail(r, "the store: %s", err_text(r));
    }
    r = output_close(l.out, 0);
    return r < 0 ? err_exit(r) : 0;
}

static const struct cmd_option add_options[] = {
    {"role", "ROLE", "viewer, analyst, approver or auditor", 0},
    {"for", "SPAN", "how long it is good for (default 90d)", 0},
    CMD_JSON_OPTION,
    {0},
};
static const struct cmd_option list_options[] = {CMD_FORMAT_OPTION, {0}};

const struct cmd cmd_token[] = {
    {"token", "add", "NAME", "make a token for a script, in a role", add_options, run_add},
    {"token", "list", "", "tokens, with role and end", list_options, run_list},
    {"token", "revoke", "NAME", "end a token", NULL, run_revoke},
    {0},
};
