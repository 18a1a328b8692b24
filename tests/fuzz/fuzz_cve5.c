/* CVE records: what is taken stays within the record, and its packages can be asked about any
 * version. */
#include <stdlib.h>
#include <string.h>

#include "vuln/cve5.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_products(const struct cve5_record *r)
{
    for (unsigned i = 0; i < r->products; i++) {
        const struct cve5_product *p = &r->product[i];

        BUG_ON(p->cpe + p->cpes > r->cpes || p->version + p->versions > r->versions);
        BUG_ON(p->vendor.len > CVE5_TEXT || (unsigned)p->match >= CVE5_MATCHES);
    }
    for (unsigned i = 0; i < r->versions; i++)
        BUG_ON(r->version[i].change + r->version[i].changes > r->changes);
}

static int
take(void *arg, const struct cve5_record *r)
{
    (void)arg;
    BUG_ON(r->cve == 0 || r->title.len > CVE5_TITLE || r->description.len > CVE5_DESCRIPTION);
    BUG_ON(r->cvss.score > 100 || r->cwes > CVE5_CWES);
    for (unsigned i = 1; i < r->cwes; i++)
        BUG_ON(r->cwe[i] <= r->cwe[i - 1]);
    check_products(r);
    for (unsigned i = 0; i < r->packages; i++) {
        const struct cve5_package *p = &r->package[i];
        struct slice bytes = slice_sub(buf_get(&r->affected), p->from, p->len);
        struct slice fixed = affected_fixed(bytes, SLICE("1.0"));

        BUG_ON(p->product >= r->products || p->name.len == 0 || bytes.len != p->len);
        BUG_ON(memchr(p->ecosystem, '\0', sizeof p->ecosystem) == NULL);
        (void)affected_is(bytes, SLICE("1.0"));
        BUG_ON(fixed.len > 0 && version_compare(p->scheme, fixed, SLICE("1.0")) <= 0);
    }
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct cve5_counts counts;
    struct errinfo ei = {.line = 0};
    int r;

    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    r = cve5_read(text, size, take, NULL, &counts, &ei);
    BUG_ON(r > 0 || (r == ERR_INVALID && (ei.line == 0 || ei.text[0] == '\0')));
    free(text);
    return 0;
}
