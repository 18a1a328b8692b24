/* What writing a backup and reading one share. */
#ifndef DETENTE_ROLE_BACKUP_PRIV_H
#define DETENTE_ROLE_BACKUP_PRIV_H

#include "role/backup.h"

#define BACKUP_FORMAT   "detente-backup/1"
#define BACKUP_MANIFEST "MANIFEST"

enum { BACKUP_SEGMENTS = 65536, BACKUP_MANIFEST_MAX = 1 << 23 };

#endif
