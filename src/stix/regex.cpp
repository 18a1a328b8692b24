#include "stix/regex.h"

#include <cstdio>
#include <memory>
#include <new>

#include <re2/re2.h>

struct regex {
    std::unique_ptr<RE2> re;
};

struct regex *
regex_new(const char *text, size_t len, bool utf8, char *error, size_t size)
{
    auto *r = new (std::nothrow) regex;
    RE2::Options o;

    if (r == nullptr) {
        (void)std::snprintf(error, size, "out of memory");
        return nullptr;
    }
    o.set_encoding(utf8 ? RE2::Options::EncodingUTF8 : RE2::Options::EncodingLatin1);
    o.set_max_mem(REGEX_MEMORY);
    o.set_log_errors(false);
    r->re.reset(new (std::nothrow) RE2(re2::StringPiece(text, len), o));
    if (r->re == nullptr || !r->re->ok()) {
        (void)std::snprintf(error, size, "%s",
                            r->re == nullptr ? "out of memory" : r->re->error().c_str());
        return regex_free(r);
    }
    return r;
}

struct regex *
regex_free(struct regex *r)
{
    delete r;
    return nullptr;
}

bool
regex_finds(const struct regex *r, const char *text, size_t len)
{
    return RE2::PartialMatch(re2::StringPiece(text, len), *r->re);
}
