/* The annex's keys, in the order in which they stand in one. */
#include "pact/annex.h"

#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "pact/annex_priv.h"
#include "wire/hex.h"

/* NOLINTBEGIN(misc-no-recursion): as deep as the tables */

enum { ARENA = YAML_ARENA + (8 << 20) };

static const char *const roles[ANNEX_ROLES] = {"log",     "witness", "holder",
                                               "message", "tls",     "seal"};

const char *
annex_role_name(enum annex_role r)
{
    return roles[r];
}

/* ---- forms ------------------------------------------------------------------------------ */

static bool
is_vkey(struct slice s)
{
    struct vkey key;

    return vkey_parse(s, &key) == 0;
}

static bool
is_hex32(struct slice s)
{
    return s.len == 64 && hex_is(s);
}

static bool
is_sensor(struct slice s)
{
    return text_is_sensor(s);
}

static bool
is_any(struct slice s)
{
    return s.len > 0;
}

/* By https alone, and to no place of the reader's own network: only where an address stands;
 * names are looked at when they are looked up. */
static bool
is_endpoint(struct slice s)
{
    struct slice rest = slice_sub(s, 8, s.len);
    struct slice host = slice_part(&rest, '/');
    struct addr a;

    if (!slice_is(slice_sub(s, 0, 8), "https://") || host.len == 0 ||
        memchr(s.ptr, '@', s.len) != NULL || memchr(s.ptr, '?', s.len) != NULL)
        return false;
    if (host.ptr[0] == '[') {
        rest = slice_sub(host, 1, host.len);
        host = slice_part(&rest, ']');
    } else {
        rest = host;
        host = slice_part(&rest, ':');
    }
    return addr_parse(host, &a) < 0 || addr_kind(&a) == ADDR_GLOBAL;
}

/* ---- rows ------------------------------------------------------------------------------- */

#define AT(holder, member) offsetof(struct holder, member)
#define END          \
    {                \
        .name = NULL \
    }
#define TEXT(key, holder, member, need, max)                                       \
    {                                                                              \
        .name = (key), .type = F_TEXT, .at = AT(holder, member), .needed = (need), \
        .least = (need), .most = (max)                                             \
    }
#define FORM(key, holder, member, need, must, is, text)                            \
    {                                                                              \
        .name = (key), .type = F_FORM, .at = AT(holder, member), .needed = (need), \
        .least = (must), .form = (is), .what = (text)                              \
    }
#define PREFIXES(key, holder, member)                                                       \
    {                                                                                       \
        .name = (key), .type = F_PREFIXES, .at = AT(holder, member), .most = ANNEX_PREFIXES \
    }
#define SELF(key, f, need)                                           \
    {                                                                \
        .name = (key), .type = F_SELF, .needed = (need), .take = (f) \
    }
#define MAP(key, table, need)                                          \
    {                                                                  \
        .name = (key), .type = F_MAP, .needed = (need), .map = (table) \
    }
#define WHEN(key, member, must)                                                     \
    {                                                                               \
        .name = (key), .type = F_TIME, .at = AT(annex_key, member), .needed = true, \
        .least = (must)                                                             \
    }

#define A_NAME "a name: a-z 0-9, words joined by single hyphens, at most 64"

static int
take_asns(struct reader *r, const struct yaml_node *list, void *base)
{
    struct annex *a = base;
    uint32_t *at;
    unsigned i = 0;

    if (list->kind != YAML_LIST || list->count > ANNEX_ASNS)
        return read_refuse(r, list, "`asns` takes a list of at most %d numbers", ANNEX_ASNS);
    at = arena_alloc(r->arena, (list->count + (size_t)1) * sizeof *at);
    if (at == NULL)
        return err_set(r->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    for (const struct yaml_node *n = list->first; n != NULL; n = n->next, i++) {
        uint64_t value = 0;

        if (n->kind != YAML_SCALAR || text_number(n->text, UINT32_MAX, &value) < 0 ||
            value == 0)
            return read_refuse(r, n, "`asns` takes numbers of networks, from 1 to 4294967295");
        at[i] = (uint32_t)value;
        for (unsigned k = 0; k < i; k++) {
            if (at[k] == at[i])
                return read_refuse(r, n, "AS%u stands in the list twice", at[i]);
        }
    }
    a->asns = (struct annex_asns){at, i};
    return 0;
}

static const struct field label_fields[] = {
    FORM("label", annex_label, label, true, 1, text_is_name, A_NAME),
    PREFIXES("v4", annex_label, v4), PREFIXES("v6", annex_label, v6), END};

static int
take_protected(struct reader *r, const struct yaml_node *n, void *base)
{
    struct annex *a = base;
    void *at = NULL;
    int e = read_maps(r, label_fields, n, sizeof *a->protected_, AT(annex_label, line),
                      ANNEX_LABELS, &at, &a->labels);

    a->protected_ = at;
    return e;
}

static const struct field space[] = {
    SELF("asns", take_asns, true),
    PREFIXES("v4", annex, v4),
    PREFIXES("v6", annex, v6),
    {.name = "proof",
     .type = F_WORD,
     .at = AT(annex, proof),
     .needed = true,
     .least = 1,
     .words = (const char *const[]){"roa", "irr", "letter", NULL}},
    SELF("protected", take_protected, false),
    END};

static const struct field sensor_fields[] = {
    FORM("id", annex_sensor, id, true, 1, is_sensor, "a sensor's name: printable, no spaces"),
    TEXT("kind", annex_sensor, kind, true, 64),
    PREFIXES("watches", annex_sensor, watches),
    {.name = "sampling",
     .type = F_INT,
     .at = AT(annex_sensor, sampling),
     .least = 1,
     .most = 1000000},
    END};

/* The list, or a commitment to it: a live map of what is watched is not everybody's. */
static int
take_sensors(struct reader *r, const struct yaml_node *n, void *base)
{
    struct annex *a = base;
    struct annex_sensor *s;
    void *at = NULL;
    int e;

    a->sensors_hidden = "";
    if (n->kind == YAML_SCALAR) {
        a->sensors_hidden = n->text.ptr;
        return is_hex32(n->text)
                   ? 0
                   : read_refuse(r, n,
                                 "`sensors` takes a list, or a commitment to it: 64 hex "
                                 "digits");
    }
    e = read_maps(r, sensor_fields, n, sizeof *a->sensor, AT(annex_sensor, line), ANNEX_SENSORS,
                  &at, &a->sensors);
    s = at;
    a->sensor = s;
    n = n->first;
    for (unsigned i = 0; e == 0 && i < a->sensors; i++, n = n->next) {
        s[i].sampling = s[i].sampling == 0 ? 1 : s[i].sampling;
        for (unsigned k = 0; e == 0 && k < i; k++) {
            if (strcmp(s[i].id, s[k].id) == 0)
                e = read_refuse(r, read_find(n, "id"), "\"%s\" stands twice", s[i].id);
        }
    }
    return e;
}

static const struct field vkey_fields[] = {
    FORM("vkey", annex_key, text, true, 0, is_vkey, "a verifier key"), WHEN("from", from, 1),
    WHEN("until", until, 0), END};
static const struct field spki_fields[] = {
    FORM("spki", annex_key, text, true, 0, is_hex32,
         "the SHA-256 of a SubjectPublicKeyInfo, 64 hex digits"),
    WHEN("from", from, 1), WHEN("until", until, 0), END};
static const struct field seal_fields[] = {
    FORM("x25519", annex_key, text, true, 0, is_hex32, "an X25519 key, 64 hex digits"),
    WHEN("from", from, 1), WHEN("until", until, 0), END};

static int
check_key(struct reader *r, struct annex *a, enum annex_role role, struct annex_key *k,
          const struct yaml_node *n)
{
    bool cosigns = role == ANNEX_WITNESS || role == ANNEX_HOLDER;

    if (k->until.us != 0 && k->until.us <= k->from.us)
        return read_refuse(r, n, "`until` is not behind `from`");
    if (k->text[0] == '\0') {
        a->draft = true;
        return 0;
    }
    if (role >= ANNEX_TLS)
        return 0;
    BUG_ON(vkey_parse(slice_of(k->text), &k->key) < 0);
    if (k->key.alg != (cosigns ? KEY_COSIGN : KEY_ED25519))
        return read_refuse(r, n, "a key of role %s has algorithm %s", roles[role],
                           cosigns ? "04: it cosigns" : "01: it signs texts");
    return 0;
}

static int
take_role(struct reader *r, struct annex *a, enum annex_role role, const struct yaml_node *list)
{
    const struct field *fields = role == ANNEX_TLS    ? spki_fields
                                 : role == ANNEX_SEAL ? seal_fields
                                                      : vkey_fields;
    struct annex_key *keys;
    void *at = NULL;
    int e = read_maps(r, fields, list, sizeof *keys, AT(annex_key, line), ANNEX_KEYS, &at,
                      &a->keys[role]);
    const struct yaml_node *n = list->first;

    keys = at;
    a->key[role] = keys;
    if (e == 0 && a->keys[role] == 0)
        e = read_refuse(r, list, "a party has a key of role %s", roles[role]);
    for (unsigned i = 0; e == 0 && i < a->keys[role]; i++, n = n->next)
        e = check_key(r, a, role, &keys[i], n);
    return e;
}

static int
take_keys(struct reader *r, const struct yaml_node *map, void *base)
{
    struct annex *a = base;

    if (map->kind != YAML_MAP)
        return read_refuse(r, map, "`keys` takes a map: a list of keys for each role");
    for (const struct yaml_node *n = map->first; n != NULL; n = n->next) {
        unsigned role = 0;
        int e;

        while (role < ANNEX_ROLES && !slice_is(n->key->text, roles[role]))
            role++;
        if (role == ANNEX_ROLES)
            return read_refuse(r, n->key,
                               "`%.40s` is no role of a key: log, witness, holder, "
                               "message, tls, seal",
                               n->key->text.ptr);
        e = take_role(r, a, (enum annex_role)role, n);
        if (e < 0)
            return e;
    }
    for (unsigned role = 0; role < ANNEX_ROLES; role++) {
        if (a->keys[role] == 0)
            return read_refuse(r, map, "`%s` is missing here", roles[role]);
    }
    return 0;
}

static const struct field contact_fields[] = {
    {.name = "purpose",
     .type = F_WORD,
     .at = AT(annex_contact, purpose),
     .needed = true,
     .least = 1,
     .words = (const char *const[]){"incident", "law-enforcement", "consultation", NULL}},
    TEXT("name", annex_contact, name, true, 256),
    TEXT("hours", annex_contact, hours, true, 64),
    TEXT("email", annex_contact, email, false, 254),
    TEXT("phone", annex_contact, phone, false, 64),
    {.name = "languages",
     .type = F_TEXTS,
     .at = AT(annex_contact, languages),
     .most = 16,
     .form = is_any,
     .what = "languages"},
    END};

static int
take_contacts(struct reader *r, const struct yaml_node *n, void *base)
{
    struct annex *a = base;
    void *at = NULL;
    int e = read_maps(r, contact_fields, n, sizeof *a->contact, SIZE_MAX, ANNEX_CONTACTS, &at,
                      &a->contacts);

    a->contact = at;
    return e;
}

static const struct field channel[] = {FORM("endpoint", annex, endpoint, true, 1, is_endpoint,
                                            "an https:// URL, not of a private address"),
                                       {.name = "fallback",
                                        .type = F_TEXTS,
                                        .at = AT(annex, fallback),
                                        .most = 16,
                                        .form = is_any,
                                        .what = "ways"},
                                       END};

static const struct field top[] = {
    {.name = "format",
     .type = F_WORD,
     .at = AT(annex, format),
     .needed = true,
     .least = 1,
     .words = (const char *const[]){"detente-annex/1", NULL}},
    FORM("pact", annex, pact, true, 1, text_is_name, A_NAME),
    FORM("party", annex, party, true, 1, text_is_party, "a party's name"),
    {.name = "sequence",
     .type = F_INT,
     .at = AT(annex, sequence),
     .needed = true,
     .least = 1,
     .most = 1000000000},
    {.name = "valid_from",
     .type = F_TIME,
     .at = AT(annex, valid_from),
     .needed = true,
     .least = 1},
    MAP("space", space, true),
    SELF("sensors", take_sensors, true),
    SELF("keys", take_keys, true),
    SELF("contacts", take_contacts, true),
    MAP("channel", channel, true),
    END};

/* ---- keys ------------------------------------------------------------------------------- */

static bool
same_bytes(const struct annex_key *a, enum annex_role ra, const struct annex_key *b,
           enum annex_role rb)
{
    if (a->text[0] == '\0' || b->text[0] == '\0' || (ra >= ANNEX_TLS) != (rb >= ANNEX_TLS))
        return false;
    if (ra >= ANNEX_TLS)
        return strcmp(a->text, b->text) == 0;
    return memcmp(a->key.public_, b->key.public_, KEY_PUBLIC) == 0;
}

/* The first key of b that has the bytes of x, which has that job; of the same job none when
 * `same_job_is_fine`. */
static const struct annex_key *
same_key(const struct annex *b, const struct annex_key *x, enum annex_role job,
         bool same_job_is_fine)
{
    for (unsigned r = 0; r < ANNEX_ROLES; r++) {
        if (same_job_is_fine && r == job)
            continue;
        for (unsigned k = 0; k < b->keys[r]; k++) {
            const struct annex_key *y = &b->key[r][k];

            if (x != y && same_bytes(x, job, y, (enum annex_role)r))
                return y;
        }
    }
    return NULL;
}

/* The first key of b that is one of a's. */
static const struct annex_key *
shared_key(const struct annex *a, const struct annex *b, bool same_job_is_fine)
{
    const struct annex_key *found = NULL;

    for (unsigned r = 0; found == NULL && r < ANNEX_ROLES; r++) {
        for (unsigned i = 0; found == NULL && i < a->keys[r]; i++)
            found = same_key(b, &a->key[r][i], (enum annex_role)r, same_job_is_fine);
    }
    return found;
}

static int
check_keys(struct reader *r, const struct annex *a, const struct yaml_node *root)
{
    const struct annex_key *twice = shared_key(a, a, false);
    const struct yaml_node *map = read_find(root, "keys");

    if (twice == NULL)
        return 0;
    for (const struct yaml_node *role = map->first; role != NULL; role = role->next) {
        for (const struct yaml_node *n = role->first; n != NULL; n = n->next) {
            if (n->line == twice->line)
                return read_refuse(r, n, "this key stands here twice: one key, one job");
        }
    }
    return read_refuse(r, map, "a key stands here twice: one key, one job");
}

/* ---- all of it -------------------------------------------------------------------------- */

int
annex_read(struct slice text, struct annex **ret, pact_warn *warn, void *arg,
           struct errinfo *ei)
{
    struct owner *o = calloc(1, sizeof *o);
    struct reader r = {.ei = ei, .warn = warn, .warn_arg = arg};
    const struct yaml_node *root;
    int e = o == NULL ? ERR_NOMEM : arena_init(&o->arena, ARENA);

    if (e < 0) {
        free(o);
        return err_set(ei, e, "%s", err_text(e));
    }
    r.arena = &o->arena;
    o->annex.sha256 = sha256_of(text.ptr, text.len);
    o->annex.sensors_hidden = "";
    e = read_yaml(&r, text, &root);
    if (e == 0)
        e = read_map(&r, top, root, &o->annex);
    if (e == 0)
        e = annex_check_space(&r, o, root);
    if (e == 0)
        e = check_keys(&r, &o->annex, root);
    if (e < 0) {
        (void)annex_free(&o->annex);
        return e;
    }
    if (o->annex.draft)
        read_warn(&r, read_find(root, "keys")->line, "keys are missing: this is a draft");
    *ret = &o->annex;
    return 0;
}

struct annex *
annex_free(struct annex *a)
{
    struct owner *o = (void *)a; /* the first member */

    if (o != NULL)
        arena_release(&o->arena);
    free(o);
    return NULL;
}
/* NOLINTEND(misc-no-recursion) */

int
annex_fits(const struct annex *a, const struct pact *p, struct errinfo *ei)
{
    const struct pact_party *party = pact_party(p, slice_of(a->party));

    if (strcmp(a->pact, p->name) != 0)
        return err_set(ei, ERR_CONF, "it belongs to the pact %s, not to %s", a->pact, p->name);
    if (party == NULL)
        return err_set(ei, ERR_CONF, "%s is no party of %s", a->party, p->name);
    for (unsigned i = 0; i < a->keys[ANNEX_LOG]; i++) {
        const struct annex_key *k = &a->key[ANNEX_LOG][i];

        if (k->text[0] != '\0' && !slice_is(vkey_name(&k->key), party->log_origin) &&
            strncmp(k->key.name, party->log_origin, strlen(party->log_origin)) != 0)
            return err_set(ei, ERR_CONF, "its log's key is of %s, the pact says %s",
                           k->key.name, party->log_origin);
    }
    return annex_keys_fit(a, p, ei);
}

/* The first key of the annex that has these bytes. */
static const char *
role_of(const struct annex *a, const uint8_t public_[KEY_PUBLIC])
{
    for (unsigned role = 0; role < ANNEX_TLS; role++) {
        for (unsigned i = 0; i < a->keys[role]; i++) {
            if (a->key[role][i].text[0] != '\0' &&
                memcmp(a->key[role][i].key.public_, public_, KEY_PUBLIC) == 0)
                return roles[role];
        }
    }
    return NULL;
}

static int
check_policy_key(const struct annex *a, const char *text, struct errinfo *ei)
{
    struct vkey key;
    const char *role = vkey_parse(slice_of(text), &key) < 0 ? NULL : role_of(a, key.public_);

    return role == NULL
               ? 0
               : err_set(ei, ERR_CONF,
                         "its %s key is one of a further witness: one key, one job", role);
}

int
annex_keys_fit(const struct annex *a, const struct pact *p, struct errinfo *ei)
{
    int e = 0;

    for (unsigned k = 0; k < p->parties; k++) {
        const char *role =
            p->party[k].key_text[0] == '\0' ? NULL : role_of(a, p->party[k].key.public_);

        if (role != NULL)
            return err_set(ei, ERR_CONF, "its %s key is the party key of %s: one key, one job",
                           role, p->party[k].id);
    }
    for (unsigned i = 0; e == 0 && i < p->witnesses; i++) {
        e = check_policy_key(a, p->witness[i].cosign, ei);
        if (e == 0)
            e = check_policy_key(a, p->witness[i].message, ei);
    }
    return e == 0 ? check_policy_key(a, p->observer, ei) : e;
}

int
annex_keys_apart(const struct annex *next, const struct annex *other, struct errinfo *ei)
{
    bool same = strcmp(next->party, other->party) == 0;
    const struct annex_key *shared = shared_key(other, next, same);

    if (shared == NULL)
        return 0;
    if (same)
        return err_set(ei, ERR_CONF,
                       "the key in line %u had another job before: one key, one job, for ever",
                       shared->line);
    return err_set(ei, ERR_CONF, "the key in line %u is one of %s too: one key, one job",
                   shared->line, other->party);
}

int
annex_follows(const struct annex *next, const struct annex *before, struct errinfo *ei)
{
    if (strcmp(next->pact, before->pact) != 0 || strcmp(next->party, before->party) != 0)
        return err_set(ei, ERR_CONF, "it is of another pact or party than the one before it");
    if (next->sequence != before->sequence + 1)
        return err_set(ei, ERR_CONF, "sequence %lld does not follow %lld: it grows by one",
                       (long long)next->sequence, (long long)before->sequence);
    return annex_keys_apart(next, before, ei);
}
