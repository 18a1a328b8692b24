#include "ledger/commit.h"

#include "ledger/lanes_priv.h"
#include "ledger/tree.h"
#include "unit.h"
#include "wire/hex.h"
#include "wire/jcs.h"

/* ---- The reference: slow, by printf, from the page that defines the format ---- */

static struct slice
rule_name(void *self, uint32_t rule)
{
    static const char *const rules[] = {"", "suricata:1:2030001:2",
                                        "cowrie:cowrie.login.failed",
                                        "odd:\"\\\b\f\n\r\t\x01\x1f\x7f\xc3\xa9"};

    (void)self;
    return slice_of(rules[rule % COUNT(rules)]);
}

static struct slice
sensor_name(void *self, uint16_t sensor)
{
    static const char *const sensors[] = {"nl-edge-1", "", "s\"x"};

    (void)self;
    return slice_of(sensors[sensor % COUNT(sensors)]);
}

static const struct commit_names names = {NULL, rule_name, sensor_name};

static void
ref_time(struct buf *b, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_json(b, (struct slice){text, sizeof text});
    buf_char(b, ',');
}

static void
ref_salt(const uint8_t *key, uint32_t index, uint8_t which, struct buf *b)
{
    uint8_t in[41] = {0};
    struct hash h;

    memcpy(in, key, 32);
    in[38] = (uint8_t)(index >> 8);
    in[39] = (uint8_t)index;
    in[40] = which;
    h = sha256_of(in, sizeof in);
    buf_add(b, h.byte, sizeof h.byte);
}

static void
ref_hex(struct buf *b, const struct hash *h)
{
    buf_char(b, '"');
    buf_hex(b, h->byte, sizeof h->byte);
    buf_char(b, '"');
}

static void
ref_public(struct buf *b, const struct event *e)
{
    const char *sep = "";
    char country[3];

    country_format(e->origin_country, country);
    buf_text(b, "[\"pub\",");
    ref_time(b, e->time);
    ref_time(b, e->time_seen);
    buf_printf(b, "\"%s\",\"%s\",%u,%u,%u,\"%s\",%u,[", event_kind_name(e->kind),
               event_class_name(e->class_), e->severity, e->count, e->origin_asn, country,
               e->grade);
    for (unsigned bit = 0; bit < EVENT_FLAGS; bit++) {
        if ((e->flags >> bit & 1) == 0)
            continue;
        buf_printf(b, "%s\"%s\"", sep, event_flag_name(bit));
        sep = ",";
    }
    buf_text(b, "]]");
}

static struct hash
ref_target(const struct event *e, const uint8_t *key, uint32_t i)
{
    char address[ADDR_TEXT];
    char country[3];
    AUTO_BUF(b, 10000);

    ref_salt(key, i, 4, &b);
    (void)addr_format(&e->target, address);
    country_format(e->target_country, country);
    buf_printf(&b, "[\"tgt\",\"%s\",%u,%u,\"%s\",", address, e->target_port, e->target_asn,
               country);
    buf_json(&b, sensor_name(NULL, e->sensor));
    buf_char(&b, ']');
    return sha256_of(b.ptr, b.len);
}

static void
ref_private(struct buf *b, const struct event *e, const struct hash *target,
            const struct hash *raw)
{
    char address[ADDR_TEXT];

    (void)addr_format(&e->origin, address);
    buf_printf(b, "[\"prv\",\"%s\",%u,%u,", address, e->origin_port, e->protocol);
    buf_json(b, rule_name(NULL, e->rule));
    buf_char(b, ',');
    ref_hex(b, target);
    buf_printf(b, ",\"%s\",", raw_kind_name(e->raw_kind));
    if (raw == NULL)
        buf_text(b, "\"\"");
    else
        ref_hex(b, raw);
    buf_printf(b, ",%u,%u]", e->raw_index, e->raw_count);
}

static struct hash
ref_event(const struct commit_block *block, uint32_t i)
{
    const struct event *e = &block->events[i];
    struct hash target = ref_target(e, block->key, i);
    struct hash raw;
    struct hash h;
    bool has_raw = e->raw_kind != RAW_NONE && e->raw_len > 0;
    AUTO_BUF(b, 100000);
    AUTO_BUF(entry, 1000);

    buf_char(&entry, 0);
    buf_text(&entry, "detente/event/v1\n");
    ref_salt(block->key, i, 1, &b);
    ref_public(&b, e);
    h = sha256_of(b.ptr, b.len);
    buf_add(&entry, h.byte, sizeof h.byte);
    buf_reset(&b);
    ref_salt(block->key, i, 3, &b);
    buf_add(&b, block->raw.ptr + e->raw_at, e->raw_len);
    raw = sha256_of(b.ptr, b.len);
    buf_reset(&b);
    ref_salt(block->key, i, 2, &b);
    ref_private(&b, e, &target, has_raw ? &raw : NULL);
    h = sha256_of(b.ptr, b.len);
    buf_add(&entry, h.byte, sizeof h.byte);
    return sha256_of(entry.ptr, entry.len);
}

/* ---- Random events ---- */

enum { EVENTS = 700, RAW = 4096 };

static struct event events[EVENTS];
static char raw[RAW];
static uint8_t key[COMMIT_KEY];

static struct addr
random_addr(uint64_t *seed)
{
    struct addr a;

    if (next_random(seed) % 2 == 0)
        return addr_of_v4((uint32_t)next_random(seed));
    for (int i = 0; i < 16; i++)
        a.byte[i] = next_random(seed) % 3 == 0 ? (uint8_t)next_random(seed) : 0;
    return a;
}

static struct event
random_event(uint64_t *seed)
{
    uint64_t r = next_random(seed);
    struct event e = {
        .time = {(int64_t)(next_random(seed) % (uint64_t)TIME_MAX.us)},
        .time_seen = {(int64_t)(next_random(seed) % (uint64_t)TIME_MAX.us)},
        .origin = random_addr(seed),
        .target = random_addr(seed),
        .origin_asn = (uint32_t)next_random(seed),
        .target_asn = r % 5 == 0 ? 0 : (uint32_t)next_random(seed),
        .count = 1 + (uint32_t)(next_random(seed) % UINT32_MAX),
        .rule = (uint32_t)next_random(seed),
        .raw_at = (uint32_t)(next_random(seed) % (RAW - 1000)),
        .raw_len = (uint32_t)(next_random(seed) % 1000),
        .origin_port = (uint16_t)next_random(seed),
        .target_port = (uint16_t)next_random(seed),
        .origin_country = r % 3 == 0 ? COUNTRY_UNKNOWN : COUNTRY('X', 'S'),
        .target_country = COUNTRY('X', 'N'),
        .sensor = (uint16_t)next_random(seed),
        .flags = (uint16_t)(next_random(seed) % (1 << EVENT_FLAGS)),
        .raw_index = (uint16_t)(r % 3),
        .raw_count = (uint16_t)(1 + r % 7),
        .kind = (uint8_t)(next_random(seed) % EVENT_KINDS),
        .protocol = (uint8_t)next_random(seed),
        .class_ = (uint8_t)(next_random(seed) % CLASSES),
        .severity = (uint8_t)next_random(seed),
        .grade = (uint8_t)(next_random(seed) % 5),
        .raw_kind = (uint8_t)(next_random(seed) % 5),
    };

    return e;
}

static int
setup(void **state)
{
    uint64_t seed = 21;

    (void)state;
    for (size_t i = 0; i < RAW; i++)
        raw[i] = (char)next_random(&seed);
    for (size_t i = 0; i < COMMIT_KEY; i++)
        key[i] = (uint8_t)next_random(&seed);
    for (size_t i = 0; i < EVENTS; i++)
        events[i] = random_event(&seed);
    return 0;
}

static struct commit_block
block_of(uint32_t n)
{
    return (struct commit_block){events, n, {raw, RAW}, key, NULL, &names};
}

static void
commitments_are_those_of_the_reference(void **state)
{
    static struct hash c[EVENTS];
    struct commit_block b = block_of(EVENTS);
    struct hash root;
    struct hash want;

    (void)state;
    assert_int_equal(commit_block(&b, c, &root), 0);
    for (uint32_t i = 0; i < EVENTS; i++) {
        want = ref_event(&b, i);
        assert_true(hash_eq(&c[i], &want));
    }
    want = tree_root(c, EVENTS);
    assert_true(hash_eq(&root, &want));
}

static void
one_event_is_as_in_its_block(void **state)
{
    static struct commit_event one;
    struct commit_block b = block_of(EVENTS);
    struct hash want;

    (void)state;
    for (uint32_t i = 0; i < EVENTS; i++) {
        want = ref_event(&b, i);
        assert_int_equal(commit_event(&b, i, &one), 0);
        assert_true(hash_eq(&one.commitment, &want));
        assert_int_equal(jcs_check((struct slice){one.public_, one.public_len}, NULL), JCS_OK);
        assert_int_equal(jcs_check((struct slice){one.private_, one.private_len}, NULL),
                         JCS_OK);
        assert_int_equal(jcs_check((struct slice){one.target, one.target_len}, NULL), JCS_OK);
    }
    assert_int_equal(commit_event(&b, EVENTS, &one), ERR_INVALID);
}

/* What is kept gives every commitment and every part again, with no key and no raw bytes; of
 * the raw bytes' salt nothing is left. */
static void
a_key_expands_into_what_gives_the_same(void **state)
{
    static struct hash c[EVENTS];
    static struct hash again[EVENTS];
    static struct commit_kept kept[EVENTS];
    static struct commit_event with;
    static struct commit_event without;
    struct commit_block b = block_of(EVENTS);
    struct hash root;
    struct hash salt;

    (void)state;
    assert_int_equal(commit_expand(&b, c, &root, kept), 0);
    assert_int_equal(commit_block(&b, again, &salt), 0);
    assert_memory_equal(again, c, sizeof c);
    for (uint32_t i = 0; i < EVENTS; i++) {
        struct commit_block erased = {
            .events = events, .count = EVENTS, .kept = kept, .names = &names};

        assert_int_equal(commit_event(&b, i, &with), 0);
        assert_int_equal(commit_event(&erased, i, &without), 0);
        assert_true(hash_eq(&without.commitment, &c[i]));
        assert_int_equal(without.private_len, with.private_len);
        assert_memory_equal(without.private_, with.private_, with.private_len);
        assert_memory_equal(without.target, with.target, with.target_len);
        assert_int_equal(without.raw.len, 0);
        commit_salt(key, i, COMMIT_RAW, &salt);
        assert_null(memmem(&kept[i], sizeof kept[i], salt.byte, sizeof salt.byte));
    }
    b = (struct commit_block){.events = events, .count = EVENTS, .kept = kept, .names = &names};
    assert_int_equal(commit_block(&b, again, &salt), 0);
    assert_memory_equal(again, c, sizeof c);
    assert_true(hash_eq(&salt, &root));
    assert_int_equal(commit_expand(&b, again, &salt, kept), ERR_INVALID); /* not twice */
}

/* Events go two by two inside; the odd one and the odd node are the cases to look at. */
static void
blocks_of_any_size_have_their_root(void **state)
{
    static struct hash c[EVENTS];
    static struct hash one[EVENTS];
    struct hash root;
    struct hash want;

    (void)state;
    for (uint32_t n = 1; n <= 70; n++) {
        struct commit_block b = block_of(n);

        assert_int_equal(commit_block(&b, n == 1 ? one : c, &root), 0);
        want = tree_root(n == 1 ? one : c, n);
        assert_true(hash_eq(&root, &want));
        assert_true(n == 1 || hash_eq(&c[0], &one[0]));
        want = ref_event(&b, n - 1);
        assert_true(hash_eq(n == 1 ? one : &c[n - 1], &want));
    }
}

static void
long_raw_bytes_count_too(void **state)
{
    static char big[3 * UINT16_MAX];
    static const uint32_t lengths[] = {0, 1, 4095, 4096, 4097, UINT16_MAX, 300};
    struct event e[COUNT(lengths)];
    struct hash c[COUNT(lengths)];
    struct commit_block b = {e, COUNT(lengths), {big, sizeof big}, key, NULL, &names};
    struct hash root;

    (void)state;
    memset(big, 'b', sizeof big);
    for (uint32_t i = 0; i < COUNT(lengths); i++) {
        e[i] = events[i];
        e[i].raw_kind = RAW_PACKET;
        e[i].raw_at = i;
        e[i].raw_len = lengths[i];
    }
    assert_int_equal(commit_block(&b, c, &root), 0);
    for (uint32_t i = 0; i < COUNT(lengths); i++) {
        struct hash want = ref_event(&b, i);

        assert_true(hash_eq(&c[i], &want));
    }
}

static void
lanes_hash_as_one(void **state)
{
    static uint8_t a[1000 + LANE_PAD];
    static uint8_t b[1000 + LANE_PAD];
    uint64_t seed = 8;

    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        a[i] = (uint8_t)next_random(&seed);
        b[i] = (uint8_t)next_random(&seed);
    }
    for (size_t n = 1000; n-- > 0;) { /* downwards: padding overwrites what is behind */
        size_t m = n * 7 % 500;
        struct hash ha;
        struct hash hb;
        struct hash want = sha256_of(a, n);
        struct hash other;
        uint8_t copy[500 + LANE_PAD];

        memcpy(copy, b, m);
        other = sha256_of(copy, m);
        lanes_hash(n % 3 != 0 && lanes_fast(), (struct lane){a, n, &ha},
                   (struct lane){copy, m, &hb});
        assert_true(hash_eq(&ha, &want) && hash_eq(&hb, &other));
    }
}

static struct slice
long_name(void *self, uint32_t rule)
{
    static char text[COMMIT_NAME_MAX + 1];

    (void)self;
    memset(text, 1, sizeof text); /* each byte takes six */
    return (struct slice){text, rule};
}

static void
the_longest_names_have_room(void **state)
{
    static struct commit_event one;
    struct commit_names odd = {NULL, long_name, sensor_name};
    struct commit_block b = block_of(1);
    struct event e = events[0];
    struct hash c;
    struct hash root;

    (void)state;
    b.events = &e;
    b.names = &odd;
    e.rule = COMMIT_NAME_MAX;
    assert_int_equal(commit_block(&b, &c, &root), 0);
    assert_int_equal(commit_event(&b, 0, &one), 0);
    assert_true(one.private_len < COMMIT_PART_MAX);
    e.rule = COMMIT_NAME_MAX + 1;
    assert_int_equal(commit_block(&b, &c, &root), ERR_INVALID);
}

static void
impossible_events_are_refused(void **state)
{
    struct event e = events[0];
    struct commit_block b = block_of(1);
    struct hash c;
    struct hash root;

    (void)state;
#define REFUSED(change)                                             \
    do {                                                            \
        e = events[0];                                              \
        change;                                                     \
        b.events = &e;                                              \
        assert_int_equal(commit_block(&b, &c, &root), ERR_INVALID); \
    } while (0)
    REFUSED(e.time.us = -1);
    REFUSED(e.time_seen.us = TIME_MAX.us + 1);
    REFUSED(e.kind = EVENT_KINDS);
    REFUSED(e.class_ = CLASSES);
    REFUSED(e.grade = 5);
    REFUSED(e.raw_kind = 5);
    REFUSED(e.count = 0);
    REFUSED(e.flags = 1 << EVENT_FLAGS);
    REFUSED(e.raw_at = RAW + 1);
    REFUSED(e.raw_at = RAW - 1; e.raw_len = 2);
    REFUSED(e.raw_len = UINT32_MAX);
    REFUSED(b.count = 0);
    REFUSED(b.count = EVENTS_PER_BLOCK + 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commitments_are_those_of_the_reference),
        cmocka_unit_test(one_event_is_as_in_its_block),
        cmocka_unit_test(a_key_expands_into_what_gives_the_same),
        cmocka_unit_test(blocks_of_any_size_have_their_root),
        cmocka_unit_test(long_raw_bytes_count_too),
        cmocka_unit_test(lanes_hash_as_one),
        cmocka_unit_test(the_longest_names_have_room),
        cmocka_unit_test(impossible_events_are_refused),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
