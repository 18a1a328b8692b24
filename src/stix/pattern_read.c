/* A pattern's tree from its text, by the grammar of OASIS (STIXPattern.g4). */
#include "stix/pattern_priv.h"

#include <math.h>
#include <stdlib.h>

#include "stix/nfc.h"
#include "wire/base64.h"
#include "wire/hex.h"

/* NOLINTBEGIN(misc-no-recursion): as deep as PATTERN_DEPTH */

struct parser {
    struct lexer l;
    struct pattern *p;
    unsigned depth;
    unsigned nodes;
};

/* ---- tools ---------------------------------------------------------------------------------
 */

static int
wrong(struct parser *g, const char *what)
{
    return lexer_wrong(&g->l, g->l.token.at, what);
}

static bool
is_word(const struct parser *g, const char *word)
{
    return g->l.token.kind == TOKEN_WORD && slice_is(g->l.token.text, word);
}

static bool
is_sign(const struct parser *g, const char *sign)
{
    return g->l.token.kind == TOKEN_SIGN && slice_is(g->l.token.text, sign);
}

static int
need_sign(struct parser *g, const char *sign, const char *otherwise)
{
    return is_sign(g, sign) ? lexer_next(&g->l) : wrong(g, otherwise);
}

static int
need_word(struct parser *g, const char *word, const char *otherwise)
{
    return is_word(g, word) ? lexer_next(&g->l) : wrong(g, otherwise);
}

static void *
make(struct parser *g, size_t size)
{
    return g->nodes++ < PATTERN_NODES ? arena_alloc(&g->p->arena, size) : NULL;
}

static int
too_large(struct parser *g)
{
    return err_set(g->l.ei, ERR_LIMIT, "a pattern has at most %d parts", PATTERN_NODES);
}

static struct node *
make_node(struct parser *g, enum node_kind kind, const struct node *left,
          const struct node *right)
{
    struct node *n = make(g, sizeof *n);

    if (n != NULL) {
        n->kind = kind;
        n->left = left;
        n->right = right;
    }
    return n;
}

static int
deeper(struct parser *g)
{
    return ++g->depth > PATTERN_DEPTH ? wrong(g, "parentheses are nested too deep") : 0;
}

/* ---- literals ------------------------------------------------------------------------------
 */

/* Without the backslashes. */
static int
take_text(struct parser *g, struct slice *ret)
{
    struct slice from = g->l.token.text;
    char *to = arena_alloc(&g->p->arena, from.len + 1);
    size_t n = 0;

    if (to == NULL)
        return too_large(g);
    for (size_t i = 0; i < from.len; i++) {
        i += from.ptr[i] == '\\';
        to[n++] = from.ptr[i];
    }
    *ret = (struct slice){to, n};
    return lexer_next(&g->l);
}

static int
take_bytes(struct parser *g, struct slice *ret)
{
    struct slice from = g->l.token.text;
    bool hex = g->l.token.kind == TOKEN_HEX;
    char *to = arena_alloc(&g->p->arena, from.len + 1);
    size_t n = from.len / 2;
    int r;

    if (to == NULL)
        return too_large(g);
    if (hex)
        r = from.len % 2 != 0 ? ERR_INVALID : hex_decode(from, to, n);
    else
        r = base64_decode(from, to, from.len, &n);
    if (r < 0)
        return wrong(g, hex ? "h'…' holds pairs of hex digits" : "b'…' holds base64");
    *ret = (struct slice){to, n};
    return lexer_next(&g->l);
}

static int
take_number(struct parser *g, struct value *v)
{
    char text[64];
    struct slice s = g->l.token.text;
    char *end = NULL;

    if (s.len >= sizeof text)
        return wrong(g, "a number that is too long");
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    v->kind = g->l.token.kind == TOKEN_INT ? VALUE_INT : VALUE_FLOAT;
    v->real = strtod(text, &end);
    if (v->kind == VALUE_INT) {
        v->number = strtoll(text, &end, 10);
        if (v->number == INT64_MAX || v->number == INT64_MIN)
            return wrong(g, "a number that is too large");
    }
    return lexer_next(&g->l);
}

static int
take_time(struct parser *g, struct utime *ret)
{
    struct slice s = g->l.token.text;

    /* RFC 3339 as STIX has it: T and Z, with or without a fraction. */
    if (s.len < 20 || s.ptr[10] != 'T' || s.ptr[s.len - 1] != 'Z' || time_parse_any(s, ret) < 0)
        return wrong(g, "a time is t'2026-01-02T03:04:05Z'");
    return lexer_next(&g->l);
}

static int
take_literal(struct parser *g, struct value *v)
{
    switch (g->l.token.kind) {
    case TOKEN_INT:
    case TOKEN_FLOAT: return take_number(g, v);
    case TOKEN_STRING: v->kind = VALUE_STRING; return take_text(g, &v->text);
    case TOKEN_HEX:
    case TOKEN_BINARY: v->kind = VALUE_BINARY; return take_bytes(g, &v->text);
    case TOKEN_TIME: v->kind = VALUE_TIME; return take_time(g, &v->time);
    case TOKEN_WORD:
        if (is_word(g, "true") || is_word(g, "false")) {
            v->kind = VALUE_BOOL;
            v->number = is_word(g, "true");
            return lexer_next(&g->l);
        }
        break;
    case TOKEN_SIGN:
    case TOKEN_END: break;
    }
    return wrong(g, "a literal is expected here: 'text', 7, 0.5, true, h'…', b'…' or t'…'");
}

static int
take_set(struct parser *g, const struct value **ret)
{
    const struct value **link = ret;
    int r = need_sign(g, "(", "IN takes a list in parentheses");

    while (r == 0 && !is_sign(g, ")")) {
        struct value *v = make(g, sizeof *v);

        if (v == NULL)
            return too_large(g);
        if (*ret != NULL)
            r = need_sign(g, ",", "a comma or ) is expected here");
        if (r == 0)
            r = take_literal(g, v);
        *link = v;
        link = &v->next;
    }
    return r < 0 ? r : lexer_next(&g->l);
}

/* ---- paths ---------------------------------------------------------------------------------
 */

static int
take_name(struct parser *g, struct step *s)
{
    struct slice name = g->l.token.text;

    s->kind = STEP_NAME;
    if (g->l.token.kind == TOKEN_STRING)
        return take_text(g, &s->name);
    if (g->l.token.kind != TOKEN_WORD || memchr(name.ptr, '-', name.len) != NULL)
        return wrong(g, "a property's name is expected here; one with other than letters, "
                        "digits and _ stands in quotes");
    s->name = name;
    return lexer_next(&g->l);
}

static int
take_index(struct parser *g, struct step *s)
{
    struct value v = {.kind = VALUE_INT};
    int r = lexer_next(&g->l);

    if (r == 0 && is_sign(g, "*")) {
        s->kind = STEP_ANY;
        r = lexer_next(&g->l);
    } else if (r == 0) {
        s->kind = STEP_INDEX;
        r = g->l.token.kind == TOKEN_INT ? take_number(g, &v)
                                         : wrong(g, "[ ] takes a number or *");
        s->index = v.number;
    }
    return r < 0 ? r : need_sign(g, "]", "] is expected here");
}

static bool
ends_with(struct slice s, const char *end)
{
    size_t n = strlen(end);

    return s.len >= n && memcmp(s.ptr + s.len - n, end, n) == 0;
}

/* type:name.name[3].'other-name' */
static int
take_path(struct parser *g, struct node *n)
{
    const struct step **link = &n->path;
    int r;

    if (g->l.token.kind != TOKEN_WORD)
        return wrong(g, "an object's path is expected here, as file:name");
    n->type = g->l.token.text;
    r = lexer_next(&g->l);
    if (r == 0 && !is_sign(g, ":"))
        r = wrong(g, "a type and its property stand with : between, as file:name");
    while (r == 0 && (is_sign(g, ":") || is_sign(g, ".") || is_sign(g, "["))) {
        struct step *s = make(g, sizeof *s);
        bool first = n->path == NULL;

        if (s == NULL)
            return too_large(g);
        if (first != is_sign(g, ":"))
            return wrong(g, "a path has one :");
        *link = s;
        link = &s->next;
        if (is_sign(g, "[")) {
            r = take_index(g, s);
            continue;
        }
        r = lexer_next(&g->l);
        if (r == 0)
            r = take_name(g, s);
        n->binary = ends_with(s->name, "_hex") || ends_with(s->name, "_bin");
    }
    return r;
}

/* ---- comparisons ---------------------------------------------------------------------------
 */

bool
pattern_net(struct slice text, struct prefix *ret)
{
    const char *slash = memchr(text.ptr, '/', text.len);
    size_t n = slash == NULL ? text.len : (size_t)(slash - text.ptr);
    unsigned bits = 0;
    unsigned most;

    if (addr_parse(slice_sub(text, 0, n), &ret->addr) < 0)
        return false;
    most = addr_is_v4(&ret->addr) ? 32 : 128;
    for (size_t i = n + 1; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || i > n + 3)
            return false;
        bits = bits * 10 + (unsigned)(text.ptr[i] - '0');
    }
    if (slash != NULL && (n + 1 == text.len || bits > most))
        return false;
    ret->len = (uint8_t)((slash == NULL ? most : bits) + (most == 32 ? 96 : 0));
    for (unsigned i = ret->len; i < 128; i++)
        ret->addr.byte[i / 8] &= (uint8_t) ~(0x80U >> i % 8);
    return true;
}

/* Of bytes: each code point is one, and there is none above 255. */
static struct regex *
regex_of_bytes(struct slice text, char *why, size_t size)
{
    char bytes[PATTERN_BYTES];
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c >= 0xc4) {
            (void)snprintf(why, size, "%s", "of bytes, it has a character above 255");
            return NULL;
        }
        if (c >= 0xc2 && i + 1 < text.len)
            c = (unsigned char)(c << 6 | ((unsigned char)text.ptr[++i] & 0x3f));
        bytes[n++] = (char)c;
    }
    return regex_new(bytes, n, false, why, size);
}

static int
take_regex(struct parser *g, struct node *n, size_t at)
{
    struct pattern *p = g->p;
    char why[160];
    char error[200];

    if (p->regex_count == PATTERN_REGEXES)
        return err_set(g->l.ei, ERR_LIMIT, "a pattern has at most %d regular expressions",
                       PATTERN_REGEXES);
    n->regex = n->binary
                   ? regex_of_bytes(n->value->text, why, sizeof why)
                   : regex_new(n->value->text.ptr, n->value->text.len, true, why, sizeof why);
    if (n->regex == NULL) {
        (void)snprintf(error, sizeof error, "no regular expression of RE2: %s", why);
        return lexer_wrong(&g->l, at, error);
    }
    p->regexes[p->regex_count++] = n->regex;
    return 0;
}

/* A literal in the form in which it is compared. */
static int
take_nfc(struct parser *g, struct value *v)
{
    struct slice text;
    char *owned;
    char *kept;
    int r = stix_nfc(v->text, &text, &owned);

    if (r < 0 || owned == NULL)
        return r;
    kept = make(g, text.len + 1);
    if (kept != NULL) {
        memcpy(kept, text.ptr, text.len);
        v->text = (struct slice){kept, text.len};
    }
    free(owned);
    return kept == NULL ? too_large(g) : 0;
}

/* What takes a string and nothing else. */
static int
take_string_operand(struct parser *g, struct node *n)
{
    struct value *v = make(g, sizeof *v);
    size_t at = g->l.token.at;
    int r;

    if (v == NULL)
        return too_large(g);
    n->value = v;
    if (g->l.token.kind != TOKEN_STRING)
        return wrong(g, "a string in quotes is expected here");
    r = take_literal(g, v);
    if (r < 0)
        return r;
    if (n->op == TEST_LIKE || (n->op == TEST_MATCHES && !n->binary))
        r = take_nfc(g, v);
    if (r == 0 && n->op == TEST_MATCHES)
        return take_regex(g, n, at);
    if (r < 0)
        return r;
    if (n->op == TEST_LIKE || pattern_net(v->text, &n->net))
        return 0;
    return lexer_wrong(&g->l, at, "an address or a prefix is expected here, as '192.0.2.0/24'");
}

static int
take_operand(struct parser *g, struct node *n)
{
    struct value *v;
    size_t at;
    int r;

    if (n->op == TEST_IN)
        return take_set(g, &n->value);
    if (n->op >= TEST_LIKE)
        return take_string_operand(g, n);
    v = make(g, sizeof *v);
    if (v == NULL)
        return too_large(g);
    n->value = v;
    at = g->l.token.at;
    r = take_literal(g, v);
    if (r == 0 && n->op >= TEST_GT && v->kind == VALUE_BOOL)
        r = lexer_wrong(&g->l, at, "true and false have no order");
    return r;
}

static int
take_operator(struct parser *g, enum test_op *ret)
{
    static const struct {
        const char *text;
        enum test_op op;
    } list[] = {{"=", TEST_EQ},
                {"==", TEST_EQ},
                {"!=", TEST_NE},
                {"<>", TEST_NE},
                {">", TEST_GT},
                {"<", TEST_LT},
                {">=", TEST_GE},
                {"<=", TEST_LE},
                {"IN", TEST_IN},
                {"LIKE", TEST_LIKE},
                {"MATCHES", TEST_MATCHES},
                {"ISSUBSET", TEST_SUBSET},
                {"ISSUPERSET", TEST_SUPERSET}};

    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (is_sign(g, list[i].text) || is_word(g, list[i].text)) {
            *ret = list[i].op;
            return lexer_next(&g->l);
        }
    }
    return wrong(g, "a comparison is expected here: = != < > <= >= IN LIKE MATCHES ISSUBSET "
                    "ISSUPERSET");
}

static int
take_test(struct parser *g, const struct node **ret)
{
    struct node *n = make_node(g, NODE_TEST, NULL, NULL);
    int r = 0;

    if (n == NULL)
        return too_large(g);
    *ret = n;
    if (is_word(g, "NOT")) {
        n->negated = true;
        r = lexer_next(&g->l);
        if (r == 0 && !is_word(g, "EXISTS"))
            r = wrong(g, "NOT stands behind the path, or before EXISTS");
    }
    if (r == 0 && is_word(g, "EXISTS")) {
        n->op = TEST_EXISTS;
        r = lexer_next(&g->l);
        return r < 0 ? r : take_path(g, n);
    }
    if (r == 0)
        r = take_path(g, n);
    if (r == 0 && is_word(g, "NOT")) {
        n->negated = true;
        r = lexer_next(&g->l);
    }
    if (r == 0)
        r = take_operator(g, &n->op);
    return r < 0 ? r : take_operand(g, n);
}

static int take_comparison(struct parser *g, const struct node **ret);

static int
take_term(struct parser *g, const struct node **ret)
{
    int r;

    if (!is_sign(g, "("))
        return take_test(g, ret);
    r = deeper(g);
    if (r == 0)
        r = lexer_next(&g->l);
    if (r == 0)
        r = take_comparison(g, ret);
    g->depth--;
    return r < 0 ? r : need_sign(g, ")", "AND, OR or ) is expected here");
}

/* Operands with an operator between, from the left. */
struct chain {
    const char *word;
    enum node_kind kind;
    int (*operand)(struct parser *g, const struct node **ret);
};

static int
take_chain(struct parser *g, const struct chain *c, const struct node **ret)
{
    const struct node *left = NULL;
    int r = c->operand(g, &left);

    while (r == 0 && is_word(g, c->word)) {
        const struct node *right = NULL;

        r = lexer_next(&g->l);
        if (r == 0)
            r = c->operand(g, &right);
        if (r < 0)
            return r;
        left = make_node(g, c->kind, left, right);
        if (left == NULL)
            return too_large(g);
    }
    *ret = left;
    return r;
}

static int
take_and(struct parser *g, const struct node **ret)
{
    return take_chain(g, &(struct chain){"AND", NODE_AND, take_term}, ret);
}

static int
take_comparison(struct parser *g, const struct node **ret)
{
    return take_chain(g, &(struct chain){"OR", NODE_OR, take_and}, ret);
}

/* ---- observations --------------------------------------------------------------------------
 */

static int
take_within(struct parser *g, struct node *n)
{
    struct value v = {.kind = VALUE_INT};
    size_t at = g->l.token.at;
    int r = g->l.token.kind == TOKEN_INT || g->l.token.kind == TOKEN_FLOAT
                ? take_number(g, &v)
                : wrong(g, "WITHIN takes a number of SECONDS");

    n->kind = NODE_WITHIN;
    n->seconds = v.real;
    if (r == 0 && (!(v.real > 0) || v.real > 1e12))
        r = lexer_wrong(&g->l, at, "WITHIN takes more than 0 and at most 1e12 SECONDS");
    return r < 0 ? r : need_word(g, "SECONDS", "SECONDS is expected here");
}

static int
take_repeats(struct parser *g, struct node *n)
{
    struct value v = {.kind = VALUE_INT};
    size_t at = g->l.token.at;
    int r = g->l.token.kind == TOKEN_INT ? take_number(g, &v)
                                         : wrong(g, "REPEATS takes a whole number of TIMES");

    n->kind = NODE_REPEATS;
    if (r == 0 && (v.number < 1 || v.number > PATTERN_REPEATS))
        r = lexer_wrong(&g->l, at, "REPEATS takes 1 to 1000000 TIMES");
    n->times = r == 0 ? (uint32_t)v.number : 0;
    return r < 0 ? r : need_word(g, "TIMES", "TIMES is expected here");
}

static int
take_between(struct parser *g, struct node *n)
{
    size_t at = g->l.token.at;
    int r = g->l.token.kind == TOKEN_TIME ? take_time(g, &n->from)
                                          : wrong(g, "START takes a time, as t'…Z'");

    n->kind = NODE_BETWEEN;
    if (r == 0)
        r = need_word(g, "STOP", "STOP is expected here");
    if (r == 0)
        r = g->l.token.kind == TOKEN_TIME ? take_time(g, &n->until)
                                          : wrong(g, "STOP takes a time, as t'…Z'");
    return r == 0 && n->until.us <= n->from.us ? lexer_wrong(&g->l, at, "STOP is behind START")
                                               : r;
}

/* Each kind once. */
static int
take_qualifiers(struct parser *g, const struct node **ret)
{
    static const struct {
        const char *word;
        int (*take)(struct parser *g, struct node *n);
    } list[] = {{"WITHIN", take_within}, {"REPEATS", take_repeats}, {"START", take_between}};
    unsigned seen = 0;
    int r = 0;

    for (size_t i = 0; r == 0 && i < 3; i++) {
        struct node *n;

        if (!is_word(g, list[i].word))
            continue;
        if ((seen >> i & 1) != 0)
            return wrong(g, "this qualifier stands here twice");
        seen |= 1U << i;
        n = make_node(g, NODE_WITHIN, *ret, NULL);
        if (n == NULL)
            return too_large(g);
        *ret = n;
        r = lexer_next(&g->l);
        if (r == 0)
            r = list[i].take(g, n);
        i = (size_t)-1; /* whichever comes next */
    }
    return r;
}

static int take_observations(struct parser *g, const struct node **ret);

static int
take_observation(struct parser *g, const struct node **ret)
{
    const struct node *inner = NULL;
    struct node *n;
    int r;

    if (is_sign(g, "(")) {
        r = deeper(g);
        if (r == 0)
            r = lexer_next(&g->l);
        if (r == 0)
            r = take_observations(g, ret);
        g->depth--;
        if (r == 0)
            r = need_sign(g, ")", "AND, OR, FOLLOWEDBY, a qualifier or ) is expected here");
        return r < 0 ? r : take_qualifiers(g, ret);
    }
    r = need_sign(g, "[", "an observation is expected here: [ or (");
    if (r == 0)
        r = take_comparison(g, &inner);
    if (r == 0)
        r = need_sign(g, "]", "AND, OR or ] is expected here");
    if (r < 0)
        return r;
    n = make_node(g, NODE_OBSERVED, inner, NULL);
    if (n == NULL)
        return too_large(g);
    n->leaf = g->p->leaves++;
    *ret = n;
    return take_qualifiers(g, ret);
}

static int
take_all(struct parser *g, const struct node **ret)
{
    return take_chain(g, &(struct chain){"AND", NODE_ALL, take_observation}, ret);
}

static int
take_either(struct parser *g, const struct node **ret)
{
    return take_chain(g, &(struct chain){"OR", NODE_EITHER, take_all}, ret);
}

static int
take_observations(struct parser *g, const struct node **ret)
{
    return take_chain(g, &(struct chain){"FOLLOWEDBY", NODE_FOLLOWED, take_either}, ret);
}

/* NOLINTEND(misc-no-recursion) */

/* ---- all of it -----------------------------------------------------------------------------
 */

static int
read_all(struct pattern *p, struct slice text, struct errinfo *ei)
{
    struct parser g = {.p = p, .l = {.ei = ei}};
    char *copy = arena_alloc(&p->arena, text.len + 1);
    int r;

    if (copy == NULL)
        return ERR_NOMEM;
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    g.l.text = (struct slice){copy, text.len};
    r = lexer_next(&g.l);
    if (r == 0)
        r = take_observations(&g, &p->root);
    if (r == 0 && g.l.token.kind != TOKEN_END)
        r = wrong(&g, "AND, OR, FOLLOWEDBY, a qualifier or the end is expected here");
    return r;
}

/* Enough for a pattern of that length, or as much as any gets: most are short. */
static size_t
arena_of(size_t len)
{
    size_t enough = len * 256 + 8192;

    return enough < PATTERN_ARENA ? enough : PATTERN_ARENA;
}

int
pattern_read(struct slice text, struct pattern **ret, struct errinfo *ei)
{
    struct pattern *p;
    int r;

    *ret = NULL;
    if (text.len > PATTERN_BYTES)
        return err_set(ei, ERR_LIMIT, "a pattern has at most %d bytes", PATTERN_BYTES);
    p = calloc(1, sizeof *p);
    if (p == NULL)
        return ERR_NOMEM;
    r = arena_init(&p->arena, arena_of(text.len));
    if (r == 0)
        r = read_all(p, text, ei);
    if (r < 0)
        p = pattern_free(p);
    *ret = p;
    return r;
}

struct pattern *
pattern_free(struct pattern *p)
{
    for (unsigned i = 0; p != NULL && i < p->regex_count; i++)
        (void)regex_free(p->regexes[i]);
    if (p != NULL)
        arena_release(&p->arena);
    free(p);
    return NULL;
}
