/* Rules of sensors: whatever the bytes, what is given is sound. */
#include <stdlib.h>

#include "vuln/rules.h"

static int
take(void *arg, const struct rules_rule *r)
{
    uint64_t *n = arg;

    if (r->sid == 0 || r->cves.count == 0 || r->cves.count > CVE_SET)
        abort();
    for (unsigned i = 0; i < r->cves.count; i++) {
        if (r->cves.at[i].sources != CVE_RULES ||
            (i > 0 && r->cves.at[i].id <= r->cves.at[i - 1].id))
            abort();
    }
    ++*n;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct rules_counts c;
    struct errinfo ei = {0};
    uint64_t n = 0;

    if (rules_read((struct slice){(const char *)bytes, len}, take, &n, &c, &ei) == 0 &&
        (n != c.with || c.with > c.rules))
        abort();
    return 0;
}
