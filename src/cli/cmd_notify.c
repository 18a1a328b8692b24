/* detente notify: who is told of alerts, and whether it gets there. */
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/output.h"
#include "role/env_posix.h"
#include "role/node.h"
#include "role/send.h"

static const char *
kind_name(const struct conf_notify *n)
{
    switch (conf_notify_kind(n)) {
    case CONF_NOTIFY_MAIL: return "mail";
    case CONF_NOTIFY_WEBHOOK: return "webhook";
    case CONF_NOTIFY_SYSLOG: break;
    }
    return "syslog";
}

static const struct column columns[] = {
    {"name", false},    {"kind", false},          {"url", false},   {"least", false},
    {"waiting", true},  {"sent", true},           {"failed", true}, {"dropped", true},
    {"sent_at", false}, {"failing_since", false}, {"error", false}};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static void
put_time(struct output *o, struct utime t)
{
    if (t.us == 0)
        output_str(o, "");
    else
        output_time(o, t);
}

static int
put_receiver(struct output *o, const struct conf_notify *n, struct alerts *a)
{
    struct receiver known = {0};
    int r = a == NULL ? 0 : alerts_receiver(a, n->name, &known);

    if (r < 0)
        return r;
    output_str(o, n->name);
    output_str(o, kind_name(n));
    output_str(o, n->url);
    output_str(o, alert_severity_name(n->least));
    output_u64(o, known.waiting);
    output_u64(o, known.sent);
    output_u64(o, known.failed);
    output_u64(o, known.dropped);
    put_time(o, known.sent_at);
    put_time(o, known.failing);
    output_str(o, known.failing.us != 0 ? known.error : "");
    output_end(o);
    return 0;
}

static int
run_list(struct cli *cli)
{
    struct alerts *a = NULL;
    struct conf *conf = NULL;
    struct output *o = NULL;
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = node_conf(dir, &conf, &ei);
    if (r == 0)
        r = alerts_open(dir, STORE_READ, &a, &ei);
    if (r == ERR_NOTFOUND)
        r = 0; /* it has not run yet */
    if (r < 0) {
        (void)conf_free(conf);
        return cli_fail_at(r, &ei);
    }
    r = output_open(cli, columns, COLUMNS, &o);
    for (unsigned i = 0; r == 0 && i < conf->notify_count; i++)
        r = put_receiver(o, &conf->notify[i], a);
    if (r == 0)
        r = output_close(o, conf->notify_count);
    else if (o != NULL)
        output_drop(o);
    (void)alerts_close(a);
    (void)conf_free(conf);
    return r < 0 ? err_exit(r) : 0;
}

/* ---- test ------------------------------------------------------------------------------- */

struct trial {
    struct conf *conf;
    struct env_posix posix;
    struct env env;
    struct send *send;
    struct sender sender;
};

static int
open_trial(const char *dir, struct trial *t, struct errinfo *ei)
{
    char origin[320];
    int r = node_conf(dir, &t->conf, ei);

    if (r == 0)
        r = node_origin(dir, origin, sizeof origin, ei);
    if (r == 0)
        r = env_posix_open(&t->posix, dir, &t->env, ei);
    if (r == 0)
        r = send_open(t->conf, dir, origin, &t->env, &t->send, ei);
    if (r == 0)
        send_sender(t->send, &t->sender);
    return r;
}

/* One message that opens nothing: it begins as an alert and is resolved at once. */
static int
try_receiver(struct trial *t, unsigned i)
{
    struct utime now = cli_now();
    struct notice n = {.alert = {.rule = ALERT_TEST,
                                 .state = ALERT_RESOLVED,
                                 .text = WORD_NAME "alert.test",
                                 .since = now,
                                 .resolved = now},
                       .step = ALERT_RESOLVE,
                       .at = now};
    const char *name = t->conf->notify[i].name;
    struct send_result result = {0};

    n.alert.number = (uint64_t)now.us / TIME_US_PER_S;
    (void)snprintf(n.alert.subject, sizeof n.alert.subject, "%s", name);
    t->sender.start(t->sender.self, i, &n, 1);
    while (!t->sender.result(t->sender.self, i, &result))
        send_turn(t->send, -1, 100);
    if (result.status == 0)
        printf("%s: sent\n", name);
    else
        printf("%s: %s\n", name, result.text);
    return result.status;
}

static int
try_all(struct trial *t, const char *only)
{
    unsigned tried = 0;
    int r = 0;

    for (unsigned i = 0; i < t->conf->notify_count; i++) {
        if (only != NULL && strcmp(only, t->conf->notify[i].name) != 0)
            continue;
        tried++;
        if (try_receiver(t, i) < 0)
            r = ERR_IO;
    }
    if (tried == 0 && only != NULL)
        return cli_fail(ERR_USAGE, "no receiver is named `%s` in detente.yaml", only);
    if (tried == 0)
        return cli_fail(ERR_USAGE, "detente.yaml names nobody under `notify`");
    return r < 0 ? err_exit(r) : 0;
}

static int
run_test(struct cli *cli)
{
    struct trial t = {.posix.dir = -1};
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    if (cli->argc > 1)
        return cli_fail(ERR_USAGE, "notify test takes one name at most");
    r = open_trial(dir, &t, &ei);
    r = r < 0 ? cli_fail_at(r, &ei) : try_all(&t, cli->argc == 1 ? cli->argv[0] : NULL);
    (void)send_close(t.send);
    env_posix_close(&t.posix);
    (void)conf_free(t.conf);
    return r;
}

static const struct cmd_option list_options[] = {CMD_FORMAT_OPTION, {0}};

const struct cmd cmd_notify[] = {
    {"notify", "list", "", "who is told of alerts, what waits for them, and why", list_options,
     run_list},
    {"notify", "test", "[NAME]", "send a test message to all receivers, or to one, now", NULL,
     run_test},
    {0},
};
