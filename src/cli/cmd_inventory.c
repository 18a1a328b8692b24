/* detente inventory: what is installed on the party's own machines (vulndb/inventory.h). */
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/vuln.h"
#include "model/addr.h"
#include "role/inventories.h"

/* ---- import ------------------------------------------------------------------------------ */

static void
say_taken(const char *path, enum inventory_kind kind, const struct inventories_result *r)
{
    const struct package_counts *c = &r->counts;
    bool by_cpe = kind == INVENTORY_CPE || kind == INVENTORY_NMAP;
    const struct {
        uint64_t n;
        const char *what;
    } odd[] = {{c->not_installed, "removed, of which only configuration is left"},
               {c->keys, "keys, which are no packages"},
               {c->files, "files that no package is named for"},
               {c->duplicates, "named twice"},
               {c->nameless, "without a name, passed over"},
               {c->versionless, "without a version"},
               {c->odd_versions, "whose version is none by their ecosystem's rules"},
               {by_cpe ? 0 : c->no_ecosystem, "of an ecosystem that no feed speaks of"},
               {c->wrong_purls, "package URLs that are none"},
               {c->wrong_cpes, "CPEs that are none"},
               {r->no_index, "CPEs that do not say vendor and product: never matched"},
               {r->without_release, "of a distribution whose release is not known: never "
                                    "matched; give --release"}};

    if (r->assets == 1)
        cli_say("%s: %u packages on %s%s%.*s", path, c->packages, r->asset,
                r->release.len > 0 ? ", " : "", (int)r->release.len, r->release.ptr);
    else
        cli_say("%s: %u packages on %u assets", path, c->packages, r->assets);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        if (odd[i].n > 0)
            cli_say("%s: %llu %s", path, (unsigned long long)odd[i].n, odd[i].what);
    }
}

static int
import_file(struct vulndb *db, struct inventories_import *what, const char *path)
{
    struct inventories_result result = {.assets = 0};
    struct errinfo ei = {0};
    char *text = NULL;
    size_t len = 0;
    int r = cli_read_file(path, INVENTORIES_BYTES, &text, &len, &ei);

    if (r == 0) {
        err_file(&ei, path);
        what->now = cli_now();
        r = inventories_take(db, what, text, len, &result, &ei);
    }
    if (r < 0)
        r = cli_fail_at(r, &ei);
    else
        say_taken(path, what->kind, &result);
    free(text);
    return r;
}

static const struct cmd_option import_options[] = {
    {"asset", "NAME", "the machine that the list is of, when it does not say", 0},
    {"release", "NAME", "of the distribution, as its advisories call it: Debian:12", 0},
    {0}};

static int
asset_name(const struct cli *cli, const char **ret)
{
    *ret = cli_option(cli, "asset");
    if (*ret != NULL && ((*ret)[0] == '\0' || strlen(*ret) >= VULNDB_NAME))
        return cli_fail(ERR_USAGE, "an asset's name has 1 to %d bytes", VULNDB_NAME - 1);
    return 0;
}

static int
run_import(struct cli *cli)
{
    struct inventories_import what = {.release = cli_option(cli, "release")};
    struct vulndb *db = NULL;
    int r = asset_name(cli, &what.asset);

    if (r != 0)
        return r;
    if (cli->argc < 2)
        return cli_fail(ERR_USAGE, "inventory import takes a kind (dpkg, rpm, apk, cyclonedx, "
                                   "spdx, cpe, nmap) and files");
    if (!inventory_kind_parse(slice_of(cli->argv[0]), &what.kind))
        return cli_fail(ERR_USAGE,
                        "`%s` is no kind of inventory: dpkg, rpm, apk, cyclonedx, spdx, cpe, "
                        "nmap",
                        cli->argv[0]);
    if (cli->argc > 2 && what.asset != NULL)
        return cli_fail(ERR_USAGE, "one file at a time for one asset: each takes the place of "
                                   "the one before");
    if (what.kind == INVENTORY_NMAP && what.asset != NULL)
        return cli_fail(ERR_USAGE, "a port scan names its hosts itself: leave --asset away");
    r = vuln_open(cli, true, &db);
    for (int i = 1; r == 0 && i < cli->argc; i++)
        r = import_file(db, &what, cli->argv[i]);
    (void)vulndb_close(db);
    return r;
}

/* ---- collect ----------------------------------------------------------------------------- */

static const struct cmd_option collect_options[] = {
    {"asset", "NAME", "what the machine is called here, when not by its host name", 0}, {0}};

static int
add_own_addresses(struct vulndb *db, int64_t asset)
{
    struct ifaddrs *all = NULL;
    int r = getifaddrs(&all) < 0 ? ERR_IO : vulndb_begin(db);

    for (const struct ifaddrs *i = all; r == 0 && i != NULL; i = i->ifa_next) {
        struct addr a = {.byte = {[10] = 0xff, [11] = 0xff}};

        if (i->ifa_addr == NULL || (i->ifa_flags & IFF_LOOPBACK) != 0)
            continue;
        if (i->ifa_addr->sa_family == AF_INET)
            memcpy(a.byte + 12,
                   &((const struct sockaddr_in *)(const void *)i->ifa_addr)->sin_addr, 4);
        else if (i->ifa_addr->sa_family == AF_INET6)
            memcpy(a.byte, &((const struct sockaddr_in6 *)(const void *)i->ifa_addr)->sin6_addr,
                   16);
        else
            continue;
        if (a.byte[0] != 0xfe) /* not of one link only */
            r = vulndb_address_add(db, asset, a.byte, a.byte);
    }
    if (all != NULL)
        freeifaddrs(all);
    return r == 0 ? vulndb_commit(db) : r;
}

static int
run_collect(struct cli *cli)
{
    static const struct {
        enum inventory_kind kind;
        const char *path;
    } places[] = {{INVENTORY_DPKG, "/var/lib/dpkg/status"},
                  {INVENTORY_APK, "/lib/apk/db/installed"}};
    struct inventories_import what = {.now = cli_now()};
    char host[VULNDB_NAME] = "";
    struct vulndb *db = NULL;
    size_t at = 0;
    int64_t asset = 0;
    int r = asset_name(cli, &what.asset);

    if (r != 0)
        return r;
    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "inventory collect takes no arguments");
    if (what.asset == NULL && (gethostname(host, sizeof host - 1) < 0 || host[0] == '\0'))
        return cli_fail(ERR_USAGE, "this machine has no name: give --asset");
    what.asset = what.asset != NULL ? what.asset : host;
    while (at < 2 && access(places[at].path, R_OK) < 0)
        at++;
    if (at == 2)
        return cli_fail(ERR_NOTFOUND,
                        "no list of packages that can be read is on this machine: for rpm, "
                        "`rpm -qa | detente inventory import rpm - --asset %s`",
                        what.asset);
    what.kind = places[at].kind;
    r = vuln_open(cli, true, &db);
    if (r == 0)
        r = import_file(db, &what, places[at].path);
    if (r == 0) {
        r = vulndb_asset(db, slice_of(what.asset), &asset);
        if (r == 0)
            r = add_own_addresses(db, asset);
        if (r < 0)
            r = cli_fail(r, "its addresses: %s", err_text(r));
    }
    (void)vulndb_close(db);
    return r;
}

/* ---- list, show -------------------------------------------------------------------------- */

static const struct column asset_columns[] = {
    {"asset", false},   {"exposure", false}, {"criticality", true},
    {"owner", false},   {"country", false},  {"release", false},
    {"packages", true}, {"taken", false},    {"addresses", false}};

struct listed {
    struct vulndb *db;
    struct output *o;
    uint64_t packages;
    struct utime taken;
    char release[32];
    struct buf addresses;
    uint64_t assets;
};

static int
add_listing(void *arg, const struct listing *l)
{
    struct listed *x = arg;

    if (!l->current)
        return 0;
    x->packages += l->packages;
    if (l->taken.us > x->taken.us)
        x->taken = l->taken;
    if (l->release[0] != '\0')
        (void)snprintf(x->release, sizeof x->release, "%s", l->release);
    return 0;
}

static int
add_range(void *arg, const uint8_t *low, const uint8_t *high)
{
    struct listed *x = arg;
    struct addr a;
    char text[ADDR_TEXT];

    if (x->addresses.len > 0)
        buf_char(&x->addresses, ' ');
    memcpy(a.byte, low, 16);
    buf_add(&x->addresses, text, addr_format(&a, text));
    if (memcmp(low, high, 16) != 0) {
        memcpy(a.byte, high, 16);
        buf_char(&x->addresses, '-');
        buf_add(&x->addresses, text, addr_format(&a, text));
    }
    return 0;
}

static const char *const exposures[] = {"", "small", "controlled", "open"};

static int
list_asset(void *arg, const struct asset *a)
{
    struct listed *x = arg;
    int r;

    x->packages = 0;
    x->taken = (struct utime){0};
    x->release[0] = '\0';
    buf_reset(&x->addresses);
    r = vulndb_listings(x->db, a->id, add_listing, x);
    if (r == 0)
        r = vulndb_addresses(x->db, a->id, add_range, x);
    if (r < 0)
        return r;
    output_str(x->o, a->name);
    output_str(x->o, a->exposure < 4 ? exposures[a->exposure] : "");
    if (a->criticality > 0)
        output_u64(x->o, a->criticality);
    else
        output_str(x->o, "");
    output_str(x->o, a->owner);
    output_str(x->o, a->country);
    output_str(x->o, x->release);
    output_u64(x->o, x->packages);
    if (x->taken.us > 0)
        output_time(x->o, x->taken);
    else
        output_str(x->o, "");
    output_text(x->o, buf_get(&x->addresses));
    output_end(x->o);
    x->assets++;
    return 0;
}

static const struct cmd_option list_options[] = {CMD_FORMAT_OPTION, {0}};

static int
run_list(struct cli *cli)
{
    struct listed x = {.addresses = {.max = 1 << 20}};
    int r;

    if (cli->argc != 0)
        return cli_fail(ERR_USAGE, "inventory list takes no arguments");
    r = vuln_open(cli, false, &x.db);
    if (r != 0)
        return r;
    r = output_open(cli, asset_columns, sizeof asset_columns / sizeof asset_columns[0], &x.o);
    if (r < 0) {
        r = err_exit(r);
    } else {
        r = vulndb_assets(x.db, list_asset, &x);
        if (r < 0) {
            output_drop(x.o);
            r = cli_fail(r, "the database: %s (%s)", err_text(r), vulndb_error(x.db));
        } else {
            r = output_close(x.o, x.assets) < 0 ? err_exit(ERR_IO) : 0;
        }
    }
    buf_release(&x.addresses);
    (void)vulndb_close(x.db);
    return r;
}

const struct cmd cmd_inventory[] = {
    {"inventory", "import", "KIND FILE…",
     "what is installed on an asset: dpkg, rpm, apk, cyclonedx, spdx, cpe or nmap",
     import_options, run_import},
    {"inventory", "collect", "", "what is installed on this machine, and its addresses",
     collect_options, run_collect},
    {"inventory", "list", "", "the assets that are known", list_options, run_list},
    {"inventory", "show", "ASSET", "an asset, and its lists of what is installed",
     inventory_show_options, inventory_run_show},
    {"inventory", "set", "ASSET", "what an asset is, how exposed and how important",
     inventory_set_options, inventory_run_set},
    {"inventory", "drop", "ASSET", "forget an asset, its lists and statements of it", NULL,
     inventory_run_drop},
    {"inventory", "assets", "FILE|-",
     "set many at once, as `inventory list -o csv` writes them", NULL, inventory_run_assets},
    {"inventory", "diff", "ASSET [B]",
     "what came, went and changed: of the newest list against the one before, or of two assets",
     inventory_diff_options, inventory_run_diff},
    {0},
};
