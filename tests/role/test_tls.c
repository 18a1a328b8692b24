/* Certificates by age, under a clock that the test sets; and a leaf of the log for each key. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "role/node.h"
#include "role/tls.h"
#include "wire/hex.h"

#define DAY (INT64_C(86400) * 1000000)
#define T0  (INT64_C(1772366400) * 1000000)

struct scratch {
    char dir[64];
    struct node n;
    struct tls_certificate is[TLS_OWN];
    bool rotates; /* the page's key was taken away */
};

static void
begin(struct scratch *s)
{
    struct node_init how = {0};
    struct errinfo ei = {0};

    (void)snprintf(s->dir, sizeof s->dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    assert_int_equal(node_init(s->dir, &how, &ei), 0);
    assert_int_equal(node_open(s->dir, NODE_WRITE, &s->n, &ei), 0);
}

static void
end(struct scratch *s)
{
    char command[96];

    node_close(&s->n);
    (void)snprintf(command, sizeof command, "rm -r %s", s->dir);
    assert_int_equal(system(command), 0);
}

/* What is served at that time; true when the authority, or the page's certificate, is another
 * than before.  That has the key of the last all the same: counterparts know the node by it. */
static void
at(struct scratch *s, int64_t us, bool ca_is_new, bool page_is_new)
{
    struct tls_certificate was[TLS_OWN];
    struct errinfo ei = {0};

    memcpy(was, s->is, sizeof was);
    assert_int_equal(tls_prepare(s->dir, s->n.conf, (struct utime){us}, &ei), 0);
    assert_int_equal(tls_own(s->dir, s->is, &ei), 0);
    assert_int_equal(!hash_eq(&was[0].key, &s->is[0].key), ca_is_new);
    assert_int_equal(!hash_eq(&was[1].fingerprint, &s->is[1].fingerprint), page_is_new);
    assert_true(was[1].until.us == 0 || s->rotates || hash_eq(&was[1].key, &s->is[1].key));
    for (unsigned i = 0; i < TLS_OWN; i++) {
        assert_true(s->is[i].from.us <= us);
        assert_true(s->is[i].until.us > us + TLS_RENEW_DAYS * DAY);
    }
}

static void
certificates_are_made_again_by_age(void **state)
{
    struct scratch s = {.is = {{.until = {0}}}};

    (void)state;
    begin(&s);
    at(&s, T0, true, true);
    at(&s, T0, false, false);
    at(&s, T0 + (TLS_DAYS - TLS_RENEW_DAYS) * DAY - DAY, false, false);
    at(&s, T0 + (TLS_DAYS - TLS_RENEW_DAYS) * DAY, false, true);
    at(&s, T0 + (TLS_DAYS - TLS_RENEW_DAYS) * DAY + DAY, false, false);
    at(&s, T0 + 3 * TLS_DAYS * DAY, false, true); /* over for long: nobody was there */
    /* The page's certificate is of the authority's last year, then of the new one's. */
    at(&s, T0 + (TLS_CA_DAYS - TLS_RENEW_DAYS) * DAY - DAY, false, true);
    at(&s, T0 + (TLS_CA_DAYS - TLS_RENEW_DAYS) * DAY, true, true);
    at(&s, T0 + (TLS_CA_DAYS - TLS_RENEW_DAYS) * DAY + DAY, false, false);
    end(&s);
}

static void
a_certificate_of_a_clock_that_was_ahead_is_made_again(void **state)
{
    struct scratch s = {.is = {{.until = {0}}}};

    (void)state;
    begin(&s);
    at(&s, T0, true, true);
    at(&s, T0 + 2 * TLS_DAYS * DAY, false, true);
    at(&s, T0 + 10 * DAY, false, true);
    at(&s, T0 + 11 * DAY, false, false);
    end(&s);
}

static void
an_authority_outlives_a_clock_that_was_ahead(void **state)
{
    struct scratch s = {.is = {{.until = {0}}}};
    struct hash trusted;

    (void)state;
    begin(&s);
    at(&s, T0, true, true);
    trusted = s.is[0].key;
    at(&s, T0 + 20 * TLS_DAYS * DAY, true, true);
    at(&s, T0 + 10 * DAY, true, true);
    assert_true(hash_eq(&s.is[0].key, &trusted));
    at(&s, T0 + 11 * DAY, false, false);
    end(&s);
}

struct key_leaf {
    char action[8];
    char key[2 * SHA256_SIZE + 1];
    struct utime until;
};

static int
look_at_leaf(void *arg, uint64_t index, struct slice entry)
{
    struct key_leaf *k = arg;
    struct slice text;
    struct leaf leaf;

    (void)index;
    leaf_read(entry, &leaf);
    assert_int_equal(leaf.reading, LEAF_KNOWN);
    assert_int_equal(leaf.type, LEAF_KEY);
    assert_int_equal(leaf_text(&leaf, "role", &text), 0);
    assert_true(slice_is(text, "tls"));
    assert_int_equal(leaf_text(&leaf, "action", &text), 0);
    (void)snprintf(k->action, sizeof k->action, "%.*s", (int)text.len, text.ptr);
    assert_int_equal(leaf_text(&leaf, "key", &text), 0);
    (void)snprintf(k->key, sizeof k->key, "%.*s", (int)text.len, text.ptr);
    if (leaf_time(&leaf, "until", &k->until) < 0)
        k->until = (struct utime){-1};
    return 0;
}

static void
expect_leaf(struct scratch *s, uint64_t index, const char *action,
            const struct tls_certificate *of)
{
    char hex[2 * SHA256_SIZE + 1] = "";
    struct key_leaf k = {.until = {0}};
    struct ledger_storage storage;

    hex_encode(of->key.byte, SHA256_SIZE, hex);
    store_ledger(s->n.store, &storage);
    assert_int_equal(storage.get_entries(storage.self, index, 1, look_at_leaf, &k), 0);
    assert_string_equal(k.action, action);
    assert_string_equal(k.key, hex);
    assert_int_equal(k.until.us, strcmp(action, "add") == 0 ? of->until.us : -1);
}

static void
each_key_is_a_leaf(void **state)
{
    struct scratch s = {.is = {{.until = {0}}}};
    struct tls_certificate was[TLS_OWN];
    char path[256];
    struct ledger *log;
    struct errinfo ei = {0};

    (void)state;
    begin(&s);
    log = engine_ledger(s.n.engine);
    at(&s, T0, true, true);
    assert_int_equal(ledger_size(log), 2);
    assert_int_equal(engine_tls_keys(s.n.engine, s.is, TLS_OWN, &ei), 0);
    assert_int_equal(ledger_size(log), 4);
    assert_int_equal(ledger_signed_size(log), 4);
    expect_leaf(&s, 2, "add", &s.is[0]);
    expect_leaf(&s, 3, "add", &s.is[1]);
    /* the same again: no leaf, also not by the next engine */
    assert_int_equal(engine_tls_keys(s.n.engine, s.is, TLS_OWN, &ei), 0);
    node_close(&s.n);
    assert_int_equal(node_open(s.dir, NODE_WRITE, &s.n, &ei), 0);
    log = engine_ledger(s.n.engine);
    assert_int_equal(engine_tls_keys(s.n.engine, s.is, TLS_OWN, &ei), 0);
    assert_int_equal(ledger_size(log), 4);
    memcpy(was, s.is, sizeof was);
    (void)snprintf(path, sizeof path, "%s/keys/tls.pem", s.dir);
    assert_int_equal(unlink(path), 0);
    s.rotates = true;
    at(&s, T0 + TLS_DAYS * DAY, false, true);
    assert_int_equal(engine_tls_keys(s.n.engine, s.is, TLS_OWN, &ei), 0);
    assert_int_equal(ledger_size(log), 6);
    expect_leaf(&s, 4, "revoke", &was[1]);
    expect_leaf(&s, 5, "add", &s.is[1]);
    end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_are_made_again_by_age),
        cmocka_unit_test(a_certificate_of_a_clock_that_was_ahead_is_made_again),
        cmocka_unit_test(an_authority_outlives_a_clock_that_was_ahead),
        cmocka_unit_test(each_key_is_a_leaf),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
