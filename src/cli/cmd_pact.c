/* detente pact: the document that parties sign. */
#include <stdlib.h>

#include "cli/cmd_pact.h"
#include "cli/secret.h"

static void
warn(void *arg, unsigned line, const char *text)
{
    const struct document *d = arg;

    cli_say("detente: %s:%u: warning: %s", d->name, line, text);
}

/* A note, or the text alone: a pact that nobody has signed yet. */
static void
split(struct document *d, size_t len)
{
    struct slice bytes = {d->bytes, len};
    struct errinfo ei;

    d->is_note = note_parse(bytes, NOTE_PACT_MAX, &d->note, &ei) == 0;
    d->text = d->is_note ? d->note.text : bytes;
}

/* What it says it is, in the first line that is neither empty nor a comment. */
static bool
is_annex(struct slice text)
{
    struct slice line;

    while (slice_line(&text, &line)) {
        if (line.len > 0 && line.ptr[0] != '#')
            return slice_is(slice_sub(line, 0, 22), "format: detente-annex/");
    }
    return false;
}

int
document_open(const char *name, struct document *d)
{
    struct errinfo ei = {0};
    size_t len = 0;
    int r = cli_read_file(name, NOTE_PACT_MAX, &d->bytes, &len, &ei);

    d->name = name;
    if (r < 0)
        return cli_fail_at(r, &ei);
    d->len = len;
    split(d, len);
    r = is_annex(d->text) ? annex_read(d->text, &d->annex, warn, d, &ei)
                          : pact_read(d->text, &d->pact, warn, d, &ei);
    if (r < 0) {
        err_file(&ei, name);
        r = cli_fail_at(r, &ei);
    }
    return r;
}

int
pact_open(const char *name, struct document *d)
{
    int r = document_open(name, d);

    return r == 0 && d->pact == NULL ? cli_fail(ERR_CONF, "%s: is an annex, not a pact", name)
                                     : r;
}

void
pact_close(struct document *d)
{
    d->pact = pact_free(d->pact);
    d->annex = annex_free(d->annex);
    free(d->bytes);
}

/* What two of them say together. */
static int
compare(const struct document *a, const struct document *b)
{
    struct errinfo ei = {0};
    int r = 0;

    if (a->pact != NULL && b->annex != NULL)
        r = annex_fits(b->annex, a->pact, &ei);
    else if (a->annex != NULL && b->annex != NULL)
        r = strcmp(a->annex->party, b->annex->party) == 0
                ? annex_follows(b->annex, a->annex, &ei)
                : annex_apart(a->annex, b->annex, &ei);
    return r < 0 ? cli_fail(ERR_CONF, "%s: %s", b->name, ei.text) : 0;
}

static int
check_all(struct cli *cli, struct document *d)
{
    unsigned n = (unsigned)cli->argc;
    int r = 0;

    for (unsigned i = 0; i < n; i++) {
        int one = document_open(cli->argv[i], &d[i]);

        r = r == 0 ? one : r;
    }
    for (unsigned i = 0; r == 0 && i < n; i++) {
        for (unsigned k = 0; r == 0 && k < n; k++) {
            bool forward = k > i || (d[i].pact != NULL && d[k].annex != NULL);

            if (i != k && forward)
                r = compare(&d[i], &d[k]);
        }
    }
    for (unsigned i = 0; r == 0 && i < n; i++)
        cli_say("%s: fine", d[i].name);
    return r;
}

static int
run_check(struct cli *cli)
{
    struct document *d;
    int r;

    if (cli->argc < 1 || cli->argc > 64)
        return cli_fail(ERR_USAGE, "pact check takes 1 to 64 files");
    d = calloc((size_t)cli->argc, sizeof *d);
    if (d == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = check_all(cli, d);
    for (int i = 0; i < cli->argc; i++)
        pact_close(&d[i]);
    free(d);
    return r;
}

static const struct cmd_option new_options[] = {
    {"title", "TEXT", "what it is called (default: the names of the parties)", 0},
    {"from", "DAY", "when it comes into force (default: in 30 days)", 0},
    {"output", "FILE", "where it is written (default: standard output)", 'o'},
    {0}};
static const struct cmd_option key_options[] = {
    {"output", "FILE", "where the key is written", 'o'}, PASSPHRASE_OPTION, {0}};
static const struct cmd_option sign_options[] = {
    {"key", "FILE", "the party's key", 0},
    {"output", "FILE", "where the signed note is written (default: FILE itself)", 'o'},
    {"pact", "FILE", "the pact that an annex belongs to", 0},
    PASSPHRASE_OPTION,
    {0}};
static const struct cmd_option verify_options[] = {
    {"pact", "FILE", "the pact that an annex belongs to", 0}, {0}};
static const struct cmd_option show_options[] = {CMD_JSON_OPTION, {0}};

const struct cmd cmd_pact[] = {
    {"pact", "new", "NAME PARTY[,ORIGIN[,KEY]]…",
     "a pact to begin with, of these parties; asks nothing", new_options, run_pact_new},
    {"pact", "key", "NAME", "make a party's own key, sealed by a passphrase", key_options,
     run_pact_key},
    {"pact", "sign", "FILE", "put a party's signature under a pact or an annex", sign_options,
     run_pact_sign},
    {"pact", "verify", "FILE",
     "check the signatures of a pact or an annex; 6 when one is wrong or "
     "missing",
     verify_options, run_pact_verify},
    {"pact", "show", "FILE", "a pact or annex in few lines", show_options, run_pact_show},
    {"pact", "diff", "OLD NEW", "what is different between two of them; 1 when anything is",
     NULL, run_pact_diff},
    {"pact", "check", "FILE…",
     "read pacts and annexes as strictly as a node does, and together; 3 when one is wrong",
     NULL, run_check},
    {0},
};
