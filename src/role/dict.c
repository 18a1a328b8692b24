#include "role/dict.h"

#include <stdio.h>
#include <stdlib.h>

static struct dict_rule *
row(const struct dict *d, uint32_t id)
{
    return &d->rule[id / DICT_BLOCK][id % DICT_BLOCK];
}

/* Rows are read by threads that seal while one thread adds others; they stay where they are. */
static uint32_t
count_now(const uint32_t *count)
{
    return __atomic_load_n(count, __ATOMIC_ACQUIRE);
}

const struct dict_rule *
dict_rule(const struct dict *d, uint32_t id)
{
    return row(d, id < count_now(&d->rule_count) ? id : 0);
}

struct slice
dict_sensor(const struct dict *d, uint32_t id)
{
    return slice_of(id < count_now(&d->sensor_count) ? d->sensor[id] : "");
}

static int
keep_cves(struct dict_rule *to, const struct cve_set *cves)
{
    if (cves == NULL || cves->count == 0)
        return 0;
    to->cves = malloc(sizeof *to->cves);
    if (to->cves == NULL)
        return ERR_NOMEM;
    *to->cves = *cves;
    return 0;
}

/* The next row, whose number is rule_count. */
static int
add_row(struct dict *d, const struct store_rule *rule, const struct cve_set *cves)
{
    struct dict_rule *to;
    char *name;

    if (d->rule[d->rule_count / DICT_BLOCK] == NULL) {
        d->rule[d->rule_count / DICT_BLOCK] = calloc(DICT_BLOCK, sizeof *to);
        if (d->rule[d->rule_count / DICT_BLOCK] == NULL)
            return ERR_NOMEM;
    }
    name = strndup(rule->name.len == 0 ? "" : rule->name.ptr, rule->name.len);
    if (name == NULL)
        return ERR_NOMEM;
    to = row(d, d->rule_count);
    to->rule = *rule;
    to->rule.name.ptr = name;
    to->rule.cves = (struct slice){NULL, 0}; /* dict_save() packs them */
    if (keep_cves(to, cves) < 0) {
        free(name);
        to->rule.name = (struct slice){NULL, 0};
        return ERR_NOMEM;
    }
    if (d->rule_count > 0)
        (void)snprintf(to->text, sizeof to->text, "suricata:%u:%u:%u", rule->gid, rule->sid,
                       rule->rev);
    __atomic_store_n(&d->rule_count, d->rule_count + 1, __ATOMIC_RELEASE);
    return 0;
}

int
dict_put_rule(struct dict *d, const struct rule *rule, uint32_t *ret)
{
    uint32_t key[3] = {rule->gid, rule->sid, rule->rev};
    struct store_rule copy = {
        .gid = rule->gid, .sid = rule->sid, .rev = rule->rev, .name = rule->name};
    int64_t at;
    int fresh;

    *ret = 0;
    at = map_put(&d->rules, key, &fresh);
    if (at < 0)
        return d->rules.count == d->rules.max ? 0 : ERR_NOMEM;
    *ret = (uint32_t)at + 1;
    return fresh ? add_row(d, &copy, rule->cves) : 0;
}

int
dict_put_sensor(struct dict *d, struct slice name, uint16_t *ret)
{
    for (uint32_t i = 0; i < d->sensor_count; i++) {
        if (slice_is(name, d->sensor[i])) {
            *ret = (uint16_t)i;
            return 0;
        }
    }
    if (d->sensor_count == DICT_SENSORS_MAX)
        return ERR_LIMIT;
    d->sensor[d->sensor_count] = strndup(name.ptr, name.len);
    if (d->sensor[d->sensor_count] == NULL)
        return ERR_NOMEM;
    *ret = (uint16_t)d->sensor_count;
    __atomic_store_n(&d->sensor_count, d->sensor_count + 1, __ATOMIC_RELEASE);
    return 0;
}

static int
load_rule(void *arg, uint32_t id, const struct store_rule *rule)
{
    struct dict *d = arg;
    struct rule copy = {
        .gid = rule->gid, .sid = rule->sid, .rev = rule->rev, .name = rule->name};
    struct cve_set cves;
    uint32_t got;
    int r;

    /* Of a rule that was kept before its CVEs were, the text is what there is. */
    if (!cve_set_unpack(rule->cves, &cves) || cves.count == 0)
        cve_scan_text(rule->name, &cves);
    copy.cves = &cves;
    r = dict_put_rule(d, &copy, &got);

    return r < 0 ? r : got == id ? 0 : ERR_PROOF;
}

static int
load_sensor(void *arg, uint32_t id, struct slice name)
{
    struct dict *d = arg;
    uint16_t got;
    int r = dict_put_sensor(d, name, &got);

    return r < 0 ? r : got == id ? 0 : ERR_PROOF;
}

int
dict_more(struct dict *d, struct store *s)
{
    int r = store_each_rule(s, d->rule_count, load_rule, d);

    if (r == 0)
        r = store_each_sensor(s, d->sensor_count, load_sensor, d);
    dict_saved(d);
    return r;
}

int
dict_open(struct dict *d, struct store *s)
{
    static const struct store_rule none;
    int r;

    *d = (struct dict){0};
    map_init(&d->rules, 3 * sizeof(uint32_t), DICT_RULES_MAX - 1, 0x52c7);
    r = add_row(d, &none, NULL);
    if (r == 0)
        r = dict_more(d, s);
    if (r < 0)
        dict_release(d);
    return r;
}

void
dict_release(struct dict *d)
{
    for (uint32_t i = 0; i < d->rule_count; i++) {
        free((void *)(uintptr_t)row(d, i)->rule.name.ptr);
        free(row(d, i)->cves);
    }
    for (uint32_t i = 0; i < DICT_RULES_MAX / DICT_BLOCK; i++)
        free(d->rule[i]);
    for (uint32_t i = 0; i < d->sensor_count; i++)
        free(d->sensor[i]);
    map_release(&d->rules);
    *d = (struct dict){0};
}

int
dict_save(const struct dict *d, struct store *s)
{
    int r = 0;

    for (uint32_t i = d->rules_saved; r == 0 && i < d->rule_count; i++) {
        struct store_rule rule = row(d, i)->rule;
        uint8_t packed[CVE_SET * CVE_PACKED];

        if (row(d, i)->cves != NULL)
            rule.cves =
                (struct slice){(const char *)packed, cve_set_pack(row(d, i)->cves, packed)};
        r = store_put_rule(s, i, &rule);
    }
    for (uint32_t i = d->sensors_saved; r == 0 && i < d->sensor_count; i++)
        r = store_put_sensor(s, i, dict_sensor(d, i));
    return r;
}

void
dict_saved(struct dict *d)
{
    d->rules_saved = d->rule_count;
    d->sensors_saved = d->sensor_count;
}

static struct slice
rule_text(void *self, uint32_t rule)
{
    return slice_of(dict_rule(self, rule)->text);
}

static struct slice
sensor_text(void *self, uint16_t sensor)
{
    return dict_sensor(self, sensor);
}

void
dict_names(struct dict *d, struct commit_names *ret)
{
    *ret = (struct commit_names){.self = d, .rule = rule_text, .sensor = sensor_text};
}
