#include "topology/mrt_path.h"

#include <string.h>

/* RFC 4271 section 4.3, RFC 5065 section 3. */
enum { AS_SET = 1, AS_SEQUENCE = 2, CONFED_SEQUENCE = 3, CONFED_SET = 4 };

enum { RAW = 256 };
#define SET \
    0u /* stands for a set; in a sequence, where nobody has it (RFC 7607), it is changed */

struct raw {
    uint32_t hop[RAW];
    unsigned hops;
    enum mrt_path fault; /* MRT_PATH_GOOD: none */
};

bool
mrt_is_reserved(uint32_t asn)
{
    return asn == 0 ||                        /* RFC 7607 */
           asn == 23456 ||                    /* AS_TRANS, RFC 6793 */
           (asn >= 64496 && asn <= 64511) ||  /* documentation, RFC 5398 */
           (asn >= 64512 && asn <= 65534) ||  /* private, RFC 6996 */
           asn == 65535 ||                    /* RFC 7300 */
           (asn >= 65536 && asn <= 65551) ||  /* documentation, RFC 5398 */
           (asn >= 65552 && asn <= 131071) || /* IANA has not given them out */
           asn >= 4200000000u;                /* private, RFC 6996; the last RFC 7300 */
}

static uint32_t
number_at(const char *at)
{
    uint8_t b[4];

    memcpy(b, at, 4);
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void
put(struct raw *to, uint32_t hop)
{
    if (to->hops == RAW)
        to->fault = MRT_PATH_LONG;
    else
        to->hop[to->hops++] = hop;
}

/* 0 is nobody's number, nor is the last one (RFC 7300). */
static uint32_t
not_set(uint32_t asn)
{
    return asn == 0 ? UINT32_MAX : asn;
}

/* A set counts as one hop (RFC 4271 section 9.1.2.2), confederations as none (RFC 5065). */
static void
read_segments(struct slice value, struct raw *to)
{
    to->hops = 0;
    to->fault = MRT_PATH_GOOD;
    while (value.len > 0) {
        uint8_t type = (uint8_t)value.ptr[0];
        size_t count = value.len < 2 ? 0 : (uint8_t)value.ptr[1];

        if (value.len < 2 + count * 4 || type < AS_SET || type > CONFED_SET) {
            to->fault = MRT_PATH_BROKEN;
            return;
        }
        if (type == AS_SET && count > 0)
            put(to, count == 1 ? not_set(number_at(value.ptr + 2)) : SET);
        for (size_t i = 0; type == AS_SEQUENCE && i < count; i++)
            put(to, not_set(number_at(value.ptr + 2 + i * 4)));
        value = slice_sub(value, 2 + count * 4, value.len);
    }
}

/* RFC 6793 section 4.2.3: what AS4_PATH has stands for the end of AS_PATH, unless it is longer
 * than all of it. */
static void
put_back(struct raw *path, struct slice as4)
{
    struct raw wide;

    read_segments(as4, &wide);
    if (wide.fault != MRT_PATH_GOOD || wide.hops > path->hops)
        return;
    memcpy(&path->hop[path->hops - wide.hops], wide.hop, wide.hops * sizeof wide.hop[0]);
}

enum mrt_path
mrt_path_clean(struct slice path, struct slice as4, uint32_t to[MRT_HOPS], unsigned *ret_hops)
{
    struct raw raw;
    bool cut;
    unsigned n = 0;

    *ret_hops = 0;
    read_segments(path, &raw);
    if (raw.fault != MRT_PATH_GOOD)
        return raw.fault;
    if (as4.len > 0)
        put_back(&raw, as4);
    cut = raw.hops > 0 && raw.hop[raw.hops - 1] == SET;
    raw.hops -= cut;
    if (raw.hops == 0)
        return MRT_PATH_EMPTY;
    for (unsigned i = 0; i < raw.hops; i++) {
        if (raw.hop[i] == SET)
            return MRT_PATH_SET;
        if (mrt_is_reserved(raw.hop[i]))
            return MRT_PATH_RESERVED;
        if (n > 0 && to[n - 1] == raw.hop[i])
            continue;
        for (unsigned k = 0; k < n; k++) {
            if (to[k] == raw.hop[i])
                return MRT_PATH_LOOP;
        }
        if (n == MRT_HOPS)
            return MRT_PATH_LONG;
        to[n++] = raw.hop[i];
    }
    *ret_hops = n;
    return cut ? MRT_PATH_CUT : MRT_PATH_GOOD;
}
