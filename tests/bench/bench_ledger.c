/* What the ledger costs, with what the machine could do at best beside it. */
#include <stdio.h>
#include <time.h>

#include "base/sha256.h"
#include "ledger/commit.h"
#include "ledger/ledger.h"
#include "ledger/proof.h"
#include "ledger/tree.h"

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
    struct commit_block b = {events, EVENTS_PER_BLOCK, {raw, sizeof raw}, key, &names};
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

int
main(void)
{
    printf("sha256_41 %.2f M/s (limit of salts)\n", hash_rate(41) / 1e6);
    printf("sha256_65 %.2f M/s (limit of nodes)\n", hash_rate(65) / 1e6);
    printf("sha256_301 %.2f M/s (limit of leaves)\n", hash_rate(301) / 1e6);
    printf("commitments_300 %.3f M/s\n", commit_rate(300) / 1e6);
    printf("commitments_620 %.3f M/s\n", commit_rate(620) / 1e6);
    return 0;
}
