#include "base/uuid.h"

#include <stddef.h>

void
uuid_write(const uint8_t bytes[UUID_BYTES], unsigned version, char ret[UUID_TEXT + 1])
{
    static const char digit[] = "0123456789abcdef";
    size_t at = 0;

    for (unsigned i = 0; i < UUID_BYTES; i++) {
        uint8_t b = bytes[i];

        if (i == 6)
            b = (uint8_t)((b & 0x0f) | version << 4);
        if (i == 8)
            b = (uint8_t)((b & 0x3f) | 0x80);
        if (i == 4 || i == 6 || i == 8 || i == 10)
            ret[at++] = '-';
        ret[at++] = digit[b >> 4];
        ret[at++] = digit[b & 15];
    }
    ret[at] = '\0';
}
