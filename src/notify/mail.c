/* Mails: RFC 5322, RFC 2045, RFC 2047; threads by References. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "notify/message.h"
#include "wire/base64.h"

enum {
    LINE_SOFT = 72,
    ENCODED = 39,    /* bytes: with its name the line has at most 76 characters */
    BASE64_LINE = 57 /* bytes: 76 characters */
};

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

static bool
is_ascii(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] > 0x7f)
            return false;
    }
    return true;
}

/* Text of a header, on a line of its own: RFC 2047 section 2, in words of whole characters. */
static void
put_header_text(struct buf *to, struct slice text)
{
    size_t at = 0;

    if (is_ascii(text)) {
        buf_char(to, ' ');
        buf_slice(to, text);
        buf_text(to, "\r\n");
        return;
    }
    while (at < text.len) {
        size_t n = text.len - at < ENCODED ? text.len - at : ENCODED;

        while (at + n < text.len && ((unsigned char)text.ptr[at + n] & 0xc0) == 0x80)
            n--;
        buf_text(to, " =?utf-8?B?");
        buf_base64(to, text.ptr + at, n);
        buf_text(to, "?=\r\n");
        at += n;
    }
}

static void
put_subject(const struct notice_from *from, const struct notice *n, unsigned count,
            struct buf *to)
{
    char key[ALERT_KEY];
    char number[16];
    unsigned worst = 0;
    AUTO_BUF(text, 1024);
    AUTO_BUF(at, 1024);
    const struct slice node[] = {slice_of(from->node)};

    for (unsigned i = 0; i < count; i++) {
        unsigned s = alert_about(n[i].alert.rule)->severity;

        worst = s > worst ? s : worst;
    }
    buf_char(&text, '[');
    word_put_name(&text, from->language, "severity",
                  slice_of(alert_severity_name((enum alert_severity)worst)));
    buf_text(&text, "] ");
    alert_key(n->alert.rule, n->alert.subject, key);
    (void)snprintf(number, sizeof number, "%u", count);
    if (count > 1) {
        word_put(&text, from->language, WORD_MAIL_MANY, &(struct slice){number, strlen(number)},
                 1);
    } else {
        if (n->step != ALERT_TRIGGER) {
            word_put_name(&text, from->language, "step", slice_of(alert_step_name(n->step)));
            buf_text(&text, ": ");
        }
        buf_text(&text, key);
    }
    word_put(&at, from->language, WORD_MAIL_AT, node, 1);
    buf_text(to, "Subject:");
    put_header_text(to, buf_get(&text));
    put_header_text(to, buf_get(&at));
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

/* Characters of UTF-8. */
static size_t
width(const char *text, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

/* One paragraph, in lines of a mild length. */
static void
put_words(struct buf *to, struct slice text)
{
    size_t column = 0;
    size_t at = 0;

    while (at < text.len) {
        const char *end = memchr(text.ptr + at, ' ', text.len - at);
        size_t len = end == NULL ? text.len - at : (size_t)(end - text.ptr) - at;
        size_t wide = width(text.ptr + at, len);
        bool fits = column + 1 + wide <= LINE_SOFT;

        if (column > 0)
            buf_text(to, fits ? " " : "\r\n");
        column = (fits && column > 0 ? column + 1 : 0) + wide;
        buf_add(to, text.ptr + at, len);
        at += len + 1;
    }
    buf_text(to, "\r\n");
}

/* A line of the catalogue about one thing. */
static void
put_line(struct buf *to, enum language l, enum word w, struct slice about)
{
    word_put(to, l, w, &about, 1);
    buf_text(to, "\r\n");
}

static void
put_line_time(struct buf *to, enum language l, enum word w, struct utime t)
{
    char text[TIME_TEXT + 1];

    time_format(t, text);
    text[19] = 'Z';
    put_line(to, l, w, (struct slice){text, 20});
}

static void
put_said(const struct notice *n, enum language l, struct buf *to)
{
    AUTO_BUF(text, 8192);

    word_unpack(&text, l, n->alert.text);
    put_words(to, buf_get(&text));
    if (n->step == ALERT_TRIGGER || n->step == ALERT_REMIND) {
        struct slice todo = slice_of(word(l, alert_about(n->alert.rule)->to_do));

        buf_reset(&text);
        word_put(&text, l, WORD_MAIL_TO_DO, &todo, 1);
        put_words(to, buf_get(&text));
    }
}

static void
put_notice(const struct notice *n, enum language l, struct buf *to)
{
    const struct alert_about *about = alert_about(n->alert.rule);
    char key[ALERT_KEY];
    char number[24];

    put_said(n, l, to);
    alert_key(n->alert.rule, n->alert.subject, key);
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)n->alert.number);
    buf_text(to, "\r\n");
    word_put(to, l, WORD_MAIL_ALERT,
             (struct slice[]){
                 slice_of(number), slice_of(key),
                 slice_of(word(l, word_find("severity",
                                            slice_of(alert_severity_name(about->severity)))))},
             3);
    buf_text(to, "\r\n");
    put_line_time(to, l, WORD_MAIL_SINCE, n->alert.since);
    if (n->step == ALERT_RESOLVE)
        put_line_time(to, l, WORD_MAIL_RESOLVED, n->at);
    if (n->alert.by[0] != '\0')
        put_line(to, l, WORD_MAIL_BY, slice_of(n->alert.by));
    else if (n->step != ALERT_RESOLVE)
        put_line(to, l, WORD_MAIL_TO_ACK, slice_of(number));
}

static void
put_notices(const struct notice *n, unsigned count, enum language l, struct buf *to)
{
    for (unsigned i = 0; i < count; i++) {
        if (i > 0)
            buf_text(to, "\r\n--\r\n\r\n");
        if (count > 1 && n[i].step != ALERT_TRIGGER) {
            buf_char(to, '(');
            word_put_name(to, l, "step", slice_of(alert_step_name(n[i].step)));
            buf_text(to, ") ");
        }
        put_notice(&n[i], l, to);
    }
}

/* Lines of 76 characters: RFC 2045 section 6.8. */
static void
put_base64(struct buf *to, struct slice text)
{
    for (size_t at = 0; at < text.len; at += BASE64_LINE) {
        size_t n = text.len - at < BASE64_LINE ? text.len - at : BASE64_LINE;

        buf_base64(to, text.ptr + at, n);
        buf_text(to, "\r\n");
    }
}

/* NOLINTBEGIN(readability-function-size): lists go with their lengths */
void
mail_write(const struct notice_from *from, const char *sender, const char *const *to_list,
           unsigned to_count, const struct notice *n, unsigned count, struct buf *to)
/* NOLINTEND(readability-function-size) */
{
    AUTO_BUF(body, NOTICE_BYTES / 2);

    buf_text(to, "Date: ");
    put_date(to, from->now);
    buf_printf(to, "\r\nFrom: <%s>\r\nTo: ", sender);
    for (unsigned i = 0; i < to_count; i++)
        buf_printf(to, "%s<%s>", i > 0 ? ",\r\n " : "", to_list[i]);
    buf_text(to, "\r\n");
    put_subject(from, n, count, to);
    put_thread(from, n, count, to);
    buf_text(to, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n");
    put_notices(n, count, from->language, &body);
    if (is_ascii(buf_get(&body))) {
        buf_text(to, "Content-Type: text/plain; charset=us-ascii\r\n"
                     "Content-Transfer-Encoding: 7bit\r\n\r\n");
        buf_slice(to, buf_get(&body));
    } else {
        buf_text(to, "Content-Type: text/plain; charset=utf-8\r\nContent-Language: ");
        buf_text(to, language_name(from->language));
        buf_text(to, "\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        put_base64(to, buf_get(&body));
    }
    if (buf_error(&body) < 0)
        to->error = buf_error(&body); /* half a mail is none */
}
