/* Walks one EVE record by the offsets of its tokens and remembers where the members stand that
 * detente reads.  Nothing is converted here and objects of no interest are passed over by
 * counting brackets, so that most records cost only the walk. */
#include "decode/eve_priv.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The objects whose members count. */
enum inside { IN_NONE, IN_TOP, IN_ALERT, IN_FLOW, IN_TCP, IN_SOURCE, IN_TARGET };

enum { NAME_MAX_LEN = 16, NAME_SLOTS = 32 };

struct name {
    _Alignas(32) char text[NAME_MAX_LEN]; /* zero behind the name */
    uint8_t field;
    uint8_t len;
};

#define NAME(text, field)             \
    {                                 \
        text, field, sizeof(text) - 1 \
    }

/* A perfect hash for each object: slot_of() puts each name where it stands here. */
static const struct name names[][NAME_SLOTS] = {
    [IN_TOP] = {[23] = NAME("tcp", FIELD_TCP),
                [9] = NAME("flow", FIELD_FLOW),
                [20] = NAME("proto", FIELD_PROTO),
                [30] = NAME("alert", FIELD_ALERT),
                [21] = NAME("src_ip", FIELD_SRC_IP),
                [11] = NAME("dest_ip", FIELD_DEST_IP),
                [27] = NAME("src_port", FIELD_SRC_PORT),
                [29] = NAME("timestamp", FIELD_TIME),
                [17] = NAME("dest_port", FIELD_DEST_PORT),
                [24] = NAME("event_type", FIELD_TYPE)},
    [IN_ALERT] = {[10] = NAME("gid", FIELD_GID),
                  [19] = NAME("rev", FIELD_REV),
                  [26] = NAME("source", FIELD_SOURCE),
                  [30] = NAME("target", FIELD_TARGET),
                  [0] = NAME("category", FIELD_CATEGORY),
                  [16] = NAME("severity", FIELD_SEVERITY),
                  [29] = NAME("signature", FIELD_SIGNATURE),
                  [15] = NAME("signature_id", FIELD_SID)},
    [IN_FLOW] = {[15] = NAME("pkts_toserver", FIELD_PKTS_TOSERVER),
                 [17] = NAME("pkts_toclient", FIELD_PKTS_TOCLIENT),
                 [21] = NAME("src_ip", FIELD_FLOW_SRC_IP)},
    [IN_TCP] = {[16] = NAME("syn", FIELD_TCP_SYN)},
    [IN_SOURCE] = {[31] = NAME("ip", FIELD_SOURCE_IP), [8] = NAME("port", FIELD_SOURCE_PORT)},
    [IN_TARGET] = {[31] = NAME("ip", FIELD_TARGET_IP), [8] = NAME("port", FIELD_TARGET_PORT)},
};

/* The object that is the value of a field. */
static const uint8_t inside_of[FIELDS] = {[FIELD_ALERT] = IN_ALERT,
                                          [FIELD_FLOW] = IN_FLOW,
                                          [FIELD_TCP] = IN_TCP,
                                          [FIELD_SOURCE] = IN_SOURCE,
                                          [FIELD_TARGET] = IN_TARGET};

static inline unsigned
slot_of(const char *key, uint32_t len)
{
    return (len + (unsigned char)key[0] * 5U + (unsigned char)key[len - 1] * 17U) % NAME_SLOTS;
}

static int
hex2(const char *p)
{
    int value = 0;

    for (int i = 0; i < 2; i++) {
        int c = p[i] | 0x20;

        if (p[i] >= '0' && p[i] <= '9')
            value = value << 4 | (p[i] - '0');
        else if (c >= 'a' && c <= 'f')
            value = value << 4 | (c - 'a' + 10);
        else
            return -1;
    }
    return value;
}

static enum eve_field
find_plain(enum inside where, const char *key, uint32_t len)
{
    const struct name *n;

    if (len == 0 || len >= NAME_MAX_LEN)
        return FIELD_NONE;
    n = &names[where][slot_of(key, len)];
    return n->len == len && memcmp(n->text, key, len) == 0 ? (enum eve_field)n->field
                                                           : FIELD_NONE;
}

/* A key that is written with escapes means what it means: our names are ASCII. */
static enum eve_field
find_escaped(enum inside where, const char *key, uint32_t len)
{
    char plain[NAME_MAX_LEN];
    uint32_t n = 0;

    for (uint32_t i = 0; i < len; i++, n++) {
        int c = key[i];

        if (n == sizeof plain)
            return FIELD_NONE;
        if (c == '\\') {
            if (i + 6 > len || memcmp(key + i + 1, "u00", 3) != 0)
                return FIELD_NONE;
            c = hex2(key + i + 4);
            if (c < 0x20 || c > 0x7e)
                return FIELD_NONE;
            i += 5;
        }
        plain[n] = (char)c;
    }
    return find_plain(where, plain, n);
}

static enum eve_field
find_slowly(enum inside where, const char *key, uint32_t len)
{
    return memchr(key, '\\', len) != NULL ? find_escaped(where, key, len)
                                          : find_plain(where, key, len);
}

#ifdef __SSE2__
/* The field that key names.  All 16 bytes from the key on are compared at once and what is
 * behind it is masked away; whether it is the same is not branched upon, since no branch
 * predictor knows which key comes next. */
static inline enum eve_field
find_field(const struct eve_walk *w, enum inside where, uint32_t at, uint32_t len)
{
    const char *key = w->text + at;
    const struct name *n;
    unsigned mask;
    unsigned same;
    unsigned differ;
    __m128i bytes;

    if (len - 1 >= NAME_MAX_LEN - 1 || at + NAME_MAX_LEN > w->limit)
        return find_slowly(where, key, len);
    n = &names[where][slot_of(key, len)];
    mask = (1U << len) - 1;
    bytes = _mm_loadu_si128((const __m128i *)(const void *)key);
    if (__builtin_expect(
            (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))) & mask, 0))
        return find_slowly(where, key, len);
    same = (unsigned)_mm_movemask_epi8(
        _mm_cmpeq_epi8(bytes, _mm_load_si128((const __m128i *)(const void *)n->text)));
    differ = (~same & mask) | (n->len ^ len);
    return (enum eve_field)(n->field & (0U - (unsigned)(differ == 0)));
}
#else
static inline enum eve_field
find_field(const struct eve_walk *w, enum inside where, uint32_t at, uint32_t len)
{
    return find_slowly(where, w->text + at, len);
}
#endif

/* Behind the bracket that closes the one at token i; 0 when it is not closed. */
static uint32_t
pass_over(const struct eve_walk *w, uint32_t i)
{
    static const int8_t step[256] = {['{'] = 1, ['['] = 1, ['}'] = -1, [']'] = -1};
    int depth = 0;

    while (i < w->count) {
        depth += step[(unsigned char)w->text[w->at[i++]]];
        if (depth == 0)
            return i;
    }
    return 0;
}

static void
set_field(struct eve_walk *w, enum eve_field field, struct token value)
{
    w->field[field] = value;
    w->have |= 1U << field;
}

/* Members of an object that comes a second time: the last one counts, as a whole. */
static void
forget(struct eve_walk *w, enum inside where)
{
    for (unsigned slot = 0; slot < NAME_SLOTS; slot++) {
        enum eve_field field = (enum eve_field)names[where][slot].field;

        w->have &= ~(1U << field);
        if (inside_of[field] != IN_NONE && field != FIELD_NONE) {
            for (unsigned s = 0; s < NAME_SLOTS; s++)
                w->have &= ~(1U << names[inside_of[field]][s].field);
        }
    }
}

/* The key at token i and its colon; false when something else stands there. */
static inline bool
read_key(const struct eve_walk *w, uint32_t i, enum inside where, enum eve_field *ret)
{
    struct token key;

    if (i + 3 >= w->count || w->text[w->at[i]] != '"' || w->text[w->at[i + 1]] != ':')
        return false;
    key = eve_token(w->text, w->at[i], w->at[i + 1]);
    if (key.len < 2 || w->text[key.at + key.len - 1] != '"')
        return false;
    *ret = find_field(w, where, key.at + 1, key.len - 2);
    return true;
}

static inline bool
is_scalar(char c)
{
    return c != ',' && c != ':' && c != '}' && c != ']';
}

/* The objects that the walk is in, outermost first. */
struct path {
    uint8_t where[4];
    unsigned depth;
};

/* The value at token i: enter it, pass over it, or take it.  Gives the next token to look at,
 * 0 on a fault. */
static inline uint32_t
read_value(struct eve_walk *w, uint32_t i, enum eve_field field, struct path *p)
{
    char c = w->text[w->at[i]];

    if (c == '{' && inside_of[field] != IN_NONE && field != FIELD_NONE) {
        enum inside where = (enum inside)inside_of[field];

        if (w->have & 1U << field)
            forget(w, where);
        set_field(w, field, (struct token){w->at[i], 1});
        p->where[++p->depth] = (uint8_t)where;
        return i + 1;
    }
    if (c == '{' || c == '[') {
        uint32_t next = pass_over(w, i);

        if (field != FIELD_NONE)
            set_field(w, field, (struct token){w->at[i], 1});
        return next;
    }
    if (!is_scalar(c))
        return 0;
    set_field(w, field, eve_token(w->text, w->at[i], w->at[i + 1]));
    return i + 1;
}

/* Members from token i on that are `"key":scalar,` without white space, which is most of
 * them: one branch for all that could be otherwise.  Gives the first token that is not such a
 * member's; the last of a text is never, so that four tokens can be looked at. */
static inline uint32_t
read_scalars(struct eve_walk *w, uint32_t i, enum inside where)
{
    /* ',' ':' and brackets are no scalars; what else is none is not known here. */
    static const uint8_t odd[256] = {
        [','] = 1, [':'] = 1, ['{'] = 1, ['}'] = 1, ['['] = 1, [']'] = 1};
    const char *text = w->text;

    while (i + 4 < w->count) {
        const uint32_t *at = w->at + i;
        uint32_t key = at[0];
        uint32_t colon = at[1];
        uint32_t value = at[2];
        uint32_t comma = at[3];
        enum eve_field field;

        if ((text[key] ^ '"') | (text[colon - 1] ^ '"') | (text[colon] ^ ':') |
            (text[comma] ^ ',') | odd[(unsigned char)text[value]] |
            ((unsigned char)text[comma - 1] <= ' ') | (colon - key < 2))
            break;
        field = find_field(w, where, key + 1, colon - key - 2);
        w->field[field] = (struct token){value, comma - value};
        w->have |= 1U << field;
        i += 4;
    }
    return i;
}

uint32_t
eve_walk_record(struct eve_walk *w, uint32_t first)
{
    struct path p = {.where = {IN_TOP}};
    uint32_t i = first + 1;

    w->have = 0;
    if (first >= w->count || w->text[w->at[first]] != '{')
        return 0;
    if (i < w->count && w->text[w->at[i]] == '}')
        return i + 1;
    for (;;) {
        unsigned depth = p.depth;
        enum eve_field field;

        i = read_scalars(w, i, (enum inside)p.where[depth]);
        if (!read_key(w, i, (enum inside)p.where[depth], &field))
            return 0;
        i = read_value(w, i + 2, field, &p);
        if (i == 0 || i >= w->count)
            return 0;
        if (p.depth > depth && w->text[w->at[i]] != '}')
            continue;
        while (w->text[w->at[i]] == '}') {
            i++;
            if (p.depth-- == 0)
                return i;
            if (i >= w->count)
                return 0;
        }
        if (w->text[w->at[i]] != ',')
            return 0;
        i++;
    }
}
