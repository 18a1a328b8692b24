/* Objects of STIX: a path that is told leads somewhere, or names what is not there; and each
 * says the same as itself. */
#include <stdint.h>
#include <stdlib.h>

#include "stix/object.h"
#include "stix/same.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
tell(void *arg, const struct stix_fault *f)
{
    unsigned *told = arg;

    ++*told;
    if (f->path.len > STIX_PATH || f->reason[0] == '\0')
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    unsigned told = 0;
    char *text = malloc(size + 1);
    AUTO_ARENA(arena);

    if (size < 1 << 16 && text != NULL && arena_init(&arena, 80 * size + 4096) == 0) {
        if (size > 0)
            memcpy(text, data, size);
        if (dom_read(text, size, &arena, &d, &ei) == 0 &&
            (stix_check(d, tell, &told) != told || !stix_same(d, d)))
            abort();
    }
    free(text);
    return 0;
}
