#include "stix/nfc.h"

#include <utf8proc.h>

int
stix_nfc(struct slice text, struct slice *ret, char **ret_owned)
{
    utf8proc_uint8_t *made = NULL;
    utf8proc_ssize_t n;
    size_t plain = 0;

    *ret = text;
    *ret_owned = NULL;
    while (plain < text.len && (unsigned char)text.ptr[plain] < 0x80)
        plain++;
    if (plain == text.len)
        return 0;
    n = utf8proc_map((const utf8proc_uint8_t *)text.ptr, (utf8proc_ssize_t)text.len, &made,
                     UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (n < 0) /* no UTF-8, which no reader of ours lets through, stays as it is */
        return n == UTF8PROC_ERROR_NOMEM ? ERR_NOMEM : 0;
    *ret_owned = (char *)made;
    *ret = (struct slice){*ret_owned, (size_t)n};
    return 0;
}
