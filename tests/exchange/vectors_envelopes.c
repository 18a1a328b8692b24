/* envelopes-bad.json: the code of the first check that fails; and all 28 good ones verify. */
#include <stdio.h>

#include "exchange/envelope.h"
#include "shared.h"
#include "wire/hex.h"
#include "wire/jcs.h"

static const struct slice members[] = {{"northland", 9}, {"southmark", 9}};
static struct envelope_terms terms;

static void
bad_ones(void)
{
    struct slice all = shared_json("envelopes-bad.json");
    struct jcs_iter it = jcs_iter(get(all, "cases"));
    struct slice prev = get_hex(all, "expected_prev");
    struct utime now;
    struct chain c = {10, {{0}}};
    struct slice item;

    memcpy(c.last.byte, prev.ptr, SHA256_SIZE);
    check(time_parse(SLICE("2026-03-28T12:05:00.000000Z"), &now) == 0, "time", SLICE(""));
    while (jcs_item(&it, &item)) {
        struct envelope e;
        const char *why = "";
        enum message_code code = envelope_read(get_hex(item, "hex"), &e, &why);
        const char *name;

        if (code == MESSAGE_FINE)
            code = envelope_check(&e, &terms, &c, now, now);
        name = code == MESSAGE_FINE ? "good" : message_code_name(code);
        if (!slice_is(get_text(item, "code"), name))
            fprintf(stderr, "got %s %s\n", name, why);
        check(slice_is(get_text(item, "code"), name), "another code", item);
    }
}

/* Every bit of a message counts. */
static void
flips(struct slice bytes, struct utime when)
{
    char changed[ENVELOPE_MAX];
    struct slice in = {changed, bytes.len};

    memcpy(changed, bytes.ptr, bytes.len);
    for (size_t i = 0; i < bytes.len; i++) {
        struct envelope e;

        changed[i] ^= (char)(1 << i % 7);
        check(envelope_read(in, &e, NULL) != MESSAGE_FINE ||
                  envelope_authentic(&e, &terms, when) != MESSAGE_FINE,
              "a changed byte is taken", in);
        changed[i] = bytes.ptr[i];
    }
}

static void
good_ones(const char *party, unsigned want)
{
    static char names[64][128];
    char folder[256];
    unsigned n;

    (void)snprintf(folder, sizeof folder, "conversation/%s/pact/northland-southmark/message",
                   party);
    n = shared_list(folder, names, 64);
    check(n == want, "number of messages", slice_of(party));
    for (unsigned i = 0; i < n; i++) {
        char id[64];
        struct envelope e;
        struct slice bytes;
        const char *why;

        bytes = shared_file("%s/%s", folder, names[i]);
        check(envelope_read(bytes, &e, &why) == MESSAGE_FINE, why, bytes);
        hex_encode(e.id.byte, SHA256_SIZE, id);
        check(memcmp(id, names[i], 64) == 0, "another id", bytes);
        check(envelope_authentic(&e, &terms, e.at) == MESSAGE_FINE, "not authentic", bytes);
        flips(bytes, e.at);
    }
}

int
main(int argc, char **argv)
{
    shared_open(argc, argv);
    terms = (struct envelope_terms){.pact = SLICE("northland-southmark"),
                                    .party = members,
                                    .parties = 2,
                                    .message = shared_keys("message"),
                                    .clock_skew_max = {300 * TIME_US_PER_S}};
    bad_ones();
    good_ones("northland", 14);
    good_ones("southmark", 14);
    printf("%u checks\n", checks);
    return 0;
}
