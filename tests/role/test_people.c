/* What people may, and the engine's answers under a virtual clock: links, passwords, sessions,
 * tokens, and the leaf of every act. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "role/node.h"
#include "role/people.h"

static int64_t now_us = INT64_C(4000000000) * 1000000; /* both clocks, behind that of `init` */
static bool full;

static struct utime
now_wall(void *self)
{
    (void)self;
    return (struct utime){now_us};
}

static int64_t
now_mono(void *self)
{
    (void)self;
    return now_us;
}

static int
room(void *self, uint64_t *ret_free, uint64_t *ret_all)
{
    (void)self;
    *ret_all = UINT64_C(1) << 40;
    *ret_free = full ? 0 : *ret_all;
    return 0;
}

struct scratch {
    char dir[64];
    struct node n;
    struct people people;
    struct waits waits;
};

static void
begin(struct scratch *s)
{
    struct node_init how = {0};
    struct errinfo ei = {0};

    full = false;
    (void)snprintf(s->dir, sizeof s->dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    assert_int_equal(node_init(s->dir, &how, &ei), 0);
    assert_int_equal(node_open(s->dir, NODE_WRITE, &s->n, &ei), 0);
    s->n.env.now_wall = now_wall;
    s->n.env.now_mono = now_mono;
    s->n.env.room = room;
    s->waits = (struct waits){0};
    people_open(&s->people, s->n.engine, s->n.store, &s->n.env, &s->waits);
}

static void
end(struct scratch *s)
{
    char command[96];

    node_close(&s->n);
    (void)snprintf(command, sizeof command, "rm -r %s", s->dir);
    assert_int_equal(system(command), 0);
}

static void
pass(int64_t s)
{
    now_us += s * 1000000;
}

static struct person_answer
order(struct scratch *s, uint32_t what, const char *name, enum person_role role)
{
    struct person_ask ask = {.what = what, .role = role, .life_us = PERSON_TOKEN_US};
    struct person_answer a;
    struct errinfo ei;

    (void)snprintf(ask.name, sizeof ask.name, "%s", name);
    assert_int_equal(people_order(&s->people, "tester", &ask, &a, &ei), 0);
    return a;
}

static struct person_answer
ask(struct scratch *s, uint32_t what, uint32_t kind, const uint8_t *secret)
{
    struct person_ask ask = {.what = what, .with = {.kind = kind}};
    struct person_answer a;
    struct errinfo ei;

    memcpy(ask.with.secret, secret, PERSON_SECRET);
    assert_int_equal(people_ask(&s->people, &ask, &a, &ei), 0);
    return a;
}

static struct person_answer
ask_password_from(struct scratch *s, const char *from, const char *name, const char *password)
{
    struct person_ask ask = {.what = ASK_PASSWORD};
    struct person_answer a;
    struct errinfo ei;

    (void)snprintf(ask.name, sizeof ask.name, "%s", name);
    (void)snprintf(ask.password, sizeof ask.password, "%s", password);
    assert_int_equal(addr_parse(slice_of(from), &ask.from), 0);
    assert_int_equal(people_ask(&s->people, &ask, &a, &ei), 0);
    return a;
}

static struct person_answer
ask_password(struct scratch *s, const char *name, const char *password)
{
    return ask_password_from(s, "192.0.2.1", name, password);
}

static struct person_answer
set_password(struct scratch *s, const uint8_t *session, const char *password)
{
    struct person_ask ask = {.what = ASK_SET_PASSWORD, .with = {.kind = CREDENTIAL_SESSION}};
    struct person_answer a;
    struct errinfo ei;

    memcpy(ask.with.secret, session, PERSON_SECRET);
    (void)snprintf(ask.password, sizeof ask.password, "%s", password);
    assert_int_equal(people_ask(&s->people, &ask, &a, &ei), 0);
    return a;
}

static struct person_answer
sign_in(struct scratch *s, const char *name)
{
    struct person_answer link = order(s, ASK_USER_LINK, name, PERSON_NOBODY);
    struct person_answer a;

    assert_int_equal(link.status, 0);
    a = ask(s, ASK_LINK, CREDENTIAL_LINK, link.secret);
    assert_int_equal(a.status, 0);
    return a;
}

static uint64_t
leaves(struct scratch *s)
{
    return ledger_size(engine_ledger(s->n.engine));
}

static void
what_is_not_written_nobody_may(void **state)
{
    (void)state;
    for (unsigned r = PERSON_VIEWER; r < PERSON_ROLES; r++) {
        assert_int_equal(people_may((enum person_role)r, "node.read"), r != PERSON_EXCHANGE);
        assert_int_equal(people_may((enum person_role)r, "alert.ack"),
                         r == PERSON_ANALYST || r == PERSON_APPROVER);
        assert_true(people_may((enum person_role)r, "exchange.use"));
        assert_false(people_may((enum person_role)r, "incident.ack"));
        assert_false(people_may((enum person_role)r, "user.add"));
        assert_false(people_may((enum person_role)r, ""));
        assert_int_equal(person_role_find(slice_of(person_role_name((enum person_role)r))), r);
    }
    assert_false(people_may(PERSON_NOBODY, "node.read"));
    assert_false(people_may(PERSON_ROLES, "node.read"));
    assert_false(people_may((enum person_role)40, "node.read"));
    assert_int_equal(person_role_find(SLICE("")), PERSON_NOBODY);
    assert_int_equal(person_role_find(SLICE("operator")), PERSON_NOBODY);
}

static int32_t
ack(struct scratch *s, const uint8_t *token)
{
    struct person_ask ask = {.what = ASK_ALERT_ACK, .with.kind = CREDENTIAL_TOKEN, .object = 7};
    struct person_answer a;
    struct errinfo ei;

    memcpy(ask.with.secret, token, PERSON_SECRET);
    assert_int_equal(people_ask(&s->people, &ask, &a, &ei), 0);
    return a.status;
}

/* Each is a leaf that stays, so nobody writes a million of them; others are not held up. */
static void
acknowledgements_are_bounded_for_each(void **state)
{
    struct person_answer a;
    struct person_answer b;
    struct person_answer look;
    struct scratch s;
    uint64_t before;

    (void)state;
    begin(&s);
    a = order(&s, ASK_TOKEN_ADD, "a", PERSON_APPROVER);
    b = order(&s, ASK_TOKEN_ADD, "b", PERSON_APPROVER);
    look = order(&s, ASK_TOKEN_ADD, "c", PERSON_VIEWER);
    before = leaves(&s);
    assert_int_equal(ack(&s, look.secret), ERR_AUTH);
    for (unsigned i = 0; i < PEOPLE_ACKS; i++)
        assert_int_equal(ack(&s, a.secret), 0);
    assert_int_equal(ack(&s, a.secret), ERR_BUSY);
    assert_int_equal(ack(&s, b.secret), 0);
    assert_int_equal(ack(&s, a.secret), ERR_BUSY);
    pass(1);
    assert_int_equal(ack(&s, a.secret), 0);
    assert_int_equal(ack(&s, a.secret), ERR_BUSY);
    assert_int_equal(leaves(&s), before + PEOPLE_ACKS + 2);
    pass(PEOPLE_ACKS);
    for (unsigned i = 0; i < PEOPLE_ACKS; i++)
        assert_int_equal(ack(&s, a.secret), 0);
    assert_int_equal(ack(&s, a.secret), ERR_BUSY);
    end(&s);
}

static void
a_link_signs_in_once_within_a_day(void **state)
{
    struct scratch s;
    struct person_answer link;
    struct person_answer a;
    struct person_answer who;

    (void)state;
    begin(&s);
    assert_int_equal(order(&s, ASK_USER_ADD, "ann", PERSON_ANALYST).status, 0);
    assert_int_equal(order(&s, ASK_USER_ADD, "ann", PERSON_VIEWER).status, ERR_CONF);
    assert_int_equal(order(&s, ASK_USER_LINK, "bob", PERSON_NOBODY).status, ERR_NOTFOUND);
    link = order(&s, ASK_USER_LINK, "ann", PERSON_NOBODY);
    a = ask(&s, ASK_LINK, CREDENTIAL_LINK, link.secret);
    assert_int_equal(a.status, 0);
    assert_string_equal(a.name, "ann");
    assert_int_equal(a.role, PERSON_ANALYST);
    assert_memory_not_equal(a.secret, link.secret, PERSON_SECRET);
    assert_int_equal(a.until.us, now_us + PERSON_SESSION_US);
    assert_int_equal(ask(&s, ASK_LINK, CREDENTIAL_LINK, link.secret).status, ERR_AUTH);
    who = ask(&s, ASK_WHO, CREDENTIAL_SESSION, a.secret);
    assert_int_equal(who.status, 0);
    assert_string_equal(who.name, "ann");
    /* a link is no session, a session no link or token */
    assert_int_equal(ask(&s, ASK_WHO, CREDENTIAL_LINK, link.secret).status, ERR_AUTH);
    assert_int_equal(ask(&s, ASK_LINK, CREDENTIAL_SESSION, a.secret).status, ERR_AUTH);
    assert_int_equal(ask(&s, ASK_WHO, CREDENTIAL_TOKEN, a.secret).status, ERR_AUTH);
    /* a newer link takes the place of an older; after a day it is over */
    link = order(&s, ASK_USER_LINK, "ann", PERSON_NOBODY);
    who = order(&s, ASK_USER_LINK, "ann", PERSON_NOBODY);
    assert_int_equal(ask(&s, ASK_LINK, CREDENTIAL_LINK, link.secret).status, ERR_AUTH);
    pass(86400);
    assert_int_equal(ask(&s, ASK_LINK, CREDENTIAL_LINK, who.secret).status, ERR_AUTH);
    end(&s);
}

static void
a_session_ends_by_itself_and_by_others(void **state)
{
    struct scratch s;
    struct person_answer a;
    struct person_answer b;
    int64_t used = 0;

    (void)state;
    begin(&s);
    assert_int_equal(order(&s, ASK_USER_ADD, "ann", PERSON_VIEWER).status, 0);
    a = sign_in(&s, "ann");
    pass(3600);
    assert_int_equal(ask(&s, ASK_WHO, CREDENTIAL_SESSION, a.secret).status, ERR_AUTH);
    a = sign_in(&s, "ann");
    while (ask(&s, ASK_WHO, CREDENTIAL_SESSION, a.secret).status == 0) {
        pass(1800);
        used += 1800;
        assert_true(used <= 12 * 3600);
    }
    assert_int_equal(used, 12 * 3600);
    a = sign_in(&s, "ann");
    b = sign_in(&s, "ann");
    assert_int_equal(ask(&s, ASK_SIGN_OUT, CREDENTIAL_SESSION, a.secret).status, 0);
    assert_int_equal(ask(&s, ASK_SIGN_OUT, CREDENTIAL_SESSION, a.secret).status, ERR_AUTH);
    assert_int_equal(ask(&s, ASK_WHO, CREDENTIAL_SESSION, b.secret).status, 0);
    assert_int_equal(order(&s, ASK_USER_REVOKE, "ann", PERSON_NOBODY).status, 0);
    assert_int_equal(ask(&s, ASK_WHO, CREDENTIAL_SESSION, b.secret).status, ERR_AUTH);
    assert_int_equal(order(&s, ASK_USER_REVOKE, "ann", PERSON_NOBODY).status, ERR_NOTFOUND);
    end(&s);
}

static void
wrong_passwords_wait_longer_and_longer(void **state)
{
    struct scratch s;
    struct person_answer a;
    struct person_answer other;

    (void)state;
    begin(&s);
    assert_int_equal(order(&s, ASK_USER_ADD, "ann", PERSON_VIEWER).status, 0);
    a = sign_in(&s, "ann");
    other = sign_in(&s, "ann");
    assert_int_equal(set_password(&s, a.secret, "too short").status, ERR_INVALID);
    assert_int_equal(set_password(&s, a.secret, "correct horse").status, 0);
    /* the others of that person end, this one goes on */
    assert_int_equal(ask(&s, ASK_WHO, CREDENTIAL_SESSION, other.secret).status, ERR_AUTH);
    assert_int_equal(ask(&s, ASK_WHO, CREDENTIAL_SESSION, a.secret).status, 0);
    assert_int_equal(ask_password(&s, "ann", "correct horse").status, 0);
    pass(2);
    for (uint32_t wait = 2; wait <= 512; wait *= 2) {
        assert_int_equal(ask_password(&s, "ann", "incorrect horse").status, ERR_AUTH);
        a = ask_password(&s, "ann", "correct horse");
        assert_int_equal(a.status, ERR_BUSY);
        /* 1 s, doubled, but two between any two from one place */
        assert_int_equal(a.wait_s, wait == 2 ? 2 : wait > 600 ? 300 : wait / 2);
        pass((int64_t)a.wait_s - 1);
        assert_int_equal(ask_password(&s, "ann", "correct horse").status, ERR_BUSY);
        pass(1);
    }
    assert_int_equal(ask_password(&s, "ann", "incorrect horse").status, ERR_AUTH);
    assert_int_equal(ask_password(&s, "ann", "correct horse").wait_s, WAIT_MAX_S);
    /* an engine that was started again knows it */
    people_open(&s.people, s.n.engine, s.n.store, &s.n.env, &s.waits);
    assert_int_equal(ask_password(&s, "ann", "correct horse").status, ERR_BUSY);
    pass(WAIT_MAX_S);
    assert_int_equal(ask_password(&s, "ann", "correct horse").status, 0);
    pass(2);
    assert_int_equal(ask_password(&s, "ann", "incorrect horse").status, ERR_AUTH);
    assert_int_equal(ask_password(&s, "ann", "correct horse").wait_s, 2); /* from the start */
    pass(2);
    assert_int_equal(order(&s, ASK_USER_ADD, "eve", PERSON_VIEWER).status, 0);
    assert_int_equal(ask_password(&s, "eve", "").status, ERR_AUTH); /* has none */
    end(&s);
}

/* Whoever keeps sending wrong passwords keeps nobody out but himself. */
static void
only_who_was_wrong_waits(void **state)
{
    static const char *const others[] = {"192.0.2.2", "2001:db8:0:1::1", "127.0.0.1"};
    struct scratch s;
    struct person_answer a;

    (void)state;
    begin(&s);
    assert_int_equal(order(&s, ASK_USER_ADD, "ann", PERSON_VIEWER).status, 0);
    a = sign_in(&s, "ann");
    assert_int_equal(set_password(&s, a.secret, "correct horse").status, 0);
    for (int i = 0; i < 9; i++) {
        pass(WAIT_MAX_S);
        assert_int_equal(ask_password_from(&s, "2001:db8::1", "ann", "wrong horse").status,
                         ERR_AUTH);
        /* every session, link and password change goes on at once */
        assert_int_equal(ask(&s, ASK_WHO, CREDENTIAL_SESSION, a.secret).status, 0);
        a = sign_in(&s, "ann");
        assert_int_equal(a.status, 0);
        assert_int_equal(set_password(&s, a.secret, "correct horse").status, 0);
        /* all of a /64 are one place */
        assert_int_equal(
            ask_password_from(&s, "2001:db8::ffff:2", "ann", "correct horse").status, ERR_BUSY);
    }
    pass(WAIT_MAX_S);
    assert_int_equal(ask_password_from(&s, "2001:db8::3", "ann", "wrong horse").status,
                     ERR_AUTH);
    assert_int_equal(ask_password_from(&s, "2001:db8::4", "ann", "wrong horse").wait_s,
                     WAIT_MAX_S);
    /* and who is always first in each second has no more than every other one of them */
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        int seconds = 0;

        do {
            pass(1);
            (void)ask_password_from(&s, "2001:db8::4", i % 2 ? "ann" : "bob", "wrong horse");
            a = ask_password_from(&s, others[i], "ann", "correct horse");
            seconds++;
        } while (a.status == ERR_BUSY && seconds < 9);
        assert_int_equal(a.status, 0);
        assert_true(seconds <= 2);
    }
    end(&s);
}

/* The table is small: what fills it pushes out what is over first, and no wait that it holds is
 * ever longer than the longest. */
static void
waits_have_a_bound(void **state)
{
    static struct waits w;
    struct addr bad = addr_of_v4(0xc0000201);
    int64_t now = 1000000;
    char name[PERSON_NAME];

    (void)state;
    memset(&w, 0, sizeof w);
    for (int i = 0; i < 12; i++) {
        waits_note(&w, &bad, "ann", now, false);
        now += WAIT_MAX_S * INT64_C(1000000);
    }
    waits_note(&w, &bad, "ann", now, false);
    assert_int_equal(waits_left(&w, &bad, "ann", now), WAIT_MAX_S);
    for (unsigned i = 0; i < 2 * WAITS; i++) { /* many names, each wrong once */
        (void)snprintf(name, sizeof name, "n%u", i);
        waits_note(&w, &bad, name, now, false);
    }
    assert_int_equal(waits_left(&w, &bad, "ann", now), WAIT_MAX_S);
    now += WAIT_MAX_S * INT64_C(1000000) + WAIT_FORGET_US + 1;
    waits_note(&w, &bad, "ann", now, false);
    assert_int_equal(waits_left(&w, &bad, "ann", now), 2);
    memset(&w, 0x7f, sizeof w); /* as whoever took over an engine could leave it */
    for (unsigned i = 0; i < WAITS; i++)
        w.row[i].place = bad;
    assert_true(waits_left(&w, &bad, "ann", now) <= WAIT_MAX_S);
    waits_note(&w, &bad, "ann", now, false);
    assert_true(waits_left(&w, &bad, "ann", now) <= WAIT_MAX_S);
}

static void
a_token_is_good_for_a_time(void **state)
{
    struct scratch s;
    struct person_answer t;
    struct person_answer who;

    (void)state;
    begin(&s);
    t = order(&s, ASK_TOKEN_ADD, "bot", PERSON_AUDITOR);
    assert_int_equal(t.status, 0);
    who = ask(&s, ASK_WHO, CREDENTIAL_TOKEN, t.secret);
    assert_int_equal(who.status, 0);
    assert_int_equal(who.kind, PERSON_TOKEN);
    assert_int_equal(who.role, PERSON_AUDITOR);
    assert_int_equal(who.until.us, now_us + PERSON_TOKEN_US);
    /* it cannot become a session */
    assert_int_equal(ask(&s, ASK_SIGN_OUT, CREDENTIAL_TOKEN, t.secret).status, ERR_AUTH);
    assert_int_equal(set_password(&s, t.secret, "correct horse").status, ERR_AUTH);
    assert_int_equal(order(&s, ASK_USER_LINK, "bot", PERSON_NOBODY).status, ERR_NOTFOUND);
    pass(PERSON_TOKEN_US / 1000000);
    assert_int_equal(ask(&s, ASK_WHO, CREDENTIAL_TOKEN, t.secret).status, ERR_AUTH);
    end(&s);
}

struct acts {
    struct scratch *s;
    struct ledger_storage storage;
    char said[1024];
};

static int
note_act(void *arg, uint64_t index, struct slice entry)
{
    struct acts *a = arg;
    struct leaf leaf;
    struct slice action;

    (void)index;
    leaf_read(entry, &leaf);
    assert_int_equal(leaf.reading, LEAF_KNOWN);
    assert_int_equal(leaf.type, LEAF_ACT);
    assert_int_equal(leaf_text(&leaf, "action", &action), 0);
    (void)snprintf(a->said + strlen(a->said), sizeof a->said - strlen(a->said), "%.*s ",
                   (int)action.len, action.ptr);
    return 0;
}

static int
open_act(void *arg, uint64_t index, struct slice salt, struct slice opened)
{
    struct acts *a = arg;

    assert_int_equal(salt.len, LEAF_SALT);
    assert_int_equal(a->storage.get_entries(a->storage.self, index, 1, note_act, a), 0);
    (void)snprintf(a->said + strlen(a->said), sizeof a->said - strlen(a->said), "%.*s\n",
                   (int)opened.len, opened.ptr);
    return 0;
}

static void
every_act_is_a_leaf_and_a_refusal_is_none(void **state)
{
    struct scratch s;
    struct acts acts = {.s = &s};
    struct person_answer a;
    uint64_t before;
    uint8_t none[PERSON_SECRET] = {0};

    (void)state;
    begin(&s);
    store_ledger(s.n.store, &acts.storage);
    before = leaves(&s);
    assert_int_equal(order(&s, ASK_USER_ADD, "ann", PERSON_APPROVER).status, 0);
    a = sign_in(&s, "ann");
    assert_int_equal(ask(&s, ASK_SIGN_OUT, CREDENTIAL_SESSION, a.secret).status, 0);
    assert_int_equal(order(&s, ASK_TOKEN_ADD, "bot", PERSON_VIEWER).status, 0);
    assert_int_equal(order(&s, ASK_TOKEN_REVOKE, "bot", PERSON_NOBODY).status, 0);
    assert_int_equal(leaves(&s), before + 6);
    assert_int_equal(ledger_signed_size(engine_ledger(s.n.engine)), before + 6);
    assert_int_equal(store_each_act(s.n.store, open_act, &acts), 0);
    assert_string_equal(acts.said, "user.add [\"person\",\"local:tester\",\"operator\"]\n"
                                   "user.link [\"person\",\"local:tester\",\"operator\"]\n"
                                   "session.open [\"person\",\"ann\",\"approver\"]\n"
                                   "session.close [\"person\",\"ann\",\"approver\"]\n"
                                   "token.add [\"person\",\"local:tester\",\"operator\"]\n"
                                   "token.revoke [\"person\",\"local:tester\",\"operator\"]\n");
    assert_int_equal(ask(&s, ASK_LINK, CREDENTIAL_LINK, none).status, ERR_AUTH);
    assert_int_equal(order(&s, ASK_USER_ADD, "ann", PERSON_VIEWER).status, ERR_CONF);
    full = true; /* refused early, and nothing was done */
    assert_int_equal(order(&s, ASK_USER_ADD, "bob", PERSON_VIEWER).status, ERR_FULL);
    full = false;
    assert_int_equal(order(&s, ASK_USER_LINK, "bob", PERSON_NOBODY).status, ERR_NOTFOUND);
    assert_int_equal(leaves(&s), before + 6);
    end(&s);
}

static void
the_gate_is_not_believed(void **state)
{
    struct scratch s;
    struct person_ask ask = {.what = ASK_USER_ADD, .role = PERSON_APPROVER, .name = "mallory"};
    struct person_answer a;
    struct errinfo ei;

    (void)state;
    begin(&s);
    for (uint32_t what = ASK_USER_ADD; what <= ASK_TOKEN_REVOKE; what++) {
        ask.what = what;
        assert_int_equal(people_ask(&s.people, &ask, &a, &ei), 0);
        assert_int_equal(a.status, ERR_AUTH);
    }
    for (uint32_t what = ASK_WHO; what <= ASK_SET_PASSWORD; what++) {
        ask.what = what;
        assert_int_equal(people_order(&s.people, "tester", &ask, &a, &ei), 0);
        assert_int_equal(a.status, ERR_AUTH);
    }
    ask.what = 77;
    assert_int_equal(people_ask(&s.people, &ask, &a, &ei), 0);
    assert_int_equal(a.status, ERR_INVALID);
    ask = (struct person_ask){.what = ASK_PASSWORD};
    memset(ask.password, 'x', sizeof ask.password);
    assert_int_equal(people_ask(&s.people, &ask, &a, &ei), 0);
    assert_int_equal(a.status, ERR_INVALID);
    ask = (struct person_ask){.what = ASK_PASSWORD, .name = "An' OR 1"};
    assert_int_equal(people_ask(&s.people, &ask, &a, &ei), 0);
    assert_int_equal(a.status, ERR_INVALID);
    end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_written_nobody_may),
        cmocka_unit_test(acknowledgements_are_bounded_for_each),
        cmocka_unit_test(a_link_signs_in_once_within_a_day),
        cmocka_unit_test(a_session_ends_by_itself_and_by_others),
        cmocka_unit_test(wrong_passwords_wait_longer_and_longer),
        cmocka_unit_test(only_who_was_wrong_waits),
        cmocka_unit_test(waits_have_a_bound),
        cmocka_unit_test(a_token_is_good_for_a_time),
        cmocka_unit_test(every_act_is_a_leaf_and_a_refusal_is_none),
        cmocka_unit_test(the_gate_is_not_believed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
