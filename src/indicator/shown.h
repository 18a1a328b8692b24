/* What a record of a sensor shows of what can be looked for: Suricata's EVE (its JSON schema,
 * etc/schema.json), any event_type.
 *
 *   src_ip dest_ip              of every record
 *   dns.rrname, dns.query[].rrname, dns.queries[].rrname, dns.answers[].rrname and .rdata,
 *   dns.authorities[], dns.grouped.A[] …
 *   http.hostname and .url      together a URL; a port from http.http_port, else dest_port
 *   tls.sni, quic.sni
 *   fileinfo.md5 .sha1 .sha256, and the same in files[]
 *
 * Pure; some 0.2 µs a record. */
#ifndef DETENTE_INDICATOR_SHOWN_H
#define DETENTE_INDICATOR_SHOWN_H

#include "base/time.h"
#include "model/addr.h"
#include "wire/walk.h"

enum shown_field {
    SHOWN_SOURCE,
    SHOWN_TARGET,
    SHOWN_QUERY,  /* a name that was asked for */
    SHOWN_ANSWER, /* a name or an address that was answered */
    SHOWN_HOST,
    SHOWN_URL,
    SHOWN_SNI,
    SHOWN_FILE,
    SHOWN_FIELDS
};
const char *shown_field_name(enum shown_field f); /* "source" … */

enum { SHOWN_MOST = 64 /* texts of one record; what comes behind is counted */ };

struct shown_text {
    enum shown_field field;
    struct slice text;
};

struct shown {
    struct utime time;
    struct addr address[2]; /* of the source, of the target */
    uint8_t has_address[2];
    bool has_time;
    struct slice host; /* of http */
    struct slice path;
    struct slice port; /* of http, as digits; else the target's */
    struct slice dest_port;
    unsigned count;
    unsigned more; /* that did not fit */
    struct shown_text text[SHOWN_MOST];
};

/* The record that comes next in w, an object.  Texts are unescaped where they stand.
 * ERR_INVALID: it is none. */
MUST_USE int shown_read(struct walk *w, struct shown *ret);

#endif
