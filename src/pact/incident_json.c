#include "pact/incident_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire/jcs.h"

static const char *const example[] = {"critical", "high", "normal"};
const struct incident_names incident_example_names = {example};

struct reader {
    const struct incident_terms *terms;
    const struct incident_names *names;
    struct incident_message *m;
    struct incident_span *span;
    struct incident_rejection *rejected;
    unsigned n;
    unsigned spans;
    struct utime now;
    unsigned at; /* message that is read, from 1 */
    struct errinfo *ei;
};

static int PRINTF(2, 3) refuse(struct reader *r, const char *fmt, ...)
{
    char text[160];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return r->at == 0 ? err_set(r->ei, ERR_INVALID, "%s", text)
                      : err_set(r->ei, ERR_INVALID, "message %u: %s", r->at, text);
}

/* 0 absent, 1 there. */
static int
take_int(struct reader *r, struct slice object, const char *key, int64_t most, int64_t *ret)
{
    struct slice value;

    if (!jcs_find(object, key, &value))
        return 0;
    if (jcs_int(value, ret) < 0 || *ret < 0 || *ret > most)
        return refuse(r, "`%s` is a whole number from 0 to %lld", key, (long long)most);
    return 1;
}

static int
take_seconds(struct reader *r, struct slice object, const char *key, struct utime *ret)
{
    int64_t n = 0;
    int have = take_int(r, object, key, TIME_MAX.us / TIME_US_PER_S, &n);

    if (have == 1)
        ret->us = n * TIME_US_PER_S;
    return have;
}

static int
take_word(struct reader *r, struct slice object, const char *key, struct slice *ret)
{
    struct slice value;

    if (!jcs_find(object, key, &value))
        return 0;
    if (jcs_plain(value, ret) < 0)
        return refuse(r, "`%s` is a word", key);
    return ret->len > 0; /* "" says nothing */
}

static int
take_severity(struct reader *r, struct slice object, struct incident_message *m)
{
    struct slice word;
    int have = take_word(r, object, "severity", &word);

    if (have < 0 || (have == 0 && m->type != INCIDENT_NOTICE))
        return have;
    if (have == 0)
        return refuse(r, "a notice has a severity");
    while (m->severity < r->terms->severities &&
           !slice_is(word, r->names->severity[m->severity]))
        m->severity++;
    return m->severity < r->terms->severities
               ? 0
               : refuse(r, "`%.*s` is no severity of the pact", (int)word.len, word.ptr);
}

static int
unknown(struct reader *r, const char *what, struct slice word)
{
    return refuse(r, "`%.*s` is no %s", word.len > 40 ? 40 : (int)word.len, word.ptr, what);
}

static int
take_words(struct reader *r, struct slice o, struct incident_message *m)
{
    struct slice word;
    int have = take_word(r, o, "finding", &word);

    if (have == 1 && (m->finding = incident_finding_find(word)) == FINDINGS)
        return unknown(r, "finding", word);
    if (have == 0 && m->type == INCIDENT_ANSWER)
        return refuse(r, "an answer has a finding");
    if (have >= 0)
        have = take_word(r, o, "action", &word);
    if (have == 1 && (m->action = incident_action_find(word)) == ACTIONS)
        return unknown(r, "action", word);
    if (have >= 0)
        have = take_word(r, o, "result", &word);
    if (have == 1 && (m->result = incident_result_find(word)) == RESULTS)
        return unknown(r, "result", word);
    return have < 0 ? have : 0;
}

static int
take_figures(struct reader *r, struct slice o, struct incident_message *m)
{
    int64_t n = 0;
    int have = take_int(r, o, "seq", JCS_INT_MAX, &n);
    struct slice reason;

    m->seq = (uint64_t)n;
    if (have >= 0)
        have = take_seconds(r, o, "counts", &m->counts);
    if (have >= 0)
        have = take_seconds(r, o, "quiet_from", &m->quiet_from);
    if (have >= 0)
        have = take_seconds(r, o, "quiet_until", &m->quiet_until);
    if (have >= 0)
        have = take_int(r, o, "coverage", 100, &n);
    if (have == 1)
        m->coverage_ppm = n * 10000;
    if (have >= 0)
        have = take_int(r, o, "coverage_ppm", 1000000, &n);
    if (have == 1)
        m->coverage_ppm = n;
    m->has_reason = jcs_find(o, "reason", &reason) && jcs_kind(reason) == JCS_STRING &&
                    jcs_string_len(reason) > 0;
    return have < 0 ? have : 0;
}

static int
take_message(struct reader *r, struct slice o, struct incident_message *m)
{
    struct slice word = {"", 0};
    int have;

    *m = (struct incident_message){0};
    if (jcs_kind(o) != JCS_OBJECT)
        return refuse(r, "is no object");
    have = take_word(r, o, "from", &word);
    if (have != 1 || (!slice_is(word, "T") && !slice_is(word, "O")))
        return refuse(r, "`from` is T (who notifies) or O (the origin's side)");
    m->from = slice_is(word, "T") ? SIDE_T : SIDE_O;
    word = (struct slice){"", 0};
    have = take_word(r, o, "type", &word);
    m->type = incident_type_find(word);
    if (have != 1 || m->type == INCIDENT_TYPES)
        return unknown(r, "type of message", word);
    have = take_seconds(r, o, "at", &m->at);
    if (have != 1)
        return have < 0 ? have : refuse(r, "has no time: `at`, in seconds");
    m->counts = m->at;
    have = take_severity(r, o, m);
    if (have == 0)
        have = take_words(r, o, m);
    return have == 0 ? take_figures(r, o, m) : have;
}

static int
take_span(struct reader *r, struct slice value, struct incident_span *ret)
{
    struct jcs_iter it = jcs_iter(value);
    struct slice end[2];
    int64_t n[2];

    if (jcs_count(value) != 2 || !jcs_item(&it, &end[0]) || !jcs_item(&it, &end[1]) ||
        jcs_int(end[0], &n[0]) < 0 || jcs_int(end[1], &n[1]) < 0 || n[0] < 0 || n[1] < n[0] ||
        n[1] > TIME_MAX.us / TIME_US_PER_S)
        return refuse(r, "a suspended span is [from, until], in seconds");
    *ret = (struct incident_span){{n[0] * TIME_US_PER_S}, {n[1] * TIME_US_PER_S}};
    if (r->spans > 0 && ret->from.us < r->span[r->spans - 1].until.us)
        return refuse(r, "suspended spans rise and do not overlap");
    r->spans++;
    return 0;
}

static int
take_case(struct reader *r, struct slice o)
{
    struct slice list;
    struct slice spans;
    struct slice item;
    int have = 0;

    if (jcs_kind(o) != JCS_OBJECT || !jcs_find(o, "msgs", &list) ||
        jcs_kind(list) != JCS_ARRAY || jcs_count(list) > INCIDENT_MESSAGES)
        return refuse(r, "a case is an object with a list `msgs`");
    if (!jcs_find(o, "suspended", &spans))
        spans = SLICE("[]");
    if (jcs_kind(spans) != JCS_ARRAY || jcs_count(spans) > INCIDENT_SPANS)
        return refuse(r, "`suspended` is a list of spans");
    r->m = calloc(jcs_count(list) + 1, sizeof *r->m);
    r->span = calloc(jcs_count(spans) + 1, sizeof *r->span);
    r->rejected = calloc(jcs_count(list) + 1, sizeof *r->rejected);
    if (r->m == NULL || r->span == NULL || r->rejected == NULL)
        return ERR_NOMEM;
    have = take_seconds(r, o, "now", &r->now);
    if (have == 0)
        return refuse(r, "a case has a time: `now`, in seconds");
    for (struct jcs_iter it = jcs_iter(spans); have >= 0 && jcs_item(&it, &item);)
        have = take_span(r, item, &r->span[r->spans]);
    for (struct jcs_iter it = jcs_iter(list); have >= 0 && jcs_item(&it, &item);) {
        r->at++;
        have = take_message(r, item, &r->m[r->n++]);
    }
    return have < 0 ? have : 0;
}

/* ---- out -------------------------------------------------------------------------------- */

static void
put_mask(struct buf *to, const char *name, unsigned mask, unsigned from, unsigned until)
{
    bool more = false;

    buf_printf(to, ",\"%s\":[", name);
    for (unsigned d = from; d < until; d++) {
        if ((mask & 1U << d) == 0)
            continue;
        buf_printf(to, "%s\"%s\"", more ? "," : "", incident_due_name((enum incident_due)d));
        more = true;
    }
    buf_char(to, ']');
}

static void
put_word(struct buf *to, const char *name, const char *word)
{
    if (word[0] == '\0')
        buf_printf(to, ",\"%s\":null", name);
    else
        buf_printf(to, ",\"%s\":\"%s\"", name, word);
}

static void
put_due(struct buf *to, const struct incident *in)
{
    bool more = false;

    buf_text(to, ",\"due\":{");
    for (unsigned d = 0; d < DUES; d++) {
        if (in->due[d].us == 0)
            continue;
        buf_printf(to, "%s\"%s\":%lld", more ? "," : "",
                   incident_due_name((enum incident_due)d),
                   (long long)(in->due[d].us / TIME_US_PER_S));
        more = true;
    }
    buf_char(to, '}');
}

static void
put_state(const struct reader *r, const struct incident *in, struct buf *to)
{
    buf_printf(to, "{\"state\":\"%s\"", incident_state_name(in->state));
    put_mask(to, "late", in->late, DUE_RECEIPT, DUE_EVIDENCE);
    put_mask(to, "overdue", in->overdue, DUE_RECEIPT, DUE_EVIDENCE);
    put_mask(to, "late_notifier", in->late, DUE_EVIDENCE, DUES);
    put_mask(to, "overdue_notifier", in->overdue, DUE_EVIDENCE, DUES);
    put_word(to, "result", incident_result_name(in->result));
    put_word(to, "finding", incident_finding_name(in->finding));
    put_word(to, "action", incident_action_name(in->action));
    put_word(to, "severity",
             in->state == INCIDENT_NONE ? "" : r->names->severity[in->severity]);
    buf_printf(to, ",\"recur\":%u,\"reopened\":%u,\"extensions\":%u,\"undelivered\":%s",
               in->recur, in->reopened, in->extensions, in->undelivered ? "true" : "false");
    put_due(to, in);
    buf_text(to, ",\"rejected\":[");
    for (unsigned i = 0; i < in->rejections; i++) {
        const struct incident_message *m = &r->m[r->rejected[i].message];

        buf_printf(to, "%s[%lld,\"%s\",\"%s\"]", i > 0 ? "," : "",
                   (long long)(m->at.us / TIME_US_PER_S), incident_type_name(m->type),
                   incident_reject_name(&r->rejected[i]));
    }
    buf_text(to, "]}");
}

static int
fold_case(const struct incident_terms *terms, const struct incident_names *names,
          struct slice o, struct buf *ret, struct errinfo *ei)
{
    struct reader r = {.terms = terms, .names = names, .ei = ei};
    struct incident in;
    int err = take_case(&r, o);

    if (err == 0)
        err = incident_fold(terms, r.m, r.n, r.span, r.spans, r.now, &in, r.rejected, r.n);
    if (err == 0)
        put_state(&r, &in, ret);
    free(r.m);
    free(r.span);
    free(r.rejected);
    return err < 0 ? err : buf_error(ret);
}

int
incident_json(const struct incident_terms *terms, const struct incident_names *names,
              struct slice canonical, struct buf *ret, struct errinfo *ei)
{
    unsigned n = 0;
    struct slice item;

    ei->text[0] = '\0';
    if (jcs_kind(canonical) != JCS_ARRAY)
        return fold_case(terms, names, canonical, ret, ei);
    buf_char(ret, '[');
    for (struct jcs_iter it = jcs_iter(canonical); jcs_item(&it, &item); n++) {
        int r;

        if (n > 0)
            buf_text(ret, ",\n");
        r = fold_case(terms, names, item, ret, ei);
        if (r < 0) {
            char text[sizeof ei->text];

            (void)snprintf(text, sizeof text, "case %u: %.200s", n + 1,
                           ei->text[0] == '\0' ? err_text(r) : ei->text);
            return err_set(ei, r, "%s", text);
        }
    }
    buf_char(ret, ']');
    return buf_error(ret);
}
