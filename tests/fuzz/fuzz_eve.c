/* EVE in one piece and in two: the figures add up, raw bytes are records of the input, and
 * where the input is cut changes nothing.  The first two bytes say where to cut. */
#include "decode/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEPT = 1 << 13 };

struct taken {
    struct event ev;
    uint32_t gid;
    uint32_t sid;
    uint32_t rev;
    uint32_t pad;
    size_t raw_at;
};

struct run {
    struct decoder *d;
    struct decode_stats stats;
    struct slice in;
    size_t count;
    struct taken at[KEPT];
};

static void
keep(struct run *r, const struct frame *frame)
{
    for (uint32_t i = 0; i < frame->count; i++) {
        const struct rule *rule = eve_rule(r->d, frame->event[i].rule);
        struct taken t = {frame->event[i], rule->gid, rule->sid, rule->rev, 0, 0};
        const char *raw = frame->raw.ptr + t.ev.raw_at;

        BUG_ON(t.ev.raw_at > frame->raw.len || t.ev.raw_len > frame->raw.len - t.ev.raw_at);
        BUG_ON(event_is_attack(&t.ev) != (t.ev.raw_len > 0));
        if (t.ev.raw_len > 0) {
            const char *end = raw + t.ev.raw_len;

            BUG_ON(memchr(raw, '{', t.ev.raw_len) == NULL ||
                   memrchr(raw, '}', t.ev.raw_len) == NULL || (*raw != '{' && *raw > ' ') ||
                   (end[-1] != '}' && end[-1] > ' '));
            t.raw_at = (size_t)(raw - r->in.ptr);
        }
        t.ev.raw_at = t.ev.rule = 0;
        BUG_ON(r->count == KEPT);
        r->at[r->count++] = t;
    }
}

/* From *from as far as the bytes up to `have` go. */
static void
feed(struct run *r, size_t *from, size_t have)
{
    static struct frame frame;
    size_t used = 1;

    while (used > 0) {
        uint64_t was = r->stats.events;

        BUG_ON(eve_decode(r->d, (struct slice){r->in.ptr + *from, have - *from},
                          have == r->in.len, &frame, &used, &r->stats) < 0);
        BUG_ON(used > have - *from || eve_whole(r->d) > *from + used);
        BUG_ON(r->stats.events != was + frame.count);
        keep(r, &frame);
        *from += used;
    }
}

static void
run(struct run *r, struct slice in, size_t cut)
{
    static const struct decode_place nowhere;
    size_t from = 0;

    r->d = eve_new(&nowhere);
    r->in = in;
    r->stats = (struct decode_stats){0};
    r->count = 0;
    BUG_ON(r->d == NULL);
    feed(r, &from, cut);
    if (cut < in.len)
        feed(r, &from, in.len);
    BUG_ON(r->stats.bytes != from);
    BUG_ON(r->stats.lines != r->stats.events + r->stats.ignored + decode_rejected(&r->stats));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run one;
    static struct run two;
    size_t cut = size < 2 ? 0 : (size_t)data[0] << 8 | data[1];
    struct slice in = {(const char *)data, size};

    in = slice_sub(in, 2, size);
    if (in.len == 0)
        return 0;
    run(&one, in, in.len);
    run(&two, in, cut % in.len);
    BUG_ON(memcmp(&one.stats, &two.stats, sizeof one.stats) != 0);
    BUG_ON(one.count != two.count ||
           (one.count > 0 && memcmp(one.at, two.at, one.count * sizeof *one.at) != 0));
    (void)eve_free(one.d);
    (void)eve_free(two.d);
    return 0;
}
