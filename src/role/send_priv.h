/* Inside the sending: one receiver's transfer. */
#ifndef DETENTE_ROLE_SEND_PRIV_H
#define DETENTE_ROLE_SEND_PRIV_H

#include <curl/curl.h>

#include "role/send.h"

enum send_state {
    SEND_IDLE,
    SEND_LOOKING,  /* datagrams: for the address of a name */
    SEND_CURL,     /* libcurl is at it; for syslog: it connects */
    SEND_WRITING,  /* syslog: connected */
    SEND_DRAINING, /* syslog: written, not yet all taken by the other system */
    SEND_FINISHED  /* result is there */
};

struct send;

struct send_to {
    struct send *send;
    const struct conf_notify *conf;
    enum send_state state;
    CURL *easy;
    struct curl_slist *list; /* headers, or who gets a mail */
    struct buf body;
    struct buf secret; /* with NUL behind it */
    struct buf ca;
    char broken[RECEIVER_ERROR]; /* why nothing can be sent there; "" it can */
    char url[1200];
    char error[CURL_ERROR_SIZE];
    size_t given;               /* bytes of the body */
    size_t answered;            /* bytes */
    int64_t until;              /* mono, of looking, of writing */
    struct send_lookup *lookup; /* may outlast its sending: the C library writes there */
    int datagram;               /* a socket, -1 */
    bool failed;
    struct send_result result;
};

struct send {
    const struct env *env;
    CURLM *multi;
    struct send_to to[CONF_NOTIFY];
    unsigned count;
    enum language language; /* where a receiver names none */
    char node[320];
    char host[256];
};

void send_done(struct send_to *t, int status, bool refused, const char *text);

/* send_syslog.c.  True when the receiver takes datagrams: it was tried, or its name is being
 * looked up. */
bool send_datagram(struct send_to *t);
void send_lookup_drop(struct send_to *t);
void send_syslog_begin(struct send_to *t); /* to connect */
void send_syslog_turn(struct send_to *t);

#endif
