/* Decoding EVE on one core, over a file of JSON lines: `name value unit (limit: ...)` lines.
 * Arguments: the file, and a tables file to attribute with (without it that figure is left
 * out).  Each figure is the best of ROUNDS, since others may use the machine. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "attrib/attrib.h"
#include "decode/decode.h"
#include "wire/json_priv.h"

enum { ROUNDS = 15, BYTES_MAX = 512 << 20 };

/* Per country code, what a node would at least count. */
static uint64_t counted[1 << 16];

struct bench {
    struct slice bytes;
    uint64_t lines;
    uint64_t sum; /* printed, so that nothing is optimised away */
    struct attrib *tables;
};

static double
now(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
count_lines(struct bench *b)
{
    const char *at = b->bytes.ptr;
    const char *end = at + b->bytes.len;

    for (b->lines = 0; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        b->lines++;
    b->sum += b->lines;
}

static void
copy(struct bench *b)
{
    static char to[DECODE_CHUNK_MAX];

    for (size_t at = 0; at + sizeof to <= b->bytes.len; at += sizeof to) {
        memcpy(to, b->bytes.ptr + at, sizeof to);
        b->sum += (unsigned char)to[at % sizeof to];
    }
}

/* Whole lines from `at` on, as many as a decoder looks at in one go. */
static struct slice
piece_at(const struct bench *b, size_t at)
{
    struct slice piece = slice_sub(b->bytes, at, DECODE_CHUNK_MAX);
    const char *lf = memrchr(piece.ptr, '\n', piece.len);

    piece.len = lf == NULL ? 0 : (size_t)(lf - piece.ptr) + 1;
    return piece;
}

/* Offsets of tokens alone, as a peer finds them. */
static void
stage1(struct bench *b)
{
    struct json_simd *s = json_simd_new(DECODE_CHUNK_MAX);
    struct slice piece;

    for (size_t at = 0; s != NULL && (piece = piece_at(b, at)).len > 0; at += piece.len) {
        const uint32_t *tokens;
        uint32_t count;

        if (json_simd_run(s, piece.ptr, piece.len, &tokens, &count) == JSON_FINE)
            b->sum += count;
    }
    (void)json_simd_free(s);
}

/* Offsets, first bytes, lines and escapes. */
static void
tokens(struct bench *b)
{
    struct json_index *ji = json_index_new(DECODE_CHUNK_MAX);
    struct slice piece;

    for (size_t at = 0; ji != NULL && (piece = piece_at(b, at)).len > 0; at += piece.len) {
        struct json_tokens t;

        if (json_index_run(ji, piece.ptr, piece.len, &t) == JSON_FINE)
            b->sum += t.count;
    }
    (void)json_index_free(ji);
}

/* Networks and countries of both sides, and a count for each country. */
static void
attribute(struct bench *b, const struct frame *frame)
{
    struct addr addr[128];
    struct attribution place[128];

    for (uint32_t from = 0; from < frame->count; from += 64) {
        uint32_t n = frame->count - from < 64 ? frame->count - from : 64;

        for (uint32_t i = 0; i < n; i++) {
            addr[2 * i] = frame->event[from + i].origin;
            addr[2 * i + 1] = frame->event[from + i].target;
        }
        attrib_find_many(b->tables, addr, 2 * (size_t)n, place);
        for (uint32_t i = 0; i < n; i++)
            counted[place[2 * i].country]++;
    }
}

static void
decode(struct bench *b)
{
    static struct frame frame;
    struct decode_place place = {0};
    struct decode_stats stats = {0};
    struct decoder *d = eve_new(&place);
    size_t at = 0;

    while (d != NULL && at < b->bytes.len) {
        size_t used = 0;

        if (eve_decode(d, slice_sub(b->bytes, at, b->bytes.len), true, &frame, &used, &stats) <
                0 ||
            used == 0)
            break;
        if (b->tables != NULL)
            attribute(b, &frame);
        at += used;
    }
    b->sum += stats.events + decode_rejected(&stats);
    (void)eve_free(d);
}

static void
measure(struct bench *b, const char *name, void (*run)(struct bench *b), const char *limit)
{
    double best = 1e9;

    for (int i = 0; i < ROUNDS; i++) {
        double start = now();

        run(b);
        if (now() - start < best)
            best = now() - start;
    }
    printf("%s %.2f Mlines/s %.0f MB/s %.1f ns/line (limit: %s) [%llx]\n", name,
           (double)b->lines / best / 1e6, (double)b->bytes.len / best / 1e6,
           best * 1e9 / (double)b->lines, limit, (unsigned long long)b->sum);
}

int
main(int argc, char **argv)
{
    struct bench b = {0};
    struct errinfo ei = {0};
    struct stat st;
    void *bytes;
    int fd;

    if (argc < 2)
        return printf("SKIP no file of EVE lines given\n"), 77;
    fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == 0)
        return printf("SKIP %s cannot be read\n", argv[1]), 77;
    b.bytes.len = st.st_size < BYTES_MAX ? (size_t)st.st_size : BYTES_MAX;
    bytes = mmap(NULL, b.bytes.len, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    (void)close(fd);
    if (bytes == MAP_FAILED)
        return 1;
    b.bytes.ptr = bytes;
    count_lines(&b);
    measure(&b, "memcpy", copy, "physical");
    measure(&b, "newlines", count_lines, "physical");
    measure(&b, "simdjson_stage1", stage1, "a peer, offsets only");
    measure(&b, "eve_tokens", tokens, "simdjson_stage1, and more is found");
    measure(&b, "eve_decode", decode, "4 Mlines/s with attribution");
    if (argc > 2 && attrib_open(argv[2], &b.tables, &ei) < 0)
        printf("%s: %s\n", ei.file, ei.text);
    if (b.tables != NULL)
        measure(&b, "eve_decode_attribute_count", decode, "4 Mlines/s");
    b.tables = attrib_close(b.tables);
    return 0;
}
