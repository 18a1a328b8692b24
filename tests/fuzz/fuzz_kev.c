/* Any bytes as a catalogue of exploited vulnerabilities: refused with a reason, or entries in
 * order, each once, whose summary is JSON. */
#include <stdint.h>

#include "vuln/kev.h"
#include "wire/jcs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct errinfo ei = {0};
    AUTO_BUF(json, 1 << 20);
    AUTO_BUF(canonical, 1 << 20);
    struct kev k;

    if (kev_read((struct slice){(const char *)data, size}, &k, &ei) < 0) {
        BUG_ON(ei.text[0] == '\0');
        return 0;
    }
    for (unsigned i = 0; i < k.count; i++) {
        BUG_ON(k.entry[i].id != cve_parse(k.entry[i].cve));
        BUG_ON(k.entry[i].cve.len < 13 || k.entry[i].added.len != 10);
        BUG_ON(i > 0 && memcmp(k.entry[i - 1].added.ptr, k.entry[i].added.ptr, 10) < 0);
    }
    BUG_ON(k.ransomware > k.count);
    kev_json(&k, &json);
    BUG_ON(buf_error(&json) < 0 || jcs_canonical(buf_get(&json), &canonical, NULL) != JCS_OK);
    kev_release(&k);
    return 0;
}
