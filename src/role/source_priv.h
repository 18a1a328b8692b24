/* Questions to the server of a source.  HTTPS with certificates checked, or plain HTTP to this
 * machine, or TLS 1.3 with the pinned key of a counterpart; no redirects, no proxy, no cookies;
 * bounded in size and time (libcurl). */
#ifndef DETENTE_ROLE_SOURCE_PRIV_H
#define DETENTE_ROLE_SOURCE_PRIV_H

#include <curl/curl.h>

#include "role/source.h"

enum { SOURCE_MEDIA = 256, SOURCE_DATE = 64 };

/* One connection, kept for all questions to it. */
struct source_line {
    CURL *curl;
    struct curl_slist *headers;
    struct buf body;
    char secret[SOURCE_SECRET + 1];
    struct buf pem; /* shown; libcurl reads it at each connection */
    struct source_party party;
    const char *refused;      /* what the address is that was not connected to */
    char media[SOURCE_MEDIA]; /* of the last answer … */
    char first[SOURCE_DATE];
    char last[SOURCE_DATE];
    char why[CURL_ERROR_SIZE];
};
/* ERR_CONF: secret or certificates are not there, or others can read them, or of a counterpart
 * what source_party_find() gives; ERR_NOMEM.  Close in any case. */
MUST_USE int source_line_open(const char *dir, const struct source *s, struct source_line *l,
                              struct errinfo *ei);
void source_line_close(struct source_line *l);
/* The answer to a GET, borrowed until the next; status 0 when there was none.  once: libcurl
 * repeats what a connection lost that was used before, so it gets a new one. */
void source_line_ask(struct source_line *l, const char *url, bool once,
                     struct client_answer *ret);

/* Path of a source's file. */
MUST_USE int source_path(const char *dir, const char *name, const char *ending, char *to,
                         struct errinfo *ei);

#endif
