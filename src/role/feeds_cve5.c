/* CVE records into the database, with what CISA adds to them. */
#include <stdio.h>
#include <stdlib.h>

#include "role/feeds_priv.h"
#include "vuln/cve5.h"
#include "vuln/facts.h"

enum { FACTS_BYTES = 8192 };

struct own {
    struct vulndb_affect affect[CVE5_PACKAGES];
    char facts[FACTS_BYTES];
};

/* Title and description are one text here. */
static void
put_facts(const struct cve5_record *c, struct buf *to)
{
    AUTO_BUF(cwes, FACTS_CWES);
    AUTO_BUF(text, CVE5_TITLE + CVE5_DESCRIPTION + 8);
    struct facts f = {.rejected = c->state == CVE5_REJECTED,
                      .cvss_version = (uint8_t)c->cvss.version,
                      .score = (uint8_t)c->cvss.score,
                      .severity = (uint8_t)c->cvss.severity,
                      .exploitation = (uint8_t)c->ssvc.exploitation,
                      .automatable = (uint8_t)c->ssvc.automatable,
                      .impact = (uint8_t)c->ssvc.technical_impact,
                      .ssvc_at = c->ssvc.at,
                      .published = c->published,
                      .modified = c->updated,
                      .vector = c->cvss.vector};

    for (unsigned i = 0; i < c->cwes; i++)
        buf_printf(&cwes, "%sCWE-%u", i > 0 ? " " : "", c->cwe[i]);
    buf_slice(&text, c->title);
    if (text.len > 0 && c->description.len > 0)
        buf_text(&text, ". ");
    buf_slice(&text, c->description);
    f.cwes = buf_get(&cwes);
    f.text = buf_get(&text);
    facts_put(&f, to);
}

static int
put_record(struct feeding *f, const struct cve5_record *c)
{
    struct own *own = f->own;
    struct buf facts = {.ptr = own->facts, .room = sizeof own->facts, .max = sizeof own->facts};
    struct vulndb_record r = {.kind = FEED_CVE5,
                              .modified = c->updated,
                              .vuln = &c->cve,
                              .vulns = 1,
                              .affect = own->affect};
    char year[8];

    put_facts(c, &facts);
    r.facts = buf_get(&facts);
    for (unsigned i = 0; c->state != CVE5_REJECTED && i < c->packages; i++) {
        const struct cve5_package *p = &c->package[i];

        own->affect[r.affects++] =
            (struct vulndb_affect){.space = slice_of(p->ecosystem),
                                   .name = p->name,
                                   .range = {c->affected.ptr + p->from, p->len}};
    }
    (void)snprintf(year, sizeof year, "%u", (unsigned)(c->cve >> 32) % 10000);
    feeds_part(f, slice_of(year));
    return feeds_put(f, &r);
}

static int
take(void *arg, const struct cve5_record *r)
{
    int code = feeds_dated_cve(arg, r->updated, r->cve, r->line);

    return code < 0 ? code : put_record(arg, r);
}

int
feed_take_cve5(struct feeding *f, char *text, size_t len, struct errinfo *ei)
{
    struct cve5_counts c = {.records = 0};
    int r;

    if (f->own == NULL)
        f->own = malloc(sizeof(struct own));
    if (f->own == NULL)
        return ERR_NOMEM;
    r = cve5_read(text, len, take, f, &c, ei);
    feeds_odd(f, "records with CISA's SSVC", c.ssvc);
    feeds_odd(f, "rejected records", c.rejected);
    feeds_odd(f, "products that give a package of an ecosystem", c.match[CVE5_MATCHED]);
    feeds_odd(f, "products of no ecosystem that is known here", c.match[CVE5_NO_ECOSYSTEM]);
    feeds_odd(f, "products whose versions go by other rules", c.match[CVE5_OTHER_SCHEME]);
    feeds_odd(f, "products with odd versions", c.match[CVE5_ODD_VERSION]);
    feeds_odd(f, "products with too many versions", c.match[CVE5_TOO_MUCH]);
    feeds_odd(f, "times, scores or options that are none",
              c.odd_time + c.odd_cvss + c.odd_ssvc);
    feeds_odd(f, "texts and lists of which something was left out", c.cut);
    return r;
}
