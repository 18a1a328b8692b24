/* Statements in notes: what is read is one canonical object, and is written again the same. */
#include "exchange/statement.h"

#include <stdio.h>

#include "exchange/bundle.h"
#include "wire/jcs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
again(const struct statement *s, const struct skey *key)
{
    struct jcs_iter it = jcs_iter(s->body);
    struct leaf_value value[STATEMENT_FIELDS_MAX];
    char name[STATEMENT_FIELDS_MAX][32];
    struct note n;
    unsigned count = 0;
    struct slice k;
    struct slice v;
    AUTO_BUF(b, BUNDLE_MANIFEST_MAX);

    while (jcs_member(&it, &k, &v)) {
        BUG_ON(count == STATEMENT_FIELDS_MAX);
        (void)snprintf(name[count], sizeof name[0], "%.*s", (int)k.len, k.ptr);
        value[count] = (struct leaf_value)LEAF_JSON(name[count], v);
        count++;
    }
    if (statement_write(&b, s->kind, s->at, (struct leaf_values){value, count}, key, NULL) < 0)
        return; /* too large for a note with one more line */
    BUG_ON(note_parse(buf_get(&b), BUNDLE_MANIFEST_MAX, &n, NULL) < 0 ||
           !slice_eq(n.text, s->text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t seed[KEY_SEED] = {9}; /* signed no seed */
    static struct skey key;
    static struct role_key keys[1];
    struct slice in = {(const char *)data, size};

    if (key_init() < 0 ||
        skey_make(SLICE("aland.example/detente/message"), KEY_ED25519, seed, &key) < 0)
        return 0;
    keys[0] = (struct role_key){SLICE("aland"), key.vkey, {0}, {0}};
    for (int kind = 0; kind < STATEMENT_KINDS; kind++) {
        struct errinfo ei = {.text = ""};
        struct statement s;

        if (statement_read(in, (enum statement_kind)kind, &s, &ei) < 0) {
            BUG_ON(ei.text[0] == '\0'); /* every refusal says why */
            continue;
        }
        BUG_ON(jcs_check(s.body, NULL) != JCS_OK);
        again(&s, &key);
        BUG_ON(statement_verify(in, (enum statement_kind)kind, (struct role_keys){keys, 1},
                                s.at, &s, NULL) == 0);
    }
    return 0;
}
