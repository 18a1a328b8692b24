/* detente incident: what is between two parties. */
#include <stdlib.h>

#include "cli/cmd_incident.h"
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
    int r;

    if (d == NULL || t == NULL) {
        free(d);
        free(t);
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    r = pact_open(pact, d);
    if (r == 0) {
        const struct incident_names names = {t->name};

        pact_terms(d->pact, t);
        r = fold_text(name, text, &t->terms, &names);
    }
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

static const struct cmd_option list_options[] = {
    {"all", NULL, "closed ones too", 0},
    {"limit", "N", "at most so many (default 100; 0: all)", 0},
    CMD_FORMAT_OPTION,
    {0}};

static const struct cmd_option stix_options[] = {
    {"all", NULL, "all incidents, closed ones too", 0},
    {"tlp", "TLP", "how they are marked; TLP:AMBER without it", 0},
    {0}};

static const struct cmd_option show_options[] = {
    {"pact", "NAME", "of that pact, when more than one has it", 0},
    {"proofs", "DIR", "write the proofs of its evidence there, a file for each", 0},
    CMD_JSON_OPTION,
    {0}};

#define SAY_OPTIONS                                                      \
    {"pact", "NAME", "of that pact, when more than one has it", 0},      \
        {"tlp", "TLP", "who may see it (default: as the pact says)", 0}, \
        {"dry-run", NULL, "print the message, and say nothing", 0}, CMD_JSON_OPTION
#define REASON_OPTION                                   \
    {                                                   \
        "reason", "TEXT", "why, for the other party", 0 \
    }

static const struct cmd_option say_options[] = {SAY_OPTIONS, {0}};
static const struct cmd_option text_options[] = {
    {"text", "TEXT", "in words, for the other party", 0}, SAY_OPTIONS, {0}};
static const struct cmd_option evidence_options[] = {
    {"text", "TEXT", "in words, for the other party", 0},
    {"events", "ID,…", "of these events (default: those that the notice names)", 0},
    {"show", "WHAT", "raw, target, private, public, masked (default: what the pact lets see)",
     0},
    SAY_OPTIONS,
    {0}};
static const struct cmd_option ack_options[] = {
    {"reference", "TEXT", "own number of the case", 0}, SAY_OPTIONS, {0}};
static const struct cmd_option reason_options[] = {REASON_OPTION, SAY_OPTIONS, {0}};
static const struct cmd_option answer_options[] = {
    REASON_OPTION,
    {"from", "TIME", "what was searched, from (default: the notice's first)", 0},
    {"until", "TIME", "… and until (default: the notice's last)", 0},
    {"flows", "N", "flows found that match", 0},
    {"sampling", "N", "of 1:N; 1: all; 0: none are kept", 0},
    {"retention-from", "TIME", "the oldest record that is held", 0},
    SAY_OPTIONS,
    {0}};
static const struct cmd_option act_options[] = {
    REASON_OPTION,
    {"done-at", "TIME", "when it was done (default: now)", 0},
    {"reference", "TEXT", "own number of the case", 0},
    SAY_OPTIONS,
    {0}};
static const struct cmd_option activity_options[] = {
    {"first", "TIME", "of what was seen again", 0},
    {"last", "TIME", "of it, the last", 0},
    {"events", "N", "records of it", 0},
    {"count", "N", "acts of it", 0},
    SAY_OPTIONS,
    {0}};
static const struct cmd_option update_options[] = {
    {"text", "TEXT", "in words, for the other party", 0},
    {"first", "TIME", "of what was seen until now (default, as of the others: the notice's)",
     0},
    {"last", "TIME", "of it, the last", 0},
    {"events", "N", "records of it, all together", 0},
    {"count", "N", "acts of it, all together", 0},
    {"targets", "N", "targets of it", 0},
    SAY_OPTIONS,
    {0}};
static const struct cmd_option consult_options[] = {
    {"result", "WORD", "make a draft: settled or unsettled", 0},
    {"text", "TEXT", "what was agreed upon, or why nothing was", 0},
    {"held-at", "TIME", "when it was consulted (default: now)", 0},
    {"output", "FILE", "where the draft goes (default: standard output)", 'o'},
    SAY_OPTIONS,
    {0}};
static const struct cmd_option close_options[] = {
    {"coverage", "PPM", "of the quiet time, in millionths", 0},
    {"quiet-from", "TIME", "it was quiet from (default: the action)", 0},
    {"quiet-until", "TIME", "… until (default: now)", 0},
    SAY_OPTIONS,
    {0}};
static const struct cmd_option withdraw_options[] = {
    {"cause", "WORD", "false-positive, error, duplicate or other (default)", 0},
    REASON_OPTION,
    SAY_OPTIONS,
    {0}};

const struct cmd cmd_incident[] = {
    {"incident", "list", "", "incidents between the parties, and what is due", list_options,
     incident_list},
    {"incident", "show", "INCIDENT", "one of them, with all that was said", show_options,
     incident_show},
    {"incident", "stix", "INCIDENT… | --all",
     "as a bundle of STIX 2.1: what was seen, what was said, how it stands", stix_options,
     incident_stix_print},
    {"incident", "notice", "INCIDENT", "send the notice of what was detected here", say_options,
     incident_say},
    {"incident", "ack", "INCIDENT", "acknowledge a notice", ack_options, incident_say},
    {"incident", "inquire", "INCIDENT WHAT,…",
     "ask for what is missing: raw, proof, time, tuple, target, flows, count, other",
     text_options, incident_say},
    {"incident", "evidence", "INCIDENT", "give what was asked for: events with their proofs",
     evidence_options, incident_say},
    {"incident", "answer", "INCIDENT FINDING",
     "what was found: corroborated, not-seen, spoofed, false-positive, benign-authorised, "
     "not-our-space, transit",
     answer_options, incident_say},
    {"incident", "act", "INCIDENT ACTION",
     "what was done: remediated, blocked, quarantined, customer-notified, taken-down, none",
     act_options, incident_say},
    {"incident", "activity", "INCIDENT", "it was seen again after that", activity_options,
     incident_say},
    {"incident", "update", "INCIDENT", "say what was seen since the notice", update_options,
     incident_say},
    {"incident", "extend", "INCIDENT", "ask for more time", reason_options, incident_say},
    {"incident", "grant", "INCIDENT", "give the time that was asked for", say_options,
     incident_say},
    {"incident", "dispute", "INCIDENT", "contest an answer or action", reason_options,
     incident_say},
    {"incident", "escalate", "INCIDENT", "hand it to those who consult", say_options,
     incident_say},
    {"incident", "consult", "INCIDENT|FILE",
     "sign what a consultation ended with: a draft, or the other party's, which is then said",
     consult_options, incident_consult},
    {"incident", "close", "INCIDENT RESULT",
     "end it: confirmed-quiet, closed-unverified, accepted-explanation, not-contested, "
     "no-evidence",
     close_options, incident_say},
    {"incident", "withdraw", "INCIDENT", "take a notice back", withdraw_options, incident_say},
    {"incident", "reopen", "INCIDENT", "open a closed one again", reason_options, incident_say},
    {"incident", "fold", "FILE|-", "the state that the messages of an incident lead to",
     fold_options, run_fold},
    {0},
};
