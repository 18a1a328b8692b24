#include "role/kev.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "role/folder.h"
#include "role/node_priv.h"
#include "wire/jcs.h"

#define KEV_FILE "lists/kev.json"

enum { DATE = 10, YEAR = 4, DIGITS_LEAST = 4, DIGITS_MOST = 19, ENVELOPE = 4096 };

/* ---- places ------------------------------------------------------------------------------ */

struct spot {
    unsigned line; /* 0: none */
    unsigned column;
};

static struct spot
spot_at(struct slice text, size_t at)
{
    struct spot s = {1, 1};

    for (size_t i = 0; i < at && i < text.len; i++) {
        s.column = text.ptr[i] == '\n' ? 1 : s.column + 1;
        s.line += text.ptr[i] == '\n';
    }
    return s;
}

/* Of the entry of that number: canonical bytes have no lines, so its key is looked for in what
 * was published.  Within a string the quotes would be escaped. */
static struct spot
spot_of(struct slice text, unsigned number)
{
    static const char key[] = "\"cveID\"";
    const char *at = text.ptr;

    for (;; number--) {
        at = memmem(at, text.len - (size_t)(at - text.ptr), key, sizeof key - 1);
        if (at == NULL)
            return (struct spot){0, 0};
        if (number == 0)
            return spot_at(text, (size_t)(at - text.ptr));
        at += sizeof key - 1;
    }
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

/* What is wrong with it; NULL. */
static const char *
read_entry(struct slice object, struct kev_entry *ret)
{
    struct slice word;

    if (!get_plain(object, "cveID", is_cve, &ret->cve))
        return "`cveID` is no CVE number";
    if (!get_text(object, "vendorProject", &ret->vendor))
        return "`vendorProject` is no text of at most 512 bytes";
    if (!get_text(object, "product", &ret->product))
        return "`product` is no text of at most 512 bytes";
    if (!get_text(object, "vulnerabilityName", &ret->name))
        return "`vulnerabilityName` is no text of at most 512 bytes";
    if (!get_plain(object, "dateAdded", is_date, &ret->added))
        return "`dateAdded` is no date";
    if (!get_plain(object, "dueDate", is_date, &ret->due))
        return "`dueDate` is no date";
    ret->ransomware = false;
    if (!jcs_find(object, "knownRansomwareCampaignUse", &word))
        return NULL; /* catalogues before October 2023 do not have it */
    ret->ransomware = slice_is(word, "\"Known\"");
    return ret->ransomware || slice_is(word, "\"Unknown\"")
               ? NULL
               : "`knownRansomwareCampaignUse` is neither Known nor Unknown";
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
            struct spot s = spot_of(text, e->number);

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
        const char *bad = read_entry(object, e);

        if (bad != NULL) {
            struct spot s = spot_of(text, ret->count);

            return err_at(ei, ERR_CONF, s.line, s.column, "entry %u: %s", ret->count + 1, bad);
        }
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
read_catalogue(struct slice top, struct slice text, struct kev *ret, struct errinfo *ei)
{
    struct slice when = {"", 0};
    struct slice list;
    struct slice n;
    int64_t count;
    size_t there;
    int r;

    if (!jcs_find(top, "vulnerabilities", &list) || jcs_kind(list) != JCS_ARRAY)
        return err_set(ei, ERR_CONF,
                       "is no catalogue of exploited vulnerabilities: it has no list "
                       "`vulnerabilities`");
    if (!get_plain(top, "catalogVersion", is_version, &ret->version))
        return err_set(ei, ERR_CONF, "`catalogVersion` is no version like 2025.08.25");
    if (!jcs_find(top, "dateReleased", &n) || jcs_plain(n, &when) < 0 ||
        time_parse_any(when, &ret->released) < 0)
        return err_set(ei, ERR_CONF, "`dateReleased` is no time");
    there = jcs_count(list);
    if (there > KEV_ENTRIES)
        return err_set(ei, ERR_LIMIT, "has more than %d entries", KEV_ENTRIES);
    if (!jcs_find(top, "count", &n) || jcs_int(n, &count) < 0 || count != (int64_t)there)
        return err_set(ei, ERR_CONF, "`count` is not the number of its entries, %zu", there);
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
    struct spot s;
    size_t at = 0;
    int r;

    *ret = (struct kev){.count = 0};
    buf_init(&ret->text, KEV_BYTES);
    if (text.len > KEV_BYTES)
        return err_set(ei, ERR_LIMIT, "is larger than %d MiB", KEV_BYTES >> 20);
    fault = jcs_canonical(text, &ret->text, &at);
    r = buf_error(&ret->text);
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

/* ---- keeping ----------------------------------------------------------------------------- */

static void
put_time(struct buf *to, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(to, "\"%.*s\"", TIME_TEXT, text);
}

int
kev_put(const char *dir, const struct kev *k, struct errinfo *ei)
{
    struct buf out;
    int r;

    buf_init(&out, KEV_BYTES + ENVELOPE);
    buf_text(&out, "{\"catalog\":");
    buf_slice(&out, buf_get(&k->text));
    buf_text(&out, ",\"source\":");
    buf_json(&out, slice_of(k->source));
    buf_text(&out, ",\"taken\":");
    put_time(&out, k->taken);
    buf_text(&out, "}\n");
    r = buf_error(&out) < 0 ? err_set(ei, buf_error(&out), "%s", err_text(buf_error(&out)))
                            : folder_put(dir, KEV_FILE, buf_get(&out), ei);
    buf_release(&out);
    return r;
}

/* The members around the catalogue. */
static int
read_kept(struct slice whole, struct kev *ret, struct errinfo *ei)
{
    AUTO_BUF(source, KEV_SOURCE);
    struct slice body = slice_sub(whole, 0, whole.len == 0 ? 0 : whole.len - 1);
    struct slice catalogue;
    struct slice text;
    struct slice taken = {"", 0};
    struct utime when;
    int r;

    if (jcs_check(body, NULL) != JCS_OK || !jcs_find(body, "catalog", &catalogue) ||
        !jcs_find(body, "source", &text) || jcs_kind(text) != JCS_STRING ||
        jcs_string_len(text) >= KEV_SOURCE || jcs_string(text, &source) < 0 ||
        !jcs_find(body, "taken", &text) || jcs_plain(text, &taken) < 0 ||
        time_parse(taken, &when) < 0)
        return err_set(ei, ERR_INVALID, "was changed, and is no catalogue any more: import it");
    r = kev_read(catalogue, ret, ei);
    if (r < 0)
        return r == ERR_CONF ? ERR_INVALID : r;
    (void)snprintf(ret->source, sizeof ret->source, "%.*s", (int)source.len, source.ptr);
    ret->taken = when;
    return 0;
}

int
kev_get(const char *dir, struct kev *ret, struct errinfo *ei)
{
    struct buf whole;
    int r;

    *ret = (struct kev){.count = 0};
    buf_init(&whole, KEV_BYTES + ENVELOPE + 65536);
    r = node_read_file(dir, KEV_FILE, KEV_BYTES + ENVELOPE, &whole, ei);
    if (r == ERR_NOTFOUND)
        r = err_set(ei, r,
                    "there is no catalogue of exploited vulnerabilities: "
                    "`detente lists import --kev FILE|URL` takes one in");
    if (r == 0)
        r = read_kept(buf_get(&whole), ret, ei);
    buf_release(&whole);
    return r;
}

int
kev_drop(const char *dir, struct errinfo *ei)
{
    char path[NODE_PATH];
    int r = node_path(dir, KEV_FILE, path, ei);

    if (r == 0 && unlink(path) < 0)
        r = errno == ENOENT
                ? err_set(ei, ERR_NOTFOUND, "there is no catalogue")
                : err_set(ei, err_own(errno), "cannot be removed: %s", strerror(errno));
    return r;
}

/* ---- telling ----------------------------------------------------------------------------- */

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
