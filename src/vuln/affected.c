#include "vuln/affected.h"

/* First byte: the scheme.  Then records: kind, length, bytes; a range ends with END. */
enum record { REC_INTRODUCED, REC_FIXED, REC_LAST, REC_END, REC_VERSION, REC_UNKNOWN };

void
affected_begin(struct affected_builder *b, enum version_scheme scheme, struct buf *to)
{
    *b = (struct affected_builder){.to = to, .scheme = scheme};
    buf_char(to, (char)scheme);
}

static void
put(struct affected_builder *b, enum record kind, struct slice version)
{
    buf_char(b->to, (char)kind);
    buf_char(b->to, (char)version.len);
    buf_slice(b->to, version);
}

void
affected_event(struct affected_builder *b, enum affected_event event, struct slice version)
{
    if (version.len > AFFECTED_TEXT || b->events == AFFECTED_EVENTS) {
        b->full = true;
        return;
    }
    if (event == AFFECTED_INTRODUCED && slice_is(version, "0"))
        version = (struct slice){"", 0};
    b->event[b->events].event = event;
    b->event[b->events++].version = version;
}

/* Of one version what begins comes before what ends, so that `introduced X, fixed X` is empty.
 */
static int
order(const struct affected_builder *b, unsigned x, unsigned y)
{
    struct slice v = b->event[x].version;
    struct slice w = b->event[y].version;
    int r =
        v.len == 0 || w.len == 0 ? (v.len > 0) - (w.len > 0) : version_compare(b->scheme, v, w);

    return r != 0 ? r : (int)b->event[x].event - (int)b->event[y].event;
}

void
affected_end_range(struct affected_builder *b)
{
    uint8_t place[AFFECTED_EVENTS];

    for (unsigned i = 0; i < b->events; i++) {
        unsigned at = i;

        for (; at > 0 && order(b, place[at - 1], i) > 0; at--)
            place[at] = place[at - 1];
        place[at] = (uint8_t)i;
    }
    for (unsigned i = 0; i < b->events; i++)
        put(b, (enum record)b->event[place[i]].event, b->event[place[i]].version);
    if (b->events > 0)
        put(b, REC_END, (struct slice){"", 0});
    b->events = 0;
}

void
affected_version(struct affected_builder *b, struct slice version)
{
    if (version.len == 0 || version.len > AFFECTED_TEXT)
        b->full = true;
    else
        put(b, REC_VERSION, version);
}

void
affected_unknown(struct affected_builder *b)
{
    put(b, REC_UNKNOWN, (struct slice){"", 0});
}

/* ---- asking ------------------------------------------------------------------------------ */

static bool
take_scheme(struct slice *rest, enum version_scheme *ret)
{
    if (rest->len == 0 || (unsigned char)rest->ptr[0] >= VERSION_SCHEMES)
        return false;
    *ret = (enum version_scheme)rest->ptr[0];
    *rest = slice_sub(*rest, 1, rest->len);
    return true;
}

static bool
take_record(struct slice *rest, enum record *kind, struct slice *version)
{
    size_t len;

    if (rest->len < 2)
        return false;
    len = (unsigned char)rest->ptr[1];
    if ((unsigned char)rest->ptr[0] > REC_UNKNOWN || len > rest->len - 2)
        return false;
    *kind = (enum record)rest->ptr[0];
    *version = slice_sub(*rest, 2, len);
    *rest = slice_sub(*rest, 2 + len, rest->len);
    return true;
}

/* a to b, where "" is before all others. */
static int
compare(enum version_scheme s, struct slice a, struct slice b)
{
    return b.len == 0 ? 1 : version_compare(s, a, b);
}

bool
affected_is(struct slice bytes, struct slice version)
{
    enum version_scheme scheme;
    enum record kind;
    struct slice v;
    bool in = false;

    if (!take_scheme(&bytes, &scheme))
        return false;
    while (take_record(&bytes, &kind, &v)) {
        switch (kind) {
        case REC_INTRODUCED: in = in || compare(scheme, version, v) >= 0; break;
        case REC_FIXED: in = in && compare(scheme, version, v) < 0; break;
        case REC_LAST: in = in && compare(scheme, version, v) <= 0; break;
        case REC_END:
            if (in)
                return true;
            break;
        case REC_VERSION:
            if (version_compare(scheme, version, v) == 0)
                return true;
            break;
        case REC_UNKNOWN: break;
        }
    }
    return false;
}

bool
affected_scheme(struct slice bytes, enum version_scheme *ret)
{
    return take_scheme(&bytes, ret);
}

bool
affected_is_empty(struct slice bytes)
{
    return bytes.len <= 1;
}

bool
affected_is_unknown(struct slice bytes)
{
    enum version_scheme scheme;
    enum record kind = REC_END;
    struct slice v;

    return take_scheme(&bytes, &scheme) && take_record(&bytes, &kind, &v) &&
           kind == REC_UNKNOWN;
}

enum affected_answer
affected_wrong(struct slice bytes, struct slice version)
{
    enum affected_answer answer = AFFECTED_NO;
    enum version_scheme scheme;
    enum record kind;
    struct slice v;
    bool all = false; /* from the first version on, and so far without an end */

    if (!take_scheme(&bytes, &scheme))
        return AFFECTED_NO;
    while (take_record(&bytes, &kind, &v)) {
        switch (kind) {
        case REC_INTRODUCED: all = all || v.len == 0; break;
        case REC_FIXED:
        case REC_LAST: all = false; break;
        case REC_END:
            if (all)
                return AFFECTED_YES;
            answer = AFFECTED_AMBIGUOUS;
            break;
        case REC_VERSION:
            if (slice_eq(v, version))
                return AFFECTED_YES;
            answer = AFFECTED_AMBIGUOUS;
            break;
        case REC_UNKNOWN: break;
        }
    }
    return answer;
}

struct slice
affected_fixed(struct slice bytes, struct slice version)
{
    struct slice best = {"", 0};
    enum version_scheme scheme;
    enum record kind;
    struct slice v;

    if (!take_scheme(&bytes, &scheme))
        return best;
    while (take_record(&bytes, &kind, &v)) {
        if (kind == REC_FIXED && version_compare(scheme, v, version) > 0 &&
            (best.len == 0 || version_compare(scheme, v, best) < 0))
            best = v;
    }
    return best;
}
