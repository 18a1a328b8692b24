/* Address look-ups and compiling, over the default data: `name value unit (limit: ...)` lines.
 * Arguments: folder of the data's packages, folder of Tor's files, a file to write. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "attrib/attrib.h"
#include "attrib/build.h"

enum { ADDRESSES = 1 << 20, ROUNDS = 16 };

static double
now(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static uint64_t
next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

enum mix { UNIFORM, PLACED, HOT };

/* Uniform over the family's space; over the ranges that have a place; or a few of the latter.
 */
static void
fill(const struct attrib *a, struct addr *to, enum mix mix, bool v6)
{
    uint64_t seed = 1;

    for (size_t i = 0; i < ADDRESSES; i++) {
        uint64_t r[2] = {next_random(&seed), next_random(&seed)};

        if (mix == HOT && i >= 512)
            to[i] = to[i % 512];
        else if (mix == UNIFORM && v6) {
            memcpy(to[i].byte, r, 16);
            to[i].byte[0] = (uint8_t)(0x20 | (to[i].byte[0] & 0x1f));
        } else if (mix == UNIFORM)
            to[i] = addr_of_v4((uint32_t)r[0]);
        else if (attrib_random(a, r[0], r[1], v6, &to[i]) < 0)
            exit(1);
    }
}

static uint64_t
run(const struct attrib *a, const struct addr *addr, bool batch)
{
    static struct attribution out[4096];
    uint64_t sum = 0;

    for (unsigned round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; !batch && i < ADDRESSES; i++)
            sum += attrib_find(a, &addr[i]).asn;
        for (size_t i = 0; batch && i < ADDRESSES; i += 4096) {
            attrib_find_many(a, addr + i, 4096, out);
            sum += out[i % 4096].asn;
        }
    }
    return sum;
}

static void
speed(const struct attrib *a, bool v6)
{
    static struct addr addr[ADDRESSES];
    static const char *const mixes[] = {"uniform", "placed", "hot"};

    for (int mix = UNIFORM; mix <= HOT; mix++) {
        fill(a, addr, (enum mix)mix, v6);
        for (int batch = 0; batch < 2; batch++) {
            double start = now();
            uint64_t sum = run(a, addr, batch);
            double s = now() - start;

            printf("attrib_%s_%s_%s %.1f M/s (limit: %d) [%llx]\n", v6 ? "v6" : "v4",
                   mixes[mix], batch ? "many" : "one", (double)ADDRESSES * ROUNDS / s / 1e6,
                   v6 ? 20 : 50, (unsigned long long)sum);
        }
    }
}

/* How fast memory itself answers: dependent reads over 16 MiB. */
static void
memory_limit(void)
{
    enum { N = 1 << 22 };
    uint32_t *at = calloc(N, sizeof *at);
    uint64_t seed = 2;
    uint32_t p = 0;
    double start;

    if (at == NULL)
        return;
    for (uint32_t i = 0; i < N; i++)
        at[i] = i;
    for (uint32_t i = N - 1; i > 0; i--) { /* Sattolo: one cycle */
        uint32_t k = (uint32_t)(next_random(&seed) % i);
        uint32_t t = at[i];

        at[i] = at[k];
        at[k] = t;
    }
    start = now();
    for (uint32_t i = 0; i < N; i++)
        p = at[p];
    printf("memory_read_16MiB %.1f ns (physical: one dependent read) [%u]\n",
           (now() - start) / N * 1e9, p);
    free(at);
}

static int
build(const char *data, const char *tor, const char *out)
{
    char path[5][512];
    struct attrib_input in[3] = {
        {.path = {path[0], path[1]}, .name = "asn", .kind = ATTRIB_ASN},
        {.path = {path[2]}, .name = "geo-whois-asn-country", .kind = ATTRIB_COUNTRY},
        {.path = {path[3], path[4]}, .name = "tor-geoipdb", .kind = ATTRIB_COUNTRY}};
    struct attrib_report report;
    struct errinfo ei = {0};
    double start = now();

    (void)snprintf(path[0], 512, "%s/asn/asn-ipv4.csv", data);
    (void)snprintf(path[1], 512, "%s/asn/asn-ipv6.csv", data);
    (void)snprintf(path[2], 512, "%s/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb",
                   data);
    (void)snprintf(path[3], 512, "%s/geoip", tor);
    (void)snprintf(path[4], 512, "%s/geoip6", tor);
    if (attrib_build(in, 3, out, &report, &ei) < 0) {
        printf("SKIP %s:%u:%u: %s\n", ei.file, ei.line, ei.column, ei.text);
        return 77;
    }
    printf("attrib_build %.2f s (limit: 2)\n", now() - start);
    printf("attrib_file %.1f MB (limit: 40) v4 %u v6 %u places %u networks %u\n",
           (double)report.size.bytes / 1e6, report.size.v4, report.size.v6, report.size.places,
           report.size.networks);
    return 0;
}

int
main(int argc, char **argv)
{
    struct attrib *a = NULL;
    struct errinfo ei = {0};
    struct rusage usage;
    double start;
    int r;

    if (argc < 4)
        return 2;
    r = build(argv[1], argv[2], argv[3]);
    if (r != 0)
        return r;
    (void)getrusage(RUSAGE_SELF, &usage);
    printf("attrib_build_memory %ld MB (limit: 400)\n", usage.ru_maxrss / 1024);
    start = now();
    if (attrib_open(argv[3], &a, &ei) < 0) {
        printf("%s: %s\n", ei.file, ei.text);
        return 1;
    }
    printf("attrib_open %.1f ms\n", (now() - start) * 1e3);
    memory_limit();
    speed(a, false);
    speed(a, true);
    (void)attrib_close(a);
    return 0;
}
