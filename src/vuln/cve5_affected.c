/* Products: their names, CPEs and what is said of versions. */
#include "vuln/cve5_priv.h"

static int
read_status(struct cve5_reader *rd, enum cve5_status *ret)
{
    struct slice text;
    int r = walk_string(&rd->w, &text);

    *ret = slice_is(text, "affected")     ? CVE5_AFFECTED
           : slice_is(text, "unaffected") ? CVE5_UNAFFECTED
                                          : CVE5_UNKNOWN;
    return r;
}

static int
read_change_member(struct cve5_reader *rd, struct slice key, void *arg)
{
    struct cve5_change *c = arg;

    return slice_is(key, "at")       ? cve5_text(rd, CVE5_TEXT, &c->at)
           : slice_is(key, "status") ? read_status(rd, &c->status)
                                     : walk_skip(&rd->w);
}

static int
read_change(struct cve5_reader *rd, void *arg)
{
    struct cve5_record *rec = &rd->record;
    struct cve5_change c = {.at = {"", 0}};
    int r = cve5_members(rd, read_change_member, &c);

    (void)arg;
    if (r == 0 && rec->changes < CVE5_CHANGES)
        rec->change[rec->changes++] = c;
    else if (r == 0)
        rd->counts->cut++;
    return r;
}

static int
read_version_member(struct cve5_reader *rd, struct slice key, void *arg)
{
    struct cve5_version *v = arg;

    if (slice_is(key, "version"))
        return cve5_text(rd, CVE5_TEXT, &v->version);
    if (slice_is(key, "status"))
        return read_status(rd, &v->status);
    if (slice_is(key, "lessThan"))
        return cve5_text(rd, CVE5_TEXT, &v->less_than);
    if (slice_is(key, "lessThanOrEqual"))
        return cve5_text(rd, CVE5_TEXT, &v->less_or_equal);
    if (slice_is(key, "versionType"))
        return cve5_text(rd, CVE5_TEXT, &v->type);
    return slice_is(key, "changes") ? cve5_items(rd, read_change, NULL) : walk_skip(&rd->w);
}

static int
read_version(struct cve5_reader *rd, void *arg)
{
    struct cve5_record *rec = &rd->record;
    struct cve5_version v = {.version = {"", 0},
                             .less_than = {"", 0},
                             .less_or_equal = {"", 0},
                             .type = {"", 0},
                             .change = rec->changes};
    int r = cve5_members(rd, read_version_member, &v);

    (void)arg;
    v.changes = rec->changes - v.change;
    if (r == 0 && rec->versions < CVE5_VERSIONS)
        rec->version[rec->versions++] = v;
    else if (r == 0)
        rd->counts->cut++;
    return r;
}

static int
read_cpe(struct cve5_reader *rd, void *arg)
{
    struct cve5_record *rec = &rd->record;
    struct slice text;
    int r = cve5_text(rd, CVE5_TEXT, &text);

    (void)arg;
    if (r < 0 || text.len == 0)
        return r;
    if (rec->cpes < CVE5_CPES)
        rec->cpe[rec->cpes++] = text;
    else
        rd->counts->cut++;
    return 0;
}

static int
read_product_member(struct cve5_reader *rd, struct slice key, void *arg)
{
    struct cve5_product *p = arg;

    if (slice_is(key, "versions"))
        return cve5_items(rd, read_version, NULL);
    if (slice_is(key, "cpes"))
        return cve5_items(rd, read_cpe, NULL);
    if (slice_is(key, "vendor"))
        return cve5_text(rd, CVE5_TEXT, &p->vendor);
    if (slice_is(key, "product"))
        return cve5_text(rd, CVE5_TEXT, &p->product);
    if (slice_is(key, "packageName"))
        return cve5_text(rd, CVE5_TEXT, &p->package);
    if (slice_is(key, "collectionURL"))
        return cve5_text(rd, CVE5_TEXT, &p->collection);
    return slice_is(key, "defaultStatus") ? read_status(rd, &p->default_status)
                                          : walk_skip(&rd->w);
}

static int
read_product(struct cve5_reader *rd, void *arg)
{
    struct cve5_record *rec = &rd->record;
    struct cve5_product p = {.container = rd->container,
                             .vendor = {"", 0},
                             .product = {"", 0},
                             .package = {"", 0},
                             .collection = {"", 0},
                             .cpe = rec->cpes,
                             .version = rec->versions};
    uint64_t cut = rd->counts->cut;
    int r = cve5_members(rd, read_product_member, &p);

    (void)arg;
    if (r < 0)
        return r;
    if (rec->products == CVE5_PRODUCTS) {
        rd->counts->cut++;
        return 0;
    }
    p.cpes = rec->cpes - p.cpe;
    p.versions = rec->versions - p.version;
    if (rd->counts->cut != cut) /* without all that it says it would be another range */
        p.match = CVE5_TOO_MUCH;
    else
        cve5_match(rd, &p);
    rec->product[rec->products++] = p;
    rd->counts->products++;
    rd->counts->match[p.match]++;
    return 0;
}

int
cve5_affected(struct cve5_reader *rd)
{
    return cve5_items(rd, read_product, NULL);
}
