#include "cli/source_given.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "role/taking.h"

static int
read_secret(struct source_given *g, const char *path)
{
    struct errinfo ei = {0};
    int r = cli_read_file(path, SOURCE_SECRET, &g->secret, &g->secret_len, &ei);
    size_t len = g->secret_len;

    if (r < 0)
        return cli_fail_at(r, &ei);
    while (len > 0 && (g->secret[len - 1] == '\n' || g->secret[len - 1] == '\r'))
        len--;
    g->secret_len = len;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)g->secret[i] < ' ' || g->secret[i] == 0x7f)
            len = 0;
    }
    return len > 0
               ? 0
               : cli_fail(ERR_INVALID, "%s: a password or token is one line, not empty", path);
}

static int
take_credentials(struct source_given *g)
{
    const char *user = cli_option(g->cli, "user");
    const char *password = cli_option(g->cli, "password-file");
    const char *token = cli_option(g->cli, "token-file");

    if ((user == NULL) != (password == NULL) || (user != NULL && token != NULL))
        return cli_fail(ERR_USAGE,
                        "exchange %s takes --user with --password-file, or --token-file, or "
                        "none of them",
                        g->cli->cmd->verb);
    if (user != NULL &&
        (user[0] == '\0' || strlen(user) >= SOURCE_USER || strpbrk(user, ":\r\n") != NULL))
        return cli_fail(ERR_USAGE, "--user is a name of up to %d bytes, without a colon",
                        SOURCE_USER - 1);
    if (user == NULL && token == NULL)
        return 0;
    (void)snprintf(g->s->user, sizeof g->s->user, "%s", user == NULL ? "" : user);
    g->s->auth = user != NULL ? SOURCE_BASIC : SOURCE_BEARER;
    return read_secret(g, user != NULL ? password : token);
}

static int
take_ca(struct source_given *g)
{
    const char *path = cli_option(g->cli, "ca");
    struct errinfo ei = {0};
    int r;

    if (path == NULL)
        return 0;
    r = cli_read_file(path, SOURCE_CA, &g->ca, &g->ca_len, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    g->s->ca = true;
    return strstr(g->ca, "-----BEGIN CERTIFICATE-----") != NULL
               ? 0
               : cli_fail(ERR_INVALID, "%s: has no certificate in PEM", path);
}

/* What others can read is no secret: as for files that `notify` names. */
static int
check_closed(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0
               ? cli_fail(ERR_CONF,
                          "%s: is a secret that others can read: run `chmod go= ` on it", path)
               : 0;
}

static int
take_certificate(struct source_given *g)
{
    const char *certificate = cli_option(g->cli, "certificate");
    const char *key = cli_option(g->cli, "key");
    const char *secret = key == NULL ? certificate : key;
    struct errinfo ei = {0};
    char *text[2] = {NULL, NULL};
    size_t len[2] = {0, 0};
    int r;

    if (certificate == NULL)
        return key == NULL ? 0 : cli_fail(ERR_USAGE, "--key goes with --certificate");
    r = cli_read_file(certificate, SOURCE_PEM, &text[0], &len[0], &ei);
    if (r == 0 && key != NULL)
        r = cli_read_file(key, SOURCE_PEM, &text[1], &len[1], &ei);
    if (r == 0) {
        err_file(&ei, secret);
        r = source_join_pem((struct slice){text[0], len[0]},
                            (struct slice){text[1] == NULL ? "" : text[1], len[1]}, cli_now(),
                            &g->pem, &ei);
    }
    for (unsigned i = 0; i < 2; i++) {
        if (text[i] != NULL)
            explicit_bzero(text[i], len[i]);
        free(text[i]);
    }
    g->s->pem |= r == 0;
    return r < 0 ? cli_fail_at(r, &ei) : check_closed(secret);
}

static int
take_every(struct source_given *g)
{
    const char *text = cli_option(g->cli, "every");
    struct span every = {0};

    if (text == NULL)
        return 0;
    if ((strcmp(text, "0") != 0 && span_parse(slice_of(text), &every) < 0) ||
        every.us > SOURCE_EVERY * TIME_US_PER_S || (every.us > 0 && every.us < TIME_US_PER_S))
        return cli_fail(ERR_USAGE,
                        "--every takes a span of 1s to 31d, as `15m`, or 0 for never, not `%s`",
                        text);
    g->s->every_s = (uint32_t)(every.us / TIME_US_PER_S);
    g->every = true;
    return 0;
}

static int
take_sightings(struct source_given *g)
{
    const char *name = cli_option(g->cli, "sightings");
    struct errinfo ei = {0};
    struct taking t;
    const char *dir;
    int r = name == NULL ? 0 : cli_dir(g->cli, &dir);

    if (name == NULL || r < 0)
        return r < 0 ? err_exit(r) : 0;
    g->sightings = true;
    g->s->sightings[0] = '\0';
    if (strcmp(name, "-") == 0)
        return 0;
    r = taking_open(dir, name, &t, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    (void)snprintf(g->s->sightings, sizeof g->s->sightings, "%s", t.collection.id);
    r = t.collection.party[0] == '\0' ? 0 : ERR_CONF;
    taking_close(&t);
    return r == 0
               ? 0
               : cli_fail(r,
                          "--sightings takes a collection of this node's own: %s has objects "
                          "of another party",
                          name);
}

int
source_given_read(struct source_given *g)
{
    int r;

    buf_init(&g->pem, SOURCE_PEM);
    r = take_every(g);
    if (r == 0)
        r = take_sightings(g);
    if (r == 0)
        r = take_credentials(g);
    if (r == 0)
        r = take_ca(g);
    return r == 0 ? take_certificate(g) : r;
}

bool
source_given_any(const struct source_given *g)
{
    return g->secret != NULL || g->ca != NULL || g->pem.len > 0 || g->every || g->sightings;
}

int
source_given_put(const struct source_given *g, const char *dir, const char *name)
{
    const struct slice secret = {g->secret, g->secret_len};
    const struct slice ca = {g->ca, g->ca_len};
    const struct slice pem = buf_get(&g->pem);
    const struct source_secrets all = {.secret = g->secret == NULL ? NULL : &secret,
                                       .ca = g->ca == NULL ? NULL : &ca,
                                       .pem = pem.len == 0 ? NULL : &pem};
    struct errinfo ei = {0};
    int r = source_put_secrets(dir, name, &all, &ei);

    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

void
source_given_release(struct source_given *g)
{
    if (g->secret != NULL)
        explicit_bzero(g->secret, g->secret_len);
    if (g->pem.ptr != NULL)
        explicit_bzero(g->pem.ptr, g->pem.room);
    free(g->secret);
    free(g->ca);
    buf_release(&g->pem);
}
