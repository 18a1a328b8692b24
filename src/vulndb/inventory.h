/* What is installed on the party's own assets, as the tools of their systems list it.
 *
 * Of each asset and kind of source the newest listing counts, and INVENTORIES_KEPT before it
 * are kept for comparison. */
#ifndef DETENTE_VULNDB_INVENTORY_H
#define DETENTE_VULNDB_INVENTORY_H

#include "vulndb/vulndb.h"

enum { INVENTORIES_KEPT = 8, ASSET_ADDRESSES = 64 };

enum inventory_kind {
#define INVENTORY(id, name, what) INVENTORY_##id,
#include "vulndb/inventory.def"
    INVENTORY_KINDS
};
const char *inventory_kind_name(enum inventory_kind k);
bool inventory_kind_parse(struct slice text, enum inventory_kind *ret);

/* ---- assets ---- */

struct asset {
    int64_t id;
    char name[VULNDB_NAME];
    unsigned exposure;    /* vuln/priority.h */
    unsigned criticality; /* percent; 0 not said */
    char owner[VULNDB_NAME];
    char country[4]; /* of its supplier; "" not said */
};
/* Made where it is not there. */
MUST_USE int vulndb_asset(struct vulndb *db, struct slice name, int64_t *ret);
MUST_USE int vulndb_asset_get(struct vulndb *db, const char *name,
                              struct asset *ret); /* ERR_NOTFOUND */
/* All but id and name. */
MUST_USE int vulndb_asset_set(struct vulndb *db, const struct asset *a);
/* With its listings, and what the operator stated of it. */
MUST_USE int vulndb_asset_forget(struct vulndb *db, int64_t id);
/* By name. */
MUST_USE int vulndb_assets(struct vulndb *db, int (*each)(void *arg, const struct asset *a),
                           void *arg);
/* low..high as 16 bytes each, IPv4 mapped into IPv6. */
MUST_USE int vulndb_address_add(struct vulndb *db, int64_t asset, const uint8_t low[16],
                                const uint8_t high[16]);
MUST_USE int vulndb_addresses_clear(struct vulndb *db, int64_t asset);
MUST_USE int vulndb_addresses(struct vulndb *db, int64_t asset,
                              int (*each)(void *arg, const uint8_t *low, const uint8_t *high),
                              void *arg);

/* ---- listings ---- */

struct installed {
    struct slice space;   /* "Debian:12", "PyPI"; "" nothing but a CPE is known of it */
    struct slice product; /* in that space: of a distribution the source package */
    struct slice name;
    struct slice version;
    struct slice compared; /* the version that advisories speak of: of the source */
    struct slice architecture;
    struct slice purl;
    struct slice cpe;
    struct slice cpe_product; /* "a:apache:log4j"; "" none */
    bool distribution;        /* its advisories alone speak for it */
};

struct listing {
    int64_t id;
    int64_t asset;
    enum inventory_kind kind;
    struct utime taken;
    struct hash sha256;
    char release[32]; /* of the system; "" none */
    uint64_t packages;
    bool current;
};

/* Not current until it is ended. */
MUST_USE int vulndb_listing_begin(struct vulndb *db, const struct listing *what, int64_t *ret);
MUST_USE int vulndb_install(struct vulndb *db, int64_t listing, unsigned n,
                            const struct installed *i);
/* The newest now.  The same bytes as the one before take its place. */
MUST_USE int vulndb_listing_end(struct vulndb *db, int64_t listing);
/* The newest first. */
MUST_USE int vulndb_listings(struct vulndb *db, int64_t asset,
                             int (*each)(void *arg, const struct listing *l), void *arg);
/* In the order of names. */
MUST_USE int vulndb_installed(struct vulndb *db, int64_t listing,
                              int (*each)(void *arg, const struct installed *i), void *arg);

#endif
