/* detente exchange source: whose objects are got from where (role/source.h). */
#include <stdio.h>
#include <stdlib.h>

#include "cli/exchange.h"
#include "cli/output.h"
#include "role/source.h"
#include "role/unload.h"

/* ---- add --------------------------------------------------------------------------------- */

struct adding {
    struct cli *cli;
    const char *dir;
    struct source s;
    struct source_finds finds;
    char *secret;
    size_t secret_len;
    char *ca;
    size_t ca_len;
};

static int
read_secret(struct adding *a, const char *path)
{
    struct errinfo ei = {0};
    int r = cli_read_file(path, SOURCE_SECRET, &a->secret, &a->secret_len, &ei);
    size_t len = a->secret_len;

    if (r < 0)
        return cli_fail_at(r, &ei);
    while (len > 0 && (a->secret[len - 1] == '\n' || a->secret[len - 1] == '\r'))
        len--;
    a->secret_len = len;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)a->secret[i] < ' ' || a->secret[i] == 0x7f)
            len = 0;
    }
    return len > 0
               ? 0
               : cli_fail(ERR_INVALID, "%s: a password or token is one line, not empty", path);
}

static int
take_credentials(struct adding *a)
{
    const char *user = cli_option(a->cli, "user");
    const char *password = cli_option(a->cli, "password-file");
    const char *token = cli_option(a->cli, "token-file");

    if ((user == NULL) != (password == NULL) || (user != NULL && token != NULL))
        return cli_fail(ERR_USAGE, "exchange source add takes --user with --password-file, or "
                                   "--token-file, or none of them");
    if (user != NULL &&
        (user[0] == '\0' || strlen(user) >= sizeof a->s.user || strpbrk(user, ":\r\n") != NULL))
        return cli_fail(ERR_USAGE, "--user is a name of up to %d bytes, without a colon",
                        SOURCE_USER - 1);
    if (user != NULL)
        (void)snprintf(a->s.user, sizeof a->s.user, "%s", user);
    a->s.auth = user != NULL ? SOURCE_BASIC : token != NULL ? SOURCE_BEARER : SOURCE_NOBODY;
    return a->s.auth == SOURCE_NOBODY ? 0 : read_secret(a, user != NULL ? password : token);
}

static int
take_types(struct adding *a)
{
    const char *type;

    for (unsigned i = 0; (type = cli_option_nth(a->cli, "type", i)) != NULL; i++) {
        if (i == SOURCE_TYPES)
            return cli_fail(ERR_USAGE, "a source has up to %d types", SOURCE_TYPES);
        if (type[0] == '\0' || strlen(type) >= SOURCE_TYPE ||
            strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(type))
            return cli_fail(ERR_USAGE, "--type is a type of STIX, as `indicator`, not `%s`",
                            type);
        (void)snprintf(a->s.type[a->s.types++], SOURCE_TYPE, "%s", type);
    }
    return 0;
}

static int
take_ca(struct adding *a)
{
    const char *path = cli_option(a->cli, "ca");
    struct errinfo ei = {0};
    int r;

    if (path == NULL)
        return 0;
    r = cli_read_file(path, SOURCE_CA, &a->ca, &a->ca_len, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    a->s.ca = true;
    return strstr(a->ca, "-----BEGIN CERTIFICATE-----") != NULL
               ? 0
               : cli_fail(ERR_INVALID, "%s: has no certificate in PEM", path);
}

/* Is there room, no such name yet, and the collection that it goes into? */
static int
check_place(struct adding *a)
{
    char names[SOURCES_MOST][SOURCE_NAME];
    const char *name = a->cli->argv[0];
    struct errinfo ei = {0};
    struct taking t;
    int count;
    int r = taking_open(a->dir, cli_option(a->cli, "into"), &t, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    (void)snprintf(a->s.into, sizeof a->s.into, "%s", t.collection.id);
    taking_close(&t);
    count = sources_names(a->dir, names, &ei);
    if (count < 0)
        return cli_fail_at(count, &ei);
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return cli_fail(ERR_CONF,
                            "there is a source `%s` already: `detente exchange source remove "
                            "%s` first",
                            name, name);
    }
    if (count == SOURCES_MOST)
        return cli_fail(ERR_LIMIT, "there are %d sources already: remove one", SOURCES_MOST);
    (void)snprintf(a->s.name, sizeof a->s.name, "%s", name);
    return 0;
}

static const struct column found_columns[] = {
    {"id", false}, {"alias", false}, {"title", false}};

static int
show_found(const struct adding *a)
{
    struct output *o;

    if (output_open(a->cli, found_columns, sizeof found_columns / sizeof *found_columns, &o) <
        0)
        return err_exit(ERR_USAGE);
    for (unsigned i = 0; i < a->finds.count; i++) {
        output_str(o, a->finds.at[i].id);
        output_str(o, a->finds.at[i].alias);
        output_str(o, a->finds.at[i].title);
        output_end(o);
    }
    if (output_close(o, a->finds.count) < 0)
        return err_exit(ERR_IO);
    return cli_fail(ERR_USAGE, "the server has %u collections: choose one by --collection",
                    a->finds.count);
}

/* What bundles brought into that collection is not asked for again. */
static int
go_on_from_bundles(struct adding *a)
{
    struct client_mark *m = &a->s.mark;
    int r = a->s.types > 0 ? 0 : unload_place(a->dir, a->s.into, a->finds.at[0].id, &m->after);

    m->last = m->after;
    return r;
}

static int
find(struct adding *a)
{
    struct errinfo ei = {0};
    int r =
        source_find(a->dir, &a->s, a->s.url, cli_option(a->cli, "collection"), &a->finds, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    if (a->finds.count > 1)
        return show_found(a);
    (void)snprintf(a->s.url, sizeof a->s.url, "%s", a->finds.at[0].url);
    (void)snprintf(a->s.title, sizeof a->s.title, "%s", a->finds.at[0].title);
    r = go_on_from_bundles(a);
    if (r < 0)
        return cli_fail(r, "%s", err_text(r));
    r = source_put(a->dir, &a->s, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static int
add(struct adding *a)
{
    static const struct slice none = {"", 0};
    struct errinfo ei = {0};
    int code;
    int r = source_put_secrets(a->dir, a->s.name, (struct slice){a->secret, a->secret_len},
                               (struct slice){a->ca, a->ca_len}, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    code = find(a);
    if (code == 0)
        cli_say("%s: `%s` at %s. Next: `detente exchange pull %s`.", a->s.name, a->s.title,
                a->s.url, a->s.name);
    else if (source_put_secrets(a->dir, a->s.name, none, none, &ei) < 0)
        return cli_fail_at(ERR_IO, &ei);
    return code;
}

static int
prepare(struct adding *a)
{
    const char *url = cli_option(a->cli, "url");
    struct taxii_link link;
    struct errinfo ei = {0};
    int r;

    if (a->cli->argc != 1 || url == NULL || cli_option(a->cli, "into") == NULL)
        return cli_fail(ERR_USAGE, "exchange source add takes a name, --url and --into");
    if (!source_is_name(a->cli->argv[0]))
        return cli_fail(ERR_USAGE,
                        "`%s` is no name of a source: at most %d of a-z, 0-9 and `-`, a letter "
                        "first",
                        a->cli->argv[0], SOURCE_NAME - 1);
    if (link_read(slice_of(url), &link, &ei) < 0)
        return cli_fail(ERR_USAGE, "--url %s: %s", url, ei.text);
    (void)snprintf(a->s.url, sizeof a->s.url, "%s://%s%s", link.tls ? "https" : "http",
                   link.host, link.path);
    r = cli_dir(a->cli, &a->dir);
    if (r < 0)
        return err_exit(r);
    r = take_types(a);
    if (r == 0)
        r = take_credentials(a);
    if (r == 0)
        r = take_ca(a);
    return r == 0 ? check_place(a) : r;
}

int
exchange_source_add(struct cli *cli)
{
    struct adding a = {.cli = cli};
    int r;

    client_mark_init(&a.s.mark);
    a.finds.at = calloc(SOURCE_FOUND, sizeof *a.finds.at);
    r = a.finds.at == NULL ? cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM)) : prepare(&a);
    if (r == 0)
        r = add(&a);
    if (a.secret != NULL)
        explicit_bzero(a.secret, a.secret_len);
    free(a.secret);
    free(a.ca);
    free(a.finds.at);
    return r;
}

/* ---- list, remove ------------------------------------------------------------------------ */

static const struct column columns[] = {{"source", false}, {"url", false},  {"title", false},
                                        {"into", false},   {"user", false}, {"types", false}};

static void
show_one(struct output *o, const struct source *s)
{
    AUTO_BUF(types, (size_t)SOURCE_TYPES * SOURCE_TYPE);

    for (unsigned i = 0; i < s->types; i++)
        buf_printf(&types, "%s%s", i == 0 ? "" : " ", s->type[i]);
    output_str(o, s->name);
    output_str(o, s->url);
    output_str(o, s->title);
    output_str(o, s->into);
    output_str(o, s->auth == SOURCE_BEARER ? "(token)" : s->user);
    output_text(o, buf_get(&types));
    output_end(o);
}

int
exchange_each_source(struct cli *cli, const struct column *rows, unsigned n,
                     void (*show)(struct output *o, const struct source *s))
{
    char names[SOURCES_MOST][SOURCE_NAME];
    struct errinfo ei = {0};
    struct source s;
    struct output *o;
    const char *dir;
    int count;
    int r = cli_dir(cli, &dir);

    if (r < 0 || output_open(cli, rows, n, &o) < 0)
        return err_exit(r < 0 ? r : ERR_USAGE);
    count = sources_names(dir, names, &ei);
    r = count < 0 ? count : 0;
    for (int i = 0; r == 0 && i < count; i++) {
        r = source_get(dir, names[i], &s, &ei);
        if (r == 0)
            show(o, &s);
    }
    if (r < 0) {
        output_drop(o);
        return cli_fail_at(r, &ei);
    }
    return output_close(o, (uint64_t)count) < 0 ? err_exit(ERR_IO) : 0;
}

int
exchange_source_list(struct cli *cli)
{
    return exchange_each_source(cli, columns, sizeof columns / sizeof *columns, show_one);
}

int
exchange_source_remove(struct cli *cli)
{
    struct errinfo ei = {0};
    const char *dir;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "exchange source remove takes one name");
    r = cli_dir(cli, &dir);
    if (r < 0)
        return err_exit(r);
    r = source_drop(dir, cli->argv[0], &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}
