/* Syslog: RFC 5424. */
#include <stdio.h>

#include "notify/message.h"

enum { FACILITY = 3 /* system daemons */ };

/* Section 6.2.1. */
static unsigned
severity(const struct notice *n)
{
    enum alert_severity s = alert_about(n->alert.rule)->severity;

    if (n->step == ALERT_RESOLVE || n->step == ALERT_ACKNOWLEDGE)
        return 5;
    return s == ALERT_CRITICAL ? 2 : s == ALERT_WARNING ? 4 : 6;
}

/* A parameter's value: section 6.3.3 escapes three characters. */
static void
put_param(struct buf *to, const char *name, const char *value)
{
    buf_printf(to, " %s=\"", name);
    for (const char *p = value; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\' || *p == ']')
            buf_char(to, '\\');
        buf_char(to, *p);
    }
    buf_char(to, '"');
}

void
syslog_write(const struct notice_from *from, const struct notice *n, struct buf *to)
{
    const struct alert_about *about = alert_about(n->alert.rule);
    char time[TIME_TEXT];
    char key[ALERT_KEY];
    char number[24];
    bool marked = false;
    AUTO_BUF(text, 8192);

    time_format(n->at, time);
    alert_key(n->alert.rule, n->alert.subject, key);
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)n->alert.number);
    buf_printf(to, "<%u>1 %.*s %s detente - %s ", FACILITY * 8 + severity(n), TIME_TEXT, time,
               from->host, alert_step_name(n->step));
    /* 32473 is the number that IANA keeps for examples (RFC 5612): we have none. */
    buf_text(to, "[alert@32473");
    put_param(to, "node", from->node);
    put_param(to, "alert", number);
    put_param(to, "key", key);
    put_param(to, "severity", alert_severity_name(about->severity));
    put_param(to, "state", alert_state_name(n->alert.state));
    if (n->alert.by[0] != '\0')
        put_param(to, "by", n->alert.by);
    word_unpack(&text, from->language, n->alert.text);
    buf_text(to, "] ");
    for (size_t i = 0; i < buf_get(&text).len && !marked; i++)
        marked = (unsigned char)buf_get(&text).ptr[i] > 0x7f;
    buf_text(to, marked ? "\xef\xbb\xbf" : "");
    buf_printf(to, "%s: ", key);
    buf_slice(to, buf_get(&text));
}
