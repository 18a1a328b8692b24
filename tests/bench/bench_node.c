/* What a node's disk does.
 *
 *     bench_node commit DIR         the time of a commit beside that of the disk's own sync
 *     bench_node grow DIR LEAVES    append leaves of blocks, for what is measured with a long
 * log
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "role/engine_priv.h"
#include "role/node.h"

enum { ROUNDS = 400, EVENTS = 256, RAW = 700, PER_SIGNATURE = 100000, SYNC_BYTES = 4096 };

static double
seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
fail(const char *what, const struct errinfo *ei)
{
    (void)fprintf(stderr, "bench_node: %s: %s\n", what, ei->text);
    return 3;
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static void
say(const char *name, double *took, const char *limit)
{
    qsort(took, ROUNDS, sizeof *took, by_size);
    (void)printf("%s %.3f ms (p50 %.3f, max %.3f; %s)\n", name, took[ROUNDS * 99 / 100] * 1e3,
                 took[ROUNDS / 2] * 1e3, took[ROUNDS - 1] * 1e3, limit);
}

/* ---- commit --------------------------------------------------------------------------- */

static void
fill(struct frame *f, unsigned round)
{
    static char raw[EVENTS * RAW];
    struct utime now = {1772366400000000 + (int64_t)round * 250000};

    f->count = EVENTS;
    for (size_t i = 0; i < sizeof raw; i++) /* as dense as alerts are */
        raw[i] = (char)(' ' + (i * 7919 + round) / 11 % 64);
    f->raw = (struct slice){raw, sizeof raw};
    for (uint32_t i = 0; i < EVENTS; i++) {
        f->event[i] = (struct event){.time = {now.us + i},
                                     .origin = addr_of_v4(0xc6336400 + (i * 13 + round) % 256),
                                     .target = addr_of_v4(0xc000020a),
                                     .count = 1,
                                     .raw_at = i * RAW,
                                     .raw_len = RAW - 1,
                                     .raw_count = 1,
                                     .origin_port = (uint16_t)(49152 + i),
                                     .target_port = 443,
                                     .protocol = 6,
                                     .kind = EVENT_ALERT,
                                     .class_ = CLASS_EXPLOIT};
    }
}

/* One block through all stages; gives the seconds of the last, -1 on failure. */
static double
commit_one(struct node *n, struct codec *codec, struct frame *f, struct rule_map *map,
           struct errinfo *ei)
{
    struct engine_record rec = {.count = 1};
    struct draft *d;
    double from;
    int r = engine_admit(n->engine, f, NULL, map, false);

    d = r < 0 ? NULL : engine_take_open(n->engine);
    if (d == NULL)
        return -1;
    engine_seal(n->engine, codec, d);
    rec.drafts = &d;
    from = seconds();
    r = engine_record(n->engine, &rec, ei);
    from = seconds() - from;
    engine_give_back(n->engine, d);
    return r < 0 ? -1 : from;
}

/* What the disk does with 4 KiB at a file's end, in the same folder, in turns. */
static double
sync_one(int fd)
{
    static const char bytes[SYNC_BYTES];
    double from = seconds();

    if (write(fd, bytes, sizeof bytes) != (ssize_t)sizeof bytes || fdatasync(fd) < 0)
        return -1;
    return seconds() - from;
}

static int
commits(struct node *n)
{
    static double commit[ROUNDS];
    static double disk[ROUNDS];
    static struct frame frame;
    struct codec *codec = codec_new();
    struct rule_map map = {0};
    struct errinfo ei = {0};
    char path[4096];
    int fd;

    (void)snprintf(path, sizeof path, "%s/evidence/sync", n->dir);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || codec == NULL || rule_map_begin(&map) < 0)
        return fail("commit", &ei);
    for (unsigned i = 0; i < ROUNDS; i++) {
        fill(&frame, i);
        commit[i] = commit_one(n, codec, &frame, &map, &ei);
        disk[i] = sync_one(fd);
        if (commit[i] < 0 || disk[i] < 0)
            return fail("commit", &ei);
    }
    say("fsync_p99", disk, "4 KiB appended, in turns with the next");
    say("commit_p99", commit, "a block of 256 events: evidence, database, mark, four syncs");
    (void)close(fd);
    (void)unlink(path);
    rule_map_release(&map);
    codec = codec_free(codec);
    return 0;
}

/* ---- a long log ------------------------------------------------------------------------ */

static int
append(struct node *n, uint64_t i, struct errinfo *ei)
{
    struct leaf_total total = {slice_of(event_class_name(CLASS_EXPLOIT)), 4096, 4096};
    struct utime now = {1772366400000000 + (int64_t)i * 250000};
    struct leaf_block leaf = {.block = i + 1,
                              .events = 4096,
                              .count = 4096,
                              .first = now,
                              .last = now,
                              .totals = &total,
                              .total_count = 1,
                              .size = ledger_signed_size(engine_ledger(n->engine))};
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    uint64_t index;
    int r;

    memcpy(leaf.root.byte, &i, sizeof i);
    r = leaf_write_block(&entry, now, &leaf, ei);
    return r < 0 ? r : ledger_append(engine_ledger(n->engine), buf_get(&entry), &index);
}

static int
grow(struct node *n, uint64_t leaves)
{
    struct ledger *l = engine_ledger(n->engine);
    struct errinfo ei = {0};
    int r = 0;

    for (uint64_t i = 0; r == 0 && i < leaves;) {
        r = store_begin(n->store);
        do {
            if (r == 0)
                r = append(n, i, &ei);
        } while (r == 0 && ++i < leaves && i % PER_SIGNATURE != 0);
        if (r == 0)
            r = ledger_sign(l, &n->key, NULL, &ei);
        if (r == 0)
            r = store_commit(n->store);
        if (r == 0)
            ledger_commit(l);
        if (r == 0)
            r = engine_put_mark(n->engine, &ei);
    }
    return r < 0 ? fail("grow", &ei) : 0;
}

int
main(int argc, char **argv)
{
    struct node n;
    struct errinfo ei = {0};
    int r;

    if (argc < 3)
        return 2;
    if (node_open(argv[2], NODE_WRITE, &n, &ei) < 0)
        return fail(argv[2], &ei);
    n.env.self = &n.posix;
    r = argc == 4 ? grow(&n, strtoull(argv[3], NULL, 10)) : commits(&n);
    node_close(&n);
    return r;
}
