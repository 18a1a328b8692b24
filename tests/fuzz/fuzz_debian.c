/* The security tracker: each row is whole, and its bytes say what its status does. */
#include <stdlib.h>
#include <string.h>

#include "vuln/debian.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
take(void *arg, const struct debian_row *row)
{
    bool first = affected_is(row->affected, SLICE("0~~"));

    (void)arg;
    BUG_ON(row->package.len == 0 || row->id.len == 0 || row->line == 0);
    BUG_ON(debian_ecosystem(row->release) != row->ecosystem);
    BUG_ON((row->status == DEBIAN_RESOLVED) != (row->fixed.len > 0));
    BUG_ON(row->status == DEBIAN_OPEN && !first);
    BUG_ON(row->status >= DEBIAN_NOT_AFFECTED && first);
    BUG_ON(row->fixed.len > 0 && affected_is(row->affected, row->fixed));
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct debian_counts counts;
    struct errinfo ei = {.line = 0};
    int r;

    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    r = debian_read(text, size, take, NULL, &counts, &ei);
    BUG_ON(r > 0 || (r == ERR_INVALID && (ei.line == 0 || ei.text[0] == '\0')));
    free(text);
    return 0;
}
