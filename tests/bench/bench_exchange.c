/* What messages between parties cost, in time of the processor: reading, verifying beside one
 * bare signature and one hash, and the fold of 1,000 incidents with 100 messages each. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "exchange/conversation.h"

enum { INCIDENTS = 1000, MESSAGES = 100, NOTICE_BYTES = 1200 };

static double
seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const struct slice members[] = {{"aland", 5}, {"bland", 5}};
static struct skey key;
static struct role_key keys[1];

static struct envelope_terms
terms(void)
{
    keys[0] = (struct role_key){members[0], key.vkey, {0}, {0}};
    return (struct envelope_terms){
        .pact = SLICE("aland-bland"), .party = members, .parties = 2, .message = {keys, 1}};
}

static int
make_message(struct buf *b)
{
    static char text[NOTICE_BYTES];
    struct envelope_make m = {.pact = SLICE("aland-bland"),
                              .incident = SLICE("aland-1"),
                              .from = members[0],
                              .to = members[1],
                              .type = MESSAGE_DISPUTE,
                              .tlp = SLICE("TLP:RED")};
    struct chain c = {0};

    m.body = (struct slice){text, (size_t)snprintf(text, sizeof text, "{\"reason\":\"%0*d\"}",
                                                   NOTICE_BYTES - 300, 0)};
    return envelope_write(b, &m, &c, &key, NULL, NULL);
}

static void
messages(struct slice bytes)
{
    struct envelope_terms t = terms();
    uint8_t sig[KEY_SIGNATURE];
    struct envelope e;
    unsigned fine = 0;
    double from = seconds();
    double hash;
    double read;
    double bare;

    for (unsigned i = 0; i < 100000; i++)
        fine += sha256_of(bytes.ptr, bytes.len).byte[0];
    hash = (seconds() - from) / 100000;
    from = seconds();
    for (unsigned i = 0; i < 100000; i++)
        fine += envelope_read(bytes, &e, NULL) == MESSAGE_FINE;
    read = (seconds() - from) / 100000;
    skey_sign(&key, bytes, sig);
    from = seconds();
    for (unsigned i = 0; i < 5000; i++)
        fine += vkey_verify(&key.vkey, bytes, sig) == 0;
    bare = (seconds() - from) / 5000;
    from = seconds();
    for (unsigned i = 0; i < 5000; i++)
        fine += envelope_authentic(&e, &t, (struct utime){0}) == MESSAGE_FINE;
    printf("envelope_read %.2f us (%zu bytes; their hash alone %.2f us)\n", read * 1e6,
           bytes.len, hash * 1e6);
    printf("envelope_authentic %.1f us (the signature alone %.1f us) %u\n",
           (seconds() - from) / 5000 * 1e6, bare * 1e6, fine & 1);
}

/* A long quarrel: answered, acted, active again, and so on. */
static void
make_incident(struct said *said)
{
    static const enum incident_type turn[] = {INCIDENT_ANSWER, INCIDENT_ACTION_,
                                              INCIDENT_ACTIVITY, INCIDENT_UPDATE};
    struct hash last[2] = {{{0}}, {{0}}};
    uint64_t seq[2] = {0, 0};

    for (unsigned i = 0; i < MESSAGES; i++) {
        struct said *s = &said[i];
        enum incident_type type = i == 0   ? INCIDENT_NOTICE
                                  : i == 1 ? INCIDENT_RECEIPT
                                  : i == 2 ? INCIDENT_ACK
                                           : turn[(i - 3) % 4];
        bool o =
            type != INCIDENT_NOTICE && type != INCIDENT_ACTIVITY && type != INCIDENT_UPDATE;

        *s = (struct said){.leaf = i, .prev = last[o], .has_prev = seq[o] > 0};
        s->m.type = type;
        s->m.from = o ? SIDE_O : SIDE_T;
        s->m.seq = ++seq[o];
        s->m.at = (struct utime){(int64_t)i * 3600 * TIME_US_PER_S};
        s->m.finding = FINDING_CORROBORATED;
        s->m.action = ACTION_BLOCKED;
        s->not_before = s->m.at;
        s->id = sha256_of(&i, sizeof i);
        last[o] = s->id;
    }
}

int
main(void)
{
    static struct fate fate[MESSAGES];
    static struct said said[INCIDENTS][MESSAGES];
    static const uint8_t seed[KEY_SEED] = {1};
    unsigned rejected = 0;
    double from;
    AUTO_BUF(b, ENVELOPE_MAX);

    if (key_init() < 0 ||
        skey_make(SLICE("aland.example/detente/message"), KEY_ED25519, seed, &key) < 0 ||
        make_message(&b) < 0)
        return 1;
    messages(buf_get(&b));
    for (unsigned i = 0; i < INCIDENTS; i++)
        make_incident(said[i]);
    from = seconds();
    for (unsigned i = 0; i < INCIDENTS; i++) {
        struct conversation_case c = {
            .terms = &incident_example, .said = said[i], .count = MESSAGES};
        struct conversation got;

        if (conversation_fold(&c, TIME_MAX, &got, fate) < 0)
            return 1;
        rejected += got.rejected;
    }
    printf("conversation_fold %.1f ms (%d incidents of %d messages, %u rejected)\n",
           (seconds() - from) * 1e3, INCIDENTS, MESSAGES, rejected);
    return 0;
}
