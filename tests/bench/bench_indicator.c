/* Five million indicators: memory, and what an event and a name cost.
 *
 *     bench_indicator [MILLIONS]
 *     bench_indicator [MILLIONS] FILE              also as a file to be mapped, which stays
 *     bench_indicator [MILLIONS] FILE addresses    the same without names
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "indicator/pack.h"

enum { EVENTS = 4000000, NAMES = 2000000 };

static double
now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t
mix(uint64_t x)
{
    x = (x ^ x >> 31) * UINT64_C(0x7fb5d329728ea185);
    x = (x ^ x >> 27) * UINT64_C(0x81dadef4bc2dd44d);
    return x ^ x >> 33;
}

static size_t
resident(void)
{
    FILE *f = fopen("/proc/self/statm", "re");
    unsigned long all = 0;
    unsigned long here = 0;

    if (f != NULL) {
        if (fscanf(f, "%lu %lu", &all, &here) != 2)
            here = 0;
        (void)fclose(f);
    }
    return here * 4096;
}

static size_t
name_of(uint64_t n, char out[64])
{
    static const char *const tld[] = {"com", "net", "org", "info", "example", "test"};
    uint64_t x = mix(n);

    return (size_t)snprintf(out, 64, "%s%llx.%s", x % 3 == 0 ? "www." : "",
                            (unsigned long long)(x >> 20), tld[x % 6]);
}

/* Half addresses, one of 50 of them IPv6, and half names; some prefixes. */
static void
put_pattern(struct buf *to, uint32_t i, bool names)
{
    uint64_t x = mix(i);
    char text[64];
    struct addr at = addr_of_v4((uint32_t)x);

    if (names && i % 2 == 1) {
        size_t n = name_of(i, text);

        buf_printf(to, "[domain-name:value %s%.*s']", i % 10 == 1 ? "LIKE '%." : "= '", (int)n,
                   text);
        return;
    }
    if (i % 100 == 0)
        memcpy(at.byte, &x, 8);
    buf_printf(to, "[ipv%c-addr:value = '", addr_is_v4(&at) ? '4' : '6');
    buf_addr(to, &at);
    buf_text(to, i % 1000 == 2 ? "/24']" : "']");
}

static void
put_bundle(struct buf *to, uint32_t from, uint32_t until, bool names)
{
    buf_text(to, "{\"type\":\"bundle\",\"objects\":[");
    for (uint32_t i = from; i < until; i++) {
        buf_printf(
            to,
            "%s{\"type\":\"indicator\",\"id\":\"indicator--%08x-0000-4000-8000-%012llx\","
            "\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":"
            "\"2026-01-01T00:00:00.000Z\",\"name\":\"campaign %u\",\"labels\":"
            "[\"malicious-activity\"],\"confidence\":80,\"pattern_type\":\"stix\","
            "\"valid_from\":\"2026-01-01T00:00:00.000Z\",\"pattern\":\"",
            i == from ? "" : ",", i, (unsigned long long)mix(i) >> 16, i / 100);
        put_pattern(to, i, names);
        buf_text(to, "\"}");
    }
    buf_text(to, "]}");
}

enum { BUNDLE = 10000, BUNDLE_BYTES = BUNDLE * 512 };

static int
fill(struct indicators_build *b, uint32_t n, bool names, struct indicators_counts *counts,
     double *ret_spent)
{
    int r = 0;
    AUTO_BUF(text, BUNDLE_BYTES);
    AUTO_ARENA(arena);

    r = arena_init(&arena, (size_t)BUNDLE_BYTES * DOM_ROOM);
    for (uint32_t i = 0; r == 0 && i < n; i += BUNDLE) {
        const struct dom *d = NULL;
        struct errinfo ei = {0};
        double began;

        buf_reset(&text);
        put_bundle(&text, i, n - i < BUNDLE ? n : i + BUNDLE, names);
        began = now();
        arena_reset(&arena);
        r = dom_read(text.ptr, text.len, &arena, &d, &ei);
        if (r == 0)
            r = indicators_read(b, d, counts, NULL, NULL);
        *ret_spent += now() - began;
    }
    return r;
}

enum { PAIRS = 4096 };

static void
make_pairs(struct addr pair[PAIRS][2], unsigned round, uint32_t known)
{
    for (unsigned i = 0; i < PAIRS; i++) {
        uint64_t x = mix(UINT64_C(1) << 40 | (round * (unsigned)PAIRS + i));

        pair[i][0] = addr_of_v4((uint32_t)x);
        pair[i][1] = addr_of_v4((uint32_t)(x >> 32));
        if (i % 100 == 0)
            pair[i][0] = addr_of_v4((uint32_t)mix((x >> 8) % known / 2 * 2));
    }
}

static void
ask_events(const struct set *s, uint32_t known)
{
    static struct addr pair[PAIRS][2];
    struct set_found f;
    uint64_t hits = 0;
    uint64_t some = 0;
    double together = 0;
    double alone = 0;

    for (unsigned round = 0; round < EVENTS / PAIRS; round++) {
        double began;

        make_pairs(pair, round, known);
        began = now();
        for (unsigned i = 0; i < PAIRS; i += SET_ASKED / 2)
            some += (unsigned)__builtin_popcountll(set_some(s, pair[i], SET_ASKED));
        together += now() - began;
        make_pairs(pair, round + EVENTS, known);
        began = now();
        for (unsigned i = 0; i < PAIRS * 2; i++) {
            set_find_address(s, &pair[0][0] + i, &f);
            hits += f.count;
        }
        alone += now() - began;
    }
    together = together / (EVENTS / PAIRS * PAIRS) * 1e9;
    alone = alone / (EVENTS / PAIRS * PAIRS) * 1e9;
    printf(
        "indicator_event %.1f ns (two addresses, 32 events at once, %llu are some; one by one "
        "%.1f ns, %llu hits; target 100 ns)\n",
        together, (unsigned long long)some, alone, (unsigned long long)hits);
}

static void
ask_names(const struct set *s, uint32_t known)
{
    static char text[4096][64];
    static size_t len[4096];
    struct set_found f;
    uint64_t hits = 0;
    double spent = 0;

    for (unsigned round = 0; round < NAMES / 4096; round++) {
        double began;

        for (unsigned i = 0; i < 4096; i++)
            len[i] = name_of(i % 100 == 0 ? mix(round * 4096U + i) % known | 1
                                          : UINT64_C(1) << 40 | (round * 4096U + i),
                             text[i]);
        began = now();
        for (unsigned i = 0; i < 4096; i++) {
            set_find_domain(s, (struct slice){text[i], len[i]}, &f);
            hits += f.count;
        }
        spent += now() - began;
    }
    printf("indicator_name %.1f ns (a name of two or three labels, %llu hits in %d)\n",
           spent / (NAMES / 4096 * 4096.0) * 1e9, (unsigned long long)hits, NAMES);
}

/* To write it and to map it. */
static int
put_file(const struct indicators *x, const char *path, struct indicators **ret)
{
    struct errinfo ei = {0};
    double began = now();
    double packed;
    char *bytes = NULL;
    size_t len = 0;
    FILE *f = fopen(path, "we");
    int r = f == NULL ? ERR_IO : indicators_pack(x, &bytes, &len);

    packed = now() - began;
    if (r == 0 && fwrite(bytes, 1, len, f) != len)
        r = ERR_IO;
    if (f != NULL && fclose(f) != 0)
        r = ERR_IO;
    free(bytes);
    began = now();
    if (r == 0)
        r = indicators_map(path, ret, &ei);
    if (r == 0)
        printf("indicator_map %.3f s (%.0f MB mapped and checked; to pack them %.2f s)\n",
               now() - began, (double)len / 1e6, packed);
    return r;
}

int
main(int argc, char **argv)
{
    uint32_t n = (uint32_t)((argc > 1 ? strtod(argv[1], NULL) : 5) * 1e6);
    struct indicators_build *b = NULL;
    struct indicators *x = NULL;
    struct indicators_counts counts = {0};
    size_t before = resident();
    double spent = 0;
    double began;
    int r = indicators_build_new(12345, &b);

    if (r == 0)
        r = fill(b, n, argc < 4, &counts, &spent);
    began = now();
    if (r == 0)
        r = indicators_freeze(b, &x);
    b = indicators_build_free(b);
    if (r < 0)
        return fprintf(stderr, "bench_indicator: %s\n", err_text(r)), 2;
    (void)malloc_trim(0);
    printf("indicator_read %.2f us (an indicator, from JSON to atoms; %llu of %llu are looked "
           "for), indicator_freeze %.2f s\n",
           spent / n * 1e6, (unsigned long long)counts.whole,
           (unsigned long long)counts.indicators, now() - began);
    printf("indicator_bytes %.0f MB (resident %.0f MB; the set %.0f MB; target 400 MB for 5 "
           "million)\n",
           (double)indicators_bytes(x) / 1e6, (double)(resident() - before) / 1e6,
           (double)set_bytes(indicators_set(x)) / 1e6);
    ask_events(indicators_set(x), n);
    ask_names(indicators_set(x), n);
    if (argc > 2) {
        struct indicators *mapped = NULL;

        if (put_file(x, argv[2], &mapped) < 0)
            return fprintf(stderr, "bench_indicator: %s: cannot be used\n", argv[2]), 2;
        printf("# mapped, by pages of the file\n");
        ask_events(indicators_set(mapped), n);
        ask_names(indicators_set(mapped), n);
        (void)indicators_free(mapped);
    }
    (void)indicators_free(x);
    return 0;
}
