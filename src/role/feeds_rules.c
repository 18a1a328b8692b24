/* A sensor's rules into the database: which vulnerabilities they are about. */
#include "role/feeds_priv.h"
#include "vuln/rules.h"
#include "vulndb/rule_cves.h"

static int
take(void *arg, const struct rules_rule *r)
{
    struct feeding *f = arg;
    int code = vulndb_rules_put(f->db, r->gid, r->sid, &r->cves);

    f->records++;
    if (code < 0)
        f->failed = code;
    return code;
}

int
feed_whole_rules(struct feeding *f, struct slice text, struct errinfo *ei)
{
    struct rules_counts c = {.rules = 0};
    int r = vulndb_rules_clear(f->db);

    if (r < 0) {
        f->failed = r;
        return r;
    }
    r = rules_read(text, take, f, &c, ei);
    f->result->counts.fresh = c.with;
    feeds_odd(f, "rules that name no vulnerability", c.rules - c.with);
    feeds_odd(f, "lines that are no rule", c.odd);
    return r;
}
