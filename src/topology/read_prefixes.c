/* Prefixes and who originates them, for how many addresses a network has. */
#include <string.h>

#include "topology/origins.h"
#include "topology/read_priv.h"

/* `1.2.3.4`; false: it is none. */
static bool
take_address(struct slice *rest, uint32_t *ret)
{
    *ret = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t n;

        if ((i > 0 && !take_char(rest, '.')) || !take_number(rest, &n) || n > 255)
            return false;
        *ret = *ret << 8 | (uint32_t)n;
    }
    return true;
}

static int
take_line(void *origins, struct slice line, unsigned number, struct errinfo *ei)
{
    struct slice rest = line;
    uint32_t start = 0;
    uint32_t asn = 0;
    uint64_t len = 0;

    if (memchr(line.ptr, ':', line.len) != NULL)
        return 0;
    if (!take_address(&rest, &start) || !take_char(&rest, '\t') || !take_number(&rest, &len) ||
        len > 32 || !take_char(&rest, '\t') || !take_asn(&rest, &asn) ||
        (rest.len > 0 && rest.ptr[0] != '_' && rest.ptr[0] != ','))
        return err_at(ei, ERR_INVALID, number, (unsigned)(rest.ptr - line.ptr) + 1,
                      "a line is `prefix length AS`, tabs between");
    return origins_add(origins, start, (unsigned)len, asn);
}

int
build_read_prefixes(struct build *b, struct slice text, uint64_t *ret_lines, struct errinfo *ei)
{
    struct origins o = {0};
    int r = read_lines(text, take_line, &o, ret_lines, ei);

    if (r == 0)
        r = origins_count(&o, b);
    origins_release(&o);
    return r;
}
