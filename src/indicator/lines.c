#include "indicator/lines.h"

#include "base/sha256.h"
#include "wire/hex.h"
#include "wire/utf8.h"

bool
lines_kind_find(struct slice name, enum lines_kind *ret)
{
    static const char *const names[LINES_KINDS] = {"addresses", "domains", "urls", "hashes"};

    for (unsigned i = 0; i < LINES_KINDS; i++) {
        *ret = (enum lines_kind)i;
        if (slice_is(name, names[i]))
            return true;
    }
    return false;
}

enum { PATTERN_TEXT = 4 * ATOM_BYTES };

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of a line, before a remark; empty at the end. */
static struct slice
next_word(struct slice *line)
{
    struct slice word;
    size_t from = 0;
    size_t to;

    while (from < line->len && is_space(line->ptr[from]))
        from++;
    to = from;
    while (to < line->len && !is_space(line->ptr[to]))
        to++;
    word = slice_sub(*line, from, to - from);
    *line = slice_sub(*line, to, line->len);
    return word.len > 0 && (word.ptr[0] == '#' || word.ptr[0] == ';') ? (struct slice){"", 0}
                                                                      : word;
}

/* ---- a pattern -----------------------------------------------------------------------------
 */

/* A string of a pattern. */
static void
put_text(struct buf *b, const char *start, struct slice s)
{
    buf_char(b, '\'');
    buf_text(b, start);
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\'' || s.ptr[i] == '\\')
            buf_char(b, '\\');
        buf_char(b, s.ptr[i]);
    }
    buf_char(b, '\'');
}

static void
put_atom(struct buf *b, const struct atom *a)
{
    static const char *const hashes[ATOM_KINDS] = {[ATOM_MD5] = "MD5",
                                                   [ATOM_SHA1] = "'SHA-1'",
                                                   [ATOM_SHA256] = "'SHA-256'",
                                                   [ATOM_SHA512] = "'SHA-512'"};
    struct slice bytes = {a->byte, a->len};
    char text[ATOM_TEXT];
    struct buf t = {.ptr = text, .room = sizeof text, .max = sizeof text};
    struct prefix p;

    buf_atom(&t, a->kind, bytes);
    switch (a->kind) {
    case ATOM_ADDRESS:
    case ATOM_PREFIX:
        p = atom_prefix(a->kind, bytes);
        buf_printf(b, "ipv%c-addr:value %s ", addr_is_v4(&p.addr) ? '4' : '6',
                   a->kind == ATOM_PREFIX ? "ISSUBSET" : "=");
        put_text(b, "", buf_get(&t));
        break;
    case ATOM_DOMAIN:
        buf_text(b, "domain-name:value = ");
        put_text(b, "", bytes);
        break;
    case ATOM_BELOW:
        buf_text(b, "domain-name:value LIKE ");
        put_text(b, "%.", bytes);
        break;
    case ATOM_URL:
        buf_text(b, "url:value = ");
        put_text(b, "", bytes);
        break;
    case ATOM_MD5:
    case ATOM_SHA1:
    case ATOM_SHA256:
    case ATOM_SHA512:
        buf_printf(b, "file:hashes.%s = ", hashes[a->kind]);
        put_text(b, "", buf_get(&t));
        break;
    case ATOM_KINDS: break;
    }
}

/* A name with `*.` or `.` before it; LIKE has wildcards where names have underscores. */
static bool
put_name(struct buf *b, struct slice word)
{
    bool below = word.len > 2 && word.ptr[0] == '*' && word.ptr[1] == '.';
    bool both = word.len > 1 && word.ptr[0] == '.';
    struct atom a;

    if (below || both)
        word = slice_sub(word, below ? 2 : 1, word.len);
    if (!atom_read_domain(word, &a) || ((below || both) && memchr(a.byte, '_', a.len) != NULL))
        return false;
    if (!below)
        put_atom(b, &a);
    if (both)
        buf_text(b, " OR ");
    a.kind = ATOM_BELOW;
    if (below || both)
        put_atom(b, &a);
    return true;
}

static bool
put_pattern(struct buf *b, enum lines_kind kind, struct slice line)
{
    struct slice word = next_word(&line);
    struct slice second = next_word(&line);
    struct atom a;
    bool good = false;

    buf_char(b, '[');
    switch (kind) {
    case LINES_ADDRESSES: good = atom_read_address(word, &a); break;
    case LINES_URLS: good = atom_read_url(word, &a); break;
    case LINES_HASHES: good = atom_read_hash(word, &a); break;
    case LINES_DOMAINS:
        good = atom_read_address(word, &a) ? put_name(b, second) : put_name(b, word);
        break;
    case LINES_KINDS: break;
    }
    if (good && kind != LINES_DOMAINS)
        put_atom(b, &a);
    buf_char(b, ']');
    return good && buf_error(b) == 0;
}

/* ---- a bundle ------------------------------------------------------------------------------
 */

/* An id from a hash, in the form of RFC 4122's random ones: its bits are as good as such. */
static void
put_id(struct buf *b, const char *type, const struct hash *h)
{
    uint8_t byte[16];
    char hex[32];

    memcpy(byte, h->byte, sizeof byte);
    byte[6] = (uint8_t)((byte[6] & 0x0f) | 0x40);
    byte[8] = (uint8_t)((byte[8] & 0x3f) | 0x80);
    hex_encode(byte, sizeof byte, hex);
    buf_printf(b, "\"%s--%.8s-%.4s-%.4s-%.4s-%.12s\"", type, hex, hex + 8, hex + 12, hex + 16,
               hex + 20);
}

static void
put_time(struct buf *b, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(b, ",\"%s\":\"%.27s\"", name, text);
}

static void
put_indicator(struct buf *to, const struct lines_options *o, struct slice pattern)
{
    struct hash list = sha256_of(o->name.ptr, o->name.len);
    struct hash id = sha256_of2(list.byte, sizeof list.byte, pattern.ptr, pattern.len);

    buf_text(to, "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":");
    put_id(to, "indicator", &id);
    put_time(to, "created", o->now);
    put_time(to, "modified", o->now);
    buf_text(to, ",\"name\":");
    buf_json(to, o->name);
    if (o->confidence <= 100)
        buf_printf(to, ",\"confidence\":%u", o->confidence);
    buf_text(to, ",\"pattern\":");
    buf_json(to, pattern);
    buf_text(to, ",\"pattern_type\":\"stix\"");
    put_time(to, "valid_from", o->from);
    if (o->until.us != 0)
        put_time(to, "valid_until", o->until);
    buf_char(to, '}');
}

int
lines_bundle(struct slice *rest, const struct lines_options *o, struct buf *to,
             struct lines_counts *counts)
{
    struct hash id = sha256_of2(&o->now, sizeof o->now, rest->ptr, rest->len);
    uint64_t taken = 0;
    struct slice line;
    char text[PATTERN_TEXT];
    struct buf pattern = {.ptr = text, .room = sizeof text, .max = sizeof text};

    while (taken < LINES_MOST && slice_line(rest, &line)) {
        struct slice look = line;

        counts->lines++;
        if (next_word(&look).len == 0) {
            counts->remarks++;
            continue;
        }
        buf_reset(&pattern);
        if (!utf8_ok(line) || !put_pattern(&pattern, o->kind, line)) {
            counts->first_odd = counts->odd++ == 0 ? counts->lines : counts->first_odd;
            continue;
        }
        if (taken == 0) {
            buf_text(to, "{\"type\":\"bundle\",\"id\":");
            put_id(to, "bundle", &id);
        }
        buf_text(to, taken++ == 0 ? ",\"objects\":[\n" : ",\n");
        put_indicator(to, o, buf_get(&pattern));
    }
    counts->taken += taken;
    if (taken > 0)
        buf_text(to, "\n]}\n");
    return taken > 0;
}
