/* What a node says of what it knows: good STIX in canonical form, whatever goes in. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stix/emit.h"
#include "stix/object.h"
#include "stix/observed.h"
#include "wire/jcs.h"

#define U "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"

static const struct utime now = {1767225600123456}; /* 2026-01-01 */
static const struct utime later = {1767225601000000};
static const struct slice north = {"identity--" U, 46};

static void
tell(void *arg, const struct stix_fault *f)
{
    (void)arg;
    print_error("%.*s: %s\n", (int)f->path.len, f->path.ptr, f->reason);
}

/* One object: good, and an observable named as it should be. */
static void
check_one(const struct dom *o)
{
    struct slice id = dom_text(dom_get(o, SLICE("id")));
    struct stix_id own = {.len = 0};
    int r = sco_id_of(o, &own);

    assert_int_equal(stix_check(o, tell, NULL), 0);
    if (r == 0)
        assert_true(slice_eq(id, stix_id_slice(&own)));
    else
        assert_int_equal(r, ERR_NOTFOUND);
}

/* All of a list without its brackets; gives how many. */
static unsigned
check_all(const struct buf *b)
{
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    unsigned n = 0;
    AUTO_BUF(list, (size_t)1 << 26);
    AUTO_ARENA(arena);

    buf_char(&list, '[');
    buf_slice(&list, buf_get(b));
    buf_char(&list, ']');
    assert_int_equal(buf_error(&list), 0);
    assert_int_equal(jcs_check(buf_get(&list), NULL), JCS_OK);
    assert_int_equal(arena_init(&arena, (size_t)DOM_ROOM * list.len + DOM_LEAST), 0);
    assert_int_equal(dom_read(list.ptr, list.len, &arena, &d, &ei), 0);
    for (const struct dom *o = d->first; o != NULL; o = o->next, n++)
        check_one(o);
    return n;
}

static struct emit_common
common(const char *id)
{
    return (struct emit_common){
        .id = slice_of(id), .created_by = north, .created = now, .modified = now};
}

static void
assert_says(struct buf *b, const char *json)
{
    buf_char(b, '\0');
    assert_string_equal(b->ptr, json);
    b->len--;
}

#define HEAD "{" HEAD_REST
#define HEAD_REST \
    "\"created\":\"2026-01-01T00:00:00.123Z\",\"created_by_ref\":\"identity--" U "\","
#define TAIL(type) "\"spec_version\":\"2.1\",\"type\":\"" type "\"}"
#define MODIFIED   "\"modified\":\"2026-01-01T00:00:00.123Z\","

static void
test_texts(void **state)
{
    static const struct slice marks[] = {
        {"marking-definition--" U, sizeof "marking-definition--" U - 1}};
    static const struct slice objects[] = {{"tool--" U, sizeof "tool--" U - 1}};
    static const struct slice types[] = {{"scan-probe", 10}, {"blocked", 7}};
    struct emit_common c = common("identity--" U);
    AUTO_BUF(b, 1 << 16);
    struct emit e = {.out = &b};

    (void)state;
    c.marks = (struct emit_marks){TLP_AMBER_STRICT, {marks, 1}};
    assert_int_equal(
        emit_identity(&e, &c,
                      &(struct emit_identity){.name = SLICE("North \"\xc3\xa9\"\n"),
                                              .class_ = SLICE("organization")}),
        0);
    assert_says(&b,
                HEAD "\"id\":\"identity--" U "\",\"identity_class\":\"organization\"," MODIFIED
                     "\"name\":\"North \\\"\xc3\xa9\\\"\\n\","
                     "\"object_marking_refs\":[\"marking-definition--939a9414-2ddd-4d32-"
                     "a0cd-375ea402b003\",\"marking-definition--" U "\"]," TAIL("identity"));
    buf_reset(&b);
    e.count = 0;
    c = common("incident--" U);
    c.modified = later;
    c.revoked = true;
    assert_int_equal(emit_incident(&e, &c,
                                   &(struct emit_incident){.name = SLICE("scan"),
                                                           .determination = DETERMINED_BLOCKED,
                                                           .types = {types, 2}}),
                     0);
    assert_says(&b,
                HEAD "\"extensions\":{\"extension-definition--ef765651-680c-498d-9894-"
                     "99799f2fa126\":{\"determination\":\"blocked\",\"extension_type\":"
                     "\"property-extension\",\"incident_types\":[\"scan-probe\",\"blocked\"]"
                     ",\"investigation_status\":\"new\"}},\"id\":\"incident--" U "\","
                     "\"modified\":\"2026-01-01T00:00:01.000Z\",\"name\":\"scan\","
                     "\"revoked\":true," TAIL("incident"));
    buf_reset(&b);
    e.count = 0;
    c = common("opinion--" U);
    assert_int_equal(emit_opinion(&e, &c, &(struct emit_opinion){.objects = {objects, 1}}), 0);
    assert_says(&b, HEAD "\"id\":\"opinion--" U "\"," MODIFIED "\"object_refs\":[\"tool--" U
                         "\"],\"opinion\":\"strongly-disagree\"," TAIL("opinion"));
    buf_reset(&b);
    e.count = 0;
    c = common("note--" U);
    assert_int_equal(
        emit_note(&e, &c, &(struct emit_note){.content = SLICE("x"), .objects = {objects, 1}}),
        0);
    assert_says(&b, "{\"content\":\"x\"," HEAD_REST "\"id\":\"note--" U "\"," MODIFIED
                    "\"object_refs\":[\"tool--" U "\"]," TAIL("note"));
}

static void
test_tlp(void **state)
{
    AUTO_BUF(b, 1 << 16);
    struct emit e = {.out = &b};

    (void)state;
    for (int t = TLP_CLEAR; t < TLPS; t++)
        assert_int_equal(emit_tlp(&e, (enum tlp)t), 0);
    assert_int_equal(check_all(&b), 5);
    buf_reset(&b);
    e.count = 0;
    assert_int_equal(emit_tlp(&e, TLP_GREEN), 0);
    assert_says(&b, "{\"created\":\"2022-10-01T00:00:00.000Z\",\"extensions\":{\"extension-"
                    "definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d\":{\"extension_type\":"
                    "\"property-extension\",\"tlp_2_0\":\"green\"}},\"id\":\"marking-definition"
                    "--bab4a63c-aed9-4cf5-a766-dfca5abac2bb\",\"name\":\"TLP:GREEN\"," TAIL(
                        "marking-definition"));
    assert_int_equal(emit_tlp(&e, TLP_NONE), ERR_INVALID);
}

static struct event
event_of(const char *origin, const char *target)
{
    struct event v = {.time = now,
                      .time_seen = later,
                      .origin_asn = 64496,
                      .target_asn = 64497,
                      .count = 7,
                      .origin_port = 40000,
                      .target_port = 22,
                      .protocol = 6};

    assert_int_equal(addr_parse(slice_of(origin), &v.origin), 0);
    assert_int_equal(addr_parse(slice_of(target), &v.target), 0);
    return v;
}

static bool
says(const struct buf *b, const char *what)
{
    return memmem(b->ptr, b->len, what, strlen(what)) != NULL;
}

static void
test_event(void **state)
{
    struct emit_common c = common("observed-data--" U);
    struct event v = event_of("198.51.100.3", "203.0.113.9");
    struct emit_event o = {.event = &v, .until = &later};
    struct map seen;
    AUTO_BUF(b, 1 << 16);
    struct emit e = {.out = &b};

    (void)state;
    assert_int_equal(emit_event(&e, &c, &o), 0);
    assert_int_equal(e.count, 6);
    assert_int_equal(check_all(&b), 6);
    assert_true(says(&b, "\"id\":\"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4\""));
    assert_true(says(&b, "203.0.113.9") && says(&b, ":64497,"));
    assert_true(says(&b, "\"number_observed\":7,"));
    assert_true(says(&b, "\"first_observed\":\"2026-01-01T00:00:00.123456Z\""));
    assert_true(says(&b, "\"last_observed\":\"2026-01-01T00:00:01.000000Z\""));

    /* Nothing of a masked target but its port. */
    buf_reset(&b);
    e.count = 0;
    o.mask_target = true;
    assert_int_equal(emit_event(&e, &c, &o), 0);
    assert_int_equal(check_all(&b), 4);
    assert_true(!says(&b, "203.0.113.9") && !says(&b, "64497") && !says(&b, "dst_ref"));
    assert_true(says(&b, "\"dst_port\":22,"));

    /* One network and one address on both sides; no name for the protocol; times. */
    buf_reset(&b);
    e.count = 0;
    v = event_of("2001:db8::1", "2001:db8::1");
    v.target_asn = v.origin_asn;
    v.protocol = 255;
    v.count = UINT32_MAX;
    v.time = later;
    v.time_seen = now;
    v.flags = FLAG_CLOCK_SKEWED;
    map_init(&seen, EMIT_SEEN_KEY, 100, 1);
    e.seen = &seen;
    o = (struct emit_event){.event = &v};
    assert_int_equal(emit_event(&e, &c, &o), 0);
    assert_int_equal(check_all(&b), 4);
    assert_true(says(&b, "\"protocols\":[\"ipv6\"]"));
    assert_true(says(&b, "\"number_observed\":999999999,"));
    assert_true(says(&b, "\"last_observed\":\"2026-01-01T00:00:00.123456Z\""));
    assert_int_equal(emit_event(&e, &c, &o), 0);
    assert_int_equal(e.count, 5);
    map_release(&seen);
    e.seen = NULL;

    v.origin = (struct addr){.byte = {0}};
    assert_int_equal(emit_event(&e, &c, &o), ERR_INVALID);
    assert_int_equal(e.count, 5);
}

/* What was written is what patterns are asked of. */
static void
test_bundle(void **state)
{
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    struct event v = event_of("198.51.100.3", "203.0.113.9");
    struct emit_event o = {.event = &v};
    struct emit_common c = common("observed-data--" U);
    struct observed observed;
    struct map seen;
    AUTO_BUF(b, 1 << 20);
    AUTO_ARENA(arena);
    struct emit e = {.out = &b, .seen = &seen};

    (void)state;
    assert_int_equal(emit_bundle_open(&e, SLICE("bundle--" U)), 0);
    assert_int_equal(emit_bundle_close(&e), 0);
    assert_says(&b, "{\"id\":\"bundle--" U "\",\"type\":\"bundle\"}");
    buf_reset(&b);
    assert_int_equal(emit_bundle_open(&e, SLICE("bundle--x")), ERR_INVALID);
    map_init(&seen, EMIT_SEEN_KEY, 1000, 1);
    assert_int_equal(emit_bundle_open(&e, SLICE("bundle--" U)), 0);
    for (unsigned i = 0; i < 100; i++) {
        uint8_t random[UUID_SIZE] = {(uint8_t)i};
        struct stix_id id = stix_id_random(SLICE("observed-data"), random);

        v.origin = addr_of_v4(0xc6336400 + i % 10);
        v.count = i + 1;
        c.id = stix_id_slice(&id);
        assert_int_equal(emit_event(&e, &c, &o), 0);
    }
    assert_int_equal(emit_bundle_close(&e), 0);
    map_release(&seen);
    assert_int_equal(e.count, 100 + 2 + 10 + 1 + 10); /* AS, origins, target, traffic */
    assert_int_equal(jcs_check(buf_get(&b), NULL), JCS_OK);
    assert_int_equal(arena_init(&arena, (size_t)DOM_ROOM * b.len + DOM_LEAST), 0);
    assert_int_equal(dom_read(b.ptr, b.len, &arena, &d, &ei), 0);
    assert_int_equal(observed_read(d, &observed, &ei), 0);
    assert_int_equal(observed.count, 100);
    for (unsigned i = 0; i < observed.count; i++) {
        assert_int_equal(observed.at[i].objects, 5);
        assert_int_equal(observed.at[i].first.us, now.us);
    }
    observed_release(&observed);
}

/* ---- what is refused -----------------------------------------------------------------------
 */

static int
note(struct emit *e, struct emit_common c, struct slice content, struct slice object)
{
    struct emit_note n = {.content = content, .objects = {&object, 1}};

    return emit_note(e, &c, &n);
}

static void
test_refused(void **state)
{
    static char large[EMIT_TEXT + 1];
    struct slice tool = SLICE("tool--" U);
    struct slice text = SLICE("x");
    struct slice sco = SLICE("ipv4-addr--" U);
    uint32_t count = EMIT_MOST_SEEN + 1;
    struct emit_common c = common("note--" U);
    struct errinfo ei = {0};
    AUTO_BUF(b, 1 << 16);
    struct emit e = {.out = &b, .ei = &ei};

    (void)state;
    memset(large, 'a', sizeof large);
    assert_int_equal(note(&e, common("tool--" U), text, tool), ERR_INVALID);
    assert_string_equal(ei.text, "`id` is no id of such an object");
    assert_int_equal(note(&e, common(""), text, tool), ERR_INVALID);
    assert_int_equal(note(&e, c, SLICE(""), tool), ERR_INVALID);
    assert_string_equal(ei.text, "`content` is needed");
    assert_int_equal(note(&e, c, SLICE("\xff"), tool), ERR_INVALID);
    assert_int_equal(note(&e, c, SLICE("a\0b"), tool), ERR_INVALID);
    assert_int_equal(note(&e, c, (struct slice){large, sizeof large}, tool), ERR_INVALID);
    assert_int_equal(note(&e, c, text, SLICE("tool")), ERR_INVALID);
    c.modified.us = c.created.us - 1;
    assert_int_equal(note(&e, c, text, tool), ERR_INVALID);
    c.created.us = -1;
    assert_int_equal(note(&e, c, text, tool), ERR_INVALID);
    c = common("note--" U);
    c.marks.others = (struct emit_list){&tool, 1};
    assert_int_equal(note(&e, c, text, tool), ERR_INVALID);
    c = common("note--" U);
    c.created_by = tool;
    assert_int_equal(note(&e, c, text, tool), ERR_INVALID);
    c = common("note--" U);
    assert_int_equal(emit_note(&e, &c, &(struct emit_note){.content = text}), ERR_INVALID);

    c = common("sighting--" U);
    assert_int_equal(emit_sighting(&e, &c, &(struct emit_sighting){.of = sco}), ERR_INVALID);
    assert_int_equal(
        emit_sighting(&e, &c, &(struct emit_sighting){.of = SLICE("threat-actor--" U)}),
        ERR_INVALID);
    assert_int_equal(
        emit_sighting(&e, &c, &(struct emit_sighting){.of = tool, .count = &count}),
        ERR_INVALID);
    assert_int_equal(
        emit_sighting(&e, &c,
                      &(struct emit_sighting){.of = tool, .first = &later, .last = &now}),
        ERR_INVALID);
    assert_int_equal(
        emit_sighting(&e, &c, &(struct emit_sighting){.of = tool, .observed = {&tool, 1}}),
        ERR_INVALID);
    assert_int_equal(emit_traffic(&e, &(struct sco_traffic){.src = sco}, &c.marks, NULL),
                     ERR_INVALID);
    assert_int_equal(
        emit_traffic(&e, &(struct sco_traffic){.protocols = &text, .protocol_count = 1},
                     &c.marks, NULL),
        ERR_INVALID);
    assert_int_equal(b.len, 0);
    assert_int_equal(e.count, 0);

    /* No room: nothing is left half written. */
    b.max = 500;
    assert_int_equal(note(&e, common("note--" U), text, tool), 0);
    assert_int_equal(note(&e, common("note--" U), text, tool), ERR_LIMIT);
    assert_int_equal(check_all(&b), 1);
}

/* ---- all of them, with and without what they may have --------------------------------------
 */

struct drawn {
    uint64_t seed;
    struct slice text[3];
    struct slice ids[3];
    struct slice labels[2];
};

static bool
coin(struct drawn *d)
{
    return next_random(&d->seed) % 2 == 0;
}

static struct slice
text_or_none(struct drawn *d)
{
    return coin(d) ? d->text[next_random(&d->seed) % 3] : SLICE("");
}

static struct emit_list
list_or_none(struct drawn *d, const struct slice *at)
{
    return (struct emit_list){at, (unsigned)(next_random(&d->seed) % 3)};
}

static struct emit_common
draw_common(struct drawn *d, const char *id)
{
    struct emit_common c = common(id);

    if (coin(d))
        c.created_by.len = 0;
    if (coin(d))
        c.modified = later;
    c.marks.tlp = (enum tlp)(next_random(&d->seed) % TLPS);
    c.labels = list_or_none(d, d->labels);
    c.lang = coin(d) ? SLICE("en") : SLICE("");
    c.revoked = coin(d);
    return c;
}

static void
emit_drawn(struct drawn *d, struct emit *e)
{
    struct event v =
        event_of(coin(d) ? "198.51.100.3" : "2001:db8::3", coin(d) ? "0.0.0.0" : "192.0.2.1");
    struct slice identities[2] = {north, north};
    struct slice seen[2] = {SLICE("observed-data--" U), SLICE("observed-data--" U)};
    uint32_t count = (uint32_t)(next_random(&d->seed) % 3);
    struct emit_common c = draw_common(d, "identity--" U);
    struct emit_identity who = {d->text[0],
                                text_or_none(d),
                                text_or_none(d),
                                list_or_none(d, d->labels),
                                list_or_none(d, d->labels),
                                text_or_none(d)};
    struct emit_incident incident = {d->text[1],
                                     text_or_none(d),
                                     (enum emit_determination)(next_random(&d->seed) % 6),
                                     (enum emit_investigation)(next_random(&d->seed) % 3),
                                     list_or_none(d, d->labels),
                                     list_or_none(d, d->labels)};
    struct emit_sighting sighting = {.of = SLICE("incident--" U),
                                     .description = text_or_none(d),
                                     .count = coin(d) ? &count : NULL,
                                     .first = coin(d) ? &now : NULL,
                                     .last = coin(d) ? &later : NULL,
                                     .observed = list_or_none(d, seen),
                                     .sighted_by = list_or_none(d, identities),
                                     .summary = coin(d)};
    struct emit_opinion opinion = {(enum emit_agreement)(next_random(&d->seed) % 5),
                                   text_or_none(d),
                                   list_or_none(d, d->labels),
                                   {d->ids, 3}};
    struct emit_note said = {
        text_or_none(d), d->text[2], list_or_none(d, d->labels), {d->ids, 1}};
    struct emit_event seen_event = {&v, coin(d) ? &later : NULL, coin(d)};

    v.origin_asn = coin(d) ? 0 : 64496;
    v.target_port = coin(d) ? 0 : 443;
    v.protocol = (uint8_t)next_random(&d->seed);
    v.count = count;
    assert_int_equal(emit_identity(e, &c, &who), 0);
    c = draw_common(d, "incident--" U);
    assert_int_equal(emit_incident(e, &c, &incident), 0);
    c = draw_common(d, "sighting--" U);
    assert_int_equal(emit_sighting(e, &c, &sighting), 0);
    c = draw_common(d, "opinion--" U);
    assert_int_equal(emit_opinion(e, &c, &opinion), 0);
    c = draw_common(d, "note--" U);
    assert_int_equal(emit_note(e, &c, &said), 0);
    c = draw_common(d, "observed-data--" U);
    assert_int_equal(emit_event(e, &c, &seen_event), 0);
}

static void
test_random(void **state)
{
    struct drawn d = {.seed = 5,
                      .text = {SLICE("x"), SLICE("\x01\"\\/\xf0\x9f\x98\x80\t"), SLICE(" ")},
                      .ids = {SLICE("incident--" U), SLICE("url--" U), SLICE("x-own--" U)},
                      .labels = {SLICE("a"), SLICE("\xe2\x80\xa8")}};

    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        AUTO_BUF(b, 1 << 16);
        struct emit e = {.out = &b};

        emit_drawn(&d, &e);
        assert_int_equal(check_all(&b), e.count);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),   cmocka_unit_test(test_tlp),
        cmocka_unit_test(test_event),   cmocka_unit_test(test_bundle),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_random)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
