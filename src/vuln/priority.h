/* What to mend first: a decision by published tables, and an order inside a decision.
 *
 * The decision, by tables that are facts of CERTCC/SSVC:
 *   bod_26_04.def    CISA BOD 26-04: in KEV, exposed, automatable, technical impact
 *   deployer.def     SSVC 2: exploitation, exposure, automatable, human impact
 *   coordinator.def  SSVC 2: exploitation, automatable, technical impact, mission
 *
 *   exploitation = active  if it was seen here, or a counterpart's sighting is proved by its
 *                          log, or it is in KEV, or vulnrichment says active
 *                = poc     if vulnrichment says so
 *                = none    else; where vulnrichment does not know it either it is also unknown
 *   exposed      = the asset is open to the Internet
 * Whatever else is unknown takes the worse value; the bits of all are set in `unknown`. Without
 * a catalogue, KEV says yes in the directive's table and to K, but neither makes exploitation
 * active nor T one: that would make all alike.
 *
 * The order (weights are this program's choice, as struct priority_weights):
 *   T = 1                                        seen here within `seen_span`, or in KEV
 *     = 1 - (1 - EPSS) * (1 - peer * w)          else
 *   w = 2^(-age / half_life) * (proved ? 1 : unproved), 0 without a counterpart's sighting
 *   S = CVSS base score / 10, or the middle of what its severity spans
 *   X = exposure   C = criticality   K = KEV, or ransomware   L = this asset was hit while
 *                                                                 vulnerable
 *   risk = 100 * min(1, T*S*X*C*K*L)
 * All in whole numbers, so that machines agree: a factor is in millionths, a product is rounded
 * half up to 1e-9 after each step.  More of any factor never gives less risk.  Some 50 ns.
 * Pure. */
#ifndef DETENTE_VULN_PRIORITY_H
#define DETENTE_VULN_PRIORITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/time.h"

/* ---- what is known ----------------------------------------------------------------------- */

/* 0 is not known in all of these, so that what was never filled in is unknown; then from good
 * to bad. */
enum priority_answer { PRIORITY_ANSWER_UNKNOWN, PRIORITY_NO, PRIORITY_YES };
enum priority_exploitation {
    PRIORITY_EXPLOITATION_UNKNOWN,
    PRIORITY_NONE,
    PRIORITY_POC,
    PRIORITY_ACTIVE
};
enum priority_exposure {
    PRIORITY_EXPOSURE_UNKNOWN,
    PRIORITY_SMALL,
    PRIORITY_CONTROLLED,
    PRIORITY_OPEN
};
enum priority_impact { PRIORITY_IMPACT_UNKNOWN, PRIORITY_PARTIAL, PRIORITY_TOTAL };
/* Human impact; mission and well-being has no VERY_HIGH. */
enum priority_level {
    PRIORITY_LEVEL_UNKNOWN,
    PRIORITY_LOW,
    PRIORITY_MEDIUM,
    PRIORITY_HIGH,
    PRIORITY_VERY_HIGH
};
enum priority_severity {
    PRIORITY_SEVERITY_UNKNOWN,
    PRIORITY_SEVERITY_NONE,
    PRIORITY_SEVERITY_LOW,
    PRIORITY_SEVERITY_MEDIUM,
    PRIORITY_SEVERITY_HIGH,
    PRIORITY_SEVERITY_CRITICAL
};

enum { PRIORITY_ONE = 1000000 };

/* Times are 0 where there is none. */
struct priority_input {
    struct utime now;
    /* of the vulnerability */
    enum priority_answer in_kev; /* UNKNOWN: no catalogue was taken in */
    struct utime kev_added;
    bool ransomware;
    enum priority_exploitation vulnrichment;
    enum priority_answer automatable;
    enum priority_impact technical_impact;
    struct utime ssvc_at; /* of these three */
    bool has_epss;
    uint32_t epss; /* millionths */
    struct utime epss_at;
    bool has_cvss;
    unsigned cvss;                   /* tenths, 0..100 */
    enum priority_severity severity; /* asked when there is no score */
    struct utime cvss_at;
    /* sightings */
    struct utime seen_here; /* last */
    struct utime seen_peer; /* last of a counterpart's */
    bool peer_proved;       /* its log's proof verifies */
    /* of the asset */
    enum priority_exposure exposure;
    enum priority_level human_impact;
    enum priority_level mission;
    bool has_criticality;
    uint32_t criticality;  /* millionths */
    struct utime hit;      /* while vulnerable, last */
    struct utime asset_at; /* when the asset was described */
};

/* ---- decision ---------------------------------------------------------------------------- */

enum priority_deployer {
    PRIORITY_DEFER,
    PRIORITY_SCHEDULED,
    PRIORITY_OUT_OF_CYCLE,
    PRIORITY_IMMEDIATE
};
enum priority_coordinator {
    PRIORITY_TRACK,
    PRIORITY_TRACK_STAR,
    PRIORITY_ATTEND,
    PRIORITY_ACT
};
const char *priority_deployer_name(enum priority_deployer d);       /* "out-of-cycle" */
const char *priority_coordinator_name(enum priority_coordinator c); /* "track*" */

enum priority_unknown {
    PRIORITY_UNKNOWN_KEV = 1 << 0,
    PRIORITY_UNKNOWN_EXPLOITATION = 1 << 1,
    PRIORITY_UNKNOWN_EXPOSURE = 1 << 2,
    PRIORITY_UNKNOWN_AUTOMATABLE = 1 << 3,
    PRIORITY_UNKNOWN_TECHNICAL = 1 << 4,
    PRIORITY_UNKNOWN_HUMAN = 1 << 5,
    PRIORITY_UNKNOWN_MISSION = 1 << 6
};
enum { PRIORITY_UNKNOWNS = 7 };
const char *priority_unknown_name(unsigned bit); /* 0 …: "kev" … */

struct priority_deadline {
    unsigned days; /* 3, 14, 60; 0: with the next upgrade */
    bool forensic; /* an investigation is due */
    uint8_t row;   /* of the directive's table that says so */
};

/* Who says what a value rests on. */
enum priority_source {
    PRIORITY_FROM_NOBODY, /* unknown */
    PRIORITY_FROM_HERE,   /* this node's sightings */
    PRIORITY_FROM_PEER,
    PRIORITY_FROM_KEV,
    PRIORITY_FROM_VULNRICHMENT,
    PRIORITY_FROM_EPSS,
    PRIORITY_FROM_CVSS,
    PRIORITY_FROM_ASSET, /* what the operator says of the asset */
    PRIORITY_SOURCES
};
const char *priority_source_name(enum priority_source s); /* "here" … */

struct priority_decision {
    enum priority_exploitation exploitation; /* as taken */
    enum priority_source source;             /* of it */
    struct utime at;                         /* of it; 0 not known */
    struct priority_deadline directive;      /* by KEV alone, in the directive's words */
    /* The same where a sighting here, or a proved one of a counterpart, counts as KEV does:
     * KEV lags behind.  Never later than that of the directive. */
    struct priority_deadline deadline;
    enum priority_deployer deployer;
    enum priority_coordinator coordinator;
    unsigned unknown; /* enum priority_unknown: of what the worse value was taken */
};

struct priority_decision priority_decide(const struct priority_input *in);

/* ---- order ------------------------------------------------------------------------------- */

struct priority_weights {    /* millionths, each at most PRIORITY_WEIGHT_MOST */
    uint32_t peer;           /* 0.8 */
    uint32_t unproved;       /* 0.5 */
    uint32_t small;          /* 0.4 */
    uint32_t controlled;     /* 0.7 */
    uint32_t open;           /* 1 */
    uint32_t kev;            /* 1.05 */
    uint32_t ransomware;     /* 1.10, in the place of kev */
    uint32_t hit;            /* 1.25 */
    uint32_t no_epss;        /* 0.1, which one in twenty has: taken where there is none */
    uint32_t no_severity;    /* 1 */
    uint32_t no_criticality; /* 1 */
    struct span seen_span;   /* 30 days */
    struct span half_life;   /* 7 days */
};
enum { PRIORITY_WEIGHT_MOST = 4 * PRIORITY_ONE };
#define PRIORITY_SPAN_MOST ((struct span){INT64_C(3650) * 86400 * TIME_US_PER_S})
struct priority_weights priority_weights(void); /* the numbers above */
/* ERR_INVALID: one is above its bound (of peer, unproved and no_… PRIORITY_ONE), kev is above
 * ransomware, exposures do not ascend, or a span is not between a second and
 * PRIORITY_SPAN_MOST; ei names it. */
MUST_USE int priority_weights_check(const struct priority_weights *w, struct errinfo *ei);

enum priority_factor_id {
    PRIORITY_EPSS,   /* into T */
    PRIORITY_PEER,   /* into T: peer * w */
    PRIORITY_THREAT, /* T */
    PRIORITY_SEVERITY,
    PRIORITY_EXPOSURE,
    PRIORITY_CRITICALITY,
    PRIORITY_KEV,
    PRIORITY_HIT,
    PRIORITY_FACTORS
};
const char *priority_factor_name(enum priority_factor_id f); /* "epss" … */

struct priority_factor {
    uint32_t value; /* millionths */
    enum priority_source source;
    struct utime at; /* of what it rests on; 0: not known, or it rests on nothing */
    bool unknown;    /* the worse value was taken */
};
struct priority_risk {
    uint32_t risk; /* thousandths, 0..100000: 87.5 is 87500 */
    struct priority_factor factor[PRIORITY_FACTORS];
};

/* w is taken as checked. */
struct priority_risk priority_weigh(const struct priority_input *in,
                                    const struct priority_weights *w);

/* 2^(-age / half_life) in 1e-9, rounded; an age below 0 is 0.  Exact to 1e-8. */
uint32_t priority_decay(struct span age, struct span half_life);

#endif
