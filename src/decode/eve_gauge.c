/* Suricata's `stats` records, which are no events: how much it saw and dropped, and how old its
 * rules are.  They come every few seconds, so members are looked for one by one. */
#include "decode/eve_priv.h"

/* Behind the value that begins at token i; w->count when it has no end. */
static uint32_t
behind(const struct eve_walk *w, uint32_t i)
{
    unsigned depth = 0;

    for (; i < w->count; i++) {
        char c = w->first[i];

        depth += c == '{' || c == '[';
        depth -= depth > 0 && (c == '}' || c == ']');
        if (depth == 0)
            return i + 1;
    }
    return w->count;
}

/* The value of a member of the object at token i, as that stands; 0 when there is none. */
static uint32_t
member(const struct eve_walk *w, uint32_t i, const char *name)
{
    size_t len = strlen(name);

    if (i >= w->count || w->first[i] != '{')
        return 0;
    for (i++; i + 2 < w->count && w->first[i] == '"' && w->first[i + 1] == ':';) {
        struct token key = eve_token(w->text, w->at[i], w->at[i + 1]);

        if (key.len == len + 2 && memcmp(w->text + key.at + 1, name, len) == 0)
            return i + 2;
        i = behind(w, i + 2);
        if (i < w->count && w->first[i] == ',')
            i++;
    }
    return 0;
}

static struct slice
text_of(const struct eve_walk *w, uint32_t i)
{
    struct token t;

    if (i == 0)
        return (struct slice){0};
    t = eve_token(w->text, w->at[i], w->at[i + 1]);
    return (struct slice){w->text + t.at, t.len};
}

/* A counter; 0 when it is none. */
static uint64_t
number_of(const struct eve_walk *w, uint32_t i)
{
    struct slice s = text_of(w, i);
    uint64_t n = 0;

    if (s.len == 0 || s.len > 18)
        return 0;
    for (size_t k = 0; k < s.len; k++) {
        if (s.ptr[k] < '0' || s.ptr[k] > '9')
            return 0;
        n = n * 10 + (uint64_t)(s.ptr[k] - '0');
    }
    return n;
}

static struct utime
time_of(const struct eve_walk *w, uint32_t i)
{
    struct slice s = text_of(w, i);
    struct utime t;

    if (s.len < 2 || s.ptr[0] != '"' ||
        time_parse_any((struct slice){s.ptr + 1, s.len - 2}, &t) < 0)
        return (struct utime){0};
    return t;
}

/* Of several engines (tenants) the oldest: one that was never loaded anew is what is stale. */
static struct utime
oldest_rules(const struct eve_walk *w, uint32_t stats)
{
    uint32_t i = member(w, member(w, stats, "detect"), "engines");
    struct utime oldest = {0};

    if (i == 0 || w->first[i] != '[')
        return oldest;
    for (i++; i < w->count && w->first[i] == '{';) {
        struct utime t = time_of(w, member(w, i, "last_reload"));

        if (t.us != 0 && (oldest.us == 0 || t.us < oldest.us))
            oldest = t;
        i = behind(w, i);
        if (i < w->count && w->first[i] == ',')
            i++;
    }
    return oldest;
}

void
eve_read_gauge(const struct eve_walk *w, struct gauge *ret)
{
    uint32_t stats = member(w, 0, "stats");
    uint32_t capture = member(w, stats, "capture");
    struct utime at = time_of(w, member(w, 0, "timestamp"));
    uint64_t decoded = number_of(w, member(w, member(w, stats, "decoder"), "pkts"));
    uint32_t packets = member(w, capture, "kernel_packets");

    if (at.us == 0 || stats == 0)
        return;
    ret->number++;
    ret->time = at;
    /* What the kernel counted is what came, where it counts; else what was decoded. */
    if (packets == 0)
        packets = member(w, capture, "packets");
    ret->packets = number_of(w, packets);
    if (ret->packets < decoded)
        ret->packets = decoded;
    ret->drops = number_of(w, member(w, capture, "kernel_drops"));
    ret->rules = oldest_rules(w, stats);
}
