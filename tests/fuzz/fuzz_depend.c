/* Files of an audit of dependencies: the first byte says of which kind.  What was read is
 * audited and planned for, so that no text leads anywhere it should not. */
#include <stdlib.h>
#include <string.h>

#include "depend/answers.h"
#include "depend/diff.h"
#include "depend/plan.h"
#include "depend/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
count_change(void *self, enum diff_change change, const struct diff_row *before,
             const struct diff_row *after)
{
    (void)change;
    BUG_ON(before == NULL && after == NULL);
    ++*(unsigned *)self;
}

/* An audit does not differ from itself. */
static void
compare(const struct audit_input *in, const struct audit *a)
{
    struct diff_rows x = {0};
    struct diff_rows y = {0};
    unsigned changes = 0;
    AUTO_BUF(one, 0);
    AUTO_BUF(two, 0);

    if (audit_rows(in, a, &one, &x) == 0 && audit_rows(in, a, &two, &y) == 0) {
        diff_run(&x, &y, count_change, &changes);
        BUG_ON(changes != 0);
    }
    diff_release(&x);
    diff_release(&y);
}

static void
audit(const struct services *s, const struct facts *f, struct home *h)
{
    struct audit_input in = {.services = s,
                             .facts = f,
                             .home = h,
                             .at = {INT64_C(1700000000) * TIME_US_PER_S},
                             .drift = {TIME_US_PER_S},
                             .hard_fail = true};
    struct errinfo ei = {0};
    struct audit a;
    struct plan p;

    if (home_add(h, SLICE("192.0.2.0/24"), SLICE(""), 0, &ei) < 0 ||
        home_add(h, SLICE("!198.51.100.0/24"), SLICE(""), 0, &ei) < 0 || audit_run(&in, &a) < 0)
        return;
    for (uint32_t i = 0; i < a.count; i++)
        BUG_ON(a.outcome[i].least.us > a.outcome[i].most.us);
    if (plan_make(&in, &a, DEPEND_NEVER, 16, &p) == 0)
        plan_release(&p);
    compare(&in, &a);
    audit_release(&a);
}

static void
read_rows(char *text, size_t len)
{
    struct diff_rows rows;
    struct errinfo ei = {0};

    if (diff_read(text, len, &rows, &ei) == 0)
        diff_release(&rows);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char list[] = "id,name,domain\n1,a,example.xa\n2,b,www.example.xa\n3,c,xa\n";
    struct slice bytes = {(const char *)data + 1, size - 1};
    char *text = malloc(size);
    struct zone_counts zone;
    struct services s = {0};
    struct errinfo ei = {0};
    struct home h = {0};
    struct facts f;
    uint16_t source;
    int r = 0;

    if (size == 0 || text == NULL) {
        free(text);
        return 0;
    }
    memcpy(text, bytes.ptr, bytes.len);
    facts_init(&f, 1);
    if (facts_source(&f, "fuzz", (struct utime){0}, &source) < 0)
        r = ERR_NOMEM;
    else if (data[0] % 8 == 0)
        r = services_read(text, bytes.len, &s, &ei);
    else if (data[0] % 8 == 1)
        r = zone_read(&f, bytes, SLICE("example.xa"), source, &zone, &ei);
    else if (data[0] % 8 == 2)
        r = answers_read(&f, text, bytes.len, source, &s, &ei);
    else if (data[0] % 8 == 3)
        r = home_read(&h, bytes, &ei);
    else if (data[0] % 8 == 4)
        r = home_read_scenario(&h, bytes, &ei);
    else
        read_rows(text, bytes.len);
    BUG_ON(r < 0 && ei.text[0] == '\0');
    if (r == 0 && s.count == 0)
        r = services_read(list, sizeof list - 1, &s, &ei);
    if (r == 0)
        audit(&s, &f, &h);
    services_release(&s);
    home_release(&h);
    facts_release(&f);
    free(text);
    return 0;
}
