/* Evidence that a person names by event ids, or that the notice named, with proofs. */
#include <stdio.h>
#include <string.h>

#include "role/speech.h"
#include "wire/jcs.h"

static const char *const shows[] = {"raw", "target", "private", "public", "masked"};

_Static_assert(PROOF_MASKED == sizeof shows / sizeof shows[0] - 1, "a name for each");

static int
take_show(struct slice value, int *ret, struct errinfo *ei)
{
    struct slice word;
    int i = 0;

    if (jcs_plain(value, &word) < 0)
        word = (struct slice){"", 0};
    while (i <= PROOF_MASKED && !slice_is(word, shows[i]))
        i++;
    *ret = i;
    return i <= PROOF_MASKED
               ? 0
               : err_set(ei, ERR_INVALID, "show: raw, target, private, public or masked");
}

/* The references of the notice, copied. */
static int
from_notice(struct store *s, const struct case_file *c, struct buf *ret)
{
    struct store_message m;
    struct envelope e;
    struct slice list;

    if (c->now.notice == UINT32_MAX || case_bytes(s, c, c->now.notice, &m) < 0 ||
        envelope_read(m.bytes, &e, NULL) != MESSAGE_FINE ||
        envelope_json(&e, "evidence", &list) < 0)
        return ERR_NOTFOUND;
    buf_slice(ret, list);
    return buf_error(ret);
}

/* An id in text, or a reference that has block and index. */
static bool
is_event(struct slice item, struct event_id *ret)
{
    struct slice value;
    int64_t block;
    int64_t index;

    if (jcs_kind(item) == JCS_STRING)
        return jcs_plain(item, &value) == 0 && event_id_parse(value, ret) == 0;
    if (!jcs_find(item, "block", &value) || jcs_int(value, &block) < 0 ||
        !jcs_find(item, "index", &value) || jcs_int(value, &index) < 0)
        return false;
    *ret = (struct event_id){.block = (uint64_t)block, .index = (uint32_t)index};
    return true;
}

static int
expand(struct exhibits *x, struct slice list, int show, struct errinfo *ei)
{
    struct jcs_iter it = jcs_iter(list);
    struct slice item;

    while (jcs_item(&it, &item)) {
        struct event_id id;
        struct found f;
        char text[EVENT_ID_TEXT];
        int r;

        if (!is_event(item, &id))
            return err_set(ei, ERR_INVALID, "evidence: event ids, as in `12-5`");
        r = exhibits_add(x, id, show, &f, ei);
        if (r == 0)
            continue;
        if (r == ERR_LIMIT)
            return err_set(ei, r, "evidence: at most %d events", EXHIBITS);
        (void)event_id_format(id, text);
        return ei->text[0] != '\0' ? r : err_set(ei, r, "event %s: %s", text, err_text(r));
    }
    return 0;
}

static bool
has_evidence(enum message_type t)
{
    return t == MESSAGE_EVIDENCE || t == MESSAGE_ACTIVITY || t == MESSAGE_UPDATE ||
           t == MESSAGE_REOPEN;
}

/* All members but those two. */
static int
copy_others(struct slice fields, struct buf *ret)
{
    struct jcs_iter it = jcs_iter(fields);
    struct slice name;
    struct slice value;

    buf_char(ret, '{');
    while (jcs_member(&it, &name, &value)) {
        if (slice_is(name, "evidence") || slice_is(name, "show"))
            continue;
        if (ret->ptr[ret->len - 1] != '{')
            buf_char(ret, ',');
        buf_json(ret, name);
        buf_char(ret, ':');
        buf_slice(ret, value);
    }
    return buf_error(ret);
}

int
speech_evidence(struct exhibits *x, const struct case_file *c, enum message_type type,
                struct slice fields, struct buf *ret, struct errinfo *ei)
{
    AUTO_BUF(canonical, SPEECH_FIELDS);
    AUTO_BUF(list, SPEECH_FIELDS);
    struct slice value;
    struct slice own;
    int show = exhibits_show(c->pact->pact);
    bool named;
    int r = 0;

    if (!has_evidence(type) || (int)c->notifier != c->pact->self ||
        jcs_canonical(fields, &canonical, NULL) != JCS_OK ||
        jcs_kind(buf_get(&canonical)) != JCS_OBJECT) {
        buf_slice(ret, fields); /* what is wrong with it is said by who reads it, or the fold */
        return buf_error(ret);
    }
    own = buf_get(&canonical);
    if (jcs_find(own, "show", &value))
        r = take_show(value, &show, ei);
    named = jcs_find(own, "evidence", &value);
    if (named)
        buf_slice(&list, value);
    else if (type == MESSAGE_EVIDENCE && r == 0)
        r = from_notice(x->d.store, c, &list);
    if (r == ERR_NOTFOUND)
        r = 0;
    if (r == 0 && list.len > 0 && jcs_kind(buf_get(&list)) != JCS_ARRAY)
        r = err_set(ei, ERR_INVALID, "evidence: a list of event ids");
    if (r == 0 && list.len > 0)
        r = expand(x, buf_get(&list), show, ei);
    if (r == 0)
        r = copy_others(own, ret);
    if (r == 0 && (list.len > 0 || named))
        buf_printf(ret, "%s\"evidence\":[%.*s]}", ret->ptr[ret->len - 1] == '{' ? "" : ",",
                   (int)x->references.len, x->references.len == 0 ? "" : x->references.ptr);
    else if (r == 0)
        buf_char(ret, '}');
    return r < 0 ? r : buf_error(ret);
}
