#include "wire/bill.h"

int
bill_named(struct walk *w, struct slice *ret)
{
    struct slice key = {"", 0};
    bool first = true;
    int n = walk_enter(w, '{');

    while (n == 1 && (n = walk_member(w, &first, &key)) == 1) {
        n = slice_is(key, "name") ? walk_string(w, ret) : walk_skip(w);
        n = n < 0 ? n : 1;
    }
    return n;
}

struct slice
bill_spdx_name(struct slice s)
{
    const char *mail;

    if (slice_is(slice_sub(s, 0, 14), "Organization: "))
        s = slice_sub(s, 14, s.len);
    else if (slice_is(slice_sub(s, 0, 8), "Person: "))
        s = slice_sub(s, 8, s.len);
    else
        return (struct slice){"", 0};
    mail = s.len > 0 && s.ptr[s.len - 1] == ')' ? memrchr(s.ptr, '(', s.len) : NULL;
    if (mail != NULL)
        s.len = (size_t)(mail - s.ptr);
    while (s.len > 0 && s.ptr[s.len - 1] == ' ')
        s.len--;
    return s;
}
