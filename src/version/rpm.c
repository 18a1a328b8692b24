/* rpm-version(7): [epoch:]version[-release]. */
#include "version/version_priv.h"

struct parts {
    struct slice epoch;
    struct slice version;
    struct slice release;
    bool released;
};

static struct parts
split(struct slice v)
{
    struct parts p = {0};
    struct slice rest = v;
    struct slice digits = take_digits(&rest);

    if (at(rest, 0) == ':') {
        p.epoch = digits;
        v = slice_sub(rest, 1, rest.len);
    }
    p.released = split_release(v, &p.version, &p.release);
    return p;
}

static void
skip_separators(struct slice *s)
{
    size_t n = 0;

    while (n < s->len && !is_digit(s->ptr[n]) && !is_letter(s->ptr[n]) && s->ptr[n] != '~' &&
           s->ptr[n] != '^')
        n++;
    *s = slice_sub(*s, n, s->len);
}

/* At a `~`, older than all, or a `^`, newer than the end alone.  2: at neither. */
static int
compare_marks(struct slice *a, struct slice *b)
{
    char x = at(*a, 0);
    char y = at(*b, 0);

    if (x == '~' || y == '~') {
        if (x != y)
            return x == '~' ? -1 : 1;
    } else if (x == '^' || y == '^') {
        if (a->len == 0 || b->len == 0)
            return a->len == 0 ? -1 : 1;
        if (x != y)
            return x == '^' ? -1 : 1;
    } else {
        return 2;
    }
    *a = slice_sub(*a, 1, a->len);
    *b = slice_sub(*b, 1, b->len);
    return 0;
}

static int
compare_part(struct slice a, struct slice b)
{
    for (;;) {
        int r;

        skip_separators(&a);
        skip_separators(&b);
        r = compare_marks(&a, &b);
        if (r == 0)
            continue;
        if (r != 2)
            return r;
        if (a.len == 0 || b.len == 0)
            return (a.len > 0) - (b.len > 0);
        /* numbers are newer than letters */
        if (is_digit(a.ptr[0]) != is_digit(b.ptr[0]))
            return is_digit(a.ptr[0]) ? 1 : -1;
        r = is_digit(a.ptr[0]) ? compare_numbers(take_digits(&a), take_digits(&b))
                               : compare_text(take_letters(&a), take_letters(&b));
        if (r != 0)
            return r;
    }
}

int
version_rpm(struct slice a, struct slice b)
{
    struct parts x = split(a);
    struct parts y = split(b);
    int r = compare_numbers(x.epoch, y.epoch);

    if (r == 0)
        r = compare_part(x.version, y.version);
    if (r != 0 || !x.released || !y.released)
        return r != 0 ? r : x.released - y.released;
    return compare_part(x.release, y.release);
}

const char *
version_rpm_wrong(struct slice v, size_t *ret_at)
{
    struct parts p = split(v);

    if (p.version.len == 0) {
        *ret_at = v.len;
        return "a version is missing";
    }
    return wrong_byte(v, 0, "._+-~^:", ret_at);
}
