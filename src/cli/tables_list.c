#include "cli/tables_list.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cmd.h"

enum { LIST_MAX = 1 << 18, LIST_ARENA = 1 << 20, FIELDS = 4 + ATTRIB_FILES, PATHS = 4096 };

const char *
tables_kind_name(unsigned kind)
{
    return kind == ATTRIB_ASN ? "asn" : kind == ATTRIB_COUNTRY ? "country" : "both";
}

unsigned
tables_kind_find(const char *name)
{
    for (unsigned kind = ATTRIB_ASN; kind <= (ATTRIB_ASN | ATTRIB_COUNTRY); kind++) {
        if (strcmp(name, tables_kind_name(kind)) == 0)
            return kind;
    }
    return 0;
}

const char *
tables_list_text(struct tables_list *l, const char *fmt, ...)
{
    char text[PATHS];
    va_list ap;
    int n;
    char *to;

    va_start(ap, fmt);
    n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0 || n >= (int)sizeof text)
        return NULL;
    to = arena_alloc(&l->arena, (size_t)n + 1);
    return to == NULL ? NULL : memcpy(to, text, (size_t)n + 1);
}

/* One line into one input. */
static int
take_line(struct tables_list *l, struct slice line)
{
    struct attrib_input in = {0};
    struct slice rest = line;
    const char *field[FIELDS] = {NULL};
    unsigned n = 0;

    while (rest.len > 0 && n < FIELDS) {
        const char *tab = memchr(rest.ptr, '\t', rest.len);
        size_t len = tab == NULL ? rest.len : (size_t)(tab - rest.ptr);

        field[n] = tables_list_text(l, "%.*s", (int)len, rest.ptr);
        if (field[n++] == NULL)
            return ERR_LIMIT;
        rest = slice_sub(rest, len + (tab != NULL), rest.len);
    }
    if (n < 5 || rest.len > 0 || l->count == ATTRIB_DATASETS)
        return ERR_INVALID;
    in.name = field[0];
    in.kind = tables_kind_find(field[1]);
    in.source = field[3];
    for (unsigned i = 4; i < n; i++) {
        in.path[i - 4] = field[i][0] == '/'
                             ? field[i]
                             : tables_list_text(l, "%s/tables/%s", l->dir, field[i]);
    }
    if (in.kind == 0 || (strcmp(field[2], "-") != 0 &&
                         time_parse_human(slice_of(field[2]), (struct utime){0}, &in.date) < 0))
        return ERR_INVALID;
    l->input[l->count++] = in;
    return 0;
}

int
tables_list_open(struct tables_list *l, const char *dir, struct errinfo *ei)
{
    char path[PATHS];
    char *bytes = NULL;
    size_t len = 0;
    struct slice rest;
    struct slice line;
    struct stat st;
    unsigned at = 0;
    int r;

    *l = (struct tables_list){.dir = dir};
    (void)snprintf(path, sizeof path, "%s/tables/inputs.tsv", dir);
    r = arena_init(&l->arena, LIST_ARENA);
    if (r < 0)
        return err_set(ei, r, "%s", err_text(r));
    if (stat(path, &st) < 0 && errno == ENOENT)
        return 0;
    r = cli_read_own(path, LIST_MAX, &bytes, &len, ei);
    rest = (struct slice){bytes, len};
    while (r == 0 && slice_line(&rest, &line)) {
        at++;
        if (line.len > 0 && line.ptr[0] != '#')
            r = take_line(l, line);
        if (r < 0)
            (void)err_at(ei, r, at, 1,
                         "is no line of datasets; remove the file and run "
                         "`detente tables build`");
    }
    free(bytes);
    return r;
}

void
tables_list_release(struct tables_list *l)
{
    arena_release(&l->arena);
}

int
tables_list_write(struct tables_list *l, struct errinfo *ei)
{
    AUTO_BUF(out, LIST_MAX);
    char own[PATHS];
    char path[PATHS];
    int own_len = snprintf(own, sizeof own, "%s/tables/", l->dir);

    buf_text(&out, "# Written by detente tables: name, kind, day, source, files.\n");
    for (unsigned i = 0; i < l->count; i++) {
        const struct attrib_input *in = &l->input[i];
        char date[TIME_TEXT];

        time_format(in->date, date);
        buf_printf(&out, "%s\t%s\t%.10s\t%s", in->name, tables_kind_name(in->kind),
                   in->date.us == 0 ? "-" : date, in->source == NULL ? "" : in->source);
        for (unsigned k = 0; k < ATTRIB_FILES && in->path[k] != NULL; k++) {
            bool inside = strncmp(in->path[k], own, (size_t)own_len) == 0;

            buf_printf(&out, "\t%s", in->path[k] + (inside ? own_len : 0));
        }
        buf_char(&out, '\n');
    }
    if (buf_error(&out) < 0)
        return err_set(ei, buf_error(&out), "%s", err_text(buf_error(&out)));
    (void)snprintf(path, sizeof path, "%s/tables/inputs.tsv", l->dir);
    return cli_write_file(path, buf_get(&out), 0644, ei);
}

int
tables_list_put(struct tables_list *l, const struct attrib_input *in, struct errinfo *ei)
{
    unsigned i = 0;

    while (i < l->count && strcmp(l->input[i].name, in->name) != 0)
        i++;
    err_file(ei, "");
    if (i == ATTRIB_DATASETS)
        return err_set(ei, ERR_LIMIT, "a node compiles at most %u datasets", ATTRIB_DATASETS);
    l->input[i] = *in;
    l->count += i == l->count;
    return 0;
}

/* The absolute path of folder/name when it can be read, else NULL. */
static const char *
readable(struct tables_list *l, const char *folder, const char *name)
{
    char path[PATHS];
    char whole[PATHS]; /* as long as PATH_MAX */

    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path ||
        access(path, R_OK) < 0 || realpath(path, whole) == NULL)
        return NULL;
    return tables_list_text(l, "%s", whole);
}

/* node_modules/@ip-location-db in folder or one of those above it. */
static bool
find_above(const char *folder, char to[PATHS])
{
    char at[PATHS];
    struct stat st;

    (void)snprintf(at, sizeof at, "%s", folder);
    for (;;) {
        char *slash = strrchr(at, '/');

        (void)snprintf(to, PATHS, "%.*s/node_modules/@ip-location-db", (int)(PATHS - 40), at);
        if (stat(to, &st) == 0)
            return true;
        if (slash == NULL)
            return false;
        *slash = '\0';
    }
}

static void
find_data(const char *data, char to[PATHS])
{
    char at[PATHS];
    ssize_t n;

    if (data != NULL) {
        (void)snprintf(to, PATHS, "%s/@ip-location-db", data);
        if (access(to, R_OK) < 0)
            (void)snprintf(to, PATHS, "%s", data);
        return;
    }
    if (getcwd(at, sizeof at) != NULL && find_above(at, to))
        return;
    n = readlink("/proc/self/exe", at, sizeof at - 1);
    at[n < 0 ? 0 : n] = '\0';
    if (!find_above(at, to))
        to[0] = '\0';
}

int
tables_list_defaults(struct tables_list *l, const char *data, struct errinfo *ei)
{
    static const char mmdb[] = "geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb";
    char folder[PATHS];
    struct attrib_input in[3] = {
        {.name = "asn", .source = "RouteViews, DB-IP", .kind = ATTRIB_ASN},
        {.name = "geo-whois-asn-country", .source = "NRO, RouteViews", .kind = ATTRIB_COUNTRY},
        {.name = "tor-geoipdb", .source = "IPFire", .kind = ATTRIB_COUNTRY}};
    int found = 0;

    find_data(data, folder);
    in[0].path[0] = readable(l, folder, "asn/asn-ipv4.csv");
    in[0].path[1] = readable(l, folder, "asn/asn-ipv6.csv");
    in[1].path[0] = readable(l, folder, mmdb);
    in[2].path[0] = readable(l, "/usr/share/tor", "geoip");
    in[2].path[1] = readable(l, "/usr/share/tor", "geoip6");
    for (unsigned i = 0; i < 3; i++) {
        int r;

        if (in[i].path[0] == NULL)
            continue;
        r = tables_list_put(l, &in[i], ei);
        if (r < 0)
            return r;
        found++;
    }
    return found;
}

static unsigned
rank(const struct conf_texts *order, const char *name)
{
    unsigned i = 0;

    while (i < order->count && strcmp(order->at[i], name) != 0)
        i++;
    return i;
}

void
tables_list_sort(struct tables_list *l, const struct conf_texts *order)
{
    for (unsigned i = 1; i < l->count; i++) { /* insertion: keeps equal ones in order */
        struct attrib_input in = l->input[i];
        unsigned k = i;

        for (; k > 0 && rank(order, l->input[k - 1].name) > rank(order, in.name); k--)
            l->input[k] = l->input[k - 1];
        l->input[k] = in;
    }
}

int
tables_list_compile(struct tables_list *l, struct attrib_report *ret, struct errinfo *ei)
{
    char path[PATHS];

    (void)snprintf(path, sizeof path, "%s/tables/tables.bin", l->dir);
    return attrib_build(l->input, l->count, path, ret, ei);
}
