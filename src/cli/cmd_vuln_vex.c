/* detente vuln vex, except: statements and exceptions of the operator's (vulndb/vex.h). */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/vuln.h"
#include "role/statements.h"

/* ---- what is stated ------------------------------------------------------------------------
 */

static const char *
who(const struct cli *cli)
{
    const char *by = cli_option(cli, "by");
    const struct passwd *p = by == NULL ? getpwuid(getuid()) : NULL;

    return by != NULL ? by : p != NULL ? p->pw_name : "operator";
}

/* A day holds to its end. */
static int
read_until(const struct cli *cli, struct utime now, struct utime *ret)
{
    const char *text = cli_option(cli, "until");

    *ret = (struct utime){0};
    if (text == NULL)
        return 0;
    if (text[0] < '0' || text[0] > '9' || strlen(text) < 10 ||
        time_parse_human(slice_of(text), now, ret) < 0)
        return cli_fail(ERR_USAGE, "--until takes a day, such as 2030-01-31, not `%s`", text);
    if (strlen(text) == 10)
        ret->us += INT64_C(86400) * TIME_US_PER_S - 1;
    if (ret->us <= now.us)
        return cli_fail(ERR_USAGE, "--until %s is past: give a day to come", text);
    return 0;
}

static int
read_words(const struct cli *cli, bool must, struct vex *v)
{
    const char *words = cli_option(cli, "because");

    if ((words == NULL || words[0] == '\0') && must)
        return cli_fail(ERR_USAGE, "it needs a reason that others can read: give --because");
    if (words != NULL && strlen(words) > VEX_WORDS)
        return cli_fail(ERR_USAGE, "--because takes at most %d bytes", VEX_WORDS);
    v->words = words == NULL ? SLICE("") : slice_of(words);
    v->author = slice_of(who(cli));
    return v->author.len > VULNDB_TEXT
               ? cli_fail(ERR_USAGE, "--by takes at most %d bytes", VULNDB_TEXT)
               : 0;
}

static int
read_status(const struct cli *cli, struct vex *v)
{
    const char *status = cli_option(cli, "status");
    const char *justification = cli_option(cli, "justification");
    enum openvex_status s;

    if (status == NULL || !openvex_status_parse(slice_of(status), &s))
        return cli_fail(ERR_USAGE, "--status is not_affected, fixed, affected or "
                                   "under_investigation");
    v->status = (enum vex_status)s;
    if (justification == NULL)
        return 0;
    if (s != OPENVEX_NOT_AFFECTED)
        return cli_fail(ERR_USAGE, "only what is not_affected has a justification; say it "
                                   "with --because");
    if (!openvex_justification_parse(slice_of(justification), &v->justification))
        return cli_fail(ERR_USAGE,
                        "--justification is component_not_present, "
                        "vulnerable_code_not_present, vulnerable_code_not_in_execute_path, "
                        "vulnerable_code_cannot_be_controlled_by_adversary or "
                        "inline_mitigations_already_exist");
    return 0;
}

static int
read_asset(struct vulndb *db, const char *name, struct vex *v)
{
    struct asset a;
    int r = vulndb_asset_get(db, name, &a);

    if (r == ERR_NOTFOUND)
        return cli_fail(r, "no asset is called `%s`; `detente inventory list` shows them",
                        name);
    v->asset = a.id;
    return r < 0 ? cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(db)) : 0;
}

/* A CVE, or what a feed calls something else. */
static int
read_vuln(struct vulndb *db, const char *text, struct vex *v)
{
    int r = vulndb_id(db, slice_of(text), &v->vuln);

    if (r == ERR_NOTFOUND)
        return cli_fail(ERR_USAGE,
                        "`%s` is neither a CVE, such as CVE-2021-44228, nor an id that a feed "
                        "here knows",
                        text);
    return r < 0 ? cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(db)) : 0;
}

static int
read_package(const struct cli *cli, struct statement_product *p, struct vex *v)
{
    const char *text = cli_option(cli, "package");
    struct openvex_component is = {.id = SLICE("")};
    int r;

    if (text == NULL)
        return 0;
    if (text[0] == '\0' || strlen(text) > VULNDB_TEXT)
        return cli_fail(ERR_USAGE,
                        "--package takes a name, a package URL or a CPE, of at most "
                        "%d bytes",
                        VULNDB_TEXT);
    v->name = slice_of(text);
    if (strncmp(text, "pkg:", 4) != 0 && strncmp(text, "cpe:", 4) != 0)
        return 0;
    is.purl = text[0] == 'p' ? slice_of(text) : SLICE("");
    is.cpe = text[0] == 'c' ? slice_of(text) : SLICE("");
    r = statement_product(&is, p);
    if (r < 0 || !p->known)
        return cli_fail(r < 0 ? r : ERR_USAGE,
                        "`%s` names nothing that an inventory here could: give the package's "
                        "name as `detente vuln scan` shows it",
                        text);
    v->space = p->space;
    v->name = p->name;
    v->version = p->version;
    return 0;
}

static int
put(const struct cli *cli, struct vulndb *db, struct vex *v)
{
    struct statement_product *p = calloc(1, sizeof *p);
    int64_t id = 0;
    int r;

    if (p == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = read_package(cli, p, v);
    if (r == 0) {
        r = vulndb_begin(db);
        if (r == 0)
            r = vulndb_vex_put(db, v, &id);
        if (r == 0)
            r = vulndb_commit(db);
        if (r < 0)
            r = cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(db));
        else
            cli_say("statement %lld; `detente vuln vex drop %lld` takes it back", (long long)id,
                    (long long)id);
    }
    statement_product_release(p);
    free(p);
    return r;
}

/* asset NULL: any. */
static int
state(const struct cli *cli, const char *asset, const char *cve, struct vex *v)
{
    struct vulndb *db = NULL;
    int r = vuln_open(cli, true, &db);

    if (r == 0 && asset != NULL)
        r = read_asset(db, asset, v);
    if (r == 0)
        r = read_vuln(db, cve, v);
    if (r == 0)
        r = put(cli, db, v);
    (void)vulndb_close(db);
    return r;
}

const struct cmd_option vuln_vex_add_options[] = {
    {"any", NULL, "of all assets, instead of one", 0},
    {"status", "STATUS", "not_affected, fixed, affected or under_investigation", 0},
    {"justification", "WORD", "why it is not affected, in OpenVEX's words", 0},
    {"because", "TEXT", "why, in one's own", 0},
    {"package", "NAME", "of one package only: its name, package URL or CPE", 0},
    {"until", "DATE", "it holds through this day (UTC); no end unless told", 0},
    {"by", "NAME", "who says so; who is logged in, unless told", 0},
    {0}};

int
vuln_run_vex_add(struct cli *cli)
{
    bool any = cli_option(cli, "any") != NULL;
    struct vex v = {.at = cli_now()};
    int r;

    if (cli->argc != (any ? 1 : 2))
        return cli_fail(ERR_USAGE, any ? "with --any it takes a vulnerability and no asset"
                                       : "vuln vex add takes an asset and a vulnerability; "
                                         "--any and a vulnerability: of all assets");
    r = read_status(cli, &v);
    if (r == 0)
        r = read_until(cli, v.at, &v.until);
    if (r == 0)
        r = read_words(cli, v.status == VEX_NOT_AFFECTED && v.justification == 0, &v);
    return r != 0 ? r : state(cli, any ? NULL : cli->argv[0], cli->argv[any ? 0 : 1], &v);
}

const struct cmd_option vuln_except_options[] = {
    {"until", "DATE", "it ends with this day (UTC), and the finding comes back", 0},
    {"because", "TEXT", "why", 0},
    {"package", "NAME", "of one package only: its name, package URL or CPE", 0},
    {"by", "NAME", "who says so; who is logged in, unless told", 0},
    {0}};

int
vuln_run_except(struct cli *cli)
{
    struct vex v = {.at = cli_now(), .status = VEX_EXCEPTED};
    int r;

    if (cli->argc != 2)
        return cli_fail(ERR_USAGE, "vuln except takes an asset and a vulnerability");
    if (cli_option(cli, "until") == NULL)
        return cli_fail(ERR_USAGE, "an exception has an end: give --until, such as --until "
                                   "2030-01-31");
    r = read_until(cli, v.at, &v.until);
    if (r == 0)
        r = read_words(cli, true, &v);
    return r != 0 ? r : state(cli, cli->argv[0], cli->argv[1], &v);
}

/* ---- list ----------------------------------------------------------------------------------
 */

const struct cmd_option vuln_vex_list_options[] = {CMD_FORMAT_OPTION,
                                                   {"cve", "ID", "of one vulnerability", 0},
                                                   {"asset", "NAME", "of one asset", 0},
                                                   {"own", NULL, "only the operator's own", 0},
                                                   {0}};

static const struct column columns[] = {
    {"n", true},        {"state", false},  {"cve", false},
    {"asset", false},   {"system", false}, {"package", false},
    {"version", false}, {"status", false}, {"justification", false},
    {"because", false}, {"by", false},     {"at", false},
    {"until", false},   {"from", false}};

struct listed {
    struct vulndb *db;
    struct output *o;
    const char *asset;
    bool own;
    struct utime now;
    struct buf id;
    uint64_t count;
};

static int
list_one(void *arg, const struct vex *v)
{
    struct listed *x = arg;
    bool ended = v->until.us != 0 && v->until.us < x->now.us;
    int r;

    if ((x->own && v->feed.len > 0) ||
        (x->asset != NULL && (v->asset == 0 || !slice_is(v->asset_name, x->asset))))
        return 0;
    buf_reset(&x->id);
    r = vulndb_id_text(x->db, v->vuln, &x->id);
    if (r < 0)
        return r;
    output_i64(x->o, v->id);
    output_str(x->o, ended ? "ended" : "holds");
    output_text(x->o, buf_get(&x->id));
    output_text(x->o, v->asset == 0 ? SLICE("any") : v->asset_name);
    output_text(x->o, v->space);
    output_text(x->o, v->name.len == 0 ? SLICE("any") : v->name);
    output_text(x->o, v->version);
    output_str(x->o, vex_status_name(v->status));
    output_str(x->o, openvex_justification_name(v->justification));
    output_text(x->o, v->words);
    output_text(x->o, v->author);
    if (v->at.us != 0)
        output_time(x->o, v->at);
    else
        output_str(x->o, "");
    if (v->until.us != 0)
        output_time(x->o, v->until);
    else
        output_str(x->o, "");
    output_text(x->o, v->feed.len == 0 ? SLICE("own") : v->feed);
    output_end(x->o);
    x->count++;
    return 0;
}

int
vuln_run_vex_list(struct cli *cli)
{
    struct listed x = {.now = cli_now(),
                       .asset = cli_option(cli, "asset"),
                       .own = cli_option(cli, "own") != NULL,
                       .id = {.max = VULNDB_TEXT + 1}};
    const char *cve = cli_option(cli, "cve");
    struct vex want = {.vuln = 0};
    int r;

    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "vuln vex list takes no arguments");
    r = vuln_open(cli, false, &x.db);
    if (r == 0 && cve != NULL)
        r = read_vuln(x.db, cve, &want);
    if (r == 0 && output_open(cli, columns, sizeof columns / sizeof columns[0], &x.o) < 0)
        r = err_exit(ERR_USAGE);
    if (r == 0) {
        r = vulndb_vexes(x.db, want.vuln, list_one, &x);
        if (r < 0) {
            output_drop(x.o);
            r = cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(x.db));
        } else {
            r = output_close(x.o, x.count) < 0 ? err_exit(ERR_IO) : 0;
        }
    }
    buf_release(&x.id);
    (void)vulndb_close(x.db);
    return r;
}

/* ---- drop ----------------------------------------------------------------------------------
 */

static int
drop(struct vulndb *db, const char *what)
{
    char *end = NULL;
    long long id = strtoll(what, &end, 10);
    bool number = *what != '\0' && *end == '\0' && id > 0;
    uint64_t gone = 1;
    int r = vulndb_begin(db);

    if (r == 0)
        r = number ? vulndb_vex_drop(db, id) : vulndb_vex_drop_feed(db, what, true, &gone);
    if (r == 0)
        r = vulndb_commit(db);
    if (r == 0)
        cli_say("%llu statements are gone", (unsigned long long)gone);
    if (r == 0)
        return 0;
    vulndb_rollback(db);
    if (r != ERR_NOTFOUND)
        return cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(db));
    return number
               ? cli_fail(r,
                          "statement %lld is none of your own: `detente vuln vex list --own` "
                          "shows them.  Against a supplier's, state otherwise (`vuln vex "
                          "add`), or drop its document by the name in `from`",
                          id)
               : cli_fail(r,
                          "no document here is called `%s`; `detente vuln vex list` shows "
                          "them in `from`",
                          what);
}

int
vuln_run_vex_drop(struct cli *cli)
{
    struct vulndb *db = NULL;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "vuln vex drop takes the number of a statement, or the name "
                                   "of a supplier's document");
    r = vuln_open(cli, true, &db);
    if (r == 0)
        r = drop(db, cli->argv[0]);
    (void)vulndb_close(db);
    return r;
}
