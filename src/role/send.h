/* Sending to receivers of alerts: mail (SMTP, RFC 5321, with STARTTLS or TLS), webhooks (HTTP),
 * syslog (RFC 5424 over UDP, RFC 5426; TCP with octet counting, RFC 6587; TLS, RFC 5425; a
 * local socket).
 *
 * libcurl speaks; what a receiver answers is bounded, looked at for its status and thrown away.
 * Redirects are not followed, proxies not used, certificates always checked.  Secrets and
 * authorities are read when it is opened, so that the process needs no file of them later.  TCP
 * syslog knows no answer: it counts as sent when the receiver's system has all bytes. */
#ifndef DETENTE_ROLE_SEND_H
#define DETENTE_ROLE_SEND_H

#include "conf/conf.h"
#include "role/courier.h"

enum {
    SEND_CONNECT_S = 10,
    SEND_TOTAL_S = 30,
    SEND_FILE_MAX = 1 << 20 /* bytes of a secret or an authority */
};

struct send; /* opaque */

/* conf outlives it; node: the log's origin, host: this machine's name.  What is wrong with a
 * receiver (its secret cannot be read) is the result of every sending there. */
MUST_USE int send_open(const struct conf *conf, const char *dir, const char *node,
                       const struct env *env, struct send **ret, struct errinfo *ei);
struct send *send_close(struct send *s);
void send_sender(struct send *s, struct sender *ret);
/* Go on with all that is under way, waiting up to that long, also for fd (-1: none). */
void send_turn(struct send *s, int fd, int timeout_ms);
/* ERR_CONF with what is wrong: the files that the receiver's keys name. */
MUST_USE int send_check(const struct conf_notify *n, const char *dir, struct errinfo *ei);

#endif
