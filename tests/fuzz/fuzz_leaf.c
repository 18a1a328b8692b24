/* Leaves: a known one is written back byte for byte from its fields. */
#include "ledger/leaf.h"
#include "wire/jcs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice entry = {(const char *)data, size};
    struct leaf_value values[16];
    char names[16][32];
    struct jcs_iter it;
    struct slice key;
    struct slice value;
    struct leaf l;
    unsigned n = 0;
    AUTO_BUF(again, LEAF_MAX);

    leaf_read(entry, &l);
    BUG_ON((l.reading == LEAF_FOREIGN) != (l.type_name.len == 0));
    BUG_ON((l.reading == LEAF_MALFORMED) != (l.why[0] != '\0'));
    if (l.reading != LEAF_KNOWN || size > LEAF_WRITE_MAX)
        return 0;
    BUG_ON(jcs_check(l.body, NULL) != JCS_OK);
    for (it = jcs_iter(l.body); jcs_member(&it, &key, &value); n++) {
        (void)snprintf(names[n], sizeof names[n], "%.*s", (int)key.len, key.ptr);
        values[n] = (struct leaf_value)LEAF_JSON(names[n], value);
    }
    BUG_ON(leaf_write(&again, l.type, l.at, (struct leaf_values){values, n}, NULL) < 0);
    BUG_ON(!slice_eq(buf_get(&again), entry));
    return 0;
}
