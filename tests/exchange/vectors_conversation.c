/* conversation/: after each message the state and the number of rejected ones are those of the
 * reference; and both gap statements suspend what both say. */
#include <stdio.h>

#include "exchange/contact.h"
#include "exchange/conversation.h"
#include "note/note.h"
#include "shared.h"
#include "wire/jcs.h"

static struct pact *pact;
static struct pact_terms terms;
static unsigned opened;

struct talk {
    struct said said[64];
    unsigned count;
};

static void
read_pact(void)
{
    static struct note n;
    struct errinfo ei = {.text = ""};
    struct slice file = shared_file("notes/pact.note");

    check(note_parse(file, NOTE_PACT_MAX, &n, &ei) == 0, "pact.note", slice_of(ei.text));
    check(pact_read(n.text, &pact, NULL, NULL, &ei) == 0, "pact", slice_of(ei.text));
    pact_terms(pact, &terms);
}

static void
turn(struct talk *t)
{
    for (unsigned i = 0; i < t->count / 2; i++) {
        struct said other = t->said[i];

        t->said[i] = t->said[t->count - 1 - i];
        t->said[t->count - 1 - i] = other;
    }
}

static void
expect_state(struct talk *t, struct slice row)
{
    struct conversation_case c = {.terms = &terms.terms,
                                  .clock_skew_max = pact->clock_skew_max,
                                  .said = t->said,
                                  .count = t->count};
    struct jcs_iter it = jcs_iter(row);
    struct slice type = {NULL, 0};
    struct slice state = {NULL, 0};
    struct slice rejected = {NULL, 0};
    struct conversation got;
    struct fate fate[64];
    int64_t n = -1;

    check(jcs_item(&it, &type) && jcs_item(&it, &state) && jcs_item(&it, &rejected) &&
              jcs_int(rejected, &n) == 0,
          "row", row);
    check(conversation_fold(&c, t->said[t->count - 1].m.at, &got, fate) == 0, "fold", row);
    check(slice_is(text_of(state), incident_state_name(got.incident.state)), "another state",
          row);
    check(got.rejected == (unsigned)n, "another number of rejected ones", row);
    /* The order in which they are handed in is none of its business. */
    turn(t);
    check(conversation_fold(&c, (struct utime){INT64_MAX}, &got, fate) == 0 &&
              got.rejected == (unsigned)n,
          "another order", row);
    turn(t);
}

static void
suspends(const struct envelope *gap, unsigned n)
{
    static struct spans side[2];
    static struct spans nobody;
    static struct contact out;

    check(n < 2 && contact_state(&side[n], gap, (struct span){86400 * TIME_US_PER_S}) == 0,
          "gap statement", gap->bytes);
    if (n < 1)
        return;
    check(contact_judge(&side[0], &side[1], &nobody, pact->max_suspended, &out) == 0 &&
              out.suspended.count == 1 && out.alone.count == 0 && !out.cut &&
              out.suspended.at[0].until.us - out.suspended.at[0].from.us ==
                  (7 * 3600 + 20 * 60) * TIME_US_PER_S,
          "what is suspended", gap->bytes);
}

/* Entry of a bundle of entries: length in two bytes, then the bytes. */
static struct slice
entry_at(struct slice bundle, uint64_t index)
{
    size_t at = 0;

    for (;; index--) {
        size_t len;

        check(at + 2 <= bundle.len, "no such entry", SLICE(""));
        len = (size_t)(unsigned char)bundle.ptr[at] << 8 | (unsigned char)bundle.ptr[at + 1];
        if (index == 0)
            return slice_sub(bundle, at + 2, len);
        at += 2 + len;
    }
}

/* The notice opens what its sender had committed to before, and no other leaf. */
static void
opens(const struct envelope *e)
{
    struct slice log = shared_file("conversation/northland/log/tile/entries/000.p/54");
    uint64_t index = 0;
    struct leaf leaf;

    if (notice_detected(e, &index) < 0)
        return;
    leaf_read(entry_at(log, index), &leaf);
    check(notice_opens(e, &leaf) == 0, "not what was detected", e->bytes);
    for (uint64_t i = 0; i < 54; i++) {
        leaf_read(entry_at(log, i), &leaf);
        check((notice_opens(e, &leaf) == 0) == (i == index), "another leaf", e->bytes);
    }
    opened++;
}

int
main(int argc, char **argv)
{
    static struct talk talk[2];
    struct slice all;
    struct jcs_iter order;
    struct jcs_iter rows[2];
    struct slice item;
    unsigned gaps = 0;
    uint64_t place = 0;

    shared_open(argc, argv);
    read_pact();
    all = shared_json("conversation/expected.json");
    order = jcs_iter(get(all, "order"));
    for (unsigned i = 0; i < 2; i++)
        rows[i] = jcs_iter(get(get(all, "after_each"), i == 0 ? "northland-1" : "northland-2"));
    while (jcs_item(&order, &item)) {
        struct slice cell[5];
        struct jcs_iter it = jcs_iter(item);
        struct slice bytes;
        struct envelope e;
        struct talk *t;
        struct slice row;

        for (unsigned i = 0; i < 5; i++)
            check(jcs_item(&it, &cell[i]), "row", item);
        bytes =
            shared_file("conversation/%.*s/pact/northland-southmark/message/%.64s",
                        (int)text_of(cell[1]).len, text_of(cell[1]).ptr, text_of(cell[4]).ptr);
        check(envelope_read(bytes, &e, NULL) == MESSAGE_FINE, "message", bytes);
        if (e.type == MESSAGE_GAP_STATEMENT)
            suspends(&e, gaps++);
        if (e.incident.len == 0)
            continue;
        opens(&e);
        t = &talk[slice_is(e.incident, "northland-2")];
        said_read(&e, pact, &t->said[t->count]);
        t->said[t->count++].leaf = place++;
        if (e.type == MESSAGE_REJECT)
            continue;
        check(jcs_item(&rows[t - talk], &row), "one message too many", item);
        expect_state(t, row);
    }
    check(!jcs_item(&rows[0], &item) && !jcs_item(&rows[1], &item) && gaps == 2 && opened == 1,
          "messages are missing", SLICE(""));
    pact = pact_free(pact);
    printf("%u checks\n", checks);
    return 0;
}
