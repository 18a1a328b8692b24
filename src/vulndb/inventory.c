#include "vulndb/inventory.h"

#include "vulndb/db.h"

static const char *const names[INVENTORY_KINDS] = {
#define INVENTORY(id, name, what) [INVENTORY_##id] = (name),
#include "vulndb/inventory.def"
};

const char *
inventory_kind_name(enum inventory_kind k)
{
    return names[k];
}

bool
inventory_kind_parse(struct slice text, enum inventory_kind *ret)
{
    for (unsigned k = 0; k < INVENTORY_KINDS; k++) {
        if (slice_is(text, names[k])) {
            *ret = (enum inventory_kind)k;
            return true;
        }
    }
    return false;
}

/* ---- assets --------------------------------------------------------------------------------
 */

int
vulndb_asset(struct vulndb *db, struct slice name, int64_t *ret)
{
    return vulndb_named(db, ST_ASSET_ID, ST_ASSET_NEW, name, ret);
}

static void
asset_row(sqlite3_stmt *st, struct asset *ret)
{
    *ret = (struct asset){.id = sqlite3_column_int64(st, 0),
                          .exposure = (unsigned)sqlite3_column_int(st, 2),
                          .criticality = (unsigned)sqlite3_column_int(st, 3)};
    column_text(st, 1, ret->name, sizeof ret->name);
    column_text(st, 4, ret->owner, sizeof ret->owner);
    column_text(st, 5, ret->country, sizeof ret->country);
}

int
vulndb_asset_get(struct vulndb *db, const char *name, struct asset *ret)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_ASSET_GET);
    int r;

    if (st != NULL)
        bind_text(st, 1, slice_of(name));
    r = vulndb_row(db, st);
    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    asset_row(st, ret);
    (void)sqlite3_reset(st);
    return 0;
}

int
vulndb_asset_set(struct vulndb *db, const struct asset *a)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_ASSET_SET);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, a->id);
        (void)sqlite3_bind_int64(st, 2, a->exposure);
        (void)sqlite3_bind_int64(st, 3, a->criticality);
        bind_text(st, 4, slice_of(a->owner));
        bind_text(st, 5, slice_of(a->country));
    }
    return vulndb_run(db, st);
}

/* A statement whose one binding is a number. */
static int
run_of(struct vulndb *db, enum statement which, int64_t number)
{
    sqlite3_stmt *st = vulndb_statement(db, which);

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, number);
    return vulndb_run(db, st);
}

int
vulndb_asset_forget(struct vulndb *db, int64_t id)
{
    static const enum statement all[] = {
        ST_INSTALLED_OF_ASSET, ST_LISTING_OF_ASSET, ST_ADDRESS_CLEAR, ST_VEX_OF_ASSET,
        ST_FINDING_OF_ASSET,   ST_KEPT_OF_ASSET,    ST_ASSET_GONE};
    int r = 0;

    for (size_t i = 0; r == 0 && i < sizeof all / sizeof all[0]; i++)
        r = run_of(db, all[i], id);
    return r;
}

int
vulndb_assets(struct vulndb *db, int (*each)(void *arg, const struct asset *a), void *arg)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_ASSET_EACH);
    int r;

    while ((r = vulndb_row(db, st)) == 1) {
        struct asset a;

        asset_row(st, &a);
        r = each(arg, &a);
        if (r != 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

int
vulndb_address_add(struct vulndb *db, int64_t asset, const uint8_t low[16],
                   const uint8_t high[16])
{
    sqlite3_stmt *st = vulndb_statement(db, ST_ADDRESS_NEW);

    if (st != NULL) {
        bind_blob(st, 1, (struct slice){(const char *)low, 16});
        bind_blob(st, 2, (struct slice){(const char *)high, 16});
        (void)sqlite3_bind_int64(st, 3, asset);
    }
    return vulndb_run(db, st);
}

int
vulndb_addresses_clear(struct vulndb *db, int64_t asset)
{
    return run_of(db, ST_ADDRESS_CLEAR, asset);
}

int
vulndb_addresses(struct vulndb *db, int64_t asset,
                 int (*each)(void *arg, const uint8_t *low, const uint8_t *high), void *arg)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_ADDRESS_EACH);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, asset);
    while ((r = vulndb_row(db, st)) == 1) {
        struct slice low = column_bytes(st, 0);
        struct slice high = column_bytes(st, 1);

        if (low.len != 16 || high.len != 16)
            continue;
        r = each(arg, (const uint8_t *)low.ptr, (const uint8_t *)high.ptr);
        if (r != 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

/* ---- listings ------------------------------------------------------------------------------
 */

int
vulndb_listing_begin(struct vulndb *db, const struct listing *what, int64_t *ret)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_LISTING_NEW);
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, what->asset);
        (void)sqlite3_bind_int(st, 2, (int)what->kind);
        (void)sqlite3_bind_int64(st, 3, what->taken.us);
        bind_blob(st, 4,
                  (struct slice){(const char *)what->sha256.byte, sizeof what->sha256.byte});
        bind_text(st, 5, slice_of(what->release));
        bind_u64(st, 6, what->packages);
    }
    r = vulndb_run(db, st);
    *ret = sqlite3_last_insert_rowid(db->db);
    return r;
}

/* A product, or nothing where there is no name. */
static int
bind_product(struct vulndb *db, sqlite3_stmt *st, int at, struct slice space, struct slice name)
{
    int64_t id = 0;
    int r;

    if (name.len == 0)
        return 0;
    r = vulndb_product(db, space, name, &id);
    (void)sqlite3_bind_int64(st, at, id);
    return r;
}

int
vulndb_install(struct vulndb *db, int64_t listing, unsigned n, const struct installed *i)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_INSTALLED_NEW);
    int64_t space = 0;
    int r;

    if (st == NULL)
        return ERR_IO;
    (void)sqlite3_bind_int64(st, 1, listing);
    (void)sqlite3_bind_int64(st, 2, n);
    r = bind_product(db, st, 3, i->space, i->space.len == 0 ? i->space : i->product);
    if (r == 0)
        r = bind_product(db, st, 4, SLICE("cpe"), i->cpe_product);
    if (r == 0 && i->space.len > 0)
        r = vulndb_space(db, i->space, &space);
    if (r < 0)
        return r;
    bind_text(st, 5, i->name);
    bind_text(st, 6, i->version);
    bind_text(st, 7, slice_eq(i->compared, i->version) ? SLICE("") : i->compared);
    bind_text(st, 8, i->architecture);
    bind_text(st, 9, i->purl);
    bind_text(st, 10, i->cpe);
    (void)sqlite3_bind_int(st, 11, i->distribution);
    (void)sqlite3_bind_int64(st, 12, space);
    return vulndb_run(db, st);
}

/* Those before it are not current, and the oldest go. */
int
vulndb_listing_end(struct vulndb *db, int64_t listing)
{
    static const enum statement all[] = {ST_LISTING_SAME_ROWS, ST_LISTING_SAME,
                                         ST_LISTING_BEFORE,    ST_LISTING_CURRENT,
                                         ST_LISTING_OLD_ROWS,  ST_LISTING_OLD};
    int r = 0;

    for (size_t i = 0; r == 0 && i < sizeof all / sizeof all[0]; i++)
        r = run_of(db, all[i], listing);
    return r;
}

int
vulndb_listings(struct vulndb *db, int64_t asset,
                int (*each)(void *arg, const struct listing *l), void *arg)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_LISTING_EACH);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, asset);
    while ((r = vulndb_row(db, st)) == 1) {
        struct listing l = {.id = sqlite3_column_int64(st, 0),
                            .asset = asset,
                            .kind = (enum inventory_kind)sqlite3_column_int(st, 1),
                            .taken = {sqlite3_column_int64(st, 2)},
                            .packages = (uint64_t)sqlite3_column_int64(st, 5),
                            .current = sqlite3_column_int(st, 6) != 0};
        struct slice sha = column_bytes(st, 3);

        if (sha.len == sizeof l.sha256.byte)
            memcpy(l.sha256.byte, sha.ptr, sha.len);
        column_text(st, 4, l.release, sizeof l.release);
        r = (unsigned)l.kind < INVENTORY_KINDS ? each(arg, &l) : 0;
        if (r != 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

int
vulndb_installed(struct vulndb *db, int64_t listing,
                 int (*each)(void *arg, const struct installed *i), void *arg)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_INSTALLED_EACH);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, listing);
    while ((r = vulndb_row(db, st)) == 1) {
        struct installed i = {.space = column_bytes(st, 0),
                              .product = column_bytes(st, 1),
                              .name = column_bytes(st, 2),
                              .version = column_bytes(st, 3),
                              .compared = column_bytes(st, 4),
                              .architecture = column_bytes(st, 5),
                              .purl = column_bytes(st, 6),
                              .cpe = column_bytes(st, 7)};

        if (i.compared.len == 0)
            i.compared = i.version;
        r = each(arg, &i);
        if (r != 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}
