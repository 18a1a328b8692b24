/* Package URLs, and what OSV calls them: no part is longer than the whole, and what a purl was
 * made of again is the same. */
#include <stdint.h>

#include "vuln/osv.h"
#include "vuln/purl.h"

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
encode(struct buf *b, struct slice s, bool slashes)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (slashes && c == '/'))
            buf_char(b, (char)c);
        else
            buf_printf(b, "%%%02X", c);
    }
}

static void
check_osv(const struct purl *p)
{
    struct purl_osv o;
    enum version_scheme scheme;

    if (purl_osv(p, &o))
        BUG_ON(!osv_scheme(o.ecosystem, &scheme) || scheme != o.scheme || o.name.len == 0);
    BUG_ON(o.name.len > PURL_BYTES || o.source_version.len > PURL_BYTES + 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_BUF(again, 16 * PURL_BYTES);
    struct purl p;
    struct purl q;
    size_t at;

    if (purl_parse((struct slice){(const char *)data, size}, &p, &at) != NULL) {
        BUG_ON(at > size);
        return 0;
    }
    check_osv(&p);
    buf_text(&again, "pkg:");
    buf_slice(&again, p.type);
    buf_char(&again, '/');
    encode(&again, p.space, true);
    buf_char(&again, '/');
    encode(&again, p.name, false);
    buf_char(&again, '@');
    encode(&again, p.version, false);
    if (again.len >= PURL_BYTES)
        return 0;
    BUG_ON(purl_parse(buf_get(&again), &q, &at) != NULL);
    BUG_ON(!slice_eq(p.type, q.type) || !slice_eq(p.name, q.name) ||
           !slice_eq(p.version, q.version));
    return 0;
}
