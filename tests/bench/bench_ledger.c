/* What the ledger costs, with what the machine could do at best beside it. */
#include <stdio.h>
#include <time.h>

#include "base/sha256.h"
#include "ledger/commit.h"
#include "ledger/ledger.h"
#include "ledger/proof.h"
#include "ledger/tree.h"
#include "mem.h"
#include "wire/jcs.h"

static double
seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- The limits ---- */

static double
hash_rate(size_t n)
{
    static unsigned char in[1024];
    struct hash h = {{0}};
    double from = seconds();
    unsigned runs = 0;

    do {
        for (int i = 0; i < 20000; i++) {
            memcpy(in, &h, sizeof h);
            h = sha256_of(in, n);
        }
        runs += 20000;
    } while (seconds() - from < 0.5);
    return (double)runs / (seconds() - from);
}

/* ---- Commitments ---- */

static struct slice
rule_name(void *self, uint32_t rule)
{
    (void)self;
    (void)rule;
    return SLICE("suricata:1:2030001:2");
}

static struct slice
sensor_name(void *self, uint16_t sensor)
{
    (void)self;
    (void)sensor;
    return SLICE("nl-edge-1");
}

static void
fill_events(struct event *events, uint32_t n, uint32_t raw_len)
{
    for (uint32_t i = 0; i < n; i++) {
        events[i] = (struct event){.time = {1772366400000000 + i * 61},
                                   .time_seen = {1772366400001500 + i * 61},
                                   .origin = addr_of_v4(0xc6336400 + i % 200),
                                   .target = addr_of_v4(0xc000020a),
                                   .origin_asn = 64500,
                                   .target_asn = 64496,
                                   .count = 1,
                                   .raw_at = i * raw_len,
                                   .raw_len = raw_len,
                                   .origin_port = (uint16_t)(49152 + i),
                                   .target_port = 443,
                                   .origin_country = COUNTRY('X', 'S'),
                                   .target_country = COUNTRY('X', 'N'),
                                   .raw_count = 1,
                                   .protocol = 6,
                                   .class_ = CLASS_EXPLOIT,
                                   .severity = 1,
                                   .grade = 1,
                                   .raw_kind = RAW_LINE};
    }
}

static double
commit_rate(uint32_t raw_len)
{
    static struct event events[EVENTS_PER_BLOCK];
    static char raw[EVENTS_PER_BLOCK * 640];
    static struct hash c[EVENTS_PER_BLOCK];
    static const uint8_t key[COMMIT_KEY] = {1};
    struct commit_names names = {NULL, rule_name, sensor_name};
    struct commit_block b = {events, EVENTS_PER_BLOCK, {raw, sizeof raw}, key, NULL, &names};
    double from = seconds();
    unsigned runs = 0;
    struct hash root;

    memset(raw, 'x', sizeof raw);
    fill_events(events, EVENTS_PER_BLOCK, raw_len);
    do {
        if (commit_block(&b, c, &root) < 0)
            return 0;
        runs += EVENTS_PER_BLOCK;
    } while (seconds() - from < 1.0);
    return (double)runs / (seconds() - from);
}

/* ---- The log ---- */

enum { BATCH = 4096, LEAF = 300 };

static double
append_rate(void)
{
    static const uint8_t seed[KEY_SEED] = {1};
    static char entry[LEAF];
    struct mem mem = {.calls = 0};
    struct ledger_storage s = mem_storage(&mem);
    struct ledger *l = NULL;
    struct skey key;
    double from = 0;
    uint64_t index = 0;

    if (key_init() < 0 || skey_make(SLICE("a.example/log"), KEY_ED25519, seed, &key) < 0 ||
        ledger_open(&s, 0, &l, NULL) < 0)
        return 0;
    for (int batch = 0; batch < 101; batch++) {
        if (batch == 1) /* the first one finds the memory */
            from = seconds();
        for (int i = 0; i < BATCH; i++) {
            memcpy(entry, &index, sizeof index);
            if (ledger_append(l, (struct slice){entry, LEAF}, &index) < 0)
                return 0;
        }
        if (ledger_sign(l, &key, NULL, NULL) < 0)
            return 0;
        ledger_commit(l);
    }
    from = seconds() - from;
    l = ledger_free(l);
    mem_release(&mem);
    return 100.0 * BATCH / from;
}

/* ---- Checks ---- */

static double
verify_rate(void)
{
    static const uint8_t seed[KEY_SEED] = {1};
    static const char message[200] = {1};
    uint8_t signature[KEY_SIGNATURE];
    struct skey key;
    double from;
    unsigned runs = 0;

    if (key_init() < 0 || skey_make(SLICE("a.example/log"), KEY_ED25519, seed, &key) < 0)
        return 0;
    skey_sign(&key, (struct slice){message, sizeof message}, signature);
    from = seconds();
    do {
        if (vkey_verify(&key.vkey, (struct slice){message, sizeof message}, signature) < 0)
            return 0;
        runs++;
    } while (seconds() - from < 0.5);
    return (double)runs / (seconds() - from);
}

/* Milliseconds for a proof file with one signature line; file: a seed of fuzz_proof. */
static double
proof_ms(const char *file)
{
    static const uint8_t seed[KEY_SEED] = {1};
    static char bytes[PROOF_MAX];
    static struct proof p;
    struct skey key;
    struct checkpoint_keys keys = {{&key.vkey, 1}, {NULL, 0}, {NULL, 0}};
    FILE *f = fopen(file, "rb");
    size_t n = f == NULL ? 0 : fread(bytes, 1, sizeof bytes, f);
    double from;
    unsigned runs = 0;

    if (f == NULL || fclose(f) != 0 || key_init() < 0 ||
        skey_make(SLICE("a.example/log"), KEY_ED25519, seed, &key) < 0)
        return 0;
    from = seconds();
    do {
        if (proof_verify((struct slice){bytes, n}, &keys, &p, NULL) < 0)
            return 0;
        proof_release(&p);
        runs++;
    } while (seconds() - from < 0.5);
    return (seconds() - from) * 1000 / (double)runs;
}

static double
jcs_rate(void)
{
    static char text[1 << 16];
    size_t n = 0;
    double from = seconds();
    double bytes = 0;

    text[n++] = '[';
    while (n < sizeof text - 100) {
        memcpy(text + n, "{\"at\":\"2026-03-01T12:00:00.000000Z\",\"n\":12345},", 47);
        n += 47;
    }
    text[n - 1] = ']';
    do {
        if (jcs_check((struct slice){text, n}, NULL) != JCS_OK)
            return 0;
        bytes += (double)n;
    } while (seconds() - from < 0.5);
    return bytes / (seconds() - from) / 1e6;
}

int
main(int argc, char **argv)
{
    double node = hash_rate(65);
    double leaf = hash_rate(1 + LEAF);
    double salt = hash_rate(41);
    double ed25519 = verify_rate();
    /* 4 salts, public, target, private, c, and a node; raw by its length */
    double parts = 4 / salt + 1 / hash_rate(164) + 1 / hash_rate(80) + 1 / hash_rate(252) +
                   1 / hash_rate(82) + 1 / node;

    printf("sha256_65 %.2f M/s (limit: the machine's; nodes)\n", node / 1e6);
    printf("sha256_301 %.2f M/s (limit: the machine's; leaves)\n", leaf / 1e6);
    printf("leaves_300 %.3f M/s (limit: %.3f by two leaf and two node hashes)\n",
           append_rate() / 1e6, 1 / (2 / leaf + 2 / node) / 1e6);
    printf("commitments_300 %.3f M/s (limit: %.3f with one hash at a time)\n",
           commit_rate(300) / 1e6, 1 / (parts + 1 / hash_rate(332)) / 1e6);
    printf("commitments_620 %.3f M/s (limit: %.3f with one hash at a time)\n",
           commit_rate(620) / 1e6, 1 / (parts + 1 / hash_rate(652)) / 1e6);
    printf("jcs_check %.0f MB/s\n", jcs_rate());
    if (argc == 2)
        printf("proof_verify %.3f ms (limit: %.3f by one signature)\n", proof_ms(argv[1]),
               1000 / ed25519);
    return 0;
}
