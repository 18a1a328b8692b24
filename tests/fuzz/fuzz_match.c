/* Lines that a sensor might write, and parts of arrays, against a few indicators: each is
 * counted once, and a hit is of something that is looked for. */
#include <stdint.h>
#include <stdlib.h>

#include "indicator/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char bundle[] =
    "{\"type\":\"indicator\",\"id\":\"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f\","
    "\"pattern\":\"[ipv4-addr:value = '198.51.100.0/24' OR domain-name:value LIKE '%.test' OR "
    "url:value = 'http://a.test/x' OR file:hashes.MD5 = "
    "'d41d8cd98f00b204e9800998ecf8427e']\"}";

struct seen {
    uint64_t line;
    uint64_t hits;
    struct slice all;
};

static int
tell(void *arg, const struct match_hit *hit)
{
    struct seen *s = arg;

    if (hit->line < s->line || hit->indicator != 0 || hit->atom > 3 ||
        hit->field >= SHOWN_FIELDS || hit->record.len == 0 || hit->record.ptr < s->all.ptr ||
        hit->record.ptr + hit->record.len > s->all.ptr + s->all.len)
        abort();
    s->line = hit->line;
    s->hits++;
    return 0;
}

static struct indicators *
load(void)
{
    struct indicators_build *b = NULL;
    struct indicators *x = NULL;
    struct indicators_counts counts = {0};
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    char text[sizeof bundle];
    AUTO_ARENA(arena);

    memcpy(text, bundle, sizeof bundle);
    if (indicators_build_new(1, &b) < 0 || arena_init(&arena, 1 << 16) < 0 ||
        dom_read(text, sizeof text - 1, &arena, &d, &ei) < 0 ||
        indicators_read(b, d, &counts, NULL, NULL) < 0 || indicators_freeze(b, &x) < 0)
        abort();
    (void)indicators_build_free(b);
    return x;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct indicators *x;
    struct matching *m = NULL;
    struct slice rest = {(const char *)data, size};
    struct seen seen = {.all = rest};
    struct seen elements = {.all = rest};
    struct slice line;
    uint64_t lines = 0;

    if (size > 1 << 16)
        return 0;
    if (x == NULL)
        x = load();
    if (matching_new(x, true, tell, &seen, &m) < 0)
        return 0;
    if (matching_take(m, (struct slice){(const char *)data, size}) < 0)
        abort();
    while (slice_line(&rest, &line))
        lines++;
    if (matching_stats(m)->lines != lines || matching_stats(m)->hits != seen.hits)
        abort();
    (void)matching_free(m);
    if (matching_new(x, true, tell, &elements, &m) < 0)
        return 0;
    if (matching_take_elements(m, elements.all) < 0 || matching_stats(m)->lines > size ||
        matching_stats(m)->odd > matching_stats(m)->lines ||
        matching_stats(m)->hits != elements.hits)
        abort();
    (void)matching_free(m);
    return 0;
}
