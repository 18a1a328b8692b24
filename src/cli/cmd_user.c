/* detente user: the people who may sign in. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/order.h"
#include "cli/output.h"
#include "role/node.h"
#include "role/tls.h"
#include "store/people.h"

enum { LINK_TEXT = 512 };

static int
run_add(struct cli *cli)
{
    struct person_ask ask;
    struct person_answer a;
    int r = order_named(cli, ASK_USER_ADD, true, &ask, &a);

    if (r != 0)
        return r;
    cli_say("%s was added as %s. Next: `detente user link %s` for a link to sign in with.",
            ask.name, person_role_name((enum person_role)ask.role), ask.name);
    return 0;
}

static int
run_revoke(struct cli *cli)
{
    struct person_ask ask;
    struct person_answer a;
    int r = order_named(cli, ASK_USER_REVOKE, false, &ask, &a);

    if (r != 0)
        return r;
    cli_say("%s was revoked: sessions, links and certificates are gone.", ask.name);
    return 0;
}

/* Where a browser finds the page: of the listeners that have it the one that is for others, if
 * there is one. */
static void
page_url(const struct conf *c, struct buf *to)
{
    const struct conf_listen *l = NULL;
    char address[ADDR_TEXT];

    for (unsigned i = c->listen_count; i-- > 0;) {
        if (c->listen[i].what == CONF_WHAT_PAGE && (l == NULL || !l->tls || c->listen[i].tls))
            l = &c->listen[i];
    }
    if (l == NULL || l->port == 0)
        return; /* nobody knows it yet, or there is none */
    (void)addr_format(&l->address, address);
    buf_text(to, l->tls ? "https://" : "http://");
    if (c->hosts.count > 0 && addr_kind(&l->address) != ADDR_LOOPBACK)
        buf_text(to, c->hosts.at[0]);
    else
        buf_printf(to, strchr(address, ':') ? "[%s]" : "%s", address);
    buf_printf(to, ":%u", l->port);
}

static int
print_link(struct cli *cli, const struct person_answer *a)
{
    AUTO_BUF(url, LINK_TEXT);
    char until[TIME_TEXT];
    struct errinfo ei = {0};
    struct conf *c = NULL;
    int r = node_conf(cli->dir, &c, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    page_url(c, &url);
    (void)conf_free(c);
    buf_text(&url, "/#link=");
    order_secret(a, &url);
    if (buf_error(&url) < 0)
        return cli_fail(buf_error(&url), "%s; the link is lost: ask for another",
                        err_text(buf_error(&url)));
    time_format(a->until, until);
    if (cli_option(cli, "json") != NULL)
        printf("{\"name\":\"%s\",\"link\":\"%.*s\",\"until\":\"%.*s\"}\n", a->name,
               (int)url.len, url.ptr, TIME_TEXT, until);
    else
        printf("%.*s\n", (int)url.len, url.ptr);
    cli_say("This link signs %s in, once, until %.*s. It is shown once: hand it over by a way "
            "that nobody else reads.",
            a->name, TIME_TEXT, until);
    explicit_bzero(url.ptr, url.len);
    return 0;
}

static int
run_link(struct cli *cli)
{
    struct person_ask ask;
    struct person_answer a;
    int r = order_named(cli, ASK_USER_LINK, false, &ask, &a);

    return r != 0 ? r : print_link(cli, &a);
}

static int
run_cert(struct cli *cli)
{
    const char *path = cli_option(cli, "pem");
    struct tls_certificate cert = {0};
    struct person_ask ask;
    struct person_answer a = {0};
    struct errinfo ei = {0};
    char hex[TLS_FINGERPRINT];
    char *pem = NULL;
    size_t len = 0;
    int r = order_begin(cli, ASK_USER_CERT, false, &ask);

    if (r != 0)
        return err_exit(r);
    if (path == NULL)
        return cli_fail(ERR_USAGE, "user cert needs --pem FILE, the person's certificate");
    r = cli_read_file(path, TLS_FILE_MAX, &pem, &len, &ei);
    if (r == 0)
        r = tls_look((struct slice){pem, len}, &cert, &ei);
    free(pem);
    if (r < 0)
        return cli_fail_at(r, &ei);
    ask.life_us = time_since(cert.until, cli_now()).us;
    if (ask.life_us <= 0)
        return cli_fail(ERR_INVALID, "%s: the certificate is over", path);
    ask.with.kind = CREDENTIAL_CERTIFICATE;
    memcpy(ask.with.secret, cert.fingerprint.byte, sizeof ask.with.secret);
    r = order_do(cli, &ask, &a);
    if (r != 0)
        return err_exit(r);
    tls_fingerprint(&cert.fingerprint, hex);
    printf("%s\n", hex);
    cli_say("Whoever has the key of this certificate is %s on listeners with TLS.", ask.name);
    return 0;
}

static const struct column columns[] = {
    {"name", false},     {"role", false},    {"state", false},      {"added", false},
    {"password", false}, {"sessions", true}, {"certificates", true}};

struct list {
    struct output *out;
    struct store *store;
};

static int
list_one(void *arg, const struct store_person *p)
{
    struct list *l = arg;
    uint64_t sessions = 0;
    uint64_t certificates = 0;
    int r;

    if (p->kind != PERSON_HUMAN)
        return 0;
    r = store_count_access(l->store, p->id, CREDENTIAL_SESSION, &sessions);
    if (r == 0)
        r = store_count_access(l->store, p->id, CREDENTIAL_CERTIFICATE, &certificates);
    if (r < 0)
        return r;
    output_str(l->out, p->name);
    output_str(l->out, person_role_name(p->role));
    output_str(l->out, p->revoked.us == 0 ? "active" : "revoked");
    output_time(l->out, p->made);
    output_bool(l->out, p->password[0] != '\0');
    output_u64(l->out, sessions);
    output_u64(l->out, certificates);
    output_end(l->out);
    return 0;
}

static int
run_list(struct cli *cli)
{
    struct list l;
    struct errinfo ei = {0};
    const char *dir;
    struct node n;
    int r = cli_dir(cli, &dir);

    if (r < 0 || (r = output_open(cli, columns, 7, &l.out)) < 0)
        return err_exit(r);
    r = node_open(dir, NODE_READ, &n, &ei);
    if (r < 0) {
        output_drop(l.out);
        return cli_fail_at(r, &ei);
    }
    l.store = n.store;
    r = store_each_person(n.store, list_one, &l);
    node_close(&n);
    if (r < 0) {
        output_drop(l.out);
        return cli_fail(r, "the store: %s", err_text(r));
    }
    r = output_close(l.out, 0);
    return r < 0 ? err_exit(r) : 0;
}

static const struct cmd_option add_options[] = {
    {"role", "ROLE", "viewer, analyst, approver, auditor or exchange", 0},
    {0},
};
static const struct cmd_option cert_options[] = {
    {"pem", "FILE", "the certificate (never its key)", 0},
    {0},
};
static const struct cmd_option link_options[] = {CMD_JSON_OPTION, {0}};
static const struct cmd_option list_options[] = {CMD_FORMAT_OPTION, {0}};

const struct cmd cmd_user[] = {
    {"user", "add", "NAME", "let a person sign in, in a role", add_options, run_add},
    {"user", "list", "", "who may sign in", list_options, run_list},
    {"user", "link", "NAME", "a link that signs this person in, once, within 24 hours",
     link_options, run_link},
    {"user", "cert", "NAME", "let this person sign in with a client certificate", cert_options,
     run_cert},
    {"user", "revoke", "NAME", "end a person's access, with all sessions", NULL, run_revoke},
    {0},
};
