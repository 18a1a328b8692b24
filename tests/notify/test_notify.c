/* The bytes that are sent, written out by hand after the standards. */
#include "unit.h"

#include <stdio.h>

#include "notify/message.h"

static const struct notice_from from = {
    "vm/detente/log", "host.example", {INT64_C(1772323199) * TIME_US_PER_S}};

static struct notice
some(enum alert_step step)
{
    return (struct notice){
        .alert = {.number = 12,
                  .rule = ALERT_SENSOR_SILENT,
                  .state = step == ALERT_RESOLVE ? ALERT_RESOLVED : ALERT_FIRING,
                  .subject = "north",
                  .text = "sensor north has written nothing for 900 s",
                  .since = {INT64_C(1772322000) * TIME_US_PER_S}},
        .step = step,
        .at = {INT64_C(1772323198) * TIME_US_PER_S + 5},
        .nth = 2};
}

static void
is(struct buf *b, const char *want)
{
    buf_char(b, '\0');
    assert_int_equal(buf_error(b), 0);
    assert_string_equal(b->ptr, want);
    buf_reset(b);
}

static void
test_mail(void **state)
{
    static const char *const to[] = {"noc@example.net", "duty@example.org"};
    struct notice many[2] = {some(ALERT_TRIGGER), some(ALERT_RESOLVE)};
    struct notice n = some(ALERT_TRIGGER);
    AUTO_BUF(b, NOTICE_BYTES);

    (void)state;
    mail_write(&from, "node@example.net", to, 2, &n, 1, &b);
    is(&b, "Date: Sat, 28 Feb 2026 23:59:59 +0000\r\n"
           "From: <node@example.net>\r\n"
           "To: <noc@example.net>,\r\n <duty@example.org>\r\n"
           "Subject: [warning] sensor-silent:north\r\n at vm/detente/log\r\n"
           "Message-ID: <12-trigger.vm_detente_log@host.example>\r\n"
           "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
           "Content-Type: text/plain; charset=us-ascii\r\n"
           "Content-Transfer-Encoding: 7bit\r\n\r\n"
           "sensor north has written nothing for 900 s\r\n"
           "What to do: see that the sensor runs and writes; `sensors[].silent`\r\n"
           "says how long it may write nothing\r\n"
           "\r\nAlert 12, sensor-silent:north (warning)\r\n"
           "Since 2026-02-28T23:40:00Z\r\n"
           "To acknowledge it: detente alert ack 12, or on the node's page\r\n");
    n = some(ALERT_RESOLVE);
    (void)snprintf(n.alert.by, sizeof n.alert.by, "ada");
    mail_write(&from, "node@example.net", to, 1, &n, 1, &b);
    is(&b, "Date: Sat, 28 Feb 2026 23:59:59 +0000\r\n"
           "From: <node@example.net>\r\n"
           "To: <noc@example.net>\r\n"
           "Subject: [warning] resolved: sensor-silent:north\r\n at vm/detente/log\r\n"
           "Message-ID: <12-resolve.vm_detente_log@host.example>\r\n"
           "In-Reply-To: <12-trigger.vm_detente_log@host.example>\r\n"
           "References: <12-trigger.vm_detente_log@host.example>\r\n"
           "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
           "Content-Type: text/plain; charset=us-ascii\r\n"
           "Content-Transfer-Encoding: 7bit\r\n\r\n"
           "sensor north has written nothing for 900 s\r\n"
           "\r\nAlert 12, sensor-silent:north (warning)\r\n"
           "Since 2026-02-28T23:40:00Z\r\n"
           "Resolved 2026-02-28T23:59:58Z\r\n"
           "Acknowledged by ada\r\n");
    mail_write(&from, "node@example.net", to, 1, many, 2, &b);
    buf_char(&b, '\0');
    assert_non_null(strstr(b.ptr, "Subject: [warning] 2 messages about alerts\r\n at vm"));
    assert_non_null(strstr(b.ptr, "\r\n\r\n--\r\n\r\n(resolve) sensor north"));
    assert_null(strstr(b.ptr, "References"));
}

static void
test_hook(void **state)
{
    struct notice n = some(ALERT_REMIND);
    AUTO_BUF(b, NOTICE_BYTES);
    char signature[HOOK_SIGNATURE];

    (void)state;
    hook_write(&from, &n, &b);
    is(&b, "{\"version\":1,\"delivery\":\"12-remind-2\",\"action\":\"remind\",\"dedup_key\":"
           "\"vm/detente/log sensor-silent:north\",\"node\":\"vm/detente/log\",\"alert\":12,"
           "\"rule\":\"sensor-silent\",\"subject\":\"north\",\"severity\":\"warning\","
           "\"state\":\"firing\",\"summary\":\"sensor north has written nothing for 900 s\","
           "\"to_do\":\"see that the sensor runs and writes; `sensors[].silent` says how long "
           "it may write nothing\",\"acknowledged_by\":\"\","
           "\"since\":\"2026-02-28T23:40:00.000000Z\",\"at\":\"2026-02-28T23:59:58.000005Z\"}");
    /* printf 1772323199.body | openssl dgst -sha256 -hmac key */
    hook_sign(SLICE("key"), from.now, SLICE("body"), signature);
    assert_string_equal(
        signature,
        "t=1772323199,v1=5252d3fd45692811f9d812802a5dd083b89a8c49e1caf1b3dcdaa312eb0fa4b6");
}

static void
test_syslog(void **state)
{
    struct notice n = some(ALERT_TRIGGER);
    AUTO_BUF(b, NOTICE_BYTES);

    (void)state;
    syslog_write(&from, &n, &b);
    is(&b, "<28>1 2026-02-28T23:59:58.000005Z host.example detente - trigger [alert@32473 "
           "node=\"vm/detente/log\" alert=\"12\" key=\"sensor-silent:north\" "
           "severity=\"warning\" state=\"firing\"] sensor-silent:north: sensor north has "
           "written nothing for 900 s");
    n = some(ALERT_RESOLVE);
    (void)snprintf(n.alert.subject, sizeof n.alert.subject, "a\"]\\");
    (void)snprintf(n.alert.by, sizeof n.alert.by, "ada");
    syslog_write(&from, &n, &b);
    is(&b, "<29>1 2026-02-28T23:59:58.000005Z host.example detente - resolve [alert@32473 "
           "node=\"vm/detente/log\" alert=\"12\" key=\"sensor-silent:a\\\"\\]\\\\\" "
           "severity=\"warning\" state=\"resolved\" by=\"ada\"] sensor-silent:a\"]\\: sensor "
           "north has written nothing for 900 s");
}

/* Every rule can be told: none is longer than what holds it, and its key is of one word. */
static void
test_rules(void **state)
{
    unsigned rules = 0;

    (void)state;
    for (int r = 1; r < ALERT_RULES; r++) {
        const struct alert_about *a = alert_about((enum alert_rule)r);
        char key[ALERT_KEY];

        assert_non_null(a->name);
        assert_true(strlen(a->name) + 1 + ALERT_SUBJECT <= ALERT_KEY);
        assert_int_equal(strspn(a->name, "abcdefghijklmnopqrstuvwxyz-"), strlen(a->name));
        alert_key((enum alert_rule)r, "x", key);
        assert_int_equal(strcspn(key, ":"), strlen(a->name));
        rules++;
    }
    assert_true(rules >= 16);
    assert_null(alert_about(ALERT_NO_RULE));
    assert_null(alert_about(ALERT_RULES));
    assert_int_equal(alert_severity_find(SLICE("critical")), ALERT_CRITICAL);
    assert_int_equal(alert_severity_find(SLICE("none")), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_mail), cmocka_unit_test(test_hook),
                                       cmocka_unit_test(test_syslog),
                                       cmocka_unit_test(test_rules)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
