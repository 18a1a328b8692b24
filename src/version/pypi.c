/* PEP 440: [N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local], in any of the writings that it takes.
 */
#include "version/version_priv.h"

enum pre { PRE_ALPHA, PRE_BETA, PRE_RC, PRE_NONE };

struct parts {
    struct slice epoch;
    struct slice release;
    enum pre pre;
    struct slice pre_number;
    bool post;
    struct slice post_number;
    bool dev;
    struct slice dev_number;
    bool is_local;
    struct slice local;
};

static bool
is_separator(char c)
{
    return c == '.' || c == '-' || c == '_';
}

/* The word, in any case, at the start of *rest. */
static bool
take_word(struct slice *rest, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i < n; i++) {
        if (lower(at(*rest, i)) != word[i])
            return false;
    }
    *rest = slice_sub(*rest, n, rest->len);
    return true;
}

static void
skip_separator(struct slice *rest)
{
    if (is_separator(at(*rest, 0)))
        *rest = slice_sub(*rest, 1, rest->len);
}

/* `.post1`, `-post.1`, `post`: a separator, one of the words, a separator and a number, of
 * which only the word is needed. */
static bool
take_part(struct slice *rest, const char *const *words, unsigned *ret_word,
          struct slice *number)
{
    struct slice r = *rest;

    skip_separator(&r);
    for (unsigned i = 0; words[i] != NULL; i++) {
        if (!take_word(&r, words[i]))
            continue;
        skip_separator(&r);
        *number = take_digits(&r);
        *rest = r;
        *ret_word = i;
        return true;
    }
    return false;
}

static void
take_pre(struct slice *rest, struct parts *p)
{
    static const char *const words[] = {"alpha", "a", "beta", "b", "preview",
                                        "pre",   "c", "rc",   NULL};
    static const enum pre kinds[] = {PRE_ALPHA, PRE_ALPHA, PRE_BETA, PRE_BETA,
                                     PRE_RC,    PRE_RC,    PRE_RC,   PRE_RC};
    unsigned i;

    p->pre = take_part(rest, words, &i, &p->pre_number) ? kinds[i] : PRE_NONE;
}

static void
take_post(struct slice *rest, struct parts *p)
{
    static const char *const words[] = {"post", "rev", "r", NULL};
    struct slice r = *rest;
    unsigned i;

    if (at(r, 0) == '-' && is_digit(at(r, 1))) {
        r = slice_sub(r, 1, r.len);
        p->post = true;
        p->post_number = take_digits(&r);
        *rest = r;
        return;
    }
    p->post = take_part(rest, words, &i, &p->post_number);
}

static void
take_dev(struct slice *rest, struct parts *p)
{
    static const char *const words[] = {"dev", NULL};
    unsigned i;

    p->dev = take_part(rest, words, &i, &p->dev_number);
}

static void
take_release(struct slice *rest, struct parts *p)
{
    struct slice start = *rest;
    struct slice r = *rest;

    (void)take_digits(&r);
    while (at(r, 0) == '.' && is_digit(at(r, 1))) {
        r = slice_sub(r, 1, r.len);
        (void)take_digits(&r);
    }
    p->release = slice_sub(start, 0, start.len - r.len);
    *rest = r;
}

static bool
take_local(struct slice *rest, struct parts *p)
{
    struct slice r = *rest;

    if (at(r, 0) != '+')
        return true;
    p->is_local = true;
    p->local = slice_sub(r, 1, r.len);
    for (size_t i = 0; i < p->local.len; i++) {
        char c = p->local.ptr[i];

        if (is_separator(c)
                ? i == 0 || i + 1 == p->local.len || is_separator(p->local.ptr[i - 1])
                : !is_digit(c) && !is_letter(c)) {
            *rest = slice_sub(r, 1 + i, r.len);
            return false;
        }
    }
    *rest = slice_sub(r, r.len, 0);
    return p->local.len > 0;
}

/* False: it is none; *rest begins where that shows. */
static bool
parse(struct slice *rest, struct parts *ret)
{
    struct slice r = *rest;
    struct slice epoch;

    *ret = (struct parts){.pre = PRE_NONE};
    if (lower(at(r, 0)) == 'v')
        r = slice_sub(r, 1, r.len);
    *rest = r;
    epoch = take_digits(&r);
    if (epoch.len > 0 && at(r, 0) == '!') {
        ret->epoch = epoch;
        *rest = slice_sub(r, 1, r.len);
    }
    take_release(rest, ret);
    if (ret->release.len == 0)
        return false;
    take_pre(rest, ret);
    take_post(rest, ret);
    take_dev(rest, ret);
    return take_local(rest, ret) && rest->len == 0;
}

/* Zeros at the end do not count. */
static int
compare_release(struct slice a, struct slice b)
{
    while (a.len > 0 || b.len > 0) {
        int r = compare_numbers(slice_part(&a, '.'), slice_part(&b, '.'));

        if (r != 0)
            return r;
    }
    return 0;
}

static struct slice
take_local_word(struct slice *rest)
{
    size_t n = 0;
    struct slice word;

    while (n < rest->len && !is_separator(rest->ptr[n]))
        n++;
    word = slice_sub(*rest, 0, n);
    *rest = slice_sub(*rest, n + (n < rest->len), rest->len);
    return word;
}

static int
compare_folded(struct slice a, struct slice b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return lower(a.ptr[i]) < lower(b.ptr[i]) ? -1 : 1;
    }
    return (a.len > b.len) - (a.len < b.len);
}

/* Words before numbers; more of the same is newer. */
static int
compare_local(struct slice a, struct slice b)
{
    while (a.len > 0 && b.len > 0) {
        struct slice x = take_local_word(&a);
        struct slice y = take_local_word(&b);
        bool number = is_number(x);
        int r;

        if (number != is_number(y))
            return number ? 1 : -1;
        r = number ? compare_numbers(x, y) : compare_folded(x, y);
        if (r != 0)
            return r;
    }
    return (a.len > 0) - (b.len > 0);
}

/* Only a development release of what is neither before nor behind its release is before all
 * that is before it. */
static int
pre_rank(const struct parts *p)
{
    return p->pre == PRE_NONE && !p->post && p->dev ? -1 : (int)p->pre;
}

static int
compare_parts(const struct parts *x, const struct parts *y)
{
    int r = compare_numbers(x->epoch, y->epoch);

    if (r == 0)
        r = compare_release(x->release, y->release);
    if (r == 0)
        r = sign(pre_rank(x) - pre_rank(y));
    if (r == 0)
        r = compare_numbers(x->pre_number, y->pre_number);
    if (r == 0)
        r = x->post - y->post;
    if (r == 0)
        r = compare_numbers(x->post_number, y->post_number);
    if (r == 0)
        r = y->dev - x->dev;
    if (r == 0)
        r = compare_numbers(x->dev_number, y->dev_number);
    if (r != 0)
        return r;
    return x->is_local != y->is_local ? x->is_local - y->is_local
                                      : compare_local(x->local, y->local);
}

/* Of two that the PEP does not allow: numbers as numbers, all else as bytes. */
static int
compare_legacy(struct slice a, struct slice b)
{
    while (a.len > 0 && b.len > 0) {
        int r;

        if (is_digit(a.ptr[0]) && is_digit(b.ptr[0])) {
            r = compare_numbers(take_digits(&a), take_digits(&b));
        } else {
            r = sign((unsigned char)lower(a.ptr[0]) - (unsigned char)lower(b.ptr[0]));
            a = slice_sub(a, 1, a.len);
            b = slice_sub(b, 1, b.len);
        }
        if (r != 0)
            return r;
    }
    return (a.len > 0) - (b.len > 0);
}

int
version_pypi(struct slice a, struct slice b)
{
    struct parts x;
    struct parts y;
    struct slice rest_a = a;
    struct slice rest_b = b;
    bool is_a = parse(&rest_a, &x);
    bool is_b = parse(&rest_b, &y);

    if (is_a != is_b)
        return is_a ? 1 : -1;
    return is_a ? compare_parts(&x, &y) : compare_legacy(a, b);
}

const char *
version_pypi_wrong(struct slice v, size_t *ret_at)
{
    struct slice rest = v;
    struct parts p;

    if (parse(&rest, &p))
        return NULL;
    *ret_at = v.len - rest.len;
    return "PEP 440 takes N.N, then aN, bN or rcN, .postN, .devN, +local";
}
