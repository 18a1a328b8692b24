#include "vuln/alert.h"

#include "wire/walk.h"

typedef void take_text(struct slice text, struct cve_set *to);

/* A string, or an array of them. */
static int
read_texts(struct walk *w, take_text *take, struct cve_set *to)
{
    bool first = true;
    struct slice text;
    int r;

    if (walk_peek(w) != '[') {
        r = walk_string(w, &text);
        if (r == 0)
            take(text, to);
        return r;
    }
    r = walk_enter(w, '[');
    while (r > 0 && (r = walk_item(w, &first)) > 0) {
        r = walk_string(w, &text);
        if (r < 0)
            return r;
        take(text, to);
        r = 1;
    }
    return r;
}

static int
read_metadata(struct walk *w, struct cve_set *to)
{
    bool first = true;
    struct slice key;
    int r = walk_enter(w, '{');

    while (r > 0 && (r = walk_member(w, &first, &key)) > 0) {
        r = slice_is(key, "cve") ? read_texts(w, cve_scan_metadata, to) : walk_skip(w);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

static int
read_alert(struct walk *w, struct cve_set *to)
{
    bool first = true;
    struct slice key;
    int r = walk_enter(w, '{');

    while (r > 0 && (r = walk_member(w, &first, &key)) > 0) {
        r = slice_is(key, "metadata")     ? read_metadata(w, to)
            : slice_is(key, "references") ? read_texts(w, cve_scan_reference, to)
            : slice_is(key, "signature")  ? read_texts(w, cve_scan_text, to)
                                          : walk_skip(w);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

static int
read_record(struct walk *w, struct cve_set *to)
{
    bool first = true;
    bool alert = false;
    struct slice key;
    struct slice type;
    int r;

    if (walk_peek(w) != '{')
        return walk_wrong(w, "a record is an object");
    r = walk_enter(w, '{');
    while (r > 0 && (r = walk_member(w, &first, &key)) > 0) {
        if (slice_is(key, "event_type")) {
            r = walk_string(w, &type);
            alert = slice_is(type, "alert");
        } else {
            r = slice_is(key, "alert") ? read_alert(w, to) : walk_skip(w);
        }
        if (r < 0)
            return r;
        r = 1;
    }
    if (r == 0 && walk_peek(w) != '\0')
        return walk_wrong(w, "behind the record stands something else");
    return r < 0 ? r : alert;
}

int
alert_cves(char *record, size_t len, struct cve_set *ret, struct errinfo *ei)
{
    struct walk w;
    int r = walk_open(&w, record, len, ei);

    *ret = (struct cve_set){0};
    if (r == 0)
        r = read_record(&w, ret);
    walk_close(&w);
    if (r <= 0)
        *ret = (struct cve_set){0};
    return r;
}
