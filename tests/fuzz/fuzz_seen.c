/* What a counterpart saw: whatever the bytes, what is given is sound. */
#include <stdlib.h>
#include <string.h>

#include "vuln/seen.h"

static int
take(void *arg, const struct seen_row *r)
{
    (void)arg;
    if (r->cve == 0 || r->alerts == 0 || r->hour.us % (3600 * TIME_US_PER_S) != 0 ||
        (strlen(r->country) != 0 && strlen(r->country) != 2))
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *text = malloc(len + 1);
    struct errinfo ei = {0};

    if (text == NULL)
        return 0;
    memcpy(text, bytes, len);
    text[len] = '\0';
    if (seen_read(text, len, take, NULL, &ei) < 0 && ei.text[0] == '\0')
        abort();
    free(text);
    return 0;
}
