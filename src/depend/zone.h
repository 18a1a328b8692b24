/* Zone files, RFC 1035 section 5: $ORIGIN, $TTL (RFC 2308), parentheses, names relative to the
 * origin, quoted strings, escapes, TTLs as seconds or as 1h30m.
 *
 * SOA, NS, A, AAAA, MX, CNAME, DS and RRSIG become facts; records of other types and classes
 * are counted and passed over, but must be well-formed.  $INCLUDE and $GENERATE are refused:
 * they would read or make what nobody sees.  The serial of the first SOA, where it is
 * YYYYMMDDnn as RFC 1912 has it, is the day of the source, unless that was written before.
 * Not checked: whether the zone is one (RFC 1034).
 */
#ifndef DETENTE_DEPEND_ZONE_H
#define DETENTE_DEPEND_ZONE_H

#include "depend/facts.h"

struct zone_counts {
    uint64_t records;
    uint64_t passed; /* of other types or classes */
};

/* origin: of names without a dot at the end, until the file says another; "" the root.
 * ERR_INVALID with line and column, ERR_LIMIT, ERR_NOMEM. */
MUST_USE int zone_read(struct facts *f, struct slice text, struct slice origin, uint16_t source,
                       struct zone_counts *ret, struct errinfo *ei);

#endif
