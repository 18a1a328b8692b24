#include "store/evidence.h"

#include <stdio.h>
#include <stdlib.h>

#include <zstd.h>

#include "base/map.h"

/* Levels by measurement (docs/decisions/compression.md): one core must keep up with 0.4 M
 * alerts/s, hashing included. */
enum { LEVEL_RAW = -4, LEVEL_COLUMNS = -1 };

#define MAGIC        0x184D2A5DU
#define MAGIC_ERASED 0x184D2A5EU /* a skippable frame where raw bytes stood */
#define VERSION      1U

/* Behind the skippable frame's own 8 bytes; little-endian as zstd's frames are. */
struct header {
    uint8_t mark[4]; /* "DETB" */
    uint32_t version;
    uint64_t block;
    uint32_t count;
    uint32_t raw_len;
    uint32_t columns_len; /* compressed */
    uint32_t raw_packed;  /* compressed; the frame behind this one, 0 none */
};
_Static_assert(sizeof(struct header) == 32, "a storage format");

struct codec {
    ZSTD_CCtx *pack;
    ZSTD_DCtx *unpack;
    char *columns; /* EVENTS_PER_BLOCK events, transposed */
    struct event *event;
    char *raw;
    size_t raw_room;
};

struct codec *
codec_new(void)
{
    struct codec *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->pack = ZSTD_createCCtx();
    c->unpack = ZSTD_createDCtx();
    /* NOLINTNEXTLINE(clang-analyzer-unix.MallocSizeof): bytes that hold events */
    c->columns = malloc((size_t)EVENTS_PER_BLOCK * sizeof(struct event));
    c->event = malloc((size_t)EVENTS_PER_BLOCK * sizeof(struct event));
    if (c->pack == NULL || c->unpack == NULL || c->columns == NULL || c->event == NULL)
        return codec_free(c);
    return c;
}

struct codec *
codec_free(struct codec *c)
{
    if (c == NULL)
        return NULL;
    (void)ZSTD_freeCCtx(c->pack);
    (void)ZSTD_freeDCtx(c->unpack);
    free(c->columns);
    free(c->event);
    free(c->raw);
    free(c);
    return NULL;
}

/* The event's members in storage order. */
static const struct {
    uint8_t at;
    uint8_t size;
} members[] = {
#define M(name)                                                            \
    {                                                                      \
        offsetof(struct event, name), sizeof(((struct event *)NULL)->name) \
    }
    M(time),        M(time_seen),   M(origin),         M(target),         M(origin_asn),
    M(target_asn),  M(count),       M(rule),           M(raw_at),         M(raw_len),
    M(origin_port), M(target_port), M(origin_country), M(target_country), M(sensor),
    M(flags),       M(raw_index),   M(raw_count),      M(kind),           M(protocol),
    M(class_),      M(severity),    M(grade),          M(raw_kind),       M(pad)};
#undef M

/* Copy one member of every event to or from its column; the sizes are constants in each
 * branch, so that the copies are single moves. */
#define COPY_COLUMN(size)                \
    for (uint32_t i = 0; i < count; i++) \
    memcpy(column + (size_t)i * (size), (const char *)&events[i] + at, (size))
#define COPY_BACK(size)                  \
    for (uint32_t i = 0; i < count; i++) \
    memcpy((char *)&events[i] + at, column + (size_t)i * (size), (size))

static void
transpose(const struct event *events, uint32_t count, char *column)
{
    for (size_t m = 0; m < sizeof members / sizeof members[0]; m++) {
        size_t at = members[m].at;

        switch (members[m].size) {
        case 1: COPY_COLUMN(1); break;
        case 2: COPY_COLUMN(2); break;
        case 4: COPY_COLUMN(4); break;
        case 8: COPY_COLUMN(8); break;
        default: COPY_COLUMN(16); break;
        }
        column += (size_t)count * members[m].size;
    }
}

static void
transpose_back(const char *column, uint32_t count, struct event *events)
{
    for (size_t m = 0; m < sizeof members / sizeof members[0]; m++) {
        size_t at = members[m].at;

        switch (members[m].size) {
        case 1: COPY_BACK(1); break;
        case 2: COPY_BACK(2); break;
        case 4: COPY_BACK(4); break;
        case 8: COPY_BACK(8); break;
        default: COPY_BACK(16); break;
        }
        column += (size_t)count * members[m].size;
    }
}

static int
pack(struct codec *c, int level, struct slice in, struct buf *out, uint32_t *ret_len)
{
    size_t bound = ZSTD_compressBound(in.len);
    char *to = buf_reserve(out, bound);
    size_t n;

    if (to == NULL)
        return buf_error(out);
    (void)ZSTD_CCtx_reset(c->pack, ZSTD_reset_session_and_parameters);
    (void)ZSTD_CCtx_setParameter(c->pack, ZSTD_c_compressionLevel, level);
    (void)ZSTD_CCtx_setParameter(c->pack, ZSTD_c_checksumFlag, 1);
    n = ZSTD_compress2(c->pack, to, bound, in.ptr, in.len);
    if (ZSTD_isError(n))
        return ERR_NOMEM;
    buf_wrote(out, n);
    *ret_len = (uint32_t)n;
    return 0;
}

int
evidence_encode(struct codec *c, uint64_t block, const struct event *events, uint32_t count,
                struct slice raw, struct buf *out)
{
    struct header h = {{'D', 'E', 'T', 'B'}, VERSION, block, count, (uint32_t)raw.len, 0, 0};
    size_t start = out->len;
    size_t all = (size_t)count * sizeof *events;
    uint32_t frame[2] = {MAGIC, 0};
    int r;

    if (count > EVENTS_PER_BLOCK || raw.len > EVIDENCE_RAW_MAX)
        return ERR_LIMIT;
    buf_add(out, frame, sizeof frame);
    buf_add(out, &h, sizeof h);
    transpose(events, count, c->columns);
    r = pack(c, LEVEL_COLUMNS, (struct slice){c->columns, all}, out, &h.columns_len);
    if (r == 0 && raw.len > 0)
        r = pack(c, LEVEL_RAW, raw, out, &h.raw_packed);
    if (r == 0)
        r = buf_error(out);
    if (r < 0)
        return r;
    frame[1] = (uint32_t)sizeof h + h.columns_len;
    memcpy(out->ptr + start, frame, sizeof frame);
    memcpy(out->ptr + start + sizeof frame, &h, sizeof h);
    return 0;
}

void
evidence_set_block(struct slice frames, uint64_t block)
{
    char *to = (char *)(uintptr_t)frames.ptr;

    memcpy(to + 2 * sizeof(uint32_t) + offsetof(struct header, block), &block, sizeof block);
}

/* Room for len raw bytes. */
static int
raw_room(struct codec *c, size_t len)
{
    char *raw;

    if (c->raw_room >= len)
        return 0;
    raw = realloc(c->raw, len);
    if (raw == NULL)
        return ERR_NOMEM;
    c->raw = raw;
    c->raw_room = len;
    return 0;
}

/* The raw ranges of the events must lie in the raw bytes, whatever the file says. */
static bool
ranges_fit(const struct event *events, uint32_t count, uint32_t raw_len)
{
    for (uint32_t i = 0; i < count; i++) {
        if (events[i].raw_len > raw_len || events[i].raw_at > raw_len - events[i].raw_len ||
            events[i].class_ >= CLASSES || events[i].kind >= EVENT_KINDS ||
            events[i].raw_kind > RAW_PACKET)
            return false;
    }
    return true;
}

/* The two headers in front of a block; false when they are none. */
static bool
read_header(struct slice start, uint64_t len, struct header *h)
{
    uint32_t frame[2];

    if (start.len < sizeof frame + sizeof *h)
        return false;
    memcpy(frame, start.ptr, sizeof frame);
    memcpy(h, start.ptr + sizeof frame, sizeof *h);
    return frame[0] == MAGIC && memcmp(h->mark, "DETB", 4) == 0 && h->version == VERSION &&
           h->count != 0 && h->count <= EVENTS_PER_BLOCK && h->raw_len <= EVIDENCE_RAW_MAX &&
           frame[1] == sizeof *h + (uint64_t)h->columns_len &&
           len == sizeof frame + sizeof *h + h->columns_len + (uint64_t)h->raw_packed;
}

/* The first four bytes of a frame, 0 when it has none. */
static uint32_t
magic_of(const char *frame, uint32_t len)
{
    uint32_t magic = 0;

    if (len >= sizeof magic)
        memcpy(&magic, frame, sizeof magic);
    return magic;
}

int
evidence_decode(struct codec *c, struct slice frames, bool with_raw, struct evidence *ret)
{
    struct header h;
    size_t at = 2 * sizeof(uint32_t) + sizeof h;
    const char *raw;
    size_t all;

    if (!read_header(frames, frames.len, &h))
        return ERR_INVALID;
    all = (size_t)h.count * sizeof(struct event);
    raw = frames.ptr + at + h.columns_len;
    if (magic_of(frames.ptr + at, h.columns_len) == 0)
        return ERR_GONE;
    if (ZSTD_decompressDCtx(c->unpack, c->columns, all, frames.ptr + at, h.columns_len) != all)
        return ERR_INVALID;
    transpose_back(c->columns, h.count, c->event);
    if (!ranges_fit(c->event, h.count, h.raw_len))
        return ERR_INVALID;
    *ret = (struct evidence){.block = h.block,
                             .count = h.count,
                             .event = c->event,
                             .raw_erased = magic_of(raw, h.raw_packed) == MAGIC_ERASED};
    if (!with_raw || h.raw_packed == 0 || ret->raw_erased)
        return 0;
    if (raw_room(c, h.raw_len) < 0)
        return ERR_NOMEM;
    if (ZSTD_decompressDCtx(c->unpack, c->raw, h.raw_len, raw, h.raw_packed) != h.raw_len)
        return ERR_INVALID;
    ret->raw = (struct slice){c->raw, h.raw_len};
    return 0;
}

enum { ZEROS = 65536 };

static int
write_zeros(const struct env *env, int fd, uint64_t at, uint64_t len)
{
    static const char zeros[ZEROS];
    int r = 0;

    for (uint64_t done = 0; r == 0 && done < len; done += ZEROS)
        r = env->pwrite(env->self, fd, zeros, len - done < ZEROS ? len - done : ZEROS,
                        at + done);
    return r;
}

int
evidence_destroy(const struct env *env, int fd, uint64_t at, uint32_t len, bool all)
{
    char start[2 * sizeof(uint32_t) + sizeof(struct header)];
    uint64_t columns = at + sizeof start;
    uint32_t frame[2] = {MAGIC_ERASED, 0};
    struct header h;
    uint64_t raw;
    int r = 0;

    if (env->pread(env->self, fd, start, sizeof start, at) != (int64_t)sizeof start)
        return ERR_IO;
    if (!read_header((struct slice){start, sizeof start}, len, &h) ||
        (h.raw_packed != 0 && h.raw_packed < sizeof frame))
        return ERR_INVALID;
    raw = columns + h.columns_len;
    if (h.raw_packed != 0) {
        frame[1] = h.raw_packed - (uint32_t)sizeof frame;
        r = env->pwrite(env->self, fd, frame, sizeof frame, raw);
        if (r == 0)
            r = write_zeros(env, fd, raw + sizeof frame, frame[1]);
    }
    if (r == 0 && all)
        r = write_zeros(env, fd, columns, h.columns_len);
    if (r == 0)
        r = env->sync(env->self, fd);
    if (r < 0 || env->punch == NULL)
        return r;
    /* only room: the zeros are there already, and a file system that cannot is no failure */
    if (h.raw_packed != 0)
        env->punch(env->self, fd, raw + sizeof frame, frame[1]);
    if (all)
        env->punch(env->self, fd, columns, h.columns_len);
    return 0;
}

enum { FILTER_PROBES = 4, FILTER_BITS = 10 };
#define FILTER_SECRET 0x6465746e74656e74U

static uint64_t
filter_hash(const struct addr *a)
{
    return map_hash(a->byte, sizeof a->byte, FILTER_SECRET);
}

void
filter_make(const struct event *events, uint32_t count, struct buf *out)
{
    struct map seen;
    uint32_t bytes;
    char *bits;
    int fresh;

    map_init(&seen, sizeof(struct addr), 2 * EVENTS_PER_BLOCK, FILTER_SECRET);
    for (uint32_t i = 0; i < count; i++) {
        (void)map_put(&seen, &events[i].origin, &fresh);
        (void)map_put(&seen, &events[i].target, &fresh);
    }
    bytes = (seen.count * FILTER_BITS + 7) / 8 + 1;
    bits = buf_reserve(out, bytes);
    if (bits != NULL) {
        memset(bits, 0, bytes);
        for (uint32_t i = 0; i < seen.count; i++) {
            uint64_t h = filter_hash(map_key(&seen, i));

            for (int p = 0; p < FILTER_PROBES; p++, h = h >> 16 | h << 48) {
                uint32_t bit = (uint32_t)((h & 0xffffffff) % ((uint64_t)bytes * 8));

                bits[bit / 8] = (char)((unsigned char)bits[bit / 8] | 1U << bit % 8);
            }
        }
        buf_wrote(out, bytes);
    }
    map_release(&seen);
}

bool
filter_may_hold(struct slice filter, const struct addr *a)
{
    uint64_t h = filter_hash(a);

    if (filter.len == 0)
        return true;
    for (int p = 0; p < FILTER_PROBES; p++, h = h >> 16 | h << 48) {
        uint32_t bit = (uint32_t)((h & 0xffffffff) % ((uint64_t)filter.len * 8));

        if (!((unsigned char)filter.ptr[bit / 8] & 1U << bit % 8))
            return false;
    }
    return true;
}

void
segment_name(uint32_t segment, char out[SEGMENT_NAME])
{
    (void)snprintf(out, SEGMENT_NAME, "evidence/%06u.zst", segment);
}
