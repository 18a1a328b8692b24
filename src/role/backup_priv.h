/* What writing a backup and reading one share. */
#ifndef DETENTE_ROLE_BACKUP_PRIV_H
#define DETENTE_ROLE_BACKUP_PRIV_H

#include "role/backup.h"

#define BACKUP_FORMAT   "detente-backup/1"
#define BACKUP_MANIFEST "MANIFEST"

enum {
    BACKUP_SEGMENTS = 65536,
    BACKUP_MANIFEST_MAX = 1 << 25,
    BACKUP_NAME = 256 /* with NUL */
};

/* What `--keys` takes along, as far as it is there: without any of them a restored node would
 * make a new one, which no annex names. */
#define BACKUP_KEY_FILES                                                                       \
    "keys/log.key", "keys/witness.key", "keys/holder.key", "keys/message.key",                 \
        "keys/seal.key", "keys/ca.key", "keys/ca.pem", "keys/ca-before.key",                   \
        "keys/ca-before.pem", "keys/tls.pem", "keys/witness.next.key", "keys/holder.next.key", \
        "keys/message.next.key"

/* backup_given.c: what others gave and files hold. */
struct backup_given {
    const char *dir;
    bool secrets;
    int (*each)(void *arg, const char *name); /* below dir; other than 0 ends it */
    void *arg;
    struct backup_result *ret; /* secret, odd */
};
/* Sorted within a folder.  ERR_LIMIT, ERR_IO, ERR_NOMEM; ei says why. */
MUST_USE int backup_given_each(const struct backup_given *g, struct errinfo *ei);
/* May a backup hold a file of that name? */
bool backup_given_is(const char *name);
/* The folder of such a file, below dir.  Any other name needs none. */
MUST_USE int backup_given_folder(const char *dir, const char *name, struct errinfo *ei);

#endif
