/* What the verbs of `detente depend` share: reading what the options name, and rows. */
#ifndef DETENTE_CLI_DEPEND_H
#define DETENTE_CLI_DEPEND_H

#include "cli/cmd.h"
#include "cli/output.h"
#include "role/depends.h"

struct asked_audit {
    struct cli *cli;
    struct depends d;
    struct audit_input in;
    struct audit audit;
    const char *country; /* home, where no option says; NULL: the node's own */
    const char *file;    /* list of services; NULL: none */
    const char *date;    /* of the snapshot that places networks; NULL: the newest */
    bool rows;           /* it may turn out to be an audit that was saved: no home is needed */
};

/* All return 0 or an exit status (reported). */

/* f of each file that an option names. */
MUST_USE int depend_each(struct asked_audit *q, const char *option,
                         int (*f)(struct depends *, const char *, struct errinfo *));
/* --home, --home-file, --cut, or the node's configuration. */
MUST_USE int depend_home(struct asked_audit *q);
/* Did any of them say what is home? */
MUST_USE int depend_need_home(const struct asked_audit *q);
/* Files, tables and home, as the options say. */
MUST_USE int depend_open(struct cli *cli, struct asked_audit *ret);
/* The same of a cut: by the snapshot of that date (NULL: the newest), and that country is home
 * unless the options say otherwise (NULL: none). */
MUST_USE int depend_open_cut(struct cli *cli, const char *date, const char *country,
                             struct asked_audit *ret);
/* The same for depend_rows(), which asks what is home where it must know. */
MUST_USE int depend_open_rows(struct cli *cli, struct asked_audit *ret);
/* The list of services; NULL: the entries of --answers are the services. */
MUST_USE int depend_services(struct asked_audit *q, const char *path);
/* A saved audit, or a list of services that is still to be audited. */
MUST_USE int depend_rows(struct asked_audit *q, const char *path, struct diff_rows *ret,
                         bool *ret_audit);
MUST_USE int depend_audit(struct asked_audit *q);
void depend_close(struct asked_audit *q);

enum depend_level { LEVEL_SERVICE, LEVEL_NEED, LEVEL_LINK };
/* --level; default: needs. */
MUST_USE int depend_level(const struct cli *cli, enum depend_level *ret);
/* Rows of an audit: DEPEND_AUDIT_COLUMNS cells each. */
extern const struct column depend_columns[];
enum { DEPEND_COLUMNS = 18 };
void depend_write(const struct asked_audit *q, enum depend_level level, struct output *o);

/* A number of days, or nothing. */
void depend_put_days(struct output *o, struct slice days);

#define DEPEND_OPTIONS                                                                         \
    {"zone", "[ORIGIN=]FILE", "zone file, RFC 1035, also the root's; may be given again", 0},  \
        {"pem", "DIR|FILE", "certificate chains and revocation lists; may be given again", 0}, \
        {"answers", "FILE", "recorded answers as JSON; may be given again", 0},                \
        {"suppliers", "FILE",                                                                  \
         "who supplies software, licences and clouds from which country, as CSV; may be "      \
         "given "                                                                              \
         "again",                                                                              \
         0},                                                                                   \
        {"sbom", "[SERVICE=]FILE",                                                             \
         "what a service is made of: CycloneDX 1.4 to 1.6 or SPDX 2.3, as JSON; may be given " \
         "again",                                                                              \
         0},                                                                                   \
        {"home", "RULES",                                                                      \
         "what is home: XA,AS64500,192.0.2.0/24,org:TEXT,name:TEXT,tld:TEXT,root,party:NAME; " \
         "may be "                                                                             \
         "given again (default: country and networks of the node)",                            \
         0},                                                                                   \
        {"home-file", "FILE", "the same, a rule and its reason a line; may be given again",    \
         0},                                                                                   \
        {"cut", "SCENARIO", "the same: a scenario of `cutoff file`, a country or a network",   \
         0},                                                                                   \
        {"at", "TIME", "of the cut (default: now)", 0},                                        \
        {"hard-fail", NULL, "clients refuse what they cannot check for revocation", 0},        \
        {"clock-ppm", "N", "how fast clocks drift, parts per million (default: 50)", 0},       \
    {                                                                                          \
        "clock-limit", "SPAN", "how wrong a clock may be (default: 5m)", 0                     \
    }

#endif
