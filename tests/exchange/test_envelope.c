/* Messages: every type and field, every limit, the order of the checks, keys by time. */
#include "party.h"

#include <stdio.h>
#include <stdlib.h>

#include "wire/jcs.h"

static struct buf out;

static struct slice
message(enum message_type t, const char *body)
{
    struct chain c = {0};
    bool channel = t == MESSAGE_PING || t == MESSAGE_PONG || t == MESSAGE_GAP_STATEMENT;

    buf_reset(&out);
    say(&out, &c, true, t, channel ? "" : "aland-1", AT(0), body);
    return buf_get(&out);
}

static enum message_code
code_of(struct slice bytes)
{
    struct envelope e;

    return envelope_read(bytes, &e, NULL);
}

static enum message_code
full_check(struct slice bytes, const struct envelope_terms *t)
{
    struct chain c = {0};
    struct envelope e;
    enum message_code code = envelope_read(bytes, &e, NULL);

    return code != MESSAGE_FINE ? code : envelope_check(&e, t, &c, AT(0), AT(0));
}

/* The canonical form of text with the first `what` made `with`. */
static struct slice
changed(struct slice text, const char *what, const char *with)
{
    static struct buf canonical;
    static char room[2 * ENVELOPE_MAX];
    const char *at = memmem(text.ptr, text.len, what, strlen(what));
    size_t before = (size_t)(at - text.ptr);

    assert_non_null(at);
    (void)snprintf(room, sizeof room, "%.*s%s%.*s", (int)before, text.ptr, with,
                   (int)(text.len - before - strlen(what)), at + strlen(what));
    canonical.max = sizeof room;
    buf_reset(&canonical);
    assert_int_equal(jcs_canonical(slice_of(room), &canonical, NULL), JCS_OK);
    return buf_get(&canonical);
}

/* ---- every type ---- */

static void
consult(struct buf *b, const struct skey *first, const struct skey *second, const char *notice)
{
    AUTO_BUF(record, 4096);
    AUTO_BUF(sig, 1024);
    struct consult_signature by[2];

    buf_printf(&record,
               "{\"between\":[\"aland\",\"bland\"],\"held_at\":\"2026-03-01T00:00:00.000000Z\","
               "\"incident\":\"aland-1\",\"notice\":\"%s\",\"pact\":\"aland-bland\","
               "\"result\":\"settled\",\"text\":\"agreed\"}",
               notice);
    assert_int_equal(consult_sign(&sig, buf_get(&record), second), 0);
    assert_int_equal(consult_sign(&sig, buf_get(&record), first), 0);
    by[0] = (struct consult_signature){SLICE("bland"), slice_sub(buf_get(&sig), 0, 136)};
    by[1] = (struct consult_signature){SLICE("aland"), slice_sub(buf_get(&sig), 136, 136)};
    consult_body(b, buf_get(&record), by);
    buf_char(b, '\0');
}

#define SOME_HASH "2222222222222222222222222222222222222222222222222222222222222222"

static const char *
body_of(enum message_type t, struct buf *room)
{
    if (t != MESSAGE_CONSULT_RECORD)
        return good_body(t);
    buf_reset(room);
    consult(room, &aland, &bland, SOME_HASH);
    return room->ptr;
}

static void
every_type_is_read_back(void **state)
{
    struct envelope_terms terms = party_terms();
    AUTO_BUF(room, 8192);

    (void)state;
    for (int t = 0; t < MESSAGE_TYPES; t++) {
        struct slice bytes =
            message((enum message_type)t, body_of((enum message_type)t, &room));
        struct hash id = sha256_of(bytes.ptr, bytes.len);
        struct envelope e;

        assert_int_equal(envelope_read(bytes, &e, NULL), MESSAGE_FINE);
        assert_int_equal(e.type, t);
        assert_true(hash_eq(&e.id, &id) && slice_is(e.from, "aland") && e.at.us == AT(0).us);
        assert_int_equal(full_check(bytes, &terms), MESSAGE_FINE);
    }
}

/* Without one field, with another kind of value in it, with one more: none is a message. */
static void
no_field_may_be_wrong(void **state)
{
    AUTO_BUF(room, 8192);

    (void)state;
    for (int t = 0; t < MESSAGE_TYPES; t++) {
        AUTO_BUF(kept, ENVELOPE_MAX);
        struct slice bytes;
        struct envelope e;
        struct jcs_iter it;
        struct slice key;
        struct slice value;
        char part[8192];

        buf_slice(&kept, message((enum message_type)t, body_of((enum message_type)t, &room)));
        bytes = buf_get(&kept);
        assert_int_equal(envelope_read(bytes, &e, NULL), MESSAGE_FINE);
        assert_int_equal(code_of(changed(bytes, "\"body\":{", "\"body\":{\"zz\":1,")),
                         MESSAGE_BAD_FIELD);
        for (it = jcs_iter(e.body); jcs_member(&it, &key, &value);) {
            char with[256];
            bool optional = slice_is(key, "detected");

            (void)snprintf(part, sizeof part, "\"%.*s\":%.*s", (int)key.len, key.ptr,
                           (int)value.len, value.ptr);
            (void)snprintf(with, sizeof with, "\"%.*s\":{}", (int)key.len, key.ptr);
            assert_int_equal(code_of(changed(bytes, part, with)), MESSAGE_BAD_FIELD);
            (void)snprintf(with, sizeof with, "\"%.*s\":-1", (int)key.len, key.ptr);
            assert_int_equal(code_of(changed(bytes, part, with)), MESSAGE_BAD_FIELD);
            (void)snprintf(with, sizeof with, "\"%.*sx\":%.50s", (int)key.len, key.ptr, "1");
            assert_int_equal(code_of(changed(bytes, part, with)), MESSAGE_BAD_FIELD);
            if (optional) {
                (void)snprintf(part, sizeof part, "\"%.*s\":%.*s,", (int)key.len, key.ptr,
                               (int)value.len, value.ptr);
                assert_int_equal(code_of(changed(bytes, part, "")), MESSAGE_FINE);
            }
        }
    }
}

static const struct {
    enum message_type type;
    const char *what;
    const char *with;
    bool good;
} forms[] = {
    {MESSAGE_NOTICE, "\"e_grade\":2", "\"e_grade\":6", false},
    {MESSAGE_NOTICE, "\"e_grade\":2", "\"e_grade\":1", false}, /* since when unwitnessed? */
    {MESSAGE_NOTICE, "\"unwitnessed_since\":\"\"",
     "\"unwitnessed_since\":\"2026-03-01T00:00:00.000000Z\"", false},
    {MESSAGE_NOTICE, "\"burst\":1", "\"burst\":0", false},
    {MESSAGE_NOTICE, "\"o_grade\":1", "\"o_grade\":5", false},
    {MESSAGE_NOTICE, "198.51.100.7/32", "198.51.100.7", false},
    {MESSAGE_NOTICE, "198.51.100.7/32", "198.51.100.7/24", false},
    {MESSAGE_NOTICE, "198.51.100.7/32", "198.51.100.0/24", true},
    {MESSAGE_NOTICE, "intrusion-attempts:exploit", "other", false},
    {MESSAGE_NOTICE, "[\"remediate\"]", "[]", true},
    {MESSAGE_NOTICE, "[\"remediate\"]", "[\"retaliate\"]", false},
    {MESSAGE_NOTICE, "192.0.2.10\",443,6,1", "192.0.2.10\",65536,6,1", false},
    {MESSAGE_NOTICE, "192.0.2.10\",443,6,1", "192.0.2.10\",443,256,1", false},
    {MESSAGE_NOTICE, "192.0.2.10\",443,6,1", "192.0.2.10\",443,6,0", false},
    {MESSAGE_NOTICE, "192.0.2.10\",443,6,1", "192.0.2.10\",443,6", false},
    {MESSAGE_NOTICE, "192.0.2.10\",443,6,1", "192.0.2.10\",443,6,1,1", false},
    {MESSAGE_NOTICE, "192.0.2.10\",443,6,1", "192.0.2.0/28\",0,6,1", true},
    {MESSAGE_NOTICE, "\"index\":1", "\"index\":4096", false},
    {MESSAGE_NOTICE, "\\\"detected\\\"", "\\\"figures\\\"", false},
    {MESSAGE_NOTICE, "\"packets\":61", "\"packets\":0", true},
    {MESSAGE_UPDATE, "\"text\":\"\"", "\"text\":\"\xc3\xa4 \\n \\\"\"", true},
    {MESSAGE_ANSWER, "\"corroborated\"", "\"guilty\"", false},
    {MESSAGE_ACTION, "\"remediated\"", "\"\"", false},
    {MESSAGE_CLOSE, "\"confirmed-quiet\"", "\"not-contested\"", false},
    {MESSAGE_CLOSE, "\"confirmed-quiet\"", "\"settled\"", false},
    {MESSAGE_CLOSE, "\"coverage_ppm\":953100,", "", false},
    {MESSAGE_CLOSE, "953100", "1000001", false},
    {MESSAGE_ESCALATE, "\"act\"", "\"\"", false},
    {MESSAGE_ESCALATE, "\"overdue\"", "\"disputed\"", false},
    {MESSAGE_REJECT, "\"early\"", "\"late\"", false},
    {MESSAGE_REJECT, "\"early\"", "\"RECEIVED\"", true},
    {MESSAGE_REJECT, "\"aland-1\"", "\"\"", true}, /* of what has no incident */
    {MESSAGE_PING, "\"incident\":\"\"", "\"incident\":\"aland-1\"", false},
    {MESSAGE_ACK, "\"aland-1\"", "\"\"", false},
    {MESSAGE_ACK, "\"aland-1\"", "\"aland-0\"", false},
    {MESSAGE_PING, "00112233", "0011223", false},
    {MESSAGE_PING, "aabbcc", "AABBCC", false},
    {MESSAGE_GAP_STATEMENT, "T01:00:00", "T00:00:00", false}, /* an empty span */
    {MESSAGE_GAP_STATEMENT, "Z\"]]",
     "Z\"],[\"2026-03-01T01:00:00.000000Z\",\"2026-03-01T01:00:00.000001Z\"]]", true},
    {MESSAGE_GAP_STATEMENT, "Z\"]]",
     "Z\"],[\"2026-03-01T00:59:00.000000Z\",\"2026-03-01T02:00:00.000000Z\"]]", false},
    {MESSAGE_ACK, "TLP:AMBER+STRICT", "TLP:WHITE", false},
    {MESSAGE_ACK, "\"seq\":1", "\"seq\":0", false},
    {MESSAGE_ACK, "\"sig\":\"", "\"sig\":\"00", false},
    {MESSAGE_ACK, "\"v\":1", "\"v\":1,\"x\":1", false},
};

static void
forms_are_strict(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct slice bytes = message(forms[i].type, good_body(forms[i].type));
        enum message_code code = code_of(changed(bytes, forms[i].what, forms[i].with));

        if (code != (forms[i].good ? MESSAGE_FINE : MESSAGE_BAD_FIELD))
            fail_msg("%s made %s: %s", forms[i].what, forms[i].with, message_code_name(code));
    }
}

/* A body with a text of that many bytes, or a list of that many words. */
static enum message_code
with_text(unsigned bytes)
{
    static char text[5000];

    memset(text, 'x', bytes);
    (void)snprintf(text + bytes, sizeof text - bytes, "\"");
    memmove(text + 1, text, bytes + 2);
    text[0] = '"';
    return code_of(
        changed(message(MESSAGE_DISPUTE, good_body(MESSAGE_DISPUTE)), "\"no\"", text));
}

static enum message_code
with_words(unsigned n)
{
    AUTO_BUF(b, 4096);

    for (unsigned i = 0; i < n; i++)
        buf_text(&b, i == 0 ? "[\"raw\"" : ",\"raw\"");
    buf_text(&b, "]");
    buf_char(&b, '\0');
    return code_of(
        changed(message(MESSAGE_INQUIRY, good_body(MESSAGE_INQUIRY)), "[\"raw\"]", b.ptr));
}

static void
limits_hold(void **state)
{
    static char large[ENVELOPE_MAX + 1];

    (void)state;
    assert_int_equal(with_text(4000), MESSAGE_FINE);
    assert_int_equal(with_text(4001), MESSAGE_BAD_FIELD);
    assert_int_equal(with_words(64), MESSAGE_FINE);
    assert_int_equal(with_words(65), MESSAGE_BAD_FIELD);
    memset(large, '[', sizeof large);
    assert_int_equal(code_of((struct slice){large, ENVELOPE_MAX}), MESSAGE_BAD_JSON);
    assert_int_equal(code_of((struct slice){large, ENVELOPE_MAX + 1}), MESSAGE_BAD_SIZE);
    assert_int_equal(code_of(SLICE("")), MESSAGE_BAD_JSON);
    assert_int_equal(code_of(SLICE("[]")), MESSAGE_BAD_VERSION);
    assert_int_equal(code_of(SLICE("{\"v\":2}")), MESSAGE_BAD_VERSION);
    assert_int_equal(code_of(SLICE("{\"v\":\"1\"}")), MESSAGE_BAD_VERSION);
    assert_int_equal(code_of(SLICE("{\"v\":1}")), MESSAGE_BAD_FIELD);
}

/* ---- the checks ---- */

/* Wrong in all ways, then mended from the first check to the last. */
static void
the_first_fault_names_the_code(void **state)
{
    struct envelope_terms terms = party_terms();
    const struct hash text = {{1}};
    struct chain c = {5, {{9}}};
    struct envelope e;
    AUTO_BUF(b, ENVELOPE_MAX);
    AUTO_BUF(next, ENVELOPE_MAX);
    struct slice bytes;

    (void)state;
    say(&b, &c, true, MESSAGE_NOTICE, "aland-1", AT(1000), good_body(MESSAGE_NOTICE));
    terms.text = &text;
    terms.texts = 1;
    bytes = buf_get(&b);
    assert_int_equal(full_check(bytes, &terms), MESSAGE_BAD_PACT); /* another text of it */
    terms.texts = 0;
    terms.pact = SLICE("aland-cland");
    assert_int_equal(full_check(bytes, &terms), MESSAGE_BAD_PACT);
    terms = party_terms();
    terms.parties = 1;
    assert_int_equal(full_check(bytes, &terms), MESSAGE_BAD_PARTY);
    terms.parties = 2;
    terms.message.count = 0;
    assert_int_equal(full_check(bytes, &terms), MESSAGE_BAD_SIGNATURE);
    terms = party_terms();
    assert_int_equal(full_check(bytes, &terms), MESSAGE_BAD_CHAIN); /* it is no first one */
    memset(&c, 0, sizeof c);
    say(&next, &c, true, MESSAGE_NOTICE, "aland-1", AT(1000), good_body(MESSAGE_NOTICE));
    assert_int_equal(full_check(buf_get(&next), &terms), MESSAGE_BAD_TIME);
    memset(&c, 0, sizeof c);
    assert_int_equal(envelope_read(buf_get(&next), &e, NULL), MESSAGE_FINE);
    assert_int_equal(envelope_check(&e, &terms, &c, AT(0), AT(699)), MESSAGE_BAD_TIME);
    assert_int_equal(envelope_check(&e, &terms, &c, AT(0), AT(700)), MESSAGE_FINE);
}

static void
parties_are_known_and_two(void **state)
{
    struct envelope_terms terms = party_terms();
    struct slice bytes = message(MESSAGE_ACK, good_body(MESSAGE_ACK));

    (void)state;
    assert_int_equal(full_check(changed(bytes, "\"to\":\"bland\"", "\"to\":\"aland\""), &terms),
                     MESSAGE_BAD_PARTY);
    assert_int_equal(full_check(changed(bytes, "\"to\":\"bland\"", "\"to\":\"Bland\""), &terms),
                     MESSAGE_BAD_PARTY);
    assert_int_equal(
        full_check(changed(bytes, "\"from\":\"aland\"", "\"from\":\"al\\\"and\""), &terms),
        MESSAGE_BAD_PARTY);
    assert_int_equal(full_check(changed(bytes, "\"aland-1\"", "\"cland-1\""), &terms),
                     MESSAGE_BAD_PARTY); /* an incident of neither */
}

static void
keys_hold_in_their_time(void **state)
{
    struct envelope_terms terms = party_terms();
    struct role_key keys[] = {{SLICE("aland"), aland.vkey, AT(100), AT(200)},
                              {SLICE("bland"), bland.vkey, {0}, {0}}};
    struct envelope e;

    (void)state;
    terms.message = (struct role_keys){keys, 2};
    assert_int_equal(envelope_read(message(MESSAGE_ACK, good_body(MESSAGE_ACK)), &e, NULL),
                     MESSAGE_FINE);
    assert_int_equal(envelope_authentic(&e, &terms, AT(99)), MESSAGE_BAD_SIGNATURE);
    assert_int_equal(envelope_authentic(&e, &terms, AT(100)), MESSAGE_FINE);
    assert_int_equal(envelope_authentic(&e, &terms, AT(199)), MESSAGE_FINE);
    assert_int_equal(envelope_authentic(&e, &terms, AT(200)), MESSAGE_BAD_SIGNATURE);
    keys[0].party = SLICE("bland"); /* another's key is none */
    assert_int_equal(envelope_authentic(&e, &terms, AT(100)), MESSAGE_BAD_SIGNATURE);
}

static void
a_consultation_needs_both(void **state)
{
    struct envelope_terms terms = party_terms();
    AUTO_BUF(body, 8192);
    struct slice bytes;

    (void)state;
    consult(&body, &aland, &aland, SOME_HASH); /* one signs for both */
    bytes = message(MESSAGE_CONSULT_RECORD, body.ptr);
    assert_int_equal(full_check(bytes, &terms), MESSAGE_BAD_SIGNATURE);
    buf_reset(&body);
    consult(&body, &aland, &bland, SOME_HASH);
    bytes = message(MESSAGE_CONSULT_RECORD, body.ptr);
    assert_int_equal(code_of(changed(bytes, "[\"aland\",\"bland\"]", "[\"bland\",\"aland\"]")),
                     MESSAGE_BAD_FIELD); /* who notified stands first */
    assert_int_equal(code_of(changed(bytes, "\"incident\":\"aland-1\",\"notice\"",
                                     "\"incident\":\"aland-2\",\"notice\"")),
                     MESSAGE_BAD_FIELD);
    assert_int_equal(full_check(changed(bytes, "agreed", "agree!"), &terms),
                     MESSAGE_BAD_SIGNATURE);
}

/* Who signs is one of the two, each once, in the order of names. */
static void
a_consultation_is_of_the_two(void **state)
{
    static const struct slice three[] = {{"aland", 5}, {"bland", 5}, {"cland", 5}};
    struct role_key keys[] = {{three[0], aland.vkey, {0}, {0}},
                              {three[1], bland.vkey, {0}, {0}},
                              {three[2], bland.vkey, {0}, {0}}};
    struct envelope_terms terms = party_terms();
    AUTO_BUF(body, 8192);
    AUTO_BUF(signed_, ENVELOPE_MAX);
    struct chain c = {0};
    struct slice bytes;

    (void)state;
    consult(&body, &aland, &bland, SOME_HASH);
    bytes = message(MESSAGE_CONSULT_RECORD, body.ptr);
    assert_int_equal(code_of(changed(bytes, "[[\"aland\"", "[[\"cland\"")), MESSAGE_BAD_FIELD);
    assert_int_equal(code_of(changed(bytes, "[[\"aland\"", "[[\"bland\"")), MESSAGE_BAD_FIELD);
    terms.party = three;
    terms.parties = 3;
    terms.message = (struct role_keys){keys, 3};
    body.len = 0;
    consult(&body, &aland, &bland, SOME_HASH);
    *(char *)memmem(body.ptr, body.len, "[\"bland\",\"", 10) = ' '; /* a third signs for one */
    memcpy(memmem(body.ptr, body.len, " \"bland\",\"", 10), "[\"cland\",\"", 10);
    say(&signed_, &c, true, MESSAGE_CONSULT_RECORD, "aland-1", AT(0), body.ptr);
    assert_int_equal(full_check(buf_get(&signed_), &terms), MESSAGE_BAD_SIGNATURE);
}

static void
a_chain_has_one_next_message(void **state)
{
    struct chain c = {0};
    struct envelope e;
    AUTO_BUF(b, ENVELOPE_MAX);

    (void)state;
    say(&b, &c, true, MESSAGE_DISPUTE, "aland-1", AT(0), good_body(MESSAGE_DISPUTE));
    assert_int_equal(envelope_read(buf_get(&b), &e, NULL), MESSAGE_FINE);
    e.has_prev = true; /* the first follows none */
    assert_int_equal(chain_check(&(struct chain){0}, &e), MESSAGE_BAD_CHAIN);
    e.has_prev = false;
    assert_int_equal(chain_check(&(struct chain){0}, &e), MESSAGE_FINE);
    buf_reset(&b);
    say(&b, &c, true, MESSAGE_DISPUTE, "aland-1", AT(0), good_body(MESSAGE_DISPUTE));
    assert_int_equal(envelope_read(buf_get(&b), &e, NULL), MESSAGE_FINE);
    c = (struct chain){1, e.prev};
    assert_int_equal(chain_check(&c, &e), MESSAGE_FINE);
    c.last.byte[31] ^= 1;
    assert_int_equal(chain_check(&c, &e), MESSAGE_BAD_CHAIN);
    c = (struct chain){2, e.prev};
    assert_int_equal(chain_check(&c, &e), MESSAGE_BAD_CHAIN);
    c = (struct chain){1, e.prev};
    e.has_prev = false;
    assert_int_equal(chain_check(&c, &e), MESSAGE_BAD_CHAIN);
    e.has_prev = true;
    chain_add(&c, &e);
    assert_true(c.seq == 2 && hash_eq(&c.last, &e.id));
}

/* A notice of aland-1 with what opens a commitment to that. */
static void
detected(const char *array, struct buf *b, struct buf *leaf)
{
    const uint8_t salt[LEAF_SALT] = {1};
    char with[400] = "";
    size_t n = 0;
    struct hash commitment;
    struct chain c = {0};
    const struct leaf_value v[] = {LEAF_TEXT("pact", SLICE("aland-bland")),
                                   LEAF_HASH("detail", &commitment)};

    commitment = leaf_commit(salt, slice_of(array));
    for (const char *at = array; *at != '\0'; at++) { /* as a string in JSON */
        if (*at == '"')
            with[n++] = '\\';
        with[n++] = *at;
    }
    buf_reset(b);
    buf_reset(leaf);
    assert_int_equal(leaf_write(leaf, LEAF_DETECTED, AT(0), (struct leaf_values){v, 2}, NULL),
                     0);
    {
        struct slice body = changed(
            changed(slice_of(good_body(MESSAGE_NOTICE)), "[\\\"detected\\\",1]", with),
            "\"salt\":\"1111111111111111111111111111111111111111111111111111111111111111",
            "\"salt\":\"0100000000000000000000000000000000000000000000000000000000000000");
        AUTO_BUF(text, ENVELOPE_MAX);

        buf_slice(&text, body);
        buf_char(&text, '\0');
        say(b, &c, true, MESSAGE_NOTICE, "aland-1", AT(0), text.ptr);
    }
}

static void
a_notice_opens_its_own_incident(void **state)
{
#define DETECTED(incident, rest) "[\"detected\",\"" incident "\",\"no-exploits\"," rest "]"
#define CLASS                    "\"intrusion-attempts:exploit\","
#define SINCE                    ",\"aland\",\"2026-03-01T00:00:00.000000Z\""
    static const char *const good[] = {DETECTED("aland-1", CLASS "\"198.51.100.7/32\"" SINCE),
                                       DETECTED("aland-1", CLASS "\"198.51.100.7\"" SINCE)};
    static const char *const bad[] = {
        DETECTED("aland-2", CLASS "\"198.51.100.7/32\"" SINCE),
        DETECTED("aland-1", "\"information-gathering:scanner\",\"198.51.100.7/32\"" SINCE),
        DETECTED("aland-1", CLASS "\"198.51.100.8/32\"" SINCE),
        DETECTED("aland-1", CLASS "\"198.51.100\"" SINCE),
        DETECTED("aland-1",
                 CLASS "\"198.51.100.7/32\",\"cland\",\"2026-03-01T00:00:00.000000Z\""),
        DETECTED("aland-1",
                 CLASS "\"198.51.100.7/32\",\"aland\",\"2026-03-01T12:00:00.000001Z\""),
        DETECTED("aland-1", CLASS "\"198.51.100.7/32\"" SINCE ",1"),
        DETECTED("aland-1", "\"intrusion-attempts:exploit\""),
        "[\"detected\",\"aland-1\",\"certs\"," CLASS "\"198.51.100.7/32\"" SINCE "]",
        "[\"detected\",1]"};
    struct envelope e;
    struct leaf leaf;
    uint64_t index;
    AUTO_BUF(b, ENVELOPE_MAX);
    AUTO_BUF(entry, LEAF_MAX);
    AUTO_BUF(other, LEAF_MAX);

    (void)state;
    for (unsigned i = 0; i < COUNT(good); i++) {
        detected(good[i], &b, &entry);
        assert_int_equal(envelope_read(buf_get(&b), &e, NULL), MESSAGE_FINE);
        leaf_read(buf_get(&entry), &leaf);
        assert_true(notice_detected(&e, &index) == 0 && index == 3);
        assert_int_equal(notice_opens(&e, &leaf), 0);
    }
    for (unsigned i = 0; i < COUNT(bad); i++) { /* what was detected then was another one */
        detected(bad[i], &b, &other);
        assert_int_equal(envelope_read(buf_get(&b), &e, NULL), MESSAGE_FINE);
        leaf_read(buf_get(&entry), &leaf);
        assert_int_equal(notice_opens(&e, &leaf), ERR_PROOF);
        leaf_read(buf_get(&other), &leaf);
        assert_int_equal(notice_opens(&e, &leaf), ERR_PROOF);
    }
    assert_int_equal(envelope_read(message(MESSAGE_ACK, good_body(MESSAGE_ACK)), &e, NULL),
                     MESSAGE_FINE);
    assert_int_equal(notice_detected(&e, &index), ERR_NOTFOUND);
}

static void
what_would_be_refused_is_not_written(void **state)
{
    struct envelope_make m = {.pact = SLICE("aland-bland"),
                              .incident = SLICE("aland-1"),
                              .from = SLICE("aland"),
                              .to = SLICE("bland"),
                              .type = MESSAGE_DISPUTE,
                              .tlp = SLICE("TLP:RED"),
                              .body = SLICE("{ \"reason\" : \"\\u006eo\" }")};
    struct chain c = {0};
    struct errinfo ei = {.text = ""};
    AUTO_BUF(b, 4096);
    AUTO_BUF(small, 100);

    (void)state;
    buf_text(&b, "before");
    assert_int_equal(envelope_write(&b, &m, &c, &aland, NULL, &ei), 0);
    assert_int_equal(code_of(slice_sub(buf_get(&b), 6, b.len)), MESSAGE_FINE);
    b.len = 6;
    m.body = SLICE("{\"reason\":1}");
    assert_int_equal(envelope_write(&b, &m, &c, &aland, NULL, &ei), ERR_INVALID);
    assert_non_null(strstr(ei.text, "reason"));
    m.body = SLICE("{\"reason\":");
    assert_int_equal(envelope_write(&b, &m, &c, &aland, NULL, &ei), ERR_INVALID);
    m.body = SLICE("{\"reason\":\"no\"}");
    m.at = (struct utime){-1};
    assert_int_equal(envelope_write(&b, &m, &c, &aland, NULL, &ei), ERR_INVALID);
    assert_int_equal(b.len, 6);
    m.at = AT(0);
    assert_int_equal(envelope_write(&small, &m, &c, &aland, NULL, &ei), ERR_LIMIT);
    assert_int_equal(small.len, 0);
    assert_int_equal(consult_sign(&b, SLICE("{ }"), &aland), ERR_INVALID);
    assert_int_equal(consult_sign(&b, (struct slice){b.ptr, ENVELOPE_MAX + 1}, &aland),
                     ERR_LIMIT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_read_back),
        cmocka_unit_test(no_field_may_be_wrong),
        cmocka_unit_test(forms_are_strict),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(the_first_fault_names_the_code),
        cmocka_unit_test(parties_are_known_and_two),
        cmocka_unit_test(keys_hold_in_their_time),
        cmocka_unit_test(a_consultation_needs_both),
        cmocka_unit_test(a_consultation_is_of_the_two),
        cmocka_unit_test(a_chain_has_one_next_message),
        cmocka_unit_test(a_notice_opens_its_own_incident),
        cmocka_unit_test(what_would_be_refused_is_not_written),
    };

    buf_init(&out, ENVELOPE_MAX);
    return cmocka_run_group_tests(tests, parties_make, NULL);
}
