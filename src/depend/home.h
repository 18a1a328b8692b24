/* What is home: countries, networks, prefixes, organisations, names, each with the reason that
 * somebody gave.  A rule with `!` before it says that something is not, whatever broader rule
 * covers it.
 *
 *   XA             what the tables say is registered there
 *   AS64500        a network
 *   192.0.2.0/24   addresses
 *   org:TEXT       an organisation: a network's name in the tables, or what a list of services
 *                  calls a supplier; letters of either case are the same
 *   name:TEXT      a name and all names below it
 *   tld:TEXT       a top-level domain, because one of its servers is: of many at one address
 *                  (anycast) tables see only where the owner is
 *   root           a copy of the root of the DNS that resolvers at home ask (RFC 8806)
 *
 * The narrower counts: names and organisations, then the longest prefix, then networks, then
 * countries. */
#ifndef DETENTE_DEPEND_HOME_H
#define DETENTE_DEPEND_HOME_H

#include <stdbool.h>

#include "base/err.h"
#include "model/addr.h"
#include "model/event.h"

enum { HOME_RULES = 8192, HOME_TEXT = 256 /* bytes of a rule's text, and of its reason */ };

enum home_kind {
    HOME_COUNTRY,
    HOME_NETWORK,
    HOME_PREFIX,
    HOME_ORG,
    HOME_NAME,
    HOME_TLD,
    HOME_ROOT
};

struct home_rule {
    struct prefix prefix;
    uint32_t asn;
    uint32_t line; /* of the file it stands in; 0: the command line or the configuration */
    uint16_t country;
    uint8_t kind;
    bool away;              /* `!` */
    char text[HOME_TEXT];   /* as it was written */
    char folded[HOME_TEXT]; /* of ORG, NAME and TLD: what is compared */
    char reason[HOME_TEXT]; /* "" none */
};

struct home {
    struct home_rule *rule;
    uint32_t count;
    uint32_t room;
};

void home_release(struct home *h);
/* What a rule is about, without `!`: fills kind and what belongs to it.  False: it is none. */
bool home_rule_parse(struct slice s, struct home_rule *r);
/* One rule.  ERR_INVALID (ei has what is wrong, at line and column when line > 0), ERR_LIMIT,
 * ERR_NOMEM. */
MUST_USE int home_add(struct home *h, struct slice rule, struct slice reason, unsigned line,
                      struct errinfo *ei);
/* A file: a rule a line, blanks (or a tab, where the rule has blanks in it) and its reason
 * behind it; `#` begins a comment line. */
MUST_USE int home_read(struct home *h, struct slice text, struct errinfo *ei);

/* The segment of a scenario of `cutoff file`: `country XA`, `as 64500`, and `stays 64501` (it
 * is foreign and carries inside all the same); its `link` lines say nothing of what is home. */
MUST_USE int home_read_scenario(struct home *h, struct slice text, struct errinfo *ei);

/* The rule that decides, or NULL. */
const struct home_rule *home_of_address(const struct home *h, const struct addr *a,
                                        uint32_t asn, struct slice network_name,
                                        uint16_t country);
const struct home_rule *home_of_network(const struct home *h, uint32_t asn,
                                        struct slice network_name, uint16_t country);
const struct home_rule *home_of_name(const struct home *h, struct slice folded);
const struct home_rule *home_of_tld(const struct home *h, struct slice folded);
const struct home_rule *home_of_org(const struct home *h, struct slice text);
const struct home_rule *home_of_country(const struct home *h, uint16_t country);
const struct home_rule *home_of_root(const struct home *h);
/* Is there a rule of that kind? */
bool home_has(const struct home *h, enum home_kind kind);

#endif
