#include "vuln/release.h"

#include <stdio.h>

enum style { NONE, FIRST, TWO, ALPINE, DEBIAN, UBUNTU, LEAP, TUMBLEWEED };

struct family {
    const char *id;
    const char *name;
    enum style style;
};

static const struct family families[] = {
#define RELEASE(id, name, style) {id, name, style},
#include "vuln/release.def"
};

static bool
same(struct slice s, const char *text)
{
    size_t i = 0;

    for (; i < s.len && text[i] != '\0'; i++) {
        char c = s.ptr[i];

        if ((c >= 'A' && c <= 'Z' ? (char)(c + 32) : c) != text[i])
            return false;
    }
    return i == s.len && text[i] == '\0';
}

static bool
is_digit(struct slice s)
{
    return s.len > 0 && s.ptr[0] >= '0' && s.ptr[0] <= '9';
}

/* As many numbers with dots between, of five digits at most; {0}: there are not so many. */
static struct slice
numbers(struct slice s, unsigned count)
{
    size_t n = 0;

    while (count-- > 0) {
        size_t from = n;

        while (n < s.len && s.ptr[n] >= '0' && s.ptr[n] <= '9')
            n++;
        if (n == from || n - from > 5 || (count > 0 && (n >= s.len || s.ptr[n] != '.')))
            return (struct slice){"", 0};
        n += count > 0;
    }
    return slice_sub(s, 0, n);
}

static const struct family *
find(struct slice id)
{
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        if (same(id, families[i].id))
            return &families[i];
    }
    return NULL;
}

struct codename {
    const char *name;
    const char *version;
};

static const struct codename debian[] = {
    {"etch", "4"},      {"lenny", "5"},     {"squeeze", "6"}, {"wheezy", "7"},
    {"jessie", "8"},    {"stretch", "9"},   {"buster", "10"}, {"bullseye", "11"},
    {"bookworm", "12"}, {"trixie", "13"},   {"forky", "14"},  {"duke", "15"},
    {"sid", "sid"},     {"unstable", "sid"}};

static const struct codename ubuntu[] = {
    {"precise", "12.04"}, {"trusty", "14.04"}, {"xenial", "16.04"},   {"bionic", "18.04"},
    {"focal", "20.04"},   {"jammy", "22.04"},  {"kinetic", "22.10"},  {"lunar", "23.04"},
    {"mantic", "23.10"},  {"noble", "24.04"},  {"oracular", "24.10"}, {"plucky", "25.04"},
    {"questing", "25.10"}};

static struct slice
by_codename(const struct codename *list, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++) {
        if (same(name, list[i].name))
            return slice_of(list[i].version);
    }
    return (struct slice){"", 0};
}

/* April of even years. */
static bool
is_lts(struct slice version)
{
    return version.len == 5 && slice_is(slice_sub(version, 2, 3), ".04") &&
           (version.ptr[1] - '0') % 2 == 0;
}

static struct slice
version_of(enum style style, struct slice v)
{
    if (v.len > 1 && (v.ptr[0] == 'v' || v.ptr[0] == 'V') && is_digit(slice_sub(v, 1, 1)))
        v = slice_sub(v, 1, v.len);
    switch (style) {
    case FIRST: return same(v, "stream") ? SLICE("stream") : numbers(v, 1);
    case DEBIAN:
        return is_digit(v) ? numbers(v, 1)
                           : by_codename(debian, sizeof debian / sizeof *debian, v);
    case UBUNTU:
        return is_digit(v) ? numbers(v, 2)
                           : by_codename(ubuntu, sizeof ubuntu / sizeof *ubuntu, v);
    case ALPINE: /* what comes after a release is named as its snapshots */
        return same(v, "edge") || memmem(v.ptr, v.len, "_alpha", 6) != NULL ? SLICE("edge")
                                                                            : numbers(v, 2);
    case TWO:
    case LEAP: return numbers(v, 2);
    case TUMBLEWEED: return SLICE("Tumbleweed");
    case NONE: break;
    }
    return (struct slice){"", 0};
}

bool
release_name(struct slice id, struct slice version, char ret[static RELEASE_TEXT])
{
    const struct family *f = find(id);
    struct slice v;

    ret[0] = '\0';
    if (f == NULL)
        return false;
    v = version_of(f->style, version.ptr == NULL ? SLICE("") : version);
    (void)snprintf(ret, RELEASE_TEXT, "%s%s%s%.*s%s", f->name, v.len > 0 ? ":" : "",
                   v.len == 0           ? ""
                   : f->style == LEAP   ? "Leap "
                   : f->style == ALPINE ? (is_digit(v) ? "v" : "")
                                        : "",
                   (int)v.len, v.ptr, f->style == UBUNTU && is_lts(v) ? ":LTS" : "");
    return true;
}

bool
release_parse(struct slice id, struct slice distro, char ret[static RELEASE_TEXT])
{
    size_t dash = distro.len;

    if (find(distro) != NULL)
        return release_name(distro, SLICE(""), ret);
    while (dash > 0 && distro.ptr[dash - 1] != '-')
        dash--;
    if (dash > 1 && find(slice_sub(distro, 0, dash - 1)) != NULL)
        return release_name(slice_sub(distro, 0, dash - 1), slice_sub(distro, dash, distro.len),
                            ret);
    return release_name(id, dash > 1 ? SLICE("") : distro, ret);
}
