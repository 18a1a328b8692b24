/* NVD's records into the database. */
#include <stdio.h>
#include <stdlib.h>

#include "role/feeds_priv.h"
#include "vuln/facts.h"
#include "vuln/nvd.h"
#include "vuln/priority.h"
#include "wire/walk.h"

enum { FACTS_BYTES = 8192 };

struct own {
    struct vulndb_affect affect[NVD_PRODUCTS];
    char facts[FACTS_BYTES];
};

static const uint8_t severities[] = {
    [NVD_UNKNOWN] = PRIORITY_SEVERITY_UNKNOWN, [NVD_NONE] = PRIORITY_SEVERITY_NONE,
    [NVD_LOW] = PRIORITY_SEVERITY_LOW,         [NVD_MEDIUM] = PRIORITY_SEVERITY_MEDIUM,
    [NVD_HIGH] = PRIORITY_SEVERITY_HIGH,       [NVD_CRITICAL] = PRIORITY_SEVERITY_CRITICAL};

static void
put_facts(const struct nvd_record *n, struct buf *to)
{
    char cwes[NVD_CWES * 16];
    size_t at = 0;
    struct facts f = {.rejected = n->rejected,
                      .cvss_version = n->cvss.version,
                      .score = n->cvss.score,
                      .severity = severities[n->cvss.severity],
                      .published = n->published,
                      .modified = n->modified,
                      .vector = n->cvss.vector,
                      .text = n->description};

    for (unsigned i = 0; i < n->cwes; i++)
        at += (size_t)snprintf(cwes + at, sizeof cwes - at, "%sCWE-%u", i > 0 ? " " : "",
                               n->cwe[i]);
    f.cwes = (struct slice){cwes, at};
    facts_put(&f, to);
}

static int
put_record(struct feeding *f, const struct nvd_record *n)
{
    struct own *own = f->own;
    struct buf facts = {.ptr = own->facts, .room = sizeof own->facts, .max = sizeof own->facts};
    struct vulndb_record r = {.kind = FEED_NVD,
                              .modified = n->modified,
                              .vuln = &n->cve,
                              .vulns = 1,
                              .affect = own->affect,
                              .config = n->config};
    unsigned flags = n->simple ? AFFECT_CPE : AFFECT_CPE | AFFECT_CONFIG;
    char year[8];

    put_facts(n, &facts);
    r.facts = buf_get(&facts);
    for (unsigned i = 0; !n->rejected && i < n->products; i++)
        own->affect[r.affects++] = (struct vulndb_affect){.space = SLICE("cpe"),
                                                          .name = n->product[i].name,
                                                          .range = n->product[i].entries,
                                                          .flags = flags};
    (void)snprintf(year, sizeof year, "%u", (unsigned)(n->cve >> 32) % 10000);
    feeds_part(f, slice_of(year));
    return feeds_put(f, &r);
}

static int
take(void *arg, const struct nvd_record *r)
{
    int code = feeds_dated_cve(arg, r->modified, r->cve, r->line);

    return code < 0 ? code : put_record(arg, r);
}

int
feed_take_nvd(struct feeding *f, char *text, size_t len, struct errinfo *ei)
{
    struct nvd_counts c = {.records = 0};
    int r;

    if (f->own == NULL)
        f->own = malloc(sizeof(struct own));
    if (f->own == NULL)
        return ERR_NOMEM;
    r = nvd_read(text, len, take, f, &c, ei);
    feeds_odd(f, "rejected records", c.rejected);
    feeds_odd(f, "criteria that are no CPE", c.bad_cpe);
    feeds_odd(f, "criteria that do not say vendor and product", c.unindexed);
    feeds_odd(f, "operators, bounds or scores that are none", c.odd);
    feeds_odd(f, "records of which something was left out", c.cut);
    return r;
}

/* When it was made, which the API's answers say. */
int
feed_head_nvd(struct feeding *f, char *text, size_t len, struct errinfo *ei)
{
    bool first = true;
    struct slice key;
    struct slice value;
    struct walk w;
    int r = walk_open(&w, text, len, ei);

    if (r == 0)
        r = walk_enter(&w, '{');
    while (r > 0 && (r = walk_member(&w, &first, &key)) > 0) {
        if (!slice_is(key, "timestamp")) {
            r = walk_skip(&w);
        } else {
            r = walk_string(&w, &value);
            if (r == 0 && time_parse_any(value, &f->result->feed.date) < 0)
                f->result->feed.date = (struct utime){0};
        }
        r = r < 0 ? r : 1;
    }
    walk_close(&w);
    return r;
}
