#include "version/version_priv.h"

const char *
version_scheme_name(enum version_scheme s)
{
    static const char *const names[VERSION_SCHEMES] = {
#define SCHEME(id, text, source) #text,
#include "version/scheme.def"
    };

    return names[s];
}

bool
version_scheme_parse(struct slice text, enum version_scheme *ret)
{
    for (unsigned i = 0; i < VERSION_SCHEMES; i++) {
        if (slice_is(text, version_scheme_name((enum version_scheme)i))) {
            *ret = (enum version_scheme)i;
            return true;
        }
    }
    return false;
}

int
version_compare(enum version_scheme s, struct slice a, struct slice b)
{
    static int (*const compare[VERSION_SCHEMES])(struct slice, struct slice) = {
#define SCHEME(id, text, source) version_##text,
#include "version/scheme.def"
    };

    return compare[s](slice_sub(a, 0, VERSION_BYTES), slice_sub(b, 0, VERSION_BYTES));
}

const char *
version_wrong(enum version_scheme s, struct slice v, size_t *ret_at)
{
    static const char *(*const wrong[VERSION_SCHEMES])(struct slice, size_t *) = {
#define SCHEME(id, text, source) version_##text##_wrong,
#include "version/scheme.def"
    };

    *ret_at = v.len > VERSION_BYTES ? VERSION_BYTES : 0;
    if (v.len > VERSION_BYTES)
        return "a version has no more than 1024 bytes";
    return v.len == 0 ? "a version is missing" : wrong[s](v, ret_at);
}
