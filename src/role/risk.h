/* How urgent a finding is: what feeds, this node's sensors, its counterparts and the operator
 * say, put into the decision and the order of vuln/priority.h. */
#ifndef DETENTE_ROLE_RISK_H
#define DETENTE_ROLE_RISK_H

#include "base/map.h"
#include "conf/conf.h"
#include "vuln/priority.h"
#include "vulndb/figures.h"
#include "vulndb/inventory.h"

struct risk_sight { /* of one vulnerability; times 0: never */
    struct utime here;
    struct utime peer;
    bool peer_proved;
};

struct risk {
    struct vulndb *db;
    struct priority_weights weights;
    struct utime now;
    struct utime date[FEED_KINDS]; /* of the newest feed of that kind; 0: none was taken in */
    struct map known;              /* vulnerabilities that were asked for … */
    struct risk_known *row;        /* … and what was found */
    uint32_t room;
    struct map seen;     /* assets and vulnerabilities of scans that were kept … */
    struct utime *first; /* … and since when they were found */
    uint32_t first_room;
    /* Sightings; NULL there are none. */
    struct risk_sight (*sight)(const void *arg, uint64_t vuln);
    struct utime (*hit)(const void *arg, int64_t asset, uint64_t vuln);
    const void *arg;
};
struct risk_known {
    bool in_kev, ransomware, has_epss, rejected;
    uint8_t cvss_version, score, severity, exploitation, automatable, impact;
    uint32_t epss, percentile;
    struct utime kev_added, kev_due, ssvc_at, cvss_at, published;
};

struct risk_result {
    const struct risk_known *known;
    struct priority_input input;
    struct priority_decision decision;
    struct priority_risk risk;
    /* The day until which it is to be mended; 0: with the next upgrade.  Counted from when KEV
     * took it up, else from when a scan that was kept found it first (vulndb/history.h), else
     * from its publication; an attack seen here counts from then, and makes no day later. */
    struct utime due;
};

/* The node's own weights; those of conf are checked already. */
struct priority_weights risk_weights(const struct conf *conf);
/* After risk_open() its weights may be set. */
MUST_USE int risk_open(struct risk *r, struct vulndb *db, struct utime now);
void risk_release(struct risk *r);
/* ret->known is valid until the next call. */
MUST_USE int risk_of(struct risk *r, uint64_t vuln, const struct asset *asset,
                     struct risk_result *ret);

#endif
