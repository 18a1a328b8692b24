/* Keys of parties by role, with the time in which each holds (docs/formats/keys-and-notes.md).
 *
 * A caller makes one list for each role, from the annexes of all sequences, so that what was
 * signed under an older key still verifies.  Which list a key stands in is what it may do; its
 * name is not asked.  Values borrow; pure. */
#ifndef DETENTE_EXCHANGE_KEYS_H
#define DETENTE_EXCHANGE_KEYS_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/time.h"
#include "note/key.h"
#include "note/note.h"

struct role_key {
    struct slice party; /* whose; of a further witness, what it is called */
    struct vkey key;
    struct utime from;  /* holds from ≤ T < until … */
    struct utime until; /* … 0: open */
};

struct role_keys {
    const struct role_key *key;
    unsigned count;
};

bool role_key_holds(const struct role_key *k, struct utime when);

/* The party's key of that id that holds at `when`, or NULL.  when: the witnessed time, the
 * first cosignature over what was signed; never the signer's claim. */
const struct role_key *role_keys_find(struct role_keys keys, struct slice party, uint32_t id,
                                      struct utime when);

/* The first key of the list that holds at `when` and signed the note, or NULL.  ERR_PROOF: a
 * line of one of them fails, which refuses the note. */
MUST_USE int role_keys_signed(struct role_keys keys, const struct note *n, struct utime when,
                              const struct role_key **ret, struct errinfo *ei);

#endif
