/* detente incident consult: the record of a consultation, which both parties sign.
 *
 * `consult INCIDENT --result …` gives a draft that this node's party signed; `consult FILE`, at
 * the other party's node, adds its signature and says the whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd_incident.h"
#include "cli/output.h"
#include "role/speaker.h"
#include "wire/jcs.h"

static int
put_field(const struct cli *cli, const char *option, const char *field, struct buf *b)
{
    const char *value = cli_option(cli, option);

    if (value == NULL)
        return cli_fail(ERR_USAGE, "--%s is needed for a draft", option), ERR_USAGE;
    buf_printf(b, "%s\"%s\":", b->len > 1 ? "," : "", field);
    buf_json(b, slice_of(value));
    return 0;
}

static int
fill_draft(const struct cli *cli, struct speech_ask *a, struct buf *fields)
{
    struct utime at = {0};
    char text[TIME_TEXT];
    int r;

    if (strlen(cli->argv[0]) >= sizeof a->incident)
        return cli_fail(ERR_USAGE, "no incident has a name so long"), ERR_USAGE;
    (void)snprintf(a->incident, sizeof a->incident, "%s", cli->argv[0]);
    a->draft = 1;
    buf_char(fields, '{');
    r = put_field(cli, "result", "result", fields);
    if (r == 0)
        r = put_field(cli, "text", "text", fields);
    if (r == 0 && cli_option(cli, "held-at") != NULL) {
        r = cli_time(cli, "held-at", (struct utime){0}, &at);
        time_format(at, text);
        buf_printf(fields, ",\"held_at\":\"%.*s\"", TIME_TEXT, text);
    }
    buf_char(fields, '}');
    return r;
}

/* A name of the record, for whom it is to be said to. */
static bool
take_name(struct slice record, const char *name, char *to, size_t room)
{
    struct slice value;

    if (!jcs_find(record, name, &value) || jcs_plain(value, &value) < 0 || value.len >= room)
        return false;
    (void)snprintf(to, room, "%.*s", (int)value.len, value.ptr);
    return true;
}

static int
fill_signed(const struct cli *cli, struct speech_ask *a, struct buf *fields)
{
    struct errinfo ei = {0};
    struct slice record;
    char *text = NULL;
    size_t len = 0;
    bool good;
    int r = cli_read_file(cli->argv[0], SPEECH_FIELDS, &text, &len, &ei);

    if (r < 0)
        return cli_fail_at(r, &ei), r;
    good = jcs_canonical((struct slice){text, len}, fields, NULL) == JCS_OK &&
           jcs_kind(buf_get(fields)) == JCS_OBJECT &&
           jcs_find(buf_get(fields), "record", &record) && jcs_kind(record) == JCS_OBJECT &&
           take_name(record, "incident", a->incident, sizeof a->incident) &&
           take_name(record, "pact", a->pact, sizeof a->pact);
    free(text);
    if (!good)
        return cli_fail(ERR_CONF,
                        "%s: this is no draft of a consultation's record: without --result a "
                        "file is named",
                        cli->argv[0]),
               ERR_CONF;
    return 0;
}

static int
fill(const struct cli *cli, struct speech_ask *a)
{
    AUTO_BUF(fields, SPEECH_FIELDS);
    const char *pact = cli_option(cli, "pact");
    const char *tlp = cli_option(cli, "tlp");
    int r;

    if (cli->argc != 1)
        return cli_fail(ERR_USAGE, "incident consult takes an incident with --result, or the "
                                   "file of a draft"),
               ERR_USAGE;
    if ((pact != NULL && strlen(pact) >= sizeof a->pact) ||
        (tlp != NULL && strlen(tlp) >= sizeof a->tlp))
        return cli_fail(ERR_USAGE, "--pact, --tlp: no name is so long"), ERR_USAGE;
    (void)snprintf(a->pact, sizeof a->pact, "%s", pact == NULL ? "" : pact);
    (void)snprintf(a->tlp, sizeof a->tlp, "%s", tlp == NULL ? "" : tlp);
    a->type = MESSAGE_CONSULT_RECORD;
    a->dry = cli_option(cli, "dry-run") != NULL;
    r = cli_option(cli, "result") != NULL ? fill_draft(cli, a, &fields)
                                          : fill_signed(cli, a, &fields);
    if (r == 0 && buf_error(&fields) < 0)
        return cli_fail(ERR_LIMIT, "more text than a message holds"), ERR_LIMIT;
    if (r == 0) {
        a->size = (uint32_t)fields.len;
        memcpy(a->fields, fields.ptr, fields.len);
    }
    return r;
}

static int
report_draft(const struct cli *cli, const struct speech_answer *answer)
{
    const char *to = cli_option(cli, "output");
    struct errinfo ei = {0};
    AUTO_BUF(out, ENVELOPE_MAX + 256);
    int r;

    buf_add(&out, answer->bytes, answer->size);
    if (to == NULL || strcmp(to, "-") == 0)
        return cli_print(&out);
    buf_char(&out, '\n');
    r = buf_error(&out);
    if (r == 0)
        r = cli_write_file(to, buf_get(&out), 0644, &ei);
    if (r < 0)
        return cli_fail_at(r, &ei);
    cli_say("Signed for this side: hand %s to the other party, which says it by `detente "
            "incident consult %s`.",
            to, to);
    return 0;
}

static int
report(const struct cli *cli, const struct speech_ask *a, const struct speech_answer *answer)
{
    return a->draft != 0 ? report_draft(cli, answer) : incident_report(cli, a, answer);
}

int
incident_consult(struct cli *cli)
{
    return incident_speak(cli, fill, report);
}
