#include "cli/json_file.h"

#include <stdlib.h>

enum { TEXT = 1 << 28, TREE = 1 << 30 };

int
json_file_read(const char *path, struct json_file *ret)
{
    struct errinfo ei = {0};
    size_t len = 0;
    int r = cli_read_file(path, TEXT, &ret->text, &len, &ei);

    if (r == 0) {
        err_file(&ei, path);
        r = arena_init(&ret->arena, len < TREE / DOM_ROOM ? DOM_ROOM * len + DOM_LEAST : TREE);
    }
    if (r == 0)
        r = dom_read(ret->text, len, &ret->arena, &ret->root, &ei);
    return r < 0 ? cli_fail_at(r, &ei) : 0;
}

void
json_file_release(struct json_file *j)
{
    arena_release(&j->arena);
    free(j->text);
    *j = (struct json_file){.root = NULL};
}
