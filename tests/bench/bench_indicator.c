/* Five million indicators: memory, and what an event and a name cost.  bench_indicator
 * [MILLIONS] */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "indicator/set.h"

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
static int
fill(struct set_build *b, uint32_t n)
{
    struct atom a;
    char text[64];
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < n; i++) {
        uint64_t x = mix(i);

        if (i % 2 == 0) {
            struct addr at = addr_of_v4((uint32_t)x);

            if (i % 100 == 0)
                memcpy(at.byte, &x, 8);
            atom_of_address(&at, &a);
            if (i % 1000 == 2)
                atom_of_prefix(&(struct prefix){addr_of_v4((uint32_t)x & 0xffffff00), 120}, &a);
        } else {
            if (!atom_read_domain((struct slice){text, name_of(i, text)}, &a))
                return ERR_INVALID;
            if (i % 10 == 1)
                a.kind = ATOM_BELOW;
        }
        r = set_add(b, &a, i);
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

int
main(int argc, char **argv)
{
    uint32_t n = (uint32_t)((argc > 1 ? strtod(argv[1], NULL) : 5) * 1e6);
    struct set_build *b = NULL;
    struct set *s = NULL;
    size_t before = resident();
    double began = now();
    double filled;
    int r = set_build_new(now() > 0 ? 12345 : 0, &b);

    if (r == 0)
        r = fill(b, n);
    filled = now();
    if (r == 0)
        r = set_freeze(b, NULL, &s);
    b = set_build_free(b);
    if (r < 0)
        return fprintf(stderr, "bench_indicator: %s\n", err_text(r)), 2;
    printf("indicator_set_build %.2f s (%u atoms; %.2f s of it freezing)\n", now() - began,
           set_count(s), now() - filled);
    printf("indicator_set_bytes %.0f MB (resident %.0f MB; %.1f bytes an atom)\n",
           (double)set_bytes(s) / 1e6, (double)(resident() - before) / 1e6,
           (double)set_bytes(s) / n);
    ask_events(s, n);
    ask_names(s, n);
    (void)set_free(s);
    return 0;
}
