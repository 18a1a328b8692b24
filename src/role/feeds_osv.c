/* OSV's advisories into the database. */
#include <stdlib.h>

#include "role/feeds_priv.h"
#include "vuln/osv.h"

static int
put_record(struct feeding *f, const struct osv_record *o)
{
    struct vulndb_affect *affect = f->own;
    struct vulndb_record r = {.kind = FEED_OSV,
                              .key = o->id,
                              .modified = o->modified,
                              .vuln = o->cve,
                              .vulns = o->cves,
                              .affect = affect};

    for (unsigned i = 0; !o->withdrawn && i < o->packages; i++) {
        const struct osv_package *p = &o->package[i];

        affect[r.affects++] =
            (struct vulndb_affect){.space = p->ecosystem,
                                   .name = p->name,
                                   .range = {o->affected.ptr + p->from, p->len}};
        feeds_part(f, p->ecosystem);
    }
    return feeds_put(f, &r);
}

static int
take(void *arg, const struct osv_record *r)
{
    int code = feeds_dated(arg, r->modified, r->id, r->line);

    return code < 0 ? code : put_record(arg, r);
}

int
feed_take_osv(struct feeding *f, char *text, size_t len, struct errinfo *ei)
{
    struct osv_counts c = {.records = 0};
    int r;

    if (f->own == NULL)
        f->own = calloc(OSV_PACKAGES, sizeof(struct vulndb_affect));
    if (f->own == NULL)
        return ERR_NOMEM;
    r = osv_read(text, len, take, f, &c, ei);
    feeds_odd(f, "ranges by commits", c.git);
    feeds_odd(f, "packages of an ecosystem that is not known here", c.unknown_ecosystem);
    feeds_odd(f, "records of which something was left out", c.cut);
    return r;
}
