/* detente pact: the document that parties sign. */
#include <stdlib.h>

#include "cli/cmd_pact.h"

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

int
pact_open(const char *name, struct document *d)
{
    struct errinfo ei = {0};
    size_t len = 0;
    int r = cli_read_file(name, NOTE_PACT_MAX, &d->bytes, &len, &ei);

    d->name = name;
    if (r < 0)
        return cli_fail_at(r, &ei);
    split(d, len);
    r = pact_read(d->text, &d->pact, warn, d, &ei);
    if (r < 0) {
        err_file(&ei, name);
        r = cli_fail_at(r, &ei);
    }
    return r;
}

void
pact_close(struct document *d)
{
    d->pact = pact_free(d->pact);
    free(d->bytes);
}

static int
run_check(struct cli *cli)
{
    int r = 0;

    if (cli->argc < 1)
        return cli_fail(ERR_USAGE, "pact check takes files");
    for (int i = 0; i < cli->argc; i++) {
        struct document *d = calloc(1, sizeof *d);
        int one = d == NULL ? cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM))
                            : pact_open(cli->argv[i], d);

        if (one == 0)
            cli_say("%s: fine", cli->argv[i]);
        r = r == 0 ? one : r;
        if (d != NULL)
            pact_close(d);
        free(d);
    }
    return r;
}

const struct cmd cmd_pact[] = {
    {"pact", "check", "FILE…", "read pacts as strictly as a node does; 3 when one is none",
     NULL, run_check},
    {0},
};
