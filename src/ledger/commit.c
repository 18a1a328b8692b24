/* The hot path writes each part behind its salt into one buffer and hashes that in one go.
 * Digits and escapes are written by hand: printf costs more than the hashes. */
#include "ledger/commit.h"

#include "ledger/lanes_priv.h"
#include "wire/hex.h"

static const char event_prefix[] = "detente/event/v1\n";

_Static_assert(sizeof event_prefix - 1 == COMMIT_PREFIX, "the prefix of an event's entry");

static void
put_salt(uint8_t *in, const uint8_t *key, uint64_t index, unsigned which)
{
    uint64_t big = __builtin_bswap64(index);

    memcpy(in, key, COMMIT_KEY);
    memcpy(in + COMMIT_KEY, &big, sizeof big);
    in[COMMIT_KEY + 8] = (uint8_t)which;
}

void
commit_salt(const uint8_t key[COMMIT_KEY], uint64_t index, enum commit_salt which,
            struct hash *ret)
{
    uint8_t in[COMMIT_KEY + 8 + 1];

    put_salt(in, key, index, which);
    *ret = sha256_of(in, sizeof in);
}

/* 00 || entry: as RFC 6962 2.1 hashes a leaf. */
static void
put_entry(uint8_t *in, const struct hash *public_hash, const struct hash *private_hash)
{
    in[0] = 0;
    memcpy(in + 1, event_prefix, COMMIT_PREFIX);
    memcpy(in + 1 + COMMIT_PREFIX, public_hash->byte, SHA256_SIZE);
    memcpy(in + 1 + COMMIT_PREFIX + SHA256_SIZE, private_hash->byte, SHA256_SIZE);
}

struct hash
commit_of(const struct hash *public_hash, const struct hash *private_hash)
{
    uint8_t in[1 + COMMIT_ENTRY];

    put_entry(in, public_hash, private_hash);
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
    const char *name = event_class_name(e->class_);

    at = PUT(at, "[\"pub\"");
    at = put_time(at, e->time);
    at = put_time(at, e->time_seen);
    at = put_plain(at, kind, strlen(kind));
    at = put_plain(at, name, strlen(name));
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
        e->flags >> EVENT_FLAGS != 0)
        return ERR_INVALID;
    if (b->key != NULL && (e->raw_at > b->raw.len || e->raw_len > b->raw.len - e->raw_at))
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

/* ---- A block: events two by two, so that their hashes run side by side ---- */

enum { RAW_ROOM = 4096 /* longer raw bytes are hashed where they lie */ };

struct half {
    const struct event *event;
    struct names names;
    struct hash salt[5];
    struct hash public_hash;
    struct hash target;
    struct hash raw;
    struct hash private_hash;
    uint8_t in[SHA256_SIZE + RAW_ROOM + LANE_PAD]; /* salt and part, as they are hashed */
};

_Static_assert((int)RAW_ROOM >= (int)COMMIT_PART_MAX, "a part fits where raw bytes do");

struct pair {
    const struct commit_block *block;
    uint32_t index; /* of the first */
    bool fast;
    struct half half[2];
};

static void
keep(const struct half *h, struct commit_kept *ret)
{
    *ret = (struct commit_kept){.salt_public = h->salt[COMMIT_PUBLIC],
                                .salt_private = h->salt[COMMIT_PRIVATE],
                                .salt_target = h->salt[COMMIT_TARGET]};
    if (has_raw(h->event))
        ret->raw = h->raw;
}

static void
pair_salts(struct pair *p)
{
    uint8_t in[2][COMMIT_KEY + 8 + 1 + LANE_PAD];

    for (unsigned which = COMMIT_PUBLIC; which <= COMMIT_TARGET; which++) {
        for (uint32_t h = 0; h < 2; h++)
            put_salt(in[h], p->block->key, p->index + h, which);
        lanes_hash(p->fast, (struct lane){in[0], COMMIT_KEY + 9, &p->half[0].salt[which]},
                   (struct lane){in[1], COMMIT_KEY + 9, &p->half[1].salt[which]});
    }
}

/* The salt in front, and the place behind it. */
static char *
begin_part(struct half *h, enum commit_salt which)
{
    memcpy(h->in, h->salt[which].byte, SHA256_SIZE);
    return (char *)h->in + SHA256_SIZE;
}

static void
hash_parts(struct pair *p, char *const end[2], struct hash *a, struct hash *b)
{
    struct half *h = p->half;

    lanes_hash(p->fast, (struct lane){h[0].in, (size_t)(end[0] - (char *)h[0].in), a},
               (struct lane){h[1].in, (size_t)(end[1] - (char *)h[1].in), b});
}

/* Raw bytes of both through the lanes, when both have some of no great length. */
static void
pair_raw(struct pair *p)
{
    struct half *h = p->half;
    char *end[2];
    bool both = true;

    for (int i = 0; i < 2; i++)
        both = both && has_raw(h[i].event) && h[i].event->raw_len <= RAW_ROOM;
    for (int i = 0; i < 2; i++) {
        const struct event *e = h[i].event;
        const char *raw = has_raw(e) ? p->block->raw.ptr + e->raw_at : NULL;

        if (both)
            end[i] = put_bytes(begin_part(&h[i], COMMIT_RAW), raw, e->raw_len);
        else if (raw != NULL)
            h[i].raw = sha256_of2(&h[i].salt[COMMIT_RAW], SHA256_SIZE, raw, e->raw_len);
    }
    if (both)
        hash_parts(p, end, &h[0].raw, &h[1].raw);
}

static void
pair_commit(struct pair *p, struct hash *ret_a, struct hash *ret_b)
{
    struct half *h = p->half;
    uint8_t entry[2][1 + COMMIT_ENTRY + LANE_PAD];
    char *end[2];

    pair_salts(p);
    for (int i = 0; i < 2; i++)
        end[i] = put_public(begin_part(&h[i], COMMIT_PUBLIC), h[i].event);
    hash_parts(p, end, &h[0].public_hash, &h[1].public_hash);
    for (int i = 0; i < 2; i++)
        end[i] = put_target(begin_part(&h[i], COMMIT_TARGET), h[i].event, h[i].names.sensor);
    hash_parts(p, end, &h[0].target, &h[1].target);
    pair_raw(p);
    for (int i = 0; i < 2; i++)
        end[i] = put_private(begin_part(&h[i], COMMIT_PRIVATE), h[i].event, h[i].names.rule,
                             &h[i].target, has_raw(h[i].event) ? &h[i].raw : NULL);
    hash_parts(p, end, &h[0].private_hash, &h[1].private_hash);
    for (int i = 0; i < 2; i++)
        put_entry(entry[i], &h[i].public_hash, &h[i].private_hash);
    lanes_hash(p->fast, (struct lane){entry[0], 1 + COMMIT_ENTRY, ret_a},
               (struct lane){entry[1], 1 + COMMIT_ENTRY, ret_b});
}

/* RFC 6962 root, level by level: the odd last node of a level goes up as it is. */
static struct hash
pair_root(bool fast, const struct hash *leaves, uint32_t n)
{
    struct hash level[EVENTS_PER_BLOCK / 2 + 1];
    const struct hash *from = leaves;
    uint8_t in[2][1 + 2 * SHA256_SIZE + LANE_PAD];

    for (; n > 1; n = (n + 1) / 2, from = level) {
        for (uint32_t i = 0; i + 1 < n; i += 4) {
            bool two = i + 3 < n;
            struct hash unused;

            for (uint32_t k = 0; k < 2; k++) {
                in[k][0] = 1;
                memcpy(in[k] + 1, &from[two ? i + 2 * k : i], sizeof level[0] * 2);
            }
            lanes_hash(
                fast, (struct lane){in[0], 1 + 2 * SHA256_SIZE, &level[i / 2]},
                (struct lane){in[1], 1 + 2 * SHA256_SIZE, two ? &level[i / 2 + 1] : &unused});
        }
        if (n % 2 == 1)
            level[n / 2] = from[n - 1];
    }
    return from[0];
}

static int
commit_pairs(const struct commit_block *b, struct hash *ret, struct hash *ret_root,
             struct commit_kept *kept)
{
    struct pair p = {.block = b, .fast = lanes_fast()};
    struct hash unused;

    for (uint32_t i = 0; i < b->count; i += 2) {
        bool two = i + 1 < b->count;

        p.index = i;
        for (uint32_t h = 0; h < 2; h++) {
            p.half[h].event = &b->events[two ? i + h : i];
            if (check_event(b, p.half[h].event, &p.half[h].names) < 0)
                return ERR_INVALID;
        }
        pair_commit(&p, &ret[i], two ? &ret[i + 1] : &unused);
        for (uint32_t h = 0; kept != NULL && h < (two ? 2U : 1U); h++)
            keep(&p.half[h], &kept[i + h]);
    }
    *ret_root = pair_root(p.fast, ret, b->count);
    return 0;
}

/* Without a key, event by event. */
static int
commit_kept(const struct commit_block *b, struct hash *ret, struct hash *ret_root)
{
    struct commit_event e;

    for (uint32_t i = 0; i < b->count; i++) {
        int r = commit_event(b, i, &e);

        if (r < 0)
            return r;
        ret[i] = e.commitment;
    }
    *ret_root = pair_root(lanes_fast(), ret, b->count);
    return 0;
}

int
commit_block(const struct commit_block *b, struct hash *ret, struct hash *ret_root)
{
    if (b->count == 0 || b->count > EVENTS_PER_BLOCK)
        return ERR_INVALID;
    return b->key == NULL ? commit_kept(b, ret, ret_root)
                          : commit_pairs(b, ret, ret_root, NULL);
}

int
commit_expand(const struct commit_block *b, struct hash *ret, struct hash *ret_root,
              struct commit_kept *ret_kept)
{
    if (b->count == 0 || b->count > EVENTS_PER_BLOCK || b->key == NULL)
        return ERR_INVALID;
    return commit_pairs(b, ret, ret_root, ret_kept);
}

/* Salts of the event, and the commitment to its raw bytes. */
static void
event_salts(const struct commit_block *b, uint32_t index, struct commit_event *ret,
            struct hash *ret_raw)
{
    const struct event *e = &b->events[index];

    if (b->key == NULL) {
        const struct commit_kept *kept = &b->kept[index];

        ret->salt[COMMIT_PUBLIC] = kept->salt_public;
        ret->salt[COMMIT_PRIVATE] = kept->salt_private;
        ret->salt[COMMIT_TARGET] = kept->salt_target;
        ret->salt[COMMIT_RAW] = (struct hash){0};
        ret->raw = (struct slice){0};
        *ret_raw = kept->raw;
        return;
    }
    for (int p = COMMIT_PUBLIC; p <= COMMIT_TARGET; p++)
        commit_salt(b->key, index, (enum commit_salt)p, &ret->salt[p]);
    ret->raw = has_raw(e) ? slice_sub(b->raw, e->raw_at, e->raw_len) : (struct slice){0};
    *ret_raw = sha256_of2(&ret->salt[COMMIT_RAW], SHA256_SIZE, ret->raw.ptr, ret->raw.len);
}

int
commit_event(const struct commit_block *b, uint32_t index, struct commit_event *ret)
{
    const struct event *e = &b->events[index];
    struct names names;
    struct hash raw;
    struct hash target;

    if (index >= b->count || (b->key == NULL && b->kept == NULL) ||
        check_event(b, e, &names) < 0)
        return ERR_INVALID;
    event_salts(b, index, ret, &raw);
    ret->public_len = (uint16_t)(put_public(ret->public_, e) - ret->public_);
    ret->target_len = (uint16_t)(put_target(ret->target, e, names.sensor) - ret->target);
    target = sha256_of2(&ret->salt[COMMIT_TARGET], SHA256_SIZE, ret->target, ret->target_len);
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
