/* The fold of an incident, case by case: what the vectors leave out.  A case is its messages,
 * and parts of the state that they must lead to. */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pact/incident_json.h"
#include "wire/jcs.h"

#define H        "3600"
#define NOTICE   "{at:0,from:T,type:notice,severity:high}"
#define RECEIPT  "{at:60,from:O,type:receipt}"
#define ACK      "{at:7200,from:O,type:ack}"
#define ANSWER   "{at:86400,from:O,type:answer,finding:corroborated}"
#define ACTION   "{at:172800,from:O,type:action,action:remediated}"
#define EXPLAIN  "{at:86400,from:O,type:answer,finding:transit,reason:yes}"
#define OPENED   NOTICE "," RECEIPT "," ACK
#define ACTED    OPENED "," ANSWER "," ACTION
#define ANSWERED OPENED "," EXPLAIN

/* Times in s, a day is 86400; `@` in front of what must not be in the state. */
static const struct {
    const char *what;
    const char *messages;
    const char *suspended;
    long now;
    const char *want[6];
} cases[] = {
    {"an inquiry counts as an acknowledgement",
     NOTICE "," RECEIPT ",{at:80000,from:O,type:inquiry}",
     "",
     90000,
     {"state:INQUIRY", "late:[]", "overdue:[]"}},
    {"an inquiry that comes late is a late acknowledgement",
     NOTICE "," RECEIPT ",{at:90000,from:O,type:inquiry}",
     "",
     90000,
     {"state:INQUIRY", "late:[acknowledge]"}},
    {"the notifier owes evidence",
     NOTICE "," RECEIPT ",{at:3600,from:O,type:inquiry}",
     "",
     262801 + 0,
     {"overdue:[]", "overdue_notifier:[evidence]"}},
    {"evidence in time, to the second",
     NOTICE "," RECEIPT ",{at:3600,from:O,type:inquiry},{at:262800,from:T,type:evidence}",
     "",
     262800,
     {"state:ACKNOWLEDGED", "late_notifier:[]"}},
    {"evidence one second late",
     NOTICE "," RECEIPT ",{at:3600,from:O,type:inquiry},{at:262801,from:T,type:evidence}",
     "",
     262801,
     {"state:ACKNOWLEDGED", "late_notifier:[evidence]"}},
    {"no evidence: the origin closes",
     NOTICE "," RECEIPT
            ",{at:3600,from:O,type:inquiry},{at:262801,from:O,type:close,result:no-evidence}",
     "",
     262801,
     {"state:CLOSED", "result:no-evidence", "late_notifier:[evidence]", "late:[]"}},
    {"no evidence yet: it may not",
     NOTICE "," RECEIPT
            ",{at:3600,from:O,type:inquiry},{at:262800,from:O,type:close,result:no-evidence}",
     "",
     262800,
     {"state:INQUIRY", "rejected:[[262800,close,condition]]"}},
    {"the notifier may not close for want of its own evidence",
     NOTICE "," RECEIPT
            ",{at:3600,from:O,type:inquiry},{at:362801,from:T,type:close,result:no-evidence}",
     "",
     362801,
     {"state:INQUIRY", "rejected:[[362801,close,condition]]"}},
    {"late but settled is late, and no more overdue",
     NOTICE "," RECEIPT ",{at:100000,from:O,type:ack}",
     "",
     100000,
     {"state:ACKNOWLEDGED", "late:[acknowledge]", "overdue:[]"}},
    {"a holder's cosignature is a receipt",
     NOTICE ",{at:60,from:O,type:holder-cosignature}," ACK,
     "",
     8000,
     {"state:ACKNOWLEDGED", "rejected:[]", "undelivered:false"}},
    {"undelivered: nothing but the receipt is overdue",
     NOTICE,
     "",
     9000000,
     {"state:NOTIFIED", "overdue:[receipt]", "undelivered:true"}},
    {"silent alone: the receipt counts as given when it was due, and is not late",
     NOTICE ",{at:90001,from:O,type:deemed-receipt}",
     "",
     90001,
     {"state:RECEIVED", "late:[]", "overdue:[acknowledge]", "undelivered:false"}},
    {"… and not before it was due",
     NOTICE ",{at:3599,from:O,type:deemed-receipt}",
     "",
     3599,
     {"state:NOTIFIED", "rejected:[[3599,deemed-receipt,early]]"}},
    {"a late receipt finds the clocks running since it was due",
     NOTICE ",{at:90000,from:O,type:receipt}",
     "",
     90001,
     {"state:RECEIVED", "late:[receipt]", "overdue:[acknowledge]"}},
    {"… but not those that were suspended",
     NOTICE ",{at:90000,from:O,type:receipt}",
     "[3600,89000]",
     90001,
     {"state:RECEIVED", "late:[receipt]", "overdue:[]"}},
    {"an answer in RECEIVED acknowledges",
     NOTICE "," RECEIPT ",{at:3600,from:O,type:answer,finding:corroborated}",
     "",
     90000,
     {"state:ANSWERED", "late:[]", "overdue:[]"}},
    {"an action without an answer answers",
     OPENED "," ACTION,
     "",
     400000,
     {"state:ACTED", "late:[]", "overdue:[]", "finding:null"}},
    {"an action of none needs a reason",
     OPENED ",{at:8000,from:O,type:action,action:none}",
     "",
     8000,
     {"state:ACKNOWLEDGED", "rejected:[[8000,action,reason]]"}},
    {"an empty reason is none",
     OPENED ",{at:8000,from:O,type:answer,finding:spoofed,reason:}",
     "",
     8000,
     {"state:ACKNOWLEDGED", "rejected:[[8000,answer,reason]]"}},
    {"an explanation leaves nothing to act upon",
     ANSWERED,
     "",
     864000,
     {"state:ANSWERED", "overdue:[]", "late:[]", "overdue_notifier:[confirm]"}},
    {"… and is accepted",
     ANSWERED ",{at:90000,from:T,type:close,result:accepted-explanation}",
     "",
     90000,
     {"state:CLOSED", "result:accepted-explanation", "late:[]", "late_notifier:[]"}},
    {"… or not contested, by who is silent",
     ANSWERED ",{at:691200,from:O,type:close,result:not-contested}",
     "",
     691200,
     {"state:CLOSED", "result:not-contested"}},
    {"… not before that",
     ANSWERED ",{at:691199,from:O,type:close,result:not-contested}",
     "",
     691199,
     {"state:ANSWERED", "rejected:[[691199,close,condition]]"}},
    {"an update is no answer to an explanation: nobody holds an incident open for ever",
     ANSWERED
     ",{at:600000,from:T,type:update},{at:691200,from:O,type:close,result:not-contested}",
     "",
     691200,
     {"state:CLOSED", "rejected:[]"}},
    {"what is corroborated is not closed as explained",
     OPENED "," ANSWER ",{at:90000,from:T,type:close,result:accepted-explanation}",
     "",
     90000,
     {"state:ANSWERED", "rejected:[[90000,close,condition]]"}},
    {"a disputed explanation is to be acted upon, in the time that was left",
     ANSWERED ",{at:172800,from:T,type:dispute}",
     "",
     691261,
     {"state:DISPUTED", "overdue:[act]"}},
    {"… which did not run while it stood",
     ANSWERED ",{at:172800,from:T,type:dispute}",
     "",
     691259,
     {"state:DISPUTED", "overdue:[]"}},
    {"rounds of disputes: explained again, and accepted",
     ANSWERED ",{at:172800,from:T,type:dispute},"
              "{at:200000,from:O,type:answer,finding:not-our-space,reason:sold},"
              "{at:210000,from:T,type:dispute},"
              "{at:220000,from:O,type:answer,finding:transit,reason:really},"
              "{at:230000,from:T,type:close,result:accepted-explanation}",
     "",
     9000000,
     {"state:CLOSED", "late:[]", "finding:transit", "rejected:[]"}},
    {"an action can be disputed too",
     ACTED ",{at:200000,from:T,type:dispute},{at:210000,from:O,type:action,action:blocked}",
     "",
     220000,
     {"state:ACTED", "action:blocked", "rejected:[]"}},
    {"seen again: the act clock starts anew",
     ACTED ",{at:500000,from:T,type:activity}",
     "",
     1104800,
     {"state:ACKNOWLEDGED", "recur:1", "overdue:[]"}},
    {"… and runs out",
     ACTED ",{at:500000,from:T,type:activity}",
     "",
     1104801,
     {"overdue:[act]", "late:[]"}},
    {"who never confirms is behind",
     ACTED,
     "",
     1382401,
     {"state:ACTED", "overdue_notifier:[confirm]", "overdue:[]"}},
    {"the origin may not close before",
     ACTED ",{at:1382399,from:O,type:close,result:closed-unverified}",
     "",
     1382399,
     {"state:ACTED", "rejected:[[1382399,close,condition]]"}},
    {"quiet out of contact does not count",
     ACTED ",{at:777660,from:T,type:close,result:confirmed-quiet,coverage:95}",
     "[200000,300000]",
     777660,
     {"state:ACTED", "rejected:[[777660,close,condition]]"}},
    {"quiet must lie behind the action",
     ACTED ",{at:777660,from:T,type:close,result:confirmed-quiet,coverage:95,quiet_from:1,"
           "quiet_until:777660}",
     "",
     777660,
     {"state:ACTED", "rejected:[[777660,close,condition]]"}},
    {"coverage at its minimum is enough",
     ACTED ",{at:777660,from:T,type:close,result:confirmed-quiet,coverage_ppm:800000}",
     "",
     777660,
     {"state:CLOSED"}},
    {"… below it not",
     ACTED ",{at:777660,from:T,type:close,result:confirmed-quiet,coverage_ppm:799999}",
     "",
     777660,
     {"state:ACTED"}},
    {"an extension moves answer and act, once asked for",
     OPENED ",{at:8000,from:O,type:extension-request},{at:9000,from:T,type:extension-grant}",
     "",
     864060,
     {"state:ACKNOWLEDGED", "overdue:[]", "extensions:1"}},
    {"… to the second",
     OPENED ",{at:8000,from:O,type:extension-request},{at:9000,from:T,type:extension-grant}",
     "",
     864061,
     {"overdue:[answer]"}},
    {"nothing is granted that was not asked for",
     OPENED ",{at:9000,from:T,type:extension-grant}",
     "",
     9000,
     {"extensions:0", "rejected:[[9000,extension-grant,condition]]"}},
    {"two are granted and no more",
     OPENED ",{at:8000,from:O,type:extension-request},{at:8001,from:O,type:extension-request},"
            "{at:8002,from:O,type:extension-request},{at:9000,from:T,type:extension-grant},"
            "{at:9001,from:T,type:extension-grant},{at:9002,from:T,type:extension-grant}",
     "",
     9002,
     {"extensions:2", "rejected:[[9002,extension-grant,condition]]"}},
    {"who asks may not grant",
     OPENED ",{at:8000,from:O,type:extension-request},{at:9000,from:O,type:extension-grant}",
     "",
     9000,
     {"rejected:[[9000,extension-grant,ACKNOWLEDGED]]"}},
    {"a dispute may be escalated at once, by either",
     ANSWERED ",{at:172800,from:T,type:dispute},{at:172801,from:O,type:escalate}",
     "",
     172801,
     {"state:ESCALATED", "rejected:[]"}},
    {"what is overdue may not, before escalate_after",
     NOTICE "," RECEIPT ",{at:345660,from:T,type:escalate}",
     "",
     345660,
     {"state:RECEIVED", "rejected:[[345660,escalate,early]]"}},
    {"… then it may",
     NOTICE "," RECEIPT ",{at:345661,from:T,type:escalate}",
     "",
     345661,
     {"state:ESCALATED"}},
    {"the origin escalates the notifier's silence",
     ANSWERED ",{at:950401,from:O,type:escalate}",
     "",
     950401,
     {"state:ESCALATED", "overdue_notifier:[confirm]"}},
    {"unsettled",
     ANSWERED ",{at:172800,from:T,type:dispute},{at:172801,from:O,type:escalate},"
              "{at:200000,from:T,type:consult-record,result:unsettled}",
     "",
     200000,
     {"state:CLOSED", "result:unsettled"}},
    {"a record of a consultation says how it ended",
     ANSWERED ",{at:172800,from:T,type:dispute},{at:172801,from:O,type:escalate},"
              "{at:200000,from:T,type:consult-record,result:withdrawn}",
     "",
     200000,
     {"state:ESCALATED", "rejected:[[200000,consult-record,condition]]"}},
    {"what is overdue when it ends stays late, though never done",
     OPENED ",{at:300000,from:T,type:withdraw}",
     "",
     300000,
     {"state:CLOSED", "late:[answer]", "overdue:[]"}},
    {"reopened: nothing of the old deadlines",
     OPENED ",{at:300000,from:T,type:withdraw},{at:2000000,from:T,type:reopen}",
     "",
     2000001,
     {"state:RECEIVED", "late:[]", "overdue:[]", "reopened:1", "result:null"}},
    {"reopened twice, with extensions of its own",
     OPENED ",{at:300000,from:T,type:withdraw},{at:400000,from:T,type:reopen},"
            "{at:400001,from:O,type:extension-request},{at:400002,from:T,type:extension-grant},"
            "{at:500000,from:T,type:withdraw},{at:600000,from:T,type:reopen}",
     "",
     600000,
     {"state:RECEIVED", "extensions:0", "reopened:2"}},
    {"nothing before the notice",
     RECEIPT ","
             "{at:90,from:T,type:notice,severity:normal}",
     "",
     100,
     {"state:NOTIFIED", "rejected:[[60,receipt,NONE]]", "severity:normal"}},
    {"one notice",
     NOTICE ",{at:5,from:T,type:notice,severity:critical}",
     "",
     100,
     {"severity:high", "rejected:[[5,notice,NOTIFIED]]"}},
    {"the origin cannot notify itself",
     "{at:0,from:O,type:notice,severity:high}",
     "",
     100,
     {"state:NONE", "rejected:[[0,notice,NONE]]"}},
    {"of one time the notifier's comes first",
     "{at:0,from:O,type:receipt}," NOTICE,
     "",
     1,
     {"state:RECEIVED", "rejected:[]"}},
    {"of one time and sender the sequence decides",
     OPENED ",{at:8000,from:O,type:action,action:blocked,seq:9},"
            "{at:8000,from:O,type:answer,finding:corroborated,seq:8}",
     "",
     8000,
     {"state:ACTED", "rejected:[]"}},
    {"a disputed time counts later, and its order stays",
     NOTICE "," RECEIPT ",{at:80000,counts:90000,from:O,type:ack}",
     "",
     90000,
     {"state:ACKNOWLEDGED", "late:[acknowledge]"}},
    {"what is to come does not count yet", OPENED, "", 100, {"state:RECEIVED"}},
    {"deadlines are told",
     NOTICE "," RECEIPT,
     "",
     100,
     {"due:{acknowledge:86460,answer:259260,act:604860}"}},
    {"… behind what is suspended",
     NOTICE "," RECEIPT,
     "[1000,2000],[90000,90001]",
     100,
     {"due:{acknowledge:87460,answer:260261,act:605861}"}},
    {"normal and critical have figures of their own",
     "{at:0,from:T,type:notice,severity:critical}," RECEIPT,
     "",
     14461,
     {"overdue:[acknowledge]", "due:{acknowledge:14460,answer:86460,act:172860}"}},
};

/* The short form above as JSON: words in quotes. */
static void
quote(const char *text, struct buf *to)
{
    for (const char *p = text; *p != '\0';) {
        size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-");
        bool word = n > 0 && strncmp(p, "null", 4) != 0 && strncmp(p, "true", 4) != 0 &&
                    strncmp(p, "false", 5) != 0;

        if (n == 0) {
            buf_char(to, *p);
            if (*p == ':' && (p[1] == '}' || p[1] == ','))
                buf_text(to, "\"\"");
            p++;
            continue;
        }
        if (word)
            buf_char(to, '"');
        buf_add(to, p, n);
        if (word)
            buf_char(to, '"');
        p += n;
    }
}

static void
fold(const char *messages, const char *suspended, long now, struct buf *to)
{
    AUTO_BUF(json, 1 << 16);
    AUTO_BUF(canonical, 1 << 16);
    struct errinfo ei = {0};

    buf_text(&json, "{\"msgs\":[");
    quote(messages, &json);
    buf_printf(&json, "],\"suspended\":[%s],\"now\":%ld}", suspended, now);
    assert_int_equal(jcs_canonical(buf_get(&json), &canonical, NULL), JCS_OK);
    assert_int_equal(
        incident_json(&incident_example, &incident_example_names, buf_get(&canonical), to, &ei),
        0);
    buf_char(to, '\0');
}

static void
test_cases(void **state)
{
    unsigned bad = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF(got, 1 << 16);

        fold(cases[i].messages, cases[i].suspended, cases[i].now, &got);
        for (size_t k = 0; k < COUNT(cases[i].want) && cases[i].want[k] != NULL; k++) {
            AUTO_BUF(want, 1024);

            quote(cases[i].want[k], &want);
            buf_char(&want, '\0');
            if (strstr(got.ptr, want.ptr) == NULL) {
                print_error("%s: no %s in %s\n", cases[i].what, want.ptr, got.ptr);
                bad++;
            }
        }
    }
    assert_int_equal(bad, 0);
}

static void
test_refused(void **state)
{
    static const char *const bad[] = {
        "{\"msgs\":[]}",
        "{\"msgs\":{},\"now\":1}",
        "{\"msgs\":[1],\"now\":1}",
        "{\"msgs\":[{\"at\":-1,\"from\":\"T\",\"type\":\"update\"}],\"now\":1}",
        "{\"msgs\":[{\"at\":0,\"from\":\"X\",\"type\":\"update\"}],\"now\":1}",
        "{\"msgs\":[{\"at\":0,\"from\":\"T\",\"type\":\"updated\"}],\"now\":1}",
        "{\"msgs\":[{\"at\":0,\"from\":\"T\",\"type\":\"notice\"}],\"now\":1}",
        "{\"msgs\":[{\"at\":0,\"from\":\"T\",\"severity\":\"low\",\"type\":\"notice\"}],"
        "\"now\":1}",
        "{\"msgs\":[{\"at\":0,\"from\":\"O\",\"type\":\"answer\"}],\"now\":1}",
        "{\"msgs\":[{\"at\":0,\"finding\":\"guilty\",\"from\":\"O\",\"type\":\"answer\"}],"
        "\"now\":1}",
        "{\"msgs\":[],\"now\":1,\"suspended\":[[2,1]]}",
        "{\"msgs\":[],\"now\":1,\"suspended\":[[1,3],[2,4]]}",
        "{\"msgs\":[],\"now\":1,\"suspended\":[1]}"};

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        AUTO_BUF(out, 1 << 16);
        struct errinfo ei = {0};

        assert_int_equal(incident_json(&incident_example, &incident_example_names,
                                       slice_of(bad[i]), &out, &ei),
                         ERR_INVALID);
        assert_true(strlen(ei.text) > 10);
    }
}

/* Any messages in any order: the fold ends, and what it says fits together. */
static void
test_anything(void **state)
{
    enum { MESSAGES = 24 };
    uint64_t seed = 5;
    unsigned closed = 0;
    unsigned seen = 0; /* states */

    (void)state;
    for (int round = 0; round < 200000; round++) {
        struct incident_message m[MESSAGES];
        struct incident_rejection rejected[MESSAGES];
        unsigned n = (unsigned)(next_random(&seed) % MESSAGES);
        struct incident_span span = {{0}, {0}};
        struct utime now = {0};
        struct incident in;
        struct incident again;

        span.from.us = (int64_t)(next_random(&seed) % 40) * 86400 * TIME_US_PER_S;
        span.until.us =
            span.from.us + (int64_t)(next_random(&seed) % 9) * 86400 * TIME_US_PER_S;
        for (unsigned i = 0; i < n; i++) {
            now.us += (int64_t)(next_random(&seed) % 8) * 43200 * TIME_US_PER_S;
            m[i] = (struct incident_message){
                .type = i == 0 ? INCIDENT_NOTICE
                               : (enum incident_type)(next_random(&seed) % INCIDENT_TYPES),
                .from = i == 0 ? SIDE_T : (enum incident_side)(next_random(&seed) % 2),
                .at = now,
                .counts = now,
                .seq = i,
                .severity = (unsigned)(next_random(&seed) % 3),
                .finding = (enum incident_finding)(1 + next_random(&seed) % (FINDINGS - 1)),
                .action = (enum incident_action)(1 + next_random(&seed) % (ACTIONS - 1)),
                .result = (enum incident_result)(1 + next_random(&seed) % (RESULTS - 1)),
                .has_reason = next_random(&seed) % 4 != 0,
                .coverage_ppm = 900000};
        }
        assert_int_equal(
            incident_fold(&incident_example, m, n, &span, 1, now, &in, rejected, MESSAGES), 0);
        seen |= 1U << in.state;
        closed += in.state == INCIDENT_CLOSED;
        assert_true(in.rejections <= n);
        assert_true((in.state == INCIDENT_CLOSED) == (in.result != RESULT_NONE));
        assert_true((in.overdue & ~in.owed) == 0);
        if (in.state == INCIDENT_CLOSED || in.state == INCIDENT_NONE)
            assert_int_equal(in.owed, 0);
        if (in.state == INCIDENT_NOTIFIED)
            assert_int_equal(in.owed, 1U << DUE_RECEIPT);
        /* the order in which they are handed in does not matter */
        for (unsigned i = 0; i + 1 < n; i += 2) {
            struct incident_message t = m[i];

            m[i] = m[i + 1];
            m[i + 1] = t;
        }
        assert_int_equal(incident_fold(&incident_example, m, n, &span, 1, now, &again, NULL, 0),
                         0);
        assert_memory_equal(&in, &again, sizeof in);
    }
    assert_true(closed > 1000);
    assert_int_equal(seen, (1U << INCIDENT_STATES) - 1);
}

/* What people are offered is what the fold takes, as far as the state goes. */
static void
test_may(void **state)
{
    (void)state;
    assert_true(incident_may(INCIDENT_RECEIVED, SIDE_O, INCIDENT_ACK));
    assert_false(incident_may(INCIDENT_RECEIVED, SIDE_T, INCIDENT_ACK));
    assert_false(incident_may(INCIDENT_ACTED, SIDE_O, INCIDENT_ACK));
    assert_true(incident_may(INCIDENT_CLOSED, SIDE_T, INCIDENT_REOPEN));
    assert_false(incident_may(INCIDENT_CLOSED, SIDE_T, INCIDENT_WITHDRAW));
    assert_false(incident_may(INCIDENT_CLOSED, SIDE_T, INCIDENT_TYPES));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_anything), cmocka_unit_test(test_may)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
