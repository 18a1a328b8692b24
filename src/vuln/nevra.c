#include "vuln/nevra.h"

static bool
is_number(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    }
    return s.len > 0;
}

static bool
is_architecture(struct slice s)
{
    static const char *const list[] = {
        "noarch",  "x86_64",   "x86_64_v2", "x86_64_v3", "x86_64_v4",   "aarch64",  "i386",
        "i486",    "i586",     "i686",      "athlon",    "amd64",       "ia64",     "ppc",
        "ppc64",   "ppc64p7",  "ppc64le",   "s390",      "s390x",       "armv5tel", "armv6hl",
        "armv7hl", "armv7hnl", "armv7l",    "riscv64",   "loongarch64", "mips64el", "sparc64",
        "src",     "nosrc",    "(none)"};

    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (slice_is(s, list[i]))
            return true;
    }
    return false;
}

/* Cut what stands behind the last such byte off *s; {0}: it has none. */
static struct slice
cut_last(struct slice *s, char at)
{
    const char *mark = s->len == 0 ? NULL : memrchr(s->ptr, at, s->len);
    size_t n = mark == NULL ? s->len : (size_t)(mark - s->ptr);
    struct slice behind = slice_sub(*s, n + 1, s->len);

    *s = slice_sub(*s, 0, n);
    return behind;
}

void
nevra_epoch(struct slice text, struct nevra *ret)
{
    struct slice rest = text;
    struct slice epoch = slice_part(&rest, ':');

    ret->version = text;
    ret->epoch = (struct slice){"", 0};
    if (epoch.len == text.len)
        return;
    if (is_number(epoch) || slice_is(epoch, "(none)"))
        ret->version = rest;
    if (is_number(epoch) && !slice_is(epoch, "0"))
        ret->epoch = epoch;
}

bool
nevra_split(struct slice text, struct nevra *ret)
{
    struct slice rest = text;
    struct slice early = slice_part(&rest, ':');
    struct slice release;
    struct slice version;

    *ret = (struct nevra){.epoch = {"", 0}, .architecture = {"", 0}};
    if (is_number(early) && rest.len > 0)
        text = rest;
    else
        early = (struct slice){"", 0};
    rest = text;
    if (slice_is(cut_last(&rest, '.'), "rpm"))
        text = rest;
    rest = text;
    ret->architecture = cut_last(&rest, '.');
    if (is_architecture(ret->architecture))
        text = rest;
    else
        ret->architecture = (struct slice){"", 0};
    rest = text;
    release = cut_last(&rest, '-');
    version = cut_last(&rest, '-');
    ret->name = rest;
    if (rest.len == 0 || version.len == 0 || release.len == 0 ||
        memchr(text.ptr, ' ', text.len) != NULL)
        return false;
    nevra_epoch((struct slice){version.ptr, version.len + 1 + release.len}, ret);
    if (ret->epoch.len == 0 && !slice_is(early, "0"))
        ret->epoch = early;
    return true;
}
