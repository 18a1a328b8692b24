/* The hot path writes each part behind its salt into one buffer and hashes that in one go.
 * Digits and escapes are written by hand: printf costs more than the hashes. */
#include "ledger/commit.h"

#include "ledger/tree.h"
#include "wire/hex.h"

static const char event_prefix[] = "detente/event/v1\n";

_Static_assert(sizeof event_prefix - 1 == COMMIT_PREFIX, "the prefix of an event's entry");

void
commit_salt(const uint8_t key[COMMIT_KEY], uint64_t index, enum commit_salt which,
            struct hash *ret)
{
    uint8_t in[COMMIT_KEY + 8 + 1];

    memcpy(in, key, COMMIT_KEY);
    for (int i = 0; i < 8; i++)
        in[COMMIT_KEY + i] = (uint8_t)(index >> (56 - 8 * i));
    in[COMMIT_KEY + 8] = (uint8_t)which;
    *ret = sha256_of(in, sizeof in);
}

struct hash
commit_of(const struct hash *public_hash, const struct hash *private_hash)
{
    uint8_t in[1 + COMMIT_ENTRY];

    in[0] = 0; /* RFC 6962 2.1: a leaf */
    memcpy(in + 1, event_prefix, COMMIT_PREFIX);
    memcpy(in + 1 + COMMIT_PREFIX, public_hash->byte, SHA256_SIZE);
    memcpy(in + 1 + COMMIT_PREFIX + SHA256_SIZE, private_hash->byte, SHA256_SIZE);
    return sha256_of(in, sizeof in);
}

/* ---- Writing JSON into room that is known to suffice (COMMIT_PART_MAX) ---- */

static char *
put_bytes(char *at, const char *bytes, size_t n)
{
    memcpy(at, bytes, n);
    return at + n;
}

#define PUT(at, literal) put_bytes(at, literal, sizeof(literal) - 1)

static char *
put_u32(char *at, uint32_t n)
{
    char digits[10];
    unsigned i = sizeof digits;

    do {
        digits[--i] = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    return put_bytes(at, digits + i, sizeof digits - i);
}

/* `,n` */
static char *
put_number(char *at, uint32_t n)
{
    *at++ = ',';
    return put_u32(at, n);
}

/* `,"text"` of plain ASCII */
static char *
put_plain(char *at, const char *text, size_t n)
{
    at = PUT(at, ",\"");
    at = put_bytes(at, text, n);
    *at++ = '"';
    return at;
}

static char *
put_escaped(char *at, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char named[] = "\bb\tt\nn\ff\rr\"\"\\\\"; /* pairs: character, its letter */

    *at++ = '\\';
    for (const char *n = named; *n != '\0'; n += 2) {
        if ((unsigned char)*n == c) {
            *at++ = n[1];
            return at;
        }
    }
    at = PUT(at, "u00");
    *at++ = hex[c >> 4];
    *at++ = hex[c & 15];
    return at;
}

/* `,"text"` of any UTF-8 */
static char *
put_string(char *at, struct slice s)
{
    at = PUT(at, ",\"");
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (c < 0x20 || c == '"' || c == '\\')
            at = put_escaped(at, c);
        else
            *at++ = (char)c;
    }
    *at++ = '"';
    return at;
}

static char *
put_time(char *at, struct utime t)
{
    at = PUT(at, ",\"");
    time_format(t, at);
    at += TIME_TEXT;
    *at++ = '"';
    return at;
}

static char *
put_addr(char *at, const struct addr *a)
{
    char text[ADDR_TEXT];

    return put_plain(at, text, addr_format(a, text));
}

static char *
put_country(char *at, uint16_t country)
{
    char text[3];

    country_format(country, text);
    return put_plain(at, text, country == COUNTRY_UNKNOWN ? 0 : 2);
}

static char *
put_hash(char *at, const struct hash *h)
{
    at = PUT(at, ",\"");
    hex_encode(h->byte, SHA256_SIZE, at);
    at += (size_t)2 * SHA256_SIZE;
    *at++ = '"';
    return at;
}

static char *
put_flags(char *at, unsigned flags)
{
    bool first = true;

    at = PUT(at, ",[");
    for (unsigned bit = 0; bit < EVENT_FLAGS; bit++) {
        const char *name = event_flag_name(bit);

        if ((flags >> bit & 1) == 0)
            continue;
        if (!first)
            *at++ = ',';
        first = false;
        *at++ = '"';
        at = put_bytes(at, name, strlen(name));
        *at++ = '"';
    }
    *at++ = ']';
    return at;
}

/* ---- Parts ---- */

static char *
put_public(char *at, const struct event *e)
{
    const char *kind = event_kind_name(e->kind);
    const char *class_ = event_class_name(e->class_);

    at = PUT(at, "[\"pub\"");
    at = put_time(at, e->time);
    at = put_time(at, e->time_seen);
    at = put_plain(at, kind, strlen(kind));
    at = put_plain(at, class_, strlen(class_));
    at = put_number(at, e->severity);
    at = put_number(at, e->count);
    at = put_number(at, e->origin_asn);
    at = put_country(at, e->origin_country);
    at = put_number(at, e->grade);
    at = put_flags(at, e->flags);
    *at++ = ']';
    return at;
}

static char *
put_target(char *at, const struct event *e, struct slice sensor)
{
    at = PUT(at, "[\"tgt\"");
    at = put_addr(at, &e->target);
    at = put_number(at, e->target_port);
    at = put_number(at, e->target_asn);
    at = put_country(at, e->target_country);
    at = put_string(at, sensor);
    *at++ = ']';
    return at;
}

/* raw: NULL when none is kept. */
static char *
put_private(char *at, const struct event *e, struct slice rule, const struct hash *target,
            const struct hash *raw)
{
    const char *kind = raw_kind_name(e->raw_kind);

    at = PUT(at, "[\"prv\"");
    at = put_addr(at, &e->origin);
    at = put_number(at, e->origin_port);
    at = put_number(at, e->protocol);
    at = put_string(at, rule);
    at = put_hash(at, target);
    at = put_plain(at, kind, strlen(kind));
    at = raw == NULL ? put_plain(at, "", 0) : put_hash(at, raw);
    at = put_number(at, e->raw_index);
    at = put_number(at, e->raw_count == 0 ? 1 : e->raw_count);
    *at++ = ']';
    return at;
}

/* ---- Events ---- */

struct names {
    struct slice rule;
    struct slice sensor;
};

static bool
time_ok(struct utime t)
{
    return t.us >= 0 && t.us <= TIME_MAX.us;
}

/* Nothing of an event may make a part that no reader would take. */
static int
check_event(const struct commit_block *b, const struct event *e, struct names *ret)
{
    if (!time_ok(e->time) || !time_ok(e->time_seen) || e->kind >= EVENT_KINDS ||
        e->class_ >= CLASSES || e->raw_kind > RAW_PACKET || e->grade > 4 || e->count == 0 ||
        e->flags >> EVENT_FLAGS != 0 || e->raw_at > b->raw.len ||
        e->raw_len > b->raw.len - e->raw_at)
        return ERR_INVALID;
    ret->rule = b->names->rule(b->names->self, e->rule);
    ret->sensor = b->names->sensor(b->names->self, e->sensor);
    return ret->rule.len > COMMIT_NAME_MAX || ret->sensor.len > COMMIT_NAME_MAX ? ERR_INVALID
                                                                                : 0;
}

static bool
has_raw(const struct event *e)
{
    return e->raw_kind != RAW_NONE && e->raw_len > 0;
}

/* One event's commitment; all its parts pass through one buffer. */
static struct hash
commit_one(const struct commit_block *b, uint32_t index, const struct names *names)
{
    const struct event *e = &b->events[index];
    char in[SHA256_SIZE + COMMIT_PART_MAX];
    struct hash *salt = (struct hash *)(void *)in;
    char *part = in + SHA256_SIZE;
    struct hash public_hash;
    struct hash raw;
    struct hash target;
    struct hash private_hash;
    char *end;

    commit_salt(b->key, index, COMMIT_PUBLIC, salt);
    end = put_public(part, e);
    public_hash = sha256_of(in, (size_t)(end - in));
    commit_salt(b->key, index, COMMIT_TARGET, salt);
    end = put_target(part, e, names->sensor);
    target = sha256_of(in, (size_t)(end - in));
    if (has_raw(e)) {
        commit_salt(b->key, index, COMMIT_RAW, salt);
        raw = sha256_of2(salt, SHA256_SIZE, b->raw.ptr + e->raw_at, e->raw_len);
    }
    commit_salt(b->key, index, COMMIT_PRIVATE, salt);
    end = put_private(part, e, names->rule, &target, has_raw(e) ? &raw : NULL);
    private_hash = sha256_of(in, (size_t)(end - in));
    return commit_of(&public_hash, &private_hash);
}

int
commit_block(const struct commit_block *b, struct hash *ret, struct hash *ret_root)
{
    if (b->count == 0 || b->count > EVENTS_PER_BLOCK)
        return ERR_INVALID;
    for (uint32_t i = 0; i < b->count; i++) {
        struct names names;

        if (check_event(b, &b->events[i], &names) < 0)
            return ERR_INVALID;
        ret[i] = commit_one(b, i, &names);
    }
    *ret_root = tree_root(ret, b->count);
    return 0;
}

int
commit_event(const struct commit_block *b, uint32_t index, struct commit_event *ret)
{
    const struct event *e = &b->events[index];
    struct names names;
    struct hash raw;
    struct hash target;

    if (index >= b->count || check_event(b, e, &names) < 0)
        return ERR_INVALID;
    for (int p = COMMIT_PUBLIC; p <= COMMIT_TARGET; p++)
        commit_salt(b->key, index, (enum commit_salt)p, &ret->salt[p]);
    ret->raw = has_raw(e) ? slice_sub(b->raw, e->raw_at, e->raw_len) : (struct slice){0};
    ret->public_len = (uint16_t)(put_public(ret->public_, e) - ret->public_);
    ret->target_len = (uint16_t)(put_target(ret->target, e, names.sensor) - ret->target);
    target = sha256_of2(&ret->salt[COMMIT_TARGET], SHA256_SIZE, ret->target, ret->target_len);
    raw = sha256_of2(&ret->salt[COMMIT_RAW], SHA256_SIZE, ret->raw.ptr, ret->raw.len);
    ret->private_len = (uint16_t)(put_private(ret->private_, e, names.rule, &target,
                                              has_raw(e) ? &raw : NULL) -
                                  ret->private_);
    ret->public_hash =
        sha256_of2(&ret->salt[COMMIT_PUBLIC], SHA256_SIZE, ret->public_, ret->public_len);
    ret->private_hash =
        sha256_of2(&ret->salt[COMMIT_PRIVATE], SHA256_SIZE, ret->private_, ret->private_len);
    ret->commitment = commit_of(&ret->public_hash, &ret->private_hash);
    return 0;
}
