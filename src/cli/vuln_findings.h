/* Findings as the verbs of `detente vuln` show them: a scan, filtered, in the order in which to
 * act where figures are asked for, else by asset, package and vulnerability. */
#ifndef DETENTE_CLI_VULN_FINDINGS_H
#define DETENTE_CLI_VULN_FINDINGS_H

#include "cli/cmd.h"
#include "cli/vuln_sights.h"
#include "role/risk.h"
#include "vulndb/vex.h"

#define VULN_FINDINGS_OPTIONS                                                          \
    {"asset", "NAME", "of one asset", 0}, {"package", "NAME", "of one package", 0},    \
        {"cve", "ID", "of one vulnerability", 0},                                      \
        {"kev", NULL, "only what is known to be exploited", 0},                        \
        {"seen", NULL, "this node's own alerts of 30 days count as exploitation", 0},  \
        {"min-risk", "N", "only what has this risk, 0 to 100, or more", 0},            \
        {"all", NULL, "also what does not affect, by a statement or an exception", 0}, \
    {                                                                                  \
        "lenient", NULL, "what an inventory does not say matches too", 0               \
    }

const char *findings_severity_name(enum priority_severity s);
enum priority_severity findings_severity(const struct risk_known *k);

struct finding {
    uint32_t at; /* in scan.finding */
    uint32_t risk;
    enum finding_state state;
};

struct findings {
    struct vulndb *db;
    struct scan_options options;
    bool figures; /* set before findings_open(): they come in the order of risk */
    bool seen;    /* the same: the node's own alerts count; else by --seen */
    bool every;   /* the same: as if --all was given, and not a word is said */
    struct scan scan;
    struct risk risk;
    struct vexes *vexes;
    struct sights *sights;
    struct finding *finding;
    uint32_t count;
    uint32_t left_out; /* by statements and exceptions */
};

/* The node's own weights into what risk_open() made; reported, an exit status. */
MUST_USE int vuln_weigh(const struct cli *cli, struct risk *r);

/* Reported already when it fails: an exit status.  Close in any case. */
MUST_USE int findings_open(const struct cli *cli, struct findings *f);
/* All of one vulnerability, whatever is stated of them; db and options are set. */
MUST_USE int findings_of(const struct cli *cli, struct findings *f, uint64_t vuln);
void findings_close(struct findings *f);

#endif
