/* The reader: canonical bytes that passed jcs_check().  It looks no further than it must, and
 * never outside the slice, whatever the bytes. */
#include "wire/jcs.h"

#include "wire/jcs_priv.h"

/* Length of the string at the start of s, quotes included; s.len when it does not end. */
static size_t
string_len(struct slice s)
{
    for (size_t i = 1; i < s.len; i++) {
        i += jcs_plain_run(s.ptr + i, s.len - i);
        if (i < s.len && s.ptr[i] == '"')
            return i + 1;
        i += i < s.len && s.ptr[i] == '\\';
    }
    return s.len;
}

/* Length of the value at the start of s. */
static size_t
value_len(struct slice s)
{
    unsigned open = 0;
    size_t i = 0;

    while (i < s.len) {
        char c = s.ptr[i];

        if (c == '"') {
            i += string_len(slice_sub(s, i, s.len));
        } else if (open == 0 && (c == ',' || c == ']' || c == '}')) {
            break;
        } else {
            open += c == '{' || c == '[';
            open -= c == '}' || c == ']';
            i++;
        }
        if (open == 0 && (c == '"' || c == '}' || c == ']'))
            break;
    }
    return i;
}

enum jcs_kind
jcs_kind(struct slice value)
{
    switch (value.len == 0 ? '\0' : value.ptr[0]) {
    case '{': return JCS_OBJECT;
    case '[': return JCS_ARRAY;
    case '"': return JCS_STRING;
    case 't':
    case 'f': return JCS_BOOL;
    default: return JCS_INT;
    }
}

struct jcs_iter
jcs_iter(struct slice value)
{
    if (value.len < 2 || (value.ptr[0] != '{' && value.ptr[0] != '['))
        return (struct jcs_iter){{NULL, 0}};
    return (struct jcs_iter){slice_sub(value, 1, value.len - 2)};
}

bool
jcs_item(struct jcs_iter *it, struct slice *ret_value)
{
    size_t n = value_len(it->rest);

    if (n == 0)
        return false;
    *ret_value = slice_sub(it->rest, 0, n);
    it->rest = slice_sub(it->rest, n + 1, it->rest.len);
    return true;
}

bool
jcs_member(struct jcs_iter *it, struct slice *ret_key, struct slice *ret_value)
{
    size_t n = it->rest.len == 0 || it->rest.ptr[0] != '"' ? 0 : string_len(it->rest);

    if (n < 2)
        return false;
    *ret_key = slice_sub(it->rest, 1, n - 2);
    it->rest = slice_sub(it->rest, n + 1, it->rest.len);
    return jcs_item(it, ret_value);
}

size_t
jcs_count(struct slice value)
{
    struct jcs_iter it = jcs_iter(value);
    bool object = jcs_kind(value) == JCS_OBJECT;
    struct slice key;
    struct slice v;
    size_t n = 0;

    while (object ? jcs_member(&it, &key, &v) : jcs_item(&it, &v))
        n++;
    return n;
}

bool
jcs_find(struct slice object, const char *key, struct slice *ret_value)
{
    struct jcs_iter it = jcs_iter(object);
    struct slice name;

    if (jcs_kind(object) != JCS_OBJECT)
        return false;
    while (jcs_member(&it, &name, ret_value)) {
        if (slice_is(name, key))
            return true;
    }
    return false;
}

int
jcs_int(struct slice value, int64_t *ret)
{
    bool negative = value.len > 0 && value.ptr[0] == '-';
    int64_t n = 0;

    if (value.len == negative || value.len > 17)
        return ERR_INVALID;
    for (size_t i = negative; i < value.len; i++) {
        if (value.ptr[i] < '0' || value.ptr[i] > '9')
            return ERR_INVALID;
        n = n * 10 + (value.ptr[i] - '0');
    }
    *ret = negative ? -n : n;
    return 0;
}

int
jcs_bool(struct slice value, bool *ret)
{
    if (!slice_is(value, "true") && !slice_is(value, "false"))
        return ERR_INVALID;
    *ret = value.ptr[0] == 't';
    return 0;
}

int
jcs_plain(struct slice value, struct slice *ret)
{
    if (value.len < 2 || value.ptr[0] != '"' || memchr(value.ptr, '\\', value.len) != NULL)
        return ERR_INVALID;
    *ret = slice_sub(value, 1, value.len - 2);
    return 0;
}

/* The character behind a backslash, and how many bytes the escape has.  Canonical escapes
 * stand for characters below U+0080. */
static char
escaped(struct slice s, size_t at, size_t *ret_len)
{
    static const char pairs[] = "\"\"\\\\b\bf\fn\nr\rt\t";
    char c = (char)(at + 1 < s.len ? s.ptr[at + 1] : '\\');
    unsigned value = 0;

    *ret_len = 2;
    for (const char *p = pairs; *p != '\0'; p += 2) {
        if (*p == c)
            return p[1];
    }
    *ret_len = 6;
    for (size_t i = at + 4; i < at + 6 && i < s.len; i++)
        value = value << 4 | (unsigned)(s.ptr[i] <= '9' ? s.ptr[i] - '0' : s.ptr[i] - 'a' + 10);
    return (char)(value & 0x7f);
}

int
jcs_string(struct slice value, struct buf *out)
{
    struct slice s = slice_sub(value, 1, value.len < 2 ? 0 : value.len - 2);
    size_t from = 0;
    size_t len;

    if (value.len < 2 || value.ptr[0] != '"')
        return ERR_INVALID;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '\\')
            continue;
        buf_add(out, s.ptr + from, i - from);
        buf_char(out, escaped(s, i, &len));
        from = i + len > s.len ? s.len : i + len;
        i = from - 1;
    }
    buf_add(out, s.ptr + from, s.len - from);
    return buf_error(out);
}

size_t
jcs_string_len(struct slice value)
{
    struct slice s = slice_sub(value, 1, value.len < 2 ? 0 : value.len - 2);
    size_t n = 0;
    size_t len;

    for (size_t i = 0; s.ptr != NULL && i < s.len; n++) {
        len = 1;
        if (s.ptr[i] == '\\')
            (void)escaped(s, i, &len);
        i += len;
    }
    return n;
}
