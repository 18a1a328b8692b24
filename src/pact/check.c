/* What no single value of a pact shows. */
#include <string.h>

#include "model/event.h"
#include "model/text.h"
#include "pact/read_priv.h"
#include "wire/hex.h"

static const struct yaml_node *
child(const struct yaml_node *list, unsigned i)
{
    const struct yaml_node *n = list == NULL ? NULL : list->first;

    while (n != NULL && i-- > 0)
        n = n->next;
    return n;
}

/* Where a key of the i-th map of a list stands, or that map. */
static const struct yaml_node *
place(const struct yaml_node *root, const char *list, unsigned i, const char *key)
{
    const struct yaml_node *map = child(read_find(root, list), i);
    const struct yaml_node *n = read_find(map, key);

    return n == NULL ? map : n;
}

static bool is_content(struct slice class)
{
    struct slice rest = class;
    struct slice group = slice_part(&rest, ':');

    return slice_is(group, "abusive-content") || slice_is(class, "fraud:copyright");
}

static bool
is_never(const struct pact *p, struct slice class)
{
    struct slice rest = class;
    struct slice group = slice_part(&rest, ':');

    for (unsigned i = 0; i < p->never.count; i++) {
        if (slice_is(class, p->never.at[i]) || slice_is(group, p->never.at[i]))
            return true;
    }
    return is_content(class);
}

static int
check_classes(struct reader *r, const struct yaml_node *root)
{
    const struct yaml_node *list = read_find(read_find(root, "scope"), "classes");
    const struct pact *p = r->pact;

    for (unsigned i = 0; i < p->classes.count; i++) {
        struct slice c = slice_of(p->classes.at[i]);

        if (is_never(p, c))
            return read_refuse(r, child(list, i),
                               "`%s` is content: communications, opinions and media are no "
                               "subject of a pact",
                               p->classes.at[i]);
        if (event_class_find(c) < 0)
            return read_refuse(r, child(list, i), "`%s` is no class of RSIT", p->classes.at[i]);
    }
    return 0;
}

/* Those of an obligation or exclusion are the pact's. */
static int
check_used(struct reader *r, const struct yaml_node *list, const struct pact_texts *classes)
{
    const struct pact *p = r->pact;

    for (unsigned i = 0; i < classes->count; i++) {
        const char *near;

        if (strcmp(classes->at[i], "*") == 0 || pact_has_class(p, slice_of(classes->at[i])))
            continue;
        near = yaml_nearest(classes->at[i], p->classes.at, p->classes.count);
        if (near != NULL)
            return read_refuse(r, child(list, i),
                               "`%s` is not among the pact's classes (did you mean \"%s\"?)",
                               classes->at[i], near);
        return read_refuse(r, child(list, i), "`%s` is not among the pact's classes",
                           classes->at[i]);
    }
    return 0;
}

/* ---- names ------------------------------------------------------------------------------ */

/* The id of the i-th of `count` things of `size` bytes, which is a pointer at `at`. */
static const char *
id_at(const void *list, size_t size, size_t at, unsigned i)
{
    const char *id;

    memcpy(&id, (const char *)list + i * size + at, sizeof id);
    return id;
}

/* NOLINTBEGIN(readability-function-size): lists go with their lengths */
static int
check_ids(struct reader *r, const struct yaml_node *root, const char *name, const void *list,
          size_t size, size_t at, unsigned count)
/* NOLINTEND(readability-function-size) */
{
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = 0; k < i; k++) {
            if (strcmp(id_at(list, size, at, i), id_at(list, size, at, k)) == 0)
                return read_refuse(r, place(root, name, i, "id"), "\"%s\" stands twice",
                                   id_at(list, size, at, i));
        }
    }
    return 0;
}

static int
check_names(struct reader *r, const struct yaml_node *root)
{
    const struct pact *p = r->pact;
    int e = check_ids(r, root, "parties", p->party, sizeof *p->party,
                      offsetof(struct pact_party, id), p->parties);

    if (e == 0)
        e = check_ids(r, root, "severities", p->severity, sizeof *p->severity,
                      offsetof(struct pact_severity, id), p->severities);
    if (e == 0)
        e = check_ids(r, root, "obligations", p->obligation, sizeof *p->obligation,
                      offsetof(struct pact_obligation, id), p->obligations);
    if (e == 0)
        e = check_ids(r, root, "exclusions", p->exclusion, sizeof *p->exclusion,
                      offsetof(struct pact_exclusion, id), p->exclusions);
    return e;
}

/* ---- parties and keys ------------------------------------------------------------------- */

static int
check_parties(struct reader *r, const struct yaml_node *root)
{
    const struct pact *p = r->pact;

    if (p->parties < 2)
        return read_refuse(r, read_find(root, "parties"), "a pact has at least two parties");
    for (unsigned i = 0; i < p->parties; i++) {
        for (unsigned k = 0; k < i; k++) {
            if (strcmp(p->party[i].log_origin, p->party[k].log_origin) == 0)
                return read_refuse(r, place(root, "parties", i, "log_origin"),
                                   "two parties have this log");
        }
        if (p->party[i].key_text[0] == '\0')
            read_warn(r, p->party[i].line, "%s has no key yet: this is an unsigned draft",
                      p->party[i].id);
    }
    return 0;
}

struct key_place {
    struct vkey key;
    const struct yaml_node *at;
};

static void
add_key(struct key_place *keys, unsigned *count, const char *text, const struct yaml_node *at)
{
    if (text[0] == '\0' || vkey_parse(slice_of(text), &keys[*count].key) < 0)
        return;
    keys[(*count)++].at = at;
}

/* One key, one job, for ever: the 32 bytes of all of them differ. */
static int
check_keys(struct reader *r, const struct yaml_node *root)
{
    enum { KEYS = PACT_PARTIES + 2 * PACT_WITNESSES + 1 };
    const struct pact *p = r->pact;
    const struct yaml_node *list = read_find(read_find(root, "log"), "further_witnesses");
    struct key_place keys[KEYS];
    unsigned n = 0;

    for (unsigned i = 0; i < p->parties; i++)
        add_key(keys, &n, p->party[i].key_text, place(root, "parties", i, "key"));
    for (unsigned i = 0; i < p->witnesses; i++) {
        add_key(keys, &n, p->witness[i].cosign, read_find(child(list, i), "cosign"));
        add_key(keys, &n, p->witness[i].message, read_find(child(list, i), "message"));
    }
    add_key(keys, &n, p->observer, read_find(read_find(root, "dispute"), "observer"));
    for (unsigned i = 0; i < n; i++) {
        for (unsigned k = 0; k < i; k++) {
            if (memcmp(keys[i].key.public_, keys[k].key.public_, KEY_PUBLIC) == 0)
                return read_refuse(r, keys[i].at,
                                   "this key stands in line %u too: one key, "
                                   "one job",
                                   keys[k].at->line);
        }
    }
    for (unsigned i = 0; i < p->parties; i++) {
        if (p->party[i].key_text[0] != '\0' && p->party[i].key.alg != KEY_ED25519)
            return read_refuse(r, place(root, "parties", i, "key"),
                               "a party's key signs texts: algorithm 01");
    }
    for (unsigned i = 0; i < p->witnesses; i++) {
        struct vkey key;

        if (vkey_parse(slice_of(p->witness[i].cosign), &key) == 0 && key.alg != KEY_COSIGN)
            return read_refuse(r, read_find(child(list, i), "cosign"),
                               "a witness cosigns: algorithm 04");
    }
    return 0;
}

/* ---- times ------------------------------------------------------------------------------ */

static int
check_validity(struct reader *r, const struct yaml_node *root)
{
    const struct yaml_node *map = read_find(root, "validity");
    const struct pact *p = r->pact;

    if (p->until.us != 0 && p->until.us <= p->from.us)
        return read_refuse(r, read_find(map, "in_force_until"),
                           "`in_force_until` is not behind `in_force_from`");
    if (p->version == 1 && p->supersedes[0] != '\0')
        return read_refuse(r, read_find(root, "supersedes"), "version 1 replaces nothing");
    if (p->version > 1 && p->supersedes[0] == '\0')
        return read_refuse(r, read_find(root, "supersedes"),
                           "version %lld replaces the one before it: its SHA-256 stands here",
                           (long long)p->version);
    for (unsigned i = 0; i < p->survives.count; i++) {
        if (pact_obligation(p, slice_of(p->survives.at[i])) == NULL)
            return read_refuse(r, child(read_find(map, "survives"), i),
                               "\"%s\" is no obligation of this pact", p->survives.at[i]);
    }
    return 0;
}

static int
check_severities(struct reader *r, const struct yaml_node *root)
{
    static const char *const names[] = {"receipt", "acknowledge", "answer", "act"};
    const struct pact *p = r->pact;

    if (p->severities == 0)
        return read_refuse(r, read_find(root, "severities"), "a pact has severities");
    for (unsigned i = 0; i < p->severities; i++) {
        const struct span *due = p->severity[i].times.due;

        for (unsigned d = DUE_ACKNOWLEDGE; d <= DUE_ACT; d++) {
            if (due[d].us < due[d - 1].us)
                return read_refuse(r, place(root, "severities", i, names[d]),
                                   "`%s` is shorter than `%s`: deadlines rise from receipt to "
                                   "act",
                                   names[d], names[d - 1]);
        }
    }
    return 0;
}

/* ---- obligations ------------------------------------------------------------------------ */

/* What each kind needs, and what belongs to no other. */
static const struct {
    enum pact_kind kind;
    const char *key;
    bool needed;
} needs[] = {{PACT_REFRAIN, "classes", true},
             {PACT_REFRAIN, "severity", true},
             {PACT_REFRAIN, "threshold", true},
             {PACT_REFRAIN, "origin_grade_min", true},
             {PACT_REFRAIN, "targets", false},
             {PACT_REFRAIN, "digest", false},
             {PACT_RESPOND, "answers", true},
             {PACT_RESPOND, "actions", true},
             {PACT_RESPOND, "reason_required", true},
             {PACT_RESPOND, "extensions", true},
             {PACT_NOTIFY, "within", true},
             {PACT_NOTIFY, "classes", false},
             {PACT_NOTIFY, "severity", false},
             {PACT_CONTACT, "ping_every", true},
             {PACT_CONTACT, "answer", true},
             {PACT_PRESERVE, "receipt", true},
             {PACT_PRESERVE, "keep_for", true},
             {PACT_PRESERVE, "extend_by", false},
             {PACT_PRESERVE, "refusal_reasons", false},
             {PACT_CONSULT, "every", true},
             {PACT_CONSULT, "extra_within", false},
             {PACT_HYGIENE, "self_reported", true},
             {PACT_HYGIENE, "kev_patch", false},
             {PACT_HYGIENE, "roa_coverage_percent", false}};

static bool
belongs(enum pact_kind kind, const char *key)
{
    bool special = false;

    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        if (strcmp(needs[i].key, key) != 0)
            continue;
        if (needs[i].kind == kind)
            return true;
        special = true;
    }
    return !special; /* id, text, …: of all */
}

static int
check_threshold(struct reader *r, const struct yaml_node *map, const struct pact_obligation *o)
{
    const struct yaml_node *n = read_find(map, "threshold");
    const struct pact_threshold *t = &o->threshold;
    bool flow = t->bytes_per_s > 0;

    if (flow && t->sustained.us == 0)
        return read_refuse(r, n, "`bytes_per_s` needs `sustained`: for how long");
    if (flow && (t->events != 0 || t->targets != 0 || t->sensors != 0))
        return read_refuse(r, n,
                           "`bytes_per_s` stands alone: make another count an obligation");
    if (!flow && t->sustained.us != 0)
        return read_refuse(r, n, "`sustained` is of `bytes_per_s`");
    if (!flow && t->events == 0 && t->targets == 0 && t->sensors == 0)
        return read_refuse(r, n, "a threshold has events, targets, sensors or bytes_per_s");
    if (!flow && t->window.us == 0)
        return read_refuse(r, n, "a threshold has a `window`");
    return 0;
}

static int
check_obligation(struct reader *r, const struct yaml_node *map, const struct pact_obligation *o)
{
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        if (needs[i].kind == o->kind && needs[i].needed && read_find(map, needs[i].key) == NULL)
            return read_refuse(r, map, "an obligation of kind %s needs `%s`",
                               pact_kind_name(o->kind), needs[i].key);
    }
    for (const struct yaml_node *n = map->first; n != NULL; n = n->next) {
        if (!belongs(o->kind, n->key->text.ptr))
            return read_refuse(r, n->key, "`%s` does not belong to an obligation of kind %s",
                               n->key->text.ptr, pact_kind_name(o->kind));
    }
    if (o->kind == PACT_REFRAIN) {
        int e = check_threshold(r, map, o);

        if (e < 0)
            return e;
    }
    return check_used(r, read_find(map, "classes"), &o->classes);
}

static int
check_obligations(struct reader *r, const struct yaml_node *root)
{
    const struct yaml_node *list = read_find(root, "obligations");
    const struct pact *p = r->pact;
    unsigned responds = 0;
    int e = 0;

    if (p->obligations == 0)
        return read_refuse(r, list, "a pact has obligations");
    for (unsigned i = 0; e == 0 && i < p->obligations; i++) {
        e = check_obligation(r, child(list, i), &p->obligation[i]);
        responds += p->obligation[i].kind == PACT_RESPOND;
        if (e == 0 && responds > 1 && p->obligation[i].kind == PACT_RESPOND)
            e = read_refuse(r, child(list, i), "there is one obligation of kind respond");
    }
    return e;
}

static int
check_exclusions(struct reader *r, const struct yaml_node *root)
{
    const struct yaml_node *list = read_find(root, "exclusions");
    const struct pact *p = r->pact;

    for (unsigned i = 0; i < p->exclusions; i++) {
        const struct pact_exclusion *x = &p->exclusion[i];
        const struct yaml_node *map = child(list, i);
        const struct yaml_node *match = read_find(map, "match");
        int e = check_used(r, read_find(match, "classes"), &x->classes);

        if (e < 0)
            return e;
        if (match->count == 0)
            return read_refuse(r, match, "an exclusion that matches everything ends the pact");
        if (x->why[0] == '\0' && x->until[0] == '\0')
            return read_refuse(r, map, "an exclusion says why, or until when");
    }
    return 0;
}

int
pact_check(struct reader *r, const struct yaml_node *root)
{
    int e = check_names(r, root);

    if (e == 0)
        e = check_parties(r, root);
    if (e == 0)
        e = check_keys(r, root);
    if (e == 0)
        e = check_validity(r, root);
    if (e == 0)
        e = check_classes(r, root);
    if (e == 0)
        e = check_severities(r, root);
    if (e == 0)
        e = check_obligations(r, root);
    return e == 0 ? check_exclusions(r, root) : e;
}

int
pact_follows(const struct pact *next, const struct pact *before, struct errinfo *ei)
{
    struct hash supersedes;
    bool none = next->supersedes[0] == '\0';

    if (before != NULL && strcmp(next->name, before->name) != 0)
        return err_set(ei, ERR_CONF, "it is the pact %s, not %s", next->name, before->name);
    if (before != NULL && next->version != before->version + 1)
        return err_set(ei, ERR_CONF, "version %lld does not follow %lld: it grows by one",
                       (long long)next->version, (long long)before->version);
    if (next->version == 1 && !none)
        return err_set(ei, ERR_CONF, "version 1 supersedes nothing");
    if (next->version > 1 && none)
        return err_set(ei, ERR_CONF,
                       "`supersedes` names the version before by the SHA-256 of its text");
    if (before != NULL &&
        (hex_decode(slice_of(next->supersedes), supersedes.byte, sizeof supersedes.byte) < 0 ||
         !hash_eq(&supersedes, &before->sha256)))
        return err_set(ei, ERR_CONF, "`supersedes` is not the SHA-256 of version %lld",
                       (long long)before->version);
    return 0;
}
