/* What writing a backup and reading one share. */
#ifndef DETENTE_ROLE_BACKUP_PRIV_H
#define DETENTE_ROLE_BACKUP_PRIV_H

#include "role/backup.h"

#define BACKUP_FORMAT   "detente-backup/1"
#define BACKUP_MANIFEST "MANIFEST"

enum { BACKUP_SEGMENTS = 65536, BACKUP_MANIFEST_MAX = 1 << 23 };

/* What `--keys` takes along, as far as it is there: without any of them a restored node would
 * make a new one, which no annex names. */
#define BACKUP_KEY_FILES                                                                       \
    "keys/log.key", "keys/witness.key", "keys/holder.key", "keys/message.key",                 \
        "keys/seal.key", "keys/ca.key", "keys/ca.pem", "keys/ca-before.key",                   \
        "keys/ca-before.pem", "keys/tls.pem", "keys/witness.next.key", "keys/holder.next.key", \
        "keys/message.next.key"

#endif
