#include "role/quorum.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/sha256.h"
#include "ledger/leaf.h"
#include "role/engine_priv.h"
#include "role/fetch.h"
#include "role/inclusion.h"
#include "role/node_priv.h"
#include "store/cosigned.h"

enum { COVERS = 1024 /* sizes that are looked at for one that meets the policy */ };

/* ---- the file ---------------------------------------------------------------------------- */

/* Names that are allowed inside must be names of witnesses: a slip must not go unseen. */
static int
check_inside(const struct conf *c, const struct policy *p, struct errinfo *ei)
{
    for (unsigned i = 0; i < c->witness_inside.count; i++) {
        const char *want = c->witness_inside.at[i];
        unsigned k = 0;

        while (k < p->witnesses && strcmp(policy_witness(p, k), want) != 0)
            k++;
        if (k == p->witnesses)
            return err_set(ei, ERR_CONF, "has no witness `%.60s`, which `witness.inside` names",
                           want);
    }
    return 0;
}

int
quorum_load(const char *dir, const struct conf *c, struct policy *ret, struct buf *ret_text,
            struct errinfo *ei)
{
    const char *path = c->witness_policy;
    bool root = path[0] == '/';
    int r;

    *ret = (struct policy){.quorum = -1};
    if (path[0] == '\0')
        return c->witness_inside.count == 0
                   ? 0
                   : err_set(ei, ERR_CONF, "witness.inside: there is no `witness.policy`");
    r = node_read_file(root ? "" : dir, path + root, POLICY_MAX, ret_text, ei);
    if (r < 0)
        return r == ERR_NOTFOUND ? ERR_CONF : r;
    r = policy_parse(buf_get(ret_text), ret, ei);
    if (r == 0 && ret->witnesses > FETCH_WITNESSES)
        r = err_set(ei, ERR_CONF, "names more than %d witnesses", FETCH_WITNESSES);
    if (r == 0)
        r = check_inside(c, ret, ei);
    return r < 0 ? ERR_CONF : 0;
}

/* ---- made known -------------------------------------------------------------------------- */

static int
put_policy(void *arg, struct engine *e, struct errinfo *ei)
{
    const struct slice *text = arg;
    struct hash h = sha256_of(text->ptr, text->len);
    const struct leaf_value values[] = {LEAF_HASH("sha256", &h)};
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    uint64_t index;
    int r = leaf_write(&entry, LEAF_POLICY, engine_next_time(e),
                       (struct leaf_values){values, 1}, ei);

    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), &index);
    return r < 0 ? r : store_put_meta(e->store, "policy", *text);
}

int
quorum_keep(struct node *n, const struct policy *p, struct slice text,
            const struct skey *witness, const struct skey *holder, struct errinfo *ei)
{
    const struct vkeys lists[] = {
        {p->witness, p->witnesses}, {&n->vkey, 1}, {&witness->vkey, 1}, {&holder->vkey, 1}};
    struct slice want = text.len == 0 ? SLICE("") : text;
    AUTO_BUF(have, POLICY_MAX);
    int r = vkeys_distinct(lists, 4, ei);

    err_file(ei, n->conf->witness_policy);
    if (r < 0)
        return ERR_CONF;
    r = store_get_meta(n->store, "policy", &have);
    if (r < 0 && r != ERR_NOTFOUND)
        return err_set(ei, r, "the store: %s", store_error(n->store));
    if (slice_eq(buf_get(&have), want))
        return 0;
    if (engine_check_room(n->engine, 0) < 0)
        return ERR_FULL;
    return engine_change(n->engine, put_policy, &want, NULL, ei);
}

/* ---- how it stands ----------------------------------------------------------------------- */

static int
read_policy(struct store *s, struct policy *ret)
{
    struct errinfo ei;
    AUTO_BUF(text, POLICY_MAX);
    int r = store_get_meta(s, "policy", &text);

    if (r < 0)
        return r;
    if (text.len == 0)
        return ERR_NOTFOUND;
    return policy_parse(buf_get(&text), ret, &ei) < 0 ? ERR_IO : 0;
}

/* Leaves under the newest checkpoint; 0 before the first. */
static int
newest_size(struct store *s, uint64_t *ret)
{
    struct ledger_storage storage;
    struct checkpoint c = {.size = 0};
    struct errinfo ei;
    struct note note;
    AUTO_BUF(text, NOTE_MAX);
    int r;

    store_ledger(s, &storage);
    r = storage.get_note(storage.self, LEDGER_NEWEST, &text);
    if (r == 0)
        r = note_parse(buf_get(&text), NOTE_MAX, &note, &ei);
    if (r == 0)
        r = checkpoint_parse(note.text, &c);
    *ret = c.size;
    return r == ERR_NOTFOUND ? 0 : r;
}

int
quorum_look(struct store *s, struct quorum *ret)
{
    int r;

    *ret = (struct quorum){.now = 0};
    r = read_policy(s, &ret->policy);
    if (r == 0)
        r = newest_size(s, &ret->signed_);
    for (unsigned i = 0; r == 0 && i < ret->policy.witnesses; i++) {
        const struct vkey *key = &ret->policy.witness[i];

        r = store_newest_cosigned_by(s, COSIGNER_WITNESS, vkey_name(key), key->id,
                                     &ret->size[i], &ret->at[i]);
        if (r == ERR_NOTFOUND)
            r = 0;
        ret->now += ret->at[i].us != 0 && ret->size[i] >= ret->signed_;
    }
    ret->reach = policy_reach(&ret->policy, ret->size);
    return r;
}

static void
put_witness(const struct quorum *q, unsigned i, struct buf *to)
{
    char key[VKEY_TEXT];
    char at[TIME_TEXT];

    (void)vkey_format(&q->policy.witness[i], key);
    time_format(q->at[i], at);
    buf_text(to, i == 0 ? "{\"name\":" : ",{\"name\":");
    buf_json(to, slice_of(policy_witness(&q->policy, i)));
    buf_text(to, ",\"key\":");
    buf_json(to, slice_of(key));
    buf_text(to, ",\"url\":");
    buf_json(to, slice_of(q->policy.url[i]));
    buf_printf(to, ",\"size\":%llu,\"at\":\"%.*s\"}", (unsigned long long)q->size[i],
               q->at[i].us == 0 ? 0 : TIME_TEXT, at);
}

void
quorum_json(const struct quorum *q, struct buf *to)
{
    const struct policy *p = &q->policy;

    buf_text(to, "{\"quorum\":");
    buf_json(to, slice_of(p->quorum < 0 ? "none" : p->node[p->quorum].name));
    buf_printf(to, ",\"size\":%llu,\"reach\":%llu,\"now\":%u,\"witnesses\":[",
               (unsigned long long)q->signed_,
               (unsigned long long)(q->reach == UINT64_MAX ? 0 : q->reach), q->now);
    for (unsigned i = 0; i < p->witnesses; i++)
        put_witness(q, i, to);
    buf_text(to, "]}");
}

/* ---- in proofs --------------------------------------------------------------------------- */

struct lines {
    struct buf text;
};

static int
add_line(void *arg, const struct store_cosigned *c)
{
    struct lines *l = arg;

    if (c->role != COSIGNER_SELF)
        buf_slice(&l->text, c->line);
    return 0;
}

/* The checkpoint of that size with all its lines, of the log with that leaf. */
static int
merge(struct store *s, uint64_t leaf, uint64_t size, struct buf *ret)
{
    struct ledger_storage storage;
    struct store_log log;
    uint64_t entries;
    struct errinfo ei;
    struct lines l = {.text = {0}};
    AUTO_BUF(note, NOTE_MAX);
    int r;

    buf_init(&l.text, NOTE_MAX);
    r = store_ledger_of(s, ledger_generation(leaf), &log, &storage, &entries);
    if (r == 0)
        r = storage.get_note(storage.self, size, &note);
    if (r == 0)
        r = store_each_cosigned(s, log.first, size, add_line, &l);
    if (r == 0)
        r = note_merge(buf_get(&note), buf_get(&l.text), ret, &ei);
    buf_release(&l.text);
    return r;
}

static bool
meets(struct store *s, const struct policy *p, uint64_t leaf, struct slice note)
{
    struct checkpoint_keys keys = policy_keys(p);
    struct checkpoint_signed c;
    struct errinfo ei;
    struct vkey own;

    if (inclusion_key(s, leaf, &own) < 0)
        return false;
    keys.log = (struct vkeys){&own, 1};
    return checkpoint_verify(note, &keys, &c, &ei) == 0 && policy_met(p, &c.witness);
}

int
quorum_cover(struct store *s, uint64_t leaf, uint64_t *ret_size, struct buf *ret_note)
{
    struct policy *p = malloc(sizeof *p);
    AUTO_BUF(first, NOTE_MAX);
    const uint64_t first_of = leaf - ledger_index(leaf);
    uint64_t size;
    uint64_t from = leaf;
    int r = p == NULL ? ERR_NOMEM : read_policy(s, p);
    bool any = r == ERR_NOTFOUND;

    if (any)
        r = 0;
    for (unsigned i = 0; r == 0 && i < COVERS; i++, from = first_of + size) {
        r = any ? store_cosigned_best(s, from, &size) : store_cosigned_cover(s, from, &size);
        buf_reset(ret_note);
        if (r == 0)
            r = merge(s, leaf, size, ret_note);
        if (r == 0 && i == 0) {
            *ret_size = size;
            buf_slice(&first, buf_get(ret_note));
        }
        if (r == 0 && (any || meets(s, p, leaf, buf_get(ret_note)))) {
            *ret_size = size;
            free(p);
            return 0;
        }
    }
    free(p);
    if (first.len == 0 || (r < 0 && r != ERR_NOTFOUND))
        return r == 0 ? ERR_NOTFOUND : r;
    buf_reset(ret_note);
    buf_slice(ret_note, buf_get(&first));
    return buf_error(ret_note);
}
