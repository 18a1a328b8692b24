#include "stix/same.h"

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* `2026-01-01T00:00:00.000Z` without the zeros, the point that is left, and the zone. */
static bool
read_instant(struct slice s, struct slice *ret)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    size_t n = sizeof form - 1;

    if (s.len <= n || s.ptr[s.len - 1] != 'Z')
        return false;
    for (size_t i = 0; i < n; i++) {
        if (form[i] == 'd' ? !is_digit(s.ptr[i]) : s.ptr[i] != form[i])
            return false;
    }
    s.len--;
    if (s.len > n && s.ptr[n] != '.')
        return false;
    for (size_t i = n + 1; i < s.len; i++) {
        if (!is_digit(s.ptr[i]))
            return false;
    }
    while (s.len > n && (s.ptr[s.len - 1] == '0' || s.ptr[s.len - 1] == '.'))
        s.len--;
    *ret = s;
    return true;
}

static bool
same_text(struct slice a, struct slice b)
{
    struct slice x;
    struct slice y;

    return slice_eq(a, b) || (read_instant(a, &x) && read_instant(b, &y) && slice_eq(x, y));
}

/* Does the object `of` say nothing by that member which it would not say without? */
static bool
is_default(const struct dom *of, const struct dom *member)
{
    if (slice_is(member->name, "revoked") || slice_is(member->name, "defanged"))
        return member->kind == DOM_FALSE;
    if (slice_is(member->name, "pattern_version"))
        return slice_is(dom_text(member), "2.1") &&
               slice_is(dom_text(dom_get(of, SLICE("pattern_type"))), "stix");
    return slice_is(member->name, "spec_version") && slice_is(dom_text(member), "2.1") &&
           dom_get(of, SLICE("created")) == NULL;
}

bool
stix_same(const struct dom *a, const struct dom *b)
{
    static const struct dom_ways ways = {.text = same_text, .absent = is_default};

    return dom_equal_by(a, b, &ways);
}
