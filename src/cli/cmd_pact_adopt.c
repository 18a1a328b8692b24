/* detente pact adopt, annex seen, amend: documents into a node, and the next ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd_pact.h"
#include "role/treaty_order.h"
#include "wire/hex.h"

static void
say_done(const struct treaty_done *d)
{
    const struct {
        uint32_t n;
        const char *one;
        const char *more;
    } rows[] = {{d->pacts, "pact", "pacts"},
                {d->annexes, "annex of this party", "annexes of this party"},
                {d->others, "annex of a counterpart", "annexes of counterparts"},
                {d->denunciations, "denunciation", "denunciations"},
                {d->seen, "annex acknowledged", "annexes acknowledged"}};
    bool any = false;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].n == 0)
            continue;
        (void)fprintf(stderr, "%s%u %s", any ? ", " : "new: ", rows[i].n,
                      rows[i].n == 1 ? rows[i].one : rows[i].more);
        any = true;
    }
    (void)fputs(any ? "\n" : "nothing new\n", stderr);
}

/* The files, read; their names as errors give them. */
static int
read_all(struct cli *cli, struct treaty_document *d, char **bytes)
{
    struct errinfo ei = {0};
    size_t all = 0;

    for (int i = 0; i < cli->argc; i++) {
        size_t len = 0;
        int r = cli_read_file(cli->argv[i], NOTE_PACT_MAX, &bytes[i], &len, &ei);

        if (r < 0)
            return cli_fail_at(r, &ei);
        all += len;
        d[i].bytes = (struct slice){bytes[i], len};
        (void)snprintf(d[i].name, sizeof d[i].name, "%s", cli->argv[i]);
    }
    return all > TREATY_BYTES
               ? cli_fail(ERR_LIMIT, "these files have more than %d MiB", TREATY_BYTES >> 20)
               : 0;
}

static int
adopt(struct cli *cli, bool seen)
{
    struct treaty_document *d = calloc(TREATY_DOCUMENTS, sizeof *d);
    char *bytes[TREATY_DOCUMENTS] = {0};
    struct treaty_ask ask = {.document = d, .count = (unsigned)cli->argc, .seen = seen};
    struct treaty_told told;
    struct errinfo ei = {0};
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (r < 0 || d == NULL) {
        free(d);
        return err_exit(r < 0 ? r : ERR_NOMEM);
    }
    r = read_all(cli, d, bytes);
    if (r == 0) {
        r = treaty_order(dir, &ask, &told, &ei);
        if (r == 0 && told.status < 0)
            r = cli_fail_at(told.status, &told.ei);
        else if (r < 0)
            r = cli_fail_at(r, &ei);
        else
            say_done(&told.done);
    }
    for (int i = 0; i < cli->argc; i++)
        free(bytes[i]);
    free(d);
    return r;
}

static int
take(struct cli *cli, bool seen)
{
    if (cli->argc < 1 || cli->argc > TREATY_DOCUMENTS)
        return cli_fail(ERR_USAGE, "pact %s takes 1 to %d files", cli->cmd->verb,
                        TREATY_DOCUMENTS);
    return adopt(cli, seen);
}

int
run_pact_adopt(struct cli *cli)
{
    return take(cli, false);
}

int
run_annex_seen(struct cli *cli)
{
    return take(cli, true);
}

/* ---- the next version ------------------------------------------------------------------- */

/* The end of the value that begins at text: of a quoted one, or before its comment. */
static size_t
value_end(struct slice line, size_t from)
{
    size_t end = from;

    if (from < line.len && line.ptr[from] == '"') {
        const char *q = memchr(line.ptr + from + 1, '"', line.len - from - 1);

        return q == NULL ? line.len : (size_t)(q - line.ptr) + 1;
    }
    while (end < line.len && line.ptr[end] != '#')
        end++;
    while (end > from && line.ptr[end - 1] == ' ')
        end--;
    return end;
}

static const struct edit *
edit_of(struct slice line, const struct edit *edits)
{
    const char *colon = line.len == 0 ? NULL : memchr(line.ptr, ':', line.len);
    struct slice key = {line.ptr, colon == NULL ? 0 : (size_t)(colon - line.ptr)};

    for (; key.len > 0 && edits->key != NULL; edits++) {
        if (slice_is(key, edits->key))
            return edits;
    }
    return NULL;
}

int
document_edit(struct slice text, const struct edit *edits, struct buf *to)
{
    struct slice line;
    unsigned want = 0;

    while (edits[want].key != NULL)
        want++;
    while (slice_line(&text, &line)) {
        const struct edit *e = edit_of(line, edits);
        size_t from = e == NULL ? 0 : strlen(e->key) + 1;
        size_t end;

        if (e == NULL) {
            buf_slice(to, line);
            buf_char(to, '\n');
            continue;
        }
        while (from < line.len && line.ptr[from] == ' ')
            from++;
        end = value_end(line, from);
        buf_printf(to, "%s: %s", e->key, e->value);
        buf_slice(to, slice_sub(line, end, line.len));
        buf_char(to, '\n');
        want--;
    }
    return want == 0 ? buf_error(to) : ERR_CONF;
}

static int
amend(struct cli *cli, const struct document *d)
{
    const char *out = cli_option(cli, "output");
    char version[24];
    char supersedes[2 * SHA256_SIZE + 3];
    const struct edit edits[] = {
        {"version", version}, {"supersedes", supersedes}, {NULL, NULL}};
    AUTO_BUF(text, NOTE_PACT_MAX);
    struct errinfo ei = {0};
    struct pact *made = NULL;
    int r;

    (void)snprintf(version, sizeof version, "%lld", (long long)d->pact->version + 1);
    supersedes[0] = supersedes[sizeof supersedes - 2] = '"';
    supersedes[sizeof supersedes - 1] = '\0';
    hex_encode(d->pact->sha256.byte, SHA256_SIZE, supersedes + 1);
    r = document_edit(d->text, edits, &text);
    if (r == 0)
        r = pact_read(buf_get(&text), &made, NULL, NULL, &ei);
    if (r == 0)
        r = pact_follows(made, d->pact, &ei);
    (void)pact_free(made);
    if (r < 0)
        return cli_fail(r,
                        "%s: `version` and `supersedes` cannot be set: write them by hand%s%s",
                        d->name, ei.text[0] == '\0' ? "" : ": ", ei.text);
    r = cli_write_file(out == NULL ? "-" : out, buf_get(&text), 0644, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

int
run_pact_amend(struct cli *cli)
{
    struct document *d;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "pact amend takes one pact");
    d = calloc(1, sizeof *d);
    if (d == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = pact_find(cli, cli->argv[0], d);
    if (r == 0)
        r = amend(cli, d);
    pact_close(d);
    free(d);
    return r;
}
