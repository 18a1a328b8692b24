/* SHA-256 of two messages at once.  One message alone leaves the processor waiting for each
 * round's result; a second one fills the gaps, so that a pair costs little more than one.
 * With SHA extensions (x86-64) some 1.6 times base/sha256.h; elsewhere the same as that.
 * Private to src/ledger. */
#ifndef DETENTE_LEDGER_LANES_PRIV_H
#define DETENTE_LEDGER_LANES_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sha256.h"

enum { LANE_PAD = 72 /* bytes */ };

struct lane {
    uint8_t *bytes; /* the message; LANE_PAD more bytes behind it are overwritten */
    size_t n;
    struct hash *ret;
};

/* Can this machine do it?  Asks the processor: once a block, not once a hash. */
bool lanes_fast(void);
/* Hash both; fast as lanes_fast() said. */
void lanes_hash(bool fast, struct lane a, struct lane b);

#endif
