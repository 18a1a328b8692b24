#include "indicator/compile.h"

#include "stix/pattern_walk.h"

enum side { SIDE_NONE, SIDE_SOURCE, SIDE_TARGET };

/* What a test asks, when it is one of those that can be compiled. */
struct asked {
    enum compile_reason reason; /* REASONS: it can */
    enum atom_kind kind;
    unsigned family; /* 4 or 6; 0 either */
    enum side side;
    bool is_type; /* of network traffic: which family that side has */
    enum test_op op;
    const struct value *value;
};

struct compiling {
    compile_take *take;
    void *arg;
    struct compiled *to;
    bool passing; /* over what stands deeper than `over` */
    unsigned over;
    unsigned pair;     /* of an AND: tests that are still to come */
    struct asked half; /* its first */
};

const char *
compile_reason_text(enum compile_reason reason)
{
    static const char *const texts[] = {
#define REASON(name, text) (text),
#include "indicator/reason.def"
    };

    return texts[reason];
}

/* ---- what a test asks ----------------------------------------------------------------------
 */

/* `SHA-256`, `sha256`, `SHA256`: ATOM_KINDS none of them. */
static enum atom_kind
hash_kind(struct slice name)
{
    static const struct {
        const char *name;
        enum atom_kind kind;
    } list[] = {{"md5", ATOM_MD5},
                {"sha1", ATOM_SHA1},
                {"sha256", ATOM_SHA256},
                {"sha512", ATOM_SHA512}};
    char plain[8];
    size_t n = 0;

    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (c == '-')
            continue;
        if (n == sizeof plain)
            return ATOM_KINDS;
        plain[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (slice_is((struct slice){plain, n}, list[i].name))
            return list[i].kind;
    }
    return ATOM_KINDS;
}

static void
ask_traffic(const struct pattern_part *part, struct asked *a)
{
    struct slice ref = slice_sub(part->path, 0, 8);
    struct slice rest = slice_sub(part->path, 8, part->path.len);

    if (!slice_is(ref, "src_ref.") && !slice_is(ref, "dst_ref."))
        return;
    a->side = ref.ptr[0] == 's' ? SIDE_SOURCE : SIDE_TARGET;
    a->is_type = slice_is(rest, "type");
    if (a->is_type || slice_is(rest, "value"))
        a->kind = ATOM_ADDRESS;
}

static void
ask_object(const struct pattern_part *part, struct asked *a)
{
    static const struct {
        const char *type;
        enum atom_kind kind;
        unsigned family;
    } list[] = {{"ipv4-addr", ATOM_ADDRESS, 4},
                {"ipv6-addr", ATOM_ADDRESS, 6},
                {"domain-name", ATOM_DOMAIN, 0},
                {"url", ATOM_URL, 0}};
    struct slice hashes = slice_sub(part->path, 0, 7);

    if (slice_is(part->type, "network-traffic")) {
        ask_traffic(part, a);
        return;
    }
    if (slice_is(hashes, "hashes.") &&
        (slice_is(part->type, "file") || slice_is(part->type, "artifact"))) {
        a->kind = hash_kind(slice_sub(part->path, 7, part->path.len));
        return;
    }
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (slice_is(part->type, list[i].type) && slice_is(part->path, "value")) {
            a->kind = list[i].kind;
            a->family = list[i].family;
        }
    }
}

static struct asked
ask(const struct pattern_part *part)
{
    struct asked a = {.reason = REASONS, .kind = ATOM_KINDS};

    a.op = part->op;
    a.value = part->value;
    ask_object(part, &a);
    if (a.kind == ATOM_KINDS)
        a.reason = REASON_OBJECT;
    else if (part->negated || part->op == TEST_NE)
        a.reason = REASON_NOT;
    else if (part->op != TEST_EQ && part->op != TEST_IN &&
             !(part->op == TEST_SUBSET && a.kind == ATOM_ADDRESS && !a.is_type) &&
             !(part->op == TEST_LIKE && a.kind == ATOM_DOMAIN))
        a.reason = REASON_OPERATOR;
    return a;
}

/* ---- atoms ---------------------------------------------------------------------------------
 */

static bool
read_address(const struct asked *a, struct slice text, struct atom *ret)
{
    struct prefix p;
    bool v4;

    if (!atom_read_address(text, ret))
        return false;
    p = atom_prefix(ret->kind, (struct slice){ret->byte, ret->len});
    v4 = addr_is_v4(&p.addr);
    return a->family == 0 || v4 == (a->family == 4);
}

/* '%.example.org', or no wildcard at all. */
static enum compile_reason
read_like(struct slice text, struct atom *ret)
{
    bool below = text.len > 2 && text.ptr[0] == '%' && text.ptr[1] == '.';
    struct slice name = below ? slice_sub(text, 2, text.len) : text;

    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '%' || name.ptr[i] == '_')
            return REASON_OPERATOR;
    }
    if (!atom_read_domain(name, ret))
        return REASON_VALUE;
    ret->kind = below ? ATOM_BELOW : ATOM_DOMAIN;
    return REASONS;
}

static enum compile_reason
read_value(const struct asked *a, struct slice text, struct atom *ret)
{
    bool good = false;

    if (a->op == TEST_LIKE)
        return read_like(text, ret);
    switch (a->kind) {
    case ATOM_ADDRESS: good = read_address(a, text, ret); break;
    case ATOM_DOMAIN: good = atom_read_domain(text, ret); break;
    case ATOM_URL: good = atom_read_url(text, ret); break;
    case ATOM_MD5:
    case ATOM_SHA1:
    case ATOM_SHA256:
    case ATOM_SHA512: good = atom_read_hash_of(a->kind, text, ret); break;
    case ATOM_PREFIX:
    case ATOM_BELOW:
    case ATOM_KINDS: break;
    }
    return good ? REASONS : REASON_VALUE;
}

static void
refuse(struct compiling *c, enum compile_reason reason)
{
    c->to->reasons |= 1U << reason;
}

static int
take_values(struct compiling *c, const struct asked *a)
{
    const struct value *v = a->value;

    while (v != NULL) {
        struct slice text;
        struct atom atom;
        bool is_text = pattern_text(&v, &text);
        enum compile_reason reason = is_text ? read_value(a, text, &atom) : REASON_VALUE;
        int r = reason == REASONS ? c->take(c->arg, &atom) : 0;

        if (r < 0)
            return r;
        if (reason == REASONS)
            c->to->atoms++;
        else
            refuse(c, reason);
    }
    return 0;
}

/* ---- the tree ------------------------------------------------------------------------------
 */

static int
take_alone(struct compiling *c, const struct asked *a)
{
    if (a->reason == REASONS && !a->is_type)
        return take_values(c, a);
    /* the family of one side, and no address */
    refuse(c, a->reason == REASONS ? REASON_OBJECT : a->reason);
    return 0;
}

/* 4, 6, or 0: the test does not name a family. */
static unsigned
family_of(const struct asked *a)
{
    const struct value *v = a->value;
    struct slice text;

    if (a->op != TEST_EQ || v == NULL || !pattern_text(&v, &text))
        return 0;
    return slice_is(text, "ipv4-addr") ? 4 : slice_is(text, "ipv6-addr") ? 6 : 0;
}

/* Two that stand with AND between: the family and the value of one side of traffic, or no. */
static int
take_pair(struct compiling *c, const struct asked *second)
{
    const struct asked *type = c->half.is_type ? &c->half : second;
    struct asked value = c->half.is_type ? *second : c->half;

    if (type->reason != REASONS || value.reason != REASONS || !type->is_type || value.is_type ||
        type->side != value.side || family_of(type) == 0) {
        refuse(c, REASON_AND);
        return 0;
    }
    value.family = family_of(type);
    return take_values(c, &value);
}

static int
take_test(struct compiling *c, const struct pattern_part *part)
{
    struct asked a = ask(part);

    if (c->pair == 0)
        return take_alone(c, &a);
    if (--c->pair == 1) {
        c->half = a;
        return 0;
    }
    return take_pair(c, &a);
}

static void
pass_over(struct compiling *c, const struct pattern_part *part, enum compile_reason reason)
{
    refuse(c, reason);
    c->passing = true;
    c->over = part->depth;
}

static int
take_part(void *arg, const struct pattern_part *part)
{
    struct compiling *c = arg;

    if (c->passing && part->depth > c->over)
        return 0;
    c->passing = false;
    if (c->pair > 0 && part->kind != PATTERN_TEST) { /* an AND of more than two tests */
        c->pair = 0;
        refuse(c, REASON_AND);
        c->passing = true;
        c->over = part->depth - 1;
        return 0;
    }
    switch (part->kind) {
    case PATTERN_ALL:
    case PATTERN_FOLLOWED: pass_over(c, part, REASON_OBSERVATIONS); break;
    case PATTERN_WITHIN:
    case PATTERN_BETWEEN:
    case PATTERN_TIMES: pass_over(c, part, REASON_QUALIFIED); break;
    case PATTERN_AND: c->pair = 2; break;
    case PATTERN_TEST: return take_test(c, part);
    case PATTERN_OBSERVED:
    case PATTERN_EITHER:
    case PATTERN_OR: break;
    }
    return 0;
}

int
compile_pattern(struct slice text, compile_take *take, void *arg, struct compiled *ret,
                struct errinfo *ei)
{
    struct compiling c = {.take = take, .arg = arg, .to = ret};
    struct pattern *p = NULL;
    int r;

    *ret = (struct compiled){0};
    r = pattern_read(text, &p, ei);
    if (r == 0)
        r = pattern_walk(p, take_part, &c);
    (void)pattern_free(p);
    return r;
}
