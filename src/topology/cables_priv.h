/* Inside the file of cables: what reading and writing it share. */
#ifndef DETENTE_TOPOLOGY_CABLES_PRIV_H
#define DETENTE_TOPOLOGY_CABLES_PRIV_H

#include "topology/cables.h"

enum {
    CABLES_FIRST_YEAR = 1850,
    CABLES_LAST_YEAR = 2200,
    CABLES_TAIL = 7 + 2 * SHA256_SIZE + 1 /* bytes of the last line */
};

extern const char cables_first_line[];

/* UTF-8 without control characters, 1 to CABLES_TEXT - 1 bytes. */
bool cables_is_text(struct slice s);
/* The same of printable ASCII without a space. */
bool cables_is_id(struct slice s);

#endif
