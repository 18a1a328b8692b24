/* A plain list as a bundle: it is JSON, and all of its indicators are looked for. */
#include <stdint.h>
#include <stdlib.h>

#include "indicator/lines.h"
#include "indicator/list.h"
#include "stix/object.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
tell(void *arg, const struct stix_fault *f)
{
    (void)arg;
    (void)f;
    abort();
}

static void
check(struct buf *bundle, uint64_t taken)
{
    struct indicators_build *b = NULL;
    struct indicators_counts counts = {0};
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    AUTO_ARENA(arena);

    if (arena_init(&arena, DOM_ROOM * bundle->len + DOM_LEAST) < 0 ||
        indicators_build_new(1, &b) < 0)
        return;
    if (dom_read(bundle->ptr, bundle->len, &arena, &d, &ei) < 0 ||
        indicators_read(b, d, &counts, NULL, NULL) < 0 || counts.indicators != taken ||
        counts.whole + counts.older != taken)
        abort();
    for (const struct dom *x = dom_get(d, SLICE("objects"))->first; x != NULL; x = x->next)
        (void)stix_check(x, tell, NULL);
    (void)indicators_build_free(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lines_options o = {.name = SLICE("a \"list\""), .now = {1}, .from = {1}};
    struct lines_counts counts = {0};
    struct slice rest = {(const char *)data + 1, size - 1};
    AUTO_BUF(bundle, 1 << 24);

    if (size == 0 || size > 1 << 14)
        return 0;
    o.kind = (enum lines_kind)(data[0] % LINES_KINDS);
    if (lines_bundle(&rest, &o, &bundle, &counts) > 0 && buf_error(&bundle) == 0)
        check(&bundle, counts.taken);
    if (counts.lines != counts.taken + counts.odd + counts.remarks)
        abort();
    return 0;
}
