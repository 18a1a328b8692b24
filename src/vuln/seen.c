#include "vuln/seen.h"

#include "wire/walk.h"

static bool
number(struct slice s, uint64_t most, uint64_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9' || *ret > most / 10)
            return false;
        *ret = *ret * 10 + (uint64_t)(s.ptr[i] - '0');
    }
    return s.len > 0 && *ret <= most;
}

static bool
country(struct slice s, char to[3])
{
    to[0] = to[1] = to[2] = '\0';
    if (s.len == 0)
        return true;
    if (s.len != 2 || s.ptr[0] < 'A' || s.ptr[0] > 'Z' || s.ptr[1] < 'A' || s.ptr[1] > 'Z')
        return false;
    to[0] = s.ptr[0];
    to[1] = s.ptr[1];
    return true;
}

/* One member; true: it is as it should be, or none of ours. */
static bool
take_member(struct slice key, struct slice value, struct seen_row *r)
{
    uint64_t n = 0;
    bool good = true;

    if (slice_is(key, "cve"))
        good = (r->cve = cve_parse(value)) != 0;
    else if (slice_is(key, "hour"))
        good = time_parse(value, &r->hour) == 0 && r->hour.us % (3600 * TIME_US_PER_S) == 0;
    else if (slice_is(key, "asn"))
        good = number(value, UINT32_MAX, &n);
    else if (slice_is(key, "country"))
        good = country(value, r->country);
    else if (slice_is(key, "alerts"))
        good = number(value, INT64_MAX, &r->alerts);
    if (slice_is(key, "asn"))
        r->asn = (uint32_t)n;
    return good;
}

static int
read_row(struct walk *w, struct seen_row *r)
{
    bool first = true;
    struct slice key;
    struct slice value;
    int code;

    *r = (struct seen_row){.cve = 0};
    if (walk_peek(w) != '{')
        return walk_wrong(w, "a row is an object");
    code = walk_enter(w, '{');
    while (code > 0 && (code = walk_member(w, &first, &key)) > 0) {
        code = walk_scalar(w, &value);
        if (code < 0)
            return code;
        if (!take_member(key, value, r))
            return walk_wrong(w, "the value before this is none of its kind");
        code = 1;
    }
    if (code == 0 && (r->cve == 0 || r->hour.us == 0 || r->alerts == 0))
        return walk_wrong(w, "the row before this lacks `cve`, `hour` or `alerts`");
    return code;
}

int
seen_read(char *text, size_t len, seen_take *take, void *arg, struct errinfo *ei)
{
    struct seen_row row;
    uint64_t rows = 0;
    struct walk w;
    int r = walk_open(&w, text, len, ei);

    while (r == 0 && walk_peek(&w) != '\0') {
        r = read_row(&w, &row);
        if (r == 0 && ++rows > SEEN_ROWS)
            r = err_set(ei, ERR_LIMIT, "has more than %d rows", SEEN_ROWS);
        if (r == 0)
            r = take(arg, &row);
    }
    walk_close(&w);
    return r;
}
