/* deb-version(7): [epoch:]upstream[-revision]. */
#include "version/version_priv.h"

struct parts {
    struct slice epoch;
    struct slice upstream;
    struct slice revision;
};

static struct parts
split(struct slice v)
{
    struct parts p = {0};
    struct slice rest = v;
    struct slice digits = take_digits(&rest);

    if (digits.len > 0 && at(rest, 0) == ':') {
        p.epoch = digits;
        v = slice_sub(rest, 1, rest.len);
    }
    (void)split_release(v, &p.upstream, &p.revision);
    return p;
}

/* `~` before the end, the end before letters, letters before all others. */
static int
order(struct slice s, size_t i)
{
    char c = at(s, i);

    if (i >= s.len || is_digit(c))
        return 0;
    return c == '~' ? -1 : is_letter(c) ? c : (unsigned char)c + 256;
}

static int
compare_part(struct slice a, struct slice b)
{
    while (a.len > 0 || b.len > 0) {
        size_t i = 0;
        size_t k = 0;
        int r;

        while ((i < a.len && !is_digit(a.ptr[i])) || (k < b.len && !is_digit(b.ptr[k]))) {
            r = order(a, i) - order(b, k);
            if (r != 0)
                return sign(r);
            i += i < a.len;
            k += k < b.len;
        }
        a = slice_sub(a, i, a.len);
        b = slice_sub(b, k, b.len);
        r = compare_numbers(take_digits(&a), take_digits(&b));
        if (r != 0)
            return r;
    }
    return 0;
}

int
version_dpkg(struct slice a, struct slice b)
{
    struct parts x = split(a);
    struct parts y = split(b);
    int r = compare_numbers(x.epoch, y.epoch);

    if (r == 0)
        r = compare_part(x.upstream, y.upstream);
    return r != 0 ? r : compare_part(x.revision, y.revision);
}

const char *
version_dpkg_wrong(struct slice v, size_t *ret_at)
{
    const char *colon = memchr(v.ptr, ':', v.len);
    struct parts p = split(v);

    if (colon != NULL && p.epoch.len == 0)
        return "what stands before the `:` is a number";
    if (p.upstream.len == 0) {
        *ret_at = v.len;
        return "a version is missing";
    }
    return wrong_byte(v, 0, ".+-~:", ret_at);
}
