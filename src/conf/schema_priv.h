/* The rows of keys.def as data, and how each type is read and written. */
#ifndef DETENTE_CONF_SCHEMA_PRIV_H
#define DETENTE_CONF_SCHEMA_PRIV_H

#include <stddef.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "wire/yaml.h"

enum key_type {
    T_PARTY,
    T_ORIGIN,
    T_COUNTRY,
    T_PREFIXES,
    T_SENSORS,
    T_NAME,
    T_PATH,
    T_FORMAT,
    T_KIND,
    T_LISTENS,
    T_ENDPOINT,
    T_WHAT,
    T_NOTIFIES,
    T_URL,
    T_PEERS,
    T_ASSETS,
    T_LABEL,
    T_HTTPS,
    T_MAILBOX,
    T_MAILBOXES,
    T_TEXT,
    T_WITNESS,
    T_TOTALS,
    T_EGRESS,
    T_TLP,
    T_VKEYS,
    T_NAMES,
    T_SEVERITY,
    T_LANGUAGE,
    T_HOSTS,
    T_RETENTION,
    T_SPAN,
    T_TABLES,
    T_DATASETS,
    T_BOOL,
    T_BLOCK,
    T_COUNT,
    T_VULNERABILITIES,
    T_WEIGHTS,
    T_STALES,
    T_FACTOR,
    KEY_TYPES
};

struct key {
    const char *name;
    enum key_type type;
    size_t offset; /* in struct conf, or in the struct of its list */
    int64_t least;
    int64_t most;
    const char *fallback; /* NULL: required */
    const char *help;
};

/* A map's keys; ends with a row without name. */
extern const struct key schema_top[];
extern const struct key schema_sensor[];
extern const struct key schema_listen[];
extern const struct key schema_notify[];
extern const struct key schema_peer[];
extern const struct key schema_asset[];
extern const struct key schema_retention[];
extern const struct key schema_tables[];
extern const struct key schema_block[];
extern const struct key schema_witness[];
extern const struct key schema_totals[];
extern const struct key schema_egress[];
extern const struct key schema_vulnerabilities[];
extern const struct key schema_weight[];
extern const struct key schema_stale[];
extern const char *const schema_later[]; /* known names without a meaning yet; ends with NULL */

const char *schema_type_name(enum key_type type);

struct parser {
    struct conf *conf;
    struct arena *arena;
    struct errinfo *ei;
};

/* A map's members into the struct at `to`; defaults for those that are absent. */
MUST_USE int parse_map(struct parser *p, const struct key *keys, const struct yaml_node *map,
                       void *to);
/* One value of a type that is no map and no list of maps; value.c. */
MUST_USE int parse_value(struct parser *p, const struct key *key, const struct yaml_node *n,
                         void *to);
/* url.c: what the URL of a receiver must look like. */
bool url_good(struct slice url);
/* … and that of a counterpart: https://host, port and path, no user, no query. */
bool url_good_https(struct slice url);
/* One receiver, all its keys together.  map: where to point to. */
MUST_USE int check_notify(struct parser *p, const struct conf_notify *n,
                          const struct yaml_node *map);
int refuse_node(struct parser *p, const struct yaml_node *n, const char *fmt, ...) PRINTF(3, 4);

/* In the largest unit that divides it. */
void print_span(struct buf *to, struct span s);

#endif
