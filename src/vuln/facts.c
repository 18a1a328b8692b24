#include "vuln/facts.h"

#include <string.h>

enum { VERSION = 1, FIXED = 8 + 3 * 8, TEXTS = 3 };

static void
put_text(struct slice text, struct buf *to)
{
    uint8_t len[2] = {(uint8_t)(text.len & 255), (uint8_t)(text.len >> 8)};

    buf_add(to, len, sizeof len);
    buf_slice(to, text);
}

static void
put_time(struct utime t, struct buf *to)
{
    uint8_t bytes[8];

    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)t.us >> (8 * i));
    buf_add(to, bytes, sizeof bytes);
}

void
facts_put(const struct facts *f, struct buf *to)
{
    const uint8_t head[8] = {VERSION,     f->rejected,     f->cvss_version, f->score,
                             f->severity, f->exploitation, f->automatable,  f->impact};

    buf_add(to, head, sizeof head);
    put_time(f->ssvc_at, to);
    put_time(f->published, to);
    put_time(f->modified, to);
    put_text(slice_cut(f->vector, FACTS_VECTOR), to);
    put_text(slice_cut(f->cwes, FACTS_CWES), to);
    put_text(slice_cut(f->text, FACTS_TEXT), to);
}

static struct utime
get_time(const uint8_t *p)
{
    uint64_t n = 0;

    for (unsigned i = 8; i-- > 0;)
        n = n << 8 | p[i];
    return (struct utime){(int64_t)n};
}

bool
facts_get(struct slice bytes, struct facts *ret)
{
    const uint8_t *p = (const uint8_t *)bytes.ptr;
    struct slice text[TEXTS];
    size_t at = FIXED;

    if (bytes.len < FIXED || p[0] != VERSION)
        return false;
    for (unsigned i = 0; i < TEXTS; i++) {
        size_t n = at + 2 > bytes.len ? SIZE_MAX : p[at] | (size_t)p[at + 1] << 8;

        if (n > bytes.len || at + 2 + n > bytes.len)
            return false;
        text[i] = slice_sub(bytes, at + 2, n);
        at += 2 + n;
    }
    *ret = (struct facts){.rejected = p[1] != 0,
                          .cvss_version = p[2],
                          .score = p[3],
                          .severity = p[4],
                          .exploitation = p[5],
                          .automatable = p[6],
                          .impact = p[7],
                          .ssvc_at = get_time(p + 8),
                          .published = get_time(p + 16),
                          .modified = get_time(p + 24),
                          .vector = text[0],
                          .cwes = text[1],
                          .text = text[2]};
    return at == bytes.len;
}
