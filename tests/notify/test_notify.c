/* The bytes that are sent, written out by hand after the standards. */
#include "unit.h"

#include <stdio.h>

#include "notify/message.h"

static const struct notice_from from = {
    "vm/detente/log", "host.example", {INT64_C(1772323199) * TIME_US_PER_S}, LANGUAGE_EN};

static struct notice
some(enum alert_step step)
{
    return (struct notice){
        .alert = {.number = 12,
                  .rule = ALERT_SENSOR_SILENT,
                  .state = step == ALERT_RESOLVE ? ALERT_RESOLVED : ALERT_FIRING,
                  .subject = "north",
                  .text = WORD_NAME "alert.sensor-silent" WORD_AND "north" WORD_AND "900",
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
           "What to do: see that the sensor runs and writes; `sensors[].silent` says\r\n"
           "how long it may write nothing\r\n"
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
    assert_non_null(strstr(b.ptr, "\r\n\r\n--\r\n\r\n(resolved) sensor north"));
    assert_null(strstr(b.ptr, "References"));
}

/* Every byte but the encoded ones is ASCII, no line is longer than 76; python3 -c
 * 'import email.policy ...' reads the same. */
static void
test_mail_languages(void **state)
{
    static const char *const to[] = {"noc@example.net"};
    struct notice_from ru = from;
    struct notice n = some(ALERT_REMIND);
    AUTO_BUF(b, NOTICE_BYTES);
    size_t line = 0;

    (void)state;
    ru.language = LANGUAGE_RU;
    mail_write(&ru, "node@example.net", to, 1, &n, 1, &b);
    for (size_t i = 0; i < b.len; i++) {
        assert_true((unsigned char)b.ptr[i] < 0x80);
        line = b.ptr[i] == '\n' ? 0 : line + 1;
        assert_true(line <= 77); /* with CR */
    }
    is(&b, "Date: Sat, 28 Feb 2026 23:59:59 +0000\r\n"
           "From: <node@example.net>\r\n"
           "To: <noc@example.net>\r\n"
           "Subject: =?utf-8?B?W9C/0YDQtdC00YPQv9GA0LXQttC00LXQvdC40LVdINCy0YHRkSA=?=\r\n"
           " =?utf-8?B?0LXRidGROiBzZW5zb3Itc2lsZW50Om5vcnRo?=\r\n"
           " =?utf-8?B?0L3QsCB2bS9kZXRlbnRlL2xvZw==?=\r\n"
           "Message-ID: <12-remind-2.vm_detente_log@host.example>\r\n"
           "In-Reply-To: <12-trigger.vm_detente_log@host.example>\r\n"
           "References: <12-trigger.vm_detente_log@host.example>\r\n"
           "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
           "Content-Type: text/plain; charset=utf-8\r\nContent-Language: ru\r\n"
           "Content-Transfer-Encoding: base64\r\n\r\n"
           "0LTQsNGC0YfQuNC6IG5vcnRoINC90LjRh9C10LPQviDQvdC1INC/0LjRiNC10YIg0YPQttC1IDkw\r\n"
           "MCDRgQ0K0KfRgtC+INC00LXQu9Cw0YLRjDog0YPQsdC10LTQuNGC0LXRgdGMLCDRh9GC0L4g0LTQ\r\n"
           "sNGC0YfQuNC6INGA0LDQsdC+0YLQsNC10YIg0Lgg0L/QuNGI0LXRgjsgYHNlbnNvcnNbXS5zaWxl\r\n"
           "bnRgDQrQs9C+0LLQvtGA0LjRgiwg0YHQutC+0LvRjNC60L4g0L7QvSDQvNC+0LbQtdGCINC80L7Q\r\n"
           "u9GH0LDRgtGMDQoNCtCe0L/QvtCy0LXRidC10L3QuNC1IDEyLCBzZW5zb3Itc2lsZW50Om5vcnRo\r\n"
           "ICjQv9GA0LXQtNGD0L/RgNC10LbQtNC10L3QuNC1KQ0K0KEgMjAyNi0wMi0yOFQyMzo0MDowMFoN\r\n"
           "CtCn0YLQvtCx0Ysg0L/RgNC40L3Rj9GC0Yw6IGRldGVudGUgYWxlcnQgYWNrIDEyINC40LvQuCDQ\r\n"
           "vdCwINGB0YLRgNCw0L3QuNGG0LUg0YPQt9C70LANCg==\r\n");
}

/* A full mail of the longest sentences has room. */
static void
test_mail_full(void **state)
{
    static const char *const to[] = {"noc@example.net"};
    static struct notice many[NOTICE_MAX];
    AUTO_BUF(b, NOTICE_BYTES);

    (void)state;
    for (int l = 0; l < LANGUAGES; l++) {
        struct notice_from in = from;

        in.language = (enum language)l;
        for (unsigned i = 0; i < NOTICE_MAX; i++) {
            many[i] = some(ALERT_TRIGGER);
            many[i].alert.rule = ALERT_PEER_FAULT;
            word_pack(many[i].alert.text, ALERT_TEXT, WORD_ALERT_PEER_FAULT_WHY,
                      "%032d" WORD_AND WORD_NAME "fault.fork" WORD_AND "%0160d", 1, 2);
        }
        buf_reset(&b);
        mail_write(&in, "node@example.net", to, 1, many, NOTICE_MAX, &b);
        assert_int_equal(buf_error(&b), 0);
    }
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
           "\"state\":\"firing\",\"language\":\"en\",\"summary\":\"sensor north has written "
           "nothing for 900 s\","
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
    struct notice_from zh = from;
    struct notice n = some(ALERT_TRIGGER);
    AUTO_BUF(b, NOTICE_BYTES);

    (void)state;
    syslog_write(&from, &n, &b);
    is(&b, "<28>1 2026-02-28T23:59:58.000005Z host.example detente - trigger [alert@32473 "
           "node=\"vm/detente/log\" alert=\"12\" key=\"sensor-silent:north\" "
           "severity=\"warning\" state=\"firing\"] sensor-silent:north: sensor north has "
           "written nothing for 900 s");
    zh.language = LANGUAGE_ZH;
    syslog_write(&zh, &n, &b);
    is(&b, "<28>1 2026-02-28T23:59:58.000005Z host.example detente - trigger [alert@32473 "
           "node=\"vm/detente/log\" alert=\"12\" key=\"sensor-silent:north\" "
           "severity=\"warning\" state=\"firing\"] \xef\xbb\xbfsensor-silent:north: "
           "传感器 north 已有 900 秒没有写入");
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
        assert_int_not_equal(word_find("alert", slice_of(a->name)), WORD_NONE);
        assert_int_equal(word_find("todo", slice_of(a->name)), a->to_do);
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mail),      cmocka_unit_test(test_mail_languages),
        cmocka_unit_test(test_mail_full), cmocka_unit_test(test_hook),
        cmocka_unit_test(test_syslog),    cmocka_unit_test(test_rules)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
