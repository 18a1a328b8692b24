/* Whatever goes into an object of our own: what comes out is good STIX in canonical form, and
 * what is refused leaves nothing behind.  The input's bytes choose the object, its texts, its
 * ids and its numbers. */
#include <stdint.h>
#include <stdlib.h>

#include "stix/emit.h"
#include "stix/object.h"
#include "wire/jcs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned
number(struct slice *rest, unsigned below)
{
    unsigned n = rest->len == 0 ? 0 : (unsigned char)rest->ptr[0];

    *rest = slice_sub(*rest, 1, rest->len);
    return n % below;
}

/* Up to the next line. */
static struct slice
text(struct slice *rest)
{
    struct slice line = {"", 0};

    (void)slice_line(rest, &line);
    return line;
}

/* A good id of one of these types, or whatever stands there. */
static struct slice
id_of(struct slice *rest)
{
    static const char *const ids[] = {
        "identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "incident--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "sighting--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "opinion--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "note--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "observed-data--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4",
        "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"};
    unsigned n = number(rest, 9);

    return n < 8 ? slice_of(ids[n]) : text(rest);
}

static struct utime
time_of(struct slice *rest)
{
    struct utime t = {0};

    for (unsigned i = 0; i < 8; i++)
        t.us = (int64_t)((uint64_t)t.us << 8 | number(rest, 256));
    return t.us < 0 ? t : (struct utime){t.us % 253500000000000000};
}

static void
bytes(struct slice *rest, void *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((unsigned char *)to)[i] = (unsigned char)number(rest, 256);
}

struct drawn {
    struct emit_common common;
    struct slice list[3];
    struct slice refs[3];
    struct utime first, last;
};

static void
draw(struct slice *rest, struct drawn *d)
{
    d->common = (struct emit_common){.id = id_of(rest),
                                     .created = time_of(rest),
                                     .modified = time_of(rest),
                                     .revoked = number(rest, 2) == 1};
    for (unsigned i = 0; i < 3; i++) {
        d->list[i] = text(rest);
        d->refs[i] = id_of(rest);
    }
    d->common.created_by = id_of(rest);
    if (number(rest, 2) == 1)
        d->common.created_by.len = 0;
    d->common.marks =
        (struct emit_marks){(enum tlp)number(rest, TLPS), {d->refs, number(rest, 4)}};
    d->common.labels = (struct emit_list){d->list, number(rest, 4)};
    d->common.lang = text(rest);
    d->first = time_of(rest);
    d->last = time_of(rest);
}

static int
emit_seen(struct emit *e, struct slice *rest, const struct drawn *d)
{
    struct event v = {.kind = 0};
    struct emit_event o = {&v, number(rest, 2) == 1 ? &d->last : NULL, number(rest, 2) == 1};

    bytes(rest, &v, sizeof v);
    v.time = d->first;
    v.time_seen = d->last;
    return emit_event(e, &d->common, &o);
}

static int
emit_flow(struct emit *e, struct slice *rest, const struct drawn *d)
{
    bool start = number(rest, 2) == 1;
    struct sco_traffic t = {.protocols = d->list,
                            .protocol_count = number(rest, 4),
                            .has_src_port = number(rest, 2) == 1,
                            .has_dst_port = number(rest, 2) == 1,
                            .src_port = (uint16_t)(number(rest, 256) << 8),
                            .dst_port = (uint16_t)(number(rest, 256) << 8),
                            .src = d->refs[0],
                            .dst = d->refs[1],
                            .start = start ? &d->first : NULL,
                            .end = &d->last};

    return emit_traffic(e, &t, &d->common.marks, NULL);
}

static int
emit_said(struct emit *e, struct slice *rest, const struct drawn *d)
{
    struct emit_list refs = {d->refs, number(rest, 4)};
    struct emit_list list = {d->list, number(rest, 4)};
    uint32_t count = number(rest, 256) << 24;
    struct emit_sighting sighting = {id_of(rest), text(rest), &count, &d->first,
                                     &d->last,    refs,       refs,   number(rest, 2) == 1};
    struct emit_identity who = {text(rest), text(rest), text(rest), list, list, text(rest)};
    struct emit_incident incident = {text(rest),
                                     text(rest),
                                     (enum emit_determination)number(rest, 6),
                                     (enum emit_investigation)number(rest, 3),
                                     list,
                                     list};
    struct emit_opinion opinion = {(enum emit_agreement)number(rest, 5), text(rest), list,
                                   refs};
    struct emit_note note = {text(rest), text(rest), list, refs};

    switch (number(rest, 5)) {
    case 0: return emit_sighting(e, &d->common, &sighting);
    case 1: return emit_identity(e, &d->common, &who);
    case 2: return emit_incident(e, &d->common, &incident);
    case 3: return emit_opinion(e, &d->common, &opinion);
    default: return emit_note(e, &d->common, &note);
    }
}

static void
tell(void *arg, const struct stix_fault *f)
{
    (void)arg;
    (void)f;
    abort();
}

static void
judge(struct buf *b, unsigned count)
{
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    struct stix_id id;
    unsigned n = 0;
    AUTO_ARENA(arena);

    buf_char(b, ']');
    BUG_ON(jcs_check(buf_get(b), NULL) != JCS_OK);
    BUG_ON(arena_init(&arena, (size_t)DOM_ROOM * b->len + DOM_LEAST) < 0);
    BUG_ON(dom_read(b->ptr, b->len, &arena, &d, &ei) < 0);
    for (const struct dom *o = d->first; o != NULL; o = o->next, n++) {
        (void)stix_check(o, tell, NULL);
        BUG_ON(sco_id_of(o, &id) == 0 &&
               !slice_eq(stix_id_slice(&id), dom_text(dom_get(o, SLICE("id")))));
    }
    BUG_ON(n != count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {(const char *)data, size};
    struct drawn d;
    AUTO_BUF(b, 1 << 20);
    struct emit e = {.out = &b};
    size_t before;
    unsigned kind;
    int r;

    draw(&rest, &d);
    buf_char(&b, '[');
    before = b.len;
    kind = number(&rest, 4);
    r = kind == 0   ? emit_seen(&e, &rest, &d)
        : kind == 1 ? emit_flow(&e, &rest, &d)
                    : emit_said(&e, &rest, &d);
    BUG_ON(r < 0 && (b.len != before || e.count != 0));
    BUG_ON(r == 0 && e.count == 0);
    judge(&b, e.count);
    return 0;
}
