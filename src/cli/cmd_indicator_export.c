/* detente indicator export: what the node looks for, for others that can. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/indicator.h"
#include "indicator/export.h"

enum { TEXT_MOST = 1 << 30 };

const struct cmd_option indicator_export_options[] = {
    {"format", "FORMAT", "suricata, suricata-dataset, nftables, rpz or csv", 0},
    {"to", "FILE", "where to, else standard output; a folder for suricata-dataset", 0},
    {"warninglist", "FILE", "leave out what this list has; may be given more than once", 0},
    {"all", NULL, "write also what a warning list has", 0},
    {"first-sid", "N", "number of the first rule; 9300000 when not given", 0},
    INDICATORS_OPTION,
    {0}};

struct files {
    struct buf text[EXPORT_FILES];
};

static int
put(void *arg, unsigned file, struct slice bytes)
{
    struct files *f = arg;

    buf_slice(&f->text[file], bytes);
    return buf_error(&f->text[file]);
}

/* A folder of files for one format, one file for the others. */
static int
write_files(const struct cli *cli, enum export_format format, const struct files *f)
{
    const char *to = cli_option(cli, "to");
    struct errinfo ei = {0};
    int r = 0;

    if (format != EXPORT_DATASET) {
        r = cli_write_file(to == NULL ? "-" : to, buf_get(&f->text[0]), 0644, &ei);
        return r < 0 ? cli_fail_at(r, &ei) : 0;
    }
    if (mkdir(to, 0777) < 0 && errno != EEXIST)
        return cli_fail(err_named(errno), "%s: %s", to, strerror(errno));
    /* the rules last: they name the others */
    for (unsigned i = EXPORT_FILES; r == 0 && i-- > 0;) {
        char path[INDICATOR_PATH];
        int n = snprintf(path, sizeof path, "%s/%s", to, export_file_name(i));

        if (n < 0 || (size_t)n >= sizeof path)
            return cli_fail(ERR_LIMIT, "%s: the path is too long", to);
        r = cli_write_file(path, buf_get(&f->text[i]), 0644, &ei);
    }
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static void
say(const struct export_options *o, const struct export_counts *c)
{
    cli_say("%llu written, %llu not in force, %llu on warning lists%s",
            (unsigned long long)c->written, (unsigned long long)c->over,
            (unsigned long long)c->common,
            c->common > 0 && o->common_too ? " (written too)" : "");
    for (uint32_t i = 0; o->warnings != NULL && i < warnings_count(o->warnings); i++) {
        if (c->by_list[i] > 0)
            cli_say("%u on `%s`", c->by_list[i], warnings_list(o->warnings, i)->name);
    }
    for (unsigned i = 0; i < ATOM_KINDS; i++) {
        if (c->unsaid[i] > 0)
            cli_say("%llu of kind %s have no word in %s, or not at that length",
                    (unsigned long long)c->unsaid[i], atom_kind_name((enum atom_kind)i),
                    export_format_name(o->format));
    }
    if (c->inside > 0)
        cli_say("%llu lie in a prefix that is written", (unsigned long long)c->inside);
}

static int
run(const struct cli *cli, const struct export_options *o, const struct indicators *x)
{
    struct export_counts counts;
    struct files f;
    int r;

    for (unsigned i = 0; i < EXPORT_FILES; i++)
        buf_init(&f.text[i], TEXT_MOST);
    r = export_write(x, o, put, &f, &counts);
    if (r < 0)
        r = cli_fail(r, "more than can be written: %s", err_text(r));
    else
        r = write_files(cli, o->format, &f);
    if (r == 0)
        say(o, &counts);
    for (unsigned i = 0; i < EXPORT_FILES; i++)
        buf_release(&f.text[i]);
    return r;
}

int
indicator_run_export(struct cli *cli)
{
    struct export_options o = {.at = cli_now(), .common_too = cli_option(cli, "all") != NULL};
    struct warnings *w = NULL;
    struct indicators *x = NULL;
    const char *format = cli_option(cli, "format");
    uint64_t sid;
    int r;

    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "indicator export takes no arguments");
    if (format == NULL || !export_format_find(slice_of(format), &o.format))
        return cli_fail(ERR_USAGE,
                        "--format is suricata, suricata-dataset, nftables, rpz or csv");
    if (o.format == EXPORT_DATASET && cli_option(cli, "to") == NULL)
        return cli_fail(ERR_USAGE, "suricata-dataset is several files: --to says the folder");
    if (cli_number(cli, "first-sid", EXPORT_SID, &sid) < 0)
        return err_exit(ERR_USAGE);
    if (sid < 1 || sid > UINT32_MAX)
        return cli_fail(ERR_USAGE, "--first-sid is 1 to 4294967295");
    o.sid = (uint32_t)sid;
    r = indicator_warnings(cli, &w);
    o.warnings = w;
    if (r == 0)
        r = indicator_load(cli, &x);
    if (r == 0)
        r = run(cli, &o, x);
    (void)indicators_free(x);
    (void)warnings_free(w);
    return r;
}
