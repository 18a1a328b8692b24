#include "vulndb/rule_cves.h"

#include <stdlib.h>

#include "vulndb/db.h"

enum { RULES_KEPT = 1 << 20 };

struct rule_cves {
    struct map rules; /* gid, sid … */
    struct cve_set *set;
    uint32_t room;
};

int
vulndb_rules_clear(struct vulndb *db)
{
    return vulndb_run(db, vulndb_statement(db, ST_RULES_CLEAR));
}

static int
get(struct vulndb *db, uint32_t gid, uint32_t sid, struct cve_set *ret)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_RULES_GET);
    int r;

    *ret = (struct cve_set){.count = 0};
    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, gid);
        (void)sqlite3_bind_int64(st, 2, sid);
    }
    r = vulndb_row(db, st);
    if (r != 1)
        return r;
    (void)cve_set_unpack(column_bytes(st, 0), ret);
    (void)sqlite3_reset(st);
    return 0;
}

static void
join(struct cve_set *to, const struct cve_set *from)
{
    for (unsigned i = 0; i < from->count; i++) {
        for (unsigned k = 0; k < CVE_SOURCES; k++) {
            if ((from->at[i].sources >> k & 1) != 0)
                cve_set_add(to, from->at[i].id, (enum cve_source)(1U << k));
        }
    }
}

int
vulndb_rules_put(struct vulndb *db, uint32_t gid, uint32_t sid, const struct cve_set *cves)
{
    uint8_t packed[CVE_SET * CVE_PACKED];
    struct cve_set all;
    sqlite3_stmt *st;
    int r = get(db, gid, sid, &all);

    if (r < 0)
        return r;
    join(&all, cves);
    st = vulndb_statement(db, ST_RULES_PUT);
    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, gid);
        (void)sqlite3_bind_int64(st, 2, sid);
        bind_blob(st, 3, (struct slice){(const char *)packed, cve_set_pack(&all, packed)});
    }
    return vulndb_run(db, st);
}

static int
keep(struct rule_cves *x, sqlite3_stmt *st)
{
    uint32_t key[2] = {(uint32_t)sqlite3_column_int64(st, 0),
                       (uint32_t)sqlite3_column_int64(st, 1)};
    int fresh = 0;
    int64_t at = map_put(&x->rules, key, &fresh);

    if (at < 0)
        return x->rules.count == x->rules.max ? 0 : ERR_NOMEM;
    if ((uint32_t)at >= x->room) {
        uint32_t room = x->room == 0 ? 256 : 2 * x->room;
        struct cve_set *more = realloc(x->set, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        x->set = more;
        x->room = room;
    }
    (void)cve_set_unpack(column_bytes(st, 2), &x->set[at]);
    return 0;
}

int
rule_cves_open(struct vulndb *db, struct rule_cves **ret)
{
    struct rule_cves *x = calloc(1, sizeof *x);
    sqlite3_stmt *st = vulndb_statement(db, ST_RULES_EACH);
    int r = x == NULL ? ERR_NOMEM : 0;

    *ret = NULL;
    if (r < 0)
        return r;
    map_init(&x->rules, 2 * sizeof(uint32_t), RULES_KEPT, db->secret[0]);
    while ((r = vulndb_row(db, st)) == 1) {
        r = keep(x, st);
        if (r < 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    *ret = r < 0 ? rule_cves_close(x) : x;
    return r;
}

struct rule_cves *
rule_cves_close(struct rule_cves *x)
{
    if (x != NULL) {
        map_release(&x->rules);
        free(x->set);
    }
    free(x);
    return NULL;
}

const struct cve_set *
rule_cves_with(const struct rule_cves *x, uint32_t gid, uint32_t sid,
               const struct cve_set *passed, struct cve_set *room)
{
    uint32_t key[2] = {gid, sid};
    int64_t at = x == NULL || x->rules.count == 0 ? -1 : map_find(&x->rules, key);

    if (at < 0)
        return passed;
    if (passed == NULL)
        return &x->set[at];
    *room = *passed;
    join(room, &x->set[at]);
    return room;
}
