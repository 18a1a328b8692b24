/* detente exchange source: whose objects are got from where (role/source.h). */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/exchange.h"
#include "cli/output.h"
#include "cli/source_given.h"
#include "model/text.h"
#include "role/source.h"
#include "role/unload.h"

/* ---- add --------------------------------------------------------------------------------- */

struct adding {
    struct cli *cli;
    const char *dir;
    struct source s;
    struct source_given given;
    struct source_finds finds;
};

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

/* What comes from a counterpart is that party's, and goes to nobody else by mistake. */
static int
check_into(const struct adding *a, const struct taking *t)
{
    if (a->s.party[0] == '\0' || slice_is(slice_of(t->collection.party), a->s.party))
        return 0;
    return cli_fail(ERR_CONF,
                    "the collection is not of %s: `detente exchange collection add --from %s` "
                    "makes one",
                    a->s.party, a->s.party);
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
    r = check_into(a, &t);
    taking_close(&t);
    if (r != 0)
        return r;
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
    static const struct source_secrets nothing = {&none, &none, &none};
    struct errinfo ei = {0};
    int code = source_given_put(&a->given, a->dir, a->s.name);

    if (code == 0)
        code = find(a);
    if (code == 0)
        cli_say("%s: `%s` at %s. Next: `detente exchange pull %s`%s.", a->s.name, a->s.title,
                a->s.url, a->s.name,
                a->s.every_s > 0 ? "; a running node pulls it by itself" : "");
    else if (source_put_secrets(a->dir, a->s.name, &nothing, &ei) < 0)
        return cli_fail_at(ERR_IO, &ei);
    return code;
}

static int
take_url(struct adding *a, const char *url, const char *path)
{
    struct taxii_link link;
    struct errinfo ei = {0};

    if (link_read(slice_of(url), &link, &ei) < 0)
        return cli_fail(ERR_USAGE, "%s: %s", url, ei.text);
    if (a->s.party[0] != '\0' && !link.tls)
        return cli_fail(ERR_USAGE, "%s: a counterpart answers by https://", url);
    (void)snprintf(a->s.url, sizeof a->s.url, "%s://%s%s%s", link.tls ? "https" : "http",
                   link.host, link.path, path);
    return 0;
}

/* Its annex says where it answers, unless that is given. */
static int
take_party(struct adding *a, const char *party, const char *url)
{
    struct source_party at;
    struct errinfo ei = {0};
    int r;

    if (!text_is_party(slice_of(party)))
        return cli_fail(ERR_USAGE, "--counterpart takes the id of a party, not `%s`", party);
    if (a->s.auth != SOURCE_NOBODY || a->s.ca)
        return cli_fail(ERR_USAGE, "a counterpart is known by its key and knows this node by "
                                   "its own: no user, token or --ca is for it");
    (void)snprintf(a->s.party, sizeof a->s.party, "%s", party);
    r = source_party_find(a->dir, party, &at, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    if (url == NULL && at.endpoint[0] == '\0')
        return cli_fail(ERR_CONF, "the annex of %s does not say where it answers: give --url",
                        party);
    if (url != NULL)
        return take_url(a, url, "");
    (void)snprintf(a->s.endpoint, sizeof a->s.endpoint, "%s", at.endpoint);
    return take_url(a, at.endpoint, "taxii2/");
}

static int
prepare(struct adding *a)
{
    const char *url = cli_option(a->cli, "url");
    const char *party = cli_option(a->cli, "counterpart");
    int r;

    if (a->cli->argc != 1 || (url == NULL && party == NULL) ||
        cli_option(a->cli, "into") == NULL)
        return cli_fail(ERR_USAGE, "exchange source add takes a name, --url or --counterpart, "
                                   "and --into");
    if (!source_is_name(a->cli->argv[0]))
        return cli_fail(ERR_USAGE,
                        "`%s` is no name of a source: at most %d of a-z, 0-9 and `-`, a letter "
                        "first",
                        a->cli->argv[0], SOURCE_NAME - 1);
    r = cli_dir(a->cli, &a->dir);
    if (r < 0)
        return err_exit(r);
    r = take_types(a);
    if (r == 0)
        r = source_given_read(&a->given);
    if (r == 0)
        r = party != NULL ? take_party(a, party, url) : take_url(a, url, "");
    return r == 0 ? check_place(a) : r;
}

int
exchange_source_add(struct cli *cli)
{
    struct adding a = {.cli = cli, .given = {.cli = cli}};
    int r;

    a.given.s = &a.s;
    client_mark_init(&a.s.mark);
    a.finds.at = calloc(SOURCE_FOUND, sizeof *a.finds.at);
    r = a.finds.at == NULL ? cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM)) : prepare(&a);
    if (r == 0)
        r = add(&a);
    source_given_release(&a.given);
    free(a.finds.at);
    return r;
}

/* ---- set ----------------------------------------------------------------------------------
 */

/* Its lock is held: a pull writes the same file. */
static int
set(struct source_given *g, const char *dir, const char *name)
{
    struct errinfo ei = {0};
    int r = source_get(dir, name, g->s, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    r = source_given_read(g);
    if (r != 0)
        return r;
    if (g->s->party[0] != '\0' && (g->secret != NULL || g->ca != NULL))
        return cli_fail(ERR_USAGE,
                        "%s is a counterpart's, which is known by its key: no user, "
                        "token or --ca is for it",
                        name);
    if (!source_given_any(g))
        return cli_fail(ERR_USAGE, "exchange source set takes what is to be changed");
    r = source_given_put(g, dir, name);
    if (r != 0)
        return r;
    r = source_put(dir, g->s, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

int
exchange_source_set(struct cli *cli)
{
    struct source s;
    struct source_given g = {.cli = cli, .s = &s};
    struct errinfo ei = {0};
    const char *dir;
    int lock = -1;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "exchange source set takes one name");
    r = cli_dir(cli, &dir);
    if (r < 0)
        return err_exit(r);
    r = source_get(dir, cli->argv[0], &s, &ei); /* no lock is left where no source is */
    if (r == 0)
        r = source_hold(dir, cli->argv[0], &lock, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = set(&g, dir, cli->argv[0]);
    source_given_release(&g);
    (void)close(lock);
    return r;
}

/* ---- list, remove ------------------------------------------------------------------------ */

static const struct column columns[] = {
    {"source", false},      {"url", false},         {"title", false},
    {"into", false},        {"user", false},        {"types", false},
    {"certificate", false}, {"counterpart", false}, {"sightings", false}};

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
    output_str(o, s->pem ? "its own" : s->party[0] != '\0' ? "the node's" : "");
    output_str(o, s->party);
    output_str(o, s->sightings);
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
