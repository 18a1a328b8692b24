/* What the reader and the writer of bundles share.  Private to src/exchange. */
#ifndef DETENTE_EXCHANGE_BUNDLE_PRIV_H
#define DETENTE_EXCHANGE_BUNDLE_PRIV_H

#include "exchange/bundle.h"

/* NULL, or why no bundle of that pact has such a file. */
const char *bundle_file_fault(const struct bundle_file *f, struct slice pact);

/* Header of a regular file in a ustar archive (POSIX.1-1988, IEEE 1003.1): mode 0644, owner and
 * time 0.  A path over 100 bytes is split at the first slash that leaves at most 100 behind. */
void ustar_write(struct slice path, uint64_t size, char ret[BUNDLE_BLOCK]);
/* NULL and path (into `room`) and size, or what is wrong.  Mode, owner and time are not
 * looked at. */
const char *ustar_read(const char block[BUNDLE_BLOCK], char room[BUNDLE_PATH_MAX + 1],
                       struct slice *ret_path, uint64_t *ret_size);
bool ustar_is_zero(const char *bytes, size_t n);

#endif
