/* Ids of the objects of a list of JSON on standard input, one a line, for sco_ids.py. */
#include <stdio.h>
#include <stdlib.h>

#include "stix/sco_id.h"

enum { ROOM = 1 << 24 };

int
main(void)
{
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    char *text = malloc(ROOM);
    size_t n = text == NULL ? 0 : fread(text, 1, ROOM, stdin);
    AUTO_ARENA(arena);

    if (n == 0 || arena_init(&arena, (size_t)DOM_ROOM * n + DOM_LEAST) < 0 ||
        dom_read(text, n, &arena, &d, &ei) < 0) {
        (void)fprintf(stderr, "%u:%u: %s\n", ei.line, ei.column, ei.text);
        free(text);
        return 1;
    }
    for (const struct dom *o = d->first; o != NULL; o = o->next) {
        struct stix_id id = {.len = 0};
        int r = sco_id_of(o, &id);

        if (r == 0)
            (void)puts(id.text);
        else
            (void)printf("%d\n", r);
    }
    free(text);
    return 0;
}
