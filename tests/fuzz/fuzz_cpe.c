/* Names of products, one a line: what is read is bound and read again as the same, and
 * relations of the first two are each other's mirror. */
#include <stdlib.h>
#include <string.h>

#include "vuln/cpe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
has_wildcards(const struct cpe *c)
{
    for (unsigned i = 0; i < CPE_NAMES; i++) {
        if (c->name[i].before > 0 || c->name[i].behind > 0)
            return true;
    }
    return false;
}

static void
rebind(const struct cpe *c, void (*format)(const struct cpe *c, struct buf *to))
{
    AUTO_BUF(once, CPE_FORMAT);
    AUTO_BUF(twice, CPE_FORMAT);
    struct cpe again;

    format(c, &once);
    BUG_ON(buf_error(&once) == ERR_LIMIT);
    if (buf_error(&once) < 0)
        return;
    BUG_ON(cpe_parse(buf_get(&once), &again, NULL) < 0);
    format(&again, &twice);
    BUG_ON(buf_error(&twice) == 0 && !slice_eq(buf_get(&once), buf_get(&twice)));
    BUG_ON(!has_wildcards(c) && cpe_relation(c, &again) != CPE_EQUAL);
}

static void
relate(const struct cpe *a, const struct cpe *b)
{
    static const enum cpe_relation mirror[] = {CPE_UNDEFINED, CPE_DISJOINT, CPE_SUPERSET,
                                               CPE_SUBSET, CPE_EQUAL};
    enum cpe_relation r = cpe_relation(a, b);

    if (!has_wildcards(a) && !has_wildcards(b))
        BUG_ON(cpe_relation(b, a) != mirror[r]);
    for (unsigned i = 0; r >= CPE_SUPERSET && i < CPE_NAMES; i++)
        BUG_ON(!cpe_value_covers(cpe_get(a, (enum cpe_name)i), cpe_get(b, (enum cpe_name)i),
                                 false));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {(const char *)data, size};
    struct slice line;
    struct cpe name[2];
    unsigned names = 0;

    while (names < 2 && slice_line(&rest, &line)) {
        struct errinfo ei = {0};
        AUTO_BUF(product, CPE_FORMAT);

        if (cpe_parse(line, &name[names], &ei) < 0) {
            BUG_ON(ei.text[0] == '\0' || ei.column == 0 || ei.column > line.len + 1);
            continue;
        }
        rebind(&name[names], cpe_format);
        rebind(&name[names], cpe_format_uri);
        BUG_ON(!cpe_product(&name[names], &product) && product.len > 0);
        names++;
    }
    if (names == 2)
        relate(&name[0], &name[1]);
    return 0;
}
