/* detente check: would the node start?  Configuration, key, store and tables, without starting.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "cli/cmd.h"
#include "role/cosigners.h"
#include "role/mark.h"
#include "role/quorum.h"
#include "role/send.h"
#include "role/treaty_look.h"
#include "role/view.h"

static int
print_conf(const struct conf *c)
{
    AUTO_BUF(text, 1 << 20);

    conf_print(c, &text);
    if (buf_error(&text) < 0)
        return cli_fail(buf_error(&text), "%s", err_text(buf_error(&text)));
    printf("%.*s", (int)text.len, text.ptr);
    return 0;
}

/* What the receivers of alerts need. */
static int
check_receivers(const struct conf *c, const char *dir)
{
    struct errinfo ei = {0};

    for (unsigned i = 0; i < c->notify_count; i++) {
        if (send_check(&c->notify[i], dir, &ei) < 0)
            return cli_fail_at(ERR_CONF, &ei);
    }
    return 0;
}

/* The witnesses of this node's log, and whom they are checked against. */
static int
check_policy(const struct conf *c, const char *dir)
{
    struct errinfo ei = {0};
    struct policy *p = malloc(sizeof *p);
    AUTO_BUF(text, POLICY_MAX + 8192);
    AUTO_BUF(ca, COSIGNERS_CA_MAX);
    int r = p == NULL ? ERR_NOMEM : quorum_load(dir, c, p, &text, &ei);

    if (r == 0)
        r = cosigners_ca(dir, c, &ca, &ei);
    free(p);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

/* What a start would end with. */
static int
check_log(struct view *v)
{
    struct errinfo ei = {0};
    int r = node_check_key(&v->node, &ei);

    if (r == 0)
        r = mark_check(&v->node.env, v->ledger, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static void
say_finding(void *arg, const struct treaty_finding *f)
{
    cli_say("%s: %s (%s)", (const char *)arg, f->text, f->to_do);
}

/* Pacts that were adopted: what is not in order with them keeps no node from its start. */
static int
check_pacts(struct view *v, const char *dir)
{
    struct node_known *known = malloc(sizeof *known);
    struct book *b = NULL;
    struct errinfo ei = {0};
    int r = book_load(v->node.store, v->node.conf->party, &b, &ei);

    if (r == 0)
        (void)treaty_look(b,
                          known == NULL || node_keys_known(&v->node, known) < 0 ? NULL : known,
                          cli_now(), say_finding, (void *)(uintptr_t)dir);
    (void)book_free(b);
    free(known);
    return r < 0 ? cli_fail(r, "%s: pacts: %s", dir, ei.text) : 0;
}

static int
run_check(struct cli *cli)
{
    struct errinfo ei;
    const char *dir;
    struct view v;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = view_open(dir, &v, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    if (cli_option(cli, "print") != NULL)
        r = print_conf(v.node.conf);
    if (r == 0)
        r = check_receivers(v.node.conf, dir);
    if (r == 0)
        r = check_policy(v.node.conf, dir);
    if (r == 0)
        r = check_log(&v);
    if (r == 0)
        r = check_pacts(&v, dir);
    if (v.node.attrib == NULL)
        cli_say(
            "%s: no address tables: nothing will be placed (`detente --dir %s tables build`)",
            dir, dir);
    if (r == 0)
        cli_say("%s: fine", dir);
    view_close(&v);
    return r;
}

static const struct cmd_option options[] = {
    {"print", NULL, "print the effective configuration, every key", 'p'},
    {0},
};

const struct cmd cmd_check[] = {
    {"check", NULL, "", "check configuration, key, store and tables without starting", options,
     run_check},
    {0},
};
