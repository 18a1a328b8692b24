/* detente tables: the address data of a node. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attrib/attrib.h"
#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/output.h"
#include "cli/tables_list.h"
#include "model/event.h"
#include "role/lists.h"

enum { FILE_MAX_BYTES = 1 << 30, PATHS = 4096, LINE_MAX_BYTES = 256 };

/* The node's configuration, or the default one when it has no file. */
static int
read_conf(const char *dir, struct conf **ret, struct errinfo *ei)
{
    char path[PATHS];
    char *bytes = NULL;
    size_t len = 0;
    struct stat st;
    int r;

    (void)snprintf(path, sizeof path, "%s/detente.yaml", dir);
    if (stat(path, &st) < 0 && errno == ENOENT)
        return conf_default(ret);
    r = cli_read_own(path, 1 << 20, &bytes, &len, ei);
    if (r == 0)
        r = conf_parse((struct slice){bytes, len}, ret, ei);
    free(bytes);
    return r;
}

static int
open_tables(const char *dir, struct attrib **ret, struct errinfo *ei)
{
    char path[PATHS];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/tables/tables.bin", dir);
    if (stat(path, &st) < 0 && errno == ENOENT) {
        err_file(ei, path);
        return err_set(ei, ERR_CONF,
                       "there are no address tables yet: make them with "
                       "`detente tables build`");
    }
    return attrib_open(path, ret, ei);
}

static const struct column show_columns[] = {
    {"name", false},    {"kind", false},   {"date", false},
    {"age_days", true}, {"stale", false},  {"rows", true},
    {"rejected", true}, {"source", false}, {"sha256", false}};

static bool
show_dataset(struct output *o, const struct attrib_dataset *d, struct utime now,
             struct span stale)
{
    struct span age = time_since(now, d->date);
    char date[TIME_TEXT];
    char hex[2 * SHA256_SIZE + 1];

    time_format(d->date, date);
    for (unsigned i = 0; i < SHA256_SIZE; i++)
        (void)snprintf(hex + (size_t)2 * i, 3, "%02x", d->sha256.byte[i]);
    output_str(o, d->name);
    output_str(o, tables_kind_name(d->kind));
    output_text(o, (struct slice){date, 10});
    output_i64(o, age.us / (86400 * TIME_US_PER_S));
    output_bool(o, age.us > stale.us);
    output_u64(o, d->rows);
    output_u64(o, d->rejected);
    output_str(o, d->source);
    output_str(o, hex);
    output_end(o);
    return age.us > stale.us;
}

/* Exit status 1 when a dataset is stale. */
static int
show(struct cli *cli, const char *dir, const struct conf *conf)
{
    struct attrib *a = NULL;
    struct errinfo ei = {0};
    struct output *o;
    unsigned stale = 0;
    int r = open_tables(dir, &a, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    r = output_open(cli, show_columns, sizeof show_columns / sizeof show_columns[0], &o);
    if (r < 0) {
        (void)attrib_close(a);
        return err_exit(r);
    }
    for (unsigned i = 0; i < attrib_datasets(a); i++)
        stale += show_dataset(o, attrib_dataset(a, i), cli_now(), conf->tables.stale);
    r = output_close(o, attrib_datasets(a));
    if (stale > 0)
        cli_say("%u of %u datasets are older than the configuration's tables.stale", stale,
                attrib_datasets(a));
    (void)attrib_close(a);
    return r < 0 ? cli_fail(r, "standard output: %s", err_text(r)) : stale > 0;
}

static int
run_show(struct cli *cli)
{
    struct errinfo ei = {0};
    struct conf *conf = NULL;
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = read_conf(dir, &conf, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = show(cli, dir, conf);
    (void)conf_free(conf);
    return r;
}

static void
say_report(const struct tables_list *l, const struct attrib_report *report)
{
    for (unsigned i = 0; i < report->datasets; i++) {
        const struct errinfo *first = &report->of[i].first;

        if (report->of[i].rejected > 0)
            cli_say("%s: %llu malformed rows were left out, the first at %s:%u:%u: %s",
                    l->input[i].name, (unsigned long long)report->of[i].rejected, first->file,
                    first->line, first->column, first->text);
    }
    cli_say("%u datasets: %u IPv4 and %u IPv6 ranges, %u networks, %.1f MB", report->datasets,
            report->size.v4, report->size.v6, report->size.networks,
            (double)report->size.bytes / 1e6);
}

/* Lists that others publish are counted by the tables that are. */
static int
count_lists(const char *dir, struct errinfo *ei)
{
    char names[LISTS_MOST][LISTS_NAME];
    struct attrib *a = NULL;
    int r = lists_names(dir, names, ei);

    if (r <= 0)
        return r;
    r = open_tables(dir, &a, ei);
    if (r == 0)
        r = lists_sum(dir, a, ei);
    (void)attrib_close(a);
    return r;
}

/* Sort as the configuration says, compile, keep the list, show. */
static int
compile(struct cli *cli, struct tables_list *l)
{
    struct attrib_report report = {0};
    struct errinfo ei = {0};
    struct conf *conf = NULL;
    int r = read_conf(l->dir, &conf, &ei);

    if (r == 0) {
        tables_list_sort(l, &conf->tables.country_order);
        r = tables_list_compile(l, &report, &ei);
    }
    if (r == 0)
        r = tables_list_write(l, &ei);
    if (r == 0)
        r = count_lists(l->dir, &ei);
    if (r != 0) {
        (void)conf_free(conf);
        return cli_fail_at(r, &ei);
    }
    say_report(l, &report);
    (void)show(cli, l->dir, conf); /* stale data is no failure of compiling it */
    (void)conf_free(conf);
    return 0;
}

static int
make_folder(const char *dir)
{
    char path[PATHS];

    (void)snprintf(path, sizeof path, "%s/tables", dir);
    return mkdir(path, 0755) < 0 && access(path, W_OK) < 0 ? err_own(errno) : 0;
}

/* 0 and the list, or a reported failure (an exit status). */
static int
start(struct cli *cli, struct tables_list *l)
{
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = make_folder(dir);
    if (r < 0)
        return cli_fail(r, "%s/tables: cannot be written: %s", dir, strerror(errno));
    r = tables_list_open(l, dir, &ei);
    if (r < 0) {
        tables_list_release(l);
        return cli_fail_at(r, &ei);
    }
    return 0;
}

static int
run_build(struct cli *cli)
{
    struct tables_list l;
    struct errinfo ei = {0};
    const char *data = cli_option(cli, "data");
    int found;
    int status = start(cli, &l);

    if (status != 0)
        return status;
    if (data != NULL && access(data, R_OK | X_OK) < 0) {
        tables_list_release(&l);
        return cli_fail(err_named(errno), "%s: cannot be read: %s", data, strerror(errno));
    }
    found = tables_list_defaults(&l, data, &ei);
    if (found < 0) {
        status = cli_fail_at(found, &ei);
    } else if (found == 0) {
        status = cli_fail(
            ERR_CONF, "no address data was found: run `npm install` where the sources are, or "
                      "give its folder with --data, or install tor-geoipdb");
    } else {
        if (found < 3)
            cli_say("only %d of the 3 default datasets were found", found);
        status = compile(cli, &l);
    }
    tables_list_release(&l);
    return status;
}

/* A dataset's name from a file's: what stands before the first dot, in small letters. */
static const char *
name_of(struct tables_list *l, const char *path)
{
    const char *slash = strrchr(path, '/');
    char name[ATTRIB_NAME];
    size_t n = 0;

    for (const char *c = slash == NULL ? path : slash + 1; *c != '\0' && n + 1 < sizeof name;
         c++) {
        char low = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);

        if (low == '.')
            break;
        name[n] = '-';
        if ((low >= 'a' && low <= 'z') || (low >= '0' && low <= '9'))
            name[n] = low;
        n += name[n] != '-' || n > 0;
    }
    name[n] = '\0';
    return tables_list_text(l, "%s", name);
}

/* Copy a file beside the list and let the input name the copy. */
static int
keep_file(struct tables_list *l, struct attrib_input *in, unsigned i, const char *from,
          struct errinfo *ei)
{
    const char *suffix = strrchr(from, '.');
    char *bytes = NULL;
    size_t len = 0;
    struct utime date;
    int r = attrib_date(from, &date, ei);

    if (r == 0)
        r = cli_read_file(from, FILE_MAX_BYTES, &bytes, &len, ei);
    in->path[i] = tables_list_text(l, "%s/tables/%s-%u%.8s", l->dir, in->name, i + 1,
                                   suffix == NULL || strchr(suffix, '/') ? "" : suffix);
    if (r == 0 && in->path[i] == NULL)
        r = err_set(ei, ERR_LIMIT, "the name is too long");
    if (r == 0)
        r = cli_write_file(in->path[i], (struct slice){bytes, len}, 0644, ei);
    if (r == 0 && date.us > in->date.us)
        in->date = date;
    free(bytes);
    return r;
}

/* Options into the input; a reported failure is an exit status. */
static int
read_options(struct cli *cli, struct tables_list *l, struct attrib_input *in,
             struct utime *ret_date)
{
    const char *date = cli_option(cli, "date");
    const char *kind = cli_option(cli, "kind");
    const char *name = cli_option(cli, "name");
    const char *source = cli_option(cli, "source");

    if (cli->argc < 1 || cli->argc > ATTRIB_FILES)
        return cli_fail(ERR_USAGE, "tables import takes 1 to %u files of one dataset",
                        ATTRIB_FILES);
    in->name = name == NULL ? name_of(l, cli->argv[0]) : name;
    in->kind = kind == NULL ? ATTRIB_ASN | ATTRIB_COUNTRY : tables_kind_find(kind);
    in->source = source == NULL ? "" : source;
    if (in->kind == 0)
        return cli_fail(ERR_USAGE, "--kind takes asn, country or both, not `%s`", kind);
    if (date != NULL &&
        (strlen(date) != 10 || time_parse_human(slice_of(date), cli_now(), ret_date) < 0))
        return cli_fail(ERR_USAGE, "--date takes a day as 2026-03-01, not `%s`", date);
    if (ret_date->us > cli_now().us)
        return cli_fail(ERR_USAGE, "--date %s is in the future: when were the files made?",
                        date);
    if (strpbrk(in->source, "\t\n") != NULL || in->name == NULL || in->name[0] == '\0' ||
        strpbrk(in->name, "/\t\n") != NULL)
        return cli_fail(ERR_USAGE, "give the dataset a name with --name (a-z 0-9 . -)");
    return 0;
}

/* Before anything is kept: is this a dataset at all? */
static int
try_import(struct cli *cli, const struct tables_list *l, struct attrib_input in)
{
    struct attrib_report report = {0};
    struct errinfo ei = {0};
    char path[PATHS];
    int r;

    for (int i = 0; i < cli->argc; i++)
        in.path[i] = cli->argv[i];
    (void)snprintf(path, sizeof path, "%s/tables/import.bin", l->dir);
    r = attrib_build(&in, 1, path, &report, &ei);
    (void)unlink(path);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static int
import(struct cli *cli, struct tables_list *l)
{
    struct attrib_input in = {0};
    struct utime date = {0};
    struct errinfo ei = {0};
    int status = read_options(cli, l, &in, &date);
    int r = 0;

    if (status == 0)
        status = try_import(cli, l, in);
    if (status != 0)
        return status;
    r = tables_list_put(l, &in, &ei); /* is there room, before anything is copied */
    for (int i = 0; r == 0 && i < cli->argc; i++)
        r = keep_file(l, &in, (unsigned)i, cli->argv[i], &ei);
    if (date.us != 0)
        in.date = date;
    if (r == 0)
        r = tables_list_put(l, &in, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : compile(cli, l);
}

static int
run_import(struct cli *cli)
{
    struct tables_list l;
    int status = start(cli, &l);

    if (status != 0)
        return status;
    status = import(cli, &l);
    tables_list_release(&l);
    return status;
}

static const struct column lookup_columns[] = {
    {"address", false},         {"country", false},      {"asn", true},   {"name", false},
    {"prefix", false},          {"dataset", false},      {"date", false}, {"disputed", false},
    {"country_dataset", false}, {"country_date", false}, {"kind", false}, {"votes", false}};

static void
put_dataset(struct output *o, const struct attrib_dataset *d)
{
    char date[TIME_TEXT];

    if (d != NULL)
        time_format(d->date, date);
    output_str(o, d == NULL ? "" : d->name);
    output_text(o, (struct slice){date, d == NULL ? 0 : 10});
}

/* What each country dataset says: `geo:SE tor:DE`. */
static void
put_votes(struct output *o, const struct attrib *a, const struct attrib_answer *x)
{
    AUTO_BUF(json, 4096);
    AUTO_BUF(text, 4096);

    buf_char(&json, '{');
    for (unsigned i = 0; i < x->votes; i++) {
        const char *name = attrib_dataset(a, x->vote[i].dataset)->name;
        char cc[3];

        country_format(x->vote[i].country, cc);
        buf_text(&json, i > 0 ? "," : "");
        buf_json(&json, slice_of(name));
        buf_printf(&json, ":\"%s\"", cc);
        buf_printf(&text, "%s%s:%s", i > 0 ? " " : "", name, cc[0] == '\0' ? "?" : cc);
    }
    buf_char(&json, '}');
    output_need(o, &json);
    output_need(o, &text);
    output_json(o, buf_get(&json), buf_get(&text));
}

/* True when the address has a place. */
static bool
put_answer(struct output *o, const struct attrib *a, const struct addr *addr)
{
    struct attrib_answer x;
    char text[PREFIX_TEXT];

    attrib_explain(a, addr, &x);
    (void)addr_format(addr, text);
    output_str(o, text);
    country_format(x.place.country, text);
    output_str(o, text);
    output_u64(o, x.place.asn);
    output_text(o, x.name);
    (void)prefix_format(&x.prefix, text);
    output_str(o, text);
    /* Who places the address: the network's dataset, or the country's where that knows none. */
    put_dataset(o, x.asn_by != NULL ? x.asn_by : x.country_by);
    output_bool(o, x.place.disputed != 0);
    put_dataset(o, x.country_by);
    output_str(o, addr_kind_name(x.kind));
    put_votes(o, a, &x);
    output_end(o);
    return x.place.asn != 0 || x.place.country != 0;
}

/* Addresses placed, or a reported ERR_USAGE. */
static int
lookup_text(struct output *o, const struct attrib *a, struct slice text)
{
    struct addr addr;

    if (addr_parse(text, &addr) < 0) {
        (void)cli_fail(ERR_USAGE, "`%.*s` is no address", (int)text.len, text.ptr);
        return ERR_USAGE;
    }
    return put_answer(o, a, &addr);
}

/* A line without what stands around its words; of one too long only the front.  False: the end.
 */
static bool
read_line(char room[LINE_MAX_BYTES], struct slice *ret)
{
    size_t len = 0;
    size_t from = 0;
    int c;

    while ((c = getc(stdin)) != EOF && c != '\n') {
        if (len < LINE_MAX_BYTES)
            room[len++] = (char)c;
    }
    if (c == EOF && len == 0)
        return false;
    while (len > 0 && memchr(" \t\r", room[len - 1], 3) != NULL)
        len--;
    while (from < len && memchr(" \t\r", room[from], 3) != NULL)
        from++;
    *ret = (struct slice){room + from, len - from};
    return true;
}

/* Addresses placed; each line that is none is named, and ERR_INVALID given at the end. */
static int
lookup_stdin(struct output *o, const struct attrib *a)
{
    char room[LINE_MAX_BYTES];
    unsigned long long at = 0;
    struct slice line;
    struct addr addr;
    int placed = 0;
    int r = 0;

    while (read_line(room, &line)) {
        at++;
        if (line.len == 0)
            continue;
        if (addr_parse(line, &addr) == 0) {
            placed |= put_answer(o, a, &addr);
            continue;
        }
        for (char *c = room; c < line.ptr + line.len; c++)
            *c =
                (char)((unsigned char)*c < 0x20 || *c == 0x7f ? '?' : *c); /* moves no cursor */
        r = ERR_INVALID;
        (void)cli_fail(r, "(standard input):%llu: `%.*s` is no address", at,
                       (int)(line.len > 60 ? 60 : line.len), line.ptr);
    }
    if (ferror(stdin))
        return cli_fail(ERR_IO, "(standard input): cannot be read: %s", strerror(errno)),
               ERR_IO;
    return r < 0 ? r : placed;
}

static int
lookup(struct cli *cli, const struct attrib *a, struct output *o)
{
    int placed = 0;
    int worst = 0;

    for (int i = 0; i < cli->argc; i++) {
        bool in = strcmp(cli->argv[i], "-") == 0;
        int r = in ? lookup_stdin(o, a) : lookup_text(o, a, slice_of(cli->argv[i]));

        if (r < 0)
            worst = r;
        else
            placed |= r;
    }
    return worst < 0 ? worst : placed;
}

/* Exit status 1 when no address has a place. */
static int
run_lookup(struct cli *cli)
{
    struct attrib *a = NULL;
    struct errinfo ei = {0};
    struct output *o;
    const char *dir;
    int placed;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    if (cli->argc == 0)
        return cli_fail(ERR_USAGE, "which addresses? `-` reads them from standard input");
    r = open_tables(dir, &a, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = output_open(cli, lookup_columns, sizeof lookup_columns / sizeof lookup_columns[0], &o);
    if (r < 0) {
        (void)attrib_close(a);
        return err_exit(r);
    }
    placed = lookup(cli, a, o);
    r = output_close(o, output_rows(o));
    (void)attrib_close(a);
    if (placed < 0)
        return err_exit(placed);
    return r < 0 ? cli_fail(r, "standard output: %s", err_text(r)) : placed == 0;
}

static const struct cmd_option build_options[] = {
    CMD_FORMAT_OPTION,
    {"data", "DIR", "folder with the packages asn and geo-whois-asn-country-mmdb", 0},
    {0},
};

static const struct cmd_option import_options[] = {
    CMD_FORMAT_OPTION,
    {"name", "NAME", "of the dataset (default: from the file's name)", 0},
    {"kind", "KIND", "what to use of it: asn, country or both (default: both)", 0},
    {"date", "DAY", "when it was made (default: what the file says)", 0},
    {"source", "TEXT", "who made it", 0},
    {0},
};

static const struct cmd_option list_options[] = {
    CMD_FORMAT_OPTION,
    {0},
};

const struct cmd cmd_tables[] = {
    {"tables", "build", "", "compile the default address data, and what was imported",
     build_options, run_build},
    {"tables", "import", "FILE…", "add or replace a dataset (CSV, MMDB) and compile again",
     import_options, run_import},
    {"tables", "show", "", "datasets, their dates and age", list_options, run_show},
    {"tables", "lookup", "ADDR…|-", "network and country of addresses", list_options,
     run_lookup},
    {0},
};
