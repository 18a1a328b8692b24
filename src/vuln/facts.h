/* What a publisher says of a vulnerability besides what it affects, as bytes that a database
 * keeps: score, what is known of its exploitation, times, text.  Pure. */
#ifndef DETENTE_VULN_FACTS_H
#define DETENTE_VULN_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/time.h"

enum { FACTS_TEXT = 2048, FACTS_VECTOR = 255, FACTS_CWES = 255 };

struct facts {
    bool rejected;        /* it is none, says its publisher */
    uint8_t cvss_version; /* 20, 30, 31, 40; 0: it has no score */
    uint8_t score;        /* tenths */
    uint8_t severity;     /* enum priority_severity, vuln/priority.h */
    uint8_t exploitation; /* enum priority_exploitation */
    uint8_t automatable;  /* enum priority_answer */
    uint8_t impact;       /* enum priority_impact */
    struct utime ssvc_at; /* of these three; 0 nobody said them */
    struct utime published;
    struct utime modified;
    struct slice vector;
    struct slice cwes; /* "CWE-79 CWE-20" */
    struct slice text; /* in English */
};

/* Texts that are too long are cut, at a character's end. */
void facts_put(const struct facts *f, struct buf *to);
/* False: the bytes are none.  Slices are borrowed from them. */
bool facts_get(struct slice bytes, struct facts *ret);

#endif
