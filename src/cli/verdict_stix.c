/* detente verdict --stix: each word as a note of STIX 2.1. */
#include "cli/verdict_stix.h"

#include <sodium.h>
#include <stdio.h>

#include "stix/emit.h"
#include "wire/jcs.h"

#define NAMED_SINCE \
    ((struct utime){INT64_C(1767225600000000)}) /* 2026-01-01, for all parties */

enum { BUNDLE = 16 << 20, TEXT = 2048, NAME = 512 };

struct telling {
    struct emit e;
    struct slice pact;
    struct slice self;
    struct slice from;
    struct slice until;
    struct slice bound;
    struct slice toward;
    struct utime at;
    enum tlp tlp;
};

static struct slice
member(struct slice object, const char *name)
{
    struct slice value;

    return jcs_find(object, name, &value) ? value : (struct slice){"", 0};
}

static struct slice
plain(struct slice object, const char *name)
{
    struct slice text;

    return jcs_plain(member(object, name), &text) == 0 ? text : (struct slice){"", 0};
}

static int64_t
number(struct slice object, const char *name)
{
    struct slice value;
    int64_t n = 0;

    return jcs_find(object, name, &value) && jcs_int(value, &n) == 0 ? n : 0;
}

static int
tell_party(struct telling *t, struct slice party)
{
    struct stix_id id = stix_id_named(SLICE("identity"), party);
    const struct emit_common c = {
        .id = stix_id_slice(&id), .created = NAMED_SINCE, .modified = NAMED_SINCE};
    const struct emit_identity i = {.name = party, .class_ = SLICE("organization")};

    return emit_identity(&t->e, &c, &i);
}

static void
put_words(const struct telling *t, struct slice row, struct slice period, char to[TEXT])
{
    struct slice word = plain(period, "word");
    int64_t coverage = number(period, "coverage_ppm");

    (void)snprintf(
        to, TEXT,
        "%.*s. %.*s owes %.*s \"%.*s\" (%.*s), from %.*s until %.*s, by the log of %.*s: %lld "
        "incidents, %lld open, %lld overdue, %lld late; %lld.%lld %% of the declared space and "
        "time was seen by %lld sensors, %lld of %lld test packets were found.",
        (int)word.len, word.ptr, (int)t->bound.len, t->bound.ptr, (int)t->toward.len,
        t->toward.ptr, (int)plain(row, "obligation").len, plain(row, "obligation").ptr,
        (int)plain(row, "kind").len, plain(row, "kind").ptr, (int)t->from.len, t->from.ptr,
        (int)t->until.len, t->until.ptr, (int)t->self.len, t->self.ptr,
        (long long)number(period, "incidents"), (long long)number(period, "open"),
        (long long)number(period, "overdue"), (long long)number(period, "late"),
        (long long)(coverage / 10000), (long long)(coverage / 1000 % 10),
        (long long)number(period, "sensors"), (long long)number(period, "found"),
        (long long)number(period, "canaries"));
}

static int
tell_row(struct telling *t, struct slice row)
{
    struct slice period = member(row, "period");
    struct stix_id of[2] = {stix_id_named(SLICE("identity"), t->bound),
                            stix_id_named(SLICE("identity"), t->toward)};
    struct stix_id by = stix_id_named(SLICE("identity"), t->self);
    const struct slice refs[] = {stix_id_slice(&of[0]), stix_id_slice(&of[1])};
    const struct slice labels[] = {t->pact, plain(row, "obligation")};
    char name[NAME];
    char text[TEXT];
    struct stix_id id;

    (void)snprintf(name, sizeof name, "%.*s/%.*s/%.*s/%.*s/%.*s", (int)t->pact.len, t->pact.ptr,
                   (int)t->bound.len, t->bound.ptr, (int)t->toward.len, t->toward.ptr,
                   (int)plain(row, "obligation").len, plain(row, "obligation").ptr,
                   (int)t->self.len, t->self.ptr);
    id = stix_id_named(SLICE("note"), slice_of(name));
    put_words(t, row, period, text);
    {
        const struct emit_common c = {.id = stix_id_slice(&id),
                                      .created_by = stix_id_slice(&by),
                                      .created = NAMED_SINCE,
                                      .modified = t->at,
                                      .marks = {.tlp = t->tlp},
                                      .labels = {labels, 2}};
        const struct emit_note n = {
            .abstract = SLICE("verdict"), .content = slice_of(text), .objects = {refs, 2}};

        return emit_note(&t->e, &c, &n);
    }
}

static int
tell_pair(struct telling *t, struct slice pair)
{
    struct jcs_iter rows = jcs_iter(member(pair, "obligations"));
    struct slice row;
    int r;

    t->bound = plain(pair, "bound");
    t->toward = plain(pair, "toward");
    r = tell_party(t, t->bound);
    while (r == 0 && jcs_item(&rows, &row))
        r = tell_row(t, row);
    return r;
}

static int
tell_pact(struct telling *t, struct slice pact)
{
    struct jcs_iter pairs = jcs_iter(member(pact, "pairs"));
    struct slice pair;
    int r = 0;

    t->pact = plain(pact, "pact");
    t->self = plain(pact, "self");
    t->from = plain(pact, "from");
    t->until = plain(pact, "until");
    while (r == 0 && jcs_item(&pairs, &pair))
        r = tell_pair(t, pair);
    return r;
}

int
verdict_stix(struct slice json)
{
    AUTO_BUF(out, BUNDLE);
    struct errinfo ei = {0};
    uint8_t random[UUID_SIZE];
    struct telling t = {.e = {.out = &out, .ei = &ei}, .tlp = TLP_AMBER};
    struct jcs_iter pacts = jcs_iter(member(json, "pacts"));
    struct slice pact;
    struct stix_id id;
    int r;

    randombytes_buf(random, sizeof random);
    id = stix_id_random(SLICE("bundle"), random);
    if (time_parse(plain(json, "at"), &t.at) < 0)
        return cli_fail(ERR_INVALID, "the verdict has no time");
    r = emit_bundle_open(&t.e, stix_id_slice(&id));
    while (r == 0 && jcs_item(&pacts, &pact))
        r = tell_pact(&t, pact);
    if (r == 0)
        r = emit_bundle_close(&t.e);
    return r < 0 ? cli_fail(r, "%s", ei.text[0] != '\0' ? ei.text : err_text(r))
                 : cli_print(&out);
}
