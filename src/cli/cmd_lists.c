/* detente lists: what others publish of hostile addresses (role/lists.h). */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/output.h"
#include "model/event.h"
#include "role/download.h"
#include "role/kev.h"
#include "role/lists.h"
#include "store/store.h"
#include "wire/jcs.h"

enum { PATHS = 4096, TOP = 20 };

/* ---- import ------------------------------------------------------------------------------ */

static bool
is_address(const char *from)
{
    return strstr(from, "://") != NULL;
}

/* What stands behind the last slash, without its ending, in the letters of a name. */
static void
name_from(const char *from, char to[LISTS_NAME])
{
    const char *slash = strrchr(from, '/');
    size_t n = 0;

    for (const char *c = slash == NULL ? from : slash + 1; *c != '\0' && n + 1 < LISTS_NAME;
         c++) {
        if (*c == '.' &&
            (strcmp(c, ".txt") == 0 || strcmp(c, ".csv") == 0 || strcmp(c, ".netset") == 0 ||
             strcmp(c, ".ipset") == 0 || strcmp(c, ".list") == 0))
            break;
        if (*c >= 'A' && *c <= 'Z')
            to[n++] = (char)(*c - 'A' + 'a');
        else if ((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || (*c == '.' && n > 0))
            to[n++] = *c;
        else if (n > 0)
            to[n++] = '-';
    }
    to[n] = '\0';
}

/* As much as text has room for. */
static int
fetch(const char *from, struct buf *text, struct utime *ret_date, struct errinfo *ei)
{
    char *bytes = NULL;
    size_t len = 0;
    int r;

    if (is_address(from))
        return download(from, text, ret_date, ei);
    *ret_date = (struct utime){0};
    r = cli_read_file(from, text->max, &bytes, &len, ei);
    if (r == 0)
        buf_add(text, bytes, len);
    free(bytes);
    return r < 0 ? r : buf_error(text);
}

static int
set_about(const struct cli *cli, const char *from, struct utime date, struct list_about *ret)
{
    const char *name = cli_option(cli, "name");
    const char *source = cli_option(cli, "source");
    int r = cli_time(cli, "date", date, &ret->date);

    if (r < 0)
        return r;
    if (name == NULL)
        name_from(from, ret->name);
    else if (strlen(name) < sizeof ret->name)
        (void)snprintf(ret->name, sizeof ret->name, "%s", name);
    else
        return cli_fail(ERR_USAGE, "the list's name has more than %d bytes", LISTS_NAME - 1),
               ERR_USAGE;
    source = source != NULL ? source : is_address(from) ? from : "";
    if (strlen(source) >= sizeof ret->source || strpbrk(source, "\r\n") != NULL)
        return cli_fail(ERR_USAGE, "the list's source is one line of at most %d bytes",
                        LISTS_SOURCE - 1),
               ERR_USAGE;
    (void)snprintf(ret->source, sizeof ret->source, "%s", source);
    ret->taken = cli_now();
    return 0;
}

/* Tables are not needed to keep lists, only to say where their addresses are. */
static int
sum(const char *dir, struct errinfo *ei)
{
    struct attrib *a = NULL;
    char path[PATHS];
    int r = 0;

    (void)snprintf(path, sizeof path, "%s/tables/tables.bin", dir);
    if (access(path, F_OK) == 0)
        r = attrib_open(path, &a, ei);
    if (r == 0)
        r = lists_sum(dir, a, ei);
    (void)attrib_close(a);
    return r;
}

static int
import(const struct cli *cli, const char *dir, const char *from, struct buf *text)
{
    struct list_about about = {.date = {0}};
    struct hostlist list = {.count = 0};
    struct errinfo ei = {0};
    char first[40] = "";
    struct utime date = {0};
    int r = store_there(dir, &ei); /* no lists where no node is */

    if (r == 0)
        r = fetch(from, text, &date, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = set_about(cli, from, date, &about);
    if (r < 0)
        return err_exit(r);
    err_file(&ei, from);
    r = hostlist_read(buf_get(text), &list, &ei);
    if (r == 0)
        r = lists_put(dir, &about, &list, &ei);
    if (r == 0)
        r = sum(dir, &ei);
    if (list.rejected > 0)
        (void)snprintf(first, sizeof first, ", the first is line %u", list.first_rejected);
    if (r == 0)
        cli_say("%s: %u prefixes, %llu addresses; %u lines rejected%s, %u not reachable from "
                "elsewhere",
                about.name, list.count, (unsigned long long)hostlist_addresses(&list),
                list.rejected, first, list.bogons);
    hostlist_release(&list);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

/* CISA's catalogue: it says of itself what it is called and when it was made. */
static int
import_kev(const struct cli *cli, const char *dir, const char *from, struct buf *text)
{
    const char *source = cli_option(cli, "source");
    struct kev k = {.count = 0};
    struct errinfo ei = {0};
    char released[TIME_TEXT];
    struct utime date;
    int r = store_there(dir, &ei);

    source = source != NULL ? source : is_address(from) ? from : "";
    if (strlen(source) >= sizeof k.source || strpbrk(source, "\r\n") != NULL)
        return cli_fail(ERR_USAGE, "the source is one line of at most %d bytes",
                        KEV_SOURCE - 1);
    if (r == 0)
        r = fetch(from, text, &date, &ei);
    err_file(&ei, from);
    if (r == 0)
        r = kev_read(buf_get(text), &k, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    (void)snprintf(k.source, sizeof k.source, "%s", source);
    k.taken = cli_now();
    r = kev_put(dir, &k, &ei);
    if (r == 0)
        r = sum(dir, &ei);
    time_format(k.released, released);
    if (r == 0)
        cli_say("KEV %.*s of %.10s: %u entries, %u known from ransomware", (int)k.version.len,
                k.version.ptr, released, k.count, k.ransomware);
    kev_release(&k);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static int
run_import(struct cli *cli)
{
    bool kev = cli_option(cli, "kev") != NULL;
    struct buf text;
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "lists import takes one file or address");
    if (kev && (cli_option(cli, "name") != NULL || cli_option(cli, "date") != NULL))
        return cli_fail(ERR_USAGE, "a catalogue has its own name and date: leave out --name "
                                   "and --date");
    if (r < 0)
        return err_exit(r);
    buf_init(&text, kev ? KEV_BYTES : HOSTLIST_BYTES);
    r = kev ? import_kev(cli, dir, cli->argv[0], &text) : import(cli, dir, cli->argv[0], &text);
    buf_release(&text);
    return r;
}

/* ---- show -------------------------------------------------------------------------------- */

static const struct column columns[] = {
    {"name", false},  {"prefixes", true}, {"addresses", true}, {"date", false},
    {"taken", false}, {"age_days", true}, {"source", false}};

static int
show_one(struct output *o, const char *dir, const char *name, struct errinfo *ei)
{
    struct list_about about;
    struct hostlist list;
    int r = lists_get(dir, name, &about, &list, ei);
    struct utime made;

    if (r < 0)
        return r;
    made = about.date.us != 0 ? about.date : about.taken;
    output_str(o, about.name);
    output_u64(o, list.count);
    output_u64(o, hostlist_addresses(&list));
    if (about.date.us != 0)
        output_time(o, about.date);
    else
        output_str(o, "");
    output_time(o, about.taken);
    output_i64(o, time_since(cli_now(), made).us / (86400 * TIME_US_PER_S));
    output_str(o, about.source);
    output_end(o);
    hostlist_release(&list);
    return 0;
}

static int
run_list(struct cli *cli)
{
    char names[LISTS_MOST][LISTS_NAME];
    struct errinfo ei = {0};
    struct output *o;
    const char *dir;
    int count;
    int r = cli_dir(cli, &dir);

    if (r < 0 || output_open(cli, columns, sizeof columns / sizeof columns[0], &o) < 0)
        return err_exit(r < 0 ? r : ERR_USAGE);
    count = lists_names(dir, names, &ei);
    r = count < 0 ? count : 0;
    for (int i = 0; r == 0 && i < count; i++)
        r = show_one(o, dir, names[i], &ei);
    if (r < 0) {
        output_drop(o);
        return cli_fail_at(r, &ei);
    }
    return output_close(o, (uint64_t)count) < 0 ? err_exit(ERR_IO) : 0;
}

/* ---- top --------------------------------------------------------------------------------- */

static const struct column top_columns[] = {
    {"key", false}, {"name", false}, {"addresses", true}, {"share", true}};

static void
show_row(struct output *o, const struct attrib *a, const struct hostlist_row *row,
         bool by_country, uint64_t all)
{
    char text[16];
    char share[16];

    if (row->key == 0)
        (void)snprintf(text, sizeof text, "unknown");
    else if (by_country)
        country_format((uint16_t)row->key, text);
    else
        (void)snprintf(text, sizeof text, "AS%u", row->key);
    (void)snprintf(share, sizeof share, "%.1f",
                   all == 0 ? 0.0 : 100.0 * (double)row->addresses / (double)all);
    output_str(o, text);
    output_text(o, by_country ? (struct slice){"", 0} : attrib_name(a, row->key));
    output_u64(o, row->addresses);
    output_str(o, share);
    output_end(o);
}

static int
show_top(const struct cli *cli, const struct attrib *a, const struct hostlist *list)
{
    bool by_country = cli_option(cli, "by") != NULL;
    struct hostlist_row *rows;
    struct output *o;
    uint64_t limit;
    uint32_t count;
    int r = cli_number(cli, "limit", TOP, &limit);

    if (r < 0)
        return err_exit(r);
    r = hostlist_count(list, a, by_country, &rows, &count);
    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    if (output_open(cli, top_columns, sizeof top_columns / sizeof top_columns[0], &o) < 0) {
        free(rows);
        return err_exit(ERR_USAGE);
    }
    for (uint32_t i = 0; i < count && (limit == 0 || i < limit); i++)
        show_row(o, a, &rows[i], by_country, hostlist_addresses(list));
    free(rows);
    return output_close(o, count) < 0 ? err_exit(ERR_IO) : 0;
}

static const struct column kev_columns[] = {
    {"cve", false},   {"vendor", false}, {"product", false},   {"name", false},
    {"added", false}, {"due", false},    {"ransomware", false}};

static void
show_string(struct output *o, struct slice value)
{
    AUTO_BUF(text, KEV_TEXT);

    if (jcs_string(value, &text) < 0)
        buf_reset(&text);
    output_text(o, buf_get(&text));
}

static int
show_kev(const struct cli *cli, const struct kev *k)
{
    struct output *o;
    uint64_t limit;
    int r = cli_number(cli, "limit", TOP, &limit);

    if (r < 0 ||
        output_open(cli, kev_columns, sizeof kev_columns / sizeof kev_columns[0], &o) < 0)
        return err_exit(r < 0 ? r : ERR_USAGE);
    for (unsigned i = 0; i < k->count && (limit == 0 || i < limit); i++) {
        const struct kev_entry *e = &k->entry[i];

        output_text(o, e->cve);
        show_string(o, e->vendor);
        show_string(o, e->product);
        show_string(o, e->name);
        output_text(o, e->added);
        output_text(o, e->due);
        output_bool(o, e->ransomware);
        output_end(o);
    }
    return output_close(o, k->count) < 0 ? err_exit(ERR_IO) : 0;
}

static int
top_kev(const struct cli *cli, const char *dir)
{
    struct errinfo ei = {0};
    struct kev k;
    int r = kev_get(dir, &k, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    r = show_kev(cli, &k);
    kev_release(&k);
    return r;
}

static int
run_top(struct cli *cli)
{
    bool kev = cli_option(cli, "kev") != NULL;
    const char *by = cli_option(cli, "by");
    struct attrib *a = NULL;
    struct list_about about;
    struct hostlist list;
    struct errinfo ei = {0};
    char path[PATHS];
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (kev && (cli->argc != 0 || by != NULL))
        return cli_fail(ERR_USAGE, "lists top --kev takes no list and no --by");
    if (!kev && (cli->argc > 1 || (by != NULL && strcmp(by, "economy") != 0)))
        return cli_fail(
            ERR_USAGE,
            "lists top takes one list, none for all of them, or --kev; --by is `economy`, or "
            "it is by network");
    if (r < 0)
        return err_exit(r);
    if (kev)
        return top_kev(cli, dir);
    r = cli->argc == 0 ? lists_all(dir, &list, &ei)
                       : lists_get(dir, cli->argv[0], &about, &list, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    (void)snprintf(path, sizeof path, "%s/tables/tables.bin", dir);
    if (access(path, F_OK) < 0)
        r = err_set(&ei, ERR_CONF,
                    "there are no address tables yet: make them with "
                    "`detente tables build`");
    else
        r = attrib_open(path, &a, &ei);
    r = r < 0 ? cli_fail_at(r, &ei) : show_top(cli, a, &list);
    (void)attrib_close(a);
    hostlist_release(&list);
    return r;
}

static int
run_drop(struct cli *cli)
{
    bool kev = cli_option(cli, "kev") != NULL;
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (cli->argc != !kev)
        return cli_fail(ERR_USAGE, "lists drop takes one name, or --kev");
    if (r < 0)
        return err_exit(r);
    r = kev ? kev_drop(dir, &ei) : lists_drop(dir, cli->argv[0], &ei);
    if (r == 0)
        r = sum(dir, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static const struct cmd_option import_options[] = {
    {"name", "NAME", "of the list (default: from the file's name)", 0},
    {"source", "TEXT", "who published it (default: the address)", 0},
    {"date", "TIME", "when it was made (default: what the server says)", 0},
    {"kev", NULL, "CISA's catalogue of exploited vulnerabilities instead, as JSON", 0},
    {0}};
static const struct cmd_option top_options[] = {
    {"by", "WHAT", "economy (default: network)", 0},
    {"limit", "N", "the first N rows (20; 0 all)", 0},
    {"kev", NULL, "the vulnerabilities that were added last, of the catalogue", 0},
    CMD_FORMAT_OPTION,
    {0}};
static const struct cmd_option drop_options[] = {
    {"kev", NULL, "the catalogue of exploited vulnerabilities", 0}, {0}};
static const struct cmd_option list_options[] = {CMD_FORMAT_OPTION, {0}};

const struct cmd cmd_lists[] = {
    {"lists", "import", "FILE|URL", "take in a public list of hostile addresses",
     import_options, run_import},
    {"lists", "top", "[NAME]", "where most of its addresses are, or those of all lists as one",
     top_options, run_top},
    {"lists", "drop", "[NAME]", "forget a list", drop_options, run_drop},
    {"lists", NULL, "", "lists that were taken in, their sources and age", list_options,
     run_list},
    {0},
};
