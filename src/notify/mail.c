/* Mails: RFC 5322, RFC 2045; threads by References. */
#include <stdio.h>
#include <time.h>

#include "notify/message.h"

enum { LINE_SOFT = 72 };

static void
put_date(struct buf *to, struct utime t)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(t.us / TIME_US_PER_S);
    struct tm tm;

    if (gmtime_r(&seconds, &tm) == NULL)
        return;
    buf_printf(to, "%s, %d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday,
               months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void
put_time(struct buf *to, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(to, "%.19sZ", text);
}

/* A local part that is the node's: origins hold slashes, which ids may not. */
static void
put_id(const struct notice_from *from, const char *name, struct buf *to)
{
    buf_char(to, '<');
    buf_text(to, name);
    buf_char(to, '.');
    for (const char *p = from->node; *p != '\0'; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= '0' && *p <= '9') || *p == '-' || *p == '_';

        buf_char(to, plain ? *p : '_');
    }
    buf_char(to, '@');
    buf_text(to, from->host);
    buf_char(to, '>');
}

static const char *
said(enum alert_step step)
{
    switch (step) {
    case ALERT_REMIND: return "still: ";
    case ALERT_ACKNOWLEDGE: return "acknowledged: ";
    case ALERT_RESOLVE: return "resolved: ";
    case ALERT_TRIGGER:
    case ALERT_STEPS: break;
    }
    return "";
}

static void
put_subject(const struct notice_from *from, const struct notice *n, unsigned count,
            struct buf *to)
{
    char key[ALERT_KEY];
    unsigned worst = 0;

    for (unsigned i = 0; i < count; i++) {
        unsigned s = alert_about(n[i].alert.rule)->severity;

        worst = s > worst ? s : worst;
    }
    buf_printf(to, "Subject: [%s] ", alert_severity_name((enum alert_severity)worst));
    alert_key(n->alert.rule, n->alert.subject, key);
    if (count == 1)
        buf_printf(to, "%s%s", said(n->step), key);
    else
        buf_printf(to, "%u messages about alerts", count);
    buf_text(to, "\r\n at ");
    buf_text(to, from->node);
    buf_text(to, "\r\n");
}

static void
put_thread(const struct notice_from *from, const struct notice *n, unsigned count,
           struct buf *to)
{
    struct notice first = *n;
    char id[NOTICE_ID];

    notice_id(n, id);
    if (count > 1) {
        char list[NOTICE_ID + 24];

        (void)snprintf(list, sizeof list, "%s-and-%u", id, count - 1);
        buf_text(to, "Message-ID: ");
        put_id(from, list, to);
        buf_text(to, "\r\n");
        return;
    }
    buf_text(to, "Message-ID: ");
    put_id(from, id, to);
    buf_text(to, "\r\n");
    if (n->step == ALERT_TRIGGER)
        return;
    first.step = ALERT_TRIGGER;
    notice_id(&first, id);
    buf_text(to, "In-Reply-To: ");
    put_id(from, id, to);
    buf_text(to, "\r\nReferences: ");
    put_id(from, id, to);
    buf_text(to, "\r\n");
}

/* Words of one paragraph behind what stands there, in lines of a mild length. */
static void
put_words(struct buf *to, const char *start, const char *text)
{
    size_t column = strlen(start);

    buf_text(to, start);
    while (*text != '\0') {
        size_t word = strcspn(text, " ");

        bool fits = column + 1 + word <= LINE_SOFT;

        if (column > 0 && !fits)
            buf_text(to, "\r\n");
        column = fits ? column : 0;
        if (column > 0 && to->ptr[to->len - 1] != ' ')
            buf_char(to, ' ');
        buf_add(to, text, word);
        column += word + (column > 0);
        text += word;
        text += *text == ' ';
    }
    buf_text(to, "\r\n");
}

static void
put_notice(const struct notice *n, struct buf *to)
{
    const struct alert_about *about = alert_about(n->alert.rule);
    char key[ALERT_KEY];

    alert_key(n->alert.rule, n->alert.subject, key);
    put_words(to, "", n->alert.text);
    if (n->step == ALERT_TRIGGER || n->step == ALERT_REMIND) {
        put_words(to, "What to do: ", about->to_do);
    }
    buf_printf(to, "\r\nAlert %llu, %s (%s)\r\nSince ", (unsigned long long)n->alert.number,
               key, alert_severity_name(about->severity));
    put_time(to, n->alert.since);
    buf_text(to, "\r\n");
    if (n->step == ALERT_RESOLVE) {
        buf_text(to, "Resolved ");
        put_time(to, n->at);
        buf_text(to, "\r\n");
    }
    if (n->alert.by[0] != '\0')
        buf_printf(to, "Acknowledged by %s\r\n", n->alert.by);
    else if (n->step != ALERT_RESOLVE)
        buf_printf(to, "To acknowledge it: detente alert ack %llu, or on the node's page\r\n",
                   (unsigned long long)n->alert.number);
}

/* NOLINTBEGIN(readability-function-size): lists go with their lengths */
void
mail_write(const struct notice_from *from, const char *sender, const char *const *to_list,
           unsigned to_count, const struct notice *n, unsigned count, struct buf *to)
/* NOLINTEND(readability-function-size) */
{
    buf_text(to, "Date: ");
    put_date(to, from->now);
    buf_printf(to, "\r\nFrom: <%s>\r\nTo: ", sender);
    for (unsigned i = 0; i < to_count; i++)
        buf_printf(to, "%s<%s>", i > 0 ? ",\r\n " : "", to_list[i]);
    buf_text(to, "\r\n");
    put_subject(from, n, count, to);
    put_thread(from, n, count, to);
    buf_text(to, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                 "Content-Type: text/plain; charset=us-ascii\r\n"
                 "Content-Transfer-Encoding: 7bit\r\n\r\n");
    for (unsigned i = 0; i < count; i++) {
        if (i > 0)
            buf_text(to, "\r\n--\r\n\r\n");
        if (count > 1 && n[i].step != ALERT_TRIGGER)
            buf_printf(to, "(%s) ", alert_step_name(n[i].step));
        put_notice(&n[i], to);
    }
}
