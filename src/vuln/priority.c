#include "vuln/priority.h"

#define DAY (INT64_C(86400) * TIME_US_PER_S)

enum {
    NO = PRIORITY_NO,
    YES = PRIORITY_YES,
    PARTIAL = PRIORITY_PARTIAL,
    TOTAL = PRIORITY_TOTAL,
    NONE = PRIORITY_NONE,
    POC = PRIORITY_POC,
    ACTIVE = PRIORITY_ACTIVE,
    SMALL = PRIORITY_SMALL,
    CONTROLLED = PRIORITY_CONTROLLED,
    OPEN = PRIORITY_OPEN,
    LOW = PRIORITY_LOW,
    MEDIUM = PRIORITY_MEDIUM,
    HIGH = PRIORITY_HIGH,
    VERY_HIGH = PRIORITY_VERY_HIGH
};

/* ---- names ------------------------------------------------------------------------------- */

const char *
priority_deployer_name(enum priority_deployer d)
{
    static const char *const names[] = {"defer", "scheduled", "out-of-cycle", "immediate"};

    return names[d];
}

const char *
priority_coordinator_name(enum priority_coordinator c)
{
    static const char *const names[] = {"track", "track*", "attend", "act"};

    return names[c];
}

const char *
priority_unknown_name(unsigned bit)
{
    static const char *const names[PRIORITY_UNKNOWNS] = {
        "kev", "exploitation", "exposure", "automatable", "technical", "human", "mission"};

    return names[bit];
}

const char *
priority_source_name(enum priority_source s)
{
    static const char *const names[PRIORITY_SOURCES] = {
        "nobody", "here", "peer", "kev", "vulnrichment", "epss", "cvss", "asset"};

    return names[s];
}

const char *
priority_factor_name(enum priority_factor_id f)
{
    static const char *const names[PRIORITY_FACTORS] = {
        "epss", "peer", "threat", "severity", "exposure", "criticality", "kev", "hit"};

    return names[f];
}

/* ---- decision ---------------------------------------------------------------------------- */

/* The value, or the worse one with its bit. */
static unsigned
taken(unsigned value, unsigned worse, unsigned bit, unsigned *unknown)
{
    if (value != 0)
        return value;
    *unknown |= bit;
    return worse;
}

static void
take_exploitation(const struct priority_input *in, struct priority_decision *d)
{
    d->exploitation = PRIORITY_ACTIVE;
    if (in->seen_here.us != 0) {
        d->source = PRIORITY_FROM_HERE;
        d->at = in->seen_here;
    } else if (in->seen_peer.us != 0 && in->peer_proved) {
        d->source = PRIORITY_FROM_PEER;
        d->at = in->seen_peer;
    } else if (in->in_kev == PRIORITY_YES) {
        d->source = PRIORITY_FROM_KEV;
        d->at = in->kev_added;
    } else if (in->vulnrichment != PRIORITY_EXPLOITATION_UNKNOWN) {
        d->exploitation = in->vulnrichment;
        d->source = PRIORITY_FROM_VULNRICHMENT;
        d->at = in->ssvc_at;
    } else {
        d->exploitation = PRIORITY_NONE;
        d->source = PRIORITY_FROM_NOBODY;
        d->unknown |= PRIORITY_UNKNOWN_EXPLOITATION;
    }
}

static struct priority_deadline
directive(unsigned kev, unsigned exposed, unsigned automatable, unsigned technical)
{
    static const struct {
        uint8_t kev, exposed, automatable, technical;
        struct priority_deadline deadline;
    } rows[] = {
#define BOD(in, exp, aut, tec, after, triage) {in, exp, aut, tec, {after, triage, 0}},
#include "vuln/bod_26_04.def"
    };

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].kev == kev && rows[i].exposed == exposed &&
            rows[i].automatable == automatable && rows[i].technical == technical) {
            struct priority_deadline d = rows[i].deadline;

            d.row = (uint8_t)i;
            return d;
        }
    }
    err_bug(__FILE__, __LINE__, "the table is whole");
}

static enum priority_deployer
deployer(unsigned exploitation, unsigned exposure, unsigned automatable, unsigned human)
{
    enum { DEFER, SCHEDULED, OUT_OF_CYCLE, IMMEDIATE };
    static const struct {
        uint8_t exploitation, exposure, automatable, human, decision;
    } rows[] = {
#define DEPLOYER(exploitation, exposure, automatable, human, decision) \
    {exploitation, exposure, automatable, human, decision},
#include "vuln/deployer.def"
    };

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].exploitation == exploitation && rows[i].exposure == exposure &&
            rows[i].automatable == automatable && rows[i].human == human)
            return (enum priority_deployer)rows[i].decision;
    }
    err_bug(__FILE__, __LINE__, "the table is whole");
}

static enum priority_coordinator
coordinator(unsigned exploitation, unsigned automatable, unsigned technical, unsigned mission)
{
    enum { TRACK, TRACK_STAR, ATTEND, ACT };
    static const struct {
        uint8_t exploitation, automatable, technical, mission, decision;
    } rows[] = {
#define COORDINATOR(exploitation, automatable, technical, mission, decision) \
    {exploitation, automatable, technical, mission, decision},
#include "vuln/coordinator.def"
    };

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].exploitation == exploitation && rows[i].automatable == automatable &&
            rows[i].technical == technical && rows[i].mission == mission)
            return (enum priority_coordinator)rows[i].decision;
    }
    err_bug(__FILE__, __LINE__, "the table is whole");
}

struct priority_decision
priority_decide(const struct priority_input *in)
{
    struct priority_decision d = {.unknown = 0};
    unsigned exposure;
    unsigned automatable;
    unsigned technical;
    unsigned human;
    unsigned mission;
    unsigned exposed;
    unsigned kev;
    bool sighted;

    take_exploitation(in, &d);
    kev = taken(in->in_kev, YES, PRIORITY_UNKNOWN_KEV, &d.unknown);
    exposure = taken(in->exposure, OPEN, PRIORITY_UNKNOWN_EXPOSURE, &d.unknown);
    automatable = taken(in->automatable, YES, PRIORITY_UNKNOWN_AUTOMATABLE, &d.unknown);
    technical = taken(in->technical_impact, TOTAL, PRIORITY_UNKNOWN_TECHNICAL, &d.unknown);
    human = taken(in->human_impact, VERY_HIGH, PRIORITY_UNKNOWN_HUMAN, &d.unknown);
    mission = taken(in->mission, HIGH, PRIORITY_UNKNOWN_MISSION, &d.unknown);
    exposed = exposure == OPEN ? YES : NO;
    sighted = d.source == PRIORITY_FROM_HERE || d.source == PRIORITY_FROM_PEER;
    d.directive = directive(kev, exposed, automatable, technical);
    d.deadline = directive(sighted ? YES : kev, exposed, automatable, technical);
    d.deployer = deployer(d.exploitation, exposure, automatable, human);
    d.coordinator =
        coordinator(d.exploitation, automatable, technical, mission > HIGH ? HIGH : mission);
    return d;
}

/* ---- weights ----------------------------------------------------------------------------- */

struct priority_weights
priority_weights(void)
{
    return (struct priority_weights){.peer = 800000,
                                     .unproved = 500000,
                                     .small = 400000,
                                     .controlled = 700000,
                                     .open = PRIORITY_ONE,
                                     .kev = 1050000,
                                     .ransomware = 1100000,
                                     .hit = 1250000,
                                     .no_epss = PRIORITY_ONE / 10,
                                     .no_severity = PRIORITY_ONE,
                                     .no_criticality = PRIORITY_ONE,
                                     .seen_span = {30 * DAY},
                                     .half_life = {7 * DAY}};
}

static bool
span_is_wrong(struct span s)
{
    return s.us < TIME_US_PER_S || s.us > PRIORITY_SPAN_MOST.us;
}

int
priority_weights_check(const struct priority_weights *w, struct errinfo *ei)
{
    const struct {
        const char *name;
        uint32_t value, most;
    } bounds[] = {{"peer", w->peer, PRIORITY_ONE},
                  {"unproved", w->unproved, PRIORITY_ONE},
                  {"small", w->small, w->controlled},
                  {"controlled", w->controlled, w->open},
                  {"open", w->open, PRIORITY_WEIGHT_MOST},
                  {"kev", w->kev, w->ransomware},
                  {"ransomware", w->ransomware, PRIORITY_WEIGHT_MOST},
                  {"hit", w->hit, PRIORITY_WEIGHT_MOST},
                  {"no_epss", w->no_epss, PRIORITY_ONE},
                  {"no_severity", w->no_severity, PRIORITY_ONE},
                  {"no_criticality", w->no_criticality, PRIORITY_ONE}};

    for (unsigned i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        if (bounds[i].value > bounds[i].most)
            return err_set(ei, ERR_INVALID, "the weight `%s` is above %u.%06u", bounds[i].name,
                           bounds[i].most / PRIORITY_ONE, bounds[i].most % PRIORITY_ONE);
    }
    if (span_is_wrong(w->seen_span) || span_is_wrong(w->half_life))
        return err_set(ei, ERR_INVALID, "`%s` is not between a second and ten years",
                       span_is_wrong(w->seen_span) ? "seen_span" : "half_life");
    return 0;
}

/* ---- order ------------------------------------------------------------------------------- */

uint32_t
priority_decay(struct span age, struct span half_life)
{
    /* 2^31 * 2^(-1/2), 2^(-1/4) … 2^(-1/2^30) */
    static const uint32_t root[] = {1518500250, 1805811301, 1969251188, 2056437387, 2101467502,
                                    2124350982, 2135885998, 2141676973, 2144578345, 2146030505,
                                    2146756953, 2147120270, 2147301951, 2147392798, 2147438222,
                                    2147460935, 2147472292, 2147477970, 2147480809, 2147482228,
                                    2147482938, 2147483293, 2147483471, 2147483559, 2147483604,
                                    2147483626, 2147483637, 2147483642, 2147483645, 2147483647};
    uint64_t a = age.us < 0 ? 0 : (uint64_t)age.us / (uint64_t)TIME_US_PER_S;
    uint64_t half = (uint64_t)half_life.us / (uint64_t)TIME_US_PER_S;
    uint64_t whole = a / half;
    uint64_t part = ((a % half) << 30) / half;
    uint64_t x = UINT64_C(1) << 31;

    if (whole > 31)
        return 0;
    for (unsigned i = 0; i < 30; i++) {
        if ((part >> (29 - i) & 1) != 0)
            x = (x * root[i] + (UINT64_C(1) << 30)) >> 31;
    }
    return (uint32_t)(((x * 1000000000 >> whole) + (UINT64_C(1) << 30)) >> 31);
}

static uint32_t
times(uint32_t a, uint32_t b)
{
    return (uint32_t)(((uint64_t)a * b + PRIORITY_ONE / 2) / PRIORITY_ONE);
}

static struct priority_factor
of_epss(const struct priority_input *in, const struct priority_weights *w)
{
    if (!in->has_epss)
        return (struct priority_factor){w->no_epss, PRIORITY_FROM_NOBODY, {0}, true};
    return (struct priority_factor){in->epss > PRIORITY_ONE ? PRIORITY_ONE : in->epss,
                                    PRIORITY_FROM_EPSS, in->epss_at, false};
}

static struct priority_factor
of_peer(const struct priority_input *in, const struct priority_weights *w)
{
    uint64_t decay;
    uint32_t most = in->peer_proved ? w->peer : times(w->peer, w->unproved);

    if (in->seen_peer.us == 0)
        return (struct priority_factor){0, PRIORITY_FROM_NOBODY, {0}, false};
    decay = priority_decay(time_since(in->now, in->seen_peer), w->half_life);
    return (struct priority_factor){(uint32_t)((most * decay + 500000000) / 1000000000),
                                    PRIORITY_FROM_PEER, in->seen_peer, false};
}

static struct priority_factor
of_threat(const struct priority_input *in, const struct priority_weights *w,
          const struct priority_factor *epss, const struct priority_factor *peer)
{
    bool more;

    if (in->seen_here.us != 0 && time_since(in->now, in->seen_here).us <= w->seen_span.us)
        return (struct priority_factor){PRIORITY_ONE, PRIORITY_FROM_HERE, in->seen_here, false};
    if (in->in_kev == PRIORITY_YES)
        return (struct priority_factor){PRIORITY_ONE, PRIORITY_FROM_KEV, in->kev_added, false};
    more = peer->value > epss->value;
    return (struct priority_factor){
        PRIORITY_ONE - times(PRIORITY_ONE - epss->value, PRIORITY_ONE - peer->value),
        more ? peer->source : epss->source, more ? peer->at : epss->at, epss->unknown};
}

static struct priority_factor
of_severity(const struct priority_input *in, const struct priority_weights *w)
{
    /* CVSS 3.1, section 5: none 0, low 0.1-3.9, medium 4.0-6.9, high 7.0-8.9, critical 9.0-10
     */
    static const uint32_t middle[] = {0, 0, 200000, 545000, 795000, 950000};
    unsigned score = in->cvss > 100 ? 100 : in->cvss;

    if (in->has_cvss)
        return (struct priority_factor){score * 10000, PRIORITY_FROM_CVSS, in->cvss_at, false};
    if (in->severity != PRIORITY_SEVERITY_UNKNOWN)
        return (struct priority_factor){middle[in->severity], PRIORITY_FROM_CVSS, in->cvss_at,
                                        false};
    return (struct priority_factor){w->no_severity, PRIORITY_FROM_NOBODY, {0}, true};
}

static struct priority_factor
of_exposure(const struct priority_input *in, const struct priority_weights *w)
{
    uint32_t value = in->exposure == PRIORITY_SMALL        ? w->small
                     : in->exposure == PRIORITY_CONTROLLED ? w->controlled
                                                           : w->open;

    if (in->exposure == PRIORITY_EXPOSURE_UNKNOWN)
        return (struct priority_factor){value, PRIORITY_FROM_NOBODY, {0}, true};
    return (struct priority_factor){value, PRIORITY_FROM_ASSET, in->asset_at, false};
}

static struct priority_factor
of_criticality(const struct priority_input *in, const struct priority_weights *w)
{
    if (!in->has_criticality)
        return (struct priority_factor){w->no_criticality, PRIORITY_FROM_NOBODY, {0}, true};
    return (struct priority_factor){in->criticality > PRIORITY_ONE ? PRIORITY_ONE
                                                                   : in->criticality,
                                    PRIORITY_FROM_ASSET, in->asset_at, false};
}

static struct priority_factor
of_kev(const struct priority_input *in, const struct priority_weights *w)
{
    if (in->in_kev == PRIORITY_ANSWER_UNKNOWN)
        return (struct priority_factor){w->kev, PRIORITY_FROM_NOBODY, {0}, true};
    if (in->in_kev == PRIORITY_NO)
        return (struct priority_factor){PRIORITY_ONE, PRIORITY_FROM_KEV, {0}, false};
    return (struct priority_factor){in->ransomware ? w->ransomware : w->kev, PRIORITY_FROM_KEV,
                                    in->kev_added, false};
}

static struct priority_factor
of_hit(const struct priority_input *in, const struct priority_weights *w)
{
    if (in->hit.us == 0)
        return (struct priority_factor){PRIORITY_ONE, PRIORITY_FROM_HERE, {0}, false};
    return (struct priority_factor){w->hit, PRIORITY_FROM_HERE, in->hit, false};
}

struct priority_risk
priority_weigh(const struct priority_input *in, const struct priority_weights *w)
{
    struct priority_risk r = {.risk = 0};
    struct priority_factor *f = r.factor;
    uint64_t p = 1000000000;

    f[PRIORITY_EPSS] = of_epss(in, w);
    f[PRIORITY_PEER] = of_peer(in, w);
    f[PRIORITY_THREAT] = of_threat(in, w, &f[PRIORITY_EPSS], &f[PRIORITY_PEER]);
    f[PRIORITY_SEVERITY] = of_severity(in, w);
    f[PRIORITY_EXPOSURE] = of_exposure(in, w);
    f[PRIORITY_CRITICALITY] = of_criticality(in, w);
    f[PRIORITY_KEV] = of_kev(in, w);
    f[PRIORITY_HIT] = of_hit(in, w);
    for (unsigned i = PRIORITY_THREAT; i < PRIORITY_FACTORS; i++)
        p = (p * f[i].value + PRIORITY_ONE / 2) / PRIORITY_ONE;
    if (p > 1000000000)
        p = 1000000000;
    r.risk = (uint32_t)((p + 5000) / 10000);
    return r;
}
