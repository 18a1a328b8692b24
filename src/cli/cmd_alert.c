/* detente alert: what people were told of, and that somebody has seen it. */
#include "cli/cmd.h"
#include "cli/output.h"
#include "model/text.h"
#include "role/control.h"
#include "role/node.h"
#include "store/alerts.h"

static const struct column columns[] = {{"number", true},        {"state", false},
                                        {"severity", false},     {"key", false},
                                        {"since", false},        {"text", false},
                                        {"to_do", false},        {"acknowledged_by", false},
                                        {"acknowledged", false}, {"resolved", false}};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static void
put_time(struct output *o, struct utime t)
{
    if (t.us == 0)
        output_str(o, "");
    else
        output_time(o, t);
}

struct list {
    struct output *o;
    uint64_t most; /* 0: all */
    uint64_t count;
};

static int
put_alert(void *arg, const struct alert *a)
{
    const struct alert_about *about = alert_about(a->rule);
    struct list *l = arg;
    AUTO_BUF(text, 8192);
    char key[ALERT_KEY];

    if (l->count++ >= l->most && l->most > 0)
        return 0;
    alert_key(a->rule, a->subject, key);
    output_u64(l->o, a->number);
    output_str(l->o, alert_state_name(a->state));
    output_str(l->o, alert_severity_name(about->severity));
    output_str(l->o, key);
    output_time(l->o, a->since);
    word_unpack(&text, LANGUAGE_EN, a->text);
    output_text(l->o, buf_get(&text));
    output_str(l->o, word(LANGUAGE_EN, about->to_do));
    output_str(l->o, a->by);
    put_time(l->o, a->acked);
    put_time(l->o, a->resolved);
    output_end(l->o);
    return 0;
}

/* The node's alerts; *ret stays NULL where none were ever kept. */
static int
open_alerts(struct cli *cli, struct alerts **ret)
{
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return r;
    r = store_there(dir, &ei);
    if (r == ERR_AUTH) /* it may be read all the same */
        r = 0;
    if (r == 0)
        r = alerts_open(dir, STORE_READ, ret, &ei);
    if (r < 0 && r != ERR_NOTFOUND)
        (void)cli_fail_at(r, &ei);
    return r == ERR_NOTFOUND ? 0 : r;
}

static int
run_list(struct cli *cli)
{
    struct alerts *a = NULL;
    struct list l = {0};
    int r = cli_number(cli, "limit", 100, &l.most);

    if (r == 0)
        r = open_alerts(cli, &a);
    if (r == 0)
        r = output_open(cli, columns, COLUMNS, &l.o);
    if (r == 0 && a != NULL)
        r = alerts_each(a, cli_option(cli, "all") != NULL, 0, put_alert, &l);
    if (r < 0 && l.o != NULL) {
        output_drop(l.o);
        r = cli_fail(r, "the alerts: %s", alerts_error(a));
    } else {
        r = r < 0 ? err_exit(r) : output_close(l.o, l.count) < 0 ? err_exit(ERR_IO) : 0;
    }
    (void)alerts_close(a);
    return r;
}

struct wanted {
    const char *name;
    uint64_t number;
    struct alert found;
};

static int
is_wanted(void *arg, const struct alert *a)
{
    struct wanted *w = arg;
    char key[ALERT_KEY];

    alert_key(a->rule, a->subject, key);
    if (a->number != w->number && strcmp(key, w->name) != 0)
        return 0;
    w->found = *a;
    return 1;
}

/* By its number or its key, among those that are open. */
static int
find_open(struct cli *cli, const char *name, uint64_t *ret)
{
    struct wanted w = {.name = name};
    struct alerts *a = NULL;
    int r = open_alerts(cli, &a);

    if (r < 0)
        return r;
    if (text_number(slice_of(name), NUMBER_MAX, &w.number) < 0)
        w.number = 0;
    if (a != NULL)
        r = alerts_each(a, false, 0, is_wanted, &w);
    if (r == 0)
        r = cli_fail(ERR_NOTFOUND, "there is no open alert `%s` (see `detente alert list`)",
                     name)
                ? ERR_NOTFOUND
                : 0;
    if (r == 1 && w.found.state != ALERT_FIRING) {
        cli_say("Alert %llu was acknowledged by %s.", (unsigned long long)w.found.number,
                w.found.by);
        w.found.number = 0;
    }
    *ret = w.found.number;
    (void)alerts_close(a);
    return r < 0 ? r : 0;
}

static int
run_ack(struct cli *cli)
{
    struct person_ask ask = {.what = ASK_ALERT_ACK};
    struct person_answer answer = {0};
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "alert ack takes one number or key");
    r = find_open(cli, cli->argv[0], &ask.object);
    if (r < 0)
        return err_exit(r);
    if (ask.object == 0)
        return 0;
    r = control_order_live(dir, &ask, &answer, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    if (answer.status < 0)
        return cli_fail(answer.status, "%s", err_text(answer.status));
    cli_say("Alert %llu is acknowledged by %s: it is in the log.",
            (unsigned long long)ask.object, answer.by);
    return 0;
}

static const struct cmd_option list_options[] = {
    CMD_FORMAT_OPTION,
    {"all", NULL, "resolved ones too", 0},
    {"limit", "N", "rows at most (default 100, 0 all)", 0},
    {0}};

const struct cmd cmd_alert[] = {
    {"alert", "list", "", "what people were told of and is not resolved", list_options,
     run_list},
    {"alert", "ack", "NUMBER|KEY", "say that somebody has seen it: no more reminders", NULL,
     run_ack},
    {0},
};
