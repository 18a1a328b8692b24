/* apk-tools 2: numbers with dots between, a letter, suffixes with numbers, -r and a number. */
#include "version/version_priv.h"

/* In this order; of two versions that are the same until then the one with the later kind is
 * older, unless what the other has is a suffix of a version to come. */
enum kind { ZEROS, DIGITS, LETTER, SUFFIX, SUFFIX_NUMBER, REVISION, END, WRONG };

struct reader {
    struct slice rest;
    enum kind kind; /* of the next token */
};

/* `small`: of zeros in front of a number how many, negative; of a suffix its place; a letter.
 */
struct value {
    int small;
    struct slice digits;
};

static bool
may_follow(enum kind before, enum kind kind)
{
    if (kind >= before)
        return true;
    return (kind == ZEROS && before == DIGITS) || (kind == SUFFIX && before == SUFFIX_NUMBER) ||
           (kind == DIGITS && before == LETTER);
}

static void
find_next(struct reader *r)
{
    enum kind before = r->kind;
    char c = at(r->rest, 0);

    if (r->rest.len == 0) {
        r->kind = END;
        return;
    }
    if ((before == DIGITS || before == ZEROS) && c >= 'a' && c <= 'z') {
        r->kind = LETTER;
    } else if (before == LETTER && is_digit(c)) {
        r->kind = DIGITS;
    } else if (before == SUFFIX && is_digit(c)) {
        r->kind = SUFFIX_NUMBER;
    } else {
        bool revision = c == '-' && at(r->rest, 1) == 'r';

        r->kind = c == '.' ? ZEROS : c == '_' ? SUFFIX : revision ? REVISION : WRONG;
        r->rest = slice_sub(r->rest, revision ? 2 : 1, r->rest.len);
    }
    if (!may_follow(before, r->kind))
        r->kind = WRONG;
}

/* False: there is no such suffix. */
static bool
take_suffix(struct slice *rest, int *ret)
{
    static const char *const names[] = {"alpha", "beta", "pre", "rc", /* 0 is none */
                                        "cvs",   "svn",  "git", "hg", "p"};
    enum { TO_COME = 4 };

    for (int i = 0; i < (int)(sizeof names / sizeof names[0]); i++) {
        size_t n = strlen(names[i]);

        if (slice_is(slice_sub(*rest, 0, n), names[i])) {
            *rest = slice_sub(*rest, n, rest->len);
            *ret = i - TO_COME;
            return true;
        }
    }
    return false;
}

static struct value
take(struct reader *r)
{
    struct value v = {0};

    if (r->kind == END || r->kind == WRONG)
        return v;
    if (r->rest.len == 0) {
        r->kind = END;
        return v;
    }
    if (r->kind == ZEROS && r->rest.ptr[0] == '0') {
        size_t n = 0;

        while (at(r->rest, n) == '0')
            n++;
        v.small = n > 1 << 20 ? -(1 << 20) : -(int)n;
        r->rest = slice_sub(r->rest, n, r->rest.len);
        r->kind = DIGITS;
        return v;
    }
    if (r->kind == LETTER) {
        v.small = (unsigned char)r->rest.ptr[0];
        r->rest = slice_sub(r->rest, 1, r->rest.len);
    } else if (r->kind == SUFFIX) {
        if (!take_suffix(&r->rest, &v.small)) {
            r->kind = WRONG;
            return v;
        }
    } else {
        v.digits = take_digits(&r->rest);
    }
    find_next(r);
    return v;
}

static int
compare_values(struct value a, struct value b)
{
    if (a.small != b.small)
        return a.small < b.small ? -1 : 1;
    return compare_numbers(a.digits, b.digits);
}

int
version_apk(struct slice a, struct slice b)
{
    struct reader x = {a, DIGITS};
    struct reader y = {b, DIGITS};
    int r = 0;

    while (r == 0 && x.kind == y.kind && x.kind != END && x.kind != WRONG) {
        struct value v = take(&x);

        r = compare_values(v, take(&y));
    }
    if (r != 0 || x.kind == y.kind)
        return r;
    if (x.kind == SUFFIX && take(&x).small < 0)
        return -1;
    if (y.kind == SUFFIX && take(&y).small < 0)
        return 1;
    return x.kind > y.kind ? -1 : x.kind < y.kind;
}

const char *
version_apk_wrong(struct slice v, size_t *ret_at)
{
    struct reader r = {v, DIGITS};

    if (!is_digit(v.ptr[0]))
        return "it begins with a number";
    while (r.kind != END && r.kind != WRONG) {
        enum kind kind = r.kind;
        size_t left = r.rest.len;
        struct value got = take(&r);

        if (r.kind == WRONG && r.rest.len == left) {
            *ret_at = v.len - left;
            return "a suffix is one of alpha beta pre rc cvs svn git hg p";
        }
        if (r.kind != WRONG && (kind == ZEROS || kind == REVISION || kind == SUFFIX_NUMBER) &&
            got.small == 0 && got.digits.len == 0) {
            *ret_at = v.len - left;
            return "a number is missing";
        }
    }
    if (r.kind == END)
        return NULL;
    *ret_at = v.len - r.rest.len - 1;
    return "numbers and dots, a letter, _suffixes and -r with a number, in this order";
}
