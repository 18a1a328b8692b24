/* Priority: whatever is known of a vulnerability and whatever weights pass the check, there is
 * a decision, and a risk within its bounds that no further sighting lowers. */
#include <string.h>

#include "vuln/priority.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
    const uint8_t *at;
    size_t left;
};

static uint64_t
take(struct bytes *b, unsigned n)
{
    uint64_t x = 0;

    for (; n > 0 && b->left > 0; n--, b->left--)
        x = x << 8 | *b->at++;
    return x;
}

static struct utime
take_time(struct bytes *b)
{
    return (struct utime){(int64_t)(take(b, 5) * (uint64_t)TIME_US_PER_S)};
}

static struct priority_input
take_input(struct bytes *b)
{
    struct priority_input in = {.now = take_time(b)};

    in.in_kev = (enum priority_answer)(take(b, 1) % 3);
    in.ransomware = take(b, 1) % 2 == 0;
    in.vulnrichment = (enum priority_exploitation)(take(b, 1) % 4);
    in.automatable = (enum priority_answer)(take(b, 1) % 3);
    in.technical_impact = (enum priority_impact)(take(b, 1) % 3);
    in.has_epss = take(b, 1) % 2 == 0;
    in.epss = (uint32_t)take(b, 4);
    in.has_cvss = take(b, 1) % 2 == 0;
    in.cvss = (unsigned)take(b, 1);
    in.severity = (enum priority_severity)(take(b, 1) % 6);
    in.seen_here = take_time(b);
    in.seen_peer = take_time(b);
    in.peer_proved = take(b, 1) % 2 == 0;
    in.exposure = (enum priority_exposure)(take(b, 1) % 4);
    in.human_impact = (enum priority_level)(take(b, 1) % 5);
    in.mission = (enum priority_level)(take(b, 1) % 5);
    in.has_criticality = take(b, 1) % 2 == 0;
    in.criticality = (uint32_t)take(b, 4);
    in.hit = take_time(b);
    return in;
}

static struct priority_weights
take_weights(struct bytes *b)
{
    struct priority_weights w = priority_weights();
    struct priority_weights other = w;
    uint32_t *const each[] = {&other.peer,        &other.unproved,      &other.small,
                              &other.kev,         &other.controlled,    &other.open,
                              &other.hit,         &other.ransomware,    &other.no_epss,
                              &other.no_severity, &other.no_criticality};
    struct errinfo ei = {.line = 0};

    for (unsigned i = 0; i < sizeof each / sizeof each[0] && b->left > 0; i++)
        *each[i] = (uint32_t)take(b, 3);
    other.half_life.us = (int64_t)take(b, 7);
    if (priority_weights_check(&other, &ei) == 0)
        return other;
    BUG_ON(ei.text[0] == '\0');
    return w;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes b = {data, size};
    struct priority_input in = take_input(&b);
    const struct priority_weights w = take_weights(&b);
    const struct priority_decision d = priority_decide(&in);
    const struct priority_risk r = priority_weigh(&in, &w);

    BUG_ON(r.risk > 100000 || d.unknown >= 1U << PRIORITY_UNKNOWNS);
    BUG_ON(priority_deployer_name(d.deployer) == NULL ||
           priority_coordinator_name(d.coordinator) == NULL ||
           priority_source_name(d.source) == NULL);
    for (unsigned i = 0; i < PRIORITY_FACTORS; i++)
        BUG_ON(r.factor[i].value > PRIORITY_WEIGHT_MOST ||
               priority_factor_name((enum priority_factor_id)i) == NULL);
    in.seen_here = in.now;
    BUG_ON(in.now.us != 0 && priority_weigh(&in, &w).risk < r.risk);
    BUG_ON(in.now.us != 0 && priority_decide(&in).deployer < d.deployer);
    return 0;
}
