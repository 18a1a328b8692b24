/* detente exchange user, exchange collection: who may get and give objects, and which. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/uuid.h"
#include "cli/exchange.h"
#include "cli/output.h"
#include "model/text.h"
#include "role/control.h"
#include "role/node.h"
#include "store/objects.h"
#include "store/people.h"

enum { PASSWORD_SHORT = 12, RIGHTS_MOST = CLI_GIVEN };

/* ---- users ------------------------------------------------------------------------------- */

static int
read_password(const char *path, struct person_ask *ask)
{
    struct errinfo ei = {0};
    char *text = NULL;
    size_t len = 0;
    int r = cli_read_file(path, PASSWORD_MAX + 2, &text, &len, &ei);

    if (r < 0)
        return (void)cli_fail_at(r, &ei), r;
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    if (len == 0 || len > PASSWORD_MAX || memchr(text, '\0', len) != NULL) {
        r = ERR_INVALID;
        (void)cli_fail(r, "%s: a password is one line of 1 to %d bytes", path, PASSWORD_MAX);
    } else {
        memcpy(ask->password, text, len);
        if (len < PASSWORD_SHORT)
            cli_say("warning: a password of %zu bytes can be guessed", len);
    }
    explicit_bzero(text, len);
    free(text);
    return r;
}

static int
add_user(struct cli *cli, struct person_ask *ask)
{
    struct person_answer a = {0};
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = control_order(dir, ask, &a, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    if (a.status == ERR_CONF)
        return cli_fail(ERR_CONF,
                        "there is a user `%s` already: `detente user revoke %s` first, or "
                        "choose another name",
                        ask->name, ask->name);
    if (a.status < 0)
        return cli_fail(a.status, "%s", err_text(a.status));
    cli_say("%s may take part in the exchange. Next: `detente exchange collection add`, or "
            "`detente exchange collection permit`.",
            ask->name);
    return 0;
}

int
exchange_user_add(struct cli *cli)
{
    struct person_ask ask = {.what = ASK_USER_ADD, .role = PERSON_EXCHANGE};
    const char *path = cli_option(cli, "password-file");
    const char *party = cli_option(cli, "party");
    int r = 0;

    if (cli->argc != 1 || !person_is_name(slice_of(cli->argv[0])))
        return cli_fail(ERR_USAGE,
                        "exchange user add takes one name: 1 to %d of a-z 0-9 . - _, a letter "
                        "first",
                        PERSON_NAME_MAX);
    if (party != NULL && !text_is_party(slice_of(party)))
        return cli_fail(ERR_USAGE, "--party takes the id of a party, not `%s`", party);
    (void)snprintf(ask.name, sizeof ask.name, "%s", cli->argv[0]);
    (void)snprintf(ask.party, sizeof ask.party, "%s", party == NULL ? "" : party);
    if (path == NULL)
        cli_say("No --password-file: %s signs in by a certificate (`detente user cert`).",
                ask.name);
    else
        r = read_password(path, &ask);
    r = r < 0 ? err_exit(r) : add_user(cli, &ask);
    explicit_bzero(&ask, sizeof ask);
    return r;
}

/* ---- collections ------------------------------------------------------------------------- */

static int
keep_one(struct keeper *k, const struct keep_ask *ask)
{
    struct keep_answer answer = {0};
    struct errinfo ei = {0};
    int r = keeper_do(k, ask, &answer, &ei);

    if (r < 0)
        return (void)cli_fail_at(r, &ei), r;
    if (answer.status < 0)
        (void)cli_fail_at(answer.status, &answer.ei);
    return answer.status;
}

struct permit {
    const char *name;
    uint32_t rights;
};

static int
permit_all(struct keeper *k, const char *collection, const struct permit *p, unsigned n)
{
    int r = 0;

    for (unsigned i = 0; r == 0 && i < n; i++) {
        struct keep_ask ask = {.what = KEEP_RIGHT, .scope = p[i].rights};

        (void)snprintf(ask.name, sizeof ask.name, "%s", collection);
        (void)snprintf(ask.payload, sizeof ask.payload, "%s", p[i].name);
        r = keep_one(k, &ask);
    }
    return r;
}

static int
gather(const struct cli *cli, const char *option, uint32_t right, struct permit *p, unsigned *n)
{
    const char *name;

    for (unsigned i = 0; (name = cli_option_nth(cli, option, i)) != NULL; i++) {
        unsigned at = 0;

        if (!person_is_name(slice_of(name)))
            return cli_fail(ERR_USAGE, "--%s takes the name of a user, not `%s`", option, name);
        while (at < *n && strcmp(p[at].name, name) != 0)
            at++;
        if (at == *n)
            p[(*n)++] = (struct permit){name, 0};
        p[at].rights |= right;
    }
    return 0;
}

/* Before anything changes: everybody who is named is there. */
static int
check_names(const char *dir, const struct permit *p, unsigned n)
{
    struct errinfo ei = {0};
    struct store_person who;
    struct node node;
    int r = node_open(dir, NODE_READ, &node, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    for (unsigned i = 0; r == 0 && i < n; i++) {
        r = store_find_person(node.store, PERSON_HUMAN, p[i].name, &who);
        if (r == ERR_NOTFOUND)
            r = store_find_person(node.store, PERSON_TOKEN, p[i].name, &who);
        if (r == ERR_NOTFOUND)
            r = cli_fail(r,
                         "there is no user and no token `%s`: `detente exchange user add %s`",
                         p[i].name, p[i].name);
        else if (r < 0)
            r = cli_fail(r, "the store: %s", err_text(r));
    }
    node_close(&node);
    return r;
}

static int
add_collection(struct cli *cli, const char *dir, struct keep_ask *ask, const struct permit *p,
               unsigned n)
{
    struct errinfo ei = {0};
    struct keeper *k;
    int r = keeper_open(dir, &k, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    r = keep_one(k, ask);
    if (r == 0)
        r = permit_all(k, ask->name, p, n);
    k = keeper_close(k);
    if (r < 0)
        return err_exit(r);
    printf("%s\n", ask->name);
    cli_say("It stands at /taxii2/exchange/collections/%s/ now.", ask->name);
    (void)cli;
    return 0;
}

int
exchange_collection_add(struct cli *cli)
{
    const char *title = cli_option(cli, "title");
    const char *alias = cli_option(cli, "alias");
    const char *text = cli_option(cli, "description");
    const char *pact = cli_option(cli, "pact");
    const char *party = cli_option(cli, "from");
    struct permit p[RIGHTS_MOST];
    struct keep_ask ask = {.what = KEEP_COLLECTION};
    char made[16];
    uint8_t random[UUID_BYTES];
    const char *dir;
    unsigned n = 0;
    int r;

    if (cli->argc != 0 || title == NULL || title[0] == '\0')
        return cli_fail(ERR_USAGE, "exchange collection add needs --title");
    if (strlen(title) > COLLECTION_TITLE_MAX || strchr(title, '\n') != NULL ||
        (text != NULL && strlen(text) > COLLECTION_DESCRIPTION_MAX))
        return cli_fail(ERR_USAGE, "a title has up to %d bytes, a description up to %d",
                        COLLECTION_TITLE_MAX, COLLECTION_DESCRIPTION_MAX);
    if (pact != NULL && !text_is_name(slice_of(pact)))
        return cli_fail(ERR_USAGE, "--pact takes the name of a pact, not `%s`", pact);
    if (party != NULL && !text_is_party(slice_of(party)))
        return cli_fail(ERR_USAGE, "--from takes the id of a party, not `%s`", party);
    (void)snprintf(ask.pact, sizeof ask.pact, "%s", pact == NULL ? "" : pact);
    (void)snprintf(ask.payload, sizeof ask.payload, "%s", party == NULL ? "" : party);
    r = gather(cli, "reader", RIGHT_READ, p, &n);
    if (r == 0)
        r = gather(cli, "writer", RIGHT_WRITE, p, &n);
    if (r != 0)
        return r;
    r = cli_dir(cli, &dir);
    if (r < 0)
        return err_exit(r);
    r = check_names(dir, p, n);
    if (r != 0)
        return r;
    randombytes_buf(random, sizeof random);
    uuid_random(random, ask.name);
    (void)snprintf(made, sizeof made, "c-%.8s", ask.name);
    (void)snprintf(ask.text, sizeof ask.text, "%s\n%s\n%s", alias == NULL ? made : alias, title,
                   text == NULL ? "" : text);
    return add_collection(cli, dir, &ask, p, n);
}

int
exchange_collection_permit(struct cli *cli)
{
    struct permit p[RIGHTS_MOST];
    struct errinfo ei = {0};
    struct keeper *k;
    const char *dir;
    unsigned n = 0;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "exchange collection permit takes a collection");
    r = gather(cli, "reader", RIGHT_READ, p, &n);
    if (r == 0)
        r = gather(cli, "writer", RIGHT_WRITE, p, &n);
    if (r == 0)
        r = gather(cli, "nobody", 0, p, &n);
    if (r != 0)
        return r;
    if (n == 0)
        return cli_fail(ERR_USAGE,
                        "exchange collection permit needs --reader, --writer or --nobody");
    r = cli_dir(cli, &dir);
    if (r < 0)
        return err_exit(r);
    r = keeper_open(dir, &k, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    r = permit_all(k, cli->argv[0], p, n);
    k = keeper_close(k);
    return r < 0 ? err_exit(r) : 0;
}

/* ---- lists ------------------------------------------------------------------------------- */

static const struct column columns[] = {
    {"id", false},      {"alias", false},   {"title", false}, {"objects", true},
    {"readers", false}, {"writers", false}, {"pact", false},  {"from", false},
    {"added", false},   {"followed", false}};

struct listing {
    struct output *out;
    struct store *store;
    const struct store_collection *c;
    struct buf readers;
    struct buf writers;
};

static int
note_rights(void *arg, const struct store_person *p)
{
    struct listing *l = arg;
    unsigned rights = 0;
    int r = p->revoked.us != 0 ? 0 : store_get_right(l->store, l->c->number, p->id, &rights);

    if ((rights & RIGHT_READ) != 0)
        buf_printf(&l->readers, "%s%s", l->readers.len > 0 ? " " : "", p->name);
    if ((rights & RIGHT_WRITE) != 0)
        buf_printf(&l->writers, "%s%s", l->writers.len > 0 ? " " : "", p->name);
    return r;
}

static int
list_one(void *arg, const struct store_collection *c)
{
    struct listing *l = arg;
    uint64_t n = 0;
    int r = store_count_objects(l->store, c->number, &n);

    l->c = c;
    buf_reset(&l->readers);
    buf_reset(&l->writers);
    if (r == 0)
        r = store_each_person(l->store, note_rights, l);
    output_text(l->out, c->id);
    output_text(l->out, c->name);
    output_text(l->out, c->title);
    output_u64(l->out, n);
    output_text(l->out, buf_get(&l->readers));
    output_text(l->out, buf_get(&l->writers));
    output_text(l->out, c->pact);
    output_text(l->out, c->party);
    output_time(l->out, c->made);
    output_bool(l->out, c->followed);
    output_end(l->out);
    return r;
}

int
exchange_collection_list(struct cli *cli)
{
    struct listing l = {.out = NULL};
    struct errinfo ei = {0};
    const char *dir;
    struct node n;
    int r = cli_dir(cli, &dir);

    if (r < 0 || (r = output_open(cli, columns, sizeof columns / sizeof *columns, &l.out)) < 0)
        return err_exit(r);
    r = node_open(dir, NODE_READ, &n, &ei);
    if (r < 0) {
        output_drop(l.out);
        return cli_fail_at(r, &ei);
    }
    buf_init(&l.readers, 1 << 20);
    buf_init(&l.writers, 1 << 20);
    l.store = n.store;
    r = store_each_collection(n.store, list_one, &l);
    buf_release(&l.readers);
    buf_release(&l.writers);
    node_close(&n);
    if (r < 0) {
        output_drop(l.out);
        return cli_fail(r, "the store: %s", err_text(r));
    }
    r = output_close(l.out, 0);
    return r < 0 ? err_exit(r) : 0;
}
