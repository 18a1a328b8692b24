/* Any bytes as a configuration: refused with a place and a reason, or printed in a form that
 * reads as the same. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "conf/conf.h"

static void
check_again(const struct conf *c)
{
    struct buf first;
    struct buf second;
    struct conf *again = NULL;

    buf_init(&first, 1 << 24);
    buf_init(&second, 1 << 24);
    conf_print(c, &first);
    BUG_ON(buf_error(&first) < 0);
    if (first.len <= 1 << 20) {
        BUG_ON(conf_parse(buf_get(&first), &again, NULL) < 0);
        conf_print(again, &second);
        BUG_ON(!slice_eq(buf_get(&first), buf_get(&second)));
        (void)conf_free(again);
    }
    buf_release(&first);
    buf_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct errinfo ei = {0};
    struct conf *c = NULL;
    int r = conf_parse((struct slice){(const char *)data, size}, &c, &ei);

    if (r == 0)
        check_again(c);
    else
        BUG_ON(ei.text[0] == '\0' || ei.line == 0 || ei.column == 0);
    (void)conf_free(c);
    return 0;
}
