/* Warning lists: what is read can be asked. */
#include <stdint.h>
#include <stdlib.h>

#include "indicator/warning.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
ask(const struct warnings *w, const struct dom *list)
{
    struct atom a;

    for (const struct dom *x = list; x != NULL; x = x->next) {
        struct slice text = dom_text(x);
        uint32_t found;

        if (!atom_read_address(text, &a) && !atom_read_url(text, &a) &&
            !atom_read_hash(text, &a) && !atom_read_domain(text, &a))
            continue;
        found = warnings_find(w, a.kind, (struct slice){a.byte, a.len});
        if (found != WARNING_NONE && found >= warnings_count(w))
            abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct dom *d = NULL;
    struct warnings *w = NULL;
    struct errinfo ei = {0};
    char *text = malloc(size + 1);
    uint32_t list = 0;
    AUTO_ARENA(arena);

    if (size < 1 << 14 && text != NULL && arena_init(&arena, 80 * size + 4096) == 0 &&
        warnings_new(1, &w) == 0) {
        if (size > 0)
            memcpy(text, data, size);
        if (dom_read(text, size, &arena, &d, &ei) == 0) {
            int r = warnings_read(w, d, &list, &ei);

            if (r < 0 && r != ERR_NOMEM && ei.text[0] == '\0')
                abort();
            if (r == 0 && warnings_freeze(w) == 0)
                ask(w, dom_get(d, SLICE("list"))->first);
        }
    }
    (void)warnings_free(w);
    free(text);
    return 0;
}
