/* The past as the page asks for it, over a day of made-up events: how long until its first
 * frame, what moving it on costs, and the memory it takes.
 *
 *     bench_replay DIR EVENTS PER_BLOCK     DIR: a fresh node, which is filled
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "role/engine_priv.h"
#include "role/node.h"
#include "role/replay.h"
#include "role/view.h"

enum { BATCH = 64, RAW = 200, SPEED = 300, FRAME_US = 250000, WORK_US = 8000 };
#define DAY_US ((int64_t)86400 * TIME_US_PER_S)
#define START  ((int64_t)1772366400 * TIME_US_PER_S)

static uint64_t seed = 1;

static uint32_t
any(uint32_t below)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(seed >> 33) % below;
}

static double
cpu(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
fail(const char *what, const struct errinfo *ei)
{
    (void)fprintf(stderr, "bench_replay: %s: %s\n", what, ei->text);
    return 3;
}

static void
fill(struct frame *f, uint64_t first, uint32_t count, uint64_t all)
{
    static char raw[EVENTS_PER_BLOCK * RAW];

    if (raw[0] == 0)
        memset(raw, 'r', sizeof raw);
    f->count = count;
    f->raw = (struct slice){raw, (size_t)count * RAW};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t net = any(50) * any(50); /* a few have most */

        f->event[i] = (struct event){
            .time = {START + (int64_t)((double)DAY_US * (double)(first + i) / (double)all)},
            .origin = addr_of_v4(0xc6336400U + net * 256 + any(32)),
            .target = addr_of_v4(0xc0000200U + any(16) * any(16)),
            .origin_asn = 64496 + net,
            .origin_country = COUNTRY('X', 'A' + net % 26),
            .count = 1,
            .raw_at = i * RAW,
            .raw_len = RAW - 1,
            .raw_count = 1,
            .raw_kind = RAW_LINE,
            .target_port = 443,
            .protocol = 6,
            .kind = EVENT_ALERT,
            .class_ = (uint8_t)any(CLASSES)};
    }
}

static int
make(struct node *n, uint64_t events, uint32_t per_block, struct errinfo *ei)
{
    static struct frame frame;
    struct draft *drafts[BATCH];
    struct codec *codec = codec_new();
    struct rule_map map = {0};
    int r = codec == NULL ? ERR_NOMEM : rule_map_begin(&map);

    for (uint64_t at = 0; r == 0 && at < events;) {
        struct engine_record rec = {.drafts = drafts};

        while (r == 0 && rec.count < BATCH && at < events) {
            uint32_t count = events - at < per_block ? (uint32_t)(events - at) : per_block;
            struct draft *d;

            fill(&frame, at, count, events);
            r = engine_admit(n->engine, &frame, NULL, &map, false);
            at += count;
            d = engine_take_full(n->engine);
            if (d == NULL)
                d = engine_take_open(n->engine);
            if (r < 0 || d == NULL)
                continue;
            engine_seal(n->engine, codec, d);
            drafts[rec.count++] = d;
        }
        if (r == 0)
            r = engine_record(n->engine, &rec, ei);
        for (unsigned i = 0; i < rec.count; i++)
            engine_give_back(n->engine, drafts[i]);
    }
    codec = codec_free(codec);
    rule_map_release(&map);
    return r;
}

/* Its own processor time and the longest slice, in seconds. */
static int
move(struct replay *p, const struct env *env, struct utime to, double *longest)
{
    int r = 0;

    while (r == 0) {
        double from = cpu();

        r = replay_step(p, to, env->now_mono(env->self) + WORK_US);
        from = cpu() - from;
        if (from > *longest)
            *longest = from;
    }
    return r < 0 ? r : 0;
}

static long
resident_kb(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");

    if (f == NULL || fscanf(f, "%*d %ld", &pages) != 1)
        pages = 0;
    if (f != NULL)
        (void)fclose(f);
    return pages * 4;
}

static int
measure(const char *dir, const char *name)
{
    struct view v;
    struct errinfo ei = {0};
    struct live_honesty h = {.tables_age_days = -1};
    struct utime at = {START + DAY_US - 2 * 3600 * TIME_US_PER_S};
    AUTO_BUF(delta, 1 << 22);
    AUTO_BUF(snapshot, 1 << 22);
    struct replay *p = NULL;
    double longest = 0;
    double from;
    double moving;
    long before;
    unsigned frames = 0;
    int r = view_open(dir, &v, &ei);

    if (r < 0)
        return fail(dir, &ei);
    before = resident_kb();
    from = cpu();
    r = replay_new(&(struct replay_source){v.node.store, v.reader, &v.node.env, &v.dict, NULL},
                   at, &p);
    if (r == 0)
        r = move(p, &v.node.env, at, &longest);
    if (r == 0)
        r = replay_publish(p, SPEED, &h, &delta, &snapshot);
    (void)printf(
        "replay_first_%s %.0f ms of processor time (longest slice %.1f ms; %ld kB more "
        "memory)\n",
        name, (cpu() - from) * 1e3, longest * 1e3, resident_kb() - before);
    from = cpu();
    longest = 0;
    for (; r == 0 && frames < 80; frames++) {
        at.us += (int64_t)SPEED * FRAME_US;
        r = move(p, &v.node.env, at, &longest);
        buf_reset(&delta);
        if (r == 0)
            r = replay_publish(p, SPEED, &h, &delta, &snapshot);
    }
    moving = cpu() - from;
    (void)printf("replay_moving_%s %.1f %% of a processor at speed %d (longest slice %.1f ms; "
                 "%u frames; %ld kB more memory)\n",
                 name, moving / ((double)frames * FRAME_US / 1e6) * 100, SPEED, longest * 1e3,
                 frames, resident_kb() - before);
    p = replay_free(p);
    view_close(&v);
    return r < 0 ? 3 : 0;
}

int
main(int argc, char **argv)
{
    struct node n;
    struct errinfo ei = {0};
    char name[64];
    int r;

    if (argc < 4)
        return 2;
    if (node_open(argv[1], NODE_WRITE, &n, &ei) < 0)
        return fail(argv[1], &ei);
    n.env.self = &n.posix;
    r = make(&n, strtoull(argv[2], NULL, 10), (uint32_t)strtoul(argv[3], NULL, 10), &ei);
    node_close(&n);
    if (r < 0)
        return fail("make", &ei);
    (void)snprintf(name, sizeof name, "%s_by_%s", argv[2], argv[3]);
    return measure(argv[1], name);
}
