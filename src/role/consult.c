#include "role/consult.h"

#include "wire/hex.h"
#include "wire/jcs.h"

enum { SIG_HEX = 136, RECORD_MAX = ENVELOPE_MAX };

static struct slice
self_of(const struct case_file *c)
{
    return c->pact->party[c->pact->self].id;
}

static int
check_state(const struct case_file *c, struct errinfo *ei)
{
    if (c->now.incident.state == INCIDENT_ESCALATED)
        return 0;
    return err_set(ei, ERR_CONF,
                   "%s is %s: what was consulted about is recorded when it is ESCALATED",
                   c->name, incident_state_name(c->now.incident.state));
}

static void
buf_string(struct buf *b, const char *name, struct slice text)
{
    buf_printf(b, ",\"%s\":", name);
    buf_json(b, text);
}

/* Everything but what the two agreed upon follows from the incident. */
static int
write_record(const struct case_file *c, struct slice fields, struct utime now, struct buf *ret,
             struct errinfo *ei)
{
    char held[TIME_TEXT];
    struct slice held_at = {held, sizeof held};
    struct slice result;
    struct slice text;
    struct slice value;

    time_format(now, held);
    if (!jcs_find(fields, "result", &value) || jcs_plain(value, &result) < 0 ||
        (!slice_is(result, "settled") && !slice_is(result, "unsettled")))
        return err_set(ei, ERR_INVALID, "result is `settled` or `unsettled`");
    if (!jcs_find(fields, "text", &text) || jcs_kind(text) != JCS_STRING)
        return err_set(ei, ERR_INVALID, "text says what was agreed, or why nothing was");
    if (jcs_find(fields, "held_at", &value) && jcs_plain(value, &held_at) < 0)
        return err_set(ei, ERR_INVALID, "held_at is a time");
    buf_text(ret, "{\"between\":[");
    buf_json(ret, c->pact->party[c->notifier].id);
    buf_char(ret, ',');
    buf_json(ret, c->pact->party[c->responder].id);
    buf_char(ret, ']');
    buf_string(ret, "held_at", held_at);
    buf_string(ret, "incident", slice_of(c->name));
    buf_text(ret, ",\"notice\":\"");
    buf_hex(ret, c->said[c->now.notice].id.byte, sizeof c->said[c->now.notice].id.byte);
    buf_char(ret, '"');
    buf_string(ret, "pact", slice_of(c->pact->pact->name));
    buf_string(ret, "result", result);
    buf_text(ret, ",\"text\":");
    buf_slice(ret, text);
    buf_char(ret, '}');
    return buf_error(ret);
}

int
consult_draft(const struct talk *t, const struct case_file *c, struct slice fields,
              struct utime now, struct buf *ret, struct errinfo *ei)
{
    AUTO_BUF(record, RECORD_MAX);
    AUTO_BUF(sig, SIG_HEX + 1);
    int r = check_state(c, ei);

    if (r == 0)
        r = write_record(c, fields, now, &record, ei);
    if (r == 0)
        r = consult_sign(&sig, buf_get(&record), t->key);
    if (r < 0)
        return r;
    buf_text(ret, "{\"record\":");
    buf_slice(ret, buf_get(&record));
    buf_text(ret, ",\"signatures\":[[");
    buf_json(ret, self_of(c));
    buf_char(ret, ',');
    buf_json(ret, buf_get(&sig));
    buf_text(ret, "]]}");
    return buf_error(ret);
}

static bool
is_text(struct slice object, const char *name, struct slice text)
{
    struct slice value;

    return jcs_find(object, name, &value) && jcs_plain(value, &value) == 0 &&
           slice_eq(value, text);
}

/* The one signature of a draft. */
static bool
read_signature(struct slice fields, struct consult_signature *ret)
{
    struct slice rows;
    struct slice row;
    struct slice cell;
    struct jcs_iter it;

    if (!jcs_find(fields, "signatures", &rows) || jcs_kind(rows) != JCS_ARRAY ||
        jcs_count(rows) != 1)
        return false;
    it = jcs_iter(rows);
    if (!jcs_item(&it, &row) || jcs_kind(row) != JCS_ARRAY || jcs_count(row) != 2)
        return false;
    it = jcs_iter(row);
    return jcs_item(&it, &cell) && jcs_plain(cell, &ret->party) == 0 && jcs_item(&it, &cell) &&
           jcs_plain(cell, &ret->signature) == 0;
}

int
consult_countersign(const struct talk *t, const struct case_file *c, struct slice fields,
                    struct buf *ret, struct errinfo *ei)
{
    struct consult_signature by[2] = {0};
    AUTO_BUF(sig, SIG_HEX + 1);
    struct slice record;
    int r = check_state(c, ei);

    if (r < 0)
        return r;
    if (!jcs_find(fields, "record", &record) || jcs_kind(record) != JCS_OBJECT ||
        !read_signature(fields, &by[0]))
        return err_set(ei, ERR_INVALID, "this is no draft with one signature");
    if (!is_text(record, "incident", slice_of(c->name)) ||
        !is_text(record, "pact", slice_of(c->pact->pact->name)))
        return err_set(ei, ERR_INVALID, "the draft is of another incident than %s", c->name);
    if (slice_eq(by[0].party, self_of(c)))
        return err_set(ei, ERR_INVALID,
                       "this side signed the draft: the other one adds its signature");
    r = consult_sign(&sig, record, t->key);
    if (r < 0)
        return r;
    by[1] = (struct consult_signature){self_of(c), buf_get(&sig)};
    consult_body(ret, record, by);
    return buf_error(ret);
}
