/* Canonical JSON: what the check accepts is its own canonical form, what the canonicaliser
 * writes the check accepts, and the reader stays inside whatever it is handed. */
#include "wire/jcs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
walk(struct slice value, unsigned depth)
{
    struct jcs_iter it = jcs_iter(value);
    bool object = jcs_kind(value) == JCS_OBJECT;
    AUTO_BUF(text, 1 << 20);
    struct slice key;
    struct slice v;

    (void)jcs_count(value);
    if (jcs_string(value, &text) == 0 && jcs_kind(value) == JCS_STRING)
        BUG_ON(text.len > value.len);
    while (depth < 12 && (object ? jcs_member(&it, &key, &v) : jcs_item(&it, &v)))
        walk(v, depth + 1);
}

/* The form of RFC 8785 itself is its own form too, and the narrower one where that is. */
static void
whole(struct slice in, enum jcs_fault narrow, struct slice form)
{
    AUTO_BUF(out, 1 << 20);
    AUTO_BUF(again, 1 << 20);
    enum jcs_fault fault = jcs_canonical_whole(in, &out, NULL);

    BUG_ON(narrow == JCS_OK && (fault != JCS_OK || !slice_eq(buf_get(&out), form)));
    if (fault != JCS_OK)
        return;
    BUG_ON(jcs_canonical_whole(buf_get(&out), &again, NULL) != JCS_OK);
    BUG_ON(!slice_eq(buf_get(&out), buf_get(&again)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = {(const char *)data, size};
    AUTO_BUF(out, 1 << 20);
    size_t at = 0;
    enum jcs_fault check = jcs_check(in, &at);
    enum jcs_fault fault = jcs_canonical(in, &out, NULL);

    BUG_ON(at > size);
    if (check == JCS_OK)
        BUG_ON(fault != JCS_OK || !slice_eq(buf_get(&out), in));
    if (fault == JCS_OK) {
        BUG_ON(jcs_check(buf_get(&out), NULL) != JCS_OK);
        BUG_ON((check == JCS_OK) != slice_eq(buf_get(&out), in));
    }
    whole(in, fault, buf_get(&out));
    walk(in, 0);
    return 0;
}
