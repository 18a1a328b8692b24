/* detente incident: what is between two parties. */
#include <stdlib.h>

#include "cli/cmd_pact.h"
#include "pact/incident_json.h"
#include "wire/jcs.h"

/* Our JSON has no null, and the files of others do, where nothing is meant: "" then. */
static void
without_null(struct slice text, struct buf *to)
{
    bool inside = false;

    for (size_t i = 0; i < text.len; i++) {
        if (!inside && slice_is(slice_sub(text, i, 4), "null")) {
            buf_text(to, "\"\"");
            i += 3;
            continue;
        }
        if (inside && text.ptr[i] == '\\' && i + 1 < text.len)
            buf_char(to, text.ptr[i++]);
        else if (text.ptr[i] == '"')
            inside = !inside;
        buf_char(to, text.ptr[i]);
    }
}

static int
fold_text(const char *name, struct slice text, const struct incident_terms *terms,
          const struct incident_names *names)
{
    AUTO_BUF(plain, (size_t)INCIDENT_JSON_MAX * 2);
    AUTO_BUF(canonical, (size_t)INCIDENT_JSON_MAX * 2);
    AUTO_BUF(out, (size_t)INCIDENT_JSON_MAX * 4);
    struct errinfo ei = {0};
    size_t at = 0;
    enum jcs_fault fault;
    int r;

    without_null(text, &plain);
    fault = jcs_canonical(buf_get(&plain), &canonical, &at);

    if (buf_error(&plain) < 0)
        return cli_fail(buf_error(&plain), "%s: %s", name, err_text(buf_error(&plain)));
    if (fault != JCS_OK && buf_error(&canonical) < 0)
        return cli_fail(buf_error(&canonical), "%s: %s", name, err_text(buf_error(&canonical)));
    if (fault != JCS_OK)
        return cli_fail(ERR_CONF, "%s: byte %zu is no JSON of ours: %s", name, at,
                        jcs_fault_name(fault));
    r = incident_json(terms, names, buf_get(&canonical), &out, &ei);
    if (r < 0)
        return cli_fail(r == ERR_INVALID ? ERR_CONF : r, "%s: %s", name,
                        ei.text[0] == '\0' ? err_text(r) : ei.text);
    return cli_print(&out);
}

static int
fold_under(const char *pact, const char *name, struct slice text)
{
    struct document *d = calloc(1, sizeof *d);
    struct pact_terms *t = calloc(1, sizeof *t);
    int r = d == NULL || t == NULL ? cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM))
                                   : pact_open(pact, d);

    if (r == 0) {
        const struct incident_names names = {t->name};

        pact_terms(d->pact, t);
        r = fold_text(name, text, &t->terms, &names);
    }
    if (d != NULL)
        pact_close(d);
    free(d);
    free(t);
    return r;
}

static int
run_fold(struct cli *cli)
{
    struct errinfo ei = {0};
    char *text = NULL;
    size_t len = 0;
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "incident fold takes one file, or - for standard input");
    r = cli_read_file(cli->argv[0], INCIDENT_JSON_MAX, &text, &len, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    if (cli_option(cli, "pact") != NULL)
        r = fold_under(cli_option(cli, "pact"), cli->argv[0], (struct slice){text, len});
    else
        r = fold_text(cli->argv[0], (struct slice){text, len}, &incident_example,
                      &incident_example_names);
    free(text);
    return r;
}

static const struct cmd_option fold_options[] = {
    {"pact", "FILE", "whose figures hold (default: those of the example)", 0}, {0}};

const struct cmd cmd_incident[] = {
    {"incident", "fold", "FILE|-", "the state that the messages of an incident lead to",
     fold_options, run_fold},
    {0},
};
