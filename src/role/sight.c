#include "role/sight.h"

int
sight_read(const struct sight_ask *a, struct verdict_sight *ret)
{
    (void)a;
    *ret = (struct verdict_sight){.known = true};
    return 0;
}
