#include "vuln/config.h"

/* An entry is its length and: flags; if there are OTHERS, which; the attributes that are not
 * ANY; the bounds.  A length up to 250 is that of a text; what is above says more. */
enum flag {
    IS_VULNERABLE = 1,
    HAS_BOUND = 1 << 1, /* and the three above it */
    HAS_VERSION = 1 << 5,
    HAS_OTHERS = 1 << 6,
    IS_UNKNOWN = 1 << 7 /* alone, or with IS_VULNERABLE */
};
enum { VALUE_NA = 255, VALUE_WILDCARDS = 254 };
/* Of an entry: texts of a name and bounds, with what stands before each. */
enum { ENTRY_BYTES = 2 + CPE_BYTES + 8 * 4 + CONFIG_BOUNDS * (CONFIG_TEXT + 1) };

/* ---- building ---------------------------------------------------------------------------- */

/* Seven bits a byte, the lowest first; the last has no eighth bit. */
static void
put_number(struct buf *to, uint32_t n)
{
    for (; n >= 0x80; n >>= 7)
        buf_char(to, (char)(0x80 | (n & 0x7f)));
    buf_char(to, (char)n);
}

static char *
put_value(char *at, struct cpe_value v)
{
    if (v.kind == CPE_NA) {
        *at++ = (char)VALUE_NA;
        return at;
    }
    if (v.before > 0 || v.behind > 0) {
        *at++ = (char)VALUE_WILDCARDS;
        *at++ = (char)v.before;
        *at++ = (char)v.behind;
    }
    *at++ = (char)v.text.len;
    memcpy(at, v.text.ptr, v.text.len);
    return at + v.text.len;
}

/* NVD quotes what it would in a name. */
static char *
put_bound(char *at, struct slice bound)
{
    char *len = at++;

    for (size_t i = 0; i < bound.len; i++) {
        char c = bound.ptr[i];

        if (c == '\\' && i + 1 < bound.len)
            c = bound.ptr[++i];
        *at++ = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    *len = (char)(at - len - 1);
    return at;
}

static char *
put_body(char *at, const struct config_match *m)
{
    unsigned flags = m->vulnerable ? IS_VULNERABLE : 0;
    unsigned others = 0;

    for (unsigned i = 0; i < CONFIG_BOUNDS; i++)
        flags |= m->bound[i].len > 0 ? (unsigned)HAS_BOUND << i : 0;
    if (m->criterion->name[CPE_VERSION].kind != CPE_ANY)
        flags |= HAS_VERSION;
    for (unsigned i = CPE_UPDATE; i < CPE_NAMES; i++)
        others |= m->criterion->name[i].kind != CPE_ANY ? 1U << (i - CPE_UPDATE) : 0;
    *at++ = (char)(flags | (others > 0 ? HAS_OTHERS : 0));
    if (others > 0)
        *at++ = (char)others;
    for (unsigned i = CPE_VERSION; i < CPE_NAMES; i++) {
        if (m->criterion->name[i].kind != CPE_ANY)
            at = put_value(at, cpe_get(m->criterion, (enum cpe_name)i));
    }
    for (unsigned i = 0; i < CONFIG_BOUNDS; i++) {
        if (m->bound[i].len > 0)
            at = put_bound(at, m->bound[i]);
    }
    return at;
}

bool
config_put_entry(struct buf *to, const struct config_match *m)
{
    bool known = m->criterion != NULL;
    bool fits = true;
    char *start;
    size_t len;

    for (unsigned i = 0; i < CONFIG_BOUNDS; i++)
        fits = fits && m->bound[i].len <= CONFIG_TEXT;
    if (!known || !fits) {
        buf_char(to, 1);
        buf_char(to, (char)(IS_UNKNOWN | (m->vulnerable ? IS_VULNERABLE : 0)));
        return fits;
    }
    start = buf_reserve(to, 2 + ENTRY_BYTES);
    if (start == NULL)
        return true;
    len = (size_t)(put_body(start + 2, m) - start) - 2;
    if (len < 0x80) {
        start[0] = (char)len;
        memmove(start + 1, start + 2, len);
        buf_wrote(to, 1 + len);
    } else {
        start[0] = (char)(0x80 | (len & 0x7f));
        start[1] = (char)(len >> 7);
        buf_wrote(to, 2 + len);
    }
    return true;
}

void
config_put(struct buf *to, unsigned flags, uint32_t nodes)
{
    buf_char(to, (char)flags);
    put_number(to, nodes);
}

void
config_put_node(struct buf *to, unsigned flags, uint32_t entries)
{
    config_put(to, flags, entries);
}

void
config_put_match(struct buf *to, uint32_t product, struct slice entry)
{
    put_number(to, product);
    buf_slice(to, entry);
}

/* ---- reading the bytes ------------------------------------------------------------------- */

static bool
take_byte(struct slice *rest, unsigned *ret)
{
    if (rest->len == 0)
        return false;
    *ret = (unsigned char)rest->ptr[0];
    *rest = slice_sub(*rest, 1, rest->len);
    return true;
}

static bool
take_bytes(struct slice *rest, size_t len, struct slice *ret)
{
    if (len > rest->len)
        return false;
    *ret = slice_sub(*rest, 0, len);
    *rest = slice_sub(*rest, len, rest->len);
    return true;
}

static bool
take_number(struct slice *rest, uint32_t *ret)
{
    unsigned byte;

    *ret = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        if (!take_byte(rest, &byte))
            return false;
        *ret |= (uint32_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

/* The body of the next one. */
static bool
take_entry(struct slice *rest, struct slice *ret)
{
    uint32_t len;

    return take_number(rest, &len) && len > 0 && take_bytes(rest, len, ret);
}

static bool
take_value(struct slice *rest, struct cpe_value *ret)
{
    unsigned len;
    unsigned before = 0;
    unsigned behind = 0;

    if (!take_byte(rest, &len))
        return false;
    if (len == VALUE_NA) {
        *ret = (struct cpe_value){.kind = CPE_NA};
        return true;
    }
    if (len == VALUE_WILDCARDS &&
        !(take_byte(rest, &before) && take_byte(rest, &behind) && take_byte(rest, &len)))
        return false;
    *ret = (struct cpe_value){CPE_VALUE, (uint8_t)before, (uint8_t)behind, {"", 0}};
    return take_bytes(rest, len, &ret->text);
}

/* ---- versions ---------------------------------------------------------------------------- */

/* The digits before the next dot, without zeros that say nothing; false: they are none. */
static bool
take_digits(struct slice *rest, struct slice *ret)
{
    struct slice digits = slice_part(rest, '.');

    *ret = digits;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
            return false;
    }
    while (ret->len > 0 && ret->ptr[0] == '0')
        *ret = slice_sub(*ret, 1, ret->len);
    return digits.len > 0;
}

static bool
is_numeric(struct slice v)
{
    struct slice digits;

    if (v.len == 0 || v.ptr[v.len - 1] == '.')
        return false;
    while (v.len > 0) {
        if (!take_digits(&v, &digits))
            return false;
    }
    return true;
}

/* Both are numbers and dots; what one does not have is 0. */
static int
compare(struct slice a, struct slice b)
{
    while (a.len > 0 || b.len > 0) {
        struct slice x = {"", 0};
        struct slice y = {"", 0};
        int r;

        (void)take_digits(&a, &x);
        (void)take_digits(&b, &y);
        if (x.len != y.len)
            return x.len < y.len ? -1 : 1;
        r = x.len == 0 ? 0 : memcmp(x.ptr, y.ptr, x.len);
        if (r != 0)
            return r;
    }
    return 0;
}

static bool
is_within(enum config_bound which, int r)
{
    switch (which) {
    case CONFIG_START_INCLUDING: return r >= 0;
    case CONFIG_START_EXCLUDING: return r > 0;
    case CONFIG_END_INCLUDING: return r <= 0;
    case CONFIG_END_EXCLUDING: return r < 0;
    case CONFIG_BOUNDS: break;
    }
    return false;
}

/* The bounds are what is left of an entry. */
static enum cpe_answer
in_range(struct slice rest, unsigned flags, struct cpe_value version, unsigned reading)
{
    enum cpe_answer answer = CPE_YES;
    bool numeric = is_numeric(version.text);

    if (version.kind == CPE_NA ||
        (version.kind == CPE_ANY && (reading & (CONFIG_LENIENT | CONFIG_UNSAID)) == 0))
        return CPE_NO;
    if (version.kind == CPE_ANY)
        return (reading & CONFIG_UNSAID) != 0 ? CPE_AMBIGUOUS : CPE_YES;
    if (version.before > 0 || version.behind > 0)
        return CPE_AMBIGUOUS;
    for (unsigned i = 0; i < CONFIG_BOUNDS; i++) {
        struct slice bound;
        unsigned len;
        bool same;

        if ((flags & (unsigned)HAS_BOUND << i) == 0)
            continue;
        if (!take_byte(&rest, &len) || !take_bytes(&rest, len, &bound))
            return CPE_NO;
        same = slice_eq(bound, version.text);
        if (!same && !(numeric && is_numeric(bound)))
            answer = CPE_AMBIGUOUS;
        else if (!is_within((enum config_bound)i, same ? 0 : compare(version.text, bound)))
            return CPE_NO;
    }
    return answer;
}

/* ---- asking ------------------------------------------------------------------------------ */

static bool
has_wildcards(const struct cpe *name, unsigned attribute)
{
    return name->name[attribute].before > 0 || name->name[attribute].behind > 0;
}

/* Does an entry cover a name of its product?  What rests on two doubts, an attribute that
 * nobody says and a version that no rule is sure of, is no answer at all. */
static enum cpe_answer
covers(struct slice body, const struct cpe *name, unsigned reading)
{
    const bool asks_more = (reading & (CONFIG_LENIENT | CONFIG_UNSAID)) != 0;
    const bool unsaid = (reading & CONFIG_UNSAID) != 0;
    enum cpe_answer answer;
    bool doubt = false;
    unsigned flags = 0;
    unsigned others = 0;
    unsigned bounds;

    if (!take_byte(&body, &flags) || ((flags & HAS_OTHERS) && !take_byte(&body, &others)))
        return CPE_NO;
    if (flags & IS_UNKNOWN)
        return CPE_AMBIGUOUS;
    others = others << 1 | ((flags & HAS_VERSION) != 0);
    for (unsigned i = CPE_VERSION; i < CPE_NAMES; i++, others >>= 1) {
        struct cpe_value criterion;

        if ((others & 1) == 0) { /* as a rule: ANY, which covers all but wildcards */
            if (!unsaid && has_wildcards(name, i))
                return CPE_NO;
            continue;
        }
        if (!take_value(&body, &criterion))
            return CPE_NO;
        if (cpe_value_covers(criterion, cpe_get(name, (enum cpe_name)i), false))
            continue;
        if (!asks_more || (!(unsaid && has_wildcards(name, i)) &&
                           !cpe_value_covers(criterion, cpe_get(name, (enum cpe_name)i), true)))
            return CPE_NO;
        doubt = true;
    }
    bounds = flags & ((unsigned)HAS_VERSION - HAS_BOUND);
    answer =
        bounds == 0 ? CPE_YES : in_range(body, bounds, cpe_get(name, CPE_VERSION), reading);
    if (unsaid)
        return answer == CPE_YES && doubt ? CPE_AMBIGUOUS : answer;
    return answer == CPE_AMBIGUOUS && doubt ? CPE_NO : answer;
}

static enum cpe_answer
better(enum cpe_answer a, enum cpe_answer b)
{
    return a > b ? a : b;
}

static enum cpe_answer
worse(enum cpe_answer a, enum cpe_answer b)
{
    return a < b ? a : b;
}

enum cpe_answer
config_entry_is(struct slice entries, const struct cpe *name, unsigned reading)
{
    enum cpe_answer answer = CPE_NO;
    struct slice body;

    while (answer != CPE_YES && take_entry(&entries, &body)) {
        if (body.ptr[0] & IS_VULNERABLE)
            answer = better(answer, covers(body, name, reading));
    }
    return answer;
}

struct asset {
    struct config_name *name;
    size_t names;
    unsigned reading;
};

/* The names of a product: the first of them, and how many. */
static size_t
find(const struct asset *a, uint32_t product, size_t *ret)
{
    size_t from = 0;
    size_t to = a->names;
    size_t n = 0;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (a->name[middle].product < product)
            from = middle + 1;
        else
            to = middle;
    }
    while (from + n < a->names && a->name[from + n].product == product)
        n++;
    *ret = from;
    return n;
}

/* Is a criterion met by one of the names? */
static enum cpe_answer
is_met(const struct asset *a, uint32_t product, struct slice body)
{
    enum cpe_answer answer = CPE_NO;
    size_t at;
    size_t n;

    if (product == CONFIG_NO_PRODUCT)
        return CPE_AMBIGUOUS;
    n = find(a, product, &at);
    if (n == 0 && (a->reading & CONFIG_UNLISTED) != 0)
        return CPE_AMBIGUOUS;
    for (size_t i = at; answer != CPE_YES && i < at + n; i++)
        answer = better(answer, covers(body, a->name[i].cpe, a->reading));
    return answer;
}

/* What a configuration or a node is so far. */
struct branch {
    unsigned flags;
    uint32_t count;
    enum cpe_answer answer;
};

/* Of none, neither AND nor OR is met. */
static bool
take_branch(struct slice *rest, struct branch *ret)
{
    if (!take_byte(rest, &ret->flags) || !take_number(rest, &ret->count))
        return false;
    ret->answer = (ret->flags & CONFIG_AND) && ret->count > 0 ? CPE_YES : CPE_NO;
    return true;
}

static void
add_answer(struct branch *b, enum cpe_answer answer)
{
    b->answer = b->flags & CONFIG_AND ? worse(b->answer, answer) : better(b->answer, answer);
}

static enum cpe_answer
end_branch(const struct branch *b)
{
    return b->flags & CONFIG_NEGATE ? CPE_YES - b->answer : b->answer;
}

/* Behind one configuration.  False: the bytes are none. */
static bool
eval_one(const struct asset *a, struct slice *rest, struct branch *config)
{
    if (!take_branch(rest, config))
        return false;
    for (uint32_t i = 0; i < config->count; i++) {
        struct branch node;

        if (!take_branch(rest, &node))
            return false;
        for (uint32_t k = 0; k < node.count; k++) {
            struct slice body;
            uint32_t product;

            if (!take_number(rest, &product) || !take_entry(rest, &body))
                return false;
            /* What does not change the node need not be asked. */
            if (node.answer == ((node.flags & CONFIG_AND) ? CPE_NO : CPE_YES))
                continue;
            add_answer(&node, is_met(a, product, body));
        }
        add_answer(config, end_branch(&node));
    }
    return true;
}

/* Which names a configuration affects that is met as `answer` says; its bytes are whole. */
static void
mark(const struct asset *a, struct slice rest, enum cpe_answer answer)
{
    struct branch config;

    if (!take_branch(&rest, &config))
        return;
    for (uint32_t i = 0; i < config.count; i++) {
        struct branch node;

        if (!take_branch(&rest, &node))
            return;
        for (uint32_t k = 0; k < node.count; k++) {
            struct slice body;
            uint32_t product;
            size_t at;
            size_t n;

            if (!take_number(&rest, &product) || !take_entry(&rest, &body))
                return;
            if (!(body.ptr[0] & IS_VULNERABLE) || (node.flags & CONFIG_NEGATE))
                continue;
            n = find(a, product, &at);
            for (size_t m = at; m < at + n; m++) {
                enum cpe_answer alone = covers(body, a->name[m].cpe, a->reading);

                a->name[m].affected = better(a->name[m].affected, worse(answer, alone));
                a->name[m].doubtful = a->name[m].doubtful || alone == CPE_AMBIGUOUS;
            }
        }
    }
}

enum cpe_answer
config_eval(struct slice config, struct config_name *name, size_t names, unsigned reading)
{
    struct asset a = {name, names, reading};
    enum cpe_answer best = CPE_NO;

    for (size_t i = 0; i < names; i++) {
        name[i].affected = CPE_NO;
        name[i].doubtful = false;
    }
    while (config.len > 0) {
        struct slice start = config;
        struct branch b;

        if (!eval_one(&a, &config, &b))
            break;
        if (end_branch(&b) != CPE_NO && !(b.flags & CONFIG_NEGATE))
            mark(&a, start, end_branch(&b));
    }
    for (size_t i = 0; i < names; i++)
        best = better(best, name[i].affected);
    return best;
}
