#include "model/tlp.h"

static const char *const name[TLPS] = {
    [TLP_NONE] = "",
    [TLP_CLEAR] = "TLP:CLEAR",
    [TLP_GREEN] = "TLP:GREEN",
    [TLP_AMBER] = "TLP:AMBER",
    [TLP_AMBER_STRICT] = "TLP:AMBER+STRICT",
    [TLP_RED] = "TLP:RED",
};
static const char *const value[TLPS] = {
    [TLP_NONE] = "",
    [TLP_CLEAR] = "clear",
    [TLP_GREEN] = "green",
    [TLP_AMBER] = "amber",
    [TLP_AMBER_STRICT] = "amber+strict",
    [TLP_RED] = "red",
};

const char *
tlp_name(enum tlp tlp)
{
    return name[tlp];
}

/* text is in small letters. */
static bool
is_folded(struct slice s, const char *text)
{
    if (s.len != strlen(text))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != text[i])
            return false;
    }
    return true;
}

enum tlp
tlp_find_value(struct slice text)
{
    for (int t = TLP_CLEAR; t < TLPS; t++) {
        if (is_folded(text, value[t]))
            return (enum tlp)t;
    }
    return is_folded(text, "white") ? TLP_CLEAR : TLP_NONE;
}

enum tlp
tlp_find(struct slice text)
{
    return is_folded(slice_sub(text, 0, 4), "tlp:")
               ? tlp_find_value(slice_sub(text, 4, text.len))
               : TLP_NONE;
}
