/* Inventories: the first byte says in which form.  What is given can be shown and compared. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vuln/osv.h"
#include "vuln/package.h"
#include "wire/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_plain(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] < 0x20)
            return false;
    }
    return utf8_ok(s);
}

static int
take(void *arg, const struct package *p)
{
    enum version_scheme scheme;

    ++*(unsigned *)arg;
    BUG_ON(p->line == 0 || (p->name.len == 0 && p->cpe.len == 0));
    BUG_ON(p->name.len > PACKAGE_TEXT || p->version.len > PACKAGE_TEXT ||
           p->source.len > PACKAGE_TEXT || p->source_version.len > PACKAGE_TEXT ||
           p->asset.len > PACKAGE_TEXT || p->cpe.len > PACKAGE_REFERENCE ||
           p->purl.len > PACKAGE_REFERENCE);
    BUG_ON(p->source.len == 0 && p->name.len > 0);
    BUG_ON(!is_plain(p->name) || !is_plain(p->version) || !is_plain(p->source) ||
           !is_plain(p->source_version) || !is_plain(p->asset) || !is_plain(p->cpe) ||
           !is_plain(p->purl) || !is_plain(p->supplier));
    BUG_ON(p->ecosystem.len > 0 && !slice_is(p->ecosystem, PACKAGE_NO_ECOSYSTEM) &&
           (!osv_scheme(p->ecosystem, &scheme) || scheme != p->scheme));
    (void)version_compare(p->scheme, p->version, p->source_version);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct package_counts counts;
    struct errinfo ei = {0};
    unsigned taken = 0;
    struct slice whole;
    size_t len = size == 0 ? 0 : size - 1;
    char *text = malloc(len + (len == 0));
    int r = 0;

    if (text == NULL || size == 0) {
        free(text);
        return 0;
    }
    memcpy(text, data + 1, len);
    whole = (struct slice){text, len};
    switch (data[0] % 6) {
    case 0: r = package_read_rpm(whole, take, &taken, &counts, &ei); break;
    case 1: r = package_read_apk(whole, take, &taken, &counts, &ei); break;
    case 2: r = package_read_cyclonedx(text, len, take, &taken, &counts, &ei); break;
    case 3: r = package_read_spdx(text, len, take, &taken, &counts, &ei); break;
    case 4: r = package_read_cpe(whole, take, &taken, &counts, &ei); break;
    default: r = package_read_nmap(text, len, take, &taken, &counts, &ei); break;
    }
    BUG_ON(r > 0 || counts.packages != taken);
    BUG_ON(r == ERR_INVALID && (ei.line == 0 || ei.text[0] == '\0'));
    free(text);
    return 0;
}
