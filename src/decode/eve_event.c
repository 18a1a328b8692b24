/* A walked EVE record becomes an event: who attacked whom, how sure that is, which class. */
#include "decode/eve_priv.h"

static struct slice
text_of(const struct eve_walk *w, enum eve_field f)
{
    struct token t;

    if (!(w->have & 1U << f))
        return (struct slice){0};
    t = eve_token(w->text, w->at[w->field[f]], w->at[w->field[f] + 1]);
    return (struct slice){w->text + t.at, t.len};
}

/* Absent, or null, which says the same. */
static bool
absent(const struct eve_walk *w, enum eve_field f)
{
    return !(w->have & 1U << f) ||
           (w->first[w->field[f]] == 'n' && slice_eq(text_of(w, f), SLICE("null")));
}

static size_t
put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xc0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xe0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 0x3f));
        to[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 0x3f));
    to[2] = (char)(0x80 | (c >> 6 & 0x3f));
    to[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

static uint32_t
hex_value(const char *p)
{
    uint32_t v = 0;

    for (int i = 0; i < 4; i++) {
        unsigned c = (unsigned char)p[i];

        v = v << 4 | (c <= '9' ? c - '0' : ((c | 0x20) - 'a' + 10));
    }
    return v;
}

/* A \u escape at s[i] (which is checked to be sound) with its second half; lone surrogates
 * become U+FFFD.  *i moves to its last byte. */
static uint32_t
unicode_escape(struct slice s, size_t *i)
{
    uint32_t c = hex_value(s.ptr + *i + 1);

    *i += 4;
    if (c < 0xd800 || c > 0xdfff)
        return c;
    if (c < 0xdc00 && *i + 6 < s.len && s.ptr[*i + 1] == '\\' && s.ptr[*i + 2] == 'u') {
        uint32_t low = hex_value(s.ptr + *i + 3);

        if (low >= 0xdc00 && low <= 0xdfff) {
            *i += 6;
            return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    return 0xfffd;
}

/* The inside of a sound string, unescaped into room bytes when it has escapes, cut there at a
 * whole character. */
static struct slice
unescape(struct slice s, char *to, size_t room)
{
    static const char from[] = "bfnrt";
    static const char into[] = "\b\f\n\r\t";
    size_t n = 0;

    if (s.len == 0 || memchr(s.ptr, '\\', s.len) == NULL)
        return s;
    for (size_t i = 0; i < s.len && n + 4 <= room; i++) {
        const char *named;

        if (s.ptr[i] != '\\') {
            to[n++] = s.ptr[i];
            continue;
        }
        i++;
        if (i >= s.len)
            break;
        named = s.ptr[i] == '\0' ? NULL : strchr(from, s.ptr[i]);
        if (s.ptr[i] == 'u' && i + 4 < s.len)
            n += put_utf8(to + n, unicode_escape(s, &i));
        else
            to[n++] = named != NULL ? into[named - from] : s.ptr[i];
    }
    return (struct slice){to, n};
}

/* The text of a string member, at most EVE_SCRATCH bytes of it when it has escapes; valid until
 * the next one. */
static bool
string_of(const struct eve_walk *w, enum eve_field f, struct slice *ret)
{
    struct slice s = text_of(w, f);

    if (s.len < 2 || s.ptr[0] != '"' || s.ptr[s.len - 1] != '"')
        return false;
    *ret = (struct slice){s.ptr + 1, s.len - 2};
    if (w->escapes)
        *ret = unescape(*ret, w->scratch, EVE_SCRATCH);
    return true;
}

/* Suricata's own form, `2026-03-01T12:00:00.123456+0100`, in the minute of the last record
 * costs 10 ns; all else is for time_parse_any(). */
static bool
time_of(struct eve_memory *m, struct slice s, struct utime *ret)
{
    enum { SECOND = EVE_MINUTE, POINT = 19, ZONE = 26, LEN = ZONE + EVE_ZONE };
    bool usual = s.len == LEN && s.ptr[POINT] == '.';
    uint64_t second;
    uint64_t us;

    if (usual && m->has_minute && memcmp(s.ptr, m->minute, EVE_MINUTE) == 0 &&
        memcmp(s.ptr + ZONE, m->zone, EVE_ZONE) == 0 &&
        eve_digits(s.ptr + SECOND, 2, &second) && eve_digits(s.ptr + POINT + 1, 6, &us) &&
        second < 60) {
        ret->us = m->minute_at.us + (int64_t)(second * TIME_US_PER_S + us);
        return true;
    }
    if (time_parse_any(s, ret) < 0)
        return false;
    if (usual && eve_digits(s.ptr + SECOND, 2, &second) &&
        eve_digits(s.ptr + POINT + 1, 6, &us) && second < 60 && ret->us >= 60 * TIME_US_PER_S &&
        ret->us <= TIME_MAX.us - 60 * TIME_US_PER_S) {
        memcpy(m->minute, s.ptr, EVE_MINUTE);
        memcpy(m->zone, s.ptr + ZONE, EVE_ZONE);
        m->minute_at.us = ret->us - (int64_t)(second * TIME_US_PER_S + us);
        m->has_minute = true;
    }
    return true;
}

/* A whole number of 0..max, however long it is. */
static bool
long_number(struct slice s, uint64_t max, uint64_t *ret)
{
    uint64_t n = 0;

    if (s.len > 19)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned char)s.ptr[i] - (unsigned)'0';

        if (digit > 9)
            return false;
        n = n * 10 + digit;
    }
    *ret = n;
    return n <= max;
}

/* A whole number of 0..max; absent is 0. */
static bool
number_of(const struct eve_walk *w, enum eve_field f, uint64_t max, uint64_t *ret)
{
    uint32_t at;
    uint32_t len;

    *ret = 0;
    if (!(w->have & 1U << f))
        return true;
    at = w->at[w->field[f]];
    len = w->at[w->field[f] + 1] - at;
    if (len <= 7 && w->readable - at >= 8 && eve_digits(w->text + at, len, ret))
        return *ret <= max;
    return absent(w, f) || long_number(text_of(w, f), max, ret);
}

static bool
address_of(const struct eve_walk *w, enum eve_field f, struct addr *ret)
{
    struct slice s;

    return string_of(w, f, &s) && addr_parse(s, ret) == 0;
}

/* Suricata's names of protocols (its util-proto-name.c lists /etc/protocols); numbers are
 * IANA's.  Others, and unknown ones, come as three digits. */
static bool
protocol_of(const struct eve_walk *w, uint8_t *ret)
{
    static const struct {
        const char *name;
        uint8_t number;
    } rows[] = {{"TCP", 6},       {"UDP", 17},   {"ICMP", 1},     {"IPv6-ICMP", 58},
                {"ICMPv6", 58},   {"SCTP", 132}, {"GRE", 47},     {"ESP", 50},
                {"AH", 51},       {"IGMP", 2},   {"PIM", 103},    {"IPv6", 41},
                {"OSPFIGP", 89},  {"VRRP", 112}, {"IP-ENCAP", 4}, {"DCCP", 33},
                {"UDPLite", 136}, {"L2TP", 115}, {"HOPOPT", 0}};
    struct slice s = text_of(w, FIELD_PROTO);
    unsigned n = 0;

    *ret = slice_eq(s, SLICE("\"TCP\"")) ? 6 : slice_eq(s, SLICE("\"UDP\"")) ? 17 : 0;
    if (*ret != 0 || absent(w, FIELD_PROTO))
        return true;
    if (!string_of(w, FIELD_PROTO, &s))
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (s.len == strlen(rows[i].name) && strncasecmp(s.ptr, rows[i].name, s.len) == 0) {
            *ret = rows[i].number;
            return true;
        }
    }
    for (size_t i = 0; i < s.len && s.len <= 3; i++) {
        unsigned digit = (unsigned char)s.ptr[i] - (unsigned)'0';

        if (digit > 9)
            return true;
        n = n * 10 + digit;
    }
    *ret = (uint8_t)(s.len <= 3 && n <= 255 ? n : 0);
    return true;
}

enum reject
eve_kind_of(const struct eve_walk *w, enum eve_kind *ret)
{
    struct slice s;

    if (!string_of(w, FIELD_TYPE, &s))
        return REJECT_BAD_VALUE;
    *ret = slice_eq(s, SLICE("alert"))   ? EVE_ALERT
           : slice_eq(s, SLICE("flow"))  ? EVE_FLOW
           : slice_eq(s, SLICE("stats")) ? EVE_STATS
                                         : EVE_OTHER;
    return REJECTS;
}

struct side {
    struct addr addr;
    uint16_t port;
};

/* An address and its port; REJECTS when fine. */
static enum reject
side_of(const struct eve_walk *w, enum eve_field ip, enum eve_field port, struct side *ret)
{
    uint64_t n;

    if (absent(w, ip))
        return REJECT_NO_ADDRESS;
    if (!address_of(w, ip, &ret->addr) || !number_of(w, port, 65535, &n))
        return REJECT_BAD_VALUE;
    ret->port = (uint16_t)n;
    return REJECTS;
}

static bool
is_own(const struct decode_place *place, const struct addr *a)
{
    for (uint32_t i = 0; i < place->own_count; i++) {
        if (prefix_covers(&place->own[i], a))
            return true;
    }
    return false;
}

/* Which way the packet went that fired, of a flow. */
enum way { WAY_UNKNOWN, WAY_TO_SERVER, WAY_TO_CLIENT };

static enum way
way_of(const struct eve_walk *w)
{
    struct slice s =
        absent(w, FIELD_DIRECTION) ? (struct slice){"", 0} : text_of(w, FIELD_DIRECTION);

    return slice_is(s, "\"to_server\"")   ? WAY_TO_SERVER
           : slice_is(s, "\"to_client\"") ? WAY_TO_CLIENT
                                          : WAY_UNKNOWN;
}

/* Suricata's src and dest follow the packet that fired, not attacker and victim.  In order of
 * trust: what the rule says (alert.source), who opened the flow (its src_ip, else the packet's
 * direction), which side is one's own network, the sender.  All but the first are inferred.
 * A weakness is of who sent that, whoever asked: a server's answer tells of it. */
static enum reject
direct(const struct eve_walk *w, const struct decode_place *place, struct side *src,
       struct side *dest, struct event *ev)
{
    struct addr from;
    bool swap = false;

    if (!absent(w, FIELD_SOURCE_IP) && !absent(w, FIELD_TARGET_IP)) {
        enum reject r = side_of(w, FIELD_SOURCE_IP, FIELD_SOURCE_PORT, src);

        return r != REJECTS ? r : side_of(w, FIELD_TARGET_IP, FIELD_TARGET_PORT, dest);
    }
    ev->flags |= FLAG_DIRECTION_INFERRED;
    if (event_is_weakness(ev))
        return REJECTS;
    if (!absent(w, FIELD_FLOW_SRC_IP) && address_of(w, FIELD_FLOW_SRC_IP, &from) &&
        (addr_eq(&from, &src->addr) || addr_eq(&from, &dest->addr)))
        swap = !addr_eq(&from, &src->addr);
    else if (way_of(w) != WAY_UNKNOWN)
        swap = way_of(w) == WAY_TO_CLIENT;
    else
        swap = is_own(place, &src->addr) && !is_own(place, &dest->addr);
    if (swap) {
        struct side other = *src;

        *src = *dest;
        *dest = other;
    }
    return REJECTS;
}

/* Services that answer a small question with a large reply to whoever was named as sender:
 * chargen, DNS, NTP, SNMP, CLDAP, SSDP, memcached. */
static bool
is_reflector(uint8_t protocol, uint16_t port)
{
    return protocol == 17 && (port == 19 || port == 53 || port == 123 || port == 161 ||
                              port == 389 || port == 1900 || port == 11211);
}

/* O1: a completed handshake with data, seen from the packet counts: SYN, ACK and data one
 * way, SYN-ACK the other.  All else is a source address that anybody can write. */
static uint8_t
grade_of(const struct eve_walk *w, const struct event *ev, bool origin_opened)
{
    struct slice syn = text_of(w, FIELD_TCP_SYN);
    uint64_t up;
    uint64_t down;

    if (ev->protocol != 6 || !number_of(w, FIELD_PKTS_TOSERVER, UINT64_MAX, &up) ||
        !number_of(w, FIELD_PKTS_TOCLIENT, UINT64_MAX, &down))
        return 0;
    if (syn.len > 0 && !slice_eq(syn, SLICE("true")))
        return 0; /* picked up in the middle: whoever answered may not have asked */
    if (origin_opened)
        return up >= 3 && down >= 1;
    return up >= 2 && down >= 2;
}

static enum event_class
class_of(struct eve_memory *m, struct slice category)
{
    if (category.len == 0 || category.len > sizeof m->category)
        return eve_class(category);
    if (category.len != m->category_len ||
        memcmp(category.ptr, m->category, category.len) != 0) {
        m->class_ = eve_class(category);
        m->category_len = (uint32_t)category.len;
        memcpy(m->category, category.ptr, category.len);
    }
    return m->class_;
}

static enum reject
alert_fields(const struct eve_walk *w, struct eve_memory *m, struct event *ev)
{
    struct slice category = {0};
    struct slice name;
    uint64_t gid;
    uint64_t sid;
    uint64_t rev;
    uint64_t severity;

    if (!(w->have & 1U << FIELD_ALERT) || w->first[w->field[FIELD_ALERT]] != '{')
        return REJECT_BAD_VALUE; /* nothing says what was seen */
    if (!number_of(w, FIELD_GID, UINT32_MAX, &gid) ||
        !number_of(w, FIELD_SID, UINT32_MAX, &sid) ||
        !number_of(w, FIELD_REV, UINT32_MAX, &rev) ||
        !number_of(w, FIELD_SEVERITY, 255, &severity))
        return REJECT_BAD_VALUE;
    if (!absent(w, FIELD_CATEGORY) && !string_of(w, FIELD_CATEGORY, &category))
        return REJECT_BAD_VALUE;
    name = text_of(w, FIELD_SIGNATURE);
    if (absent(w, FIELD_SIGNATURE))
        name.len = 0;
    else if (name.len < 2 || name.ptr[0] != '"')
        return REJECT_BAD_VALUE;
    else
        name = slice_sub(name, 1, name.len - 2);
    if (w->escapes)
        name = unescape(name, m->name, sizeof m->name);
    m->rule = (struct rule){.gid = (uint32_t)gid,
                            .sid = (uint32_t)sid,
                            .rev = (uint32_t)rev,
                            .name = slice_sub(name, 0, sizeof m->name)};
    ev->severity = (uint8_t)severity;
    ev->class_ = (uint8_t)class_of(m, category);
    return REJECTS;
}

/* As far as is told: of a weakness it need not have. */
static bool
origin_opened(const struct eve_walk *w, const struct addr *sender, const struct event *ev)
{
    struct addr from;

    if (!event_is_weakness(ev))
        return !absent(w, FIELD_FLOW_SRC_IP) || way_of(w) != WAY_UNKNOWN ||
               addr_eq(sender, &ev->origin);
    return absent(w, FIELD_FLOW_SRC_IP)
               ? way_of(w) == WAY_TO_SERVER
               : address_of(w, FIELD_FLOW_SRC_IP, &from) && addr_eq(&from, &ev->origin);
}

enum reject
eve_event(const struct eve_walk *w, enum eve_kind kind, const struct decode_place *place,
          struct eve_memory *m, struct event *ev)
{
    struct side src;
    struct side dest;
    struct addr sender;
    struct slice s;
    enum reject r;

    *ev = (struct event){.count = 1,
                         .sensor = place->sensor,
                         .kind = kind == EVE_FLOW ? EVENT_FLOW : EVENT_ALERT,
                         .class_ = CLASS_OTHER};
    if (absent(w, FIELD_TIME))
        return REJECT_NO_TIME;
    if (!string_of(w, FIELD_TIME, &s) || !time_of(m, s, &ev->time))
        return REJECT_BAD_VALUE;
    r = side_of(w, FIELD_SRC_IP, FIELD_SRC_PORT, &src);
    if (r == REJECTS)
        r = side_of(w, FIELD_DEST_IP, FIELD_DEST_PORT, &dest);
    if (r != REJECTS)
        return r;
    sender = src.addr;
    if (!protocol_of(w, &ev->protocol))
        return REJECT_BAD_VALUE;
    if (kind == EVE_ALERT) {
        r = alert_fields(w, m, ev);
        if (r == REJECTS)
            r = direct(w, place, &src, &dest, ev);
        if (r != REJECTS)
            return r;
    }
    ev->origin = src.addr;
    ev->origin_port = src.port;
    ev->target = dest.addr;
    ev->target_port = dest.port;
    ev->grade = grade_of(w, ev, origin_opened(w, &sender, ev));
    if (ev->grade == 0)
        ev->flags |= FLAG_SPOOFABLE;
    if (is_reflector(ev->protocol, ev->origin_port)) {
        ev->flags |= FLAG_REFLECTED;
        if (kind == EVE_ALERT)
            ev->class_ = CLASS_AMPLIFIER;
    }
    return REJECTS;
}
