/* Passphrases, and keys that they open. */
#ifndef DETENTE_CLI_SECRET_H
#define DETENTE_CLI_SECRET_H

#include "base/buf.h"
#include "cli/cmd.h"
#include "note/keyfile.h"

enum { PASSPHRASE_MAX = 1024 };

/* From --passphrase-file, without its last line end, or typed at the terminal without being
 * shown, twice when `twice`.  0, or ERR_* with all said.  The caller wipes it. */
MUST_USE int secret_passphrase(struct cli *cli, const char *what, bool twice, struct buf *ret);
/* The signing key in a file, plain or sealed. */
MUST_USE int secret_key(struct cli *cli, const char *path, struct skey *ret);
void secret_wipe(struct buf *b);

#define PASSPHRASE_OPTION                                                                      \
    {                                                                                          \
        "passphrase-file", "FILE", "where the passphrase stands; without it, it is asked for", \
            0                                                                                  \
    }

#endif
