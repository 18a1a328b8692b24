/* The denunciation of a pact: one party's word that it will be bound no longer, signed by its
 * own key (docs/pact.md).
 *
 * It names one version by its hash, so that it ends nothing that was not read, and the next
 * version, which that party signs again, takes it back.  From when it counts on and until when
 * the party stays bound is not for it to say: that is the pact's `validity.denunciation`, from
 * the time at which others saw it.  As pact.h in all else. */
#ifndef DETENTE_PACT_DENOUNCE_H
#define DETENTE_PACT_DENOUNCE_H

#include "base/buf.h"
#include "pact/pact.h"

struct denunciation {
    const char *format;
    const char *pact;
    int64_t version;
    const char *of; /* hex: SHA-256 of that version's text */
    const char *party;
    struct utime at; /* as the party says */
    const char *reason;
    struct hash sha256; /* of this text */
};

/* As pact_read(). */
MUST_USE int denunciation_read(struct slice text, struct denunciation **ret,
                               struct errinfo *ei);
struct denunciation *denunciation_free(struct denunciation *d);
/* Does it end that version, by a party of it?  ERR_CONF, ei without a place. */
MUST_USE int denunciation_fits(const struct denunciation *d, const struct pact *p,
                               struct errinfo *ei);
/* Append the text of one; reason: any, "" none. */
void denunciation_write(struct buf *b, const struct pact *p, const char *party, struct utime at,
                        const char *reason);

/* What a text says it is, in its first line that is neither empty nor a comment. */
enum pact_text { PACT_TEXT_PACT, PACT_TEXT_ANNEX, PACT_TEXT_DENUNCIATION };
enum pact_text pact_text(struct slice text);

#endif
