#include "party.h"

#define HASH "1111111111111111111111111111111111111111111111111111111111111111"
#define T0   "\"2026-03-01T00:00:00.000000Z\""
#define T1   "\"2026-03-01T01:00:00.000000Z\""

struct skey aland;
struct skey bland;
struct skey aland_log;
struct skey bland_log;
struct skey bland_holder;

static const struct slice members[] = {{"aland", 5}, {"bland", 5}};
static struct role_key keys[2];

struct skey
party_key(const char *name, enum key_alg alg, uint8_t first)
{
    uint8_t seed[KEY_SEED] = {first};
    struct skey key;

    assert_int_equal(skey_make(slice_of(name), alg, seed, &key), 0);
    return key;
}

int
parties_make(void **state)
{
    (void)state;
    assert_int_equal(key_init(), 0);
    aland = party_key("aland.example/detente/message", KEY_ED25519, 1);
    bland = party_key("bland.example/detente/message", KEY_ED25519, 2);
    aland_log = party_key("aland.example/detente/log", KEY_ED25519, 3);
    bland_log = party_key("bland.example/detente/log", KEY_ED25519, 4);
    bland_holder = party_key("bland.example/detente/holder", KEY_COSIGN, 5);
    keys[0] = (struct role_key){members[0], aland.vkey, {0}, {0}};
    keys[1] = (struct role_key){members[1], bland.vkey, {0}, {0}};
    return 0;
}

struct envelope_terms
party_terms(void)
{
    return (struct envelope_terms){.pact = SLICE("aland-bland"),
                                   .party = members,
                                   .parties = 2,
                                   .message = {keys, 2},
                                   .clock_skew_max = {300 * TIME_US_PER_S}};
}

#define EVIDENCE \
    "[{\"block\":7,\"commitment\":\"" HASH "\",\"index\":1,\"leaf\":9,\"proof\":\"\"}]"

static const char *const bodies[MESSAGE_TYPES] = {
    [MESSAGE_NOTICE] =
        "{\"also\":[\"certs\"],\"ask\":[\"remediate\"],\"burst\":1,"
        "\"class\":\"intrusion-attempts:exploit\",\"count\":5,"
        "\"detected\":{\"leaf\":3,\"opened\":\"[\\\"detected\\\",1]\",\"salt\":\"" HASH
        "\"},\"e_grade\":2,\"events\":5,\"evidence\":" EVIDENCE ",\"first\":" T0 ",\"last\":" T1
        ",\"o_grade\":1,\"obligation\":\"no-exploits\",\"origin\":\"198.51.100.7/32\","
        "\"packets\":61,\"pact_sha256\":\"" HASH
        "\",\"severity\":\"high\",\"targets\":2,\"text\":\"\",\"tuples\":[[" T0
        ",\"198.51.100.7\",49152,\"192.0.2.10\",443,6,1],[" T0
        ",\"2001:db8:b::7\",1,\"2001:db8:a::/64\",0,6,2]],\"unwitnessed_since\":\"\"}",
    [MESSAGE_RECEIPT] = "{\"auto\":true,\"notice\":\"" HASH "\",\"size\":14}",
    [MESSAGE_ACK] = "{\"auto\":false,\"notice\":\"" HASH "\",\"reference\":\"B-1\"}",
    [MESSAGE_INQUIRY] = "{\"missing\":[\"raw\"],\"text\":\"\"}",
    [MESSAGE_EVIDENCE] = "{\"evidence\":" EVIDENCE ",\"inquiry\":\"" HASH "\",\"text\":\"\"}",
    [MESSAGE_ANSWER] =
        "{\"finding\":\"corroborated\",\"flows\":14,\"from\":" T0
        ",\"reason\":\"\",\"retention_from\":" T0 ",\"sampling\":1000,\"until\":" T1 "}",
    [MESSAGE_ACTION] =
        "{\"action\":\"remediated\",\"done_at\":" T1 ",\"reason\":\"\",\"reference\":\"\"}",
    [MESSAGE_ACTIVITY] =
        "{\"count\":2,\"events\":2,\"evidence\":" EVIDENCE ",\"first\":" T0 ",\"last\":" T1 "}",
    [MESSAGE_UPDATE] = "{\"count\":7,\"e_grade\":2,\"events\":7,\"evidence\":[],\"first\":" T0
                       ",\"last\":" T1 ",\"o_grade\":1,\"targets\":2,\"text\":\"\"}",
    [MESSAGE_CLOSE] = "{\"coverage_ppm\":953100,\"quiet_from\":" T0 ",\"quiet_until\":" T1
                      ",\"result\":\"confirmed-quiet\"}",
    [MESSAGE_DISPUTE] = "{\"reason\":\"no\"}",
    [MESSAGE_ESCALATE] = "{\"cause\":\"overdue\",\"item\":\"act\"}",
    [MESSAGE_WITHDRAW] = "{\"cause\":\"error\",\"reason\":\"ours\"}",
    [MESSAGE_REOPEN] = "{\"evidence\":" EVIDENCE ",\"reason\":\"again\"}",
    [MESSAGE_EXTENSION_REQUEST] = "{\"reason\":\"away\"}",
    [MESSAGE_EXTENSION_GRANT] = "{\"request\":\"" HASH "\"}",
    [MESSAGE_REJECT] = "{\"code\":\"early\",\"message\":\"" HASH "\",\"text\":\"\"}",
    [MESSAGE_PING] = "{\"nonce\":\"00112233445566778899aabbccddeeff\"}",
    [MESSAGE_PONG] = "{\"ping\":\"" HASH "\"}",
    [MESSAGE_GAP_STATEMENT] = "{\"cause\":\"link\",\"received_last\":\"\",\"sent_last\":\"" HASH
                              "\",\"size_seen\":30,\"spans\":[[" T0 "," T1 "]],\"text\":\"\"}",
};

const char *
good_body(enum message_type t)
{
    return bodies[t];
}

void
say(struct buf *b, struct chain *c, bool from_aland, enum message_type type,
    const char *incident, struct utime at, const char *body)
{
    struct envelope_make m = {.pact = SLICE("aland-bland"),
                              .incident = slice_of(incident),
                              .from = members[!from_aland],
                              .to = members[from_aland],
                              .type = type,
                              .at = at,
                              .tlp = SLICE("TLP:AMBER+STRICT"),
                              .body = slice_of(body)};
    struct errinfo ei = {.text = ""};
    struct hash id;

    if (envelope_write(b, &m, c, from_aland ? &aland : &bland, &id, &ei) < 0)
        fail_msg("%s", ei.text);
    *c = (struct chain){c->seq + 1, id};
}
