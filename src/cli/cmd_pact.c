/* detente pact: the document that parties sign. */
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd_pact.h"
#include "cli/secret.h"
#include "model/text.h"
#include "store/pacts.h"

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

static int
read_text(struct document *d, struct errinfo *ei)
{
    switch (pact_text(d->text)) {
    case PACT_TEXT_ANNEX: return annex_read(d->text, &d->annex, warn, d, ei);
    case PACT_TEXT_DENUNCIATION: return denunciation_read(d->text, &d->denunciation, ei);
    case PACT_TEXT_PACT: break;
    }
    return pact_read(d->text, &d->pact, warn, d, ei);
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
    r = read_text(d, &ei);
    if (r < 0) {
        err_file(&ei, name);
        r = cli_fail_at(r, &ei);
    }
    return r;
}

/* ---- what was adopted ------------------------------------------------------------------- */

int
adopted_open(struct cli *cli, struct adopted *a)
{
    struct errinfo ei = {0};
    const char *dir = NULL;
    int r = cli_dir(cli, &dir);

    if (r < 0)
        return err_exit(r);
    r = view_open(dir, &a->view, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    a->open = true;
    r = book_load(a->view.node.store, a->view.node.conf->party, &a->book, &ei);
    return r < 0 ? cli_fail(r, "%s: %s", dir, ei.text) : 0;
}

void
adopted_close(struct adopted *a)
{
    a->book = book_free(a->book);
    if (a->open)
        view_close(&a->view);
}

/* The newest version of that name, of NULL of the only pact. */
static int
take_adopted(struct cli *cli, const struct adopted *a, const char *name, struct document *d)
{
    const struct book_pact *p = name != NULL          ? book_pact(a->book, slice_of(name))
                                : a->book->pacts == 1 ? &a->book->pact[0]
                                                      : NULL;
    struct store_pact_note which = {.kind = PACT_NOTE_PACT, .party = {"", 0}, .by = {"", 0}};
    struct store_pact_note row;
    int r;

    if (p == NULL && name == NULL)
        return cli_fail(ERR_USAGE,
                        a->book->pacts == 0
                            ? "%s: no pact was adopted: name a file (--pact FILE)"
                            : "%s: several pacts were adopted: name one (--pact NAME)",
                        cli->dir);
    if (p == NULL)
        return cli_fail(ERR_NOTFOUND, "%s: no pact `%s` was adopted, and there is no such file",
                        cli->dir, name);
    which.pact = slice_of(p->pact->name);
    which.sequence = (uint64_t)p->pact->version;
    r = store_get_pact_note(a->view.node.store, &which, &row);
    if (r == 0)
        d->bytes = strndup(row.note.ptr, row.note.len);
    if (r < 0 || d->bytes == NULL)
        return cli_fail(r < 0 ? r : ERR_NOMEM, "%s: %s", cli->dir,
                        err_text(r < 0 ? r : ERR_NOMEM));
    d->len = row.note.len;
    return 0;
}

static int
open_adopted(struct cli *cli, const char *name, struct document *d)
{
    struct adopted *a = calloc(1, sizeof *a);
    struct errinfo ei = {0};
    int r;

    d->name = name == NULL ? "the pact" : name;
    if (a == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = adopted_open(cli, a);
    if (r == 0)
        r = take_adopted(cli, a, name, d);
    if (r == 0) {
        split(d, d->len);
        if (pact_read(d->text, &d->pact, NULL, NULL, &ei) < 0)
            r = cli_fail_at(ERR_CONF, &ei);
    }
    adopted_close(a);
    free(a);
    return r;
}

int
pact_open(const char *name, struct document *d)
{
    int r = document_open(name, d);

    return r == 0 && d->pact == NULL ? cli_fail(ERR_CONF, "%s: is no pact", name) : r;
}

int
pact_find(struct cli *cli, const char *name, struct document *d)
{
    bool none = name == NULL || name[0] == '\0';

    if (none && cli->dir == NULL)
        return cli_fail(ERR_USAGE,
                        "which pact? --pact FILE, or --dir of a node that adopted it");
    if (none || (cli->dir != NULL && access(name, F_OK) < 0 && text_is_name(slice_of(name))))
        return open_adopted(cli, none ? NULL : name, d);
    return pact_open(name, d);
}

void
pact_close(struct document *d)
{
    d->pact = pact_free(d->pact);
    d->annex = annex_free(d->annex);
    d->denunciation = denunciation_free(d->denunciation);
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
    else if (a->pact != NULL && b->denunciation != NULL)
        r = denunciation_fits(b->denunciation, a->pact, &ei);
    else if (a->pact != NULL && b->pact != NULL && strcmp(a->pact->name, b->pact->name) == 0)
        r = pact_follows(b->pact, a->pact, &ei);
    else if (a->annex != NULL && b->annex != NULL)
        r = strcmp(a->annex->party, b->annex->party) == 0
                ? annex_follows(b->annex, a->annex, &ei)
                : annex_apart(a->annex, b->annex, &ei);
    return r < 0 ? cli_fail(ERR_CONF, "%s: %s", b->name, ei.text) : 0;
}

enum { OTHERS = 2 /* --pact and --before, in front of the files */ };

static int
open_all(struct cli *cli, struct document *d, unsigned others)
{
    const char *pact = cli_option(cli, "pact");
    const char *before = cli_option(cli, "before");
    unsigned n = 0;
    int r = 0;

    if (pact != NULL)
        r = pact_find(cli, pact, &d[n++]);
    if (r == 0 && before != NULL)
        r = document_open(before, &d[n++]);
    BUG_ON(n > others);
    for (int i = 0; i < cli->argc; i++) { /* each says what is wrong with it */
        int one = document_open(cli->argv[i], &d[others + (unsigned)i]);

        r = r == 0 ? one : r;
    }
    return r;
}

static int
check_all(struct cli *cli, struct document *d, unsigned others)
{
    unsigned n = others + (unsigned)cli->argc;
    int r = open_all(cli, d, others);

    for (unsigned i = 0; r == 0 && i < n; i++) {
        for (unsigned k = others; r == 0 && k < n; k++) {
            bool forward = k > i || (d[i].pact != NULL && d[k].pact == NULL);

            if (i != k && forward)
                r = compare(&d[i], &d[k]);
        }
    }
    for (unsigned i = others; r == 0 && i < n; i++)
        cli_say("%s: fine", d[i].name);
    return r;
}

static int
run_check(struct cli *cli)
{
    unsigned others =
        (cli_option(cli, "pact") != NULL) + (unsigned)(cli_option(cli, "before") != NULL);
    struct document *d;
    int r;

    if (cli->argc < 1 || cli->argc > 64)
        return cli_fail(ERR_USAGE, "pact check takes 1 to 64 files");
    d = calloc((size_t)cli->argc + OTHERS, sizeof *d);
    if (d == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = check_all(cli, d, others);
    for (int i = 0; i < cli->argc + OTHERS; i++)
        pact_close(&d[i]);
    free(d);
    return r;
}

#define PACT_OPTION                                                                           \
    {                                                                                         \
        "pact", "FILE", "the pact that it belongs to: a file, or the name of an adopted one", \
            0                                                                                 \
    }
#define OUTPUT_OPTION                                                           \
    {                                                                           \
        "output", "FILE", "where it is written (default: standard output)", 'o' \
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
    PACT_OPTION,
    {"before", "FILE", "the version before: who is in that one signs too", 0},
    PASSPHRASE_OPTION,
    {0}};
static const struct cmd_option verify_options[] = {PACT_OPTION, {0}};
static const struct cmd_option show_options[] = {CMD_JSON_OPTION, {0}};
static const struct cmd_option check_options[] = {
    PACT_OPTION, {"before", "FILE", "the version, or annex, that it follows", 0}, {0}};
static const struct cmd_option annex_options[] = {
    PACT_OPTION,
    OUTPUT_OPTION,
    {"endpoint", "URL", "where others reach this node (default: https://, host of the log)", 0},
    {"asn", "N[,N]", "numbers of the party's networks", 0},
    {"proof", "WORD", "how others may check the space: roa, irr or letter", 0},
    {"contact", "NAME,EMAIL[,PHONE]", "who answers for incidents", 0},
    {"from", "WHEN", "valid from, also its keys (default: this day)", 0},
    {"switch", "WHEN", "when keys that are to follow are in use (default: in a week)", 0},
    {"fresh", NULL, "from the configuration, also when there is an annex to go on from", 0},
    {0}};
static const struct cmd_option amend_options[] = {OUTPUT_OPTION, {0}};
static const struct cmd_option denounce_options[] = {
    {"key", "FILE", "the party's key", 0},
    {"reason", "TEXT", "what others read as the reason", 0},
    OUTPUT_OPTION,
    PASSPHRASE_OPTION,
    {0}};
static const struct cmd_option list_options[] = {CMD_FORMAT_OPTION, {0}};

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
    {"pact", "show", "FILE|NAME",
     "a pact or annex in few lines; by its name all that this node adopted of a pact",
     show_options, run_pact_show},
    {"pact", "diff", "OLD NEW", "what is different between two of them; 1 when anything is",
     NULL, run_pact_diff},
    {"pact", "check", "FILE…",
     "read pacts and annexes as strictly as a node does, and together; 3 when one is wrong",
     check_options, run_check},
    {"pact", "amend", "FILE|NAME", "the next version of a pact, to be edited and signed",
     amend_options, run_pact_amend},
    {"pact", "denounce", "FILE|NAME", "say by a party's key that it will be bound no longer",
     denounce_options, run_pact_denounce},
    {"pact", "annex new", "", "an annex of this node's party, with its keys; asks nothing",
     annex_options, run_annex_new},
    {"pact", "annex sign", "FILE", "put the party's signature under its annex", sign_options,
     run_pact_sign},
    {"pact", "annex seen", "FILE…", "take annexes of counterparts, and acknowledge them", NULL,
     run_annex_seen},
    {"pact", "adopt", "FILE…",
     "take signed pacts, annexes and denunciations into the node: all of them or none", NULL,
     run_pact_adopt},
    {"pact", "list", "", "pacts that this node adopted, a line for each party", list_options,
     run_pact_list},
    {0},
};
