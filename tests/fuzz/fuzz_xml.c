/* XML: what is opened is closed, no piece lies outside the text, and a fault has its place. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_inside(const struct xml *x, struct slice s)
{
    BUG_ON(s.len > 0 && (s.ptr < x->text || s.ptr + s.len > x->text + x->len));
}

static void
read_all(struct xml *x)
{
    unsigned depth = 0;
    int r;

    while ((r = xml_next(x)) > 0) {
        depth += r == XML_OPEN;
        BUG_ON(r == XML_CLOSE && depth == 0);
        depth -= r == XML_CLOSE;
        check_inside(x, x->name);
        check_inside(x, x->chars);
        for (unsigned i = 0; i < x->attributes; i++)
            check_inside(x, x->attribute[i].value);
        BUG_ON(r == XML_TEXT && depth == 0);
    }
    BUG_ON(r == XML_END && (depth != 0 || x->at != x->len));
    BUG_ON(r < 0 && x->ei->line == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + (size == 0));
    struct errinfo ei = {0};
    struct xml x;

    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    if (xml_open(&x, text, size, &ei) == 0)
        read_all(&x);
    free(text);
    return 0;
}
