/* detente vuln import, feeds: what others publish of vulnerabilities (role/feeds.h). */
#include <string.h>

#include "cli/output.h"
#include "cli/vuln.h"
#include "role/feeds.h"
#include "role/node.h"
#include "wire/hex.h"

int
vuln_open(const struct cli *cli, bool write, struct vulndb **ret)
{
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = vulndb_open(dir, write, ret, &ei);
    if (r == ERR_NOTFOUND)
        return cli_fail(r, "nothing was taken in yet: see `detente vuln import` and `detente "
                           "inventory import`");
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

int
vuln_conf(const struct cli *cli, struct conf **ret)
{
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = node_conf(dir, ret, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

/* ---- import ------------------------------------------------------------------------------ */

const struct cmd_option vuln_import_options[] = {
    {"name", "NAME", "what the feed is called here, when its records do not tell", 0},
    {"date", "TIME",
     "when it was made, of a feed that does not say; else when its file was changed", 0},
    {0}};

void
vuln_put_first(const struct vulndb_counts *c, uint64_t n, struct buf *to)
{
    for (unsigned i = 0; i < c->firsts; i++)
        buf_printf(to, "%s%s", i == 0 ? ": " : ", ", c->first[i]);
    if (c->firsts > 0 && n > c->firsts)
        buf_text(to, ", …");
}

static void
say_result(const char *path, const struct feeds_result *r)
{
    const struct vulndb_counts *c = &r->counts;
    uint64_t differ = c->fresh + c->changed + c->gone;
    AUTO_BUF(which, 1024);
    char date[TIME_TEXT];

    time_format(r->feed.date, date);
    cli_say(
        "%s: %s%s%s%s%.10s: %llu new, %llu changed, %llu as they were, %llu older than what "
        "is here, %llu gone",
        path, r->feed.name, r->feed.version[0] != '\0' ? " " : "", r->feed.version,
        r->feed.date.us != 0 ? " of " : "", r->feed.date.us != 0 ? date : "",
        (unsigned long long)c->fresh, (unsigned long long)c->changed,
        (unsigned long long)c->same, (unsigned long long)c->older, (unsigned long long)c->gone);
    vuln_put_first(c, differ, &which);
    if (r->revised)
        cli_say("%s: differs from the copy of the same version that was in force in %llu "
                "records%.*s",
                path, (unsigned long long)differ, (int)which.len, which.ptr);
    for (unsigned i = 0; i < r->odds; i++)
        cli_say("%s: %llu %s", path, (unsigned long long)r->odd[i].n, r->odd[i].what);
}

int
vuln_run_import(struct cli *cli)
{
    struct feeds_import what = {.name = cli_option(cli, "name"), .now = cli_now()};
    struct vulndb *db = NULL;
    int r = 0;

    if (cli->argc < 2)
        return cli_fail(ERR_USAGE,
                        "vuln import takes a kind (kev, epss, nvd, cve5, osv, debian, "
                        "openvex, rules) and files");
    if (!feed_kind_parse(slice_of(cli->argv[0]), &what.kind))
        return cli_fail(
            ERR_USAGE,
            "`%s` is no kind of feed: kev, epss, nvd, cve5, osv, debian, openvex, rules",
            cli->argv[0]);
    if (what.name != NULL && (what.name[0] == '\0' || strlen(what.name) >= VULNDB_NAME))
        return cli_fail(ERR_USAGE, "a feed's name has 1 to %d bytes", VULNDB_NAME - 1);
    if (cli_time(cli, "date", what.date, &what.date) < 0)
        return err_exit(ERR_USAGE);
    r = vuln_open(cli, true, &db);
    if (r != 0)
        return r;
    for (int i = 1; i < cli->argc; i++) {
        struct feeds_result result;
        struct errinfo ei = {0};
        int code;

        what.path = cli->argv[i];
        code = feeds_import(db, &what, &result, &ei);
        if (code < 0)
            r = cli_fail_at(code, &ei);
        else
            say_result(what.path, &result);
    }
    (void)vulndb_close(db);
    return r;
}

/* ---- feeds ------------------------------------------------------------------------------- */

const struct cmd_option vuln_feeds_options[] = {
    CMD_FORMAT_OPTION,
    {"max-age", "SPAN", "stale when older than this, whatever its kind", 0},
    {0}};

static const struct column feeds_columns[] = {
    {"feed", false}, {"kind", false},  {"version", false}, {"date", false},   {"taken", false},
    {"age_h", true}, {"stale", false}, {"records", true},  {"sha256", false}, {"from", false}};

struct listing {
    struct output *o;
    struct utime now;
    const struct conf *conf;
    struct span most; /* 0: by kind */
    unsigned stale;
    unsigned feeds;
};

static int
list_feed(void *arg, const struct feed *f)
{
    struct listing *l = arg;
    struct utime since = feed_since(f);
    int64_t age = l->now.us > since.us ? l->now.us - since.us : 0;
    int64_t most = l->most.us != 0 ? l->most.us : feeds_stale(l->conf, f->kind).us;
    AUTO_BUF(hash, 80);

    l->feeds++;
    l->stale += age > most;
    buf_hex(&hash, f->sha256.byte, sizeof f->sha256.byte);
    output_str(l->o, f->name);
    output_str(l->o, feed_kind_name(f->kind));
    output_str(l->o, f->version);
    if (f->date.us != 0)
        output_time(l->o, f->date);
    else
        output_str(l->o, "");
    output_time(l->o, f->taken);
    output_i64(l->o, age / 3600 / TIME_US_PER_S);
    output_bool(l->o, age > most);
    output_u64(l->o, f->records);
    output_text(l->o, buf_get(&hash));
    output_str(l->o, f->signer[0] != '\0' ? f->signer : "file");
    output_end(l->o);
    return 0;
}

int
vuln_run_feeds(struct cli *cli)
{
    const char *age = cli_option(cli, "max-age");
    struct listing l = {.now = cli_now()};
    struct conf *conf = NULL;
    struct vulndb *db = NULL;
    int r;

    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "vuln feeds takes no arguments");
    if (age != NULL && (span_parse(slice_of(age), &l.most) < 0 || l.most.us <= 0))
        return cli_fail(ERR_USAGE, "`%s` is no span: 36h, 7d", age);
    r = vuln_open(cli, false, &db);
    if (r == 0)
        r = vuln_conf(cli, &conf);
    if (r == 0 && output_open(cli, feeds_columns,
                              sizeof feeds_columns / sizeof feeds_columns[0], &l.o) < 0)
        r = err_exit(ERR_USAGE);
    if (r != 0) {
        (void)conf_free(conf);
        (void)vulndb_close(db);
        return r;
    }
    l.conf = conf;
    r = vulndb_feeds(db, list_feed, &l);
    if (r < 0) {
        output_drop(l.o);
        r = cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(db));
    } else {
        r = output_close(l.o, l.feeds) < 0 ? err_exit(ERR_IO) : l.stale > 0 || l.feeds == 0;
    }
    if (r == 1)
        cli_say(l.feeds == 0 ? "no feed was taken in" : "%u of %u feeds are stale", l.stale,
                l.feeds);
    (void)conf_free(conf);
    (void)vulndb_close(db);
    return r;
}
