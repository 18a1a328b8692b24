#include "stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/map.h"

#define NUMBER_BASE UINT64_C(1000000000000)

enum { FILE_MAX = 1 << 24, RULES = 40 };

/* A file does not begin with a blank line: eve_whole() does not count those before it knows
 * what the input is, and they would be counted again after a restart. */
static uint64_t
first_line(const struct stream *f, uint64_t line)
{
    while (stream_kind(f, line) == LINE_BLANK)
        line++;
    return line;
}

static int
new_file(void)
{
    int fd = memfd_create("world", MFD_CLOEXEC);

    BUG_ON(fd < 0);
    return fd;
}

void
stream_init(struct stream *f, unsigned id, uint64_t seed)
{
    memset(f, 0, sizeof *f);
    f->id = id;
    f->seed = seed;
    f->rich = seed % 3 == 0;
    (void)snprintf(f->name, sizeof f->name, "stream-%u", id);
    buf_init(&f->file, FILE_MAX);
    for (int i = 0; i < 2; i++) {
        f->slot[i] = calloc(1, sizeof *f->slot[i]);
        BUG_ON(f->slot[i] == NULL);
    }
    f->fd = new_file();
    f->first = first_line(f, 0);
}

void
stream_release(struct stream *f)
{
    stream_close(f);
    buf_release(&f->file);
    free(f->end);
    free(f->slot[0]);
    free(f->slot[1]);
    (void)close(f->fd);
}

static uint64_t
hash_line(const struct stream *f, uint64_t line)
{
    const uint64_t key[2] = {f->id, line};

    return map_hash(key, sizeof key, f->seed);
}

enum stream_kind
stream_kind(const struct stream *f, uint64_t line)
{
    unsigned of100 = (unsigned)(hash_line(f, line) % 100);

    return of100 < 72   ? LINE_ALERT
           : of100 < 80 ? LINE_FLOW
           : of100 < 92 ? LINE_DNS
           : of100 < 95 ? LINE_BROKEN
           : of100 < 98 ? LINE_NO_ADDRESS
                        : LINE_BLANK;
}

/* Bytes that do not compress, so that evidence spans many sectors. */
static void
put_payload(uint64_t h, size_t n, struct buf *to)
{
    buf_text(to, ",\"payload\":\"");
    for (size_t i = 0; i < n; i += 8) {
        char digits[8];

        h = h * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        for (unsigned k = 0; k < 8; k++)
            digits[k] = "0123456789abcdef"[h >> (32 + 4 * k) & 15];
        buf_add(to, digits, sizeof digits);
    }
    buf_char(to, '"');
}

void
stream_line(const struct stream *f, uint64_t line, struct buf *to)
{
    static const char *const type[] = {"alert", "flow", "dns", "alert", "alert"};
    uint64_t h = hash_line(f, line);
    enum stream_kind kind = stream_kind(f, line);
    char at[TIME_TEXT];
    unsigned rule = (unsigned)(h >> 24) % (line < 1000 ? RULES / 4 : RULES);

    if (kind == LINE_BLANK) {
        buf_char(to, '\n');
        return;
    }
    time_format((struct utime){WORLD_BEGINS + (int64_t)line * 7000000 + (int64_t)(h % 6000000)},
                at);
    buf_printf(to, "{\"timestamp\":\"%.27s\",\"flow_id\":%llu,\"event_type\":\"%s\"", at,
               (unsigned long long)(f->id * NUMBER_BASE + line), type[kind]);
    if (kind != LINE_NO_ADDRESS)
        buf_printf(to, ",\"src_ip\":\"198.51.100.%u\"", (unsigned)(h >> 8) % 256);
    buf_printf(to, ",\"src_port\":%u,\"dest_ip\":\"192.0.2.%u\",\"dest_port\":443",
               1024 + (unsigned)(h >> 16) % 60000, (unsigned)(h >> 40) % 16);
    buf_printf(to,
               ",\"proto\":\"TCP\",\"alert\":{\"gid\":1,\"signature_id\":%u,\"rev\":%u,"
               "\"signature\":\"rule %u\"}",
               9000 + rule, 1 + rule % 3, rule);
    if (f->rich && h >> 60 == 0)
        put_payload(h, 64 + (h >> 50) % 6000, to);
    else
        put_payload(h, (h >> 50) % 64, to);
    buf_text(to, kind == LINE_BROKEN ? ",\n" : "}\n");
}

int64_t
stream_number(struct slice raw, unsigned *ret_stream)
{
    static const char word[] = "\"flow_id\":";
    const char *at = memmem(raw.ptr, raw.len, word, sizeof word - 1);
    uint64_t n = 0;

    if (at == NULL)
        return -1;
    for (at += sizeof word - 1; at < raw.ptr + raw.len && *at >= '0' && *at <= '9'; at++)
        n = n * 10 + (uint64_t)(*at - '0');
    *ret_stream = (unsigned)(n / NUMBER_BASE);
    return (int64_t)(n % NUMBER_BASE);
}

uint64_t
stream_next_attack(const struct stream *f, uint64_t line)
{
    while (stream_kind(f, line) != LINE_ALERT)
        line++;
    return line;
}

/* ---- the file ---- */

static void
end_line(struct stream *f)
{
    if (f->lines == f->room) {
        f->room = f->room * 2 + 64;
        f->end = realloc(f->end, f->room * sizeof *f->end);
        BUG_ON(f->end == NULL);
    }
    f->end[f->lines++] = (uint32_t)f->file.len;
}

/* A line that was torn is the same bytes when it is written whole. */
static void
write_file(struct stream *f)
{
    if (f->file.len <= f->written)
        return;
    BUG_ON(pwrite(f->fd, f->file.ptr + f->written, f->file.len - f->written,
                  (off_t)f->written) != (ssize_t)(f->file.len - f->written));
    f->written = f->file.len;
}

void
stream_write(struct stream *f, unsigned n, bool torn)
{
    /* What an earlier call left torn is written again, whole. */
    f->file.len = f->lines == 0 ? 0 : f->end[f->lines - 1];
    for (unsigned i = 0; i < n; i++) {
        size_t from = f->file.len;

        stream_line(f, f->first + f->lines, &f->file);
        if (torn && i + 1 == n) {
            f->file.len = from + (f->file.len - from) / 2;
            break;
        }
        end_line(f);
    }
    BUG_ON(buf_error(&f->file) < 0);
    write_file(f);
}

struct slice
stream_head(const struct stream *f)
{
    return slice_sub(buf_get(&f->file), 0, SOURCE_PREFIX);
}

static void
count_line(const struct stream *f, uint64_t line, struct decode_stats *to)
{
    enum stream_kind kind = stream_kind(f, line);

    to->lines++;
    to->events += kind == LINE_ALERT || kind == LINE_FLOW;
    to->attacks += kind == LINE_ALERT;
    to->ignored += kind == LINE_DNS || kind == LINE_BLANK;
    to->rejected[REJECT_JSON] += kind == LINE_BROKEN;
    to->rejected[REJECT_NO_ADDRESS] += kind == LINE_NO_ADDRESS;
}

bool
stream_upto(const struct stream *f, uint64_t offset, uint64_t *ret_line,
            struct decode_stats *ret)
{
    uint32_t i = 0;

    *ret = f->before;
    while (i < f->lines && f->end[i] <= offset)
        count_line(f, f->first + i++, ret);
    *ret_line = f->first + i;
    return offset == (i == 0 ? 0 : f->end[i - 1]);
}

void
stream_rotate(struct stream *f, bool cut)
{
    uint64_t line;

    (void)stream_upto(f, f->file.len, &line, &f->before);
    f->first = first_line(f, line);
    f->lines = 0;
    buf_reset(&f->file);
    f->written = 0;
    if (cut) {
        BUG_ON(ftruncate(f->fd, 0) < 0);
        return;
    }
    (void)close(f->fd);
    f->fd = new_file();
}

/* ---- the sensor ---- */

enum { IDLE_STEPS = 3 /* without anything new: past the end of a file, into the next */ };

static int
look(void *arg)
{
    return dup(((const struct stream *)arg)->fd);
}

static int
find(void *arg, struct slice head, struct store_source *ret)
{
    struct stream *f = arg;
    int r = feed_find(&f->feed, &f->place, head, f->ei);

    *ret = f->feed.source;
    return r;
}

static int
start(struct stream *f)
{
    const struct sensor_open o = {.conf = f->conf,
                                  .env = f->place.env,
                                  .look = look,
                                  .find = find,
                                  .arg = f,
                                  .decode = eve_decode,
                                  .work = &f->work};
    int r = feed_begin(&f->feed, &f->place, f->name);

    if (r == 0)
        r = sensor_open(&o, &f->sensor);
    if (r == 0)
        sensor_use(f->sensor, f->slot[f->using]);
    return r;
}

int
stream_open(struct stream *f, const struct feed_place *p, const struct conf *conf)
{
    f->place = *p;
    f->conf = conf;
    f->using = 0;
    f->dies = false;
    return start(f);
}

void
stream_close(struct stream *f)
{
    if (f->sensor == NULL)
        return;
    f->sensor = sensor_close(f->sensor);
    feed_close(&f->feed, f->place.role);
}

static int
start_again(struct stream *f)
{
    stream_close(f);
    f->dies = false;
    return start(f);
}

/* The slot goes to the engine, and the sensor on in the other one. */
static int
send(struct stream *f, struct errinfo *ei)
{
    struct slot *s = f->slot[f->using];
    int r;

    s->frame.raw.len = SLOT_RAW;
    f->using ^= 1;
    sensor_use(f->sensor, f->slot[f->using]);
    r = feed_take(&f->feed, &f->place, s, ei);
    return r < 0 && ei->text[0] == '\0' ? err_set(ei, r, "%s: %s", f->name, err_text(r)) : r;
}

int
stream_step(struct stream *f, struct errinfo *ei)
{
    int r = 0;

    f->ei = ei;
    for (unsigned idle = 0; r == 0 && idle < IDLE_STEPS && !role_blocked(f->place.role);) {
        int got = sensor_step(f->sensor);

        idle = got == 0 ? idle + 1 : 0;
        if (got == ERR_FULL || (got == 1 && f->dies))
            return start_again(f);
        if (got < 0)
            r = ei->text[0] == '\0' ? err_set(ei, got, "%s: %s", f->name, err_text(got)) : got;
        else if (got == 1)
            r = send(f, ei);
    }
    return r;
}

bool
stream_is_done(const struct stream *f)
{
    return stream_taken(f) == (f->lines == 0 ? 0 : f->end[f->lines - 1]);
}
