/* Advisories: what is taken is sound, and can be asked about any version. */
#include <stdlib.h>
#include <string.h>

#include "vuln/osv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
take(void *arg, const struct osv_record *r)
{
    (void)arg;
    BUG_ON(r->id.len == 0 || r->id.len > OSV_TEXT || r->packages > OSV_PACKAGES);
    for (unsigned i = 0; i < r->cves; i++)
        BUG_ON(r->cve[i] == 0 || (i > 0 && r->cve[i] <= r->cve[i - 1]));
    for (unsigned i = 0; i < r->packages; i++) {
        const struct osv_package *p = &r->package[i];
        struct slice bytes = slice_sub(buf_get(&r->affected), p->from, p->len);
        struct slice fixed = affected_fixed(bytes, SLICE("1.0"));

        (void)affected_is(bytes, SLICE("1.0"));
        BUG_ON(fixed.len > 0 && version_compare(p->scheme, fixed, SLICE("1.0")) <= 0);
    }
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct osv_counts counts;
    struct errinfo ei = {0};

    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    BUG_ON(osv_read(text, size, take, NULL, &counts, &ei) > 0);
    free(text);
    return 0;
}
