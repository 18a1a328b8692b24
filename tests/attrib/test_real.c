/* The compiled default data against libmaxminddb and against the CSV read by other code, at
 * 100,000 addresses.  Arguments: folder of the packages, Tor's folder.  77 when one is absent.
 */
#include <arpa/inet.h>
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "attrib/attrib.h"
#include "attrib/build.h"
#include "fixture.h"
#include "model/event.h"

enum { ADDRESSES = 100000 };

struct item {
    struct addr addr;
    uint32_t asn;     /* by the CSV */
    uint16_t country; /* by the MMDB */
    uint16_t tor;
    struct addr size; /* of the row that gave asn: the smallest of those that overlap */
};

static struct item items[ADDRESSES];

static uint64_t
next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static int
by_addr(const void *a, const void *b)
{
    return memcmp(&((const struct item *)a)->addr, &((const struct item *)b)->addr,
                  sizeof(struct addr));
}

/* Half from ranges with a place, half uniform; both families. */
static void
draw(const struct attrib *a)
{
    uint64_t seed = 3;

    for (size_t i = 0; i < ADDRESSES; i++) {
        uint64_t r[2] = {next_random(&seed), next_random(&seed)};

        if (i % 4 < 2) {
            if (attrib_random(a, r[0], r[1], i % 2, &items[i].addr) < 0)
                abort();
        } else if (i % 4 == 2) {
            items[i].addr = addr_of_v4((uint32_t)r[0]);
        } else {
            memcpy(items[i].addr.byte, r, 16);
            items[i].addr.byte[0] = 0x20 | (items[i].addr.byte[0] & 0x0f);
        }
    }
    qsort(items, ADDRESSES, sizeof items[0], by_addr);
}

static int
parse(const char *text, struct addr *ret)
{
    struct in_addr v4;
    char *end;
    unsigned long n;

    if (strchr(text, ':') != NULL)
        return inet_pton(AF_INET6, text, ret->byte) == 1 ? 0 : -1;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        *ret = addr_of_v4(ntohl(v4.s_addr));
        return 0;
    }
    n = strtoul(text, &end, 10);
    *ret = addr_of_v4((uint32_t)n);
    return *end == '\0' ? 0 : -1;
}

/* to - from, as bytes that compare like numbers. */
static struct addr
size_of(const struct addr *from, const struct addr *to)
{
    struct addr size;
    int borrow = 0;

    for (unsigned i = 16; i-- > 0;) {
        int d = to->byte[i] - from->byte[i] - borrow;

        borrow = d < 0;
        size.byte[i] = (uint8_t)d;
    }
    return size;
}

static size_t
first_from(const struct addr *from)
{
    size_t low = 0;
    size_t high = ADDRESSES;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (memcmp(&items[mid].addr, from, 16) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Every row, for all the items in it.  Column 3 is a number or a country. */
static int
scan(const char *path, bool country)
{
    FILE *f = fopen(path, "r");
    char line[1024];

    if (f == NULL)
        return -1;
    while (fgets(line, sizeof line, f) != NULL) {
        char text[3][64] = {{0}};
        struct addr from;
        struct addr to;
        struct addr size;

        if (line[0] == '#' ||
            sscanf(line, "%63[^,],%63[^,],%63[^,\n]", text[0], text[1], text[2]) != 3 ||
            parse(text[0], &from) < 0 || parse(text[1], &to) < 0)
            continue;
        size = size_of(&from, &to);
        for (size_t i = first_from(&from);
             i < ADDRESSES && memcmp(&items[i].addr, &to, 16) <= 0; i++) {
            if (addr_kind(&items[i].addr) != ADDR_GLOBAL)
                continue;
            if (!country && (items[i].asn == 0 || memcmp(&size, &items[i].size, 16) <= 0)) {
                items[i].asn = (uint32_t)strtoul(text[2], NULL, 10);
                items[i].size = size;
            } else if (!country)
                continue;
            else if (strcmp(text[2], "AP") != 0 && strcmp(text[2], "EU") != 0)
                items[i].tor = country_parse(slice_of(text[2]));
        }
    }
    (void)fclose(f);
    return 0;
}

static int
look_up(const char *path)
{
    MMDB_s mmdb;

    if (MMDB_open(path, MMDB_MODE_MMAP, &mmdb) != MMDB_SUCCESS)
        return -1;
    for (size_t i = 0; i < ADDRESSES; i++) {
        char text[ADDR_TEXT];
        int gai = 0;
        int err = 0;
        MMDB_lookup_result_s r;
        MMDB_entry_data_s d;

        if (addr_kind(&items[i].addr) != ADDR_GLOBAL)
            continue;
        (void)addr_format(&items[i].addr, text);
        r = MMDB_lookup_string(&mmdb, text, &gai, &err);
        if (r.found_entry &&
            MMDB_get_value(&r.entry, &d, "country_code", NULL) == MMDB_SUCCESS && d.has_data)
            items[i].country = country_parse((struct slice){d.utf8_string, d.data_size});
    }
    MMDB_close(&mmdb);
    return 0;
}

static unsigned
compare(const struct attrib *a)
{
    unsigned bad = 0;
    unsigned asns = 0;
    unsigned countries = 0;
    unsigned disputed = 0;

    for (size_t i = 0; i < ADDRESSES; i++) {
        const struct item *x = &items[i];
        uint16_t country = x->country != 0 ? x->country : x->tor;
        bool differ = x->country != 0 && x->tor != 0 && x->country != x->tor;
        struct attribution p = attrib_find(a, &x->addr);

        asns += p.asn != 0;
        countries += p.country != 0;
        disputed += p.disputed;
        if (p.asn != x->asn || p.country != country || p.disputed != differ) {
            char text[ADDR_TEXT];

            (void)addr_format(&x->addr, text);
            if (bad++ < 10)
                printf("%s: got AS%u %04x %u, want AS%u %04x %u\n", text, p.asn, p.country,
                       p.disputed, x->asn, country, differ);
        }
    }
    printf("%d addresses: %u with a network, %u with a country, %u disputed, %u wrong\n",
           ADDRESSES, asns, countries, disputed, bad);
    return bad;
}

int
main(int argc, char **argv)
{
    char path[5][512];
    struct attrib_input in[3] = {
        {.path = {path[0], path[1]}, .name = "asn", .kind = ATTRIB_ASN},
        {.path = {path[2]}, .name = "geo-whois-asn-country", .kind = ATTRIB_COUNTRY},
        {.path = {path[3], path[4]}, .name = "tor-geoipdb", .kind = ATTRIB_COUNTRY}};
    struct attrib_report report;
    struct errinfo ei = {0};
    struct attrib *a = NULL;
    const char *out;
    unsigned bad;

    if (argc < 3)
        return 2;
    (void)snprintf(path[0], 512, "%s/asn/asn-ipv4.csv", argv[1]);
    (void)snprintf(path[1], 512, "%s/asn/asn-ipv6.csv", argv[1]);
    (void)snprintf(path[2], 512, "%s/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb",
                   argv[1]);
    (void)snprintf(path[3], 512, "%s/geoip", argv[2]);
    (void)snprintf(path[4], 512, "%s/geoip6", argv[2]);
    for (unsigned i = 0; i < 5; i++) {
        if (access(path[i], R_OK) < 0) {
            printf("SKIP: %s is absent\n", path[i]);
            return 77;
        }
    }
    out = fixture_path("real.bin");
    if (attrib_build(in, 3, out, &report, &ei) < 0 || attrib_open(out, &a, &ei) < 0) {
        printf("%s:%u:%u: %s\n", ei.file, ei.line, ei.column, ei.text);
        return 1;
    }
    draw(a);
    if (scan(path[0], false) < 0 || scan(path[1], false) < 0 || look_up(path[2]) < 0 ||
        scan(path[3], true) < 0 || scan(path[4], true) < 0)
        return 1;
    bad = compare(a);
    (void)attrib_close(a);
    fixture_remove();
    return bad != 0;
}
