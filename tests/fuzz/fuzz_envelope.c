/* Messages: what is read is canonical and can be folded; what a type's first letter and a body
 * make is written only when it is read back; nothing is authentic that nobody signed. */
#include "exchange/contact.h"
#include "exchange/conversation.h"
#include "wire/jcs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const classes[] = {"intrusion-attempts:exploit"};
static const struct pact_severity severity[] = {{.id = "high"}};
static const struct pact_obligation obligation[] = {
    {.id = "no-exploits", .kind = PACT_REFRAIN, .classes = {classes, 1}, .severity = 0}};
static const struct pact pact = {.classes = {classes, 1},
                                 .severity = severity,
                                 .severities = 1,
                                 .obligation = obligation,
                                 .obligations = 1};

static void
follow(const struct envelope *e)
{
    static struct spans spans;
    struct said said[2];
    struct fate fate[2];
    struct conversation_case c = {.terms = &incident_example, .said = said, .count = 2};
    struct conversation got;

    spans.count = 0;
    BUG_ON((contact_state(&spans, e, (struct span){INT64_MAX}) == 0) !=
           (e->type == MESSAGE_GAP_STATEMENT));
    if (e->incident.len == 0)
        return;
    said_read(e, &pact, &said[0]);
    said[1] = said[0]; /* twice is once */
    if (conversation_fold(&c, TIME_MAX, &got, fate) < 0)
        return;
    BUG_ON(got.rejected > 2 || (got.rejected == 0 && fate[0].code != MESSAGE_FINE));
    BUG_ON(got.notice == 0 && e->type != MESSAGE_NOTICE);
}

static void
write_one(struct slice in, const struct skey *key, const struct envelope_terms *terms)
{
    struct envelope_make m = {.pact = terms->pact,
                              .from = terms->party[0],
                              .to = terms->party[1],
                              .tlp = SLICE("TLP:RED"),
                              .body = slice_sub(in, 1, in.len)};
    struct chain c = {0};
    struct envelope e;
    AUTO_BUF(b, ENVELOPE_MAX);

    if (in.len == 0)
        return;
    m.type = (enum message_type)((unsigned char)in.ptr[0] % MESSAGE_TYPES);
    m.incident = (in.ptr[0] & 32) != 0 ? SLICE("aland-1") : SLICE("");
    if (envelope_write(&b, &m, &c, key, NULL, NULL) < 0) {
        BUG_ON(b.len != 0);
        return;
    }
    BUG_ON(envelope_read(buf_get(&b), &e, NULL) != MESSAGE_FINE);
    if (e.type != MESSAGE_CONSULT_RECORD) /* which needs the other's signature, too */
        BUG_ON(envelope_check(&e, terms, &c, TIME_MAX, TIME_MAX) != MESSAGE_FINE);
    follow(&e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t seed[KEY_SEED] = {1};
    static const struct slice members[] = {{"aland", 5}, {"bland", 5}};
    static struct skey key;
    static struct role_key keys[1];
    const struct envelope_terms terms = {
        .pact = SLICE("aland-bland"), .party = members, .parties = 2, .message = {keys, 1}};
    struct slice in = {(const char *)data, size};
    const char *why = NULL;
    struct envelope e;

    if (key_init() < 0 ||
        skey_make(SLICE("aland.example/detente/message"), KEY_ED25519, seed, &key) < 0)
        return 0;
    keys[0] = (struct role_key){members[0], key.vkey, {0}, {0}};
    if (envelope_read(in, &e, &why) == MESSAGE_FINE) {
        BUG_ON(size > ENVELOPE_MAX || jcs_check(in, NULL) != JCS_OK);
        BUG_ON(envelope_authentic(&e, &terms, e.at) == MESSAGE_FINE &&
               !slice_is(e.from, "aland"));
        follow(&e);
    }
    BUG_ON(why == NULL);
    write_one(in, &key, &terms);
    return 0;
}
