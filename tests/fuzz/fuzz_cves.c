/* A record of a sensor: what it is about comes out ascending, each once. */
#include <stdlib.h>
#include <string.h>

#include "vuln/alert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *record = malloc(size + 1);
    struct cve_set s;
    struct errinfo ei = {0};

    if (record == NULL)
        return 0;
    memcpy(record, data, size);
    if (alert_cves(record, size, &s, &ei) > 0) {
        for (unsigned i = 0; i < s.count; i++) {
            char text[CVE_TEXT];

            (void)cve_format(s.at[i].id, text);
            BUG_ON(cve_parse(slice_of(text)) != s.at[i].id || s.at[i].sources == 0);
            BUG_ON(i > 0 && s.at[i].id <= s.at[i - 1].id);
        }
    } else {
        BUG_ON(s.count != 0);
    }
    free(record);
    return 0;
}
