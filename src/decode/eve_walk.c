/* Walks one EVE record by the offsets of its tokens and remembers where the members stand that
 * detente reads.  Nothing is converted here and objects of no interest are passed over by
 * counting brackets, so that most records cost only the walk. */
#include "decode/eve_priv.h"

#include <limits.h>

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
    [IN_TOP] = {[31] = NAME("tcp", FIELD_TCP),
                [1] = NAME("flow", FIELD_FLOW),
                [0] = NAME("proto", FIELD_PROTO),
                [16] = NAME("alert", FIELD_ALERT),
                [27] = NAME("src_ip", FIELD_SRC_IP),
                [19] = NAME("dest_ip", FIELD_DEST_IP),
                [17] = NAME("src_port", FIELD_SRC_PORT),
                [5] = NAME("timestamp", FIELD_TIME),
                [9] = NAME("dest_port", FIELD_DEST_PORT),
                [6] = NAME("event_type", FIELD_TYPE),
                [11] = NAME("direction", FIELD_DIRECTION)},
    [IN_ALERT] = {[8] = NAME("gid", FIELD_GID),
                  [15] = NAME("rev", FIELD_REV),
                  [4] = NAME("source", FIELD_SOURCE),
                  [22] = NAME("target", FIELD_TARGET),
                  [26] = NAME("category", FIELD_CATEGORY),
                  [10] = NAME("severity", FIELD_SEVERITY),
                  [7] = NAME("signature", FIELD_SIGNATURE),
                  [5] = NAME("signature_id", FIELD_SID)},
    [IN_FLOW] = {[23] = NAME("pkts_toserver", FIELD_PKTS_TOSERVER),
                 [1] = NAME("pkts_toclient", FIELD_PKTS_TOCLIENT),
                 [27] = NAME("src_ip", FIELD_FLOW_SRC_IP)},
    [IN_TCP] = {[14] = NAME("syn", FIELD_TCP_SYN)},
    [IN_SOURCE] = {[17] = NAME("ip", FIELD_SOURCE_IP), [24] = NAME("port", FIELD_SOURCE_PORT)},
    [IN_TARGET] = {[17] = NAME("ip", FIELD_TARGET_IP), [24] = NAME("port", FIELD_TARGET_PORT)},
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
    return (len + (unsigned char)key[0] * 7U + (unsigned char)key[len - 1] * 5U) % NAME_SLOTS;
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
        int c = (unsigned char)key[i];

        if (n == sizeof plain)
            return FIELD_NONE;
        if (c == '\\') {
            if (i + 6 > len || key[i + 1] != 'u')
                return FIELD_NONE;
            c = eve_hex4(key + i + 2);
            if (c < 0x20 || c > 0x7e)
                return FIELD_NONE;
            i += 5;
        }
        plain[n] = (char)c;
    }
    return find_plain(where, plain, n);
}

#ifdef __SSE2__
enum { LOT = 16 };

/* Which of the 16 tokens from `first` on are brackets, and which of these open. */
static inline unsigned
brackets(const char *first, unsigned *ret_open)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)first);
    __m128i low = _mm_or_si128(bytes, _mm_set1_epi8(0x20)); /* [ is {, ] is } */

    *ret_open = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(low, _mm_set1_epi8('{')));
    return *ret_open | (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(low, _mm_set1_epi8('}')));
}
#else
enum { LOT = 1 };

static inline unsigned
brackets(const char *first, unsigned *ret_open)
{
    *ret_open = (*first | 0x20) == '{';
    return *ret_open | ((*first | 0x20) == '}');
}
#endif

/* Behind the bracket that closes the one at token i; 0 when it is not closed. */
static uint32_t
pass_over(const struct eve_walk *w, uint32_t i)
{
    unsigned depth = 0;

    for (; i < w->count; i += LOT) {
        unsigned open;

        for (unsigned all = brackets(w->first + i, &open); all != 0; all &= all - 1) {
            depth += open & all & (0U - all) ? 1U : UINT_MAX;
            if (depth == 0)
                return i + (uint32_t)__builtin_ctz(all) + 1;
        }
    }
    return 0;
}

static inline void
set_field(struct eve_walk *w, enum eve_field field, uint32_t token)
{
    w->own[field] = token;
    w->have |= 1U << field;
}

/* Members of an object that comes a second time, as that or as anything else: the last one
 * counts, as a whole. */
static void
forget(struct eve_walk *w, enum eve_field object)
{
    enum inside where = (enum inside)inside_of[object];

    if (where == IN_NONE || !(w->have & 1U << object))
        return;
    for (unsigned slot = 0; slot < NAME_SLOTS; slot++) {
        enum eve_field field = (enum eve_field)names[where][slot].field;

        w->have &= ~(1U << field);
        if (inside_of[field] != IN_NONE && field != FIELD_NONE) {
            for (unsigned s = 0; s < NAME_SLOTS; s++)
                w->have &= ~(1U << names[inside_of[field]][s].field);
        }
    }
}

/* The field that the key at token i names, however it is written. */
static inline enum eve_field
read_key(struct eve_walk *w, uint32_t i, enum inside where)
{
    const char *key = w->text + w->at[i] + 1;
    uint32_t len = eve_token(w->text, w->at[i], w->at[i + 1]).len - 2;

    if (w->keys < EVE_KEYS)
        w->key[w->keys] = (uint16_t)i;
    w->keys++;
    if (w->escapes && memchr(key, '\\', len) != NULL)
        return find_escaped(where, key, len);
    return find_plain(where, key, len);
}

/* True when the four tokens that begin with these bytes are `"key":?,`. */
static inline bool
is_member(const char *first)
{
    static const char want[4] = {'"', ':', 0, ','};
    static const char mask[4] = {-1, -1, 0, -1};
    uint32_t w;
    uint32_t m;
    uint32_t f;

    memcpy(&w, want, 4);
    memcpy(&m, mask, 4);
    memcpy(&f, first, 4);
    return (f & m) == w;
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
    char c = w->first[i];

    forget(w, field);
    if (c == '{' && inside_of[field] != IN_NONE) {
        set_field(w, field, i);
        p->where[++p->depth] = inside_of[field];
        return i + 1;
    }
    if (c == '{' || c == '[') {
        uint32_t next = pass_over(w, i);

        if (field != FIELD_NONE)
            set_field(w, field, i);
        return next;
    }
    if (!is_scalar(c))
        return 0;
    set_field(w, field, i);
    return i + 1;
}

/* Members from token i on that are `"key":scalar,`, which is most of them.  Gives the first
 * token that is not such a member's. */
static inline uint32_t
read_scalars(struct eve_walk *w, uint32_t i, enum inside where)
{
    /* Brackets and punctuation are no scalars; what else is none is not known here. */
    static const uint8_t odd[256] = {
        [','] = 1, [':'] = 1, ['{'] = 1, ['}'] = 1, ['['] = 1, [']'] = 1};

    for (; is_member(w->first + i) && !odd[(unsigned char)w->first[i + 2]]; i += 4) {
        enum eve_field field = read_key(w, i, where);

        forget(w, field);
        set_field(w, field, i + 2);
    }
    return i;
}

uint32_t
eve_walk_record(struct eve_walk *w)
{
    struct path p = {.where = {IN_TOP}};
    uint32_t i = 1;

    w->have = w->keys = 0;
    w->field = w->own;
    w->shape = NULL;
    if (w->count == 0 || w->first[0] != '{')
        return 0;
    if (w->first[i] == '}')
        return i + 1;
    for (;;) {
        unsigned depth = p.depth;
        enum inside where = (enum inside)p.where[depth];

        i = read_scalars(w, i, where);
        if (w->first[i] != '"' || w->first[i + 1] != ':')
            return 0;
        i = read_value(w, i + 2, read_key(w, i, where), &p);
        if (i == 0)
            return 0;
        if (p.depth > depth && w->first[i] != '}')
            continue;
        while (w->first[i] == '}') {
            i++;
            if (p.depth-- == 0)
                return i;
        }
        if (w->first[i++] != ',')
            return 0;
    }
}
