/* See treaty_set.h. */
#include "treaty_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES = 40, VALUE = 400 };

static char pact_base[TEXT_MAX];
static char annex_base[TEXT_MAX];

int64_t now_us = INT64_C(1798761600) * 1000000; /* 2027-01-01, behind that of `init` */

struct utime
now_wall(void *self)
{
    (void)self;
    return (struct utime){now_us};
}

static int64_t
now_mono(void *self)
{
    (void)self;
    return now_us;
}

/* ---- keys and names --------------------------------------------------------------------- */

static struct {
    char name[40];
    char value[VALUE];
} names[NAMES];
static unsigned name_count;

void
name(const char *what, const char *value)
{
    unsigned i = 0;

    while (i < name_count && strcmp(names[i].name, what) != 0)
        i++;
    assert_true(i < NAMES);
    (void)snprintf(names[i].name, sizeof names[i].name, "%s", what);
    (void)snprintf(names[i].value, sizeof names[i].value, "%s", value);
    name_count = i == name_count ? i + 1 : name_count;
}

const char *
value_of(const char *what)
{
    for (unsigned i = 0; i < name_count; i++) {
        if (strcmp(names[i].name, what) == 0)
            return names[i].value;
    }
    return NULL;
}

static void
name_key(const char *what, const struct vkey *key)
{
    char text[VKEY_TEXT];

    (void)vkey_format(key, text);
    name(what, text);
}

static struct skey
make_key(const char *party, const char *role, uint8_t seed)
{
    const uint8_t bytes[KEY_SEED] = {seed, (uint8_t)party[0]};
    bool cosigns = strcmp(role, "witness") == 0 || strcmp(role, "holder") == 0;
    struct skey key;
    char text[80];

    (void)snprintf(text, sizeof text, "%s.example/detente/%s", party, role);
    assert_int_equal(skey_make(slice_of(text), cosigns ? KEY_COSIGN : KEY_ED25519, bytes, &key),
                     0);
    (void)snprintf(text, sizeof text, "%s.%s", party, role);
    name_key(text, &key.vkey);
    return key;
}

struct treaty_keys keys;

/* All but aland's own, which its node makes. */
static void
make_keys(void)
{
    static const char *const roles[] = {"log", "witness", "holder"};

    for (unsigned i = 0; i < COUNT(roles); i++)
        (void)make_key("bland", roles[i], (uint8_t)(10 + i));
    (void)make_key("eve", "log", 20);
    keys.aland = make_key("aland", "party", 1);
    keys.bland = make_key("bland", "party", 1);
    keys.eve = make_key("eve", "party", 1);
    keys.bland_message = make_key("bland", "message", 13);
    name("aland.asn", "64496");
    name("bland.asn", "64500");
    name("aland.v4", "192.0.2.0/24");
    name("bland.v4", "198.51.100.0/24");
    name("aland.v6", "2001:db8:a::/48");
    name("bland.v6", "2001:db8:b::/48");
    name("bland.tls", "00000000000000000000000000000000000000000000000000000000000000b1");
    name("bland.seal", "00000000000000000000000000000000000000000000000000000000000000b2");
}

/* ---- documents -------------------------------------------------------------------------- */

void
replace(char *text, const char *from, const char *into)
{
    static char out[TEXT_MAX];
    size_t len = 0;

    for (const char *at = text; *at != '\0';) {
        if (strncmp(at, from, strlen(from)) == 0) {
            len += (size_t)snprintf(out + len, sizeof out - len, "%s", into);
            at += strlen(from);
        } else {
            out[len++] = *at++;
        }
        assert_true(len < sizeof out);
    }
    out[len] = '\0';
    memcpy(text, out, len + 1);
}

/* Values that a change may speak of stay names until it was made. */
static bool
is_late(const char *what)
{
    return strchr(what, '.') == NULL
               ? strcmp(what, "pact") == 0
               : strstr(what, ".v") == NULL && strstr(what, ".asn") == NULL;
}

void
fill(char *text, bool late)
{
    for (unsigned i = 0; i < name_count; i++) {
        char mark[64];

        (void)snprintf(mark, sizeof mark, "@%s@", names[i].name);
        if (late || !is_late(names[i].name))
            replace(text, mark, names[i].value);
    }
}

/* `pact`, `pact-2`, `aland-1`, `end` … */
void
draft(const char *what, char *to)
{
    const char *number = strchr(what, '-');

    if (strncmp(what, "pact", 4) == 0) {
        (void)snprintf(to, TEXT_MAX, "%s", pact_base);
        if (number != NULL) {
            replace(to, "version: 1", "version: 2");
            replace(to, "supersedes: \"\"", "supersedes: \"@pact@\"");
        }
        return;
    }
    if (strcmp(what, "end") == 0) {
        (void)snprintf(to, TEXT_MAX,
                       "format: detente-pact/denunciation/1\npact: aland-bland\nversion: 1\n"
                       "sha256: \"@pact@\"\nparty: aland\nat: 2026-12-01T00:00:00Z\n"
                       "reason: \"\"\n");
        return;
    }
    (void)snprintf(to, TEXT_MAX, "%s", annex_base);
    replace(to, "@P", strncmp(what, "aland", 5) == 0 ? "@aland" : "@bland");
    replace(to, "@aland@", "aland");
    replace(to, "@bland@", "bland");
    replace(to, "@seq@", number + 1);
    fill(to, false);
}

static const struct skey *
signer(char c)
{
    return c == 'a'   ? &keys.aland
           : c == 'b' ? &keys.bland
           : c == 'm' ? &keys.bland_message
                      : &keys.eve;
}

/* The text with signature lines; X: another byte behind the signing. */
void
sign(const char *text, const char *by, struct buf *to)
{
    buf_reset(to);
    if (by[0] == '-') {
        buf_text(to, text);
        return;
    }
    assert_int_equal(note_sign(slice_of(text), signer(by[0]), to), 0);
    for (by++; *by != '\0' && *by != 'X'; by++)
        note_line_sign(slice_of(text), signer(*by), 0, to);
    if (*by == 'X')
        to->ptr[2] = to->ptr[2] == 'A' ? 'B' : 'A'; /* in a comment */
}

void
make(const char *what, const char *by, struct buf *to)
{
    static char text[TEXT_MAX];

    draft(what, text);
    fill(text, true);
    sign(text, by, to);
}

/* ---- a node ----------------------------------------------------------------------------- */

void
begin(struct scratch *s)
{
    const struct node_init how = {.party = "aland", .origin = "aland.example/detente/log"};
    struct node_known known;

    memset(s, 0, sizeof *s);
    for (unsigned i = 0; i < DOCUMENTS; i++)
        buf_init(&s->note[i], NOTE_PACT_MAX);
    (void)snprintf(s->dir, sizeof s->dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    assert_int_equal(node_init(s->dir, &how, &s->ei), 0);
    assert_int_equal(node_open(s->dir, NODE_WRITE, &s->n, &s->ei), 0);
    s->n.env.now_wall = now_wall;
    s->n.env.now_mono = now_mono;
    assert_int_equal(node_keys_open(&s->n, &s->keys, &s->ei), 0);
    s->t = (struct treaty){.engine = s->n.engine,
                           .store = s->n.store,
                           .env = &s->n.env,
                           .key = &s->keys.key[NODE_MESSAGE],
                           .self = "aland"};
    assert_int_equal(node_keys_known(&s->n, &known), 0);
    name("aland.log", known.log);
    name("aland.witness", known.key[NODE_WITNESS]);
    name("aland.holder", known.key[NODE_HOLDER]);
    name("aland.message", known.key[NODE_MESSAGE]);
    name("aland.seal", known.seal);
    name("aland.tls", "00000000000000000000000000000000000000000000000000000000000000a1");
    { /* the same bytes under another name: another key id, one key all the same */
        struct skey twin;

        assert_int_equal(skey_make(SLICE("aland.example/detente/other"), KEY_COSIGN,
                                   s->keys.key[NODE_WITNESS].seed, &twin),
                         0);
        name_key("aland.witness-as-holder", &twin.vkey);
    }
}

void
end(struct scratch *s)
{
    char command[96];

    for (unsigned i = 0; i < DOCUMENTS; i++)
        buf_release(&s->note[i]);
    node_keys_clear(&s->keys);
    node_close(&s->n);
    (void)snprintf(command, sizeof command, "rm -r %s", s->dir);
    assert_int_equal(system(command), 0);
}

void
put(struct scratch *s, const char *what, const char *by)
{
    struct treaty_document *d = &s->document[s->documents];

    make(what, by, &s->note[s->documents]);
    d->bytes = buf_get(&s->note[s->documents]);
    (void)snprintf(d->name, sizeof d->name, "%s", what);
    s->documents++;
}

int
adopt(struct scratch *s)
{
    const struct treaty_ask ask = {.document = s->document,
                                   .count = s->documents,
                                   .user = SLICE("local:tester"),
                                   .role = SLICE("operator")};
    int r = treaty_adopt(&s->t, &ask, &s->done, &s->refused, &s->ei);

    s->documents = 0;
    return r;
}

void
expect(struct scratch *s, uint32_t pacts, uint32_t own, uint32_t others, uint32_t ends,
       uint32_t seen)
{
    assert_int_equal(adopt(s), 0);
    assert_int_equal(s->done.pacts, pacts);
    assert_int_equal(s->done.annexes, own);
    assert_int_equal(s->done.others, others);
    assert_int_equal(s->done.denunciations, ends);
    assert_int_equal(s->done.seen, seen);
}

uint64_t
leaves(const struct scratch *s)
{
    struct tree_head head;

    ledger_head(engine_ledger(s->n.engine), &head);
    return head.size;
}

void
put_base(struct scratch *s)
{
    put(s, "bland-1", "b");
    put(s, "pact", "ab");
    put(s, "aland-1", "a");
    expect(s, 1, 1, 1, 0, 1);
}

struct book *
load(struct scratch *s)
{
    struct book *b = NULL;

    assert_int_equal(book_load(s->n.store, "aland", &b, &s->ei), 0);
    return b;
}

static void
read_all(const char *path, char *to)
{
    FILE *f = fopen(path, "r");

    if (f == NULL || fread(to, 1, TEXT_MAX - 1, f) == 0) {
        perror(path);
        exit(1);
    }
    (void)fclose(f);
}

void
treaty_set(const char *pact, const char *annex)
{
    static char text[TEXT_MAX];
    char hex[2 * SHA256_SIZE + 1] = "";
    struct hash h;

    read_all(pact, pact_base);
    read_all(annex, annex_base);
    make_keys();
    replace(pact_base, "key: \"\", log_origin: aland",
            "key: \"@aland.party@\", log_origin: aland");
    replace(pact_base, "key: \"\", log_origin: bland",
            "key: \"@bland.party@\", log_origin: bland");
    draft("pact", text);
    fill(text, true);
    h = sha256_of(text, strlen(text));
    for (unsigned i = 0; i < SHA256_SIZE; i++)
        (void)snprintf(hex + 2 * (size_t)i, 3, "%02x", h.byte[i]);
    name("pact", hex);
}
