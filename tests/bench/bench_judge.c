/* Whose an address is, and judging with 50 obligations and a million live windows:
 * `name value unit (limit: ...)` lines, CPU time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "../judge/fixture.h"

enum {
    PREFIXES_EACH = 25000, /* of a party and family: 10^5 with two parties */
    ADDRESSES = 1 << 20,
    OBLIGATIONS = 50,
    ORIGINS = 410000,
    ORIGINS_CACHED = 410,
    PACE_US = 9500,
    EVENTS = 1 << 20,
    WARM_UP = 6 << 20,
    RUNS = 5,
    BATCH = 4096
};

static double
cpu(void)
{
    struct rusage u;

    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static uint64_t
next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void *
take(size_t size)
{
    void *p = malloc(size);

    if (p == NULL)
        exit(1);
    return p;
}

/* ---- space ------------------------------------------------------------------------------ */

/* Every other /24 and /48 of a wide stretch, in turn of two parties. */
static void
many_prefixes(struct fixture *f)
{
    for (int p = 0; p < 2; p++) {
        struct prefix *v4 = take(PREFIXES_EACH * sizeof *v4);
        struct prefix *v6 = take(PREFIXES_EACH * sizeof *v6);

        for (uint32_t i = 0; i < PREFIXES_EACH; i++) {
            uint32_t n = i * 2 + (uint32_t)p;

            v4[i] = (struct prefix){addr_of_v4(0x10000000U + (n << 9)), 96 + 24};
            v6[i] = (struct prefix){
                {{0x2a, 0, 0, (uint8_t)(n >> 13), (uint8_t)(n >> 5), (uint8_t)(n << 3)}}, 48};
        }
        f->annex[p].v4 = (struct pact_prefixes){v4, PREFIXES_EACH};
        f->annex[p].v6 = (struct pact_prefixes){v6, PREFIXES_EACH};
        f->annex[p].labels = 0;
    }
}

static void
space_speed(const struct fixture *f, bool v6)
{
    struct addr *addr = take(ADDRESSES * sizeof *addr);
    uint64_t seed = 1;
    uint64_t found = 0;
    double start;

    for (int i = 0; i < ADDRESSES; i++) {
        uint64_t r = next_random(&seed);
        uint32_t n = (uint32_t)(r % (PREFIXES_EACH * 2));

        addr[i] = v6 ? (struct addr){{0x2a, 0, 0, (uint8_t)(n >> 13), (uint8_t)(n >> 5),
                                      (uint8_t)(n << 3 | (r >> 40 & 1)), 7, 8}}
                     : addr_of_v4(0x10000000U + (n << 9) + (uint32_t)(r >> 32 & 511));
    }
    start = cpu();
    for (int round = 0; round < 16; round++) {
        for (int i = 0; i < ADDRESSES; i++)
            found += space_find(f->space, &addr[i], 0, (struct utime){T0}).party >= 0;
    }
    printf("space_find_%s %.1f ns/address (limit: 50) [%.2f found]\n", v6 ? "v6" : "v4",
           (cpu() - start) / ADDRESSES / 16 * 1e9, (double)found / ADDRESSES / 16);
    free(addr);
}

static void
bench_space(void)
{
    struct fixture f;
    double start;

    fixture_init(&f);
    many_prefixes(&f);
    start = cpu();
    fixture_space(&f);
    printf("space_new %.0f ms (10^5 prefixes)\n", (cpu() - start) * 1e3);
    space_speed(&f, false);
    space_speed(&f, true);
    fixture_release(&f);
}

/* ---- the machine ------------------------------------------------------------------------ */

/* ns for each of so many reads of a random line of the first 2^bits, fetched AHEAD reads
 * before, beside other work that waits for nothing. */
static double
read_ahead(uint64_t (*line)[8], unsigned bits, int reads)
{
    enum { AHEAD = 32, WORK = 16 };
    uint64_t seed = 1;
    uint64_t seed_ahead = 1;
    uint64_t other[WORK] = {0};
    double start;

    for (int i = 0; i < AHEAD; i++)
        (void)next_random(&seed_ahead);
    start = cpu();
    for (int i = 0; i < reads; i++) {
        __builtin_prefetch(line[next_random(&seed_ahead) >> (64 - bits)]);
        other[0] += line[next_random(&seed) >> (64 - bits)][0];
        for (int k = 0; k < WORK; k++)
            other[k] ^= next_random(&other[k]);
    }
    line[0][1] = other[0];
    return (cpu() - start) / reads * 1e9;
}

/* Reads of lines that do not wait for each other, over as much memory as windows take; what
 * they add to other work when they are fetched ahead; and a copy of it. */
static void
bench_machine(void)
{
    enum { LINE_BITS = 22, LINES = 1 << LINE_BITS, READS = 1 << 22 };
    size_t bytes = (size_t)LINES * 64;
    uint64_t(*line)[8] = aligned_alloc(2 << 20, bytes);
    uint64_t(*copy)[8] = aligned_alloc(2 << 20, bytes);
    uint64_t seed = 1;
    uint64_t sum = 0;
    double start;

    if (line == NULL || copy == NULL)
        exit(1);
    (void)madvise(line, bytes, MADV_HUGEPAGE);
    (void)madvise(copy, bytes, MADV_HUGEPAGE);
    memset(line, 0, bytes);
    memset(copy, 0, bytes);
    start = cpu();
    for (int i = 0; i < READS; i++)
        sum += line[next_random(&seed) % LINES][0];
    printf("read_random %.1f ns/line (256 MB)\n", (cpu() - start) / READS * 1e9);
    start = cpu();
    for (int i = 0; i < READS; i++)
        sum = line[(next_random(&seed) + sum) % LINES][0];
    printf("read_random_dependent %.1f ns/line\n", (cpu() - start) / READS * 1e9);
    printf("read_random_ahead %.1f ns/line (more than in 32 kB, beside other work)\n",
           read_ahead(line, LINE_BITS, READS) - read_ahead(line, 9, READS));
    start = cpu();
    memcpy(copy, line, bytes);
    printf("memcpy %.1f ns/line [%llu]\n", (cpu() - start) / LINES * 1e9,
           (unsigned long long)(sum + copy[seed % LINES][0]));
    free(line);
    free(copy);
}

/* ---- judging ---------------------------------------------------------------------------- */

/* How origins come.  CACHED: few, each as often as UNIFORM, so that an event is the same work
 * without waiting for memory. */
enum traffic { UNIFORM, ZIPF, SMALL, CACHED, TRAFFICS };

/* Two of the pact's classes each, thresholds that are not met; two for protected targets. */
static void
oblige(struct fixture *f, const char *names[CLASSES + 1], unsigned classes)
{
    static const char *pair[OBLIGATIONS][3];

    f->pact.classes = (struct pact_texts){names, classes};
    for (unsigned i = 0; i < OBLIGATIONS; i++) {
        struct pact_obligation *o;

        pair[i][0] = names[i * 7 % classes];
        pair[i][1] = names[(i * 11 + 3) % classes];
        if (i % 25 == 0) {
            o = fixture_oblige(f, "o", CRITICAL, class_any);
            o->targets = fixture_texts(protected_cert);
        } else {
            o = fixture_oblige(f, "o", (int)(i % 3), pair[i]);
        }
        o->threshold = (struct pact_threshold){
            .events = 1000, .targets = 2 + i % 3, .sensors = i % 2, .window = {H}};
        o->grade_min = i % 4 == 1 ? 0 : 1;
    }
}

struct stream {
    struct event *event;
    struct judge_item *item;
    enum traffic traffic;
    unsigned classes;
    uint64_t seed;
    int64_t now;
};

/* 2^-k of the ranks have as many events as the twice as many behind them: Zipf's law, about. */
static uint64_t
next_origin(struct stream *s)
{
    uint64_t r = next_random(&s->seed);
    unsigned octave = (unsigned)(r % 20);

    if (s->traffic == UNIFORM)
        return (r >> 8) % ORIGINS;
    if (s->traffic == SMALL)
        return (r >> 8) % 100;
    if (s->traffic == CACHED)
        return (r >> 8) % ORIGINS_CACHED;
    return ((UINT64_C(1) << octave) + (r >> 8) % (UINT64_C(1) << octave)) % ORIGINS;
}

static void
fill(struct stream *s)
{
    uint64_t origins = s->traffic == CACHED ? ORIGINS_CACHED : ORIGINS;
    int64_t pace = PACE_US * (int64_t)(ORIGINS / origins);

    for (int i = 0; i < BATCH; i++) {
        uint64_t r = next_random(&s->seed);
        uint64_t origin = next_origin(s) * 0x9e3779b1U % origins;

        s->now += pace;
        s->event[i] =
            (struct event){.time = {s->now},
                           .time_seen = {s->now},
                           .origin = addr_of_v4(0x10000000U + (uint32_t)origin),
                           .target = addr_of_v4(0xc0000200U | (uint32_t)(r >> 24 & 255)),
                           .count = 1,
                           .rule = (uint32_t)(r >> 8 & 255),
                           .target_port = 443,
                           .sensor = (uint16_t)(r >> 16 & 3),
                           .class_ = (uint8_t)(1 + origin % s->classes),
                           .grade = 1};
        s->item[i] = (struct judge_item){.event = &s->event[i], .id = {1, (uint32_t)i}};
    }
}

/* ns an event, over so many of them. */
static double
judge_some(struct judge *j, struct stream *s, int events)
{
    double spent = 0;

    for (int n = 0; n < events / BATCH; n++) {
        double start;

        fill(s);
        start = cpu();
        judge_events(j, s->item, BATCH);
        spent += cpu() - start;
    }
    return spent / events * 1e9;
}

/* Until as many windows die as are made, so that no memory is touched for the first time;
 * then the best of several runs. */
static void
bench_judge(enum traffic traffic)
{
    static const char *const label[] = {"", "_zipf", "_small", "_cached"};
    const char *names[CLASSES + 1];
    struct prefix wide = fixture_prefix("16.0.0.0/8");
    struct judge_limits limits = {.windows = 2 << 20, .memory = (size_t)1 << 30, .secret = 5};
    struct stream s = {.event = take(BATCH * sizeof *s.event),
                       .item = take(BATCH * sizeof *s.item),
                       .traffic = traffic,
                       .seed = 3,
                       .now = T0};
    struct judge *j = NULL;
    struct judge_counts c;
    struct fixture f;
    double best = 1e9;
    double all = 0;

    fixture_init(&f);
    f.annex[SOUTH].v4 = (struct pact_prefixes){&wide, 1};
    for (unsigned i = 1; i < CLASSES - 1; i++)
        names[s.classes++] = event_class_name((enum event_class)i);
    oblige(&f, names, s.classes);
    fixture_space(&f);
    if (judge_new(&f.pact, f.space, &limits, &(struct judge_output){0}, &j, NULL) < 0)
        exit(1);
    (void)judge_some(j, &s, WARM_UP);
    for (int run = 0; run < RUNS; run++) {
        double ns = judge_some(j, &s, EVENTS);

        all += ns;
        best = ns < best ? ns : best;
    }
    c = judge_counts(j);
    printf(
        "judge_event%s %.0f ns/event (limit: 150; %.0f on average of %d runs; %d obligations, "
        "%u live windows, %.0f bytes of events each) [%u open, %llu unjudged, %llu evicted, "
        "%llu shed]\n",
        label[traffic], best, all / RUNS, RUNS, OBLIGATIONS, c.windows,
        (double)c.memory / c.windows, c.open, (unsigned long long)c.unjudged,
        (unsigned long long)c.evicted, (unsigned long long)c.shed);
    j = judge_free(j);
    fixture_release(&f);
    free(s.event);
    free(s.item);
}

int
main(int argc, char **argv)
{
    if (argc < 2) {
        bench_machine();
        bench_space();
    }
    for (int t = 0; t < TRAFFICS; t++) {
        if (argc < 2 || argv[1][0] - '0' == t)
            bench_judge((enum traffic)t);
    }
    return 0;
}
