/* What is sent about alerts: the bytes of a mail, of a webhook's request, of a syslog message.
 *
 * Pure: who and where is told, in which language, and the key is given.  What comes from
 * elsewhere (names of sensors, of the node) is ASCII by its own grammar.  The delivery's
 * id, `<alert>-<step>`, is the same at every try, so that a receiver can drop what it has. */
#ifndef DETENTE_NOTIFY_MESSAGE_H
#define DETENTE_NOTIFY_MESSAGE_H

#include "base/buf.h"
#include "model/alert.h"
#include "words/words.h"

enum {
    NOTICE_MAX = 50,      /* notices in one mail */
    NOTICE_BYTES = 131072 /* a message is never longer */
};

struct notice {
    struct alert alert;
    enum alert_step step;
    struct utime at; /* when that was so */
    uint32_t nth;    /* of a reminder, from 1 */
};

struct notice_from {
    const char *node; /* the log's origin */
    const char *host; /* this machine's name, for a mail's id and syslog's HOSTNAME */
    struct utime now;
    enum language language;
};

/* `12-trigger`, `12-remind-2` */
enum { NOTICE_ID = 48 };
void notice_id(const struct notice *n, char to[NOTICE_ID]);
/* `node key`: what opens, acknowledges and resolves the same alert at a receiver of many nodes.
 */
void notice_dedup_key(const struct notice_from *from, const struct notice *n, struct buf *to);

/* A mail about one alert, or a list of many (RFC 5322, lines end in CRLF): mails about the same
 * alert are one thread, and say that no person wrote them (RFC 3834).  What is not ASCII is
 * UTF-8, in base64 (RFC 2045) and, in the subject, in encoded words (RFC 2047).  to_list:
 * addresses. */
void mail_write(const struct notice_from *from, const char *sender, const char *const *to_list,
                unsigned to_count, const struct notice *n, unsigned count, struct buf *to);

/* One JSON object, the body of a webhook's request (docs/notify.md). */
void hook_write(const struct notice_from *from, const struct notice *n, struct buf *to);
/* HMAC-SHA256 (RFC 2104) of `<unix seconds>.<body>`: the value of the header
 * Detente-Signature, `t=<seconds>,v1=<hex>`. */
enum { HOOK_SIGNATURE = 112 };
void hook_sign(struct slice key, struct utime now, struct slice body, char to[HOOK_SIGNATURE]);

/* One message of RFC 5424, facility daemon, without framing; behind a byte order mark when it
 * is not ASCII (section 6.4). */
void syslog_write(const struct notice_from *from, const struct notice *n, struct buf *to);

#endif
