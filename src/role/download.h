/* A file that somebody publishes, by its address: for commands that an operator gives, not for
 * a running node.
 *
 * HTTPS with certificates checked, or plain HTTP to this machine alone; redirects are followed
 * to HTTPS only, five at most; no proxy, no cookies, nothing is sent but the question.  Bounded
 * in size and time (libcurl). */
#ifndef DETENTE_ROLE_DOWNLOAD_H
#define DETENTE_ROLE_DOWNLOAD_H

#include "base/buf.h"
#include "base/err.h"
#include "base/time.h"

enum { DOWNLOAD_CONNECT_S = 10, DOWNLOAD_TOTAL_S = 300 };

/* Append it, as far as ret has room.  *ret_date: when it was changed, as the server says; 0: it
 * does not.  ERR_USAGE: no address that is fetched; ERR_LIMIT: too large; ERR_NOTFOUND: the
 * server does not have it; ERR_IO: it did not come, ei says why; ERR_NOMEM. */
MUST_USE int download(const char *url, struct buf *ret, struct utime *ret_date,
                      struct errinfo *ei);

#endif
