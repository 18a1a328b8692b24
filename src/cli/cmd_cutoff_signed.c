/* A plan in the log: signed there, and looked up (role/sign_document.h). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/blocks.h"
#include "cli/cmd_log.h"
#include "cli/cutoff.h"
#include "note/key.h"
#include "role/plan_document.h"
#include "role/sign_document.h"
#include "wire/hex.h"

enum { PATHS = 4096 };

/* 0 with *ret, or an exit status (reported). */
static int
look(const struct cli *cli, const struct hash *h, struct signed_document *ret)
{
    struct errinfo ei = {0};
    struct view v;
    int r = cli_log_open(cli, &v);

    *ret = (struct signed_document){.leaf = 0};
    if (r != 0)
        return r;
    r = signed_document_find(&v, h, ret, &ei);
    view_close(&v);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

int
cutoff_sign(const struct cli *cli, struct slice document)
{
    struct hash h = sha256_of(document.ptr, document.len);
    struct keep_ask ask = {.what = KEEP_DOCUMENT};
    struct signed_document found;
    struct keeper *k = NULL;
    char hex[DOCUMENT_HASH];
    int r;

    sign_document_hex(&h, hex);
    memcpy(ask.name, hex, sizeof hex);
    r = cli_keeper(cli, &k);
    if (r == 0)
        r = cli_keep(k, &ask);
    k = keeper_close(k);
    if (r != 0)
        return r;
    r = look(cli, &h, &found);
    if (r == 0)
        cli_say("SHA-256 %s is leaf %llu of the log", hex, (unsigned long long)found.leaf);
    signed_document_release(&found);
    return r;
}

/* `entry` and `NAME.tlog-proof` for other tools. */
static int
split(const char *folder, const char *path, const struct signed_document *d)
{
    const char *slash = strrchr(path, '/');
    struct errinfo ei = {0};
    char to[PATHS];
    int r;

    if (mkdir(folder, 0777) < 0 && errno != EEXIST)
        return cli_fail(err_named(errno), "%s: cannot be made: %s", folder, strerror(errno));
    (void)snprintf(to, sizeof to, "%s/entry", folder);
    r = cli_write_file(to, buf_get(&d->entry), 0644, &ei);
    (void)snprintf(to, sizeof to, "%s/%s.tlog-proof", folder, slash == NULL ? path : slash + 1);
    if (r == 0)
        r = cli_write_file(to, buf_get(&d->proof), 0644, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

static int
say(const struct hash *h, const struct signed_document *d)
{
    char at[TIME_TEXT];
    char hex[DOCUMENT_HASH];

    time_format(d->at, at);
    sign_document_hex(h, hex);
    printf("sha256      %s\nlogged      leaf %llu, %.*s\ncheckpoint  size %llu, signed by the "
           "log, "
           "%u more lines\nkey         %s\n",
           hex, (unsigned long long)d->leaf, TIME_TEXT, at, (unsigned long long)d->size,
           d->cosigned, d->key);
    return fflush(stdout) != 0 ? cli_fail(ERR_IO, "standard output cannot be written") : 0;
}

int
cutoff_verify(const struct cli *cli, const char *path)
{
    const char *folder = cli_option(cli, "split");
    struct signed_document found;
    struct errinfo ei = {0};
    char *bytes = NULL;
    size_t len = 0;
    struct hash h;
    int r = cli_read_file(path, PLAN_DOCUMENT_MAX, &bytes, &len, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei);
    h = sha256_of(bytes, len);
    free(bytes);
    r = look(cli, &h, &found);
    if (r == 0)
        r = say(&h, &found);
    if (r == 0 && folder != NULL)
        r = split(folder, path, &found);
    signed_document_release(&found);
    return r;
}
