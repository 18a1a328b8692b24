#include "role/reach.h"

#include <netinet/in.h>

#include "model/addr.h"

static bool
take_address(const struct sockaddr *to, socklen_t len, struct addr *ret)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (to->sa_family == AF_INET && len >= sizeof v4) {
        memcpy(&v4, to, sizeof v4);
        *ret = addr_of_v4(ntohl(v4.sin_addr.s_addr));
        return true;
    }
    if (to->sa_family != AF_INET6 || len < sizeof v6)
        return false;
    memcpy(&v6, to, sizeof v6);
    memcpy(ret->byte, v6.sin6_addr.s6_addr, sizeof ret->byte);
    return true;
}

/* IPv4 inside IPv6, where a gateway takes it out again: 64:ff9b::/96 (RFC 6052) and 2002::/16
 * (RFC 3056). */
static struct addr
unwrap(struct addr a)
{
    static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};
    const uint8_t *at = NULL;

    if (memcmp(a.byte, nat64, sizeof nat64) == 0)
        at = a.byte + 12;
    else if (a.byte[0] == 0x20 && a.byte[1] == 0x02)
        at = a.byte + 2;
    return at == NULL ? a
                      : addr_of_v4((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
                                   (uint32_t)at[2] << 8 | at[3]);
}

const char *
reach_refuses(const struct sockaddr *to, socklen_t len, bool inside)
{
    struct addr a;

    if (!take_address(to, len, &a))
        return "no internet address";
    a = unwrap(a);
    switch (addr_kind(&a)) {
    case ADDR_GLOBAL: return NULL;
    case ADDR_LOOPBACK: return inside ? NULL : "a loopback address";
    case ADDR_PRIVATE: return inside ? NULL : "a private address";
    case ADDR_CGNAT: return inside ? NULL : "an address behind a carrier's translation";
    case ADDR_LINKLOCAL: return inside ? NULL : "a link-local address";
    case ADDR_MULTICAST: return "a multicast address";
    case ADDR_THIS: return "an address of no host";
    case ADDR_RESERVED: break;
    }
    return "a reserved address";
}
