/* A counterpart's totals into the database, under its name: only from a folder that it signed.
 */
#include <stdio.h>
#include <string.h>

#include "role/feeds_priv.h"
#include "vulndb/sighting.h"

static int
take(void *arg, const struct seen_row *r)
{
    struct feeding *f = arg;
    int code = feeds_dated_cve(f, r->hour, r->cve, (unsigned)++f->records);

    if (code < 0)
        return code;
    code = vulndb_sightings_put(f->db, f->what->signer, r);
    if (r->hour.us > f->newest.us)
        f->newest = r->hour;
    if (code < 0)
        f->failed = code;
    return code;
}

int
feed_whole_seen(struct feeding *f, struct slice text, struct errinfo *ei)
{
    struct feeds_result *r = f->result;
    int code;

    if (f->what->signer == NULL || f->what->name == NULL)
        return err_set(ei, ERR_USAGE,
                       "is taken in from a folder that a counterpart signed: see `detente vuln "
                       "bundle import`");
    code = vulndb_sightings_clear(f->db, f->what->signer);
    if (code < 0) {
        f->failed = code;
        return code;
    }
    /* It is the feed's own, and done with. */
    code = seen_read((char *)(uintptr_t)text.ptr, text.len, take, f, ei);
    r->counts.fresh = f->records;
    return code;
}
