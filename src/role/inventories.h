/* Taking in what is installed on assets: a list as the tools of their systems write it, into
 * DIR/vuln/vuln.db in one transaction (vulndb/inventory.h). */
#ifndef DETENTE_ROLE_INVENTORIES_H
#define DETENTE_ROLE_INVENTORIES_H

#include "vuln/package.h"
#include "vulndb/inventory.h"

enum { INVENTORIES_BYTES = 256 << 20, INVENTORIES_ASSETS = 65536 };

struct inventories_import {
    enum inventory_kind kind;
    const char *asset;   /* what packages are on that do not say it; NULL: they must */
    const char *release; /* "Debian:12"; NULL: what the list says */
    struct utime now;
};

struct inventories_result {
    struct package_counts counts;
    unsigned assets;
    unsigned without_release; /* packages of a distribution nobody knows the release of */
    unsigned no_index;        /* CPEs that do not say vendor and product */
    char asset[VULNDB_NAME];  /* when it was one */
    struct slice release;     /* that was taken; borrowed from counts or the import */
};

/* text is written to.  ERR_INVALID, ERR_LIMIT with the place; ERR_USAGE: a package says no
 * asset, and none was given; ERR_BUSY, ERR_FULL, ERR_IO, ERR_NOMEM.  ei has the file's name
 * already. */
MUST_USE int inventories_take(struct vulndb *db, const struct inventories_import *what,
                              char *text, size_t len, struct inventories_result *ret,
                              struct errinfo *ei);

#endif
