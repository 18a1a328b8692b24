#include "vuln/kev.h"

#include <stdio.h>
#include <stdlib.h>

#include "wire/jcs.h"

enum { DATE = 10, YEAR = 4, DIGITS_LEAST = 4, DIGITS_MOST = 19 };

/* ---- places ------------------------------------------------------------------------------ */

static struct kev_spot
spot_at(struct slice text, size_t at)
{
    struct kev_spot s = {1, 1};

    for (size_t i = 0; i < at && i < text.len; i++) {
        s.column = text.ptr[i] == '\n' ? 1 : s.column + 1;
        s.line += text.ptr[i] == '\n';
    }
    return s;
}

/* Behind the string that begins there. */
static size_t
behind_string(struct slice text, size_t at)
{
    for (at++; at < text.len && text.ptr[at] != '"'; at++)
        at += text.ptr[at] == '\\';
    return at < text.len ? at + 1 : text.len;
}

/* Behind the value that begins there. */
static size_t
behind_value(struct slice text, size_t at)
{
    unsigned depth = 0;

    while (at < text.len) {
        char c = text.ptr[at];

        if (depth == 0 && (c == ',' || c == ']' || c == '}'))
            break;
        depth += c == '[' || c == '{';
        depth -= c == ']' || c == '}';
        at = c == '"' ? behind_string(text, at) : at + 1;
    }
    return at;
}

static size_t
behind_space(struct slice text, size_t at)
{
    while (at < text.len && memchr(" \t\r\n,:", text.ptr[at], 6) != NULL)
        at++;
    return at;
}

/* Canonical bytes have no lines, so what is wrong is looked for in what was published, which is
 * JSON.  Where the key of the catalogue's member of that name begins; text.len: it is not
 * there.
 */
static size_t
member_at(struct slice text, const char *name)
{
    size_t at = behind_space(text, 0) + 1;

    while ((at = behind_space(text, at)) < text.len && text.ptr[at] == '"') {
        size_t end = behind_string(text, at);

        if (slice_is(slice_sub(text, at + 1, end - at - 2), name))
            return at;
        at = behind_value(text, behind_space(text, end));
    }
    return text.len;
}

/* Behind the bracket of the list of entries; text.len: it is not there. */
static size_t
list_at(struct slice text)
{
    size_t at = member_at(text, "vulnerabilities");

    return at == text.len ? at : behind_space(text, behind_string(text, at)) + 1;
}

/* The member's place, or where the catalogue begins that does not have it. */
static struct kev_spot
spot_of_member(struct slice text, const char *name)
{
    size_t at = member_at(text, name);

    return spot_at(text, at < text.len ? at : behind_space(text, 0));
}

/* A string that has no end is told by where it begins. */
static size_t
string_at(struct slice text, size_t fault)
{
    size_t at = 0;

    while (at < fault) {
        size_t end = at;

        if (text.ptr[at] == '"') {
            for (end++; end < text.len && text.ptr[end] != '"'; end++)
                end += text.ptr[end] == '\\';
            if (end >= fault)
                return at;
        }
        at = end + 1;
    }
    return fault;
}

/* Where the member of that name stands in the entry of that number, or the entry begins. */
static struct kev_spot
spot_of(struct slice text, unsigned number, const char *name)
{
    size_t at = behind_space(text, list_at(text));
    struct slice entry;
    const char *member;
    char key[64];
    size_t n = (size_t)snprintf(key, sizeof key, "\"%s\"", name);

    for (; number > 0 && at < text.len; number--)
        at = behind_space(text, behind_value(text, at));
    if (at >= text.len)
        return (struct kev_spot){0, 0};
    entry = slice_sub(text, at, behind_value(text, at) - at);
    member = memmem(entry.ptr, entry.len, key, n);
    return spot_at(text, member == NULL ? at : (size_t)(member - text.ptr));
}

/* ---- reading ----------------------------------------------------------------------------- */

static bool
is_digits(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    }
    return s.len > 0;
}

static bool
is_cve(struct slice s)
{
    const struct slice digits = slice_sub(s, 4 + YEAR + 1, s.len);

    return s.len >= 4 + YEAR + 1 + DIGITS_LEAST && digits.len <= DIGITS_MOST &&
           slice_is(slice_sub(s, 0, 4), "CVE-") && is_digits(slice_sub(s, 4, YEAR)) &&
           s.ptr[4 + YEAR] == '-' && is_digits(digits);
}

static bool
is_date(struct slice s)
{
    char text[32];
    struct utime t;

    if (s.len != DATE)
        return false;
    (void)snprintf(text, sizeof text, "%.*sT00:00:00.000000Z", (int)s.len, s.ptr);
    return time_parse(slice_of(text), &t) == 0;
}

static bool
get_plain(struct slice object, const char *name, bool (*is)(struct slice), struct slice *ret)
{
    struct slice value;

    return jcs_find(object, name, &value) && jcs_plain(value, ret) == 0 && is(*ret);
}

/* Any text that has something in it. */
static bool
get_text(struct slice object, const char *name, struct slice *ret)
{
    return jcs_find(object, name, ret) && jcs_kind(*ret) == JCS_STRING && ret->len > 2 &&
           jcs_string_len(*ret) <= KEV_TEXT;
}

struct fault {
    const char *member; /* NULL: nothing is */
    const char *why;
};

static struct fault
read_entry(struct slice object, struct kev_entry *ret)
{
    static const char text[] = "is no text of at most 512 bytes";
    struct slice word;

    if (!jcs_find(object, "cveID", &word))
        return (struct fault){"cveID", "is missing: an entry is of a CVE"};
    if (!get_plain(object, "cveID", is_cve, &ret->cve))
        return (struct fault){"cveID", "is no CVE number"};
    if (!get_text(object, "vendorProject", &ret->vendor))
        return (struct fault){"vendorProject", text};
    if (!get_text(object, "product", &ret->product))
        return (struct fault){"product", text};
    if (!get_text(object, "vulnerabilityName", &ret->name))
        return (struct fault){"vulnerabilityName", text};
    if (!get_plain(object, "dateAdded", is_date, &ret->added))
        return (struct fault){"dateAdded", "is no date"};
    if (!get_plain(object, "dueDate", is_date, &ret->due))
        return (struct fault){"dueDate", "is no date"};
    ret->id = cve_parse(ret->cve);
    ret->ransomware = false;
    if (!jcs_find(object, "knownRansomwareCampaignUse", &word))
        return (struct fault){NULL, NULL}; /* catalogues before October 2023 do not have it */
    ret->ransomware = slice_is(word, "\"Known\"");
    return ret->ransomware || slice_is(word, "\"Unknown\"")
               ? (struct fault){NULL, NULL}
               : (struct fault){"knownRansomwareCampaignUse", "is neither Known nor Unknown"};
}

static int
newest_first(const void *a, const void *b)
{
    const struct kev_entry *x = a;
    const struct kev_entry *y = b;
    int r = memcmp(y->added.ptr, x->added.ptr, DATE);

    return r != 0 ? r : (x->number > y->number) - (x->number < y->number);
}

static int
by_cve(const void *a, const void *b)
{
    const struct kev_entry *x = a;
    const struct kev_entry *y = b;
    size_t n = x->cve.len < y->cve.len ? x->cve.len : y->cve.len;
    int r = memcmp(x->cve.ptr, y->cve.ptr, n);

    if (r != 0 || x->cve.len != y->cve.len)
        return r != 0 ? r : x->cve.len < y->cve.len ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Leaves them by their numbers. */
static int
check_once(struct kev *k, struct slice text, struct errinfo *ei)
{
    if (k->count > 0)
        qsort(k->entry, k->count, sizeof *k->entry, by_cve);
    for (unsigned i = 1; i < k->count; i++) {
        const struct kev_entry *e = &k->entry[i];

        if (slice_eq(e->cve, k->entry[i - 1].cve)) {
            struct kev_spot s = spot_of(text, e->number, "cveID");

            return err_at(ei, ERR_CONF, s.line, s.column, "%.*s is there twice",
                          (int)e->cve.len, e->cve.ptr);
        }
    }
    return 0;
}

static int
read_entries(struct slice list, struct slice text, struct kev *ret, struct errinfo *ei)
{
    struct jcs_iter it = jcs_iter(list);
    struct slice object;

    while (jcs_item(&it, &object)) {
        struct kev_entry *e = &ret->entry[ret->count];
        struct fault bad = read_entry(object, e);

        if (bad.member != NULL) {
            struct kev_spot s = spot_of(text, ret->count, bad.member);

            return err_at(ei, ERR_CONF, s.line, s.column, "entry %u: `%s` %s", ret->count + 1,
                          bad.member, bad.why);
        }
        e->whole = object;
        e->number = ret->count++;
        ret->ransomware += e->ransomware;
    }
    return check_once(ret, text, ei);
}

static bool
is_version(struct slice s)
{
    return s.len > 0 && s.len < KEV_VERSION &&
           strspn(s.ptr, "0123456789.abcdefghijklmnopqrstuvwxyz-") >= s.len;
}

static int
wrong(struct slice text, const char *member, struct errinfo *ei, const char *what)
{
    struct kev_spot s = spot_of_member(text, member);

    return err_at(ei, ERR_CONF, s.line, s.column, "%s", what);
}

static int
read_catalogue(struct slice top, struct slice text, struct kev *ret, struct errinfo *ei)
{
    struct slice when = {"", 0};
    struct slice list;
    struct slice n;
    struct kev_spot s;
    int64_t count;
    size_t there;
    int r;

    if (!jcs_find(top, "vulnerabilities", &list) || jcs_kind(list) != JCS_ARRAY)
        return wrong(text, "vulnerabilities", ei,
                     "is no catalogue of exploited vulnerabilities: it has no list "
                     "`vulnerabilities`");
    if (!get_plain(top, "catalogVersion", is_version, &ret->version))
        return wrong(text, "catalogVersion", ei,
                     "`catalogVersion` is no version like 2025.08.25");
    if (!jcs_find(top, "dateReleased", &n) || jcs_plain(n, &when) < 0 ||
        time_parse_any(when, &ret->released) < 0)
        return wrong(text, "dateReleased", ei, "`dateReleased` is no time");
    ret->released_at = spot_of_member(text, "dateReleased");
    ret->version_at = spot_of_member(text, "catalogVersion");
    there = jcs_count(list);
    if (there > KEV_ENTRIES)
        return err_set(ei, ERR_LIMIT, "has more than %d entries", KEV_ENTRIES);
    s = spot_of_member(text, "count");
    if (!jcs_find(top, "count", &n) || jcs_int(n, &count) < 0 || count != (int64_t)there)
        return err_at(ei, ERR_CONF, s.line, s.column,
                      "`count` is not the number of its entries, %zu", there);
    ret->entry = calloc(there + 1, sizeof *ret->entry);
    if (ret->entry == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r = read_entries(list, text, ret, ei);
    if (r == 0 && ret->count > 0)
        qsort(ret->entry, ret->count, sizeof *ret->entry, newest_first);
    return r;
}

int
kev_read(struct slice text, struct kev *ret, struct errinfo *ei)
{
    enum jcs_fault fault;
    struct kev_spot s;
    size_t at = 0;
    int r;

    *ret = (struct kev){.count = 0};
    buf_init(&ret->text, KEV_BYTES);
    if (text.len > KEV_BYTES)
        return err_set(ei, ERR_LIMIT, "is larger than %d MiB", KEV_BYTES >> 20);
    fault = jcs_canonical(text, &ret->text, &at);
    r = buf_error(&ret->text);
    if (at == text.len || fault == JCS_CONTROL)
        at = string_at(text, at);
    s = spot_at(text, at);
    if (r < 0)
        r = err_set(ei, r, "%s", err_text(r));
    else if (fault != JCS_OK)
        r = err_at(ei, ERR_CONF, s.line, s.column, "is no JSON that is taken: %s",
                   jcs_fault_name(fault));
    else
        r = read_catalogue(buf_get(&ret->text), text, ret, ei);
    if (r < 0)
        kev_release(ret);
    return r;
}

void
kev_release(struct kev *k)
{
    free(k->entry);
    buf_release(&k->text);
    *k = (struct kev){.count = 0};
}

/* ---- telling ----------------------------------------------------------------------------- */

static void
put_time(struct buf *to, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(to, "\"%.*s\"", TIME_TEXT, text);
}

void
kev_json(const struct kev *k, struct buf *to)
{
    buf_printf(to, "{\"version\":\"%.*s\",\"released\":", (int)k->version.len, k->version.ptr);
    put_time(to, k->released);
    buf_text(to, ",\"taken\":");
    put_time(to, k->taken);
    buf_text(to, ",\"source\":");
    buf_json(to, slice_of(k->source));
    buf_printf(to, ",\"count\":%u,\"ransomware\":%u,\"entries\":[", k->count, k->ransomware);
    for (unsigned i = 0; i < k->count && i < KEV_NEWEST; i++) {
        const struct kev_entry *e = &k->entry[i];

        buf_printf(to, "%s{\"cve\":\"%.*s\",\"vendor\":", i == 0 ? "" : ",", (int)e->cve.len,
                   e->cve.ptr);
        buf_slice(to, e->vendor);
        buf_text(to, ",\"product\":");
        buf_slice(to, e->product);
        buf_text(to, ",\"name\":");
        buf_slice(to, e->name);
        buf_printf(to, ",\"added\":\"%.*s\",\"due\":\"%.*s\",\"ransomware\":%s}",
                   (int)e->added.len, e->added.ptr, (int)e->due.len, e->due.ptr,
                   e->ransomware ? "true" : "false");
    }
    buf_text(to, "]}");
}
