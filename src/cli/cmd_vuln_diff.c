/* detente vuln diff: what came and what went between two moments, by scans that were kept
 * (vulndb/history.h). */
#include <string.h>

#include "cli/output.h"
#include "cli/vuln.h"
#include "cli/vuln_findings.h"
#include "vulndb/history.h"

const struct cmd_option vuln_diff_options[] = {
    CMD_FORMAT_OPTION,
    {"since", "TIME", "from this moment on: a date, a time or a span before now", 0},
    {"until", "TIME", "up to this moment, now unless told", 0},
    {"asset", "NAME", "of one asset", 0},
    {0}};

static const struct column diff_columns[] = {
    {"change", false}, {"asset", false}, {"package", false}, {"version", false}, {"cve", false},
    {"before", false}, {"after", false}, {"first", false},   {"at", false}};

struct diff {
    struct vulndb *db;
    struct output *o;
    struct utime since, until;
    const char *only; /* asset; NULL all */
    const struct asset *asset;
    struct buf id;
    uint64_t rows;
    uint64_t came; /* to be open, which they were not */
    unsigned assets, later, never;
    int failed;
};

/* Somebody has to look at it. */
static bool
is_open(bool found, unsigned state)
{
    return found && state <= FINDING_INVESTIGATED;
}

static const char *
state(bool found, unsigned state)
{
    return found && state <= FINDING_EXCEPTED ? finding_state_name((enum finding_state)state)
                                              : "";
}

static int
put_change(void *arg, const struct history_change *c)
{
    struct diff *d = arg;
    int r;

    buf_reset(&d->id);
    r = vulndb_id_text(d->db, c->vuln, &d->id);
    if (r < 0)
        return r;
    d->rows++;
    d->came += is_open(c->is, c->after) && !is_open(c->was, c->before);
    output_str(d->o, !c->was ? "came" : !c->is ? "went" : "changed");
    output_str(d->o, d->asset->name);
    output_text(d->o, c->name);
    output_text(d->o, c->version);
    output_text(d->o, buf_get(&d->id));
    output_str(d->o, state(c->was, c->before));
    output_str(d->o, state(c->is, c->after));
    output_time(d->o, c->first);
    output_time(d->o, c->at);
    output_end(d->o);
    return 0;
}

/* Of an asset that was not looked at before, all that it has came. */
static int
diff_asset(void *arg, const struct asset *a)
{
    struct diff *d = arg;
    struct utime first;
    struct utime last;
    int r;

    if (d->only != NULL && strcmp(d->only, a->name) != 0)
        return 0;
    d->assets++;
    r = vulndb_kept(d->db, a->id, &first, &last);
    if (r == ERR_NOTFOUND) {
        d->never++;
        return 0;
    }
    if (r < 0)
        return r;
    d->later += first.us > d->since.us;
    d->asset = a;
    return vulndb_changes(d->db, a->id, d->since, d->until, put_change, d);
}

static int
say_end(const struct diff *d)
{
    if (d->never > 0)
        cli_say("of %u assets nothing was kept yet: `detente vuln scan --keep`", d->never);
    if (d->later > 0)
        cli_say("%u assets were kept for the first time after that: all that they have came",
                d->later);
    return d->came > 0;
}

static int
read_options(const struct cli *cli, struct diff *d)
{
    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "vuln diff takes no arguments");
    if (cli_option(cli, "since") == NULL)
        return cli_fail(ERR_USAGE, "vuln diff takes --since: a date, a time or a span");
    if (cli_time(cli, "since", (struct utime){0}, &d->since) < 0 ||
        cli_time(cli, "until", cli_now(), &d->until) < 0)
        return err_exit(ERR_USAGE);
    if (d->until.us < d->since.us)
        return cli_fail(ERR_USAGE, "--until is before --since");
    d->only = cli_option(cli, "asset");
    return 0;
}

int
vuln_run_diff(struct cli *cli)
{
    struct diff d = {.id = {.max = VULNDB_TEXT + 1}};
    int r = read_options(cli, &d);

    if (r == 0)
        r = vuln_open(cli, false, &d.db);
    if (r != 0)
        return r;
    if (output_open(cli, diff_columns, sizeof diff_columns / sizeof diff_columns[0], &d.o) <
        0) {
        (void)vulndb_close(d.db);
        return err_exit(ERR_USAGE);
    }
    r = vulndb_assets(d.db, diff_asset, &d);
    if (r < 0) {
        output_drop(d.o);
        r = cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(d.db));
    } else if (output_close(d.o, d.rows) < 0) {
        r = err_exit(ERR_IO);
    } else if (d.only != NULL && d.assets == 0) {
        r = cli_fail(ERR_NOTFOUND,
                     "no asset is called `%s`; `detente inventory list` shows them", d.only);
    } else {
        r = say_end(&d);
    }
    buf_release(&d.id);
    (void)vulndb_close(d.db);
    return r;
}
