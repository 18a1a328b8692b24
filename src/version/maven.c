/* Maven: tokens behind dots and hyphens, a change between digits and letters being a hyphen;
 * what is nothing at an end, or before a hyphen, is left out. */
#include "version/version_priv.h"

struct token {
    struct slice text;
    bool number;
    char before; /* `.` or `-` */
};

struct reader {
    struct slice rest;
    bool began;
    bool split; /* digits and letters meet here */
};

/* False: there is none any more. */
static bool
read_token(struct reader *r, struct token *ret)
{
    struct slice start;
    size_t n = 0;

    if (r->began && r->rest.len == 0)
        return false;
    ret->before = '.';
    if (r->split) {
        ret->before = '-';
    } else if (r->began) {
        ret->before = r->rest.ptr[0];
        r->rest = slice_sub(r->rest, 1, r->rest.len);
    }
    start = r->rest;
    while (n < start.len && start.ptr[n] != '.' && start.ptr[n] != '-' &&
           is_digit(start.ptr[n]) == is_digit(start.ptr[0]))
        n++;
    ret->text = slice_sub(start, 0, n);
    ret->number = n == 0 || is_digit(start.ptr[0]);
    r->rest = slice_sub(start, n, start.len);
    r->began = true;
    r->split = r->rest.len > 0 && n > 0 && r->rest.ptr[0] != '.' && r->rest.ptr[0] != '-';
    return true;
}

static bool
is_word(struct slice s, const char *word)
{
    size_t n = strlen(word);

    if (s.len != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (lower(s.ptr[i]) != word[i])
            return false;
    }
    return true;
}

static bool
is_release(struct slice s)
{
    return s.len == 0 || is_word(s, "ga") || is_word(s, "final") || is_word(s, "release");
}

static bool
is_nothing(const struct token *t)
{
    return t->number ? is_zero(t->text) : is_release(t->text);
}

/* The same without nothings that stand before a hyphen or at the end. */
static bool
next_token(struct reader *r, struct token *ret)
{
    while (read_token(r, ret)) {
        struct reader ahead = *r;
        struct reader behind = *r; /* the nothings */
        struct token other;
        bool nothing = is_nothing(ret);

        while (nothing && read_token(&ahead, &other) && other.before != '-') {
            nothing = is_nothing(&other);
            behind = ahead;
        }
        if (!nothing)
            return true;
        *r = behind;
    }
    return false;
}

enum { RANK_RELEASE = 5, RANK_OTHER = 7 };

/* alone: no number follows directly, so that a letter is no abbreviation. */
static int
rank(struct slice s, bool alone)
{
    static const char *const words[] = {"alpha", "beta", "milestone", "rc", "snapshot"};

    if (is_release(s))
        return RANK_RELEASE;
    if (is_word(s, "sp"))
        return RANK_RELEASE + 1;
    if (is_word(s, "cr"))
        return 3;
    for (int i = 0; i < RANK_RELEASE; i++) {
        if (is_word(s, words[i]) ||
            (!alone && i < 3 && s.len == 1 && lower(s.ptr[0]) == words[i][0]))
            return i;
    }
    return RANK_OTHER;
}

static int
compare_words(struct slice a, bool alone_a, struct slice b, bool alone_b)
{
    int x = rank(a, alone_a);
    int y = rank(b, alone_b);

    if (x != y || x != RANK_OTHER)
        return sign(x - y);
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return (unsigned char)lower(a.ptr[i]) < (unsigned char)lower(b.ptr[i]) ? -1 : 1;
    }
    return (a.len > b.len) - (a.len < b.len);
}

/* Words, then numbers behind hyphens, then those behind dots. */
static int
class_of(const struct token *t)
{
    return !t->number ? 0 : t->before == '-' ? 1 : 2;
}

static int
compare_tokens(const struct token *a, const struct reader *behind_a, const struct token *b,
               const struct reader *behind_b)
{
    if (class_of(a) != class_of(b))
        return sign(class_of(a) - class_of(b));
    return a->number ? compare_numbers(a->text, b->text)
                     : compare_words(a->text, !behind_a->split, b->text, !behind_b->split);
}

/* Where one has ended the other is compared with nothing of its own sort. */
static void
pad(struct token *t, const struct token *other)
{
    *t = (struct token){.number = other->number, .before = other->before};
}

int
version_maven(struct slice a, struct slice b)
{
    struct reader x = {.rest = a};
    struct reader y = {.rest = b};
    int r = 0;

    while (r == 0) {
        struct token s;
        struct token t;
        bool has_s = next_token(&x, &s);
        bool has_t = next_token(&y, &t);

        if (!has_s && !has_t)
            return 0;
        if (!has_s)
            pad(&s, &t);
        if (!has_t)
            pad(&t, &s);
        r = compare_tokens(&s, &x, &t, &y);
    }
    return r;
}

const char *
version_maven_wrong(struct slice v, size_t *ret_at)
{
    return wrong_byte(v, 0, ".-_+~", ret_at);
}
