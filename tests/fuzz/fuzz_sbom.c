/* A bill of materials, with suppliers that are known: the first byte `{` begins a bill,
 * anything else a list of suppliers behind it.  What was read is audited. */
#include <stdlib.h>
#include <string.h>

#include "depend/audit.h"
#include "depend/sbom.h"
#include "depend/suppliers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
audit(const struct services *s, const struct facts *f)
{
    struct home h = {0};
    struct errinfo ei = {0};
    struct audit_input in = {.services = s,
                             .facts = f,
                             .home = &h,
                             .at = {INT64_C(1700000000) * TIME_US_PER_S},
                             .drift = {TIME_US_PER_S}};
    struct audit a;
    uint32_t parts = 0;

    if (home_add(&h, SLICE("XA"), SLICE(""), 0, &ei) == 0 && audit_run(&in, &a) == 0) {
        for (uint32_t i = 0; i < a.needs; i++) {
            const struct part *p = a.need[i].part == 0 ? NULL : &s->part[a.need[i].part - 1];

            parts += p != NULL;
            BUG_ON(p != NULL && (p->kind != a.need[i].kind || p->line == 0));
        }
        BUG_ON(parts != s->parts); /* each is in one chain, once */
        audit_release(&a);
    }
    home_release(&h);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char list[] = "supplier,country,kind,lease_until\nA,XA,software,\nB,XB,licence,2027-01-01\n"
                  "B,XC,cloud,\n";
    bool bill = size > 0 && data[0] == '{';
    struct sbom_of of = {.fallback = SLICE("bill")};
    struct sbom_counts counts = {0};
    struct services s = {0};
    struct errinfo ei = {0};
    struct facts f;
    uint16_t source;
    char *text = malloc(size + 1);
    int r;

    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    of.text = text;
    of.len = size;
    facts_init(&f, 1);
    r = facts_source(&f, "fuzz", (struct utime){0}, &source);
    BUG_ON(r != 0 || source != of.source);
    if (!bill && size > 0) {
        r = suppliers_read(&f, text + 1, size - 1, source, &ei);
        BUG_ON(r < 0 && ei.text[0] == '\0');
    } else if (suppliers_read(&f, list, sizeof list - 1, source, &ei) == 0) {
        r = sbom_read(&f, &s, &of, &counts, &ei);
        BUG_ON(r < 0 && ei.text[0] == '\0');
        if (r == 0)
            audit(&s, &f);
    }
    services_release(&s);
    facts_release(&f);
    free(text);
    return 0;
}
