/* years [--seed N] [--days N] [--step SECONDS] [-v]: two parties for a long time, in virtual
 * time.
 *
 * Attacks, words that fit and words that do not, cuts of hours and days in one direction or
 * both, ends and starts of either node: whenever the two have been in contact for a while, both
 * see every incident in the same state.  Between them either is hostile for a while (lies.h):
 * each lie is named and bounded, and changes nothing that is honest.  Exit 1 when it is not so,
 * or when a lie was never told. */
#include "lies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/hex.h"

enum {
    LOOP_S = 1800,
    SETTLE_S = 600,
    INCIDENTS = 4096,
    RECENT = 64,
    ALL_DAYS = 14,  /* by then each lie was told */
    LIE_LOOPS = 192 /* between two lies; less, when there would not be time for all of them */
};

struct years {
    struct two two;
    struct lies lies;
    uint64_t random;
    unsigned lie_loops;
    unsigned told;
    int64_t cut_until;
    unsigned said;
    unsigned refused;
    unsigned cuts;
    unsigned deaths;
    unsigned compared;
    unsigned differ;
    unsigned closed;
    int64_t step_s; /* between two looks of a node at the world */
    bool verbose;
    char name[INCIDENTS][32];
    unsigned names;
};

static uint64_t
pick(struct years *y, uint64_t n)
{
    return next_random(&y->random) % n;
}

/* ---- words ------------------------------------------------------------------------------- */

static const char *
stamp(const struct years *y, int64_t back_s, char to[TIME_TEXT + 1])
{
    time_format((struct utime){y->two.now - back_s * 1000000}, to);
    to[TIME_TEXT] = '\0';
    return to;
}

static const char *
one_of(struct years *y, const char *const *list, unsigned n)
{
    return list[pick(y, n)];
}

static void
say_answer(struct years *y, char *body, size_t room)
{
    static const char *const findings[] = {"corroborated", "not-seen", "false-positive",
                                           "benign-authorised"};
    char from[TIME_TEXT + 1];
    char until[TIME_TEXT + 1];

    (void)snprintf(body, room,
                   "{\"finding\":\"%s\",\"flows\":1,\"from\":\"%s\",\"reason\":\"%s\","
                   "\"retention_from\":\"%s\",\"sampling\":1,\"until\":\"%s\"}",
                   one_of(y, findings, COUNT(findings)), stamp(y, 7200, from),
                   pick(y, 8) == 0 ? "" : "because", from, stamp(y, 3600, until));
}

static void
say_close(struct years *y, char *body, size_t room)
{
    static const char *const results[] = {"closed-unverified", "accepted-explanation",
                                          "not-contested", "no-evidence"};
    char from[TIME_TEXT + 1];
    char until[TIME_TEXT + 1];

    if (pick(y, 2) == 0)
        (void)snprintf(body, room,
                       "{\"coverage_ppm\":%u,\"quiet_from\":\"%s\",\"quiet_until\":\"%s\","
                       "\"result\":\"confirmed-quiet\"}",
                       (unsigned)pick(y, 1000001), stamp(y, 8 * 86400, from),
                       stamp(y, 60, until));
    else
        (void)snprintf(body, room, "{\"result\":\"%s\"}", one_of(y, results, COUNT(results)));
}

/* Some word in an incident; most do not fit, and are refused where they are said. */
static void
say_something(struct years *y, struct half *h, const char *name)
{
    static const enum message_type types[] = {
        MESSAGE_ACK,      MESSAGE_ANSWER,   MESSAGE_ACTION,         MESSAGE_CLOSE,
        MESSAGE_CLOSE,    MESSAGE_DISPUTE,  MESSAGE_ESCALATE,       MESSAGE_INQUIRY,
        MESSAGE_WITHDRAW, MESSAGE_REOPEN,   MESSAGE_ACTIVITY,       MESSAGE_EXTENSION_REQUEST,
        MESSAGE_ANSWER,   MESSAGE_EVIDENCE, MESSAGE_EXTENSION_GRANT};
    enum message_type type = types[pick(y, COUNT(types))];
    char from[TIME_TEXT + 1];
    char fields[1024] = "{}";
    AUTO_BUF(body, 4096);
    struct case_file c;
    struct errinfo ei = {0};
    struct utime now = {y->two.now};
    int r = case_read(h->n.store, &h->book->pact[0], slice_of(name), now, &c);

    if (type == MESSAGE_ANSWER)
        say_answer(y, fields, sizeof fields);
    else if (type == MESSAGE_CLOSE)
        say_close(y, fields, sizeof fields);
    else if (type == MESSAGE_ACTION)
        (void)snprintf(fields, sizeof fields, "{\"action\":\"%s\"}",
                       pick(y, 6) == 0 ? "none" : "remediated");
    else if (type == MESSAGE_INQUIRY)
        (void)snprintf(fields, sizeof fields, "{\"missing\":[\"flows\"]}");
    else if (type == MESSAGE_ACTIVITY)
        (void)snprintf(fields, sizeof fields,
                       "{\"first\":\"%s\",\"last\":\"%s\",\"events\":1,\"count\":1}",
                       stamp(y, 60, from), from);
    else if (type == MESSAGE_DISPUTE || type == MESSAGE_WITHDRAW || type == MESSAGE_REOPEN ||
             type == MESSAGE_EXTENSION_REQUEST)
        (void)snprintf(fields, sizeof fields, "{\"reason\":\"it is so\"}");
    if (r == 0)
        r = speech_body(h->n.store, &c, type, slice_of(fields), now, &body, &ei);
    case_release(&c);
    if (r == ERR_NOTFOUND)
        return;
    if (r == ERR_CONF) { /* about what is not there */
        y->refused++;
        return;
    }
    assert_int_equal(r, 0);
    buf_char(&body, '\0');
    r = two_try(h, type, name, body.ptr);
    assert_true(r == 0 || r == ERR_CONF || r == ERR_INVALID);
    y->said += r == 0;
    y->refused += r < 0;
}

/* ---- what happens ------------------------------------------------------------------------ */

static void
attack(struct years *y)
{
    struct half *h = &y->two.half[pick(y, 2)];
    char origin[32];

    if (y->names == INCIDENTS)
        return;
    (void)snprintf(origin, sizeof origin, "%s%u", h->i == 0 ? "198.51.100." : "192.0.2.",
                   (unsigned)(100 + pick(y, 100)));
    two_attack(h, origin, 6, 3);
}

static int
note_name(void *arg, const struct store_incident *i)
{
    struct years *y = arg;
    char name[sizeof y->name[0]];

    for (unsigned k = 0; k < y->names; k++) {
        if (slice_is(i->name, y->name[k]))
            return 0;
    }
    (void)snprintf(name, sizeof name, "%.*s", (int)i->name.len, i->name.ptr);
    if (y->names < INCIDENTS && !lies_made(name))
        memcpy(y->name[y->names++], name, sizeof name);
    return 0;
}

static void
learn_names(struct years *y)
{
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(store_each_incident(y->two.half[i].n.store, false, note_name, y), 0);
        store_settle(y->two.half[i].n.store);
    }
}

static void
tell(const struct case_file *c)
{
    print_message("  %s %s, %u messages, late %x overdue %x owed %x, %u suspended\n", c->name,
                  incident_state_name(c->now.incident.state), c->count, c->now.incident.late,
                  c->now.incident.overdue, c->now.incident.owed, c->contact.suspended.count);
}

/* All incidents, or the newest. */
static void
compare(struct years *y, bool all)
{
    struct case_known known[2] = {{.pact = NULL}, {.pact = NULL}};
    struct two *t = &y->two;
    unsigned from;

    learn_names(y);
    from = all || y->names < RECENT ? 0 : y->names - RECENT;
    for (unsigned k = from; k < y->names; k++) {
        struct case_file c[2];
        int r[2];

        for (unsigned i = 0; i < 2; i++) {
            r[i] = case_read_of(t->half[i].n.store, &t->half[i].book->pact[0],
                                slice_of(y->name[k]), &(struct case_look){{t->now}, &known[i]},
                                &c[i]);
            store_settle(t->half[i].n.store);
        }
        y->compared++;
        if (r[0] != r[1] ||
            (r[0] == 0 &&
             (c[0].count != c[1].count || !two_same(&c[0].now.incident, &c[1].now.incident)))) {
            y->differ++;
            print_message("%s differs on day %lld (%d, %d)\n", y->name[k],
                          (long long)((t->now - TWO_T0) / 86400 / 1000000), r[0], r[1]);
            if (r[0] == 0)
                tell(&c[0]);
            if (r[1] == 0)
                tell(&c[1]);
        }
        if (r[0] == 0 && c[0].now.incident.state == INCIDENT_CLOSED)
            y->closed++;
        case_release(&c[0]);
        case_release(&c[1]);
    }
}

static void
cut(struct years *y)
{
    struct two *t = &y->two;
    unsigned how = (unsigned)pick(y, 3);

    t->half[0].mute = how != 1;
    t->half[1].mute = how != 0;
    y->cut_until = t->now + (int64_t)(1 + pick(y, 72)) * 3600 * 1000000;
    y->cuts++;
}

static void
loop(struct years *y)
{
    struct two *t = &y->two;

    if (pick(y, 24) == 0)
        attack(y);
    for (unsigned i = 0; i < 2 && y->names > 0; i++) {
        unsigned from = y->names > 12 ? y->names - 12 : 0;

        if (pick(y, 4) == 0)
            say_something(y, &t->half[i], y->name[from + pick(y, y->names - from)]);
    }
    if (pick(y, 300) == 0) {
        unsigned i = (unsigned)pick(y, 2);

        two_kill(t, i);
        two_start(t, i);
        y->deaths++;
    }
    if (t->now >= y->cut_until && pick(y, 200) == 0)
        cut(y);
    if (t->now >= y->cut_until) {
        t->half[0].mute = t->half[1].mute = false;
        if (pick(y, y->lie_loops) == 0) {
            lies_tell(&y->lies);
            y->told++;
        }
    }
    two_pass_by(t, LOOP_S, y->step_s * 1000000);
    assert_int_equal(t->half[0].ended, 0);
    assert_int_equal(t->half[1].ended, 0);
}

int
main(int argc, char **argv)
{
    struct years *y = calloc(1, sizeof *y);
    uint64_t days = 30;

    if (y == NULL)
        return 4;
    y->random = 1;
    y->step_s = 300;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-v") == 0)
            y->verbose = true;
        else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
            y->random = strtoull(argv[++i], NULL, 10) * 7919 + 1;
        else if (i + 1 < argc && strcmp(argv[i], "--days") == 0)
            days = strtoull(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--step") == 0)
            y->step_s = (int64_t)strtoull(argv[++i], NULL, 10);
        else
            return 2;
    }
    y->lie_loops = (unsigned)(days * (86400 / LOOP_S) / (3 * lies_count()));
    if (y->lie_loops > LIE_LOOPS || y->lie_loops == 0)
        y->lie_loops = LIE_LOOPS;
    two_begin(&y->two);
    two_in_force(&y->two);
    lies_begin(&y->lies, &y->two, &y->random);
    for (uint64_t d = 0; d < days; d++) {
        for (unsigned n = 0; n < 86400 / LOOP_S; n++)
            loop(y);
        learn_names(y);
        if (d % 10 == 9 && y->two.now >= y->cut_until) {
            y->two.half[0].mute = y->two.half[1].mute = false;
            two_pass_by(&y->two, SETTLE_S, INT64_C(10) * 1000000);
            compare(y, d % 90 == 89);
        }
    }
    y->two.half[0].mute = y->two.half[1].mute = false;
    two_pass_by(&y->two, SETTLE_S * 4, INT64_C(10) * 1000000);
    y->closed = 0;
    compare(y, true);
    y->differ += y->lies.bad;
    if (days >= ALL_DAYS)
        y->differ += lies_missing(&y->lies);
    print_message("%llu days, %u incidents (%u closed), %u words, %u refused, %u cuts, %u "
                  "deaths, %u lies, compared %u times: %u differ\n",
                  (unsigned long long)days, y->names, y->closed, y->said, y->refused, y->cuts,
                  y->deaths, y->told, y->compared, y->differ);
    lies_end(&y->lies);
    two_end(&y->two);
    return y->differ > 0 || y->names < 5 || y->said < 20;
}
