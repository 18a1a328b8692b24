/* detente incident VERB: what a party says in an incident. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd_incident.h"
#include "cli/output.h"
#include "role/speaker.h"
#include "wire/hex.h"
#include "wire/jcs.h"

/* How an option or argument stands in the body. */
enum form { FORM_TEXT, FORM_NUMBER, FORM_TIME, FORM_WORDS };

struct spelled {
    const char *from;  /* option, or NULL: the argument behind the incident */
    const char *field; /* of the body */
    enum form form;
    bool needed;
};

enum { WORDS = 8 };

struct verb {
    const char *name;
    enum message_type type;
    struct spelled word[WORDS];
};

static const struct verb verbs[] = {
    {"notice", MESSAGE_NOTICE, {{0}}},
    {"ack", MESSAGE_ACK, {{"reference", "reference", FORM_TEXT, false}}},
    {"inquire",
     MESSAGE_INQUIRY,
     {{NULL, "missing", FORM_WORDS, true}, {"text", "text", FORM_TEXT, false}}},
    {"evidence",
     MESSAGE_EVIDENCE,
     {{"text", "text", FORM_TEXT, false},
      {"events", "evidence", FORM_WORDS, false},
      {"show", "show", FORM_TEXT, false}}},
    {"answer",
     MESSAGE_ANSWER,
     {{NULL, "finding", FORM_TEXT, true},
      {"reason", "reason", FORM_TEXT, false},
      {"from", "from", FORM_TIME, false},
      {"until", "until", FORM_TIME, false},
      {"flows", "flows", FORM_NUMBER, false},
      {"sampling", "sampling", FORM_NUMBER, false},
      {"retention-from", "retention_from", FORM_TIME, false}}},
    {"act",
     MESSAGE_ACTION,
     {{NULL, "action", FORM_TEXT, true},
      {"reason", "reason", FORM_TEXT, false},
      {"done-at", "done_at", FORM_TIME, false},
      {"reference", "reference", FORM_TEXT, false}}},
    {"activity",
     MESSAGE_ACTIVITY,
     {{"first", "first", FORM_TIME, true},
      {"last", "last", FORM_TIME, true},
      {"events", "events", FORM_NUMBER, true},
      {"count", "count", FORM_NUMBER, true}}},
    {"update",
     MESSAGE_UPDATE,
     {{"text", "text", FORM_TEXT, false},
      {"first", "first", FORM_TIME, false},
      {"last", "last", FORM_TIME, false},
      {"events", "events", FORM_NUMBER, false},
      {"count", "count", FORM_NUMBER, false},
      {"targets", "targets", FORM_NUMBER, false}}},
    {"extend", MESSAGE_EXTENSION_REQUEST, {{"reason", "reason", FORM_TEXT, true}}},
    {"grant", MESSAGE_EXTENSION_GRANT, {{0}}},
    {"dispute", MESSAGE_DISPUTE, {{"reason", "reason", FORM_TEXT, true}}},
    {"escalate", MESSAGE_ESCALATE, {{0}}},
    {"close",
     MESSAGE_CLOSE,
     {{NULL, "result", FORM_TEXT, true},
      {"coverage", "coverage_ppm", FORM_NUMBER, false},
      {"quiet-from", "quiet_from", FORM_TIME, false},
      {"quiet-until", "quiet_until", FORM_TIME, false}}},
    {"withdraw",
     MESSAGE_WITHDRAW,
     {{"cause", "cause", FORM_TEXT, false}, {"reason", "reason", FORM_TEXT, true}}},
    {"reopen", MESSAGE_REOPEN, {{"reason", "reason", FORM_TEXT, true}}},
};

static void
put_words(struct buf *b, const char *list)
{
    buf_char(b, '[');
    for (const char *at = list; *at != '\0';) {
        size_t n = strcspn(at, ",");

        buf_json(b, (struct slice){at, n});
        at += n;
        if (*at == ',') {
            buf_char(b, ',');
            at++;
        }
    }
    buf_char(b, ']');
}

/* One field; 0 or ERR_USAGE, reported. */
static int
put_word(const struct cli *cli, const struct spelled *w, struct buf *b)
{
    const char *value = w->from != NULL ? cli_option(cli, w->from)
                        : cli->argc > 1 ? cli->argv[1]
                                        : NULL;
    struct utime at;
    uint64_t n = 0;
    char text[TIME_TEXT];
    int r = 0;

    if (value == NULL && !w->needed)
        return 0;
    if (value == NULL)
        return w->from == NULL
               ? cli_fail(ERR_USAGE, "say which %s, behind the incident", w->field),
               ERR_USAGE : (cli_fail(ERR_USAGE, "--%s is needed here", w->from), ERR_USAGE);
    buf_printf(b, "%s\"%s\":", b->len > 1 ? "," : "", w->field);
    switch (w->form) {
    case FORM_TEXT: buf_json(b, slice_of(value)); break;
    case FORM_WORDS: put_words(b, value); break;
    case FORM_NUMBER:
        r = cli_number(cli, w->from, 0, &n);
        buf_u64(b, n);
        break;
    case FORM_TIME:
        r = cli_time(cli, w->from, (struct utime){0}, &at);
        if (r == 0) {
            time_format(at, text);
            buf_printf(b, "\"%.*s\"", TIME_TEXT, text);
        }
        break;
    }
    return r;
}

static const struct verb *
verb_of(const struct cli *cli)
{
    size_t i = 0;

    while (strcmp(verbs[i].name, cli->cmd->verb) != 0) {
        i++;
        BUG_ON(i == sizeof verbs / sizeof verbs[0]);
    }
    return &verbs[i];
}

static int
put_text(const struct cli *cli, const char *option, char *to, size_t room)
{
    const char *value = cli_option(cli, option);

    if (value != NULL && strlen(value) >= room)
        return cli_fail(ERR_USAGE, "--%s: no name is so long", option), ERR_USAGE;
    (void)snprintf(to, room, "%s", value == NULL ? "" : value);
    return 0;
}

static int
fill_verb(const struct cli *cli, struct speech_ask *a)
{
    const struct verb *v = verb_of(cli);
    AUTO_BUF(fields, SPEECH_FIELDS);
    bool arg = v->word[0].field != NULL && v->word[0].from == NULL;
    int r = put_text(cli, "pact", a->pact, sizeof a->pact);

    if (cli->argc < 1 || cli->argc > 1 + arg)
        return cli_fail(ERR_USAGE, "incident %s takes an incident, such as aland-7%s", v->name,
                        arg ? ", and one word behind it" : ""),
               ERR_USAGE;
    if (strlen(cli->argv[0]) >= sizeof a->incident)
        return cli_fail(ERR_USAGE, "no incident has a name so long"), ERR_USAGE;
    (void)snprintf(a->incident, sizeof a->incident, "%s", cli->argv[0]);
    if (r == 0)
        r = put_text(cli, "tlp", a->tlp, sizeof a->tlp);
    a->type = (uint32_t)v->type;
    a->dry = cli_option(cli, "dry-run") != NULL;
    buf_char(&fields, '{');
    for (size_t i = 0; r == 0 && i < WORDS && v->word[i].field != NULL; i++)
        r = put_word(cli, &v->word[i], &fields);
    buf_char(&fields, '}');
    if (r < 0)
        return r;
    if (buf_error(&fields) < 0)
        return cli_fail(ERR_LIMIT, "more text than a message holds"), ERR_LIMIT;
    a->size = (uint32_t)fields.len;
    memcpy(a->fields, fields.ptr, fields.len);
    return 0;
}

int
incident_report(const struct cli *cli, const struct speech_ask *a,
                const struct speech_answer *answer)
{
    char hex[2 * SHA256_SIZE + 1] = "";
    AUTO_BUF(out, ENVELOPE_MAX + 256);

    hex_encode(answer->id.byte, SHA256_SIZE, hex);
    if (a->dry != 0) {
        AUTO_BUF(then, SPEECH_THEN);
        struct slice state;

        if (jcs_canonical((struct slice){answer->then, answer->then_size}, &then, NULL) ==
                JCS_OK &&
            jcs_find(buf_get(&then), "state", &state) && jcs_plain(state, &state) == 0)
            cli_say("Nothing is said. %s would be %.*s then.", a->incident, (int)state.len,
                    state.ptr);
        buf_add(&out, answer->bytes, answer->size);
        return cli_print(&out);
    }
    if (cli_option(cli, "json") != NULL) {
        buf_printf(&out, "{\"incident\":\"%s\",\"id\":\"%s\"}", a->incident, hex);
        return cli_print(&out);
    }
    buf_text(&out, hex);
    cli_say("Said in %s: it is in the log, and the other party fetches it.", a->incident);
    return cli_print(&out);
}

static int
ask_node(const char *dir, const struct speech_ask *a, struct speech_answer *ret)
{
    struct speaker *s = NULL;
    struct errinfo ei = {0};
    int r = speaker_open(dir, &s, &ei);

    if (r == 0)
        r = speaker_say(s, a, ret, &ei);
    if (r < 0)
        r = cli_fail_at(r, &ei);
    else if (ret->status < 0)
        r = cli_fail_at(ret->status, &ret->ei);
    (void)speaker_close(s);
    return r;
}

int
incident_speak(struct cli *cli, incident_fill *fill, incident_tell *tell)
{
    struct speech_ask *a = calloc(1, sizeof *a);
    struct speech_answer *answer = calloc(1, sizeof *answer);
    const char *dir;
    int r = cli_dir(cli, &dir);

    if (a == NULL || answer == NULL) {
        free(a);
        free(answer);
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    if (r == 0)
        r = fill(cli, a);
    r = r < 0 ? err_exit(r) : ask_node(dir, a, answer);
    if (r == 0)
        r = tell(cli, a, answer);
    free(a);
    free(answer);
    return r;
}

int
incident_say(struct cli *cli)
{
    return incident_speak(cli, fill_verb, incident_report);
}
