/* Gem::Version: numbers and words, whatever stands between; `-` begins a version to come. */
#include "version/version_priv.h"

struct segment {
    struct slice text;
    bool number;
};

struct reader {
    struct slice rest;
    bool words; /* one came: zeros before words count no more */
};

/* False: there is none any more. */
static bool
read_segment(struct reader *r, struct segment *ret)
{
    size_t n = 0;

    while (n < r->rest.len && !is_digit(r->rest.ptr[n]) && !is_letter(r->rest.ptr[n]) &&
           r->rest.ptr[n] != '-')
        n++;
    r->rest = slice_sub(r->rest, n, r->rest.len);
    if (r->rest.len == 0)
        return false;
    if (r->rest.ptr[0] == '-') {
        r->rest = slice_sub(r->rest, 1, r->rest.len);
        *ret = (struct segment){SLICE("pre"), false};
        return true;
    }
    ret->number = is_digit(r->rest.ptr[0]);
    ret->text = ret->number ? take_digits(&r->rest) : take_letters(&r->rest);
    return true;
}

/* The same without zeros at the end, or before the first word. */
static bool
next_segment(struct reader *r, struct segment *ret)
{
    while (read_segment(r, ret)) {
        struct reader ahead = *r;
        struct reader behind = *r; /* the zeros */
        struct segment other;
        bool zeros = ret->number && is_zero(ret->text);

        while (zeros && read_segment(&ahead, &other)) {
            if (!other.number && !r->words)
                break;
            zeros = other.number && is_zero(other.text);
            behind = ahead;
        }
        if (!zeros) {
            r->words |= !ret->number;
            return true;
        }
        *r = behind;
    }
    return false;
}

int
version_rubygems(struct slice a, struct slice b)
{
    struct reader x = {.rest = a};
    struct reader y = {.rest = b};
    const struct segment zero = {SLICE("0"), true};
    int r = 0;

    while (r == 0) {
        struct segment s;
        struct segment t;
        bool has_s = next_segment(&x, &s);
        bool has_t = next_segment(&y, &t);

        if (!has_s && !has_t)
            return 0;
        if (!has_s)
            s = zero;
        if (!has_t)
            t = zero;
        if (s.number != t.number)
            return s.number ? 1 : -1;
        r = s.number ? compare_numbers(s.text, t.text) : compare_text(s.text, t.text);
    }
    return r;
}

const char *
version_rubygems_wrong(struct slice v, size_t *ret_at)
{
    if (!is_digit(v.ptr[0]))
        return "it begins with a number";
    for (size_t i = 0; i < v.len; i++) {
        if (v.ptr[i] == '.' && (i + 1 == v.len || v.ptr[i + 1] == '.' || v.ptr[i + 1] == '-')) {
            *ret_at = i;
            return "behind a dot stands a number or a word";
        }
    }
    return wrong_byte(v, 0, ".-", ret_at);
}
