#include "role/kev.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "role/folder.h"
#include "role/node_priv.h"
#include "wire/jcs.h"

#define KEV_FILE "lists/kev.json"

enum { ENVELOPE = 4096 };

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
