/* CISA's catalogue into the database. */
#include <stdio.h>
#include <string.h>

#include "role/feeds_priv.h"
#include "role/kev.h"
#include "vuln/kev.h"
#include "wire/jcs.h"

static int
day(struct slice date, struct utime *ret)
{
    return date.len == 0 ? (*ret = (struct utime){0}, 0) : time_parse_human(date, *ret, ret);
}

/* A JSON string as people read it. */
static struct slice
plain(struct slice quoted, struct buf *to)
{
    size_t from = to->len;

    if (jcs_string(quoted, to) < 0)
        to->len = from;
    return (struct slice){to->ptr + from, to->len - from};
}

static uint64_t
hash_of(struct slice entry)
{
    struct hash h = sha256_of(entry.ptr, entry.len);
    uint64_t ret;

    memcpy(&ret, h.byte, sizeof ret);
    return ret;
}

static int
put_entry(struct feeding *f, const struct kev_entry *e)
{
    AUTO_BUF(vendor, KEV_TEXT);
    AUTO_BUF(product, KEV_TEXT);
    AUTO_BUF(name, KEV_TEXT);
    struct vulndb_kev k = {.cve = cve_parse(e->cve), .ransomware = e->ransomware};
    int r = day(e->added, &k.added);

    if (r == 0)
        r = day(e->due, &k.due);
    if (r < 0)
        return r;
    k.vendor = plain(e->vendor, &vendor);
    k.product = plain(e->product, &product);
    k.name = plain(e->name, &name);
    k.hash = hash_of(e->whole);
    r = vulndb_kev_put(f->db, &k);
    f->records++;
    if (r < 0)
        f->failed = r;
    return r;
}

struct utime
feed_kev_day(const char *version)
{
    char text[KEV_VERSION];
    struct utime t = {0};

    (void)snprintf(text, sizeof text, "%.10s", version); /* behind the day a letter may stand */
    for (char *at = text; *at != '\0'; at++)
        *at = *at == '.' ? '-' : *at;
    return strlen(text) == 10 && time_parse_human(slice_of(text), t, &t) == 0
               ? t
               : (struct utime){0};
}

static int
check_dates(const struct feeding *f, const struct kev *k)
{
    int r = feeds_dated(f, k->released, SLICE("`dateReleased`"), k->released_at.line);

    if (r == 0)
        r = feeds_dated(f, feed_kev_day(f->result->feed.version), SLICE("`catalogVersion`"),
                        k->version_at.line);
    return r;
}

int
feed_whole_kev(struct feeding *f, struct slice text, struct errinfo *ei)
{
    struct kev k = {.count = 0};
    struct feed *feed = &f->result->feed;
    int r = kev_read(text, &k, ei);

    if (r == 0) {
        (void)snprintf(feed->version, sizeof feed->version, "%.*s", (int)k.version.len,
                       k.version.ptr);
        feed->date = k.released;
        r = check_dates(f, &k);
    }
    if (r == 0) {
        f->failed = vulndb_kev_begin(f->db);
        r = f->failed;
    }
    for (unsigned i = 0; r == 0 && i < k.count; i++)
        r = put_entry(f, &k.entry[i]);
    if (r == 0) {
        f->failed = vulndb_kev_end(f->db, &f->result->counts);
        r = f->failed;
    }
    kev_release(&k);
    return r;
}
