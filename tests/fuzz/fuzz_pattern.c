/* A pattern in the first line, what was observed behind it. */
#include <stdint.h>
#include <stdlib.h>

#include "stix/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *lf = size == 0 ? NULL : memchr(data, '\n', size);
    size_t n = lf == NULL ? size : (size_t)(lf - data);
    const struct dom *d = NULL;
    struct pattern *p = NULL;
    struct errinfo ei = {0};
    char *text;
    AUTO_ARENA(arena);

    if (size > 1 << 16 || pattern_read((struct slice){(const char *)data, n}, &p, &ei) < 0)
        return 0;
    text = malloc(size + 1);
    if (lf != NULL && text != NULL && arena_init(&arena, 48 * size + 4096) == 0) {
        struct observed o = {.at = NULL};
        bool ret = false;
        int r;

        memcpy(text, lf + 1, size - n - 1);
        r = dom_read(text, size - n - 1, &arena, &d, &ei);
        if (r == 0) {
            r = observed_read(d, &o, &ei);
            /* what has many ways is tried for seconds */
            if (r == 0 && o.count < 50)
                r = pattern_match(p, &o, &ret);
            observed_release(&o);
        }
        if (r < 0 && ret)
            abort();
    }
    free(text);
    (void)pattern_free(p);
    return 0;
}
