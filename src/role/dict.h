/* The node's dictionaries in memory: rules and sensors that events name by number.
 *
 * Rows never move or change once added, so that threads may read those that existed when they
 * were handed their work, while one thread adds. */
#ifndef DETENTE_ROLE_DICT_H
#define DETENTE_ROLE_DICT_H

#include <stdint.h>

#include "base/map.h"
#include "decode/decode.h"
#include "ledger/commit.h"
#include "store/store.h"

enum {
    DICT_RULES_MAX = 1 << 20,
    DICT_SENSORS_MAX = 1 << 12,
    DICT_BLOCK = 1024,
    DICT_RULE_TEXT = 48 /* "suricata:4294967295:4294967295:4294967295" */
};

struct dict_rule {
    struct store_rule rule;    /* name owned */
    char text[DICT_RULE_TEXT]; /* as commitments name it; "" for number 0 */
    struct cve_set *cves;      /* owned; NULL: it names none */
};

struct dict {
    struct dict_rule *rule[DICT_RULES_MAX / DICT_BLOCK];
    uint32_t rule_count;  /* number 0, "no rule", included */
    uint32_t rules_saved; /* of them in the store */
    struct map rules;     /* gid, sid, rev → number - 1 */
    char *sensor[DICT_SENSORS_MAX];
    uint32_t sensor_count;
    uint32_t sensors_saved;
};

/* From the store; ERR_NOMEM, or the store's. */
MUST_USE int dict_open(struct dict *d, struct store *s);
/* What another process put into the store since: for readers. */
MUST_USE int dict_more(struct dict *d, struct store *s);
void dict_release(struct dict *d);
const struct dict_rule *dict_rule(const struct dict *d, uint32_t id);
struct slice dict_sensor(const struct dict *d, uint32_t id);
/* The number of a rule or sensor, adding it when new.  A full dictionary gives number 0 for
 * rules, ERR_LIMIT for sensors. */
MUST_USE int dict_put_rule(struct dict *d, const struct rule *rule, uint32_t *ret);
MUST_USE int dict_put_sensor(struct dict *d, struct slice name, uint16_t *ret);
/* Put what is new into the store, within its transaction.  dict_saved() afterwards, when the
 * transaction is durable. */
MUST_USE int dict_save(const struct dict *d, struct store *s);
void dict_saved(struct dict *d);
/* For ledger/commit.h. */
void dict_names(struct dict *d, struct commit_names *ret);

#endif
