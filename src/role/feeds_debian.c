/* Debian's security tracker into the database: one record of each package and issue, with a
 * range of each release. */
#include <stdlib.h>

#include "role/feeds_priv.h"
#include "vuln/debian.h"

enum { KEY_BYTES = 2 * DEBIAN_TEXT + 2, RANGES = DEBIAN_RELEASES * AFFECTED_BYTES };

/* Rows of one issue come one behind the other. */
struct own {
    struct feeding *f;
    struct buf key; /* package, blank, issue */
    size_t package; /* bytes of the key that are the package */
    cve_id cve;
    struct buf ranges;
    struct {
        const char *ecosystem;
        size_t from;
        size_t len;
    } release[DEBIAN_RELEASES];
    unsigned releases;
    uint64_t unimportant;
};

static int
put_issue(struct own *o)
{
    struct vulndb_affect affect[DEBIAN_RELEASES];
    struct vulndb_record r = {.kind = FEED_DEBIAN,
                              .key = buf_get(&o->key),
                              .vuln = &o->cve,
                              .vulns = o->cve != 0,
                              .affect = affect};
    int code;

    if (o->key.len == 0)
        return 0;
    if (o->cve == 0) /* TEMP-… */
        r.alias = slice_sub(r.key, o->package + 1, r.key.len - o->package - 1);
    for (unsigned i = 0; i < o->releases; i++)
        affect[r.affects++] = (struct vulndb_affect){
            .space = slice_of(o->release[i].ecosystem),
            .name = slice_sub(r.key, 0, o->package),
            .range = {o->ranges.ptr + o->release[i].from, o->release[i].len}};
    code = buf_error(&o->ranges) < 0 ? buf_error(&o->ranges) : feeds_put(o->f, &r);
    buf_reset(&o->key);
    buf_reset(&o->ranges);
    o->releases = 0;
    return code;
}

static bool
is_same(const struct own *o, const struct debian_row *row)
{
    struct slice key = buf_get(&o->key);

    return key.len == row->package.len + 1 + row->id.len &&
           slice_eq(slice_sub(key, 0, row->package.len), row->package) &&
           slice_eq(slice_sub(key, row->package.len + 1, row->id.len), row->id);
}

static int
take(void *arg, const struct debian_row *row)
{
    struct own *o = arg;
    int r = is_same(o, row) ? 0 : put_issue(o);

    if (r < 0)
        return r;
    if (o->key.len == 0) {
        buf_slice(&o->key, row->package);
        buf_char(&o->key, ' ');
        buf_slice(&o->key, row->id);
        o->package = row->package.len;
        o->cve = row->cve;
    }
    /* As Debian builds it, it does no harm. */
    o->unimportant += row->urgency == DEBIAN_UNIMPORTANT;
    if (row->affected.len == 0 || row->urgency == DEBIAN_UNIMPORTANT ||
        o->releases == DEBIAN_RELEASES)
        return buf_error(&o->key);
    o->release[o->releases].ecosystem = row->ecosystem;
    o->release[o->releases].from = o->ranges.len;
    o->release[o->releases++].len = row->affected.len;
    buf_slice(&o->ranges, row->affected);
    return buf_error(&o->key);
}

int
feed_take_debian(struct feeding *f, char *text, size_t len, struct errinfo *ei)
{
    struct own o = {.f = f, .key = {.max = KEY_BYTES}, .ranges = {.max = RANGES}};
    struct debian_counts c = {.packages = 0};
    int r = debian_read(text, len, take, &o, &c, ei);

    if (r == 0)
        r = put_issue(&o);
    buf_release(&o.key);
    buf_release(&o.ranges);
    feeds_odd(f, "rows that nobody has looked at yet", c.status[DEBIAN_UNDETERMINED]);
    feeds_odd(f, "rows that are of no matter as Debian builds it", o.unimportant);
    feeds_odd(f, "releases that are not known here", c.other_release);
    feeds_odd(f, "versions or urgencies that are none", c.odd_version + c.odd_urgency);
    feeds_odd(f, "releases and texts that were left out", c.cut);
    return r;
}
