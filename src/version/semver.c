/* Semantic Versioning 2.0.0, and what is near to it. */
#include "version/version_priv.h"

struct parts {
    struct slice core;
    struct slice pre;
    bool is_pre;
};

static struct parts
split(struct slice v)
{
    struct parts p = {0};
    struct slice rest = v;

    if (lower(at(v, 0)) == 'v')
        rest = slice_sub(v, 1, v.len);
    rest = slice_part(&rest, '+');
    p.core = slice_part(&rest, '-');
    /* `1-` has a part that is empty */
    p.is_pre = rest.len > 0 ||
               (p.core.ptr + p.core.len < v.ptr + v.len && p.core.ptr[p.core.len] == '-');
    p.pre = rest;
    return p;
}

/* Numbers before words, which are compared as bytes. */
static int
compare_word(struct slice a, struct slice b)
{
    bool x = is_number(a);
    bool y = is_number(b);

    if (x != y)
        return x ? -1 : 1;
    return x ? compare_numbers(a, b) : compare_text(a, b);
}

static int
compare_core(struct slice a, struct slice b)
{
    while (a.len > 0 || b.len > 0) {
        struct slice x = a.len > 0 ? slice_part(&a, '.') : SLICE("0");
        struct slice y = b.len > 0 ? slice_part(&b, '.') : SLICE("0");
        int r = compare_word(x, y);

        if (r != 0)
            return r;
    }
    return 0;
}

/* More of the same is newer. */
static int
compare_pre(struct slice a, struct slice b)
{
    while (a.len > 0 && b.len > 0) {
        int r = compare_word(slice_part(&a, '.'), slice_part(&b, '.'));

        if (r != 0)
            return r;
    }
    return (a.len > 0) - (b.len > 0);
}

int
version_semver(struct slice a, struct slice b)
{
    struct parts x = split(a);
    struct parts y = split(b);
    int r = compare_core(x.core, y.core);

    if (r != 0 || (!x.is_pre && !y.is_pre))
        return r;
    if (x.is_pre != y.is_pre)
        return x.is_pre ? -1 : 1;
    return compare_pre(x.pre, y.pre);
}

const char *
version_semver_wrong(struct slice v, size_t *ret_at)
{
    struct slice core = split(v).core;
    struct slice rest = core;

    do {
        struct slice n = slice_part(&rest, '.');

        if (!is_number(n)) {
            *ret_at = (size_t)(n.ptr - v.ptr);
            return "it begins with numbers, dots between";
        }
    } while (rest.len > 0);
    return wrong_byte(v, (size_t)(core.ptr - v.ptr), ".-+", ret_at);
}
