/* What systems list as installed: each package has a name and a version. */
#include "vuln/package.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
take(void *arg, const struct package *p)
{
    size_t at;

    (void)arg;
    BUG_ON(p->name.len == 0 || p->name.len > PACKAGE_TEXT || p->source.len == 0);
    BUG_ON(version_wrong(p->scheme, p->version, &at) != NULL || p->line == 0);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct package_counts counts;
    struct errinfo ei = {0};

    BUG_ON(package_read_dpkg((struct slice){(const char *)data, size}, take, NULL, &counts,
                             &ei) > 0);
    return 0;
}
