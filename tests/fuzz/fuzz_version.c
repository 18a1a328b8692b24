/* Two versions, a line each, behind a byte that says of which scheme: they have an order, and
 * what is wrong with one is inside it. */
#include <stdint.h>

#include "base/err.h"
#include "version/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {(const char *)data + 1, size == 0 ? 0 : size - 1};
    enum version_scheme s;
    struct slice a;
    struct slice b;
    size_t where;
    int r;

    if (size == 0)
        return 0;
    s = (enum version_scheme)(data[0] % VERSION_SCHEMES);
    a = slice_part(&rest, '\n');
    b = rest;
    r = version_compare(s, a, b);
    BUG_ON(r < -1 || r > 1 || version_compare(s, b, a) != -r || version_compare(s, a, a) != 0);
    BUG_ON(version_wrong(s, a, &where) != NULL && where > a.len);
    return 0;
}
