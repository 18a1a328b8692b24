#include "role/inventories.h"

#include <stdlib.h>
#include <string.h>

#include "base/texts.h"
#include "model/addr.h"
#include "vuln/cpe.h"
#include "vuln/osv.h"

enum { KEPT_MOST = 1 << 30 };

/* A package until the release is known, its texts one behind the other in one buffer. */
enum { NAME, VERSION, SOURCE, SOURCE_VERSION, ARCHITECTURE, ECOSYSTEM, PURL, CPE_NAME, TEXTS };
struct kept {
    uint32_t asset;
    uint32_t at; /* in taking.text */
    uint16_t len[TEXTS];
};

struct taking {
    const struct inventories_import *what;
    struct inventories_result *result;
    struct errinfo *ei;
    struct texts assets;
    struct buf text;
    struct kept *kept;
    uint32_t count;
    uint32_t room;
    struct address_of {
        uint32_t asset;
        uint8_t address[16];
    } * address;
    uint32_t addresses;
    uint32_t address_room;
};

/* ---- reading -------------------------------------------------------------------------------
 */

static int
more(void **array, uint32_t count, uint32_t *room, size_t size)
{
    uint32_t want = *room == 0 ? 1024 : 2 * *room;
    void *p;

    if (count < *room)
        return 0;
    p = realloc(*array, want * size);
    if (p == NULL)
        return ERR_NOMEM;
    *array = p;
    *room = want;
    return 0;
}

/* The same address is told for each of its ports. */
static int
keep_address(struct taking *t, uint32_t asset, struct slice text)
{
    struct addr a;
    struct address_of *last = t->addresses == 0 ? NULL : &t->address[t->addresses - 1];
    void *array = t->address;
    int r;

    if (text.len == 0 || addr_parse(text, &a) < 0)
        return 0;
    if (last != NULL && last->asset == asset && memcmp(last->address, a.byte, 16) == 0)
        return 0;
    r = more(&array, t->addresses, &t->address_room, sizeof *t->address);
    if (r < 0)
        return r;
    BUG_ON(array == NULL);
    t->address = array;
    t->address[t->addresses].asset = asset;
    memcpy(t->address[t->addresses++].address, a.byte, 16);
    return 0;
}

static int
take(void *arg, const struct package *p)
{
    struct taking *t = arg;
    const struct slice text[TEXTS] = {p->name,           p->version,      p->source,
                                      p->source_version, p->architecture, p->ecosystem,
                                      p->purl,           p->cpe};
    struct slice asset = p->asset.len > 0 ? p->asset : slice_of(t->what->asset);
    void *array = t->kept;
    struct kept *k;
    int r;

    if (asset.len == 0)
        return err_at(t->ei, ERR_USAGE, p->line, 0,
                      "does not say which asset it is of: give --asset");
    if (asset.len >= VULNDB_NAME)
        return err_at(t->ei, ERR_LIMIT, p->line, 0, "an asset's name has at most %d bytes",
                      VULNDB_NAME - 1);
    r = more(&array, t->count, &t->room, sizeof *t->kept);
    if (r < 0)
        return r;
    t->kept = array;
    k = &t->kept[t->count++];
    k->at = (uint32_t)t->text.len;
    for (unsigned i = 0; i < TEXTS; i++) {
        k->len[i] = (uint16_t)text[i].len;
        buf_slice(&t->text, text[i]);
    }
    r = texts_put(&t->assets, asset, &k->asset);
    if (r == 0)
        r = keep_address(t, k->asset, p->address);
    return r < 0 ? r : buf_error(&t->text);
}

static int
read_list(struct taking *t, char *text, size_t len)
{
    struct package_counts *c = &t->result->counts;
    struct slice s = {text, len};

    switch (t->what->kind) {
    case INVENTORY_DPKG: return package_read_dpkg(s, take, t, c, t->ei);
    case INVENTORY_RPM: return package_read_rpm(s, take, t, c, t->ei);
    case INVENTORY_APK: return package_read_apk(s, take, t, c, t->ei);
    case INVENTORY_CYCLONEDX: return package_read_cyclonedx(text, len, take, t, c, t->ei);
    case INVENTORY_SPDX: return package_read_spdx(text, len, take, t, c, t->ei);
    case INVENTORY_CPE: return package_read_cpe(s, take, t, c, t->ei);
    case INVENTORY_NMAP: return package_read_nmap(text, len, take, t, c, t->ei);
    case INVENTORY_KINDS: break;
    }
    return ERR_USAGE;
}

/* ---- writing -------------------------------------------------------------------------------
 */

static void
texts_of(const struct taking *t, const struct kept *k, struct slice text[TEXTS])
{
    const char *at = t->text.ptr + k->at;

    for (unsigned i = 0; i < TEXTS; i++) {
        text[i] = (struct slice){at, k->len[i]};
        at += k->len[i];
    }
}

static bool
of_distribution(struct slice space)
{
    enum version_scheme s;

    return osv_scheme(space, &s) && (s == VERSION_DPKG || s == VERSION_RPM || s == VERSION_APK);
}

static void
set_product(struct taking *t, const struct slice text[TEXTS], struct installed *i)
{
    i->space = text[ECOSYSTEM].len > 0 ? text[ECOSYSTEM] : t->result->release;
    if (slice_is(i->space, PACKAGE_NO_ECOSYSTEM))
        i->space = SLICE("");
    else if (i->space.len == 0)
        t->result->without_release++;
    i->distribution = of_distribution(i->space);
    i->product = text[SOURCE].len > 0 ? text[SOURCE] : text[NAME];
    i->compared = text[SOURCE_VERSION].len > 0 ? text[SOURCE_VERSION] : text[VERSION];
    if (i->product.len == 0)
        i->space = SLICE("");
}

static int
install(struct vulndb *db, struct taking *t, const struct kept *k, int64_t listing, unsigned n)
{
    struct slice text[TEXTS];
    struct installed i = {.distribution = false};
    AUTO_BUF(product, CPE_FORMAT);
    AUTO_BUF(whole, CPE_FORMAT);
    struct cpe cpe;

    texts_of(t, k, text);
    set_product(t, text, &i);
    i.name = text[NAME];
    i.version = text[VERSION];
    i.architecture = text[ARCHITECTURE];
    i.purl = text[PURL];
    if (text[CPE_NAME].len > 0 && cpe_parse(text[CPE_NAME], &cpe, NULL) == 0) {
        cpe_format(&cpe, &whole);
        i.cpe = buf_get(&whole);
        if (cpe_product(&cpe, &product))
            i.cpe_product = buf_get(&product);
        else
            t->result->no_index++;
        if (i.name.len == 0)
            i.name = i.cpe;
        if (i.version.len == 0 && cpe_get(&cpe, CPE_VERSION).kind == CPE_VALUE)
            i.version = cpe_get(&cpe, CPE_VERSION).text;
    } else if (text[CPE_NAME].len > 0) {
        t->result->counts.wrong_cpes++;
    }
    return vulndb_install(db, listing, n, &i);
}

static int
write_asset(struct vulndb *db, struct taking *t, struct slice name, uint32_t first,
            uint32_t last, const struct hash *sha256)
{
    struct listing l = {.kind = t->what->kind,
                        .taken = t->what->now,
                        .sha256 = *sha256,
                        .packages = last - first};
    int64_t listing = 0;
    int r = vulndb_asset(db, name, &l.asset);

    (void)snprintf(l.release, sizeof l.release, "%.*s", (int)t->result->release.len,
                   t->result->release.ptr);
    if (r == 0)
        r = vulndb_listing_begin(db, &l, &listing);
    for (uint32_t i = first; r == 0 && i < last; i++)
        r = install(db, t, &t->kept[i], listing, i - first);
    if (r == 0)
        r = vulndb_listing_end(db, listing);
    for (uint32_t i = 0; r == 0 && i < t->addresses; i++) {
        if (t->address[i].asset == t->kept[first].asset)
            r = vulndb_address_add(db, l.asset, t->address[i].address, t->address[i].address);
    }
    return r;
}

static int
by_asset(const void *a, const void *b)
{
    const struct kept *x = a;
    const struct kept *y = b;
    int c = (x->asset > y->asset) - (x->asset < y->asset);

    return c != 0 ? c : (x->at > y->at) - (x->at < y->at);
}

static int
write_all(struct vulndb *db, struct taking *t, const struct hash *sha256)
{
    int r = vulndb_begin(db);

    if (r == 0)
        vulndb_file_begin(db);
    if (t->count > 0)
        qsort(t->kept, t->count, sizeof *t->kept, by_asset);
    for (uint32_t i = 0, n; r == 0 && i < t->count; i += n) {
        for (n = 1; i + n < t->count && t->kept[i + n].asset == t->kept[i].asset;)
            n++;
        r = write_asset(db, t, texts_get(&t->assets, t->kept[i].asset), i, i + n, sha256);
        t->result->assets++;
    }
    if (r == 0)
        r = vulndb_commit(db);
    if (r < 0) {
        (void)err_set(t->ei, r, "the database: %s (%s)", err_text(r), vulndb_error(db));
        vulndb_rollback(db);
    }
    return r;
}

static int
release_of(struct taking *t)
{
    struct inventories_result *r = t->result;
    bool system = t->what->kind == INVENTORY_DPKG || t->what->kind == INVENTORY_RPM ||
                  t->what->kind == INVENTORY_APK;

    r->release = slice_of(t->what->release != NULL ? t->what->release : r->counts.release);
    if (t->what->release != NULL && !of_distribution(r->release))
        return err_set(t->ei, ERR_USAGE,
                       "`%s` is no release that advisories go by: Debian:12, Alpine:v3.18, "
                       "Rocky Linux:9",
                       t->what->release);
    if (system && r->release.len == 0)
        return err_set(t->ei, ERR_INVALID,
                       "does not say which distribution it is: give --release, such as "
                       "Debian:12");
    return 0;
}

int
inventories_take(struct vulndb *db, const struct inventories_import *what, char *text,
                 size_t len, struct inventories_result *ret, struct errinfo *ei)
{
    struct taking t = {.what = what, .result = ret, .ei = ei, .text = {.max = KEPT_MOST}};
    struct hash sha256;
    int r;

    *ret = (struct inventories_result){.assets = 0};
    texts_init(&t.assets, 0);
    sha256 = sha256_of(text, len);
    r = read_list(&t, text, len);
    if (r == 0)
        r = release_of(&t);
    if (r == 0 && t.count == 0)
        r = err_set(ei, ERR_INVALID, "lists nothing that is installed");
    if (r == 0)
        r = write_all(db, &t, &sha256);
    if (r == ERR_NOMEM)
        (void)err_set(ei, r, "%s", err_text(r));
    if (r == 0 && ret->assets == 1)
        (void)snprintf(ret->asset, sizeof ret->asset, "%.*s", (int)texts_get(&t.assets, 0).len,
                       texts_get(&t.assets, 0).ptr);
    texts_release(&t.assets);
    buf_release(&t.text);
    free(t.kept);
    free(t.address);
    return r;
}
