#include "exchange/keys.h"

bool
role_key_holds(const struct role_key *k, struct utime when)
{
    return k->from.us <= when.us && (k->until.us == 0 || when.us < k->until.us);
}

const struct role_key *
role_keys_find(struct role_keys keys, struct slice party, uint32_t id, struct utime when)
{
    for (unsigned i = 0; i < keys.count; i++) {
        const struct role_key *k = &keys.key[i];

        if (k->key.id == id && slice_eq(k->party, party) && role_key_holds(k, when))
            return k;
    }
    return NULL;
}

int
role_keys_signed(struct role_keys keys, const struct note *n, struct utime when,
                 const struct role_key **ret, struct errinfo *ei)
{
    const struct role_key *by = NULL;

    for (unsigned i = 0; i < keys.count; i++) {
        const struct role_key *k = &keys.key[i];
        struct note_signers signers;
        int err;

        if (!role_key_holds(k, when))
            continue;
        err = note_check(n, (struct vkeys){&k->key, 1}, &signers, ei);
        if (err < 0)
            return err;
        if (signers.count > 0 && by == NULL)
            by = k;
    }
    *ret = by;
    return 0;
}
