#include "model/economy.h"

#include "model/economy_priv.h"

uint16_t
economy_code(struct slice name)
{
    unsigned from = 0;
    unsigned to = name.len == 0 ? 0 : economy_count;

    while (from < to) {
        unsigned mid = (from + to) / 2;
        struct slice at = slice_of(economy_list[mid].name);
        int d = memcmp(at.ptr, name.ptr, at.len < name.len ? at.len : name.len);

        if (d == 0 && at.len == name.len)
            return country_parse(slice_of(economy_list[mid].code));
        if (d < 0 || (d == 0 && at.len < name.len))
            from = mid + 1;
        else
            to = mid;
    }
    return COUNTRY_UNKNOWN;
}
