#include "cutoff/cones.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS = 8, BATCH = WORDS * 64 };

struct line {
    uint64_t word[WORDS];
};

/* The networks from `from` climb; whoever they come by has them in its cone.  Providers stand
 * before customers, so that one pass against the order sees each line whole. */
static void
climb(const struct topology *t, uint32_t from, struct line *line, uint32_t *ret)
{
    uint32_t until = t->count - from < BATCH ? t->count : from + BATCH;

    memset(line, 0, (size_t)until * sizeof *line);
    for (uint32_t i = until; i-- > 0;) {
        uint64_t any = 0;

        if (i >= from)
            line[i].word[(i - from) / 64] |= UINT64_C(1) << ((i - from) % 64);
        for (unsigned w = 0; w < WORDS; w++)
            any |= line[i].word[w];
        if (any == 0)
            continue;
        for (unsigned w = 0; w < WORDS; w++)
            ret[i] += (uint32_t)__builtin_popcountll(line[i].word[w]);
        for (uint32_t k = t->provider.at[i]; k < t->provider.at[i + 1]; k++) {
            for (unsigned w = 0; w < WORDS; w++)
                line[t->provider.to[k]].word[w] |= line[i].word[w];
        }
    }
}

int
cones_count(const struct topology *t, uint32_t *ret)
{
    struct line *line = malloc(((size_t)t->count + 1) * sizeof *line);

    if (line == NULL)
        return ERR_NOMEM;
    memset(ret, 0, (size_t)t->count * sizeof *ret);
    for (uint32_t from = 0; from < t->count; from += BATCH)
        climb(t, from, line, ret);
    free(line);
    return 0;
}
